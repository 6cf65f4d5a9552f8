"""The gate of a project, for a pipeline on the command line and for a scenario.

`FORMAT_VERSION` history: 1, the first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from govern_mirror.actions.inputs import refuses_wrong_types
from govern_mirror.actions.session import Session
from govern_mirror.errors import GovernMirrorError
from govern_mirror.model import gate as gates
from govern_mirror.model import policy
from govern_mirror.model.blueprint import Blueprint, Role
from govern_mirror.model.gate import Allowed, GateResult
from govern_mirror.model.item import Item, problems_json
from govern_mirror.model.trust import pending_paths, trust_of

FORMAT_VERSION = 1


@dataclass(frozen=True)
class GateCheck:
    """A gate, judged.

    Attributes:
        project: the project as read.
        step: the id of the step that was to be reached.
        result: whether the gate is met, and why.
    """

    project: Item
    step: str
    result: GateResult

    @property
    def verdict(self) -> GateResult:
        """The result, by its name in version 0.1.0: scenarios of people ask for it."""
        return self.result


@refuses_wrong_types
def gate(
    session: Session,
    project_key: str,
    step: str,
    decisions: Iterable[str] = (),
    *,
    allowed: Allowed = Allowed(),
    without_rules: bool = False,
) -> GateCheck:
    """Read a project and judge its gate.

    Args:
        session: the instance.
        project_key: the project.
        step: the step to be reached, by id or name in any case.
        decisions: the decisions that open the gate, in any case; empty when the decision does not matter.
        allowed: what it lets pass: edits by hand, steps that people skipped.
        without_rules: judge also when nobody can say which rules are in force.

    Raises:
        InputError: no such step or decision; nothing was read then.
        GovernMirrorError: the project cannot be read, or the rules in force cannot.
    """
    step_id, accepted = session.blueprint.step(step).id, accepted_decisions(session.blueprint, decisions)
    if session.rules_unreadable and not without_rules:
        raise GovernMirrorError(
            "the gate stays closed, since nobody can say which rules an administrator set: the plugin's settings "
            f"cannot be read ({session.rules_unreadable}). Use a key that may read them, give them with --settings "
            "FILE, or go on with --without-rules"
        )
    project = session.store.read(project_key)
    return GateCheck(project, step_id, gates.gate(project, step_id, accepted, allowed))


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
        "status": project.workflow[checked.step].status.value if project.is_governed else None,
        "current_step": current.id if project.is_governed and current else None,
        "decision": project.of_role(Role.DECISION) if project.is_governed else None,
        "governed": project.is_governed,
        "problems": problems_json(policy.problems(project)),
        "trust": level.value if (level := trust_of(project, checked.result.levels)) else None,
        "trust_by_path": {path: trust.value for path, trust in checked.result.levels.items()},
        "pending": list(pending_paths(project)),
        "stage": project.stage if project.is_governed else None,
    }


def accepted_decisions(blueprint: Blueprint, decisions: Iterable[str]) -> tuple[str, ...]:
    """Return the exact decisions for what was typed, each once.

    Raises:
        InputError: no such decision.
    """
    return tuple(dict.fromkeys(blueprint.decision(text) for text in decisions))
