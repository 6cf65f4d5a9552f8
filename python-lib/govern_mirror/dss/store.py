"""`ProjectStore`: governed projects on one DSS instance, read in bulk and written safely."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from govern_mirror import fast_json
from govern_mirror.bulk import Progress
from govern_mirror.dss import managed_folders
from govern_mirror.dss.article import ArticleWrite, SavedArticle
from govern_mirror.dss.attachments import Attachment, Attachments
from govern_mirror.dss.client import NOT_DSS, Client, ClientFactory, api_errors
from govern_mirror.dss.instance import DssInstance
from govern_mirror.dss.list_decoding import ListDecoding
from govern_mirror.dss.place import ItemPlace, Metadata, ProjectPlace
from govern_mirror.dss.project_write import (
    Change,
    ListedProject,
    ProjectWrite,
    RemovalWrite,
)
from govern_mirror.dss.safe_write import SETTLING_SECONDS
from govern_mirror.dss.summary import version_tag
from govern_mirror.dss.transport import receiving
from govern_mirror.dss.write_result import BulkConfirmation, Confirmation, WriteResult, confirm_writes, ending_of
from govern_mirror.errors import (
    ConnectionFailed,
    GovernMirrorError,
    NotFound,
    WriteRefused,
)
from govern_mirror.metadata import Layout, decode
from govern_mirror.model.address import parse_address
from govern_mirror.model.event import Actor
from govern_mirror.model.item import Item, ProjectFacts, UnreadableProject
from govern_mirror.nested import texts
from govern_mirror.operation import bounded

METADATA_KEYS = frozenset({"label", "shortDesc", "description", "tags", "checklists", "customFields"})
"""Keys by which a project's metadata is known: DSS leaves some of them out, but never most."""

LIST_PARAMS = {"includeLocation": False}
"""What the client's `list_projects` asks the list for."""


def is_readable(item: Metadata) -> bool:
    """Whether an item of the project list holds the custom fields, and could be read whole."""
    return isinstance(item.get("customFields"), dict) and not isinstance(item, fast_json.Pruned)


