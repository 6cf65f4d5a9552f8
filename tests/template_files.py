"""Templates as files, settings that choose them, and the plugin built for them."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from pydantic import TypeAdapter

from govern_mirror.model.blueprint import Blueprint, Field, Kind, Role
from govern_mirror_devkit.packaging.build import build
from govern_mirror_devkit.source import library, plugin_root


def write_template(blueprint: Blueprint, path: Path) -> Path:
    """Write a template as the JSON file that a company has of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(TypeAdapter(Blueprint).dump_json(blueprint, indent=2))
    return path


def settings_file(blueprint: Blueprint, folder: Path) -> Path:
    """Write settings that choose a template, and the template beside them."""
    write_template(blueprint, folder / "template.json")
    settings = folder / "settings.json"
    settings.write_text(json.dumps({"template": "template.json"}), encoding="utf-8")
    return settings


def built_plugin(blueprint: Blueprint, folder: Path) -> Path:
    """Build the plugin for a template, and unpack it as DSS does."""
    template = write_template(blueprint, folder / "company.json")
    with zipfile.ZipFile(build(plugin_root(), library(), folder / "dist", None, template)) as archive:
        archive.extractall(folder / "plugin")
    return folder / "plugin"


TYPED = {
    Kind.DATE: "2026-03-01",
    Kind.LINE: "Some words",
    Kind.TEXT: "A longer *text*.",
    Kind.NUMBER: "12.5",
    Kind.FLAG: "yes",
    Kind.DOCUMENTS: "The plan=https://x.example/plan",
    Kind.REFERENCE: "CHURN",
    Kind.PEOPLE: "Ada Lovelace, Ben",
}
"""What a person types for a field of each kind but categories."""


def typed(field: Field) -> str:
    """Return what a person types for a field."""
    if field.role is Role.TARGET_END:
        return "2026-12-31"
    if field.several:
        return ", ".join(field.choices[:2])
    return field.choices[-1] if field.choices else TYPED[field.kind]
