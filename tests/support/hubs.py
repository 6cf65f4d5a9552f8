"""A hub in a sandbox, with one reviewer for all, and a bundle to review."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from govern_mirror import clock
from govern_mirror.actions.hub import hub_of
from govern_mirror.actions.session import connect_to
from govern_mirror.hub.configuration import parse_configuration
from govern_mirror.hub.ledger import Break, read_entries
from govern_mirror.hub.ledger import audit as audit_entries
from govern_mirror.settings import Settings
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.instance import ADMIN

HUB = "APPROVALS"


def set_up_hub(sandbox: Sandbox, project_key: str, approver: str, **switches: Any) -> dict[str, Any]:
    """Make the hub, with a preset `hub`, and export the bundle `v1` of a project; return the preset's values."""
    sandbox.create_project(HUB)
    preset = {"project": HUB, "api_key": sandbox.accounts.create_project_key(HUB)}
    sandbox.plugins.configure(hub_project=HUB)
    sandbox.plugins.add_preset("governance-hub", "hub", **preset)
    session = connect_to(sandbox.base_url, sandbox.admin_key, settings=Settings(hub_project=HUB, settling_seconds=0))
    hub = hub_of(session)
    hub.set_up()
    configuration = {"reviewers": {"final_approvers": [f"user:{approver}"]}, "switches": switches}
    hub.configure(parse_configuration(configuration), session.login, clock.now())
    sandbox.create_user("exporter", ("administrators",))
    sandbox.bundles.export(sandbox.accounts.user("exporter"), project_key, "v1")
    return preset


def let_read(sandbox: Sandbox, *groups: str) -> None:
    """Let groups read the hub, and nobody else."""
    permissions = [{"group": group, "readProjectContent": True} for group in groups]
    sandbox.projects.set_document(sandbox.admin, HUB, "permissions", {"owner": ADMIN, "permissions": permissions})


def unchanged_configuration(sandbox: Sandbox) -> dict[str, str]:
    """The form of the macro `configure-hub` that gives the configuration in force anew."""
    session = connect_to(sandbox.base_url, sandbox.admin_key, settings=Settings(hub_project=HUB, settling_seconds=0))
    configuration, entry = hub_of(session).open().configured
    return {"configuration": json.dumps(configuration.to_json()), "seen": entry}


def audit(files: dict[str, bytes], now: datetime, known_heads: Any = None) -> tuple[Break, ...]:
    """Verify files of a ledger, by their paths."""
    entries, faults = read_entries(files)
    return audit_entries(entries, now, known_heads, faults)
