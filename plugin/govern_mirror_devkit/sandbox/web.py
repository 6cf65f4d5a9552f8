"""From HTTP to the models and back: routing, authentication, errors, faults."""

from __future__ import annotations

import errno
import io
import json
import logging
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import NotFound as NoSuchEndpoint
from werkzeug.routing import BaseConverter, Map, Rule
from werkzeug.wrappers import Request, Response

from .auth import Accounts, Caller
from .errors import BadRequest, DssError
from .faults import Broken, Faults
from .release import Release

BASE_PATHS = ("/dip/publicapi", "/public/api")
"""The client calls the first, the REST reference names the second; both exist (client, docs)."""

MOUNTED = "govern_mirror.mounted"
"""In the WSGI environment when the application is mounted into `responses`: no socket can be broken there."""


InstanceT = TypeVar("InstanceT")


@dataclass(frozen=True)
class Call(Generic[InstanceT]):
    """One API call.

    Attributes:
        instance: the models of what was called: a DSS instance, or a Govern node.
        caller: who calls.
        http: the request.
    """

    instance: InstanceT
    caller: Caller
    http: Request

    def json(self) -> Any:
        """Return the body as JSON; raises BadRequest."""
        try:
            return json.loads(self.http.get_data() or b"null")
        except ValueError as error:
            raise BadRequest(f"The request body is not JSON: {error}") from error

    def object(self) -> dict[str, Any]:
        """Return the body as a JSON object; raises BadRequest."""
        body = self.json()
        if not isinstance(body, dict):
            raise BadRequest("The request body must be an object")
        return body

    def uploaded(self) -> bytes:
        """Return the content of the one file of a multipart body; raises BadRequest."""
        for file in self.http.files.values():
            content: bytes = file.read()
            return content
        raise BadRequest("The request holds no file")


@dataclass(frozen=True)
class Reply:
    """An answer that is not plain JSON."""

    content: bytes | str
    content_type: str = "application/json"
    status: int = 200


Handler = Callable[..., Any]
Route = tuple[str, str, Handler]
"""Method, path below the base path with `<name>` parts, and the function that answers with JSON or a `Reply`."""


class _AnyPath(BaseConverter):
    """A path of any shape, also one that begins with a slash, as the client sends for files."""

    regex = ".*?"
    part_isolating = False


def url_map(routes: Iterable[Route]) -> Map:
    """Return the map that finds a request's function; it takes a while to make, so instances of a kind share one."""
    rules = [Rule(path, methods=[method], endpoint=handler) for method, path, handler in routes]
    return Map(rules, converters={"anypath": _AnyPath}, merge_slashes=False, redirect_defaults=False)


class Instance(Protocol):
    """What an API stands in front of: the sandbox's DSS, or its Govern node."""

    @property
    def accounts(self) -> Accounts:
        """Users and keys."""

    @property
    def faults(self) -> Faults:
        """What goes wrong, and when."""

    @property
    def release(self) -> Release:
        """The version that it behaves as."""


class Served(Protocol):
    """What can be served over HTTP, or mounted into `responses`."""

    @property
    def wsgi(self) -> Api:
        """The application."""

    def reached_at(self, url: str) -> AbstractContextManager[str]:
        """Let it know where it is reached, within the block."""


Front = Callable[[Request], "Response | None"]
"""What answers browsers, in front of the API; None for a request that it does not know."""


class Api:
    """The WSGI application over an instance."""

    def __init__(self, instance: Instance, urls: Map, front: Front | None = None) -> None:
        self._instance = instance
        self._urls = urls
        self._front = front

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        request = Request(environ)
        try:
            response = self._instance.faults.around(request.method, _path(request), _handling(environ, self._answer))
        except Broken:
            if environ.get(MOUNTED):
                raise
            # the server takes this for a client that went away, and closes the connection without an answer
            raise ConnectionResetError(errno.ECONNRESET, "the connection breaks on purpose") from None
        if "*" in response.headers.get("Location", ""):
            target = str(environ.get("RAW_URI") or request.full_path)
            response.headers["Location"] = response.headers["Location"].replace("*", target)
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        try:
            path = _path(request)
            if self._front is not None and not request.path.startswith(BASE_PATHS):
                page = self._front(request)
                if page is not None:
                    return page
            if not self._instance.release.has_path(_below_base(request)):
                raise NoSuchEndpoint
            handler, arguments = self._urls.bind("sandbox").match(path, method=request.method)
            return _response(handler(Call(self._instance, self._caller(request), request), **arguments))
        except DssError as error:
            return _json(error.body(), error.status)
        except HTTPException as error:
            kind = "com.dataiku.dip.server.controllers.NotFoundException"
            message = f"{request.method} {request.path}: the sandbox has no such endpoint ({error.name})"
            return _json({"errorType": kind, "message": message, "detailedMessage": message}, error.code or 500)
        except Exception as error:
            # a fault of the sandbox itself must look like one of DSS, and be seen
            logging.getLogger(__name__).exception("%s %s failed", request.method, request.path)
            return _json(DssError(500, "java.lang.RuntimeException", repr(error)).body(), 500)

    def _caller(self, request: Request) -> Caller:
        ticket = request.headers.get("X-DKU-APITicket")
        if ticket is not None:
            return self._instance.accounts.ticket_holder(ticket)
        caller = self._instance.accounts.caller(request.headers.get("Authorization"))
        other = request.headers.get("X-DKU-ProxyUser")
        return self._instance.accounts.in_the_name_of(caller, other) if other else caller


def _handling(environ: dict[str, Any], answer: Callable[[Request], Response]) -> Callable[[], Response]:
    """Return what handles a request, each time it is called: a request that is handled twice has its body twice."""
    bodies: list[bytes] = []

    def handle() -> Response:
        if not bodies:
            bodies.append(Request(environ).get_data(parse_form_data=False))
        repeated = {name: value for name, value in environ.items() if not name.startswith("werkzeug.")}
        repeated |= {"wsgi.input": io.BytesIO(bodies[0]), "CONTENT_LENGTH": str(len(bodies[0]))}
        repeated.pop("HTTP_TRANSFER_ENCODING", None)
        return answer(Request(repeated))

    return handle


def _below_base(request: Request) -> str:
    for base in BASE_PATHS:
        if request.path.startswith(f"{base}/"):
            return request.path.removeprefix(base)
    return request.path


def _path(request: Request) -> str:
    path = _below_base(request)
    return path.rstrip("/") or path


def _response(answer: Any) -> Response:
    if isinstance(answer, Reply):
        return Response(answer.content, status=answer.status, content_type=answer.content_type)
    return _json({} if answer is None else answer, 200)


def _json(document: Any, status: int) -> Response:
    return Response(json.dumps(document), status=status, content_type="application/json")
