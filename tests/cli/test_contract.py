"""Names, formats and exit codes of the command line are a contract."""

import json

import pytest
from support.projects import create_project, custom_fields, edit_fields, error_fault


@pytest.fixture
def churn(dss, run):
    create_project(dss, "CHURN")
    assert run("init", "CHURN").code == 0


def test_init_governs_and_a_second_time_changes_nothing(dss, run):
    create_project(dss, "CHURN")
    first = run(
        "init",
        "CHURN",
        "--value",
        "HIGH",
        "--risk",
        "medium_low",
        "--initiative",
        "Loyalty",
        "--start-date",
        "2026-01-05",
    )
    assert first.code == 0 and "initialized" in first.out
    fields = custom_fields(dss, "CHURN")
    assert fields["govern_value_rating"] == "High"
    assert fields["govern_risk_rating"] == "Medium low"
    assert fields["govern_start_date"] == "2026-01-05"
    assert all(fields[f"govern_status_{step}"] == "NOT_STARTED" for step in ("exploration", "delivery"))
    again = run("init", "CHURN", "--value", "Low", "--sponsor", "Ada")
    assert again.code == 0 and "filled" in again.out
    fields = custom_fields(dss, "CHURN")
    assert (fields["govern_value_rating"], fields["govern_sponsor"]) == ("High", "Ada")


def test_init_of_several_says_which_failed_and_ends_with_1(dss, run):
    create_project(dss, "CHURN")
    ended = run("init", "CHURN", "NOSUCH")
    assert ended.code == 1
    assert "initialized" in ended.out and "NOSUCH does not exist" in " ".join(ended.out.split())


def test_init_all_skips_what_this_key_may_not_write(dss, run):
    create_project(dss, "CHURN")
    create_project(dss, "SECRET")

    dss.faults.set(error_fault("PUT /projects/SECRET/metadata", 403, "no right to write"))
    ended = run("init", "--all")
    assert ended.code == 0
    assert "skipped" in ended.out and "initialized" in ended.out


@pytest.mark.parametrize(
    "arguments",
    [
        ("init",),
        ("init", "CHURN", "--all"),
        ("init", "CHURN", "--value", "Huge"),
        ("init", "CHURN", "--start-date", "tomorrow"),
        ("init", "CHURN", "--start-date", "2026-05-01", "--target-end-date", "2026-04-01"),
        ("qualify", "CHURN"),
        ("qualify", "CHURN", "--decision", "maybe"),
        ("qualify", "CHURN", "--project-plan", "javascript:alert(1)"),
        ("advance", "CHURN", "--to", "nowhere"),
        ("step", "start", "CHURN", "nowhere"),
        ("step", "note", "CHURN", "exploration", " "),
        ("nosuchcommand",),
        ("--settings", "/nowhere.json", "show", "CHURN"),
        ("doctor", "--probe-write"),
    ],
)
def test_wrong_input_ends_with_2_and_writes_nothing(dss, request_log, run, arguments):
    create_project(dss, "CHURN")
    ended = run(*arguments)
    assert ended.code == 2 and ended.err
    assert request_log.count("PUT") == 0


@pytest.mark.parametrize(
    "command",
    [("ungovern", "--yes"), ("hide", "--reason", "x")],
    ids=lambda command: command[0],
)
def test_a_command_of_projects_names_the_project_of_an_item(dss, request_log, run, command):
    for address in ("CHURN/bundle/v1", "CHURN/model/M/2"):
        ended = run(command[0], address, *command[1:])
        said = " ".join(ended.err.split())
        assert ended.code == 2 and f"{address} is an item of the project CHURN" in said
        assert "give CHURN" in said and f"`govern-mirror close {address} --reason …`" in said
    assert "is not a project key" in run(command[0], "CHURN/v1", *command[1:]).err
    assert request_log.count("PUT") == 0


