"""The reporting scenario found, written and read back; a write whose end is not known is looked up, never repeated."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from govern_mirror.dss import HubScenarios
from govern_mirror.errors import AccessDenied, ConnectionFailed, GovernMirrorError, LeftEmpty, WriteUnclear
from govern_mirror.scenario import definition as scenarios
from govern_mirror.scenario.definition import NAME, TAG
from govern_mirror.scenario.parts import Reporting

Found = TypeVar("Found")


def find_installed(hub: HubScenarios) -> str | None:
    """The id of the scenario that has our tag; None when none has.

    Raises:
        GovernMirrorError: two have it.
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
        LeftEmpty: it was created, and could not be filled: it is empty and switched off.
        WriteUnclear: no answer came, and it cannot be looked up.
        GovernMirrorError: DSS refuses it, or does not hold what it took.
    """
    identifier = installed or _created(hub)
    # read once more: what people changed meanwhile stays
    before = hub.definition(identifier) if installed else _new_definition(hub, identifier)
    after = scenarios.installed(before, wanted, now)
    failure: GovernMirrorError | None = None
    try:
        hub.save(identifier, after)
    except GovernMirrorError as error:
        was_refused = not isinstance(error, ConnectionFailed) or error.never_sent
        # a new scenario is looked at all the same: it is there, whatever became of what belongs in it
        if installed and was_refused:
            raise
        failure = error
    read = _looked_up(hub, lambda: hub.definition(identifier), failure)
    missing = scenarios.lost(after, read)
    if missing and scenarios.is_blank(read):
        raise LeftEmpty(_left_empty(hub, identifier, failure)) from failure
    if missing and failure is not None:
        raise failure
    if missing:
        raise GovernMirrorError(
            f"the scenario {identifier} of project {hub.project_key} did not come back as it was written: look at "
            f"{', '.join(missing)} in DSS"
        )
    return identifier, before, read


def _left_empty(hub: HubScenarios, identifier: str, failure: GovernMirrorError | None) -> str:
    return (
        f"the scenario {identifier} of project {hub.project_key} was created, and is empty and switched off: install "
        "it again with the same options, which fills it and switches it on "
        f"({failure or 'DSS accepted what belongs in it, and does not hold it'})"
    )


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
            f"the scenario {identifier} of project {hub.project_key} may have been created without being filled and "
            f"switched on, since it could not be read: install it again with the same options, which goes on with it "
            f"({error})"
        ) from error


def _created(hub: HubScenarios) -> str:
    try:
        return hub.create(NAME, scenarios.new())
    except GovernMirrorError as error:
        if isinstance(error, AccessDenied) or (isinstance(error, ConnectionFailed) and error.never_sent):
            raise
        # nobody had one before, so that the one with our mark is this one; a proxy that sends a request twice hands on
        # that its name is taken
        identifier = _looked_up(hub, lambda: find_installed(hub), error)
        if identifier is None:
            raise
        return identifier


def _looked_up(hub: HubScenarios, look: Callable[[], Found], failure: GovernMirrorError | None) -> Found:
    try:
        return look()
    except GovernMirrorError as error:
        raise WriteUnclear(
            f"the scenario of project {hub.project_key} may have been written, and cannot be looked up: look at it "
            f"in DSS before you try again ({failure or error})"
        ) from error
