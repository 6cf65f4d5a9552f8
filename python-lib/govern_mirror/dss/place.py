"""Where a governed item is kept: a project in its own metadata, its bundles and versions in a field of it.

`ProjectWrite` writes either safely; a place tells it how to find the item in the metadata, how to put it there, and
which wiki article takes what does not fit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from govern_mirror.dss.article import ItemsArticle, TimelineArticle
from govern_mirror.dss.projects import Projects
from govern_mirror.dss.summary import Metadata
from govern_mirror.errors import AccessDenied, GovernMirrorError, InputError, WriteRefused
from govern_mirror.metadata import NONCE_LENGTH, Layout, decode, encode, governed_part, overflow, with_earlier_events
from govern_mirror.metadata.encode import NOBODY
from govern_mirror.metadata.items import (
    ARTICLE,
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
from govern_mirror.model.address import Address, ItemKind, parse_address
from govern_mirror.model.blueprint import ITEMS_FIELD, RECORD_FIELD
from govern_mirror.model.event import Actor, Event
from govern_mirror.model.item import Governance, Item, Problem, ProjectFacts
from govern_mirror.model.item_templates import item_template
from govern_mirror.nested import mapping


@dataclass(frozen=True)
class PlannedChange:
    """A change that was decided on: the item before and after it, and what people should know.

    Attributes:
        moved_events: the events that were copied to the wiki article, since the record gives them up.
    """

    before: Item
    after: Item
    warnings: tuple[str, ...] = ()
    moved_events: tuple[Event, ...] = ()


class ProjectPlace:
    """A project, kept in its own metadata.

    Args:
        store: how the metadata and the wiki are reached.
        project_key: the project.
    """

    def __init__(self, store: Projects, project_key: str) -> None:
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

    def is_same(self, planned_on: Mapping[str, Any], document: Mapping[str, Any]) -> bool:
        """Whether what a change was decided on is still the same."""
        return self.part(planned_on) == self.part(document)

    def look_again(self, document: Mapping[str, Any] | None = None) -> None:
        """Look once more at what is kept of the item outside of the metadata, if anything is.

        Args:
            document: the metadata as just read; None when it is read next.
        """

    def record(self, document: Mapping[str, Any]) -> Record:
        """Return the item's record; an empty one when there is none that can be read."""
        return parse_record(custom_fields(self.metadata_of(document)).get(RECORD_FIELD))

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
        return PlannedChange(after, fitting, moved_events=moving)

    def is_moved(self, matches: Callable[[Event], bool], item: Item | None = None) -> bool:
        """Whether the wiki article holds an event; it is not asked when nothing of the item has moved there.

        Raises:
            GovernMirrorError: the article cannot be read.
        """
        if item is not None and not item.moved_events:
            return False
        return any(map(matches, self.timeline().events()))


