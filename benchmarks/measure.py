"""Measure whole processes: wall time, CPU time, peak memory."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """What a process cost: seconds of wall and CPU time, and megabytes of resident memory at its peak."""

    wall: float
    cpu: float
    memory: float


def cost(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Cost:
    """Run a command to its end, its output thrown away.

    Raises:
        RuntimeError: it failed.
    """
    # pip compiles what it installs: the round that warms the caches leaves our sources compiled, too
    variables = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", **(environment or {})}
    began = time.perf_counter()
    with Path(os.devnull).open("wb") as sink:
        process = subprocess.Popen(command, stdout=sink, stderr=sink, env=variables)
        _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    # wait4 has taken the child away from Popen, which must not wait for it again
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    kilobytes = usage.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return Cost(wall, usage.ru_utime + usage.ru_stime, kilobytes / 1024)


def typical(command: Sequence[str], environment: Mapping[str, str] | None = None, times: int = 5) -> Cost:
    """The median of several runs, after one that warms the caches."""
    return _median([run for (run,) in in_turn([command], environment, times)])


def in_turn(
    commands: Sequence[Sequence[str]], environment: Mapping[str, str] | None = None, times: int = 5
) -> list[list[Cost]]:
    """Rounds in which each command runs once, one after the other, after a round that warms the caches.

    What else the machine does then falls on all commands alike.
    """
    return [[cost(command, environment) for command in commands] for _ in range(times + 1)][1:]


def against(first: Sequence[Cost], second: Sequence[Cost]) -> Cost:
    """The median, over rounds, of what the second cost as a multiple of the first."""
    return _median(
        [Cost(b.wall / a.wall, b.cpu / a.cpu, b.memory / a.memory) for a, b in zip(first, second, strict=True)]
    )


def _median(runs: Sequence[Cost]) -> Cost:
    return Cost(
        statistics.median(run.wall for run in runs),
        statistics.median(run.cpu for run in runs),
        statistics.median(run.memory for run in runs),
    )
