"""A list that comes in pieces is split as JSON has it, whatever people wrote into it and wherever a piece ends."""

import functools
import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.strategies import json_values

from govern_mirror import fast_json
from govern_mirror.fast_json import ItemReader, NotItems, Pruned

tricky = st.sampled_from(['},{"projectKey":', '"},{"projectKey":"X"', "\\", '\\"', "]", "[{", "\ud800", "é", "\u2028"])
texts = st.text(max_size=5) | tricky
objects = st.dictionaries(texts, texts | json_values() | st.lists(st.fixed_dictionaries({"projectKey": texts})))
projects = st.lists(objects | objects.map(lambda found: {"projectKey": "P", **found}), max_size=6)
SEPARATORS = [(",", ":"), (", ", ": "), (",\n  ", " : ")]


def read(content, size):
    """Return the items of a list that comes in pieces of a size."""
    items = []

    def take(raw, certain):
        item = fast_json.loads_item(raw, certain=certain)
        if item is not None:
            items.append(item)
        return item is not None

    reader = ItemReader(take)
    for start in range(0, len(content), size):
        reader.feed(content[start : start + size])
    reader.close()
    return items


@given(projects, st.sampled_from(SEPARATORS), st.integers(1, 40), st.booleans())
def test_each_project_comes_once_and_whole(found, separators, size, ascii_only):
    form = functools.partial(json.dumps, separators=separators, ensure_ascii=ascii_only)
    content = form(found).encode("utf-8", "replace")
    alone = [fast_json.loads(form(item).encode("utf-8", "replace")) for item in found]
    assert read(content, size) == alone


def test_a_long_number_is_read_the_same_beside_any_other_project():
    long, odd = {"projectKey": "A", "n": 2**64}, {"projectKey": "B", "x": "\ud800"}
    for found in ([long], [long, odd]):
        assert read(json.dumps(found).encode(), 7)[0] == {"projectKey": "A", "n": float(2**64)}


@given(projects.filter(bool), st.integers(1, 40), st.data())
def test_a_list_that_was_cut_is_never_taken_for_whole(found, size, data):
    content = json.dumps(found).encode()
    cut = content[: data.draw(st.integers(0, len(content) - 1))]
    with pytest.raises(NotItems):
        read(cut, size)


def test_one_project_that_nobody_can_read_hides_no_other():
    deep = '{"projectKey":"DEEP","x":' + "[" * 200_000 + "]" * 200_000 + "}"
    content = f'[{{"projectKey":"A","y":NaN}},{deep},{{"projectKey":"B"}}]'.encode()
    first, second, third = read(content, 10_000)
    assert (first["projectKey"], second["projectKey"], third["projectKey"]) == ("A", "DEEP", "B")
    assert isinstance(second, Pruned) and not isinstance(first, Pruned)


@pytest.mark.parametrize(
    "content", [b"", b"null", b"{}", b'{"a":[]}', b"<html>", b"[", b"[1,2]", b'["a"]', b"[{}", b"[{},]"]
)
def test_what_is_no_list_of_projects_is_refused(content):
    with pytest.raises(NotItems):
        read(content, 3)


def test_an_empty_list_is_one():
    assert read(b"[]", 1) == read(b" [ ]\n", 2) == []


def test_a_long_list_needs_no_memory_of_its_length():
    piece = b",".join(b'{"projectKey":"P%05d","text":"%s"}' % (number, b"x" * 1000) for number in range(100))
    taken = []
    reader = ItemReader(lambda raw, certain: not taken.append(len(raw)))
    tracemalloc.start()
    try:
        reader.feed(b"[" + piece)
        for _ in range(100):
            reader.feed(b"," + piece)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    reader.feed(b"]")
    reader.close()
    assert len(taken) == 101 * 100 and peak < 10 * len(piece)
