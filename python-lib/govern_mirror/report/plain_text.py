"""People's text as it may stand in a document: what nobody can see in it does not steer how it is shown."""

from __future__ import annotations

import re

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
_UNSEEN = re.compile(
    "[\xad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
_NEWLINE = re.compile("\r\n|[\r\u0085\u2028\u2029]")


def printable(text: str) -> str:
    """Text that every file format can hold: control characters and broken ones become visible, lines stay."""
    if text.isascii() and text.isprintable():
        return text
    return _CONTROL.sub(REPLACEMENT, _NEWLINE.sub("\n", text))


def one_line(text: str, length: int | None = None) -> str:
    """Text on one line, at most `length` characters; direction marks and zero-width characters become visible."""
    if length is not None and len(text) > length * 4:
        text = text[: length * 4] + "…"  # a note of 100 kB is not worth reading to its end
    line = " ".join(_UNSEEN.sub(REPLACEMENT, printable(text)).split())
    return line if length is None or len(line) <= length else line[: length - 1].rstrip() + "…"
