"""The command line against a DSS: names, options, exit codes, output and files are what scripts are built on."""

import base64
import csv
import gzip
import io
import json
import os
import re
import stat
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from click.testing import CliRunner

from govern_mirror import Move, MoveKind, Scope, initialize, move
from govern_mirror.cli.main import main
from govern_mirror.metadata.record import SCHEMA

NOW = datetime.now(timezone.utc)
SHOW_KEYS = (
    "format_version", "project_key", "name", "url", "governed", "blueprint", "revision", "current_step", "progress",
    "steps", "overview", "qualification", "scores", "problems", "events",
)  # fmt: skip
SHOW_ADDED = ("hidden", "state", "days_in_step", "closed", "stage", "trust", "trust_by_path", "pending")
SHOW_ADDED += ("signoffs", "signoffs_unreadable")
REPORT_SUMMARY = ("projects", "governed", "by_step", "by_decision", "stale", "problems")
REPORT_PROJECT = (
    "project_key", "name", "url", "node_id", "owner", "current_step", "current_step_status", "steps", "finished",
    "total", "value_score", "risk_score", "priority", "days_in_step", "last_change_on", "last_change_by", "revision",
    "problems", "business_initiative", "sponsor", "start_date", "target_end_date", "value", "risk", "feasibility",
    "cost", "decision",
)  # fmt: skip
REPORT_PROJECT_ADDED = (
    "tags", "state", "stale", "stage", "overdue", "trust", "countries", "sensitive_data", "technical_dimension",
)  # fmt: skip
STEPS = ("exploration", "qualification", "progress", "rollout", "delivery")
COMMANDS = {
    ("init",): "--all --tag --folder --adopt --value --risk --initiative --business-initiative --sponsor --start"
    " --start-date --target-end --target-end-date --description --countries --sensitive-data --technical-dimension"
    " --dry-run",
    ("ungovern",): "--yes --purge --dry-run",
    ("show",): "--step --format",
    ("qualify",): "--value --value-comment --risk --risk-comment --feasibility --feasibility-comment --cost"
    " --cost-comment --decision --decision-comment --notes --plan --project-plan --confirm --dry-run",
    ("advance",): "--to --reason --request --dry-run",
    ("step", "start"): "--reason --dry-run",
    ("step", "finish"): "--reason --dry-run",
    ("step", "reopen"): "--reason --dry-run",
    ("step", "set"): "--reason --override --dry-run",
    ("step", "skip"): "--reason --dry-run",
    ("step", "note"): "--dry-run",
    ("step", "document"): "--dry-run",
    ("report",): "--history --since --format --output --tag --step --decision --initiative --owner --stale --in-flight"
    " --with-problems --include-ungoverned --publish-folder --publish-wiki --with-texts --items",
    ("close",): "--reason --undo --dry-run",
    ("hide",): "--reason --undo --dry-run",
    ("gate",): "--step --decision --signed-off --accept-hand-edits --allow-skipped --without-rules --policy --format",
    ("signoff", "request"): "--final --comment --preset --dry-run",
    ("signoff", "approve"): "--comment --preset --dry-run",
    ("signoff", "feedback"): "--group --status --comment --preset --dry-run",
    ("signoff", "delegate"): "--to --as --of --until --comment --preset --dry-run",
    ("signoff", "finish"): "--comment --preset --dry-run",
    ("signoff", "attest"): "--comment --preset --dry-run",
    ("signoff", "emergency"): "--infra --reason --ticket --hours --preset --dry-run",
    ("signoff", "remind"): "--preset --dry-run",
    ("reviews",): "--mine --all --item --by --act --since --until --format",
    ("items",): "--format",
    ("hub", "init"): "--connection",
    ("hub", "check"): "--format",
    ("hub", "import"): "--dry-run",
    ("hub", "export"): "",
    ("audit",): "--all --heads --format",
    ("doctor",): "--probe-write --rollout --format",
}
GLOBAL = "--url --api-key --api-key-file --instance --no-check-certificate --settings --verbose --quiet --version"


def shown(run, key="CHURN"):
    ended = run("show", key, "--format", "json")
    assert ended.code == 0, ended.err
    return ended.json


def in_order(expected, found):
    return [key for key in found if key in expected] == list(expected)


@pytest.fixture
def churn(sandbox, run):
    sandbox.create_project("CHURN", "Churn")
    assert run("init", "CHURN").code == 0
    return sandbox


@pytest.fixture
def many(sandbox, session, edit):
    """Projects that differ in everything the filters look at."""
    sandbox.create_user("wim", ("administrators",))
    for key, owner, tags in (
        ("ALPHA", "admin", ["pii"]),
        ("BETA", "wim", ["pii", "eu"]),
        ("GAMMA", "wim", ["eu"]),
        ("DELTA", "admin", []),
        ("PLAIN", "wim", ["pii"]),
    ):
        sandbox.create_project(key, key.title(), owner, tags=tags)
    then = NOW - timedelta(days=45)
    for key, initiative in {"ALPHA": "Loyalty", "BETA": "loyalty", "GAMMA": "Fraud", "DELTA": None}.items():
        overview = {"overview.business_initiative": initiative, "qualification.value.rating": "High"}
        initialize(session, Scope(keys=(key,)), overview, now=then)
    move(session, "ALPHA", Move(MoveKind.ADVANCE, "progress"), now=then)
    move(session, "BETA", Move(MoveKind.ADVANCE), now=NOW)
    move(session, "GAMMA", Move(MoveKind.ADVANCE, "progress"), now=NOW)
    edit("ALPHA", govern_decision="Go")
    edit("BETA", govern_decision="No go")
    edit("GAMMA", govern_risk_rating="Horrible")
    sandbox.create_project("COPY")
    edit("COPY", **sandbox.metadata("ALPHA")["customFields"])
    return sandbox


