"""The snapshots of a history as trends read them: the last row of a node, project and day, and which days there are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, reduce
from itertools import pairwise
from operator import or_
from typing import TYPE_CHECKING

from govern_mirror.history.columns import (
    FINISHED,
    KEYS,
    STARTED,
    STATUS,
    VALUE_COLUMNS,
    VALUES_DIGEST,
    HistoryError,
    TrackedField,
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
class SnapshotDays:
    """Which days a history holds, and how it was written.

    Attributes:
        days: the days (20260301) by node, in order.
        in_long_form: the days of each node of which the values of every run stand in long form.
    """

    days: Mapping[str, Sequence[int]]
    in_long_form: Mapping[str, Collection[int]] = field(default_factory=dict)

    @property
    def last_days(self) -> Mapping[str, int]:
        """The last day of each node."""
        return {node: days[-1] for node, days in self.days.items()}

    def first_needed(self, since: int) -> int:
        """The first day to read for changes since a day: of each node the last one before it, the earliest of them."""
        before = [max((day for day in days if day < since), default=since) for days in self.days.values()]
        return min(before, default=since)

    def compared_in_long_form(self) -> Mapping[str, Sequence[int]]:
        """The days of each node that are compared in long form with the day before: both stand there."""
        return {
            node: [day for before, day in pairwise(self.days[node]) if {before, day} <= set(days)]
            for node, days in self.in_long_form.items()
        }


class SnapshotTable:
    """The rows of a history's snapshots that count.

    The arguments are those of `Trends`, and `tracked`, the fields whose changes are told.

    Raises:
        HistoryError: a column that the trends need is not there, or holds something else.
    """

    def __init__(
        self,
        engine: Engine,
        name: str | tuple[str, ...],
        columns: Mapping[str, Type | None],
        *,
        tracked: Sequence[TrackedField],
        values: str | tuple[str, ...] | None = None,
        blank_texts: bool = False,
        node: str | None = None,
        projects: Collection[str] | None = None,
    ) -> None:
        self._engine = engine
        self._repeated: dict[int | None, Sequence[int]] = {}
        self.tracked = {
            field.column: field for field in tracked if field.column is not None and field.column in columns
        }
        self._table = _only(declared(name, columns, tracked), node, projects)
        self._values = None if values is None else _only(_table(values, VALUE_COLUMNS), node, projects)
        if blank_texts:
            self._table = _without_blanks(self._table, [*self.tracked, VALUES_DIGEST])
            self._values = None if self._values is None else _without_blanks(self._values, ["value"])

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that trends read."""
        return tuple(self._table.columns)

    @cached_property
    def snapshot_days(self) -> SnapshotDays:
        """The history's days; one query, answered with one row for each run.

        Raises:
            HistoryError: the history holds rows that no snapshot wrote.
        """
        import ibis

        rows = self._table
        runs = rows.group_by("node_id", "snapshot_day", "run_id", "taken_s").agg(
            damaged=ibis.ifelse(_is_damaged(rows), 1, 0).sum()
        )
        times: dict[str, dict[int, set[int]]] = {}
        for node, day, _, taken_s, damaged in self._engine.rows(runs):
            if damaged or not node or not _is_day(day):
                raise HistoryError(
                    f"the history holds rows that no snapshot wrote (node_id {clipped(node)}, snapshot_day "
                    f"{clipped(day)}): a project_key, flow_step, taken_s or day is missing or is none; delete these "
                    "rows, or start a new history"
                )
            times.setdefault(node, {}).setdefault(day, set()).add(taken_s)
        in_long_form = self._times_in_long_form()
        return SnapshotDays(
            {node: sorted(days) for node, days in times.items()},
            {
                node: {day for day, runs_of_day in days.items() if runs_of_day <= in_long_form.get(node, set())}
                for node, days in times.items()
            },
        )

    def _times_in_long_form(self) -> dict[str, set[int]]:
        """When each node's runs were whose values stand in long form; one query, with one row for each run."""
        times: dict[str, set[int]] = {}
        if self._values is not None:
            for node, taken_s in self._engine.rows(self._values.select("node_id", "taken_s").distinct()):
                times.setdefault(node, set()).add(taken_s)
        return times

    def values(self, first_day: int | None = None) -> ir.Table:
        """The values in long form, from a day on; only where `days` tells of some."""
        assert self._values is not None
        rows = self._values
        return rows if first_day is None else rows.filter(rows.snapshot_day >= first_day)

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
        assert self.snapshot_days is not None  # asked for once, it looks at every row
        return self._table

    def _from(self, first_day: int | None) -> ir.Table:
        """The rows from a day on; None for all."""
        rows = self._sound
        return rows if first_day is None else rows.filter(rows.snapshot_day >= first_day)

    def last_day(self) -> ir.Table:
        """The rows of each node's last day."""
        days = self.snapshot_days.last_days
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


def declared(
    name: str | tuple[str, ...], columns: Mapping[str, Type | None], tracked: Iterable[TrackedField]
) -> ir.Table:
    """The table with the columns that trends read; a field's column may be missing, since templates change.

    Raises:
        HistoryError: a column that every history has is missing, or a column does not hold what it must.
    """
    kinds: dict[str, Type] = {**KEYS, **{field.column: Type.TEXT for field in tracked if field.column}}
    kinds[VALUES_DIGEST] = Type.TEXT
    for step in steps_of(columns):
        kinds |= {
            f"{step}{STARTED}": Type.INTEGER,
            f"{step}{FINISHED}": Type.INTEGER,
            f"{step}{STATUS}": Type.TEXT,
        }
    for column, kind in kinds.items():
        if column not in columns and column in KEYS:
            raise missing(column)
        if column in columns and columns[column] is not kind:
            word = {Type.INTEGER: "whole numbers", Type.TEXT: "texts"}[kind]
            raise HistoryError(
                f"the history's column {column} must hold {word}: it was altered; put its type back, or start a "
                "new history"
            )
    return _table(name, {column: kind for column, kind in kinds.items() if column in columns})


def _table(name: str | tuple[str, ...], columns: Mapping[str, Type]) -> ir.Table:
    import ibis

    *places, table = (name,) if isinstance(name, str) else name
    catalog, database = [None, None, *places][-2:]
    types = {column: _IBIS[kind] for column, kind in columns.items()}
    return ibis.table(types, name=table, catalog=catalog, database=database)


def _only(table: ir.Table, node: str | None, projects: Collection[str] | None) -> ir.Table:
    if node is not None:
        table = table.filter(table.node_id == node)
    if projects is None:
        return table
    # no engine takes an empty list of values
    return table.filter(table.project_key.isin(sorted(projects) or [""]))


def _without_blanks(table: ir.Table, columns: Sequence[str]) -> ir.Table:
    """The table with null for each blank text, which tables that DSS writes may hold instead."""
    columns = [column for column in columns if column in table.columns]
    others = [column for column in table.columns if column not in columns]
    return table.select(*others, **{name: table[name].nullif("") for name in columns})


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
