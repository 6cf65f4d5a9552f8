"""What happened to a governed project: numbered events, kept for good."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

from govern_mirror.fast_json import sorted_ascii
from govern_mirror.text import checked_member, checked_text, clean
from govern_mirror.times import checked_time, iso_time, parse_time

MAX_EXCERPT_LENGTH = 60
"""How many characters of people's text an event keeps of a value before and after."""

NUMBER_LIMIT = 10**9
"""What numbers of events, revisions and schemas stay below: no project gets there, and nobody's typing error can
push the count to where JSON readers round."""

_NAMES = (
    *("number", "at", "by", "source", "what", "from", "to", "reason", "hint"),
    *("from_digest", "to_digest", "request", "hash"),
)
"""What the fields of an event are called in JSON, in their order."""
OVERRIDDEN = "rules overridden"
"""What the event of a move says that was made against the rules, for a reason."""

UNCHECKED = "rules unchecked"
"""What the event of a move says when the settings that hold the rules could not be read."""

SIGNOFF_UNCHECKED = "sign-off unchecked"
"""What the event of a move says when the hub, which holds the sign-offs, could not be read."""


_TEXT_OR_NONE = frozenset({str, type(None)})


class Source(str, Enum):
    """Where a change came from: the entry point that was used, a sync, or an edit in DSS."""

    MACRO = "macro"
    CLI = "cli"
    API = "api"
    PAGE = "page"
    SYNC = "sync"
    EDITED_IN_DSS = "edited-in-dss"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes something, from where, and when. Pure code takes it as an argument.

    Attributes:
        by: the login DSS knows (`api:<id>` for an API key), or None.
        source: where it comes from.
        now: the time of the change, with a zone.

    Raises:
        InputError: one of them is something else.
    """

    by: str | None
    source: Source
    now: datetime

    def __post_init__(self) -> None:
        if self.by is not None:
            checked_text(self.by, "a login")
        object.__setattr__(self, "source", checked_member(Source, self.source, "source"))
        checked_time(self.now)


class Event(NamedTuple):
    """One event; a named tuple, since a report makes hundreds of thousands.

    Attributes:
        number: counts from 1 within the project; None while it is pending (seen, not stored yet).
        at: when it happened (UTC), None when unknown.
        by: login of who did it; None for an edit in DSS, which names nobody.
        source: where it came from; text, since a newer version may know more sources.
        what: a move (`advance`, `start`, …), `initialize`, `adopt`, `record`, or the path of the value changed.
        before, after: `from` and `to` in JSON: positions of the workflow for a move, else the value's excerpt.
        reason: what the person gave as reason, in full.
        hint: for an edit in DSS, the login of the project's last modifier.
        before_digest, after_digest: 128 bits over the full value, in hexadecimal, where the excerpt is not all of it.
        request: the id that the caller gave to a move, so that a repeated one moves once.
        hash: 128 bits over this event as stored and the hash of the event before, in hexadecimal; None for events
            written by version 0.1.0. There is no key in it: it shows clumsy edits, not careful ones.
    """

    number: int | None
    at: datetime | None
    by: str | None
    source: str
    what: str
    before: str | None = None
    after: str | None = None
    reason: str | None = None
    hint: str | None = None
    before_digest: str | None = None
    after_digest: str | None = None
    request: str | None = None
    hash: str | None = None

    @property
    def pending(self) -> bool:
        """Whether the event was only seen so far, and is stored with the next write."""
        return self.number is None

    @property
    def is_unchecked(self) -> bool:
        """Whether it was a move whose rules could not be read."""
        return _is_marked(self.reason, UNCHECKED)

    @property
    def is_signoff_unchecked(self) -> bool:
        """Whether it was a move whose sign-off could not be read."""
        return _is_marked((self.reason or "").removesuffix(f" ({UNCHECKED})"), SIGNOFF_UNCHECKED)


def _is_marked(reason: str | None, mark: str) -> bool:
    return reason is not None and (reason == mark or reason.endswith(f" ({mark})"))


def event_json(event: Event) -> dict[str, Any]:
    """The event as `show` prints it."""
    return {**dict(zip(_NAMES, event, strict=True)), "at": iso_time(event.at), "pending": event.pending}


def compact_json(event: Event) -> dict[str, Any]:
    """The event as it is stored: what is null is left out, and a stored event is never pending."""
    stored: dict[str, Any] = {name: value for name, value in zip(_NAMES, event, strict=True) if value is not None}
    if event.at is not None:
        stored["at"] = iso_time(event.at)
    return stored


def event_from_json(stored: Mapping[str, Any]) -> Event:
    """Read one stored event.

    Raises:
        ValueError: it is not one: the number, source or what is missing or of a wrong type.
    """
    # field by field, which reads the hundred thousands of a report in two thirds of the time
    get = stored.get
    number, at, source, what = get("number"), get("at"), get("source"), get("what")
    if type(number) is not int or not 1 <= number < NUMBER_LIMIT:
        raise ValueError("an event needs a number from 1")
    if type(what) is not str or type(source) is not str:
        raise ValueError("an event needs what and source")
    by, before, after, reason, hint = get("by"), get("from"), get("to"), get("reason"), get("hint")
    rest = get("from_digest"), get("to_digest"), get("request"), get("hash")
    if not _TEXT_OR_NONE.issuperset(map(type, (by, before, after, reason, hint, *rest))):
        raise ValueError("by, from, to, reason, hint, from_digest, to_digest, request, hash of an event are texts")
    time = None if at is None else parse_time(at)
    return Event._make((number, time, by, source, what, before, after, reason, hint, *rest))


def chained(events: Iterable[Event], last: int, last_hash: str) -> tuple[Event, ...]:
    """Give events the numbers after `last`, in their order, and the hashes that continue from `last_hash`.

    Args:
        events: new events, oldest first.
        last: the highest number given so far; 0 before the first.
        last_hash: the hash of the event of that number; empty before the first, and after one without a hash.
    """
    chain = []
    for number, event in enumerate(events, last + 1):
        event = event._replace(number=number, hash=None)
        last_hash = event_hash(event, last_hash)
        chain.append(event._replace(hash=last_hash))
    return tuple(chain)


def event_hash(event: Event, previous: str) -> str:
    """Return the hash of an event as it is stored, given the hash of the one before (empty when it has none)."""
    stored = compact_json(event)
    stored.pop("hash", None)
    return digest(f"{previous}\n{sorted_ascii(stored)}")


def digest(text: str) -> str:
    """Return 128 bits over a text (BLAKE2b), in hexadecimal."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def chain_breaks(events: Iterable[Event], after: int, after_hash: str | None, last: int) -> tuple[str, ...]:
    """Name what is not as it was written in a run of events: `missing 3-5`, `changed 4` or `restarted 6`.

    Events of version 0.1.0 carry no hash; before the first one that does, nothing can be said.

    Args:
        events: the events, by rising numbers.
        after: the number of the event before the first; 0 at the beginning.
        after_hash: the hash of that event; empty at the beginning and where it has none, None where it is not known.
        last: the highest number that must be there.
    """
    breaks = []
    previous, expected = after_hash, after + 1
    is_hashed = after_hash != ""
    for event in events:
        number = event.number or 0
        if number > expected and (is_hashed or (expected == 1 and event.hash is not None)):
            breaks.append(_missing(expected, number - 1))
        elif event.hash is None:
            if is_hashed:
                breaks.append(f"changed {number}")
        elif previous is not None and event_hash(event, previous) != event.hash:
            restarted = bool(previous) and event_hash(event, "") == event.hash
            breaks.append(f"{'restarted' if restarted else 'changed'} {number}")
        previous, is_hashed, expected = event.hash or "", event.hash is not None, number + 1
    if expected <= last:
        breaks.append(_missing(expected, last))
    return tuple(breaks)


def _missing(first: int, last: int) -> str:
    return f"missing {first}" if first == last else f"missing {first}-{last}"


def merged(*histories: Iterable[Event]) -> tuple[Event, ...]:
    """One history of several, by number; where two hold the same number, the later argument wins."""
    by_number = {event.number: event for history in histories for event in history if event.number is not None}
    return tuple(by_number[number] for number in sorted(by_number))


def excerpt(value: str | None) -> str | None:
    """People's text as an event keeps it: its first characters on one line."""
    if value is None:
        return None
    begin = value[: MAX_EXCERPT_LENGTH * 4]
    line = " ".join(clean(begin).split())
    is_whole = len(line) <= MAX_EXCERPT_LENGTH and begin == value
    return line if is_whole else line[: MAX_EXCERPT_LENGTH - 1] + "…"


def excerpt_and_digest(value: str | None) -> tuple[str | None, str | None]:
    """Return what an event keeps of a value: its excerpt, and a digest of all of it where the excerpt is not that."""
    short = excerpt(value)
    return short, None if value is None or short == value else digest(value)