def test_an_item_is_listed_examined_and_filled_by_its_address(dss, request_log, run, churn):
    dss.bundles.export(dss.admin, "CHURN", "v1")
    dss.bundles.export(dss.admin, "CHURN", "v2")
    assert [item["address"] for item in run("items", "CHURN/bundle/v1", "--format", "json").json["items"]] == [
        "CHURN/bundle/v1"
    ]
    checks = run("doctor", "CHURN/bundle/v1", "--format", "json").json["checks"]
    assert {"check": "read CHURN/bundle/v1", "verdict": "ok", "detail": "readable; governed"} in checks
    puts = request_log.count("PUT")
    assert run("init", "CHURN/bundle/v1").code == 0
    assert request_log.count("PUT") == puts, "it is governed with its project: there is nothing to record"
    assert run("init", "CHURN/bundle/v1", "--description", "First", "--dry-run").code == 3
    assert run("init", "CHURN/bundle/v1", "CHURN", "--description", "First").code == 0
    assert run("init", "CHURN/bundle/v1", "--description", "Other").code == 0
    for key in ("CHURN/bundle/v1", "CHURN"):
        assert run("show", key, "--format", "json").json["overview"]["description"] == "First"


def test_what_an_item_cannot_be_asked_names_the_way(dss, request_log, run, churn):
    dss.bundles.export(dss.admin, "CHURN", "v1")
    create_project(dss, "FRAUD")
    dss.bundles.export(dss.admin, "FRAUD", "v1")
    puts = request_log.count("PUT")
    ended = run("qualify", "CHURN/bundle/v1", "--value", "High")
    assert ended.code == 2 and "`govern-mirror set CHURN/bundle/v1 PATH=VALUE`" in " ".join(ended.err.split())
    assert run("qualify", "CHURN/bundle/v1", "--confirm").code == 0
    assert run("init", "CHURN/bundle/v1", "--sponsor", "Ada").code == 2
    ended = run("init", "FRAUD/bundle/v1")
    assert ended.code == 1 and "FRAUD is not governed" in " ".join(ended.out.split())
    for command in ("items", "init", "doctor"):
        ended = run(command, "CHURN/bundle/v9")
        assert ended.code == 1 and "has no bundle v9" in " ".join((ended.out + ended.err).split()), command
    assert request_log.count("PUT") == puts


def test_a_dry_run_that_would_change_something_ends_with_3(dss, request_log, run, churn):
    puts = request_log.count("PUT")
    create_project(dss, "FRAUD")
    for arguments in (
        ("init", "FRAUD"),
        ("qualify", "CHURN", "--value", "High"),
        ("advance", "CHURN"),
        ("step", "set", "CHURN", "rollout"),
        ("step", "note", "CHURN", "exploration", "x"),
        ("ungovern", "CHURN"),
    ):
        assert run(*arguments, "--dry-run").code == 3, arguments
    assert run("init", "CHURN", "--dry-run").code == 0
    assert request_log.count("PUT") == puts


def test_the_workflow_goes_through_its_five_steps_and_is_then_complete(dss, run, churn):
    for step in ("exploration", "qualification", "progress", "rollout", "delivery"):
        assert run("advance", "CHURN").code == 0
        shown = run("show", "CHURN", "--format", "json").json
        assert shown["current_step"] == step
        assert "govern:" + step in dss.metadata("CHURN")["tags"]
    assert run("advance", "CHURN").code == 0
    shown = run("show", "CHURN", "--format", "json").json
    assert shown["progress"] == {"finished": 5, "total": 5}
    assert [item["done"] for item in dss.metadata("CHURN")["checklists"]["checklists"][0]["items"]] == [True] * 5
    ended = run("advance", "CHURN")
    assert ended.code == 1 and "complete" in ended.err


def test_advance_to_pressed_twice_is_once(request_log, run, churn):
    assert run("advance", "CHURN", "--to", "in-progress").code == 0
    puts = request_log.count("PUT")
    again = run("advance", "CHURN", "--to", "progress")
    assert again.code == 0 and request_log.count("PUT") == puts


def test_a_move_out_of_order_is_refused_with_the_way_out(run, churn):
    ended = run("step", "start", "CHURN", "rollout")
    assert ended.code == 1 and "advance CHURN --to rollout" in ended.err
    assert run("step", "finish", "CHURN", "exploration").code == 0
    assert run("step", "start", "CHURN", "qualification").code == 0
    assert run("step", "reopen", "CHURN", "exploration", "--reason", "new data").code == 0
    shown = run("show", "CHURN", "--format", "json").json
    assert shown["current_step"] == "exploration"
    assert shown["events"][-1]["reason"] == "new data"


