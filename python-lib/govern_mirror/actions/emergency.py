"""Emergencies: somebody whom the hub names lets one item pass once on one infrastructure, within some hours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from govern_mirror import clock
from govern_mirror.actions.inputs import refuses_wrong_types
from govern_mirror.actions.session import Session
from govern_mirror.actions.signoff import MAX_COMMENT, MAX_VALUE, Review, not_before_entries, review_of
from govern_mirror.errors import AccessDenied, InputError, MoveRefused
from govern_mirror.hub.ledger import CLOCK_SKEW, EntryKind, LedgerEntry
from govern_mirror.hub.opened import heads_of
from govern_mirror.hub.store import Hub
from govern_mirror.model.address import Address, ItemKind
from govern_mirror.text import clean
from govern_mirror.times import iso_time, parse_time

MAX_EMERGENCY_HOURS = 14 * 24

_TEXTS = ("infrastructure", "reason", "ticket", "until")
"""What the body of an emergency's entry says in texts."""


@dataclass(frozen=True)
class RunningEmergency:
    """An emergency that lets something pass now.

    Attributes:
        entry: of the ledger.
        until: when it ends.
        is_of_item: whether it is of what the item is now; one of an export before lets no other pass.
    """

    entry: LedgerEntry
    until: datetime
    is_of_item: bool


@refuses_wrong_types
def let_pass(
    session: Session,
    hub: Hub,
    address: Address,
    infrastructure: str,
    reason: str,
    ticket: str,
    hours: int = 24,
    *,
    dry_run: bool = False,
    now: datetime | None = None,
) -> LedgerEntry:
    """Let one item that is not approved pass once on one infrastructure, within some hours; its review is due then.

    Args:
        session: of a person whom the hub's configuration names under `emergency`.
        hub: with the rights to write it.
        address: a bundle or version.
        infrastructure: the id of the Deployer's infrastructure.
        reason, ticket: why, and where it is followed up.
        hours: for how long, up to two weeks.
        dry_run: only return the entry that would be written.
        now: an aware time; None for the present.

    Raises:
        InputError: something is missing, or the hours are out of range.
        AccessDenied: the configuration does not name this person, or the key is nobody's.
        GovernMirrorError: the ledger could not be written, or something cannot be read; nothing was recorded.
    """
    now = (now or clock.now()).replace(microsecond=0)
    if address.kind is ItemKind.PROJECT:
        raise InputError("an emergency is for a bundle or a version, not for a project")
    infrastructure, reason, ticket = (clean(text).strip() for text in (infrastructure, reason, ticket))
    if not infrastructure or not reason or not ticket:
        raise InputError("name the infrastructure, why, and the ticket in which it is followed up")
    if not 1 <= hours <= MAX_EMERGENCY_HOURS:
        raise InputError(f"an emergency lasts from 1 to {MAX_EMERGENCY_HOURS} hours, not {hours}")
    review = review_of(session, hub.open(), address, now=now)
    if review.state.gone is not None:
        raise review.state.gone
    why_not = why_no_emergency(review)
    if why_not:
        raise AccessDenied(why_not)
    now = not_before_entries(review, now)
    if not review.state.subject:
        raise MoveRefused(f"{address.label} cannot be told from another: DSS does not tell when it was made")
    login = review.standing.person.login
    body = {
        "infrastructure": infrastructure,
        "reason": reason[:MAX_COMMENT],
        "ticket": ticket[:MAX_VALUE],
        "until": iso_time(now + timedelta(hours=hours)),
        "subject": dict(review.state.subject),
        "digest": review.state.digest,
    }
    entry = LedgerEntry(
        EntryKind.EMERGENCY, address, review.state.step, now, login, heads_of(review.state.entries), body
    )
    return entry if dry_run else hub.append(entry)


def why_no_emergency(review: Review) -> str | None:
    """Why the person may not let the item pass in an emergency; None when they may."""
    if review.address.kind is ItemKind.PROJECT:
        return "an emergency is for a bundle or a version, not for a project"
    if review.state.gone is not None:
        return str(review.state.gone)
    person = review.standing.person
    if person.is_key or not person.is_among(review.configuration.emergency):
        return "the hub does not name you among those who may let something pass: ask one of them"
    return None


def running_emergencies(review: Review, now: datetime | None = None) -> tuple[RunningEmergency, ...]:
    """The emergencies of an item that let something pass now, the last one first, as the Deployer's hook reads them."""
    now = now or clock.now()
    running = []
    for entry in review.state.entries:
        # what says that it is an emergency and is none lets nothing pass
        if entry.kind is not EntryKind.EMERGENCY or not all(isinstance(entry.body.get(name), str) for name in _TEXTS):
            continue
        try:
            until = parse_time(entry.body["until"])
        except ValueError:
            continue
        if entry.at - CLOCK_SKEW <= now < until:
            running.append(RunningEmergency(entry, until, entry.body.get("digest") == review.state.digest))
    return tuple(sorted(running, key=lambda emergency: emergency.entry.at, reverse=True))


def emergencies_json(running: Iterable[RunningEmergency]) -> list[dict[str, Any]]:
    """Running emergencies as the live page gets them."""
    return [
        {
            "id": emergency.entry.id,
            "at": iso_time(emergency.entry.at),
            "by": emergency.entry.by,
            "until": iso_time(emergency.until),
            "unchanged": emergency.is_of_item,
            **{name: emergency.entry.body[name] for name in ("infrastructure", "reason", "ticket")},
        }
        for emergency in running
    ]
