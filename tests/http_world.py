"""A DSS over a real socket that counts connections and requests, another server that must not be asked, a shell."""

from __future__ import annotations

import contextlib
import json
import threading
from dataclasses import dataclass, field
from typing import Any

import click.testing

from govern_mirror.cli.main import main
from govern_mirror_devkit.sandbox.server import serve


@dataclass
class Asked:
    """One request that arrived."""

    method: str
    path: str
    authorization: str | None


@dataclass
class Watched:
    """A server in front of a sandbox's application that keeps what arrives.

    Attributes:
        requests: all of them, in order.
        ports: the client's ports, one a connection.
        most: how many requests were in flight at once, at most.
    """

    served: Any
    requests: list[Asked] = field(default_factory=list)
    ports: set[str] = field(default_factory=set)
    most: int = 0
    _now: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def reached_at(self, url):
        return self.served.reached_at(url)

    def wsgi(self, environ, start_response):
        path = environ["PATH_INFO"].removeprefix("/dip/publicapi")
        with self._lock:
            self.requests.append(Asked(environ["REQUEST_METHOD"], path, environ.get("HTTP_AUTHORIZATION")))
            self.ports.add(environ["REMOTE_PORT"])
            self._now += 1
            self.most = max(self.most, self._now)
        try:
            return self.served.wsgi(environ, start_response)
        finally:
            with self._lock:
                self._now -= 1

    def count(self, method, path=""):
        return sum(each.method == method and path in each.path for each in self.requests)

    @property
    def writes(self):
        return [each for each in self.requests if each.method not in ("GET", "HEAD")]


class Elsewhere:
    """Another server: it answers everything as a DSS might, and keeps what it was asked."""

    def __init__(self) -> None:
        self.requests: list[Asked] = []

    @contextlib.contextmanager
    def reached_at(self, url):
        yield url

    def wsgi(self, environ, start_response):
        path = environ["PATH_INFO"]
        self.requests.append(Asked(environ["REQUEST_METHOD"], path, environ.get("HTTP_AUTHORIZATION")))
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps({"authIdentifier": "mallory", "nodeId": "x", "dssVersion": "1"}).encode()]


@dataclass
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


def command(*arguments: object, stdin: str | None = None) -> Ran:
    """Run the command line in this process."""
    result = click.testing.CliRunner().invoke(main, [str(each) for each in arguments], input=stdin)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ran(result.exit_code, result.stdout, result.stderr)


@contextlib.contextmanager
def watched(sandbox):
    """Serve a sandbox; yields the watching server and its address."""
    front = Watched(sandbox)
    with serve(front) as url:
        try:
            yield front, url
        finally:
            sandbox.faults.release()
