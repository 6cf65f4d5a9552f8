"""A company's own template, read from its JSON file and checked: every fault is named."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from govern_mirror.errors import InputError
from govern_mirror.files import MAX_SETTINGS, read_bounded
from govern_mirror.model.blueprint import (
    CATEGORICAL,
    CLEAR,
    HUB_FIELD,
    ITEMS_FIELD,
    KINDS_OF_ROLE,
    OVERVIEW,
    PREFIX,
    RECORD_FIELD,
    Blueprint,
    Kind,
    Role,
    loose,
)

_TAKEN = frozenset(
    {
        "project_key", "name", "url", "node_id", "owner", "tags", "state", "stage", "current_step", "steps", "finished",
        "current_step_status", "total", "value_score", "risk_score", "priority", "days_in_step", "stale", "overdue",
        "last_change_on", "last_change_by", "revision", "problems", "problem_messages", "trust", "pending", "notes",
        "confirm", "help", "scope", "project_keys", "tag", "folder", "adopt", "dry_run", "key", "all", "step", "reason",
    }
)  # fmt: skip
"""Names that reports, options and forms have already."""

_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_PATH = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){1,3}")
_STORED = re.compile(r"govern_[a-z0-9_]+")


def load(path: Path) -> Blueprint:
    """Read a template from its JSON file, checked field by field.

    Raises:
        InputError: it cannot be read or is not a valid template; every fault is named.
    """
    from pydantic import TypeAdapter, ValidationError

    content = read_bounded(path, MAX_SETTINGS, "the template")
    try:
        blueprint = TypeAdapter(Blueprint).validate_json(content)
    except ValidationError as error:
        mistakes = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise InputError(f"the template {path.name}: {mistakes}") from error
    faults = faults_of(blueprint)
    if faults:
        raise InputError(f"the template {path.name}: {'; '.join(faults)}")
    return blueprint


_TAKEN_STAGES = frozenset({"not_started", "complete", "closed", OVERVIEW})
"""What a stage of `workflow`, or a section, is called that is no step."""


def faults_of(blueprint: Blueprint) -> list[str]:
    """What a template must not have, as sentences: names used twice, sections and roles that cannot be."""
    steps, fields = blueprint.step_ids, blueprint.all_fields
    faults = [f"the step id {id_!r} must be letters, digits and _" for id_ in steps if not _ID.fullmatch(id_)]
    faults += [f"{f.path!r} is no path such as section.name" for f in blueprint.fields if not _PATH.fullmatch(f.path)]
    faults += [f"{f.path} must not begin with steps." for f in blueprint.fields if f.path.startswith("steps.")]
    faults += [f"{f.stored!r} must be {PREFIX}name" for f in blueprint.fields if not _STORED.fullmatch(f.stored)]
    reserved = [RECORD_FIELD, ITEMS_FIELD, HUB_FIELD]
    faults += [f"the step id {id_!r} is taken" for id_ in steps if id_.casefold() in _TAKEN_STAGES]
    for what, names in (
        ("step", list(steps)),
        ("step name", [step.name for step in blueprint.steps]),
        ("rating", list(blueprint.rating_names)),
        ("path", [f.path for f in fields]),
        ("stored field", [f.stored for f in fields] + reserved),
        ("name", [f.name for f in fields]),
        ("role", [f.role.value for f in fields if f.role]),
        *((f"list {name}", list(categories)) for name, categories in blueprint.lists.items()),
    ):
        # people type them in any case, with blanks, `-` or `_`
        typed = Counter(map(loose, names))
        twice = {loose(name): name for name in reversed(names) if typed[loose(name)] > 1}
        faults += [f"the {what} {name!r} is there twice" for name in reversed(twice.values())]
    faults += [f"{f.path}: the name {f.name!r} is taken" for f in blueprint.fields if {f.name, f.short} & _TAKEN]
    for list_, categories in {"ratings": blueprint.rating_names, **blueprint.lists}.items():
        unusable = [name for name in categories if name.casefold() == CLEAR or name != name.strip() or not name]
        faults += [f"the list {list_}: {name!r} cannot be typed as a category" for name in unusable]
    if not steps:
        faults.append("it needs at least one step")
    if not blueprint.rules_known:
        faults.append("rules_known is not for a template to say: take it away")
    if any(not 0 <= category.score <= 100 for category in blueprint.ratings):
        faults.append("the scores of ratings go from 0 to 100")
    for f in blueprint.fields:
        kind = KINDS_OF_ROLE.get(f.role) if f.role else None
        if kind is not None and f.kind is not kind:
            faults.append(f"{f.path} has the role {f.role and f.role.value}, so its kind is {kind.value}")
        if f.kind is Kind.STATUS:
            faults.append(f"{f.path}: a status belongs to a step")
        if f.several and (f.kind is not Kind.CATEGORY or f.role is Role.DECISION):
            faults.append(f"{f.path}: only a category that is no decision may hold several")
        if f.several and any("," in name for name in f.choices):
            faults.append(f"{f.path} may hold several, which commas part: its categories have none")
        if f.kind in CATEGORICAL and not f.choices:
            faults.append(f"{f.path} has no categories to choose from")
    for section in blueprint.sections:
        if section.id not in blueprint.section_ids:
            faults.append(f"the section {section.id!r} is neither {OVERVIEW} nor a step")
        faults += [f"{section.id} has no field {path!r}" for path in section.fields if path not in blueprint.by_path]
    return faults
