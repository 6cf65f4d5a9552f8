"""Save a whole item as a person edited it: values and statuses in one write, with what others saved meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from govern_mirror.actions.hub_reading import HubReading, unread_warning
from govern_mirror.actions.inputs import refuses_wrong_types, require_dates
from govern_mirror.actions.record import Changed, change_item, move_warnings
from govern_mirror.actions.session import Session
from govern_mirror.errors import InputError
from govern_mirror.model.blueprint import Role
from govern_mirror.model.event import Actor, Event
from govern_mirror.model.item import Item
from govern_mirror.model.save import Fault, Save, SaveRefused, apply_save, events_since


@dataclass(frozen=True)
class Saved(Changed):
    """What a save did, or in a dry run would do.

    Attributes:
        others: what others saved since the revision that the person saw; it was kept.
    """

    others: tuple[Event, ...] = ()


@refuses_wrong_types
def save(
    session: Session,
    project_key: str,
    wanted: Save,
    *,
    dry_run: bool = False,
    now: datetime | None = None,
) -> Saved:
    """Save an item: what others changed since it was seen stays, unless it is the same value.

    Args:
        session: the instance, settings and user.
        project_key: the project.
        wanted: as `model.save.parse_save` reads it.
        dry_run: only say what would change.
        now: the time to record, else the current time.

    Raises:
        SaveConflict: somebody else changed the same values; nothing is written.
        SaveRefused: parts of it are not valid or not allowed; all of them are named, and nothing is written.
        WriteRefused: the project is not governed, or must not be written.
    """
    checked = replace(wanted, unchecked=wanted.unchecked or session.rules_unreadable is not None)
    # only moves of the workflow are held against the sign-offs
    facts = HubReading(session).facts(project_key) if wanted.statuses else None
    before: list[Item] = []

    def change(project: Item, actor: Actor) -> Item:
        before[:] = [project]
        return _with_dates(project, apply_save(replace(project, hub=facts), checked, actor))

    changed = change_item(session, project_key, change, None, dry_run, now)
    moved = before[-1].workflow != changed.project.workflow
    unread = unread_warning(facts) if moved else ()
    warnings = (*changed.warnings, *move_warnings(before[-1], changed.project), *unread)
    others = events_since(before[-1], wanted.revision, wanted.last_event)
    saved = Saved(changed.project, changed.changes, changed.written, warnings, changed.summary, changed.recorded)
    return replace(saved, others=others)


def _with_dates(before: Item, after: Item) -> Item:
    try:
        return require_dates(before, after)
    except InputError as error:
        path = before.blueprint.roles[Role.TARGET_END].path
        raise SaveRefused([Fault(path, str(error), error.hint)]) from error
