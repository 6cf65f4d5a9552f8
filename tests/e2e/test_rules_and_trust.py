"""Rules, trust, skipped steps and closed projects, as people and pipelines meet them on the command line."""

import json

import pytest
from support.pages import unpacked

RULES = {"required_fields": [{"step": "exploration", "field": "overview.sponsor"}], "decisions_to_move_on": ["Go"]}


@pytest.fixture
def churn(sandbox, run):
    """A project in progress, with the decision Go, all of it recorded."""
    sandbox.create_project("CHURN", "Churn")
    for command in (
        ("init", "CHURN", "--value", "High", "--risk", "Low"),
        ("advance", "CHURN"),
        ("advance", "CHURN"),
        ("qualify", "CHURN", "--decision", "go"),
        ("advance", "CHURN"),
    ):
        assert run(*command).code == 0
    return "CHURN"


@pytest.fixture
def rules(sandbox, tmp_path):
    """Settings with rules: a sponsor to finish Exploration, the decision Go to finish Qualification."""
    file = tmp_path / "settings.json"
    file.write_text(json.dumps(RULES))
    return ("--settings", str(file))


def gate(run, *arguments, before=()):
    return run(*before, "gate", "CHURN", "--step", "progress", "--format", "json", *arguments)


# trust --------------------------------------------------------------------------------------------------------


def test_t3_a_status_that_was_typed_by_hand_opens_no_gate(churn, run, edit):
    edit("CHURN", govern_status_progress="FINISHED", govern_status_rollout="ONGOING")
    ended = run("gate", "CHURN", "--step", "rollout", "--format", "json")
    assert ended.code == 3 and "recorded by nobody" in ended.err
    assert ended.json["trust"] == "typed"
    assert {"steps.progress.status", "steps.rollout.status"} <= set(ended.json["pending"])
    assert ended.json["trust_by_path"]["steps.exploration.status"] == "recorded"
    assert run("gate", "CHURN", "--step", "rollout", "--accept-hand-edits").code == 0


def test_t3_a_decision_that_was_typed_by_hand_opens_no_gate(churn, run, edit):
    assert run("qualify", "CHURN", "--decision", "no go").code == 0
    edit("CHURN", govern_decision="Go")
    ended = gate(run, "--decision", "Go")
    assert ended.code == 3 and "Resulting decision" in ended.err and ended.json["trust"] == "typed"
    assert gate(run).code == 0, "nobody asked for the decision"
    assert run("qualify", "CHURN", "--decision", "Go").code == 0
    assert gate(run, "--decision", "Go").json["trust"] == "recorded"


def test_t3_fields_without_a_record_open_no_gate(churn, run, edit):
    edit("CHURN", govern_record=None)
    ended = gate(run)
    assert ended.code == 3 and ended.json["trust"] == "typed" and "anybody could have typed" in ended.err


def test_t3_a_record_without_an_identity_opens_no_gate(churn, sandbox, run, edit):
    record = json.loads(sandbox.metadata("CHURN")["customFields"]["govern_record"])
    forged = {key: value for key, value in record.items() if key not in ("project_key", "node_id", "check")}
    edit("CHURN", govern_record=json.dumps(forged))
    assert gate(run).code == 3


def test_t3_a_forged_record_without_its_check_opens_no_gate(churn, sandbox, run, edit):
    record = json.loads(sandbox.metadata("CHURN")["customFields"]["govern_record"])
    record["events"] = record["events"][:1]
    edit("CHURN", govern_record=json.dumps(record))
    assert gate(run).json["trust"] == "typed"


def test_t3_fields_typed_on_a_project_never_initialized_open_no_gate(sandbox, run, edit):
    sandbox.create_project("CHURN", "Churn")
    edit("CHURN", govern_status_exploration="FINISHED", govern_status_qualification="ONGOING")
    ended = run("gate", "CHURN", "--step", "qualification", "--format", "json")
    assert ended.code == 3 and ended.json["governed"] and ended.json["trust"] == "typed"


