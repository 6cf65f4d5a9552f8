"""The components of a plugin: their descriptors read with care, and what every kind of them needs."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

COMPONENT_ID = re.compile(r"^[A-Za-z0-9_-]+$")

Problems = Iterator[tuple[str, str]]
"""What is wrong: the file, and what to do."""


def choices_setup(root: Path, file: str, descriptor: Mapping[str, Any]) -> Problems:
    """Yield what breaks the rules for choices that Python computes (docs, params): a file in `resource` with `do`."""
    if not any(param.get("getChoicesFromPython") for param in descriptor.get("params") or []):
        return
    name = descriptor.get("paramsPythonSetup")
    if not isinstance(name, str) or not (root / "resource" / name).is_file():
        yield file, "paramsPythonSetup must name a file in resource: choices come from Python"
        return
    tree = parsed(root / "resource" / name)
    if isinstance(tree, str):
        yield f"resource/{name}", tree
    elif not any(isinstance(node, ast.FunctionDef) and node.name == "do" for node in tree.body):
        yield f"resource/{name}", "must define do(payload, config, plugin_config, inputs)"


def components(root: Path, kind: str, name: str) -> Iterator[tuple[Path, str, dict[str, Any]]]:
    """Yield the components of a kind whose descriptor can be read; `_unreadable` names the others."""
    for folder in _folders(root, kind):
        descriptor = read(folder / name)
        if not isinstance(descriptor, str):
            yield folder, (folder / name).relative_to(root).as_posix(), descriptor


def unreadable(root: Path, kind: str, name: str) -> Problems:
    """Yield what keeps DSS from reading the components of a kind: their descriptor, or the name of their folder."""
    for folder in _folders(root, kind):
        descriptor, file = read(folder / name), (folder / name).relative_to(root).as_posix()
        if isinstance(descriptor, str):
            yield file, descriptor
        if not COMPONENT_ID.match(folder.name):
            yield file, "the folder's name is the component's id: letters, digits, _ and -"


def _folders(root: Path, kind: str) -> list[Path]:
    folders = [path for path in sorted((root / kind).glob("*")) if path.is_dir()]
    return [folder for folder in folders if not folder.name.startswith((".", "__"))]


def meta(file: str, descriptor: Mapping[str, Any]) -> Problems:
    """Yield the texts for users that a descriptor lacks."""
    meta = descriptor.get("meta")
    for key in ("label", "description"):
        if not isinstance(meta, Mapping) or not meta.get(key):
            yield file, f"meta.{key} is missing: it is what users read"


def read(path: Path) -> dict[str, Any] | str:
    """Return a JSON object, or what is wrong with the file."""
    try:
        descriptor = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    except ValueError as error:
        return f"is not JSON: {error}"
    return _misshapen(descriptor) or descriptor if isinstance(descriptor, dict) else "must hold a JSON object"


_LISTS = frozenset(
    {
        *("params", "pluginParams", "subParams", "selectChoices"),
        *("macroRoles", "inputRoles", "outputRoles", "customFields", "roles"),
    }
)


def _misshapen(descriptor: Mapping[str, Any]) -> str | None:
    """Return what is not of the shape that the rules rely on: lists of objects, objects, texts."""
    for key, value in descriptor.items():
        inner = []
        if value is not None and key in _LISTS:
            if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
                return f"{key} must be a list of objects"
            inner = value
        elif key in ("field", "applyToObjects"):
            if not isinstance(value, dict):
                return f"{key} must be an object"
            inner = [value]
        elif key == "visibilityCondition" and not isinstance(value, str):
            return f"{key} must be a text"
        for problem in filter(None, map(_misshapen, inner)):
            return problem
    return None


def parsed(path: Path) -> ast.Module | str:
    """Return a file of Python code, or what is wrong with it."""
    try:
        return ast.parse(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    except (SyntaxError, ValueError) as error:  # ValueError: not UTF-8, or null bytes
        return f"is not valid Python: {error}"
