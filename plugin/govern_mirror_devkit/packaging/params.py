"""The rules for a descriptor's `params` (docs, params)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..formula import holds

TYPES = frozenset(
    {
        *("STRING", "STRINGS", "TEXTAREA", "PASSWORD", "INT", "INTS", "DOUBLE", "DOUBLES", "BOOLEAN", "DATE"),
        *("SELECT", "MULTISELECT", "ARRAY", "MAP", "KEY_VALUE_LIST", "OBJECT_LIST", "SEPARATOR", "PRESET"),
        *("CONNECTION", "DATASET", "MANAGED_FOLDER", "PROJECT", "SAVED_MODEL", "SCENARIO"),
    }
)
_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
_SAMPLES: dict[str, type | tuple[type, ...]] = {
    "BOOLEAN": bool,
    "INT": int,
    "DOUBLE": (int, float),
    "STRING": str,
    "TEXTAREA": str,
    "STRINGS": list,
    "MULTISELECT": list,
}


def check_params(params: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield what is wrong with the params of a descriptor."""
    names = [param.get("name") for param in params]
    for name in {str(name) for name in names if names.count(name) > 1}:
        yield f"param {name} is declared twice"
    for param in params:
        name, kind = str(param.get("name") or ""), param.get("type")
        if not _NAME.match(name):
            yield f"param {name!r}: a name is letters, digits and _"
        if kind not in TYPES:
            yield f"param {name}: unknown type {kind!r}"
        if not param.get("label"):
            yield f"param {name}: users need a label"
        yield from _choices(param)
        yield from _default(param)
        if kind == "PRESET" and not param.get("parameterSetId"):
            yield f"param {name}: a PRESET needs its parameterSetId"
        if kind == "OBJECT_LIST":
            yield from (f"param {name}: {message}" for message in check_params(param.get("subParams") or []))
        if param.get("visibilityCondition"):
            try:
                holds(param["visibilityCondition"], {"model": {}})
            except ValueError as error:
                yield f"param {name}: visibilityCondition cannot be read: {error}"
            for other in re.findall(r"model\.(\w+)", param["visibilityCondition"]):
                if other not in names:
                    yield f"param {name}: its visibilityCondition names {other}, which is not a param"


def _choices(param: Mapping[str, Any]) -> Iterator[str]:
    name = param.get("name")
    if param.get("type") not in ("SELECT", "MULTISELECT") or param.get("getChoicesFromPython"):
        return
    choices = param.get("selectChoices") or []
    if not choices:
        yield f"param {name}: it offers no choice"
    if not all("value" in choice and choice.get("label") for choice in choices):
        yield f"param {name}: each choice needs a value and a label"
    values = [choice.get("value") for choice in choices]
    if len(set(values)) != len(values):
        yield f"param {name}: two choices have the same value"


def _default(param: Mapping[str, Any]) -> Iterator[str]:
    if "defaultValue" not in param:
        return
    name, kind, default = param.get("name"), str(param.get("type")), param["defaultValue"]
    expected = _SAMPLES.get(kind)
    if expected and (not isinstance(default, expected) or (isinstance(default, bool) and kind != "BOOLEAN")):
        yield f"param {name}: its default {default!r} is no {kind}"
    if kind == "SELECT" and default not in [choice.get("value") for choice in param.get("selectChoices") or []]:
        yield f"param {name}: its default {default!r} is not among its choices"
