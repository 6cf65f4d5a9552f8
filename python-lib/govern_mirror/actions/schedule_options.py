"""What people type to schedule the report, parsed: a blank leaves a value as it is, the word `none` clears it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from zoneinfo import available_timezones

from govern_mirror.actions.mail import is_address, mail_channel, parse_addresses
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


class _Cleared:
    """Stands for the word `none`."""


_CLEARED = _Cleared()
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
    given: dict[str, Any] = {}
    faults = []
    for name, parse in parsers.items():
        text = getattr(options, name)
        if text is None or not text.strip():
            continue
        try:
            given[name] = _CLEARED if text.strip().casefold() == CLEAR else parse(text.strip())
        except InputError as error:
            faults.append(f"{name.replace('_', '-')}: {error}")
    if given.get("daily") is _CLEARED:
        faults.append("daily: a scenario needs its time of day; to take it away, remove the scenario")
    if faults:
        raise InputError("; ".join(faults))
    return given


def wanted_reporting(session: Session, given: Given, known: Reporting) -> tuple[Reporting, list[str]]:
    """What the scenario is to do, of what it does and what was given; and warnings."""
    before = known.schedule or Schedule()
    hour, minute = given.get("daily", (before.hour, before.minute))
    schedule = Schedule(
        hour, minute, _or(given.get("weekly"), before.days, ()), _or(given.get("timezone"), before.timezone, SERVER)
    )
    folder = _or(given.get("managed_folder"), known.folder, None)
    mail, alert, warnings = known.mail, known.alert or known.mail, list[str]()
    if given.get("mail") is _CLEARED:
        mail = alert = None
    elif "mail" in given or ("channel" in given and mail is not None):
        mail = alert = _mail(session, given, mail, warnings)
    elif "channel" in given:
        raise InputError("channel: name also who gets the mail")
    with_texts = _or(given.get("with_texts"), known.with_texts, False)
    if mail is not None and "mail" not in given:
        warnings += _warnings_of_addresses(mail)
    return replace(known, schedule=schedule, folder=folder, mail=mail, alert=alert, with_texts=with_texts), warnings


def _warnings_of_addresses(mail: Mail) -> list[str]:
    """Addresses that stand in the scenario already, from before they were checked, or typed there by people."""
    wrong = [address for address in mail.to if not is_address(address)]
    if not wrong:
        return []
    named = ", ".join(ascii(clipped(address)) for address in wrong)
    return [f"the scenario mails to what is no mail address, so that its report would fail: {named}; name them anew"]


def _mail(session: Session, given: Given, known: Mail | None, warnings: list[str]) -> Mail:
    to = given.get("mail") or (known.to if known else ())
    asked = given.get("channel", known.channel if known else None)
    channel = mail_channel(session, None if asked is _CLEARED else asked)
    if not channel.has_sender:
        warnings.append(
            f"the mail channel {channel.id} names no sender: mails may be refused until an administrator gives it one"
        )
    return Mail(to, channel.id)


def _or(given: Any, known: Parsed, cleared: Parsed) -> Parsed:
    if given is None:
        return known
    return cleared if given is _CLEARED else given


def _time(text: str) -> tuple[int, int]:
    found = _TIME.fullmatch(text)
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        raise InputError(f"{clipped(text)!r} is not a time of day: write HH:MM, such as 07:00")
    return int(found[1]), int(found[2])


def _days(text: str) -> tuple[str, ...]:
    named = [each for each in re.split(r"[,\s]+", text) if each]
    days = {}
    for each in named:
        matching = [day for day in DAYS if day.casefold().startswith(each.casefold())]
        if len(matching) != 1 or len(each) < 2:
            raise InputError(f"{clipped(each)!r} is not a day of the week: write mon, tue, wed, thu, fri, sat or sun")
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
