"""What Govern answers: JSON of unknown shape, and what an artifact in it tells."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeAlias

from govern_mirror.errors import ConnectionFailed, InputError
from govern_mirror.govern_node.connection import GOVERN
from govern_mirror.text import clipped

Raw: TypeAlias = dict[str, Any]
"""An artifact as Govern answers it."""

ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")
"""What an id may look like, so that it is safe in a path."""


def version_of(raw: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The ids of an artifact's blueprint and blueprint version, each None when it tells none."""
    ids = raw.get("blueprintVersionId")
    if not isinstance(ids, Mapping):
        return None, None
    blueprint_id, version_id = ids.get("blueprintId"), ids.get("versionId")
    return (
        blueprint_id if isinstance(blueprint_id, str) else None,
        version_id if isinstance(version_id, str) else None,
    )


def fields_of(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """An artifact's fields; none when they cannot be read."""
    fields = raw.get("fields")
    return fields if isinstance(fields, Mapping) else {}


def name_of(raw: object) -> str:
    """An artifact's name; empty when it tells none."""
    name = raw.get("name") if isinstance(raw, Mapping) else None
    return name if isinstance(name, str) else ""


def ids_in(raw: object) -> list[str]:
    """The artifact ids in a reference field, list or not."""
    return [item for item in (raw if isinstance(raw, list) else [raw]) if isinstance(item, str) and item]


def inside(answer: Mapping[str, Any], key: str) -> Raw:
    """The object that an answer wraps.

    Raises:
        ConnectionFailed: there is none, so the answer is not Govern's.
    """
    wrapped = answer.get(key)
    if not isinstance(wrapped, dict):
        raise ConnectionFailed(GOVERN.not_its_answer)
    return wrapped


def checked(id_: str) -> str:
    """An id that is safe in a path, since the client does not quote it."""
    if not ID.fullmatch(id_):
        raise InputError(f"{clipped(id_)!r} is not an id of Govern's")
    return id_
