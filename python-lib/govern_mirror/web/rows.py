"""Rows of projects as the page lists them, kept by the content that they were made from.

What is made for one person need not be made again for the next who sees the same project. Nobody gets what they could
not have made themselves: who asks brings the content.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import orjson

from govern_mirror import fast_json
from govern_mirror.actions.item_form import needed_fields
from govern_mirror.actions.report import Reading, report_on
from govern_mirror.actions.session import Session
from govern_mirror.dss import Metadata, may_write
from govern_mirror.model.blueprint import Kind
from govern_mirror.model.item import Item, UnreadableProject
from govern_mirror.model.values import is_blank, text_of
from govern_mirror.model.workflow import CLOSED, COMPLETE
from govern_mirror.report import page_data
from govern_mirror.report.portfolio import Filters, Portfolio, Summary
from govern_mirror.times import iso_time

MAX_ROWS = 100_000
"""How many rows are kept; those that were not asked for the longest go first."""

_CHUNK = 500
"""How many projects are decoded at once: thousands of them at once would take much memory."""


Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class ListedRow:
    """One project of a list.

    Attributes:
        key: of the project.
        digest: of all of it; rows with the same one show the same.
        values: what each column holds, in the order of `Rows.columns`.
        texts: what people wrote into its long fields and documents, to be searched in; None when nothing.
        modified: when DSS says that it was changed last, in ISO 8601; None where it does not say.
    """

    key: str
    digest: bytes
    values: tuple[Any, ...]
    texts: str | None
    modified: str | None


class Recent(Generic[Value]):
    """What was made, by a key such as a digest of its content; what was not asked for the longest goes first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._entries: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Value | None:
        """Return what was kept; None when it is not there any more."""
        with self._lock:
            value = self._entries.get(key)
            if value is not None:
                self._entries.move_to_end(key)
            return value

    def keep(self, key: Hashable, value: Value) -> None:
        """Keep what was made."""
        with self._lock:
            self._entries[key] = value
            self._entries.move_to_end(key)
            while len(self._entries) > self._most:
                self._entries.popitem(last=False)


class Rows:
    """The rows of everybody, by their content.

    Attributes:
        columns: the names of the columns, and whether their values repeat, so that they are sent once each.
        by_bytes: rows by the bytes that DSS sent, and whether it said that the reader may not change the project.
        by_content: rows by their project's content, whoever reads it.
        making: held while rows are made: who waits for it finds them.
    """

    def __init__(self) -> None:
        self.columns: dict[str, bool] = {}
        self.by_bytes: Recent[tuple[ListedRow, bool]] = Recent(2 * MAX_ROWS)
        self.by_content: Recent[ListedRow] = Recent(MAX_ROWS)
        self.making = threading.Lock()

    def make(self, session: Session, projects: Sequence[Item], now: datetime) -> dict[str, ListedRow]:
        """Return the rows of projects that were decoded, by key."""
        portfolio = report_on(
            session, Reading(tuple(projects), ()), Filters(include_ungoverned=True), now=now
        ).portfolio
        table = page_data.table(portfolio)["columns"]
        table |= {
            "hidden": page_data.dictionary([_hidden(row.project) for row in portfolio.rows]),
            "missing": page_data.dictionary(_missing(portfolio)),
        }
        self.columns = {name: isinstance(column, dict) for name, column in table.items()}
        columns = [
            [column["values"][code] for code in column["codes"]] if isinstance(column, dict) else column
            for column in table.values()
        ]
        rows = {}
        for row, values in zip(portfolio.rows, zip(*columns, strict=True), strict=True):
            facts, texts = row.project.facts, _texts_of(row.project)
            modified = iso_time(facts.last_modified_on)
            digest = _hash(fast_json.dumps((facts.project_key, values, texts, modified)))
            rows[facts.project_key] = ListedRow(facts.project_key, digest, values, texts, modified)
        return rows

    def place(self, name: str) -> int:
        """Where a column stands in the values of a row."""
        return list(self.columns).index(name)

    def table(self, rows: Iterable[ListedRow]) -> dict[str, Any]:
        """Return rows as the page reads them: by column, values that repeat once each."""
        ordered = list(rows)
        records = [row.values for row in ordered]
        columns = zip(*records, strict=True) if records else ([] for _ in self.columns)
        table: dict[str, Any] = {
            name: page_data.dictionary(values) if repeats else list(values)
            for (name, repeats), values in zip(self.columns.items(), columns, strict=True)
        }
        return {**table, "modified": [row.modified for row in ordered]}


