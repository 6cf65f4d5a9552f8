"""What a project has that can be signed off: its bundles, and the versions of its models and agents."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any

from govern_mirror.actions.governed_items import made_text
from govern_mirror.actions.hub import HubOff, hub_of
from govern_mirror.actions.inputs import refuses_wrong_types
from govern_mirror.actions.session import Session
from govern_mirror.actions.signoff_state import govern_said, readable
from govern_mirror.actions.superseded import superseded_items
from govern_mirror.bulk import for_each
from govern_mirror.dss import kept_items
from govern_mirror.dss.governable_items import (
    Bundle,
    ModelVersion,
    exported_bundles,
    model_versions,
    saved_model_ids,
    subject_of,
)
from govern_mirror.errors import GovernMirrorError
from govern_mirror.hub.configuration import Configuration
from govern_mirror.hub.ledger import folder_prefix
from govern_mirror.hub.store import Hub, HubError
from govern_mirror.model.address import Address, ItemKind
from govern_mirror.model.govern_signoff import GovernEntry, GovernSignoff, approved_digests
from govern_mirror.model.item_templates import MADE, REVIEW_STEP
from govern_mirror.model.signoff import Signoff, signoff_of
from govern_mirror.model.subject import subject_digest
from govern_mirror.model.trust import Trust
from govern_mirror.model.workflow import NOT_STARTED
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
        stage: where its own workflow stands; None where that was not looked at.
        is_superseded: whether another one took its place.
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
    stage: str | None = None
    is_superseded: bool = False
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
        GovernMirrorError: the bundles or the list of models cannot be read. A model or a hub that cannot is a warning.
    """
    client = session.store.client
    sources: list[Bundle | ModelVersion] = [*latest_first(exported_bundles(client, project_key))]
    warnings, unread = [], set()
    for ending in for_each(
        saved_model_ids(client, project_key), lambda model: model_versions(session.store.client, project_key, model)
    ):
        if ending.error is not None:
            warnings.append(f"the versions of {ending.item} cannot be listed: {ending.error}")
            unread.add(ending.item)
        versions = sorted(ending.result or (), key=order_of_version)
        sources += versions
    made = [item_with_subject(project_key, source) for source in sources]
    stamps = {item.address: made_text(source) for (item, _), source in zip(made, sources, strict=True)}
    items, off = [item for item, _ in made], None
    try:
        hub = hub_of(session)
        ledger = LedgerPaths(hub.paths())
        for place, (item, subject) in enumerate(made):
            try:
                items[place] = signed_off(item, subject, signoff_in(hub, ledger, item.address))
            except HubError as error:  # of one item: the others can be told
                warnings.append(f"where the sign-off of {item.address} stands cannot be read: {error}")
    except HubOff as error:
        off = str(error)
    except GovernMirrorError as error:
        warnings.append(f"where sign-offs stand cannot be read: {error}")
    # where nobody can say what was reviewed, nobody can say what is superseded
    superseded = superseded_items(items) if off or all(item.signoff for item in items) else frozenset()
    items = [replace(item, is_superseded=item.address in superseded) for item in items]
    items, said = _with_stages(session, project_key, items, stamps, unread)
    return ProjectItems(tuple(items), off, (*warnings, *said))


def _with_stages(
    session: Session, project_key: str, items: list[GovernedItem], stamps: Mapping[Address, str], unread: set[str]
) -> tuple[list[GovernedItem], list[str]]:
    """The items with where their own workflows stand, and what people should know.

    Args:
        session, project_key: as for `items_of`.
        items: of the project.
        stamps: when each was made; what is recorded of one that was made before it does not count.
        unread: the models whose versions could not be listed.
    """
    try:
        kept = kept_items(session.store, project_key)
    except GovernMirrorError as error:
        return items, [f"the items' own workflows cannot be read: {error}"]
    stages = {
        address: item.stage
        for address, item in kept.items()
        if item.is_governed and item.values[MADE] == stamps.get(address)
    }
    gone = sorted(
        str(address) for address in kept if address not in stamps and not unread.intersection(address.ids[:-1])
    )
    said = [f"not in DSS any more, though something is recorded of it: {', '.join(gone)}"] if gone else []
    return [replace(item, stage=stages.get(item.address, NOT_STARTED)) for item in items], said


