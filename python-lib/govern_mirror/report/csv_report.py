"""The report as CSV (RFC 4180, UTF-8), safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io

from govern_mirror.report.columns import Cell, Type, columns
from govern_mirror.report.portfolio import Portfolio

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A text that begins so would run as a formula in a spreadsheet (OWASP, CSV injection)."""


class CsvReport:
    """Renders a header and one line a project; the columns are those of `columns`."""

    is_binary = False
    shows_events = False
    shows_past = False

    def render(self, portfolio: Portfolio) -> bytes:
        """The lines, ended by CR LF. A text that would run as a formula gets an apostrophe in front."""
        known = columns(portfolio.blueprint)
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow([column.name for column in known])
        cells = [(column.of, _CELLS.get(column.type)) for column in known]
        writer.writerows([shown(of(row)) if shown else of(row) for of, shown in cells] for row in portfolio.rows)
        return text.getvalue().encode("utf-8", "replace")


_RISKY = frozenset(start[0] for start in (*FORMULA_STARTS, " "))


def _text(value: Cell) -> Cell:
    """People's text, or a category; only what begins like a formula needs a closer look."""
    if not isinstance(value, str) or (value[:1] not in _RISKY and "\x00" not in value):
        return value
    text = value.replace("\x00", "�")
    # spreadsheets pass over leading blanks before they look for a formula
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text


def _flag(value: Cell) -> Cell:
    return "true" if value else "false"


_CELLS = {Type.TEXT: _text, Type.FLAG: _flag}
"""How the cells of a type are written; numbers and times stand as they are, and what is None is left blank."""
