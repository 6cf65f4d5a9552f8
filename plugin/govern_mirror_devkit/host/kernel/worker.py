"""The kernel's process: it reads a job, one line of JSON, and answers with lines of JSON: progress, then the end."""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

from .dataiku_modules import install
from .job import ComponentFailed
from .runner import run
from .webapps import serve_webapp


def main() -> None:
    """Run the job that stands on stdin."""
    # what component code prints must not mix with the answers
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def answer(**message: Any) -> None:
        answers.write(json.dumps(message) + "\n")
        answers.flush()

    job = json.loads(sys.stdin.readline())
    if "root" in job:
        sys.path.insert(0, str(Path(job["root"]) / "python-lib"))
    try:
        if job["kind"] == "webapp":
            # the backend ends with the process that started it, whatever its threads are doing
            threading.Thread(target=_end_with_stdin, daemon=True).start()
            install()
            serve_webapp(job, lambda port: answer(listening=port))
        else:
            answer(result=run(job, lambda done, target, unit: answer(progress=[done, target, unit])))
    except ComponentFailed as failure:
        answer(failed=[failure.error_type, failure.message, failure.trace])


def _end_with_stdin() -> None:
    """End the process when the one that started it closes its end, or dies."""
    sys.stdin.read()
    os._exit(0)
