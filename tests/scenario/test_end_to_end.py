"""A month of reporting by itself: installed by the macro, the clock moved, projects moving in between."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

import pytest
from support.pages import unpacked

HUB = "HUB"
INSTALL, INITIALIZE, MOVE = (
    f"pyrunnable_govern-mirror_{name}"
    for name in ("install-reporting-scenario", "initialize-workflow", "advance-workflow")
)
PROJECTS = ("CHURN", "FRAUD", "PRICES")
STEPS = ("exploration", "qualification", "progress", "rollout", "delivery")
DAYS = 30


@pytest.fixture
def press(hub):
    """Press a macro's button in the hub; the rows of its table."""
    return lambda macro, **params: hub.get_macro(macro).get_result(hub.get_macro(macro).run(params), as_type="json")


@pytest.fixture
def installed(sandbox, press, recipe, folder, keys):
    """Three governed projects, the recipe in the hub's flow, and the scenario, by the macro."""
    for key in PROJECTS:
        sandbox.create_project(key)
        press(INITIALIZE, scope="keys", project_keys=[key])
    recipe(governed_projects="governed", history="history")
    return press(
        INSTALL, daily_at="07:00", timezone="Europe/Paris", mail_to="ada@example.com, bob@example.com",
        managed_folder=folder,
    )  # fmt: skip


def rows(hub, name="governed"):
    columns = [column["name"] for column in hub.get_dataset(name).get_schema()["columns"]]
    return [dict(zip(columns, row, strict=True)) for row in hub.get_dataset(name).iter_rows()]


def test_a_month_gives_a_run_a_mail_and_a_fresh_table_and_page_every_day(
    sandbox, hub, installed, press, folder, scenario
):
    assert [row[:2] for row in installed["records"]][:1] == [["scenario", "created"]]
    flow = []
    expected = dict.fromkeys(PROJECTS, -1)
    for day in range(DAYS):
        # by 6 am in Paris the clocks have changed once, on 29 March
        key = PROJECTS[day % len(PROJECTS)]
        moves = expected[key] < len(STEPS) - 1 and day % 2
        if moves:
            press(MOVE, project_key=key)
            expected[key] += 1
        now = sandbox.clock.now()
        assert sandbox.scenarios.fire_due(now, now + timedelta(days=1)) == 1
        found = {row["project_key"]: row["current_step"] or None for row in rows(hub)}
        steps = {key: STEPS[at] if at >= 0 else None for key, at in expected.items()}
        assert {key: found[key] for key in PROJECTS} == steps
        page = sandbox.managed_folders.get(sandbox.admin, HUB, folder, "governed-projects.html").decode()
        mail = sandbox.messaging.outbox[-1]
        assert f"{mail.sent_on:%Y-%m-%d %H:%M}" in page
        assert (f"Since {mail.sent_on - timedelta(days=1):%Y-%m-%d}" in mail.body) is (day > 0)
        assert ("Moved on" in mail.body) is bool(day and moves), "the mail tells what moved since the last one"
        flow.append({step: list(steps.values()).count(step) for step in {*steps.values()}})
        past = unpacked(page)["past"]
        assert past["days"][-1] == f"{mail.sent_on:%Y-%m-%d}" and len(past["days"]) == day + 1
        counted = [{step: counts[at] for step, counts in past["flow"].items() if counts[at]} for at in range(day + 1)]
        assert counted == [{step or "not_started": count for step, count in counts.items()} for counts in flow]
    assert any(at > 1 for at in expected.values()), "the projects did move"

    runs = scenario().get_last_runs(limit=100)
    assert [run.outcome for run in runs] == ["SUCCESS"] * DAYS
    starts = [datetime.fromtimestamp(run.get_info()["start"] / 1000, timezone.utc) for run in runs]
    assert len({start.date() for start in starts}) == DAYS
    assert {(start.month, start.day, start.hour) for start in starts} >= {(3, 28, 6), (3, 29, 5)}

    mails = sandbox.messaging.outbox
    assert len(mails) == DAYS
    assert {mail.to for mail in mails} == {("ada@example.com", "bob@example.com")}
    days = [re.search(r"\d{4}-\d\d-\d\d", mail.subject)[0] for mail in mails]
    assert days == [f"{start:%Y-%m-%d}" for start in reversed(starts)]
    assert all("3 governed" in mail.subject and "CHURN" in mail.body for mail in mails)
    assert len({re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "", mail.body) for mail in mails}) > 10, "they tell what moved"
    history = rows(hub, "history")
    assert len({row["run_id"] for row in history}) == DAYS
    assert len(history) == DAYS * len(PROJECTS)


