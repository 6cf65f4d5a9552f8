"""Govern artifact → values and statuses, and back: `decode_artifact()` and `encode_artifact()`, the twin of `metadata`.

Which Govern field holds which value is blueprint data (`Field.govern`); nothing else here knows field ids.
`decode_artifact` never raises: what cannot be read is listed as a problem and left out, so that nobody takes
it for a blank value. `encode_artifact` replaces only what is asked for; foreign fields and steps, computed
scores and damage pass through untouched.

Not compared, because the two sides hold different things: the sponsor (Govern has no such field) and
documents (Govern holds uploaded files, DSS holds links).

Govern before 13.5 has no `workflow`, only `status.stepId` (client): null when nothing has started; else the
ongoing step; else the first not-started step; else the last finished one. So one step id stands for several
states: `progress` means that it is ongoing, or that it is next and not started; the last step means that it is
next, ongoing, or finished. It is read as ongoing, which is what Govern makes of it when it is written; and it
is compared by what one step id can tell (`ArtifactProject.comparable`), so that the difference that Govern
cannot show is no difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from govern_mirror.blueprint import STANDARD, Blueprint, Field, Kind, Status, Step, clipped
from govern_mirror.event import parse_date
from govern_mirror.project import Problem, Value, value_text

ITEMS = "dataiku_item"
"""The field of a Govern project that lists the artifacts of its DSS projects (gp)."""

_TEXTS = frozenset({"TEXT", "CATEGORY", "REFERENCE"})
_DATES = frozenset({"DATE", "TEXT"})


@dataclass(frozen=True, slots=True)
class FieldDefinition:
    """A field as a blueprint version defines it.

    Attributes:
        type: Govern's type, such as `CATEGORY`; None when the definition does not tell it.
        is_list: whether its value is a JSON array.
        categories: what a category field takes; None for other fields and when it is not told.
        is_computed: whether Govern computes it, so that nobody writes it.
        blueprints: for a reference, the blueprints whose artifacts it takes.
    """

    type: str | None = None
    is_list: bool = False
    categories: tuple[str, ...] | None = None
    is_computed: bool = False
    blueprints: tuple[str, ...] = ()


@dataclass(frozen=True)
class Template:
    """What reading and writing artifacts needs to know of their blueprint version.

    Attributes:
        blueprint_id, version_id: as in `blueprintVersionId`.
        steps: the workflow's steps in their order; that of an artifact's `workflow.steps` means nothing.
        fields: the fields that the version defines, by id.
    """

    blueprint_id: str
    version_id: str
    steps: tuple[Step, ...] = ()
    fields: Mapping[str, FieldDefinition] = field(default_factory=dict)

    @cached_property
    def step_ids(self) -> tuple[str, ...]:
        """The step ids, in the workflow's order."""
        return tuple(step.id for step in self.steps)

    @property
    def categories(self) -> dict[str, tuple[str, ...]]:
        """The categories of each category field that tells them."""
        return {name: each.categories for name, each in self.fields.items() if each.categories is not None}

    @property
    def lists(self) -> frozenset[str]:
        """The fields whose values are lists."""
        return frozenset(name for name, each in self.fields.items() if each.is_list)

    def shared_steps(self, blueprint: Blueprint) -> tuple[str, ...]:
        """The steps that this version and a blueprint of ours both have, in this version's order."""
        return tuple(step for step in self.step_ids if step in blueprint.step_ids)


def template_from(blueprint_version: Mapping[str, Any], blueprint_id: str, version_id: str) -> Template:
    """Read a template from a blueprint version's definition. Never raises: what is not readable is left out.

    Args:
        blueprint_version: the definition: `workflowDefinition.stepDefinitions`, `fieldDefinitions` (bp).
        blueprint_id, version_id: the ids it was asked for by.
    """
    workflow = _mapping(blueprint_version.get("workflowDefinition"))
    found = [_mapping(each) for each in _list(workflow.get("stepDefinitions"))]
    names = {id_: each.get("name") for each in found if isinstance(id_ := each.get("id"), str)}
    steps = tuple(Step(id_, name if isinstance(name, str) and name else id_) for id_, name in names.items())
    definitions = _mapping(blueprint_version.get("fieldDefinitions"))
    fields = {name: _definition(_mapping(each)) for name, each in definitions.items()}
    return Template(blueprint_id, version_id, steps, fields)


