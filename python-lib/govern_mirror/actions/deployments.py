"""What the Deployer runs, set against what is approved: a hook that was away for an hour leaves traces here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from govern_mirror import clock
from govern_mirror.actions.hub import hub_of
from govern_mirror.actions.inputs import refuses_wrong_types
from govern_mirror.actions.session import Session
from govern_mirror.actions.signoff_state import readable, standing_in
from govern_mirror.dss.deployer import Deployment, deployments
from govern_mirror.dss.governable_items import exported_bundles
from govern_mirror.errors import GovernMirrorError, InputError
from govern_mirror.hub.ledger import EntryKind, LedgerEntry
from govern_mirror.hub.opened import HubError, OpenedHub
from govern_mirror.model.address import Address, parse_address
from govern_mirror.model.item_templates import REVIEW_STEP
from govern_mirror.model.signoff import SignoffStatus
from govern_mirror.times import parse_time


@dataclass(frozen=True)
class UnapprovedDeployment:
    """A bundle that the Deployer runs without approval.

    Attributes:
        deployment: where it runs.
        address: the bundle; None where the Deployer does not tell its project.
        why: as in “it …”.
    """

    deployment: Deployment
    address: Address | None
    why: str


@dataclass(frozen=True)
class DeployedBundles:
    """What was looked at and found.

    Attributes:
        looked_at: how many deployments of this instance's bundles the key sees.
        unapproved: those without approval.
        unsure: those whose bundle is approved, while nobody can say whether they run the export that was approved.
    """

    looked_at: int
    unapproved: tuple[UnapprovedDeployment, ...]
    unsure: tuple[UnapprovedDeployment, ...] = ()


NOTHING_SEEN = "no deployment of this instance's bundles can be seen with this key, so that none was looked at"
"""What is said in place of “all are approved”: the Deployer may be a node of its own, or closed to the key."""


def own_deployments(session: Session) -> tuple[Deployment, ...]:
    """Return the deployments that this key sees, without those of bundles of other design nodes.

    Args:
        session: of a key that sees the deployments; its `deployer` where that is a node of its own.

    Raises:
        GovernMirrorError: the Deployer cannot be read, or the instance does not tell which node it is.
    """
    visible = deployments(session.deployer_client)
    tells_nodes = any(deployment.node is not None for deployment in visible)
    own = session.store.node_id if tells_nodes else None
    return tuple(deployment for deployment in visible if deployment.node in (None, own))


class ExportUnknown(Exception):  # noqa: N818 - reads as what there is
    """Why nobody can say whether the approved export runs."""


def require_approved_export(
    deployment: Deployment, approved: Collection[int], present: int | None, sources: Collection[str]
) -> str | None:
    """Say why a deployment does not run an export that was approved; None when it does.

    It is the rule by which the hook lets a bundle pass, looked at afterwards: the bundle may have been exported again
    since, and no harm is done then by what was published before.

    Args:
        deployment: what runs.
        approved: export times of this bundle that were approved.
        present: the export time of the bundle with this id that its project has now; None where it has none.
        sources: the projects that the hub lists for the published project.

    Raises:
        ExportUnknown: nobody can say it.
    """
    if deployment.exported_on is not None:
        return None if deployment.exported_on in approved else "is another export than the approved one"
    if deployment.published_on is None:
        raise ExportUnknown("the Deployer does not tell when it was published")
    before = [exported_on for exported_on in approved if exported_on <= deployment.published_on]
    if not before:
        return "was published before the export that was approved"
    if present is None:
        raise ExportUnknown("its project has no such bundle any more")
    if present not in before:
        if present <= deployment.published_on:
            return "was exported again after its approval, and published then"
        raise ExportUnknown("it was exported again since")
    if deployment.source not in sources:
        raise ExportUnknown(
            f"the hub does not list {deployment.source} as a source of the published project "
            f"{deployment.published_project}: a manager adds it under `published`"
        )
    return None


@refuses_wrong_types
def deployed_bundles(session: Session, *, now: datetime | None = None) -> DeployedBundles:
    """Compare what the Deployer runs with the hub's ledger.

    It looks at the Deployer of the session, as far as its key sees it, and at the bundles of the projects that approved
    ones come from: an id that was exported again, and published then, is another bundle.

    Args:
        session: of a key that sees the deployments and reads the hub.
        now: an aware time; None for the present.

    Raises:
        HubOff: approvals are off.
        GovernMirrorError: the Deployer or the hub cannot be read.
    """
    comparison = _Comparison(session, now or clock.now())
    own = own_deployments(session)
    unapproved, unsure = [], []
    for deployment in own:
        address = address_of(deployment)
        if address is None:
            why = "comes from a project that the Deployer does not tell: publish it again"
            unapproved.append(UnapprovedDeployment(deployment, None, why))
            continue
        try:
            fault = comparison.fault(deployment, address)
        except ExportUnknown as doubt:
            why = f"may be another export than the approved one: {doubt}"
            unsure.append(UnapprovedDeployment(deployment, address, why))
            continue
        if fault is not None:
            unapproved.append(UnapprovedDeployment(deployment, address, fault))
    return DeployedBundles(len(own), tuple(unapproved), tuple(unsure))


class _Comparison:
    """Compares deployments with the ledger; what many of them need is read once."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._client = session.store.client
        self._hub = hub_of(session)
        self._now = now
        self._exports: dict[str, dict[str, int | None] | GovernMirrorError] = {}

    @cached_property
    def _opened(self) -> OpenedHub:
        return self._hub.open()

    def fault(self, deployment: Deployment, address: Address) -> str | None:
        """Say why a deployment is not approved, as in “it …”; None when it is; raises ExportUnknown."""
        try:
            entries = self._opened.entries(address)
        except HubError as error:  # of one item: the others can be told
            return f"does not count as approved: {error}"
        standing = standing_in(self._opened, readable(entries), REVIEW_STEP)
        emergency = _emergency(entries, deployment.infrastructure, self._now)
        if not standing.approved:
            status = SignoffStatus.REJECTED if standing.govern.is_refused else standing.signoff.status
            return f"is not approved: its sign-off is {status.label.lower()}{emergency}"
        fault = require_approved_export(
            deployment,
            _export_times(entries, standing.approved),
            self._present(address) if deployment.exported_on is None else None,
            self._opened.configuration.published.get(deployment.published_project, ()),
        )
        return None if fault is None else f"{fault}{emergency}"

    def _present(self, address: Address) -> int | None:
        """The export time that the bundle has in its project now; raises ExportUnknown."""
        key = address.project_key
        if key not in self._exports:
            try:
                self._exports[key] = {bundle.id: bundle.exported_on for bundle in exported_bundles(self._client, key)}
            except GovernMirrorError as error:
                self._exports[key] = error
        exports = self._exports[key]
        if isinstance(exports, GovernMirrorError):
            raise ExportUnknown(f"the bundles of its project cannot be read ({exports})")
        return exports.get(address.ids[0])


