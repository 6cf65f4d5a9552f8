"""Reviews: who may ask for them, give feedback and approve, and what that makes of a sign-off (docs)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, TypeVar

from ..auth import Accounts, Caller
from ..errors import BadRequest, Forbidden
from .artifact import Artifact
from .blueprints import Blueprints
from .node import ArtifactNode
from .reviewers import Reviewers, is_one_of
from .signoffs import (
    FeedbackStatus,
    Signoff,
    SignoffStatus,
    accepted_container,
    accepted_recurrence,
    shown,
    signoff_of,
)
from .steps import StepStatus

EnumT = TypeVar("EnumT", FeedbackStatus, SignoffStatus)

_S = SignoffStatus
_WAITING = (_S.WAITING_FOR_FEEDBACK, _S.WAITING_FOR_APPROVAL)
_FINAL = (_S.APPROVED, _S.REJECTED, _S.ABANDONED)
_MOVES: dict[SignoffStatus, tuple[SignoffStatus, ...]] = {
    _S.NOT_STARTED: _WAITING,
    _S.WAITING_FOR_FEEDBACK: (_S.WAITING_FOR_APPROVAL, _S.ABANDONED),
    _S.WAITING_FOR_APPROVAL: (_S.WAITING_FOR_FEEDBACK, _S.ABANDONED),
    _S.ABANDONED: (_S.NOT_STARTED,),
    _S.APPROVED: (_S.NOT_STARTED,),
    _S.REJECTED: (_S.NOT_STARTED,),
}
"""What `update-status` may do; APPROVED and REJECTED come from an approval only (hl). From ABANDONED also back to where
it was (docs). That what is approved or rejected is reset at once is assumed: only what waits is known not to be."""


class Reviews:
    """The sign-offs of a node, as people and keys act on them.

    An administrator's key is no reviewer (hl): only who is in the configuration, or stands for somebody in it, is.
    That the requester can be barred from approving (13.4), and delegation switched off (12.4), is not modelled: where
    it is configured is not public.

    Attributes:
        reviewers: who is asked, and what was mailed to them.
    """

    def __init__(self, node: ArtifactNode, blueprints: Blueprints, accounts: Accounts) -> None:
        self._node = node
        self._blueprints = blueprints
        self._accounts = accounts
        self.reviewers = Reviewers(accounts)

    def create(self, artifact_id: str, step_id: str) -> None:
        """Make the sign-off of a step; those that are configured at the time are made with the artifact (client).

        Raises:
            BadRequest: the step is not ongoing, has one already, or none is configured for it.
        """

        def change(artifact: Artifact) -> None:
            configuration = self._configured(artifact, step_id)
            if configuration is None:
                raise BadRequest(f"No sign-off is configured for step '{step_id}'")
            if artifact.statuses.get(step_id) is not StepStatus.ONGOING:
                raise BadRequest(f"Step '{step_id}' is not ongoing")
            if step_id in artifact.signoffs:
                raise BadRequest(f"Step '{step_id}' has a sign-off already")
            artifact.signoffs[step_id] = Signoff(configuration=configuration)

        self._node.change(artifact_id, change)

    def details(self, artifact_id: str, step_id: str) -> dict[str, Any]:
        """Return who may give feedback and who may approve, as people (client); `feedbackGroups` is a known key."""
        signoff, reviewers = signoff_of(artifact_id, self._node.get(artifact_id).signoffs, step_id), self.reviewers
        groups = [
            {"id": group["id"], "title": group["title"], "users": _users(reviewers.of_group(signoff, group["id"]))}
            for group in signoff.configuration.get("feedbackUsersGroups") or []
        ]
        return {"feedbackGroups": groups, "approvers": _users(reviewers.approvers(signoff))}

    def update_status(self, caller: Caller, artifact_id: str, step_id: str, body: Mapping[str, Any]) -> None:
        """Ask for feedback or for the final approval, abandon, cancel that, or reset (client).

        That the step must be ongoing for it is an assumption.

        Raises:
            BadRequest: the status cannot follow the present one, with Govern's own words (hl).
            Forbidden: the caller may neither write artifacts nor, to abandon, approve.
        """
        target = _status(SignoffStatus, body.get("targetStatus"))

        def change(artifact: Artifact) -> None:
            signoff = signoff_of(artifact_id, artifact.signoffs, step_id)
            abandons = target is _S.ABANDONED and self.reviewers.approves(caller, signoff)
            if not abandons and not self._node.may_write(caller):
                raise Forbidden("You may not change the status of this sign-off")
            back = signoff.status is _S.ABANDONED and target is signoff.before_abandon
            if target not in _MOVES[signoff.status] and not back:
                now = signoff.status.value
                raise BadRequest(f"Unable to set the status to '{target.value}' when current status is '{now}'")
            if target in _WAITING and artifact.statuses.get(step_id) is not StepStatus.ONGOING:
                raise BadRequest(f"Step '{step_id}' is not ongoing")
            if target is _S.NOT_STARTED:
                signoff.reset()
                if body.get("reloadConfForReset"):
                    signoff.configuration, signoff.delegates = self._configured(artifact, step_id) or {}, {}
                return
            if target is _S.ABANDONED:
                signoff.before_abandon = signoff.status
            elif back:
                signoff.approval, signoff.before_abandon = None, None
            signoff.status = target
            self.reviewers.mail(artifact_id, step_id, signoff, body.get("usersToSendEmailTo"))

        self._node.change(artifact_id, change)

    def add_feedback(
        self, caller: Caller, artifact_id: str, step_id: str, group_id: str, body: Mapping[str, Any]
    ) -> str:
        """Give feedback for a group, and return its id; each reviewer may give several (docs).

        Raises:
            BadRequest: nobody has asked for feedback.
            Forbidden: the caller is not in the group, and stands for nobody in it.
        """
        status = _status(FeedbackStatus, body.get("status"))

        def change(artifact: Artifact) -> str:
            signoff = signoff_of(artifact_id, artifact.signoffs, step_id)
            if not is_one_of(caller, self.reviewers.of_group(signoff, group_id)):
                raise Forbidden(f"You are not a reviewer of group {group_id}")
            _require(signoff, _S.WAITING_FOR_FEEDBACK)
            identifier = secrets.token_hex(8)
            feedback = {"id": identifier, **_statement(status, body), "groupId": group_id, "author": caller.login}
            signoff.feedbacks.append(feedback)
            return identifier

        return self._node.change(artifact_id, change)

    def edit_feedback(
        self, caller: Caller, artifact_id: str, step_id: str, feedback_id: str, body: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Change a feedback; its author only may, and while feedback is awaited: assumptions both."""
        status = _status(FeedbackStatus, body.get("status"))

        def change(artifact: Artifact) -> dict[str, Any]:
            _, feedback = self._own_feedback(caller, artifact, step_id, feedback_id)
            feedback.pop("comment", None)
            feedback.update(_statement(status, body))
            return shown(feedback)

        return self._node.change(artifact_id, change)

    def delete_feedback(self, caller: Caller, artifact_id: str, step_id: str, feedback_id: str) -> None:
        """Take a feedback back; its author only may (assumed)."""

        def change(artifact: Artifact) -> None:
            signoff, feedback = self._own_feedback(caller, artifact, step_id, feedback_id)
            signoff.feedbacks.remove(feedback)

        self._node.change(artifact_id, change)

    def add_approval(self, caller: Caller, artifact_id: str, step_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Say the final word, which becomes the sign-off's status; one is enough (docs).

        Raises:
            BadRequest: nobody has asked for it.
            Forbidden: the caller is no approver, and stands for none.
        """
        return self._decide(caller, artifact_id, step_id, body, (_S.WAITING_FOR_APPROVAL,))

    def edit_approval(self, caller: Caller, artifact_id: str, step_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Say another final word; that any approver may is an assumption."""
        return self._decide(caller, artifact_id, step_id, body, _FINAL)

    def delete_approval(self, caller: Caller, artifact_id: str, step_id: str) -> None:
        """Take the final word back: it is awaited again (assumed)."""

        def change(artifact: Artifact) -> None:
            signoff = signoff_of(artifact_id, artifact.signoffs, step_id)
            self._require_approver(caller, signoff)
            if signoff.approval is None:
                raise BadRequest("There is no approval")
            signoff.approval, signoff.status = None, _S.WAITING_FOR_APPROVAL

        self._node.change(artifact_id, change)

    def delegate(self, caller: Caller, artifact_id: str, step_id: str, group_id: str | None, container: object) -> None:
        """Let one user stand for a feedback group, or for the approvers when no group is named (client).

        That only who is asked themselves may delegate is an assumption.

        Raises:
            ValidationError, BadRequest: it is no container of one user, or there is no such user.
            Forbidden: the caller is not among those who are asked.
        """
        user = accepted_container(container)
        if user["type"] != "user" or self._accounts.profile(user["login"]) is None:
            raise BadRequest("A review is delegated to one user of this node")

        def change(artifact: Artifact) -> None:
            signoff = signoff_of(artifact_id, artifact.signoffs, step_id)
            approvers = group_id is None
            asked = self.reviewers.approvers(signoff) if approvers else self.reviewers.of_group(signoff, str(group_id))
            if not is_one_of(caller, asked):
                raise Forbidden("You are not asked for this review: you cannot delegate it")
            signoff.delegates.setdefault(group_id or "", []).append(user["login"])

        self._node.change(artifact_id, change)

    def schedule_reset(self, caller: Caller, artifact_id: str, step_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Set when the sign-off begins anew by itself, and return the sign-off; the sandbox's clock resets nothing.

        Raises:
            ValidationError: an active one has no interval.
            Forbidden: the caller may not write artifacts.
        """
        if not self._node.may_write(caller):
            raise Forbidden("You may not schedule the reset of this sign-off")
        recurrence = accepted_recurrence(body)

        def change(artifact: Artifact) -> dict[str, Any]:
            signoff = signoff_of(artifact_id, artifact.signoffs, step_id)
            signoff.configuration = {**signoff.configuration, "recurrenceConfiguration": recurrence}
            return signoff.document(artifact_id, step_id)

        return self._node.change(artifact_id, change)

    # parts -------------------------------------------------------------------------------------------------------

    def _configured(self, artifact: Artifact, step_id: str) -> dict[str, Any] | None:
        return self._blueprints.version(*artifact.version).signoffs.get(step_id)

    def _require_approver(self, caller: Caller, signoff: Signoff) -> None:
        if not self.reviewers.approves(caller, signoff):
            raise Forbidden("You are not an approver of this sign-off")

    def _own_feedback(
        self, caller: Caller, artifact: Artifact, step_id: str, feedback_id: str
    ) -> tuple[Signoff, dict[str, Any]]:
        signoff = signoff_of(artifact.id, artifact.signoffs, step_id)
        feedback = signoff.feedback(feedback_id)
        if feedback["author"] != caller.login:
            raise Forbidden("This feedback is not yours")
        _require(signoff, _S.WAITING_FOR_FEEDBACK)
        return signoff, feedback

    def _decide(
        self, caller: Caller, artifact_id: str, step_id: str, body: Mapping[str, Any], when: tuple[SignoffStatus, ...]
    ) -> dict[str, Any]:
        status = _status(SignoffStatus, body.get("status"))
        if status not in _FINAL:
            raise BadRequest(f"An approval is {', '.join(final.value for final in _FINAL)}, not {status.value}")

        def change(artifact: Artifact) -> dict[str, Any]:
            signoff = signoff_of(artifact_id, artifact.signoffs, step_id)
            # anyone who may write can abandon (docs)
            if not (status is _S.ABANDONED and self._node.may_write(caller)):
                self._require_approver(caller, signoff)
            _require(signoff, *when)
            if status is _S.ABANDONED:
                signoff.before_abandon = _S.WAITING_FOR_APPROVAL
            signoff.approval = {**_statement(status, body), "author": caller.login}
            signoff.status = status
            return shown(signoff.approval)

        return self._node.change(artifact_id, change)


def _require(signoff: Signoff, *statuses: SignoffStatus) -> None:
    if signoff.status not in statuses:
        raise BadRequest(f"The sign-off is {signoff.status.value}, not {' or '.join(each.value for each in statuses)}")


def _status(kind: type[EnumT], value: object) -> EnumT:
    try:
        return kind(value)
    except ValueError:
        raise BadRequest(f"Unknown status {value!r}") from None


def _statement(status: FeedbackStatus | SignoffStatus, body: Mapping[str, Any]) -> dict[str, Any]:
    statement: dict[str, Any] = {"status": status.value}
    if body.get("comment") is not None:
        statement["comment"] = str(body["comment"])
    return statement


def _users(logins: set[str]) -> list[dict[str, str]]:
    return [{"userLogin": login} for login in sorted(logins)]
