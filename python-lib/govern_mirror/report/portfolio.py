"""The portfolio: governed projects as rows, filtered, ordered and counted."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timezone
from operator import attrgetter

from govern_mirror.errors import InputError
from govern_mirror.model import policy
from govern_mirror.model.blueprint import Blueprint, Kind, Role
from govern_mirror.model.event import Event, Source
from govern_mirror.model.item import Governance, Item, Problem, UnreadableProject
from govern_mirror.model.scores import Scores, Weights, scores
from govern_mirror.model.trust import Trust, trust_by_path, trust_of, unrecorded_edits
from govern_mirror.model.values import Value, is_blank
from govern_mirror.model.workflow import CLOSED, COMPLETE, NOT_STARTED, StepState, stages
from govern_mirror.report.registry import ApprovalsView
from govern_mirror.report.trends_view import TrendsView

UNDECIDED = "undecided"
"""Where a project without a decision is counted and found."""

_EDITED, _SOURCE = Source.EDITED_IN_DSS.value, attrgetter("source")

MAX_COPIES_NAMED = 5
"""How many copies the summary names."""


@dataclass(frozen=True)
class Filters:
    """Which projects to report on. Several values of one filter mean or, several filters mean and.

    Attributes:
        tags: DSS tags of the project.
        steps: stages: ids of the current step, `not_started`, `complete` or `closed`.
        decisions: exact decisions, or `undecided`.
        initiatives: business initiatives, in any case.
        owners: logins of project owners.
        stale: only projects that are stale.
        stale_days: stale from so many whole days in the current step on; None for the settings' value.
        with_problems: only projects that have problems.
        include_ungoverned: also projects that are not governed, and copies of governed ones.
        in_flight: only projects that have started and are neither complete nor closed.
    """

    tags: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    initiatives: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    stale: bool = False
    stale_days: int | None = None
    with_problems: bool = False
    include_ungoverned: bool = False
    in_flight: bool = False

    def __post_init__(self) -> None:
        # other types are refused where reports are built
        if isinstance(self.stale_days, int) and self.stale_days < 1:
            raise InputError(f"stale takes a number of days from 1, not {self.stale_days}")

    @property
    def narrow(self) -> bool:
        """Whether governed projects may be left out."""
        return self != Filters(include_ungoverned=self.include_ungoverned, stale_days=self.stale_days)

    @property
    def in_words(self) -> tuple[str, ...]:
        """The filters as people read them, one text each; empty when nothing is filtered."""
        choices = {
            "tag": self.tags,
            "step": self.steps,
            "decision": self.decisions,
            "initiative": self.initiatives,
            "owner": self.owners,
        }
        words = [f"{name}: {' or '.join(values)}" for name, values in choices.items() if values]
        if self.stale:
            words.append(f"stale{f' from {self.stale_days} days on' if self.stale_days else ''}")
        if self.in_flight:
            words.append("in flight")
        if self.with_problems:
            words.append("with problems")
        if self.include_ungoverned:
            words.append("ungoverned included")
        return tuple(words)


@dataclass(frozen=True, slots=True)
class Row:
    """One project of the report.

    Attributes:
        project: the project, as decoded.
        scores: value and risk score (0 to 100, more is better in both) and the priority.
        days_in_step: whole days in the current step; None when unknown, not started, complete or closed.
        stale: whether that is too long.
        overdue: whether a governed project that is neither complete nor closed is past its target end date.
        current: the current step, as the workflow has it; kept, since columns ask for it again and again.
        stage: `not_started`, the id of the current step, `complete` or `closed`.
        problems: what is not as it should be, with the requirements that are not met.
    """

    project: Item
    scores: Scores
    days_in_step: int | None
    stale: bool
    overdue: bool
    current: StepState | None
    stage: str
    problems: tuple[Problem, ...]

    @property
    def decision(self) -> str:
        """The decision, or `undecided`."""
        return self.project.text_of_role(Role.DECISION) or UNDECIDED

    @property
    def is_qualified(self) -> bool:
        """Whether value, risk and decision are there, as far as the template has them."""
        project = self.project
        return None not in [project.values[path] for path in project.blueprint.qualifying]

    @property
    def last_change(self) -> tuple[datetime | None, str | None]:
        """When a governed value last changed, and by whom; an edit in DSS names nobody."""
        events = self.project.pending or self.project.events
        return (events[-1].at, events[-1].by) if events else (None, None)

    @property
    def trust(self) -> Trust | None:
        """The lowest trust among the project's values; None when it is not governed."""
        project = self.project
        if not project.is_governed:
            return None
        # most projects have no edit to look for, and a report has thousands
        is_edited = project.pending or _EDITED in map(_SOURCE, project.events)
        edits = unrecorded_edits(project) if is_edited and project.has_own_record else ()
        return trust_of(project, trust_by_path(project, edits) if edits else {})


