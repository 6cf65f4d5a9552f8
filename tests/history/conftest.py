"""A sandbox with projects whose clock a test moves, and the command line against it."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta, timezone

import dataikuapi
import pytest
from support.command_line import CommandResult, run_command, use_instance

from govern_mirror import clock
from govern_mirror_devkit.host import Connection, PluginHost
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.mock_instance import mock_instance
from govern_mirror_devkit.source import plugin_root

START = datetime(2026, 3, 1, 7, tzinfo=timezone.utc)


class Instance:
    """An instance on which days pass."""

    def __init__(self, sandbox, connection, history) -> None:
        self.sandbox, self.connection, self.history, self.now = sandbox, connection, history, START

    def run(self, *arguments) -> CommandResult:
        with clock.set_to(self.now):
            return run_command(*arguments)

    def done(self, *arguments) -> CommandResult:
        result = self.run(*arguments)
        assert result.code == 0, result.err
        return result

    def after(self, days=0, hours=0):
        self.now += timedelta(days=days, hours=hours)
        return self

    def rename(self, key, name):
        project = dataikuapi.DSSClient(self.connection.url, api_key=self.connection.api_key).get_project(key)
        project.set_metadata({**project.get_metadata(), "label": name})

    def snapshot(self, *arguments) -> CommandResult:
        return self.done("snapshot", "--history", self.history, *arguments)

    def trends(self, *arguments):
        return self.done("trends", "--history", self.history, "--format", "json", *arguments).json

    def recipe(self, name, *, inputs=None, outputs, params=None, read=None):
        return PluginHost(plugin_root()).run_recipe(
            name, params=params or {}, project_key="P", inputs=inputs or {}, outputs=outputs,
            connection=self.connection, read_dataset=read, now=self.now,
        )  # fmt: skip


@pytest.fixture
def history(tmp_path):
    return tmp_path / "history.duckdb"


@pytest.fixture
def instance(history, tmp_path, monkeypatch):
    with contextlib.closing(Sandbox(plugin=PluginHost(plugin_root()))) as sandbox, mock_instance(sandbox) as mock:
        mock.calls.reset()
        use_instance(monkeypatch, tmp_path, sandbox.base_url, sandbox.admin_key)
        for key, name in (("P", "The project"), ("Q", "Another")):
            sandbox.create_project(key, name)
        yield Instance(sandbox, Connection(sandbox.base_url, sandbox.admin_key), history)
