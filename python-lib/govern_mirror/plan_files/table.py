"""A plan file as a table, from CSV or from a workbook: a header, and one row for each project.

The columns are named as those of the report, so that a report in CSV or XLSX is a plan file too: columns that only
inform (scores, days, the current step) are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeAlias

from govern_mirror.model.blueprint import Blueprint, Field, Kind
from govern_mirror.model.values import text_of
from govern_mirror.plan_files.entry import MAX_PROJECTS, SPLIT, Entry, EntryBuilder, FileErrors, fields
from govern_mirror.text import clipped

KEY = "project_key"

MAX_COLUMNS = 16_384
MAX_ROWS = 1_048_576
"""As many columns and rows as a sheet has in Excel."""

ERROR_MESSAGE = "the cell holds an error such as #N/A: write a value, or empty the cell"

_ABOUT = (KEY, "revision", "hand_edits", "node_id", "state")
"""The columns of an entry that are no values; `state` is the report's."""

_INFORMS = frozenset(
    {
        "name", "url", "owner", "current_step", "current_step_status", "finished", "total", "value_score",
        "risk_score", "priority", "days_in_step", "stale", "last_change_on", "last_change_by", "problems",
        "problem_messages", "stage", "overdue",
    }
)  # fmt: skip
"""The report's columns that say nothing to apply."""

_NOT_GOVERNED = ("ungoverned", "copied", "unreadable")
"""The report's states of projects that nobody asked to govern, or that it could not read."""


_ERROR = re.compile(
    r"#(?:[\w¡¿./]+[!?]"  # #NAME?, #VALUE!, #DIV/0!, #WERT!, #¿NOMBRE?, #ERROR!
    r"|N/A|NV|N/D|N/B|N/V|N/DISP|GETTING_DATA|ERR)"  # no value, as some languages have it
    r"|Err:[0-9]{3}"  # LibreOffice
)
"""What spreadsheets write of a cell in error into a CSV file; all in capitals."""

_WHOLE = re.compile(r"([0-9]+)[.,]0+")
"""A whole number, as programs write it that know numbers with decimals only."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A cell that holds no value to read: why, and what to do."""

    message: str


Cell: TypeAlias = str | int | float | bool | date | datetime | time | timedelta | Unreadable
"""What a cell holds; blank is an empty text."""


Area: TypeAlias = tuple[tuple[int, int], tuple[int, int]]
"""Cells that were merged into one: row and column of the first and of the last, from 0."""


def normalized(name: str) -> str:
    """A column's name as it is compared: in any case, with blanks or hyphens."""
    return "_".join(name.replace("-", " ").replace("_", " ").casefold().split())