def test_an_irregular_workflow_is_kept_and_only_set_gets_out(dss, run, churn):
    edit_fields(dss, "CHURN", govern_status_rollout="ONGOING")
    shown = run("show", "CHURN", "--format", "json")
    assert shown.code == 0 and [p["field"] for p in shown.json["problems"]] == ["steps"]
    refused = run("advance", "CHURN")
    assert refused.code == 1 and "step set" in refused.err
    assert run("step", "set", "CHURN", "rollout", "--reason", "as it is").code == 0
    assert run("show", "CHURN", "--format", "json").json["problems"] == []


def test_qualify_records_confirms_and_clears(dss, run, churn):
    run("init", "CHURN", "--value", "High")
    assert run("show", "CHURN", "--format", "json").json["qualification"]["value"]["origin"] == "overview"
    assert run("qualify", "CHURN", "--confirm").code == 0
    assert run("show", "CHURN", "--format", "json").json["qualification"]["value"]["origin"] == "qualification"
    ended = run(
        "qualify", "CHURN", "--risk", "low", "--decision", "no-go", "--decision-comment", "why", "--notes", "n",
        "--project-plan", "Plan=https://x.example/plan?a=b",
    )  # fmt: skip
    assert ended.code == 0
    shown = run("show", "CHURN", "--format", "json").json
    assert shown["qualification"]["decision"] == "No go"
    assert shown["qualification"]["project_plan"] == [{"title": "Plan", "url": "https://x.example/plan?a=b"}]
    assert shown["steps"][1]["notes"] == "n"
    assert shown["scores"] == {"value": 80, "risk": 80, "priority": 80.0}
    assert run("qualify", "CHURN", "--decision", "none").code == 0
    assert "govern_decision" not in custom_fields(dss, "CHURN")


def test_show_has_the_documented_keys_also_for_an_ungoverned_project(dss, run):
    create_project(dss, "CHURN")
    shown = run("show", "CHURN", "--format", "json")
    assert shown.code == 0
    assert {
        "format_version", "project_key", "name", "url", "governed", "blueprint", "revision", "current_step",
        "progress", "steps", "overview", "qualification", "scores", "problems", "events",
    } <= shown.json.keys()  # fmt: skip
    assert shown.json["governed"] is False
    assert set(shown.json["steps"][0]) == {
        "id", "name", "status", "started_on", "finished_on", "by", "notes", "documents",
    }  # fmt: skip
    table = run("show", "CHURN")
    assert table.code == 0 and "Not governed" in table.out


def test_show_of_one_step_has_its_notes_and_documents(dss, run, churn):
    run("step", "note", "CHURN", "exploration", "First look")
    run("step", "document", "CHURN", "exploration", "Data=https://x.example/d")
    shown = run("show", "CHURN", "--step", "exploration", "--format", "json").json
    assert [step["id"] for step in shown["steps"]] == ["exploration"]
    assert shown["steps"][0]["documents"] == [{"title": "Data", "url": "https://x.example/d"}]
    table = run("show", "CHURN", "--step", "exploration").out
    assert "First look" in table and "https://x.example/d" in table


def test_an_unknown_project_ends_with_1_and_says_both_reasons(run, dss):
    ended = run("show", "NOSUCH")
    assert ended.code == 1 and "does not exist, or you may not read it" in ended.err


def test_a_copy_is_recognised_and_adopted(dss, run, churn):
    run("advance", "CHURN")
    create_project(dss, "COPY", **dss.metadata("CHURN"))
    shown = run("show", "COPY", "--format", "json").json
    assert (shown["governed"], shown["state"]) == (False, "copied")
    refused = run("advance", "COPY")
    assert refused.code == 1 and "--adopt" in refused.err
    assert run("init", "COPY", "--adopt").code == 0
    shown = run("show", "COPY", "--format", "json").json
    # its workflow starts anew: what was done was done in the original
    assert shown["governed"] and shown["current_step"] is None
    assert [event["what"] for event in shown["events"]] == ["adopt"]


