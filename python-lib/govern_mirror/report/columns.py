"""The report's flat columns, for CSV and for datasets: one row per project.

The order is a contract that only grows: a new column goes to the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

from govern_mirror.model.blueprint import RATED_ROLES, Blueprint, Field, Kind, Role
from govern_mirror.model.item import UnreadableProject
from govern_mirror.model.values import Value, text_of
from govern_mirror.report.portfolio import Row
from govern_mirror.times import iso_time

UNREADABLE = "unreadable"
"""The state of a project that could not be read, besides those of `Governance`."""

DATA_SHEET = "Data"
"""The sheet of a workbook that has these columns."""

Cell = str | int | float | bool | None


class Type(str, Enum):
    """What a column holds, as a DSS dataset's schema names it; `date` is a point in time there."""

    TEXT = "string"
    INTEGER = "bigint"
    NUMBER = "double"
    FLAG = "boolean"
    TIME = "date"


@dataclass(frozen=True)
class Column:
    """A column: its name, what it holds, and how a row of a report or a registry gives it.

    Times are ISO 8601 in UTC; a date without time (`is_day`) is the start of that day in UTC, as Govern stores dates.
    """

    name: str
    type: Type
    of: Callable[[Any], Cell]
    is_day: bool = False


def columns(blueprint: Blueprint) -> tuple[Column, ...]:
    """Return the columns for projects of a template, in their documented order.

    Fields without a role come last, so that a template with one more moves no other column.
    """
    about, ratings, dates = (Role.INITIATIVE, Role.SPONSOR), RATED_ROLES, (Role.START, Role.TARGET_END)
    roles = (*about, *ratings, Role.DECISION, *dates, Role.PLAN)
    return (
        Column("project_key", Type.TEXT, lambda row: row.project.facts.project_key),
        Column("name", Type.TEXT, lambda row: row.project.facts.name),
        Column("url", Type.TEXT, lambda row: row.project.facts.url),
        Column("node_id", Type.TEXT, lambda row: row.project.facts.node_id),
        Column("owner", Type.TEXT, lambda row: row.project.facts.owner),
        *_of_roles(blueprint, about),
        Column("state", Type.TEXT, lambda row: row.project.state.value),
        Column("current_step", Type.TEXT, lambda row: row.current.id if row.current else None),
        Column("current_step_status", Type.TEXT, lambda row: row.current.status.value if row.current else None),
        *(column for position in range(len(blueprint.steps)) for column in _step(blueprint, position)),
        Column("finished", Type.INTEGER, lambda row: row.project.workflow.finished),
        Column("total", Type.INTEGER, lambda row: len(row.project.workflow.steps)),
        *_of_roles(blueprint, (*ratings, Role.DECISION)),
        Column("value_score", Type.INTEGER, lambda row: row.scores.value),
        Column("risk_score", Type.INTEGER, lambda row: row.scores.risk),
        Column("priority", Type.NUMBER, lambda row: row.scores.priority),
        *_of_roles(blueprint, dates),
        Column("days_in_step", Type.INTEGER, lambda row: row.days_in_step),
        Column("stale", Type.FLAG, lambda row: row.stale),
        Column("last_change_on", Type.TIME, lambda row: iso_time(row.last_change[0])),
        Column("last_change_by", Type.TEXT, lambda row: row.last_change[1]),
        Column("revision", Type.INTEGER, lambda row: row.project.revision),
        Column("problems", Type.INTEGER, lambda row: len(row.problems)),
        Column("problem_messages", Type.TEXT, _messages),
        Column("stage", Type.TEXT, lambda row: row.stage if row.project.is_governed else None),
        Column("overdue", Type.FLAG, lambda row: row.overdue),
        *(_of_field(field) for field in blueprint.fields if field.is_listed and field.role not in roles),
    )


def _of_roles(blueprint: Blueprint, roles: Iterable[Role]) -> list[Column]:
    return [_of_field(blueprint.roles[role]) for role in roles if role in blueprint.roles]


def _of_field(field: Field) -> Column:
    path = field.path
    if field.kind is Kind.DATE:
        return Column(field.name, Type.TIME, lambda row: _midnight(row.project.values[path]), is_day=True)
    if field.kind is Kind.NUMBER:
        return Column(field.name, Type.NUMBER, lambda row: _plain(row.project.values[path]))
    if field.kind is Kind.FLAG:
        return Column(field.name, Type.FLAG, lambda row: _plain(row.project.values[path]))
    if field.is_list:
        return Column(field.name, Type.TEXT, lambda row: text_of(row.project.values[path]))
    return Column(field.name, Type.TEXT, lambda row: row.project.values[path])


def schema(types: Mapping[str, Type]) -> list[dict[str, str]]:
    """Return columns as the schema of a DSS dataset."""
    return [{"name": name, "type": kind.value} for name, kind in types.items()]


def record(row: Row, all_columns: tuple[Column, ...]) -> dict[str, Any]:
    """Return a row by column name, for a dataset."""
    return {column.name: column.of(row) for column in all_columns}


def unreadable_record(project: UnreadableProject, all_columns: tuple[Column, ...]) -> dict[str, Cell]:
    """Return a project that could not be read, by column name: its key, the state `unreadable`, and why."""
    about: dict[str, Cell] = {
        "project_key": project.project_key,
        "state": UNREADABLE,
        "problems": 1,
        "problem_messages": f"it could not be read: {project.message}",
    }
    return {column.name: about.get(column.name) for column in all_columns}


def _step(blueprint: Blueprint, position: int) -> tuple[Column, Column, Column]:
    name = blueprint.steps[position].id
    return (
        Column(f"{name}_status", Type.TEXT, lambda row: row.project.workflow.steps[position].status.value),
        Column(f"{name}_started_on", Type.TIME, lambda row: iso_time(row.project.workflow.steps[position].started_on)),
        Column(
            f"{name}_finished_on", Type.TIME, lambda row: iso_time(row.project.workflow.steps[position].finished_on)
        ),
    )


def _midnight(day: Value) -> str | None:
    return f"{day.isoformat()}T00:00:00Z" if isinstance(day, date) else None


def _plain(value: Value) -> Cell:
    return value if isinstance(value, int | float) else None


def _messages(row: Row) -> str | None:
    return "\n".join(f"{problem.field}: {problem.message}" for problem in row.problems) or None