def _definition(found: Mapping[str, Any]) -> FieldDefinition:
    kind, categories = found.get("fieldType"), found.get("categories")
    return FieldDefinition(
        type=kind if isinstance(kind, str) else None,
        is_list=found.get("listConfig") is not None,
        categories=_texts(categories) if kind == "CATEGORY" and isinstance(categories, list) else None,
        is_computed=found.get("sourceType") == "COMPUTE",
        blueprints=_texts(found.get("allowedBlueprints")),
    )


@dataclass(frozen=True)
class ArtifactProject:
    """A Govern project as its artifact tells it.

    Attributes:
        id: the artifact id, such as `ar.5`; empty when it tells none.
        name: its name in Govern.
        template: its blueprint version.
        archived: whether it is archived in Govern.
        values: what can be compared, by the paths of `project.values`; blank is None. A path that is not here
            is not known, which is not the same as blank: it must be neither compared nor taken over.
        statuses: the status of each step of the artifact's own, in its template's order, also of steps that our
            blueprint lacks; a step whose status cannot be read is not here.
        has_workflow_object: whether the artifact has `workflow` (Govern 13.5 and later).
        problems: what is not as it should be; their `field` is a path, or `steps.<id>` for a step.
        raw: the artifact as Govern answered it.
        blueprint: the blueprint of ours that it was read with.
    """

    id: str
    name: str
    template: Template = field(repr=False)
    archived: bool
    values: Mapping[str, Value]
    statuses: Mapping[str, Status]
    has_workflow_object: bool
    problems: tuple[Problem, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    blueprint: Blueprint = field(default=STANDARD, repr=False, compare=False)

    def comparable(self, statuses: Mapping[str, Status]) -> dict[str, Status] | None:
        """Statuses, this artifact's or a DSS project's, as far as both sides can tell them apart.

        Two states are the same to sync when this gives the same for both. Steps that only one side has do not
        count. Where Govern has only `status.stepId`, states that it stands for alike come out alike.

        Returns:
            A status for each step that both sides have; None when one of them is not in `statuses`, because it
            could not be read: then nothing may be concluded.
        """
        shared = self.template.shared_steps(self.blueprint)
        if any(step not in statuses for step in shared):
            return None
        ours = {step: statuses[step] for step in shared}
        return ours if self.has_workflow_object else from_legacy_step(legacy_step(ours), shared)


def decode_artifact(
    artifact: Mapping[str, Any],
    template: Template,
    initiatives: Mapping[str, str],
    *,
    blueprint: Blueprint = STANDARD,
) -> ArtifactProject:
    """Read a Govern project from its artifact. Never raises.

    Args:
        artifact: a JSON object in any state.
        template: the artifact's own blueprint version.
        initiatives: names of what references point to (business initiatives), by artifact id.
        blueprint: ours; its fields' `govern` ids and its steps say what is read.

    Returns:
        The project. Fields that Govern lacks (sponsor) and documents are not in its values (see above).
    """
    problems: list[Problem] = []
    values = _values(artifact, template, initiatives, blueprint, problems)
    statuses, has_workflow = _statuses(artifact, template, problems)
    for step in blueprint.steps:
        if step.id not in template.step_ids:
            message = f"the template {template.version_id} has no step {step.name}: its status is not compared"
            problems.append(Problem(f"steps.{step.id}", None, f"a step {step.id}", message))
    return ArtifactProject(
        id=_text(artifact.get("id")),
        name=_text(artifact.get("name")),
        template=template,
        archived=artifact.get("archived") is True,
        values=values,
        statuses=statuses,
        has_workflow_object=has_workflow,
        problems=tuple(problems),
        raw=artifact,
        blueprint=blueprint,
    )


def encode_artifact(
    artifact: Mapping[str, Any],
    template: Template,
    changes: Mapping[str, Value],
    statuses: Mapping[str, Status] | None,
    initiative_ids: Mapping[str, str],
    *,
    blueprint: Blueprint = STANDARD,
) -> tuple[dict[str, Any], list[Problem]]:
    """The artifact with some values and statuses replaced; all else untouched, and the argument too.

    What the artifact already says in other words (a time of that day, a list of that one value) stays as it is,
    so that `encode_artifact(artifact, template, {}, None, …) == artifact`, and writing what was read changes
    nothing. Computed scores are never written; Govern's own hook makes them anew.

    Args:
        artifact: the artifact as read just before writing.
        template: its blueprint version.
        changes: new values by path; None (or an empty text) clears.
        statuses: new statuses by step id, or None to leave them. On a node before 13.5 they become the one
            `status.stepId` that stands for them; on a newer one `status.stepId` stays as read, since Govern
            derives it from `workflow`.
        initiative_ids: artifact ids of business initiatives by name; ambiguous names must not be in it.
        blueprint: ours.

    Returns:
        The artifact to PUT, and what was left out of it and why.
    """
    problems: list[Problem] = []
    written = dict(artifact)
    if changes:
        _put_values(written, template, changes, initiative_ids, blueprint, problems)
    if statuses:
        _put_statuses(written, template, statuses, blueprint, problems)
    return written, problems


def new_artifact(
    name: str,
    template: Template,
    items: Iterable[str],
    changes: Mapping[str, Value],
    statuses: Mapping[str, Status] | None,
    initiative_ids: Mapping[str, str],
    *,
    blueprint: Blueprint = STANDARD,
) -> tuple[dict[str, Any], list[Problem]]:
    """The definition of a Govern project to create.

    It tells the workflow both ways, as `workflow` and as `status.stepId`, since the version of the node decides
    which one it reads.

    Args:
        name: the new Govern project's name.
        template: the blueprint version to make it of.
        items: artifact ids of the DSS projects it governs.
        changes, statuses, initiative_ids, blueprint: as for `encode_artifact`.

    Returns:
        The definition to POST, and what was left out of it and why.
    """
    bare: dict[str, Any] = {
        "name": name,
        "blueprintVersionId": {"blueprintId": template.blueprint_id, "versionId": template.version_id},
        "fields": {ITEMS: list(items)},
    }
    if statuses and template.steps:
        bare["workflow"] = {"steps": {}}
    definition, problems = encode_artifact(bare, template, changes, statuses, initiative_ids, blueprint=blueprint)
    if "workflow" in definition:
        made, _ = _statuses(definition, template, [])
        definition["status"] = {"stepId": legacy_step(made)}
    return definition, problems


def legacy_step(statuses: Mapping[str, Status]) -> str | None:
    """The `status.stepId` that stands for statuses (in the workflow's order), as Govern derives it (client).

    Null when nothing has started (skipped steps alone start nothing); else the ongoing step; else the first
    not-started step; else the last finished one.
    """
    if not any(status in (Status.ONGOING, Status.FINISHED) for status in statuses.values()):
        return None
    for wanted in (Status.ONGOING, Status.NOT_STARTED):
        for step, status in statuses.items():
            if status is wanted:
                return step
    return next(step for step, status in reversed(list(statuses.items())) if status is Status.FINISHED)


def from_legacy_step(step_id: str | None, step_ids: Iterable[str]) -> dict[str, Status]:
    """What a `status.stepId` is read as: that step ongoing, earlier ones finished, later ones not started."""
    status = Status.NOT_STARTED if step_id is None else Status.FINISHED
    read = {}
    for step in step_ids:
        if step == step_id:
            read[step], status = Status.ONGOING, Status.NOT_STARTED
        else:
            read[step] = status
    return read


def content(artifact: Mapping[str, Any], blueprint: Blueprint = STANDARD) -> dict[str, Any]:
    """What an artifact says, flat, to tell whether two readings differ; never raises.

    Blank fields are left out and our dates are UTC dates, so that two ways to say the same are equal. A node
    with `workflow` is not asked for its `status.stepId`, which it derives.
    """
    dates = {each.govern for each in blueprint.fields if each.kind is Kind.DATE}
    told: dict[str, Any] = {
        "name": artifact.get("name"),
        "archived": artifact.get("archived") is True,
        "blueprintVersionId": artifact.get("blueprintVersionId"),
    }
    for name, raw in _mapping(artifact.get("fields")).items():
        if not _is_blank(raw):
            told[f"fields.{name}"] = _as_date(raw) if name in dates else raw
    if artifact.get("workflow") is None:
        told["status.stepId"] = _mapping(artifact.get("status")).get("stepId")
        return told
    for step, entry in _mapping(_mapping(artifact.get("workflow")).get("steps")).items():
        status = _mapping(entry).get("status")
        if status != Status.NOT_STARTED.value:
            told[f"steps.{step}"] = status
    return told


def governed_content(artifact: Mapping[str, Any], blueprint: Blueprint = STANDARD) -> dict[str, Any]:
    """The part of `content` that sync compares: our fields and steps, the template, whether it is archived."""
    ours = {"archived", "blueprintVersionId", "status.stepId"}
    ours |= {f"fields.{each.govern}" for each in compared_fields(blueprint)}
    ours |= {f"steps.{step}" for step in blueprint.step_ids}
    return {key: value for key, value in content(artifact, blueprint).items() if key in ours}


def compared_fields(blueprint: Blueprint = STANDARD) -> tuple[Field, ...]:
    """The fields that both sides hold alike; not the sponsor and not documents (see above)."""
    return tuple(
        each
        for each in blueprint.all_fields
        if each.govern is not None and each.kind not in (Kind.STATUS, Kind.DOCUMENTS)
    )


# reading --------------------------------------------------------------------------------------------------------


def _values(
    artifact: Mapping[str, Any],
    template: Template,
    initiatives: Mapping[str, str],
    blueprint: Blueprint,
    problems: list[Problem],
) -> dict[str, Value]:
    fields = artifact.get("fields")
    if fields is not None and not isinstance(fields, Mapping):
        problems.append(Problem("fields", _shown(fields), "an object", "the artifact's fields cannot be read"))
        return {}
    values: dict[str, Value] = {}
    for each in compared_fields(blueprint):
        definition = template.fields.get(each.govern or "")
        if definition is None:
            problems.append(_missing(each, template))
            continue
        read = _read(each, definition, _mapping(fields).get(each.govern or ""), initiatives, blueprint)
        if isinstance(read, Problem):
            problems.append(read)
        else:
            values[each.path] = read
    return values


def _read(
    each: Field, definition: FieldDefinition, raw: object, initiatives: Mapping[str, str], blueprint: Blueprint
) -> Value | Problem:
    """A field's value; a problem when it is not one that DSS could hold."""
    if definition.is_list and isinstance(raw, list):
        given = [item for item in raw if not _is_blank(item)]
        if len(given) > 1:
            message = f"{each.label} holds several values in Govern, and one in DSS: it is not compared"
            return Problem(each.path, _shown(raw), "one value", message)
        raw = given[0] if given else None
    if _is_blank(raw):
        return None
    if not isinstance(raw, str):
        return Problem(each.path, _shown(raw), "a text", f"{each.label} is not a text in Govern: it is not compared")
    if definition.type == "REFERENCE":
        name = initiatives.get(raw)
        if name:
            return name
        message = (
            f"{each.label} points to an artifact that cannot be resolved: it is archived or gone, has no name, "
            "or your key may not read it. It is not compared"
        )
        return Problem(each.path, _shown(raw), "the id of an artifact with a name", message)
    if each.kind is Kind.DATE:
        try:
            return parse_date(raw)
        except ValueError:
            message = f"{each.label} is not a date in Govern: it is not compared"
            return Problem(each.path, _shown(raw), "an ISO 8601 date", message)
    known = blueprint.categories(each.kind)
    if known and raw not in known:
        message = f"{each.label} has a category in Govern that DSS does not know: it is not compared"
        return Problem(each.path, _shown(raw), f"one of {', '.join(known)}", message)
    return raw


def _statuses(
    artifact: Mapping[str, Any], template: Template, problems: list[Problem]
) -> tuple[dict[str, Status], bool]:
    """The statuses in the template's order, and whether the artifact has `workflow`."""
    workflow = artifact.get("workflow")
    if workflow is None:
        return _legacy_statuses(artifact, template, problems), False
    steps = _mapping(workflow).get("steps")
    if not isinstance(steps, Mapping):
        problems.append(Problem("steps", _shown(workflow), "an object with steps", "the workflow cannot be read"))
        return {}, True
    statuses: dict[str, Status] = {}
    strays = [step for step in steps if isinstance(step, str) and step not in template.step_ids]
    for step in (*template.step_ids, *sorted(strays)):
        entry = steps.get(step)
        status = Status.NOT_STARTED if entry is None else _status(_mapping(entry).get("status"))
        if status is None:
            expected = f"one of {', '.join(known.value for known in Status)}"
            message = f"the status of step {step} cannot be read: the workflow is not compared"
            problems.append(Problem(f"steps.{step}.status", _shown(entry), expected, message))
            continue
        statuses[step] = status
    for step in strays:
        message = f"the template {template.version_id} has no step {step}: it is left as it is"
        problems.append(Problem(f"steps.{step}", _shown(step), "a step of the template", message))
    return statuses, True


def _legacy_statuses(artifact: Mapping[str, Any], template: Template, problems: list[Problem]) -> dict[str, Status]:
    if not template.steps:
        return {}
    status = artifact.get("status")
    step = status.get("stepId") if isinstance(status, Mapping) else status
    if not isinstance(status, Mapping) or not (step is None or step in template.step_ids):
        expected = f"null or one of {', '.join(template.step_ids)}"
        message = "the artifact's status.stepId cannot be read: the workflow is not compared"
        problems.append(Problem("steps", _shown(step), expected, message))
        return {}
    return from_legacy_step(step, template.step_ids)


def _status(raw: object) -> Status | None:
    try:
        return Status(raw)
    except ValueError:
        return None


# writing --------------------------------------------------------------------------------------------------------


def _put_values(
    written: dict[str, Any],
    template: Template,
    changes: Mapping[str, Value],
    initiative_ids: Mapping[str, str],
    blueprint: Blueprint,
    problems: list[Problem],
) -> None:
    found = written.get("fields")
    if found is not None and not isinstance(found, Mapping):
        problems.append(Problem("fields", _shown(found), "an object", "the artifact's fields cannot be written"))
        return
    fields = dict(found or {})
    compared = {each.path: each for each in compared_fields(blueprint)}
    names = {id_: name for name, id_ in initiative_ids.items()}
    for path, value in changes.items():
        each = compared.get(path)
        if each is None:
            problems.append(Problem(path, value_text(value), "a value that both sides hold", f"Govern has no {path}"))
            continue
        definition = template.fields.get(each.govern or "")
        if definition is None:
            problems.append(_missing(each, template))
            continue
        value = None if value == "" else value
        if _read(each, definition, fields.get(each.govern), names, blueprint) == value:
            continue  # it says so already, perhaps in other words
        raw = _raw(each, definition, value, initiative_ids)
        if isinstance(raw, Problem):
            problems.append(raw)
        elif raw is None and each.govern not in fields:
            continue
        else:
            fields[each.govern or ""] = ([] if raw is None else [raw]) if definition.is_list else raw
    if fields != (found or {}):
        written["fields"] = fields


def _raw(
    each: Field, definition: FieldDefinition, value: Value, initiative_ids: Mapping[str, str]
) -> str | Problem | None:
    """What the template's field takes for a value; a problem when it takes none."""
    shown = value_text(value)

    def refused(expected: str, why: str) -> Problem:
        return Problem(each.path, _shown(shown) if shown else None, expected, f"{each.label}: {why}; it is left out")

    if definition.is_computed:
        return refused("a field that can be written", "Govern computes this field")
    taken = _DATES if each.kind is Kind.DATE else _TEXTS
    if definition.type is not None and definition.type not in taken:
        return refused(f"a field of type {' or '.join(sorted(taken))}", f"the field's type is {definition.type}")
    if value is None:
        return None
    if each.kind is Kind.DATE:
        if not isinstance(value, date):
            return refused("a date", "this is not a date")
        return f"{value.isoformat()[:10]}T00:00:00.000Z"
    if not isinstance(value, str) or isinstance(value, Status):
        return refused("a text", "this is not a text")
    if definition.type == "REFERENCE":
        id_ = initiative_ids.get(value)
        why = "Govern has no artifact of this name to refer to, or several"
        return id_ if id_ else refused("the name of exactly one artifact", why)
    if definition.categories is not None and value not in definition.categories:
        return refused(f"one of {', '.join(definition.categories)}", "the artifact's template has no such category")
    return value


def _put_statuses(
    written: dict[str, Any],
    template: Template,
    statuses: Mapping[str, Status],
    blueprint: Blueprint,
    problems: list[Problem],
) -> None:
    known = {step: status for step, status in statuses.items() if step in template.step_ids}
    for step in statuses:
        if step not in known:
            message = f"the template {template.version_id} has no step {step}: its status is left out"
            problems.append(Problem(f"steps.{step}", statuses[step].value, "a step of the template", message))
    if not known:
        return
    workflow = written.get("workflow")
    if workflow is None:
        _put_legacy_step(written, template, known, blueprint)
        return
    steps = _mapping(workflow).get("steps")
    if not isinstance(steps, Mapping):
        problems.append(Problem("steps", _shown(workflow), "an object with steps", "the workflow cannot be written"))
        return
    changed = dict(steps)
    for step, status in known.items():
        entry = steps.get(step)
        before = Status.NOT_STARTED if entry is None else _status(_mapping(entry).get("status"))
        if before is not status:
            changed[step] = {**_mapping(entry), "status": status.value}
    if changed != steps:
        written["workflow"] = {**workflow, "steps": changed}


def _put_legacy_step(
    written: dict[str, Any], template: Template, statuses: Mapping[str, Status], blueprint: Blueprint
) -> None:
    """Set the one step id, unless it stands for these statuses already.

    Only the steps of ours decide on it: a foreign step before it counts as passed, since one step id cannot say
    otherwise.
    """
    before = _legacy_statuses(written, template, []) or from_legacy_step(None, template.step_ids)
    shared = template.shared_steps(blueprint)
    now = {step: before[step] for step in shared}
    after = {step: statuses.get(step, before[step]) for step in shared}
    if legacy_step(after) != legacy_step(now):
        written["status"] = {**_mapping(written.get("status")), "stepId": legacy_step(after)}


def _missing(each: Field, template: Template) -> Problem:
    message = f"the template {template.version_id} has no field {each.govern}: {each.label} is not compared"
    return Problem(each.path, None, f"a field {each.govern}", message)


# JSON of unknown shape ------------------------------------------------------------------------------------------


def _mapping(found: object) -> Mapping[str, Any]:
    return found if isinstance(found, Mapping) else {}


def _list(found: object) -> list[Any]:
    return found if isinstance(found, list) else []


def _text(found: object) -> str:
    return found if isinstance(found, str) else ""


def _texts(found: object) -> tuple[str, ...]:
    return tuple(text for text in _list(found) if isinstance(text, str))


def _is_blank(raw: object) -> bool:
    return raw is None or raw == "" or raw == []


def _as_date(raw: object) -> object:
    try:
        return parse_date(raw) if isinstance(raw, str) else raw
    except ValueError:
        return raw


def _shown(found: object) -> str:
    """A value as short text for a message."""
    try:
        return clipped(found)
    except RecursionError:
        return "…"
