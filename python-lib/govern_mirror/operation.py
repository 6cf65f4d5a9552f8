"""One object's whole operation: how long it may take, whether it may go on, and whether it has asked for a write.

The transport asks here before each request; bulk work, the command line and the write loops open what it finds.
"""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from govern_mirror import clock
from govern_mirror.errors import ConnectionFailed

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
Held = TypeVar("Held")

TIMEOUT = 120.0
"""Seconds that one object's operation may take, retries included: a list of 20,000 projects takes DSS a while."""

MAX_TIMEOUT = 86_400.0

_limit: ContextVar[float] = ContextVar("govern_mirror_timeout", default=TIMEOUT)


@contextlib.contextmanager
def holding(variable: ContextVar[Held], value: Held) -> Iterator[None]:
    """Let a variable of this context have a value within the block."""
    token = variable.set(value)
    try:
        yield
    finally:
        variable.reset(token)


@dataclass(frozen=True)
class Operation:
    """The work on one object, and when it must have ended.

    Attributes:
        seconds: how long it may take in all.
        ends_at: when that is over, on `clock.monotonic`.
    """

    seconds: float
    ends_at: float

    @property
    def seconds_left(self) -> float:
        """Seconds that are left; none or less when it is over."""
        return self.ends_at - clock.monotonic()


_operation: ContextVar[Operation | None] = ContextVar("govern_mirror_operation", default=None)


@contextlib.contextmanager
def operation() -> Iterator[Operation]:
    """Bound all that is asked within the block, retries included, by what `time_limit` says.

    A block inside another one keeps the outer bound. A request outside of any such block is an operation of its own.
    """
    outer = _operation.get()
    if outer is not None:
        yield outer
        return
    allowed = _limit.get()
    current = Operation(allowed, clock.monotonic() + allowed)
    with holding(_operation, current):
        yield current


def bounded(work: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Let a function be one object's whole operation, as `operation` bounds it."""

    @functools.wraps(work)
    def within(*arguments: Arguments.args, **options: Arguments.kwargs) -> Result:
        with operation():
            return work(*arguments, **options)

    return within


def time_limit(seconds: float) -> AbstractContextManager[None]:
    """Let each operation that begins within the block take so many seconds."""
    return holding(_limit, seconds)


def never_sent(message: str) -> ConnectionFailed:
    """An error about a request that certainly did not reach its server."""
    error = ConnectionFailed(message)
    error.never_sent = True
    return error


class Stop:
    """A switch that lets no further request begin. Once `set` has returned, no write begins any more."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.is_set = False

    def set(self) -> None:
        """Turn it on, for good."""
        with self.lock:
            self.is_set = True


class Work:
    """What is done on one object.

    Args:
        stop: lets it ask for nothing more.
        whole: the work that it is a part of, such as a command's.

    Attributes:
        asked_for_write: whether a request that writes has begun; without one, nothing can have been written.
        writes_refused: why no further request that writes may begin; None while it may.
        was_stopped: whether a request was not sent, since the work was stopped.
        finished_runs: what work on many objects came to, that is over by now and was part of it.
    """

    def __init__(self, stop: Stop | None = None, whole: Work | None = None) -> None:
        self._stop = stop or Stop()
        self._whole = whole
        self.asked_for_write = False
        self.writes_refused: str | None = None
        self.was_stopped = False
        self.finished_runs: list[list[Any]] = []

    def refuse_writes(self, reason: str) -> None:
        """Let no request that writes begin any more, neither in this work nor in the whole that it is a part of."""
        self.writes_refused = reason
        if self._whole is not None:
            self._whole.refuse_writes(reason)

    def _refusal(self) -> str | None:
        return self.writes_refused or (self._whole._refusal() if self._whole is not None else None)

    def begin_request(self, *, writes: bool) -> None:
        """Note a request that is about to be sent.

        Raises:
            ConnectionFailed: the work was stopped, or may not write any more; the request is not sent.
        """
        refusal = self._refusal() if writes else None
        if refusal is not None:
            raise never_sent(f"nothing is written: {refusal}")
        with self._stop.lock:
            if self._stop.is_set:
                self.was_stopped = True
                raise never_sent("interrupted: nothing more was asked")
            self.asked_for_write = self.asked_for_write or writes
        if self._whole is not None:
            self._whole.begin_request(writes=writes)


_work: ContextVar[Work | None] = ContextVar("govern_mirror_work", default=None)


@contextlib.contextmanager
def doing(work: Work) -> Iterator[Work]:
    """Let the requests within the block belong to a piece of work, which has all of its time before it."""
    with holding(_work, work), holding(_operation, None):
        yield work


def current_work() -> Work | None:
    """The work that requests belong to at present."""
    return _work.get()


def begin_request(*, writes: bool) -> None:
    """Note a request that is about to be sent, for the work it belongs to.

    Raises:
        ConnectionFailed: the work was stopped, or may not write any more; the request is not sent.
    """
    work = _work.get()
    if work is not None:
        work.begin_request(writes=writes)
