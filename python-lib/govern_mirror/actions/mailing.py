"""Mail the governed-projects report through one of DSS's messaging channels."""

from __future__ import annotations

import re
from collections.abc import Iterable

from govern_mirror.actions.reporting import Report
from govern_mirror.actions.session import Session
from govern_mirror.blueprint import clipped
from govern_mirror.dss import MailChannel, mail_channels, send_mail
from govern_mirror.errors import ConnectionFailed, GovernMirrorError, InputError
from govern_mirror.report.formats import renderer
from govern_mirror.scenario import Mail

_ADDRESS = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+")
_BETWEEN = re.compile(r"[,;\s]+")


def parse_addresses(text: str) -> tuple[str, ...]:
    """Read mail addresses with commas between them, each once.

    Raises:
        InputError: there is none, or one is not an address; all of those are named.
    """
    found = tuple(dict.fromkeys(each for each in _BETWEEN.split(text) if each))
    wrong = [each for each in found if not _ADDRESS.fullmatch(each)]
    if wrong or not found:
        named = ", ".join(repr(clipped(each)) for each in wrong) or repr(clipped(text))
        raise InputError(f"not a mail address: {named}; write addresses with commas between them")
    return found


def mail_channel(session: Session, wanted: str | None) -> MailChannel:
    """The mail channel that was asked for, or the one there is.

    Args:
        session: the instance.
        wanted: its id; None for the only mail channel that this user may use.

    Raises:
        InputError: there is no such mail channel, none at all, or more than one to choose from.
    """
    try:
        found = {channel.id: channel for channel in mail_channels(session.store.client)}
    except ConnectionFailed:
        raise
    except GovernMirrorError as error:
        if wanted is None:
            raise InputError(f"name the messaging channel: those of DSS cannot be listed ({error})") from error
        return MailChannel(wanted, has_sender=True)
    if wanted is None and len(found) == 1:
        return next(iter(found.values()))
    if wanted in found:
        return found[wanted]
    if not found:
        raise InputError(
            "this instance has no mail channel that you may use: an administrator adds one under Administration › "
            "Settings › Notifications & Integrations"
        )
    what = "name the messaging channel" if wanted is None else f"there is no mail channel {clipped(wanted)!r}"
    raise InputError(f"{what}: use one of {_named(found)}")


def mail_report(session: Session, report: Report, project_key: str, mail: Mail) -> str:
    """Send the report, and say so.

    Args:
        session: the instance.
        report: what to send; projects that could not be read are counted in the subject.
        project_key: the project the mail is sent for; the user needs to write its content.
        mail: to whom, and through which channel.

    Raises:
        GovernMirrorError: DSS refuses it; the message says what and why.
    """
    portfolio = report.portfolio
    summary = portfolio.summary
    counts = [f"{summary.governed} governed"]
    counts += [
        f"{count} {what}" for count, what in ((summary.stale, "stale"), (summary.problems, "with problems")) if count
    ]
    if report.unreadable:
        counts.append(f"{len(report.unreadable)} could not be read")
    subject = f"Governed projects, {portfolio.generated_on:%Y-%m-%d}: {', '.join(counts)}"
    body = renderer("mail").render(portfolio).decode("utf-8")
    send_mail(session.store.client, mail.channel, project_key, mail.to, subject, body)
    return f"Mailed to {mail.recipients} through the channel {mail.channel}."


def _named(ids: Iterable[str]) -> str:
    return ", ".join(sorted(ids))
