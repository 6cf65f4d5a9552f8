"""The client of a public API, DSS's or Govern's, made safe: our transport, and errors that say what to do.

One client a thread, since its session has no lock; all clients of a server share one transport, and with it the open
connections. docs/reliability.md, section HTTP, says what is promised.
"""

from __future__ import annotations

import json
import re
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from traceback import walk_tb
from typing import Any, Generic, TypeAlias, TypeVar

import dataikuapi
import requests
from dataikuapi.utils import DataikuException
from urllib3.exceptions import ConnectTimeoutError, LocationParseError, NewConnectionError

from govern_mirror import fast_json
from govern_mirror.connection import Instance, checked_key
from govern_mirror.dss.transport import Server, Transport, forget_status, last_status
from govern_mirror.errors import AccessDenied, Action, ConnectionFailed, GovernMirrorError, Hint, NotFound
from govern_mirror.text import clipped

__all__ = ["DSS", "NOT_DSS", "Client", "ClientFactory", "Server", "api_errors", "connect", "read_json", "with_retries"]

Client: TypeAlias = dataikuapi.DSSClient
ClientFactory: TypeAlias = Callable[[], Client]
"""Makes a client; `ProjectStore` calls it once for each thread."""

AnyClient = TypeVar("AnyClient", dataikuapi.DSSClient, dataikuapi.GovernClient)
Shape = TypeVar("Shape")

NODE_KEYS = frozenset({"nodeId", "nodeName", "nodeType", "dssVersion", "dipInstanceId"})
"""What an instance or a node tells of itself; an answer with none of these is from neither."""

DSS = Server("DSS", "--url or DKU_DSS_URL", "--api-key or DKU_API_KEY")
NOT_DSS = DSS.not_its_answer

UNCLEAR_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
"""Answers that do not tell whether the server did what was asked, whatever their body says."""

_JSON_ERROR: type[Exception] = getattr(requests.exceptions, "JSONDecodeError", json.JSONDecodeError)
"""What an answer that is no JSON ends in: requests has its own error from 2.27 on, and DSS may bring an older one."""

_NOT_TLS = ("WRONG_VERSION_NUMBER", "wrong version number", "record layer failure", "HTTP_REQUEST", "UNKNOWN_PROTOCOL")
_JSON_TYPES = (dict, list, str, int, float, type(None))
_READERS = ("dataikuapi", "requests", "json", "simplejson", "dss", "govern_node")
"""Where answers are taken apart: the client, what it parses with, and what of ours talks to it."""
_NO_ADDRESS = (
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidSchema,
    LocationParseError,
)
"""What an address that is none ends in; of a host with a label that is too long, urllib3's own error."""

_CALL = re.compile(r"\(\) (got|takes|missing) ")


def with_retries(client: AnyClient, transport: Transport | None = None) -> AnyClient:
    """Give a client our transport, which every request goes through.

    Args:
        client: a fresh client.
        transport: shared by the clients of one server; None for one of its own, to DSS.
    """
    transport = transport or Transport(DSS)
    for scheme in ("http://", "https://"):
        client._session.mount(scheme, transport)
    return client


class PerThread(Generic[AnyClient]):
    """Who asks a server with a client for each thread, since a client's session has no lock.

    Args:
        clients: makes a client; called once for each thread.
    """

    def __init__(self, clients: Callable[[], AnyClient]) -> None:
        self._clients = clients
        self._local = threading.local()

    @property
    def client(self) -> AnyClient:
        """This thread's client."""
        if not hasattr(self._local, "client"):
            self._local.client = self._clients()
        client: AnyClient = self._local.client
        return client


def shared(clients: ClientFactory) -> ClientFactory:
    """Let all clients that a function makes share one transport, and with it the open connections."""
    transport = Transport(DSS)
    return lambda: with_retries(clients(), transport)


def connect(instance: Instance) -> ClientFactory:
    """Return a function that makes clients of an instance; `ProjectStore` calls it once for each thread."""
    return client_factory(Client, instance, Transport(DSS))


def client_factory(kind: type[AnyClient], instance: Instance, transport: Transport) -> Callable[[], AnyClient]:
    """Return a function that makes clients of a kind; all of them share the transport."""

    def new_client() -> AnyClient:
        client = kind(instance.url, api_key=instance.reveal_key())
        # not by an argument, whose name depends on the client's version
        client._session.verify = instance.check_certificate
        return with_retries(client, transport)

    return new_client


