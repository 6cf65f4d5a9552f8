"""Scenarios and their runs."""

from __future__ import annotations

from typing import Any

from ..web import Route
from .call import DssCall


def list_scenarios(call: DssCall, project_key: str) -> list[dict[str, Any]]:
    """Return the project's scenarios."""
    return call.instance.scenarios.listed(call.caller, project_key)


def create(call: DssCall, project_key: str) -> dict[str, Any]:
    """Create a scenario."""
    return call.instance.scenarios.create(call.caller, project_key, call.object())


def scenario(call: DssCall, project_key: str, scenario_id: str) -> dict[str, Any]:
    """Return a scenario's definition."""
    return call.instance.scenarios.get(call.caller, project_key, scenario_id)


def save(call: DssCall, project_key: str, scenario_id: str) -> None:
    """Replace a scenario's definition."""
    call.instance.scenarios.save(call.caller, project_key, scenario_id, call.object())


def delete(call: DssCall, project_key: str, scenario_id: str) -> None:
    """Delete a scenario."""
    call.instance.scenarios.delete(call.caller, project_key, scenario_id)


def light(call: DssCall, project_key: str, scenario_id: str) -> dict[str, Any]:
    """Return a scenario's status."""
    return call.instance.scenarios.light(call.caller, project_key, scenario_id)


def save_light(call: DssCall, project_key: str, scenario_id: str) -> None:
    """Change what the short form may change."""
    call.instance.scenarios.save_light(call.caller, project_key, scenario_id, call.object())


def script(call: DssCall, project_key: str, scenario_id: str) -> dict[str, Any]:
    """Return the code of a scenario made of code."""
    return call.instance.scenarios.script(call.caller, project_key, scenario_id)


def save_script(call: DssCall, project_key: str, scenario_id: str) -> None:
    """Replace the code of a scenario made of code."""
    call.instance.scenarios.save_script(call.caller, project_key, scenario_id, call.object())


def run(call: DssCall, project_key: str, scenario_id: str) -> dict[str, Any]:
    """Fire the manual trigger."""
    return call.instance.scenarios.run(call.caller, project_key, scenario_id, call.json())


def abort(call: DssCall, project_key: str, scenario_id: str) -> None:
    """Stop the run that is going on."""
    call.instance.scenarios.abort(call.caller, project_key, scenario_id)


def run_for_trigger(call: DssCall, project_key: str, scenario_id: str) -> dict[str, Any]:
    """Return the run that a firing started."""
    return call.instance.scenarios.run_of(call.caller, project_key, scenario_id, call.http.args.get("triggerRunId", ""))


def firing(call: DssCall, project_key: str, scenario_id: str, trigger_id: str) -> dict[str, Any]:
    """Return a firing of a trigger."""
    return call.instance.scenarios.firing(call.caller, project_key, scenario_id, call.http.args.get("triggerRunId", ""))


def last_runs(call: DssCall, project_key: str, scenario_id: str) -> list[dict[str, Any]]:
    """Return the latest runs."""
    limit = call.http.args.get("limit", 10, type=int)
    return call.instance.scenarios.last_runs(call.caller, project_key, scenario_id, limit)


def details(call: DssCall, project_key: str, scenario_id: str, run_id: str) -> dict[str, Any]:
    """Return a run with its steps."""
    return call.instance.scenarios.details(call.caller, project_key, scenario_id, run_id)


_ALL, _ONE = "/projects/<project_key>/scenarios", "/projects/<project_key>/scenarios/<scenario_id>"

ROUTES: list[Route] = [
    ("GET", _ALL, list_scenarios),
    ("POST", _ALL, create),
    ("GET", f"{_ALL}/trigger/<scenario_id>/<trigger_id>", firing),
    ("GET", _ONE, scenario),
    ("PUT", _ONE, save),
    ("DELETE", _ONE, delete),
    ("GET", f"{_ONE}/light", light),
    ("PUT", f"{_ONE}/light", save_light),
    ("GET", f"{_ONE}/payload", script),
    ("PUT", f"{_ONE}/payload", save_script),
    ("POST", f"{_ONE}/run", run),
    ("POST", f"{_ONE}/abort", abort),
    ("GET", f"{_ONE}/get-run-for-trigger", run_for_trigger),
    ("GET", f"{_ONE}/get-last-runs", last_runs),
    ("GET", f"{_ONE}/<run_id>", details),
]
