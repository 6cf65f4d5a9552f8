"""The backend of a webapp: a process of its own that answers on the loopback interface."""

from __future__ import annotations

import json
import tempfile
import threading
from pathlib import Path

from .kernel import Job
from .process import start_kernel
from .results import ComponentError

START_TIMEOUT = 60
"""How many seconds a backend may take to set itself up."""

DIED = "com.dataiku.dip.exceptions.ProcessDiedException"
_LOG_LENGTH = 20_000


class WebappBackend:
    """The process of a webapp's backend, from its start to its end.

    Attributes:
        port: where it answers on the loopback interface.
        version: the plugin's version that it was started with.
    """

    def __init__(self, python: Path, job: Job, version: str) -> None:
        """Start the process, and wait until the backend has set itself up.

        Raises:
            ComponentError: `backend.py` failed, or the process died or did not get ready in time.
        """
        self.version = version
        self._folder = tempfile.TemporaryDirectory()
        home = Path(self._folder.name) / "home"
        home.mkdir()
        self._log = Path(self._folder.name) / "backend.log"
        with self._log.open("ab") as log:
            self._process = start_kernel(python, str(home), log)
        try:
            self.port = self._started(job)
        except BaseException:
            self.stop()
            raise

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def log(self) -> str:
        """Return the end of what the backend has printed."""
        try:
            return self._log.read_text(encoding="utf-8", errors="replace")[-_LOG_LENGTH:]
        except FileNotFoundError:
            return ""

    def kill(self) -> None:
        """End the process as a crash does: nothing is cleaned up."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End the process, and remove what it leaves."""
        self.kill()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._folder.cleanup()

    def _started(self, job: Job) -> int:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(job) + "\n")
        # stdin stays open: at its end the backend ends, too
        self._process.stdin.flush()
        lines: list[str] = []
        reader = threading.Thread(target=self._read_first_line, args=(lines,), daemon=True)
        reader.start()
        reader.join(START_TIMEOUT)
        if reader.is_alive():
            raise ComponentError(DIED, f"the backend was not ready after {START_TIMEOUT} seconds: {self.log()[-2000:]}")
        answer = json.loads(lines[0]) if lines and lines[0] else {}
        if "failed" in answer:
            raise ComponentError(*answer["failed"])
        if "listening" not in answer:
            self._process.wait()
            raise ComponentError(DIED, self.log()[-2000:] or "it died")
        return int(answer["listening"])

    def _read_first_line(self, lines: list[str]) -> None:
        assert self._process.stdout
        lines.append(self._process.stdout.readline())