def test_t3_the_same_values_given_record_what_was_typed(sandbox, run, edit):
    sandbox.create_project("CHURN", "Churn")
    edit("CHURN", govern_status_exploration="FINISHED", govern_status_qualification="ONGOING", govern_decision="Go")
    asked = ("gate", "CHURN", "--step", "qualification", "--decision", "go")
    assert run(*asked).code == 3
    assert run("step", "set", "CHURN", "qualification", "--reason", "as it is").code == 0
    assert run(*asked).code == 0
    edit("CHURN", govern_record=None)
    assert run(*asked).code == 3
    assert run("qualify", "CHURN", "--decision", "go").code == 0
    assert run(*asked).code == 0
    assert run("qualify", "CHURN", "--decision", "go").err.startswith("CHURN: nothing to change")


def test_show_tells_the_trust_of_each_value(churn, run, edit):
    edit("CHURN", govern_sponsor="Nobody")
    shown = run("show", "CHURN", "--format", "json").json
    assert shown["trust"] == "typed" and shown["pending"] == ["overview.sponsor"]
    assert shown["trust_by_path"]["overview.sponsor"] == "typed"
    assert shown["trust_by_path"]["qualification.decision"] == "recorded"


def test_an_ungoverned_project_has_no_trust(sandbox, run):
    sandbox.create_project("CHURN", "Churn")
    shown = run("show", "CHURN", "--format", "json").json
    assert (shown["trust"], shown["trust_by_path"], shown["pending"], shown["stage"]) == (None, {}, [], None)


def test_a_refused_move_says_what_to_type(churn, run, tmp_path):
    file = tmp_path / "settings.json"
    fields = [{"step": "progress", "field": field} for field in ("sponsor", "steps.progress.notes")]
    file.write_text(json.dumps({"required_fields": fields}))
    refused = run("--settings", file, "advance", "CHURN")
    assert refused.err == (
        "Error: In Progress cannot finish without Sponsor; In Progress cannot finish without In Progress: notes: "
        "record it first, then try again: write `govern-mirror set CHURN overview.sponsor=… steps.progress.notes=…`\n"
    )


# skipping -----------------------------------------------------------------------------------------------------


def test_u11_advance_to_skips_what_was_not_started_and_says_so(sandbox, run):
    sandbox.create_project("CHURN", "Churn")
    assert run("init", "CHURN").code == 0 and run("advance", "CHURN").code == 0
    ended = run("advance", "CHURN", "--to", "progress")
    assert ended.code == 0 and "Qualification" in ended.err and "skipped" in ended.err
    statuses = [step["status"] for step in run("show", "CHURN", "--format", "json").json["steps"]]
    assert statuses == ["FINISHED", "SKIPPED", "ONGOING", "NOT_STARTED", "NOT_STARTED"]
    refused = gate(run)
    assert refused.code == 3 and "skipped Qualification on the way" in refused.err
    assert gate(run, "--allow-skipped").code == 0


def test_the_way_out_of_a_skipped_step_opens_the_gate(sandbox, run):
    sandbox.create_project("CHURN", "Churn")
    assert run("init", "CHURN").code == 0 and run("advance", "CHURN").code == 0
    assert run("advance", "CHURN", "--to", "progress").code == 0
    assert "set the workflow back to what must be done, with a reason" in gate(run).err
    assert run("step", "reopen", "CHURN", "qualification").code == 1, "it was never done"
    assert run("step", "set", "CHURN", "qualification", "--reason", "it must be done").code == 0
    assert run("advance", "CHURN").code == 0
    assert gate(run).code == 0


def test_a_step_is_skipped_only_with_a_reason(churn, run):
    assert run("step", "skip", "CHURN", "rollout").code == 2
    assert run("step", "skip", "CHURN", "exploration", "--reason", "x").code == 1, "it is finished"
    ended = run("step", "skip", "CHURN", "rollout", "--reason", "nothing to validate")
    assert ended.code == 0
    shown = run("show", "CHURN", "--format", "json").json
    assert shown["steps"][3]["status"] == "SKIPPED"
    assert (shown["events"][-1]["what"], shown["events"][-1]["reason"]) == ("skip", "nothing to validate")


def test_going_on_against_the_decision_is_warned_of(churn, run):
    assert run("qualify", "CHURN", "--decision", "no go").code == 0
    ended = run("advance", "CHURN")
    assert ended.code == 0 and "Warning" in ended.err and "No go" in ended.err
    assert run("qualify", "CHURN", "--decision", "go").code == 0
    assert "No go" not in run("advance", "CHURN").err


# rules --------------------------------------------------------------------------------------------------------


def started(sandbox, run):
    sandbox.create_project("CHURN", "Churn")
    assert run("init", "CHURN").code == 0 and run("advance", "CHURN").code == 0


