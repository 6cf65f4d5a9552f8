"""What an artifact says, to tell whether two readings differ, and which part of it sync compares.

Not compared, because the two sides hold different things: documents (Govern holds uploaded files, DSS holds links).
Fields whose ids in Govern are not public are compared once `Template.resolved` found them by their labels.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from govern_mirror.model.blueprint import Blueprint, Field, Kind, Status
from govern_mirror.nested import mapping
from govern_mirror.times import parse_date


def is_blank(raw: object) -> bool:
    """Whether Govern holds nothing there."""
    return raw is None or raw == "" or raw == []


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
