"""The requests that reach a sandbox."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Response


class RequestLog:
    """Keeps what reaches a sandbox, of DSS or Govern, from now on.

    Attributes:
        requests: method, and path below the API's base path; in order.
    """

    def __init__(self, node: Any) -> None:
        self.requests: list[tuple[str, str]] = []
        around = node.faults.around

        def recorded(method: str, path: str, answer: Callable[[], Response]) -> Response:
            self.requests.append((method, path))
            return around(method, path, answer)

        node.faults.around = recorded

    def count(self, method: str, part: str = "") -> int:
        """Return how many requests there were of a method, to paths that hold a part."""
        return sum(asked == method and part in path for asked, path in self.requests)

    def clear(self) -> None:
        """Forget what came so far."""
        self.requests.clear()
