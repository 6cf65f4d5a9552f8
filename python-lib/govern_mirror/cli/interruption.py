"""Ctrl-C and SIGTERM: a command ends within a second, and says what was written, what not, and what is unclear."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from govern_mirror.text import terminal_line

if TYPE_CHECKING:
    from govern_mirror.bulk import Interrupted, PartialEnding
    from govern_mirror.operation import Work

REPEAT = 2.0
"""Seconds in which a signal that comes again changes nothing: the end is being told. A later one ends at once."""

MAX_NAMED = 100
"""How many projects are named that are done for sure, or for sure not begun; what is unclear is named in full."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Signals:
    """The signals that came: the first is a KeyboardInterrupt, whichever it is."""

    def __init__(self) -> None:
        self.number: int | None = None
        self._came_at = 0.0

    @property
    def exit_code(self) -> int:
        """128 and the signal's number, as shells tell it."""
        return 128 + (self.number or signal.SIGINT)

    def handle(self, number: int, _frame: FrameType | None) -> None:
        """Take a signal."""
        if self.number is None:
            self.number, self._came_at = number, time.monotonic()
            raise KeyboardInterrupt
        if time.monotonic() - self._came_at > REPEAT:
            os._exit(self.exit_code)


@contextmanager
def signals() -> Iterator[Signals]:
    """Turn the first SIGINT or SIGTERM within the block into a KeyboardInterrupt.

    After one came, the handlers stay: the interpreter's own would print a traceback when it comes again at its end.
    """
    came = Signals()
    if threading.current_thread() is not threading.main_thread():
        yield came  # only the main thread may set handlers
        return
    before = {number: signal.signal(number, came.handle) for number in _SIGNALS}
    try:
        yield came
    finally:
        if came.number is None:
            for number, handler in before.items():
                signal.signal(number, handler)


def tell(interrupted: KeyboardInterrupt, work: Work) -> None:
    """Say on stderr how far a command came; also under --quiet, since it is no success."""
    from govern_mirror.bulk import Interrupted

    if isinstance(interrupted, Interrupted):
        _tell_bulk(interrupted)
    elif work.asked_for_write:
        click.echo(
            "Interrupted: something may have been written, and was not looked up any more. Run the command again: it "
            "reads first, and does only what is not done",
            err=True,
        )
    else:
        click.echo("Interrupted: nothing was written", err=True)


def _tell_bulk(interrupted: Interrupted) -> None:
    from govern_mirror.bulk import Ending

    by_outcome: dict[str, list[str]] = {}
    for each in interrupted.endings:
        by_outcome.setdefault(_outcome(each), []).append(_name(each))
    counts = Counter(each.ending for each in interrupted.endings)
    click.echo(f"Interrupted: {', '.join(f'{len(names)} {word}' for word, names in by_outcome.items())}", err=True)
    for word, names in by_outcome.items():
        shown = names if word == UNCLEAR else names[:MAX_NAMED]
        more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
        click.echo(f"{word}: {', '.join(shown)}{more}", err=True)
    for each in interrupted.endings:
        if each.ending is Ending.FAILED:
            click.echo(f"{_name(each)}: failed: {terminal_line(each.error)}", err=True)
    if counts[Ending.UNCLEAR]:
        click.echo("Look at what may have been written with `govern-mirror show KEY`", err=True)
    click.echo("Run the command again to go on: it reads first, and does only what is not done", err=True)


UNCLEAR = "may have been written"


def _outcome(partial: PartialEnding[Any, Any]) -> str:
    from govern_mirror.bulk import Ending

    if partial.ending is Ending.DONE:
        written = getattr(partial.result, "written", None)
        return "done" if written is None else "written" if written else "left as it was"
    return {Ending.UNCLEAR: UNCLEAR, Ending.FAILED: "failed", Ending.NOT_DONE: "not written"}[partial.ending]


def _name(partial: PartialEnding[Any, Any]) -> str:
    item = partial.item
    return terminal_line(item.get("projectKey") if isinstance(item, dict) else item, 200)
