"""One artifact: what Govern keeps of an item, apart from how a version of Govern writes it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import BadRequest
from .errors import ValidationError
from .fields import accepted_fields, apply_hooks
from .signoffs import Signoff, SignoffStatus
from .steps import StepStatus, current_step, from_current_step, from_workflow, workflow_document
from .templates import Template


@dataclass
class Artifact:
    """An artifact of one blueprint version: a Govern project, a Dataiku project, a business initiative, …"""

    number: int
    name: str
    version: tuple[str, str]
    fields: dict[str, Any] = field(default_factory=dict)
    statuses: dict[str, StepStatus] = field(default_factory=dict)
    archived: bool = False
    signoffs: dict[str, Signoff] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The id that Govern shows, such as `ar.5` (client)."""
        return f"ar.{self.number}"

    @property
    def blueprint_id(self) -> str:
        """The blueprint's id, the first half of the blueprint version's."""
        return self.version[0]

    @staticmethod
    def number_of(artifact_id: str) -> int:
        """Return the number in an artifact id; -1 when it is not one."""
        prefix, _, number = artifact_id.partition(".")
        return int(number) if prefix == "ar" and number.isdigit() else -1

    def document(self, template: Template, *, legacy: bool) -> dict[str, Any]:
        """Return the artifact as Govern answers it.

        `workflow` exists since Govern 13.5; `legacy` nodes have only `status.stepId`, which newer ones keep (client).
        """
        document: dict[str, Any] = {
            "id": self.id,
            "name": self.name,
            "blueprintVersionId": {"blueprintId": self.version[0], "versionId": self.version[1]},
            "fields": copy.deepcopy(self.fields),
            "status": {"stepId": current_step(self.statuses, template.step_ids())},
            "archived": self.archived,
        }
        if not legacy:
            document["workflow"] = workflow_document(self.statuses)
        return document

    def replace(self, body: Mapping[str, Any], template: Template, *, legacy: bool, locks: bool = True) -> None:
        """Take over a definition, as `PUT /artifact/{id}` does: what it leaves out is gone, scores are computed anew.

        A definition without fields wipes them; one with the step id but no workflow has the statuses derived from it
        (hl). Assumptions: where `workflow` and `status.stepId` are both known and differ, `workflow` counts, as the
        step id is deprecated since 13.5; without either the workflow stays as it is; a name is needed; the blueprint
        version cannot be changed this way. With `locks`, no status changes while a sign-off locks the workflow, and
        a step with a mandatory sign-off is finished only once that is approved (docs).

        Raises DssError when a value is not allowed; nothing has changed then.
        """
        version = body.get("blueprintVersionId")
        if version is not None and version != {"blueprintId": self.version[0], "versionId": self.version[1]}:
            raise ValidationError(f"The blueprint version of artifact {self.id} cannot be changed")
        fields = body.get("fields")
        if fields is not None and not isinstance(fields, Mapping):
            raise BadRequest("The fields of an artifact must be an object")
        values = accepted_fields(template, fields or {}, self.id)
        statuses = self._statuses_of(body, template, legacy=legacy)
        if locks:
            self._require_open(statuses)
        name = body.get("name")
        if not isinstance(name, str) or not name.strip():
            raise BadRequest("An artifact must have a name")
        self.name, self.statuses = name, statuses
        self.archived = bool(body.get("archived", False))
        self.fields = copy.deepcopy(values)
        apply_hooks(template, self.fields)

    def _statuses_of(self, body: Mapping[str, Any], template: Template, *, legacy: bool) -> dict[str, StepStatus]:
        steps = template.step_ids()
        if not legacy and body.get("workflow") is not None:
            return from_workflow(body["workflow"], steps)
        statuses = {step: self.statuses.get(step, StepStatus.NOT_STARTED) for step in steps}
        status = body.get("status")
        if not isinstance(status, Mapping) or "stepId" not in status:
            return statuses
        if status["stepId"] == current_step(statuses, steps):
            return statuses
        return from_current_step(status["stepId"], steps)

    def _require_open(self, statuses: Mapping[str, StepStatus]) -> None:
        """Refuse a change of statuses that a sign-off stands against; those of hidden steps are bypassed (docs)."""
        changed = {step for step, status in statuses.items() if status is not self.statuses.get(step, status)}
        for step, signoff in self.signoffs.items():
            if self.statuses.get(step) is StepStatus.SKIPPED or not changed:
                continue
            if signoff.locks:
                raise ValidationError(f"The workflow is locked: sign-off of step '{step}' is {signoff.status.value}")
            finishes = step in changed and statuses[step] is StepStatus.FINISHED
            if finishes and signoff.configuration.get("mandatory") and signoff.status is not SignoffStatus.APPROVED:
                raise ValidationError(f"Step '{step}' cannot be finished: its sign-off is {signoff.status.value}")

    def record(self) -> dict[str, Any]:
        """Return what the store keeps of the artifact; `from_record` reads it back."""
        return {
            "number": self.number,
            "name": self.name,
            "version": list(self.version),
            "fields": self.fields,
            "statuses": {step: status.value for step, status in self.statuses.items()},
            "archived": self.archived,
            "signoffs": {step: signoff.record() for step, signoff in self.signoffs.items()},
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Artifact:
        """Return the artifact that `record` wrote."""
        return cls(
            number=record["number"],
            name=record["name"],
            version=(record["version"][0], record["version"][1]),
            fields=record["fields"],
            statuses={step: StepStatus(value) for step, value in record["statuses"].items()},
            archived=record["archived"],
            signoffs={step: Signoff.from_record(value) for step, value in record["signoffs"].items()},
        )
