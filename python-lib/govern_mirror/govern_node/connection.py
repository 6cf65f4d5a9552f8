"""How a Govern node is reached: `connect_govern()`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import dataikuapi

from govern_mirror.connection import Instance
from govern_mirror.dss.client import with_retries
from govern_mirror.dss.transport import Server, Transport

GOVERN = Server("Govern", "--govern-url or DKU_GOVERN_URL", "--govern-api-key or DKU_GOVERN_API_KEY")

GovernClient: TypeAlias = dataikuapi.GovernClient
GovernClientFactory: TypeAlias = Callable[[], GovernClient]
"""Makes a client; `GovernNode` calls it once a thread."""

SEARCH = "/artifacts/search"
"""The path of the search, a POST that only reads."""


GovernInstance: TypeAlias = Instance
"""The address of a Govern node and how to reach it."""


def connect_govern(instance: GovernInstance) -> GovernClientFactory:
    """Return a function that makes clients of a Govern node; `GovernNode` calls it once a thread."""
    transport = Transport(GOVERN, reading_posts=[SEARCH])

    def client() -> GovernClient:
        made = GovernClient(instance.url, api_key=instance.reveal_key())
        # not by an argument, whose name depends on the client's version
        made._session.verify = instance.check_certificate
        return with_retries(made, transport)

    return client
