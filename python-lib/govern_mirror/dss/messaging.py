"""Mail through DSS's messaging channels."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from govern_mirror.connection import path_part
from govern_mirror.dss.client import NOT_DSS, Client, api_errors, read_json
from govern_mirror.errors import ConnectionFailed, WriteUnclear


@dataclass(frozen=True)
class MailChannel:
    """A messaging channel that sends mail; `sender` when it has one, or takes the one who sends."""

    id: str
    has_sender: bool


def mail_channels(client: Client) -> tuple[MailChannel, ...]:
    """The mail channels that this client may use.

    Raises:
        GovernMirrorError: they cannot be listed.
    """
    doing, params = "list the messaging channels", {"channelFamily": "mail"}
    items = read_json(client, "/messaging-channels/", list, doing=doing, params=params)
    if not all(isinstance(item, Mapping) and item.get("id") for item in items):
        raise ConnectionFailed(NOT_DSS)
    return tuple(
        MailChannel(str(item["id"]), bool(item.get("sender") or item.get("useCurrentUserAsSender"))) for item in items
    )


def send_mail(
    client: Client,
    channel: str,
    project_key: str,
    to: Sequence[str],
    subject: str,
    body: str,
    *,
    plain_text: bool = False,
) -> None:
    """Send one mail with all recipients on it; a DSS before 15.1 sends a mail to each of them.

    The call itself, since the client's own `send` takes other arguments in each of its versions.

    Args:
        client: this thread's client; it needs write content on the project.
        channel: id of a mail channel.
        project_key: the project the mail is sent for.
        to: addresses.
        subject: one line.
        body: HTML, or what `plain_text` says.
        plain_text: whether the body is text, in which nothing is markup.

    Raises:
        WriteUnclear: no answer came, so that the mail may have gone out.
        GovernMirrorError: as `api_errors` says.
    """
    message = {"from": None, "to": list(to), "cc": None, "bcc": None, "subject": subject, "body": body}
    part = ("send-payload.json", json.dumps({**message, "plainText": plain_text}), "application/json")
    try:
        with api_errors(project_key, f"send mail through the messaging channel {channel}"):
            client._perform_http(
                "POST",
                f"/messaging-channels/{path_part(channel, 'messaging channel')}/actions/send",
                params={"projectKey": project_key, "sendAsSingleMessage": True},
                files=[("message", part)],
            )
    except ConnectionFailed as error:
        if error.never_sent:
            raise
        raise WriteUnclear(f"no answer tells whether it went out, look before you send it again: {error}") from error
