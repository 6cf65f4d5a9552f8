"""The statuses of an artifact's steps, read and put back: in its `workflow`, or before 13.5 by its one step id.

A node before 13.5 has no `workflow`, only `status.stepId`. The step id (client) is null when nothing has started;
else the ongoing step; else the first not-started step; else the last finished one. So one step id stands for several
states: `progress` means that it is ongoing, or that it is next and not started; the last step means that it is next,
ongoing, or finished. It is read as ongoing, which is what Govern makes of it when it is written; and it is compared by
what one step id can tell (`ArtifactProject.comparable`), so that the difference that Govern cannot show is no
difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from govern_mirror.artifact.template import Template
from govern_mirror.model.blueprint import Blueprint, Status
from govern_mirror.model.item import Problem
from govern_mirror.nested import mapping
from govern_mirror.text import clipped, one_of


def legacy_step(statuses: Mapping[str, Status]) -> str | None:
    """The `status.stepId` that stands for statuses (in the workflow's order), as Govern derives it (client).

    Null when nothing has started (skipped steps alone start nothing); else the ongoing step; else the first
    not-started step; else the last finished one.
    """
    if not any(status in (Status.ONGOING, Status.FINISHED) for status in statuses.values()):
        return None
    for candidate in (Status.ONGOING, Status.NOT_STARTED):
        for step, status in statuses.items():
            if status is candidate:
                return step
    return next(step for step, status in reversed(list(statuses.items())) if status is Status.FINISHED)


def from_legacy_step(step_id: str | None, step_ids: Iterable[str]) -> dict[str, Status]:
    """What a `status.stepId` is read as: that step ongoing, earlier ones finished, later ones not started."""
    status = Status.NOT_STARTED if step_id is None else Status.FINISHED
    statuses = {}
    for step in step_ids:
        if step == step_id:
            statuses[step], status = Status.ONGOING, Status.NOT_STARTED
        else:
            statuses[step] = status
    return statuses


def read_statuses(
    artifact: Mapping[str, Any], template: Template, problems: list[Problem]
) -> tuple[dict[str, Status], bool]:
    """The statuses in the template's order, and whether the artifact has `workflow`."""
    workflow = artifact.get("workflow")
    if workflow is None:
        return _legacy_statuses(artifact, template, problems), False
    steps = mapping(workflow).get("steps")
    if not isinstance(steps, Mapping):
        problems.append(Problem("steps", clipped(workflow), "an object with steps", "the workflow cannot be read"))
        return {}, True
    statuses: dict[str, Status] = {}
    strays = [step for step in steps if isinstance(step, str) and step not in template.step_ids]
    for step in (*template.step_ids, *sorted(strays)):
        entry = steps.get(step)
        status = Status.NOT_STARTED if entry is None else _status(mapping(entry).get("status"))
        if status is None:
            expected = f"one of {', '.join(choice.value for choice in Status)}"
            message = f"the status of step {step} cannot be read: the workflow is not compared"
            problems.append(Problem(f"steps.{step}.status", clipped(entry), expected, message))
            continue
        statuses[step] = status
    for step in strays:
        message = f"the template {template.version_id} has no step {step}: it is left as it is"
        problems.append(Problem(f"steps.{step}", clipped(step), "a step of the template", message))
    return statuses, True


def _legacy_statuses(artifact: Mapping[str, Any], template: Template, problems: list[Problem]) -> dict[str, Status]:
    if not template.steps:
        return {}
    status = artifact.get("status")
    step = status.get("stepId") if isinstance(status, Mapping) else status
    if not isinstance(status, Mapping) or not (step is None or step in template.step_ids):
        expected = f"null or {one_of(template.step_ids)}"
        message = "the artifact's status.stepId cannot be read: the workflow is not compared"
        problems.append(Problem("steps", clipped(step), expected, message))
        return {}
    return from_legacy_step(step, template.step_ids)


def _status(raw: object) -> Status | None:
    return Status.__members__.get(raw) if isinstance(raw, str) else None


def put_statuses(
    artifact: dict[str, Any],
    template: Template,
    statuses: Mapping[str, Status],
    blueprint: Blueprint,
    problems: list[Problem],
) -> None:
    """Replace the statuses that differ; what the template has no step for is a problem."""
    writable = {step: status for step, status in statuses.items() if step in template.step_ids}
    for step in statuses:
        if step not in writable:
            message = f"the template {template.version_id} has no step {step}: its status is left out"
            problems.append(Problem(f"steps.{step}", statuses[step].value, "a step of the template", message))
    if not writable:
        return
    workflow = artifact.get("workflow")
    if workflow is None:
        _put_legacy_step(artifact, template, writable, blueprint)
        return
    steps = mapping(workflow).get("steps")
    if not isinstance(steps, Mapping):
        problems.append(Problem("steps", clipped(workflow), "an object with steps", "the workflow cannot be written"))
        return
    new_steps = dict(steps)
    for step, status in writable.items():
        entry = steps.get(step)
        before = Status.NOT_STARTED if entry is None else _status(mapping(entry).get("status"))
        if before is not status:
            new_steps[step] = {**mapping(entry), "status": status.value}
    if new_steps != steps:
        artifact["workflow"] = {**workflow, "steps": new_steps}


def _put_legacy_step(
    artifact: dict[str, Any], template: Template, statuses: Mapping[str, Status], blueprint: Blueprint
) -> None:
    """Set the one step id, unless it stands for these statuses already.

    Only the steps of ours decide on it: a foreign step before it counts as passed, since one step id cannot say
    otherwise.
    """
    before = _legacy_statuses(artifact, template, []) or from_legacy_step(None, template.step_ids)
    shared = template.shared_steps(blueprint)
    now = {step: before[step] for step in shared}
    after = {step: statuses.get(step, before[step]) for step in shared}
    if legacy_step(after) != legacy_step(now):
        artifact["status"] = {**mapping(artifact.get("status")), "stepId": legacy_step(after)}
