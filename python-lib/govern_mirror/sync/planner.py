"""Make a plan: compare DSS projects with their counterparts, value by value, and say what is done about it. Pure.

A sign-off in Govern keeps from being pushed what it is about: the decision and the statuses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from govern_mirror.artifact.codec import APPROVED, NOT_STARTED
from govern_mirror.errors import Action, Hint
from govern_mirror.model.blueprint import Blueprint, Role, is_status_path
from govern_mirror.model.item import Item
from govern_mirror.model.trust import unrecorded_edits
from govern_mirror.sync.compare import (
    WORKFLOW,
    Comparison,
    Hold,
    PairedProjects,
    compare_value,
    fingerprint,
    planned_paths,
    statuses_of,
)
from govern_mirror.sync.pairing import NEW
from govern_mirror.sync.plan import CounterpartPlan, Difference, Direction, Prefer, ProjectPlan, Resolution
from govern_mirror.text import clipped

UNKNOWN_SIGNOFFS = "its sign-offs in Govern cannot be read, and it is not pushed over one"
UNRECORDED = "typed into the project's fields, and recorded by nobody"


def unrecorded_paths(project: Item) -> frozenset[str]:
    """The compared paths that hold what was typed by hand and recorded by nobody; all where no record tells."""
    if project.is_governed and not project.has_own_record:
        return frozenset(planned_paths(project.blueprint))
    return frozenset(WORKFLOW if is_status_path(path) else path for path in unrecorded_edits(project))


_CHANGED = (Comparison.CHANGED_HERE, Comparison.CONFLICT)
"""The verdicts that say that DSS holds another value than what was in step."""


def plan_groups(
    groups: Iterable[PairedProjects],
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
        project_plans, counterpart_plans = _PairPlanner(group, direction, prefer, bases or {}).planned()
        projects += project_plans
        counterparts += counterpart_plans
    return tuple(projects), tuple(counterparts)


class _PairPlanner:
    """The plan of one group, value by value."""

    def __init__(
        self,
        group: PairedProjects,
        direction: Direction,
        prefer: Prefer | None,
        bases: Mapping[str, Mapping[str, str]],
    ) -> None:
        self._group = group
        self._direction = direction
        self._prefer = prefer
        self._remote = group.counterpart.texts
        self._dss = [group.counterpart.texts_of(project) for project in group.projects]
        prints = bases if group.bases is None else group.bases
        self._bases = [prints.get(project.facts.project_key, {}) for project in group.projects]
        self._unrecorded = [unrecorded_paths(project) for project in group.projects]
        self._differences: list[list[Difference]] = [[] for _ in group.projects]
        self._to_dss: list[dict[str, str | None]] = [{} for _ in group.projects]
        self._to_govern: dict[str, str | None] = {}

    def planned(self) -> tuple[list[ProjectPlan], list[CounterpartPlan]]:
        for path in self._remote:
            if all(path in texts for texts in self._dss):
                self._plan_path(path)
        projects = [self._project(at) for at in range(len(self._dss))]
        counterpart = self._group.counterpart
        keys = tuple(project.facts.project_key for project in self._group.projects)
        creates = counterpart.creates_over if self._direction.writes_govern else ()
        plan = CounterpartPlan(
            counterpart.id, counterpart.name, self._to_govern, dict(self._remote), keys, creates_over=creates
        )
        return [part for part in projects if part is not None], [plan] if self._to_govern or creates else []

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
        remote = self._remote[path]
        dss = [texts.get(path) for texts in self._dss]
        verdicts = [compare_value(base.get(path), text, remote) for base, text in zip(self._bases, dss, strict=True)]
        target, settled = self._target(dss, remote, verdicts)
        hold = self._hold(path, dss, verdicts, target) if settled and target != remote else None
        if settled and hold is None and target != remote and self._direction.writes_govern:
            self._to_govern[path] = target
        for at, verdict in enumerate(verdicts):
            outcome = self._outcome(verdict, dss[at], remote, target, settled)
            if hold is not None:
                outcome = Resolution.HELD if verdict in _CHANGED else Resolution.LEFT
            if outcome is Resolution.TO_DSS:
                self._to_dss[at][path] = target if self._direction is Direction.BOTH else remote
            if verdict is not Comparison.SAME or outcome is Resolution.TO_DSS:
                reason, hint = (hold.reason, hold.hint) if hold and outcome is Resolution.HELD else (None, None)
                self._differences[at].append(Difference(path, dss[at], remote, verdict, outcome, reason, hint))

    def _hold(
        self, path: str, dss: Sequence[str | None], verdicts: Sequence[Comparison], target: str | None
    ) -> Hold | None:
        """Why a value of DSS must not be written into the other side, although the compare would."""
        if not self._direction.writes_govern:
            return None
        if path in self._group.held:
            return self._group.held[path]
        if path == WORKFLOW and (skipped := self._skipped_by_people()):
            return Hold(f"{skipped} was skipped by people, and what Govern skips it hides: nothing there says so")
        sources = [at for at, verdict in enumerate(verdicts) if dss[at] == target and verdict in _CHANGED]
        if not sources or any(path not in self._unrecorded[at] for at in sources):
            return None
        return Hold(UNRECORDED, Hint(Action.CONFIRM, self._group.projects[sources[0]].facts.project_key))

    def _skipped_by_people(self) -> str:
        """The steps that people skipped in a project of the group, by name."""
        steps = (step for project in self._group.projects for step in project.workflow.steps)
        skipped = dict.fromkeys(step.name for step in steps if step.is_skipped_by_people)
        return ", ".join(skipped)

    def _target(
        self, dss: Sequence[str | None], remote: str | None, verdicts: Sequence[Comparison]
    ) -> tuple[str | None, bool]:
        """The value that both sides should hold, and whether that is settled."""
        mine = {value for value, verdict in zip(dss, verdicts, strict=True) if verdict is Comparison.CHANGED_HERE}
        if Comparison.CONFLICT in verdicts or len(mine) > 1:
            if self._prefer is Prefer.GOVERN:
                return remote, True
            rivals = {value for value, verdict in zip(dss, verdicts, strict=True) if verdict in _CHANGED}
            # DSS projects that disagree among themselves have no one value to prefer
            settled = self._prefer is Prefer.DSS and len(rivals) == 1
            return (rivals.pop() if settled else remote), settled
        return (mine.pop() if mine else remote), True

    def _outcome(
        self, verdict: Comparison, dss: str | None, remote: str | None, target: str | None, settled: bool
    ) -> Resolution:
        if not settled:
            lags = verdict is Comparison.CHANGED_THERE
            return Resolution.LEFT if lags or self._direction is Direction.STATUS else Resolution.CONFLICT
        if self._direction is Direction.BOTH:
            return Resolution.TO_DSS if dss != target else Resolution.TO_GOVERN if remote != target else Resolution.LEFT
        if (
            self._direction is Direction.PULL
            and dss != remote
            and (target == remote or verdict is Comparison.CHANGED_THERE)
        ):
            return Resolution.TO_DSS
        if self._direction is Direction.PUSH and remote != target and dss == target:
            return Resolution.TO_GOVERN
        return Resolution.CONFLICT if verdict is Comparison.CONFLICT and self._prefer is None else Resolution.LEFT

    def _project(self, at: int) -> ProjectPlan | None:
        project = self._group.projects[at]
        base = self._base_after(at)
        creates = not project.is_governed
        remembers = self._direction is not Direction.STATUS and self._group.bases is None
        rebases = remembers and base != dict(self._bases[at])
        if not self._differences[at] and not rebases and not creates:
            return None
        return ProjectPlan(
            project_key=project.facts.project_key,
            name=project.facts.name,
            counterpart=self._group.counterpart.id,
            differences=tuple(self._differences[at]),
            writes=self._to_dss[at],
            base=base,
            seen=self._dss[at],
            creates=creates,
            rebases=rebases,
        )

    def _base_after(self, at: int) -> dict[str, str]:
        """What both sides hold once the plan is applied; where they still differ, the base stays as it was."""
        after = {}
        for path, remote in self._remote.items():
            dss = self._to_dss[at].get(path, self._dss[at].get(path))
            remote = self._to_govern.get(path, remote)
            if dss == remote and not self._untouchable(path):
                after[path] = fingerprint(dss)
            elif path in self._bases[at]:
                after[path] = self._bases[at][path]
        return after


def guarded_paths(part: CounterpartPlan, blueprint: Blueprint) -> frozenset[str]:
    """Of what would be written into a Govern project, the paths that a sign-off is about; none for a new project."""
    if part.id.startswith(NEW):
        return frozenset()
    decision = blueprint.roles.get(Role.DECISION)
    return frozenset({WORKFLOW, *([decision.path] if decision else [])} & part.writes.keys())


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
    holds: dict[str, Hold] = {}
    for step, status in signoffs.items():
        if status == APPROVED:
            continue
        reason = f"the sign-off of step {clipped(step)} in Govern is {clipped(status)}"
        hold = Hold(reason, Hint(Action.OVER_SIGNOFF))
        if status != NOT_STARTED:
            return dict.fromkeys(paths, hold)
        if WORKFLOW in paths and _finishes(part, step, blueprint):
            holds[WORKFLOW] = hold
    return holds


def _finishes(part: CounterpartPlan, step: str, blueprint: Blueprint) -> bool:
    before, after = (statuses_of(texts[WORKFLOW], blueprint).get(step) for texts in (part.seen, part.writes))
    return after is not None and after.is_done and after is not before
