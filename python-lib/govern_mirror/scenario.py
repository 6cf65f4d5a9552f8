"""The reporting scenario as DSS stores it: its definition built, merged into one that is there, read back, taken out.

A scenario is found by its tag. Within it a step, trigger or reporter of ours is known by its id (its name bears the
same word, should DSS give it another id); everything else belongs to people and stays as it is, where it is. Of our
own parts, too, only the values named in `owned` are written again: a filter set in the report's step, a step switched
off or a reworded mail stays.

Shapes: `platform-facts.md`, Scenarios. The inline mail is as DSS 14.7 stores it (public source, captured live).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

TAG = "govern-mirror-reporting"
"""The mark of our scenario: a tag of the scenario itself, which lists of scenarios show."""

NAME = "Govern mirror reporting"
"""The name a new scenario gets; people may change it."""

SERVER = "SERVER"
"""The time zone of the DSS server."""

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

SYNC_MACRO = "pyrunnable_govern-mirror_sync-with-govern"
REPORT_MACRO = "pyrunnable_govern-mirror_governed-projects-report"

Definition = Mapping[str, Any]
Path = tuple[str, ...]


class PartId(str, Enum):
    """The ids of our parts. They are identifiers, so that a mail can tell each step's `stepOutcome_<name>`."""

    SYNC = "govern_mirror_sync"
    BUILD = "govern_mirror_build"
    REPORT = "govern_mirror_report"
    SCHEDULE = "govern_mirror_schedule"
    FAILURE = "govern_mirror_failure"


STEPS = (PartId.SYNC, PartId.BUILD, PartId.REPORT)
_LISTS: tuple[tuple[Path, tuple[PartId, ...]], ...] = (
    (("params", "steps"), STEPS),
    (("triggers",), (PartId.SCHEDULE,)),
    (("reporters",), (PartId.FAILURE,)),
)

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
class Schedule:
    """When it runs: at a time of day in a zone, every day or only on some days (`DAYS`, in their order)."""

    hour: int = 7
    minute: int = 0
    days: tuple[str, ...] = ()
    timezone: str = SERVER

    def __str__(self) -> str:
        when = ", ".join(self.days) if self.days else "every day"
        zone = "the DSS server's time" if self.timezone == SERVER else self.timezone
        return f"{when} at {self.hour:02}:{self.minute:02}, {zone}"


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
    """

    schedule: Schedule | None = None
    sync: bool = False
    datasets: tuple[str, ...] = ()
    folder: str | None = None
    mail: Mail | None = None
    alert: Mail | None = None
    history: str | None = None

    @property
    def steps(self) -> tuple[PartId, ...]:
        """The steps it takes."""
        wanted = {
            PartId.SYNC: self.sync,
            PartId.BUILD: bool(self.datasets),
            PartId.REPORT: self.folder is not None or self.mail is not None,
        }
        return tuple(step for step in STEPS if wanted[step])


@dataclass(frozen=True)
class _Part:
    """A step, trigger or reporter of ours: as it is made, and which of its values stay ours afterwards."""

    id: PartId
    made: dict[str, Any]
    owned: tuple[Path, ...]


def is_marked(definition: Definition) -> bool:
    """Whether a scenario, or its item in a list, bears our mark."""
    tags = definition.get("tags")
    return isinstance(tags, list) and TAG in tags


def new() -> dict[str, Any]:
    """A new scenario that does nothing yet and is switched off."""
    return {"active": False, "tags": [TAG], "triggers": [], "reporters": [], "params": {"steps": []}}


def installed(definition: Definition, wanted: Reporting, now: datetime) -> dict[str, Any]:
    """The definition with our parts as wanted, each added where it belongs or brought up to date in its place.

    Args:
        definition: the scenario as it is; not changed.
        wanted: what it is to do.
        now: a new trigger counts from this day on.
    """
    changed = dict(definition)
    if not is_marked(changed):
        tags = changed.get("tags")
        changed["tags"] = [*tags, TAG] if isinstance(tags, list) else [TAG]
    parts = _parts(wanted, reporting_of(definition), now)
    for path, known in _LISTS:
        _set(changed, path, _merged(_get(changed, path), [part for part in parts if part.id in known], known))
    return changed


def removed(definition: Definition) -> dict[str, Any] | None:
    """The definition without our parts and mark; None when nothing but ours is in it, so that it can go."""
    changed = dict(definition)
    left = 0
    for path, known in _LISTS:
        rest = _merged(_get(changed, path), [], known)
        _set(changed, path, rest)
        left += len(rest)
    if not left:
        return None
    tags = changed.get("tags")
    changed["tags"] = [tag for tag in tags if tag != TAG] if isinstance(tags, list) else []
    return changed


def foreign(definition: Definition) -> int:
    """How many steps, triggers and reporters are people's own."""
    return sum(len(_merged(_get(definition, path), [], known)) for path, known in _LISTS)


