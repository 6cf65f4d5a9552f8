"""When temporal triggers of scenarios fire."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from enum import Enum
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_EPOCH = date(1970, 1, 1)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_HORIZON = timedelta(days=4 * 366)
"""How far ahead a next firing is looked for: past every repetition that people choose."""


class Frequency(Enum):
    """How often a temporal trigger fires (client, hl)."""

    MINUTELY = "Minutely"
    HOURLY = "Hourly"
    DAILY = "Daily"
    WEEKLY = "Weekly"
    MONTHLY = "Monthly"


@dataclass(frozen=True)
class TemporalTrigger:
    """A time-based trigger: every so many minutes, hours, days, weeks or months, from a starting date on."""

    frequency: Frequency
    every: int
    at: time
    zone: tzinfo
    starting_from: date
    days: frozenset[int] = frozenset()
    last_day_of_month: bool = False

    def firings(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """Yield the instants (UTC) at which the trigger fires, later than `after` and not later than `until`."""
        if self.frequency in (Frequency.MINUTELY, Frequency.HOURLY):
            instants = self._by_interval(after)
        else:
            instants = self._by_day(after)
        for instant in instants:
            if instant > until:
                return
            if instant > after:
                yield instant

    def next_firing(self, after: datetime) -> datetime | None:
        """Return the first instant (UTC) after `after` at which the trigger fires."""
        return next(self.firings(after, after + _HORIZON), None)

    def _by_interval(self, after: datetime) -> Iterator[datetime]:
        unit = timedelta(minutes=1) if self.frequency is Frequency.MINUTELY else timedelta(hours=1)
        start = self._instant(self.starting_from)
        passed = max(0, (after - start) // (unit * self.every))
        for n in count(passed):
            yield start + n * unit * self.every

    def _by_day(self, after: datetime) -> Iterator[datetime]:
        # From a day before: `after` may be an earlier local day than UTC shows.
        day = max(self.starting_from, after.astimezone(self.zone).date() - timedelta(days=1))
        end = after.astimezone(self.zone).date() + _HORIZON
        while day <= end:
            if self._falls_on(day):
                yield self._instant(day)
            day += timedelta(days=1)

    def _falls_on(self, day: date) -> bool:
        start = self.starting_from
        if self.frequency is Frequency.DAILY:
            return (day - start).days % self.every == 0
        if self.frequency is Frequency.WEEKLY:
            weeks = (_monday(day) - _monday(start)).days // 7
            return day.weekday() in self.days and weeks % self.every == 0
        months = (day.year - start.year) * 12 + day.month - start.month
        length = calendar.monthrange(day.year, day.month)[1]
        wanted = length if self.last_day_of_month else min(start.day, length)
        return months % self.every == 0 and day.day == wanted

    def _instant(self, day: date) -> datetime:
        return datetime.combine(day, self.at, tzinfo=self.zone).astimezone(timezone.utc)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def temporal_trigger(document: Mapping[str, Any], server_zone: tzinfo) -> TemporalTrigger:
    """Return the trigger that a scenario's trigger document of type `temporal` describes (client, hl).

    Args:
        document: the trigger, its settings under `params`.
        server_zone: what the time zone `SERVER` means.

    Raises:
        ValueError: when a setting is one that DSS's form does not offer.
    """
    params = document.get("params") or {}
    zone = _zone(params.get("timezone") or "SERVER", server_zone)
    return TemporalTrigger(
        frequency=Frequency(params.get("frequency")),
        every=max(1, int(params.get("repeatFrequency") or 1)),
        at=time(int(params.get("hour") or 0), int(params.get("minute") or 0)),
        zone=zone,
        starting_from=_starting_date(params.get("startingFrom"), zone),
        days=frozenset(_weekday(name) for name in params.get("daysOfWeek") or []),
        last_day_of_month=_on_last_day(params.get("monthlyRunOn") or "ON_THE_DAY"),
    )


def _zone(name: str, server_zone: tzinfo) -> tzinfo:
    if name == "SERVER":
        return server_zone
    if name == "UTC":
        return timezone.utc
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"Unknown time zone {name!r}") from None


def _starting_date(text: str | None, zone: tzinfo) -> date:
    """Return the local day that `startingFrom` names: a date (hl), or an instant with zone (client)."""
    if not text:
        return _EPOCH
    if "T" not in text:
        return date.fromisoformat(text)
    at = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")
    return at.astimezone(zone).date()


def _weekday(name: str) -> int:
    try:
        return _DAYS.index(name.capitalize())
    except ValueError:
        raise ValueError(f"Unknown day of the week {name!r}") from None


def _on_last_day(run_on: str) -> bool:
    if run_on not in ("ON_THE_DAY", "LAST_DAY_OF_THE_MONTH"):
        raise ValueError(f"Unknown monthlyRunOn {run_on!r}")
    return run_on == "LAST_DAY_OF_THE_MONTH"
