"""A sandbox with a hub project in it: a managed folder for the page, a mail channel, and people."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import dataikuapi
import pytest
from click.testing import CliRunner, Result

from govern_mirror import clock
from govern_mirror.cli.main import main
from govern_mirror_devkit.host import PluginHost
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.clock import Clock
from govern_mirror_devkit.sandbox.mock_instance import URL, mock_instance
from govern_mirror_devkit.source import plugin_root

START = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
HUB = "HUB"
SYNC = """
from dataiku.runnables import Runnable

class Sync(Runnable):
    def __init__(self, project_key, config, plugin_config):
        pass
    def get_progress_target(self):
        return None
    def run(self, progress_callback):
        raise ValueError("Govern is away")
"""


@pytest.fixture(autouse=True)
def no_backoff(monkeypatch):
    """The client waits 10 ms where it waits longer and longer with a real instance."""
    if hasattr(dataikuapi.utils, "_ExponentialBackoff"):  # not in clients before 13
        monkeypatch.setattr(dataikuapi.utils._ExponentialBackoff, "next_sleep_time", lambda self: 10)


@pytest.fixture
def plugin_without_sync(tmp_path) -> Path:
    """The plugin without the macro `sync-with-govern`, as an older version of it."""
    root: Path = tmp_path / "plugin"
    (root / "python-runnables").mkdir(parents=True)
    for name in ("plugin.json", "custom-recipes", "parameter-sets"):
        if (plugin_root() / name).exists():
            (root / name).symlink_to(plugin_root() / name)
    for macro in (plugin_root() / "python-runnables").iterdir():
        if macro.is_dir() and macro.name != "sync-with-govern" and not macro.name.startswith((".", "_")):
            (root / "python-runnables" / macro.name).symlink_to(macro)
    return root


@pytest.fixture
def plugin_with_failing_sync(plugin_without_sync) -> Path:
    """The plugin, with a macro `sync-with-govern` that always fails."""
    folder: Path = plugin_without_sync / "python-runnables" / "sync-with-govern"
    folder.mkdir()
    descriptor = {
        "resultType": "NONE", "permissions": ["WRITE_CONF"], "impersonate": True,
        "params": [{"name": "direction", "type": "STRING", "label": "Direction"}],
    }  # fmt: skip
    (folder / "runnable.json").write_text(json.dumps(descriptor))
    (folder / "runnable.py").write_text(SYNC)
    return plugin_without_sync


@pytest.fixture
def plugin(request) -> Path:
    """The plugin that is installed: the real one, unless a test asks for one of those above."""
    for name in ("plugin_with_failing_sync", "plugin_without_sync"):
        if name in request.fixturenames:
            found: Path = request.getfixturevalue(name)
            return found
    return plugin_root()


@pytest.fixture
def sandbox(plugin) -> Iterator[Sandbox]:
    """At noon of 1 March 2026."""
    with contextlib.closing(Sandbox(plugin=PluginHost(plugin), clock=Clock(START))) as sandbox:
        sandbox.create_project(
            HUB,
            "The hub",
            permissions=[
                {"group": "readers", "readProjectContent": True},
                {"group": "writers", "writeProjectContent": True},
            ],
        )
        sandbox.messaging.create("mail", configuration={"sender": "dss@example.com"})
        with mock_instance(sandbox):
            yield sandbox


@pytest.fixture
def folder(sandbox) -> str:
    """The id of a managed folder of the hub."""
    return str(sandbox.managed_folders.create(sandbox.admin, HUB, {"name": "reports"})["id"])


@pytest.fixture
def client(sandbox):
    return dataikuapi.DSSClient(URL, api_key=sandbox.admin_key)


@pytest.fixture
def hub(client):
    return client.get_project(HUB)


@pytest.fixture
def keys(sandbox) -> dict[str, str]:
    """Keys of people: an administrator, another one, one who writes in the hub, one who reads there."""
    return {
        "admin": sandbox.admin_key,
        "boss": sandbox.create_user("boss", groups=("administrators",)),
        "writer": sandbox.create_user("writer", groups=("writers",)),
        "reader": sandbox.create_user("reader", groups=("readers",)),
    }


@pytest.fixture
def run(keys) -> Callable[..., Result]:
    """`govern-mirror scenario …` as it is typed, by an administrator unless somebody else is named."""

    def run(*arguments: str, who: str = "admin", key: str | None = None) -> Result:
        given = ["--url", URL, "--api-key", key or keys[who], "scenario", *arguments]
        with clock.set_to(START):
            result = CliRunner().invoke(main, given)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return run


@pytest.fixture
def done(run) -> Callable[..., Result]:
    """The same, which must succeed."""

    def done(*arguments: str, **who: str) -> Result:
        result = run(*arguments, **who)
        assert result.exit_code == 0, result.output
        return result

    return done


@pytest.fixture
def shown(done) -> Callable[..., dict[str, Any]]:
    return lambda **who: json.loads(done("show", HUB, "--format", "json", **who).stdout)


@pytest.fixture
def scenario(hub) -> Callable[[], Any]:
    """The one scenario of the hub, as the API's own client has it."""

    def one() -> Any:
        (found,) = hub.list_scenarios(as_type="objects")
        return found

    return one


@pytest.fixture
def change(scenario) -> Callable[[Callable[[dict[str, Any]], object]], None]:
    """Change the scenario's definition as people do in DSS."""

    def change(edit: Callable[[dict[str, Any]], object]) -> None:
        settings = scenario().get_settings()
        edit(settings.get_raw())
        settings.save()

    return change


@pytest.fixture
def recipe(hub) -> Callable[..., None]:
    """Put the recipe `governed-projects` into the hub's flow."""

    def make(**outputs: str) -> None:
        for name in outputs.values():
            hub.client._perform_json("POST", f"/projects/{HUB}/datasets/managed", body={"name": name})
        roles = {role: {"items": [{"ref": name, "appendMode": role == "history"}]} for role, name in outputs.items()}
        prototype = {"type": "CustomCode_governed-projects", "name": "governed", "inputs": {}, "outputs": roles}
        hub.create_recipe(prototype, {})

    return make
