"""`ProjectStore`: governed projects on one DSS instance, read in bulk and written safely."""

from __future__ import annotations

from collections.abc import Callable

from govern_mirror import fast_json
from govern_mirror.dss.article import ArticleWrite, SavedArticle
from govern_mirror.dss.attachments import Attachments
from govern_mirror.dss.place import ItemPlace, ProjectPlace
from govern_mirror.dss.project_write import Change, ListedProject, ProjectWrite, RemovalWrite
from govern_mirror.dss.projects import Projects
from govern_mirror.dss.summary import Metadata
from govern_mirror.dss.write_result import BulkConfirmation, Confirmation, WriteResult, confirm_writes, ending_of
from govern_mirror.model.address import parse_address
from govern_mirror.model.event import Actor
from govern_mirror.model.item import Item
from govern_mirror.operation import bounded


def is_readable(item: Metadata) -> bool:
    """Whether an item of the project list holds the custom fields, and could be read whole."""
    return isinstance(item.get("customFields"), dict) and not isinstance(item, fast_json.Pruned)


class ProjectStore(Projects):
    """Governed projects on one DSS instance; the arguments are those of `Projects`."""

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
        outcome = write.run(settle=bulk is None, first=listed)
        if bulk is not None and outcome.claim is not None:
            bulk.writes[write.name] = write, outcome.claim, outcome.planned.moved_events if outcome.planned else ()
        return ending_of(self, write, outcome, confirmed=bulk is None)

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
        outcome = ArticleWrite(self.client, project_key, name, change, self.settling_seconds).run()
        return SavedArticle(outcome.document.id, outcome.planned is not None)

    def attachments(self, project_key: str) -> Attachments:
        """Return the files that were uploaded as documents of a project."""
        return Attachments(self.client, project_key, self.settling_seconds)
