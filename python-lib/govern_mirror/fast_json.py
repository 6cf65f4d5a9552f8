"""JSON of thousands of projects: orjson, and the standard library where orjson is stricter than JSON as DSS has it.

orjson reads and writes a report of thousands of projects in a fraction of the time, but refuses what `json` takes (lone
surrogates, NaN, deep nesting); then `json` decides. Integers beyond 64 bits are read as floats, so what is read so must
not be written back.

What one person typed must not hide what all others did: a list with an item that no reader can take is read item by
item, and that item is `Pruned`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import orjson

from govern_mirror.text import clipped
from govern_mirror.times import iso_time

MAX_DEPTH = 100
"""How deep a document may be nested that is written back; DSS's own go to five or so."""

MAX_DIGITS = 1000
"""Digits of the longest number that is kept in a pruned item; Python reads 4,300."""

MAX_UNPRINTABLE = 8192
"""Characters that stand for a value that `json.dumps` cannot print."""

TOO_DEEP = f"it holds JSON that is nested more than {MAX_DEPTH} levels deep"
TOO_LONG = f"it holds a number of more than {MAX_DIGITS} digits"

_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.)*"?'  # a text; one that is not closed goes to the end, so that this stays linear
    r"|[\[\]{}]"
    rf"|(?<![-+.0-9eE])-?[0-9]{{{MAX_DIGITS + 1},}}(?![.0-9eE])",
    re.DOTALL,
)
_CONTAINERS = (dict, list)


class Pruned(dict[str, Any]):
    """An object of a list without those of its values that cannot be read: they are null.

    Attributes:
        reason: why it could not be read whole, as in “it …”.
    """

    reason: str = ""


def loads(text: str | bytes) -> Any:
    """Read JSON; bytes are UTF-8.

    Raises:
        ValueError: it is not JSON.
        RecursionError: it is nested too deep.
    """
    try:
        return orjson.loads(text)
    except ValueError:
        return json.loads(text)


def loads_bounded(text: str, *, exact: bool = False) -> Any:
    """Read JSON that is no deeper than `MAX_DEPTH`.

    Args:
        text: the JSON.
        exact: whether it may be written back: integers beyond 64 bits are kept.

    Raises:
        ValueError: it is not JSON, or too deep.
    """
    try:
        document = json.loads(text) if exact else loads(text)
    except RecursionError:
        raise ValueError(TOO_DEEP) from None
    # counting is quick, and almost no text has that many
    if text.count("[") + text.count("{") > MAX_DEPTH and is_deep(document):
        raise ValueError(TOO_DEEP)
    return document


def loads_items(content: bytes) -> Any:
    """Read JSON that should be a list; an object in it that cannot be read is `Pruned`, the others are as they are.

    Raises:
        ValueError: it is not JSON.
    """
    try:
        return loads(content)
    except (ValueError, RecursionError):
        text = content.decode("utf-8", "replace")
        spans = list(_objects(text))
        if not spans:
            raise ValueError("it is not JSON") from None
    outline, end = [], 0
    for start, stop in spans:
        outline.append(text[end:start])
        end = stop
    # what stands around the objects tells whether this is a list at all
    frame = json.loads("0".join([*outline, text[end:]]))
    if not isinstance(frame, list):
        raise ValueError("it is not a list")
    return [_item(text[start:stop]) for start, stop in spans]


def dumps(document: Any) -> bytes:
    """Compact JSON in UTF-8; what cannot be UTF-8 becomes a question mark.

    Times in UTC become ISO 8601 to the second, as `iso_time` writes them; dates and enumerations their values.
    """
    try:
        return orjson.dumps(document, option=_TIMES)
    except (TypeError, ValueError):
        plain = json.dumps(document, ensure_ascii=False, separators=(",", ":"), default=_day_or_time)
        return plain.encode("utf-8", "replace")


def sorted_ascii(document: dict[str, Any]) -> str:
    """Compact JSON in ASCII with sorted keys, as `json` writes it but for some numbers: what fingerprints are of."""
    try:
        text = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return _ASCII.encode(document)
    # `json` escapes all but printable ASCII, orjson nothing from DEL on
    return text.decode("ascii") if text.isascii() and b"\x7f" not in text else _ASCII.encode(document)


def canonical(document: dict[str, Any]) -> str:
    """As `sorted_ascii`, with numbers as `json` writes them, too: code without this library hashes the same.

    Raises:
        RecursionError: it is nested too deep.
    """
    return _ASCII.encode(document)


def text_of(value: object, *, sort_keys: bool = False) -> str:
    """Any JSON value as the text that `json.dumps` gives.

    What it cannot print (nested too deep, a number of thousands of digits) is shown in short: such a document is never
    written back.
    """
    try:
        return _SORTED.encode(value) if sort_keys else json.dumps(value)
    except (ValueError, RecursionError, TypeError):
        return clipped(value, MAX_UNPRINTABLE)


def is_deep(value: object, depth: int = MAX_DEPTH) -> bool:
    """Whether a value is nested deeper than so many levels: no comparison and no writer can be trusted with it."""
    level = [value]
    for _ in range(depth):
        level = [
            child
            for container in level
            for child in (container.values() if isinstance(container, dict) else container)  # type: ignore[attr-defined]
            if isinstance(child, _CONTAINERS)
        ]
        if not level:
            return False
    return True


def _item(text: str) -> Any:
    try:
        return loads(text)
    except (ValueError, RecursionError):
        parts, reason = _pruned(text)
        item = Pruned(json.loads("".join(parts)))
        item.reason = reason
        return item


def _objects(text: str) -> Iterator[tuple[int, int]]:
    """Where the objects of a list stand, as begin and end; nothing is read, and nothing is nested."""
    depth = begin = 0
    for token in _TOKEN.finditer(text):
        mark = token.group()[0]
        if mark in "[{":
            depth += 1
            if depth == 2 and mark == "{":
                begin = token.start()
        elif mark in "]}":
            depth -= 1
            if depth == 1 and mark == "}":
                yield begin, token.end()


def _pruned(text: str) -> tuple[list[str], str]:
    """The text of an object with null for what is too deep or too long; and why."""
    parts: list[str] = []
    depth = end = 0
    reason = ""
    for token in _TOKEN.finditer(text):
        mark = token.group()[0]
        if mark in "[{":
            depth += 1
            if depth == MAX_DEPTH + 1:
                parts.append(text[end : token.start()])
                end, reason = len(text), TOO_DEEP
        elif mark in "]}":
            if depth == MAX_DEPTH + 1:
                parts.append("null")
                end = token.end()
            depth -= 1
        elif mark != '"' and depth <= MAX_DEPTH:
            parts += (text[end : token.start()], "null")
            end, reason = token.end(), reason or TOO_LONG
    parts.append(text[end:])
    return parts, reason or "it is not valid JSON"


_SORTED = json.JSONEncoder(sort_keys=True)
_ASCII = json.JSONEncoder(sort_keys=True, separators=(",", ":"))
"""Made once: `json.dumps` makes one a call, which costs as much as the encoding."""

_TIMES = orjson.OPT_OMIT_MICROSECONDS | orjson.OPT_UTC_Z


def _day_or_time(value: object) -> str | None:
    if isinstance(value, datetime):
        return iso_time(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no JSON for {type(value).__name__}")
