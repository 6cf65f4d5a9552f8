"""What is known of a bundle or version besides its own workflow: where its sign-off stands, and where it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from govern_mirror.actions.deployments import own_deployments
from govern_mirror.actions.governed_items import is_item, read_item
from govern_mirror.actions.hub import HubOff
from govern_mirror.actions.hub_reading import HubReading
from govern_mirror.actions.session import Session
from govern_mirror.actions.signoff_state import SignoffState, signoff_state
from govern_mirror.dss.deployer import Deployment
from govern_mirror.errors import GovernMirrorError
from govern_mirror.model.address import Address, ItemKind, parse_address
from govern_mirror.model.item import Item
from govern_mirror.times import iso_time


@dataclass(frozen=True)
class ItemFacts:
    """What is known of an item besides its own workflow.

    Attributes:
        signoff: where its sign-off stands; None where approvals are off, or that cannot be read.
        deployments: where a bundle runs, as far as this key sees the Deployer; None where it cannot be looked at.
        unread: what could not be looked at, and why.
    """

    signoff: SignoffState | None
    deployments: tuple[Deployment, ...] | None
    unread: tuple[str, ...] = ()


def facts_of_item(session: Session, address: Address, hub: HubReading | None = None) -> ItemFacts:
    """Read what is known of a bundle or version. Never raises for what cannot be looked at: it is said.

    Args:
        session: the instance.
        address: the item.
        hub: where it was just read, with what the item is in DSS; else it is read.
    """
    hub = hub or HubReading(session)
    unread = []
    signoff = None
    try:
        signoff = signoff_state(session, hub.opened(), address, source=hub.source(address))
    except HubOff:
        pass  # nothing is signed off then, which is no fault
    except GovernMirrorError as error:
        unread.append(f"sign-off: {error}")
    running: tuple[Deployment, ...] | None = ()
    if address.kind is ItemKind.BUNDLE:
        try:
            running = tuple(d for d in own_deployments(session) if _is_of(d, address))
        except GovernMirrorError as error:
            running = None
            unread.append(f"deployments: {error}")
    return ItemFacts(signoff, running, tuple(unread))


def show_with_facts(session: Session, address: str) -> tuple[Item, ItemFacts | None]:
    """Read a project or item as `show` does, and what is known of an item besides; None of a project."""
    hub = HubReading(session)
    item = hub.with_facts(read_item(session, address))
    return item, facts_of_item(session, parse_address(address), hub) if is_item(address) else None


def _is_of(deployment: Deployment, address: Address) -> bool:
    return deployment.source == address.project_key and deployment.bundle == address.ids[0]


def facts_json(facts: ItemFacts) -> dict[str, Any]:
    """What `show ADDRESS --format json` adds to what it prints of a project."""
    state = facts.signoff
    verdict = state.signoff.verdict if state else None
    signoff = state and {
        "step": state.step,
        "status": state.signoff.status.value,
        "unchanged": state.is_unchanged if state.signoff.requested else None,
        "approved": state.fault is None,
        "by": verdict.by if verdict else None,
        "at": iso_time(verdict.at) if verdict else None,
    }
    running = facts.deployments
    return {
        "signoff": signoff,
        "deployments": None
        if running is None
        else [{"deployment": d.id, "infrastructure": d.infrastructure} for d in running],
        "unread": list(facts.unread),
    }
