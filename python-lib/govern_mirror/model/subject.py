"""What a sign-off of a project's step is bound to: its values, notes and documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from govern_mirror import fast_json
from govern_mirror.model.blueprint import Blueprint
from govern_mirror.model.event import digest
from govern_mirror.model.item import Item
from govern_mirror.model.values import json_of


def step_paths(blueprint: Blueprint, step_id: str) -> tuple[str, ...]:
    """The paths of what a step holds: its fields, status, notes and documents."""
    return (*(field.path for field in blueprint.section(step_id)), *blueprint.step(step_id).paths)


def step_subject(project: Item, step_id: str) -> dict[str, Any]:
    """What an approval of a step is bound to: what it holds but its status, which moves with the workflow."""
    paths = [path for path in step_paths(project.blueprint, step_id) if path in project.values]
    return {"step": step_id, "values": {path: json_of(project.values[path]) for path in paths}}


def subject_digest(subject: Mapping[str, Any]) -> str:
    """128 bits over what an item is, in hexadecimal."""
    return digest(fast_json.canonical(dict(subject)))


def value_digest(project: Item, path: str) -> str:
    """128 bits over one value of a project, in hexadecimal."""
    return digest(fast_json.canonical({path: json_of(project.values[path])}))
