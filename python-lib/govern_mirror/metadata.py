"""GovernedProject ↔ DSS project metadata: `decode()` and `encode()`, the one place that knows that layout.

Canonical values live in declared custom fields (`Blueprint.all_fields`), the machine-readable rest in the
hidden field `govern_record`. `decode` never raises: what is not valid is listed as a problem and kept as it
is. `encode` replaces only what changed, so that everything else, also damage, passes through untouched:
`encode(decode(metadata), metadata) == metadata`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any

from govern_mirror import projection
from govern_mirror.blueprint import (
    CATEGORICAL,
    RECORD_FIELD,
    STANDARD,
    Blueprint,
    Field,
    Kind,
    Status,
    Step,
    clipped,
)
from govern_mirror.document import Document, is_safe_link
from govern_mirror.errors import WriteRefused
from govern_mirror.event import Actor, Event, Source, compact_json, excerpt, parse_date
from govern_mirror.project import (
    Governance,
    GovernedProject,
    Overview,
    Problem,
    ProjectFacts,
    Value,
    value_text,
    values,
)
from govern_mirror.qualification import DIMENSIONS, Origin, Qualification, Rating
from govern_mirror.record import BUDGET, SCHEMA, Record, parse_record, record_json, step_times, sync_json
from govern_mirror.workflow import StepState, Workflow

PLAIN_LENGTH = 24
"""Categories and dates up to this length stand in the digest as they are, so that an edit can say from what."""


WITHOUT_HISTORY = "it was read without its history, for a report: read it anew before writing"
"""Why a project decoded without its history must not be written."""


@dataclass(frozen=True)
class Layout:
    """What decode and encode need to know besides the metadata itself.

    Attributes:
        blueprint: the template, with the rules of the settings.
        mirror_checklist, mirror_tag: whether the projections are written.
    """

    blueprint: Blueprint = STANDARD
    mirror_checklist: bool = True
    mirror_tag: bool = True

    @cached_property
    def not_started(self) -> Workflow:
        """The workflow of a project that is not governed yet."""
        return Workflow.not_started(self.blueprint)


def decode(
    metadata: Mapping[str, Any], facts: ProjectFacts, layout: Layout = Layout(), *, history: bool = True
) -> GovernedProject:
    """Read a governed project from project metadata (or from an item of the project list). Never raises.

    Args:
        metadata: a JSON object with `customFields`, `tags` and `checklists`, in any state.
        facts: what DSS says about the project; `node_id` and `project_key` tell copies from originals.
        layout: the template and the projections in use.
        history: whether all events are read. Without, only the last one is, which is enough for a report of many
            projects, and the project must not be written.

    Returns:
        The project. Edits made in DSS since the last write are its `pending` events.
    """
    blueprint = layout.blueprint
    fields = metadata.get("customFields")
    problems: list[Problem] = []
    if not isinstance(fields, Mapping):
        if fields is not None:
            message = "customFields is not an object: nothing can be read or written until DSS repairs it"
            problems.append(Problem("customFields", clipped(fields), "an object", message))
        ungoverned = GovernedProject(facts, layout.not_started, blueprint=blueprint, problems=tuple(problems))
        return replace(ungoverned, read_only=problems[0].message) if problems else ungoverned
    stored = fields.get(RECORD_FIELD)
    parsed, prints = _read(fields, blueprint, problems)
    if _is_blank(stored) and not prints:
        return GovernedProject(facts, layout.not_started, blueprint=blueprint, problems=tuple(problems))
    record = Record() if _is_blank(stored) else parse_record(stored, history=history)
    problems += _record_problems(stored, record)
    project = _assembled(parsed, record, fields, facts, layout, history=history)
    if record.digest is not None and record.digest != prints:
        project = _with_pending(project, record.digest, fields)
    irregularity = project.workflow.irregularity()
    if irregularity:
        found = ", ".join(f"{step.id} {step.status.value}" for step in project.workflow.steps)
        message = f"{irregularity}; put it right with `step set STEP --reason …`"
        problems.append(Problem("steps", found, "finished steps, one ongoing, then not started", message))
    if project.copied_from:
        problems.append(_copy_problem(project))
    elif record.digest is not None:
        problems += _projection_problems(metadata, record.digest, layout)
    return replace(project, problems=tuple(problems)) if problems else project


def encode(
    project: GovernedProject, metadata: Mapping[str, Any], actor: Actor, layout: Layout = Layout()
) -> dict[str, Any]:
    """The metadata with the project's changes in it; an equal copy when nothing changed.

    Args:
        project: the changed project, made from a decode of this very metadata.
        metadata: the document as read just before writing.
        actor: who writes and when, for the checklist's items.
        layout: the template and the projections in use.

    Raises:
        WriteRefused: the project must not be written (a copy, a newer record, metadata of an unknown shape).
    """
    written = dict(metadata)
    before = decode(metadata, project.facts, layout)
    if project == before:
        return written
    _require_encodable(project, before)
    fields: dict[str, Any] = dict(written.get("customFields") or {})
    written["customFields"] = fields
    old, new = values(before), values(project)
    for field in layout.blueprint.all_fields:
        repaired = field.path in before.problem_fields and field.path not in project.problem_fields
        unset_status = field.kind is Kind.STATUS and _is_blank(fields.get(field.stored))
        if old[field.path] != new[field.path] or repaired or unset_status:
            _put(fields, field, new[field.path])
    fields[RECORD_FIELD] = record_json(_record_of(project, before, fields, metadata, layout))
    projection.with_checklist(written, project.workflow if layout.mirror_checklist else None, actor.now, actor.by)
    current = project.workflow.current
    projection.with_tag(written, current.id if current and layout.mirror_tag else None, layout.blueprint)
    return written


def removed(metadata: Mapping[str, Any], layout: Layout = Layout()) -> dict[str, Any]:
    """The metadata without anything this tool stored: fields, record, checklist, tag. All else stays."""
    written = dict(metadata)
    fields = written.get("customFields")
    if isinstance(fields, dict):
        ours = layout.blueprint.stored_names | {RECORD_FIELD}
        written["customFields"] = {name: value for name, value in fields.items() if name not in ours}
    if projection.checklist_of(written):
        projection.with_checklist(written, None, datetime.min, None)
    projection.with_tag(written, None, layout.blueprint)
    return written


def governed_part(metadata: Mapping[str, Any], layout: Layout = Layout()) -> dict[str, Any]:
    """The record and the canonical values of a metadata document as stored: what a safe write compares."""
    fields = metadata.get("customFields")
    if not isinstance(fields, Mapping):
        return {}
    return {name: fields[name] for name in (*layout.blueprint.stored_names, RECORD_FIELD) if name in fields}


def overflow(project: GovernedProject, metadata: Mapping[str, Any], layout: Layout = Layout()) -> GovernedProject:
    """The project with its oldest events taken out until its record fits the budget.

    The events that were taken out are those of `project.events` up to the result's `moved_events`: they must
    be in the wiki article before the result is written.
    """
    before = decode(metadata, project.facts, layout)
    if project == before:
        return project
    fitting, taken = project, 0
    nobody = Actor(None, Source.API, datetime.fromtimestamp(0))
    while taken < len(project.events):
        excess = len(encode(fitting, metadata, nobody, layout)["customFields"][RECORD_FIELD]) - BUDGET
        if excess <= 0:
            break
        while excess > 0 and taken < len(project.events):
            excess -= len(record_json(compact_json(project.events[taken]))) + 1
            taken += 1
        # noting how far events have moved takes room too, so the size is looked at again
        moved = max(project.moved_events, project.events[taken - 1].number or 0)
        fitting = replace(project, events=project.events[taken:], moved_events=moved)
    return fitting


def fingerprint(field: Field, raw: object) -> str:
    """A stored value as the digest keeps it: short categories and dates as they are, all else as a hash."""
    if field.is_brief and isinstance(raw, str):
        return _brief_print(raw)
    # a text never equals another value that looks like it
    return _hashed(raw if isinstance(raw, str) else "\x00" + json.dumps(raw, sort_keys=True))


@lru_cache(maxsize=1024)
def _brief_print(raw: str) -> str:
    is_plain = len(raw) <= PLAIN_LENGTH and not raw.startswith("#") and raw.isascii()
    return raw if is_plain else _hashed(raw)


def _hashed(text: str) -> str:
    return "#" + hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def _is_blank(raw: object) -> bool:
    return raw is None or raw == "" or raw == []


def _read(
    fields: Mapping[str, Any], blueprint: Blueprint, problems: list[Problem]
) -> tuple[dict[str, Value], dict[str, str]]:
    """All values by path, blank ones too, and the fingerprints of those that are not, as the digest has them."""
    parsed: dict[str, Value] = dict(blueprint.blank_values)
    prints = {}
    known = blueprint.category_values
    for field in blueprint.all_fields:
        if field.stored not in fields:
            continue
        raw, path = fields[field.stored], field.path
        if raw is None or raw == "" or raw == []:  # as in _is_blank: this is where a report spends its time
            continue
        # most values are categories: the same few texts over and over
        category = known[path].get(raw) if path in known and type(raw) is str else None
        parsed[path] = category or _parse(field, raw, blueprint, problems)
        prints[field.short] = _brief_print(raw) if category else fingerprint(field, raw)
    return parsed, prints


def _parse(field: Field, raw: object, blueprint: Blueprint, problems: list[Problem]) -> Value:
    """Read a value that is not blank; what is not valid becomes a problem, and counts as blank."""
    if field.kind is Kind.DOCUMENTS:
        return _parse_documents(field, raw, problems)
    expected = ""
    if isinstance(raw, str):
        if field.kind is Kind.STATUS:
            try:
                return Status(raw)
            except ValueError:
                pass
        elif field.kind is Kind.DATE:
            try:
                return parse_date(raw)
            except ValueError:
                expected = "a date as YYYY-MM-DD"
        elif field.kind in CATEGORICAL:
            if raw in blueprint.categories(field.kind):
                return raw
        else:
            return raw
        expected = expected or f"one of {', '.join(blueprint.categories(field.kind))}"
        message = f"{field.label} is not valid and counts as blank; correct it in DSS or set it anew"
    else:
        expected, message = "a text", f"{field.label} is not a text and counts as blank; set it anew"
    problems.append(Problem(field.path, clipped(raw), expected, message))
    return Status.NOT_STARTED if field.kind is Kind.STATUS else None


def _parse_documents(field: Field, raw: object, problems: list[Problem]) -> tuple[Document, ...]:
    if not isinstance(raw, list):
        expected = "a list of titles and links"
        problems.append(Problem(field.path, clipped(raw), expected, f"{field.label} is not a list; set it anew"))
        return ()
    documents = []
    for item in raw:
        found = _document(item)
        if found is None:
            message = f"{field.label} holds an entry that is not a title and a link; it is kept, but not shown"
            problems.append(Problem(field.path, clipped(item), '{"from": title, "to": link}', message))
            continue
        documents.append(found)
        if not is_safe_link(found.url):
            message = f"{field.label} holds something that is not a link to follow; it is shown as text"
            problems.append(Problem(field.path, clipped(found.url), "an http(s) link", message))
    return tuple(documents)


def _document(item: object) -> Document | None:
    if not isinstance(item, Mapping):
        return None
    title, url = item.get("from"), item.get("to")
    if not isinstance(title, str | None) or not isinstance(url, str) or not url:
        return None
    return Document(title or "", url)


def _put(fields: dict[str, Any], field: Field, value: Value) -> None:
    if value is None or value == ():
        fields.pop(field.stored, None)
    elif isinstance(value, tuple):
        raw = fields.get(field.stored)
        unread = [item for item in raw if _document(item) is None] if isinstance(raw, list) else []
        fields[field.stored] = [{"from": doc.title, "to": doc.url} for doc in value] + unread
    else:
        fields[field.stored] = value_text(value)


def _assembled(
    parsed: Mapping[str, Value],
    record: Record,
    fields: Mapping[str, Any],
    facts: ProjectFacts,
    layout: Layout,
    *,
    history: bool,
) -> GovernedProject:
    blueprint = layout.blueprint
    blanks = layout.not_started.steps
    unwritable = None if history else WITHOUT_HISTORY
    original = _original(record, facts)
    return GovernedProject(
        facts=facts,
        workflow=Workflow(tuple([_step(*each, parsed, record) for each in zip(blueprint.steps, blanks, strict=True)])),
        state=Governance.COPIED if original else Governance.GOVERNED,
        blueprint=blueprint,
        qualification=_qualification(parsed, record),
        overview=_overview(parsed),
        revision=record.revision,
        events=record.events,
        last_event=record.last_event,
        moved_events=record.moved_events,
        copied_from=original,
        damaged_record=_as_text(fields[RECORD_FIELD]) if record.faults else None,
        read_only=_newer(record) if record.is_newer else unwritable,
        sync_base=record.sync,
    )


def _overview(parsed: Mapping[str, Any]) -> Overview:
    return Overview(
        business_initiative=parsed["overview.business_initiative"],
        sponsor=parsed["overview.sponsor"],
        start_date=parsed["overview.start_date"],
        target_end_date=parsed["overview.target_end_date"],
    )


def _qualification(parsed: Mapping[str, Any], record: Record) -> Qualification:
    ratings = {}
    for name in DIMENSIONS:
        rating = parsed[f"qualification.{name}.rating"]
        origin = record.origins.get(name, Origin.QUALIFICATION) if rating else None
        ratings[name] = Rating(rating, parsed[f"qualification.{name}.comment"], origin)
    return Qualification(
        **ratings,
        decision=parsed["qualification.decision"],
        decision_comment=parsed["qualification.decision_comment"],
        project_plan=parsed["qualification.project_plan"],
    )


def _as_text(stored: object) -> str:
    return stored if isinstance(stored, str) else json.dumps(stored)


def _step(step: Step, blank: StepState, parsed: Mapping[str, Any], record: Record) -> StepState:
    for_status, for_notes, for_documents = step.paths
    status, notes, documents = parsed[for_status], parsed[for_notes], parsed[for_documents]
    times = record.times.get(step.id)
    if times is None:
        untouched = status is Status.NOT_STARTED and notes is None and not documents
        return blank if untouched else StepState(step.id, step.name, status, notes, documents)
    return StepState(
        step.id, step.name, status, notes, documents, times["started_on"], times["finished_on"], times["by"]
    )


def _with_pending(project: GovernedProject, digest: Mapping[str, str], fields: Mapping[str, Any]) -> GovernedProject:
    """Show edits made in DSS at once: as pending events, in the steps' times, in the ratings' origins."""
    at, hint = project.facts.last_modified_on, project.facts.last_modified_by
    edits = []
    steps = list(project.workflow.steps)
    ratings = {}
    for field in project.blueprint.all_fields:
        raw = fields.get(field.stored)
        now = None if _is_blank(raw) else fingerprint(field, raw)
        was = digest.get(field.short)
        if now == was:
            continue
        before = None if was is None or was.startswith("#") else was
        after = raw if isinstance(raw, str) else None
        edits.append(Event(None, at, None, Source.EDITED_IN_DSS.value, field.path, before, excerpt(after), hint=hint))
        _, name, attribute = (*field.path.split("."), "")[:3]
        if field.kind is Kind.STATUS:
            position = project.blueprint.step_ids.index(name)
            step = steps[position]
            was_status = replace(step, status=Status(before) if before in Status.__members__ else Status.NOT_STARTED)
            steps[position] = was_status.moved(step.status, at, None)
        elif field.kind is Kind.RATING and attribute == "rating":
            rating = project.qualification.rating(name)
            ratings[name] = replace(rating, origin=Origin.QUALIFICATION if rating.rating else None)
    if not edits:
        return project
    qualification = replace(project.qualification, **ratings)  # type: ignore[arg-type]  # its own names
    return replace(project, workflow=Workflow(tuple(steps)), qualification=qualification, pending=tuple(edits))


def _record_of(
    project: GovernedProject,
    before: GovernedProject,
    fields: Mapping[str, Any],
    metadata: Mapping[str, Any],
    layout: Layout,
) -> dict[str, Any]:
    stored = (metadata.get("customFields") or {}).get(RECORD_FIELD)
    kept = parse_record(stored, exact=True).raw if isinstance(stored, str) else {}
    digest = {
        field.short: fingerprint(field, fields[field.stored])
        for field in layout.blueprint.all_fields
        if not _is_blank(fields.get(field.stored))
    }
    origins = {
        name: rating.origin.value
        for name in DIMENSIONS
        if (rating := project.qualification.rating(name)).origin is not None
    }
    record = {
        **kept,
        "schema": SCHEMA,
        "node_id": project.facts.node_id,
        "project_key": project.facts.project_key,
        "blueprint": {"id": layout.blueprint.id, "version": layout.blueprint.version},
        "revision": before.revision + 1,
        "origins": origins,
        "steps": {step.id: times for step in project.workflow.steps if (times := step_times(step))},
        "events": [compact_json(event) for event in project.events],
        "last_event": project.last_event,
        "digest": digest,
    }
    if project.moved_events:
        record["moved_events"] = project.moved_events
    else:
        record.pop("moved_events", None)
    if project.sync_base:
        record["sync"] = sync_json(project.sync_base)
    else:
        record.pop("sync", None)
    return record


def _require_encodable(project: GovernedProject, before: GovernedProject) -> None:
    key = project.facts.project_key
    reason = before.read_only or project.read_only
    if reason:
        raise WriteRefused(f"{key} is not written: {reason}")
    if before.state is Governance.COPIED and project.state is not Governance.GOVERNED:
        raise WriteRefused(f"{key} is a copy of another governed project: run `init {key} --adopt` first")


def _original(record: Record, facts: ProjectFacts) -> tuple[str | None, str] | None:
    other_key = record.project_key is not None and record.project_key != facts.project_key
    other_node = None not in (record.node_id, facts.node_id) and record.node_id != facts.node_id
    return (record.node_id, record.project_key or facts.project_key) if other_key or other_node else None


def _newer(record: Record) -> str:
    return (
        f"its record has schema version {record.schema}, newer than the {SCHEMA} that this version knows; "
        "update govern-mirror"
    )


def _record_problems(stored: object, record: Record) -> list[Problem]:
    if _is_blank(stored):
        message = "the record is lost: times, origins and history are unknown; it is rebuilt at the next write"
        return [Problem(RECORD_FIELD, None, "a record", message)]
    problems = []
    if record.is_newer:
        message = f"{_newer(record)}. It is read as far as possible and never written over"
        problems.append(Problem(RECORD_FIELD, f"schema {record.schema}", f"schema {SCHEMA}", message))
    for key, fault in record.faults.items():
        name = f"{RECORD_FIELD}.{key}" if key else RECORD_FIELD
        message = f"{name} cannot be read: {fault}. The next write keeps its text as an event and writes it anew"
        problems.append(Problem(name, clipped(record.raw.get(key) if key else stored), "a record", message))
    if isinstance(stored, str) and len(stored) > BUDGET and not record.faults:
        message = "the record exceeds its budget: the wiki article `Govern timeline` could not be written"
        problems.append(Problem(RECORD_FIELD, f"{len(stored)} bytes", f"at most {BUDGET} bytes", message))
    return problems


def _copy_problem(project: GovernedProject) -> Problem:
    node, key = project.copied_from or (None, "")
    message = (
        f"this project is a copy of a governed project and is not counted; "
        f"`init {project.facts.project_key} --adopt` governs it on its own"
    )
    return Problem("project_key", f"{node or '?'}/{key}", project.facts.project_key, message)


def _projection_problems(metadata: Mapping[str, Any], digest: Mapping[str, str], layout: Layout) -> list[Problem]:
    problems = []
    expected = {"checklists": "an object with a list of checklists", "tags": "a list of tags"}
    for key in projection.has_unknown_shape(metadata):
        message = f"{key} has an unknown shape: it is left alone, and the workflow is not shown there"
        problems.append(Problem(key, clipped(metadata.get(key)), expected[key], message))
    checklist = projection.checklist_of(metadata) if layout.mirror_checklist else None
    if checklist is not None:
        written = [digest.get(name) for name in layout.blueprint.status_prints]
        for step in projection.edited_ticks(checklist, written, layout.blueprint):
            message = (
                f"the tick of {step} in the checklist `{projection.CHECKLIST_TITLE}` was changed by hand; the "
                "checklist only shows the workflow: move the step instead. It is reset at the next write"
            )
            problems.append(Problem("checklists", step, "the tick that the step's status gives", message))
    return problems
