"""Who may read a project, and who belongs to which group: as far as DSS tells this key."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from govern_mirror.connection import path_part
from govern_mirror.dss.client import NOT_DSS, Client, api_errors, read_json
from govern_mirror.errors import ConnectionFailed, GovernMirrorError, NotFound
from govern_mirror.nested import text, texts

_WRITING = ("writeProjectContent", "editPermissions", "admin")
"""The rights of a permission item that let somebody change what is in a project, or who may."""

_READING = ("readProjectContent", "writeProjectContent", "editPermissions", "admin")
"""The rights of a permission item that let somebody read a project's wiki, folders and datasets."""


@dataclass(frozen=True)
class Readers:
    """The groups and logins that may read a project's content, its owner among them.

    Administrators of the instance read every project. Who reads single objects, through dashboards, workspaces and
    data collections, DSS's permissions do not tell.
    """

    groups: frozenset[str]
    logins: frozenset[str]


@dataclass(frozen=True)
class Members:
    """The people of the instance.

    Attributes:
        groups: the groups of each login that can log in.
        administrators: the logins of administrators.
        developers: the logins of who may develop plugins, and so change this one and read its secrets.
    """

    groups: Mapping[str, frozenset[str]]
    administrators: frozenset[str]
    developers: frozenset[str] = frozenset()

    def in_group(self, name: str) -> frozenset[str]:
        """The logins in a group."""
        return frozenset(login for login, groups in self.groups.items() if name in groups)

    def of(self, readers: Readers) -> frozenset[str]:
        """The logins that readers stand for, administrators among them."""
        in_groups = {login for login, groups in self.groups.items() if groups & readers.groups}
        return frozenset(in_groups) | readers.logins | self.administrators


def writers_of(client: Client, project_key: str) -> Readers:
    """Who may write a project's content, or give themselves the right, and so read it, too; its administrators may ask.

    Raises:
        AccessDenied: this key may not read the project's permissions.
        GovernMirrorError: as `api_errors` says.
    """
    return _holders_of(client, project_key, _WRITING)


def readers_of(client: Client, project_key: str) -> Readers:
    """Who may read a project's content; its administrators may ask.

    Raises:
        AccessDenied: this key may not read the project's permissions.
        GovernMirrorError: as `api_errors` says.
    """
    return _holders_of(client, project_key, _READING)


def _holders_of(client: Client, project_key: str, rights: tuple[str, ...]) -> Readers:
    """Who has one of these rights on a project, its owner among them."""
    path = f"/projects/{path_part(project_key)}/permissions"
    answer = read_json(client, path, dict, project_key, "read the permissions")
    items = answer.get("permissions")
    if not isinstance(items, list):
        raise ConnectionFailed(NOT_DSS)
    reading = [item for item in _objects(items) if any(item.get(right) for right in rights)]
    logins = {answer.get("owner"), *(item.get("user") for item in reading)}
    return Readers(_texts(item.get("group") for item in reading), _texts(logins))


def members(client: Client) -> Members | None:
    """The people of the instance; None where this key may not list them: only administrators may."""
    try:
        users = _active(read_json(client, "/admin/users/", list, doing="list the users"))
        groups = _objects(read_json(client, "/admin/groups/", list, doing="list the groups"))
    except GovernMirrorError:
        return None
    by_login = {user["login"]: _texts(texts(user.get("groups"))) for user in users}

    def having(right: str) -> frozenset[str]:
        names = _texts(group.get("name") for group in groups if group.get(right) is True)
        return frozenset(login for login, own in by_login.items() if own & names)

    return Members(by_login, having("admin"), having("mayDevelopPlugins"))


def is_administrator(client: Client, groups: Collection[str]) -> bool:
    """Whether one of a person's groups makes them an administrator: only those are told which groups do."""
    try:
        definitions = _objects(read_json(client, "/admin/groups/", list, doing="list the groups"))
    except GovernMirrorError:
        return False
    return any(group.get("admin") is True and group.get("name") in groups for group in definitions)


def users_of_connection(client: Client, name: str) -> Readers | None:
    """The groups that may use a connection, and so write all that is kept on it; None when everybody may.

    Raises:
        AccessDenied: this key may not read the connections: only administrators may.
        NotFound: there is none of this name.
        GovernMirrorError: as `api_errors` says.
    """
    with api_errors(doing=f"read the connection {name}"):
        connections = client._perform_json("GET", "/admin/connections")
    connection = connections.get(name) if isinstance(connections, Mapping) else None
    if not isinstance(connection, Mapping):
        raise NotFound(f"the connection {name} is not there")
    if connection.get("usableBy") == "ALL":
        return None
    return Readers(frozenset(texts(connection.get("allowedGroups"))), frozenset())


def people(client: Client) -> dict[str, str] | None:
    """The people who can be named, their names by login; None where this user may not list them."""
    users = _listed_people(client)
    return None if users is None else {user["login"]: text(user.get("displayName")) or user["login"] for user in users}


def groups_of_people(client: Client) -> dict[str, frozenset[str]] | None:
    """The groups of each person by login; None where this user may not list the people."""
    users = _listed_people(client)
    return None if users is None else {user["login"]: frozenset(texts(user.get("groups"))) for user in users}


def _listed_people(client: Client) -> list[Mapping[str, Any]] | None:
    """Who can log in.

    The endpoint is that of the client's `list_users_info`, which needs no administrator, and which older clients and
    older DSS lack.
    """
    try:
        return _active(read_json(client, "/users", list, doing="list the people"))
    except GovernMirrorError:
        return None


def _active(users: list[Any]) -> list[Mapping[str, Any]]:
    return [user for user in _objects(users) if user.get("enabled") is not False and isinstance(user.get("login"), str)]


def _objects(items: list[Any]) -> list[Mapping[str, Any]]:
    return [item for item in items if isinstance(item, Mapping)]


def _texts(values: Any) -> frozenset[str]:
    return frozenset(value for value in values if isinstance(value, str) and value)
