"""Whom Govern asks to review, set against whom the hub asks: a proposal, which nobody but people put into force."""

from __future__ import annotations

from govern_mirror.actions.session import Session
from govern_mirror.artifact import RemoteReviewers
from govern_mirror.dss import groups_of_people
from govern_mirror.hub.configuration import Configuration
from govern_mirror.model.reviewers import FEEDBACK_GROUPS, Role


def proposed_reviewers(
    session: Session, configuration: Configuration, project_key: str, asked: RemoteReviewers
) -> str | None:
    """Where Govern asks other people about a project than the hub, as a sentence; None where it does not.

    Args:
        session: tells who is in a group.
        configuration: of the hub.
        project_key: the project.
        asked: whom Govern asks. A group of a company's own, which the hub does not have, is passed over.
    """
    in_govern = {Role.FINAL_APPROVER: asked.approvers}
    in_govern |= {role: logins for title, logins in asked.groups.items() if (role := _role_of(title)) is not None}
    in_hub = _people(session, configuration, project_key)
    names = configuration.reviewers_of(project_key)
    parts = [
        f"{role.label}: {', '.join(logins) or 'nobody'} (the hub has {', '.join(names.get(role, ())) or 'nobody'})"
        for role, logins in in_govern.items()
        if in_hub is None or set(logins) != in_hub.get(role, set())
    ]
    if not parts:
        return None
    return f"Govern asks others to review. {'; '.join(parts)}. Nothing was changed: a manager decides it in the hub"


def entitled_people(session: Session, configuration: Configuration, project_key: str) -> frozenset[str]:
    """The logins of the hub's final approvers of a project, as far as DSS tells who is in a group."""
    names = configuration.reviewers_of(project_key).get(Role.FINAL_APPROVER, ())
    groups = groups_of_people(session.store.client) or {}
    named = {name.removeprefix("user:") for name in names if name.startswith("user:")}
    wanted = {name.removeprefix("group:") for name in names if name.startswith("group:")}
    return frozenset(named | {login for login, member_of in groups.items() if member_of & wanted})


def _people(session: Session, configuration: Configuration, project_key: str) -> dict[Role, set[str]] | None:
    """The logins of whom the hub asks, by role; None where DSS does not tell who is in a group."""
    groups = groups_of_people(session.store.client)
    people: dict[Role, set[str]] = {}
    for role, names in configuration.reviewers_of(project_key).items():
        wanted = {name.removeprefix("group:") for name in names if name.startswith("group:")}
        if wanted and groups is None:
            return None
        people[role] = {name.removeprefix("user:") for name in names if name.startswith("user:")}
        people[role] |= {login for login, member_of in (groups or {}).items() if member_of & wanted}
    return people


def _role_of(title: str) -> Role | None:
    """The role that a feedback group of Govern's stands for, by its title or id; None for one that the hub has not."""
    return next((role for role in FEEDBACK_GROUPS if _letters(title) in map(_letters, (role.value, role.label))), None)


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalpha())