class ItemPlace(ProjectPlace):
    """A bundle or version, kept in the field `govern_items` of its project, or in the project's wiki.

    Args:
        store: how the metadata and the wiki are reached.
        address: the item; not a project.
    """

    def __init__(self, store: Projects, address: Address) -> None:
        super().__init__(store, address.project_key)
        self.name = str(address)
        self.layout = _layout_of(address.kind)
        self._address = address
        self._item = item_name(address)
        self._archived: Mapping[str, Any] = {}
        # what the article has of the item where the field has nothing, as it was last read
        self._in_article: Any = None
        self._has_article = False
        # whether the item was not in the field when it was decided on, and whether the article has changed since
        self._is_outside = False
        self._is_stale = False

    def decoded(self, document: Mapping[str, Any]) -> Item:
        """Read the item in its project's metadata, or in the wiki article.

        Raises:
            GovernMirrorError: it may be in the article, and that cannot be read.
        """
        items = stored_items(document)
        self.look_again(document)
        self._is_outside, self._is_stale = items.documents.get(self._item) is None, False
        facts = _facts(self._store, self._address)
        item = self._store.decoded_as(facts, self.metadata_of(document), self.layout)
        fault = self._fault(items)
        if fault:
            problem = Problem(ITEMS_FIELD, None, "items as this tool writes them", fault)
            return replace(item, read_only=fault, problems=(*item.problems, problem))
        return replace(item, read_only=item.read_only or self._why_not(document))

    def _fault(self, items: StoredItems) -> str | None:
        if items.fault:
            return f"{ITEMS_FIELD} of {self.project_key} cannot be read ({items.fault}); nothing is written there"
        if self._is_outside and items.are_archived and not self._has_article:
            return (
                f"the wiki article `{ARTICLE}` of {self.project_key} is gone, which may hold what was recorded: bring "
                "it back, or make an empty one of that name to begin anew"
            )
        return None

    def look_again(self, document: Mapping[str, Any] | None = None) -> None:
        """Look for the item in the wiki article, where the field does not have it; an edited field may not say so."""
        if document is None:
            if self._is_outside:
                before = self._in_article
                self._look(is_archived=self._has_article)
                self._is_stale = self._is_stale or self._in_article != before
            return
        items = stored_items(document)
        self._in_article, self._has_article = None, False
        if not items.fault and items.documents.get(self._item) is None:
            self._look(is_archived=items.are_archived)

    def _look(self, *, is_archived: bool) -> None:
        archived = archived_items_of(self._store, self.project_key, is_archived=is_archived)
        self._has_article = archived is not None
        self._in_article = (archived or {}).get(self._item)

    def _why_not(self, document: Mapping[str, Any]) -> str | None:
        """Why the item is not written: it is governed only while its project is."""
        facts = ProjectFacts(self.project_key, self.project_key, node_id=self._store.node_id)
        project = decode(document, facts, self._store.layout)
        if project.read_only:
            return project.read_only
        if not project.is_governed:
            return f"{self.project_key} is not governed, and so nothing of it is; govern it first"
        return f"{self.project_key} is closed; undo that first" if project.closed else None

    def is_same(self, planned_on: Mapping[str, Any], document: Mapping[str, Any]) -> bool:
        """Whether the item is still the same, and its project still governed."""
        is_same = super().is_same(planned_on, document) and not self._is_stale
        return is_same and self._why_not(planned_on) == self._why_not(document)

    def metadata_of(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the document that `decode` reads the item from: its own fields, as a project has them."""
        fields = stored_items(document).documents.get(self._item)
        fields = self._in_article if fields is None else fields
        return {"customFields": fields} if fields is not None else {}

    def encoded(self, item: Item, base: Mapping[str, Any], actor: Actor, nonce: str) -> Metadata:
        """Return the project's metadata with the item's changes in it, without what was moved to the article."""
        fields = encode(item, self.metadata_of(base), actor, self.layout, nonce=nonce)["customFields"]
        items = with_item(stored_items(base), self._item, fields)
        return in_metadata(base, without_items(items, self._archived))

    def was_never_governed(self, before: Item, document: Mapping[str, Any]) -> bool:
        """Whether nothing tells that it was governed before: the article may hold its history without itself."""
        return before.state is Governance.UNGOVERNED and not self._has_article

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
        base = self.metadata_of(document)
        fields = encode(planned.after, base, NOBODY, self.layout, nonce="0" * NONCE_LENGTH)["customFields"]
        if len(compact(fields)) > MAX_ITEM_SIZE:
            if planned.warnings:
                raise WriteRefused(f"{self.name} is not written, since there is no room: {planned.warnings[0]}")
            raise InputError(
                f"{self.name}: its texts take {len(compact(fields)):,} bytes, and there is room for {MAX_ITEM_SIZE:,}: "
                "put long ones into a document, and add its link"
            )
        self._archived = {}
        moving = to_archive(with_item(stored_items(document), self._item, fields), self._item)
        if moving:
            try:
                ItemsArticle(self._store.client, self.project_key, self._store.settling_seconds).keep(moving)
            except GovernMirrorError as error:
                warning = f"{self.project_key}: all items stay in {ITEMS_FIELD}, over its budget: {error}"
                return replace(planned, warnings=(*planned.warnings, warning))
        self._archived = moving
        return planned


def kept_items(store: Projects, project_key: str) -> dict[Address, Item]:
    """Read all items of a project that were ever written, those in the wiki too, without their older events.

    Raises:
        GovernMirrorError: as `api_errors` says; the field, or the article that holds the rest, cannot be read.
    """
    items = stored_items(store.metadata(project_key))
    if items.fault:
        raise GovernMirrorError(f"{ITEMS_FIELD} of {project_key} cannot be read ({items.fault})")
    archived = archived_items_of(store, project_key, is_archived=items.are_archived)
    if archived is None and items.are_archived:
        raise GovernMirrorError(f"the wiki article `{ARTICLE}` of {project_key} is gone")
    result = {}
    # the field wins
    for name, fields in {**(archived or {}), **items.documents}.items():
        try:
            address = parse_address(f"{project_key}/{name}")
        except InputError:
            continue  # nobody can name it
        layout = _layout_of(address.kind)
        result[address] = decode({"customFields": fields}, _facts(store, address), layout)
    return result


def recorded_item(store: Projects, address: Address, document: Mapping[str, Any]) -> Item | None:
    """Read what is recorded of an item in its project's metadata; None where nothing is, or nobody can read it.

    The wiki is asked only where the metadata says that it holds some items.

    Args:
        store: how the wiki is reached.
        address: the item; not a project.
        document: the metadata of its project, as just read.

    Raises:
        GovernMirrorError: the article that may hold it cannot be read.
    """
    items, name = stored_items(document), item_name(address)
    fields = items.documents.get(name)
    if fields is None and items.are_archived:
        fields = (archived_items_of(store, address.project_key, is_archived=True) or {}).get(name)
    if fields is None:
        return None
    return decode({"customFields": fields}, _facts(store, address), _layout_of(address.kind))


def archived_items_of(store: Projects, project_key: str, *, is_archived: bool) -> dict[str, Any] | None:
    """Read the items in a project's wiki article; None when it is not there.

    Args:
        store: how the wiki is reached.
        project_key: the project.
        is_archived: whether something tells that there are some; else a wiki that is closed to this key holds none.

    Raises:
        GovernMirrorError: the article cannot be read.
    """
    try:
        return ItemsArticle(store.client, project_key, store.settling_seconds).items()
    except AccessDenied:
        if is_archived:
            raise
        return None


def _facts(store: Projects, address: Address) -> ProjectFacts:
    return ProjectFacts(
        project_key=str(address),
        name=address.label,
        url=store.project_url(address.project_key),
        item_url=store.item_url(str(address)),
        node_id=store.node_id,
    )


@cache
def _layout_of(kind: ItemKind) -> Layout:
    return Layout(item_template(kind), False, False, ITEM_RECORD_SIZE, ITEM_EVENTS_SIZE)


def stored_items(document: Mapping[str, Any]) -> StoredItems:
    """The items in a project's metadata document, besides the project itself."""
    return read_items(custom_fields(document).get(ITEMS_FIELD))


def custom_fields(metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    """The custom fields of a metadata document; none when they are no object."""
    return mapping(metadata.get("customFields"))
