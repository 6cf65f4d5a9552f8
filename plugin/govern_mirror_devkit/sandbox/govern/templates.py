"""Blueprints and their versions: Govern's documents, built from short descriptions kept as data.

The standard templates are in `standard_templates.json`. Step ids, field ids, categories and the shape of the
documents are those of Govern's own template (bp); where the public excerpt lacks a field, its type follows its name
(platform facts, hl).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

GOVERN_PROJECT = "bp.system.govern_project"
DATAIKU_PROJECT = "bp.system.dataiku_project"
BUSINESS_INITIATIVE = "bp.system.business_initiative"
DEFAULT_VERSION = "bv.system.default"

_STANDARD = Path(__file__).with_name("standard_templates.json")


class FieldType(Enum):
    """The types that fields can have, as Govern writes them (bp); it has TIME_SERIES and JSON too (hl)."""

    TEXT = "TEXT"
    NUMBER = "NUMBER"
    BOOLEAN = "BOOLEAN"
    DATE = "DATE"
    CATEGORY = "CATEGORY"
    REFERENCE = "REFERENCE"
    UPLOADED_FILE = "UPLOADED_FILE"


class VersionStatus(Enum):
    """The status of a blueprint version; new artifacts can be made of active ones only (client, hl)."""

    DRAFT = "DRAFT"
    ACTIVE = "ACTIVE"
    ARCHIVED = "ARCHIVED"


@dataclass(frozen=True)
class TemplateField:
    """One field of a blueprint version; `is_list` says that its value is a JSON array."""

    id: str
    type: FieldType
    label: str = ""
    is_list: bool = False
    categories: tuple[str, ...] = ()
    blueprints: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """Return the field as an entry of `fieldDefinitions` (bp)."""
        entry: dict[str, Any] = {
            "label": self.label,
            "description": "",
            "fieldType": self.type.value,
            "sourceType": "STORE",
            "required": False,
        }
        if self.type is FieldType.CATEGORY:
            entry["categories"] = list(self.categories)
        if self.type is FieldType.REFERENCE:
            entry["allowedBlueprints"] = list(self.blueprints)
        if self.is_list:
            entry["listConfig"] = {"cardinalityMin": 0}
        return entry


@dataclass(frozen=True)
class TemplateStep:
    """One step of a workflow and the ids of the fields its view shows, in order."""

    id: str
    name: str
    view: tuple[str, ...] = ()


@dataclass(frozen=True)
class Template:
    """A blueprint version: what `GET /blueprint/{blueprint}/version/{version}` describes.

    `signoffs` are the configurations of its sign-offs, by step.
    """

    blueprint_id: str
    version_id: str
    name: str
    steps: tuple[TemplateStep, ...] = ()
    fields: Mapping[str, TemplateField] = field(default_factory=dict)
    overview: tuple[str, ...] = ()
    parent_field: str | None = None
    hooks: tuple[str, ...] = ()
    origin_version_id: str | None = None
    status: VersionStatus = VersionStatus.ACTIVE
    signoffs: Mapping[str, dict[str, Any]] = field(default_factory=dict)

    def step_ids(self) -> list[str]:
        """Return the workflow's step ids in order; empty when the blueprint has no workflow."""
        return [step.id for step in self.steps]

    def blueprint_document(self) -> dict[str, Any]:
        """Return the blueprint as `GET /blueprint/{id}` wraps it."""
        return {"id": self.blueprint_id, "name": self.name, "icon": "", "color": ""}

    def version_reference(self) -> dict[str, Any]:
        """Return what lists and searches show of the blueprint version: its id and name (hl)."""
        return {"id": {"blueprintId": self.blueprint_id, "versionId": self.version_id}, "name": self._version_name()}

    def _version_name(self) -> str:
        return "Default" if self.version_id == DEFAULT_VERSION else self.version_id.removeprefix("bv.")

    def version_document(self) -> dict[str, Any]:
        """Return the blueprint version's definition (bp)."""
        views = {step.id: _view(f"{step.name} info", step.view, self.fields) for step in self.steps}
        views["main"] = _view("Overview", self.overview, self.fields)
        document: dict[str, Any] = {
            **self.version_reference(),
            "fieldDefinitions": {definition.id: definition.document() for definition in self.fields.values()},
            "workflowDefinition": {
                "stepDefinitions": [
                    {"id": step.id, "name": step.name, "displaySignoffAfterView": False} for step in self.steps
                ]
            },
            "logicalHookList": [{"name": hook, "phases": ["CREATE", "UPDATE"]} for hook in self.hooks],
            "uiDefinition": {
                "views": views,
                "uiStepDefinitions": {step.id: {"viewId": step.id} for step in self.steps},
                "artifactPageViewId": "main",
            },
        }
        if self.parent_field is not None:
            document["hierarchicalParentFieldId"] = self.parent_field
        return document

    def trace_document(self) -> dict[str, Any]:
        """Return the blueprint version's trace: its status and the version it was forked from (client)."""
        return {
            "blueprintVersionId": {"blueprintId": self.blueprint_id, "versionId": self.version_id},
            "status": self.status.value,
            "originVersionId": self.origin_version_id,
        }

    def description(self) -> dict[str, Any]:
        """Return the template in the short form of `standard_templates.json`."""
        return {
            "name": self.name,
            "parent": self.parent_field,
            "hooks": list(self.hooks),
            "origin": self.origin_version_id,
            "status": self.status.value,
            "signoffs": dict(self.signoffs),
            "steps": [{"id": s.id, "name": s.name, "view": list(s.view)} for s in self.steps],
            "overview": list(self.overview),
            "fields": {
                definition.id: {
                    "label": definition.label,
                    "type": definition.type.value,
                    "list": definition.is_list,
                    "categories": list(definition.categories),
                    "blueprints": list(definition.blueprints),
                }
                for definition in self.fields.values()
            },
        }


