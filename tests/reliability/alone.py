"""A writer that runs alone, step by step, against answers that it is given.

A run lives in a thread, stopped at its next step, until it may see what came of that: so going on takes the work of one
step. Where it has gone on already, and the same past is to go on otherwise, another run is led there from the start, by
what was seen on the way; one that does anything else than before there is an error.

A run that stopped is exactly where one that is led there anew would be: nothing reaches it but what it may see, and the
time, which is put right before it goes on. No deadline in real time ends it meanwhile.
"""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context, ContextVar
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from unittest import mock

import requests
from reliability.interleaving import Writer
from reliability.world import Handle, Request, World
from requests.adapters import HTTPAdapter
from requests.utils import get_encoding_from_headers
from werkzeug.wrappers import Response

from govern_mirror.dss.deadline import Attempt

MAX_RUNS = 200
"""How many runs live at once: the one that stopped longest ago is the first to end."""


class Stopped(BaseException):
    """A run is not needed any more, or has asked for something that is to be answered later."""


class NotRepeated(BaseException):
    """A writer asked for something else than it did before at the same point: it depends on more than it has seen."""


class Seen(NamedTuple):
    """What a writer saw: an answer, the end of a sleep at a time, or, with neither, that it may begin."""

    digest: bytes = b""
    wakes_at: float | None = None


@dataclass(frozen=True)
class Asks:
    """A writer's next step is a request; `digest` is one of its method, address, headers and body."""

    request: Request
    handle: Handle
    digest: bytes


@dataclass(frozen=True)
class Sleeps:
    """A writer's next step is to wait until a time."""

    until: float


@dataclass(frozen=True)
class Ends:
    """A writer has ended."""

    writer: Writer


Next = Asks | Sleeps | Ends


@dataclass(eq=False)
class Past:
    """All that a writer has seen, and what it does next.

    Attributes:
        number: its own among all pasts.
        before: the past without what was seen last.
        seen, at: what was seen last, and when the writer went on from there.
        read_at: when it last read each document.
        stall: the longest time between its last read of a document and its PUT.
        next: what it does then.
    """

    number: int
    name: str
    before: Past | None
    seen: Seen
    at: float
    read_at: dict[str, float]
    stall: float
    next: Next = field(init=False)

    def chain(self) -> list[Past]:
        """All pasts from the beginning to this one."""
        earlier = self.before.chain() if self.before else []
        return [*earlier, self]


class Run:
    """One writer, living in a thread.

    Attributes:
        tokens: how many numbers it has drawn at random.
    """

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.tokens = 0
        self.next: Next | None = None
        self.failure: BaseException | None = None
        self._seen: Seen | None = None
        self._go, self._stopped = threading.Lock(), threading.Lock()
        self._go.acquire()
        self._stopped.acquire()
        self._is_over = False

    def live(self) -> None:
        """Do the writer's work, from the first `see` on."""
        self._go.acquire()
        _current.set(self)
        try:
            if not self._is_over:
                self.writer.result = self.writer.work()
        except Stopped:
            pass
        except Exception as error:
            self.writer.error = error
        except BaseException as error:
            self.failure = error
        self.next = Ends(self.writer)
        self._is_over = True
        self._stopped.release()

    def see(self, seen: Seen) -> Next:
        """Let it see what came of its step, and go on to the next one."""
        self._seen = seen
        self._go.release()
        self._stopped.acquire()
        if self.failure is not None:
            raise self.failure
        assert self.next
        return self.next

    def stop(self, step: Asks | Sleeps) -> Seen:
        """Called in its thread: stop at a step until it may see what came of it."""
        if self._is_over:
            raise Stopped
        self.next = step
        self._stopped.release()
        self._go.acquire()
        if self._is_over or self._seen is None:
            raise Stopped
        return self._seen

    def close(self) -> None:
        """End it where it is."""
        if not self._is_over:
            self._is_over = True
            self._go.release()
            self._stopped.acquire()


_current: ContextVar[Run | None] = ContextVar("run", default=None)


