"""The hub: set up, configured, and its ledger verified."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from govern_mirror import clock
from govern_mirror.actions.inputs import refuses_wrong_types
from govern_mirror.actions.session import Session
from govern_mirror.dss import members
from govern_mirror.dss.managed_folders import DEFAULT_CONNECTION, folder_connection
from govern_mirror.errors import InputError
from govern_mirror.files import read_bounded_json
from govern_mirror.hub.configuration import Configuration
from govern_mirror.hub.ledger import Break, LedgerEntry, audit, folder_prefix, item_name, read_entries
from govern_mirror.hub.opened import CONFIGURATION, HubError, OpenedHub, heads_of
from govern_mirror.hub.store import Hub
from govern_mirror.model.address import Address
from govern_mirror.model.reviewers import Person
from govern_mirror.text import clipped
from govern_mirror.times import iso_time

MAX_HEADS = 1 << 26
"""Bytes of a file of heads: some millions of items."""


class HubOff(HubError):  # noqa: N818 - reads as what is so
    """Approvals are off: the settings name no hub."""


@refuses_wrong_types
def hub_of(session: Session, project_key: str | None = None) -> Hub:
    """Return the hub that the plugin's settings name, with the rights of the session's key.

    Args:
        session: the instance.
        project_key: the hub's project, where the settings do not name it yet.

    Raises:
        HubOff: no hub is named.
    """
    key = project_key or session.settings.hub_project
    if key is None:
        if session.rules_unreadable:
            raise HubError(
                "nobody can say whether there is a hub, since the plugin's settings cannot be read: give them with "
                '--settings FILE, which holds {"hub_project": "KEY"}, or use a key that may read them '
                f"({session.rules_unreadable})"
            )
        raise HubOff(
            "approvals are off, since the plugin's settings name no hub: an administrator sets one up with the macro "
            "Set up the governance hub, or `govern-mirror hub init`, and names it in the setting Hub project"
        )
    return Hub(session.store, key)


def person_of(session: Session) -> Person:
    """Return who acts, with their groups, as DSS names them."""
    login, groups = session.store.identity()
    return Person(login, frozenset(groups))


@refuses_wrong_types
def set_up_hub(
    session: Session, project_key: str, connection: str = DEFAULT_CONNECTION, *, dry_run: bool = False
) -> list[str]:
    """Make a project the hub: its folder, and a configuration that asks nobody yet.

    Args:
        session: the instance; its key must be able to write the project.
        project_key: the project; it should hold nothing else.
        connection: the connection on which a new folder is kept.
        dry_run: only say what would be done.

    Returns:
        What was done, or would be, and what to do next, as sentences.

    Raises:
        HubError: the project holds several folders that could be the hub's, or the one that it had is gone.
        GovernMirrorError: DSS does not let this key.
    """
    hub = Hub(session.store, project_key)
    created = hub.set_up(connection, dry_run=dry_run)
    done = "would be" if dry_run else "is"
    messages = [f"{project_key} {done} the hub" if created else f"{project_key} was the hub already"]
    if not created and connection != DEFAULT_CONNECTION:
        kept_on = folder_connection(session.store.client, project_key, hub.folder)
        if kept_on != connection:
            messages[0] += (
                f", and its folder stays on the connection {kept_on}: to keep it on {connection}, make another project "
                "the hub while nothing is signed off"
            )
    opened = OpenedHub(project_key, hub.read, frozenset() if created and dry_run else hub.paths())
    if CONFIGURATION not in opened.paths and opened.paths_of(None):
        # one that asks nobody would take the place of what the ledger still tells of
        messages.append(
            f"its {CONFIGURATION} is gone: give it anew with `hub import FILE`, or restore it from a backup"
        )
    elif CONFIGURATION not in opened.paths:
        if not dry_run:
            hub.configure(Configuration(), session.login, clock.now())
        messages.append("it asks nobody yet: name reviewers in a file, and give it with `hub import FILE`")
    if session.settings.hub_project != project_key:
        planted = [path for path in opened.ledger_paths if not path.startswith(folder_prefix(None))]
        if planted:
            messages.append(
                f"it holds reviews already ({len(planted):,}), from before it is named as the hub: where nobody "
                "restored them from a backup, somebody put them there, and you take another project"
            )
        messages.append(
            f"set `hub_project` to {project_key} in the plugin's settings, so that everybody uses it, and restart the "
            "live page's backend"
        )
    messages.append("look who could write it with `hub check`")
    return messages


def require_known_steps(session: Session, configuration: Configuration) -> None:
    """Require that the template has the steps of projects that are to be signed off: another name would hold nothing.

    Raises:
        InputError: it has not; the message names its steps.
    """
    blueprint = session.blueprint
    unknown = [step for step in configuration.switches.project_steps if step not in blueprint.step_ids]
    if unknown and session.rules_unreadable is None:  # else nobody can say which template it is
        raise InputError(
            f"switches.project_steps: the template {blueprint.name} has no step {clipped(unknown[0])!r}: use one of "
            f"{', '.join(blueprint.step_ids)}"
        )


@refuses_wrong_types
def import_configuration(session: Session, configuration: Configuration, *, dry_run: bool = False) -> dict[str, Any]:
    """Bring a configuration into force.

    Returns:
        What changes, by its place: `{"reviewers.business": {"from": …, "to": …}}`; empty when nothing does.

    Raises:
        InputError: it names steps that the template has not.
        GovernMirrorError: the hub cannot be written; the configuration before is in force then.
    """
    require_known_steps(session, configuration)
    hub = hub_of(session)
    opened = hub.open()
    before: Mapping[str, Any] = {}
    if CONFIGURATION in opened.paths:
        try:
            before = opened.configuration.to_json()
        except HubError:
            before = {}  # it cannot be trusted, which is one reason to give it anew
    changes = differences(before, configuration.to_json())
    if (changes or not before) and not dry_run:
        hub.configure(configuration, session.login, clock.now())
    return changes


def differences(before: Any, after: Any, at: str = "") -> dict[str, Any]:
    """What differs between two documents, by its place: `{"reviewers.business": {"from": …, "to": …}}`."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        places: dict[str, Any] = {}
        for name in sorted({*before, *after}):
            places |= differences(before.get(name), after.get(name), f"{at}.{name}" if at else name)
        return places
    if isinstance(after, Mapping) and before is None:
        return differences({}, after, at)
    if isinstance(before, Mapping) and after is None:
        return differences(before, {}, at)
    return {} if before == after else {at: {"from": before, "to": after}}


