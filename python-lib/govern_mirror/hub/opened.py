"""A hub as it is read: its entries by item, each of them verified, and the configuration in force."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import chain, islice
from typing import Any

from govern_mirror import clock, fast_json
from govern_mirror.bulk import TaskResult, for_each
from govern_mirror.errors import GovernMirrorError
from govern_mirror.hub.configuration import Configuration, parse_configuration
from govern_mirror.hub.ledger import (
    FOLDER,
    EntryKind,
    LedgerEntry,
    breaks_of,
    entry_id,
    folder_prefix,
    is_of_item,
    read_entry,
)
from govern_mirror.model.address import Address
from govern_mirror.nested import text_at
from govern_mirror.operation import bounded
from govern_mirror.times import parse_time

CONFIGURATION = "configuration.json"
"""Where the configuration stands in the hub's folder."""

REMINDERS = "reminders.json"
"""Where the hub's folder says up to when people were reminded."""


ITEMS_AT_ONCE = 500
"""Of how many items the entries are held at once where all are read."""


ITEMS_KEPT = 10
"""Of how many items the entries are kept: one command asks several times for those of the same few."""


class HubError(GovernMirrorError):
    """The hub cannot be used as it is: nobody can say who approved what, so that nothing counts as approved."""


@dataclass(frozen=True)
class UnreadItem:
    """An item whose entries cannot be read, or are not as they were written: nothing of it counts as approved.

    Attributes:
        address: the item; None where nobody can say which.
        message: why.
    """

    address: Address | None
    message: str

    @property
    def sentence(self) -> str:
        """Which item, and why."""
        return f"{self.address}: {self.message}" if self.address else self.message


