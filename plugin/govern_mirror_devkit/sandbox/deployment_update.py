"""Updates of deployments: hooks before, the bundle on the automation node, hooks after (docs)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from .auth import Accounts, Caller
from .clock import Clock
from .deployer_rights import DEPLOYMENT
from .deployment_hooks import DeploymentHooks
from .errors import BadRequest, DssError
from .projects import Projects
from .published_projects import PublishedProjects
from .store import Store

UPDATE, _DEPLOYED = "deployer_update", "deployer_deployed"

Message = dict[str, Any]
"""`severity` (SUCCESS, INFO, WARNING, ERROR), `isFatal`, `title`, `message`, `details` (client); without the `code`
that the client names, as those of the Deployer are not public."""

_WORST_LAST = ("SUCCESS", "INFO", "WARNING", "ERROR")


class AutomationNode(Protocol):
    """Where deployments end: another instance."""

    base_url: str | None
    accounts: Accounts
    projects: Projects


@dataclass
class _Progress:
    """One update under way."""

    record: dict[str, Any]
    messages: list[Message] = field(default_factory=list)

    def note(self, severity: str, title: str, text: str) -> None:
        self.messages.append(message(severity, title, text))

    @property
    def status(self) -> str:
        """SUCCESS, WARNING or ERROR: the words of a deployment's report (developer guide, hooks)."""
        worst = max((_WORST_LAST.index(message["severity"]) for message in self.messages), default=0)
        return _WORST_LAST[worst] if worst > 1 else "SUCCESS"


