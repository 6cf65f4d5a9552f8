"""Artifact search: filters, order and pages of `POST /artifacts/search` (client)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import BadRequest
from .artifact import Artifact
from .steps import current_step
from .templates import Template

Test = Callable[[Artifact], bool]
TemplateOf = Callable[[Artifact], Template]
SortKey = Callable[[Artifact], tuple[int, float, str]]
MAXIMUM_PAGE = 1000
"""Pages of 1,000 are used by Dataiku's own plugin (gp); a larger one is cut to that here."""
DEFAULT_PAGE = 20
"""The client's own default; that Govern has the same one is an assumption."""


@dataclass(frozen=True)
class Page:
    """One page of a search: the artifacts found, in order, and whether more follow."""

    artifacts: list[Artifact]
    has_next: bool


def search(body: Mapping[str, Any], artifacts: Iterable[Artifact], template_of: TemplateOf) -> Page:
    """Return the page of artifacts that a search body asks for.

    Filters are joined by "and"; without one on archived artifacts those are found too (an assumption: Dataiku's
    examples always send it). Without a sort artifacts come in the order they were made. A page starts behind
    `lastArtifactId`, wherever that artifact stands or, when it is gone, would stand by its number.

    Raises BadRequest for a filter, condition or sort that the sandbox does not know.
    """
    source = _object(body.get("artifactSearchSource"), "artifactSearchSource").get("type", "all")
    if source != "all":
        raise BadRequest(f"Unknown search source {source!r}")
    tests = [_test(_object(entry, "an artifact filter")) for entry in body.get("artifactFilters") or []]
    matches = [artifact for artifact in artifacts if all(test(artifact) for test in tests)]
    _order(matches, _object(body.get("artifactSearchSort"), "artifactSearchSort"), template_of)
    pagination = _object(body.get("artifactSearchPagination"), "artifactSearchPagination")
    size = pagination.get("pageSize", DEFAULT_PAGE)
    if not isinstance(size, int) or size < 1:
        raise BadRequest("artifactSearchPagination.pageSize must be at least 1")
    start = _start(matches, pagination.get("lastArtifactId"))
    end = start + min(size, MAXIMUM_PAGE)
    return Page(matches[start:end], has_next=end < len(matches))


def _object(value: object, name: str) -> Mapping[str, Any]:
    """Return a part of the body that must be an object; an empty one when it was left out."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise BadRequest(f"{name} must be an object")
    return value


def _start(artifacts: list[Artifact], last_id: str | None) -> int:
    if last_id is None:
        return 0
    for i, artifact in enumerate(artifacts):
        if artifact.id == last_id:
            return i + 1
    number = Artifact.number_of(last_id)
    return next((i for i, artifact in enumerate(artifacts) if artifact.number > number), len(artifacts))


def _test(entry: Mapping[str, Any]) -> Test:
    match entry.get("type"):
        case "blueprints":
            wanted = set(entry.get("blueprintIds") or [])
            return lambda artifact: artifact.blueprint_id in wanted
        case "blueprintVersions":
            versions = {(v.get("blueprintId"), v.get("versionId")) for v in entry.get("blueprintVersionIds") or []}
            return lambda artifact: artifact.version in versions
        case "artifacts":
            ids = set(entry.get("artifactIds") or [])
            return lambda artifact: artifact.id in ids
        case "archived":
            # The client: with isArchived true "all artifacts including archived ones" are found.
            archived = bool(entry.get("isArchived"))
            return lambda artifact: archived or not artifact.archived
        case "field":
            return _field_test(entry)
        case other:
            raise BadRequest(f"Unknown artifact filter type {other!r}")


def _field_test(entry: Mapping[str, Any]) -> Test:
    condition_type, field_id = entry.get("conditionType"), entry.get("fieldId")
    fold = (lambda text: text) if entry.get("caseSensitive") else str.casefold
    wanted = str(entry.get("condition", ""))

    def matches(value: object) -> bool:
        text, sought = fold(str(value)), fold(wanted)
        if condition_type == "EQUALS":
            return text == sought
        if condition_type == "CONTAINS":
            return sought in text
        return text.startswith(sought) if condition_type == "START_WITH" else text.endswith(sought)

    if condition_type not in ("EQUALS", "CONTAINS", "START_WITH", "END_WITH"):
        raise BadRequest(f"Unknown condition type {condition_type!r} of a field filter")

    def test(artifact: Artifact) -> bool:
        # The client: without a field id the artifact's name is compared.
        value = artifact.name if field_id is None else artifact.fields.get(field_id)
        values = value if isinstance(value, list) else [] if value is None else [value]
        return any(matches(value) for value in values) is not bool(entry.get("negateCondition"))

    return test


def _order(artifacts: list[Artifact], sort: Mapping[str, Any], template_of: TemplateOf) -> None:
    artifacts.sort(key=lambda artifact: artifact.number)
    if sort:
        key = _sort_key(_object(sort.get("column"), "artifactSearchSort.column"), template_of)
        artifacts.sort(key=key, reverse=sort.get("direction") == "DESC")


def _sort_key(column: Mapping[str, Any], template_of: TemplateOf) -> SortKey:
    match column.get("type"):
        case "name":
            return lambda artifact: (0, 0, artifact.name.casefold())
        case "workflow":
            return lambda artifact: (0, _position(artifact, template_of(artifact)), "")
        case "field":
            fields = {field.get("blueprintId"): field.get("fieldId") for field in column.get("fields") or []}
            return lambda artifact: _comparable(artifact.fields.get(fields.get(artifact.blueprint_id, "")))
        case other:
            raise BadRequest(f"Unknown sort column {other!r}")


def _position(artifact: Artifact, template: Template) -> int:
    """Return the place of an artifact's current step in its workflow; -1 when nothing has started."""
    steps = template.step_ids()
    step = current_step(artifact.statuses, steps)
    return -1 if step is None else steps.index(step)


def _comparable(value: object) -> tuple[int, float, str]:
    """Return what field values are compared by: none first, then numbers, then texts."""
    if value is None:
        return (0, 0, "")
    if isinstance(value, int | float):
        return (1, value, "")
    return (2, 0, str(value).casefold())
