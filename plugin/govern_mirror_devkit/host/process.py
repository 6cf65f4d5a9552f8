"""The process in which the kernel runs, under an interpreter of the caller's choice."""

from __future__ import annotations

import os
import subprocess
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