@dataclass(frozen=True)
class Summary:
    """How many projects there are, of each kind.

    Attributes:
        projects: visible to this user, before the filters; all other counts are of what the filters leave.
        governed: governed projects.
        by_step: governed projects by stage: `not_started`, the steps, `complete`, `closed`.
        by_decision: governed projects by decision, `undecided` last; empty when the template has no decision.
        stale: governed projects that are stale.
        problems: projects that have problems.
        copied: copies of governed projects among the visible ones; they are not counted elsewhere.
        copies: their keys, in order.
    """

    projects: int
    governed: int
    by_step: dict[str, int]
    by_decision: dict[str, int]
    stale: int
    problems: int
    copied: int
    copies: tuple[str, ...] = ()

    @property
    def copies_named(self) -> str:
        """The first keys of the copies, for people: `A, B and 3 more`."""
        first, rest = self.copies[:MAX_COPIES_NAMED], len(self.copies) - MAX_COPIES_NAMED
        return ", ".join(first) + (f" and {rest} more" if rest > 0 else "")


@dataclass(frozen=True)
class Portfolio:
    """All that a report shows.

    Attributes:
        rows: the projects, by priority (highest first, unrated last), then name, then key.
        summary: their counts.
        generated_on: when it was made (UTC).
        blueprint: the template that the projects follow.
        node_id, url: the instance it was read from; None where unknown.
        filters: what was asked for.
        stale_days: from how many days in a step on a project counts as stale.
        trends: what a history adds; None without one.
        page_url: where the whole report was published as a page; None when it was not, or is not known.
        without_texts: whether notes, comments, documents and history were left out of it.
        unreadable: the visible projects that could not be read; whether the filters would leave them, nobody knows.
        page_address: where the live page is; None where nobody has set it.
        approvals: what runs without approval; None where it was not looked at.
    """

    rows: tuple[Row, ...]
    summary: Summary
    generated_on: datetime
    blueprint: Blueprint
    node_id: str | None = None
    url: str | None = None
    filters: Filters = Filters()
    stale_days: int = 30
    trends: TrendsView | None = None
    page_url: str | None = None
    without_texts: bool = False
    unreadable: tuple[UnreadableProject, ...] = ()
    page_address: str | None = None
    approvals: ApprovalsView | None = None

    @property
    def overdue(self) -> int:
        """How many projects are overdue."""
        return sum(row.overdue for row in self.rows)

    @property
    def incomplete(self) -> str:
        """One sentence for people when projects could not be read; empty when all were."""
        count = len(self.unreadable)
        if not count:
            return ""
        return f"{count} project{' is' if count == 1 else 's are'} missing in this report: they could not be read"

    @property
    def governed(self) -> tuple[Row, ...]:
        """The rows of governed projects."""
        return tuple(row for row in self.rows if row.project.is_governed)


def build(
    projects: Iterable[Item],
    filters: Filters,
    now: datetime,
    *,
    blueprint: Blueprint,
    weights: Weights = Weights(),
    stale_after_days: int = 30,
    node_id: str | None = None,
    url: str | None = None,
    unreadable: Iterable[UnreadableProject] = (),
    page_address: str | None = None,
) -> Portfolio:
    """Make the portfolio of projects.

    Args:
        projects: every visible project, governed or not.
        filters: which of them to show.
        now: the time to count days from.
        blueprint: the template in use.
        weights: of the priority.
        stale_after_days: the settings' value, used where the filters name none.
        node_id: the instance's node id.
        url: the instance's address.
        unreadable: visible projects that could not be read.
        page_address: where the live page is.
    """
    now = now.astimezone(timezone.utc)
    limit = filters.stale_days or stale_after_days
    accepts, make_row = _test(filters), _row_maker(blueprint, now, weights, limit)
    visible, copies = 0, []
    rows = []
    for project in projects:
        visible += 1
        if project.state is Governance.COPIED:
            copies.append(project.facts.project_key)
        if not project.is_governed and not filters.include_ungoverned:
            continue
        row = make_row(project)
        if accepts(row):
            rows.append(row)
    rows.sort(key=_order)
    governed = [row for row in rows if row.project.is_governed]
    decisions = (*blueprint.decisions, UNDECIDED) if Role.DECISION in blueprint.roles else ()
    summary = Summary(
        projects=visible,
        governed=len(governed),
        by_step=counts(stages(blueprint), (row.stage for row in governed)),
        by_decision=counts(decisions, (row.decision for row in governed)),
        stale=sum(row.stale for row in governed),
        problems=sum(bool(row.problems) for row in rows),
        copied=len(copies),
        copies=tuple(sorted(copies)),
    )
    return Portfolio(
        tuple(rows),
        summary,
        now,
        blueprint,
        node_id,
        url,
        filters,
        limit,
        unreadable=tuple(unreadable),
        page_address=page_address,
    )


def counts(names: Iterable[str], values: Iterable[str]) -> dict[str, int]:
    """Return how often each of some names is among the values, those that are not among them with 0."""
    counter = Counter(values)
    return {name: counter[name] for name in names}


