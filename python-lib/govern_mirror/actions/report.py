"""Build the governed-projects report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from govern_mirror import clock
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


def build_report(
    session: Session,
    filters: Filters = Filters(),
    *,
    progress: Progress | None = None,
    now: datetime | None = None,
    history: bool = True,
) -> Report:
    """Read every project this user can see and report on the governed ones.

    Args:
        session: the instance, settings and user.
        filters: which projects, as `parse_filters` gives them.
        progress: told when projects must be read one by one.
        now: the time to count days from, else the present.
        history: whether the projects come with all of their events; most formats show none.

    Raises:
        GovernMirrorError: the project list cannot be read.
    """
    return report_on(session, read_projects(session, progress=progress, history=history), filters, now=now)


@dataclass(frozen=True)
class Reading:
    """All projects that a user can see, as they were at one time, and those that could not be read."""

    projects: tuple[Item, ...]
    unreadable: tuple[UnreadableProject, ...]


def read_projects(session: Session, *, progress: Progress | None = None, history: bool = True) -> Reading:
    """Read every project this user can see, for one or several reports.

    Args:
        session: the instance, settings and user.
        progress: told when projects must be read one by one.
        history: whether the projects come with all of their events; most formats show none.

    Raises:
        GovernMirrorError: the project list cannot be read.
    """
    session.store.resolve_url()
    projects, unreadable = session.store.read_all(progress, history=history)
    return Reading(tuple(projects), tuple(unreadable))


def report_on(
    session: Session, reading: Reading, filters: Filters = Filters(), *, now: datetime | None = None
) -> Report:
    """Report on projects that were read: several reports of one reading agree.

    Args:
        session: the instance, settings and user.
        reading: as `read_projects` gives it.
        filters: which projects, as `parse_filters` gives them.
        now: the time to count days from, else the present.
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
    )
    return Report(portfolio, reading.unreadable)


def parse_filters(
    blueprint: Blueprint,
    *,
    tags: Iterable[str] = (),
    steps: Iterable[str] = (),
    decisions: Iterable[str] = (),
    initiatives: Iterable[str] = (),
    owners: Iterable[str] = (),
    stale: bool = False,
    stale_days: int | None = None,
    with_problems: bool = False,
    include_ungoverned: bool = False,
    in_flight: bool = False,
) -> Filters:
    """Read filters as people give them: stages by id or name, decisions in any case.

    Raises:
        InputError: a step or decision is unknown; all of them are named.
    """
    faults: list[str] = []

    def stage(text: str) -> str:
        for known, name in stages(blueprint).items():
            if loose(text) in (loose(known), loose(name)):
                return known
        return blueprint.step(text).id

    def decision(text: str) -> str:
        return UNDECIDED if text.strip().casefold() == UNDECIDED else blueprint.decision(text)

    parsed: dict[str, list[str]] = {"step": [], "decision": []}
    beside = {"step": f"{NOT_STARTED}, {COMPLETE}, {CLOSED}", "decision": UNDECIDED}
    for name, texts, parse in (("step", steps, stage), ("decision", decisions, decision)):
        for text in texts:
            try:
                parsed[name].append(parse(text))
            except InputError as error:
                faults.append(f"{error}, or {beside[name]}")
    if faults:
        raise InputError("; ".join(faults))
    return Filters(
        tags=tuple(tags),
        steps=tuple(parsed["step"]),
        decisions=tuple(parsed["decision"]),
        initiatives=tuple(initiatives),
        owners=tuple(owners),
        stale=stale,
        stale_days=stale_days,
        with_problems=with_problems,
        include_ungoverned=include_ungoverned,
        in_flight=in_flight,
    )


def filters_from_form(session: Session, config: Config) -> Filters:
    """The filters of the report macro and of the recipe: the same names and meaning as on the command line."""
    return parse_filters(
        session.blueprint,
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
