"""From a browser to the backend of a webapp, and back."""

from __future__ import annotations

import http.client
from collections.abc import Iterable
from urllib.parse import quote

from werkzeug.wrappers import Request, Response

from .sessions import without_session

TIMEOUT = 120
"""How many seconds a backend may take to answer."""

_OF_CONNECTION = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailers", "transfer-encoding"}
    | {"upgrade", "content-length"}
)
_WITHOUT_BODY = frozenset({204, 304})


def forward(request: Request, port: int, below: str, *, hide_session: bool) -> Response:
    """Let a backend answer a request.

    Cookies and all headers reach it, forged ones with names in them as well: that DSS drops none is an assumption, and
    the strictest for the webapp, which must believe none of them.

    Args:
        request: the browser's request.
        port: where the backend answers.
        below: the path below which the webapp's backend is, which the backend does not see.
        hide_session: whether the session's cookie stays here.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    try:
        connection.putrequest(request.method, _target(request, below), skip_host=True, skip_accept_encoding=True)
        for name, value in _headers(request.headers.items(), hide_session=hide_session):
            # headers are bytes on the wire: WSGI has each as one character
            connection.putheader(name, value.encode("latin-1", "replace"))
        body = request.get_data()
        if body or request.method in ("POST", "PUT", "PATCH"):
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body or None)
        answer = connection.getresponse()
        content = answer.read()
    except (OSError, http.client.HTTPException) as error:
        return Response(f"The backend of this webapp does not answer: {error}", 502, content_type="text/plain")
    finally:
        connection.close()
    response = Response(content, answer.status)
    response.headers.clear()
    for name, value in answer.getheaders():
        if name.lower() not in _OF_CONNECTION:
            response.headers.add(name, value)
    length = answer.getheader("Content-Length") if request.method == "HEAD" else str(len(content))
    if length is not None and answer.status not in _WITHOUT_BODY:
        response.headers["Content-Length"] = length
    return response


def _target(request: Request, below: str) -> str:
    """Return what the backend is asked for: the path as the browser wrote it, where the server tells."""
    raw = str(request.environ.get("REQUEST_URI") or request.environ.get("RAW_URI") or "")
    if raw.startswith(below):
        return raw[len(below) :] or "/"
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    return quote(request.path[len(below) :] or "/") + query


def _headers(headers: Iterable[tuple[str, str]], *, hide_session: bool) -> Iterable[tuple[str, str]]:
    for name, value in headers:
        if name.lower() in _OF_CONNECTION:
            continue
        if hide_session and name.lower() == "cookie":
            if kept := without_session(value):
                yield name, kept
            continue
        yield name, value
