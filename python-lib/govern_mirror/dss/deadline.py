"""Connections that end at a deadline, whatever the server does.

A timeout of `requests` bounds the wait for the next byte only: a server that sends one byte a second would never end.
So one thread watches all requests in flight, and shuts the socket of each whose time is over.
"""

from __future__ import annotations

import contextlib
import math
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import urllib3.connection
import urllib3.connectionpool


class Attempt:
    """One request in flight.

    Attributes:
        ends_at: when its time is over, on `time.monotonic`: sockets know no other time.
        expired: whether it was cut off.
    """

    def __init__(self, ends_at: float) -> None:
        self.ends_at = ends_at
        self.expired = False
        self._connection: Any = None
        self._socket: Any = None

    def uses(self, connection: Any) -> None:
        """Remember the connection, and its socket as soon as it has one."""
        self._connection = connection
        # a connection that the server closes gives up its socket while the answer is still read
        self._socket = getattr(connection, "sock", None) or self._socket

    def cut(self) -> None:
        """End it now: whoever waits for its next byte gets none."""
        self.expired = True
        open_socket = getattr(self._connection, "sock", None) or self._socket
        if open_socket is None:
            return
        with contextlib.suppress(OSError, AttributeError):
            if isinstance(open_socket, socket.socket):
                # not SSLSocket's own method, which takes the encryption away from whoever reads
                socket.socket.shutdown(open_socket, socket.SHUT_RDWR)
            else:
                open_socket.close()


class _Watchdog:
    """The thread that cuts off what has no time left; it sleeps until the next deadline."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._attempts: set[Attempt] = set()
        self._wakes_at = math.inf
        self._thread: threading.Thread | None = None

    def add(self, attempt: Attempt) -> None:
        with self._condition:
            self._attempts.add(attempt)
            if self._thread is None or not self._thread.is_alive():  # none yet, or this process is a fork
                self._thread = threading.Thread(target=self._watch, name="govern-mirror-deadlines", daemon=True)
                self._thread.start()
            elif attempt.ends_at < self._wakes_at:
                self._condition.notify()

    def remove(self, attempt: Attempt) -> None:
        with self._condition:
            self._attempts.discard(attempt)

    def _watch(self) -> None:
        with self._condition:
            while True:
                now = time.monotonic()
                for attempt in [attempt for attempt in self._attempts if attempt.ends_at <= now]:
                    self._attempts.discard(attempt)
                    attempt.cut()
                self._wakes_at = min((attempt.ends_at for attempt in self._attempts), default=math.inf)
                self._condition.wait(None if self._wakes_at == math.inf else max(0.0, self._wakes_at - now))


_watchdog = _Watchdog()
_own = threading.local()


@contextlib.contextmanager
def ending_after(seconds: float) -> Iterator[Attempt]:
    """Cut off the request that this thread makes within the block when it takes longer than so many seconds."""
    attempt = _own.attempt = Attempt(time.monotonic() + seconds)
    _watchdog.add(attempt)
    try:
        yield attempt
    finally:
        _watchdog.remove(attempt)
        _own.attempt = None


def _note(connection: Any) -> None:
    attempt: Attempt | None = getattr(_own, "attempt", None)
    if attempt is not None:
        attempt.uses(connection)
        if attempt.expired:
            raise TimeoutError("its time was over before it was connected")


class _Noted:
    """A connection that tells its attempt of its socket."""

    def connect(self) -> None:
        _note(self)
        super().connect()  # type: ignore[misc]  # of the connection that this is mixed into
        _note(self)

    def putrequest(self, *arguments: Any, **options: Any) -> None:
        _note(self)
        super().putrequest(*arguments, **options)  # type: ignore[misc]

    def getresponse(self, *arguments: Any, **options: Any) -> Any:
        _note(self)
        return super().getresponse(*arguments, **options)  # type: ignore[misc]


class _HTTPConnection(_Noted, urllib3.connection.HTTPConnection):
    pass


class _HTTPSConnection(_Noted, urllib3.connection.HTTPSConnection):
    pass


class _HTTPPool(urllib3.connectionpool.HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(urllib3.connectionpool.HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection


POOLS = {"http": _HTTPPool, "https": _HTTPSPool}
"""The connection pools, by scheme, for urllib3's `PoolManager.pool_classes_by_scheme`."""
