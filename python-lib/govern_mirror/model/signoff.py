"""The sign-off of a step: Govern's states and moves, who may make them, and what came of those that were made.

Nothing here is stored: the state of a sign-off is computed from the entries of the hub's ledger, each of which names
the entries that it saw. Two people who act at the same moment each write an entry on top of the same ones: a fork,
which is no fault. Then both count, in a fixed order, and whatever speaks against an approval outweighs it.

Source of the states and moves: Govern's documentation of sign-offs and the client's `GovernArtifactSignoff`.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from functools import partial
from typing import Any, Protocol, TypeVar

from govern_mirror.errors import InputError, MoveRefused
from govern_mirror.model.reviewers import FEEDBACK_GROUPS, Delegation, Person, Role


class SignoffStatus(str, Enum):
    """Where a sign-off stands, in Govern's words."""

    NOT_STARTED = "NOT_STARTED"
    WAITING_FOR_FEEDBACK = "WAITING_FOR_FEEDBACK"
    WAITING_FOR_APPROVAL = "WAITING_FOR_APPROVAL"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    ABANDONED = "ABANDONED"

    @property
    def label(self) -> str:
        """The status for people, such as `Waiting for feedback`."""
        return self.value.replace("_", " ").capitalize()

    @property
    def is_open(self) -> bool:
        """Whether reviewers are asked."""
        return self in (SignoffStatus.WAITING_FOR_FEEDBACK, SignoffStatus.WAITING_FOR_APPROVAL)


class Act(str, Enum):
    """What a person does in a sign-off."""

    REQUEST_FEEDBACK = "request_feedback"
    REQUEST_APPROVAL = "request_approval"
    FEEDBACK = "feedback"
    APPROVE = "approve"
    REJECT = "reject"
    BACK = "back"
    ABANDON = "abandon"
    CANCEL = "cancel"
    RESET = "reset"
    DELEGATE = "delegate"

    @property
    def past(self) -> str:
        """What somebody did, for a sentence such as `Ben rejected this`."""
        return _PAST[self]


_PAST = {
    Act.REQUEST_FEEDBACK: "asked for feedback",
    Act.REQUEST_APPROVAL: "asked for the final approval",
    Act.FEEDBACK: "gave feedback",
    Act.APPROVE: "approved",
    Act.REJECT: "rejected",
    Act.BACK: "sent it back to feedback",
    Act.ABANDON: "abandoned",
    Act.CANCEL: "took back that it was abandoned",
    Act.RESET: "reset",
    Act.DELEGATE: "handed a review over",
}

_S = SignoffStatus
_OPEN = (_S.WAITING_FOR_FEEDBACK, _S.WAITING_FOR_APPROVAL)

MOVES: Mapping[Act, tuple[tuple[SignoffStatus, ...], SignoffStatus | None]] = {
    Act.REQUEST_FEEDBACK: ((_S.NOT_STARTED,), _S.WAITING_FOR_FEEDBACK),
    # feedback is optional
    Act.REQUEST_APPROVAL: ((_S.NOT_STARTED, _S.WAITING_FOR_FEEDBACK), _S.WAITING_FOR_APPROVAL),
    Act.FEEDBACK: (_OPEN, None),
    # while feedback is awaited, either of these also records the request for the final approval
    Act.APPROVE: (_OPEN, _S.APPROVED),
    Act.REJECT: (_OPEN, _S.REJECTED),
    Act.BACK: ((_S.WAITING_FOR_APPROVAL,), _S.WAITING_FOR_FEEDBACK),
    Act.ABANDON: (_OPEN, _S.ABANDONED),
    Act.CANCEL: ((_S.ABANDONED,), None),
    Act.RESET: ((_S.APPROVED, _S.REJECTED, _S.ABANDONED), _S.NOT_STARTED),
    Act.DELEGATE: (_OPEN, None),
}
"""From which states each act is possible, and where it leads: None where it stays or, for `CANCEL`, goes back."""


class FeedbackStatus(str, Enum):
    """What a reviewer says of an item."""

    APPROVED = "approved"
    MINOR_ISSUE = "minor_issue"
    MAJOR_ISSUE = "major_issue"

    @property
    def label(self) -> str:
        """The feedback for people, such as `Minor issue`."""
        return self.value.replace("_", " ").capitalize()


