"""What is kept of bundles and versions, in the field and in the article: nothing is lost, whatever stands there."""

import json
import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govern_mirror.metadata.items import (
    ARCHIVE,
    INTRODUCTION,
    MAX_ITEMS_SIZE,
    StoredItems,
    archived_items,
    history_block,
    items_text,
    read_items,
    to_archive,
    with_archived,
    with_item,
    without_blocks,
    without_items,
)
from govern_mirror.metadata.timeline import events_of, with_events
from govern_mirror.model.address import Address, ItemKind
from govern_mirror.model.event import Event
from govern_mirror.model.values import is_blank

NAMES = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["a\nb", "a\r\nb", "--> x", "<!-- govern-mirror items: end -->", '"', "\\", "|", "é/\u2028", "x" * 9_000]
    ),
    st.builds("bundle/{}".format, st.text(string.ascii_letters + string.digits + " .%-_", min_size=1, max_size=12)),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
DOCUMENTS = st.one_of(JSON, st.dictionaries(st.text(max_size=8), st.text(max_size=600), max_size=4))
ITEMS = st.dictionaries(NAMES, DOCUMENTS, max_size=12)
OTHER = st.dictionaries(st.text(max_size=8).filter(lambda name: name not in ("schema", "items")), JSON, max_size=3)
PROSE = st.text(max_size=60).filter(lambda text: "govern-mirror" not in text)


def nonces(*names):
    return {"govern_record": json.dumps({"schema": 2, "nonces": list(names)})}


@given(ITEMS, OTHER)
def test_what_else_the_field_holds_is_kept(documents, other):
    text = json.dumps({**other, "schema": 1, "items": documents})
    items = read_items(text)
    assert items.fault is None
    assert json.loads(items_text(items)) == json.loads(text)
    assert list(items.documents) == list(documents), "the order tells which was written longest ago"


@given(st.text() | JSON)
def test_a_field_that_holds_no_items_is_never_read_as_empty(stored):
    items = read_items(stored)
    assert items.fault or items.documents or is_blank(stored)


@given(ITEMS, ITEMS, PROSE, PROSE)
def test_the_article_gives_back_what_was_moved(first, second, before, after):
    payload = with_archived(before, first)
    payload = with_archived(payload + after, second)
    assert archived_items(payload) == {**first, **second}
    assert with_archived(payload, second) == payload, "written again it changes nothing"
    assert payload.startswith(before) and payload.endswith(after)


@given(ITEMS, PROSE, PROSE)
def test_removing_keeps_what_people_wrote(documents, before, after):
    written = with_archived("", documents)
    address = Address("CHURN", ItemKind.BUNDLE, ("v1-->",))
    written = with_events(written, [Event(1, None, "rita", "api", "x")], block=history_block(address))
    assert without_blocks(written) == ""
    rest = without_blocks(f"{before}\n\n{written}{after}")
    assert before.strip() in rest and after.strip() in rest and "govern-mirror items" not in rest


@given(ITEMS, st.data())
def test_damaged_lines_hide_no_other_item(documents, data):
    lines = ARCHIVE.lines(with_archived("", documents))
    damaged = data.draw(
        st.lists(st.sampled_from([*lines, "- x <!-- item:AAAA -->", "what people wrote", "- y <!-- item:e30= -->"]))
    )
    payload = ARCHIVE.with_lines(INTRODUCTION, [*damaged, *lines, *damaged])
    assert archived_items(payload) == documents
    again = with_archived(payload, {"bundle/new": {"a": "b"}})
    assert archived_items(again) == {**documents, "bundle/new": {"a": "b"}}
    for line in damaged:
        assert line in again or not line, "what people wrote in the block stays"


def test_a_block_without_its_end_keeps_the_rest_of_the_article():
    history = with_events("", [], block=history_block(Address("CHURN", ItemKind.BUNDLE, ("v1",))))
    payload = with_archived(f"{history}\n", {"bundle/a": {"x": "1"}}).replace(ARCHIVE.end, "") + "\nmine\n"
    again = with_archived(payload, {"bundle/b": {"x": "2"}})
    assert archived_items(again).keys() == {"bundle/a", "bundle/b"} and "mine" in again


@given(
    st.dictionaries(NAMES, st.dictionaries(st.text(max_size=5), st.text(max_size=4_000), max_size=5), max_size=12),
    NAMES,
)
def test_what_moves_makes_room_and_never_what_was_written(documents, name):
    items = with_item(StoredItems(documents), name, {"a": "b"})
    moving = to_archive(items, name)
    left = without_items(items, moving)
    assert name not in moving and left.documents.keys() | moving.keys() == items.documents.keys()
    assert len(items_text(left)) <= MAX_ITEMS_SIZE or list(left.documents) == [name]
    if len(items_text(items)) <= MAX_ITEMS_SIZE:
        assert not moving


def test_many_items_that_found_no_room_are_moved_quickly():
    documents = {f"bundle/{number}": {"govern_description": "x" * 900} for number in range(2_000)}
    started = time.perf_counter()
    moving = to_archive(StoredItems(documents), "bundle/1999")
    assert time.perf_counter() - started < 2
    assert len(documents) - len(moving) < 20


def test_an_older_item_never_takes_the_place_of_a_newer_one():
    """A writer that read the field before others wrote the item, and moved it, moves what it read."""
    older, newer = {"bundle/a": nonces("one")}, {"bundle/a": nonces("two", "one")}
    assert archived_items(with_archived(with_archived("", newer), older)) == newer
    assert archived_items(with_archived(with_archived("", older), newer)) == newer


def test_history_blocks_of_look_alikes_are_apart():
    ids = ["v1", "v1 ", "v1-->", "v%31", "v1: begin", "ｖ1", "v1>"]
    payload = ""
    for number, id_ in enumerate(ids, 1):
        block = history_block(Address("CHURN", ItemKind.BUNDLE, (id_,)))
        payload = with_events(payload, [Event(number, None, id_, "api", "x")], block=block)
    for number, id_ in enumerate(ids, 1):
        block = history_block(Address("CHURN", ItemKind.BUNDLE, (id_,)))
        assert [(event.number, event.by) for event in events_of(payload, block)] == [(number, id_)]


@pytest.mark.parametrize("mark", [None, True, False, "yes", 1, []])
def test_what_the_mark_of_the_archive_was_is_kept(mark):
    text = json.dumps({"schema": 1, "archived": mark, "items": {"bundle/a": {}}})
    assert json.loads(items_text(read_items(text))).get("archived") == mark or mark is False
