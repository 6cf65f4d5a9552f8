"""Decoded projects, kept by their content: what is decoded for one reader need not be decoded for the next."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from govern_mirror.model.item import Item


class SharedItems:
    """Projects by the content that they were decoded from, so that equal ones are one.

    Nobody gets what they could not have decoded themselves: who asks brings the content. Rights of the reader, which
    the list tells as true and false beside it, are no part of it.

    Args:
        most: how many are kept; those that were not asked for the longest go first.
    """

    def __init__(self, most: int = 50_000) -> None:
        self._most = most
        self._items: dict[bytes, Item] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._items)

    def get(self, raw: Mapping[str, Any], made_with: bytes, make: Callable[[], Item]) -> Item:
        """Return the project of a content, decoded now unless it was before.

        Args:
            raw: the project as the list has it.
            made_with: what else decides what it becomes, as `shared_key` gives it.
            make: decodes it.
        """
        key = _digest(raw, made_with)
        if key is None:
            return make()
        with self._lock:
            item = self._items.pop(key, None)
            if item is not None:
                self._items[key] = item
                return item
        item = make()
        with self._lock:
            self._items[key] = item
            while len(self._items) > self._most:
                del self._items[next(iter(self._items))]
        return item


def shared_key(made_with: object) -> bytes:
    """Return a key of what decides, besides its content, what a project becomes: equal when it looks equal as text."""
    return hashlib.blake2b(repr(made_with).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _digest(raw: Mapping[str, Any], made_with: bytes) -> bytes | None:
    content = {name: value for name, value in raw.items() if not isinstance(value, bool)}
    try:
        text = orjson.dumps(content)
    except (TypeError, ValueError):
        return None  # more than JSON's usual, such as a number beyond 64 bits: decoded each time
    return hashlib.blake2b(text, digest_size=16, key=made_with).digest()
