"""What DSS adds to a scenario's parts when it stores them: defaults and stamps that nobody sent.

These are DSS's own, for parts of any client: that `govern_mirror.scenario.parts` sends some of the same values is no
reason to take them from there, since a sandbox that knows only what the library sends could not show it wrong.

Triggers, steps and reporters come back with defaults, renamed fields and time stamps, so that nobody may compare them
byte for byte (live 15: amrutp24/terraform-provider-dataiku). The defaults are those that hl documents for the envelope
of steps, triggers and reporters. Which key holds the time stamp no source names: `lastModifiedOn` is an assumption.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any

_STEP = {
    "enabled": True,
    "alwaysShowComment": False,
    "runConditionType": "RUN_IF_STATUS_MATCH",
    "runConditionStatuses": ["SUCCESS", "WARNING"],
    "runConditionExpression": "",
    "resetScenarioStatus": False,
    "delayBetweenRetries": 10,
    "maxRetriesOnFail": 0,
}
_TRIGGER = {
    "name": "",
    "active": True,
    "delay": 60,
    "graceDelaySettings": {"delay": 0, "checkAgainAfterGraceDelay": False},
}
_TEMPORAL = {"repeatFrequency": 1, "monthlyRunOn": "ON_THE_DAY", "hour": 0, "minute": 0, "timezone": "SERVER"}
_REPORTER = {"name": "", "active": True, "phase": "END", "runConditionEnabled": False, "runCondition": "true"}
_MAIL = {"ccRecipient": "", "bccRecipient": "", "attachments": []}
_BUILD = {"partitionsSpec": ""}


def stored_definition(definition: Mapping[str, Any], now: int) -> dict[str, Any]:
    """Return a scenario's definition as DSS hands it back.

    Args:
        definition: what was sent; parts that are no objects stay as they are.
        now: the time in epoch milliseconds, which each part is stamped with.
    """
    params = definition.get("params")
    stored = {**definition, "params": dict(params) if isinstance(params, Mapping) else {}}
    for holder, key, complete in (
        (stored["params"], "steps", _step),
        (stored, "triggers", _trigger),
        (stored, "reporters", _reporter),
    ):
        holder[key] = [_stamped(part, complete, now) for part in holder.get(key) or []]
    return stored


def _stamped(part: Any, complete: Callable[[dict[str, Any]], dict[str, Any]], now: int) -> Any:
    if not isinstance(part, dict):
        return part
    return {"id": secrets.token_hex(4), **complete(part), "lastModifiedOn": now}


def _step(step: dict[str, Any]) -> dict[str, Any]:
    params = dict(step.get("params") or {})
    if step.get("type") == "build_flowitem" and isinstance(params.get("builds"), list):
        params["builds"] = [{**_BUILD, **build} if isinstance(build, dict) else build for build in params["builds"]]
    return {**_STEP, **step, "params": params}


def _trigger(trigger: dict[str, Any]) -> dict[str, Any]:
    params = dict(trigger.get("params") or {})
    return {**_TRIGGER, **trigger, "params": {**_TEMPORAL, **params} if trigger.get("type") == "temporal" else params}


def _reporter(reporter: dict[str, Any]) -> dict[str, Any]:
    messaging = dict(reporter.get("messaging") or {})
    if messaging.get("type") == "mail-scenario":
        messaging["configuration"] = {**_MAIL, **(messaging.get("configuration") or {})}
    return {**_REPORTER, **reporter, "messaging": messaging}
