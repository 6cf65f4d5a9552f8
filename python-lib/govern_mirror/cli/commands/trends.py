"""`govern-mirror trends`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from govern_mirror.cli.context import GlobalOptions, pass_options

MOST_ROWS = 30
"""How many rows of each trend the table shows; the JSON has all."""


@click.command()
@click.option(
    "--history",
    metavar="PATH",
    required=True,
    type=click.Path(path_type=Path),
    help="The DuckDB file or Parquet folder that `snapshot` appends to.",
)
@click.option("--since", metavar="DATE", help="The first day that counts, such as 2026-03-01; else all.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@pass_options
def trends(options: GlobalOptions, history: Path, since: str | None, form: str) -> None:
    """Tell the trends of a history: flow, cycle times, throughput, age of work in progress, changes, ratings."""
    from govern_mirror.actions.history import open_trends, parse_since
    from govern_mirror.cli.printing import print_json
    from govern_mirror.history.trends import trends_json

    first = None if since is None else parse_since(since)
    with open_trends(history, blueprint=options.blueprint(), since=first) as opened:
        document = trends_json(opened)
        stages = opened.stages
    if form == "json":
        print_json(document)
    else:
        _print_tables(options, document, stages)


def _print_tables(options: GlobalOptions, document: dict[str, Any], stages: tuple[str, ...]) -> None:
    by_day: dict[str, dict[str, int]] = {}
    for row in document["flow"]:
        by_day.setdefault(row["day"], {})[row["step"]] = row["projects"]
    flow = [(day, *(counts.get(step, 0) for step in stages)) for day, counts in by_day.items()]
    _section(options, "Projects by day and step", ("DAY", *(step.upper() for step in stages)), flow, last=True)
    for title, name, headers in (
        ("Days that a step takes", "cycle_time", ("STEP", "FINISHED", "MEDIAN", "85 OF 100 AT MOST")),
        ("Delivered a month", "throughput", ("MONTH", "DELIVERED")),
        ("Days in the current step", "age", ("PROJECT", "STEP", "DAYS")),
        ("Changes", "changes", ("PROJECT", "FIELD", "BEFORE", "AFTER", "DAY")),
        ("Ratings and decisions by day", "mix", ("DAY", "FIELD", "RATING", "PROJECTS")),
    ):
        rows = [tuple(row.values()) for row in document[name]]
        _section(options, title, headers, rows, last=name in ("throughput", "changes", "mix"))


def _section(
    options: GlobalOptions, title: str, headers: tuple[str, ...], rows: list[tuple[Any, ...]], *, last: bool
) -> None:
    """Print one trend: its last rows where it runs through time, else its first."""
    from govern_mirror.cli.printing import print_line, print_table

    print_line()
    print_line(title)
    print_table(headers, rows[-MOST_ROWS:] if last else rows[:MOST_ROWS])
    if len(rows) > MOST_ROWS:
        options.message(f"{len(rows) - MOST_ROWS} more rows: `--format json` has all")