@contextmanager
def api_errors(project_key: str | None = None, doing: str = "", server: Server = DSS) -> Iterator[None]:
    """Turn what the client raises into errors that say what to do.

    Args:
        project_key: the project it is about, if it is about one; checked before anything is asked.
        doing: what was tried, as in "DSS refused to …".
        server: who was asked.

    Raises:
        InputError: the project key is none.
        AccessDenied: DSS does not know the key, or the key may not do this.
        NotFound: the project or object does not exist or is not readable.
        ConnectionFailed: DSS is unreachable, too slow, failed inside, or something else answered: the end of a
            request that writes is not known then, unless `never_sent`.
        GovernMirrorError: any other answer of DSS, as DSS words it.
    """
    if project_key is not None:
        checked_key(project_key)
    forget_status()
    try:
        yield
    except DataikuException as error:
        raise _from_server(str(error), project_key, doing, server) from error
    except _JSON_ERROR as error:
        raise _not_its_answer(server) from error
    except (requests.exceptions.RequestException, LocationParseError) as error:
        raise _from_transport(error, server) from error
    except OSError as error:
        # certificates that cannot be read, for one: the client asks for them when it sends
        raise ConnectionFailed(f"{server.name} cannot be asked ({_cause(error)})") from error
    except (ValueError, AttributeError, TypeError, KeyError, IndexError, RecursionError) as error:
        if isinstance(error, RecursionError):
            raise GovernMirrorError(f"the answer of {server.name} cannot be read: {fast_json.TOO_DEEP}") from error
        if "integer string conversion" in str(error):  # Python's own words for a number of more than 4,300 digits
            message = f"the answer of {server.name} cannot be read: {fast_json.TOO_LONG}"
            raise GovernMirrorError(message) from error
        # the client indexes answers without looking: another shape than the server's own ends here
        if not _is_about_an_answer(error):
            raise
        raise _not_its_answer(server, type(error).__name__) from error


def read_json(
    client: Client, path: str, shape: type[Shape], project_key: str | None = None, doing: str = "", **options: Any
) -> Shape:
    """Read JSON of a known shape, `dict` or `list`; the other arguments are those of `api_errors`, and the client's.

    Raises:
        ConnectionFailed: it has another shape, so that something else than DSS answered.
        GovernMirrorError: as `api_errors` says.
    """
    with api_errors(project_key, doing):
        answer = client._perform_json("GET", path, **options)
    if not isinstance(answer, shape):
        raise ConnectionFailed(NOT_DSS)
    return answer


# what the server answered ------------------------------------------------------------------------------------------


def _from_server(text: str, project_key: str | None, doing: str, server: Server) -> GovernMirrorError:
    status = last_status()
    error = _of_answer(text, status, project_key, doing, server)
    error.status = status
    return error


def _of_answer(text: str, status: int | None, project_key: str | None, doing: str, server: Server) -> GovernMirrorError:
    kind, _, message = text.partition(": ")
    excerpt = clipped(message, 300)
    if status in UNCLEAR_STATUSES:
        return _unavailable(status, excerpt if kind != "Unknown error" else clipped(" ".join(message.split())), server)
    if kind == "Unknown error":
        number = f"status {status}; " if status else ""
        return ConnectionFailed(f"{server.not_its_answer} ({number}it said: {clipped(' '.join(message.split()))})")
    if kind.endswith("NotAuthenticatedException"):
        hint = Hint(Action.CHECK_KEY, setting=server.key)
        return AccessDenied(f"{server.name} does not accept the API key ({excerpt})", hint=hint)
    if kind.endswith("UnauthorizedException"):
        if project_key and "read project permissions" in message:
            return NotFound(
                f"project {project_key} does not exist, or you may not read it: "
                f"{server.name} gives one answer for both",
                hint=Hint(Action.OTHER_KEY, project_key),
            )
        target = f" on project {project_key}" if project_key else ""
        return AccessDenied(
            f"{server.name} does not allow you to {doing or 'do this'}{target} ({excerpt}): ask its administrator"
        )
    if kind.endswith("NotFoundException"):
        return NotFound(
            f"{server.name} does not find what it takes to {doing or 'do this'}"
            f"{f' in project {project_key}' if project_key else ''} ({excerpt})"
        )
    return GovernMirrorError(f"{server.name} refused to {doing or 'do this'}: {excerpt} [{clipped(kind)}]")


