"""Attesting a decision: a person whom the hub names vouches for it, as an entry of the ledger that is no sign-off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from govern_mirror import clock
from govern_mirror.actions.hub import person_of
from govern_mirror.actions.hub_reading import HubReading
from govern_mirror.actions.inputs import refuses_wrong_types
from govern_mirror.actions.session import Session
from govern_mirror.actions.signoff import MAX_COMMENT, values_shown
from govern_mirror.errors import AccessDenied, Action, Hint, InputError, MoveRefused
from govern_mirror.hub.ledger import ATTESTING, EntryKind, LedgerEntry
from govern_mirror.hub.opened import OpenedHub, heads_of
from govern_mirror.hub.store import Hub
from govern_mirror.labels import field_label
from govern_mirror.model.address import Address
from govern_mirror.model.blueprint import Blueprint
from govern_mirror.model.blueprint import Role as FieldRole
from govern_mirror.model.item import Item
from govern_mirror.model.reviewers import Person, Role
from govern_mirror.model.subject import subject_digest, value_digest
from govern_mirror.model.trust import Trust, trust_by_path
from govern_mirror.model.values import is_blank
from govern_mirror.text import clean


@dataclass(frozen=True)
class Attested:
    """What was attested, or in a dry run would be.

    Attributes:
        entry: in the ledger; in a dry run, as it would be.
        role: in which role.
        labels: of the values, for people.
        is_written: whether it stands in the ledger.
    """

    entry: LedgerEntry
    role: Role
    labels: tuple[str, ...]
    is_written: bool


@refuses_wrong_types
def attest(
    session: Session,
    hub: Hub,
    project_key: str,
    comment: str | None = None,
    *,
    dry_run: bool = False,
    now: datetime | None = None,
) -> Attested:
    """Vouch for a project's decision, and for the comment on it, as they are recorded now.

    Args:
        session: the person's, through which DSS says who they are.
        hub: with the rights to write it.
        project_key: the project.
        comment: in their words.
        dry_run: only return the entry that would be written.
        now: an aware time; None for the present.

    Raises:
        AccessDenied: they are neither a final approver of the project nor a governance manager, or no person.
        MoveRefused: the project has no decision that is recorded.
        GovernMirrorError: the ledger could not be written, or something cannot be read; nothing was recorded.
    """
    now = (now or clock.now()).replace(microsecond=0)
    words = clean(comment).strip() if comment else ""
    if len(words) > MAX_COMMENT:
        raise InputError(f"a comment has at most {MAX_COMMENT:,} characters: shorten it, and link to the rest")
    opened = hub.open()
    person, address = person_of(session), Address(project_key)
    names = attesting_names(opened, project_key)
    role = attesting_role(person, names)
    project = session.store.read(project_key)
    paths = _attested_paths(project)
    entries = opened.entries(address)
    digests = {path: value_digest(project, path) for path in paths}
    body = {
        "role": role.value,
        "comment": words,
        "attested": digests,
        "digest": subject_digest(digests),
        "last_event": project.last_event,
        "last_hash": project.last_hash,
        "values": values_shown(project),
        "reviewers": {role.value: list(names[role])},
        "groups": sorted(group for group in person.groups if f"group:{group}" in names[role]),
    }
    step = next((home for path in paths[:1] if (home := project.blueprint.home[path])), None)
    # clocks differ by some seconds, and nothing was written before what its author saw
    at = max([now, *(entry.at for entry in entries)])
    body = {name: value for name, value in body.items() if value not in ("", [])}
    entry = LedgerEntry(EntryKind.ATTESTATION, address, step, at, person.login, heads_of(entries), body)
    labels = tuple(field_label(project.blueprint, path) for path in paths)
    return Attested(entry if dry_run else hub.append(entry), role, labels, not dry_run)


def attesting_names(opened: OpenedHub, project_key: str) -> dict[Role, tuple[str, ...]]:
    """Who may attest the decision of a project, by role."""
    configuration = opened.configuration
    names = {
        Role.FINAL_APPROVER: configuration.reviewers_of(project_key).get(Role.FINAL_APPROVER, ()),
        Role.MANAGER: configuration.managers,
    }
    return {role: names[role] for role in ATTESTING}


def attesting_role(person: Person, names: dict[Role, tuple[str, ...]]) -> Role:
    """In which role a person attests.

    Raises:
        AccessDenied: in none.
    """
    if person.is_key:
        raise AccessDenied("a key is no person, and only people attest a decision: use a key of your own")
    role = next((role for role in ATTESTING if person.is_among(names[role])), None)
    if role is None:
        raise AccessDenied(
            "only final approvers of the project and governance managers attest its decision: ask one of them"
        )
    return role


def why_not_attest(session: Session, reading: HubReading, project: Item) -> str | None:
    """Why the session's person may not attest the decision of a project now; None when they may.

    Raises:
        GovernMirrorError: the hub cannot be read.
    """
    try:
        attesting_role(person_of(session), attesting_names(reading.opened(), project.facts.project_key))
    except AccessDenied as error:
        return str(error)
    return None


def decision_paths(blueprint: Blueprint) -> tuple[str, ...]:
    """The paths of the decision and of the comment on it; none where the template has no decision."""
    decided = blueprint.roles.get(FieldRole.DECISION)
    if decided is None:
        return ()
    return (decided.path, *([decided.comment_path] if decided.comment_path in blueprint.by_path else []))


def _attested_paths(project: Item) -> tuple[str, ...]:
    """The paths of what is attested: the decision, and the comment where there is one."""
    key = project.facts.project_key
    if not project.is_governed:
        raise MoveRefused(f"{key} is not governed, so nothing of it is attested", hint=Hint(Action.GOVERN, key))
    if project.closed:
        raise MoveRefused(f"{key} is closed, so nothing of it is attested", hint=Hint(Action.UNDO_CLOSE, key))
    paths = tuple(path for path in decision_paths(project.blueprint) if not is_blank(project.values[path]))
    decided = project.blueprint.roles.get(FieldRole.DECISION)
    if decided is None or decided.path not in paths:
        raise MoveRefused(f"{key} has no decision yet: record it first", hint=Hint(Action.SET, key))
    levels = trust_by_path(project, paths)
    if any(level is Trust.TYPED for level in levels.values()):
        raise MoveRefused(
            f"the decision of {key} was typed into its fields and recorded by nobody: record it first",
            hint=Hint(Action.CONFIRM, key),
        )
    if not project.last_hash:
        # what is attested is bound to the history that led to it
        raise MoveRefused(
            f"{key} was last written by version 0.1.0: record something first", hint=Hint(Action.SET, key)
        )
    return paths
