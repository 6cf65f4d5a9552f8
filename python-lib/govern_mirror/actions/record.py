"""Record qualification fields, move steps, write notes and documents of one project."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from govern_mirror.actions.inputs import DocumentEdit
from govern_mirror.actions.session import Session
from govern_mirror.model import changes
from govern_mirror.model.changes import Move
from govern_mirror.model.document import Document
from govern_mirror.model.event import Actor
from govern_mirror.model.item import FieldChange, GovernedProject, Value, differences

PROJECT_PLAN = "qualification.project_plan"

_ActorChange = Callable[[GovernedProject, Actor], GovernedProject]


@dataclass(frozen=True)
class Changed:
    """What an action did to one project, or in a dry run would do.

    Attributes:
        project: the project afterwards.
        changes: what differs, in the blueprint's order.
        written: whether anything was written.
        warnings: what people should look at.
    """

    project: GovernedProject
    changes: tuple[FieldChange, ...]
    written: bool
    warnings: tuple[str, ...] = ()


def qualify(
    session: Session,
    project_key: str,
    values: Mapping[str, Value],
    *,
    project_plan: DocumentEdit | None = None,
    confirm: bool = False,
    dry_run: bool = False,
    now: datetime | None = None,
) -> Changed:
    """Record qualification fields in a governed project.

    Args:
        session: the instance, settings and user.
        project_key: the project.
        values: new values by path; None clears.
        project_plan: a document to add to the project plan, or its clearing.
        confirm: check every rating that is there; its origin becomes the qualification.
        dry_run: only say what would change.
        now: the time to record, else the present.
    """

    def change(project: GovernedProject, actor: Actor) -> GovernedProject:
        wanted = dict(values)
        if project_plan:
            wanted[PROJECT_PLAN] = project_plan.applied(project.qualification.project_plan)
        return changes.qualify(project, wanted, actor, confirm=confirm)

    return _change(session, project_key, change, dry_run, now)


def move(
    session: Session, project_key: str, wanted: Move, *, dry_run: bool = False, now: datetime | None = None
) -> Changed:
    """Move a governed project's workflow.

    Raises:
        MoveRefused: the order of the steps, or a rule, does not allow it; the message names the way out.
    """
    checked = replace(wanted, unchecked=wanted.unchecked or session.rules_unreadable is not None)
    return _change(
        session,
        project_key,
        lambda project, actor: changes.move(project, checked, actor),
        dry_run,
        now,
        request=wanted.request,
    )


def write_note(
    session: Session,
    project_key: str,
    step: str,
    text: str | None,
    *,
    dry_run: bool = False,
    now: datetime | None = None,
) -> Changed:
    """Replace the notes of a step; None clears them."""
    return _change(session, project_key, lambda project, actor: changes.note(project, step, text, actor), dry_run, now)


def add_document(
    session: Session,
    project_key: str,
    step: str,
    added: Document | None,
    *,
    dry_run: bool = False,
    now: datetime | None = None,
) -> Changed:
    """Add a document to a step; None removes all of the step's documents."""
    return _change(
        session, project_key, lambda project, actor: changes.document(project, step, added, actor), dry_run, now
    )


def _change(
    session: Session,
    project_key: str,
    change: _ActorChange,
    dry_run: bool,
    now: datetime | None,
    request: str | None = None,
) -> Changed:
    actor = session.actor(now)
    outcome = session.store.update(
        project_key, lambda project: change(project, actor), actor, dry_run=dry_run, request=request
    )
    found = differences(outcome.before, outcome.after) if outcome.changed else ()
    return Changed(outcome.after, found, outcome.written, outcome.warnings)
