"""DSS's error answers: a status and `{"errorType", "message", "detailedMessage"}` (docs, client)."""

from __future__ import annotations


class DssError(Exception):
    """An error that the API answers with."""

    def __init__(self, status: int, error_type: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.error_type = error_type
        self.message = message

    def body(self) -> dict[str, str]:
        """Return the answer's JSON."""
        return {
            "errorType": self.error_type,
            "message": self.message,
            "detailedMessage": self.message,
        }


class NotAuthenticated(DssError):  # noqa: N818 - DSS's own word
    """No key, or one that DSS does not know (hl)."""

    def __init__(self, message: str = "Unknown API Key") -> None:
        super().__init__(401, "com.dataiku.dip.server.exceptions.NotAuthenticatedException", message)


class ProjectUnreadable(DssError):  # noqa: N818 - what the caller learns
    """An unknown project, or one that the caller may not read: DSS gives one answer for both (hl, 14.x).

    The status is that of the release. That 15 has the same words is an assumption.
    """

    def __init__(self, status: int) -> None:
        super().__init__(
            status, "com.dataiku.dip.exceptions.UnauthorizedException", "Failed to read project permissions"
        )


class Forbidden(DssError):  # noqa: N818 - HTTP's own word
    """The caller lacks a right."""

    def __init__(self, message: str) -> None:
        super().__init__(403, "com.dataiku.dip.exceptions.UnauthorizedException", message)


class NotFound(DssError):  # noqa: N818 - HTTP's own word
    """An object inside a project, or of the instance, that is not there (hl)."""

    def __init__(self, message: str) -> None:
        super().__init__(404, "com.dataiku.dip.server.controllers.NotFoundException", message)


class BadRequest(DssError):  # noqa: N818 - HTTP's own word
    """A request that DSS cannot take."""

    def __init__(self, message: str) -> None:
        super().__init__(400, "java.lang.IllegalArgumentException", message)
