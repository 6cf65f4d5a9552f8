"""The descriptor of the declared custom fields, generated from the blueprint.

Every field this plugin stores is declared, since it is not known whether DSS's form keeps undeclared ones; the
machine-readable record is hidden by its visibility condition. No field has a default value: a project could
acquire values that nobody chose. Run `python -m govern_mirror_devkit.custom_fields` to write the file anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from govern_mirror.model.blueprint import RECORD_FIELD, STANDARD, Blueprint, Field, Kind, Status

LOCATION = Path("custom-fields") / "govern-workflow" / "custom-fields.json"

_TYPES = {
    Kind.STATUS: "SELECT",
    Kind.RATING: "SELECT",
    Kind.DECISION: "SELECT",
    # DSS has no date type for custom fields
    Kind.DATE: "STRING",
    Kind.LINE: "STRING",
    Kind.TEXT: "TEXTAREA",
    Kind.DOCUMENTS: "KEY_VALUE_LIST",
}


def descriptor(blueprint: Blueprint = STANDARD) -> dict[str, Any]:
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


def text(blueprint: Blueprint = STANDARD) -> str:
    """Return the descriptor as the file holds it."""
    return json.dumps(descriptor(blueprint), indent=2, ensure_ascii=False) + "\n"


def _fields(blueprint: Blueprint) -> Iterator[dict[str, Any]]:
    section = None
    for field in blueprint.all_fields:
        room, name = field.path.split(".")[:2]
        title = blueprint.step(name).name if room == "steps" else room.capitalize()
        title = f"Step: {title}" if room == "steps" else title
        if title != section:
            section = title
            anchor = name if room == "steps" else room
            yield {"name": f"govern_section_{room}_{anchor}", "type": "SEPARATOR", "label": f"Govern: {title}"}
        yield _field(field, blueprint)
    yield {
        "name": RECORD_FIELD,
        "type": "TEXTAREA",
        "label": "Govern record",
        "description": "Written by the plugin; not for people.",
        "visibilityCondition": "false",
    }


def _field(field: Field, blueprint: Blueprint) -> dict[str, Any]:
    described: dict[str, Any] = {"name": field.stored, "type": _TYPES[field.kind], "label": field.label}
    if field.help:
        described["description"] = field.help
    if field.kind is Kind.STATUS:
        described["selectChoices"] = [{"value": status.value, "label": status.label} for status in Status]
    elif field.kind in (Kind.RATING, Kind.DECISION):
        described["selectChoices"] = [{"value": name, "label": name} for name in blueprint.categories(field.kind)]
    return described


if __name__ == "__main__":
    LOCATION.parent.mkdir(parents=True, exist_ok=True)
    LOCATION.write_text(text(), encoding="utf-8")
