"""The demo's projects in a sandbox, as every door to the report sees them, and portfolios made by hand."""

from __future__ import annotations

import contextlib

import pytest
from support.command_line import run_command, use_instance
from support.hostile_projects import hostile_portfolio

from govern_mirror import clock
from govern_mirror.actions.report import build_report
from govern_mirror.actions.session import connect_to
from govern_mirror.report.portfolio import Filters
from govern_mirror_devkit.host import PluginHost
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.mock_instance import mock_instance
from govern_mirror_devkit.sandbox.server import serve
from govern_mirror_devkit.seeds import demo as seed
from govern_mirror_devkit.source import plugin_root


@pytest.fixture(scope="session")
def demo_sandbox():
    """A sandbox in which the demo's stories have happened; for reading only."""
    with contextlib.closing(Sandbox(plugin=PluginHost(plugin_root()))) as sandbox:
        with mock_instance(sandbox):
            keys = seed.prepare(sandbox)
            seed.run(sandbox, sandbox.base_url, keys, lambda _: None, clock.now())
        yield sandbox


@pytest.fixture
def demo_url(demo_sandbox):
    with mock_instance(demo_sandbox):
        yield demo_sandbox.base_url


@pytest.fixture
def demo(demo_sandbox, demo_url):
    """The demo's portfolio, ungoverned projects and copies included."""
    return build_report(connect_to(demo_url, demo_sandbox.admin_key), Filters(include_ungoverned=True)).portfolio


@pytest.fixture(scope="session")
def hostile():
    return hostile_portfolio()


@pytest.fixture
def sandbox():
    """An empty sandbox to publish in."""
    with contextlib.closing(Sandbox(plugin=PluginHost(plugin_root()))) as sandbox:
        yield sandbox


@pytest.fixture(params=["mounted", pytest.param("served", marks=pytest.mark.costly(4))])
def url(request, sandbox):
    with serve(sandbox) if request.param == "served" else mock_instance(sandbox):
        yield sandbox.base_url


@pytest.fixture
def invoke(monkeypatch, tmp_path):
    """Run the command line in this process against an address, with a key."""

    def run(url, key, *arguments):
        use_instance(monkeypatch, tmp_path, url, key)
        return run_command(*arguments)

    return run
