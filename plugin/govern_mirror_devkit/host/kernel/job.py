"""The job that a run has: what it is told, which job is going on, and how it fails."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

Job = dict[str, Any]
"""`root`, `kind` (macro, recipe, check), `id`, `config`, `plugin_config`, `project_key`, `url`, `api_key`, `now` (ISO
time or None); for recipes `inputs`, `outputs`, `readable` (inputs' schema and rows) and `existing` (outputs' schema);
for checks `original_project_key`."""

Progress = Callable[[float, "float | None", str], None]
"""Called with how much is done, of what target (or None), in what unit."""

current_job: ContextVar[Job] = ContextVar("govern_mirror_devkit_job")
"""The job of the run that is going on in the caller's context, so several runs can go on at once."""


class ComponentFailed(Exception):  # noqa: N818 - what DSS says of the run
    """A component raised an error, or does not keep to its interface."""

    def __init__(self, error_type: str, message: str, trace: str = "") -> None:
        super().__init__(message)
        self.error_type, self.message, self.trace = error_type, message, trace


def api_client() -> Any:
    """Return `dataiku.api_client()`: the client of the instance that the job runs on."""
    import dataikuapi

    job = current_job.get()
    return dataikuapi.DSSClient(job["url"], api_key=job["api_key"])
