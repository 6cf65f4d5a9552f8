"""A plan: what differs between DSS and the other side, and what would be done about it. Pure.

A plan is a value: it can be printed, saved, checked against the safety threshold, refused, applied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from govern_mirror.blueprint import Status
from govern_mirror.changes import synced
from govern_mirror.event import Actor
from govern_mirror.project import GovernedProject, Problem, SyncBase
from govern_mirror.sync.compare import (
    WORKFLOW,
    Verdict,
    judge,
    print_of,
    statuses_of,
    texts_of,
    value_of,
    workflow_text,
)


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
    LEFT = "left"


@dataclass(frozen=True)
class Counterpart:
    """The other side of one or several DSS projects.

    Attributes:
        id: the artifact's id, or what names the entry of a plan file.
        name: its name for people.
        texts: what it holds, by path; a path is missing where that side has no such field.
        problems: what could not be read of it; the paths they name are left alone.
        comparable: statuses as far as this side can tell them apart; None when they cannot be compared.
        creates_over: for a Govern project that does not exist yet: ids of the DSS projects' artifacts.
    """

    id: str
    name: str
    texts: Mapping[str, str | None]
    problems: tuple[Problem, ...] = ()
    comparable: Callable[[Mapping[str, Status]], Mapping[str, Status] | None] = dict
    creates_over: tuple[str, ...] = ()

    def texts_of(self, project: GovernedProject) -> dict[str, str | None]:
        """What a DSS project holds, as this side can compare it."""
        found = texts_of(project)
        statuses = self.comparable({step.id: step.status for step in project.workflow.steps})
        if statuses is None:
            del found[WORKFLOW]
        else:
            found[WORKFLOW] = workflow_text(statuses)
        return {path: text for path, text in found.items() if path in self.texts}


@dataclass(frozen=True)
class Group:
    """DSS projects that share one counterpart.

    Attributes:
        counterpart: the other side.
        projects: the DSS projects; one that is not governed is governed anew.
        bases: what was in step, by project key, where the other side itself says so (a plan file); None for what
            the projects' own records remember, which then is renewed.
    """

    counterpart: Counterpart
    projects: tuple[GovernedProject, ...]
    bases: Mapping[str, Mapping[str, str]] | None = None


@dataclass(frozen=True)
class Difference:
    """One value that differs, and what is done about it.

    Attributes:
        field: its path; `workflow` for the statuses of all steps.
        here, there: what DSS and the other side hold, as texts; None is blank.
        verdict: what the compare says.
        outcome: what the plan does.
    """

    field: str
    here: str | None
    there: str | None
    verdict: Verdict
    outcome: Outcome


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
        direction, prefer: what was asked for.
        node_id: the DSS instance's node id.
        govern_node_id: the other side's; None where it names none.
        projects: the DSS projects that differ, or whose base must be written.
        counterparts: the artifacts that are written.
        compared: how many pairs were compared: what the safety threshold is a share of.
        only_here: keys of projects that are governed in DSS only.
        only_there: names of what is governed on the other side only, with the DSS project it points to.
        problems: what could not be compared.
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
    def disputed(self) -> int:
        """How many values both sides changed, whatever the plan does about it."""
        return sum(d.verdict is Verdict.CONFLICT for each in self.projects for d in each.differences)


def plan_groups(
    groups: Iterable[Group],
    direction: Direction,
    prefer: Prefer | None = None,
    *,
    govern_node_id: str | None = None,
) -> tuple[tuple[ProjectPlan, ...], tuple[CounterpartPlan, ...]]:
    """Plan what is done with each group.

    Args:
        groups: DSS projects by counterpart.
        direction: which side is written.
        prefer: whose value wins a conflict; None leaves conflicts.
        govern_node_id: the other side's node, which a base must name to count.
    """
    projects: list[ProjectPlan] = []
    counterparts: list[CounterpartPlan] = []
    for group in groups:
        planned, written = _GroupPlan(group, direction, prefer, govern_node_id).planned()
        projects += planned
        counterparts += written
    return tuple(projects), tuple(counterparts)


class _GroupPlan:
    """The plan of one group, value by value."""

    def __init__(self, group: Group, direction: Direction, prefer: Prefer | None, node_id: str | None) -> None:
        self._group = group
        self._direction = direction
        self._prefer = prefer
        self._there = group.counterpart.texts
        self._here = [group.counterpart.texts_of(project) for project in group.projects]
        self._bases = [self._base_of(project, node_id) for project in group.projects]
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

    def _base_of(self, project: GovernedProject, node_id: str | None) -> Mapping[str, str]:
        if self._group.bases is not None:
            return self._group.bases.get(project.facts.project_key, {})
        base = project.sync_base
        same = base is not None and (base.node_id, base.artifact_id) == (node_id, self._group.counterpart.id)
        return base.prints if base is not None and same else {}

    def _untouchable(self, path: str) -> bool:
        """Whether a side holds something there that is not valid: it is listed as a problem, never written over."""
        faults = {problem.field for problem in self._group.counterpart.problems}
        for project in self._group.projects:
            faults |= project.problem_fields
        if path == WORKFLOW:
            return WORKFLOW in faults or any(name.startswith("steps.") and name.endswith(".status") for name in faults)
        return path in faults

    def _plan_path(self, path: str) -> None:
        if self._untouchable(path):
            return
        there = self._there[path]
        here = [texts.get(path) for texts in self._here]
        verdicts = [judge(base.get(path), mine, there) for base, mine in zip(self._bases, here, strict=True)]
        target, settled = self._target(here, there, verdicts)
        if settled and target != there and self._direction.writes_govern:
            self._to_govern[path] = target
        for at, verdict in enumerate(verdicts):
            outcome = self._outcome(verdict, here[at], there, target, settled)
            if outcome is Outcome.TO_DSS:
                self._to_dss[at][path] = target if self._direction is Direction.BOTH else there
            if verdict is not Verdict.SAME or outcome is Outcome.TO_DSS:
                self._found[at].append(Difference(path, here[at], there, verdict, outcome))

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


def taken_over(project: GovernedProject, plan: ProjectPlan, base: SyncBase | None, actor: Actor) -> GovernedProject:
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
    return synced(project, changes, statuses, base, actor)
