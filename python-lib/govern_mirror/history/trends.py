"""Trends over a history, each an expression that is written once, in Ibis, for every engine.

docs/reporting.md defines each with its formula. They read the last row of a node, project and day, compute with
whole numbers and texts only, and take percentiles by nearest rank, so that every engine gives the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timezone
from functools import cached_property, reduce
from operator import and_, or_
from typing import TYPE_CHECKING, Any

from govern_mirror.blueprint import STANDARD, Blueprint, Status
from govern_mirror.history.columns import (
    COMPLETE,
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
from govern_mirror.project import Governance
from govern_mirror.qualification import DIMENSIONS
from govern_mirror.report.columns import Type
from govern_mirror.report.portfolio import NOT_STARTED, UNDECIDED

if TYPE_CHECKING:
    import ibis.expr.types as ir

UNRATED = "unrated"
"""Where a project without a rating counts in the mix."""

_IBIS = {Type.INTEGER: "int64", Type.TEXT: "string"}
_DAY_SECONDS = 86_400


@dataclass(frozen=True)
class Calendar:
    """Which days a history holds, and how it was written.

    Attributes:
        days: the days (20260301) by node, in order.
        repeated: the days on which a node took more than one snapshot.
        version: the newest schema version among the rows; 0 for an empty history.
    """

    days: Mapping[str, Sequence[int]]
    repeated: Sequence[int]
    version: int

    @property
    def last_days(self) -> Mapping[str, int]:
        """The last day of each node."""
        return {node: days[-1] for node, days in self.days.items()}

    def first_needed(self, since: int) -> int:
        """The first day to read for changes since a day: of each node the last one before it, the earliest of them."""
        before = [max((day for day in days if day < since), default=since) for days in self.days.values()]
        return min(before, default=since)


class Trends:
    """The trends of one history table.

    Args:
        engine: where to compute.
        table: the table's name there; with its schema and catalog, innermost last, as a tuple.
        columns: the table's columns by name; None as the type of one that holds neither whole numbers nor texts.
        blank_texts: whether the table may hold a blank text for null, as tables that DSS writes do.
        since: the first day that counts; None for all. Of `age`, which tells the present, nothing is left out.
        blueprint: the template whose steps come first in results, in its order.

    Raises:
        HistoryError: a column that the trends need is not there, or holds something else.
    """

    def __init__(
        self,
        engine: Engine,
        table: str | tuple[str, ...],
        columns: Mapping[str, Type | None],
        *,
        since: date | None = None,
        blueprint: Blueprint = STANDARD,
        blank_texts: bool = False,
    ) -> None:
        self.engine = engine
        self._columns = columns
        self._since = since
        self._texts: dict[str, str] = {}
        self.steps = tuple(dict.fromkeys((*blueprint.step_ids, *steps_of(columns))))
        self._table = declared(table, columns)
        if blank_texts:
            tracked = self._tracked.values()
            kept = [column for column in self._table.columns if column not in tracked]
            self._table = self._table.select(*kept, **{name: self._table[name].nullif("") for name in tracked})
        self._require_whole()

    # the expressions ---------------------------------------------------------------------------------------------

    @property
    def flow(self) -> ir.Table:
        """Projects by day and step: `day`, `step`, `projects`."""
        import ibis

        rows = self._latest("snapshot_day", "flow_step", first_day=self._since_day)
        rows = rows.group_by("snapshot_day", "flow_step").agg(projects=ibis._.count())
        return rows.select(day=_iso_day(rows.snapshot_day), step=rows.flow_step, projects=rows.projects)

    @property
    def cycle_time(self) -> ir.Table:
        """Days that a step takes: `step`, `finished` (projects), `median_days`, `p85_days`."""
        import ibis

        timed = self._passes()
        ranked = timed.mutate(
            rank=ibis.row_number().over(group_by="step", order_by="seconds") + 1,
            passes=timed.count().over(group_by="step"),
        )

        def at(percent: int) -> ir.Value:
            # the smallest rank that is not below percent of all: no engine rounds a whole number
            rank, passes = ranked["rank"], ranked["passes"]
            return (rank * 100 >= passes * percent) & ((rank - 1) * 100 < passes * percent)

        rows = ranked.group_by("step").agg(
            finished=ranked.count(),
            median_s=ibis.ifelse(at(50), ranked.seconds, ibis.null("int64")).max(),
            p85_s=ibis.ifelse(at(85), ranked.seconds, ibis.null("int64")).max(),
        )
        return rows.select("step", "finished", median_days=_days(rows.median_s), p85_days=_days(rows.p85_s))

    @property
    def throughput(self) -> ir.Table:
        """Projects delivered a month: `month`, `delivered`."""
        import ibis

        rows = self._last_rows("delivered_day").filter(ibis._.delivered_day.notnull())
        if self._since_day:
            rows = rows.filter(rows.delivered_day >= self._since_day)
        month = _text(rows.delivered_day, 0, 4) + "-" + _text(rows.delivered_day, 4, 2)
        return rows.select(month=month).group_by("month").agg(delivered=ibis._.count())

    @property
    def age(self) -> ir.Table:
        """Work in progress on each node's last day: `node_id`, `project_key`, `step`, `days` (null: not known)."""
        rows = self._last_day().filter(lambda row: row.flow_step.notin([NOT_STARTED, COMPLETE]))
        return rows.select("node_id", "project_key", step=rows.flow_step, days=rows.days_in_step)

    @property
    def changes(self) -> ir.Table:
        """Differences from a node's snapshot to its next: `node_id`, `project_key`, `field`, `from`, `to`, `day`.

        A project that is new or gone is a change of `state`, and no other field of it is compared that day.
        """
        import ibis

        rows = self._with_neighbours()
        first_seen = rows.filter((rows.before_day != rows.previous_day) | rows.before_day.isnull())
        first_seen = first_seen.filter(first_seen.previous_day.notnull() & self._counts(first_seen.snapshot_day))
        gone = rows.filter((rows.after_day != rows.next_day) | rows.after_day.isnull())
        gone = gone.filter(gone.next_day.notnull() & self._counts(gone.next_day))
        blank, governed = ibis.null("string"), ibis.literal(Governance.GOVERNED.value)
        found = [
            _change(first_seen, ibis.literal("state"), blank, governed, first_seen.snapshot_day),
            _change(gone, ibis.literal("state"), governed, blank, gone.next_day),
        ]
        if self._tracked:
            found.append(self._changed_fields(rows))
        return ibis.union(*found, distinct=False)

    @property
    def mix(self) -> ir.Table:
        """Ratings and decisions by day: `day`, `field`, `rating`, `projects`."""
        import ibis

        fields = [field for field in (*DIMENSIONS, "decision") if field in self._table.columns]
        rows, found = self._latest("snapshot_day", *fields, first_day=self._since_day), []
        for field in fields:
            blank = UNDECIDED if field == "decision" else UNRATED
            counted = rows.group_by("snapshot_day", rating=rows[field]).agg(projects=ibis._.count())
            named = {"field": ibis.literal(field), "rating": counted.rating.fill_null(blank)}
            found.append(counted.select("snapshot_day", "projects", **named))
        if not found:
            raise HistoryError("the history holds neither ratings nor decisions")
        counts = ibis.union(*found, distinct=False) if len(found) > 1 else found[0]
        return counts.select(
            day=_iso_day(counts.snapshot_day), field=counts.field, rating=counts.rating, projects=counts.projects
        )

    def sql(self, name: str) -> str:
        """A trend as one SELECT in the engine's dialect; made once."""
        if name not in self._texts:
            self._texts[name] = self.engine.sql(getattr(self, name))
        return self._texts[name]

    # reading -----------------------------------------------------------------------------------------------------

    @cached_property
    def calendar(self) -> Calendar:
        """The history's days; one query, answered with a row a run."""
        rows = self._table
        runs = rows.group_by("node_id", "snapshot_day", "run_id").agg(version=rows.schema_version.max())
        days: dict[str, set[int]] = {}
        repeated, version = set(), 0
        for node, day, _, written in self.engine.rows(runs):
            known = days.setdefault(node, set())
            if day in known:
                repeated.add(day)
            known.add(day)
            version = max(version, written or 0)
        return Calendar({node: sorted(found) for node, found in days.items()}, sorted(repeated), version)

    @property
    def _since_day(self) -> int | None:
        return None if self._since is None else int(f"{self._since:%Y%m%d}")

    @property
    def _tracked(self) -> dict[str, str]:
        """The tracked fields that this history knows: one of an older version may know less."""
        return {field: column for field, column in TRACKED.items() if column in self._table.columns}

    def _require_whole(self) -> None:
        """Raise HistoryError when a column is missing that the version which wrote the history had."""
        absent = [column for column in TRACKED.values() if column not in self._columns]
        if absent and self.calendar.version >= SCHEMA_VERSION:
            raise missing(absent[0])

    def _latest(self, *columns: str, first_day: int | None = None) -> ir.Table:
        """Columns of the last row of a node, project and day, from a day on.

        Only days with several runs are searched for it: elsewhere each row is the last one. The columns are always
        named, since the table may hold more of them, in another order, than were declared.
        """
        import ibis

        rows = self._table
        if first_day is not None:
            rows = rows.filter(rows.snapshot_day >= first_day)
        repeated = [day for day in self.calendar.repeated if first_day is None or day >= first_day]
        if not repeated:
            return rows.select(*columns)
        again = rows.filter(rows.snapshot_day.isin(repeated))
        by_day = ibis.window(group_by=["node_id", "project_key", "snapshot_day"], order_by=_newest_first())
        ranked = again.select(*columns, place=ibis.row_number().over(by_day))
        once = rows.filter(rows.snapshot_day.notin(repeated)).select(*columns)
        return ibis.union(once, ranked.filter(ranked.place == 0).select(*columns), distinct=False)

    def _last_day(self) -> ir.Table:
        """The rows of each node's last day."""
        days = self.calendar.last_days
        if not days:
            return self._table
        first_day = min(days.values())
        columns = ("node_id", "snapshot_day", "project_key", "flow_step", "days_in_step")
        rows = self._latest(*columns, first_day=first_day)
        return rows.filter(
            reduce(or_, ((rows.node_id == node) & (rows.snapshot_day == day) for node, day in days.items()))
        )

    def _last_rows(self, *columns: str) -> ir.Table:
        """Columns of the last row of each project, of those too that are gone."""
        import ibis

        table = self._table
        last = table.group_by(of_node="node_id", of_project="project_key").agg(last_day=table.snapshot_day.max())
        rows = table.join(
            last,
            [
                table.node_id == last.of_node,
                table.project_key == last.of_project,
                table.snapshot_day == last.last_day,
            ],
        )
        if not self.calendar.repeated:
            return rows.select(*columns)
        by_project = ibis.window(group_by=["node_id", "project_key"], order_by=_newest_first())
        ranked = rows.select(*columns, place=ibis.row_number().over(by_project))
        return ranked.filter(ranked.place == 0).select(*columns)

    def _passes(self) -> ir.Table:
        """Each project's last pass through each step that it finished."""
        import ibis

        steps = steps_of(self._table.columns)
        if not steps:
            raise missing(f"{STANDARD.step_ids[0]}{STARTED}")
        times = {step: (f"{step}{STARTED}", f"{step}{FINISHED}", f"{step}{STATUS}") for step in steps}
        rows = self._last_rows(*(column for three in times.values() for column in three))
        found = []
        for step, three in times.items():
            started, finished, status = (rows[column] for column in three)
            tests = [status == Status.FINISHED.value, started.notnull(), finished.notnull()]
            if self._since:
                tests.append(finished >= _seconds_of(self._since))
            seconds = ibis.greatest(finished - started, ibis.literal(0, "int64"))
            found.append(rows.filter(reduce(and_, tests)).select(step=ibis.literal(step), seconds=seconds))
        return ibis.union(*found, distinct=False) if len(found) > 1 else found[0]

    def _with_neighbours(self) -> ir.Table:
        """Rows with the project's rows before and after, and the node's snapshot days before and after."""
        import ibis

        since = self._since_day
        first_day = None if since is None else self.calendar.first_needed(since)
        fields = list(dict.fromkeys(self._tracked.values()))
        rows = self._latest("node_id", "project_key", "snapshot_day", "schema_version", *fields, first_day=first_day)
        days = rows.select("node_id", "snapshot_day").distinct()
        by_node = ibis.window(group_by="node_id", order_by="snapshot_day")
        days = days.mutate(
            previous_day=days.snapshot_day.lag().over(by_node), next_day=days.snapshot_day.lead().over(by_node)
        )
        by_project = ibis.window(group_by=["node_id", "project_key"], order_by="snapshot_day")
        rows = rows.mutate(
            before_day=rows.snapshot_day.lag().over(by_project),
            after_day=rows.snapshot_day.lead().over(by_project),
            before_version=rows.schema_version.lag().over(by_project),
            **{_before(column): rows[column].lag().over(by_project) for column in fields},
        )
        days = days.rename(of_node="node_id", on_day="snapshot_day")
        return rows.join(days, [rows.node_id == days.of_node, rows.snapshot_day == days.on_day])

    def _changed_fields(self, rows: ir.Table) -> ir.Table:
        """A row for each tracked field that differs from the project's row at the node's previous snapshot."""
        import ibis

        pairs = rows.filter((rows.before_day == rows.previous_day) & self._counts(rows.snapshot_day))
        # most rows differ in nothing: they are left out before the others are multiplied by the fields
        pairs = pairs.filter(
            reduce(or_, (~pairs[column].identical_to(pairs[_before(column)]) for column in self._tracked.values()))
        )
        fields = ibis.array(list(self._tracked)).unnest().name("field").as_table()
        each = pairs.cross_join(fields)

        def of_field(column_of: Callable[[str], str]) -> ir.Value:
            return ibis.cases(*((each.field == field, each[column_of(name)]) for field, name in self._tracked.items()))

        told = each.select(
            "node_id",
            "project_key",
            "field",
            "snapshot_day",
            before=of_field(_before),
            after=of_field(str),
            # what an older version may not have known, and left blank, did not change
            same_version=each.before_version == each.schema_version,
        )
        told = told.filter(~told.after.identical_to(told.before) & (told.same_version | told.before.notnull()))
        return _change(told, told.field, told.before, told.after, told.snapshot_day)

    def _counts(self, day: ir.IntegerColumn) -> ir.BooleanValue:
        import ibis

        return ibis.literal(True) if self._since_day is None else day >= self._since_day