@pytest.fixture
def reported(run):
    """The keys that a report with these options lists."""

    def keys(*options):
        ended = run("report", "--format", "json", *options)
        assert ended.code == 0, ended.err
        return {project["project_key"] for project in ended.json["projects"]}

    return keys


# the contract: commands, options ----------------------------------------------------------------------------


def test_every_command_of_the_contract_is_listed_with_a_line_of_help():
    helped = CliRunner().invoke(main, ["--help"])
    assert helped.exit_code == 0
    lines = {line.split()[0]: line.split() for line in helped.stdout.splitlines() if line.startswith("  ")}
    for path in COMMANDS:
        assert len(lines[path[0]]) > 2, path
    for option in GLOBAL.split():
        assert option in helped.stdout


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_no_option_of_a_command_is_lost_or_without_help(path):
    helped = CliRunner().invoke(main, [*path, "--help"])
    assert helped.exit_code == 0
    command = main.get_command(None, path[0])
    for name in path[1:]:
        command = command.commands[name]
    options = [param for param in command.params if param.param_type_name == "option"]
    names = [name for option in options for name in option.opts if name.startswith("--")]
    assert sorted(names) == sorted(COMMANDS[path].split())
    assert all(option.help for option in options) and command.help


def test_help_and_version_need_no_instance(home):
    for arguments in (["--version"], ["--help"], ["report", "-h"], ["step", "-h"]):
        ended = CliRunner().invoke(main, arguments)
        assert ended.exit_code == 0 and ended.stdout and not ended.stderr


# init and ungovern ------------------------------------------------------------------------------------------


def test_init_takes_the_whole_overview_and_shows_it(sandbox, run):
    sandbox.create_project("CHURN", "Churn")
    ended = run(
        "init", "CHURN", "--value", "medium-HIGH", "--risk", "low", "--initiative", " Loyalty  2026 ", "--sponsor",
        "Ada", "--start-date", "2026-01-05", "--target-end-date", "2026-12-31T00:00:00.000Z",
    )  # fmt: skip
    assert ended.code == 0 and "CHURN" in ended.out and "initialized" in ended.out
    document = shown(run)
    assert document["overview"] == {
        "business_initiative": "Loyalty 2026", "sponsor": "Ada", "start_date": "2026-01-05",
        "target_end_date": "2026-12-31", "description": None, "countries": None, "sensitive_data": None,
        "technical_dimension": [],
    }  # fmt: skip
    assert [document["qualification"][name]["rating"] for name in ("value", "risk")] == ["Medium high", "Low"]
    assert document["events"][0]["source"] == "cli" and document["events"][0]["by"] == "admin"


def test_init_by_tag_folder_and_all_govern_what_they_name(many, run, reported):
    folder = many.project_folders.create(many.admin, "ROOT", "EU")["id"]
    many.create_project("INSIDE")
    many.project_folders.place(many.admin, "INSIDE", folder)
    assert run("init", "--tag", "pii").code == 0
    assert "PLAIN" in reported()
    assert run("init", "--folder", "EU").code == 0
    assert "INSIDE" in reported()
    many.create_project("LAST")
    everything = run("init", "--all")
    assert everything.code == 0 and "skipped" in everything.out and "--adopt" in " ".join(everything.out.split())
    assert "LAST" in reported() and "COPY" not in reported()
    assert run("init", "--all", "--adopt").code == 0
    assert "COPY" in reported()
    nobody = run("init", "--tag", "nobody")
    assert (nobody.code, nobody.out) == (0, "") and "No project" in nobody.err
    missing = run("init", "--folder", "Nowhere")
    assert missing.code == 1 and "Nowhere" in missing.err


def test_a_bulk_run_ends_with_1_and_says_what_was_done_what_not_and_why(sandbox, run):
    for number in range(8):
        sandbox.create_project(f"P{number}")
    sandbox.faults.set("PUT /projects/P3/metadata:500; PUT /projects/P5/metadata:403")
    ended = run("init", "--all")
    assert ended.code == 1
    lines = {line.split()[0]: line for line in ended.out.splitlines() if line.startswith("P")}
    assert {key for key, line in lines.items() if " failed " in line} == {"P3", "P5"}
    assert "Injected fault 500" in lines["P3"] and "6 initialized" in ended.err and "2 failed" in ended.err


def test_init_of_a_named_copy_fails_with_the_way_out_and_adopt_takes_it(many, run):
    refused = run("init", "COPY")
    assert refused.code == 1 and "init COPY --adopt" in " ".join(refused.out.split())
    assert run("init", "COPY", "--adopt").code == 0
    assert shown(run, "COPY")["governed"] is True


def test_ungovern_shows_what_goes_and_is_told_yes_off_a_terminal(churn, run):
    run("advance", "CHURN")
    ended = run("ungovern", "CHURN", "--yes")
    assert ended.code == 0 and "Exploration: status  On going  Not started" in ended.out and "removed" in ended.out
    assert set(churn.metadata("CHURN")["customFields"]) == {"govern_record"} and churn.metadata("CHURN")["tags"] == []
    again = run("ungovern", "--yes", "CHURN", "NOSUCH")
    assert again.code == 1 and "nothing to remove" in again.out and "NOSUCH does not exist" in again.out
    assert run("ungovern", "CHURN", "--yes").code == 0
    assert run("ungovern").code == 2


