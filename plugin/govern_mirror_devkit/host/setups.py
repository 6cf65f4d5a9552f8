"""Choices of forms that a component computes in Python, asked for as DSS asks for them.

A param with `getChoicesFromPython` gets its choices from the function `do` of the file below `resource/` that the
descriptor's `paramsPythonSetup` names (docs, params). The function sees the form as it is filled in so far, the
plugin's settings, and the project that the form is opened in (`dataiku.default_project_key()`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import kernel
from .descriptors import plugin_descriptor
from .params import as_sent
from .results import ComponentError, Connection

INVALID = "java.lang.IllegalArgumentException"

_RUN_BY = """
import runpy
from dataiku.runnables import Runnable

class Choices(Runnable):
    def __init__(self, project_key, config, plugin_config):
        self.config, self.plugin_config = config, plugin_config

    def get_progress_target(self):
        return None

    def run(self, progress_callback):
        do = runpy.run_path(self.config["file"])["do"]
        return do(self.config["payload"], self.config["form"], self.plugin_config, [])
"""
"""What runs the function, as a macro of its own, so that it finds the modules of DSS."""


def choices(
    root: Path,
    descriptor: Mapping[str, Any],
    parameter: str,
    *,
    form: Mapping[str, Any] | None = None,
    project_key: str | None,
    connection: Connection,
    plugin_settings: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """Return the choices that a param offers: those of its descriptor, or those that the plugin's code computes.

    Args:
        root: the plugin's root folder.
        descriptor: the component's descriptor.
        parameter: the param's name.
        form: what is filled in so far.
        project_key: the project that the form is opened in.
        connection: where `dataiku.api_client()` leads, and as whom.
        plugin_settings: the instance-wide settings as saved.

    Raises:
        ComponentError: there is no such param or file, the code failed, or what it gave are no choices.
    """
    param = next((each for each in descriptor.get("params") or [] if each.get("name") == parameter), None)
    if param is None:
        raise ComponentError(INVALID, f"there is no param {parameter}")
    if not param.get("getChoicesFromPython"):
        return list(param.get("selectChoices") or [])
    file = root / "resource" / str(descriptor.get("paramsPythonSetup"))
    if not file.is_file():
        raise ComponentError(INVALID, f"paramsPythonSetup names no file in resource: {file.name}")
    with tempfile.TemporaryDirectory() as folder:
        runner = Path(folder) / "python-runnables" / "choices" / "runnable.py"
        runner.parent.mkdir(parents=True)
        runner.write_text(_RUN_BY, encoding="utf-8")
        config = {"file": str(file), "payload": {"parameterName": parameter}, "form": dict(form or {})}
        job = {
            "root": folder,
            "kind": "macro",
            "id": "choices",
            "config": config,
            "plugin_config": as_sent(plugin_descriptor(root).get("params") or [], plugin_settings or {}),
            "project_key": project_key,
            "url": connection.url,
            "api_key": connection.api_key,
            "now": None,
        }
        try:
            answer = kernel.run(job, lambda *_: None)["payload"]
        except Exception as error:
            raise ComponentError(getattr(error, "error_type", type(error).__name__), str(error)) from error
    choices = answer.get("choices") if isinstance(answer, dict) else None
    if not isinstance(choices, list) or not all(isinstance(choice, dict) and "value" in choice for choice in choices):
        raise ComponentError(INVALID, f"{file.name} must give choices with a value and a label each")
    return choices
