"""Who last wrote a step of a project: they cannot approve it, so that nobody is taken for it whom nobody can name."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace

from govern_mirror.model.event import Event, Source, digest
from govern_mirror.model.item import Item
from govern_mirror.model.subject import step_paths
from govern_mirror.model.trust import unrecorded_edits

_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class StepWriter:
    """Who last wrote a step, or moved the workflow into it or out of it.

    Attributes:
        login: of that person; None where nobody did, or nobody can say.
        fault: why nobody can say, as a clause; None where it is known.
    """

    login: str | None = None
    fault: str | None = None


def last_writer(project: Item, step_id: str) -> StepWriter:
    """Tell who last wrote a step, as far as the history that was read is whole.

    An event that is gone or was changed, such as in the wiki article of older ones, may have been a later write than
    any that is there.
    """
    paths = step_paths(project.blueprint, step_id)
    whole_after = _last_doubtful(project)
    for event in sorted(project.events, key=lambda event: event.number or 0, reverse=True):
        if (event.number or 0) <= whole_after:
            break
        if event.source == Source.EDITED_IN_DSS.value and (
            event.what in paths or event.what not in project.blueprint.by_path
        ):
            # DSS names who changed the project last, who need not be who typed this
            return StepWriter(fault=f"it was typed into the project's fields (event {event.number})")
        if _writes(event, step_id, paths) or _records(project, event, paths):
            return StepWriter(event.by)
    if not whole_after:
        return StepWriter()
    return StepWriter(fault=f"its history is not whole, or not readable, up to event {whole_after}")


def _writes(event: Event, step_id: str, paths: Collection[str]) -> bool:
    """Whether an event writes a step, or moves the workflow into it or out of it.

    Who brought values with a sync or a plan file wrote them: they chose where those come from. A status that came so
    is nobody's work in the step.
    """
    if event.source == Source.SYNC.value:
        return event.what in paths
    return event.what in paths or any(step_id in (position or "").split() for position in (event.before, event.after))


def _records(project: Item, event: Event, paths: Collection[str]) -> bool:
    """Whether a person recorded with an event just what somebody had typed into a step."""
    if event.what != "confirm" or not event.after:
        return False
    recorded = event.after.split(", ")
    if event.after_digest is not None:  # the event keeps the beginning of a long list: it may be all that was typed
        earlier = tuple(one for one in project.events if (one.number or 0) < (event.number or 0))
        typed = unrecorded_edits(replace(project, events=earlier, pending=()))
        recorded = list(typed) if digest(", ".join(typed)) == event.after_digest else []
    return any(path in recorded for path in paths)


def _last_doubtful(project: Item) -> int:
    """The highest number of an event that is missing or was changed; 0 when there is none."""
    broken = [int(number) for text in project.breaks for number in _NUMBER.findall(text)]
    numbers = {event.number for event in project.events}
    number = project.last_event
    while number > project.removed_events and number in numbers:
        number -= 1
    return max([0, *broken, number if number > project.removed_events else 0])
