"""The scenarios of a project, their runs, and what else of DSS a reporting scenario needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from govern_mirror.connection import path_part
from govern_mirror.dss.client import NOT_DSS, Client, api_errors, with_retries
from govern_mirror.dss.summary import time_of
from govern_mirror.errors import ConnectionFailed, GovernMirrorError
from govern_mirror.nested import get

STEP_BASED = "step_based"
_KEYS = frozenset({"id", "name", "type", "active", "triggers", "reporters", "params", "tags", "versionTag"})
"""What a scenario's definition holds; an answer with less than three of these is none."""

_RUNS = 10
"""How many runs back a finished one, or one that succeeded, is looked for: DSS starts none while one is going on."""


@dataclass(frozen=True)
class ScenarioItem:
    """A scenario in the list of a project."""

    id: str
    name: str
    tags: tuple[str, ...]


@dataclass(frozen=True)
class ScenarioRun:
    """A finished run.

    Attributes:
        run_id: its id.
        outcome: SUCCESS, WARNING, FAILED or ABORTED.
        started_on, ended_on: when; None when DSS does not tell.
        failed_step: the name of the first step that failed.
        message: why it failed, as DSS says it.
    """

    run_id: str
    outcome: str
    started_on: datetime | None
    ended_on: datetime | None
    failed_step: str | None
    message: str | None


@dataclass(frozen=True)
class RecipeOutput:
    """A dataset of the project that a recipe writes, and the role in which it does."""

    role: str
    dataset: str