_COMPONENTS = {
    FieldType.TEXT: "text-field",
    FieldType.NUMBER: "number-field",
    FieldType.BOOLEAN: "boolean-field",
    FieldType.DATE: "date-field",
    FieldType.CATEGORY: "category-field",
    FieldType.REFERENCE: "reference-field",
    FieldType.UPLOADED_FILE: "uploaded-file-field",
}


def _view(label: str, field_ids: Iterable[str], fields: Mapping[str, TemplateField]) -> dict[str, Any]:
    """Return a view whose component is a container of the given fields, in order (bp)."""
    components = [
        {
            "type": _COMPONENTS[fields[field_id].type],
            "fieldId": field_id,
            "label": fields[field_id].label,
            "description": "",
            "documentation": "",
        }
        for field_id in field_ids
    ]
    return {
        "label": label,
        "description": "",
        "viewComponent": {
            "type": "container",
            "layout": {"type": "sequential", "viewComponents": components},
            "label": "",
            "description": "",
            "documentation": "",
        },
    }


def template_from(blueprint_id: str, version_id: str, description: Mapping[str, Any]) -> Template:
    """Return the template that a short description (as in `standard_templates.json`) stands for."""
    return Template(
        blueprint_id=blueprint_id,
        version_id=version_id,
        name=description["name"],
        steps=tuple(TemplateStep(step["id"], step["name"], tuple(step["view"])) for step in description["steps"]),
        fields={
            field_id: TemplateField(
                id=field_id,
                type=FieldType(entry["type"]),
                label=entry.get("label", ""),
                is_list=entry.get("list", False),
                categories=tuple(entry.get("categories", ())),
                blueprints=tuple(entry.get("blueprints", ())),
            )
            for field_id, entry in description["fields"].items()
        },
        overview=tuple(description["overview"]),
        parent_field=description.get("parent"),
        hooks=tuple(description.get("hooks", ())),
        origin_version_id=description.get("origin"),
        status=VersionStatus(description.get("status", "ACTIVE")),
        signoffs=description.get("signoffs", {}),
    )


def standard_templates() -> list[Template]:
    """Return Govern's own templates: of projects, bundles, models and their versions, and of business initiatives."""
    descriptions: dict[str, Any] = json.loads(_STANDARD.read_text(encoding="utf-8"))
    return [template_from(key, DEFAULT_VERSION, entry) for key, entry in descriptions.items()]
