"""The plugin's Project Standards checks, run as DSS runs them, over projects of the sandbox."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.projects import create_project, edit_fields

from govern_mirror.components import checks
from govern_mirror.model.blueprint import STANDARD
from govern_mirror_devkit.host import ComponentError, PluginHost
from govern_mirror_devkit.source import plugin_root

STEP, QUALIFICATION, DECISION, PROBLEMS = (
    "workflow-reached-step",
    "qualification-complete",
    "decision-is",
    "no-problems",
)
GOOD = {STEP: {"step": "progress"}, QUALIFICATION: {}, DECISION: {}, PROBLEMS: {}}
"""Settings with which the project below meets each check."""
ALLOWED = {
    STEP: ("accept_hand_edits", "allow_skipped"),
    QUALIFICATION: ("accept_hand_edits",),
    DECISION: ("accept_hand_edits",),
    PROBLEMS: (),
}
"""What each check can let pass that it otherwise does not."""


@pytest.fixture
def governed(host, sandbox):
    """P is in progress with the decision Go, well qualified; its macros run in this process whatever the checks do."""
    _, connection = host

    def run(macro: str, **form) -> None:
        PluginHost(plugin_root()).run_macro(macro, params=form, project_key="P", connection=connection)

    run("initialize-workflow", value_rating="High", risk_rating="Low")
    for _ in range(3):
        run("advance-workflow")
    run("record-qualification", feasibility_rating="Medium high", decision="Go")
    return run


def edit(sandbox, key: str = "P", **fields) -> None:
    def change(metadata):
        metadata["customFields"].update({f"govern_{name}": value for name, value in fields.items()})

    sandbox.edit_metadata(key, change)


def duplicate(sandbox, key: str, *, fields: bool = True) -> None:
    """Another project with P's metadata."""
    sandbox.create_project(key)
    original = sandbox.metadata("P")
    kept = original if fields else {**original, "customFields": {}}
    sandbox.edit_metadata(key, lambda metadata: metadata.update(kept))


def outcome(result) -> tuple[str, int | None]:
    return result.status, result.severity


def test_every_check_of_the_plugin_is_run_here():
    found = {spec["id"]: spec["elementType"] for spec in PluginHost(plugin_root()).checks()}
    assert set(found) == set(GOOD), "write tests of the new check's settings here, and name it in GOOD"
    assert found[STEP] == "project_standards_check_spec_govern-mirror_workflow-reached-step"


@pytest.mark.parametrize("spec", GOOD)
def test_a_well_governed_project_meets_every_check(check, governed, spec):
    result = check(spec, **GOOD[spec])
    assert outcome(result) == ("RUN_SUCCESS", 0)
    assert result.message.startswith("P has ")


@pytest.mark.parametrize("spec", GOOD)
def test_a_project_that_is_not_governed_weighs_what_the_settings_say(check, spec):
    result = check(spec, **GOOD[spec])
    assert outcome(result) == ("RUN_SUCCESS", 4) and "P is not governed: initialize" in result.message
    assert outcome(check(spec, **GOOD[spec], severity=5, severity_not_governed=2)) == ("RUN_SUCCESS", 2)
    assert outcome(check(spec, **GOOD[spec], severity_not_governed=0)) == ("NOT_APPLICABLE", None)


def test_a_step_that_was_not_reached_weighs_what_the_settings_say(check, governed):
    result = check(STEP, step="rollout")
    assert outcome(result) == ("RUN_SUCCESS", 4)
    assert "P has not reached Validation and Roll-out: In Progress, before it, is on going" in result.message
    assert outcome(check(STEP, step="delivery", severity=1, severity_not_governed=5)) == ("RUN_SUCCESS", 1)
    assert outcome(check(STEP, step="exploration")) == ("RUN_SUCCESS", 0)


def test_a_step_skipped_on_the_way_weighs_unless_allowed(check, governed):
    governed("advance-workflow", step="delivery")
    result = check(STEP, step="delivery")
    assert outcome(result) == ("RUN_SUCCESS", 4) and "skipped Validation and Roll-out on the way" in result.message
    assert outcome(check(STEP, step="delivery", allow_skipped=True)) == ("RUN_SUCCESS", 0)


