"""The data in the page: columns with dictionaries, and details in chunks that are unpacked when they are asked for.

Compressed (gzip, then base64, since a page is text) it is a tenth of plain rows, and small enough for 20,000
projects. `frontend/src/data/` reads it.
"""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from govern_mirror import fast_json
from govern_mirror.labels import EVENT_LABELS, event_label, found_label, source_label
from govern_mirror.model.blueprint import RATED_ROLES, Blueprint, Field, Kind, Role, Status
from govern_mirror.model.event import Event, Source
from govern_mirror.model.item import Item
from govern_mirror.model.values import Document, Value, is_safe_link, json_of, text_of
from govern_mirror.model.workflow import CLOSED, COMPLETE, stage_name, stages
from govern_mirror.report.portfolio import Portfolio, Row
from govern_mirror.report.trends_view import TrendsView, change_digests
from govern_mirror.report.wording import no_matrix_reason, problem_label
from govern_mirror.times import iso_time

CHUNK = 500
"""Projects whose details are packed together: unpacking one opens a panel at once."""

MAX_MONTHS = 24
"""How many months of throughput the page shows."""

MAX_CHANGES = 1000
"""How many changes of each kind since the last report the page lists."""

_ROLES = {
    **{role.value: role for role in (*RATED_ROLES, Role.DECISION, Role.INITIATIVE, Role.SPONSOR, Role.START)},
    "end": Role.TARGET_END,
}
"""The columns that the page knows by their role; blank where the template has none."""

_LETTERS = {Status.FINISHED: "F", Status.ONGOING: "O", Status.NOT_STARTED: "N", Status.SKIPPED: "S"}

EVENT_FIELDS = 9
"""How many of an event's fields the page shows, from `number` to `hint`; nobody reads hashes there."""


_WORDED = frozenset({"adopt", "close", "confirm", "undo close"})
"""Events that hold stages, names of fields or hashes."""

_EDITED = Source.EDITED_IN_DSS.value


def packed(portfolio: Portfolio) -> tuple[str, list[str]]:
    """Return the table and the chunks of details, each as compressed JSON in base64.

    The same portfolio gives the same texts. Compression runs beside the making of the next part: it takes as long.
    """
    with ThreadPoolExecutor(max_workers=2) as pool:
        chunks = [pool.submit(_compressed, fast_json.dumps(chunk)) for chunk in details(portfolio)]
        head = pool.submit(_compressed, fast_json.dumps(table(portfolio)))
        return head.result(), [chunk.result() for chunk in chunks]


def _compressed(encoded: bytes) -> str:
    return base64.b64encode(gzip.compress(encoded, compresslevel=6, mtime=0)).decode("ascii")


def table(portfolio: Portfolio) -> dict[str, Any]:
    """Return what the views show: about the portfolio, and its projects by column."""
    return {
        "about": about(portfolio),
        "past": portfolio.trends and past(portfolio.trends, portfolio.blueprint),
        "count": len(portfolio.rows),
        "columns": _columns(portfolio),
    }


def about(portfolio: Portfolio) -> dict[str, Any]:
    """Return what the views know of the whole: template, labels, counts; none of the rows is looked at."""
    summary, blueprint = portfolio.summary, portfolio.blueprint
    return {
        "chunk": CHUNK,
        "day": portfolio.generated_on.date(),
        "labels": {**{field.path: field.label for field in blueprint.all_fields}, **EVENT_LABELS},
        "headings": {name: blueprint.roles[role].heading for name, role in _ROLES.items() if role in blueprint.roles},
        "fields": [[_column_name(field), field.heading, field.kind] for field in _other_fields(blueprint)],
        "plan": blueprint.roles[Role.PLAN].label if Role.PLAN in blueprint.roles else None,
        "qualifying": [blueprint.by_path[path].heading for path in blueprint.qualifying],
        "no_matrix": no_matrix_reason(blueprint),
        "decision_step": step.id if (step := blueprint.qualification_step) else None,
        "stale_days": portfolio.stale_days,
        "steps": [{"id": step.id, "name": step.name} for step in blueprint.steps],
        "stages": [
            [stage, name] for stage, name in stages(blueprint).items() if stage != CLOSED or summary.by_step[CLOSED]
        ],
        "ratings": blueprint.rating_names,
        "decisions": blueprint.decisions,
        "page_address": portfolio.page_address,
        "summary": {"projects": summary.projects, "copied": summary.copied, "copies": summary.copies_named},
    }


