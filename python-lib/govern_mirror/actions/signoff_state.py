"""Where a sign-off stands, whoever looks: what the hub's ledger holds, and what DSS says of the item."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from govern_mirror.actions.governed_items import made_by, made_text, source_of
from govern_mirror.actions.session import Session
from govern_mirror.dss import Metadata, recorded_item
from govern_mirror.dss.governable_items import Bundle, ModelVersion, subject_of
from govern_mirror.errors import Action, Hint, InputError, MoveRefused, NotFound
from govern_mirror.hub.ledger import LedgerEntry, to_entry
from govern_mirror.hub.opened import HubError, OpenedHub
from govern_mirror.model.address import Address, ItemKind
from govern_mirror.model.govern_signoff import REFUSALS, GovernEntry, GovernSignoff, approved_digests, govern_signoff_of
from govern_mirror.model.item import Item
from govern_mirror.model.item_templates import MADE, REVIEW_STEP
from govern_mirror.model.signoff import Signoff, SignoffEntry, SignoffStatus, signoff_of
from govern_mirror.model.step_writer import last_writer
from govern_mirror.model.subject import step_subject, subject_digest
from govern_mirror.times import iso_time


@dataclass(frozen=True)
class ItemStanding:
    """What the hub holds of a sign-off, whatever the item is now.

    Attributes:
        signoff: where it stands.
        govern: what Govern says of it, where the hub names the Govern node.
        govern_counts: whether the hub lets approvals in Govern count.
    """

    signoff: Signoff
    govern: GovernSignoff = GovernSignoff()
    govern_counts: bool = False

    @cached_property
    def approved(self) -> frozenset[str]:
        """The digests of what is approved, here or where it counts in Govern."""
        return approved_digests(self.signoff, self.govern, counts=self.govern_counts)


@dataclass(frozen=True)
class SignoffState:
    """A sign-off as the hub and DSS tell it, whoever looks.

    Attributes:
        address: the item.
        step, step_name: the step that is signed off.
        standing: what the hub holds of it.
        subject: what the item is now; None where it cannot be told.
        made_by: who made it, as `barred` takes it.
        project: the item's project.
        entries: all entries of the item.
        model_name: what people call the saved model or agent, of a version.
        gone: that the item is not in DSS any more; None where it is, or its not being there is an error.
        closed: the bundle or version itself, where people closed it; None where they did not.
    """

    address: Address
    step: str
    step_name: str
    standing: ItemStanding
    subject: Mapping[str, Any] | None
    made_by: Mapping[str, str | None]
    project: Item
    entries: tuple[LedgerEntry, ...]
    model_name: str | None = None
    gone: NotFound | None = None
    closed: Item | None = None

    @property
    def signoff(self) -> Signoff:
        """Where it stands in the hub."""
        return self.standing.signoff

    @property
    def govern(self) -> GovernSignoff:
        """What Govern says of it."""
        return self.standing.govern

    @property
    def label(self) -> str:
        """How people call the item, as in “bundle v12 of CHURN”: a version with the name of its model."""
        return self.address.label_of(self.model_name)

    @property
    def digest(self) -> str:
        """128 bits over what the item is now; empty where it cannot be told."""
        return subject_digest(self.subject) if self.subject else ""

    @property
    def is_unchanged(self) -> bool:
        """Whether the item is still what its review was asked for."""
        return bool(self.digest) and self.signoff.digest == self.digest

    @property
    def is_approved_in_govern(self) -> bool:
        """Whether it is what Govern says of the item that approves it as it is now, and not a review in the hub."""
        own = self.signoff.status is SignoffStatus.APPROVED and self.is_unchanged
        return self.fault is None and not own

    @property
    def fault(self) -> str | None:
        """Why the item, as it is now, does not count as approved, as in “CHURN …”; None when it does."""
        if self.digest and self.digest in self.standing.approved:
            return None
        if self.govern.is_refused and self.signoff.status not in REFUSALS:
            return f"is not approved: {self.govern.fault} (reset it there, and sync)"
        return f"{self._fault_here}{self._fault_in_govern}"

    @property
    def _fault_here(self) -> str:
        if self.signoff.status is not SignoffStatus.APPROVED:
            return f"is not approved: its sign-off is {self.signoff.status.label.lower()}"
        if not self.digest:
            return "cannot be compared with what was approved: DSS does not tell when it was made"
        return "is not what was approved: it changed since (reset the review, and ask for a new one)"

    @property
    def _fault_in_govern(self) -> str:
        """Why what Govern approved does not help, where it says that it approved something."""
        if self.govern.status is not SignoffStatus.APPROVED or self.signoff.status in REFUSALS:
            return ""
        if not self.standing.govern_counts:
            return ". It is approved in Govern, which does not count in this hub"
        return f". Govern's approval does not count: {self.govern.fault or 'it is of another export or training'}"


def signoff_state(
    session: Session,
    opened: OpenedHub,
    address: Address,
    step: str | None = None,
    *,
    document: Metadata | None = None,
    source: Bundle | ModelVersion | None = None,
    may_be_gone: bool = False,
) -> SignoffState:
    """Read a sign-off.

    Args:
        session: reads the project and the item.
        opened: the hub.
        address: the item.
        step: the step, for a project; bundles and versions have one sign-off.
        document, source: the metadata of the item's project, and what it is in DSS, where they were just read.
        may_be_gone: whether the state of an item that is reviewed, and not in DSS any more, is told, too.

    Raises:
        InputError: the step of this item is not signed off.
        HubError: the hub, or an entry of the item, is not as it was written.
        MoveRefused: its project is not governed.
        GovernMirrorError: the project, the item or the hub cannot be read.
    """
    document = session.store.metadata(address.project_key) if document is None else document
    project = session.store.with_history(session.store.decoded(address.project_key, document))
    if not project.is_governed:
        raise MoveRefused(
            f"{address.project_key} is not governed, so nothing of it is signed off",
            hint=Hint(Action.GOVERN, address.project_key),
        )
    step_id, step_name = signed_off_step(session, opened, address, step)
    entries = tuple(opened.entries(address))
    gone = None
    subject: dict[str, Any] | None
    makers: dict[str, str | None]
    try:
        if source is None and address.kind is not ItemKind.PROJECT:
            source = source_of(session, address)
    except NotFound as error:
        if not may_be_gone or not entries:  # of what has no entry nobody knows that it was ever there
            raise
        gone = error
    if address.kind is ItemKind.PROJECT:
        subject, makers = step_subject(project, step_id), {"step_written_by": last_writer(project, step_id).login}
    else:
        subject, makers = (subject_of(source), made_by(source)) if source else (None, {})
    return SignoffState(
        address,
        step_id,
        step_name,
        standing_in(opened, readable(entries), step_id),
        subject,
        makers,
        project,
        entries,
        source.model_name if isinstance(source, ModelVersion) else None,
        gone,
        _closed(session, address, document, source),
    )


def standing_of(opened: OpenedHub, address: Address) -> ItemStanding:
    """Where the sign-off of a bundle or version stands.

    Raises:
        HubError: an entry of it is not as it was written.
        GovernMirrorError: the hub cannot be read.
    """
    return standing_in(opened, readable(opened.entries(address)), REVIEW_STEP)


def standing_in(
    opened: OpenedHub, entries: Sequence[SignoffEntry | GovernEntry | LedgerEntry], step: str
) -> ItemStanding:
    """Where a step's sign-off stands, by all entries of its item, as `readable` gives them.

    Raises:
        GovernMirrorError: what Govern said is among them, and the hub's configuration cannot be read.
    """
    signoff = signoff_of(entries, step)
    if not any(isinstance(entry, GovernEntry) for entry in entries):
        return ItemStanding(signoff)
    named, switches = opened.configuration.govern_node, opened.configuration.switches
    govern = govern_signoff_of(entries, step, named.id) if named else GovernSignoff()
    return ItemStanding(signoff, govern, switches.govern_approvals)


def readable(entries: Iterable[LedgerEntry]) -> list[SignoffEntry | GovernEntry | LedgerEntry]:
    """The entries as `signoff_of` and `govern_signoff_of` take them.

    Raises:
        HubError: one of them is no entry of its kind, though it says so.
    """
    try:
        return [to_entry(entry) for entry in entries]
    except ValueError as error:
        raise HubError(f"the hub holds an entry that cannot be read ({error}): run `audit --all`") from error


def signed_off_step(session: Session, opened: OpenedHub, address: Address, step: str | None) -> tuple[str, str]:
    """The id and name of the step of an item that is signed off.

    Raises:
        InputError: the step is not signed off, or several are and none is named.
        GovernMirrorError: the hub's configuration, which says it of projects, cannot be read.
    """
    if address.kind is not ItemKind.PROJECT:
        if step is not None and step.casefold() != REVIEW_STEP:
            raise InputError(f"of a {address.kind.label} the step {REVIEW_STEP} is signed off, and no other")
        return REVIEW_STEP, "Review"
    chosen = opened.configuration.switches.project_steps
    signed_off = [id_ for id_ in session.blueprint.step_ids if id_ in chosen]
    if step is None:
        if len(signed_off) != 1:
            if not signed_off:
                raise InputError(
                    "no step of projects is signed off in this hub, unless its configuration names one under "
                    "`switches.project_steps`: name a bundle or a version, such as KEY/bundle/ID"
                )
            raise InputError(f"say which step; signed off are {', '.join(signed_off)}")
        step = signed_off[0]
    definition = session.blueprint.step(step)
    if definition.id not in signed_off:
        raise InputError(
            f"the step {definition.name} of projects is not signed off: the hub's configuration says which are"
        )
    return definition.id, definition.name


def _closed(
    session: Session, address: Address, document: Metadata, source: Bundle | ModelVersion | None
) -> Item | None:
    """The item, where people closed it: what was recorded of one that was there before under its address is over."""
    item = recorded_item(session.store, address, document) if source is not None else None
    if source is None or item is None or item.copied_from is not None:
        return None
    return item if item.closed and item.values[MADE] == made_text(source) else None


def in_govern_json(state: SignoffState) -> dict[str, Any] | None:
    """What Govern says of it, as the hub holds it; null where it says nothing that counts for or against."""
    said = state.govern.said
    if said is None:
        return None
    return {
        "status": said.status.value if said.status else None,
        "approved": state.is_approved_in_govern,
        "why_not": None if state.is_approved_in_govern else state.govern.fault,
        "read_at": iso_time(said.read_at),
        "entry": said.id,
    }
