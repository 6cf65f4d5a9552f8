"""Latency and faults, as instances and the networks before them have.

A specification holds rules with `;` between them, each `METHOD PATH:KIND[@WHEN]`. METHOD is an HTTP method or
`*`. PATH is a pattern below the base path, such as `/projects/*/metadata`. KIND is

- a status such as `503`: an error in DSS's JSON shape; the request is not handled;
- `html` or `html-502`: the page of a proxy, with status 200 or 502; the request is not handled;
- `close`: the connection breaks before the request is handled;
- `timeout-after-write`: the request is handled, then the connection breaks before the answer;
- `slow=SECONDS`: the answer comes late.

WHEN is `N` (only the Nth matching request, from 1), `everyN` (each Nth), or `pX` (with probability X, from a
fixed seed); without it, always. Example: `PUT /projects/*/metadata:timeout-after-write@1; GET *:503@p0.05`.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from werkzeug.wrappers import Response

Hook = Callable[[], object]
KINDS = ("html", "html-502", "close", "timeout-after-write")


class Broken(Exception):  # noqa: N818 - what happened to the connection
    """The connection broke: there is no answer."""


@dataclass
class _Rule:
    method: str
    path: str
    kind: str
    when: str = ""
    seen: int = 0
    chance: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311 - repeatable on purpose

    def applies(self, method: str, path: str) -> bool:
        if self.method not in ("*", method) or not fnmatchcase(path, self.path):
            return False
        self.seen += 1
        if not self.when:
            return True
        if self.when.startswith("every"):
            return self.seen % int(self.when.removeprefix("every")) == 0
        if self.when.startswith("p"):
            return self.chance.random() < float(self.when[1:])
        return self.seen == int(self.when)


@dataclass
class _Hook:
    method: str
    path: str
    action: Hook
    once: bool


class Faults:
    """What goes wrong, and when."""

    def __init__(self) -> None:
        self.latency_ms = 0.0
        self._rules: list[_Rule] = []
        self._hooks: list[_Hook] = []
        self._lock = threading.Lock()

    def set(self, specification: str) -> None:
        """Replace all rules by those of a specification.

        Raises:
            ValueError: a rule is not valid; the message names it.
        """
        self._rules = [_parse(text.strip()) for text in specification.split(";") if text.strip()]

    def before(self, method: str, path: str, action: Hook, *, once: bool = True) -> None:
        """Do something just before a matching request is handled, e.g. what another user does meanwhile."""
        self._hooks.append(_Hook(method, path, action, once))

    def around(self, method: str, path: str, answer: Callable[[], Response]) -> Response:
        """Answer a request with whatever goes wrong.

        Raises:
            Broken: the connection breaks.
        """
        if self.latency_ms:
            time.sleep(self.latency_ms / 1000)
        for action in self._due(method, path):
            action()
        with self._lock:
            kinds = [rule.kind for rule in self._rules if rule.applies(method, path)]
        for kind in kinds:
            if kind.startswith("slow="):
                time.sleep(float(kind.removeprefix("slow=")))
            elif kind == "close":
                raise Broken
            elif kind == "timeout-after-write":
                answer()
                raise Broken
            elif kind in ("html", "html-502"):
                page = "<html><body>Sign in to the company network</body></html>"
                return Response(page, status=200 if kind == "html" else 502, content_type="text/html")
            else:
                message = f"Injected fault {kind}"
                body = {"errorType": "java.lang.RuntimeException", "message": message, "detailedMessage": message}
                return Response(json.dumps(body), status=int(kind), content_type="application/json")
        return answer()

    def _due(self, method: str, path: str) -> list[Hook]:
        with self._lock:
            due = [hook for hook in self._hooks if hook.method in ("*", method) and fnmatchcase(path, hook.path)]
            self._hooks = [hook for hook in self._hooks if not (hook.once and hook in due)]
        return [hook.action for hook in due]


def _parse(text: str) -> _Rule:
    method, _, rest = text.partition(" ")
    path, separator, fault = rest.strip().rpartition(":")
    kind, _, when = fault.partition("@")
    known = kind in KINDS or (kind.isdigit() and 400 <= int(kind) <= 599) or kind.startswith("slow=")
    try:
        if kind.startswith("slow="):
            float(kind.removeprefix("slow="))
        if when:
            float(when.removeprefix("every").removeprefix("p"))
    except ValueError:
        known = False
    if not separator or not path or not known:
        raise ValueError(f"not a fault: {text!r}; write METHOD PATH:KIND[@WHEN], e.g. GET /projects:503@1")
    return _Rule(method.upper(), path, kind, when)
