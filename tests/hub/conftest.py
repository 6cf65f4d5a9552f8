"""A hub in a sandbox, mounted into `responses`: the reviewers of a bank, and the people around one project."""

import json

import pytest
from support.command_line import run_command, use_instance

from govern_mirror.actions.session import open_session
from govern_mirror.connection import Instance, Secret
from govern_mirror.settings import parse_settings
from govern_mirror_devkit.sandbox.mock_instance import URL

HUB = "GOVERNANCE"
REVIEWERS = """\
reviewers:
  final_approvers: [user:ana, group:board]
  risk_compliance: [user:cleo]
  business: [user:ben]
  projects:
    FRAUD:
      final_approvers: [user:fred]
      business: []
managers: [user:max]
deputies:
  - {of: ben, to: dan, until: 2030-01-01T00:00:00Z}
addresses:
  ana: ana@bank.example
switches:
  reminder_days: [3, 7]
"""


@pytest.fixture
def hub_instance(dss):
    """The instance, with the project that becomes the hub."""
    dss.create_project(HUB, "Governance")
    return dss


@pytest.fixture
def open_as(hub_instance):
    """A session with the rights of a key; None for the administrator's."""

    def open_(key=None):
        settings = parse_settings({"hub_project": HUB})
        return open_session(Instance(URL, Secret(key or hub_instance.admin_key)), settings)

    return open_


@pytest.fixture
def run(hub_instance, monkeypatch, tmp_path):
    """Run the command line with settings that name the hub; `key` acts as somebody else than the administrator."""
    settings = tmp_path / "settings.json"
    settings.write_text(json.dumps({"hub_project": HUB}))

    def run_(*arguments, key=None):
        use_instance(monkeypatch, tmp_path, URL, key or hub_instance.admin_key)
        return run_command("--settings", settings, *arguments, secrets=(hub_instance.admin_key,))

    return run_


@pytest.fixture
def reviewers(tmp_path):
    """A file that configures the hub."""
    file = tmp_path / "hub.yaml"
    file.write_text(REVIEWERS)
    return file


@pytest.fixture
def hub(run, reviewers):
    """A hub that is set up and configured; its key."""
    assert run("hub", "init", HUB).code == 0
    assert run("hub", "import", reviewers).code == 0
    return HUB
