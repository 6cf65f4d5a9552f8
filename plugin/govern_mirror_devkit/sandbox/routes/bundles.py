"""Bundles of a project (client)."""

from __future__ import annotations

from typing import Any

from ..web import Reply, Route
from .call import DssCall


def list_exported(call: DssCall, project_key: str) -> Reply:
    """Return the project's bundles."""
    return Reply(call.instance.bundles.listed(call.caller, project_key))


def export(call: DssCall, project_key: str, bundle_id: str) -> dict[str, Any]:
    """Make a bundle; a request without body (live 15). What the answer holds is not known."""
    arguments = call.http.args
    call.instance.bundles.export(
        call.caller,
        project_key,
        bundle_id,
        arguments.get("releaseNotes", ""),
        with_checks=arguments.get("evaluateProjectStandardsChecks", "true").lower() == "true",
    )
    return {}


def delete(call: DssCall, project_key: str, bundle_id: str) -> dict[str, Any]:
    """Delete a bundle."""
    call.instance.bundles.delete(call.caller, project_key, bundle_id)
    return {}


def archive(call: DssCall, project_key: str, bundle_id: str) -> Reply:
    """Return a bundle's archive."""
    return Reply(call.instance.bundles.archive(call.caller, project_key, bundle_id), "application/zip")


def publish(call: DssCall, project_key: str, bundle_id: str) -> dict[str, Any]:
    """Publish a bundle on the Project Deployer (client)."""
    published_key = call.http.args.get("publishedProjectKey")
    return call.instance.publish_bundle(call.caller, project_key, bundle_id, published_key)


_ALL = "/projects/<project_key>/bundles/exported"

ROUTES: list[Route] = [
    ("GET", _ALL, list_exported),
    ("PUT", f"{_ALL}/<bundle_id>", export),
    ("DELETE", f"{_ALL}/<bundle_id>", delete),
    ("GET", f"{_ALL}/<bundle_id>/archive", archive),
    ("POST", "/projects/<project_key>/bundles/<bundle_id>/publish", publish),
]
"""There is none for one bundle: who wants one reads the list."""
