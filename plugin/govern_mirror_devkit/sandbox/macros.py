"""Macro runs, as the API starts, watches, aborts and reads them (client)."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..host import ComponentAborted, ComponentError, MacroResult
from .auth import Caller
from .components import Components
from .errors import BadRequest, DssError, Forbidden, NotFound
from .projects import Projects


@dataclass
class MacroRun:
    """One run of a macro; it exists until its result is read (client)."""

    id: str
    runnable_type: str
    project_key: str
    done: float = 0
    target: float | None = None
    unit: str = "NONE"
    result: MacroResult | None = None
    error: DssError | None = None
    aborted: threading.Event = field(default_factory=threading.Event)
    finished: threading.Event = field(default_factory=threading.Event)

    def note_progress(self, done: float, target: float | None, unit: str) -> None:
        """Remember how far the component says it has come."""
        self.done, self.target, self.unit = done, target, unit

    def state(self) -> dict[str, Any]:
        """Return the state as the API shows it: `running` (client); the other keys are an assumption."""
        state: dict[str, Any] = {
            "exists": True,
            "running": not self.finished.is_set(),
            "runId": self.id,
            "progress": {"states": [{"cur": self.done, "target": self.target, "unit": self.unit}]},
        }
        if self.error is not None:
            state["storedError"] = self.error.body()
        return state


class Macros:
    """The macros that a project offers, and their runs."""

    def __init__(self, projects: Projects, components: Components) -> None:
        self._projects = projects
        self._components = components
        self._runs: dict[str, MacroRun] = {}

    def listed(self, caller: Caller, project_key: str) -> list[dict[str, Any]]:
        """Return the descriptors of all macros, as the API lists them in a project."""
        self._projects.require_read(caller, project_key)
        return [_definition(descriptor, caller) for descriptor in self._components.macros()]

    def definition(self, caller: Caller, project_key: str, runnable_type: str) -> dict[str, Any]:
        """Return one macro's descriptor; raises NotFound."""
        self._projects.require_read(caller, project_key)
        return _definition(self._components.macro(runnable_type), caller)

    def start(
        self, caller: Caller, project_key: str, runnable_type: str, params: Mapping[str, Any], *, wait: bool
    ) -> MacroRun:
        """Start a macro in the name of the caller, in the background or until it has finished.

        Raises:
            NotFound: when there is no such macro.
            Forbidden: when the caller lacks a right that the descriptor's `permissions` name.
        """
        descriptor = self._allowed(caller, project_key, runnable_type)
        run = MacroRun(secrets.token_hex(4), runnable_type, project_key)
        self._runs[run.id] = run
        arguments = (run, caller, descriptor, dict(params))
        thread = threading.Thread(target=self._finish, args=arguments, name=f"macro-{run.id}", daemon=True)
        thread.start()
        if wait:
            thread.join()
        return run

    def run(
        self,
        caller: Caller,
        project_key: str,
        runnable_type: str,
        params: Mapping[str, Any],
        aborted: threading.Event,
    ) -> MacroResult:
        """Run a macro to its end, as a scenario's step does; raises what `start` raises, and a failed run's error."""
        descriptor = self._allowed(caller, project_key, runnable_type)
        run = MacroRun(secrets.token_hex(4), runnable_type, project_key, aborted=aborted)
        return self._perform(run, caller, descriptor, params)

    def state(self, caller: Caller, project_key: str, runnable_type: str, run_id: str) -> dict[str, Any]:
        """Return the state of a run that exists; raises NotFound."""
        return self._run(caller, project_key, runnable_type, run_id).state()

    def abort(self, caller: Caller, project_key: str, runnable_type: str, run_id: str) -> None:
        """Ask a run to stop; it does at its component's next report of progress."""
        self._run(caller, project_key, runnable_type, run_id).aborted.set()

    def take_result(self, caller: Caller, project_key: str, runnable_type: str, run_id: str) -> MacroResult:
        """Return the result of a run that has finished, which then ceases to exist (client).

        Raises:
            DssError: the run is still going on, or failed: then with the component's own error type and message.
        """
        run = self._run(caller, project_key, runnable_type, run_id)
        if not run.finished.is_set():
            raise BadRequest(f"Macro run {run_id} is still running")
        self._runs.pop(run_id, None)
        if run.error is not None:
            raise run.error
        if run.result is None:
            raise NotFound(f"Macro run {run_id} has no result")
        return run.result

    def _run(self, caller: Caller, project_key: str, runnable_type: str, run_id: str) -> MacroRun:
        self._projects.require_read(caller, project_key)
        run = self._runs.get(run_id)
        if run is None or (run.project_key, run.runnable_type) != (project_key, runnable_type):
            raise NotFound(f"Macro run {run_id} not found")
        return run

    def _finish(self, run: MacroRun, caller: Caller, descriptor: Mapping[str, Any], params: dict[str, Any]) -> None:
        try:
            run.result = self._perform(run, caller, descriptor, params)
        except DssError as error:
            run.error = error
        except Exception as error:
            # a fault of the host itself must not leave a run without an end
            logging.getLogger(__name__).exception("macro run %s failed", run.id)
            run.error = DssError(500, "java.lang.RuntimeException", repr(error))
        finally:
            run.finished.set()

    def _perform(
        self, run: MacroRun, caller: Caller, descriptor: Mapping[str, Any], params: Mapping[str, Any]
    ) -> MacroResult:
        try:
            return self._components.run_macro(
                caller,
                descriptor,
                run.project_key,
                params,
                progress=run.note_progress,
                aborted=run.aborted.is_set,
            )
        except ComponentError as error:
            raise component_failure(error) from error
        except ComponentAborted as error:
            raise DssError(500, "java.lang.InterruptedException", "The macro was aborted") from error

    def _allowed(self, caller: Caller, project_key: str, runnable_type: str) -> dict[str, Any]:
        """Return the descriptor of a macro that the caller may run in the project (docs, macros: `permissions`)."""
        self._projects.require_read(caller, project_key)
        descriptor = self._components.macro(runnable_type)
        needed = descriptor.get("permissions") or []
        if "WRITE_CONF" in needed:
            self._projects.require_write(caller, project_key)
        if "ADMIN" in needed:
            self._projects.require_admin(caller, project_key)
        if descriptor.get("requiresGlobalAdmin") and not caller.is_admin:
            raise Forbidden(f"Only administrators may run the macro {runnable_type}")
        return descriptor


def component_failure(error: ComponentError) -> DssError:
    """Return a component's error as DSS answers it."""
    return DssError(500, error.error_type, error.message)


def _definition(descriptor: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
    # The client: `adminParams` is empty unless the key has admin rights.
    return {**descriptor, "adminParams": descriptor.get("adminParams", []) if caller.is_admin else []}
