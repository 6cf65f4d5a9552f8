"""What Govern says of an item's sign-off, as the hub's ledger holds it, and whether that approves what the item is now.

Govern's public answers name neither the time of an approval nor what exactly was approved: a bundle is an id there. So
an approval binds to an export, or a training, only by what was seen: the sign-off was looked at while it was not
approved, the item was the same then as it is where the approval is first seen, and never another in between, as DSS
stamps each export and each training with its time. Where it is not told who approved, it must have been somebody who
may: then everybody who may approve there, both times, must be entitled here. What is not known approves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from govern_mirror.model.signoff import Entry, Signoff, SignoffStatus, in_order

REFUSALS = frozenset({SignoffStatus.REJECTED, SignoffStatus.ABANDONED})
"""What closes the gate, whoever said it, until it is reset there."""

NOT_SEEN_BEFORE = (
    "it was approved there before the hub had seen this very export or training wait for it, so that nobody can say "
    "what was approved: reset it in Govern, sync, and let it be approved again"
)


@dataclass(frozen=True, slots=True)
class GovernEntry:
    """What Govern answered of one sign-off at one time, as the ledger holds it.

    Attributes:
        id, parents, at: as `signoff.Entry` says.
        step: the id of the step in Govern.
        by: login of who ran the sync; what they hold of it changes nothing.
        node: the id of the Govern node.
        artifact: the id of the item's artifact there.
        status: where it stands there; None where that cannot be read, which is never taken for not started.
        fault: why it cannot be read, or why no state of the item can be bound to it; None where all is told.
        approved_by: login of who approved or rejected, where Govern tells it.
        comment: of the final word.
        approvers: logins of who may approve there; None where Govern did not tell.
        feedback: what reviewers said, as Govern tells it.
        subject: what the item was in DSS, before and after Govern was asked; empty where it changed or is not told.
        digest: 128 bits over the subject; empty without one.
        barred: who must not approve the item, by login, and why: who made it, and who is no approver in the hub.
        read_at: when Govern was asked.
    """

    id: str
    parents: tuple[str, ...]
    at: datetime
    step: str
    by: str
    node: str
    artifact: str
    status: SignoffStatus | None
    fault: str | None = None
    approved_by: str | None = None
    comment: str | None = None
    approvers: tuple[str, ...] | None = None
    feedback: tuple[Mapping[str, Any], ...] = ()
    subject: Mapping[str, Any] = field(default_factory=dict)
    digest: str = ""
    barred: Mapping[str, str] = field(default_factory=dict)
    read_at: datetime | None = None

    @property
    def brief(self) -> tuple[Any, ...]:
        """Where it stands, as far as a list of sign-offs tells it."""
        final = (self.approved_by, self.comment)
        feedback = [dict(one) for one in self.feedback]
        return self.step, self.node, self.artifact, self.status, self.fault, final, feedback, self.digest

    @property
    def state(self) -> tuple[Any, ...]:
        """What makes an entry another than the one before: all but the time, and who looked."""
        return *self.brief, self.approvers, dict(self.barred)

    @property
    def doubt(self) -> str | None:
        """Why whoever may approve there now must not all be taken for approvers; None when they may."""
        if not self.approvers:
            return "Govern does not tell who may approve"
        could = next((login for login in self.approvers if login in self.barred), None)
        if could is None:
            return None
        return f"Govern does not tell who approved, and it could have been {could}, who {self.barred[could]}"


@dataclass(frozen=True, slots=True)
class GovernSignoff:
    """What comes of all that Govern said of an item's sign-off.

    Attributes:
        said: the last of it; None when it said nothing.
        is_refused: whether it is rejected or abandoned there.
        digest: of what is approved there; empty when nothing is.
        fault: why nothing is, as a clause; None when something is.
        last: what was said last, by each of those who looked at the same moment.
    """

    said: GovernEntry | None = None
    is_refused: bool = False
    digest: str = ""
    fault: str | None = "Govern says nothing of it"
    last: tuple[GovernEntry, ...] = ()

    @property
    def status(self) -> SignoffStatus | None:
        """Where it stands in Govern; None when it is not there, or cannot be read."""
        return self.said.status if self.said else None

    @property
    def words(self) -> str:
        """Where it stands in Govern, for people."""
        if self.said is None:
            return "not in Govern"
        return self.said.status.label if self.said.status else "not readable"


def govern_signoff_of(entries: Iterable[Entry], step: str, node: str | None) -> GovernSignoff:
    """Compute what Govern says of an item from all entries of the item, in whatever order they were read.

    Args:
        entries: all of them: what an entry saw is told by the others in between, too.
        step: the step that is signed off.
        node: the id of the Govern node that counts; entries of others say nothing. None: none does.

    Raises:
        InputError: entries see each other in a circle.
    """
    graph = _Graph()
    for entry in in_order({entry.id: entry for entry in entries}):
        if isinstance(entry, GovernEntry) and (entry.step, entry.node) == (step, node):
            graph.add(entry)
        else:
            graph.pass_on(entry)
    return graph.result()


class _Graph:
    """The entries of one sign-off in Govern, each with those that it saw last; sets of them are bits of a number."""

    def __init__(self) -> None:
        self._said: list[GovernEntry] = []
        self._covers: list[int] = []
        self._anchors: list[str] = []
        self._refused: list[bool] = []
        self._doubts: list[str | None] = []
        self._latest: dict[str, int] = {}

    def pass_on(self, entry: Entry) -> None:
        """Note an entry that is about something else."""
        self._latest[entry.id] = _bits_of(self._seen_last(entry))

    def add(self, entry: GovernEntry) -> None:
        """Note what Govern said."""
        before = self._seen_last(entry)
        covers = _bits_of(before)
        for position in before:
            covers |= self._covers[position]
        self._latest[entry.id] = 1 << len(self._said)
        self._anchors.append(self._anchor(entry, before))
        self._doubts.append(self._doubt(entry, before))
        unread = entry.status is None and any(self._refused[position] for position in before)
        self._refused.append(entry.status in REFUSALS or unread)
        self._covers.append(covers)
        self._said.append(entry)

    def result(self) -> GovernSignoff:
        """What comes of all of them. Two that did not see each other must both approve."""
        if not self._said:
            return GovernSignoff()
        covered = 0
        for covers in self._covers:
            covered |= covers
        tips = [position for position in range(len(self._said)) if not covered >> position & 1]
        last = tuple(self._said[position] for position in tips)
        if any(self._refused[position] for position in tips):
            refusal = next(self._said[position] for position in tips if self._refused[position])
            return GovernSignoff(refusal, True, "", f"in Govern it is {_state(refusal)}", last)
        faults = [fault for position in tips if (fault := self._fault(position)) is not None]
        if not faults and len({self._said[position].digest for position in tips}) > 1:
            faults = ["two syncs at once saw two different items"]
        digest = "" if faults else last[-1].digest
        return GovernSignoff(last[-1], False, digest, faults[0] if faults else None, last)

    def _seen_last(self, entry: Entry) -> list[int]:
        """The positions of those that an entry saw, and that no other which it saw did."""
        ancestors = 0
        for parent in entry.parents:
            ancestors |= self._latest.get(parent, 0)
        positions = list(_positions(ancestors))
        covered = 0
        for position in positions:
            covered |= self._covers[position]
        return [position for position in positions if not covered >> position & 1]

    def _anchor(self, entry: GovernEntry, before: Sequence[int]) -> str:
        """The digest of what the item has been since its sign-off was seen without an approval; empty when unknown."""
        if entry.status not in (None, SignoffStatus.APPROVED):
            return entry.digest
        same = all(
            self._anchors[position] == entry.digest and self._said[position].artifact == entry.artifact
            for position in before
        )
        return entry.digest if before and same else ""

    def _doubt(self, entry: GovernEntry, before: Sequence[int]) -> str | None:
        """Why it may have been approved by who must not, since it was last seen without an approval."""
        earlier = (
            [self._doubts[position] for position in before] if entry.status in (None, SignoffStatus.APPROVED) else []
        )
        now = [] if entry.status is None else [entry.doubt]
        return next((doubt for doubt in (*now, *earlier) if doubt is not None), None)

    def _fault(self, position: int) -> str | None:
        """Why an entry approves nothing; None when it approves what its digest says."""
        entry = self._said[position]
        if entry.status is not SignoffStatus.APPROVED:
            return f"in Govern it is {_state(entry)}"
        if not entry.digest:
            return entry.fault or "it is not told what was approved"
        if not self._anchors[position]:
            return NOT_SEEN_BEFORE
        if entry.approved_by is None:
            return self._doubts[position]
        why = entry.barred.get(entry.approved_by)
        return f"it was approved there by {entry.approved_by}, who {why}" if why else None


def _state(entry: GovernEntry) -> str:
    if entry.status is None:
        return f"not readable ({entry.fault or 'Govern answered something else'})"
    return entry.status.label.lower()


def _bits_of(positions: Iterable[int]) -> int:
    bits = 0
    for position in positions:
        bits |= 1 << position
    return bits


def _positions(bits: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def approved_digests(own: Signoff, govern: GovernSignoff, *, counts: bool) -> frozenset[str]:
    """The digests of what is approved, here or in Govern: a refusal on either side outweighs both until it is reset.

    Args:
        own: the sign-off in the hub.
        govern: what Govern says of the same item.
        counts: whether the hub lets approvals in Govern count.
    """
    if own.status in REFUSALS or govern.is_refused:
        return frozenset()
    digests = {own.digest} if own.status is SignoffStatus.APPROVED else set()
    return frozenset((digests | ({govern.digest} if counts else set())) - {""})
