"""What a field may hold: the one place that checks, parses, reads, stores and words values.

`check` guards every write, wherever it comes from; `parse` reads what a person typed; `read` what stands in a custom
field of DSS, where anything may have been typed; `stored` says what is put there. Statuses are read here like the rest,
and change by moves only.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias

from govern_mirror.errors import InputError
from govern_mirror.model.blueprint import CATEGORICAL, CLEAR, LINES, Blueprint, Field, Kind, Role, Status, loose
from govern_mirror.text import checked_text, clean, clipped, one_of
from govern_mirror.times import parse_date, require_near


@dataclass(frozen=True)
class Document:
    """A titled link. `title` may be empty: then the link itself is shown."""

    title: str
    url: str


Value: TypeAlias = str | int | float | bool | date | Status | tuple[Document, ...] | tuple[str, ...] | None
"""What a field holds once read. Blank is None, or () where a field holds several values."""

MAX_NUMBER = 1e15
"""What numbers stay below in size: from there on, JSON readers and spreadsheets round whole ones."""

_YES = frozenset({"yes", "true", "y", "1", "on"})
_NO = frozenset({"no", "false", "n", "0", "off"})
_STATUSES = {status.value: status for status in Status}


SAFE_SCHEMES = ("http", "https", "mailto", "ftp", "sftp", "file", "s3", "gs")
"""Links with other schemes (`javascript:`, `data:`, …) are kept as text and never made clickable."""

_OWN_FILE = re.compile(r"file:(?://(?:localhost)?)?/(?!/)", re.IGNORECASE)
"""A file of the reader's own machine: one on another host makes Windows send that host the reader's password hash."""

_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*):")
_INVISIBLE = re.compile(r"[\x00-\x20\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


class InvalidValueError(ValueError):
    """A stored value that is not valid: what was expected instead, and what it means."""

    def __init__(self, found: object, expected: str, message: str) -> None:
        super().__init__(message)
        self.found, self.expected, self.message = found, expected, message


def is_blank(value: object) -> bool:
    """Whether a value, read or stored, counts as not there."""
    return value is None or value == "" or value == () or value == []


def expected(field: Field) -> str:
    """What a field takes, for a message."""
    if field.choices:
        return f"any of {', '.join(field.choices)}" if field.several else one_of(field.choices)
    return {
        Kind.DATE: "a date as YYYY-MM-DD",
        Kind.NUMBER: f"a number below {MAX_NUMBER:,.0f}",
        Kind.FLAG: "yes or no",
        Kind.DOCUMENTS: "a list of titles and links",
        Kind.PEOPLE: "names with commas between them",
    }.get(field.kind, "a text")


# values that the API is given --------------------------------------------------------------------------------------


def check(field: Field, value: object) -> Value:
    """Return a value as the field keeps it.

    Args:
        field: the field that is to hold it.
        value: a value of the field's own type: exact categories, `datetime.date`, text, a number, a bool, documents,
            or texts for several; None or an empty one clears.

    Raises:
        InputError: it is of another type, an unknown category, a link that may not be followed, or a status.
    """
    if field.kind is Kind.STATUS:
        raise InputError(
            f"{field.label} ({field.path}) changes by moves of the workflow only: advance, start, finish, …"
        )
    if value is None or value == "" or (isinstance(value, tuple | list) and not value):
        return field.blank
    if field.is_list:
        return _checked_list(field, value)
    if field.choices:
        if type(value) is str and value in field.choices:
            return value
    elif field.kind is Kind.DATE:
        if isinstance(value, date) and not isinstance(value, datetime):
            return _near(field, value)
    elif field.kind is Kind.NUMBER:
        if isinstance(value, int | float) and not isinstance(value, bool) and _is_number(value):
            return _plain(value)
    elif field.kind is Kind.FLAG:
        if isinstance(value, bool):
            return value
    elif isinstance(value, str) and not isinstance(value, Status):
        text = clean(value)
        return (" ".join(text.split()) if field.kind in LINES else text) or None
    raise _refused(field, value)


def check_all(blueprint: Blueprint, values: Mapping[str, object]) -> dict[str, Value]:
    """Return values by path as their fields keep them.

    Args:
        blueprint: the template.
        values: by path; a field's name or label does, too.

    Raises:
        InputError: a path is unknown or named twice, or a value not valid; all of them are named.
    """
    if not isinstance(values, Mapping):
        raise InputError(f"give values by their path, as a dict, not {clipped(values)}")
    checked: dict[str, Value] = {}
    faults = []
    for name, value in values.items():
        try:
            field = blueprint.find(name)
            if field.path in checked:
                raise InputError(f"{field.path} is given twice")
            checked[field.path] = check(field, value)
        except InputError as error:
            faults.append(str(error))
    if faults:
        raise InputError("; ".join(faults))
    return checked


def _checked_list(field: Field, value: object) -> Value:
    if not isinstance(value, tuple | list):
        raise _refused(field, value)
    if field.kind is Kind.DOCUMENTS:
        return tuple(_checked_document(field, item) for item in value)
    if not all(isinstance(item, str) for item in value):
        raise _refused(field, value)
    if field.several:
        unknown = [item for item in value if item not in field.choices]
        if unknown:
            raise _refused(field, unknown[0])
        return tuple(choice for choice in field.choices if choice in value)
    names = [" ".join(clean(item).split()) for item in value]
    if any("," in name for name in names):
        raise InputError(f"{field.label} ({field.path}) takes names without a comma in them")
    return tuple(dict.fromkeys(name for name in names if name))


def _checked_document(field: Field, item: object) -> Document:
    if not isinstance(item, Document) or not isinstance(item.title, str) or not isinstance(item.url, str):
        raise _refused(field, item)
    document = Document(clean(item.title), clean(item.url))
    if not document.url or not is_safe_link(document.url):
        raise InputError(f"{field.label} ({field.path}): {clipped(item.url)!r} is not a link that may be followed")
    return document


def _near(field: Field, day: date) -> date:
    try:
        require_near(day)
    except ValueError as error:
        raise InputError(f"{field.label} ({field.path}): {error}") from error
    return day


def _is_number(value: float) -> bool:
    # a whole number of any size compares, and one of no size (NaN, infinity) is refused
    return -MAX_NUMBER < value < MAX_NUMBER and math.isfinite(value)


def _plain(value: float) -> int | float:
    """A number as people write it: 5 for 5.0, and 0 for a zero with a sign."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _refused(field: Field, value: object) -> InputError:
    return InputError(f"{field.label} ({field.path}) takes {expected(field)}, not {clipped(value)!r}")


