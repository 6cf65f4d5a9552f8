"""Throw-away plugins, and a sandbox that has the real one installed."""

from __future__ import annotations

import contextlib
import json
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from govern_mirror_devkit.host import CheckResult, Connection, MacroResult, PluginHost, RecipeResult
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.mock_instance import mock_instance
from govern_mirror_devkit.source import plugin_root

NOWHERE = Connection("http://127.0.0.1:9", "no-key")
"""For components that never call DSS."""

MACRO = """
import dataiku
from dataiku.runnables import ResultTable, Runnable

class TheMacro(Runnable):
    def __init__(self, project_key, config, plugin_config):
        self.project_key, self.config, self.plugin_config = project_key, config, plugin_config

    def get_progress_target(self):
        return {target}

    def run(self, progress_callback):
{body}
"""


CHECK = """
import dataiku
from dataiku.project_standards import ProjectStandardsCheckRunResult as Result
from dataiku.project_standards import ProjectStandardsCheckSpec

class TheCheck(ProjectStandardsCheckSpec):
    def run(self):
{body}
"""


@pytest.fixture
def sandbox():
    with contextlib.closing(Sandbox(plugin=PluginHost(plugin_root()))) as sandbox:
        yield sandbox


@pytest.fixture
def connection(sandbox):
    with mock_instance(sandbox) as mock:
        # the library's requests would be kept for nothing
        mock.calls.reset()
        yield Connection(sandbox.base_url, sandbox.admin_key)


class TemporaryPlugin:
    """A plugin that a test writes; its one macro is called `m`, its one recipe `r`, its one check `c`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._write("plugin.json", {"id": "throw-away", "version": "1.0.0", "params": []})

    def settings(self, *params: dict[str, Any]) -> TemporaryPlugin:
        self._write("plugin.json", {"id": "throw-away", "version": "1.0.0", "params": list(params)})
        return self

    def macro(self, body: str, result: str = "NONE", *, params: Any = (), target: str = "None") -> TemporaryPlugin:
        indented = textwrap.indent(textwrap.dedent(body), " " * 8)
        return self.macro_file(MACRO.format(body=indented, target=target), result, params=params)

    def macro_file(self, text: str, result: str = "NONE", *, params: Any = ()) -> TemporaryPlugin:
        self._write("python-runnables/m/runnable.json", {"resultType": result, "params": list(params)})
        (self.root / "python-runnables/m/runnable.py").write_text(text, encoding="utf-8")
        return self

    def recipe(self, text: str, *, params: Any = ()) -> TemporaryPlugin:
        descriptor = {"kind": "PYTHON", "inputRoles": [], "outputRoles": [{"name": "out"}], "params": list(params)}
        self._write("custom-recipes/r/recipe.json", descriptor)
        start = "import dataiku\nfrom dataiku.customrecipe import *\n"
        (self.root / "custom-recipes/r/recipe.py").write_text(start + textwrap.dedent(text), encoding="utf-8")
        return self

    def check(self, body: str, *, params: Any = ()) -> TemporaryPlugin:
        return self.check_file(CHECK.format(body=textwrap.indent(textwrap.dedent(body), " " * 8)), params=params)

    def check_file(self, text: str, *, params: Any = ()) -> TemporaryPlugin:
        folder = "python-project-standards-check-specs/c"
        self._write(f"{folder}/project_standards_check_spec.json", {"params": list(params)})
        (self.root / folder / "project_standards_check_spec.py").write_text(text, encoding="utf-8")
        return self

    def _write(self, path: str, descriptor: Any) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(descriptor), encoding="utf-8")

    def run(self, python: Path | None = None, **given: Any) -> MacroResult:
        arguments = {"params": {}, "project_key": "P", "connection": NOWHERE, **given}
        return PluginHost(self.root, python).run_macro("m", **arguments)

    def run_recipe(self, python: Path | None = None, **given: Any) -> RecipeResult:
        arguments = {
            "params": {}, "project_key": "P", "inputs": {}, "outputs": {"out": ["P.rows"]}, "connection": NOWHERE,
        }  # fmt: skip
        return PluginHost(self.root, python).run_recipe("r", **{**arguments, **given})

    def run_check(self, python: Path | None = None, **given: Any) -> CheckResult:
        arguments = {"params": {}, "project_key": "P", "connection": NOWHERE, **given}
        return PluginHost(self.root, python).run_check("c", **arguments)


@pytest.fixture
def plugin(tmp_path) -> TemporaryPlugin:
    return TemporaryPlugin(tmp_path / "plugin")


@pytest.fixture(params=["in this process", pytest.param("under another interpreter", marks=pytest.mark.costly(8))])
def python(request) -> Path | None:
    """How components run: each of the two must do as the other."""
    return None if request.param == "in this process" else Path(sys.executable)


@pytest.fixture
def run_own(connection) -> Callable[..., MacroResult]:
    """Run one of the real plugin's macros in the sandbox."""

    def run(macro_id: str, params: dict[str, Any], project_key: str | None = "P", **given: Any) -> MacroResult:
        host = PluginHost(plugin_root())
        return host.run_macro(macro_id, params=params, project_key=project_key, connection=connection, **given)

    return run
