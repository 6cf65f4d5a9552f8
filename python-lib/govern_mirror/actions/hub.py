"""The hub: set up, configured, looked at, and its ledger verified."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from govern_mirror import clock
from govern_mirror.actions.doctor import CheckStatus, DoctorCheck
from govern_mirror.actions.inputs import refuses_wrong_types
from govern_mirror.actions.session import Session
from govern_mirror.bulk import for_each
from govern_mirror.dss import Members, members, users_of_connection, writers_of
from govern_mirror.dss.deployer import infrastructures
from govern_mirror.dss.hook_text import InstalledHook
from govern_mirror.dss.managed_folders import DEFAULT_CONNECTION, folder_connection
from govern_mirror.errors import GovernMirrorError, InputError
from govern_mirror.files import read_bounded_json
from govern_mirror.hub.configuration import Configuration
from govern_mirror.hub.ledger import Break, LedgerEntry, audit, folder_prefix, item_name, read_entry
from govern_mirror.hub.store import CONFIGURATION, Hub, HubError, heads_of
from govern_mirror.model.address import Address
from govern_mirror.times import iso_time

MAX_HEADS = 1 << 26
"""Bytes of a file of heads: some millions of items."""

MAX_SHOWN = 5
"""How many people or projects a check names; the rest is counted."""


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
                "nobody can say whether there is a hub, since the plugin's settings cannot be read "
                f"({session.rules_unreadable}): use a key that may read them, or give them with --settings FILE"
            )
        raise HubOff(
            "approvals are off, since the plugin's settings name no hub: set one up with `hub init PROJECT`, and "
            "name it in the setting `hub_project`"
        )
    return Hub(session.store, key)


@refuses_wrong_types
def set_up_hub(session: Session, project_key: str, connection: str = DEFAULT_CONNECTION) -> list[str]:
    """Make a project the hub: its folder, and a configuration that asks nobody yet.

    Args:
        session: the instance; its key must be able to write the project.
        project_key: the project; it should hold nothing else.
        connection: the connection on which a new folder is kept.

    Returns:
        What was done, and what to do next, as sentences.

    Raises:
        HubError: the project holds several folders that could be the hub's, or the one that it had is gone.
        GovernMirrorError: DSS does not let this key.
    """
    hub = Hub(session.store, project_key)
    created = hub.set_up(connection)
    said = [f"{project_key} is the hub" if created else f"{project_key} was the hub already"]
    if CONFIGURATION not in hub.paths():
        hub.configure(Configuration(), session.login, clock.now())
        said.append("it asks nobody yet: name reviewers in a file, and give it with `hub import FILE`")
    if session.settings.hub_project != project_key:
        said.append(f"set `hub_project` to {project_key} in the plugin's settings, so that everybody uses it")
    said.append("look who could write it with `hub check`")
    return said


@refuses_wrong_types
def import_configuration(session: Session, configuration: Configuration, *, dry_run: bool = False) -> dict[str, Any]:
    """Bring a configuration into force.

    Returns:
        What changes, by its place: `{"reviewers.business": {"from": …, "to": …}}`; empty when nothing does.

    Raises:
        GovernMirrorError: the hub cannot be written; the configuration before is in force then.
    """
    hub = hub_of(session)
    paths = hub.paths()
    before: Mapping[str, Any] = {}
    if CONFIGURATION in paths:
        try:
            before = hub.configuration(paths).to_json()
        except HubError:
            before = {}  # it cannot be trusted, which is one reason to give it anew
    changes = _differences(before, configuration.to_json())
    if (changes or not before) and not dry_run:
        hub.configure(configuration, session.login, clock.now())
    return changes


def _differences(before: Any, after: Any, at: str = "") -> dict[str, Any]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        found: dict[str, Any] = {}
        for name in sorted({*before, *after}):
            found |= _differences(before.get(name), after.get(name), f"{at}.{name}" if at else name)
        return found
    if isinstance(after, Mapping) and before is None:
        return _differences({}, after, at)
    if isinstance(before, Mapping) and after is None:
        return _differences(before, {}, at)
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
    hub = hub_of(session)
    paths = hub.paths()
    wanted = hub.ledger_paths(paths)
    if address is not None:
        wanted = [path for path in wanted if path.startswith(folder_prefix(address))]
    files = hub.files(wanted)
    breaks = list(audit(files, now or clock.now(), known_heads))
    by_item: dict[str, list[LedgerEntry]] = {}
    for path, content in files.items():
        try:
            entry = read_entry(path, content)
        except (ValueError, RecursionError):
            continue  # a break already
        by_item.setdefault(item_name(entry.item), []).append(entry)
    if address is None:
        breaks += _configuration_breaks(hub, paths, by_item.get(item_name(None), []))
    authors = {entry.by for entries in by_item.values() for entry in entries if entry.body.get("act")}
    people = members(session.store.client)
    left = None if people is None else tuple(sorted(authors - people.groups.keys()))
    heads = {name: heads_of(entries) for name, entries in sorted(by_item.items())}
    return Audited(len(wanted), tuple(breaks), left, heads)


def _configuration_breaks(hub: Hub, paths: frozenset[str], entries: list[LedgerEntry]) -> list[Break]:
    if CONFIGURATION not in paths and not entries:
        return []
    try:
        _, origin = hub.configured(paths)
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


# who could write the hub ---------------------------------------------------------------------------------------------


@refuses_wrong_types
def check_hub(session: Session) -> Iterator[DoctorCheck]:
    """Look at the hub: whether it works, and who could write there what the plugin's own code should write.

    Args:
        session: the instance; an administrator's key sees most.

    Yields:
        One check after the other. One fails where somebody who may write a governed project could write the hub.
    """
    hub = hub_of(session)
    try:
        paths = hub.paths()
        hub.configuration(paths)
    except GovernMirrorError as error:
        yield DoctorCheck("hub", CheckStatus.FAILED, str(error), error.hint)
        yield from check_hooks(session)
        return
    entries = len(hub.ledger_paths(paths))
    yield DoctorCheck("hub", CheckStatus.OK, f"{hub.project_key} can be read and holds {entries} entries")
    yield from check_hooks(session)
    people = members(session.store.client)
    try:
        writers = writers_of(session.store.client, hub.project_key)
    except GovernMirrorError as error:
        detail = f"nobody can say who may write {hub.project_key} ({error}): use the key of an administrator"
        yield DoctorCheck("writers of the hub", CheckStatus.UNKNOWN, detail)
        return
    if people is None:
        detail = "this key may not list the users, so that nobody can say who is in a group: use an administrator's"
        yield DoctorCheck("writers of the hub", CheckStatus.UNKNOWN, detail)
    else:
        editors = _editors(session, people)
        key = hub.project_key
        yield _set_against("writers of the hub", f"may write {key}", people.of(writers), people, editors)
        yield _connection_check(session, hub, people, editors)
        yield _set_against("plugin developers", "may change this plugin", people.developers, people, editors)
    yield DoctorCheck(
        "administrators",
        CheckStatus.UNKNOWN if people is None else CheckStatus.WARNING,
        "administrators can write the hub, change the plugin, read its secrets and act as anyone: "
        + ("use the key of one to see who they are" if people is None else _named(people.administrators)),
    )


def check_hooks(session: Session) -> Iterator[DoctorCheck]:
    """Look whether each infrastructure of the Deployer has the hook that asks the hub.

    Yields:
        One check; none where the node has no Deployer with infrastructures that this key sees.
    """
    name = "hooks of the Deployer"
    try:
        infras = infrastructures(session.store.client)
    except GovernMirrorError as error:
        yield DoctorCheck(name, CheckStatus.UNKNOWN, str(error), error.hint)
        return
    without = [
        f"{infra.id} ({infra.hook.value})" for infra in infras if infra.hook not in (None, InstalledHook.CURRENT)
    ]
    hidden = [infra.id for infra in infras if infra.hook is None]
    if without:
        detail = f"the hook of these infrastructures: {_named(without)}. Print it with `gate hook`, and put it there"
        yield DoctorCheck(name, CheckStatus.WARNING, detail)
    elif hidden:
        detail = f"only administrators of these infrastructures see their hooks: {_named(hidden)}"
        yield DoctorCheck(name, CheckStatus.UNKNOWN, detail)
    elif infras:
        yield DoctorCheck(name, CheckStatus.OK, f"all {len(infras)} infrastructures have it")


@dataclass(frozen=True)
class _Editors:
    """Who may write the governed projects, by project, and the projects of which this key cannot say it."""

    by_project: Mapping[str, frozenset[str]]
    closed: tuple[str, ...]


def _editors(session: Session, people: Members) -> _Editors:
    governed = [item.facts.project_key for item in session.store.read_all(history=False)[0] if item.is_governed]
    closed, by_project = [], {}
    for ending in for_each(governed, lambda key: writers_of(session.store.client, key)):
        if ending.result is None:
            closed.append(ending.item)
        else:
            by_project[ending.item] = people.of(ending.result) - people.administrators
    return _Editors(by_project, tuple(closed))


def _set_against(
    name: str, able: str, who: frozenset[str], people: Members, editors: _Editors, advice: str = "take that from them"
) -> DoctorCheck:
    """Who is able to forge approvals, set against who may write the governed projects."""
    who = who - people.administrators
    both = {key: logins & who for key, logins in editors.by_project.items() if logins & who}
    if both:
        key, logins = next(iter(both.items()))
        more = f" (and {len(both) - 1} more projects)" if len(both) > 1 else ""
        detail = (
            f"{_named(logins)} {able} and may write the governed project {key}{more}, and so could approve their own "
            f"work: {advice}"
        )
        return DoctorCheck(name, CheckStatus.FAILED, detail)
    if editors.closed:
        detail = f"nobody can say who may write {_named(editors.closed)}: use the key of an administrator"
        return DoctorCheck(name, CheckStatus.UNKNOWN, detail)
    named = _named(who) if who else "nobody but administrators"
    return DoctorCheck(name, CheckStatus.OK, f"{named} {able}; none of them may write a governed project")


def _connection_check(session: Session, hub: Hub, people: Members, editors: _Editors) -> DoctorCheck:
    """Who may use the connection of the hub's folder: in a project of their own they reach all that is kept there."""
    name, client = "connection of the hub", session.store.client
    try:
        connection = folder_connection(client, hub.project_key, hub.folder)
        users = users_of_connection(client, connection or "")
    except GovernMirrorError as error:
        return DoctorCheck(name, CheckStatus.UNKNOWN, f"nobody can say who may use it ({error})", error.hint)
    who = frozenset(people.groups) if users is None else people.of(users)
    advice = "keep the hub on a connection that nobody but its key may use"
    return _set_against(name, f"may use the connection {connection}", who, people, editors, advice)


def _named(names: Iterable[str]) -> str:
    listed = sorted(names)
    more = f" and {len(listed) - MAX_SHOWN} more" if len(listed) > MAX_SHOWN else ""
    return f"{', '.join(listed[:MAX_SHOWN])}{more}" if listed else "nobody"