class ListReading:
    """One person's list while it is read: what is known by its bytes is not read again.

    Args:
        rows: of everybody.
        session: whose template and settings they are shown by.
        now: the time to count days from.
        made_with: as `making_key` returns it for these.

    Attributes:
        rows: by key.
        read_only: the keys of the projects that DSS does not let this person change.
        unreadable: the projects that could not be read.
    """

    def __init__(self, rows: Rows, session: Session, now: datetime, made_with: bytes) -> None:
        self.rows: dict[str, ListedRow] = {}
        self.read_only: set[str] = set()
        self.unreadable: list[UnreadableProject] = []
        self._all, self._session, self._now = rows, session, now
        self._made_with = made_with
        self._new: list[tuple[Metadata, bytes]] = []
        self._bare: list[Metadata] = []

    def take(self, raw: bytes, certain: bool) -> bool:
        """Take a project as the list has it; return whether the bytes are a whole one."""
        digest = _hash(raw, self._made_with)
        entry = self._all.by_bytes.get(digest)
        if entry is not None:
            self._add(*entry)
            return True
        item = fast_json.loads_item(raw, certain=certain)
        if item is None:
            return False
        if isinstance(item.get("projectKey"), str):
            if "customFields" in item:
                self._new.append((item, digest))
                if len(self._new) == _CHUNK:
                    self._make()
            else:
                self._bare.append(item)
        return True

    def finish(self) -> None:
        """Read what is left: what came last, and what the list does not hold whole."""
        self._make()
        for start in range(0, len(self._bare), _CHUNK):
            self._decode(self._bare[start : start + _CHUNK])
        if not self._all.columns:
            self._all.make(self._session, [], self._now)  # who sees no project is told of the columns, too

    def _make(self) -> None:
        """Make the rows of new content, unless it was made for somebody meanwhile."""
        new, self._new = self._new, []
        with self._all.making:
            digests = {raw: _content_digest(item, self._made_with) for item, raw in new}
            rows = {raw: self._all.by_content.get(digest) for raw, digest in digests.items() if digest}
            new_rows = self._decode([item for item, raw in new if rows.get(raw) is None])
            for item, raw in new:
                row, digest = rows.get(raw) or new_rows.get(item["projectKey"]), digests[raw]
                if row is None or digest is None:
                    continue
                is_read_only = may_write(item) is False
                self._all.by_content.keep(digest, row)
                self._all.by_bytes.keep(raw, (row, is_read_only))
                self._add(row, is_read_only)

    def _decode(self, items: Sequence[Metadata]) -> dict[str, ListedRow]:
        projects, unreadable = self._session.store.decode_listed(items, history=False)
        self.unreadable += unreadable
        rows = self._all.make(self._session, projects, self._now) if projects else {}
        for item in items:
            row = rows.get(item["projectKey"])
            if row is not None:
                self._add(row, may_write(item) is False)
        return rows

    def _add(self, row: ListedRow, is_read_only: bool) -> None:
        self.rows[row.key] = row
        (self.read_only.add if is_read_only else self.read_only.discard)(row.key)


def about(session: Session, summary: Summary, now: datetime) -> dict[str, Any]:
    """Return what the page knows of the whole: template, labels, counts."""
    days = session.settings.stale_after_days
    portfolio = Portfolio((), summary, now, session.blueprint, stale_days=days)
    return page_data.about(portfolio)


def _hidden(project: Item) -> tuple[str | None, str | None, str] | None:
    """When, by whom and why a project was hidden."""
    hidden = project.hidden
    return (iso_time(hidden.at), hidden.by, hidden.reason) if hidden else None


def _missing(portfolio: Portfolio) -> list[tuple[str, ...] | None]:
    """What each governed project that is not over lacks for its current step, or its first one, by headings."""
    blueprint = portfolio.blueprint
    needed = {step.id: needed_fields(blueprint, step.id) for step in blueprint.steps}

    def missing(project: Item) -> tuple[str, ...] | None:
        if not project.is_governed or project.stage in (COMPLETE, CLOSED):
            return None
        current = project.workflow.current or project.workflow.steps[0]
        return tuple(field.heading for field in needed[current.id] if is_blank(project.values[field.path]))

    return [missing(row.project) for row in portfolio.rows]


def _texts_of(project: Item) -> str | None:
    long = [field.path for field in project.blueprint.all_fields if field.kind in (Kind.TEXT, Kind.DOCUMENTS)]
    texts = (text_of(project.values[path]) for path in long)
    return "\n".join(text for text in texts if text) or None


def making_key(session: Session, now: datetime) -> bytes:
    """Return a key of what decides, besides its content, how a project is shown."""
    store = session.store
    parts = (store.layout, store.url, store.node_id, session.settings, now.date())
    return hashlib.blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _content_digest(item: Mapping[str, Any], made_with: bytes) -> bytes | None:
    """A digest of a project's content; None where each reading is decoded anew."""
    if isinstance(item, fast_json.Pruned):
        return None
    # what the reader may do is said by true and false beside it, and is no part of the project
    content = {name: value for name, value in item.items() if not isinstance(value, bool)}
    try:
        return _hash(orjson.dumps(content), made_with)
    except (TypeError, ValueError):
        return None  # more than JSON's usual, such as a number beyond 64 bits


def _hash(content: bytes, key: bytes = b"") -> bytes:
    return hashlib.blake2b(content, digest_size=16, key=key).digest()
