"""A project's wiki: articles in a taxonomy, with attachments (client)."""

from __future__ import annotations

import secrets
from typing import Any

from .auth import Caller
from .errors import BadRequest, NotFound
from .projects import Projects
from .store import Store

_WIKI, _ARTICLE, _UPLOAD = "wiki", "wiki_article", "wiki_upload"


class Wiki:
    """The wikis of all projects."""

    def __init__(self, store: Store, projects: Projects) -> None:
        self._store = store
        self._projects = projects

    def settings(self, caller: Caller, project_key: str) -> dict[str, Any]:
        """Return the taxonomy and the home article."""
        self._projects.require_read(caller, project_key)
        settings: dict[str, Any] | None = self._store.get(_WIKI, f"{project_key}/")
        return settings or {"projectKey": project_key, "taxonomy": [], "homeArticleId": ""}

    def set_settings(self, caller: Caller, project_key: str, settings: dict[str, Any]) -> dict[str, Any]:
        """Replace the taxonomy and the home article."""
        self._projects.require_write(caller, project_key)
        self._store.put(_WIKI, f"{project_key}/", settings)
        return settings

    def create(self, caller: Caller, project_key: str, name: str, parent: str | None) -> dict[str, Any]:
        """Create an empty article, at the root or below another one.

        Raises:
            BadRequest: an article of that name is there, or the name is blank.
        """
        self._projects.require_write(caller, project_key)
        if not name or any(article["article"]["name"] == name for article in self._articles(project_key)):
            raise BadRequest(f"An article needs a name that is not taken: {name!r}")
        identifier = secrets.token_hex(4)
        article = {
            # without attachments there is no list of them (dataiku-mcp)
            "article": {"projectKey": project_key, "id": identifier, "name": name},
            "payload": "",
        }
        with self._store.locked():
            settings = self.settings(caller, project_key)
            branch = _branch(settings["taxonomy"], parent) if parent else settings["taxonomy"]
            if branch is None:
                raise NotFound(f"Article {parent} not found")
            branch.append({"id": identifier, "children": []})
            self._store.put(_WIKI, f"{project_key}/", settings)
            self._store.put(_ARTICLE, f"{project_key}/{identifier}", article)
            self._projects.touched(caller, project_key, "ARTICLE_CREATE")
        return article

    def article(self, caller: Caller, project_key: str, id_or_name: str) -> dict[str, Any]:
        """Return an article by id, or by name (client: reads accept both).

        Raises:
            NotFound: there is no such article.
        """
        self._projects.require_read(caller, project_key)
        for article in self._articles(project_key):
            if id_or_name in (article["article"]["id"], article["article"]["name"]):
                return article
        raise NotFound(f"Article {id_or_name} not found in project {project_key}")

    def save(self, caller: Caller, project_key: str, identifier: str, article: dict[str, Any]) -> dict[str, Any]:
        """Replace an article's name and payload."""
        self._projects.require_write(caller, project_key)
        stored = self.article(caller, project_key, identifier)
        stored["article"]["name"] = article["article"]["name"]
        stored["payload"] = article.get("payload") or ""
        self._store.put(_ARTICLE, f"{project_key}/{stored['article']['id']}", stored)
        self._projects.touched(caller, project_key, "ARTICLE_EDIT")
        return stored

    def delete(self, caller: Caller, project_key: str, identifier: str) -> None:
        """Remove an article; its children move to the root."""
        self._projects.require_write(caller, project_key)
        article_id = self.article(caller, project_key, identifier)["article"]["id"]
        with self._store.locked():
            settings = self.settings(caller, project_key)
            settings["taxonomy"] = _without(settings["taxonomy"], article_id)
            self._store.put(_WIKI, f"{project_key}/", settings)
            self._store.delete(_ARTICLE, f"{project_key}/{article_id}")
            self._projects.touched(caller, project_key, "ARTICLE_DELETE")

    def upload(self, caller: Caller, project_key: str, identifier: str, name: str, content: bytes) -> None:
        """Attach a file to an article; its id is found by reading the article again (client)."""
        self._projects.require_write(caller, project_key)
        article = self.article(caller, project_key, identifier)
        upload = secrets.token_hex(6)
        details = {"objectDisplayName": name, "size": len(content)}
        article["article"].setdefault("attachments", []).append(
            {"smartId": upload, "attachmentType": "FILE", "details": details}
        )
        self._store.put_blob(_UPLOAD, f"{project_key}/{upload}", content)
        self._store.put(_ARTICLE, f"{project_key}/{article['article']['id']}", article)
        self._projects.touched(caller, project_key, "ARTICLE_EDIT")

    def uploaded(self, caller: Caller, project_key: str, upload: str) -> bytes:
        """Return the content of an attachment."""
        self._projects.require_read(caller, project_key)
        content = self._store.blob(_UPLOAD, f"{project_key}/{upload}")
        if content is None:
            raise NotFound(f"Attachment {upload} not found")
        return content

    def _articles(self, project_key: str) -> list[dict[str, Any]]:
        return [article for _, article in self._store.items(_ARTICLE, f"{project_key}/")]


def _branch(taxonomy: list[dict[str, Any]], identifier: str) -> list[dict[str, Any]] | None:
    for node in taxonomy:
        if node["id"] == identifier:
            children: list[dict[str, Any]] = node["children"]
            return children
        branch = _branch(node["children"], identifier)
        if branch is not None:
            return branch
    return None


def _without(taxonomy: list[dict[str, Any]], identifier: str) -> list[dict[str, Any]]:
    others: list[dict[str, Any]] = []
    orphans: list[dict[str, Any]] = []
    for node in taxonomy:
        if node["id"] == identifier:
            orphans += node["children"]
        else:
            others.append({**node, "children": _without(node["children"], identifier)})
    return others + orphans
