"""Latency and faults, as instances and the networks before them have.

A specification holds rules with `;` between them, each `METHOD PATH:KIND[@WHEN]`. METHOD is an HTTP method or
`*`. PATH is a pattern below the base path, such as `/projects/*/metadata`; a `:` in it is written `?`. KIND is

- a status such as `503`: an error in DSS's JSON shape;
- `html` or `html-STATUS`: the page of a proxy, with status 200 or another;
- `json=VALUE` or `json-STATUS=VALUE`: any JSON value, with status 200 or another, such as `json={}` or `json-503=[]`;
- `empty` or `empty-STATUS`: an answer without a body;
- `redirect=URL[,STATUS]`: another address, with status 302 or another; a `*` in URL stands for the path asked, with its
  query;
- `retry-after=SECONDS[,STATUS]`: an error with the header Retry-After, with status 503 or another;
- `close`: the connection breaks before anything is answered;
- `cut`: the connection breaks in the middle of the answer's body;
- `doubled`: the request is handled twice, as a proxy that sends it again does; the second answer counts;
- `slow=SECONDS`: the answer comes late;
- `drip` or `drip=SECONDS[,BYTES]`: the answer's body comes byte by byte, SECONDS (1) apart, for BYTES (30) bytes;
  then the rest comes at once.

Without more, the kinds up to `cut` mean that the request is not handled. With `-after-write` behind their name and
status it is handled, and only the answer is lost: `503-after-write`, `html-502-after-write`, `json-after-write={}`,
`cut-after-write`, which cuts the true answer. `timeout-after-write` is another word for `close-after-write`.

WHEN is `N` (only the Nth matching request, from 1), `N+` (the Nth and all later ones), `everyN` (each Nth), or `pX`
(with probability X, from a fixed seed); without it, always. Where several rules apply, the first that answers counts.
Example: `PUT /projects/*/metadata:503-after-write@1; GET *:503@p0.05; GET /auth/info:json={"a": [1]}@2+`.
"""

from __future__ import annotations

import json
import random
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from werkzeug.wrappers import Response

Hook = Callable[[], object]
Answer = Callable[[], Response]

DRIP_BYTES = 30
"""After so many bytes a dripping answer comes at once, so that no test waits for long."""

_AFTER_WRITE = "-after-write"
_STATUS_KINDS = ("html", "json", "empty")
_VALUE_KINDS = ("json", "redirect", "retry-after", "slow", "drip")
_HANDLED_KINDS = ("doubled", "slow", "drip")
"""The request is handled in any case: `-after-write` would say nothing."""
_ALONE = ("html", "empty", "close", "cut", "doubled", "drip")
"""Kinds that need no value."""
_WHEN = re.compile(r"@(\d+\+?|every[1-9]\d*|p(?:0?\.\d+|[01](?:\.0*)?))$")
_JSON = re.compile(r"json(-\d{3})?(-after-write)?=")


class Broken(Exception):  # noqa: N818 - what happened to the connection
    """The connection broke before anything was answered."""


