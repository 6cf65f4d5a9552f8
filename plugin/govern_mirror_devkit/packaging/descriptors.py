"""The descriptors of the plugin for a template: what depends on it is generated, the rest stays as the file has it.

The committed files are those of the standard template, which `plugin check` and a test hold true. Run
`python -m govern_mirror_devkit.packaging.descriptors` to write them anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from govern_mirror.model.blueprint import OVERVIEW, RATED_ROLES, STANDARD, Blueprint, Field, Kind, Role
from govern_mirror.model.template_file import load

from .. import custom_fields

Param = dict[str, Any]
Descriptor = dict[str, Any]

TEMPLATE = "resource/template.json"
"""Where the zip holds a template other than the standard one, and what the setting `template` is then."""

NOT_STARTED, UNDECIDED = ("not_started", "Not started"), ("undecided", "Undecided")

_STAYS = "Empty: stays as it is. The word none clears it."
_AS_DATE = "As YYYY-MM-DD."
"""What the custom field of a date says, and a form with a calendar need not."""

_WEIGHTS = {role: f"weight_{role.value}" for role in RATED_ROLES}
_PARAM_TYPES = {
    Kind.RATING: "SELECT",
    Kind.CATEGORY: "SELECT",
    Kind.DATE: "DATE",
    Kind.TEXT: "TEXTAREA",
    Kind.NUMBER: "DOUBLE",
    Kind.FLAG: "SELECT",
}
"""The type of the param of a field in a form; the others are typed on one line."""


@dataclass(frozen=True)
class Generated:
    """What the plugin holds for a template.

    Attributes:
        files: the text of each descriptor by its path below the plugin's root.
        omitted: the folders of components that have nothing to do with this template.
    """

    files: Mapping[str, str]
    omitted: frozenset[str]


def generated(root: Path, blueprint: Blueprint) -> Generated:
    """Return the descriptors of a plugin for a template.

    Args:
        root: the folder that holds `plugin.json` and the components of the standard template.
        blueprint: the template.

    Raises:
        OSError, ValueError, KeyError, TypeError: a descriptor cannot be read, or is not of the shape it should be.
    """
    omitted = [] if blueprint.qualification_step else ["python-runnables/record-qualification"]
    omitted += [] if blueprint.decisions else ["python-project-standards-check-specs/decision-is"]
    omitted += [] if blueprint.assessed else ["python-project-standards-check-specs/qualification-complete"]
    files = {custom_fields.LOCATION.as_posix(): custom_fields.text(blueprint)}
    for path, change in _CHANGES.items():
        if path.rpartition("/")[0] not in omitted:
            descriptor = json.loads((root / path).read_text(encoding="utf-8"))
            files[path] = as_text(change(descriptor, blueprint))
    return Generated(files, frozenset(omitted))


def as_text(descriptor: Descriptor) -> str:
    """Return a descriptor as its file holds it."""
    return json.dumps(descriptor, indent=2, ensure_ascii=False) + "\n"


def outdated(root: Path) -> Iterator[str]:
    """Yield the paths of the descriptors that are not those of the plugin's template: its own, or the standard one."""
    blueprint = load(root / TEMPLATE) if (root / TEMPLATE).is_file() else STANDARD
    for path, text in generated(root, blueprint).files.items():
        stored, expected = json.loads((root / path).read_text(encoding="utf-8")), json.loads(text)
        if path == custom_fields.LOCATION.as_posix():
            # a company may declare more fields of its own
            stored["customFields"] = [field for field in stored["customFields"] if field in expected["customFields"]]
        if stored != expected:
            yield path


# the parts that depend on the template -----------------------------------------------------------------------------


