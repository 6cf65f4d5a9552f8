"""Project keys and other ids, checked before they become part of an address."""

from __future__ import annotations

import re
from urllib.parse import quote

from govern_mirror.errors import InputError
from govern_mirror.text import checked_text

MAX_SHOWN = 60
"""Characters of a wrong id that a message repeats."""

_KEY = re.compile(r"[A-Za-z0-9_]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def checked_key(text: str) -> str:
    """Return a project key as it is, if it is one: letters, digits and `_`, which is what DSS allows.

    Raises:
        InputError: it is none; an address made of it would lead elsewhere.
    """
    if not _KEY.fullmatch(checked_text(text, "a project key")):
        raise InputError(f"{_shown(text)} is not a project key: a key has letters, digits and _ only; correct it")
    return text


def checked_id(text: str, kind: str = "id") -> str:
    """Return another id as it is, if it may stand in an address once it is percent-encoded.

    Args:
        text: the id.
        kind: what it is the id of, for the message.

    Raises:
        InputError: it is empty, holds control characters, or is `.` or `..`, which mean places in an address.
    """
    if checked_text(text, kind) in ("", ".", "..") or _CONTROL.search(text):
        raise InputError(f"{_shown(text)} is not a valid {kind}: correct it")
    return text


def path_part(text: str, kind: str = "id") -> str:
    """An id, checked and percent-encoded, as one part of an address's path.

    Raises:
        InputError: as `checked_id`.
    """
    return quote(checked_id(text, kind), safe="")


def _shown(text: str) -> str:
    return ascii(text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…")
