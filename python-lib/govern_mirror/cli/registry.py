"""`report --items`: the registry of bundles or models, for the terminal or in a file."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path

import click

from govern_mirror.actions.registry import read_registry
from govern_mirror.cli.context import GlobalOptions
from govern_mirror.cli.printing import (
    MAX_UNREADABLE,
    first,
    is_terminal,
    of_project,
    say,
    say_error,
    terminal_width,
    write_bytes,
)
from govern_mirror.cli.tables import Column, Overflow, table_lines
from govern_mirror.report.output import atomic_write
from govern_mirror.report.portfolio import Filters
from govern_mirror.report.registry import Registry
from govern_mirror.report.registry_formats import (
    BINARY_FORMATS,
    counts_text,
    nothing_text,
    people_columns,
    render_registry,
    require_registry_format,
)
from govern_mirror.text import terminal_line

TABLE = "table"
_CUT = frozenset({"Name", "Deployed on"})
"""Headings of columns that may be cut where there is no room."""


def write_registry(options: GlobalOptions, kind: str, form: str, output: str, filters: Filters) -> None:
    """Read the registry, and write it to stdout or into a file.

    Args:
        options: the global ones.
        kind: `bundles` or `models`.
        form: `table`, or one of the registry's formats.
        output: a path, or `-`.
        filters: of which projects.

    Raises:
        InputError: the format is none of a registry; nothing was read then.
        click.exceptions.Exit: 1, when something could not be read.
    """
    if form != TABLE:
        require_registry_format(form)
    if form in BINARY_FORMATS and output == "-" and is_terminal(sys.stdout):
        raise click.UsageError(f"{form} is not for a terminal: name a file with -o FILE")
    with nullcontext() if output == "-" else atomic_write(Path(output)) as file:
        with options.progress("reading projects") as advanced:
            registry = read_registry(options.session(), kind, filters, progress=advanced)
        content = registry_table(registry, terminal_width()) if form == TABLE else render_registry(registry, form)
        if file is not None:
            file.write(content)
    if file is None:
        write_bytes(content, is_text=form not in BINARY_FORMATS)
    else:
        options.message(f"Wrote {output}: {counts_text(registry)}")
    for remark in registry.remarks:
        options.message(remark[:1].upper() + remark[1:])
    if registry.incomplete:
        # also to those who asked for quiet: the exit code is 1 for it
        say_error(registry.incomplete)
        for line in first([of_project(item.project_key, item.message) for item in registry.unreadable], MAX_UNREADABLE):
            say(line)
        raise click.exceptions.Exit(1)


def registry_table(registry: Registry, width: int) -> bytes:
    """The registry as a table for people, with its counts below."""
    shown = people_columns(registry.kind)
    columns = [
        Column(column.heading.upper(), Overflow.CUT if column.heading in _CUT else Overflow.FOLD) for column in shown
    ]
    lines = []
    if registry.rows:
        rows = ([terminal_line(column.of(row) or "") for column in shown] for row in registry.rows)
        lines = [*table_lines(columns, rows, width), ""]
    else:
        lines = [nothing_text(registry)]
    return "\n".join([*lines, terminal_line(counts_text(registry)), ""]).encode("utf-8", "replace")
