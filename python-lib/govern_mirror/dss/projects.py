"""`Projects`: the list of an instance's projects, and the metadata of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from govern_mirror import fast_json
from govern_mirror.bulk import Progress, for_each
from govern_mirror.dss.client import NOT_DSS, Client, ClientFactory, api_errors
from govern_mirror.dss.instance import DssInstance
from govern_mirror.dss.list_ahead import ListAhead, request_list
from govern_mirror.dss.safe_write import SETTLING_SECONDS
from govern_mirror.dss.summary import Metadata, version_tag
from govern_mirror.errors import ConnectionFailed, GovernMirrorError, NotFound, WriteRefused
from govern_mirror.metadata import Layout, decode
from govern_mirror.model.item import Item, ProjectFacts, UnreadableProject
from govern_mirror.nested import texts
from govern_mirror.operation import bounded

METADATA_KEYS = frozenset({"label", "shortDesc", "description", "tags", "checklists", "customFields"})
"""Keys by which a project's metadata is known: DSS leaves some of them out, but never most."""


class Projects(DssInstance):
    """The projects of one DSS instance, as they are read and written whole.

    Args:
        clients: makes a client; called once for each thread.
        layout: the template and the projections in use.
        url: the instance's address for links, or None: then links are paths, until `resolve_url` finds it.
        settling_seconds: how long every writer of this instance waits before it looks for its write a second time.
        page_address: the live page's address, or None where nobody has set it.
        ahead: the list that was asked for already, for who reads the list first.
    """

    def __init__(
        self,
        clients: ClientFactory,
        layout: Layout,
        url: str | None = None,
        settling_seconds: float = SETTLING_SECONDS,
        page_address: str | None = None,
        ahead: ListAhead | None = None,
    ) -> None:
        super().__init__(clients, url, page_address)
        self.layout = layout
        self.settling_seconds = settling_seconds
        self._ahead = ahead

    # the list -----------------------------------------------------------------------------------------------

    def read_all(
        self, progress: Progress | None = None, *, history: bool = True
    ) -> tuple[list[Item], list[UnreadableProject]]:
        """Read every project this key can see, from one list call, which is decoded as it comes.

        Items that lack `customFields` (older instances) are read one by one. A project that vanished or cannot
        be read meanwhile is returned as unreadable. Without `history` only the last event of each is read.

        Raises:
            GovernMirrorError: as `read_list` says.
        """
        decodings: list[_ListDecoding] = []
        # a project is decoded for its node, which is not asked for while the list comes
        self._information()

        def begin() -> Callable[[bytes, bool], bool]:
            decodings[:] = [_ListDecoding(self, history)]
            return decodings[0].take

        self.read_list(begin)
        (decoding,) = decodings
        return decoding.finish(progress)

    def decode_listed(
        self, items: Iterable[Metadata], *, history: bool = True
    ) -> tuple[list[Item], list[UnreadableProject]]:
        """Decode projects as the list has them, as `read_all` does."""
        decoding = _ListDecoding(self, history)
        for item in items:
            decoding.add(item)
        return decoding.finish()

    @bounded
    def listed(self, *, tags: Iterable[str] = (), folder: str | None = None) -> dict[str, Metadata]:
        """The projects this key can see as the list has them, by key, in DSS's order.

        Args:
            tags: only projects with one of these tags.
            folder: only projects in this project folder or below, as a path of names from the root.

        Raises:
            NotFound: there is no such folder.
        """
        names = set(tags)
        items = {item["projectKey"]: item for item in self._list() if not names or names & set(texts(item.get("tags")))}
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
        ahead, self._ahead = self._ahead, None
        self._hand_over(begin, ahead)

    def _hand_over(self, begin: Callable[[], Callable[[bytes, bool], bool]], ahead: ListAhead | None = None) -> None:
        readers: list[fast_json.ItemReader] = []

        def receive() -> Callable[[bytes], None]:
            reader = fast_json.ItemReader(begin())
            readers[:] = [reader]
            return reader.feed

        try:
            with api_errors(doing="list the projects"):
                if ahead is not None:
                    ahead.hand_over(receive)
                else:
                    request_list(self.client, receive)
                for reader in readers:
                    reader.close()
        except fast_json.NotItems as error:
            raise ConnectionFailed(NOT_DSS) from error
        if not readers:
            raise ConnectionFailed(NOT_DSS)

    def keys(self) -> list[str]:
        """The keys of the projects this key can see."""
        return list(self.listed())

    def _list(self) -> list[Metadata]:
        items: list[Metadata] = []

        def take(raw: bytes, certain: bool) -> bool:
            item = fast_json.loads_item(raw, certain=certain)
            items.extend([item] if item and isinstance(item.get("projectKey"), str) else ())
            return item is not None

        def begin() -> Callable[[bytes, bool], bool]:
            items.clear()
            return take

        # what was asked for ahead may be older than a write that is looked for
        self._hand_over(begin)
        return items

    def _from_item(self, item: Metadata, metadata: Metadata, *, history: bool) -> Item:
        """Decode a project as the list has it, and its metadata, which most instances list with it."""
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

    # the project's metadata ---------------------------------------------------------------------------------

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
        return self.decoded_as(facts, metadata, self.layout)

    def decoded_as(self, facts: ProjectFacts, metadata: Mapping[str, Any], layout: Layout) -> Item:
        """Decode what is kept of a project or of one of its items, which `facts` name, as `decoded` does."""
        item = decode(metadata, facts, layout)
        # only an edit in DSS needs the hint, and only the summary has it; it is not worth failing for
        summary = self.summary(facts.project_key.partition("/")[0]) if item.pending else None
        if summary is None:
            return item
        by, on = version_tag(summary)
        return decode(metadata, replace(facts, last_modified_by=by, last_modified_on=on), layout)


