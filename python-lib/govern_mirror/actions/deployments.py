"""What the Deployer runs, set against what is approved: a hook that was away for an hour leaves traces here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from govern_mirror import clock
from govern_mirror.actions.hub import hub_of
from govern_mirror.actions.inputs import refuses_wrong_types
from govern_mirror.actions.session import Session
from govern_mirror.actions.signoff_state import govern_said, readable
from govern_mirror.dss.deployer import Deployment, deployments
from govern_mirror.errors import InputError
from govern_mirror.hub.configuration import Configuration
from govern_mirror.hub.ledger import EntryKind, LedgerEntry
from govern_mirror.model.address import Address, parse_address
from govern_mirror.model.govern_signoff import approved_digests
from govern_mirror.model.item_templates import REVIEW_STEP
from govern_mirror.model.signoff import SignoffStatus, signoff_of
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
        looked_at: how many deployments this key sees.
        unapproved: those without approval.
    """

    looked_at: int
    unapproved: tuple[UnapprovedDeployment, ...]


@refuses_wrong_types
def deployed_bundles(session: Session, *, now: datetime | None = None) -> DeployedBundles:
    """Compare what the Deployer runs with the hub's ledger.

    It looks at the Deployer of the session's own node, as far as its key sees it. Whether a bundle was exported again
    after its approval the hook asks before a deployment; here the id decides.

    Args:
        session: of a key that sees the deployments and reads the hub.
        now: an aware time; None for the present.

    Raises:
        HubOff: approvals are off.
        GovernMirrorError: the Deployer or the hub cannot be read.
    """
    now = now or clock.now()
    hub = hub_of(session)
    seen = deployments(session.store.client)
    paths = hub.paths() if seen else frozenset()
    unapproved = []
    configuration: Configuration | None = None
    for deployment in seen:
        address = address_of(deployment)
        if address is None:
            why = "comes from a project that the Deployer does not tell: publish it again"
            unapproved.append(UnapprovedDeployment(deployment, None, why))
            continue
        entries = hub.entries(address, paths)
        parsed = readable(entries)
        if configuration is None and any(entry.kind is EntryKind.GOVERN for entry in entries):
            configuration = hub.configuration(paths)
        signoff, govern = signoff_of(parsed, REVIEW_STEP), govern_said(parsed, REVIEW_STEP, configuration)
        counts = configuration is not None and configuration.switches.govern_approvals
        if not approved_digests(signoff, govern, counts=counts):
            status = SignoffStatus.REJECTED if govern.is_refused else signoff.status
            emergency = _emergency(entries, deployment.infrastructure, now)
            why = f"is not approved: its sign-off is {status.label.lower()}"
            unapproved.append(UnapprovedDeployment(deployment, address, f"{why}{emergency}"))
    return DeployedBundles(len(seen), tuple(unapproved))


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
            over = isinstance(until, str) and parse_time(until) <= now
            return f"; {entry.by} let it pass until {until}{', which is over' if over else ''}, and its review is due"
    return ""


def deployed_json(found: DeployedBundles) -> dict[str, Any]:
    """What the live page gets."""
    return {
        "format_version": 1,
        "looked_at": found.looked_at,
        "unapproved": [
            {
                "deployment": each.deployment.id,
                "infrastructure": each.deployment.infrastructure,
                "bundle": each.deployment.bundle,
                "address": str(each.address) if each.address else None,
                "why": each.why,
            }
            for each in found.unapproved
        ],
    }
