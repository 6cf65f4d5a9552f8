"""The sandbox mounted into `responses`: the same application without a socket, for fast tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from werkzeug.test import EnvironBuilder, run_wsgi_app

from .faults import Broken, CutShort
from .web import MOUNTED, Served

if TYPE_CHECKING:
    import responses

URL = "https://dss.example.com"
_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")


@contextmanager
def mock_instance(sandbox: Served, url: str = URL) -> Iterator[responses.RequestsMock]:
    """Answer every request to `url` from the sandbox within the block.

    Yields:
        The mock; its `calls` keeps every request.
    """
    import responses  # a test dependency

    with (
        responses.RequestsMock(assert_all_requests_are_fired=False) as mock,
        sandbox.reached_at(url),
    ):
        mount(mock, sandbox.wsgi, url)
        yield mock


def mount(mock: responses.RequestsMock, wsgi: Any, url: str) -> None:
    """Let a mock answer every request to `url` from a WSGI application."""

    def answer(request: requests.PreparedRequest) -> tuple[int, dict[str, str], bytes]:
        return _answer(wsgi, request)

    for method in _METHODS:
        pattern = re.compile(rf"^{re.escape(url)}(/|\?|$)")
        mock.add_callback(method, pattern, callback=answer, content_type=None)


def _answer(wsgi: Any, request: requests.PreparedRequest) -> tuple[int, dict[str, str], bytes]:
    parts = urlsplit(request.url or "")
    body = request.body
    if body is not None and not isinstance(body, str | bytes):
        body = body.read() if hasattr(body, "read") else b"".join(body)
    builder = EnvironBuilder(
        path=parts.path,
        query_string=parts.query,
        method=request.method or "GET",
        headers=list(request.headers.items()),
        data=body.encode("utf-8") if isinstance(body, str) else body,
        base_url=f"{parts.scheme}://{parts.netloc}",
    )
    environ = builder.get_environ()
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    environ |= {"REQUEST_URI": target, "RAW_URI": target, MOUNTED: True}
    try:
        content, status, headers = run_wsgi_app(wsgi, environ, buffered=True)
    except CutShort:
        raise requests.exceptions.ChunkedEncodingError("the connection broke in the middle of the answer") from None
    except Broken:
        raise requests.exceptions.ConnectionError("the connection broke") from None
    kept = {name: value for name, value in headers.items() if name.lower() not in ("content-length", "content-type")}
    kept["Content-Type"] = headers.get("Content-Type", "application/octet-stream")
    return int(status.split()[0]), kept, b"".join(content)
