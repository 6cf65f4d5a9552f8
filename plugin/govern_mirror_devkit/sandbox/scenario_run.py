"""One run of a scenario: its steps one after the other, then its reporters (docs, scenarios; hl)."""

from __future__ import annotations

import copy
import logging
import threading
from collections.abc import Iterator, Mapping
from typing import Any

from ..formula import expand, holds
from . import freemarker
from .auth import Accounts, Caller
from .clock import Clock
from .errors import BadRequest, DssError
from .jobs import Jobs, JobState
from .macros import Macros
from .messaging import Mail, MessagingChannels, addresses

SUCCESS, WARNING, FAILED, ABORTED = "SUCCESS", "WARNING", "FAILED", "ABORTED"


class ScenarioRunner:
    """Runs scenarios in the name of their run-as user."""

    def __init__(
        self, accounts: Accounts, macros: Macros, jobs: Jobs, channels: MessagingChannels, clock: Clock
    ) -> None:
        self._accounts = accounts
        self._macros = macros
        self._jobs = jobs
        self._channels = channels
        self._clock = clock

    def perform(
        self, scenario: Mapping[str, Any], fire: Mapping[str, Any], run_id: str, aborted: threading.Event
    ) -> Iterator[dict[str, Any]]:
        """Run a scenario; yields the run's document each time something changed, the last one with its result.

        It runs as `runAsUser`, else as its last modifier (docs).
        """
        run = {
            "runId": run_id,
            "scenario": {key: scenario.get(key) for key in ("projectKey", "id", "name", "type")},
            "trigger": dict(fire),
            "start": self._clock.milliseconds(),
            "end": 0,
        }
        steps: list[dict[str, Any]] = []
        outcome = SUCCESS
        yield _document(run, steps)
        try:
            login = scenario.get("runAsUser") or scenario["versionTag"]["lastModifiedBy"]["login"]
            caller = self._accounts.user(login)
            run["runAsUser"] = login
            if scenario["type"] != "step_based":
                raise BadRequest(f"The sandbox does not run scenarios of type {scenario['type']}")
            for step in scenario["params"]["steps"]:
                if aborted.is_set():
                    outcome = ABORTED
                    break
                if not _is_wanted(step, outcome, steps):
                    continue
                steps.append(self._step(caller, str(scenario["projectKey"]), step, aborted))
                outcome = _worse(outcome, _counted(step, steps[-1]["result"]["outcome"]))
                yield _document(run, steps)
        except DssError as error:
            outcome = FAILED
            run["thrown"] = _thrown(error)
        except Exception as error:
            # a fault of the sandbox itself must not leave a run without an end
            logging.getLogger(__name__).exception("scenario run %s failed", run["runId"])
            outcome = FAILED
            run["thrown"] = _thrown(DssError(500, "java.lang.RuntimeException", repr(error)))
        run["end"] = self._clock.milliseconds()
        run["reporterErrors"] = self._report(scenario, run, steps, outcome)
        run["result"] = {"type": "SCENARIO_DONE", "outcome": outcome}
        yield _document(run, steps)

    def _step(
        self, caller: Caller, project_key: str, step: Mapping[str, Any], aborted: threading.Event
    ) -> dict[str, Any]:
        items: list[dict[str, Any]] = []
        began = self._clock.milliseconds()
        result: dict[str, Any] = {"type": "STEP_DONE", "outcome": SUCCESS}
        try:
            items += self._performed(caller, project_key, step, aborted)
        except DssError as error:
            result["outcome"] = ABORTED if aborted.is_set() else FAILED
            result["thrown"] = _thrown(error)
        ended = self._clock.milliseconds()
        return {"step": dict(step), "start": began, "end": ended, "result": result, "additionalReportItems": items}

    def _performed(
        self, caller: Caller, project_key: str, step: Mapping[str, Any], aborted: threading.Event
    ) -> list[dict[str, Any]]:
        params = step.get("params") or {}
        if step.get("type") == "runnable":
            kind = str(params.get("runnableType"))
            result = self._macros.run(caller, project_key, kind, params.get("config") or {}, aborted)
            return [{"type": "RUNNABLE_RESULT", "runnableType": kind, "resultType": result.type}]
        if step.get("type") == "build_flowitem":
            outputs = [
                {"projectKey": build.get("projectKey") or project_key, "id": build.get("itemId"), "type": "DATASET"}
                for build in params.get("builds") or []
            ]
            kind = params.get("jobType") or "NON_RECURSIVE_FORCED_BUILD"
            job = self._jobs.run(caller, project_key, {"type": kind, "outputs": outputs})
            if job.state is not JobState.DONE:
                raise job.failure or DssError(500, "com.dataiku.dip.exceptions.JobFailedException", job.state.value)
            return [{"type": "JOB_EXECUTED", "jobId": job.id}]
        raise BadRequest(f"The sandbox does not run scenario steps of type {step.get('type')!r}")

    def _report(
        self, scenario: Mapping[str, Any], run: Mapping[str, Any], steps: list[dict[str, Any]], outcome: str
    ) -> list[str]:
        """Let the reporters of the end report; one that cannot does not change the outcome (docs, reporters)."""
        failed = next((step for step in steps if step["result"]["outcome"] == FAILED), None)
        variables: dict[str, Any] = {
            "outcome": outcome,
            "scenarioName": scenario.get("name"),
            "projectKey": scenario["projectKey"],
            "scenarioProjectKey": scenario["projectKey"],
            "triggerName": run["trigger"]["trigger"].get("name"),
            "firstFailedStepName": failed["step"].get("name") if failed else "",
            "errorMessage": failed["result"]["thrown"]["message"]
            if failed
            else run.get("thrown", {}).get("message", ""),
        }
        for step in steps:
            variables[f"stepOutcome_{step['step'].get('name')}"] = step["result"]["outcome"]
        errors = []
        for reporter in scenario.get("reporters") or []:
            if not reporter.get("active", True) or reporter.get("phase", "END") != "END":
                continue
            try:
                if not reporter.get("runConditionEnabled") or holds(reporter.get("runCondition") or "true", variables):
                    self._mail(scenario, reporter, variables)
            except (DssError, ValueError) as error:
                errors.append(f"{reporter.get('name')}: {error}")
        return errors

    def _mail(self, scenario: Mapping[str, Any], reporter: Mapping[str, Any], variables: Mapping[str, Any]) -> None:
        messaging = reporter.get("messaging") or {}
        if messaging.get("type") != "mail-scenario":
            raise BadRequest(f"The sandbox does not report by {messaging.get('type')!r}")
        configuration = messaging.get("configuration") or {}
        inline = configuration.get("messageSource") == "INLINE" and configuration.get("templateFormat") == "FREEMARKER"
        text = freemarker.render if inline else expand
        mail = Mail(
            channel_id=str(configuration.get("channelId")),
            project_key=str(scenario["projectKey"]),
            sender=expand(configuration.get("sender") or "", variables),
            to=addresses(expand(configuration.get("recipient") or "", variables)),
            subject=text(configuration.get("subject") or "", variables),
            body=text(configuration.get("message") or "", variables),
            plain_text=not configuration.get("sendAsHTML"),
            sent_on=self._clock.now(),
        )
        caller = self._accounts.user(str(scenario["versionTag"]["lastModifiedBy"]["login"]))
        self._channels.send(caller, mail, single_message=True)


