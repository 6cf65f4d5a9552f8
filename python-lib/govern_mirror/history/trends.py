"""Trends over a history, each an expression that is written once, in Ibis, for every engine.

docs/reporting.md defines each with its formula. They read the last row of a node, project and day, compute with
whole numbers and texts only, and take percentiles by nearest rank, so that every engine gives the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timezone
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING, Any

from govern_mirror.history.columns import (
    FINISHED,
    SCHEMA_VERSION,
    STARTED,
    STATUS,
    TRACKED,
    HistoryError,
    missing,
    steps_of,
)
from govern_mirror.history.engine import Engine
from govern_mirror.history.table import Calendar, HistoryTable
from govern_mirror.model.blueprint import Blueprint, Role, Status
from govern_mirror.model.item import Governance
from govern_mirror.model.workflow import NOT_STARTED
from govern_mirror.report.columns import Type
from govern_mirror.report.past import COMPLETE
from govern_mirror.report.portfolio import UNDECIDED

if TYPE_CHECKING:
    import ibis.expr.types as ir

UNRATED = "unrated"
"""Where a project without a rating counts in the mix."""

_DAY_SECONDS = 86_400


class Trends:
    """The trends of one history table.

    Args:
        engine: where to compute.
        table: the table's name there; with its schema and catalog, innermost last, as a tuple.
        columns: the table's columns by name; None as the type of one that holds neither whole numbers nor texts.
        blank_texts: whether the table may hold a blank text for null, as tables that DSS writes do.
        since: the first day that counts; None for all. Of `age`, which tells the present, nothing is left out.
        blueprint: the template whose steps come first in results, in its order.
        node: only the rows of this node; None for all.

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
        blueprint: Blueprint,
        blank_texts: bool = False,
        node: str | None = None,
    ) -> None:
        self.engine = engine
        self._since = since
        self._texts: dict[str, str] = {}
        self._rows = HistoryTable(engine, table, columns, blank_texts=blank_texts, node=node)
        self.assessed = tuple(field.name for field in blueprint.assessed)
        decision = blueprint.roles.get(Role.DECISION)
        self._decision = decision.name if decision else None
        self.steps = tuple(dict.fromkeys((*blueprint.step_ids, *steps_of(columns))))

    @property
    def calendar(self) -> Calendar:
        """The history's days."""
        return self._rows.calendar

    def projects_on(self, day: int) -> dict[str, dict[str, str | None]]:
        """What the tracked fields of each project held after a day (20260301), by project key; of one node only."""
        fields = self._rows.tracked
        columns = ("project_key", "schema_version", *fields.values())
        rows = self._rows.latest("snapshot_day", *columns, first_day=day)
        found = {}
        for key, version, *values in self.engine.rows(rows.filter(rows.snapshot_day == day).select(*columns)):
            held = dict(zip(fields, values, strict=True))
            # what an older version may not have known, and left blank, nobody can compare with
            current = version == SCHEMA_VERSION
            found[key] = {field: value for field, value in held.items() if current or value is not None}
        return found

    # the expressions ---------------------------------------------------------------------------------------------

    @property
    def flow(self) -> ir.Table:
        """Projects by day and step: `day`, `step`, `projects`."""
        import ibis

        rows = self._rows.latest("snapshot_day", "flow_step", first_day=self._since_day)
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

        rows = self._rows.last_of_each("delivered_day").filter(ibis._.delivered_day.notnull())
        if self._since_day:
            rows = rows.filter(rows.delivered_day >= self._since_day)
        month = _text(rows.delivered_day, 0, 4) + "-" + _text(rows.delivered_day, 4, 2)
        return rows.select(month=month).group_by("month").agg(delivered=ibis._.count())

    @property
    def age(self) -> ir.Table:
        """Work in progress on each node's last day: `node_id`, `project_key`, `step`, `days` (null: not known)."""
        rows = self._rows.last_day().filter(lambda row: row.flow_step.notin([NOT_STARTED, COMPLETE]))
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
        if self._rows.tracked:
            found.append(self._changed_fields(rows))
        return ibis.union(*found, distinct=False)

    @property
    def mix(self) -> ir.Table:
        """Ratings and decisions by day: `day`, `field`, `rating`, `projects`."""
        import ibis

        fields = [field for field in self.assessed if field in self._rows.columns]
        rows, found = self._rows.latest("snapshot_day", *fields, first_day=self._since_day), []
        for field in fields:
            blank = UNDECIDED if field == self._decision else UNRATED
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

    @property
    def _since_day(self) -> int | None:
        return None if self._since is None else int(f"{self._since:%Y%m%d}")

    def _passes(self) -> ir.Table:
        """Each project's last pass through each step that it finished."""
        import ibis

        steps = steps_of(self._rows.columns)
        if not steps:
            raise missing(f"{self.steps[0]}{STARTED}")
        times = {step: (f"{step}{STARTED}", f"{step}{FINISHED}", f"{step}{STATUS}") for step in steps}
        rows = self._rows.last_of_each(*(column for three in times.values() for column in three))
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
        fields = list(dict.fromkeys(self._rows.tracked.values()))
        rows = self._rows.latest(
            "node_id", "project_key", "snapshot_day", "schema_version", *fields, first_day=first_day
        )
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
            reduce(or_, (~pairs[column].identical_to(pairs[_before(column)]) for column in self._rows.tracked.values()))
        )
        tracked = self._rows.tracked
        fields = ibis.array(list(tracked)).unnest().name("field").as_table()
        each = pairs.cross_join(fields)

        def of_field(column_of: Callable[[str], str]) -> ir.Value:
            return ibis.cases(
                *((each.field == field, each[column_of(name)]) for field, name in self._rows.tracked.items())
            )

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
        "mix": lambda row: (row["day"], trends.assessed.index(row["field"]), row["rating"]),
    }
    return sorted(found, key=orders[name])


def _before(column: str) -> str:
    return f"before_{column}"


def _change(rows: ir.Table, field: ir.Value, before: ir.Value, after: ir.Value, day: ir.Value) -> ir.Table:
    told = {"field": field, "from": before, "to": after, "day": _iso_day(day)}
    return rows.select("node_id", "project_key", **told)


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