# what people type --------------------------------------------------------------------------------------------------


def parse(field: Field, text: str) -> Value:
    """Return the value that a person typed for a field.

    Args:
        field: the field.
        text: categories in any case; dates as YYYY-MM-DD; documents as `[TITLE=]URL`, one; several with commas
            between them; the word `none` clears.

    Raises:
        InputError: it is not valid; the message says what is.
    """
    if checked_text(text, f"{field.label} ({field.path}) as people type it").strip().casefold() == CLEAR:
        return field.blank
    if field.kind is Kind.STATUS:
        return _parse_choice(field, text)
    if field.several or field.kind is Kind.PEOPLE:
        parts = [part.strip() for part in text.split(",") if part.strip()]
        if not parts:
            raise InputError(f"{clipped(text)!r} names nothing: write at least one, or {CLEAR}, which clears")
        return check(field, tuple(_parse_choice(field, part) if field.several else part for part in parts))
    if field.choices:
        return _parse_choice(field, text)
    if field.kind is Kind.DATE:
        try:
            return parse_date(text)
        except ValueError:
            raise InputError(f"{clipped(text)!r} is not a date: write YYYY-MM-DD") from None
    if field.kind is Kind.NUMBER:
        number = _parse_number(text)
        if not _is_number(number):
            raise InputError(f"{clipped(text)!r} is no {expected(field).removeprefix('a ')}")
        return number
    if field.kind is Kind.FLAG:
        return _parse_flag(text)
    if field.kind is Kind.DOCUMENTS:
        return (parse_document(clean(text)),)
    return check(field, text)


def _parse_choice(field: Field, text: str) -> str | Status:
    for choice in field.choices:
        if loose(choice) == loose(text):
            return Status(choice) if field.kind is Kind.STATUS else choice
    kind = "decision" if field.role is Role.DECISION else field.kind.value
    raise InputError(f"unknown {kind} {clipped(text)!r}: use {one_of(field.choices)}")


def _parse_number(text: str) -> int | float:
    try:
        # what only a computer writes, such as 1_000 and nan, is no number that a person types
        number = float(text if any(map(str.isdigit, text)) and "_" not in text else "x")
    except ValueError:
        raise InputError(f"{clipped(text)!r} is not a number: write digits, such as 1250 or 0.5") from None
    return _plain(number) if _is_number(number) else number


def _parse_flag(text: str) -> bool:
    word = text.strip().casefold()
    if word not in _YES | _NO:
        raise InputError(f"{clipped(text)!r} is not yes or no")
    return word in _YES


# documents ---------------------------------------------------------------------------------------------------------


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
    for position, document in enumerate(documents):
        if document.url == added.url:
            title = added.title or document.title
            return (*documents[:position], Document(title, added.url), *documents[position + 1 :])
    return (*documents, added)


# what stands in DSS ------------------------------------------------------------------------------------------------


