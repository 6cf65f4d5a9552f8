"""The Project Deployer (client)."""

from __future__ import annotations

from typing import Any

from ..infrastructures import STAGES
from ..web import Reply, Route
from .call import DssCall


def stages(call: DssCall) -> list[dict[str, str]]:
    """Return the stages of infrastructures."""
    return [{"id": stage, "desc": ""} for stage in STAGES]


def list_infras(call: DssCall) -> list[dict[str, Any]]:
    """Return the infrastructures that the caller may see."""
    return call.instance.infrastructures.listed(call.caller)


def create_infra(call: DssCall) -> dict[str, Any]:
    """Create an infrastructure."""
    return call.instance.infrastructures.create(call.caller, call.object())


def infra(call: DssCall, infra_id: str) -> dict[str, Any]:
    """Return an infrastructure's status."""
    return call.instance.infrastructures.status(call.caller, infra_id)


def delete_infra(call: DssCall, infra_id: str) -> None:
    """Delete an infrastructure."""
    call.instance.infrastructures.delete(call.caller, infra_id)


def infra_settings(call: DssCall, infra_id: str) -> dict[str, Any]:
    """Return an infrastructure's settings."""
    return call.instance.infrastructures.settings(call.caller, infra_id)


def save_infra(call: DssCall, infra_id: str) -> None:
    """Replace an infrastructure's settings."""
    call.instance.infrastructures.save(call.caller, infra_id, call.object())


def list_projects(call: DssCall) -> list[dict[str, Any]]:
    """Return the published projects that the caller may see."""
    return call.instance.published_projects.listed(call.caller)


def create_project(call: DssCall) -> dict[str, Any]:
    """Create a published project."""
    return call.instance.published_projects.create(call.caller, call.object().get("publishedProjectKey"))


def project(call: DssCall, key: str) -> dict[str, Any]:
    """Return a published project's status."""
    return call.instance.published_projects.status(call.caller, key)


def delete_project(call: DssCall, key: str) -> None:
    """Delete a published project."""
    call.instance.published_projects.delete(call.caller, key)


def project_settings(call: DssCall, key: str) -> dict[str, Any]:
    """Return a published project's settings."""
    return call.instance.published_projects.settings(call.caller, key)


def save_project(call: DssCall, key: str) -> None:
    """Replace a published project's settings."""
    call.instance.published_projects.save(call.caller, key, call.object())


def upload_bundle(call: DssCall) -> None:
    """Upload a bundle's archive."""
    call.instance.published_projects.upload(call.caller, call.uploaded(), call.http.args.get("projectKey"))


def bundle_archive(call: DssCall, key: str, bundle_id: str) -> Reply:
    """Return a package's archive."""
    return Reply(call.instance.published_projects.download(call.caller, key, bundle_id), "application/zip")


def delete_bundle(call: DssCall, key: str, bundle_id: str) -> None:
    """Delete a package."""
    call.instance.published_projects.delete_package(call.caller, key, bundle_id)


def standards_report(call: DssCall, key: str, bundle_id: str) -> Reply:
    """Return a package's Project Standards report: none, as no checks are run."""
    call.instance.published_projects.download(call.caller, key, bundle_id)
    return Reply("null")


def list_deployments(call: DssCall) -> list[dict[str, Any]]:
    """Return the deployments that the caller may see."""
    return call.instance.deployments.listed(call.caller)


def create_deployment(call: DssCall) -> dict[str, Any]:
    """Create a deployment; the answer is its light status (live 15 reads its id there)."""
    return call.instance.deployments.create(call.caller, call.object(), ignore_warnings=_ignore_warnings(call))


def deployment(call: DssCall, deployment_id: str) -> dict[str, Any]:
    """Return a deployment's light status."""
    return call.instance.deployments.light(call.caller, deployment_id)


def deployment_status(call: DssCall, deployment_id: str) -> dict[str, Any]:
    """Return a deployment's full status."""
    return call.instance.deployments.heavy(call.caller, deployment_id)


