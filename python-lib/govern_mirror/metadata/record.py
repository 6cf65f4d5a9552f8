"""The machine-readable record of a governed project: the JSON in the custom field `govern_record`.

Schema history (the version is in every record; a newer one is read as far as possible and never written over):
1. the first (0.1.0).
2. events carry hashes; `nonces` name the last writes; one digest of 128 bits covers all values, and `prints` only name
   what changed; `check` covers the record's own text; `removed`, with `hidden` where people hid it, is all that is left
   in a project that is not governed. A record of version 1 is read as it is; the next write makes it one of version 2.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from govern_mirror import fast_json
from govern_mirror.model.event import NUMBER_LIMIT, Event, Source, event_from_json
from govern_mirror.model.item import Closure, ProjectFacts, SyncBase
from govern_mirror.model.workflow import StepState
from govern_mirror.nested import mapping, text, text_at
from govern_mirror.times import iso_time, parse_time, require_near

SCHEMA = 2
MAX_NONCES = 16
"""How many of the last writes a record names."""
MAX_BREAKS = 16
"""How many breaks of the chain of events a record names; the first ones say enough."""
CHECK = ',"check":"'
"""What stands before the check, which closes a record."""
CHECK_LENGTH = 10
"""Characters of the check with what closes the record: 8 digits, a quote, a brace."""

_EDITED, _UNCHECKED = f'"{Source.EDITED_IN_DSS.value}"', " unchecked"
"""What stands in the text of a record that holds an edit made in DSS, or a move that nobody could check, for whatever
reason: a report tells of these, too."""

_COMPACT = json.JSONEncoder(separators=(",", ":"))
_TEXT = frozenset({str})
_TEXT_OR_NONE = frozenset({str, type(None)})
_NUMBER = frozenset({int})
_NUMBERS = ("schema", "revision", "last_event", "moved_events", "removed_events")
_TEXTS = ("node_id", "project_key", "last_hash", "moved_hash")


@dataclass(slots=True)  # not frozen, which costs a report of thousands a twentieth of its reading
class Record:
    """A record as far as it could be read.

    Attributes:
        node_id, project_key: the project it was written for; it is a copy anywhere else.
        revision, events, last_event, moved_events, removed_events, last_hash, moved_hash, nonces, closed: as the `Item`
            has them.
        origins: the origin of each rating, by the name of its field.
        times: by step id, `started_on` and `finished_on` (times in UTC), `by` and `hidden`.
        breaks: where the chain of events was found broken earlier.
        sync: what the project was last in step with, or None.
        prints: the canonical values as last written, short and by the fields' short names; None when unknown.
        digest: 128 bits over all canonical values as last written; None when unknown, and in version 1.
        template: the id and version of the template it names, each None when it names none.
        removed: whether it is only the mark of a project that is not governed (any more).
        hidden, hidden_in: that people hid it, and the node and the project where they did; it is not so in a copy.
        altered: whether its text is not the one that was written.
        raw: the whole JSON object, so that keys of others (a sync base, a newer version) stay.
        faults: what could not be read, by key.
        schema: the version found, or None when it is not a number.
    """

    schema: int | None = None
    node_id: str | None = None
    project_key: str | None = None
    revision: int = 0
    origins: Mapping[str, str] = field(default_factory=dict)
    times: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    last_event: int = 0
    moved_events: int = 0
    removed_events: int = 0
    last_hash: str = ""
    moved_hash: str = ""
    breaks: tuple[str, ...] = ()
    nonces: tuple[str, ...] = ()
    sync: SyncBase | None = None
    closed: Closure | None = None
    prints: Mapping[str, str] | None = None
    digest: str | None = None
    template: tuple[str | None, str | None] = (None, None)
    removed: bool = False
    hidden: Closure | None = None
    hidden_in: tuple[str | None, str | None] = (None, None)
    altered: bool = False
    raw: Mapping[str, Any] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_newer(self) -> bool:
        """Whether a newer version of this code wrote it."""
        return self.schema is not None and self.schema > SCHEMA

    @property
    def is_first_version(self) -> bool:
        """Whether version 0.1.0 wrote it, whose digest was a short one a field."""
        return self.schema == 1


def parse_record(text: object, *, history: bool = True, exact: bool = False) -> Record:
    """Read a record; never raises. What cannot be read is left at its default and named in `faults`.

    Args:
        text: the stored field.
        history: whether all events are read; without, only the last one is, unless one is an edit made in DSS (what
            people recorded after it decides how far the values can be trusted) or a move that no rule was held against.
        exact: whether `raw` is to be written back: orjson, which is faster, rounds integers beyond 64 bits.
    """
    if not isinstance(text, str):
        return Record(faults={"": f"it is not a text but {type(text).__name__}"})
    try:
        raw = fast_json.loads_bounded(text, exact=exact)
    except ValueError as error:
        return Record(faults={"": f"it is not valid JSON ({error})"})
    if not isinstance(raw, dict):
        return Record(faults={"": "it is not a JSON object"})
    faults: dict[str, str] = {}
    schema, revision, last, moved_events, removed_events = _numbers(raw, faults)
    node_id, project_key, last_hash, moved_hash = _texts(raw, faults)
    if not schema:
        faults.setdefault("schema", "it is missing")
    if "removed" in raw and "digest" not in raw:
        return _removed_mark(raw, schema or None, faults)
    stored_events = raw.get("events", [])
    if not history and isinstance(stored_events, list) and _EDITED not in text and _UNCHECKED not in text:
        stored_events = stored_events[-1:]
    events, template = _events(stored_events, faults), raw.get("blueprint")
    prints, values_digest = _prints(raw, schema, faults)
    return Record(
        schema=schema or None,
        node_id=node_id,
        project_key=project_key,
        revision=revision,
        origins=_origins(raw.get("origins", {}), faults),
        times=_times(raw.get("steps", {}), faults),
        events=events,
        last_event=max(last, moved_events, removed_events, (events[-1].number or 0) if events else 0),
        moved_events=moved_events,
        removed_events=removed_events,
        last_hash=last_hash or "",
        moved_hash=moved_hash or "",
        breaks=_text_list(raw, "breaks", faults) if "breaks" in raw else (),
        nonces=_text_list(raw, "nonces", faults) if "nonces" in raw else (),
        sync=_sync(raw.get("sync"), faults),
        closed=_closed(raw["closed"], faults) if "closed" in raw else None,
        prints=prints,
        digest=values_digest,
        template=(text_at(template, "id") or None, text_at(template, "version") or None),
        altered=schema == SCHEMA and not _is_as_written(text),
        raw=raw,
        faults=faults,
    )


def _numbers(raw: Mapping[str, Any], faults: dict[str, str]) -> list[int]:
    """Read the numbers of a record, all at once: a report reads tens of thousands."""
    get = raw.get
    numbers = [get(key, 0) for key in _NUMBERS]
    if _NUMBER.issuperset(map(type, numbers)) and min(numbers) >= 0 and max(numbers) < NUMBER_LIMIT:
        return numbers
    for position, (key, value) in enumerate(zip(_NUMBERS, numbers, strict=True)):
        if type(value) is not int or not 0 <= value < NUMBER_LIMIT:
            faults[key] = f"it is not a number from 0 to {NUMBER_LIMIT - 1}"
            numbers[position] = 0
    return numbers


def _texts(raw: Mapping[str, Any], faults: dict[str, str]) -> list[str | None]:
    get = raw.get
    texts = [get(key) for key in _TEXTS]
    if _TEXT_OR_NONE.issuperset(map(type, texts)):
        return texts
    for position, (key, value) in enumerate(zip(_TEXTS, texts, strict=True)):
        if not isinstance(value, str | None):
            faults[key] = "it is not a text"
            texts[position] = None
    return texts


def _text_list(raw: Mapping[str, Any], key: str, faults: dict[str, str]) -> tuple[str, ...]:
    texts = raw[key]
    if isinstance(texts, list) and _TEXT.issuperset(map(type, texts)):
        return tuple(texts)
    faults[key] = "it is not a list of texts"
    return ()


def removed_json(at: str | None, by: str | None, last_event: int, last_hash: str, nonce: str) -> str:
    """Return what is left in the field once a project is not governed any more, so that its events can go on."""
    mark = {"at": at, "by": by, "last_event": last_event, "last_hash": last_hash, "nonce": nonce}
    return compact({"schema": SCHEMA, "removed": mark})


def hidden_json(hidden: Closure | None, earlier: Record, nonces: Sequence[str], place: ProjectFacts) -> str:
    """Return the mark of a project that is not governed, with whether it is hidden.

    Args:
        hidden: that people hid it; None shows it again.
        earlier: the record as it is; what it says of an earlier governance stays.
        nonces: names of the last writes, newest first.
        place: where it is hidden.
    """
    last = {"last_event": earlier.last_event, "last_hash": earlier.last_hash}
    mark = {**mapping(earlier.raw.get("removed")), **last, "nonce": nonces[0], "nonces": list(nonces[1:])}
    document = {key: value for key, value in earlier.raw.items() if key != "hidden"}
    document |= {"schema": SCHEMA, "removed": mark}
    if hidden:
        document["hidden"] = {**closed_json(hidden), "node_id": place.node_id, "project_key": place.project_key}
    return compact(document)


def _removed_mark(raw: Mapping[str, Any], schema: int | None, faults: dict[str, str]) -> Record:
    mark = mapping(raw["removed"])
    last, last_hash = mark.get("last_event"), text(mark.get("last_hash"))
    nonces = [mark.get("nonce"), *(_text_list(mark, "nonces", faults) if "nonces" in mark else ())]
    hidden = mapping(raw.get("hidden"))
    if type(last) is not int or not 0 <= last < NUMBER_LIMIT:
        last, last_hash = 0, ""
        faults["removed"] = "it names no last event"
    return Record(
        schema=schema,
        last_event=last,
        removed_events=last,
        last_hash=last_hash,
        moved_hash=last_hash,
        nonces=tuple(nonce for nonce in nonces if isinstance(nonce, str))[:MAX_NONCES],
        removed=True,
        hidden=_closed(hidden, faults, "hidden") if hidden else None,
        hidden_in=(text(hidden.get("node_id")), text(hidden.get("project_key"))),
        raw=raw,
        faults=faults,
    )


def closed_json(closed: Closure) -> dict[str, Any]:
    """That a project is closed, as the record keeps it."""
    return {"at": iso_time(closed.at), "by": closed.by, "reason": closed.reason}


def _closed(raw: object, faults: dict[str, str], key: str = "closed") -> Closure | None:
    about = mapping(raw)
    at, by, reason = about.get("at"), about.get("by"), about.get("reason")
    try:
        if not isinstance(by, str | None) or not isinstance(reason, str):
            raise ValueError("by and reason are texts")
        return Closure(None if at is None else parse_time(at), by, reason)
    except ValueError as error:
        faults[key] = f"it cannot be read ({error})"
        return None


def sync_json(base: SyncBase) -> dict[str, Any]:
    """A sync base as the record keeps it."""
    unsealed = {"node": base.node_id, "artifact": base.artifact_id, "values": dict(base.prints)}
    return unsealed if base.seal is None else {**unsealed, "key_id": base.key_id, "seal": base.seal}


def compact(value: object) -> str:
    """Return a value as the record holds it: compact JSON in ASCII, so that no encoding can harm it."""
    return _COMPACT.encode(value)


def record_json(record: Mapping[str, Any]) -> str:
    """Return the record as it is stored, closed by a check over its text."""
    text = compact({key: value for key, value in record.items() if key != "check"})
    return f'{text[:-1]}{CHECK}{_check(text)}"}}'


def _is_as_written(text: str) -> bool:
    start = len(text) - len(CHECK) - CHECK_LENGTH
    return text.startswith(CHECK, start) and text[start:] == f'{CHECK}{_check(text[:start] + "}")}"}}'


def _check(text: str) -> str:
    # 32 bits show a clumsy edit, and no number of bits without a key shows another; a report computes thousands
    return f"{zlib.crc32(text.encode('utf-8', 'surrogatepass')):08x}"


def step_times(step: StepState) -> dict[str, Any]:
    """The times of a step as the record keeps them: what is unknown is left out."""
    times = {
        "started_on": iso_time(step.started_on),
        "finished_on": iso_time(step.finished_on),
        "by": step.by,
        "hidden": step.is_hidden or None,
    }
    return {key: value for key, value in times.items() if value is not None}


def _events(raw: object, faults: dict[str, str]) -> tuple[Event, ...]:
    if not isinstance(raw, list):
        faults["events"] = "it is not a list"
        return ()
    by_number: dict[int, Event] = {}
    for item in raw:
        try:
            if not isinstance(item, dict):
                raise ValueError("it is not an object")
            event = event_from_json(item)
        except ValueError as error:
            faults["events"] = f"an event cannot be read ({error})"
            continue
        by_number[event.number or 0] = event
    return tuple([by_number[number] for number in sorted(by_number)])


def _origins(raw: object, faults: dict[str, str]) -> dict[str, str]:
    if not isinstance(raw, dict) or not _TEXT.issuperset(map(type, raw.values())):
        faults["origins"] = "it is not an object of texts"
        return {}
    return raw


def _times(raw: object, faults: dict[str, str]) -> dict[str, dict[str, Any]]:
    if not isinstance(raw, dict):
        faults["steps"] = "it is not an object"
        return {}
    steps = {}
    for step_id, times in raw.items():
        try:
            if not isinstance(times, dict) or type(by := times.get("by")) not in _TEXT_OR_NONE:
                raise ValueError("times and by are expected")
            started, finished = _near_time(times, "started_on"), _near_time(times, "finished_on")
            is_hidden = times.get("hidden") is True
            steps[step_id] = {"started_on": started, "finished_on": finished, "by": by, "hidden": is_hidden}
        except ValueError as error:
            faults["steps"] = f"the times of {step_id} cannot be read ({error})"
    return steps


def _near_time(times: Mapping[str, Any], key: str) -> datetime | None:
    """Read a time of a step; None where it has none.

    Raises:
        ValueError: it is no time, or none that people mean.
    """
    if key not in times:
        return None
    at = parse_time(times[key])
    require_near(at)
    return at


def _sync(raw: object, faults: dict[str, str]) -> SyncBase | None:
    if raw is None:
        return None
    if isinstance(raw, dict):
        node, artifact, prints = raw.get("node"), raw.get("artifact"), raw.get("values")
        texts = isinstance(prints, dict) and all(isinstance(value, str) for value in prints.values())
        if isinstance(node, str | None) and isinstance(artifact, str) and isinstance(prints, dict) and texts:
            key_id, seal = raw.get("key_id"), raw.get("seal")
            sealed = isinstance(key_id, str) and isinstance(seal, str)
            return SyncBase(node, artifact, prints, *((key_id, seal) if sealed else ()))
    faults["sync"] = "it is not a node, an artifact and texts by path"
    return None


def _prints(
    raw: Mapping[str, Any], schema: int | None, faults: dict[str, str]
) -> tuple[dict[str, str] | None, str | None]:
    """Read the short prints and the digest over all values; version 1 had prints only, under the digest's name."""
    digest = raw.get("digest")
    key, prints = ("digest", digest) if schema == 1 or isinstance(digest, dict) else ("prints", raw.get("prints"))
    is_optional = key == "prints" and prints is None
    if not is_optional and not (isinstance(prints, dict) and _TEXT.issuperset(map(type, prints.values()))):
        faults[key] = "it is missing or not an object of texts"
        prints = None
    if key == "digest":
        return prints, None
    if not isinstance(digest, str):
        faults["digest"] = "it is missing or not a text"
        return prints, None
    return prints, digest
