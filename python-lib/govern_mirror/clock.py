"""The current time, and waiting, in one place, so that a test or the sandbox can set them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import datetime, timezone

_frozen: ContextVar[datetime | None] = ContextVar("govern_mirror_now", default=None)


def now() -> datetime:
    """Return the current time, UTC, to the second (what `govern_record` and events keep)."""
    at = _frozen.get() or datetime.now(timezone.utc)
    return at.replace(microsecond=0)


def monotonic() -> float:
    """Return seconds from an arbitrary start; they never go back."""
    return time.monotonic()


def sleep(seconds: float) -> None:
    """Wait that many seconds; not at all when there are none."""
    if seconds > 0:
        time.sleep(seconds)


@contextlib.contextmanager
def set_to(at: datetime) -> Iterator[None]:
    """Let `now()` answer `at` (an aware datetime) within the block, in this thread and context only."""
    token = _frozen.set(at.astimezone(timezone.utc))
    try:
        yield
    finally:
        _frozen.reset(token)
