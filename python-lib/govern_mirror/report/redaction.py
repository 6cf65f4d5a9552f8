"""A portfolio without the texts that people wrote, for readers who may not see the projects themselves.

Names, owners, tags, initiatives, ratings, decisions, statuses, dates and what a history counts stay. Notes, comments,
documents, reasons and events go; of the events only when a project last changed, and by whom, is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from govern_mirror.model.blueprint import Kind
from govern_mirror.model.event import Event
from govern_mirror.model.item import Item, Problem
from govern_mirror.model.values import Value, is_blank
from govern_mirror.report.portfolio import Portfolio, Row


def without_texts(portfolio: Portfolio) -> Portfolio:
    """Return the portfolio without notes, comments, documents and history of its projects."""
    return replace(portfolio, rows=tuple(_row(row) for row in portfolio.rows), without_texts=True)


def _row(row: Row) -> Row:
    problems = tuple(_problem(problem) for problem in row.problems) if row.problems else ()
    return replace(row, project=_project(row.project), problems=problems)


def _project(project: Item) -> Item:
    return replace(
        project,
        values=_values(project),
        events=_last_change(project.events),
        pending=_last_change(project.pending),
        moved_events=0,
        problems=tuple(_problem(problem) for problem in project.problems) if project.problems else (),
        damaged_record=None,
        closed=replace(project.closed, reason="") if project.closed else None,
    )


def _values(project: Item) -> Mapping[str, Value]:
    texts = {f.path: f.blank for f in project.blueprint.all_fields if f.kind in (Kind.TEXT, Kind.DOCUMENTS)}
    # most projects have nothing to take out, and a portfolio has thousands
    if all(is_blank(project.values[path]) for path in texts):
        return project.values
    return {**project.values, **texts}


def _last_change(events: tuple[Event, ...]) -> tuple[Event, ...]:
    """The last event without what was written: tables tell when a project last changed, and by whom."""
    return tuple(event._replace(before=None, after=None, reason=None) for event in events[-1:])


def _problem(problem: Problem) -> Problem:
    # what was found may be anything that somebody typed
    return problem if problem.found is None else replace(problem, found=None)
