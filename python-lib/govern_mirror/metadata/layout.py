"""What decode and encode share: the layout in use, fingerprints of stored values, blanks and documents."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from govern_mirror import fast_json
from govern_mirror.blueprint import STANDARD, Blueprint, Field
from govern_mirror.document import Document
from govern_mirror.workflow import Workflow

PLAIN_LENGTH = 24
"""Categories and dates up to this length stand in the digest as they are, so that an edit can say from what."""


@dataclass(frozen=True)
class Layout:
    """What decode and encode need to know besides the metadata itself.

    Attributes:
        blueprint: the template, with the rules of the settings.
        mirror_checklist, mirror_tag: whether the projections are written.
    """

    blueprint: Blueprint = STANDARD
    mirror_checklist: bool = True
    mirror_tag: bool = True

    @cached_property
    def not_started(self) -> Workflow:
        """The workflow of a project that is not governed yet."""
        return Workflow.not_started(self.blueprint)


def fingerprint(field: Field, raw: object) -> str:
    """A stored value as the digest keeps it: short categories and dates as they are, all else as a hash."""
    if field.is_brief and isinstance(raw, str):
        return brief_print(raw)
    # a text never equals another value that looks like it
    return _hashed(raw if isinstance(raw, str) else "\x00" + fast_json.text_of(raw, sort_keys=True))


@lru_cache(maxsize=1024)
def brief_print(raw: str) -> str:
    """The fingerprint of a category or a date: the text itself where it is short and plain, else its hash."""
    is_plain = len(raw) <= PLAIN_LENGTH and not raw.startswith("#") and raw.isascii()
    return raw if is_plain else _hashed(raw)


def _hashed(text: str) -> str:
    return "#" + hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def is_blank(raw: object) -> bool:
    """Whether a stored value counts as not there."""
    return raw is None or raw == "" or raw == []


def document_of(item: object) -> Document | None:
    """A stored title and link as a document; None when it is none."""
    if not isinstance(item, Mapping):
        return None
    title, url = item.get("from"), item.get("to")
    if not isinstance(title, str | None) or not isinstance(url, str) or not url:
        return None
    return Document(title or "", url)
