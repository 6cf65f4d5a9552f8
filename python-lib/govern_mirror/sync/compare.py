"""What is compared, and the three-way compare of one value: what was in step, what DSS and the other side hold.

| base | DSS | other side | verdict |
| --- | --- | --- | --- |
| any | a | a | same |
| a | a | b | changed there |
| a | b | a | changed here |
| a | b | c | conflict |
| none | blank | b | changed there |
| none | b | blank | changed here |
| none | a | b | conflict |

A workflow is one value, never merged step by step; it is blank when every step is not started. Dates compare as
dates. All of this is pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from govern_mirror.artifact import compared_fields, one_line
from govern_mirror.errors import Hint
from govern_mirror.model.blueprint import Blueprint, Kind, Status
from govern_mirror.model.event import digest
from govern_mirror.model.item import Item, Problem, values
from govern_mirror.model.values import Value, from_text, text_of

WORKFLOW = "workflow"
"""The path of the workflow: the statuses of all steps as one value."""

UNKNOWN_VALUE = "?"
"""The fingerprint of a value that nobody can say: no value has it, so that different values are a conflict."""


class Comparison(str, Enum):
    """What the compare says of one value."""

    SAME = "same"
    CHANGED_HERE = "changed-here"
    CHANGED_THERE = "changed-there"
    CONFLICT = "conflict"


def compared_paths(blueprint: Blueprint) -> tuple[str, ...]:
    """The paths that are kept in step: the workflow, and every field that Govern has too.

    Documents are not among them: Govern holds uploaded files, DSS holds links.
    """
    return (WORKFLOW, *(field.path for field in compared_fields(blueprint)))


def comparable_paths(blueprint: Blueprint) -> tuple[str, ...]:
    """The paths that may be compared: those of `compared_paths`, and what some versions in Govern have by its label."""
    labelled = (field.path for field in blueprint.fields if field.govern is None and field.govern_label)
    return (*compared_paths(blueprint), *labelled)


def planned_paths(blueprint: Blueprint) -> tuple[str, ...]:
    """The paths that a plan file can say: those that are compared with Govern, and those that only DSS has."""
    own = (
        field.path
        for field in blueprint.all_fields
        if field.govern is None and field.kind not in (Kind.STATUS, Kind.DOCUMENTS)
    )
    return (*compared_paths(blueprint), *own)


def texts_of(project: Item) -> dict[str, str | None]:
    """What DSS holds, as texts by path; blank is None."""
    current = values(project)
    texts = {path: text_of(current[path]) for path in planned_paths(project.blueprint) if path != WORKFLOW}
    texts[WORKFLOW] = workflow_text({step.id: step.status for step in project.workflow.steps})
    return texts


def workflow_text(statuses: Mapping[str, Status]) -> str | None:
    """The statuses as one text, e.g. `exploration FINISHED, qualification ONGOING, …`; None when none has started."""
    if all(status is Status.NOT_STARTED for status in statuses.values()):
        return None
    return ", ".join(f"{step} {status.value}" for step, status in statuses.items())


def statuses_of(text: str | None, blueprint: Blueprint) -> dict[str, Status]:
    """The statuses that such a text says; without one, every step is not started.

    Raises:
        ValueError: it names an unknown step or status.
    """
    if text is None:
        return dict.fromkeys(blueprint.step_ids, Status.NOT_STARTED)
    statuses = {}
    for part in text.split(", "):
        step, _, status = part.partition(" ")
        if step not in blueprint.step_ids:
            raise ValueError(f"unknown step {step!r}")
        statuses[step] = Status(status)
    return statuses


def moves_back(before: Mapping[str, Status], after: Mapping[str, Status]) -> bool:
    """Whether any step goes back: from finished or skipped to something else, or from ongoing to not started."""
    order = {Status.NOT_STARTED: 0, Status.ONGOING: 1, Status.FINISHED: 2, Status.SKIPPED: 2}
    return any(order[after[step]] < order[status] for step, status in before.items() if step in after)


def fingerprint(text: str | None) -> str:
    """A value's fingerprint, as the base keeps it; blank has one too, so that a value taken away is seen."""
    return "" if text is None else digest(text)


