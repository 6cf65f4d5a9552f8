"""`DssInstance`: one DSS instance, a client for each thread, what it tells of itself, and how it is reached."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dataikuapi.dss.future import DSSFuture

from govern_mirror.connection import checked_address
from govern_mirror.dss.client import (
    NODE_KEYS,
    NOT_DSS,
    UNCLEAR_STATUSES,
    Client,
    ClientFactory,
    PerThread,
    api_errors,
)
from govern_mirror.errors import AccessDenied, ConnectionFailed, GovernMirrorError, InputError, NotFound
from govern_mirror.nested import mapping, text_at, texts
from govern_mirror.page_links import item_link, review_link

PLUGIN_ID = "govern-mirror"

_SETTINGS = frozenset({"config", "presets", "codeEnvName", "permissions", "accessibleParameterSetDescs"})
"""What a plugin's settings hold; an answer with none of these is none's."""

_NO_PLUGIN = re.compile(
    r"plugin\b.{0,80}\b(not found|does not exist|not installed|unknown)|\b(no such|unknown) plugin\b", re.IGNORECASE
)


class SettingsUnreadable(GovernMirrorError):  # noqa: N818 - reads as what happened
    """The plugin's settings are there, or may be, and cannot be read: nobody can say which rules are in force."""


class DssInstance(PerThread[Client]):
    """One DSS instance.

    Args:
        clients: makes a client; called once for each thread.
        url: the instance's address for links, or None: then links are paths, until `resolve_url` finds it.
        page_address: the live page's address, or None where nobody has set it.
    """

    def __init__(self, clients: ClientFactory, url: str | None = None, page_address: str | None = None) -> None:
        super().__init__(clients)
        self._info: Mapping[str, Any] | None = None
        self.url = url
        self.page_address = page_address

    @property
    def address(self) -> str:
        """The address that is asked."""
        return str(self.client.host)

    @property
    def checks_certificate(self) -> bool:
        """Whether TLS certificates are checked."""
        return self.client._session.verify is not False

    def login(self) -> str:
        """Who the key or ticket acts as, in DSS's words (`api:<id>` for an API key).

        Raises:
            ConnectionFailed: the answer names nobody: nothing is ever written by nobody.
            GovernMirrorError: as `api_errors` says.
        """
        return self.identity()[0]

    def identity(self) -> tuple[str, tuple[str, ...]]:
        """Who the key or ticket acts as, in DSS's words, and the names of their groups; as `login` says."""
        with api_errors(doing="read who you are"):
            return _identity_in(self.client._perform_json("GET", "/auth/info"))

    @property
    def node_id(self) -> str | None:
        """The instance's node id; None when DSS names none.

        Raises:
            ConnectionFailed: the answer is no instance's information.
            GovernMirrorError: as `api_errors` says.
        """
        return text_at(self._information(), "nodeId") or None

    def dss_version(self) -> str | None:
        """The version of DSS, as it tells it."""
        version = self._information().get("dssVersion")
        return str(version) if version else None

    def _information(self) -> Mapping[str, Any]:
        if self._info is None:
            with api_errors(doing="read the instance's information"):
                info = self.client._perform_json("GET", "/instance-info")
            node_id = info.get("nodeId") if isinstance(info, Mapping) else None
            # one that tells nothing of an instance would make every copy look like an original
            if not isinstance(info, Mapping) or not NODE_KEYS & info.keys() or not isinstance(node_id, str | None):
                raise ConnectionFailed(f"{NOT_DSS} (asked which instance it is, it tells nothing of one)")
            self._info = info
        return self._info

    def plugin_settings(self) -> dict[str, Any] | None:
        """The plugin's settings on the instance; None when the plugin is not there, so that no rule is.

        Raises:
            SettingsUnreadable: they are there, or may be, but this key may not read them, or DSS gave an error.
            ConnectionFailed: DSS could not be asked.
        """
        try:
            with api_errors(doing="read the plugin's settings"):
                settings = self.client._perform_json("GET", f"/plugins/{PLUGIN_ID}/settings")
        except NotFound:
            return None
        except GovernMirrorError as error:
            if isinstance(error, ConnectionFailed) and error.status not in UNCLEAR_STATUSES:
                raise  # DSS did not answer, or something else did
            if not isinstance(error, AccessDenied) and _NO_PLUGIN.search(str(error)):
                return None  # DSS reports what is not there as an error of its own
            raise SettingsUnreadable(str(error)) from error
        config = mapping(settings).get("config")
        if not _SETTINGS & mapping(settings).keys() or not isinstance(config, Mapping | None):
            raise SettingsUnreadable(f"{NOT_DSS} (asked for the plugin's settings, it gives something else)")
        return dict(config or {})

    def govern_reference(self) -> tuple[str, str, bool] | None:
        """Address, key and certificate check of the Govern node that the instance is integrated with.

        None when there is none, or when this key may not read it: only administrators' keys may.
        """
        try:
            with api_errors(doing="read the Govern integration"):
                reference = self.client._perform_json("GET", "/admin/get-govern-node-ref")
        except (AccessDenied, NotFound):
            return None
        if not isinstance(reference, Mapping):
            raise ConnectionFailed(f"{NOT_DSS} (asked for its Govern node, it gives something else)")
        if not reference.get("enabled"):
            return None
        url, key = reference.get("nodeUrl"), reference.get("apiKey")
        if not isinstance(url, str) or not isinstance(key, str):
            return None
        return url, key, reference.get("trustAllSSLCertificates") is not True

    def make_known_to_govern(self, project_key: str) -> None:
        """Let the integrated Govern node know a project at once, and wait until it was told.

        The endpoint is that of the client's `govern_dss_sync`, which older clients lack.

        Raises:
            AccessDenied: for everyone but administrators.
            GovernMirrorError: as `api_errors` says, or DSS could not tell Govern.
        """
        with api_errors(project_key, doing=f"let Govern know the project {project_key}"):
            answer = self.client._perform_json(
                "POST", "/admin/govern-integration-sync", params={"projectKey": project_key}
            )
            if not isinstance(answer, dict) or not {"jobId", "hasResult"} & answer.keys():
                raise ConnectionFailed(f"{NOT_DSS} (asked to let Govern know {project_key}, it gives something else)")
            DSSFuture.from_resp(self.client, answer).wait_for_result()

    def external_url(self) -> str | None:
        """The address that people reach the instance by, from DSS's own settings.

        None where it is not set there, and for everyone but administrators, who alone may read those settings.
        """
        try:
            with api_errors(doing="read the instance's settings"):
                url = self.client.get_general_settings().get_raw().get("studioExternalUrl")
        except GovernMirrorError:
            return None
        try:
            return checked_address(url) if isinstance(url, str) else None
        except InputError:
            return None

    def resolve_url(self) -> None:
        """Learn the address for links, where it is not known; without it links are paths, for use inside DSS only."""
        if self.url is None:
            self.url = self.external_url()

    def project_url(self, project_key: str) -> str:
        """The address of a project's home page."""
        return f"{self.url or ''}/projects/{project_key}/"

    def item_url(self, project_key: str) -> str | None:
        """The address of an item on the live page; None where the page's address is not known."""
        return item_link(self.page_address, project_key) if self.page_address else None

    def review_url(self, address: str) -> str | None:
        """The address of an item's review on the live page; None where the page's address is not known."""
        return review_link(self.page_address, address) if self.page_address else None


def person_of(client: Client, headers: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """Return the login and the groups of the person whose browser sent these headers to a webapp.

    Args:
        client: acts as the backend's own user.
        headers: of the request, as they came.

    Raises:
        ConnectionFailed: DSS names nobody.
        GovernMirrorError: as `api_errors` says; nobody is logged in there, for one.
    """
    with api_errors(doing="ask who you are"):
        return _identity_in(client.get_auth_info_from_browser_headers(dict(headers)))


def _identity_in(info: object) -> tuple[str, tuple[str, ...]]:
    login = text_at(info, "authIdentifier") or ""
    if not login.strip():
        raise ConnectionFailed(f"{NOT_DSS} (asked who you are, it names nobody)")
    return login, texts(mapping(info).get("groups"))
