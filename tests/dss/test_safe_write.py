"""The safe write: no edit of others is lost, nothing is written twice, doubt is cleared by reading."""

from datetime import datetime, timezone

import pytest
from support.projects import create_project, custom_fields, edit_article, edit_fields, error_fault, wiki_articles

from govern_mirror.errors import ConflictError, ConnectionFailed, WriteRefused
from govern_mirror.metadata import timeline
from govern_mirror.metadata.layout import MAX_RECORD_SIZE
from govern_mirror.metadata.record import SCHEMA
from govern_mirror.model import changes
from govern_mirror.model.changes import Move, MoveKind
from govern_mirror.model.event import Actor, Source
from govern_mirror_devkit.sandbox.auth import ADMINISTRATORS

METADATA = "/projects/CHURN/metadata"
NOW = datetime(2026, 6, 1, 8, tzinfo=timezone.utc)
ALICE = Actor("alice", Source.CLI, NOW)


def init(project):
    return changes.initialize(project, {}, ALICE)


def advance(project):
    return changes.move(project, Move(MoveKind.ADVANCE), ALICE)


def note(text):
    return lambda project: changes.edit(project, {"steps.exploration.notes": text}, ALICE)


def test_one_write_is_read_read_put_read(dss, request_log, store):
    create_project(dss, "CHURN")
    outcome = store.update("CHURN", init, ALICE)
    assert outcome.written
    put = request_log.requests.index(("PUT", METADATA))
    assert request_log.requests[:put].count(("GET", METADATA)) == 2
    # at once, and after the settling time as the list has it
    assert request_log.requests[put + 1 :] == [("GET", METADATA), ("GET", "/projects/CHURN")]
    assert request_log.count("PUT") == 1
    assert store.read("CHURN").is_governed


def test_what_already_is_writes_nothing(dss, request_log, store):
    create_project(dss, "CHURN")
    store.update("CHURN", init, ALICE)
    before = request_log.count("PUT")
    assert not store.update("CHURN", init, ALICE).written
    assert request_log.count("PUT") == before


def test_a_dry_run_writes_nothing_but_tells_the_change(dss, request_log, store):
    create_project(dss, "CHURN")
    outcome = store.update("CHURN", init, ALICE, dry_run=True)
    assert (outcome.changed, outcome.written, request_log.count("PUT")) == (True, False, 0)


def test_an_edit_between_our_two_reads_is_kept_and_our_change_made_on_it(dss, store):
    create_project(dss, "CHURN")
    store.update("CHURN", init, ALICE)
    reads = []

    def change(project):
        reads.append(project)
        if len(reads) == 1:
            edit_fields(dss, "CHURN", govern_sponsor="Ada")
        return advance(project)

    after = store.update("CHURN", change, ALICE).after
    assert len(reads) == 2
    assert after.overview.sponsor == "Ada"
    assert after.workflow["exploration"].status.value == "ONGOING"
    assert [e.what for e in after.events if e.source == "edited-in-dss"] == ["overview.sponsor"]


def test_nothing_is_written_while_someone_keeps_changing_the_same_values(dss, request_log, store):
    create_project(dss, "CHURN")
    store.update("CHURN", init, ALICE)
    puts = request_log.count("PUT")

    def change(project):
        sponsor = custom_fields(dss, "CHURN").get("govern_sponsor", "")
        edit_fields(dss, "CHURN", govern_sponsor=sponsor + "x")
        return advance(project)

    with pytest.raises(ConflictError, match="nothing was written"):
        store.update("CHURN", change, ALICE)
    assert request_log.count("PUT") == puts


def test_a_foreign_edit_between_our_two_reads_survives(dss, store):
    create_project(dss, "CHURN")

    def change(project):
        dss.edit_metadata("CHURN", lambda metadata: metadata.update(tags=["theirs"]))
        edit_fields(dss, "CHURN", budget=7)
        return init(project)

    store.update("CHURN", change, ALICE)
    assert "theirs" in dss.metadata("CHURN")["tags"]
    assert custom_fields(dss, "CHURN")["budget"] == 7


def test_a_lost_answer_after_the_write_does_not_advance_twice(dss, store):
    create_project(dss, "CHURN")
    store.update("CHURN", init, ALICE)
    dss.faults.set(f"PUT {METADATA}:timeout-after-write@1")
    after = store.update("CHURN", advance, ALICE).after
    assert after.workflow.position == "exploration ONGOING"
    assert after.revision == 2


def test_a_lost_request_is_written_again_from_a_new_read(dss, request_log, store):
    create_project(dss, "CHURN")
    dss.faults.set(f"PUT {METADATA}:close@1")
    assert store.update("CHURN", init, ALICE).after.is_governed
    assert request_log.count("PUT") == 2


def test_an_instance_that_never_answers_ends_with_that_error(dss, store):
    create_project(dss, "CHURN")
    dss.faults.set(f"PUT {METADATA}:close")
    with pytest.raises(ConnectionFailed):
        store.update("CHURN", init, ALICE)


def test_values_that_dss_dropped_are_an_error(dss, store):
    create_project(dss, "CHURN")
    dss.faults.after("PUT", METADATA, lambda: create_project(dss, "CHURN"), once=False)
    with pytest.raises(ConflictError, match="drops what is written"):
        store.update("CHURN", init, ALICE)


def test_a_foreign_change_after_our_write_is_a_warning_that_names_it(dss, store):
    create_project(dss, "CHURN")

    def describe():
        dss.edit_metadata("CHURN", lambda metadata: metadata.update(description="theirs"))

    dss.faults.after("PUT", METADATA, describe)
    outcome = store.update("CHURN", init, ALICE)
    assert outcome.written
    assert "description" in outcome.warnings[0]


