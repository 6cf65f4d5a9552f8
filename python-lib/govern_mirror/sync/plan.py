"""A plan: what differs between DSS and the other side, and what would be done about it. Pure.

A plan is a value: it can be printed, saved, checked against the safety threshold, refused, applied.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from govern_mirror.model.blueprint import is_status_path
from govern_mirror.model.changes import merge_remote
from govern_mirror.model.event import Actor
from govern_mirror.model.item import Item, Problem, SyncBase
from govern_mirror.sync.compare import WORKFLOW, Verdict, judge, print_of, statuses_of, value_of
from govern_mirror.sync.group import Counterpart, Group
from govern_mirror.sync.unrecorded import UNRECORDED, unrecorded_paths

__all__ = [
    "Counterpart",
    "CounterpartPlan",
    "Difference",
    "Direction",
    "Group",
    "Outcome",
    "Plan",
    "Prefer",
    "ProjectPlan",
    "plan_groups",
    "taken_over",
]


class Direction(str, Enum):
    """Which side is written. `status` writes neither."""

    STATUS = "status"
    PULL = "pull"
    PUSH = "push"
    BOTH = "both"

    @property
    def writes_dss(self) -> bool:
        """Whether DSS projects are written."""
        return self in (Direction.PULL, Direction.BOTH)

    @property
    def writes_govern(self) -> bool:
        """Whether the other side is written."""
        return self in (Direction.PUSH, Direction.BOTH)


class Prefer(str, Enum):
    """Whose value wins a conflict."""

    DSS = "dss"
    GOVERN = "govern"


class Outcome(str, Enum):
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
    """

    field: str
    here: str | None
    there: str | None
    verdict: Verdict
    outcome: Outcome
    reason: str | None = None


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
        return tuple(each for each in self.differences if each.outcome is Outcome.CONFLICT)

    @property
    def held(self) -> tuple[Difference, ...]:
        """The values that are not written into the other side, each with its reason."""
        return tuple(each for each in self.differences if each.outcome is Outcome.HELD)


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
            is in step.
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
        return bool(self.only_here or self.only_there or any(each.differences for each in self.projects))

    @property
    def changes(self) -> bool:
        """Whether applying it would write a value on either side."""
        return bool(self.counterparts) or any(each.writes or each.creates for each in self.projects)

    @property
    def conflicts(self) -> int:
        """How many conflicts are left."""
        return sum(len(each.conflicts) for each in self.projects)

    @property
    def held(self) -> int:
        """How many values are not written into the other side, because nobody recorded them or of a sign-off."""
        return sum(len(each.held) for each in self.projects)

    @property
    def disputed(self) -> int:
        """How many values both sides changed, whatever the plan does about it."""
        return sum(d.verdict is Verdict.CONFLICT for each in self.projects for d in each.differences)


def plan_groups(
    groups: Iterable[Group],
    direction: Direction,
    prefer: Prefer | None = None,
    bases: Mapping[str, Mapping[str, str]] | None = None,
) -> tuple[tuple[ProjectPlan, ...], tuple[CounterpartPlan, ...]]:
    """Plan what is done with each group.

    Args:
        groups: DSS projects by counterpart.
        direction: which side is written.
        prefer: whose value wins a conflict; None leaves conflicts.
        bases: what counts of what the projects' records say was in step, by project key.
    """
    projects: list[ProjectPlan] = []
    counterparts: list[CounterpartPlan] = []
    for group in groups:
        planned, written = _GroupPlan(group, direction, prefer, bases or {}).planned()
        projects += planned
        counterparts += written
    return tuple(projects), tuple(counterparts)


