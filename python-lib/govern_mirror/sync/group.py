"""What is compared: DSS projects that share one counterpart on the other side. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from govern_mirror.artifact import one_line
from govern_mirror.model.blueprint import Status
from govern_mirror.model.item import Item, Problem
from govern_mirror.sync.compare import WORKFLOW, texts_of, workflow_text


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
        found = texts_of(project)
        statuses = self.comparable({step.id: step.status for step in project.workflow.steps})
        if statuses is None:
            del found[WORKFLOW]
        else:
            found[WORKFLOW] = workflow_text(statuses)
        for path in self.lines:
            found[path] = one_line((found[path] or "").split(","))
        return {path: text for path, text in found.items() if path in self.texts}


@dataclass(frozen=True)
class Group:
    """DSS projects that share one counterpart.

    Attributes:
        counterpart: the other side.
        projects: the DSS projects; one that is not governed is governed anew.
        bases: what was in step, by project key, where the other side itself says so (a plan file); None for what
            the projects' own records remember, which then is renewed.
        held: paths that must not be written into the other side, with the reason: a sign-off there.
    """

    counterpart: Counterpart
    projects: tuple[Item, ...]
    bases: Mapping[str, Mapping[str, str]] | None = None
    held: Mapping[str, str] = field(default_factory=dict)