class ProjectStore(DssInstance):
    """Governed projects on one DSS instance.

    Args:
        clients: makes a client; called once for each thread.
        layout: the template and the projections in use.
        url: the instance's address for links, or None: then links are paths, until `resolve_url` finds it.
        settling_seconds: how long every writer of this instance waits before it looks for its write a second time.
        page_address: the live page's address, or None where nobody has set it.
    """

    def __init__(
        self,
        clients: ClientFactory,
        layout: Layout,
        url: str | None = None,
        settling_seconds: float = SETTLING_SECONDS,
        page_address: str | None = None,
    ) -> None:
        super().__init__(clients, url, page_address)
        self.layout = layout
        self.settling_seconds = settling_seconds

    # reading ------------------------------------------------------------------------------------------------

    @bounded
    def read(self, project_key: str) -> Item:
        """Read one project, or one of its items, with its whole history, also the part that moved to the wiki.

        Raises:
            GovernMirrorError: as `api_errors` says.
        """
        place = self.place(project_key)
        return place.with_history(place.decoded(self.metadata(place.project_key)))

    def with_history(self, item: Item) -> Item:
        """Add the events that moved to the wiki, as far as this key may read them."""
        return self.place(item.facts.project_key).with_history(item)

    def place(self, address: str) -> ProjectPlace:
        """Return where a governed item is kept.

        Args:
            address: a project's key, or the address of one of its items.

        Raises:
            InputError: it is none.
        """
        # a key that is none is an error of the request that is made with it
        parsed = parse_address(address) if "/" in address else None
        return ItemPlace(self, parsed) if parsed else ProjectPlace(self, address)

    def read_all(
        self, progress: Progress | None = None, *, history: bool = True
    ) -> tuple[list[Item], list[UnreadableProject]]:
        """Read every project this key can see, from one list call, which is decoded as it comes.

        Items that lack `customFields` (older instances) are read one by one. A project that vanished or cannot
        be read meanwhile is returned as unreadable. Without `history` only the last event of each is read.

        Raises:
            GovernMirrorError: as `read_list` says.
        """
        decodings: list[ListDecoding] = []
        # a project is decoded for its node, which is not asked for while the list comes
        self._information()

        def begin() -> Callable[[bytes, bool], bool]:
            decodings[:] = [self._decoding(history)]
            return decodings[0].take

        self.read_list(begin)
        (decoding,) = decodings
        return decoding.finish(progress)

    def decode_listed(
        self, items: Iterable[Metadata], progress: Progress | None = None, *, history: bool = True
    ) -> tuple[list[Item], list[UnreadableProject]]:
        """Decode projects as the list has them, as `read_all` does."""
        decoding = self._decoding(history)
        for item in items:
            decoding.add(item)
        return decoding.finish(progress)

    @bounded
    def listed(self, *, tags: Iterable[str] = (), folder: str | None = None) -> dict[str, Metadata]:
        """The projects this key can see as the list has them, by key, in DSS's order.

        Args:
            tags: only projects with one of these tags.
            folder: only projects in this project folder or below, as a path of names from the root.

        Raises:
            NotFound: there is no such folder.
        """
        wanted = set(tags)
        items = {
            item["projectKey"]: item
            for item in self._list()
            if not wanted or wanted & set(item["tags"] if isinstance(item.get("tags"), list) else ())
        }
        if folder is None:
            return items
        inside = _keys_in_folder(self.client, folder)
        return {key: item for key, item in items.items() if key in inside}

    @bounded
    def read_list(self, begin: Callable[[], Callable[[bytes, bool], bool]]) -> None:
        """Hand over the list of projects one by one as it comes, so that nobody holds it whole.

        Args:
            begin: returns what `fast_json.ItemReader` gives each project's bytes to; called anew when DSS has to be
                asked again.

        Raises:
            ConnectionFailed: what came is no list, or not all of it.
            GovernMirrorError: as `api_errors` says.
        """
        readers: list[fast_json.ItemReader] = []

        def receive() -> Callable[[bytes], None]:
            reader = fast_json.ItemReader(begin())
            readers[:] = [reader]
            return reader.feed

        try:
            with api_errors(doing="list the projects"):
                with receiving(receive):
                    self.client._perform_http("GET", "/projects/", params=LIST_PARAMS)
                for reader in readers:
                    reader.close()
        except fast_json.NotItems as error:
            raise ConnectionFailed(NOT_DSS) from error
        if not readers:
            raise ConnectionFailed(NOT_DSS)

    def keys(self) -> list[str]:
        """The keys of the projects this key can see."""
        return list(self.listed())

    # writing ------------------------------------------------------------------------------------------------

    @bounded
    def update(
        self,
        project_key: str,
        change: Change,
        actor: Actor,
        *,
        dry_run: bool = False,
        request: str | None = None,
        bulk: BulkConfirmation | None = None,
        listed: Metadata | None = None,
    ) -> WriteResult:
        """Change one project or item safely, as `SafeWrite` says.

        Args:
            project_key: the project, or the address of one of its items.
            change: a pure function; called again when the project changed meanwhile.
            actor: who, by which entry point, and when.
            dry_run: only compute what would change.
            request: the id of the request, when the whole history must be looked through for it.
            bulk: takes what has to be confirmed with `confirm` once all projects are written; without, this write waits
                for the settling time itself.
            listed: the project as the list has it, when that was read just before; it saves the first read.

        Raises:
            ConflictError: someone else changed the same values, or keeps writing.
            WriteUnclear: it may have been written, and could not be looked up.
            GovernMirrorError: what `change` raises, and as `api_errors` says; then nothing was written.
        """
        place = self.place(project_key)
        if dry_run:
            before = place.decoded(self.metadata(place.project_key))
            if request and place.is_moved(lambda event: event.request == request, before):
                return WriteResult(before, before, written=False)
            return WriteResult(before, change(place.numbered(before)), written=False)
        write = ProjectWrite(self, place, change, actor, request=request, counts_versions=bulk is None)
        return self._run(write, bulk, ListedProject(listed) if listed and is_readable(listed) else None)

    @bounded
    def remove(
        self,
        project_key: str,
        actor: Actor,
        *,
        accept: Change = lambda project: project,
        purge: bool = False,
        dry_run: bool = False,
        bulk: BulkConfirmation | None = None,
    ) -> WriteResult:
        """Remove everything this tool stored in a project: fields, record, checklist, tag, timeline.

        The metadata comes first, and the timeline after that is confirmed, so that a failure between leaves a history
        too much, never one too little. The record leaves the mark from which the events go on when the project is
        governed again.

        Args:
            project_key: the project.
            actor: who removes it, when, for the mark.
            accept: a pure function that raises where the project, as it is read, is not to be removed.
            purge: leave nothing, not even the mark.
            dry_run: only compute what would change.
            bulk: as `update` takes it; the timelines go once `confirm` has confirmed the rest.

        Raises:
            WriteRefused: the project is a copy, or its record is from a newer version.
            GovernMirrorError: as `update` says.
        """
        place = ProjectPlace(self, project_key)
        write = RemovalWrite(self, place, accept, actor, purge=purge, counts_versions=bulk is None)
        if dry_run:
            document = self.metadata(project_key)
            planned = write.plan(document)
            before = planned.before if planned else self.decoded(project_key, document)
            notices = write.notices(document) if planned else ()
            return WriteResult(before, planned.after if planned else before, written=False, warnings=notices)
        return self._run(write, bulk)

    def confirm(self, bulk: BulkConfirmation) -> dict[str, Confirmation]:
        """Look once more for the writes of a bulk operation, as `confirm_writes` says."""
        return confirm_writes(self, bulk)

    def _run(
        self, write: ProjectWrite, bulk: BulkConfirmation | None, listed: ListedProject | None = None
    ) -> WriteResult:
        written = write.run(settle=bulk is None, first=listed)
        if bulk is not None and written.claim is not None:
            bulk.writes[write.name] = write, written.claim, written.planned.moved if written.planned else ()
        return ending_of(self, write, written, confirmed=bulk is None)

    @bounded
    def put_file(self, project_key: str, folder_id: str, path: str, content: bytes) -> None:
        """Write a file into a managed folder, in place of the one at its path, and look for it there.

        Raises:
            ConflictError: it was accepted, and is not there.
            WriteUnclear: it may have been written, and the folder cannot be read.
            GovernMirrorError: as `api_errors` says.
        """
        managed_folders.put_file(self.client, project_key, folder_id, path, content)

    @bounded
    def save_article(self, project_key: str, name: str, change: Callable[[str], str]) -> SavedArticle:
        """Change the text of a wiki article, which is created when it is not there.

        Args:
            project_key: whose wiki.
            name: the article's name; without `/`, `?`, `#` and `%`, which DSS's address for it cannot hold.
            change: a pure function from the text that is there (empty for a new article) to the one to be.

        Raises:
            GovernMirrorError: as `api_errors` says.
        """
        written = ArticleWrite(self.client, project_key, name, change, self.settling_seconds).run()
        return SavedArticle(written.document.id, written.planned is not None)

    @bounded
    def attach(self, project_key: str, name: str, content: bytes) -> Attachment:
        """Attach a file to the wiki, as `Attachments.add` says."""
        return Attachments(self.client, project_key, self.settling_seconds).add(name, content)

    @bounded
    def attachment(self, project_key: str, upload_id: str) -> tuple[str, bytes]:
        """Read an attached file, as `Attachments.read` says."""
        return Attachments(self.client, project_key, self.settling_seconds).read(upload_id)

    # the project's metadata ---------------------------------------------------------------------------------

    def _list(self) -> list[dict[str, Any]]:
        with api_errors(doing="list the projects"):
            # what `list_projects` asks for, read by what is faster at tens of megabytes
            answer = self.client._perform_http("GET", "/projects/", params=LIST_PARAMS)
            items = fast_json.loads_items(answer.content)
        if not isinstance(items, list):
            raise ConnectionFailed(NOT_DSS)
        return [item for item in items if isinstance(item, dict) and isinstance(item.get("projectKey"), str)]

    def metadata(self, project_key: str) -> Metadata:
        """Read a project's metadata.

        Raises:
            ConnectionFailed: what came is not a project's metadata, so that it can be no base for a write.
            GovernMirrorError: as `api_errors` says.
        """
        with api_errors(project_key, "read the metadata"):
            metadata = self.client.get_project(project_key).get_metadata()
        if not isinstance(metadata, dict) or len(METADATA_KEYS & metadata.keys()) < 2 or "errorType" in metadata:
            raise ConnectionFailed(f"{project_key}: what came is not a project's metadata; {NOT_DSS}")
        return metadata

    def base(self, project_key: str) -> Metadata:
        """Read a project's metadata as a base to write: what no reader can take whole cannot be kept byte for byte.

        Raises:
            WriteRefused: it is nested too deep.
            GovernMirrorError: as `metadata` says.
        """
        metadata = self.metadata(project_key)
        if fast_json.is_deep(metadata):
            raise WriteRefused(f"{project_key} is not written: {fast_json.TOO_DEEP}; repair the project's metadata")
        return metadata

    def put_metadata(self, project_key: str, body: Metadata) -> None:
        """Replace a project's metadata."""
        with api_errors(project_key, "write the metadata"):
            self.client.get_project(project_key).set_metadata(body)

    def summary(self, project_key: str) -> Metadata | None:
        """Read a project as the list shows it, with its version number; None when it cannot be read."""
        try:
            with api_errors(project_key, "read the project"):
                summary = self.client.get_project(project_key).get_summary()
        except GovernMirrorError:
            return None
        return summary if isinstance(summary, dict) and summary.get("projectKey") == project_key else None

    def decoded(self, project_key: str, metadata: Mapping[str, Any]) -> Item:
        """Decode a project's metadata; for edits by hand, with the project's last modifier as a hint."""
        label = metadata.get("label")
        facts = ProjectFacts(
            project_key=project_key,
            name=label if isinstance(label, str) and label else project_key,
            url=self.project_url(project_key),
            item_url=self.item_url(project_key),
            node_id=self.node_id,
            tags=texts(metadata.get("tags")),
        )
        project = decode(metadata, facts, self.layout)
        if project.pending:
            # only an edit in DSS needs the hint, and only the summary has it
            project = decode(metadata, self.with_hint(facts), self.layout)
        return project

    def with_hint(self, facts: ProjectFacts) -> ProjectFacts:
        """Add who last wrote the project, for edits by hand."""
        summary = self.summary(facts.project_key)
        if summary is None:
            return facts  # a hint is not worth failing for
        by, on = version_tag(summary)
        return replace(facts, last_modified_by=by, last_modified_on=on)

    def _decoding(self, history: bool) -> ListDecoding:
        return ListDecoding(partial(self._from_item, history=history), self.metadata)

    def _from_item(self, item: Metadata, metadata: Metadata, *, history: bool) -> Item:
        key = item["projectKey"]
        by, on = version_tag(item)
        facts = ProjectFacts(
            project_key=key,
            name=item["name"] if isinstance(item.get("name"), str) else key,
            url=self.project_url(key),
            item_url=self.item_url(key),
            node_id=self.node_id,
            owner=item["ownerLogin"] if isinstance(item.get("ownerLogin"), str) else None,
            tags=texts(item.get("tags")),
            last_modified_by=by,
            last_modified_on=on,
        )
        return decode(metadata, facts, self.layout, history=history)


def _keys_in_folder(client: Client, path: str) -> set[str]:
    """The keys of the projects in a folder and below it.

    Args:
        client: this thread's client.
        path: folder names from the root, with `/` between; empty for the root.

    Raises:
        NotFound: there is no such folder.
    """
    names = [name for name in path.split("/") if name.strip()]
    with api_errors(doing="read the project folders"):
        folder = client.get_root_project_folder()
        for name in names:
            children = [child for child in folder.list_child_folders() if child.name == name]
            if not children:
                raise NotFound(f"there is no project folder {path!r}: {name!r} is not in {folder.name or 'the root'!r}")
            folder = children[0]
        keys: set[str] = set()
        waiting = [folder]
        while waiting:
            folder = waiting.pop()
            keys.update(folder.list_project_keys())
            waiting.extend(folder.list_child_folders())
    return keys
