"""What must be there before a step is done: requirements, and what they find. One judge for all of these:

| where | what a finding does |
| --- | --- |
| moves | the move is refused |
| `step set`, plan files, the live page | refused, unless overridden with a reason, an event; the finding stays |
| edits by hand, what sync brings from Govern | taken, and listed |
| the gate | not met |
| Project Standards | a failure of the check's severity |
| reports | listed among the problems |

A step's requirements bind when it is finished or skipped. Where nobody can say which requirements there are, moves go
on, their events say so, and that is listed, too, until somebody looks who can read the rules: then these judge.

The sign-offs of steps are judged in the same way, as far as the hub was read (`Item.hub`): a mandatory one asks for
its approval, and one that was rejected or abandoned lets the workflow move nowhere until it is reset.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from govern_mirror.errors import Action, Hint
from govern_mirror.model.blueprint import Blueprint, Role
from govern_mirror.model.event import SIGNOFF_UNCHECKED, UNCHECKED
from govern_mirror.model.hub_facts import StepSignoff
from govern_mirror.model.item import Item, Problem
from govern_mirror.model.reviewers import names_text
from govern_mirror.model.signoff import SignoffStatus
from govern_mirror.model.subject import step_subject, subject_digest
from govern_mirror.model.values import is_blank, text_of
from govern_mirror.model.workflow import Workflow
from govern_mirror.text import one_of

SEVERITY = 4
"""High, of Project Standards' 1 to 5: what a requirement weighs unless something says otherwise."""


SIGNOFF = "sign-off"
"""What ends the id of the requirement that a step is signed off."""


class When(str, Enum):
    """When a requirement binds."""

    STEP_DONE = "step_done"


@dataclass(frozen=True, slots=True)
class Need:
    """What must be there: a value at a path, one of `accepted` (exact categories) unless that is empty."""

    path: str
    accepted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that must be there.

    Attributes:
        id: names it for good, e.g. `progress.decision`.
        when: when it binds.
        step: the id of the step it belongs to.
        needs: what must be there.
        severity: 1 (lowest) to 5 (critical), as Project Standards has them.
    """

    id: str
    when: When
    step: str
    needs: Need
    severity: int = SEVERITY


@dataclass(frozen=True, slots=True)
class Finding:
    """A requirement that is not met: what was found instead, and a sentence that says what to do."""

    requirement: Requirement
    found: str | None
    message: str


def signoff_hint(key: str, finding: Finding) -> Hint | None:
    """What to do about a sign-off that is missing; None while its review waits, and only the reviewers can act.

    Args:
        key: of the project, or the address of the item.
        finding: of the sign-off.
    """
    if finding.found == SignoffStatus.NOT_STARTED.label:
        return Hint(Action.SIGN_OFF, key, finding.requirement.step)
    if finding.found in (SignoffStatus.WAITING_FOR_FEEDBACK.label, SignoffStatus.WAITING_FOR_APPROVAL.label):
        return None
    return Hint(Action.RESET_SIGNOFF, key, finding.requirement.step)


def requirements(blueprint: Blueprint) -> tuple[Requirement, ...]:
    """The requirements of a template, those of the plugin's settings among them."""
    decision = blueprint.roles.get(Role.DECISION)
    wanted = []
    for rule in blueprint.rules:
        wanted += [Requirement(f"{rule.step}.{path}", When.STEP_DONE, rule.step, Need(path)) for path in rule.requires]
        if rule.decisions and decision:
            need = Need(decision.path, rule.decisions)
            wanted.append(Requirement(f"{rule.step}.decision", When.STEP_DONE, rule.step, need))
    return tuple(wanted)


def unmet(project: Item, steps: Iterable[str]) -> tuple[Finding, ...]:
    """What is missing for these steps (ids) to be done, whatever their status is."""
    step_ids = set(steps)
    if not step_ids or not (project.blueprint.rules or project.hub):
        return ()
    bound = (requirement for requirement in requirements(project.blueprint) if requirement.step in step_ids)
    judged = [_judge(project, requirement) for requirement in bound]
    judged += [
        signoff_finding(signed, digest_of(project, signed))
        for signed in (project.hub.signoffs if project.hub else ())
        # what Govern hides is not there, and a mandatory sign-off of it is passed by
        if signed.step in step_ids and not project.workflow[signed.step].is_hidden
    ]
    return tuple(finding for finding in judged if finding is not None)


def digest_of(item: Item, signed: StepSignoff) -> str:
    """128 bits over what the approval of a sign-off must be of: the step as it is now, or the bundle or version."""
    return subject_digest(step_subject(item, signed.step)) if signed.digest is None else signed.digest


def locks(project: Item) -> tuple[Finding, ...]:
    """The sign-offs that let the workflow move nowhere: they were rejected or abandoned, and nobody reset them."""
    signoffs = project.hub.signoffs if project.hub else ()
    judged = (signoff_finding(signed) for signed in signoffs if signed.is_locked)
    return tuple(finding for finding in judged if finding is not None)


