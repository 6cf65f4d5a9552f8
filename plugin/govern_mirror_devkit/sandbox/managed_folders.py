"""Managed folders: files by path (client)."""

from __future__ import annotations

import secrets
from typing import Any

from .auth import Caller
from .clock import Clock
from .errors import NotFound
from .projects import Projects
from .store import Store

_FOLDER, _FILE = "managed_folder", "managed_file"


class ManagedFolders:
    """The managed folders of all projects."""

    def __init__(self, store: Store, projects: Projects, clock: Clock) -> None:
        self._store = store
        self._projects = projects
        self._clock = clock

    def create(self, caller: Caller, project_key: str, definition: dict[str, Any]) -> dict[str, Any]:
        """Create a managed folder; its id is made here."""
        self._projects.require_write(caller, project_key)
        identifier = secrets.token_hex(4)
        folder = {**definition, "id": identifier, "projectKey": project_key}
        self._store.put(_FOLDER, f"{project_key}/{identifier}", folder)
        return folder

    def listed(self, caller: Caller, project_key: str) -> list[dict[str, Any]]:
        """Return the project's managed folders."""
        self._projects.require_read(caller, project_key)
        return [folder for _, folder in self._store.items(_FOLDER, f"{project_key}/")]

    def folder(self, caller: Caller, project_key: str, identifier: str) -> dict[str, Any]:
        """Return one folder's definition; raises NotFound."""
        self._projects.require_read(caller, project_key)
        folder: dict[str, Any] | None = self._store.get(_FOLDER, f"{project_key}/{identifier}")
        if folder is None:
            raise NotFound(f"Managed folder {project_key}.{identifier} not found")
        return folder

    def delete(self, caller: Caller, project_key: str, identifier: str) -> None:
        """Remove a folder with its files."""
        self._projects.require_write(caller, project_key)
        self.folder(caller, project_key, identifier)
        self._store.delete(_FOLDER, f"{project_key}/{identifier}")
        self._store.delete_below(f"{project_key}/{identifier}/")

    def contents(self, caller: Caller, project_key: str, identifier: str) -> dict[str, Any]:
        """Return the folder's files: path, size in bytes, time of the last change in epoch milliseconds."""
        self.folder(caller, project_key, identifier)
        prefix = f"{project_key}/{identifier}"
        return {
            "items": [
                {"path": key.removeprefix(prefix), "size": size, "lastModified": self._store.get(_FILE, key) or 0}
                for key, size in self._store.blobs(_FILE, f"{prefix}/")
            ]
        }

    def put(self, caller: Caller, project_key: str, identifier: str, path: str, content: bytes) -> dict[str, Any]:
        """Write a file, in place of the one at its path."""
        self._projects.require_write(caller, project_key)
        self.folder(caller, project_key, identifier)
        key = f"{project_key}/{identifier}/{path.lstrip('/')}"
        now = self._clock.milliseconds()
        self._store.put_blob(_FILE, key, content)
        self._store.put(_FILE, key, now)
        return {"path": f"/{path.lstrip('/')}", "size": len(content), "lastModified": now}

    def get(self, caller: Caller, project_key: str, identifier: str, path: str) -> bytes:
        """Return a file's content; raises NotFound."""
        self.folder(caller, project_key, identifier)
        content = self._store.blob(_FILE, f"{project_key}/{identifier}/{path.lstrip('/')}")
        if content is None:
            raise NotFound(f"No file {path} in managed folder {project_key}.{identifier}")
        return content

    def remove(self, caller: Caller, project_key: str, identifier: str, path: str) -> None:
        """Remove a file; nothing happens when there is none."""
        self._projects.require_write(caller, project_key)
        self.folder(caller, project_key, identifier)
        self._store.delete_blob(_FILE, f"{project_key}/{identifier}/{path.lstrip('/')}")
