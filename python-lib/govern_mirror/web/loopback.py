"""The live page outside DSS: on the loopback interface, for the one person who started it, as the user of their key.

Whoever can open a connection to this port, such as another user of the machine or a page in the same browser, must not
get in: the address that is printed holds a code that works once, the browser keeps a cookie of this very process, and
programs send the token. Requests under another host's name, or from another page, are refused.
"""

from __future__ import annotations

import contextvars
import re
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from hmac import compare_digest
from pathlib import Path
from typing import Any

from flask import Flask, Request, Response, redirect, request

from govern_mirror.actions.history import open_trends
from govern_mirror.actions.session import Session
from govern_mirror.model.event import Source
from govern_mirror.web.application import POLICY, install
from govern_mirror.web.problems import Refused
from govern_mirror.web.server import LOOPBACK, served
from govern_mirror.web.visitors import Visitor

THREADS = 8

_HOSTS = ("127.0.0.1", "localhost", "[::1]")
_SAFE = ("GET", "HEAD", "OPTIONS")

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Governed projects</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="page.css">
</head>
<body>
<div id="gm-live" data-api="api/"></div>
<noscript><p>This page needs a browser with scripts switched on.</p></noscript>
<script src="page.js"></script>
</body>
</html>
"""

NOT_OPEN = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Not signed in</title></head>
<body>
<h1>Not signed in</h1>
<p>Open the address that <code>govern-mirror serve</code> printed when it started. It works once; to open the page
anew, start the command again.</p>
</body>
</html>
"""


NO_HISTORY = (
    "there is no history: start the page with --history PATH, where `govern-mirror snapshot --history PATH` keeps one"
)


@dataclass(frozen=True)
class Address:
    """Where the page is reached.

    Attributes:
        url: opens the page, once: it holds a code.
        token: lets programs in, for as long as the process lasts.
        base: the address without the code.
    """

    url: str
    token: str
    base: str


class Keys:
    """What lets somebody in: the code, once; the cookie that it was changed into; the token."""

    def __init__(self) -> None:
        self.token = secrets.token_urlsafe(32)
        self.code: str | None = secrets.token_urlsafe(24)
        self._cookie = secrets.token_urlsafe(32)
        self._lock = threading.Lock()

    def redeem(self, code: str) -> str | None:
        """Return the cookie for the code, which works once; None for any other."""
        with self._lock:
            if self.code is None or not _equal(code, self.code):
                return None
            self.code = None
            return self._cookie

    def lets_in(self, cookie: str | None, authorization: str | None) -> bool:
        """Whether a request comes from the person who started this process."""
        if authorization is not None:
            kind, _, token = authorization.partition(" ")
            return kind.casefold() == "bearer" and _equal(token.strip(), self.token)
        return cookie is not None and _equal(cookie, self._cookie)


def _equal(value: str, expected: str) -> bool:
    return compare_digest(value.encode("utf-8", "surrogatepass"), expected.encode())


class _LoopbackDoor:
    """Lets in who started the process, who acts as the user of the key."""

    def __init__(self, session: Session, keys: Keys, history: Path | None) -> None:
        opened = None if history is None else partial(open_trends, history)
        self._visitor = Visitor(
            session.login, replace(session, source=Source.PAGE), history=opened, no_history=NO_HISTORY
        )
        self.keys = keys
        self.cookie = f"govern_mirror_{secrets.token_hex(4)}"
        """The name of the cookie: cookies know no port, so another process must not overwrite it."""

    def visit(self, request: Request) -> AbstractContextManager[Visitor]:
        if not self.keys.lets_in(request.cookies.get(self.cookie), request.headers.get("Authorization")):
            raise Refused(401, "You are not signed in, or the page was started anew: open the address that it printed")
        return nullcontext(self._visitor)


