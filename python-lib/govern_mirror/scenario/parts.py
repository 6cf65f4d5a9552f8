"""What the reporting scenario does, as a value (`Reporting`), and the parts in DSS that do it.

Our parts are steps, a trigger and a reporter: as they are made, and which of their values stay ours afterwards.

The inline mail is as DSS 14.7 stores it (public source, captured live).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from govern_mirror.nested import Path, covers, get

SERVER = "SERVER"
"""The time zone of the DSS server."""

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class PartId(str, Enum):
    """The ids of our parts. They are identifiers, so that a mail can tell each step's `stepOutcome_<name>`."""

    SYNC = "govern_mirror_sync"
    BUILD = "govern_mirror_build"
    REPORT = "govern_mirror_report"
    SCHEDULE = "govern_mirror_schedule"
    FAILURE = "govern_mirror_failure"


STEPS = (PartId.SYNC, PartId.BUILD, PartId.REPORT)


@dataclass(frozen=True)
class Schedule:
    """When it runs: at a time of day in a zone, every day or only on some days (`DAYS`, in their order)."""

    hour: int = 7
    minute: int = 0
    days: tuple[str, ...] = ()
    timezone: str = SERVER

    @property
    def time(self) -> str:
        """The time of day, `HH:MM`."""
        return f"{self.hour:02}:{self.minute:02}"

    def __str__(self) -> str:
        when = ", ".join(self.days) if self.days else "every day"
        zone = "the DSS server's time" if self.timezone == SERVER else self.timezone
        return f"{when} at {self.time}, {zone}"


@dataclass(frozen=True)
class Mail:
    """Who gets mail, through which messaging channel."""

    to: tuple[str, ...]
    channel: str

    @property
    def recipients(self) -> str:
        """The addresses as DSS's forms have them."""
        return ", ".join(self.to)


@dataclass(frozen=True)
class Reporting:
    """What the scenario does.

    Attributes:
        schedule: when it runs; None when it has no trigger of ours.
        sync: sync with a Govern node first.
        datasets: the datasets to build.
        folder: the managed folder that takes the page, `ID` or `PROJECT.ID`.
        mail: who gets the report.
        alert: who is told of a run that did not succeed.
        history: the dataset with the history that the report tells trends from, `NAME` or `PROJECT.NAME`.
        with_texts: whether notes, comments and history are published, too.
    """

    schedule: Schedule | None = None
    sync: bool = False
    datasets: tuple[str, ...] = ()
    folder: str | None = None
    mail: Mail | None = None
    alert: Mail | None = None
    history: str | None = None
    with_texts: bool = False

    @property
    def steps(self) -> tuple[PartId, ...]:
        """The steps it takes."""
        needs = {
            PartId.SYNC: self.sync,
            PartId.BUILD: bool(self.datasets),
            PartId.REPORT: self.folder is not None or self.mail is not None,
        }
        return tuple(step for step in STEPS if needs[step])


SYNC_MACRO = "pyrunnable_govern-mirror_sync-with-govern"
REPORT_MACRO = "pyrunnable_govern-mirror_governed-projects-report"

FAILED_SUBJECT = "${scenarioName}: ${outcome}"
FAILED_MESSAGE = """\
The scenario ${scenarioName} of project ${scenarioProjectKey} ended with ${outcome}.

Step that failed: ${firstFailedStepName!"the one marked below"}
Error: ${errorMessage!"see the log of the run, on the scenario's page"}

Steps of govern-mirror (not run: the scenario stopped before, or does without it)
- sync with Govern (govern_mirror_sync): ${stepOutcome_govern_mirror_sync!"not run"}
- build the datasets (govern_mirror_build): ${stepOutcome_govern_mirror_build!"not run"}
- report: publish and mail (govern_mirror_report): ${stepOutcome_govern_mirror_report!"not run"}
"""
"""FreeMarker; a mail that names a variable DSS does not have is not sent at all, so those not known for sure carry a
default (`!`)."""


@dataclass(frozen=True)
class Part:
    """A step, trigger or reporter of ours: as it is made, and which of its values stay ours afterwards."""

    id: PartId
    content: dict[str, Any]
    owned: tuple[Path, ...]


def our_parts(reporting: Reporting, present: Reporting, now: datetime) -> list[Part]:
    """Our parts as wanted. People may have set trigger and reporter in ways that we cannot: what is not to change
    (as far as we can read it) is not written at all."""
    makers = {
        # a Govern node that is away must not cost the day's report; nothing is written into Govern unless people say so
        PartId.SYNC: lambda: _macro(PartId.SYNC, SYNC_MACRO, {"direction": "pull"}, proceed=True),
        PartId.BUILD: lambda: _build(reporting.datasets),
        PartId.REPORT: lambda: _macro(PartId.REPORT, REPORT_MACRO, _report_config(reporting)),
    }
    # the tick may stand there as false, as DSS's form saves it: what is not to change is not touched
    unchanged = {WITH_TEXTS} if reporting.with_texts == present.with_texts else set()
    parts = [
        Part(step, makers[step](), tuple(path for path in OWNED[step] if path not in unchanged))
        for step in reporting.steps
    ]
    if reporting.schedule:
        owned = () if reporting.schedule == present.schedule else OWNED[PartId.SCHEDULE]
        parts.append(Part(PartId.SCHEDULE, _trigger(reporting.schedule, now), owned))
    if reporting.alert:
        owned = () if reporting.alert == present.alert else OWNED[PartId.FAILURE]
        parts.append(Part(PartId.FAILURE, _reporter(reporting.alert), owned))
    return parts


