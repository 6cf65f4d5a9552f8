"""`PluginHost`: runs the components of a plugin, in this process or under another interpreter."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from . import descriptors, kernel
from .params import as_passed, as_sent
from .process import run_with
from .results import (
    CheckResult,
    ComponentAborted,
    ComponentError,
    Connection,
    DatasetWrite,
    MacroResult,
    RecipeResult,
)
from .webapps import WebappBackend

Progress = Callable[[float, "float | None", str], None]
"""Called with how much is done, of what target (or None), in what unit."""

_CONTENT_TYPES = {
    "HTML": "text/html; charset=utf-8",
    "RESULT_TABLE": "application/json",
    "JSON_OBJECT": "application/json",
    "URL": "text/plain; charset=utf-8",
    "NONE": "text/plain; charset=utf-8",
}
WRONG_RESULT = "java.lang.IllegalStateException"


class PluginHost:
    """The plugin under a root folder, ready to run as DSS runs it.

    Args:
        root: the folder that holds `plugin.json`.
        python: another interpreter to run component code with, which has only what the plugin requires and the
            API client; None for this process, which must have the plugin's `python-lib` on its path. Backends of
            webapps have processes of their own in any case.
    """

    def __init__(self, root: Path, python: Path | None = None) -> None:
        self.root = root
        self._python = python

    @property
    def plugin_id(self) -> str:
        """The plugin's id."""
        return str(descriptors.plugin_descriptor(self.root)["id"])

    def macros(self) -> list[dict[str, Any]]:
        """Return the macros' descriptors, with `id` and `runnableType`."""
        return descriptors.macros(self.root)

    def recipes(self) -> list[dict[str, Any]]:
        """Return the recipes' descriptors, with `id` and `type`."""
        return descriptors.recipes(self.root)

    def checks(self) -> list[dict[str, Any]]:
        """Return the Project Standards check specs' descriptors, with `id` and `elementType`."""
        return descriptors.checks(self.root)

    def webapps(self) -> list[dict[str, Any]]:
        """Return the webapps' descriptors, with `id` and `type`."""
        return descriptors.webapps(self.root)

    def run_macro(
        self,
        macro_id: str,
        *,
        params: Mapping[str, Any] | None = None,
        sent: Mapping[str, Any] | None = None,
        raw_config: Mapping[str, Any] | None = None,
        project_key: str | None,
        connection: Connection,
        plugin_settings: Mapping[str, Any] | None = None,
        admin_key: str | None = None,
        progress: Progress | None = None,
        aborted: Callable[[], bool] | None = None,
        now: datetime | None = None,
    ) -> MacroResult:
        """Run a macro to its end.

        Args:
            macro_id: the folder's name.
            params: the form's values, as people fill it in: what it does not offer is refused.
            sent: instead, values that the API or a scenario sends: no form checks them.
            raw_config: instead, exactly what the code gets, whatever DSS makes of it.
            project_key: the project it runs in.
            connection: where `dataiku.api_client()` leads, and as whom.
            plugin_settings: the instance-wide settings as saved; the descriptor's defaults are applied.
            admin_key: what `get_admin_dss_client` connects with; None for a macro that cannot reach DSS's own files.
            progress: told when the macro reports progress.
            aborted: asked at each report of progress.
            now: the time the plugin's code sees; the present when None.

        Raises:
            ComponentError: the form is not valid, the macro failed, or its result is not of its `resultType`.
            ComponentAborted: `aborted` said so.
        """
        descriptor = _component(self.macros(), macro_id, "macro")
        config = _config(descriptor, params, sent, raw_config)
        job = self._job("macro", descriptor, config, plugin_settings, project_key, connection, now)
        job["admin_key"] = admin_key

        def report(done: float, target: float | None, unit: str) -> None:
            if progress:
                progress(done, target, unit)
            if aborted and aborted():
                raise ComponentAborted(f"macro {macro_id} was aborted")

        return _checked(descriptor, self._run(job, report))

    def run_recipe(
        self,
        recipe_id: str,
        *,
        params: Mapping[str, Any] | None = None,
        sent: Mapping[str, Any] | None = None,
        raw_config: Mapping[str, Any] | None = None,
        project_key: str,
        inputs: Mapping[str, list[str]],
        outputs: Mapping[str, list[str]],
        connection: Connection,
        plugin_settings: Mapping[str, Any] | None = None,
        read_dataset: Callable[[str], DatasetWrite | None] | None = None,
        now: datetime | None = None,
    ) -> RecipeResult:
        """Run a recipe to its end and return what it wrote.

        Args:
            recipe_id: the folder's name.
            params, sent, raw_config: the form's values, as for a macro.
            project_key: the recipe's project.
            inputs, outputs: full dataset names by role.
            connection: where `dataiku.api_client()` leads, and as whom.
            plugin_settings: the instance-wide settings as saved.
            read_dataset: gives schema and rows of an input or an output, as it is, by its full name.
            now: the time the plugin's code sees; the present when None.

        Raises:
            ComponentError: the form is not valid, a role is wrong, or the recipe failed.
        """
        descriptor = _component(self.recipes(), recipe_id, "recipe")
        config = _config(descriptor, params, sent, raw_config)
        job = self._job("recipe", descriptor, config, plugin_settings, project_key, connection, now)
        job["inputs"], job["outputs"] = dict(inputs), dict(outputs)
        read = read_dataset or (lambda name: None)
        readable = {name: read(name) for name in _names(inputs)}
        job["readable"] = {
            name: {"schema": dataset.schema, "rows": dataset.rows} for name, dataset in readable.items() if dataset
        }
        existing = {name: read(name) for name in _names(outputs)}
        job["existing"] = {name: dataset.schema if dataset else [] for name, dataset in existing.items()}
        written = self._run(job, lambda *_: None)["written"]
        return RecipeResult(
            {
                name: DatasetWrite(dataset["schema"], dataset["rows"], dataset.get("append", False))
                for name, dataset in written.items()
            }
        )

    def run_check(
        self,
        check_id: str,
        *,
        params: Mapping[str, Any] | None = None,
        raw_config: Mapping[str, Any] | None = None,
        project_key: str,
        connection: Connection,
        original_project_key: str | None = None,
        plugin_settings: Mapping[str, Any] | None = None,
        now: datetime | None = None,
    ) -> CheckResult:
        """Run a Project Standards check on a project.

        Args:
            check_id: the folder's name of the check spec.
            params, raw_config: the check's settings, as for a macro.
            project_key: the project that the check sees.
            connection: where that project is, and as whom it is read.
            original_project_key: the project that is meant, where `project_key` is the temporary copy that DSS makes
                for the run; None when there is no copy.
            plugin_settings: the instance-wide settings as saved.
            now: the time the plugin's code sees; the present when None.

        Returns:
            What the check found; one that raises is a RUN_ERROR, as in DSS.

        Raises:
            ComponentError: the settings are not valid, or the component does not keep to its interface.
        """
        descriptor = _component(self.checks(), check_id, "check")
        config = _config(descriptor, params, None, raw_config)
        job = self._job("check", descriptor, config, plugin_settings, project_key, connection, now)
        job["original_project_key"] = original_project_key or project_key
        return CheckResult(**self._run(job, lambda *_: None))

    def start_webapp(
        self,
        webapp_id: str,
        *,
        config: Mapping[str, Any] | None = None,
        project_key: str,
        connection: Connection,
        plugin_settings: Mapping[str, Any] | None = None,
    ) -> WebappBackend:
        """Start the backend of a webapp, and return it once it answers.

        Args:
            webapp_id: the folder's name.
            config: the values of the webapp's params, as saved; no form checks what the API saves.
            project_key: the webapp's project.
            connection: where `dataiku.api_client()` leads, and as whom: the webapp's run-as user.
            plugin_settings: the instance-wide settings as saved.

        Raises:
            ComponentError: there is no such webapp, or its backend could not be set up.
        """
        descriptor = _component(self.webapps(), webapp_id, "webapp")
        values = as_sent(descriptor.get("params") or [], config or {})
        job = self._job("webapp", descriptor, values, plugin_settings, project_key, connection, None)
        version = str(descriptors.plugin_descriptor(self.root).get("version"))
        return WebappBackend(self._python or Path(sys.executable), job, version)

    def _job(
        self,
        kind: str,
        descriptor: Mapping[str, Any],
        config: Mapping[str, Any],
        plugin_settings: Mapping[str, Any] | None,
        project_key: str | None,
        connection: Connection,
        now: datetime | None,
    ) -> kernel.Job:
        plugin = descriptors.plugin_descriptor(self.root)
        return {
            "root": str(self.root),
            "kind": kind,
            "id": descriptor["id"],
            "config": dict(config),
            # an administrator may have saved them through the API, which checks nothing
            "plugin_config": as_sent(plugin.get("params") or [], plugin_settings or {}),
            "project_key": project_key,
            "url": connection.url,
            "api_key": connection.api_key,
            "now": now.isoformat() if now else None,
        }

    def _run(self, job: kernel.Job, report: Progress) -> dict[str, Any]:
        try:
            if self._python is None:
                return kernel.run(job, report)
            return run_with(self._python, job, report)
        except kernel.ComponentFailed as failure:
            raise ComponentError(failure.error_type, failure.message, failure.trace) from failure


