"""A run of a deployment hook: the text of an infrastructure, which finds `HookResult` without an import (docs)."""

from __future__ import annotations

import types
from typing import Any

from .component_code import component_failure
from .job import ComponentFailed, Job


class HookResult:
    """`HookResult`: how a hook ended, and what it says (developer guide, deployer hooks)."""

    def __init__(self, status: str, message: str) -> None:
        if not isinstance(message, str):
            raise ValueError(f"a message is a text, not {message!r}")
        self.status, self.message = status, message

    @classmethod
    def success(cls, message: str) -> HookResult:
        """Return that the deployment may go on."""
        return cls("SUCCESS", message)

    @classmethod
    def warning(cls, message: str) -> HookResult:
        """Return that it may go on, with a warning."""
        return cls("WARNING", message)

    @classmethod
    def error(cls, message: str) -> HookResult:
        """Return that it must not go on."""
        return cls("ERROR", message)


def run_hook(job: Job) -> dict[str, Any]:
    """Run a deployment hook, and return `status` and `message`; `runner.run` says with what.

    All arguments go by name, so that hooks which take only `**kwargs` work as well; that DSS does so is an assumption.
    """
    import dataikuapi

    clients = {
        name: dataikuapi.DSSClient(job[name]["url"], api_key=job[name]["api_key"])
        for name in ("deployer_client", "automation_client")
    }
    try:
        namespace = types.ModuleType("deployment_hook")
        vars(namespace)["HookResult"] = HookResult
        exec(compile(job["code"], job["id"], "exec"), vars(namespace))  # noqa: S102 - it is its job
        result = namespace.execute(**job["arguments"], **clients)
    except (Exception, SystemExit) as error:
        raise component_failure(error) from error
    if not isinstance(result, HookResult):
        message = f"execute() must return a HookResult: {type(result).__name__}"
        raise ComponentFailed("java.lang.IllegalStateException", message)
    return {"status": result.status, "message": result.message}
