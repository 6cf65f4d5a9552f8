"""What people should know of an installed scheduled report: the user it runs as, what they may, and who reads it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from govern_mirror.actions.publish import parse_article, parse_folder
from govern_mirror.actions.report import build_report, filters_from_form
from govern_mirror.actions.scenario_write import find_installed
from govern_mirror.actions.session import Session
from govern_mirror.bulk import for_each
from govern_mirror.dss import HubScenarios, Members, Readers, members, readers_of
from govern_mirror.errors import GovernMirrorError, InputError
from govern_mirror.nested import get, mapping
from govern_mirror.report.portfolio import Filters
from govern_mirror.scenario import definition as scenarios
from govern_mirror.scenario.parts import PartId

MAX_NAMES = 5
"""How many projects, and how many groups and people, a warning names."""

MAX_COMPARED = 500
"""Of how many projects the permissions are read: each takes a request."""

_ADMINISTRATORS = "administrators"
"""The group that DSS makes for its administrators, who read every project."""


@dataclass(frozen=True)
class Review:
    """An installed scenario: the login it runs as, and what to look at."""

    run_as: str | None
    warnings: tuple[str, ...]


def review(session: Session, project_key: str) -> Review | None:
    """Look at the reporting scenario of a project; None when none is installed.

    Raises:
        GovernMirrorError: it cannot be read, or there are two.
    """
    hub = HubScenarios(session.store.client, project_key)
    identifier = find_installed(hub)
    if identifier is None:
        return None
    definition = hub.definition(identifier)
    run_as = scenarios.run_as(definition)
    return Review(run_as, tuple(advice(session, hub, run_as, definition)))


def advice(session: Session, hub: HubScenarios, before: str | None, definition: Mapping[str, Any]) -> list[str]:
    """What people should know of a scenario as it is; `before` is the login that it ran as.

    What cannot be asked is said, and is no error: the scenario is installed all the same.
    """
    checks: tuple[Callable[[], list[str]], ...] = (
        lambda: _warnings_of_user(session, hub, before, scenarios.run_as(definition)),
        lambda: _warnings_of_readers(session, hub, definition),
        lambda: _warnings_of_sync(session, hub, definition),
        lambda: _warnings_of_links(session, definition),
    )
    warnings = []
    for check in checks:
        try:
            warnings += check()
        except GovernMirrorError as error:
            warnings.append(f"what else to look at could not be looked up: {error}")
    return warnings


# the user it runs as -------------------------------------------------------------------------------------------


def _warnings_of_user(session: Session, hub: HubScenarios, before: str | None, login: str | None) -> list[str]:
    """What people should know of the user that the scenario runs as: whether it is one, changed, and sees all."""
    if login is None:
        return ["nobody knows which user the scenario runs as: set Run as in its settings in DSS"]
    warnings = []
    if before is not None and before != login:
        warnings.append(f"the scenario ran as {before}, from now on as {login}, who changed it last")
    if login.startswith("api:"):
        return [
            *warnings,
            f"the scenario would run as an API key ({login}), which is no user: let an administrator set Run as in its "
            "settings in DSS, or install with a personal key",
        ]
    own = login == session.login
    if not hub.is_administrator():
        who = "you see" if own else f"{login} sees"
        return [
            *warnings,
            f"the report covers the projects that {who}; whether there are others cannot be known without an "
            "administrator's key",
        ]
    if own:
        return warnings
    visible = hub.visible_to(login)
    if visible is None:
        return [*warnings, f"which projects {login} sees cannot be known: DSS did not answer in their name"]
    hidden = sorted(hub.visible() - visible)
    if hidden:
        warnings.append(
            f"{login} does not see {len(hidden)} of the instance's projects, which the report will leave out: "
            f"{_named(hidden)}"
        )
    return warnings


def _warnings_of_sync(session: Session, hub: HubScenarios, definition: Mapping[str, Any]) -> list[str]:
    """Whether the sync step may reach the Govern node as the user that the scenario runs as."""
    if scenarios.part(definition, PartId.SYNC) is None or _config(definition, PartId.SYNC).get("govern_node"):
        return []
    if scenarios.run_as(definition) == session.login and hub.is_administrator():
        return []
    return [
        f"the step {PartId.SYNC.value} uses the instance's own Govern integration, which only administrators may: "
        "choose a preset of the Govern node in the step, in DSS"
    ]


def _warnings_of_links(session: Session, definition: Mapping[str, Any]) -> list[str]:
    """Whether the links in the mail lead back to DSS: a macro does not know the address by itself."""
    settings = session.settings
    if scenarios.reporting_of(definition).mail is None or settings.instance_url or settings.page_address:
        return []
    if scenarios.run_as(definition) == session.login and session.store.external_url():
        return []
    return [
        "the mail may hold no links into DSS: let an administrator set the address of this instance in the plugin's "
        "settings"
    ]


# who reads it ---------------------------------------------------------------------------------------------------


def _warnings_of_readers(session: Session, hub: HubScenarios, definition: Mapping[str, Any]) -> list[str]:
    """Whether everyone who may read what the scenario publishes may see the projects that it tells of.

    What this key may not read is said to be unknown.
    """
    warnings = []
    places = _places(hub.project_key, definition)
    open_places: dict[str, Readers] = {}
    for place in places:
        try:
            open_places[place] = readers_of(session.store.client, place)
        except GovernMirrorError as error:
            warnings.append(f"{_unknown(place)}: the permissions of {place} cannot be read ({error})")
    if not open_places:
        return warnings
    try:
        reported = _reported_projects(session, hub, definition)
    except GovernMirrorError as error:
        return [*warnings, *(f"{_unknown(place)} ({error})" for place in open_places)]
    if reported is None:
        login = scenarios.run_as(definition) or "the user it runs as"
        return [*warnings, *(f"{_unknown(place)}: DSS does not say what {login} sees" for place in open_places)]
    with_texts = scenarios.reporting_of(definition).with_texts
    return [*warnings, *_warnings_of_hidden_projects(session, open_places, reported, with_texts=with_texts)]


def _places(project_key: str, definition: Mapping[str, Any]) -> list[str]:
    """The projects in which the scenario puts something that tells of others."""
    reporting = scenarios.reporting_of(definition)
    places = [project_key] if reporting.datasets else []
    article = _config(definition, PartId.REPORT).get("wiki_article")
    # where an address is not valid nothing is published, and the run says why
    with suppress(InputError):
        if reporting.folder is not None:
            places.append(parse_folder(reporting.folder, project_key).project_key)
    with suppress(InputError):
        if isinstance(article, str) and article.strip():
            places.append(parse_article(article).project_key)
    return list(dict.fromkeys(places))


def _reported_projects(session: Session, hub: HubScenarios, definition: Mapping[str, Any]) -> list[str] | None:
    """The keys of the projects that the report tells of; None when it cannot be known what its user sees."""
    filters = Filters()
    if not scenarios.reporting_of(definition).datasets:
        # a filter that is not valid fails the run, which says so: until then, all projects count
        with suppress(InputError):
            filters = filters_from_form(session, _config(definition, PartId.REPORT))
    login = scenarios.run_as(definition)
    visible = None
    if login != session.login:
        visible = None if login is None else hub.visible_to(login)
        if visible is None:
            return None
    rows = build_report(session, filters, history=False).portfolio.rows
    keys = [row.project.facts.project_key for row in rows]
    return [key for key in keys if visible is None or key in visible]


def _warnings_of_hidden_projects(
    session: Session, places: Mapping[str, Readers], reported: list[str], *, with_texts: bool
) -> list[str]:
    people = members(session.store.client)
    sampled = sorted(reported)[:MAX_COMPARED]
    results = for_each(sampled, lambda key: readers_of(session.store.client, key))
    permissions = {result.item: result.result for result in results if result.result is not None}
    warnings = []
    for place, readers in places.items():
        others = [key for key in reported if key != place]
        unread = sum(key not in permissions for key in others)
        shut_out = {key: _shut_out(readers, own, people) for key, own in permissions.items() if key != place}
        hidden = {key: who for key, who in shut_out.items() if who}
        if hidden:
            warnings.append(_hidden(place, hidden, with_texts=with_texts))
        if unread:
            warnings.append(f"{_unknown(place)}: the permissions of {unread} of {len(others)} of them were not read")
    return warnings


def _shut_out(readers: Readers, own: Readers, people: Members | None) -> frozenset[str]:
    """Who may read the place and not the project: by login where memberships are known, else as they are named."""
    if people is not None:
        return people.of(readers) - people.of(own)
    groups = {f"the group {name}" for name in readers.groups - own.groups if name != _ADMINISTRATORS}
    return frozenset(groups) | (readers.logins - own.logins)


def _hidden(place: str, hidden: Mapping[str, frozenset[str]], *, with_texts: bool) -> str:
    who = sorted(frozenset[str]().union(*hidden.values()))
    texts = ", with their notes, comments and history" if with_texts else ""
    return (
        f"what is published in {place} tells its readers of {len(hidden)} projects that not all of them may "
        f"see{texts}: {_named(sorted(hidden))}, closed to {_named(who)}; publish where only those read who may see "
        "them, or let somebody run it who sees no more than they do"
    )


def _unknown(place: str) -> str:
    return f"whether all readers of {place} may see the projects that are told of there cannot be known"


def _named(names: Collection[str]) -> str:
    first = list(names)[:MAX_NAMES]
    return ", ".join(first) + (f" and {len(names) - len(first)} more" if len(names) > len(first) else "")


def _config(definition: Mapping[str, Any], step: PartId) -> Mapping[str, Any]:
    """The form of the macro that a step runs."""
    return mapping(get(scenarios.part(definition, step), ("params", "config")))
