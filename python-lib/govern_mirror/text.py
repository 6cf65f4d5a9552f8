"""People's text where it leaves this tool: made harmless for terminals and logs, Markdown, spreadsheets and files.

What people wrote is kept as they wrote it; only where it is shown does it lose its power over what shows it. Each kind
of target has its one function here, and nothing else in this package removes or escapes characters (HTML is escaped by
the templates of `report.html_templates`, JSON and YAML by their libraries). What callers give in place of a text or a
switch is refused here, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import TypeVar

from govern_mirror.errors import InputError

Member = TypeVar("Member", bound=Enum)

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
"""What stands for a character that is not shown."""

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
"""Control characters (they begin escape sequences, also the C1 ones from U+0080 on), and what is no character."""

_UNSEEN = re.compile(
    "[\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""What nobody sees: direction marks, which turn around what stands beside them; zero-width characters; tags."""

_SURROGATES = re.compile("[\ud800-\udfff]")

_NEWLINE = re.compile("\r\n|[\r\u0085\u2028\u2029]")
_BREAKS = re.compile("[\t\n\x0b\x0c\r\x1c-\x1e\x85\u2028\u2029]+")
"""What ends a line, or moves the cursor, in a terminal or in a reader of logs."""

_COMMAND_IN_LINE = re.compile(r"##([A-Za-z]*)\[")
"""Azure Pipelines (`##vso[`, `##[`), GitHub Actions (`##[`) and TeamCity obey these anywhere in a line of a log."""

_COMMAND_AT_START = re.compile(r"^(\s*)::")
"""GitHub Actions obeys `::error::` at the start of a line of a log, after blanks."""

_MAX_READ_FACTOR = 4
"""How many times the wanted length of a text is looked at: a note of 100 kB is not worth reading to its end."""


def has_unseen(text: str) -> bool:
    """Whether a text holds direction marks, zero-width characters or tags, so that it can look like another one."""
    return not text.isascii() and _UNSEEN.search(text) is not None


def printable(text: str) -> str:
    """Text that every file format can hold: control characters and broken ones become visible, lines stay."""
    if text.isascii() and text.isprintable():
        return text
    return _CONTROL.sub(REPLACEMENT, _NEWLINE.sub("\n", text))


def one_line(text: str, length: int | None = None) -> str:
    """Text on one line, at most `length` characters; direction marks and zero-width characters become visible."""
    if length is not None and len(text) > length * _MAX_READ_FACTOR:
        text = text[: length * _MAX_READ_FACTOR] + "…"
    line = " ".join(_UNSEEN.sub(REPLACEMENT, printable(text)).split())
    return line if length is None or len(line) <= length else line[: length - 1].rstrip() + "…"


def terminal_line(text: object, length: int | None = None) -> str:
    """One line for a terminal or a log that shows just this text and obeys nothing in it.

    Args:
        text: any text; another value is shown as `str` gives it.
        length: how many characters are shown at most; None for all.

    Returns:
        The line: line breaks and tabs as blanks, control characters, direction marks and what nobody sees as `�`,
        workflow commands of CI systems broken by a blank.
    """
    line = str(text)
    if length is not None and len(line) > length:
        line = line[: length - 1] + "…"
    if line.isascii() and line.isprintable():
        return _without_commands(line)
    line = _BREAKS.sub(" ", line)
    return _without_commands(_UNSEEN.sub(REPLACEMENT, _CONTROL.sub(REPLACEMENT, line)))


def terminal_text(text: object) -> str:
    """Lines for a terminal or a log, each as `terminal_line` makes it; for what this tool itself laid out in lines."""
    return "\n".join(terminal_line(line) for line in _NEWLINE.sub("\n", str(text)).split("\n"))


def _without_commands(line: str) -> str:
    if "##" in line:
        line = _COMMAND_IN_LINE.sub(r"##\1 [", line)
    return _COMMAND_AT_START.sub(r"\1: :", line) if "::" in line else line


def clipped(value: object, length: int = 80) -> str:
    """A value as short text for a message: whatever was typed or found cannot flood the output."""
    text = value if isinstance(value, str) else "".join(_described(value, length))
    return text if len(text) <= length else text[: length - 1] + "…"


_MAX_DEPTH = 8
"""How many levels of a nested value a message shows."""

_MAX_BITS = 1000
"""Python refuses to print numbers of more than 4,300 digits, and nobody reads those of 300."""


def _described(value: object, length: int, depth: int = _MAX_DEPTH) -> Iterator[str]:
    """`repr` in pieces, up to `length` characters and so many levels deep: a value of any size takes no time."""
    if isinstance(value, str):
        yield repr(value[: length + 1])
    elif isinstance(value, int) and value.bit_length() > _MAX_BITS:
        yield f"a number of about {int(value.bit_length() * 0.30103) + 1} digits"
    elif isinstance(value, dict | list):
        begin, end = "{}" if isinstance(value, dict) else "[]"
        yield begin
        room = length
        for position, child in enumerate(value):
            pieces = [", "] if position else []
            if depth <= 1 or room < 0:
                pieces.append("…")
                room = -1
            elif isinstance(value, dict):
                pieces += (*_described(child, room, 1), ": ", *_described(value[child], room, depth - 1))
            else:
                pieces += _described(child, room, depth - 1)
            yield from pieces
            if room < 0:
                break
            room -= sum(map(len, pieces))
        yield end
    else:
        yield repr(value)


