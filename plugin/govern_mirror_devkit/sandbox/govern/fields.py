"""What Govern accepts as values of an artifact's fields."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .errors import ValidationError
from .templates import FieldType, Template, TemplateField


def accepted_fields(template: Template, values: Mapping[str, Any], artifact_id: str) -> dict[str, Any]:
    """Return the values that Govern keeps of those given.

    Values of fields which the version lacks are ignored silently (hl). Dates need time and zone, list fields JSON
    arrays, categories the exact words (hl). Messages begin with Govern's own words where they are known (hl).

    Raises ValidationError naming the field and what it takes.
    """
    accepted = {field_id: value for field_id, value in values.items() if field_id in template.fields}
    for field_id, value in accepted.items():
        if value is not None:
            _check_value(template.fields[field_id], value, artifact_id)
    return accepted


def _check_value(definition: TemplateField, value: Any, artifact_id: str) -> None:
    if not definition.is_list:
        _check_item(definition, value)
        return
    if not isinstance(value, list):
        raise ValidationError(f"Field `{definition.id}` is a list in artifact: {artifact_id}")
    for item in value:
        _check_item(definition, item)


def _check_item(definition: TemplateField, value: Any) -> None:
    match definition.type:
        case FieldType.NUMBER:
            allowed = isinstance(value, int | float) and not isinstance(value, bool)
        case FieldType.BOOLEAN:
            allowed = isinstance(value, bool)
        case FieldType.DATE:
            allowed = isinstance(value, str) and _is_instant(value)
        case FieldType.CATEGORY:
            if isinstance(value, str) and value not in definition.categories:
                raise ValidationError(
                    f"'{value}' for field ID '{definition.id}' is not a valid category: "
                    f"expected one of {', '.join(definition.categories)}"
                )
            allowed = isinstance(value, str)
        case FieldType.TEXT | FieldType.REFERENCE | FieldType.UPLOADED_FILE:
            allowed = isinstance(value, str)
    if not allowed:
        expected = "ISO 8601 with time and zone" if definition.type is FieldType.DATE else definition.type.value
        raise ValidationError(
            f"Invalid type for field value: {_kind(value)} (field ID '{definition.id}' takes {expected})"
        )


def _kind(value: Any) -> str:
    """Return the word that Govern has for a JSON value's type; `double` and `map` are known (hl)."""
    match value:
        case bool():
            return "boolean"
        case int() | float():
            return "double"
        case dict():
            return "map"
        case list():
            return "list"
        case _:
            return "string"


def _is_instant(value: str) -> bool:
    """Return whether a text is ISO 8601 with time and zone, like `2026-06-01T00:00:00.000Z` (hl)."""
    if "T" not in value:
        return False
    try:
        # Python 3.10 does not read the letter Z
        at = datetime.fromisoformat(value.removesuffix("Z") + "+00:00" if value.endswith("Z") else value)
    except ValueError:
        return False
    return at.tzinfo is not None


_SCORES = {"Low": 20, "Medium low": 40, "Medium high": 60, "High": 80}


def apply_hooks(template: Template, values: dict[str, Any]) -> None:
    """Run the template's hooks on an artifact's fields, as Govern does on create and on update (bp).

    The standard template's hook sets `qualification_value_score` to m(value) and `qualification_risk_score` to
    100 - m(risk), with m: Low 20, Medium low 40, Medium high 60, High 80; null when unrated.
    """
    if "scores" not in template.hooks:
        return
    value = _SCORES.get(values.get("qualification_value_rating") or "")
    risk = _SCORES.get(values.get("qualification_risk_rating") or "")
    values["qualification_value_score"] = value
    values["qualification_risk_score"] = None if risk is None else 100 - risk
