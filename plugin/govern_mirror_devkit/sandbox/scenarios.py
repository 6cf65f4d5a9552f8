"""Scenarios: their definitions, their triggers and their runs (client, docs)."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from .auth import Caller
from .clock import Clock
from .errors import BadRequest, DssError, Forbidden, NotFound
from .projects import Projects
from .scenario_defaults import stored_definition
from .scenario_run import ScenarioRunner
from .schedule import temporal_trigger
from .store import Store
from .tags import stored_tags
from .versions import version_tag

_SCENARIO, _RUN, _FIRE, _SCRIPT = "scenario", "scenario_run", "trigger_fire", "scenario_script"
_MANUAL = {"id": "manual", "type": "manual", "name": "API run", "delay": 0, "active": False}
"""The trigger of a run that the API asked for, as DSS 14 answers it (public source: a captured answer)."""

_CHANGED_BY_LIGHT = ("active", "checklists", "description", "shortDesc", "tags")
"""All that a PUT of the short form changes (client)."""


class Scenarios:
    """The scenarios of all projects."""

    def __init__(self, store: Store, projects: Projects, runner: ScenarioRunner, clock: Clock) -> None:
        self._store = store
        self._projects = projects
        self._runner = runner
        self._clock = clock
        self._running: dict[str, threading.Event] = {}
        self._lock = threading.Lock()
        self._last_run_at: datetime | None = None

    # definitions ---------------------------------------------------------------------------------------------

    def create(self, caller: Caller, project_key: str, definition: Mapping[str, Any]) -> dict[str, Any]:
        """Create a scenario and answer its id; raises as `save` does.

        The id is the one that is sent; without one it is made from the name: case kept, everything but letters, digits
        and `_` becomes `_`. Equal ids collide (live 15: clssck/dataiku-sdk sends one, terraform-provider-dataiku).
        """
        self._projects.require_write(caller, project_key)
        name = definition.get("name")
        if not isinstance(name, str) or not name.strip():
            raise BadRequest("A scenario needs a name")
        if definition.get("type") not in ("step_based", "custom_python"):
            raise BadRequest(f"Unknown scenario type {definition.get('type')!r}")
        _require_run_as(caller, None, definition)
        identifier = definition.get("id") or re.sub(r"[^A-Za-z0-9_]", "_", name)
        if not isinstance(identifier, str) or "/" in identifier:
            raise BadRequest(f"Invalid scenario id: {identifier!r}")
        with self._store.locked():
            if self._store.get(_SCENARIO, f"{project_key}/{identifier}") is not None:
                raise BadRequest(f"Scenario {project_key}.{identifier} already exists")
            scenario = {"active": False, **definition, "creationTag": version_tag(0, caller, self._clock)}
            self._put(caller, project_key, identifier, scenario, 0)
        return {"id": identifier}

    def listed(self, caller: Caller, project_key: str) -> list[dict[str, Any]]:
        """Return the project's scenarios, each in the short form of the list."""
        self._projects.require_read(caller, project_key)
        return [self._short(scenario) for _, scenario in self._store.items(_SCENARIO, f"{project_key}/")]

    def get(self, caller: Caller, project_key: str, identifier: str) -> dict[str, Any]:
        """Return a scenario's definition; raises NotFound."""
        self._projects.require_read(caller, project_key)
        scenario: dict[str, Any] | None = self._store.get(_SCENARIO, f"{project_key}/{identifier}")
        if scenario is None:
            raise NotFound(f"Scenario {project_key}.{identifier} not found")
        return scenario

    def save(self, caller: Caller, project_key: str, identifier: str, definition: Mapping[str, Any]) -> None:
        """Replace a definition; only administrators may set another user to run as."""
        self._projects.require_write(caller, project_key)
        stored = self.get(caller, project_key, identifier)
        _require_run_as(caller, stored.get("runAsUser"), definition)
        number = stored["versionTag"]["versionNumber"] + 1
        fixed = {key: stored[key] for key in ("type", "creationTag") if key in stored}
        self._put(caller, project_key, identifier, dict(definition) | fixed, number)

    def delete(self, caller: Caller, project_key: str, identifier: str) -> None:
        """Remove a scenario and its runs."""
        self._projects.require_write(caller, project_key)
        self.get(caller, project_key, identifier)
        self._store.delete(_SCENARIO, f"{project_key}/{identifier}")
        self._store.delete_below(f"{project_key}/{identifier}/")

    def light(self, caller: Caller, project_key: str, identifier: str) -> dict[str, Any]:
        """Return the status: whether it runs, and when it runs next."""
        return self._short(self.get(caller, project_key, identifier))

    def save_light(self, caller: Caller, project_key: str, identifier: str, status: Mapping[str, Any]) -> None:
        """Change what the short form may change (client); DSS wants the whole of it back (live 15).

        Raises:
            DssError: 500, when what a GET gives is not all there.
        """
        self._projects.require_write(caller, project_key)
        stored = self.get(caller, project_key, identifier)
        missing = sorted(self._short(stored).keys() - status.keys() - {"running", "start", "nextRun"})
        if missing:
            raise DssError(500, "java.lang.NullPointerException", f"{', '.join(missing)}: missing")
        changed = {key: status[key] for key in _CHANGED_BY_LIGHT if key in status}
        self.save(caller, project_key, identifier, {**stored, **changed})

    def script(self, caller: Caller, project_key: str, identifier: str) -> dict[str, Any]:
        """Return the code of a scenario that is made of code (client: `payload`)."""
        self.get(caller, project_key, identifier)
        return {"script": self._store.get(_SCRIPT, f"{project_key}/{identifier}") or ""}

    def save_script(self, caller: Caller, project_key: str, identifier: str, payload: Mapping[str, Any]) -> None:
        """Replace the code of a scenario that is made of code."""
        self._projects.require_write(caller, project_key)
        self.get(caller, project_key, identifier)
        if not isinstance(payload.get("script"), str):
            raise BadRequest("The payload of a scenario holds a script")
        self._store.put(_SCRIPT, f"{project_key}/{identifier}", payload["script"])

    def _short(self, scenario: Mapping[str, Any]) -> dict[str, Any]:
        """Return the short form, of list and status; keys as in a captured answer of DSS 14, none of them null."""
        upcoming = []
        if scenario["active"]:
            upcoming = [trigger.next_firing(self._clock.now()) for trigger in _temporal(scenario)]
        next_run = min((at for at in upcoming if at), default=None)
        keys = ("id", "projectKey", "name", "type", "active", "tags", "versionTag", "runAsUser", "shortDesc")
        return {
            **{key: scenario[key] for key in keys if scenario.get(key) is not None},
            "unavailable": False,
            "automationLocal": False,
            "markedAsTest": False,
            "triggerDigestItems": [],
            "reporterDigestItems": [],
            "triggerDigest": "",
            "running": f"{scenario['projectKey']}/{scenario['id']}" in self._running,
            "nextRun": int(next_run.timestamp() * 1000) if next_run else 0,
        }

    def _put(
        self, caller: Caller, project_key: str, identifier: str, definition: Mapping[str, Any], number: int
    ) -> None:
        values = {key: value for key, value in definition.items() if value is not None}
        scenario = {"active": False, "tags": [], "customFields": {}, "checklists": {"checklists": []}, **values}
        scenario |= {"id": identifier, "projectKey": project_key, "tags": stored_tags(scenario["tags"])}
        scenario["versionTag"] = version_tag(number, caller, self._clock)
        stored = stored_definition(scenario, self._clock.milliseconds())
        self._store.put(_SCENARIO, f"{project_key}/{identifier}", stored)

    # runs ----------------------------------------------------------------------------------------------------

    def run(self, caller: Caller, project_key: str, identifier: str, params: object = None) -> dict[str, Any]:
        """Fire the manual trigger and return the firing; it is cancelled when the scenario runs already (client)."""
        self._projects.require_write(caller, project_key)
        return self._fire(self.get(caller, project_key, identifier), _MANUAL, wait=False, params=params)

    def fire_due(self, since: datetime, until: datetime) -> int:
        """Run what temporal triggers ask for between two times, one after the other, at their own times.

        The sandbox's clock stands at each firing while it runs, and at `until` afterwards.

        Returns:
            How many scenarios ran.
        """
        due, ran = [], 0
        for _, scenario in self._store.items(_SCENARIO):
            for trigger in scenario["triggers"] if scenario["active"] else []:
                if trigger.get("type") == "temporal" and trigger.get("active", True):
                    firings = temporal_trigger(trigger, timezone.utc).firings(since, until)
                    due += [(at, scenario["projectKey"], scenario["id"], trigger) for at in firings]
        for at, project_key, identifier, trigger in sorted(due, key=lambda firing: firing[:3]):
            self._clock.set(at)
            scenario = self._store.get(_SCENARIO, f"{project_key}/{identifier}")
            if scenario is not None:  # an earlier firing may have removed it
                fired = self._fire(scenario, {"id": "temporal", "name": "Time-based", **trigger}, wait=True)
                ran += not fired["cancelled"]
        self._clock.set(until)
        return ran

    def run_of(self, caller: Caller, project_key: str, identifier: str, trigger_run_id: str) -> dict[str, Any]:
        """Return the run that a firing started: `{"scenarioRun"}`, or an empty object while there is none (client)."""
        self.get(caller, project_key, identifier)
        for _, document in self._store.items(_RUN, f"{project_key}/{identifier}/"):
            if document["scenarioRun"]["trigger"]["runId"] == trigger_run_id:
                return {"scenarioRun": document["scenarioRun"]}
        return {}

    def firing(self, caller: Caller, project_key: str, identifier: str, trigger_run_id: str) -> dict[str, Any]:
        """Return a firing; raises NotFound."""
        self.get(caller, project_key, identifier)
        firing: dict[str, Any] | None = self._store.get(_FIRE, f"{project_key}/{identifier}/{trigger_run_id}")
        if firing is None:
            raise NotFound(f"Trigger run {trigger_run_id} not found")
        return firing

    def details(self, caller: Caller, project_key: str, identifier: str, run_id: str) -> dict[str, Any]:
        """Return a run with its steps; raises NotFound."""
        self.get(caller, project_key, identifier)
        run: dict[str, Any] | None = self._store.get(_RUN, f"{project_key}/{identifier}/{run_id}")
        if run is None:
            raise NotFound(f"Run {run_id} of scenario {project_key}.{identifier} not found")
        return run

    def last_runs(self, caller: Caller, project_key: str, identifier: str, limit: int) -> list[dict[str, Any]]:
        """Return the latest runs, newest first."""
        self.get(caller, project_key, identifier)
        runs = [run["scenarioRun"] for _, run in self._store.items(_RUN, f"{project_key}/{identifier}/")]
        return runs[::-1][:limit]

    def abort(self, caller: Caller, project_key: str, identifier: str) -> None:
        """Stop a run after the step that is going on; macros stop at their next report of progress."""
        self._projects.require_write(caller, project_key)
        self.get(caller, project_key, identifier)
        aborted = self._running.get(f"{project_key}/{identifier}")
        if aborted:
            aborted.set()

    def _fire(
        self, scenario: dict[str, Any], trigger: Mapping[str, Any], *, wait: bool, params: object = None
    ) -> dict[str, Any]:
        key = f"{scenario['projectKey']}/{scenario['id']}"
        aborted = threading.Event()
        with self._lock:
            # a firing and the run it starts have ids of their own (live 15: clssck/dataiku-sdk)
            trigger_run_id, run_id = self._run_id(), self._run_id()
            fire = {
                "projectKey": scenario["projectKey"],
                "scenarioId": scenario["id"],
                "trigger": dict(trigger),
                "runId": trigger_run_id,
                "timestamp": self._clock.milliseconds(),
                "cancelled": key in self._running,
                "params": params if isinstance(params, dict) else {},
            }
            if not fire["cancelled"]:
                self._running[key] = aborted
            self._store.put(_FIRE, f"{key}/{trigger_run_id}", fire)
        if fire["cancelled"]:
            return fire
        thread = threading.Thread(target=self._perform, args=(scenario, fire, run_id, aborted), daemon=True)
        thread.start()
        if wait:
            thread.join()
        return fire

    def _run_id(self) -> str:
        """Return an id that nobody has: the time to the millisecond, as in DSS; the next one where that is taken."""
        now = self._clock.now()
        self._last_run_at = max(now, self._last_run_at + timedelta(milliseconds=1)) if self._last_run_at else now
        return f"{self._last_run_at:%Y-%m-%d-%H-%M-%S}-{self._last_run_at.microsecond // 1000:03}"

    def _perform(self, scenario: dict[str, Any], fire: dict[str, Any], run_id: str, aborted: threading.Event) -> None:
        key = f"{scenario['projectKey']}/{scenario['id']}"
        try:
            for document in self._runner.perform(scenario, fire, run_id, aborted):
                self._store.put(_RUN, f"{key}/{run_id}", document)
        finally:
            with self._lock:
                self._running.pop(key, None)


def _require_run_as(caller: Caller, before: str | None, definition: Mapping[str, Any]) -> None:
    wanted = definition.get("runAsUser")
    if wanted != before and wanted not in (None, caller.login) and not caller.is_admin:
        raise Forbidden("Only administrators may set the user that a scenario runs as")


def _temporal(scenario: Mapping[str, Any]) -> Iterator[Any]:
    for trigger in scenario["triggers"]:
        if trigger.get("type") == "temporal" and trigger.get("active", True):
            try:
                yield temporal_trigger(trigger, timezone.utc)
            except ValueError as error:
                raise DssError(400, "java.lang.IllegalArgumentException", str(error)) from error
