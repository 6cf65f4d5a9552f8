"""The wiki article `Govern timeline`: where the oldest events of a project move, as numbered lines.

The lines stand in a marked block; around it people may write what they like. Each line is readable, and carries its
event in an HTML comment, which Markdown does not show, so that it reads back exactly: JSON in base64, since some
renderers bring to life what they find in comments. Lines of version 0.1.0 carry plain JSON, and are read too.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable

from govern_mirror.model.event import Event, compact_json, event_from_json, excerpt
from govern_mirror.text import markdown_text
from govern_mirror.times import iso_time

ARTICLE = "Govern timeline"
BEGIN = "<!-- govern-mirror timeline: begin -->"
END = "<!-- govern-mirror timeline: end -->"
INTRODUCTION = (
    "# Govern timeline\n\nThe earlier history of this project's Govern workflow, written by govern-mirror.\n\n"
)

MAX_ARTICLE_LENGTH = 64 * 2**20
"""Characters of an article that is read: more is not a history."""

MAX_LINE_LENGTH = 8 * 2**20
"""Characters of a line that may be an event: people's reasons are kept whole, up to a point."""

_COMMENT, _COMMENT_END, _ENCODED = "<!-- ", "-->", "event:"


def events_of(payload: str) -> tuple[Event, ...]:
    """Return the events in an article; a line that people damaged is passed over.

    Raises:
        ValueError: the article is longer than any history.
    """
    return tuple(event for line in _block(payload) if (event := _event(line)))


def with_events(payload: str, events: Iterable[Event], committed: int | None = None) -> str:
    """The article with events added to its block, in order of their numbers.

    A number that is there already is taken over by the new event. Numbers that the record has given are final, so a
    line that differs should only be left from a write that did not succeed: then it goes. One that was committed stays
    readable, marked as replaced, at the end of the block, and so do lines that are no events.

    Args:
        payload: the article's text.
        events: what to add.
        committed: the highest number that is final; None when all are.

    Raises:
        ValueError: the article is longer than any history.
    """
    added = {event.number: event for event in events}
    by_number: dict[int | None, Event] = {}
    strangers = []
    for line in _block(payload):
        event = _event(line)
        if event is None:
            strangers += [line] if line.strip() else []
        elif event.number in added and added[event.number] != event:
            is_final = committed is None or (event.number or 0) <= committed
            strangers += [f"Replaced: {line.strip()}"] if is_final else []
        else:
            by_number[event.number] = event
    by_number |= added
    ordered = [_line(by_number[number]) for number in sorted(by_number, key=lambda n: n or 0)]
    block = "\n".join([BEGIN, *ordered, *strangers, END])
    before, after = _around(payload)
    return f"{before}{block}{after}"


def without_block(payload: str) -> str:
    """What people wrote around the block; empty when the article holds nothing but ours."""
    if BEGIN not in payload:
        return payload
    before, after = _around(payload)
    rest = (before.removeprefix(INTRODUCTION) + after).strip()
    return f"{rest}\n" if rest else ""


def _around(payload: str) -> tuple[str, str]:
    begin = payload.find(BEGIN)
    if begin < 0:
        separator = "" if not payload or payload.endswith("\n\n") else "\n\n"
        return (payload + separator if payload else INTRODUCTION), "\n"
    end = payload.find(END, begin)
    return payload[:begin], "\n" if end < 0 else payload[end + len(END) :]


def _block(payload: str) -> list[str]:
    if len(payload) > MAX_ARTICLE_LENGTH:
        raise ValueError(f"the article has {len(payload):,} characters: no history is that long")
    begin = payload.find(BEGIN)
    if begin < 0:
        return []
    end = payload.find(END, begin)
    return payload[begin + len(BEGIN) : end if end >= 0 else len(payload)].strip("\n").split("\n")


def _line(event: Event) -> str:
    stored = base64.b64encode(json.dumps(compact_json(event), separators=(",", ":")).encode("ascii")).decode("ascii")
    moved = [markdown_text(text) for text in (event.before, event.after) if text]
    parts = [
        iso_time(event.at) or "at an unknown time",
        *(markdown_text(text) for text in (event.by or event.hint or "someone", event.source, event.what)),
        *([" → ".join(moved)] if moved else []),
    ]
    reason = f" · “{markdown_text(excerpt(event.reason) or '')}”" if event.reason else ""
    return f"{event.number}. {' · '.join(parts)}{reason} {_COMMENT}{_ENCODED}{stored} {_COMMENT_END}"


def _event(line: str) -> Event | None:
    text = line.strip()
    number, dot, _ = text.partition(".")
    if not dot or not number.isascii() or not number.isdigit() or not text.endswith(_COMMENT_END):
        return None
    start = text.rfind(_COMMENT)
    if start < 0 or len(text) > MAX_LINE_LENGTH:
        return None
    stored: str | bytes = text[start + len(_COMMENT) : -len(_COMMENT_END)].strip()
    try:
        if isinstance(stored, str) and stored.startswith(_ENCODED):
            stored = base64.b64decode(stored.removeprefix(_ENCODED), validate=True)
        content = json.loads(stored)
        return event_from_json(content) if isinstance(content, dict) else None
    except (ValueError, RecursionError):
        return None
