"""How a report words for people what a row holds: one place, so that every format says the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone

from govern_mirror.labels import field_label
from govern_mirror.model.blueprint import ITEMS_FIELD, RECORD_FIELD, Blueprint, Role
from govern_mirror.model.item import Governance
from govern_mirror.model.workflow import CLOSED, stage_name, stages
from govern_mirror.report.portfolio import UNDECIDED, Portfolio, Row
from govern_mirror.text import one_line

UNRATED = "Not rated"

BLANK = "–"
"""What a cell without a value shows."""

RATING_BARS = 4
"""How many bars a rating is drawn with, whatever the scale."""

MAX_SENTENCE_LENGTH = 300
"""How many characters of a sentence about an item are shown."""

_DEPLOYED = "Deployed without approval"
_PARTS = {"steps": "Workflow", RECORD_FIELD: "Record", ITEMS_FIELD: "Items", "timeline": "History"}
"""What a problem may be about besides a field."""


def stage_label(row: Row) -> str:
    """Return where a project stands: a stage by name, or that it is not governed."""
    if row.project.state is Governance.COPIED:
        return "A copy of a governed project"
    if not row.project.is_governed:
        return "Not governed"
    return stage_name(row.stage, row.project.blueprint)


def stage_detail(row: Row) -> str:
    """Return what is to be said besides the stage: the step's status and days, or why the project is closed."""
    project = row.project
    if project.closed:
        return project.closed.reason
    current = row.current
    if not project.is_governed or current is None or current.status.is_done:
        return ""
    days = "" if row.days_in_step is None else f", {count(row.days_in_step, 'day')}"
    return f"{current.status.label}{days}"


def flags(row: Row) -> list[str]:
    """Return the marks of a row: `stale`, `overdue`, and how many problems it has."""
    marks = [name for name, is_set in (("stale", row.stale), ("overdue", row.overdue)) if is_set]
    return [*marks, count(len(row.problems), "problem")] if row.problems else marks


def progress(row: Row) -> str:
    """Return how many steps are done, as `2 of 5`."""
    flow = row.project.workflow
    return f"{flow.finished} of {len(flow.steps)}"


def count(number: int, noun: str) -> str:
    """Return a number with its noun, e.g. `1 day`, `2 days`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def number(value: float | None) -> str:
    """Return a number without needless digits."""
    return BLANK if value is None else f"{value:g}"


def approval_counts(portfolio: Portfolio) -> list[tuple[str, int]]:
    """Return what runs without approval, counted; empty where it was not looked at."""
    view = portfolio.approvals
    return [] if view is None else [("Active, not approved", len(view.active)), (_DEPLOYED, len(view.deployed))]


def approval_lists(portfolio: Portfolio, limit: int) -> list[tuple[str, list[str], int]]:
    """Return what runs without approval: headings, their first sentences, and how many more there are."""
    view = portfolio.approvals
    if view is None:
        return []
    lists = [
        ("Active, not approved", view.active),
        (_DEPLOYED, view.deployed),
        ("Could not be looked at", view.not_looked_at),
    ]
    return [
        (heading, [one_line(text, MAX_SENTENCE_LENGTH) for text in texts[:limit]], max(0, len(texts) - limit))
        for heading, texts in lists
        if texts
    ]


def stage_counts(portfolio: Portfolio) -> list[tuple[str, int]]:
    """Return the stages by name, with their governed projects; `Closed` only where there is one."""
    names = stages(portfolio.blueprint)
    return [(names[stage], number) for stage, number in portfolio.summary.by_step.items() if number or stage != CLOSED]


def decision_counts(portfolio: Portfolio) -> list[tuple[str, int]]:
    """Return the decisions with their governed projects; empty for a template without a decision."""
    return [(decision_label(name), number) for name, number in portfolio.summary.by_decision.items()]


def decision_label(decision: str) -> str:
    """Return a decision for people."""
    return "Undecided" if decision == UNDECIDED else decision


def no_matrix_reason(blueprint: Blueprint) -> str | None:
    """Return why there is no matrix, as a sentence; None when the template has both of its axes."""
    if Role.VALUE in blueprint.roles and Role.RISK in blueprint.roles:
        return None
    return "There is no matrix of value and risk: the template does not rate both."


def rating_level(rating: object, names: Sequence[str]) -> int:
    """Return how many of `RATING_BARS` bars a rating fills; 0 when there is none."""
    if rating not in names:
        return 0
    return -(-(names.index(str(rating)) + 1) * RATING_BARS // len(names))


def problem_label(name: str, blueprint: Blueprint) -> str:
    """Return what a problem is about, for people: a field by its path or its stored name, else a part of the record."""
    path = next((field.path for field in blueprint.all_fields if field.stored == name), name)
    return _PARTS.get(path) or field_label(blueprint, path)


def time_label(at: datetime) -> str:
    """Return a time as people read it, in UTC."""
    return f"{at.astimezone(timezone.utc):%Y-%m-%d %H:%M} UTC"