class Table:
    """A table of projects, in columns that the template names; what is wrong is noted."""

    def __init__(self, blueprint: Blueprint, errors: FileErrors) -> None:
        self._blueprint = blueprint
        self._errors = errors
        paths = {_column(field): field.path for field in fields(blueprint)}
        # the names of the macros' forms and of the stored fields
        paths |= {f"{name}_rating": path for name, path in paths.items() if path.endswith(".rating")}
        self._names = ", ".join(("project_key", "revision", *paths))
        self._paths = {normalized(name): path for name, path in paths.items()}
        times = {normalized(f"{step}_{when}_on") for step in blueprint.step_ids for when in ("started", "finished")}
        self._passed_over = _INFORMS | times
        self._columns: dict[int, str] = {}
        self._width = 0

    def entries(self, rows: Iterator[tuple[int, Sequence[Cell]]], merged: Sequence[Area] = ()) -> list[Entry]:
        """Read the entries of rows, each with its line, the header first.

        Raises:
            StopReading: it is no such table.
        """
        header = next(((line, row) for line, row in rows if not _is_blank_row(row)), None)
        if header is None:
            self._errors.stop(None, "", "is empty: it needs a header, with project_key among its columns")
        self._header(*header)
        self._merged(header[0], merged)
        entries: list[Entry] = []
        lines: dict[str, int] = {}
        for count, (line, row) in enumerate(rows, 2):
            if count > MAX_ROWS or len(entries) == MAX_PROJECTS:
                self._errors.stop(line, "", f"holds more than {MAX_PROJECTS:,} projects, or blank rows: {SPLIT}")
            if not _is_blank_row(row):
                entry = self._row(line, row, lines)
                if entry is not None:
                    entries.append(entry)
        return entries

    def _header(self, line: int, row: Sequence[Cell]) -> None:
        targets: dict[str, int] = {}
        self._width = len(row)
        if self._width > MAX_COLUMNS:
            self._errors.stop(line, "", f"has more than {MAX_COLUMNS:,} columns: it is no plan file")
        for position, cell in enumerate(row):
            name = normalized(cell) if isinstance(cell, str) else ""
            if name in self._passed_over or (not name and cell == ""):
                continue
            target = name if name in _ABOUT else self._paths.get(name)
            if target is None:
                message = f"unknown column {_quote(cell)}: use one of {self._names}"
                self._errors.add(line, f"column {position + 1}", message)
            elif target in targets:
                self._errors.add(
                    line, name, f"stands twice, in columns {targets[target] + 1} and {position + 1}: take one away"
                )
            else:
                targets[target] = position
                self._columns[position] = name
        if KEY not in targets:
            self._errors.stop(line, KEY, "this column is missing: a table has a header, and one row a project")

    def _merged(self, header: int, merged: Sequence[Area]) -> None:
        for (top, left), (bottom, right) in merged:
            columns = [at for at in self._columns if left <= at <= right]
            if columns and bottom + 1 >= header:
                name = self._columns[columns[0]]
                message = "merged cells hold one value for several: unmerge them and write each"
                self._errors.add(top + 1, name, message)

    def _row(self, line: int, row: Sequence[Cell], lines: dict[str, int]) -> Entry | None:
        cells = {
            name: _without_errors(row[at])
            for at, name in self._columns.items()
            if at < len(row) and not _is_blank(row[at])
        }
        if str(cells.get("state", "")).strip().casefold() in _NOT_GOVERNED:
            return None
        key = cells.pop(KEY, "")
        if isinstance(key, int | float) and not isinstance(key, bool):
            key = _number(key)
        if not isinstance(key, str) or not key:
            message = key.message if isinstance(key, Unreadable) else "this row names no project: write its key"
            self._errors.add(line, KEY, message)
            return None
        key = key.strip()
        builder = EntryBuilder(key, line, self._blueprint, self._errors)
        if key in lines:
            builder.error(line, KEY, f"stands twice, first in line {lines[key]}: take one row away")
            return None
        lines[key] = line
        if any(not _is_blank(cell) for cell in row[self._width :]):
            builder.error(line, f"column {self._width + 1}", "a value beyond the header: is a separator not in quotes?")
        for name, cell in cells.items():
            self._cell(builder, name, cell, line)
        return builder.entry()

    def _cell(self, builder: EntryBuilder, name: str, cell: Cell, line: int) -> None:
        path = self._paths.get(name)
        field = self._blueprint.by_path[path] if path else None
        text = _text(cell, field.kind if field else Kind.TEXT)
        if isinstance(text, Unreadable):
            builder.error(line, name, text.message)
        elif path:
            builder.add(path, name, text, line)
        elif name == "revision":
            whole = _WHOLE.fullmatch(text.strip())
            builder.revision(whole[1] if whole else text.strip(), line)
        elif name == "hand_edits":
            builder.hand_edits = text.strip()
        elif name == "node_id":
            builder.node_id = text


def _column(field: Field) -> str:
    """The name of a value's column: `value`, `value_comment`, `exploration_status`, `start_date`."""
    return "_".join(field.path.split(".")[1:]).removesuffix("_rating")


def _text(cell: Cell, kind: Kind) -> str | Unreadable:
    """A cell as text. Spreadsheets make numbers and dates of what people type; only what they mean surely is taken."""
    if isinstance(cell, str | Unreadable):
        return cell
    if isinstance(cell, bool):
        if kind is Kind.FLAG:
            return text_of(cell) or ""
        return Unreadable("the cell holds true or false where a text belongs: format it as text and write it anew")
    if isinstance(cell, date):  # a datetime too
        day = cell.date() if isinstance(cell, datetime) else cell
        if kind is Kind.DATE:
            return day.isoformat()
        return Unreadable(f"the cell holds the date {day} where none belongs: format it as text and write it anew")
    if isinstance(cell, time | timedelta):
        return Unreadable("the cell holds a time where none belongs: format it as text and write it anew")
    if kind is Kind.DATE:
        return Unreadable(f"the cell holds the number {_number(cell)}: format it as a date, or write YYYY-MM-DD")
    return _number(cell)


def _is_error(text: str) -> bool:
    return bool(_ERROR.fullmatch(text)) and (text.startswith("Err") or text == text.upper())


def _without_errors(cell: Cell) -> Cell:
    """A cell; an error that a spreadsheet wrote as text is no value."""
    if isinstance(cell, str):
        text = cell.strip()
        if text[:1] in ("#", "E") and len(text) < 40 and _is_error(text):
            return Unreadable(ERROR_MESSAGE)
    return cell


def _number(number: float) -> str:
    """A number as a spreadsheet shows it."""
    return str(int(number)) if number == int(number) and abs(number) < 1e15 else format(number, ".15g")


def _is_blank(cell: Cell) -> bool:
    return isinstance(cell, str) and not cell.strip()


def _is_blank_row(row: Sequence[Cell]) -> bool:
    return all(_is_blank(cell) for cell in row)


def _quote(cell: Cell) -> str:
    return repr(clipped(cell if isinstance(cell, str) else str(cell)))
