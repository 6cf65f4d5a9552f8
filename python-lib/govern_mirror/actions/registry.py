"""The registry of bundles, or of model versions, over all governed projects that a person sees."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any

from govern_mirror import clock
from govern_mirror.actions.deployments import NOTHING_SEEN, address_of, own_deployments
from govern_mirror.actions.hub import HubOff, hub_of
from govern_mirror.actions.inputs import refuses_wrong_types
from govern_mirror.actions.items import (
    GovernedItem,
    ItemStanding,
    LedgerPaths,
    item_with_subject,
    latest_first,
    order_of_version,
    signed_off,
    signoff_in,
    time_of,
)
from govern_mirror.actions.report import build_report
from govern_mirror.actions.session import Session
from govern_mirror.bulk import Progress, at_once, for_each
from govern_mirror.dss.deployer import Deployment
from govern_mirror.dss.governable_items import exported_bundles, model_versions, saved_model_ids
from govern_mirror.dss.standards import last_standards_report
from govern_mirror.errors import GovernMirrorError
from govern_mirror.model.address import Address, ItemKind
from govern_mirror.model.item import ProjectFacts, UnreadableProject
from govern_mirror.page_links import review_link
from govern_mirror.report.portfolio import Filters, name_order
from govern_mirror.report.registry import (
    DeployedOn,
    Registry,
    RegistryKind,
    RegistryRow,
    StandardsResult,
    approval_state,
)
from govern_mirror.text import checked_member

Subject = Mapping[str, Any] | None
"""What an approval of an item would be bound to, as it is now; None where DSS does not tell."""


@dataclass(frozen=True)
class ReleaseState:
    """What hub and Deployer hold of all projects: read once, whatever the number of projects.

    Attributes:
        ledger: the files of the hub's ledger; None where there is no hub, or it cannot be read.
        off: why approvals are off, or the hub cannot be read; None where it can.
        is_off: whether approvals are off: no hub is named.
        deployments: those that the key sees; None where the Deployer was not asked, or did not answer.
        not_looked_at: what could not be looked at, a sentence each.
    """

    ledger: LedgerPaths | None
    off: str | None
    is_off: bool
    deployments: tuple[Deployment, ...] | None
    not_looked_at: tuple[str, ...] = ()

    def deployed_on(self) -> dict[Address, tuple[DeployedOn, ...]]:
        """Where each bundle runs."""
        places: dict[Address, tuple[DeployedOn, ...]] = {}
        for deployment in self.deployments or ():
            address = address_of(deployment)
            if address is not None:
                on = DeployedOn(deployment.infrastructure, deployment.id, time_of(deployment.published_on))
                places[address] = (*places.get(address, ()), on)
        return places


@dataclass(frozen=True)
class ProjectRows:
    """The rows of some projects.

    Attributes:
        rows: in the order of the projects.
        not_looked_at: what could not be looked at besides projects, a sentence each.
        unreadable: the projects of which something is missing.
    """

    rows: tuple[RegistryRow, ...]
    not_looked_at: tuple[str, ...]
    unreadable: tuple[UnreadableProject, ...]


@refuses_wrong_types
def read_registry(
    session: Session,
    kind: RegistryKind | str,
    filters: Filters = Filters(),
    *,
    progress: Progress | None = None,
    now: datetime | None = None,
) -> Registry:
    """Read the registry of the governed projects that this user can see.

    Args:
        session: the instance and user; the hub and the Deployer are read as far as their key reaches.
        kind: `bundles`, or `models` for the versions of models, agents and augmented LLMs.
        filters: of which projects; as for the report.
        progress: told how many projects were read, then how many models.
        now: the time that it carries, else the current time.

    Raises:
        InputError: the kind is none, or a filter names what the template has not; nothing was read then.
        GovernMirrorError: the project list cannot be read. What else cannot be read, the registry tells.
    """
    kind = checked_member(RegistryKind, kind, "kind of registry")
    now = now or clock.now()
    report = build_report(
        session, replace(filters, include_ungoverned=False), now=now, history=False, with_signoffs=False
    )
    projects = sorted(
        (row.project.facts for row in report.portfolio.rows),
        key=lambda facts: (name_order(facts.name or facts.project_key), facts.project_key),
    )
    state = read_release_state(session, with_deployer=kind is RegistryKind.BUNDLES)
    read = read_rows(session, [kind], projects, state, progress=progress)
    instance = (report.portfolio.node_id, report.portfolio.url)
    return registry_of(kind, read, state, now, len(projects), instance, report.unreadable)


def registry_of(
    kind: RegistryKind,
    read: ProjectRows,
    state: ReleaseState,
    now: datetime,
    projects: int,
    instance: tuple[str | None, str | None],
    unreadable: Iterable[UnreadableProject] = (),
) -> Registry:
    """The registry that was read.

    Args:
        kind: what it lists.
        read: its rows.
        state: of hub and Deployer.
        now: the time that it carries.
        projects: how many governed projects were looked at.
        instance: its node id and address.
        unreadable: projects of which it is not even known whether they are governed.
    """
    return Registry(
        kind,
        read.rows,
        now.astimezone(timezone.utc),
        *instance,
        projects=projects,
        off=state.off,
        is_off=state.is_off,
        deployments=None if state.deployments is None else len(state.deployments),
        not_looked_at=(*state.not_looked_at, *read.not_looked_at),
        unreadable=(*unreadable, *read.unreadable),
    )


def read_release_state(session: Session, *, with_deployer: bool = True) -> ReleaseState:
    """Read what hub and Deployer hold of all projects, as far as the key reaches; what cannot be read is told in it.

    Args:
        session: the instance and user.
        with_deployer: whether the Deployer is asked.
    """
    ledger, off, is_off = None, None, False
    try:
        ledger = LedgerPaths(hub_of(session).paths())
    except HubOff as error:
        off, is_off = str(error), True
    except GovernMirrorError as error:
        off = f"the hub cannot be read, so that nothing counts as approved ({error})"
    if not with_deployer:
        return ReleaseState(ledger, off, is_off, None)
    try:
        seen = own_deployments(session)
    except GovernMirrorError as error:
        said = f"where bundles are deployed cannot be looked at ({error})"
        return ReleaseState(ledger, off, is_off, None, (said,))
    if not seen:
        return ReleaseState(ledger, off, is_off, None, (NOTHING_SEEN,))
    unknown = sum(address_of(deployment) is None for deployment in seen)
    said = f"{unknown} of {len(seen)} deployments are of projects that the Deployer does not tell: publish them again"
    return ReleaseState(ledger, off, is_off, seen, (said,) if unknown else ())


def read_rows(
    session: Session,
    kinds: Collection[RegistryKind],
    projects: Sequence[ProjectFacts],
    state: ReleaseState,
    *,
    with_standards: bool = True,
    progress: Progress | None = None,
) -> ProjectRows:
    """Read the items of projects, each with where it stands: so many requests at once as `at_once` says, and no more.

    Args:
        session: the instance and user.
        kinds: what to list.
        projects: governed ones.
        state: of hub and Deployer.
        with_standards: whether Project Standards is asked, too, which takes a request a project.
        progress: told how many projects were read, then how many models.
    """
    read = _read_items(session, kinds, projects, with_standards, progress)
    by_project, unreadable, standards = read.by_project, read.unreadable, read.standards
    signoffs = _signoffs(session, state, [item.address for pairs in by_project.values() for item, _ in pairs])
    for address, signoff in signoffs.items():
        if isinstance(signoff, GovernMirrorError):
            unreadable.setdefault(address.project_key, f"the review of {address} cannot be read ({signoff})")
    places = state.deployed_on() if RegistryKind.BUNDLES in kinds else {}
    rows = [
        _row(session, facts, pair, state, signoffs, places, _result(standards.get(facts.project_key)))
        for facts in projects
        for pair in by_project.get(facts.project_key, ())
    ]
    keys = frozenset(by_project)
    said = [*_without_standards(standards), *_gone(places, {row.address for row in rows}, keys)]
    missing = tuple(UnreadableProject(key, message) for key, message in sorted(unreadable.items()))
    return ProjectRows(tuple(rows), tuple(said), missing)


@dataclass(frozen=True)
class _Items:
    """What projects have, by project key, whoever approved it.

    Attributes:
        by_project: the items of each project that could be read.
        unreadable: why a project, or one of its models, could not be read.
        standards: how Project Standards ended, or why it could not be looked at.
    """

    by_project: dict[str, list[tuple[GovernedItem, Subject]]]
    unreadable: dict[str, str]
    standards: dict[str, StandardsResult | GovernMirrorError | None]


def _read_items(
    session: Session,
    kinds: Collection[RegistryKind],
    projects: Sequence[ProjectFacts],
    with_standards: bool,
    progress: Progress | None,
) -> _Items:
    items = _Items({}, {}, {})
    contents = for_each(
        projects, lambda facts: _contents(session, kinds, facts.project_key, with_standards), progress=progress
    )
    models: list[tuple[str, str]] = []
    for ending in contents:
        key = ending.item.project_key
        if ending.result is None:
            items.unreadable[key] = str(ending.error)
            continue
        items.by_project[key] = list(ending.result.bundles)
        items.standards[key] = ending.result.standards
        models += [(key, model) for model in ending.result.models]
    for model in for_each(models, lambda pair: model_versions(session.store.client, *pair), progress=progress):
        key = model.item[0]
        if model.result is None:
            items.unreadable.setdefault(key, str(model.error))
        versions = sorted(model.result or (), key=order_of_version)
        items.by_project[key] += [item_with_subject(key, version) for version in versions]
    return items


@dataclass(frozen=True)
class _Contents:
    """What a project has: its bundles, the ids of its saved models, and how Project Standards ended on it."""

    bundles: tuple[tuple[GovernedItem, Subject], ...]
    models: tuple[str, ...]
    standards: StandardsResult | GovernMirrorError | None


def _contents(session: Session, kinds: Collection[RegistryKind], project_key: str, with_standards: bool) -> _Contents:
    client = session.store.client
    bundles, models = [], []
    if RegistryKind.BUNDLES in kinds:
        bundles = [item_with_subject(project_key, one) for one in latest_first(exported_bundles(client, project_key))]
    if RegistryKind.MODELS in kinds:
        models = saved_model_ids(client, project_key)
    standards = _standards(session, project_key) if with_standards else None
    return _Contents(tuple(bundles), tuple(models), standards)


def _standards(session: Session, project_key: str) -> StandardsResult | GovernMirrorError | None:
    try:
        report = last_standards_report(session.store.client, project_key)
    except GovernMirrorError as error:
        return error
    if report is None:
        return None
    ran_on = None if report.ran_on is None else datetime.fromtimestamp(report.ran_on / 1000, timezone.utc)
    return StandardsResult(report.severity, report.label, ran_on)


def _result(standards: StandardsResult | GovernMirrorError | None) -> StandardsResult | None:
    return None if isinstance(standards, GovernMirrorError) else standards


def _without_standards(standards: Mapping[str, StandardsResult | GovernMirrorError | None]) -> list[str]:
    """That the result of Project Standards could not be looked at, in one sentence for all projects."""
    failed = [(key, error) for key, error in standards.items() if isinstance(error, GovernMirrorError)]
    if not failed:
        return []
    (key, error), more = failed[0], len(failed) - 1
    others = f" and {more} more project{'' if more == 1 else 's'}" if more else ""
    return [f"the Project Standards result of {key}{others} cannot be looked at ({error})"]


def _signoffs(
    session: Session, state: ReleaseState, addresses: Sequence[Address]
) -> dict[Address, ItemStanding | GovernMirrorError]:
    """The sign-off of each item, or why it cannot be read; none where there is no ledger."""
    ledger = state.ledger
    if ledger is None:
        return {}
    try:
        hub = hub_of(session)
        # once, and not by each thread
        _ = hub.folder
    except GovernMirrorError as error:
        return dict.fromkeys(addresses, error)

    def read(address: Address) -> ItemStanding:
        with at_once(1):  # the items are many, and the entries of one are few
            return signoff_in(hub, ledger, address)

    known = [address for address in addresses if ledger.of(address)]
    signoffs: dict[Address, ItemStanding | GovernMirrorError] = {
        address: signoff_in(hub, ledger, address) for address in addresses if not ledger.of(address)
    }
    for ending in for_each(known, read):
        signoffs[ending.item] = ending.result or ending.error or GovernMirrorError("it was not read")
    return signoffs


def _row(
    session: Session,
    facts: ProjectFacts,
    pair: tuple[GovernedItem, Subject],
    state: ReleaseState,
    signoffs: Mapping[Address, ItemStanding | GovernMirrorError],
    places: Mapping[Address, tuple[DeployedOn, ...]],
    standards: StandardsResult | None,
) -> RegistryRow:
    item, subject = pair
    found = signoffs.get(item.address)
    if isinstance(found, ItemStanding):
        item = signed_off(item, subject, found)
    signoff = item.signoff
    page = session.store.page_address
    is_deployable = item.address.kind is ItemKind.BUNDLE and state.deployments is not None
    status = signoff.status if signoff else None
    return RegistryRow(
        project_name=facts.name or facts.project_key,
        link=review_link(page, str(item.address)) if page and not state.is_off else facts.link,
        address=item.address,
        model=item.name,
        made_on=item.made_on,
        made_by=item.made_by,
        is_active=item.is_active,
        approval=approval_state(status, is_unchanged=item.is_unchanged, is_off=state.is_off),
        signoff=status,
        is_unchanged=item.is_unchanged if signoff and signoff.requested else None,
        deployed_on=places.get(item.address, ()) if is_deployable else None,
        standards=standards,
    )


def _gone(
    places: Mapping[Address, tuple[DeployedOn, ...]], listed: Collection[Address], keys: Collection[str]
) -> list[str]:
    """The bundles that run, and that their projects, as far as they were read, do not have any more."""
    return [
        f"{address} runs on {', '.join(map(str, on))}, and its project has no such bundle any more"
        for address, on in places.items()
        if address.project_key in keys and address not in listed
    ]
