"""The values of an artifact's fields: read and put back by the paths of `project.values`, and what sync compares.

Which Govern field holds which value is blueprint data (`Field.govern`); nothing here knows field ids. Not compared,
because the two sides hold different things: documents (Govern holds uploaded files, DSS holds links). Fields whose ids
in Govern are not public are compared once `Template.resolved` found them by their labels.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from govern_mirror.artifact.template import FieldDefinition, Template
from govern_mirror.errors import InputError
from govern_mirror.model.blueprint import Blueprint, Field, Kind, Status
from govern_mirror.model.item import Problem
from govern_mirror.model.values import Value, check, expected, is_blank, text_of
from govern_mirror.nested import mapping
from govern_mirror.text import clipped, one_of
from govern_mirror.times import parse_date

_TEXTS = frozenset({"TEXT", "CATEGORY", "REFERENCE"})
_TYPES = {
    Kind.DATE: frozenset({"DATE", "TEXT"}),
    Kind.NUMBER: frozenset({"NUMBER"}),
    Kind.FLAG: frozenset({"BOOLEAN"}),
}
"""The types of Govern's fields that a kind of ours may stand in; texts for all others."""


def as_date(raw: object) -> object:
    """The date of a text that tells one, in its own zone; else what was found."""
    try:
        return parse_date(raw) if isinstance(raw, str) else raw
    except ValueError:
        return raw


def content(artifact: Mapping[str, Any], blueprint: Blueprint) -> dict[str, Any]:
    """What an artifact says, flat, to tell whether two readings differ; never raises.

    Blank fields are left out and our dates are UTC dates, so that two ways to say the same are equal. A node
    with `workflow` is not asked for its `status.stepId`, which it derives.
    """
    dates = {field.govern for field in blueprint.fields if field.kind is Kind.DATE}
    facts: dict[str, Any] = {
        "name": artifact.get("name"),
        "archived": artifact.get("archived") is True,
        "blueprintVersionId": artifact.get("blueprintVersionId"),
    }
    for name, raw in mapping(artifact.get("fields")).items():
        if not is_blank(raw):
            facts[f"fields.{name}"] = as_date(raw) if name in dates else raw
    if artifact.get("workflow") is None:
        facts["status.stepId"] = mapping(artifact.get("status")).get("stepId")
        return facts
    for step, entry in mapping(mapping(artifact.get("workflow")).get("steps")).items():
        status = mapping(entry).get("status")
        if status != Status.NOT_STARTED.value:
            facts[f"steps.{step}"] = status
    return facts


def governed_content(artifact: Mapping[str, Any], blueprint: Blueprint) -> dict[str, Any]:
    """The part of `content` that sync compares: our fields and steps, the template, whether it is archived."""
    names = {"archived", "blueprintVersionId", "status.stepId"}
    names |= {f"fields.{field.govern}" for field in compared_fields(blueprint)}
    names |= {f"steps.{step}" for step in blueprint.step_ids}
    return {key: value for key, value in content(artifact, blueprint).items() if key in names}


def compared_fields(blueprint: Blueprint) -> tuple[Field, ...]:
    """The fields that both sides hold alike; not documents (see above)."""
    return tuple(
        field
        for field in blueprint.all_fields
        if field.govern is not None and field.kind not in (Kind.STATUS, Kind.DOCUMENTS)
    )


def read_values(
    artifact: Mapping[str, Any],
    template: Template,
    initiatives: Mapping[str, str],
    blueprint: Blueprint,
    problems: list[Problem],
) -> dict[str, Value]:
    """The values that can be compared, by path; what cannot be read is a problem and not among them."""
    fields = artifact.get("fields")
    if fields is not None and not isinstance(fields, Mapping):
        problems.append(Problem("fields", clipped(fields), "an object", "the artifact's fields cannot be read"))
        return {}
    values: dict[str, Value] = {}
    for field in compared_fields(blueprint):
        definition = template.fields.get(field.govern or "")
        if definition is None:
            continue  # `template_problems` says so
        value = _read(field, definition, mapping(fields).get(field.govern or ""), initiatives)
        if isinstance(value, Problem):
            problems.append(value)
        else:
            values[field.path] = value
    return values