# one project ------------------------------------------------------------------------------------------------


def test_show_prints_the_documented_json_and_nothing_else(churn, run):
    run("qualify", "CHURN", "--value", "High", "--risk", "Low", "--project-plan", "Plan=https://x.example")
    run("advance", "CHURN", "--reason", "go")
    document = shown(run)
    assert set(document) == {*SHOW_KEYS, *SHOW_ADDED} and in_order(SHOW_KEYS, document)
    assert set(document["blueprint"]) == {"id", "version"} and set(document["progress"]) == {"finished", "total"}
    assert [step["id"] for step in document["steps"]] == list(STEPS)
    for step in document["steps"]:
        assert list(step) == ["id", "name", "status", "started_on", "finished_on", "by", "notes", "documents"]
    assert list(document["overview"]) == [
        "business_initiative", "sponsor", "start_date", "target_end_date", "description", "countries",
        "sensitive_data", "technical_dimension",
    ]  # fmt: skip
    qualification = document["qualification"]
    assert list(qualification) == [
        "value", "risk", "feasibility", "cost", "decision", "decision_comment", "project_plan",
    ]  # fmt: skip
    assert list(qualification["value"]) == ["rating", "origin", "comment"]
    assert list(document["scores"]) == ["value", "risk", "priority"]
    assert qualification["project_plan"] == [{"title": "Plan", "url": "https://x.example"}]
    event = document["events"][-1]
    assert (event["number"], event["reason"], event["source"]) == (len(document["events"]), "go", "cli")
    assert datetime.fromisoformat(event["at"].replace("Z", "+00:00")) <= datetime.now(timezone.utc)
    assert document["url"].endswith("/projects/CHURN/")


def test_show_of_an_ungoverned_project_says_so_and_ends_with_0(sandbox, run):
    sandbox.create_project("CHURN")
    document = shown(run)
    assert document["governed"] is False and document["current_step"] is None and document["events"] == []
    table = run("show", "CHURN")
    assert table.code == 0 and "Not governed" in table.out
    one_step = run("show", "CHURN", "--step", "Exploration", "--format", "json")
    assert one_step.code == 0 and len(one_step.json["steps"]) == 1


def test_show_prints_people_what_they_look_for(churn, run, edit):
    run("qualify", "CHURN", "--value", "High", "--decision", "go", "--notes", "looks\ngood 😀")
    run("advance", "CHURN", "--to", "qualification")
    edit("CHURN", govern_risk_rating="Horrible")
    table = run("show", "CHURN").out
    for text in ("Churn (CHURN)", "Qualification", "On going", "High", "Go", "looks good 😀", "admin", "Risk rating"):
        assert text in table, text
    step = run("show", "CHURN", "--step", "validation-and-roll-out")
    assert step.code == 0 and "Validation and Roll-out: Not started" in step.out
    assert run("show", "CHURN", "--step", "nowhere").code == 2


def test_qualify_records_every_option_and_none_clears_it(churn, run):
    given = {
        "--value": "High", "--value-comment": "v", "--risk": "Low", "--risk-comment": "r", "--feasibility":
        "medium_low", "--feasibility-comment": "f", "--cost": "MEDIUM HIGH", "--cost-comment": "c", "--decision":
        "on-hold", "--decision-comment": "d", "--notes": "n", "--project-plan": "Plan=https://x.example/?a=b",
    }  # fmt: skip
    ended = run("qualify", "CHURN", *(part for pair in given.items() for part in pair))
    assert ended.code == 0 and re.search(r"Value rating +– +High\n", ended.out)
    found = shown(run)
    qualification = found["qualification"]
    assert [qualification[n]["rating"] for n in ("value", "risk", "feasibility", "cost")] == [
        "High", "Low", "Medium low", "Medium high",
    ]  # fmt: skip
    assert [qualification[n]["comment"] for n in ("value", "risk", "feasibility", "cost")] == list("vrfc")
    assert (qualification["decision"], qualification["decision_comment"]) == ("On hold", "d")
    assert (found["steps"][1]["notes"], len(qualification["project_plan"])) == ("n", 1)
    blank = run("qualify", "CHURN", "--value", " ", "--notes", "")
    assert blank.code == 0 and shown(run)["qualification"]["value"]["rating"] == "High"
    assert run("qualify", "CHURN", *(part for name in given for part in (name, "None"))).code == 0
    cleared = shown(run)
    assert cleared["qualification"]["project_plan"] == [] and cleared["steps"][1]["notes"] is None
    assert {cleared["qualification"][n]["rating"] for n in ("value", "risk", "feasibility", "cost")} == {None}
    assert not any(name.startswith("govern_value") for name in churn.metadata("CHURN")["customFields"])


def test_confirm_makes_inherited_ratings_the_qualifications_own(churn, run):
    run("init", "CHURN", "--value", "High")
    assert shown(run)["qualification"]["value"]["origin"] == "overview"
    ended = run("qualify", "CHURN", "--confirm")
    assert ended.code == 0 and "Value rating: recorded in  Overview  Qualification" in ended.out
    assert shown(run)["qualification"]["value"]["origin"] == "qualification"
    again = run("qualify", "CHURN", "--confirm")
    assert (again.code, again.out) == (0, "") and "nothing to change" in again.err


