"""Which values of a project somebody typed into its custom fields, and nobody recorded. Pure.

Who may write a project's metadata can type anything there, in nobody's name. Such an edit is recorded once a person
changes the project through this tool afterwards, or gives that very value. What sync itself writes records nothing.
"""

from __future__ import annotations

from govern_mirror.model.blueprint import is_status_path
from govern_mirror.model.event import Source
from govern_mirror.model.item import Item
from govern_mirror.model.trust import unrecorded_edits
from govern_mirror.sync.compare import WORKFLOW, planned_paths

UNRECORDED = (
    "typed into the project's fields, and recorded by nobody. Record it first: give the same value with `qualify` or "
    "`step note`, or record all that is typed with `qualify KEY --confirm` (or the macro's Confirm)"
)


def has_sound_record(project: Item) -> bool:
    """Whether the project's record can say what was recorded; one that is lost or damaged cannot."""
    return project.revision > 0 and project.damaged_record is None


def needs_whole_history(project: Item) -> bool:
    """Whether the record alone cannot tell: older events stand in the wiki, and none in the record is a person's."""
    no_person = (Source.SYNC.value, Source.EDITED_IN_DSS.value)
    return project.moved_events > 0 and all(event.source in no_person for event in project.events)


def unrecorded_paths(project: Item) -> frozenset[str]:
    """The compared paths that hold what was typed by hand and recorded by nobody; all where no record tells."""
    if project.is_governed and not has_sound_record(project):
        return frozenset(planned_paths(project.blueprint))
    return frozenset(WORKFLOW if is_status_path(path) else path for path in unrecorded_edits(project))
