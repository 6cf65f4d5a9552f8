"""Project metadata read as a governed project. Never raises: what is not valid is listed as a problem."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from govern_mirror import fast_json
from govern_mirror.metadata import projection
from govern_mirror.metadata.items import read_items
from govern_mirror.metadata.layout import (
    FIRST_PRINT_BYTES,
    PRINT_BYTES,
    Layout,
    document_of,
    fingerprint,
    stored_text,
    values_digest,
)
from govern_mirror.metadata.record import SCHEMA, Record, parse_record
from govern_mirror.model.blueprint import ITEMS_FIELD, OVERVIEW, RECORD_FIELD, Blueprint, Field, Kind, Status, Step
from govern_mirror.model.event import Event, Source, chain_breaks, excerpt_and_digest, merged
from govern_mirror.model.item import Governance, Item, Problem, ProjectFacts
from govern_mirror.model.values import Document, InvalidValueError, Value, is_blank, is_safe_link, read
from govern_mirror.model.workflow import StepState, Workflow
from govern_mirror.text import clipped

UNBROKEN = "an unbroken chain of events"
"""What the problem of a broken history expects."""

WITHOUT_HISTORY = "it was read without its history, for a report: read it anew before writing"
"""Why a project decoded without its history must not be written."""


def decode(metadata: Mapping[str, Any], facts: ProjectFacts, layout: Layout, *, history: bool = True) -> Item:
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
        ungoverned = _ungoverned(facts, layout, problems)
        return replace(ungoverned, read_only=problems[0].message) if problems else ungoverned
    raw_record = fields.get(RECORD_FIELD)
    values, statuses, texts = _read(fields, layout, problems)
    if fields.get(ITEMS_FIELD):
        problems += _items_problems(fields[ITEMS_FIELD])
    if is_blank(raw_record) and not texts:
        return _ungoverned(facts, layout, problems)
    record, breaks = (Record(), ()) if is_blank(raw_record) else _record(raw_record, blueprint, history=history)
    if record.removed and not texts:
        return _removed_project(record, facts, layout, problems)
    unwritable = _unwritable(record, blueprint)
    problems += _record_problems(raw_record, record, layout, unwritable)
    project = _assembled(values, statuses, record, fields, facts, layout, unwritable, history=history)
    if breaks:
        project = replace(project, breaks=breaks)
        problems.append(_break_problem(breaks))
    if unwritable is None and _is_edited(record, texts, blueprint):
        project = _with_pending(project, record, texts, fields)
    irregularity = project.workflow.irregularity()
    if irregularity:
        statuses_text = ", ".join(f"{step.id} {step.status.value}" for step in project.workflow.steps)
        message = f"{irregularity}; set the workflow to the step where the project really stands, with a reason"
        problems.append(Problem("steps", statuses_text, "finished steps, one ongoing, then not started", message))
    if project.copied_from:
        problems.append(_copy_problem(project))
    elif record.prints is not None and record.template[1] in (None, blueprint.version):
        # else it shows the steps of another version of the template, or of another one
        problems += _projection_problems(metadata, record.prints, layout)
    return replace(project, problems=tuple(problems)) if problems else project


def with_earlier_events(project: Item, earlier: tuple[Event, ...], unreadable: str | None = None) -> Item:
    """Return the project with the events that were moved to the wiki article, and what is wrong with the whole.

    Args:
        project: as `decode` gave it.
        earlier: the events of the article.
        unreadable: why the article cannot be read, if it cannot: then nothing is said of it.
    """
    if unreadable is not None:
        message = f"the earlier history, in the wiki article, cannot be read: {unreadable}"
        problem = Problem("timeline", None, "a readable article", message)
        return replace(project, problems=(*project.problems, problem))
    committed = [event for event in earlier if (event.number or 0) <= project.last_event]
    events = merged(committed, project.events)
    start = project.removed_events
    since = [event for event in events if (event.number or 0) > start]
    breaks = joined_breaks(project.breaks, chain_breaks(since, start, None if start else "", project.last_event))
    others = tuple(problem for problem in project.problems if problem.expected != UNBROKEN)
    return replace(
        project, events=events, breaks=breaks, problems=(*others, _break_problem(breaks)) if breaks else others
    )


def _record(raw: object, blueprint: Blueprint, *, history: bool) -> tuple[Record, tuple[str, ...]]:
    """Read the record, and where its chain of events is broken: what it names itself, and what it shows."""
    record = parse_record(raw, history=history)
    _drop_unknown_origins(record, blueprint)
    if record.removed or record.faults or record.is_newer:
        return record, ()
    before = max(record.moved_events, record.removed_events)
    has_last = record.last_event == (record.events[-1].number if record.events else before)
    if has_last and not record.altered and not record.is_first_version:
        # its text is as it was written, with the breaks noted: hashing every event would cost a page of many a third
        return record, record.breaks
    events = record.events if history else parse_record(raw).events
    in_record = [event for event in events if (event.number or 0) > before]
    breaks = chain_breaks(in_record, before, record.moved_hash, record.last_event)
    return record, joined_breaks(record.breaks, breaks)


def _drop_unknown_origins(record: Record, blueprint: Blueprint) -> None:
    """Drop the origins that are neither the Overview nor a step: a fault, unless another version wrote them."""
    if not set(record.origins.values()).difference(blueprint.section_ids):
        return
    unknown = [name for name, origin in record.origins.items() if origin not in blueprint.section_ids]
    record.origins = {name: origin for name, origin in record.origins.items() if name not in unknown}
    if record.template in ((None, None), (blueprint.id, blueprint.version)):
        fault = f"the origin of {clipped(unknown[0])} is neither {OVERVIEW} nor a step"
        record.faults = {**record.faults, "origins": fault}


def joined_breaks(*parts: tuple[str, ...]) -> tuple[str, ...]:
    """Return breaks of the chain of events, each once."""
    return tuple(dict.fromkeys(text for part in parts for text in part))


def _is_edited(record: Record, texts: Mapping[str, str], blueprint: Blueprint) -> bool:
    """Whether the values, or the record itself, are not those that were last written."""
    if record.altered and not record.faults:
        return True
    if record.is_first_version:
        return record.prints is not None and record.prints != _fingerprints(texts, blueprint, FIRST_PRINT_BYTES)
    if record.template[1] not in (None, blueprint.version):
        return _is_edited_under_earlier_version(record, texts, blueprint)
    return record.digest is not None and record.digest != values_digest(texts)


def _is_edited_under_earlier_version(record: Record, texts: Mapping[str, str], blueprint: Blueprint) -> bool:
    """Whether a value that both versions of the template have was edited; the digest covers fields that may be gone."""
    if record.prints is None:
        return True
    current = _fingerprints(texts, blueprint, PRINT_BYTES)
    return any(current.get(name) != text for name, text in record.prints.items() if name in blueprint.by_short) or any(
        name not in record.prints for name in current
    )


def _fingerprints(texts: Mapping[str, str], blueprint: Blueprint, size: int) -> dict[str, str]:
    by_short = blueprint.by_short
    return {name: fingerprint(by_short[name], text, size) for name, text in texts.items()}


def _read(
    fields: Mapping[str, Any], layout: Layout, problems: list[Problem]
) -> tuple[dict[str, Value], dict[str, Status], dict[str, str]]:
    """All values by path, blank ones too; the statuses that are not blank, by path; all stored texts by short name."""
    values: dict[str, Value] = dict(layout.blueprint.blank_values)
    statuses: dict[str, Status] = {}
    texts = {}
    get = fields.get
    for path, name, short, choices, is_status, field in layout.reading:
        raw = get(name)
        if raw is None or (not raw and is_blank(raw)):  # this is where a report spends its time
            continue
        is_text = type(raw) is str
        texts[short] = raw if is_text else stored_text(raw)
        # most values are categories, the same few texts over and over, or plain text
        if is_text and (choices is None or raw in choices):
            value: Value = raw if choices is None else choices[raw]
        else:
            value = _parsed(field, raw, problems)
        if is_status:
            statuses[path] = value  # type: ignore[assignment]  # `read` gives a status for a status
        else:
            values[path] = value
    return values, statuses, texts


def _ungoverned(facts: ProjectFacts, layout: Layout, problems: list[Problem]) -> Item:
    blueprint = layout.blueprint
    return Item(facts, blueprint, layout.not_started, blueprint.blank_values, problems=tuple(problems))


def _removed_project(record: Record, facts: ProjectFacts, layout: Layout, problems: list[Problem]) -> Item:
    """A project that was governed once: what is left lets its events go on when it is governed again."""
    return replace(
        _ungoverned(facts, layout, problems),
        last_event=record.last_event,
        removed_events=record.removed_events,
        last_hash=record.last_hash,
        moved_hash=record.moved_hash,
        nonces=record.nonces,
        read_only=_unwritable(record, layout.blueprint),
        hidden=record.hidden if _is_here(record.hidden_in, facts) else None,
    )


def _is_here(place: tuple[str | None, str | None], facts: ProjectFacts) -> bool:
    """Whether people meant this project, and not one that it is a copy of."""
    node, key = place
    return key == facts.project_key and (None in (node, facts.node_id) or node == facts.node_id)


def _parsed(field: Field, raw: object, problems: list[Problem]) -> Value:
    """Read a value that is not blank; what is not valid becomes a problem, and counts as blank."""
    if field.kind is Kind.DOCUMENTS:
        return _parse_documents(field, raw, problems)
    try:
        return read(field, raw)
    except InvalidValueError as error:
        problems.append(Problem(field.path, clipped(error.found), error.expected, error.message))
        return field.blank


def _parse_documents(field: Field, raw: object, problems: list[Problem]) -> tuple[Document, ...]:
    if not isinstance(raw, list):
        expected = "a list of titles and links"
        problems.append(Problem(field.path, clipped(raw), expected, f"{field.label} is not a list; set it anew"))
        return ()
    documents = []
    for item in raw:
        document = document_of(item)
        if document is None:
            message = f"{field.label} holds an entry that is not a title and a link; it is kept, but not shown"
            problems.append(Problem(field.path, clipped(item), '{"from": title, "to": link}', message))
            continue
        documents.append(document)
        if not is_safe_link(document.url):
            message = f"{field.label} holds something that is not a link to follow; it is shown as text"
            problems.append(Problem(field.path, clipped(document.url), "an http(s) link", message))
    return tuple(documents)


def _assembled(
    values: Mapping[str, Value],
    statuses: Mapping[str, Status],
    record: Record,
    fields: Mapping[str, Any],
    facts: ProjectFacts,
    layout: Layout,
    unwritable: str | None,
    *,
    history: bool,
) -> Item:
    blueprint, raw = layout.blueprint, fields.get(RECORD_FIELD)
    blanks = layout.not_started.steps
    original = _original(record, facts)
    damaged = raw if isinstance(raw, str) else fast_json.text_of(raw)
    return Item(
        facts=facts,
        blueprint=blueprint,
        workflow=Workflow(
            tuple([_step(step, blank, statuses, record) for step, blank in zip(blueprint.steps, blanks, strict=True)])
        ),
        values=values,
        origins=_origins(values, record, blueprint),
        state=Governance.COPIED if original else Governance.GOVERNED,
        revision=record.revision,
        events=record.events,
        last_event=record.last_event,
        moved_events=record.moved_events,
        removed_events=record.removed_events,
        last_hash=record.last_hash,
        moved_hash=record.moved_hash,
        nonces=record.nonces,
        copied_from=original,
        damaged_record=damaged if record.faults else None,
        read_only=unwritable or (None if history else WITHOUT_HISTORY),
        sync_base=record.sync,
        closed=record.closed,
        has_own_record=record.project_key is not None and original is None and not record.faults and unwritable is None,
    )


def _origins(values: Mapping[str, Value], record: Record, blueprint: Blueprint) -> dict[str, str]:
    """Where each rating that is there comes from; without a word of the record, from the step it is recorded in."""
    origins, home = record.origins, blueprint.home
    return {
        field.path: origins.get(field.name, home[field.path])
        for field in blueprint.rated
        if values[field.path] is not None
    }


def _step(step: Step, blank: StepState, statuses: Mapping[str, Status], record: Record) -> StepState:
    status = statuses.get(step.paths[0], Status.NOT_STARTED)
    times = record.times.get(step.id)
    if times is None:
        return blank if status is Status.NOT_STARTED else StepState(step.id, step.name, status)
    is_hidden = times["hidden"] and status is Status.SKIPPED
    return StepState(step.id, step.name, status, times["started_on"], times["finished_on"], times["by"], is_hidden)


def _with_pending(project: Item, record: Record, texts: Mapping[str, str], fields: Mapping[str, Any]) -> Item:
    """Show edits made in DSS at once: as pending events, in the steps' times, in the ratings' origins."""
    at, hint = project.facts.last_modified_on, project.facts.last_modified_by
    edits: list[Event] = []

    def note(what: str, before: str | None = None, after: str | None = None) -> None:
        short, whole = excerpt_and_digest(after)
        edit = Event(None, at, None, Source.EDITED_IN_DSS.value, what, before, short, hint=hint, after_digest=whole)
        edits.append(edit)

    if record.altered and not record.faults:
        note("record")
    size = FIRST_PRINT_BYTES if record.is_first_version else PRINT_BYTES
    prints, current = record.prints or {}, _fingerprints(texts, project.blueprint, size)
    steps = list(project.workflow.steps)
    origins = dict(project.origins)
    for field in project.blueprint.all_fields if record.prints is not None else ():
        raw = fields.get(field.stored)
        now, old = current.get(field.short), prints.get(field.short)
        if now == old:
            continue
        before = None if old is None or old.startswith("#") else old
        note(field.path, before, raw if isinstance(raw, str) else None)
        if field.kind is Kind.STATUS:
            position = project.blueprint.step_ids.index(field.step or "")
            step = steps[position]
            earlier = replace(step, status=Status(before) if before in Status.__members__ else Status.NOT_STARTED)
            steps[position] = earlier.moved(step.status, at, None)
        elif field.path in origins:
            origins[field.path] = project.blueprint.home[field.path]
    values_changed = record.digest is not None and record.digest != values_digest(texts)
    if values_changed and not any(edit.what in project.blueprint.by_path for edit in edits):
        note("values")  # the short prints do not tell which
    if not edits:
        return project
    return replace(project, workflow=Workflow(tuple(steps)), origins=origins, pending=tuple(edits))


def _original(record: Record, facts: ProjectFacts) -> tuple[str | None, str] | None:
    other_key = record.project_key is not None and record.project_key != facts.project_key
    other_node = None not in (record.node_id, facts.node_id) and record.node_id != facts.node_id
    return (record.node_id, record.project_key or facts.project_key) if other_key or other_node else None


def _unwritable(record: Record, blueprint: Blueprint) -> str | None:
    """Why a record must not be written over, if it must not: a newer version or another template made it."""
    if record.is_newer:
        return (
            f"its record has schema version {record.schema}, newer than the {SCHEMA} that this version knows; "
            "update govern-mirror"
        )
    if _is_of_another_template(record, blueprint):
        return (
            f"its record follows the template {clipped(_template_name(*record.template))}, and the one in use is "
            f"{_template_name(blueprint.id, blueprint.version)}; choose that template in the plugin's settings"
        )
    return None


def _template_name(template_id: str | None, version: str | None) -> str:
    return f"{template_id or '?'} {version or '?'}"


def _is_of_another_template(record: Record, blueprint: Blueprint) -> bool:
    template_id, version = record.template
    if template_id is None and version is None:
        return False
    return template_id != blueprint.id or version not in (blueprint.version, *blueprint.continues)


def _break_problem(breaks: tuple[str, ...]) -> Problem:
    message = (
        f"the history is not as it was written ({', '.join(breaks)}): someone edited {RECORD_FIELD} or the wiki "
        "article, or restored an older state. Ask who did; the history goes on behind it, and this stays noted"
    )
    return Problem(RECORD_FIELD, ", ".join(breaks), UNBROKEN, message)


def _record_problems(raw: object, record: Record, layout: Layout, unwritable: str | None) -> list[Problem]:
    if is_blank(raw) or record.removed:
        message = "the record is lost: times, origins and history are unknown; it is rebuilt at the next write"
        return [Problem(RECORD_FIELD, None, "a record", message)]
    problems = []
    if unwritable:
        actual, expected = f"schema {record.schema}", f"schema {SCHEMA}"
        if not record.is_newer:
            actual = _template_name(*record.template)
            expected = _template_name(layout.blueprint.id, layout.blueprint.version)
        message = f"{unwritable}. It is read as far as possible and never written over"
        problems.append(Problem(RECORD_FIELD, clipped(actual), expected, message))
    for key, fault in record.faults.items():
        name = f"{RECORD_FIELD}.{key}" if key else RECORD_FIELD
        message = f"{name} cannot be read: {fault}. The next write keeps its text as an event and writes it anew"
        value = record.raw.get(key) if key else raw
        problems.append(Problem(name, None if value is None else clipped(value), "a record", message))
    if record.altered and not record.faults:
        message = (
            f"{RECORD_FIELD} was changed outside this tool: times, origins and events may not be as written. "
            "The next write notes this as an event"
        )
        problems.append(Problem(RECORD_FIELD, None, "the record as it was written", message))
    if isinstance(raw, str) and len(raw) > layout.record_size and not record.faults:
        message = "the record exceeds its budget: the wiki article `Govern timeline` could not be written"
        problems.append(Problem(RECORD_FIELD, f"{len(raw)} bytes", f"at most {layout.record_size} bytes", message))
    return problems


def _items_problems(raw: object) -> list[Problem]:
    fault = read_items(raw).fault
    if fault is None:
        return []
    message = f"what was recorded of bundles and versions cannot be read ({fault}); nothing is written there"
    return [Problem(ITEMS_FIELD, clipped(raw), "items as they were written", message)]


def _copy_problem(project: Item) -> Problem:
    node, key = project.copied_from or (None, "")
    message = "this project is a copy of a governed project and is not counted; adopt it to govern it on its own"
    return Problem("project_key", f"{node or '?'}/{key}", project.facts.project_key, message)


def _projection_problems(metadata: Mapping[str, Any], prints: Mapping[str, str], layout: Layout) -> list[Problem]:
    problems = []
    expected = {"checklists": "an object with a list of checklists", "tags": "a list of tags"}
    for key in projection.has_unknown_shape(metadata):
        message = f"{key} has an unknown shape: it is left alone, and the workflow is not shown there"
        problems.append(Problem(key, clipped(metadata.get(key)), expected[key], message))
    checklist = projection.checklist_of(metadata) if layout.mirror_checklist else None
    if checklist is not None:
        statuses = [prints.get(name) for name in layout.blueprint.status_shorts]
        for step in projection.edited_ticks(checklist, statuses, layout.blueprint):
            message = (
                f"the tick of {step} in the checklist `{projection.CHECKLIST_TITLE}` was changed by hand; the "
                "checklist only shows the workflow: move the step instead. It is reset at the next write"
            )
            problems.append(Problem("checklists", step, "the tick that the step's status gives", message))
    return problems
