"""The reviews that wait, of all items in the hub."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from govern_mirror import clock
from govern_mirror.actions.hub import hub_of
from govern_mirror.actions.inputs import refuses_wrong_types
from govern_mirror.actions.session import Session
from govern_mirror.actions.signoff_state import readable
from govern_mirror.actions.superseded import replaced_reviews
from govern_mirror.dss import groups_of_people
from govern_mirror.hub.ledger import EntryKind
from govern_mirror.model.address import Address
from govern_mirror.model.entitlement import barred
from govern_mirror.model.reviewers import Person, Right, Role, rights_of
from govern_mirror.model.signoff import Signoff, SignoffStatus, signoff_of, why_barred
from govern_mirror.times import iso_time


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


@refuses_wrong_types
def waiting_reviews(session: Session, *, mine: bool = False, now: datetime | None = None) -> list[WaitingReview]:
    """Return the reviews that wait, the oldest first.

    Args:
        session: the person's, whose key must be able to read the hub.
        mine: only those in which they can act.
        now: an aware time; None for the present.

    Raises:
        HubError: an entry is not as it was written.
        GovernMirrorError: the hub cannot be read.
    """
    now = now or clock.now()
    opened = hub_of(session).open()
    configuration = opened.configuration
    login, groups = session.store.identity()
    person = Person(login, frozenset(groups))
    groups_by_login = groups_of_people(session.store.client)
    waiting = []
    for address, entries in opened.items().items():
        for step in dict.fromkeys(entry.step for entry in entries if entry.kind is EntryKind.SIGNOFF and entry.step):
            signoff = signoff_of(readable(entries), step)
            if not signoff.status.is_open:
                continue
            reviewers = configuration.reviewers_of(address.project_key)
            handed_over = (*signoff.delegations, *configuration.deputies_at(now))
            rights = rights_of(person, reviewers, handed_over, now, groups_by_login)
            waiting.append(WaitingReview(address, step, signoff, _serving(signoff, person, rights)))
    replaced = replaced_reviews(session, {review.address: review.signoff for review in waiting})
    waiting = [review for review in waiting if (review.rights or not mine) and review.address not in replaced]
    return sorted(waiting, key=lambda review: (review.signoff.requested[0].at, str(review.address)))


def _serving(signoff: Signoff, person: Person, rights: tuple[Right, ...]) -> tuple[Right, ...]:
    """The rights that serve now: to give feedback while that is awaited, and to approve for who is not barred."""
    bars = barred(signoff)
    return tuple(
        right
        for right in rights
        if (right.role is Role.FINAL_APPROVER and why_barred(person.login, right.on_behalf_of, bars) is None)
        or (right.role is not Role.FINAL_APPROVER and signoff.status is SignoffStatus.WAITING_FOR_FEEDBACK)
    )


def reviews_json(reviews: list[WaitingReview]) -> dict[str, Any]:
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
            for review in reviews
        ],
    }
