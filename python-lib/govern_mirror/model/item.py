"""A governed item as one value: identity, workflow, values, history and problems. A project is one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import Enum
from typing import Any

from govern_mirror.errors import Hint
from govern_mirror.model.blueprint import OVERVIEW, Blueprint, Role, Status, status_path
from govern_mirror.model.event import Event
from govern_mirror.model.hub_facts import HubFacts
from govern_mirror.model.values import Value, text_of
from govern_mirror.model.workflow import CLOSED, COMPLETE, NOT_STARTED, Workflow
from govern_mirror.text import checked_member
from govern_mirror.times import checked_time

HIDDEN = "hidden"
"""What a change is called that hides a project, or shows it again."""


class Governance(str, Enum):
    """Whether a project is governed. A copy carries another project's record and is not counted."""

    UNGOVERNED = "ungoverned"
    GOVERNED = "governed"
    COPIED = "copied"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something read that is not as it should be; it blocks nothing else.

    Attributes:
        field: the path of the value, or the name of the stored field.
        found: what was found, as short text, or None.
        expected: what would be valid.
        message: what it means and what to do.
        hint: what to do besides, which the entry point words.
    """

    field: str
    found: str | None
    expected: str
    message: str
    hint: Hint | None = None


@dataclass(frozen=True, slots=True)
class UnreadableProject:
    """A visible project that could not be read: its key, and why, for people."""

    project_key: str
    message: str


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """What DSS says about the project apart from what is governed.

    `last_modified_by` and `last_modified_on` come from the project's version tag: they are only a hint at who
    edited a governed value by hand. `item_url` opens the item on the live page, where its address is known.
    """

    project_key: str
    name: str = ""
    url: str | None = None
    node_id: str | None = None
    owner: str | None = None
    tags: tuple[str, ...] = ()
    last_modified_by: str | None = None
    last_modified_on: datetime | None = None
    item_url: str | None = None

    @property
    def link(self) -> str | None:
        """Where a link from the project's name leads: the item on the live page, else the project in DSS."""
        return self.item_url or self.url


@dataclass(frozen=True, slots=True)
class Closure:
    """That people closed a project, or hid one that is not governed. Nothing of it is deleted.

    Attributes:
        at: when (UTC), None when unknown.
        by: login of who did.
        reason: why, in their words.
    """

    at: datetime | None
    by: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class SyncBase:
    """What both sides held when this project was last in step with a Govern project.

    Attributes:
        node_id: the Govern node; None where it names none.
        artifact_id: the Govern project's artifact there, such as `ar.5`.
        prints: fingerprints of the values, by path, and of the workflow under `workflow`; a path is missing
            where the sides were not in step.
        key_id, seal: which key sealed all of this, and its seal (`sync.seal`); without them the base is a claim that
            anybody could have written.
    """

    node_id: str | None
    artifact_id: str
    prints: Mapping[str, str]
    key_id: str | None = None
    seal: str | None = None


class View:
    """A read-only view of values whose paths begin alike, such as `item.overview`, for people who script.

    A part of a path gives a view of what is below it; below a rating, `origin` is where it comes from.
    """

    __slots__ = ("_origins", "_prefix", "_values")

    def __init__(self, values: Mapping[str, Value], origins: Mapping[str, str], prefix: str) -> None:
        self._values, self._origins, self._prefix = values, origins, prefix

    def __getattr__(self, name: str) -> Any:
        path = f"{self._prefix}.{name}"
        if path in self._values:
            return self._values[path]
        if name == "origin" and f"{self._prefix}.rating" in self._values:
            return self._origins.get(f"{self._prefix}.rating")
        if any(longer.startswith(f"{path}.") for longer in self._values):
            return View(self._values, self._origins, path)
        raise AttributeError(f"{self._prefix} has no {name!r}: it has {', '.join(self)}")

    def __iter__(self) -> Iterator[str]:
        """The names that the view has."""
        start = len(self._prefix) + 1
        names = (path[start:].partition(".")[0] for path in self._values if path.startswith(f"{self._prefix}."))
        return iter(dict.fromkeys(names))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, View) and self._items() == other._items()

    def __hash__(self) -> int:
        return hash(self._prefix)

    def __repr__(self) -> str:
        return f"{self._prefix}: {self._items()}"

    def _items(self) -> dict[str, Value]:
        return {path: value for path, value in self._values.items() if path.startswith(f"{self._prefix}.")}