# audit -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Audited:
    """What an audit looked at and found.

    Attributes:
        entries: how many entries.
        breaks: what is not as it was written; none when the ledger is whole.
        left: logins that wrote approvals or feedback and are no users any more, or are disabled; None where the key
            may not list the users.
        heads: the last entries of each item, by address: kept elsewhere, they show when entries are cut off.
    """

    entries: int
    breaks: tuple[Break, ...]
    left: tuple[str, ...] | None
    heads: Mapping[str, tuple[str, ...]]


@refuses_wrong_types
def audit_hub(
    session: Session,
    address: Address | None = None,
    *,
    known_heads: Mapping[str, Iterable[str]] | None = None,
    now: datetime | None = None,
) -> Audited:
    """Verify the ledger of the hub.

    Args:
        session: the instance; reading rights on the hub suffice.
        address: only the entries of this item; None for all, the hub's own among them.
        known_heads: ids of entries by address that were seen elsewhere.
        now: an aware time; None for the present.

    Raises:
        GovernMirrorError: the hub cannot be read.
    """
    opened = hub_of(session).open()
    paths = opened.ledger_paths
    if address is not None:
        known_heads = {name: ids for name, ids in (known_heads or {}).items() if name == item_name(address)}
        paths = [path for path in paths if path.startswith(folder_prefix(address))]
    read, faults = read_entries(opened.files(paths))
    breaks = list(audit(read, now or clock.now(), known_heads, faults))
    by_item: dict[str, list[LedgerEntry]] = {}
    for entry in read:
        by_item.setdefault(item_name(entry.item), []).append(entry)
    if address is None:
        breaks += configuration_breaks(opened, by_item.get(item_name(None), []))
    authors = {entry.by for entries in by_item.values() for entry in entries if entry.body.get("act")}
    people = members(session.store.client)
    left = None if people is None else tuple(sorted(authors - people.groups.keys()))
    heads = {name: heads_of(entries) for name, entries in sorted(by_item.items())}
    return Audited(len(paths), tuple(breaks), left, heads)


def configuration_breaks(opened: OpenedHub, entries: list[LedgerEntry]) -> list[Break]:
    """Return what is wrong with the configuration in force; `entries` are the hub's own."""
    try:
        _, origin = opened.configured
    except HubError as error:
        return [Break(CONFIGURATION, str(error))]
    if origin not in heads_of(entries):
        return [Break(CONFIGURATION, "an older configuration than the last one is in force: give it anew")]
    return []


@refuses_wrong_types
def read_heads(path: Path) -> dict[str, list[str]]:
    """Read the heads that an earlier `audit --format json` printed, or `gate --format json` of one item.

    Raises:
        InputError: the file holds none.
    """
    document = read_bounded_json(path, MAX_HEADS, "the file of heads")
    heads = document.get("heads") if isinstance(document, dict) else None
    if not isinstance(heads, dict) or not all(isinstance(ids, list) for ids in heads.values()):
        raise InputError(f"{path} holds no heads: give what `audit --all --format json` printed earlier")
    return {str(name): [str(id_) for id_ in ids] for name, ids in heads.items()}


def audited_json(audited: Audited) -> dict[str, Any]:
    """What `audit --format json` prints."""
    return {
        "format_version": 1,
        "whole": not audited.breaks,
        "entries": audited.entries,
        "breaks": [{"path": b.path, "message": b.message, "at": iso_time(b.at)} for b in audited.breaks],
        "left": None if audited.left is None else list(audited.left),
        "heads": {name: list(heads) for name, heads in audited.heads.items()},
    }
