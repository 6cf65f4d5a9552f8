"""How a governed item is written safely into a project's metadata: a change of its values, or the removal of all."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from govern_mirror.dss.place import PlannedChange, ProjectPlace, custom_fields, stored_items
from govern_mirror.dss.projects import Projects
from govern_mirror.dss.safe_write import SafeWrite
from govern_mirror.dss.summary import Metadata
from govern_mirror.errors import Action, ConflictError, GovernMirrorError, Hint, WriteRefused, WriteUnclear
from govern_mirror.metadata import NONCE_LENGTH, Layout, removed
from govern_mirror.metadata.items import typed_items, writes_on_top
from govern_mirror.metadata.record import MAX_NONCES
from govern_mirror.model.blueprint import ITEMS_FIELD, RECORD_FIELD, Kind
from govern_mirror.model.event import Actor
from govern_mirror.model.item import Governance, Item, values
from govern_mirror.model.values import Value
from govern_mirror.nested import get

Change = Callable[[Item], Item]


@dataclass(frozen=True, slots=True)
class ProjectClaim:
    """What tells a write in the record, small enough to be kept for each project of a bulk write.

    Attributes:
        nonce, revision: as the record has them; no nonce where a removal leaves no record.
        last_hash: of the last event in the record that was written.
        was_governed: whether the project was governed before.
        last_event_before: the highest event number before.
        changes: the values that the write changed, by path: before and after.
    """

    nonce: str
    revision: int
    last_hash: str
    was_governed: bool
    last_event_before: int
    changes: Mapping[str, tuple[Value, Value]]


LISTED_KEYS = ("customFields", "checklists", "shortDesc", "tags")
"""What an item of the project list holds of the project's metadata (dna)."""


class ListedProject(dict[str, Any]):
    """An item of the project list: enough to decide on a change, and to tell whether the metadata is still the same."""


