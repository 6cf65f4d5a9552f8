"""The job that a run has: what it is told, which job is going on, and how it fails."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

Job = dict[str, Any]
"""`root`, `kind` (macro, recipe, check, hook, webapp), `id`, `config`, `plugin_config`, `project_key`, `url`,
`api_key`, `now` (ISO time or None); for macros `admin_key`; for recipes `inputs`, `outputs`, `readable` (inputs' schema
and rows) and `existing` (outputs' schema); for checks `original_project_key`. Hooks have `code`, `arguments`; as
`deployer_client` and `automation_client` a `url` and an `api_key` each, but no `root`, `config` and `plugin_config`."""

Progress = Callable[[float, "float | None", str], None]
"""Called with how much is done, of what target (or None), in what unit."""

current_job: ContextVar[Job] = ContextVar("govern_mirror_devkit_job")
"""The job of the run that is going on in the caller's context, so several runs can go on at once."""

_of_process: list[Job] = []

impersonated = threading.local()
"""`ticket`: stands for the person that this thread acts for, within `WebappImpersonationContext`.

That it holds for the thread alone, and not for threads that the code starts within the block, is an assumption, and the
strictest one: code must make its client inside the block.
"""


def belongs_to_process(job: Job) -> None:
    """Let a job be that of the whole process, whatever thread looks for it: a webapp's backend has many."""
    _of_process[:] = [job]


def going_on() -> Job:
    """Return the job of the caller's context, else that of the process."""
    job = current_job.get(_of_process[0] if _of_process else None)
    if job is None:
        raise LookupError("no component runs here")
    return job


class ComponentFailed(Exception):  # noqa: N818 - what DSS says of the run
    """A component raised an error, or does not keep to its interface."""

    def __init__(self, error_type: str, message: str, trace: str = "") -> None:
        super().__init__(message)
        self.error_type, self.message, self.trace = error_type, message, trace


def api_client() -> Any:
    """Return `dataiku.api_client()`: the client of the instance that the job runs on."""
    import dataikuapi

    job = going_on()
    ticket = getattr(impersonated, "ticket", None)
    if ticket is not None:
        return dataikuapi.DSSClient(job["url"], internal_ticket=ticket)
    return dataikuapi.DSSClient(job["url"], api_key=job["api_key"])
