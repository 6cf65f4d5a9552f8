"""Single values as Govern answers them."""

from __future__ import annotations

from govern_mirror.times import parse_date


def is_blank(raw: object) -> bool:
    """Whether Govern holds nothing there."""
    return raw is None or raw == "" or raw == []


def as_date(raw: object) -> object:
    """The date of a text that tells one, in its own zone; else what was found."""
    try:
        return parse_date(raw) if isinstance(raw, str) else raw
    except ValueError:
        return raw
