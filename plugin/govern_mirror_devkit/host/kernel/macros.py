"""`dataiku.runnables`, and a run of a macro."""

from __future__ import annotations

import json
from typing import Any

from .component_code import component_class, component_failure, execute
from .job import ComponentFailed, Job, Progress


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
