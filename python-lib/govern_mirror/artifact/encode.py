"""Values and statuses → Govern artifact: `encode_artifact()` and, for one to create, `new_artifact()`.

Only what is asked for is replaced; foreign fields and steps, computed scores and damage pass through untouched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from govern_mirror.artifact.statuses import legacy_step, put_statuses, read_statuses
from govern_mirror.artifact.template import Template
from govern_mirror.artifact.values import put_values
from govern_mirror.model.blueprint import Blueprint, Status
from govern_mirror.model.item import Problem
from govern_mirror.model.values import Value

ITEMS = "dataiku_item"
"""The field of a Govern project that lists the artifacts of its DSS projects (gp)."""


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
    written = dict(artifact)
    if changes:
        put_values(written, template, changes, initiative_ids, blueprint, problems)
    if statuses:
        put_statuses(written, template, statuses, blueprint, problems)
    return written, problems


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
