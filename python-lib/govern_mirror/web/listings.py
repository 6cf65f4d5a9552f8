"""What each person sees: their own list of projects, at most a minute old, with their own changes at once."""

from __future__ import annotations

import hashlib
import secrets
import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from weakref import WeakValueDictionary

from govern_mirror import clock, fast_json
from govern_mirror.actions.item_form import ItemView
from govern_mirror.actions.timeline import Save, saves_of
from govern_mirror.bulk import for_each
from govern_mirror.model.item import Governance, UnreadableProject
from govern_mirror.model.workflow import stages
from govern_mirror.report import page_data
from govern_mirror.report.portfolio import Summary, counts, name_order
from govern_mirror.times import iso_time
from govern_mirror.web.rows import ListedRow, ListReading, Recent, Rows, about, making_key
from govern_mirror.web.visitors import Visitor

MAX_AGE = 60.0
"""Seconds that a person's list of projects is shown before DSS is asked anew."""

MAX_PEOPLE = 50
"""How many people's lists are kept at once."""

MAX_EARLIER = 50
"""How many earlier lists of a person the changes since can be told from."""

MAX_RECENT = 10
"""How many saves the page lists as recent."""

MAX_READINGS = 2
"""How many lists are read at once: each is work for DSS, and for this process where much of it is new."""

MAX_PACKED = 8
"""How many different lists are kept compressed."""


@dataclass(frozen=True, eq=False)
class Content:
    """What a list shows, whoever sees it: people who see the same share it.

    Attributes:
        rows: by project key, those that are not governed among them.
        unreadable: the visible projects that could not be read.
        read_only: the keys of the projects that DSS does not let the reader change.
    """

    rows: Mapping[str, ListedRow]
    unreadable: tuple[UnreadableProject, ...]
    read_only: frozenset[str]

    @cached_property
    def digest(self) -> bytes:
        """A digest of all of it: where it is the same, the same is shown."""
        digest = hashlib.blake2b(digest_size=16)
        for key in sorted(self.rows):
            digest.update(self.rows[key].digest)
        unreadable = [(item.project_key, item.message) for item in self.unreadable]
        digest.update(fast_json.dumps([len(self.rows), sorted(self.read_only), unreadable]))
        return digest.digest()

    def differing(self, other: Content) -> frozenset[str]:
        """The keys of the projects that are shown otherwise in another list."""
        rows, others = self.rows, other.rows
        keys = {key for key, row in rows.items() if others.get(key) is not row and others.get(key) != row}
        return frozenset(keys | (others.keys() - rows.keys()) | (self.read_only ^ other.read_only))


@dataclass(frozen=True)
class Listing:
    """The projects that one person sees, as they were at one time.

    Attributes:
        token: names this listing.
        at: when DSS was asked.
        expires: when it is asked anew, on `clock.monotonic`.
        content: what it shows.
        about: what the page knows of the whole.
    """

    token: str
    at: datetime
    expires: float
    content: Content
    about: dict[str, Any]

    @property
    def rows(self) -> Mapping[str, ListedRow]:
        """By project key."""
        return self.content.rows

    @property
    def head(self) -> dict[str, Any]:
        """What each answer tells besides the projects."""
        scope = {"seen": len(self.rows) + len(self.content.unreadable)}
        return {"token": self.token, "at": iso_time(self.at), "scope": scope, "about": self.about}


class _Person:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.listing: Listing | None = None
        self.changes: OrderedDict[str, frozenset[str]] = OrderedDict()
        """By the token of an earlier listing, what the next one showed otherwise."""
        self.recent: tuple[str, list[tuple[str, str, Save]]] | None = None

    def replace(self, listing: Listing, keys: frozenset[str]) -> Listing:
        """Show another listing from now on, in which so many projects are shown otherwise."""
        if self.listing is not None and self.listing.token != listing.token:
            self.changes[self.listing.token] = keys
            while len(self.changes) > MAX_EARLIER:
                self.changes.popitem(last=False)
        self.listing = listing
        return listing

    def changed_since(self, token: str) -> frozenset[str] | None:
        """What was shown otherwise since an earlier listing; None when that is not known any more."""
        if self.listing is not None and token == self.listing.token:
            return frozenset()
        if token not in self.changes:
            return None
        tokens = list(self.changes)
        return frozenset().union(*(self.changes[later] for later in tokens[tokens.index(token) :]))


