"""The reviews of all items in the hub: those that wait for somebody, and where each project's stand.

Entries never change, and their files are named by what they hold: of an item whose files are the same as before,
nothing is read again. It is for lists, where nothing depends on it; what counts is asked of the ledger itself. An item
whose ledger is not whole is told beside the others.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from govern_mirror import clock
from govern_mirror.actions.hub import hub_of, person_of
from govern_mirror.actions.inputs import refuses_wrong_types
from govern_mirror.actions.items import asked_order, lineage, replaced_reviews
from govern_mirror.actions.session import Session
from govern_mirror.actions.signoff_state import readable, standing_in
from govern_mirror.dss import groups_of_people
from govern_mirror.hub.configuration import Configuration
from govern_mirror.hub.ledger import EntryKind, LedgerEntry
from govern_mirror.hub.opened import OpenedHub, UnreadItem
from govern_mirror.model.address import Address, ItemKind
from govern_mirror.model.entitlement import barred
from govern_mirror.model.reviewers import Person, Right, Role, rights_of
from govern_mirror.model.signoff import Signoff, SignoffStatus, why_barred
from govern_mirror.times import iso_time

MAX_ITEMS = 100_000
"""Of how many items the standing is kept: a few hundred bytes each, and some thousands of what waits."""


@dataclass(frozen=True, slots=True)
class SignoffStanding:
    """Where one sign-off of an item stands, which was asked for at some time.

    Attributes:
        address, step: the item, and its step that is signed off.
        status: where it stands; rejected, too, where Govern refused it.
        asked: its place among others of its kind, by when the review was asked for.
        waiting: the sign-off, while it waits for somebody.
    """

    address: Address
    step: str
    status: SignoffStatus
    asked: tuple[datetime, int, str]
    waiting: Signoff | None = None


@dataclass(frozen=True)
class ReadSignoffs:
    """The sign-offs of all items.

    Attributes:
        configuration: of the hub.
        standings: those that were asked for, or refused in Govern.
        unread: the items whose entries cannot be read.
    """

    configuration: Configuration
    standings: tuple[SignoffStanding, ...]
    unread: tuple[UnreadItem, ...] = ()


class SignoffReader:
    """Reads where all items of a hub stand, and keeps what it read of each by the names of its files."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, ...], tuple[SignoffStanding, ...]] = {}

    def read(self, session: Session) -> ReadSignoffs:
        """Read the hub with the session's rights.

        Raises:
            HubOff: no hub is named.
            GovernMirrorError: the hub cannot be read.
        """
        opened = hub_of(session).open()
        node = opened.configuration.govern_node
        # of another hub, or with another Govern node, the same files may say something else
        about = (opened.project_key, node.id if node else "")
        items = opened.items
        unread = []
        with self._lock:  # who asks meanwhile waits, and takes what is read here
            standings = {key: self._kept[key] for files in items if (key := (*about, *files)) in self._kept}
            for files, entries in opened.read_items([files for files in items if (*about, *files) not in standings]):
                key = (*about, *files)
                if isinstance(entries, UnreadItem):
                    unread.append(entries)
                else:
                    standings[key] = _standings(opened, entries)
            # what is not there any more goes, and so do the items of another hub
            self._kept = dict(list(standings.items())[:MAX_ITEMS])
        return ReadSignoffs(opened.configuration, tuple(chain.from_iterable(standings.values())), tuple(unread))


def _standings(opened: OpenedHub, entries: Sequence[LedgerEntry]) -> tuple[SignoffStanding, ...]:
    """Where the sign-offs of one item stand, by its entries."""
    kinds = (EntryKind.SIGNOFF, EntryKind.GOVERN)
    steps = dict.fromkeys(entry.step for entry in entries if entry.kind in kinds and entry.step)
    address, parsed = next((entry.item for entry in entries), None), readable(entries)
    if address is None:
        return ()
    standings = []
    for step in steps:
        standing = standing_in(opened, parsed, step)
        signoff, govern = standing.signoff, standing.govern
        requests = [asked_order(request) for request in signoff.requested[:1]]
        if govern.said is not None and govern.is_refused and not signoff.status.is_open:
            latest = max([(govern.said.at, 0, govern.said.id), *requests])
            standings.append(SignoffStanding(address, step, SignoffStatus.REJECTED, latest))
        elif requests:
            waiting = signoff if signoff.status.is_open else None
            standings.append(SignoffStanding(address, step, signoff.status, requests[0], waiting))
    return tuple(standings)


# for the list of projects -------------------------------------------------------------------------------------------


