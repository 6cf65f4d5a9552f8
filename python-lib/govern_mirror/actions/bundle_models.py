"""The models in a bundle, each with its approval, and whether an unapproved one holds the bundle's approval back.

DSS does not tell which versions a bundle holds. Looked at are the versions that are active in the project now: the
bundle took those that were active when it was exported, which may be others. An active version that was trained after
the export is certainly not the one in the bundle; of a model that was changed after it, another version may have been
active, or an agent's may have been another then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from govern_mirror.actions.governed_items import item_address
from govern_mirror.actions.session import Session
from govern_mirror.actions.signoff_state import standing_of
from govern_mirror.bulk import for_each
from govern_mirror.dss.governable_items import ModelVersion, model_versions, saved_model_ids, subject_of
from govern_mirror.errors import InputError, MoveRefused
from govern_mirror.hub.ledger import LedgerEntry
from govern_mirror.hub.opened import HubError, OpenedHub
from govern_mirror.model.address import Address, parse_address
from govern_mirror.model.signoff import Signoff
from govern_mirror.model.subject import subject_digest

MODELS = "models"
"""What an approval's entry calls the models that had to be approved with it: the digest of each, by its address."""

MAX_NAMED = 5


@dataclass(frozen=True)
class ModelInside:
    """A version that is active in the project of a bundle.

    Attributes:
        address: where it stands.
        name: of the saved model or agent.
        signoff: where its sign-off stands.
        digest: of what it is now; empty where DSS does not tell.
        is_approved: whether it is approved as it is now, here or where it counts in Govern, and refused in neither.
        is_newer: whether it was trained after the bundle was exported, so that the bundle holds another version.
        is_changed: whether the saved model was changed after that, so that the bundle may hold another version.
    """

    address: Address
    name: str
    signoff: Signoff
    digest: str
    is_approved: bool
    is_newer: bool = False
    is_changed: bool = False

    @property
    def fault(self) -> str | None:
        """Why it holds a bundle back, as in “Churn model …”; None when it does not."""
        if self.is_newer:
            return "was trained after the bundle was exported, so that nobody can say which version is in it"
        if not self.is_approved:
            return "is not approved as it is now"
        if self.is_changed:
            return "was changed after the bundle was exported, so that another version of it may be in there"
        return None


def models_inside(
    session: Session, opened: OpenedHub, project_key: str, exported_on: int | None
) -> tuple[ModelInside, ...]:
    """Return the versions that are active in a project, agents among them.

    Args:
        session: reads the project.
        opened: the hub.
        project_key: the project.
        exported_on: when the bundle was exported, in milliseconds since 1970; None where DSS does not tell.

    Raises:
        GovernMirrorError: the models or the hub cannot be read.
    """
    active: list[ModelVersion] = []
    for ending in for_each(
        saved_model_ids(session.store.client, project_key),
        lambda model: model_versions(session.store.client, project_key, model),
    ):
        if ending.error is not None:
            raise ending.error
        active += [version for version in ending.result or () if version.is_active]
    return tuple(_inside(opened, project_key, version, exported_on) for version in active)


def _inside(opened: OpenedHub, project_key: str, version: ModelVersion, exported_on: int | None) -> ModelInside:
    address, subject = item_address(project_key, version), subject_of(version)
    is_newer = version.trained_on is not None and exported_on is not None and version.trained_on > exported_on
    # nothing stamps an agent with a time: what nobody knows the last change of may be another than what was exported
    changed_on = version.changed_on
    is_changed = version.is_agent if changed_on is None or exported_on is None else changed_on > exported_on
    standing, digest = standing_of(opened, address), subject_digest(subject) if subject else ""
    return ModelInside(
        address, version.model_name, standing.signoff, digest, digest in standing.approved, is_newer, is_changed
    )


def require_approved(models: Iterable[ModelInside]) -> dict[str, str]:
    """Require that each of the models is approved, and return the digest of each by its address.

    Raises:
        MoveRefused: one of them is not; the message names them.
    """
    models = tuple(models)
    faults = [f"{model.name} ({model.address}) {model.fault}" for model in models if model.fault]
    if faults:
        more = f"; and {len(faults) - MAX_NAMED} more" if len(faults) > MAX_NAMED else ""
        raise MoveRefused(
            "the hub lets no bundle be approved before the models in it are: "
            f"{'; '.join(faults[:MAX_NAMED])}{more}. Have them reviewed first, or export the bundle anew"
        )
    return {str(model.address): model.digest for model in models}


def models_fault(opened: OpenedHub, approval: LedgerEntry | None) -> str | None:
    """Why the models that were approved with a bundle hold it back now, as in “bundle v1 …”; None when they do not.

    Asked is what the approval's entry says: those that were active then. Later versions are of later bundles.

    Args:
        opened: the hub.
        approval: the entry that approved the bundle; without models where the hub did not ask for them then.

    Raises:
        HubError: the entry cannot be read.
        GovernMirrorError: the hub cannot be read.
    """
    recorded = approval.body.get(MODELS) if approval else None
    if not recorded:
        return None
    lost = []
    for address, digest in _digests(recorded).items():
        standing = standing_of(opened, address)
        if digest not in standing.approved:
            lost.append(f"{address} ({standing.signoff.status.label.lower()})")
    return f"holds a model that is not approved any more: {', '.join(lost[:MAX_NAMED])}" if lost else None


def _digests(recorded: object) -> dict[Address, str]:
    if not isinstance(recorded, Mapping) or not all(isinstance(digest, str) for digest in recorded.values()):
        raise HubError("the approval names its models in no way that can be read: run `audit --all`")
    try:
        return {parse_address(address): digest for address, digest in recorded.items()}
    except InputError as error:
        raise HubError(f"the approval names a model that is none ({error}): run `audit --all`") from error


def models_json(models: Iterable[ModelInside]) -> list[dict[str, Any]]:
    """The models as the live page gets them."""
    return [
        {
            "address": str(model.address),
            "name": model.name,
            "version": model.address.ids[-1],
            "status": model.signoff.status.value,
            "status_label": model.signoff.status.label,
            "approved": model.is_approved,
            "unchanged": model.signoff.digest == model.digest if model.signoff.requested else None,
            "newer": model.is_newer,
        }
        for model in models
    ]
