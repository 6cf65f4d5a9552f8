"""Connections: where datasets and managed folders are kept (client)."""

from __future__ import annotations

from typing import Any

from .auth import Caller
from .errors import BadRequest, Forbidden
from .store import Store

_CONNECTION = "connection"

FILESYSTEM_FOLDERS = "filesystem_folders"
"""The connection that the client names for managed folders; an administrator may have removed it."""


class Connections:
    """The instance's connections."""

    def __init__(self, store: Store) -> None:
        self._store = store
        if not store.texts(_CONNECTION):
            self.add("filesystem_managed")
            self.add(FILESYSTEM_FOLDERS)

    def add(
        self,
        name: str,
        connection_type: str = "Filesystem",
        *,
        groups: tuple[str, ...] | None = None,
        managed_folders: bool = True,
    ) -> None:
        """Add a connection, or replace it, as an administrator does.

        Args:
            name: its name.
            connection_type: such as `Filesystem` or `S3`.
            groups: who may use it; everybody when None.
            managed_folders: whether managed folders may be made on it.
        """
        usable = {"usableBy": "ALL"} if groups is None else {"usableBy": "ALLOWED", "allowedGroups": list(groups)}
        connection = {"name": name, "type": connection_type, "allowManagedFolders": managed_folders, **usable}
        self._store.put(_CONNECTION, name, connection)

    def remove(self, name: str) -> None:
        """Remove a connection, as an administrator does; what was made on it stays."""
        self._store.delete(_CONNECTION, name)

    def names(self, caller: Caller, connection_type: str | None) -> list[str]:
        """Return the names of connections of a type, of all types when `all` (client).

        That only those are named which the caller may use is an assumption.
        """
        connections = (connection for _, connection in self._store.items(_CONNECTION))
        wanted = (None, "", "all")
        return [
            connection["name"]
            for connection in connections
            if _is_usable(connection, caller) and (connection_type in wanted or connection["type"] == connection_type)
        ]

    def definitions(self, caller: Caller) -> dict[str, Any]:
        """Return all connections by name; administrators only (client: `list_connections`)."""
        if not caller.is_admin:
            raise Forbidden("You are not an administrator")
        return dict(self._store.items(_CONNECTION))

    def for_managed_folder(self, caller: Caller, name: str) -> dict[str, Any]:
        """Return the connection that a managed folder is to be made on.

        That making one can be refused for each connection is known (live 15); statuses and words are assumptions.

        Raises:
            BadRequest: there is no such connection, or it takes no managed folders.
            Forbidden: the caller may not use it.
        """
        connection = self.require(name)
        if not _is_usable(connection, caller):
            raise Forbidden(f"You may not use connection {name}")
        if not connection["allowManagedFolders"]:
            raise BadRequest(f"Connection {name} does not allow managed folders")
        return connection

    def require(self, name: str) -> dict[str, Any]:
        """Return a connection; raises BadRequest when it is not there."""
        connection: dict[str, Any] | None = self._store.get(_CONNECTION, name)
        if connection is None:
            raise BadRequest(f"Connection not found: {name}")
        return connection


def _is_usable(connection: dict[str, Any], caller: Caller) -> bool:
    allowed = connection.get("allowedGroups") or []
    return caller.is_admin or connection["usableBy"] == "ALL" or bool(caller.groups & {*allowed})