def test_moves_by_name_and_id_with_a_reason(churn, run):
    for arguments, at in (
        (("advance", "CHURN"), "exploration"),
        (("step", "finish", "CHURN", "Exploration", "--reason", "done"), "qualification"),
        (("step", "start", "CHURN", "qualification"), "qualification"),
        (("advance", "CHURN", "--to", "In Progress", "--reason", "urgent"), "progress"),
        (("step", "reopen", "CHURN", "exploration", "--reason", "new data"), "exploration"),
        (("step", "set", "CHURN", "validation_and_roll_out", "--reason", "as it is"), "rollout"),
    ):
        ended = run(*arguments)
        assert ended.code == 0 and "BEFORE" in ended.out, ended.err
        assert shown(run)["current_step"] == at
    reasons = [event["reason"] for event in shown(run)["events"] if event["reason"]]
    assert reasons == ["done", "urgent", "new data", "as it is"]


def test_asking_for_what_already_is_ends_with_0(churn, run, writes):
    run("advance", "CHURN", "--to", "delivery")
    before = writes()
    for arguments in (("advance", "CHURN", "--to", "delivery"), ("step", "start", "CHURN", "delivery")):
        ended = run(*arguments)
        assert (ended.code, ended.out) == (0, "") and "nothing to change" in ended.err
    assert writes() == before
    assert run("advance", "CHURN").code == 0
    refused = run("advance", "CHURN")
    assert (refused.code, refused.out) == (1, "") and "complete" in refused.err
    assert run("step", "finish", "CHURN", "delivery").code == 0


def test_notes_and_documents_are_written_shown_and_cleared(churn, run):
    text = "line one\nline two 😀 'quoted' $HOME"
    assert run("step", "note", "CHURN", "exploration", text).code == 0
    assert run("step", "document", "CHURN", "exploration", "Data=https://x.example/?a=b").code == 0
    assert run("step", "document", "CHURN", "exploration", "/projects/CHURN/wiki/").code == 0
    step = shown(run)["steps"][0]
    assert step["notes"] == text
    assert step["documents"] == [
        {"title": "Data", "url": "https://x.example/?a=b"}, {"title": "", "url": "/projects/CHURN/wiki/"},
    ]  # fmt: skip
    assert run("step", "document", "CHURN", "exploration", "x=javascript:alert(1)").code == 2
    assert run("step", "note", "CHURN", "exploration", "none").code == 0
    assert run("step", "document", "CHURN", "exploration", "NONE").code == 0
    step = shown(run)["steps"][0]
    assert (step["notes"], step["documents"]) == (None, [])


# exit codes, streams, dry runs ------------------------------------------------------------------------------

WRITING = (
    ("init", "FRESH", "--value", "High"),
    ("ungovern", "CHURN"),
    ("hide", "FRESH", "--reason", "a sandbox"),
    ("qualify", "CHURN", "--decision", "go"),
    ("advance", "CHURN"),
    ("step", "start", "CHURN", "exploration"),
    ("step", "finish", "CHURN", "exploration"),
    ("step", "set", "CHURN", "rollout"),
    ("step", "note", "CHURN", "exploration", "x"),
    ("step", "document", "CHURN", "exploration", "https://x.example"),
)


def test_a_dry_run_writes_nothing_says_what_would_change_and_ends_with_3(churn, run, writes):
    churn.create_project("FRESH")
    before, metadata = writes(), churn.metadata("CHURN")
    for arguments in WRITING:
        ended = run(*arguments, "--dry-run")
        assert ended.code == 3 and "BEFORE" in ended.out, arguments
    assert run("init", "CHURN", "--dry-run").code == 0
    assert run("ungovern", "FRESH", "--dry-run").code == 0
    assert writes() == before and churn.metadata("CHURN") == metadata


def test_a_dry_run_that_would_be_refused_ends_with_1(churn, run):
    assert run("step", "start", "CHURN", "rollout", "--dry-run").code == 1
    assert run("advance", "NOSUCH", "--dry-run").code == 1


WRONG_USAGE = (
    (),
    ("show",),
    ("show", "CHURN", "MORE"),
    ("init",),
    ("init", "--all", "--tag", "x"),
    ("init", "CHURN", "--risk", "Enormous"),
    ("init", "CHURN", "--start-date", "05/01/2026"),
    ("qualify", "CHURN"),
    ("qualify", "CHURN", "--cost", "5"),
    ("qualify", "CHURN", "--project-plan", "a plan"),
    ("advance", "CHURN", "--to", "the end"),
    ("advance", "CHURN", "--to", ""),
    ("step",),
    ("step", "skip", "CHURN", "rollout"),
    ("step", "document", "CHURN", "exploration", ""),
    ("report", "--format", "pdf"),
    ("report", "--stale", "0"),
    ("report", "--stale", "-3"),
    ("report", "--step", "nowhere"),
    ("report", "--decision", "perhaps"),
    ("doctor", "--probe-write"),
    ("--no-such-option", "show", "CHURN"),
    ("--settings", "/no/such/file.json", "show", "CHURN"),
    ("--api-key-file", "/no/such/key", "show", "CHURN"),
    ("--instance", "nosuch", "show", "CHURN"),
    ("--url", "dss.example.com", "show", "CHURN"),
)


def test_wrong_usage_ends_with_2_a_reason_on_stderr_and_no_write(churn, run, writes):
    before = writes()
    for arguments in WRONG_USAGE:
        ended = run(*arguments)
        assert ended.code == 2 and ended.err.strip() and "Traceback" not in ended.err, arguments
    assert writes() == before


