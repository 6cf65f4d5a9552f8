"""A sandbox with the plugin and a few test macros, reached through `responses` and over a real socket."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dataikuapi
import pytest

from govern_mirror_devkit.host import PluginHost
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.mock_instance import mock_instance
from govern_mirror_devkit.sandbox.server import serve
from govern_mirror_devkit.source import plugin_root

CODE = """
import dataiku
from dataiku.runnables import Runnable

class TheMacro(Runnable):
    def __init__(self, project_key, config, plugin_config):
        self.config, self.plugin_config = config, plugin_config

    def get_progress_target(self):
        return (10, "RECORDS")

    def run(self, progress_callback):
{body}
"""
TEST_MACROS = {
    # goes on until the file is there
    "wait": """
        import os, time
        for _ in range(1000):
            progress_callback(3)
            if os.path.exists(self.config["until"]):
                return {"login": dataiku.api_client().get_auth_info()["authIdentifier"]}
            time.sleep(0.01)
        raise RuntimeError("nobody came")
""",
    "whoami": '        return {"login": dataiku.api_client().get_auth_info()["authIdentifier"]}\n',
    "fail": '        raise ValueError("it failed, as it should")\n',
    "project-admin": "        return {}\n",
    "global-admin": "        return {}\n",
    "preset": "        return self.config\n",
    "settings": "        return self.plugin_config\n",
    "as-admin": """
        from dataiku.runnables import utils
        person = dataiku.api_client().get_auth_info()
        admin = utils.get_admin_dss_client("m", person)
        mine = [project["projectKey"] for project in dataiku.api_client().list_projects()]
        key = utils.make_unique_project_key(admin, "p")
        return {"person": person["authIdentifier"], "mine": mine, "all": admin.list_project_keys(), "key": key,
                "admin": admin.get_auth_info()["authIdentifier"]}
""",
    "as-admin-impersonated": """
        from dataiku.runnables.utils import get_admin_dss_client
        return get_admin_dss_client("m", dataiku.api_client().get_auth_info()).list_project_keys()
""",
}
DESCRIPTORS: dict[str, dict[str, Any]] = {
    "project-admin": {"permissions": ["ADMIN"]},
    "global-admin": {"requiresGlobalAdmin": True},
    "as-admin": {"impersonate": False},
    "preset": {"params": [{"name": "node", "type": "PRESET", "parameterSetId": "node", "label": "Node"}]},
}
PARAMETER_SET = {
    "meta": {"label": "Node", "description": "A node."},
    "params": [{"name": "url", "type": "STRING", "label": "URL"}],
    "pluginParams": [{"name": "key", "type": "PASSWORD", "label": "Key"}],
}


@pytest.fixture(scope="session")
def host(tmp_path_factory) -> PluginHost:
    """The real plugin, with the test macros beside its own."""
    root: Path = tmp_path_factory.mktemp("plugin")
    for name in ("plugin.json", "custom-recipes"):
        (root / name).symlink_to(plugin_root() / name)
    (root / "python-runnables").mkdir()
    for macro in (plugin_root() / "python-runnables").iterdir():
        if macro.is_dir() and not macro.name.startswith((".", "_")):
            (root / "python-runnables" / macro.name).symlink_to(macro)
    for name, body in TEST_MACROS.items():
        folder = root / "python-runnables" / name
        folder.mkdir()
        descriptor = {"resultType": "JSON_OBJECT", "permissions": ["READ_CONF"], "params": [], "impersonate": True}
        (folder / "runnable.json").write_text(json.dumps({**descriptor, **DESCRIPTORS.get(name, {})}))
        (folder / "runnable.py").write_text(CODE.replace("{body}", body))
    (root / "parameter-sets" / "node").mkdir(parents=True)
    (root / "parameter-sets" / "node" / "parameter-set.json").write_text(json.dumps(PARAMETER_SET))
    return PluginHost(root)


@pytest.fixture
def test_macros() -> set[str]:
    """The types of the macros that are not the plugin's own."""
    return {f"pyrunnable_govern-mirror_{name}" for name in TEST_MACROS}


@pytest.fixture(autouse=True)
def no_backoff(monkeypatch):
    """The client waits 10 ms where it waits longer and longer with a real instance."""
    monkeypatch.setattr(dataikuapi.utils._ExponentialBackoff, "next_sleep_time", lambda self: 10)


@pytest.fixture
def sandbox(host, dss_version):
    with contextlib.closing(Sandbox(plugin=host, dss_version=dss_version)) as sandbox:
        yield sandbox


@pytest.fixture
def url(transport, sandbox) -> Iterator[str]:
    with serve(sandbox) if transport == "served" else mock_instance(sandbox):
        yield sandbox.base_url


@pytest.fixture
def client(sandbox, url):
    return dataikuapi.DSSClient(url, api_key=sandbox.admin_key)


@pytest.fixture
def client_of(url) -> Callable[[str], dataikuapi.DSSClient]:
    return lambda key: dataikuapi.DSSClient(url, api_key=key)


@pytest.fixture
def people(sandbox, client_of) -> SimpleNamespace:
    """Clients of a reader and a writer of project P, which is made here, and of somebody without any right."""
    sandbox.create_project(
        "P",
        "The project",
        permissions=[
            {"group": "readers", "readProjectContent": True},
            {"group": "writers", "writeProjectContent": True},
        ],
    )
    return SimpleNamespace(
        reader=client_of(sandbox.create_user("reader", groups=("readers",))),
        writer=client_of(sandbox.create_user("writer", groups=("writers",))),
        stranger=client_of(sandbox.create_user("stranger")),
    )


@pytest.fixture
def project(people, client):
    """Project P as an administrator reaches it."""
    return client.get_project("P")


@pytest.fixture
def macro_of():
    """A macro of the plugin in project P, as a client sees it."""
    return lambda client, macro_id: client.get_project("P").get_macro(f"pyrunnable_govern-mirror_{macro_id}")


@pytest.fixture
def until(tmp_path) -> Path:
    """The file that lets the macro `wait` end."""
    return tmp_path / "until"


@pytest.fixture
def eventually() -> Callable[[Callable[[], Any]], Any]:
    """Wait until something is so, and return it."""

    def wait(found: Callable[[], Any]) -> Any:
        for _ in range(500):
            if result := found():
                return result
            time.sleep(0.01)
        raise AssertionError("it never was so")

    return wait


@pytest.fixture
def runnable() -> Callable[..., dict[str, Any]]:
    """A scenario's step that runs a macro, as DSS stores it."""

    def step(macro_id: str, config: dict[str, Any] | None = None, **given: Any) -> dict[str, Any]:
        params = {
            "runnableType": f"pyrunnable_govern-mirror_{macro_id}",
            "config": config or {},
            "adminConfig": {},
            "proceedOnFailure": given.pop("proceed", False),
        }
        return {
            "type": "runnable", "name": macro_id, "enabled": True, "params": params,
            "runConditionType": "RUN_IF_STATUS_MATCH", "runConditionStatuses": ["SUCCESS", "WARNING"], **given,
        }  # fmt: skip

    return step


@pytest.fixture
def scenario(project) -> Callable[..., Any]:
    """Make a scenario of these steps in project P, through a client's project when one is given."""

    def make(*steps: dict[str, Any], through: Any = None, name: str = "Reporting", **settings: Any) -> Any:
        made = (through or project).create_scenario(name, "step_based", {"params": {"steps": list(steps)}, **settings})
        return (through or project).get_scenario(made.id)

    return make
