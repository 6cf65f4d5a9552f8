"""Answers that are none, and answers that never come: no scenario is made twice, emptied, or said to have failed."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase

import pytest
from werkzeug import Response

HUB = "HUB"
LIST, ONE = "/projects/HUB/scenarios", "/projects/HUB/scenarios/*"


@pytest.fixture
def install(run, folder):
    return lambda *options: run("install", HUB, "--managed-folder", folder, *options)


@pytest.fixture
def answer(sandbox):
    """Let reads of a path be answered with something of the test's own, until it is taken back."""

    def answer(path, body):
        answered = sandbox.faults.around

        def around(method, asked, found):
            other = Response(json.dumps(body), content_type="application/json")
            is_it = method == "GET" and fnmatchcase(asked.rstrip("/"), path)
            return answered(method, asked, (lambda: other) if is_it else found)

        sandbox.faults.around = around
        return lambda: setattr(sandbox.faults, "around", answered)

    return answer


NO_LISTS = [{}, {"errorType": "x", "message": "y"}, None, "x", [1], [{}], [[]]]
NO_SCENARIOS = [{}, {"errorType": "x", "message": "y"}, None, [], "x", {"id": "one"}]


@pytest.mark.parametrize("body", NO_LISTS, ids=json.dumps)
def test_r1_what_is_no_list_of_scenarios_makes_no_second_one(body, install, hub, answer):
    assert install().exit_code == 0
    take_back = answer(LIST, body)
    result = install("--daily", "09:00")
    take_back()
    assert result.exit_code == 1 and "not from DSS's API" in result.stderr
    assert len(hub.list_scenarios()) == 1


@pytest.mark.parametrize("body", NO_SCENARIOS, ids=json.dumps)
@pytest.mark.parametrize("command", ["install", "remove", "show"])
def test_r1_what_is_no_scenario_is_no_base_for_a_write(command, body, install, run, scenario, answer):
    assert install().exit_code == 0
    before = scenario().get_settings().get_raw()
    take_back = answer(ONE, body)
    result = install("--daily", "09:00") if command == "install" else run(command, HUB)
    take_back()
    assert result.exit_code == 1 and "not from DSS's API" in result.stderr
    assert scenario().get_settings().get_raw() == before


@pytest.mark.parametrize("body", NO_LISTS[:4], ids=json.dumps)
def test_r12_what_is_no_list_of_recipes_takes_no_step_away(body, install, recipe, answer, shown):
    recipe(governed_projects="governed")
    assert install().exit_code == 0
    take_back = answer("/projects/HUB/recipes", body)
    result = install("--daily", "09:00")
    take_back()
    assert result.exit_code == 1 and "not from DSS's API" in result.stderr
    assert shown()["datasets"] == ["governed"]


@pytest.mark.parametrize("fault", ["timeout-after-write", "500", "503"])
@pytest.mark.parametrize("write", [f"POST {LIST}*", f"PUT {ONE}"], ids=["create", "save"])
def test_r7_install_ends_as_it_says(write, fault, install, sandbox, hub, shown):
    sandbox.faults.set(f"{write}:{fault}")
    result = install()
    sandbox.faults.set("")
    assert (result.exit_code == 0) is (shown()["installed"] and shown()["schedule"] is not None)
    assert len(hub.list_scenarios()) <= 1
    assert install().exit_code == 0 and len(hub.list_scenarios()) == 1


def test_r7_refused_content_leaves_no_untold_scenario(install, sandbox, hub, scenario, shown):
    sandbox.faults.set(f"PUT {ONE}:403")
    result = install("--daily", "09:00")
    sandbox.faults.set("")
    assert result.exit_code == 1
    assert "was created, and is empty and switched off: install it again with the same options" in result.stderr
    assert (shown()["active"], shown()["schedule"]) == (False, None)
    planned = install("--daily", "09:00", "--dry-run")
    assert planned.exit_code == 3 and "switched off" not in planned.stderr
    again = install("--daily", "09:00")
    assert again.exit_code == 0 and "switched off" not in again.stderr
    assert len(hub.list_scenarios()) == 1 and scenario().get_settings().active
    assert shown()["schedule"]["time"] == "09:00"


def test_r7_emptied_scenario_of_another_name_stays_switched_off(install, scenario):
    assert install().exit_code == 0
    settings = scenario().get_settings()
    settings.get_raw().update(active=False, name="Ours", triggers=[], reporters=[])
    settings.get_raw()["params"]["steps"] = []
    settings.save()
    assert "switched off" in install().stderr and not scenario().get_settings().active


@pytest.fixture
def installed_anew(install, sandbox, answer, shown):
    """What an installed scenario with a sync is after it is installed again, when the instance says this of Govern."""
    sandbox.govern_node_ref = {"enabled": True, "nodeUrl": "https://govern.example.com", "apiKey": "k"}
    assert install().exit_code == 0

    def installed(body):
        take_back = answer("/admin/get-govern-node-ref", body)
        result = install("--daily", "09:00")
        take_back()
        assert result.exit_code == 0, result.stderr
        assert shown()["schedule"]["time"] == "09:00", "it was not installed again"
        return shown()["steps"]

    return installed


@pytest.mark.parametrize("body", [{}, {"errorType": "x", "message": "y"}, {"enabled": None}], ids=json.dumps)
def test_r12_no_word_of_govern_takes_no_sync_away(body, installed_anew):
    assert installed_anew(body) == ["govern_mirror_sync", "govern_mirror_report"]


def test_r12_an_instance_without_govern_takes_the_sync_away(installed_anew):
    assert installed_anew({"enabled": False}) == ["govern_mirror_report"]


def test_r7_removal_whose_answer_was_lost_is_done(install, run, sandbox, hub):
    install()
    sandbox.faults.set(f"DELETE {ONE}:timeout-after-write")
    assert run("remove", HUB).exit_code == 0 and hub.list_scenarios() == []


def test_r7_removal_that_failed_is_no_success(install, run, sandbox, hub):
    install()
    sandbox.faults.set(f"DELETE {ONE}:503")
    assert run("remove", HUB).exit_code == 1 and len(hub.list_scenarios()) == 1


def test_r7_write_that_cannot_be_looked_up_is_said_unclear(install, sandbox):
    install()
    sandbox.faults.before("PUT", ONE, lambda: sandbox.faults.set("* *:close"))
    result = install("--daily", "09:00")
    assert result.exit_code == 1 and "may have been written" in result.stderr
