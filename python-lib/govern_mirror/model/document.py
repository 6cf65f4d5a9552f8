"""A document of a step or of the project plan: a title and a link."""

from __future__ import annotations

import re
from dataclasses import dataclass

from govern_mirror.errors import InputError
from govern_mirror.text import checked_text, clipped

SAFE_SCHEMES = ("http", "https", "mailto", "ftp", "sftp", "file", "s3", "gs")
"""Links with other schemes (`javascript:`, `data:`, …) are kept as text and never made clickable."""

_OWN_FILE = re.compile(r"file:(?://(?:localhost)?)?/(?!/)", re.IGNORECASE)
"""A file of the reader's own machine: one on another host makes Windows send that host the reader's password hash."""

_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*):")
_INVISIBLE = re.compile(r"[\x00-\x20\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True)
class Document:
    """A titled link. `title` may be empty: then the link itself is shown."""

    title: str
    url: str


def is_safe_link(url: str) -> bool:
    """Whether a link leads somewhere harmless.

    Browsers skip control characters in a scheme and take a backslash for a slash, so we do first.
    """
    bare = _INVISIBLE.sub("", url).replace("\\", "/")
    scheme = _SCHEME.match(bare)
    if scheme:
        name = scheme.group(1).lower()
        return name in SAFE_SCHEMES and (name != "file" or _OWN_FILE.match(bare) is not None)
    return bare.startswith("/") and not bare.startswith("//")


def parse_document(text: str) -> Document:
    """Read `[TITLE=]URL` as it is typed on the command line or in a macro's form.

    A `=` inside the link (a query) is not a separator: the title ends at the first `=` after which a link begins.

    Raises:
        InputError: the link is missing, or is not one that may be followed.
    """
    text = checked_text(text, "a document").strip()
    title, url = "", text
    if not _is_typed_link(text):
        separators = (at for at, char in enumerate(text) if char == "=")
        begins = next((at for at in separators if _is_typed_link(text[at + 1 :].strip())), None)
        if begins is not None:
            title, url = text[:begins], text[begins + 1 :].strip()
    if not _is_typed_link(url) or any(char.isspace() for char in url):
        raise InputError(
            f"{clipped(text)!r} is not a link: write [TITLE=]URL with an http(s) address or a path that starts with /"
        )
    return Document(title.strip(), url)


def _is_typed_link(text: str) -> bool:
    """Whether a text is a link as people type one: what only a browser would take for a link may be a title."""
    return is_safe_link(text) and (text.startswith("/") or _SCHEME.match(text) is not None)


def with_document(documents: tuple[Document, ...], added: Document) -> tuple[Document, ...]:
    """Add a document; one with the same link is replaced, so that adding it again changes nothing.

    An untitled addition keeps the title that is there.
    """
    for position, known in enumerate(documents):
        if known.url == added.url:
            title = added.title or known.title
            return (*documents[:position], Document(title, added.url), *documents[position + 1 :])
    return (*documents, added)
