"""Paths and constants in the words of people: labels of the template, names of steps, whole sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence

from govern_mirror.model.blueprint import (
    OVERVIEW,
    PREFIX,
    STATUS_LABELS,
    Blueprint,
    Field,
    Kind,
    Status,
    is_status_path,
)
from govern_mirror.model.event import Event, Source
from govern_mirror.model.item import FieldChange, Item
from govern_mirror.model.values import text_of
from govern_mirror.model.workflow import CLOSED, NOT_STARTED, stage_name
from govern_mirror.text import clipped

MAX_VALUE_LENGTH = 80
"""How many characters of a value a sentence shows."""

MAX_NAMED = 3
"""How many changed fields a sentence names."""

BLANK = "blank"


def field_label(blueprint: Blueprint, path: str) -> str:
    """Return the name of a value for people: `Risk rating` for its path; a path of no field stays as it is."""
    about, _, step = path.partition(".")
    if about == "signoff" and step in blueprint.step_ids:
        return f"Sign-off of {blueprint.step(step).name}"
    if path in blueprint.by_path:
        return blueprint.by_path[path].label
    if path in EVENT_LABELS:
        return EVENT_LABELS[path]
    rated = _rated_at(blueprint, path)
    if rated is not None:
        return f"{rated.label}: recorded in"
    return path.replace("_", " ").capitalize() if path.isidentifier() and not path.startswith(PREFIX) else path


def value_label(blueprint: Blueprint, path: str, text: str | None) -> str | None:
    """Return the text of a value as people read it: `On going` for `ONGOING`, the name of a section for its id."""
    if text is None:
        return None
    if is_status_path(path):
        return STATUS_LABELS[Status(text)] if text in Status.__members__ else text
    if _rated_at(blueprint, path):
        return section_label(blueprint, text)
    return text


_STATUSES = re.compile(rf"\b(?:(\w+) )?({'|'.join(Status.__members__)})\b")


def found_label(blueprint: Blueprint, path: str, text: str) -> str:
    """Return what a problem found or expects as people read it: `Exploration: Finished` for `exploration FINISHED`."""
    if path != "steps" and not is_status_path(path):
        return text
    names = {step.id: f"{step.name}: " for step in blueprint.steps}

    def words(match: re.Match[str]) -> str:
        before, status = match.groups("")
        return f"{names.get(before, before and f'{before} ')}{STATUS_LABELS[Status(status)]}"

    return _STATUSES.sub(words, text)


def source_label(source: str) -> str:
    """Return the entry point that a change came through, for people."""
    return "edited in DSS" if source == Source.EDITED_IN_DSS.value else source


def event_label(blueprint: Blueprint, what: str, text: str | None) -> str | None:
    """Return what an event holds before or after as people read it: `Exploration: On going` for a position."""
    if text == NOT_STARTED:
        return "Not started"
    if text and what in ("close", "undo close"):
        return stage_name(text, blueprint)
    if text and what == "confirm":
        return _names_label(blueprint, text)
    step_id, _, status = (text or "").partition(" ")
    if what not in blueprint.by_path and step_id in blueprint.step_ids and status in Status.__members__:
        return f"{blueprint.step(step_id).name}: {STATUS_LABELS[Status(status)]}"
    return value_label(blueprint, what, text)


def section_label(blueprint: Blueprint, section_id: str) -> str:
    """Return the name of a section: that of its step, or `Overview`."""
    if section_id == OVERVIEW:
        return OVERVIEW.capitalize()
    return next((step.name for step in blueprint.steps if step.id == section_id), section_id)


def labelled(blueprint: Blueprint, changes: Sequence[FieldChange]) -> list[FieldChange]:
    """Return changes with labels in place of their paths and constants."""
    return [
        FieldChange(
            field_label(blueprint, change.field),
            value_label(blueprint, change.field, change.before),
            value_label(blueprint, change.field, change.after),
        )
        for change in changes
    ]


def held(project: Item, path: str) -> str:
    """Return what a project holds for a field as a sentence without its end: `Sponsor is Ada`."""
    field = project.blueprint.by_path[path]
    return f"{field.label} is {clipped(text_of(project.values[path]) or BLANK, MAX_VALUE_LENGTH)}"


def success(project: Item, changes: Sequence[FieldChange], *, would: bool = False) -> str:
    """Return how a change of one project ended, as one sentence for people.

    Args:
        project: the project afterwards.
        changes: what changed; there is at least one.
        would: whether it only would change, as in a dry run.
    """
    key, blueprint = project.facts.project_key, project.blueprint
    now = "would be" if would else "is now"
    if any(change.field == CLOSED for change in changes):
        return f"{key} {now} {'closed' if project.closed else 'open again'}"
    moves = [change for change in changes if is_status_path(change.field)]
    if moves:
        current, steps = project.workflow.current, project.workflow.steps
        if project.workflow.is_complete:
            verb = "would be" if would else "is"
            ended = f"all {len(steps)} steps are" if len(steps) > 1 else "its only step is"
            return f"{key} {verb} at the end of its workflow: {ended} finished or skipped"
        if current is not None and current.status is Status.ONGOING:
            return f"{key} {now} at {current.name} ({steps.index(current) + 1} of {len(steps)})"
        last = moves[-1]
        name = next(step.name for step in blueprint.steps if step.paths[0] == last.field)
        return f"{key}: {name} {now} {(value_label(blueprint, last.field, last.after) or BLANK).lower()}"
    fields = [change for change in changes if change.field in blueprint.by_path]
    if not fields and all(_rated_at(blueprint, change.field) for change in changes):
        names = [field.label for change in changes if (field := _rated_at(blueprint, change.field))]
        return f"{key}: {', '.join(names)} {'would be' if would else 'is' if len(names) == 1 else 'are'} confirmed"
    fields = fields or list(changes)
    if len(fields) == 1:
        return f"{key}: {_outcome(blueprint, fields[0], now)}"
    names = [field_label(blueprint, change.field) for change in fields[:MAX_NAMED]]
    more = f" and {len(fields) - MAX_NAMED} more" if len(fields) > MAX_NAMED else ""
    verb = "would change" if would else "changed"
    return f"{key}: {len(fields)} fields {verb}: {', '.join(names)}{more}"


def recorded(blueprint: Blueprint, paths: Sequence[str], *, would: bool = False) -> str:
    """Return that what people typed into a project's fields is recorded now, or would be."""
    names = [field_label(blueprint, path) for path in paths[:MAX_NAMED]]
    more = f" and {len(paths) - MAX_NAMED} more" if len(paths) > MAX_NAMED else ""
    return f"typed into its fields, and {'would be' if would else 'now'} recorded: {', '.join(names)}{more}"