def test_ungovern_shows_and_removes_everything(dss, run):
    before = create_project(dss, "CHURN")
    run("init", "CHURN")
    run("advance", "CHURN")
    ended = run("ungovern", "CHURN", "--yes", "--purge")
    assert ended.code == 0 and "Exploration" in ended.out
    assert dss.metadata("CHURN") == before


def test_missing_rules_are_warned_of_when_moving(dss, run, churn):
    dss.faults.set(error_fault("GET /plugins/*", 403, "You may not read plugins"))
    assert "rule" in run("advance", "CHURN").err
    assert "rule" not in run("-q", "advance", "CHURN").err


@pytest.mark.parametrize(
    "command",
    [
        ("init", "NEW"),
        ("set", "CHURN", "sponsor=Ada"),
        ("qualify", "CHURN", "--value", "high"),
        ("step", "note", "CHURN", "exploration", "looked at"),
        ("step", "document", "CHURN", "exploration", "https://wiki.example.com/a"),
        ("step", "start", "CHURN", "exploration"),
        ("close", "CHURN", "--reason", "cancelled"),
        ("hide", "NEW", "--reason", "sandbox"),
        ("ungovern", "CHURN", "--yes"),
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_a_writer_without_settings_says_how_long_it_settles(dss, run, churn, command):
    create_project(dss, "NEW")
    dss.faults.set(error_fault("GET /plugins/govern-mirror/settings", 403, "no right to read the settings"))
    ended = run(*command)
    assert ended.code == 0 and "settles for 1 s" in " ".join(ended.err.split()), ended.err
    assert ended.err.count("Warning: ") == 1
    assert "settles" not in run("show", "CHURN").err, "who reads waits for nothing"


def test_a_settings_file_can_require_fields(run, churn, tmp_path):
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({
        "required_fields": [{"step": "qualification", "field": "qualification.value.rating"}],
        "decisions_to_move_on": ["Go"],
    }))  # fmt: skip
    settings = ("--settings", str(path))
    assert run(*settings, "advance", "CHURN", "--to", "qualification").code == 0
    refused = run(*settings, "advance", "CHURN")
    assert refused.code == 1 and "Value rating" in refused.err and "Go" in refused.err
    run("qualify", "CHURN", "--value", "High", "--decision", "go")
    assert run(*settings, "advance", "CHURN").code == 0


def test_names_with_control_characters_cannot_rewrite_the_terminal(dss, run):
    create_project(dss, "CHURN", label="evil \x1b[2J name [red]")
    out = run("show", "CHURN").out
    assert "\x1b" not in out and "[red]" in out


def test_doctor_fails_on_a_project_that_cannot_be_read(dss, run):
    create_project(dss, "CHURN")
    checked = run("doctor", "CHURN", "--probe-write", "--format", "json")
    assert checked.code == 0
    assert {check["check"]: check["verdict"] for check in checked.json["checks"]}["write CHURN"] == "ok"
    assert run("doctor", "NOSUCH").code == 1


def test_settings_that_are_wrong_on_the_instance_fail_a_gate(dss, run, churn):
    settings = json.dumps({"config": {"required_fields": "value"}})
    dss.faults.set(f"GET /plugins/govern-mirror/settings:json={settings}")
    for command in (["gate", "CHURN", "--step", "exploration"], ["report"], ["advance", "CHURN"]):
        ended = run(*command)
        assert ended.code == 1, "not a wrong use of the command"
        assert "required_fields" in ended.err and "administrator" in ended.err


def test_items_that_were_damaged_are_a_problem_of_their_project(dss, run, churn):
    edit_fields(dss, "CHURN", govern_items="{")
    for command in (["show", "CHURN", "--format", "json"], ["report", "--format", "json"]):
        ended = run(*command)
        document = ended.json.get("projects", [ended.json])[0]
        assert ended.code == 0
        assert [problem["field"] for problem in document["problems"]] == ["govern_items"]


def test_what_to_do_once_all_was_skipped_can_be_done(run, churn):
    for step in run("show", "CHURN", "--format", "json").json["steps"]:
        assert run("step", "skip", "CHURN", step["id"], "--reason", "bought").code == 0
    ended = run("advance", "CHURN")
    assert ended.code == 1 and "step set" in ended.err and "step reopen" not in ended.err
