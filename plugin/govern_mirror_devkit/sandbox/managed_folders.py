"""Managed folders: files by path (client).

Nothing protects a file: whoever may write the project's content overwrites and deletes it, in silence; there is no
conditional write, no lock and no version (client).
"""

from __future__ import annotations

import secrets
import string
from typing import Any

from .auth import Caller
from .clock import Clock
from .connections import FILESYSTEM_FOLDERS, Connections
from .errors import BadRequest, NotFound
from .projects import Projects
from .store import Store

_FOLDER, _FILE = "managed_folder", "managed_file"
_ID_CHARACTERS = string.ascii_letters + string.digits


class ManagedFolders:
    """The managed folders of all projects."""

    def __init__(self, store: Store, projects: Projects, connections: Connections, clock: Clock) -> None:
        self._store = store
        self._projects = projects
        self._connections = connections
        self._clock = clock

    def create(self, caller: Caller, project_key: str, definition: dict[str, Any]) -> dict[str, Any]:
        """Create a managed folder; its id of eight characters is made here, and names need not be unique (client).

        Raises:
            BadRequest: it has no name, or its connection is not there.
            Forbidden: the caller may not write the project's content, or not use the connection.
        """
        self._projects.require_write(caller, project_key)
        _require_name(definition.get("name"))
        params = {"connection": FILESYSTEM_FOLDERS, **(definition.get("params") or {})}
        connection = self._connections.for_managed_folder(caller, params["connection"])
        identifier = "".join(secrets.choice(_ID_CHARACTERS) for _ in range(8))
        folder = {
            **definition,
            "id": identifier,
            "projectKey": project_key,
            # the client sends null for "that of the connection"
            "type": definition.get("type") or connection["type"],
            "params": params,
        }
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

    def save(self, caller: Caller, project_key: str, identifier: str, definition: dict[str, Any]) -> None:
        """Replace a folder's definition; id and project key cannot be changed (client)."""
        self._projects.require_write(caller, project_key)
        before = self.folder(caller, project_key, identifier)
        _require_name(definition.get("name"))
        unchanged = {key: before[key] for key in ("id", "projectKey")}
        self._store.put(_FOLDER, f"{project_key}/{identifier}", {**definition, **unchanged})

    def rename(self, caller: Caller, project_key: str, identifier: str, name: object) -> None:
        """Give a folder another name; one of blanks is refused (client)."""
        _require_name(name)
        folder = self.folder(caller, project_key, identifier)
        self.save(caller, project_key, identifier, {**folder, "name": name})

    def delete(self, caller: Caller, project_key: str, identifier: str) -> None:
        """Remove a folder; its files cannot be reached any more, dropped or not."""
        self._projects.require_write(caller, project_key)
        self.folder(caller, project_key, identifier)
        self._store.delete(_FOLDER, f"{project_key}/{identifier}")
        self._store.delete_below(f"{project_key}/{identifier}/")

    def contents(self, caller: Caller, project_key: str, identifier: str) -> dict[str, Any]:
        """Return the folder's files: path, size in bytes, time of the last change in epoch milliseconds."""
        self._reachable(caller, project_key, identifier)
        prefix = f"{project_key}/{identifier}"
        times = dict(self._store.items(_FILE, f"{prefix}/"))
        return {
            "items": [
                {"path": key.removeprefix(prefix), "size": size, "lastModified": times.get(key) or 0}
                for key, size in self._store.blobs(_FILE, f"{prefix}/")
            ]
        }

    def put(self, caller: Caller, project_key: str, identifier: str, path: str, content: bytes) -> dict[str, Any]:
        """Write a file, in place of the one at its path, of which nothing stays (client)."""
        self._projects.require_write(caller, project_key)
        self._reachable(caller, project_key, identifier)
        key = f"{project_key}/{identifier}/{path.lstrip('/')}"
        now = self._clock.milliseconds()
        with self._store.locked():
            self._store.put_blob(_FILE, key, content)
            self._store.put(_FILE, key, now)
        return {"path": f"/{path.lstrip('/')}", "size": len(content), "lastModified": now}

    def get(self, caller: Caller, project_key: str, identifier: str, path: str) -> bytes:
        """Return a file's content; raises NotFound."""
        self._reachable(caller, project_key, identifier)
        content = self._store.blob(_FILE, f"{project_key}/{identifier}/{path.lstrip('/')}")
        if content is None:
            raise NotFound(f"No file {path} in managed folder {project_key}.{identifier}")
        return content

    def remove(self, caller: Caller, project_key: str, identifier: str, path: str) -> None:
        """Remove a file; nothing happens when there is none (client)."""
        self._projects.require_write(caller, project_key)
        self._reachable(caller, project_key, identifier)
        key = f"{project_key}/{identifier}/{path.lstrip('/')}"
        with self._store.locked():
            self._store.delete_blob(_FILE, key)
            self._store.delete(_FILE, key)

    def _reachable(self, caller: Caller, project_key: str, identifier: str) -> None:
        """Require that the folder's files can be reached: without its connection nothing can (status assumed)."""
        folder = self.folder(caller, project_key, identifier)
        self._connections.require(folder["params"].get("connection", FILESYSTEM_FOLDERS))


def _require_name(name: object) -> None:
    if not isinstance(name, str) or not name.strip():
        raise BadRequest("A managed folder needs a name")
