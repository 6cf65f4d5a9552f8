"""`gate` as pipelines use it: exit codes, the reason on stderr, JSON on stdout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from support.projects import create_project, custom_fields, edit_fields

KEYS = [
    "format_version", "project_key", "met", "reason", "step", "status", "current_step", "decision", "governed",
    "problems", "trust", "trust_by_path", "pending", "stage", "address", "signoff", "heads",
]  # fmt: skip


@pytest.fixture
def churn(dss, request_log, run):
    """Edits a project in progress, with the decision Go."""
    create_project(dss, "CHURN")
    for command in (
        ("init", "CHURN"),
        *[("advance", "CHURN")] * 3,
        ("qualify", "CHURN", "--decision", "go"),
    ):
        assert run(*command).code == 0
    request_log.clear()
    return partial(edit_fields, dss, "CHURN")


@pytest.mark.parametrize("step", ["exploration", "qualification", "progress", "In Progress", "IN-PROGRESS"])
def test_a_step_that_is_ongoing_or_finished_lets_pass(churn, run, step):
    ended = run("gate", "CHURN", "--step", step)
    assert ended.code == 0 and ended.err.startswith("Gate met: CHURN has reached ")
    assert "CHURN" in ended.out and " met" in ended.out


def test_a_step_that_was_passed_by_lets_pass(churn, run):
    churn(govern_status_qualification="SKIPPED")
    gate = ("gate", "CHURN", "--step", "qualification")
    assert run(*gate, "--allow-skipped", "--accept-hand-edits").code == 0
    ended = run(*gate, "--accept-hand-edits")
    assert ended.code == 3 and "skipped Qualification on the way" in ended.err
    ended = run(*gate, "--allow-skipped")
    assert ended.code == 3 and "recorded by nobody (Qualification: status)" in ended.err


@pytest.mark.parametrize("step", ["rollout", "delivery"])
def test_a_step_that_was_not_reached_stops_and_says_what_to_do(churn, run, step):
    ended = run("gate", "CHURN", "--step", step)
    assert ended.code == 3 and "not met" in ended.out
    assert ended.err.startswith("Gate not met: CHURN has not reached ") and ended.err.count("\n") == 1
    assert "In Progress, before it, is on going (finish what comes before" in ended.err


def test_the_decision_must_be_one_of_those_given(churn, run):
    gate = ("gate", "CHURN", "--step", "progress")
    assert run(*gate, "--decision", "GO").code == 0
    assert run(*gate, "--decision", "no-go", "--decision", "Go").code == 0
    ended = run(*gate, "--decision", "no-go", "--decision", "on_hold")
    assert ended.code == 3 and "the decision Go: No go or On hold must be recorded" in ended.err
    churn(govern_decision=None)
    ended = run(*gate, "--decision", "go")
    assert ended.code == 3 and "has no decision yet: Go must be recorded" in ended.err


def test_what_is_not_governed_and_copies_do_not_pass(dss, churn, run):
    create_project(dss, "FRESH")
    ended = run("gate", "FRESH", "--step", "exploration")
    assert ended.code == 3 and "FRESH is not governed: initialize" in ended.err
    create_project(dss, "COPY", customFields=custom_fields(dss, "CHURN"))
    ended = run("gate", "COPY", "--step", "exploration", "--format", "json")
    assert ended.code == 3 and "copy of the governed project CHURN" in ended.err
    nothing = ("governed", "status", "current_step", "decision", "trust", "stage", "trust_by_path", "pending")
    assert {key: ended.json[key] for key in nothing} == {
        "governed": False, "status": None, "current_step": None, "decision": None, "trust": None, "stage": None,
        "trust_by_path": {}, "pending": [],
    }  # fmt: skip
    assert ended.json["problems"][0]["field"] == "project_key"


def test_only_a_step_left_open_before_it_closes_the_gate(churn, run):
    churn(govern_status_exploration="ONGOING")
    ended = run("gate", "CHURN", "--step", "progress", "--accept-hand-edits")
    assert ended.code == 3 and "cannot be said to have reached In Progress" in ended.err
    assert run("gate", "CHURN", "--step", "exploration", "--accept-hand-edits").code == 0
    assert run("gate", "CHURN", "--step", "exploration").code == 3


def test_json_is_the_contract_also_when_the_gate_is_not_met(churn, run):
    met = run("gate", "CHURN", "--step", "qualification", "--format", "json")
    assert met.code == 0 and list(met.json) == KEYS
    assert {key: met.json[key] for key in KEYS if key != "reason"} == {
        "format_version": 1, "project_key": "CHURN", "met": True, "step": "qualification", "status": "FINISHED",
        "current_step": "progress", "decision": "Go", "governed": True, "problems": [],
        "trust": "recorded", "pending": [], "stage": "progress", "address": "CHURN", "signoff": None, "heads": {},
        "trust_by_path": {"steps.exploration.status": "recorded", "steps.qualification.status": "recorded"},
    }  # fmt: skip
    unmet = run("gate", "CHURN", "--step", "delivery", "--format", "json")
    assert unmet.code == 3 and list(unmet.json) == KEYS
    assert (unmet.json["met"], unmet.json["status"], unmet.json["current_step"]) == (False, "NOT_STARTED", "progress")
    assert unmet.json["reason"] in unmet.err


def test_problems_are_listed_and_do_not_close_the_gate_by_themselves(churn, run):
    churn(govern_cost_rating="Huge")
    ended = run("gate", "CHURN", "--step", "progress", "--format", "json")
    assert ended.code == 0
    assert [problem["field"] for problem in ended.json["problems"]] == ["qualification.cost.rating"]


def test_quiet_says_nothing_when_the_gate_is_met_and_still_why_it_is_not(churn, run):
    assert run("-q", "gate", "CHURN", "--step", "progress").err == ""
    assert "has not reached" in run("-q", "gate", "CHURN", "--step", "delivery").err


def test_a_reason_cannot_rewrite_the_terminal(dss, churn, run):
    fields = custom_fields(dss, "CHURN")
    record = json.dumps({**json.loads(fields["govern_record"]), "project_key": "OTHER\x07\x9b2J"})
    create_project(dss, "COPY", customFields={**fields, "govern_record": record})
    said = run("gate", "COPY", "--step", "exploration").err
    assert "copy of the governed project OTHER\ufffd\ufffd2J" in said


@pytest.mark.parametrize(
    "arguments",
    [
        ("CHURN",),
        ("--step", "progress"),
        ("CHURN", "--step", "testing"),
        ("CHURN", "--step", ""),
        ("CHURN", "--step", "progress", "--decision", "maybe"),
        ("CHURN", "--step", "progress", "--decision", ""),
        ("CHURN", "--step", "progress", "--format", "yaml"),
    ],
)
def test_wrong_input_is_2_and_reads_no_project(request_log, churn, run, arguments):
    ended = run("gate", *arguments)
    assert ended.code == 2 and ended.out == ""
    assert request_log.count("GET", "/metadata") == 0


def test_a_project_that_cannot_be_read_is_1_and_not_a_closed_gate(churn, run):
    ended = run("gate", "NOSUCH", "--step", "progress", "--format", "json")
    assert ended.code == 1 and ended.out == "" and "NOSUCH does not exist, or you may not read it" in ended.err


def test_an_instance_that_cannot_be_reached_is_1(tmp_path):
    environment = {**os.environ, "HOME": str(tmp_path), "DKU_DSS_URL": "http://127.0.0.1:9", "DKU_API_KEY": "k"}
    ended = subprocess.run(
        [Path(sys.executable).with_name("govern-mirror"), "gate", "P", "--step", "progress"],
        env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert ended.returncode == 1 and ended.stdout == "" and "cannot be reached" in ended.stderr


def test_a_gate_writes_nothing(request_log, churn, run):
    run("gate", "CHURN", "--step", "delivery", "--decision", "go")
    assert {method for method, _ in request_log.requests} == {"GET"}
