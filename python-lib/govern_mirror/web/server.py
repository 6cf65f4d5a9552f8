"""Serves a WSGI application over HTTP on the loopback interface, in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cheroot.wsgi import Server

LOOPBACK = "127.0.0.1"

MAX_WAITING = 128
"""How many connections may wait to be accepted. A browser and the library's workers open dozens at once, and one that
finds no place is tried again after a second, then after three, seven and fifteen: with cheroot's five a page could
stand still for long."""

NOTICES_STOP_AFTER = 0.02
"""How long the server may take to notice that it should stop, in seconds."""


class _QuietServer(Server):
    """Says nothing of requests and closed connections: they are no news on a person's terminal."""

    def error_log(self, msg: str = "", level: int = 20, traceback: bool = False) -> None:
        """Say nothing."""


@contextmanager
def served(wsgi: Any, port: int = 0, *, threads: int) -> Iterator[str]:
    """Serve an application within the block, and yield its address, without a slash at the end.

    Args:
        wsgi: the application.
        port: the port; 0 for any free one.
        threads: how many requests are handled at once.

    Raises:
        OSError: the port is taken.
    """
    server = _QuietServer(
        (LOOPBACK, port), wsgi, numthreads=threads, shutdown_timeout=1, request_queue_size=MAX_WAITING
    )
    server.expiration_interval = NOTICES_STOP_AFTER
    server.prepare()
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield f"http://{LOOPBACK}:{server.bind_addr[1]}"
    finally:
        server.stop()
        thread.join(timeout=5)
