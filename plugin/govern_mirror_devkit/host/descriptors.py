"""The plugin's descriptors as DSS reads them (docs, plugin reference; hl for the component types)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def plugin_descriptor(root: Path) -> dict[str, Any]:
    """Return `plugin.json` of a plugin's root folder."""
    return _object(root / "plugin.json")


def macros(root: Path) -> list[dict[str, Any]]:
    """Return the macros' descriptors; `id` and `runnableType` (`pyrunnable_<plugin>_<id>`) are added."""
    plugin = plugin_descriptor(root)["id"]
    return [
        {**_object(path), "id": path.parent.name, "runnableType": f"pyrunnable_{plugin}_{path.parent.name}"}
        for path in sorted(root.glob("python-runnables/*/runnable.json"))
    ]


def recipes(root: Path) -> list[dict[str, Any]]:
    """Return the recipes' descriptors; `id` and `type` (`CustomCode_<id>`) are added."""
    return [
        {**_object(path), "id": path.parent.name, "type": f"CustomCode_{path.parent.name}"}
        for path in sorted(root.glob("custom-recipes/*/recipe.json"))
    ]


def webapps(root: Path) -> list[dict[str, Any]]:
    """Return the webapps' descriptors; `id` and `type` (`webapp_<plugin>_<id>`) are added (dss-visual-edit)."""
    plugin = plugin_descriptor(root)["id"]
    return [
        {**_object(path), "id": path.parent.name, "type": f"webapp_{plugin}_{path.parent.name}"}
        for path in sorted(root.glob("webapps/*/webapp.json"))
    ]


def checks(root: Path) -> list[dict[str, Any]]:
    """Return the Project Standards check specs' descriptors; `id` and `elementType` are added.

    DSS names a spec by plugin and component (client, `DSSProjectStandardsCheckSpecInfo`), as
    `project_standards_check_spec_<plugin>_<id>`.
    """
    plugin = plugin_descriptor(root)["id"]
    return [
        {
            **_object(path),
            "id": path.parent.name,
            "elementType": f"project_standards_check_spec_{plugin}_{path.parent.name}",
        }
        for path in sorted(root.glob("python-project-standards-check-specs/*/project_standards_check_spec.json"))
    ]


def _object(path: Path) -> dict[str, Any]:
    descriptor = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(descriptor, dict):
        raise ValueError(f"{path} must hold a JSON object")
    return descriptor
