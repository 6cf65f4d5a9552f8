"""A Govern node's artifacts, and what Govern does with them."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ..auth import Caller
from ..errors import BadRequest, NotFound
from ..store import Store
from .artifact import Artifact
from .blueprints import Blueprints
from .errors import ValidationError
from .search import Page, search
from .signoffs import Signoff, SignoffStatus
from .templates import DATAIKU_PROJECT, DEFAULT_VERSION, GOVERN_PROJECT, Template, VersionStatus

ResultT = TypeVar("ResultT")

_ARTIFACT, _COUNTER = "govern_artifact", "govern_counter"
WORKFLOW_SINCE = (13, 5)
"""The first Govern version whose artifacts have `workflow` (release notes 13)."""


class ArtifactNode:
    """The artifacts of a Govern node, kept in memory and written through to the store.

    Attributes:
        version: Govern's version; it can be changed.
        writer_groups: groups whose members may write artifacts, as Govern's roles and permissions let them.
        locks_workflow: whether the API, too, refuses to change the statuses of a workflow that a sign-off locks; no
            source tells, so either can be tried.
    """

    def __init__(self, store: Store, blueprints: Blueprints, *, version: str = "14.2.0") -> None:
        """Read the node's artifacts from a store.

        Args:
            store: where the state is kept.
            blueprints: what artifacts are made of.
            version: Govern's version; before 13.5 artifacts show only `status.stepId`. It can be changed later.
        """
        self._store = store
        self._lock = threading.RLock()
        self.version = version
        self.writer_groups: set[str] = set()
        self.locks_workflow = True
        self._blueprints = blueprints
        self._artifacts = {
            artifact.id: artifact for artifact in (Artifact.from_record(record) for _, record in store.items(_ARTIFACT))
        }

    @property
    def legacy(self) -> bool:
        """Whether the node's version is older than the one that brought `workflow`."""
        return tuple(int(part) for part in self.version.split(".")[:2]) < WORKFLOW_SINCE

    def template_of(self, artifact: Artifact) -> Template:
        """Return the blueprint version of an artifact."""
        return self._blueprints.version(*artifact.version)

    def artifacts(self) -> list[Artifact]:
        """Return copies of all artifacts, archived ones too, in the order they were made."""
        with self._lock:
            return sorted(copy.deepcopy(list(self._artifacts.values())), key=lambda artifact: artifact.number)

    def get(self, artifact_id: str) -> Artifact:
        """Return a copy of an artifact; raises NotFound when it is not there."""
        with self._lock:
            return copy.deepcopy(self._stored(artifact_id))

    def document(self, artifact: Artifact) -> dict[str, Any]:
        """Return an artifact as this node's version writes it."""
        return artifact.document(self.template_of(artifact), legacy=self.legacy)

    def create(self, body: Mapping[str, Any]) -> Artifact:
        """Make an artifact from a definition, as `POST /artifacts` does; the hooks compute its scores.

        Only active versions can be applied to new artifacts (hl). Ids are never used again.

        Raises DssError when the blueprint version is not named, not there, not active, or does not allow a value.
        """
        version = body.get("blueprintVersionId")
        ids = (version.get("blueprintId"), version.get("versionId")) if isinstance(version, Mapping) else (None, None)
        if not ids[0] or not ids[1]:
            raise BadRequest("An artifact needs a blueprintVersionId with blueprintId and versionId")
        template = self._blueprints.version(str(ids[0]), str(ids[1]))
        if template.status is not VersionStatus.ACTIVE:
            raise ValidationError(f"Blueprint version {ids[0]}/{ids[1]} is {template.status.value}, not ACTIVE")
        with self._lock:
            number = 1 + int(self._store.get(_COUNTER, _ARTIFACT) or 0)
            artifact = Artifact(number, "", (template.blueprint_id, template.version_id))
            artifact.replace(body, template, legacy=self.legacy)
            # the sign-offs of all steps are made with the artifact (client)
            for step, configuration in template.signoffs.items():
                artifact.signoffs[step] = Signoff(configuration=copy.deepcopy(dict(configuration)))
            self._store.put(_COUNTER, _ARTIFACT, number)
            self._keep(artifact)
            self._link(artifact, {})
            return copy.deepcopy(artifact)

    def replace(self, artifact_id: str, body: Mapping[str, Any]) -> Artifact:
        """Replace an artifact's definition, as `PUT /artifact/{id}` does; what the body leaves out is gone.

        Raises DssError; nothing has changed then.
        """
        with self._lock:
            artifact = self._stored(artifact_id)
            before = artifact.fields
            artifact.replace(body, self.template_of(artifact), legacy=self.legacy, locks=self.locks_workflow)
            self._keep(artifact)
            self._link(artifact, before)
            return copy.deepcopy(artifact)

    def may_write(self, caller: Caller) -> bool:
        """Return whether a key or a user may write artifacts; keys that are not an administrator's only read."""
        return caller.may_write and (caller.is_admin or bool(caller.groups & self.writer_groups))

    def change(self, artifact_id: str, change: Callable[[Artifact], ResultT]) -> ResultT:
        """Change an artifact in place, and keep it unless the change raises; return what the change returns."""
        with self._lock:
            artifact = copy.deepcopy(self._stored(artifact_id))
            result = change(artifact)
            self._keep(artifact)
            return result

    def edit(self, artifact_id: str, change: Callable[[dict[str, Any]], None]) -> Artifact:
        """Let a person edit an artifact's definition in Govern: `change` alters the document that is shown."""
        with self._lock:
            document = self.document(self._stored(artifact_id))
            change(document)
            return self.replace(artifact_id, document)

    def delete(self, artifact_id: str) -> None:
        """Delete an artifact, and what other ones say of governing it or being governed by it.

        Raises NotFound when it is not there.
        """
        with self._lock:
            artifact = self._stored(artifact_id)
            before, artifact.fields = artifact.fields, {}
            self._link(artifact, before)
            del self._artifacts[artifact_id]
            self._store.delete(_ARTIFACT, artifact_id)

    def search(self, body: Mapping[str, Any]) -> Page:
        """Return one page of the artifacts that a search body asks for (see `search`)."""
        with self._lock:
            return copy.deepcopy(search(body, self._artifacts.values(), self.template_of))

    def set_signoff(self, artifact_id: str, step_id: str, status: SignoffStatus) -> None:
        """Give a step of an artifact a sign-off with a status, as people do in Govern.

        Raises NotFound when there is no such artifact or step.
        """
        with self._lock:
            artifact = self._stored(artifact_id)
            if step_id not in self.template_of(artifact).step_ids():
                raise NotFound(f"Artifact {artifact_id} has no step '{step_id}'")
            artifact.signoffs.setdefault(step_id, Signoff()).status = status
            self._keep(artifact)

    def govern(self, name: str, *dataiku_projects: str, **definition: Any) -> Artifact:
        """Make a Govern project of the default template that governs some Dataiku projects (artifact ids).

        `definition` may hold `fields`, `workflow` or `status`, and `blueprintVersionId` for a forked template.
        """
        fields = {**definition.pop("fields", {}), "dataiku_item": list(dataiku_projects)}
        version = {"blueprintId": GOVERN_PROJECT, "versionId": DEFAULT_VERSION}
        return self.create({"name": name, "blueprintVersionId": version, **definition, "fields": fields})

    def register_dataiku_project(self, node_id: str, project_key: str, **fields: Any) -> Artifact:
        """Make the artifact by which Govern knows a DSS project, as DSS's own sync does.

        `fields` may hold `automation_node`, `original_node_id`, `original_project_key` and `tags`.
        """
        values = {"node_id": node_id, "project_key": project_key, "governed_by": None, **fields}
        version = {"blueprintId": DATAIKU_PROJECT, "versionId": DEFAULT_VERSION}
        return self.create({"name": project_key, "blueprintVersionId": version, "fields": values})

    def make_known(self, node_id: str, project_key: str) -> None:
        """Make a DSS project known, if it is not yet: what DSS's sync does for each of its projects."""
        for each in self.artifacts():
            stands_for = each.fields.get("node_id"), each.fields.get("project_key")
            if each.blueprint_id == DATAIKU_PROJECT and stands_for == (node_id, project_key):
                return
        self.register_dataiku_project(node_id, project_key)

    def _stored(self, artifact_id: str) -> Artifact:
        try:
            return self._artifacts[artifact_id]
        except KeyError:
            raise NotFound(f"Artifact {artifact_id} not found") from None

    def _keep(self, artifact: Artifact) -> None:
        self._artifacts[artifact.id] = artifact
        self._store.put(_ARTIFACT, artifact.id, artifact.record())

    def _link(self, artifact: Artifact, before: Mapping[str, Any]) -> None:
        """Keep both ends of governing in step: `dataiku_item` there, `governed_by` here (gp)."""
        if artifact.blueprint_id == GOVERN_PROJECT:
            now, old = artifact.fields.get("dataiku_item") or [], before.get("dataiku_item") or []
            for item in set(old) - set(now):
                self._set_governed_by(item, None, only_if=artifact.id)
            for item in now:
                self._set_governed_by(item, artifact.id)
        elif artifact.blueprint_id == DATAIKU_PROJECT:
            now, old = artifact.fields.get("governed_by"), before.get("governed_by")
            if now != old:
                self._list_item(old, artifact.id, listed=False)
                self._list_item(now, artifact.id, listed=True)

    def _set_governed_by(self, item_id: str, govern_id: str | None, *, only_if: str | None = None) -> None:
        item = self._artifacts.get(item_id)
        if item is None or item.blueprint_id != DATAIKU_PROJECT:
            return
        before = item.fields.get("governed_by")
        if before == govern_id or (only_if is not None and before != only_if):
            return
        if govern_id is not None:
            self._list_item(before, item_id, listed=False)
        item.fields["governed_by"] = govern_id
        self._keep(item)

    def _list_item(self, govern_id: str | None, item_id: str, *, listed: bool) -> None:
        project = self._artifacts.get(govern_id or "")
        if project is None or project.blueprint_id != GOVERN_PROJECT:
            return
        items = [item for item in project.fields.get("dataiku_item") or [] if item != item_id]
        project.fields["dataiku_item"] = [*items, item_id] if listed else items
        self._keep(project)