class _ListDecoding:
    """Decodes the projects of one list one by one as they come: nobody holds the list whole.

    Args:
        projects: of the instance.
        history: whether all events of each are read.
    """

    def __init__(self, projects: Projects, history: bool) -> None:
        self._instance, self._history = projects, history
        self._keys: list[str] = []
        self._projects: dict[str, Item] = {}
        self._unreadable: list[UnreadableProject] = []
        self._bare: list[Metadata] = []

    def take(self, raw: bytes, certain: bool) -> bool:
        """Take the bytes of a project, as `fast_json.ItemReader` gives them."""
        item = fast_json.loads_item(raw, certain=certain)
        if item is None:
            return False
        if isinstance(item.get("projectKey"), str):
            self.add(item)
        return True

    def add(self, item: Metadata) -> None:
        """Take a project as the list has it."""
        self._keys.append(item["projectKey"])
        if "customFields" in item:
            self._add(item, item)
        else:
            self._bare.append(item)

    def finish(self, progress: Progress | None = None) -> tuple[list[Item], list[UnreadableProject]]:
        """Read what the list does not hold whole; return the projects in the list's order, and the unreadable ones."""
        for ending in for_each(self._bare, lambda item: self._instance.metadata(item["projectKey"]), progress=progress):
            if ending.result is None:
                self._unreadable.append(UnreadableProject(ending.item["projectKey"], str(ending.error)))
            else:
                self._add(ending.item, ending.result)
        return [self._projects[key] for key in self._keys if key in self._projects], self._unreadable

    def _add(self, item: Metadata, metadata: Metadata) -> None:
        key = item["projectKey"]
        if isinstance(item, fast_json.Pruned):
            self._unreadable.append(UnreadableProject(key, f"{item.reason}; repair the project's metadata"))
            return
        try:
            self._projects[key] = self._instance._from_item(item, metadata, history=self._history)
        except (RecursionError, ValueError, OverflowError) as error:
            # decode raises nothing: if it does, one project must not hide all others
            reason = f"its metadata cannot be read ({type(error).__name__})"
            self._unreadable.append(UnreadableProject(key, reason))


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
