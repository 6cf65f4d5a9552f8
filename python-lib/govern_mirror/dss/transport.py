"""The transport of every request to DSS and Govern: deadlines, retries for reads, redirects, connections kept open.

docs/reliability.md, section HTTP, says what it promises.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter

from govern_mirror import clock
from govern_mirror.bulk import MAX_WORKERS
from govern_mirror.dss.deadline import POOLS, ending_after
from govern_mirror.errors import Action, ConnectionFailed, Hint
from govern_mirror.operation import Operation, begin_request, current_work, never_sent, operation
from govern_mirror.text import clipped

BASE_PATH = "/dip/publicapi"
"""Where the client finds the API below the host; Govern's is at the same place (client)."""

CONNECT_TIMEOUT = 10.0
"""Seconds to connect, of those that an operation has."""

RETRIED_STATUSES = frozenset({429, 502, 503, 504})
"""Answers after which a read is tried again."""

MAX_TRIES = 4
"""How often a read is sent in all."""

FIRST_PAUSE = 0.3
"""Seconds before the second try; each later pause is twice as long."""

MAX_PAUSE = 5.0
"""The longest pause, whatever Retry-After asks for."""

MAX_REDIRECTS = 5

PIECE = 1 << 20
"""Bytes of an answer that are read at once."""

_CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@dataclass(frozen=True)
class Server:
    """What messages call the server that was asked, and where its address and key come from."""

    name: str
    address: str
    key: str

    @property
    def not_its_answer(self) -> str:
        """What to say when something else answered."""
        return (
            f"the answer is not from {self.name}'s API: a proxy or a login page may stand in front of it; "
            f"use the address at which {self.name} itself answers"
        )


class _Own(threading.local):
    """What each thread has of its own.

    Attributes:
        status: of the answer that it got last, which the client's own errors do not tell.
        begin: who takes what it is answered next, piece by piece; None where answers are kept whole.
    """

    status: int | None = None
    begin: Callable[[], Callable[[bytes], None]] | None = None


_own = _Own()


def forget_status() -> None:
    """Let `last_status` be about what follows only."""
    _own.status = None


def last_status() -> int | None:
    """The status of the last answer in this thread; None when there was none."""
    return _own.status


@contextlib.contextmanager
def receiving(begin: Callable[[], Callable[[bytes], None]]) -> Iterator[None]:
    """Give the answers that succeed within the block to a function piece by piece: nobody holds them whole.

    Args:
        begin: returns that function; called anew for each try, since one that broke off begins anew.
    """
    _own.begin = begin
    try:
        yield
    finally:
        _own.begin = None


