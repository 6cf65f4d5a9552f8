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
from typing import Any

from flask import Blueprint, Response

from govern_mirror import clock, fast_json
from govern_mirror.actions.registry import ReleaseState, read_release_state, read_rows, registry_of
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

_Key = tuple[str, ...]


class RegistryAnswers:
    """What each person was told of bundles and models.

    Args:
        listings: the projects that people see.
    """

    def __init__(self, listings: Listings) -> None:
        self._listings = listings
        self._kept: OrderedDict[_Key, tuple[float, bytes]] = OrderedDict()
        self._states: OrderedDict[_Key, tuple[float, ReleaseState]] = OrderedDict()
        self._lock = threading.Lock()
        self._reading = threading.BoundedSemaphore(MAX_READINGS)

    def of(self, person: Visitor, kind: RegistryKind, keys: Collection[str], *, fresh: bool = False) -> bytes:
        """Return the registry of those of some projects that a person sees and that are governed, as compressed JSON.

        Args:
            person: whose rights count.
            kind: what to list.
            keys: of the projects.
            fresh: whether DSS is asked now.

        Raises:
            GovernMirrorError: the projects cannot be listed.
        """
        wanted = (person.login, kind.value, *sorted(set(keys)))
        kept = None if fresh else self._recent(wanted)
        if kept is not None:
            return kept
        with self._reading:
            # who waited for another request of the same kind takes what that one found
            kept = None if fresh else self._recent(wanted)
            if kept is not None:
                return kept
            body = gzip.compress(fast_json.dumps(self._read(person, kind, keys, fresh=fresh)), 5, mtime=0)
            self._keep(wanted, body)
            return body

    def _read(self, person: Visitor, kind: RegistryKind, keys: Collection[str], *, fresh: bool) -> dict[str, Any]:
        projects = self._projects(person, keys)
        state, now = self._state(person, kind, fresh=fresh), clock.now()
        read = read_rows(person.session, [kind], projects, state)
        store = person.session.store
        return registry_json(registry_of(kind, read, state, now, len(projects), (store.node_id, store.url)))

    def _projects(self, person: Visitor, keys: Collection[str]) -> list[ProjectFacts]:
        """The governed ones among the projects that the person sees, in the order in which they were asked for."""
        listing = self._listings.of(person)
        if not listing.rows:
            return []
        governed, name = self._listings.rows.place("governed"), self._listings.rows.place("name")
        rows = [listing.rows[key] for key in dict.fromkeys(keys) if key in listing.rows]
        return [ProjectFacts(row.key, row.values[name] or row.key) for row in rows if row.values[governed]]

    def _state(self, person: Visitor, kind: RegistryKind, *, fresh: bool) -> ReleaseState:
        key = (person.login, kind.value)
        with self._lock:
            expires, state = self._states.get(key, (0.0, None))
            left = MAX_AGE - FRESH_AGE if fresh else 0.0
            if state is not None and clock.monotonic() + left < expires:
                return state
        state = read_release_state(person.session, with_deployer=kind is RegistryKind.BUNDLES)
        with self._lock:
            self._states[key] = clock.monotonic() + MAX_AGE, state
            self._states.move_to_end(key)
            while len(self._states) > MAX_STATES:
                self._states.popitem(last=False)
        return state

    def _recent(self, key: _Key) -> bytes | None:
        with self._lock:
            expires, body = self._kept.get(key, (0.0, b""))
            return body if clock.monotonic() < expires else None

    def _keep(self, key: _Key, body: bytes) -> None:
        with self._lock:
            self._kept[key] = clock.monotonic() + MAX_AGE, body
            self._kept.move_to_end(key)
            held = sum(len(kept) for _, kept in self._kept.values())
            while held > MAX_BYTES:
                _, (_, gone) = self._kept.popitem(last=False)
                held -= len(gone)


def add_routes(routes: Blueprint, listings: Listings) -> None:
    """Add the registry to the API."""
    answers = RegistryAnswers(listings)

    def registry() -> Response:
        kind, keys, fresh = _asked(document_in())
        body = answers.of(visitor(), kind, keys, fresh=fresh)
        response = packed_answer(body, secrets.token_urlsafe(9))
        response.headers["Cache-Control"] = "no-store"
        return response

    routes.add_url_rule("/registry", view_func=registry, methods=["POST"])


def _asked(document: Mapping[str, Any]) -> tuple[RegistryKind, list[str], bool]:
    """What a document asks for.

    Raises:
        InputError: it names no kind of registry.
        Refused: it names no projects, or too many at once.
    """
    kind = checked_member(RegistryKind, document.get("items"), "kind of registry")
    keys, fresh = document.get("keys"), document.get("fresh", False)
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise Refused(422, "keys are the keys of projects, as a list")
    if len(keys) > MAX_KEYS:
        raise Refused(422, f"ask for {MAX_KEYS} projects at a time, and not {len(keys):,}")
    if not isinstance(fresh, bool):
        raise Refused(422, f"fresh is true or false, not {clipped(fresh)}")
    return kind, keys, fresh