def _row_maker(blueprint: Blueprint, now: datetime, weights: Weights, limit: int) -> Callable[[Item], Row]:
    """Return the function that makes a row; what all rows share is looked up once, scores once a set of ratings."""
    today = now.date()
    end_field = blueprint.roles.get(Role.TARGET_END)
    end_path = end_field.path if end_field else None
    rated = tuple(field.path for field in blueprint.rated)
    computed: dict[tuple[Value, ...], Scores] = {}

    def row(project: Item) -> Row:
        values, current = project.values, project.workflow.current
        stage = _stage(project, current)
        ratings = tuple([values[path] for path in rated])
        row_scores = computed.get(ratings)
        if row_scores is None:
            row_scores = computed[ratings] = scores(values, blueprint, weights)
        if not project.is_governed:
            return Row(project, row_scores, None, False, False, current, stage, policy.problems(project))
        end = values[end_path] if end_path else None
        days = project.days_in_step(now)
        return Row(
            project,
            row_scores,
            days,
            days is not None and days >= limit,
            isinstance(end, date) and end < today and stage not in (COMPLETE, CLOSED),
            current,
            stage,
            policy.problems(project),
        )

    return row


def _stage(project: Item, current: StepState | None) -> str:
    """Return `project.stage`, of the current step: done only when all are."""
    if project.closed:
        return CLOSED
    if current is None:
        return NOT_STARTED
    return COMPLETE if current.status.is_done else current.id


_DIGITS = re.compile(r"[0-9]+")


def name_order(name: str) -> str:
    """Return a key that sorts names as the page does: `Model 2` before `Model 10`, `Árbol` among those with A."""
    folded = name.casefold()
    if not folded.isascii():
        folded = "".join(char for char in unicodedata.normalize("NFD", folded) if not unicodedata.combining(char))
    return _DIGITS.sub(lambda digits: digits[0].zfill(20), folded)


def _order(row: Row) -> tuple[float, str, str]:
    priority = row.scores.priority
    facts = row.project.facts
    return (-1 if priority is None else priority) * -1, name_order(facts.name), facts.project_key


def _test(filters: Filters) -> Callable[[Row], bool]:
    """The filters as one test. A project that is not governed has no step, decision or initiative to match."""
    tags, owners = set(filters.tags), set(filters.owners)
    steps, decisions = set(filters.steps), set(filters.decisions)
    initiatives = {text.casefold() for text in filters.initiatives}
    of_workflow = bool(steps or decisions or initiatives or filters.stale or filters.in_flight)

    def accepts(row: Row) -> bool:
        project = row.project
        if tags and tags.isdisjoint(project.facts.tags):
            return False
        if owners and project.facts.owner not in owners:
            return False
        if filters.with_problems and not row.problems:
            return False
        if not of_workflow:
            return True
        return (
            project.is_governed
            and (not steps or row.stage in steps)
            and (not filters.in_flight or project.is_in_flight)
            and (not decisions or row.decision in decisions)
            and (not initiatives or (project.text_of_role(Role.INITIATIVE) or "").casefold() in initiatives)
            and (not filters.stale or row.stale)
        )

    return accepts


# without texts ----------------------------------------------------------------------------------------------------


def without_texts(portfolio: Portfolio) -> Portfolio:
    """Return a portfolio without the texts that people wrote, for readers who may not see the projects themselves.

    Names, owners, tags, initiatives, ratings, decisions, statuses, dates and what a history counts stay. Notes,
    comments, documents, reasons and events go; of the events only when a project last changed, and by whom, is kept.
    """
    return replace(portfolio, rows=tuple(_row_without_texts(row) for row in portfolio.rows), without_texts=True)


def _row_without_texts(row: Row) -> Row:
    project = row.project
    bare = replace(
        project,
        values=_values_without_texts(project),
        events=_last_change(project.events),
        pending=_last_change(project.pending),
        moved_events=0,
        problems=_without_what_was_found(project.problems),
        damaged_record=None,
        closed=replace(project.closed, reason="") if project.closed else None,
    )
    return replace(row, project=bare, problems=_without_what_was_found(row.problems))


def _values_without_texts(project: Item) -> Mapping[str, Value]:
    texts = {f.path: f.blank for f in project.blueprint.all_fields if f.kind in (Kind.TEXT, Kind.DOCUMENTS)}
    # most projects have nothing to take out, and a portfolio has thousands
    if all(is_blank(project.values[path]) for path in texts):
        return project.values
    return {**project.values, **texts}


def _last_change(events: tuple[Event, ...]) -> tuple[Event, ...]:
    """The last event without what was written: tables tell when a project last changed, and by whom."""
    return tuple(event._replace(before=None, after=None, reason=None) for event in events[-1:])


def _without_what_was_found(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    # it may be anything that somebody typed
    return problems and tuple(replace(problem, found=None) for problem in problems)
