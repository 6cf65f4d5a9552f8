"""What people type to schedule the report, parsed: a blank leaves a value as it is, the word `none` clears it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from zoneinfo import available_timezones

from govern_mirror.actions.mail import is_address, mail_channel_of, parse_addresses
from govern_mirror.actions.publish import parse_folder
from govern_mirror.actions.session import Session
from govern_mirror.errors import InputError
from govern_mirror.model.blueprint import CLEAR
from govern_mirror.scenario.parts import DAYS, SERVER, Mail, Reporting, Schedule
from govern_mirror.text import clipped

_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})")
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+/-]*")
_NO_ZONES = frozenset({"Factory", "localtime", "posixrules"})
"""Names in a machine's list of zones that name no place: what they mean differs from machine to machine."""

_OTHER_CLOCKS = ("posix/", "right/")
"""Folders in which machines keep the same zones once more, `right/` with leap seconds: DSS knows neither."""

_YES_OR_NO = {"yes": True, "no": False}
Parsed = TypeVar("Parsed")


@dataclass(frozen=True)
class ScheduleOptions:
    """What to install, as people type it: what is blank stays as it is, the word `none` clears it.

    Attributes:
        daily: the time of day, `HH:MM`; 07:00 for a new scenario.
        weekly: the days to run on, such as `mon` or `mon,thu`; every day when cleared.
        timezone: the zone of that time, such as `Europe/Paris`; the DSS server's when cleared.
        mail: addresses that get the report, and are told of a run that failed.
        channel: id of the mail channel; the only one there is when blank.
        managed_folder: the folder that takes the page, `ID` or `PROJECT.ID`.
        with_texts: `yes` to publish notes, comments and history, too; `no` to leave them out, as a new scenario does.
    """

    daily: str | None = None
    weekly: str | None = None
    timezone: str | None = None
    mail: str | None = None
    channel: str | None = None
    managed_folder: str | None = None
    with_texts: str | None = None


_CLEARED = object()
"""Stands for the word `none`."""

Given = Mapping[str, Any]


def parse_options(options: ScheduleOptions, project_key: str) -> Given:
    """The options that were given, parsed: by name, `_CLEARED` for the word `none`; all faults at once."""
    parsers: dict[str, Callable[[str], Any]] = {
        "daily": _time,
        "weekly": _days,
        "timezone": _zone,
        "mail": parse_addresses,
        "channel": str.strip,
        "managed_folder": lambda text: _folder(text, project_key),
        "with_texts": _yes_or_no,
    }
    requested: dict[str, Any] = {}
    faults = []
    for name, parse in parsers.items():
        text = getattr(options, name)
        if text is None or not text.strip():
            continue
        try:
            requested[name] = _CLEARED if text.strip().casefold() == CLEAR else parse(text.strip())
        except InputError as error:
            faults.append(f"{name.replace('_', '-')}: {error}")
    if requested.get("daily") is _CLEARED:
        faults.append("daily: a scenario needs its time of day; to take it away, remove the scenario")
    if faults:
        raise InputError("; ".join(faults))
    return requested


def wanted_reporting(session: Session, requested: Given, present: Reporting) -> tuple[Reporting, list[str]]:
    """What the scenario is to do, of what it does and what was given; and warnings."""
    before = present.schedule or Schedule()
    hour, minute = requested.get("daily", (before.hour, before.minute))
    schedule = Schedule(
        hour,
        minute,
        _or(requested.get("weekly"), before.days, ()),
        _or(requested.get("timezone"), before.timezone, SERVER),
    )
    folder = _or(requested.get("managed_folder"), present.folder, None)
    mail, alert, warnings = present.mail, present.alert or present.mail, list[str]()
    if requested.get("mail") is _CLEARED:
        mail = alert = None
    elif "mail" in requested or ("channel" in requested and mail is not None):
        mail = alert = _mail(session, requested, mail, warnings)
    elif "channel" in requested:
        raise InputError("channel: name also who gets the mail")
    with_texts = _or(requested.get("with_texts"), present.with_texts, False)
    if mail is not None and "mail" not in requested:
        warnings += _warnings_of_addresses(mail)
    return replace(present, schedule=schedule, folder=folder, mail=mail, alert=alert, with_texts=with_texts), warnings


def _warnings_of_addresses(mail: Mail) -> list[str]:
    """Addresses that stand in the scenario already, from before they were checked, or typed there by people."""
    wrong = [address for address in mail.to if not is_address(address)]
    if not wrong:
        return []
    names = ", ".join(ascii(clipped(address)) for address in wrong)
    return [f"the scenario mails to what is no mail address, so that its report would fail: {names}; name them anew"]


def _mail(session: Session, requested: Given, present: Mail | None, warnings: list[str]) -> Mail:
    to = requested.get("mail") or (present.to if present else ())
    asked = requested.get("channel", present.channel if present else None)
    channel = mail_channel_of(session.store.client, None if asked is _CLEARED else asked)
    if not channel.has_sender:
        warnings.append(
            f"the mail channel {channel.id} names no sender: mails may be refused until an administrator gives it one"
        )
    return Mail(to, channel.id)


def _or(value: Any, present: Parsed, cleared: Parsed) -> Parsed:
    if value is None:
        return present
    return cleared if value is _CLEARED else value


def _time(text: str) -> tuple[int, int]:
    match = _TIME.fullmatch(text)
    if not match or int(match[1]) > 23 or int(match[2]) > 59:
        raise InputError(f"{clipped(text)!r} is not a time of day: write HH:MM, such as 07:00")
    return int(match[1]), int(match[2])


def _days(text: str) -> tuple[str, ...]:
    words = [word for word in re.split(r"[,\s]+", text) if word]
    days = {}
    for word in words:
        matching = [day for day in DAYS if day.casefold().startswith(word.casefold())]
        if len(matching) != 1 or len(word) < 2:
            raise InputError(f"{clipped(word)!r} is not a day of the week: write mon, tue, wed, thu, fri, sat or sun")
        days[matching[0]] = True
    return tuple(day for day in DAYS if day in days)


def _zone(text: str) -> str:
    if text.upper() == SERVER:
        return SERVER
    zones = available_timezones()
    # where Python has no zones of its own, DSS is the one to judge
    is_zone = text in zones if zones else bool(_ZONE.fullmatch(text))
    if not is_zone or text in _NO_ZONES or text.startswith(_OTHER_CLOCKS):
        raise InputError(
            f"{clipped(text)!r} is not a time zone: write one such as Europe/Paris, or {SERVER} for the DSS server's"
        )
    return text


def _yes_or_no(text: str) -> bool:
    answer = _YES_OR_NO.get(text.casefold())
    if answer is None:
        raise InputError(f"{clipped(text)!r} is neither yes nor no")
    return answer


def _folder(text: str, project_key: str) -> str:
    folder = parse_folder(text, project_key)
    return folder.id if folder.project_key == project_key else f"{folder.project_key}.{folder.id}"
