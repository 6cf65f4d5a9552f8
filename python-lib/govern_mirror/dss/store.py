"""`ProjectStore`: governed projects on one DSS instance, read in bulk and written safely."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from govern_mirror import fast_json
from govern_mirror.blueprint import RECORD_FIELD
from govern_mirror.bulk import Progress, for_each
from govern_mirror.dss.article import SavedArticle, read_timeline, remove_timeline, save_article, save_timeline
from govern_mirror.dss.client import NOT_DSS, ClientFactory, translated
from govern_mirror.dss.folders import keys_in_folder
from govern_mirror.dss.instance import DssInstance
from govern_mirror.dss.outcome import Outcome, ProjectProbe, Survey, Unreadable
from govern_mirror.errors import (
    ConflictError,
    ConnectionFailed,
    GovernMirrorError,
    WriteRefused,
)
from govern_mirror.event import Actor, merged
from govern_mirror.metadata import Layout, decode, encode, governed_part, overflow, removed
from govern_mirror.project import Governance, GovernedProject, ProjectFacts
from govern_mirror.record import parse_record

TRIES = 3
"""How often a write starts again when someone else changes the same values, or the answer is doubtful."""

Change = Callable[[GovernedProject], GovernedProject]


class ProjectStore(DssInstance):
    """Governed projects on one DSS instance.

    Args:
        clients: makes a client; called once a thread.
        layout: the template and the projections in use.
        url: the instance's address for links, or None: then links are paths, until `ask_url` finds it.
    """

    def __init__(self, clients: ClientFactory, layout: Layout = Layout(), url: str | None = None) -> None:
        super().__init__(clients, url)
        self.layout = layout

    # reading ------------------------------------------------------------------------------------------------

    def read(self, project_key: str) -> GovernedProject:
        """Read one project with its whole history, also the part that moved to the wiki.

        Raises:
            GovernMirrorError: as `translated` says.
        """
        metadata = self._metadata(project_key)
        project = self._decoded(project_key, metadata)
        if not project.moved_events:
            return project
        try:
            earlier = read_timeline(self.client, project_key)
        except GovernMirrorError:
            return project  # the wiki is closed to this key: what the record holds is still true
        committed = [event for event in earlier if (event.number or 0) <= project.last_event]
        return replace(project, events=merged(committed, project.events))

    def read_all(
        self, progress: Progress | None = None, *, history: bool = True
    ) -> tuple[list[GovernedProject], list[Unreadable]]:
        """Read every project this key can see, from one list call.

        Items that lack `customFields` (older instances) are read one by one. A project that vanished or cannot
        be read meanwhile is returned as unreadable. Without `history` only the last event of each is read.
        """
        items = self._list()
        complete = [item for item in items if "customFields" in item]
        bare = [item for item in items if "customFields" not in item]
        projects: dict[str, GovernedProject] = {}
        unreadable: list[Unreadable] = []

        def add(item: Mapping[str, Any], metadata: Mapping[str, Any]) -> None:
            key = item["projectKey"]
            if isinstance(item, fast_json.Pruned):
                unreadable.append(Unreadable(key, f"{item.reason}; repair the project's metadata"))
                return
            try:
                projects[key] = self._from_item(item, metadata, history)
            except (RecursionError, ValueError, OverflowError) as error:
                # decode raises nothing: if it does, one project must not hide all others
                unreadable.append(Unreadable(key, f"its metadata cannot be read ({type(error).__name__})"))

        for item in complete:
            add(item, item)
        for ending in for_each(bare, lambda item: self._metadata(item["projectKey"]), progress=progress):
            if ending.result is None:
                unreadable.append(Unreadable(ending.item["projectKey"], str(ending.error)))
            else:
                add(ending.item, ending.result)
        return [projects[item["projectKey"]] for item in items if item["projectKey"] in projects], unreadable

    def keys(self, *, tags: Iterable[str] = (), folder: str | None = None) -> list[str]:
        """The keys of the projects this key can see, in DSS's order.

        Args:
            tags: only projects with one of these tags.
            folder: only projects in this project folder or below, as a path of names from the root.

        Raises:
            NotFound: there is no such folder.
        """
        wanted = set(tags)
        keys = [
            item["projectKey"]
            for item in self._list()
            if not wanted or wanted & set(item["tags"] if isinstance(item.get("tags"), list) else ())
        ]
        if folder is None:
            return keys
        inside = keys_in_folder(self.client, folder)
        return [key for key in keys if key in inside]

    # writing ------------------------------------------------------------------------------------------------

    def update(self, project_key: str, change: Change, actor: Actor, *, dry_run: bool = False) -> Outcome:
        """Change one project safely: read, change, read again, write, read back.

        When the record or a canonical value changed between the two reads, the change is made again on the new
        state. A PUT is never repeated blindly: after a doubtful answer everything starts again with a read.

        Args:
            project_key: the project.
            change: a pure function; called again when the project changed meanwhile.
            actor: who, through which door, when.
            dry_run: only compute what would change.

        Raises:
            ConflictError: someone else kept changing the same values.
            GovernMirrorError: what `change` raises, and as `translated` says.
        """
        doubt: ConnectionFailed | None = None
        for _ in range(TRIES):
            first = self._base(project_key)
            before = self._decoded(project_key, first)
            after = change(self._numbered_on(project_key, before))
            if _same(after, before):
                return Outcome(before, before, written=False)
            if dry_run:
                return Outcome(before, after, written=False)
            second = self._base(project_key)
            if governed_part(second, self.layout) != governed_part(first, self.layout):
                continue
            fitting, warnings = self._fitted(project_key, after, second)
            body = encode(fitting, second, actor, self.layout)
            try:
                self._put(project_key, body)
            except ConnectionFailed as error:
                if not self._landed(project_key, body, second):
                    doubt = error
                    continue
            written = self._verified(project_key, body, second)
            after = self._decoded(project_key, written, fitting.facts)
            return Outcome(before, after, True, (*warnings, *_foreign_changes(body, written, self.layout)))
        if doubt:
            raise doubt
        raise ConflictError(
            f"{project_key}: someone else keeps changing the same values; nothing was written, try again"
        )

    def remove(self, project_key: str, *, dry_run: bool = False) -> Outcome:
        """Remove everything this tool stored in a project: fields, record, checklist, tag, timeline.

        Raises:
            WriteRefused: the project is a copy, or its record is from a newer version.
            GovernMirrorError: as `translated` says.
        """
        doubt: ConnectionFailed | None = None
        for _ in range(TRIES):
            first = self._base(project_key)
            before = self._decoded(project_key, first)
            if before.state is Governance.COPIED or before.read_only:
                reason = before.read_only or f"it is a copy; run `init {project_key} --adopt` first"
                raise WriteRefused(f"{project_key} is not written: {reason}")
            body = removed(first, self.layout)
            after = self._decoded(project_key, body, before.facts)
            if body == first or dry_run:
                return Outcome(before, before if body == first else after, written=False)
            second = self._base(project_key)
            if governed_part(second, self.layout) != governed_part(first, self.layout):
                continue
            body = removed(second, self.layout)
            warnings = remove_timeline(self.client, project_key) if before.moved_events else ()
            try:
                self._put(project_key, body)
            except ConnectionFailed as error:
                if not self._landed(project_key, body, second):
                    doubt = error
                    continue
            written = self._verified(project_key, body, second)
            return Outcome(before, after, True, (*warnings, *_foreign_changes(body, written, self.layout)))
        if doubt:
            raise doubt
        raise ConflictError(
            f"{project_key}: someone else keeps changing the same values; nothing was written, try again"
        )

    def put_file(self, project_key: str, folder_id: str, path: str, content: bytes) -> None:
        """Write a file into a managed folder, in place of the one at its path.

        Raises:
            GovernMirrorError: as `translated` says.
        """
        with translated(project_key, f"write into the managed folder {folder_id}"):
            self.client.get_project(project_key).get_managed_folder(folder_id).put_file(path, io.BytesIO(content))

    def save_article(self, project_key: str, name: str, change: Callable[[str], str]) -> SavedArticle:
        """Change the text of a wiki article, which is created when it is not there.

        Args:
            project_key: whose wiki.
            name: the article's name; without `/`, `?`, `#` and `%`, which DSS's address for it cannot hold.
            change: a pure function from the text that is there (empty for a new article) to the one to be.

        Raises:
            GovernMirrorError: as `translated` says.
        """
        with translated(project_key, "write the wiki"):
            return save_article(self.client, project_key, name, change)

    # looking at the instance ---------------------------------------------------------------------------------

    def survey(self) -> Survey:
        """How the project list looks on this instance."""
        items = self._list()
        return Survey(len(items), sum("customFields" in item for item in items))

    def probe_write(self, project_key: str) -> ProjectProbe:
        """Write a project's metadata back as it was read, to learn what DSS does then.

        Raises:
            GovernMirrorError: as `translated` says; this key may not write, for one.
        """
        metadata = self._base(project_key)
        tag = self._version(project_key)
        self._put(project_key, metadata)
        found = self._metadata(project_key)
        differing = [key for key in {**metadata, **found} if metadata.get(key) != found.get(key)]
        return ProjectProbe(tuple(differing), self._version(project_key) != tag)

    def _version(self, project_key: str) -> object:
        with translated(project_key, "read the project"):
            return self.client.get_project(project_key).get_summary().get("versionTag")

    # the project's metadata ---------------------------------------------------------------------------------

    def _list(self) -> list[dict[str, Any]]:
        with translated(doing="list the projects"):
            # what `list_projects` asks for, read by what is faster at tens of megabytes
            answer = self.client._perform_http("GET", "/projects/", params={"includeLocation": False})
            items = fast_json.loads_items(answer.content)
        if not isinstance(items, list):
            raise ConnectionFailed(NOT_DSS)
        return [item for item in items if isinstance(item, dict) and isinstance(item.get("projectKey"), str)]

    def _metadata(self, project_key: str) -> dict[str, Any]:
        with translated(project_key, "read the metadata"):
            metadata = self.client.get_project(project_key).get_metadata()
        if not isinstance(metadata, dict):
            raise ConnectionFailed(NOT_DSS)
        return metadata

    def _base(self, project_key: str) -> dict[str, Any]:
        """The metadata as a base to write: what no reader can take whole cannot be kept byte for byte.

        Raises:
            WriteRefused: it is nested too deep.
        """
        metadata = self._metadata(project_key)
        if fast_json.is_deep(metadata):
            raise WriteRefused(f"{project_key} is not written: {fast_json.TOO_DEEP}; repair the project's metadata")
        return metadata

    def _put(self, project_key: str, body: dict[str, Any]) -> None:
        with translated(project_key, "write the metadata"):
            self.client.get_project(project_key).set_metadata(body)

    def _decoded(
        self, project_key: str, metadata: Mapping[str, Any], facts: ProjectFacts | None = None
    ) -> GovernedProject:
        if facts is not None:
            return decode(metadata, facts, self.layout)
        label = metadata.get("label")
        facts = ProjectFacts(
            project_key=project_key,
            name=label if isinstance(label, str) and label else project_key,
            url=self.project_url(project_key),
            node_id=self.node_id,
            tags=_texts(metadata.get("tags")),
        )
        project = decode(metadata, facts, self.layout)
        if project.pending:
            # only an edit in DSS needs the hint, and only the summary has it
            project = decode(metadata, self._with_hint(facts), self.layout)
        return project

    def _with_hint(self, facts: ProjectFacts) -> ProjectFacts:
        try:
            with translated(facts.project_key, "read the project"):
                summary = self.client.get_project(facts.project_key).get_summary()
        except GovernMirrorError:
            return facts  # a hint is not worth failing for
        by, on = _version_tag(summary)
        return replace(facts, last_modified_by=by, last_modified_on=on)

    def _from_item(self, item: Mapping[str, Any], metadata: Mapping[str, Any], history: bool = True) -> GovernedProject:
        key = item["projectKey"]
        by, on = _version_tag(item)
        facts = ProjectFacts(
            project_key=key,
            name=item["name"] if isinstance(item.get("name"), str) else key,
            url=self.project_url(key),
            node_id=self.node_id,
            owner=item["ownerLogin"] if isinstance(item.get("ownerLogin"), str) else None,
            tags=_texts(item.get("tags")),
            last_modified_by=by,
            last_modified_on=on,
        )
        return decode(metadata, facts, self.layout, history=history)

    def _verified(self, project_key: str, body: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
        written = self._metadata(project_key)
        ours, theirs, was = (governed_part(part, self.layout) for part in (body, written, second))
        dropped = [name for name in ours if ours[name] != was.get(name) and name not in theirs]
        if dropped or not _landed_in(written, body, second, self.layout):
            raise ConflictError(
                f"{project_key}: DSS accepted the change but does not hold it: someone else wrote the project's "
                "metadata at the same moment, or DSS dropped the fields; look at it with `show` and try again"
            )
        return written

    def _landed(self, project_key: str, body: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
        found = self._metadata(project_key)
        return _landed_in(found, body, second, self.layout)

    # the wiki article ---------------------------------------------------------------------------------------

    def _numbered_on(self, project_key: str, project: GovernedProject) -> GovernedProject:
        """Without a sound record, go on after the highest number in the wiki article, if there is one."""
        if project.revision and project.damaged_record is None:
            return project
        try:
            events = read_timeline(self.client, project_key)
        except GovernMirrorError:
            return project
        last = max((event.number or 0 for event in events), default=0)
        if last <= project.last_event:
            return project
        return replace(project, last_event=last, moved_events=max(project.moved_events, last))

    def _fitted(
        self, project_key: str, after: GovernedProject, metadata: Mapping[str, Any]
    ) -> tuple[GovernedProject, tuple[str, ...]]:
        """Move the oldest events to the wiki when the record would outgrow its budget; the wiki comes first."""
        fitting = overflow(after, metadata, self.layout)
        if fitting is after:
            return after, ()
        moving = after.events[: len(after.events) - len(fitting.events)]
        try:
            with translated(project_key, "write the wiki"):
                save_timeline(self.client, project_key, moving)
        except GovernMirrorError as error:
            return after, (f"{project_key}: the history stays in the record, over its budget: {error}",)
        return fitting, ()


def _same(after: GovernedProject, before: GovernedProject) -> bool:
    return replace(after, last_event=before.last_event, moved_events=before.moved_events) == before


def _landed_in(found: Mapping[str, Any], body: Mapping[str, Any], second: Mapping[str, Any], layout: Layout) -> bool:
    """Whether a write is in what was found, although someone may have edited or written something on top of it.

    The record tells: every write makes it anew. Where a write takes the record away, its values must be gone.
    """
    ours, theirs, was = (governed_part(part, layout) for part in (body, found, second))
    if RECORD_FIELD not in ours:
        return all(name not in theirs for name in was if name not in ours)
    if theirs.get(RECORD_FIELD) == ours[RECORD_FIELD]:
        return True
    later, written = parse_record(theirs.get(RECORD_FIELD)), parse_record(ours[RECORD_FIELD])
    if not written.events or later.revision <= written.revision:
        return False
    return written.events[-1] in later.events or later.moved_events >= written.last_event


def _foreign_changes(body: Mapping[str, Any], found: Mapping[str, Any], layout: Layout) -> tuple[str, ...]:
    ours, theirs = removed(body, layout), removed(found, layout)
    names = {key for key in {**ours, **theirs} if ours.get(key) != theirs.get(key)}
    mine, other = governed_part(body, layout), governed_part(found, layout)
    names |= {name for name in {**mine, **other} if mine.get(name) != other.get(name)}
    names.discard(RECORD_FIELD)
    if not names:
        return ()
    return (f"someone else changed {', '.join(sorted(names))} while this was written: look at it in DSS",)


def _version_tag(item: Mapping[str, Any]) -> tuple[str | None, datetime | None]:
    tag = item.get("versionTag")
    if not isinstance(tag, dict):
        return None, None
    by, on = tag.get("lastModifiedBy"), tag.get("lastModifiedOn")
    login = by.get("login") if isinstance(by, dict) else None
    at = None
    if isinstance(on, int | float) and 0 < on < 32503680000000:  # epoch milliseconds before the year 3000
        at = datetime.fromtimestamp(on // 1000, timezone.utc)
    return login if isinstance(login, str) else None, at


def _texts(found: object) -> tuple[str, ...]:
    return tuple(text for text in found if isinstance(text, str)) if isinstance(found, list) else ()
