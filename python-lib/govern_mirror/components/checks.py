"""The plugin's Project Standards checks: gates that DSS runs itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from govern_mirror.actions.gate import accepted_decisions
from govern_mirror.actions.hub_reading import HubReading
from govern_mirror.actions.session import Session, layout_of
from govern_mirror.components.results import worded
from govern_mirror.dss import Client, ProjectStore, with_retries
from govern_mirror.dss.client import api_errors
from govern_mirror.errors import GovernMirrorError, InputError
from govern_mirror.form_values import Config, flag_of, text_of, texts_of, whole_number_of
from govern_mirror.metadata import decode
from govern_mirror.model import gate as gates
from govern_mirror.model.blueprint import Field, Role
from govern_mirror.model.gate import Allowed, GateResult
from govern_mirror.model.item import Governance, Item, ProjectFacts
from govern_mirror.model.trust import needs_whole_history
from govern_mirror.settings import PLUGIN_FOLDER, parse_settings


class DSSProject(Protocol):
    """What this code uses of `dataikuapi.dss.project.DSSProject`."""

    project_key: str
    client: Client

    def get_metadata(self) -> Any:
        """The project's metadata."""


class CheckSpec(Protocol):
    """What this code uses of `dataiku.project_standards.ProjectStandardsCheckSpec`.

    DSS may run checks on a temporary copy of the project: `project` is the copy then, and `original_project_key`
    names the project that was asked for (template of the component in DSS 14). Older versions do not set it.
    """

    project: DSSProject
    config: Mapping[str, Any]
    plugin_config: Mapping[str, Any]


class RunResult(Protocol):
    """What this code uses of the class `dataiku.project_standards.ProjectStandardsCheckRunResult`."""

    def success(self, message: str, /) -> Any:
        """The project respects the standard."""

    def failure(self, severity: int, message: str, /) -> Any:
        """It does not; severity 1 (lowest) to 5 (critical)."""

    def not_applicable(self, message: str, /) -> Any:
        """The standard is not meant for this project."""

    def error(self, message: str, /) -> Any:
        """Nothing can be said."""


Check = Callable[[Item, Config], GateResult]

SEVERITY = 4
"""High: what a check reports unless its settings say otherwise. The same whether a project fails or is not governed,
so that leaving a project ungoverned opens no gate."""

REQUIRED_ROLES = frozenset({Role.VALUE, Role.RISK, Role.FEASIBILITY, Role.DECISION})
"""What a complete qualification needs unless the check's settings say otherwise."""


def step_reached(project: Item, config: Config) -> GateResult:
    """The check `workflow-reached-step`."""
    step = text_of(config, "step")
    if step is None:
        raise InputError("choose the step that must be reached, in the check's settings")
    return gates.gate(project, project.blueprint.step(step).id, allowed=_allowed(config))


def qualification_complete(project: Item, config: Config) -> GateResult:
    """The check `qualification-complete`."""
    required = [field.name for field in project.blueprint.assessed if _is_required(config, field)]
    return gates.qualification(project, required, _allowed(config))


def decision_is(project: Item, config: Config) -> GateResult:
    """The check `decision-is`; unless its settings say otherwise, the first decision of the template is good."""
    names = texts_of(config, "decisions") if "decisions" in config else project.blueprint.decisions[:1]
    accepted = accepted_decisions(project.blueprint, names)
    if not accepted:
        raise InputError("choose at least one decision, in the check's settings")
    return gates.decision(project, accepted, _allowed(config))


def no_problems(project: Item, _config: Config) -> GateResult:
    """The check `no-problems`."""
    return gates.problems(project)


def run_check(spec: CheckSpec, result: RunResult, check: Check) -> Any:
    """Run a Project Standards check and answer as DSS expects.

    Args:
        spec: the component, as DSS made it.
        result: the class `ProjectStandardsCheckRunResult`.
        check: one of the checks above.

    Returns:
        What `result` makes of it. A check that cannot be judged, because its settings are not valid or the project
        cannot be read, is an error and never a success.
    """
    try:
        severity = _severity(spec.config, "severity", 1)
        ungoverned = _severity(spec.config, "severity_not_governed", 0)
        judged = check(_checked_project(spec), spec.config)
    except GovernMirrorError as error:
        return result.error(worded(str(error), error.hint))
    if judged.met:
        return result.success(judged.reason)
    if judged.governed:
        return result.failure(severity, judged.reason)
    return result.failure(ungoverned, judged.reason) if ungoverned else result.not_applicable(judged.reason)


def _checked_project(spec: CheckSpec) -> Item:
    """The project that a check is about, decoded as the original also where DSS checks a temporary copy of it.

    Whether such a copy keeps the custom fields is not documented: when it has none, the original itself is read.
    """
    original = getattr(spec, "original_project_key", None) or spec.project.project_key
    settings = parse_settings(spec.plugin_config or {}, folder=PLUGIN_FOLDER)
    client = with_retries(spec.project.client)
    store = ProjectStore(lambda: client, layout_of(settings))
    with api_errors(original, "read the metadata"):
        metadata = spec.project.get_metadata()
    if not isinstance(metadata, Mapping):
        raise GovernMirrorError(f"the metadata of {original} cannot be read: it is no JSON object")
    project = decode(metadata, ProjectFacts(original, node_id=store.node_id), store.layout)
    is_bare_copy = project.state is Governance.UNGOVERNED and original != spec.project.project_key
    if is_bare_copy or needs_whole_history(project):
        project = store.read(original)
    return HubReading(Session(store, settings)).with_facts(project)


def _severity(config: Config, name: str, lowest: int) -> int:
    """A severity of the check's settings; 0, where it is allowed, means that the check does not apply."""
    severity = whole_number_of(config, name)
    if severity is None:
        return SEVERITY
    if not lowest <= severity <= 5:
        raise InputError(f"{name} takes a whole number from {lowest} to 5, not {severity}")
    return severity


def _allowed(config: Config) -> Allowed:
    return Allowed(hand_edits=flag_of(config, "accept_hand_edits"), skipped=flag_of(config, "allow_skipped"))


def _is_required(config: Config, field: Field) -> bool:
    return flag_of(config, f"require_{field.name}", default=field.role in REQUIRED_ROLES)