def governance_status(call: DssCall, deployment_id: str) -> dict[str, Any]:
    """Return what Govern says of a deployment's bundle."""
    bundle_id = call.http.args.get("bundleId", "")
    return call.instance.deployments.governance_status(call.caller, deployment_id, bundle_id)


def deployment_settings(call: DssCall, deployment_id: str) -> dict[str, Any]:
    """Return a deployment's settings."""
    return call.instance.deployments.settings(call.caller, deployment_id)


def save_deployment(call: DssCall, deployment_id: str) -> None:
    """Replace a deployment's settings."""
    ignore = _ignore_warnings(call)
    call.instance.deployments.save(call.caller, deployment_id, call.object(), ignore_warnings=ignore)


def delete_deployment(call: DssCall, deployment_id: str) -> None:
    """Delete a deployment."""
    call.instance.deployments.delete(call.caller, deployment_id)


def start_update(call: DssCall, deployment_id: str) -> dict[str, Any]:
    """Start an update; the answer is its future."""
    return call.instance.deployments.start_update(call.caller, deployment_id)


def list_updates(call: DssCall, deployment_id: str) -> list[dict[str, Any]]:
    """Return the updates of a deployment."""
    return call.instance.deployments.updates(call.caller, deployment_id)


def update(call: DssCall, deployment_id: str, timestamp: str | None = None) -> dict[str, Any]:
    """Return one update, or the last."""
    return call.instance.deployments.update(call.caller, deployment_id, timestamp)


def _ignore_warnings(call: DssCall) -> bool:
    return call.http.args.get("ignoreWarnings", "").lower() == "true"


_INFRAS, _INFRA = "/project-deployer/infras", "/project-deployer/infras/<infra_id>"
_PROJECTS, _PROJECT = "/project-deployer/projects", "/project-deployer/projects/<key>"
_DEPLOYMENTS, _DEPLOYMENT = "/project-deployer/deployments", "/project-deployer/deployments/<deployment_id>"

ROUTES: list[Route] = [
    ("GET", "/project-deployer/stages", stages),
    ("GET", _INFRAS, list_infras),
    ("POST", _INFRAS, create_infra),
    ("GET", _INFRA, infra),
    ("DELETE", _INFRA, delete_infra),
    ("GET", f"{_INFRA}/settings", infra_settings),
    ("PUT", f"{_INFRA}/settings", save_infra),
    ("GET", _PROJECTS, list_projects),
    ("POST", _PROJECTS, create_project),
    ("POST", f"{_PROJECTS}/bundles", upload_bundle),
    ("GET", _PROJECT, project),
    ("DELETE", _PROJECT, delete_project),
    ("GET", f"{_PROJECT}/settings", project_settings),
    ("PUT", f"{_PROJECT}/settings", save_project),
    ("GET", f"{_PROJECT}/bundles/<bundle_id>", bundle_archive),
    ("DELETE", f"{_PROJECT}/bundles/<bundle_id>", delete_bundle),
    ("GET", f"{_PROJECT}/bundles/<bundle_id>/project-standards-report", standards_report),
    ("GET", _DEPLOYMENTS, list_deployments),
    ("POST", _DEPLOYMENTS, create_deployment),
    ("GET", _DEPLOYMENT, deployment),
    ("DELETE", _DEPLOYMENT, delete_deployment),
    ("GET", f"{_DEPLOYMENT}/status", deployment_status),
    ("GET", f"{_DEPLOYMENT}/governance-status", governance_status),
    ("GET", f"{_DEPLOYMENT}/settings", deployment_settings),
    ("PUT", f"{_DEPLOYMENT}/settings", save_deployment),
    ("POST", f"{_DEPLOYMENT}/actions/update", start_update),
    ("GET", f"{_DEPLOYMENT}/update", list_updates),
    ("GET", f"{_DEPLOYMENT}/update/<timestamp>", update),
    ("GET", f"{_DEPLOYMENT}/last-update", update),
]
