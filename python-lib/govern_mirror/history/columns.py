"""The columns of a history: one row a governed project a run.

`SCHEMA_VERSION` history: 1, the first. A version only adds columns; each row says which version wrote it.

What the trends compute with is kept as whole numbers and texts beside the report's own columns: an engine's time
zone, collation or float arithmetic can then change no result.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone

from govern_mirror.errors import GovernMirrorError
from govern_mirror.model.blueprint import Blueprint
from govern_mirror.model.workflow import NOT_STARTED
from govern_mirror.report.columns import Cell, Type
from govern_mirror.report.columns import columns as report_columns
from govern_mirror.report.past import COMPLETE
from govern_mirror.report.portfolio import Portfolio, Row
from govern_mirror.text import clean
from govern_mirror.times import iso_time

SCHEMA_VERSION = 1

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


@dataclass(frozen=True)
class HistoryColumn:
    """A column: its name, what it holds, and how a row of the report gives it."""

    name: str
    type: Type
    of: Callable[[Run, Row], Cell]


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
}
"""The columns without which no trend can be computed."""

TRACKED: Mapping[str, str] = {
    "name": "name",
    "owner": "owner",
    "business_initiative": "business_initiative",
    "sponsor": "sponsor",
    "current_step": "flow_step",
    "value": "value",
    "risk": "risk",
    "feasibility": "feasibility",
    "cost": "cost",
    "decision": "decision",
    "start_date": "start_day",
    "target_end_date": "target_end_day",
}
"""The fields whose changes are told, and the column (a text) that each is compared by."""


def history_columns(blueprint: Blueprint) -> tuple[HistoryColumn, ...]:
    """The columns for projects of a template: of the run, of the report, then the steps' times in seconds."""
    head = (
        HistoryColumn("schema_version", Type.INTEGER, lambda run, row: SCHEMA_VERSION),
        HistoryColumn("run_id", Type.TEXT, lambda run, row: run.id),
        HistoryColumn("taken_on", Type.TIME, lambda run, row: iso_time(run.taken_on)),
        HistoryColumn("snapshot_day", Type.INTEGER, lambda run, row: day_number(run.taken_on)),
        HistoryColumn("taken_s", Type.INTEGER, lambda run, row: _seconds(run.taken_on)),
        HistoryColumn("flow_step", Type.TEXT, lambda run, row: _flow_step(row)),
        HistoryColumn("delivered_day", Type.INTEGER, lambda run, row: _delivered_day(row)),
        HistoryColumn("start_day", Type.TEXT, lambda run, row: _iso(row.project.overview.start_date)),
        HistoryColumn("target_end_day", Type.TEXT, lambda run, row: _iso(row.project.overview.target_end_date)),
    )
    reported = (_reported(column.name, column.type, column.of) for column in report_columns(blueprint))
    steps = (column for position in range(len(blueprint.steps)) for column in _step(blueprint, position))
    return (*head, *reported, *steps)


def schema(blueprint: Blueprint) -> list[dict[str, str]]:
    """The columns as the schema of a DSS dataset."""
    return [{"name": column.name, "type": column.type.value} for column in history_columns(blueprint)]


def steps_of(columns: Iterable[str]) -> tuple[str, ...]:
    """The ids of the steps that a history's columns tell of, in the columns' order; templates may have changed."""
    known = list(columns)
    ids = [name.removesuffix(STARTED) for name in known if name.endswith(STARTED)]
    return tuple(step for step in ids if {f"{step}{FINISHED}", f"{step}{STATUS}"} <= set(known))


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


def _reported(name: str, kind: Type, of: Callable[[Row], Cell]) -> HistoryColumn:
    if name == "node_id":
        return HistoryColumn(name, kind, lambda run, row: _clean(of(row)) or UNKNOWN_NODE)
    if kind is Type.TEXT:
        return HistoryColumn(name, kind, lambda run, row: _clean(of(row)))
    return HistoryColumn(name, kind, lambda run, row: of(row))


def _step(blueprint: Blueprint, position: int) -> tuple[HistoryColumn, HistoryColumn]:
    name = blueprint.steps[position].id
    return (
        HistoryColumn(
            f"{name}{STARTED}", Type.INTEGER, lambda run, row: _seconds(row.project.workflow.steps[position].started_on)
        ),
        HistoryColumn(
            f"{name}{FINISHED}",
            Type.INTEGER,
            lambda run, row: _seconds(row.project.workflow.steps[position].finished_on),
        ),
    )


def _flow_step(row: Row) -> str:
    workflow = row.project.workflow
    if workflow.is_complete:
        return COMPLETE
    return workflow.current.id if workflow.current else NOT_STARTED


def _delivered_day(row: Row) -> int | None:
    """The day on which the last step to end did; None while the workflow is not complete, or when no end is known."""
    if not row.project.workflow.is_complete:
        return None
    ends = [step.finished_on for step in row.project.workflow.steps if step.finished_on]
    return day_number(max(ends)) if ends else None


def _seconds(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp())


def _iso(day: object) -> str | None:
    return str(day) if day else None


def _clean(text: Cell) -> Cell:
    """A text that every engine stores: blank is null, and what is no character becomes one that shows it."""
    if not isinstance(text, str) or not text:
        return None
    return clean(text).replace("\x00", "\N{REPLACEMENT CHARACTER}")


def run_of(taken_on: datetime) -> Run:
    """A run at a time; its id tells the time and is unique."""
    taken_on = taken_on.astimezone(timezone.utc).replace(microsecond=0)
    return Run(f"{taken_on:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}", taken_on)


def snapshot_rows(portfolio: Portfolio, run: Run) -> Iterator[dict[str, Cell]]:
    """A row a governed project, by column name."""
    known = history_columns(portfolio.blueprint)
    for row in portfolio.governed:
        yield {column.name: column.of(run, row) for column in known}
