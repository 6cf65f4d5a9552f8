"""The macro `sync-with-govern`: its form, turned into a sync, and its result table."""

from __future__ import annotations

from collections.abc import Mapping

from govern_mirror.actions.govern_signoffs import BroughtIn, GovernReading, bring_in_signoffs
from govern_mirror.actions.session import Session
from govern_mirror.actions.sync import ComparisonResult, SyncedNode, apply_plan, compare, govern_node
from govern_mirror.bulk import Progress
from govern_mirror.components.results import Table, with_item_links, worded
from govern_mirror.components.signoff_macros import hub_from_form
from govern_mirror.errors import GovernMirrorError, InputError
from govern_mirror.form_values import Config, flag_of, secret_of, text_of
from govern_mirror.hub.store import Hub
from govern_mirror.model.blueprint import Blueprint
from govern_mirror.sync.apply import SyncResult
from govern_mirror.sync.plan import GOVERNED, Direction, PlanRow, Prefer, plan_rows

PRESET = "the preset of the Govern node"

HUB, SIGN_OFF = "Hub", "Sign-off"

READ_ONLY = (
    f"{PRESET} only lets projects read from Govern: choose Pull. To write to Govern with it, an administrator ticks "
    "*May write to Govern* in the preset"
)


def sync_from_form(session: Session, config: Config, progress: Progress | None = None) -> Table:
    """Compare and apply as the form says: a row for each value that differed, and for each thing that failed.

    A preset's key is not that of the person who pressed the button. So it writes to Govern only where its
    administrator allows it, never over a sign-off, and the rows name nothing of Govern besides the person's projects.
    With the preset of the hub, what Govern says of sign-offs is recorded there; without it nothing is.

    Raises:
        InputError: the form is not valid, no Govern node is known, or the preset may not write to Govern.
        ThresholdExceeded: it changes more than the safety threshold allows; nothing was written.
        GovernMirrorError: a side cannot be read.
    """
    direction = Direction(
        _choice(config, "direction", [direction.value for direction in Direction if direction is not Direction.STATUS])
    )
    prefer = _choice(config, "prefer", ["leave", *(side.value for side in Prefer)])
    create, force = flag_of(config, "create", safe=False), flag_of(config, "force", safe=False)
    dry_run = flag_of(config, "dry_run", safe=True)
    hub = hub_from_form(session, config) if config.get("hub") not in (None, {}) else None
    preset = _preset(config)
    # only administrators' keys can read the instance's own integration, so that it is theirs to write with
    may_write = preset is None or flag_of(preset, "may_write", safe=False)
    node = _node(session, preset)
    if direction.writes_govern and not may_write:
        raise InputError(READ_ONLY)
    comparison = compare(
        session,
        node,
        direction,
        prefer=None if prefer == "leave" else Prefer(prefer),
        create=create,
        over_signoffs=force and preset is None,
        make_known=not dry_run,
    )
    results = [] if dry_run else apply_plan(session, comparison, force=force, progress=progress)
    columns = (
        ("project", "Project"),
        ("field", "Field"),
        ("dss", "DSS"),
        ("govern", "Govern"),
        ("outcome", "Outcome"),
    )
    rows = _rows(comparison, results, session.blueprint)
    rows += _signoff_rows(session, hub, node, comparison, dry_run=dry_run) if hub else []
    rows = rows or [("Everything is in step", "", "", "", "")]
    if dry_run:
        rows.append(("Dry run", "", "", "", "nothing was written"))
    plan = comparison.plan
    keys = {*plan.only_here, *(row.project_key for row in plan_rows(plan, session.blueprint))}
    return with_item_links(session, Table(columns, tuple(rows)), keys)


