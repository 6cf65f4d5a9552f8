"""What macros hand to DSS: result tables and progress."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from govern_mirror.bulk import Progress


class ResultTable(Protocol):
    """What this code uses of `dataiku.runnables.ResultTable`."""

    def add_column(self, identifier: str, label: str, kind: str, /) -> object:
        """Add a column."""

    def add_record(self, record: list[Any], /) -> object:
        """Add a row."""


@dataclass(frozen=True)
class Table:
    """A result table: columns as (id, label), and rows of texts."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, ...], ...]


AnyResultTable = TypeVar("AnyResultTable", bound=ResultTable)


def fill(result: AnyResultTable, table: Table) -> AnyResultTable:
    """Fill DSS's result table and return it."""
    for identifier, label in table.columns:
        result.add_column(identifier, label, "STRING")
    for row in table.rows:
        result.add_record(list(row))
    return result


def percent(progress_callback: Callable[[int], object]) -> Progress:
    """Progress of DSS, whose target is 100, as ours: done, of how many."""

    def advanced(done: int, total: int) -> None:
        progress_callback(100 * done // total if total else 100)

    return advanced