@dataclass(frozen=True)
class HubScenarios:
    """The scenarios of one project.

    Attributes:
        client: this thread's client.
        project_key: the project.
    """

    client: Client
    project_key: str

    # definitions ---------------------------------------------------------------------------------------------

    def listed(self) -> list[ScenarioItem]:
        """The project's scenarios."""
        with api_errors(self.project_key, "list the scenarios"):
            items = self.client._perform_json("GET", f"{self._base}/")
        # without an id, a second scenario would be made beside the one that is there
        if not all(item.get("id") for item in _list(items, "scenarios")):
            raise ConnectionFailed(f"{NOT_DSS} (asked for the scenarios)")
        return [ScenarioItem(str(item["id"]), str(item.get("name") or ""), self._tags(item)) for item in items]

    def _tags(self, item: Mapping[str, Any]) -> tuple[str, ...]:
        # a list without tags says nothing: look at the scenario itself
        tags = item.get("tags") if "tags" in item else self.definition(str(item["id"])).get("tags")
        return tuple(str(tag) for tag in tags or [])

    def definition(self, scenario_id: str) -> dict[str, Any]:
        """A scenario's definition.

        Raises:
            ConnectionFailed: what came is not one, so that it can be no base for a write.
            GovernMirrorError: as `api_errors` says.
        """
        with api_errors(self.project_key, f"read the scenario {scenario_id}"):
            definition = self.client._perform_json("GET", self._address(scenario_id))
        if not isinstance(definition, dict) or "errorType" in definition or len(_KEYS & definition.keys()) < 3:
            raise ConnectionFailed(f"{NOT_DSS} (asked for the scenario {scenario_id} of {self.project_key})")
        return definition

    def create(self, name: str, definition: Mapping[str, Any]) -> str:
        """Create a step-based scenario and return its id."""
        with api_errors(self.project_key, "create a scenario"):
            project = self.client.get_project(self.project_key)
            return str(project.create_scenario(name, STEP_BASED, dict(definition)).id)

    def save(self, scenario_id: str, definition: Mapping[str, Any]) -> None:
        """Replace a scenario's definition."""
        with api_errors(self.project_key, f"change the scenario {scenario_id}"):
            self.client._perform_json("PUT", self._address(scenario_id), body=dict(definition))

    def delete(self, scenario_id: str) -> None:
        """Delete a scenario, its runs included."""
        with api_errors(self.project_key, f"delete the scenario {scenario_id}"):
            self.client._perform_empty("DELETE", self._address(scenario_id))

    @property
    def _base(self) -> str:
        return f"/projects/{path_part(self.project_key)}/scenarios"

    def _address(self, scenario_id: str) -> str:
        return f"{self._base}/{path_part(scenario_id, 'scenario')}"

    # runs ----------------------------------------------------------------------------------------------------

    def activity(self, scenario_id: str) -> tuple[bool, datetime | None]:
        """Whether it runs at present, and when it does next by its own triggers, as DSS expects."""
        with api_errors(self.project_key, f"read the state of the scenario {scenario_id}"):
            state = self.client._perform_json("GET", f"{self._address(scenario_id)}/light")
            return bool(state.get("running")), time_of(state.get("nextRun"))

    def last_run(self, scenario_id: str) -> ScenarioRun | None:
        """The latest finished run; None when there is none."""
        with api_errors(self.project_key, f"read the runs of the scenario {scenario_id}"):
            run = next(self._finished_runs(scenario_id), None)
            if run is None:
                return None
            info, outcome = run.get_info(), str(run.outcome)
            step, message = (None, None) if outcome == "SUCCESS" else _failure(run.get_details())
            start, end = (time_of(info.get(name)) for name in ("start", "end"))
            return ScenarioRun(str(run.id), outcome, start, end, step, message)

    def last_success(self, scenario_id: str) -> datetime | None:
        """When the latest run began that ended without a failure; None when there is none among the last ones."""
        with api_errors(self.project_key, f"read the runs of the scenario {scenario_id}"):
            for run in self._finished_runs(scenario_id):
                if run.outcome in ("SUCCESS", "WARNING"):
                    return time_of(run.get_info().get("start"))
        return None

    def _finished_runs(self, scenario_id: str) -> Iterator[Any]:
        scenario = self.client.get_project(self.project_key).get_scenario(path_part(scenario_id))
        return (run for run in scenario.get_last_runs(_RUNS) if not run.running)

    # what a reporting scenario needs ----------------------------------------------------------------------------

    def macros(self) -> frozenset[str]:
        """The types of the macros that this project offers."""
        with api_errors(self.project_key, "list the macros"):
            macros = _list(self.client._perform_json("GET", f"/projects/{self.project_key}/runnables/"), "macros")
            return frozenset(str(macro["runnableType"]) for macro in macros)

    def outputs_of(self, recipe_types: Sequence[str]) -> tuple[RecipeOutput, ...]:
        """What recipes of these types write in the project, in the order of the types."""
        with api_errors(self.project_key, "read the recipes"):
            items = _list(self.client._perform_json("GET", f"/projects/{self.project_key}/recipes/"), "recipes")
            names = [str(item["name"]) for kind in recipe_types for item in items if item.get("type") == kind]
            return tuple(dict.fromkeys(output for name in names for output in self._outputs(name)))

    def _outputs(self, recipe: str) -> Iterator[RecipeOutput]:
        definition = self.client._perform_json("GET", f"/projects/{self.project_key}/recipes/{path_part(recipe)}")
        for role, outputs in definition["recipe"]["outputs"].items():
            for item in outputs.get("items") or []:
                owner, _, name = str(item["ref"]).rpartition(".")
                if owner in ("", self.project_key):
                    yield RecipeOutput(str(role), name)

    def require_folder(self, project_key: str, folder_id: str) -> None:
        """Look whether a managed folder is there; raises NotFound."""
        with api_errors(project_key, f"read the managed folder {folder_id}"):
            self.client.get_project(project_key).get_managed_folder(
                path_part(folder_id, "managed folder")
            ).get_definition()

    def govern_node(self) -> bool | None:
        """Whether the instance is integrated with a Govern node; None when the answer does not tell.

        Only administrators may ask. An answer that says nothing of it is not taken for "none", which would take the
        sync out of the scenario.
        """
        try:
            with api_errors(doing="read the Govern integration"):
                enabled = self.client._perform_json("GET", "/admin/get-govern-node-ref").get("enabled")
        except ConnectionFailed:
            raise
        except GovernMirrorError:
            return None
        return enabled if isinstance(enabled, bool) else None

    # who sees what ---------------------------------------------------------------------------------------------

    def is_administrator(self) -> bool:
        """Whether this client has an administrator's rights: only they may read the Govern integration."""
        return self.govern_node() is not None

    def visible(self) -> frozenset[str]:
        """The keys of the projects that this client sees."""
        with api_errors(doing="list the projects"):
            return _project_keys(self.client)

    def visible_to(self, login: str) -> frozenset[str] | None:
        """The keys of the projects that another user sees, asked in their name; None when that is refused."""
        try:
            with api_errors(doing=f"list the projects as {login}"):
                return _project_keys(with_retries(self.client.get_user(login).get_client_as()))
        except ConnectionFailed:
            raise
        except GovernMirrorError:
            return None


def _list(answer: object, of_what: str) -> list[Any]:
    """A list of objects; taken for an empty one, another answer would tell something that is not so."""
    if not isinstance(answer, list) or not all(isinstance(item, Mapping) for item in answer):
        raise ConnectionFailed(f"{NOT_DSS} (asked for the {of_what})")
    return answer


def _project_keys(client: Client) -> frozenset[str]:
    return frozenset(str(item["projectKey"]) for item in _list(client._perform_json("GET", "/projects/"), "projects"))


def _failure(details: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The name of the first step that failed, and why."""
    for step in details.get("stepRuns") or []:
        result = step.get("result") or {}
        if result.get("outcome") == "FAILED":
            thrown = [result.get("thrown"), *(item.get("thrown") for item in step.get("additionalReportItems") or [])]
            return _text(step.get("step"), "name"), next((_text(error, "message") for error in thrown if error), None)
    return None, _text((details.get("scenarioRun") or {}).get("thrown"), "message")


def _text(answer: object, key: str) -> str | None:
    value = get(answer, (key,))
    return str(value) if value else None