def _settings(descriptor: Descriptor, blueprint: Blueprint) -> Descriptor:
    params = []
    for param in descriptor["params"]:
        name = param["name"]
        if name == "required_fields":
            parts = {"step": _steps(blueprint), "field": _choices((f.path, f.label) for f in _filled(blueprint))}
            inner = [{**each, "selectChoices": parts[each["name"]]} for each in param["subParams"]]
            params.append({**param, "subParams": inner})
        elif name == "decisions_to_move_on":
            # a setting that is no longer offered would still be in force
            if blueprint.decisions:
                params.append({**param, "selectChoices": _names(blueprint.decisions)})
        elif name in _WEIGHTS.values():
            role = next(role for role, weight in _WEIGHTS.items() if weight == name)
            if role in blueprint.roles:
                params.append({**param, "label": f"Weight of {blueprint.roles[role].heading.lower()}"})
        elif name == "template":
            rest = {key: value for key, value in param.items() if key != "defaultValue"}
            params.append(rest if blueprint is STANDARD else {**rest, "defaultValue": TEMPLATE})
        else:
            params.append(param)
    return {**descriptor, "params": params}


def _initialize(descriptor: Descriptor, blueprint: Blueprint) -> Descriptor:
    fields = []
    for field in blueprint.section(OVERVIEW):
        param = _form_field(field, changes=False)
        home = blueprint.home[field.path]
        if home != OVERVIEW and field.kind is Kind.RATING:
            checked = f"Can be checked and confirmed in the {blueprint.step(home).name} step."
            param["description"] = f"{field.help} {checked}".strip()
        fields.append(param)
    return _with_block(descriptor, "overview_separator", fields, before="dry_run")


def _qualify(descriptor: Descriptor, blueprint: Blueprint) -> Descriptor:
    step = blueprint.qualification_step
    params: list[Param] = []
    for field in blueprint.section(step.id) if step else ():
        if field in blueprint.assessed:
            # a rating or the decision begins a group, with its comment behind it
            params.append({"name": f"{field.name}_separator", "type": "SEPARATOR", "label": field.heading})
        elif not any(field.path == each.comment_path for each in blueprint.assessed) and not _in_others(params):
            params.append({"name": f"{field.name}_separator", "type": "SEPARATOR", "label": _OTHERS})
        params.append(_form_field(field, changes=True))
    changed = _with_block(descriptor, "project_key", params, before="notes_separator")
    label = f"Notes of the {step.name} step" if step else "Notes"
    return {
        **changed,
        "params": [{**each, "label": label} if each["name"] == "notes" else each for each in changed["params"]],
    }


_OTHERS = "Further fields"


def _in_others(params: Sequence[Param]) -> bool:
    """Whether the last group of a form is that of the further fields."""
    groups = [param["label"] for param in params if param["type"] == "SEPARATOR"]
    return groups[-1:] == [_OTHERS]


def _move(descriptor: Descriptor, blueprint: Blueprint) -> Descriptor:
    return _with_choices(descriptor, step=[_choice("", "(the next one)"), *_steps(blueprint)])


def _filters(descriptor: Descriptor, blueprint: Blueprint) -> Descriptor:
    changed = _with_choices(
        descriptor,
        step=[_choice(*NOT_STARTED), *_steps(blueprint), *_after_steps(descriptor, blueprint)],
        decision=[*_names(blueprint.decisions), _choice(*UNDECIDED)],
    )
    missing = {"decision"} if not blueprint.decisions else set()
    missing |= {"initiative"} if Role.INITIATIVE not in blueprint.roles else set()
    return {**changed, "params": [param for param in changed["params"] if param["name"] not in missing]}


def _after_steps(descriptor: Descriptor, blueprint: Blueprint) -> list[dict[str, str]]:
    """The choices of the filter on steps that are no step and stand behind them, such as complete."""
    step_ids = {NOT_STARTED[0], *STANDARD.step_ids, *blueprint.step_ids}
    (param,) = [each for each in descriptor["params"] if each["name"] == "step"]
    return [choice for choice in param["selectChoices"] if choice["value"] not in step_ids]


def _step_reached(descriptor: Descriptor, blueprint: Blueprint) -> Descriptor:
    return _with_choices(descriptor, step=_steps(blueprint))


def _decision_is(descriptor: Descriptor, blueprint: Blueprint) -> Descriptor:
    changed = _with_choices(descriptor, decisions=_names(blueprint.decisions))
    for param in changed["params"]:
        if param["name"] == "decisions":
            param["defaultValue"] = list(blueprint.decisions[:1])
    return changed


