"""Two writers of govern-mirror at once, in every order of their steps.

Each writer runs in a thread of its own and stops at each of its steps: at each request about the project, and wherever
it waits. A schedule says who goes on. Where a writer stops at a request is one of two things:

- `ANSWERS`: after the request was handled, before its answer arrives. What passes there is a stall of the writer's
  process or of the answer; a writer can notice it before it writes.
- `REQUESTS`: before the request is handled. What passes there is the travel of the request itself, which nobody can
  notice in time. A PUT that travels for longer than the settling time after the last read is what remains.

`explore` goes through all schedules depth first. Two requests that only read commute: of two orders that differ in
nothing but that, only the first is followed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from reliability.world import REQUEST_SECONDS, Request, World

ANSWERS, REQUESTS = "answers", "requests"
MAX_STEPS = 150
"""Writers that take more steps than this in one schedule never end."""

READ, WRITE, WAKE, OTHER = "read", "write", "wake", "other"

_current: ContextVar[str] = ContextVar("writer", default="")


class NeverEnds(AssertionError):
    """The writers go on and on."""


@dataclass(frozen=True)
class Step:
    """What a writer did when it was let go on, up to where it stopped again.

    Attributes:
        writer: `a` or `b`.
        kind: what was handled meanwhile: read, write, other (nothing about the project), or wake: it waited before.
        request: the request about the project that was handled, if one was.
        at: the virtual time when that was handled.
    """

    writer: str
    kind: str
    request: Request | None
    at: float

    def __str__(self) -> str:
        return (
            f"{self.writer} {self.request.method} {self.request.path}" if self.request else f"{self.writer} {self.kind}"
        )


@dataclass
class Writer:
    """One of the two.

    Attributes:
        name: `a` or `b`.
        work: what it does.
        result, error: how that ended.
    """

    name: str
    work: Callable[[], Any]
    result: Any = None
    error: BaseException | None = None
    is_done: bool = False
    wakes_at: float | None = None
    handled: tuple[Request, float] | None = None
    go: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    stopped: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))


@dataclass
class Played:
    """One schedule, played to its end.

    Attributes:
        order: who went on, step by step.
        steps: what they did.
        writers: how each ended.
        stall: the longest time between the handling of a writer's last read of a document and that of its PUT.
    """

    order: str
    steps: list[Step]
    writers: dict[str, Writer]
    stall: float = 0.0

    def __str__(self) -> str:
        return f"{self.order} ({', '.join(map(str, self.steps))})"


Choose = Callable[[list[str], list[Step]], str]
"""Says who goes on, of those who can, after the steps so far."""


class Schedule:
    """Plays two writers in one world.

    Args:
        world: where.
        works: what each writer does, by its name.
        stops: `ANSWERS` or `REQUESTS`.
        key: the project that both write.
    """

    def __init__(self, world: World, works: dict[str, Callable[[], Any]], stops: str, key: str = "P") -> None:
        self._world = world
        self._writers = {name: Writer(name, work) for name, work in works.items()}
        self._stops = stops
        self._key = key
        self._steps: list[Step] = []

    def play(self, choose: Choose) -> Played:
        """Play to the end.

        Raises:
            NeverEnds: the writers do not come to an end.
        """
        world, turn = self._world, self._world.turn
        world.turn, world.request_seconds = _NoTurn(), 0
        world.before, world.after, world.time.on_sleep = self._before, self._after, self._sleep
        threads = [threading.Thread(target=self._live, args=(each,), daemon=True) for each in self._writers.values()]
        for thread, writer in zip(threads, self._writers.values(), strict=True):
            thread.start()
            writer.stopped.acquire()
        order = ""
        try:
            while runnable := [name for name, writer in self._writers.items() if not writer.is_done]:
                if len(order) >= MAX_STEPS:
                    raise NeverEnds(f"{order}: {', '.join(map(str, self._steps[-12:]))}")
                name = choose(runnable, self._steps)
                order += name
                self._let_go(self._writers[name])
        finally:
            world.before = world.after = world.time.on_sleep = None
            for writer in self._writers.values():
                writer.go.release(10_000)  # whoever is left runs to its end
            for thread in threads:
                thread.join(timeout=20)
            world.turn, world.request_seconds = turn, REQUEST_SECONDS
        return Played(order, self._steps, self._writers, _longest_stall(self._steps))

    def _let_go(self, writer: Writer) -> None:
        woken = writer.wakes_at
        if woken is not None:
            self._world.time.seconds = max(self._world.time.seconds, woken)
        writer.wakes_at, writer.handled = None, None
        writer.go.release()
        writer.stopped.acquire()
        request, at = writer.handled or (None, self._world.time.seconds)
        kind = OTHER if request is None else WRITE if request.writes else READ
        self._steps.append(Step(writer.name, kind if woken is None else WAKE, request, at))

    def _live(self, writer: Writer) -> None:
        _current.set(writer.name)
        self._stop(writer)
        try:
            writer.result = writer.work()
        except BaseException as error:
            writer.error = error
        writer.is_done = True
        writer.stopped.release()

    def _stop(self, writer: Writer) -> None:
        writer.stopped.release()
        writer.go.acquire()

    def _before(self, request: Request) -> None:
        if self._stops == REQUESTS and (writer := self._concerned(request)):
            self._stop(writer)

    def _after(self, request: Request) -> None:
        if writer := self._concerned(request):
            writer.handled = request, self._world.time.seconds
            if self._stops == ANSWERS:
                self._stop(writer)

    def _concerned(self, request: Request) -> Writer | None:
        return self._writers.get(_current.get()) if is_about(request, self._key) else None

    def _sleep(self, seconds: float) -> None:
        writer = self._writers.get(_current.get())
        if writer is None:
            self._world.time.move(seconds)
            return
        writer.wakes_at = self._world.time.seconds + seconds
        self._stop(writer)


def is_about(request: Request, key: str) -> bool:
    """Whether a request is about a project: there a writer stops."""
    return request.path == f"/projects/{key}" or request.path.startswith(f"/projects/{key}/")


def document_of(request: Request) -> str:
    """The document of a project that a request is about, such as its metadata or the wiki; empty if none."""
    return request.path.split("/")[3] if request.path.count("/") >= 3 else ""


class _NoTurn:
    """Writers in lock-step take turns already."""

    def __enter__(self) -> None:
        """Nothing."""

    def __exit__(self, *_: object) -> None:
        """Nothing."""


def follow(order: str) -> Choose:
    """Choose by a string such as `aabbaabb`; where it names nobody who can go on, the first one goes on."""

    def choose(runnable: list[str], steps: list[Step]) -> str:
        wanted = order[len(steps)] if len(steps) < len(order) else ""
        return wanted if wanted in runnable else runnable[0]

    return choose


def follow_metadata(order: str, afterwards: str = "a") -> Choose:
    """Choose by a string whose letters stand for requests of metadata: `aabb…` lets each writer read it twice."""

    def choose(runnable: list[str], steps: list[Step]) -> str:
        position = sum(step.request is not None and step.request.path.endswith("/metadata") for step in steps)
        wanted = order[position] if position < len(order) else afterwards
        return wanted if wanted in runnable else runnable[0]

    return choose


def explore(play: Callable[[Choose], Played], *, switches: int | None = None) -> Iterator[Played]:
    """Play every schedule, depth first.

    Args:
        play: plays one schedule, from the same state each time.
        switches: at most so often does a writer that could go on have to let the other one go on; None: no bound.
    """
    pending = [""]
    while pending:
        prefix = pending.pop()
        branches: list[str] = []

        def choose(runnable: list[str], steps: list[Step], prefix: str = prefix, branches: list[str] = branches) -> str:
            if len(steps) < len(prefix):
                return prefix[len(steps)]
            taken = "".join(step.writer for step in steps)
            going = taken[-1] if taken and taken[-1] in runnable else runnable[0]
            branches.extend(taken + other for other in runnable if other != going)
            return going

        played = play(choose)
        if _is_the_second_of_two_equal(played.steps[: len(prefix)]):
            continue
        yield played
        pending.extend(branch for branch in branches if switches is None or _switches(branch) <= switches)


def every_order(play: Callable[[Choose], Played], begun: str = "") -> Iterator[Played]:
    """Play every order that begins in a way, one by one, and leave none out."""
    pending = [begun]
    while pending:
        prefix = pending.pop()
        able: list[list[str]] = []

        def choose(runnable: list[str], steps: list[Step], prefix: str = prefix, able: list[list[str]] = able) -> str:
            able.append(runnable)
            return follow(prefix)(runnable, steps)

        played = play(choose)
        yield played
        for position in range(len(prefix), len(played.order)):
            others = [name for name in able[position] if name != played.order[position]]
            pending.extend(played.order[:position] + other for other in others)


def _switches(order: str) -> int:
    return sum(one != two for one, two in pairwise(order))


def _is_the_second_of_two_equal(steps: list[Step]) -> bool:
    """Whether the last two steps are reads of both writers, in the order of which the other one is followed."""
    if len(steps) < 2:
        return False
    one, two = steps[-2:]
    return one.writer > two.writer and one.kind == two.kind == READ


def _longest_stall(steps: list[Step]) -> float:
    """The longest time between the handling of a writer's last read of a document and that of its PUT."""
    longest = 0.0
    read_at: dict[tuple[str, str], float] = {}
    for step in steps:
        if step.request is None or not document_of(step.request):
            continue
        document = step.writer, document_of(step.request)
        if not step.request.writes:
            read_at[document] = step.at
        elif step.request.method != "POST":
            longest = max(longest, step.at - read_at.get(document, step.at))
    return longest
