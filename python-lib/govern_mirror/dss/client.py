"""The client of a public API, DSS's or Govern's, made safe: timeouts, retries for reads, errors that say what to do.

The client sets no timeout and never retries, so its session gets both here. One client a thread, since its
session has no lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import dataikuapi
import requests
from dataikuapi.utils import DataikuException
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from govern_mirror import fast_json
from govern_mirror.blueprint import clipped
from govern_mirror.connection import Instance
from govern_mirror.errors import AccessDenied, ConnectionFailed, GovernMirrorError, NotFound

TIMEOUT = (10.0, 120.0)
"""Seconds to connect, and to wait for an answer: a list of 20,000 projects takes DSS a while."""

Client: TypeAlias = dataikuapi.DSSClient
ClientFactory: TypeAlias = Callable[[], Client]
"""Makes a client; `ProjectStore` calls it once a thread."""

AnyClient = TypeVar("AnyClient", dataikuapi.DSSClient, dataikuapi.GovernClient)

BASE_PATH = "/dip/publicapi"
"""Where the client finds the API below the host; Govern's is at the same place (client)."""


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


DSS = Server("DSS", "--url or DKU_DSS_URL", "--api-key or DKU_API_KEY")
NOT_DSS = DSS.not_its_answer


class _Adapter(HTTPAdapter):
    """Transport with a default timeout, and with retries for requests that only read."""

    def __init__(self, timeout: tuple[float, float], reading: Iterable[str] = ("GET", "HEAD")) -> None:
        self._timeout = timeout
        reads_only = Retry(
            total=3,
            backoff_factor=0.3,
            status_forcelist=(429, 502, 503, 504),
            allowed_methods=frozenset(reading),
            raise_on_status=False,
        )
        super().__init__(max_retries=reads_only)

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        if options.get("timeout") is None:
            options["timeout"] = self._timeout
        return super().send(request, **options)


def prepared(
    client: AnyClient, timeout: tuple[float, float] = TIMEOUT, *, reading_posts: Iterable[str] = ()
) -> AnyClient:
    """Give a client's session our timeout and retries.

    Args:
        client: a fresh client.
        timeout: seconds to connect, and to wait for an answer.
        reading_posts: paths of the API where a POST only reads (a search), so that it may be repeated.
    """
    for scheme in ("http://", "https://"):
        client._session.mount(scheme, _Adapter(timeout))
    for path in reading_posts:
        client._session.mount(f"{client.host}{BASE_PATH}{path}", _Adapter(timeout, ("GET", "HEAD", "POST")))
    return client


@contextmanager
def translated(project_key: str | None = None, doing: str = "", server: Server = DSS) -> Iterator[None]:
    """Turn what the client raises into errors that say what to do.

    Args:
        project_key: the project it is about, if it is about one.
        doing: what was tried, as in "DSS refused to …".
        server: who was asked.

    Raises:
        AccessDenied: DSS does not know the key, or the key may not do this.
        NotFound: the project or object does not exist or is not readable.
        ConnectionFailed: DSS is unreachable, too slow, or something else answered.
        GovernMirrorError: any other answer of DSS, as DSS words it.
    """
    try:
        yield
    except DataikuException as error:
        raise _from_server(str(error), project_key, doing, server) from error
    except requests.exceptions.SSLError as error:
        raise ConnectionFailed(
            f"the TLS certificate was not accepted ({_cause(error)}): set REQUESTS_CA_BUNDLE to your company's "
            "certificates, or use --no-check-certificate on a network you trust"
        ) from error
    except requests.exceptions.Timeout as error:
        raise ConnectionFailed(
            f"{server.name} did not answer in time: try again, and look at the instance's load"
        ) from error
    except (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema) as error:
        raise ConnectionFailed(f"the address is not valid ({_cause(error)}): check {server.address}") from error
    except requests.exceptions.JSONDecodeError as error:
        raise ConnectionFailed(server.not_its_answer) from error
    except requests.exceptions.RequestException as error:
        raise ConnectionFailed(
            f"{server.name} cannot be reached ({_cause(error)}): check the address and the network"
        ) from error
    except RecursionError as error:
        raise GovernMirrorError(f"the answer of {server.name} cannot be read: {fast_json.TOO_DEEP}") from error
    except (ValueError, AttributeError, TypeError, KeyError) as error:
        if "integer string conversion" in str(error):  # Python's own words for a number of more than 4,300 digits
            message = f"the answer of {server.name} cannot be read: {fast_json.TOO_LONG}"
            raise GovernMirrorError(message) from error
        # the client indexes answers without looking: another shape than the server's own ends here
        raise ConnectionFailed(f"{server.not_its_answer} ({type(error).__name__})") from error


def _from_server(text: str, project_key: str | None, doing: str, server: Server) -> GovernMirrorError:
    kind, _, message = text.partition(": ")
    said = clipped(message, 300)
    if kind == "Unknown error":
        return ConnectionFailed(f"{server.not_its_answer} (it said: {clipped(' '.join(message.split()))})")
    if kind.endswith("NotAuthenticatedException"):
        return AccessDenied(f"{server.name} does not accept the API key ({said}): check {server.key}")
    if kind.endswith("UnauthorizedException"):
        if project_key and "read project permissions" in message:
            return NotFound(
                f"project {project_key} does not exist, or your key may not read it: "
                f"{server.name} gives one answer for both"
            )
        target = f" on project {project_key}" if project_key else ""
        return AccessDenied(
            f"{server.name} does not allow this key to {doing or 'do this'}{target} ({said}): ask its administrator"
        )
    if kind.endswith("NotFoundException"):
        return NotFound(
            f"{server.name} does not find what it takes to {doing or 'do this'}"
            f"{f' in project {project_key}' if project_key else ''} ({said})"
        )
    return GovernMirrorError(f"{server.name} refused to {doing or 'do this'}: {said} [{clipped(kind)}]")


def _cause(error: Exception) -> str:
    while isinstance(error.__cause__ or error.__context__, Exception):
        error = error.__cause__ or error.__context__  # type: ignore[assignment]  # just tested
    return clipped(str(getattr(error, "reason", None) or error), 160)


def connect(instance: Instance, timeout: tuple[float, float] = TIMEOUT) -> ClientFactory:
    """Return a function that makes clients of an instance; `ProjectStore` calls it once a thread."""

    def client() -> Client:
        return prepared(
            Client(instance.url, api_key=instance.api_key, no_check_certificate=not instance.check_certificate),
            timeout,
        )

    return client
