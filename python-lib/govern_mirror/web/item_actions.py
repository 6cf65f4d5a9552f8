"""What can be done to an item on the live page besides saving it: one function an action, with its parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from govern_mirror.actions import record
from govern_mirror.actions.govern import ProjectResult, Scope, hide, initialize, undo_hide, ungovern
from govern_mirror.actions.record import Changed
from govern_mirror.errors import InputError
from govern_mirror.model.changes import Move, MoveKind
from govern_mirror.model.save import SaveRefused, read_values
from govern_mirror.text import clipped
from govern_mirror.web.visitors import visitor

Outcome = Changed | ProjectResult


def part_of(document: Mapping[str, Any], name: str, kind: type, *, needed: bool = False) -> Any:
    """A part of a request's document.

    Raises:
        InputError: it is of another type, or not there although it is needed.
    """
    found = document.get(name)
    if found is None and not needed:
        return None
    if not isinstance(found, kind) or (kind is int and isinstance(found, bool)):
        raise InputError(f"{name} is not {clipped(found)}" if found is not None else f"give {name}")
    return found


def _revision(document: Mapping[str, Any]) -> int | None:
    revision: int | None = part_of(document, "revision", int)
    return revision


def _govern(key: str, document: Mapping[str, Any], dry_run: bool, *, adopt: bool = False) -> Outcome:
    session = visitor().session
    values, faults = read_values(session.blueprint, part_of(document, "values", dict) or {})
    if faults:
        raise SaveRefused(faults)
    revision = _revision(document)
    return initialize(session, Scope(keys=(key,)), values, adopt=adopt, expected=revision, dry_run=dry_run)[0]


def _adopt(key: str, document: Mapping[str, Any], dry_run: bool) -> Outcome:
    return _govern(key, document, dry_run, adopt=True)


def _move(key: str, document: Mapping[str, Any], dry_run: bool) -> Outcome:
    text = part_of(document, "move", str, needed=True)
    if text not in {kind.value for kind in MoveKind}:
        raise InputError(f"move is one of {', '.join(kind.value for kind in MoveKind)}, not {clipped(text)}")
    move = Move(
        MoveKind(text),
        part_of(document, "step", str),
        part_of(document, "reason", str),
        part_of(document, "request", str),
        override=bool(part_of(document, "override", bool)),
    )
    return record.move(visitor().session, key, move, expected=_revision(document), dry_run=dry_run)


def _skip(key: str, document: Mapping[str, Any], dry_run: bool) -> Outcome:
    step, reason = (part_of(document, name, str, needed=True) for name in ("step", "reason"))
    move = Move(MoveKind.SKIP, step, reason, part_of(document, "request", str))
    return record.move(visitor().session, key, move, expected=_revision(document), dry_run=dry_run)


def _close(key: str, document: Mapping[str, Any], dry_run: bool) -> Outcome:
    reason = part_of(document, "reason", str, needed=True)
    return record.close(visitor().session, key, reason, expected=_revision(document), dry_run=dry_run)


def _undo_close(key: str, document: Mapping[str, Any], dry_run: bool) -> Outcome:
    reason = part_of(document, "reason", str)
    return record.undo_close(visitor().session, key, reason, expected=_revision(document), dry_run=dry_run)


def _confirm(key: str, document: Mapping[str, Any], dry_run: bool) -> Outcome:
    return record.set_values(visitor().session, key, {}, confirm=True, expected=_revision(document), dry_run=dry_run)


def _ungovern(key: str, document: Mapping[str, Any], dry_run: bool) -> Outcome:
    purge = bool(part_of(document, "purge", bool))
    return ungovern(visitor().session, [key], purge=purge, expected=_revision(document), dry_run=dry_run)[0]


def _hide(key: str, document: Mapping[str, Any], dry_run: bool) -> Outcome:
    reason = part_of(document, "reason", str, needed=True)
    return hide(visitor().session, [key], reason, dry_run=dry_run)[0]


def _undo_hide(key: str, _document: Mapping[str, Any], dry_run: bool) -> Outcome:
    return undo_hide(visitor().session, [key], dry_run=dry_run)[0]


@dataclass(frozen=True)
class Action:
    """One thing that can be done to an item: what does it, and the parts that its document may have."""

    act: Callable[[str, Mapping[str, Any], bool], Outcome]
    parts: tuple[str, ...] = ("revision",)


ANY_ACTION = ("dry_run",)
"""What the document of each action may have."""

ACTIONS: Mapping[str, Action] = {
    "govern": Action(_govern, ("revision", "values")),
    "adopt": Action(_adopt, ("revision", "values")),
    "move": Action(_move, ("revision", "move", "step", "reason", "request", "override")),
    "skip": Action(_skip, ("revision", "step", "reason", "request")),
    "close": Action(_close, ("revision", "reason")),
    "undo-close": Action(_undo_close, ("revision", "reason")),
    "confirm": Action(_confirm),
    "hide": Action(_hide, ("reason",)),
    "undo-hide": Action(_undo_hide, ()),
    "ungovern": Action(_ungovern, ("revision", "purge")),
}
"""What can be done to a project besides saving it, by the last part of its address."""

ITEM_ACTIONS = {name: ACTIONS[name] for name in ("move", "skip", "close", "undo-close", "confirm")}
"""What can be done to a bundle or version, which is governed and hidden with its project."""
