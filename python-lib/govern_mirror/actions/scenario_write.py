"""The reporting scenario written and read back; a write whose end is not known is looked up, never repeated."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from govern_mirror import scenario as scenarios
from govern_mirror.actions.schedule_review import find_installed
from govern_mirror.dss import HubScenarios
from govern_mirror.errors import ConnectionFailed, GovernMirrorError, WriteUnclear
from govern_mirror.scenario import NAME, Reporting

Found = TypeVar("Found")


def write_scenario(
    hub: HubScenarios, installed: str | None, wanted: Reporting, now: datetime
) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Write, and read back; returns the id, the definition as it was, and as it is.

    Args:
        hub: the scenarios of the project.
        installed: the id of the scenario that is there; None to create one.
        wanted: what it is to do.
        now: a new trigger counts from this day on.

    Raises:
        WriteUnclear: no answer came, and it cannot be looked up.
        GovernMirrorError: DSS refuses it, or does not hold what it took.
    """
    identifier = installed or _created(hub)
    # read once more: what people changed meanwhile stays
    before = hub.definition(identifier) if installed else _new_definition(hub, identifier)
    after = scenarios.installed(before, wanted, now)
    if installed is None:
        after["active"] = True
    unclear = None
    try:
        hub.save(identifier, after)
    except ConnectionFailed as error:
        if error.never_sent:
            raise
        unclear = error
    read = _looked_up(hub, lambda: hub.definition(identifier), unclear)
    missing = scenarios.lost(after, read)
    if missing and unclear is not None:
        raise unclear
    if missing:
        raise GovernMirrorError(
            f"the scenario {identifier} of project {hub.project_key} did not come back as it was written: look at "
            f"{', '.join(missing)} in DSS"
        )
    return identifier, before, read


def delete_scenario(hub: HubScenarios, identifier: str) -> None:
    """Delete a scenario.

    Raises:
        WriteUnclear: no answer came, and it cannot be looked up.
        GovernMirrorError: DSS refuses it.
    """
    try:
        hub.delete(identifier)
    except ConnectionFailed as error:
        if error.never_sent:
            raise
        if identifier in _looked_up(hub, lambda: {item.id for item in hub.listed()}, error):
            raise


def _new_definition(hub: HubScenarios, identifier: str) -> dict[str, Any]:
    try:
        return hub.definition(identifier)
    except GovernMirrorError as error:
        raise WriteUnclear(
            f"the scenario {identifier} of project {hub.project_key} may have been created without being active, since "
            f"it could not be read: install it again, which goes on with it ({error})"
        ) from error


def _created(hub: HubScenarios) -> str:
    try:
        return hub.create(NAME, scenarios.new())
    except ConnectionFailed as error:
        if error.never_sent:
            raise
        # nobody had it before, so that the one with our mark is this one
        identifier = _looked_up(hub, lambda: find_installed(hub), error)
        if identifier is None:
            raise
        return identifier


def _looked_up(hub: HubScenarios, look: Callable[[], Found], unclear: ConnectionFailed | None) -> Found:
    try:
        return look()
    except GovernMirrorError as error:
        raise WriteUnclear(
            f"the scenario of project {hub.project_key} may have been written, and cannot be looked up: look at it "
            f"with `scenario show {hub.project_key}` before you try again ({unclear or error})"
        ) from error
