"""Look at the hub as an administrator does: whether it works, who could write it, what the Deployer runs beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from govern_mirror.actions.deployments import NOTHING_SEEN, deployed_bundles
from govern_mirror.actions.doctor import CheckStatus, DoctorCheck
from govern_mirror.actions.hub import hub_of, require_known_steps
from govern_mirror.actions.inputs import refuses_wrong_types
from govern_mirror.actions.session import Session
from govern_mirror.bulk import for_each
from govern_mirror.dss import Members, members, users_of_connection, writers_of
from govern_mirror.dss.deployer import infrastructures
from govern_mirror.dss.hook_text import InstalledHook
from govern_mirror.dss.managed_folders import folder_connection
from govern_mirror.errors import GovernMirrorError, InputError
from govern_mirror.hub.configuration import Configuration
from govern_mirror.hub.store import Hub

MAX_SHOWN = 5
"""How many people or projects a check names; the rest is counted."""


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
        opened = hub.open()
        configuration = opened.configuration
    except GovernMirrorError as error:
        yield DoctorCheck("hub", CheckStatus.FAILED, str(error), error.hint)
        yield from check_hooks(session)
        return
    entries = len(opened.ledger_paths)
    counted = f"{entries:,} {'entry' if entries == 1 else 'entries'}"
    yield DoctorCheck("hub", CheckStatus.OK, f"{hub.project_key} can be read and holds {counted}")
    yield from check_hooks(session)
    yield from _deployed(session)
    people = members(session.store.client)
    yield _reviewers_check(session, configuration, people)
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
        infras = infrastructures(session.deployer_client)
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


def _deployed(session: Session) -> Iterator[DoctorCheck]:
    name = "deployed without approval"
    try:
        deployed = deployed_bundles(session)
    except GovernMirrorError as error:
        yield DoctorCheck(name, CheckStatus.UNKNOWN, str(error), error.hint)
        return
    remarkable = (*deployed.unapproved, *deployed.unsure)
    if remarkable:
        lines = [f"{item.deployment.bundle} on {item.deployment.infrastructure} {item.why}" for item in remarkable]
        more = f"; and {len(lines) - MAX_SHOWN} more" if len(lines) > MAX_SHOWN else ""
        yield DoctorCheck(name, CheckStatus.WARNING, f"{'; '.join(lines[:MAX_SHOWN])}{more}")
    elif deployed.looked_at:
        detail = f"all {deployed.looked_at} deployments that this key sees are of approved bundles"
        yield DoctorCheck(name, CheckStatus.OK, detail)
    else:
        detail = f"{NOTHING_SEEN}: name a Deployer on a node of its own in DKU_DEPLOYER_URL and DKU_DEPLOYER_API_KEY"
        yield DoctorCheck(name, CheckStatus.UNKNOWN, detail)


def _reviewers_check(session: Session, configuration: Configuration, people: Members | None) -> DoctorCheck:
    """Whether somebody can approve anything, and whether those who are named are there."""
    name = "reviewers"
    faults = [] if configuration.has_approvers() else ["there is no final approver, so that nothing can be approved"]
    try:
        require_known_steps(session, configuration)
    except InputError as error:
        faults.append(str(error))
    if people is not None:
        absent = [named for named in configuration.all_names() if not _people_named(named, people)]
        if absent:
            faults.append(f"these are no user who can log in, or a group without any: {_named(absent)}")
    if faults:
        return DoctorCheck(name, CheckStatus.WARNING, "; ".join(faults))
    if people is None:
        return DoctorCheck(name, CheckStatus.UNKNOWN, "this key may not list the users: use an administrator's")
    return DoctorCheck(name, CheckStatus.OK, "all who are named can log in")


def _people_named(named: str, people: Members) -> frozenset[str]:
    """The logins that `user:LOGIN` or `group:NAME` stands for."""
    kind, _, text = named.partition(":")
    return people.in_group(text) if kind == "group" else frozenset({text}) & people.groups.keys()


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
    who_can = _named(who) if who else "nobody but administrators"
    return DoctorCheck(name, CheckStatus.OK, f"{who_can} {able}; none of them may write a governed project")


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
