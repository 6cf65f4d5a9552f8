"""Govern artifact ↔ values and statuses: `decode_artifact()`, `encode_artifact()`, for one to create `new_artifact()`.

Reading never raises: what cannot be read is listed as a problem and left out, so that nobody takes it for a blank
value. Writing replaces only what is asked for: foreign fields and steps, computed scores and damage stay untouched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from govern_mirror.artifact.statuses import from_legacy_step, legacy_step, put_statuses, read_statuses
from govern_mirror.artifact.template import Template
from govern_mirror.artifact.values import compared_fields, missing_field, put_values, read_values
from govern_mirror.model.blueprint import Blueprint, Status
from govern_mirror.model.item import Problem
from govern_mirror.model.values import Value
from govern_mirror.nested import mapping, text, text_at

APPROVED = "APPROVED"
NOT_STARTED = "NOT_STARTED"

ITEMS = "dataiku_item"
"""The field of a Govern project that lists the artifacts of its DSS projects (gp)."""


def read_signoffs(answer: object) -> dict[str, str] | None:
    """The status of each sign-off, by step id.

    Args:
        answer: what Govern answers for an artifact's sign-offs, or what a search shows of them.

    Returns:
        None when it is not a list of sign-offs, or one of them cannot be read: then nothing may be concluded.
    """
    if not isinstance(answer, list):
        return None
    statuses: dict[str, str] = {}
    for item in answer:
        step, status = text_at(mapping(item).get("signoffId"), "stepId"), text_at(item, "status")
        if step is None or status is None:
            return None
        statuses[step] = status
    return statuses


@dataclass(frozen=True)
class ArtifactProject:
    """A Govern project as its artifact tells it.

    Attributes:
        id: the artifact id, such as `ar.5`; empty when it tells none.
        name: its name in Govern.
        template: its blueprint version.
        values: what can be compared, by the paths of `project.values`; blank is None. A path that is not here
            is not known, which is not the same as blank: it must be neither compared nor taken over.
        statuses: the status of each step of the artifact's own, in its template's order, also of steps that our
            blueprint lacks; a step whose status cannot be read is not here.
        has_workflow_object: whether the artifact has `workflow` (Govern 13.5 and later).
        problems: what is not as it should be; their `field` is a path, or `steps.<id>` for a step.
        raw: the artifact as Govern answered it.
        blueprint: the blueprint of ours that it was read with, as `Template.resolved` gave it.
    """

    id: str
    name: str
    template: Template = field(repr=False)
    values: Mapping[str, Value]
    statuses: Mapping[str, Status]
    has_workflow_object: bool
    blueprint: Blueprint = field(repr=False, compare=False)
    problems: tuple[Problem, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def comparable(self, statuses: Mapping[str, Status]) -> dict[str, Status] | None:
        """Statuses, this artifact's or a DSS project's, as far as both sides can tell them apart.

        Two states are the same to sync when this gives the same for both. Steps that only one side has do not
        count. Where Govern has only `status.stepId`, states that it stands for alike come out alike.

        Returns:
            A status for each step that both sides have; None when one of them is not in `statuses`, because it
            could not be read: then nothing may be concluded.
        """
        shared = self.template.shared_steps(self.blueprint)
        if any(step not in statuses for step in shared):
            return None
        comparable = {step: statuses[step] for step in shared}
        return comparable if self.has_workflow_object else from_legacy_step(legacy_step(comparable), shared)


def decode_artifact(
    artifact: Mapping[str, Any],
    template: Template,
    initiatives: Mapping[str, str],
    *,
    blueprint: Blueprint,
) -> ArtifactProject:
    """Read a Govern project from its artifact. Never raises.

    Args:
        artifact: a JSON object in any state.
        template: the artifact's own blueprint version.
        initiatives: names of what references point to (business initiatives), by artifact id.
        blueprint: ours; its fields' `govern` ids and its steps say what is read.

    Returns:
        The project. Fields that Govern lacks and documents are not in its values (see `values`).
    """
    blueprint = template.resolved(blueprint)
    problems = template_problems(template, blueprint)
    values = read_values(artifact, template, initiatives, blueprint, problems)
    statuses, has_workflow = read_statuses(artifact, template, problems)
    return ArtifactProject(
        id=text(artifact.get("id")),
        name=text(artifact.get("name")),
        template=template,
        values=values,
        statuses=statuses,
        has_workflow_object=has_workflow,
        problems=tuple(problems),
        raw=artifact,
        blueprint=blueprint,
    )


def template_problems(template: Template, blueprint: Blueprint) -> list[Problem]:
    """What a template of Govern's lacks of what is compared: problems that all of its projects have."""
    problems = [
        missing_field(our_field, template)
        for our_field in compared_fields(blueprint)
        if our_field.govern not in template.fields
    ]
    for step in blueprint.steps:
        if step.id not in template.step_ids:
            message = f"the template {template.version_id} has no step {step.name}: its status is not compared"
            problems.append(Problem(f"steps.{step.id}", None, f"a step {step.id}", message))
    return problems


