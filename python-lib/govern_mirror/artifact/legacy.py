"""The workflow of Govern before 13.5, which has no `workflow`, only `status.stepId`.

The step id (client) is null when nothing has started; else the ongoing step; else the first not-started step; else
the last finished one. So one step id stands for several states: `progress` means that it is ongoing, or that it is
next and not started; the last step means that it is next, ongoing, or finished. It is read as ongoing, which is what
Govern makes of it when it is written; and it is compared by what one step id can tell
(`ArtifactProject.comparable`), so that the difference that Govern cannot show is no difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from govern_mirror.model.blueprint import Status


def legacy_step(statuses: Mapping[str, Status]) -> str | None:
    """The `status.stepId` that stands for statuses (in the workflow's order), as Govern derives it (client).

    Null when nothing has started (skipped steps alone start nothing); else the ongoing step; else the first
    not-started step; else the last finished one.
    """
    if not any(status in (Status.ONGOING, Status.FINISHED) for status in statuses.values()):
        return None
    for wanted in (Status.ONGOING, Status.NOT_STARTED):
        for step, status in statuses.items():
            if status is wanted:
                return step
    return next(step for step, status in reversed(list(statuses.items())) if status is Status.FINISHED)


def from_legacy_step(step_id: str | None, step_ids: Iterable[str]) -> dict[str, Status]:
    """What a `status.stepId` is read as: that step ongoing, earlier ones finished, later ones not started."""
    status = Status.NOT_STARTED if step_id is None else Status.FINISHED
    read = {}
    for step in step_ids:
        if step == step_id:
            read[step], status = Status.ONGOING, Status.NOT_STARTED
        else:
            read[step] = status
    return read