def details(portfolio: Portfolio) -> Iterator[list[dict[str, Any]]]:
    """Return what the panel shows besides, in chunks of `CHUNK` projects, in the table's order."""
    texts = _other_texts(portfolio.blueprint)
    for start in range(0, len(portfolio.rows), CHUNK):
        yield [_details(row, texts) for row in portfolio.rows[start : start + CHUNK]]


def past(trends: TrendsView, blueprint: Blueprint) -> dict[str, Any]:
    """Return the trends view: the flow by stage, one count per day; the months of the throughput without a gap."""
    seen_steps = {step for day in trends.flow for step in day}
    known_steps = tuple(stages(blueprint))
    ends = (COMPLETE, CLOSED) if CLOSED in seen_steps else (COMPLETE,)
    # steps of an earlier template come before the end
    steps = (*known_steps[:-2], *sorted(seen_steps.difference(known_steps)), *ends)
    return {
        "days": trends.days,
        "steps": [[step, stage_name(step, blueprint)] for step in steps],
        "flow": {step: [day.get(step, 0) for day in trends.flow] for step in steps},
        "cycle_times": [
            [stage_name(cycle.step, blueprint), cycle.finished, cycle.median_days, cycle.p85_days]
            for cycle in trends.cycle_times
        ],
        "throughput": _months(trends),
        "since": trends.since,
        "news": [
            [
                digest.heading,
                digest.count,
                [[change.project_key, change.name, words] for change, words in digest.examples],
            ]
            for digest in change_digests(trends, blueprint, MAX_CHANGES)
        ],
    }


def _months(trends: TrendsView) -> list[tuple[str, int]]:
    """Return the months up to the last snapshot, at most `MAX_MONTHS`, from the first with a delivery on."""
    delivered = dict(trends.throughput)
    months: list[tuple[str, int]] = []
    year, month = trends.days[-1].year, trends.days[-1].month
    first = min(delivered, default="9999-99")
    while (name := f"{year:04}-{month:02}") >= first and len(months) < MAX_MONTHS:
        months.insert(0, (name, delivered.get(name, 0)))
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return months


def _columns(portfolio: Portfolio) -> dict[str, Any]:
    places = {step: place for place, step in enumerate(portfolio.summary.by_step)}
    single: dict[str, Callable[[Row], Any]] = {
        "key": lambda row: row.project.facts.project_key,
        "name": lambda row: row.project.facts.name,
        "url": lambda row: _address(row.project.facts.url),
    }
    repeated: dict[str, Callable[[Row], Any]] = {
        "owner": lambda row: row.project.facts.owner,
        "tags": lambda row: row.project.facts.tags,
        "tagged": lambda row: ", ".join(row.project.facts.tags) or None,
        "governed": lambda row: row.project.is_governed,
        "state": lambda row: row.project.state.value,
        "step": lambda row: row.stage if row.project.is_governed else None,
        "place": lambda row: places[row.stage] if row.project.is_governed else None,
        "flow": lambda row: "".join(_LETTERS[step.status] for step in row.project.workflow.steps),
        "finished": lambda row: row.project.workflow.finished if row.project.is_governed else None,
        "complete": lambda row: row.project.is_governed and row.stage == COMPLETE,
        "in_flight": lambda row: row.project.is_in_flight,
        "trust": lambda row: row.trust,
        **{name: _of_field(portfolio.blueprint.roles.get(role)) for name, role in _ROLES.items()},
        **{_column_name(field): _of_field(field) for field in _other_fields(portfolio.blueprint)},
        "value_score": lambda row: row.scores.value,
        "risk_score": lambda row: row.scores.risk,
        "priority": lambda row: row.scores.priority,
        "days": lambda row: row.days_in_step,
        "stale": lambda row: row.stale,
        "overdue": lambda row: row.overdue,
        "unqualified": lambda row: row.project.is_governed and not row.is_qualified,
        "problems": lambda row: len(row.problems),
        "changed": lambda row: (iso_time(row.last_change[0]) or "")[:10] or None,
        "by": lambda row: row.last_change[1],
        "revision": lambda row: row.project.revision,
    }
    of = {**single, **repeated}
    # row by row: what a row tells lies together in memory, and thousands of rows lie far apart
    cells = list(zip(*(map(cell, portfolio.rows) for cell in of.values()), strict=True))
    columns = zip(*cells, strict=True) if cells else ([] for _ in of)
    return {
        name: list(column) if name in single else dictionary(column) for name, column in zip(of, columns, strict=True)
    }


