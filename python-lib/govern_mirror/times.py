"""Times and dates as ISO 8601: one parser, which reads the same on every Python.

`datetime.fromisoformat` reads `Z` and `+0100` from Python 3.11 on only, and then week dates too, which nobody means.
So it serves the one form that this library writes, and all else is read here.
"""

from __future__ import annotations

import re
import sys
from datetime import date, datetime, timedelta, timezone

from govern_mirror.errors import InputError
from govern_mirror.text import clipped

_READS_Z = sys.version_info >= (3, 11)
_ISO = re.compile(
    r"([0-9]{4})(-?)([0-9]{2})\2([0-9]{2})"
    r"(?:[Tt ]([0-9]{2})(?::?([0-9]{2})(?::?([0-9]{2})(?:[.,]([0-9]+))?)?)?"
    r" ?(?:([Zz])|([+-])([0-9]{2})(?::?([0-9]{2})(?::?([0-9]{2}))?)?)?)?\Z"
)
"""A date, extended or basic, which a time may follow, which a zone may follow."""


def parse_time(text: object, default_zone: timezone | None = None) -> datetime:
    """Read an ISO 8601 time, such as `2026-03-01T07:00:00Z` or, as DSS has it, `2026-03-01T00:00:00.000+0100`.

    Args:
        text: the time, extended or basic; decimals behind the sixth are cut off.
        default_zone: the zone of a time that names none, and where a day begins that names no time; None: both must
            be named.

    Returns:
        The time in UTC.

    Raises:
        ValueError: it is not one.
    """
    if not isinstance(text, str):
        raise ValueError("a time is a text")
    # a report reads hundreds of thousands of `2026-03-01T07:00:00Z`; other texts of that length are no week dates
    if text[19:] == "Z" and text[10] == "T" and text[5] != "W":
        try:
            return datetime.fromisoformat(text if _READS_Z else text[:-1] + "+00:00")
        except ValueError:
            pass  # or it is none
    at = _local_time(text)
    if at.tzinfo is None:
        if default_zone is None:
            raise ValueError("a time needs a zone")
        at = at.replace(tzinfo=default_zone)
    try:
        return at.astimezone(timezone.utc)
    except OverflowError as error:
        raise ValueError("the time is out of range") from error


def parse_date(text: str) -> date:
    """Read `YYYY-MM-DD`, or an ISO 8601 time with a zone, of which the day in that zone counts.

    Raises:
        ValueError: it is neither, or the year is not within 1900 and 2199.
    """
    text = text.strip()
    # from Python 3.11 on, fromisoformat also reads week dates
    if len(text) == 10 and text[4] == text[7] == "-" and text[5] != "W":
        day = date.fromisoformat(text)
    else:
        at = _local_time(text)
        if at.tzinfo is None:
            raise ValueError("a time needs a zone")
        day = at.date()
    require_near(day)
    return day


def require_near(day: date) -> None:
    """Require a year that people mean.

    Raises:
        ValueError: it is not within 1900 and 2199.
    """
    if not 1900 <= day.year < 2200:
        raise ValueError("the year is not within 1900 and 2199")


def checked_time(at: object) -> datetime:
    """Return a time that the Python API was given.

    Raises:
        InputError: it is none, or names no zone, so that nobody can say when it is.
    """
    if not isinstance(at, datetime) or at.tzinfo is None:
        raise InputError(f"a time with a zone is needed, such as datetime.now(timezone.utc), not {clipped(at)}")
    return at


def iso_time(at: datetime | None) -> str | None:
    """A time as ISO 8601 in UTC, to the second, e.g. `2026-06-01T08:30:00Z`."""
    if at is None:
        return None
    if at.tzinfo is not timezone.utc:
        at = at.astimezone(timezone.utc)
    # in half of the time that `isoformat` takes: a table has tens of thousands; reading times needs Python alone
    import orjson

    return orjson.dumps(at, option=orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS).decode()[1:-1]


def iso_milliseconds(milliseconds: int) -> str:
    """Return a time of DSS, in milliseconds since 1970, as ISO 8601 in UTC, with its milliseconds."""
    at = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=milliseconds)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _local_time(text: str) -> datetime:
    """The time as it is written, in the zone that it names, if any; of a bare date its beginning.

    Raises:
        ValueError: it is none.
    """
    parts = _ISO.match(text)
    if not parts:
        raise ValueError("it is no time in ISO 8601")
    year, _, month, day, hour, minute, second, decimals, utc, sign, *offset = parts.groups()
    zone = timezone.utc if utc else None
    if sign:
        hours, minutes, seconds = (int(part or 0) for part in offset)
        if hours > 23 or minutes > 59 or seconds > 59:
            raise ValueError("the zone is out of range")
        ahead = timedelta(hours=hours, minutes=minutes, seconds=seconds)
        zone = timezone(-ahead if sign == "-" else ahead)
    microsecond = int(f"{decimals or ''}000000"[:6])
    return datetime(
        int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), microsecond, tzinfo=zone
    )
