"""The report as an Excel workbook: a sheet for people, one for machines, and a summary.

The first sheet has labels, dates and colours; the sheet `Data` has the columns of `columns`, typed, to sort, filter
and count with. Colours only repeat what the cells say, and stand in the cells themselves: LibreOffice 7.4 ends on a
conditional format over truth values. People's texts stay texts: none becomes a formula, a number or a link.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timezone
from typing import Any, TypeAlias

import xlsxwriter

from govern_mirror.model.blueprint import Blueprint, Field, Kind, Role
from govern_mirror.model.values import Value, text_of
from govern_mirror.report import wording
from govern_mirror.report.columns import DATA_SHEET, Cell, Column, Type, columns, unreadable_record
from govern_mirror.report.formats import Renderer
from govern_mirror.report.portfolio import Portfolio, Row
from govern_mirror.text import printable

MAX_CELL_UNITS = 32_767
"""What Excel holds in a cell, in UTF-16 units (Excel specifications and limits)."""

CELL_DIGITS = 16
"""How many digits of a number XlsxWriter writes; one that has more stays text."""

MAX_LINKS = 65_530
"""How many links Excel allows on a sheet; further addresses stay text."""

MAX_LINK_LENGTH = 2_000
"""Excel's limit is 2,079; a longer address stays text."""

MIN_TIME = datetime(1900, 3, 1, tzinfo=timezone.utc)
"""Excel's calendar has a 29 February 1900, so days before are ambiguous, or missing; they stay text."""

MAX_WIDTH = 60
WIDTH_SAMPLE = 200
"""How many rows decide how wide a column is."""

_GOOD = {"font_color": "#14532D", "bg_color": "#DDF3E4"}
_FAIR = {"font_color": "#3F4D0C", "bg_color": "#EFF6D8"}
_CAREFUL = {"font_color": "#7A4A00", "bg_color": "#FFF1D6"}
_BAD = {"font_color": "#A8182B", "bg_color": "#FDE7EA"}
_BEST_FIRST = (_GOOD, _FAIR, _CAREFUL, _BAD)

_OPTIONS = {
    # rows go to a temporary file one by one: 20,000 projects need no more memory than 200
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}

Sheet: TypeAlias = Any
Book: TypeAlias = Any
"""XlsxWriter publishes no types."""

Write: TypeAlias = Callable[[int, int, Any], object]


class XlsxReport(Renderer):
    """Renders three sheets: the projects for people, the same with the columns of `columns`, and a summary."""

    def render(self, portfolio: Portfolio) -> bytes:
        """Return the workbook; the same portfolio gives the same bytes."""
        file = io.BytesIO()
        with workbook(file, "Governed projects", portfolio.generated_on) as book:
            _projects(book, portfolio)
            all_columns = columns(portfolio.blueprint)
            unreadable = [unreadable_record(project, all_columns) for project in portfolio.unreadable]
            data_sheet(book, DATA_SHEET, all_columns, portfolio.rows, unreadable)
            summary_sheet(book, "Governed projects", _summary_lines(portfolio))
        return file.getvalue()


@contextmanager
def workbook(file: io.BytesIO, title: str, created: datetime) -> Iterator[Book]:
    """Give a workbook that is in `file` at the end of the block; the same content gives the same bytes."""
    with xlsxwriter.Workbook(file, _OPTIONS) as book:
        book.set_properties({"title": title, "created": created.astimezone(timezone.utc)})
        yield book


# the sheet for people ---------------------------------------------------------------------------------------------

Look: TypeAlias = dict[str, str] | None


@dataclass(frozen=True)
class PeopleColumn:
    """A column for people: its heading, what a row has there, and how that looks."""

    heading: str
    of: Callable[[Row], Cell | date]
    look: Callable[[Row], Look] | None = None


def _projects(book: Book, portfolio: Portfolio) -> None:
    sheet = book.add_worksheet("Projects")
    columns = _people_columns(portfolio.blueprint)
    widths = [_text_width(column, portfolio.rows[:WIDTH_SAMPLE]) for column in columns]
    _head(book, sheet, [column.heading for column in columns], widths)
    formats: dict[tuple[tuple[str, str], ...], object] = {}

    def styled(look: Look, *, is_day: bool) -> object:
        parts = {**(look or {}), **({"num_format": "yyyy-mm-dd"} if is_day else {})}
        key = tuple(sorted(parts.items()))
        if key not in formats:
            formats[key] = book.add_format(parts)
        return formats[key]

    links = _link_writer(sheet)
    for line, row in enumerate(portfolio.rows, 1):
        for position, column in enumerate(columns):
            value = column.of(row)
            if value is None or value == "":
                continue
            look = column.look(row) if column.look else None
            if position == 0 and row.project.facts.link:
                links(line, position, row.project.facts.link, str(value))
            elif isinstance(value, date):
                _write_day(sheet, line, position, value, styled(look, is_day=True))
            elif isinstance(value, str):
                sheet.write_string(line, position, _fitting(value), styled(look, is_day=False) if look else None)
            else:
                sheet.write_number(line, position, value)
    for line, project in enumerate(portfolio.unreadable, len(portfolio.rows) + 1):
        sheet.write_string(line, 0, _fitting(project.project_key))
        sheet.write_string(line, 2, _fitting(f"Could not be read: {project.message}"), styled(_BAD, is_day=False))
    _finish(sheet, len(portfolio.rows) + len(portfolio.unreadable), len(columns))


