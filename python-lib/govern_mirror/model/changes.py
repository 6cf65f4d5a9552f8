"""What people do to a governed project, as pure functions: project in, changed project out.

Each change first stores the edits made in DSS that are still pending, then appends its own event. When what
was asked for already is, the very same project comes back, so that nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from govern_mirror.errors import InputError, MoveRefused, WriteRefused
from govern_mirror.model.blueprint import OVERVIEW, Blueprint, Role, Status, is_status_path
from govern_mirror.model.event import Actor, Event, Source, chained, excerpt_and_digest
from govern_mirror.model.item import Governance, Item, SyncBase, differences, with_values
from govern_mirror.model.values import Value, check_all, is_blank
from govern_mirror.model.workflow import NOT_STARTED, Workflow
from govern_mirror.text import clean

UNCHECKED = "rules unchecked"
"""What the event of a move says when the settings that hold the rules could not be read."""


class MoveKind(str, Enum):
    """The moves of the workflow, with the names the command line and the macro use."""

    ADVANCE = "advance"
    START = "start"
    FINISH = "finish"
    REOPEN = "reopen"
    SET = "set"


@dataclass(frozen=True, slots=True)
class Move:
    """A move that was asked for.

    Attributes:
        kind: the move.
        step: its step; may be None for `advance` alone (then: one step on).
        reason: why, in the person's words.
        request: an id of the caller's; a move that comes again under the same id is made once.
        unchecked: whether nobody could say which rules are in force; the event says so.
    """

    kind: MoveKind
    step: str | None = None
    reason: str | None = None
    request: str | None = None
    unchecked: bool = False


def initialize(project: Item, overview: Mapping[str, object], actor: Actor, *, adopt: bool = False) -> Item:
    """Govern a project; on a governed one, fill blanks only.

    Args:
        project: any project, governed or not.
        overview: values by path, of the fields of the Overview; the origin of its ratings becomes `overview`.
        actor: who, through which door, when.
        adopt: take over a copied project: the record becomes this project's own, its history stays.

    Raises:
        WriteRefused: the project is a copy and `adopt` is not given, or it must not be written.
        InputError: a path is unknown, or a value not valid.
    """
    wanted = check_all(project.blueprint, overview)
    if project.state is Governance.COPIED:
        project = _adopted(project, actor, adopt)
    else:
        _require_writable(project)
    before = project
    if project.state is Governance.UNGOVERNED:
        event = _event(actor, "initialize", after=NOT_STARTED)
        project = _with_event(replace(project, state=Governance.GOVERNED), event)
    blanks = {path: value for path, value in wanted.items() if not is_blank(value) and is_blank(project.values[path])}
    project = _with_changed_values(project, blanks, actor, in_overview=True)
    if project is before and (before.revision == 0 or before.damaged_record is not None):
        # all values are there, but the record is lost or damaged: write it anew
        project = _with_event(project, _event(actor, "record", reason="record rebuilt"))
    return project


def edit(project: Item, changes: Mapping[str, object], actor: Actor, *, confirm: bool = False) -> Item:
    """Record values, by path. A value given, also an equal one, is recorded: a rating's origin is now its step.

    Args:
        project: a governed project.
        changes: new values by path; None or () clears.
        actor: who, through which door, when.
        confirm: check every rating that is there: its origin becomes its step. What was typed into the project's
            fields is recorded then, as it is by giving the same value.

    Raises:
        WriteRefused: the project is not governed, or must not be written.
        InputError: a path is unknown, or a value not valid.
    """
    _require_governed(project)
    wanted = check_all(project.blueprint, changes)
    before = project
    project = _with_changed_values(project, wanted, actor)
    home = project.blueprint.home
    recorded = [field for field in project.blueprint.rated if confirm or field.path in wanted]
    confirmed = [field for field in recorded if project.origins.get(field.path) not in (None, home[field.path])]
    if confirmed:
        origins = {**project.origins, **{field.path: home[field.path] for field in confirmed}}
        event = _event(actor, "confirm", after=", ".join(field.name for field in confirmed))
        project = _with_event(replace(project, origins=origins), event)
    return _with_typed_recorded(project, before, before.blueprint.by_path if confirm else wanted, actor)


def move(project: Item, wanted: Move, actor: Actor) -> Item:
    """Move the workflow, within its order and the blueprint's rules.

    Raises:
        MoveRefused: the order or a rule does not allow it; the message names the way out.
        InputError: the step is unknown or missing.
    """
    _require_governed(project)
    if wanted.request and any(event.request == wanted.request for event in project.events):
        return project
    invalid = sorted(
        path for path in project.problem_fields if is_status_path(path) and path in project.blueprint.by_path
    )
    if invalid and wanted.kind is not MoveKind.SET:
        raise MoveRefused(
            f"{', '.join(invalid)} holds no valid status: put the workflow right with "
            "`step set STEP --reason …`, the move that is allowed from anywhere"
        )
    after = _moved(project.workflow, wanted, actor)
    if after is project.workflow and not invalid:
        statuses = [f"steps.{step.id}.status" for step in project.workflow.steps]
        paths = statuses if wanted.kind is MoveKind.SET else ()
        return _with_typed_recorded(project, project, paths, actor, wanted.reason)
    if wanted.kind is not MoveKind.SET:
        _require_rules(project, after)
    reason = wanted.reason
    if wanted.unchecked:
        reason = f"{reason} ({UNCHECKED})" if reason else UNCHECKED
    event = _event(actor, wanted.kind.value, project.workflow.position, after.position, reason)
    event = event._replace(request=wanted.request or None)
    problems = tuple(problem for problem in project.problems if problem.field not in invalid)
    return replace(_with_event(project, event), workflow=after, problems=problems)


def synced(
    project: Item,
    changes: Mapping[str, Value],
    statuses: Mapping[str, Status],
    base: SyncBase | None,
    actor: Actor,
) -> Item:
    """Take over what another side holds, and remember what both sides are in step with now.

    Args:
        project: a project; one that is not governed yet is initialized.
        changes: new values by path; None clears.
        statuses: new statuses by step id, carried as they are, also irregular ones; empty to leave all.
        base: what both sides hold afterwards; None forgets it.
        actor: who, with source `sync`, when.

    Raises:
        WriteRefused: the project is a copy, or must not be written.
        InputError: a path is unknown, or a value not valid.
    """
    if project.state is Governance.UNGOVERNED:
        project = initialize(project, {}, actor)
    _require_governed(project)
    steps = tuple(
        step.moved(statuses.get(step.id, step.status), actor.now, actor.by) for step in project.workflow.steps
    )
    moved = Workflow(steps)
    if moved != project.workflow:
        event = _event(actor, "sync", project.workflow.position, moved.position)
        project = replace(_with_event(project, event), workflow=moved)
    has_moved = project.workflow.current is not None and project.workflow.finished > 0
    project = _with_changed_values(project, check_all(project.blueprint, changes), actor, in_overview=not has_moved)
    if project.sync_base == base:
        return project
    return replace(_with_pending_stored(project, actor), sync_base=base)


def unrecorded_edits(project: Item) -> tuple[str, ...]:
    """The paths of the values that somebody typed into the project's fields, and that no person recorded since.

    What a sync wrote afterwards records nothing: otherwise its first run would make of an edit what the second one
    may push. Where it brought another value of that path, the edit is gone.
    """
    typed: dict[str, None] = {}
    for event in (*project.events, *project.pending):
        if event.source == Source.EDITED_IN_DSS.value:
            # an edit of the record itself, or one that nobody can name, may be of any value
            paths = [event.what] if event.what in project.blueprint.by_path else project.blueprint.by_path
            typed |= dict.fromkeys(paths)
        elif event.source != Source.SYNC.value:
            typed.clear()
        elif event.what == "sync":
            typed = {path: None for path in typed if not is_status_path(path)}
        else:
            typed.pop(event.what, None)
    return tuple(typed)


def unmet_rules(project: Item, step: str) -> tuple[str, ...]:
    """What the blueprint's rules still ask for before a step can finish, each as a sentence."""
    return _unmet(project.blueprint, project, step)