class _GroupPlan:
    """The plan of one group, value by value."""

    def __init__(
        self,
        group: Group,
        direction: Direction,
        prefer: Prefer | None,
        bases: Mapping[str, Mapping[str, str]],
    ) -> None:
        self._group = group
        self._direction = direction
        self._prefer = prefer
        self._there = group.counterpart.texts
        self._here = [group.counterpart.texts_of(project) for project in group.projects]
        known = bases if group.bases is None else group.bases
        self._bases = [known.get(project.facts.project_key, {}) for project in group.projects]
        self._unrecorded = [unrecorded_paths(project) for project in group.projects]
        self._found: list[list[Difference]] = [[] for _ in group.projects]
        self._to_dss: list[dict[str, str | None]] = [{} for _ in group.projects]
        self._to_govern: dict[str, str | None] = {}

    def planned(self) -> tuple[list[ProjectPlan], list[CounterpartPlan]]:
        for path in self._there:
            if all(path in texts for texts in self._here):
                self._plan_path(path)
        projects = [self._project(at) for at in range(len(self._here))]
        counterpart = self._group.counterpart
        keys = tuple(project.facts.project_key for project in self._group.projects)
        creates = counterpart.creates_over if self._direction.writes_govern else ()
        written = CounterpartPlan(
            counterpart.id, counterpart.name, self._to_govern, dict(self._there), keys, creates_over=creates
        )
        return [each for each in projects if each is not None], [written] if self._to_govern or creates else []

    def _untouchable(self, path: str) -> bool:
        """Whether a side holds something there that is not valid: it is listed as a problem, never written over."""
        faults = {problem.field for problem in self._group.counterpart.problems}
        for project in self._group.projects:
            faults |= project.problem_fields
        if path == WORKFLOW:
            return WORKFLOW in faults or any(map(is_status_path, faults))
        return path in faults

    def _plan_path(self, path: str) -> None:
        if self._untouchable(path):
            return
        there = self._there[path]
        here = [texts.get(path) for texts in self._here]
        verdicts = [judge(base.get(path), mine, there) for base, mine in zip(self._bases, here, strict=True)]
        target, settled = self._target(here, there, verdicts)
        held = self._reason_to_hold(path, here, verdicts, target) if settled and target != there else None
        if settled and held is None and target != there and self._direction.writes_govern:
            self._to_govern[path] = target
        for at, verdict in enumerate(verdicts):
            outcome = self._outcome(verdict, here[at], there, target, settled)
            if held is not None:
                changed = verdict in (Verdict.CHANGED_HERE, Verdict.CONFLICT)
                outcome = Outcome.HELD if changed else Outcome.LEFT
            if outcome is Outcome.TO_DSS:
                self._to_dss[at][path] = target if self._direction is Direction.BOTH else there
            if verdict is not Verdict.SAME or outcome is Outcome.TO_DSS:
                reason = held if outcome is Outcome.HELD else None
                self._found[at].append(Difference(path, here[at], there, verdict, outcome, reason))

    def _reason_to_hold(
        self, path: str, here: Sequence[str | None], verdicts: Sequence[Verdict], target: str | None
    ) -> str | None:
        """Why a value of DSS must not be written into the other side, although the compare would."""
        if not self._direction.writes_govern:
            return None
        if path in self._group.held:
            return self._group.held[path]
        changed = (Verdict.CHANGED_HERE, Verdict.CONFLICT)
        sources = [
            unrecorded
            for value, verdict, unrecorded in zip(here, verdicts, self._unrecorded, strict=True)
            if value == target and verdict in changed
        ]
        return UNRECORDED if sources and all(path in unrecorded for unrecorded in sources) else None

    def _target(
        self, here: Sequence[str | None], there: str | None, verdicts: Sequence[Verdict]
    ) -> tuple[str | None, bool]:
        """The value that both sides should hold, and whether that is settled."""
        mine = {value for value, verdict in zip(here, verdicts, strict=True) if verdict is Verdict.CHANGED_HERE}
        if Verdict.CONFLICT in verdicts or len(mine) > 1:
            if self._prefer is Prefer.GOVERN:
                return there, True
            changed = (Verdict.CONFLICT, Verdict.CHANGED_HERE)
            rivals = {value for value, verdict in zip(here, verdicts, strict=True) if verdict in changed}
            # DSS projects that disagree among themselves have no one value to prefer
            settled = self._prefer is Prefer.DSS and len(rivals) == 1
            return (rivals.pop() if settled else there), settled
        return (mine.pop() if mine else there), True

    def _outcome(
        self, verdict: Verdict, here: str | None, there: str | None, target: str | None, settled: bool
    ) -> Outcome:
        if not settled:
            lags = verdict is Verdict.CHANGED_THERE
            return Outcome.LEFT if lags or self._direction is Direction.STATUS else Outcome.CONFLICT
        if self._direction is Direction.BOTH:
            return Outcome.TO_DSS if here != target else Outcome.TO_GOVERN if there != target else Outcome.LEFT
        if (
            self._direction is Direction.PULL
            and here != there
            and (target == there or verdict is Verdict.CHANGED_THERE)
        ):
            return Outcome.TO_DSS
        if self._direction is Direction.PUSH and there != target and here == target:
            return Outcome.TO_GOVERN
        return Outcome.CONFLICT if verdict is Verdict.CONFLICT and self._prefer is None else Outcome.LEFT

    def _project(self, at: int) -> ProjectPlan | None:
        project = self._group.projects[at]
        base = self._base_after(at)
        creates = not project.is_governed
        remembers = self._direction is not Direction.STATUS and self._group.bases is None
        rebases = remembers and base != dict(self._bases[at])
        if not self._found[at] and not rebases and not creates:
            return None
        return ProjectPlan(
            project_key=project.facts.project_key,
            name=project.facts.name,
            counterpart=self._group.counterpart.id,
            differences=tuple(self._found[at]),
            writes=self._to_dss[at],
            base=base,
            seen=self._here[at],
            creates=creates,
            rebases=rebases,
        )

    def _base_after(self, at: int) -> dict[str, str]:
        """What both sides hold once the plan is applied; where they still differ, the base stays as it was."""
        after = {}
        for path, there in self._there.items():
            here = self._to_dss[at].get(path, self._here[at].get(path))
            there = self._to_govern.get(path, there)
            if here == there and not self._untouchable(path):
                after[path] = print_of(here)
            elif path in self._bases[at]:
                after[path] = self._bases[at][path]
        return after


def taken_over(project: Item, plan: ProjectPlan, base: SyncBase | None, actor: Actor) -> Item:
    """The DSS project with its part of a plan in it.

    Args:
        project: the project, holding what it held when it was compared.
        plan: its part.
        base: what the project remembers to be in step with.
        actor: who, when.

    Raises:
        ValueError: the other side holds what is no value here.
        WriteRefused: the project must not be written.
    """
    blueprint = project.blueprint
    statuses = statuses_of(plan.writes[WORKFLOW], blueprint) if WORKFLOW in plan.writes else {}
    changes = {path: value_of(path, text, blueprint) for path, text in plan.writes.items() if path != WORKFLOW}
    return merge_remote(project, changes, statuses, base, actor)
