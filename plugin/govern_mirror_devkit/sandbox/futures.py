"""Long tasks, which the API watches by the id of their future (client)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from .errors import DssError, NotFound


class Futures:
    """The instance's long tasks; they last as long as the sandbox."""

    def __init__(self) -> None:
        self._results: dict[str, Any] = {}
        self._running: dict[str, threading.Thread] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """How many there have been."""
        return len(self._results) + len(self._running)

    def finish(self, job_id: str, result: Any) -> None:
        """Let a task be at its end, with a result."""
        with self._lock:
            self._results[job_id] = result
            self._running.pop(job_id, None)

    def start(self, job_id: str, work: Callable[[], Any]) -> None:
        """Begin a task in the background."""

        def run() -> None:
            try:
                self.finish(job_id, work())
            except Exception as error:
                # a fault of the sandbox itself must not leave a task without an end
                logging.getLogger(__name__).exception("%s failed", job_id)
                self.finish(job_id, DssError(500, "java.lang.RuntimeException", repr(error)))

        thread = threading.Thread(target=run, name=job_id, daemon=True)
        with self._lock:
            self._running[job_id] = thread
        thread.start()

    def state(self, job_id: str) -> dict[str, Any]:
        """Return how a task stands, and its result once there is one (client: `DSSFuture.get_state`).

        Raises:
            NotFound: there is no such task.
            DssError: that of a task that broke off.
        """
        with self._lock:
            if job_id in self._running:
                return {"jobId": job_id, "hasResult": False, "alive": True}
            if job_id not in self._results:
                raise NotFound(f"Future {job_id} not found")
            result = self._results[job_id]
        if isinstance(result, DssError):
            raise result
        return {"jobId": job_id, "hasResult": True, "alive": False, "result": result}

    def join(self, timeout: float = 10) -> None:
        """Wait until no task is running, so many seconds for each."""
        for thread in list(self._running.values()):
            thread.join(timeout)
