"""The lists of a definition, where our parts stand among people's own: found, merged, taken out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from govern_mirror.scenario.nested import Path, covers, drop, get, items_of, put, text_at
from govern_mirror.scenario.parts import Part
from govern_mirror.scenario.reporting import STEPS, PartId

LISTS: tuple[tuple[Path, tuple[PartId, ...]], ...] = (
    (("params", "steps"), STEPS),
    (("triggers",), (PartId.SCHEDULE,)),
    (("reporters",), (PartId.FAILURE,)),
)


def merged_list(found: object, wanted: Sequence[Part], known: Sequence[PartId]) -> list[Any]:
    """A list with our parts as wanted; foreign items keep their values and their order.

    A part that is there stays in its place. A new one goes after the nearest of ours before it in the order of `known`,
    else before the nearest after it, else to the end.
    """
    items = items_of(found)
    places = places_of(items, known)
    ours = {place: identifier for identifier, place in places.items()}
    parts = {each.id: each for each in wanted}
    merged: list[tuple[PartId | None, Any]] = []
    for place, item in enumerate(items):
        identifier = ours.get(place)
        if identifier is None:
            merged.append((None, item))
        elif identifier in parts:
            merged.append((identifier, _updated(item, parts[identifier])))
    for each in wanted:
        if each.id not in places:
            merged.insert(_position([identifier for identifier, _ in merged], each.id, known), (each.id, each.made))
    return [item for _, item in merged]


def _position(placed: Sequence[PartId | None], identifier: PartId, known: Sequence[PartId]) -> int:
    order = known.index(identifier)
    for before in reversed(known[:order]):
        if before in placed:
            return placed.index(before) + 1
    for after in known[order + 1 :]:
        if after in placed:
            return placed.index(after)
    return len(placed)


def places_of(items: Sequence[Any], known: Sequence[PartId]) -> dict[PartId, int]:
    """Where our parts are: the first item of each id, else of each name. A copy that people made of one is theirs."""
    ids = {identifier.value for identifier in known}
    places: dict[PartId, int] = {}
    for identifier in known:
        candidates = [
            [place for place, item in enumerate(items) if text_at(item, "id") == identifier.value],
            [
                place
                for place, item in enumerate(items)
                if text_at(item, "name") == identifier.value and text_at(item, "id") not in ids
            ],
        ]
        found = next((places for places in candidates if places), None)
        if found:
            places[identifier] = found[0]
    return places


def _updated(item: Mapping[str, Any], wanted: Part) -> dict[str, Any]:
    changed = dict(item)
    for path in wanted.owned:
        value = get(wanted.made, path)
        if value is None:
            drop(changed, path)
        elif not covers(get(changed, path), value):
            put(changed, path, value)
    return changed