def clean(text: str) -> str:
    """Text that can be stored as UTF-8: lone surrogates (broken input) become U+FFFD."""
    return text if text.isascii() else _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text)


def one_of(names: Iterable[str]) -> str:
    """Return names to choose from, such as `one of Go, No go`; of a single one that name."""
    listed = list(names)
    return listed[0] if len(listed) == 1 else f"one of {', '.join(listed)}"


def checked_text(value: object, what: str) -> str:
    """Return a text that the Python API was given.

    Args:
        value: what was given.
        what: what it is, for the message, such as "the reason".

    Raises:
        InputError: it is no text.
    """
    if not isinstance(value, str):
        raise InputError(f"{what} is a text, not {clipped(value)}")
    return value


def checked_member(kind: type[Member], value: object, what: str) -> Member:
    """Return the member of an enumeration that the Python API was given, itself or by its value.

    Raises:
        InputError: there is none; the message lists them.
    """
    try:
        return kind(value)
    except ValueError:
        members = ", ".join(str(member.value) for member in kind)
        raise InputError(f"unknown {what} {clipped(value)!r}: use one of {members}") from None


def checked_flag(value: object, what: str) -> bool:
    """Return a switch that the Python API was given: what is written or let pass is never guessed.

    Raises:
        InputError: it is neither True nor False.
    """
    if not isinstance(value, bool):
        raise InputError(f"{what} is True or False, not {clipped(value)!r}")
    return value


# Markdown ---------------------------------------------------------------------------------------------------------

MAX_MARKDOWN_LENGTH = 120
"""How many characters of a name or a value Markdown shows."""

_MARKUP = re.compile(
    r"([\\"  # escapes what follows; first of all, so that none of our escapes is escaped
    r"`"  # code, in which our other escapes would be shown
    r"*_~^"  # bold, italics, struck out, raised
    r"{}"  # attributes (`{: onclick=…}`), templates (`{{…}}`)
    r"\[\]"  # links, images, footnotes, tasks
    r"#"  # headings, tags, issue numbers
    r"$"  # formulas
    r":])"  # emoji, definition lists, an address' scheme, DSS's references to its objects
)

_ENTITIES = str.maketrans(
    {
        "&": "&amp;",  # else an entity of people's own would become what it names
        "<": "&lt;",  # tags and comments; HTML is read before the escapes
        ">": "&gt;",  # quotes, and the end of a comment that our own text is in
        "|": "&#124;",  # cells of a table; some readers split cells before the escapes are read
        "@": "&#64;",  # mentions, which send a mail to those who are named
    }
)

_BARE_LINK = re.compile(r"(?<=\w)\.(?=[^\W\d])|/(?=/)|(?<=/)/")
"""What makes a link of plain text where a wiki looks for bare ones: `evil.example`, `//evil`."""

_AT_START = re.compile(r"^([-+=]|\d+[.)](?=\s|$))")
"""What makes a list, a rule or a heading of a line that begins with it."""


def markdown_text(text: str, length: int = MAX_MARKDOWN_LENGTH) -> str:
    """People's text as Markdown that shows just that text, on one line and not longer than `length`.

    It may stand anywhere: at the start of a line, in a cell of a table, as the text of a link.
    """
    line = _MARKUP.sub(r"\\\1", one_line(text, length))
    line = _BARE_LINK.sub(lambda mark: f"\\{mark.group()}", line)
    line = _AT_START.sub(lambda mark: f"{mark.group()[:-1]}\\{mark.group()[-1]}", line)
    return line.translate(_ENTITIES)


# spreadsheets -----------------------------------------------------------------------------------------------------

_BREAK = r"\t\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029"
_PASSED_OVER = (
    r"'*"  # apostrophes that people wrote: one more is put before them, so that reading can take ours away again
    r'[ "\x1f\xa0\u1680\u2000-\u200f\u202f\u205f\u2060\u3000\ufeff]*'  # blanks, and quotes that are none elsewhere
)
"""What spreadsheets pass over before they look for a formula."""

_FORMULA = (
    rf"{_PASSED_OVER}["
    r"=+\-@"  # begins a formula (OWASP, CSV injection)
    r"\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b\u2212]"  # the same, full-width and small: East Asian versions
)
_CELL_START = rf"(?:^|(?<=[;|{_BREAK}]))"
"""Where a cell may begin when a spreadsheet is told another separator than the comma, which is quoted."""

_BEGINS_BLANK = rf"{_PASSED_OVER}[{_BREAK}]"
_FORMULA_START = re.compile(rf"{_CELL_START}(?={_FORMULA})|^(?={_BEGINS_BLANK})")
_GUARDED_START = re.compile(rf"{_CELL_START}'(?={_FORMULA})|^'(?={_BEGINS_BLANK})")
_RISK = re.compile(rf"\A[^A-Za-z0-9]|[;|\x00{_BREAK}]")
"""What a text needs for any of these; most have none, and a report has many."""


def spreadsheet_text(text: str) -> str:
    """People's text as a cell of a CSV file that no spreadsheet runs as a formula, whatever separator it is told.

    An apostrophe stands wherever a formula could begin; `from_spreadsheet_text` takes it away again.
    """
    if _RISK.search(text) is None:
        return text
    return _FORMULA_START.sub("'", text.replace("\x00", REPLACEMENT))


def from_spreadsheet_text(text: str) -> str:
    """The text that `spreadsheet_text` was given."""
    return _GUARDED_START.sub("", text) if "'" in text else text
