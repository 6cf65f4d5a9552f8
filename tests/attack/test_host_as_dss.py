"""What DSS may hand to component code, wrong types included: the host passes it on, and never makes it harmless."""

import contextlib
import json

import dataikuapi
import pytest

from govern_mirror_devkit.host import Connection, PluginHost
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.mock_instance import URL, mock_instance
from govern_mirror_devkit.source import plugin_root

ECHO = """
from dataiku.runnables import Runnable

class Echo(Runnable):
    def __init__(self, project_key, config, plugin_config):
        self.config, self.plugin_config = config, plugin_config

    def get_progress_target(self):
        return None

    def run(self, progress_callback):
        return {"config": self.config, "plugin_config": self.plugin_config}
"""
PARAMS = [
    {"name": "dry_run", "type": "BOOLEAN", "label": "Dry run", "defaultValue": True},
    {"name": "days", "type": "INT", "label": "Days", "minI": 1},
    {"name": "step", "type": "SELECT", "label": "Step", "selectChoices": [{"value": "a", "label": "A"}]},
    {"name": "name", "type": "STRING", "label": "Name", "mandatory": True},
    {"name": "node", "type": "PRESET", "parameterSetId": "node", "label": "Node"},
]
SETTINGS = [{"name": "days", "type": "INT", "label": "Days"}, {"name": "secret", "type": "PASSWORD", "label": "Secret"}]

# what the API sends, and what the code gets of it
SENT = [
    ({"dry_run": "true"}, {"dry_run": "true"}),
    ({"dry_run": "false"}, {"dry_run": "false"}),
    ({"dry_run": 0}, {"dry_run": 0}),
    ({"dry_run": None}, {"dry_run": None}),
    ({}, {"dry_run": True}),
    ({"days": 3}, {"days": 3.0}),
    ({"days": "3"}, {"days": "3"}),
    ({"days": -1}, {"days": -1.0}),
    ({"days": True}, {"days": True}),
    ({"step": "no such choice"}, {"step": "no such choice"}),
    ({"step": ["a"]}, {"step": ["a"]}),
    ({"name": ""}, {"name": ""}),
    ({"name": 7}, {"name": 7}),
    ({"more": {"deep": [None]}}, {"more": {"deep": [None]}}),
]


@pytest.fixture
def plugin(tmp_path):
    """A plugin whose one macro tells what it got."""
    for path, content in {
        "plugin.json": {"id": "echo", "version": "1.0.0", "params": SETTINGS},
        "python-runnables/echo/runnable.json": {"resultType": "JSON_OBJECT", "permissions": [], "params": PARAMS},
        "parameter-sets/node/parameter-set.json": {
            "params": [{"name": "url", "type": "STRING", "label": "URL"}],
            "pluginParams": [{"name": "api_key", "type": "PASSWORD", "label": "Key"}],
        },
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(json.dumps(content))
    (tmp_path / "python-runnables/echo/runnable.py").write_text(ECHO)
    return PluginHost(tmp_path)


@pytest.fixture
def sandbox(plugin):
    with contextlib.closing(Sandbox(plugin=plugin)) as sandbox, mock_instance(sandbox):
        sandbox.create_project("P")
        yield sandbox


@pytest.fixture
def echo(sandbox):
    """Run the macro through the API; what it got."""
    project = dataikuapi.DSSClient(URL, api_key=sandbox.admin_key).get_project("P")

    def echo(**params):
        macro = project.get_macro("pyrunnable_echo_echo")
        return macro.get_result(macro.run(params=params, wait=True), as_type="json")

    return echo


@pytest.mark.parametrize(("sent", "got"), SENT)
def test_p6_wrong_types_reach_a_macro_as_they_were_sent(echo, sent, got):
    config = echo(**sent)["config"]
    assert config == {"dry_run": True, **got}
    assert isinstance(config.get("days"), type(got.get("days")))


@pytest.mark.parametrize("raw", [{}, {"dry_run": "yes"}, {"days": 3}, {"node": {"mode": "PRESET"}}])
def test_p6_a_test_may_pass_exactly_what_it_wants(plugin, raw):
    result = plugin.run_macro("echo", raw_config=raw, project_key="P", connection=Connection(URL, "key"))
    assert result.payload["config"] == raw


def test_p6_settings_that_the_api_saved_pass_with_wrong_types(sandbox, echo):
    sandbox.plugins.configure(days="soon", secret=["x"])
    assert echo()["plugin_config"] == {"days": "soon", "secret": ["x"]}
    sandbox.plugins.configure(days=7)
    assert isinstance(echo()["plugin_config"]["days"], float)


@pytest.mark.parametrize("passwords", ["plain", "encrypted", "missing"])
def test_p6_a_password_may_come_encrypted_or_not_at_all(sandbox, echo, passwords):
    sandbox.plugins.configure(secret="s3cret")
    sandbox.plugins.add_preset("node", "prod", url="https://govern.example.com", api_key="s3cret")
    sandbox.plugins.passwords = type(sandbox.plugins.passwords)(passwords)
    got = echo(node={"mode": "PRESET", "name": "prod"})
    assert got["config"]["node"]["url"] == "https://govern.example.com"
    for secret in (got["config"]["node"].get("api_key"), got["plugin_config"].get("secret")):
        if passwords == "plain":
            assert secret == "s3cret"
        else:
            assert secret is None if passwords == "missing" else secret.startswith("e:AES:")


# the macros of this plugin --------------------------------------------------------------------------------------


@pytest.fixture
def own(monkeypatch):
    with contextlib.closing(Sandbox(plugin=PluginHost(plugin_root()))) as sandbox, mock_instance(sandbox):
        sandbox.create_project("P")
        yield sandbox


@pytest.mark.parametrize("dry_run", ["true", "yes", "1", 1, 0, "false", [], {"a": 1}, None])
@pytest.mark.parametrize("transport", ["the API", "the host"])
def test_p6_a_dry_run_that_is_not_plainly_false_writes_nothing(own, dry_run, transport):
    params = {"scope": "this", "dry_run": dry_run}
    with contextlib.suppress(Exception):
        if transport == "the API":
            project = dataikuapi.DSSClient(URL, api_key=own.admin_key).get_project("P")
            macro = project.get_macro("pyrunnable_govern-mirror_initialize-workflow")
            macro.run(params=params, wait=True)
        else:
            connection = Connection(URL, own.admin_key)
            PluginHost(plugin_root()).run_macro(
                "initialize-workflow", raw_config=params, project_key="P", connection=connection
            )
    assert own.metadata("P")["customFields"] == {}
