"""JSON of thousands of projects: orjson, and the standard library where orjson is stricter than JSON as DSS has it.

orjson refuses what `json` takes (lone surrogates, NaN, deep nesting); then `json` decides. Integers beyond 64 bits are
read as floats, so what is read this way must not be written back.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import orjson

from govern_mirror.event import iso_time


def loads(text: str | bytes) -> Any:
    """Read JSON; bytes are UTF-8.

    Raises:
        ValueError: it is not JSON.
        RecursionError: it is nested too deep.
    """
    try:
        return orjson.loads(text)
    except ValueError:
        return json.loads(text)


def dumps(document: Any) -> bytes:
    """Compact JSON in UTF-8; what cannot be UTF-8 becomes a question mark.

    Times in UTC become ISO 8601 to the second, as `iso_time` writes them; dates and enumerations their values.
    """
    try:
        return orjson.dumps(document, option=_TIMES)
    except (TypeError, ValueError):
        plain = json.dumps(document, ensure_ascii=False, separators=(",", ":"), default=_day_or_time)
        return plain.encode("utf-8", "replace")


_TIMES = orjson.OPT_OMIT_MICROSECONDS | orjson.OPT_UTC_Z


def _day_or_time(value: object) -> str | None:
    if isinstance(value, datetime):
        return iso_time(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no JSON for {type(value).__name__}")
