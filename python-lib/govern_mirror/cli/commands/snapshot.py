"""`govern-mirror snapshot`."""

from __future__ import annotations

from pathlib import Path

import click

from govern_mirror.cli.context import GlobalOptions, pass_options


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
    for project in taken.unreadable:
        options.message(f"Warning: {project.project_key} could not be read: {project.message}")
    if taken.projects:
        options.message(f"Appended {taken.projects} governed projects to {history}: {taken.run.id}")
    else:
        options.message("No governed projects: nothing was appended")
