"""A governed project written into project metadata: what changed is replaced, all else passes through untouched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from govern_mirror.errors import Action, Hint, WriteRefused
from govern_mirror.metadata import projection
from govern_mirror.metadata.decode import decode, joined_breaks
from govern_mirror.metadata.layout import Layout, document_of, fingerprint, stored_text, values_digest
from govern_mirror.metadata.record import (
    MAX_BREAKS,
    MAX_NONCES,
    SCHEMA,
    closed_json,
    compact,
    hidden_json,
    parse_record,
    record_json,
    removed_json,
    step_times,
    sync_json,
)
from govern_mirror.model.blueprint import ITEMS_FIELD, RECORD_FIELD, Field, Kind
from govern_mirror.model.event import Actor, Event, Source, chain_breaks, compact_json
from govern_mirror.model.item import Governance, Item, values
from govern_mirror.model.values import Value, is_blank
from govern_mirror.model.values import stored as stored_value
from govern_mirror.nested import mapping
from govern_mirror.times import iso_time

NONCE_LENGTH = 16
"""Characters of a nonce: 64 random bits in hexadecimal, by which a write is known again."""


NOBODY = Actor(None, Source.API, datetime.fromtimestamp(0, timezone.utc))
"""Who encodes only to learn how much room it takes."""

_OF_STATE = ("removed", "hidden", "sync", "closed")
"""What a record holds only while it is so."""


def encode(
    project: Item,
    metadata: Mapping[str, Any],
    actor: Actor,
    layout: Layout,
    *,
    nonce: str | None = None,
) -> dict[str, Any]:
    """The metadata with the project's changes in it; an equal copy when nothing changed.

    Args:
        project: the changed project, made from a decode of this very metadata.
        metadata: the document as read just before writing.
        actor: who writes and when, for the checklist's items.
        layout: the template and the projections in use.
        nonce: names this write in the record, so that it can be known again.

    Raises:
        WriteRefused: the project must not be written (a copy, a newer record, metadata of an unknown shape).
    """
    document = dict(metadata)
    before = decode(metadata, project.facts, layout)
    if project == before:
        return document
    _require_encodable(project, before)
    fields: dict[str, Any] = dict(document.get("customFields") or {})
    document["customFields"] = fields
    if project.state is Governance.UNGOVERNED:
        nonces = [nonce or "", *before.nonces][:MAX_NONCES]
        earlier = parse_record(fields.get(RECORD_FIELD), exact=True)
        fields[RECORD_FIELD] = hidden_json(project.hidden, earlier, nonces, project.facts)
        return document
    old, new = values(before), values(project)
    for field in layout.blueprint.all_fields:
        repaired = field.path in before.problem_fields and field.path not in project.problem_fields
        unset_status = field.kind is Kind.STATUS and is_blank(fields.get(field.stored))
        if old[field.path] != new[field.path] or repaired or unset_status:
            _put(fields, field, new[field.path])
    fields[RECORD_FIELD] = record_json(_record_of(project, before, fields, layout, nonce))
    projection.with_checklist(document, project.workflow if layout.mirror_checklist else None, actor.now, actor.by)
    current = project.workflow.current
    projection.with_tag(document, current.id if current and layout.mirror_tag else None, layout.blueprint)
    return document


def removed(
    metadata: Mapping[str, Any],
    layout: Layout,
    *,
    before: Item | None = None,
    actor: Actor | None = None,
    nonce: str = "",
) -> dict[str, Any]:
    """The metadata without anything this tool stored: fields, record, checklist, tag. All else stays.

    Args:
        metadata: the document as read just before writing.
        layout: the template and the projections in use.
        before: the project as decoded; with it, the record leaves the mark from which its events can go on.
        actor: who removes it and when, for the mark.
        nonce: names this write in the mark.
    """
    document = dict(metadata)
    fields = document.get("customFields")
    if isinstance(fields, dict):
        stored_names = layout.blueprint.stored_names | {RECORD_FIELD, ITEMS_FIELD}
        others = {name: value for name, value in fields.items() if name not in stored_names}
        if before is not None and actor is not None:
            others[RECORD_FIELD] = removed_json(
                iso_time(actor.now), actor.by, before.last_event, before.last_hash, nonce
            )
        document["customFields"] = others
    if projection.checklist_of(document):
        projection.with_checklist(document, None, datetime.min, None)
    projection.with_tag(document, None, layout.blueprint)
    return document


def governed_part(metadata: Mapping[str, Any], layout: Layout) -> dict[str, Any]:
    """The record and the canonical values of a metadata document as stored: what a safe write compares."""
    fields = metadata.get("customFields")
    if not isinstance(fields, Mapping):
        return {}
    return {name: fields[name] for name in (*layout.blueprint.stored_names, RECORD_FIELD) if name in fields}


def overflow(project: Item, metadata: Mapping[str, Any], layout: Layout) -> Item:
    """The project with its oldest events taken out until its record fits the budget.

    The events that were taken out are those of `project.events` up to the result's `moved_events`: they must
    be in the wiki article before the result is written.
    """
    before = decode(metadata, project.facts, layout)
    if project == before:
        return project
    fitting, count = project, 0
    while count < len(project.events):
        fields = encode(fitting, metadata, NOBODY, layout, nonce="0" * NONCE_LENGTH)["customFields"]
        excess = _excess(fields[RECORD_FIELD], fitting.events, layout)
        if excess <= 0:
            break
        while excess > 0 and count < len(project.events):
            excess -= _size(project.events[count])
            count += 1
        # noting how far events have moved takes room too, so the size is looked at again
        last = project.events[count - 1]
        number = max(project.moved_events, last.number or 0)
        fitting = replace(project, events=project.events[count:], moved_events=number, moved_hash=last.hash or "")
    return fitting


def _size(event: Event) -> int:
    return len(compact(compact_json(event))) + 1


def _excess(record: str, events: tuple[Event, ...], layout: Layout) -> int:
    """How many bytes of events are more than a record may hold."""
    size = sum(map(_size, events))
    return size - max(layout.record_size - (len(record) - size), layout.events_size)


def _put(fields: dict[str, Any], field: Field, value: Value) -> None:
    if value is None or value == ():
        fields.pop(field.stored, None)
    elif field.kind is Kind.DOCUMENTS:
        raw = fields.get(field.stored)
        unread = [item for item in raw if document_of(item) is None] if isinstance(raw, list) else []
        fields[field.stored] = stored_value(field, value) + unread
    else:
        fields[field.stored] = stored_value(field, value)


def _record_of(
    project: Item,
    before: Item,
    fields: Mapping[str, Any],
    layout: Layout,
    nonce: str | None,
) -> dict[str, Any]:
    earlier = parse_record(fields.get(RECORD_FIELD), exact=True)
    raw = earlier.raw
    texts = {
        field.short: stored_text(fields[field.stored])
        for field in layout.blueprint.all_fields
        if not is_blank(fields.get(field.stored))
    }
    by_path = layout.blueprint.by_path
    origins = {by_path[path].name: origin for path, origin in project.origins.items()}
    # times of steps that an earlier version of the template had
    all_times = {} if earlier.faults else mapping(raw.get("steps"))
    steps = {id_: times for id_, times in all_times.items() if id_ not in layout.blueprint.step_ids}
    steps |= {step.id: times for step in project.workflow.steps if (times := step_times(step))}
    first = max(project.moved_events, project.removed_events)
    new_breaks = chain_breaks(project.events, first, project.moved_hash, project.last_event)
    earlier_breaks = () if before.state is Governance.COPIED else before.breaks
    breaks = joined_breaks(earlier_breaks, project.breaks, new_breaks)[:MAX_BREAKS]
    left_out_when_blank: dict[str, object] = {
        "moved_events": project.moved_events,
        "removed_events": project.removed_events,
        "moved_hash": project.moved_hash,
        "breaks": list(breaks),
    }
    record = {
        **{key: value for key, value in raw.items() if key not in (*_OF_STATE, *left_out_when_blank)},
        "schema": SCHEMA,
        "node_id": project.facts.node_id,
        "project_key": project.facts.project_key,
        "blueprint": {"id": layout.blueprint.id, "version": layout.blueprint.version},
        "revision": before.revision + 1,
        "nonces": [*([nonce] if nonce else []), *before.nonces][:MAX_NONCES],
        "origins": origins,
        "steps": steps,
        "events": [compact_json(event) for event in project.events],
        "last_event": project.last_event,
        "last_hash": project.last_hash,
        **{key: value for key, value in left_out_when_blank.items() if value},
        "prints": {name: fingerprint(layout.blueprint.by_short[name], text) for name, text in texts.items()},
        "digest": values_digest(texts),
    }
    if project.closed:
        record["closed"] = closed_json(project.closed)
    if project.sync_base:
        record["sync"] = sync_json(project.sync_base)
    if len(compact({**record, "events": []})) > layout.record_size - layout.events_size:
        del record["prints"]  # a template of many fields: what changed by hand is then told without its names
    return record


def _require_encodable(project: Item, before: Item) -> None:
    key = project.facts.project_key
    reason = before.read_only or project.read_only
    if reason:
        raise WriteRefused(f"{key} is not written: {reason}")
    if before.state is Governance.COPIED and project.state is not Governance.GOVERNED:
        raise WriteRefused(f"{key} is a copy of another governed project", hint=Hint(Action.ADOPT, key))
