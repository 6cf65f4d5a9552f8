"""The report as an Excel workbook: typed columns to sort, filter and count with.

The sheet of projects comes first, since tools that read a workbook take its first sheet. Colours only repeat what
the cells say. People's texts stay texts: none becomes a formula, a number or a link.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from typing import Any, TypeAlias

import xlsxwriter

from govern_mirror.model.blueprint import Role
from govern_mirror.model.workflow import NOT_STARTED
from govern_mirror.report.columns import Cell, Column, Type, columns, unreadable_record
from govern_mirror.report.portfolio import UNDECIDED, Portfolio
from govern_mirror.text import printable

MOST_CHARACTERS = 32_767
"""What Excel holds in a cell, in UTF-16 units (Excel specifications and limits)."""

MOST_LINKS = 65_530
"""How many links Excel allows on a sheet; further addresses stay text."""

LONGEST_LINK = 2_000
"""Excel's limit is 2,079; a longer address stays text."""

EARLIEST = datetime(1900, 3, 1, tzinfo=timezone.utc)
"""Excel's calendar has a 29 February 1900, so days before are ambiguous, or missing; they stay text."""

WIDEST = 60
SAMPLE = 200
"""How many rows decide how wide a column is."""

_GOOD = {"font_color": "#14532D", "bg_color": "#DDF3E4"}
_FAIR = {"font_color": "#3F4D0C", "bg_color": "#EFF6D8"}
_CAREFUL = {"font_color": "#7A4A00", "bg_color": "#FFF1D6"}
_BAD = {"font_color": "#A8182B", "bg_color": "#FDE7EA"}
_BEST_FIRST = (_GOOD, _FAIR, _CAREFUL, _BAD)
_DECISIONS = {"Go": _GOOD, "On hold": _CAREFUL, "No go": _BAD}

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


class XlsxReport:
    """Renders two sheets, the projects with the columns of `columns`, and a summary."""

    is_binary = True
    shows_events = False
    shows_past = False

    def render(self, portfolio: Portfolio) -> bytes:
        """The workbook; the same portfolio gives the same bytes."""
        file = io.BytesIO()
        with xlsxwriter.Workbook(file, _OPTIONS) as book:
            book.set_properties(
                {"title": "Governed projects", "created": portfolio.generated_on.astimezone(timezone.utc)}
            )
            _projects(book, portfolio)
            _summary(book, portfolio)
        return file.getvalue()


def _projects(book: Book, portfolio: Portfolio) -> None:
    sheet = book.add_worksheet("Projects")
    known = columns(portfolio.blueprint)
    header = book.add_format({"bold": True, "bg_color": "#F5F7FA", "bottom": 1, "valign": "top"})
    for position, column in enumerate(known):
        sheet.write_string(0, position, column.name, header)
        sheet.set_column(position, position, _width(column, portfolio))
    writers = [_writer(book, sheet, column) for column in known]
    for line, row in enumerate(portfolio.rows, 1):
        for position, (column, write) in enumerate(zip(known, writers, strict=True)):
            value = column.of(row)
            if value is not None and value != "":
                write(line, position, value)
    for line, project in enumerate(portfolio.unreadable, len(portfolio.rows) + 1):
        record = unreadable_record(project, known)
        for position, (column, write) in enumerate(zip(known, writers, strict=True)):
            if record[column.name] is not None:
                write(line, position, record[column.name])
    last = max(1, len(portfolio.rows) + len(portfolio.unreadable))
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, last, len(known) - 1)
    sheet.set_landscape()
    sheet.repeat_rows(0)
    _colours(book, sheet, portfolio, [column.name for column in known], last)


def _writer(book: Book, sheet: Sheet, column: Column) -> Write:
    """How the values of a column are written."""
    if column.name == "url":
        return _link_writer(sheet)
    if column.type is Type.TIME:
        form = book.add_format({"num_format": "yyyy-mm-dd" if column.is_day else "yyyy-mm-dd hh:mm:ss"})
        return _time_writer(sheet, form)
    if column.type is Type.TEXT:
        return lambda line, position, value: sheet.write_string(line, position, _fitting(value))
    write: Write = sheet.write_boolean if column.type is Type.FLAG else sheet.write_number
    return write


