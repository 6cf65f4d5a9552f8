"""The process in which the kernel runs, under an interpreter of the caller's choice."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import IO, Any

from . import kernel


def start_kernel(python: Path, folder: str, log: IO[Any]) -> subprocess.Popen[str]:
    """Start the kernel, which reads a job from its stdin; it sees nothing of this process's packages or environment.

    Args:
        python: the interpreter.
        folder: where it runs, and what it takes for its home.
        log: where what component code prints goes to.
    """
    environment = {name: os.environ[name] for name in ("PATH", "LANG", "SYSTEMROOT") if name in os.environ}
    return subprocess.Popen(  # noqa: S603 - our own code, an interpreter that the caller chose
        [str(python), "-B", str(Path(kernel.__file__).parent)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        encoding="utf-8",
        cwd=folder,
        env={**environment, "HOME": folder},
    )


def run_with(python: Path, job: kernel.Job, report: kernel.Progress) -> dict[str, Any]:
    """Run a job under another interpreter, which sees nothing of this one's packages or environment."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile("w+", encoding="utf-8") as log:
        worker = start_kernel(python, folder, log)
        assert worker.stdin
        assert worker.stdout
        try:
            worker.stdin.write(json.dumps(job) + "\n")
            worker.stdin.close()
            for line in worker.stdout:
                message = json.loads(line)
                if "progress" in message:
                    report(*message["progress"])
                elif "failed" in message:
                    raise kernel.ComponentFailed(*message["failed"])
                else:
                    result: dict[str, Any] = message["result"]
                    return result
        finally:
            worker.stdout.close()
            worker.kill()
            worker.wait()
        log.seek(0)
        raise kernel.ComponentFailed("com.dataiku.dip.exceptions.ProcessDiedException", log.read()[-2000:] or "it died")
