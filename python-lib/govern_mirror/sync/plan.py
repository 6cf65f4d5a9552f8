"""A plan: what differs between DSS and the other side, and what would be done about it. Pure.

A plan is a value: it can be printed, saved, checked against the safety threshold, refused, applied. The threshold
guards against a mistake that looks like work: the wrong node, a template that lost its steps, a file that was sorted in
one column only. People read it in rows: labels in place of paths and constants, the same words wherever it is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from govern_mirror.errors import Action, GovernMirrorError, Hint
from govern_mirror.labels import field_label, value_label
from govern_mirror.model.blueprint import STATUS_LABELS, Blueprint
from govern_mirror.model.changes import merge_remote
from govern_mirror.model.event import Actor
from govern_mirror.model.hub_facts import HubFacts
from govern_mirror.model.item import Item, Problem, SyncBase
from govern_mirror.sync.compare import WORKFLOW, Comparison, moves_back, statuses_of, values_of

MIN_PAIRS = 10
"""Below so many pairs, a plan is never refused."""

MAX_CHANGED = 0.30
"""The share of the pairs that may change; creations do not count."""

MAX_MOVED_BACK = 0.10
"""The share of the pairs whose workflow may move backwards."""


class ThresholdExceeded(GovernMirrorError):  # noqa: N818 - a refusal is an outcome, named as users read it
    """A plan changes more than the safety threshold allows."""


class Direction(str, Enum):
    """Which side is written. `status` writes neither."""

    STATUS = "status"
    PULL = "pull"
    PUSH = "push"
    BOTH = "both"

    @property
    def writes_govern(self) -> bool:
        """Whether the other side is written."""
        return self in (Direction.PUSH, Direction.BOTH)


class Prefer(str, Enum):
    """Whose value wins a conflict."""

    DSS = "dss"
    GOVERN = "govern"


class Resolution(str, Enum):
    """What the plan does about one difference."""

    TO_DSS = "to-dss"
    TO_GOVERN = "to-govern"
    CONFLICT = "conflict"
    HELD = "held"
    LEFT = "left"


@dataclass(frozen=True)
class Difference:
    """One value that differs, and what is done about it.

    Attributes:
        field: its path; `workflow` for the statuses of all steps.
        here, there: what DSS and the other side hold, as texts; None is blank.
        verdict: what the compare says.
        outcome: what the plan does.
        reason: for what is held, why it is not written into the other side.
        hint: what to do about that, which the entry point words.
    """

    field: str
    here: str | None
    there: str | None
    verdict: Comparison
    outcome: Resolution
    reason: str | None = None
    hint: Hint | None = None


@dataclass(frozen=True)
class ProjectPlan:
    """What is done with one DSS project.

    Attributes:
        project_key, name: the project.
        counterpart: the id of its counterpart.
        differences: the values that differ.
        writes: new values of the DSS project, by path.
        base: what both sides are in step with afterwards, by path.
        seen: what DSS held when it was compared, by path.
        creates: whether the project is governed anew.
        rebases: whether the base must be written, although no value changes.
    """

    project_key: str
    name: str
    counterpart: str
    differences: tuple[Difference, ...]
    writes: Mapping[str, str | None]
    base: Mapping[str, str]
    seen: Mapping[str, str | None]
    creates: bool = False
    rebases: bool = False

    @property
    def conflicts(self) -> tuple[Difference, ...]:
        """The conflicts that are left."""
        return tuple(difference for difference in self.differences if difference.outcome is Resolution.CONFLICT)

    @property
    def held(self) -> tuple[Difference, ...]:
        """The values that are not written into the other side, each with its reason."""
        return tuple(difference for difference in self.differences if difference.outcome is Resolution.HELD)


@dataclass(frozen=True)
class CounterpartPlan:
    """What is done with the other side of a group: new values by path, and what it held when it was compared."""

    id: str
    name: str
    writes: Mapping[str, str | None]
    seen: Mapping[str, str | None]
    project_keys: tuple[str, ...] = ()
    creates_over: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What differs and what is done about it.

    Attributes:
        direction, prefer, create, over_signoffs: what was asked for.
        only, tags: keys and tags of the DSS projects that were asked for; both empty for all.
        node_id: the DSS instance's node id.
        govern_node_id: the other side's; None where it names none.
        projects: the DSS projects that differ, or whose base must be written.
        counterparts: the artifacts that are written.
        compared: how many pairs were compared: what the safety threshold is a share of.
        only_here: keys of projects that are governed in DSS only.
        only_there: names of what is governed on the other side only, with the DSS project it points to.
        problems: what could not be compared.
        unreadable: those of the problems that say that something could not be read, so that nobody knows whether it
            is in step; of a plan file also what it asks for in vain.
    """

    direction: Direction
    prefer: Prefer | None = None
    node_id: str | None = None
    govern_node_id: str | None = None
    projects: tuple[ProjectPlan, ...] = ()
    counterparts: tuple[CounterpartPlan, ...] = ()
    compared: int = 0
    only_here: tuple[str, ...] = ()
    only_there: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    unreadable: tuple[Problem, ...] = ()
    create: bool = False
    over_signoffs: bool = False
    only: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether the two sides differ in anything."""
        return bool(self.only_here or self.only_there or any(project.differences for project in self.projects))

    @property
    def changes(self) -> bool:
        """Whether applying it would write a value on either side."""
        return bool(self.counterparts) or any(project.writes or project.creates for project in self.projects)

    @property
    def conflicts(self) -> int:
        """How many conflicts are left."""
        return sum(len(project.conflicts) for project in self.projects)

    @property
    def held(self) -> int:
        """How many values are not written into the other side, because nobody recorded them or of a sign-off."""
        return sum(len(project.held) for project in self.projects)

    @property
    def disputed(self) -> int:
        """How many values both sides changed, whatever the plan does about it."""
        return sum(d.verdict is Comparison.CONFLICT for project in self.projects for d in project.differences)

    def refusals(self, blueprint: Blueprint) -> tuple[str, ...]:
        """Say why it is refused, with the numbers; empty when it is within the threshold."""
        if self.compared < MIN_PAIRS:
            return ()
        reasons = []
        counts = {
            "DSS projects": sum(bool(part.writes) and not part.creates for part in self.projects),
            "Govern projects": len(self.counterparts),
        }
        for what, count in counts.items():
            if count > MAX_CHANGED * self.compared:
                reasons.append(f"{count} of {self.compared} {what} would change, more than {MAX_CHANGED:.0%}")
        back = sum(_goes_back(part.seen, part.writes, blueprint) for part in self.projects if not part.creates)
        back += sum(_goes_back(part.seen, part.writes, blueprint) for part in self.counterparts)
        if back > MAX_MOVED_BACK * self.compared:
            share = f"{MAX_MOVED_BACK:.0%}"
            reasons.append(f"{back} of {self.compared} workflows would move backwards, more than {share}")
        return tuple(reasons)

    def raise_if_unsafe(self, blueprint: Blueprint) -> None:
        """Refuse what changes too much at once.

        Raises:
            ThresholdExceeded: it does; nothing is written.
        """
        reasons = self.refusals(blueprint)
        if reasons:
            raise ThresholdExceeded(f"{'; '.join(reasons)}: nothing was written", hint=Hint(Action.FORCE))


@dataclass(frozen=True)
class Rules:
    """That a plan keeps the requirements of the steps it finishes.

    Attributes:
        override: why people override them, if they do.
        unchecked: whether they could not be read.
        facts: what the hub says of a project, by its key; None where approvals are off.
    """

    override: str | None = None
    unchecked: bool = False
    facts: Mapping[str, HubFacts | None] = field(default_factory=dict)


def with_plan(
    project: Item, plan: ProjectPlan, base: SyncBase | None, actor: Actor, rules: Rules | None = None
) -> Item:
    """The DSS project with its part of a plan in it.

    Args:
        project: the project, holding what it held when it was compared.
        plan: its part.
        base: what the project remembers to be in step with.
        actor: who, when.
        rules: for a plan file, whether its statuses must keep the requirements; None for what Govern brings.

    Raises:
        ValueError: the other side holds what is no value here.
        WriteRefused: the project must not be written.
    """
    changes, statuses = values_of(plan.writes, project.blueprint)
    if rules is None:
        return merge_remote(project, changes, statuses, base, actor)
    project = replace(project, hub=rules.facts.get(plan.project_key))
    return merge_remote(
        project, changes, statuses, base, actor, enforce=True, override=rules.override, unchecked=rules.unchecked
    )


def _goes_back(seen: Mapping[str, str | None], writes: Mapping[str, str | None], blueprint: Blueprint) -> bool:
    if WORKFLOW not in writes:
        return False
    return moves_back(statuses_of(seen.get(WORKFLOW), blueprint), statuses_of(writes[WORKFLOW], blueprint))


# for people -----------------------------------------------------------------------------------------------------

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
    sides = {
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
        sides.get(difference.verdict),
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
    one, other = (statuses_of(text, blueprint) for text in texts)
    differing = [step for step in blueprint.steps if one.get(step.id) is not other.get(step.id)]
    dss, remote = (
        ", ".join(f"{step.name}: {STATUS_LABELS[side[step.id]]}" for step in differing if step.id in side)
        for side in (one, other)
    )
    return dss, remote
