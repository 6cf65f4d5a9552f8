"""The projects of a list, decoded one by one as they come: nobody holds the list whole."""

from __future__ import annotations

from collections.abc import Callable

from govern_mirror import fast_json
from govern_mirror.bulk import Progress, for_each
from govern_mirror.dss.summary import Metadata
from govern_mirror.model.item import Item, UnreadableProject


class ListDecoding:
    """Decodes the projects of one list.

    Args:
        decode: decodes a project, given it as the list has it, and its metadata, which most instances list with it.
        read: reads the metadata of a project, by its key.
    """

    def __init__(self, decode: Callable[[Metadata, Metadata], Item], read: Callable[[str], Metadata]) -> None:
        self._decode, self._read = decode, read
        self._keys: list[str] = []
        self._projects: dict[str, Item] = {}
        self._unreadable: list[UnreadableProject] = []
        self._bare: list[Metadata] = []

    def take(self, raw: bytes, certain: bool) -> bool:
        """Take the bytes of a project, as `fast_json.ItemReader` gives them."""
        item = fast_json.loads_item(raw, certain=certain)
        if item is None:
            return False
        if isinstance(item.get("projectKey"), str):
            self.add(item)
        return True

    def add(self, item: Metadata) -> None:
        """Take a project as the list has it."""
        self._keys.append(item["projectKey"])
        if "customFields" in item:
            self._add(item, item)
        else:
            self._bare.append(item)

    def finish(self, progress: Progress | None = None) -> tuple[list[Item], list[UnreadableProject]]:
        """Read what the list does not hold whole; return the projects in the list's order, and the unreadable ones."""
        for ending in for_each(self._bare, lambda item: self._read(item["projectKey"]), progress=progress):
            if ending.result is None:
                self._unreadable.append(UnreadableProject(ending.item["projectKey"], str(ending.error)))
            else:
                self._add(ending.item, ending.result)
        return [self._projects[key] for key in self._keys if key in self._projects], self._unreadable

    def _add(self, item: Metadata, metadata: Metadata) -> None:
        key = item["projectKey"]
        if isinstance(item, fast_json.Pruned):
            self._unreadable.append(UnreadableProject(key, f"{item.reason}; repair the project's metadata"))
            return
        try:
            self._projects[key] = self._decode(item, metadata)
        except (RecursionError, ValueError, OverflowError) as error:
            # decode raises nothing: if it does, one project must not hide all others
            reason = f"its metadata cannot be read ({type(error).__name__})"
            self._unreadable.append(UnreadableProject(key, reason))
