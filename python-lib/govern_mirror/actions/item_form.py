"""An item as the live page shows and edits it: what `show` prints, and a form that is drawn from the template.

The form says which sections and fields there are, what they hold, what people may do and, where they may not, why not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from govern_mirror import clock
from govern_mirror.actions.attest import decision_paths, why_not_attest
from govern_mirror.actions.governed_items import is_item, read_item
from govern_mirror.actions.hub_reading import HubReading
from govern_mirror.actions.item_facts import facts_json, facts_of_item
from govern_mirror.actions.session import Session
from govern_mirror.actions.show import project_json
from govern_mirror.actions.timeline import saves_of
from govern_mirror.dss import ProjectSummary, parse_summary
from govern_mirror.errors import GovernMirrorError, MoveRefused, WriteRefused
from govern_mirror.labels import field_label, section_label
from govern_mirror.model import policy
from govern_mirror.model.address import parse_address
from govern_mirror.model.blueprint import OVERVIEW, Blueprint, Field, Kind, Role, Status, status_path
from govern_mirror.model.event import Actor
from govern_mirror.model.item import Governance, Item
from govern_mirror.model.item_templates import MADE
from govern_mirror.model.save import Save, SaveConflict, SaveRefused, apply_save
from govern_mirror.model.trust import pending_paths, trust_by_path
from govern_mirror.model.values import is_blank, json_of, text_of
from govern_mirror.model.workflow import CLOSED, COMPLETE, NOT_STARTED, StepState
from govern_mirror.times import iso_time

NO_RIGHT = "your rights in DSS let you read this project, not change it"


@dataclass(frozen=True)
class ItemView:
    """One item as somebody sees it.

    Attributes:
        project: as it was read, with its whole history.
        summary: what DSS says of it.
        page_read_only: why nothing can be changed on the page at all, or None.
        hub: what was read of the hub for it.
        no_attest: why this person may not attest the decision in the hub, or None.
    """

    project: Item
    summary: ProjectSummary
    page_read_only: str | None
    hub: HubReading
    no_attest: str | None = "approvals are off"

    @property
    def no_write(self) -> str | None:
        """Why this person may not write the project, or None where nothing speaks against it."""
        if self.page_read_only:
            return self.page_read_only
        if self.summary.may_write is False:
            return NO_RIGHT
        return self.project.read_only


def view_item(session: Session, project_key: str, *, page_read_only: str | None = None) -> ItemView:
    """Read one project with its whole history, and what DSS says of it.

    Raises:
        GovernMirrorError: it cannot be read.
    """
    project = read_item(session, project_key)
    return view_of(
        session, project, parse_summary(session.store.summary(project_key.partition("/")[0]) or {}), page_read_only
    )


def view_of(session: Session, project: Item, summary: ProjectSummary, page_read_only: str | None) -> ItemView:
    """Return a project as somebody sees it, with what the hub says of it as far as they may read that."""
    reading = HubReading(session)
    project = reading.with_facts(project)
    if project.hub is None or is_item(project.facts.project_key):
        return ItemView(project, summary, page_read_only, reading)
    try:
        no_attest = page_read_only or why_not_attest(session, reading, project)
    except GovernMirrorError as error:
        no_attest = str(error)
    return ItemView(project, summary, page_read_only, reading, no_attest)


def item_json(session: Session, view: ItemView) -> dict[str, Any]:
    """Return an item as the live page's API gives it.

    Args:
        session: the instance, settings and user.
        view: the item as that user sees it.
    """
    at = clock.now()
    project, summary = view.project, view.summary
    blueprint, address = project.blueprint, project.facts.project_key
    days = project.days_in_step(at)
    end = project.date_of_role(Role.TARGET_END) if Role.TARGET_END in blueprint.roles else None
    is_running = project.is_governed and project.stage not in (COMPLETE, CLOSED)
    return {
        **project_json(project, session.settings.weights, now=at),
        "address": address,
        "labels": {field.path: field.label for field in blueprint.all_fields},
        "owner": summary.owner,
        "tags": list(project.facts.tags),
        "copied_from": project.copied_from[1] if project.copied_from else None,
        "stale": days is not None and days >= session.settings.stale_after_days,
        "overdue": bool(is_running and end and end < at.date()),
        "source": _source(project, summary),
        "timeline": _timeline(project),
        "summary": summary_sentence(project),
        "form": _form(view, session.actor(at)),
        **(facts_json(facts_of_item(session, parse_address(address), view.hub)) if is_item(address) else {}),
        "attest": {
            "allowed": view.no_attest is None,
            "why_not": view.no_attest,
            "paths": list(decision_paths(blueprint)),
        },
    }


def _source(project: Item, summary: ProjectSummary) -> dict[str, Any]:
    return {
        "description": summary.description,
        "owner": summary.owner_name or summary.owner,
        "created": iso_time(summary.created_on),
        "last_modified": iso_time(summary.last_modified_on),
        "last_modified_by": summary.last_modified_by,
        "url": project.facts.url,
        "tags": list(project.facts.tags),
        "made": text_of(project.values.get(MADE)),
    }


def _timeline(project: Item) -> list[dict[str, Any]]:
    return [
        {
            "at": iso_time(save.at),
            "by": save.by,
            "source": save.source,
            "number": save.events[-1].number,
            "pending": save.is_pending,
            "reason": save.reason,
            "sentences": list(save.words),
        }
        for save in reversed(list(saves_of(project)))
    ]


# one sentence -----------------------------------------------------------------------------------------------------


def summary_sentence(project: Item) -> str:
    """Return where an item stands and what is missing, as one sentence."""
    if project.state is Governance.COPIED:
        original = project.copied_from[1] if project.copied_from else "another project"
        return f"A copy of {original}, not governed on its own."
    if not project.is_governed:
        return f"Not governed; hidden: {project.hidden.reason.rstrip('.')}." if project.hidden else "Not governed."
    if project.closed:
        return f"Closed: {project.closed.reason.rstrip('.')}."
    current = project.workflow.current
    if project.workflow.is_complete:
        return "Complete: all steps are finished or skipped."
    if current is None or project.stage == NOT_STARTED:
        return "The workflow has not started."
    since = f" since {_day(current.started_on)}" if current.started_on else ""
    needed = needed_fields(project.blueprint, current.id)
    missing = [field.heading for field in needed if is_blank(project.values[field.path])]
    missing_text = f"; missing: {', '.join(missing)}" if missing else ""
    return f"{current.name} is {current.status.label.lower()}{since}{missing_text}."


def needed_fields(blueprint: Blueprint, step: str) -> list[Field]:
    """Return the fields that a step needs: those that the rules require, and what a qualification consists of."""
    needed = [need.needs.path for need in policy.requirements(blueprint) if need.step == step]
    qualifying = blueprint.qualification_step
    if qualifying is not None and qualifying.id == step:
        needed += [field.path for field in blueprint.assessed]
    fields = (blueprint.by_path[path] for path in dict.fromkeys(needed))
    return [field for field in fields if field.kind is not Kind.STATUS]


def _day(at: datetime) -> str:
    return f"{at.day} {at:%b}" if at.year == clock.now().year else f"{at.day} {at:%b %Y}"


# the form ---------------------------------------------------------------------------------------------------------


def _form(view: ItemView, actor: Actor) -> dict[str, Any]:
    project, why_not = view.project, view.no_write
    if not why_not and not project.is_governed:
        why_not = summary_sentence(project)
    return {
        "can_edit": why_not is None,
        "why_not": why_not,
        "sections": _sections(project.blueprint),
        "fields": _fields(project),
        "moves": _moves(project, actor) if why_not is None else [],
        "actions": _actions(view, actor),
    }


def _sections(blueprint: Blueprint) -> list[dict[str, Any]]:
    """Govern's views: the Overview, then one a step, with what the rules require first."""
    required = {need.needs.path for need in policy.requirements(blueprint)}
    sections = []
    for section_id in blueprint.section_ids:
        # when an item was made stands with what DSS says of it, which nobody edits
        paths = [field.path for field in blueprint.section(section_id) if field.path != MADE]
        if section_id != OVERVIEW:
            paths += blueprint.step(section_id).paths[1:]
        # a stable sort: a comment stays behind its rating
        first = sorted(paths, key=lambda path: _owner_of(blueprint, path) not in required)
        kind = "overview" if section_id == OVERVIEW else "step"
        sections.append({"id": section_id, "name": section_label(blueprint, section_id), "kind": kind, "paths": first})
    return sections


