"""Infrastructures of the Project Deployer, and whether the hook that asks for approvals stands in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from govern_mirror.connection import path_part
from govern_mirror.dss.client import NOT_DSS, Client, api_errors
from govern_mirror.dss.governable_items import milliseconds
from govern_mirror.dss.hook_text import InstalledHook, installed_hook
from govern_mirror.errors import AccessDenied, ConnectionFailed, GovernMirrorError, NotFound
from govern_mirror.nested import get, text_at

_MAX_DEPTH = 8
"""How deep settings are searched: where hooks stand in them is not documented."""


@dataclass(frozen=True)
class Infrastructure:
    """An infrastructure of the Project Deployer.

    Attributes:
        id: its id.
        hook: what it has of the hook; None where this key may not read its settings.
    """

    id: str
    hook: InstalledHook | None


def infrastructures(client: Client) -> list[Infrastructure]:
    """Return the infrastructures that this key sees, with their hooks; none where the node has no Deployer.

    Raises:
        GovernMirrorError: as `api_errors` says.
    """
    return [Infrastructure(id_, _hook(client, id_)) for id_ in infrastructure_ids(client)]


def infrastructure_ids(client: Client) -> list[str]:
    """Return the ids of the infrastructures that this key sees; none where the node has no Deployer.

    Raises:
        GovernMirrorError: as `api_errors` says.
    """
    try:
        with api_errors(doing="list the infrastructures of the Project Deployer"):
            items = client._perform_json("GET", "/project-deployer/infras")
    except NotFound:
        return []
    if not isinstance(items, list):
        raise ConnectionFailed(NOT_DSS)
    ids = [text_at(get(item, ("infraBasicInfo",)), "id") for item in items]
    return [id_ for id_ in ids if id_]


def _hook(client: Client, infrastructure: str) -> InstalledHook | None:
    try:
        with api_errors(doing=f"read the settings of the infrastructure {infrastructure}"):
            settings = client._perform_json("GET", f"/project-deployer/infras/{path_part(infrastructure)}/settings")
    except (AccessDenied, NotFound):
        return None
    except GovernMirrorError as error:
        if isinstance(error, ConnectionFailed):
            raise
        return None
    hooks = [installed_hook(text) for text in _enabled_texts(settings)]
    order = (InstalledHook.CURRENT, InstalledHook.OLDER, InstalledHook.ALTERED)
    return next((hook for hook in order if hook in hooks), InstalledHook.ABSENT)


def _enabled_texts(value: object, depth: int = _MAX_DEPTH) -> Iterator[str]:
    """The texts in settings, but not of what is switched off."""
    if isinstance(value, str):
        yield value
    elif depth and isinstance(value, dict):
        if value.get("enabled") is not False:
            for inner in value.values():
                yield from _enabled_texts(inner, depth - 1)
    elif depth and isinstance(value, list):
        for inner in value:
            yield from _enabled_texts(inner, depth - 1)


@dataclass(frozen=True)
class Deployment:
    """What the Project Deployer has brought to an infrastructure.

    Attributes:
        id: its id.
        infrastructure: where to.
        published_project: the published project on the Deployer.
        bundle: the bundle's id.
        source: the key of the project that the bundle comes from; None where the Deployer does not tell.
        published_on, exported_on: when the package was published, and the bundle in it exported, in milliseconds since
            1970 (UTC); None where the Deployer does not tell. No version is known to tell the latter.
        node: the id of the design node that the bundle comes from; None outside a fleet, where packages name none.
    """

    id: str
    infrastructure: str
    published_project: str
    bundle: str
    source: str | None
    published_on: int | None = None
    exported_on: int | None = None
    node: str | None = None


def deployments(client: Client) -> list[Deployment]:
    """Return the deployments that this key sees, without those that were never carried out.

    Raises:
        GovernMirrorError: as `api_errors` says.
    """
    try:
        with api_errors(doing="list the deployments of the Project Deployer"):
            items = client._perform_json("GET", "/project-deployer/deployments")
    except NotFound:
        return []
    if not isinstance(items, list):
        raise ConnectionFailed(NOT_DSS)
    result = []
    for light in items:
        info = get(light, ("deploymentBasicInfo",))
        parts = [text_at(info, name) for name in ("id", "infraId", "publishedProjectKey", "bundleId")]
        if get(light, ("neverEverDeployed",)) is True or not all(parts):
            continue
        id_, infrastructure, published, bundle = (part or "" for part in parts)
        packages = get(light, ("packages",))
        package = (
            next((p for p in packages if text_at(p, "id") == bundle), None) if isinstance(packages, list) else None
        )
        origin = get(package, ("designNodeInfo",))
        source, node = text_at(origin, "projectKey"), text_at(origin, "nodeId")
        times = milliseconds(get(package, ("publishedOn",))), _exported_on(package)
        result.append(Deployment(id_, infrastructure, published, bundle, source, *times, node))
    return result


def _exported_on(package: object) -> int | None:
    """The export time that a package has of its own, where the hook looks for it, too."""
    exported_on = milliseconds(get(package, ("exportManifest", "exportUserInfo", "exportedOn")))
    return milliseconds(get(package, ("exportedOn",))) if exported_on is None else exported_on
