"""Project folders: a tree whose root is `ROOT` (client, dna)."""

from __future__ import annotations

import secrets
from typing import Any

from .auth import Caller
from .errors import BadRequest, NotFound
from .projects import Projects
from .store import Store

_FOLDER, _PLACE = "project_folder", "project_place"
ROOT = "ROOT"


class ProjectFolders:
    """The instance's project folders, and which project is in which."""

    def __init__(self, store: Store, projects: Projects) -> None:
        self._store = store
        self._projects = projects

    def folder(self, caller: Caller, identifier: str) -> dict[str, Any]:
        """Return a folder with its children and the keys of the projects in it that the caller can see."""
        folders = dict(self._store.items(_FOLDER))
        if identifier != ROOT and identifier not in folders:
            raise NotFound(f"Project folder {identifier} not found")
        project_keys = [key for key in self._projects.all_keys() if self._place(key) == identifier]
        document: dict[str, Any] = {
            "id": identifier,
            "childrenIds": [child for child, folder in folders.items() if folder["parentId"] == identifier],
            "projectKeys": [key for key in project_keys if self._projects.rights(caller, key).read],
        }
        if identifier != ROOT:
            document |= {"name": folders[identifier]["name"], "parentId": folders[identifier]["parentId"]}
        return document

    def create(self, caller: Caller, parent: str, name: str) -> dict[str, Any]:
        """Create a folder below another one."""
        self.folder(caller, parent)
        if not name:
            raise BadRequest("A project folder needs a name")
        identifier = secrets.token_hex(4)
        self._store.put(_FOLDER, identifier, {"name": name, "parentId": parent})
        return self.folder(caller, identifier)

    def delete(self, caller: Caller, identifier: str) -> None:
        """Remove an empty folder."""
        folder = self.folder(caller, identifier)
        if folder["childrenIds"] or folder["projectKeys"]:
            raise BadRequest("The project folder is not empty")
        self._store.delete(_FOLDER, identifier)

    def locate(self, caller: Caller, project_key: str) -> dict[str, Any]:
        """Return the folder a project is in."""
        self._projects.require_read(caller, project_key)
        return self.folder(caller, self._place(project_key))

    def place(self, caller: Caller, project_key: str, identifier: str) -> None:
        """Put a project into a folder."""
        self.folder(caller, identifier)
        self._projects.require_write(caller, project_key)
        self._store.put(_PLACE, f"{project_key}/", identifier)

    def move(self, caller: Caller, identifier: str, destination: str) -> None:
        """Put a folder below another one."""
        self.folder(caller, destination)
        folder = self._store.get(_FOLDER, identifier)
        if folder is None:
            raise NotFound(f"Project folder {identifier} not found")
        self._store.put(_FOLDER, identifier, {**folder, "parentId": destination})

    def _place(self, project_key: str) -> str:
        return str(self._store.get(_PLACE, f"{project_key}/") or ROOT)
