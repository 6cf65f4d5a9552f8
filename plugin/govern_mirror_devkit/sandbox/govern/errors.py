"""The error answer that only Govern has."""

from __future__ import annotations

from ..errors import DssError


class ValidationError(DssError):
    """A value that Govern does not take.

    That it is a ValidationException is known (hl); its package and the HTTP status, which the client hides, are
    assumptions.
    """

    def __init__(self, message: str) -> None:
        super().__init__(400, "com.dataiku.gh.core.exceptions.ValidationException", message)
