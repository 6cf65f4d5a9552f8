"""The register of approvals: all that people did in sign-offs, for who may read the hub, also when the item is gone."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from govern_mirror import clock
from govern_mirror.actions.hub import configuration_breaks, hub_of
from govern_mirror.actions.inputs import refuses_wrong_types
from govern_mirror.actions.session import Session
from govern_mirror.errors import InputError
from govern_mirror.hub.ledger import Break, EntryKind, LedgerEntry, audit, item_name, read_entries
from govern_mirror.labels import field_label
from govern_mirror.model.blueprint import Blueprint
from govern_mirror.model.reviewers import Role
from govern_mirror.model.signoff import Act, in_order
from govern_mirror.text import clipped, spreadsheet_text
from govern_mirror.times import iso_time, parse_date

MAX_ENTRIES = 1000
"""How many entries an answer to the live page holds; the rest is counted, and exported."""

CSV_COLUMNS = (
    "at", "by", "for", "role", "act", "item", "step", "feedback", "comment", "id", "subject", "reviewers", "values",
)  # fmt: skip
"""What the file holds of each entry, by the names in the JSON."""

AT_ONCE = 100
"""How many entries a part of the file holds."""


@dataclass(frozen=True)
class RegisterFilter:
    """Which entries are asked for; what is None does not matter.

    Attributes:
        item: what the address holds, such as a project's key, in any case.
        by: the login of who acted, or for whom.
        act: what was done, by its name in the ledger; `emergency` and `configuration` are among them.
        since, until: from this time on, and before this one (aware).
    """

    item: str | None = None
    by: str | None = None
    act: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def takes(self, entry: LedgerEntry) -> bool:
        """Whether it wants an entry."""
        if self.item and self.item.casefold() not in item_name(entry.item).casefold():
            return False
        if self.by and self.by not in (entry.by, entry.body.get("on_behalf_of")):
            return False
        if self.act and self.act != act_of(entry):
            return False
        return (self.since is None or entry.at >= self.since) and (self.until is None or entry.at < self.until)


@dataclass(frozen=True)
class Register:
    """Entries of the ledger, the latest first, and how its verification ended.

    Attributes:
        entries: those that were asked for, at most as many as were asked for.
        found: how many there are.
        all: how many the ledger has.
        breaks: what is not as it was written.
        checked_at: when that was looked at.
    """

    entries: tuple[LedgerEntry, ...]
    found: int
    all: int
    breaks: tuple[Break, ...]
    checked_at: datetime


def parse_register_filter(
    item: str | None = None,
    by: str | None = None,
    act: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> RegisterFilter:
    """Read which entries are wanted, as people type it: the days are whole ones in UTC, the last among them.

    Raises:
        InputError: a day is none, or nobody can do such a thing.
    """
    acts = (*(each.value for each in Act), *(kind.value for kind in EntryKind if kind is not EntryKind.SIGNOFF))
    if act is not None and act not in acts:
        raise InputError(f"unknown act {clipped(act)!r}: use one of {', '.join(acts)}")
    last = _day(until)
    return RegisterFilter(item, by, act, _day(since), None if last is None else last + timedelta(days=1))


def _day(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        day = parse_date(text)
    except ValueError as error:
        raise InputError(f"{clipped(text)} is no day as YYYY-MM-DD ({error})") from error
    return datetime(day.year, day.month, day.day, tzinfo=timezone.utc)


@refuses_wrong_types
def read_register(
    session: Session,
    selection: RegisterFilter = RegisterFilter(),
    *,
    limit: int | None = MAX_ENTRIES,
    now: datetime | None = None,
) -> Register:
    """Read the register, and verify the ledger that it comes from.

    Args:
        session: of somebody who may read the hub; no other right is needed.
        selection: which entries.
        limit: how many, the latest of them; None for all.
        now: an aware time; None for the present.

    Raises:
        GovernMirrorError: the hub cannot be read.
    """
    now = now or clock.now()
    opened = hub_of(session).open()
    files = opened.files(opened.ledger_paths)
    entries, faults = read_entries(files)
    matches = [entry for entry in reversed(_in_order(entries)) if selection.takes(entry)]
    own = [entry for entry in entries if entry.item is None]
    breaks = (*audit(entries, now, faults=faults), *configuration_breaks(opened, own))
    return Register(tuple(matches[:limit]), len(matches), len(files), breaks, now)


def _in_order(entries: list[LedgerEntry]) -> list[LedgerEntry]:
    """The entries by time; of one second, each after those that it saw."""
    try:
        return in_order({entry.id: entry for entry in entries})
    except InputError:  # in a circle, which is a break
        return sorted(entries, key=lambda entry: (entry.at, entry.id))


def act_of(entry: LedgerEntry) -> str:
    """What an entry says was done: an act of a sign-off, or the kind of the entry."""
    act = entry.body.get("act") if entry.kind is EntryKind.SIGNOFF else None
    return act if isinstance(act, str) else entry.kind.value


def register_json(register: Register, blueprint: Blueprint) -> dict[str, Any]:
    """The register as the live page gets it, and `reviews --all --format json`."""
    return {
        "format_version": 1,
        "found": register.found,
        "all": register.all,
        "checked_at": iso_time(register.checked_at),
        "breaks": [{"path": b.path, "message": b.message} for b in register.breaks],
        "entries": [entry_json(entry, blueprint) for entry in register.entries],
    }


def entry_json(entry: LedgerEntry, blueprint: Blueprint) -> dict[str, Any]:
    """One entry of the register."""
    body = entry.body
    values = body.get("values")
    reviewers = body.get("reviewers")
    return {
        "id": entry.id,
        "at": iso_time(entry.at),
        "by": entry.by,
        "for": _text(body.get("on_behalf_of")),
        "item": item_name(entry.item),
        "step": entry.step,
        "act": act_of(entry),
        "words": _words(entry),
        "role": _role_label(body.get("role")),
        "feedback": _text(body.get("feedback")),
        "comment": _text(body.get("comment")) or _text(body.get("reason")),
        "subject": body.get("subject") if isinstance(body.get("subject"), Mapping) else None,
        "values": [
            {"path": path, "label": field_label(blueprint, path), "value": value}
            for path, value in (values.items() if isinstance(values, Mapping) else ())
        ],
        "reviewers": dict(reviewers) if isinstance(reviewers, Mapping) else {},
    }


_WORDS = {
    "emergency": "let it pass",
    "configuration": "changed the hub's configuration",
    "govern": "recorded what Govern says",
    "attestation": "attested the decision",
}


def _words(entry: LedgerEntry) -> str:
    if entry.kind is EntryKind.GOVERN:
        status = _text(entry.body.get("status"))
        return f"{_WORDS['govern']}: {status.replace('_', ' ').lower() if status else 'not readable'}"
    try:
        return Act(act_of(entry)).past
    except ValueError:
        return _WORDS.get(act_of(entry), "wrote")


def _role_label(role: object) -> str | None:
    try:
        return Role(role).label
    except ValueError:
        return None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


# as CSV -------------------------------------------------------------------------------------------------------------


def register_csv(entries: Iterable[LedgerEntry], blueprint: Blueprint) -> Iterator[bytes]:
    """The file in parts: a header, and a line for each entry, harmless in a spreadsheet.

    Args:
        entries: in the order of the lines.
        blueprint: names the fields of the values.
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(CSV_COLUMNS)
    for number, entry in enumerate(entries, 1):
        document = entry_json(entry, blueprint)
        document["values"] = {value["path"]: value["value"] for value in document["values"]}
        writer.writerow([spreadsheet_text(_cell(document[name])) for name in CSV_COLUMNS])
        if number % AT_ONCE == 0:
            yield _taken(file)
    yield _taken(file)


def _taken(file: io.StringIO) -> bytes:
    """What was written to a file, which is empty from then on."""
    content = file.getvalue().encode("utf-8", "replace")
    file.seek(0)
    file.truncate()
    return content


def _cell(cell: object) -> str:
    if cell is None:
        return ""
    return cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False)
