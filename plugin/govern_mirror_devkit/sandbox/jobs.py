"""Jobs: they build datasets and managed folders by running the recipes that lead to them (client)."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from ..host import ComponentError, DatasetWrite
from .auth import Caller
from .clock import Clock
from .components import Components
from .datasets import Datasets
from .errors import BadRequest, DssError, NotFound
from .macros import component_failure
from .projects import Projects
from .recipes import Recipes, refs


class JobState(Enum):
    """The states that the client's waiter knows."""

    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    ABORTED = "ABORTED"


@dataclass
class Job:
    """One job: what it builds, and how far it came."""

    id: str
    project_key: str
    initiator: str
    definition: dict[str, Any]
    started: int
    ended: int = 0
    state: JobState = JobState.RUNNING
    activities: dict[str, JobState] = field(default_factory=dict)
    failure: DssError | None = None
    aborted: bool = False

    def describe(self) -> dict[str, Any]:
        """Return the job as lists and statuses show it."""
        definition = {**self.definition, "id": self.id, "projectKey": self.project_key, "initiator": self.initiator}
        return {"def": definition, "state": self.state.value, "startTime": self.started, "endTime": self.ended}

    def status(self) -> dict[str, Any]:
        """Return the status: `baseStatus.state` (client); the other keys are an assumption."""
        activities: dict[str, Any] = {name: {"state": state.value} for name, state in self.activities.items()}
        if self.failure is not None and self.activities:
            activities[list(self.activities)[-1]]["firstFailure"] = self.failure.body()
        base = {
            "state": self.state.value,
            "def": self.describe()["def"],
            "jobStartTime": self.started,
            "jobEndTime": self.ended,
            "activities": activities,
        }
        counted = {state.value.lower(): list(self.activities.values()).count(state) for state in JobState}
        return {"baseStatus": base, "globalState": {**counted, "total": len(self.activities)}}

    def log(self) -> str:
        """Return the job's log: one line a recipe, and what made it fail."""
        lines = [f"[{name}] {state.value}" for name, state in self.activities.items()]
        if self.failure is not None:
            lines.append(f"{self.failure.error_type}: {self.failure.message}")
        return "\n".join(lines) + "\n"