def _export_times(entries: Iterable[LedgerEntry], digests: Collection[str]) -> frozenset[int]:
    """When the bundles were exported that entries of these digests are about."""
    subjects = (entry.body.get("subject") for entry in entries if entry.body.get("digest") in digests)
    times = {subject.get("exported_on") for subject in subjects if isinstance(subject, Mapping)}
    return frozenset(time for time in times if isinstance(time, int))


def address_of(deployment: Deployment) -> Address | None:
    """The address of the bundle that is deployed; None where the Deployer does not tell its project."""
    try:
        return parse_address(f"{deployment.source}/bundle/{deployment.bundle}") if deployment.source else None
    except InputError:
        return None


def _emergency(entries: list[LedgerEntry], infrastructure: str, now: datetime) -> str:
    """That somebody let it pass, and until when, for a sentence."""
    for entry in reversed(entries):
        until = entry.body.get("until")
        if entry.kind is EntryKind.EMERGENCY and entry.body.get("infrastructure") == infrastructure:
            ends = parse_time(until) if isinstance(until, str) else None
            end_text = until if ends is None else f"{ends:%Y-%m-%d %H:%M} UTC"
            over = ", which is over" if ends is not None and ends <= now else ""
            return f"; {entry.by} let it pass until {end_text}{over}, and its review is due"
    return ""


def deployed_json(bundles: DeployedBundles) -> dict[str, Any]:
    """What the live page gets."""
    return {
        "format_version": 1,
        "off": None,
        "looked_at": bundles.looked_at,
        "unapproved": [_deployment_json(item) for item in bundles.unapproved],
        "unsure": [_deployment_json(item) for item in bundles.unsure],
    }


def _deployment_json(item: UnapprovedDeployment) -> dict[str, Any]:
    return {
        "deployment": item.deployment.id,
        "infrastructure": item.deployment.infrastructure,
        "bundle": item.deployment.bundle,
        "address": str(item.address) if item.address else None,
        "why": item.why,
    }
