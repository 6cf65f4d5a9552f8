"""The ledger's entries: one JSON file each, never changed, each naming the entries of its item that it saw.

An entry is named by a hash of what it holds, so a changed one does not fit its name; one that is gone is missed by
those that saw it. Only the last ones of an item can go unnoticed: their names are kept elsewhere, too, in what a gate
prints and in snapshots, and `audit` takes them from there.

There is no key in the hash. Who may write the hub's folder can write entries, which is why people must not; who can
all the same is what `hub check` lists.

`FORMAT_VERSION` history: 1, the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from functools import cached_property
from typing import Any

from govern_mirror import fast_json
from govern_mirror.errors import InputError
from govern_mirror.model.address import Address, parse_address
from govern_mirror.model.event import digest
from govern_mirror.model.govern_signoff import GovernEntry
from govern_mirror.model.hub_facts import Attestation
from govern_mirror.model.reviewers import Delegation, Person, Role
from govern_mirror.model.signoff import Act, FeedbackStatus, SignoffEntry, SignoffStatus, signoff_of
from govern_mirror.text import clipped
from govern_mirror.times import iso_time, parse_time

FORMAT_VERSION = 1
FOLDER = "ledger/"
"""Where the entries stand in the hub's managed folder."""

MAX_ENTRY = 1 << 20
"""Bytes of an entry's file."""

CLOCK_SKEW = timedelta(minutes=5)
"""How far clocks may differ before an entry counts as written in the future."""

_HUB = "hub"
"""The item that entries about the hub itself, such as its configuration, belong to."""


class EntryKind(str, Enum):
    """What an entry is about."""

    SIGNOFF = "signoff"
    CONFIGURATION = "configuration"
    EMERGENCY = "emergency"
    GOVERN = "govern"
    ATTESTATION = "attestation"


@dataclass(frozen=True)
class LedgerEntry:
    """One entry, as it is stored.

    Attributes:
        kind: what it is about.
        item: the address of the item; None for the hub itself.
        step: the id of the step, where it is about one.
        at: when it was written (UTC, whole seconds).
        by: login of who did it, as DSS gave it.
        parents: the ids of the entries of the same item that its author saw last, sorted.
        body: what it says, as JSON.
    """

    kind: EntryKind
    item: Address | None
    step: str | None
    at: datetime
    by: str
    parents: tuple[str, ...] = ()
    body: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def document(self) -> dict[str, Any]:
        """The entry as JSON."""
        return {
            "format": FORMAT_VERSION,
            "kind": self.kind.value,
            "item": item_name(self.item),
            "step": self.step,
            "at": iso_time(self.at),
            "by": self.by,
            "parents": list(self.parents),
            "body": dict(self.body),
        }

    @cached_property
    def id(self) -> str:
        """128 bits over all that it holds, in hexadecimal."""
        return digest(self.content.decode("ascii"))

    @property
    def path(self) -> str:
        """Where its file stands in the hub's folder."""
        return f"{folder_prefix(self.item)}{self.id}.json"

    @cached_property
    def content(self) -> bytes:
        """Its file."""
        return fast_json.canonical(self.document).encode("ascii")


def item_name(item: Address | None) -> str:
    """The item of an entry as text; the hub's own entries have no address.

    Raises:
        InputError: the item is a project that is named as those are, which nobody could tell apart.
    """
    if item is None:
        return _HUB
    name = str(item)
    if name == _HUB:
        raise InputError(
            f"a project of the key {_HUB} cannot be told from the hub's own entries, so nothing of it is signed off: "
            "duplicate it under another key"
        )
    return name


def folder_prefix(item: Address | None) -> str:
    """What the paths of an item's entries begin with: a hash of its address."""
    return f"{FOLDER}{digest(item_name(item))}-"


def is_of_item(path: str) -> bool:
    """Whether a path begins as those of some item's entries do, whatever follows."""
    name, dash, _ = path.removeprefix(FOLDER).partition("-")
    return bool(dash) and len(name) == 32 and set(name) <= set("0123456789abcdef")


def entry_id(path: str) -> str:
    """The id that an entry's path claims; empty when it is not the path of one."""
    name = path.removeprefix(FOLDER)
    address, _, rest = name.partition("-")
    return rest.removesuffix(".json") if len(address) == 32 and len(rest) == 37 and rest.endswith(".json") else ""


