"""The scheduled report: install, show and remove the reporting scenario of a hub project.

`FORMAT_VERSION` history: 1, the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from govern_mirror import clock
from govern_mirror.actions.publish import parse_folder
from govern_mirror.actions.scenario_write import delete_scenario, find_installed, require_free_name, write_scenario
from govern_mirror.actions.schedule_options import ScheduleOptions, parse_options, wanted_reporting
from govern_mirror.actions.schedule_review import advice
from govern_mirror.actions.session import Session
from govern_mirror.dss import STEP_BASED, HubScenarios, RecipeOutput, ScenarioRun
from govern_mirror.errors import GovernMirrorError, InputError
from govern_mirror.scenario import definition as scenarios
from govern_mirror.scenario.definition import NAME, TAG
from govern_mirror.scenario.parts import REPORT_MACRO, SYNC_MACRO, PartId, Reporting, is_kept
from govern_mirror.times import iso_time

FORMAT_VERSION = 1

RECIPES = ("CustomCode_governed-projects", "CustomCode_governance-trends")
"""The plugin's recipes whose datasets the scenario builds: trends after the history they are made of."""

HISTORY_ROLE = "history"
"""The output of the recipe `governed-projects` that keeps the history."""


@dataclass(frozen=True)
class InstallStep:
    """One thing that was done, or found: what, how it ended, and the detail."""

    what: str
    outcome: str
    detail: str


@dataclass(frozen=True)
class InstallResult:
    """What became of the scenario, or in a dry run would.

    Attributes:
        project_key: the hub project.
        scenario_id: the scenario; None when there is none (yet).
        lines: the scenario first, then its parts.
        changed: whether anything changed, or in a dry run would.
        warnings: what people should look at.
    """

    project_key: str
    scenario_id: str | None
    lines: tuple[InstallStep, ...]
    changed: bool
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class ScenarioStatus:
    """The scenario as it is.

    Attributes:
        project_key: the hub project.
        scenario_id: None when none is installed; then nothing else is known.
        name: as people named it.
        active: whether its triggers work.
        running: whether it runs at present.
        run_as: the login it runs as.
        next_run: when DSS expects it to run next.
        last_run: its last finished run.
        reporting: what it does.
        own_parts: how many steps, triggers and reporters are people's own.
    """

    project_key: str
    scenario_id: str | None = None
    name: str | None = None
    active: bool | None = None
    running: bool | None = None
    run_as: str | None = None
    next_run: datetime | None = None
    last_run: ScenarioRun | None = None
    reporting: Reporting = Reporting()
    own_parts: int = 0


def install(
    session: Session, project_key: str, options: ScheduleOptions, *, dry_run: bool = False, now: datetime | None = None
) -> InstallResult:
    """Create the reporting scenario of a project, or bring it up to date.

    Args:
        session: the instance and user.
        project_key: the hub project.
        options: what to do; what is blank stays as it is.
        dry_run: only say what would change.
        now: a new trigger counts from this day on; else from today.

    Raises:
        InputError: an option is not valid, or nothing is left to do.
        GovernMirrorError: DSS refuses, or a scenario made by hand stands in the way; the message says what to do.
    """
    hub, now = HubScenarios(session.store.client, project_key), now or clock.now()
    requested = parse_options(options, project_key)
    identifier = find_installed(hub)
    if identifier is None:
        require_free_name(hub)
    before = scenarios.new() if identifier is None else _of_steps(hub, identifier)
    wanted, warnings = wanted_reporting(session, requested, scenarios.reporting_of(before))
    wanted = _with_what_is_there(hub, wanted, warnings)
    after = scenarios.installed(before, wanted, now)
    changed = identifier is None or after != before
    outcome = "created" if identifier is None else "updated" if changed else "unchanged"
    run_before = scenarios.run_as(before)
    if changed and dry_run:
        outcome = f"would be {outcome}"
        # whoever saves a scenario is the one it runs as, unless it names somebody
        after["versionTag"] = {"lastModifiedBy": {"login": session.login}}
    elif changed:
        identifier, before, after = write_scenario(hub, identifier, wanted, now)
    if identifier is not None and not after.get("active"):
        warnings.append("the scenario is switched off, and stays so: switch it on in its settings in DSS")
    name = str(after.get("name") or NAME)
    lines = [
        InstallStep("scenario", outcome, f"{name} ({identifier})" if identifier else name),
        *_parts(before, after),
        InstallStep("runs as", "", scenarios.run_as(after) or "unknown"),
    ]
    warnings += advice(session, hub, run_before, after)
    return InstallResult(project_key, identifier, tuple(lines), changed, tuple(warnings))


