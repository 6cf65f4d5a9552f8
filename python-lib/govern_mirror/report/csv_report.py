"""The report as CSV (RFC 4180, UTF-8), safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io

from govern_mirror.report.columns import Cell, columns
from govern_mirror.report.portfolio import Portfolio

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A text that begins so would run as a formula in a spreadsheet (OWASP, CSV injection)."""


class CsvReport:
    """Renders a header and one line a project; the columns are those of `columns`."""

    is_binary = False
    shows_history = False

    def render(self, portfolio: Portfolio) -> bytes:
        """The lines, ended by CR LF. A text that would run as a formula gets an apostrophe in front."""
        known = columns(portfolio.blueprint)
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow([column.name for column in known])
        writer.writerows([_cell(column.of(row)) for column in known] for row in portfolio.rows)
        return text.getvalue().encode("utf-8", "replace")


_RISKY = frozenset(start[0] for start in (*FORMULA_STARTS, " "))


def _cell(value: Cell) -> str | int | float:
    if type(value) is str and value[:1] not in _RISKY and "\x00" not in value:
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return value
    text = value.replace("\x00", "�")
    # spreadsheets pass over leading blanks before they look for a formula
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text
