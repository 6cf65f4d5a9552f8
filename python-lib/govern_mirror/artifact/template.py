"""What a blueprint version of Govern's defines: its steps and its fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any

from govern_mirror.model.blueprint import Blueprint, Step, loose
from govern_mirror.nested import items_of, mapping, text_at, texts


@dataclass(frozen=True, slots=True)
class FieldDefinition:
    """A field as a blueprint version defines it.

    Attributes:
        type: Govern's type, such as `CATEGORY`; None when the definition does not tell it.
        is_list: whether its value is a JSON array.
        categories: what a category field takes; None for other fields and when it is not told.
        is_computed: whether Govern computes it, so that nobody writes it.
        blueprints: for a reference, the blueprints whose artifacts it takes.
        label: its name for people; None when the definition does not tell it.
    """

    type: str | None = None
    is_list: bool = False
    categories: tuple[str, ...] | None = None
    is_computed: bool = False
    blueprints: tuple[str, ...] = ()
    label: str | None = None


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

    def shared_steps(self, blueprint: Blueprint) -> tuple[str, ...]:
        """The steps that this version and a blueprint of ours both have, in this version's order."""
        return tuple(step for step in self.step_ids if step in blueprint.step_ids)

    def resolved(self, blueprint: Blueprint) -> Blueprint:
        """A blueprint of ours in which fields that Govern tells by label only have their ids in this version.

        A label that this version has not, or twice, leaves its field without an id: nothing is compared then.
        """
        ids_by_path = []
        for our_field in blueprint.fields:
            if our_field.govern is None and our_field.govern_label:
                ids = self._by_label.get(loose(our_field.govern_label), [])
                ids_by_path += [(our_field.path, ids[0])] if len(ids) == 1 else []
        return _with_ids(blueprint, tuple(ids_by_path)) if ids_by_path else blueprint

    @cached_property
    def _by_label(self) -> dict[str, list[str]]:
        ids: dict[str, list[str]] = {}
        for name, definition in self.fields.items():
            if definition.label:
                ids.setdefault(loose(definition.label), []).append(name)
        return ids


@lru_cache(maxsize=64)
def _with_ids(blueprint: Blueprint, ids: tuple[tuple[str, str], ...]) -> Blueprint:
    by_path = dict(ids)
    fields = (
        replace(our_field, govern=by_path.get(our_field.path, our_field.govern)) for our_field in blueprint.fields
    )
    return replace(blueprint, fields=tuple(fields))


def template_from(blueprint_version: Mapping[str, Any], blueprint_id: str, version_id: str) -> Template:
    """Read a template from a blueprint version's definition. Never raises: what is not readable is left out.

    Args:
        blueprint_version: the definition: `workflowDefinition.stepDefinitions`, `fieldDefinitions` (bp).
        blueprint_id, version_id: the ids it was asked for by.
    """
    workflow = mapping(blueprint_version.get("workflowDefinition"))
    step_definitions = [mapping(definition) for definition in items_of(workflow.get("stepDefinitions"))]
    names = {id_: text_at(step, "name") for step in step_definitions if (id_ := text_at(step, "id")) is not None}
    steps = tuple(Step(id_, name or id_) for id_, name in names.items())
    definitions = mapping(blueprint_version.get("fieldDefinitions"))
    fields = {name: _definition(mapping(definition)) for name, definition in definitions.items()}
    return Template(blueprint_id, version_id, steps, fields)


def _definition(raw: Mapping[str, Any]) -> FieldDefinition:
    kind, categories = text_at(raw, "fieldType"), raw.get("categories")
    return FieldDefinition(
        type=kind,
        is_list=raw.get("listConfig") is not None,
        categories=texts(categories) if kind == "CATEGORY" and isinstance(categories, list) else None,
        is_computed=raw.get("sourceType") == "COMPUTE",
        blueprints=texts(raw.get("allowedBlueprints")),
        label=text_at(raw, "label"),
    )
