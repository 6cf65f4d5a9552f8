"""What a project has that can be signed off: its bundles, and the versions of its models and agents.

One of them is superseded when it is older than another one, and never reviewed, or asked for before it: a model that is
trained anew every night leaves at most one review that waits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any

from govern_mirror.actions.governed_items import is_item, item_address, made_text, source_of
from govern_mirror.actions.hub import HubOff, hub_of
from govern_mirror.actions.inputs import refuses_wrong_types
from govern_mirror.actions.session import Session
from govern_mirror.actions.signoff_state import ItemStanding, readable, standing_of
from govern_mirror.bulk import for_each
from govern_mirror.dss import kept_items
from govern_mirror.dss.governable_items import (
    Bundle,
    ModelVersion,
    exact_time,
    exported_bundles,
    model_versions,
    saved_model_ids,
    subject_of,
)
from govern_mirror.errors import GovernMirrorError
from govern_mirror.hub.opened import HubError, OpenedHub
from govern_mirror.model.address import Address, ItemKind, parse_address
from govern_mirror.model.item_templates import MADE, REVIEW_STEP
from govern_mirror.model.signoff import Signoff, SignoffEntry, SignoffStatus, signoff_of
from govern_mirror.model.subject import subject_digest
from govern_mirror.model.trust import Trust
from govern_mirror.model.workflow import NOT_STARTED
from govern_mirror.times import iso_time

_NEVER = datetime.min.replace(tzinfo=timezone.utc)


@dataclass(frozen=True)
class GovernedItem:
    """A bundle, or a version of a model or agent.

    Attributes:
        address: where it stands.
        name: of the saved model or agent; None for a bundle.
        made_on: when it was exported or trained (UTC); None where DSS does not tell.
        made_by: login of who exported it; None where DSS does not tell.
        is_active: whether the version is the one that is used; None for a bundle.
        made: when it was made, as its record keeps it.
        digest: 128 bits over what it is now; empty where DSS does not tell.
        standing: what the hub holds of it; None where approvals are off.
        stage: where its own workflow stands; None where that was not looked at.
        is_superseded: whether another one took its place.
    """

    address: Address
    name: str | None
    made_on: datetime | None
    made_by: str | None
    is_active: bool | None = None
    made: str = ""
    digest: str = ""
    standing: ItemStanding | None = None
    stage: str | None = None
    is_superseded: bool = False

    @property
    def signoff(self) -> Signoff | None:
        """Where its sign-off stands; None where approvals are off."""
        return self.standing.signoff if self.standing else None

    @property
    def is_unchanged(self) -> bool:
        """Whether it is still what its review was asked for."""
        return bool(self.digest) and self.signoff is not None and self.signoff.digest == self.digest

    @property
    def is_approved(self) -> bool:
        """Whether it is approved as it is now."""
        return bool(self.digest) and self.standing is not None and self.digest in self.standing.approved


@dataclass(frozen=True)
class ProjectItems:
    """The items of a project, and what could not be looked at.

    Attributes:
        items: bundles, the latest export first, then versions by model, the active one first.
        off: why approvals are off; None where there is a hub.
        warnings: what could not be read.
    """

    items: tuple[GovernedItem, ...]
    off: str | None = None
    warnings: tuple[str, ...] = ()


@refuses_wrong_types
def items_of(session: Session, project_key: str) -> ProjectItems:
    """Read what a project has that can be signed off.

    Args:
        session: reads the project, and the hub where there is one.
        project_key: the project; the address of one of its items for that one alone.

    Raises:
        NotFound: the item is not there.
        GovernMirrorError: the bundles or the list of models cannot be read. A model or a hub that cannot is a warning.
    """
    if is_item(project_key):
        address = parse_address(project_key)
        source_of(session, address)
        listing = _items_of_project(session, address.project_key)
        return replace(listing, items=tuple(item for item in listing.items if item.address == address))
    return _items_of_project(session, project_key)


def _items_of_project(session: Session, project_key: str) -> ProjectItems:
    client = session.store.client
    items = bundles_of(session, project_key)
    warnings, unread = [], set()
    for ending in for_each(
        saved_model_ids(client, project_key), lambda model: versions_of(session, project_key, model)
    ):
        if ending.error is not None:
            warnings.append(f"the versions of {ending.item} cannot be listed: {ending.error}")
            unread.add(ending.item)
        items += ending.result or ()
    off = None
    try:
        opened = hub_of(session).open()
        for place, item in enumerate(items):
            try:
                items[place] = replace(item, standing=standing_of(opened, item.address))
            except HubError as error:  # of one item: the others can be told
                warnings.append(f"where the sign-off of {item.address} stands cannot be read: {error}")
    except HubOff as error:
        off = str(error)
    except GovernMirrorError as error:
        warnings.append(f"where sign-offs stand cannot be read: {error}")
    # where nobody can say what was reviewed, nobody can say what is superseded
    superseded = superseded_items(items) if off or all(item.standing for item in items) else frozenset()
    items = [replace(item, is_superseded=item.address in superseded) for item in items]
    items, said = _with_stages(session, project_key, items, unread)
    return ProjectItems(tuple(items), off, (*warnings, *said))


def _with_stages(
    session: Session, project_key: str, items: list[GovernedItem], unread: set[str]
) -> tuple[list[GovernedItem], list[str]]:
    """The items with where their own workflows stand, and what people should know.

    What is recorded of one that was made before it does not count; `unread` are the models whose versions could not be
    listed.
    """
    try:
        stored = kept_items(session.store, project_key)
    except GovernMirrorError as error:
        return items, [f"the items' own workflows cannot be read: {error}"]
    made_by_address = {item.address: item.made for item in items}
    stages = {
        address: item.stage
        for address, item in stored.items()
        if item.is_governed and item.values[MADE] == made_by_address.get(address)
    }
    gone = sorted(
        str(address)
        for address in stored
        if address not in made_by_address and not unread.intersection(address.ids[:-1])
    )
    warnings = [f"not in DSS any more, though something is recorded of it: {', '.join(gone)}"] if gone else []
    return [replace(item, stage=stages.get(item.address, NOT_STARTED)) for item in items], warnings


def bundles_of(session: Session, project_key: str) -> list[GovernedItem]:
    """Read the bundles of a project, the latest export first.

    Raises:
        GovernMirrorError: they cannot be listed.
    """
    bundles = [_item(project_key, bundle) for bundle in exported_bundles(session.store.client, project_key)]
    return sorted(bundles, key=lambda item: item.made_on or _NEVER, reverse=True)


def versions_of(session: Session, project_key: str, model: str) -> list[GovernedItem]:
    """Read the versions of a saved model, agents among them: the active one first, then the latest training.

    Raises:
        GovernMirrorError: they cannot be listed.
    """
    versions = model_versions(session.store.client, project_key, model)
    versions.sort(key=lambda version: (not version.is_active, -(version.trained_on or 0), version.id))
    return [_item(project_key, version) for version in versions]


def _item(project_key: str, source: Bundle | ModelVersion) -> GovernedItem:
    address, subject = item_address(project_key, source), subject_of(source)
    made, digest = made_text(source), subject_digest(subject) if subject else ""
    if isinstance(source, Bundle):
        return GovernedItem(address, None, exact_time(source.exported_on), source.exported_by, None, made, digest)
    return GovernedItem(address, source.model_name, exact_time(source.trained_on), None, source.is_active, made, digest)


# superseded: nothing of it is stored, it follows from what DSS lists and from the ledger ----------------------------


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
    remaining = dict(signoffs)
    for ending in for_each(
        sorted(models), lambda model: model_versions(session.store.client, model.project_key, model.ids[0])
    ):
        if ending.result is not None:
            ids = {version.id for version in ending.result}
            remaining = {
                address: signoff
                for address, signoff in remaining.items()
                if lineage(address) != ending.item or address.ids[-1] in ids
            }
    return older_reviews(remaining)


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
    requests = {
        other: signoff_of(readable(opened.entries(other)), REVIEW_STEP)
        for other in others
        if other != address and opened.paths_of(other)
    }
    return older_reviews({address: signoff, **requests}).get(address)


# as JSON ------------------------------------------------------------------------------------------------------------


def items_json(listing: ProjectItems) -> dict[str, Any]:
    """What `items --format json` prints."""
    return {
        "format_version": 1,
        "off": listing.off,
        "warnings": list(listing.warnings),
        "items": [
            {
                "address": str(item.address),
                "kind": item.address.kind.value,
                "name": item.name,
                "made_on": iso_time(item.made_on),
                "made_by": item.made_by,
                "active": item.is_active,
                "status": item.signoff.status.value if item.signoff else None,
                "unchanged": item.is_unchanged if item.signoff and item.signoff.requested else None,
                "approved": item.is_approved,
                "stage": item.stage,
                "superseded": item.is_superseded,
                "govern": _govern_json(item),
            }
            for item in listing.items
        ],
    }


def _govern_json(item: GovernedItem) -> dict[str, Any] | None:
    """What Govern says of an item, as it was recorded; null where it says nothing."""
    if item.standing is None or item.standing.govern.said is None:
        return None
    govern = item.standing.govern
    counts = item.is_approved and item.standing.govern_counts and govern.digest == item.digest
    return {
        "status": govern.status.value if govern.status else None,
        "trust": Trust.RECORDED.value,
        "counts": counts,
        "why_not": govern.fault,
    }
