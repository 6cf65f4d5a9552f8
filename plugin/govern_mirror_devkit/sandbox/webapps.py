"""Webapps: their settings, and the backends that run (client; docs, webapps)."""

from __future__ import annotations

import secrets
import string
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..host import ComponentError, Connection, PluginHost, WebappBackend
from .auth import Accounts, Caller
from .clock import Clock
from .errors import BadRequest, DssError, Forbidden, NotFound
from .plugins import Plugins
from .projects import Projects
from .release import Release
from .store import Store
from .tags import stored_tags
from .versions import version_tag

_WEBAPP = "webapp"
NATIVE_TYPES = ("STANDARD", "BOKEH", "DASH", "STREAMLIT", "SHINY")
"""Types of webapps whose code stands in the project (client)."""

_SHORT = ("id", "projectKey", "name", "type", "tags", "versionTag", "creationTag")
_ID_CHARACTERS = string.ascii_letters + string.digits


@dataclass
class RunningBackend:
    """A backend that was started: its process, the user it runs as, and the API key that it has."""

    process: WebappBackend
    run_as: str
    api_key: str


class Webapps:
    """The webapps of all projects. Backends call back to the instance, so it must be served over a socket.

    Attributes:
        created_through_api: whether `POST …/webapps/` takes types of plugins; it is not known, so either can be tried.
    """

    def __init__(
        self,
        store: Store,
        projects: Projects,
        accounts: Accounts,
        plugins: Plugins,
        clock: Clock,
        release: Release,
        host: PluginHost | None,
        base_url: Callable[[], str],
    ) -> None:
        """Tie the plugin's webapps to the instance; the arguments are those of `Components`, and the instance's."""
        self._store = store
        self._projects = projects
        self._accounts = accounts
        self._plugins = plugins
        self._clock = clock
        self._release = release
        self._host = host
        self._base_url = base_url
        self._running: dict[str, RunningBackend] = {}
        self._lock = threading.RLock()
        self.created_through_api = False

    # definitions ---------------------------------------------------------------------------------------------

    def create(
        self,
        caller: Caller,
        project_key: str,
        name: str,
        webapp_type: str,
        *,
        config: Mapping[str, Any] | None = None,
        identifier: str | None = None,
    ) -> str:
        """Create a webapp, as people do in the project, and return its id; its backend does not start (12.1 on)."""
        self._projects.require_write(caller, project_key)
        if webapp_type not in NATIVE_TYPES:
            self.descriptor(webapp_type)
        identifier = identifier or "".join(secrets.choice(_ID_CHARACTERS) for _ in range(7))
        tag = version_tag(0, caller, self._clock)
        webapp = {
            "id": identifier,
            "projectKey": project_key,
            "name": name,
            "type": webapp_type,
            "config": dict(config or {}),
            "params": {
                "backendEnabled": webapp_type not in NATIVE_TYPES,
                "autoStartBackend": False,
                "envSelection": {"envMode": "INHERIT"},
                "nbProcesses": 0,
                "libraries": ["jquery", "dataiku"],
            },
            "tags": [],
            "creationTag": tag,
            "versionTag": tag,
        }
        self._store.put(_WEBAPP, f"{project_key}/{identifier}", webapp)
        return identifier

    def create_by_api(self, caller: Caller, project_key: str, name: object, webapp_type: object) -> str:
        """Create a webapp as `POST …/webapps/` does, from 14.5.2 on (client)."""
        if not self._release.at_least("14.5.2"):
            raise NotFound("There is no such endpoint")
        if not isinstance(name, str) or not name:
            raise BadRequest("A webapp needs a name")
        if not isinstance(webapp_type, str) or (webapp_type not in NATIVE_TYPES and not self.created_through_api):
            raise BadRequest(f"Unknown webapp type {webapp_type!r}")
        return self.create(caller, project_key, name, webapp_type)

    def listed(self, caller: Caller, project_key: str) -> list[dict[str, Any]]:
        """Return the project's webapps, each in the short form of the list."""
        self._projects.require_read(caller, project_key)
        webapps = [webapp for _, webapp in self._store.items(_WEBAPP, f"{project_key}/")]
        return [{key: webapp[key] for key in _SHORT} for webapp in webapps]

    def get(self, caller: Caller, project_key: str, identifier: str) -> dict[str, Any]:
        """Return a webapp whole; raises NotFound."""
        self._projects.require_read(caller, project_key)
        webapp: dict[str, Any] | None = self._store.get(_WEBAPP, f"{project_key}/{identifier}")
        if webapp is None:
            raise NotFound(f"Webapp {project_key}.{identifier} not found")
        return webapp

    def save(self, caller: Caller, project_key: str, identifier: str, webapp: object) -> dict[str, Any]:
        """Replace a webapp's settings; whoever saves is its last modifier. A running backend goes on as it is.

        Raises:
            Forbidden: the caller may not write the project, or sets another run-as user without being administrator.
        """
        self._projects.require_write(caller, project_key)
        before = self.get(caller, project_key, identifier)
        if not isinstance(webapp, dict) or not isinstance(webapp.get("params"), dict):
            raise BadRequest("A webapp must be an object with params")
        wanted = webapp["params"].get("runAs")
        if wanted != before["params"].get("runAs") and not caller.is_admin:
            raise Forbidden("Only administrators may set the user that a webapp runs as")
        unchanged = {key: before[key] for key in ("id", "projectKey", "type", "creationTag")}
        tag = version_tag(before["versionTag"]["versionNumber"] + 1, caller, self._clock)
        webapp = {**webapp, **unchanged, "tags": stored_tags(webapp.get("tags") or []), "versionTag": tag}
        self._store.put(_WEBAPP, f"{project_key}/{identifier}", webapp)
        return webapp

    def descriptor(self, webapp_type: str) -> dict[str, Any]:
        """Return the descriptor of a plugin's webapp type such as `webapp_<plugin>_<id>`; raises NotFound."""
        for descriptor in self._host.webapps() if self._host else []:
            if descriptor["type"] == webapp_type:
                return descriptor
        raise NotFound(f"Webapp type {webapp_type} not found")

    # backends ------------------------------------------------------------------------------------------------

    def run_as(self, webapp: Mapping[str, Any]) -> str:
        """Return the login that a webapp's backend runs as: the setting, else who changed it last (docs)."""
        return str(webapp["params"].get("runAs") or webapp["versionTag"]["lastModifiedBy"]["login"])

    def backend(self, project_key: str, identifier: str) -> RunningBackend | None:
        """Return a webapp's backend while its process runs, else None."""
        running = self._running.get(f"{project_key}/{identifier}")
        return running if running is not None and running.process.alive else None

    def state(self, caller: Caller, project_key: str, identifier: str) -> dict[str, Any]:
        """Return the state of a webapp's backend (client: `DSSWebAppBackendState`)."""
        self.get(caller, project_key, identifier)
        state: dict[str, Any] = {"projectKey": project_key, "webAppId": identifier}
        if f"{project_key}/{identifier}" in self._running:
            alive = self.backend(project_key, identifier) is not None
            state["futureInfo"] = {"jobId": f"webapp-{identifier}", "alive": alive, "hasResult": not alive}
        return state

    def restart(self, caller: Caller, project_key: str, identifier: str) -> bool:
        """Start a webapp's backend, or start it again; who may is an assumption: who may write the project.

        Returns:
            Whether the webapp has a backend at all.

        Raises:
            DssError: the backend could not be set up, with its own error.
        """
        self._projects.require_write(caller, project_key)
        webapp = self.get(caller, project_key, identifier)
        if not webapp["params"].get("backendEnabled"):
            return False
        self._restart(webapp)
        return True

    def start_automatic(self) -> None:
        """Start the backends that start by themselves, as DSS does when it starts."""
        for _, webapp in list(self._store.items(_WEBAPP)):
            if webapp["params"].get("autoStartBackend"):
                self._restart(webapp)

    def stop(self, caller: Caller, project_key: str, identifier: str) -> None:
        """Stop a webapp's backend, if it runs."""
        self._projects.require_write(caller, project_key)
        self.get(caller, project_key, identifier)
        with self._lock:
            self._end(f"{project_key}/{identifier}")

    def crash(self, project_key: str, identifier: str) -> None:
        """Let a backend's process die. That DSS does not start it again by itself is an assumption."""
        running = self.backend(project_key, identifier)
        if running is not None:
            running.process.kill()

    def stop_all(self) -> None:
        """Stop every backend, as DSS does when it stops."""
        with self._lock:
            for key in list(self._running):
                self._end(key)

    def _restart(self, webapp: Mapping[str, Any]) -> None:
        key = f"{webapp['projectKey']}/{webapp['id']}"
        with self._lock:
            self._end(key)
            try:
                self._running[key] = self._start(webapp)
            except ComponentError as error:
                raise DssError(500, error.error_type, error.message) from error

    def _start(self, webapp: Mapping[str, Any]) -> RunningBackend:
        assert self._host
        login, descriptor = self.run_as(webapp), self.descriptor(webapp["type"])
        user = self._accounts.user(login)  # raises where the user is gone or disabled
        # that a preset in a webapp's settings is resolved with the rights of its user is an assumption
        config = self._plugins.resolved(user, webapp.get("config") or {}, descriptor)
        key = self._accounts.create_personal_key(login)
        try:
            process = self._host.start_webapp(
                descriptor["id"],
                config=config,
                project_key=webapp["projectKey"],
                connection=Connection(self._base_url(), key),
                plugin_settings=self._plugins.config(),
            )
        except BaseException:
            self._accounts.revoke(key)
            raise
        return RunningBackend(process, login, key)

    def _end(self, key: str) -> None:
        running = self._running.pop(key, None)
        if running is not None:
            running.process.stop()
            self._accounts.revoke(running.api_key)
