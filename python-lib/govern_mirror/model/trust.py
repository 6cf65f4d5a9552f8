"""Who vouches for a value: nobody (`typed`), this tool's record (`recorded`), or the hub's ledger (`attested`).

What a person could have typed into a custom field proves nothing. A value is `recorded` when the project has a valid
record of its own that covers it, and nobody typed over it since without a person recording it. The record has no key:
it shows clumsy edits, not careful ones; docs/gate.md says who could forge what.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum

from govern_mirror.model.blueprint import is_status_path
from govern_mirror.model.event import Event, Source, chain_breaks
from govern_mirror.model.hub_facts import Attestation
from govern_mirror.model.item import Item, values
from govern_mirror.model.subject import value_digest


class Trust(str, Enum):
    """How far a value can be trusted, from the lowest level to the highest."""

    TYPED = "typed"
    RECORDED = "recorded"
    ATTESTED = "attested"


_ORDER = tuple(Trust)


def lowest(levels: Iterable[Trust]) -> Trust | None:
    """The lowest of several levels; None of none."""
    return min(levels, key=_ORDER.index, default=None)


def trust_by_path(project: Item, paths: Iterable[str] | None = None) -> dict[str, Trust]:
    """The trust of values by path; empty when the project is not governed.

    Args:
        project: as decoded, with its events.
        paths: which values; None for all that are not blank, or that somebody typed.
    """
    if not project.is_governed:
        return {}
    typed = frozenset(unrecorded_edits(project)) if project.has_own_record else None
    if paths is None:
        blanks = {path: field.blank for path, field in project.blueprint.by_path.items()}
        stored = values(project)
        paths = [path for path, value in stored.items() if value != blanks[path] or (typed and path in typed)]
    levels = {path: Trust.TYPED if typed is None or path in typed else Trust.RECORDED for path in paths}
    if project.hub and project.hub.attestations:
        levels |= {path: Trust.ATTESTED for path, level in levels.items() if _is_attested(project, path, level)}
    return levels


def _is_attested(project: Item, path: str, level: Trust) -> bool:
    """Whether the hub vouches for a recorded value: it is what was attested last, and nobody wrote it since.

    A value that was changed and changed back is not: nobody vouches for the second change.
    """
    attestations = project.hub.attestations if project.hub else ()
    latest = next((made for made in reversed(attestations) if path in made.digests), None)
    if latest is None or level is not Trust.RECORDED or path not in project.values:
        return False
    if value_digest(project, path) != latest.digests[path]:
        return False
    later = [event for event in project.events if event.number is not None and event.number > latest.last_event]
    return _goes_on_from(project, latest, later) and not any(_may_write(event, path, project) for event in later)


_OF_ALL_VALUES = frozenset({"initialize", "adopt", "record", "restart"})
"""What events are called that may leave any value behind, whatever it was before."""


def _may_write(event: Event, path: str, project: Item) -> bool:
    is_vague = event.source == Source.EDITED_IN_DSS.value and event.what not in project.blueprint.by_path
    return event.what == path or event.what in _OF_ALL_VALUES or is_vague


def _goes_on_from(project: Item, made: Attestation, later: Sequence[Event]) -> bool:
    """Whether the project's history is the one that was attested, and all of it since then was read.

    A project that was made anew under its key, or governed anew with nothing left of before, has another one.
    """
    if not made.last_hash or len(later) != project.last_event - made.last_event:
        return False
    if not later:
        return project.last_hash == made.last_hash
    return not chain_breaks(later, made.last_event, made.last_hash, project.last_event)


def trust_of(project: Item, levels: Mapping[str, Trust]) -> Trust | None:
    """The lowest of some levels of a project; None when it is not governed.

    Where nothing was asked, the record itself decides.
    """
    if not project.is_governed:
        return None
    return lowest(levels.values()) or (Trust.RECORDED if project.has_own_record else Trust.TYPED)


def pending_paths(project: Item) -> tuple[str, ...]:
    """The paths of the values that were edited in DSS and that no write has stored; all where the record was edited."""
    by_path = project.blueprint.by_path
    paths: dict[str, None] = {}
    for edit in project.pending:
        paths |= dict.fromkeys([edit.what] if edit.what in by_path else by_path)
    return tuple(paths)


def unrecorded_edits(project: Item) -> tuple[str, ...]:
    """The paths of the values that somebody typed into the project's fields, and that no person recorded since.

    What a sync wrote afterwards records nothing: otherwise its first run would make of an edit what the second one
    may push. Where it brought another value of that path, the edit is gone.
    """
    typed: dict[str, None] = {}
    for event in (*project.events, *project.pending):
        if event.source == Source.EDITED_IN_DSS.value:
            # an edit of the record itself, or one that nobody can name, may be of any value
            paths = [event.what] if event.what in project.blueprint.by_path else project.blueprint.by_path
            typed |= dict.fromkeys(paths)
        elif event.source != Source.SYNC.value:
            typed.clear()
        elif event.what == "sync":
            typed = {path: None for path in typed if not is_status_path(path)}
        else:
            typed.pop(event.what, None)
    return tuple(typed)


def needs_whole_history(project: Item) -> bool:
    """Whether the record alone cannot tell: older events stand in the wiki, and none in the record is a person's."""
    no_person = (Source.SYNC.value, Source.EDITED_IN_DSS.value)
    return project.moved_events > 0 and all(event.source in no_person for event in project.events)
