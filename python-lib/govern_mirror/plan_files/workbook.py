"""What a workbook would take to read, seen as XML before python-calamine reads it.

calamine is fast and well kept, but it keeps a whole sheet as one dense block with a copy of the text in every cell,
tells neither formulas nor cells in error, and believes what a file says of its own size: 300 KB can ask for 60 GB. So
this module bounds what is bounded nowhere else, and tells the cells that hold no plain value. It finds the parts of a
workbook by calamine's own rules, and refuses what the two could take differently: else it would look at other parts
than calamine reads.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias
from xml.parsers import expat

MAX_UNPACKED = 300_000_000
"""Bytes that a workbook may hold once it is unpacked."""

MAX_CELLS = 4_000_000
"""Cells from A1 to the last one that holds something."""

MAX_TEXT = 50_000_000
"""Characters in all cells together; a text that many cells share counts in each."""

MAX_MERGED = 10_000
"""Merged areas of a sheet."""

_MAX_ELEMENTS = 4 * MAX_CELLS
_CHUNK = 1 << 20
_REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})\Z")
_ROW = re.compile(r"[A-Za-z]{0,3}([0-9]{1,7})\Z")

Position: TypeAlias = tuple[int, int]
"""Row and column of a cell, from 0."""


class Odd(Enum):
    """Why a cell holds no plain value."""

    FORMULA = "formula"
    ERROR = "error"


class TooLarge(Exception):  # noqa: N818 - what the workbook is
    """A bound is exceeded: the message says which, and what to do; `row` counts from 1 where one is to blame."""

    def __init__(self, message: str, row: int | None = None) -> None:
        self.row = row
        super().__init__(message)


class Workbook:
    """The parts of a workbook, by the names that calamine knows them by.

    Args:
        archive: the file.

    Raises:
        TooLarge: it holds too much once it is unpacked, or too many texts.
        KeyError, ValueError: it is damaged, or two parts have one name.
    """

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._parts: dict[str, zipfile.ZipInfo] = {}
        for member in archive.infolist():
            name = member.filename.replace("\\", "/").lower()
            if name in self._parts or "&" in name:
                raise ValueError(f"two of its parts have one name, {name[:80]!r}")
            self._parts[name] = member
        self._require_small()
        self._folder = self._document_folder()
        # calamine reads them before it is asked for a sheet
        self._lengths = self._text_lengths(f"{self._folder}sharedStrings.xml")

    def sheet(self, name: str) -> SheetScan:
        """Look through a sheet.

        Raises:
            TooLarge: it is too large to be read.
            KeyError, ValueError, IndexError: the workbook is damaged.
        """
        scan = SheetScan(self._lengths)
        parser = self._parser(scan.start)
        parser.EndElementHandler = scan.end
        parser.CharacterDataHandler = scan.text
        self._parse(parser, self._part_of(name))
        return scan

    def _require_small(self) -> None:
        """Unpack everything once without keeping it: what the archive says of its sizes need not be so."""
        room = MAX_UNPACKED
        if sum(member.file_size for member in self._parts.values()) <= room:
            for member in self._parts.values():
                with self._archive.open(member) as stream:
                    while chunk := stream.read(_CHUNK):
                        room -= len(chunk)
            if room >= 0:
                return
        raise TooLarge(f"holds more than {MAX_UNPACKED:,} bytes once unpacked: split it into several files")

    def _document_folder(self) -> str:
        targets = [target for _, kind, target in self._relations("_rels/.rels")
                   if kind.endswith("/relationships/officeDocument")]  # fmt: skip
        if len(targets) != 1:
            raise ValueError("it holds no document, or several")
        folder, slash, _ = targets[0].rpartition("/")
        return f"{folder}{slash}".removeprefix("/")

    def _part_of(self, sheet: str) -> str:
        """The part that holds a sheet."""
        ids: list[str] = []

        def start(name: str, attributes: Mapping[str, str]) -> None:
            if _local(name) == "sheet" and attributes.get("name") == sheet:
                ids.extend(value for key, value in attributes.items() if _local(key) == "id")

        self._parse(self._parser(start), f"{self._folder}workbook.xml")
        relations = list(self._relations(f"{self._folder}_rels/workbook.xml.rels"))
        found = {id_: target for id_, _, target in relations}
        if len(ids) != 1 or len(found) != len(relations):
            raise ValueError("two of its sheets have one name, or one has none")
        target = found[ids[0]]
        return target[1:] if target.startswith("/") else f"{self._folder}{target}"

    def _relations(self, part: str) -> Iterator[tuple[str, str, str]]:
        """Id, type and target of each relationship (ECMA-376 part 2)."""
        found: list[tuple[str, str, str]] = []

        def start(name: str, attributes: Mapping[str, str]) -> None:
            if _local(name) == "Relationship":
                found.append(
                    (attributes.get("Id", ""), attributes.get("Type", ""), attributes.get("Target", ""))
                )  # fmt: skip

        self._parse(self._parser(start), part)
        return iter(found)

    def _text_lengths(self, part: str) -> list[int]:
        """How many characters each of the shared texts has; none where there is no such part."""
        lengths: list[int] = []
        depth = 0
        if part.lower() not in self._parts:
            return lengths

        def start(name: str, attributes: Mapping[str, str]) -> None:
            nonlocal depth
            if _local(name) == "si":
                if depth:
                    raise ValueError("a shared text stands within another")
                depth += 1
                lengths.append(0)
                if len(lengths) > MAX_CELLS:
                    raise TooLarge(f"holds more than {MAX_CELLS:,} texts: split it into several files")
            elif _local(name) == "sst" and _number(attributes.get("uniqueCount", "0")) > MAX_CELLS:
                raise TooLarge(f"says that it holds more than {MAX_CELLS:,} texts: split it into several files")

        def end(name: str) -> None:
            nonlocal depth
            if _local(name) == "si":
                depth -= 1

        def text(content: str) -> None:
            if depth:
                lengths[-1] += len(content)

        parser = self._parser(start)
        parser.EndElementHandler = end
        parser.CharacterDataHandler = text
        self._parse(parser, part)
        return lengths

    @staticmethod
    def _parser(start: Callable[[str, Mapping[str, str]], None]) -> expat.XMLParserType:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = start
        parser.StartDoctypeDeclHandler = _no_doctype
        return parser

    def _parse(self, parser: expat.XMLParserType, part: str) -> None:
        with self._archive.open(self._parts[part.lower()]) as stream:
            parser.ParseFile(stream)


@dataclass
class SheetScan:
    """What is seen of a sheet.

    Attributes:
        text_lengths: how many characters each of the shared texts has.
        odd: the cells without a plain value.
    """

    text_lengths: list[int]
    odd: dict[Position, Odd] = field(default_factory=dict)
    _row: int = 0
    _column: int = 0
    _cell: Position | None = None
    _kind: str = ""
    _last: Position = (0, 0)
    _pieces: list[str] | None = None
    _inline: bool = False
    _elements: int = 0
    _merged: int = 0
    _characters: int = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Take the beginning of an element."""
        self._elements += 1
        if self._elements > _MAX_ELEMENTS:
            raise self._reaches_too_far()
        tag = _local(name)
        if tag == "c":
            self._begin_cell(attributes)
        elif tag in ("v", "is", "f") and self._cell is not None:
            row, column = self._cell
            self._last = max(self._last[0], row), max(self._last[1], column)
            if (self._last[0] + 1) * (self._last[1] + 1) > MAX_CELLS:
                raise self._reaches_too_far()
            if tag == "f":
                self.odd[self._cell] = Odd.FORMULA
            elif tag == "v" and self._kind == "s":
                self._pieces = []
            else:
                self._inline = tag == "is" or self._kind in ("str", "d")
        elif tag == "row" and "r" in attributes:
            self._row = _row_number(attributes["r"])
        elif tag == "mergeCell":
            self._merged += 1
            if self._merged > MAX_MERGED:
                raise TooLarge(f"has more than {MAX_MERGED:,} merged areas: unmerge its cells")

    def end(self, name: str) -> None:
        """Take the end of an element."""
        tag = _local(name)
        if tag == "c":
            self._cell = None
            self._column += 1
        elif tag == "row":
            self._row += 1
            self._column = 0
        elif tag in ("v", "is"):
            if self._pieces is not None:
                self._add_characters(self._shared_length(self._pieces))
            self._pieces, self._inline = None, False

    def text(self, content: str) -> None:
        """Take text between elements."""
        if self._pieces is not None:
            self._pieces.append(content)
        elif self._inline:
            self._add_characters(len(content))

    def _begin_cell(self, attributes: Mapping[str, str]) -> None:
        """A cell says where it is, or stands behind the one before."""
        if self._cell is not None:
            raise ValueError("a cell stands within another")
        self._cell = self._row, self._column
        if "r" in attributes:
            self._cell = _position(attributes["r"])
            self._column = self._cell[1]
        self._kind = attributes.get("t", "")
        if self._kind == "e":
            self.odd[self._cell] = Odd.ERROR

    def _shared_length(self, pieces: list[str]) -> int:
        """How many characters the shared text of a number has; where it is not sure which is meant, the longest's."""
        if len(pieces) == 1 and pieces[0].isascii() and pieces[0].isdigit() and len(pieces[0]) < 10:
            at = int(pieces[0])
            return self.text_lengths[at] if at < len(self.text_lengths) else 0
        return max(self.text_lengths, default=0) if pieces else 0

    def _add_characters(self, count: int) -> None:
        self._characters += count
        if self._characters > MAX_TEXT:
            raise TooLarge(
                f"holds more than {MAX_TEXT:,} characters in its cells: split it into several files", self._row + 1
            )

    def _reaches_too_far(self) -> TooLarge:
        row = self._row if self._cell is None else self._cell[0]
        return TooLarge(
            f"the sheet reaches over more than {MAX_CELLS:,} cells: delete what stands outside the table", row + 1
        )


def _local(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition(" ")[2]


def _number(text: str) -> int:
    """A whole number; 0 for what is none, as calamine takes it."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 30 else 0


def _position(reference: str) -> Position:
    parts = _REFERENCE.match(reference)
    if not parts or int(parts[2]) == 0:
        raise ValueError(f"a cell without a place: {reference[:20]!r}")
    column = 0
    for letter in parts[1].upper():
        column = column * 26 + ord(letter) - 64
    return int(parts[2]) - 1, column - 1


def _row_number(reference: str) -> int:
    parts = _ROW.match(reference)
    if not parts or int(parts[1]) == 0:
        raise ValueError(f"a row without a place: {reference[:20]!r}")
    return int(parts[1]) - 1


def _no_doctype(*_declared: object) -> None:
    raise ValueError("it declares a document type")
