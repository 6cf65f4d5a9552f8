"""What a history adds to a report: how it came to the state that it shows, and what changed since an earlier one.

A value of its own, so that a format shows it without knowing histories; `history/digest.py` makes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from govern_mirror.model.blueprint import Blueprint, Field, Kind, Role
from govern_mirror.model.workflow import CLOSED, COMPLETE, stage_name, stages
from govern_mirror.text import one_line

STATE = "state"
"""The field of a change that tells that a project is new, or gone."""

CURRENT_STEP = "current_step"
"""The field of a change that tells where the project stands: its stage."""

NOTHING_EARLIER = "What changed is told once the history holds a snapshot of an earlier day."
"""What a report says in place of the changes while there is nothing to compare with."""

MAX_VALUE_LENGTH = 120
"""How many characters of a value are told."""


class ChangeKind(str, Enum):
    """What kind of change it is; the value is its heading."""

    COMPLETED = "Completed"
    MOVED_ON = "Moved on"
    MOVED_BACK = "Moved back"
    CLOSED = "Closed"
    GOVERNED = "Newly governed"
    GONE = "No longer governed or visible"
    DECIDED = "Decision changed"
    RATED = "Rating changed"
    PLANNED = "Dates changed"
    OTHER = "Other changes"


@dataclass(frozen=True, slots=True)
class Change:
    """A field of a project that differs from an earlier snapshot.

    Attributes:
        project_key, name, link: the project; its last known name, and no address, when it is gone.
        field: `name`, `owner`, `current_step`, the name of a listed field of the template, or `state`.
        before, after: the values, None for blank; of `current_step` the stages, of `state` `governed` where the project
            is there.
    """

    project_key: str
    name: str
    link: str | None
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
class TrendsView:
    """What the history of the report's instance tells.

    Attributes:
        days: the days of its snapshots, in order; at least one.
        flow: projects by stage, for each of `days`.
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

    def groups(self, blueprint: Blueprint) -> dict[ChangeKind, list[list[Change]]]:
        """The changes by kind, in the order of `ChangeKind`, then by project; kinds without any are left out."""
        by_kind: dict[ChangeKind, dict[str, list[Change]]] = {kind: {} for kind in ChangeKind}
        for change in self.changes:
            by_kind[_kind_of(change, blueprint)].setdefault(change.project_key, []).append(change)
        return {kind: list(projects.values()) for kind, projects in by_kind.items() if projects}


@dataclass(frozen=True)
class ChangeDigest:
    """The changes of one kind, as a short report tells them.

    Attributes:
        heading: what kind.
        count: how many projects changed so.
        examples: the first of them, each with its words: `Exploration → Qualification`, `Value: Low → High`, or none.
        left_out: how many more there are.
    """

    heading: str
    count: int
    examples: tuple[tuple[Change, str], ...]
    left_out: int


def change_digests(view: TrendsView, blueprint: Blueprint, most: int) -> list[ChangeDigest]:
    """Return what changed, by kind, with at most so many projects of each; empty when nothing did."""
    return [
        ChangeDigest(
            kind.value,
            len(projects),
            tuple(
                (changes[0], ", ".join(filter(None, (describe_change(change, blueprint) for change in changes))))
                for changes in projects[:most]
            ),
            max(0, len(projects) - most),
        )
        for kind, projects in view.groups(blueprint).items()
    ]


def describe_change(change: Change, blueprint: Blueprint) -> str:
    """A change in words, without the project; none where its heading says it all."""
    if change.field == STATE or (change.field == CURRENT_STEP and change.after in (COMPLETE, CLOSED)):
        return ""
    if change.field == CURRENT_STEP:
        return f"{stage_name(change.before, blueprint)} → {stage_name(change.after, blueprint)}"
    field = _field_of(change.field, blueprint)
    label = "" if field and field.role is Role.DECISION else f"{field_label(change.field, blueprint)}: "
    blank = {ChangeKind.DECIDED: "Undecided", ChangeKind.RATED: "Not rated"}.get(_kind_of(change, blueprint), "–")
    # a direction mark in one value must not turn around what stands beside it
    before, after = (one_line(value, MAX_VALUE_LENGTH) if value else blank for value in (change.before, change.after))
    return f"{label}{before} → {after}"


def field_label(name: str, blueprint: Blueprint) -> str:
    """The label of a field whose changes are told; of one that the template does not have, its name."""
    fixed = {"name": "Name", "owner": "Owner", CURRENT_STEP: "Step", STATE: "State"}
    if name in fixed:
        return fixed[name]
    field = _field_of(name, blueprint)
    return field.heading if field else name


def _field_of(name: str, blueprint: Blueprint) -> Field | None:
    return {column: blueprint.by_path[path] for column, path in blueprint.listed}.get(name)


def _kind_of(change: Change, blueprint: Blueprint) -> ChangeKind:
    if change.field == STATE:
        return ChangeKind.GONE if change.after is None else ChangeKind.GOVERNED
    if change.field == CURRENT_STEP:
        return _kind_of_move(change, blueprint)
    field = _field_of(change.field, blueprint)
    if field and field.role is Role.DECISION:
        return ChangeKind.DECIDED
    kinds = {Kind.RATING: ChangeKind.RATED, Kind.DATE: ChangeKind.PLANNED}
    return kinds.get(field.kind, ChangeKind.OTHER) if field else ChangeKind.OTHER


def _kind_of_move(change: Change, blueprint: Blueprint) -> ChangeKind:
    """What kind a change of the stage is; one that is reopened after it was closed moves on."""
    if change.after == COMPLETE:
        return ChangeKind.COMPLETED
    if change.after == CLOSED:
        return ChangeKind.CLOSED
    order = {stage: place for place, stage in enumerate(stages(blueprint)) if stage != CLOSED}
    before, after = order.get(change.before or ""), order.get(change.after or "")
    return ChangeKind.MOVED_BACK if before is not None and after is not None and after < before else ChangeKind.MOVED_ON