def compare_value(base: str | None, dss: str | None, remote: str | None) -> Comparison:
    """Compare one value.

    Args:
        base: the fingerprint of the value when both sides were in step; None when they never were.
        dss: what DSS holds, as text.
        remote: what the other side holds.
    """
    if dss == remote:
        return Comparison.SAME
    if base is None:
        if dss is None:
            return Comparison.CHANGED_THERE
        return Comparison.CHANGED_HERE if remote is None else Comparison.CONFLICT
    dss_changed, remote_changed = fingerprint(dss) != base, fingerprint(remote) != base
    if dss_changed and remote_changed:
        return Comparison.CONFLICT
    return Comparison.CHANGED_HERE if dss_changed else Comparison.CHANGED_THERE


def value_of(path: str, text: str | None, blueprint: Blueprint) -> Value:
    """A compared value from its text, as `with_values` takes it.

    Raises:
        ValueError: the text is no valid value of that path.
    """
    field = blueprint.by_path[path]
    return field.blank if text is None else from_text(field, text)


def values_of(texts: Mapping[str, str | None], blueprint: Blueprint) -> tuple[dict[str, Value], dict[str, Status]]:
    """The values and the statuses of what is to be written, by path; no statuses where the workflow stays.

    Raises:
        ValueError: a text is no valid value of its path.
    """
    changes = {path: value_of(path, text, blueprint) for path, text in texts.items() if path != WORKFLOW}
    return changes, statuses_of(texts[WORKFLOW], blueprint) if WORKFLOW in texts else {}


@dataclass(frozen=True)
class Counterpart:
    """The other side of one or several DSS projects.

    Attributes:
        id: the artifact's id, or what names the entry of a plan file.
        name: its name for people.
        texts: what it holds, by path; a path is missing where that side has no such field.
        problems: what could not be read of it; the paths they name are left alone.
        comparable: statuses as far as this side can tell them apart; None when they cannot be compared.
        lines: the paths of what is several texts there, and one line with commas in DSS.
        creates_over: for a Govern project that does not exist yet: ids of the DSS projects' artifacts.
    """

    id: str
    name: str
    texts: Mapping[str, str | None]
    problems: tuple[Problem, ...] = ()
    comparable: Callable[[Mapping[str, Status]], Mapping[str, Status] | None] = dict
    creates_over: tuple[str, ...] = ()
    lines: frozenset[str] = frozenset()

    def texts_of(self, project: Item) -> dict[str, str | None]:
        """What a DSS project holds, as this side can compare it."""
        texts = texts_of(project)
        statuses = self.comparable({step.id: step.status for step in project.workflow.steps})
        if statuses is None:
            del texts[WORKFLOW]
        else:
            texts[WORKFLOW] = workflow_text(statuses)
        for path in self.lines:
            texts[path] = one_line((texts[path] or "").split(","))
        return {path: text for path, text in texts.items() if path in self.texts}


@dataclass(frozen=True)
class Hold:
    """Why a value is not written into the other side, and what to do about it, which the entry point words."""

    reason: str
    hint: Hint | None = None


@dataclass(frozen=True)
class PairedProjects:
    """DSS projects that share one counterpart.

    Attributes:
        counterpart: the other side.
        projects: the DSS projects; one that is not governed is governed anew.
        bases: what was in step, by project key, where the other side itself says so (a plan file); None for what
            the projects' own records remember, which then is renewed.
        held: paths that must not be written into the other side, since a sign-off there stands against it.
    """

    counterpart: Counterpart
    projects: tuple[Item, ...]
    bases: Mapping[str, Mapping[str, str]] | None = None
    held: Mapping[str, Hold] = field(default_factory=dict)
