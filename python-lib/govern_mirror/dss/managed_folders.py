"""Managed folders: found, created, listed, and their files read and written whole."""

from __future__ import annotations

import io

from govern_mirror.connection import path_part
from govern_mirror.dss.client import Client, api_errors, read_json
from govern_mirror.errors import ConflictError, GovernMirrorError, WriteUnclear
from govern_mirror.nested import get, text_at
from govern_mirror.operation import bounded

DEFAULT_CONNECTION = "filesystem_folders"
"""The connection of managed folders that a new DSS has; an administrator may have removed it."""


def folders_named(client: Client, project_key: str, name: str) -> list[str]:
    """Return the ids of a project's managed folders that have a name; DSS lets several have the same.

    Raises:
        GovernMirrorError: as `api_errors` says.
    """
    path = f"/projects/{path_part(project_key)}/managedfolders/"
    folders = read_json(client, path, list, project_key, "list the managed folders")
    ids = [text_at(folder, "id") for folder in folders if text_at(folder, "name") == name]
    return [id_ for id_ in ids if id_]


def folder_connection(client: Client, project_key: str, folder_id: str) -> str | None:
    """Return the connection that a folder is kept on; None where DSS does not tell.

    Raises:
        GovernMirrorError: as `api_errors` says.
    """
    path = f"/projects/{path_part(project_key)}/managedfolders/{path_part(folder_id, 'managed folder')}"
    with api_errors(project_key, f"read the managed folder {folder_id}"):
        return text_at(get(client._perform_json("GET", path), ("params",)), "connection")


def create_folder(client: Client, project_key: str, name: str, connection: str = DEFAULT_CONNECTION) -> str:
    """Create a managed folder, and return its id.

    Raises:
        GovernMirrorError: as `api_errors` says: the connection may not be there, or not be open to this key.
    """
    with api_errors(project_key, f"create the managed folder {name} on the connection {connection}"):
        folder = client.get_project(project_key).create_managed_folder(name, connection_name=connection)
        return str(folder.id)


def file_sizes(client: Client, project_key: str, folder_id: str) -> dict[str, int | None]:
    """The files of a folder: their sizes in bytes by path, without a slash at the beginning.

    Raises:
        GovernMirrorError: as `api_errors` says.
    """
    folder = path_part(folder_id, "managed folder")
    with api_errors(project_key, f"read the managed folder {folder_id}"):
        listing = client._perform_json("GET", f"/projects/{path_part(project_key)}/managedfolders/{folder}/contents")
        return {str(item["path"]).strip("/"): item.get("size") for item in listing["items"]}


def read_file(client: Client, project_key: str, folder_id: str, path: str) -> bytes:
    """Read a file whole.

    Raises:
        NotFound: there is none at this path.
        GovernMirrorError: as `api_errors` says.
    """
    folder = path_part(folder_id, "managed folder")
    with api_errors(project_key, f"read {path} in the managed folder {folder_id}"):
        answer = client.get_project(project_key).get_managed_folder(folder).get_file(path)
        return bytes(answer.content)


@bounded
def put_file(client: Client, project_key: str, folder_id: str, path: str, content: bytes) -> None:
    """Write a file, in place of the one at its path, and look for it there.

    Raises:
        ConflictError: it was accepted, and is not there.
        WriteUnclear: it may have been written, and the folder cannot be read.
        GovernMirrorError: as `api_errors` says.
    """
    folder = path_part(folder_id, "managed folder")
    with api_errors(project_key, f"write into the managed folder {folder_id}"):
        client.get_project(project_key).get_managed_folder(folder).put_file(path, io.BytesIO(content))
    try:
        sizes = file_sizes(client, project_key, folder_id)
    except GovernMirrorError as error:
        raise WriteUnclear(
            f"{path} may have been written into the managed folder {folder_id} of {project_key}, which cannot be "
            f"read ({error}): look at it"
        ) from error
    if sizes.get(path, -1) not in (None, len(content)):
        raise ConflictError(
            f"DSS accepted {path} for the managed folder {folder_id} of {project_key}, and does not hold it as it "
            "was sent: try again"
        )
