"""The sandbox over HTTP, on the loopback interface."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from govern_mirror.web.server import served

from .web import Served

THREADS = 16
"""More than the library's workers, so that macros which call back are never starved."""


@contextmanager
def serve(sandbox: Served, port: int = 0, *, threads: int = THREADS) -> Iterator[str]:
    """Serve a sandbox within the block, and tell its address.

    Args:
        sandbox: what to serve.
        port: the port; 0 for any free one.
        threads: how many requests are handled at once.

    Raises:
        OSError: the port is taken.
    """
    with served(sandbox.wsgi, port, threads=threads) as base, sandbox.reached_at(base) as url:
        yield url
