"""The live page's webapp as DSS keeps it: where it is, as whom it runs, whether it does."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

import requests

from govern_mirror.connection import path_part
from govern_mirror.dss.client import Client, api_errors, read_json
from govern_mirror.dss.instance import PLUGIN_ID
from govern_mirror.dss.summary import version_tag
from govern_mirror.errors import ConnectionFailed
from govern_mirror.nested import get, mapping, text_at

TYPE = f"webapp_{PLUGIN_ID}_governance"
"""The type of the page's webapps: `webapp_<plugin>_<webapp>`."""

ANSWER_TIMEOUT = 20.0
"""Seconds to wait for the page itself."""


@dataclass(frozen=True)
class PageWebapp:
    """A webapp that is the live page.

    Attributes:
        id, name: as DSS has them.
        run_as: the user that its backend is set to run as; None where nobody is set.
        last_modified_by: who changed it last: as whom it runs where nobody is set.
        starts_by_itself: whether its backend starts with DSS.
        is_running: whether its backend runs.
    """

    id: str
    name: str
    run_as: str | None
    last_modified_by: str | None
    starts_by_itself: bool
    is_running: bool


def page_webapps(client: Client, project_key: str) -> list[PageWebapp]:
    """Return the webapps of a project that are the live page.

    Raises:
        GovernMirrorError: as `api_errors` says.
    """
    path = f"/projects/{path_part(project_key)}/webapps"
    # the client's own path ends with a slash
    webapps = read_json(client, f"{path}/", list, project_key, "list the webapps")
    identifiers = [text_at(item, "id") for item in webapps if text_at(item, "type") == TYPE]
    return [_webapp(client, project_key, f"{path}/{path_part(id_)}") for id_ in identifiers if id_]


def require_page(client: Client, address: str) -> None:
    """Ask for a page without the key, as a browser does in which nobody has logged in.

    Raises:
        ConnectionFailed: nothing answers there, or it answers that there is no page.
    """
    verify = client._session.verify
    with api_errors(doing="open the live page"):
        answer = requests.get(address, allow_redirects=False, timeout=ANSWER_TIMEOUT, verify=verify, stream=True)
    with answer:
        status = answer.status_code
    if status >= HTTPStatus.BAD_REQUEST and status not in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise ConnectionFailed(f"it answers with status {status}")


def _webapp(client: Client, project_key: str, path: str) -> PageWebapp:
    with api_errors(project_key, "read the webapp"):
        raw = client._perform_json("GET", path)
    with api_errors(project_key, "ask whether the webapp runs"):
        state = client._perform_json("GET", f"{path}/backend/state")
    params = mapping(mapping(raw).get("params"))
    by, _ = version_tag(mapping(raw))
    return PageWebapp(
        text_at(raw, "id") or "",
        text_at(raw, "name") or "",
        text_at(params, "runAs") or None,
        by,
        params.get("autoStartBackend") is True,
        # as the client's `DSSWebAppBackendState.running` reads it
        get(state, ("futureInfo", "alive")) is True,
    )
