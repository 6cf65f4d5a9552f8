"""Changing the hub's configuration as a governance manager, who need not be able to write the hub's project.

Two identities are at work, as in a review: the session is the person's, through which DSS says who they are; the hub
is reached with the key that only the plugin's code holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from govern_mirror import clock
from govern_mirror.actions.hub import differences, person_of, require_known_steps
from govern_mirror.actions.inputs import refuses_wrong_types
from govern_mirror.actions.session import Session
from govern_mirror.dss import members
from govern_mirror.errors import AccessDenied, ConflictError, InputError
from govern_mirror.hub.configuration import Configuration
from govern_mirror.hub.ledger import LedgerEntry
from govern_mirror.hub.opened import heads_of
from govern_mirror.hub.store import Hub
from govern_mirror.times import iso_time

NOT_THE_NODE = (
    "only an administrator says which Govern node is believed, since whoever chooses it could approve alone with one "
    "of their own: ask one, or leave `govern_node` as it is"
)


@dataclass(frozen=True)
class Reconfigured:
    """What became of a change to the hub's configuration.

    Attributes:
        entry: of the ledger; None in a dry run, and where nothing changes.
        changes: what changes, by its place: `{"from": …, "to": …}`.
    """

    entry: LedgerEntry | None
    changes: Mapping[str, Any]


@dataclass(frozen=True)
class HubView:
    """The hub's configuration as somebody sees it.

    Attributes:
        project_key: the hub's project.
        configuration: in force.
        entry: the entry of the ledger that it comes from.
        why_not: why they may not change it; None when they may.
        why_not_node: why they may not name the Govern node that is believed; None when they may.
    """

    project_key: str
    configuration: Configuration
    entry: LedgerEntry
    why_not: str | None
    why_not_node: str | None


@refuses_wrong_types
def view_hub(session: Session, hub: Hub) -> HubView:
    """Read the hub's configuration, and whether the session's person may change it.

    Raises:
        GovernMirrorError: the hub cannot be read, or is not as it was written.
    """
    opened = hub.open()
    configuration, origin = opened.configured
    why_not = why_not_configure(session, configuration)
    why_not_node = why_not or (None if _is_administrator(session) else NOT_THE_NODE)
    return HubView(hub.project_key, configuration, _entry_of(opened.entries(None), origin), why_not, why_not_node)


def _entry_of(entries: Iterable[LedgerEntry], origin: str) -> LedgerEntry:
    return next(entry for entry in entries if entry.id == origin)


def why_not_configure(session: Session, configuration: Configuration) -> str | None:
    """Why the session's person may not change the hub's configuration; None when they may.

    Args:
        session: the person's, through which DSS says who they are.
        configuration: in force: it names the governance managers.
    """
    person = person_of(session)
    if person.is_key:
        return "a key is no person, and only people change who reviews: use a key of your own, or `hub import FILE`"
    if person.is_among(configuration.managers) or _is_administrator(session):
        return None
    return "only governance managers and administrators change who reviews: ask one of them"


def _is_administrator(session: Session) -> bool:
    everybody = members(session.store.client)  # DSS lists users with their rights to administrators only
    return everybody is not None and session.store.identity()[0] in everybody.administrators


@refuses_wrong_types
def configure_hub(
    session: Session,
    hub: Hub,
    configuration: Configuration,
    seen: str,
    *,
    dry_run: bool = False,
    now: datetime | None = None,
) -> Reconfigured:
    """Change the hub's configuration, as an entry of its ledger under the person's name.

    Args:
        session: the person's, through which DSS says who they are.
        hub: with the rights to write it.
        configuration: what is to be in force.
        seen: id of the entry that the configuration came from which they changed.
        dry_run: only say what would change.
        now: an aware time; None for the present.

    Raises:
        AccessDenied: they are no governance manager and no administrator, or name another Govern node as a manager.
        ConflictError: the configuration was changed since they saw it.
        InputError: nobody said what they saw, or the template has not the steps that are to be signed off.
        GovernMirrorError: the hub cannot be read or written; the configuration before is in force then.
    """
    now = (now or clock.now()).replace(microsecond=0)
    require_known_steps(session, configuration)
    opened = hub.open()
    before, origin = opened.configured
    why_not = why_not_configure(session, before)
    if why_not:
        raise AccessDenied(why_not)
    if not seen:
        raise InputError("say which configuration you changed, by the entry that it comes from")
    if seen != origin:
        other = _entry_of(opened.entries(None), origin)
        raise ConflictError(
            f"{other.by} changed the hub's configuration at {iso_time(other.at)}, after you read it: read it again, "
            "and make your changes there"
        )
    # that none is believed any more needs no administrator
    is_new_node = configuration.govern_node not in (None, before.govern_node)
    if is_new_node and not _is_administrator(session):
        raise AccessDenied(NOT_THE_NODE)
    changes = differences(before.to_json(), configuration.to_json())
    if dry_run or not changes:
        return Reconfigured(None, changes)
    # nothing is written before what its author saw: clocks differ by some seconds
    entry = hub.configure(configuration, session.login, max(now, _entry_of(opened.entries(None), origin).at))
    if heads_of(hub.open().entries(None)) != (entry.id,):
        raise ConflictError(
            f"your change is recorded as entry {entry.id}, and somebody else changed the configuration at the same "
            "moment: look at what is in force now"
        )
    return Reconfigured(entry, changes)
