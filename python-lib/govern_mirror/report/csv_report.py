"""The report as CSV (RFC 4180, UTF-8), safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from govern_mirror.report.columns import Cell, Column, Type, columns, unreadable_record
from govern_mirror.report.formats import Renderer
from govern_mirror.report.portfolio import Portfolio
from govern_mirror.text import spreadsheet_text


class CsvReport(Renderer):
    """Renders a header and one line per project; the columns are those of `columns`."""

    def render(self, portfolio: Portfolio) -> bytes:
        """Return the lines, ended by CR LF, with an apostrophe wherever a spreadsheet could begin a formula."""
        all_columns = columns(portfolio.blueprint)
        unreadable = [unreadable_record(project, all_columns) for project in portfolio.unreadable]
        return csv_document(all_columns, portfolio.rows, unreadable)


def csv_document(
    all_columns: Sequence[Column], rows: Sequence[Any], records: Iterable[Mapping[str, Cell]] = ()
) -> bytes:
    """Return a header and a line for each row, then for each record, which holds its cells by the columns' names."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([column.name for column in all_columns])
    columns_of_cells = [
        map(_CELLS[column.type], map(column.of, rows)) if column.type in _CELLS else map(column.of, rows)
        for column in all_columns
    ]
    writer.writerows(zip(*columns_of_cells, strict=True))
    for record in records:
        cells = [(record[column.name], _CELLS.get(column.type)) for column in all_columns]
        writer.writerow([show(value) if show else value for value, show in cells])
    return text.getvalue().encode("utf-8", "replace")


@lru_cache(maxsize=256)
def _text(value: Cell) -> Cell:
    """People's text, or a category: most of a report's texts are the same few categories."""
    return spreadsheet_text(value) if isinstance(value, str) else value


def _flag(value: Cell) -> Cell:
    return None if value is None else "true" if value else "false"


_CELLS: dict[Type, Callable[[Cell], Cell]] = {Type.TEXT: _text, Type.FLAG: _flag}
"""How the cells of a type are written; numbers and times stand as they are, and what is None is left blank."""
