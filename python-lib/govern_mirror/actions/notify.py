"""Mail about reviews, sent with the hub's key: what could not be sent is told, and undoes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from govern_mirror.actions.mail import is_address, mail_channel_of
from govern_mirror.actions.session import Session
from govern_mirror.actions.signoff import Recorded
from govern_mirror.actions.signoff_state import readable
from govern_mirror.bulk import for_each
from govern_mirror.dss import groups_of_people, send_mail
from govern_mirror.errors import GovernMirrorError, InputError
from govern_mirror.hub.configuration import Configuration
from govern_mirror.hub.ledger import LedgerEntry
from govern_mirror.hub.notices import (
    Notice,
    Notices,
    People,
    ReviewItem,
    notices_of_act,
    notices_of_emergency,
)
from govern_mirror.hub.store import Hub
from govern_mirror.model.address import Address
from govern_mirror.model.entitlement import barred
from govern_mirror.model.item_templates import REVIEW_STEP
from govern_mirror.model.signoff import SignoffEntry, signoff_of


@dataclass(frozen=True)
class Delivery:
    """What became of the mails about something.

    Attributes:
        told: logins that a mail was sent to, or in a dry run would be.
        unknown: who should be told and cannot be: logins or groups, and why.
        failed: whose mail could not be sent, and why.
        dry_run: whether nothing was sent.
    """

    told: tuple[str, ...] = ()
    unknown: tuple[tuple[str, str], ...] = ()
    failed: tuple[tuple[str, str], ...] = ()
    dry_run: bool = False

    @property
    def not_told(self) -> tuple[tuple[str, str], ...]:
        """Who should be told and was not, and why."""
        return self.unknown + self.failed


def tell_of_act(session: Session, hub: Hub, recorded: Recorded) -> Delivery:
    """Tell people of what was recorded in a review; in a dry run, say who would be told.

    Args:
        session: of the person who did it, and who is not told.
        hub: with the key that sends.
        recorded: what they did.
    """
    review, state = recorded.review, recorded.review.state
    if not review.configuration.addresses:
        return Delivery(dry_run=recorded.entry is None)
    try:
        entries = [entry for entry in readable(state.entries) if isinstance(entry, SignoffEntry)]
        before = signoff_of(readable(state.entries[:-1]), state.step)
        people = People(groups_of_people(session.store.client), {**review.standing.barred, **barred(review.signoff)})
        item = item_of_mail(session, review.address, state.step)
        act = entries[-1]
        notices = notices_of_act(item, act, before, review.signoff, entries, review.configuration, people)
    except GovernMirrorError as error:
        return Delivery(failed=(("everybody", str(error)),))
    return deliver(hub, review.configuration, notices, dry_run=recorded.entry is None)


def tell_of_emergency(
    session: Session, hub: Hub, address: Address, entry: LedgerEntry, *, dry_run: bool = False
) -> Delivery:
    """Tell the final approvers of an item that it passes without approval.

    Args:
        session: of the person who let it pass, and who is not told.
        hub: with the key that sends.
        address: the item.
        entry: of the ledger.
        dry_run: only say who would be told.
    """
    try:
        configuration = hub.configuration()
        people = People(groups_of_people(session.store.client), {})
        item = item_of_mail(session, address, entry.step or REVIEW_STEP)
        notices = notices_of_emergency(item, entry.by, entry.body, configuration, people)
    except GovernMirrorError as error:
        return Delivery(failed=(("everybody", str(error)),))
    return deliver(hub, configuration, notices, dry_run=dry_run)


def item_of_mail(session: Session, address: Address, step: str) -> ReviewItem:
    """What a mail about a review says of its item."""
    names: Mapping[str, str] = {step_.id: step_.name for step_ in session.blueprint.steps}
    return ReviewItem(address, names.get(step, step), session.store.review_url(str(address)))


def deliver(hub: Hub, configuration: Configuration, notices: Notices, *, dry_run: bool = False) -> Delivery:
    """Send mails, each to one person; none that fails keeps another back.

    Args:
        hub: with the key that sends; DSS sends for its project.
        configuration: of the hub, which names the channel.
        notices: the mails.
        dry_run: only say who would be told.
    """
    mails = [mail for mail in notices.mails if is_address(mail.address)]
    unusable = [(mail.login, "their mail address is none") for mail in notices.mails if mail not in mails]
    unknown = (*notices.not_told, *unusable)
    if dry_run or not mails:
        return Delivery(tuple(mail.login for mail in mails), unknown, dry_run=dry_run)
    try:
        channel = configuration.mail.channel or mail_channel_of(hub.client, None).id
    except GovernMirrorError as error:
        advice = "; the hub's configuration names it under `mail: channel`" if isinstance(error, InputError) else ""
        return Delivery((), unknown, tuple((mail.login, f"{error}{advice}") for mail in mails))

    def send(mail: Notice) -> None:
        send_mail(hub.client, channel, hub.project_key, [mail.address], mail.subject, mail.text, plain_text=True)

    endings = for_each(mails, send)
    told = tuple(ending.item.login for ending in endings if ending.error is None)
    # DSS may name the address, which is for nobody but its owner
    failed = tuple(
        (ending.item.login, str(ending.error).replace(ending.item.address, ending.item.login))
        for ending in endings
        if ending.error is not None
    )
    return Delivery(told, unknown, failed)