def _moved(workflow: Workflow, wanted: Move, actor: Actor) -> Workflow:
    if wanted.step is None:
        if wanted.kind is not MoveKind.ADVANCE:
            raise InputError(f"name the step to {wanted.kind.value}: {', '.join(s.id for s in workflow.steps)}")
        return workflow.advance(actor.now, actor.by)
    moves = {
        MoveKind.ADVANCE: workflow.advance_to,
        MoveKind.START: workflow.start,
        MoveKind.FINISH: workflow.finish,
        MoveKind.REOPEN: workflow.reopen,
        MoveKind.SET: workflow.set_step,
    }
    return moves[wanted.kind](wanted.step, actor.now, actor.by)


def _require_rules(project: Item, after: Workflow) -> None:
    finished = [
        new.id
        for old, new in zip(project.workflow.steps, after.steps, strict=True)
        if new.status is Status.FINISHED and old.status is not Status.FINISHED
    ]
    unmet = [sentence for step in finished for sentence in _unmet(project.blueprint, project, step)]
    if unmet:
        raise MoveRefused(f"{'; '.join(unmet)}: record it first, then try again")


def _unmet(blueprint: Blueprint, project: Item, step: str) -> tuple[str, ...]:
    decision = blueprint.roles.get(Role.DECISION)
    sentences = []
    for rule in blueprint.rules:
        if rule.step != step:
            continue
        name = blueprint.step(step).name
        sentences += [
            f"{name} cannot finish without {blueprint.by_path[path].label} ({path})"
            for path in rule.requires
            if path in project.values and is_blank(project.values[path])  # a status is never blank
        ]
        decided = project.values[decision.path] if decision else None
        if rule.decisions and decided not in rule.decisions:
            sentences.append(
                f"{name} cannot finish on decision {decided or 'none'}: it takes {' or '.join(rule.decisions)}"
            )
    return tuple(sentences)


