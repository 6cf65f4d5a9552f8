"""What goes wrong with one request: a new kind is one line.

Each fault answers a request in place of the node, which may or may not have handled it before.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import requests
from reliability.world import DSS_URL, ELSEWHERE_URL, PLAIN_URL, Handle, Killed, Request, World
from werkzeug.wrappers import Response

Answer = Callable[[World, Request, Handle], Response]

UNAUTHORIZED = "com.dataiku.dip.exceptions.UnauthorizedException"
ERRORS = {
    400: "java.lang.IllegalArgumentException",
    401: "com.dataiku.dip.server.exceptions.NotAuthenticatedException",
    403: UNAUTHORIZED,
    404: "com.dataiku.dip.server.controllers.NotFoundException",
    408: "java.util.concurrent.TimeoutException",
    409: "java.util.ConcurrentModificationException",
    429: "com.dataiku.dip.exceptions.TooManyRequestsException",
    500: "java.lang.RuntimeException",
    502: "java.lang.RuntimeException",
    503: "java.lang.RuntimeException",
    504: "java.lang.RuntimeException",
}
"""The error type that DSS's JSON names, by status."""

BODIES: dict[str, bytes] = {
    "object": b"{}",
    "list": b"[]",
    "null": b"null",
    "text": b'"ok"',
    "number": b"7",
    "empty": b"",
    "error-body": json.dumps({"errorType": UNAUTHORIZED, "message": "no", "detailedMessage": "no"}).encode(),
    "broken-json": b'{"label": "P", "tags": [',
    "html": b"<html><body>Sign in to the company network</body></html>",
}
"""Bodies of answers with status 200 that are not what was asked for."""


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong.

    Attributes:
        name: its name in test ids.
        answer: what arrives at the client, or what it raises there.
    """

    name: str
    answer: Answer

    def __str__(self) -> str:
        return self.name


def error(status: int, *, handled: bool = False, html: bool = False, **headers: str) -> Answer:
    """An error, as DSS words it or as the page of a proxy."""

    def answer(world: World, request: Request, handle: Handle) -> Response:
        if handled:
            handle()
        if html:
            return Response(f"<html><h1>{status}</h1></html>", status=status, content_type="text/html", headers=headers)
        said = f"Injected {status}"
        body = {"errorType": ERRORS[status], "message": said, "detailedMessage": said}
        return Response(json.dumps(body), status=status, content_type="application/json", headers=headers)

    return answer


def body(content: bytes, *, handled: bool = False) -> Answer:
    """Status 200 with another body."""

    def answer(world: World, request: Request, handle: Handle) -> Response:
        if handled:
            handle()
        content_type = "text/html" if content.startswith(b"<") else "application/json"
        return Response(content, content_type=content_type)

    return answer


def raising(problem: Callable[[], BaseException], *, handled: bool = False, seconds: float = 0) -> Answer:
    """No answer: the connection breaks, or nothing comes in time."""

    def answer(world: World, request: Request, handle: Handle) -> Response:
        if handled:
            handle()
        world.time.move(seconds)
        raise problem()

    return answer


def redirect(status: int, target: str) -> Answer:
    """Another address; `*` stands for the path that was asked."""

    def answer(world: World, request: Request, handle: Handle) -> Response:
        location = target.replace("*", f"/dip/publicapi{request.path}")
        return Response(b"", status=status, headers={"Location": location})

    return answer


def delayed(seconds: float, *, afterwards: bool = False) -> Answer:
    """The right answer, late: the request, or the answer, was long on its way."""

    def answer(world: World, request: Request, handle: Handle) -> Response:
        if not afterwards:
            world.time.move(seconds)
        response = handle()
        if afterwards:
            world.time.move(seconds)
        return response

    return answer


def doubled(world: World, request: Request, handle: Handle) -> Response:
    """A proxy sends the request again, and hands on the second answer."""
    handle()
    return handle()


def cut(world: World, request: Request, handle: Handle) -> Response:
    """Half of the true answer, and its length looks right."""
    response = handle()
    content = response.get_data()
    return Response(content[: len(content) // 2], status=response.status_code, content_type=response.content_type)


def reset() -> BaseException:
    """The connection breaks."""
    return requests.exceptions.ConnectionError("('Connection aborted.', ConnectionResetError(104))")


def timeout() -> BaseException:
    """Nothing comes in time."""
    return requests.exceptions.ReadTimeout("Read timed out.")


def not_connected() -> BaseException:
    """No connection is made."""
    return requests.exceptions.ConnectTimeout("connection timed out")


def broken_off() -> BaseException:
    """The connection breaks in the middle of the answer."""
    return requests.exceptions.ChunkedEncodingError("Connection broken: IncompleteRead(10 bytes read, 90 more)")


FAULTS = [
    *(Fault(f"{status}-json", error(status)) for status in ERRORS),
    *(Fault(f"{status}-json-applied", error(status, handled=True)) for status in (408, 429, 500, 502, 503, 504)),
    *(Fault(f"{status}-html", error(status, html=True)) for status in (401, 403, 404, 429, 500, 502, 503, 504)),
    *(Fault(f"{status}-html-applied", error(status, handled=True, html=True)) for status in (500, 502, 503, 504)),
    *(Fault(f"200-{name}", body(content)) for name, content in BODIES.items()),
    *(Fault(f"200-{name}-applied", body(content, handled=True)) for name, content in BODIES.items()),
    Fault("retry-after-2", error(503, **{"Retry-After": "2"})),
    Fault("retry-after-3600", error(503, **{"Retry-After": "3600"})),
    Fault("retry-after-date", error(429, **{"Retry-After": "Wed, 21 Oct 2099 07:28:00 GMT"})),
    Fault("reset", raising(reset)),
    Fault("reset-applied", raising(reset, handled=True)),
    Fault("timeout", raising(timeout, seconds=30)),
    Fault("timeout-applied", raising(timeout, handled=True, seconds=30)),
    Fault("not-connected", raising(not_connected)),
    Fault("broken-off", raising(broken_off)),
    Fault("broken-off-applied", raising(broken_off, handled=True)),
    Fault("cut-applied", cut),
    Fault("doubled", doubled),
    Fault("late-request", delayed(5)),
    Fault("late-answer", delayed(5, afterwards=True)),
    *(Fault(f"{status}-elsewhere", redirect(status, f"{ELSEWHERE_URL}*")) for status in (301, 302, 303, 307, 308)),
    *(Fault(f"{status}-to-http", redirect(status, f"{PLAIN_URL}*")) for status in (302, 307)),
    *(Fault(f"{status}-login", redirect(status, f"{DSS_URL}/login/")) for status in (302, 307)),
    Fault("302-itself", redirect(302, f"{DSS_URL}*")),
    Fault("302-nowhere", redirect(302, "")),
]
"""Every single fault."""

KILLS = [
    Fault("killed-before", raising(Killed)),
    Fault("killed-after", raising(Killed, handled=True)),
]
"""The client's process ends before a request, or after it was handled."""

BY_NAME: dict[str, Fault] = {fault.name: fault for fault in (*FAULTS, *KILLS)}


def at(world: World, number: int, fault: Fault, *, persisting: bool = False) -> None:
    """Let a fault happen at one request, or at one and all later ones."""

    def answer(request: Request, handle: Handle) -> Response:
        is_due = request.number >= number if persisting else request.number == number
        return fault.answer(world, request, handle) if is_due else handle()

    world.around = answer
