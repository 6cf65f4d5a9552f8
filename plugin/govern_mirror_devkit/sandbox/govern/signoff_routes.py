"""Sign-offs of artifacts, and their configurations in blueprint versions, at the client's paths."""

from __future__ import annotations

from typing import Any

from ..errors import Forbidden, NotFound
from ..web import Route
from .call import GovernCall
from .signoffs import signoff_documents, signoff_of


def signoffs(call: GovernCall, artifact_id: str) -> list[dict[str, Any]]:
    """Return an artifact's sign-offs."""
    artifact = call.instance.node.get(artifact_id)
    return signoff_documents(artifact.id, artifact.signoffs)


def signoff(call: GovernCall, artifact_id: str, step_id: str) -> dict[str, Any]:
    """Return the sign-off of one step."""
    artifact = call.instance.node.get(artifact_id)
    return signoff_of(artifact.id, artifact.signoffs, step_id).document(artifact.id, step_id)


def details(call: GovernCall, artifact_id: str, step_id: str) -> dict[str, Any]:
    """Return who is asked, as people."""
    return call.instance.reviews.details(artifact_id, step_id)


def create(call: GovernCall, artifact_id: str, step_id: str) -> None:
    """Make the sign-off of an ongoing step."""
    if not call.instance.node.may_write(call.caller):
        raise Forbidden("You may not create sign-offs")
    call.instance.reviews.create(artifact_id, step_id)


def update_status(call: GovernCall, artifact_id: str, step_id: str) -> None:
    """Ask for feedback or approval, abandon, or reset."""
    call.instance.reviews.update_status(call.caller, artifact_id, step_id, call.object())


def add_feedback(call: GovernCall, artifact_id: str, step_id: str) -> dict[str, str]:
    """Give feedback for the group that the query names; the answer holds its id (client)."""
    group_id = call.http.args.get("groupId", "")
    return {"id": call.instance.reviews.add_feedback(call.caller, artifact_id, step_id, group_id, call.object())}


def edit_feedback(call: GovernCall, artifact_id: str, step_id: str, feedback_id: str) -> dict[str, Any]:
    """Change a feedback."""
    return call.instance.reviews.edit_feedback(call.caller, artifact_id, step_id, feedback_id, call.object())


def delete_feedback(call: GovernCall, artifact_id: str, step_id: str, feedback_id: str) -> None:
    """Take a feedback back."""
    call.instance.reviews.delete_feedback(call.caller, artifact_id, step_id, feedback_id)


def add_approval(call: GovernCall, artifact_id: str, step_id: str) -> dict[str, Any]:
    """Say the final word."""
    return call.instance.reviews.add_approval(call.caller, artifact_id, step_id, call.object())


def edit_approval(call: GovernCall, artifact_id: str, step_id: str) -> dict[str, Any]:
    """Say another final word."""
    return call.instance.reviews.edit_approval(call.caller, artifact_id, step_id, call.object())


def delete_approval(call: GovernCall, artifact_id: str, step_id: str) -> None:
    """Take the final word back."""
    call.instance.reviews.delete_approval(call.caller, artifact_id, step_id)


def delegate_feedback(call: GovernCall, artifact_id: str, step_id: str) -> None:
    """Let a user stand for the feedback group that the query names."""
    group_id = call.http.args.get("groupId", "")
    call.instance.reviews.delegate(call.caller, artifact_id, step_id, group_id, call.json())


def delegate_approval(call: GovernCall, artifact_id: str, step_id: str) -> None:
    """Let a user stand for the approvers."""
    call.instance.reviews.delegate(call.caller, artifact_id, step_id, None, call.json())


def schedule_reset(call: GovernCall, artifact_id: str, step_id: str) -> dict[str, Any]:
    """Set when the sign-off begins anew by itself."""
    return call.instance.reviews.schedule_reset(call.caller, artifact_id, step_id, call.object())


def configurations(call: GovernCall, blueprint_id: str, version_id: str) -> list[dict[str, Any]]:
    """Return the sign-offs that a blueprint version configures."""
    steps = _configured(call, blueprint_id, version_id)
    return [_with_id(blueprint_id, version_id, step, each) for step, each in steps.items()]


def configuration(call: GovernCall, blueprint_id: str, version_id: str, step_id: str) -> dict[str, Any]:
    """Return the sign-off that a blueprint version configures for a step."""
    steps = _configured(call, blueprint_id, version_id)
    if step_id not in steps:
        raise NotFound(f"No sign-off is configured for step '{step_id}'")
    return _with_id(blueprint_id, version_id, step_id, steps[step_id])


def save_configuration(call: GovernCall, blueprint_id: str, version_id: str, step_id: str) -> dict[str, Any]:
    """Configure the sign-off of a step."""
    _require_designer(call)
    call.instance.blueprints.configure_signoff(blueprint_id, version_id, step_id, call.object())
    return configuration(call, blueprint_id, version_id, step_id)


def delete_configuration(call: GovernCall, blueprint_id: str, version_id: str, step_id: str) -> None:
    """Let a step have no sign-off; those that are there stay."""
    _require_designer(call)
    call.instance.blueprints.configure_signoff(blueprint_id, version_id, step_id, None)


def _configured(call: GovernCall, blueprint_id: str, version_id: str) -> dict[str, dict[str, Any]]:
    _require_designer(call)
    return dict(call.instance.blueprints.version(blueprint_id, version_id).signoffs)


def _with_id(blueprint_id: str, version_id: str, step_id: str, configured: dict[str, Any]) -> dict[str, Any]:
    """Return a configuration with the id that Govern derives (hl); its shape beside `stepId` is an assumption."""
    version = {"blueprintId": blueprint_id, "versionId": version_id}
    return {"id": {"blueprintVersionId": version, "stepId": step_id}, **configured}


def _require_designer(call: GovernCall) -> None:
    if not call.caller.is_admin:
        raise Forbidden("You may not use the blueprint designer")


_SIGNOFF = "/artifact/<artifact_id>/workflow/step/<step_id>/signoff"
_VERSION = "/admin/blueprint/<blueprint_id>/version/<version_id>"
_CONFIGURATION = f"{_VERSION}/workflow/step/<step_id>/signoff"

ROUTES: list[Route] = [
    ("GET", "/artifact/<artifact_id>/signoffs", signoffs),
    ("GET", _SIGNOFF, signoff),
    ("GET", f"{_SIGNOFF}/details", details),
    ("POST", f"{_SIGNOFF}/create", create),
    ("POST", f"{_SIGNOFF}/update-status", update_status),
    ("POST", f"{_SIGNOFF}/feedback", add_feedback),
    ("PUT", f"{_SIGNOFF}/feedback/<feedback_id>", edit_feedback),
    ("DELETE", f"{_SIGNOFF}/feedback/<feedback_id>", delete_feedback),
    ("POST", f"{_SIGNOFF}/approval", add_approval),
    ("PUT", f"{_SIGNOFF}/approval", edit_approval),
    ("DELETE", f"{_SIGNOFF}/approval", delete_approval),
    ("POST", f"{_SIGNOFF}/delegate-feedback", delegate_feedback),
    ("POST", f"{_SIGNOFF}/delegate-approval", delegate_approval),
    ("POST", f"{_SIGNOFF}/schedule-reset", schedule_reset),
    ("GET", f"{_VERSION}/signoffs", configurations),
    ("GET", _CONFIGURATION, configuration),
    ("POST", _CONFIGURATION, save_configuration),
    ("PUT", _CONFIGURATION, save_configuration),
    ("DELETE", _CONFIGURATION, delete_configuration),
]