COLUMNS: Mapping[str, tuple[tuple[str, Type], ...]] = {
    "flow": (("day", Type.TEXT), ("step", Type.TEXT), ("projects", Type.INTEGER)),
    "cycle_time": (
        ("step", Type.TEXT),
        ("finished", Type.INTEGER),
        ("median_days", Type.NUMBER),
        ("p85_days", Type.NUMBER),
    ),
    "throughput": (("month", Type.TEXT), ("delivered", Type.INTEGER)),
    "age": (("node_id", Type.TEXT), ("project_key", Type.TEXT), ("step", Type.TEXT), ("days", Type.INTEGER)),
    "changes": (
        ("node_id", Type.TEXT),
        ("project_key", Type.TEXT),
        ("field", Type.TEXT),
        ("from", Type.TEXT),
        ("to", Type.TEXT),
        ("day", Type.TEXT),
    ),
    "mix": (("day", Type.TEXT), ("field", Type.TEXT), ("rating", Type.TEXT), ("projects", Type.INTEGER)),
}
"""The trends by the names that `Trends` gives them, and their columns."""


def fetch(trends: Trends, name: str) -> list[dict[str, Any]]:
    """Compute a trend and put its rows in order; here, since databases do not agree on the order of texts.

    flow by day, cycle times by step, throughput by month, age with the oldest first and the unknown last, changes by
    day, project and field, mix by day and field.
    """
    columns = [column for column, _ in COLUMNS[name]]
    found = [dict(zip(columns, row, strict=True)) for row in trends.engine.run(trends.sql(name))]
    steps = {step: place for place, step in enumerate((NOT_STARTED, *trends.steps, COMPLETE))}
    fields = {field: place for place, field in enumerate(("state", *TRACKED))}
    orders: dict[str, Callable[[dict[str, Any]], tuple[Any, ...]]] = {
        "flow": lambda row: (row["day"], steps.get(row["step"], len(steps)), row["step"]),
        "cycle_time": lambda row: (steps[row["step"]],),
        "throughput": lambda row: (row["month"],),
        "age": lambda row: (row["days"] is None, -(row["days"] or 0), row["project_key"], row["node_id"]),
        "changes": lambda row: (row["day"], row["project_key"], row["node_id"], fields[row["field"]]),
        "mix": lambda row: (row["day"], (*DIMENSIONS, "decision").index(row["field"]), row["rating"]),
    }
    return sorted(found, key=orders[name])


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
    *database, table = (name,) if isinstance(name, str) else name
    declared = {column: _IBIS[kind] for column, kind in wanted.items() if column in columns}
    place = tuple(database) if len(database) > 1 else "".join(database) or None
    return ibis.table(declared, name=table, database=place)


