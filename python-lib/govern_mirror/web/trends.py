"""Trends of the projects that a person sees, from a history that others wrote; and how many projects it counts in all.

A history tells of all projects that its writer saw. What leaves here is computed from the rows of those projects alone
that DSS lists for the person who asks, but for one number: how many there are.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from govern_mirror import clock
from govern_mirror.actions.report import Reading, report_on
from govern_mirror.errors import GovernMirrorError
from govern_mirror.history.columns import UNKNOWN_NODE
from govern_mirror.history.digest import trends_view
from govern_mirror.history.trends import Trends
from govern_mirror.report import page_data
from govern_mirror.times import iso_time
from govern_mirror.web.listings import Listing, Listings
from govern_mirror.web.rows import Recent
from govern_mirror.web.visitors import Visitor

MAX_AGE = 600.0
"""Seconds that an answer is kept: snapshots are taken once a day."""

MAX_ANSWERS = 100
"""How many answers are kept at once."""


class PastAnswers:
    """What the history says to each person, kept for as long as their list of projects stays the same.

    Args:
        listings: what people see.
    """

    def __init__(self, listings: Listings) -> None:
        self._listings = listings
        self._answers: Recent[tuple[float, dict[str, Any]]] = Recent(MAX_ANSWERS)
        # one history at a time: each may take hundreds of megabytes while it is read
        self._reading = threading.Lock()

    def trends(self, visitor: Visitor, keys: Collection[str] | None) -> dict[str, Any]:
        """Return the trends of the projects that a person sees, or of those among them that pass the filters.

        Args:
            visitor: the person.
            keys: of the projects that pass the filters; None for all.
        """
        listing = self._listings.of(visitor)
        selection = sorted(listing.rows if keys is None else listing.rows.keys() & set(keys))
        digest = "" if keys is None else hashlib.blake2b("\n".join(selection).encode(), digest_size=16).hexdigest()
        return self._answer(visitor, ("trends", listing.token, digest), lambda: _trends(visitor, listing, selection))

    def total(self, visitor: Visitor) -> dict[str, Any]:
        """Return how many governed projects the last snapshot holds, and when it was taken."""
        return self._answer(visitor, ("total",), lambda: _total(visitor))

    def _answer(self, visitor: Visitor, key: tuple[str, ...], read: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        key = (visitor.login, *key)
        with self._reading:
            expires, answer = self._answers.get(key) or (0.0, {})
            if clock.monotonic() >= expires:
                answer = read()
                self._answers.keep(key, (clock.monotonic() + MAX_AGE, answer))
            return answer


def _opened(visitor: Visitor, projects: Collection[str] | None) -> AbstractContextManager[Trends]:
    assert visitor.history is not None
    session = visitor.session
    node = session.store.node_id or UNKNOWN_NODE
    return visitor.history(blueprint=session.blueprint, node=node, projects=projects)


def _trends(visitor: Visitor, listing: Listing, keys: Collection[str]) -> dict[str, Any]:
    if visitor.history is None:
        return {"past": None, "why_not": visitor.no_history}
    session = visitor.session
    selection = set(keys)
    items = [item for key, item in session.store.listed().items() if key in selection]
    projects, unreadable = session.store.decode_listed(items, history=False)
    report = report_on(session, Reading(tuple(projects), tuple(unreadable)))
    try:
        with _opened(visitor, {item["projectKey"] for item in items}) as trends:
            view = trends_view(report.portfolio, trends, unreadable=report.unreadable_keys)
    except GovernMirrorError as error:
        return {"past": None, "why_not": f"the history cannot be read: {error}"}
    if view is None:
        return {"past": None, "why_not": "the history holds no snapshot of these projects yet"}
    return {"past": page_data.past(view, session.blueprint), "why_not": None}


def _total(visitor: Visitor) -> dict[str, Any]:
    unknown = {"governed": None, "at": None}
    if visitor.history is None:
        return unknown
    try:
        with _opened(visitor, None) as trends:
            count: tuple[int, datetime] | None = trends.last_count()
    except GovernMirrorError:
        return unknown  # the bar does without; the view Trends says why
    return {"governed": count[0], "at": iso_time(count[1])} if count else unknown