def read_entry(path: str, content: bytes) -> LedgerEntry:
    """Read an entry's file.

    Raises:
        ValueError: it is not one, or not the one that its name says; the message says why.
    """
    if len(content) > MAX_ENTRY:
        raise ValueError(f"it is larger than {MAX_ENTRY:,} bytes")
    document = fast_json.loads_bounded(content.decode("utf-8"), exact=True)
    if not isinstance(document, dict) or document.get("format") != FORMAT_VERSION:
        raise ValueError("it is no entry of a format that this version knows")
    try:
        item = None if document["item"] == _HUB else parse_address(document["item"])
        body, parents, step, by = document["body"], document["parents"], document["step"], document["by"]
        if not isinstance(body, dict) or not isinstance(by, str) or not isinstance(step, str | None):
            raise ValueError("a value is of a wrong type")
        if not isinstance(parents, list) or not all(isinstance(parent, str) for parent in parents):
            raise ValueError("its parents are no list of ids")
        entry = LedgerEntry(
            EntryKind(document["kind"]), item, step, parse_time(document["at"]), by, tuple(parents), body
        )
    except KeyError as error:
        raise ValueError(f"it lacks {error}") from error
    except InputError as error:
        raise ValueError(str(error)) from error
    if entry.content != content or entry.path != path.lstrip("/"):
        raise ValueError("it was changed, or is another entry than its name says")
    return entry


# sign-offs ---------------------------------------------------------------------------------------------------------


def signoff_body(entry: SignoffEntry) -> dict[str, Any]:
    """What a ledger entry holds of one thing that somebody did in a sign-off; what is empty is left out."""
    delegation = entry.delegation
    body = {
        "act": entry.act.value,
        "role": entry.role.value,
        "on_behalf_of": entry.on_behalf_of,
        "feedback": entry.feedback.value if entry.feedback else None,
        "comment": entry.comment,
        "delegation": delegation
        and {
            "role": delegation.role.value,
            "of": delegation.of,
            "to": delegation.to,
            "until": iso_time(delegation.until),
        },
        "subject": dict(entry.subject),
        "digest": entry.digest,
        "values": dict(entry.values),
        "reviewers": {role: list(names) for role, names in entry.reviewers.items()},
        "groups": list(entry.groups),
        "barred": dict(entry.barred),
    }
    return {name: value for name, value in body.items() if value}


def to_signoff(entry: LedgerEntry) -> SignoffEntry:
    """Read what somebody did in a sign-off.

    Raises:
        ValueError: the entry's body is not that of one.
    """
    body = entry.body
    try:
        handed_over = body.get("delegation")
        return SignoffEntry(
            id=entry.id,
            parents=entry.parents,
            at=entry.at,
            step=_text(entry.step),
            by=entry.by,
            act=Act(body["act"]),
            role=Role(body["role"]),
            on_behalf_of=_text_or_none(body.get("on_behalf_of")),
            feedback=FeedbackStatus(body["feedback"]) if "feedback" in body else None,
            comment=_text_or_none(body.get("comment")),
            delegation=_delegation(handed_over) if handed_over else None,
            subject=_object(body.get("subject", {})),
            digest=_text(body.get("digest", "")),
            values=_object(body.get("values", {})),
            reviewers={role: _texts(names) for role, names in _object(body.get("reviewers", {})).items()},
            groups=_texts(body.get("groups", [])),
            barred={login: _text(why) for login, why in _object(body.get("barred", {})).items()},
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"it is no entry of a sign-off ({clipped(str(error))})") from error


def _delegation(document: Mapping[str, Any]) -> Delegation:
    until = document.get("until")
    return Delegation(
        Role(document["role"]), _text(document["of"]), _text(document["to"]), parse_time(until) if until else None
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is of another type")
    return value


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("a list is of another type")
    return value


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(_text, _list(value)))


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("an object is of another type")
    return dict(value)


def _text_or_none(value: object) -> str | None:
    return None if value is None else _text(value)


# attestations ------------------------------------------------------------------------------------------------------