class Runs:
    """The runs of two writers.

    Args:
        world: what they ask.
        works: what each writer does, by its name.

    Attributes:
        answers: what was answered, by its digest: status, body and headers.
    """

    def __init__(self, world: World, works: dict[str, Callable[[], Any]]) -> None:
        self.answers: dict[bytes, tuple[int, bytes, list[tuple[str, str]]]] = {}
        self._world = world
        self._works = works
        self._asks: dict[bytes, Asks] = {}
        self._living: dict[int, Run] = {}
        self._token_of, self._tokens = "", 0

    @contextlib.contextmanager
    def opened(self) -> Iterator[None]:
        """Let runs live within the block."""
        self._ask: Callable[..., requests.Response] = HTTPAdapter.send
        with (
            ThreadPoolExecutor(MAX_RUNS + 1) as self._pool,
            mock.patch.object(HTTPAdapter, "send", self._sending()),
            mock.patch("secrets.token_hex", self._token),
            # a run may stop at a request for longer than any server may take
            mock.patch("govern_mirror.dss.transport.ending_after", _without_end),
        ):
            try:
                yield
            finally:
                for run in self._living.values():
                    run.close()
                self._living.clear()

    def drawing_for(self, drawer: str) -> None:
        """Let the numbers that DSS draws next depend on a name only."""
        self._token_of, self._tokens = drawer, 0

    def go_on(self, past: Past) -> None:
        """Learn what a writer does after a past; `NotRepeated` where it does not do again what it did before."""
        before = past.before
        run = self._living.pop(before.number, None) if before else None
        if run is None:
            run = Run(Writer(past.name, self._works[past.name], is_done=True))
            self._pool.submit(Context().run, run.live)
            for earlier in before.chain() if before else ():
                if (does := self._let(run, earlier)) != earlier.next:
                    run.close()
                    raise NotRepeated(f"{past.name}: {does}, and before: {earlier.next}")
        past.next = self._let(run, past)
        if not isinstance(past.next, Ends):
            self._living[past.number] = run
            if len(self._living) > MAX_RUNS:
                self._living.pop(next(iter(self._living))).close()

    def _let(self, run: Run, past: Past) -> Next:
        """Let a run see what is last in a past."""
        world = self._world
        world.time.seconds, world.request_seconds = past.at, 0
        world.around, world.time.on_sleep = _around, self._sleep
        try:
            return run.see(past.seen)
        except BaseException:
            run.close()
            raise
        finally:
            world.around = world.time.on_sleep = None
            world.time.slept.clear()

    def _sending(self) -> Callable[..., requests.Response]:
        def send(adapter: Any, request: requests.PreparedRequest, **options: Any) -> requests.Response:
            run = _current.get()
            if run is None:
                return self._ask(adapter, request, **options)
            digest = digest_of_parts(request.method, request.url, sorted(request.headers.items()), request.body)
            if digest not in self._asks:
                try:
                    self._ask(adapter, request, **options)
                except _Arrived as arrived:
                    self._asks[digest] = Asks(arrived.request, arrived.handle, digest)
            seen = run.stop(self._asks[digest])
            return _answer(request, *self.answers[seen.digest])

        return send

    def _sleep(self, seconds: float) -> None:
        run = _current.get()
        assert run
        run.stop(Sleeps(self._world.time.seconds + seconds))

    def _token(self, size: int) -> str:
        """What stands for a number drawn at random: another one for each writer, and for each that it draws."""
        run = _current.get()
        if run is not None:
            run.tokens += 1
            drawn = f"{run.writer.name} {run.tokens}"
        else:
            self._tokens += 1
            drawn = f"{self._token_of} {self._tokens}"
        return hashlib.sha256(drawn.encode()).hexdigest()[: 2 * size]


class _Arrived(BaseException):
    """A request has arrived, and is not handled yet."""

    def __init__(self, request: Request, handle: Handle) -> None:
        super().__init__(str(request))
        self.request, self.handle = request, handle


def _around(request: Request, handle: Handle) -> Response:
    raise _Arrived(request, handle)


@contextlib.contextmanager
def _without_end(seconds: float) -> Iterator[Attempt]:
    yield Attempt(seconds)


def _answer(
    request: requests.PreparedRequest, status: int, content: bytes, headers: list[tuple[str, str]]
) -> requests.Response:
    answer = requests.Response()
    answer.request, answer.url, answer.status_code = request, request.url or "", status
    answer.headers.update(headers)
    answer.encoding = get_encoding_from_headers(answer.headers)
    answer._content, answer._content_consumed = content, True  # type: ignore[attr-defined]
    return answer


def digest_of_parts(*parts: object) -> bytes:
    """What tells whether two requests, or two answers, are the same."""
    return hashlib.sha256(repr(parts).encode()).digest()[:16]
