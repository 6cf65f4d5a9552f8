"""The safe write: no edit of others is lost, nothing is written twice, doubt is cleared by reading."""

from datetime import datetime, timezone

import pytest
import requests

from govern_mirror.dss.safe_write import TRIES
from govern_mirror.errors import ConflictError, ConnectionFailed, WriteRefused
from govern_mirror.metadata import timeline
from govern_mirror.metadata.record import BUDGET, SCHEMA
from govern_mirror.model import changes
from govern_mirror.model.changes import Move, MoveKind
from govern_mirror.model.event import Actor, Source

NOW = datetime(2026, 6, 1, 8, tzinfo=timezone.utc)
ALICE = Actor("alice", Source.CLI, NOW)


def init(project):
    return changes.initialize(project, {}, ALICE)


def advance(project):
    return changes.move(project, Move(MoveKind.ADVANCE), ALICE)


def note(text):
    return lambda project: changes.edit(project, {"steps.exploration.notes": text}, ALICE)


def test_one_write_is_read_read_put_read(canned, store):
    canned.project("CHURN")
    outcome = store.update("CHURN", init, ALICE)
    assert outcome.written
    assert [m for m, p in canned.requests if p == "/projects/CHURN/metadata"] == ["GET", "GET", "PUT", "GET", "GET"]
    assert store.read("CHURN").is_governed


def test_what_already_is_writes_nothing(canned, store):
    canned.project("CHURN")
    store.update("CHURN", init, ALICE)
    before = canned.count("PUT")
    assert not store.update("CHURN", init, ALICE).written
    assert canned.count("PUT") == before


def test_a_dry_run_writes_nothing_but_tells_the_change(canned, store):
    canned.project("CHURN")
    outcome = store.update("CHURN", init, ALICE, dry_run=True)
    assert (outcome.changed, outcome.written, canned.count("PUT")) == (True, False, 0)


def test_an_edit_between_our_two_reads_is_kept_and_our_change_made_on_it(canned, store):
    canned.project("CHURN")
    store.update("CHURN", init, ALICE)
    reads = []

    def change(project):
        reads.append(project)
        if len(reads) == 1:
            canned.metadata["CHURN"]["customFields"]["govern_sponsor"] = "Ada"
        return advance(project)

    after = store.update("CHURN", change, ALICE).after
    assert len(reads) == 2
    assert after.overview.sponsor == "Ada"
    assert after.workflow["exploration"].status.value == "ONGOING"
    assert [e.what for e in after.events if e.source == "edited-in-dss"] == ["overview.sponsor"]


def test_someone_who_keeps_changing_the_same_values_ends_the_write_with_nothing_written(canned, store):
    canned.project("CHURN")
    store.update("CHURN", init, ALICE)
    puts = canned.count("PUT")

    def change(project):
        fields = canned.metadata["CHURN"]["customFields"]
        fields["govern_sponsor"] = fields.get("govern_sponsor", "") + "x"
        return advance(project)

    with pytest.raises(ConflictError, match="nothing was written"):
        store.update("CHURN", change, ALICE)
    assert canned.count("PUT") == puts


def test_a_foreign_edit_between_our_two_reads_survives(canned, store):
    canned.project("CHURN")

    def change(project):
        canned.metadata["CHURN"]["tags"] = ["theirs"]
        canned.metadata["CHURN"]["customFields"]["budget"] = 7
        return init(project)

    store.update("CHURN", change, ALICE)
    assert "theirs" in canned.metadata["CHURN"]["tags"]
    assert canned.metadata["CHURN"]["customFields"]["budget"] == 7


def test_a_lost_answer_after_the_write_does_not_advance_twice(canned, store):
    canned.project("CHURN")
    store.update("CHURN", init, ALICE)
    canned.after_put.append(lambda key, body: requests.exceptions.ReadTimeout("lost"))
    after = store.update("CHURN", advance, ALICE).after
    assert after.workflow.position == "exploration ONGOING"
    assert after.revision == 2


def test_a_lost_request_is_written_again_from_a_new_read(canned, store):
    canned.project("CHURN")

    def lost(key, body):
        raise requests.exceptions.ConnectionError("reset")

    canned.before_put.append(lost)
    assert store.update("CHURN", init, ALICE).after.is_governed
    assert canned.count("PUT") == 2


def test_an_instance_that_never_answers_ends_with_that_error(canned, store):
    canned.project("CHURN")

    def lost(key, body):
        raise requests.exceptions.ConnectionError("reset")

    canned.before_put.extend([lost] * 3)
    with pytest.raises(ConnectionFailed):
        store.update("CHURN", init, ALICE)


def test_values_that_dss_dropped_are_an_error(canned, store):
    canned.project("CHURN")
    canned.after_put.extend([lambda key, body: canned.project(key) and None] * TRIES)
    with pytest.raises(ConflictError, match="drops what is written"):
        store.update("CHURN", init, ALICE)


def test_a_foreign_change_after_our_write_is_a_warning_that_names_it(canned, store):
    canned.project("CHURN")

    def meanwhile(key, body):
        canned.metadata[key] = {**body, "description": "theirs"}

    canned.after_put.append(meanwhile)
    outcome = store.update("CHURN", init, ALICE)
    assert outcome.written
    assert "description" in outcome.warnings[0]