@dataclass(frozen=True, slots=True)
class Item:
    """One governed item, such as a project, as decoded from where it is kept.

    Attributes:
        facts: what DSS says about it.
        blueprint: the template it follows.
        workflow: the statuses of the steps, and when they changed.
        values: what each field but the statuses holds, by path; each path of the template is there.
        origins: where each rating that is there comes from, by path: `overview`, or the step it was recorded in.
        state: governed, ungoverned, or a copy of another governed project.
        revision: counts the writes of this tool; 0 before the first.
        events: the stored events that the record holds, oldest first.
        pending: edits made in DSS that no write has stored yet.
        last_event: the highest event number given so far.
        moved_events: the highest event number that was moved to the wiki article; 0 when none was.
        removed_events: the highest event number that went away when the project was not governed for a while.
        last_hash, moved_hash: the hashes of the last event, and of the last one that the record does not hold.
        breaks: where the chain of events is not as it was written, e.g. `missing 3-5`.
        nonces: of the last writes, newest first.
        problems: what is not as it should be.
        copied_from: for a copy, node id and project key of the original.
        damaged_record: the text of a record that could not be read whole; the next write keeps it as an event.
        read_only: why this project must not be written, or None.
        sync_base: what it was last in step with, or None.
        closed: that people closed it, or None.
        hidden: that people hid it from those that wait to be governed, or None; only what is not governed is hidden.
        has_own_record: whether a valid record was found that was written for this very project.
        hub: what the hub's ledger says of it; None where nobody asked, or approvals are off. It is stored nowhere.
    """

    facts: ProjectFacts
    blueprint: Blueprint = field(repr=False)
    workflow: Workflow
    values: Mapping[str, Value]
    origins: Mapping[str, str] = field(default_factory=dict)
    state: Governance = Governance.UNGOVERNED
    revision: int = 0
    events: tuple[Event, ...] = ()
    pending: tuple[Event, ...] = ()
    last_event: int = 0
    moved_events: int = 0
    removed_events: int = 0
    last_hash: str = ""
    moved_hash: str = ""
    breaks: tuple[str, ...] = ()
    nonces: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    copied_from: tuple[str | None, str] | None = None
    damaged_record: str | None = None
    read_only: str | None = None
    sync_base: SyncBase | None = None
    closed: Closure | None = None
    hidden: Closure | None = None
    has_own_record: bool = False
    hub: HubFacts | None = field(default=None, repr=False, compare=False)

    @property
    def stage(self) -> str:
        """Where it stands: `not_started`, the id of the current step, `complete`, or `closed`."""
        return CLOSED if self.closed else self.workflow.stage

    @property
    def is_in_flight(self) -> bool:
        """Whether work goes on: it is governed, has started, and is neither complete nor closed."""
        return self.is_governed and self.stage not in (NOT_STARTED, COMPLETE, CLOSED)

    @property
    def is_governed(self) -> bool:
        """Whether the project counts as governed."""
        return self.state is Governance.GOVERNED

    @property
    def overview(self) -> View:
        """The values of the Overview by attribute, for people who script."""
        return View(self.values, self.origins, OVERVIEW)

    @property
    def qualification(self) -> View:
        """The values below `qualification` by attribute, for people who script."""
        return View(self.values, self.origins, "qualification")

    def of_role(self, role: Role | str) -> Value:
        """What the field with a role holds; None when it is blank or the template has none.

        Raises:
            InputError: there is no such role.
        """
        at = self.blueprint.roles.get(checked_member(Role, role, "role"))
        return self.values[at.path] if at else None

    def text_of_role(self, role: Role | str) -> str | None:
        """What the field with a role holds, as one text."""
        return text_of(self.of_role(role))

    def date_of_role(self, role: Role) -> date | None:
        """The day that the field with a role holds."""
        day = self.of_role(role)
        return day if isinstance(day, date) else None

    def notes(self, step_id: str) -> str | None:
        """People's notes on a step.

        Raises:
            InputError: the template has no such step.
        """
        return text_of(self.values[self.blueprint.step(step_id).paths[1]])

    @property
    def problem_fields(self) -> frozenset[str]:
        """The fields that have a problem."""
        return frozenset(problem.field for problem in self.problems)

    def days_in_step(self, now: datetime) -> int | None:
        """Whole days in the current step: since it started, or, when it has not, since the step before ended.

        None when nothing has started, when the workflow is complete or the project closed, and when that time is not
        known.

        Raises:
            InputError: `now` is no time with a zone.
        """
        checked_time(now)
        current = self.workflow.current
        if current is None or self.workflow.is_complete or self.closed:
            return None
        since = current.started_on
        if current.status is Status.NOT_STARTED:
            ends = [step.finished_on for step in self.workflow.steps if step.status.is_done and step.finished_on]
            since = max(ends, default=None)
        return max(0, (now - since).days) if since else None


