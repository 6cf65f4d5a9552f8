"""The Flask application: who asks is let in, the API answers, and the page is served with it."""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from functools import cache

from flask import Flask, Response, g, request

from govern_mirror import fast_json, page
from govern_mirror.operation import Work, doing
from govern_mirror.settings import PLUGIN_FOLDER
from govern_mirror.web.api import api
from govern_mirror.web.documents import MAX_DOCUMENT
from govern_mirror.web.listings import Listings
from govern_mirror.web.problems import answer_problems
from govern_mirror.web.visitors import Door

FILES: dict[str, tuple[str, Callable[[], str]]] = {
    "page.js": ("text/javascript; charset=utf-8", page.script),
    "page.css": ("text/css; charset=utf-8", page.style),
}
"""The files of the page: their types, and what they hold."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""The Content-Security-Policy of the page: nothing comes from elsewhere, and nothing goes there."""


def install(app: Flask, door: Door) -> None:
    """Put API and page into an application.

    Args:
        app: the application: our own outside DSS, DSS's inside.
        door: lets people in.
    """
    app.config["MAX_CONTENT_LENGTH"] = MAX_DOCUMENT
    answer_problems(app)
    app.register_blueprint(api(Listings(), version()))
    build = f"{version()}+{_fingerprint()}"

    def enter() -> None:
        if not request.path.startswith("/api/"):
            return
        stack = ExitStack()
        g.entered = stack
        # what one request finds, such as a server that redirects, holds for that request alone
        stack.enter_context(doing(Work()))
        entered: AbstractContextManager[object] = door.visit(request)
        g.visitor = stack.enter_context(entered)

    def leave(_error: BaseException | None) -> None:
        stack: ExitStack | None = g.pop("entered", None)
        if stack is not None:
            stack.close()

    def with_headers(response: Response) -> Response:
        response.headers["X-Govern-Mirror-Version"] = build
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    app.before_request(enter)
    app.teardown_request(leave)
    app.after_request(with_headers)
    for name, (kind, content) in FILES.items():
        app.add_url_rule(f"/{name}", name, _file(kind, content))


def _file(kind: str, content: Callable[[], str]) -> Callable[[], Response]:
    def served() -> Response:
        response = Response(content(), content_type=kind)
        response.headers["Cache-Control"] = "private, no-cache"
        response.add_etag()
        response.make_conditional(request)
        return response

    return served


@cache
def version() -> str:
    """Return the version of this package: of the plugin, where it is part of one, else of the distribution."""
    descriptor = PLUGIN_FOLDER / "plugin.json"
    if descriptor.is_file():
        return str(fast_json.loads(descriptor.read_bytes()).get("version"))
    return importlib.metadata.version("govern-mirror")


@cache
def _fingerprint() -> str:
    """What tells one build of the page from another: a page that is open notices that it was replaced."""
    content = "".join(content() for _, content in FILES.values())
    return hashlib.blake2b(content.encode(), digest_size=4).hexdigest()
