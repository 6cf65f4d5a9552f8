"""What each person sees: their own list of projects, at most a minute old, with their own changes at once."""

from __future__ import annotations

import gzip
import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from govern_mirror import clock, fast_json
from govern_mirror.actions.item_form import ItemView
from govern_mirror.actions.timeline import Save, saves_of
from govern_mirror.bulk import for_each
from govern_mirror.dss import may_write
from govern_mirror.model.item import Governance, UnreadableProject
from govern_mirror.model.workflow import stages
from govern_mirror.report import page_data
from govern_mirror.report.portfolio import Summary
from govern_mirror.times import iso_time
from govern_mirror.web.rows import ListedRow, Rows, about
from govern_mirror.web.visitors import Visitor

MAX_AGE = 60.0
"""Seconds that a person's list of projects is shown before DSS is asked anew."""

MAX_PEOPLE = 50
"""How many people's lists are kept at once."""

MAX_EARLIER = 4
"""How many earlier lists of a person the changes since can be told from."""

MAX_RECENT = 10
"""How many saves the page lists as recent."""


@dataclass(frozen=True)
class Listing:
    """The projects that one person sees, as they were at one time.

    Attributes:
        token: names this listing.
        at: when DSS was asked.
        expires: when it is asked anew, on `clock.monotonic`.
        rows: by project key, those that are not governed among them.
        unreadable: the visible projects that could not be read.
        about: what the page knows of the whole.
        read_only: the keys of the projects that DSS does not let this person change.
    """

    token: str
    at: datetime
    expires: float
    rows: Mapping[str, ListedRow]
    unreadable: tuple[UnreadableProject, ...]
    about: dict[str, Any]
    read_only: frozenset[str]

    @property
    def head(self) -> dict[str, Any]:
        """What each answer begins with."""
        seen = len(self.rows) + len(self.unreadable)
        scope = {"seen": seen}
        return {"token": self.token, "at": iso_time(self.at), "scope": scope, "about": self.about}


