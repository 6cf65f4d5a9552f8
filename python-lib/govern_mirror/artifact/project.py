"""A Govern project as its artifact tells it: `ArtifactProject`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from govern_mirror.artifact.legacy import from_legacy_step, legacy_step
from govern_mirror.artifact.template import Template
from govern_mirror.model.blueprint import Blueprint, Status
from govern_mirror.model.item import Problem
from govern_mirror.model.values import Value


@dataclass(frozen=True)
class ArtifactProject:
    """A Govern project as its artifact tells it.

    Attributes:
        id: the artifact id, such as `ar.5`; empty when it tells none.
        name: its name in Govern.
        template: its blueprint version.
        archived: whether it is archived in Govern.
        values: what can be compared, by the paths of `project.values`; blank is None. A path that is not here
            is not known, which is not the same as blank: it must be neither compared nor taken over.
        statuses: the status of each step of the artifact's own, in its template's order, also of steps that our
            blueprint lacks; a step whose status cannot be read is not here.
        has_workflow_object: whether the artifact has `workflow` (Govern 13.5 and later).
        problems: what is not as it should be; their `field` is a path, or `steps.<id>` for a step.
        raw: the artifact as Govern answered it.
        blueprint: the blueprint of ours that it was read with, as `Template.resolved` gave it.
    """

    id: str
    name: str
    template: Template = field(repr=False)
    archived: bool
    values: Mapping[str, Value]
    statuses: Mapping[str, Status]
    has_workflow_object: bool
    blueprint: Blueprint = field(repr=False, compare=False)
    problems: tuple[Problem, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def comparable(self, statuses: Mapping[str, Status]) -> dict[str, Status] | None:
        """Statuses, this artifact's or a DSS project's, as far as both sides can tell them apart.

        Two states are the same to sync when this gives the same for both. Steps that only one side has do not
        count. Where Govern has only `status.stepId`, states that it stands for alike come out alike.

        Returns:
            A status for each step that both sides have; None when one of them is not in `statuses`, because it
            could not be read: then nothing may be concluded.
        """
        shared = self.template.shared_steps(self.blueprint)
        if any(step not in statuses for step in shared):
            return None
        ours = {step: statuses[step] for step in shared}
        return ours if self.has_workflow_object else from_legacy_step(legacy_step(ours), shared)
