"""How writes of projects end: the result, what is confirmed after the settling time, what people are told."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from govern_mirror import clock
from govern_mirror.bulk import for_each
from govern_mirror.dss.article import ItemsArticle
from govern_mirror.dss.place import PlannedChange, ProjectPlace
from govern_mirror.dss.project_write import (
    ProjectClaim,
    ProjectWrite,
    RemovalWrite,
    dropped_fields,
    foreign_changes,
)
from govern_mirror.dss.projects import Projects
from govern_mirror.dss.safe_write import Written
from govern_mirror.dss.summary import Metadata
from govern_mirror.errors import ConflictError, GovernMirrorError
from govern_mirror.metadata import decode
from govern_mirror.model.event import Event
from govern_mirror.model.item import Item
from govern_mirror.nested import texts
from govern_mirror.operation import bounded

MAX_SINGLE_READS = 8
"""Up to how many projects of a bulk write are read one by one to confirm it; above, one list call does."""


@dataclass(frozen=True)
class WriteResult:
    """How a write ended.

    Attributes:
        before, after: the project as it was and as it is (or, in a dry run, would be).
        written: whether anything was written.
        warnings: what people should know, e.g. a change someone else made at the same moment.
        summary: the project as the list has it after the write, where that was read.
    """

    before: Item
    after: Item
    written: bool
    warnings: tuple[str, ...] = ()
    summary: Metadata | None = None

    @property
    def changed(self) -> bool:
        """Whether the project changed, or in a dry run would."""
        return self.before is not self.after


@dataclass
class BulkConfirmation:
    """The writes of a bulk operation that still have to be confirmed after the settling time, by project."""

    writes: dict[str, tuple[ProjectWrite, ProjectClaim, tuple[Event, ...]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Confirmation:
    """What became of one write of a bulk operation.

    Attributes:
        outcome: how it ended when it was lost and made anew; None where it is as it was left.
        error: why it is not in the project, or cannot be looked up.
        warnings: what people should know besides.
    """

    outcome: WriteResult | None = None
    error: GovernMirrorError | None = None
    warnings: tuple[str, ...] = ()


def confirm_writes(store: Projects, bulk: BulkConfirmation) -> dict[str, Confirmation]:
    """Look once more for the writes of a bulk operation, after the settling time, and make lost ones anew.

    Returns:
        What became of each, by project.
    """
    if not bulk.writes:
        return {}
    clock.sleep(store.settling_seconds)
    writes, bulk.writes = bulk.writes, {}
    documents: dict[str, Metadata] = {}
    if store.settling_seconds and len(writes) > MAX_SINGLE_READS:
        try:
            documents = {key: item for key, item in store.listed().items() if "customFields" in item}
        except GovernMirrorError:
            documents = {}  # then one by one

    def look(key: str) -> Confirmation:
        write, claim, events = writes[key]
        if store.settling_seconds:
            document = documents.get(key) or write.read_again()
            if not write.holds(claim, document):
                return Confirmation(ending_of(store, write, write.run(lost=claim)))
        return Confirmation(warnings=(*_after_confirmation(store, write), *_confirm_moved(write.place, events)))

    return {
        ending.item: ending.result or Confirmation(error=ending.error) for ending in for_each(writes, bounded(look))
    }


def ending_of(
    store: Projects,
    write: ProjectWrite,
    outcome: Written[Metadata, PlannedChange, ProjectClaim],
    *,
    confirmed: bool = True,
) -> WriteResult:
    """Tell how a write ended, and what people should know of it.

    Args:
        store: where it was written.
        write: what was to be written.
        outcome: what became of it.
        confirmed: whether it stood after the settling time; what comes after that is done then.

    Raises:
        ConflictError: DSS took it, and does not hold it.
    """
    if outcome.planned is None or outcome.body is None:
        project = write.place.decoded(outcome.document)
        return WriteResult(project, project, written=False)
    body, document = (write.place.metadata_of(metadata) for metadata in (outcome.body, outcome.document))
    dropped = dropped_fields(outcome.planned, body, document)
    if dropped:
        raise ConflictError(
            f"{write.name}: DSS accepted the change but does not hold {', '.join(dropped)}: someone else cleared "
            "it at the same moment, or DSS dropped the fields; look at it and try again"
        )
    changed_by_others = foreign_changes(outcome.body, outcome.document, store.layout)
    warnings = [*outcome.planned.warnings, *changed_by_others]
    if write.unexplained(outcome.body) and not changed_by_others:
        warnings.append(
            f"{write.place.project_key} was also written by someone else at the same moment (its version number "
            f"moved by {write.overwritten + 1}): that write may be lost. Look at its description, tags, checklists "
            "and custom fields in DSS"
        )
    if outcome.unprotected:
        warnings.append(
            f"{write.name}: DSS answers too slowly to be written safely beside other writers within the settling "
            f"time of {store.settling_seconds:g} s: raise `settling_seconds` in the plugin's settings"
        )
    if confirmed:
        warnings += _after_confirmation(store, write)
        warnings += _confirm_moved(write.place, outcome.planned.moved_events)
    # the tag that shows the step changed with it
    facts = replace(outcome.planned.after.facts, tags=texts(document.get("tags")))
    after = decode(document, facts, write.place.layout)
    return WriteResult(outcome.planned.before, after, True, tuple(dict.fromkeys(warnings)), write.summary)


def _after_confirmation(store: Projects, write: ProjectWrite) -> tuple[str, ...]:
    """Take the timeline away once a removal stands; return warnings."""
    if not isinstance(write, RemovalWrite):
        return ()
    warnings = write.place.timeline().remove() if write.has_timeline else ()
    # an edited field does not say whether there is one
    return (*warnings, *ItemsArticle(store.client, write.place.project_key, store.settling_seconds).remove())


def _confirm_moved(place: ProjectPlace, events: tuple[Event, ...]) -> tuple[str, ...]:
    """Look once more for the events that the record gave up: another writer may have replaced the article."""
    if not events:
        return ()
    try:
        place.timeline().add(events, settle=True)
    except GovernMirrorError as error:
        return (f"{place.name}: the wiki article that holds the older history could not be confirmed: {error}",)
    return ()
