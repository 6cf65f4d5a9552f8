"""The live page on many projects: its first rows against the standalone page, an item, a save, its memory, a crowd."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dataikuapi
import requests

from govern_mirror.actions.record import set_values
from govern_mirror.actions.session import connect_to
from govern_mirror.dss.instance import PLUGIN_ID

GOVERN_MIRROR = str(Path(sys.executable).with_name("govern-mirror"))
TIMES = 5
READERS, EDITORS = 20, 5
DESCRIPTION = "overview.description"
SETTLING = 0.3
"""Seconds of the settling time while saves are measured."""

Figure = tuple[str, str, str]
"""What was measured, the figure, the aim."""


@dataclass
class Backend:
    """The page as it is served.

    Attributes:
        url: opens it in a browser, once.
        base: its address.
        token: lets programs in.
        pid: of its process.
    """

    url: str
    base: str
    token: str
    pid: int
    _own: threading.local = field(default_factory=threading.local)

    def ask(self, method: str, path: str, document: Any = None, person: str = "") -> requests.Response:
        """Ask as a browser does, which keeps its connection; each thread has its own."""
        session = self._own.__dict__.setdefault("session", requests.Session())
        headers = {"Authorization": f"Bearer {self.token}", "X-Person": person or "somebody"}
        answer: requests.Response = session.request(
            method, f"{self.base}api/{path}", headers=headers, json=document, timeout=120
        )
        return answer

    @property
    def peak_memory(self) -> float:
        """Megabytes of resident memory at its peak."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


@contextmanager
def served(environment: dict[str, str]) -> Iterator[Backend]:
    """Serve the page of an instance."""
    command = [GOVERN_MIRROR, "-q", "serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}) as process:
        assert process.stdout
        found = json.loads(process.stdout.readline())
        try:
            yield Backend(found["url"], found["url"].partition("?")[0], found["token"], process.pid)
        finally:
            process.terminate()


@contextmanager
def for_a_crowd(environment: dict[str, str]) -> Iterator[Backend]:
    """Serve the page to many people at once, as DSS's webapp does."""
    command = [sys.executable, "-m", "benchmarks.crowd_backend"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}) as process:
        assert process.stdout
        base = process.stdout.readline().strip()
        try:
            yield Backend(base, base, "", process.pid)
        finally:
            process.terminate()


def figures(environment: dict[str, str], browser: Any, seconds: int = 60) -> Iterator[Figure]:
    """Measure the page of an instance of many projects.

    Args:
        environment: leads to the instance.
        browser: Chromium, as Playwright has it.
        seconds: how long the crowd reads and edits.
    """
    with served(environment) as backend:
        began = time.perf_counter()
        count = backend.ask("GET", "portfolio").json()["count"]
        yield f"live page: first list of {count:,}, seconds", f"{time.perf_counter() - began:.1f}", "reported"
        yield from _in_browser(backend, environment, browser)
        key = backend.ask("GET", "portfolio").json()["columns"]["key"][0]
        yield f"live page: peak memory at {count:,} projects, MB", f"{backend.peak_memory:.0f}", "under 400"
    with settling(environment), served(environment) as backend:
        yield from _saves(backend, environment, key)
    with for_a_crowd(environment) as backend:
        yield from _crowd(backend, seconds)
        yield "live page: peak memory with all of them, MB", f"{backend.peak_memory:.0f}", "under 400"


def _in_browser(backend: Backend, environment: dict[str, str], browser: Any) -> Iterator[Figure]:
    from benchmarks.page_speed import ACTIONS, measure

    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.html")
        command = [GOVERN_MIRROR, "-q", "report", "--format", "html", "-o", str(report)]
        subprocess.run(command, check=True, env={**os.environ, **environment})
        standalone = measure(browser.new_page(), report.as_uri())
    page = browser.new_page()
    page.goto(backend.url)
    live = measure(page, f"{backend.base}#page=projects")
    yield "live page: first rows, against the standalone page", f"{live['open'] / standalone['open']:.2f} x", "1.2 x"
    for name in ACTIONS:
        yield f"live page: {name}, milliseconds", f"{live[name]:.0f}", "under 150"
    opened = []
    for _ in range(TIMES):
        page.goto(f"{backend.base}#page=projects")
        row = page.wait_for_selector(".gm-open")
        opened.append(page.evaluate(_OPENS, row))
    yield "live page: opening an item, milliseconds", f"{statistics.median(opened):.0f}", "under 150"


