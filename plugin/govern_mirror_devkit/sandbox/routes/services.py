"""The instance's services: plugins and messaging channels."""

from __future__ import annotations

import json
from typing import Any

from ..errors import BadRequest, Forbidden
from ..messaging import Attachment, Mail, addresses
from ..web import Route
from .call import DssCall


def list_plugins(call: DssCall) -> list[dict[str, Any]]:
    """Return the installed plugins."""
    return call.instance.plugins.listed(call.caller)


def plugin_settings(call: DssCall, plugin_id: str) -> dict[str, Any]:
    """Return a plugin's settings."""
    return call.instance.plugins.settings(call.caller, plugin_id)


def save_plugin_settings(call: DssCall, plugin_id: str) -> None:
    """Replace a plugin's settings."""
    call.instance.plugins.save(call.caller, plugin_id, call.json())


def list_channels(call: DssCall) -> list[dict[str, Any]]:
    """Return the messaging channels that the caller may use."""
    arguments = call.http.args
    return call.instance.messaging.listed(
        call.caller, family=arguments.get("channelFamily"), channel_type=arguments.get("channelType")
    )


def create_channel(call: DssCall) -> dict[str, Any]:
    """Create a channel; administrators only."""
    _require_admin(call)
    body = call.object()
    return call.instance.messaging.create(
        body.get("id") or "",
        body.get("type") or "smtp",
        configuration=body.get("configuration"),
        permissions=body.get("permissions"),
    )


def channel(call: DssCall, channel_id: str) -> dict[str, Any]:
    """Return a channel."""
    return call.instance.messaging.get(channel_id)


def delete_channel(call: DssCall, channel_id: str) -> None:
    """Delete a channel; administrators only."""
    _require_admin(call)
    call.instance.messaging.delete(channel_id)


def send(call: DssCall, channel_id: str) -> None:
    """Send a mail: a multipart body with the part `message`, and attachments (client); it needs write content."""
    project_key = call.http.args.get("projectKey", "")
    call.instance.projects.require_write(call.caller, project_key)
    part = call.http.files.get("message")
    try:
        message = json.loads(part.read()) if part else None
    except ValueError:
        message = None
    if not isinstance(message, dict):
        raise BadRequest("The request holds no message")
    attachments = tuple(
        Attachment(file.filename or "", file.content_type or "", file.read())
        for file in call.http.files.getlist("attachments")
    )
    mail = Mail(
        channel_id=channel_id,
        project_key=project_key,
        sender=message.get("from") or "",
        to=addresses(message.get("to")),
        subject=message.get("subject") or "",
        body=message.get("body") or "",
        plain_text=bool(message.get("plainText")),
        sent_on=call.instance.clock.now(),
        cc=addresses(message.get("cc")),
        bcc=addresses(message.get("bcc")),
        attachments=attachments,
    )
    single = call.http.args.get("sendAsSingleMessage", "").lower() == "true"
    call.instance.messaging.send(call.caller, mail, single_message=single)


def _require_admin(call: DssCall) -> None:
    if not call.caller.is_admin:
        raise Forbidden("You are not an administrator")


ROUTES: list[Route] = [
    ("GET", "/plugins", list_plugins),
    ("GET", "/plugins/<plugin_id>/settings", plugin_settings),
    ("POST", "/plugins/<plugin_id>/settings", save_plugin_settings),
    ("GET", "/messaging-channels", list_channels),
    ("POST", "/messaging-channels", create_channel),
    ("GET", "/messaging-channels/<channel_id>", channel),
    ("DELETE", "/messaging-channels/<channel_id>", delete_channel),
    ("POST", "/messaging-channels/<channel_id>/actions/send", send),
]
