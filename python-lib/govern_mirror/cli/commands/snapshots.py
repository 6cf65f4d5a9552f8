"""The commands that keep a history of snapshots, and read its trends: `snapshot` and `trends`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from govern_mirror.cli.context import GlobalOptions, pass_options
from govern_mirror.cli.options import format_option
from govern_mirror.cli.printing import first, print_json, print_line, print_table
from govern_mirror.errors import GovernMirrorError

if TYPE_CHECKING:
    from govern_mirror.model.blueprint import Blueprint
    from govern_mirror.model.item import UnreadableProject

Command = TypeVar("Command", bound=Callable[..., Any])

MAX_REASONS = 10
"""Of how many projects that could not be read the reason is printed."""

MAX_ROWS = 30
"""How many rows of each trend the table shows; the JSON has all."""


def _history_option(help_text: str) -> Callable[[Command], Command]:
    return click.option("--history", metavar="PATH", required=True, type=click.Path(path_type=Path), help=help_text)


@click.command()
@_history_option("A DuckDB file (named .duckdb), or a folder for Parquet files; made when it is not there.")
@click.option("--as-of", metavar="TIME", help="The time it stands for, such as 2026-03-01T07:00:00Z; else the present.")
@pass_options
def snapshot(options: GlobalOptions, history: Path, as_of: str | None) -> None:
    """Append the governed projects, as they are now, to a history. Run it daily; a repeated run does no harm."""
    from govern_mirror.actions.history import take_snapshot
    from govern_mirror.actions.inputs import parse_as_of
    from govern_mirror.report.wording import count

    at = None if as_of is None else parse_as_of(as_of)
    session = options.session()
    with options.progress("reading projects") as advanced:
        taken = take_snapshot(session, history, as_of=at, progress=advanced)
    if taken.projects:
        options.message(f"Appended {count(taken.projects, 'governed project')} to {history}: {taken.run.id}")
    else:
        options.message("No governed projects: nothing was appended")
    if taken.unreadable:
        raise GovernMirrorError(_missing(taken.unreadable))


def _missing(unreadable: Sequence[UnreadableProject]) -> str:
    """What a snapshot lacks: said also where messages are not wanted, since it looks whole."""
    from govern_mirror.report.wording import count

    reasons = first(
        [f"{project.project_key} could not be read: {project.message}" for project in unreadable], MAX_REASONS
    )
    return f"the snapshot lacks {count(len(unreadable), 'project')}: {'; '.join(reasons)}"


@click.command()
@_history_option("The DuckDB file or Parquet folder that `snapshot` appends to.")
@click.option("--since", metavar="DATE", help="The first day that counts, such as 2026-03-01; else all.")
@format_option
@pass_options
def trends(options: GlobalOptions, history: Path, since: str | None, form: str) -> None:
    """Tell the trends of a history: flow, cycle times, throughput, age of work in progress, changes, ratings."""
    from govern_mirror.actions.history import open_trends
    from govern_mirror.actions.inputs import parse_since
    from govern_mirror.history.trends import trends_json

    first = None if since is None else parse_since(since)
    blueprint = options.blueprint()
    with open_trends(history, blueprint=blueprint, since=first) as opened:
        document = trends_json(opened)
        stages = opened.stages
    if form == "json":
        print_json(document)
    else:
        _print_tables(options, document, stages, blueprint)


def _print_tables(
    options: GlobalOptions, document: dict[str, Any], stages: tuple[str, ...], blueprint: Blueprint
) -> None:
    from govern_mirror.model.workflow import stage_name

    by_day: dict[str, dict[str, int]] = {}
    for row in document["flow"]:
        by_day.setdefault(row["day"], {})[row["step"]] = row["projects"]
    flow = [(day, *(counts.get(step, 0) for step in stages)) for day, counts in by_day.items()]
    _section(
        options,
        "Projects by day and step",
        ("DAY", *(stage_name(step, blueprint).upper() for step in stages)),
        flow,
        last=True,
    )
    for title, name, headers in (
        ("Days that a step takes", "cycle_time", ("STEP", "FINISHED", "MEDIAN", "85 OF 100 AT MOST")),
        ("Delivered a month", "throughput", ("MONTH", "DELIVERED")),
        ("Days in the current step", "age", ("PROJECT", "STEP", "DAYS")),
        ("Changes", "changes", ("PROJECT", "FIELD", "BEFORE", "AFTER", "DAY")),
        ("Ratings and decisions by day", "mix", ("DAY", "FIELD", "RATING", "PROJECTS")),
    ):
        rows = [tuple(_in_words(row, blueprint).values()) for row in document[name]]
        _section(options, title, headers, rows, last=name in ("throughput", "changes", "mix"))


def _in_words(row: dict[str, Any], blueprint: Blueprint) -> dict[str, Any]:
    """A row with labels in place of ids and constants."""
    from govern_mirror.history.trends import UNRATED
    from govern_mirror.model.workflow import stage_name
    from govern_mirror.report.portfolio import UNDECIDED
    from govern_mirror.report.trends_view import CURRENT_STEP, field_label

    words = {UNDECIDED: "Undecided", UNRATED: "Not rated"}
    cells = {key: words.get(value, value) if key == "rating" else value for key, value in row.items()}
    is_move = row.get("field") == CURRENT_STEP
    for key in ("step", *(("from", "to") if is_move else ())):
        if row.get(key) is not None:
            cells[key] = stage_name(row[key], blueprint)
    if "field" in row:
        cells["field"] = field_label(row["field"], blueprint)
    return cells


def _section(
    options: GlobalOptions, title: str, headers: tuple[str, ...], rows: list[tuple[Any, ...]], *, last: bool
) -> None:
    """Print one trend: its last rows where it runs through time, else its first."""
    print_line()
    print_line(title)
    print_table(headers, rows[-MAX_ROWS:] if last else rows[:MAX_ROWS])
    if len(rows) > MAX_ROWS:
        options.message(f"{len(rows) - MAX_ROWS} more rows: `--format json` has all")
