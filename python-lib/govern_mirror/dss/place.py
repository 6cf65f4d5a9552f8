"""Where a governed item is kept: a project in its own metadata, its bundles and versions in a field of it.

`ProjectWrite` writes either safely; a place tells it how to find the item in the metadata, how to put it there, and
which wiki article takes what does not fit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from govern_mirror.dss.article import ItemsArticle, TimelineArticle
from govern_mirror.errors import AccessDenied, GovernMirrorError, InputError, WriteRefused
from govern_mirror.metadata import NONCE_LENGTH, Layout, decode, encode, governed_part, overflow, with_earlier_events
from govern_mirror.metadata.encode import NOBODY
from govern_mirror.metadata.items import (
    ITEM_EVENTS_SIZE,
    ITEM_RECORD_SIZE,
    MAX_ITEM_SIZE,
    StoredItems,
    history_block,
    in_metadata,
    item_name,
    read_items,
    to_archive,
    with_item,
    without_items,
)
from govern_mirror.metadata.projection import checklist_of
from govern_mirror.metadata.record import Record, compact, parse_record
from govern_mirror.model.address import Address, parse_address
from govern_mirror.model.blueprint import ITEMS_FIELD, RECORD_FIELD
from govern_mirror.model.event import Actor, Event
from govern_mirror.model.item import Governance, Item, Problem, ProjectFacts
from govern_mirror.model.item_templates import item_template

if TYPE_CHECKING:
    from govern_mirror.dss.store import ProjectStore

Metadata = dict[str, Any]


@dataclass(frozen=True)
class PlannedChange:
    """A change that was decided on: the item before and after it, and what people should know.

    Attributes:
        moved: the events that were copied to the wiki article, since the record gives them up.
    """

    before: Item
    after: Item
    warnings: tuple[str, ...] = ()
    moved: tuple[Event, ...] = ()


class ProjectPlace:
    """A project, kept in its own metadata.

    Args:
        store: how the metadata and the wiki are reached.
        project_key: the project.
    """

    def __init__(self, store: ProjectStore, project_key: str) -> None:
        self.project_key = project_key
        self.name = project_key
        """What messages call the item, and what a command takes for it."""
        self.layout = store.layout
        self._store = store

    # in the metadata ------------------------------------------------------------------------------------------

    def decoded(self, document: Mapping[str, Any]) -> Item:
        """Read the item in a metadata document."""
        return self._store.decoded(self.project_key, document)

    def part(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what a safe write compares: the item's record and canonical values as stored."""
        return governed_part(self.metadata_of(document), self.layout)

    def record(self, document: Mapping[str, Any]) -> Record:
        """Return the item's record; an empty one when there is none that can be read."""
        stored = custom_fields(self.metadata_of(document)).get(RECORD_FIELD)
        return parse_record(stored) if isinstance(stored, str) else Record()

    def encoded(self, item: Item, base: Mapping[str, Any], actor: Actor, nonce: str) -> Metadata:
        """Return the metadata with the item's changes in it."""
        return encode(item, base, actor, self.layout, nonce=nonce)

    def metadata_of(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the document that `decode` reads the item from."""
        return document

    def was_never_governed(self, before: Item, document: Mapping[str, Any]) -> bool:
        """Whether nothing tells that it was governed before, so that its wiki need not be asked.

        The checklist outlives a record that is lost; where it is not written, nothing can be said.
        """
        is_bare = before.state is Governance.UNGOVERNED and not before.removed_events
        return is_bare and self.layout.mirror_checklist and checklist_of(document) is None

    # with the wiki --------------------------------------------------------------------------------------------

    def timeline(self) -> TimelineArticle:
        """Return the article that takes the item's older events."""
        return TimelineArticle(self._store.client, self.project_key, self._store.settling_seconds)

    def with_history(self, item: Item) -> Item:
        """Add the events that moved to the wiki, as far as this key may read them."""
        if not item.moved_events:
            return item
        try:
            return with_earlier_events(item, self.timeline().events())
        except GovernMirrorError as error:
            # the wiki is closed to this key: what the record holds is still true
            return with_earlier_events(item, (), str(error))

    def numbered(self, item: Item) -> Item:
        """Without a sound record, go on behind the wiki article, if there is one.

        Raises:
            WriteRefused: the article cannot be read, so that numbers could be given twice.
        """
        if (item.revision or item.removed_events) and item.damaged_record is None:
            return item
        try:
            events = self.timeline().events()
        except GovernMirrorError as error:
            if item.state is Governance.UNGOVERNED and isinstance(error, AccessDenied):
                return item  # nothing tells of a history, and this key may never read one
            raise WriteRefused(
                f"{self.name} is not written: its history in the wiki cannot be read ({error}), so that events would "
                "be numbered anew over those that are there; try again, or let an administrator look at the article"
            ) from error
        last = max(events, key=lambda event: event.number or 0, default=None)
        if last is None or (last.number or 0) <= item.last_event:
            return item
        number, last_hash = last.number or 0, last.hash or ""
        return replace(
            item,
            last_event=number,
            last_hash=last_hash,
            moved_events=max(item.moved_events, number),
            moved_hash=last_hash,
        )

    def fitted(self, after: Item, document: Mapping[str, Any], committed: int) -> PlannedChange:
        """Move the oldest events to the wiki when the record would outgrow its budget; the wiki comes first."""
        fitting = overflow(after, self.metadata_of(document), self.layout)
        if fitting is after:
            return PlannedChange(after, after)
        moving = after.events[: len(after.events) - len(fitting.events)]
        try:
            self.timeline().add(moving, committed)
        except GovernMirrorError as error:
            warning = f"{self.name}: the history stays in the record, over its budget: {error}"
            return PlannedChange(after, after, (warning,))
        return PlannedChange(after, fitting, moved=moving)

    def is_moved(self, wanted: Callable[[Event], bool], item: Item | None = None) -> bool:
        """Whether the wiki article holds an event; it is not asked when nothing of the item has moved there.

        Raises:
            GovernMirrorError: the article cannot be read.
        """
        if item is not None and not item.moved_events:
            return False
        return any(map(wanted, self.timeline().events()))


class ItemPlace(ProjectPlace):
    """A bundle or version, kept in the field `govern_items` of its project, or in the project's wiki.

    Args:
        store: how the metadata and the wiki are reached.
        address: the item; not a project.
    """

    def __init__(self, store: ProjectStore, address: Address) -> None:
        super().__init__(store, address.project_key)
        self.name = str(address)
        self.layout = Layout(item_template(address.kind), False, False, ITEM_RECORD_SIZE, ITEM_EVENTS_SIZE)
        self._address = address
        self._item = item_name(address)
        self._in_article: Any = None
        self._archived: Mapping[str, Any] = {}

    def decoded(self, document: Mapping[str, Any]) -> Item:
        """Read the item in its project's metadata, or in the wiki article."""
        items = _items_of(document)
        self._in_article = None
        if items.are_archived and self._item not in items.documents:
            self._in_article = self._articles().items().get(self._item)
        facts = ProjectFacts(
            project_key=self.name,
            name=self._address.label,
            url=self._store.project_url(self.project_key),
            item_url=self._store.item_url(self.name),
            node_id=self._store.node_id,
        )
        item = decode(self.metadata_of(document), facts, self.layout)
        if item.pending:
            hinted = self._store.with_hint(replace(facts, project_key=self.project_key))
            item = decode(self.metadata_of(document), replace(hinted, project_key=self.name), self.layout)
        if items.fault:
            message = f"{ITEMS_FIELD} of {self.project_key} cannot be read ({items.fault}); nothing is written there"
            problem = Problem(ITEMS_FIELD, None, "items as this tool writes them", message)
            return replace(item, read_only=message, problems=(*item.problems, problem))
        return replace(item, read_only=item.read_only or self._why_not(document))

    def _why_not(self, document: Mapping[str, Any]) -> str | None:
        """Why the item is not written: it is governed only while its project is."""
        project = self._store.decoded(self.project_key, document)
        if project.read_only:
            return project.read_only
        if not project.is_governed:
            return f"{self.project_key} is not governed, and so nothing of it is; govern it first"
        return f"{self.project_key} is closed; undo that first" if project.closed else None

    def metadata_of(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the document that `decode` reads the item from: its own fields, as a project has them."""
        fields = _items_of(document).documents.get(self._item, self._in_article)
        return {"customFields": fields} if fields is not None else {}

    def encoded(self, item: Item, base: Mapping[str, Any], actor: Actor, nonce: str) -> Metadata:
        """Return the project's metadata with the item's changes in it, without what was moved to the article."""
        written = encode(item, self.metadata_of(base), actor, self.layout, nonce=nonce)
        items = with_item(_items_of(base), self._item, written["customFields"])
        return in_metadata(base, without_items(items, self._archived))

    def was_never_governed(self, before: Item, document: Mapping[str, Any]) -> bool:
        """Whether nothing tells that it was governed before."""
        return before.state is Governance.UNGOVERNED

    def timeline(self) -> TimelineArticle:
        """Return the article that takes the item's older events, in a block of the item's own."""
        block = history_block(self._address)
        return TimelineArticle(self._store.client, self.project_key, self._store.settling_seconds, block)

    def fitted(self, after: Item, document: Mapping[str, Any], committed: int) -> PlannedChange:
        """Move the item's oldest events to the wiki, and whole items that were written longest ago.

        Raises:
            InputError: the item is too long for the field.
        """
        planned = super().fitted(after, document, committed)
        written = encode(planned.after, self.metadata_of(document), NOBODY, self.layout, nonce="0" * NONCE_LENGTH)
        fields = written["customFields"]
        if len(compact(fields)) > MAX_ITEM_SIZE:
            raise InputError(
                f"{self.name}: its texts take {len(compact(fields)):,} bytes, and there is room for {MAX_ITEM_SIZE:,}: "
                "put long ones into a document, and add its link"
            )
        self._archived = {}
        moving = to_archive(with_item(_items_of(document), self._item, fields), self._item)
        if moving:
            try:
                self._articles().keep(moving)
            except GovernMirrorError as error:
                warning = f"{self.project_key}: all items stay in {ITEMS_FIELD}, over its budget: {error}"
                return replace(planned, warnings=(*planned.warnings, warning))
        self._archived = moving
        return planned

    def _articles(self) -> ItemsArticle:
        return ItemsArticle(self._store.client, self.project_key, self._store.settling_seconds)


def kept_items(store: ProjectStore, project_key: str) -> dict[Address, Item]:
    """Read all items of a project that were ever written, those in the wiki too, without their older events.

    Raises:
        GovernMirrorError: as `api_errors` says; the article that holds the rest cannot be read.
    """
    document = store.metadata(project_key)
    items = _items_of(document)
    if items.fault:
        return {}
    if items.are_archived:
        archived = ItemsArticle(store.client, project_key, store.settling_seconds).items()
        # the field wins
        items = replace(items, documents={**archived, **items.documents}, are_archived=False)
        document = in_metadata(document, items)
    kept = {}
    for name in items.documents:
        try:
            address = parse_address(f"{project_key}/{name}")
        except InputError:
            continue  # nobody can name it
        kept[address] = ItemPlace(store, address).decoded(document)
    return kept


def _items_of(document: Mapping[str, Any]) -> StoredItems:
    return read_items(custom_fields(document).get(ITEMS_FIELD))


def custom_fields(metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    """The custom fields of a metadata document; none when they are no object."""
    fields = metadata.get("customFields")
    return fields if isinstance(fields, Mapping) else {}
