"""A plan as JSON: printed for tools, saved with `--out`, read again by `sync apply`.

`FORMAT_VERSION` history: 1, the first.
"""

from __future__ import annotations

from dataclasses import asdict
from enum import Enum
from typing import Any

from pydantic import TypeAdapter, ValidationError

from govern_mirror.errors import InputError
from govern_mirror.sync.plan import Plan

FORMAT_VERSION = 1
KIND = "govern-mirror sync plan"


def plan_json(plan: Plan) -> dict[str, Any]:
    """The plan as JSON objects."""
    return {"format_version": FORMAT_VERSION, "kind": KIND, **_plain(asdict(plan))}


def plan_from_json(document: object, where: str) -> Plan:
    """Read a plan that was saved.

    Args:
        document: the JSON value.
        where: its file, for the error.

    Raises:
        InputError: it is not a plan, or one of a newer version.
    """
    if not isinstance(document, dict) or document.get("kind") != KIND:
        raise InputError(f"{where} is not a plan that `sync … --out` saved")
    if document.get("format_version") != FORMAT_VERSION:
        raise InputError(
            f"{where} has format version {document.get('format_version')!r}, this version knows {FORMAT_VERSION}: "
            "make the plan again"
        )
    rest = {key: value for key, value in document.items() if key not in ("format_version", "kind")}
    try:
        return TypeAdapter(Plan).validate_python(rest)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:5])
        raise InputError(f"{where} is damaged ({faults}): make the plan again") from error


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
