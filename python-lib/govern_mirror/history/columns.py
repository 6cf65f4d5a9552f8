"""The columns of a history: one row for each governed project in a run, and one for each of its values.

`SCHEMA_VERSION` history: 1, the first; 2 tracks every listed field of the template, and keeps values in long form. A
version only adds columns; each row says which version wrote it.

What the trends compute with is kept as whole numbers and texts beside the report's own columns: an engine's time
zone, collation or float arithmetic can then change no result.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone

from govern_mirror.errors import GovernMirrorError
from govern_mirror.model.blueprint import Blueprint, Field, Kind
from govern_mirror.model.values import text_of
from govern_mirror.report.columns import Cell, Column, Type
from govern_mirror.report.columns import columns as report_columns
from govern_mirror.report.portfolio import Portfolio, Row
from govern_mirror.report.trends_view import CURRENT_STEP
from govern_mirror.text import clean
from govern_mirror.times import iso_time

SCHEMA_VERSION = 2

UNKNOWN_NODE = "unknown"
"""The node id in a row of an instance that does not tell its own."""

STARTED, FINISHED, STATUS = "_started_s", "_finished_s", "_status"
"""How the columns of a step end: seconds since 1970 in UTC, twice, and its status."""


class HistoryError(GovernMirrorError):
    """A history cannot be read or written as it is."""


@dataclass(frozen=True)
class Run:
    """One taking of a snapshot: its id, and the time it stands for (UTC, to the second)."""

    id: str
    taken_on: datetime


RUN_COLUMNS: Mapping[str, Type] = {
    "schema_version": Type.INTEGER,
    "run_id": Type.TEXT,
    "taken_on": Type.TIME,
    "snapshot_day": Type.INTEGER,
    "taken_s": Type.INTEGER,
}
"""The columns that are the same in all rows of a run; they come first."""

KEYS: Mapping[str, Type] = {
    "schema_version": Type.INTEGER,
    "run_id": Type.TEXT,
    "snapshot_day": Type.INTEGER,
    "taken_s": Type.INTEGER,
    "node_id": Type.TEXT,
    "project_key": Type.TEXT,
    "revision": Type.INTEGER,
    "flow_step": Type.TEXT,
    "delivered_day": Type.INTEGER,
    "days_in_step": Type.INTEGER,
    "name": Type.TEXT,
    "owner": Type.TEXT,
}
"""The columns without which no trend can be computed."""

VALUE_COLUMNS: Mapping[str, Type] = {
    "run_id": Type.TEXT,
    "snapshot_day": Type.INTEGER,
    "taken_s": Type.INTEGER,
    "node_id": Type.TEXT,
    "project_key": Type.TEXT,
    "field": Type.TEXT,
    "value": Type.TEXT,
}
"""The columns of the long form: one row for each tracked field of a project, blank or not, a run.

A template with one field more, one less or another name changes the rows and not the columns, and a field without a
row is one that the template did not have.
"""

VALUES_DIGEST = "values_digest"
"""The column with a digest of a row's values: where it is equal, none of them changed."""


@dataclass(frozen=True)
class TrackedField:
    """A field whose changes are told.

    Attributes:
        name: of the field, in what the trends tell.
        column: the text column of a snapshot that holds it; None where only the long form does.
        version: the schema version from which on rows know it; a blank of an older one may be a value.
        of: how a row of the report gives it, as text.
    """

    name: str
    column: str | None
    version: int
    of: Callable[[Row], str | None]


def tracked_fields(blueprint: Blueprint) -> tuple[TrackedField, ...]:
    """Return the fields whose changes are told: name, owner, stage and what the template lists, in report order."""
    fields = {
        "name": TrackedField("name", "name", 1, lambda row: _clean(row.project.facts.name)),
        "owner": TrackedField("owner", "owner", 1, lambda row: _clean(row.project.facts.owner)),
        CURRENT_STEP: TrackedField(CURRENT_STEP, "flow_step", 1, lambda row: row.project.stage),
    }
    days = _day_columns(blueprint)
    for name, path in blueprint.listed:
        fields[name] = _tracked(blueprint.by_path[path], days)
    return tuple(fields[column.name] for column in report_columns(blueprint) if column.name in fields)


def _tracked(field: Field, days: Mapping[str, str]) -> TrackedField:
    # numbers and flags have no text that all engines make alike
    column = days.get(field.path) or (None if field.kind in (Kind.NUMBER, Kind.FLAG) else field.name)
    # version 1 knew the fields that have a role
    version = 2 if field.role is None else 1
    return TrackedField(field.name, column, version, lambda row: _clean(text_of(row.project.values[field.path])))


def _day_columns(blueprint: Blueprint) -> dict[str, str]:
    """The columns that hold the listed dates as ISO dates, by path: `start_day` for `start_date`."""
    names = {column.name for column in report_columns(blueprint)}
    days = {}
    for name, path in blueprint.listed:
        if blueprint.by_path[path].kind is Kind.DATE:
            column = f"{name.removesuffix('_date')}_day"
            while column in names:
                column += "_"
            names.add(column)
            days[path] = column
    return days


