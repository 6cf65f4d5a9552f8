"""A portfolio without the texts that people wrote, for readers who may not see the projects themselves.

Names, owners, tags, initiatives, ratings, decisions, statuses, dates and what a history counts stay. Notes, comments,
documents, reasons and events go; of the events only when a project last changed, and by whom, is kept.
"""

from __future__ import annotations

from dataclasses import replace

from govern_mirror.model.event import Event
from govern_mirror.model.item import GovernedProject, Problem
from govern_mirror.model.qualification import DIMENSIONS, Qualification
from govern_mirror.model.workflow import StepState, Workflow
from govern_mirror.report.portfolio import Portfolio, Row


def without_texts(portfolio: Portfolio) -> Portfolio:
    """Return the portfolio without notes, comments, documents and history of its projects."""
    return replace(portfolio, rows=tuple(_row(row) for row in portfolio.rows), without_texts=True)


def _row(row: Row) -> Row:
    return replace(row, project=_project(row.project))


def _project(project: GovernedProject) -> GovernedProject:
    return replace(
        project,
        workflow=_workflow(project.workflow),
        qualification=_qualification(project.qualification),
        events=_last_change(project.events),
        pending=_last_change(project.pending),
        moved_events=0,
        problems=tuple(_problem(problem) for problem in project.problems) if project.problems else (),
        damaged_record=None,
    )


def _workflow(workflow: Workflow) -> Workflow:
    # most projects have nothing to take out, and a portfolio has thousands
    if not any(step.notes or step.documents for step in workflow.steps):
        return workflow
    return Workflow(tuple(_step(step) for step in workflow.steps))


def _step(step: StepState) -> StepState:
    return replace(step, notes=None, documents=()) if step.notes or step.documents else step


def _qualification(qualification: Qualification) -> Qualification:
    ratings = ((dimension, qualification.rating(dimension)) for dimension in DIMENSIONS)
    commented = {dimension: replace(rating, comment=None) for dimension, rating in ratings if rating.comment}
    if not commented and not qualification.decision_comment and not qualification.project_plan:
        return qualification
    return replace(qualification, decision_comment=None, project_plan=(), **commented)  # type: ignore[arg-type]


def _last_change(events: tuple[Event, ...]) -> tuple[Event, ...]:
    """The last event without what was written: tables tell when a project last changed, and by whom."""
    return tuple(event._replace(before=None, after=None, reason=None) for event in events[-1:])


def _problem(problem: Problem) -> Problem:
    # what was found may be anything that somebody typed
    return problem if problem.found is None else replace(problem, found=None)