def test_what_fails_ends_with_1_and_says_what_to_do(churn, run, sandbox):
    cases = {
        ("show", "NOSUCH"): "does not exist, or you may not read it",
        ("advance", "NOSUCH"): "does not exist, or you may not read it",
        ("--api-key", "wrong-key", "show", "CHURN"): "DKU_API_KEY",
        ("--url", "http://127.0.0.1:9", "--api-key", "k", "show", "CHURN"): "check the address and the network",
    }
    for arguments, says in cases.items():
        ended = run(*arguments)
        assert (ended.code, ended.out) == (1, ""), arguments
        assert says in ended.err and "Traceback" not in ended.err
        assert "wrong-key" not in ended.err
    sandbox.faults.set("GET *:html")
    ended = run("show", "CHURN")
    assert ended.code == 1 and "a proxy or a login page" in ended.err


def test_results_go_to_stdout_and_messages_to_stderr(churn, run, sandbox):
    sandbox.faults.set("GET /plugins/*:403")
    loud = run("-v", "show", "CHURN", "--format", "json")
    assert loud.json["governed"] is True and "Warning" in loud.err
    written = run("advance", "CHURN")
    assert re.search("Exploration: status +Not started +On going", written.out)
    assert "Warning" in written.err and "Warning" not in written.out
    quiet = run("-q", "advance", "CHURN")
    assert re.search("Qualification: status +Not started +On going", quiet.out) and quiet.err == ""
    refused = run("-q", "step", "start", "CHURN", "delivery")
    assert refused.code == 1 and refused.out == "" and "`govern-mirror advance CHURN --to delivery`" in refused.err


def test_a_foreign_change_meanwhile_is_a_warning_on_stderr_and_no_failure(churn, run, on_nth):
    on_nth(
        3, "GET", "/projects/CHURN/metadata", lambda: churn.edit_metadata("CHURN", lambda m: m.update(shortDesc="x"))
    )
    ended = run("-q", "advance", "CHURN")
    assert ended.code == 0 and "shortDesc" not in ended.out
    on_nth(
        3, "GET", "/projects/CHURN/metadata", lambda: churn.edit_metadata("CHURN", lambda m: m.update(shortDesc="y"))
    )
    ended = run("advance", "CHURN")
    assert ended.code == 0 and "shortDesc" in ended.err and "shortDesc" not in ended.out


def test_texts_from_dss_cannot_rewrite_the_terminal(sandbox, run):
    evil = "evil \x1b[2J\x1b]0;x\x07 [red]name[/red]"
    sandbox.create_project("CHURN", evil)
    run("init", "CHURN", "--sponsor", evil)
    run("step", "note", "CHURN", "exploration", evil)
    for arguments in (
        ("show", "CHURN"), ("show", "CHURN", "--step", "exploration"), ("report",),
        ("ungovern", "CHURN", "--dry-run"), ("advance", "CHURN"),
    ):  # fmt: skip
        out = run(*arguments).out
        assert "\x1b" not in out and "\x07" not in out, arguments
    assert "[red]name[/red]" in run("show", "CHURN").out


# the report -------------------------------------------------------------------------------------------------


def test_each_filter_keeps_what_it_names(many, reported):
    everyone = {"ALPHA", "BETA", "GAMMA", "DELTA"}
    assert reported() == everyone
    for options, keys in {
        ("--tag", "pii"): {"ALPHA", "BETA"},
        ("--tag", "pii", "--tag", "eu"): {"ALPHA", "BETA", "GAMMA"},
        ("--tag", "pii", "--owner", "wim"): {"BETA"},
        ("--step", "progress"): {"ALPHA", "GAMMA"},
        ("--step", "In-Progress", "--step", "exploration"): {"ALPHA", "GAMMA", "BETA"},
        ("--step", "not_started"): {"DELTA"},
        ("--step", "Not started"): {"DELTA"},
        ("--decision", "go"): {"ALPHA"},
        ("--decision", "GO", "--decision", "no-go"): {"ALPHA", "BETA"},
        ("--decision", "undecided"): {"GAMMA", "DELTA"},
        ("--initiative", "LOYALTY"): {"ALPHA", "BETA"},
        ("--initiative", "loyalty", "--decision", "go", "--step", "progress"): {"ALPHA"},
        ("--owner", "admin"): {"ALPHA", "DELTA"},
        ("--owner", "Admin"): set(),
        ("--stale", "45"): {"ALPHA"},
        ("--stale", "46"): set(),
        ("--with-problems",): {"GAMMA"},
        ("--with-problems", "--include-ungoverned"): {"GAMMA", "COPY"},
        ("--include-ungoverned",): everyone | {"PLAIN", "COPY"},
        ("--include-ungoverned", "--tag", "pii"): {"ALPHA", "BETA", "PLAIN"},
        ("--include-ungoverned", "--step", "progress"): {"ALPHA", "GAMMA"},
    }.items():
        assert reported(*options) == keys, options


def test_the_days_after_which_a_project_is_stale_come_from_the_settings(many, run, reported, tmp_path):
    settings = tmp_path / "settings.json"
    settings.write_text('{"stale_after_days": 60}')
    ended = run("--settings", settings, "report", "--stale", "--format", "json")
    assert ended.code == 0 and ended.json["projects"] == []
    assert reported("--stale") == {"ALPHA"}