def test_a_later_write_on_top_of_ours_is_no_error(canned, store):
    canned.project("CHURN")
    store.update("CHURN", init, ALICE)

    def meanwhile(key, body):
        if canned.count("PUT") == 2:
            store.update("CHURN", note("theirs"), ALICE)

    canned.after_put.append(meanwhile)
    outcome = store.update("CHURN", advance, ALICE)
    assert outcome.after.notes("exploration") == "theirs"
    assert outcome.after.workflow["exploration"].status.value == "ONGOING"


def test_no_event_is_ever_lost_when_the_record_is_full(canned, store):
    canned.project("CHURN")
    store.update("CHURN", init, ALICE)
    for number in range(60):
        store.update("CHURN", note(f"note {number}"), ALICE)
    assert len(canned.metadata["CHURN"]["customFields"]["govern_record"]) <= BUDGET
    shown = store.read("CHURN")
    assert [event.number for event in shown.events] == list(range(1, 62))
    assert not shown.problems
    wiki_first = [(m, p) for m, p in canned.requests if m == "PUT"]
    first_wiki = next(i for i, (_, p) in enumerate(wiki_first) if "wiki" in p)
    assert wiki_first[first_wiki + 1][1].endswith("/metadata")


def test_a_reason_of_a_megabyte_is_kept_whole(canned, store):
    canned.project("CHURN")
    store.update("CHURN", init, ALICE)
    reason = "why " * 250_000
    store.update("CHURN", lambda p: changes.move(p, Move(MoveKind.ADVANCE, reason=reason), ALICE), ALICE)
    assert len(canned.metadata["CHURN"]["customFields"]["govern_record"]) <= BUDGET
    assert store.read("CHURN").events[-1].reason == reason


def test_a_closed_wiki_keeps_the_history_in_the_record_and_says_so(canned, store):
    canned.project("CHURN")
    canned.wiki_closed = True
    store.update("CHURN", init, ALICE)
    warnings = []
    for number in range(60):
        warnings += store.update("CHURN", note(f"note {number}"), ALICE).warnings
    shown = store.read("CHURN")
    assert len(shown.events) == 61
    assert any("over its budget" in warning for warning in warnings)
    assert [problem.field for problem in shown.problems] == ["govern_record"]


def test_after_a_lost_record_numbering_goes_on_behind_the_wiki(canned, store):
    canned.project("CHURN")
    store.update("CHURN", init, ALICE)
    for number in range(60):
        store.update("CHURN", note(f"note {number}"), ALICE)
    in_wiki = len(timeline.events_of(canned.wiki[timeline.ARTICLE]))
    del canned.metadata["CHURN"]["customFields"]["govern_record"]
    store.update("CHURN", init, ALICE)
    shown = store.read("CHURN")
    assert [event.number for event in shown.events] == list(range(1, in_wiki + 2))
    assert not shown.problems


def test_removing_leaves_nothing_of_ours_and_everything_of_others(canned, store):
    original = dict(canned.project("CHURN", tags=["theirs"], customFields={"budget": 7}, description="d"))
    store.update("CHURN", init, ALICE)
    for number in range(60):
        store.update("CHURN", note(f"note {number}"), ALICE)
    store.remove("CHURN", ALICE, purge=True)
    assert canned.metadata["CHURN"] == original
    assert canned.wiki == {}


def test_removing_keeps_what_people_wrote_in_the_timeline_article(canned, store):
    canned.project("CHURN")
    store.update("CHURN", init, ALICE)
    for number in range(60):
        store.update("CHURN", note(f"note {number}"), ALICE)
    canned.wiki[timeline.ARTICLE] += "\nOur own words."
    store.remove("CHURN", ALICE)
    assert canned.wiki == {timeline.ARTICLE: "Our own words.\n"}


def test_a_newer_record_is_read_but_never_written_over(canned, store):
    canned.project("CHURN")
    store.update("CHURN", init, ALICE)
    fields = canned.metadata["CHURN"]["customFields"]
    fields["govern_record"] = fields["govern_record"].replace(f'"schema":{SCHEMA}', '"schema":99')
    kept = dict(fields)
    assert store.read("CHURN").revision == 1
    for write in (lambda: store.update("CHURN", advance, ALICE), lambda: store.remove("CHURN", ALICE)):
        with pytest.raises(WriteRefused, match="newer"):
            write()
    assert canned.metadata["CHURN"]["customFields"] == kept


def test_a_project_list_without_custom_fields_is_read_one_by_one_and_a_vanished_project_named(canned, store):
    canned.project("CHURN")
    store.update("CHURN", init, ALICE)
    canned.project("FRAUD")
    kept = store._list

    def bare():
        items = [{k: v for k, v in item.items() if k != "customFields"} for item in kept()]
        del canned.metadata["FRAUD"]
        return items

    store._list = bare
    projects, unreadable = store.read_all()
    assert [p.facts.project_key for p in projects if p.is_governed] == ["CHURN"]
    assert [(u.project_key, "FRAUD does not exist" in u.message) for u in unreadable] == [("FRAUD", True)]


def test_a_hand_edit_shows_the_last_modifier_as_a_hint(canned, store):
    canned.project("CHURN")
    store.update("CHURN", init, ALICE)
    canned.metadata["CHURN"]["customFields"]["govern_status_exploration"] = "ONGOING"
    shown = store.read("CHURN")
    assert [(e.what, e.by, e.hint, e.pending) for e in shown.pending] == [
        ("steps.exploration.status", None, "bob", True)
    ]
    assert shown.workflow["exploration"].started_on is not None
