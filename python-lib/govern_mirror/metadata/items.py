"""The governed items of a project besides itself: bundles, and versions of models and agents.

What people record of them is kept in the project's metadata, in the hidden custom field `govern_items`: for each item
the fields and the record that it would have as a project, so that `decode` and `encode` read and write it. The field
takes at most 16 KB: the items that were written longest ago move to the wiki article `Govern items`, each as a line of
a marked block, and come back when they are written again. The field wins over the article. Events that an item's
record gives up stand in the same article, in a block of the item's own.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from govern_mirror import fast_json
from govern_mirror.metadata.record import parse_record
from govern_mirror.metadata.timeline import MAX_LINE_LENGTH, Block
from govern_mirror.model.address import Address
from govern_mirror.model.blueprint import ITEMS_FIELD, RECORD_FIELD
from govern_mirror.model.values import is_blank
from govern_mirror.nested import text_at
from govern_mirror.text import clipped, markdown_text

SCHEMA = 1
"""The version of the field's layout; a newer one is never written over."""

MAX_ITEMS_SIZE = 16_384
"""Bytes that the field may take."""

SIZE_LEFT = 12_288
"""Bytes that it takes once items moved to the wiki: more move than must, so that not every write waits for that."""

MAX_ITEM_SIZE = 12_288
"""Bytes that one item may take in it: what is longer belongs into a document."""

ITEM_RECORD_SIZE = 2_560
"""Bytes that the record of an item may take, of which its events take at least a part in any case."""

ITEM_EVENTS_SIZE = 1_024

ARTICLE = "Govern items"
INTRODUCTION = (
    "# Govern items\n\nBundles and model versions of this project that were written longest ago, and the earlier "
    "history of others, kept by govern-mirror.\n\n"
)
ARCHIVE = Block("items", INTRODUCTION)
"""The block that takes whole items."""

_ANY_BLOCK = re.compile(r"<!-- govern-mirror (items|item [^>]*): begin -->.*?<!-- govern-mirror \1: end -->\n?", re.S)
_LINE = re.compile(r"- .* <!-- item:(?P<stored>[A-Za-z0-9+/=]+) -->")

_ARCHIVED_MARK = '"archived":true,'

Document = dict[str, Any]
"""The custom fields of one item."""


@dataclass(frozen=True)
class StoredItems:
    """The items that a project's metadata holds.

    Attributes:
        documents: by name, the one that was written longest ago first; what is no object is kept as it is.
        are_archived: whether the wiki article holds more.
        other: what else the field holds.
        fault: why it cannot be read; then it must not be written.
    """

    documents: Mapping[str, Any] = field(default_factory=dict)
    are_archived: bool = False
    other: Mapping[str, Any] = field(default_factory=dict)
    fault: str | None = None


def item_name(address: Address) -> str:
    """What an item is called within its project: `bundle/v12` for `CHURN/bundle/v12`."""
    return str(address).partition("/")[2]


def history_block(address: Address) -> Block:
    """The block of the article that takes the earlier events of an item."""
    return Block(f"item {quote(item_name(address), safe='/')}", INTRODUCTION)


def read_items(raw: object) -> StoredItems:
    """Read the custom field. Never raises: what cannot be read has a fault."""
    if is_blank(raw):
        return StoredItems()
    try:
        content = fast_json.loads_bounded(raw, exact=True) if isinstance(raw, str) else None
    except (ValueError, RecursionError):
        content = None
    documents = content.get("items") if isinstance(content, dict) else None
    if not isinstance(content, dict) or not isinstance(documents, dict):
        return StoredItems(fault=f"it holds no items, but {clipped(raw)}")
    if content.get("schema") != SCHEMA:
        return StoredItems(documents, fault=f"its schema is {clipped(content.get('schema'))}: update govern-mirror")
    other = {name: value for name, value in content.items() if name not in ("schema", "items")}
    is_archived = other.get("archived") is True
    if is_archived:
        del other["archived"]
    return StoredItems(documents, is_archived, other)


def items_text(items: StoredItems) -> str:
    """Return the items as the custom field holds them."""
    archived = {"archived": True} if items.are_archived else {}
    content = {**items.other, "schema": SCHEMA, **archived, "items": dict(items.documents)}
    return _json(content)


def _json(content: object) -> str:
    return json.dumps(content, separators=(",", ":"))


def with_item(items: StoredItems, name: str, document: Document) -> StoredItems:
    """Return the items with one replaced or added, as the one that was written last."""
    others = {other: content for other, content in items.documents.items() if other != name}
    return replace(items, documents={**others, name: document})


