"""A snapshot: the governed projects of a portfolio as rows of a history."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import datetime, timezone

from govern_mirror.history.columns import Run, history_columns
from govern_mirror.report.columns import Cell
from govern_mirror.report.portfolio import Portfolio


def run_of(taken_on: datetime) -> Run:
    """A run at a time; its id tells the time and is unique."""
    taken_on = taken_on.astimezone(timezone.utc).replace(microsecond=0)
    return Run(f"{taken_on:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}", taken_on)


def snapshot_rows(portfolio: Portfolio, run: Run) -> Iterator[dict[str, Cell]]:
    """A row a governed project, by column name."""
    known = history_columns(portfolio.blueprint)
    for row in portfolio.governed:
        yield {column.name: column.of(run, row) for column in known}
