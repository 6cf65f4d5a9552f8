"""What the commands print: results on stdout, messages and progress on stderr."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from govern_mirror.actions.recording import Changed
    from govern_mirror.bulk import Progress
    from govern_mirror.cli.context import GlobalOptions
    from govern_mirror.project import FieldChange

DIFFERENCES = 3
"""Exit code of a dry run that would change something."""

PIPED_WIDTH = 160
"""Columns of a table that does not go to a terminal."""

STATUS_MARKS = {"FINISHED": "●", "ONGOING": "◐", "NOT_STARTED": "○", "SKIPPED": "–"}
"""How a step's status looks in a line of text."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def safe(text: object) -> str:
    """Text for a terminal: control characters, which could rewrite what is shown, become visible."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", str(text))


def print_json(document: Any) -> None:
    """Print JSON on stdout: readable, UTF-8 kept unless the terminal's encoding cannot show it."""
    encoding = (sys.stdout.encoding or "ascii").lower()
    click.echo(json.dumps(document, indent=2, ensure_ascii=not encoding.startswith("utf")))


def print_table(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows in aligned columns on stdout; a blank cell shows `–`."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(width=None if sys.stdout.isatty() else PIPED_WIDTH, highlight=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for header in headers:
        table.add_column(header, overflow="fold")
    for row in rows:
        table.add_row(*(Text(safe(cell) if cell not in (None, "") else "–") for cell in row))
    console.print(table)


def print_changes(project_key: str, changes: Sequence[FieldChange]) -> None:
    """Print what changed in a project, a line a field."""
    rows = [(project_key, change.field, change.before, change.after) for change in changes]
    print_table(("PROJECT", "FIELD", "BEFORE", "AFTER"), rows)


def end_with(options: GlobalOptions, project_key: str, changed: Changed, *, dry_run: bool) -> None:
    """Print how a change of one project ended; exit 3 when a dry run would change something."""
    for warning in changed.warnings:
        options.message(f"Warning: {warning}")
    if not changed.changes:
        options.message(f"{project_key}: nothing to change")
        return
    print_changes(project_key, changed.changes)
    if dry_run:
        options.message(f"{project_key}: dry run, nothing was written")
        raise click.exceptions.Exit(DIFFERENCES)


@contextmanager
def progress(options: GlobalOptions, title: str) -> Iterator[Progress | None]:
    """Show progress on stderr while something long runs; nothing when quiet or when stderr is no terminal."""
    if options.quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)

        def advanced(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield advanced
