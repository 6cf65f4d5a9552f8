"""One safe write for every document that an API replaces whole: project metadata, wiki articles, Govern artifacts.

Neither API knows compare-and-set: the last PUT of a whole document wins. So a document is read just before it is put,
nothing stands between the two, and the write is looked for afterwards: at once, and again after the settling time,
since a writer who read before our PUT may put what they read after it. Every writer of an instance keeps the same
settling time, and none puts what it read longer ago than a third of it: whoever could overwrite ours has done so by
then. What was lost is written anew on what is there, or told as a conflict. A PUT is never repeated blindly: after an
unclear end the document tells whether it was written.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Generic, TypeVar

from govern_mirror import clock
from govern_mirror.errors import ConflictError, ConnectionFailed, GovernMirrorError, WriteRefused, WriteUnclear

MAX_TRIES = 5
"""How often a write starts again when someone else changes the same values, or when it was lost."""

MAX_FAILURES = 3
"""How often a PUT is tried that fails for now, and was looked up and not found each time."""

MAX_BASE_READS = 5
"""How many reads may be taken to find two equal ones in a row."""

MAX_STALE_READS = 3
"""How often a read may be too old to be put by the time it is there, before the server counts as slow."""

SETTLING_SECONDS = 1.0
"""The settling time where no setting says otherwise."""

FRESHNESS = 1 / 3
"""What part of the settling time may pass between a read and the PUT of what was read."""

Document = TypeVar("Document")
Planned = TypeVar("Planned")
Claim = TypeVar("Claim")


@dataclass(frozen=True)
class Written(Generic[Document, Planned, Claim]):
    """How a write ended; without a plan, body and claim there was nothing to write.

    Attributes:
        planned: what was written.
        body: the document as it was put.
        claim: what must be true of the document for as long as the write is in it.
        document: the document as it was read back at once.
        unprotected: whether the server answered too slowly to keep the time within which others would notice.
    """

    planned: Planned | None
    body: Document | None
    claim: Claim | None
    document: Document
    unprotected: bool = False


class SafeWrite(ABC, Generic[Document, Planned, Claim]):
    """What a kind of document has to tell, so that it can be written safely.

    Attributes:
        name: what messages call the document.
        reads_twice: whether two equal reads in a row must stand before a PUT: where a damaged answer would wipe what
            others keep in the document, and where planning takes requests of its own. Without, one read does.
        settling_seconds: the settling time; 0 where nobody else writes.
    """

    name: str = ""
    reads_twice: bool = False
    settling_seconds: float = SETTLING_SECONDS

    @abstractmethod
    def read(self) -> Document:
        """Read the document, and check that it is one."""

    @abstractmethod
    def put(self, body: Document) -> None:
        """Replace the document."""

    @abstractmethod
    def plan(self, document: Document) -> Planned | None:
        """Decide what to write, and do what has to stand before the write; None when there is nothing to write."""

    @abstractmethod
    def body(self, planned: Planned, base: Document) -> Document:
        """Return the base with the change in it. Pure: it stands between the last read and the PUT."""

    @abstractmethod
    def claim(self, planned: Planned, body: Document) -> Claim:
        """Return what tells the write in the document, and tells whether it can be made anew when it was lost."""

    @abstractmethod
    def holds(self, claim: Claim, document: Document) -> bool:
        """Whether the write is in the document, though others may have written on top of it."""

    @abstractmethod
    def require_unchanged(self, claim: Claim, document: Document) -> None:
        """Raise ConflictError when a lost write cannot be made anew, since the same values have changed."""

    def same_base(self, planned_on: Document, document: Document) -> bool:
        """Whether what the change was decided on is still the same."""
        return planned_on == document

    def same_document(self, one: Document, other: Document) -> bool:
        """Whether two reads show the same document."""
        return one == other

    def before_last_read(self) -> None:
        """Look at what else tells of other writers, before what may be the last read."""

    def read_settled(self) -> Document:
        """Read the document for the second confirmation."""
        return self.read()

    def run(
        self, *, settle: bool = True, lost: Claim | None = None, first: Document | None = None
    ) -> Written[Document, Planned, Claim]:
        """Write safely.

        Args:
            settle: whether to wait for the settling time and look again; a bulk write does that once for all.
            lost: the claim of an earlier run whose write was lost.
            first: the document as a list has it, for deciding on the change; None to read it. It is never the base.

        Raises:
            ConflictError: someone else changed the same values, or keeps writing.
            WriteUnclear: it may have been written, and could not be looked up.
            GovernMirrorError: what reading, planning and putting raise; then nothing was written.
        """
        failure: GovernMirrorError | None = None
        failures = 0
        for _ in range(MAX_TRIES):
            started = clock.monotonic()
            document_before, first = first or self.read(), None
            if lost is not None:
                self.require_unchanged(lost, document_before)
            planned = self.plan(document_before)
            if planned is None:
                return Written(None, None, None, document_before)
            body, unprotected = self._fresh_body(planned, document_before, started)
            if body is None:
                continue
            claim = self.claim(planned, body)
            document, failure = self._put_and_look(body, claim)
            if document is None:
                failures += 1
                if failure is not None and (not _is_passing(failure) or failures == MAX_FAILURES):
                    raise failure
                continue
            if self.holds(claim, document) and (not settle or self.holds(claim, self._settled(document))):
                return Written(planned, body, claim, document, unprotected)
            lost = claim
        if lost is None:
            raise ConflictError(
                f"{self.name}: someone else keeps changing the same values; nothing was written, try again"
            )
        raise failure or ConflictError(
            f"{self.name}: the change was accepted {MAX_TRIES} times and is not in it: someone else keeps writing it "
            "at the same moment, or the server drops what is written; look at it and try again"
        )

    def _fresh_body(self, planned: Planned, first: Document, started: float) -> tuple[Document | None, bool]:
        """Return what to put, made from a fresh read, and whether it is none that is fresh.

        There is nothing to put when what the change was decided on is no more.
        """
        if not self.reads_twice:
            body = self.body(planned, first)
            return body, not self._is_fresh(started)
        previous, stale_reads = first, 0
        for _ in range(MAX_BASE_READS):
            self.before_last_read()
            started = clock.monotonic()
            base = self.read()
            if not self.same_base(first, base):
                return None, False
            if self.same_document(previous, base):
                body = self.body(planned, base)
                if self._is_fresh(started):
                    return body, False
                stale_reads += 1
                if stale_reads == MAX_STALE_READS:
                    return body, True
            previous = base
        raise WriteRefused(
            f"{self.name} is not written: it reads differently each time; nothing was written, try again"
        )

    def _is_fresh(self, started: float) -> bool:
        """Whether what was read since then may be put: after a stall, others' writes would be overwritten."""
        return not self.settling_seconds or clock.monotonic() - started <= self.settling_seconds * FRESHNESS

    def _put_and_look(self, body: Document, claim: Claim) -> tuple[Document | None, GovernMirrorError | None]:
        """Put, and return the document as it is then; None when it was not written, with the reason."""
        try:
            self.put(body)
        except ConnectionFailed as error:
            if error.never_sent:
                return None, error
            document = self._looked_up(claim, error)
            return (document, None) if self.holds(claim, document) else (None, error)
        try:
            return self.read(), None
        except GovernMirrorError as error:
            raise WriteUnclear(
                f"{self.name}: the change was accepted, but could not be read back ({error}): it may have been "
                "written; look before you try again"
            ) from error

    def _looked_up(self, claim: Claim, error: ConnectionFailed) -> Document:
        """Read what became of a PUT without a clear answer: at once, and again when it may have arrived late."""
        try:
            document = self.read()
            if self.holds(claim, document):
                return document
            clock.sleep(self.settling_seconds)
            return self.read()
        except GovernMirrorError as unread:
            raise WriteUnclear(
                f"{self.name}: the answer to the change did not arrive ({error}), and it could not be looked up "
                f"({unread}): it may have been written; look before you try again"
            ) from unread

    def _settled(self, document: Document) -> Document:
        if not self.settling_seconds:
            return document
        clock.sleep(self.settling_seconds)
        return self.read_again()

    def read_again(self) -> Document:
        """Read the document after the settling time.

        Raises:
            WriteUnclear: it cannot be read, so that nobody knows whether the write is in it.
        """
        try:
            return self.read_settled()
        except GovernMirrorError as error:
            raise WriteUnclear(
                f"{self.name}: it was written, but could not be read again after the settling time ({error}): another "
                "writer may have replaced it; look at it"
            ) from error


def _is_passing(error: GovernMirrorError) -> bool:
    """Whether trying again may help: the network, or a server that is too busy for now."""
    return isinstance(error, ConnectionFailed) and error.status in (None, 408, 429, 502, 503, 504)
