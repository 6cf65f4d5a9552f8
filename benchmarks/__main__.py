"""Run the benchmarks and print one line for each: what, figure, aim."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measure import typical

GOVERN_MIRROR = str(Path(sys.executable).with_name("govern-mirror"))
BARE_LIST = str(Path(__file__).with_name("bare_list.py"))


def line(what: str, figure: str, aim: str) -> None:
    print(f"{what:<62} {figure:>12}   aim: {aim}", flush=True)


def startup() -> None:
    """`--help` imports no more than it prints."""
    bare = typical([sys.executable, "-c", "pass"])
    found = typical([GOVERN_MIRROR, "--help"])
    line("govern-mirror --help, CPU seconds", f"{found.cpu:.3f}", "under 0.1")
    line("govern-mirror --help, CPU against a bare python", f"{found.cpu / bare.cpu:.1f} x", "reported")


def report(projects: int) -> None:
    """A report of many projects, against a script that only lists them; both as whole processes."""
    with sandbox(projects) as environment, tempfile.TemporaryDirectory() as folder:
        bare = typical([sys.executable, BARE_LIST], environment, 3)
        line(f"bare list of {projects:,} projects, wall seconds", f"{bare.wall:.2f}", "the yardstick")
        for form, aim in (("json", "2.5"), ("csv", "2.5"), ("html", "3.5")):
            command = [GOVERN_MIRROR, "-q", "report", "--format", form, "-o", f"{folder}/report.{form}"]
            found = typical(command, environment, 3)
            line(f"report --format {form}, wall against the bare list", f"{found.wall / bare.wall:.2f} x", f"{aim} x")
            line(f"report --format {form}, peak memory", f"{found.memory / bare.memory:.2f} x", "3 x")


@contextmanager
def sandbox(projects: int) -> Iterator[dict[str, str]]:
    """Serve many projects; yields the environment that leads to them."""
    command = [GOVERN_MIRROR, "-q", "sandbox", "--seed", "scale", "--projects", str(projects)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        found = json.loads(process.stdout.readline())
        yield {"DKU_DSS_URL": found["url"], "DKU_API_KEY": found["api_key"]}
    finally:
        process.terminate()
        process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--projects", type=int, default=10_000, help="how many the report benchmark lists")
    given = parser.parse_args()
    startup()
    report(given.projects)


if __name__ == "__main__":
    main()
