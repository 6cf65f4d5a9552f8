"""Macros through the API: what the client's macro object offers, and who may use it."""

from __future__ import annotations

import pytest
from dataikuapi.utils import DataikuException

from govern_mirror_devkit.host import PluginHost
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.source import plugin_root

INITIALIZE, MOVE, QUALIFY, REPORT = (
    "initialize-workflow",
    "advance-workflow",
    "record-qualification",
    "governed-projects-report",
)


def test_macros_are_listed_by_the_types_that_scenarios_name(project, test_macros):
    listed = {macro["runnableType"]: macro for macro in project.list_macros()}
    own = {macro["runnableType"] for macro in PluginHost(plugin_root()).macros()}
    assert own == set(listed) - test_macros
    assert listed["pyrunnable_govern-mirror_initialize-workflow"]["meta"]["label"] == "Initialize the Govern workflow"


def test_a_macros_definition_tells_its_form_and_result(project, macro_of, client):
    definition = macro_of(client, INITIALIZE).get_definition()
    assert definition["resultType"] == "RESULT_TABLE"
    assert "sponsor" in [param["name"] for param in definition["params"]]
    with pytest.raises(DataikuException, match="NotFoundException: Macro pyrunnable_govern-mirror_nothing not found"):
        macro_of(client, "nothing").get_definition()


def test_a_run_that_is_waited_for_has_done_its_work(project, macro_of, client, sandbox):
    macro = macro_of(client, INITIALIZE)
    run = macro.run({"sponsor": "Ada"}, wait=True)
    assert macro.get_status(run)["running"] is False
    assert sandbox.metadata("P")["customFields"]["govern_sponsor"] == "Ada"
    result = macro.get_result(run, as_type="json")
    assert result["records"][0][:2] == ["P", "initialized"] and result["columns"][0]["name"] == "project"


def test_the_report_macro_answers_html(project, macro_of, client):
    macro_of(client, INITIALIZE).run()
    macro = macro_of(client, REPORT)
    page = macro.get_result(macro.run(), as_type="string").decode()
    assert page.startswith("<div") and "The project" in page


def test_a_run_in_the_background_is_watched_until_its_result_is_there(project, macro_of, client, until, eventually):
    macro = macro_of(client, "wait")
    run = macro.run({"until": str(until)}, wait=False)
    state = eventually(lambda: (s := macro.get_status(run))["progress"]["states"][0]["cur"] and s)
    assert state["running"] is True
    assert state["progress"]["states"] == [{"cur": 3, "target": 10, "unit": "RECORDS"}]
    with pytest.raises(DataikuException, match="still running"):
        macro.get_result(run)
    until.touch()
    eventually(lambda: not macro.get_status(run)["running"])
    assert macro.get_result(run, as_type="json") == {"login": "admin"}


@pytest.mark.parametrize("macro_id", ["whoami", "fail"])
def test_reading_a_result_ends_the_run(project, macro_of, client, macro_id):
    macro = macro_of(client, macro_id)
    run = macro.run()
    try:
        macro.get_result(run)
    except DataikuException as error:
        assert macro_id == "fail" and "it failed" in str(error)
    for read in (macro.get_result, macro.get_status):
        with pytest.raises(DataikuException, match=f"Macro run {run} not found"):
            read(run)


def test_a_run_belongs_to_its_macro_and_project(project, macro_of, client, sandbox):
    run = macro_of(client, "whoami").run()
    with pytest.raises(DataikuException, match="not found"):
        macro_of(client, REPORT).get_result(run)
    sandbox.create_project("Q")
    with pytest.raises(DataikuException, match="not found"):
        client.get_project("Q").get_macro("pyrunnable_govern-mirror_whoami").get_status(run)


def test_an_aborted_run_ends_as_aborted(project, macro_of, client, until, eventually):
    macro = macro_of(client, "wait")
    run = macro.run({"until": str(until)}, wait=False)
    macro.abort(run)
    eventually(lambda: not macro.get_status(run)["running"])
    with pytest.raises(DataikuException, match="InterruptedException: The macro was aborted"):
        macro.get_result(run)


def test_a_failed_run_tells_the_macros_own_error(project, macro_of, client):
    macro_of(client, INITIALIZE).run()
    macro = macro_of(client, QUALIFY)
    run = macro.run({})
    assert "nothing to record" in macro.get_status(run)["storedError"]["message"]
    with pytest.raises(DataikuException, match=r"MacroFailed: nothing to record: fill at least one field"):
        macro.get_result(run)


