"""The Project Deployer's published projects, and the packages in them: copies of bundles (client, docs)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .auth import Caller
from .bundles import packed, unpacked
from .clock import Clock
from .deployer_rights import INFRA, DeployerRights, deployer_rights, deployment_info, deployments, infra_info
from .errors import BadRequest, Forbidden, NotFound
from .store import Store

_PROJECT, _PACKAGE, _CONTENT = "deployer_project", "deployer_package", "deployer_content"


class PublishedProjects:
    """The published projects of the Project Deployer, with their packages.

    Attributes:
        in_fleet: whether packages tell the node that they come from: only in a fleet (client).
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self.in_fleet = False

    def create(self, caller: Caller, project_key: object) -> dict[str, Any]:
        """Create a published project without packages; who creates it owns it. That anybody may is an assumption."""
        if not isinstance(project_key, str) or not project_key or caller.project_key is not None:
            raise BadRequest(f"A published project needs a key: {project_key!r}")
        if not caller.may_write:
            raise Forbidden("You may not create published projects")
        if self._store.get(_PROJECT, project_key) is not None:
            raise BadRequest(f"Published project {project_key} already exists")
        settings = {"id": project_key, "name": project_key, "owner": caller.login, "permissions": []}
        self._store.put(_PROJECT, project_key, settings)
        return self.status(caller, project_key)

    def visible(self, caller: Caller, project_key: str) -> tuple[dict[str, Any], DeployerRights]:
        """Return a published project's settings, and what the caller may do with it; raises NotFound."""
        settings: dict[str, Any] | None = self._store.get(_PROJECT, project_key)
        rights = deployer_rights(caller, settings) if settings is not None else DeployerRights()
        if settings is None or not rights.read:
            raise NotFound(f"Published project {project_key} not found")
        return settings, rights

    def settings(self, caller: Caller, project_key: str) -> dict[str, Any]:
        """Return a published project's settings; that its administrators only may is an assumption."""
        settings, rights = self.visible(caller, project_key)
        if not rights.admin:
            raise Forbidden(f"You are not an administrator of published project {project_key}")
        return settings

    def save(self, caller: Caller, project_key: str, settings: Mapping[str, Any]) -> None:
        """Replace a published project's settings: permissions in the first place (client)."""
        before = self.settings(caller, project_key)
        self._store.put(_PROJECT, project_key, {**settings, "id": before["id"]})

    def delete(self, caller: Caller, project_key: str) -> None:
        """Delete a published project that no deployment uses any more (client)."""
        self.settings(caller, project_key)
        if deployments(self._store, project_key=project_key):
            raise BadRequest(f"Published project {project_key} has deployments")
        self._store.delete(_PROJECT, project_key)
        for kind in (_PACKAGE, _CONTENT):
            for key, _ in self._store.texts(kind, f"{project_key}/"):
                self._store.delete(kind, key)

    def status(self, caller: Caller, project_key: str) -> dict[str, Any]:
        """Return a published project with its packages and deployments."""
        settings, rights = self.visible(caller, project_key)
        of_project = deployments(self._store, project_key=project_key)
        infras = [self._store.get(INFRA, infra_id) for infra_id in sorted({each["infraId"] for each in of_project})]
        return {
            "projectBasicInfo": {"id": settings["id"], "name": settings["name"]},
            "isAdmin": rights.admin,
            "canDeploy": rights.deploy,
            "canWrite": rights.write,
            "packages": self.packages(project_key),
            "deployments": [deployment_info(each) for each in of_project],
            "infras": [infra_info(infra) for infra in infras if infra is not None],
        }

    def listed(self, caller: Caller) -> list[dict[str, Any]]:
        """Return the published projects that the caller may see."""
        keys = [key for key, project in self._store.items(_PROJECT) if deployer_rights(caller, project).read]
        return [self.status(caller, key) for key in keys]

    # packages ------------------------------------------------------------------------------------------------

    def packages(self, project_key: str) -> list[dict[str, Any]]:
        """Return the packages of a published project: `id`, when and by whom published, and where they come from."""
        return [package for _, package in self._store.items(_PACKAGE, f"{project_key}/")]

    def package_content(self, project_key: str, bundle_id: str) -> dict[str, Any]:
        """Return what a package brings along; raises NotFound."""
        content: dict[str, Any] | None = self._store.get(_CONTENT, f"{project_key}/{bundle_id}")
        if content is None:
            raise NotFound(f"Bundle {bundle_id} not found in published project {project_key}")
        return content

    def upload(self, caller: Caller, archive: bytes, project_key: str | None) -> dict[str, Any]:
        """Take a bundle's archive into a published project, which is created if need be; returns the package.

        What it says of its origin is what stands in the archive, which anybody who may upload can have written. That an
        id which is there is refused is an assumption.

        Raises:
            Forbidden: the caller may not upload to that project.
            BadRequest: it is no archive, or the id is taken.
        """
        manifest, content = unpacked(archive)
        key = project_key or str(manifest.get("projectKey"))
        if self._store.get(_PROJECT, key) is None:
            self.create(caller, key)
        if not deployer_rights(caller, self._store.get(_PROJECT, key)).write:
            raise Forbidden(f"You may not upload bundles to published project {key}")
        bundle_id = str(manifest["bundleId"])
        package: dict[str, Any] = {
            "id": bundle_id,
            "publishedOn": self._clock.milliseconds(),
            "publishedBy": caller.login,
            "designNodeInfo": {"projectKey": manifest.get("projectKey")},
        }
        if self.in_fleet:
            package["designNodeInfo"]["nodeId"] = manifest["exportManifest"].get("designNodeId")
        with self._store.locked():
            if self._store.text(_PACKAGE, f"{key}/{bundle_id}") is not None:
                raise BadRequest(f"Bundle {bundle_id} already exists in published project {key}")
            self._store.put(_PACKAGE, f"{key}/{bundle_id}", package)
            self._store.put(_CONTENT, f"{key}/{bundle_id}", {"manifest": manifest, **content})
        return {**package, "publishedProjectKey": key}

    def download(self, caller: Caller, project_key: str, bundle_id: str) -> bytes:
        """Return a package's archive; who sees the published project may have it (assumed)."""
        self.visible(caller, project_key)
        content = self.package_content(project_key, bundle_id)
        return packed(content["manifest"], content)

    def delete_package(self, caller: Caller, project_key: str, bundle_id: str) -> None:
        """Remove a package that no deployment uses (the latter is an assumption); it needs the right to upload."""
        _, rights = self.visible(caller, project_key)
        if not rights.write:
            raise Forbidden(f"You may not delete bundles of published project {project_key}")
        self.package_content(project_key, bundle_id)
        if any(each["bundleId"] == bundle_id for each in deployments(self._store, project_key=project_key)):
            raise BadRequest(f"Bundle {bundle_id} is used by a deployment")
        for kind in (_PACKAGE, _CONTENT):
            self._store.delete(kind, f"{project_key}/{bundle_id}")
