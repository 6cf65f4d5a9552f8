"""Deployment hooks of an infrastructure: run one after the other, and a few at once on the whole node (docs)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..host import Connection, HookOutcome, run_hook
from .auth import Accounts
from .clock import Clock
from .errors import DssError

AT_ONCE = 3
"""How many hooks run at any time (docs)."""


class DeploymentHooks:
    """Runs the hooks that stand in an infrastructure's settings, on the node where the Deployer runs (docs).

    Attributes:
        python: the interpreter of the hooks' code environment; None for this process.
        patience: how many seconds a deployment waits for a hook's turn before it fails: 10 before, 60 after (docs).
    """

    def __init__(self, accounts: Accounts, clock: Clock, base_url: Callable[[], str]) -> None:
        self._accounts = accounts
        self._clock = clock
        self._base_url = base_url
        self._places = threading.Semaphore(AT_ONCE)
        self.python: Path | None = None
        self.patience = {"preDeploymentHooks": 10.0, "postDeploymentHooks": 60.0}

    def run(
        self, infra: Mapping[str, Any], phase: str, arguments: Mapping[str, Any], requester: str
    ) -> Iterator[tuple[str, HookOutcome]]:
        """Run the hooks of a phase in their order, as long as the caller asks for the next; yield names and outcomes.

        Args:
            infra: the infrastructure's settings.
            phase: `preDeploymentHooks` or `postDeploymentHooks`.
            arguments: what `execute` gets beside the clients.
            requester: whose identity hooks have where no user is configured for them; that it is theirs is an
                assumption.
        """
        for hook in infra.get(phase) or []:
            if hook.get("enabled", True):
                name = str(hook.get("name") or "hook")
                yield name, self._run(infra, phase, name, str(hook.get("code") or ""), arguments, requester)

    def _run(
        self,
        infra: Mapping[str, Any],
        phase: str,
        name: str,
        code: str,
        arguments: Mapping[str, Any],
        requester: str,
    ) -> HookOutcome:
        if not self._places.acquire(timeout=self.patience[phase]):
            waited = self.patience[phase]
            return HookOutcome("ERROR", f"No place to run the hook within {waited:g} seconds: {AT_ONCE} run already")
        try:
            key = self._accounts.create_session_key(self._accounts.user(infra.get("hooksRunAsUser") or requester))
            try:
                return run_hook(
                    code,
                    name,
                    arguments,
                    deployer=Connection(self._base_url(), key),
                    automation=Connection(str(infra.get("automationNodeUrl")), str(infra.get("adminApiKey"))),
                    python=self.python,
                    now=self._clock.now(),
                )
            finally:
                self._accounts.revoke(key)
        except DssError as error:
            # the user of the hooks is gone or disabled
            return HookOutcome("ERROR", error.message)
        finally:
            self._places.release()