def _of_field(field: Field | None) -> Callable[[Row], Any]:
    if field is None:
        return lambda row: None
    path, render = field.path, json_of if field.kind is Kind.NUMBER else text_of
    return lambda row: render(row.project.values[path])


def _other_fields(blueprint: Blueprint) -> list[Field]:
    """Return the fields that tables show and that the page does not know by a role."""
    with_role = [blueprint.roles[role] for role in _ROLES.values() if role in blueprint.roles]
    return [field for field in blueprint.fields if field.is_listed and field not in with_role]


def _column_name(field: Field) -> str:
    return f"field_{field.name}"


def dictionary(values: Sequence[Any]) -> dict[str, Any]:
    """Return values that repeat: each once, and where it stands."""
    places: dict[Any, int] = {}
    codes = [places.setdefault(value, len(places)) for value in values]
    return {"values": list(places), "codes": codes}


def _details(row: Row, texts: Sequence[Field]) -> dict[str, Any]:
    project, blueprint = row.project, row.project.blueprint
    values, decision, plan = project.values, blueprint.roles.get(Role.DECISION), blueprint.roles.get(Role.PLAN)
    return {
        "steps": [
            [
                _LETTERS[state.status],
                state.started_on,
                state.finished_on,
                state.by,
                values[step.paths[1]],
                _documents(values[step.paths[2]]),
            ]
            for step, state in zip(blueprint.steps, project.workflow.steps, strict=True)
        ],
        "ratings": [_rating(project, role) for role in RATED_ROLES if role in blueprint.roles],
        "texts": _texts(project, texts),
        "closed": project.closed and [project.closed.at, project.closed.by, project.closed.reason],
        "decision_comment": values.get(decision.comment_path) if decision else None,
        "project_plan": _documents(values[plan.path]) if plan else [],
        "events": [
            # most need no words, and a page of thousands of projects has hundreds of thousands of them
            event[:EVENT_FIELDS] if event.source != _EDITED and event.what not in _WORDED else _event(event, blueprint)
            for event in (*project.pending[::-1], *project.events[::-1])
        ],
        "moved": project.moved_events,
        "problems": [
            [problem_label(p.field, blueprint), p.found and found_label(blueprint, p.field, p.found), p.message]
            for p in row.problems
        ],
    }


def _event(event: Event, blueprint: Blueprint) -> tuple[Any, ...]:
    """What the page shows of an event; what most events hold, values and positions, it words itself."""
    if event.what in _WORDED:
        before, after = (event_label(blueprint, event.what, text) for text in (event.before, event.after))
        event = event._replace(before=before, after=None if event.what == "adopt" else after)
    elif event.source == _EDITED:
        event = event._replace(source=source_label(event.source))
    return event[:EVENT_FIELDS]


def _rating(project: Item, role: Role) -> list[Value]:
    field = project.blueprint.roles[role]
    return [project.values[field.path], project.values.get(field.comment_path), project.origins.get(field.path)]


def _other_texts(blueprint: Blueprint) -> list[Field]:
    """Return the long fields that stand nowhere else in the panel."""
    comments = {field.comment_path for field in blueprint.assessed}
    long = [f for f in blueprint.fields if f.kind in (Kind.TEXT, Kind.DOCUMENTS) and f.role is not Role.PLAN]
    return [f for f in long if f.path not in comments]


def _texts(project: Item, fields: Sequence[Field]) -> list[list[Any]]:
    """Return label, text and documents of long fields."""
    return [
        [f.label, None, _documents(value)] if f.kind is Kind.DOCUMENTS else [f.label, value, []]
        for f in fields
        if (value := project.values[f.path])
    ]


def _documents(documents: Value) -> list[list[str | None]]:
    """Return title, address as text, and the address to follow where it is harmless."""
    if not documents or not isinstance(documents, tuple):
        return []
    return [[doc.title, doc.url, _address(doc.url)] for doc in documents if isinstance(doc, Document)]


def _address(url: str | None) -> str | None:
    return url if url and is_safe_link(url) else None
