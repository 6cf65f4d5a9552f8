"""Mails about reviews, before they are sent: who is told of what, in which words, and who cannot be told.

Who must act gets a mail unless they chose *never*; who takes part gets news where they chose *all*. Nobody is told of
what they did themselves, and nobody twice. A text holds no mail address: those of the hub's configuration that stand
in a comment are replaced by the login.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from govern_mirror.hub.configuration import Configuration, MailChoice
from govern_mirror.model.address import Address
from govern_mirror.model.entitlement import (
    ASKING,
    Groups,
    logins_among,
    must_act,
    participants,
    roles_that_must_act,
)
from govern_mirror.model.reviewers import Right, Role
from govern_mirror.model.signoff import Act, Signoff, SignoffEntry
from govern_mirror.text import clean, one_line

MAX_SUBJECT = 150
MAX_COMMENT = 2_000
"""Characters of a comment that a mail holds; all of it stands in the review."""

MAX_ACTS_AN_HOUR = 12
"""After how many acts of one person in one item's review, within an hour, mails cease: nobody makes a storm."""

MAX_LISTED = 50
"""How many reviews a reminder lists."""


class Why(str, Enum):
    """Why somebody gets a mail."""

    MUST_ACT = "you must act"
    TAKES_PART = "you take part, and chose to be told of all"


@dataclass(frozen=True)
class Notice:
    """A mail to one person.

    Attributes:
        login: of the person.
        address: their mail address.
        subject: one line.
        text: plain text.
        why: why they get it.
    """

    login: str
    address: str
    subject: str
    text: str
    why: Why


@dataclass(frozen=True)
class Notices:
    """The mails about one thing.

    Attributes:
        mails: one a person, by login.
        not_told: who should be told and cannot be: logins or groups, and why.
    """

    mails: tuple[Notice, ...] = ()
    not_told: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ReviewItem:
    """What a mail is about.

    Attributes:
        address: the item.
        step_name: the name of the step that is signed off.
        link: of its review on the live page; None where the page's address is not known.
    """

    address: Address
    step_name: str
    link: str | None

    @property
    def label(self) -> str:
        """The item for people."""
        step = f", {self.step_name}" if not self.address.ids else ""
        return f"{self.address.label}{step}"

    @property
    def place(self) -> str:
        """Where the review is."""
        return self.link or f"{self.address}, on the live page or with the macro Review"


@dataclass(frozen=True)
class People:
    """What is known of the people of the instance.

    Attributes:
        groups: of each person who can log in; None where nobody can say.
        barred: who cannot approve the item, by login, and why.
    """

    groups: Groups | None
    barred: Mapping[str, str]


def notices_of_act(
    item: ReviewItem,
    act: SignoffEntry,
    before: Signoff,
    after: Signoff,
    entries: Sequence[SignoffEntry],
    configuration: Configuration,
    people: People,
) -> Notices:
    """The mails about something that was done in a review.

    Args:
        item: what the review is about.
        act: what was done.
        before, after: the sign-off before and after it.
        entries: all of the item, what was done among them.
        configuration: of the hub.
        people: of the instance.
    """
    if not configuration.addresses:
        return Notices()
    lately = sum(one.by == act.by and one.at > act.at - timedelta(hours=1) for one in entries)
    if lately > MAX_ACTS_AN_HOUR:
        why = f"{act.by} did more than {MAX_ACTS_AN_HOUR} things here within an hour, so that nobody is told of more"
        return Notices(not_told=(("everybody", why),))
    reviewers = configuration.reviewers_of(item.address.project_key)
    deputies = configuration.deputies_at(act.at)
    duties = must_act(after, entries, reviewers, deputies, people.barred, act.at, people.groups)
    if act.act is Act.DELEGATE and act.delegation is not None:
        duties = {login: right for login, right in duties.items() if login == act.delegation.to}
    elif act.act is Act.FEEDBACK:
        # the others were asked before; who asked for the review goes on once all groups have spoken
        asked_before = must_act(before, entries, reviewers, deputies, people.barred, act.at, people.groups)
        duties = {login: right for login, right in duties.items() if login not in asked_before}
    news = participants(before) | participants(after) if _is_news(act, before) else frozenset()
    writer = _Writer(configuration, people.groups, act.by)
    for login, right in duties.items():
        writer.add(login, Why.MUST_ACT, f"{_what_to_do(right)}: {item.label}", _act_text(item, act, right))
    for login in sorted(news):
        writer.add(login, Why.TAKES_PART, f"{item.label}: {act.by} {_what_was_done(act)}", _act_text(item, act, None))
    if act.act in ASKING:
        writer.add_unknown(reviewers.get(role, ()) for role in roles_that_must_act(after, entries, reviewers))
    return writer.notices


