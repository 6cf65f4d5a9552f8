"""JSON of unknown shape, read without raising."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from govern_mirror.blueprint import clipped
from govern_mirror.event import parse_date


def mapping(found: object) -> Mapping[str, Any]:
    """An object; empty when it is none."""
    return found if isinstance(found, Mapping) else {}


def list_of(found: object) -> list[Any]:
    """A list; empty when it is none."""
    return found if isinstance(found, list) else []


def text(found: object) -> str:
    """A text; empty when it is none."""
    return found if isinstance(found, str) else ""


def texts(found: object) -> tuple[str, ...]:
    """The texts in a list."""
    return tuple(text for text in list_of(found) if isinstance(text, str))


def is_blank(raw: object) -> bool:
    """Whether Govern holds nothing there."""
    return raw is None or raw == "" or raw == []


def as_date(raw: object) -> object:
    """The date of a text that tells one, in its own zone; else what was found."""
    try:
        return parse_date(raw) if isinstance(raw, str) else raw
    except ValueError:
        return raw


def short(found: object) -> str:
    """A value as short text for a message."""
    try:
        return clipped(found)
    except RecursionError:
        return "…"
