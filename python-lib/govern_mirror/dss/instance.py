"""`DssInstance`: one DSS instance, a client a thread, and what it tells of itself."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from govern_mirror.dss.client import Client, ClientFactory, translated
from govern_mirror.errors import AccessDenied, ConnectionFailed, GovernMirrorError, NotFound

PLUGIN_ID = "govern-mirror"


class DssInstance:
    """One DSS instance.

    Args:
        clients: makes a client; called once a thread.
        url: the instance's address for links, or None: then links are paths, until `ask_url` finds it.
    """

    def __init__(self, clients: ClientFactory, url: str | None = None) -> None:
        self._clients = clients
        self._local = threading.local()
        self._node: tuple[str | None] | None = None
        self.url = url

    @property
    def client(self) -> Client:
        """This thread's client."""
        if not hasattr(self._local, "client"):
            self._local.client = self._clients()
        return self._local.client

    def login(self) -> str | None:
        """Who the key or ticket acts as, in DSS's words (`api:<id>` for an API key)."""
        with translated(doing="read who you are"):
            login = self.client.get_auth_info().get("authIdentifier")
        return login if isinstance(login, str) else None

    @property
    def node_id(self) -> str | None:
        """The instance's node id; None when DSS names none."""
        if self._node is None:
            with translated(doing="read the instance's information"):
                found = self.client._perform_json("GET", "/instance-info").get("nodeId")
            self._node = (found if isinstance(found, str) and found else None,)
        return self._node[0]

    def dss_version(self) -> str | None:
        """The version of DSS, as it tells it."""
        with translated(doing="read the instance's information"):
            found = self.client._perform_json("GET", "/instance-info").get("dssVersion")
        return str(found) if found else None

    def plugin_settings(self) -> dict[str, Any] | None:
        """The plugin's settings on the instance; None when this key may not read them, or it is not installed."""
        try:
            with translated(doing="read the plugin's settings"):
                found = self.client.get_plugin(PLUGIN_ID).get_settings().get_raw()
        except (AccessDenied, NotFound):
            return None
        except GovernMirrorError as error:
            # third-party clients report "not found" as a server error: an absent plugin must not stop us
            if isinstance(error, ConnectionFailed):
                raise
            return None
        config = found.get("config") if isinstance(found, Mapping) else None
        return dict(config) if isinstance(config, Mapping) else None

    def govern_reference(self) -> tuple[str, str, bool] | None:
        """Address, key and certificate check of the Govern node that the instance is integrated with.

        None when there is none, or when this key may not read it: only administrators' keys may.
        """
        try:
            with translated(doing="read the Govern integration"):
                found = self.client._perform_json("GET", "/admin/get-govern-node-ref")
        except (AccessDenied, NotFound):
            return None
        if not isinstance(found, Mapping) or not found.get("enabled"):
            return None
        url, key = found.get("nodeUrl"), found.get("apiKey")
        if not isinstance(url, str) or not isinstance(key, str):
            return None
        return url, key, found.get("trustAllSSLCertificates") is not True

    def external_url(self) -> str | None:
        """The address that people reach the instance by, from DSS's own settings.

        None where it is not set there, and for everyone but administrators, who alone may read those settings.
        """
        try:
            with translated(doing="read the instance's settings"):
                found = self.client.get_general_settings().get_raw().get("studioExternalUrl")
        except GovernMirrorError:
            return None
        is_web = isinstance(found, str) and found.strip().lower().startswith(("https://", "http://"))
        return str(found).strip().rstrip("/") if is_web else None

    def ask_url(self) -> None:
        """Learn the address for links, where it is not known; without it links are paths, for use inside DSS only."""
        if self.url is None:
            self.url = self.external_url()

    def project_url(self, project_key: str) -> str:
        """The address of a project's home page."""
        return f"{self.url or ''}/projects/{project_key}/"
