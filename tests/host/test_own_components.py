"""The plugin's own macros and recipe do, from their forms, what their users ask."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from govern_mirror_devkit.host import ComponentAborted, ComponentError, PluginHost
from govern_mirror_devkit.source import plugin_root

INITIALIZE, QUALIFY, MOVE, REPORT, INSTALL, SYNC = (
    "initialize-workflow",
    "record-qualification",
    "advance-workflow",
    "governed-projects-report",
    "install-reporting-scenario",
    "sync-with-govern",
)


@pytest.fixture(autouse=True)
def projects(sandbox):
    sandbox.create_project("P", "The project", tags=["churn"])
    sandbox.create_project("Q")


@pytest.fixture
def refused(run_own):
    def run(*args, **given) -> str:
        with pytest.raises(ComponentError) as raised:
            run_own(*args, **given)
        return raised.value.message

    return run


def records(result) -> list[list[str]]:
    assert result.type == "RESULT_TABLE"
    return result.payload["records"]


def fields(sandbox, key="P"):
    return sandbox.metadata(key)["customFields"]


def test_the_button_without_any_choice_governs_this_project_only(sandbox, run_own):
    (record,) = records(run_own(INITIALIZE, {}))
    assert record[:2] == ["P", "initialized"]
    assert "govern_record" in fields(sandbox) and "govern_record" not in fields(sandbox, "Q")


def test_the_overview_is_filled_from_the_form_dates_included(sandbox, run_own):
    form = {
        "value_rating": "High", "risk_rating": "", "sponsor": "Ada", "business_initiative": "Growth",
        "start_date": "2026-03-01", "target_end_date": "2026-09-30T00:00:00.000Z",
    }  # fmt: skip
    run_own(INITIALIZE, form)
    found = fields(sandbox)
    assert found["govern_value_rating"] == "High" and not found.get("govern_risk_rating")
    assert (found["govern_sponsor"], found["govern_business_initiative"]) == ("Ada", "Growth")
    assert (found["govern_start_date"], found["govern_target_end_date"]) == ("2026-03-01", "2026-09-30")


@pytest.mark.parametrize(
    ("form", "keys"),
    [
        ({"scope": "this"}, ["P"]),
        ({"scope": "keys", "project_keys": ["Q"]}, ["Q"]),
        ({"scope": "tag", "tag": "churn"}, ["P"]),
        ({"scope": "all"}, ["P", "Q"]),
    ],
)
def test_each_scope_reaches_the_projects_it_names(run_own, form, keys):
    assert [record[0] for record in records(run_own(INITIALIZE, form))] == keys


def test_a_dry_run_changes_nothing(sandbox, run_own):
    before = sandbox.metadata("P")
    assert records(run_own(INITIALIZE, {"dry_run": True}))[0][2].startswith("would be governed")
    assert sandbox.metadata("P") == before


def test_a_governed_project_keeps_what_it_has(sandbox, run_own):
    run_own(INITIALIZE, {"sponsor": "Ada"})
    assert records(run_own(INITIALIZE, {"sponsor": "Eve"}))[0][:2] == ["P", "unchanged"]
    assert fields(sandbox)["govern_sponsor"] == "Ada"


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"scope": "keys"}, "name at least one project key"),
        ({"scope": "tag", "tag": " "}, "name the tag"),
        ({"scope": "folder", "folder": "Nowhere"}, "no project folder 'Nowhere'"),
        ({"scope": "everything"}, "scope must be one of this, keys, tag, folder, all"),
        ({"value_rating": "high"}, "value_rating must be one of"),
        ({"start_date": "soon"}, "soon"),
        ({"scope": None}, "Projects (scope) is mandatory"),
    ],
)
def test_a_form_that_cannot_be_meant_governs_nothing_and_says_why(sandbox, refused, form, message):
    assert message in refused(INITIALIZE, form)
    assert "govern_record" not in fields(sandbox)


def test_a_project_that_cannot_be_governed_is_named_among_those_that_were(sandbox, run_own):
    found = records(run_own(INITIALIZE, {"scope": "keys", "project_keys": ["P", "NOSUCH"]}))
    assert [record[:2] for record in found] == [["P", "initialized"], ["NOSUCH", "failed"]]
    assert "govern_record" in fields(sandbox)


def test_a_macro_outside_any_project_asks_for_one(refused):
    assert "name the project" in refused(INITIALIZE, {}, project_key=None)


def test_many_projects_report_their_progress_and_stop_when_aborted(sandbox, run_own):
    told = []
    run_own(INITIALIZE, {"scope": "all"}, progress=lambda *now: told.append(now))
    assert told[-1] == (100, 100, "NONE") and [done for done, *_ in told] == sorted(done for done, *_ in told)
    with pytest.raises(ComponentAborted):
        run_own(INITIALIZE, {"scope": "all"}, aborted=lambda: True)


def test_the_qualification_is_recorded_and_the_table_says_what_changed(sandbox, run_own):
    run_own(INITIALIZE, {"value_rating": "High"})
    form = {
        "value_rating": "Low", "value_comment": "less", "decision": "No go", "notes": "so",
        "project_plan": "Plan=https://example.com/plan", "cost_rating": "",
    }  # fmt: skip
    changed = {name: (before, after) for name, before, after in records(run_own(QUALIFY, form))}
    assert changed["Value rating"] == ("High", "Low")
    assert changed["Value rating: recorded in"] == ("Overview", "Qualification")
    assert changed["Project plan"] == ("", "Plan (https://example.com/plan)")
    assert not any("Cost" in name for name in changed)
    assert fields(sandbox)["govern_decision"] == "No go"


def test_the_word_none_clears_what_a_blank_leaves(sandbox, run_own):
    run_own(INITIALIZE, {"value_rating": "High", "risk_rating": "Low"})
    run_own(QUALIFY, {"value_rating": "none", "risk_rating": "", "notes": "x"})
    assert not fields(sandbox).get("govern_value_rating") and fields(sandbox)["govern_risk_rating"] == "Low"


def test_inherited_ratings_can_be_confirmed_without_a_change(run_own):
    run_own(INITIALIZE, {"value_rating": "High"})
    confirmed = records(run_own(QUALIFY, {"confirm": True}))
    assert confirmed[0] == ["Value rating: recorded in", "Overview", "Qualification"]
    assert records(run_own(QUALIFY, {"confirm": True})) == [["Nothing changed", "", ""]]


def test_another_project_can_be_qualified_from_this_one(sandbox, run_own):
    run_own(INITIALIZE, {"scope": "all"})
    run_own(QUALIFY, {"project_key": "Q", "decision": "Go"})
    assert fields(sandbox, "Q")["govern_decision"] == "Go" and not fields(sandbox).get("govern_decision")


def test_an_empty_qualification_form_is_not_a_success(run_own, refused):
    run_own(INITIALIZE, {})
    assert "nothing to record" in refused(QUALIFY, {})


def test_the_workflow_moves_one_step_at_each_press(run_own):
    run_own(INITIALIZE, {})
    assert records(run_own(MOVE, {})) == [
        ["Exploration", "Not started", "On going"],
        ["Result", "", "P is now at Exploration (1 of 5)"],
    ]
    assert records(run_own(MOVE, {"action": "advance", "step": ""})) == [
        ["Exploration", "On going", "Finished"],
        ["Qualification", "Not started", "On going"],
        ["Result", "", "P is now at Qualification (2 of 5)"],
    ]


@pytest.mark.parametrize(
    ("form", "statuses"),
    [
        ({"step": "progress"}, ["SKIPPED", "SKIPPED", "ONGOING"]),
        ({"action": "finish", "step": "exploration"}, ["FINISHED", "NOT_STARTED", "NOT_STARTED"]),
        ({"action": "set", "step": "progress", "reason": "imported"}, ["FINISHED", "FINISHED", "ONGOING"]),
        ({"action": "start", "step": "exploration"}, ["ONGOING", "NOT_STARTED", "NOT_STARTED"]),
    ],
)
def test_every_move_of_the_form_goes_where_it_says(sandbox, run_own, form, statuses):
    run_own(INITIALIZE, {})
    run_own(MOVE, form)
    found = fields(sandbox)
    steps = ("exploration", "qualification", "progress")
    assert [found.get(f"govern_status_{step}") or "NOT_STARTED" for step in steps] == statuses


def test_a_finished_step_is_reopened_with_its_reason_kept(sandbox, run_own):
    run_own(INITIALIZE, {})
    for _ in range(2):
        run_own(MOVE, {})
    run_own(MOVE, {"action": "reopen", "step": "exploration", "reason": "new data came"})
    assert fields(sandbox)["govern_status_exploration"] == "ONGOING"
    assert "new data came" in fields(sandbox)["govern_record"]


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"action": "start"}, "name the step to start"),
        ({"action": "jump"}, "action must be one of"),
        ({"action": None}, "Move (action) is mandatory"),
        ({"action": "start", "step": "rollout"}, "cannot start Validation and Roll-out yet"),
    ],
)
def test_a_move_that_cannot_be_is_refused_and_changes_nothing(sandbox, run_own, refused, form, message):
    run_own(INITIALIZE, {})
    before = sandbox.metadata("P")
    assert message.lower() in refused(MOVE, form).lower()
    assert sandbox.metadata("P") == before


@pytest.mark.parametrize("macro", [QUALIFY, MOVE])
def test_a_project_that_is_not_governed_is_not_changed_by_accident(sandbox, refused, macro):
    before = sandbox.metadata("P")
    assert refused(macro, {"notes": "x"} if macro == QUALIFY else {})
    assert sandbox.metadata("P") == before


@pytest.mark.parametrize(
    ("form", "shown", "hidden"),
    [
        ({}, ["The project"], ["Q</"]),
        ({"tag": ["churn"]}, ["The project"], []),
        ({"tag": ["other"]}, [], ["The project"]),
        ({"step": ["exploration"]}, ["The project"], []),
        ({"step": ["delivery", "not_started"]}, [], ["The project"]),
        ({"decision": ["Go"]}, [], ["The project"]),
        ({"owner": ["admin", ""], "initiative": []}, ["The project"], []),
        ({"owner": ["eve"]}, [], ["The project"]),
        ({"stale": True, "stale_days": 5}, ["The project"], []),
        ({"stale": True}, [], ["The project"]),
        ({"with_problems": True}, [], ["The project"]),
    ],
)
def test_the_report_shows_the_projects_that_its_form_asks_for(run_own, form, shown, hidden):
    start = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
    run_own(INITIALIZE, {}, now=start)
    run_own(MOVE, {}, now=start)
    page = run_own(REPORT, form, now=start.replace(day=11)).payload
    assert all(text in page for text in shown)
    assert not any(text in page for text in hidden)


def test_the_whole_report_is_left_in_a_managed_folder_and_written_anew(sandbox, run_own, refused):
    folder = sandbox.managed_folders.create(sandbox.admin, "P", {"name": "reports"})["id"]
    now, pages = datetime(2026, 3, 1, 12, tzinfo=timezone.utc), []
    for project_key in ("P", "Q", "Q"):
        run_own(INITIALIZE, {}, project_key=project_key, now=now)
        assert folder in run_own(REPORT, {"managed_folder": folder}, now=now).payload
        pages.append(sandbox.managed_folders.get(sandbox.admin, "P", folder, "governed-projects.html").decode())
        assert pages[-1].lower().startswith("<!doctype html>") and pages[-1].rstrip().endswith("</html>")
    assert pages[0] != pages[1] == pages[2], "the second one tells of Q too"
    assert "nowhere" in refused(REPORT, {"managed_folder": "nowhere"})


def test_the_report_is_mailed_to_who_its_form_names(sandbox, run_own, refused):
    sandbox.messaging.create("mail", configuration={"sender": "dss@example.com"})
    run_own(INITIALIZE, {})
    told = run_own(REPORT, {"mail_to": "ada@example.com,bob@example.com", "channel": ""}).payload
    (sent,) = sandbox.messaging.outbox
    assert sent.to == ("ada@example.com", "bob@example.com") and sent.project_key == "P" and not sent.plain_text
    assert "1 governed" in sent.subject and "The project" in sent.body
    assert "Mailed to ada@example.com, bob@example.com" in told
    assert "not a mail address: 'ada'" in refused(REPORT, {"mail_to": "ada"})
    assert "there is no mail channel 'chat': use mail" in refused(
        REPORT, {"mail_to": "ada@example.com", "channel": "chat"}
    )
    assert len(sandbox.messaging.outbox) == 1


def test_a_mail_that_fails_does_not_cost_the_page(sandbox, run_own, refused):
    folder = sandbox.managed_folders.create(sandbox.admin, "P", {"name": "reports"})["id"]
    message = refused(REPORT, {"managed_folder": folder, "mail_to": "ada@example.com"})
    assert f"the report is in the managed folder P.{folder}, but it was not mailed" in message
    assert sandbox.managed_folders.get(sandbox.admin, "P", folder, "governed-projects.html")


def test_the_report_is_scheduled_from_its_form(sandbox, run_own, refused):
    sandbox.messaging.create("mail", configuration={"sender": "dss@example.com"})
    folder = sandbox.managed_folders.create(sandbox.admin, "P", {"name": "reports"})["id"]
    form = {
        "daily_at": "06:30", "weekly_on": ["mon", "thu"], "timezone": "Europe/Paris", "managed_folder": folder,
        "mail_to": "ada@example.com", "channel": None,
    }  # fmt: skip
    found = {part: (outcome, detail) for part, outcome, detail in records(run_own(INSTALL, form))}
    assert found["scenario"][0] == "created" and found["runs as"] == ("", "admin")
    assert found["govern_mirror_schedule"] == ("added", "Monday, Thursday at 06:30, Europe/Paris")
    assert folder in found["govern_mirror_report"][1] and "ada@example.com" in found["govern_mirror_failure"][1]
    assert records(run_own(INSTALL, {"weekly_on": [], "daily_at": ""}))[0][1] == "unchanged"
    run_own(INSTALL, {"weekly_on": ["none"], "timezone": "none"})
    (scenario,) = sandbox.scenarios.listed(sandbox.admin, "P")
    definition = sandbox.scenarios.get(sandbox.admin, "P", scenario["id"])
    assert definition["triggers"][0]["params"]["frequency"] == "Daily"
    assert "'noon' is not a time of day" in refused(INSTALL, {"daily_at": "noon"})
    assert "weekly_on must be" in refused(INSTALL, {"weekly_on": ["someday"]})


def test_nothing_is_scheduled_by_a_dry_run_or_an_empty_form(sandbox, run_own, refused):
    folder = sandbox.managed_folders.create(sandbox.admin, "P", {"name": "reports"})["id"]
    assert records(run_own(INSTALL, {"managed_folder": folder, "dry_run": True}))[0][1] == "would be created"
    assert "nothing to do" in refused(INSTALL, {})
    assert "name the project" in refused(INSTALL, {"managed_folder": folder}, project_key=None)
    assert sandbox.scenarios.listed(sandbox.admin, "P") == []


@pytest.mark.parametrize("form", [{"stale": True, "stale_days": 0}, {"step": ["later"]}, {"tag": "churn"}])
def test_filters_that_the_report_does_not_offer_are_refused(refused, form):
    assert " must be " in refused(REPORT, form)


def test_the_recipe_writes_a_typed_row_a_project(connection, run_own):
    run_own(INITIALIZE, {"value_rating": "High", "risk_rating": "Low", "start_date": "2026-03-01"})
    run_own(MOVE, {})

    def rows(**form):
        result = PluginHost(plugin_root()).run_recipe(
            "governed-projects",
            params=form,
            project_key="P",
            inputs={},
            outputs={"governed_projects": ["P.out"]},
            connection=connection,
        )
        return result.datasets["P.out"]

    written = rows()
    (row,) = written.rows
    types = {column["name"]: column["type"] for column in written.schema}
    assert (row["project_key"], row["current_step"], row["value_score"]) == ("P", "exploration", 80)
    assert (types["value_score"], types["priority"], types["stale"]) == ("bigint", "double", "boolean")
    assert (types["start_date"], row["start_date"]) == ("date", "2026-03-01T00:00:00Z")
    assert [row["project_key"] for row in rows(include_ungoverned=True).rows] == ["P", "Q"]
    assert rows(step=["delivery"]).rows == [] and rows(step=["delivery"]).schema == written.schema


def test_a_sync_without_a_govern_node_says_where_one_is_given(refused):
    """What it does with one: tests/sync/test_macro.py."""
    assert "no Govern node" in refused(SYNC, {})


def test_every_macro_of_the_plugin_has_its_tests_here():
    untested = {macro["id"] for macro in PluginHost(plugin_root()).macros()} - {
        INITIALIZE,
        QUALIFY,
        MOVE,
        REPORT,
        INSTALL,
        SYNC,
        "edit-governed-project",  # test_any_template
        "request-sign-off",  # tests/hub/test_signoff.py
        "review",  # the same
        "set-up-hub",  # tests/hub/test_configuring.py
        "configure-hub",  # the same
        "remind-reviewers",  # tests/hub/test_mail_sent.py
    }
    assert not untested, "write tests of these macros' forms above, and name them here"