def show(session: Session, project_key: str) -> ScenarioStatus:
    """Look at the reporting scenario of a project.

    Raises:
        GovernMirrorError: it cannot be read, or there are two.
    """
    hub = HubScenarios(session.store.client, project_key)
    identifier = find_installed(hub)
    if identifier is None:
        return ScenarioStatus(project_key)
    definition = hub.definition(identifier)
    running, next_run = hub.activity(identifier)
    return ScenarioStatus(
        project_key=project_key,
        scenario_id=identifier,
        name=str(definition.get("name") or identifier),
        active=bool(definition.get("active")),
        running=running,
        run_as=scenarios.run_as(definition),
        next_run=next_run,
        last_run=hub.last_run(identifier),
        reporting=scenarios.reporting_of(definition),
        own_parts=scenarios.foreign(definition),
    )


def last_report(session: Session, project_key: str) -> date | None:
    """The day (UTC) of the last scheduled report of a hub project that went out; None when nobody can tell."""
    hub = HubScenarios(session.store.client, project_key)
    try:
        identifier = find_installed(hub)
        sent = None if identifier is None else hub.last_success(identifier)
    except GovernMirrorError:
        # what changed is told all the same, since the last snapshot
        return None
    return None if sent is None else sent.date()


def shown_json(session: Session, shown: ScenarioStatus) -> dict[str, Any]:
    """The scenario as `scenario show --format json` prints it; what only an installed one has is null without one."""
    is_installed = shown.scenario_id is not None
    run, reporting = shown.last_run, shown.reporting
    when = reporting.schedule
    url = f"{session.store.url or ''}/projects/{shown.project_key}/scenarios/{shown.scenario_id}"
    return {
        "format_version": FORMAT_VERSION,
        "project_key": shown.project_key,
        "installed": is_installed,
        "scenario_id": shown.scenario_id,
        "name": shown.name,
        "url": url if is_installed else None,
        "active": shown.active,
        "running": shown.running,
        "run_as": shown.run_as,
        "next_run": iso_time(shown.next_run),
        "last_run": run and {**asdict(run), "started_on": iso_time(run.started_on), "ended_on": iso_time(run.ended_on)},
        "schedule": when and {"time": when.time, "days": list(when.days), "timezone": when.timezone},
        "steps": [step.value for step in reporting.steps] if is_installed else None,
        "datasets": list(reporting.datasets),
        "history": reporting.history,
        "managed_folder": reporting.folder,
        "with_texts": reporting.with_texts if is_installed else None,
        "mail": list(reporting.mail.to) if reporting.mail else [],
        "channel": reporting.mail.channel if reporting.mail else None,
        "own_parts": shown.own_parts,
    }


def remove(session: Session, project_key: str, *, dry_run: bool = False) -> InstallResult:
    """Remove the reporting scenario; one that holds steps, triggers or reporters of people's own keeps those.

    Raises:
        GovernMirrorError: DSS refuses it, or there are two.
    """
    hub = HubScenarios(session.store.client, project_key)
    identifier = find_installed(hub)
    if identifier is None:
        return InstallResult(project_key, None, (InstallStep("scenario", "not installed", ""),), changed=False)
    definition = hub.definition(identifier)
    rest = scenarios.removed(definition)
    would = "would be " if dry_run else ""
    name = f"{definition.get('name')} ({identifier})"
    if rest is None:
        lines = [InstallStep("scenario", f"{would}deleted", name)]
        if not dry_run:
            delete_scenario(hub, identifier)
    else:
        foreign = scenarios.foreign(definition)
        detail = f"{name}: {foreign} of your own steps, triggers and reporters stay"
        lines = [InstallStep("scenario", f"{would}kept", detail), *_parts(definition, rest)]
        if not dry_run:
            hub.save(identifier, rest)
    return InstallResult(project_key, identifier, tuple(lines), changed=True)


# installing -----------------------------------------------------------------------------------------------------


def _of_steps(hub: HubScenarios, identifier: str) -> dict[str, Any]:
    definition = hub.definition(identifier)
    if definition.get("type", STEP_BASED) != STEP_BASED:
        raise GovernMirrorError(
            f"the scenario {identifier} of project {hub.project_key} is tagged {TAG}, but made of code and not of "
            "steps: take the tag from it, then try again"
        )
    return definition


