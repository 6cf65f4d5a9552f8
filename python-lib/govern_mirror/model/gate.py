"""What a gate asks of a governed project, and whether it is met: for pipelines, scenarios and Project Standards.

A step is *reached* when every step before it is finished or skipped, and it is itself ongoing, finished or skipped.
That covers "ongoing, finished, or passed by" of Govern's workflow and nothing else:

- *passed by* is a skipped step that the workflow has come to: all before it is done, so no move will ever stand at
  it. A skipped step further ahead is not reached yet.
- In an irregular state only the steps up to the one asked for are judged. A step that stands open before it closes
  the gate, also when the step itself is ongoing or finished: nobody can say that the work before it was done. A step
  that was jumped over was not done either, so it is not reached. Disorder after the step does not matter.
- A status that is not valid counts as not started, as everywhere.

Nobody talks a gate round: what it asks for must be recorded by this tool and not only typed into the project's fields
(`model.trust`), no person may have skipped a step on the way, the requirements of the steps that are done must be met
(`model.policy`), and a closed project meets none. Only a governed project meets a gate: one that is not governed, and a
copy of a governed one, do not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from govern_mirror.errors import InputError
from govern_mirror.model import policy
from govern_mirror.model.blueprint import Field, Role, Status, status_path
from govern_mirror.model.event import excerpt
from govern_mirror.model.item import Governance, Item, Problem
from govern_mirror.model.trust import Trust, trust_by_path
from govern_mirror.model.values import is_blank
from govern_mirror.model.workflow import StepState, Workflow
from govern_mirror.text import checked_flag, checked_text, clipped

_MAX_PROBLEMS = 3
"""How many problems a reason names; the rest is counted."""


@dataclass(frozen=True, slots=True)
class GateResult:
    """Whether what was asked is so.

    Attributes:
        met: whether it is.
        reason: one sentence that says why, and, when it is not met, what to do.
        governed: whether the project is governed at all; False is always not met.
        levels: the trust of each value that was asked for, by path.
    """

    met: bool
    reason: str
    governed: bool = True
    levels: Mapping[str, Trust] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a gate lets pass that it otherwise does not.

    Attributes:
        hand_edits: values that were only typed into the project's fields.
        skipped: steps that people skipped.

    Raises:
        InputError: one of them is neither True nor False.
    """

    hand_edits: bool = False
    skipped: bool = False

    def __post_init__(self) -> None:
        checked_flag(self.hand_edits, "hand_edits")
        checked_flag(self.skipped, "skipped")


def reached(workflow: Workflow, step_id: str) -> bool:
    """Whether a workflow has reached a step, as this module defines it.

    Raises:
        InputError: the workflow has no such step.
    """
    return workflow[step_id].status is not Status.NOT_STARTED and _open_before(workflow, step_id) is None


def gate(project: Item, step_id: str, decisions: Collection[str] = (), allowed: Allowed = Allowed()) -> GateResult:
    """Judge the gate of a pipeline: a step is reached and, where decisions are given, one of them was taken.

    Args:
        project: the project, as decoded.
        step_id: the step to be reached.
        decisions: the exact categories that open the gate; empty when the decision does not matter.
        allowed: what it lets pass.

    Raises:
        InputError: the workflow has no such step, or the decisions are no texts.
    """
    step = project.workflow[step_id]
    upto = project.workflow.steps[: project.workflow.steps.index(step) + 1]
    statuses = [status_path(passed.id) for passed in upto]
    decided = project.blueprint.roles.get(Role.DECISION)
    return _judged(
        project,
        [
            _step_fault(project, step, statuses),
            None if allowed.skipped else _skip_fault(upto),
            _decision_fault(project, decisions) if decisions else None,
            _rules_fault(project, upto),
        ],
        f"has reached {step.name}"
        + (f", with the decision {project.text_of_role(Role.DECISION)}" if decisions else ""),
        [*statuses, decided.path] if decisions and decided else statuses,
        allowed,
    )