def _config(
    descriptor: Mapping[str, Any],
    params: Mapping[str, Any] | None,
    sent: Mapping[str, Any] | None,
    raw_config: Mapping[str, Any] | None,
) -> Mapping[str, Any]:
    """Return what the code gets, of a form that was filled in, of values that were sent, or as it is."""
    declared = descriptor.get("params") or []
    if raw_config is not None:
        return raw_config
    return as_passed(declared, params or {}) if sent is None else as_sent(declared, sent)


def _names(roles: Mapping[str, list[str]]) -> list[str]:
    return [name for names in roles.values() for name in names]


def _component(declared: list[dict[str, Any]], component_id: str, word: str) -> dict[str, Any]:
    for descriptor in declared:
        if descriptor["id"] == component_id:
            return descriptor
    ids = ", ".join(descriptor["id"] for descriptor in declared)
    raise ComponentError(WRONG_RESULT, f"the plugin has no {word} {component_id!r}; it has {ids or 'none'}")


def _checked(descriptor: Mapping[str, Any], result: Mapping[str, Any]) -> MacroResult:
    """Hold a macro to the `resultType` of its descriptor (docs, macros)."""
    kind, payload = descriptor.get("resultType", "NONE"), result["payload"]
    if kind not in _CONTENT_TYPES:
        raise ComponentError(WRONG_RESULT, f"the host cannot check the result type {kind}")
    fits = {
        "HTML": isinstance(payload, str),
        "URL": isinstance(payload, str),
        "RESULT_TABLE": result["is_table"],
        "JSON_OBJECT": isinstance(payload, dict | list) and not result["is_table"],
        "NONE": payload is None,
    }[kind]
    if not fits:
        returned = "a ResultTable" if result["is_table"] else type(payload).__name__
        raise ComponentError(WRONG_RESULT, f"the descriptor promises {kind}, but the macro returned {returned}")
    if kind == "RESULT_TABLE":
        _check_table(payload)
    return MacroResult(kind, _CONTENT_TYPES[kind], payload)


def _check_table(table: Mapping[str, Any]) -> None:
    for record in table["records"]:
        for column, value in zip(table["columns"], record, strict=True):
            texts = value if column["type"] == "STRING_LIST" and isinstance(value, list) else [value]
            if not all(text is None or isinstance(text, str) for text in texts):
                raise ComponentError(WRONG_RESULT, f"column {column['name']} holds {value!r}, which is not a text")
