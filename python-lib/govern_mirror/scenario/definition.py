"""The scenario's definition: read, brought to what is wanted, checked, and rid of our parts.

Our parts stand in lists among people's own items, which keep their values and their order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from govern_mirror.nested import Definition, Path, covers, drop, get, items_of, mapping, put, text_at
from govern_mirror.scenario.parts import DAYS, STEPS, Mail, Part, PartId, Reporting, Schedule, is_kept, our_parts

TAG = "govern-mirror-reporting"
"""The mark of our scenario: a tag of the scenario itself, which lists of scenarios show."""

NAME = "Govern mirror reporting"
"""The name a new scenario gets; people may change it."""

LISTS: tuple[tuple[Path, tuple[PartId, ...]], ...] = (
    (("params", "steps"), STEPS),
    (("triggers",), (PartId.SCHEDULE,)),
    (("reporters",), (PartId.FAILURE,)),
)
"""Where our parts stand, and which may stand there, in their order."""


def merged_list(value: object, parts: Sequence[Part], part_ids: Sequence[PartId]) -> list[Any]:
    """A list with our parts as wanted; foreign items keep their values and their order.

    A part that is there stays in its place. A new one goes after the nearest of ours before it in the order of
    `part_ids`, else before the nearest after it, else to the end.
    """
    items = items_of(value)
    places = places_of(items, part_ids)
    ids = {place: identifier for identifier, place in places.items()}
    by_id = {added.id: added for added in parts}
    merged: list[tuple[PartId | None, Any]] = []
    for place, item in enumerate(items):
        identifier = ids.get(place)
        if identifier is None:
            merged.append((None, item))
        elif identifier in by_id:
            merged.append((identifier, _updated(item, by_id[identifier])))
    for added in parts:
        if added.id not in places:
            position = _position([identifier for identifier, _ in merged], added.id, part_ids)
            merged.insert(position, (added.id, added.content))
    return [item for _, item in merged]


def _position(ids: Sequence[PartId | None], identifier: PartId, part_ids: Sequence[PartId]) -> int:
    order = part_ids.index(identifier)
    for before in reversed(part_ids[:order]):
        if before in ids:
            return ids.index(before) + 1
    for after in part_ids[order + 1 :]:
        if after in ids:
            return ids.index(after)
    return len(ids)


def places_of(items: Sequence[Any], part_ids: Sequence[PartId]) -> dict[PartId, int]:
    """Where our parts are: the first item of each id, else of each name. A copy that people made of one is theirs."""
    ids = {identifier.value for identifier in part_ids}
    places: dict[PartId, int] = {}
    for identifier in part_ids:
        word = identifier.value
        by_id = [place for place, item in enumerate(items) if text_at(item, "id") == word]
        others = [place for place, item in enumerate(items) if text_at(item, "id") not in ids]
        matching = by_id or [place for place in others if text_at(items[place], "name") == word]
        if matching:
            places[identifier] = matching[0]
    return places


def _updated(item: Mapping[str, Any], target: Part) -> dict[str, Any]:
    document = dict(item)
    for path in target.owned:
        value = get(target.content, path)
        if value is None:
            drop(document, path)
        elif not covers(get(document, path), value):
            put(document, path, value)
    return document


def part(definition: Definition, identifier: PartId) -> Mapping[str, Any] | None:
    """One of our parts as it is in a definition; None when it is not there."""
    for path, part_ids in LISTS:
        if identifier in part_ids:
            items = items_of(get(definition, path))
            place = places_of(items, part_ids).get(identifier)
            return None if place is None else dict(items[place])
    return None


def reporting_of(definition: Definition) -> Reporting:
    """What a scenario does at present; what cannot be read counts as not set."""
    schedule, report = part(definition, PartId.SCHEDULE), part(definition, PartId.REPORT)
    build, failure = part(definition, PartId.BUILD), part(definition, PartId.FAILURE)
    config = mapping(get(report, ("params", "config")))
    alert = mapping(get(failure, ("messaging", "configuration")))
    builds = get(build, ("params", "builds"))
    return Reporting(
        schedule=None if schedule is None else _schedule(mapping(schedule.get("params"))),
        sync=part(definition, PartId.SYNC) is not None,
        datasets=tuple(str(item.get("itemId")) for item in items_of(builds) if isinstance(item, Mapping)),
        history=text_at(config, "history") or None,
        folder=text_at(config, "managed_folder") or None,
        mail=_mail(text_at(config, "mail_to"), text_at(config, "channel")),
        alert=_mail(text_at(alert, "recipient"), text_at(alert, "channelId")),
        with_texts=config.get("with_texts") is True,
    )


def run_as(definition: Definition) -> str | None:
    """The login a scenario runs as: the one that is set, else its last modifier's; None when neither is known."""
    for path in (
        ("runAsUser",),
        ("versionTag", "lastModifiedBy", "login"),
        ("creationTag", "lastModifiedBy", "login"),
    ):
        login = get(definition, path)
        if isinstance(login, str) and login:
            return login
    return None