def test_the_report_prints_the_documented_json(many, run, url):
    document = run("report", "--format", "json").json
    assert list(document) == ["format_version", "generated_on", "instance", "summary", "unreadable", "projects"]
    assert document["instance"] == {"node_id": "sandbox", "url": url}
    assert set(document["summary"]) == {*REPORT_SUMMARY, "copied"} and in_order(REPORT_SUMMARY, document["summary"])
    assert list(document["summary"]["by_step"]) == ["not_started", *STEPS, "complete", "closed"]
    assert document["summary"]["projects"] == 6
    for project in document["projects"]:
        assert set(project) == {*REPORT_PROJECT, *REPORT_PROJECT_ADDED} and in_order(REPORT_PROJECT, project)
        assert list(project["steps"]) == list(STEPS)
        for step in project["steps"].values():
            assert list(step) == ["status", "started_on", "finished_on"]
    problem = next(p for p in document["projects"] if p["project_key"] == "GAMMA")["problems"][0]
    assert list(problem) == ["field", "found", "expected", "message"] and problem["found"] == "Horrible"
    filtered = run("report", "--format", "json", "--tag", "eu").json
    assert filtered["summary"]["projects"] == 6 and filtered["summary"]["governed"] == 2


def test_every_format_lists_the_same_projects_for_the_same_filter(many, run):
    options = ("--include-ungoverned", "--tag", "pii", "--tag", "eu")
    keys = [p["project_key"] for p in run("report", "--format", "json", *options).json["projects"]]
    rows = list(csv.DictReader(io.StringIO(run("report", "--format", "csv", *options).out)))
    assert [row["project_key"] for row in rows] == keys
    table = run("report", *options).out
    assert [line.split()[0] for line in table.splitlines() if line.split()[:1] and line.split()[0] in keys] == keys
    html = run("report", "--format", "html", *options).out
    packed = re.search(r'id="data">([^<]*)</script>', html).group(1)
    assert json.loads(gzip.decompress(base64.b64decode(packed)))["columns"]["key"] == keys
    assert html.startswith("<!doctype html>") and {"DELTA", "COPY"}.isdisjoint(keys)
    assert "DELTA" not in table and "COPY" not in table


def test_r14_a_project_that_vanishes_is_named_and_the_report_is_made(many, run):
    many.projects.list_without_custom_fields = True
    many.faults.before("GET", "/projects/BETA/metadata", lambda: many.projects.delete(many.admin, "BETA"))
    ended = run("report", "--format", "json")
    assert ended.code == 1 and "BETA could not be read" in ended.err
    assert [project["project_key"] for project in ended.json["unreadable"]] == ["BETA"]
    assert "BETA" not in {project["project_key"] for project in ended.json["projects"]}


def test_an_empty_instance_has_a_report_in_every_format(run):
    for form in ("table", "json", "csv", "html"):
        ended = run("report", "--format", form)
        assert ended.code == 0 and ended.out
    assert "0 governed of 0 visible" in run("report").out


def test_a_report_in_a_file_leaves_stdout_empty(many, run, tmp_path):
    path = tmp_path / "r.csv"
    ended = run("report", "--format", "csv", "-o", path)
    assert (ended.code, ended.out) == (0, "") and "4 governed" in ended.err
    assert path.read_bytes().count(b"\r\n") == path.read_bytes().count(b"\n") == 5
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~umask
    assert run("report", "--format", "json", "--output", "-").json["summary"]["governed"] == 4
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["r.csv"]


def test_an_output_that_cannot_be_written_fails_before_any_request(many, run, tmp_path, requests_seen):
    requests_seen.clear()
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    for path in ("no/such/folder/r.html", "folder", "file/r.html"):
        ended = run("report", "--format", "html", "-o", tmp_path / path)
        assert ended.code == 2 and "-o" in ended.err and ended.out == "", path
    assert not requests_seen and sorted(tmp_path.rglob("*")) == before


def test_a_report_that_fails_leaves_the_old_file_and_nothing_half_written(many, run, tmp_path):
    path = tmp_path / "r.html"
    path.write_text("the old report")
    for fault in ("GET /projects:500", "GET /projects:html", "GET /instance-info:close"):
        many.faults.set(fault)
        assert run("report", "--format", "html", "-o", path).code == 1
        assert path.read_text() == "the old report"
    many.faults.set("")
    assert run("report", "--step", "nowhere", "-o", path).code == 2
    assert path.read_text() == "the old report"
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["r.html"]


def test_the_old_file_is_whole_until_the_new_one_takes_its_place(many, run, tmp_path):
    path = tmp_path / "r.json"
    path.write_text("the old report")
    meanwhile = []
    many.faults.before("GET", "/projects", lambda: meanwhile.append(path.read_text()))
    assert run("report", "--format", "json", "-o", path).code == 0
    assert meanwhile == ["the old report"] and json.loads(path.read_text())["summary"]["governed"] == 4


# doctor -----------------------------------------------------------------------------------------------------


def test_doctor_on_a_sound_and_on_a_bad_instance(churn, run):
    sound = run("doctor", "CHURN", "--probe-write", "--format", "json")
    assert sound.code == 0 and list(sound.json) == ["format_version", "checks"]
    assert all(list(check) == ["check", "verdict", "detail"] for check in sound.json["checks"])
    assert [check["verdict"] for check in sound.json["checks"]].count("failed") == 0
    table = run("doctor")
    assert table.code == 0 and churn.release.version in table.out and "sandbox" in table.out
    assert run("doctor", "NOSUCH").code == 1
    churn.faults.set("GET /projects:html-502")
    bad = run("doctor", "--format", "json")
    assert bad.code == 1 and {c["check"]: c["verdict"] for c in bad.json["checks"]}["projects"] == "failed"


