"""Trends over a history, each an expression that is written once, in Ibis, for every engine.

docs/reporting.md defines each with its formula. They read the last row of a node, project and day, compute with
whole numbers and texts only, and take percentiles by nearest rank, so that every engine gives the same rows.

As JSON (`trends_json`) they are a contract for tools. `FORMAT_VERSION` history: 1, the first.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, timezone
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING, Any

from govern_mirror.history.columns import (
    FINISHED,
    STARTED,
    STATUS,
    VALUES_DIGEST,
    TrackedField,
    missing,
    steps_of,
    tracked_fields,
)
from govern_mirror.history.engine import Engine
from govern_mirror.history.snapshots import SnapshotDays, SnapshotTable
from govern_mirror.model.blueprint import Blueprint, Role, Status
from govern_mirror.model.item import Governance
from govern_mirror.model.workflow import CLOSED, COMPLETE, NOT_STARTED, stages
from govern_mirror.report.columns import Type
from govern_mirror.report.portfolio import UNDECIDED
from govern_mirror.report.trends_view import STATE

if TYPE_CHECKING:
    import ibis.expr.types as ir

UNRATED = "unrated"
"""Where a project without a rating counts in the mix."""

FORMAT_VERSION = 1
"""Of the JSON."""

_DAY_SECONDS = 86_400


class Trends:
    """The trends of one history table.

    Args:
        engine: where to compute.
        table: the table's name there; with its schema and catalog, innermost last, as a tuple.
        columns: the table's columns by name; None as the type of one that holds neither whole numbers nor texts.
        blank_texts: whether the table may hold a blank text for null, as tables that DSS writes do.
        since: the first day that counts; None for all. Of `work_in_progress_age` nothing is left out.
        blueprint: the template whose fields are compared, and whose steps come first in results, in its order.
        values: the name of the table that holds the values in long form; None where there is none.
        node: only the rows of this node; None for all.
        projects: only the rows of these projects, by key; None for all.

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
        values: str | tuple[str, ...] | None = None,
        blank_texts: bool = False,
        node: str | None = None,
        projects: Collection[str] | None = None,
    ) -> None:
        self.engine = engine
        self._since = since
        self._texts: dict[str, str] = {}
        self.tracked: tuple[TrackedField, ...] = tracked_fields(blueprint)
        self._snapshots = SnapshotTable(
            engine,
            table,
            columns,
            tracked=self.tracked,
            values=values,
            blank_texts=blank_texts,
            node=node,
            projects=projects,
        )
        decision = blueprint.roles.get(Role.DECISION)
        others = (field for field in blueprint.rated if field.is_listed)
        # the name of the decision, of which a blank has a word of its own
        self._decision = decision.name if decision else None
        self.assessed = tuple(dict.fromkeys(field.name for field in (*blueprint.assessed, *others)))
        self.steps = tuple(dict.fromkeys((*blueprint.step_ids, *steps_of(columns))))
        names = stages(blueprint)
        self.stages = tuple(dict.fromkeys((NOT_STARTED, *self.steps, *names)))

    @property
    def snapshot_days(self) -> SnapshotDays:
        """The history's days."""
        return self._snapshots.snapshot_days

    def last_count(self) -> tuple[int, datetime] | None:
        """How many projects the last snapshot holds, and when it was taken; of one node only. None of no snapshot."""
        import ibis

        last = max(self.snapshot_days.last_days.values(), default=None)
        if last is None:
            return None
        rows = self._snapshots.latest("snapshot_day", "taken_s", first_day=last)
        totals = rows.agg(projects=ibis._.count(), taken_s=rows.taken_s.max())
        ((projects, taken_s),) = self.engine.rows(totals)
        return int(projects), datetime.fromtimestamp(int(taken_s), timezone.utc)

    def projects_on(self, day: int) -> dict[str, dict[str, str | None]]:
        """What the tracked fields of each project held after a day (20260301), by project key; of one node only.

        A field that nobody knew that day is missing.
        """
        if any(day in days for days in self.snapshot_days.in_long_form.values()):
            return self._projects_in_long_form(day)
        columns = self._snapshots.tracked
        rows = self._snapshots.latest("snapshot_day", "project_key", "schema_version", *columns, first_day=day)
        rows = rows.filter(rows.snapshot_day == day).select("project_key", "schema_version", *columns)
        projects = {}
        for key, version, *values in self.engine.rows(rows):
            # what an older version may not have known, and left blank, nobody can compare with
            projects[key] = {
                field.name: value
                for field, value in zip(columns.values(), values, strict=True)
                if value is not None or (version or 0) >= field.version
            }
        return projects

    def _projects_in_long_form(self, day: int) -> dict[str, dict[str, str | None]]:
        rows = self._snapshots.latest("snapshot_day", "node_id", "project_key", "taken_s", first_day=day)
        rows = rows.filter(rows.snapshot_day == day)
        values = self._snapshots.values(day).filter(lambda row: row.snapshot_day == day)
        same = [rows[column] == values[column] for column in ("node_id", "project_key", "taken_s")]
        cells = rows.join(values, same).select(rows.project_key, values.field, values.value)
        # rows that were copied count once
        cells = cells.group_by("project_key", "field").agg(value=cells.value.max())
        projects: dict[str, dict[str, str | None]] = {}
        for key, field, value in self.engine.rows(cells.select("project_key", "field", "value")):
            projects.setdefault(key, {})[field] = value
        return projects

    # the expressions ---------------------------------------------------------------------------------------------

    @property
    def flow(self) -> ir.Table:
        """Projects by day and stage: `day`, `step`, `projects`."""
        import ibis

        rows = self._snapshots.latest("snapshot_day", "flow_step", first_day=self._since_day)
        rows = rows.group_by("snapshot_day", "flow_step").agg(projects=ibis._.count())
        return rows.select(day=_iso_day(rows.snapshot_day), step=rows.flow_step, projects=rows.projects)

    @property
    def cycle_time(self) -> ir.Table:
        """Days that a step takes: `step`, `finished` (projects), `median_days`, `p85_days`."""
        import ibis

        timed = self._step_durations()
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

        rows = self._snapshots.last_of_each("delivered_day").filter(ibis._.delivered_day.notnull())
        if self._since_day:
            rows = rows.filter(rows.delivered_day >= self._since_day)
        month = _text(rows.delivered_day, 0, 4) + "-" + _text(rows.delivered_day, 4, 2)
        return rows.select(month=month).group_by("month").agg(delivered=ibis._.count())

    @property
    def work_in_progress_age(self) -> ir.Table:
        """Work in progress on each node's last day: `node_id`, `project_key`, `step`, `days` (null: not known)."""
        rows = self._snapshots.last_day().filter(lambda row: row.flow_step.notin([NOT_STARTED, COMPLETE, CLOSED]))
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
        last_seen = rows.filter((rows.after_day != rows.next_day) | rows.after_day.isnull())
        last_seen = last_seen.filter(last_seen.next_day.notnull() & self._counts(last_seen.next_day))
        blank, governed = ibis.null("string"), ibis.literal(Governance.GOVERNED.value)
        pairs = rows.filter((rows.before_day == rows.previous_day) & self._counts(rows.snapshot_day))
        return ibis.union(
            _change(first_seen, ibis.literal(STATE), blank, governed, first_seen.snapshot_day),
            _change(last_seen, ibis.literal(STATE), governed, blank, last_seen.next_day),
            *self._changed_fields(pairs),
            distinct=False,
        )

    @property
    def rating_distribution(self) -> ir.Table:
        """Ratings and decisions by day: `day`, `field`, `rating`, `projects`."""
        import ibis

        fields = [field for field in self.assessed if field in self._snapshots.columns]
        rows, counts_by_field = self._snapshots.latest("snapshot_day", *fields, first_day=self._since_day), []
        for field in fields:
            blank = UNDECIDED if field == self._decision else UNRATED
            totals = rows.group_by("snapshot_day", rating=rows[field]).agg(projects=ibis._.count())
            rating = totals.rating.fill_null(blank)
            counts_by_field.append(totals.select("snapshot_day", "projects", field=ibis.literal(field), rating=rating))
        if not counts_by_field:
            totals = rows.group_by("snapshot_day").agg(projects=ibis._.count()).filter(ibis.literal(False))
            blank = ibis.null("string")
            counts_by_field = [totals.select("snapshot_day", "projects", field=blank, rating=blank)]
        counts = _union(counts_by_field)
        return counts.select(
            day=_iso_day(counts.snapshot_day), field=counts.field, rating=counts.rating, projects=counts.projects
        )

    def sql(self, name: str) -> str:
        """A trend as one SELECT in the engine's dialect; made once."""
        if name not in self._texts:
            self._texts[name] = self.engine.sql(getattr(self, _EXPRESSIONS.get(name, name)))
        return self._texts[name]

    @property
    def _since_day(self) -> int | None:
        return None if self._since is None else int(f"{self._since:%Y%m%d}")

    def _step_durations(self) -> ir.Table:
        """Each project's last pass through each step that it finished."""
        import ibis

        steps = steps_of(self._snapshots.columns)
        if not steps:
            raise missing(f"{self.steps[0]}{STARTED}")
        times = {step: (f"{step}{STARTED}", f"{step}{FINISHED}", f"{step}{STATUS}") for step in steps}
        rows = self._snapshots.last_of_each(*(column for three in times.values() for column in three))
        durations = []
        for step, three in times.items():
            started, finished, status = (rows[column] for column in three)
            tests = [status == Status.FINISHED.value, started.notnull(), finished.notnull()]
            if self._since:
                tests.append(finished >= _seconds_of(self._since))
            seconds = ibis.greatest(finished - started, ibis.literal(0, "int64"))
            durations.append(rows.filter(reduce(and_, tests)).select(step=ibis.literal(step), seconds=seconds))
        return _union(durations)

    def _with_neighbours(self) -> ir.Table:
        """Rows with the project's rows before and after, and the node's snapshot days before and after."""
        import ibis

        first_day = self._first_compared
        fields = list(self._snapshots.tracked)
        columns = ["schema_version", "taken_s", *fields]
        if VALUES_DIGEST in self._snapshots.columns:
            columns.append(VALUES_DIGEST)
        rows = self._snapshots.latest("node_id", "project_key", "snapshot_day", *columns, first_day=first_day)
        days = rows.select("node_id", "snapshot_day").distinct()
        by_node = ibis.window(group_by="node_id", order_by="snapshot_day")
        days = days.mutate(
            previous_day=days.snapshot_day.lag().over(by_node), next_day=days.snapshot_day.lead().over(by_node)
        )
        by_project = ibis.window(group_by=["node_id", "project_key"], order_by="snapshot_day")
        rows = rows.mutate(
            before_day=rows.snapshot_day.lag().over(by_project),
            after_day=rows.snapshot_day.lead().over(by_project),
            **{_before(column): rows[column].lag().over(by_project) for column in columns},
        )
        days = days.rename(of_node="node_id", on_day="snapshot_day")
        return rows.join(days, [rows.node_id == days.of_node, rows.snapshot_day == days.on_day])

    @property
    def _first_compared(self) -> int | None:
        return None if self._since_day is None else self.snapshot_days.first_needed(self._since_day)

    def _changed_fields(self, pairs: ir.Table) -> list[ir.Table]:
        """The changed fields of rows and those before them: in long form where both stand there, else by column."""
        in_long_form = self.snapshot_days.compared_in_long_form()
        since = self._since_day or 0
        tests, by_column = [], False
        for node, days in self.snapshot_days.days.items():
            later_days = {day for day in days[1:] if day >= since}
            in_both = later_days.intersection(in_long_form[node])
            by_column |= in_both != later_days
            if in_both:
                tests.append((pairs.node_id == node) & pairs.snapshot_day.isin(sorted(in_both)))
        if not tests:
            return [self._changed_columns(pairs)]
        if not by_column:
            return [self._changed_values(pairs)]
        test = reduce(or_, tests)
        return [self._changed_columns(pairs.filter(~test)), self._changed_values(pairs.filter(test))]

    def _changed_values(self, pairs: ir.Table) -> ir.Table:
        """A row for each field whose value in long form differs from the one at the node's previous snapshot.

        A field that only one of the two templates has did not change.
        """
        import ibis

        if VALUES_DIGEST in self._snapshots.columns:
            # most rows differ in nothing, and need no look at their values
            pairs = pairs.filter(
                pairs[VALUES_DIGEST].isnull() | ~pairs[VALUES_DIGEST].identical_to(pairs[_before(VALUES_DIGEST)])
            )
        values = self._snapshots.values(self._first_compared)
        sides = []
        for is_after, taken_s in ((1, pairs.taken_s), (0, pairs[_before("taken_s")])):
            same = [pairs.node_id == values.node_id, pairs.project_key == values.project_key, taken_s == values.taken_s]
            side = pairs.join(values, same)
            # which side it is, as a number: no engine then mistakes a blank value for a missing one
            sides.append(
                side.select(
                    pairs.node_id,
                    pairs.project_key,
                    pairs.snapshot_day,
                    values.field,
                    value=values.value,
                    is_after=ibis.literal(is_after),
                )
            )
        both = ibis.union(*sides, distinct=False)
        blank = ibis.null("string")
        # the largest value: rows that were copied count once
        both = both.group_by("node_id", "project_key", "snapshot_day", "field").agg(
            before=ibis.ifelse(both.is_after == 0, both.value, blank).max(),
            after=ibis.ifelse(both.is_after == 1, both.value, blank).max(),
            first=both.is_after.min(),
            last=both.is_after.max(),
        )
        both = both.filter((both["first"] == 0) & (both["last"] == 1) & ~both.after.identical_to(both.before))
        return _change(both, both.field, both.before, both.after, both.snapshot_day)

    def _changed_columns(self, pairs: ir.Table) -> ir.Table:
        """A row for each tracked column that differs from the project's row at the node's previous snapshot."""
        import ibis

        tracked = self._snapshots.tracked
        # most rows differ in nothing: they are left out before the others are multiplied by the fields
        pairs = pairs.filter(reduce(or_, (~pairs[column].identical_to(pairs[_before(column)]) for column in tracked)))
        names = ibis.array([field.name for field in tracked.values()]).unnest().name("field").as_table()
        multiplied = pairs.cross_join(names)

        def of_field(value_of: Callable[[str, TrackedField], ir.Value]) -> ir.Value:
            return ibis.cases(
                *((multiplied.field == field.name, value_of(column, field)) for column, field in tracked.items())
            )

        changes = multiplied.select(
            "node_id",
            "project_key",
            "field",
            "snapshot_day",
            before=of_field(lambda column, _: multiplied[_before(column)]),
            after=of_field(lambda column, _: multiplied[column]),
            # what an older version may not have known, and left blank, did not change
            was_known=(multiplied.before_schema_version == multiplied.schema_version)
            | of_field(lambda _, field: multiplied.before_schema_version >= field.version),
        )
        changes = changes.filter(
            ~changes.after.identical_to(changes.before) & (changes.was_known | changes.before.notnull())
        )
        return _change(changes, changes.field, changes.before, changes.after, changes.snapshot_day)

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
"""The trends by the names that outputs and JSON have for them, and their columns."""