def _people_columns(blueprint: Blueprint) -> list[PeopleColumn]:
    assessed = [_people_column(field) for field in blueprint.assessed]
    others = [field for field in blueprint.fields if field.is_listed and field not in blueprint.assessed]
    return [
        PeopleColumn("Project", lambda row: row.project.facts.name.strip() or row.project.facts.project_key),
        PeopleColumn("Key", lambda row: row.project.facts.project_key),
        PeopleColumn("Current step", wording.stage_label),
        PeopleColumn("Detail", wording.stage_detail),
        PeopleColumn("Flags", lambda row: ", ".join(wording.flags(row)), _flags_look),
        PeopleColumn("Steps done", lambda row: wording.progress(row) if row.project.is_governed else None),
        *assessed,
        PeopleColumn("Priority", lambda row: row.scores.priority),
        *(_people_column(field) for field in others),
        PeopleColumn("Owner", lambda row: row.project.facts.owner),
        PeopleColumn("Last change", lambda row: row.last_change[0].date() if row.last_change[0] else None),
        PeopleColumn("Changed by", lambda row: row.last_change[1]),
    ]


def _people_column(field: Field) -> PeopleColumn:
    path = field.path
    if field.kind is Kind.DATE:
        return PeopleColumn(field.heading, lambda row: _day(row.project.values[path]))
    looks = _looks(field)
    return PeopleColumn(
        field.heading,
        lambda row: _cell_value(row.project.values[path]),
        (lambda row: looks.get(text_of(row.project.values[path]) or "")) if looks else None,
    )


def _day(value: Value) -> date | None:
    return value if isinstance(value, date) else None


def _cell_value(value: Value) -> Cell:
    """Return a value as a cell has it: a number as a number, all else as text."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else text_of(value)


def _looks(field: Field) -> dict[str, Look]:
    """Return the colour of each category: ratings from good to bad; of a decision, the first one and the others."""
    choices = field.choices
    if field.kind is Kind.RATING:
        best_first = choices if field.turned else tuple(reversed(choices))
        last = max(1, len(choices) - 1)
        return {name: _BEST_FIRST[at * (len(_BEST_FIRST) - 1) // last] for at, name in enumerate(best_first)}
    if field.role is Role.DECISION:
        return {name: _CAREFUL if at else _GOOD for at, name in enumerate(choices)}
    return {}


def _flags_look(row: Row) -> Look:
    return _BAD if row.problems else _CAREFUL


def _write_day(sheet: Sheet, line: int, position: int, day: date, form: object) -> None:
    if day < MIN_TIME.date():
        sheet.write_string(line, position, day.isoformat())
    else:
        sheet.write_datetime(line, position, day, form)


def _text_width(column: PeopleColumn | Column, rows: Sequence[Any]) -> int:
    """Return how many characters most of a column's values take."""
    return max((min(MAX_WIDTH, len(str(value))) for row in rows if (value := column.of(row)) is not None), default=0)


# the sheet for machines -------------------------------------------------------------------------------------------


def data_sheet(
    book: Book,
    name: str,
    all_columns: Sequence[Column],
    rows: Sequence[Any],
    records: Sequence[Mapping[str, Cell]] = (),
) -> None:
    """Write a sheet with a line for each row, then for each record, which holds its cells by the columns' names."""
    sheet = book.add_worksheet(name)
    _head(book, sheet, [column.name for column in all_columns], [_width(column, rows) for column in all_columns])
    writers = [_writer(book, sheet, column) for column in all_columns]
    for line, row in enumerate(rows, 1):
        for position, (column, write) in enumerate(zip(all_columns, writers, strict=True)):
            value = column.of(row)
            if value is not None and value != "":
                write(line, position, value)
    for line, record in enumerate(records, len(rows) + 1):
        for position, (column, write) in enumerate(zip(all_columns, writers, strict=True)):
            if record[column.name] is not None:
                write(line, position, record[column.name])
    _finish(sheet, len(rows) + len(records), len(all_columns))


def _head(book: Book, sheet: Sheet, names: Sequence[str], widths: Iterable[int]) -> None:
    """Write the headings, and set columns as wide as their values, the filter button beside the heading."""
    look = book.add_format({"bold": True, "bg_color": "#F5F7FA", "bottom": 1, "valign": "top"})
    for position, (name, width) in enumerate(zip(names, widths, strict=True)):
        sheet.write_string(0, position, _fitting(name), look)
        sheet.set_column(position, position, max(len(name) + 3, width + 1))


