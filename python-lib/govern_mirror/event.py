"""What happened to a governed project: numbered events, kept for good."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from enum import Enum
from typing import Any, NamedTuple

from govern_mirror.times import parse_date as parse_date
from govern_mirror.times import parse_time as parse_time
from govern_mirror.times import require_near as require_near

EXCERPT = 60
"""How many characters of people's text an event keeps of a value before and after."""


MOST = 2**53
"""The highest number of an event, a revision or a schema: what every JSON reader counts exactly."""

_SURROGATES = re.compile("[\ud800-\udfff]")
_TEXT_OR_NONE = frozenset({str, type(None)})


class Source(str, Enum):
    """Through which door a change came."""

    MACRO = "macro"
    CLI = "cli"
    API = "api"
    SYNC = "sync"
    EDITED_IN_DSS = "edited-in-dss"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes something, through which door, and when. Pure code takes it as an argument.

    Attributes:
        by: the login DSS knows (`api:<id>` for an API key), or None.
        source: the door.
        now: the time of the change, aware, UTC.
    """

    by: str | None
    source: Source
    now: datetime


class Event(NamedTuple):
    """One event; a named tuple, since a report makes hundreds of thousands.

    Attributes:
        number: counts from 1 within the project; None while it is pending (seen, not stored yet).
        at: when it happened (UTC), None when unknown.
        by: login of who did it; None for an edit in DSS, which names nobody.
        source: the door it came through; text, since a newer version may know more doors.
        what: a move (`advance`, `start`, …), `initialize`, `adopt`, `record`, or the path of the value changed.
        before, after: `from` and `to` in JSON: positions of the workflow for a move, else the value's excerpt.
        reason: what the person gave as reason, in full.
        hint: for an edit in DSS, the login of the project's last modifier.
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

    @property
    def pending(self) -> bool:
        """Whether the event was only seen so far, and is stored with the next write."""
        return self.number is None


def event_json(event: Event) -> dict[str, Any]:
    """The event as `show` prints it."""
    return {
        "number": event.number,
        "at": iso_time(event.at),
        "by": event.by,
        "source": event.source,
        "what": event.what,
        "from": event.before,
        "to": event.after,
        "reason": event.reason,
        "hint": event.hint,
        "pending": event.pending,
    }


def compact_json(event: Event) -> dict[str, Any]:
    """The event as it is stored: what is null is left out, and a stored event is never pending."""
    return {key: value for key, value in event_json(event).items() if value is not None and key != "pending"}


def event_from_json(stored: Mapping[str, Any]) -> Event:
    """Read one stored event.

    Raises:
        ValueError: it is not one: the number, source or what is missing or of a wrong type.
    """
    get = stored.get
    number, what, source, at = get("number"), get("what"), get("source"), get("at")
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number < MOST:
        raise ValueError("an event needs a number from 1")
    if not isinstance(what, str) or not isinstance(source, str):
        raise ValueError("an event needs what and source")
    by, before, after, reason, hint = get("by"), get("from"), get("to"), get("reason"), get("hint")
    if not _TEXT_OR_NONE.issuperset(map(type, (by, before, after, reason, hint))):
        raise ValueError("by, from, to, reason and hint of an event are texts")
    return Event(number, None if at is None else parse_time(at), by, source, what, before, after, reason, hint)


def numbered(events: Iterable[Event], last: int) -> tuple[Event, ...]:
    """Give events the numbers after `last`, in their order."""
    return tuple(event._replace(number=last + position) for position, event in enumerate(events, 1))


def merged(*histories: Iterable[Event]) -> tuple[Event, ...]:
    """One history of several, by number; where two hold the same number, the later argument wins."""
    by_number = {event.number: event for history in histories for event in history if event.number is not None}
    return tuple(by_number[number] for number in sorted(by_number))


def excerpt(value: str | None) -> str | None:
    """People's text as an event keeps it: its first characters on one line."""
    if value is None:
        return None
    line = " ".join(clean(value[: EXCERPT * 4]).split())
    return line if len(line) <= EXCERPT and len(value) <= EXCERPT * 4 else line[: EXCERPT - 1] + "…"


def clean(text: str) -> str:
    """Text that can be stored as UTF-8: lone surrogates (broken input) become U+FFFD."""
    return text if text.isascii() else _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text)


def iso_time(at: datetime | None) -> str | None:
    """A time as ISO 8601 in UTC, to the second, e.g. `2026-06-01T08:30:00Z`."""
    if at is None:
        return None
    if at.tzinfo is not timezone.utc:
        at = at.astimezone(timezone.utc)
    # what stands behind the seconds is cut off
    return at.isoformat()[:19] + "Z"
