"""How an instance is reached."""

from __future__ import annotations

from dataclasses import dataclass

from govern_mirror.connection import is_plain_http
from govern_mirror.dss.client import Client


@dataclass(frozen=True)
class Reach:
    """How a client reaches its instance.

    Attributes:
        address: the address that is asked.
        is_encrypted: whether it is https.
        is_plain: whether what is sent can be read on the way: http to another machine.
        checks_certificate: whether TLS certificates are checked.
    """

    address: str
    is_encrypted: bool
    is_plain: bool
    checks_certificate: bool


def reach_of(client: Client) -> Reach:
    """How a client reaches its instance; nothing is asked."""
    address = str(client.host)
    return Reach(
        address=address,
        is_encrypted=address.lower().startswith("https://"),
        is_plain=is_plain_http(address),
        checks_certificate=client._session.verify is not False,
    )