def signoff_finding(signed: StepSignoff, digest: str | None = None) -> Finding | None:
    """What the sign-off of a step holds against that step being done; None when nothing does.

    Args:
        signed: the step, its sign-off, and whether that is mandatory.
        digest: of what the item is now; None where it is not compared with what was approved.
    """
    signoff, status = signed.signoff, signed.signoff.status
    if signed.is_locked:
        verdict = signoff.verdict
        ended = f" by {verdict.by}, {verdict.at:%Y-%m-%d}" if verdict else ""
        why = f" ({verdict.comment})" if verdict and verdict.comment else ""
        undone = "reset" if status is SignoffStatus.REJECTED else "reset, or taken back,"
        message = (
            f"{signed.name} is locked, since its sign-off was {status.label.lower()}{ended}{why}: the workflow goes on "
            f"once that is {undone} and a new review is asked for"
        )
    elif not signed.is_mandatory:
        return None
    elif status is not SignoffStatus.APPROVED:
        missing = {
            SignoffStatus.WAITING_FOR_FEEDBACK: "it waits for feedback",
            SignoffStatus.WAITING_FOR_APPROVAL: "it waits for the final approval",
        }.get(status, "nobody asked for its review yet")
        who = names_text(signed.approvers)
        approves = f"{who} can approve it" if who else "the hub names nobody who can approve it"
        message = f"{signed.name} needs its sign-off approved: {missing}, and {approves}"
    elif digest is not None and signoff.digest != digest:
        message = (
            f"{signed.name} is not what was approved: it changed since, so that its sign-off is reset and its review "
            "asked for anew"
        )
    else:
        return None
    need = Need(f"signoff.{signed.step}", (SignoffStatus.APPROVED.label,))
    requirement = Requirement(f"{signed.step}.{SIGNOFF}", When.STEP_DONE, signed.step, need)
    return Finding(requirement, status.label, message)


def findings(project: Item) -> tuple[Finding, ...]:
    """What is missing of a governed project for the steps that are done already."""
    if not project.is_governed or not (project.blueprint.rules or project.hub):
        return ()
    return unmet(project, (step.id for step in project.workflow.steps if step.status.is_done))


def newly_done(before: Workflow, after: Workflow) -> tuple[str, ...]:
    """The ids of the steps that are finished or skipped after a move, and were not before."""
    pairs = zip(before.steps, after.steps, strict=True)
    return tuple(new.id for old, new in pairs if new.status.is_done and not old.status.is_done)


def problems(project: Item) -> tuple[Problem, ...]:
    """What is not as it should be, with what the requirements find, or that they could not be read."""
    unchecked = _unchecked(project)
    unmet_findings = findings(project)
    if not unmet_findings and not unchecked:
        return project.problems
    return (
        *project.problems,
        *unchecked,
        *(
            Problem(f.requirement.needs.path, f.found, _expected(f.requirement.needs), f.message)
            for f in unmet_findings
        ),
    )


def _unchecked(project: Item) -> list[Problem]:
    """That steps are done which nobody has held against the rules, or whose sign-off nobody could look at.

    Neither can be read now, and could not be when the workflow moved.
    """
    unreadable = project.hub.unreadable if project.hub else None
    if project.blueprint.rules_known and unreadable is None:
        return []
    if not project.is_governed or not any(step.status.is_done for step in project.workflow.steps):
        return []
    problems = []
    moves = [event for event in project.events if event.is_unchecked]
    if moves and not project.blueprint.rules_known:
        message = (
            f"the rules could not be read when the workflow moved (event {moves[-1].number}), and cannot be read now: "
            "nobody knows whether the steps that are done meet them. Look at it with a key that may read the plugin's "
            "settings"
        )
        problems.append(Problem("steps", UNCHECKED, "rules that were checked", message))
    moves = [event for event in project.events if event.is_signoff_unchecked or event.is_unchecked]
    if moves and unreadable is not None:
        message = (
            f"the hub could not be read when the workflow moved (event {moves[-1].number}), and cannot be read now "
            f"({unreadable}): nobody knows whether the steps that are done are signed off. Look at it with a key that "
            "may read the hub"
        )
        problems.append(Problem("steps", SIGNOFF_UNCHECKED, "sign-offs that were checked", message))
    return problems


def is_against_decision(project: Item) -> bool:
    """Whether the decision speaks against going on: it is another than the first of its list, such as *Go*."""
    decided = project.of_role(Role.DECISION)
    return decided is not None and decided != project.blueprint.decisions[0]


def _judge(project: Item, requirement: Requirement) -> Finding | None:
    need = requirement.needs
    value = project.values.get(need.path)
    name = project.blueprint.step(requirement.step).name
    if need.accepted:
        if value in need.accepted:
            return None
        decided = text_of(value) or "none"
        message = f"{name} cannot finish on decision {decided}: it takes {' or '.join(need.accepted)}"
        return Finding(requirement, text_of(value), message)
    if need.path not in project.values or not is_blank(value):
        return None  # a status is never blank
    label = project.blueprint.by_path[need.path].label
    return Finding(requirement, None, f"{name} cannot finish without {label}")


def _expected(need: Need) -> str:
    return one_of(need.accepted) if need.accepted else "a value"
