"""What people should know of the user that a scheduled report runs as: who it is, what they see, what they may."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from govern_mirror import scenario as scenarios
from govern_mirror.actions.session import Session
from govern_mirror.dss import HubScenarios
from govern_mirror.scenario import PartId

MOST_NAMED = 5
"""How many projects a warning names."""


def warnings_of_sync(session: Session, hub: HubScenarios, definition: Mapping[str, Any]) -> list[str]:
    """Whether the sync step may reach the Govern node as the user that the scenario runs as."""
    sync = scenarios.part(definition, PartId.SYNC)
    if sync is None or _config(sync).get("govern_node"):
        return []
    if scenarios.run_as(definition) == session.login and hub.is_administrator():
        return []
    return [
        f"the step {PartId.SYNC.value} uses the instance's own Govern integration, which only administrators may: "
        "choose a preset of the Govern node in the step, in DSS"
    ]


def warnings_of_links(session: Session, definition: Mapping[str, Any]) -> list[str]:
    """Whether the links in the mail lead back to DSS: a macro does not know the address by itself."""
    if scenarios.reporting_of(definition).mail is None or session.settings.instance_url:
        return []
    if scenarios.run_as(definition) == session.login and session.store.external_url():
        return []
    return [
        "the mail may hold no links into DSS: let an administrator set the address of this instance in the plugin's "
        "settings"
    ]


def _config(step: Mapping[str, Any]) -> Mapping[str, Any]:
    params = step.get("params")
    config = params.get("config") if isinstance(params, Mapping) else None
    return config if isinstance(config, Mapping) else {}


def warnings_of_user(session: Session, hub: HubScenarios, before: str | None, login: str | None) -> list[str]:
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
    theirs = hub.visible_to(login)
    if theirs is None:
        return [*warnings, f"which projects {login} sees cannot be known: DSS did not answer in their name"]
    hidden = sorted(hub.visible() - theirs)
    if hidden:
        named = ", ".join(hidden[:MOST_NAMED]) + (
            f" and {len(hidden) - MOST_NAMED} more" if hidden[MOST_NAMED:] else ""
        )
        warnings.append(
            f"{login} does not see {len(hidden)} of the instance's projects, which the report will leave out: {named}"
        )
    return warnings
