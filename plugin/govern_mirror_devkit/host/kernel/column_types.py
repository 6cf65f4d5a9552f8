"""The types of a dataset's columns, and which values they hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any


def is_time(value: object) -> bool:
    """Return whether DSS reads a value as a date: a time with a zone."""
    if isinstance(value, datetime):
        return value.tzinfo is not None
    try:
        text = str(value)
        return datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith("Z") else text).tzinfo is not None
    except ValueError:
        return False


def is_whole(value: object) -> bool:
    """Return whether a value is a whole number."""
    return isinstance(value, int) and not isinstance(value, bool)


COLUMN_TYPES: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "bigint": is_whole,
    "int": is_whole,
    "double": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "date": is_time,
}
"""By the name of a type: whether it holds a value."""
