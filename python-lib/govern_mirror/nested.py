"""JSON of unknown shape, read and changed without raising: values by their path, objects, lists and texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Definition = Mapping[str, Any]
Path = tuple[str, ...]


def get(document: object, path: Path) -> Any:
    """The value at a path; None when there is none."""
    for key in path:
        if not isinstance(document, Mapping):
            return None
        document = document.get(key)
    return document


def put(document: dict[str, Any], path: Path, value: Any) -> None:
    """Set the value at a path; objects on the way are copied, since others may share them, or made."""
    for key in path[:-1]:
        inner = document.get(key)
        document[key] = dict(inner) if isinstance(inner, Mapping) else {}
        document = document[key]
    document[path[-1]] = value


def drop(document: dict[str, Any], path: Path) -> None:
    """Take the value at a path out; objects on the way are copied."""
    if get(document, path) is not None:
        put(document, path, None)
        parent = get(document, path[:-1])
        del parent[path[-1]]


def covers(value: object, expected: object) -> bool:
    """Whether a value holds all of a wanted one: DSS adds defaults of its own to objects, also inside lists."""
    if isinstance(value, Mapping) and isinstance(expected, Mapping):
        return all(covers(value.get(key), part) for key, part in expected.items())
    if isinstance(value, list) and isinstance(expected, list):
        return len(value) == len(expected) and all(map(covers, value, expected))
    return value == expected


def items_of(value: object) -> list[Any]:
    """A copy of a list; empty when it is none."""
    return list(value) if isinstance(value, list) else []


def mapping(value: object) -> Mapping[str, Any]:
    """An object; empty when it is none."""
    return value if isinstance(value, Mapping) else {}


def text_at(item: object, key: str) -> str | None:
    """The text of a key; None when there is none."""
    value = item.get(key) if isinstance(item, Mapping) else None
    return value if isinstance(value, str) else None


def text(value: object) -> str:
    """A text; empty when it is none."""
    return value if isinstance(value, str) else ""


def texts(value: object) -> tuple[str, ...]:
    """The texts in a list."""
    return tuple(item for item in items_of(value) if isinstance(item, str))