WITH_TEXTS: Path = ("params", "config", "with_texts")
"""The tick of the report's step that lets notes, comments and history be published."""

OWNED: dict[PartId, tuple[Path, ...]] = {
    PartId.SYNC: (("type",), ("name",), ("params", "runnableType")),
    PartId.BUILD: (("type",), ("name",), ("params", "builds")),
    PartId.REPORT: (
        ("type",),
        ("name",),
        ("params", "runnableType"),
        ("params", "config", "history"),
        ("params", "config", "managed_folder"),
        ("params", "config", "mail_to"),
        ("params", "config", "channel"),
        WITH_TEXTS,
    ),
    PartId.SCHEDULE: (
        ("type",),
        ("name",),
        *(("params", key) for key in ("frequency", "repeatFrequency", "daysOfWeek", "hour", "minute", "timezone")),
    ),
    PartId.FAILURE: (
        ("name",),
        ("messaging", "type"),
        ("messaging", "configuration", "channelId"),
        ("messaging", "configuration", "recipient"),
    ),
}


def is_kept(identifier: PartId, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether a part has the values that stay ours as before.

    What DSS adds or stamps is no change; a tick that is not set counts as none.
    """
    return all(covers(_owned(after, path), _owned(before, path)) for path in OWNED[identifier])


def _owned(part: Mapping[str, Any], path: Path) -> Any:
    value = get(part, path)
    return None if value is False else value


def _step(identifier: PartId, kind: str, params: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": identifier.value,
        "type": kind,
        "name": identifier.value,
        "enabled": True,
        "alwaysShowComment": False,
        "runConditionType": "RUN_IF_STATUS_MATCH",
        "runConditionStatuses": ["SUCCESS", "WARNING"],
        "runConditionExpression": "",
        "resetScenarioStatus": False,
        "delayBetweenRetries": 10,
        "maxRetriesOnFail": 0,
        "params": params,
    }


def _macro(identifier: PartId, kind: str, config: dict[str, Any], *, proceed: bool = False) -> dict[str, Any]:
    """A step that runs a macro; with `proceed` its failure is a warning."""
    params = {"runnableType": kind, "config": config, "adminConfig": {}, "proceedOnFailure": proceed}
    return _step(identifier, "runnable", params)


def _build(datasets: Iterable[str]) -> dict[str, Any]:
    builds = [{"type": "DATASET", "itemId": name, "partitionsSpec": ""} for name in datasets]
    params = {
        "builds": builds,
        "jobType": "NON_RECURSIVE_FORCED_BUILD",
        "refreshHiveMetastore": True,
        "handleWarningsAs": "WARNING",
        "proceedOnFailure": False,
    }
    return _step(PartId.BUILD, "build_flowitem", params)


def _report_config(reporting: Reporting) -> dict[str, Any]:
    config: dict[str, Any] = {}
    if reporting.history is not None:
        config["history"] = reporting.history
    if reporting.folder is not None:
        config["managed_folder"] = reporting.folder
    if reporting.mail is not None:
        config |= {"mail_to": reporting.mail.recipients, "channel": reporting.mail.channel}
    if reporting.with_texts:
        config["with_texts"] = True
    return config


def _trigger(schedule: Schedule, now: datetime) -> dict[str, Any]:
    params: dict[str, Any] = {
        "frequency": "Weekly" if schedule.days else "Daily",
        "repeatFrequency": 1,
        "hour": schedule.hour,
        "minute": schedule.minute,
        # as the API's own client writes it
        "startingFrom": f"{now:%Y-%m-%d}T00:00:00.000+0000",
        "timezone": schedule.timezone,
    }
    if schedule.days:
        params["daysOfWeek"] = list(schedule.days)
    identifier = PartId.SCHEDULE.value
    return {"id": identifier, "type": "temporal", "name": identifier, "active": True, "delay": 5, "params": params}


def _reporter(alert: Mail) -> dict[str, Any]:
    return {
        "id": PartId.FAILURE.value,
        "name": PartId.FAILURE.value,
        "active": True,
        "phase": "END",
        "runConditionEnabled": True,
        "runCondition": "outcome != 'SUCCESS'",
        "messaging": {
            "type": "mail-scenario",
            "configuration": {
                "channelId": alert.channel,
                "recipient": alert.recipients,
                "subject": FAILED_SUBJECT,
                "message": FAILED_MESSAGE,
                "messageSource": "INLINE",
                "templateFormat": "FREEMARKER",
                "sendAsHTML": False,
                "attachments": [],
            },
        },
    }
