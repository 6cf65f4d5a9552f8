"""What a history adds to a report: how it came to the state that it shows, and what changed since an earlier one.

A value of its own, so that a format shows it without knowing histories; `history/past.py` makes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from govern_mirror.model.blueprint import Blueprint
from govern_mirror.model.workflow import NOT_STARTED
from govern_mirror.text import one_line

STATE = "state"
"""The field of a change that tells that a project is new, or gone."""

COMPLETE = "complete"
"""Where a project whose workflow is complete stands, in place of a step."""

FIELD_LABELS = {
    "name": "Name",
    "owner": "Owner",
    "business_initiative": "Business initiative",
    "sponsor": "Sponsor",
    "current_step": "Step",
    "value": "Value",
    "risk": "Risk",
    "feasibility": "Feasibility",
    "cost": "Cost",
    "decision": "Decision",
    "start_date": "Start",
    "target_end_date": "Target end",
}
"""The fields whose changes are told, and their names for people."""

NOTHING_EARLIER = "What changed is told once the history holds a snapshot of an earlier day."
"""What a report says in place of the changes while there is nothing to compare with."""

LONGEST = 120
"""How many characters of a value are told."""


class Group(str, Enum):
    """What kind of change it is; the value is its heading."""

    COMPLETED = "Completed"
    MOVED_ON = "Moved on"
    MOVED_BACK = "Moved back"
    GOVERNED = "Newly governed"
    GONE = "No longer governed or visible"
    DECIDED = "Decision changed"
    RATED = "Rating changed"
    PLANNED = "Dates changed"
    OTHER = "Other changes"


_GROUPS = {
    "decision": Group.DECIDED,
    **dict.fromkeys(("value", "risk", "feasibility", "cost"), Group.RATED),
    **dict.fromkeys(("start_date", "target_end_date"), Group.PLANNED),
}


@dataclass(frozen=True, slots=True)
class Change:
    """A field of a project that differs from an earlier snapshot.

    Attributes:
        project_key, name, url: the project; its last known name, and no address, when it is gone.
        field: a key of `FIELD_LABELS`, or `state`.
        before, after: the values, None for blank; a step by id, `not_started` or `complete`. Of `state`, `governed`
            where the project is there.
    """

    project_key: str
    name: str
    url: str | None
    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class CycleTime:
    """How many projects finished a step, and the days it took them, by nearest rank."""

    step: str
    finished: int
    median_days: float
    p85_days: float


@dataclass(frozen=True)
class Past:
    """What the history of the report's instance tells.

    Attributes:
        days: the days of its snapshots, in order; at least one.
        flow: projects by step (`not_started`, `complete` included), for each of `days`.
        cycle_times: by step, in the workflow's order; a step that no project finished is missing.
        throughput: projects delivered, by month (`2026-03`), in order; months without one are missing.
        since: the day of the snapshot that the changes are counted from; None when there is no earlier one.
        changes: what differs from it, in the order of the report; projects that are gone come last.
    """

    days: Sequence[date]
    flow: Sequence[Mapping[str, int]]
    cycle_times: Sequence[CycleTime]
    throughput: Sequence[tuple[str, int]]
    since: date | None = None
    changes: Sequence[Change] = ()

    def groups(self, blueprint: Blueprint) -> dict[Group, list[list[Change]]]:
        """The changes by kind, in the order of `Group`, and in a kind by project; kinds without any are left out."""
        order = {step: place for place, step in enumerate((NOT_STARTED, *blueprint.step_ids, COMPLETE))}
        found: dict[Group, dict[str, list[Change]]] = {group: {} for group in Group}
        for change in self.changes:
            found[_group_of(change, order)].setdefault(change.project_key, []).append(change)
        return {group: list(projects.values()) for group, projects in found.items() if projects}


@dataclass(frozen=True)
class News:
    """The changes of one kind, as a short report tells them.

    Attributes:
        heading: what kind.
        count: how many projects changed so.
        told: the first of them, each with its words: `Exploration → Qualification`, `Value: Low → High`, or none.
        left_out: how many more there are.
    """

    heading: str
    count: int
    told: tuple[tuple[Change, str], ...]
    left_out: int


def news(past: Past, blueprint: Blueprint, most: int) -> list[News]:
    """What changed, by kind, with at most so many projects of each; empty when nothing did."""
    return [
        News(
            group.value,
            len(projects),
            tuple(
                (changes[0], ", ".join(filter(None, (told(change, blueprint) for change in changes))))
                for changes in projects[:most]
            ),
            max(0, len(projects) - most),
        )
        for group, projects in past.groups(blueprint).items()
    ]


def told(change: Change, blueprint: Blueprint) -> str:
    """A change in words, without the project; none where its heading says it all."""
    if change.field == STATE or (change.after == COMPLETE and change.field == "current_step"):
        return ""
    if change.field == "current_step":
        return f"{step_name(change.before, blueprint)} → {step_name(change.after, blueprint)}"
    label = "" if change.field == "decision" else f"{FIELD_LABELS[change.field]}: "
    blank = {Group.DECIDED: "Undecided", Group.RATED: "Not rated"}.get(_GROUPS.get(change.field, Group.OTHER), "–")
    # a direction mark in one value must not turn around what stands beside it
    before, after = (one_line(value, LONGEST) if value else blank for value in (change.before, change.after))
    return f"{label}{before} → {after}"


def step_name(step: str | None, blueprint: Blueprint) -> str:
    """A step's name for people; the id of one that the template does not have."""
    names = {NOT_STARTED: "Not started", COMPLETE: "Complete", **{known.id: known.name for known in blueprint.steps}}
    return names.get(step or NOT_STARTED, step or "")


def _group_of(change: Change, order: Mapping[str, int]) -> Group:
    if change.field == STATE:
        return Group.GONE if change.after is None else Group.GOVERNED
    if change.field == "current_step":
        if change.after == COMPLETE:
            return Group.COMPLETED
        before, after = order.get(change.before or ""), order.get(change.after or "")
        return Group.MOVED_BACK if before is not None and after is not None and after < before else Group.MOVED_ON
    return _GROUPS.get(change.field, Group.OTHER)