def _rows(comparison: ComparisonResult, results: list[SyncResult], blueprint: Blueprint) -> list[tuple[str, ...]]:
    plan = comparison.plan
    rows: list[tuple[str, ...]] = [
        (row.project_key, row.field, row.dss or "", row.remote or "", _outcome(row))
        for row in plan_rows(plan, blueprint)
    ]
    rows += [
        (result.project_key, "", "", "", f"{result.outcome}: {worded(result.message, result.hint)}")
        for result in results
        if result.failed
    ]
    rows += [(key, GOVERNED, "yes", "", "governed in DSS only") for key in plan.only_here]
    # what Govern calls them may be confidential
    rows += [(name.partition(" ")[0], GOVERNED, "", "yes", "governed in Govern only") for name in plan.only_there]
    rows += [(result.project_key, "", "", "", warning) for result in results for warning in result.warnings]
    rows += [(fault.field, "", "", "", worded(fault.message, fault.hint)) for fault in comparison.shown_problems]
    return rows + _elsewhere(comparison)


def _signoff_rows(
    session: Session, hub: Hub, node: SyncedNode, comparison: ComparisonResult, *, dry_run: bool
) -> list[tuple[str, ...]]:
    """What Govern says anew of the sign-offs of bundles and model versions, and what could not be taken of it."""
    try:
        brought_in = bring_in_signoffs(session, hub, node, comparison, dry_run=dry_run)
    except GovernMirrorError as error:
        return [(HUB, SIGN_OFF, "", "", f"failed: {worded(str(error), error.hint)}")]
    return signoff_rows(brought_in)


def signoff_rows(brought_in: BroughtIn) -> list[tuple[str, ...]]:
    """What was brought in, as rows: each sign-off that Govern says something new of, then what people look at."""
    if brought_in.off is not None:
        return [(HUB, SIGN_OFF, "", "", f"not looked at: {brought_in.off}")]
    rows: list[tuple[str, ...]] = [
        (reading.address.project_key, f"{SIGN_OFF}: {reading.address.label}", "", _label(reading), reading.outcome)
        for reading in brought_in.readings
    ]
    rows += [(key, "Reviewers", "", "", sentence) for key, sentence in brought_in.proposals]
    rows += [(key, SIGN_OFF, "", "", message) for key, message in brought_in.problems]
    if brought_in.elsewhere:
        message = f"{brought_in.elsewhere} more in Govern not in order: ask whoever looks after the Govern node"
        rows.append(("Govern", SIGN_OFF, "", "", message))
    return rows


def _label(reading: GovernReading) -> str:
    return reading.said.status.label if reading.said.status else "not readable"


def _elsewhere(comparison: ComparisonResult) -> list[tuple[str, ...]]:
    """That Govern holds more that is not in order, without naming it."""
    count = len(comparison.plan.problems) - len(comparison.shown_problems)
    if not count:
        return []
    message = f"{count} more in Govern not in order or not readable: ask whoever looks after the Govern node"
    return [("Govern", "", "", "", message)]


def _outcome(row: PlanRow) -> str:
    return worded(f"{row.outcome}: {row.reason}", row.hint) if row.reason else row.outcome


def _choice(config: Config, name: str, allowed: list[str]) -> str:
    choice = text_of(config, name) or allowed[0]
    if choice not in allowed:
        raise InputError(f"{name} must be one of {', '.join(allowed)}, not {choice!r}")
    return choice


def _preset(config: Config) -> Config | None:
    """The preset of the Govern node, None where the form names none."""
    preset = config.get("govern_node")
    if preset is None or preset == {}:
        return None
    if not isinstance(preset, Mapping):
        raise InputError(f"{PRESET} was not passed on by DSS: choose it again, or ask an administrator")
    return preset


def _node(session: Session, preset: Config | None) -> SyncedNode:
    if preset is None:
        return govern_node(session)
    url, key = text_of(preset, "url"), secret_of(preset, "api_key", PRESET)
    if not url or not key:
        raise InputError(f"{PRESET} lacks its address or its key")
    return govern_node(
        session,
        url,
        key,
        check_certificate=flag_of(preset, "check_certificate", default=True, safe=True),
        sync_secret=secret_of(preset, "sync_secret", PRESET),
    )
