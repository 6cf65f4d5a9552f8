"""Errors as answers: `application/problem+json` (RFC 9457), a sentence for people and what to do about it."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.http import HTTP_STATUS_CODES

from govern_mirror import fast_json
from govern_mirror.errors import (
    AccessDenied,
    Action,
    ConflictError,
    ConnectionFailed,
    GovernMirrorError,
    Hint,
    InputError,
    MoveRefused,
    NotFound,
    RevisionMoved,
    WriteRefused,
    WriteUnclear,
)
from govern_mirror.labels import field_label
from govern_mirror.model.save import Fault, SaveConflict, SaveRefused
from govern_mirror.model.values import json_of
from govern_mirror.times import iso_time

WORDS = {
    Action.GOVERN: "press *Govern…* under *Not governed* first",
    Action.ADOPT: "press *Adopt…* to govern it on its own",
    Action.SET: "press *Edit* to change it",
    Action.RECORD: "press *Edit* to fill it in",
    Action.MOVE: "use the buttons of the steps",
    Action.LOOK: "look at what it holds now, then try again",
    Action.ADVANCE_TO: "finish the steps before it, or skip them with *More*",
    Action.REOPEN_STEP: "press *Reopen* at the step",
    Action.SET_STEP: "let somebody put the workflow right with the macro *Move the Govern workflow*",
    Action.OVERRIDE: "or go on against the rules, with a reason",
    Action.SIGN_OFF: "open its review beside the sign-off, and ask there",
    Action.RESET_SIGNOFF: "open its review beside the sign-off, and reset it there",
    Action.UNDO_CLOSE: "press *More*, then *Reopen the closed project…* first",
    Action.CONFIRM: "press *Confirm…* to record it",
    Action.PURGE: "tick *Also remove the mark that it was governed* to take everything away for good",
    Action.MORE_TIME: "try again in a moment",
    Action.FEWER_AT_ONCE: "choose fewer projects",
    Action.CHECK_ADDRESS: "ask an administrator",
    Action.CHECK_KEY: "ask an administrator",
    Action.CHECK_CERTIFICATE: "ask an administrator",
    Action.FORCE: "look at what would change first",
    Action.OVER_SIGNOFF: "ask an administrator",
    Action.PREFER: "choose whose value wins",
    Action.GOVERN_NODE: "ask an administrator",
}
"""What a person presses on the page, by what a hint names."""

PROBLEM = "application/problem+json"

_STATUSES: tuple[tuple[type[GovernMirrorError], int], ...] = (
    (InputError, 422),
    (MoveRefused, 422),
    (RevisionMoved, 409),
    (WriteRefused, 422),
    (ConflictError, 409),
    (AccessDenied, 403),
    (NotFound, 404),
    (WriteUnclear, 502),
    (ConnectionFailed, 502),
)
"""The status of each kind of error; any other is one of ours, that was not meant."""


def advice(hint: Hint | None) -> str | None:
    """Return what to do next on the page; None where the message says it all."""
    return hint.worded(WORDS) or None if hint else None


class Refused(Exception):  # noqa: N818 - an answer, not an accident
    """An answer that is a problem: its status, a sentence, and what else belongs into it."""

    def __init__(self, status: int, detail: str, **members: Any) -> None:
        super().__init__(detail)
        self.status, self.detail, self.members = status, detail, members


def problem(status: int, detail: str, **members: Any) -> Response:
    """Return a problem as an answer; members that are None are left out."""
    document = {"type": "about:blank", "title": HTTP_STATUS_CODES.get(status, ""), "status": status, "detail": detail}
    document |= {name: member for name, member in members.items() if member is not None}
    return Response(fast_json.dumps(document), status, content_type=PROBLEM)


def answer_problems(app: Flask) -> None:
    """Let every error of an application end in a problem; what nobody foresaw tells nothing of the inside."""

    def refused(error: Refused) -> Response:
        errors = {"errors": [_fault(Fault(None, error.detail))]} if error.status == 422 else {}
        return problem(error.status, error.detail, **{**errors, **error.members})

    def not_found(error: HTTPException) -> Response:
        response = problem(error.code or 500, error.description or error.name)
        if isinstance(error, MethodNotAllowed):
            response.allow.update(error.valid_methods or ())
        return response

    def broken(error: Exception) -> Response:
        app.logger.exception("an error that nobody foresaw")
        return problem(
            500,
            "Something went wrong inside the page's backend, and its log says what. What you typed is kept in this "
            "browser: look whether it was saved, then try again.",
        )

    app.register_error_handler(Refused, refused)
    app.register_error_handler(GovernMirrorError, of_error)
    app.register_error_handler(HTTPException, not_found)
    app.register_error_handler(Exception, broken)


def of_error(error: GovernMirrorError, **more: Any) -> Response:
    """Return an error as an answer, with more members where the route knows more."""
    status = next((status for kind, status in _STATUSES if isinstance(error, kind)), 502)
    members: dict[str, Any] = {"hint": advice(error.hint), **more}
    if isinstance(error, MoveRefused | SaveRefused) and error.overridable:
        members["overridable"] = True
    if isinstance(error, SaveRefused):
        members["errors"] = [_fault(fault) for fault in error.faults]
    elif isinstance(error, SaveConflict):
        members |= {"conflicts": _conflicts(error), "revision": error.item.revision}
    elif status == 409:
        members["conflicts"] = []
    elif status == 422:
        path = error.path if isinstance(error, MoveRefused) else None
        members["errors"] = [_fault(Fault(path, str(error), error.hint))]
    return problem(status, str(error), **members)


def _fault(fault: Fault) -> dict[str, Any]:
    document: dict[str, Any] = {"path": fault.path, "message": fault.message}
    hint = advice(fault.hint)
    return {**document, "hint": hint} if hint else document


def _conflicts(error: SaveConflict) -> list[dict[str, Any]]:
    return [
        {
            "path": conflict.path,
            "label": field_label(error.item.blueprint, conflict.path),
            "yours": json_of(conflict.yours),
            "theirs": json_of(conflict.theirs),
            "by": conflict.by,
            "at": iso_time(conflict.at),
        }
        for conflict in error.conflicts
    ]
