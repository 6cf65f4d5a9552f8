"""The present, in one place, so that a test or the sandbox can set it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import datetime, timezone

_frozen: ContextVar[datetime | None] = ContextVar("govern_mirror_now", default=None)


def now() -> datetime:
    """Return the current time, UTC, to the second (what `govern_record` and events keep)."""
    at = _frozen.get() or datetime.now(timezone.utc)
    return at.replace(microsecond=0)


@contextlib.contextmanager
def set_to(at: datetime) -> Iterator[None]:
    """Let `now()` answer `at` (an aware datetime) within the block, in this thread and context only."""
    token = _frozen.set(at.astimezone(timezone.utc))
    try:
        yield
    finally:
        _frozen.reset(token)
