"""Run the benchmarks and print one line for each: what, figure, aim."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import earlier, history, hub_speed, sync_speed
from benchmarks.live_page import figures
from benchmarks.measure import against, in_turn, typical
from benchmarks.page_speed import measure
from govern_mirror import clock
from govern_mirror.model.blueprint import STANDARD
from govern_mirror.report.html_report import HtmlReport
from govern_mirror.report.portfolio import Filters, build
from govern_mirror_devkit.seeds.scale import generate

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
    forms = {"json": "1.7", "csv": "1.7", "html": "2.3"}
    with sandbox(projects) as environment, tempfile.TemporaryDirectory() as folder:
        reports = [[GOVERN_MIRROR, "-q", "report", "--format", form, "-o", f"{folder}/report.{form}"] for form in forms]
        bare, *found = zip(*in_turn([[sys.executable, BARE_LIST], *reports], environment), strict=True)
    wall = statistics.median(run.wall for run in bare)
    line(f"bare list of {projects:,} projects, wall seconds", f"{wall:.2f}", "the yardstick")
    for (form, aim), runs in zip(forms.items(), found, strict=True):
        multiple = against(bare, runs)
        line(f"report --format {form}, wall against the bare list", f"{multiple.wall:.2f} x", f"{aim} x")
        line(f"report --format {form}, peak memory", f"{multiple.memory:.2f} x", "3 x")


def page() -> None:
    """Size of the page, and time to the next paint in Chromium, at 1,000 and 20,000 projects."""
    if not shutil.which("chromium"):
        print("the page in Chromium: left out; apt-get install -y chromium")
        return
    from playwright.sync_api import sync_playwright

    sizes = (1000, 20_000)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=options)
        found = {}
        for size, limit in zip(sizes, ("1.2", "8"), strict=True):
            path = Path(folder, f"{size}.html")
            path.write_bytes(_page_of(size))
            line(f"page of {size:,} projects, megabytes", f"{path.stat().st_size / 1e6:.2f}", f"at most {limit}")
            found[size] = measure(browser.new_page(), path.as_uri())
        browser.close()
    small, large = found[sizes[0]], found[sizes[1]]
    for name in small:
        line(f"page of 20,000: {name}, milliseconds to the next paint", f"{large[name]:.0f}", "under 200")
        line(f"page of 20,000: {name}, against 1,000", f"{large[name] / small[name]:.1f} x", "at most 25 x")


def _page_of(count: int) -> bytes:
    now = clock.now()
    made = (each.project for each in generate(count, now, node_id="design", url="https://dss.example.com"))
    return HtmlReport().render(build(made, Filters(include_ungoverned=True), now, blueprint=STANDARD))


def sandbox_start(projects: int) -> None:
    """What it costs until a sandbox of many projects answers."""
    command = [GOVERN_MIRROR, "-q", "sandbox", "--seed", "scale", "--projects", str(projects)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        process.stdout.readline()
        process.terminate()
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
    line(
        f"sandbox of {projects:,} projects, CPU seconds until it answers",
        f"{usage.ru_utime + usage.ru_stime:.1f}",
        "25",
    )


def live_page(projects: int) -> None:
    """The live page of many projects: in Chromium against the standalone page, a save, memory, a crowd."""
    if not shutil.which("chromium"):
        print("the live page in Chromium: left out; apt-get install -y chromium")
        return
    from playwright.sync_api import sync_playwright

    with sandbox(projects) as environment, sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=options)
        for what, figure, aim in figures(environment, browser.new_context()):
            line(what, figure, aim)
        browser.close()


def sync() -> None:
    """Sync against naive scripts, with 20 ms latency a request."""
    for what, figure, aim in (*sync_speed.status(), *sync_speed.pull()):
        line(what, figure, aim)


def trends() -> None:
    """Trends over ten million rows of history against hand-written SQL, and what a snapshot costs."""
    for what, figure, aim in (*history.trends(), *history.snapshots()):
        line(what, figure, aim)


def hub(items: int) -> None:
    """The hub with many items: requests of a gate, and how the audit grows."""
    for what, figure, aim in hub_speed.figures(items):
        line(what, figure, aim)


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
    parser.add_argument("--against", metavar="REVISION", help="also measure an earlier version, as git knows it")
    given = parser.parse_args()
    startup()
    report(given.projects)
    if given.against:
        for what, figure, aim in earlier.compare(given.against, given.projects):
            line(what, figure, aim)
    sandbox_start(2 * given.projects)
    page()
    live_page(2 * given.projects)
    sync()
    hub(given.projects)
    trends()


if __name__ == "__main__":
    main()