def values(project: Item) -> dict[str, Value]:
    """Every stored value by its path, statuses too, as `Blueprint.by_path` names them."""
    return {**project.values, **{status_path(step.id): step.status for step in project.workflow.steps}}


def with_values(project: Item, changes: Mapping[str, Value]) -> Item:
    """The project with some values replaced, by path; a value given anew has no problem any more.

    Times and origins stay: they belong to the moves and to the recording of ratings.

    Raises:
        KeyError: a path is not one of the template's values, or a status, which changes by moves.
    """
    if not changes:
        return project
    unknown = next((path for path in changes if path not in project.values), None)
    if unknown is not None:
        raise KeyError(unknown)
    return replace(
        project,
        values={**project.values, **changes},
        problems=tuple(problem for problem in project.problems if problem.field not in changes),
    )


def problems_json(problems: Iterable[Problem]) -> list[dict[str, str | None]]:
    """Problems as every JSON output lists them."""
    return [{"field": p.field, "found": p.found, "expected": p.expected, "message": p.message} for p in problems]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One difference between two states of a project: the path, and both values as text (None: blank)."""

    field: str
    before: str | None
    after: str | None


def differences(before: Item, after: Item, paths: Collection[str] | None = None) -> tuple[FieldChange, ...]:
    """What differs between two states, for people: state, values and origins, in the blueprint's order.

    Args:
        before, after: the states.
        paths: the values that may differ; None for all.
    """
    changes = []
    if before.state is not after.state:
        changes.append(FieldChange("governed", before.state.value, after.state.value))
    if before.closed != after.closed:
        reasons = [project.closed.reason if project.closed else None for project in (before, after)]
        changes.append(FieldChange(CLOSED, *reasons))
    if before.hidden != after.hidden:
        changes.append(FieldChange(HIDDEN, *(item.hidden.reason if item.hidden else None for item in (before, after))))
    old, new = values(before), values(after)
    repaired = before.problem_fields - after.problem_fields
    for path in after.blueprint.by_path:
        if (paths is not None and path not in paths) or (old.get(path) == new.get(path) and path not in repaired):
            continue
        was, now = text_of(old.get(path)), text_of(new.get(path))
        if was != now or path in repaired:
            changes.append(FieldChange(path, was, now))
    for rated in after.blueprint.rated:
        was, now = (project.origins.get(rated.path) for project in (before, after))
        if was != now:
            changes.append(FieldChange(rated.origin_path, was, now))
    return tuple(changes)
