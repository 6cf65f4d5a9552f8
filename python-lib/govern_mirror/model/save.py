"""A person's save of a whole item: values and statuses in one write, merged with what others saved meanwhile.

A person edits what they saw. What others changed since then stays, unless it is the very value that is saved: then
nobody wins by being last, and the person is asked. All that is wrong is told at once, each fault at its field.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from govern_mirror.errors import ConflictError, Hint, InputError, MoveRefused
from govern_mirror.model import changes
from govern_mirror.model.blueprint import Blueprint, Status, is_status_path, status_path
from govern_mirror.model.changes import Move, MoveKind
from govern_mirror.model.event import Actor, Event, Source
from govern_mirror.model.item import Item
from govern_mirror.model.trust import pending_paths
from govern_mirror.model.values import Value, from_json, is_blank, json_of
from govern_mirror.text import checked_text, clipped


@dataclass(frozen=True)
class Fault:
    """What is wrong with one part of a save.

    Attributes:
        path: of the value or status; None where it is no part of the item.
        message: what is wrong, for people.
        hint: what to do, which the entry point words.
    """

    path: str | None
    message: str
    hint: Hint | None = None


class SaveRefused(InputError):  # noqa: N818 - a refusal is an outcome, named as users read it
    """Parts of a save are not valid, or the workflow does not allow them; nothing is written.

    Attributes:
        faults: all of them.
        overridable: whether rules alone refuse it, so that it would be saved against them with a reason.
    """

    def __init__(self, faults: Sequence[Fault], *, overridable: bool = False) -> None:
        super().__init__("; ".join(dict.fromkeys(fault.message for fault in faults)), hint=faults[0].hint)
        self.faults = tuple(faults)
        self.overridable = overridable


@dataclass(frozen=True)
class Conflict:
    """A value that is saved, and that somebody else changed since it was seen.

    Attributes:
        path: of the value or status.
        yours: what is saved.
        theirs: what is there now.
        by: the login of who changed it; None when unknown.
        at: when (UTC); None when unknown.
    """

    path: str
    yours: Value
    theirs: Value
    by: str | None = None
    at: datetime | None = None


class SaveConflict(ConflictError):  # noqa: N818 - reads as what happened
    """Somebody else changed the same values meanwhile; nothing is written.

    Attributes:
        conflicts: those values.
        item: the item as it is now.
    """

    def __init__(self, conflicts: Sequence[Conflict], item: Item) -> None:
        labels = ", ".join(item.blueprint.by_path[conflict.path].label for conflict in conflicts)
        super().__init__(f"{item.facts.project_key}: somebody else changed {labels} meanwhile; nothing was saved")
        self.conflicts = tuple(conflicts)
        self.item = item


@dataclass(frozen=True)
class Save:
    """What a person saves, as `parse_save` reads it.

    Attributes:
        changes: new values by path.
        statuses: the wanted statuses by step id.
        revision: the revision that the person saw; None when they saw none.
        seen: the values and statuses that the person saw, by path, as JSON outputs have them.
        reason: why, for the events of the moves, or of the values where nothing is moved.
        override: whether the moves may go on against the rules; it needs a reason then.
        unchecked: whether nobody could say which rules are in force.
        last_event: the number of the last event that the person saw; None when they saw none.
    """

    changes: Mapping[str, Value] = field(default_factory=dict)
    statuses: Mapping[str, Status] = field(default_factory=dict)
    revision: int | None = None
    seen: Mapping[str, Any] = field(default_factory=dict)
    reason: str | None = None
    override: bool = False
    unchecked: bool = False
    last_event: int | None = None

    @property
    def wanted(self) -> dict[str, Value]:
        """What the item is to hold, by path: values, and statuses as they are."""
        return {**self.changes, **{status_path(step): status for step, status in self.statuses.items()}}


_PARTS = {
    "changes": Mapping,
    "statuses": Mapping,
    "seen": Mapping,
    "revision": int,
    "reason": str,
    "override": bool,
    "last_event": int,
}
"""What a save may hold, and of which type."""


_KINDS = {int: "a whole number", str: "a text", bool: "true or false", Mapping: "a JSON object"}
"""How a refusal names the types of a save's parts."""


