"""The gate of a project, for a pipeline on the command line and for a scenario.

`FORMAT_VERSION` history: 1, the first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from govern_mirror.actions.bundle_models import models_fault
from govern_mirror.actions.governed_items import read_item
from govern_mirror.actions.hub import HubOff
from govern_mirror.actions.hub_reading import HubReading
from govern_mirror.actions.inputs import refuses_wrong_types
from govern_mirror.actions.session import Session
from govern_mirror.actions.signoff_state import SignoffState, in_govern_json, signoff_state
from govern_mirror.dss import Metadata
from govern_mirror.errors import GovernMirrorError, InputError
from govern_mirror.model import gate as gates
from govern_mirror.model import policy
from govern_mirror.model.address import Address, ItemKind, parse_address
from govern_mirror.model.blueprint import Blueprint, Role
from govern_mirror.model.gate import Allowed, GateResult
from govern_mirror.model.item import Item, problems_json
from govern_mirror.model.trust import Trust, pending_paths, trust_of
from govern_mirror.text import one_of
from govern_mirror.times import iso_time

FORMAT_VERSION = 1


@dataclass(frozen=True)
class GateCheck:
    """A gate, judged.

    Attributes:
        project: the project as read.
        step: the id of the step that was to be reached; None where only the sign-off was asked for.
        result: whether the gate is met, and why.
        address: the item.
        signoff: its sign-off, where that was asked for and there is a hub.
        item: the bundle or version, where the step is one of its own.
    """

    project: Item
    step: str | None
    result: GateResult
    address: Address
    signoff: SignoffState | None = None
    item: Item | None = None

    @property
    def judged(self) -> Item:
        """Whose step was to be reached: the item's own, or its project's."""
        return self.item or self.project

    @property
    def verdict(self) -> GateResult:
        """The result, by its name in version 0.1.0: scenarios of people ask for it."""
        return self.result


@refuses_wrong_types
def gate(
    session: Session,
    project_key: str,
    step: str | None = None,
    decisions: Iterable[str] = (),
    *,
    signed_off: bool = False,
    signoff_step: str | None = None,
    allowed: Allowed = Allowed(),
    without_rules: bool = False,
) -> GateCheck:
    """Read a project, or one of its bundles or versions, and judge its gate.

    Args:
        session: the instance.
        project_key: the project, or the address of one of its items.
        step: the step to be reached, by id or name in any case: one of the item's own workflow, else one of its
            project's; may be left out with `signed_off`.
        decisions: the decisions that open the gate, in any case; empty when the decision does not matter.
        signed_off: whether the item, as it is now, must be approved in the hub.
        signoff_step: the step of a project whose sign-off is meant, where several have one.
        allowed: what it lets pass: edits by hand, steps that people skipped.
        without_rules: judge also when nobody can say which rules are in force.

    Raises:
        InputError: no such step or decision, or nothing is asked for; nothing was read then.
        GovernMirrorError: the project cannot be read, or the rules in force cannot, or the hub cannot.
    """
    address = parse_address(project_key)
    if step is None and not signed_off:
        raise InputError("say what the gate asks for: a step, or that it is signed off")
    step_id, is_own = (None, False) if step is None else _step_of(session, address, step)
    accepted = accepted_decisions(session.blueprint, decisions)
    if step_id and not is_own and session.rules_unreadable and not without_rules:
        raise GovernMirrorError(
            "the gate stays closed, since nobody can say which rules an administrator set: the plugin's settings "
            f"cannot be read ({session.rules_unreadable}). Use a key that may read them, give them with --settings "
            "FILE, or go on with --without-rules"
        )
    document = session.store.metadata(address.project_key)
    project = session.store.with_history(session.store.decoded(address.project_key, document))
    reading, item = HubReading(session), None
    if is_own and project.is_governed:
        source = reading.source(address)
        item = read_item(session, str(address), must_exist=True, document=document, source=source)
    if step_id is not None or accepted:
        project = reading.with_facts(project)
    if item is not None:
        item = reading.with_facts(item)
    results = []
    if item is not None and step_id is not None:
        results.append(gates.gate(item, step_id, (), allowed))
        results += [gates.decision(project, accepted, allowed)] if accepted else []
        if project.closed:
            results.append(gates.not_in_force(project))
    elif is_own:
        results.append(gates.not_in_force(project))
    elif step_id is not None:
        results.append(gates.gate(project, step_id, accepted, allowed))
    elif accepted:
        results.append(gates.decision(project, accepted, allowed))
    state = None
    if signed_off:
        result, state = _signed_off(session, address, signoff_step, project, reading, document)
        results.append(result)
    return GateCheck(project, step_id, gates.all_of(results), address, state, item)


def _step_of(session: Session, address: Address, step: str) -> tuple[str, bool]:
    """The id of a step, and whether it is one of the item's own workflow.

    Raises:
        InputError: neither the item nor its project has it.
    """
    if not address.ids:
        return session.blueprint.step(step).id, False
    own = session.blueprint_of(str(address))
    try:
        return own.step(step).id, True
    except InputError:
        pass  # a step of the project, which the gate of its items may ask for, too
    try:
        return session.blueprint.step(step).id, False
    except InputError as error:
        raise InputError(f"{error}, or of the {address.kind.label} {one_of(own.step_ids)}") from error


def _signed_off(
    session: Session, address: Address, step: str | None, project: Item, reading: HubReading, document: Metadata
) -> tuple[GateResult, SignoffState | None]:
    """Whether an item is approved as it is now; without a hub nothing is, and one that cannot be read tells nothing."""
    if not project.is_governed or project.closed:
        return gates.not_in_force(project), None
    try:
        opened = reading.opened()
    except HubOff as error:
        return GateResult(False, f"{address.label} is not approved: {error}"), None
    source = reading.source(address) if address.ids else None
    state = signoff_state(session, opened, address, step, document=document, source=source)
    if state.closed is not None:
        return gates.not_in_force(state.closed), state
    fault = state.fault
    if fault is None and address.kind is ItemKind.BUNDLE:
        verdict = state.signoff.verdict
        approval = next((entry for entry in state.entries if verdict and entry.id == verdict.id), None)
        fault = models_fault(opened, approval)
    levels = {f"signoff.{state.step}": Trust.ATTESTED} if fault is None else {}
    approved = f"is approved as it is now{', in Govern' if state.is_approved_in_govern else ''}"
    reason = f"{address.label} {fault or approved}"
    return GateResult(fault is None, reason, levels=levels), state


def gate_json(checked: GateCheck) -> dict[str, Any]:
    """The gate as `gate --format json` prints it; what only a governed project has is null without one."""
    project, judged = checked.project, checked.judged
    current = judged.workflow.current
    step_id = checked.step if project.is_governed and checked.step in judged.workflow.ids else None
    return {
        "format_version": FORMAT_VERSION,
        "project_key": project.facts.project_key,
        "met": checked.result.met,
        "reason": checked.result.reason,
        "step": checked.step,
        "status": judged.workflow[step_id].status.value if step_id else None,
        "current_step": current.id if project.is_governed and current else None,
        "decision": project.of_role(Role.DECISION) if project.is_governed else None,
        "governed": project.is_governed,
        "problems": problems_json(policy.problems(judged)),
        "trust": level.value if (level := trust_of(judged, checked.result.levels)) else None,
        "trust_by_path": {path: trust.value for path, trust in checked.result.levels.items()},
        "pending": list(pending_paths(judged)),
        "stage": judged.stage if judged.is_governed else None,
        "address": str(checked.address),
        **(_signoff_json(checked.signoff) if checked.signoff else {"signoff": None, "heads": {}}),
    }


def _signoff_json(state: SignoffState) -> dict[str, Any]:
    """Where the sign-off stands, and the last entries of the item: kept elsewhere, they show what is cut off."""
    verdict = state.signoff.verdict
    return {
        "signoff": {
            "step": state.step,
            "status": state.signoff.status.value,
            "unchanged": state.is_unchanged,
            "by": verdict.by if verdict else None,
            "at": iso_time(verdict.at) if verdict else None,
            "entry": verdict.id if verdict else None,
            "in_govern": in_govern_json(state),
        },
        "heads": {str(state.address): list(state.signoff.heads)},
    }


def accepted_decisions(blueprint: Blueprint, decisions: Iterable[str]) -> tuple[str, ...]:
    """Return the exact decisions for what was typed, each once.

    Raises:
        InputError: no such decision.
    """
    return tuple(dict.fromkeys(blueprint.decision(text) for text in decisions))