@pytest.mark.parametrize(
    "command",
    [
        ("advance", "CHURN"),
        ("advance", "CHURN", "--to", "progress"),
        ("step", "finish", "CHURN", "exploration"),
        ("step", "skip", "CHURN", "exploration", "--reason", "why not"),
        ("step", "set", "CHURN", "progress", "--reason", "why not"),
    ],
)
def test_t6_a_rule_binds_every_move(sandbox, run, rules, command):
    started(sandbox, run)
    refused = run(*rules, *command)
    assert refused.code == 1 and "Sponsor" in refused.err
    assert run("show", "CHURN", "--format", "json").json["steps"][0]["status"] == "ONGOING"


def test_t6_an_override_needs_a_reason_and_stays_a_finding(sandbox, run, rules):
    started(sandbox, run)
    assert run(*rules, "step", "set", "CHURN", "progress", "--override").code == 2
    ended = run(*rules, "step", "set", "CHURN", "progress", "--override", "--reason", "the board said so")
    assert ended.code == 0
    event = run("show", "CHURN", "--format", "json").json["events"][-1]
    assert event["reason"] == "the board said so (rules overridden)"
    problems = run(*rules, "show", "CHURN", "--format", "json").json["problems"]
    assert "overview.sponsor" in [problem["field"] for problem in problems]
    refused = gate(run, "--allow-skipped", before=rules)
    assert refused.code == 3 and "Sponsor" in refused.err


def test_t6_a_plan_file_says_when_the_rules_could_not_be_read(churn, sandbox, run, tmp_path):
    path = tmp_path / "plan.csv"
    path.write_text("project_key,progress_status\nCHURN,Finished\n", encoding="utf-8")
    sandbox.faults.set("GET /plugins/govern-mirror/settings:403")
    ended = run("sync", "apply", path, "--prefer", "file")
    assert ended.code == 0 and "settings" in ended.err, ended.err
    events = run("show", "CHURN", "--format", "json").json["events"]
    assert "rules unchecked" in events[-1]["reason"]


def test_move_with_unreadable_rules_stays_a_finding(churn, sandbox, run, rules):
    sandbox.faults.set("GET /plugins/govern-mirror/settings:403")
    assert run("advance", "CHURN").code == 0
    assert "rules unchecked" in run("show", "CHURN", "--format", "json").json["events"][-1]["reason"]
    assert run("set", "CHURN", "value=Low").code == 0, "not the last event any more"

    def unchecked(*command, before=()):
        ended = run(*before, *command, "--format", "json")
        assert ended.code == 0, ended.err
        return [problem for problem in ended.json["problems"] if problem["found"] == "rules unchecked"]

    (problem,) = unchecked("show", "CHURN")
    assert problem["field"] == "steps" and "could not be read" in problem["message"]
    asked = ("gate", "CHURN", "--step", "rollout")
    assert unchecked(*asked, "--without-rules") == [problem]
    report = run("report", "--format", "json").json
    assert [p for p in report["projects"][0]["problems"] if p["found"] == "rules unchecked"] == [problem]
    refused = run(*rules, *asked, "--format", "json")
    assert refused.code == 3, "the rules are known now, and one is not met"
    assert [p["field"] for p in refused.json["problems"]] == ["overview.sponsor"]
    assert run(*rules, "set", "CHURN", "sponsor=Ada").code == 0
    assert unchecked(*asked, before=rules) == [], "they are checked, and met"


def test_a_target_end_before_the_stored_start_is_refused(churn, run):
    assert run("set", churn, "start_date=2026-03-01").code == 0
    ended = run("set", churn, "target_end_date=2026-02-01")
    assert ended.code != 0 and "before the start date 2026-03-01" in ended.err
    both = run("set", churn, "start_date=2026-05-01", "target_end_date=2026-04-01")
    assert both.code != 0 and "before the start date" in both.err


def test_a_mistyped_field_is_answered_with_what_can_be_set(churn, run):
    ended = run("set", churn, "sponsr=Ada")
    assert ended.code != 0 and "is Sponsor meant?" in ended.err
    assert "steps." not in run("set", churn, "status=x").err


def test_t6_the_gate_is_not_met_over_a_step_done_against_the_rules(churn, run, rules):
    refused = gate(run, before=rules)
    assert refused.code == 3 and "Exploration cannot finish without Sponsor" in refused.err
    assert gate(run).code == 0, "without rules nothing is asked"


