"""The Project Deployer's deployments: a package on an infrastructure, under a project key (client, docs)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .auth import Caller
from .clock import Clock
from .deployer_rights import DEPLOYMENT, deployment_info, infra_info
from .deployment_update import UPDATE, DeploymentUpdates, Message, message, report
from .errors import BadRequest, Forbidden, NotFound
from .futures import Futures
from .infrastructures import Infrastructures
from .published_projects import PublishedProjects
from .store import Store
from .versions import version_tag

Governance = Callable[[str, Mapping[str, Any]], list[Message]]
"""What Govern says of a package of a published project: key and package in, messages out."""


class Deployments:
    """The deployments of the Project Deployer.

    Attributes:
        governance: what Govern says of a package, for infrastructures that ask it. What it says without a Govern node
            is not known: an error here, so that an infrastructure that asks lets nothing through.
    """

    def __init__(
        self,
        store: Store,
        infrastructures: Infrastructures,
        projects: PublishedProjects,
        updates: DeploymentUpdates,
        futures: Futures,
        clock: Clock,
    ) -> None:
        self._store = store
        self._infrastructures = infrastructures
        self._projects = projects
        self._updates = updates
        self._futures = futures
        self._clock = clock
        self.governance: Governance = lambda _key, _package: [
            message("ERROR", "Bundle is not governed", "This node is not integrated with Dataiku Govern")
        ]

    def create(self, caller: Caller, body: Mapping[str, Any], *, ignore_warnings: bool = False) -> dict[str, Any]:
        """Create a deployment, which is not started yet (client); it needs the right to deploy both here and there.

        Raises:
            BadRequest: the id is taken or blank, or Govern has something against the bundle.
            NotFound: there is no such infrastructure, published project or bundle.
            Forbidden: the caller may not deploy.
        """
        identifier = body.get("deploymentId")
        if not isinstance(identifier, str) or not identifier or self._store.get(DEPLOYMENT, identifier) is not None:
            raise BadRequest(f"A deployment needs an id that is not taken: {identifier!r}")
        tag = version_tag(0, caller, self._clock)
        settings: dict[str, Any] = {
            "id": identifier,
            "infraId": body.get("infraId"),
            "publishedProjectKey": body.get("publishedProjectKey"),
            "bundleId": body.get("bundleId"),
            "deployedProjectKey": body.get("deployedProjectKey") or body.get("publishedProjectKey"),
            "projectFolderId": body.get("projectFolderId") or "ROOT",
            "tags": [],
            "localVariables": {},
            "scenariosToActivate": {},
            "disableAutomaticTriggers": False,
            "creationTag": tag,
            "versionTag": tag,
        }
        self._require_deployable(caller, settings, ignore_warnings=ignore_warnings)
        self._store.put(DEPLOYMENT, identifier, settings)
        return self.light(caller, identifier)

    def settings(self, caller: Caller, identifier: str) -> dict[str, Any]:
        """Return a deployment's settings.

        Raises:
            NotFound: there is none, or the caller may not see its infrastructure or its published project.
        """
        settings: dict[str, Any] | None = self._store.get(DEPLOYMENT, identifier)
        if settings is None:
            raise NotFound(f"Deployment {identifier} not found")
        self._infrastructures.visible(caller, settings["infraId"])
        self._projects.visible(caller, settings["publishedProjectKey"])
        return settings

    def save(
        self, caller: Caller, identifier: str, settings: Mapping[str, Any], *, ignore_warnings: bool = False
    ) -> None:
        """Replace a deployment's settings, such as its bundle; the published project cannot be changed (client).

        Nothing happens on the automation node before the next update (docs).
        """
        before = self.settings(caller, identifier)
        unchanged = {key: before[key] for key in ("id", "infraId", "publishedProjectKey", "creationTag")}
        tag = version_tag(before["versionTag"]["versionNumber"] + 1, caller, self._clock)
        document = {**before, **settings, **unchanged, "versionTag": tag}
        self._require_deployable(caller, document, ignore_warnings=ignore_warnings)
        self._store.put(DEPLOYMENT, identifier, document)

    def delete(self, caller: Caller, identifier: str) -> None:
        """Delete a deployment; what it deployed stays on the automation node (docs).

        The client says: only one that is disabled, and was updated after that. How one is disabled is not public:
        `enabled` of its settings, here.
        """
        settings = self.settings(caller, identifier)
        self._require_deployer(caller, settings)
        last = self._updates.last(identifier)
        if last is not None and (settings.get("enabled") is not False or last.get("enabled") is not False):
            raise BadRequest(f"Deployment {identifier} must be disabled, and updated, before it is deleted")
        self._store.delete(DEPLOYMENT, identifier)
        self._updates.forget(identifier)

    def listed(self, caller: Caller) -> list[dict[str, Any]]:
        """Return the deployments that the caller may see."""
        deployments = []
        for identifier, _ in self._store.texts(DEPLOYMENT):
            try:
                deployments.append(self.light(caller, identifier))
            except NotFound:
                continue
        return deployments

    def light(self, caller: Caller, identifier: str) -> dict[str, Any]:
        """Return the light status: summaries of what belongs together, and the published project's packages."""
        settings = self.settings(caller, identifier)
        infra, _ = self._infrastructures.visible(caller, settings["infraId"])
        project, _ = self._projects.visible(caller, settings["publishedProjectKey"])
        return {
            "deploymentBasicInfo": deployment_info(settings),
            "infraBasicInfo": infra_info(infra),
            "projectBasicInfo": {"id": project["id"], "name": project["name"]},
            "packages": self._projects.packages(project["id"]),
            "neverEverDeployed": self._updates.deployed(identifier) is None,
        }

    def heavy(self, caller: Caller, identifier: str) -> dict[str, Any]:
        """Return the full status, its health above all; that it follows from the last update alone is an assumption."""
        settings = self.settings(caller, identifier)
        last, deployed = self._updates.last(identifier), self._updates.deployed(identifier)
        if last is None:
            health = "UNKNOWN"
        elif last["status"] == "ERROR":
            health = "ERROR"
        elif deployed is None or deployed["bundleId"] != settings["bundleId"]:
            health = "OUT_OF_SYNC"
        else:
            health = {"WARNING": "WARNING"}.get(last["status"], "HEALTHY")
        return {
            "deploymentId": identifier,
            "health": health,
            "healthMessages": report(last["messages"] if last else []),
            "monitoring": {"hasScenarios": False, "hasActiveScenarios": False},
        }

    def governance_status(self, caller: Caller, identifier: str, bundle_id: str) -> dict[str, Any]:
        """Return what Govern says of a bundle, of the deployment's own where none is named (client)."""
        settings = self.settings(caller, identifier)
        infra, _ = self._infrastructures.visible(caller, settings["infraId"])
        return report(self._governance(infra, {**settings, "bundleId": bundle_id or settings["bundleId"]}))

    def start_update(self, caller: Caller, identifier: str) -> dict[str, Any]:
        """Start to bring the automation node to what the settings say, and return its future (client).

        Raises:
            Forbidden: the caller may not deploy, on the infrastructure or of the published project.
            BadRequest: an update is going on; that it is refused then is an assumption.
        """
        settings = self.settings(caller, identifier)
        self._require_deployer(caller, settings)
        infra, _ = self._infrastructures.visible(caller, settings["infraId"])
        job_id = f"deployment-{identifier}-{len(self._futures) + 1}"
        work = self._updates.begin(caller, settings, infra, self._governance(infra, settings))
        self._futures.start(job_id, work)
        return {"jobId": job_id, "hasResult": False, "alive": True}

    def updates(self, caller: Caller, identifier: str) -> list[dict[str, Any]]:
        """Return when the deployment was updated, and to what end, the latest first."""
        self.settings(caller, identifier)
        return [{name: each[name] for name in ("startTimestamp", "type", "status")} for each in self._all(identifier)]

    def update(self, caller: Caller, identifier: str, timestamp: str | None) -> dict[str, Any]:
        """Return one update, the last when no time is given; raises NotFound."""
        self.settings(caller, identifier)
        for each in self._all(identifier):
            if timestamp in (None, str(each["startTimestamp"])):
                return each
        raise NotFound(f"Deployment {identifier} has no such update")

    def _all(self, identifier: str) -> list[dict[str, Any]]:
        return [each for _, each in self._store.items(UPDATE, f"{identifier}/")][::-1]

    def _governance(self, infra: Mapping[str, Any], settings: Mapping[str, Any]) -> list[Message]:
        """Return what Govern says of the bundle; nothing where the infrastructure does not ask it."""
        if infra["governCheckPolicy"] == "NO_CHECK":
            return []
        packages = self._projects.packages(settings["publishedProjectKey"])
        package = next(package for package in packages if package["id"] == settings["bundleId"])
        messages = self.governance(settings["publishedProjectKey"], package)
        if infra["governCheckPolicy"] == "WARN":
            for each in messages:
                if each["severity"] == "ERROR":
                    each.update(severity="WARNING", isFatal=False)
        return messages

    def _require_deployer(self, caller: Caller, settings: Mapping[str, Any]) -> None:
        _, on_infra = self._infrastructures.visible(caller, settings["infraId"])
        _, of_project = self._projects.visible(caller, settings["publishedProjectKey"])
        if not on_infra.deploy:
            raise Forbidden(f"You may not deploy on infrastructure {settings['infraId']}")
        if not of_project.deploy:
            raise Forbidden(f"You may not deploy published project {settings['publishedProjectKey']}")

    def _require_deployable(self, caller: Caller, settings: Mapping[str, Any], *, ignore_warnings: bool) -> None:
        """Refuse what may not be deployed, here and now: by whom, which bundle, and what Govern says of it (client)."""
        self._require_deployer(caller, settings)
        self._projects.package_content(str(settings["publishedProjectKey"]), str(settings["bundleId"]))
        infra, _ = self._infrastructures.visible(caller, settings["infraId"])
        for each in self._governance(infra, settings):
            if each["severity"] == "ERROR" or (each["severity"] == "WARNING" and not ignore_warnings):
                raise BadRequest(f"{each['title']}: {each['message']}")
