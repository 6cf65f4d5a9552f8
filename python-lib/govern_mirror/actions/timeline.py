"""The timeline: what happened to one governed project or to all, one line for each save.

`FORMAT_VERSION` history: 1, the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timezone
from itertools import groupby
from typing import Any

from govern_mirror.actions.governed_items import read_item
from govern_mirror.actions.inputs import parse_since
from govern_mirror.actions.session import Session
from govern_mirror.bulk import Progress, for_each
from govern_mirror.labels import event_words
from govern_mirror.model.blueprint import is_status_path
from govern_mirror.model.changes import MoveKind
from govern_mirror.model.event import Event, Source, event_json
from govern_mirror.model.item import Item, UnreadableProject
from govern_mirror.model.item_templates import MADE
from govern_mirror.times import iso_time

FORMAT_VERSION = 1


@dataclass(frozen=True)
class Save:
    """What one person did at once to one project: the events of one write, or edits in DSS seen together.

    Attributes:
        project_key, name: the project.
        at: when (UTC), None when unknown.
        by: the login; for an edit in DSS that of the project's last modifier, as a hint.
        source: the entry point it came through.
        events: what changed, in order.
        words: the same for people, one sentence an event.
        reason: what the person gave as reason, or None.
    """

    project_key: str
    name: str
    at: datetime | None
    by: str | None
    source: str
    events: tuple[Event, ...]
    words: tuple[str, ...]
    reason: str | None = None

    @property
    def is_pending(self) -> bool:
        """Whether it is an edit in DSS that no write has stored yet."""
        return any(event.pending for event in self.events)


@dataclass(frozen=True)
class Timeline:
    """The saves that were asked for, the latest first, and the projects that could not be read."""

    saves: tuple[Save, ...]
    unreadable: tuple[UnreadableProject, ...] = ()


@dataclass(frozen=True)
class TimelineFilter:
    """Which saves are wanted; what is None does not matter.

    Attributes:
        since: the first day (UTC).
        by: the login of who did it, in any case.
        path: the path of a value that changed.
    """

    since: date | None = None
    by: str | None = None
    path: str | None = None

    def takes(self, save: Save) -> bool:
        """Whether a save is wanted."""
        if self.since is not None and (save.at is None or save.at.astimezone(timezone.utc).date() < self.since):
            return False
        if self.by is not None and (save.by or "").casefold() != self.by.casefold():
            return False
        return self.path is None or any(event.what == self.path or _moved(event, self.path) for event in save.events)


def _moved(event: Event, path: str) -> bool:
    """Whether a status path is that of a step at which a move begins or ends."""
    steps = {(position or "").partition(" ")[0] for position in (event.before, event.after)}
    return is_status_path(path) and event.what in _MOVES and path.split(".")[1] in steps


def parse_timeline_filter(
    session: Session, since: str | None, by: str | None, field: str | None, address: str | None = None
) -> TimelineFilter:
    """Read which saves are wanted, as people type it.

    Args:
        session: the instance.
        since, by, field: as they were typed.
        address: the item whose template has the field; None for projects.

    Raises:
        InputError: the day or the field is not valid.
    """
    first = None if since is None else parse_since(since)
    blueprint = session.blueprint if address is None else session.blueprint_of(address)
    return TimelineFilter(first, by, None if field is None else blueprint.find(field).path)


def timeline_of(session: Session, project_key: str, wanted: TimelineFilter = TimelineFilter()) -> Timeline:
    """Read the timeline of one project, the events in its wiki article included.

    Raises:
        GovernMirrorError: the project cannot be read.
    """
    return Timeline(_chosen(saves_of(read_item(session, project_key)), wanted))


def timeline_of_all(
    session: Session, wanted: TimelineFilter = TimelineFilter(), *, progress: Progress | None = None
) -> Timeline:
    """Read the timelines of all governed projects that this user can see.

    Projects whose older events stand in their wiki article are read one by one.

    Raises:
        GovernMirrorError: the projects cannot be listed.
    """
    session.store.resolve_url()
    projects, unreadable = session.store.read_all(progress)
    governed = [project for project in projects if project.is_governed]
    whole = [project for project in governed if not project.moved_events]
    moved = [project.facts.project_key for project in governed if project.moved_events]
    failed = list(unreadable)
    for result in for_each(moved, session.store.read, progress=progress):
        if result.result is None:
            failed.append(UnreadableProject(result.item, str(result.error)))
        else:
            whole.append(result.result)
    saves = (save for project in whole for save in saves_of(project))
    return Timeline(_chosen(saves, wanted), tuple(failed))


def saves_of(project: Item) -> Iterator[Save]:
    """The saves of a project, the oldest first: events of one time, person and source that one write can make."""
    ranks = {path: at for at, path in enumerate(project.blueprint.by_path)}
    for _, events in groupby((*project.events, *project.pending), _origin):
        save: list[Event] = []
        for event in events:
            if save and _begins_anew(save[-1], event, ranks):
                yield _save(project, save)
                save = []
            save.append(event)
        yield _save(project, save)


def timeline_json(timeline: Timeline) -> dict[str, Any]:
    """The timeline as `history --format json` prints it."""
    return {
        "format_version": FORMAT_VERSION,
        "saves": [
            {
                "project_key": save.project_key,
                "name": save.name,
                "at": iso_time(save.at),
                "by": save.by,
                "source": save.source,
                "pending": save.is_pending,
                "reason": save.reason,
                "events": [event_json(event) for event in save.events],
            }
            for save in timeline.saves
        ],
        "unreadable": [{"project_key": item.project_key, "message": item.message} for item in timeline.unreadable],
    }


def _chosen(saves: Iterable[Save], selection: TimelineFilter) -> tuple[Save, ...]:
    long_ago = datetime.min.replace(tzinfo=timezone.utc)
    chosen = [save for save in saves if selection.takes(save)]
    # of saves of one time the later one of a project comes first: sorting leaves their order
    chosen.reverse()
    chosen.sort(key=lambda save: save.at or long_ago, reverse=True)
    return tuple(chosen)


def _origin(event: Event) -> tuple[object, ...]:
    return event.at, event.by, event.hint, event.source, event.pending


_BEFORE_VALUES = frozenset({"initialize", "adopt", "restart", "sync"})
"""What events are called after which the same write may record values."""

_MOVES = frozenset(kind.value for kind in MoveKind)


def _begins_anew(last: Event, event: Event, ranks: Mapping[str, int]) -> bool:
    """Whether of two events in a row of one second the later one is of another write.

    A write records values in the template's order, then what is confirmed; moves come alone, or at the end of a save of
    the page, or of the first write of a bundle or version.
    """
    if event.source == Source.EDITED_IN_DSS.value or last.what == "record":
        return False
    if event.what in ranks:
        return ranks[event.what] <= ranks[last.what] if last.what in ranks else last.what not in _BEFORE_VALUES
    if event.what == "confirm":
        return last.what not in ranks and last.what not in _BEFORE_VALUES
    return event.what not in _MOVES or (event.source != Source.PAGE.value and last.what != MADE)


def _save(project: Item, events: list[Event]) -> Save:
    first = events[0]
    reasons = dict.fromkeys(event.reason for event in events if event.reason)
    return Save(
        project.facts.project_key,
        project.facts.name,
        first.at,
        first.by or first.hint,
        first.source,
        tuple(events),
        tuple(event_words(project.blueprint, event) for event in events),
        "; ".join(reasons) or None,
    )
