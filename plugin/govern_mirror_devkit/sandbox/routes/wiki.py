"""The wiki."""

from __future__ import annotations

from typing import Any

from ..errors import BadRequest
from ..web import Reply, Route
from .call import DssCall


def settings(call: DssCall, project_key: str) -> dict[str, Any]:
    """Return the taxonomy and the home article."""
    return call.instance.wiki.settings(call.caller, project_key)


def set_settings(call: DssCall, project_key: str) -> dict[str, Any]:
    """Replace the taxonomy and the home article."""
    return call.instance.wiki.set_settings(call.caller, project_key, call.object())


def create(call: DssCall, project_key: str) -> dict[str, Any]:
    """Create an empty article."""
    body = call.object()
    return call.instance.wiki.create(call.caller, project_key, body.get("name") or "", body.get("parent"))


def article(call: DssCall, project_key: str, article_id: str) -> dict[str, Any]:
    """Return an article, by id or name."""
    return call.instance.wiki.article(call.caller, project_key, article_id)


def save(call: DssCall, project_key: str, article_id: str) -> dict[str, Any]:
    """Replace an article's name and text."""
    return call.instance.wiki.save(call.caller, project_key, article_id, call.object())


def delete(call: DssCall, project_key: str, article_id: str) -> None:
    """Delete an article."""
    call.instance.wiki.delete(call.caller, project_key, article_id)


def upload(call: DssCall, project_key: str, article_id: str) -> dict[str, Any]:
    """Attach a file to an article; the answer holds no id (client)."""
    file = call.http.files.get("file")
    if file is None:
        raise BadRequest("The request holds no file")
    call.instance.wiki.upload(call.caller, project_key, article_id, file.filename or "file", file.read())
    return {}


def download(call: DssCall, project_key: str, article_id: str, upload_id: str) -> Reply:
    """Return an attachment's content."""
    call.instance.wiki.article(call.caller, project_key, article_id)
    return Reply(call.instance.wiki.uploaded(call.caller, project_key, upload_id), "application/octet-stream")


ROUTES: list[Route] = [
    ("GET", "/projects/<project_key>/wiki", settings),
    ("PUT", "/projects/<project_key>/wiki", set_settings),
    ("POST", "/projects/<project_key>/wiki", create),
    ("GET", "/projects/<project_key>/wiki/<article_id>", article),
    ("PUT", "/projects/<project_key>/wiki/<article_id>", save),
    ("DELETE", "/projects/<project_key>/wiki/<article_id>", delete),
    ("POST", "/projects/<project_key>/wiki/<article_id>/upload", upload),
    ("GET", "/projects/<project_key>/wiki/<article_id>/uploads/<upload_id>", download),
]
