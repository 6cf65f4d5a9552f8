"""What people do to a governed project, as pure functions: project in, changed project out.

Each change first stores the edits made in DSS that are still pending, then appends its own event. When what
was asked for already is, the very same project comes back, so that nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from govern_mirror.errors import Action, Hint, InputError, MoveRefused, WriteRefused
from govern_mirror.model.blueprint import OVERVIEW, Kind, Role, Status, is_status_path, status_path
from govern_mirror.model.event import (
    OVERRIDDEN,
    SIGNOFF_UNCHECKED,
    UNCHECKED,
    Actor,
    Event,
    chained,
    excerpt_and_digest,
)
from govern_mirror.model.item import Closure, Governance, Item, SyncBase, differences, with_values
from govern_mirror.model.policy import SIGNOFF, locks, newly_done, signoff_hint, unmet
from govern_mirror.model.trust import trust_by_path, unrecorded_edits
from govern_mirror.model.values import Value, check_all, is_blank
from govern_mirror.model.workflow import CLOSED, NOT_STARTED, Workflow
from govern_mirror.text import checked_flag, checked_member, checked_text, clean, clipped

MAX_REASON_TO_HIDE = 500
"""Characters of the reason why a project is hidden: it must fit beside the project in a list, and into the record."""


class MoveKind(str, Enum):
    """The moves of the workflow, with the names the command line and the macro use."""

    ADVANCE = "advance"
    START = "start"
    FINISH = "finish"
    REOPEN = "reopen"
    SET = "set"
    SKIP = "skip"


MAX_REASON_TO_CLOSE = 300
"""Characters of the reason that a closed project shows: they must fit into the record. Its event has all of them."""


@dataclass(frozen=True, slots=True)
class Move:
    """A move that was asked for.

    Attributes:
        kind: the move.
        step: its step; may be None for `advance` alone (then: one step on).
        reason: why, in the person's words.
        request: an id of the caller's; a move that comes again under the same id is made once.
        override: whether it goes on against the rules; it needs a reason then.
        unchecked: whether nobody could say which rules are in force; the event says so.

    Raises:
        InputError: there is no such move, or a part of it is of a wrong type.
    """

    kind: MoveKind
    step: str | None = None
    reason: str | None = None
    request: str | None = None
    unchecked: bool = False
    override: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", checked_member(MoveKind, self.kind, "move"))
        for name in ("step", "reason", "request"):
            if getattr(self, name) is not None:
                checked_text(getattr(self, name), f"the {name} of a move")
        if self.request is not None and not self.request.strip():
            # as an unset variable of a pipeline is: taken for none, the move would be made with every try
            raise InputError("the request of a move is blank: give it an id, or leave it out")
        for name in ("unchecked", "override"):
            checked_flag(getattr(self, name), f"{name} of a move")


def initialize(project: Item, overview: Mapping[str, object], actor: Actor, *, adopt: bool = False) -> Item:
    """Govern a project; on a governed one, fill blanks only.

    Args:
        project: any project, governed or not.
        overview: values by path, of the fields of the Overview; the origin of its ratings becomes `overview`.
        actor: who, from where, when.
        adopt: take over a copied project: the record becomes this project's own, its workflow starts anew.

    Raises:
        WriteRefused: the project is a copy and `adopt` is not given, or it must not be written.
        InputError: a path is unknown, or a value not valid.
    """
    checked_flag(adopt, "adopt")
    wanted = check_all(project.blueprint, overview)
    if project.state is Governance.COPIED:
        project = _adopted(project, actor, adopt)
    else:
        _require_writable(project)
    before = project
    if project.state is Governance.UNGOVERNED:
        event = _event(actor, "initialize", after=NOT_STARTED)
        project = _with_events(replace(project, state=Governance.GOVERNED, hidden=None), event)
    blanks = {path: value for path, value in wanted.items() if not is_blank(value) and is_blank(project.values[path])}
    project = _with_changed_values(project, blanks, actor, in_overview=True)
    if project is before and (before.revision == 0 or before.damaged_record is not None):
        # all values are there, but the record is lost or damaged: write it anew
        project = _with_events(project, _event(actor, "record", reason="record rebuilt"))
    return project


def edit(
    project: Item,
    changes: Mapping[str, object],
    actor: Actor,
    *,
    confirm: bool = False,
    reason: str | None = None,
) -> Item:
    """Record values, by path. A value given, also an equal one, is recorded: a rating's origin is now its step.

    Args:
        project: a governed project.
        changes: new values by path; None or () clears.
        actor: who, from where, when.
        confirm: check every rating that is there: its origin becomes its step. What was typed into the project's
            fields is recorded then, as it is by giving the same value.
        reason: why, in the person's words; the first event of the values keeps it.

    Raises:
        WriteRefused: the project is not governed, or must not be written.
        InputError: a path is unknown, or a value not valid.
    """
    checked_flag(confirm, "confirm")
    _require_governed(project)
    wanted = check_all(project.blueprint, changes)
    before = project
    project = _with_changed_values(project, wanted, actor, reason=reason)
    home = project.blueprint.home
    recorded = [field for field in project.blueprint.rated if confirm or field.path in wanted]
    confirmed = [field for field in recorded if project.origins.get(field.path) not in (None, home[field.path])]
    if confirmed:
        origins = {**project.origins, **{field.path: home[field.path] for field in confirmed}}
        event = _event(actor, "confirm", after=", ".join(field.name for field in confirmed))
        project = _with_events(replace(project, origins=origins), event)
    return _with_typed_recorded(project, before, before.blueprint.by_path if confirm else wanted, actor, reason)


def move(project: Item, wanted: Move, actor: Actor) -> Item:
    """Move the workflow, within its order and the blueprint's rules.

    Raises:
        MoveRefused: the order or a rule does not allow it; the message names the way out.
        InputError: the step is unknown or missing.
    """
    _require_governed(project)
    try:
        return _with_move(project, wanted, actor)
    except MoveRefused as refusal:
        # one step on: of the step that would be finished or started
        step = wanted.step or next((s.id for s in project.workflow.steps if not s.status.is_done), None)
        refusal.path = status_path(step) if step else None
        raise


def _with_move(project: Item, wanted: Move, actor: Actor) -> Item:
    if wanted.step is None and wanted.kind is not MoveKind.ADVANCE:
        raise InputError(f"name the step to {wanted.kind.value}: {', '.join(project.blueprint.step_ids)}")
    if wanted.kind is MoveKind.SKIP and not (wanted.reason or "").strip():
        raise InputError("say why the step is skipped: the history keeps the reason")
    _require_open(project)
    if wanted.request and any(event.request == wanted.request for event in project.events):
        return project
    invalid = sorted(
        path for path in project.problem_fields if is_status_path(path) and path in project.blueprint.by_path
    )
    if invalid and wanted.kind is not MoveKind.SET:
        labels = ", ".join(project.blueprint.by_path[path].label for path in invalid)
        message = f"{labels} holds no valid status, and only one move is allowed from anywhere"
        raise MoveRefused(message, hint=Hint(Action.SET_STEP, project.facts.project_key))
    after = _moved(project, wanted, actor)
    if after is project.workflow and not invalid:
        statuses = [status_path(step.id) for step in project.workflow.steps]
        paths = statuses if wanted.kind is MoveKind.SET else ()
        return _with_typed_recorded(project, project, paths, actor, wanted.reason)
    hint = Hint(Action.OVERRIDE, project.facts.project_key, wanted.step or "") if wanted.kind is MoveKind.SET else None
    reason = _reason_within_rules(
        project,
        newly_done(project.workflow, after),
        wanted.reason,
        override=(wanted.reason or "") if wanted.override else None,
        unchecked=wanted.unchecked,
        record="record it first" if hint else "record it first, then try again",
        otherwise="go on against the rules" if hint else None,
        hint=hint,
    )
    event = _event(actor, wanted.kind.value, project.workflow.position, after.position, reason)
    event = event._replace(request=wanted.request or None)
    problems = tuple(problem for problem in project.problems if problem.field not in invalid)
    return replace(_with_events(project, event), workflow=after, problems=problems)


def merge_remote(
    project: Item,
    changes: Mapping[str, object],
    statuses: Mapping[str, Status],
    base: SyncBase | None,
    actor: Actor,
    *,
    enforce: bool = False,
    override: str | None = None,
    unchecked: bool = False,
) -> Item:
    """Take what another side holds, and remember what both sides are in step with now.

    Args:
        project: a project; one that is not governed yet is initialized.
        changes: new values by path; None clears.
        statuses: new statuses by step id, carried as they are, also irregular ones; empty to leave all.
        base: what both sides hold afterwards; None forgets it.
        actor: who, with source `sync`, when.
        enforce: whether the requirements hold for steps that are done by this, as for a plan file. Without, the other
            side is Govern: what it brings is taken, and a step that it skips is one that it hides.
        override: why the requirements are overridden, or None.
        unchecked: whether the requirements could not be read; the event of a move says so.

    Raises:
        WriteRefused: the project is a copy, or must not be written.
        InputError: a path is unknown, or a value not valid.
        MoveRefused: a requirement is not met, and nobody overrides it; a plan file moves a closed project.
    """
    if project.state is Governance.UNGOVERNED:
        project = initialize(project, {}, actor)
    _require_governed(project)
    steps = tuple(
        step.moved(
            statuses.get(step.id, step.status),
            actor.now,
            actor.by,
            is_hidden=not enforce and statuses.get(step.id) is Status.SKIPPED,
        )
        for step in project.workflow.steps
    )
    moved = Workflow(steps)
    wanted = check_all(project.blueprint, changes)
    has_moved = moved.current is not None and moved.finished > 0
    reason = None
    if enforce and moved != project.workflow:
        _require_open(project)
        reason = _reason_within_rules(
            with_values(project, wanted),
            newly_done(project.workflow, moved),
            None,
            override=override,
            unchecked=unchecked,
            record="record it, too",
            otherwise="override the rules with a reason",
        )
    if moved != project.workflow:
        event = _event(actor, "sync", project.workflow.position, moved.position, reason)
        project = replace(_with_events(project, event), workflow=moved)
    project = _with_changed_values(project, wanted, actor, in_overview=not has_moved)
    if project.sync_base == base:
        return project
    # a write that appends no event of its own must not lose the edits made in DSS
    edits = [edit._replace(at=edit.at or actor.now) for edit in project.pending]
    return replace(_with_new_events(project, edits), sync_base=base)


def close(project: Item, reason: str, actor: Actor) -> Item:
    """Close a project: cancelled, replaced, finished elsewhere. Nothing is deleted, and it can be undone.

    Raises:
        WriteRefused: the project is not governed, or must not be written.
        InputError: there is no reason.
    """
    _require_governed(project)
    reason = clean(checked_text(reason, "the reason")).strip()
    if not reason:
        raise InputError("say why the project is closed: the history keeps the reason")
    if project.closed:
        return project
    event = _event(actor, "close", project.stage, CLOSED, reason)
    closed = Closure(actor.now, actor.by, clipped(reason, MAX_REASON_TO_CLOSE))
    return replace(_with_events(project, event), closed=closed)


def undo_close(project: Item, actor: Actor, reason: str | None = None) -> Item:
    """Go on with a project that was closed; the same project when it is not.

    Raises:
        WriteRefused: the project is not governed, or must not be written.
        InputError: the reason is no text.
    """
    _require_governed(project)
    if reason is not None:
        checked_text(reason, "the reason")
    if not project.closed:
        return project
    event = _event(actor, "undo close", CLOSED, project.workflow.stage, reason)
    return replace(_with_events(project, event), closed=None)


def restart(item: Item, changes: Mapping[str, object], actor: Actor) -> Item:
    """Begin a workflow anew, since the item was made anew under its address. Notes and documents stay.

    Args:
        item: a governed item.
        changes: new values by path, of what DSS says of the item now.
        actor: who, from where, when.

    Raises:
        WriteRefused: the item is not governed, or must not be written.
        InputError: a path is unknown, or a value not valid.
    """
    _require_governed(item)
    event = _event(actor, "restart", item.workflow.position, NOT_STARTED)
    begun = replace(_with_events(item, event), workflow=Workflow.not_started(item.blueprint), closed=None)
    return _with_changed_values(begun, check_all(item.blueprint, changes), actor)


def hide(project: Item, reason: str, actor: Actor) -> Item:
    """Hide a project from those that wait to be governed; the same project when it is hidden already.

    Raises:
        WriteRefused: the project is governed or a copy, or must not be written.
        InputError: there is no reason, or one that is too long.
    """
    _require_ungoverned(project)
    reason = clean(checked_text(reason, "the reason")).strip()
    if not reason:
        raise InputError("say why the project is hidden: others read the reason")
    if len(reason) > MAX_REASON_TO_HIDE:
        raise InputError(f"the reason has {len(reason)} characters: say it in {MAX_REASON_TO_HIDE}")
    return project if project.hidden else replace(project, hidden=Closure(actor.now, actor.by, reason))


def undo_hide(project: Item) -> Item:
    """Show a hidden project again; the same project when it is not hidden.

    Raises:
        WriteRefused: as for `hide`.
    """
    _require_ungoverned(project)
    return replace(project, hidden=None)


def _require_ungoverned(project: Item) -> None:
    key = project.facts.project_key
    if project.state is Governance.COPIED:
        raise WriteRefused(f"{key} is a copy of a governed project", hint=Hint(Action.ADOPT, key))
    if project.is_governed:
        raise WriteRefused(f"{key} is governed: only what is not governed can be hidden")
    _require_writable(project)


def _reason_within_rules(
    project: Item,
    done: Iterable[str],
    reason: str | None,
    *,
    override: str | None,
    unchecked: bool,
    record: str,
    otherwise: str | None = None,
    hint: Hint | None = None,
) -> str | None:
    """The reason that the event of a move keeps, once the requirements allow it.

    Args:
        project: with the values that are judged.
        done: the ids of the steps that are done by the move.
        reason: what people gave as reason.
        override: why the requirements are overridden, or None.
        unchecked: whether the requirements could not be read.
        record: what to do about values that are missing.
        otherwise: what else to do about whatever is missing; None where that is not possible.
        hint: what to do, which the entry point words.

    Raises:
        MoveRefused: something is missing; all of it is named.
        InputError: the rules are overridden without a reason.
    """
    # a lock holds any move, and is named once where its own step would be done
    missing = {finding.requirement.id: finding for finding in (*locks(project), *unmet(project, done))}
    if missing and override is None:
        message = "; ".join(finding.message for finding in missing.values())
        unapproved = [finding for id_, finding in missing.items() if id_.endswith(f".{SIGNOFF}")]
        if len(unapproved) < len(missing):
            message = f"{message}: {record}{f', or {otherwise}' if otherwise else ''}"
        elif otherwise:
            message = f"{message}; or {otherwise}"
        if unapproved and hint is None:
            hint = signoff_hint(project.facts.project_key, unapproved[0])
        elif hint is None and not otherwise:
            paths = dict.fromkeys(finding.requirement.needs.path for finding in missing.values())
            hint = Hint(Action.RECORD, project.facts.project_key, "=… ".join(paths))
        refusal = MoveRefused(message, hint=hint)
        refusal.overridable = True
        raise refusal
    if missing and not override:
        raise InputError("say why the rules are overridden: the history keeps the reason")
    if missing:
        reason = f"{override} ({OVERRIDDEN})"
    is_hub_unread = project.hub is not None and project.hub.unreadable is not None
    for mark in [*([SIGNOFF_UNCHECKED] if is_hub_unread else []), *([UNCHECKED] if unchecked else [])]:
        reason = f"{reason} ({mark})" if reason else mark
    return reason


def _moved(project: Item, wanted: Move, actor: Actor) -> Workflow:
    workflow = project.workflow
    moves: dict[MoveKind, Callable[..., Workflow]] = {
        MoveKind.ADVANCE: workflow.advance_to,
        MoveKind.START: workflow.start,
        MoveKind.FINISH: workflow.finish,
        MoveKind.REOPEN: workflow.reopen,
        MoveKind.SET: workflow.set_step,
        MoveKind.SKIP: workflow.skip,
    }
    try:
        if wanted.step is None:
            return workflow.advance(actor.now, actor.by)
        return moves[wanted.kind](wanted.step, actor.now, actor.by)
    except MoveRefused as refusal:
        # the workflow does not know whose it is
        refusal.hint = refusal.hint and replace(refusal.hint, key=project.facts.project_key)
        raise


def _with_changed_values(
    project: Item,
    changes: Mapping[str, Value],
    actor: Actor,
    *,
    in_overview: bool = False,
    reason: str | None = None,
) -> Item:
    """Set checked values by path with one event for each that differs; the same project when none does."""
    edited = with_values(project, changes)
    events = [
        _event(actor, difference.field, difference.before, difference.after, None if at else reason)
        for at, difference in enumerate(differences(project, edited, changes))
    ]
    if not events:
        return project
    origins = dict(project.origins)
    for field in project.blueprint.rated:
        rating = edited.values[field.path]
        if rating != project.values[field.path]:
            origins.pop(field.path, None)
            if rating is not None:
                origins[field.path] = OVERVIEW if in_overview else project.blueprint.home[field.path]
    return _with_events(replace(edited, origins=origins), *events)


def _adopted(project: Item, actor: Actor, adopt: bool) -> Item:
    """The copy as a project of its own: it keeps ratings, notes and documents, and its workflow starts anew.

    What was decided, planned and done was so of the original: decision, dates, statuses and events stay there.
    """
    if not adopt:
        _require_governed(project)
    _require_writable(project)
    blueprint, original = project.blueprint, project.copied_from
    decision = blueprint.roles.get(Role.DECISION)
    gone = {field.path for field in blueprint.fields if field.kind is Kind.DATE}
    if decision:
        gone |= {decision.path, decision.comment_path} & project.values.keys()
    adopted = Item(
        project.facts,
        blueprint,
        Workflow.not_started(blueprint),
        {**project.values, **{path: blueprint.by_path[path].blank for path in gone}},
        dict.fromkeys(project.origins, OVERVIEW),
        Governance.GOVERNED,
        revision=project.revision,
        has_own_record=True,
    )
    last = project.last_hash or None
    event = _event(actor, "adopt", before="/".join(part or "?" for part in original or ()))._replace(after=last)
    return _with_events(adopted, event)


def _require_governed(project: Item) -> None:
    key = project.facts.project_key
    if project.state is Governance.UNGOVERNED:
        raise WriteRefused(f"{key} is not governed yet", hint=Hint(Action.GOVERN, key))
    if project.state is Governance.COPIED:
        node, original = project.copied_from or (None, "?")
        raise WriteRefused(
            f"{key} is a copy: it carries the record of {original}{f' on node {node}' if node else ''}",
            hint=Hint(Action.ADOPT, key),
        )
    _require_writable(project)


def _require_open(project: Item) -> None:
    if project.closed:
        message = f"{project.facts.project_key} is closed ({project.closed.reason})"
        raise MoveRefused(message, hint=Hint(Action.UNDO_CLOSE, project.facts.project_key))


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


def _with_typed_recorded(
    project: Item,
    before: Item,
    paths: Iterable[str],
    actor: Actor,
    reason: str | None = None,
) -> Item:
    """Record what was typed at these paths, where nothing else was written that records it.

    Without a record of its own, all that a project holds was typed.
    """
    if project is not before:
        return project
    names = set(paths)
    unrecorded = unrecorded_edits(before) if before.has_own_record else trust_by_path(before)
    typed = [path for path in unrecorded if path in names]
    return _with_events(project, _event(actor, "confirm", after=", ".join(typed), reason=reason)) if typed else project


def _with_events(project: Item, *events: Event) -> Item:
    """Append events, after the edits made in DSS that were waiting, and the text of a damaged record."""
    waiting = [edit._replace(at=edit.at or events[0].at) for edit in project.pending]
    if project.damaged_record is not None:
        record = events[0]._replace(what="record", before=None, after=None, reason=clean(project.damaged_record))
        waiting.insert(0, record)
        project = replace(project, damaged_record=None)
    return _with_new_events(project, [*waiting, *events])


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
