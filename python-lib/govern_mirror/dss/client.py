"""The client of the public API, made safe: timeouts, retries for reads, errors that say what to do.

The client sets no timeout and never retries, so its session gets both here. One client a thread, since its
session has no lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import dataikuapi
import requests
from dataikuapi.utils import DataikuException
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from govern_mirror.blueprint import clipped
from govern_mirror.connection import Instance
from govern_mirror.errors import AccessDenied, ConnectionFailed, GovernMirrorError, NotFound

TIMEOUT = (10.0, 120.0)
"""Seconds to connect, and to wait for an answer: a list of 20,000 projects takes DSS a while."""

Client: TypeAlias = dataikuapi.DSSClient
ClientFactory: TypeAlias = Callable[[], Client]
"""Makes a client; `ProjectStore` calls it once a thread."""


class _Adapter(HTTPAdapter):
    """Transport with a default timeout, and with retries for requests that only read."""

    def __init__(self, timeout: tuple[float, float]) -> None:
        self._timeout = timeout
        reads_only = Retry(
            total=3,
            backoff_factor=0.3,
            status_forcelist=(429, 502, 503, 504),
            allowed_methods=frozenset({"GET", "HEAD"}),
            raise_on_status=False,
        )
        super().__init__(max_retries=reads_only)

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        if options.get("timeout") is None:
            options["timeout"] = self._timeout
        return super().send(request, **options)


def prepared(client: Client, timeout: tuple[float, float] = TIMEOUT) -> Client:
    """Give a client's session our timeout and retries."""
    for scheme in ("http://", "https://"):
        client._session.mount(scheme, _Adapter(timeout))
    return client


@contextmanager
def translated(project_key: str | None = None, doing: str = "") -> Iterator[None]:
    """Turn what the client raises into errors that say what to do.

    Raises:
        AccessDenied: DSS does not know the key, or the key may not do this.
        NotFound: the project or object does not exist or is not readable.
        ConnectionFailed: DSS is unreachable, too slow, or something else answered.
        GovernMirrorError: any other answer of DSS, as DSS words it.
    """
    try:
        yield
    except DataikuException as error:
        raise _from_dss(str(error), project_key, doing) from error
    except requests.exceptions.SSLError as error:
        raise ConnectionFailed(
            f"the TLS certificate was not accepted ({_cause(error)}): set REQUESTS_CA_BUNDLE to your company's "
            "certificates, or use --no-check-certificate on a network you trust"
        ) from error
    except requests.exceptions.Timeout as error:
        raise ConnectionFailed("DSS did not answer in time: try again, and look at the instance's load") from error
    except (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema) as error:
        raise ConnectionFailed(f"the address is not valid ({_cause(error)}): check --url or DKU_DSS_URL") from error
    except requests.exceptions.JSONDecodeError as error:
        raise ConnectionFailed(NOT_DSS) from error
    except requests.exceptions.RequestException as error:
        raise ConnectionFailed(f"DSS cannot be reached ({_cause(error)}): check the address and the network") from error
    except (ValueError, AttributeError, TypeError, KeyError, RecursionError) as error:
        # the client indexes answers without looking: another shape than DSS's own ends here
        raise ConnectionFailed(f"{NOT_DSS} ({type(error).__name__})") from error


NOT_DSS = (
    "the answer is not from DSS's API: a proxy or a login page may stand in front of it; "
    "use the address at which DSS itself answers"
)


def _from_dss(text: str, project_key: str | None, doing: str) -> GovernMirrorError:
    kind, _, message = text.partition(": ")
    said = clipped(message, 300)
    if kind == "Unknown error":
        return ConnectionFailed(f"{NOT_DSS} (it said: {clipped(' '.join(message.split()))})")
    if kind.endswith("NotAuthenticatedException"):
        return AccessDenied(f"DSS does not accept the API key ({said}): check --api-key or DKU_API_KEY")
    if kind.endswith("UnauthorizedException"):
        if project_key and "read project permissions" in message:
            return NotFound(
                f"project {project_key} does not exist, or your key may not read it: DSS gives one answer for both"
            )
        target = f" on project {project_key}" if project_key else ""
        return AccessDenied(
            f"DSS does not allow this key to {doing or 'do this'}{target} ({said}): ask its administrator"
        )
    if kind.endswith("NotFoundException"):
        return NotFound(
            f"DSS does not find what it takes to {doing or 'do this'}"
            f"{f' in project {project_key}' if project_key else ''} ({said})"
        )
    return GovernMirrorError(f"DSS refused to {doing or 'do this'}: {said} [{clipped(kind)}]")


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
