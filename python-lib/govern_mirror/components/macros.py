"""The macros of the plugin: what their forms hold becomes an action, what came out becomes DSS's result table."""

from __future__ import annotations

from collections.abc import Sequence

from govern_mirror.actions.govern import ProjectResult, Scope, initialize
from govern_mirror.actions.inputs import parse_values
from govern_mirror.actions.record import Changed, move, set_values, with_notes
from govern_mirror.actions.schedule import install
from govern_mirror.actions.schedule_options import Options
from govern_mirror.actions.session import Session
from govern_mirror.bulk import Progress
from govern_mirror.components.results import Table
from govern_mirror.errors import GovernMirrorError, InputError
from govern_mirror.form_values import Config, flag_of, text_of, texts_of, typed_text
from govern_mirror.model.blueprint import OVERVIEW, Field
from govern_mirror.model.changes import Move, MoveKind
from govern_mirror.model.item import FieldChange


def initialize_from_form(
    session: Session, config: Config, project_key: str | None, progress: Progress | None = None
) -> Table:
    """The macro `initialize-workflow`: a row a project.

    Raises:
        InputError: the form is not complete or not valid.
        GovernMirrorError: the one project that was asked for could not be initialized.
    """
    fields = session.blueprint.section(OVERVIEW)
    values = parse_values(session.blueprint, {field.path: field_text(config, field) for field in fields})
    scope = _scope(config, project_key)
    results = initialize(
        session,
        scope,
        values,
        adopt=flag_of(config, "adopt"),
        dry_run=flag_of(config, "dry_run", safe=True),
        progress=progress,
    )
    if len(scope.keys) == 1 and results[0].failed:
        raise GovernMirrorError(results[0].message)
    columns = (("project", "Project"), ("outcome", "Outcome"), ("message", "Message"))
    rows = tuple((r.project_key, r.outcome, _message(r)) for r in results)
    return Table(columns, rows or (("No project is in this scope", "", ""),))


def qualify_from_form(session: Session, config: Config, project_key: str | None) -> Table:
    """The macro `record-qualification`: a row a field that changed."""
    step = session.blueprint.qualification_step
    fields = session.blueprint.section(step.id) if step else ()
    given = {field.path: field_text(config, field) for field in fields}
    confirm = flag_of(config, "confirm")
    values = parse_values(
        session.blueprint, with_notes(session.blueprint, {**given, "notes": text_of(config, "notes")})
    )
    if not values and not confirm:
        raise InputError("nothing to record: fill at least one field, or tick Confirm the ratings")
    changed = set_values(session, _key(config, project_key), values, confirm=confirm)
    return _changes("field", "Field", changed, changed.changes)


def move_from_form(session: Session, config: Config, project_key: str | None) -> Table:
    """The macro `advance-workflow`: a row a step whose status changed."""
    action, step = text_of(config, "action") or MoveKind.ADVANCE.value, text_of(config, "step")
    try:
        kind = MoveKind(action)
    except ValueError:
        raise InputError(f"unknown action {action!r}: use one of {', '.join(k.value for k in MoveKind)}") from None
    wanted = Move(kind, session.blueprint.step(step).id if step else None, text_of(config, "reason"))
    changed = move(session, _key(config, project_key), wanted)
    names = {step.paths[0]: step.name for step in session.blueprint.steps}
    moved = [FieldChange(names[c.field], c.before, c.after) for c in changed.changes if c.field in names]
    return _changes("step", "Step", changed, moved)


def schedule_from_form(session: Session, config: Config, project_key: str | None) -> Table:
    """The macro `install-reporting-scenario`: a row for the scenario and each of its parts, then what to look at."""
    options = Options(
        daily=text_of(config, "daily_at"),
        weekly=",".join(texts_of(config, "weekly_on")) or None,
        timezone=text_of(config, "timezone"),
        mail=text_of(config, "mail_to"),
        channel=text_of(config, "channel"),
        managed_folder=text_of(config, "managed_folder"),
        with_texts=text_of(config, "with_texts"),
    )
    outcome = install(session, _key({}, project_key), options, dry_run=flag_of(config, "dry_run", safe=True))
    rows = [(line.what, line.outcome, line.detail) for line in outcome.lines]
    rows += [("Note", "", warning) for warning in outcome.warnings]
    return Table((("part", "Part"), ("outcome", "Outcome"), ("detail", "Detail")), tuple(rows))


def field_text(config: Config, field: Field) -> str | None:
    """What a form holds for a field of the template, as a person would type it; None when it is empty."""
    return typed_text(config, field.short)


def _scope(config: Config, project_key: str | None) -> Scope:
    kind = text_of(config, "scope") or "this"
    if kind == "all":
        return Scope(everything=True)
    if kind in ("tag", "folder"):
        wanted = text_of(config, kind)
        if wanted is None:
            raise InputError(f"name the {kind}")
        return Scope(tag=wanted) if kind == "tag" else Scope(folder=wanted)
    if kind == "keys":
        keys = texts_of(config, "project_keys")
        if not keys:
            raise InputError("name at least one project key")
        return Scope(keys)
    if kind != "this":
        raise InputError(f"unknown scope {kind!r}: use this, keys, tag, folder or all")
    return Scope((_key({}, project_key),))


def _key(config: Config, project_key: str | None) -> str:
    key = text_of(config, "project_key") or project_key
    if not key:
        raise InputError("name the project: this macro does not run in one")
    return key


def _message(result: ProjectResult) -> str:
    return " ".join([result.message, *(f"Note: {warning}" for warning in result.warnings)])


def _changes(identifier: str, label: str, changed: Changed, changes: Sequence[FieldChange]) -> Table:
    columns = ((identifier, label), ("before", "Before"), ("after", "After"))
    rows = [(change.field, change.before or "", change.after or "") for change in changes]
    rows += [("Note", "", warning) for warning in changed.warnings]
    if not rows:
        rows = [("Nothing changed", "", "")]
    return Table(columns, tuple(rows))
