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


def covers(found: object, wanted: object) -> bool:
    """Whether a value holds all of a wanted one: DSS adds defaults of its own to objects, also inside lists."""
    if isinstance(found, Mapping) and isinstance(wanted, Mapping):
        return all(covers(found.get(key), value) for key, value in wanted.items())
    if isinstance(found, list) and isinstance(wanted, list):
        return len(found) == len(wanted) and all(map(covers, found, wanted))
    return found == wanted


def items_of(found: object) -> list[Any]:
    """A copy of a list; empty when it is none."""
    return list(found) if isinstance(found, list) else []


def mapping(found: object) -> Mapping[str, Any]:
    """An object; empty when it is none."""
    return found if isinstance(found, Mapping) else {}


def text_at(item: object, key: str) -> str | None:
    """The text of a key; None when there is none."""
    found = item.get(key) if isinstance(item, Mapping) else None
    return found if isinstance(found, str) else None


def text(found: object) -> str:
    """A text; empty when it is none."""
    return found if isinstance(found, str) else ""


def texts(found: object) -> tuple[str, ...]:
    """The texts in a list."""
    return tuple(item for item in items_of(found) if isinstance(item, str))
