"""The Project Deployer's infrastructures: automation nodes, who may deploy to them, and their hooks (client, docs)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .auth import Caller
from .deployer_rights import INFRA, DeployerRights, deployer_rights, deployment_info, deployments, infra_info
from .errors import BadRequest, Forbidden, NotFound
from .store import Store

STAGES = ("Development", "Test", "Production")
"""Those that DSS comes with (docs)."""

POLICIES = ("PREVENT", "WARN", "NO_CHECK")


class Infrastructures:
    """The infrastructures of the Project Deployer."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def create(self, caller: Caller, body: Mapping[str, Any]) -> dict[str, Any]:
        """Create an infrastructure, without a node yet (live 15); that only administrators may is an assumption.

        Where hooks stand in the settings is not public: `preDeploymentHooks` and `postDeploymentHooks` here, each with
        `name`, `enabled` and `code`, and beside them `hooksRunAsUser` and `hooksCodeEnvName`.
        """
        if not caller.is_admin:
            raise Forbidden("Only administrators may create infrastructures")
        infra_id, policy = body.get("id"), body.get("governCheckPolicy") or "NO_CHECK"
        if not isinstance(infra_id, str) or not infra_id or self._store.get(INFRA, infra_id) is not None:
            raise BadRequest(f"An infrastructure needs an id that is not taken: {infra_id!r}")
        if body.get("stage") not in STAGES:
            raise BadRequest(f"Unknown stage {body.get('stage')!r}")
        settings = {
            "id": infra_id,
            "stage": body["stage"],
            "governCheckPolicy": policy,
            "autoconfigureFromNodesDirectory": False,
            "trustAllSSLCertificates": False,
            "permissions": [],
            "preDeploymentHooks": [],
            "postDeploymentHooks": [],
        }
        _require_policy(settings)
        self._store.put(INFRA, infra_id, settings)
        return self.status(caller, infra_id)

    def visible(self, caller: Caller, infra_id: str) -> tuple[dict[str, Any], DeployerRights]:
        """Return an infrastructure's settings, for the sandbox's own use, and what the caller may do with it.

        Raises:
            NotFound: there is none, or the caller may not see it: it is "not even visible" (docs); the status is
                assumed.
        """
        settings: dict[str, Any] | None = self._store.get(INFRA, infra_id)
        rights = deployer_rights(caller, settings) if settings is not None else DeployerRights()
        if settings is None or not rights.read:
            raise NotFound(f"Infrastructure {infra_id} not found")
        return settings, rights

    def settings(self, caller: Caller, infra_id: str) -> dict[str, Any]:
        """Return an infrastructure's settings; its administrators only may see them, hooks among them (docs)."""
        settings, rights = self.visible(caller, infra_id)
        if not rights.admin:
            raise Forbidden(f"You are not an administrator of infrastructure {infra_id}")
        return settings

    def save(self, caller: Caller, infra_id: str, settings: Mapping[str, Any]) -> None:
        """Replace an infrastructure's settings; its administrators only may (docs)."""
        before = self.settings(caller, infra_id)
        _require_policy(settings)
        self._store.put(INFRA, infra_id, {**settings, "id": before["id"]})

    def delete(self, caller: Caller, infra_id: str) -> None:
        """Delete an infrastructure that no deployment uses any more (client)."""
        self.settings(caller, infra_id)
        if deployments(self._store, infra_id=infra_id):
            raise BadRequest(f"Infrastructure {infra_id} has deployments")
        self._store.delete(INFRA, infra_id)

    def status(self, caller: Caller, infra_id: str) -> dict[str, Any]:
        """Return what the list shows of an infrastructure."""
        settings, rights = self.visible(caller, infra_id)
        return {
            "infraBasicInfo": infra_info(settings),
            "isAdmin": rights.admin,
            "canDeploy": rights.deploy,
            "deployments": [deployment_info(each) for each in deployments(self._store, infra_id=infra_id)],
        }

    def listed(self, caller: Caller) -> list[dict[str, Any]]:
        """Return the infrastructures that the caller may see."""
        keys = [key for key, infra in self._store.items(INFRA) if deployer_rights(caller, infra).read]
        return [self.status(caller, key) for key in keys]


def _require_policy(settings: Mapping[str, Any]) -> None:
    if settings.get("governCheckPolicy") not in POLICIES:
        raise BadRequest(f"governCheckPolicy must be one of {', '.join(POLICIES)}")