def test_doctor_with_a_wrong_key_says_so_and_ends_with_1(churn, run):
    ended = run("--api-key", "wrong-key", "doctor", "CHURN")
    assert ended.code == 1 and "Unknown API Key" in ended.out and "wrong-key" not in ended.out + ended.err


# where the instance and the key come from -------------------------------------------------------------------


@pytest.fixture
def bare(home):
    """Run the command line with nothing in the environment."""

    def run(*arguments):
        result = CliRunner().invoke(main, [str(each) for each in arguments], catch_exceptions=False)
        return result.exit_code, result.stdout, result.stderr

    return run


def config_file(home, name, url, key, **more):
    path = home / ".dataiku" / name
    path.parent.mkdir(exist_ok=True)
    entries = {"mine": {"url": url, "api_key": key}, **more}
    path.write_text(json.dumps({"dss_instances": entries, "default_instance": "mine"}))
    return path


def test_without_an_instance_every_way_to_give_one_is_named(bare):
    code, out, err = bare("show", "CHURN")
    assert (code, out) == (2, "")
    for way in ("--url", "--api-key", "DKU_DSS_URL", "DKU_API_KEY", ".dataiku/config.json"):
        assert way in err


@pytest.mark.parametrize("name", ["config.json", ".config.json"])
def test_an_instance_is_found_in_either_config_file(sandbox, url, bare, home, name):
    sandbox.create_project("CHURN")
    config_file(home, name, url + "/", sandbox.admin_key)
    code, out, err = bare("-v", "show", "CHURN", "--format", "json")
    assert code == 0 and json.loads(out)["url"] == f"{url}/projects/CHURN/"
    assert sandbox.admin_key not in out + err


