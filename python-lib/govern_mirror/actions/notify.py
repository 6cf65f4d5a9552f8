"""Mail about reviews, and reminders, sent with the hub's key: what could not be sent is told, and undoes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from govern_mirror import clock
from govern_mirror.actions.hub_edit import why_not_configure
from govern_mirror.actions.inputs import refuses_wrong_types
from govern_mirror.actions.mail import is_address, mail_channel_of
from govern_mirror.actions.session import Session
from govern_mirror.actions.signoff import Recorded
from govern_mirror.actions.signoff_state import readable
from govern_mirror.bulk import for_each
from govern_mirror.dss import groups_of_people, may_write, send_mail
from govern_mirror.errors import AccessDenied, GovernMirrorError, InputError
from govern_mirror.hub.configuration import Configuration
from govern_mirror.hub.ledger import EntryKind, LedgerEntry
from govern_mirror.hub.notices import (
    DueReview,
    Notice,
    Notices,
    People,
    ReviewItem,
    is_due,
    notices_of_act,
    notices_of_emergency,
    reminders,
)
from govern_mirror.hub.opened import UnreadItem
from govern_mirror.hub.store import Hub
from govern_mirror.model.address import Address
from govern_mirror.model.entitlement import Groups, barred, must_act, roles_that_must_act, waiting_since
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
        configuration = hub.open().configuration
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


# reminders ----------------------------------------------------------------------------------------------------------

FIRST_LOOK_BACK = timedelta(days=1)
"""What fell due earlier is not made up for by the first reminders of a hub: people would get years of it."""


@dataclass(frozen=True)
class Reminded:
    """What became of the reminders.

    Attributes:
        due: the items whose reviews were due, the oldest first.
        delivery: of the mails.
        off: why nobody is reminded; None where they are.
        unread: items whose entries cannot be read: who must act in their reviews is not reminded.
    """

    due: tuple[Address, ...]
    delivery: Delivery
    off: str | None = None
    unread: tuple[UnreadItem, ...] = ()


@refuses_wrong_types
def remind(session: Session, hub: Hub, *, dry_run: bool = False, now: datetime | None = None) -> Reminded:
    """Remind who must act of the reviews that wait for them since some days; each review once for each of these days.

    The hub notes up to when it reminded people, before the mails go out. So a second run on the same day sends
    nothing again, and a day without a run is made up for by the next.

    Args:
        session: of a governance manager, or of who may write the hub's project, as the user of its scenario.
        hub: with the key that sends.
        dry_run: only say who would be reminded.
        now: an aware time; None for the present.

    Raises:
        AccessDenied: the session's person may not send reminders.
        GovernMirrorError: the hub cannot be read, or not be written: nobody is reminded then. An item whose entries are
            not as they were written is told.
    """
    now = (now or clock.now()).replace(microsecond=0)
    opened = hub.open()
    configuration = opened.configuration
    _require_sender(session, hub, configuration)
    off = _why_off(configuration)
    if off:
        return Reminded((), Delivery(dry_run=dry_run), off)
    groups = groups_of_people(session.store.client)
    after = opened.reminded_until()
    if after is None or after > now + FIRST_LOOK_BACK:  # nobody reminded people tomorrow
        after = now - FIRST_LOOK_BACK
    due: list[DueReview] = []
    unread = []
    for _, entries in opened.read_items(opened.items):
        if isinstance(entries, UnreadItem):
            unread.append(entries)
        else:
            due += _due_of_item(session, configuration, groups, entries, after, now)
    due.sort(key=lambda review: (review.since, str(review.item.address)))
    if not dry_run:
        hub.remember_reminders(max(after, now))
    delivery = deliver(hub, configuration, reminders(due, configuration, groups, now), dry_run=dry_run)
    return Reminded(tuple(review.item.address for review in due), delivery, unread=tuple(unread))


def _require_sender(session: Session, hub: Hub, configuration: Configuration) -> None:
    if why_not_configure(session, configuration) is None:
        return
    summary = session.store.summary(hub.project_key)
    if summary is None or may_write(summary) is not True:
        raise AccessDenied(
            f"only governance managers, and who may write {hub.project_key}, send reminders: ask one of them"
        )


def _why_off(configuration: Configuration) -> str | None:
    if not configuration.switches.reminder_days:
        return "the hub's configuration names no days under `switches: reminder_days`"
    return None if configuration.addresses else "the hub's configuration holds no mail addresses"


def _due_of_item(
    session: Session,
    configuration: Configuration,
    groups: Groups | None,
    entries: list[LedgerEntry],
    after: datetime,
    now: datetime,
) -> list[DueReview]:
    address = next((entry.item for entry in entries), None)
    if address is None:
        return []
    reviewers = configuration.reviewers_of(address.project_key)
    read = readable(entries)
    acts = [entry for entry in read if isinstance(entry, SignoffEntry)]
    due = []
    for step in dict.fromkeys(entry.step for entry in entries if entry.kind is EntryKind.SIGNOFF and entry.step):
        signoff = signoff_of(read, step)
        since = waiting_since(signoff, acts)
        if not signoff.status.is_open or since is None:
            continue
        if not is_due(since, configuration.switches.reminder_days, after, now):
            continue
        # who made the item stands in the request: asking DSS for each would take a request an item
        bars = {**signoff.requested[-1].barred, **barred(signoff)}
        deputies = configuration.deputies_at(now)
        duties = must_act(signoff, acts, reviewers, deputies, bars, now, groups)
        names = [name for role in roles_that_must_act(signoff, acts, reviewers) for name in reviewers.get(role, ())]
        due.append(DueReview(item_of_mail(session, address, step), since, duties, tuple(names)))
    return due
