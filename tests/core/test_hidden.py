"""A project that is not governed is hidden with a reason: in its mark, beside what an earlier governance left there."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sampling import examples
from standard import LAYOUT, decode, encode
from support.strategies import ALICE, FACTS, foreign_metadata, governed_metadata, initialized, people_text

from govern_mirror.errors import InputError, WriteRefused
from govern_mirror.metadata import removed
from govern_mirror.metadata.record import parse_record
from govern_mirror.model import changes
from govern_mirror.model.blueprint import RECORD_FIELD
from govern_mirror.model.item import Governance, ProjectFacts, differences

NONCE = "0" * 16


def hidden(metadata, reason="a sandbox", nonce=NONCE):
    return encode(changes.hide(decode(metadata, FACTS), reason, ALICE), metadata, ALICE, nonce=nonce)


@examples(50)
@given(foreign_metadata(), people_text.filter(str.strip))
def test_who_hid_a_project_when_and_why_is_kept(metadata, reason):
    project = decode(hidden(metadata, reason), FACTS)
    assert project.state is Governance.UNGOVERNED and project.hidden is not None
    assert (project.hidden.by, project.hidden.at) == (ALICE.by, ALICE.now)
    assert changes.hide(project, "again", ALICE) is project


@examples(50)
@given(foreign_metadata())
def test_hiding_and_showing_touch_nothing_but_the_mark(metadata):
    written = hidden(metadata)
    shown = encode(changes.undo_hide(decode(written, FACTS)), written, ALICE, nonce="1" * 16)
    for document in (written, shown):
        fields = {name: value for name, value in document["customFields"].items() if name != RECORD_FIELD}
        before = metadata.get("customFields") or {}
        assert fields == {name: value for name, value in before.items() if name != RECORD_FIELD}
        assert {**document, "customFields": 0} == {**metadata, "customFields": 0}
    assert decode(shown, FACTS).hidden is None
    assert decode(shown, FACTS).nonces == ("1" * 16, NONCE)


@examples(50)
@given(foreign_metadata())
def test_governing_a_hidden_project_ends_that(metadata):
    written = initialized(hidden(metadata), {})
    project = decode(written, FACTS)
    assert project.is_governed and project.hidden is None and not project.problems
    record = json.loads(written["customFields"][RECORD_FIELD])
    assert "hidden" not in record and NONCE in record["nonces"]


@examples(30)
@given(governed_metadata())
def test_the_history_goes_on_behind_a_hidden_project(metadata):
    before = decode(metadata, FACTS)
    mark = removed(metadata, LAYOUT, before=before, actor=ALICE, nonce="2" * 16)
    written = hidden(mark)
    project = decode(written, FACTS)
    assert (project.last_event, project.last_hash) == (before.last_event, before.last_hash)
    assert project.removed_events == before.last_event and project.nonces == (NONCE, "2" * 16)
    at = json.loads(mark["customFields"][RECORD_FIELD])["removed"]["at"]
    assert json.loads(written["customFields"][RECORD_FIELD])["removed"]["at"] == at
    governed = decode(initialized(written, {}), FACTS)
    assert governed.events[0].number == before.last_event + 1 and not governed.breaks


@pytest.mark.parametrize(
    "facts", [ProjectFacts("OTHER", node_id="design-1"), ProjectFacts("CHURN", node_id="automation-1")]
)
def test_a_copy_of_a_hidden_project_is_not_hidden(facts):
    written = hidden({"customFields": {}})
    assert decode(written, FACTS).hidden and decode(written, facts).hidden is None
    assert decode(written, facts).state is Governance.UNGOVERNED


@examples(30)
@given(governed_metadata())
def test_a_governed_project_is_not_hidden(metadata):
    project = decode(metadata, FACTS)
    for change in (lambda: changes.hide(project, "x", ALICE), lambda: changes.undo_hide(project)):
        with pytest.raises(WriteRefused):
            change()


@pytest.mark.parametrize("reason", ["", "  \n", "x" * 501])
def test_hiding_without_a_reason_that_others_can_read_is_refused(reason):
    with pytest.raises(InputError):
        changes.hide(decode({"customFields": {}}, FACTS), reason, ALICE)


def test_hiding_is_a_change_that_is_told():
    before = decode({"customFields": {}}, FACTS)
    (change,) = differences(before, changes.hide(before, "a sandbox", ALICE))
    assert (change.field, change.before, change.after) == ("hidden", None, "a sandbox")


@examples(100)
@given(st.recursive(st.none() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)))
def test_a_damaged_mark_hides_nothing_and_stops_nothing(damage):
    mark = {"schema": 2, "removed": {"last_event": 0, "nonces": damage}, "hidden": damage}
    project = decode({"customFields": {RECORD_FIELD: json.dumps(mark)}}, FACTS)
    assert project.hidden is None and project.state is Governance.UNGOVERNED
    parse_record(json.dumps({**mark, "hidden": {"reason": damage, "at": damage, "by": damage}}))