def open_standings(standings: Iterable[SignoffStanding]) -> tuple[SignoffStanding, ...]:
    """Those that wait or were rejected, and that no later review of their lineage took the place of.

    Of bundles each waits for itself, but one that was rejected is history once another was asked for.
    """
    standings = sorted(standings, key=lambda standing: standing.asked)
    latest = {(lineage(standing.address), standing.step): standing for standing in standings}
    waiting = {
        (lineage(standing.address), standing.step): standing for standing in standings if standing.status.is_open
    }
    shown = []
    for standing in standings:
        place = lineage(standing.address), standing.step
        if standing.status.is_open:
            is_for_itself = standing.address.kind in (ItemKind.BUNDLE, ItemKind.PROJECT)
            if is_for_itself or waiting[place] is standing:
                shown.append(standing)
        elif standing.status is SignoffStatus.REJECTED and latest[place] is standing:
            shown.append(standing)
    return tuple(shown)


def project_signoffs_json(read: ReadSignoffs, keys: Iterable[str]) -> dict[str, Any]:
    """What the live page gets of the projects that somebody sees, by their keys."""
    visible = frozenset(keys)
    projects: dict[str, list[dict[str, Any]]] = {}
    for standing in open_standings(read.standings):
        if standing.address.project_key in visible:
            projects.setdefault(standing.address.project_key, []).append(
                {
                    "address": str(standing.address),
                    "step": standing.step,
                    "state": "waiting" if standing.status.is_open else "rejected",
                    "since": iso_time(standing.asked[0]),
                }
            )
    unread = len(read.unread)
    return {
        "format_version": 1,
        "projects": projects,
        "unread": f"of {unread} items the ledger cannot be read: {read.unread[0].message}" if unread else None,
    }


# for who must act ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class WaitingReview:
    """A review that waits for somebody.

    Attributes:
        address: the item.
        step: the id of the step that is signed off.
        signoff: where it stands.
        rights: by which the session's person may act in it now; none where they may not.
    """

    address: Address
    step: str
    signoff: Signoff
    rights: tuple[Right, ...]


@dataclass(frozen=True)
class WaitingReviews:
    """The reviews that wait.

    Attributes:
        reviews: the oldest first.
        unread: items of which nobody can say whether one waits.
    """

    reviews: tuple[WaitingReview, ...]
    unread: tuple[UnreadItem, ...] = ()


@refuses_wrong_types
def waiting_reviews(
    session: Session, *, mine: bool = False, reader: SignoffReader | None = None, now: datetime | None = None
) -> WaitingReviews:
    """Return the reviews that wait.

    Args:
        session: the person's, whose key must be able to read the hub.
        mine: only those in which they can act.
        reader: keeps what it read; None for one that read nothing yet.
        now: an aware time; None for the present.

    Raises:
        GovernMirrorError: the hub cannot be read. An item whose entries are not as they were written is told.
    """
    now = now or clock.now()
    read = (reader or SignoffReader()).read(session)
    configuration = read.configuration
    person = person_of(session)
    groups_by_login = groups_of_people(session.store.client)
    waiting = []
    for standing in read.standings:
        if (signoff := standing.waiting) is None:
            continue
        reviewers = configuration.reviewers_of(standing.address.project_key)
        handed_over = (*signoff.delegations, *configuration.deputies_at(now))
        rights = rights_of(person, reviewers, handed_over, now, groups_by_login)
        waiting.append(WaitingReview(standing.address, standing.step, signoff, _serving(signoff, person, rights)))
    replaced = replaced_reviews(session, {review.address: review.signoff for review in waiting})
    waiting = [review for review in waiting if (review.rights or not mine) and review.address not in replaced]
    waiting.sort(key=lambda review: (review.signoff.requested[0].at, str(review.address)))
    return WaitingReviews(tuple(waiting), read.unread)


def _serving(signoff: Signoff, person: Person, rights: tuple[Right, ...]) -> tuple[Right, ...]:
    """The rights that serve now: to give feedback while that is awaited, and to approve for who is not barred."""
    bars = barred(signoff)
    return tuple(
        right
        for right in rights
        if (right.role is Role.FINAL_APPROVER and why_barred(person.login, right.on_behalf_of, bars) is None)
        or (right.role is not Role.FINAL_APPROVER and signoff.status is SignoffStatus.WAITING_FOR_FEEDBACK)
    )


def reviews_json(waiting: WaitingReviews) -> dict[str, Any]:
    """What `reviews --format json` prints."""
    return {
        "format_version": 1,
        "reviews": [
            {
                "address": str(review.address),
                "step": review.step,
                "status": review.signoff.status.value,
                "requested_by": review.signoff.requested[-1].by,
                "since": iso_time(review.signoff.requested[0].at),
                "roles": [{"role": right.role.value, "for": right.on_behalf_of} for right in review.rights],
            }
            for review in waiting.reviews
        ],
        "unread": [
            {"address": str(item.address) if item.address else None, "message": item.message} for item in waiting.unread
        ],
    }
