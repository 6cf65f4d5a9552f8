"""The sandbox's clock: the present, unless a test or a seed sets it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone


class Clock:
    """Tells the time in UTC; stands still once it was set."""

    def __init__(self, at: datetime | None = None) -> None:
        self._at = at

    def now(self) -> datetime:
        """Return the sandbox's time."""
        return self._at or datetime.now(timezone.utc)

    def milliseconds(self) -> int:
        """Return the time as DSS's JSON has it: milliseconds since the epoch."""
        return int(self.now().timestamp() * 1000)

    def set(self, at: datetime | None) -> None:
        """Stop the clock at a time, or let it run with the present again."""
        self._at = at

    def move(self, by: timedelta) -> None:
        """Move the clock, and stop it there."""
        self._at = self.now() + by
