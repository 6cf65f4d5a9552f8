"""Messaging channels, and the mails that went out through them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .auth import Caller
from .errors import BadRequest, Forbidden, NotFound
from .store import Store

_CHANNEL = "messaging_channel"
_MAIL_TYPES = frozenset({"smtp", "aws-ses-mail", "microsoft-graph-mail"})  # (client)


@dataclass(frozen=True)
class Attachment:
    """A file attached to a mail."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Mail:
    """A mail that the sandbox captured instead of sending it."""

    channel_id: str
    project_key: str
    sender: str
    to: tuple[str, ...]
    subject: str
    body: str
    plain_text: bool
    sent_on: datetime
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()


class MessagingChannels:
    """The instance's messaging channels. Mails are kept in `outbox`, in the order they were sent."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.outbox: list[Mail] = []

    def create(
        self,
        channel_id: str,
        channel_type: str = "smtp",
        *,
        configuration: Mapping[str, Any] | None = None,
        permissions: Sequence[Mapping[str, Any]] | None = None,
    ) -> dict[str, Any]:
        """Add a channel, as an administrator does, and return it as the API shows it.

        Args:
            channel_id: unique id.
            channel_type: `smtp` or another mail type of the client, or a type of another family such as `slack`.
            configuration: settings; `sender`, and `authorizedDomain` (comma-separated) which limits recipients.
            permissions: `{"group" or "user", "canUse"}` each; everyone may use the channel when left out.

        Raises:
            BadRequest: when the id is empty or taken.
        """
        if not channel_id or self._store.get(_CHANNEL, channel_id) is not None:
            raise BadRequest(f"A messaging channel needs an id that is not taken: {channel_id!r}")
        channel = {
            "id": channel_id,
            "type": channel_type,
            "configuration": dict(configuration or {}),
            "permissions": None if permissions is None else [dict(permission) for permission in permissions],
        }
        self._store.put(_CHANNEL, channel_id, channel)
        return _shown(channel)

    def listed(self, caller: Caller, *, family: str | None, channel_type: str | None) -> list[dict[str, Any]]:
        """Return the channels that the caller may use, of one family or type, as the API shows them (client)."""
        usable = [channel for _, channel in self._store.items(_CHANNEL) if _may_use(caller, channel)]
        return [
            shown
            for shown in map(_shown, usable)
            if family in (None, shown.get("family")) and channel_type in (None, shown["type"])
        ]

    def get(self, channel_id: str) -> dict[str, Any]:
        """Return a channel as the API shows it; raises NotFound."""
        return _shown(self._stored(channel_id))

    def delete(self, channel_id: str) -> None:
        """Remove a channel; raises NotFound."""
        self._stored(channel_id)
        self._store.delete(_CHANNEL, channel_id)

    def send(self, caller: Caller, mail: Mail, *, single_message: bool) -> None:
        """Put a mail into the outbox; one a recipient unless `single_message`.

        Args:
            caller: who sends it.
            mail: the mail; an empty sender is filled from the channel.
            single_message: all recipients see each other (client: `sendAsSingleMessage`).

        Raises:
            NotFound: when there is no such channel.
            Forbidden: when the caller may not use it.
            BadRequest: when it is no mail channel, has no recipient or sender, or does not allow a recipient's domain.
        """
        channel = self._stored(mail.channel_id)
        if channel["type"] not in _MAIL_TYPES:
            raise BadRequest(f"Messaging channel {mail.channel_id} does not send mails")
        if not _may_use(caller, channel):
            raise Forbidden(f"You may not use the messaging channel {mail.channel_id}")
        configuration = channel["configuration"]
        sender = configuration.get("sender") or mail.sender
        if not sender or not mail.to:
            raise BadRequest("A mail needs a sender and at least one recipient")
        _check_domains(mail, configuration.get("authorizedDomain") or "")
        recipients = [mail.to] if single_message else [(address,) for address in mail.to]
        for to in recipients:
            self.outbox.append(_readdressed(mail, sender, to))

    def _stored(self, channel_id: str) -> dict[str, Any]:
        channel: dict[str, Any] | None = self._store.get(_CHANNEL, channel_id)
        if channel is None:
            raise NotFound(f"Messaging channel {channel_id} not found")
        return channel


def addresses(recipients: object) -> tuple[str, ...]:
    """Return the mail addresses of a list, or of a text with commas between them (docs, reporters)."""
    parts = recipients.split(",") if isinstance(recipients, str) else recipients
    if not isinstance(parts, (list, tuple)):
        return ()
    return tuple(part.strip() for part in parts if isinstance(part, str) and part.strip())


def _readdressed(mail: Mail, sender: str, to: tuple[str, ...]) -> Mail:
    return Mail(**{**vars(mail), "sender": sender, "to": to})


def _check_domains(mail: Mail, allowed: str) -> None:
    domains = {domain.strip().casefold() for domain in allowed.split(",") if domain.strip()}
    for address in (*mail.to, *mail.cc, *mail.bcc):
        if domains and address.rpartition("@")[2].casefold() not in domains:
            raise BadRequest(f"The messaging channel {mail.channel_id} does not send to {address}")


def _shown(channel: Mapping[str, Any]) -> dict[str, Any]:
    document: dict[str, Any] = {"id": channel["id"], "type": channel["type"]}
    if channel["type"] in _MAIL_TYPES:
        configuration = channel["configuration"]
        document["family"] = "mail"
        document["sender"] = configuration.get("sender")
        document["useCurrentUserAsSender"] = configuration.get("useCurrentUserAsSender", False)
    return document


def _may_use(caller: Caller, channel: Mapping[str, Any]) -> bool:
    permissions = channel["permissions"]
    if permissions is None or caller.is_admin:
        return True
    return any(
        entry.get("canUse") and (entry.get("user") == caller.login or entry.get("group") in caller.groups)
        for entry in permissions
    )
