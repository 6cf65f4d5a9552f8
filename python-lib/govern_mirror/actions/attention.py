"""What runs without approval, for the summary of a report: active versions, and what the Deployer runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from govern_mirror import clock
from govern_mirror.actions.deployments import NOTHING_SEEN, UnapprovedDeployment, deployed_bundles
from govern_mirror.actions.registry import read_release_state, registry_of
from govern_mirror.actions.report import Report
from govern_mirror.actions.session import Session
from govern_mirror.errors import GovernMirrorError
from govern_mirror.report.registry import ApprovalsView, RegistryKind

MAX_PROJECTS = 500
"""Of how many governed projects the models are looked at: each costs DSS some requests."""


def with_approvals(session: Session, report: Report) -> Report:
    """Add to a report what runs without approval; as it was where no hub is named, since approvals are off then.

    Nothing that cannot be looked at fails the report: it is told in it.

    Args:
        session: the instance and user; the hub and the Deployer are read as far as the key reaches.
        report: its governed projects are looked at, the first `MAX_PROJECTS` of them; of what the Deployer runs, all
            that the key sees where the report has no filters, and else what comes from these projects.
    """
    if session.settings.hub_project is None:
        return report
    active, not_looked_at = _active(session, report)
    deployed: tuple[str, ...] = ()
    keys = {row.project.facts.project_key for row in report.portfolio.governed}
    try:
        found = deployed_bundles(session)
        is_narrow = report.portfolio.filters.narrow

        def sentences(items: Iterable[UnapprovedDeployment]) -> Iterator[str]:
            for item in items:
                if not is_narrow or (item.address and item.address.project_key in keys):
                    yield f"{item.address or item.deployment.bundle} on {item.deployment.infrastructure} {item.why}"

        if not found.looked_at:
            not_looked_at.append(NOTHING_SEEN)
        deployed = tuple(sentences(found.unapproved))
        not_looked_at += sentences(found.unsure)
    except GovernMirrorError as error:
        not_looked_at.append(f"what is deployed without approval ({error})")
    view = ApprovalsView(tuple(active), deployed, tuple(not_looked_at))
    return replace(report, portfolio=replace(report.portfolio, approvals=view))


def _active(session: Session, report: Report) -> tuple[list[str], list[str]]:
    """Active versions without approval, and what could not be looked at."""
    state = read_release_state(session, with_deployer=False)
    if state.off is not None:
        return [], [f"which active versions are approved ({state.off})"]
    governed = [row.project.facts for row in report.portfolio.governed]
    kinds, looked_at = [RegistryKind.MODELS], governed[:MAX_PROJECTS]
    registry = registry_of(session, kinds, looked_at, state, clock.now(), with_standards=False)
    active = [f"{row.address} ({row.model}): {row.words.lower()}" for row in registry.rows if row.is_active_unapproved]
    missing = [f"the models of {item.project_key} ({item.message})" for item in registry.unreadable]
    left_out = len(governed) - MAX_PROJECTS
    if left_out > 0:
        missing.append(f"the models of {left_out} more projects: `report --items models` lists all")
    return active, missing
