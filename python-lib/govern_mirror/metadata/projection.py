"""What is written into the project's metadata for people to see, and never read back as truth.

A checklist titled `Govern workflow` shows the progress on the project's home page; one tag
`govern:<current step id>` shows as a pill once an administrator has made the tag category `govern`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from govern_mirror.model.blueprint import Blueprint, Status
from govern_mirror.model.workflow import StepState, Workflow

CHECKLIST_TITLE = "Govern workflow"
TAG_PREFIX = "govern:"
_DONE = tuple(status.value for status in Status if status.is_done)


def checklist_of(metadata: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Our checklist in a metadata document, or None."""
    checklists = _checklists(metadata)
    return next((item for item in checklists or () if _is_ours(item)), None)


def edited_ticks(checklist: Mapping[str, Any], statuses: Sequence[str | None], blueprint: Blueprint) -> list[str]:
    """Name the steps whose tick differs from the status as last written: someone ticked by hand.

    Args:
        checklist: our checklist, as read.
        statuses: as last written, in the order of the steps; None where that is not known.
        blueprint: for the names of the steps.
    """
    items = checklist.get("items")
    ticks = [item.get("done") is True for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    if len(ticks) != len(blueprint.steps):
        return ["its items"]
    return [
        step.name
        for step, status, tick in zip(blueprint.steps, statuses, ticks, strict=True)
        if status is not None and tick is not (status in _DONE)
    ]


def with_checklist(metadata: dict[str, Any], workflow: Workflow | None, now: datetime, by: str | None) -> None:
    """Put our checklist into the metadata, in its place, or take it out when `workflow` is None.

    Item times are epoch milliseconds. An item that shows what it showed is left as it is.
    """
    holder = metadata.get("checklists")
    if workflow is not None and holder in (None, {}):
        metadata["checklists"] = holder = {"checklists": []}
    known_lists = _checklists(metadata)
    if known_lists is None or not isinstance(holder, dict):
        return  # not a shape we know: left alone, and listed as a problem by decode
    # only the way to our checklist is copied: the metadata that was given stays as it is
    checklists = [dict(item) if _is_ours(item) else item for item in known_lists]
    metadata["checklists"] = {**holder, "checklists": checklists}
    position = next((i for i, item in enumerate(checklists) if _is_ours(item)), None)
    if workflow is None:
        if position is not None:
            del checklists[position]
        return
    at = int(now.timestamp() * 1000)
    if position is None:
        checklists.append({"title": CHECKLIST_TITLE, "createdOn": at, "items": []})
        position = len(checklists) - 1
    checklist = checklists[position]
    items = checklist.get("items")
    old_items = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    items_by_text = {item["text"]: item for item in old_items if isinstance(item.get("text"), str)}
    checklist["items"] = [_item(step, items_by_text.get(_text(step)), at, by) for step in workflow.steps]


def with_tag(metadata: dict[str, Any], step_id: str | None, blueprint: Blueprint) -> None:
    """Leave exactly one of our tags, in the place of the old one; none when `step_id` is None.

    Tags `govern:…` that name no step of the blueprint are people's own and stay.
    """
    if metadata.get("tags") is None:
        if step_id is None:
            return
        metadata["tags"] = []
    tags = metadata["tags"]
    if not isinstance(tags, list):
        return
    # a tuple, not a set: tags may be anything, also what has no hash
    step_tags = tuple(TAG_PREFIX + id_ for id_ in blueprint.step_ids)
    position = next((i for i, tag in enumerate(tags) if tag in step_tags), len(tags))
    others = [tag for tag in tags if tag not in step_tags]
    if step_id is not None:
        others.insert(position, TAG_PREFIX + step_id)
    metadata["tags"] = others


def _checklists(metadata: Mapping[str, Any]) -> list[Any] | None:
    holder = metadata.get("checklists")
    checklists = holder.get("checklists") if isinstance(holder, dict) else None
    return checklists if isinstance(checklists, list) else None


def has_unknown_shape(metadata: Mapping[str, Any]) -> Sequence[str]:
    """Name the keys (`checklists`, `tags`) whose shape is not DSS's, so that nothing can be projected there."""
    unknown = []
    if metadata.get("checklists") not in (None, {}) and _checklists(metadata) is None:
        unknown.append("checklists")
    if not isinstance(metadata.get("tags"), list | None):
        unknown.append("tags")
    return unknown


def _is_ours(item: object) -> bool:
    return isinstance(item, dict) and item.get("title") == CHECKLIST_TITLE


def _text(step: StepState) -> str:
    return f"{step.name} (skipped)" if step.status is Status.SKIPPED else step.name


def _item(step: StepState, item: dict[str, Any] | None, at: int, by: str | None) -> dict[str, Any]:
    is_done = step.status.is_done
    if item is None:
        item = {"text": _text(step), "createdOn": at}
        if by is not None:
            item["createdBy"] = by
    elif item.get("done") is is_done:
        return item
    return {**item, "done": is_done, "stateChangedOn": at}
