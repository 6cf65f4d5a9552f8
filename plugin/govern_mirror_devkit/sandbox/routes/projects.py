"""Projects and their documents."""

from __future__ import annotations

import json
from typing import Any

from ..errors import BadRequest, Forbidden
from ..web import Reply, Route
from .call import DssCall


def list_projects(call: DssCall) -> Reply:
    """Return the projects that the caller can see, in one call."""
    return Reply(call.instance.projects.listed(call.caller))


def create_project(call: DssCall) -> dict[str, Any]:
    """Create a project (client); a project-level key may not."""
    if call.caller.project_key is not None:
        raise Forbidden("You may not create projects")
    body, dss = call.object(), call.instance
    if not body.get("owner"):
        # (live 15: amrutp24/terraform-provider-dataiku)
        raise BadRequest("Missing parameter: owner")
    dss.projects.create(
        call.caller,
        body.get("projectKey") or "",
        body.get("name") or body.get("projectKey") or "",
        body["owner"],
        description=body.get("description"),
        settings=body.get("settings"),
        permissions=body.get("permissions"),
        tags=body.get("tags"),
    )
    folder = call.http.args.get("projectFolderId")
    if folder:
        dss.project_folders.place(call.caller, body["projectKey"], folder)
    return {"msg": f"Created project {body['projectKey']}"}


def summary(call: DssCall, project_key: str) -> dict[str, Any]:
    """Return one project."""
    return call.instance.projects.summary(call.caller, project_key)


def delete_project(call: DssCall, project_key: str) -> dict[str, Any]:
    """Delete a project with all that is in it; the answer is a future that has ended (client)."""
    call.instance.projects.delete(call.caller, project_key)
    return {"hasResult": True, "result": {"messages": []}}


def metadata(call: DssCall, project_key: str) -> dict[str, Any]:
    """Return the metadata document."""
    return call.instance.projects.metadata(call.caller, project_key)


def set_metadata(call: DssCall, project_key: str) -> None:
    """Replace the metadata document whole."""
    call.instance.projects.set_metadata(call.caller, project_key, call.json())


def _document_routes(kind: str) -> list[Route]:
    def read(call: DssCall, project_key: str) -> dict[str, Any]:
        return call.instance.projects.document(call.caller, project_key, kind)

    def write(call: DssCall, project_key: str) -> None:
        call.instance.projects.set_document(call.caller, project_key, kind, call.json())

    path = f"/projects/<project_key>/{kind}"
    return [("GET", path, read), ("PUT", path, write)]


def timeline(call: DssCall, project_key: str) -> dict[str, Any]:
    """Return the latest events."""
    count = call.http.args.get("itemCount", 100, type=int)
    return call.instance.projects.timeline(call.caller, project_key, count)


def last_standards_report(call: DssCall, project_key: str) -> Reply:
    """Return the last Project Standards report; nothing at all where the checks never ran (client)."""
    report = call.instance.standards.last_report(call.caller, project_key)
    return Reply("" if report is None else json.dumps(report))


ROUTES: list[Route] = [
    ("GET", "/projects", list_projects),
    ("POST", "/projects", create_project),
    ("GET", "/projects/<project_key>", summary),
    ("DELETE", "/projects/<project_key>", delete_project),
    ("GET", "/projects/<project_key>/metadata", metadata),
    ("PUT", "/projects/<project_key>/metadata", set_metadata),
    ("GET", "/projects/<project_key>/timeline", timeline),
    ("GET", "/projects/<project_key>/project-standards/last-report", last_standards_report),
    *_document_routes("permissions"),
    *_document_routes("settings"),
    *_document_routes("tags"),
    *_document_routes("variables"),
]
