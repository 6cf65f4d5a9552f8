"""The scheduled report takes its history from the flow; one that cannot be used is an error and nothing goes out."""

from __future__ import annotations

import base64
import gzip
import json
import re
from datetime import timedelta

import dataikuapi
import pytest
from dataikuapi.dss.job import DSSJobWaiter
from dataikuapi.utils import DataikuException

HUB = "HUB"
MAIL = "ada@example.com"
PAGE = "governed-projects.html"
REPORT, INITIALIZE, QUALIFY = (
    f"pyrunnable_govern-mirror_{name}"
    for name in ("governed-projects-report", "initialize-workflow", "record-qualification")
)


@pytest.fixture
def install(done, folder):
    return lambda *options: done("install", HUB, "--managed-folder", folder, "--mail", MAIL, *options)


@pytest.fixture
def config(scenario):
    """The form of the report's step."""

    def config():
        (step,) = [step for step in scenario().get_settings().raw_steps if step["name"] == "govern_mirror_report"]
        return step["params"]["config"]

    return config


@pytest.fixture
def named_by_hand(change):
    """Let people name a history in the report's step."""

    def name(history):
        def edit(raw):
            (step,) = [step for step in raw["params"]["steps"] if step["name"] == "govern_mirror_report"]
            step["params"]["config"]["history"] = history

        change(edit)

    return name


@pytest.fixture
def press(hub, keys):
    """Press a macro's button in the hub, as somebody; its result."""

    def press(macro, who="admin", **params):
        client = dataikuapi.DSSClient(hub.client.host, api_key=keys[who])
        button = client.get_project(HUB).get_macro(macro)
        return button.get_result(button.run(params), as_type="string").decode()

    return press


@pytest.fixture
def report(press, folder):
    """Press the report's button with a page and a mail."""

    def report(who="admin", **params):
        return press(REPORT, who, managed_folder=folder, mail_to=MAIL, **params)

    return report


@pytest.fixture
def refused(report):
    """Press it in vain; what it says."""

    def refused(who="admin", **params):
        with pytest.raises(DataikuException) as raised:
            report(who, **params)
        return str(raised.value)

    return refused


@pytest.fixture
def published(sandbox, folder):
    """Whether a page or a mail went out."""

    def published():
        files = sandbox.managed_folders.contents(sandbox.admin, HUB, folder)["items"]
        return bool(files or sandbox.messaging.outbox)

    return published


@pytest.fixture
def build(hub):
    def build(name="history"):
        assert DSSJobWaiter(hub.new_job().with_output(name).start()).wait() == "DONE"

    return build


@pytest.fixture
def history(sandbox, hub, press, recipe, build):
    """The flow with its history, built on a day on which one project was governed; now it is a day later."""
    recipe(governed_projects="governed", history="history")
    press(INITIALIZE)
    build()
    sandbox.clock.move(timedelta(days=1))


# install ----------------------------------------------------------------------------------------------------


def test_the_history_of_the_flow_goes_into_the_reports_step(install, recipe, shown, config):
    recipe(governed_projects="governed", history="kept")
    said = install()
    assert config()["history"] == "kept" and shown()["history"] == "kept"
    assert "with trends from kept" in " ".join(said.stdout.split()) and "no trends" not in said.stderr


def test_a_recipe_without_the_output_history_is_warned_of(install, recipe, shown, config):
    recipe(governed_projects="governed")
    said = " ".join(install().stderr.split())
    assert "the report tells no trends" in said and "output History" in said
    assert shown()["history"] is None and "history" not in config()


def test_without_any_recipe_only_the_missing_recipe_is_warned_of(install, shown):
    said = install().stderr
    assert "no dataset is built" in said and "trends" not in said
    assert shown()["history"] is None


def test_where_nothing_is_installed_there_is_no_history(shown):
    assert shown()["history"] is None


def test_a_history_that_left_the_flow_leaves_the_report(install, recipe, hub, shown, config):
    recipe(governed_projects="governed", history="history")
    install()
    hub.get_recipe("governed").delete()
    install()
    assert shown()["history"] is None and "history" not in config()


def test_a_history_that_came_into_the_flow_comes_into_the_report(install, recipe, done, shown, folder):
    install()
    recipe(governed_projects="governed", history="history")
    said = done("install", HUB)
    assert shown()["history"] == "history" and "updated" in said.stdout
    assert (shown()["managed_folder"], shown()["mail"]) == (folder, [MAIL]), "the rest stays"
    assert "unchanged" in done("install", HUB).stdout.splitlines()[1]


def test_a_dry_run_tells_of_the_history_and_writes_nothing(install, recipe, run, shown):
    install()
    recipe(governed_projects="governed", history="history")
    tried = run("install", HUB, "--dry-run")
    assert tried.exit_code == 3 and "with trends from history" in " ".join(tried.stdout.split())
    assert shown()["history"] is None


def test_a_history_of_another_project_that_people_named_is_kept(install, named_by_hand, recipe, done, shown):
    install()
    named_by_hand("OTHER.history")
    assert "unchanged" in done("install", HUB).stdout.splitlines()[1]
    assert shown()["history"] == "OTHER.history"
    recipe(governed_projects="governed")
    assert "no trends" not in done("install", HUB).stderr
    assert shown()["history"] == "OTHER.history"


def test_a_history_of_the_flow_comes_before_one_of_another_project(install, named_by_hand, recipe, done, shown):
    install()
    named_by_hand("OTHER.history")
    recipe(governed_projects="governed", history="history")
    done("install", HUB)
    assert shown()["history"] == "history"


