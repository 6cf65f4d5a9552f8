"""What the hub's ledger says of an item, as far as somebody read it: the sign-offs of its steps, and what was attested.

It is no part of the item and is stored nowhere in it: whoever judges an item hands it in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from govern_mirror.model.signoff import Signoff, SignoffStatus


@dataclass(frozen=True, slots=True)
class StepSignoff:
    """The sign-off of one step, and what it asks of those who move the workflow.

    Attributes:
        step: the id of the step.
        name: of the step, for people.
        signoff: where it stands.
        is_mandatory: whether the step can only be done once it is approved.
        approvers: who may approve it, as `user:LOGIN` or `group:NAME`.
        digest: 128 bits over what a bundle or version is now, empty where DSS does not tell; None for a project, whose
            step itself is approved.
    """

    step: str
    name: str
    signoff: Signoff
    is_mandatory: bool = True
    approvers: tuple[str, ...] = ()
    digest: str | None = None

    @property
    def is_locked(self) -> bool:
        """Whether the workflow stands still, since it was rejected or abandoned and nobody reset it."""
        return self.signoff.status in (SignoffStatus.REJECTED, SignoffStatus.ABANDONED)


@dataclass(frozen=True, slots=True)
class Attestation:
    """That a person whom the hub names vouches for values of a project.

    Attributes:
        id: of the ledger's entry.
        at: when.
        by: login, as DSS gave it.
        digests: 128 bits over each value, by path.
        last_event: the number of the project's last event then: what was written later was not attested.
        last_hash: the hash of that event: another history, such as of a project made anew under the same key, does not
            go on from it. Empty where it is not told, and then nothing is attested.
    """

    id: str
    at: datetime
    by: str
    digests: Mapping[str, str]
    last_event: int
    last_hash: str = ""


@dataclass(frozen=True, slots=True)
class HubFacts:
    """What the ledger says of one project.

    Attributes:
        signoffs: of the steps that the hub has signed off.
        attestations: those that count, oldest first.
        unreadable: why nobody could say; None where it was read.
    """

    signoffs: tuple[StepSignoff, ...] = ()
    attestations: tuple[Attestation, ...] = ()
    unreadable: str | None = None
