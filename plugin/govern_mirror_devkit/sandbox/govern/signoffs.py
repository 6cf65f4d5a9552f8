"""The sign-off of a step: its status, and how Govern writes it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from ..errors import NotFound


class SignoffStatus(Enum):
    """A sign-off's status (client)."""

    NOT_STARTED = "NOT_STARTED"
    WAITING_FOR_FEEDBACK = "WAITING_FOR_FEEDBACK"
    WAITING_FOR_APPROVAL = "WAITING_FOR_APPROVAL"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    ABANDONED = "ABANDONED"


def signoff_document(artifact_id: str, signoffs: Mapping[str, SignoffStatus], step_id: str) -> dict[str, Any]:
    """Return a step's sign-off: its nested id, its status and the feedback given, none here (client, hl).

    Raises NotFound when the step has none.
    """
    if step_id not in signoffs:
        raise NotFound(f"Artifact {artifact_id} has no sign-off at step '{step_id}'")
    return {
        "signoffId": {"artifactId": artifact_id, "stepId": step_id},
        "status": signoffs[step_id].value,
        "feedbackResponses": [],
    }


def signoff_documents(artifact_id: str, signoffs: Mapping[str, SignoffStatus]) -> list[dict[str, Any]]:
    """Return all sign-offs of an artifact, as `GET /artifact/{id}/signoffs` lists them."""
    return [signoff_document(artifact_id, signoffs, step_id) for step_id in signoffs]
