"""Scenarios: their definitions, their triggers and their runs (client, docs)."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from typing import Any

from .auth import Caller
from .clock import Clock
from .errors import BadRequest, DssError, Forbidden, NotFound
from .projects import Projects
from .scenario_run import ScenarioRunner
from .schedule import temporal_trigger
from .store import Store

_SCENARIO, _RUN, _FIRE = "scenario", "scenario_run", "trigger_fire"
_MANUAL = {"id": "manual", "type": "manual", "name": "Manual run"}


class Scenarios:
    """The scenarios of all projects."""

    def __init__(self, store: Store, projects: Projects, runner: ScenarioRunner, clock: Clock) -> None:
        self._store = store
        self._projects = projects
        self._runner = runner
        self._clock = clock
        self._running: dict[str, threading.Event] = {}
        self._lock = threading.Lock()

    # definitions ---------------------------------------------------------------------------------------------

    def create(self, caller: Caller, project_key: str, definition: Mapping[str, Any]) -> dict[str, Any]:
        """Create a scenario and answer its id, made from the name (client); raises as `save` does."""
        self._projects.require_write(caller, project_key)
        name = definition.get("name")
        if not isinstance(name, str) or not name.strip():
            raise BadRequest("A scenario needs a name")
        if definition.get("type") not in ("step_based", "custom_python"):
            raise BadRequest(f"Unknown scenario type {definition.get('type')!r}")
        _require_run_as(caller, None, definition)
        known = {key for key, _ in self._store.texts(_SCENARIO, f"{project_key}/")}
        wanted = re.sub(r"[^A-Z0-9_]", "", name.upper().replace(" ", "_")) or "SCENARIO"
        identifier = next(each for each in _numbered(wanted) if f"{project_key}/{each}" not in known)
        self._put(caller, project_key, identifier, {"active": False, "triggers": [], "reporters": [], **definition}, 0)
        return {"id": identifier}

    def listed(self, caller: Caller, project_key: str) -> list[dict[str, Any]]:
        """The project's scenarios, each in the short form of the list."""
        self._projects.require_read(caller, project_key)
        keys = ("id", "projectKey", "name", "type", "active", "tags", "versionTag", "runAsUser")
        return [
            {**{key: found.get(key) for key in keys}, "running": key in self._running}
            for key, found in self._store.items(_SCENARIO, f"{project_key}/")
        ]

    def get(self, caller: Caller, project_key: str, identifier: str) -> dict[str, Any]:
        """A scenario's definition; raises NotFound."""
        self._projects.require_read(caller, project_key)
        found: dict[str, Any] | None = self._store.get(_SCENARIO, f"{project_key}/{identifier}")
        if found is None:
            raise NotFound(f"Scenario {project_key}.{identifier} not found")
        return found

    def save(self, caller: Caller, project_key: str, identifier: str, definition: Mapping[str, Any]) -> None:
        """Replace a definition; only administrators may set another user to run as."""
        self._projects.require_write(caller, project_key)
        stored = self.get(caller, project_key, identifier)
        _require_run_as(caller, stored.get("runAsUser"), definition)
        number = stored["versionTag"]["versionNumber"] + 1
        self._put(caller, project_key, identifier, {**definition, "type": stored["type"]}, number)

    def delete(self, caller: Caller, project_key: str, identifier: str) -> None:
        """Remove a scenario and its runs."""
        self._projects.require_write(caller, project_key)
        self.get(caller, project_key, identifier)
        self._store.delete(_SCENARIO, f"{project_key}/{identifier}")
        self._store.delete_below(f"{project_key}/{identifier}/")

    def light(self, caller: Caller, project_key: str, identifier: str) -> dict[str, Any]:
        """The status: whether it runs, and when it runs next."""
        found = self.get(caller, project_key, identifier)
        upcoming = [trigger.next_firing(self._clock.now()) for trigger in _temporal(found)] if found["active"] else []
        next_run = min((at for at in upcoming if at), default=None)
        return {
            **{key: found.get(key) for key in ("id", "projectKey", "name", "type", "active")},
            "running": f"{project_key}/{identifier}" in self._running,
            "nextRun": int(next_run.timestamp() * 1000) if next_run else 0,
        }

    def _put(
        self, caller: Caller, project_key: str, identifier: str, definition: Mapping[str, Any], number: int
    ) -> None:
        tag = {
            "versionNumber": number,
            "lastModifiedBy": {"login": caller.login},
            "lastModifiedOn": self._clock.milliseconds(),
        }
        kept = {"params": {}, **definition, "id": identifier, "projectKey": project_key, "versionTag": tag}
        kept.setdefault("params", {}).setdefault("steps", [])
        self._store.put(_SCENARIO, f"{project_key}/{identifier}", kept)

    # runs ----------------------------------------------------------------------------------------------------

    def run(self, caller: Caller, project_key: str, identifier: str) -> dict[str, Any]:
        """Fire the manual trigger and answer the firing; it is cancelled when the scenario runs already (client)."""
        self._projects.require_write(caller, project_key)
        return self._fire(self.get(caller, project_key, identifier), _MANUAL, wait=False)

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
        for at, project_key, identifier, trigger in sorted(due, key=lambda each: each[:3]):
            self._clock.set(at)
            scenario = self._store.get(_SCENARIO, f"{project_key}/{identifier}")
            if scenario is not None:  # an earlier firing may have removed it
                fired = self._fire(scenario, {"id": "temporal", "name": "Time-based", **trigger}, wait=True)
                ran += not fired["cancelled"]
        self._clock.set(until)
        return ran

    def run_of(self, caller: Caller, project_key: str, identifier: str, trigger_run_id: str) -> dict[str, Any]:
        """The run that a firing started: `{"scenarioRun"}`, or an empty object while there is none (client)."""
        self.get(caller, project_key, identifier)
        found = self._store.get(_RUN, f"{project_key}/{identifier}/{trigger_run_id}")
        return {"scenarioRun": found["scenarioRun"]} if found else {}

    def firing(self, caller: Caller, project_key: str, identifier: str, trigger_run_id: str) -> dict[str, Any]:
        """A firing; raises NotFound."""
        self.get(caller, project_key, identifier)
        found: dict[str, Any] | None = self._store.get(_FIRE, f"{project_key}/{identifier}/{trigger_run_id}")
        if found is None:
            raise NotFound(f"Trigger run {trigger_run_id} not found")
        return found

    def details(self, caller: Caller, project_key: str, identifier: str, run_id: str) -> dict[str, Any]:
        """A run with its steps; raises NotFound."""
        self.get(caller, project_key, identifier)
        found: dict[str, Any] | None = self._store.get(_RUN, f"{project_key}/{identifier}/{run_id}")
        if found is None:
            raise NotFound(f"Run {run_id} of scenario {project_key}.{identifier} not found")
        return found

    def last_runs(self, caller: Caller, project_key: str, identifier: str, limit: int) -> list[dict[str, Any]]:
        """The latest runs, newest first."""
        self.get(caller, project_key, identifier)
        runs = [found["scenarioRun"] for _, found in self._store.items(_RUN, f"{project_key}/{identifier}/")]
        return runs[::-1][:limit]

    def abort(self, caller: Caller, project_key: str, identifier: str) -> None:
        """Stop a run after the step that is going on; macros stop at their next report of progress."""
        self._projects.require_write(caller, project_key)
        self.get(caller, project_key, identifier)
        aborted = self._running.get(f"{project_key}/{identifier}")
        if aborted:
            aborted.set()

    def _fire(self, scenario: dict[str, Any], trigger: Mapping[str, Any], *, wait: bool) -> dict[str, Any]:
        key = f"{scenario['projectKey']}/{scenario['id']}"
        # ids of runs begin with the time, so that they sort
        run_id = f"{self._clock.now():%Y-%m-%d-%H-%M-%S}-{secrets.token_hex(3)}"
        fire = {
            "projectKey": scenario["projectKey"],
            "scenarioId": scenario["id"],
            "trigger": dict(trigger),
            "runId": run_id,
            "timestamp": self._clock.milliseconds(),
            "cancelled": False,
        }
        aborted = threading.Event()
        with self._lock:
            fire["cancelled"] = key in self._running
            if not fire["cancelled"]:
                self._running[key] = aborted
        self._store.put(_FIRE, f"{key}/{run_id}", fire)
        if fire["cancelled"]:
            return fire
        thread = threading.Thread(target=self._perform, args=(scenario, fire, aborted), daemon=True)
        thread.start()
        if wait:
            thread.join()
        return fire

    def _perform(self, scenario: dict[str, Any], fire: dict[str, Any], aborted: threading.Event) -> None:
        key = f"{scenario['projectKey']}/{scenario['id']}"
        try:
            for document in self._runner.perform(scenario, fire, aborted):
                self._store.put(_RUN, f"{key}/{fire['runId']}", document)
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


def _numbered(wanted: str) -> Iterator[str]:
    yield wanted
    number = 1
    while True:
        number += 1
        yield f"{wanted}_{number}"
