"""Scenarios through the API: written, run, reported on, fired by time; their steps really work."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from dataikuapi.utils import DataikuException

UTC = timezone.utc
INITIALIZE, MOVE = "initialize-workflow", "advance-workflow"
ON_FAILURE = {
    "id": "mail", "name": "Tell us", "active": True, "phase": "END",
    "runConditionEnabled": True, "runCondition": "outcome != 'SUCCESS'",
    "messaging": {
        "type": "mail-scenario",
        "configuration": {
            "channelId": "mail", "sender": "dss@example.com", "recipient": "ada@example.com, bob@example.com",
            "subject": "${scenarioName}: ${outcome}", "message": "${firstFailedStepName}: ${errorMessage}",
            "sendAsHTML": True,
        },
    },
}  # fmt: skip


@pytest.fixture
def governed(sandbox):
    return lambda key="P": "govern_record" in sandbox.metadata(key)["customFields"]


def outcome_of(scenario) -> str:
    return scenario.run_and_wait(no_fail=True).outcome


def steps_of(scenario) -> list[tuple[str, str]]:
    """The steps of the last run, each with its outcome."""
    details = scenario.get_last_runs(1)[0].get_details()
    return [(step["step"]["name"], step["result"]["outcome"]) for step in details["stepRuns"]]


# definitions


def test_a_scenario_is_read_back_as_it_was_written(project, scenario, runnable):
    made = scenario(runnable(INITIALIZE), name="Daily report")
    settings = made.get_settings()
    settings.raw_steps.append(runnable("whoami"))
    settings.raw_reporters.append(ON_FAILURE)
    settings.add_daily_trigger(hour=7, minute=30)
    settings.get_raw()["active"] = True
    settings.save()
    read = project.get_scenario(made.id).get_settings()
    assert [step["name"] for step in read.raw_steps] == [INITIALIZE, "whoami"]
    assert [reporter | ON_FAILURE for reporter in read.raw_reporters] == [
        {**ON_FAILURE, "lastModifiedOn": read.raw_reporters[0]["lastModifiedOn"]}
    ]
    assert read.raw_triggers[0]["params"]["hour"] == 7
    (listed,) = project.list_scenarios()
    assert (listed["id"], listed["name"], listed["active"]) == (made.id, "Daily report", True)


def test_two_scenarios_of_one_name_are_one_too_many(project, scenario):
    scenario()
    with pytest.raises(DataikuException, match="already exists"):
        scenario()
    assert len(project.list_scenarios()) == 1


def test_a_deleted_scenario_is_gone_with_its_runs(project, scenario, runnable):
    made = scenario(runnable("whoami"))
    outcome_of(made)
    made.delete()
    assert project.list_scenarios() == []
    with pytest.raises(DataikuException, match="not found"):
        made.get_settings()
    assert scenario(name="Reporting").get_last_runs() == []


@pytest.mark.parametrize(("name", "kind"), [("", "step_based"), ("X", "other")])
def test_a_scenario_without_a_name_or_with_an_unknown_type_is_refused(project, name, kind):
    with pytest.raises(DataikuException, match="scenario"):
        project.create_scenario(name, kind)


def test_a_reader_neither_writes_nor_runs(scenario, runnable, people, governed):
    made = scenario(runnable(INITIALIZE))
    reader = people.reader.get_project("P")
    theirs = reader.get_scenario(made.id)
    settings = theirs.get_settings()
    for call in (
        theirs.run,
        settings.save,
        theirs.delete,
        theirs.abort,
        lambda: reader.create_scenario("S", "step_based"),
    ):
        with pytest.raises(DataikuException, match="You may not write the content of project P"):
            call()
    assert not governed()


# runs


def test_a_macro_step_governs_the_project(scenario, runnable, sandbox, governed):
    made = scenario(runnable(INITIALIZE, {"sponsor": "Ada"}), runnable(MOVE))
    run = made.run_and_wait()
    assert run.outcome == "SUCCESS" and governed()
    assert sandbox.metadata("P")["customFields"]["govern_status_exploration"] == "ONGOING"
    assert steps_of(made) == [(INITIALIZE, "SUCCESS"), (MOVE, "SUCCESS")]


def test_nothing_happens_after_a_step_that_failed(scenario, runnable, governed):
    made = scenario(runnable("fail"), runnable(INITIALIZE))
    with pytest.raises(DataikuException, match="FAILED"):
        made.run_and_wait()
    assert steps_of(made) == [("fail", "FAILED")]
    assert not governed()
    details = made.get_last_runs(1)[0].get_details()
    assert details.first_error_details["message"] == "it failed, as it should"
    assert details.first_error_details["clazz"] == "builtins.ValueError"


def test_a_step_that_runs_always_runs_after_a_failure_which_stays_one(scenario, runnable, governed):
    made = scenario(runnable("fail"), runnable(MOVE), runnable(INITIALIZE, runConditionType="RUN_ALWAYS"))
    assert outcome_of(made) == "FAILED"
    assert steps_of(made) == [("fail", "FAILED"), (INITIALIZE, "SUCCESS")] and governed()


def test_a_failure_that_may_proceed_is_a_warning(scenario, runnable, governed):
    made = scenario(runnable("fail", proceed=True), runnable(INITIALIZE))
    assert outcome_of(made) == "WARNING"
    assert steps_of(made) == [("fail", "FAILED"), (INITIALIZE, "SUCCESS")] and governed()


def test_a_step_that_wants_only_success_does_not_run_after_a_warning(scenario, runnable, governed):
    only = {"runConditionStatuses": ["SUCCESS"]}
    assert outcome_of(scenario(runnable("fail", proceed=True), runnable(INITIALIZE, **only))) == "WARNING"
    assert not governed()


@pytest.mark.parametrize(
    ("condition", "runs"), [("stepOutcome_fail == 'FAILED'", True), ("outcome == 'SUCCESS'", False)]
)
def test_a_step_with_a_condition_runs_when_it_holds(scenario, runnable, governed, condition, runs):
    when = {"runConditionType": "RUN_CONDITIONALLY", "runConditionExpression": condition}
    outcome_of(scenario(runnable("fail"), runnable(INITIALIZE, **when)))
    assert governed() is runs


def test_a_disabled_step_does_not_run(scenario, runnable, governed):
    assert outcome_of(scenario(runnable(INITIALIZE, enabled=False))) == "SUCCESS"
    assert not governed()


def test_a_step_that_cannot_be_run_fails_and_is_not_passed_over(scenario, runnable):
    assert outcome_of(scenario(runnable("no-such-macro"))) == "FAILED"
    unknown = scenario({"type": "exec_sql", "name": "sql", "params": {}}, name="Unknown")
    assert outcome_of(unknown) == "FAILED"
    error = unknown.get_last_runs(1)[0].get_details().first_error_details
    assert "exec_sql" in error["message"]


def test_a_build_step_builds_the_dataset(project, scenario, runnable):
    project.client._perform_json("POST", "/projects/P/datasets/managed", body={"name": "governed"})
    outputs = {"governed_projects": {"items": [{"ref": "governed"}]}}
    project.create_recipe({"type": "CustomCode_governed-projects", "name": "r", "inputs": {}, "outputs": outputs}, {})
    build = {
        "type": "build_flowitem", "name": "build",
        "params": {"builds": [{"type": "DATASET", "itemId": "governed"}], "jobType": "NON_RECURSIVE_FORCED_BUILD"},
    }  # fmt: skip
    made = scenario(runnable(INITIALIZE), build)
    assert outcome_of(made) == "SUCCESS"
    assert [row[0] for row in project.get_dataset("governed").iter_rows()] == ["P"]
    (job,) = made.get_last_runs(1)[0].get_details().steps[1].job_ids
    assert project.get_job(job).get_status()["baseStatus"]["state"] == "DONE"


def test_a_build_step_that_cannot_build_fails_with_the_jobs_reason(scenario):
    build = {"type": "build_flowitem", "name": "build", "params": {"builds": [{"type": "DATASET", "itemId": "none"}]}}
    made = scenario(build)
    assert outcome_of(made) == "FAILED"
    assert "builds none" in made.get_last_runs(1)[0].get_details().first_error_details["message"]


# who it runs as


def record(sandbox) -> str:
    return sandbox.metadata("P")["customFields"]["govern_record"]


def test_a_scenario_runs_as_who_last_changed_it(scenario, runnable, people, sandbox):
    made = scenario(runnable(INITIALIZE))
    people.writer.get_project("P").get_scenario(made.id).get_settings().save()
    made.run_and_wait()  # an administrator presses the button
    assert '"writer"' in record(sandbox) and '"admin"' not in record(sandbox)


def test_a_scenario_runs_with_the_rights_of_its_run_as_user(scenario, runnable, people, governed):
    made = scenario(runnable(INITIALIZE))
    settings = made.get_settings()
    settings.run_as = "reader"
    settings.save()
    assert outcome_of(made) == "FAILED" and not governed()
    settings = made.get_settings()
    assert settings.effective_run_as == "reader"
    settings.run_as = "writer"
    settings.save()
    assert outcome_of(made) == "SUCCESS" and governed()


def test_only_an_administrator_lets_a_scenario_run_as_somebody_else(scenario, runnable, people):
    made = scenario(runnable("whoami"), through=people.writer.get_project("P"))
    settings = made.get_settings()
    settings.run_as = "admin"
    with pytest.raises(DataikuException, match="Only administrators"):
        settings.save()
    assert made.get_settings().run_as is None


def test_a_new_scenario_cannot_claim_an_administrators_rights_either(project, scenario, runnable, people):
    with pytest.raises(DataikuException, match="Only administrators"):
        scenario(runnable("whoami"), through=people.writer.get_project("P"), runAsUser="admin")
    assert project.list_scenarios() == []


def test_a_run_as_user_who_is_gone_fails_the_run(scenario, runnable, governed):
    made = scenario(runnable(INITIALIZE), runAsUser="nobody")
    assert outcome_of(made) == "FAILED" and not governed()


# reports


@pytest.fixture
def mail(sandbox):
    sandbox.messaging.create("mail", "smtp", configuration={})
    return sandbox.messaging.outbox


def test_a_failure_is_mailed_with_what_failed(scenario, runnable, mail):
    outcome_of(scenario(runnable("whoami"), runnable("fail"), reporters=[ON_FAILURE], name="Nightly"))
    (sent,) = mail
    assert (sent.subject, sent.body) == ("Nightly: FAILED", "fail: it failed, as it should")
    assert (sent.sender, sent.to) == ("dss@example.com", ("ada@example.com", "bob@example.com"))
    assert sent.plain_text is False and sent.project_key == "P"


def test_a_success_is_not_mailed_to_who_asked_for_failures(scenario, runnable, mail):
    assert outcome_of(scenario(runnable("whoami"), reporters=[ON_FAILURE])) == "SUCCESS"
    assert mail == []


@pytest.mark.parametrize(
    ("change", "mails"),
    [
        ({"runConditionEnabled": False}, 1),
        ({"active": False, "runConditionEnabled": False}, 0),
        ({"phase": "START"}, 0),
    ],
)
def test_a_reporter_reports_as_it_is_set(scenario, runnable, mail, change, mails):
    outcome_of(scenario(runnable("whoami"), reporters=[{**ON_FAILURE, **change}]))
    assert len(mail) == mails


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"runCondition": "outcom == 'FAILED'"}, "Unknown variable 'outcom'"),
        ({"messaging": {"type": "slack-scenario"}}, "slack-scenario"),
        ({"messaging": {"type": "mail-scenario", "configuration": {"channelId": "gone"}}}, "gone not found"),
    ],
)
def test_a_mail_that_cannot_be_sent_does_not_change_the_outcome(scenario, runnable, mail, change, error):
    made = scenario(runnable("whoami"), reporters=[{**ON_FAILURE, "runConditionEnabled": True, **change}])
    if "messaging" in change:
        settings = made.get_settings()
        settings.raw_reporters[0]["runConditionEnabled"] = False
        settings.save()
    assert outcome_of(made) == "SUCCESS" and mail == []
    (told,) = made.get_last_runs(1)[0].get_info()["reporterErrors"]
    assert told.startswith("Tell us: ") and error in told


# time


@pytest.fixture
def daily(scenario, runnable):
    def daily(name="Daily", **settings):
        made = scenario(runnable("whoami"), name=name)
        found = made.get_settings()
        found.add_daily_trigger(hour=7, minute=30, year=2026, month=3, day=1)
        found.get_raw().update({"active": True, **settings})
        found.save()
        return made

    return daily


def test_a_daily_scenario_runs_once_a_day_at_its_hour(sandbox, daily):
    made = daily()
    since, until = datetime(2026, 3, 1, 12, tzinfo=UTC), datetime(2026, 3, 4, 12, tzinfo=UTC)
    assert sandbox.scenarios.fire_due(since, until) == 3
    assert sandbox.clock.now() == until
    runs = made.get_last_runs()
    starts = [datetime.fromtimestamp(run.get_info()["start"] / 1000, UTC).strftime("%d %H:%M") for run in runs]
    assert starts == ["04 07:30", "03 07:30", "02 07:30"]
    assert {run.outcome for run in runs} == {"SUCCESS"} and {run.trigger["name"] for run in runs} != {"Manual run"}


@pytest.mark.parametrize("settings", [{"active": False}, {"triggers": []}])
def test_a_scenario_that_is_switched_off_does_not_run_by_itself(sandbox, daily, settings):
    made = daily(**settings)
    days = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC)
    assert sandbox.scenarios.fire_due(*days) == 0
    assert made.get_last_runs() == []


def test_a_scenario_that_another_one_removed_is_no_longer_fired(sandbox, scenario, daily, monkeypatch):
    daily()
    later = daily(name="Later")
    perform = sandbox.scenarios._runner.perform

    def removing(*arguments):
        yield from perform(*arguments)
        sandbox.scenarios.delete(sandbox.admin, "P", later.id)

    monkeypatch.setattr(sandbox.scenarios._runner, "perform", removing)
    days = datetime(2026, 3, 1, 12, tzinfo=UTC), datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert sandbox.scenarios.fire_due(*days) == 1


def test_the_status_tells_when_it_runs_next(sandbox, daily):
    sandbox.clock.set(datetime(2026, 3, 5, 9, tzinfo=UTC))
    made = daily()
    assert made.get_status().next_run.astimezone(UTC) == datetime(2026, 3, 6, 7, 30, tzinfo=UTC)
    settings = made.get_settings()
    settings.get_raw()["active"] = False
    settings.save()
    assert made.get_status().next_run is None


def test_what_a_timed_run_writes_carries_the_time_of_its_firing(sandbox, scenario, runnable):
    made = scenario(runnable(INITIALIZE), runnable(MOVE))
    settings = made.get_settings()
    settings.add_daily_trigger(hour=7, minute=30, year=2026, month=3, day=1)
    settings.get_raw()["active"] = True
    settings.save()
    sandbox.scenarios.fire_due(datetime(2026, 3, 1, 12, tzinfo=UTC), datetime(2026, 3, 2, 12, tzinfo=UTC))
    assert "2026-03-02T07:30:00Z" in record(sandbox)


# runs that go on


def test_a_scenario_that_runs_already_is_not_started_twice(scenario, runnable, until, eventually):
    made = scenario(runnable("wait", {"until": str(until)}))
    first = made.run()
    assert made.get_status().running
    with pytest.raises(DataikuException, match="cancelled"):
        made.run().wait_for_scenario_run()
    until.touch()
    assert first.wait_for_scenario_run() is not None
    eventually(lambda: not made.get_status().running)
    assert [run.outcome for run in made.get_last_runs()] == ["SUCCESS"]


def test_a_timed_firing_of_a_running_scenario_is_cancelled(sandbox, scenario, runnable, until, eventually):
    made = scenario(runnable("wait", {"until": str(until)}))
    settings = made.get_settings()
    settings.add_daily_trigger(hour=7, minute=30, year=2026, month=3, day=1)
    settings.get_raw()["active"] = True
    settings.save()
    made.run()
    days = datetime(2026, 3, 1, 12, tzinfo=UTC), datetime(2026, 3, 3, 12, tzinfo=UTC)
    assert sandbox.scenarios.fire_due(*days) == 0
    until.touch()
    eventually(lambda: not made.get_status().running)
    assert len(made.get_last_runs()) == 1


def test_an_aborted_run_stops_its_macro_and_runs_no_further_step(scenario, runnable, until, governed, eventually):
    made = scenario(runnable("wait", {"until": str(until)}), runnable(INITIALIZE))
    fired = made.run()
    eventually(fired.get_scenario_run)
    made.abort()
    eventually(lambda: not made.get_status().running)
    assert made.get_last_runs(1)[0].outcome == "ABORTED" and not governed()


def test_a_run_can_still_be_aborted_after_a_second_start_was_cancelled(scenario, runnable, until, eventually):
    made = scenario(runnable("wait", {"until": str(until)}))
    made.run()
    assert made.run().is_cancelled()
    made.abort()
    eventually(lambda: not made.get_status().running)
    assert [run.outcome for run in made.get_last_runs()] == ["ABORTED"]


def test_a_run_in_progress_is_seen_as_such(scenario, runnable, until, eventually):
    made = scenario(runnable("wait", {"until": str(until)}))
    made.run()
    current = eventually(made.get_current_run)
    assert current.running
    until.touch()
    current.wait_for_completion()
    assert current.outcome == "SUCCESS" and made.get_current_run() is None
