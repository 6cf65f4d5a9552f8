"""The sandbox with sign-off set up, as `sandbox --webapp --hub` has it."""

import contextlib

import pytest
from support.command_line import run_command, use_instance

from govern_mirror_devkit.host import PluginHost
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.mock_instance import URL, mock_instance
from govern_mirror_devkit.seeds import approvals, people
from govern_mirror_devkit.source import plugin_root


@pytest.fixture
def seeded():
    """A sandbox with a governed project, a bundle of it, and the hub; and the keys of its people."""
    with contextlib.closing(Sandbox(plugin=PluginHost(plugin_root()))) as sandbox, mock_instance(sandbox):
        sandbox.plugins.configure(settling_seconds=0)
        sandbox.create_project("CHURN", "Churn")
        people.settle(sandbox)
        people.install_webapp(sandbox)
        sandbox.bundles.export(sandbox.accounts.user("bruno"), "CHURN", "v2")
        yield sandbox, lambda: approvals.install_hub(sandbox, URL)


def run(key, monkeypatch, folder, *arguments):
    use_instance(monkeypatch, folder, URL, key)
    settings = folder / "settings.json"
    settings.write_text('{"hub_project": "APPROVALS"}')
    return run_command("--settings", settings, *arguments, secrets=(key,))


def test_newcomers_find_a_review_and_can_end_it(seeded, monkeypatch, tmp_path):
    sandbox, install = seeded
    assert run(sandbox.admin_key, monkeypatch, tmp_path, "init", "CHURN").code == 0
    keys = install()
    assert set(keys) == {"alice", "bruno", "rita"}
    waiting = run(keys["rita"], monkeypatch, tmp_path, "reviews", "--mine")
    assert waiting.code == 3 and "CHURN/bundle/v2" in waiting.out
    assert run(keys["bruno"], monkeypatch, tmp_path, "signoff", "approve", "CHURN/bundle/v2").code == 1
    assert run(keys["alice"], monkeypatch, tmp_path, "signoff", "approve", "CHURN/bundle/v2").code == 0
    assert run(keys["rita"], monkeypatch, tmp_path, "gate", "CHURN/bundle/v2", "--signed-off").code == 0


def test_its_hub_is_one_that_nobody_else_can_write(seeded, monkeypatch, tmp_path):
    sandbox, install = seeded
    assert run(sandbox.admin_key, monkeypatch, tmp_path, "init", "CHURN").code == 0
    install()
    install()
    ended = run(sandbox.admin_key, monkeypatch, tmp_path, "hub", "check")
    assert ended.code == 0 and "all who are named can log in" in ended.out


def test_a_hub_without_people_to_review_is_refused():
    ended = run_command("sandbox", "--hub")
    assert ended.code == 2 and "--hub wants --webapp" in ended.err