def test_a_later_write_on_top_of_ours_is_no_error(dss, store):
    create_project(dss, "CHURN")
    store.update("CHURN", init, ALICE)
    dss.faults.after("PUT", METADATA, lambda: store.update("CHURN", note("theirs"), ALICE))
    outcome = store.update("CHURN", advance, ALICE)
    assert outcome.after.notes("exploration") == "theirs"
    assert outcome.after.workflow["exploration"].status.value == "ONGOING"


def test_no_event_is_ever_lost_when_the_record_is_full(dss, request_log, store):
    create_project(dss, "CHURN")
    store.update("CHURN", init, ALICE)
    for number in range(60):
        store.update("CHURN", note(f"note {number}"), ALICE)
    assert len(custom_fields(dss, "CHURN")["govern_record"]) <= MAX_RECORD_SIZE
    shown = store.read("CHURN")
    assert [event.number for event in shown.events] == list(range(1, 62))
    assert not shown.problems
    written = [path for method, path in request_log.requests if method == "PUT"]
    first_of_wiki = next(number for number, path in enumerate(written) if "wiki" in path)
    assert written[first_of_wiki + 1] == METADATA


def test_a_reason_of_a_megabyte_is_kept_whole(dss, store):
    create_project(dss, "CHURN")
    store.update("CHURN", init, ALICE)
    reason = "why " * 250_000
    store.update("CHURN", lambda p: changes.move(p, Move(MoveKind.ADVANCE, reason=reason), ALICE), ALICE)
    assert len(custom_fields(dss, "CHURN")["govern_record"]) <= MAX_RECORD_SIZE
    assert store.read("CHURN").events[-1].reason == reason


def test_a_closed_wiki_keeps_the_history_in_the_record_and_says_so(dss, store):
    create_project(dss, "CHURN")
    dss.faults.set(error_fault("* /projects/CHURN/wiki*", 403, "You may not write the wiki"))
    store.update("CHURN", init, ALICE)
    warnings = []
    for number in range(60):
        warnings += store.update("CHURN", note(f"note {number}"), ALICE).warnings
    shown = store.read("CHURN")
    assert len(shown.events) == 61
    assert any("over its budget" in warning for warning in warnings)
    assert [problem.field for problem in shown.problems] == ["govern_record"]


def test_after_a_lost_record_numbering_goes_on_behind_the_wiki(dss, store):
    create_project(dss, "CHURN")
    store.update("CHURN", init, ALICE)
    for number in range(60):
        store.update("CHURN", note(f"note {number}"), ALICE)
    in_wiki = len(timeline.events_of(wiki_articles(dss, "CHURN")[timeline.ARTICLE]))
    edit_fields(dss, "CHURN", govern_record=None)
    store.update("CHURN", init, ALICE)
    shown = store.read("CHURN")
    assert [event.number for event in shown.events] == list(range(1, in_wiki + 2))
    assert not shown.problems


def test_removing_leaves_nothing_of_ours_and_everything_of_others(dss, store):
    original = create_project(dss, "CHURN", tags=["theirs"], customFields={"budget": 7}, description="d")
    store.update("CHURN", init, ALICE)
    for number in range(60):
        store.update("CHURN", note(f"note {number}"), ALICE)
    store.remove("CHURN", ALICE, purge=True)
    assert dss.metadata("CHURN") == original
    assert wiki_articles(dss, "CHURN") == {}


def test_removing_keeps_what_people_wrote_in_the_timeline_article(dss, store):
    create_project(dss, "CHURN")
    store.update("CHURN", init, ALICE)
    for number in range(60):
        store.update("CHURN", note(f"note {number}"), ALICE)
    article = wiki_articles(dss, "CHURN")[timeline.ARTICLE]
    edit_article(dss, "CHURN", timeline.ARTICLE, article + "\nOur own words.")
    store.remove("CHURN", ALICE)
    assert wiki_articles(dss, "CHURN") == {timeline.ARTICLE: "Our own words.\n"}


def test_a_newer_record_is_read_but_never_written_over(dss, store):
    create_project(dss, "CHURN")
    store.update("CHURN", init, ALICE)
    record = custom_fields(dss, "CHURN")["govern_record"]
    edit_fields(dss, "CHURN", govern_record=record.replace(f'"schema":{SCHEMA}', '"schema":99'))
    kept = custom_fields(dss, "CHURN")
    assert store.read("CHURN").revision == 1
    for write in (lambda: store.update("CHURN", advance, ALICE), lambda: store.remove("CHURN", ALICE)):
        with pytest.raises(WriteRefused, match="newer"):
            write()
    assert custom_fields(dss, "CHURN") == kept


def test_a_list_without_custom_fields_is_read_project_by_project(dss, store):
    create_project(dss, "CHURN")
    store.update("CHURN", init, ALICE)
    create_project(dss, "FRAUD")
    dss.projects.list_without_custom_fields = True
    dss.faults.after("GET", "/projects", lambda: dss.projects.delete(dss.admin, "FRAUD"))
    projects, unreadable = store.read_all()
    assert [p.facts.project_key for p in projects if p.is_governed] == ["CHURN"]
    assert [(u.project_key, "FRAUD does not exist" in u.message) for u in unreadable] == [("FRAUD", True)]


def test_a_hand_edit_shows_the_last_modifier_as_a_hint(dss, store):
    create_project(dss, "CHURN")
    store.update("CHURN", init, ALICE)
    dss.create_user("bob", groups=(ADMINISTRATORS,))
    edit_fields(dss, "CHURN", "bob", govern_status_exploration="ONGOING")
    shown = store.read("CHURN")
    assert [(e.what, e.by, e.hint, e.pending) for e in shown.pending] == [
        ("steps.exploration.status", None, "bob", True)
    ]
    assert shown.workflow["exploration"].started_on is not None
