"""The wiki article `Govern timeline`: where the oldest events of a project move, as numbered lines.

The lines stand in a marked block; around it people may write what they like. Each line is readable, and carries its
event in an HTML comment, which Markdown does not show, so that it reads back exactly: JSON in base64, since some
renderers bring to life what they find in comments. Lines of version 0.1.0 carry plain JSON, and are read too.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass

from govern_mirror.model.event import Event, compact_json, event_from_json, excerpt
from govern_mirror.text import markdown_text
from govern_mirror.times import iso_time

ARTICLE = "Govern timeline"


@dataclass(frozen=True)
class Block:
    """A marked part of an article, which this tool writes; around it people may write what they like.

    Attributes:
        name: what its marks call it; free of `-->`.
        introduction: what a new article begins with.
    """

    name: str
    introduction: str

    @property
    def begin(self) -> str:
        """The mark before it."""
        return f"<!-- govern-mirror {self.name}: begin -->"

    @property
    def end(self) -> str:
        """The mark behind it."""
        return f"<!-- govern-mirror {self.name}: end -->"

    def lines(self, payload: str) -> list[str]:
        """Return its lines in an article's text; none when it is not there.

        Raises:
            ValueError: the article is longer than any history.
        """
        if len(payload) > MAX_ARTICLE_LENGTH:
            raise ValueError(f"the article has {len(payload):,} characters: no history is that long")
        begin = payload.find(self.begin)
        if begin < 0:
            return []
        end = payload.find(self.end, begin)
        return payload[begin + len(self.begin) : end if end >= 0 else len(payload)].strip("\n").split("\n")

    def with_lines(self, payload: str, lines: Iterable[str]) -> str:
        """Return the article's text with other lines in the block, which is added where it was not there."""
        before, after = self._around(payload)
        block = "\n".join([self.begin, *lines, self.end])
        return f"{before}{block}{after}"

    def removed(self, payload: str) -> str:
        """Return what people wrote around it; empty when the article holds nothing but ours."""
        if self.begin not in payload:
            return payload
        before, after = self._around(payload)
        rest = (before.removeprefix(self.introduction) + after).strip()
        return f"{rest}\n" if rest else ""

    def _around(self, payload: str) -> tuple[str, str]:
        begin = payload.find(self.begin)
        if begin < 0:
            separator = "" if not payload or payload.endswith("\n\n") else "\n\n"
            return (payload + separator if payload else self.introduction), "\n"
        end = payload.find(self.end, begin)
        return payload[:begin], "\n" if end < 0 else payload[end + len(self.end) :]


TIMELINE = Block(
    "timeline",
    "# Govern timeline\n\nThe earlier history of this project's Govern workflow, written by govern-mirror.\n\n",
)
"""The block that takes the events of a project."""

MAX_ARTICLE_LENGTH = 64 * 2**20
"""Characters of an article that is read: more is not a history."""

MAX_LINE_LENGTH = 8 * 2**20
"""Characters of a line that may be an event: people's reasons are kept whole, up to a point."""

_COMMENT, _COMMENT_END, _ENCODED = "<!-- ", "-->", "event:"


def events_of(payload: str, block: Block = TIMELINE) -> tuple[Event, ...]:
    """Return the events in a block of an article; a line that people damaged is passed over.

    Raises:
        ValueError: the article is longer than any history.
    """
    return tuple(event for line in block.lines(payload) if (event := _event(line)))


def with_events(payload: str, events: Iterable[Event], committed: int | None = None, block: Block = TIMELINE) -> str:
    """The article with events added to a block, in order of their numbers.

    A number that is there already is taken over by the new event. Numbers that the record has given are final, so a
    line that differs should only be left from a write that did not succeed: then it goes. One that was committed stays
    readable, marked as replaced, at the end of the block, and so do lines that are no events.

    Args:
        payload: the article's text.
        events: what to add.
        committed: the highest number that is final; None when all are.
        block: which block takes them.

    Raises:
        ValueError: the article is longer than any history.
    """
    added = {event.number: event for event in events}
    by_number: dict[int | None, Event] = {}
    strangers = []
    for line in block.lines(payload):
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
    return block.with_lines(payload, [*ordered, *strangers])


def _line(event: Event) -> str:
    payload = base64.b64encode(json.dumps(compact_json(event), separators=(",", ":")).encode("ascii")).decode("ascii")
    values = [markdown_text(text) for text in (event.before, event.after) if text]
    parts = [
        iso_time(event.at) or "at an unknown time",
        *(markdown_text(text) for text in (event.by or event.hint or "someone", event.source, event.what)),
        *([" → ".join(values)] if values else []),
    ]
    reason = f" · “{markdown_text(excerpt(event.reason) or '')}”" if event.reason else ""
    return f"{event.number}. {' · '.join(parts)}{reason} {_COMMENT}{_ENCODED}{payload} {_COMMENT_END}"


def _event(line: str) -> Event | None:
    text = line.strip()
    number, dot, _ = text.partition(".")
    if not dot or not number.isascii() or not number.isdigit() or not text.endswith(_COMMENT_END):
        return None
    start = text.rfind(_COMMENT)
    if start < 0 or len(text) > MAX_LINE_LENGTH:
        return None
    payload: str | bytes = text[start + len(_COMMENT) : -len(_COMMENT_END)].strip()
    try:
        if isinstance(payload, str) and payload.startswith(_ENCODED):
            payload = base64.b64decode(payload.removeprefix(_ENCODED), validate=True)
        content = json.loads(payload)
        return event_from_json(content) if isinstance(content, dict) else None
    except (ValueError, RecursionError):
        return None
