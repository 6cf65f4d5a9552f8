"""Projects in a sandbox, as people and DSS set them up there, past the API."""

from __future__ import annotations

import json
from typing import Any

from govern_mirror_devkit.sandbox.app import Sandbox

DENIED = "com.dataiku.dip.exceptions.UnauthorizedException"


def create_project(sandbox: Sandbox, key: str, **metadata: Any) -> dict[str, Any]:
    """Create a project, or give one its metadata anew, and return the metadata; its name is its key."""
    if not sandbox.projects.exists(key):
        sandbox.create_project(key)
    fresh = {"label": key, "tags": [], "checklists": {"checklists": []}, "customFields": {}}
    sandbox.projects.set_metadata(sandbox.admin, key, {**fresh, **metadata})
    return sandbox.metadata(key)


def custom_fields(sandbox: Sandbox, key: str) -> dict[str, Any]:
    """Return a project's custom fields."""
    fields: dict[str, Any] = sandbox.metadata(key)["customFields"]
    return fields


def edit_fields(sandbox: Sandbox, key: str, login: str = "admin", **fields: Any) -> None:
    """Edit custom fields as people do in DSS's form; None takes a field away."""

    def change(metadata: dict[str, Any]) -> None:
        kept = {**metadata["customFields"], **fields}
        metadata["customFields"] = {name: value for name, value in kept.items() if value is not None}

    sandbox.edit_metadata(key, change, login)


def wiki_articles(sandbox: Sandbox, key: str) -> dict[str, str]:
    """Return the texts of a wiki's articles by their names."""
    wiki, texts = sandbox.wiki, {}
    nodes = list(wiki.settings(sandbox.admin, key)["taxonomy"])
    while nodes:
        node = nodes.pop()
        article = wiki.article(sandbox.admin, key, node["id"])
        texts[article["article"]["name"]] = article["payload"]
        nodes += node["children"]
    return texts


def edit_article(sandbox: Sandbox, key: str, name: str, text: str) -> None:
    """Write an article of a wiki anew."""
    sandbox.wiki.save(sandbox.admin, key, name, {"article": {"name": name}, "payload": text})


def error_fault(requests: str, status: int, message: str, kind: str = DENIED) -> str:
    """Return the fault by which requests (`METHOD PATH`) get an error of DSS with this message."""
    return f"{requests}:json-{status}={json.dumps({'errorType': kind, 'message': message})}"
