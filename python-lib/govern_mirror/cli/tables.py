"""Tables of text: aligned columns within a width, for any number of rows.

Written by hand since libraries that lay out terminals take minutes for 20,000 rows, and since each line must be
harmless by itself (see `govern_mirror.text`): a folded cell may begin a line anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from rich.cells import cell_len, get_character_cell_size

from govern_mirror.text import terminal_line

BLANK = "–"
"""What a cell without a value shows."""

MAX_CELL = 1000
"""How many characters of a text a table shows at most."""

MIN_WIDTH = 8
"""A column is not made narrower than this to fit the others."""

_GAP = "  "


class Overflow(Enum):
    """What becomes of a column whose texts are wider than there is room: it folds them, cuts them, or stays wide."""

    FOLD = "fold"
    CUT = "cut"
    KEEP = "keep"


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        header: its heading.
        overflow: what becomes of it where there is no room.
        right: whether its cells stand at its right edge.
    """

    header: str
    overflow: Overflow = Overflow.FOLD
    right: bool = False


def table_lines(columns: Sequence[Column], rows: Iterable[Sequence[object]], width: int) -> list[str]:
    """Lay out a table; its first line is the header.

    Args:
        columns: from left to right.
        rows: cells by column; None and an empty text are blank.
        width: in cells of the terminal.
    """
    headers = [column.header for column in columns]
    cells = [
        [BLANK if cell is None or cell == "" else terminal_line(cell, MAX_CELL) or BLANK for cell in row]
        for row in rows
    ]
    by_column: list[Sequence[str]] = [*zip(*cells, strict=True)] if cells else [() for _ in columns]
    natural = [
        max(_width(header), max(map(_width, texts), default=0))
        for header, texts in zip(headers, by_column, strict=True)
    ]
    keeps = [column.overflow is Overflow.KEEP for column in columns]
    widths = _fitted(natural, keeps, width - len(_GAP) * (len(columns) - 1))
    narrowed = [at for at, wanted in enumerate(natural) if wanted > widths[at]]
    lines: list[str] = []
    for row in (headers, *cells):
        if all(_width(row[at]) <= widths[at] for at in narrowed):
            lines.append(_line(row, columns, widths))
        else:
            lines += _lines(row, columns, widths)
    return [terminal_line(line) if "::" in line else line for line in lines]


def _line(row: Sequence[str], columns: Sequence[Column], widths: Sequence[int]) -> str:
    padded = [
        (text.rjust(width) if column.right else text.ljust(width)) if text.isascii() else _padded(text, width, column)
        for text, column, width in zip(row, columns, widths, strict=True)
    ]
    return _GAP.join(padded).rstrip()


def _padded(text: str, width: int, column: Column) -> str:
    blanks = " " * (width - _width(text))
    return blanks + text if column.right else text + blanks


def _lines(row: Sequence[str], columns: Sequence[Column], widths: Sequence[int]) -> list[str]:
    """The lines of a row with texts that are wider than their columns."""
    cells = [
        [text]
        if _width(text) <= width
        else [_cut(text, width)]
        if column.overflow is Overflow.CUT
        else _folded(text, width)
        for text, column, width in zip(row, columns, widths, strict=True)
    ]
    height = max(map(len, cells))
    return [_line([cell[at] if at < len(cell) else "" for cell in cells], columns, widths) for at in range(height)]


def _width(text: str) -> int:
    """How many cells of a terminal a text takes."""
    return len(text) if text.isascii() else cell_len(text)


def _cut(text: str, width: int) -> str:
    return _begin(text, width - 1) + "…"


def _begin(text: str, width: int) -> str:
    """As much of the beginning of a text as fits; at least a character, so that folding comes to an end."""
    if text.isascii():
        return text[:width]
    taken = 0
    for position, character in enumerate(text):
        taken += get_character_cell_size(character)
        if taken > width and position:
            return text[:position]
    return text


def _folded(text: str, width: int) -> list[str]:
    """A text in lines that fit, broken between words, and within those that are too long."""
    lines: list[str] = []
    line, used = "", 0
    for word in text.split(" "):
        needed = _width(word)
        if line and used + 1 + needed <= width:
            line, used = f"{line} {word}", used + 1 + needed
            continue
        if line:
            lines.append(line)
        while word and needed > width:
            piece = _begin(word, width)
            lines.append(piece)
            word = word[len(piece) :]
            needed -= _width(piece)
        line, used = word, needed
    return [*lines, line] if line else lines


def _fitted(natural: Sequence[int], fixed: Sequence[bool], available: int) -> list[int]:
    """Widths that fit: the widest columns give way first, down to `MIN_WIDTH`."""
    if sum(natural) <= available:
        return list(natural)
    fixed_width = sum(width for width, keeps in zip(natural, fixed, strict=True) if keeps)
    flexible = sorted(width for width, keeps in zip(natural, fixed, strict=True) if not keeps)
    remaining, limit = available - fixed_width, MIN_WIDTH
    for place, width in enumerate(flexible):
        share = remaining // (len(flexible) - place)
        if width > share:
            limit = max(MIN_WIDTH, share)
            break
        remaining -= width
    return [width if keeps else min(width, limit) for width, keeps in zip(natural, fixed, strict=True)]
