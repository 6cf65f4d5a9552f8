"""Sign-offs of bundles and model versions in Govern, brought into the hub's ledger as what Govern answered.

Two identities are at work, as in `actions.signoff`: DSS is read with the rights of the person who syncs; the hub is
written with the key that only the plugin's code holds. Nobody's approval is written here but Govern's answer.

What an approval binds to is decided by `model.govern_signoff`. It rests on the order in which things are asked: first
what the item is in DSS, then Govern, then DSS again; what was not the same both times binds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from govern_mirror import clock
from govern_mirror.actions.govern_reviewers import HubReviewers
from govern_mirror.actions.governed_items import item_address, made_by
from govern_mirror.actions.inputs import refuses_wrong_types
from govern_mirror.actions.session import Session
from govern_mirror.actions.sync import ComparisonResult, SyncedNode
from govern_mirror.artifact import RemoteReviewers, RemoteSignoff, read_reviewers, read_reviews
from govern_mirror.bulk import for_each
from govern_mirror.dss.governable_items import (
    Bundle,
    ModelVersion,
    exported_bundles,
    model_versions,
    saved_model_ids,
    subject_of,
)
from govern_mirror.errors import GovernMirrorError
from govern_mirror.govern_node import RemoteItem, linked_items
from govern_mirror.hub.configuration import GovernNodeName
from govern_mirror.hub.ledger import EntryKind, LedgerEntry, govern_body, to_entry, to_govern
from govern_mirror.hub.opened import OpenedHub, heads_of
from govern_mirror.hub.store import Hub
from govern_mirror.model.address import Address
from govern_mirror.model.entitlement import barred
from govern_mirror.model.govern_signoff import GovernEntry, GovernSignoff, govern_signoff_of
from govern_mirror.model.item_templates import REVIEW_STEP
from govern_mirror.model.signoff import Signoff
from govern_mirror.model.subject import subject_digest

NO_STAMP = "DSS does not tell when it was made, so that nobody can say what Govern approved"
EDITED_IN_PLACE = "what is edited in place may have been another when Govern approved it: let it be approved in the hub"
CHANGED_MEANWHILE = "it changed in DSS while Govern was asked: sync again"
NOT_ENTITLED = "is no final approver in the hub"
NO_LIST = "Govern answered something that is no list of sign-offs"
NOT_LISTED = "Govern does not show this sign-off any more, or not to this key"


@dataclass(frozen=True)
class DssItem:
    """A bundle or version as DSS tells it.

    Attributes:
        subject: what it is; None where DSS does not tell.
        fault: why nothing of Govern's can be bound to it; None where it can.
        barred: who must not approve it, by login, and why.
    """

    subject: Mapping[str, Any] | None
    fault: str | None
    barred: Mapping[str, str]


@dataclass(frozen=True)
class GovernReading:
    """What Govern said anew of one sign-off.

    Attributes:
        address: the item.
        said: what it said.
        state: what comes of it, with all that it said before.
        counts: whether the hub lets approvals in Govern count.
    """

    address: Address
    said: GovernEntry
    state: GovernSignoff
    counts: bool

    @property
    def outcome(self) -> str:
        """What comes of it, for people."""
        if self.said.step != REVIEW_STEP:
            return f"recorded; only the sign-off of the step {REVIEW_STEP} counts"
        if self.state.is_refused:
            return "recorded: the gate stays closed until it is reset in Govern"
        if self.state.digest and self.counts:
            return "recorded: it counts as approved"
        if self.state.digest:
            return "recorded; approvals in Govern do not count, as the hub's configuration has it"
        return f"recorded; not approved: {self.state.fault}"


@dataclass(frozen=True)
class BroughtIn:
    """What was brought into the hub, or in a dry run would be.

    Attributes:
        readings: what Govern said anew.
        proposals: by project, where Govern asks other people than the hub; nothing is changed by it.
        problems: by project, what could not be taken; those without a project are only counted in `elsewhere`.
        elsewhere: how many things in Govern are not in order that no project of this person's tells of.
        off: why nothing was looked at; None where it was.
    """

    readings: tuple[GovernReading, ...] = ()
    proposals: tuple[tuple[str, str], ...] = ()
    problems: tuple[tuple[str, str], ...] = ()
    elsewhere: int = 0
    off: str | None = None


@refuses_wrong_types
def bring_in_signoffs(
    session: Session,
    hub: Hub,
    govern: SyncedNode,
    compared: ComparisonResult,
    *,
    dry_run: bool = False,
    now: datetime | None = None,
) -> BroughtIn:
    """Record in the hub what Govern says of the bundles and model versions of the projects that were compared.

    A sign-off whose state is what was recorded last is passed over, so that a second time writes nothing.

    Args:
        session: the person's, who reads DSS.
        hub: with the rights to write it.
        govern: the Govern node; only the one that the hub's configuration names, at the address that it names, is
            believed.
        compared: the projects, and the survey of Govern.
        dry_run: only say what would be recorded.
        now: an aware time; None for the present.

    Raises:
        HubError: the hub cannot be read, or is not as it was written.
        GovernMirrorError: Govern or the hub cannot be reached; what is wrong with one project is a problem instead.
    """
    opened = hub.open()
    off = _why_off(opened.configuration.govern_node, govern)
    survey = compared.sides.survey
    if off is not None or survey is None:
        return BroughtIn(off=off)
    remote, faults = linked_items(govern.items(), survey, session.store.node_id)
    keys = [project.facts.project_key for project in compared.projects if project.is_governed]
    visit = _Visit(session, hub, govern, opened, dry_run, now)
    by_project: dict[str, list[RemoteItem]] = {key: [] for key in keys}
    for item in remote:
        if item.address.project_key in by_project:
            by_project[item.address.project_key].append(item)
    readings: list[GovernReading] = []
    proposals: list[tuple[str, str]] = []
    problems = [(f.project_key, f.message) for f in faults if f.project_key and f.project_key in by_project]
    for ending in for_each(keys, lambda key: visit.project(key, by_project[key])):
        if ending.result is None:
            problems.append((ending.item, str(ending.error)))
            continue
        readings += ending.result.readings
        proposals += ending.result.proposals
        problems += ending.result.problems
    elsewhere = sum(fault.project_key not in by_project for fault in faults)
    return BroughtIn(tuple(readings), tuple(proposals), tuple(problems), elsewhere)


def _why_off(named: GovernNodeName | None, govern: SyncedNode) -> str | None:
    """Why this node is not believed; None when it is the one that the hub names."""
    if named is None:
        return "the hub's configuration names no Govern node (`govern_node`), so that no sign-off is brought in"
    if govern.url.rstrip("/").casefold() != named.url.casefold():
        return "the hub's configuration names another address of Govern than the one that is asked here"
    if govern.node_id != named.id:
        claim = f"says that it is {govern.node_id}" if govern.node_id else "does not say which node it is"
        return f"the hub's configuration names the Govern node {named.id}, and this one {claim}"
    return None


class _Visit:
    """One look at all projects: what it is asked with."""

    def __init__(
        self,
        session: Session,
        hub: Hub,
        govern: SyncedNode,
        opened: OpenedHub,
        dry_run: bool,
        now: datetime | None,
    ) -> None:
        self._session, self._hub, self._govern = session, hub, govern
        self._opened, self._dry_run, self._now = opened, dry_run, now
        self._hub_reviewers = HubReviewers(session, opened.configuration)

    def project(self, key: str, remote: Sequence[RemoteItem]) -> BroughtIn:
        """Record what Govern says anew of the items of one project."""
        before, problems = _dss_items(self._session, key)
        by_ids = {item.address.ids: item for item in remote}
        entries_by_item: dict[Address, list[GovernEntry]] = {}
        for address, item in before.items():
            try:
                news = self._news(address, by_ids.get(address.ids), item)
            except GovernMirrorError as error:
                problems.append((key, f"{address}: {error}"))
                continue
            if news:
                entries_by_item[address] = news
        readings = []
        if entries_by_item:
            after, _ = _dss_items(self._session, key)
            opened = self._opened if self._dry_run else self._hub.open()
            for address, news in entries_by_item.items():
                if address not in after or after[address].subject != before[address].subject:
                    news = [replace(said, subject={}, digest="", fault=CHANGED_MEANWHILE) for said in news]
                try:
                    readings += self._record(address, news, opened)
                except GovernMirrorError as error:
                    problems.append((key, f"{address}: {error}"))
        asked = self._reviewers(remote[-1].artifact_id, REVIEW_STEP) if remote else None
        proposal = self._hub_reviewers.proposal(key, asked) if asked else None
        return BroughtIn(tuple(readings), ((key, proposal),) if proposal else (), tuple(problems))

    def _news(self, address: Address, remote: RemoteItem | None, item: DssItem) -> list[GovernEntry]:
        """What Govern says of an item that the ledger does not hold as the last of it."""
        entries = list(map(to_entry, self._opened.entries(address)))
        last = {step: govern_signoff_of(entries, step, self._node).last for step in self._steps(entries)}
        if remote is None:
            gone = [said[-1] for said in last.values() if said and said[-1].status is not None]
            return [self._entry(item, RemoteSignoff(said.step, None, NOT_LISTED), said.artifact) for said in gone]
        shown = read_reviews(remote.shown)
        # whom Govern asks is told by no list, and matters while it waits
        waits = any(signoff.status and signoff.status.is_open for signoff in (shown or {}).values())
        if shown is not None and not waits:
            listed = self._said(item, shown, remote, last)
            if not _unlike_last(listed, last, lambda entry: entry.brief):
                return []
        signoffs = read_reviews(self._govern.signoffs(remote.artifact_id))
        said = [self._with_approvers(address, one) for one in self._said(item, signoffs, remote, last)]
        return _unlike_last(said, last, lambda entry: entry.state)

    def _said(
        self,
        item: DssItem,
        signoffs: Mapping[str, RemoteSignoff] | None,
        remote: RemoteItem,
        last: Mapping[str, tuple[GovernEntry, ...]],
    ) -> list[GovernEntry]:
        """What Govern tells of each sign-off, and that it tells no more of those that it told of."""
        told = dict(signoffs or {})
        for step in [*last, *([REVIEW_STEP] if signoffs is None else [])]:
            told.setdefault(step, RemoteSignoff(step, None, NO_LIST if signoffs is None else NOT_LISTED))
        return [self._entry(item, signoff, remote.artifact_id) for signoff in told.values()]

    def _entry(self, item: DssItem, signoff: RemoteSignoff, artifact_id: str) -> GovernEntry:
        subject = item.subject if item.fault is None and item.subject else {}
        now = (self._now or clock.now()).replace(microsecond=0)
        return GovernEntry(
            id="",
            parents=(),
            at=now,
            step=signoff.step,
            by=self._session.login,
            node=self._node,
            artifact=artifact_id,
            status=signoff.status,
            fault=signoff.fault or item.fault,
            approved_by=signoff.approved_by,
            comment=signoff.comment,
            feedback=signoff.feedback,
            subject=subject,
            digest=subject_digest(subject) if subject else "",
            barred=item.barred,
            read_at=now,
        )

    def _with_approvers(self, address: Address, said: GovernEntry) -> GovernEntry:
        """What Govern said, with who may approve there, and who of them must not, since the hub does not name them."""
        if said.status is None:
            return said
        reviewers = self._reviewers(said.artifact, said.step)
        approvers = reviewers.approvers if reviewers else None
        people = {*(approvers or ()), *([said.approved_by] if said.approved_by else ())}
        others = people - self._hub_reviewers.entitled(address.project_key)
        barred_people = {**dict.fromkeys(sorted(others), NOT_ENTITLED), **said.barred}
        return replace(said, approvers=approvers, barred=barred_people)

    def _reviewers(self, artifact_id: str, step: str) -> RemoteReviewers | None:
        try:
            return read_reviewers(self._govern.signoff_details(artifact_id, step))
        except GovernMirrorError:
            return None  # what is not told approves nothing

    def _record(self, address: Address, news: Iterable[GovernEntry], opened: OpenedHub) -> list[GovernReading]:
        readings = []
        entries = opened.entries(address)
        for said in news:
            last = govern_signoff_of(map(to_entry, entries), said.step, said.node).last
            if any(other.read_at and said.read_at and other.read_at > said.read_at for other in last):
                continue  # another sync asked later, and has recorded it
            at = max([said.at, *(entry.at for entry in entries)])
            body = govern_body(said)
            entry = LedgerEntry(EntryKind.GOVERN, address, said.step, at, said.by, heads_of(entries), body)
            if not self._dry_run:
                self._hub.append(entry)
            entries.append(entry)
            state = govern_signoff_of(map(to_entry, entries), said.step, said.node)
            counts = self._opened.configuration.switches.govern_approvals
            readings.append(GovernReading(address, to_govern(entry), state, counts))
        return readings

    @property
    def _node(self) -> str:
        return self._govern.node_id or ""

    def _steps(self, entries: Iterable[Any]) -> list[str]:
        said = (entry for entry in entries if isinstance(entry, GovernEntry) and entry.node == self._node)
        return list(dict.fromkeys(entry.step for entry in said))


def _unlike_last(
    said: Iterable[GovernEntry], last: Mapping[str, tuple[GovernEntry, ...]], state: Callable[[GovernEntry], object]
) -> list[GovernEntry]:
    """What tells something else than was said last of the same step."""
    news = []
    for one in said:
        before = last.get(one.step, ())
        if not before or any(state(other) != state(one) for other in before):
            news.append(one)
    return news


def _dss_items(session: Session, key: str) -> tuple[dict[Address, DssItem], list[tuple[str, str]]]:
    """The bundles and versions of a project, and what could not be read.

    Raises:
        GovernMirrorError: its bundles or the list of its models cannot be read.
    """
    client, problems = session.store.client, list[tuple[str, str]]()
    items = {item_address(key, bundle): _dss_item(bundle) for bundle in exported_bundles(client, key)}
    for model in saved_model_ids(client, key):
        try:
            versions = model_versions(client, key, model)
        except GovernMirrorError as error:
            problems.append((key, str(error)))
            continue
        items |= {item_address(key, version): _dss_item(version) for version in versions}
    return items, problems


def _dss_item(source: Bundle | ModelVersion) -> DssItem:
    subject = subject_of(source)
    fault = None if subject else NO_STAMP
    if isinstance(source, ModelVersion) and source.is_agent:
        fault = EDITED_IN_PLACE
    return DssItem(subject, fault, barred(Signoff(), **made_by(source)))
