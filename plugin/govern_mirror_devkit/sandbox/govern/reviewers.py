"""Who is asked to review: what a sign-off's users containers hold, who stands for them, and the mails to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..auth import Accounts, Caller
from .signoffs import Signoff, SignoffStatus


@dataclass(frozen=True)
class SignoffMail:
    """A mail that Govern sent: of which sign-off, in which status, to whom."""

    artifact_id: str
    step_id: str
    status: SignoffStatus
    login: str


class Reviewers:
    """The reviewers and approvers of sign-offs.

    Attributes:
        role_members: who has a role, by its id, as users containers. Govern computes that for each artifact from its
            role assignments, such as the reviewers on the parent project's Overview (docs).
        mails: what was sent.
    """

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self.role_members: dict[str, list[dict[str, Any]]] = {}
        self.mails: list[SignoffMail] = []

    def of_group(self, signoff: Signoff, group_id: str) -> set[str]:
        """Return who may give feedback for a group, delegates included; raises NotFound when there is no such group."""
        return self._members(signoff.group(group_id)["users"]) | {*signoff.delegates.get(group_id, ())}

    def approvers(self, signoff: Signoff) -> set[str]:
        """Return who may say the final word, delegates included."""
        return self._members(signoff.configuration.get("approvers") or []) | {*signoff.delegates.get("", ())}

    def approves(self, caller: Caller, signoff: Signoff) -> bool:
        """Return whether a caller may say the final word."""
        return is_one_of(caller, self.approvers(signoff))

    def mail(self, artifact_id: str, step_id: str, signoff: Signoff, recipients: object) -> None:
        """Mail those who are asked now: everybody when nobody is named, nobody when the list is empty (client).

        `recipients` are objects with `userLogin`, for feedback also `groupId`; who is not in the configuration is
        passed over (client).
        """
        asked: set[tuple[str, str | None]] = set()
        if signoff.status is SignoffStatus.WAITING_FOR_FEEDBACK:
            for group in signoff.configuration.get("feedbackUsersGroups") or []:
                asked |= {(login, group["id"]) for login in self.of_group(signoff, group["id"])}
        elif signoff.status is SignoffStatus.WAITING_FOR_APPROVAL:
            asked = {(login, None) for login in self.approvers(signoff)}
        if isinstance(recipients, list):
            asked &= {(each.get("userLogin"), each.get("groupId")) for each in recipients if isinstance(each, Mapping)}
        for login in sorted({login for login, _ in asked}):
            self.mails.append(SignoffMail(artifact_id, step_id, signoff.status, login))

    def _members(self, entries: Iterable[Mapping[str, Any]]) -> set[str]:
        """Return whom users containers hold: logins, and `api:<id>` of keys."""
        members: set[str] = set()
        for entry in entries:
            container = entry["usersContainer"]
            match container["type"]:
                case "user":
                    members.add(container["login"])
                case "global-api-key":
                    members.add(f"api:{container['keyId']}")
                case "group":
                    users = self._accounts.users()
                    members |= {user["login"] for user in users if container["groupName"] in user["groups"]}
                case "role":
                    roles = self.role_members.get(container["roleId"]) or []
                    members |= self._members({"usersContainer": member} for member in roles)
        return members


def is_one_of(caller: Caller, members: set[str]) -> bool:
    """Return whether a caller is among those who are asked; an administrator is not by being one (hl)."""
    return caller.login in members and caller.may_write
