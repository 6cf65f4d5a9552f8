"""What a scenario does at present, read from its definition; what cannot be read counts as not set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from govern_mirror.scenario.merging import LISTS, places_of
from govern_mirror.scenario.nested import Definition, get, items_of, mapping
from govern_mirror.scenario.reporting import DAYS, Mail, PartId, Reporting, Schedule


def part(definition: Definition, identifier: PartId) -> Mapping[str, Any] | None:
    """One of our parts as it is in a definition; None when it is not there."""
    for path, known in LISTS:
        if identifier in known:
            items = items_of(get(definition, path))
            place = places_of(items, known).get(identifier)
            return None if place is None else dict(items[place])
    return None


def reporting_of(definition: Definition) -> Reporting:
    """What a scenario does at present; what cannot be read counts as not set."""
    schedule, report = part(definition, PartId.SCHEDULE), part(definition, PartId.REPORT)
    build, failure = part(definition, PartId.BUILD), part(definition, PartId.FAILURE)
    config = mapping(get(report, ("params", "config")))
    told = mapping(get(failure, ("messaging", "configuration")))
    builds = get(build, ("params", "builds"))
    folder, history = config.get("managed_folder"), config.get("history")
    return Reporting(
        schedule=None if schedule is None else _schedule(mapping(schedule.get("params"))),
        sync=part(definition, PartId.SYNC) is not None,
        datasets=tuple(str(each.get("itemId")) for each in items_of(builds) if isinstance(each, Mapping)),
        history=history if isinstance(history, str) and history else None,
        folder=folder if isinstance(folder, str) and folder else None,
        mail=_mail(config.get("mail_to"), config.get("channel")),
        alert=_mail(told.get("recipient"), told.get("channelId")),
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
    timezone = params.get("timezone")
    return Schedule(
        _whole(params.get("hour"), standard.hour, 23),
        _whole(params.get("minute"), standard.minute, 59),
        tuple(day for day in DAYS if day in days),
        timezone if isinstance(timezone, str) and timezone else standard.timezone,
    )


def _whole(found: object, otherwise: int, most: int) -> int:
    known = isinstance(found, int | float) and not isinstance(found, bool) and 0 <= found <= most
    return int(found) if known and isinstance(found, int | float) else otherwise


def _mail(recipients: object, channel: object) -> Mail | None:
    to = tuple(each.strip() for each in recipients.split(",")) if isinstance(recipients, str) else ()
    to = tuple(each for each in to if each)
    return Mail(to, channel) if to and isinstance(channel, str) and channel else None