def test_what_is_typed_against_the_rules_is_listed(churn, run, rules, edit):
    assert run("qualify", "CHURN", "--decision", "on hold").code == 0
    problems = run(*rules, "show", "CHURN", "--format", "json").json["problems"]
    assert {"overview.sponsor", "qualification.decision"} <= {problem["field"] for problem in problems}


# closing ------------------------------------------------------------------------------------------------------


def test_a_closed_project_meets_no_gate_and_moves_no_more(churn, run):
    assert run("close", "CHURN").code == 2
    assert run("close", "CHURN", "--reason", "cancelled by the sponsor").code == 0
    shown = run("show", "CHURN", "--format", "json").json
    assert shown["stage"] == "closed" and shown["closed"]["reason"] == "cancelled by the sponsor"
    assert shown["closed"]["by"] and shown["days_in_step"] is None
    refused = gate(run)
    assert refused.code == 3 and "closed" in refused.err
    assert run("advance", "CHURN").code == 1
    assert run("close", "CHURN", "--reason", "again").err.startswith("CHURN: nothing to change")


def test_closing_can_be_undone_and_loses_nothing(churn, run):
    before = run("show", "CHURN", "--format", "json").json
    assert run("close", "CHURN", "--reason", "by mistake").code == 0
    assert run("close", "CHURN", "--undo").code == 0
    after = run("show", "CHURN", "--format", "json").json
    assert after["closed"] is None and after["stage"] == "progress" and after["steps"] == before["steps"]
    assert [event["what"] for event in after["events"][-2:]] == ["close", "undo close"]
    assert gate(run).code == 0


@pytest.mark.parametrize("character", ["x", "ä", "😀"])
def test_a_long_reason_to_close_costs_the_record_nothing(churn, sandbox, run, character):
    reason = character * 20_000
    assert run("close", "CHURN", "--reason", reason).code == 0
    shown = run("show", "CHURN", "--format", "json").json
    assert shown["problems"] == [] and reason.startswith(shown["closed"]["reason"].removesuffix("…"))
    assert shown["events"][-1]["reason"] == reason, "nothing is lost"
    assert len(sandbox.metadata("CHURN")["customFields"]["govern_record"].encode()) <= 8192


# adopting -----------------------------------------------------------------------------------------------------


def test_t4_an_adopted_copy_starts_anew(churn, sandbox, run):
    assert run("qualify", "CHURN", "--decision-comment", "we go", "--notes", "kept").code == 0
    original = run("show", "CHURN", "--format", "json").json
    fields = sandbox.metadata("CHURN")["customFields"]
    sandbox.create_project("COPY", "Copy")
    sandbox.edit_metadata("COPY", lambda metadata: metadata["customFields"].update(fields), "admin")
    assert run("init", "COPY", "--adopt").code == 0
    copy = run("show", "COPY", "--format", "json").json
    assert {step["status"] for step in copy["steps"]} == {"NOT_STARTED"}
    assert copy["qualification"]["decision"] is None and copy["qualification"]["decision_comment"] is None
    assert copy["qualification"]["value"] == {"rating": "High", "comment": None, "origin": "overview"}
    assert copy["steps"][1]["notes"] == "kept"
    (event,) = copy["events"]
    assert (event["number"], event["what"], event["to"]) == (1, "adopt", original["events"][-1]["hash"])
    assert event["from"].endswith("/CHURN") and copy["problems"] == []
    assert run("gate", "COPY", "--step", "exploration").code == 3


def test_a_copy_can_be_purged_and_the_original_stays(churn, sandbox, run):
    fields = sandbox.metadata("CHURN")["customFields"]
    sandbox.create_project("COPY", "Copy")
    sandbox.edit_metadata("COPY", lambda metadata: metadata["customFields"].update(fields), "admin")
    refused = run("ungovern", "COPY", "--yes")
    assert refused.code == 1 and sandbox.metadata("COPY")["customFields"] == fields
    assert run("ungovern", "COPY", "--purge", "--yes").code == 0
    assert sandbox.metadata("COPY")["customFields"] == {} and sandbox.metadata("CHURN")["customFields"] == fields


def test_init_says_that_it_records_what_was_typed(churn, sandbox, run, edit):
    edit("CHURN", govern_record=None)
    assert run("init", "CHURN", "--dry-run").code == 3, "it would be recorded as it stands"
    ended = run("init", "CHURN")
    assert ended.code == 0 and "recorded as it stands, with what people typed" in " ".join(ended.out.split())


