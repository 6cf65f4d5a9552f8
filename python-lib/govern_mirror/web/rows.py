"""The portfolio as each person sees it: their own list of projects, at most a minute old; what is decoded is shared."""

from __future__ import annotations

import gzip
import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from govern_mirror import clock, fast_json
from govern_mirror.actions.report import Reading, report_on
from govern_mirror.actions.timeline import Save, saves_of
from govern_mirror.bulk import for_each
from govern_mirror.dss import SharedItems
from govern_mirror.model.blueprint import Kind
from govern_mirror.model.values import text_of
from govern_mirror.report import page_data
from govern_mirror.report.portfolio import Filters, Portfolio
from govern_mirror.times import iso_time
from govern_mirror.web.visitors import Visitor

MAX_AGE = 60.0
"""Seconds that a person's list of projects is shown before DSS is asked anew."""

MAX_PEOPLE = 50
"""How many people's lists are kept at once."""

MAX_TOKENS = 4
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
        portfolio: the projects as rows, those that are not governed among them.
        document: the same as the API gives it.
        prints: a hash of each row, by project key: what differs has changed.
    """

    token: str
    at: datetime
    expires: float
    portfolio: Portfolio
    document: dict[str, Any]
    prints: dict[str, int]


class _Person:
    """What is kept of one person."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.listing: Listing | None = None
        self.earlier: OrderedDict[str, dict[str, int]] = OrderedDict()
        self.packed: tuple[str, bytes] | None = None
        self.recent: tuple[str, list[tuple[str, str, Save]]] | None = None


class Listings:
    """The listings of everybody, each from their own list call; decoded projects are shared by their content.

    Args:
        max_age: seconds that a listing is shown before DSS is asked anew.
    """

    def __init__(self, max_age: float = MAX_AGE) -> None:
        self._max_age = max_age
        self._items = SharedItems()
        self._people: OrderedDict[str, _Person] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, visitor: Visitor, *, fresh: bool = False) -> Listing:
        """Return what a person sees; with `fresh`, DSS is asked now.

        Raises:
            GovernMirrorError: the projects cannot be listed.
        """
        person = self._person(visitor.login)
        asked = clock.monotonic()
        with person.lock:
            listing = person.listing
            # who waited for another request of the same person takes what that one found
            is_current = listing is not None and clock.monotonic() < listing.expires
            was_read_meanwhile = listing is not None and listing.expires - self._max_age > asked
            if listing is None or not is_current or (fresh and not was_read_meanwhile):
                listing = self._read(visitor, person)
            return listing

    def forget(self, login: str) -> None:
        """Let the next listing of a person be read anew, since they changed something."""
        person = self._person(login)
        with person.lock:
            if person.listing is not None:
                person.listing = replace(person.listing, expires=float("-inf"))

    def changes(self, visitor: Visitor, since: str, *, fresh: bool = False) -> dict[str, Any] | None:
        """Return what changed since an earlier listing of the same person; None when that is not known any more."""
        listing = self.of(visitor, fresh=fresh)
        person = self._person(visitor.login)
        with person.lock:
            prints = listing.prints if since == listing.token else person.earlier.get(since)
        if prints is None:
            return None
        changed = {key for key, print_ in listing.prints.items() if prints.get(key) != print_}
        rows = tuple(row for row in listing.portfolio.rows if row.project.facts.project_key in changed)
        part = page_data.table(replace(listing.portfolio, rows=rows))
        gone = [key for key in prints if key not in listing.prints]
        return {
            **_head(listing),
            "since": True,
            "about": part["about"],
            "count": part["count"],
            "columns": part["columns"],
            "gone": gone,
        }

    def packed(self, visitor: Visitor, listing: Listing) -> bytes:
        """Return the whole listing as compressed JSON; compressed once, however often it is asked for."""
        person = self._person(visitor.login)
        with person.lock:
            if person.packed is None or person.packed[0] != listing.token:
                person.packed = listing.token, gzip.compress(fast_json.dumps(listing.document), 5, mtime=0)
            return person.packed[1]

    def recent(self, visitor: Visitor) -> list[tuple[str, str, Save]]:
        """Return the last saves in all that a person sees: key and name of the project, and the save."""
        listing = self.of(visitor)
        person = self._person(visitor.login)
        with person.lock:
            if person.recent is None or person.recent[0] != listing.token:
                person.recent = listing.token, _recent(visitor, listing)
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
        projects, unreadable = session.store.read_all(history=False, shared=self._items)
        reading = Reading(tuple(projects), tuple(unreadable))
        portfolio = report_on(session, reading, Filters(include_ungoverned=True), now=now).portfolio
        table = page_data.table(portfolio)
        prints = _prints(table["columns"], table["count"])
        before = person.listing
        expires = clock.monotonic() + self._max_age
        if before is not None and before.prints == prints and before.document["about"] == table["about"]:
            person.listing = replace(before, at=now, expires=expires, document={**before.document, "at": iso_time(now)})
            return person.listing
        if before is not None:
            person.earlier[before.token] = before.prints
            while len(person.earlier) > MAX_TOKENS:
                person.earlier.popitem(last=False)
        missing = [{"project_key": item.project_key, "message": item.message} for item in unreadable]
        listing = Listing(secrets.token_urlsafe(9), now, expires, portfolio, {}, prints)
        listing.document.update({**_head(listing), **table, "unreadable": missing})
        person.listing = listing
        return listing


def _head(listing: Listing) -> dict[str, Any]:
    seen = listing.portfolio.summary.projects
    return {
        "token": listing.token,
        "at": iso_time(listing.at),
        "scope": {"seen": seen, "total": None, "total_at": None},
    }


def _prints(columns: dict[str, Any], count: int) -> dict[str, int]:
    """A hash of each row, by its key."""
    unpacked = [
        [column["values"][code] for code in column["codes"]] if isinstance(column, dict) else column
        for column in columns.values()
    ]
    keys = columns["key"]
    rows = zip(*unpacked, strict=True) if unpacked and count else ()
    return {key: hash(row) for key, row in zip(keys, rows, strict=True)}


def _recent(visitor: Visitor, listing: Listing) -> list[tuple[str, str, Save]]:
    """The last saves, of the projects that changed last; only those are read with their history."""
    changed = [(row.last_change[0], row.project.facts.project_key) for row in listing.portfolio.governed]
    latest = sorted(((at, key) for at, key in changed if at is not None), reverse=True)[:MAX_RECENT]
    saves: list[tuple[str, str, Save]] = []
    for ending in for_each([key for _, key in latest], visitor.session.store.read):
        if ending.result is not None:  # one that is gone meanwhile has no news
            facts = ending.result.facts
            saves += [(facts.project_key, facts.name, save) for save in saves_of(ending.result) if save.at]
    saves.sort(key=lambda found: (found[2].at is not None and found[2].at.timestamp()) or 0.0, reverse=True)
    return saves[:MAX_RECENT]


def texts_of(portfolio: Portfolio) -> dict[str, str]:
    """What people wrote into long fields and documents of each project, to be searched in, by project key."""
    blueprint = portfolio.blueprint
    long = [field.path for field in blueprint.all_fields if field.kind in (Kind.TEXT, Kind.DOCUMENTS)]
    return {
        row.project.facts.project_key: joined
        for row in portfolio.rows
        if (joined := "\n".join(text for path in long if (text := text_of(row.project.values[path]))))
    }
