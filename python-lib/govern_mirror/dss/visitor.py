"""Who sits at a browser, as DSS knows them from the headers that their browser sends to a webapp."""

from __future__ import annotations

from collections.abc import Mapping

from govern_mirror.dss.client import NOT_DSS, Client, api_errors
from govern_mirror.errors import ConnectionFailed
from govern_mirror.nested import texts


def person_of(client: Client, headers: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """Return the login and the groups of the person whose browser sent these headers.

    Args:
        client: acts as the backend's own user.
        headers: of the request, as they came.

    Raises:
        ConnectionFailed: DSS names nobody.
        GovernMirrorError: as `api_errors` says; nobody is logged in there, for one.
    """
    with api_errors(doing="ask who you are"):
        info = client.get_auth_info_from_browser_headers(dict(headers))
    login = info.get("authIdentifier") if isinstance(info, Mapping) else None
    if not isinstance(login, str) or not login.strip():
        raise ConnectionFailed(f"{NOT_DSS} (asked who you are, it names nobody)")
    return login, texts(info.get("groups"))
