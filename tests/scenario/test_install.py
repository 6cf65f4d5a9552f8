"""`scenario install`: what ends in DSS, who it runs as, and what is refused."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from govern_mirror.scenario.definition import NAME, TAG

HUB = "HUB"
MAIL = "ada@example.com, bob@example.com"


@pytest.fixture
def install(done, folder):
    """Install with a page and a mail; more options may be given."""
    return lambda *options, **who: done("install", HUB, "--managed-folder", folder, "--mail", MAIL, *options, **who)


def steps(scenario) -> list[str]:
    return [step["name"] for step in scenario().get_settings().raw_steps]


# what it does


def test_a_new_scenario_runs_every_day_at_seven_and_is_switched_on(install, scenario, shown):
    assert "created" in install().stdout
    settings = scenario().get_settings()
    assert settings.active and settings.get_raw()["tags"] == [TAG] and settings.get_raw()["name"] == NAME
    assert shown()["schedule"] == {"time": "07:00", "days": [], "timezone": "SERVER"}
    assert shown()["next_run"] == "2026-03-02T07:00:00Z"
    assert steps(scenario) == ["govern_mirror_report"]


def test_time_days_and_zone_are_those_that_were_asked_for(install, shown):
    install("--daily", "6:05", "--weekly", "fri,Monday", "--timezone", "Europe/Paris")
    assert shown()["schedule"] == {"time": "06:05", "days": ["Monday", "Friday"], "timezone": "Europe/Paris"}
    assert shown()["next_run"] == "2026-03-02T05:05:00Z"


def test_a_blank_option_leaves_what_is_there_and_none_clears_it(install, done, shown, folder):
    install("--daily", "06:30", "--weekly", "mon", "--timezone", "Europe/Paris")
    before = shown()
    assert "unchanged" in done("install", HUB).stdout.splitlines()[1]
    assert shown() == before
    done("install", HUB, "--daily", "08:00")
    assert shown()["schedule"] == {"time": "08:00", "days": ["Monday"], "timezone": "Europe/Paris"}
    assert (shown()["mail"], shown()["managed_folder"]) == (MAIL.split(", "), folder)
    done("install", HUB, "--weekly", "none", "--timezone", "none", "--mail", "none")
    assert shown()["schedule"] == {"time": "08:00", "days": [], "timezone": "SERVER"}
    assert (shown()["mail"], shown()["channel"]) == ([], None)


def test_an_install_that_changes_nothing_writes_nothing(install, scenario):
    install()
    before = scenario().get_settings().get_raw()
    install()
    assert scenario().get_settings().get_raw() == before


def test_the_datasets_of_the_recipe_are_built_first(install, recipe, shown, scenario):
    recipe(governed_projects="governed")
    install()
    assert shown()["datasets"] == ["governed"]
    assert steps(scenario) == ["govern_mirror_build", "govern_mirror_report"]


def test_a_recipe_that_comes_or_goes_is_followed_at_the_next_install(install, recipe, hub, done, shown):
    assert "no dataset is built" in install().stderr
    recipe(governed_projects="governed")
    assert "no dataset is built" not in done("install", HUB).stderr
    assert shown()["datasets"] == ["governed"]
    hub.get_recipe("governed").delete()
    done("install", HUB)
    assert shown()["datasets"] == []


def test_a_dry_run_tells_what_would_be_and_writes_nothing(run, hub, folder, done, shown):
    result = run("install", HUB, "--managed-folder", folder, "--dry-run")
    assert result.exit_code == 3 and "would be created" in result.stdout and hub.list_scenarios() == []
    done("install", HUB, "--managed-folder", folder)
    before = shown()
    result = run("install", HUB, "--daily", "09:00", "--dry-run")
    assert result.exit_code == 3 and "would be updated" in result.stdout and shown() == before
    assert run("install", HUB, "--daily", "07:00", "--dry-run").exit_code == 0


def test_a_scenario_that_people_paused_stays_paused_and_that_is_said(install, change, scenario):
    install()
    change(lambda raw: raw.update(active=False))
    assert "switched off" in install("--daily", "09:00").stderr
    assert not scenario().get_settings().active


def test_peoples_own_parts_and_other_scenarios_are_left_alone(install, hub, change, done, shown, scenario):
    install()
    mine = {"id": "mine", "type": "custom_python", "name": "mine", "params": {"script": "pass"}}

    def add(raw):
        raw["params"]["steps"].insert(0, mine)
        raw["triggers"].append({"id": "t", "type": "temporal", "active": False, "params": {"frequency": "Hourly"}})
        raw["name"] = "Our report"

    change(add)
    other = hub.create_scenario("Other", "step_based")
    untouched = other.get_settings().get_raw()
    done("install", HUB, "--daily", "09:00", "--mail", "none")
    raw = next(s for s in hub.list_scenarios(as_type="objects") if s.id != other.id).get_settings().get_raw()
    assert (
        raw["params"]["steps"][0].items() >= mine.items() and raw["name"] == "Our report" and len(raw["triggers"]) == 2
    )
    assert other.get_settings().get_raw() == untouched and shown()["own_parts"] == 2


# the mail channel


def test_a_mail_channel_must_be_named_only_among_several(install, sandbox, run, shown, folder):
    install()
    assert shown()["channel"] == "mail"
    sandbox.messaging.create("second", configuration={"sender": "x@example.com"})
    done = run("install", HUB, "--daily", "09:00")
    assert done.exit_code == 0, "what is not given is not asked again"
    result = run("install", HUB, "--mail", "eve@example.com", "--channel", "none")
    assert result.exit_code == 2 and "use one of mail, second" in result.stderr
    assert run("install", HUB, "--channel", "second").exit_code == 0
    assert shown()["channel"] == "second" and shown()["mail"] == MAIL.split(", ")


def test_without_any_mail_channel_it_is_said_who_makes_one(sandbox, run, folder):
    sandbox.messaging.delete("mail")
    result = run("install", HUB, "--managed-folder", folder, "--mail", MAIL)
    assert result.exit_code == 2 and "administrator adds one" in result.stderr


def test_a_channel_without_a_sender_is_a_warning(sandbox, install):
    sandbox.messaging.create("bare", configuration={})
    assert "bare names no sender" in install("--channel", "bare").stderr


# what is refused


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--daily", "25:00"], "is not a time of day"),
        (["--daily", "7"], "is not a time of day"),
        (["--daily", "none"], "needs its time of day"),
        (["--weekly", "mo,xx"], "'xx' is not a day of the week"),
        (["--weekly", "t"], "is not a day of the week"),
        (["--timezone", "Mars/Olympus"], "is not a time zone"),
        (["--timezone", "../etc/passwd"], "is not a time zone"),
        (["--mail", "ada@example.com,nobody"], "not a mail address: 'nobody'"),
        (["--channel", "mail"], "name also who gets the mail"),
        (["--mail", MAIL, "--channel", "chat"], "there is no mail channel 'chat': use mail"),
        (["--managed-folder", "a/b"], "is not a managed folder"),
        ([], "nothing to do"),
    ],
)
def test_an_option_that_cannot_be_meant_installs_nothing_and_says_why(run, hub, options, message):
    result = run("install", HUB, *options)
    assert result.exit_code == 2 and message in " ".join(result.stderr.split()), result.output
    assert hub.list_scenarios() == []


def test_every_fault_is_named_at_once(run):
    result = run("install", HUB, "--daily", "x", "--timezone", "y/z")
    assert "daily:" in result.stderr and "timezone:" in result.stderr


def test_a_folder_that_is_not_there_is_refused_before_anything_is_written(run, hub):
    result = run("install", HUB, "--managed-folder", "nowhere")
    assert result.exit_code == 1 and "managed folder nowhere" in result.stderr
    assert hub.list_scenarios() == []


def test_a_scenario_of_the_same_name_made_by_hand_is_not_overwritten(run, hub, folder, shown):
    made = hub.create_scenario(NAME.upper(), "step_based")
    before = made.get_settings().get_raw()
    result = run("install", HUB, "--managed-folder", folder)
    assert result.exit_code == 1 and made.id in result.stderr and "Rename it in DSS" in result.stderr
    assert made.get_settings().get_raw() == before and len(hub.list_scenarios()) == 1
    assert shown()["installed"] is False
    assert "not installed" in run("remove", HUB).stdout


def test_a_scenario_that_people_hand_over_by_its_tag_is_built_on(done, hub, folder, scenario):
    made = hub.create_scenario(NAME, "step_based", {"params": {"steps": [{"id": "mine", "type": "x"}]}, "tags": [TAG]})
    done("install", HUB, "--managed-folder", folder)
    assert scenario().id == made.id
    assert [step["id"] for step in scenario().get_settings().raw_steps] == ["mine", "govern_mirror_report"]


def test_after_a_duplication_nobody_guesses_which_one_is_meant(install, hub, scenario, run):
    install()
    copy = scenario().get_settings().get_raw()
    hub.create_scenario("Copy", "step_based", {**copy, "id": "COPY"})
    for command in ("install", "show", "remove"):
        result = run(command, HUB)
        assert result.exit_code == 1 and "COPY" in result.stderr and TAG in result.stderr


def test_a_scenario_made_of_code_is_not_turned_into_one_of_steps(run, hub, folder):
    hub.create_scenario("Code", "custom_python", {"tags": [TAG], "params": {}})
    result = run("install", HUB, "--managed-folder", folder)
    assert result.exit_code == 1 and "made of code" in result.stderr


def test_who_may_not_write_the_hub_is_told_so(run, folder, hub):
    result = run("install", HUB, "--managed-folder", folder, who="reader")
    assert result.exit_code == 1 and "does not allow" in result.stderr and hub.list_scenarios() == []
    result = run("show", "NOSUCH")
    assert result.exit_code == 1 and "NOSUCH does not exist" in result.stderr


# who it runs as, and what they see


def test_it_says_which_user_it_runs_as(install, shown):
    result = install(who="writer")
    assert shown()["run_as"] == "writer"
    assert ["runs", "as", "–", "writer"] in [line.split() for line in result.stdout.splitlines()]


def test_only_an_administrator_can_know_of_other_projects(install):
    assert "projects that you see; whether there are others cannot be known" in install(who="writer").stderr


def test_projects_that_the_run_as_user_does_not_see_are_named(install, change, sandbox, keys):
    for number in range(7):
        sandbox.create_project(f"P{number}")
    assert "Warning: admin" not in install().stderr
    change(lambda raw: raw.update(runAsUser="writer"))
    said = " ".join(install("--daily", "09:00").stderr.split())
    assert "writer does not see 7 of the instance's projects" in said
    assert "P0, P1, P2, P3, P4 and 2 more" in said


def test_a_run_as_user_who_is_gone_is_not_taken_for_one_who_sees_all(install, change):
    install()
    change(lambda raw: raw.update(runAsUser="gone"))
    assert "which projects gone sees cannot be known" in install("--daily", "09:00").stderr


def test_an_update_by_somebody_else_says_that_it_now_runs_as_them(install):
    install()
    said = install("--daily", "09:00", who="boss").stderr
    assert "ran as admin, from now on as boss" in said
    assert "ran as" not in install(who="boss").stderr


def test_a_key_of_no_user_is_warned_that_scenarios_run_as_users(install, sandbox):
    result = install(key=sandbox.accounts.create_global_key(admin=True))
    assert "which is no user" in result.stderr


# Govern


def test_the_sync_is_left_out_where_the_plugin_has_no_such_macro(plugin_without_sync, install, sandbox, scenario):
    sandbox.govern_node_ref = {"enabled": True, "nodeUrl": "https://govern.example.com", "apiKey": "k"}
    assert "has no macro sync-with-govern" in install().stderr
    assert "govern_mirror_sync" not in steps(scenario)


def test_the_sync_comes_first_where_a_govern_node_is_integrated(
    plugin_with_failing_sync, install, sandbox, scenario, run
):
    install()
    assert "govern_mirror_sync" not in steps(scenario), "there is no Govern node"
    sandbox.govern_node_ref = {"enabled": True, "nodeUrl": "https://govern.example.com", "apiKey": "k"}
    install()
    assert steps(scenario) == ["govern_mirror_sync", "govern_mirror_report"]
    result = run("install", HUB, "--daily", "09:00", who="writer")
    assert result.exit_code == 0 and "which only administrators may" in result.stderr
    assert "govern_mirror_sync" in steps(scenario), "what only an administrator can tell stays as it is"


def test_a_govern_node_that_is_away_costs_a_warning_and_not_the_report(
    plugin_with_failing_sync, install, sandbox, scenario, shown
):
    sandbox.govern_node_ref = {"enabled": True, "nodeUrl": "https://govern.example.com", "apiKey": "k"}
    install()
    assert scenario().run_and_wait(no_fail=True).outcome == "WARNING"
    report, told = sandbox.messaging.outbox
    assert "<html" in report.body and "Govern is away" in told.body and "govern_mirror_sync" in told.body
    assert shown()["last_run"]["failed_step"] == "govern_mirror_sync"


# show and remove


def test_show_tells_the_last_outcome_and_the_step_that_failed(install, shown, scenario, sandbox, folder, done):
    install()
    assert shown()["last_run"] is None
    scenario().run_and_wait(no_fail=True)
    assert shown()["last_run"]["outcome"] == "SUCCESS" and shown()["last_run"]["failed_step"] is None
    sandbox.managed_folders.delete(sandbox.admin, HUB, folder)
    scenario().run_and_wait(no_fail=True)
    run = shown()["last_run"]
    assert (run["outcome"], run["failed_step"]) == ("FAILED", "govern_mirror_report")
    assert folder in run["message"] and run["ended_on"] == "2026-03-01T12:00:00Z"
    table = done("show", HUB).stdout
    assert "FAILED" in table and "govern_mirror_report" in table and "2026-03-02T07:00:00Z" in table


def test_show_in_a_project_without_the_scenario_is_no_error(done, shown):
    assert shown() == {**shown(), "installed": False, "scenario_id": None, "next_run": None, "last_run": None}
    assert "no" in done("show", HUB).stdout


def test_show_does_not_make_up_a_schedule_that_people_removed(install, change, shown):
    install()
    change(lambda raw: raw.update(triggers=[]))
    assert shown()["schedule"] is None and shown()["next_run"] is None


def test_remove_takes_the_scenario_away_and_can_be_tried_first(install, run, hub):
    install()
    result = run("remove", HUB, "--dry-run")
    assert result.exit_code == 3 and "would be deleted" in result.stdout and len(hub.list_scenarios()) == 1
    assert run("remove", HUB).exit_code == 0 and hub.list_scenarios() == []
    again = run("remove", HUB)
    assert again.exit_code == 0 and "not installed" in again.stdout


def test_remove_keeps_a_scenario_that_holds_peoples_own_steps(install, change, scenario, done):
    install()
    mine = {"id": "mine", "type": "custom_python", "name": "mine", "params": {}}
    change(lambda raw: raw["params"]["steps"].append(mine))
    assert "1 of your own" in done("remove", HUB).stdout
    raw = scenario().get_settings().get_raw()
    (step,) = raw["params"]["steps"]
    assert step.items() >= mine.items() and raw["triggers"] == [] and raw["reporters"] == [] and raw["tags"] == []


def test_what_dss_does_not_keep_is_an_error_and_not_a_success(sandbox, run, folder, monkeypatch):
    save = sandbox.scenarios.save

    def forgetful(caller, project_key, identifier, definition):
        save(caller, project_key, identifier, {**definition, "reporters": []})

    monkeypatch.setattr(sandbox.scenarios, "save", forgetful)
    result = run("install", HUB, "--managed-folder", folder, "--mail", MAIL)
    assert result.exit_code == 1 and "govern_mirror_failure" in result.stderr


def test_a_change_that_people_make_while_installing_is_kept(sandbox, install, done, scenario, monkeypatch, change):
    install()
    listed, changed = sandbox.recipes.listed, []

    def meanwhile(caller, project_key):
        if not changed:
            changed.append(True)
            change(lambda raw: raw["params"]["steps"].append({"id": "mine", "name": "mine", "type": "x"}))
        return listed(caller, project_key)

    monkeypatch.setattr(sandbox.recipes, "listed", meanwhile)
    done("install", HUB, "--daily", "09:00")
    assert steps(scenario) == ["govern_mirror_report", "mine"]


def test_the_json_says_its_format_version(install, done):
    install()
    assert json.loads(done("show", HUB, "--format", "json").stdout)["format_version"] == 1


# what DSS adds to our parts


def test_stamps_of_dss_leave_untouched_parts_unchanged(install, done, sandbox, recipe):
    recipe(governed_projects="governed")
    install()
    sandbox.clock.move(timedelta(days=1))
    outcomes = dict(line.split()[:2] for line in done("install", HUB, "--daily", "09:00").stdout.splitlines()[1:-1])
    assert outcomes.pop("govern_mirror_schedule") == "changed" and outcomes.pop("scenario") == "updated"
    assert set(outcomes.values()) == {"unchanged"} and len(outcomes) == 3


def test_what_dss_adds_to_a_build_is_no_change_of_ours(install, done, scenario, recipe, change):
    recipe(governed_projects="governed")
    install()
    change(lambda raw: raw["params"]["steps"][0]["params"]["builds"][0].update(later={"added": True}))
    before = scenario().get_settings().get_raw()
    assert "unchanged" in done("install", HUB).stdout.splitlines()[1]
    assert scenario().get_settings().get_raw() == before
    done("install", HUB, "--daily", "09:00")
    builds = scenario().get_settings().raw_steps[0]["params"]["builds"]
    assert builds == before["params"]["steps"][0]["params"]["builds"]


@pytest.mark.parametrize("settings", [{}, {"page_address": "https://dss.example.com/webapps/HUB/w1"}], ids=str)
def test_a_mail_without_links_is_told_beforehand(install, sandbox, settings):
    sandbox.plugins.configure(**settings)
    ended = install()
    assert ("may hold no links" in ended.stdout + ended.stderr) == (not settings)
