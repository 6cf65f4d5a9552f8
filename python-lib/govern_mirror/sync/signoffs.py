"""What a sign-off in Govern keeps from being pushed: the decision and the statuses. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from govern_mirror.artifact.decode import APPROVED, NOT_STARTED
from govern_mirror.errors import Action, Hint
from govern_mirror.model.blueprint import Blueprint, Role
from govern_mirror.sync.compare import WORKFLOW, Hold, statuses_of
from govern_mirror.sync.pairing import NEW
from govern_mirror.sync.plan import CounterpartPlan
from govern_mirror.text import clipped

UNKNOWN_SIGNOFFS = "its sign-offs in Govern cannot be read, and it is not pushed over one"


def guarded_paths(part: CounterpartPlan, blueprint: Blueprint) -> frozenset[str]:
    """Of what would be written into a Govern project, the paths that a sign-off is about; none for a new project."""
    if part.id.startswith(NEW):
        return frozenset()
    guarded = {WORKFLOW, *(field.path for role, field in blueprint.roles.items() if role is Role.DECISION)}
    return frozenset(guarded & part.writes.keys())


def held_by_signoffs(
    part: CounterpartPlan, signoffs: Mapping[str, str] | None, blueprint: Blueprint
) -> dict[str, Hold]:
    """Why guarded paths are not written, by path; empty when no sign-off stands against it.

    A sign-off that was asked for, rejected or abandoned holds the decision and the statuses. One that nobody asked
    for yet holds the statuses when they would finish or skip its step, which only an approval may.

    Args:
        part: what would be written.
        signoffs: the status of each sign-off by step id; None when they cannot be read.
        blueprint: the template.
    """
    paths = guarded_paths(part, blueprint)
    if signoffs is None:
        return dict.fromkeys(paths, Hold(UNKNOWN_SIGNOFFS, Hint(Action.OVER_SIGNOFF)))
    held: dict[str, Hold] = {}
    for step, status in signoffs.items():
        reason = f"the sign-off of step {clipped(step)} in Govern is {clipped(status)}"
        hold = Hold(reason, Hint(Action.OVER_SIGNOFF))
        if status == APPROVED:
            continue
        if status != NOT_STARTED:
            return dict.fromkeys(paths, hold)
        if WORKFLOW in paths and _finishes(part, step, blueprint):
            held[WORKFLOW] = hold
    return held


def _finishes(part: CounterpartPlan, step: str, blueprint: Blueprint) -> bool:
    before, after = (statuses_of(texts[WORKFLOW], blueprint).get(step) for texts in (part.seen, part.writes))
    return after is not None and after.is_done and after is not before