class CutShort(Broken):
    """The connection broke in the middle of an answer."""


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong: a KIND of the grammar, parsed."""

    kind: str
    status: int = 200
    value: Any = None
    after_write: bool = False

    def answer(self, answer: Answer) -> Response:
        """Answer a request as the fault has it; `answer` handles it.

        Raises:
            Broken: the connection breaks.
        """
        if self.kind == "doubled":
            answer()
            return answer()
        handled = answer() if self.after_write else None
        if self.kind == "close":
            raise Broken
        if self.kind == "cut":
            return _cut(handled or Response("{" + " " * 999, content_type="application/json"))
        return self._substitute()

    def _substitute(self) -> Response:
        if self.kind == "html":
            page = "<html><body>Sign in to the company network</body></html>"
            return Response(page, status=self.status, content_type="text/html")
        if self.kind == "json":
            return Response(json.dumps(self.value), status=self.status, content_type="application/json")
        if self.kind == "empty":
            return Response(b"", status=self.status)
        if self.kind == "redirect":
            return Response(b"", status=self.status, headers={"Location": self.value})
        headers = {"Retry-After": self.value} if self.kind == "retry-after" else {}
        message = f"Injected fault {self.status}"
        body = {"errorType": "java.lang.RuntimeException", "message": message, "detailedMessage": message}
        return Response(json.dumps(body), status=self.status, headers=headers, content_type="application/json")


@dataclass
class _Rule:
    method: str
    path: str
    fault: Fault
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
        if self.when.endswith("+"):
            return self.seen >= int(self.when[:-1])
        return self.seen == int(self.when)


@dataclass
class _Hook:
    method: str
    path: str
    action: Hook
    once: bool
    afterwards: bool


class Faults:
    """What goes wrong, and when.

    Attributes:
        latency_ms: how long each answer waits.
        happened: the faults that happened, as (method, path, kind); lets a test see that its fault was met.
    """

    def __init__(self) -> None:
        self.latency_ms = 0.0
        self.happened: list[tuple[str, str, str]] = []
        self._rules: list[_Rule] = []
        self._hooks: list[_Hook] = []
        self._lock = threading.Lock()
        self._leaving = threading.Event()

    def set(self, specification: str) -> None:
        """Replace all rules by those of a specification.

        Raises:
            ValueError: a rule is not valid; the message names it.
        """
        self._rules = [_parse(text) for text in _split(specification)]

    def before(self, method: str, path: str, action: Hook, *, once: bool = True) -> None:
        """Do something just before a matching request is handled, e.g. what another user does meanwhile."""
        self._hooks.append(_Hook(method, path, action, once, afterwards=False))

    def after(self, method: str, path: str, action: Hook, *, once: bool = True) -> None:
        """Do something just after a matching request was handled, before its answer goes out."""
        self._hooks.append(_Hook(method, path, action, once, afterwards=True))

    def release(self) -> None:
        """Let every answer that waits go out at once; the sandbox is left."""
        leaving, self._leaving = self._leaving, threading.Event()
        leaving.set()

    def around(self, method: str, path: str, answer: Answer) -> Response:
        """Answer a request with whatever goes wrong.

        Raises:
            Broken: the connection breaks.
        """
        if self.latency_ms:
            self._wait(self.latency_ms / 1000)
        for action in self._due(method, path, afterwards=False):
            action()
        with self._lock:
            faults = [rule.fault for rule in self._rules if rule.applies(method, path)]
            self.happened += [(method, path, fault.kind) for fault in faults]

        def handled() -> Response:
            response = answer()
            for action in self._due(method, path, afterwards=True):
                action()
            return response

        dripping: list[Fault] = []
        for fault in faults:
            if fault.kind == "slow":
                self._wait(fault.value)
            elif fault.kind == "drip":
                dripping.append(fault)
            else:
                return fault.answer(handled)
        response = handled()
        return self._dripped(response, *dripping[0].value) if dripping else response

    def _wait(self, seconds: float) -> None:
        self._leaving.wait(seconds)

    def _dripped(self, response: Response, seconds: float, limit: int) -> Response:
        content = response.get_data()

        def drops() -> Iterator[bytes]:
            for byte in content[:limit]:
                self._wait(seconds)
                yield bytes([byte])
            yield content[limit:]

        return _with_body(response, drops(), len(content))

    def _due(self, method: str, path: str, *, afterwards: bool) -> list[Hook]:
        with self._lock:
            due = [
                hook
                for hook in self._hooks
                if hook.afterwards is afterwards and hook.method in ("*", method) and fnmatchcase(path, hook.path)
            ]
            self._hooks = [hook for hook in self._hooks if not (hook.once and hook in due)]
        return [hook.action for hook in due]


def _cut(response: Response) -> Response:
    """Return an answer with a body shorter than announced: the connection then closes, and the answer is broken."""
    content = response.get_data()

    def half() -> Iterator[bytes]:
        yield content[: len(content) // 2]
        raise CutShort

    return _with_body(response, half(), max(len(content), 1))


def _with_body(response: Response, body: Iterator[bytes], length: int) -> Response:
    headers = [(name, value) for name, value in response.headers if name.lower() != "content-length"]
    return Response(body, status=response.status, headers=[*headers, ("Content-Length", str(length))])


# the grammar ----------------------------------------------------------------------------------------------------


def _split(specification: str) -> Iterator[str]:
    """Yield the rules of a specification; a `;` inside a JSON value is none between rules."""
    rest = specification.strip()
    while rest:
        head, colon, tail = rest.partition(":")
        length = len(head) + len(colon)
        if ";" not in head and (value := _JSON.match(tail)):
            try:
                _, end = json.JSONDecoder().raw_decode(tail[value.end() :])
            except ValueError:
                raise _not_a_fault(rest) from None
            length += value.end() + end
        else:
            length = 0
        until, _, following = rest[length:].partition(";")
        if rule := (rest[:length] + until).strip():
            yield rule
        rest = following.strip()


def _parse(text: str) -> _Rule:
    method, _, rest = text.partition(" ")
    path, separator, kind = rest.strip().partition(":")
    when = _WHEN.search(kind)
    if when:
        kind = kind[: when.start()]
    try:
        fault = _fault(kind)
    except (ValueError, IndexError):
        raise _not_a_fault(text) from None
    if not separator or not path:
        raise _not_a_fault(text)
    return _Rule(method.upper(), path, fault, when.group(1) if when else "")


def _fault(text: str) -> Fault:
    """Return the fault that a KIND names; raises ValueError."""
    name, equals, value = text.partition("=")
    if name == "timeout-after-write":
        name = "close-after-write"
    after_write = name.endswith(_AFTER_WRITE)
    name = name.removesuffix(_AFTER_WRITE)
    if name.isdigit() and not equals:
        return Fault("status", _status(name, 400), after_write=after_write)
    kind, _, status = name.rpartition("-")
    if kind not in _STATUS_KINDS:
        kind, status = name, "200"
    if (
        (kind not in _ALONE and not equals)
        or (equals and kind not in _VALUE_KINDS)
        or (after_write and kind in _HANDLED_KINDS)
    ):
        raise ValueError
    return Fault(kind, after_write=after_write, **_details(kind, status, value))


def _details(kind: str, status: str, value: str) -> dict[str, Any]:
    """Return status and value of a kind; raises ValueError."""
    if kind == "json":
        return {"status": _status(status, 200), "value": json.loads(value)}
    if kind == "redirect":
        address, _, code = value.rpartition(",")
        has_status = bool(address) and code.isdigit()
        return {"status": _status(code if has_status else "302", 300), "value": address if has_status else value}
    if kind == "retry-after":
        seconds, _, code = value.partition(",")
        return {"status": _status(code or "503", 400), "value": str(int(seconds))}
    if kind == "slow":
        return {"value": _seconds(value)}
    if kind == "drip":
        seconds, _, limit = (value or "1").partition(",")
        return {"value": (_seconds(seconds), int(limit or DRIP_BYTES))}
    if kind not in _ALONE:
        raise ValueError
    return {"status": _status(status, 200)}


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds <= 86_400:
        raise ValueError
    return seconds


def _status(text: str, least: int) -> int:
    status = int(text)
    if not least <= status <= 599:
        raise ValueError
    return status


def _not_a_fault(text: str) -> ValueError:
    return ValueError(f"not a fault: {text!r}; write METHOD PATH:KIND[@WHEN], e.g. GET /projects:503@1")
