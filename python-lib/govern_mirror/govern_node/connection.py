"""How a Govern node is reached, `connect_govern()`, and what it answers: JSON of unknown shape with artifacts in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import dataikuapi

from govern_mirror.connection import Instance
from govern_mirror.dss.client import client_factory
from govern_mirror.dss.transport import Server, Transport
from govern_mirror.errors import ConnectionFailed, InputError
from govern_mirror.nested import mapping, text_at
from govern_mirror.text import clipped

GOVERN = Server("Govern", "--govern-url or DKU_GOVERN_URL", "--govern-api-key or DKU_GOVERN_API_KEY")

GovernClient: TypeAlias = dataikuapi.GovernClient
GovernClientFactory: TypeAlias = Callable[[], GovernClient]
"""Makes a client; `GovernNode` calls it once for each thread."""

SEARCH = "/artifacts/search"
"""The path of the search, a POST that only reads."""

Raw: TypeAlias = dict[str, Any]
"""An artifact as Govern answers it."""

ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")
"""What an id may look like, so that it is safe in a path."""


def connect_govern(instance: Instance) -> GovernClientFactory:
    """Return a function that makes clients of a Govern node; `GovernNode` calls it once for each thread."""
    return client_factory(GovernClient, instance, Transport(GOVERN, reading_posts=[SEARCH]))


def version_of(raw: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The ids of an artifact's blueprint and blueprint version, each None when it tells none."""
    ids = raw.get("blueprintVersionId")
    return text_at(ids, "blueprintId"), text_at(ids, "versionId")


def fields_of(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """An artifact's fields; none when they cannot be read."""
    return mapping(raw.get("fields"))


def name_of(raw: object) -> str:
    """An artifact's name; empty when it tells none."""
    return text_at(raw, "name") or ""


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