def _schedule(params: Mapping[str, Any]) -> Schedule:
    standard = Schedule()
    weekly = params.get("frequency") == "Weekly"
    days = {str(day).capitalize() for day in items_of(params.get("daysOfWeek"))} if weekly else set()
    return Schedule(
        _whole(params.get("hour"), standard.hour, 23),
        _whole(params.get("minute"), standard.minute, 59),
        tuple(day for day in DAYS if day in days),
        text_at(params, "timezone") or standard.timezone,
    )


def _whole(value: object, otherwise: int, most: int) -> int:
    is_valid = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most
    return int(value) if is_valid and isinstance(value, int | float) else otherwise


def _mail(recipients: str | None, channel: str | None) -> Mail | None:
    to = tuple(filter(None, (address.strip() for address in (recipients or "").split(","))))
    return Mail(to, channel) if to and channel else None


def is_marked(definition: Definition) -> bool:
    """Whether a scenario, or its item in a list, has our tag."""
    return TAG in items_of(definition.get("tags"))


def new() -> dict[str, Any]:
    """A new scenario that does nothing yet and is switched off."""
    return {"active": False, "tags": [TAG], "triggers": [], "reporters": [], "params": {"steps": []}}


def is_blank(definition: Definition) -> bool:
    """Whether a scenario is as `new` leaves it: under our mark and name, switched off, and nothing is in it yet."""
    is_empty = not any(items_of(get(definition, path)) for path, _ in LISTS)
    return is_empty and is_marked(definition) and not definition.get("active") and definition.get("name", NAME) == NAME


def installed(definition: Definition, reporting: Reporting, now: datetime) -> dict[str, Any]:
    """The definition with our parts as wanted, each added where it belongs or brought up to date in its place.

    A scenario that is still as `new` leaves it is switched on; any other stays on or off, as people set it.

    Args:
        definition: the scenario as it is; not changed.
        reporting: what it is to do.
        now: a new trigger counts from this day on.
    """
    document = dict(definition)
    if not is_marked(document):
        document["tags"] = [*items_of(document.get("tags")), TAG]
    if is_blank(definition):
        document["active"] = True
    parts = our_parts(reporting, reporting_of(definition), now)
    for path, part_ids in LISTS:
        put(document, path, merged_list(get(document, path), [one for one in parts if one.id in part_ids], part_ids))
    return document


def removed(definition: Definition) -> dict[str, Any] | None:
    """The definition without our parts and mark; None when nothing but ours is in it, so that it can go."""
    document = dict(definition)
    foreign = 0
    for path, part_ids in LISTS:
        rest = merged_list(get(document, path), [], part_ids)
        put(document, path, rest)
        foreign += len(rest)
    if not foreign:
        return None
    document["tags"] = [tag for tag in items_of(document.get("tags")) if tag != TAG]
    return document


def foreign(definition: Definition) -> int:
    """How many steps, triggers and reporters are people's own."""
    return sum(len(merged_list(get(definition, path), [], part_ids)) for path, part_ids in LISTS)


def lost(expected: Definition, actual: Definition) -> list[str]:
    """What of ours did not come back as it was written: our mark, and values we own, by part."""
    missing = [] if is_marked(actual) else [f"the tag {TAG}"]
    for identifier in PartId:
        before, after = part(expected, identifier), part(actual, identifier)
        if before != after and (before is None or after is None or not is_kept(identifier, before, after)):
            missing.append(identifier.value)
    return missing
