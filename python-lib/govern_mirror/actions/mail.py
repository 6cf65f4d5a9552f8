"""Mail the governed-projects report through one of DSS's messaging channels."""

from __future__ import annotations

import re
from email.errors import MessageError
from email.headerregistry import Address

from govern_mirror.actions.report import Report
from govern_mirror.actions.session import Session
from govern_mirror.dss import Client, MailChannel, mail_channels, send_mail
from govern_mirror.errors import ConnectionFailed, GovernMirrorError, InputError
from govern_mirror.report.formats import renderer
from govern_mirror.report.portfolio import without_texts
from govern_mirror.scenario.parts import Mail
from govern_mirror.text import clipped, one_of

_BETWEEN = re.compile(r"[,;\s]+")
_DOMAIN = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")
_QUOTES = "'`"
MAX_ADDRESS_LENGTH = 254
"""How long an address may be: no mail server takes a longer one (RFC 5321)."""


def parse_addresses(text: str) -> tuple[str, ...]:
    """Read mail addresses with commas between them, each once.

    Raises:
        InputError: there is none, or one is not an address; all of those are named.
    """
    addresses = tuple(dict.fromkeys(part for part in _BETWEEN.split(text) if part))
    wrong = [address for address in addresses if not is_address(address)]
    if wrong or not addresses:
        names = ", ".join(ascii(clipped(address)) for address in wrong) or repr(clipped(text))
        raise InputError(
            f"not a mail address: {names}; write addresses such as ada@example.com with commas between them, without "
            "names, quotes and mailto:"
        )
    return addresses


def is_address(text: str) -> bool:
    """Whether a text is one mail address as every mail server takes it: ASCII, unquoted, no comment in it."""
    # DSS would put a variable's value in the place of ${…}
    if not text.isascii() or len(text) > MAX_ADDRESS_LENGTH or "${" in text:
        return False
    try:
        address = Address(addr_spec=text)
    except (ValueError, IndexError, MessageError):
        # what the parser raises depends on where it gives up
        return False
    quoted = address.username.startswith(tuple(_QUOTES)) or address.username.endswith(tuple(_QUOTES))
    return f"{address.username}@{address.domain}" == text and not quoted and bool(_DOMAIN.fullmatch(address.domain))


def mail_channel_of(client: Client, wanted: str | None) -> MailChannel:
    """The mail channel that was asked for, or the one there is.

    Args:
        client: of who is to send.
        wanted: its id; None for the only mail channel that this user may use.

    Raises:
        InputError: there is no such mail channel, none at all, or more than one to choose from.
    """
    try:
        channels = {channel.id: channel for channel in mail_channels(client)}
    except ConnectionFailed:
        raise
    except GovernMirrorError as error:
        if wanted is None:
            raise InputError(f"name the messaging channel: those of DSS cannot be listed ({error})") from error
        return MailChannel(wanted, has_sender=True)
    if wanted is None and len(channels) == 1:
        return next(iter(channels.values()))
    if wanted in channels:
        return channels[wanted]
    if not channels:
        raise InputError(
            "this instance has no mail channel that may be used here: an administrator adds one under Administration › "
            "Settings › Notifications & Integrations"
        )
    what = "name the messaging channel" if wanted is None else f"there is no mail channel {clipped(wanted)!r}"
    raise InputError(f"{what}: use {one_of(sorted(channels))}")


def mail_report(session: Session, report: Report, project_key: str, mail: Mail, *, with_texts: bool = False) -> str:
    """Send the report, and say so.

    Args:
        session: the instance.
        report: what to send; projects that could not be read are counted in the subject.
        project_key: the project the mail is sent for; the user needs to write its content.
        mail: to whom, and through which channel.
        with_texts: whether notes, comments and history may be in it: who gets a mail need not see the projects.

    Raises:
        GovernMirrorError: DSS refuses it; the message says what and why.
    """
    portfolio = report.portfolio if with_texts else without_texts(report.portfolio)
    summary = portfolio.summary
    counts = [f"{summary.governed} governed"]
    counts += [
        f"{count} {what}" for count, what in ((summary.stale, "stale"), (summary.problems, "with problems")) if count
    ]
    if portfolio.approvals is not None:
        without = (("active", portfolio.approvals.active), ("deployed", portfolio.approvals.deployed))
        counts += [f"{len(items)} {what} without approval" for what, items in without if items]
    if report.unreadable:
        counts.append(f"{len(report.unreadable)} could not be read")
    subject = f"Governed projects, {portfolio.generated_on:%Y-%m-%d}: {', '.join(counts)}"
    body = renderer("mail").render(portfolio).decode("utf-8")
    send_mail(session.store.client, mail.channel, project_key, mail.to, subject, body)
    return f"Mailed to {mail.recipients} through the channel {mail.channel}."
