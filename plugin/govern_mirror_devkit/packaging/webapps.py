"""The rules for webapps: what their descriptors and files must be (published plugins; docs, webapps; hl)."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .components import Problems, choices_setup, components, meta, parsed, unreadable
from .params import check_params

BASE_TYPES = ("STANDARD", "BOKEH", "DASH")
LIBRARIES = ("jquery", "dataiku", "d3", "bootstrap", "font_awesome")
KEYS = frozenset(
    {"meta", "baseType", "hasBackend", "noJSSecurity", "standardWebAppLibraries", "enableJavascriptModules"}
    | {"params", "paramsPythonSetup", "roles", "hideWebAppConfig", "useContextualCodeEnv"}
)
"""The keys that published webapps have."""

FILES = ("body.html", "app.js", "style.css")
"""What a STANDARD webapp has besides its backend."""

_TEXTS = ("hasBackend", "noJSSecurity", "enableJavascriptModules")
_ELSEWHERE = re.compile(
    r"""(?:(?:src|href)\s*=\s*|url\(\s*|@import\s+|\bfrom\s+|\bimport\s*\(?\s*|fetch\(\s*)["']?(?:https?:)?//""",
    re.IGNORECASE,
)
"""A file that is loaded from another site."""


def check_webapps(root: Path) -> Problems:
    """Yield what is wrong with the webapps of a plugin."""
    yield from unreadable(root, "webapps", "webapp.json")
    for folder, file, descriptor in components(root, "webapps", "webapp.json"):
        yield from meta(file, descriptor)
        yield from _descriptor(file, descriptor)
        yield from ((file, message) for message in check_params(descriptor.get("params") or []))
        yield from choices_setup(root, file, descriptor)
        if descriptor.get("hasBackend") == "true":
            yield from _backend(root, folder / "backend.py")
        if descriptor.get("baseType") == "STANDARD":
            yield from _page(root, folder, descriptor)


def _descriptor(file: str, descriptor: Mapping[str, Any]) -> Problems:
    for key in sorted(descriptor.keys() - KEYS):
        yield file, f"{key} is no key that DSS knows"
    if descriptor.get("baseType") not in BASE_TYPES:
        yield file, f"baseType must be one of {', '.join(BASE_TYPES)}"
    for key in _TEXTS:
        if descriptor.get(key, "true") not in ("true", "false"):
            yield file, f'{key} must be the text "true" or "false"'
    libraries = descriptor.get("standardWebAppLibraries") or []
    if not isinstance(libraries, list) or not all(library in LIBRARIES for library in libraries):
        yield file, f"standardWebAppLibraries must be a list of {', '.join(LIBRARIES)}"
    if not isinstance(descriptor.get("roles"), list):
        yield file, "roles must be a list; an empty one for a webapp that is attached to nothing"


def _backend(root: Path, path: Path) -> Problems:
    file = path.relative_to(root).as_posix()
    tree = parsed(path)
    if isinstance(tree, str):
        yield file, tree
        return
    makes_app = any(
        (isinstance(node, ast.Name) and node.id == "app" and isinstance(node.ctx, ast.Store))
        or (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Flask")
        for node in ast.walk(tree)
    )
    if makes_app:
        yield file, "use the app that DSS puts there: with another one DSS cannot see that the backend is alive"


def _page(root: Path, folder: Path, descriptor: Mapping[str, Any]) -> Problems:
    for name in FILES:
        file = (folder / name).relative_to(root).as_posix()
        try:
            text = (folder / name).read_text(encoding="utf-8")
        except OSError as error:
            yield file, f"cannot be read: {error.strerror}"
            continue
        except ValueError as error:
            yield file, f"is not UTF-8: {error}"
            continue
        if _ELSEWHERE.search(text):
            yield file, "loads something from another site, which the policy of many instances forbids: ship it"
        uses = name == "app.js" and re.search(r"\bgetWebAppBackendUrl\b|\bdataiku\.", text)
        if uses and "dataiku" not in (descriptor.get("standardWebAppLibraries") or []):
            yield file, "uses what the library dataiku gives: name it in standardWebAppLibraries"
