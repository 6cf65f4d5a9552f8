"""Initialize the workflow on projects, take it away again, and hide those that nobody wants to govern."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from govern_mirror.actions.governed_items import as_seen, change_of_item, is_item
from govern_mirror.actions.inputs import (
    refuses_wrong_types,
    require_dates,
    require_field_types,
    require_revision,
    resolved,
    values_by_path,
)
from govern_mirror.actions.session import Session
from govern_mirror.bulk import Progress, for_each
from govern_mirror.dss import BulkConfirmation, Metadata, WriteResult
from govern_mirror.errors import (
    FAILED_OUTCOMES,
    AccessDenied,
    Action,
    GovernMirrorError,
    Hint,
    InputError,
    WriteRefused,
    outcome_of,
)
from govern_mirror.labels import held
from govern_mirror.model import changes
from govern_mirror.model.event import Actor
from govern_mirror.model.item import FieldChange, Governance, Item, differences
from govern_mirror.model.values import check_all
from govern_mirror.text import clipped

_ResultOf = Callable[[str, WriteResult], "ProjectResult"]


@dataclass(frozen=True)
class Scope:
    """Which projects to initialize: exactly one of keys (or addresses of items), a tag, a project folder, or all."""

    keys: tuple[str, ...] = ()
    tag: str | None = None
    folder: str | None = None
    everything: bool = False

    def __post_init__(self) -> None:
        require_field_types(self)
        if self.keys and not any(key.strip() for key in self.keys):
            raise InputError("a project key must not be blank")
        if any(text is not None and not text.strip() for text in (self.tag, self.folder)):
            # as an unset variable leaves it: it would mean every project
            raise InputError("a tag or a project folder must not be blank; the root of the project folders is /")
        choices = [bool(self.keys), self.tag is not None, self.folder is not None, self.everything]
        if sum(choices) != 1:
            raise InputError("say which projects: their keys, or a tag, or a project folder, or all of them")


@dataclass(frozen=True)
class ProjectResult:
    """How the work on one project ended.

    Attributes:
        project_key: the project.
        outcome: initialized, adopted, filled, removed, hidden, shown, unchanged, skipped, failed, or unclear (it may
            have been written); in a dry run what would be.
        message: one sentence for people.
        changes: what changed, or would.
        warnings: what people should look at.
        kept: what was asked for and not taken, since the project holds another value: `Sponsor is Ada`.
        hint: what to do next, which the entry point words.
        error: what stopped it; None where nothing did.
    """

    project_key: str
    outcome: str
    message: str = ""
    changes: tuple[FieldChange, ...] = ()
    warnings: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    hint: Hint | None = None
    error: GovernMirrorError | None = None

    @property
    def changed(self) -> bool:
        """Whether the project changed, or in a dry run would: also where it is only recorded as it stands."""
        return self.outcome not in ("unchanged", "skipped", *FAILED_OUTCOMES)

    @property
    def failed(self) -> bool:
        """Whether the project ended in an error."""
        return self.outcome in FAILED_OUTCOMES


@refuses_wrong_types
def initialize(
    session: Session,
    scope: Scope,
    overview: Mapping[str, object] | None = None,
    *,
    adopt: bool = False,
    expected: int | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    now: datetime | None = None,
) -> list[ProjectResult]:
    """Initialize the workflow on each project of the scope; on governed ones fill blanks only.

    A bundle or version is governed while its project is: of its address, too, blanks are filled.

    Args:
        session: the instance, settings and user.
        scope: which projects.
        overview: values by path for the Overview, as `inputs.parse_values` gives them.
        adopt: take over copied projects.
        expected: the revision that the caller looked at, of one project given by its key; None takes any.
        dry_run: only say what would change.
        progress: told after each project.
        now: the time to record, else the current time.

    Returns:
        One result for each project. With `everything`, projects that this user may not write are skipped, and so are
        copies unless adopted; otherwise they fail. One that is at another revision than expected fails.

    Raises:
        InputError: a field is unknown or given twice, a value not valid, or a revision is expected of several
            projects; nothing was written then.
    """
    _require_one(_unique(scope.keys), expected)
    actor = session.actor(now)
    only_items = bool(scope.keys) and all(map(is_item, scope.keys))
    values = {} if only_items else values_by_path(session.blueprint, overview or {})
    of_items = _values_of_items(session, scope.keys, overview or {})

    def change(project: Item) -> Item:
        require_revision(project, expected)
        return require_dates(project, changes.initialize(project, resolved(values, project), actor, adopt=adopt))

    def result(key: str, outcome: WriteResult) -> ProjectResult:
        return _with_kept(_result(key, outcome), outcome.after, of_items.get(key, values))

    if dry_run and not scope.keys:
        return _preview(session, scope, change, result, progress)
    listed = _listed(session, scope)

    def write(key: str, bulk: BulkConfirmation | None) -> WriteResult:
        changed = _filling(session, key, of_items.get(key, {}), expected, actor) if is_item(key) else change
        return session.store.update(key, changed, actor, dry_run=dry_run, bulk=bulk, listed=listed[key])

    return _written(session, list(listed), write, result, progress, dry_run=dry_run, lenient=scope.everything)


def _filling(
    session: Session, address: str, values: Mapping[str, object], expected: int | None, actor: Actor
) -> Callable[[Item], Item]:
    """The change that fills the blanks of an item: it is governed by rule, so its record begins with what there is."""
    fill = change_of_item(session, address, lambda item, actor: changes.initialize(item, resolved(values, item), actor))

    def change(item: Item) -> Item:
        require_revision(item, expected)
        is_nothing = not values and item.state is Governance.UNGOVERNED and not item.read_only
        return item if is_nothing else fill(item, actor)

    return change


def _values_of_items(
    session: Session, keys: Sequence[str], values: Mapping[str, object]
) -> dict[str, dict[str, object]]:
    """Values by path for the items among keys, by address; an address that is none is told when it is read."""
    of_items = {}
    for key in filter(is_item, _unique(keys)):
        with suppress(InputError):
            of_items[key] = session.blueprint_of(key)
    return {key: values_by_path(blueprint, values) for key, blueprint in of_items.items()}


@refuses_wrong_types
def ungovern(
    session: Session,
    keys: Iterable[str],
    *,
    purge: bool = False,
    expected: int | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    now: datetime | None = None,
) -> list[ProjectResult]:
    """Remove all that this tool stored in the projects: fields, checklist, tag, wiki timeline.

    The record leaves a mark from which the history goes on when a project is governed again.

    Args:
        session, expected, dry_run, progress: as for `initialize`.
        keys: the projects. An item goes with its project: its address fails.
        purge: leave nothing, not even the mark.
        now: the time to record in the mark, else the current time.

    Returns:
        One result for each project. One that is at another revision than expected fails.

    Raises:
        InputError: a revision is expected of several projects.
    """
    projects = _unique(keys)
    _require_one(projects, expected)
    actor = session.actor(now)

    def accept(project: Item) -> Item:
        return require_revision(project, expected)

    def write(key: str, bulk: BulkConfirmation | None) -> WriteResult:
        _require_project(key)
        return session.store.remove(key, actor, accept=accept, purge=purge, dry_run=dry_run, bulk=bulk)

    return _written(session, projects, write, _result, progress, dry_run=dry_run)


@refuses_wrong_types
def hide(
    session: Session,
    keys: Iterable[str],
    reason: str,
    *,
    dry_run: bool = False,
    progress: Progress | None = None,
    now: datetime | None = None,
) -> list[ProjectResult]:
    """Hide projects that are not governed from those that wait to be; each keeps who did, when and why.

    Args:
        session, dry_run, progress, now: as for `initialize`.
        keys: the projects. An item goes with its project: its address fails.
        reason: why, for those who look at what is hidden.

    Returns:
        One result for each project. One that is governed fails; one that is hidden already is unchanged.
    """
    actor = session.actor(now)
    return _hidden_or_shown(session, keys, lambda item: changes.hide(item, reason, actor), actor, dry_run, progress)


@refuses_wrong_types
def undo_hide(
    session: Session,
    keys: Iterable[str],
    *,
    dry_run: bool = False,
    progress: Progress | None = None,
    now: datetime | None = None,
) -> list[ProjectResult]:
    """Show hidden projects again among those that wait to be governed; the arguments are those of `hide`."""
    return _hidden_or_shown(session, keys, changes.undo_hide, session.actor(now), dry_run, progress)


def _hidden_or_shown(
    session: Session,
    keys: Iterable[str],
    change: Callable[[Item], Item],
    actor: Actor,
    dry_run: bool,
    progress: Progress | None,
) -> list[ProjectResult]:
    def write(key: str, bulk: BulkConfirmation | None) -> WriteResult:
        _require_project(key)
        return session.store.update(key, change, actor, dry_run=dry_run, bulk=bulk)

    return _written(session, _unique(keys), write, _hidden_result, progress, dry_run=dry_run)


def _hidden_result(key: str, outcome: WriteResult) -> ProjectResult:
    hidden = outcome.after.hidden
    if not outcome.changed:
        words = f"already hidden{f' by {hidden.by}' if hidden.by else ''}: {hidden.reason}" if hidden else "not hidden"
        return ProjectResult(key, "unchanged", words, warnings=outcome.warnings)
    would = "" if outcome.written else "would be "
    word, sentence = ("hidden", f"{would}hidden") if hidden else ("shown", f"{would}shown again")
    return ProjectResult(key, word, sentence, differences(outcome.before, outcome.after), outcome.warnings)


def _require_project(key: str) -> None:
    if is_item(key):
        # the store would take its address, too
        raise InputError(
            f"{clipped(key)} is no project and goes with its project: give {key.partition('/')[0]}, or close the item"
        )


def _require_one(keys: Sequence[str], expected: int | None) -> None:
    if expected is not None and len(keys) != 1:
        raise InputError("expected is the revision of one project: give the key of one project, or leave it out")


def _written(
    session: Session,
    keys: Sequence[str],
    write: Callable[[str, BulkConfirmation | None], WriteResult],
    result_of: _ResultOf,
    progress: Progress | None,
    *,
    dry_run: bool,
    lenient: bool = False,
) -> list[ProjectResult]:
    """Write each project, and confirm all of them once at the end."""
    bulk = BulkConfirmation() if len(keys) > 1 and not dry_run else None

    def written(key: str) -> ProjectResult:
        # an item is written into the metadata of its project, which the same command may write
        return result_of(key, write(key, None if is_item(key) else bulk))

    results = {
        ending.item: ending.result or _failure(ending.item, ending.error, lenient=lenient)
        for ending in for_each(keys, written, progress=progress)
    }
    for key, confirmation in session.store.confirm(bulk).items() if bulk else ():
        if confirmation.error is not None:
            results[key] = _failure(key, confirmation.error, lenient=False)
            continue
        result = result_of(key, confirmation.outcome) if confirmation.outcome else results[key]
        results[key] = replace(result, warnings=(*result.warnings, *confirmation.warnings))
    return list(results.values())


def _preview(
    session: Session,
    scope: Scope,
    change: Callable[[Item], Item],
    result_of: _ResultOf,
    progress: Progress | None,
) -> list[ProjectResult]:
    """Say what would change, from the one list call: nothing is written, so nothing has to be read for a base."""
    keys = set(_listed(session, scope))
    projects, unreadable = session.store.read_all(progress)
    results = []
    for project in projects:
        key = project.facts.project_key
        if key not in keys:
            continue
        try:
            results.append(result_of(key, WriteResult(project, change(project), written=False)))
        except GovernMirrorError as error:
            results.append(_failure(key, error, lenient=scope.everything))
    results += [ProjectResult(item.project_key, "failed", item.message) for item in unreadable]
    return results


def _listed(session: Session, scope: Scope) -> dict[str, Metadata | None]:
    """The projects of a scope as one list call has them; those given by key are read one by one."""
    if scope.keys:
        return dict.fromkeys(_unique(scope.keys))
    tags = () if scope.tag is None else (scope.tag,)
    return {**session.store.listed(tags=tags, folder=scope.folder)}


def _unique(keys: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(key.strip() for key in keys if key.strip()))


def _failure(key: str, error: GovernMirrorError | None, *, lenient: bool) -> ProjectResult:
    skipped = lenient and isinstance(error, AccessDenied | WriteRefused)
    hint = error.hint if error else None
    return ProjectResult(key, "skipped" if skipped else outcome_of(error), str(error), hint=hint, error=error)


def _with_kept(result: ProjectResult, after: Item, wanted: Mapping[str, object]) -> ProjectResult:
    """Say which values were asked for and not taken, since only blanks are filled."""
    values = check_all(after.blueprint, resolved(wanted, after))
    kept = tuple(held(after, path) for path, value in values.items() if after.values[path] != value)
    return replace(result, kept=kept, hint=Hint(Action.SET, result.project_key)) if kept else result


def _result(key: str, outcome: WriteResult) -> ProjectResult:
    if not outcome.changed:
        is_governed = outcome.before.is_governed or is_item(key)
        sentence = "already governed; nothing was blank" if is_governed else "not governed; nothing to remove"
        return ProjectResult(key, "unchanged", sentence, warnings=outcome.warnings)
    word, sentence = _ending(outcome, "" if outcome.written else "would be ")
    differing = differences(as_seen(outcome.before, outcome.after), outcome.after)
    return ProjectResult(key, word, sentence, differing, outcome.warnings)


def _ending(outcome: WriteResult, would: str) -> tuple[str, str]:
    """The outcome in one word, and as a sentence."""
    if not outcome.after.is_governed:
        return "removed", f"{would}removed from governance"
    if outcome.before.state is Governance.UNGOVERNED:
        return "initialized", f"{would}governed: the workflow is at its start"
    if outcome.before.state is Governance.COPIED:
        return "adopted", f"{would}adopted: the copy is governed on its own"
    if outcome.before.has_own_record:
        return "filled", f"already governed; blanks {would}filled"
    recorded = f"{would}recorded as it stands, with what people typed"
    return "filled", f"already governed, without a record of its own: {recorded}"
