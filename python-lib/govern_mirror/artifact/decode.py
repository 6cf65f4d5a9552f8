"""Govern artifact → values and statuses: `decode_artifact()`.

It never raises: what cannot be read is listed as a problem and left out, so that nobody takes it for a blank value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from govern_mirror.artifact.comparison import compared_fields
from govern_mirror.artifact.project import ArtifactProject
from govern_mirror.artifact.statuses import read_statuses
from govern_mirror.artifact.template import Template
from govern_mirror.artifact.values import missing_field, read_values
from govern_mirror.model.blueprint import Blueprint
from govern_mirror.model.item import Problem
from govern_mirror.nested import text


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
        The project. Fields that Govern lacks and documents are not in its values (see `comparison`).
    """
    blueprint = template.resolved(blueprint)
    problems = template_problems(template, blueprint)
    values = read_values(artifact, template, initiatives, blueprint, problems)
    statuses, has_workflow = read_statuses(artifact, template, problems)
    return ArtifactProject(
        id=text(artifact.get("id")),
        name=text(artifact.get("name")),
        template=template,
        archived=artifact.get("archived") is True,
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
        missing_field(each, template) for each in compared_fields(blueprint) if each.govern not in template.fields
    ]
    for step in blueprint.steps:
        if step.id not in template.step_ids:
            message = f"the template {template.version_id} has no step {step.name}: its status is not compared"
            problems.append(Problem(f"steps.{step.id}", None, f"a step {step.id}", message))
    return problems
