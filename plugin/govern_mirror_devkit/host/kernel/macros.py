"""`dataiku.runnables`, and a run of a macro."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

from .component_code import component_class, component_failure, execute
from .job import ComponentFailed, Job, Progress, going_on


class Runnable:
    """`dataiku.runnables.Runnable`: the base of macros (docs)."""


class ResultTable:
    """`dataiku.runnables.ResultTable` (docs); the client reads `records` from its JSON."""

    def __init__(self) -> None:
        self.name: str | None = None
        self.columns: list[dict[str, str]] = []
        self.records: list[list[Any]] = []

    def set_name(self, name: str) -> None:
        """Name the table."""
        self.name = name

    def add_column(self, identifier: str, label: str, kind: str = "STRING") -> None:
        """Add a column; STRING and STRING_LIST are documented."""
        if kind not in ("STRING", "STRING_LIST"):
            raise ValueError(f"a column is STRING or STRING_LIST, not {kind}")
        if self.records:
            raise ValueError(f"column {identifier} comes after the first record: add all columns before")
        self.columns.append({"name": identifier, "displayName": label, "type": kind})

    def add_record(self, record: list[Any]) -> None:
        """Add a row, a value a column."""
        if len(record) != len(self.columns):
            raise ValueError(f"a record of {len(record)} values in a table of {len(self.columns)} columns")
        self.records.append(list(record))


def get_admin_dss_client(macro_id: str, runner_auth_info: dict[str, Any]) -> Any:
    """`dataiku.runnables.utils.get_admin_dss_client`: a client with an administrator's key (its public source).

    DSS's own makes the key by writing into DSS's files, on behalf of the user that it is told; so it fails where the
    macro has no access to them.
    """
    import dataikuapi

    job = going_on()
    runner_auth_info["authIdentifier"]
    if not job.get("admin_key"):
        raise PermissionError(13, "Permission denied", "config/public-apikeys.json")
    return dataikuapi.DSSClient(job["url"], api_key=job["admin_key"])


def make_unique_project_key(admin_client: Any, base_name: str) -> str:
    """`dataiku.runnables.utils.make_unique_project_key`: a key made of a name, with a number if need be."""
    base = re.sub(r"[^A-Z0-9]+", "_", base_name.upper())
    keys = {*admin_client.list_project_keys()}
    numbered = (f"{base}_{number}" for number in itertools.count(1))
    return next(key for key in itertools.chain([base], numbered) if key not in keys)


def run_macro(job: Job, progress: Progress) -> dict[str, Any]:
    """Run a macro; `runner.run` says with what and to what end."""
    stopped: list[BaseException] = []
    try:
        namespace = execute(job, "python-runnables", "runnable.py")
        macro = component_class(namespace, Runnable)(job["project_key"], job["config"], job["plugin_config"])
        target, unit = macro.get_progress_target() or (None, "NONE")

        def progressed(done: float) -> None:
            try:
                progress(done, target, unit)
            except BaseException as stop:
                stopped.append(stop)
                raise

        payload = macro.run(progressed)
    except (Exception, SystemExit) as error:
        if not stopped:
            raise component_failure(error) from error
    if stopped:
        # even when the macro swallowed it
        raise stopped[0]
    is_table = isinstance(payload, ResultTable)
    if is_table:
        payload = {"name": payload.name, "columns": payload.columns, "records": payload.records}
    try:
        json.dumps(payload)
    except (TypeError, ValueError) as error:
        raise ComponentFailed("java.lang.IllegalStateException", f"the macro's result is no JSON: {error}") from error
    return {"payload": payload, "is_table": is_table}
