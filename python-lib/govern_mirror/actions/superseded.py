"""Which bundles and versions are superseded: older than another one, and never reviewed, or asked for before it.

A model that is trained anew every night leaves at most one review that waits: the one that was asked for last. Nothing
of this is stored: it follows from what DSS lists and from the hub's ledger.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from govern_mirror.actions.signoff_state import readable
from govern_mirror.bulk import for_each
from govern_mirror.dss.governable_items import model_versions
from govern_mirror.model.address import Address, ItemKind
from govern_mirror.model.item_templates import REVIEW_STEP
from govern_mirror.model.signoff import Signoff, SignoffEntry, SignoffStatus, signoff_of

if TYPE_CHECKING:
    from govern_mirror.actions.items import GovernedItem
    from govern_mirror.actions.session import Session
    from govern_mirror.hub.opened import OpenedHub

_NEVER = datetime.min.replace(tzinfo=timezone.utc)


def lineage(address: Address) -> Address:
    """Return what an item is one of several of: the bundles of its project, or the versions of its model or agent."""
    return Address(address.project_key, address.kind, address.ids[:-1])


def superseded_items(items: Sequence[GovernedItem]) -> frozenset[Address]:
    """Return the items that another one took the place of.

    A bundle or a version is superseded when a newer one of its lineage is there, it was never reviewed, and it is not
    the version that is used; and when its review waits while that of another version was asked for later.

    Args:
        items: of one project, all of them, with their sign-offs where there is a hub.
    """
    by_lineage: dict[Address, list[GovernedItem]] = {}
    for item in items:
        by_lineage.setdefault(lineage(item.address), []).append(item)
    superseded: set[Address] = set()
    for members in by_lineage.values():
        newest = max((item.made_on or _NEVER for item in members), default=_NEVER)
        superseded |= {
            item.address
            for item in members
            if not item.is_active and not _is_reviewed(item) and item.made_on is not None and item.made_on < newest
        }
        superseded |= set(older_reviews({item.address: item.signoff for item in members if item.signoff}))
    return frozenset(superseded)


def _is_reviewed(item: GovernedItem) -> bool:
    """Whether somebody began to review it, here or, as far as that can be read, in Govern."""
    if item.standing is None:
        return False
    signoff, govern = item.standing.signoff, item.standing.govern
    is_begun = signoff.status is not SignoffStatus.NOT_STARTED
    return is_begun or (govern.said is not None and govern.status is not SignoffStatus.NOT_STARTED)


def older_reviews(signoffs: Mapping[Address, Signoff]) -> dict[Address, Address]:
    """Return the versions whose review waits while that of another of the same model was asked for later, and which.

    Of bundles each is reviewed for itself.
    """
    latest: dict[Address, Address] = {}
    waiting = {
        address: signoff.requested[0]
        for address, signoff in signoffs.items()
        if signoff.status.is_open and address.kind in (ItemKind.MODEL_VERSION, ItemKind.AGENT_VERSION)
    }
    for address in sorted(waiting, key=lambda address: asked_order(waiting[address])):
        latest[lineage(address)] = address
    return {address: latest[lineage(address)] for address in waiting if latest[lineage(address)] != address}


def asked_order(request: SignoffEntry) -> tuple[datetime, int, str]:
    """When a review was asked for; of two in one second that of the later training or export is the later one."""
    made_on = request.subject.get("trained_on", request.subject.get("exported_on"))
    return request.at, made_on if isinstance(made_on, int) else 0, request.id


def replaced_reviews(session: Session, signoffs: Mapping[Address, Signoff]) -> dict[Address, Address]:
    """Return what `older_reviews` does, of the versions that are in DSS: that of a deleted one takes nobody's place.

    Args:
        session: lists the versions of models of which several reviews wait; where it cannot, all count.
        signoffs: of all versions whose reviews wait, in any project.
    """
    models = {lineage(address) for address in older_reviews(signoffs)}
    left = dict(signoffs)
    for ending in for_each(
        sorted(models), lambda model: model_versions(session.store.client, model.project_key, model.ids[0])
    ):
        if ending.result is not None:
            ids = {version.id for version in ending.result}
            left = {
                address: signoff
                for address, signoff in left.items()
                if lineage(address) != ending.item or address.ids[-1] in ids
            }
    return older_reviews(left)


def newer_review(session: Session, opened: OpenedHub, address: Address, signoff: Signoff) -> Address | None:
    """Return the version whose review took the place of this one's; None when it waits itself, or does not wait.

    Args:
        session: lists the versions of the model.
        opened: the hub that holds their entries.
        address: a version.
        signoff: its own.

    Raises:
        GovernMirrorError: the versions or the hub cannot be read.
    """
    if not signoff.status.is_open or address.kind not in (ItemKind.MODEL_VERSION, ItemKind.AGENT_VERSION):
        return None
    versions = model_versions(session.store.client, address.project_key, address.ids[0])
    others = [Address(address.project_key, address.kind, (address.ids[0], version.id)) for version in versions]
    asked = {
        other: signoff_of(readable(opened.entries(other)), REVIEW_STEP)
        for other in others
        if other != address and opened.paths_of(other)
    }
    return older_reviews({address: signoff, **asked}).get(address)
