"""Apply a plan: the other side first, then DSS, the base last.

Killed at any point and started again, it ends where one clean run would: what was written already compares as
equal, and the base is written together with the DSS values, after the other side. No PUT is repeated blindly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from govern_mirror.artifact import encode_artifact, new_artifact
from govern_mirror.bulk import Progress, for_each
from govern_mirror.dss import BulkConfirmation, ProjectStore
from govern_mirror.errors import FAILED_OUTCOMES, ConflictError, GovernMirrorError, Hint, outcome_of
from govern_mirror.govern_node import BulkArtifacts, GovernNode, GovernSurvey, Raw
from govern_mirror.labels import field_label
from govern_mirror.model.event import Actor
from govern_mirror.model.item import Item, Problem, SyncBase
from govern_mirror.sync.bases import SealKey
from govern_mirror.sync.compare import WORKFLOW, Counterpart, values_of
from govern_mirror.sync.pairing import NEW
from govern_mirror.sync.plan import CounterpartPlan, Plan, ProjectPlan, Rules, with_plan


@dataclass(frozen=True)
class SyncResult:
    """How the work on one project (or Govern project) ended.

    Attributes:
        project_key: the DSS project; the Govern project's id for work on that side.
        outcome: pulled, pushed, created, noted (only the base was written), failed, or unclear (it may have been
            written).
        message: one sentence.
        warnings: what people should look at.
        hint: what to do about a failure, which the entry point words.
    """

    project_key: str
    outcome: str
    message: str = ""
    warnings: tuple[str, ...] = ()
    hint: Hint | None = None

    @property
    def failed(self) -> bool:
        """Whether it ended in an error."""
        return self.outcome in FAILED_OUTCOMES


@dataclass(frozen=True)
class Sides:
    """What a plan is applied to.

    Attributes:
        store: the DSS instance.
        counterparts: the other side, by id.
        govern, survey, seal: None for a plan file, which remembers no base.
        rules: for a plan file, whether its statuses must keep the requirements; None for Govern.
    """

    store: ProjectStore
    counterparts: Mapping[str, Counterpart]
    govern: GovernNode | None = None
    survey: GovernSurvey | None = None
    seal: SealKey | None = None
    rules: Rules | None = None


@dataclass
class BulkSync:
    """What a sync wrote and still has to confirm: nothing but for many, since a single write waits for itself.

    Attributes:
        projects, artifacts: the writes; None of a single one.
        artifact_keys: the DSS project of each artifact.
    """

    projects: BulkConfirmation | None = None
    artifacts: BulkArtifacts | None = None
    artifact_keys: dict[str, str] = field(default_factory=dict)


def apply(
    plan: Plan, sides: Sides, actor: Actor, progress: Progress | None = None, *, force: bool = False
) -> list[SyncResult]:
    """Apply a plan.

    Groups are worked on side by side; a failure ends only its own group, of which nothing more is written.

    Args:
        plan: what to do.
        sides: both sides, as they were compared.
        actor: who, with source `sync`, when.
        progress: told after each group.
        force: apply it although it changes more than the safety threshold allows.

    Raises:
        ThresholdExceeded: it changes too much; nothing was written.
    """
    if not force:
        plan.raise_if_unsafe(sides.store.layout.blueprint)
    groups: dict[str, list[ProjectPlan]] = {}
    for project in plan.projects:
        if project.writes or project.creates or project.rebases:
            groups.setdefault(project.counterpart, []).append(project)
    counterparts = {part.id: part for part in plan.counterparts}
    ids = list(dict.fromkeys([*counterparts, *groups]))
    bulk = BulkSync(BulkConfirmation(), {}) if len(ids) > 1 else BulkSync()

    def work(id_: str) -> list[SyncResult]:
        return _PairWriter(plan, sides, actor, counterparts.get(id_), groups.get(id_, []), bulk).apply()

    endings = for_each(ids, work, progress=progress)
    results: list[SyncResult] = []
    for ending in endings:
        if ending.result is not None:
            results += ending.result
        else:
            keys = [part.project_key for part in groups.get(ending.item, [])] or [ending.item]
            results += [SyncResult(key, outcome_of(ending.error), str(ending.error)) for key in keys]
    return _confirmed(results, sides, bulk)


def _confirmed(results: list[SyncResult], sides: Sides, bulk: BulkSync) -> list[SyncResult]:
    """Look once more for everything that was written; what is lost and cannot be written anew has failed."""
    failures: dict[str, GovernMirrorError] = {}
    if sides.govern is not None and bulk.artifacts:
        for artifact_id, error in sides.govern.confirm(bulk.artifacts).items():
            failures[bulk.artifact_keys[artifact_id]] = error
    for key, confirmation in sides.store.confirm(bulk.projects).items() if bulk.projects else ():
        if confirmation.error is not None:
            failures[key] = confirmation.error
    others = [result for result in results if result.failed or result.project_key not in failures]
    return [*others, *(SyncResult(key, outcome_of(error), str(error)) for key, error in failures.items())]


def refusals(plan: Plan, sides: Sides, projects: Iterable[Item], actor: Actor) -> dict[str, GovernMirrorError]:
    """What would refuse the values of a plan file, by project key; nothing is asked or written."""
    by_key = {project.facts.project_key: project for project in projects}
    refused = {}
    for part in plan.projects if sides.rules is not None else ():
        project = by_key[part.project_key]
        try:
            with_plan(project, part, project.sync_base, actor, sides.rules)
        except GovernMirrorError as error:
            refused[part.project_key] = error
    return refused


def changes_since(plan: Plan, projects: Iterable[Item], counterparts: Mapping[str, Counterpart]) -> list[str]:
    """What changed on either side since a plan was made, as sentences; empty when it may be applied."""
    by_key = {project.facts.project_key: project for project in projects}
    changes = []
    for part in plan.projects:
        project, other = by_key.get(part.project_key), counterparts.get(part.counterpart)
        if project is None or other is None:
            changes.append(f"{part.project_key} or {part.counterpart} is not there any more")
            continue
        names = sorted(path for path, text in other.texts_of(project).items() if part.seen.get(path) != text)
        if names:
            changes.append(f"{part.project_key}: {', '.join(names)} changed in DSS")
    for counterpart in plan.counterparts:
        other = counterparts.get(counterpart.id)
        if other is None or dict(other.texts) != dict(counterpart.seen):
            changes.append(f"{counterpart.id} ({counterpart.name}) changed on the other side")
    return changes


@dataclass(frozen=True)
class _PairWriter:
    """One Govern project and the DSS projects under it."""

    plan: Plan
    sides: Sides
    actor: Actor
    counterpart: CounterpartPlan | None
    projects: list[ProjectPlan]
    bulk: BulkSync

    def apply(self) -> list[SyncResult]:
        results = []
        artifact_id, left_out = None, frozenset[str]()
        if self.counterpart is not None:
            artifact_id, problems = self._write_counterpart(self.counterpart)
            left_out = frozenset(problem.field for problem in problems)
            verb = "created" if self.counterpart.creates_over else "pushed"
            fields = self._labels(path for path in self.counterpart.writes if path not in left_out)
            warnings = tuple(f"{self._labels([p.field])} was not written: {p.message}" for p in problems)
            results.append(SyncResult(self.counterpart.project_keys[0], verb, f"{artifact_id}: {fields}", warnings))
        for project in self.projects:
            try:
                results.append(self._write_project(project, artifact_id or project.counterpart, left_out))
            except GovernMirrorError as error:
                results.append(SyncResult(project.project_key, outcome_of(error), str(error), hint=error.hint))
        return results

    def _labels(self, paths: Iterable[str]) -> str:
        return ", ".join(field_label(self.sides.store.layout.blueprint, path) for path in paths)

    def _write_counterpart(self, part: CounterpartPlan) -> tuple[str, list[Problem]]:
        """Write the other side; returns the artifact's id, and what it could not take."""
        govern, survey = self.sides.govern, self.sides.survey
        if govern is None or survey is None:
            raise GovernMirrorError(f"{part.name}: there is no Govern node to write to")
        blueprint = govern.blueprint
        values, statuses = values_of(part.writes, blueprint)
        initiatives = survey.initiatives.ids
        if part.id.startswith(NEW):
            template = govern.template(blueprint.id, blueprint.version)
            definition, left_out = new_artifact(
                part.name, template, part.creates_over, values, statuses, initiatives, blueprint=blueprint
            )
            return govern.create(definition), left_out
        artifact = next((artifact for artifact in survey.projects if artifact.id == part.id), None)
        if artifact is None:
            raise GovernMirrorError(f"{part.id} is not in Govern any more: compare again")
        not_taken: list[Problem] = []

        def change(raw: Raw) -> Raw:
            body, left_out = encode_artifact(raw, artifact.template, values, statuses, initiatives, blueprint=blueprint)
            not_taken[:] = left_out
            return body

        bulk = self.bulk.artifacts
        govern.save(part.id, change, expected=artifact.raw, bulk=bulk, blueprint=artifact.blueprint)
        self.bulk.artifact_keys[part.id] = part.project_keys[0]
        return part.id, not_taken

    def _write_project(self, plan: ProjectPlan, artifact_id: str, left_out: frozenset[str]) -> SyncResult:
        other = self.sides.counterparts[plan.counterpart]

        def change(project: Item) -> Item:
            now = other.texts_of(project)
            paths = sorted(path for path, text in now.items() if plan.seen.get(path) != text)
            if paths:
                raise ConflictError(
                    f"{plan.project_key}: {self._labels(paths)} changed in DSS since it was compared; it was not "
                    "written, compare again"
                )
            base = project.sync_base
            if self.sides.seal is not None:
                prints = {path: value for path, value in plan.base.items() if path not in left_out}
                unsealed = SyncBase(self.plan.govern_node_id, artifact_id, prints)
                base = self.sides.seal.sealed(unsealed, project.facts)
            try:
                return with_plan(project, plan, base, self.actor, self.sides.rules)
            except ValueError as error:
                raise GovernMirrorError(f"{plan.project_key}: {error}; correct it on the other side") from error

        outcome = self.sides.store.update(plan.project_key, change, self.actor, bulk=self.bulk.projects)
        word = "created" if plan.creates else "pulled" if plan.writes else "noted"
        unread = self._unread(plan) if outcome.written and WORKFLOW in plan.writes else ()
        return SyncResult(plan.project_key, word, self._labels(plan.writes), (*outcome.warnings, *unread))

    def _unread(self, plan: ProjectPlan) -> tuple[str, ...]:
        """What to say where the sign-offs of what a plan file moved could not be looked at."""
        facts = self.sides.rules.facts.get(plan.project_key) if self.sides.rules else None
        return (f"sign-offs unchecked: {facts.unreadable}",) if facts and facts.unreadable is not None else ()
