"""Today's version against an earlier one, from a checkout of it: reports, one change, many changes.

Each version reads and writes projects that its own sandbox made, in turn, so that what else the machine does falls on
both alike. The settling time, which versions from 0.2 on wait once a command, is left out.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.measure import against, in_turn

ROOT = Path(__file__).parents[1]
MAIN = "from govern_mirror.cli.main import main; main()"
CHANGES = str(Path(__file__).with_name("changes.py"))


def compare(revision: str, projects: int) -> Iterator[tuple[str, str, str]]:
    """Measure both versions; yields what, figure, aim.

    Args:
        revision: the earlier version, as git knows it.
        projects: how many projects a report lists.
    """
    with checkout(revision) as folder:
        versions = (_command(folder), _command(ROOT))
        yield from _reports(versions, projects)
        yield from _changes(versions)


@contextmanager
def checkout(revision: str) -> Iterator[Path]:
    """Check out an earlier version for as long as it is needed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "earlier")
        subprocess.run(["git", "worktree", "add", "--quiet", "--detach", str(path), revision], cwd=ROOT, check=True)
        _declare_commands(path)
        try:
            yield path
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(path)], cwd=ROOT, check=True)


def _declare_commands(folder: Path) -> None:
    """Let a version that finds the devkit's commands by the entry points of what is installed find them."""
    declared = folder / "python-lib" / "earlier-0.dist-info"
    declared.mkdir()
    (declared / "METADATA").write_text("Metadata-Version: 2.1\nName: earlier\nVersion: 0\n")
    names = ("demo", "sandbox", "plugin")
    lines = [f"{name} = govern_mirror_devkit.commands.{name}:{name}" for name in names]
    (declared / "entry_points.txt").write_text("\n".join(["[govern_mirror.commands]", *lines, ""]))


def _command(folder: Path) -> list[str]:
    """The interpreter, with the version in that folder."""
    path = os.pathsep.join(str(folder / part) for part in ("python-lib", "plugin"))
    return ["env", f"PYTHONPATH={path}", sys.executable]


def _reports(versions: Sequence[list[str]], projects: int) -> Iterator[tuple[str, str, str]]:
    forms = ("json", "csv", "html")
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        commands = []
        for number, version in enumerate(versions):
            url, key = stack.enter_context(_sandbox(version, projects))
            report = ["env", f"DKU_DSS_URL={url}", f"DKU_API_KEY={key}", *version, "-c", MAIN, "-q", "report"]
            commands += [[*report, "--format", form, "-o", f"{folder}/{number}.{form}"] for form in forms]
        runs = list(zip(*in_turn(commands), strict=True))
    for form, earlier, today in zip(forms, runs[: len(forms)], runs[len(forms) :], strict=True):
        multiple = against(earlier, today)
        yield f"report --format {form}, wall against the earlier version", f"{multiple.wall:.2f} x", "1.03 x"
        yield f"report --format {form}, CPU against the earlier version", f"{multiple.cpu:.2f} x", "reported"


@contextmanager
def _sandbox(version: Sequence[str], projects: int) -> Iterator[tuple[str, str]]:
    command = [*version, "-c", MAIN, "-q", "sandbox", "--seed", "scale", "--projects", str(projects)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        served = json.loads(process.stdout.readline())
        yield served["url"], served["api_key"]
    finally:
        process.terminate()
        process.wait()


def _changes(versions: Sequence[list[str]], rounds: int = 5) -> Iterator[tuple[str, str, str]]:
    measured: list[list[dict[str, float]]] = [[] for _ in versions]
    for _ in range(rounds):
        for version, figures in zip(versions, measured, strict=True):
            ran = subprocess.run([*version, CHANGES], check=True, capture_output=True, text=True)
            figures.append(json.loads(ran.stdout.splitlines()[-1]))
    earlier, today = measured
    more = today[0]["requests of a change"] - earlier[0]["requests of a change"]
    yield "one change: requests more than the earlier version's", f"{more:+.0f}", "at most 2"
    ratios = [after["bulk seconds"] / before["bulk seconds"] for before, after in zip(earlier, today, strict=True)]
    yield "init --all, wall against the earlier version", f"{statistics.median(ratios):.2f} x", "1.05 x"
    yield "init --all, requests a project", f"{today[0]['bulk requests a project']:.2f}", "at most 3 and the list"
