"""The registry of bundles, or of model versions, over all governed projects that a person sees."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone

from govern_mirror import clock
from govern_mirror.actions.deployments import (
    NOTHING_SEEN,
    UnapprovedDeployment,
    address_of,
    deployed_bundles,
    own_deployments,
)
from govern_mirror.actions.hub import HubOff, hub_of
from govern_mirror.actions.inputs import refuses_wrong_types
from govern_mirror.actions.items import GovernedItem, bundles_of, versions_of
from govern_mirror.actions.report import Report, build_report
from govern_mirror.actions.session import Session
from govern_mirror.actions.signoff_state import ItemStanding, standing_of
from govern_mirror.bulk import Progress, at_once, for_each
from govern_mirror.dss.deployer import Deployment
from govern_mirror.dss.governable_items import exact_time, saved_model_ids
from govern_mirror.dss.standards import StandardsReport, last_standards_report
from govern_mirror.errors import GovernMirrorError
from govern_mirror.hub.opened import OpenedHub
from govern_mirror.model.address import Address, ItemKind
from govern_mirror.model.item import ProjectFacts, UnreadableProject
from govern_mirror.model.signoff import Signoff, SignoffStatus
from govern_mirror.page_links import review_link
from govern_mirror.report.portfolio import Filters, name_order
from govern_mirror.report.registry import (
    ApprovalsView,
    DeployedOn,
    Registry,
    RegistryKind,
    RegistryRow,
    approval_state,
)
from govern_mirror.text import checked_member

StandardsEnding = StandardsReport | GovernMirrorError | None
"""How Project Standards ended on a project, or why that could not be looked at; None where the checks never ran."""


MAX_PROJECTS = 500
"""Of how many governed projects the models are looked at: each costs DSS some requests."""


@dataclass(frozen=True)
class ReleaseState:
    """What hub and Deployer hold of all projects: read once, whatever the number of projects.

    Attributes:
        ledger: the hub; None where there is no hub, or it cannot be read.
        off: why approvals are off, or the hub cannot be read; None where it can.
        is_off: whether approvals are off: no hub is named.
        deployments: those that the key sees; None where the Deployer was not asked, or did not answer.
        not_looked_at: what could not be looked at, a sentence each.
    """

    ledger: OpenedHub | None
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
                on = DeployedOn(deployment.infrastructure, deployment.id, exact_time(deployment.published_on))
                places[address] = (*places.get(address, ()), on)
        return places


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
    registry = registry_of(session, [kind], projects, state, now, progress=progress)
    return replace(registry, unreadable=(*report.unreadable, *registry.unreadable))


def read_release_state(session: Session, *, with_deployer: bool = True) -> ReleaseState:
    """Read what hub and Deployer hold of all projects, as far as the key reaches; what cannot be read is told in it.

    Args:
        session: the instance and user.
        with_deployer: whether the Deployer is asked.
    """
    ledger, off, is_off = None, None, False
    try:
        ledger = hub_of(session).open()
    except HubOff as error:
        off, is_off = str(error), True
    except GovernMirrorError as error:
        off = f"the hub cannot be read, so that nothing counts as approved ({error})"
    if not with_deployer:
        return ReleaseState(ledger, off, is_off, None)
    try:
        visible = own_deployments(session)
    except GovernMirrorError as error:
        message = f"where bundles are deployed cannot be looked at ({error})"
        return ReleaseState(ledger, off, is_off, None, (message,))
    if not visible:
        return ReleaseState(ledger, off, is_off, None, (NOTHING_SEEN,))
    unknown = sum(address_of(deployment) is None for deployment in visible)
    message = (
        f"{unknown} of {len(visible)} deployments are of projects that the Deployer does not tell: publish them again"
    )
    return ReleaseState(ledger, off, is_off, visible, (message,) if unknown else ())


def registry_of(
    session: Session,
    kinds: Sequence[RegistryKind],
    projects: Sequence[ProjectFacts],
    state: ReleaseState,
    now: datetime,
    *,
    with_standards: bool = True,
    progress: Progress | None = None,
) -> Registry:
    """Read the items of projects, each with where it stands: so many requests at once as `at_once` says, and no more.

    Args:
        session: the instance and user.
        kinds: what to list; the registry is called by the first.
        projects: governed ones.
        state: of hub and Deployer.
        now: the time that it carries.
        with_standards: whether Project Standards is asked, too, which takes a request a project.
        progress: told how many projects were read, then how many models.
    """
    items, unreadable, standards = _read_items(session, kinds, projects, with_standards, progress)
    standings = _standings(session, state, [item.address for listed in items.values() for item in listed])
    for address, standing in standings.items():
        if isinstance(standing, GovernMirrorError):
            unreadable.setdefault(address.project_key, f"the review of {address} cannot be read ({standing})")
    places = state.deployed_on() if RegistryKind.BUNDLES in kinds else {}
    rows = [
        _row(session, facts, item, state, standings.get(item.address), places, standards.get(facts.project_key))
        for facts in projects
        for item in items.get(facts.project_key, ())
    ]
    warnings = [*_without_standards(standards), *_gone(places, {row.address for row in rows}, items.keys())]
    return Registry(
        kinds[0],
        tuple(rows),
        now.astimezone(timezone.utc),
        session.store.node_id,
        session.store.url,
        projects=len(projects),
        off=state.off,
        is_off=state.is_off,
        deployments=None if state.deployments is None else len(state.deployments),
        not_looked_at=(*state.not_looked_at, *warnings),
        unreadable=tuple(UnreadableProject(key, message) for key, message in sorted(unreadable.items())),
    )


def _read_items(
    session: Session,
    kinds: Collection[RegistryKind],
    projects: Sequence[ProjectFacts],
    with_standards: bool,
    progress: Progress | None,
) -> tuple[dict[str, list[GovernedItem]], dict[str, str], dict[str, StandardsEnding]]:
    """By project: the items that could be read, why something of it could not, and how Project Standards ended."""

    def contents(facts: ProjectFacts) -> tuple[list[GovernedItem], list[str], StandardsEnding]:
        key = facts.project_key
        bundles = bundles_of(session, key) if RegistryKind.BUNDLES in kinds else []
        models = saved_model_ids(session.store.client, key) if RegistryKind.MODELS in kinds else []
        return bundles, models, _standards(session, key) if with_standards else None

    items: dict[str, list[GovernedItem]] = {}
    unreadable: dict[str, str] = {}
    standards: dict[str, StandardsEnding] = {}
    all_models: list[tuple[str, str]] = []
    for ending in for_each(projects, contents, progress=progress):
        key = ending.item.project_key
        if ending.result is None:
            unreadable[key] = str(ending.error)
            continue
        items[key], models, standards[key] = ending.result
        all_models += [(key, model) for model in models]
    for read in for_each(all_models, lambda pair: versions_of(session, *pair), progress=progress):
        key = read.item[0]
        if read.result is None:
            unreadable.setdefault(key, str(read.error))
        items[key] += read.result or ()
    return items, unreadable, standards


def _standards(session: Session, project_key: str) -> StandardsEnding:
    try:
        return last_standards_report(session.store.client, project_key)
    except GovernMirrorError as error:
        return error


def _without_standards(standards: Mapping[str, StandardsEnding]) -> list[str]:
    """That the result of Project Standards could not be looked at, in one sentence for all projects."""
    failed = [(key, error) for key, error in standards.items() if isinstance(error, GovernMirrorError)]
    if not failed:
        return []
    (key, error), more = failed[0], len(failed) - 1
    others = f" and {more} more project{'' if more == 1 else 's'}" if more else ""
    return [f"the Project Standards result of {key}{others} cannot be looked at ({error})"]


def _standings(
    session: Session, state: ReleaseState, addresses: Sequence[Address]
) -> dict[Address, ItemStanding | GovernMirrorError]:
    """Where each item stands in the hub, or why that cannot be read; none where there is no ledger."""
    if state.ledger is None:
        return {}
    try:
        hub = hub_of(session)
        # once, and not by each thread
        _ = hub.folder
    except GovernMirrorError as error:
        return dict.fromkeys(addresses, error)
    ledger = state.ledger.through(hub.read)

    def read(address: Address) -> ItemStanding:
        with at_once(1):  # the items are many, and the entries of one are few
            return standing_of(ledger, address)

    standings: dict[Address, ItemStanding | GovernMirrorError] = dict.fromkeys(addresses, ItemStanding(Signoff()))
    for ending in for_each((address for address in addresses if ledger.paths_of(address)), read):
        standings[ending.item] = ending.result or ending.error or GovernMirrorError("it was not read")
    return standings


def _row(
    session: Session,
    facts: ProjectFacts,
    item: GovernedItem,
    state: ReleaseState,
    standing: ItemStanding | GovernMirrorError | None,
    places: Mapping[Address, tuple[DeployedOn, ...]],
    standards: StandardsEnding,
) -> RegistryRow:
    if isinstance(standing, ItemStanding):
        item = replace(item, standing=standing)
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
        approval=approval_state(
            status, is_unchanged=item.is_unchanged, is_off=state.is_off, in_govern=_in_govern(item)
        ),
        signoff=status,
        is_unchanged=item.is_unchanged if signoff and signoff.requested else None,
        deployed_on=places.get(item.address, ()) if is_deployable else None,
        standards=None if isinstance(standards, GovernMirrorError) else standards,
    )


def _in_govern(item: GovernedItem) -> bool | None:
    """Whether it is Govern that approves an item, or refuses it; None where Govern changes nothing."""
    if item.standing is None:
        return None
    if item.standing.govern.is_refused:
        return False
    own = item.standing.signoff.status is SignoffStatus.APPROVED and item.is_unchanged
    return True if item.is_approved and not own else None


def _gone(
    places: Mapping[Address, tuple[DeployedOn, ...]], listed: Collection[Address], keys: Collection[str]
) -> list[str]:
    """The bundles that run, and that their projects, as far as they were read, do not have any more."""
    return [
        f"{address} runs on {', '.join(map(str, on))}, and its project has no such bundle any more"
        for address, on in places.items()
        if address.project_key in keys and address not in listed
    ]


# what runs without approval, for the summary of a report -------------------------------------------------------------


def with_approvals(session: Session, report: Report) -> Report:
    """Add to a report what runs without approval; as it was where no hub is named, since approvals are off then.

    Nothing that cannot be looked at fails the report: it is told in it.

    Args:
        session: the instance and user; the hub and the Deployer are read as far as the key reaches.
        report: its governed projects are looked at, the first `MAX_PROJECTS` of them; of what the Deployer runs, all
            that the key sees where the report has no filters, and else what comes from these projects.
    """
    if session.settings.hub_project is None:
        return report
    active, not_looked_at = _active(session, report)
    deployed: tuple[str, ...] = ()
    keys = {row.project.facts.project_key for row in report.portfolio.governed}
    try:
        bundles = deployed_bundles(session)
        is_narrow = report.portfolio.filters.narrow

        def sentences(items: Iterable[UnapprovedDeployment]) -> Iterator[str]:
            for item in items:
                if not is_narrow or (item.address and item.address.project_key in keys):
                    yield f"{item.address or item.deployment.bundle} on {item.deployment.infrastructure} {item.why}"

        if not bundles.looked_at:
            not_looked_at.append(NOTHING_SEEN)
        deployed = tuple(sentences(bundles.unapproved))
        not_looked_at += sentences(bundles.unsure)
    except GovernMirrorError as error:
        not_looked_at.append(f"what is deployed without approval ({error})")
    view = ApprovalsView(tuple(active), deployed, tuple(not_looked_at))
    return replace(report, portfolio=replace(report.portfolio, approvals=view))


def _active(session: Session, report: Report) -> tuple[list[str], list[str]]:
    """Active versions without approval, and what could not be looked at."""
    state = read_release_state(session, with_deployer=False)
    if state.off is not None:
        return [], [f"which active versions are approved ({state.off})"]
    governed = [row.project.facts for row in report.portfolio.governed]
    kinds, looked_at = [RegistryKind.MODELS], governed[:MAX_PROJECTS]
    registry = registry_of(session, kinds, looked_at, state, clock.now(), with_standards=False)
    active = [f"{row.address} ({row.model}): {row.words.lower()}" for row in registry.rows if row.is_active_unapproved]
    missing = [f"the models of {item.project_key} ({item.message})" for item in registry.unreadable]
    left_out = len(governed) - MAX_PROJECTS
    if left_out > 0:
        missing.append(f"the models of {left_out} more projects: `report --items models` lists all")
    return active, missing
