"""The sign-off of a step: its configuration, what people have said, and how Govern writes it (client, hl)."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from ..errors import BadRequest, NotFound
from .errors import ValidationError

CONTAINER_KEYS = {"user": "login", "group": "groupName", "role": "roleId", "global-api-key": "keyId"}
"""Types of users containers, and what names whom they hold (hl)."""

_INTERVALS = ("days", "weeks", "months", "years")


class SignoffStatus(Enum):
    """A sign-off's status (client)."""

    NOT_STARTED = "NOT_STARTED"
    WAITING_FOR_FEEDBACK = "WAITING_FOR_FEEDBACK"
    WAITING_FOR_APPROVAL = "WAITING_FOR_APPROVAL"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    ABANDONED = "ABANDONED"


class FeedbackStatus(Enum):
    """What a reviewer says (client)."""

    APPROVED = "APPROVED"
    MINOR_ISSUE = "MINOR_ISSUE"
    MAJOR_ISSUE = "MAJOR_ISSUE"


@dataclass
class Signoff:
    """The sign-off of one step of one artifact.

    Attributes:
        status: where it stands.
        configuration: who gives feedback and who approves, as it was when the sign-off was made or last reset with it.
        feedbacks: what reviewers have said: `id`, `status`, `comment`, `groupId`, and `author`, which is not shown.
        approval: the final word: `status`, `comment`, and `author`, which is not shown; None before it.
        delegates: logins by the id of the group that they stand for; by "" those who may approve.
        before_abandon: the status that cancelling an abandon goes back to.
    """

    status: SignoffStatus = SignoffStatus.NOT_STARTED
    configuration: dict[str, Any] = field(default_factory=dict)
    feedbacks: list[dict[str, Any]] = field(default_factory=list)
    approval: dict[str, Any] | None = None
    delegates: dict[str, list[str]] = field(default_factory=dict)
    before_abandon: SignoffStatus | None = None

    @property
    def locks(self) -> bool:
        """Whether it holds its artifact's workflow: when it is rejected or abandoned (docs)."""
        return self.status in (SignoffStatus.REJECTED, SignoffStatus.ABANDONED)

    def group(self, group_id: str) -> dict[str, Any]:
        """Return a feedback group of the configuration; raises NotFound."""
        for group in self.configuration.get("feedbackUsersGroups") or []:
            if group["id"] == group_id:
                match: dict[str, Any] = group
                return match
        raise NotFound(f"Feedback group {group_id} not found")

    def feedback(self, feedback_id: str) -> dict[str, Any]:
        """Return one feedback; raises NotFound."""
        for feedback in self.feedbacks:
            if feedback["id"] == feedback_id:
                return feedback
        raise NotFound(f"Feedback {feedback_id} not found")

    def reset(self) -> None:
        """Begin anew: what was said is gone."""
        self.status, self.feedbacks, self.approval, self.before_abandon = SignoffStatus.NOT_STARTED, [], None, None

    def document(self, artifact_id: str, step_id: str) -> dict[str, Any]:
        """Return the sign-off as Govern answers it: its nested id, its status, feedback, final word, configuration.

        Who gave them is not among the fields that public sources name, and so left out.
        """
        document: dict[str, Any] = {
            "signoffId": {"artifactId": artifact_id, "stepId": step_id},
            "status": self.status.value,
            "feedbackResponses": [shown(feedback) for feedback in self.feedbacks],
        }
        if self.approval is not None:
            document["approverResponse"] = shown(self.approval)
        if self.configuration:
            document["configuration"] = copy.deepcopy(self.configuration)
        return document

    def record(self) -> dict[str, Any]:
        """Return what the store keeps; `from_record` reads it back."""
        return {
            "status": self.status.value,
            "configuration": self.configuration,
            "feedbacks": self.feedbacks,
            "approval": self.approval,
            "delegates": self.delegates,
            "before_abandon": self.before_abandon.value if self.before_abandon else None,
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any] | str) -> Signoff:
        """Return the sign-off that `record` wrote; earlier versions kept its status only."""
        if isinstance(record, str):
            return cls(SignoffStatus(record))
        before = record["before_abandon"]
        return cls(
            SignoffStatus(record["status"]),
            record["configuration"],
            record["feedbacks"],
            record["approval"],
            record["delegates"],
            SignoffStatus(before) if before else None,
        )


