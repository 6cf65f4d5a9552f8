"""A plan file as a workbook, read by python-calamine once it is known to be small enough.

Its sheet `Data` holds the projects, as in an XLSX report; without one, the first visible sheet.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence

from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from govern_mirror.model.blueprint import Blueprint
from govern_mirror.plan_files.entry import Entry, FileErrors, StopReading
from govern_mirror.plan_files.table import ERROR_MESSAGE, Cell, Merged, Unreadable
from govern_mirror.plan_files.table import entries as table_entries
from govern_mirror.plan_files.workbook import Odd, Position, TooLarge, Workbook
from govern_mirror.report.columns import DATA_SHEET

_UNREADABLE = {
    Odd.FORMULA: Unreadable("the cell holds a formula: paste its value instead"),
    Odd.ERROR: Unreadable(ERROR_MESSAGE),
}


def entries(content: bytes, blueprint: Blueprint, errors: FileErrors) -> list[Entry]:
    """Read the entries of a workbook; what is wrong is noted.

    Raises:
        StopReading: it cannot be read.
    """
    try:
        rows, merged = _sheet(content, errors)
    except StopReading:
        raise
    except TooLarge as error:
        errors.add(error.row, "", str(error))
        raise StopReading from None
    except BaseException as error:  # three readers see the damage, and each has errors of its own
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        errors.add(None, "", f"is not a workbook that can be read ({reason}): save it as .xlsx, without a password")
        raise StopReading from None
    return table_entries(rows, blueprint, errors, merged)


def _sheet(content: bytes, errors: FileErrors) -> tuple[list[tuple[int, Sequence[Cell]]], list[Merged]]:
    """Return the rows of the sheet of projects, each with its number, and its merged cells."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        workbook = Workbook(archive)
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            name = _sheet_name(book, errors)
            scan = workbook.sheet(name)
            sheet = book.get_sheet_by_name(name)
            return list(_rows(sheet, scan.odd)), _merged(sheet)


def _sheet_name(book: CalamineWorkbook, errors: FileErrors) -> str:
    names = [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    ]
    if names:
        return DATA_SHEET if DATA_SHEET in names else names[0]
    errors.add(None, "", "has no visible sheet: the first one holds the projects")
    raise StopReading


def _rows(sheet: CalamineSheet, odd: Mapping[Position, Odd]) -> Iterator[tuple[int, Sequence[Cell]]]:
    if sheet.start is None:
        return
    # calamine leaves out the blank columns at the left, though not the blank rows above
    left: list[Cell] = [""] * sheet.start[1]
    unreadable = {position: _UNREADABLE[reason] for position, reason in odd.items()}
    for number, values in enumerate(sheet.iter_rows()):
        row: list[Cell] = [*left, *values]
        if unreadable:
            row = [unreadable.get((number, column), cell) for column, cell in enumerate(row)]
        yield number + 1, row


def _merged(sheet: CalamineSheet) -> list[Merged]:
    ranges = sheet.merged_cell_ranges or ()
    return [Merged(top + 1, bottom + 1, left, right) for (top, left), (bottom, right) in ranges]
