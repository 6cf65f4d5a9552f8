"""Where a report goes: each target is tried, whatever becomes of the others, and a failure names all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from govern_mirror.errors import GovernMirrorError, WriteUnclear

Result = TypeVar("Result")


@dataclass
class Delivery:
    """What was delivered so far, and what was not.

    Attributes:
        done: what was done, as parts of a sentence: `the report is in …`.
        failures: what was not, and why: `it was not mailed: …`.
        cause: the first error.
    """

    done: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    cause: Exception | None = None

    def attempt(self, action: Callable[[], Result], *, done: str, failed: str, unclear: str) -> Result | None:
        """Do one thing; an error is kept, and None returned, so that the next thing can be tried.

        Args:
            action: what to do.
            done, failed, unclear: what to say of it: that it was done, that it was not, and that it may have been.
        """
        try:
            result = action()
        except Exception as error:
            # also a fault of our own in one target must not cost the others
            reason = str(error) if isinstance(error, GovernMirrorError) else f"{type(error).__name__}: {error}"
            self.failures.append(f"{unclear if isinstance(error, WriteUnclear) else failed}: {reason}")
            self.cause = self.cause or error
            return None
        self.done.append(done)
        return result

    def require_all(self) -> None:
        """Raise GovernMirrorError when something failed; the message names it, and what was done all the same."""
        if self.failures:
            also = f"{', '.join(self.done)}, but " if self.done else ""
            raise GovernMirrorError(f"{also}{'; '.join(self.failures)}") from self.cause
