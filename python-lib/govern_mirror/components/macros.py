"""The macros of the plugin: what their forms hold becomes an action, what came out becomes DSS's result table."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence

from govern_mirror.actions.govern import ProjectResult, Scope, initialize
from govern_mirror.actions.governed_items import is_item, read_item
from govern_mirror.actions.inputs import parse_values
from govern_mirror.actions.record import Changed, close, move, set_values, undo_close, with_notes
from govern_mirror.actions.schedule import install
from govern_mirror.actions.schedule_options import ScheduleOptions
from govern_mirror.actions.session import Session
from govern_mirror.bulk import Progress
from govern_mirror.components.results import OPEN_ITEM, Table, with_item_links, worded
from govern_mirror.components.signoff_macros import address_from_form
from govern_mirror.errors import GovernMirrorError, InputError
from govern_mirror.form_values import Config, flag_of, text_of, texts_of, typed_text
from govern_mirror.labels import labelled, recorded, success
from govern_mirror.model.blueprint import OVERVIEW, Field, Kind, is_status_path
from govern_mirror.model.changes import Move, MoveKind
from govern_mirror.model.item import FieldChange
from govern_mirror.model.item_templates import MADE
from govern_mirror.model.values import Value
from govern_mirror.model.values import text_of as value_text
from govern_mirror.text import clipped, one_line

EDITED_PARAMS = {f"field_{number}": f"value_{number}" for number in range(1, 6)}
"""The params of `edit-governed-project` that choose a field, and those that give its value."""

MAX_SHOWN = 60
"""How many characters of a present value a form shows."""


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
        raise GovernMirrorError(results[0].message, hint=results[0].hint)
    columns = (("project", "Project"), ("outcome", "Outcome"), ("message", "Message"))
    rows = tuple((r.project_key, r.outcome, _message(r)) for r in results)
    return with_item_links(
        session, Table(columns, rows or (("No project is in this scope", "", ""),)), {r.project_key for r in results}
    )


def qualify_from_form(session: Session, config: Config, project_key: str | None) -> Table:
    """The macro `record-qualification`: a row a field that changed."""
    fields = session.blueprint.qualification_fields
    texts = {field.path: field_text(config, field) for field in fields}
    confirm = flag_of(config, "confirm")
    values = parse_values(
        session.blueprint, with_notes(session.blueprint, {**texts, "notes": text_of(config, "notes")})
    )
    if not values and not confirm:
        raise InputError("nothing to record: fill at least one field, or tick Confirm the ratings")
    dry_run = flag_of(config, "dry_run", safe=True)
    result = set_values(session, _key(config, project_key), values, confirm=confirm, dry_run=dry_run)
    return _changes("field", "Field", result, result.changes, dry_run)


def edit_from_form(session: Session, config: Config, project_key: str | None) -> Table:
    """The macro `edit-governed-project`: a row a field that changed.

    Raises:
        InputError: a field is chosen without a value, a value given without a field, or one is not valid.
    """
    key = _address(config, project_key)
    blueprint = session.blueprint_of(key)
    texts: dict[str, str | None] = {}
    for field_param, value_param in EDITED_PARAMS.items():
        path, value = text_of(config, field_param), text_of(config, value_param)
        if path is None and value is None:
            continue
        if path is None:
            raise InputError(f"choose the field that takes the value {clipped(value)!r}")
        label = blueprint.find(path).label
        if value is None:
            raise InputError(f"give {label} a value; the word none clears it")
        if path in texts:
            raise InputError(f"{label} is chosen twice")
        texts[path] = value
    if not texts:
        raise InputError("nothing to change: choose at least one field and give its new value")
    dry_run = flag_of(config, "dry_run", safe=True)
    result = set_values(session, key, parse_values(blueprint, texts), dry_run=dry_run)
    return _changes("field", "Field", result, result.changes, dry_run)


def form_choices(session: Session, config: Config, project_key: str | None, parameter: str) -> list[dict[str, str]]:
    """Return the choices of a param whose choices show what the project holds now.

    Where the project cannot be read, or DSS does not say which it is, the labels stand alone.

    Args:
        session: the instance, whose template knows the fields.
        config: the form, as it is filled in so far.
        project_key: the project that the form is opened in.
        parameter: one of `field_1` and its like in `edit-governed-project`, which offer fields; else a field of
            `record-qualification`, which offers values.
    """
    values: Mapping[str, Value] = {}
    blueprint = session.blueprint
    with contextlib.suppress(GovernMirrorError):
        address = _address(config, project_key)
        blueprint = session.blueprint_of(address)
        values = read_item(session, address).values
    if parameter in EDITED_PARAMS:
        offered = [field for field in blueprint.all_fields if field.kind is not Kind.STATUS and field.path != MADE]
        return [_choice(field.path, _with_value(field.label, values.get(field.path))) for field in offered]
    field = next((field for field in session.blueprint.qualification_fields if field.short == parameter), None)
    return [] if field is None else _value_choices(field, values.get(field.path))


def _value_choices(field: Field, present: Value) -> list[dict[str, str]]:
    """The values of a field to choose from: first, unless it holds several, to leave the one that it has."""
    names = {"yes": "Yes", "no": "No"} if field.kind is Kind.FLAG else {choice: choice for choice in field.choices}
    if field.several:
        current = present if isinstance(present, tuple) else ()
        offered = [_choice(value, f"{name} (now)" if value in current else name) for value, name in names.items()]
    else:
        leave = f"({_with_value('leave as it is', present)})"
        offered = [_choice("", leave), *(_choice(value, name) for value, name in names.items())]
    return [*offered, _choice("none", "(clear)")]


def _choice(value: str, label: str) -> dict[str, str]:
    return {"value": value, "label": label}


def _with_value(label: str, value: Value) -> str:
    text = value_text(value)
    return label if text is None else f"{label}: {one_line(text, MAX_SHOWN)}"


CLOSE, UNDO_CLOSE = "close", "undo_close"
"""What the macro does besides the moves of the workflow."""


def move_from_form(session: Session, config: Config, project_key: str | None) -> Table:
    """The macro `advance-workflow`: a row a step whose status changed, or that the project is closed."""
    action, reason = text_of(config, "action") or MoveKind.ADVANCE.value, text_of(config, "reason")
    key = _address(config, project_key)
    # an item has steps of its own to choose from; what was chosen for a project stays in the form, hidden
    step = (text_of(config, "item_step") or None) if is_item(key) else text_of(config, "step")
    dry_run = flag_of(config, "dry_run", safe=True)
    if action == CLOSE:
        result = close(session, key, reason or "", dry_run=dry_run)
        return _changes("step", "Step", result, result.changes, dry_run)
    if action == UNDO_CLOSE:
        result = undo_close(session, key, reason, dry_run=dry_run)
        return _changes("step", "Step", result, result.changes, dry_run)
    try:
        kind = MoveKind(action)
    except ValueError:
        actions = ", ".join((*(kind.value for kind in MoveKind), CLOSE, UNDO_CLOSE))
        raise InputError(f"unknown action {action!r}: use one of {actions}") from None
    override = flag_of(config, "override", safe=False)
    if override and kind is not MoveKind.SET:
        raise InputError("only setting the workflow to a step can override the rules")
    command = Move(kind, session.blueprint_of(key).step(step).id if step else None, reason, override=override)
    result = move(session, key, command, dry_run=dry_run)
    moves = [change for change in result.changes if is_status_path(change.field)]
    return _changes("step", "Step", result, moves, dry_run)


def schedule_from_form(session: Session, config: Config, project_key: str | None) -> Table:
    """The macro `install-reporting-scenario`: a row for the scenario and each of its parts, then what to look at."""
    options = ScheduleOptions(
        daily=text_of(config, "daily_at"),
        weekly=",".join(texts_of(config, "weekly_on")) or None,
        timezone=text_of(config, "timezone"),
        mail=text_of(config, "mail_to"),
        channel=text_of(config, "channel"),
        managed_folder=text_of(config, "managed_folder"),
        with_texts=text_of(config, "with_texts"),
    )
    dry_run = flag_of(config, "dry_run", safe=True)
    outcome = install(session, _key({}, project_key), options, dry_run=dry_run)
    rows = [(line.what, line.outcome, line.detail) for line in outcome.lines]
    if dry_run:
        rows.append(("Dry run", "", "nothing was written"))
    rows += [("Note", "", warning) for warning in outcome.warnings]
    return Table((("part", "Part"), ("outcome", "Outcome"), ("detail", "Detail")), tuple(rows))


def field_text(config: Config, field: Field) -> str | None:
    """What a form holds for a field of the template, as a person would type it; None when it is empty.

    Raises:
        InputError: it is of a type that the field's param does not give.
    """
    of_its_own_type = field.kind in (Kind.NUMBER, Kind.FLAG) or field.several
    return typed_text(config, field.short) if of_its_own_type else text_of(config, field.short)


def _scope(config: Config, project_key: str | None) -> Scope:
    kind = text_of(config, "scope") or "this"
    if kind == "all":
        return Scope(everything=True)
    if kind in ("tag", "folder"):
        name = text_of(config, kind)
        if name is None:
            raise InputError(f"name the {kind}")
        return Scope(tag=name) if kind == "tag" else Scope(folder=name)
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


def _address(config: Config, project_key: str | None) -> str:
    """The project that a form names, or the item of it where the form names one."""
    return str(address_from_form(config, _key(config, project_key)))


def _message(result: ProjectResult) -> str:
    text = f"{result.message}; kept: {'; '.join(result.kept)}" if result.kept else result.message
    return " ".join([worded(text, result.hint), *(f"Note: {warning}" for warning in result.warnings)])


def _changes(identifier: str, label: str, result: Changed, changes: Sequence[FieldChange], dry_run: bool) -> Table:
    columns = ((identifier, label), ("before", "Before"), ("after", "After"))
    blueprint = result.project.blueprint
    names = {step.paths[0]: step.name for step in blueprint.steps} if identifier == "step" else {}
    rows = [
        (names.get(change.field) or texts.field, texts.before or "", texts.after or "")
        for change, texts in zip(changes, labelled(blueprint, changes), strict=True)
    ]
    if result.recorded:
        rows.append(("Recorded", "", recorded(blueprint, result.recorded, would=dry_run)))
    if result.changes:
        rows.append(("Result", "", success(result.project, result.changes, would=dry_run)))
    elif not result.recorded:
        rows.append(("Nothing would change" if dry_run else "Nothing changed", "", ""))
    if dry_run:
        rows.append(("Dry run", "", "nothing was written"))
    rows += [("Note", "", warning) for warning in result.warnings]
    if result.project.facts.item_url:
        rows.append((OPEN_ITEM, "", result.project.facts.item_url))
    return Table(columns, tuple(rows))