def _before(column: str) -> str:
    return f"before_{column}"


def _change(rows: ir.Table, field: ir.Value, before: ir.Value, after: ir.Value, day: ir.Value) -> ir.Table:
    told = {"field": field, "from": before, "to": after, "day": _iso_day(day)}
    return rows.select("node_id", "project_key", **told)


def _newest_first() -> list[ir.Value]:
    """The order of the rows of one project and day: the last run first; where times are equal, the last write."""
    import ibis

    return [ibis.desc("taken_s"), ibis.desc("revision"), ibis.desc("run_id")]


def _text(number: ir.Value, start: int, length: int) -> ir.StringValue:
    """Digits of a whole number, from a position on."""
    return number.cast("string").substr(start, length)


def _iso_day(day: ir.Value) -> ir.StringValue:
    """20260301 as 2026-03-01."""
    return _text(day, 0, 4) + "-" + _text(day, 4, 2) + "-" + _text(day, 6, 2)


def _days(seconds: ir.Value) -> ir.Value:
    """Seconds as days, to two decimals, half up; computed with whole numbers, which no engine rounds."""
    return ((seconds * 100 + _DAY_SECONDS // 2) // _DAY_SECONDS).cast("float64") / 100


def _seconds_of(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=timezone.utc).timestamp())
