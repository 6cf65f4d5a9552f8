"""Which DSS project belongs to which Govern project, ready to be compared. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from govern_mirror.artifact import ArtifactProject, is_line_of_texts, template_problems
from govern_mirror.govern_node import DssRef, Fault, GovernSurvey
from govern_mirror.model.item import Governance, Item, Problem
from govern_mirror.model.values import text_of
from govern_mirror.sync.compare import WORKFLOW, Counterpart, PairedProjects, compared_paths, workflow_text

NEW = "new:"
"""The id of a Govern project that does not exist yet begins so; the DSS project's key follows."""

KNOWN = "a project that Govern knows"

MAKE_KNOWN = (
    "Push it with the key of an administrator of DSS, which lets Govern know it at once, or wait until DSS has told "
    "Govern by itself"
)


@dataclass(frozen=True)
class Pairing:
    """The two sides, joined.

    Attributes:
        groups: what is governed on both sides, and (when asked for) what is to be created.
        only_here: keys of projects that are governed in DSS only.
        only_there: what is governed in Govern only, as `KEY (name in Govern)`.
        unknown: keys of projects that are to be governed in Govern, which does not know them yet.
        problems: what could not be paired, or is never written, of the DSS projects that were given.
        elsewhere: problems of what Govern holds besides; they name Govern projects.
        unreadable: those of `elsewhere` that could not be read, so that nobody knows whether it is in step.
    """

    groups: tuple[PairedProjects, ...]
    only_here: tuple[str, ...] = ()
    only_there: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    elsewhere: tuple[Problem, ...] = ()
    unreadable: tuple[Problem, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def compared(self) -> int:
        """How many DSS projects are governed on both sides."""
        groups = [group for group in self.groups if not group.counterpart.id.startswith(NEW)]
        return sum(project.is_governed for group in groups for project in group.projects)


def pair(projects: Iterable[Item], survey: GovernSurvey, node_id: str | None, *, create: bool = False) -> Pairing:
    """Join the projects of a DSS instance with those of a Govern node.

    Projects on automation nodes and copies of governed projects are left out: they are never written.

    Args:
        projects: every visible project of the instance.
        survey: what the Govern node holds.
        node_id: the instance's node id.
        create: also pair what is governed on one side only, so that a plan governs it on the other.
    """
    members: dict[str, list[Item]] = {}
    creations: list[PairedProjects] = []
    only_here: list[str] = []
    only_there: list[str] = []
    problems: list[Problem] = []
    for project in projects:
        key, ref = project.facts.project_key, survey.ref(node_id, project.facts.project_key)
        artifact = survey.by_dss(node_id, key)
        fault = _fault(project, ref, artifact)
        if fault:
            problems.append(fault)
        elif artifact and (project.is_governed or create):
            members.setdefault(artifact.id, []).append(project)
        elif artifact:
            only_there.append(f"{key} ({artifact.name})")
        elif project.is_governed:
            creation = _creation(project, ref, survey) if create else None
            if isinstance(creation, PairedProjects):
                creations.append(creation)
            else:
                only_here.append(key)
                problems += [creation] if creation else []
    artifacts = {artifact.id: artifact for artifact in survey.projects}
    groups = [PairedProjects(counterpart(artifacts[id_]), tuple(items)) for id_, items in members.items()]
    problems += _artifact_problems(members, artifacts)
    elsewhere = tuple(
        Problem(f"govern.{issue.artifact_id or '?'}", issue.name, issue.fault.value, issue.message)
        for issue in survey.problems
    )
    return Pairing(
        groups=(*groups, *creations),
        only_here=tuple(only_here),
        only_there=tuple(only_there),
        problems=tuple(problems),
        elsewhere=elsewhere,
        unreadable=tuple(problem for problem in elsewhere if problem.expected == Fault.UNREADABLE.value),
        unknown=tuple(problem.field for problem in problems if problem.expected == KNOWN),
    )


def _artifact_problems(
    members: Mapping[str, Sequence[Item]], artifacts: Mapping[str, ArtifactProject]
) -> list[Problem]:
    """What could not be read of Govern projects, by DSS project; what their templates lack, once a template."""
    problems: list[Problem] = []
    lacking: dict[tuple[str, str], list[Problem]] = {}
    for id_, projects in members.items():
        artifact = artifacts[id_]
        template = artifact.template
        ids = template.blueprint_id, template.version_id
        if ids not in lacking:
            lacking[ids] = template_problems(template, artifact.blueprint)
        keys = ", ".join(project.facts.project_key for project in projects)
        problems += [
            replace(problem, field=f"{keys}: {problem.field}")
            for problem in artifact.problems
            if problem not in lacking[ids]
        ]
    return problems + [_lacks(version_id, missing) for (_, version_id), missing in lacking.items() if missing]


def _lacks(version_id: str, missing: Sequence[Problem]) -> Problem:
    names = ", ".join(problem.expected for problem in missing)
    message = f"the template {version_id} lacks {names}: not compared in any of its projects"
    return Problem(f"template {version_id}", None, ", ".join(problem.field for problem in missing), message)


def counterpart(artifact: ArtifactProject) -> Counterpart:
    """A Govern project as one side of the compare."""
    texts = {
        path: text_of(artifact.values[path]) for path in compared_paths(artifact.blueprint) if path in artifact.values
    }
    statuses = artifact.comparable(artifact.statuses)
    if statuses is not None:
        texts = {WORKFLOW: workflow_text(statuses), **texts}
    fields = artifact.template.fields
    lines = frozenset(
        field.path
        for field in artifact.blueprint.fields
        if (definition := fields.get(field.govern or "")) and is_line_of_texts(field, definition)
    )
    return Counterpart(artifact.id, artifact.name, texts, artifact.problems, artifact.comparable, lines=lines)


def _fault(project: Item, ref: DssRef | None, artifact: ArtifactProject | None) -> Problem | None:
    key = project.facts.project_key
    if artifact is None:
        return None
    if project.state is Governance.COPIED:
        return Problem(key, None, "a project of its own", f"{key} is a copy of a governed project: adopt it first")
    if ref is not None and ref.automation:
        message = f"{key} lives on an automation node: it is never written; govern the project it was deployed from"
        return Problem(key, None, "a project on a design node", message)
    return _unsound(project)


def _unsound(project: Item) -> Problem | None:
    key = project.facts.project_key
    if not project.is_governed or project.has_own_record:
        return None
    message = (
        f"{key}: its record is lost or damaged, so that nobody can say what was recorded in it: it is left alone. "
        "Look at it, then initialize the project again, which writes the record anew"
    )
    return Problem(key, None, "a project with a record", message)


def _creation(project: Item, ref: DssRef | None, survey: GovernSurvey) -> PairedProjects | Problem:
    key = project.facts.project_key
    if unsound := _unsound(project):
        return unsound
    if ref is None:
        return Problem(key, None, KNOWN, f"Govern does not know {key} yet: it cannot be governed there. {MAKE_KNOWN}")
    if ref.governed_by:
        message = f"Govern has {', '.join(ref.governed_by)} over {key} already, archived or not readable: look there"
        return Problem(key, None, "a project that nothing governs", message)
    # where Govern has no project of this version yet, what it tells by label only is pushed by the next run
    blueprint = project.blueprint
    template = survey.templates.get((blueprint.id, blueprint.version))
    blank = dict.fromkeys(compared_paths(template.resolved(blueprint) if template else blueprint))
    return PairedProjects(
        Counterpart(f"{NEW}{key}", project.facts.name, blank, creates_over=(ref.artifact_id,)), (project,)
    )