def parse_save(blueprint: Blueprint, document: Mapping[str, Any]) -> Save:
    """Read a save from JSON: values in the shapes of `show`, statuses by step id.

    Raises:
        SaveRefused: a path, a value or a status is not valid; all of them are named.
        InputError: the document has other parts, or parts of another type.
    """
    for name, part in document.items():
        kind = _PARTS.get(name)
        if kind is None:
            raise InputError(f"a save has no part {clipped(name)}: it has {', '.join(_PARTS)}")
        if part is not None and (not isinstance(part, kind) or (kind is int and isinstance(part, bool))):
            raise InputError(f"the {name} of a save is {_KINDS[kind]}, not {clipped(part)!r}")
    values, faults = read_values(blueprint, document.get("changes") or {})
    statuses: dict[str, Status] = {}
    for step, name in (document.get("statuses") or {}).items():
        if step not in blueprint.step_ids:
            faults.append(Fault(status_path(step), f"the template has no step {clipped(step)}"))
        elif name not in Status.__members__:
            names = ", ".join(Status.__members__)
            faults.append(Fault(status_path(step), f"a status is one of {names}, not {clipped(name)}"))
        else:
            statuses[step] = Status(name)
    if faults:
        raise SaveRefused(faults)
    return Save(
        values,
        statuses,
        document.get("revision"),
        document.get("seen") or {},
        document.get("reason") or None,
        bool(document.get("override")),
        last_event=document.get("last_event"),
    )


def read_values(blueprint: Blueprint, document: Mapping[str, Any]) -> tuple[dict[str, Value], list[Fault]]:
    """Read values by path from JSON, in the shapes of `show`; return them, and what is wrong with the others."""
    values: dict[str, Value] = {}
    faults = []
    for path, value in document.items():
        if path not in blueprint.by_path:
            faults.append(Fault(path, f"the template has no field {clipped(path)}"))
            continue
        try:
            values[path] = from_json(blueprint.by_path[path], value)
        except InputError as error:
            # the path stands beside it already
            faults.append(Fault(path, str(error).replace(f" ({path})", ""), error.hint))
    return values, faults


def conflicts(item: Item, save: Save) -> tuple[Conflict, ...]:
    """Return the saved values that somebody else changed since they were seen.

    A value or status that is there already, as after a save that is sent twice, is none. One that nobody says to have
    seen is one when anything was saved since the revision that was seen, or when somebody typed it into DSS.
    """
    edited = frozenset(pending_paths(item))
    is_stale = save.revision is not None and save.revision != item.revision
    disputed = []
    for path, yours in save.wanted.items():
        theirs = _held(item, path)
        if theirs == yours:
            continue
        was_changed = not _was_seen(save.seen[path], theirs) if path in save.seen else is_stale or path in edited
        if not was_changed:
            continue
        event = _last_event(item, path)
        at, by = (event.at, event.by or event.hint) if event else (None, None)
        disputed.append(Conflict(path, yours, theirs, by, at))
    return tuple(disputed)


def _was_seen(seen: object, value: Value) -> bool:
    # as it was shown, not as a field would keep it: what somebody typed into DSS may have blanks at its end
    return seen == json_of(value) or (is_blank(seen) and is_blank(value))


_MOVING = frozenset({*(kind.value for kind in MoveKind), "sync", "restart"})
"""What the events of moves say to have happened."""


def _held(item: Item, path: str) -> Value:
    if not is_status_path(path):
        return item.values[path]
    return item.workflow[path.split(".")[1]].status


def _last_event(item: Item, path: str) -> Event | None:
    """The last event that changed a value, or moved the workflow."""
    of_status = is_status_path(path)
    for event in (*item.pending[::-1], *item.events[::-1]):
        if event.what == path or (of_status and _is_move(item, event)):
            return event
    return None


def _is_move(item: Item, event: Event) -> bool:
    """Whether an event tells that the workflow stands elsewhere: a move, or a status typed by hand."""
    if event.what in item.blueprint.by_path:
        return is_status_path(event.what)
    return event.what in _MOVING


