"""Take snapshots of the governed projects, tell the trends of a history, and show them in a report."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from govern_mirror import clock
from govern_mirror.actions.inputs import refuses_wrong_types
from govern_mirror.actions.report import Report, build_report
from govern_mirror.actions.session import Session
from govern_mirror.bulk import Progress
from govern_mirror.history.columns import HistoryError, Run, column_types, run_of, snapshot_rows, value_rows
from govern_mirror.history.digest import node_of, trends_view
from govern_mirror.history.store import history_at
from govern_mirror.history.trends import Trends
from govern_mirror.model.blueprint import Blueprint
from govern_mirror.model.item import UnreadableProject


@dataclass(frozen=True)
class Snapshot:
    """A snapshot that was taken: its run, how many projects it holds, and those that could not be read."""

    run: Run
    projects: int
    unreadable: tuple[UnreadableProject, ...] = ()


@refuses_wrong_types
def take_snapshot(
    session: Session, history: Path, *, as_of: datetime | None = None, progress: Progress | None = None
) -> Snapshot:
    """Read every project this user can see and append the governed ones to a history.

    Args:
        session: the instance, settings and user.
        history: a DuckDB file or a Parquet folder; made when it is not there.
        as_of: the time that the snapshot stands for, else the current time. The projects are as they are now.
        progress: told when projects must be read one by one.

    Raises:
        InputError: the path is not one for a history.
        HistoryError: the history cannot be written, or was altered.
        GovernMirrorError: the projects cannot be listed.
    """
    target = history_at(history)
    run = run_of(as_of or clock.now())
    report = build_report(session, progress=progress, now=run.taken_on, history=False)
    portfolio = report.portfolio
    columns = column_types(portfolio.blueprint)
    count = target.append(run, columns, snapshot_rows(portfolio, run), value_rows(portfolio, run))
    return Snapshot(run, count, report.unreadable)


@refuses_wrong_types
def with_history(report: Report, history: Path, *, since: date | None = None) -> Report:
    """The report with what a history adds: trends of its instance, and what changed since an earlier snapshot.

    Args:
        report: as `build_report` gives it.
        history: a DuckDB file or a Parquet folder.
        since: the changes count from the last snapshot of this day or before; else from the last one before the day
            of the report.

    Raises:
        HistoryError: there is no history, it was altered, it cannot be read, or it holds nothing of this instance.
    """
    portfolio = report.portfolio
    node = node_of(portfolio)
    with open_trends(history, blueprint=portfolio.blueprint, node=node) as trends:
        view = trends_view(portfolio, trends, since, unreadable=report.unreadable_keys)
    if view is None:
        raise HistoryError(
            f"the history at {history} holds no snapshot of the instance {node}: `govern-mirror snapshot --history "
            f"{history}` takes one"
        )
    return replace(report, portfolio=replace(portfolio, trends=view))


@refuses_wrong_types
@contextmanager
def open_trends(
    history: Path,
    *,
    blueprint: Blueprint,
    since: date | None = None,
    node: str | None = None,
    projects: Collection[str] | None = None,
) -> Iterator[Trends]:
    """Open a history and give its trends, to be computed while it is open.

    Args:
        history: a DuckDB file or a Parquet folder.
        since: the first day that counts; None for all.
        blueprint: the template whose fields are compared, and whose steps come first.
        node: only the rows of this node; None for all.
        projects: only the rows of these projects, by key; None for all.

    Raises:
        HistoryError: there is no history, it was altered, or it cannot be read.
    """
    with history_at(history).opened() as opened:
        yield Trends(**opened._asdict(), since=since, blueprint=blueprint, node=node, projects=projects)
