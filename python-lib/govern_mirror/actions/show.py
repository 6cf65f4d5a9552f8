"""One project as JSON: the contract of `show`.

`FORMAT_VERSION` history: 1, the first.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from govern_mirror import clock
from govern_mirror.actions.session import Session
from govern_mirror.model.document import Document
from govern_mirror.model.event import event_json
from govern_mirror.model.item import GovernedProject, problems_json
from govern_mirror.model.qualification import DIMENSIONS, Rating, Weights, scores
from govern_mirror.model.workflow import StepState
from govern_mirror.times import iso_time

FORMAT_VERSION = 1


def show(session: Session, project_key: str) -> GovernedProject:
    """Read one project with its whole history, the part in the wiki included."""
    return session.store.read(project_key)


def project_json(
    project: GovernedProject, weights: Weights, *, step: str | None = None, now: datetime | None = None
) -> dict[str, Any]:
    """The project as `show --format json` prints it.

    Args:
        project: as `show` returned it.
        weights: of the priority, from the settings.
        step: only this step (its id) in `steps`; None for all.
        now: the time to count days in the step from, else the present.
    """
    workflow, qualification, overview = project.workflow, project.qualification, project.overview
    computed = scores(qualification, project.blueprint, weights)
    current = workflow.current if project.is_governed else None
    steps = workflow.steps if step is None else (workflow[step],)
    return {
        "format_version": FORMAT_VERSION,
        "project_key": project.facts.project_key,
        "name": project.facts.name,
        "url": project.facts.url,
        "governed": project.is_governed,
        "state": project.state.value,
        "blueprint": {"id": project.blueprint.id, "version": project.blueprint.version},
        "revision": project.revision,
        "current_step": current.id if current else None,
        "days_in_step": project.days_in_step(now or clock.now()),
        "progress": {"finished": workflow.finished, "total": len(workflow.steps)},
        "steps": [_step(item) for item in steps],
        "overview": {
            "business_initiative": overview.business_initiative,
            "sponsor": overview.sponsor,
            "start_date": overview.start_date.isoformat() if overview.start_date else None,
            "target_end_date": overview.target_end_date.isoformat() if overview.target_end_date else None,
        },
        "qualification": {
            **{name: _rating(qualification.rating(name)) for name in DIMENSIONS},
            "decision": qualification.decision,
            "decision_comment": qualification.decision_comment,
            "project_plan": _documents(qualification.project_plan),
        },
        "scores": {"value": computed.value, "risk": computed.risk, "priority": computed.priority},
        "problems": problems_json(project.problems),
        "events": [event_json(event) for event in (*project.events, *project.pending)],
    }


def _step(step: StepState) -> dict[str, Any]:
    return {
        "id": step.id,
        "name": step.name,
        "status": step.status.value,
        "started_on": iso_time(step.started_on),
        "finished_on": iso_time(step.finished_on),
        "by": step.by,
        "notes": step.notes,
        "documents": _documents(step.documents),
    }


def _rating(rating: Rating) -> dict[str, Any]:
    return {
        "rating": rating.rating,
        "comment": rating.comment,
        "origin": rating.origin.value if rating.origin else None,
    }


def _documents(documents: Iterable[Document]) -> list[dict[str, str]]:
    return [{"title": doc.title, "url": doc.url} for doc in documents]
