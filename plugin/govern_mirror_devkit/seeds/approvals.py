"""A hub with reviewers, set up as `docs/hub.md` says, and a bundle that waits for its review."""

from __future__ import annotations

import json

from govern_mirror import clock
from govern_mirror.actions.hub import hub_of, set_up_hub
from govern_mirror.actions.session import Session, connect_to
from govern_mirror.dss.macros import run_macro
from govern_mirror.hub.configuration import parse_configuration
from govern_mirror.settings import Settings

from ..sandbox.instance import DssInstance
from .people import ANALYSTS, MANAGERS, PEOPLE, READERS

PROJECT = "APPROVALS"
"""The hub."""

CONNECTION, PRESET = "approvals", "hub"
SOURCE, BUNDLE, COMMENT = "CHURN", "v2", "With the data of the autumn"
"""What the owner asks for."""

ASKING = ("manager", "owner", "reader")
"""Who gets an API key, too: the final approver, who asks, and who gives feedback."""


def install_hub(dss: DssInstance, url: str) -> dict[str, str]:
    """Set up the hub as an administrator does, and let the owner of a bundle ask for its review.

    Args:
        dss: with the people who log in.
        url: its address.

    Returns:
        An API key a login.
    """
    people = {role: PEOPLE[role].login for role in ASKING}
    keys = {login: dss.accounts.create_personal_key(login) for login in people.values()}
    if PROJECT not in dss.projects.all_keys():
        readers = [{"group": group, "readProjectContent": True} for group in (ANALYSTS, MANAGERS, READERS)]
        dss.create_project(PROJECT, "Approvals", permissions=readers)
        dss.connections.add(CONNECTION, groups=())
        dss.plugins.configure(hub_project=PROJECT)
        key = dss.accounts.create_project_key(PROJECT)
        dss.plugins.add_preset("governance-hub", PRESET, project=PROJECT, api_key=key)
        settings = Settings(hub_project=PROJECT, settling_seconds=0)
        administrator = connect_to(url, dss.admin_key, settings=settings)
        set_up_hub(administrator, PROJECT, CONNECTION)
        manager, reader = f"user:{people['manager']}", f"user:{people['reader']}"
        reviewers = {"final_approvers": [manager], "business": [reader]}
        configuration = parse_configuration({"reviewers": reviewers, "managers": [manager]})
        hub_of(administrator).configure(configuration, administrator.login, clock.now())
        _ask(dss, connect_to(url, keys[people["owner"]], settings=settings))
    return keys


def _ask(dss: DssInstance, owner: Session) -> None:
    """Ask for the review of the bundle, where the stories made one."""
    if SOURCE not in dss.projects.all_keys():
        return
    bundles = json.loads(dss.bundles.listed(dss.admin, SOURCE))["bundles"]
    if BUNDLE in [bundle["bundleId"] for bundle in bundles]:
        form = {"hub": {"mode": "PRESET", "name": PRESET}, "address": f"bundle/{BUNDLE}", "comment": COMMENT}
        run_macro(owner.store.client, SOURCE, "request-sign-off", form, "record it in the hub")