def decision(project: Item, decisions: Collection[str], allowed: Allowed = Allowed()) -> GateResult:
    """Judge whether one of these decisions (exact categories, at least one) was taken.

    Raises:
        InputError: they are no texts.
    """
    decided = project.blueprint.roles.get(Role.DECISION)
    return _judged(
        project,
        [_decision_fault(project, decisions)],
        f"has the decision {project.text_of_role(Role.DECISION)}",
        [decided.path] if decided else [],
        allowed,
    )


def qualification(project: Item, required: Sequence[str], allowed: Allowed = Allowed()) -> GateResult:
    """Judge whether a qualification is complete.

    Args:
        project: the project, as decoded.
        required: the names of what must be there, of `Blueprint.assessed`. A value that is not valid counts as
            missing.
        allowed: what it lets pass.

    Raises:
        InputError: nothing is required, or something that a qualification does not have.
    """
    parts = {field.name: field for field in project.blueprint.assessed}
    if not isinstance(required, Sequence) or not required or not all(name in tuple(parts) for name in required):
        raise InputError(f"require at least one of {', '.join(parts)}")
    missing = [_called(parts[name]) for name in required if is_blank(project.values[parts[name].path])]
    step = project.blueprint.qualification_step
    where = f" with the {step.name} step" if step else ""
    fault = f"lacks in its qualification: {', '.join(missing)} (record it{where})"
    paths = [parts[name].path for name in required]
    return _judged(project, [fault if missing else None], "has a complete qualification", paths, allowed)


def _called(part: Field) -> str:
    return part.name if part.heading.casefold() == part.name else part.heading


def problems(project: Item) -> GateResult:
    """Judge whether a project has no problems, requirements that are not met among them."""
    unsolved = policy.problems(project)
    first = "; ".join(_told(project, problem) for problem in unsolved[:_MAX_PROBLEMS])
    more = f"; and {len(unsolved) - _MAX_PROBLEMS} more" if len(unsolved) > _MAX_PROBLEMS else ""
    fault = f"has {len(unsolved)} problem{'' if len(unsolved) == 1 else 's'} to put right: {first}{more}"
    return _judged(project, [fault if unsolved else None], "has no problems", [], Allowed(hand_edits=True))


def _told(project: Item, problem: Problem) -> str:
    about = project.blueprint.by_path.get(problem.field)
    label = about.label if about else problem.field
    return problem.message if problem.message.startswith(label) else f"{label}: {problem.message}"


def not_in_force(project: Item) -> GateResult:
    """The gate of a project that is not governed, or closed: it meets none."""
    return _judged(project, [], "", [], Allowed())


def all_of(results: Sequence[GateResult]) -> GateResult:
    """One result of several: met when all of them are."""
    levels = {path: level for result in results for path, level in result.levels.items()}
    decisive = [result for result in results if not result.met] or list(results)
    reasons = "; ".join(dict.fromkeys(result.reason for result in decisive))
    governed = all(result.governed for result in results)
    return GateResult(all(result.met for result in results), reasons, governed, levels)


def _judged(
    project: Item, faults: Sequence[str | None], praise: str, asked: Sequence[str], allowed: Allowed
) -> GateResult:
    key = project.facts.project_key
    if not project.is_governed:
        return GateResult(False, f"{key} {_not_governed(project)}", governed=False)
    levels = trust_by_path(project, asked)
    unmet = [fault for fault in (_closed_fault(project), *faults, _trust_fault(project, levels, allowed)) if fault]
    return GateResult(not unmet, f"{key} {_all_told(unmet) or praise}", levels=levels)


def _all_told(faults: Sequence[str]) -> str:
    """Faults as one sentence; what one says after a colon ends before the next begins."""
    sentence = ""
    for fault in faults:
        sentence += f"{' and ' if sentence.endswith(')') else '; it '}{fault}" if sentence else fault
    return sentence