def _read(field: Field, definition: FieldDefinition, raw: object, initiatives: Mapping[str, str]) -> Value | Problem:
    """A field's value, None when blank; a problem when it is not one that DSS could hold."""
    if field.is_list:
        return _read_several(field, definition, raw, initiatives)
    if is_line_of_texts(field, definition) and isinstance(raw, list):
        return _read_line(field, raw)
    if definition.is_list and isinstance(raw, list):
        items = [item for item in raw if not is_blank(item)]
        if len(items) > 1:
            return _unread(field, raw, "one value", "holds several values in Govern, and one in DSS")
        raw = items[0] if items else None
    if is_blank(raw):
        return None
    types = _TYPES.get(field.kind, _TEXTS)
    if definition.type is not None and definition.type not in types:
        requirement = f"a field of type {' or '.join(sorted(types))}"
        return _unread(field, raw, requirement, f"has the type {definition.type} in Govern")
    if field.kind in (Kind.NUMBER, Kind.FLAG):
        try:
            return check(field, raw)
        except InputError as error:
            return Problem(field.path, clipped(raw), expected(field), f"{error} in Govern: it is not compared")
    if not isinstance(raw, str):
        return _unread(field, raw, "a text", "is not a text in Govern")
    if definition.type == "REFERENCE":
        name = initiatives.get(raw)
        if name:
            return name
        message = (
            f"{field.label} points to an artifact that cannot be resolved: it is archived or gone, has no name, "
            "or your key may not read it. It is not compared"
        )
        return Problem(field.path, clipped(raw), "the id of an artifact with a name", message)
    if field.kind is Kind.DATE:
        try:
            return parse_date(raw)
        except ValueError:
            return _unread(field, raw, "an ISO 8601 date", "is not a date in Govern")
    if field.choices and raw not in field.choices:
        return _unread(field, raw, one_of(field.choices), "has a category in Govern that DSS does not know")
    return raw


def _unread(field: Field, raw: object, expected: str, why: str) -> Problem:
    return Problem(field.path, clipped(raw), expected, f"{field.label} {why}: it is not compared")


def is_line_of_texts(field: Field, definition: FieldDefinition) -> bool:
    """Whether a field holds on one line in DSS what is a list of texts in Govern."""
    return field.kind is Kind.LINE and definition.is_list and definition.type == "TEXT"


def one_line(parts: Iterable[str]) -> str | None:
    """Several texts on one line, as DSS has them."""
    return ", ".join(text for part in parts if (text := " ".join(part.split()))) or None


def _read_line(field: Field, raw: list[object]) -> Value | Problem:
    items = [item for item in raw if not is_blank(item)]
    if all(isinstance(item, str) and "," not in item for item in items):
        return one_line(str(item) for item in items)
    return _unread(field, raw, "texts without commas", "holds a text with a comma in Govern, or none at all")


def _read_several(
    field: Field, definition: FieldDefinition, raw: object, initiatives: Mapping[str, str]
) -> Value | Problem:
    items = [] if is_blank(raw) else raw if isinstance(raw, list) else [raw]
    single = replace(field, kind=Kind.LINE) if field.kind is Kind.PEOPLE else replace(field, several=False)
    values: list[str] = []
    for item in items:
        value = _read(single, replace(definition, is_list=False), item, initiatives)
        if isinstance(value, Problem):
            return value
        values += [str(value)] if value is not None else []
    if field.choices:
        return tuple(choice for choice in field.choices if choice in values) or None
    if any("," in name for name in values):
        return _unread(field, raw, "names without commas", "holds a name with a comma in Govern")
    return tuple(dict.fromkeys(values)) or None


