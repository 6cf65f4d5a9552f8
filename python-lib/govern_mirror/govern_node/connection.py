"""How a Govern node is reached: `connect_govern()`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import dataikuapi

from govern_mirror.connection import Instance
from govern_mirror.dss.client import client_factory
from govern_mirror.dss.transport import Server, Transport

GOVERN = Server("Govern", "--govern-url or DKU_GOVERN_URL", "--govern-api-key or DKU_GOVERN_API_KEY")

GovernClient: TypeAlias = dataikuapi.GovernClient
GovernClientFactory: TypeAlias = Callable[[], GovernClient]
"""Makes a client; `GovernNode` calls it once for each thread."""

SEARCH = "/artifacts/search"
"""The path of the search, a POST that only reads."""


def connect_govern(instance: Instance) -> GovernClientFactory:
    """Return a function that makes clients of a Govern node; `GovernNode` calls it once for each thread."""
    return client_factory(GovernClient, instance, Transport(GOVERN, reading_posts=[SEARCH]))
