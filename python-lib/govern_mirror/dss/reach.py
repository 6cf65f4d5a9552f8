"""How an instance is reached, and whether this key may read the plugin's settings there."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from urllib.parse import urlsplit

from govern_mirror.dss.client import NOT_DSS, Client, translated
from govern_mirror.dss.instance import PLUGIN_ID
from govern_mirror.errors import AccessDenied, GovernMirrorError, NotFound


@dataclass(frozen=True)
class Reach:
    """How a client reaches its instance.

    Attributes:
        address: the address that is asked.
        is_encrypted: whether it is https.
        is_local: whether it is this machine itself, so that nothing goes over a network.
        checks_certificate: whether TLS certificates are checked.
    """

    address: str
    is_encrypted: bool
    is_local: bool
    checks_certificate: bool


class SettingsAccess(Enum):
    """Whether the plugin's settings can be read."""

    READABLE = "readable"
    NOT_FOUND = "not found"
    FORBIDDEN = "forbidden"
    ERROR = "error"


def reach_of(client: Client) -> Reach:
    """How a client reaches its instance; nothing is asked."""
    address = str(client.host)
    parts = urlsplit(address)
    return Reach(
        address=address,
        is_encrypted=parts.scheme.lower() == "https",
        is_local=_is_local(parts.hostname or ""),
        checks_certificate=client._session.verify is not False,
    )


def settings_access(client: Client) -> tuple[SettingsAccess, str]:
    """Ask for the plugin's settings: how that ends, and DSS's words where it refuses.

    Raises:
        ConnectionFailed: DSS could not be asked.
    """
    try:
        with translated(doing="read the plugin's settings"):
            settings = client._perform_json("GET", f"/plugins/{PLUGIN_ID}/settings")
    except NotFound as error:
        return SettingsAccess.NOT_FOUND, str(error)
    except AccessDenied as error:
        return SettingsAccess.FORBIDDEN, str(error)
    except GovernMirrorError as error:
        return SettingsAccess.ERROR, str(error)
    if not isinstance(settings, Mapping) or "config" not in settings:
        return SettingsAccess.ERROR, NOT_DSS
    return SettingsAccess.READABLE, ""


def _is_local(host: str) -> bool:
    host = host.rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False
