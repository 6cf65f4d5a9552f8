"""`govern-mirror snapshot`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from govern_mirror.cli.context import GlobalOptions, pass_options
from govern_mirror.errors import GovernMirrorError

if TYPE_CHECKING:
    from govern_mirror.model.item import UnreadableProject

MAX_REASONS = 10
"""Of how many projects that could not be read the reason is printed."""


@click.command()
@click.option(
    "--history",
    metavar="PATH",
    required=True,
    type=click.Path(path_type=Path),
    help="A DuckDB file (named .duckdb), or a folder for Parquet files; made when it is not there.",
)
@click.option("--as-of", metavar="TIME", help="The time it stands for, such as 2026-03-01T07:00:00Z; else the present.")
@pass_options
def snapshot(options: GlobalOptions, history: Path, as_of: str | None) -> None:
    """Append the governed projects, as they are now, to a history. Run it daily; a repeated run does no harm."""
    from govern_mirror.actions.history import parse_as_of, take_snapshot
    from govern_mirror.cli.printing import progress

    at = None if as_of is None else parse_as_of(as_of)
    session = options.session()
    with progress(options, "reading projects") as advanced:
        taken = take_snapshot(session, history, as_of=at, progress=advanced)
    if taken.projects:
        options.message(f"Appended {taken.projects} governed projects to {history}: {taken.run.id}")
    else:
        options.message("No governed projects: nothing was appended")
    if taken.unreadable:
        raise GovernMirrorError(_missing(taken.unreadable))


def _missing(unreadable: Sequence[UnreadableProject]) -> str:
    """What a snapshot lacks: said also where messages are not wanted, since it looks whole."""
    reasons = [f"{project.project_key} could not be read: {project.message}" for project in unreadable[:MAX_REASONS]]
    if len(unreadable) > MAX_REASONS:
        reasons.append(f"and {len(unreadable) - MAX_REASONS} more")
    return f"the snapshot lacks {len(unreadable)} {_projects(len(unreadable))}: {'; '.join(reasons)}"


def _projects(count: int) -> str:
    return "project" if count == 1 else "projects"