def part(definition: Definition, identifier: PartId) -> Mapping[str, Any] | None:
    """One of our parts as it is in a definition; None when it is not there."""
    for path, known in _LISTS:
        if identifier in known:
            items = _items(_get(definition, path))
            place = _places(items, known).get(identifier)
            return None if place is None else dict(items[place])
    return None


def reporting_of(definition: Definition) -> Reporting:
    """What a scenario does at present; what cannot be read counts as not set."""
    schedule, report = part(definition, PartId.SCHEDULE), part(definition, PartId.REPORT)
    build, failure = part(definition, PartId.BUILD), part(definition, PartId.FAILURE)
    config = _mapping(_get(report, ("params", "config")))
    told = _mapping(_get(failure, ("messaging", "configuration")))
    builds = _get(build, ("params", "builds"))
    folder, history = config.get("managed_folder"), config.get("history")
    return Reporting(
        schedule=None if schedule is None else _schedule(_mapping(schedule.get("params"))),
        sync=part(definition, PartId.SYNC) is not None,
        datasets=tuple(str(each.get("itemId")) for each in _items(builds) if isinstance(each, Mapping)),
        history=history if isinstance(history, str) and history else None,
        folder=folder if isinstance(folder, str) and folder else None,
        mail=_mail(config.get("mail_to"), config.get("channel")),
        alert=_mail(told.get("recipient"), told.get("channelId")),
    )


def run_as(definition: Definition) -> str | None:
    """The login a scenario runs as: the one that is set, else its last modifier's; None when neither is known."""
    for path in (
        ("runAsUser",),
        ("versionTag", "lastModifiedBy", "login"),
        ("creationTag", "lastModifiedBy", "login"),
    ):
        login = _get(definition, path)
        if isinstance(login, str) and login:
            return login
    return None


def lost(wanted: Definition, found: Definition) -> list[str]:
    """What of ours did not come back as it was written: our mark, and values we own, by part."""
    missing = [] if is_marked(found) else [f"the tag {TAG}"]
    for identifier in PartId:
        before, after = part(wanted, identifier), part(found, identifier)
        if before is None and after is None:
            continue
        if before is None or after is None or _owned(identifier, before) != _owned(identifier, after):
            missing.append(identifier.value)
    return missing


# parts ----------------------------------------------------------------------------------------------------------


def _parts(wanted: Reporting, known: Reporting, now: datetime) -> list[_Part]:
    """Our parts as wanted. People may have set trigger and reporter in ways that we cannot: what is not to change
    (as far as we can read it) is not written at all."""
    made = {
        # a Govern node that is away must not cost the day's report; nothing is written into Govern unless people say so
        PartId.SYNC: lambda: _macro(PartId.SYNC, SYNC_MACRO, {"direction": "pull"}, proceed=True),
        PartId.BUILD: lambda: _build(wanted.datasets),
        PartId.REPORT: lambda: _macro(PartId.REPORT, REPORT_MACRO, _report_config(wanted)),
    }
    parts = [_Part(step, made[step](), _OWNED[step]) for step in wanted.steps]
    if wanted.schedule:
        owned = () if wanted.schedule == known.schedule else _OWNED[PartId.SCHEDULE]
        parts.append(_Part(PartId.SCHEDULE, _trigger(wanted.schedule, now), owned))
    if wanted.alert:
        owned = () if wanted.alert == known.alert else _OWNED[PartId.FAILURE]
        parts.append(_Part(PartId.FAILURE, _reporter(wanted.alert), owned))
    return parts


