"""The reporting scenario of a hub project, found, and what people should know of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from govern_mirror import scenario as scenarios
from govern_mirror.actions.readership import warnings_of_readers
from govern_mirror.actions.schedule_warnings import warnings_of_links, warnings_of_sync, warnings_of_user
from govern_mirror.actions.session import Session
from govern_mirror.dss import HubScenarios
from govern_mirror.errors import GovernMirrorError
from govern_mirror.scenario import NAME, TAG


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
        lambda: warnings_of_user(session, hub, before, scenarios.run_as(definition)),
        lambda: warnings_of_readers(session, hub, definition),
        lambda: warnings_of_sync(session, hub, definition),
        lambda: warnings_of_links(session, definition),
    )
    warnings = []
    for check in checks:
        try:
            warnings += check()
        except GovernMirrorError as error:
            warnings.append(f"what else to look at could not be looked up: {error}")
    return warnings


def find_installed(hub: HubScenarios) -> str | None:
    """The id of the scenario that bears our mark; None when none does.

    Raises:
        GovernMirrorError: two bear it.
    """
    marked = [item for item in hub.listed() if TAG in item.tags]
    if len(marked) > 1:
        ids = ", ".join(item.id for item in marked)
        raise GovernMirrorError(
            f"project {hub.project_key} has {len(marked)} scenarios tagged {TAG} ({ids}), as after a duplication: take "
            "the tag from those that are not the scheduled report, then try again"
        )
    return marked[0].id if marked else None


def require_free_name(hub: HubScenarios) -> None:
    """Raise GovernMirrorError when a scenario made by hand has the name that a new one of ours would get."""
    same = [item for item in hub.listed() if item.name.strip().casefold() == NAME.casefold()]
    if same:
        raise GovernMirrorError(
            f"project {hub.project_key} has a scenario named {NAME!r} that was not made by govern-mirror "
            f"({same[0].id}): it is left as it is. Rename it in DSS and install again; or, to let govern-mirror add "
            f"its steps to it, give it the tag {TAG}"
        )
