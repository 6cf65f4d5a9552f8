"""The macro `sync-with-govern`: its form, turned into a sync, and its result table."""

from __future__ import annotations

from collections.abc import Mapping

from govern_mirror.actions.forms import Config, Table, text_of
from govern_mirror.actions.session import Session
from govern_mirror.actions.syncing import Compared, carry_out, compare, govern_node
from govern_mirror.bulk import Progress
from govern_mirror.errors import InputError
from govern_mirror.govern_node import GovernNode
from govern_mirror.sync.apply import Done
from govern_mirror.sync.plan import Direction, Prefer

ENCRYPTED = "e:AES:"
"""A password that DSS passes on without decrypting it begins so (docs)."""


def sync_from_form(session: Session, config: Config, progress: Progress | None = None) -> Table:
    """Compare and apply as the form says: a row for each value that differed, and for each thing that failed.

    Raises:
        InputError: the form is not valid, or no Govern node is known.
        TooMuch: it changes more than the safety threshold allows; nothing was written.
        GovernMirrorError: a side cannot be read.
    """
    direction = _choice(config, "direction", [each.value for each in Direction if each is not Direction.STATUS])
    prefer = _choice(config, "prefer", ["leave", *(each.value for each in Prefer)])
    compared = compare(
        session,
        _node(session, config),
        Direction(direction),
        prefer=None if prefer == "leave" else Prefer(prefer),
        create=config.get("create") is True,
    )
    results: list[Done] = []
    if config.get("dry_run") is not True:
        results = carry_out(session, compared, force=config.get("force") is True, progress=progress)
    columns = (("project", "Project"), ("field", "Field"), ("dss", "DSS"), ("govern", "Govern"), ("outcome", "Outcome"))
    return Table(columns, tuple(_rows(compared, results)) or (("Everything is in step", "", "", "", ""),))


def _rows(compared: Compared, results: list[Done]) -> list[tuple[str, ...]]:
    plan = compared.plan
    rows: list[tuple[str, ...]] = [
        (project.project_key, each.field, each.here or "", each.there or "", each.outcome.value)
        for project in plan.projects
        for each in project.differences
    ]
    rows += [(each.project_key, "", "", "", f"failed: {each.message}") for each in results if each.failed]
    rows += [
        (part.project_keys[0], "governed", "governed", "", "created in Govern")
        for part in plan.counterparts
        if part.creates_over
    ]
    rows += [
        (project.project_key, "governed", "", "governed", "created in DSS")
        for project in plan.projects
        if project.creates
    ]
    rows += [(key, "", "governed", "", "governed in DSS only") for key in plan.only_here]
    rows += [(name, "", "", "governed", "governed in Govern only") for name in plan.only_there]
    rows += [(each.project_key, "", "", "", warning) for each in results for warning in each.warnings]
    return rows + [(problem.field, "", "", "", problem.message) for problem in plan.problems]


def _choice(config: Config, name: str, allowed: list[str]) -> str:
    found = text_of(config, name) or allowed[0]
    if found not in allowed:
        raise InputError(f"{name} must be one of {', '.join(allowed)}, not {found!r}")
    return found


def _node(session: Session, config: Config) -> GovernNode:
    preset = config.get("govern_node")
    if not isinstance(preset, Mapping) or not preset:
        return govern_node(session)
    url, key = text_of(preset, "url"), text_of(preset, "api_key")
    if key is not None and key.startswith(ENCRYPTED):
        raise InputError("DSS did not decrypt the preset's API key: save the preset again, or ask an administrator")
    if not url or not key:
        raise InputError("the preset of the Govern node lacks its address or its key")
    return govern_node(session, url, key, check_certificate=preset.get("check_certificate") is not False)
