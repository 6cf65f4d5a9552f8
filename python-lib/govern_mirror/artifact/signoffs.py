"""The sign-offs of an artifact, as Govern lists them."""

from __future__ import annotations

from collections.abc import Mapping

APPROVED = "APPROVED"
NOT_STARTED = "NOT_STARTED"


def read_signoffs(listed: object) -> dict[str, str] | None:
    """The status of each sign-off, by step id.

    Args:
        listed: what Govern answers for an artifact's sign-offs, or what a search shows of them.

    Returns:
        None when it is not a list of sign-offs, or one of them cannot be read: then nothing may be concluded.
    """
    if not isinstance(listed, list):
        return None
    statuses: dict[str, str] = {}
    for item in listed:
        ids = item.get("signoffId") if isinstance(item, Mapping) else None
        step = ids.get("stepId") if isinstance(ids, Mapping) else None
        status = item.get("status") if isinstance(item, Mapping) else None
        if not isinstance(step, str) or not isinstance(status, str):
            return None
        statuses[step] = status
    return statuses
