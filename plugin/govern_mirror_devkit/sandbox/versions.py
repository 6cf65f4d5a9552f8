"""Version tags, which DSS puts on what people change."""

from __future__ import annotations

from typing import Any

from .auth import Caller
from .clock import Clock


def version_tag(number: int, caller: Caller, clock: Clock) -> dict[str, Any]:
    """Return the tag of a write.

    `extendedProperties` is what clients of DSS 15 read beside the number, the login and the time (live 15).
    """
    return {
        "versionNumber": number,
        "lastModifiedBy": {"login": caller.login},
        "lastModifiedOn": clock.milliseconds(),
        "extendedProperties": {},
    }