class ProjectWrite(SafeWrite[Metadata, PlannedChange, ProjectClaim]):
    """A change of one item's governed values.

    Args:
        store: how the project is read and put, with the layout and the settling time of all writers of the instance.
        place: where the item is kept.
        change: a pure function; called again when the project changed meanwhile.
        actor: who, by which entry point, and when.
        request: the id of the request, when it must be looked for in the whole history.
        counts_versions: whether DSS's version number is compared before and after, which takes a request.
    """

    reads_twice = True

    def __init__(
        self,
        store: Projects,
        place: ProjectPlace,
        change: Change,
        actor: Actor,
        *,
        request: str | None = None,
        counts_versions: bool = True,
    ) -> None:
        self.name = place.name
        self.place = place
        self.settling_seconds = store.settling_seconds
        self.version_before: int | None = None
        self.version_after: int | None = None
        self.summary: Metadata | None = None
        """The project as the list had it at the second confirmation, after the write."""
        self._store = store
        self._change = change
        self._actor = actor
        self._request = request
        self._counts_versions = counts_versions
        self._nonce = ""

    @property
    def overwritten(self) -> int:
        """How many writes of others came between our last look and our second confirmation, as DSS counts them."""
        if self.version_before is None or self.version_after is None:
            return 0
        return max(0, self.version_after - self.version_before - 1)

    def unexplained(self, body: Metadata) -> int:
        """How many of those were none of ours, which look for themselves, as far as the last read tells."""
        settled = self.summary if self.summary and "customFields" in self.summary else {}
        return max(0, self.overwritten - writes_on_top(_governed(body), _governed(settled)))

    def read(self) -> Metadata:
        """Read the project's metadata."""
        return self._store.base(self.place.project_key)

    def put(self, body: Metadata) -> None:
        """Replace the project's metadata."""
        self._store.put_metadata(self.place.project_key, body)

    def read_settled(self) -> Metadata:
        """Read the project as the list has it: with its version number, and mostly with its custom fields."""
        summary = self.summary = self._store.summary(self.place.project_key) if self._counts_versions else None
        if summary is None:
            return self.read()
        self.version_after = version_number(summary)
        return summary if isinstance(summary.get("customFields"), dict) else self.read()

    def before_last_read(self) -> None:
        """Remember the project's version number: whoever writes between it and our PUT moves it once more."""
        self.place.look_again()
        if self._counts_versions:
            summary = self._store.summary(self.place.project_key)
            self.version_before = version_number(summary) if summary else None

    def plan(self, document: Metadata) -> PlannedChange | None:
        """Make the change on what was read; the wiki takes what the record cannot hold before anything is put.

        Raises:
            WriteRefused: the record names a node, and DSS does not tell which one this is.
        """
        before = self.place.decoded(document)
        self._require_known_node(before, document)
        if self._request and self.place.is_moved(lambda event: event.request == self._request, before):
            return None
        bare = self.place.was_never_governed(before, document)
        after = self._change(before if bare else self.place.numbered(before))
        if same_project(after, before):
            return None
        self._nonce = secrets.token_hex(NONCE_LENGTH // 2)
        return replace(self.place.fitted(after, document, before.last_event), before=before)

    def _require_known_node(self, project: Item, document: Metadata) -> None:
        node = self.place.record(document).node_id
        if node is not None and project.facts.node_id is None:
            raise WriteRefused(
                f"{self.name} is not written: its record is from the node {node}, and DSS does not say which "
                "node this is, so that it could be a copy; try again, or let an administrator look at `/instance-info`"
            )

    def body(self, planned: PlannedChange, base: Metadata) -> Metadata:
        """Return the metadata with the change in it."""
        return self.place.encoded(planned.after, base, self._actor, self._nonce)

    def same_base(self, planned_on: Metadata, document: Metadata) -> bool:
        """Whether the governed values and the record are the same."""
        return self.place.is_same(planned_on, document)

    def same_document(self, one: Metadata, other: Metadata) -> bool:
        """Whether two reads show the same metadata; DSS keeps tags in an order of its own."""
        if isinstance(one, ListedProject):
            shared = [key for key in LISTED_KEYS if key in one and key in other]
            one, other = ({key: document[key] for key in shared} for document in (one, other))
        return comparable(one) == comparable(other)

    def claim(self, planned: PlannedChange, body: Metadata) -> ProjectClaim:
        """Return what tells this write in the record."""
        before, after = values(planned.before), values(planned.after)
        record = self.place.record(body)
        return ProjectClaim(
            # a removal that leaves no mark has none to be known by
            nonce=self._nonce if self._nonce in record.nonces else "",
            revision=record.revision,
            # what hides a project has no event: the last hash is that of an earlier write
            last_hash="" if record.removed else record.last_hash,
            was_governed=planned.before.state is Governance.GOVERNED,
            last_event_before=planned.before.last_event,
            changes={path: (before[path], after[path]) for path in before if before[path] != after[path]},
        )

    def holds(self, claim: ProjectClaim, document: Metadata) -> bool:
        """Whether the record names our write, or holds its last event when many have written since.

        Raises:
            WriteUnclear: the wiki cannot be read, where the item may have moved meanwhile.
        """
        try:
            self.place.look_again(document)
        except GovernMirrorError as error:
            raise WriteUnclear(
                f"{self.name}: it may have been written, and moved to the wiki, which cannot be read ({error}): look "
                "before you try again"
            ) from error
        current = self.place.record(document)
        if claim.nonce in current.nonces:
            return True
        if current.removed:
            return current.last_hash == claim.last_hash != ""
        if current.revision - claim.revision < MAX_NONCES or not claim.last_hash:
            return False
        if any(event.hash == claim.last_hash for event in current.events):
            return True
        return self.place.is_moved(lambda event: event.hash == claim.last_hash)

    def require_unchanged(self, claim: ProjectClaim, document: Metadata) -> None:
        """Raise ConflictError when someone else changed what the lost change was about."""
        project = self.place.decoded(document)
        now = values(project)
        is_lost = not project.revision or project.damaged_record is not None
        if is_lost and claim.changes and all(now[path] == after for path, (_, after) in claim.changes.items()):
            raise WriteUnclear(
                f"{self.name}: it may have been written: the values are there, but someone changed the record at the "
                "same moment, so that the history does not tell of it; look at it, and govern it anew"
            )
        conflicts = conflicting_paths(claim, project)
        if not conflicts:
            return
        author = author_of(project, claim.last_event_before, conflicts)
        raise ConflictError(
            f"{self.name}: {author} changed {', '.join(conflicts)} at the same moment, and that write took the "
            "place of this one; nothing of yours is left in it: look at it, and try again"
        )


class RemovalWrite(ProjectWrite):
    """The removal of everything this tool stored in a project's metadata.

    Args:
        accept: a pure function that raises where the project is not to be removed.
        purge: leave nothing, not even the mark from which the events could go on.

    Attributes:
        has_timeline: whether a wiki article may hold events of the project, to be taken away after the metadata.
    """

    def __init__(
        self,
        store: Projects,
        place: ProjectPlace,
        accept: Change,
        actor: Actor,
        *,
        purge: bool,
        counts_versions: bool,
    ) -> None:
        super().__init__(store, place, accept, actor, counts_versions=counts_versions)
        self._purge = purge
        self.has_timeline = False

    def plan(self, document: Metadata) -> PlannedChange | None:
        """Decide whether there is something to remove.

        Raises:
            WriteRefused: the project is a copy, or its record is from a newer version, and not all is purged.
        """
        before = self.place.decoded(document)
        self._require_known_node(before, document)
        self._change(before)
        key = self.name
        if before.state is Governance.COPIED and not self._purge:
            raise WriteRefused(f"{key} is not written: it is a copy", hint=Hint(Action.ADOPT, key))
        if before.read_only and not self._purge:
            raise WriteRefused(f"{key} is not written: {before.read_only}", hint=Hint(Action.PURGE, key))
        self._nonce = secrets.token_hex(NONCE_LENGTH // 2)
        self.has_timeline = before.moved_events > 0 or self._purge
        is_marked = before.state is Governance.UNGOVERNED and bool(before.nonces)
        body = self._removed(before, document)
        if body == document or (is_marked and not self._purge):
            return None
        return PlannedChange(before, self.place.decoded(body))

    def notices(self, document: Metadata) -> tuple[str, ...]:
        """Return what goes besides the project's own values."""
        items = stored_items(document)
        if not items.documents and not items.are_archived:
            return ()
        count, more = len(items.documents), " and more in the wiki" if items.are_archived else ""
        what = "bundle or version" if count == 1 and not more else "bundles and versions"
        return (f"what is recorded of {count}{more} {what} goes, too: steps, notes, documents and history",)

    def body(self, planned: PlannedChange, base: Metadata) -> Metadata:
        """Return the metadata without anything of ours but the mark."""
        return self._removed(planned.before, base)

    def holds(self, claim: ProjectClaim, document: Metadata) -> bool:
        """Whether the mark names our write, or, where none is left, nothing of ours is there."""
        if not claim.nonce:
            return not self.place.part(document)
        # a removal has no event of its own: only its mark tells it, and a record that goes on behind that mark
        return claim.nonce in self.place.record(document).nonces

    def require_unchanged(self, claim: ProjectClaim, document: Metadata) -> None:
        """Raise ConflictError when someone else wrote it since: what they wrote is not removed unseen.

        Raises:
            WriteUnclear: nothing of ours is left but, at most, a damaged record, so that no mark tells of the removal.
        """
        project = self.place.decoded(document)
        part = self.place.part(document)
        if not part or (part.keys() == {RECORD_FIELD} and project.damaged_record is not None):
            raise WriteUnclear(
                f"{self.name}: it may have been removed: its values are gone, but someone changed the record at the "
                "same moment, so that nothing tells of the removal; look at it, and try again"
            )
        before = {**project.blueprint.blank_values, **{path: value for path, (value, _) in claim.changes.items()}}
        if values(project) != before or project.last_event > claim.last_event_before:
            author = author_of(project, claim.last_event_before, ())
            raise ConflictError(
                f"{self.name}: {author} wrote it at the same moment, so it was not removed; look at it, and try again"
            )

    def _removed(self, before: Item, metadata: Metadata) -> Metadata:
        has_events = before.last_event > 0 or before.state is not Governance.UNGOVERNED
        if self._purge or not has_events:
            return removed(metadata, self._store.layout)
        return removed(metadata, self._store.layout, before=before, actor=self._actor, nonce=self._nonce)


def same_project(after: Item, before: Item) -> bool:
    """Whether a change changed nothing; how events will be numbered is no change."""
    return (
        replace(
            after,
            last_event=before.last_event,
            moved_events=before.moved_events,
            last_hash=before.last_hash,
            moved_hash=before.moved_hash,
        )
        == before
    )


def comparable(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata with its tags in an order of ours, without duplicates, as DSS's own order says nothing."""
    tags = metadata.get("tags")
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        return dict(metadata)
    return {**metadata, "tags": sorted(set(tags))}


def foreign_changes(body: Metadata, document: Metadata, layout: Layout) -> tuple[str, ...]:
    """What someone else changed between our PUT and a read, as a warning that names it."""
    own, current = comparable(removed(body, layout)), comparable(removed(document, layout))
    names = {key for key in {**own, **current} if key != "customFields" and own.get(key) != current.get(key)}
    fields, current_fields = custom_fields(body), custom_fields(document)
    names |= {name for name in {**fields, **current_fields} if fields.get(name) != current_fields.get(name)}
    # other writes of ours, each of which looks for itself
    names -= {RECORD_FIELD, ITEMS_FIELD}
    if writes_on_top({"": fields}, {"": current_fields}):
        names -= layout.blueprint.stored_names
    names |= {f"{ITEMS_FIELD} {name}" for name in typed_items(stored_items(body), stored_items(document))}
    if not names:
        return ()
    return (f"someone else changed {', '.join(sorted(names))} while this was written: look at it in DSS",)


def _governed(metadata: Metadata) -> dict[str, Any]:
    """The project and its items as documents with a record, by name; the project's is empty."""
    return {"": custom_fields(metadata), **stored_items(metadata).documents}


def dropped_fields(planned: PlannedChange, body: Mapping[str, Any], document: Mapping[str, Any]) -> list[str]:
    """The custom fields that a write set, and that are not there when it is read back."""
    before, after = values(planned.before), values(planned.after)
    names = [field.stored for path, field in planned.after.blueprint.by_path.items() if before[path] != after[path]]
    fields, current = custom_fields(body), custom_fields(document)
    return [name for name in names if name in fields and name not in current]


def conflicting_paths(claim: ProjectClaim, project: Item) -> list[str]:
    """The paths that a change was about, and that are otherwise now than when it was decided."""
    if claim.was_governed and project.state is not Governance.GOVERNED:
        return ["governed"]
    now, by_path = values(project), project.blueprint.by_path
    return [
        path
        for path, (before, after) in claim.changes.items()
        if now[path] != before
        # the same value from someone else is what was wanted; the same move is not: it happened once
        and (now[path] != after or by_path[path].kind is Kind.STATUS)
    ]


def author_of(project: Item, since: int, paths: Sequence[str]) -> str:
    """Who wrote the newest event after `since`, about one of the paths if one is."""
    newer = [event for event in (*project.events, *project.pending) if event.number is None or event.number > since]
    about = [event for event in newer if event.what in paths] or newer
    return (about[-1].by or about[-1].hint or "someone") if about else "someone"


def version_number(item: Mapping[str, Any]) -> int | None:
    """The project's version number, where DSS tells one."""
    number = get(item, ("versionTag", "versionNumber"))
    return number if type(number) is int else None
