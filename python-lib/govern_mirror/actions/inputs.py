"""What people type, parsed once: a blank leaves a value as it is, the word `none` clears it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from govern_mirror.errors import Action, Hint, InputError
from govern_mirror.model.blueprint import CLEAR, Blueprint, Kind, Role
from govern_mirror.model.item import Item
from govern_mirror.model.values import Document, Value, parse, parse_document, with_document
from govern_mirror.text import clean


@dataclass(frozen=True)
class DocumentEdit:
    """What to do to a list of documents: add one (the same link is replaced), or, without one, clear it."""

    added: Document | None

    def applied(self, documents: tuple[Document, ...]) -> tuple[Document, ...]:
        """The list after the edit."""
        return with_document(documents, self.added) if self.added else ()


def parse_values(blueprint: Blueprint, given: Mapping[str, str | None]) -> dict[str, Value | DocumentEdit]:
    """Parse texts into values by path; what is blank is left out, and a document is added to those that are there.

    Args:
        blueprint: knows the fields and categories.
        given: what was typed, by path, name or label of the field.

    Raises:
        InputError: a field is unknown, or a value not valid; all of them are named.
    """
    values: dict[str, Value | DocumentEdit] = {}
    faults: list[str] = []
    hint: Hint | None = None
    for name, text in given.items():
        if text is None or not text.strip():
            continue
        try:
            field = blueprint.find(name)
            if field.path in values:
                raise InputError(f"{field.path} is given twice")
            if field.kind is Kind.STATUS:
                raise InputError("a status changes by moves of the workflow only", hint=Hint(Action.MOVE))
            value = parse(field, text)
        except InputError as error:
            hint = hint or error.hint
            faults.append(f"{_as_typed(blueprint, name)}: {error}")
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


def _as_typed(blueprint: Blueprint, name: str) -> str:
    """The name of a field as a fault has it: that of its option, or the label where it was given by path."""
    return blueprint.by_path[name].label if name in blueprint.by_path else name.replace("_", "-")


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


def resolved(values: Mapping[str, object], project: Item) -> dict[str, object]:
    """Values by path, each edit of documents applied to those that the project has."""

    def after(path: str, value: object) -> object:
        if not isinstance(value, DocumentEdit):
            return value
        present = project.values[path]
        return value.applied(tuple(d for d in present if isinstance(d, Document)) if isinstance(present, tuple) else ())

    return {path: after(path, value) for path, value in values.items()}


def parse_document_edit(given: str | None) -> DocumentEdit | None:
    """Read `[TITLE=]URL`, or `none` to clear; None when blank.

    Raises:
        InputError: it is not a link that may be followed.
    """
    if given is None or not given.strip():
        return None
    return DocumentEdit(None if given.strip().casefold() == CLEAR else parse_document(clean(given)))


def parse_text(given: str) -> str | None:
    """Free text; None for the word `none`."""
    return None if given.strip().casefold() == CLEAR else clean(given)
