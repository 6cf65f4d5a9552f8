"""Who must act in a sign-off now, and who takes part in it: the people that mails and reminders are for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from govern_mirror.model.reviewers import FEEDBACK_GROUPS, Delegation, Reviewers, Right, Role, in_force
from govern_mirror.model.signoff import Act, Signoff, SignoffEntry, SignoffStatus, why_barred

Groups = Mapping[str, Collection[str]]
"""The groups of each person who can log in, by login."""

ASKING = (Act.REQUEST_FEEDBACK, Act.REQUEST_APPROVAL, Act.BACK, Act.CANCEL)
"""What makes somebody wait for others."""


def logins_among(names: Iterable[str], groups: Groups | None) -> frozenset[str]:
    """The logins that names of people and groups mean.

    Args:
        names: each as `user:LOGIN` or `group:NAME`.
        groups: of all people; where nobody can say who is in a group, None: it means nobody then.
    """
    wanted = set(names)
    members = (login for login, held in (groups or {}).items() if any(f"group:{name}" in wanted for name in held))
    return frozenset(name.removeprefix("user:") for name in wanted if name.startswith("user:")) | frozenset(members)


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
    asked = logins_among(reviewers.get(role, ()), groups)
    handed_over = [d for d in in_force(signoff.delegations, now, groups) if d.role is role and d.of in asked]
    standing_in = [d for d in in_force(deputies, now, groups) if d.role is role and d.of in asked]
    own: list[tuple[str, str | None]] = [(login, None) for login in sorted(asked - {d.of for d in handed_over})]
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