def _with_what_is_there(hub: HubScenarios, wanted: Reporting, warnings: list[str]) -> Reporting:
    """What the scenario is to do, with what the project's flow and the instance offer; what they do not is said.

    Raises:
        InputError: nothing is left to do.
        GovernMirrorError: the managed folder or the plugin is not there.
    """
    macros = hub.macros()
    if REPORT_MACRO not in macros:
        raise GovernMirrorError(
            f"project {hub.project_key} does not offer the plugin's macros: install the plugin govern-mirror on this "
            "instance, or ask an administrator for the right to use it"
        )
    if wanted.folder is not None:
        folder = parse_folder(wanted.folder, hub.project_key)
        hub.require_folder(folder.project_key, folder.id)
    outputs = hub.outputs_of(RECIPES)
    wanted = replace(
        wanted,
        sync=_sync(hub, macros, wanted.sync, warnings),
        datasets=tuple(dict.fromkeys(output.dataset for output in outputs)),
        history=_history(hub.project_key, outputs, wanted.history),
    )
    if not wanted.steps:
        raise InputError(
            "nothing to do: name a managed folder for the page or addresses for the mail, or add the recipe Governed "
            "projects to the project's flow"
        )
    if not wanted.datasets:
        warnings.append(
            "no dataset is built: the project's flow has no recipe Governed projects; add one and install again for a "
            "table that is always fresh"
        )
    elif wanted.history is None:
        warnings.append(
            "the report tells no trends: give the recipe Governed projects its output History and install again"
        )
    if wanted.folder is None:
        warnings.append("no page is published: name a managed folder for it")
    if wanted.mail is None:
        warnings.append("nobody gets mail, not even when a run fails: name addresses for it")
    return wanted


def _history(project_key: str, outputs: Iterable[RecipeOutput], present: str | None) -> str | None:
    """The history that this project's flow writes; else one of another project that people named in the step."""
    dataset = next((output.dataset for output in outputs if output.role == HISTORY_ROLE), None)
    elsewhere = present is not None and present.partition(".")[0] != project_key and "." in present
    return dataset or (present if elsewhere else None)


def _sync(hub: HubScenarios, macros: Iterable[str], present: bool, warnings: list[str]) -> bool:
    """Whether the scenario syncs with a Govern node first; what only an administrator could tell stays as it is."""
    configured = hub.govern_node()
    if SYNC_MACRO not in macros:
        if configured or present:
            warnings.append(
                "no sync with Govern: this version of the plugin on the instance has no macro sync-with-govern; update "
                "the plugin and install again"
            )
        return False
    if configured is None and not present:
        warnings.append(
            "no sync with Govern: whether this instance has a Govern node, only an administrator's key can tell; let "
            "an administrator install again, or leave it so"
        )
    return present if configured is None else configured


def _parts(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[InstallStep]:
    """A line for each of our parts, before and after."""
    lines = []
    for identifier in PartId:
        was, became = scenarios.part(before, identifier), scenarios.part(after, identifier)
        if was is None and became is None:
            continue
        if was is None:
            outcome = "added"
        elif became is None:
            outcome = "removed"
        else:
            outcome = "unchanged" if is_kept(identifier, was, became) else "changed"
        detail = described(scenarios.reporting_of(before if became is None else after), identifier)
        if became is not None and not became.get("enabled", became.get("active", True)):
            detail += " (switched off in DSS)"
        lines.append(InstallStep(identifier.value, outcome, detail))
    return lines


def described(reporting: Reporting, identifier: PartId) -> str:
    """What one of our parts does, for people."""
    if identifier is PartId.SYNC:
        return "sync with the Govern node"
    if identifier is PartId.BUILD:
        return f"build {', '.join(reporting.datasets)}"
    if identifier is PartId.SCHEDULE:
        return str(reporting.schedule or "none: its trigger was removed in DSS")
    if identifier is PartId.FAILURE:
        to = reporting.alert.recipients if reporting.alert else "nobody"
        return f"mail {to} when a run does not succeed"
    done = [] if reporting.folder is None else [f"publish the page in the managed folder {reporting.folder}"]
    if reporting.mail:
        done.append(f"mail the report to {reporting.mail.recipients} through {reporting.mail.channel}")
    if reporting.history:
        done.append(f"with trends from {reporting.history}")
    if reporting.with_texts:
        done.append("with notes, comments and history")
    return ", ".join(done)
