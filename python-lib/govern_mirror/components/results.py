"""What macros hand to DSS: result tables, progress, and errors in their own words."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from govern_mirror.actions.session import Session
from govern_mirror.bulk import Progress
from govern_mirror.errors import Action, GovernMirrorError, Hint, with_hint

WORDS = {
    Action.GOVERN: "run the macro *Initialize the Govern workflow* first",
    Action.ADOPT: "tick *Adopt copies* in the macro *Initialize the Govern workflow* to govern it on its own",
    Action.SET: "change it with the macro *Edit the governed project*",
    Action.RECORD: "use the macro *Edit the governed project*",
    Action.MOVE: "use the macro *Move the Govern workflow*",
    Action.LOOK: "open the form again to see what it holds now",
    Action.ADVANCE_TO: "choose *Advance* and this step in the macro *Move the Govern workflow*",
    Action.REOPEN_STEP: "choose *Reopen a finished step* in the macro *Move the Govern workflow*",
    Action.SET_STEP: "choose *Set the workflow to a step* in the macro *Move the Govern workflow*",
    Action.OVERRIDE: "choose *Set the workflow to a step* and tick *Override the rules*",
    Action.SIGN_OFF: "ask with the macro *Request a sign-off*",
    Action.RESET_SIGNOFF: "reset it with the macro *Review*",
    Action.UNDO_CLOSE: "choose *Open a closed project again* in the macro *Move the Govern workflow*",
    Action.FORCE: "look at what would change with *Dry run*; *Force* applies it all the same",
    Action.OVER_SIGNOFF: "an administrator can push it all the same, with *Force* and without a preset",
    Action.PREFER: "choose at *Conflicts* whose value wins",
    Action.CONFIRM: (
        "record it first: give the same value with the macro *Edit the governed project*, or tick *Confirm the "
        "ratings* in the macro *Record the Govern qualification*"
    ),
    Action.GOVERN_NODE: (
        "choose a preset at *Govern node*, or let an administrator of a DSS instance that is integrated with one run "
        "this macro"
    ),
    Action.PURGE: "who has the command line can take everything away for good",
    Action.MORE_TIME: "an administrator can see what it is busy with",
    Action.FEWER_AT_ONCE: "choose fewer projects",
    Action.CHECK_ADDRESS: "check the preset's address, or ask an administrator",
    Action.CHECK_KEY: "check the preset's key, or ask an administrator",
    Action.CHECK_CERTIFICATE: "let an administrator add your company's certificates to the code environment",
}
"""What a person presses and ticks in DSS, by what a hint names."""


class MacroFailed(Exception):  # noqa: N818 - DSS shows the name before the text
    """A macro failed or was refused: its text is a sentence, with what to do in the words of the macros."""


@contextmanager
def macro_errors() -> Iterator[None]:
    """Let errors that are meant for the user end a macro in the words of the macros.

    Raises:
        MacroFailed: in their place.
    """
    try:
        yield
    except GovernMirrorError as error:
        raise MacroFailed(worded(str(error), error.hint)) from error


def worded(message: str, hint: Hint | None) -> str:
    """Return a message with what to press next."""
    return with_hint(message, hint, WORDS)


class ResultTable(Protocol):
    """What this code uses of `dataiku.runnables.ResultTable`."""

    def add_column(self, identifier: str, label: str, kind: str, /) -> object:
        """Add a column."""

    def add_record(self, record: list[Any], /) -> object:
        """Add a row."""


@dataclass(frozen=True)
class Table:
    """A result table: columns as (id, label), and rows of texts."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, ...], ...]


OPEN_ITEM = "On the live page"
"""What a result table calls the link to an item on the live page."""


def with_item_links(session: Session, table: Table, keys: Container[str]) -> Table:
    """Return a table with a column of links to the live page; the very same one where its address is not set.

    Args:
        session: knows the page's address.
        table: its rows begin with a project's key, or with something else.
        keys: those that are a project's.
    """
    if session.store.page_address is None:
        return table
    links = (session.store.item_url(row[0]) if row[0] in keys else None for row in table.rows)
    rows = tuple((*row, link or "") for row, link in zip(table.rows, links, strict=True))
    return Table((*table.columns, ("page", OPEN_ITEM)), rows)


AnyResultTable = TypeVar("AnyResultTable", bound=ResultTable)


def fill(result: AnyResultTable, table: Table) -> AnyResultTable:
    """Fill DSS's result table and return it."""
    for identifier, label in table.columns:
        result.add_column(identifier, label, "STRING")
    for row in table.rows:
        result.add_record(list(row))
    return result


def percent(progress_callback: Callable[[int], object]) -> Progress:
    """Progress of DSS, whose target is 100, as ours: done, of how many."""

    def advanced(done: int, total: int) -> None:
        progress_callback(100 * done // total if total else 100)

    return advanced
