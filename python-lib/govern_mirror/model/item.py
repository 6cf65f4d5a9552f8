"""A governed project as one value: identity, overview, workflow, qualification, history and problems."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import Enum
from typing import Any

from govern_mirror.model.blueprint import STANDARD, Blueprint, Status
from govern_mirror.model.document import Document
from govern_mirror.model.event import Event
from govern_mirror.model.qualification import DIMENSIONS, Qualification
from govern_mirror.model.workflow import Workflow

Value = str | date | Status | tuple[Document, ...] | None
"""What a stored field holds once parsed. Blank is None, or () for documents."""


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
    """

    field: str
    found: str | None
    expected: str
    message: str


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """What DSS says about the project apart from what is governed.

    `last_modified_by` and `last_modified_on` come from the project's version tag: they are only a hint at who
    edited a governed value by hand.
    """

    project_key: str
    name: str = ""
    url: str | None = None
    node_id: str | None = None
    owner: str | None = None
    tags: tuple[str, ...] = ()
    last_modified_by: str | None = None
    last_modified_on: datetime | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """The Overview's values that this library keeps, besides the ratings it shares with the qualification."""

    business_initiative: str | None = None
    sponsor: str | None = None
    start_date: date | None = None
    target_end_date: date | None = None


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


@dataclass(frozen=True, slots=True)
class GovernedProject:
    """One project, as decoded from its metadata.

    Attributes:
        facts: what DSS says about it.
        state: governed, ungoverned, or a copy of another governed project.
        blueprint: the template it follows.
        workflow, qualification, overview: the governed values.
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
    """

    facts: ProjectFacts
    workflow: Workflow
    state: Governance = Governance.UNGOVERNED
    blueprint: Blueprint = field(default=STANDARD, repr=False)
    qualification: Qualification = Qualification()
    overview: Overview = Overview()
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

    @property
    def is_governed(self) -> bool:
        """Whether the project counts as governed."""
        return self.state is Governance.GOVERNED

    @property
    def problem_fields(self) -> frozenset[str]:
        """The fields that have a problem."""
        return frozenset(problem.field for problem in self.problems)

    def days_in_step(self, now: datetime) -> int | None:
        """Whole days in the current step: since it started, or, when it has not, since the step before ended.

        None when nothing has started, when the workflow is complete, and when that time is not known.
        """
        current = self.workflow.current
        if current is None or self.workflow.is_complete:
            return None
        since = current.started_on
        if current.status is Status.NOT_STARTED:
            ends = [step.finished_on for step in self.workflow.steps if step.status.is_done and step.finished_on]
            since = max(ends, default=None)
        return max(0, (now - since).days) if since else None


def values(project: GovernedProject) -> dict[str, Value]:
    """Every stored value by its path, as `Blueprint.by_path` names them."""
    overview, qualification = project.overview, project.qualification
    found: dict[str, Value] = {
        "overview.business_initiative": overview.business_initiative,
        "overview.sponsor": overview.sponsor,
        "overview.start_date": overview.start_date,
        "overview.target_end_date": overview.target_end_date,
        "qualification.decision": qualification.decision,
        "qualification.decision_comment": qualification.decision_comment,
        "qualification.project_plan": qualification.project_plan,
    }
    for dimension in DIMENSIONS:
        rating = qualification.rating(dimension)
        found[f"qualification.{dimension}.rating"] = rating.rating
        found[f"qualification.{dimension}.comment"] = rating.comment
    for step in project.workflow.steps:
        found[f"steps.{step.id}.status"] = step.status
        found[f"steps.{step.id}.notes"] = step.notes
        found[f"steps.{step.id}.documents"] = step.documents
    return found


def with_values(project: GovernedProject, changes: Mapping[str, Value]) -> GovernedProject:
    """The project with some stored values replaced, by path; a value given anew has no problem any more.

    Times and origins stay: they belong to the moves and to the recording of ratings.
    """
    overview: dict[str, Any] = {}
    qualification: dict[str, Any] = {}
    ratings: dict[str, dict[str, Any]] = {}
    steps: dict[str, dict[str, Any]] = {}
    for path, value in changes.items():
        room, _, rest = path.partition(".")
        name, _, attribute = rest.partition(".")
        if room == "overview":
            overview[name] = value
        elif room == "steps":
            steps.setdefault(name, {})[attribute] = value
        elif attribute:
            ratings.setdefault(name, {})[attribute] = value
        else:
            qualification[name] = value
    for name, parts in ratings.items():
        qualification[name] = replace(project.qualification.rating(name), **parts)
    workflow = project.workflow
    if steps:
        workflow = Workflow(tuple(replace(s, **steps[s.id]) if s.id in steps else s for s in workflow.steps))
    return replace(
        project,
        workflow=workflow,
        qualification=replace(project.qualification, **qualification) if qualification else project.qualification,
        overview=replace(project.overview, **overview) if overview else project.overview,
        problems=tuple(problem for problem in project.problems if problem.field not in changes),
    )


def problems_json(problems: Iterable[Problem]) -> list[dict[str, str | None]]:
    """Problems as every JSON output lists them."""
    return [{"field": p.field, "found": p.found, "expected": p.expected, "message": p.message} for p in problems]


def value_text(value: Value) -> str | None:
    """A stored value as one text: categories exact, dates ISO, documents as `title (link)`; None when blank."""
    if value is None or value == ():
        return None
    if isinstance(value, Status):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return ", ".join(f"{doc.title} ({doc.url})" if doc.title else doc.url for doc in value)
    return value


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One difference between two states of a project: the path, and both values as text (None: blank)."""

    field: str
    before: str | None
    after: str | None


def differences(before: GovernedProject, after: GovernedProject) -> tuple[FieldChange, ...]:
    """What differs between two states, for people: state, values and origins, in the blueprint's order."""
    changes = []
    if before.state is not after.state:
        changes.append(FieldChange("governed", before.state.value, after.state.value))
    old, new = values(before), values(after)
    for path in after.blueprint.by_path:
        was, now = value_text(old.get(path)), value_text(new.get(path))
        restored = path in before.problem_fields and path not in after.problem_fields
        if was != now or restored:
            changes.append(FieldChange(path, was, now))
    for dimension in DIMENSIONS:
        origins = [project.qualification.rating(dimension).origin for project in (before, after)]
        if origins[0] is not origins[1]:
            was, now = (origin.value if origin else None for origin in origins)
            changes.append(FieldChange(f"qualification.{dimension}.origin", was, now))
    return tuple(changes)
