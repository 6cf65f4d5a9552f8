"""A history's table as trends read it: the last row of a node, project and day, and which days there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, reduce
from operator import or_
from typing import TYPE_CHECKING

from govern_mirror.history.columns import (
    FINISHED,
    KEYS,
    SCHEMA_VERSION,
    STARTED,
    STATUS,
    TRACKED,
    HistoryError,
    missing,
    steps_of,
)
from govern_mirror.history.engine import Engine
from govern_mirror.report.columns import Type
from govern_mirror.text import clipped

if TYPE_CHECKING:
    import ibis.expr.types as ir

FIRST_DAY, LAST_DAY = 1900_01_01, 2199_12_31
"""The days that a history may tell of, as numbers that read as dates do."""

_IBIS = {Type.INTEGER: "int64", Type.TEXT: "string"}


@dataclass(frozen=True)
class Calendar:
    """Which days a history holds, and how it was written.

    Attributes:
        days: the days (20260301) by node, in order.
        version: the newest schema version among the rows; 0 for an empty history.
    """

    days: Mapping[str, Sequence[int]]
    version: int

    @property
    def last_days(self) -> Mapping[str, int]:
        """The last day of each node."""
        return {node: days[-1] for node, days in self.days.items()}

    def first_needed(self, since: int) -> int:
        """The first day to read for changes since a day: of each node the last one before it, the earliest of them."""
        before = [max((day for day in days if day < since), default=since) for days in self.days.values()]
        return min(before, default=since)


class HistoryTable:
    """The rows of one history table that count.

    Args:
        engine: where the table is.
        name: its name there; with its schema and catalog, innermost last, as a tuple.
        columns: its columns by name; None as the type of one that holds neither whole numbers nor texts.
        blank_texts: whether it may hold a blank text for null, as tables that DSS writes do.
        node: only the rows of this node; None for all.

    Raises:
        HistoryError: a column that the trends need is not there, or holds something else.
    """

    def __init__(
        self,
        engine: Engine,
        name: str | tuple[str, ...],
        columns: Mapping[str, Type | None],
        *,
        blank_texts: bool = False,
        node: str | None = None,
    ) -> None:
        self._engine = engine
        self._known = columns
        self._repeated: dict[int | None, Sequence[int]] = {}
        self._table = declared(name, columns)
        if node is not None:
            self._table = self._table.filter(self._table.node_id == node)
        if blank_texts:
            tracked = self.tracked.values()
            kept = [column for column in self._table.columns if column not in tracked]
            self._table = self._table.select(*kept, **{name: self._table[name].nullif("") for name in tracked})
        self._require_whole()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that trends read."""
        return tuple(self._table.columns)

    @cached_property
    def calendar(self) -> Calendar:
        """The history's days; one query, answered with a row a run.

        Raises:
            HistoryError: the history holds rows that no snapshot wrote.
        """
        import ibis

        rows = self._table
        runs = rows.group_by("node_id", "snapshot_day", "run_id").agg(
            version=rows.schema_version.max(), damaged=ibis.ifelse(_is_damaged(rows), 1, 0).sum()
        )
        days: dict[str, set[int]] = {}
        version = 0
        for node, day, _, written, damaged in self._engine.rows(runs):
            if damaged or not node or not _is_day(day):
                raise HistoryError(
                    f"the history holds rows that no snapshot wrote (node_id {clipped(node)}, snapshot_day "
                    f"{clipped(day)}): a project_key, flow_step, taken_s or day is missing or is none; delete these "
                    "rows, or start a new history"
                )
            days.setdefault(node, set()).add(day)
            version = max(version, written or 0)
        return Calendar({node: sorted(found) for node, found in days.items()}, version)

    def repeated(self, first_day: int | None = None) -> Sequence[int]:
        """The days, from a day on, of which a node has more than one row of a project.

        Runs do not tell: a run may stand there twice, whole or in part, under its own id or another.
        """
        if first_day not in self._repeated:
            rows = self._from(first_day)
            days = rows.group_by("node_id", "snapshot_day").agg(
                row_count=rows.count(), project_count=rows.project_key.nunique()
            )
            several = days.filter(days.row_count > days.project_count).select("snapshot_day").distinct()
            self._repeated[first_day] = sorted(row[0] for row in self._engine.rows(several))
        return self._repeated[first_day]

    @property
    def tracked(self) -> dict[str, str]:
        """The tracked fields that this history knows: one of an older version may know less."""
        return {field: column for field, column in TRACKED.items() if column in self._table.columns}

    def _require_whole(self) -> None:
        """Raise HistoryError when a column is missing that the version which wrote the history had."""
        absent = [column for column in TRACKED.values() if column not in self._known]
        if absent and self.calendar.version >= SCHEMA_VERSION:
            raise missing(absent[0])

    def latest(self, *columns: str, first_day: int | None = None) -> ir.Table:
        """Columns of the last row of a node, project and day, from a day on.

        Only days that hold several rows of a project are searched for it: elsewhere each row is the last one. The
        columns are always named, since the table may hold more of them, in another order, than were declared.
        """
        import ibis

        rows = self._from(first_day)
        repeated = self.repeated(first_day)
        if not repeated:
            return rows.select(*columns)
        again = rows.filter(rows.snapshot_day.isin(repeated))
        by_day = ibis.window(
            group_by=["node_id", "project_key", "snapshot_day"], order_by=_newest_first(again, columns)
        )
        ranked = again.select(*columns, place=ibis.row_number().over(by_day))
        once = rows.filter(rows.snapshot_day.notin(repeated)).select(*columns)
        return ibis.union(once, ranked.filter(ranked.place == 0).select(*columns), distinct=False)

    @property
    def _sound(self) -> ir.Table:
        """All rows.

        Raises:
            HistoryError: the history holds rows that no snapshot wrote.
        """
        assert self.calendar is not None  # asked for once, it looks at every row
        return self._table

    def _from(self, first_day: int | None) -> ir.Table:
        """The rows from a day on; None for all."""
        rows = self._sound
        return rows if first_day is None else rows.filter(rows.snapshot_day >= first_day)

    def last_day(self) -> ir.Table:
        """The rows of each node's last day."""
        days = self.calendar.last_days
        if not days:
            return self._sound
        first_day = min(days.values())
        columns = ("node_id", "snapshot_day", "project_key", "flow_step", "days_in_step")
        rows = self.latest(*columns, first_day=first_day)
        return rows.filter(
            reduce(or_, ((rows.node_id == node) & (rows.snapshot_day == day) for node, day in days.items()))
        )

    def last_of_each(self, *columns: str) -> ir.Table:
        """Columns of the last row of each project, of those too that are gone."""
        import ibis

        table = self._sound
        last = table.group_by(of_node="node_id", of_project="project_key").agg(last_day=table.snapshot_day.max())
        rows = table.join(
            last,
            [
                table.node_id == last.of_node,
                table.project_key == last.of_project,
                table.snapshot_day == last.last_day,
            ],
        )
        # of each project the rows of one day: few, so that all are ranked
        by_project = ibis.window(group_by=["node_id", "project_key"], order_by=_newest_first(rows, columns))
        ranked = rows.select(*columns, place=ibis.row_number().over(by_project))
        return ranked.filter(ranked.place == 0).select(*columns)