def to_attestation(entry: LedgerEntry) -> Attestation:
    """Read that somebody vouched for values.

    Raises:
        ValueError: the entry's body is not that of an attestation.
    """
    try:
        digests = {path: _text(digest_) for path, digest_ in _object(entry.body["attested"]).items()}
        last_event = entry.body["last_event"]
        if type(last_event) is not int or not digests:
            raise TypeError("it attests nothing, or no state of a project")
        last_hash = _text(entry.body.get("last_hash", ""))
        return Attestation(entry.id, entry.at, entry.by, digests, last_event, last_hash)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"it is no attestation ({clipped(str(error))})") from error


def attestation_fault(entry: LedgerEntry) -> str | None:
    """Why an attestation must not count, though the ledger holds it; None when it may.

    The plugin's own code writes no such entry: this is a second look, at what somebody else may have put there.
    """
    body = entry.body
    try:
        role, groups = Role(body["role"]), frozenset(_texts(body.get("groups", [])))
        names = _texts(_object(body["reviewers"]).get(role.value, []))
    except (KeyError, TypeError, AttributeError, ValueError):
        return "it does not say by which right its author attested"
    person = Person(entry.by, groups)
    if role not in ATTESTING or person.is_key or not person.is_among(names):
        return f"its author could not attest ({role.label})"
    return None


ATTESTING = (Role.FINAL_APPROVER, Role.MANAGER)
"""Who may attest: final approvers of the project, and governance managers."""


# what Govern says --------------------------------------------------------------------------------------------------


def govern_body(entry: GovernEntry) -> dict[str, Any]:
    """What a ledger entry holds of what Govern answered; what is empty is left out, but for who may approve."""
    body = {
        "role": Role.GOVERN.value,
        "node": entry.node,
        "artifact": entry.artifact,
        "status": entry.status.value if entry.status else None,
        "fault": entry.fault,
        "approved_by": entry.approved_by,
        "comment": entry.comment,
        "said": [dict(one) for one in entry.feedback],
        "subject": dict(entry.subject),
        "digest": entry.digest,
        "barred": dict(entry.barred),
        "read_at": iso_time(entry.read_at),
    }
    document = {name: value for name, value in body.items() if value}
    return document if entry.approvers is None else {**document, "approvers": list(entry.approvers)}


def to_govern(entry: LedgerEntry) -> GovernEntry:
    """Read what Govern answered.

    Raises:
        ValueError: the entry's body is not that of one, or says two things of what it is about.
    """
    body = entry.body
    try:
        status, approvers, read_at = body.get("status"), body.get("approvers"), body.get("read_at")
        answer = GovernEntry(
            id=entry.id,
            parents=entry.parents,
            at=entry.at,
            step=_text(entry.step),
            by=entry.by,
            node=_text(body["node"]),
            artifact=_text(body["artifact"]),
            status=None if status is None else SignoffStatus(status),
            fault=_text_or_none(body.get("fault")),
            approved_by=_text_or_none(body.get("approved_by")),
            comment=_text_or_none(body.get("comment")),
            approvers=None if approvers is None else _texts(approvers),
            feedback=tuple(map(_object, _list(body.get("said", [])))),
            subject=_object(body.get("subject", {})),
            digest=_text(body.get("digest", "")),
            barred={login: _text(why) for login, why in _object(body.get("barred", {})).items()},
            read_at=parse_time(_text(read_at)) if read_at is not None else None,
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"it is no entry of what Govern said ({clipped(str(error))})") from error
    if answer.digest != (digest(fast_json.canonical(dict(answer.subject))) if answer.subject else ""):
        raise ValueError("it says two things of the item that it is about")
    return answer


def to_entry(entry: LedgerEntry) -> SignoffEntry | GovernEntry | LedgerEntry:
    """Read what an entry says; one that is neither of a sign-off nor of what Govern said is returned as it is.

    Raises:
        ValueError: its body is not that of its kind.
    """
    if entry.kind is EntryKind.SIGNOFF:
        return to_signoff(entry)
    return to_govern(entry) if entry.kind is EntryKind.GOVERN else entry


# audit -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Break:
    """What in the ledger is not as it was written.

    Attributes:
        path: the file that it is about.
        message: what is wrong, and what that means.
        at: when the entry was written, where that is known.
    """

    path: str
    message: str
    at: datetime | None = None


