"""The descriptor of the declared custom fields, generated from the blueprint.

Every field this plugin stores is declared, since it is not known whether DSS's form keeps undeclared ones; the
machine-readable record is hidden by its visibility condition. No field has a default value: a project could
acquire values that nobody chose. The statuses come first, then each section with its fields.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from govern_mirror.model.blueprint import HUB_FIELD, ITEMS_FIELD, OVERVIEW, RECORD_FIELD, Blueprint, Field, Kind, Status

LOCATION = Path("custom-fields") / "govern-workflow" / "custom-fields.json"

_TYPES = {
    Kind.STATUS: "SELECT",
    Kind.RATING: "SELECT",
    Kind.CATEGORY: "SELECT",
    # DSS has no date type for custom fields
    Kind.DATE: "STRING",
    Kind.LINE: "STRING",
    Kind.TEXT: "TEXTAREA",
    Kind.NUMBER: "DOUBLE",
    # a tick that nobody set would be a no
    Kind.FLAG: "SELECT",
    Kind.DOCUMENTS: "KEY_VALUE_LIST",
    Kind.REFERENCE: "STRING",
    Kind.PEOPLE: "STRING",
}


def descriptor(blueprint: Blueprint) -> dict[str, Any]:
    """Return the content of `custom-fields.json` for a blueprint."""
    return {
        "meta": {
            "label": "Govern workflow",
            "description": f"The workflow and qualification of the template {blueprint.name}.",
            "icon": "icon-check",
        },
        "customFields": [
            {"applyToObjects": {"mode": "SOME", "includedObjectTypes": ["PROJECT"]}, "field": field}
            for field in _fields(blueprint)
        ],
    }


def text(blueprint: Blueprint) -> str:
    """Return the descriptor as the file holds it."""
    return json.dumps(descriptor(blueprint), indent=2, ensure_ascii=False) + "\n"


def _fields(blueprint: Blueprint) -> Iterator[dict[str, Any]]:
    yield _separator("workflow", "Workflow")
    yield from (_field(blueprint.by_path[step.paths[0]]) for step in blueprint.steps)
    for section_id in blueprint.section_ids:
        fields = [field for field in blueprint.fields if blueprint.home[field.path] == section_id]
        name = OVERVIEW.capitalize()
        if section_id != OVERVIEW:
            step = blueprint.step(section_id)
            name = step.name
            fields += [blueprint.by_path[path] for path in step.paths[1:]]
        if fields:
            yield _separator(section_id, name)
        yield from map(_field, fields)
    # what later versions keep of bundles and models is declared from the first: fields of an instance change once
    for name, label in ((RECORD_FIELD, "Govern record"), (ITEMS_FIELD, "Govern items"), (HUB_FIELD, "Govern hub")):
        yield {
            "name": name,
            "type": "TEXTAREA",
            "label": label,
            "description": "Written by the plugin; not for people.",
            "visibilityCondition": "false",
        }


def _separator(section_id: str, name: str) -> dict[str, Any]:
    return {"name": f"govern_section_{section_id}", "type": "SEPARATOR", "label": f"Govern: {name}"}


def _field(field: Field) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": field.stored,
        # custom fields have no type for several choices
        "type": "ARRAY" if field.several else _TYPES[field.kind],
        "label": field.label,
    }
    sentences = [field.help, f"Any of {', '.join(field.choices)}, written so." if field.several else ""]
    if any(sentences):
        described["description"] = " ".join(filter(None, sentences))
    if field.kind is Kind.STATUS:
        described["selectChoices"] = [{"value": status.value, "label": status.label} for status in Status]
    elif field.kind is Kind.FLAG:
        described["selectChoices"] = [{"value": "true", "label": "Yes"}, {"value": "false", "label": "No"}]
    elif field.choices and not field.several:
        described["selectChoices"] = [{"value": name, "label": name} for name in field.choices]
    return described
