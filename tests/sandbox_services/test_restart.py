"""A sandbox that keeps its state in a file is the same sandbox after a restart."""

from __future__ import annotations

import contextlib

import dataikuapi
import pytest

from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.mock_instance import mock_instance


@pytest.fixture
def started(host, tmp_path):
    """Start the sandbox of one file, anew each time."""

    @contextlib.contextmanager
    def started():
        with contextlib.closing(Sandbox(tmp_path / "state.db", plugin=host)) as sandbox, mock_instance(sandbox):
            client = dataikuapi.DSSClient(sandbox.base_url, api_key=sandbox.admin_key)
            yield sandbox, client

    return started


def test_scenario_run_recipe_rows_settings_and_channel_survive(started, runnable):
    with started() as (sandbox, client):
        key = sandbox.admin_key
        sandbox.create_project("P")
        project = client.get_project("P")
        settings = client.get_plugin("govern-mirror").get_settings()
        settings.get_raw()["config"]["mirror_tag"] = False
        settings.save()
        client.create_messaging_channel("smtp", "mail", {"sender": "a@example.com"})
        client._perform_json("POST", "/projects/P/datasets/managed", body={"name": "governed"})
        outputs = {"governed_projects": {"items": [{"ref": "governed"}]}}
        project.create_recipe(
            {"type": "CustomCode_governed-projects", "name": "r", "inputs": {}, "outputs": outputs}, {}
        )
        steps = [runnable("initialize-workflow"), runnable("advance-workflow")]
        scenario = project.create_scenario("Daily", "step_based", {"params": {"steps": steps}})
        run = scenario.run_and_wait()
        project.new_job().with_output("governed").start_and_wait()

    with started() as (sandbox, client):
        assert sandbox.admin_key == key
        project = client.get_project("P")
        assert client.get_plugin("govern-mirror").get_settings().get_raw()["config"] == {"mirror_tag": False}
        assert client.get_messaging_channel("mail").sender == "a@example.com"
        found = project.get_scenario(scenario.id)
        assert [step["name"] for step in found.get_settings().raw_steps] == ["initialize-workflow", "advance-workflow"]
        assert [(each.id, each.outcome) for each in found.get_last_runs()] == [(run.id, "SUCCESS")]
        assert [row[0] for row in project.get_dataset("governed").iter_rows()] == ["P"]
        assert [recipe["name"] for recipe in project.list_recipes()] == ["r"]
        # and all of it still works
        assert found.run_and_wait().outcome == "SUCCESS"
        project.new_job().with_output("governed").start_and_wait()
        assert not [tag for tag in sandbox.metadata("P")["tags"] if tag.startswith("govern:")]


def test_users_keys_and_rights_survive(started):
    with started() as (sandbox, _):
        key = sandbox.create_user("reader", groups=("readers",))
        sandbox.create_project("P", permissions=[{"group": "readers", "readProjectContent": True}])
    with started() as (sandbox, _):
        reader = dataikuapi.DSSClient(sandbox.base_url, api_key=key)
        assert [project["projectKey"] for project in reader.list_projects()] == ["P"]
        with pytest.raises(dataikuapi.utils.DataikuException, match="may not write"):
            reader.get_project("P").create_scenario("S", "step_based")
