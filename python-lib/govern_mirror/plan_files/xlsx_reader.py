"""A plan file as a workbook, read by python-calamine once it is known to be small enough.

Its sheet `Data` holds the projects, as in an XLSX report; without one, the first visible sheet.

calamine is fast and well kept, but it keeps a whole sheet as one dense block with a copy of the text in every cell,
tells neither formulas nor cells in error, and believes what a file says of its own size: 300 KB can ask for 60 GB. So
the workbook is seen as XML first: that bounds what is bounded nowhere else, and tells the cells that hold no plain
value. The parts are found by calamine's own rules, and what the two could take differently is refused: else this would
look at other parts than calamine reads.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn, TypeAlias
from xml.parsers import expat

from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from govern_mirror.model.blueprint import Blueprint
from govern_mirror.plan_files.entry import SPLIT, Entry, FileErrors, StopReading
from govern_mirror.plan_files.table import ERROR_MESSAGE, Area, Cell, Table, Unreadable
from govern_mirror.report.columns import DATA_SHEET

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
_FORMULA = Unreadable("the cell holds a formula: paste its value instead")
_ERROR = Unreadable(ERROR_MESSAGE)

Position: TypeAlias = tuple[int, int]
"""Row and column of a cell, from 0."""

Attributes: TypeAlias = Mapping[str, str]


def entries(content: bytes, blueprint: Blueprint, errors: FileErrors) -> list[Entry]:
    """Read the entries of a workbook; what is wrong is noted.

    Raises:
        StopReading: it cannot be read.
    """
    try:
        rows, merged = _sheet(content, errors)
    except StopReading:
        raise
    except BaseException as error:  # three readers see the damage, and each has errors of its own
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        errors.stop(None, "", f"is not a workbook that can be read ({reason}): save it as .xlsx, without a password")
    return Table(blueprint, errors).entries(iter(rows), merged)


def _sheet(content: bytes, errors: FileErrors) -> tuple[list[tuple[int, Sequence[Cell]]], list[Area]]:
    """Return the rows of the sheet of projects, each with its number, and its merged cells."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        workbook = Workbook(archive, errors)
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            name = _sheet_name(book, errors)
            scan = workbook.sheet(name)
            sheet = book.get_sheet_by_name(name)
            return list(_rows(sheet, scan.unreadable)), sheet.merged_cell_ranges or []


def _sheet_name(book: CalamineWorkbook, errors: FileErrors) -> str:
    names = [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    ]
    if not names:
        errors.stop(None, "", "has no visible sheet: the first one holds the projects")
    return DATA_SHEET if DATA_SHEET in names else names[0]


def _rows(sheet: CalamineSheet, unreadable: Mapping[Position, Unreadable]) -> Iterator[tuple[int, Sequence[Cell]]]:
    if sheet.start is None:
        return
    # calamine leaves out the blank columns at the left, though not the blank rows above
    blanks: list[Cell] = [""] * sheet.start[1]
    for number, values in enumerate(sheet.iter_rows()):
        row: list[Cell] = [*blanks, *values]
        if unreadable:
            row = [unreadable.get((number, column), cell) for column, cell in enumerate(row)]
        yield number + 1, row


# seen as XML --------------------------------------------------------------------------------------------------------