class Entry(Protocol):
    """What every entry of the ledger has: those of one item form one graph, whatever they are about."""

    @property
    def id(self) -> str:
        """What names it among the entries of its item."""

    @property
    def parents(self) -> tuple[str, ...]:
        """The entries that its author saw last, by id; empty for the first."""

    @property
    def at(self) -> datetime:
        """When it was written (UTC)."""


AnyEntry = TypeVar("AnyEntry", bound=Entry)


@dataclass(frozen=True, slots=True)
class SignoffEntry:
    """One thing that somebody did in a sign-off, as the ledger holds it.

    Attributes:
        id, parents, at: as `Entry` says.
        step: the id of the step that is signed off.
        by: login of who did it, as DSS gave it.
        act: what.
        role: in which role.
        on_behalf_of: login of whom they stood in for; None where they acted for themselves.
        feedback: what a reviewer said, for `FEEDBACK`.
        comment: in their words.
        delegation: who acts for whom: for `DELEGATE`, and where a deputy of the hub acted.
        subject: what the item was then: what DSS stamped it with, or its definition.
        digest: 128 bits over the subject.
        values: the values of the item that were shown to them, by path.
        reviewers: who was asked then, by role, as `user:LOGIN` and `group:NAME`.
        groups: those groups that were among them, of whose right it was: the author's, or of whom they stood in for.
        barred: logins that could not approve then, and why.
    """

    id: str
    parents: tuple[str, ...]
    at: datetime
    step: str
    by: str
    act: Act
    role: Role
    on_behalf_of: str | None = None
    feedback: FeedbackStatus | None = None
    comment: str | None = None
    delegation: Delegation | None = None
    subject: Mapping[str, Any] = field(default_factory=dict)
    digest: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    reviewers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    barred: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Signoff:
    """The state of one sign-off.

    Attributes:
        status: where it stands.
        before_abandon: where it stood when it was abandoned.
        digest: of the item whose review was asked for; empty before.
        requested: who asked for the review under way, newest last.
        feedback: what each reviewer said last, by role and login.
        verdict: the entry that approved, rejected or abandoned it.
        delegations: those in force, oldest first.
        heads: the ids of the entries that no other saw: the parents of the next one.
        effective: ids of the entries that counted, in their order.
        late: ids of entries that changed nothing, since somebody else had ended or moved the review before.
        refused: entries that must not count though the ledger holds them, by id, and why.
    """

    status: SignoffStatus = SignoffStatus.NOT_STARTED
    before_abandon: SignoffStatus | None = None
    digest: str = ""
    requested: tuple[SignoffEntry, ...] = ()
    feedback: Mapping[tuple[Role, str], SignoffEntry] = field(default_factory=dict)
    verdict: SignoffEntry | None = None
    delegations: tuple[Delegation, ...] = ()
    heads: tuple[str, ...] = ()
    effective: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)

    @property
    def requesters(self) -> tuple[str, ...]:
        """The logins of who asked for the review under way, each once."""
        return tuple(dict.fromkeys(entry.by for entry in self.requested))


def require_possible(signoff: Signoff, act: Act) -> None:
    """Require that an act is possible in the state in which a sign-off is.

    Raises:
        MoveRefused: it is not; the message says where the sign-off stands, and by whom it was ended.
    """
    if signoff.status in MOVES[act][0]:
        return
    verdict = signoff.verdict
    ended = f"{verdict.by} {verdict.act.past} this at {verdict.at:%Y-%m-%d %H:%M} UTC" if verdict else ""
    if signoff.status is SignoffStatus.NOT_STARTED:
        advice = "no review is under way: ask for one first"
    elif signoff.status.is_open:
        advice = "the review is under way: approve, reject or abandon it first"
        if act in (Act.REQUEST_FEEDBACK, Act.REQUEST_APPROVAL):
            advice = "a review is under way already"
        elif act is Act.BACK:
            advice = "only a review that waits for the final approval is sent back to feedback"
    elif act is Act.CANCEL:
        advice = f"{ended}, and only what was abandoned can be taken back: reset it to ask for a new review"
    else:
        advice = f"{ended}: reset it to ask for a new review"
    raise MoveRefused(f"the sign-off is {signoff.status.label.lower()}: {advice}")


