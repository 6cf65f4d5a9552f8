"""The workflow of an artifact: a status a step, and the one step id that older Govern nodes show instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from ..errors import BadRequest


class StepStatus(Enum):
    """A step's status (client, gp). A skipped step is one that is not visible (hl)."""

    NOT_STARTED = "NOT_STARTED"
    ONGOING = "ONGOING"
    FINISHED = "FINISHED"
    SKIPPED = "SKIPPED"


def from_workflow(workflow: object, step_ids: Sequence[str]) -> dict[str, StepStatus]:
    """Return the statuses that an artifact's `workflow` object gives; steps it leaves out have not started.

    Raises BadRequest for a step that the blueprint version lacks, and for an unknown status.
    """
    steps = workflow.get("steps") if isinstance(workflow, Mapping) else None
    if not isinstance(steps, Mapping):
        raise BadRequest("workflow must hold an object 'steps'")
    unknown = [step for step in steps if step not in step_ids]
    if unknown:
        raise BadRequest(f"Unknown workflow step '{unknown[0]}': the steps are {', '.join(step_ids) or 'none'}")
    return {step: _status(step, steps.get(step)) for step in step_ids}


def _status(step: str, entry: object) -> StepStatus:
    if entry is None:
        return StepStatus.NOT_STARTED
    status = entry.get("status") if isinstance(entry, Mapping) else None
    try:
        return StepStatus(status)
    except ValueError:
        raise BadRequest(f"Unknown status {status!r} of workflow step '{step}'") from None


def from_current_step(step_id: str | None, step_ids: Sequence[str]) -> dict[str, StepStatus]:
    """Return the statuses that a legacy `status.stepId` stands for: that step ongoing, the earlier ones finished.

    Raises BadRequest for a step that the blueprint version lacks.
    """
    if step_id is None:
        return dict.fromkeys(step_ids, StepStatus.NOT_STARTED)
    if step_id not in step_ids:
        raise BadRequest(f"Unknown workflow step '{step_id}': the steps are {', '.join(step_ids) or 'none'}")
    at = step_ids.index(step_id)
    before, after = StepStatus.FINISHED, StepStatus.NOT_STARTED
    return {step: StepStatus.ONGOING if i == at else before if i < at else after for i, step in enumerate(step_ids)}


def current_step(statuses: Mapping[str, StepStatus], step_ids: Sequence[str]) -> str | None:
    """Return the legacy `status.stepId` (client).

    Null when nothing has started; else the ongoing step; else the first not-started step; else the last finished one.
    """
    steps = [(step, statuses.get(step, StepStatus.NOT_STARTED)) for step in step_ids]
    if all(status in (StepStatus.NOT_STARTED, StepStatus.SKIPPED) for _, status in steps):
        return None
    for wanted in (StepStatus.ONGOING, StepStatus.NOT_STARTED):
        for step, status in steps:
            if status is wanted:
                return step
    return next(step for step, status in reversed(steps) if status is StepStatus.FINISHED)


def workflow_document(statuses: Mapping[str, StepStatus]) -> dict[str, Any]:
    """Return the `workflow` object of an artifact; a skipped step is not visible (hl).

    Its steps have no order (client): they come by id here, so that who takes them for the workflow's order goes wrong.
    """
    return {
        "steps": {
            step: {"status": status.value, "visible": status is not StepStatus.SKIPPED}
            for step, status in sorted(statuses.items())
        }
    }
