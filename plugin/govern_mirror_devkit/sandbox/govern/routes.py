"""Blueprints, artifacts and sign-offs, at the paths and in the wrappings that the client expects."""

from __future__ import annotations

from typing import Any

from ..errors import Forbidden
from ..web import Call, Route
from .artifact import Artifact
from .blueprints import Blueprints
from .node import ArtifactNode
from .signoffs import signoff_document, signoff_documents


class Routes:
    """The endpoints over a node; each method answers one of them."""

    def __init__(self, blueprints: Blueprints, node: ArtifactNode, node_id: str) -> None:
        self._blueprints = blueprints
        self._node = node
        self._node_id = node_id

    def auth_info(self, call: Call[Any]) -> dict[str, Any]:
        """Who the key acts as; an API key's identifier is its id (client)."""
        return {"authIdentifier": call.caller.login, "groups": sorted(call.caller.groups)}

    def instance_info(self, call: Call[Any]) -> dict[str, Any]:
        """Node id, name and type (client)."""
        return {"nodeId": self._node_id, "nodeName": self._node_id, "nodeType": "GOVERN"}

    def blueprints(self, call: Call[Any]) -> list[dict[str, Any]]:
        """All blueprints; each item wraps one (client, gp, hl)."""
        return [{"blueprint": template.blueprint_document()} for template in self._blueprints.all()]

    def blueprint(self, call: Call[Any], blueprint_id: str) -> dict[str, Any]:
        """A blueprint's definition."""
        return {"blueprint": self._blueprints.versions(blueprint_id)[0].blueprint_document()}

    def versions(self, call: Call[Any], blueprint_id: str) -> list[dict[str, Any]]:
        """A blueprint's versions: ids, names and traces, not the definitions (hl)."""
        return [
            {"blueprintVersion": template.version_reference(), "blueprintVersionTrace": template.trace_document()}
            for template in self._blueprints.versions(blueprint_id)
        ]

    def version(self, call: Call[Any], blueprint_id: str, version_id: str) -> dict[str, Any]:
        """A blueprint version's definition and trace (client)."""
        template = self._blueprints.version(blueprint_id, version_id)
        return {"blueprintVersion": template.version_document(), "blueprintVersionTrace": template.trace_document()}

    def create(self, call: Call[Any]) -> dict[str, Any]:
        """A new artifact; the answer holds only its id (client)."""
        _require_writer(call)
        return {"artifactId": self._node.create(call.object()).id}

    def artifact(self, call: Call[Any], artifact_id: str) -> dict[str, Any]:
        """An artifact's definition."""
        return {"artifact": self._node.document(self._node.get(artifact_id))}

    def save(self, call: Call[Any], artifact_id: str) -> dict[str, Any]:
        """An artifact's definition, replaced; the answer is what was kept (client)."""
        _require_writer(call)
        return {"artifact": self._node.document(self._node.replace(artifact_id, call.object()))}

    def delete(self, call: Call[Any], artifact_id: str) -> None:
        """An artifact goes."""
        _require_writer(call)
        self._node.delete(artifact_id)

    def search(self, call: Call[Any]) -> dict[str, Any]:
        """One page of artifacts (client)."""
        page = self._node.search(call.object())
        return {"uiArtifacts": [self._hit(artifact) for artifact in page.artifacts], "hasNextPage": page.has_next}

    def _hit(self, artifact: Artifact) -> dict[str, Any]:
        """An artifact that was found, with its blueprint and version (gp, hl); `signoffs` may be absent (gp)."""
        template = self._node.template_of(artifact)
        hit: dict[str, Any] = {
            "artifact": self._node.document(artifact),
            "blueprint": template.blueprint_document(),
            "blueprintVersion": template.version_reference(),
        }
        if artifact.signoffs:
            hit["signoffs"] = signoff_documents(artifact.id, artifact.signoffs)
        return hit

    def signoffs(self, call: Call[Any], artifact_id: str) -> list[dict[str, Any]]:
        """An artifact's sign-offs."""
        artifact = self._node.get(artifact_id)
        return signoff_documents(artifact.id, artifact.signoffs)

    def signoff(self, call: Call[Any], artifact_id: str, step_id: str) -> dict[str, Any]:
        """The sign-off of one step."""
        artifact = self._node.get(artifact_id)
        return signoff_document(artifact.id, artifact.signoffs, step_id)

    def table(self) -> list[Route]:
        """Every endpoint, for the WSGI application."""
        return [
            ("GET", "/auth/info", self.auth_info),
            ("GET", "/instance-info", self.instance_info),
            ("GET", "/blueprints", self.blueprints),
            ("GET", "/blueprint/<blueprint_id>", self.blueprint),
            ("GET", "/blueprint/<blueprint_id>/versions", self.versions),
            ("GET", "/blueprint/<blueprint_id>/version/<version_id>", self.version),
            ("POST", "/artifacts", self.create),
            ("POST", "/artifacts/search", self.search),
            ("GET", "/artifact/<artifact_id>", self.artifact),
            ("PUT", "/artifact/<artifact_id>", self.save),
            ("DELETE", "/artifact/<artifact_id>", self.delete),
            ("GET", "/artifact/<artifact_id>/signoffs", self.signoffs),
            ("GET", "/artifact/<artifact_id>/workflow/step/<step_id>/signoff", self.signoff),
        ]


def _require_writer(call: Call[Any]) -> None:
    """Govern's rights, as far as sync meets them: an API key writes everything, or only reads (docs, Govern's keys)."""
    if not call.caller.is_admin:
        raise Forbidden("This API key may not write artifacts")
