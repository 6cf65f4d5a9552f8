"""The wiki article `Govern timeline`: where the oldest events of a project move, as numbered lines.

The lines stand in a marked block; around it people may write what they like. Each line is readable, and
carries its event as JSON in an HTML comment, which Markdown does not show, so that it reads back exactly.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from govern_mirror.event import Event, clean, compact_json, event_from_json, excerpt, iso_time
from govern_mirror.text import markdown_text

ARTICLE = "Govern timeline"
BEGIN = "<!-- govern-mirror timeline: begin -->"
END = "<!-- govern-mirror timeline: end -->"
INTRODUCTION = (
    "# Govern timeline\n\nThe earlier history of this project's Govern workflow, written by govern-mirror.\n\n"
)

_LINE = re.compile(r"^\s*\d+\..*<!-- (\{.*\}) -->\s*$")


def events_of(payload: str) -> tuple[Event, ...]:
    """The events in an article; a line that people damaged is passed over."""
    return tuple(event for line in _block(payload) if (event := _event(line)))


def with_events(payload: str, events: Iterable[Event]) -> str:
    """The article with events added to its block, in order of their numbers.

    A number that is there already is replaced: numbers the record has given are final, so only a line from a
    write that did not succeed can differ. Lines that are no events stay, at the end of the block.
    """
    lines = _block(payload)
    by_number = {event.number: event for line in lines if (event := _event(line))}
    by_number |= {event.number: event for event in events}
    strangers = [line for line in lines if line.strip() and not _event(line)]
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
    begin = payload.find(BEGIN)
    if begin < 0:
        return []
    end = payload.find(END, begin)
    return payload[begin + len(BEGIN) : end if end >= 0 else len(payload)].strip("\n").split("\n")


def _line(event: Event) -> str:
    stored = json.dumps(compact_json(event), separators=(",", ":")).replace("<", "\\u003c").replace(">", "\\u003e")
    moved = " → ".join(_plain(text) for text in (event.before, event.after) if text)
    parts = [iso_time(event.at) or "at an unknown time", event.by or event.hint or "someone", event.source, event.what]
    reason = f" · “{_plain(excerpt(event.reason))}”" if event.reason else ""
    readable = " · ".join([*(_plain(part) for part in parts), *([moved] if moved else [])])
    return f"{event.number}. {readable}{reason} <!-- {stored} -->"


def _plain(text: str | None) -> str:
    """Text for Markdown, with the report's escapes."""
    return markdown_text(clean(text or ""))


def _event(line: str) -> Event | None:
    match = _LINE.match(line)
    if not match:
        return None
    try:
        stored = json.loads(match.group(1))
        return event_from_json(stored) if isinstance(stored, dict) else None
    except (ValueError, RecursionError):
        return None