class OpenedHub:
    """A hub as it was when its files were listed: they are looked up by item, and what is in them is read.

    Args:
        project_key: the hub's project.
        read: reads one of its files.
        paths: of all its files.
    """

    def __init__(self, project_key: str, read: Callable[[str], bytes], paths: frozenset[str]) -> None:
        self.project_key = project_key
        self.paths = paths
        self._read = read
        self._lock = threading.Lock()
        self._configured: tuple[Configuration, str] | GovernMirrorError | None = None
        self._entries: dict[Address | None, list[LedgerEntry]] = {}

    def through(self, read: Callable[[str], bytes]) -> OpenedHub:
        """The same, whose files are read in another way, such as with another session of the same person."""
        opened = copy(self)
        opened._read = read
        return opened

    @cached_property
    def _paths_by_item(self) -> dict[str, list[str]]:
        by_item: dict[str, list[str]] = {}
        for path in self.ledger_paths:
            # what no item can be looked up by is none of an item's entries: `audit` names it
            if is_of_item(path):
                by_item.setdefault(f"{path.rpartition('-')[0]}-", []).append(path)
        return by_item

    @property
    def ledger_paths(self) -> list[str]:
        """The paths below `ledger/`, sorted."""
        return sorted(path for path in self.paths if path.startswith(FOLDER))

    def paths_of(self, item: Address | None) -> list[str]:
        """The paths of the entries of an item, or, for None, of the hub itself; looked up, as a hub may hold many."""
        return self._paths_by_item.get(folder_prefix(item), [])

    @property
    def configuration(self) -> Configuration:
        """The configuration in force; as `configured` says."""
        return self.configured[0]

    @property
    def configured(self) -> tuple[Configuration, str]:
        """The configuration in force, and the id of the entry that it comes from, read once.

        Raises:
            HubError: it is not what the ledger's entry says, or none was ever given.
            GovernMirrorError: as `api_errors` says.
        """
        with self._lock:
            if self._configured is None:
                try:
                    self._configured = self._read_configured()
                except GovernMirrorError as error:
                    self._configured = error
        if isinstance(self._configured, GovernMirrorError):
            raise self._configured
        return self._configured

    @bounded
    def _read_configured(self) -> tuple[Configuration, str]:
        if CONFIGURATION not in self.paths:
            raise HubError(f"the hub {self.project_key} has no configuration: give it one with `hub import FILE`")
        file = self._json(CONFIGURATION)
        origin = text_at(file, "entry") or ""
        path = f"{folder_prefix(None)}{origin}.json"
        if path not in self.paths:
            raise HubError(_NOT_FROM_LEDGER)
        configuration = file.get("configuration")
        entry = _origin_in(file, origin) or self._entry(path)
        if entry.kind is not EntryKind.CONFIGURATION or entry.body.get("configuration") != configuration:
            raise HubError(_NOT_FROM_LEDGER)
        return parse_configuration(configuration), origin

    @bounded
    def entries(self, item: Address | None) -> list[LedgerEntry]:
        """All entries of an item, or, for None, of the hub itself.

        Raises:
            HubError: one of them was changed, taken away or put there: nothing of the item counts then.
            GovernMirrorError: as `api_errors` says.
        """
        entries = self._entries.get(item)
        if entries is not None:
            return list(entries)
        entries = [_required(ending.result, ending.error) for ending in for_each(self.paths_of(item), self._entry)]
        if item is not None:  # who reviews can be given anew, whatever the entries before
            self._require_whole(item, entries, clock.now())
        if len(self._entries) >= ITEMS_KEPT:
            self._entries.clear()
        self._entries[item] = list(entries)
        return entries

    @property
    def items(self) -> list[tuple[str, ...]]:
        """The paths of the entries of each item that has some, item by item; not those of the hub itself."""
        own = folder_prefix(None)
        return [tuple(paths) for prefix, paths in self._paths_by_item.items() if prefix != own]

    def read_items(
        self, items: Sequence[tuple[str, ...]]
    ) -> Iterator[tuple[tuple[str, ...], list[LedgerEntry] | UnreadItem]]:
        """Read the entries of items, by the paths of all of each one's files; whatever the clock of who asks says.

        Where one was changed, taken away or put there, or cannot be read, that is told of its item, and of no other.
        """
        for start in range(0, len(items), ITEMS_AT_ONCE):
            batch = items[start : start + ITEMS_AT_ONCE]
            endings = iter(for_each(chain.from_iterable(batch), self._entry))
            for paths in batch:
                yield paths, self._read_item(list(islice(endings, len(paths))))

    def _read_item(self, endings: list[TaskResult[str, LedgerEntry]]) -> list[LedgerEntry] | UnreadItem:
        item = next((ending.result.item for ending in endings if ending.result), None)
        try:
            entries = [_required(ending.result, ending.error) for ending in endings]
            if item is not None:
                self._require_whole(item, entries, None)
        except GovernMirrorError as error:
            return UnreadItem(item, str(error))
        return entries

    def files(self, paths: Iterable[str]) -> dict[str, bytes]:
        """The content of files, by path.

        Raises:
            GovernMirrorError: one of them cannot be read.
        """
        endings = for_each(list(paths), self._read)
        return {ending.item: _required(ending.result, ending.error) for ending in endings}

    def reminded_until(self) -> datetime | None:
        """Up to when people were reminded; None where that is not known, and then nothing before the last day counts.

        Raises:
            GovernMirrorError: as `api_errors` says.
        """
        if REMINDERS not in self.paths:
            return None
        try:
            return parse_time(text_at(self._json(REMINDERS), "until") or "")
        except (HubError, ValueError):
            return None

    def _require_whole(self, item: Address, entries: list[LedgerEntry], now: datetime | None) -> None:
        breaks = breaks_of(str(item), entries, now)
        if breaks:
            raise HubError(
                f"the ledger of {item} is not whole, so that nothing of it counts as approved ({breaks[0].message}): "
                f"run `audit {item}`, and restore {self.project_key} from a backup"
            )

    def _entry(self, path: str) -> LedgerEntry:
        try:
            return read_entry(path, self._read(path))
        except (ValueError, RecursionError) as error:
            raise HubError(
                f"the entry {entry_id(path) or path} of the hub is not as it was written ({error}): nothing counts as "
                "approved until it is restored from a backup; run `audit`"
            ) from error

    def _json(self, path: str) -> Mapping[str, Any]:
        try:
            document = fast_json.loads_bounded(self._read(path).decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise HubError(f"the hub's {path} cannot be read ({error}): restore it from a backup") from error
        if not isinstance(document, Mapping):
            raise HubError(f"the hub's {path} holds something else: restore it from a backup")
        return document


_NOT_FROM_LEDGER = (
    "the hub's configuration is not the one that its ledger tells of, so that nobody can say who reviews: give it "
    "anew with `hub import FILE`, and look who may write the hub"
)


def _origin_in(file: Mapping[str, Any], origin: str) -> LedgerEntry | None:
    """The entry that a configuration comes from, where its file tells all that the entry's id is a hash of.

    Whoever reads it need not read the entry's file, too.
    """
    at, by, parents = file.get("at"), file.get("by"), file.get("parents")
    if not isinstance(at, str) or not isinstance(by, str) or not isinstance(parents, list):
        return None
    body = {"configuration": file.get("configuration")}
    try:
        entry = LedgerEntry(EntryKind.CONFIGURATION, None, None, parse_time(at), by, tuple(parents), body)
        return entry if entry.id == origin else None
    except (ValueError, TypeError):
        return None


def heads_of(entries: Iterable[LedgerEntry]) -> tuple[str, ...]:
    """The ids of the entries that no other saw, sorted: the parents of the next one."""
    parents_of = {entry.id: entry.parents for entry in entries}
    parents = {parent for parents in parents_of.values() for parent in parents}
    return tuple(sorted(parents_of.keys() - parents))


def _required(result: Any, error: GovernMirrorError | None) -> Any:
    if error is not None:
        raise error
    return result