def test_a_form_that_dss_would_refuse_changes_nothing(project, macro_of, client, sandbox):
    macro = macro_of(client, INITIALIZE)
    run = macro.run({"value_rating": "enormous"})
    with pytest.raises(DataikuException, match="enormous"):
        macro.get_result(run)
    assert "govern_record" not in sandbox.metadata("P")["customFields"]


def test_a_reader_may_run_what_reads_and_not_what_writes(macro_of, people):
    macro = macro_of(people.reader, REPORT)
    assert b"<div" in macro.get_result(macro.run(), as_type="string")
    with pytest.raises(DataikuException, match="You may not write the content of project P"):
        macro_of(people.reader, INITIALIZE).run()


def test_a_stranger_learns_nothing_of_a_projects_macros(macro_of, people):
    for call in (
        macro_of(people.stranger, REPORT).run,
        macro_of(people.stranger, REPORT).get_definition,
        people.stranger.get_project("P").list_macros,
    ):
        with pytest.raises(DataikuException, match="Failed to read project permissions"):
            call()


def test_a_macro_for_administrators_of_the_project_is_theirs(macro_of, people, sandbox, client_of):
    with pytest.raises(DataikuException, match="You are not an administrator of project P"):
        macro_of(people.writer, "project-admin").run()
    sandbox.create_project("MINE", owner="writer")
    people.writer.get_project("MINE").get_macro("pyrunnable_govern-mirror_project-admin").run()


def test_a_macro_for_administrators_of_the_instance_is_theirs(macro_of, people, sandbox, client):
    sandbox.create_project("MINE", owner="writer")
    with pytest.raises(DataikuException, match="Only administrators may run the macro"):
        people.writer.get_project("MINE").get_macro("pyrunnable_govern-mirror_global-admin").run()
    macro_of(client, "global-admin").run()


def test_people_who_run_a_macro_at_once_each_act_as_themselves(macro_of, people, until, eventually):
    runs = [(macro := macro_of(person, "wait"), macro.run({"until": str(until)}, wait=False))
            for person in (people.reader, people.writer)]  # fmt: skip
    for macro, run in runs:
        eventually(lambda macro=macro, run=run: macro.get_status(run)["progress"]["states"][0]["cur"])
    until.touch()
    for macro, run in runs:
        eventually(lambda macro=macro, run=run: not macro.get_status(run)["running"])
    assert [macro.get_result(run, as_type="json")["login"] for macro, run in runs] == ["reader", "writer"]


def test_a_macro_acts_as_its_caller_and_signs_with_their_login(macro_of, people, sandbox):
    macro = macro_of(people.writer, "whoami")
    assert macro.get_result(macro.run(), as_type="json") == {"login": "writer"}
    macro_of(people.writer, INITIALIZE).run()
    assert '"writer"' in sandbox.metadata("P")["customFields"]["govern_record"]


def test_a_macro_cannot_do_what_its_caller_may_not(macro_of, people, sandbox):
    sandbox.create_project("SECRET")
    sandbox.create_project("READ_ONLY", permissions=[{"group": "writers", "readProjectContent": True}])
    macro = macro_of(people.writer, INITIALIZE)
    run = macro.run({"scope": "keys", "project_keys": ["P", "SECRET", "READ_ONLY"]})
    outcomes = {key: (outcome, why) for key, outcome, why in macro.get_result(run, as_type="json")["records"]}
    assert outcomes["P"][0] == "initialized"
    assert outcomes["SECRET"][0] == "failed" and "READ_ONLY" in outcomes["READ_ONLY"][1]
    for key in ("SECRET", "READ_ONLY"):
        assert "govern_record" not in sandbox.metadata(key)["customFields"]


def test_the_report_shows_nobody_what_they_may_not_see(macro_of, people, sandbox, client):
    sandbox.create_project("SECRET", "Hush hush")
    macro = macro_of(client, INITIALIZE)
    macro.run({"scope": "all"})
    report = macro_of(people.reader, REPORT)
    page = report.get_result(report.run(), as_type="string").decode()
    assert "The project" in page and "Hush hush" not in page


def test_the_key_that_a_run_acts_with_is_worth_nothing_afterwards(project, macro_of, client, sandbox):
    def keys():
        return [key for key, _ in sandbox.store.items("api_key")]

    before = keys()
    macro_of(client, "whoami").run()
    macro_of(client, "fail").run()
    assert keys() == before


def test_a_sandbox_without_a_plugin_offers_no_macro():
    bare = Sandbox()
    bare.create_project("P")
    assert bare.macros.listed(bare.admin, "P") == []
    bare.close()
