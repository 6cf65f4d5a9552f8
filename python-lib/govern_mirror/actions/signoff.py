"""Sign-offs: what a person may do in a review, and doing it, as an entry of the hub's ledger.

Two identities are at work. The *session* is the person's: DSS says who they are and what they may do with the project.
The *hub* is reached with a key of its own, which only the plugin's code holds. So nobody writes the ledger but this
code, and nobody chooses the name that an entry carries.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from govern_mirror import clock
from govern_mirror.actions.bundle_models import MODELS, models_inside, require_approved
from govern_mirror.actions.hub import hub_of, person_of
from govern_mirror.actions.inputs import refuses_wrong_types
from govern_mirror.actions.items import newer_review
from govern_mirror.actions.session import Session
from govern_mirror.actions.signoff_state import SignoffState, readable, signoff_state
from govern_mirror.connection import Instance, Secret
from govern_mirror.dss import ProjectStore, connect, groups_of_people, may_write
from govern_mirror.errors import AccessDenied, Action, GovernMirrorError, Hint, InputError, MoveRefused, NotFound
from govern_mirror.hub.configuration import Configuration
from govern_mirror.hub.ledger import EntryKind, LedgerEntry, signoff_body, to_signoff
from govern_mirror.hub.opened import OpenedHub, heads_of
from govern_mirror.hub.store import Hub
from govern_mirror.model.address import Address, ItemKind
from govern_mirror.model.blueprint import Status
from govern_mirror.model.entitlement import Standing, acting_right, barred
from govern_mirror.model.event import digest
from govern_mirror.model.item import Item
from govern_mirror.model.reviewers import Delegation, Person, Reviewers, Right, Role, rights_of
from govern_mirror.model.signoff import (
    Act,
    FeedbackStatus,
    Signoff,
    SignoffEntry,
    signoff_of,
    why_barred,
)
from govern_mirror.model.step_writer import last_writer
from govern_mirror.model.trust import Trust, trust_by_path
from govern_mirror.model.values import json_of
from govern_mirror.text import clean
from govern_mirror.times import iso_time

MAX_COMMENT = 10_000
"""Characters of a comment."""

MAX_VALUE = 2_000
"""Characters of a value that an entry keeps; of a longer one it keeps the beginning and a digest."""


@dataclass(frozen=True)
class Review:
    """One sign-off of an item, and what the person who looks is to it.

    Attributes:
        state: the sign-off, whoever looks.
        configuration: of the hub.
        standing: what the person is to the item.
    """

    state: SignoffState
    configuration: Configuration
    standing: Standing

    @property
    def reviewers(self) -> Reviewers:
        """Who is asked, by role."""
        return self.standing.reviewers

    @property
    def signoff(self) -> Signoff:
        """Where it stands."""
        return self.state.signoff

    @property
    def address(self) -> Address:
        """The item."""
        return self.state.address

    @property
    def step_is_ongoing(self) -> bool:
        """Whether a review of the step can be asked for: one of a project must be on going, as in Govern."""
        if self.address.kind is not ItemKind.PROJECT:
            return True
        return self.state.project.workflow[self.state.step].status is Status.ONGOING


@dataclass(frozen=True)
class Participation:
    """What a person wants to do in a review.

    Attributes:
        act: what.
        group: for feedback, in which group; for a delegation, in which role.
        feedback: what they say, for feedback.
        comment: in their words; required to reject, for a major issue, and to hand over somebody else's review.
        to: login of who is to review, for a delegation.
        of: login of whose review it is, for a delegation; None for their own.
        until: when a delegation ends; None when it does not.

    Raises:
        InputError: something is missing that this act needs, or is there that it does not take.
    """

    act: Act
    group: Role | None = None
    feedback: FeedbackStatus | None = None
    comment: str | None = None
    to: str | None = None
    of: str | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        comment = clean(self.comment).strip() if self.comment else None
        object.__setattr__(self, "comment", comment or None)
        if comment and len(comment) > MAX_COMMENT:
            raise InputError(f"a comment has at most {MAX_COMMENT:,} characters: shorten it, and link to the rest")
        if (self.feedback is not None) != (self.act is Act.FEEDBACK):
            words = ", ".join(status.value for status in FeedbackStatus)
            raise InputError(f"feedback is one of {words}, and only feedback is")
        if bool(self.to) != (self.act is Act.DELEGATE):
            raise InputError("a review is handed over to somebody: name their login, and only then")
        needs_words = self.act is Act.REJECT or self.feedback is FeedbackStatus.MAJOR_ISSUE or self.of is not None
        if needs_words and not comment:
            raise InputError("say why, in a comment: who reads it must know what to do")


@dataclass(frozen=True)
class Recorded:
    """What was recorded, or in a dry run would be.

    Attributes:
        entry: in the ledger; None in a dry run.
        review: as it is after that.
        right: by which right.
        note: what whoever did it should know; None where nothing is.
    """

    entry: LedgerEntry | None
    review: Review
    right: Right
    note: str | None = None


def hub_with_key(session: Session, project_key: str, api_key: str) -> Hub:
    """The hub, with the rights of the key that only the plugin's code holds.

    Args:
        session: the person's; the address is that of their client.
        project_key: the hub's project, as the preset names it.
        api_key: of the preset.

    Raises:
        InputError: the preset is of another hub than the settings name.
        HubOff: the settings name no hub.
    """
    hub_key = hub_of(session).project_key
    if project_key != hub_key:
        raise InputError(
            f"this preset is of the hub {project_key}, and the plugin's settings name {hub_key}: an administrator puts "
            "one of them right"
        )
    store = session.store
    clients = connect(Instance(store.address, Secret(api_key), store.checks_certificate))
    return Hub(ProjectStore(clients, store.layout, store.url, store.settling_seconds), hub_key)


@refuses_wrong_types
def review_of(
    session: Session, opened: OpenedHub, address: Address, step: str | None = None, *, now: datetime | None = None
) -> Review:
    """Read a sign-off, and what the session's person may do in it, also when the item is not in DSS any more.

    Args:
        session: the person's.
        opened: the hub, with whatever rights.
        address: the item.
        step: the step, for a project; bundles and versions have one sign-off.
        now: an aware time; None for the present.

    Raises:
        GovernMirrorError: as `signoff_state` says.
    """
    now = now or clock.now()
    state = signoff_state(session, opened, address, step, may_be_gone=True)
    configuration = opened.configuration
    reviewers = configuration.reviewers_of(address.project_key)
    person = person_of(session)
    handed_over = (*state.signoff.delegations, *configuration.deputies_at(now))
    # whose groups matter is only asked for where somebody stands in
    groups_by_login = groups_of_people(session.store.client) if handed_over else None
    standing = Standing(
        person,
        rights_of(person, reviewers, handed_over, now, groups_by_login),
        is_editor=_may_write(session, address.project_key),
        is_manager=person.is_among(configuration.managers),
        barred=barred(state.signoff, **state.made_by),
        reviewers=reviewers,
    )
    return Review(state, configuration, standing)


def values_shown(project: Item) -> dict[str, Any]:
    """The values that reviewers see: those that are not blank; long texts cut, with a digest of all of them."""
    json_values: dict[str, Any] = {}
    for path, value in project.values.items():
        json_value = json_of(value)
        if json_value in (None, "", []):
            continue
        if isinstance(json_value, str) and len(json_value) > MAX_VALUE:
            json_value = {"begins": json_value[:MAX_VALUE], "digest": digest(json_value)}
        json_values[path] = json_value
    return json_values


def _may_write(session: Session, project_key: str) -> bool:
    summary = session.store.summary(project_key)
    return summary is not None and may_write(summary) is True


@refuses_wrong_types
def record_act(
    session: Session,
    hub: Hub,
    address: Address,
    participation: Participation,
    step: str | None = None,
    *,
    dry_run: bool = False,
    now: datetime | None = None,
) -> Recorded:
    """Do something in a review.

    Args:
        session: the person's, through which DSS says who they are.
        hub: with the rights to write it.
        address: the item.
        participation: what they do.
        step: the step, for a project.
        dry_run: only say what would be recorded.
        now: an aware time; None for the present.

    Raises:
        InputError: something that is needed is missing.
        MoveRefused: it is not possible as the review stands, or the item changed since it was asked for.
        AccessDenied: the person may not; the message says why.
        GovernMirrorError: the ledger could not be written, or something cannot be read; nothing was recorded.
    """
    now = (now or clock.now()).replace(microsecond=0)
    opened = hub.open()
    review = review_of(session, opened, address, step, now=now)
    now = not_before_entries(review, now)
    wanted, participation = participation.act, _possible(review, participation)
    act = participation.act
    right = acting_right(review.signoff, act, review.standing, participation.group, participation.of)
    require_item(review, act)
    _require_latest(session, opened, review, act)
    entry = _entry(session, review, participation, right, now)
    if act is Act.APPROVE and address.kind is ItemKind.BUNDLE and review.configuration.switches.models_block_bundles:
        inside = models_inside(session, opened, address.project_key, (review.state.subject or {}).get("exported_on"))
        entry = replace(entry, body={**entry.body, MODELS: require_approved(inside)})
    entries = (*review.state.entries, entry)
    after = signoff_of(readable(entries), review.state.step)
    if entry.id not in after.effective:
        raise MoveRefused(f"this would not count: {after.refused.get(entry.id, 'the review has moved on')}")
    note = _note(review, wanted, to_signoff(entry))
    if not dry_run:
        hub.append(entry)
        entries = _with_those_meanwhile(hub, address, entries)
        after = signoff_of(readable(entries), review.state.step)
        if after.verdict is not None and after.verdict.id != entry.id:
            by, past = after.verdict.by, after.verdict.act.past
            note = f"{by} {past} this at the same moment: the sign-off is {after.status.label.lower()}"
    state = replace(review.state, standing=replace(review.state.standing, signoff=after), entries=entries)
    return Recorded(None if dry_run else entry, replace(review, state=state), right, note)


def _with_those_meanwhile(hub: Hub, address: Address, entries: tuple[LedgerEntry, ...]) -> tuple[LedgerEntry, ...]:
    """The entries of an item, the one that was just written last, with what others wrote at the same moment."""
    try:
        opened = hub.open()
        if not {entry.path for entry in entries}.issuperset(opened.paths_of(address)):
            others = (entry for entry in opened.entries(address) if entry.id != entries[-1].id)
            return (*others, entries[-1])
    except GovernMirrorError:
        pass  # it is recorded all the same, and that is what people must be told
    return entries


def _possible(review: Review, wanted: Participation) -> Participation:
    """What is done where somebody asks for feedback and no group gives it: the final approval comes next then."""
    if wanted.act is Act.REQUEST_FEEDBACK and review.reviewers.keys() == {Role.FINAL_APPROVER}:
        return replace(wanted, act=Act.REQUEST_APPROVAL)
    return wanted


def _note(review: Review, wanted: Act, entry: SignoffEntry) -> str | None:
    """That something else was done than asked for, or that an approval was handed over where it helps nobody."""
    if wanted is not entry.act:
        return "nobody gives feedback on this item, so that the final approval was asked for"
    handed_over = entry.delegation if entry.act is Act.DELEGATE else None
    if handed_over is None or handed_over.role is not Role.FINAL_APPROVER:
        return None
    why = why_barred(handed_over.to, handed_over.of, review.standing.barred)
    return f"{handed_over.to} cannot approve this all the same: {why}. Hand it over to another person" if why else None


def not_before_entries(review: Review, now: datetime) -> datetime:
    """The time of a new entry: clocks differ by some seconds, and nothing was written before what its author saw."""
    return max([now, *(entry.at for entry in review.state.entries)])


def _entry(session: Session, review: Review, participation: Participation, right: Right, now: datetime) -> LedgerEntry:
    """What the ledger is to hold of something that a person does by a right."""
    delegation = _delegation(session, review, participation, right, now) or _deputy(review, right, now)
    entry = SignoffEntry(
        id="",
        parents=(),
        at=now,
        step=review.state.step,
        by=review.standing.person.login,
        act=participation.act,
        role=right.role,
        on_behalf_of=right.on_behalf_of,
        feedback=participation.feedback,
        comment=participation.comment,
        delegation=delegation,
        subject=review.state.subject or {},
        digest=review.state.digest,
        values=values_shown(review.state.project),
        reviewers={role.value: tuple(names) for role, names in review.reviewers.items()},
        groups=_entitling_groups(session, review, right, delegation),
        barred=review.standing.barred,
    )
    heads = heads_of(review.state.entries)
    return LedgerEntry(EntryKind.SIGNOFF, review.address, entry.step, now, entry.by, heads, signoff_body(entry))


WITHOUT_ITEM = (Act.BACK, Act.ABANDON, Act.CANCEL, Act.RESET)
"""What is done to a review whatever became of its item: else that of a deleted one would wait for ever."""


def require_item(review: Review, act: Act) -> None:
    """Require that something may be done with an item as it is, whoever does it.

    Raises:
        NotFound: it is not in DSS any more.
        MoveRefused: it may not; the message says why.
    """
    if review.state.gone is not None and act not in WITHOUT_ITEM:
        raise review.state.gone
    if act in (Act.REQUEST_FEEDBACK, Act.REQUEST_APPROVAL, Act.APPROVE):
        project_key = review.address.project_key
        if review.state.project.closed:
            hint = Hint(Action.UNDO_CLOSE, project_key)
            raise MoveRefused(f"{project_key} is closed, so nothing of it is approved", hint=hint)
        if review.state.closed:
            hint = Hint(Action.UNDO_CLOSE, str(review.address))
            raise MoveRefused(f"{review.address.label} is closed, so it is not approved", hint=hint)
    # of a step nobody can say what would be approved then, which is refused in words of its own
    is_made = review.address.kind is not ItemKind.PROJECT
    if act is Act.APPROVE and is_made and None in review.state.made_by.values():
        raise MoveRefused(
            f"DSS does not tell who made {review.address.label}, so nobody can say who must not approve it: make it "
            "anew, and ask again"
        )
    if act in (Act.REQUEST_FEEDBACK, Act.REQUEST_APPROVAL):
        if not review.state.subject:
            raise MoveRefused(
                f"{review.address.label} cannot be signed off: DSS does not tell what would be approved (no time that "
                "it was made at, and no definition that this key may read)"
            )
        if not review.reviewers.get(Role.FINAL_APPROVER):
            raise MoveRefused("nobody is final approver of this item: a governance manager names one in the hub")
        if not review.step_is_ongoing:
            raise MoveRefused(
                f"{review.state.step_name} is not on going, so its review cannot be asked for",
                hint=Hint(Action.MOVE, review.address.project_key, review.state.step),
            )
        typed = _typed_paths(review)
        if typed:
            raise MoveRefused(
                f"nobody can say who wrote {', '.join(typed)}, since it was typed into the project's fields, and who "
                "wrote a step cannot approve it: record it first",
                hint=Hint(Action.CONFIRM, review.address.project_key),
            )
        if act is Act.REQUEST_FEEDBACK and review.reviewers.keys() == {Role.FINAL_APPROVER}:
            raise MoveRefused("nobody gives feedback on this item: ask for the final approval")
    if review.address.kind is ItemKind.PROJECT and act in (Act.REQUEST_FEEDBACK, Act.REQUEST_APPROVAL, Act.APPROVE):
        unknown = last_writer(review.state.project, review.state.step).fault
        if unknown:
            raise MoveRefused(
                f"nobody can say who last wrote {review.state.step_name}, who cannot approve it: {unknown}. Restore "
                "the wiki article of its history, or change something in the step; who does that cannot approve it"
            )
    if act in (Act.APPROVE, Act.REJECT, Act.FEEDBACK) and not review.state.is_unchanged:
        raise MoveRefused(
            f"{review.address.label} changed since its review was asked for: abandon that, reset it, and ask again"
        )


def _require_latest(session: Session, opened: OpenedHub, review: Review, act: Act) -> None:
    """Require that the review of no other version of the model was asked for since: one waits at most."""
    if act not in (Act.APPROVE, Act.FEEDBACK):
        return
    newer = newer_review(session, opened, review.address, review.signoff)
    if newer is not None:
        raise MoveRefused(
            f"{review.address.label} is superseded: the review of {newer} was asked for since; review that one, or "
            "abandon it first"
        )


def _typed_paths(review: Review) -> list[str]:
    """The paths of a project's step that no record covers: who wrote them could not be barred."""
    if review.address.kind is not ItemKind.PROJECT:
        return []
    levels = trust_by_path(review.state.project, (review.state.subject or {}).get("values", {}))
    return [path for path, level in levels.items() if level is Trust.TYPED][:3]


