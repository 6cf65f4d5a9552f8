"""What a project has that can be signed off: its bundles, and the versions of its models and agents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any

from govern_mirror.actions.hub import HubOff, hub_of
from govern_mirror.actions.inputs import refuses_wrong_types
from govern_mirror.actions.session import Session
from govern_mirror.actions.signoff_state import REVIEW_STEP, govern_said, readable, subject_digest
from govern_mirror.bulk import for_each
from govern_mirror.dss.governable_items import (
    Bundle,
    ModelVersion,
    exported_bundles,
    model_versions,
    saved_model_ids,
    subject_of_bundle,
    subject_of_version,
)
from govern_mirror.hub.configuration import Configuration
from govern_mirror.hub.ledger import LedgerEntry, folder_prefix
from govern_mirror.hub.store import Hub
from govern_mirror.model.address import Address, ItemKind
from govern_mirror.model.govern_signoff import GovernEntry, GovernSignoff, approved_digests
from govern_mirror.model.signoff import Signoff, SignoffEntry, signoff_of
from govern_mirror.model.trust import Trust
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
        digest: 128 bits over what it is now; empty where DSS does not tell.
        govern: what Govern says of it, where the hub names the Govern node.
        govern_counts: whether the hub lets approvals in Govern count.
    """

    address: Address
    name: str | None
    made_on: datetime | None
    made_by: str | None
    is_active: bool | None = None
    signoff: Signoff | None = None
    is_unchanged: bool = False
    digest: str = ""
    govern: GovernSignoff = GovernSignoff()
    govern_counts: bool = False

    @property
    def is_approved(self) -> bool:
        """Whether it is approved as it is now."""
        if self.signoff is None or not self.digest:
            return False
        return self.digest in approved_digests(self.signoff, self.govern, counts=self.govern_counts)

    @property
    def counts_in_govern(self) -> bool:
        """Whether what Govern says approves it as it is now."""
        return self.is_approved and self.govern.digest == self.digest and self.govern_counts


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
        GovernMirrorError: the bundles, the list of models or the hub cannot be read. A model that cannot is a warning.
    """
    client = session.store.client
    made = [_bundle_item(project_key, bundle) for bundle in exported_bundles(client, project_key)]
    made.sort(key=lambda pair: pair[0].made_on or _NEVER, reverse=True)
    warnings = []
    for ending in for_each(
        saved_model_ids(client, project_key), lambda model: model_versions(session.store.client, project_key, model)
    ):
        if ending.error is not None:
            warnings.append(str(ending.error))
        versions = sorted(ending.result or (), key=lambda v: (not v.is_active, -(v.trained_on or 0), v.id))
        made += [_version_item(project_key, version) for version in versions]
    try:
        hub = hub_of(session)
    except HubOff as error:
        return ProjectItems(tuple(item for item, _ in made), str(error), tuple(warnings))
    by_address, configuration = _entries(hub, [item.address for item, _ in made])
    counts = configuration is not None and configuration.switches.govern_approvals
    items = []
    for item, subject in made:
        entries = by_address[item.address]
        signoff, digest = signoff_of(entries, REVIEW_STEP), subject_digest(subject) if subject else ""
        govern = govern_said(entries, REVIEW_STEP, configuration)
        unchanged = bool(digest) and signoff.digest == digest
        items.append(
            replace(item, signoff=signoff, is_unchanged=unchanged, digest=digest, govern=govern, govern_counts=counts)
        )
    return ProjectItems(tuple(items), None, tuple(warnings))


def _bundle_item(project_key: str, bundle: Bundle) -> tuple[GovernedItem, Mapping[str, Any] | None]:
    """A bundle, and what an approval of it would be bound to."""
    address = Address(project_key, ItemKind.BUNDLE, (bundle.id,))
    return GovernedItem(address, None, _time(bundle.exported_on), bundle.exported_by), subject_of_bundle(bundle)


def _version_item(project_key: str, version: ModelVersion) -> tuple[GovernedItem, Mapping[str, Any] | None]:
    """A version, and what an approval of it would be bound to."""
    kind = ItemKind.AGENT_VERSION if version.is_agent else ItemKind.MODEL_VERSION
    address = Address(project_key, kind, (version.model_id, version.id))
    item = GovernedItem(address, version.model_name, _time(version.trained_on), None, version.is_active)
    return item, subject_of_version(version)


def _entries(
    hub: Hub, addresses: list[Address]
) -> tuple[dict[Address, list[SignoffEntry | GovernEntry | LedgerEntry]], Configuration | None]:
    """The entries of each item, and the hub's configuration where one is about Govern.

    The files of items without any are not looked for.
    """
    paths = hub.paths()
    present = {path.rpartition("-")[0] for path in hub.ledger_paths(paths)}
    by_address = {}
    configuration = None
    for address in addresses:
        has_entries = folder_prefix(address).rstrip("-") in present
        by_address[address] = readable(hub.entries(address, paths) if has_entries else [])
        if configuration is None and any(isinstance(entry, GovernEntry) for entry in by_address[address]):
            configuration = hub.configuration(paths)
    return by_address, configuration


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
                "govern": _govern_json(item),
            }
            for item in found.items
        ],
    }


def _govern_json(item: GovernedItem) -> dict[str, Any] | None:
    """What Govern says of an item, as it was recorded; null where it says nothing."""
    if item.govern.said is None:
        return None
    return {
        "status": item.govern.status.value if item.govern.status else None,
        "trust": Trust.RECORDED.value,
        "counts": item.counts_in_govern,
        "why_not": item.govern.fault,
    }
