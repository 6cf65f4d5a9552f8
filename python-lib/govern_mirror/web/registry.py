"""Bundles and models of the projects that a person sees: read with their own rights, and kept for a minute.

The page asks for some projects at a time, so that it shows what is there while the rest is read, and no answer takes so
long that a proxy gives up.
"""

from __future__ import annotations

import gzip
import secrets
import threading
from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response

from govern_mirror import clock, fast_json
from govern_mirror.actions.registry import ReleaseState, read_release_state, registry_of
from govern_mirror.model.item import ProjectFacts
from govern_mirror.report.registry import RegistryKind, registry_json
from govern_mirror.text import checked_member, clipped
from govern_mirror.web.documents import document_in, packed_answer
from govern_mirror.web.listings import Listings
from govern_mirror.web.problems import Refused
from govern_mirror.web.visitors import Visitor, visitor

MAX_AGE = 60.0
"""Seconds that an answer is kept, and what hub and Deployer hold."""

FRESH_AGE = 10.0
"""Seconds that hub and Deployer are not asked again, also where DSS is asked anew: one reading has many parts."""

MAX_KEYS = 50
"""How many projects are read in one request."""

MAX_BYTES = 20_000_000
"""Bytes of all answers that are kept, compressed; those that were not asked for the longest go first."""

MAX_STATES = 100
"""How many people's view of hub and Deployer is kept."""

MAX_READINGS = 2
"""How many answers are made at once: each asks DSS with several workers."""

ALL = "all"
"""Bundles and models in one answer."""

_Key = tuple[str, ...]


@dataclass(frozen=True)
class Query:
    """What the page asks for.

    Attributes:
        items: as it names it: a kind, or `all`.
        kinds: what that lists.
        keys: of the projects.
        with_standards: whether Project Standards is asked, too.
        fresh: whether DSS is asked now.
    """

    items: str
    kinds: tuple[RegistryKind, ...]
    keys: tuple[str, ...]
    with_standards: bool = True
    fresh: bool = False


class RegistryAnswers:
    """What each person was told of bundles and models.

    Args:
        listings: the projects that people see.
    """

    def __init__(self, listings: Listings) -> None:
        self._listings = listings
        self._bodies: OrderedDict[_Key, tuple[float, bytes]] = OrderedDict()
        self._states: OrderedDict[_Key, tuple[float, ReleaseState]] = OrderedDict()
        self._lock = threading.Lock()
        self._reading = threading.BoundedSemaphore(MAX_READINGS)

    def of(self, person: Visitor, query: Query) -> bytes:
        """Return the registry of those of some projects that a person sees and that are governed, as compressed JSON.

        Args:
            person: whose rights count.
            query: what to list, of which projects.

        Raises:
            GovernMirrorError: the projects cannot be listed.
        """
        key = (person.login, query.items, str(query.with_standards), *sorted(set(query.keys)))
        body = None if query.fresh else self._recent(key)
        if body is not None:
            return body
        with self._reading:
            # who waited for another request of the same kind takes what that one found
            body = None if query.fresh else self._recent(key)
            if body is not None:
                return body
            body = gzip.compress(fast_json.dumps(self._read(person, query)), 5, mtime=0)
            self._keep(key, body)
            return body

    def _read(self, person: Visitor, query: Query) -> dict[str, Any]:
        projects = self._projects(person, query.keys)
        state, now = self._state(person, query), clock.now()
        registry = registry_of(person.session, query.kinds, projects, state, now, with_standards=query.with_standards)
        return {**registry_json(registry), "items": query.items}

    def _projects(self, person: Visitor, keys: Collection[str]) -> list[ProjectFacts]:
        """The governed ones among the projects that the person sees, in the order in which they were asked for."""
        listing = self._listings.of(person)
        if not listing.rows:
            return []
        governed, name = self._listings.rows.place("governed"), self._listings.rows.place("name")
        rows = [listing.rows[key] for key in dict.fromkeys(keys) if key in listing.rows]
        return [ProjectFacts(row.key, row.values[name] or row.key) for row in rows if row.values[governed]]

    def _state(self, person: Visitor, query: Query) -> ReleaseState:
        with_deployer = RegistryKind.BUNDLES in query.kinds
        key = (person.login, str(with_deployer))
        with self._lock:
            expires, state = self._states.get(key, (0.0, None))
            margin = MAX_AGE - FRESH_AGE if query.fresh else 0.0
            if state is not None and clock.monotonic() + margin < expires:
                return state
        state = read_release_state(person.session, with_deployer=with_deployer)
        with self._lock:
            self._states[key] = clock.monotonic() + MAX_AGE, state
            self._states.move_to_end(key)
            while len(self._states) > MAX_STATES:
                self._states.popitem(last=False)
        return state

    def _recent(self, key: _Key) -> bytes | None:
        with self._lock:
            expires, body = self._bodies.get(key, (0.0, b""))
            return body if clock.monotonic() < expires else None

    def _keep(self, key: _Key, body: bytes) -> None:
        with self._lock:
            self._bodies[key] = clock.monotonic() + MAX_AGE, body
            self._bodies.move_to_end(key)
            size = sum(len(other) for _, other in self._bodies.values())
            while size > MAX_BYTES:
                _, (_, oldest) = self._bodies.popitem(last=False)
                size -= len(oldest)


def add_routes(routes: Blueprint, listings: Listings) -> None:
    """Add the registry to the API."""
    answers = RegistryAnswers(listings)

    def registry() -> Response:
        response = packed_answer(answers.of(visitor(), _query(document_in())), secrets.token_urlsafe(9))
        response.headers["Cache-Control"] = "no-store"
        return response

    routes.add_url_rule("/registry", view_func=registry, methods=["POST"])


def _query(document: Mapping[str, Any]) -> Query:
    """What a document asks for.

    Raises:
        InputError: it names no kind of registry.
        Refused: it names no projects, or too many at once.
    """
    items, keys = document.get("items"), document.get("keys")
    kinds = tuple(RegistryKind) if items == ALL else (checked_member(RegistryKind, items, "kind of registry"),)
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise Refused(422, "keys are the keys of projects, as a list")
    if len(keys) > MAX_KEYS:
        raise Refused(422, f"ask for {MAX_KEYS} projects at a time, and not {len(keys):,}")
    flags = {"fresh": document.get("fresh", False), "standards": document.get("standards", True)}
    for name, flag in flags.items():
        if not isinstance(flag, bool):
            raise Refused(422, f"{name} is true or false, not {clipped(flag)}")
    return Query(str(items), kinds, tuple(keys), flags["standards"], flags["fresh"])
