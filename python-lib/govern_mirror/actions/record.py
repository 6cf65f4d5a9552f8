"""Record values, move steps, write notes and documents of one project, or of one of its items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from govern_mirror.actions.governed_items import ActorChange, as_seen, change_of_item
from govern_mirror.actions.hub_reading import HubReading, unread_warning
from govern_mirror.actions.inputs import (
    DocumentEdit,
    refuses_wrong_types,
    require_dates,
    require_revision,
    resolved,
    values_by_path,
)
from govern_mirror.actions.session import Session
from govern_mirror.dss import ProjectSummary, parse_summary
from govern_mirror.errors import InputError
from govern_mirror.hub.store import Hub
from govern_mirror.model import changes
from govern_mirror.model.blueprint import Blueprint, Role, Status
from govern_mirror.model.changes import Move, MoveKind
from govern_mirror.model.event import Actor
from govern_mirror.model.item import FieldChange, Item, differences
from govern_mirror.model.policy import is_against_decision
from govern_mirror.model.trust import Trust, trust_by_path, unrecorded_edits
from govern_mirror.model.values import Document


@dataclass(frozen=True)
class Changed:
    """What an action did to one project, or in a dry run would do.

    Attributes:
        project: the project afterwards.
        changes: what differs, in the blueprint's order.
        written: whether anything was written.
        warnings: what people should look at.
        summary: what DSS says of the project after the write, where that was read; None where it was not.
        recorded: the paths of what was only typed into the project's fields, and is recorded by this.
    """

    project: Item
    changes: tuple[FieldChange, ...]
    written: bool
    warnings: tuple[str, ...] = ()
    summary: ProjectSummary | None = None
    recorded: tuple[str, ...] = ()


@refuses_wrong_types
def set_values(
    session: Session,
    project_key: str,
    values: Mapping[str, object],
    *,
    confirm: bool = False,
    expected: int | None = None,
    dry_run: bool = False,
    now: datetime | None = None,
) -> Changed:
    """Record values of a governed project: any field of its template.

    Args:
        session: the instance, settings and user.
        project_key: the project, or the address of one of its items.
        values: new values by path (a field's name or label does, too); None clears, a `DocumentEdit` adds or clears.
        confirm: check every rating that is there; its origin becomes its step.
        expected: the revision that the caller looked at; None takes any.
        dry_run: only say what would change.
        now: the time to record, else the current time.

    Raises:
        InputError: a path is unknown or a value not valid; nothing is written then.
        WriteRefused: the project is not governed, must not be written, or is at another revision than expected.
    """
    parsed = values_by_path(session.blueprint_of(project_key), values)

    def change(project: Item, actor: Actor) -> Item:
        return require_dates(project, changes.edit(project, resolved(parsed, project), actor, confirm=confirm))

    return change_item(session, project_key, change, expected, dry_run, now)


@refuses_wrong_types
def qualify(
    session: Session,
    project_key: str,
    values: Mapping[str, object],
    *,
    project_plan: DocumentEdit | None = None,
    confirm: bool = False,
    expected: int | None = None,
    dry_run: bool = False,
    now: datetime | None = None,
) -> Changed:
    """Record qualification fields in a governed project: `set_values`, and a document of the project plan.

    Args:
        session, project_key, values, confirm, expected, dry_run, now: as for `set_values`.
        project_plan: a document to add to the project plan, or its clearing.

    Raises:
        InputError: as for `set_values`; the template has no project plan.
    """
    if project_plan:
        blueprint = session.blueprint_of(project_key)
        plan = blueprint.roles.get(Role.PLAN)
        if plan is None:
            raise InputError(f"the template {blueprint.name} has no project plan: leave it out")
        values = {**values, plan.path: project_plan}
    return set_values(session, project_key, values, confirm=confirm, expected=expected, dry_run=dry_run, now=now)


def with_notes(blueprint: Blueprint, texts: Mapping[str, str | None]) -> dict[str, str | None]:
    """What was typed for the qualification, `notes` under the path of its step's notes.

    Raises:
        InputError: notes are given, and the template has no step that qualifies.
    """
    named = dict(texts)
    notes = named.pop("notes", None)
    if notes:
        step = blueprint.qualification_step
        if step is None:
            raise InputError(f"the template {blueprint.name} has no step that qualifies: write the notes of a step")
        named[step.paths[1]] = notes
    return named


@refuses_wrong_types
def move(
    session: Session,
    project_key: str,
    wanted: Move,
    *,
    expected: int | None = None,
    dry_run: bool = False,
    now: datetime | None = None,
    hub: Hub | None = None,
) -> Changed:
    """Move a governed project's workflow.

    Args:
        session, project_key, expected, dry_run, now: as for `set_values`.
        wanted: the move.
        hub: the hub with other rights than the session's, such as those of its own key; None for the session's.

    Raises:
        MoveRefused: the order of the steps, or a rule, does not allow it; the message names the way out.
        WriteRefused: as for `set_values`.
    """
    step = None if wanted.step is None else session.blueprint_of(project_key).step(wanted.step).id
    checked = replace(wanted, step=step, unchecked=wanted.unchecked or session.rules_unreadable is not None)
    facts = HubReading(session, hub).facts(project_key)
    before: list[Item] = []

    def change(project: Item, actor: Actor) -> Item:
        before[:] = [project]
        return changes.move(replace(project, hub=facts), checked, actor)

    changed = change_item(session, project_key, change, expected, dry_run, now, request=wanted.request)
    # a request that was carried out before is not tried again
    warnings = (
        move_warnings(before[-1], changed.project, were_named=wanted.kind is not MoveKind.ADVANCE) if before else []
    )
    unread = unread_warning(facts) if changed.changes else ()
    return replace(changed, warnings=(*changed.warnings, *warnings, *unread))


def move_warnings(before: Item, after: Item, *, were_named: bool = True) -> list[str]:
    """What people should know of moves: steps that were passed by, and that the decision speaks against going on.

    Args:
        before, after: the project before and after them.
        were_named: whether the person named the steps that are skipped now; else they were passed by.
    """
    if before.workflow == after.workflow:
        return []
    warnings = []
    pairs = list(zip(before.workflow.steps, after.workflow.steps, strict=True))
    skipped = [new.name for old, new in pairs if new.status is Status.SKIPPED and old.status is not Status.SKIPPED]
    if skipped and not were_named:
        warnings.append(f"{', '.join(skipped)}: not started, so now skipped; a gate asks for it to be allowed")
    step = after.blueprint.qualification_step
    ahead = after.blueprint.step_ids.index(step.id) + 1 if step else 0
    starts = any(new.status is Status.ONGOING and old.status is not Status.ONGOING for old, new in pairs[ahead:])
    if step and starts and is_against_decision(after):
        warnings.append(f"the decision is {after.text_of_role(Role.DECISION)}, and work goes on behind {step.name}")
    return warnings


@refuses_wrong_types
def close(
    session: Session,
    project_key: str,
    reason: str,
    *,
    expected: int | None = None,
    dry_run: bool = False,
    now: datetime | None = None,
) -> Changed:
    """Close a project: cancelled, replaced, finished elsewhere. Nothing is deleted, and it can be undone.

    Raises:
        InputError: there is no reason.
    """
    return change_item(
        session, project_key, lambda item, actor: changes.close(item, reason, actor), expected, dry_run, now
    )


@refuses_wrong_types
def undo_close(
    session: Session,
    project_key: str,
    reason: str | None = None,
    *,
    expected: int | None = None,
    dry_run: bool = False,
    now: datetime | None = None,
) -> Changed:
    """Go on with a project that was closed."""
    return change_item(
        session, project_key, lambda item, actor: changes.undo_close(item, actor, reason), expected, dry_run, now
    )


@refuses_wrong_types
def write_note(
    session: Session,
    project_key: str,
    step: str,
    text: str | None,
    *,
    expected: int | None = None,
    dry_run: bool = False,
    now: datetime | None = None,
) -> Changed:
    """Replace the notes of a step; None clears them."""
    notes = session.blueprint_of(project_key).step(step).paths[1]
    return set_values(session, project_key, {notes: text}, expected=expected, dry_run=dry_run, now=now)


@refuses_wrong_types
def add_document(
    session: Session,
    project_key: str,
    step: str,
    added: Document | None,
    *,
    expected: int | None = None,
    dry_run: bool = False,
    now: datetime | None = None,
) -> Changed:
    """Add a document to a step; None removes all of the step's documents."""
    documents = session.blueprint_of(project_key).step(step).paths[2]
    edit = {documents: DocumentEdit(added)}
    return set_values(session, project_key, edit, expected=expected, dry_run=dry_run, now=now)


def change_item(
    session: Session,
    project_key: str,
    change: ActorChange,
    expected: int | None,
    dry_run: bool,
    now: datetime | None,
    request: str | None = None,
) -> Changed:
    """Write one project or item as a pure function changes it, at the revision that the caller saw."""
    actor = session.actor(now)
    edit = change_of_item(session, project_key, change)

    def at_revision(project: Item) -> Item:
        # asked here, so that it holds for what is written over, also when the write is tried again
        if request is None or all(event.request != request for event in project.events):
            require_revision(project, expected)
        return edit(project, actor)

    outcome = session.store.update(project_key, at_revision, actor, dry_run=dry_run, request=request)
    differing = differences(as_seen(outcome.before, outcome.after), outcome.after) if outcome.changed else ()
    summary = parse_summary(outcome.summary) if outcome.summary else None
    recorded = _recorded(outcome.before, outcome.after) if outcome.changed else ()
    return Changed(outcome.after, differing, outcome.written, outcome.warnings, summary, recorded)


def _recorded(before: Item, after: Item) -> tuple[str, ...]:
    typed, still_typed = trust_by_path(before), unrecorded_edits(after)
    return tuple(path for path, level in typed.items() if level is Trust.TYPED and path not in still_typed)
