"""The hub as one command reads it: what its ledger says of the projects that are judged.

It is read at most once a command, with whatever rights there are, and not at all where approvals are off. Who may not
read it goes on: what could not be looked at is said of each project.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace

from govern_mirror.actions.governed_items import source_of
from govern_mirror.actions.hub import hub_of
from govern_mirror.actions.session import Session
from govern_mirror.actions.signoff_state import readable, standing_in
from govern_mirror.bulk import for_each
from govern_mirror.dss.governable_items import Bundle, ModelVersion, subject_of
from govern_mirror.errors import GovernMirrorError
from govern_mirror.hub.ledger import EntryKind, LedgerEntry, attestation_fault, to_attestation
from govern_mirror.hub.opened import HubError, OpenedHub
from govern_mirror.hub.store import Hub
from govern_mirror.model.address import Address, parse_address
from govern_mirror.model.hub_facts import Attestation, HubFacts, StepSignoff
from govern_mirror.model.item import Item
from govern_mirror.model.item_templates import REVIEW_STEP
from govern_mirror.model.reviewers import Role
from govern_mirror.model.signoff import in_order
from govern_mirror.model.subject import subject_digest


class HubReading:
    """What the hub says of projects, read once for all of them.

    Args:
        session: the instance; its settings name the hub.
        hub: with other rights than the session's, such as those of the hub's own key; None for the session's.
        opened: the hub, where it was just read.

    Attributes:
        is_off: whether approvals are off: no hub is named.
    """

    def __init__(self, session: Session, hub: Hub | None = None, opened: OpenedHub | None = None) -> None:
        self._session = session
        self._hub = hub
        self._lock = threading.Lock()
        self._opened: OpenedHub | GovernMirrorError | None = opened
        self._sources: dict[Address, Bundle | ModelVersion] = {}
        self.is_off = hub is None and opened is None and session.settings.hub_project is None

    def opened(self) -> OpenedHub:
        """The hub, as it was read at first.

        Raises:
            HubOff: no hub is named.
            GovernMirrorError: it cannot be read.
        """
        with self._lock:
            if self._opened is None:
                try:
                    self._opened = (self._hub or hub_of(self._session)).open()
                except GovernMirrorError as error:
                    self._opened = error
        if isinstance(self._opened, GovernMirrorError):
            raise self._opened
        return self._opened

    def facts(self, address: str) -> HubFacts | None:
        """What the ledger says of a project or item, or why nobody can say; None where approvals are off."""
        if self.is_off:
            return None
        try:
            return self._facts(self.opened(), parse_address(address))
        except GovernMirrorError as error:
            return HubFacts(unreadable=str(error))

    def _facts(self, opened: OpenedHub, address: Address) -> HubFacts:
        switches, blueprint = opened.configuration.switches, self._session.blueprint_of(str(address))
        signed_off = (REVIEW_STEP,) if address.ids else switches.project_steps
        digest = self._digest(address) if address.ids else None
        entries = opened.entries(address)
        approvers = opened.configuration.reviewers_of(address.project_key).get(Role.FINAL_APPROVER, ())
        read = readable(entries)
        signoffs = []
        for step in blueprint.steps:
            if step.id not in signed_off:
                continue
            standing = standing_in(opened, read, step.id)
            # what is approved in Govern, and may count, waits for nobody here
            is_mandatory = switches.mandatory and not (digest and digest in standing.approved)
            signoffs.append(StepSignoff(step.id, step.name, standing.signoff, is_mandatory, approvers, digest))
        return HubFacts(tuple(signoffs), attestations_of(entries))

    def source(self, address: Address) -> Bundle | ModelVersion:
        """What a bundle or version is in DSS, read once; as `source_of` says."""
        if address not in self._sources:
            self._sources[address] = source_of(self._session, address)
        return self._sources[address]

    def _digest(self, address: Address) -> str:
        """128 bits over what a bundle or version is now; empty where DSS does not tell."""
        subject = subject_of(self.source(address))
        return subject_digest(subject) if subject else ""

    def with_facts(self, project: Item) -> Item:
        """A project with what the hub says of it; the same where that is known, or approvals are off."""
        if project.hub is not None or not project.is_governed or self.is_off:
            return project
        return replace(project, hub=self.facts(project.facts.project_key))

    def with_facts_of(self, projects: Iterable[Item]) -> list[Item]:
        """Projects with what the hub says of each; several are read at once."""
        projects = list(projects)
        if self.is_off:
            return projects
        with suppress(GovernMirrorError):
            _ = self.opened().configuration  # what cannot be read is said of each project
        governed = [project for project in projects if project.is_governed]
        read = {}
        for ending in for_each(governed, self.with_facts):
            # `facts` raises nothing: what it cannot read is in what it says
            read[ending.item.facts.project_key] = ending.item if ending.result is None else ending.result
        return [read.get(project.facts.project_key, project) for project in projects]


def unread_warning(facts: HubFacts | None) -> tuple[str, ...]:
    """What to say of a move whose sign-off could not be looked at; nothing where it could."""
    if facts is None or facts.unreadable is None:
        return ()
    return (
        f"whether this step is signed off could not be looked at ({facts.unreadable}): its event says so, and that "
        "stays a problem until somebody looks who may read the hub",
    )


def attestations_of(entries: Iterable[LedgerEntry]) -> tuple[Attestation, ...]:
    """The attestations of a project that count, oldest first.

    Raises:
        HubError: one of them cannot be read, though it says that it is one.
    """
    ordered = in_order({entry.id: entry for entry in entries})
    attestations = [entry for entry in ordered if entry.kind is EntryKind.ATTESTATION]
    try:
        return tuple(to_attestation(entry) for entry in attestations if attestation_fault(entry) is None)
    except ValueError as error:
        raise HubError(f"the hub holds an entry that cannot be read ({error}): run `audit --all`") from error