def _delegation(
    session: Session, review: Review, participation: Participation, right: Right, now: datetime
) -> Delegation | None:
    if participation.act is not Act.DELEGATE or participation.to is None:
        return None
    if not review.configuration.switches.delegation:
        raise MoveRefused("reviews cannot be handed over: the hub's configuration switches that off")
    of = participation.of or review.standing.person.login
    role = participation.group if right.role is Role.MANAGER and participation.group else right.role
    if participation.to == of:
        raise InputError("a review is handed over to somebody else")
    if right.role is Role.MANAGER and participation.to == review.standing.person.login:
        raise AccessDenied("you cannot hand somebody else's review over to yourself: choose another person")
    groups_by_login = groups_of_people(session.store.client)
    if groups_by_login is not None and participation.to not in groups_by_login:
        raise NotFound(f"{participation.to} is no user of this instance who can log in")
    if not Person(of, frozenset((groups_by_login or {}).get(of, ()))).is_among(review.reviewers.get(role, ())):
        raise AccessDenied(f"{of} is not asked as {role.label} of this item, so there is nothing to hand over")
    handed_over = Delegation(role, of, participation.to, participation.until)
    if not handed_over.is_valid(now):
        raise InputError(f"until {iso_time(participation.until)} is over: give a time to come, or none")
    return handed_over


def _deputy(review: Review, right: Right, now: datetime) -> Delegation | None:
    """The deputy's delegation that is acted by, where it stands in the hub and not in this sign-off."""
    login = review.standing.person.login
    for delegation in review.configuration.deputies_at(now):
        if (delegation.role, delegation.of, delegation.to) == (right.role, right.on_behalf_of, login):
            return delegation
    return None


def _entitling_groups(session: Session, review: Review, right: Right, delegation: Delegation | None) -> tuple[str, ...]:
    """The groups by which somebody is asked: the person who acts, or whose review they do."""
    role, of = (delegation.role, delegation.of) if delegation else (right.role, right.on_behalf_of)
    person = review.standing.person
    if of is None or of == person.login:
        groups = person.groups
    else:
        groups = (groups_of_people(session.store.client) or {}).get(of, frozenset())
    return tuple(sorted(group for group in groups if f"group:{group}" in review.reviewers.get(role, ())))