def _owner_of(blueprint: Blueprint, path: str) -> str:
    """The path of the field that a comment is about, else the path itself."""
    return next((field.path for field in blueprint.assessed if field.comment_path == path), path)


def _fields(project: Item) -> dict[str, dict[str, Any]]:
    blueprint = project.blueprint
    trust, pending = trust_by_path(project), frozenset(pending_paths(project))
    problems = {problem.field: problem.message for problem in policy.problems(project)}
    required: dict[str, dict[str, None]] = {}
    for need in policy.requirements(blueprint):
        # a field that must be filled may have to hold one of some values, too
        required.setdefault(need.needs.path, {})[need.step] = None
    fields = {}
    for field in blueprint.all_fields:
        if field.kind is Kind.STATUS:
            continue
        path = field.path
        level = trust.get(path)
        fields[path] = {
            "label": field.label,
            "heading": field.heading,
            "help": field.help,
            "kind": field.kind.value,
            "role": field.role.value if field.role else None,
            "choices": list(field.choices),
            "several": field.several,
            "turned": field.turned,
            "value": json_of(project.values[path]),
            "origin": project.origins.get(path),
            "comment_path": field.comment_path if field.comment_path in blueprint.by_path else None,
            "required_for": list(required.get(path, ())),
            "trust": level.value if level else None,
            "pending": path in pending,
            "problem": problems.get(path) or problems.get(field.stored),
        }
    return fields