def _qualification_complete(descriptor: Descriptor, blueprint: Blueprint) -> Descriptor:
    fixed = [param for param in descriptor["params"] if not param["name"].startswith("require_")]
    required = [
        {
            "name": f"require_{field.name}",
            "type": "BOOLEAN",
            "label": field.heading if field.role is Role.DECISION else field.label,
            "defaultValue": field.role is not Role.COST,
        }
        for field in blueprint.assessed
    ]
    return {**descriptor, "params": required + fixed}


_REPORTS = ("python-runnables/governed-projects-report/runnable.json", "custom-recipes/governed-projects/recipe.json")
_CHECK = "python-project-standards-check-specs/{}/project_standards_check_spec.json"
_CHANGES: dict[str, Callable[[Descriptor, Blueprint], Descriptor]] = {
    "plugin.json": _settings,
    "python-runnables/initialize-workflow/runnable.json": _initialize,
    "python-runnables/record-qualification/runnable.json": _qualify,
    "python-runnables/advance-workflow/runnable.json": _move,
    **dict.fromkeys(_REPORTS, _filters),
    _CHECK.format("workflow-reached-step"): _step_reached,
    _CHECK.format("decision-is"): _decision_is,
    _CHECK.format("qualification-complete"): _qualification_complete,
}


# params ------------------------------------------------------------------------------------------------------------


def _form_field(field: Field, *, changes: bool) -> Param:
    """The param of a form for a field; empty, it leaves the value as it is.

    Args:
        field: the field.
        changes: whether the form is for a project that may hold a value: then it can be cleared, and DSS asks for the
            choices when the form opens, so that they show it.
    """
    kind = "MULTISELECT" if field.several else _PARAM_TYPES.get(field.kind, "STRING")
    param: Param = {"name": field.short, "type": kind, "label": field.label}
    description = f"Adds a document: [TITLE=]URL.{' The word none clears the list.' if changes else ''}"
    if field.kind is not Kind.DOCUMENTS:
        description = " ".join(filter(None, [field.help, _STAYS if changes and kind in ("STRING", "TEXTAREA") else ""]))
    if field.kind is Kind.DATE:
        description = description.replace(_AS_DATE, "").strip()
    if description:
        param["description"] = description
    if kind not in ("SELECT", "MULTISELECT"):
        return param
    if changes:
        return {**param, "getChoicesFromPython": True, "triggerParameters": ["project_key"]}
    offered = _choices((("yes", "Yes"), ("no", "No"))) if field.kind is Kind.FLAG else _names(field.choices)
    first = [_choice("", "(blank)")] if kind == "SELECT" else []
    return {**param, "selectChoices": [*first, *offered]}


def _filled(blueprint: Blueprint) -> list[Field]:
    """The fields that people fill."""
    return [field for field in blueprint.all_fields if field.kind is not Kind.STATUS]


def _steps(blueprint: Blueprint) -> list[dict[str, str]]:
    return _choices((step.id, step.name) for step in blueprint.steps)


def _names(names: Iterable[str]) -> list[dict[str, str]]:
    return _choices((name, name) for name in names)


def _choices(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [_choice(value, label) for value, label in pairs]


def _choice(value: str, label: str) -> dict[str, str]:
    return {"value": value, "label": label}


def _with_choices(descriptor: Descriptor, **choices: list[dict[str, str]]) -> Descriptor:
    """The descriptor with other choices for some of its params, by their name."""
    params = [
        {**param, "selectChoices": choices[param["name"]]} if param["name"] in choices else dict(param)
        for param in descriptor["params"]
    ]
    return {**descriptor, "params": params}


def _with_block(descriptor: Descriptor, after: str, block: Sequence[Param], *, before: str) -> Descriptor:
    """The descriptor with other params between two of its own; a separator that nothing follows is left out."""
    params = descriptor["params"]
    names = [param["name"] for param in params]
    if not block and after not in names:
        return descriptor
    start, end = names.index(after), names.index(before)
    head = params[: start + 1]
    if not block and head[-1]["type"] == "SEPARATOR":
        head.pop()
    return {**descriptor, "params": [*head, *block, *params[end:]]}


def write(root: Path) -> None:
    """Write the descriptors of the standard template into the plugin's folder."""
    for path, text in generated(root, STANDARD).files.items():
        (root / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    from ..source import plugin_root

    write(plugin_root())
