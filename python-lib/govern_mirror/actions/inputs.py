"""What comes in: Python's arguments, looked at; what people type, parsed: a blank leaves a value, `none` clears it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timezone
from functools import cache, wraps
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, ParamSpec, TypeVar, Union, get_args, get_origin, get_type_hints

from govern_mirror import clock
from govern_mirror.errors import Action, Hint, InputError, RevisionMoved
from govern_mirror.model.blueprint import CLEAR, Blueprint, Field, Kind, Role
from govern_mirror.model.item import Item
from govern_mirror.model.values import Document, Value, check_all, parse, parse_document, with_document
from govern_mirror.text import clean, clipped
from govern_mirror.times import parse_date, parse_time, require_near

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


# what Python code passes ----------------------------------------------------------------------------------------

_WORDS: dict[object, str] = {
    str: "a text",
    int: "a whole number",
    bool: "True or False",
    datetime: "a time with a zone",
    date: "a day",
    tuple: "several texts, such as a list",
    Iterable: "several texts, such as a list",
    Mapping: "values by name",
    Callable: "a function",
    Path: "a Path",
    NoneType: "None",
}
"""How a refusal names a type; others by their own name."""

_UNTOLD = "api_key"
"""The parameter whose value no message repeats."""


def refuses_wrong_types(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Let a function of the Python API refuse what is not of the types that its parameters have.

    Python itself finds that out late, or never: a text passes for a sequence of its letters, and "no" for true.
    """
    signature = inspect.signature(function)

    @wraps(function)
    def checked(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        try:
            bound = signature.bind(*args, **kwargs)
        except TypeError:
            # Python's own message names the function
            return function(*args, **kwargs)
        hints = _hints(function)
        for name, value in bound.arguments.items():
            if get_origin(hints[name]) is Iterable and not isinstance(value, str) and isinstance(value, Iterable):
                # what is looked at must still be there afterwards
                value = bound.arguments[name] = tuple(value)
            _require_type(name, value, hints[name])
        return function(*bound.args, **bound.kwargs)

    return checked


def require_field_types(form: Any) -> None:
    """Look at the fields of a dataclass that a caller filled.

    Raises:
        InputError: one holds what is not of its type.
    """
    for name, hint in _hints(form.__class__).items():
        _require_type(name, getattr(form, name), hint)


@cache
def _hints(annotated: Any) -> dict[str, Any]:
    return get_type_hints(annotated)


def _require_type(name: str, value: object, hint: Any) -> None:
    kinds = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    if any(_is_of(value, kind) for kind in kinds):
        return
    types = [get_origin(kind) or kind for kind in kinds]
    kinds_text = " or ".join(_WORDS.get(kind) or _with_article(kind.__name__) for kind in types)
    if name == _UNTOLD:
        raise InputError(f"{name} takes {kinds_text}, not what is of type {type(value).__name__}")
    value_text = ascii(clipped(value)) if isinstance(value, str) else clipped(value)
    raise InputError(f"{name} takes {kinds_text}, not {value_text}")


def _with_article(noun: str) -> str:
    return f"{'an' if noun[0] in 'AEIO' else 'a'} {noun}"


def _is_of(value: object, kind: Any) -> bool:
    origin = get_origin(kind) or kind
    if origin in (Any, object):
        return True
    if origin is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if origin is datetime:
        return isinstance(value, datetime) and value.utcoffset() is not None
    if origin is date:
        return isinstance(value, date) and not isinstance(value, datetime)
    if origin in (tuple, Iterable):
        if not isinstance(value, Collection) or isinstance(value, str | bytes | Mapping):
            return False
        return all(isinstance(item, str) for item in value)
    if origin is Mapping:
        return isinstance(value, Mapping) and all(isinstance(key, str) for key in value)
    return isinstance(value, origin)


# changes of documents -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DocumentEdit:
    """What to do to a list of documents: add one (the same link is replaced), or, without one, clear it."""

    added: Document | None

    def __post_init__(self) -> None:
        require_field_types(self)

    def applied(self, documents: tuple[Document, ...]) -> tuple[Document, ...]:
        """The list after the edit."""
        return with_document(documents, self.added) if self.added else ()


# what people type -----------------------------------------------------------------------------------------------


def parse_values(blueprint: Blueprint, texts: Mapping[str, str | None]) -> dict[str, Value | DocumentEdit]:
    """Parse texts into values by path; what is blank is left out, and a document is added to those that are there.

    Args:
        blueprint: knows the fields and categories.
        texts: what was typed, by path, name or label of the field.

    Raises:
        InputError: a field is unknown, or a value not valid; all of them are named.
    """
    values: dict[str, Value | DocumentEdit] = {}
    faults: list[str] = []
    hint: Hint | None = None
    for name, text in texts.items():
        if text is None or not text.strip():
            continue
        field: Field | None = None
        try:
            field = blueprint.find(name)
            if field.path in values:
                raise InputError("it is given twice")
            if field.kind is Kind.STATUS:
                raise InputError("a status changes by moves of the workflow only", hint=Hint(Action.MOVE))
            value = parse(field, text)
        except InputError as error:
            hint = hint or error.hint
            faults.append(f"{field.label}: {error}" if field else str(error))
            continue
        if field.kind is Kind.DOCUMENTS:
            added = value[0] if isinstance(value, tuple) and value else None
            values[field.path] = DocumentEdit(added if isinstance(added, Document) else None)
        else:
            values[field.path] = value
    faults += [fault] if (fault := dates_fault(blueprint, values)) else []
    if faults:
        raise InputError("; ".join(faults), hint=hint)
    return values


def dates_fault(blueprint: Blueprint, values: Mapping[str, object]) -> str | None:
    """Say that a target end date is before the start date, where both are among these values by path."""
    start, end = (
        values.get(blueprint.roles[r].path) if r in blueprint.roles else None for r in (Role.START, Role.TARGET_END)
    )
    if isinstance(start, date) and isinstance(end, date) and end < start:
        return f"the target end date {end} is before the start date {start}"
    return None


def require_dates(before: Item, after: Item) -> Item:
    """A changed project, unless its target end date would be before its start date.

    Raises:
        InputError: it would; dates that were wrong before, and are not touched, stay.
    """
    roles = (Role.START, Role.TARGET_END)
    start, end = map(after.date_of_role, roles)
    if start and end and end < start and (start, end) != tuple(map(before.date_of_role, roles)):
        raise InputError(f"the target end date {end} would be before the start date {start}: correct one of them")
    return after


def require_revision(project: Item, expected: int | None) -> Item:
    """A project, unless it is at another revision than the caller saw; None takes any.

    Raises:
        RevisionMoved: it is.
    """
    if expected is not None and project.revision != expected:
        key = project.facts.project_key
        raise RevisionMoved(
            f"{key} is at revision {project.revision}, not {expected}, so nothing was written",
            hint=Hint(Action.LOOK, key),
        )
    return project


def values_by_path(blueprint: Blueprint, values: Mapping[str, object]) -> dict[str, object]:
    """Values by path, whatever names they were given under, none of them wrong.

    Raises:
        InputError: a field is unknown or given twice, or a value not valid.
    """
    wanted: dict[str, object] = {}
    for name, value in values.items():
        field = blueprint.find(name)
        if field.path in wanted:
            raise InputError(f"{field.label} ({field.path}) is given twice")
        if isinstance(value, DocumentEdit) and field.kind is not Kind.DOCUMENTS:
            raise InputError(f"{field.label} ({field.path}) holds no documents")
        wanted[field.path] = value
    edits = {path: value.applied(()) for path, value in wanted.items() if isinstance(value, DocumentEdit)}
    check_all(blueprint, {**wanted, **edits})
    return wanted


def resolved(values: Mapping[str, object], project: Item) -> dict[str, object]:
    """Values as `values_by_path` gives them, each edit of documents applied to those that the project has."""

    def after(path: str, value: object) -> object:
        if not isinstance(value, DocumentEdit):
            return value
        present = project.values[path]
        return value.applied(tuple(d for d in present if isinstance(d, Document)) if isinstance(present, tuple) else ())

    return {path: after(path, value) for path, value in values.items()}


def parse_document_edit(text: str | None) -> DocumentEdit | None:
    """Read `[TITLE=]URL`, or `none` to clear; None when blank.

    Raises:
        InputError: it is not a link that may be followed.
    """
    if text is None or not text.strip():
        return None
    return DocumentEdit(None if text.strip().casefold() == CLEAR else parse_document(clean(text)))


def parse_text(text: str) -> str | None:
    """Free text; None for the word `none`."""
    return None if text.strip().casefold() == CLEAR else clean(text)


def parse_since(text: str, *, is_over: bool = False) -> date:
    """Read the first day that counts: `YYYY-MM-DD`; with `is_over` it must not lie ahead.

    Raises:
        InputError: it is none.
    """
    try:
        day = parse_date(text)
    except ValueError as error:
        raise InputError(f"since takes a date such as 2026-03-01, not {clipped(text)}") from error
    if is_over and day > clock.now().astimezone(timezone.utc).date():
        raise InputError(f"since takes a day that has come: {day} lies ahead")
    return day


def parse_as_of(text: str) -> datetime:
    """Read a time in ISO 8601; a date is the start of that day, and without a zone it is UTC.

    Raises:
        InputError: it is none.
    """
    try:
        at = parse_time(text.strip(), timezone.utc)
        require_near(at)
    except ValueError as error:
        raise InputError(f"a time is written like 2026-03-01T07:00:00Z, not {clipped(text)}") from error
    return at