_EXPRESSIONS = {"age": "work_in_progress_age", "mix": "rating_distribution"}
"""The expressions of `Trends` that have another name than the outputs and the JSON."""


def fetch(trends: Trends, name: str) -> list[dict[str, Any]]:
    """Compute a trend and put its rows in order; here, since databases do not agree on the order of texts.

    flow by day, cycle times by step, throughput by month, age with the oldest first and the unknown last, changes by
    day, project and field, mix by day and field.
    """
    columns = [column for column, _ in COLUMNS[name]]
    rows = [dict(zip(columns, row, strict=True)) for row in trends.engine.run(trends.sql(name))]
    steps = {step: place for place, step in enumerate(trends.stages)}
    fields = {name: place for place, name in enumerate((STATE, *(field.name for field in trends.tracked)))}
    orders: dict[str, Callable[[dict[str, Any]], tuple[Any, ...]]] = {
        "flow": lambda row: (row["day"], steps.get(row["step"], len(steps)), row["step"]),
        "cycle_time": lambda row: (steps[row["step"]],),
        "throughput": lambda row: (row["month"],),
        "age": lambda row: (row["days"] is None, -(row["days"] or 0), row["project_key"], row["node_id"]),
        "changes": lambda row: (
            row["day"],
            row["project_key"],
            row["node_id"],
            fields.get(row["field"], len(fields)),
            row["field"],
        ),
        "mix": lambda row: (row["day"], trends.assessed.index(row["field"]), row["rating"]),
    }
    return sorted(rows, key=orders[name])


def trends_json(trends: Trends) -> dict[str, Any]:
    """Compute all trends. Days and months are ISO 8601; days of steps have two decimals; no row names its node."""
    document: dict[str, Any] = {"format_version": FORMAT_VERSION}
    for name in COLUMNS:
        document[name] = [{key: row[key] for key in row if key != "node_id"} for row in fetch(trends, name)]
    return document


def _union(tables: list[ir.Table]) -> ir.Table:
    import ibis

    return ibis.union(*tables, distinct=False) if len(tables) > 1 else tables[0]


def _before(column: str) -> str:
    return f"before_{column}"


def _change(rows: ir.Table, field: ir.Value, before: ir.Value, after: ir.Value, day: ir.Value) -> ir.Table:
    cells = {"field": field, "from": before, "to": after, "day": _iso_day(day)}
    return rows.select("node_id", "project_key", **cells)


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
