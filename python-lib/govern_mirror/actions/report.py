"""Build the governed-projects report."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from govern_mirror import clock
from govern_mirror.actions.inputs import refuses_wrong_types, require_field_types
from govern_mirror.actions.session import Session
from govern_mirror.bulk import Progress
from govern_mirror.errors import InputError
from govern_mirror.form_values import Config, flag_of, texts_of, whole_number_of
from govern_mirror.model.blueprint import Blueprint, loose
from govern_mirror.model.item import Item, UnreadableProject
from govern_mirror.model.workflow import CLOSED, COMPLETE, NOT_STARTED, stages
from govern_mirror.report.portfolio import UNDECIDED, Filters, Portfolio, build


@dataclass(frozen=True)
class Report:
    """A portfolio, and the visible projects that could not be read (they are not in it)."""

    portfolio: Portfolio
    unreadable: tuple[UnreadableProject, ...] = ()

    @property
    def unreadable_keys(self) -> frozenset[str]:
        """The keys of the projects that could not be read."""
        return frozenset(project.project_key for project in self.unreadable)


@refuses_wrong_types
def build_report(
    session: Session,
    filters: Filters = Filters(),
    *,
    progress: Progress | None = None,
    now: datetime | None = None,
    history: bool = True,
    with_signoffs: bool = True,
) -> Report:
    """Read every project this user can see and report on the governed ones.

    Args:
        session: the instance, settings and user.
        filters: which projects; steps and decisions in any spelling.
        progress: told when projects must be read one by one.
        now: the time to count days from, else the current time.
        history: whether the projects come with all of their events; most formats show none.
        with_signoffs: whether the hub is read, so that steps are judged by their sign-offs.

    Raises:
        InputError: a filter names what the template has not; nothing was read then.
        GovernMirrorError: the project list cannot be read.
    """
    filters = parse_filters(session.blueprint, filters)
    return report_on(
        session,
        read_projects(session, progress=progress, history=history, with_signoffs=with_signoffs),
        filters,
        now=now,
    )


@dataclass(frozen=True)
class Reading:
    """All projects that a user can see, as they were at one time, and those that could not be read."""

    projects: tuple[Item, ...]
    unreadable: tuple[UnreadableProject, ...]


def read_projects(
    session: Session, *, progress: Progress | None = None, history: bool = True, with_signoffs: bool = True
) -> Reading:
    """Read every project this user can see, for one or several reports; the arguments are those of `build_report`.

    Where the hub signs off steps of projects, it is read once for all of them.

    Raises:
        GovernMirrorError: the project list cannot be read.
    """
    session.store.resolve_url()
    projects, unreadable = session.store.read_all(progress, history=history)
    if with_signoffs and session.settings.hub_project is not None:
        # importing what reads a hub takes as long as reading a thousand projects
        from govern_mirror.actions.hub_reading import HubReading

        projects = HubReading(session).with_facts_of(projects)
    return Reading(tuple(projects), tuple(unreadable))


def report_on(
    session: Session, reading: Reading, filters: Filters = Filters(), *, now: datetime | None = None
) -> Report:
    """Report on projects that were read: several reports of one reading agree.

    Args:
        session, now: as for `build_report`.
        reading: as `read_projects` gives it.
        filters: which projects, as `parse_filters` gives them.
    """
    portfolio = build(
        reading.projects,
        filters,
        now or clock.now(),
        blueprint=session.blueprint,
        weights=session.settings.weights,
        stale_after_days=session.settings.stale_after_days,
        node_id=session.store.node_id,
        url=session.store.url,
        unreadable=reading.unreadable,
        page_address=session.store.page_address,
    )
    return Report(portfolio, reading.unreadable)


def parse_filters(blueprint: Blueprint, filters: Filters) -> Filters:
    """Read filters as people give them: stages by id or name, decisions in any case.

    Raises:
        InputError: a filter is not of its type, or a step or decision is unknown; all of them are named.
    """
    require_field_types(filters)
    faults: list[str] = []

    def stage(text: str) -> str:
        if text in stages(blueprint):
            return text
        for id_, name in stages(blueprint).items():
            if loose(text) in (loose(id_), loose(name)):
                return id_
        return blueprint.step(text).id

    def decision(text: str) -> str:
        return UNDECIDED if text.strip().casefold() == UNDECIDED else blueprint.decision(text)

    def parsed(texts: Iterable[str], parse: Callable[[str], str], beside: str) -> tuple[str, ...]:
        values = []
        for text in texts:
            try:
                values.append(parse(text))
            except InputError as error:
                faults.append(f"{error}, or {beside}")
        return tuple(values)

    steps = parsed(filters.steps, stage, f"{NOT_STARTED}, {COMPLETE}, {CLOSED}")
    decisions = parsed(filters.decisions, decision, UNDECIDED)
    if faults:
        raise InputError("; ".join(faults))
    return replace(
        filters,
        tags=tuple(filters.tags),
        steps=steps,
        decisions=decisions,
        initiatives=tuple(filters.initiatives),
        owners=tuple(filters.owners),
    )


def filters_from_form(session: Session, config: Config) -> Filters:
    """The filters of the report macro and of the recipe: the same names and meaning as on the command line."""
    filters = Filters(
        tags=texts_of(config, "tag"),
        steps=texts_of(config, "step"),
        decisions=texts_of(config, "decision"),
        initiatives=texts_of(config, "initiative"),
        owners=texts_of(config, "owner"),
        stale=flag_of(config, "stale"),
        stale_days=whole_number_of(config, "stale_days"),
        in_flight=flag_of(config, "in_flight"),
        with_problems=flag_of(config, "with_problems"),
        include_ungoverned=flag_of(config, "include_ungoverned"),
    )
    return parse_filters(session.blueprint, filters)
