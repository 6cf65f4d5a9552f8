"""The command line in this process against a mounted sandbox, and the plugin's checks in a sandbox."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import Any

import pytest
from support.command_line import run_command, use_instance

from govern_mirror_devkit.host import Connection, PluginHost
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.mock_instance import URL, mock_instance
from govern_mirror_devkit.sandbox.server import serve
from govern_mirror_devkit.source import plugin_root


@pytest.fixture
def run(dss, monkeypatch, tmp_path):
    use_instance(monkeypatch, tmp_path, URL, dss.admin_key)
    return run_command


@pytest.fixture
def sandbox(dss_version):
    with contextlib.closing(Sandbox(plugin=PluginHost(plugin_root()), dss_version=dss_version)) as sandbox:
        sandbox.create_project("P", "The project")
        yield sandbox


@pytest.fixture(params=["in this process", pytest.param("under another interpreter", marks=pytest.mark.costly(4))])
def host(request, sandbox):
    """The plugin, run in each of the two ways, and a connection that leads to the sandbox from there."""
    if request.param == "in this process":
        with mock_instance(sandbox) as mock:
            mock.calls.reset()
            yield PluginHost(plugin_root()), Connection(sandbox.base_url, sandbox.admin_key)
    else:
        with serve(sandbox) as url:
            yield PluginHost(plugin_root(), Path(sys.executable)), Connection(url, sandbox.admin_key)


@pytest.fixture
def check(host):
    """Run a check with its settings; what it found."""
    plugin, connection = host

    def check(check_id: str, project_key: str = "P", original: str | None = None, raw: Any = None, **params: Any):
        return plugin.run_check(
            check_id,
            params=params,
            raw_config=raw,
            project_key=project_key,
            original_project_key=original,
            connection=connection,
        )

    return check
