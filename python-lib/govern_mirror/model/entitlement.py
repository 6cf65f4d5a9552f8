"""What a person may do in a sign-off, by which right, and if not, why not; who must act, and who takes part."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from govern_mirror.errors import AccessDenied, InputError, MoveRefused
from govern_mirror.model.reviewers import (
    FEEDBACK_GROUPS,
    Delegation,
    Person,
    Reviewers,
    Right,
    Role,
    in_force,
    names_text,
)
from govern_mirror.model.signoff import (
    REQUESTED,
    Act,
    Signoff,
    SignoffEntry,
    SignoffStatus,
    require_possible,
    why_barred,
)

Groups = Mapping[str, Collection[str]]
"""The groups of each person who can log in, by login."""

ASKING = (Act.REQUEST_FEEDBACK, Act.REQUEST_APPROVAL, Act.BACK, Act.CANCEL)
"""What makes somebody wait for others."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person is to one item, as DSS and the hub tell it.

    Attributes:
        person: who.
        rights: their rights of review.
        is_editor: whether DSS lets them write the item's project.
        is_manager: whether the hub names them a governance manager.
        barred: who cannot approve this item, by login, and why.
        reviewers: who is asked, by role.
    """

    person: Person
    rights: tuple[Right, ...] = ()
    is_editor: bool = False
    is_manager: bool = False
    barred: Mapping[str, str] = field(default_factory=dict)
    reviewers: Reviewers = field(default_factory=dict)

    @property
    def whom_to_ask(self) -> str:
        """Which final approvers there are, for the end of a sentence."""
        names = self.reviewers.get(Role.FINAL_APPROVER)
        return f"ask one of them: {names_text(names)}" if names else "the hub names none: ask a governance manager"

    @property
    def who_else(self) -> str:
        """Which other final approvers there are, as a sentence."""
        others = [name for name in self.reviewers.get(Role.FINAL_APPROVER, ()) if name != f"user:{self.person.login}"]
        if not others:
            return "The hub names no other final approver: ask a governance manager"
        return f"Ask another final approver: {names_text(others)}"


def barred(
    signoff: Signoff,
    *,
    exported_by: str | None = None,
    trained_by: str | None = None,
    step_written_by: str | None = None,
) -> dict[str, str]:
    """Who cannot approve an item, by login, and why: the first reason is the one that is named.

    Args:
        signoff: its sign-off, which knows who asked for the review.
        exported_by: login of who exported the bundle.
        trained_by: login of who trained the version.
        step_written_by: login of who last wrote the governed step.
    """
    reasons = (
        (exported_by, "exported this bundle"),
        (trained_by, "trained this version"),
        *((login, REQUESTED) for login in signoff.requesters),
        (step_written_by, "last wrote this step"),
    )
    people: dict[str, str] = {}
    for login, why in reasons:
        if login:
            people.setdefault(login, why)
    return people


def acting_right(
    signoff: Signoff, act: Act, standing: Standing, group: Role | None = None, of: str | None = None
) -> Right:
    """Decide by which right a person does something in a sign-off.

    Args:
        signoff: where it stands.
        act: what they want to do.
        standing: what they are to the item.
        group: for feedback, in which group; where they are in one only, None serves.
        of: for a delegation, login of whose review is handed over; None for their own.

    Raises:
        MoveRefused: the act is not possible in this state.
        AccessDenied: they may not do it; the message says why, and who may.
    """
    if standing.person.is_key:
        raise AccessDenied("a key is no person, and only people take part in a review: use a key of your own")
    require_possible(signoff, act)
    if act is Act.FEEDBACK:
        return _feedback_right(standing, group)
    if act in (Act.APPROVE, Act.REJECT):
        return _approval_right(signoff, act, standing)
    if act is Act.DELEGATE:
        return _delegation_right(standing, group, of)
    if act in (Act.REQUEST_FEEDBACK, Act.REQUEST_APPROVAL):
        if not standing.is_editor:
            raise AccessDenied("only who may write the project asks for a review: ask its owner")
        return Right(Role.EDITOR)
    # back, abandon, cancel, reset: the final approvers, and who may write the project
    own = next((right for right in standing.rights if right.role is Role.FINAL_APPROVER), None)
    if own is None and not standing.is_editor:
        raise AccessDenied("only final approvers, and who may write the project, can do this: ask one of them")
    return own or Right(Role.EDITOR)


def _feedback_right(standing: Standing, group: Role | None) -> Right:
    rights = [right for right in standing.rights if right.role in FEEDBACK_GROUPS and group in (None, right.role)]
    if not rights:
        groups = group.label if group else "a group that gives feedback"
        raise AccessDenied(f"you are not in {groups} of this review: ask a governance manager who is")
    if len({right.role for right in rights}) > 1:
        names = " and ".join(dict.fromkeys(right.role.label for right in rights))
        raise InputError(f"you give feedback in {names}: say in which group")
    return rights[0]


def _approval_right(signoff: Signoff, act: Act, standing: Standing) -> Right:
    rights = [right for right in standing.rights if right.role is Role.FINAL_APPROVER]
    if not rights:
        raise AccessDenied(f"you are no final approver of this item; {standing.whom_to_ask}")
    if act is Act.REJECT:
        return rights[0]
    if not signoff.requesters:
        raise MoveRefused("nobody knows who asked for this review, so nobody can approve it: reset it and ask again")
    reasons: list[str] = []
    for right in rights:
        why = why_barred(standing.person.login, right.on_behalf_of, standing.barred)
        if why is None:
            return right
        own = standing.barred.get(standing.person.login)
        reasons.append(f"you {own}" if own else why)
    raise AccessDenied(f"you cannot approve this: {reasons[0]}. {standing.who_else}")


def _delegation_right(standing: Standing, group: Role | None, of: str | None) -> Right:
    if of is None or of == standing.person.login:
        own = [right for right in standing.rights if right.on_behalf_of is None and group in (None, right.role)]
        if not own:
            raise AccessDenied("you have no review of your own to hand over")
        if len(own) > 1:
            names = " and ".join(right.role.label for right in own)
            raise InputError(f"you review as {names}: say which of them to hand over")
        return own[0]
    if not standing.is_manager:
        raise AccessDenied("only a governance manager hands over somebody else's review: ask one")
    if group is None:
        raise InputError("say in which role the person who is absent reviews")
    why = standing.barred.get(standing.person.login) if group is Role.FINAL_APPROVER else None
    if why:
        raise AccessDenied(f"you cannot choose who approves this: {standing.person.login} {why}. Ask another manager")
    return Right(Role.MANAGER)


# whom mails and reminders are for ----------------------------------------------------------------------------------


def logins_among(names: Iterable[str], groups: Groups | None) -> frozenset[str]:
    """The logins that names of people and groups mean.

    Args:
        names: each as `user:LOGIN` or `group:NAME`.
        groups: of all people; where nobody can say who is in a group, None: it means nobody then.
    """
    keys = set(names)
    members = (login for login, held in (groups or {}).items() if any(f"group:{name}" in keys for name in held))
    return frozenset(name.removeprefix("user:") for name in keys if name.startswith("user:")) | frozenset(members)


def waiting_since(signoff: Signoff, entries: Iterable[SignoffEntry]) -> datetime | None:
    """Since when a sign-off waits for who must act now; None where nobody was asked."""
    by_id = {entry.id: entry for entry in entries}
    asking = (by_id[id_] for id_ in reversed(signoff.effective) if id_ in by_id and by_id[id_].act in ASKING)
    return next((entry.at for entry in asking), None)


def must_act(
    signoff: Signoff,
    entries: Iterable[SignoffEntry],
    reviewers: Reviewers,
    deputies: Sequence[Delegation],
    barred: Mapping[str, str],
    now: datetime,
    groups: Groups | None,
) -> dict[str, Right]:
    """Who must act now, by login, and by which right.

    While feedback is awaited, these are the people of each group that has not spoken since it was asked; once all
    have, those who asked for the review, who can ask for the final approval. Then it is the final approvers. Who
    handed their part over need not act any more, and a deputy acts beside whom they stand in for.

    Args:
        signoff: where it stands.
        entries: of the item.
        reviewers: who is asked, by role.
        deputies: who stands in for whom, as the hub says.
        barred: who cannot approve, by login, and why.
        now: an aware time.
        groups: as `logins_among` takes them.
    """
    roles = roles_that_must_act(signoff, entries, reviewers)
    if signoff.status is SignoffStatus.WAITING_FOR_FEEDBACK and not roles:
        return {login: Right(Role.EDITOR) for login in signoff.requesters}
    duties: dict[str, Right] = {}
    for role in roles:
        for login, of in _in_role(role, signoff, reviewers, deputies, now, groups):
            if role is not Role.FINAL_APPROVER or why_barred(login, of, barred) is None:
                duties.setdefault(login, Right(role, of))
    return duties


def roles_that_must_act(signoff: Signoff, entries: Iterable[SignoffEntry], reviewers: Reviewers) -> list[Role]:
    """The roles of reviewers in which somebody must act now; none while that is up to who asked for the review."""
    if signoff.status is SignoffStatus.WAITING_FOR_FEEDBACK:
        spoken = _roles_that_spoke(signoff, entries)
        return [role for role in FEEDBACK_GROUPS if reviewers.get(role) and role not in spoken]
    return [Role.FINAL_APPROVER] if signoff.status is SignoffStatus.WAITING_FOR_APPROVAL else []


def _in_role(
    role: Role,
    signoff: Signoff,
    reviewers: Reviewers,
    deputies: Sequence[Delegation],
    now: datetime,
    groups: Groups | None,
) -> list[tuple[str, str | None]]:
    """The people who act in a role, sorted, each with whom they stand in for."""
    logins = logins_among(reviewers.get(role, ()), groups)
    handed_over = [d for d in in_force(signoff.delegations, now, groups) if d.role is role and d.of in logins]
    standing_in = [d for d in in_force(deputies, now, groups) if d.role is role and d.of in logins]
    own: list[tuple[str, str | None]] = [(login, None) for login in sorted(logins - {d.of for d in handed_over})]
    return own + [(d.to, d.of) for d in (*handed_over, *standing_in)]


def _roles_that_spoke(signoff: Signoff, entries: Iterable[SignoffEntry]) -> set[Role]:
    """The groups that gave feedback since it was last asked for."""
    by_id = {entry.id: entry for entry in entries}
    roles: set[Role] = set()
    for id_ in reversed(signoff.effective):
        entry = by_id.get(id_)
        if entry is None:
            continue
        if entry.act in (Act.REQUEST_FEEDBACK, Act.BACK):
            break
        if entry.act is Act.FEEDBACK:
            roles.add(entry.role)
    return roles


def participants(signoff: Signoff) -> frozenset[str]:
    """Who takes part: who asked, gave feedback, decided, handed a review over, or was handed one."""
    entries = [*signoff.requested, *signoff.feedback.values(), *([signoff.verdict] if signoff.verdict else [])]
    logins = {entry.by for entry in entries} | {entry.on_behalf_of for entry in entries}
    logins |= {login for d in signoff.delegations for login in (d.of, d.to, d.by)}
    return frozenset(login for login in logins if login)