def encode_artifact(
    artifact: Mapping[str, Any],
    template: Template,
    changes: Mapping[str, Value],
    statuses: Mapping[str, Status] | None,
    initiative_ids: Mapping[str, str],
    *,
    blueprint: Blueprint,
) -> tuple[dict[str, Any], list[Problem]]:
    """The artifact with some values and statuses replaced; all else untouched, and the argument too.

    What the artifact already says in other words (a time of that day, a list of that one value) stays as it is,
    so that `encode_artifact(artifact, template, {}, None, …) == artifact`, and writing what was read changes
    nothing. Computed scores are never written; Govern's own hook makes them anew.

    Args:
        artifact: the artifact as read just before writing.
        template: its blueprint version.
        changes: new values by path; None (or an empty text) clears.
        statuses: new statuses by step id, or None to leave them. On a node before 13.5 they become the one
            `status.stepId` that stands for them; on a newer one `status.stepId` stays as read, since Govern
            derives it from `workflow`.
        initiative_ids: artifact ids of business initiatives by name; ambiguous names must not be in it.
        blueprint: ours.

    Returns:
        The artifact to PUT, and what was left out of it and why.
    """
    problems: list[Problem] = []
    blueprint = template.resolved(blueprint)
    document = dict(artifact)
    if changes:
        put_values(document, template, changes, initiative_ids, blueprint, problems)
    if statuses:
        put_statuses(document, template, statuses, blueprint, problems)
    return document, problems


def new_artifact(
    name: str,
    template: Template,
    items: Iterable[str],
    changes: Mapping[str, Value],
    statuses: Mapping[str, Status] | None,
    initiative_ids: Mapping[str, str],
    *,
    blueprint: Blueprint,
) -> tuple[dict[str, Any], list[Problem]]:
    """The definition of a Govern project to create.

    It tells the workflow both ways, as `workflow` and as `status.stepId`, since the version of the node decides
    which one it reads.

    Args:
        name: the new Govern project's name.
        template: the blueprint version to make it of.
        items: artifact ids of the DSS projects it governs.
        changes, statuses, initiative_ids, blueprint: as for `encode_artifact`.

    Returns:
        The definition to POST, and what was left out of it and why.
    """
    bare: dict[str, Any] = {
        "name": name,
        "blueprintVersionId": {"blueprintId": template.blueprint_id, "versionId": template.version_id},
        "fields": {ITEMS: list(items)},
    }
    if statuses and template.steps:
        bare["workflow"] = {"steps": {}}
    definition, problems = encode_artifact(bare, template, changes, statuses, initiative_ids, blueprint=blueprint)
    if "workflow" in definition:
        written_statuses, _ = read_statuses(definition, template, [])
        definition["status"] = {"stepId": legacy_step(written_statuses)}
    return definition, problems
