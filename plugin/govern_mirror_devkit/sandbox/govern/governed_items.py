"""Bundles and model versions in a Govern node: what DSS's own sync tells of them, and what governs them.

The blueprints of governed ones, and the fields that join them with their parents, are public (docs). The blueprint by
which Govern knows versions of saved models, and the fields `bundle_id`, `saved_model_id` and `version_id`, are assumed.
"""

from __future__ import annotations

from typing import Any

from ..errors import NotFound
from .artifact import Artifact
from .node import ArtifactNode
from .templates import DATAIKU_PROJECT, DEFAULT_VERSION

GOVERN_BUNDLE = "bp.system.govern_bundle"
GOVERN_MODEL = "bp.system.govern_model"
GOVERN_MODEL_VERSION = "bp.system.govern_model_version"
DATAIKU_BUNDLE = "bp.system.dataiku_bundle"
DATAIKU_MODEL_VERSION = "bp.system.dataiku_saved_model_version"

_UNDER_REVIEW = {
    "steps": {
        "development": {"status": "FINISHED", "visible": True},
        "review": {"status": "ONGOING", "visible": True},
    }
}


class GovernedItems:
    """The bundles and model versions that a Govern node knows and governs."""

    def __init__(self, node: ArtifactNode) -> None:
        self._node = node

    def know_bundle(self, node_id: str, project_key: str, bundle_id: str) -> Artifact:
        """Make the artifact by which Govern knows a bundle, as DSS's own sync does when it is exported.

        Raises NotFound when Govern does not know the project.
        """
        return self._known(DATAIKU_BUNDLE, bundle_id, node_id, project_key, bundle_id=bundle_id)

    def know_model_version(self, node_id: str, project_key: str, model_id: str, version_id: str) -> Artifact:
        """Make the artifact by which Govern knows a version of a saved model; as `know_bundle`."""
        ids = {"saved_model_id": model_id, "version_id": version_id}
        return self._known(DATAIKU_MODEL_VERSION, version_id, node_id, project_key, **ids)

    def govern_bundle(self, govern_project: str, item: Artifact) -> Artifact:
        """Govern a bundle under a Govern project; its development is finished, its review on going."""
        governed = self._governed(GOVERN_BUNDLE, item, {"govern_project": govern_project})
        self._listed(govern_project, "govern_bundles", governed.id)
        return governed

    def govern_model_version(self, govern_project: str, item: Artifact, model: str | None = None) -> Artifact:
        """Govern a version of a model under a Govern project; the model is made where none is given."""
        if model is None:
            fields = {"govern_project": govern_project}
            model = self._node.create(_definition(GOVERN_MODEL, item.fields["saved_model_id"], fields)).id
            self._listed(govern_project, "govern_models", model)
        governed = self._governed(GOVERN_MODEL_VERSION, item, {"govern_model": model})
        self._listed(model, "govern_model_versions", governed.id)
        return governed

    def _known(self, blueprint: str, name: str, node_id: str, project_key: str, **ids: str) -> Artifact:
        for project in self._node.artifacts():
            place = project.fields.get("node_id"), project.fields.get("project_key")
            if project.blueprint_id == DATAIKU_PROJECT and place == (node_id, project_key):
                fields = {"dataiku_project": project.id, "node_id": node_id, "project_key": project_key, **ids}
                return self._node.create(_definition(blueprint, name, fields))
        raise NotFound(f"Govern does not know the project {project_key} of {node_id}")

    def _governed(self, blueprint: str, item: Artifact, parent: dict[str, str]) -> Artifact:
        fields = {"dataiku_item": [item.id], **parent}
        governed = self._node.create({**_definition(blueprint, item.name, fields), "workflow": _UNDER_REVIEW})
        self._node.edit(item.id, lambda document: document["fields"].update(governed_by=governed.id))
        return governed

    def _listed(self, parent: str, field: str, id_: str) -> None:
        def change(document: dict[str, Any]) -> None:
            document["fields"][field] = [*(document["fields"].get(field) or []), id_]

        self._node.edit(parent, change)


def _definition(blueprint: str, name: str, fields: dict[str, Any]) -> dict[str, Any]:
    version = {"blueprintId": blueprint, "versionId": DEFAULT_VERSION}
    return {"name": name, "blueprintVersionId": version, "fields": fields}