def test_the_qualification_needs_what_the_settings_ask_for(check, governed, sandbox):
    result = check(QUALIFICATION, require_cost=True)
    assert outcome(result) == ("RUN_SUCCESS", 4) and "lacks in its qualification: cost" in result.message
    edit(sandbox, value_rating=None, decision="")
    assert "lacks in its qualification: value, decision" in check(QUALIFICATION).message
    assert outcome(check(QUALIFICATION, require_value=False, require_decision=False)) == ("RUN_SUCCESS", 0)
    nothing = {f"require_{part}": False for part in ("value", "risk", "feasibility", "cost", "decision")}
    result = check(QUALIFICATION, **nothing)
    assert outcome(result) == ("RUN_ERROR", None) and "require at least one of" in result.message


def test_the_decision_must_be_an_accepted_one(check, governed, sandbox):
    assert outcome(check(DECISION, decisions=["No go", "On hold"])) == ("RUN_SUCCESS", 4)
    edit(sandbox, decision="On hold")
    typed = check(DECISION, decisions=["Go", "On hold"], severity=3)
    assert outcome(typed) == ("RUN_SUCCESS", 3) and "recorded by nobody" in typed.message
    result = check(DECISION, accept_hand_edits=True)
    assert outcome(result) == ("RUN_SUCCESS", 4), "Go, unless the settings say otherwise"
    result = check(DECISION, decisions=["Go", "On hold"], severity=3, accept_hand_edits=True)
    assert outcome(result) == ("RUN_SUCCESS", 0)


def test_problems_are_told(check, governed, sandbox):
    edit(sandbox, cost_rating="Huge", status_delivery="DONE")
    result = check(PROBLEMS, severity=2)
    assert outcome(result) == ("RUN_SUCCESS", 2)
    assert "has 2 problems" in result.message and "put right: Cost rating is not valid" in result.message


# the temporary copy that DSS makes for a run


@pytest.mark.parametrize("spec", GOOD)
def test_the_temporary_copy_of_a_governed_project_counts_as_the_original(check, governed, sandbox, spec):
    duplicate(sandbox, "TMP")
    result = check(spec, "TMP", "P", **GOOD[spec])
    assert outcome(result) == ("RUN_SUCCESS", 0) and result.message.startswith("P has ")


@pytest.mark.parametrize("spec", GOOD)
def test_a_project_that_people_duplicated_is_not_governed(check, governed, sandbox, spec):
    duplicate(sandbox, "Q")
    duplicate(sandbox, "TMP")
    for found in (check(spec, "Q", **GOOD[spec]), check(spec, "TMP", "Q", **GOOD[spec])):
        assert outcome(found) == ("RUN_SUCCESS", 4) and "Q is a copy of the governed project P" in found.message


def test_a_project_that_a_bundle_brought_is_not_governed_here(check, governed, sandbox):
    record = json.loads(sandbox.metadata("P")["customFields"]["govern_record"])
    edit(sandbox, record=json.dumps({**record, "node_id": "elsewhere"}))
    result = check(DECISION)
    assert outcome(result) == ("RUN_SUCCESS", 4)
    assert "P is a copy of the governed project P of node elsewhere" in result.message


def test_the_state_is_that_of_the_copy_as_a_bundle_is_a_snapshot(check, governed, sandbox):
    duplicate(sandbox, "TMP")
    edit(sandbox, decision="No go")
    assert outcome(check(DECISION, "TMP", "P")) == ("RUN_SUCCESS", 0)


def test_where_the_copy_lost_the_custom_fields_the_original_is_read(check, governed, sandbox):
    duplicate(sandbox, "TMP", fields=False)
    assert outcome(check(DECISION, "TMP", "P")) == ("RUN_SUCCESS", 0)
    result = check(DECISION, "TMP", "GONE")
    assert outcome(result) == ("RUN_ERROR", None) and "GONE does not exist" in result.message
    sandbox.create_project("FRESH")
    assert "FRESH is not governed" in check(DECISION, "TMP", "FRESH").message


# what cannot be judged is an error, never a success


def test_a_project_that_cannot_be_read_is_an_error(check):
    result = check(PROBLEMS, "NOSUCH")
    assert outcome(result) == ("RUN_ERROR", None) and "NOSUCH does not exist, or you may not" in result.message


