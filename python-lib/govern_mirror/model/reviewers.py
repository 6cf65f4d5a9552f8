"""Who takes part in a sign-off: roles, people, and what one person may do for another."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Role(str, Enum):
    """What somebody is in a sign-off. The first three give feedback; their values are Govern's groups."""

    IT_OPERATIONS = "it_operations"
    RISK_COMPLIANCE = "risk_compliance"
    BUSINESS = "business"
    FINAL_APPROVER = "final_approvers"
    MANAGER = "managers"
    EDITOR = "editor"
    GOVERN = "govern"

    @property
    def label(self) -> str:
        """The role for people."""
        return _LABELS[self]


_LABELS = {
    Role.IT_OPERATIONS: "IT & Operations",
    Role.RISK_COMPLIANCE: "Risk & Compliance",
    Role.BUSINESS: "Business",
    Role.FINAL_APPROVER: "final approver",
    Role.MANAGER: "governance manager",
    Role.EDITOR: "editor of the project",
    Role.GOVERN: "Govern",
}

FEEDBACK_GROUPS = (Role.IT_OPERATIONS, Role.RISK_COMPLIANCE, Role.BUSINESS)
REVIEWER_ROLES = (*FEEDBACK_GROUPS, Role.FINAL_APPROVER)

Reviewers = Mapping[Role, Collection[str]]
"""Who is asked, by role, each as `user:LOGIN` or `group:NAME`."""


def names_text(names: Collection[str]) -> str:
    """Names of a list of reviewers for people, such as `ana, group board`; empty for nobody."""
    return ", ".join(name.removeprefix("user:").replace("group:", "group ", 1) for name in names)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as DSS names them.

    Attributes:
        login: the login; `api:…` names a key, which is nobody.
        groups: the names of the groups.
    """

    login: str
    groups: frozenset[str] = frozenset()

    @property
    def is_key(self) -> bool:
        """Whether it is an API key and no person, so that it cannot answer for a review."""
        return not self.login or self.login.startswith("api:")

    def is_among(self, names: Collection[str]) -> bool:
        """Whether one of `user:LOGIN` and `group:NAME` means this person."""
        return f"user:{self.login}" in names or any(f"group:{group}" in names for group in self.groups)


@dataclass(frozen=True, slots=True)
class Delegation:
    """That one person acts for another in a role.

    Attributes:
        role: in which role.
        of: login of whose review it is.
        to: login of who does it in their place.
        until: when it ends; None when it does not.
        by: login of who said so in a sign-off; None for a deputy of the hub.
    """

    role: Role
    of: str
    to: str
    until: datetime | None = None
    by: str | None = None

    def is_valid(self, now: datetime) -> bool:
        """Whether it has not ended."""
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True)
class Right:
    """That a person may act in a role: for themselves, or for somebody who handed it over to them."""

    role: Role
    on_behalf_of: str | None = None

    @property
    def label(self) -> str:
        """The right for people, such as `final approver (for ana)`."""
        return f"{self.role.label} (for {self.on_behalf_of})" if self.on_behalf_of else self.role.label


def in_force(
    delegations: Iterable[Delegation], now: datetime, groups: Mapping[str, Collection[str]] | None
) -> list[Delegation]:
    """Return the delegations that count now: nobody stands in for somebody who has left, or whose login is disabled.

    Args:
        delegations: of a sign-off, or of the hub's deputies.
        now: an aware time.
        groups: the groups of each person who can log in, by login; None where nobody can say.
    """
    return [d for d in delegations if d.is_valid(now) and (groups is None or d.of in groups)]


def rights_of(
    person: Person,
    reviewers: Reviewers,
    delegations: Iterable[Delegation],
    now: datetime,
    groups: Mapping[str, Collection[str]] | None = None,
) -> tuple[Right, ...]:
    """The rights of review that a person has now, their own first.

    Args:
        person: who; an API key has none.
        reviewers: who is asked.
        delegations: of the sign-off, and the deputies that the hub names; of somebody who is not asked themselves,
            they give nothing.
        now: an aware time.
        groups: the groups of each person who can log in, by login; where nobody can say, only what names them counts.
    """
    if person.is_key:
        return ()
    own = [Right(role) for role in REVIEWER_ROLES if person.is_among(reviewers.get(role, ()))]
    handed_over = [
        Right(d.role, d.of)
        for d in in_force(delegations, now, groups)
        if d.to == person.login
        and Person(d.of, frozenset((groups or {}).get(d.of, ()))).is_among(reviewers.get(d.role, ()))
    ]
    return tuple(dict.fromkeys([*own, *handed_over]))