def _rated_at(blueprint: Blueprint, path: str) -> Field | None:
    """The rating whose origin stands at a path."""
    return next((field for field in blueprint.rated if field.origin_path == path), None)


def _outcome(blueprint: Blueprint, change: FieldChange, now: str) -> str:
    label = field_label(blueprint, change.field)
    field = blueprint.by_path.get(change.field)
    if field is not None and field.kind in (Kind.TEXT, Kind.DOCUMENTS) and change.after is not None:
        return f"{label} {'would change' if now == 'would be' else 'changed'}"
    value = value_label(blueprint, change.field, change.after)
    return f"{label} {now} {clipped(value or BLANK, MAX_VALUE_LENGTH)}"


# what happened ----------------------------------------------------------------------------------------------------

EVENT_LABELS = {
    kind: kind.capitalize()
    for kind in (
        *("initialize", "adopt", "confirm", "record", "restart", "sync", "values", "close", "undo close"),
        *("advance", "start", "finish", "reopen", "set", "skip"),
    )
}
"""What happened, in one word, for what is no value."""

_HAPPENED = {
    "initialize": "Governed",
    "confirm": "Confirmed",
    "record": "Record edited or rebuilt",
    "restart": "Made anew, so the workflow begins anew",
    "values": "Values edited",
    "close": "Closed",
    "undo close": "Opened again",
}


def event_words(blueprint: Blueprint, event: Event) -> str:
    """Return what an event says, for people: `Risk rating: Low → High`, `Exploration → Qualification (advance)`."""
    what, before, after = event.what, event.before, event.after
    if what in blueprint.by_path:
        old, new = (value_label(blueprint, what, text) or BLANK for text in (before, after))
        return f"{field_label(blueprint, what)}: {old} → {new}"
    if what == "adopt":
        return f"Adopted, a copy of {before}"
    if what == "confirm":
        return f"Confirmed: {_names_label(blueprint, after or '')}"
    if what in _HAPPENED:
        return _HAPPENED[what]
    if "." in what:  # a value that the template does not have, such as one of an earlier version
        return f"{what}: {before or BLANK} → {after or BLANK}"
    if before is not None or after is not None:
        return f"{position_label(blueprint, before)} → {position_label(blueprint, after)} ({what})"
    return what


def position_label(blueprint: Blueprint, position: str | None) -> str:
    """Return where a workflow stood, for people: `Qualification, on going` for `qualification ONGOING`."""
    stage, _, status = (position or "").partition(" ")
    name = stage_name(stage or None, blueprint)
    return f"{name}, {STATUS_LABELS[Status(status)].lower()}" if status in Status.__members__ else name


def _names_label(blueprint: Blueprint, names: str) -> str:
    """The labels of fields that an event of a confirmation names, by their paths or names."""
    labels = {key: field.label for field in blueprint.all_fields for key in (field.path, field.name)}
    return ", ".join(labels.get(name, name) for name in names.split(", "))