def signoff_of(entries: Iterable[Entry], step: str) -> Signoff:
    """Compute the state of a step's sign-off from all entries of its item, in whatever order they were read.

    Entries that saw each other count in that order, others by their time. An approval that did not see a rejection or
    an abandonment does not stand against it, whichever was first; and one that did not see the request of the review
    under way is of an earlier review, as feedback and delegations are.

    Raises:
        InputError: two entries have the same id, or they see each other in a circle.
    """
    by_id: dict[str, Entry] = {}
    for entry in entries:
        if entry.id in by_id:
            raise InputError(f"the entry {entry.id} is there twice")
        by_id[entry.id] = entry
    state = Signoff()
    bits: dict[str, int] = {}
    seen: dict[str, int] = {}  # a bit for each entry: sets of ids would take gigabytes for some thousands
    for position, entry in enumerate(in_order(by_id)):
        bits[entry.id] = 1 << position
        mask = 0
        for parent in entry.parents:
            mask |= seen.get(parent, 0) | bits.get(parent, 0)
        seen[entry.id] = mask
        if isinstance(entry, SignoffEntry) and entry.step == step:
            state = _applied(state, entry, partial(_contains_all, mask, bits))
    parents = {parent for entry in by_id.values() for parent in entry.parents}
    return replace(state, heads=tuple(sorted(id_ for id_ in by_id if id_ not in parents)))


def _contains_all(mask: int, bits: Mapping[str, int], ids: Iterable[str]) -> bool:
    return all(mask & bits[id_] for id_ in ids)


def in_order(by_id: Mapping[str, AnyEntry]) -> list[AnyEntry]:
    """Return entries, each after those that it saw; else by time. A parent that is missing holds nobody back.

    Raises:
        InputError: they see each other in a circle.
    """
    waiting = {id_: {parent for parent in entry.parents if parent in by_id} for id_, entry in by_id.items()}
    children: dict[str, list[str]] = {}
    for id_, parents in waiting.items():
        for parent in parents:
            children.setdefault(parent, []).append(id_)
    ready = sorted((by_id[id_].at, id_) for id_, parents in waiting.items() if not parents)  # sorted is a heap
    ordered = []
    while ready:
        _, id_ = heapq.heappop(ready)
        ordered.append(by_id[id_])
        for child in children.get(id_, ()):
            waiting[child].discard(id_)
            if not waiting[child]:
                heapq.heappush(ready, (by_id[child].at, child))
    if len(ordered) < len(by_id):
        raise InputError("the entries see each other in a circle")
    return ordered


_OF_ONE_REVIEW = (Act.APPROVE, Act.FEEDBACK, Act.DELEGATE)
"""What counts only in the review that its author saw."""


def _applied(state: Signoff, entry: SignoffEntry, saw: Callable[[Iterable[str]], bool]) -> Signoff:
    origins, target = MOVES[entry.act]
    outweighs = (
        entry.act in (Act.REJECT, Act.ABANDON)
        and state.status is SignoffStatus.APPROVED
        and state.verdict is not None
        and not saw([state.verdict.id])
    )
    if state.status not in origins and not outweighs:
        asked_too = entry.act in (Act.REQUEST_FEEDBACK, Act.REQUEST_APPROVAL) and state.status.is_open
        # who asked at the same moment as somebody else is a requester all the same, and cannot approve
        requested = (*state.requested, entry) if asked_too else state.requested
        state = _without_choice_of(entry.by, state) if asked_too else state
        return replace(state, late=(*state.late, entry.id), requested=requested)
    if entry.act in _OF_ONE_REVIEW and not saw(request.id for request in state.requested[:1]):
        return replace(state, late=(*state.late, entry.id))
    fault = fault_of(state, entry)
    if fault and saw(state.effective):
        return replace(state, refused={**state.refused, entry.id: fault})
    if fault:  # not so when it was written: what it did not see came between
        return replace(state, late=(*state.late, entry.id))
    state = replace(state, effective=(*state.effective, entry.id))
    if entry.act in (Act.REQUEST_FEEDBACK, Act.REQUEST_APPROVAL):
        fresh = state.status is SignoffStatus.NOT_STARTED
        requested = (entry,) if fresh else (*state.requested, entry)
        state = _without_choice_of(entry.by, state)
        state = replace(state, digest=entry.digest, requested=requested, verdict=None)
        if fresh:
            state = replace(state, feedback={})
    elif entry.act is Act.FEEDBACK:
        feedback = {**state.feedback, (entry.role, entry.on_behalf_of or entry.by): entry}
        state = replace(state, feedback=feedback)
    elif entry.act is Act.DELEGATE and entry.delegation is not None:
        state = replace(state, delegations=(*state.delegations, replace(entry.delegation, by=entry.by)))
    elif entry.act is Act.CANCEL:
        return replace(state, status=state.before_abandon or SignoffStatus.WAITING_FOR_FEEDBACK, verdict=None)
    elif entry.act is Act.RESET:
        state = replace(state, verdict=None, requested=(), feedback={}, digest="", delegations=())
    if entry.act in (Act.APPROVE, Act.REJECT, Act.ABANDON):
        # what outweighs an approval goes back to where that was, and never to approved
        before = state.before_abandon if outweighs else state.status
        state = replace(state, verdict=entry, before_abandon=before)
    return replace(state, status=target or state.status)