class Transport(HTTPAdapter):
    """Sends the requests of all clients of one server; it may be shared between threads.

    Args:
        server: who is asked, for messages.
        reading_posts: paths of the API where a POST only reads (a search), so that it may be repeated.
    """

    def __init__(self, server: Server, reading_posts: Iterable[str] = ()) -> None:
        self._server = server
        self._reading_posts = tuple(BASE_PATH + path for path in reading_posts)
        self._elsewhere: str | None = None
        """Where a read was sent to by a redirect that was not followed: then nothing is written any more."""
        super().__init__(pool_maxsize=MAX_WORKERS, max_retries=0)

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Make the pool, with connections that end at their deadline."""
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, *arguments: Any, **options: Any) -> Any:
        """Make the pool of a proxy, with connections that end at their deadline."""
        manager = super().proxy_manager_for(*arguments, **options)
        manager.pool_classes_by_scheme = POOLS
        return manager

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        """Send a request, and read its answer to the end.

        Raises:
            ConnectionFailed: it has no time left, it was redirected, or it may not be sent any more.
            RequestException: as `requests` says.
        """
        forget_status()
        if (request.url or "").startswith("https:"):
            self._require_certificates(options.get("verify"))
        reads = self._reads(request)
        if not reads and self._elsewhere:
            raise never_sent(f"nothing is written: {self._elsewhere}")
        begin_request(writes=not reads)
        with operation() as current:
            if not reads:
                response = self._once(request, current, options)
                if response.is_redirect or 300 <= response.status_code < 400:
                    raise self._redirected(request, response, follows=False)
                return response
            for _ in range(MAX_REDIRECTS):
                response = self._read(request, current, options)
                if not 300 <= response.status_code < 400:
                    return response
                request = self._followed(request, response)
            hint = Hint(Action.CHECK_ADDRESS, setting=self._server.address)
            raise ConnectionFailed(f"{self._server.name} redirects without end", hint=hint)

    def _reads(self, request: requests.PreparedRequest) -> bool:
        if request.method == "POST":
            return urlsplit(request.url or "").path.endswith(self._reading_posts)
        return request.method in ("GET", "HEAD")

    # one request, several tries --------------------------------------------------------------------------------

    def _read(
        self, request: requests.PreparedRequest, current: Operation, options: dict[str, Any]
    ) -> requests.Response:
        for count in range(MAX_TRIES):
            pause = min(MAX_PAUSE, FIRST_PAUSE * 2**count)
            is_last = count == MAX_TRIES - 1
            try:
                response = self._once(request, current, options)
            except requests.exceptions.SSLError:
                raise
            except (
                requests.exceptions.ConnectionError,
                requests.exceptions.Timeout,
                requests.exceptions.ChunkedEncodingError,
            ):
                if is_last or pause >= current.seconds_left:
                    raise
            else:
                pause = _retry_after(response, pause)
                if response.status_code not in RETRIED_STATUSES or is_last or pause >= current.seconds_left:
                    return response
            clock.sleep(pause)
        raise AssertionError("the last try returns or raises")

    def _once(
        self, request: requests.PreparedRequest, current: Operation, options: dict[str, Any]
    ) -> requests.Response:
        seconds = current.seconds_left
        if seconds <= 0:
            timeout = self._timed_out(current)
            timeout.never_sent = True
            raise timeout
        options = {**options, "timeout": (min(CONNECT_TIMEOUT, seconds), seconds)}
        with ending_after(current.seconds_left) as attempt:
            try:
                response = super().send(request, **options)
                if not options.get("stream"):
                    # read here, within the deadline; `content` itself takes tens of megabytes in pieces of 10 kB
                    response._content = _content(response)
            except (requests.exceptions.RequestException, OSError) as error:
                if attempt.expired or (
                    isinstance(error, requests.exceptions.ReadTimeout) and current.seconds_left <= 0
                ):
                    raise self._timed_out(current) from error
                raise
        if attempt.expired:
            # what was read may be cut short
            raise self._timed_out(current)
        _own.status = response.status_code
        return response

    def _timed_out(self, current: Operation) -> ConnectionFailed:
        return ConnectionFailed(
            f"{self._server.name} did not answer in time ({current.seconds:g} s for one object); try again, and look "
            "at the instance's load",
            hint=Hint(Action.MORE_TIME),
        )

    def _require_certificates(self, verify: object) -> None:
        if not isinstance(verify, str) or os.path.exists(verify):  # noqa: PTH110 - may be a file or a folder
            return
        names = [name for name in _CA_VARIABLES if os.environ.get(name) == verify]
        source = f"the environment variable {names[0]}" if names else "the client's setting for certificates"
        raise never_sent(f"{source} names {clipped(verify)}, which is not there: correct it, or unset it")

    # redirects -------------------------------------------------------------------------------------------------

    def _followed(self, request: requests.PreparedRequest, response: requests.Response) -> requests.PreparedRequest:
        """The request that a redirect asks for, if it leads to the same server.

        Raises:
            ConnectionFailed: it leads elsewhere; nothing is written any more.
        """
        target = _target(request, response)
        keeps_method = request.method != "POST" or response.status_code in (307, 308)
        if target is None or _origin(target) != _origin(urlsplit(request.url or "")) or not keeps_method:
            raise self._redirected(request, response, follows=True)
        followed = request.copy()
        followed.url = target.geturl()
        return followed

    def _redirected(
        self, request: requests.PreparedRequest, response: requests.Response, *, follows: bool
    ) -> ConnectionFailed:
        target, source = _target(request, response), urlsplit(request.url or "")
        if target is None:
            text, hint = (
                f"redirected (status {response.status_code}) to no address",
                f"check {self._server.address}",
            )
        elif _origin(target) == _origin(source):
            text, hint = f"redirected within {_base(source)}", f"check {self._server.address}"
        else:
            text = f"redirected from {_base(source)} to {clipped(_base(target), 200)}"
            hint = f"if that is {self._server.name}, set {self._server.address} to that address"
        if not follows:
            return ConnectionFailed(f"a request that writes was {text}; it was not sent there: {hint}")
        self._elsewhere = f"{self._server.name}'s address is {text}, where nothing was asked; {hint}"
        work = current_work()
        if work is not None:
            work.refuse_writes(self._elsewhere)
        return ConnectionFailed(self._elsewhere)


def _content(response: requests.Response) -> bytes:
    """Read an answer to its end; what is received piece by piece is not kept."""
    begin, pieces = _own.begin, response.iter_content(PIECE)
    if begin is None or response.status_code != HTTPStatus.OK:
        return b"".join(pieces)
    # what is asked while this is received is another answer
    _own.begin = None
    try:
        take = begin()
        for piece in pieces:
            take(piece)
    except BaseException:
        response.close()
        raise
    finally:
        _own.begin = begin
    return b""


def _retry_after(response: requests.Response, pause: float) -> float:
    """The pause that an answer asks for, as far as it is bearable; else the usual one."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return min(MAX_PAUSE, float(text[:9]))
    try:
        at = parsedate_to_datetime(text)
        seconds = (at - datetime.now(timezone.utc)).total_seconds()
    except (TypeError, ValueError, OverflowError):
        return pause
    return min(MAX_PAUSE, max(0.0, seconds))


def _target(request: requests.PreparedRequest, response: requests.Response) -> SplitResult | None:
    location = response.headers.get("Location")
    if not location:
        return None
    try:
        target = urlsplit(urljoin(request.url or "", location))
        _ = target.port
    except ValueError:
        return None
    return target if target.scheme in ("http", "https") and target.hostname else None


def _origin(address: SplitResult) -> tuple[str, str | None, int]:
    return address.scheme, address.hostname, address.port or (443 if address.scheme == "https" else 80)


def _base(address: SplitResult) -> str:
    """The address without user, query, and what the client puts behind it."""
    host = f"[{address.hostname}]" if ":" in (address.hostname or "") else address.hostname
    port = f":{address.port}" if address.port else ""
    path = address.path.partition(BASE_PATH)[0] if BASE_PATH in address.path else ""
    return f"{address.scheme}://{host}{port}{path.rstrip('/')}"