def history_columns(blueprint: Blueprint) -> tuple[Column, ...]:
    """The columns that tell of a project: those of trends, of the report, then the steps' times in seconds."""
    tracked = tracked_fields(blueprint)
    return (
        Column("flow_step", Type.TEXT, lambda row: row.project.stage),
        Column("delivered_day", Type.INTEGER, _delivered_day),
        *(_day(column, path) for path, column in _day_columns(blueprint).items()),
        *(_reported(column) for column in report_columns(blueprint)),
        *(column for position in range(len(blueprint.steps)) for column in _step(blueprint, position)),
        Column(VALUES_DIGEST, Type.TEXT, lambda row: _digest(tracked, row)),
    )


def column_types(blueprint: Blueprint) -> dict[str, Type]:
    """The columns of snapshots of a template's projects, and what they hold."""
    return {**RUN_COLUMNS, **{column.name: column.type for column in history_columns(blueprint)}}


def steps_of(columns: Iterable[str]) -> tuple[str, ...]:
    """The ids of the steps that a history's columns tell of, in the columns' order; templates may have changed."""
    names = list(columns)
    ids = [name.removesuffix(STARTED) for name in names if name.endswith(STARTED)]
    return tuple(step for step in ids if {f"{step}{FINISHED}", f"{step}{STATUS}"} <= set(names))


def missing(column: str) -> HistoryError:
    """The error of a history that lacks a column which it must have."""
    return HistoryError(
        f"the history has no column {column}: it was altered, or is no history; put the column back, or start a new "
        "history"
    )


def day_number(at: datetime) -> int:
    """The UTC day of a time as a number that reads as the date does: 20260301."""
    day = at.astimezone(timezone.utc).date()
    return day.year * 10_000 + day.month * 100 + day.day


def _reported(column: Column) -> Column:
    if column.type is not Type.TEXT:
        return column
    blank = UNKNOWN_NODE if column.name == "node_id" else None
    return replace(column, of=lambda row: _clean(column.of(row)) or blank)


def _step(blueprint: Blueprint, position: int) -> tuple[Column, Column]:
    name = blueprint.steps[position].id
    return (
        Column(f"{name}{STARTED}", Type.INTEGER, lambda row: _seconds(row.project.workflow.steps[position].started_on)),
        Column(
            f"{name}{FINISHED}", Type.INTEGER, lambda row: _seconds(row.project.workflow.steps[position].finished_on)
        ),
    )


def _delivered_day(row: Row) -> int | None:
    """The day on which the last step to end did; None while the workflow is not complete, or when no end is known."""
    if not row.project.workflow.is_complete:
        return None
    ends = [step.finished_on for step in row.project.workflow.steps if step.finished_on]
    return day_number(max(ends)) if ends else None


def _seconds(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp())


def _day(name: str, path: str) -> Column:
    return Column(name, Type.TEXT, lambda row: text_of(row.project.values[path]))


def _digest(tracked: Iterable[TrackedField], row: Row) -> str:
    values = [(field.name, field.of(row)) for field in tracked]
    return hashlib.blake2b(json.dumps(values).encode(), digest_size=16).hexdigest()


def _clean(text: Cell) -> str | None:
    """A text that every engine stores: blank is null, and what is no character becomes one that shows it."""
    if not isinstance(text, str) or not text:
        return None
    return clean(text).replace("\x00", "\N{REPLACEMENT CHARACTER}")


def run_of(taken_on: datetime) -> Run:
    """A run at a time; its id tells the time and is unique."""
    taken_on = taken_on.astimezone(timezone.utc).replace(microsecond=0)
    return Run(f"{taken_on:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}", taken_on)


def snapshot_rows(portfolio: Portfolio, run: Run) -> Iterator[dict[str, Cell]]:
    """Give one row for each governed project, by column name."""
    columns = history_columns(portfolio.blueprint)
    of_run = _of_run(run)
    for row in portfolio.governed:
        yield {**of_run, **{column.name: column.of(row) for column in columns}}


def value_rows(portfolio: Portfolio, run: Run) -> Iterator[dict[str, Cell]]:
    """Give one row for each tracked field of each governed project: the long form, by column name."""
    tracked = tracked_fields(portfolio.blueprint)
    of_run = {name: value for name, value in _of_run(run).items() if name in VALUE_COLUMNS}
    for row in portfolio.governed:
        facts = row.project.facts
        of_project = {
            **of_run,
            "node_id": _clean(facts.node_id) or UNKNOWN_NODE,
            "project_key": _clean(facts.project_key),
        }
        for field in tracked:
            yield {**of_project, "field": field.name, "value": field.of(row)}


def _of_run(run: Run) -> dict[str, Cell]:
    return {
        "schema_version": SCHEMA_VERSION,
        "run_id": run.id,
        "taken_on": iso_time(run.taken_on),
        "snapshot_day": day_number(run.taken_on),
        "taken_s": _seconds(run.taken_on),
    }