class Workbook:
    """The parts of a workbook, by the names that calamine knows them by; what is too large is noted."""

    def __init__(self, archive: zipfile.ZipFile, errors: FileErrors) -> None:
        self._archive = archive
        self._errors = errors
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

    def sheet(self, name: str) -> _SheetScan:
        """Look through a sheet; a damaged workbook raises KeyError, ValueError or IndexError."""
        scan = _SheetScan(self._lengths, self._errors)
        self._parse(self._part_of(name), scan.start, scan.end, scan.text)
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
        self._errors.stop(None, "", f"holds more than {MAX_UNPACKED:,} bytes once unpacked: {SPLIT}")

    def _document_folder(self) -> str:
        relations = self._elements("_rels/.rels", "Relationship")
        documents = [link for link in relations if link.get("Type", "").endswith("/relationships/officeDocument")]
        if len(documents) != 1:
            raise ValueError("it holds no document, or several")
        folder, slash, _ = documents[0].get("Target", "").rpartition("/")
        return f"{folder}{slash}".removeprefix("/")

    def _part_of(self, sheet: str) -> str:
        elements = self._elements(f"{self._folder}workbook.xml", "sheet")
        sheets = [element for element in elements if element.get("name") == sheet]
        ids = [value for element in sheets for name, value in element.items() if _local(name) == "id"]
        relations = self._elements(f"{self._folder}_rels/workbook.xml.rels", "Relationship")
        targets = {link.get("Id", ""): link.get("Target", "") for link in relations}
        if len(ids) != 1 or len(targets) != len(relations):
            raise ValueError("two of its sheets have one name, or one has none")
        target = targets[ids[0]]
        return target[1:] if target.startswith("/") else f"{self._folder}{target}"

    def _elements(self, part: str, tag: str) -> list[Attributes]:
        """The attributes of each element of a name: relationships (ECMA-376 part 2), and sheets."""
        elements: list[Attributes] = []

        def start(name: str, attributes: Attributes) -> None:
            if _local(name) == tag:
                elements.append(attributes)

        self._parse(part, start)
        return elements

    def _text_lengths(self, part: str) -> list[int]:
        """How many characters each of the shared texts has; none where there is no such part."""
        lengths: list[int] = []
        depth = 0
        if part.lower() not in self._parts:
            return lengths

        def start(name: str, attributes: Attributes) -> None:
            nonlocal depth
            if _local(name) == "si":
                if depth:
                    raise ValueError("a shared text stands within another")
                depth += 1
                lengths.append(0)
                if len(lengths) > MAX_CELLS:
                    self._errors.stop(None, "", f"holds more than {MAX_CELLS:,} texts: {SPLIT}")
            elif _local(name) == "sst" and _number(attributes.get("uniqueCount", "0")) > MAX_CELLS:
                self._errors.stop(None, "", f"says that it holds more than {MAX_CELLS:,} texts: {SPLIT}")

        def end(name: str) -> None:
            nonlocal depth
            if _local(name) == "si":
                depth -= 1

        def text(content: str) -> None:
            if depth:
                lengths[-1] += len(content)

        self._parse(part, start, end, text)
        return lengths

    def _parse(
        self,
        part: str,
        start: Callable[[str, Attributes], None],
        end: Callable[[str], None] | None = None,
        text: Callable[[str], None] | None = None,
    ) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = text
        parser.StartDoctypeDeclHandler = _no_doctype
        with self._archive.open(self._parts[part.lower()]) as stream:
            parser.ParseFile(stream)


@dataclass
class _SheetScan:
    """What is seen of a sheet: cells without a plain value; what is too large is noted.

    `text_lengths` says how many characters each of the shared texts has.
    """

    text_lengths: list[int]
    errors: FileErrors
    unreadable: dict[Position, Unreadable] = field(default_factory=dict)
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

    def start(self, name: str, attributes: Attributes) -> None:
        self._elements += 1
        if self._elements > _MAX_ELEMENTS:
            self._refuse_reach()
        tag = _local(name)
        if tag == "c":
            self._begin_cell(attributes)
        elif tag in ("v", "is", "f") and self._cell is not None:
            row, column = self._cell
            self._last = max(self._last[0], row), max(self._last[1], column)
            if (self._last[0] + 1) * (self._last[1] + 1) > MAX_CELLS:
                self._refuse_reach()
            if tag == "f":
                self.unreadable[self._cell] = _FORMULA
            elif tag == "v" and self._kind == "s":
                self._pieces = []
            else:
                self._inline = tag == "is" or self._kind in ("str", "d")
        elif tag == "row" and "r" in attributes:
            self._row = _row_number(attributes["r"])
        elif tag == "mergeCell":
            self._merged += 1
            if self._merged > MAX_MERGED:
                self.errors.stop(None, "", f"has more than {MAX_MERGED:,} merged areas: unmerge its cells")

    def end(self, name: str) -> None:
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
        if self._pieces is not None:
            self._pieces.append(content)
        elif self._inline:
            self._add_characters(len(content))

    def _begin_cell(self, attributes: Attributes) -> None:
        """A cell says where it is, or stands behind the one before."""
        if self._cell is not None:
            raise ValueError("a cell stands within another")
        self._cell = self._row, self._column
        if "r" in attributes:
            self._cell = _position(attributes["r"])
            self._column = self._cell[1]
        self._kind = attributes.get("t", "")
        if self._kind == "e":
            self.unreadable[self._cell] = _ERROR

    def _shared_length(self, pieces: list[str]) -> int:
        """How many characters the shared text of a number has; where it is not sure which is meant, the longest's."""
        if len(pieces) == 1 and pieces[0].isascii() and pieces[0].isdigit() and len(pieces[0]) < 10:
            at = int(pieces[0])
            return self.text_lengths[at] if at < len(self.text_lengths) else 0
        return max(self.text_lengths, default=0) if pieces else 0

    def _add_characters(self, count: int) -> None:
        self._characters += count
        if self._characters > MAX_TEXT:
            self.errors.stop(self._row + 1, "", f"holds more than {MAX_TEXT:,} characters in its cells: {SPLIT}")

    def _refuse_reach(self) -> NoReturn:
        row = self._row if self._cell is None else self._cell[0]
        message = f"the sheet reaches over more than {MAX_CELLS:,} cells: delete what stands outside the table"
        self.errors.stop(row + 1, "", message)


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
