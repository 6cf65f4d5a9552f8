"""A plan as JSON: printed for tools, saved with `--out`, read again by `sync apply`.

`FORMAT_VERSION` history: 1, the first; 2, what was asked for (`create`, `over_signoffs`, `only`, `tags`), so that
`sync apply` can compute the plan anew, `held` values with their `reason`, and `unreadable`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from enum import Enum
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from govern_mirror.errors import InputError
from govern_mirror.files import read_bounded_json
from govern_mirror.model.blueprint import Blueprint
from govern_mirror.sync.compare import WORKFLOW, comparable_paths, statuses_of, value_of
from govern_mirror.sync.plan import CounterpartPlan, Plan, ProjectPlan
from govern_mirror.text import clipped

FORMAT_VERSION = 2
KIND = "govern-mirror sync plan"

MAX_SAVED_PLAN = 256 << 20
"""Bytes of a saved plan: some 5 KB a project that differs."""

MAX_FAULTS = 5
"""How many faults of a saved plan an error names."""


def plan_json(plan: Plan) -> dict[str, Any]:
    """The plan as JSON objects."""
    return {"format_version": FORMAT_VERSION, "kind": KIND, **_plain(asdict(plan, dict_factory=_without_hints))}


def part_json(part: ProjectPlan | CounterpartPlan) -> dict[str, Any]:
    """What a plan says of one project, as JSON objects."""
    document: dict[str, Any] = _plain(asdict(part, dict_factory=_without_hints))
    return document


def read_plan(path: Path) -> Plan:
    """Read a plan that was saved.

    Raises:
        InputError: it cannot be read, is not a plan, or is one of another version.
    """
    return plan_from_json(read_bounded_json(path, MAX_SAVED_PLAN, "the saved plan"), str(path))


def plan_from_json(document: object, where: str) -> Plan:
    """Read a plan that was saved.

    Args:
        document: the JSON value.
        where: its file, for the error.

    Raises:
        InputError: it is not a plan, or one of another version.
    """
    if not isinstance(document, dict) or document.get("kind") != KIND:
        raise InputError(f"{where} is no saved plan of a sync")
    version = document.get("format_version")
    if version != FORMAT_VERSION or isinstance(version, bool):
        raise InputError(
            f"{where} has format version {clipped(version)}, this version knows {FORMAT_VERSION}: make the plan again"
        )
    rest = {key: value for key, value in document.items() if key not in ("format_version", "kind")}
    try:
        # strict JSON: a list is no text, and 1 is not true
        return TypeAdapter(Plan).validate_json(json.dumps(rest), strict=True)
    except ValidationError as error:
        faults = "; ".join(f"{clipped('.'.join(map(str, e['loc'])))}: {e['msg']}" for e in error.errors()[:MAX_FAULTS])
        raise InputError(f"{where} is damaged ({faults}): make the plan again") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where} is damaged: make the plan again") from error


def require_known(plan: Plan, blueprint: Blueprint, where: str) -> None:
    """Require that a saved plan names only fields, steps and values that the template has.

    Raises:
        InputError: it names others; each message says where.
    """
    faults = list(dict.fromkeys(_unknown(plan, blueprint)))
    if faults:
        more = f"; and {len(faults) - MAX_FAULTS} more" if len(faults) > MAX_FAULTS else ""
        raise InputError(f"{where} is damaged ({'; '.join(faults[:MAX_FAULTS])}{more}): make the plan again")


def _unknown(plan: Plan, blueprint: Blueprint) -> Iterator[str]:
    paths = frozenset(comparable_paths(blueprint))
    for project in plan.projects:
        name = clipped(project.project_key)
        fields = {difference.field: None for difference in project.differences}
        for texts in (project.writes, project.seen, dict.fromkeys(project.base), fields):
            yield from (f"{name}: {fault}" for fault in _faults(texts, paths, blueprint))
    for part in plan.counterparts:
        for texts in (part.writes, part.seen):
            yield from (f"{clipped(part.id)}: {fault}" for fault in _faults(texts, paths, blueprint))


def _faults(texts: Mapping[str, str | None], paths: frozenset[str], blueprint: Blueprint) -> Iterator[str]:
    for path, text in texts.items():
        if path not in paths:
            yield f"unknown field {clipped(path)!r}"
            continue
        try:
            if path == WORKFLOW:
                statuses_of(text, blueprint)
            else:
                value_of(path, text, blueprint)
        except ValueError as error:
            yield f"{path}: {clipped(str(error))}"


def _without_hints(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The fields of a dataclass but the hint, which each entry point words for itself."""
    return {name: value for name, value in pairs if name != "hint"}


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
