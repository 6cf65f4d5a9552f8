"""Datasets and managed folders."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from ..web import Reply, Route
from .call import DssCall


def list_datasets(call: DssCall, project_key: str) -> list[dict[str, Any]]:
    """Return the project's datasets."""
    return call.instance.datasets.listed(call.caller, project_key)


def create_dataset(call: DssCall, project_key: str) -> dict[str, Any]:
    """Create a managed dataset."""
    return call.instance.datasets.create_managed(call.caller, project_key, call.object().get("name") or "")


def dataset(call: DssCall, project_key: str, name: str) -> dict[str, Any]:
    """Return a dataset's definition."""
    return call.instance.datasets.dataset(call.caller, project_key, name)


def save_dataset(call: DssCall, project_key: str, name: str) -> None:
    """Replace a dataset's definition."""
    call.instance.datasets.save(call.caller, project_key, name, call.object())


def delete_dataset(call: DssCall, project_key: str, name: str) -> None:
    """Delete a dataset."""
    call.instance.datasets.delete(call.caller, project_key, name)


def schema(call: DssCall, project_key: str, name: str) -> dict[str, Any]:
    """Return a dataset's schema."""
    columns: dict[str, Any] = call.instance.datasets.dataset(call.caller, project_key, name)["schema"]
    return columns


def save_schema(call: DssCall, project_key: str, name: str) -> None:
    """Replace a dataset's schema."""
    definition = call.instance.datasets.dataset(call.caller, project_key, name)
    call.instance.datasets.save(call.caller, project_key, name, {**definition, "schema": call.object()})


def data(call: DssCall, project_key: str, name: str) -> Reply:
    """Return a dataset's rows, tab-separated."""
    columns = call.http.args.getlist("columns") or None
    text = call.instance.datasets.tab_separated(call.caller, project_key, name, columns)
    return Reply(text, "text/tab-separated-values; charset=utf-8")


def clear(call: DssCall, project_key: str, name: str) -> dict[str, Any]:
    """Delete a dataset's rows."""
    call.instance.datasets.write_rows(call.caller, project_key, name, None, [])
    return {}


def finish_streaming(call: DssCall, project_key: str, name: str) -> None:
    """Answer the client's question whether its stream ended well: it did."""
    call.instance.datasets.dataset(call.caller, project_key, name)


def list_folders(call: DssCall, project_key: str) -> list[dict[str, Any]]:
    """Return the project's managed folders."""
    return call.instance.managed_folders.listed(call.caller, project_key)


def create_folder(call: DssCall, project_key: str) -> dict[str, Any]:
    """Create a managed folder."""
    return call.instance.managed_folders.create(call.caller, project_key, call.object())


def folder(call: DssCall, project_key: str, folder_id: str) -> dict[str, Any]:
    """Return a managed folder's definition."""
    return call.instance.managed_folders.folder(call.caller, project_key, folder_id)


def save_folder(call: DssCall, project_key: str, folder_id: str) -> dict[str, str]:
    """Replace a managed folder's definition; the answer holds a message only (client)."""
    call.instance.managed_folders.save(call.caller, project_key, folder_id, call.object())
    return {"msg": f"Updated managed folder {project_key}.{folder_id}"}


def rename_folder(call: DssCall, project_key: str) -> None:
    """Give a managed folder another name."""
    body = call.object()
    call.instance.managed_folders.rename(call.caller, project_key, body.get("id") or "", body.get("newName"))


def delete_folder(call: DssCall, project_key: str, folder_id: str) -> None:
    """Delete a managed folder."""
    call.instance.managed_folders.delete(call.caller, project_key, folder_id)


def contents(call: DssCall, project_key: str, folder_id: str) -> dict[str, Any]:
    """Return the files of a managed folder."""
    return call.instance.managed_folders.contents(call.caller, project_key, folder_id)


def get_file(call: DssCall, project_key: str, folder_id: str, path: str) -> Reply:
    """Return a file's content."""
    path = _decoded(call, path)
    content = call.instance.managed_folders.get(call.caller, project_key, folder_id, path)
    return Reply(content, "application/octet-stream")


def put_file(call: DssCall, project_key: str, folder_id: str, path: str) -> dict[str, Any]:
    """Write a file."""
    path = _decoded(call, path)
    return call.instance.managed_folders.put(call.caller, project_key, folder_id, path, call.uploaded())


def delete_file(call: DssCall, project_key: str, folder_id: str, path: str) -> None:
    """Delete a file."""
    call.instance.managed_folders.remove(call.caller, project_key, folder_id, _decoded(call, path))


def _decoded(call: DssCall, path: str) -> str:
    """Return the path of a file: a `/` in it may arrive as `%2F`, which servers of WSGI leave as it is.

    One client writes `a/b.txt`, another reads `a%2Fb.txt`: one file (clssck/dataiku-sdk encodes whole paths).
    """
    target = call.http.environ.get("RAW_URI") or call.http.environ.get("REQUEST_URI")
    if not target:
        return path
    _, separator, raw = str(target).partition("?")[0].partition("/contents/")
    return unquote(raw) if separator else path


_DATASET = "/projects/<project_key>/datasets/<name>"
_FOLDER = "/projects/<project_key>/managedfolders/<folder_id>"

ROUTES: list[Route] = [
    ("GET", "/projects/<project_key>/datasets", list_datasets),
    ("POST", "/projects/<project_key>/datasets/managed", create_dataset),
    ("GET", _DATASET, dataset),
    ("PUT", _DATASET, save_dataset),
    ("DELETE", _DATASET, delete_dataset),
    ("GET", f"{_DATASET}/schema", schema),
    ("PUT", f"{_DATASET}/schema", save_schema),
    ("GET", f"{_DATASET}/data", data),
    ("DELETE", f"{_DATASET}/data", clear),
    ("GET", f"{_DATASET}/finish-streaming", finish_streaming),
    ("GET", "/projects/<project_key>/managedfolders", list_folders),
    ("POST", "/projects/<project_key>/managedfolders", create_folder),
    ("GET", _FOLDER, folder),
    ("PUT", _FOLDER, save_folder),
    ("DELETE", _FOLDER, delete_folder),
    ("POST", "/projects/<project_key>/actions/renameManagedFolder", rename_folder),
    ("GET", f"{_FOLDER}/contents", contents),
    ("GET", f"{_FOLDER}/contents/<anypath:path>", get_file),
    ("POST", f"{_FOLDER}/contents/<anypath:path>", put_file),
    ("DELETE", f"{_FOLDER}/contents/<anypath:path>", delete_file),
]
