"""A form's values as DSS hands them to component code (docs, params)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..formula import holds
from .results import ComponentError

INVALID = "java.lang.IllegalArgumentException"
_SILENT = ("SEPARATOR",)


def as_passed(declared: Iterable[Mapping[str, Any]], params: Mapping[str, Any]) -> dict[str, Any]:
    """Apply defaults, check what DSS's form checks, and convert the values as DSS does.

    An INT arrives as a float, a DATE as an ISO time, an empty field as null, one that was never touched is absent.
    Values of names that the descriptor does not declare pass as they are.

    Args:
        declared: the descriptor's `params`.
        params: what the user filled in, by name.

    Raises:
        ComponentError: a mandatory field that shows is empty, or a value is not one that the form offers.
    """
    fields = [field for field in declared if field.get("type") not in _SILENT]
    values = dict(params)
    for field in fields:
        if field["name"] not in values and "defaultValue" in field:
            values[field["name"]] = field["defaultValue"]
    model = {field["name"]: values.get(field["name"]) for field in fields}
    for field in fields:
        name = field["name"]
        if name in values:
            values[name] = _value(field, values[name])
        shown = holds(field["visibilityCondition"], {"model": model}) if field.get("visibilityCondition") else True
        if field.get("mandatory") and shown and values.get(name) in (None, [], {}):
            raise ComponentError(INVALID, f"{field.get('label', name)} ({name}) is mandatory")
    return values


def as_sent(declared: Iterable[Mapping[str, Any]], sent: Mapping[str, Any]) -> dict[str, Any]:
    """Convert what the API or a scenario sends for a component, which no form has checked.

    Whole numbers arrive as floats, as in a form; everything else as it was sent: a text where the form has a tick, a
    number where it has a text, a choice that it does not offer, nothing where it asks for something. Defaults apply to
    what is absent; that DSS does so is an assumption.

    Args:
        declared: the descriptor's `params`.
        sent: the values, by name.
    """
    values = dict(sent)
    for field in declared:
        if field.get("type") in _SILENT:
            continue
        if field["name"] not in values and "defaultValue" in field:
            values[field["name"]] = field["defaultValue"]
        value = values.get(field["name"])
        if field.get("type") in ("INT", "DOUBLE") and isinstance(value, int) and not isinstance(value, bool):
            values[field["name"]] = float(value)
    return values


def _value(field: Mapping[str, Any], value: Any) -> Any:
    if value is None or value == "":
        return None
    kind, name = field.get("type"), field["name"]
    if kind in ("INT", "DOUBLE"):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ComponentError(INVALID, f"{name} must be a number, not {value!r}")
        if "minI" in field and value < field["minI"]:
            raise ComponentError(INVALID, f"{name} must be at least {field['minI']}")
        if "maxI" in field and value > field["maxI"]:
            raise ComponentError(INVALID, f"{name} must be at most {field['maxI']}")
        return float(value)
    if kind == "BOOLEAN" and not isinstance(value, bool):
        raise ComponentError(INVALID, f"{name} must be true or false, not {value!r}")
    if kind == "SELECT":
        _require_choice(field, value)
    if kind in ("MULTISELECT", "STRINGS"):
        if not isinstance(value, list):
            raise ComponentError(INVALID, f"{name} must be a list, not {value!r}")
        if kind == "MULTISELECT":
            for choice in value:
                _require_choice(field, choice)
    if kind == "DATE" and isinstance(value, str) and len(value) == 10:
        return f"{value}T00:00:00.000Z"
    return value


def _require_choice(field: Mapping[str, Any], value: Any) -> None:
    choices = [choice["value"] for choice in field.get("selectChoices") or []]
    if choices and value not in choices:
        raise ComponentError(INVALID, f"{field['name']} must be one of {', '.join(map(str, choices))}, not {value!r}")
