"""A plan file as CSV, as spreadsheets write it: separated by comma, semicolon or tab."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from govern_mirror.blueprint import Blueprint
from govern_mirror.sync.plan_file_entry import Entry, Faults, StopReading
from govern_mirror.sync.plan_file_table import KEY, normalized
from govern_mirror.sync.plan_file_table import entries as table_entries
from govern_mirror.text import from_spreadsheet_text

_SEPARATORS = (",", ";", "\t")

_HEADER = 10_000
"""How many characters may hold the header."""


def entries(text: str, blueprint: Blueprint, faults: Faults) -> list[Entry]:
    """Read the entries of a file; what is wrong is noted.

    Raises:
        StopReading: the rest of the file cannot be read.
    """
    # Python 3.10 reads no NUL
    return table_entries(_rows(text.replace("\0", "\N{REPLACEMENT CHARACTER}"), faults), blueprint, faults)


def _rows(text: str, faults: Faults) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            # a quote that is never closed swallows all that follows, so the row's first line says where to look
            faults.add(line, "", f"is not CSV from here on ({error}): is a quote missing? What follows was not read")
            raise StopReading from None
        yield line, [from_spreadsheet_text(cell) for cell in row]


def _separator(text: str) -> str:
    """What separates the header's names, so that `project_key` is one of them."""
    header, _, _ = text[:_HEADER].lstrip().partition("\n")
    for separator in _SEPARATORS:
        names = [normalized(name.strip(' "\r')) for name in header.split(separator)]
        if KEY in names and len(names) > 1:
            return separator
    return ","