def test_an_instance_of_the_config_file_is_chosen_by_its_name(sandbox, url, bare, home, monkeypatch):
    sandbox.create_project("CHURN")
    other = {"url": url, "api_key": sandbox.admin_key, "no_check_certificate": True}
    config_file(home, "config.json", "http://127.0.0.1:9", "secret-of-mine", other=other)
    monkeypatch.setenv("DKU_DSS_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("DKU_API_KEY", "secret-of-env")
    assert bare("--instance", "other", "show", "CHURN")[0] == 0
    code, out, err = bare("--instance", "nosuch", "show", "CHURN")
    assert code == 2 and "mine, other" in err and "secret" not in out + err


def test_options_come_before_environment_before_config_file(sandbox, url, bare, home, monkeypatch, tmp_path):
    sandbox.create_project("CHURN")
    config_file(home, "config.json", "http://127.0.0.1:9", "secret-of-config")
    monkeypatch.setenv("DKU_DSS_URL", url)
    monkeypatch.setenv("DKU_API_KEY", sandbox.admin_key)
    assert bare("show", "CHURN")[0] == 0
    monkeypatch.setenv("DKU_API_KEY", "secret-of-env")
    assert bare("show", "CHURN")[0] == 1
    key_file = tmp_path / "key"
    key_file.write_text(f"  {sandbox.admin_key}\r\n")
    for options in (("--api-key", sandbox.admin_key), ("--api-key-file", key_file)):
        code, out, err = bare("-v", *options, "show", "CHURN")
        assert code == 0 and sandbox.admin_key not in out + err
    monkeypatch.setenv("DKU_DSS_URL", "http://127.0.0.1:9")
    assert bare("--url", url, "--api-key-file", key_file, "show", "CHURN")[0] == 0


def test_half_an_instance_says_which_half_is_missing(bare, tmp_path, monkeypatch):
    code, _, err = bare("--url", "https://dss.example.com", "show", "CHURN")
    assert code == 2 and "--api-key-file" in err
    code, _, err = bare("--api-key", "secret", "show", "CHURN")
    assert code == 2 and "--url" in err and "secret" not in err
    (tmp_path / "empty").write_text(" \n")
    code, _, err = bare("--url", "https://dss.example.com", "--api-key-file", tmp_path / "empty", "show", "CHURN")
    assert code == 2 and "is empty" in err


@pytest.mark.parametrize(
    "content",
    [
        '{"dss_instances": {"a": {"api_key": "secret-1"}}}',
        '{"dss_instances": {"a": {"url": 5, "api_key": "secret-1"}}}',
        '{"dss_instances": ["secret-1"]}',
        '{"dss_instances": {"a": {"url": "https://x.example", "api_key": "secret-1"',
        "[]",
        '{"dss_instances": {}}',
    ],
)
def test_a_broken_config_file_is_named_and_no_key_of_it_printed(bare, home, content):
    folder = home / ".dataiku"
    folder.mkdir()
    (folder / "config.json").write_text(content)
    code, out, err = bare("show", "CHURN")
    assert code == 2 and "config.json" in err and "secret-1" not in out + err


def test_the_key_is_never_printed_whatever_happens(churn, run, bare, url, monkeypatch):
    # `run` itself checks every output for the key
    for arguments in (
        ("show", "CHURN"), ("report",), ("doctor", "CHURN", "--probe-write"), ("advance", "CHURN"), ("show", "NOSUCH"),
        ("ungovern", "CHURN", "--dry-run"),
    ):  # fmt: skip
        run("-v", *arguments)
    for fault in ("* *:500", "* *:html", "* *:close", "GET *:html-502", "* *:401"):
        churn.faults.set(fault)
        for arguments in (("show", "CHURN"), ("report",), ("doctor",), ("init", "CHURN")):
            assert run("-v", *arguments).code == 1
    secret = "dkuaps-secret key with\nodd characters é"
    for name in ("DKU_API_KEY",):
        monkeypatch.setenv(name, secret)
        code, out, err = bare("-v", "show", "CHURN")
        assert code != 0 and "dkuaps-secret" not in out + err and "Traceback" not in err


# settings ---------------------------------------------------------------------------------------------------


def test_a_settings_file_requires_fields_and_decisions(churn, run, tmp_path):
    path = tmp_path / "settings.json"
    path.write_text(
        json.dumps(
            {
                "required_fields": [
                    {"step": "exploration", "field": "steps.exploration.notes"},
                    {"step": "Qualification", "field": "qualification.risk.rating"},
                ],
                "decisions_to_move_on": ["go", "on hold"],
                "mirror_tag": False,
            }
        )
    )
    settings = ("--settings", path)
    first = run(*settings, "advance", "CHURN")
    assert first.code == 0 and "Warning" not in first.err
    assert churn.metadata("CHURN")["tags"] == []
    refused = run(*settings, "advance", "CHURN")
    assert refused.code == 1 and "steps.exploration.notes" in refused.err
    run("step", "note", "CHURN", "exploration", "seen")
    assert run(*settings, "advance", "CHURN").code == 0
    refused = run(*settings, "advance", "CHURN", "--to", "rollout")
    assert refused.code == 1 and "Risk" in refused.err and "Go or On hold" in refused.err
    run("qualify", "CHURN", "--risk", "low", "--decision", "no go")
    assert run(*settings, "advance", "CHURN").code == 1
    run("qualify", "CHURN", "--decision", "go")
    assert run(*settings, "advance", "CHURN").code == 0


WRONG_SETTINGS = (
        "{", "[]", '{"stale_after_days": 0}', '{"stale_after_days": "often"}', '{"weight_risk": -1}',
        '{"weight_cost": NaN}', '{"required_fields": [{"step": "nowhere", "field": "overview.sponsor"}]}',
        '{"required_fields": [{"step": "exploration", "field": "nothing"}]}', '{"decisions_to_move_on": ["Perhaps"]}',
        '{"mirror_tag": "perhaps"}',
)  # fmt: skip


def test_invalid_settings_are_refused_before_anything_is_written(churn, run, tmp_path, writes):
    path = tmp_path / "settings.json"
    before = writes()
    for content in WRONG_SETTINGS:
        path.write_text(content)
        ended = run("--settings", path, "advance", "CHURN")
        assert ended.code == 2 and ended.err.strip() and "Traceback" not in ended.err, content
    assert writes() == before


def test_a_rule_that_could_be_missing_is_warned_of_where_it_matters(churn, run, sandbox):
    sandbox.faults.set("GET /plugins/*:403")
    assert "--settings" in run("advance", "CHURN").err
    assert "--settings" in run("step", "finish", "CHURN", "exploration").err
    assert run("show", "CHURN").err == "" and run("report").err == ""


# as a process -----------------------------------------------------------------------------------------------


@pytest.fixture
def process(sandbox, home):
    def run(url, *arguments, **environment):
        known = {"PATH": os.environ["PATH"], "HOME": str(home), "DKU_DSS_URL": url, "DKU_API_KEY": sandbox.admin_key}
        script = Path(sys.executable).with_name("govern-mirror")
        return subprocess.run(
            [str(script), *arguments], env={**known, **environment}, capture_output=True, timeout=60, check=False
        )

    return run


@pytest.mark.parametrize("transport", ["served"], indirect=True)
def test_the_installed_command_works_from_a_shell(sandbox, url, process):
    sandbox.create_project("CHURN", "Churn 😀")
    assert process(url, "init", "CHURN", "--value", "High").returncode == 0
    would = process(url, "advance", "CHURN", "--dry-run")
    assert would.returncode == 3 and re.search(b"Exploration: status +Not started +On going", would.stdout)
    found = process(url, "report", "--format", "json")
    assert found.returncode == 0 and found.stderr == b""
    assert json.loads(found.stdout)["projects"][0]["name"] == "Churn 😀"


@pytest.mark.parametrize("transport", ["served"], indirect=True)
@pytest.mark.parametrize(("encoding", "form"), [("ascii", "json"), ("cp1252", "table")])
def test_a_pipe_that_is_not_utf_8_gets_a_result_and_no_traceback(sandbox, url, session, process, encoding, form):
    # a pipe on Windows, for one, is often cp1252
    sandbox.create_project("CHURN", "Churn 😀 é")
    initialize(session, Scope(keys=("CHURN",)))
    ended = process(url, "show", "CHURN", "--format", form, PYTHONIOENCODING=encoding)
    assert ended.returncode == 0 and ended.stderr == b""
    if form == "json":
        assert json.loads(ended.stdout.decode(encoding))["name"] == "Churn 😀 é"


def test_the_stored_schema_is_the_second_one(churn):
    assert SCHEMA == json.loads(churn.metadata("CHURN")["customFields"]["govern_record"])["schema"] == 2


def test_a_target_end_before_the_start_is_refused_also_in_two_calls(sandbox, run):
    sandbox.create_project("DATES")
    assert run("init", "DATES", "--start-date", "2026-02-01").code == 0
    refused = run("init", "DATES", "--target-end-date", "2025-01-01")
    assert refused.code == 1
    assert "before the start date" in refused.out + refused.err
    assert "govern_target_end_date" not in sandbox.metadata("DATES")["customFields"]
