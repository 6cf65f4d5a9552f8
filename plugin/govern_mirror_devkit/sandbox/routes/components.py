"""What runs the plugin's code: macros, recipes, jobs."""

from __future__ import annotations

import json
from typing import Any

from ..web import Reply, Route
from .call import DssCall


def list_macros(call: DssCall, project_key: str) -> list[dict[str, Any]]:
    """Return the macros a project offers."""
    return call.instance.macros.listed(call.caller, project_key)


def macro(call: DssCall, project_key: str, kind: str) -> dict[str, Any]:
    """Return a macro's definition."""
    return call.instance.macros.definition(call.caller, project_key, kind)


def run_macro(call: DssCall, project_key: str, kind: str) -> dict[str, str]:
    """Start a macro; `wait` goes out of the client as `True` or `False`."""
    params = call.object().get("params") or {}
    wait = call.http.args.get("wait", "").lower() == "true"
    return {"runId": call.instance.macros.start(call.caller, project_key, kind, params, wait=wait).id}


def macro_state(call: DssCall, project_key: str, kind: str, run_id: str) -> dict[str, Any]:
    """Return how far a run is."""
    return call.instance.macros.state(call.caller, project_key, kind, run_id)


def abort_macro(call: DssCall, project_key: str, kind: str, run_id: str) -> None:
    """Ask a run to stop."""
    call.instance.macros.abort(call.caller, project_key, kind, run_id)


def macro_result(call: DssCall, project_key: str, kind: str, run_id: str) -> Reply:
    """Return a run's result; reading it deletes the run (client)."""
    result = call.instance.macros.take_result(call.caller, project_key, kind, run_id)
    text = isinstance(result.payload, str) or result.payload is None
    return Reply((result.payload or "") if text else json.dumps(result.payload), result.content_type)


def list_recipes(call: DssCall, project_key: str) -> list[dict[str, Any]]:
    """Return the project's recipes."""
    return call.instance.recipes.listed(call.caller, project_key)


def create_recipe(call: DssCall, project_key: str) -> dict[str, Any]:
    """Create a recipe (client: `recipePrototype`)."""
    prototype = call.object().get("recipePrototype") or {}
    return {"name": call.instance.recipes.create(call.caller, project_key, prototype)}


def recipe(call: DssCall, project_key: str, name: str) -> dict[str, Any]:
    """Return a recipe, and its payload (client)."""
    return {"recipe": call.instance.recipes.get(call.caller, project_key, name), "payload": ""}


def save_recipe(call: DssCall, project_key: str, name: str) -> None:
    """Replace a recipe."""
    call.instance.recipes.save(call.caller, project_key, name, call.object().get("recipe"))


def delete_recipe(call: DssCall, project_key: str, name: str) -> None:
    """Delete a recipe."""
    call.instance.recipes.delete(call.caller, project_key, name)


def flow(call: DssCall, project_key: str) -> dict[str, Any]:
    """Return the flow's graph."""
    return call.instance.recipes.flow_graph(call.caller, project_key)


def list_jobs(call: DssCall, project_key: str) -> list[dict[str, Any]]:
    """Return the project's jobs."""
    return call.instance.jobs.listed(call.caller, project_key)


def start_job(call: DssCall, project_key: str) -> dict[str, str]:
    """Start a job."""
    return {"id": call.instance.jobs.start(call.caller, project_key, call.object()).id}


def job(call: DssCall, project_key: str, job_id: str) -> dict[str, Any]:
    """Return a job's status."""
    return call.instance.jobs.get(call.caller, project_key, job_id).status()


def job_log(call: DssCall, project_key: str, job_id: str) -> Reply:
    """Return a job's log."""
    return Reply(call.instance.jobs.get(call.caller, project_key, job_id).log(), "text/plain; charset=utf-8")


def abort_job(call: DssCall, project_key: str, job_id: str) -> None:
    """Let a job run no further recipe."""
    call.instance.jobs.abort(call.caller, project_key, job_id)


_MACROS, _MACRO = "/projects/<project_key>/runnables", "/projects/<project_key>/runnables/<kind>"
_RECIPE, _JOB = "/projects/<project_key>/recipes/<name>", "/projects/<project_key>/jobs/<job_id>"

ROUTES: list[Route] = [
    ("GET", _MACROS, list_macros),
    ("GET", _MACRO, macro),
    ("POST", _MACRO, run_macro),
    ("GET", f"{_MACRO}/state/<run_id>", macro_state),
    ("POST", f"{_MACRO}/abort/<run_id>", abort_macro),
    ("GET", f"{_MACRO}/result/<run_id>", macro_result),
    ("GET", "/projects/<project_key>/recipes", list_recipes),
    ("POST", "/projects/<project_key>/recipes", create_recipe),
    ("GET", _RECIPE, recipe),
    ("PUT", _RECIPE, save_recipe),
    ("DELETE", _RECIPE, delete_recipe),
    ("GET", "/projects/<project_key>/flow/graph", flow),
    ("GET", "/projects/<project_key>/jobs", list_jobs),
    ("POST", "/projects/<project_key>/jobs", start_job),
    ("GET", _JOB, job),
    ("GET", f"{_JOB}/log", job_log),
    ("POST", f"{_JOB}/abort", abort_job),
]