def _finish(sheet: Sheet, lines: int, width: int) -> None:
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, max(1, lines), width - 1)
    sheet.set_landscape()
    sheet.repeat_rows(0)


def _writer(book: Book, sheet: Sheet, column: Column) -> Write:
    """How the values of a column are written."""
    if column.name == "url":
        write_link = _link_writer(sheet)
        return lambda line, position, value: write_link(line, position, value, value)
    if column.type is Type.TIME:
        form = book.add_format({"num_format": "yyyy-mm-dd" if column.is_day else "yyyy-mm-dd hh:mm:ss"})
        return _time_writer(sheet, form)
    if column.type is Type.TEXT:
        return lambda line, position, value: sheet.write_string(line, position, _fitting(value))
    write: Write = sheet.write_boolean if column.type is Type.FLAG else _number_writer(sheet)
    return write


def _number_writer(sheet: Sheet) -> Write:
    def write(line: int, position: int, value: float) -> None:
        if float(f"{value:.{CELL_DIGITS}G}") == value:
            sheet.write_number(line, position, value)
        else:
            # as a number it would come back as another one
            sheet.write_string(line, position, str(value))

    return write


def _time_writer(sheet: Sheet, form: object) -> Write:
    def write(line: int, position: int, value: str) -> None:
        at = datetime.fromisoformat(value.removesuffix("Z") + "+00:00")
        if at < MIN_TIME:
            sheet.write_string(line, position, value)
        else:
            sheet.write_datetime(line, position, at.replace(tzinfo=None), form)

    return write


def _link_writer(sheet: Sheet) -> Callable[[int, int, str, str], None]:
    links = 0

    def write(line: int, position: int, url: str, text: str) -> None:
        nonlocal links
        if links < MAX_LINKS and is_web_link(url):
            links += 1
            sheet.write_url(line, position, url, string=_fitting(text))
        else:
            sheet.write_string(line, position, _fitting(text))

    return write


def is_web_link(url: str) -> bool:
    """Whether an address can be a link of a cell: of the web, plain, and not too long for Excel."""
    return (
        url.startswith(("https://", "http://"))
        and len(url) <= MAX_LINK_LENGTH
        and url.isascii()
        and url.isprintable()
        and not any(character in url for character in " \"<>'")
    )


def _fitting(text: str) -> str:
    """Text that a cell can hold, cut at Excel's limit."""
    text = printable(text)
    if len(text) * 2 > MAX_CELL_UNITS:
        units = text.encode("utf-16-le")
        if len(units) > 2 * MAX_CELL_UNITS:
            text = units[: 2 * (MAX_CELL_UNITS - 1)].decode("utf-16-le", "ignore") + "…"
    # XlsxWriter takes such a text for markup that it made itself, and would write it unescaped
    return f"{text} " if text.startswith("<r>") and text.endswith("</r>") else text


def _width(column: Column, rows: Sequence[Any]) -> int:
    if column.type is Type.TIME:
        return 10 if column.is_day else 18
    return _text_width(column, rows[:WIDTH_SAMPLE]) if column.type is Type.TEXT else 0


def summary_sheet(book: Book, heading: str, lines: Sequence[tuple[str, Cell | datetime]]) -> None:
    """Write a sheet of labels and values; a label without a value is a heading."""
    sheet = book.add_worksheet("Summary")
    title = book.add_format({"bold": True, "font_size": 16})
    bold = book.add_format({"bold": True, "bottom": 1})
    time = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss", "align": "left"})
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 24)
    sheet.write_string(0, 0, heading, title)
    line = 1
    for label, value in lines:
        line += 1
        if value is None:
            line += bool(label)
            sheet.write_string(line, 0, label, bold)
        elif isinstance(value, datetime):
            sheet.write_string(line, 0, label)
            sheet.write_datetime(line, 1, value, time)
        elif isinstance(value, str):
            sheet.write_string(line, 0, label)
            sheet.write_string(line, 1, _fitting(value))
        else:
            sheet.write_string(line, 0, label)
            sheet.write_number(line, 1, value)


def _summary_lines(portfolio: Portfolio) -> list[tuple[str, Cell | datetime]]:
    """Return labels and values; a label without a value is a heading."""
    summary = portfolio.summary
    decisions = wording.decision_counts(portfolio)
    return [
        ("Instance", portfolio.node_id or wording.BLANK),
        ("Generated on (UTC)", portfolio.generated_on.astimezone(timezone.utc).replace(tzinfo=None, microsecond=0)),
        ("Filters", "; ".join(portfolio.filters.in_words) or "none"),
        ("Projects", None),
        ("Visible", summary.projects),
        ("Governed", summary.governed),
        (f"Stale ({portfolio.stale_days} days or more in a step)", summary.stale),
        ("Past their target end date", portfolio.overdue),
        ("With problems", summary.problems),
        ("Copied, not counted until adopted", summary.copied),
        ("Could not be read, and not counted", len(portfolio.unreadable)),
        ("By current step", None),
        *wording.stage_counts(portfolio),
        *([("By decision", None), *decisions] if decisions else []),
    ]
