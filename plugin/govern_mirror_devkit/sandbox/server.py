"""The sandbox over HTTP, on the loopback interface."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from cheroot.wsgi import Server

from .web import Served

THREADS = 16
"""More than the library's workers, so that macros which call back are never starved."""


class _QuietServer(Server):
    """Errors of the application are logged by `Api`; a connection that it cuts short on purpose is no news."""

    def error_log(self, msg: str = "", level: int = 20, traceback: bool = False) -> None:
        """Say nothing."""


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
    server = _QuietServer(("127.0.0.1", port), sandbox.wsgi, numthreads=threads, shutdown_timeout=1)
    # how long the server may take to notice that it should stop, in seconds
    server.expiration_interval = 0.02
    server.prepare()
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        with sandbox.reached_at(f"http://127.0.0.1:{server.bind_addr[1]}") as url:
            yield url
    finally:
        server.stop()
        thread.join(timeout=5)
