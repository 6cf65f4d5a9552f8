"""A run of a component: the modules it expects, the job it looks at, the time it sees."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from .checks import run_check
from .dataiku_modules import install
from .hooks import run_hook
from .job import Job, Progress, current_job
from .macros import run_macro
from .recipes import run_recipe


def run(job: Job, progress: Progress) -> dict[str, Any]:
    """Run a component.

    Args:
        job: what to run, and with what.
        progress: called when a macro reports progress; what it raises stops the macro.

    Returns:
        `{"payload", "is_table"}` of a macro, `{"written"}` of a recipe; `status`, `severity`, `message`, `details` and
        `traceback` of a check; `status` and `message` of a deployment hook.

    Raises:
        ComponentFailed: the component failed.
    """
    install()
    job.setdefault("written", {})
    job.setdefault("existing", {})
    token = current_job.set(job)
    try:
        with _at(job.get("now")):
            if job["kind"] == "macro":
                return run_macro(job, progress)
            return {"check": run_check, "hook": run_hook, "recipe": run_recipe}[job["kind"]](job)
    finally:
        current_job.reset(token)


@contextlib.contextmanager
def _at(now: str | None) -> Iterator[None]:
    """Let the plugin's code see a time; the present when None."""
    if now is None:
        yield
        return
    clock = importlib.import_module("govern_mirror.clock")
    with clock.set_to(datetime.fromisoformat(now)):
        yield