def _rules_fault(project: Item, steps: Sequence[StepState]) -> str | None:
    findings = policy.unmet(project, (step.id for step in steps if step.status.is_done))
    return f"lacks what its rules ask for: {'; '.join(f.message for f in findings)}" if findings else None


def _closed_fault(project: Item) -> str | None:
    if project.closed is None:
        return None
    return f"is closed ({excerpt(project.closed.reason)}), so that it meets no gate (undo that first, if it goes on)"


def _trust_fault(project: Item, levels: Mapping[str, Trust], allowed: Allowed) -> str | None:
    """Why what is asked for cannot be trusted, and what to do."""
    typed = [path for path, level in levels.items() if level is Trust.TYPED]
    if not typed or allowed.hand_edits:
        return None
    if not project.has_own_record:
        why = project.read_only or "its record is lost, damaged, or not of this project"
        return f"has nothing but what anybody could have typed into its fields ({why}): record it first, or accept it"
    labels = ", ".join(project.blueprint.by_path[path].label for path in typed)
    return (
        f"holds what was typed into its fields and recorded by nobody ({labels}): record it (give the same value, or "
        "set the workflow to the step where it stands, with a reason), or accept edits by hand"
    )


def _skip_fault(steps: Sequence[StepState]) -> str | None:
    skipped = [step.name for step in steps if step.is_skipped_by_people]
    if not skipped:
        return None
    return (
        f"skipped {', '.join(skipped)} on the way, which nobody did then (set the workflow back to what must be done, "
        "with a reason, or allow it)"
    )


def _not_governed(project: Item) -> str:
    if project.state is Governance.COPIED:
        node, original = project.copied_from or (None, "another project")
        elsewhere = f" of node {node}" if node and node != project.facts.node_id else ""
        return (
            f"is a copy of the governed project {original}{elsewhere}: ask for the original, or govern the "
            "copy on its own (adopt it)"
        )
    if project.read_only:
        return f"is not governed as far as can be read: {project.read_only}"
    return "is not governed: initialize the Govern workflow on it first"


def _open_before(workflow: Workflow, step_id: str) -> StepState | None:
    """The first step before another that is neither finished nor skipped."""
    earlier = workflow.steps[: workflow.steps.index(workflow[step_id])]
    return next((step for step in earlier if not step.status.is_done), None)


def _step_fault(project: Item, step: StepState, statuses: Sequence[str]) -> str | None:
    """Why a step is not reached, and what to do; `statuses` are the paths of what is judged."""
    workflow = project.workflow
    if reached(workflow, step.id):
        return None
    for problem in project.problems:
        if problem.field in statuses:
            return f"cannot be said to have reached {step.name}: {problem.message}"
    irregularity = workflow.irregularity()
    if irregularity:
        return (
            f"cannot be said to have reached {step.name}: {irregularity}; set the workflow to the step where the "
            "project really stands, with a reason"
        )
    waiting = _open_before(workflow, step.id)
    if waiting is None:
        return f"has not reached {step.name} although all before it is done: advance the workflow to it"
    return (
        f"has not reached {step.name}: {waiting.name}, before it, is {waiting.status.label.lower()} (finish what "
        f"comes before, then advance the workflow to {step.name})"
    )


def _decision_fault(project: Item, decisions: Collection[str]) -> str | None:
    if isinstance(decisions, str) or not isinstance(decisions, Collection):
        raise InputError(f"decisions are a list of texts, not {clipped(decisions)!r}")
    names = " or ".join(checked_text(name, "each of the decisions") for name in decisions)
    taken = project.of_role(Role.DECISION)
    decided = project.blueprint.roles.get(Role.DECISION)
    path = decided.path if decided else None
    if taken in decisions:
        return None
    for problem in project.problems:
        if problem.field == path:
            return f"has no decision that can be read: {problem.message}"
    if taken is None:
        return f"has no decision yet: {names} must be recorded in its qualification"
    return f"has the decision {taken}: {names} must be recorded in its qualification"
