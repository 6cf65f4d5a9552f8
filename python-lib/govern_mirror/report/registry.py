"""The registry: the bundles, or the versions of models and agents, of all governed projects, with where each stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from govern_mirror.model.address import Address
from govern_mirror.model.item import UnreadableProject
from govern_mirror.model.signoff import SignoffStatus
from govern_mirror.times import iso_time

if TYPE_CHECKING:
    from govern_mirror.dss.standards import StandardsReport

FORMAT_VERSION = 1
"""Of the registry as JSON: 1, the first."""


class RegistryKind(str, Enum):
    """What a registry lists; the versions of agents and augmented LLMs stand with those of models."""

    BUNDLES = "bundles"
    MODELS = "models"

    @property
    def heading(self) -> str:
        """The heading of the registry."""
        return "Bundles" if self is RegistryKind.BUNDLES else "Models"


class ApprovalState(str, Enum):
    """Where an item stands with its review."""

    OFF = "off"
    """Approvals are off."""
    UNKNOWN = "unknown"
    """What the hub holds of it could not be read: it does not count as approved."""
    NOT_ASKED = "not_asked"
    WAITING = "waiting"
    APPROVED = "approved"
    CHANGED = "changed"
    """It was approved, and is not what was approved."""
    REJECTED = "rejected"
    ABANDONED = "abandoned"


@dataclass(frozen=True)
class DeployedOn:
    """Where the Project Deployer runs a bundle.

    Attributes:
        infrastructure, deployment: their ids.
        published_on: when what it runs was published (UTC); None where the Deployer does not tell.
    """

    infrastructure: str
    deployment: str
    published_on: datetime | None = None

    def __str__(self) -> str:
        return f"{self.infrastructure} ({self.deployment})"


@dataclass(frozen=True)
class RegistryRow:
    """A bundle, or a version of a model or agent.

    Attributes:
        project_name: of its project.
        link: to its review on the live page where that is known, else to its project.
        address: the item.
        model: the name of the saved model or agent; None for a bundle.
        made_on: when it was exported or trained (UTC); None where DSS does not tell.
        made_by: login of who exported it; None where DSS does not tell.
        is_active: whether the version is the one that is used; None for a bundle.
        approval: where it stands with its review.
        signoff: the status of its sign-off; None where approvals are off, or it cannot be read.
        is_unchanged: whether it is what its review was asked for; None where none was.
        deployed_on: where the Deployer runs it, as far as the key sees; None for versions, of which it tells nothing.
        standards: of its project, not of the item; None where the checks never ran.
    """

    project_name: str
    link: str | None
    address: Address
    model: str | None
    made_on: datetime | None
    made_by: str | None
    is_active: bool | None
    approval: ApprovalState
    signoff: SignoffStatus | None = None
    is_unchanged: bool | None = None
    deployed_on: tuple[DeployedOn, ...] | None = None
    standards: StandardsReport | None = None

    @property
    def item(self) -> str:
        """The id of the bundle or version."""
        return self.address.ids[-1]

    @property
    def is_approved(self) -> bool:
        """Whether it is approved as it is now."""
        return self.approval is ApprovalState.APPROVED

    @property
    def is_active_unapproved(self) -> bool:
        """Whether it is the version that is used, without approval."""
        return self.is_active is True and self.approval not in (ApprovalState.OFF, ApprovalState.APPROVED)

    @property
    def is_deployed_unapproved(self) -> bool:
        """Whether the Deployer runs it without approval.

        What was published from the present export on is what the project has now; before that, it was another export.
        """
        if self.approval is ApprovalState.OFF:
            return False
        is_open = self.approval not in (ApprovalState.APPROVED, ApprovalState.CHANGED)
        return any(is_open or self._is_unapproved(on) for on in self.deployed_on or ())

    def _is_unapproved(self, on: DeployedOn) -> bool:
        """Whether an export runs there, as far as one can say, that is not the approved one."""
        if self.made_on is None or on.published_on is None:
            return False
        is_present = on.published_on >= self.made_on
        return is_present if self.approval is ApprovalState.CHANGED else not is_present

    @property
    def words(self) -> str:
        """Where it stands with its review, for people; empty where approvals are off."""
        if self.signoff is None:
            return "Cannot be read" if self.approval is ApprovalState.UNKNOWN else ""
        if self.is_approved and (self.signoff is not SignoffStatus.APPROVED or self.is_unchanged is False):
            return "Approved in Govern"
        if self.approval is ApprovalState.REJECTED and self.signoff is not SignoffStatus.REJECTED:
            return "Refused in Govern"
        label = "Not asked" if self.signoff is SignoffStatus.NOT_STARTED else self.signoff.label
        return f"{label}, changed since" if self.is_unchanged is False else label


@dataclass(frozen=True)
class Registry:
    """All that a registry shows.

    Attributes:
        kind: what it lists.
        rows: by project, then, within it, bundles by the latest export, versions by model with the active one first.
        generated_on: when it was made (UTC).
        node_id, url: the instance that it was read from; None where unknown.
        projects: how many governed projects were looked at.
        off: why approvals are off, or the hub cannot be read; None where it can.
        is_off: whether approvals are off: no hub is named.
        deployments: how many deployments the key sees; None where the Deployer was not asked, or did not answer.
        not_looked_at: what else could not be looked at, a sentence each.
        unreadable: the projects of which items are missing, or their approvals could not be read.
    """

    kind: RegistryKind
    rows: tuple[RegistryRow, ...]
    generated_on: datetime
    node_id: str | None = None
    url: str | None = None
    projects: int = 0
    off: str | None = None
    is_off: bool = False
    deployments: int | None = None
    not_looked_at: tuple[str, ...] = ()
    unreadable: tuple[UnreadableProject, ...] = ()

    @property
    def incomplete(self) -> str:
        """One sentence for people when projects or reviews could not be read; empty when all were."""
        count = len(self.unreadable)
        if count:
            return f"{count} project{'' if count == 1 else 's'} could not be read, or not whole"
        unknown = any(row.approval is ApprovalState.UNKNOWN for row in self.rows)
        return "what is approved could not be read" if unknown else ""

    @property
    def counts(self) -> list[tuple[str, int]]:
        """What is counted of the rows, with labels."""
        total = ("Bundles" if self.kind is RegistryKind.BUNDLES else "Versions", len(self.rows))
        if self.is_off:
            return [total]
        counts = [
            total,
            ("Approved", sum(row.is_approved for row in self.rows)),
            ("Waiting", sum(row.approval is ApprovalState.WAITING for row in self.rows)),
            ("Rejected", sum(row.approval is ApprovalState.REJECTED for row in self.rows)),
        ]
        if self.kind is RegistryKind.MODELS:
            return [*counts, ("Active, not approved", sum(row.is_active_unapproved for row in self.rows))]
        return [*counts, ("Deployed without approval", sum(row.is_deployed_unapproved for row in self.rows))]

    @property
    def remarks(self) -> list[str]:
        """What a reader must know of what is not there, a sentence each."""
        return [*([self.off] if self.off else []), *self.not_looked_at]


@dataclass(frozen=True)
class ApprovalsView:
    """What runs without approval, for a report's summary.

    Attributes:
        active: active versions that are not approved, each as an address with where it stands.
        deployed: bundles that the Deployer runs without approval, each as a sentence.
        not_looked_at: what could not be looked at, a sentence each.
    """

    active: tuple[str, ...] = ()
    deployed: tuple[str, ...] = ()
    not_looked_at: tuple[str, ...] = ()


def approval_state(
    signoff: SignoffStatus | None, *, is_unchanged: bool, is_off: bool, in_govern: bool | None = None
) -> ApprovalState:
    """Where an item stands with its review.

    Args:
        signoff: the status of its sign-off; None where it could not be read.
        is_unchanged: whether it is what its review was asked for.
        is_off: whether approvals are off.
        in_govern: whether it is Govern that approves it, as it is now, where that counts; False where it is refused
            there, and None where Govern changes nothing.
    """
    if is_off:
        return ApprovalState.OFF
    if signoff is None:
        return ApprovalState.UNKNOWN
    if in_govern:
        return ApprovalState.APPROVED
    if signoff.is_open:
        return ApprovalState.WAITING
    if in_govern is False:
        return ApprovalState.REJECTED
    if signoff is SignoffStatus.APPROVED:
        return ApprovalState.APPROVED if is_unchanged else ApprovalState.CHANGED
    return {
        SignoffStatus.NOT_STARTED: ApprovalState.NOT_ASKED,
        SignoffStatus.REJECTED: ApprovalState.REJECTED,
        SignoffStatus.ABANDONED: ApprovalState.ABANDONED,
    }[signoff]


def standards_json(report: StandardsReport) -> dict[str, Any]:
    """Return how Project Standards ended as JSON."""
    return {"severity": report.severity, "label": report.label, "ran_on": iso_time(report.ran_on)}


def registry_json(registry: Registry) -> dict[str, Any]:
    """Return the registry as JSON; times are ISO 8601 in UTC."""
    return {
        "format_version": FORMAT_VERSION,
        "generated_on": iso_time(registry.generated_on),
        "instance": {"node_id": registry.node_id, "url": registry.url},
        "items": registry.kind.value,
        "projects": registry.projects,
        "off": registry.off,
        "deployments": registry.deployments,
        "not_looked_at": list(registry.not_looked_at),
        "unreadable": [{"project_key": item.project_key, "message": item.message} for item in registry.unreadable],
        "rows": [_row_json(row) for row in registry.rows],
    }


def _row_json(row: RegistryRow) -> dict[str, Any]:
    return {
        "address": str(row.address),
        "kind": row.address.kind.value,
        "project_key": row.address.project_key,
        "project_name": row.project_name,
        "model_id": row.address.ids[0] if row.model is not None else None,
        "model": row.model,
        "item": row.item,
        "made_on": iso_time(row.made_on),
        "made_by": row.made_by,
        "active": row.is_active,
        "approval": row.approval.value,
        "status": row.signoff.value if row.signoff else None,
        "unchanged": row.is_unchanged,
        "approved": row.is_approved,
        "active_not_approved": row.is_active_unapproved,
        "deployed_without_approval": row.is_deployed_unapproved,
        "deployed_on": None
        if row.deployed_on is None
        else [{"infrastructure": on.infrastructure, "deployment": on.deployment} for on in row.deployed_on],
        "standards": standards_json(row.standards) if row.standards else None,
    }
