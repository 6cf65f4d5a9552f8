"""Rows of projects as the page lists them, kept by the content that they were made from.

What is made for one person need not be made again for the next who sees the same project. Nobody gets what they could
not have made themselves: who asks brings the content.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from govern_mirror import fast_json
from govern_mirror.actions.item_form import needed_fields
from govern_mirror.actions.report import Reading, report_on
from govern_mirror.actions.session import Session
from govern_mirror.dss import Metadata
from govern_mirror.model.blueprint import Blueprint, Kind
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


@dataclass(frozen=True, slots=True)
class ListedRow:
    """One project of a list.

    Attributes:
        values: what each column holds, in the order of `Rows.columns`.
        texts: what people wrote into its long fields and documents, to be searched in; None when nothing.
        modified: when DSS says that it was changed last, in ISO 8601; None where it does not say.
    """

    values: tuple[Any, ...]
    texts: str | None
    modified: str | None


class Rows:
    """The rows of everybody, by their content.

    Attributes:
        columns: the names of the columns, and whether their values repeat, so that they are sent once each.
    """

    def __init__(self) -> None:
        self.columns: dict[str, bool] = {}
        self._rows: dict[bytes, ListedRow] = {}
        self._lock = threading.Lock()

    def of(
        self, session: Session, listed: Iterable[Metadata], now: datetime
    ) -> tuple[dict[str, ListedRow], list[UnreadableProject]]:
        """Return the rows of projects by key, and the projects that could not be read.

        Args:
            session: whose template and settings they are shown by.
            listed: the projects as DSS's list has them.
            now: the time to count days from.
        """
        made_with = _key_of(session, now)
        rows: dict[str, ListedRow] = {}
        unknown: list[tuple[Metadata, bytes | None]] = []
        for item in listed:
            key = _digest(item, made_with)
            row = self._kept(key) if key else None
            if row is None:
                unknown.append((item, key))
            else:
                rows[item["projectKey"]] = row
        if not self.columns:
            self.make(session, [], now)  # who sees no project is told of the columns, too
        unreadable: list[UnreadableProject] = []
        for start in range(0, len(unknown), _CHUNK):
            chunk = unknown[start : start + _CHUNK]
            projects, failed = session.store.decode_listed([item for item, _ in chunk], history=False)
            unreadable += failed
            made = self.make(session, projects, now)
            rows |= made
            for item, key in chunk:
                if key and item["projectKey"] in made:
                    self._keep(key, made[item["projectKey"]])
        return rows, unreadable

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
        values = [
            [column["values"][code] for code in column["codes"]] if isinstance(column, dict) else column
            for column in table.values()
        ]
        return {
            row.project.facts.project_key: ListedRow(
                held, _texts_of(row.project), iso_time(row.project.facts.last_modified_on)
            )
            for row, held in zip(portfolio.rows, zip(*values, strict=True), strict=True)
        }

    def place(self, name: str) -> int:
        """Where a column stands in the values of a row."""
        return list(self.columns).index(name)

    def table(self, rows: Iterable[ListedRow]) -> dict[str, Any]:
        """Return rows as the page reads them: by column, values that repeat once each."""
        listed = list(rows)
        held = [row.values for row in listed]
        columns = zip(*held, strict=True) if held else ([] for _ in self.columns)
        table: dict[str, Any] = {
            name: page_data.dictionary(values) if repeats else list(values)
            for (name, repeats), values in zip(self.columns.items(), columns, strict=True)
        }
        return {**table, "modified": [row.modified for row in listed]}

    def _kept(self, key: bytes) -> ListedRow | None:
        with self._lock:
            row = self._rows.pop(key, None)
            if row is not None:
                self._rows[key] = row  # the last one to go
            return row

    def _keep(self, key: bytes, row: ListedRow) -> None:
        with self._lock:
            self._rows[key] = row
            while len(self._rows) > MAX_ROWS:
                del self._rows[next(iter(self._rows))]


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
    found = (text_of(project.values[path]) for path in _long_paths(project.blueprint))
    return "\n".join(text for text in found if text) or None


def _long_paths(blueprint: Blueprint) -> list[str]:
    return [field.path for field in blueprint.all_fields if field.kind in (Kind.TEXT, Kind.DOCUMENTS)]


def _key_of(session: Session, now: datetime) -> bytes:
    """A key of what decides, besides its content, how a project is shown."""
    store = session.store
    parts = (store.layout, store.url, store.node_id, session.settings, now.date())
    return hashlib.blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _digest(item: Mapping[str, Any], made_with: bytes) -> bytes | None:
    """A key of a project's content; None where each reading is decoded anew."""
    if isinstance(item, fast_json.Pruned) or "customFields" not in item:
        return None
    # what the reader may do is said by true and false beside it, and is no part of the project
    content = {name: value for name, value in item.items() if not isinstance(value, bool)}
    try:
        text = orjson.dumps(content)
    except (TypeError, ValueError):
        return None  # more than JSON's usual, such as a number beyond 64 bits
    return hashlib.blake2b(text, digest_size=16, key=made_with).digest()
