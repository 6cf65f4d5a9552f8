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
from collections.abc import Callable
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


def loads_item(raw: bytes, *, certain: bool) -> Any:
    """Read an object of a list, of which `ItemReader` gave the bytes.

    Args:
        raw: its bytes.
        certain: whether they are a whole one: then what cannot be read whole is `Pruned`; else they are None.
    """
    try:
        return orjson.loads(raw)
    except ValueError:
        if not certain:
            return None
    text = raw.decode("utf-8", "replace")
    try:
        return loads(text)
    except (ValueError, RecursionError):
        parts, reason = _pruned(text)
        item = Pruned(json.loads("".join(parts)))
        item.reason = reason
        return item


class NotItems(Exception):  # noqa: N818 - what it is
    """What came in pieces is no list of objects, or not all of it came."""


class ItemReader:
    """Splits a JSON list of objects that comes in pieces into the bytes of each object.

    Objects are told apart by what stands between the first two: the end of the one, and the key that begins the other.
    That may also stand within an object: who takes one says whether it is whole, and what is not is counted out.

    Args:
        take: is given the bytes of each object, in order, and whether they are certain to be a whole one; returns
            whether they are.
    """

    def __init__(self, take: Callable[[bytes, bool], bool]) -> None:
        self._take = take
        self._buffer = b""
        self._searched = 0
        self._mark: bytes | None = None

    def feed(self, piece: bytes) -> None:
        """Take the next piece of the list.

        Raises:
            NotItems: it is no list of objects.
        """
        self._buffer += piece
        if self._mark is None:
            self._mark = self._learn_mark()
            if self._mark is None:
                return
        buffer, mark, start, searched = self._buffer, self._mark, 0, self._searched
        while (position := buffer.find(mark, searched)) >= 0:
            searched = position + 1
            if self._take(buffer[start:searched], False):
                start = buffer.index(b"{", searched)
            else:
                start = self._count_out(buffer, start, searched)
        self._buffer = buffer[start:]
        # the next mark may be cut in two
        self._searched = max(searched, len(buffer) - len(mark) + 1, start) - start

    def close(self) -> None:
        """Take the end of the list.

        Raises:
            NotItems: it is no list of objects, or not all of it came.
        """
        rest = self._buffer.strip()
        if self._mark is None:
            rest = _LIST_BEGIN.sub(b"", rest, 1)
        last = rest.removesuffix(b"]").rstrip()
        if last == rest or (last[:1] != b"{" and (last or self._mark)):
            raise NotItems("not all of the list came")
        if last and not self._take(last, False) and self._count_out(last, 0, len(last)) != len(last):
            raise NotItems("not all of the list came")

    def _learn_mark(self) -> bytes | None:
        """Learn what stands between objects, once the second one begins."""
        begin = _LIST_BEGIN.match(self._buffer)
        if begin is None:
            if self._buffer.strip():
                raise NotItems("it is no list")
            return None
        if self._buffer[begin.end() : begin.end() + 1] not in (b"", b"{", b"]"):
            raise NotItems("it is no list of objects")
        end = _end_of_object(self._buffer, begin.end(), len(self._buffer))
        following = _NEXT_OBJECT.match(self._buffer, end) if end else None
        if following is None:
            return None
        self._buffer = self._buffer[begin.end() :]
        return b"}" + following.group()

    def _count_out(self, buffer: bytes, start: int, stop: int) -> int:
        """Take the whole objects of a part; return where the first one begins that is not whole, or what follows."""
        while start < stop:
            end = _end_of_object(buffer, start, stop)
            if not end:
                return start
            self._take(buffer[start:end], True)
            between = _BETWEEN.match(buffer, end)
            if between is None:
                if end < stop:
                    raise NotItems("it is no list of objects")
                return end
            start = between.end()
        return start


def _end_of_object(buffer: bytes, start: int, stop: int) -> int:
    """Where the object ends that begins at `start`; 0 when it does not end before `stop`."""
    depth = 0
    for token in _BYTES_TOKEN.finditer(buffer, start, stop):
        mark = token.group()[:1]
        if mark in b"[{":
            depth += 1
        elif mark in b"]}":
            depth -= 1
            if depth == 0:
                return token.end()
    return 0


_BYTES_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)
_LIST_BEGIN = re.compile(rb"\s*\[\s*")
_BETWEEN = re.compile(rb"\s*,\s*(?=\{)")
_NEXT_OBJECT = re.compile(rb'\s*,\s*\{\s*"[^"\\]*"\s*:')


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


def is_deep(value: object) -> bool:
    """Whether a value is nested deeper than `MAX_DEPTH`: no comparison and no writer can be trusted with it."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for container in level
            for child in (container.values() if isinstance(container, dict) else container)  # type: ignore[attr-defined]
            if isinstance(child, _CONTAINERS)
        ]
        if not level:
            return False
    return True


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