_OWNED: dict[PartId, tuple[Path, ...]] = {
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


def _owned(identifier: PartId, found: Mapping[str, Any]) -> list[Any]:
    return [_get(found, path) for path in _OWNED[identifier]]


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


def _report_config(wanted: Reporting) -> dict[str, Any]:
    config: dict[str, Any] = {}
    if wanted.history is not None:
        config["history"] = wanted.history
    if wanted.folder is not None:
        config["managed_folder"] = wanted.folder
    if wanted.mail is not None:
        config |= {"mail_to": wanted.mail.recipients, "channel": wanted.mail.channel}
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


# lists ----------------------------------------------------------------------------------------------------------


def _merged(found: object, wanted: Sequence[_Part], known: Sequence[PartId]) -> list[Any]:
    """A list with our parts as wanted; foreign items keep their values and their order.

    A part that is there stays in its place. A new one goes after the nearest of ours before it in the order of `known`,
    else before the nearest after it, else to the end.
    """
    items = _items(found)
    places = _places(items, known)
    ours = {place: identifier for identifier, place in places.items()}
    parts = {each.id: each for each in wanted}
    merged: list[tuple[PartId | None, Any]] = []
    for place, item in enumerate(items):
        identifier = ours.get(place)
        if identifier is None:
            merged.append((None, item))
        elif identifier in parts:
            merged.append((identifier, _updated(item, parts[identifier])))
    for each in wanted:
        if each.id not in places:
            merged.insert(_position([identifier for identifier, _ in merged], each.id, known), (each.id, each.made))
    return [item for _, item in merged]


def _position(placed: Sequence[PartId | None], identifier: PartId, known: Sequence[PartId]) -> int:
    order = known.index(identifier)
    for before in reversed(known[:order]):
        if before in placed:
            return placed.index(before) + 1
    for after in known[order + 1 :]:
        if after in placed:
            return placed.index(after)
    return len(placed)


def _places(items: Sequence[Any], known: Sequence[PartId]) -> dict[PartId, int]:
    """Where our parts are: the first item of each id, else of each name. A copy that people made of one is theirs."""
    ids = {identifier.value for identifier in known}
    places: dict[PartId, int] = {}
    for identifier in known:
        candidates = [
            [place for place, item in enumerate(items) if _text(item, "id") == identifier.value],
            [
                place
                for place, item in enumerate(items)
                if _text(item, "name") == identifier.value and _text(item, "id") not in ids
            ],
        ]
        found = next((places for places in candidates if places), None)
        if found:
            places[identifier] = found[0]
    return places


def _updated(item: Mapping[str, Any], wanted: _Part) -> dict[str, Any]:
    changed = dict(item)
    for path in wanted.owned:
        value = _get(wanted.made, path)
        if value is not None:
            _set(changed, path, value)
        else:
            _drop(changed, path)
    return changed


# values in a definition -----------------------------------------------------------------------------------------


def _get(document: object, path: Path) -> Any:
    for key in path:
        if not isinstance(document, Mapping):
            return None
        document = document.get(key)
    return document


def _set(document: dict[str, Any], path: Path, value: Any) -> None:
    for key in path[:-1]:
        inner = document.get(key)
        document[key] = dict(inner) if isinstance(inner, Mapping) else {}
        document = document[key]
    document[path[-1]] = value


def _drop(document: dict[str, Any], path: Path) -> None:
    if _get(document, path) is not None:
        _set(document, path, None)
        parent = _get(document, path[:-1])
        del parent[path[-1]]


def _items(found: object) -> list[Any]:
    return list(found) if isinstance(found, list) else []


def _mapping(found: object) -> Mapping[str, Any]:
    return found if isinstance(found, Mapping) else {}


def _text(item: object, key: str) -> str | None:
    found = item.get(key) if isinstance(item, Mapping) else None
    return found if isinstance(found, str) else None


def _schedule(params: Mapping[str, Any]) -> Schedule:
    standard = Schedule()
    weekly = params.get("frequency") == "Weekly"
    days = {str(day).capitalize() for day in _items(params.get("daysOfWeek"))} if weekly else set()
    timezone = params.get("timezone")
    return Schedule(
        _whole(params.get("hour"), standard.hour, 23),
        _whole(params.get("minute"), standard.minute, 59),
        tuple(day for day in DAYS if day in days),
        timezone if isinstance(timezone, str) and timezone else standard.timezone,
    )


def _whole(found: object, otherwise: int, most: int) -> int:
    known = isinstance(found, int | float) and not isinstance(found, bool) and 0 <= found <= most
    return int(found) if known and isinstance(found, int | float) else otherwise


def _mail(recipients: object, channel: object) -> Mail | None:
    to = tuple(each.strip() for each in recipients.split(",")) if isinstance(recipients, str) else ()
    to = tuple(each for each in to if each)
    return Mail(to, channel) if to and isinstance(channel, str) and channel else None