class DeploymentUpdates:
    """Carries updates out, and remembers them.

    Attributes:
        nodes: the automation nodes by the id of their infrastructure; the instance's `connect_automation` sets them.
        bundle_is_read_late: deploy the bundle that the settings name after the hooks before, and not the one that they
            named when the update was started. No source tells which, nor whether settings can be saved meanwhile: a
            hook that asks for the bundle may be told another one than is deployed.
    """

    def __init__(self, store: Store, projects: PublishedProjects, hooks: DeploymentHooks, clock: Clock) -> None:
        self._store = store
        self._projects = projects
        self._hooks = hooks
        self._clock = clock
        self._lock = threading.Lock()
        self._going_on: set[str] = set()
        self.nodes: dict[str, AutomationNode] = {}
        self.bundle_is_read_late = False

    def last(self, identifier: str) -> dict[str, Any] | None:
        """Return the last update that has ended, or None."""
        ended = [each for _, each in self._store.items(UPDATE, f"{identifier}/") if each["endTimestamp"]]
        return ended[-1] if ended else None

    def deployed(self, identifier: str) -> dict[str, Any] | None:
        """Return what is on the automation node: bundle and project key; None before the first success."""
        deployed: dict[str, Any] | None = self._store.get(_DEPLOYED, identifier)
        return deployed

    def forget(self, identifier: str) -> None:
        """Forget the updates of a deployment that is deleted."""
        self._store.delete(_DEPLOYED, identifier)
        for key, _ in self._store.texts(UPDATE, f"{identifier}/"):
            self._store.delete(UPDATE, key)

    def begin(
        self, caller: Caller, settings: Mapping[str, Any], infra: Mapping[str, Any], governance: list[Message]
    ) -> Callable[[], dict[str, Any]]:
        """Note that an update begins, and return what carries it out and gives its report.

        Raises:
            BadRequest: one is going on.
        """
        identifier = settings["id"]
        with self._lock:
            if identifier in self._going_on:
                raise BadRequest(f"Deployment {identifier} is being updated")
            self._going_on.add(identifier)
        record = {
            "startTimestamp": self._free_timestamp(identifier),
            "endTimestamp": 0,
            "type": "UPDATE",
            "status": "RUNNING",
            "requester": caller.login,
            "bundleId": settings["bundleId"],
            "enabled": settings.get("enabled"),
            "messages": [],
        }
        self._keep(identifier, record)

        def carry_out() -> dict[str, Any]:
            progress = _Progress(record, list(governance))
            try:
                self._carry_out(progress, caller.login, settings, infra)
            except DssError as error:
                progress.note("ERROR", "Deployment failed", error.message)
            finally:
                lines = [f"[{line['severity']}] {line['title']}: {line['message']}" for line in progress.messages]
                record["endTimestamp"] = max(self._clock.milliseconds(), record["startTimestamp"])
                record.update(status=progress.status, messages=progress.messages, logs={"lines": lines})
                self._keep(identifier, record)
                self._going_on.discard(identifier)
            return report(progress.messages)

        return carry_out

    def _carry_out(
        self, progress: _Progress, requester: str, settings: Mapping[str, Any], infra: Mapping[str, Any]
    ) -> None:
        """Do what an update does; nothing is deployed after an error of a hook or of Govern.

        That hooks after it do not run then, and do run after a deployment that failed by itself, are assumptions; so is
        that a hook afterwards which fails undoes nothing.
        """
        if progress.status == "ERROR":
            return
        arguments = {
            "requesting_user": requester,
            "deployment_id": settings["id"],
            # none before (developer guide, hooks)
            "deployment_report": None,
            # the user that changes are made as on the automation node (docs)
            "deploying_user": infra.get("deploymentUser") or requester,
            "deployed_project_key": settings["deployedProjectKey"],
        }
        for name, outcome in self._hooks.run(infra, "preDeploymentHooks", arguments, requester):
            progress.note(outcome.status, f"Hook {name}", outcome.message)
            if outcome.status == "ERROR":
                return
        try:
            late = self._store.get(DEPLOYMENT, settings["id"]) if self.bundle_is_read_late else None
            self._deploy(late or settings, infra, str(arguments["deploying_user"]))
        except DssError as error:
            progress.note("ERROR", "Deployment failed", error.message)
        texts = [line["message"] for line in progress.messages]
        after = {**arguments, "deployment_report": {"status": progress.status, "messages": texts}}
        for name, outcome in self._hooks.run(infra, "postDeploymentHooks", after, requester):
            progress.note(outcome.status, f"Hook {name}", outcome.message)

    def _deploy(self, settings: Mapping[str, Any], infra: Mapping[str, Any], login: str) -> None:
        """Bring the bundle's project to the automation node, as a user of the same login there (docs)."""
        node = self.nodes.get(infra["id"])
        if node is None:
            raise BadRequest(f"Infrastructure {infra['id']} has no automation node")
        content = self._projects.package_content(settings["publishedProjectKey"], settings["bundleId"])
        user, key = node.accounts.user(login), settings["deployedProjectKey"]
        if node.projects.exists(key):
            node.projects.require_write(user, key)
        else:
            node.projects.create(user, key, content["metadata"].get("label") or key, login)
        node.projects.set_metadata(user, key, content["metadata"])
        deployed = {"bundleId": settings["bundleId"], "deployedProjectKey": key, "on": self._clock.milliseconds()}
        self._store.put(_DEPLOYED, settings["id"], deployed)

    def _free_timestamp(self, identifier: str) -> int:
        """Return the time, later than that of each other update: it is the update's id (client)."""
        earlier: list[int] = [update["startTimestamp"] for _, update in self._store.items(UPDATE, f"{identifier}/")]
        return max([self._clock.milliseconds(), *(at + 1 for at in earlier)])

    def _keep(self, identifier: str, record: Mapping[str, Any]) -> None:
        self._store.put(UPDATE, f"{identifier}/{record['startTimestamp']}", record)


def message(severity: str, title: str, text: str) -> Message:
    """Return a message as the Deployer's reports have them (client)."""
    return {"severity": severity, "isFatal": severity == "ERROR", "title": title, "message": text, "details": text}


def report(messages: list[Message]) -> dict[str, Any]:
    """Return messages as the API wraps them.

    That the result of an update's future is one, and does not make the client raise, follows from public code which
    looks for `error` and `fatal` in it.
    """
    severities = {message["severity"] for message in messages}
    return {
        "messages": messages,
        "anyMessage": bool(messages),
        "success": "ERROR" not in severities,
        "warning": "WARNING" in severities,
        "error": "ERROR" in severities,
        "fatal": any(message["isFatal"] for message in messages),
    }