def shown(response: Mapping[str, Any]) -> dict[str, Any]:
    """Return a feedback or an approval as the definition shows it (client): `id`, `status`, `comment`."""
    return {key: response[key] for key in ("id", "status", "comment") if key in response}


def signoff_of(artifact_id: str, signoffs: Mapping[str, Signoff], step_id: str) -> Signoff:
    """Return the sign-off of a step; raises NotFound when it has none."""
    if step_id not in signoffs:
        raise NotFound(f"Artifact {artifact_id} has no sign-off at step '{step_id}'")
    return signoffs[step_id]


def signoff_documents(artifact_id: str, signoffs: Mapping[str, Signoff]) -> list[dict[str, Any]]:
    """Return all sign-offs of an artifact, as `GET /artifact/{id}/signoffs` lists them."""
    return [signoff.document(artifact_id, step_id) for step_id, signoff in signoffs.items()]


def accepted_configuration(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return what Govern keeps of a sign-off's configuration.

    Keys that it does not know are dropped in silence, `feedbackGroups` and `approvalGroup` among them: nobody can
    review then (hl). The messages are Govern's own where they are known (hl).

    Raises:
        ValidationError: a title is missing, or a container is of no known type.
    """
    if not body.get("title"):
        raise ValidationError("SignoffConfiguration title is required")
    groups = []
    for group in body.get("feedbackUsersGroups") or []:
        if not group.get("title"):
            raise ValidationError("Users group title is required")
        users = [_accepted_entry(entry) for entry in group.get("users") or []]
        groups.append({"id": str(group.get("id")), "title": group["title"], "users": users})
    return {
        "title": body["title"],
        "description": body.get("description") or "",
        "mandatory": bool(body.get("mandatory")),
        "feedbackUsersGroups": groups,
        "approvers": [_accepted_entry(entry) for entry in body.get("approvers") or []],
        "recurrenceConfiguration": accepted_recurrence(body.get("recurrenceConfiguration") or {}),
    }


def accepted_container(container: object) -> dict[str, Any]:
    """Return a users container such as `{"type": "user", "login": "alice"}`; raises ValidationError (hl)."""
    if not isinstance(container, Mapping) or container.get("type") not in CONTAINER_KEYS:
        kind = container.get("type") if isinstance(container, Mapping) else container
        raise ValidationError(f'Cannot deserialize UsersContainer: unknown type "{kind}"')
    name = CONTAINER_KEYS[container["type"]]
    if not container.get(name):
        raise ValidationError(f"A users container of type {container['type']} needs {name}")
    return {"type": container["type"], name: container[name]}


def accepted_recurrence(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a recurrence; an active one needs an interval (hl).

    Raises:
        ValidationError: it has none.
        BadRequest: an interval is no whole number, or less than 0.
    """
    intervals = {name: body.get(name) or 0 for name in _INTERVALS}
    if any(not isinstance(value, int) or value < 0 for value in intervals.values()):
        raise BadRequest(f"{', '.join(_INTERVALS)} must be whole numbers from 0 on")
    recurrence = {"activated": bool(body.get("activated")), **intervals, "reloadConf": bool(body.get("reloadConf"))}
    if recurrence["activated"] and not any(intervals.values()):
        raise ValidationError("An activated recurrence needs an interval")
    return recurrence


def _accepted_entry(entry: object) -> dict[str, Any]:
    container = entry.get("usersContainer") if isinstance(entry, Mapping) else None
    return {"usersContainer": accepted_container(container)}