def put_values(
    artifact: dict[str, Any],
    template: Template,
    changes: Mapping[str, Value],
    initiative_ids: Mapping[str, str],
    blueprint: Blueprint,
    problems: list[Problem],
) -> None:
    """Replace the values that the artifact does not say already; what it cannot take is a problem."""
    before = artifact.get("fields")
    if before is not None and not isinstance(before, Mapping):
        problems.append(Problem("fields", clipped(before), "an object", "the artifact's fields cannot be written"))
        return
    fields = dict(before or {})
    by_path = {field.path: field for field in compared_fields(blueprint)}
    names = {id_: name for name, id_ in initiative_ids.items()}
    for path, value in changes.items():
        field = by_path.get(path)
        if field is None:
            problems.append(Problem(path, text_of(value), "a value that both sides hold", f"Govern has no {path}"))
            continue
        definition = template.fields.get(field.govern or "")
        if definition is None:
            problems.append(missing_field(field, template))
            continue
        value = None if value == "" or value == () else value
        if isinstance(value, str) and is_line_of_texts(field, definition):
            value = one_line(value.split(","))
        if _read(field, definition, fields.get(field.govern), names) == value:
            continue  # it says so already, perhaps in other words
        raw = _raw(field, definition, value, initiative_ids)
        if isinstance(raw, Problem):
            problems.append(raw)
        elif raw is None and field.govern not in fields:
            continue
        else:
            is_bare = definition.is_list and not isinstance(raw, list)
            fields[field.govern or ""] = ([] if raw is None else [raw]) if is_bare else raw
    if fields != (before or {}):
        artifact["fields"] = fields


def _raw(
    field: Field, definition: FieldDefinition, value: Value, initiative_ids: Mapping[str, str]
) -> Value | list[str] | Problem:
    """What the template's field takes for a value; a problem when it takes none."""
    text = text_of(value)

    def refused(expected: str, why: str) -> Problem:
        return Problem(field.path, clipped(text) if text else None, expected, f"{field.label}: {why}; it is left out")

    if definition.is_computed:
        return refused("a field that can be written", "Govern computes this field")
    types = _TYPES.get(field.kind, _TEXTS)
    if definition.type is not None and definition.type not in types:
        return refused(f"a field of type {' or '.join(sorted(types))}", f"the field's type is {definition.type}")
    if value is None:
        return None
    if field.kind is Kind.DATE:
        if not isinstance(value, date):
            return refused("a date", "this is not a date")
        return f"{value.isoformat()[:10]}T00:00:00.000Z"
    if field.kind in (Kind.NUMBER, Kind.FLAG):
        return check(field, value)
    if isinstance(value, tuple):
        if len(value) > 1 and not definition.is_list:
            return refused("one value", "the artifact's template takes one value")
        raws = [_raw(field, definition, str(item), initiative_ids) for item in value]
        wrong = next((item for item in raws if isinstance(item, Problem)), None)
        several = [item for item in raws if isinstance(item, str)]
        return wrong or (several if definition.is_list else several[0])
    if not isinstance(value, str) or isinstance(value, Status):
        return refused("a text", "this is not a text")
    if is_line_of_texts(field, definition):
        return value.split(", ")
    if definition.type == "REFERENCE":
        id_ = initiative_ids.get(value)
        why = "Govern has no artifact of this name to refer to, or several"
        return id_ if id_ else refused("the name of exactly one artifact", why)
    if definition.categories is not None and value not in definition.categories:
        return refused(one_of(definition.categories), "the artifact's template has no such category")
    return value


def missing_field(field: Field, template: Template) -> Problem:
    """The problem of a field of ours that an artifact's template lacks."""
    message = f"the template {template.version_id} has no field {field.govern}: {field.label} is not compared"
    return Problem(field.path, None, f"a field {field.govern}", message)