def application(session: Session, keys: Keys, history: Path | None = None) -> Flask:
    """Return the page for one person.

    Args:
        session: acts as the user of the key.
        keys: what lets somebody in.
        history: a DuckDB file or a Parquet folder, or None.
    """
    app = Flask("govern_mirror.web", static_folder=None)
    door = _LoopbackDoor(session, keys, history)

    def from_here() -> None:
        _require_own_host(request)
        _require_own_page(request)

    def page() -> Response:
        code = request.args.get("code")
        if code is not None:
            cookie = keys.redeem(code)
            if cookie is not None:
                response = _redirection("./")
                response.set_cookie(door.cookie, cookie, httponly=True, samesite="Strict")
                return response
            if door.keys.lets_in(request.cookies.get(door.cookie), None):
                return _redirection("./")
        if not door.keys.lets_in(request.cookies.get(door.cookie), None):
            return _html(NOT_OPEN, 401)
        return _html(PAGE)

    app.before_request(from_here)
    install(app, door)
    app.add_url_rule("/", view_func=page, methods=["GET"])
    return app


def _redirection(address: str) -> Response:
    response = redirect(address)
    assert isinstance(response, Response)
    response.headers["Cache-Control"] = "no-store"
    return response


def _html(text: str, status: int = 200) -> Response:
    response = Response(text, status, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = POLICY.replace("frame-ancestors 'self'", "frame-ancestors 'none'")
    response.headers["Cache-Control"] = "no-store"
    return response


def _require_own_host(request: Request) -> None:
    """Refuse a name that somebody else let point at this machine.

    Raises:
        Refused: the request asks for another host.
    """
    host = request.headers.get("Host", "")
    name, _, port = host.rpartition(":")
    if name not in _HOSTS or port != request.environ["SERVER_PORT"]:
        raise Refused(403, f"this page answers at {LOOPBACK} and its own port only")


def _require_own_page(request: Request) -> None:
    """Refuse what another page lets the browser send.

    Raises:
        Refused: it comes from another origin.
    """
    origin = request.headers.get("Origin")
    if origin is not None:
        is_own = origin == f"http://{request.headers.get('Host')}"
        if not is_own:
            raise Refused(403, "this request comes from another page")
    elif request.method not in _SAFE and "Authorization" not in request.headers:
        # a browser names the origin of all that changes something
        raise Refused(403, "this request does not say which page it comes from")
    site = request.headers.get("Sec-Fetch-Site")
    if site not in (None, "same-origin", "none") and (request.method not in _SAFE or request.path.startswith("/api/")):
        raise Refused(403, "this request comes from another page")


@contextmanager
def serving(session: Session, port: int = 0, history: Path | None = None) -> Iterator[Address]:
    """Serve the page within the block, and tell where.

    Args:
        session: acts as the user of the key.
        port: the port; 0 for any free one.
        history: a DuckDB file or a Parquet folder for the view Trends, or None.

    Raises:
        OSError: the port is taken.
        GovernMirrorError: DSS does not say who the key's user is.
    """
    keys = Keys()
    with served(_in_context(application(session, keys, history)), port, threads=THREADS) as base:
        yield Address(f"{base}/?code={keys.code}", keys.token, f"{base}/")


_QUOTED_ADDRESS = re.compile(r"^(/api/(?:items|reviews)/)(\w+%2F[^/]*)", re.IGNORECASE | re.ASCII)
"""An item's address whose slashes came quoted: this server leaves them so, where others, as DSS's, write them out."""


def _with_slashes(match: re.Match[str]) -> str:
    return match[1] + re.sub("%2F", "/", match[2], flags=re.IGNORECASE)


def _in_context(app: Flask) -> Callable[[dict[str, Any], Any], Iterable[bytes]]:
    """The application with the time limit and the workers that were asked for on the command line."""
    started_in = contextvars.copy_context()

    def wsgi(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ["PATH_INFO"] = _QUOTED_ADDRESS.sub(_with_slashes, environ["PATH_INFO"])
        answer: Iterable[bytes] = started_in.copy().run(app, environ, start_response)
        return answer

    return wsgi
