"""The gate of a project, for a pipeline on the command line and for a scenario.

`FORMAT_VERSION` history: 1, the first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from govern_mirror.actions.hub import HubOff, hub_of
from govern_mirror.actions.inputs import refuses_wrong_types
from govern_mirror.actions.session import Session
from govern_mirror.actions.signoff_state import SignoffState, in_govern_json, signoff_state
from govern_mirror.errors import GovernMirrorError, InputError
from govern_mirror.model import gate as gates
from govern_mirror.model import policy
from govern_mirror.model.address import Address, parse_address
from govern_mirror.model.blueprint import Blueprint, Role
from govern_mirror.model.gate import Allowed, GateResult
from govern_mirror.model.item import Item, problems_json
from govern_mirror.model.trust import Trust, pending_paths, trust_of
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
    """

    project: Item
    step: str | None
    result: GateResult
    address: Address | None = None
    signoff: SignoffState | None = None

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
        step: the step of the project to be reached, by id or name in any case; may be left out with `signed_off`.
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
    step_id = None if step is None else session.blueprint.step(step).id
    accepted = accepted_decisions(session.blueprint, decisions)
    if step_id and session.rules_unreadable and not without_rules:
        raise GovernMirrorError(
            "the gate stays closed, since nobody can say which rules an administrator set: the plugin's settings "
            f"cannot be read ({session.rules_unreadable}). Use a key that may read them, give them with --settings "
            "FILE, or go on with --without-rules"
        )
    project = session.store.read(address.project_key)
    results = []
    if step_id is not None:
        results.append(gates.gate(project, step_id, accepted, allowed))
    elif accepted:
        results.append(gates.decision(project, accepted, allowed))
    state = None
    if signed_off:
        result, state = _signed_off(session, address, signoff_step, project)
        results.append(result)
    return GateCheck(project, step_id, gates.all_of(results), address, state)


def _signed_off(
    session: Session, address: Address, step: str | None, project: Item
) -> tuple[GateResult, SignoffState | None]:
    """Whether an item is approved as it is now; without a hub nothing is, and one that cannot be read tells nothing."""
    if not project.is_governed or project.closed:
        return gates.not_in_force(project), None
    try:
        hub = hub_of(session)
    except HubOff as error:
        return GateResult(False, f"{address.label} is not approved: {error}"), None
    state = signoff_state(session, hub, address, step, project=project, with_configuration=False)
    fault = state.fault
    levels = {f"signoff.{state.step}": Trust.ATTESTED} if fault is None else {}
    approved = f"is approved as it is now{', in Govern' if state.is_approved_in_govern else ''}"
    reason = f"{address.label} {fault or approved}"
    return GateResult(fault is None, reason, levels=levels), state


def gate_json(checked: GateCheck) -> dict[str, Any]:
    """The gate as `gate --format json` prints it; what only a governed project has is null without one."""
    project = checked.project
    current = project.workflow.current
    return {
        "format_version": FORMAT_VERSION,
        "project_key": project.facts.project_key,
        "met": checked.result.met,
        "reason": checked.result.reason,
        "step": checked.step,
        "status": project.workflow[checked.step].status.value if project.is_governed and checked.step else None,
        "current_step": current.id if project.is_governed and current else None,
        "decision": project.of_role(Role.DECISION) if project.is_governed else None,
        "governed": project.is_governed,
        "problems": problems_json(policy.problems(project)),
        "trust": level.value if (level := trust_of(project, checked.result.levels)) else None,
        "trust_by_path": {path: trust.value for path, trust in checked.result.levels.items()},
        "pending": list(pending_paths(project)),
        "stage": project.stage if project.is_governed else None,
        "address": str(checked.address) if checked.address else project.facts.project_key,
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