def read_entries(files: Mapping[str, bytes]) -> tuple[list[LedgerEntry], list[Break]]:
    """Read the files of the ledger: the entries, and what is none of them as it was written."""
    entries: list[LedgerEntry] = []
    faults: list[Break] = []
    for path, content in files.items():
        try:
            entries.append(read_entry(path, content))
        except (ValueError, RecursionError) as error:
            faults.append(Break(path, f"{error}: restore it from a backup, and look who may write the hub"))
    return entries, faults


def audit(
    entries: Iterable[LedgerEntry],
    now: datetime,
    known_heads: Mapping[str, Iterable[str]] | None = None,
    faults: Iterable[Break] = (),
) -> tuple[Break, ...]:
    """Verify the ledger, or the entries of some of its items.

    Args:
        entries: of an item all of them.
        now: an aware time.
        known_heads: by address, ids of entries that were seen elsewhere and must still be there, such as in what a
            gate printed.
        faults: what could not be read.

    Returns:
        What is wrong, by the time of the entry, what has none first; none when the ledger is whole.
    """
    breaks = list(faults)
    items: dict[str, list[LedgerEntry]] = {}
    for entry in entries:
        items.setdefault(item_name(entry.item), []).append(entry)
    for name, of_item in items.items():
        breaks += breaks_of(name, of_item, now)
    for name, ids in (known_heads or {}).items():
        present = {entry.id for entry in items.get(name, ())}
        breaks += [
            Break(f"{FOLDER}…-{id_}.json", f"{name}: an entry that was seen elsewhere is gone")
            for id_ in sorted(set(ids) - present)
        ]
    return tuple(sorted(breaks, key=lambda b: (b.at is not None, b.at or now, b.path)))


def breaks_of(name: str, entries: Sequence[LedgerEntry], now: datetime | None) -> list[Break]:
    """Return what is wrong with the entries of one item, each of which is what its name says.

    Args:
        name: of the item.
        entries: all of it.
        now: an aware time; None where it does not matter whether they are of a time to come.
    """
    by_id = {entry.id: entry for entry in entries}
    breaks = [
        Break(entry.path, f"it says that it was written at {iso_time(entry.at)}, which is to come", entry.at)
        for entry in entries
        if now is not None and entry.at > now + CLOCK_SKEW
    ]
    for entry in entries:
        for parent in entry.parents:
            if parent not in by_id:
                breaks.append(Break(entry.path, f"{name}: it saw the entry {parent}, which is gone", entry.at))
            elif by_id[parent].at > entry.at + CLOCK_SKEW:
                breaks.append(Break(entry.path, f"{name}: it saw the entry {parent}, which is younger", entry.at))
    roots = [entry for entry in entries if not entry.parents]
    # two honest entries that were the first at the same moment are a fork, as anywhere else
    first = min((entry.at for entry in roots), default=None)
    breaks += [
        Break(entry.path, f"{name}: it saw none of the entries before it", entry.at)
        for entry in roots
        if first is not None and entry.at > first + CLOCK_SKEW
    ]
    return breaks + _ineffective(name, entries)


def _ineffective(name: str, entries: Sequence[LedgerEntry]) -> list[Break]:
    """Entries that cannot be read as what they say they are, or that their authors were not allowed to write."""
    breaks = []
    readable: list[SignoffEntry | GovernEntry | LedgerEntry] = []
    for entry in entries:
        try:
            readable.append(to_entry(entry))
            if entry.kind is EntryKind.ATTESTATION:
                to_attestation(entry)
        except ValueError as error:
            breaks.append(Break(entry.path, f"{name}: {error}", entry.at))
    by_id = {entry.id: entry for entry in entries}
    for entry in entries:
        why = attestation_fault(entry) if entry.kind is EntryKind.ATTESTATION else None
        if why:
            breaks.append(Break(entry.path, f"{name}: {why}, so that it does not count", entry.at))
    for step in dict.fromkeys(entry.step for entry in readable if isinstance(entry, SignoffEntry)):
        for id_, why in signoff_of(readable, step).refused.items():
            breaks.append(Break(by_id[id_].path, f"{name}: {why}, so that it does not count", by_id[id_].at))
    return breaks
