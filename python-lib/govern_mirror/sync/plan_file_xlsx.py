"""A plan file as a workbook: its first visible sheet.

python-calamine reads the values, fast, but keeps a whole sheet as one dense block and tells neither formulas nor
cells in error. So the sheet is first looked through as XML: how far it reaches, and which cells hold no plain value.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias
from xml.parsers import expat

from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from govern_mirror.blueprint import Blueprint
from govern_mirror.sync.plan_file_entry import Entry, Faults, StopReading
from govern_mirror.sync.plan_file_table import Cell, Merged, Unreadable
from govern_mirror.sync.plan_file_table import entries as table_entries

MOST_UNPACKED = 300_000_000
"""Bytes that a workbook may hold once it is unpacked."""

MOST_CELLS = 4_000_000
"""Cells from A1 to the last one that holds something."""

_FORMULA = Unreadable("the cell holds a formula: paste its value instead")
_ERROR = Unreadable("the cell holds an error such as #N/A: write a value, or empty the cell")
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})\Z")
_CHUNK = 1 << 20

Start: TypeAlias = Callable[[str, Mapping[str, str]], None]
"""Told of each element's name, with its namespace in front, and attributes."""


def entries(content: bytes, blueprint: Blueprint, faults: Faults) -> list[Entry]:
    """Read the entries of a workbook; what is wrong is noted.

    Raises:
        StopReading: it cannot be read.
    """
    try:
        rows, merged = _sheet(content, faults)
    except StopReading:
        raise
    except Exception as error:  # three readers see the damage, and each has errors of its own
        reason = " ".join(str(error).split()) or type(error).__name__
        faults.add(None, "", f"is not a workbook that can be read ({reason}): save it as .xlsx, without a password")
        raise StopReading from None
    return table_entries(rows, blueprint, faults, merged)


def _sheet(content: bytes, faults: Faults) -> tuple[list[tuple[int, Sequence[Cell]]], list[Merged]]:
    """The rows of the first visible sheet, each with its number, and its merged cells."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        _require_small(archive, faults)
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            name = _first_sheet(book, faults)
            unreadable = _Look(faults).at(archive, _part_of(archive, name))
            sheet = book.get_sheet_by_name(name)
            return list(_rows(sheet, unreadable)), _merged(sheet)


def _require_small(archive: zipfile.ZipFile, faults: Faults) -> None:
    """Unpack everything once without keeping it: what the archive says of its sizes need not be so."""
    room = MOST_UNPACKED
    if sum(member.file_size for member in archive.infolist()) <= room:
        for member in archive.infolist():
            with archive.open(member) as stream:
                while chunk := stream.read(_CHUNK):
                    room -= len(chunk)
        if room >= 0:
            return
    faults.add(None, "", f"holds more than {MOST_UNPACKED:,} bytes once unpacked: split it into several files")
    raise StopReading


def _first_sheet(book: CalamineWorkbook, faults: Faults) -> str:
    for sheet in book.sheets_metadata:
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible:
            return sheet.name
    faults.add(None, "", "has no visible sheet: the first one holds the projects")
    raise StopReading


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str:
    """The member of the archive that holds a sheet (ECMA-376 part 2: relationships)."""
    [book] = [target for kind, target in _relations(archive, "").values() if kind.endswith("/officeDocument")]
    found: list[str] = []

    def start(name: str, attributes: Mapping[str, str]) -> None:
        local = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
        if name.endswith(" sheet") and attributes.get("name") == sheet:
            found.append(local["id"])

    _parse(archive, book, start)
    _, part = _relations(archive, book)[found[0]]
    return part


def _relations(archive: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """The type and target of each relationship of a part, by id."""
    folder, name = posixpath.split(part)
    found = {}

    def start(_name: str, attributes: Mapping[str, str]) -> None:
        if "Id" in attributes:
            target = posixpath.normpath(posixpath.join("/", folder, attributes["Target"])).lstrip("/")
            found[attributes["Id"]] = (attributes["Type"], target)

    _parse(archive, posixpath.join(folder, "_rels", f"{name}.rels"), start)
    return found


def _parse(archive: zipfile.ZipFile, part: str, start: Start) -> None:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = _no_doctype
    with archive.open(part) as stream:
        parser.ParseFile(stream)


def _no_doctype(*_declared: object) -> None:
    raise KeyError("it declares a document type")


class _Look:
    """What is seen of a sheet before its values are read."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._cell = (0, 0)
        self._last = (0, 0)
        self._count = 0
        self._found: dict[tuple[int, int], Unreadable] = {}

    def at(self, archive: zipfile.ZipFile, part: str) -> dict[tuple[int, int], Unreadable]:
        """The cells without a plain value, by row and column from 0."""
        _parse(archive, part, self._start)
        return self._found

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        tag = name.rpartition(" ")[2]
        if tag == "c":
            self._cell = _position(attributes.get("r", ""))
            if attributes.get("t") == "e":
                self._found[self._cell] = _ERROR
        elif tag in ("v", "is", "f"):
            self._count += 1
            self._last = max(self._last[0], self._cell[0]), max(self._last[1], self._cell[1])
            if (self._last[0] + 1) * (self._last[1] + 1) > MOST_CELLS or self._count > 2 * MOST_CELLS:
                self._faults.add(
                    self._cell[0] + 1, "", f"the sheet reaches over more than {MOST_CELLS:,} cells: "
                    "delete what stands outside the table"
                )  # fmt: skip
                raise StopReading
            if tag == "f":
                self._found[self._cell] = _FORMULA


def _position(reference: str) -> tuple[int, int]:
    found = _REFERENCE.match(reference)
    if not found:
        raise KeyError(f"a cell without a place: {reference[:20]!r}")
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]) - 1, column - 1


def _rows(
    sheet: CalamineSheet, unreadable: Mapping[tuple[int, int], Unreadable]
) -> Iterator[tuple[int, Sequence[Cell]]]:
    if sheet.start is None:
        return
    if not unreadable:
        yield from enumerate(sheet.iter_rows(), 1)
        return
    for number, row in enumerate(sheet.iter_rows()):
        yield number + 1, [unreadable.get((number, column), cell) for column, cell in enumerate(row)]


def _merged(sheet: CalamineSheet) -> list[Merged]:
    ranges = sheet.merged_cell_ranges or ()
    return [Merged(top + 1, bottom + 1, left, right) for (top, left), (bottom, right) in ranges]
