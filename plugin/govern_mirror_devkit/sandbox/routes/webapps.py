"""Webapps, and whom the headers of their browsers stand for."""

from __future__ import annotations

from typing import Any

from ..errors import BadRequest, DssError
from ..web import Reply, Route
from .call import DssCall


def list_webapps(call: DssCall, project_key: str) -> list[dict[str, Any]]:
    """Return the project's webapps (client)."""
    return call.instance.webapps.listed(call.caller, project_key)


def create_webapp(call: DssCall, project_key: str) -> dict[str, str]:
    """Create a webapp (client, from 14.5.2 on)."""
    body = call.object()
    return {
        "webAppId": call.instance.webapps.create_by_api(call.caller, project_key, body.get("name"), body.get("type"))
    }


def webapp(call: DssCall, project_key: str, webapp_id: str) -> dict[str, Any]:
    """Return a webapp's settings (client)."""
    return call.instance.webapps.get(call.caller, project_key, webapp_id)


def save_webapp(call: DssCall, project_key: str, webapp_id: str) -> dict[str, Any]:
    """Replace a webapp's settings (client)."""
    return call.instance.webapps.save(call.caller, project_key, webapp_id, call.json())


def backend_state(call: DssCall, project_key: str, webapp_id: str) -> dict[str, Any]:
    """Return the state of a backend (client)."""
    return call.instance.webapps.state(call.caller, project_key, webapp_id)


def restart_backend(call: DssCall, project_key: str, webapp_id: str) -> dict[str, Any] | Reply:
    """Start a backend, or start it again: a future that has ended (client); nothing without a backend (live 15)."""
    future = f"webapp-start-{project_key}-{webapp_id}"
    try:
        if not call.instance.webapps.restart(call.caller, project_key, webapp_id):
            return Reply("")
    except DssError as error:
        if error.status != 500:
            raise
        # the start was taken, and then failed; what the future says of it is an assumption
        return {"jobId": future, "hasResult": False, "alive": False, "unknown": False, "error": error.body()}
    call.instance.futures.finish(future, {"success": True})
    return {"jobId": future, "hasResult": True, "alive": False, "result": {"success": True}}


def stop_backend(call: DssCall, project_key: str, webapp_id: str) -> None:
    """Stop a backend (client)."""
    call.instance.webapps.stop(call.caller, project_key, webapp_id)


def trust(call: DssCall, project_key: str, webapp_id: str) -> None:
    """Trust a webapp, for oneself (live 15); all webapps of the sandbox are trusted."""
    call.instance.webapps.get(call.caller, project_key, webapp_id)


def info_from_browser_headers(call: DssCall) -> dict[str, Any]:
    """Return whom the headers of a browser's request stand for (client: `get_auth_info_from_browser_headers`).

    Anybody who may call the API may ask; the secrets of users are always empty here. `associatedDSSUser` is what
    public webapps read.
    """
    person = call.instance.sessions.identify(_headers(call))
    info: dict[str, Any] = {"authIdentifier": person.login, "groups": sorted(person.groups)}
    profile = call.instance.accounts.profile(person.login)
    if profile is not None:
        info |= {"associatedDSSUser": person.login, "userProfile": profile}
    if call.http.args.get("withSecrets", "").lower() == "true" and not call.instance.sessions.hide_access_tokens:
        info["secrets"] = []
    return info


def ticket_from_browser_headers(call: DssCall) -> dict[str, str]:
    """Return a ticket to act as whom the headers stand for (client: `get_ticket_from_browser_headers`).

    *Impersonation in webapps* decides for the caller; that it does so here is an assumption.
    """
    headers = _headers(call)
    call.instance.impersonation.require(call.caller, call.instance.sessions.identify(headers))
    return {"msg": call.instance.sessions.ticket(headers)}


def _headers(call: DssCall) -> dict[str, Any]:
    headers = call.json()
    if not isinstance(headers, dict):
        raise BadRequest("The headers must be an object")
    return headers


_WEBAPP = "/projects/<project_key>/webapps/<webapp_id>"

ROUTES: list[Route] = [
    ("GET", "/projects/<project_key>/webapps", list_webapps),
    ("POST", "/projects/<project_key>/webapps", create_webapp),
    ("GET", _WEBAPP, webapp),
    ("PUT", _WEBAPP, save_webapp),
    ("GET", f"{_WEBAPP}/backend/state", backend_state),
    ("PUT", f"{_WEBAPP}/backend/actions/restart", restart_backend),
    ("PUT", f"{_WEBAPP}/backend/actions/stop", stop_backend),
    ("POST", f"{_WEBAPP}/actions/trust", trust),
    ("POST", "/auth/info-from-browser-headers", info_from_browser_headers),
    ("POST", "/auth/ticket-from-browser-headers", ticket_from_browser_headers),
]
"""Paths of the client, but for `trust` (live 15: clssck/dataiku-sdk)."""
