"""Runs that go on at once do not see each other's project, key or time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timezone

import pytest

from govern_mirror_devkit.host import ComponentError

WHO = """
import dataiku
from govern_mirror import clock
progress_callback(1)
return [dataiku.default_project_key(), dataiku.api_client().get_auth_info()["authIdentifier"], clock.now().year]
"""


def test_each_of_several_runs_sees_its_own_project_user_and_time(plugin, sandbox, connection):
    plugin.macro(WHO, "JSON_OBJECT")
    keys = {login: sandbox.create_user(login) for login in ("ada", "bob", "eve")}
    together = threading.Barrier(len(keys), timeout=10)

    def run(number: int, login: str):
        # all stand inside their macro at the same moment
        return plugin.run(
            project_key=login.upper(),
            connection=replace(connection, api_key=keys[login]),
            progress=lambda *_: together.wait(),
            now=datetime(2030 + number, 1, 1, tzinfo=timezone.utc),
        ).payload

    with ThreadPoolExecutor() as pool:
        found = list(pool.map(run, range(len(keys)), keys))
    assert found == [["ADA", "ada", 2030], ["BOB", "bob", 2031], ["EVE", "eve", 2032]]


def test_outputs_of_recipes_that_run_at_once_do_not_mix(plugin):
    plugin.recipe("""
        import time
        rows = dataiku.Dataset(get_output_names_for_role("out")[0])
        rows.write_schema([{"name": "project", "type": "string"}])
        with rows.get_writer() as writer:
            for _ in range(20):
                time.sleep(0.001)
                writer.write_row_dict({"project": dataiku.default_project_key()})
    """)

    def run(key: str):
        return plugin.run_recipe(project_key=key, outputs={"out": [f"{key}.rows"]}).datasets

    with ThreadPoolExecutor(8) as pool:
        for key, written in zip("ABCDEFGH", pool.map(run, "ABCDEFGH"), strict=True):
            assert list(written) == [f"{key}.rows"]
            assert [row["project"] for row in written[f"{key}.rows"].rows] == [key] * 20


def test_a_macro_that_runs_another_is_itself_again_afterwards(plugin):
    body = """
        from pathlib import Path
        from govern_mirror_devkit.host import Connection, PluginHost
        import dataiku
        if self.config["depth"] == 0:
            return [dataiku.default_project_key()]
        host = PluginHost(Path(__file__).parents[2])
        form = {"depth": self.config["depth"] - 1}
        inner = host.run_macro(
            "m", params=form, project_key=self.project_key + "X", connection=Connection("http://127.0.0.1:9", "k")
        )
        return [dataiku.default_project_key(), inner.payload, dataiku.default_project_key()]
    """
    params = [{"name": "depth", "type": "INT", "label": "Depth"}]
    found = plugin.macro(body, "JSON_OBJECT", params=params).run(params={"depth": 2}, project_key="P")
    assert found.payload == ["P", ["PX", ["PXX"], "PX"], "P"]


def test_a_failed_run_leaves_the_next_one_its_own_project(plugin):
    body = """
        import dataiku
        if dataiku.default_project_key() == "BAD":
            raise RuntimeError("bad")
        return [dataiku.default_project_key()]
    """
    plugin.macro(body, "JSON_OBJECT")
    for _ in range(2):
        with pytest.raises(ComponentError, match="bad"):
            plugin.run(project_key="BAD")
        assert plugin.run(project_key="GOOD").payload == ["GOOD"]


def test_code_that_was_edited_runs_as_it_is_now(plugin):
    assert plugin.macro("return ['old']", "JSON_OBJECT").run().payload == ["old"]
    assert plugin.macro("return ['new']", "JSON_OBJECT").run().payload == ["new"]