@pytest.mark.parametrize("settings", [{"severity": 6}, {"severity": 2.5}, {"severity_not_governed": 9}])
def test_a_severity_that_dss_does_not_know_is_an_error(check, governed, settings):
    # the form refuses these; what the API stored reaches the check as it is
    result = check(DECISION, raw={"decisions": ["Go"], "severity": 4, "severity_not_governed": 4, **settings})
    assert outcome(result) == ("RUN_ERROR", None) and "takes a whole number" in result.message


@pytest.mark.parametrize(
    ("spec", "settings", "message"),
    [
        (STEP, {}, r"Step that must be reached \(step\) is mandatory"),
        (STEP, {"step": "testing"}, "step must be one of"),
        (DECISION, {"decisions": []}, "is mandatory"),
        (DECISION, {"decisions": ["Maybe"]}, "decisions must be one of"),
        (DECISION, {"severity": 0}, "at least 1"),
        (DECISION, {"severity": None}, "is mandatory"),
        (QUALIFICATION, {"require_cost": "yes"}, "must be true or false"),
    ],
)
def test_settings_that_the_form_does_not_take_run_nothing(check, spec, settings, message):
    with pytest.raises(ComponentError, match=message):
        check(spec, **settings)


def test_rules_of_the_instance_that_are_not_valid_are_an_error(host, governed):
    plugin, connection = host
    result = plugin.run_check(
        PROBLEMS,
        params={},
        project_key="P",
        connection=connection,
        plugin_settings={"required_fields": [{"step": "testing", "field": "x"}]},
    )
    assert outcome(result) == ("RUN_ERROR", None) and "testing" in result.message


def test_a_check_writes_nothing(check, governed, sandbox):
    before = sandbox.metadata("P")
    for spec, settings in GOOD.items():
        check(spec, **settings)
    assert sandbox.metadata("P") == before


# without the form's help: what DSS passes when a check was added and never edited


class Spec:
    """A check as older versions of DSS make it: no key of the original."""

    plugin_config = None

    def __init__(self, project, config):
        self.project, self.config = project, config


class Result:
    success = staticmethod(lambda message: ("success", message))
    failure = staticmethod(lambda severity, message: (severity, message))
    not_applicable = staticmethod(lambda message: ("not applicable", message))
    error = staticmethod(lambda message: ("error", message))


@pytest.fixture
def bare(dss, run, store):
    create_project(dss, "P")
    run("init", "P", "--value", "high", "--risk", "low")
    run("qualify", "P", "--feasibility", "low", "--decision", "go")
    return lambda check, config: checks.run_check(Spec(store.client.get_project("P"), config), Result, check)[0]


def test_without_any_setting_a_check_asks_for_what_its_form_shows_first(bare, dss):
    assert bare(checks.qualification_complete, {}) == bare(checks.decision_is, {}) == "success"
    assert bare(checks.no_problems, {}) == "success"
    assert bare(checks.step_reached, {}) == "error"
    edit_fields(dss, "P", govern_decision=None)
    assert bare(checks.qualification_complete, {}) == bare(checks.decision_is, {}) == checks.SEVERITY
    assert bare(checks.decision_is, {"decisions": []}) == "error"
    assert bare(checks.decision_is, {"severity": 0.0}) == "error"
    assert bare(checks.decision_is, {"severity": True}) == "error"


def test_metadata_of_an_unknown_shape_is_an_error(bare, dss):
    dss.faults.set('GET /projects/P/metadata:json=["x"]')
    assert bare(checks.no_problems, {}) == "error"


def test_the_forms_defaults_are_the_librarys():
    for spec in GOOD:
        file = Path(plugin_root(), "python-project-standards-check-specs", spec, "project_standards_check_spec.json")
        defaults = {p["name"]: p.get("defaultValue") for p in json.loads(file.read_text())["params"]}
        assert defaults["severity"] == defaults["severity_not_governed"] == checks.SEVERITY
        if spec == QUALIFICATION:
            parts = {name.removeprefix("require_") for name, value in defaults.items() if value is True}
            assert parts == {STANDARD.roles[role].name for role in checks.REQUIRED_ROLES}
        if spec == DECISION:
            assert tuple(defaults["decisions"]) == STANDARD.decisions[:1]
        allowed = {name: defaults[name] for name in ("accept_hand_edits", "allow_skipped") if name in defaults}
        assert allowed == dict.fromkeys(ALLOWED[spec], False)