def _document(run: Mapping[str, Any], steps: list[dict[str, Any]]) -> dict[str, Any]:
    return copy.deepcopy({"scenarioRun": dict(run), "stepRuns": steps})


def _is_wanted(step: Mapping[str, Any], outcome: str, steps: list[dict[str, Any]]) -> bool:
    """Return whether a step runs: it is enabled, and its condition on what came before holds (docs, scenarios)."""
    if not step.get("enabled", True):
        return False
    kind = step.get("runConditionType") or "RUN_IF_STATUS_MATCH"
    if kind == "RUN_ALWAYS":
        return True
    if kind == "RUN_CONDITIONALLY":
        outcomes = {f"stepOutcome_{run['step'].get('name')}": run["result"]["outcome"] for run in steps}
        return holds(step.get("runConditionExpression") or "true", {"outcome": outcome, **outcomes})
    return kind == "RUN_IF_STATUS_MATCH" and outcome in (step.get("runConditionStatuses") or [SUCCESS, WARNING])


def _counted(step: Mapping[str, Any], outcome: str) -> str:
    proceeds = (step.get("params") or {}).get("proceedOnFailure")
    return WARNING if outcome == FAILED and proceeds else outcome


def _worse(one: str, other: str) -> str:
    order = (SUCCESS, WARNING, FAILED, ABORTED)
    return max(one, other, key=order.index)


def _thrown(error: DssError) -> dict[str, Any]:
    return {"clazz": error.error_type, "title": error.message, "message": error.message}