# templates ----------------------------------------------------------------------------------------------------


def test_c2_a_record_of_another_template_is_never_written(churn, sandbox, run, edit):
    record = json.loads(sandbox.metadata("CHURN")["customFields"]["govern_record"])
    record["blueprint"] = {"id": "bp.company", "version": "bv.1"}
    edit("CHURN", govern_record=json.dumps(record))
    before = sandbox.metadata("CHURN")
    refused = run("qualify", "CHURN", "--decision", "no go")
    assert refused.code == 1 and "bp.company" in refused.err
    assert sandbox.metadata("CHURN") == before
    shown = run("show", "CHURN", "--format", "json").json
    assert any("bp.company" in problem["message"] for problem in shown["problems"])
    assert {problem["field"] for problem in shown["problems"]} == {"govern_record"}, "not what its checklist shows"
    assert gate(run).code == 3


def test_events_of_a_project_are_shown_in_words(churn, run, edit):
    """What is cleared, closed or confirmed is no path, constant or bare value."""
    edit("CHURN", govern_sponsor="Ada")
    for command in (
        ("set", "CHURN", "sponsor=Ada"),
        ("set", "CHURN", "sponsor=none"),
        ("close", "CHURN", "--reason", "replaced"),
    ):
        assert run(*command).code == 0
    lines = [" ".join(line.split()) for line in run("show", "CHURN").out.splitlines()]
    confirmed, cleared, closed = lines[-4:-1]
    assert "Confirm Sponsor" in confirmed and "overview.sponsor" not in confirmed
    assert "Sponsor Ada → –" in cleared
    assert "Close In Progress → Closed replaced" in closed


def test_recording_what_was_typed_is_told(churn, run, edit):
    edit("CHURN", govern_sponsor="Ada", govern_decision="No go")
    tried = run("set", "CHURN", "sponsor=Ada", "--dry-run")
    assert tried.code == 3 and "would be recorded: Sponsor, Resulting decision" in tried.err
    assert run("show", "CHURN", "--format", "json").json["trust"] == "typed", "nothing was written"
    moved = run("advance", "CHURN")
    assert "CHURN is now at Validation and Roll-out" in moved.err
    assert "typed into its fields, and now recorded: Sponsor, Resulting decision" in moved.err
    edit("CHURN", govern_sponsor="Eve")
    ended = run("set", "CHURN", "sponsor=Eve")
    assert ended.code == 0 and ended.err == "CHURN: typed into its fields, and now recorded: Sponsor\n"
    again = run("set", "CHURN", "sponsor=Eve")
    assert again.err == "CHURN: nothing to change\n"


def test_no_constant_or_path_stands_where_people_read(churn, run, edit, rules):
    edit("CHURN", govern_status_progress="DOING", govern_status_rollout="FINISHED", govern_value_rating="Huge")
    shown = run(*rules, "show", "CHURN").out
    assert "holds 'Exploration: Finished, Qualification: Finished, In Progress: Not started" in " ".join(shown.split())
    texts = [shown, run("history", "CHURN").out, run("report", "--format", "markdown").out]
    texts += [run("advance", "CHURN").err.split("put the workflow right")[0]]
    for constant in ("NOT_STARTED", "FINISHED", "edited-in-dss", "steps.progress", "qualification.value"):
        assert not [text for text in texts if constant in text.replace("  FINISHED  ", "")]


def test_the_page_tells_events_in_words(churn, run, edit):
    edit("CHURN", govern_sponsor="Ada")
    for command in (("set", "CHURN", "sponsor=Ada"), ("close", "CHURN", "--reason", "x"), ("close", "CHURN", "--undo")):
        assert run(*command).code == 0
    page = run("report", "--format", "html").out
    ((details,), labels) = unpacked(page, "details-0"), unpacked(page)["about"]["labels"]
    told = [(labels[what], before, after, source) for _, _, _, source, what, before, after, *_ in details["events"]]
    assert told[:4] == [
        ("Undo close", "Closed", "In Progress", "cli"),
        ("Close", "In Progress", "Closed", "cli"),
        ("Confirm", None, "Sponsor", "cli"),
        ("Sponsor", None, "Ada", "edited in DSS"),
    ]