class _Person:
    """What is kept of one person."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.listing: Listing | None = None
        self.earlier: OrderedDict[str, Listing] = OrderedDict()
        self.packed: tuple[Listing, bytes] | None = None
        self.recent: tuple[str, list[tuple[str, str, Save]]] | None = None

    def replace(self, listing: Listing) -> Listing:
        """Show another listing from now on."""
        if self.listing is not None and self.listing.token != listing.token:
            self.earlier[self.listing.token] = self.listing
            while len(self.earlier) > MAX_EARLIER:
                self.earlier.popitem(last=False)
        self.listing = listing
        return listing


class Listings:
    """The listings of everybody, each from their own list call; rows of the same content are one.

    Args:
        max_age: seconds that a listing is shown before DSS is asked anew.
    """

    def __init__(self, max_age: float = MAX_AGE) -> None:
        self.rows = Rows()
        self._max_age = max_age
        self._people: OrderedDict[str, _Person] = OrderedDict()
        self._lock = threading.Lock()
        # one list at a time: each of them is tens of megabytes while it is read
        self._reading = threading.Lock()

    def of(self, visitor: Visitor, *, fresh: bool = False) -> Listing:
        """Return what a person sees; with `fresh`, DSS is asked now.

        Raises:
            GovernMirrorError: the projects cannot be listed.
        """
        person = self._person(visitor.login)
        asked = clock.monotonic()
        with person.lock:
            listing = person.listing
            if listing is not None:
                # who waited for another request of the same person takes what that one found
                was_read_meanwhile = listing.expires - self._max_age > asked
                if was_read_meanwhile or (not fresh and clock.monotonic() < listing.expires):
                    return listing
            with self._reading:
                return self._read(visitor, person)

    def changed(self, visitor: Visitor, view: ItemView) -> None:
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
            made = self.rows.make(visitor.session, [replace(view.project, facts=facts)], now)
            rows = {**listing.rows, **made}
            known = listing.about
            if self._counts(listing.rows, made) != self._counts(made, made):
                known = self._about(visitor, rows, listing.unreadable, now)
            person.replace(replace(listing, token=_token(), rows=rows, about=known))

    def changes(self, visitor: Visitor, since: str, *, fresh: bool = False) -> dict[str, Any] | None:
        """Return what changed since an earlier listing of the same person; None when that is not known any more."""
        listing = self.of(visitor, fresh=fresh)
        person = self._person(visitor.login)
        with person.lock:
            before = listing if since == listing.token else person.earlier.get(since)
        if before is None:
            return None
        turned = before.read_only ^ listing.read_only
        rows = listing.rows
        changed = {key: row for key, row in rows.items() if key in turned or before.rows.get(key) != row}
        gone = [key for key in before.rows if key not in rows]
        columns = self._columns(listing, changed)
        part = {"since": True, "count": len(changed), "columns": columns, "gone": gone}
        return {**listing.head, **part}

    def packed(self, visitor: Visitor, listing: Listing) -> bytes:
        """Return the whole listing as compressed JSON; compressed once, however often it is asked for."""
        person = self._person(visitor.login)
        with person.lock:
            if person.packed is None or person.packed[0] is not listing:
                missing = [{"project_key": item.project_key, "message": item.message} for item in listing.unreadable]
                columns = self._columns(listing, self._sorted(listing.rows))
                rest = {"past": None, "count": len(listing.rows), "columns": columns, "unreadable": missing}
                person.packed = listing, gzip.compress(fast_json.dumps({**listing.head, **rest}), 5, mtime=0)
            return person.packed[1]

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
            person = self._people.pop(login, None) or _Person()
            self._people[login] = person
            while len(self._people) > MAX_PEOPLE:
                self._people.popitem(last=False)
            return person

    def _read(self, visitor: Visitor, person: _Person) -> Listing:
        session = visitor.session
        session.store.resolve_url()
        now = clock.now()
        listed = session.store.listed()
        rows, unreadable = self.rows.of(session, listed.values(), now)
        read_only = frozenset(key for key, item in listed.items() if may_write(item) is False)
        missing = tuple(unreadable)
        known = self._about(visitor, rows, missing, now)
        expires = clock.monotonic() + self._max_age
        before = person.listing
        unchanged = (rows, missing, known, read_only)
        if before is not None and (before.rows, before.unreadable, before.about, before.read_only) == unchanged:
            return person.replace(replace(before, at=now, expires=expires))
        return person.replace(Listing(_token(), now, expires, rows, missing, known, read_only))

    def _columns(self, listing: Listing, rows: Mapping[str, ListedRow]) -> dict[str, Any]:
        """Rows by column, with what is so for this person alone."""
        writable = page_data.dictionary([key not in listing.read_only for key in rows])
        return {**self.rows.table(rows.values()), "writable": writable}

    def _sorted(self, rows: Mapping[str, ListedRow]) -> dict[str, ListedRow]:
        """Rows in the order of the report: by priority, then by name, then by key."""
        if not rows:
            return {}
        priority, name = self.rows.place("priority"), self.rows.place("name")

        def order(found: tuple[str, ListedRow]) -> tuple[float, str, str]:
            key, row = found
            rated = row.values[priority]
            return -(-1.0 if rated is None else rated), row.values[name].casefold(), key

        return dict(sorted(rows.items(), key=order))

    def _counts(self, rows: Mapping[str, ListedRow], keys: Iterable[str]) -> list[tuple[Any, Any]]:
        """What projects are counted by: where they stand, and whether they are governed or copies."""
        step, state = self.rows.place("step"), self.rows.place("state")
        found = (rows[key].values if key in rows else None for key in keys)
        return [(values[step], values[state]) if values else (None, None) for values in found]

    def _about(
        self, visitor: Visitor, rows: Mapping[str, ListedRow], unreadable: tuple[UnreadableProject, ...], now: datetime
    ) -> dict[str, Any]:
        blueprint = visitor.session.blueprint
        by_step = dict.fromkeys(stages(blueprint), 0)
        copies: list[str] = []
        if rows:
            step, state = self.rows.place("step"), self.rows.place("state")
            for key, row in rows.items():
                stage = row.values[step]
                if stage in by_step:
                    by_step[stage] += 1
                if row.values[state] == Governance.COPIED.value:
                    copies.append(key)
        summary = Summary(
            projects=len(rows) + len(unreadable),
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
        if not listing.rows:
            return []
        changed, governed = self.rows.place("changed"), self.rows.place("governed")
        days = [(row.values[changed], key) for key, row in listing.rows.items() if row.values[governed]]
        latest = sorted(((day, key) for day, key in days if day), reverse=True)
        if len(latest) > MAX_RECENT:
            # a row tells the day only: all of the last day that still counts are looked at
            latest = [found for found in latest if found[0] >= latest[MAX_RECENT - 1][0]][: 2 * MAX_RECENT]
        saves: list[tuple[str, str, Save]] = []
        for ending in for_each([key for _, key in latest], visitor.session.store.read):
            if ending.result is not None:  # one that is gone meanwhile has no news
                facts = ending.result.facts
                saves += [(facts.project_key, facts.name, save) for save in saves_of(ending.result) if save.at]
        saves.sort(key=lambda found: found[2].at.timestamp() if found[2].at else 0.0, reverse=True)
        return saves[:MAX_RECENT]


def _token() -> str:
    return secrets.token_urlsafe(9)
