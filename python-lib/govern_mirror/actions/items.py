"""What a project has that can be signed off: its bundles, and the versions of its models and agents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from govern_mirror.actions.hub import HubOff, hub_of
from govern_mirror.actions.inputs import refuses_wrong_types
from govern_mirror.actions.session import Session
from govern_mirror.actions.signoff_state import REVIEW_STEP, readable, subject_digest
from govern_mirror.bulk import for_each
from govern_mirror.dss.governable_items import (
    ModelVersion,
    exported_bundles,
    model_versions,
    saved_model_ids,
    subject_of_bundle,
    subject_of_version,
)
from govern_mirror.hub.ledger import folder_prefix
from govern_mirror.hub.store import Hub
from govern_mirror.model.address import Address, ItemKind
from govern_mirror.model.signoff import Signoff, SignoffStatus, signoff_of
from govern_mirror.times import iso_time


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
    """

    address: Address
    name: str | None
    made_on: datetime | None
    made_by: str | None
    is_active: bool | None
    signoff: Signoff | None
    is_unchanged: bool

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
        GovernMirrorError: the bundles, the list of models or the hub cannot be read. A model that cannot is a warning.
    """
    client = session.store.client
    found: list[tuple[Address, str | None, int | None, str | None, bool | None, Mapping[str, Any] | None]] = []
    for bundle in sorted(exported_bundles(client, project_key), key=lambda b: b.exported_on or 0, reverse=True):
        address = Address(project_key, ItemKind.BUNDLE, (bundle.id,))
        found.append((address, None, bundle.exported_on, bundle.exported_by, None, subject_of_bundle(bundle)))
    warnings = []
    for ending in for_each(
        saved_model_ids(client, project_key), lambda model: model_versions(session.store.client, project_key, model)
    ):
        if ending.error is not None:
            warnings.append(str(ending.error))
        versions = sorted(ending.result or (), key=lambda v: (not v.is_active, -(v.trained_on or 0), v.id))
        for version in versions:
            subject = subject_of_version(version)
            address = _address_of(project_key, version)
            found.append((address, version.model_name, version.trained_on, None, version.is_active, subject))
    hub, off = None, None
    try:
        hub = hub_of(session)
    except HubOff as error:
        off = str(error)
    signoffs = _signoffs(hub, [address for address, *_ in found]) if hub else {}
    items = []
    for address, name, made_on, made_by, is_active, made in found:
        signoff = signoffs.get(address)
        unchanged = bool(made and signoff and signoff.digest == subject_digest(made))
        items.append(GovernedItem(address, name, _time(made_on), made_by, is_active, signoff, unchanged))
    return ProjectItems(tuple(items), off, tuple(warnings))


def _address_of(project_key: str, version: ModelVersion) -> Address:
    kind = ItemKind.AGENT_VERSION if version.is_agent else ItemKind.MODEL_VERSION
    return Address(project_key, kind, (version.model_id, version.id))


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
            }
            for item in found.items
        ],
    }