def _time_writer(sheet: Sheet, form: object) -> Write:
    def write(line: int, position: int, value: str) -> None:
        at = datetime.fromisoformat(value.removesuffix("Z") + "+00:00")
        if at < EARLIEST:
            sheet.write_string(line, position, value)
        else:
            sheet.write_datetime(line, position, at.replace(tzinfo=None), form)

    return write


def _link_writer(sheet: Sheet) -> Write:
    links = 0

    def write(line: int, position: int, value: str) -> None:
        nonlocal links
        if links < MOST_LINKS and is_web_link(value):
            links += 1
            sheet.write_url(line, position, value)
        else:
            sheet.write_string(line, position, _fitting(value))

    return write


def is_web_link(url: str) -> bool:
    """Whether an address can be a link of a cell: of the web, plain, and not too long for Excel."""
    return (
        url.startswith(("https://", "http://"))
        and len(url) <= LONGEST_LINK
        and url.isascii()
        and url.isprintable()
        and not any(character in url for character in " \"<>'")
    )


def _fitting(text: str) -> str:
    """Text that a cell can hold, cut at Excel's limit."""
    text = printable(text)
    if len(text) * 2 > MOST_CHARACTERS:
        units = text.encode("utf-16-le")
        if len(units) > 2 * MOST_CHARACTERS:
            text = units[: 2 * (MOST_CHARACTERS - 1)].decode("utf-16-le", "ignore") + "…"
    # XlsxWriter takes such a text for markup that it made itself, and would write it unescaped
    return f"{text} " if text.startswith("<r>") and text.endswith("</r>") else text


def _width(column: Column, portfolio: Portfolio) -> int:
    """Characters that show most of a column's values, its filter button beside its name."""
    if column.type is Type.TIME:
        return max(len(column.name) + 3, 11 if column.is_day else 19)
    if column.type is not Type.TEXT:
        return len(column.name) + 3
    values = (column.of(row) for row in portfolio.rows[:SAMPLE])
    longest = max((min(WIDEST, len(value)) for value in values if isinstance(value, str)), default=0)
    return max(len(column.name) + 3, longest + 1)


def _colours(book: Book, sheet: Sheet, portfolio: Portfolio, names: Sequence[str], last: int) -> None:
    """Colour ratings, decisions, stale projects and problems, by the cells' own text."""

    def colour(name: str, value: str, look: dict[str, str], criteria: str = "==") -> None:
        position = names.index(name)
        rule = {"type": "cell", "criteria": criteria, "value": value, "format": book.add_format(look)}
        sheet.conditional_format(1, position, last, position, rule)

    ratings = portfolio.blueprint.rating_names
    for field in portfolio.blueprint.rated:
        best_first = ratings if field.turned else tuple(reversed(ratings))
        # a template with other categories than four keeps its text, without colours
        for rating, look in zip(best_first, _BEST_FIRST, strict=False):
            colour(field.name, _quoted(rating), look)
    decided = portfolio.blueprint.roles.get(Role.DECISION)
    for decision in decided.choices if decided else ():
        if decided and decision in _DECISIONS:
            colour(decided.name, _quoted(decision), _DECISIONS[decision])
    colour("stale", "TRUE", _CAREFUL)
    colour("problems", "0", _BAD, ">")


def _quoted(text: str) -> str:
    return '"{}"'.format(text.replace('"', '""'))


def _summary(book: Book, portfolio: Portfolio) -> None:
    sheet = book.add_worksheet("Summary")
    title = book.add_format({"bold": True, "font_size": 16})
    bold = book.add_format({"bold": True, "bottom": 1})
    time = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss", "align": "left"})
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 24)
    sheet.write_string(0, 0, "Governed projects", title)
    line = 1
    for label, value in _summary_lines(portfolio):
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
    """Labels and values; a label without a value is a heading."""
    summary = portfolio.summary
    steps = {NOT_STARTED: "Not started", **{step.id: step.name for step in portfolio.blueprint.steps}}
    decisions = {UNDECIDED: "Undecided"}
    lines: list[tuple[str, Cell | datetime]] = [
        ("Instance", portfolio.node_id or "–"),
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
        *((steps.get(step, step), count) for step, count in summary.by_step.items()),
        ("By decision", None),
        *((decisions.get(name, name), count) for name, count in summary.by_decision.items()),
    ]
    return lines
