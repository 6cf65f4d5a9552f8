"""What people type, parsed once: a blank leaves a value as it is, the word `none` clears it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from govern_mirror.errors import InputError
from govern_mirror.model.blueprint import Blueprint, Kind
from govern_mirror.model.document import Document, parse_document, with_document
from govern_mirror.model.item import Value
from govern_mirror.model.qualification import DIMENSIONS
from govern_mirror.text import clean, clipped
from govern_mirror.times import parse_date

CLEAR = "none"

OVERVIEW = {
    "value": "qualification.value.rating",
    "risk": "qualification.risk.rating",
    "initiative": "overview.business_initiative",
    "sponsor": "overview.sponsor",
    "start_date": "overview.start_date",
    "target_end_date": "overview.target_end_date",
}
"""The inputs of the Overview by name, and the values they set."""

QUALIFICATION = {
    **{name: f"qualification.{name}.rating" for name in DIMENSIONS},
    **{f"{name}_comment": f"qualification.{name}.comment" for name in DIMENSIONS},
    "decision": "qualification.decision",
    "decision_comment": "qualification.decision_comment",
    "notes": "steps.qualification.notes",
}
"""The inputs of the Qualification step by name, and the values they set; the project plan is a document."""


def parse_values(blueprint: Blueprint, names: Mapping[str, str], given: Mapping[str, str | None]) -> dict[str, Value]:
    """Parse inputs by name into values by path; what is blank is left out.

    Args:
        blueprint: knows the fields and categories.
        names: `OVERVIEW` or `QUALIFICATION`.
        given: what was typed, by input name.

    Raises:
        InputError: a value is not valid; all of them are named.
    """
    values: dict[str, Value] = {}
    faults = []
    for name, text in given.items():
        if text is None or not text.strip():
            continue
        path = names[name]
        try:
            values[path] = _parse(blueprint, path, text)
        except InputError as error:
            faults.append(f"{name.replace('_', '-')}: {error}")
    start, end = values.get("overview.start_date"), values.get("overview.target_end_date")
    if isinstance(start, date) and isinstance(end, date) and end < start:
        faults.append(f"the target end date {end} is before the start date {start}")
    if faults:
        raise InputError("; ".join(faults))
    return values


@dataclass(frozen=True)
class DocumentEdit:
    """What to do to a list of documents: add one (the same link is replaced), or, without one, clear it."""

    added: Document | None

    def applied(self, documents: tuple[Document, ...]) -> tuple[Document, ...]:
        """The list after the edit."""
        return with_document(documents, self.added) if self.added else ()


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


def _parse(blueprint: Blueprint, path: str, text: str) -> Value:
    kind = blueprint.by_path[path].kind
    if text.strip().casefold() == CLEAR:
        return None
    if kind in (Kind.RATING, Kind.DECISION):
        return blueprint.category(kind, text)
    if kind is Kind.DATE:
        try:
            return parse_date(text)
        except ValueError:
            raise InputError(f"{clipped(text)!r} is not a date: write YYYY-MM-DD") from None
    return " ".join(clean(text).split()) if kind is Kind.LINE else clean(text)
