"""The instance itself: who calls, what runs, and its project folders."""

from __future__ import annotations

from typing import Any

from ..auth import ADMINISTRATORS
from ..errors import Forbidden
from ..web import Route
from .call import DssCall


def auth_info(call: DssCall) -> dict[str, Any]:
    """Return whom the key acts as (client)."""
    return {"authIdentifier": call.caller.login, "groups": sorted(call.caller.groups), "isAdmin": call.caller.is_admin}


def users(call: DssCall) -> list[dict[str, Any]]:
    """Return who there is; anybody may ask (client: `list_users_info`).

    That disabled users are listed follows from `enabled`, which the client reads of each; that nobody's address is, is
    an assumption.
    """
    names = ("login", "displayName", "groups", "enabled")
    return [{"enabled": True, **{name: user[name] for name in names if name in user}} for user in _users(call)]


def all_users(call: DssCall) -> list[dict[str, Any]]:
    """Return who there is, disabled ones too; administrators only (client: `list_users`)."""
    if not call.caller.is_admin:
        raise Forbidden("You are not an administrator")
    names = ("login", "displayName", "groups", "userProfile", "enabled")
    return [{name: user[name] for name in names if name in user} for user in _users(call)]


def all_groups(call: DssCall) -> list[dict[str, Any]]:
    """Return the groups that somebody is in; administrators only (client: `list_groups`)."""
    if not call.caller.is_admin:
        raise Forbidden("You are not an administrator")
    developers = call.instance.plugins.developer_groups
    return [
        {"name": name, "admin": name == ADMINISTRATORS, "mayDevelopPlugins": name in developers}
        for name in _group_names(call)
    ]


def groups(call: DssCall) -> list[dict[str, Any]]:
    """Return the names of groups; anybody may ask (client: `list_groups_info`)."""
    return [{"name": name} for name in _group_names(call)]


def connection_names(call: DssCall) -> list[str]:
    """Return the names of connections; anybody may ask (client: `list_connections_names`)."""
    return call.instance.connections.names(call.caller, call.http.args.get("type"))


def all_connections(call: DssCall) -> dict[str, Any]:
    """Return the connections (client: `list_connections`)."""
    return call.instance.connections.definitions(call.caller)


def instance_info(call: DssCall) -> dict[str, Any]:
    """Return node id, name and version (client)."""
    dss = call.instance
    return {
        "nodeId": dss.node_id,
        "nodeName": dss.node_id,
        "nodeType": "DESIGN",
        "dssVersion": dss.release.version,
        "dipInstanceId": dss.node_id,
    }


def folder(call: DssCall, folder_id: str) -> dict[str, Any]:
    """Return a project folder."""
    return call.instance.project_folders.folder(call.caller, folder_id)


def create_folder(call: DssCall, folder_id: str) -> dict[str, Any]:
    """Create a folder below another one."""
    return call.instance.project_folders.create(call.caller, folder_id, call.http.args.get("name", ""))


def delete_folder(call: DssCall, folder_id: str) -> None:
    """Delete an empty folder."""
    call.instance.project_folders.delete(call.caller, folder_id)


def locate_project(call: DssCall, project_key: str) -> dict[str, Any]:
    """Return the folder of a project."""
    return call.instance.project_folders.locate(call.caller, project_key)


def move_folder(call: DssCall, folder_id: str) -> None:
    """Move a folder below another one."""
    call.instance.project_folders.move(call.caller, folder_id, call.http.args["destination"])


def move_project(call: DssCall, folder_id: str, project_key: str) -> None:
    """Move a project into another folder; `folder_id` is the one it leaves (client)."""
    call.instance.project_folders.place(call.caller, project_key, call.http.args["destination"])


def govern_node_ref(call: DssCall) -> dict[str, Any]:
    """Return the instance's Govern integration; administrators' keys only (client)."""
    if not call.caller.is_admin:
        raise Forbidden("You are not an administrator")
    return call.instance.govern_node_ref


def sync_to_govern(call: DssCall) -> dict[str, Any]:
    """Let Govern know one project or all; administrators' keys only (client: `govern_dss_sync`)."""
    if not call.caller.is_admin:
        raise Forbidden("You are not an administrator")
    project_key = call.http.args.get("projectKey")
    if project_key is not None:
        call.instance.projects.require_read(call.caller, project_key)
    return {"jobId": call.instance.sync_to_govern(project_key), "hasResult": False, "alive": True}


def future(call: DssCall, job_id: str) -> dict[str, Any]:
    """Return how a long task stands (client: `DSSFuture.get_state`)."""
    return call.instance.futures.state(job_id)


def general_settings(call: DssCall) -> dict[str, Any]:
    """Return the instance's settings; administrators only (client).

    `studioExternalUrl` is the address that people reach it by, blank until an administrator sets it: so Dataiku's own
    Confluence exporter reads it (public source of that plugin).
    """
    if not call.caller.is_admin:
        raise Forbidden("You are not an administrator")
    return {"studioExternalUrl": call.instance.external_url}


def _users(call: DssCall) -> list[dict[str, Any]]:
    return call.instance.accounts.users()


def _group_names(call: DssCall) -> list[str]:
    names = {name for user in _users(call) for name in user["groups"]}
    return sorted({*names, ADMINISTRATORS})


ROUTES: list[Route] = [
    ("GET", "/auth/info", auth_info),
    ("GET", "/users", users),
    ("GET", "/groups", groups),
    ("GET", "/connections/get-names", connection_names),
    ("GET", "/admin/connections", all_connections),
    ("GET", "/admin/users", all_users),
    ("GET", "/admin/groups", all_groups),
    ("GET", "/instance-info", instance_info),
    ("GET", "/admin/general-settings", general_settings),
    ("GET", "/admin/get-govern-node-ref", govern_node_ref),
    ("POST", "/admin/govern-integration-sync", sync_to_govern),
    ("GET", "/futures/<job_id>", future),
    ("GET", "/project-folders/<folder_id>", folder),
    ("DELETE", "/project-folders/<folder_id>", delete_folder),
    ("POST", "/project-folders/<folder_id>/children", create_folder),
    ("POST", "/project-folders/<folder_id>/move", move_folder),
    ("POST", "/project-folders/<folder_id>/projects/<project_key>/move", move_project),
    ("GET", "/project-folders/locate-project/<project_key>", locate_project),
]
