"""Scenarios and their runs."""

from __future__ import annotations

from typing import Any

from ..web import Call, Route


def list_scenarios(call: Call, project_key: str) -> list[dict[str, Any]]:
    """The project's scenarios."""
    return call.sandbox.scenarios.listed(call.caller, project_key)


def create(call: Call, project_key: str) -> dict[str, Any]:
    """A new scenario."""
    return call.sandbox.scenarios.create(call.caller, project_key, call.object())


def scenario(call: Call, project_key: str, scenario_id: str) -> dict[str, Any]:
    """A scenario's definition."""
    return call.sandbox.scenarios.get(call.caller, project_key, scenario_id)


def save(call: Call, project_key: str, scenario_id: str) -> None:
    """A scenario's definition, replaced."""
    call.sandbox.scenarios.save(call.caller, project_key, scenario_id, call.object())


def delete(call: Call, project_key: str, scenario_id: str) -> None:
    """A scenario goes."""
    call.sandbox.scenarios.delete(call.caller, project_key, scenario_id)


def light(call: Call, project_key: str, scenario_id: str) -> dict[str, Any]:
    """A scenario's status."""
    return call.sandbox.scenarios.light(call.caller, project_key, scenario_id)


def save_light(call: Call, project_key: str, scenario_id: str) -> None:
    """What the short form may change."""
    call.sandbox.scenarios.save_light(call.caller, project_key, scenario_id, call.object())


def script(call: Call, project_key: str, scenario_id: str) -> dict[str, Any]:
    """The code of a scenario made of code."""
    return call.sandbox.scenarios.script(call.caller, project_key, scenario_id)


def save_script(call: Call, project_key: str, scenario_id: str) -> None:
    """The code of a scenario made of code, replaced."""
    call.sandbox.scenarios.save_script(call.caller, project_key, scenario_id, call.object())


def run(call: Call, project_key: str, scenario_id: str) -> dict[str, Any]:
    """A manual trigger fires."""
    return call.sandbox.scenarios.run(call.caller, project_key, scenario_id, call.json())


def abort(call: Call, project_key: str, scenario_id: str) -> None:
    """The run that is going on stops."""
    call.sandbox.scenarios.abort(call.caller, project_key, scenario_id)


def run_for_trigger(call: Call, project_key: str, scenario_id: str) -> dict[str, Any]:
    """The run that a firing started."""
    return call.sandbox.scenarios.run_of(call.caller, project_key, scenario_id, call.http.args.get("triggerRunId", ""))


def firing(call: Call, project_key: str, scenario_id: str, trigger_id: str) -> dict[str, Any]:
    """A firing of a trigger."""
    return call.sandbox.scenarios.firing(call.caller, project_key, scenario_id, call.http.args.get("triggerRunId", ""))


def last_runs(call: Call, project_key: str, scenario_id: str) -> list[dict[str, Any]]:
    """The latest runs."""
    limit = call.http.args.get("limit", 10, type=int)
    return call.sandbox.scenarios.last_runs(call.caller, project_key, scenario_id, limit)


def details(call: Call, project_key: str, scenario_id: str, run_id: str) -> dict[str, Any]:
    """A run with its steps."""
    return call.sandbox.scenarios.details(call.caller, project_key, scenario_id, run_id)


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
