"""Which values of a project somebody typed into its custom fields, and nobody recorded. Pure.

Who may write a project's metadata can type anything there, in nobody's name. Such an edit is recorded once a person
changes the project through this tool afterwards, or gives that very value. What sync itself writes records nothing.
"""

from __future__ import annotations

from govern_mirror.model.blueprint import is_status_path
from govern_mirror.model.item import Item
from govern_mirror.model.trust import unrecorded_edits
from govern_mirror.sync.compare import WORKFLOW, planned_paths

UNRECORDED = (
    "typed into the project's fields, and recorded by nobody. Record it first: give the same value, or confirm all "
    "that is typed when you record the qualification (Confirm, `qualify KEY --confirm`)"
)


def unrecorded_paths(project: Item) -> frozenset[str]:
    """The compared paths that hold what was typed by hand and recorded by nobody; all where no record tells."""
    if project.is_governed and not project.has_own_record:
        return frozenset(planned_paths(project.blueprint))
    return frozenset(WORKFLOW if is_status_path(path) else path for path in unrecorded_edits(project))