def _with_changed_values(
    project: Item, changes: Mapping[str, Value], actor: Actor, *, in_overview: bool = False
) -> Item:
    """Set checked values by path with one event for each that differs; the same project when none does."""
    changed = with_values(project, changes)
    events = [
        _event(actor, difference.field, difference.before, difference.after)
        for difference in differences(project, changed)
    ]
    if not events:
        return project
    origins = dict(project.origins)
    for field in project.blueprint.rated:
        rating = changed.values[field.path]
        if rating != project.values[field.path]:
            origins.pop(field.path, None)
            if rating is not None:
                origins[field.path] = OVERVIEW if in_overview else project.blueprint.home[field.path]
    changed = replace(changed, origins=origins)
    for event in events:
        changed = _with_event(changed, event)
    return changed


def _adopted(project: Item, actor: Actor, adopt: bool) -> Item:
    if not adopt:
        _require_governed(project)
    _require_writable(project)
    original = project.copied_from
    event = _event(actor, "adopt", before="/".join(part or "?" for part in original or ()))
    problems = tuple(problem for problem in project.problems if problem.field != "project_key")
    adopted = replace(project, state=Governance.GOVERNED, copied_from=None, problems=problems)
    return _with_event(adopted, event)


def _require_governed(project: Item) -> None:
    key = project.facts.project_key
    if project.state is Governance.UNGOVERNED:
        raise WriteRefused(f"{key} is not governed yet: run `govern-mirror init {key}` (or the macro) first")
    if project.state is Governance.COPIED:
        node, original = project.copied_from or (None, "?")
        raise WriteRefused(
            f"{key} carries the record of {original}{f' on node {node}' if node else ''}: it is a copy. "
            f"Run `govern-mirror init {key} --adopt` to govern it on its own"
        )
    _require_writable(project)


def _require_writable(project: Item) -> None:
    if project.read_only:
        raise WriteRefused(f"{project.facts.project_key} is not written: {project.read_only}")


def _event(
    actor: Actor, what: str, before: str | None = None, after: str | None = None, reason: str | None = None
) -> Event:
    short_before, before_digest = excerpt_and_digest(before)
    short_after, after_digest = excerpt_and_digest(after)
    return Event(
        number=None,
        at=actor.now,
        by=actor.by,
        source=actor.source.value,
        what=what,
        before=short_before,
        after=short_after,
        reason=clean(reason) if reason else None,
        before_digest=before_digest,
        after_digest=after_digest,
    )


def _with_pending_stored(project: Item, actor: Actor) -> Item:
    """Number the edits made in DSS: a write that appends no event of its own must not lose them."""
    return _with_new_events(project, [edit._replace(at=edit.at or actor.now) for edit in project.pending])


def _with_typed_recorded(
    project: Item,
    before: Item,
    paths: Iterable[str],
    actor: Actor,
    reason: str | None = None,
) -> Item:
    """Record what was typed at these paths, where nothing else was written that records it."""
    wanted = set(paths)
    typed = [path for path in unrecorded_edits(before) if path in wanted]
    if project is not before or not typed:
        return project
    return _with_event(project, _event(actor, "confirm", after=", ".join(typed), reason=reason))


def _with_event(project: Item, event: Event) -> Item:
    waiting = [edit._replace(at=edit.at or event.at) for edit in project.pending]
    if project.damaged_record is not None:
        kept = event._replace(what="record", before=None, after=None, reason=clean(project.damaged_record))
        waiting.insert(0, kept)
    return replace(_with_new_events(project, [*waiting, event]), damaged_record=None)


def _with_new_events(project: Item, events: Sequence[Event]) -> Item:
    if not events:
        return project
    new = chained(events, project.last_event, project.last_hash)
    return replace(
        project,
        events=(*project.events, *new),
        pending=(),
        last_event=new[-1].number or 0,
        last_hash=new[-1].hash or "",
    )