def _unavailable(status: int, message: str, server: Server) -> ConnectionFailed:
    phrase = HTTPStatus(status).phrase
    what = f"{server.name} answered with status {status} {phrase}{f' ({message})' if message else ''}"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return ConnectionFailed(f"{what}; try again later", hint=Hint(Action.FEWER_AT_ONCE))
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return ConnectionFailed(f"{what}: it failed inside; try again, and look at its log")
    return ConnectionFailed(f"{what}: try again later, and look whether it is starting or under load")


def _not_its_answer(server: Server, kind: str | None = None) -> ConnectionFailed:
    status = last_status()
    if status in UNCLEAR_STATUSES:
        error = _unavailable(status, "", server)
    else:
        status = status if status is not None and status >= HTTPStatus.BAD_REQUEST else None
        details = ", ".join([*([f"status {status}"] if status else []), *([kind] if kind else [])])
        error = ConnectionFailed(f"{server.not_its_answer}{f' ({details})' if details else ''}")
    error.status = status
    return error


def _is_about_an_answer(error: Exception) -> bool:
    """Whether an error of Python comes from an answer's shape, and not from a fault in this or the client's code.

    What breaks in other code than the client's and ours that talks to it is not about an answer, and neither is a
    call with wrong arguments, or an attribute that a client of another version lacks.
    """
    if last_status() is None:
        return False
    if isinstance(error, AttributeError) and not isinstance(error.obj, _JSON_TYPES):
        return False
    if isinstance(error, TypeError) and _CALL.search(str(error)):
        return False
    *_, (innermost, _) = walk_tb(error.__traceback__)
    parts = Path(innermost.f_code.co_filename).parts
    return any(package in parts for package in _READERS) or parts[-2:] == ("govern_mirror", "fast_json.py")


# what became of the request ----------------------------------------------------------------------------------------


def _from_transport(error: Exception, server: Server) -> ConnectionFailed:
    causes = list(_causes(error))
    failure = _transport_error(error, causes, server)
    refused = (NewConnectionError, ConnectTimeoutError, ssl.SSLCertVerificationError, *_NO_ADDRESS)
    failure.never_sent = any(isinstance(cause, refused) for cause in causes)
    return failure


def _transport_error(error: Exception, causes: list[Any], server: Server) -> ConnectionFailed:
    cause = _cause(error)
    if isinstance(error, requests.exceptions.SSLError):
        if any(sign in str(other) for sign in _NOT_TLS for other in causes):
            return ConnectionFailed(
                f"{server.name} does not speak TLS at this address: use http:// instead of https://, or the port at "
                "which it speaks https",
                hint=Hint(Action.CHECK_ADDRESS, setting=server.address),
            )
        hint = Hint(Action.CHECK_CERTIFICATE)
        return ConnectionFailed(f"the TLS certificate was not accepted ({cause})", hint=hint)
    is_connected = not isinstance(error, requests.exceptions.ConnectTimeout)
    if isinstance(error, requests.exceptions.Timeout) and is_connected:
        return ConnectionFailed(
            f"{server.name} did not answer in time; try again, and look at the instance's load",
            hint=Hint(Action.MORE_TIME),
        )
    if isinstance(error, _NO_ADDRESS):
        hint = Hint(Action.CHECK_ADDRESS, setting=server.address)
        return ConnectionFailed(f"the address is not valid ({cause})", hint=hint)
    return ConnectionFailed(f"{server.name} cannot be reached ({cause}): check the address and the network")


def _causes(error: object) -> Iterator[object]:
    """An error of the transport and what it wraps. Not its context: that may be of an earlier request."""
    while isinstance(error, BaseException):
        yield error
        reason = getattr(error, "reason", None)
        error = reason if isinstance(reason, BaseException) else error.args[0] if error.args else None


def _cause(error: Exception) -> str:
    innermost = list(_causes(error))[-1]
    if isinstance(innermost, NewConnectionError):
        # urllib3 puts its own object before what the system says
        innermost = innermost.__cause__ or innermost
    return clipped(str(getattr(innermost, "reason", None) or innermost), 160)
