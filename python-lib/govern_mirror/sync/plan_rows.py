"""A plan as rows for people: labels in place of paths and constants, the same words wherever it is read. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from govern_mirror.errors import Hint
from govern_mirror.labels import field_label, value_label
from govern_mirror.model.blueprint import STATUS_LABELS, Blueprint
from govern_mirror.sync.compare import WORKFLOW, Comparison, statuses_of
from govern_mirror.sync.plan import Difference, Plan, Resolution

GOVERN = "Govern"
"""What the other side is called, unless it is a file."""

GOVERNED = "Governed"
"""The field of a row that says that a project is governed anew."""


@dataclass(frozen=True)
class PlanRow:
    """One line of a plan.

    Attributes:
        project_key: the DSS project.
        field: the label of the value that differs.
        dss, remote: what either side holds, as people read it; None is blank.
        changed: where it changed; None for a project that is governed anew.
        outcome: what the plan does about it.
        reason: why it is not pushed.
        hint: what to do about that, which the entry point words.
    """

    project_key: str
    field: str
    dss: str | None
    remote: str | None
    changed: str | None
    outcome: str
    reason: str | None = None
    hint: Hint | None = None


def plan_rows(plan: Plan, blueprint: Blueprint, other: str = GOVERN) -> list[PlanRow]:
    """Return a row for each project that would be governed anew, and for each value that differs.

    Args:
        plan: the plan.
        blueprint: the template, which knows the labels.
        other: what the other side is called.
    """
    rows = [
        PlanRow(part.project_keys[0], GOVERNED, "yes", None, None, f"created in {other}")
        for part in plan.counterparts
        if part.creates_over
    ]
    rows += [
        PlanRow(project.project_key, GOVERNED, None, "yes", None, "created in DSS")
        for project in plan.projects
        if project.creates
    ]
    return rows + [
        _row(project.project_key, difference, blueprint, other)
        for project in plan.projects
        for difference in project.differences
    ]


def _row(project_key: str, difference: Difference, blueprint: Blueprint, other: str) -> PlanRow:
    changed = {
        Comparison.CHANGED_HERE: "in DSS",
        Comparison.CHANGED_THERE: f"in {other}",
        Comparison.CONFLICT: "on both sides",
    }
    outcomes = {
        Resolution.TO_DSS: "to DSS",
        Resolution.TO_GOVERN: f"to {other}",
        Resolution.CONFLICT: "conflict",
        Resolution.HELD: "not pushed",
        Resolution.LEFT: "left as it is",
    }
    dss, remote = _values(difference, blueprint)
    return PlanRow(
        project_key,
        field_label(blueprint, difference.field),
        dss,
        remote,
        changed.get(difference.verdict),
        outcomes[difference.outcome],
        difference.reason,
        difference.hint,
    )


def _values(difference: Difference, blueprint: Blueprint) -> tuple[str | None, str | None]:
    """What both sides hold; of a workflow the steps that differ."""
    texts = difference.here, difference.there
    if difference.field != WORKFLOW:
        dss, remote = (value_label(blueprint, difference.field, text) for text in texts)
        return dss, remote
    here, there = (statuses_of(text, blueprint) for text in texts)
    differing = [step for step in blueprint.steps if here.get(step.id) is not there.get(step.id)]
    dss, remote = (
        ", ".join(f"{step.name}: {STATUS_LABELS[side[step.id]]}" for step in differing if step.id in side)
        for side in (here, there)
    )
    return dss, remote
