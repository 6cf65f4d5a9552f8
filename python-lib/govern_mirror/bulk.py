"""The same work on many projects: a bounded pool, progress, and failures collected one by one."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from contextvars import ContextVar, copy_context
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeVar

from govern_mirror import clock
from govern_mirror.errors import ConnectionFailed, GovernMirrorError
from govern_mirror.operation import Stop, Work, current_work, doing, holding

DEFAULT_WORKERS = 8
"""How many projects are worked on at once; each worker has a client of its own."""

MAX_WORKERS = 64

INTERRUPT_TIMEOUT = 0.7
"""Seconds that an interrupted run waits for what has begun, before it says how far it came."""

_workers: ContextVar[int] = ContextVar("govern_mirror_workers", default=DEFAULT_WORKERS)

Item = TypeVar("Item")
Result = TypeVar("Result")
Progress = Callable[[int, int], None]
"""Called with how many are done, of how many."""


@dataclass(frozen=True)
class TaskResult(Generic[Item, Result]):
    """How the work on one item ended: a result, or the error that stopped it.

    Attributes:
        asked_for_write: whether a request that writes was sent.
    """

    item: Item
    result: Result | None = None
    error: GovernMirrorError | None = None
    asked_for_write: bool = False


class Ending(str, Enum):
    """How far the work on an item had come when a run was interrupted."""

    DONE = "done"
    FAILED = "failed"
    UNCLEAR = "unclear"
    """A write was asked for, and its end is not known."""
    NOT_DONE = "not done"
    """No write was asked for, and none will be."""


@dataclass(frozen=True)
class PartialEnding(Generic[Item, Result]):
    """One item of an interrupted run; what has not ended has neither result nor error."""

    ending: Ending
    done: TaskResult[Item, Result]


class Interrupted(KeyboardInterrupt):
    """Work on many items was interrupted; nothing more is asked of any server by it.

    Attributes:
        endings: how far each item came, in the items' order.
    """

    def __init__(self, endings: Sequence[PartialEnding[Any, Any]]) -> None:
        super().__init__("interrupted")
        self.endings = tuple(endings)


def at_once(workers: int) -> AbstractContextManager[None]:
    """Let `for_each` work on so many items at once within the block."""
    return holding(_workers, workers)


def for_each(
    items: Iterable[Item],
    work: Callable[[Item], Result],
    *,
    progress: Progress | None = None,
) -> list[TaskResult[Item, Result]]:
    """Do the work on each item and return how each ended, in the items' order.

    As many are worked on at once as `at_once` says. An error meant for the user ends only its own item. Any other error
    stops what has not begun; what has begun is finished first.

    Args:
        items: what to work on.
        work: done on each item, in another thread with a copy of this context; the time of `operation` begins anew.
        progress: told after each item.

    Raises:
        Interrupted: on KeyboardInterrupt, within a second: no further request begins then.
    """
    run = _Run(list(items), work)
    try:
        run.start(_workers.get())
        for count in run.progress():
            if progress:
                progress(count, len(run.items))
    except KeyboardInterrupt:
        # from None: how far it came is all there is to say
        raise Interrupted(run.interrupted()) from None
    except BaseException:
        run.close()
        raise
    endings, whole = run.endings(), current_work()
    if whole is not None and any(ending.asked_for_write for ending in endings):
        # without the results, which may be large
        whole.finished_runs.append([TaskResult(one.item, None, one.error, one.asked_for_write) for one in endings])
    return endings


class _Run(Generic[Item, Result]):
    """Items, the threads that work on them, and how each ended.

    The threads are no executor's, whose threads the interpreter waits for when it ends: a server that does not answer
    must not keep an interrupted command.
    """

    def __init__(self, items: list[Item], work: Callable[[Item], Result]) -> None:
        self.items = items
        self._work = work
        self._waiting = deque(range(len(items)))
        self._works: dict[int, Work] = {}
        self._ended: dict[int, TaskResult[Item, Result]] = {}
        self._running = 0
        self._fault: BaseException | None = None
        self._condition = threading.Condition()
        self._stop = Stop()

    def start(self, workers: int) -> None:
        """Begin."""
        whole = current_work()
        for number in range(min(max(1, workers), MAX_WORKERS, len(self.items))):
            context = copy_context()
            threading.Thread(
                target=context.run, args=(self._thread, whole), name=f"govern-mirror-{number}", daemon=True
            ).start()

    def _thread(self, whole: Work | None) -> None:
        while True:
            with self._condition:
                if not self._waiting:
                    return
                position = self._waiting.popleft()
                work = self._works[position] = Work(self._stop, whole)
                self._running += 1
            ending = copy_context().run(self._one, position, work)
            with self._condition:
                self._running -= 1
                if ending is not None:
                    self._ended[position] = ending
                self._condition.notify_all()

    def _one(self, position: int, work: Work) -> TaskResult[Item, Result] | None:
        item = self.items[position]
        with doing(work):
            try:
                return TaskResult(item, self._work(item), asked_for_write=work.asked_for_write)
            except GovernMirrorError as error:
                return TaskResult(item, error=error, asked_for_write=work.asked_for_write)
            except BaseException as fault:
                with self._condition:
                    self._fault = self._fault or fault
                    self._waiting.clear()
                return None

    def progress(self) -> Iterator[int]:
        """Count what has ended, until all has."""
        count = 0
        while count < len(self.items):
            with self._condition:
                while len(self._ended) == count and self._fault is None:
                    self._condition.wait(1)  # without a limit, Windows would not let it be interrupted
                ended = len(self._ended)
                if self._fault is not None:
                    self._condition.wait_for(lambda: not self._running)
                    raise self._fault
            while count < ended:
                count += 1
                yield count

    def close(self) -> None:
        """Begin nothing more, and wait for what has begun."""
        with self._condition:
            self._waiting.clear()
            self._condition.wait_for(lambda: not self._running)

    def endings(self) -> list[TaskResult[Item, Result]]:
        """How each item ended."""
        return [self._ended[position] for position in range(len(self.items))]

    def interrupted(self) -> list[PartialEnding[Item, Result]]:
        """Ask for nothing more, give what has begun a moment, and say how far each item came."""
        ends_at = clock.monotonic() + INTERRUPT_TIMEOUT
        self._stop.set()
        while True:
            try:
                with self._condition:
                    self._waiting.clear()
                    self._condition.wait_for(lambda: not self._running, max(0.0, ends_at - clock.monotonic()))
                    return [self._partial(position) for position in range(len(self.items))]
            except KeyboardInterrupt:
                ends_at = 0.0  # pressed again: say at once what there is

    def _partial(self, position: int) -> PartialEnding[Item, Result]:
        work, ending = self._works.get(position), self._ended.get(position)
        if ending is not None and ending.error is None:
            return PartialEnding(Ending.DONE, ending)
        is_write = work is not None and work.asked_for_write
        if ending is None or (work is not None and work.was_stopped):
            ending = ending or TaskResult(self.items[position], asked_for_write=is_write)
            return PartialEnding(Ending.UNCLEAR if is_write else Ending.NOT_DONE, ending)
        is_unclear = is_write and isinstance(ending.error, ConnectionFailed)
        return PartialEnding(Ending.UNCLEAR if is_unclear else Ending.FAILED, ending)