def _is_news(act: SignoffEntry, before: Signoff) -> bool:
    """Whether who takes part is told: of feedback only where it says something else than before, as in Govern."""
    if act.act is not Act.FEEDBACK:
        return True
    earlier = before.feedback.get((act.role, act.on_behalf_of or act.by))
    return earlier is None or earlier.feedback is not act.feedback


def _what_to_do(right: Right) -> str:
    if right.role is Role.FINAL_APPROVER:
        return "To approve"
    return "All feedback is there" if right.role is Role.EDITOR else "To review"


def _what_was_done(act: SignoffEntry) -> str:
    if act.act is Act.FEEDBACK and act.feedback is not None:
        return f"gave feedback ({act.feedback.label.lower()})"
    if act.act is Act.DELEGATE and act.delegation is not None:
        return f"handed the review of {act.delegation.of} over to {act.delegation.to}"
    return act.act.past


def _duty_text(right: Right) -> str:
    if right.role is Role.EDITOR:
        return "All groups gave feedback: ask for the final approval, or abandon the review."
    what = "approve or reject it" if right.role is Role.FINAL_APPROVER else "give feedback"
    return f"You are asked to {what}, as {right.label}."


def _act_text(item: ReviewItem, act: SignoffEntry, right: Right | None) -> str:
    for_whom = f" (for {act.on_behalf_of})" if act.on_behalf_of else ""
    parts = [f"{act.by}{for_whom} {_what_was_done(act)}: {item.label}."]
    if right is not None:
        parts.append(_duty_text(right))
    if act.comment:
        parts.append(f"Comment of {act.by}:\n{_quoted(act.comment)}")
    parts.append(f"The review: {item.place}")
    return "\n\n".join(parts)


def notices_of_emergency(
    item: ReviewItem,
    by: str,
    body: Mapping[str, object],
    configuration: Configuration,
    people: People,
) -> Notices:
    """The mails about something that passes without approval: to the final approvers of the item.

    Args:
        item: what passes.
        by: login of who let it pass.
        body: of the ledger's entry: where, until when, why, and the ticket.
        configuration: of the hub.
        people: of the instance.
    """
    if not configuration.addresses:
        return Notices()
    names = configuration.reviewers_of(item.address.project_key).get(Role.FINAL_APPROVER, ())
    writer = _Writer(configuration, people.groups, by)
    where = one_line(str(body.get("infrastructure", "")), MAX_SUBJECT)
    text = "\n\n".join(
        [
            f"{by} lets {item.label} pass without approval, on {where} until {body.get('until')}.",
            f"Reason:\n{_quoted(str(body.get('reason', '')))}",
            f"Ticket: {one_line(str(body.get('ticket', '')), 500)}",
            "Its review is due.",
            f"The review: {item.place}",
        ]
    )
    for login in sorted(logins_among(names, people.groups)):
        writer.add(login, Why.MUST_ACT, f"Passes without approval: {item.label}", text)
    writer.add_unknown([names])
    return writer.notices


@dataclass(frozen=True)
class DueReview:
    """A review whose people are to be reminded.

    Attributes:
        item: what it is about.
        since: when they were asked.
        duties: who must act, by login, and by which right.
        names: who is asked, as `user:LOGIN` and `group:NAME`.
    """

    item: ReviewItem
    since: datetime
    duties: Mapping[str, Right]
    names: tuple[str, ...]


def is_due(since: datetime, reminder_days: Iterable[int], after: datetime, now: datetime) -> bool:
    """Whether one of the days on which people are reminded has come after a time, up to now.

    Args:
        since: when they were asked.
        reminder_days: after how many days people are reminded.
        after: up to when reminders were sent before.
        now: an aware time.
    """
    elapsed = (now - since).total_seconds() / 86_400
    before = (after - since).total_seconds() / 86_400
    return any(before < days <= elapsed for days in reminder_days)


