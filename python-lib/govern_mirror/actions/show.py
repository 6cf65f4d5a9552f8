"""One project, or one of its items, as JSON: the contract of `show`.

`FORMAT_VERSION` history: 1, the first.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from govern_mirror import clock
from govern_mirror.actions.governed_items import is_item, read_item
from govern_mirror.actions.hub_reading import HubReading
from govern_mirror.actions.inputs import refuses_wrong_types
from govern_mirror.actions.session import Session
from govern_mirror.metadata.record import closed_json
from govern_mirror.model import policy
from govern_mirror.model.blueprint import Kind
from govern_mirror.model.event import event_json
from govern_mirror.model.item import Item, problems_json
from govern_mirror.model.scores import Weights, scores
from govern_mirror.model.trust import pending_paths, trust_by_path, trust_of
from govern_mirror.model.values import json_of
from govern_mirror.model.workflow import StepState
from govern_mirror.nested import put as put_at
from govern_mirror.times import iso_time

FORMAT_VERSION = 1


@refuses_wrong_types
def show(session: Session, project_key: str) -> Item:
    """Read one project, or one of its items by its address, with its whole history, and what the hub says of it."""
    return HubReading(session).with_facts(read_item(session, project_key))


@refuses_wrong_types
def project_json(
    project: Item, weights: Weights, *, step: str | None = None, now: datetime | None = None
) -> dict[str, Any]:
    """Return the project as `show --format json` prints it.

    Args:
        project: as `show` returned it.
        weights: of the priority, from the settings.
        step: only this step (its id) in `steps`; None for all.
        now: the time to count days in the step from, else the current time.
    """
    workflow = project.workflow
    computed = scores(project.values, project.blueprint, weights)
    current = workflow.current if project.is_governed else None
    levels = trust_by_path(project)
    steps = workflow.steps if step is None else (workflow[step],)
    return {
        "format_version": FORMAT_VERSION,
        "project_key": project.facts.project_key.partition("/")[0],
        "name": project.facts.name,
        "url": project.facts.url,
        "governed": project.is_governed,
        "state": project.state.value,
        "blueprint": {"id": project.blueprint.id, "version": project.blueprint.version},
        "revision": project.revision,
        "current_step": current.id if current else None,
        "days_in_step": project.days_in_step(now or clock.now()),
        "progress": {"finished": workflow.finished, "total": len(workflow.steps)},
        "steps": [_step(item, project) for item in steps],
        **_nested_values(project),
        "scores": {"value": computed.value, "risk": computed.risk, "priority": computed.priority},
        "problems": problems_json(policy.problems(project)),
        "events": [event_json(event) for event in (*project.events, *project.pending)],
        "stage": project.stage if project.is_governed else None,
        "closed": closed_json(project.closed) if project.closed else None,
        "hidden": closed_json(project.hidden) if project.hidden else None,
        "trust": level.value if (level := trust_of(project, levels)) else None,
        "trust_by_path": {path: trust.value for path, trust in levels.items()},
        "pending": list(pending_paths(project)),
        **({"address": project.facts.project_key} if is_item(project.facts.project_key) else {}),
        **signoffs_json(project),
    }


def signoffs_json(project: Item) -> dict[str, Any]:
    """The sign-offs of a project's steps, and why nobody can say; both null where approvals are off."""
    facts = project.hub
    if facts is None or facts.unreadable is not None:
        return {"signoffs": None, "signoffs_unreadable": facts.unreadable if facts else None}
    signoffs = []
    for signed in facts.signoffs:
        verdict, status = signed.signoff.verdict, signed.signoff.status
        digest = policy.digest_of(project, signed)
        finding = policy.signoff_finding(signed, digest)
        signoffs.append(
            {
                "step": signed.step,
                "name": signed.name,
                "status": status.value,
                "status_label": status.label,
                "mandatory": signed.is_mandatory,
                "locked": signed.is_locked,
                "unchanged": signed.signoff.digest == digest if signed.signoff.requested else None,
                "by": verdict.by if verdict else None,
                "at": iso_time(verdict.at) if verdict else None,
                "comment": verdict.comment if verdict else None,
                "entry": verdict.id if verdict else None,
                "approvers": list(signed.approvers),
                "missing": finding.message if finding else None,
            }
        )
    return {"signoffs": signoffs, "signoffs_unreadable": None}


def _step(step: StepState, project: Item) -> dict[str, Any]:
    notes, documents = (json_of(project.values[path]) for path in project.blueprint.step(step.id).paths[1:])
    return {
        "id": step.id,
        "name": step.name,
        "status": step.status.value,
        "started_on": iso_time(step.started_on),
        "finished_on": iso_time(step.finished_on),
        "by": step.by,
        "notes": notes,
        "documents": documents,
    }


def _nested_values(project: Item) -> dict[str, Any]:
    """Return the template's own values nested by their paths, each rating with its origin beside it."""
    nested: dict[str, Any] = {}
    for field in project.blueprint.fields:
        put_at(nested, tuple(field.path.split(".")), json_of(project.values[field.path]))
        if field.kind is Kind.RATING:
            put_at(nested, tuple(field.origin_path.split(".")), project.origins.get(field.path))
    return nested