def read(field: Field, raw: object) -> Value:
    """Return the value of a stored text, number or list that is not blank.

    Raises:
        InvalidValueError: it is not valid and counts as blank.
    """
    if field.kind is Kind.PEOPLE and isinstance(raw, str):
        return tuple(dict.fromkeys(name.strip() for name in raw.split(",") if name.strip()))
    if field.is_list:
        return _read_list(field, raw)
    if field.kind is Kind.NUMBER:
        return _read_number(field, raw)
    if field.kind is Kind.FLAG and isinstance(raw, bool):
        return raw
    if not isinstance(raw, str):
        raise InvalidValueError(raw, "a text", f"{field.label} is not a text and counts as blank; set it anew")
    if field.kind is Kind.STATUS and raw in _STATUSES:
        return _STATUSES[raw]
    if field.kind is Kind.DATE:
        try:
            return parse_date(raw)
        except ValueError:
            raise _not_valid(field, raw) from None
    if field.kind is Kind.FLAG and raw.casefold() in ("true", "false"):
        return raw.casefold() == "true"
    if field.kind in CATEGORICAL or field.kind is Kind.FLAG:
        if raw in field.choices:
            return raw
        raise _not_valid(field, raw)
    return raw


def _read_number(field: Field, raw: object) -> Value:
    # DSS passes numbers of its forms as numbers; what was typed before the field was declared is a text
    if isinstance(raw, str):
        try:
            raw = _parse_number(raw)
        except InputError:
            raise _not_valid(field, raw) from None
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not _is_number(raw):
        raise _not_valid(field, raw)
    return _plain(raw)


def _read_list(field: Field, raw: object) -> Value:
    if not isinstance(raw, list):
        raise InvalidValueError(raw, expected(field), f"{field.label} is not a list; set it anew")
    unknown = [item for item in raw if not isinstance(item, str) or (field.several and item not in field.choices)]
    if unknown:
        raise _not_valid(field, unknown[0])
    if field.several:
        return tuple(choice for choice in field.choices if choice in raw)
    return tuple(dict.fromkeys(raw))


def _not_valid(field: Field, raw: object) -> InvalidValueError:
    message = f"{field.label} is not valid and counts as blank; correct it in DSS or set it anew"
    return InvalidValueError(raw, expected(field), message)


def stored(field: Field, value: Value) -> Any:
    """Return a value that is not blank as its custom field holds it."""
    if isinstance(value, tuple):
        if field.kind is Kind.PEOPLE:
            return text_of(value)
        return [{"from": part.title, "to": part.url} if isinstance(part, Document) else part for part in value]
    if isinstance(value, bool):
        return "true" if value else "false"  # the custom field is a choice: a tick that nobody set would be a no
    if isinstance(value, Status):
        return value.value
    return value.isoformat() if isinstance(value, date) else value


# for people and for JSON -------------------------------------------------------------------------------------------


def text_of(value: Value) -> str | None:
    """Return a value as one text: categories exact, dates ISO, documents as `title (link)`; None when blank."""
    if type(value) is str:
        return value  # as most are
    if value is None or value == ():
        return None
    if isinstance(value, Status):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(_document_text(part) if isinstance(part, Document) else part for part in value)
    return str(value)


def from_text(field: Field, text: str) -> Value:
    """Return the value that `text_of` gave a text for; not for documents.

    Raises:
        ValueError: the text is no valid value of that field.
    """
    if field.several:
        return _read_list(field, text.split(", "))
    if field.kind is Kind.FLAG:
        return _parse_flag(text)
    return read(field, text)


def json_of(value: Value) -> Any:
    """Return a value as JSON outputs have it: dates ISO, documents as objects of title and url, several as a list."""
    if isinstance(value, tuple):
        return [{"title": part.title, "url": part.url} if isinstance(part, Document) else part for part in value]
    if isinstance(value, Status):
        return value.value
    return value.isoformat() if isinstance(value, date) else value


def from_json(field: Field, found: object) -> Value:
    """Return the value that a JSON document holds for a field, in the shapes of `json_of`; what is blank clears.

    Raises:
        InputError: it is of another shape or not valid, as `check` says, or a document has other keys.
    """
    if field.kind is Kind.DATE and isinstance(found, str) and found:
        try:
            return check(field, parse_date(found))
        except ValueError as error:
            raise _refused(field, found) from error
    if field.kind is Kind.DOCUMENTS and isinstance(found, list):
        return check(field, [_document_from_json(field, item) for item in found])
    return check(field, found)


def _document_from_json(field: Field, found: object) -> Document:
    if not isinstance(found, Mapping) or not {"title", "url"} >= found.keys():
        raise InputError(f"{field.label} ({field.path}) takes documents as {{title, url}}, not {clipped(found)!r}")
    title, url = found.get("title") or "", found.get("url") or ""
    if not isinstance(title, str) or not isinstance(url, str):
        raise _refused(field, found)
    return Document(title, url)


def _document_text(document: Document) -> str:
    return f"{document.title} ({document.url})" if document.title else document.url