def reminders(due: Sequence[DueReview], configuration: Configuration, groups: Groups | None, now: datetime) -> Notices:
    """The reminders: one mail a person, with all that waits for them and is due, the oldest first."""
    if not configuration.addresses:
        return Notices()
    by_login: dict[str, list[DueReview]] = {}
    for review in sorted(due, key=lambda review: (review.since, str(review.item.address))):
        for login in review.duties:
            by_login.setdefault(login, []).append(review)
    writer = _Writer(configuration, groups, None)
    for login, reviews in sorted(by_login.items()):
        lines = [_reminder_line(review, review.duties[login], now) for review in reviews[:MAX_LISTED]]
        more = [f"and {len(reviews) - MAX_LISTED} more"] if len(reviews) > MAX_LISTED else []
        subject = f"Waiting for you: {reviews[0].item.label}"
        subject = subject if len(reviews) == 1 else f"Waiting for you: {len(reviews)} reviews"
        writer.add(login, Why.MUST_ACT, subject, "\n\n".join(["This still waits for you.", *lines, *more]))
    writer.add_unknown(review.names for review in due)
    return writer.notices


def _reminder_line(review: DueReview, right: Right, now: datetime) -> str:
    days = (now - review.since).days
    return f"{review.item.label}, since {days} days\n{_duty_text(right)}\n{review.item.place}"


def _shortened(text: str) -> str:
    comment = clean(text).strip()
    return comment if len(comment) <= MAX_COMMENT else f"{comment[:MAX_COMMENT].rstrip()}… (all of it is in the review)"


def _quoted(text: str) -> str:
    """People's words, marked as theirs line by line: none of them looks like the mail's own, such as its link."""
    return "\n".join(f"> {one_line(line)}".rstrip() for line in _shortened(text).splitlines())


def _inert(text: str) -> str:
    """A text in which DSS puts no variable's value."""
    return text.replace("${", "$ {")


class _Writer:
    """Collects mails: one a person, none to who did it."""

    def __init__(self, configuration: Configuration, groups: Groups | None, author: str | None) -> None:
        self._configuration = configuration
        self._groups = groups
        self._author = author
        self._logins = {address.casefold(): login for login, address in configuration.addresses.items()}
        longest_first = sorted(map(re.escape, self._logins), key=len, reverse=True)
        self._addresses = re.compile("|".join(longest_first), re.IGNORECASE)
        self._mails: dict[str, Notice] = {}
        self._not_told: dict[str, str] = {}

    @property
    def notices(self) -> Notices:
        return Notices(tuple(mail for _, mail in sorted(self._mails.items())), tuple(sorted(self._not_told.items())))

    def add(self, login: str, why: Why, subject: str, text: str) -> None:
        """Add a mail to somebody, where they want it and have no other."""
        choice = self._configuration.mail_choice_of(login)
        unwanted = choice is MailChoice.NEVER or (why is Why.TAKES_PART and choice is not MailChoice.ALL)
        if unwanted or login == self._author or login in self._mails or login in self._not_told:
            return
        address = self._configuration.addresses.get(login)
        if self._groups is not None and login not in self._groups:
            self._not_told[login] = "cannot log in any more"
        elif address is None:
            self._not_told[login] = "the hub's configuration has no mail address of them"
        else:
            ending = f"You get this mail since {why.value}. The hub's configuration says who gets which mail."
            words = _inert(self._without_addresses(f"{text}\n\n{ending}\n"))
            headline = _inert(self._without_addresses(one_line(subject, MAX_SUBJECT)))
            self._mails[login] = Notice(login, address, headline, words, why)

    def add_unknown(self, lists: Iterable[Iterable[str]]) -> None:
        """Name the groups whose people nobody can name."""
        if self._groups is None:
            for name in (name for names in lists for name in names if name.startswith("group:")):
                self._not_told[name] = "DSS does not tell who is in this group"

    def _without_addresses(self, text: str) -> str:
        return self._addresses.sub(lambda match: self._logins.get(match[0].casefold(), ""), text)