def declared(name: str | tuple[str, ...], columns: Mapping[str, Type | None]) -> ir.Table:
    """The table with the columns that trends read.

    Raises:
        HistoryError: a key column is missing, or a column does not hold what it must.
    """
    import ibis

    wanted: dict[str, Type] = {**KEYS, **dict.fromkeys(TRACKED.values(), Type.TEXT)}
    for step in steps_of(columns):
        wanted |= {
            f"{step}{STARTED}": Type.INTEGER,
            f"{step}{FINISHED}": Type.INTEGER,
            f"{step}{STATUS}": Type.TEXT,
        }
    for column, kind in wanted.items():
        if column not in columns and column in KEYS:
            raise missing(column)
        if column in columns and columns[column] is not kind:
            word = {Type.INTEGER: "whole numbers", Type.TEXT: "texts"}[kind]
            raise HistoryError(
                f"the history's column {column} must hold {word}: it was altered; put its type back, or start a "
                "new history"
            )
    *places, table = (name,) if isinstance(name, str) else name
    declared = {column: _IBIS[kind] for column, kind in wanted.items() if column in columns}
    catalog, database = [None, None, *places][-2:]
    return ibis.table(declared, name=table, catalog=catalog, database=database)


def _newest_first(rows: ir.Table, columns: Sequence[str]) -> list[ir.Value]:
    """The order of the rows of one project and day: the last run first; where times are equal, the last write.

    Rows that agree in all of that were copied by hand. The columns that are asked for then decide, so that every
    engine takes the same row.
    """
    import ibis

    names = dict.fromkeys(("taken_s", "revision", "run_id", *columns))
    return [ibis.desc(rows[name], nulls_first=False) for name in names]


def _is_damaged(rows: ir.Table) -> ir.BooleanValue:
    """Whether a row lacks what every snapshot writes, or its day of delivery is no day."""
    day = rows.delivered_day
    is_day = day.between(FIRST_DAY, LAST_DAY) & (day % 10_000).between(101, 1231) & (day % 100).between(1, 31)
    blank = (rows[name].isnull() for name in ("project_key", "flow_step", "taken_s"))
    return reduce(or_, blank) | (rows.project_key == "") | (day.notnull() & ~is_day)


def _is_day(number: int | None) -> bool:
    """Whether a whole number reads as a day of the calendar."""
    if number is None or not FIRST_DAY <= number <= LAST_DAY:
        return False
    try:
        date(number // 10_000, number // 100 % 100, number % 100)
    except ValueError:
        return False
    return True