def without_items(items: StoredItems, archived: Mapping[str, Any]) -> StoredItems:
    """Return the items without those that the article holds exactly as they are here."""
    documents = {
        name: content for name, content in items.documents.items() if name not in archived or archived[name] != content
    }
    return replace(items, documents=documents, are_archived=items.are_archived or len(documents) < len(items.documents))


def to_archive(items: StoredItems, name: str) -> dict[str, Any]:
    """Return the items that must move to the article, so that the others fit: those written longest ago.

    Args:
        items: all of them.
        name: the one that was just written, which stays.
    """
    size = len(items_text(items))
    moving: dict[str, Any] = {}
    if size <= MAX_ITEMS_SIZE:
        return moving
    size += len(_ARCHIVED_MARK)
    for other, content in items.documents.items():
        if size <= SIZE_LEFT:
            break
        if other != name:
            moving[other] = content
            # with the colon and the comma; encoded once each, for there may be thousands that found no room before
            size -= len(_json(other)) + len(_json(content)) + 2
    return moving


def typed_items(before: StoredItems, after: StoredItems) -> list[str]:
    """Return the names of the items that somebody typed into: they differ, and no other write of ours tells of it."""
    return [
        name
        for name, content in after.documents.items()
        if (earlier := before.documents.get(name)) is not None
        and earlier != content
        and _nonces(content) in ((), _nonces(earlier))
    ]


def writes_on_top(before: Mapping[str, Any], after: Mapping[str, Any]) -> int:
    """Return how many writes of ours, each of one item, came on top of documents by name, as far as that shows."""
    count = 0
    for name, content in after.items():
        latest, nonces = _nonces(before.get(name))[:1], _nonces(content)
        if latest and latest[0] in nonces:
            count += nonces.index(latest[0])
        elif not latest and nonces:
            count += 1
    return count


def in_metadata(metadata: Mapping[str, Any], items: StoredItems) -> dict[str, Any]:
    """Return a project's metadata with these items in it; all else passes through untouched."""
    fields = dict(metadata.get("customFields") or {})
    fields[ITEMS_FIELD] = items_text(items)
    return {**metadata, "customFields": fields}


# the wiki article -------------------------------------------------------------------------------------------------


def archived_items(payload: str) -> dict[str, Any]:
    """Return the items that an article holds, by name; a line that people damaged is passed over.

    Raises:
        ValueError: the article is longer than any history.
    """
    return dict(pair for line in ARCHIVE.lines(payload) if (pair := _item(line)))


def with_archived(payload: str, moving: Mapping[str, Any]) -> str:
    """Return an article's text with items added to its block, each in place of an older one of its name.

    What stands there already and was written on top of the one that moves stays: it moved there meanwhile.

    Raises:
        ValueError: the article is longer than any history.
    """
    documents, strangers = {}, []
    for line in ARCHIVE.lines(payload):
        pair = _item(line)
        if pair is None:
            strangers += [line] if line.strip() else []
        else:
            documents[pair[0]] = pair[1]
    added = {name: content for name, content in moving.items() if not _is_on_top(documents.get(name), content)}
    lines = [_line(name, content) for name, content in {**documents, **added}.items()]
    return ARCHIVE.with_lines(payload, [*lines, *strangers])


def _is_on_top(base: object, content: object) -> bool:
    """Whether an item was written on top of another state of it: its record names that write, and later ones."""
    latest = _nonces(content)[:1]
    return bool(latest) and latest[0] in _nonces(base)[1:]


def _nonces(content: object) -> tuple[str, ...]:
    return parse_record(text_at(content, RECORD_FIELD)).nonces


def without_blocks(payload: str) -> str:
    """Return what people wrote in an article around our blocks; empty when it holds nothing but ours."""
    rest = _ANY_BLOCK.sub("", payload)
    if rest == payload:
        return payload
    rest = rest.removeprefix(INTRODUCTION).strip()
    return f"{rest}\n" if rest else ""


def _line(name: str, content: Any) -> str:
    text = _json({"name": name, "item": content})
    return f"- {markdown_text(name)} <!-- item:{base64.b64encode(text.encode('ascii')).decode('ascii')} -->"


def _item(line: str) -> tuple[str, Any] | None:
    match = _LINE.fullmatch(line.strip()) if len(line) <= MAX_LINE_LENGTH else None
    if match is None:
        return None
    try:
        content = json.loads(base64.b64decode(match["stored"], validate=True))
    except (ValueError, RecursionError):
        return None
    name = content.get("name") if isinstance(content, dict) else None
    return (name, content.get("item")) if isinstance(name, str) else None
