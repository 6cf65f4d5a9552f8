"""The same work on many projects: a bounded pool, progress, and failures collected one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextvars import copy_context
from dataclasses import dataclass
from typing import Generic, TypeVar

from govern_mirror.errors import GovernMirrorError

WORKERS = 8
"""How many projects are worked on at once; each worker has a client of its own."""

Item = TypeVar("Item")
Result = TypeVar("Result")
Progress = Callable[[int, int], None]
"""Called with how many are done, of how many."""


@dataclass(frozen=True)
class Done(Generic[Item, Result]):
    """How the work on one item ended: a result, or the error that stopped it."""

    item: Item
    result: Result | None = None
    error: GovernMirrorError | None = None


def for_each(
    items: Iterable[Item],
    work: Callable[[Item], Result],
    *,
    workers: int = WORKERS,
    progress: Progress | None = None,
) -> list[Done[Item, Result]]:
    """Do the work on each item and return how each ended, in the items' order.

    An error meant for the user ends only its own item. Any other error, and an interruption, stops what has
    not begun; what has begun is finished first.
    """
    wanted: Sequence[Item] = list(items)
    endings: dict[int, Done[Item, Result]] = {}
    pool = ThreadPoolExecutor(max_workers=max(1, min(workers, len(wanted) or 1)))
    try:
        running: dict[Future[Result], int] = {
            pool.submit(copy_context().run, work, item): position for position, item in enumerate(wanted)
        }
        for count, future in enumerate(as_completed(running), 1):
            position = running[future]
            try:
                endings[position] = Done(wanted[position], result=future.result())
            except GovernMirrorError as error:
                endings[position] = Done(wanted[position], error=error)
            if progress:
                progress(count, len(wanted))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return [endings[position] for position in range(len(wanted))]
