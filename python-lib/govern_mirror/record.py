"""The machine-readable record of a governed project: the JSON in the custom field `govern_record`.

Schema history (the version is in every record; a newer one is read as far as possible and never written over):
1. the first.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from govern_mirror import fast_json
from govern_mirror.event import MOST, Event, event_from_json, iso_time, parse_time, require_near
from govern_mirror.project import SyncBase
from govern_mirror.qualification import Origin
from govern_mirror.workflow import StepState

SCHEMA = 1
BUDGET = 4096
"""Bytes a record may take; before it grows past that, the oldest events move to the wiki."""

_TEXT = frozenset({str})
_ORIGINS: Mapping[object, Origin] = {origin.value: origin for origin in Origin}


@dataclass(frozen=True)
class Record:
    """A record as far as it could be read.

    Attributes:
        node_id, project_key: the project it was written for; it is a copy anywhere else.
        revision: counts the writes.
        origins: the origin of each rating, by dimension.
        times: by step id, `started_on`, `finished_on` (ISO times) and `by`.
        events: the events it holds, oldest first.
        last_event: the highest number given; moved_events: the highest number moved to the wiki.
        sync: what the project was last in step with, or None.
        digest: the canonical values as last written, by stored field; None when unknown.
        raw: the whole JSON object, so that keys of others (a sync base, a newer version) stay.
        faults: what could not be read, by key.
        schema: the version found, or None when it is not a number.
    """

    schema: int | None = None
    node_id: str | None = None
    project_key: str | None = None
    revision: int = 0
    origins: Mapping[str, Origin] = field(default_factory=dict)
    times: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    last_event: int = 0
    moved_events: int = 0
    sync: SyncBase | None = None
    digest: Mapping[str, str] | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_newer(self) -> bool:
        """Whether a newer version of this code wrote it."""
        return self.schema is not None and self.schema > SCHEMA


def parse_record(text: object, *, history: bool = True, exact: bool = False) -> Record:
    """Read a record; never raises. What cannot be read is left at its default and named in `faults`.

    Args:
        text: the stored field.
        history: whether all events are read; without, only the last one is.
        exact: whether `raw` is to be written back: orjson, which is faster, rounds integers beyond 64 bits.
    """
    if not isinstance(text, str):
        return Record(faults={"": f"it is not a text but {type(text).__name__}"})
    try:
        raw = json.loads(text) if exact else fast_json.loads(text)
    except (ValueError, RecursionError) as error:
        return Record(faults={"": f"it is not valid JSON ({error})"})
    if not isinstance(raw, dict):
        return Record(faults={"": "it is not a JSON object"})
    faults: dict[str, str] = {}

    def number(key: str) -> int:
        found = raw.get(key, 0)
        if type(found) is int and 0 <= found < MOST:
            return found
        faults[key] = "it is not a number from 0"
        return 0

    def text_or_none(key: str) -> str | None:
        found = raw.get(key)
        if found is None or isinstance(found, str):
            return found
        faults[key] = "it is not a text"
        return None

    schema = number("schema") or None
    if schema is None:
        faults.setdefault("schema", "it is missing")
    stored_events = raw.get("events", [])
    events = _events(stored_events if history or not isinstance(stored_events, list) else stored_events[-1:], faults)
    moved = number("moved_events")
    last = max([number("last_event"), moved, *(event.number or 0 for event in events)])
    return Record(
        schema=schema,
        node_id=text_or_none("node_id"),
        project_key=text_or_none("project_key"),
        revision=number("revision"),
        origins=_origins(raw.get("origins", {}), faults),
        times=_times(raw.get("steps", {}), faults),
        events=events,
        last_event=last,
        moved_events=moved,
        sync=_sync(raw.get("sync"), faults),
        digest=_digest(raw.get("digest"), faults),
        raw=raw,
        faults=faults,
    )


def sync_json(base: SyncBase) -> dict[str, Any]:
    """A sync base as the record keeps it."""
    unsealed = {"node": base.node_id, "artifact": base.artifact_id, "values": dict(base.prints)}
    return unsealed if base.seal is None else {**unsealed, "key_id": base.key_id, "seal": base.seal}


def record_json(record: Mapping[str, Any]) -> str:
    """The record as it is stored: compact JSON in ASCII, so that no encoding can harm it."""
    return json.dumps(record, separators=(",", ":"))


def step_times(step: StepState) -> dict[str, Any]:
    """The times of a step as the record keeps them: what is unknown is left out."""
    times = {
        "started_on": iso_time(step.started_on),
        "finished_on": iso_time(step.finished_on),
        "by": step.by,
    }
    return {key: value for key, value in times.items() if value is not None}


def _events(found: object, faults: dict[str, str]) -> tuple[Event, ...]:
    if not isinstance(found, list):
        faults["events"] = "it is not a list"
        return ()
    by_number: dict[int, Event] = {}
    for item in found:
        try:
            if not isinstance(item, dict):
                raise ValueError("it is not an object")
            event = event_from_json(item)
        except ValueError as error:
            faults["events"] = f"an event cannot be read ({error})"
            continue
        by_number[event.number or 0] = event
    return tuple(by_number[number] for number in sorted(by_number))


def _origins(found: object, faults: dict[str, str]) -> dict[str, Origin]:
    if not isinstance(found, dict):
        faults["origins"] = "it is not an object"
        return {}
    origins = {}
    for dimension, origin in found.items():
        try:
            origins[dimension] = _ORIGINS[origin]
        except (KeyError, TypeError):
            faults["origins"] = f"the origin of {dimension} is not overview or qualification"
    return origins


def _times(found: object, faults: dict[str, str]) -> dict[str, dict[str, Any]]:
    if not isinstance(found, dict):
        faults["steps"] = "it is not an object"
        return {}
    steps = {}
    for step_id, times in found.items():
        try:
            if not isinstance(times, dict) or not isinstance(times.get("by"), str | None):
                raise ValueError("times and by are expected")
            started = parse_time(times["started_on"]) if "started_on" in times else None
            finished = parse_time(times["finished_on"]) if "finished_on" in times else None
            for at in (started, finished):
                if at is not None:
                    require_near(at)
            steps[step_id] = {"started_on": started, "finished_on": finished, "by": times.get("by")}
        except ValueError as error:
            faults["steps"] = f"the times of {step_id} cannot be read ({error})"
    return steps


def _sync(found: object, faults: dict[str, str]) -> SyncBase | None:
    if found is None:
        return None
    if isinstance(found, dict):
        node, artifact, prints = found.get("node"), found.get("artifact"), found.get("values")
        texts = isinstance(prints, dict) and all(isinstance(value, str) for value in prints.values())
        if isinstance(node, str | None) and isinstance(artifact, str) and isinstance(prints, dict) and texts:
            key_id, seal = found.get("key_id"), found.get("seal")
            sealed = isinstance(key_id, str) and isinstance(seal, str)
            return SyncBase(node, artifact, prints, *((key_id, seal) if sealed else ()))
    faults["sync"] = "it is not a node, an artifact and texts by path"
    return None


def _digest(found: object, faults: dict[str, str]) -> dict[str, str] | None:
    if isinstance(found, dict) and _TEXT.issuperset(map(type, found.values())):
        return found
    faults["digest"] = "it is missing or not an object of texts"
    return None
