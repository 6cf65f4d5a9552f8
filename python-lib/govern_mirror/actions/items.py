"""What a project has that can be signed off: its bundles, and the versions of its models and agents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any

from govern_mirror.actions.governed_items import made_text
from govern_mirror.actions.hub import HubOff, hub_of
from govern_mirror.actions.inputs import refuses_wrong_types
from govern_mirror.actions.session import Session
from govern_mirror.actions.signoff_state import readable, subject_digest
from govern_mirror.actions.superseded import superseded_items
from govern_mirror.bulk import for_each
from govern_mirror.dss import kept_items
from govern_mirror.dss.governable_items import (
    Bundle,
    ModelVersion,
    exported_bundles,
    model_versions,
    saved_model_ids,
    subject_of_bundle,
    subject_of_version,
)
from govern_mirror.errors import GovernMirrorError
from govern_mirror.hub.ledger import folder_prefix
from govern_mirror.hub.store import Hub
from govern_mirror.model.address import Address, ItemKind
from govern_mirror.model.item import Item
from govern_mirror.model.item_templates import MADE, REVIEW_STEP
from govern_mirror.model.signoff import Signoff, SignoffStatus, signoff_of
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
        signoff: where its sign-off stands; None where approvals are off.
        is_unchanged: whether it is still what its review was asked for.
        stage: where its own workflow stands; None where that was not looked at.
        is_superseded: whether another one took its place.
    """

    address: Address
    name: str | None
    made_on: datetime | None
    made_by: str | None
    is_active: bool | None = None
    signoff: Signoff | None = None
    is_unchanged: bool = False
    stage: str | None = None
    is_superseded: bool = False

    @property
    def is_approved(self) -> bool:
        """Whether it is approved as it is now."""
        return self.is_unchanged and self.signoff is not None and self.signoff.status is SignoffStatus.APPROVED


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
        project_key: the project.

    Raises:
        GovernMirrorError: the bundles or the list of models cannot be read. A model or a hub that cannot is a warning.
    """
    client = session.store.client
    made = [_bundle_item(project_key, bundle) for bundle in exported_bundles(client, project_key)]
    made.sort(key=lambda part: part.item.made_on or _NEVER, reverse=True)
    warnings, unread = [], set()
    for ending in for_each(
        saved_model_ids(client, project_key), lambda model: model_versions(session.store.client, project_key, model)
    ):
        if ending.error is not None:
            warnings.append(str(ending.error))
            unread.add(ending.item)
        versions = sorted(ending.result or (), key=lambda v: (not v.is_active, -(v.trained_on or 0), v.id))
        made += [_version_item(project_key, version) for version in versions]
    items, off = [part.item for part in made], None
    try:
        signoffs = _signoffs(hub_of(session), [item.address for item in items])
        items = [replace(part.item, **_reviewed(signoffs[part.item.address], part.subject)) for part in made]
    except HubOff as error:
        off = str(error)
    except GovernMirrorError as error:
        warnings.append(f"where sign-offs stand cannot be read: {error}")
    # where nobody can say what was reviewed, nobody can say what is superseded
    superseded = superseded_items(items) if off or all(item.signoff for item in items) else frozenset()
    items = [replace(item, is_superseded=item.address in superseded) for item in items]
    try:
        kept = kept_items(session.store, project_key)
    except GovernMirrorError as error:
        return ProjectItems(tuple(items), off, (*warnings, f"the items' own workflows cannot be read: {error}"))
    stages = {part.item.address: _stage(kept.get(part.item.address), part.made) for part in made}
    items = [replace(item, stage=stages[item.address]) for item in items]
    gone = sorted(
        str(address) for address in kept if address not in stages and not unread.intersection(address.ids[:-1])
    )
    if gone:
        warnings.append(f"not in DSS any more, though something is recorded of it: {', '.join(gone)}")
    return ProjectItems(tuple(items), off, tuple(warnings))


def _reviewed(signoff: Signoff, subject: Mapping[str, Any] | None) -> dict[str, Any]:
    return {"signoff": signoff, "is_unchanged": subject is not None and signoff.digest == subject_digest(subject)}


def _stage(item: Item | None, made: str) -> str:
    """Where an item's own workflow stands; what is recorded of one that was made before it does not count."""
    return item.stage if item is not None and item.is_governed and item.values[MADE] == made else NOT_STARTED


@dataclass(frozen=True)
class _Made:
    """An item as DSS has it, what an approval of it would be bound to, and when it was made."""

    item: GovernedItem
    subject: Mapping[str, Any] | None
    made: str


def _bundle_item(project_key: str, bundle: Bundle) -> _Made:
    address = Address(project_key, ItemKind.BUNDLE, (bundle.id,))
    item = GovernedItem(address, None, _time(bundle.exported_on), bundle.exported_by)
    return _Made(item, subject_of_bundle(bundle), made_text(bundle))


def _version_item(project_key: str, version: ModelVersion) -> _Made:
    kind = ItemKind.AGENT_VERSION if version.is_agent else ItemKind.MODEL_VERSION
    address = Address(project_key, kind, (version.model_id, version.id))
    item = GovernedItem(address, version.model_name, _time(version.trained_on), None, version.is_active)
    return _Made(item, subject_of_version(version), made_text(version))


def _signoffs(hub: Hub, addresses: list[Address]) -> dict[Address, Signoff]:
    """The sign-off of each item; the files of those without any are not looked for."""
    paths = hub.paths()
    known = {path.rpartition("-")[0] for path in hub.ledger_paths(paths)}
    signoffs = {}
    for address in addresses:
        has_entries = folder_prefix(address).rstrip("-") in known
        entries = hub.entries(address, paths) if has_entries else []
        signoffs[address] = signoff_of(readable(entries), REVIEW_STEP)
    return signoffs


def _time(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, timezone.utc)


def items_json(found: ProjectItems) -> dict[str, Any]:
    """What `items --format json` prints."""
    return {
        "format_version": 1,
        "off": found.off,
        "warnings": list(found.warnings),
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
            }
            for item in found.items
        ],
    }
