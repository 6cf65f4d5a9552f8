"""A plan file as CSV, as spreadsheets write it: separated by comma, semicolon or tab."""

from __future__ import annotations

import csv
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from govern_mirror.model.blueprint import Blueprint
from govern_mirror.plan_files.entry import Entry, FileErrors
from govern_mirror.plan_files.table import KEY, Table, normalized
from govern_mirror.text import from_spreadsheet_text

MAX_SEPARATORS = 1_000_000
"""Separators in the lines of one row: more than a row can have columns, since texts may hold them too."""

MAX_ROW = 10_000_000
"""Characters of one row: notes of every step, each as long as a value may be."""

_SEPARATORS = (",", ";", "\t")

_HEADER = 10_000
"""How many characters may hold the header."""

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
_SEP_LINE = re.compile(r'"?sep=([^"\r\n])"?[ ,;\t]*(?:\r\n|\r|\n)', re.IGNORECASE)
"""Excel's first line of a file that names its separator."""

_limit_lock = threading.Lock()


def entries(text: str, blueprint: Blueprint, errors: FileErrors) -> list[Entry]:
    """Read the entries of a file; what is wrong is noted.

    Raises:
        StopReading: the rest of the file cannot be read.
    """
    # Python 3.10 reads no NUL
    text = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    match = _SEP_LINE.match(text)
    lines = _Lines(text, match[1] if match else _separator(text), match.end() if match else 0, errors)
    with _cells_of_any_length(len(text)):
        return Table(blueprint, errors).entries(_rows(lines, errors))


class _Lines:
    """The lines of a file from a position on, for `csv.reader`: it never gets a row of more cells than there can be."""

    def __init__(self, text: str, separator: str, begin: int, errors: FileErrors) -> None:
        self.separator = separator
        self.number = 1 if begin else 0
        self._lines = _LINE.finditer(text, begin)
        self._errors = errors
        self.begin_row()

    def begin_row(self) -> None:
        """Count anew."""
        self._cells, self._characters = MAX_SEPARATORS, MAX_ROW

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines).group()
        self.number += 1
        self._cells -= line.count(self.separator)
        self._characters -= len(line)
        if self._cells < 0 or self._characters < 0:
            limit = f"{MAX_SEPARATORS:,} separators" if self._cells < 0 else f"{MAX_ROW:,} characters"
            message = f"a row holds more than {limit}: is a quote missing, or is it no plan file?"
            self._errors.stop(self.number, "", message)
        return line


def _rows(lines: _Lines, errors: FileErrors) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(lines, delimiter=lines.separator, strict=True)
    while True:
        line = lines.number + 1
        lines.begin_row()
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            # a quote that is never closed swallows all that follows, so the row's first line says where to look
            errors.stop(line, "", f"is not CSV from here on ({error}): is a quote missing? What follows was not read")
        yield line, [from_spreadsheet_text(cell) for cell in row]


@contextmanager
def _cells_of_any_length(length: int) -> Iterator[None]:
    """Let `csv` read cells of more than 131,072 characters; its limit is one for the whole process."""
    with _limit_lock:
        before = csv.field_size_limit()
        csv.field_size_limit(max(before, length))
        try:
            yield
        finally:
            csv.field_size_limit(before)


def _separator(text: str) -> str:
    """What separates the header's names, so that `project_key` is one of them."""
    header, _, _ = text[:_HEADER].lstrip().partition("\n")
    for separator in _SEPARATORS:
        names = [normalized(name.strip(' "\r')) for name in header.split(separator)]
        if KEY in names and len(names) > 1:
            return separator
    return ","