def _actions(view: ItemView, actor: Actor) -> dict[str, dict[str, Any]]:
    """What else people may do with the item, and why not."""
    project, no_write = view.project, view.no_write
    governed, copied = project.is_governed, project.state is Governance.COPIED
    trust = trust_by_path(project)
    unconfirmed = bool(pending_paths(project)) or any(level.value == "typed" for level in trust.values())
    inherited = any(
        project.origins.get(field.path) not in (None, project.blueprint.home[field.path])
        for field in project.blueprint.rated
    )
    plain = "it is governed" if governed else "it is a copy" if copied else None
    reasons: dict[str, str | None] = {
        "govern": "it is governed already" if governed else "it is a copy: adopt it" if copied else None,
        "adopt": None if copied else "it is no copy",
        "close": "it is not governed" if not governed else "it is closed already" if project.closed else None,
        "undo_close": None if project.closed else "it is not closed",
        "hide": plain or ("it is hidden already" if project.hidden else None),
        "undo_hide": plain or (None if project.hidden else "it is not hidden"),
        "ungovern": None if governed else "it is not governed",
        "confirm": None if governed and (unconfirmed or inherited) else "nothing waits to be confirmed",
    }
    if is_item(project.facts.project_key):
        with_project = dict.fromkeys(("govern", "adopt", "hide", "undo_hide", "ungovern"), "it goes with its project")
        reasons |= with_project
    why_nots = {name: no_write or reason for name, reason in reasons.items()}
    return {name: {"allowed": why_not is None, "why_not": why_not} for name, why_not in why_nots.items()}


# the buttons of the steps -----------------------------------------------------------------------------------------


def _moves(project: Item, actor: Actor) -> list[dict[str, Any]]:
    """The buttons that change a step's status, with what Save will do; the rules are told apart, since the values
    that they ask for may be saved together with the move."""
    moves = []
    steps = project.workflow.steps
    without_rules = replace(project, blueprint=replace(project.blueprint, rules=()), hub=None)
    # as who looks at the form has seen them, also where somebody typed them into DSS
    seen = {status_path(step.id): step.status.value for step in steps}
    for at, step in enumerate(steps):
        # the step that begins once this one is finished
        following = next((later for later in steps[at + 1 :] if later.status is Status.NOT_STARTED), None)
        for status, label, says in _buttons(step, following):
            statuses = {step.id: status}
            if following and status is Status.FINISHED:
                statuses[following.id] = Status.ONGOING
            moves.append(
                {
                    "step": step.id,
                    "status": status.value,
                    "label": label,
                    "says": says,
                    "statuses": {id_: wanted.value for id_, wanted in statuses.items()},
                    "needs_reason": status is Status.SKIPPED,
                    **_allowed(without_rules, Save(statuses=statuses, seen=seen, reason="tried"), actor),
                    "missing": _unmet(project, [step.id] if status.is_done else []),
                }
            )
    return moves


def _buttons(step: StepState, following: StepState | None) -> Iterator[tuple[Status, str, str]]:
    """The statuses that a step can be given, each with its button and what Save will do."""
    if step.status is Status.FINISHED:
        yield Status.ONGOING, "Reopen", f"Will reopen {step.name} on Save; the steps behind it start anew"
        return
    if step.status is Status.NOT_STARTED:
        yield Status.ONGOING, "Start", f"Will start {step.name} on Save"
    if step.status is not Status.SKIPPED:
        then = f" and start {following.name}" if following else ""
        yield Status.FINISHED, "Set as finished", f"Will finish {step.name}{then} on Save"
        yield Status.SKIPPED, "Skip…", f"Will skip {step.name} on Save"


def _allowed(without_rules: Item, tried: Save, actor: Actor) -> dict[str, Any]:
    """Whether the order of the steps allows it."""
    try:
        apply_save(without_rules, tried, actor)
    except (SaveRefused, SaveConflict, WriteRefused, MoveRefused) as error:
        return {"allowed": False, "why_not": str(error)}
    return {"allowed": True, "why_not": None}


def _unmet(project: Item, done: Iterable[str]) -> list[dict[str, Any]]:
    """What the rules and sign-offs ask for before steps are done, and what is not there yet; what locks any move."""
    findings = {finding.requirement.id: finding for finding in (*policy.locks(project), *policy.unmet(project, done))}
    return [
        {
            "path": finding.requirement.needs.path,
            "label": field_label(project.blueprint, finding.requirement.needs.path),
            "message": finding.message,
        }
        for finding in findings.values()
    ]
