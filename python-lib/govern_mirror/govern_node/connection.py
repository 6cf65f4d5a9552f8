"""How a Govern node is reached: `connect_govern()`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import dataikuapi

from govern_mirror.dss.client import TIMEOUT, Server, prepared

GOVERN = Server("Govern", "--govern-url or DKU_GOVERN_URL", "--govern-api-key or DKU_GOVERN_API_KEY")

GovernClient: TypeAlias = dataikuapi.GovernClient
GovernClientFactory: TypeAlias = Callable[[], GovernClient]
"""Makes a client; `GovernNode` calls it once a thread."""

SEARCH = "/artifacts/search"
"""The path of the search, a POST that only reads."""


@dataclass(frozen=True)
class GovernInstance:
    """The address of a Govern node and how to reach it.

    Attributes:
        url: where it answers, such as `https://govern.example.com`.
        api_key: never printed.
        check_certificate: whether TLS certificates are checked.
    """

    url: str
    api_key: str = field(repr=False)
    check_certificate: bool = True


def connect_govern(instance: GovernInstance, timeout: tuple[float, float] = TIMEOUT) -> GovernClientFactory:
    """Return a function that makes clients of a Govern node; `GovernNode` calls it once a thread.

    Args:
        instance: the node.
        timeout: seconds to connect, and to wait for an answer.
    """

    def client() -> GovernClient:
        made = GovernClient(
            # the client joins host and path as they are
            instance.url.strip().rstrip("/"),
            api_key=instance.api_key,
            no_check_certificate=not instance.check_certificate,
        )
        return prepared(made, timeout, reading_posts=[SEARCH])

    return client