class Jobs:
    """The jobs of all projects; they last as long as the sandbox."""

    def __init__(
        self, projects: Projects, datasets: Datasets, recipes: Recipes, components: Components, clock: Clock
    ) -> None:
        self._projects = projects
        self._datasets = datasets
        self._recipes = recipes
        self._components = components
        self._clock = clock
        self._jobs: dict[str, Job] = {}
        self._numbers = itertools.count(1)

    def start(self, caller: Caller, project_key: str, definition: object) -> Job:
        """Start a job in the background, in the name of the caller; what it cannot build makes it fail."""
        job = self._new(caller, project_key, definition)
        threading.Thread(target=self._perform, args=(job, caller), name=job.id, daemon=True).start()
        return job

    def run(self, caller: Caller, project_key: str, definition: object) -> Job:
        """Run a job to its end, as a scenario's step does."""
        job = self._new(caller, project_key, definition)
        self._perform(job, caller)
        return job

    def listed(self, caller: Caller, project_key: str) -> list[dict[str, Any]]:
        """Return the project's jobs, the latest first."""
        self._projects.require_read(caller, project_key)
        jobs = [job.describe() for job in self._jobs.values() if job.project_key == project_key]
        return jobs[::-1]

    def get(self, caller: Caller, project_key: str, job_id: str) -> Job:
        """Return a job; raises NotFound."""
        self._projects.require_read(caller, project_key)
        job = self._jobs.get(job_id)
        if job is None or job.project_key != project_key:
            raise NotFound(f"Job {job_id} not found")
        return job

    def abort(self, caller: Caller, project_key: str, job_id: str) -> None:
        """Let a job run no further recipe."""
        self._projects.require_write(caller, project_key)
        self.get(caller, project_key, job_id).aborted = True

    def _new(self, caller: Caller, project_key: str, definition: object) -> Job:
        self._projects.require_write(caller, project_key)
        if not isinstance(definition, dict) or not definition.get("outputs"):
            raise BadRequest("A job needs outputs")
        number = next(self._numbers)
        first = definition["outputs"][0].get("id")
        started = self._clock.milliseconds()
        job = Job(f"Build_{first}_{started}_{number}", project_key, caller.login, definition, started)
        self._jobs[job.id] = job
        return job

    def _perform(self, job: Job, caller: Caller) -> None:
        state = JobState.FAILED
        try:
            for recipe in self._plan(job, caller):
                if job.aborted:
                    state = JobState.ABORTED
                    return
                job.activities[recipe["name"]] = JobState.RUNNING
                self._run_recipe(job, caller, recipe)
                job.activities[recipe["name"]] = JobState.DONE
            state = JobState.DONE
        except DssError as failure:
            job.failure = failure
        except ComponentError as error:
            job.failure = component_failure(error)
        finally:
            for name, activity in job.activities.items():
                if activity is JobState.RUNNING:
                    job.activities[name] = state
            job.ended = self._clock.milliseconds()
            job.state = state

    def _plan(self, job: Job, caller: Caller) -> list[dict[str, Any]]:
        """Return the recipes to run, in order: those of the outputs, and all before them in a recursive job.

        Raises BadRequest when nothing builds an output.
        """
        recursive = str(job.definition.get("type") or "").startswith("RECURSIVE")
        planned: dict[str, dict[str, Any]] = {}

        def add(recipe: dict[str, Any], above: frozenset[str]) -> None:
            if recursive:
                for ref in refs(recipe["inputs"]):
                    upstream = self._recipes.building(caller, job.project_key, ref)
                    if upstream is not None and upstream["name"] not in above:
                        add(upstream, above | {upstream["name"]})
            planned.setdefault(recipe["name"], recipe)

        for output in job.definition["outputs"]:
            recipe = self._recipes.building(caller, job.project_key, str(output.get("id")))
            if recipe is None:
                raise BadRequest(f"No recipe of project {job.project_key} builds {output.get('id')}")
            add(recipe, frozenset({recipe["name"]}))
        return list(planned.values())

    def _run_recipe(self, job: Job, caller: Caller, recipe: Mapping[str, Any]) -> None:
        project_key = job.project_key

        def read(name: str) -> DatasetWrite:
            owner, _, bare = name.rpartition(".")
            columns = self._datasets.dataset(caller, owner or project_key, bare)["schema"]["columns"]
            rows = self._datasets.rows(caller, owner or project_key, bare)
            return DatasetWrite(schema=columns, rows=rows, append=False)

        result = self._components.run_recipe(
            caller,
            self._components.recipe(recipe["type"]),
            project_key,
            recipe["params"].get("customConfig") or {},
            inputs=_names(recipe["inputs"], project_key),
            outputs=_names(recipe["outputs"], project_key),
            read_dataset=read,
        )
        appended = {_full(item["ref"], project_key) for item in _items(recipe["outputs"]) if item.get("appendMode")}
        for name, write in result.datasets.items():
            owner, _, bare = name.rpartition(".")
            append = write.append or name in appended
            target = owner or project_key
            self._datasets.write_rows(caller, target, bare, write.schema, write.rows, append=append)


def _items(roles: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    return (item for role in roles.values() for item in role.get("items") or [])


def _names(roles: Mapping[str, Any], project_key: str) -> dict[str, list[str]]:
    """Return the full names by role, as DSS hands them to a recipe: `PROJECT.name` (docs)."""
    return {name: [_full(ref, project_key) for ref in refs({name: role})] for name, role in roles.items()}


def _full(ref: str, project_key: str) -> str:
    return ref if "." in ref else f"{project_key}.{ref}"
