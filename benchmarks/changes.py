"""One change and many, by the version that is imported: prints how many requests they make, and how long many take.

Runs with versions from 0.1.0 on, so that it takes from them only what all of them have.
"""

from __future__ import annotations

import json
import os
import tempfile
import time

import requests

from govern_mirror import clock
from govern_mirror.cli.main import main
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.server import serve

PROJECTS = 200
LATENCY_MS = 20.0


def run() -> None:
    sent: list[str] = []
    send = requests.Session.send

    def counted(session, request, **options):
        sent.append(f"{request.method} {request.path_url}")
        return send(session, request, **options)

    requests.Session.send = counted
    clock.sleep = lambda seconds: None  # the settling time, which every command waits once
    dss = Sandbox()
    for number in range(PROJECTS + 1):
        dss.create_project(f"P{number:03d}")
    with serve(dss) as url, tempfile.TemporaryDirectory() as folder:
        os.environ |= {"DKU_DSS_URL": url, "DKU_API_KEY": dss.admin_key, "HOME": folder}
        _call("init", "P000")
        sent.clear()
        _call("qualify", "P000", "--risk", "High")
        change = len(sent)
        sent.clear()
        dss.faults.latency_ms = LATENCY_MS
        began = time.perf_counter()
        _call("init", "--all")
        seconds = time.perf_counter() - began
    figures = {
        "requests of a change": change,
        "bulk seconds": seconds,
        "bulk requests a project": len(sent) / PROJECTS,
    }
    print(json.dumps(figures))


def _call(*arguments: str) -> None:
    main(["-q", *arguments], standalone_mode=False)


if __name__ == "__main__":
    run()
