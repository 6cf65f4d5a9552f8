"""Mail through DSS's messaging channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from govern_mirror.dss.client import Client, translated


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
    with translated(doing="list the messaging channels"):
        items = client._perform_json("GET", "/messaging-channels/", params={"channelFamily": "mail"})
        return tuple(
            MailChannel(str(item["id"]), bool(item.get("sender") or item.get("useCurrentUserAsSender")))
            for item in items
        )


def send_mail(client: Client, channel: str, project_key: str, to: Sequence[str], subject: str, html: str) -> None:
    """Send one mail with all recipients on it.

    Args:
        client: this thread's client; it needs write content on the project.
        channel: id of a mail channel.
        project_key: the project the mail is sent for.
        to: addresses.
        subject: one line.
        html: the body.

    Raises:
        GovernMirrorError: as `translated` says.
    """
    with translated(project_key, f"send mail through the messaging channel {channel}"):
        client.get_messaging_channel(channel).send(
            project_key, list(to), subject, html, plain_text=False, send_as_single_message=True
        )