_OPENS = """async (row) => {
  const began = performance.now();
  row.click();
  while (!document.querySelector(".gl-item") && performance.now() - began < 10000)
    await new Promise((done) => requestAnimationFrame(done));
  return performance.now() - began;
}"""


@contextmanager
def settling(environment: dict[str, str]) -> Iterator[None]:
    """Let the instance have a settling time, as real ones do: without it, writes leave their second look out."""
    client = dataikuapi.DSSClient(environment["DKU_DSS_URL"], api_key=environment["DKU_API_KEY"])

    def put(seconds: float) -> None:
        settings = client.get_plugin(PLUGIN_ID).get_settings()
        settings.get_raw()["config"]["settling_seconds"] = seconds
        settings.save()

    before = client.get_plugin(PLUGIN_ID).get_settings().get_raw()["config"].get("settling_seconds", 1)
    put(SETTLING)
    try:
        yield
    finally:
        put(before)


def _saves(backend: Backend, environment: dict[str, str], key: str) -> Iterator[Figure]:
    """A save over the page's API against the library's own safe write, in turn; the settling time apart."""
    session = connect_to(environment["DKU_DSS_URL"], environment["DKU_API_KEY"])
    backend.ask("GET", "portfolio")  # the page has its list by the time somebody saves
    ratios = []
    for number in range(TIMES + 1):
        by_page = _timed(lambda n=number: backend.ask("PATCH", f"items/{key}", {"changes": {DESCRIPTION: f"page {n}"}}))
        by_library = _timed(lambda n=number: set_values(session, key, {DESCRIPTION: f"library {n}"}))
        ratios.append((by_page - SETTLING) / (by_library - SETTLING))
    yield "live page: a save, against the library's own", f"{statistics.median(ratios[1:]):.2f} x", "1.5 x"


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _crowd(backend: Backend, seconds: int) -> Iterator[Figure]:
    """Many read while some edit: nothing fails, no edit is lost."""
    keys = backend.ask("GET", "portfolio").json()["columns"]["key"][: EDITORS * 4]
    ends, lock = time.monotonic() + seconds, threading.Lock()
    reads: list[float] = []
    failed: list[str] = []
    written: dict[str, str] = {}

    def note(answer: requests.Response) -> None:
        if answer.status_code not in (200, 304):
            with lock:
                failed.append(f"{answer.status_code} {answer.text[:100]}")

    def read(number: int) -> None:
        person, token = f"reader {number}", ""
        time.sleep(number * seconds / READERS / 4)  # people come one after the other
        token = backend.ask("GET", "portfolio", person=person).json()["token"]
        while time.monotonic() < ends:
            began = time.perf_counter()
            answer = backend.ask("GET", f"portfolio?since={token}", person=person)
            with lock:
                reads.append(time.perf_counter() - began)
            note(answer)
            token = answer.json().get("token", "")
            time.sleep(1)  # a page that is open asks every few seconds

    def edit(number: int) -> None:
        mine = keys[number::EDITORS]
        count = 0
        while time.monotonic() < ends:
            key, text = mine[count % len(mine)], f"{number}: {count}"
            note(backend.ask("PATCH", f"items/{key}", {"changes": {DESCRIPTION: text}}, person=f"editor {number}"))
            written[key] = text
            count += 1
            time.sleep(1)

    with ThreadPoolExecutor(READERS + EDITORS) as pool:
        people = [pool.submit(read, number) for number in range(READERS)]
        people += [pool.submit(edit, number) for number in range(EDITORS)]
        for person in people:
            person.result()
    lost = [
        key
        for key, text in written.items()
        if backend.ask("GET", f"items/{key}").json()["overview"]["description"] != text
    ]
    yield (
        f"live page: {READERS} read, {EDITORS} edit for {seconds} s: failed, lost",
        f"{len(failed)}, {len(lost)}",
        "0, 0",
    )
    slow = sorted(reads)[int(len(reads) * 0.95)]
    yield f"live page: 95 % of {len(reads)} reads within, milliseconds", f"{slow * 1000:.0f}", "under 500"
