"""Whom Govern asks to review, set against whom the hub asks: a proposal, which nobody but people put into force."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property

from govern_mirror.actions.session import Session
from govern_mirror.artifact import RemoteReviewers
from govern_mirror.dss import groups_of_people
from govern_mirror.hub.configuration import Configuration
from govern_mirror.model.reviewers import FEEDBACK_GROUPS, Person, Role


class HubReviewers:
    """Whom the hub asks, as people.

    Args:
        session: tells who is in a group; it is asked once.
        configuration: of the hub.
    """

    def __init__(self, session: Session, configuration: Configuration) -> None:
        self._session = session
        self._configuration = configuration

    def entitled(self, project_key: str) -> frozenset[str]:
        """The logins of the final approvers of a project, as far as DSS tells who is in a group."""
        names = self._configuration.reviewers_of(project_key).get(Role.FINAL_APPROVER, ())
        return self._people(names, self._groups or {})

    def proposal(self, project_key: str, asked: RemoteReviewers) -> str | None:
        """Where Govern asks other people about a project than the hub, as a sentence; None where it does not.

        Args:
            project_key: the project.
            asked: whom Govern asks. A group of a company's own, which the hub does not have, is passed over.
        """
        in_govern = {Role.FINAL_APPROVER: asked.approvers}
        in_govern |= {role: logins for title, logins in asked.groups.items() if (role := _role_of(title)) is not None}
        in_hub = self._configuration.reviewers_of(project_key)
        parts = [
            f"{role.label}: {', '.join(logins) or 'nobody'} (the hub has {', '.join(in_hub.get(role, ())) or 'nobody'})"
            for role, logins in in_govern.items()
            if self._groups is None or set(logins) != self._people(in_hub.get(role, ()), self._groups)
        ]
        if not parts:
            return None
        return f"Govern asks others to review. {'; '.join(parts)}. Nothing was changed: a manager decides it in the hub"

    @cached_property
    def _groups(self) -> Mapping[str, Collection[str]] | None:
        """The groups of each person, by login; None where DSS does not tell them to this person."""
        return groups_of_people(self._session.store.client)

    @staticmethod
    def _people(names: Collection[str], groups: Mapping[str, Collection[str]]) -> frozenset[str]:
        logins = {name.removeprefix("user:") for name in names if name.startswith("user:")}
        return frozenset(
            logins | {login for login in groups if Person(login, frozenset(groups[login])).is_among(names)}
        )


def _role_of(title: str) -> Role | None:
    """The role that a feedback group of Govern's stands for, by its title or id; None for one that the hub has not."""
    return next((role for role in FEEDBACK_GROUPS if _letters(title) in map(_letters, (role.value, role.label))), None)


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalpha())