def apply_save(item: Item, save: Save, actor: Actor) -> Item:
    """Carry out a save: the values first, then the statuses in the template's order, by as many moves as it takes.

    Raises:
        SaveConflict: somebody else changed the same values.
        SaveRefused: a status cannot be reached by moves that the workflow and its rules allow.
        WriteRefused: the item is not governed, or must not be written.
    """
    disputed = conflicts(item, save)
    if disputed:
        raise SaveConflict(disputed, item)
    # the moves keep the reason where there are some
    moves = any(item.workflow[step].status is not wanted for step, wanted in save.statuses.items())
    given = checked_text(save.reason, "the reason").strip() if save.reason else ""
    reason = given if given and not moves else None
    edited = changes.edit(item, save.changes, actor, reason=reason) if save.changes else item
    saved, faults, by_rule = _all_moved(edited, save, actor)
    if faults:
        tried = replace(save, override=True, reason=save.reason or "tried")
        raise SaveRefused(faults, overridable=by_rule and not _all_moved(edited, tried, actor)[1])
    return saved


def _all_moved(item: Item, save: Save, actor: Actor) -> tuple[Item, list[Fault], bool]:
    """The item with each step at its wanted status, what is in the way, and whether a rule is among that."""
    faults, by_rule = [], False
    for step in item.blueprint.steps:
        if step.id in save.statuses:
            try:
                item = _moved(item, step.id, save, actor)
            except MoveRefused as refusal:
                faults.append(Fault(status_path(step.id), str(refusal), refusal.hint))
                by_rule = by_rule or refusal.overridable
    faults = faults or [
        Fault(status_path(step), _unreached(item.blueprint, step, wanted, item.workflow[step].status))
        for step, wanted in save.statuses.items()
        if item.workflow[step].status is not wanted
    ]
    return item, faults, by_rule


def _moved(item: Item, step: str, save: Save, actor: Actor) -> Item:
    """One step brought to its wanted status, as far as moves of its own go."""
    for kind in _moves(item.workflow[step].status, save.statuses[step]):
        reason = checked_text(save.reason, "the reason") if save.reason else None
        move = Move(kind, step, reason, unchecked=save.unchecked, override=save.override)
        try:
            item = changes.move(item, move, actor)
        except InputError as error:
            raise MoveRefused(str(error), hint=error.hint) from error
    return item


def _moves(status: Status, wanted: Status) -> tuple[MoveKind, ...]:
    """The moves of one step from a status to another; none where only moves of other steps lead there."""
    if status is wanted:
        return ()
    if wanted is Status.FINISHED:
        return (MoveKind.START, MoveKind.FINISH) if status is Status.NOT_STARTED else (MoveKind.FINISH,)
    if wanted is Status.ONGOING:
        return (MoveKind.START,) if status is Status.NOT_STARTED else (MoveKind.REOPEN,)
    return (MoveKind.SKIP,) if wanted is Status.SKIPPED else ()


def _unreached(blueprint: Blueprint, step: str, wanted: Status, status: Status) -> str:
    name = blueprint.step(step).name
    return f"no allowed move makes {name} {wanted.label.lower()}: it is {status.label.lower()} after the others"


def events_since(item: Item, revision: int | None, last_event: int | None = None) -> tuple[Event, ...]:
    """Return what others saved after a revision, as far as the record holds it; edits by hand among it.

    Where the number of the last event that was seen is known, it is exact. Else the saves are counted: what one person
    saved in one second counts as one, and a write that stores no event, as a sync may, takes the save before it in.
    """
    if revision is None or revision >= item.revision:
        return item.pending
    if last_event is not None:
        later_events = (event for event in item.events if event.number is None or event.number > last_event)
        return (*later_events, *item.pending)
    saves = [list(events) for _, events in groupby(item.events, lambda event: (event.at, event.by, event.source))]
    writes, counted = item.revision - revision, 0
    later: list[Event] = []
    for events in reversed(saves):
        if counted == writes:
            break
        later[:0] = events
        counted += events[0].source != Source.EDITED_IN_DSS.value
    return (*later, *item.pending)
