"""Servers on real sockets: a DSS whose connections and requests are counted, and one that must not be asked."""

from __future__ import annotations

import contextlib
import json
import threading
from dataclasses import dataclass, field
from typing import Any

from govern_mirror_devkit.sandbox.server import serve


@dataclass
class ReceivedRequest:
    """One request that arrived."""

    method: str
    path: str
    authorization: str | None


@dataclass
class WatchedServer:
    """A server in front of a sandbox's application that keeps what arrives.

    Attributes:
        requests: all of them, in order.
        ports: the client's ports, one a connection.
        most: how many requests were in flight at once, at most.
    """

    served: Any
    requests: list[ReceivedRequest] = field(default_factory=list)
    ports: set[str] = field(default_factory=set)
    most: int = 0
    _now: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def reached_at(self, url):
        return self.served.reached_at(url)

    def wsgi(self, environ, start_response):
        path = environ["PATH_INFO"].removeprefix("/dip/publicapi")
        with self._lock:
            self.requests.append(ReceivedRequest(environ["REQUEST_METHOD"], path, environ.get("HTTP_AUTHORIZATION")))
            self.ports.add(environ["REMOTE_PORT"])
            self._now += 1
            self.most = max(self.most, self._now)
        try:
            return self.served.wsgi(environ, start_response)
        finally:
            with self._lock:
                self._now -= 1

    def count(self, method, path=""):
        return sum(request.method == method and path in request.path for request in self.requests)

    @property
    def writes(self):
        return [request for request in self.requests if request.method not in ("GET", "HEAD")]


class ForeignServer:
    """Another server: it answers everything as a DSS might, and keeps what it was asked."""

    def __init__(self) -> None:
        self.requests: list[ReceivedRequest] = []

    @contextlib.contextmanager
    def reached_at(self, url):
        yield url

    def wsgi(self, environ, start_response):
        path = environ["PATH_INFO"]
        self.requests.append(ReceivedRequest(environ["REQUEST_METHOD"], path, environ.get("HTTP_AUTHORIZATION")))
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps({"authIdentifier": "mallory", "nodeId": "x", "dssVersion": "1"}).encode()]


@contextlib.contextmanager
def watched(sandbox):
    """Serve a sandbox; yields the watching server and its address."""
    server = WatchedServer(sandbox)
    with serve(server) as url:
        try:
            yield server, url
        finally:
            sandbox.faults.release()
