"""Deployment hooks: Python that an infrastructure's administrators write into its settings (docs)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from . import kernel
from .process import run_with
from .results import Connection, HookOutcome


def run_hook(
    code: str,
    name: str,
    arguments: Mapping[str, Any],
    *,
    deployer: Connection,
    automation: Connection,
    python: Path | None = None,
    now: datetime | None = None,
) -> HookOutcome:
    """Run a hook to its end.

    Args:
        code: its text, which defines `execute`.
        name: its name, for tracebacks.
        arguments: what `execute` gets beside the clients.
        deployer, automation: where the clients lead, and as whom.
        python: the interpreter of the hooks' code environment; None for this process.
        now: the time that our own code sees in this process; the present when None.

    Returns:
        What it said. A hook that raises, or returns something else than a `HookResult`, ends as an error: that DSS lets
        the deployment fail then is an assumption.
    """
    job: kernel.Job = {
        "kind": "hook",
        "id": name,
        "code": code,
        "arguments": dict(arguments),
        "deployer_client": {"url": deployer.url, "api_key": deployer.api_key},
        "automation_client": {"url": automation.url, "api_key": automation.api_key},
        "url": deployer.url,
        "api_key": deployer.api_key,
        "project_key": None,
        # the hooks' code environment need not have our code
        "now": now.isoformat() if now and python is None else None,
    }
    try:
        if python is None:
            return HookOutcome(**kernel.run(job, lambda *_: None))
        return HookOutcome(**run_with(python, job, lambda *_: None))
    except kernel.ComponentFailed as failure:
        return HookOutcome("ERROR", f"{failure.error_type}: {failure.message}")
