"""Project folders: which projects are in one, or below it."""

from __future__ import annotations

from govern_mirror.dss.client import Client, api_errors
from govern_mirror.errors import NotFound


def keys_in_folder(client: Client, path: str) -> set[str]:
    """The keys of the projects in a folder and below it.

    Args:
        client: this thread's client.
        path: folder names from the root, with `/` between; empty for the root.

    Raises:
        NotFound: there is no such folder.
    """
    names = [name for name in path.split("/") if name.strip()]
    with api_errors(doing="read the project folders"):
        folder = client.get_root_project_folder()
        for name in names:
            children = [child for child in folder.list_child_folders() if child.name == name]
            if not children:
                raise NotFound(f"there is no project folder {path!r}: {name!r} is not in {folder.name or 'the root'!r}")
            folder = children[0]
        keys: set[str] = set()
        waiting = [folder]
        while waiting:
            folder = waiting.pop()
            keys.update(folder.list_project_keys())
            waiting.extend(folder.list_child_folders())
    return keys