def latest_first(bundles: Iterable[Bundle]) -> list[Bundle]:
    """Bundles by when they were exported; those of which DSS does not tell it come last."""
    return sorted(bundles, key=lambda bundle: bundle.exported_on or -math.inf, reverse=True)


def order_of_version(version: ModelVersion) -> tuple[bool, int, str]:
    """By what the versions of a model are sorted: the active one first, then the latest training."""
    return not version.is_active, -(version.trained_on or 0), version.id


def item_with_subject(project_key: str, source: Bundle | ModelVersion) -> tuple[GovernedItem, Mapping[str, Any] | None]:
    """A bundle or version, and what an approval of it would be bound to."""
    if isinstance(source, Bundle):
        address = Address(project_key, ItemKind.BUNDLE, (source.id,))
        item = GovernedItem(address, None, time_of(source.exported_on), source.exported_by)
    else:
        kind = ItemKind.AGENT_VERSION if source.is_agent else ItemKind.MODEL_VERSION
        address = Address(project_key, kind, (source.model_id, source.id))
        item = GovernedItem(address, source.model_name, time_of(source.trained_on), None, source.is_active)
    return item, subject_of(source)


@dataclass(frozen=True)
class ItemStanding:
    """What the hub holds of an item, whatever the item is now.

    Attributes:
        signoff: where its sign-off stands.
        govern: what Govern says of it, where the hub names the Govern node.
        govern_counts: whether the hub lets approvals in Govern count.
    """

    signoff: Signoff
    govern: GovernSignoff = GovernSignoff()
    govern_counts: bool = False


class LedgerPaths:
    """The files of a ledger by item, so that those of many items are found without looking at all of them each time.

    Args:
        paths: of all files of the hub.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = frozenset(paths)
        by_item: dict[str, set[str]] = {}
        for path in self._paths:
            by_item.setdefault(path.rpartition("-")[0], set()).add(path)
        self._by_item = {name: frozenset(files) for name, files in by_item.items()}
        self._configuration: Configuration | None = None
        self._lock = threading.Lock()

    def of(self, address: Address) -> frozenset[str]:
        """The paths of an item's entries."""
        return self._by_item.get(folder_prefix(address).rstrip("-"), frozenset())

    def configuration(self, hub: Hub) -> Configuration:
        """The hub's configuration, read once.

        Raises:
            GovernMirrorError: it cannot be read.
        """
        with self._lock:
            if self._configuration is None:
                self._configuration = hub.configuration(self._paths)
            return self._configuration


def signoff_in(hub: Hub, ledger: LedgerPaths, address: Address) -> ItemStanding:
    """Where the sign-off of a bundle or version stands; the files of those without any are not looked for.

    Raises:
        HubError: an entry of it is not as it was written.
        GovernMirrorError: the hub cannot be read.
    """
    paths = ledger.of(address)
    entries = readable(hub.entries(address, paths)) if paths else []
    signoff = signoff_of(entries, REVIEW_STEP)
    if not any(isinstance(entry, GovernEntry) for entry in entries):
        return ItemStanding(signoff)
    configuration = ledger.configuration(hub)
    govern = govern_said(entries, REVIEW_STEP, configuration)
    return ItemStanding(signoff, govern, configuration.switches.govern_approvals)


def signed_off(item: GovernedItem, subject: Mapping[str, Any] | None, standing: ItemStanding) -> GovernedItem:
    """An item with its sign-off; `subject` is what an approval of it would be bound to, as it is now."""
    digest = subject_digest(subject) if subject else ""
    return replace(
        item,
        signoff=standing.signoff,
        is_unchanged=bool(digest) and standing.signoff.digest == digest,
        digest=digest,
        govern=standing.govern,
        govern_counts=standing.govern_counts,
    )


def time_of(milliseconds: int | None) -> datetime | None:
    """A time of DSS, in milliseconds since 1970, as a datetime (UTC)."""
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
