"""What Govern answers for the sign-offs of an item, read with care: what is not told is not guessed.

The public client names of a sign-off its `status`, `feedbackResponses` (id, status, comment) and `approverResponse`
(status, comment), and neither who gave them nor when. A login is taken where one is told as `userLogin`, the name by
which Govern tells people elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from govern_mirror.model.signoff import SignoffStatus
from govern_mirror.nested import items_of, mapping, text_at
from govern_mirror.text import clean, clipped

MAX_TEXT = 2_000
"""Characters kept of a comment; the rest stands in Govern."""

MAX_FEEDBACK = 50
"""How many feedbacks are kept: the last ones."""

_FINAL = (SignoffStatus.APPROVED, SignoffStatus.REJECTED)


@dataclass(frozen=True)
class RemoteSignoff:
    """The sign-off of one step, as Govern tells it.

    Attributes:
        step: the id of the step.
        status: where it stands; None where it cannot be read.
        fault: why not.
        feedback: each with `status`, and where they are told `comment`, `group` and `by`.
        approved_by: login of who said the final word, where Govern tells it.
        comment: of the final word.
    """

    step: str
    status: SignoffStatus | None
    fault: str | None = None
    feedback: tuple[Mapping[str, Any], ...] = ()
    approved_by: str | None = None
    comment: str | None = None


@dataclass(frozen=True)
class RemoteReviewers:
    """Who is asked for a sign-off in Govern.

    Attributes:
        approvers: logins of who may approve.
        groups: logins of who may give feedback, by the title of their group.
    """

    approvers: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]]


def read_reviews(answer: object) -> dict[str, RemoteSignoff] | None:
    """Read the sign-offs of an artifact, by step.

    Args:
        answer: what Govern answers for them, or what a search shows.

    Returns:
        None when it is no list of sign-offs, or one of them does not tell its step or is there twice: then nothing is
        known of any.
    """
    if not isinstance(answer, list):
        return None
    signoffs: dict[str, RemoteSignoff] = {}
    for item in answer:
        step = text_at(mapping(item).get("signoffId"), "stepId")
        if not step or step in signoffs:
            return None
        signoffs[step] = _signoff(step, mapping(item))
    return signoffs


def _signoff(step: str, item: Mapping[str, Any]) -> RemoteSignoff:
    final = mapping(item.get("approverResponse"))
    status, fault = _status(item.get("status"), final)
    return RemoteSignoff(
        step,
        status,
        fault,
        tuple(_feedback(mapping(one)) for one in items_of(item.get("feedbackResponses"))[-MAX_FEEDBACK:]),
        _text(final, "userLogin"),
        _text(final, "comment"),
    )


def _status(raw: object, final: Mapping[str, Any]) -> tuple[SignoffStatus | None, str | None]:
    """The status, and why it cannot be read. An end that nobody is said to have brought about is none."""
    if not isinstance(raw, str) or raw not in SignoffStatus.__members__:
        return None, f"Govern tells the status {clipped(raw)}, which is none"
    status = SignoffStatus(raw)
    if status is SignoffStatus.APPROVED and final.get("status") != status.value:
        return None, "Govern tells that it is approved, and no final approval that says so"
    if status in _FINAL and final.get("status", status.value) != status.value:
        return None, f"Govern tells that it is {status.value}, and a final word that says {clipped(final['status'])}"
    return status, None


def _feedback(response: Mapping[str, Any]) -> dict[str, Any]:
    values = {
        "status": _text(response, "status"),
        "comment": _text(response, "comment"),
        "group": _text(response, "groupId"),
        "by": _text(response, "userLogin"),
    }
    return {name: value for name, value in values.items() if value}


def read_reviewers(details: object) -> RemoteReviewers | None:
    """Read who is asked, from a sign-off's details; None when they are not told."""
    document = mapping(details)
    approvers = _logins(document.get("approvers"))
    if approvers is None:
        return None
    groups: dict[str, tuple[str, ...]] = {}
    for group in items_of(document.get("feedbackGroups")):
        title = _text(mapping(group), "title") or _text(mapping(group), "id")
        logins = _logins(mapping(group).get("users"))
        if title and logins is not None:
            groups[title] = logins
    return RemoteReviewers(approvers, groups)


def _logins(users: object) -> tuple[str, ...] | None:
    """The logins in a list of people; None when one of them has none."""
    if not isinstance(users, list):
        return None
    logins = [_text(mapping(user), "userLogin") for user in users]
    return tuple(sorted({login for login in logins if login})) if all(logins) else None


def _text(item: Mapping[str, Any], key: str) -> str | None:
    value = text_at(item, key)
    return clean(value).strip()[:MAX_TEXT] or None if value else None
