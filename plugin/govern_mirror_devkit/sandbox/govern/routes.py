"""Blueprints and artifacts, at the paths and in the wrappings that the client expects."""

from __future__ import annotations

from typing import Any

from ..errors import Forbidden
from ..web import Route, url_map
from . import signoff_routes
from .artifact import Artifact
from .call import GovernCall
from .signoffs import signoff_documents


def auth_info(call: GovernCall) -> dict[str, Any]:
    """Return who the key acts as; an API key's identifier is its id (client)."""
    return {"authIdentifier": call.caller.login, "groups": sorted(call.caller.groups)}


def instance_info(call: GovernCall) -> dict[str, Any]:
    """Return node id, name and type (client)."""
    return {"nodeId": call.instance.node_id, "nodeName": call.instance.node_id, "nodeType": "GOVERN"}


def blueprints(call: GovernCall) -> list[dict[str, Any]]:
    """Return all blueprints; each item wraps one (client, gp, hl)."""
    return [{"blueprint": template.blueprint_document()} for template in call.instance.blueprints.all()]


def blueprint(call: GovernCall, blueprint_id: str) -> dict[str, Any]:
    """Return a blueprint's definition."""
    return {"blueprint": call.instance.blueprints.versions(blueprint_id)[0].blueprint_document()}


def versions(call: GovernCall, blueprint_id: str) -> list[dict[str, Any]]:
    """Return a blueprint's versions: ids, names and traces, not the definitions (hl)."""
    return [
        {"blueprintVersion": template.version_reference(), "blueprintVersionTrace": template.trace_document()}
        for template in call.instance.blueprints.versions(blueprint_id)
    ]


def version(call: GovernCall, blueprint_id: str, version_id: str) -> dict[str, Any]:
    """Return a blueprint version's definition and trace (client)."""
    template = call.instance.blueprints.version(blueprint_id, version_id)
    return {"blueprintVersion": template.version_document(), "blueprintVersionTrace": template.trace_document()}


def create(call: GovernCall) -> dict[str, Any]:
    """Create an artifact; the answer holds only its id (client)."""
    _require_writer(call)
    return {"artifactId": call.instance.node.create(call.object()).id}


def artifact(call: GovernCall, artifact_id: str) -> dict[str, Any]:
    """Return an artifact's definition."""
    return {"artifact": call.instance.node.document(call.instance.node.get(artifact_id))}


def save(call: GovernCall, artifact_id: str) -> dict[str, Any]:
    """Replace an artifact's definition; the answer is what was kept (client)."""
    _require_writer(call)
    return {"artifact": call.instance.node.document(call.instance.node.replace(artifact_id, call.object()))}


def delete(call: GovernCall, artifact_id: str) -> None:
    """Delete an artifact."""
    _require_writer(call)
    call.instance.node.delete(artifact_id)


def search(call: GovernCall) -> dict[str, Any]:
    """Return one page of artifacts (client)."""
    page = call.instance.node.search(call.object())
    return {"uiArtifacts": [_hit(call, artifact) for artifact in page.artifacts], "hasNextPage": page.has_next}


def _hit(call: GovernCall, artifact: Artifact) -> dict[str, Any]:
    """Return an artifact that was found, with its blueprint and version (gp, hl); `signoffs` may be absent (gp)."""
    template = call.instance.node.template_of(artifact)
    hit: dict[str, Any] = {
        "artifact": call.instance.node.document(artifact),
        "blueprint": template.blueprint_document(),
        "blueprintVersion": template.version_reference(),
    }
    if artifact.signoffs:
        hit["signoffs"] = signoff_documents(artifact.id, artifact.signoffs)
    return hit


def _require_writer(call: GovernCall) -> None:
    """Raise Forbidden for who only reads; keys of administrators write everything (docs, Govern's keys)."""
    if not call.instance.node.may_write(call.caller):
        raise Forbidden("This API key may not write artifacts")


ROUTES: list[Route] = [
    ("GET", "/auth/info", auth_info),
    ("GET", "/instance-info", instance_info),
    ("GET", "/blueprints", blueprints),
    ("GET", "/blueprint/<blueprint_id>", blueprint),
    ("GET", "/blueprint/<blueprint_id>/versions", versions),
    ("GET", "/blueprint/<blueprint_id>/version/<version_id>", version),
    ("POST", "/artifacts", create),
    ("POST", "/artifacts/search", search),
    ("GET", "/artifact/<artifact_id>", artifact),
    ("PUT", "/artifact/<artifact_id>", save),
    ("DELETE", "/artifact/<artifact_id>", delete),
]

URL_MAP = url_map([*ROUTES, *signoff_routes.ROUTES])