@pytest.mark.parametrize("named", ["gone", "HUB.gone"])
def test_a_history_of_the_hub_that_its_flow_does_not_write_is_not_kept(install, named_by_hand, done, shown, named):
    install()
    named_by_hand(named)
    done("install", HUB)
    assert shown()["history"] is None


def test_the_trends_recipe_is_not_taken_for_the_history(install, recipe, hub, shown):
    recipe(governed_projects="governed", history="history")
    hub.client._perform_json("POST", f"/projects/{HUB}/datasets/managed", body={"name": "flow"})
    roles = [{"history": {"items": [{"ref": "history"}]}}, {"flow": {"items": [{"ref": "flow"}]}}]
    hub.create_recipe(
        {"type": "CustomCode_governance-trends", "name": "trends", "inputs": roles[0], "outputs": roles[1]}, {}
    )
    install()
    assert shown()["datasets"] == ["governed", "history", "flow"] and shown()["history"] == "history"


# the macro --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["history", "HUB.history"])
def test_the_report_tells_in_page_mail_and_result_what_changed(history, press, report, sandbox, folder, name):
    press(QUALIFY, decision="Go")
    result = report(history=name)
    page = sandbox.managed_folders.get(sandbox.admin, HUB, folder, PAGE).decode()
    (mail,) = sandbox.messaging.outbox
    for text in (result, mail.body):
        assert "Since 2026-03-01" in text and "Decision changed" in text and "Undecided → Go" in text
    packed = re.search(r'<script type="text/plain" id="data">([^<]*)</script>', page)[1]
    past = json.loads(gzip.decompress(base64.b64decode(packed, validate=True)))["past"]
    assert past["days"] == ["2026-03-01"] and past["flow"]["not_started"] == [1]
    assert past["news"] == [["Decision changed", 1, [["HUB", "The hub", "Undecided → Go"]]]]
    assert "nothing of this instance" not in result


def test_without_a_history_the_report_tells_no_change(history, report, sandbox):
    result = report()
    assert "Since" not in result and "Since" not in sandbox.messaging.outbox[0].body


def test_what_people_wrote_comes_through_the_dataset_as_it_was(hub, press, recipe, build, report, sandbox):
    text = ' Ada "1st"\tλ 😀\\ it\'s, '
    metadata = hub.get_metadata()
    hub.set_metadata({**metadata, "label": text})
    recipe(governed_projects="governed", history="history")
    press(INITIALIZE, sponsor=text, initiative=text)
    build()
    sandbox.clock.move(timedelta(days=1))
    assert "Nothing changed." in report(history="history")


def test_no_report_goes_out_with_a_missing_history(refused, published):
    message = refused(history="nowhere")
    assert "the history HUB.nowhere cannot be read" in message and "empty the field History" in message
    assert not published()


def test_no_report_goes_out_with_a_history_that_may_not_be_read(sandbox, client, history, refused, published):
    sandbox.create_project("SECRET")
    client._perform_json("POST", "/projects/SECRET/datasets/managed", body={"name": "history"})
    message = refused(who="writer", history="SECRET.history")
    assert "the history SECRET.history cannot be read" in message and "that you may read it" in message
    assert not published()


def test_a_dataset_that_is_no_history_is_an_error_and_nothing_goes_out(sandbox, hub, refused, published):
    hub.client._perform_json("POST", f"/projects/{HUB}/datasets/managed", body={"name": "sales"})
    sandbox.datasets.write_rows(sandbox.admin, HUB, "sales", [{"name": "a", "type": "string"}], [{"a": "b"}])
    message = refused(history="sales")
    assert "the history HUB.sales cannot be used" in message and "no column schema_version" in message
    assert not published()


def test_no_report_goes_out_with_an_altered_history(sandbox, hub, history, refused, published):
    settings = hub.get_dataset("history").get_settings()
    for column in settings.get_raw()["schema"]["columns"]:
        if column["name"] == "flow_step":
            column["type"] = "bigint"
    settings.save()
    message = refused(history="history")
    assert "the history HUB.history cannot be used" in message and "column flow_step must hold texts" in message
    assert not published()


def test_a_history_that_was_never_built_is_said_and_no_error(press, recipe, report, published):
    recipe(governed_projects="governed", history="history")
    press(INITIALIZE)
    result = report(history="history")
    assert f"The history {HUB}.history holds nothing of this instance yet: no trends are shown." in result
    assert "Since" not in result and published()


def test_a_history_built_before_anything_was_governed_is_no_error(recipe, build, report, sandbox, published):
    recipe(governed_projects="governed", history="history")
    build()
    sandbox.clock.move(timedelta(days=1))
    assert "holds nothing of this instance yet" in report(history="history") and published()


def test_a_history_of_today_only_shows_trends_and_no_change(press, recipe, build, report):
    recipe(governed_projects="governed", history="history")
    press(INITIALIZE)
    build()
    result = report(history="history")
    assert "Since" not in result and "nothing of this instance" not in result


def test_a_scenario_whose_history_is_gone_fails_and_sends_nothing(
    history, install, hub, named_by_hand, scenario, sandbox, shown
):
    install()
    named_by_hand("OTHER.history")
    run = scenario().run_and_wait(no_fail=True)
    assert run.outcome == "FAILED" and shown()["last_run"]["failed_step"] == "govern_mirror_report"
    assert "the history OTHER.history cannot be read" in shown()["last_run"]["message"]
    (told,) = sandbox.messaging.outbox
    assert told.subject == "Govern mirror reporting: FAILED"
