"""Ctrl-C and SIGTERM: a command ends within a second, and says what was written, what not, and what is unclear."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

from govern_mirror.cli.printing import first, say
from govern_mirror.text import terminal_line

if TYPE_CHECKING:
    from govern_mirror.bulk import PartialEnding, TaskResult
    from govern_mirror.operation import Work

REPEAT = 2.0
"""Seconds in which a signal that comes again changes nothing: the end is being told. A later one ends at once."""

MAX_NAMED = 100
"""How many projects are named with which nothing happened; the others are named in full."""

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
    received = Signals()
    if threading.current_thread() is not threading.main_thread():
        yield received  # only the main thread may set handlers
        return
    before = {number: signal.signal(number, received.handle) for number in _SIGNALS}
    try:
        yield received
    finally:
        if received.number is None:
            for number, handler in before.items():
                signal.signal(number, handler)


WRITTEN, UNCLEAR, FAILED = "written", "may have been written", "failed"
LEFT, NOT_WRITTEN = "left as it was", "not written"


def tell(interrupted: KeyboardInterrupt, work: Work) -> None:
    """Say on stderr how far a command came; also under --quiet, since it is no success.

    Args:
        interrupted: what ended it.
        work: the command's, with the runs that were over by then.
    """
    outcomes = _outcomes(interrupted, work)
    if outcomes:
        _tell_outcomes(outcomes)
    elif work.asked_for_write:
        say(
            "Interrupted: something may have been written, and was not looked up any more. Run the command again: it "
            "reads first, and does only what is not done"
        )
    else:
        say("Interrupted: nothing was written")


def _outcomes(interrupted: KeyboardInterrupt, work: Work) -> dict[str, tuple[str, object]]:
    """What became of each project: a word, and the error if there is one."""
    from govern_mirror.bulk import Interrupted
    from govern_mirror.errors import WriteUnclear

    if not work.asked_for_write:
        return {}  # what was only read is no news
    outcomes: dict[str, tuple[str, object]] = {}
    for done in (result for run in work.finished_runs for result in run):
        if done.asked_for_write or _name(done) not in outcomes:
            failed = UNCLEAR if isinstance(done.error, WriteUnclear) else FAILED
            word = failed if done.error else WRITTEN if done.asked_for_write else LEFT
            outcomes[_name(done)] = word, done.error
    for partial in interrupted.endings if isinstance(interrupted, Interrupted) else ():
        name, word = _name(partial.done), _word(partial)
        if word in (LEFT, NOT_WRITTEN) and outcomes.get(name, ("", None))[0] == WRITTEN:
            continue  # this run looked for what an earlier one had written
        outcomes[name] = word, partial.done.error
    return outcomes


def _tell_outcomes(outcomes: dict[str, tuple[str, object]]) -> None:
    by_word: dict[str, list[str]] = {}
    for name, (word, _) in outcomes.items():
        by_word.setdefault(word, []).append(name)
    say(f"Interrupted: {', '.join(f'{len(names)} {word}' for word, names in by_word.items())}")
    for word, names in by_word.items():
        most = MAX_NAMED if word in (LEFT, NOT_WRITTEN) else len(names)
        say(f"{word}: {', '.join(first(names, most))}")
    for name, (word, error) in outcomes.items():
        if word == FAILED:
            say(f"{name}: failed: {error}")
    if UNCLEAR in by_word or WRITTEN in by_word:
        say(
            "Whether another writer replaced what was written was not looked at any more: `govern-mirror show KEY` "
            "tells"
        )
    say("Run the command again to go on: it reads first, and does only what is not done")


def _word(partial: PartialEnding[Any, Any]) -> str:
    from govern_mirror.bulk import Ending

    if partial.ending is Ending.DONE:
        return WRITTEN if partial.done.asked_for_write else LEFT
    return {Ending.UNCLEAR: UNCLEAR, Ending.FAILED: FAILED, Ending.NOT_DONE: NOT_WRITTEN}[partial.ending]


def _name(done: TaskResult[Any, Any]) -> str:
    item = done.item
    return terminal_line(item.get("projectKey") if isinstance(item, dict) else item, 200)
