"""What the parts of the Project Deployer share: who may do what, and the summaries that they show of each other.

Shapes are those of the client and its documentation. Rights of an infrastructure: to see, to deploy, to administrate;
of a published project: to see, to upload, to deploy, to administrate (docs, deployment infrastructures).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .auth import Caller
from .store import Store

INFRA, DEPLOYMENT = "deployer_infra", "deployer_deployment"
_INFRA_INFO = ("id", "stage", "governCheckPolicy", "automationNodeUrl", "automationNodeExternalUrl")


@dataclass(frozen=True)
class DeployerRights:
    """What somebody may do with an infrastructure or a published project."""

    read: bool = False
    write: bool = False
    deploy: bool = False
    admin: bool = False


def deployer_rights(caller: Caller, document: Mapping[str, Any]) -> DeployerRights:
    """Return what a caller may do: by owner, by group, as administrator of the instance."""
    if caller.project_key is not None:
        return DeployerRights()
    if caller.is_admin or (document.get("owner") == caller.login and caller.may_write):
        return DeployerRights(True, True, True, True)
    entries = [entry for entry in document.get("permissions") or [] if entry.get("group") in caller.groups]

    def has(right: str) -> bool:
        return any(entry.get(right) or entry.get("admin") for entry in entries)

    write, deploy, admin = (has(right) and caller.may_write for right in ("write", "deploy", "admin"))
    return DeployerRights(has("read") or has("write") or has("deploy"), write, deploy, admin)


def deployments(store: Store, *, infra_id: str | None = None, project_key: str | None = None) -> list[dict[str, Any]]:
    """Return the settings of deployments, of an infrastructure or a published project where one is named."""
    return [
        each
        for _, each in store.items(DEPLOYMENT)
        if infra_id in (None, each["infraId"]) and project_key in (None, each["publishedProjectKey"])
    ]


def infra_info(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the summary of an infrastructure that other documents hold."""
    return {name: settings[name] for name in _INFRA_INFO if name in settings}


def deployment_info(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the summary of a deployment that other documents hold; names of people are logins here."""
    names = ("id", "infraId", "tags", "publishedProjectKey", "bundleId", "deployedProjectKey")
    return {
        **{name: settings[name] for name in names},
        "createdByDisplayName": settings["creationTag"]["lastModifiedBy"]["login"],
        "lastModifiedByDisplayName": settings["versionTag"]["lastModifiedBy"]["login"],
    }
