"""What decode and encode share: the layout in use, fingerprints of stored values, blanks and documents."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from govern_mirror import fast_json
from govern_mirror.model.blueprint import Blueprint, Field, Kind, Status
from govern_mirror.model.event import digest
from govern_mirror.model.values import Document, Value
from govern_mirror.model.workflow import Workflow

MAX_PLAIN_LENGTH = 24
"""Categories and dates up to this length stand in the prints as they are, so that an edit can say from what."""

MAX_RECORD_SIZE = 8192
"""Bytes the record of a project may take."""

MIN_EVENTS_SIZE = 2048
"""Bytes that events may take in the record of a project in any case."""

PRINT_BYTES = 4
"""Bytes of a print's hash: it only names what changed, the digest over all values tells whether anything did."""

FIRST_PRINT_BYTES = 6
"""Bytes of the hashes in a record of version 0.1.0, where they were all there was."""


@dataclass(frozen=True)
class Layout:
    """What decode and encode need to know besides the metadata itself.

    Attributes:
        blueprint: the template, with the rules of the settings.
        mirror_checklist, mirror_tag: whether the projections are written.
        record_size: bytes a record may take; before it grows past that, the oldest events move to the wiki.
        events_size: bytes that events may take in any case: when the rest leaves less, it gives up what only names
            changed fields.
    """

    blueprint: Blueprint
    mirror_checklist: bool = True
    mirror_tag: bool = True
    record_size: int = MAX_RECORD_SIZE
    events_size: int = MIN_EVENTS_SIZE

    @cached_property
    def reading(self) -> tuple[tuple[str, str, str, Mapping[str, Value] | None, bool, Field], ...]:
        """What reading a value needs of each field, at once, since a report reads hundreds of thousands.

        Path, stored name, short name, the value of each text (None where every text is valid as it is), whether it
        is a status, the field.
        """
        statuses: dict[str, Value] = {status.value: status for status in Status}
        plain = (Kind.LINE, Kind.TEXT, Kind.REFERENCE)

        def valid(field: Field) -> Mapping[str, Value] | None:
            if field.kind is Kind.STATUS:
                return statuses
            single = {} if field.several else {choice: choice for choice in field.choices}
            return None if field.kind in plain else single

        return tuple((f.path, f.stored, f.short, valid(f), f.kind is Kind.STATUS, f) for f in self.blueprint.all_fields)

    @cached_property
    def not_started(self) -> Workflow:
        """The workflow of a project that is not governed yet."""
        return Workflow.not_started(self.blueprint)


def stored_text(raw: object) -> str:
    """Return a stored value as one text, so that a text never equals another value that looks like it."""
    return raw if isinstance(raw, str) else "\x00" + fast_json.text_of(raw, sort_keys=True)


def values_digest(texts: Mapping[str, str]) -> str:
    """Return 128 bits over all stored values, by their fields' short names, in the blueprint's order."""
    # with its length before it, no text can be taken for the next one's name
    return digest("".join([f"{name}={len(text)}:{text}" for name, text in texts.items()]))


def fingerprint(field: Field, text: str, size: int = PRINT_BYTES) -> str:
    """Return a stored value as the record's prints have it: short categories and dates as they are, else a hash.

    Args:
        field: the field that holds it.
        text: as `stored_text` gives it.
        size: bytes of the hash; version 0.1.0 kept 6.
    """
    return _brief_fingerprint(text, size) if field.is_brief else _hashed(text, size)


@lru_cache(maxsize=1024)
def _brief_fingerprint(text: str, size: int = PRINT_BYTES) -> str:
    """Return the fingerprint of a category or a date: the text itself where it is short and plain, else its hash."""
    is_plain = len(text) <= MAX_PLAIN_LENGTH and text[:1] not in ("#", "\x00") and text.isascii()
    return text if is_plain else _hashed(text, size)


def _hashed(text: str, size: int) -> str:
    return "#" + hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size).hexdigest()


def document_of(item: object) -> Document | None:
    """A stored title and link as a document; None when it is none."""
    if not isinstance(item, Mapping):
        return None
    title, url = item.get("from"), item.get("to")
    if not isinstance(title, str | None) or not isinstance(url, str) or not url:
        return None
    return Document(title or "", url)
