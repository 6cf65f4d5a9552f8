"""Which projects have a review that waits, or whose last one was rejected: read from the hub, once for all of them.

Entries never change, and their files are named by what they hold: of an item whose files are the same as before,
nothing is read again. It is for lists, where nothing depends on it; what counts is asked of the ledger itself.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from govern_mirror.actions.hub import hub_of
from govern_mirror.actions.session import Session
from govern_mirror.actions.signoff_state import ItemStanding, readable, standing_in
from govern_mirror.actions.superseded import asked_order, lineage
from govern_mirror.bulk import for_each
from govern_mirror.hub.ledger import EntryKind, folder_prefix
from govern_mirror.hub.opened import OpenedHub
from govern_mirror.model.address import Address, ItemKind
from govern_mirror.model.signoff import SignoffStatus
from govern_mirror.times import iso_time

MAX_ITEMS = 100_000
"""Of how many items the standing is kept: a few hundred bytes each."""

WAITING = "waiting"
REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class SignoffStanding:
    """Where one sign-off of an item stands, which was asked for at some time.

    Attributes:
        address, step: the item, and its step that is signed off.
        status: where it stands; rejected, too, where Govern refused it.
        asked: its place among others of its kind, by when the review was asked for.
    """

    address: Address
    step: str
    status: SignoffStatus
    asked: tuple[datetime, int, str]


@dataclass(frozen=True)
class ProjectSignoffs:
    """The reviews of all projects that wait, or were rejected last.

    Attributes:
        open: those that wait, the oldest first, and those that were rejected.
        faults: what could not be read of the ledger, a sentence an item.
    """

    open: tuple[SignoffStanding, ...]
    faults: tuple[str, ...] = ()


class SignoffReader:
    """Reads where all items of a hub stand, and keeps what it read of each by the names of its files."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, ...], tuple[SignoffStanding, ...]] = {}

    def read(self, session: Session) -> ProjectSignoffs:
        """Read the hub with the session's rights.

        Raises:
            HubOff: no hub is named.
            GovernMirrorError: the hub cannot be read.
        """
        opened = hub_of(session).open()
        node = opened.configuration.govern_node
        # of another hub, or with another Govern node, the same files may say something else
        about = (opened.project_key, node.id if node else "")
        own = folder_prefix(None)
        by_item: dict[str, list[str]] = {}
        for path in opened.ledger_paths:
            if not path.startswith(own):
                by_item.setdefault(path.rpartition("-")[0], []).append(path)
        wanted = [(*about, *files) for files in by_item.values()]
        faults = []
        with self._lock:  # who asks meanwhile waits, and takes what is read here
            kept = {key: self._kept[key] for key in wanted if key in self._kept}
            new = [key for key in wanted if key not in kept]
            for ending in for_each(new, lambda key: _standings(opened, key[len(about) :])):
                if ending.result is None:
                    faults.append(str(ending.error))
                else:
                    kept[ending.item] = ending.result
            # what is not there any more goes, and so do the items of another hub
            self._kept = dict(list(kept.items())[:MAX_ITEMS])
        return ProjectSignoffs(open_standings(chain.from_iterable(kept.values())), tuple(faults))


def _standings(opened: OpenedHub, files: Sequence[str]) -> tuple[SignoffStanding, ...]:
    """Where the sign-offs of one item stand, by the files of its entries."""
    entries = opened.entries_at(files)
    address = next((entry.item for entry in entries if entry.item is not None), None)
    if address is None:
        return ()
    kinds = (EntryKind.SIGNOFF, EntryKind.GOVERN)
    steps = dict.fromkeys(entry.step for entry in entries if entry.kind in kinds and entry.step)
    parsed = readable(entries)
    found = (_standing(address, step, standing_in(opened, parsed, step)) for step in steps)
    return tuple(standing for standing in found if standing is not None)


def _standing(address: Address, step: str, standing: ItemStanding) -> SignoffStanding | None:
    signoff, govern = standing.signoff, standing.govern
    if govern.said is not None and govern.is_refused and not signoff.status.is_open:
        asked = max([(govern.said.at, 0, govern.said.id), *map(asked_order, signoff.requested[:1])])
        return SignoffStanding(address, step, SignoffStatus.REJECTED, asked)
    if not signoff.requested:
        return None
    return SignoffStanding(address, step, signoff.status, asked_order(signoff.requested[0]))


def open_standings(standings: Iterable[SignoffStanding]) -> tuple[SignoffStanding, ...]:
    """Those that wait or were rejected, and that no later review of their lineage took the place of.

    Of bundles each waits for itself, but one that was rejected is history once another was asked for.
    """
    standings = sorted(standings, key=lambda standing: standing.asked)
    latest = {(lineage(standing.address), standing.step): standing for standing in standings}
    waiting = {
        (lineage(standing.address), standing.step): standing for standing in standings if standing.status.is_open
    }
    found = []
    for standing in standings:
        place = lineage(standing.address), standing.step
        if standing.status.is_open:
            is_for_itself = standing.address.kind in (ItemKind.BUNDLE, ItemKind.PROJECT)
            if is_for_itself or waiting[place] is standing:
                found.append(standing)
        elif standing.status is SignoffStatus.REJECTED and latest[place] is standing:
            found.append(standing)
    return tuple(found)


def project_signoffs_json(signoffs: ProjectSignoffs, keys: Iterable[str]) -> dict[str, Any]:
    """What the live page gets of the projects that somebody sees, by their keys."""
    seen = frozenset(keys)
    projects: dict[str, list[dict[str, Any]]] = {}
    for standing in signoffs.open:
        if standing.address.project_key in seen:
            projects.setdefault(standing.address.project_key, []).append(
                {
                    "address": str(standing.address),
                    "step": standing.step,
                    "state": WAITING if standing.status.is_open else REJECTED,
                    "since": iso_time(standing.asked[0]),
                }
            )
    unread = len(signoffs.faults)
    return {
        "format_version": 1,
        "projects": projects,
        "unread": f"of {unread} items the ledger cannot be read: {signoffs.faults[0]}" if unread else None,
    }
