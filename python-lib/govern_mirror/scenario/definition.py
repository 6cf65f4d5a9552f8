"""The scenario's definition: made, brought to what is wanted, checked, and rid of our parts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from govern_mirror.scenario.merging import LISTS, merged_list
from govern_mirror.scenario.nested import Definition, get, put
from govern_mirror.scenario.parts import is_kept, our_parts
from govern_mirror.scenario.reading import part, reporting_of
from govern_mirror.scenario.reporting import PartId, Reporting

TAG = "govern-mirror-reporting"
"""The mark of our scenario: a tag of the scenario itself, which lists of scenarios show."""

NAME = "Govern mirror reporting"
"""The name a new scenario gets; people may change it."""


def is_marked(definition: Definition) -> bool:
    """Whether a scenario, or its item in a list, bears our mark."""
    tags = definition.get("tags")
    return isinstance(tags, list) and TAG in tags


def new() -> dict[str, Any]:
    """A new scenario that does nothing yet and is switched off."""
    return {"active": False, "tags": [TAG], "triggers": [], "reporters": [], "params": {"steps": []}}


def installed(definition: Definition, wanted: Reporting, now: datetime) -> dict[str, Any]:
    """The definition with our parts as wanted, each added where it belongs or brought up to date in its place.

    Args:
        definition: the scenario as it is; not changed.
        wanted: what it is to do.
        now: a new trigger counts from this day on.
    """
    changed = dict(definition)
    if not is_marked(changed):
        tags = changed.get("tags")
        changed["tags"] = [*tags, TAG] if isinstance(tags, list) else [TAG]
    parts = our_parts(wanted, reporting_of(definition), now)
    for path, known in LISTS:
        put(changed, path, merged_list(get(changed, path), [each for each in parts if each.id in known], known))
    return changed


def removed(definition: Definition) -> dict[str, Any] | None:
    """The definition without our parts and mark; None when nothing but ours is in it, so that it can go."""
    changed = dict(definition)
    left = 0
    for path, known in LISTS:
        rest = merged_list(get(changed, path), [], known)
        put(changed, path, rest)
        left += len(rest)
    if not left:
        return None
    tags = changed.get("tags")
    changed["tags"] = [tag for tag in tags if tag != TAG] if isinstance(tags, list) else []
    return changed


def foreign(definition: Definition) -> int:
    """How many steps, triggers and reporters are people's own."""
    return sum(len(merged_list(get(definition, path), [], known)) for path, known in LISTS)


def lost(wanted: Definition, found: Definition) -> list[str]:
    """What of ours did not come back as it was written: our mark, and values we own, by part."""
    missing = [] if is_marked(found) else [f"the tag {TAG}"]
    for identifier in PartId:
        before, after = part(wanted, identifier), part(found, identifier)
        if before is None and after is None:
            continue
        if before is None or after is None or not is_kept(identifier, before, after):
            missing.append(identifier.value)
    return missing