def test_only_on_mondays_means_a_run_a_week(sandbox, press, installed, scenario):
    press(INSTALL, weekly_on=["mon"])
    now = sandbox.clock.now()
    assert sandbox.scenarios.fire_due(now, now + timedelta(days=28)) == 4
    assert {mail.sent_on.weekday() for mail in sandbox.messaging.outbox} == {0}


def test_a_day_that_fails_is_mailed_with_its_step_and_the_next_day_goes_on(sandbox, hub, installed, folder, press):
    table = hub.get_recipe("governed").get_settings()
    table.get_recipe_raw_definition()["params"]["customConfig"] = {"step": ["no such step"]}
    table.save()
    now = sandbox.clock.now()
    sandbox.scenarios.fire_due(now, now + timedelta(days=1))
    (told,) = sandbox.messaging.outbox
    assert told.subject == "Govern mirror reporting: FAILED" and told.to == ("ada@example.com", "bob@example.com")
    assert "Step that failed: govern_mirror_build" in told.body
    assert "(govern_mirror_build): FAILED" in told.body and "(govern_mirror_report): not run" in told.body
    table.get_recipe_raw_definition()["params"]["customConfig"] = {}
    table.save()
    now = sandbox.clock.now()
    sandbox.scenarios.fire_due(now, now + timedelta(days=1))
    assert sandbox.messaging.outbox[-1].subject.startswith("Governed projects, 2026-03-03")


def test_the_macro_changes_nothing_the_second_time_and_a_dry_run_nothing_at_all(installed, press, scenario, hub):
    before = scenario().get_settings().get_raw()
    assert press(INSTALL)["records"][0][1] == "unchanged"
    assert press(INSTALL, daily_at="09:00", dry_run=True)["records"][0][1] == "would be updated"
    assert scenario().get_settings().get_raw() == before


def test_a_mail_that_cannot_be_sent_fails_the_run_after_the_page_was_published(
    sandbox, hub, installed, folder, scenario
):
    sandbox.messaging.delete("mail")
    now = sandbox.clock.now()
    sandbox.scenarios.fire_due(now, now + timedelta(days=1))
    (run,) = scenario().get_last_runs()
    assert run.outcome == "FAILED" and "no mail channel" in run.get_details().first_error_details["message"]
    assert "but it was not mailed" in run.get_details().first_error_details["message"]
    page = sandbox.managed_folders.get(sandbox.admin, HUB, folder, "governed-projects.html").decode()
    assert "2026-03-02 06:00" in page
    assert len(run.get_info()["reporterErrors"]) == 1, "the failure cannot be mailed either, and the run says so"


def test_what_a_mail_that_failed_would_have_told_is_told_by_the_next_one(sandbox, hub, installed, press):
    def run():
        now = sandbox.clock.now()
        sandbox.scenarios.fire_due(now, now + timedelta(days=1))

    run()
    first = sandbox.messaging.outbox[-1].sent_on
    press(MOVE, project_key="CHURN")
    sandbox.messaging.delete("mail")
    run()
    assert sandbox.messaging.outbox[-1].sent_on == first, "nothing went out"
    sandbox.messaging.create("mail", configuration={"sender": "dss@example.com"})
    run()
    mail = sandbox.messaging.outbox[-1]
    assert f"Since {first:%Y-%m-%d}" in mail.body and "Moved on" in mail.body


def test_the_mail_leads_to_the_page_that_was_published_with_it(sandbox, installed, press, folder):
    assert any("address of this instance" in row[2] for row in installed["records"] if row[0] == "Note")
    sandbox.external_url = "https://dss.example.com"
    assert not any("address of this instance" in row[2] for row in press(INSTALL)["records"])
    now = sandbox.clock.now()
    sandbox.scenarios.fire_due(now, now + timedelta(days=1))
    (mail,) = sandbox.messaging.outbox
    assert f'<a href="https://dss.example.com/projects/{HUB}/managedfolder/{folder}/view"' in mail.body


def test_the_macro_puts_the_report_into_a_wiki_too(hub, installed, press):
    report = hub.get_macro("pyrunnable_govern-mirror_governed-projects-report")
    result = report.get_result(report.run({"wiki_article": f"{HUB}:The board"}), as_type="string")
    assert b"The board" in result
    (article,) = hub.get_wiki().list_articles()
    assert "# Governed projects" in article.get_data().get_body() and "CHURN" in article.get_data().get_body()