class Listings:
    """The listings of everybody, each from their own list call; what is the same for several is kept once."""

    def __init__(self) -> None:
        self.rows = Rows()
        self._people: Recent[_Person] = Recent(MAX_PEOPLE)
        self._lock = threading.Lock()
        self._reading = threading.BoundedSemaphore(MAX_READINGS)
        self._contents: WeakValueDictionary[bytes, Content] = WeakValueDictionary()
        self._packed: Recent[Packed] = Recent(MAX_PACKED)
        self._packing = threading.Lock()

    def of(self, visitor: Visitor, *, fresh: bool = False) -> Listing:
        """Return what a person sees; with `fresh`, DSS is asked now.

        Raises:
            GovernMirrorError: the projects cannot be listed.
        """
        person = self._person(visitor.login)
        start = clock.monotonic()
        with person.lock:
            listing = person.listing
            if listing is not None:
                # who waited for another request of the same person takes what that one found
                was_read_meanwhile = listing.expires - MAX_AGE > start
                if was_read_meanwhile or (not fresh and clock.monotonic() < listing.expires):
                    return listing
            with self._reading:
                return self._read(visitor, person)

    def show_change(self, visitor: Visitor, view: ItemView) -> None:
        """Show a person what they changed, before DSS is asked for the list anew."""
        person = self._person(visitor.login)
        with person.lock:
            listing = person.listing
            if listing is None:
                return
            summary, now = view.summary, clock.now()
            facts = replace(
                view.project.facts,
                owner=summary.owner,
                tags=summary.tags,
                last_modified_by=summary.last_modified_by,
                last_modified_on=summary.last_modified_on,
            )
            rows = self.rows.make(visitor.session, [replace(view.project, facts=facts)], now)
            content = Content({**listing.rows, **rows}, listing.content.unreadable, listing.content.read_only)
            about = listing.about
            if self._counts(listing.rows, rows) != self._counts(rows, rows):
                about = self._about(visitor, content, now)
            person.replace(replace(listing, token=_token(), content=content, about=about), frozenset(rows))

    def changes(self, visitor: Visitor, since: str, *, fresh: bool = False) -> dict[str, Any] | None:
        """Return what changed since an earlier listing of the same person; None when that is not known any more."""
        listing = self.of(visitor, fresh=fresh)
        person = self._person(visitor.login)
        with person.lock:
            # what another request of the same person found meanwhile comes with it
            listing = person.listing or listing
            keys = person.changed_since(since)
        if keys is None:
            return None
        rows = {key: listing.rows[key] for key in sorted(keys) if key in listing.rows}
        columns = self._columns(listing.content, rows)
        gone = sorted(keys - listing.rows.keys())
        return {**listing.head, "since": True, "count": len(rows), "columns": columns, "gone": gone}

    def packed(self, listing: Listing) -> bytes:
        """Return the whole listing as compressed JSON; what is the same for several people is compressed once."""
        with self._packing:
            packed = self._packed.get(listing.content.digest)
            if packed is None:
                packed = self._pack(listing.content)
                self._packed.keep(listing.content.digest, packed)
        return packed.with_head(fast_json.dumps(listing.head))

    def _pack(self, content: Content) -> Packed:
        unreadable = [{"project_key": item.project_key, "message": item.message} for item in content.unreadable]
        columns = self._columns(content, self._sorted(content.rows))
        return Packed(
            fast_json.dumps({"past": None, "count": len(content.rows), "columns": columns, "unreadable": unreadable})
        )

    def recent(self, visitor: Visitor) -> list[tuple[str, str, Save]]:
        """Return the last saves in all that a person sees: key and name of the project, and the save."""
        listing = self.of(visitor)
        person = self._person(visitor.login)
        with person.lock:
            if person.recent is None or person.recent[0] != listing.token:
                person.recent = listing.token, self._recent(visitor, listing)
            return person.recent[1]

    def _person(self, login: str) -> _Person:
        with self._lock:
            person = self._people.get(login) or _Person()
            self._people.keep(login, person)
            return person

    def _read(self, visitor: Visitor, person: _Person) -> Listing:
        session = visitor.session
        session.store.resolve_url()
        now = clock.now()
        made_with = making_key(session, now)
        readings: list[ListReading] = []

        def begin() -> Callable[[bytes, bool], bool]:
            readings[:] = [ListReading(self.rows, session, now, made_with)]
            return readings[0].take

        session.store.read_list(begin)
        (reading,) = readings
        reading.finish()
        content = self._shared(Content(reading.rows, tuple(reading.unreadable), frozenset(reading.read_only)))
        about = self._about(visitor, content, now)
        expires = clock.monotonic() + MAX_AGE
        before = person.listing
        if before is None:
            return person.replace(Listing(_token(), now, expires, content, about), frozenset())
        keys = content.differing(before.content)
        if not keys and (before.content.unreadable, before.about) == (content.unreadable, about):
            return person.replace(replace(before, at=now, expires=expires, content=content), keys)
        return person.replace(Listing(_token(), now, expires, content, about), keys)

    def _shared(self, content: Content) -> Content:
        """Return what somebody else sees already, where it is the very same."""
        digest = content.digest
        with self._lock:
            return self._contents.setdefault(digest, content)

    def _columns(self, content: Content, rows: Mapping[str, ListedRow]) -> dict[str, Any]:
        """Rows by column, with whether the reader may change the project."""
        writable = page_data.dictionary([key not in content.read_only for key in rows])
        return {**self.rows.table(rows.values()), "writable": writable}

    def _sorted(self, rows: Mapping[str, ListedRow]) -> dict[str, ListedRow]:
        """Rows in the order of the report: by priority, then by name, then by key."""
        priority, name = self.rows.place("priority"), self.rows.place("name")

        def order(entry: tuple[str, ListedRow]) -> tuple[float, str, str]:
            key, row = entry
            rated = row.values[priority]
            return -(-1.0 if rated is None else rated), name_order(row.values[name]), key

        return dict(sorted(rows.items(), key=order))

    def _counts(self, rows: Mapping[str, ListedRow], keys: Iterable[str]) -> list[tuple[Any, Any]]:
        """What projects are counted by: where they stand, and whether they are governed or copies."""
        step, state = self.rows.place("step"), self.rows.place("state")
        return [(row.values[step], row.values[state]) if row else (None, None) for row in map(rows.get, keys)]

    def _about(self, visitor: Visitor, content: Content, now: datetime) -> dict[str, Any]:
        rows, blueprint = content.rows, visitor.session.blueprint
        step, state = self.rows.place("step"), self.rows.place("state")
        by_step = counts(stages(blueprint), (row.values[step] for row in rows.values()))
        copies = [key for key, row in rows.items() if row.values[state] == Governance.COPIED.value]
        summary = Summary(
            projects=len(rows) + len(content.unreadable),
            governed=sum(by_step.values()),
            by_step=by_step,
            by_decision={},
            stale=0,
            problems=0,
            copied=len(copies),
            copies=tuple(sorted(copies)),
        )
        return about(visitor.session, summary, now)

    def _recent(self, visitor: Visitor, listing: Listing) -> list[tuple[str, str, Save]]:
        """The last saves, of the projects that changed last; only those are read with their history."""
        changed, governed = self.rows.place("changed"), self.rows.place("governed")
        days = [(row.values[changed], key) for key, row in listing.rows.items() if row.values[governed]]
        latest = sorted(((day, key) for day, key in days if day), reverse=True)
        if len(latest) > MAX_RECENT:
            # a row tells the day only: all of the last day that still counts are looked at
            latest = [entry for entry in latest if entry[0] >= latest[MAX_RECENT - 1][0]][: 2 * MAX_RECENT]
        saves: list[tuple[str, str, Save]] = []
        for ending in for_each([key for _, key in latest], visitor.session.store.read):
            if ending.result is not None:  # one that is gone meanwhile has no news
                facts = ending.result.facts
                saves += [(facts.project_key, facts.name, save) for save in saves_of(ending.result) if save.at]
        saves.sort(key=lambda entry: entry[2].at.timestamp() if entry[2].at else 0.0, reverse=True)
        return saves[:MAX_RECENT]


class Packed:
    """A JSON object that is compressed once, and goes on with what differs between people.

    Args:
        document: the object in JSON, not empty.
    """

    def __init__(self, document: bytes) -> None:
        self._state = zlib.compressobj(5, zlib.DEFLATED, zlib.MAX_WBITS | 16)
        # the state is flushed, so that what follows tells nothing of what it was compressed with
        self._begin = self._state.compress(document.removesuffix(b"}")) + self._state.flush(zlib.Z_FULL_FLUSH)

    def with_head(self, head: bytes) -> bytes:
        """Return the object with the members of another one, as gzip."""
        state = self._state.copy()
        return self._begin + state.compress(b"," + head.removeprefix(b"{")) + state.flush()


def _token() -> str:
    return secrets.token_urlsafe(9)
