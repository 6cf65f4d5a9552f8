"""Values of an item by attribute, for people who script: a read-only view of `Item.values`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from govern_mirror.model.values import Value


class View:
    """The values whose paths begin alike, such as `item.overview` and `item.qualification`.

    A part of a path gives a view of what is below it; below a rating, `origin` is where it comes from.
    """

    __slots__ = ("_origins", "_prefix", "_values")

    def __init__(self, values: Mapping[str, Value], origins: Mapping[str, str], prefix: str) -> None:
        self._values, self._origins, self._prefix = values, origins, prefix

    def __getattr__(self, name: str) -> Any:
        path = f"{self._prefix}.{name}"
        if path in self._values:
            return self._values[path]
        if name == "origin" and f"{self._prefix}.rating" in self._values:
            return self._origins.get(f"{self._prefix}.rating")
        if any(known.startswith(f"{path}.") for known in self._values):
            return View(self._values, self._origins, path)
        raise AttributeError(f"{self._prefix} has no {name!r}: it has {', '.join(self)}")

    def __iter__(self) -> Iterator[str]:
        """The names that the view has."""
        start = len(self._prefix) + 1
        names = (path[start:].partition(".")[0] for path in self._values if path.startswith(f"{self._prefix}."))
        return iter(dict.fromkeys(names))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, View) and self._items() == other._items()

    def __hash__(self) -> int:
        return hash(self._prefix)

    def __repr__(self) -> str:
        return f"{self._prefix}: {self._items()}"

    def _items(self) -> dict[str, Value]:
        return {path: value for path, value in self._values.items() if path.startswith(f"{self._prefix}.")}