def _without_choice_of(requester: str, state: Signoff) -> Signoff:
    """The state without the final approvers whom somebody chose who now asks for the review themselves."""
    kept = [d for d in state.delegations if d.role is not Role.FINAL_APPROVER or d.by != requester or d.of == requester]
    return replace(state, delegations=tuple(kept))


def fault_of(state: Signoff, entry: SignoffEntry) -> str | None:
    """Why an entry must not count in the state that it meets, though the ledger holds it; None when it may.

    The plugin's own code writes no such entry: this is a second look, at what somebody else may have put there.
    """
    if entry.act is Act.APPROVE:
        if entry.digest != state.digest:
            return "it approves another state of the item than the one whose review was asked for"
        if entry.role is not Role.FINAL_APPROVER:
            return "its author was no final approver"
        why = why_barred(entry.by, entry.on_behalf_of, {**entry.barred, **dict.fromkeys(state.requesters, REQUESTED)})
        if why:
            return f"its author could not approve: {why}"
    if entry.act is Act.FEEDBACK and entry.role not in FEEDBACK_GROUPS:
        return "its author was in no group that gives feedback"
    if entry.act is Act.DELEGATE:
        handed_over = entry.delegation
        if handed_over is None or not _was_asked(entry, handed_over.of, handed_over.role):
            return "it hands over a review that was not theirs whose it says it was"
        if entry.role is not Role.MANAGER and handed_over.of != entry.by:
            return "its author handed over somebody else's review, and was no governance manager"
        if entry.role is Role.MANAGER:
            return _self_dealing(state, entry, handed_over)
    if entry.act in (Act.APPROVE, Act.REJECT, Act.FEEDBACK) and not _was_entitled(state, entry):
        return f"its author was not among the reviewers ({entry.role.label})"
    return None


def _self_dealing(state: Signoff, entry: SignoffEntry, handed_over: Delegation) -> str | None:
    """Why a governance manager's delegation must not count: they choose no approver of what they made or asked for."""
    if handed_over.to == entry.by:
        return "its author handed somebody else's review over to themselves"
    barred_people = {**entry.barred, **dict.fromkeys(state.requesters, REQUESTED)}
    if handed_over.role is Role.FINAL_APPROVER and entry.by in barred_people:
        return f"its author chose who approves, and {barred_people[entry.by]}"
    return None


def _was_entitled(state: Signoff, entry: SignoffEntry) -> bool:
    """Whether the entry's own list of reviewers names its author, or whose review was handed over to them.

    Who is in a group today says nothing about then, so the entry keeps by which groups somebody was entitled.
    """
    if entry.on_behalf_of is None:
        return _was_asked(entry, entry.by, entry.role)
    if any(_serves(d, entry) for d in state.delegations):
        return True
    # a deputy, as the hub named them then
    deputy = entry.delegation
    return deputy is not None and _serves(deputy, entry) and _was_asked(entry, deputy.of, deputy.role)


def _was_asked(entry: SignoffEntry, login: str, role: Role) -> bool:
    return Person(login, frozenset(entry.groups)).is_among(entry.reviewers.get(role.value, ()))


def _serves(delegation: Delegation, entry: SignoffEntry) -> bool:
    """Whether an entry's author acts by a delegation."""
    parts = (delegation.role, delegation.of, delegation.to)
    return parts == (entry.role, entry.on_behalf_of, entry.by) and delegation.is_valid(entry.at)


REQUESTED = "asked for this review"
"""What bars a requester from approving."""


def why_barred(login: str, on_behalf_of: str | None, barred_people: Mapping[str, str]) -> str | None:
    """Why somebody cannot approve, for themselves or in somebody's place; None when they can."""
    if login in barred_people:
        return f"{login} {barred_people[login]}"
    if on_behalf_of is not None and on_behalf_of in barred_people:
        return f"{on_behalf_of}, for whom this is, {barred_people[on_behalf_of]}"
    return None
