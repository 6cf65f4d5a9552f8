"""A person's save of a whole item: merged with what others saved, asked where both changed the same value."""

import itertools
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standard import item
from support.strategies import ALICE, FACTS, NOW, STEPS, from_letters, later, letters, sound_values, workflow_of

from govern_mirror.errors import InputError, WriteRefused
from govern_mirror.model import changes
from govern_mirror.model.blueprint import STANDARD, Kind, Rule, Status
from govern_mirror.model.event import Actor, Event, Source
from govern_mirror.model.item import Governance
from govern_mirror.model.save import Save, SaveConflict, SaveRefused, apply_save, events_since, parse_save
from govern_mirror.model.values import from_json, json_of

BOB = Actor("bob", Source.PAGE, NOW)
SPONSOR, DESCRIPTION, START = "overview.sponsor", "overview.description", "overview.start_date"
FIELDS = [field for field in STANDARD.all_fields if field.kind is not Kind.STATUS]
STATES = itertools.product("NOFS", repeat=len(STEPS))
REGULAR = [state for state in map("".join, STATES) if re.fullmatch("F*O?N*", state.replace("S", ""))]


@pytest.fixture
def churn():
    governed = changes.initialize(project_at(governance=Governance.UNGOVERNED), {SPONSOR: "Ada"}, ALICE)
    return replace(governed, revision=1, has_own_record=True)


def project_at(state="NNNNN", governance=Governance.GOVERNED):
    """A project whose steps have the statuses of these letters."""
    return item(FACTS, workflow_of(from_letters(state)), state=governance)


def written(project):
    """The item once it was written: its revision counts the writes."""
    return replace(project, revision=project.revision + 1)


def read(document):
    return parse_save(STANDARD, document)


# values --------------------------------------------------------------------------------------------------------


@given(st.sampled_from(FIELDS).flatmap(lambda field: st.tuples(st.just(field), sound_values(field))))
def test_what_show_prints_of_a_value_can_be_saved_again(drawn):
    field, value = drawn
    checked = from_json(field, json_of(value))
    assert from_json(field, json_of(checked)) == checked


@pytest.mark.parametrize("blank", [None, "", []])
@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.path)
def test_a_blank_clears_any_field(field, blank):
    assert from_json(field, blank) == field.blank


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (START, "soon"),
        (START, 5),
        ("qualification.value.rating", "high"),
        ("qualification.decision", ["Go"]),
        (SPONSOR, {"name": "Ada"}),
        ("qualification.project_plan", "https://example.com"),
        ("qualification.project_plan", [{"title": "Plan", "url": "javascript:alert(1)"}]),
        ("qualification.project_plan", [{"title": "Plan", "url": "https://example.com", "onclick": "x"}]),
        ("qualification.project_plan", [{"title": 5, "url": "https://example.com"}]),
        ("qualification.project_plan", [5]),
        ("steps.exploration.status", "FINISHED"),
        ("nope", "x"),
    ],
)
def test_a_value_that_no_field_takes_is_refused_at_its_path(path, found):
    with pytest.raises(SaveRefused) as refused:
        read({"changes": {path: found, DESCRIPTION: "fine"}})
    assert [fault.path for fault in refused.value.faults] == [path]


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(SaveRefused) as refused:
        read({"changes": {START: "x", "nope": 1}, "statuses": {"exploration": "DONE", "party": "ONGOING"}})
    assert [fault.path for fault in refused.value.faults] == [
        *(START, "nope", "steps.exploration.status", "steps.party.status")
    ]


@pytest.mark.parametrize(
    "document",
    [
        {"changes": []},
        {"revision": "1"},
        {"revision": True},
        {"last_event": "1"},
        {"last_event": True},
        {"seen": "x"},
        {"reason": 5},
        {"other": 1},
        {"statuses": 1},
    ],
)
def test_a_save_of_another_shape_is_refused(document):
    with pytest.raises(InputError, match=r"a save (has no part other|is (a|true) .*, not )"):
        read(document)


# two people ----------------------------------------------------------------------------------------------------


def test_two_people_who_change_different_fields_both_keep_theirs(churn):
    theirs = written(apply_save(churn, read({"revision": 1, "changes": {DESCRIPTION: "Stop churn"}}), BOB))
    mine = read({"revision": 1, "seen": {SPONSOR: "Ada"}, "changes": {SPONSOR: "Bea"}})
    saved = apply_save(theirs, mine, later(1))
    assert (saved.values[SPONSOR], saved.values[DESCRIPTION]) == ("Bea", "Stop churn")
    assert [event.what for event in events_since(theirs, 1)] == [DESCRIPTION]


def test_several_saves_of_one_person_in_one_second_are_told_apart(churn):
    item = churn
    for text in ("first", "second", "third"):
        item = written(apply_save(item, read({"changes": {DESCRIPTION: text}}), BOB))
    seen = item.events[-2].number
    assert [event.after for event in events_since(item, item.revision - 1, seen)] == ["third"]
    assert events_since(item, item.revision, item.events[-1].number) == ()


def test_two_people_who_change_the_same_field_are_asked(churn):
    theirs = written(apply_save(churn, read({"changes": {SPONSOR: "Cem"}}), BOB))
    mine = read({"revision": 1, "seen": {SPONSOR: "Ada"}, "changes": {SPONSOR: "Bea"}})
    with pytest.raises(SaveConflict) as asked:
        apply_save(theirs, mine, later(1))
    (conflict,) = asked.value.conflicts
    assert (conflict.path, conflict.yours, conflict.theirs) == (SPONSOR, "Bea", "Cem")
    assert (conflict.by, conflict.at) == ("bob", NOW)


def test_a_save_that_is_sent_twice_is_no_conflict_and_changes_nothing(churn):
    mine = read({"revision": 1, "seen": {SPONSOR: "Ada"}, "changes": {SPONSOR: "Bea"}})
    once = written(apply_save(churn, mine, BOB))
    assert apply_save(once, mine, later(1)).events == once.events


def test_a_stale_save_that_does_not_say_what_it_saw_is_asked(churn):
    theirs = written(apply_save(churn, read({"changes": {DESCRIPTION: "Stop churn"}}), BOB))
    with pytest.raises(SaveConflict):
        apply_save(theirs, read({"revision": 1, "changes": {SPONSOR: "Bea"}}), later(1))
    apply_save(theirs, read({"revision": 2, "changes": {SPONSOR: "Bea"}}), later(1))


def test_a_value_that_was_typed_in_dss_meanwhile_is_not_saved_over(churn):
    edit = Event(None, NOW, None, Source.EDITED_IN_DSS.value, SPONSOR, "Ada", "Cem", hint="bob")
    typed = replace(churn, values={**churn.values, SPONSOR: "Cem"}, pending=(edit,))
    with pytest.raises(SaveConflict) as asked:
        apply_save(typed, read({"revision": 1, "changes": {SPONSOR: "Bea"}}), later(1))
    assert asked.value.conflicts[0].by == "bob"
    seen = read({"revision": 1, "seen": {SPONSOR: "Cem"}, "changes": {SPONSOR: "Bea"}})
    assert apply_save(typed, seen, later(1)).values[SPONSOR] == "Bea"


def test_text_with_blanks_at_its_end_was_seen_as_it_stands(churn):
    typed = replace(churn, values={**churn.values, DESCRIPTION: "a line \r\n"})
    mine = read({"seen": {DESCRIPTION: "a line \r\n"}, "changes": {DESCRIPTION: "another"}})
    assert apply_save(typed, mine, ALICE).values[DESCRIPTION] == "another"


def test_a_status_that_somebody_else_moved_is_asked(churn):
    started = written(apply_save(churn, read({"statuses": {"exploration": "ONGOING"}}), BOB))
    finished = written(apply_save(started, read({"statuses": {"exploration": "FINISHED"}}), later(1, BOB)))
    for seen in ({}, {"steps.exploration.status": "NOT_STARTED"}):
        with pytest.raises(SaveConflict) as asked:
            apply_save(finished, read({"revision": 1, "seen": seen, "statuses": {"exploration": "ONGOING"}}), later(2))
        assert asked.value.conflicts[0].theirs is Status.FINISHED


def test_a_stale_status_that_does_not_say_what_it_saw_is_asked(churn):
    started = written(apply_save(churn, read({"statuses": {"exploration": "ONGOING"}}), BOB))
    noted = written(apply_save(started, read({"changes": {DESCRIPTION: "x"}}), later(1, BOB)))
    mine = {"revision": started.revision, "statuses": {"exploration": "FINISHED"}}
    for last_event in (None, started.events[-1].number):
        with pytest.raises(SaveConflict) as asked:
            apply_save(noted, read({**mine, "last_event": last_event}), later(2))
        (conflict,) = asked.value.conflicts
        assert (conflict.path, conflict.theirs) == ("steps.exploration.status", Status.ONGOING)
    for now in ({"revision": noted.revision}, {"seen": {"steps.exploration.status": "ONGOING"}}):
        assert letters(apply_save(noted, read({**mine, **now}), later(2)).workflow) == "FNNNN"
    same = apply_save(noted, read({"revision": started.revision, "statuses": {"exploration": "ONGOING"}}), later(2))
    assert same.workflow == noted.workflow, "what is there already is no conflict"


def test_a_status_typed_in_dss_is_asked_of_that_step_alone(churn):
    path = "steps.exploration.status"
    typed = Event(None, NOW, None, Source.EDITED_IN_DSS.value, path, "NOT_STARTED", "ONGOING", hint="bob")
    item = replace(project_at("ONNNN"), pending=(typed,), revision=churn.revision)
    with pytest.raises(SaveConflict) as asked:
        apply_save(item, read({"revision": item.revision, "statuses": {"exploration": "FINISHED"}}), later(1))
    assert [(conflict.path, conflict.by) for conflict in asked.value.conflicts] == [(path, "bob")]
    mine = read({"revision": item.revision, "seen": {path: "ONGOING"}, "statuses": {"exploration": "FINISHED"}})
    assert letters(apply_save(item, mine, later(1)).workflow) == "FNNNN"
    item = replace(item, pending=(typed._replace(what="steps.delivery.status"),))
    mine = read({"revision": item.revision, "statuses": {"exploration": "FINISHED"}})
    assert letters(apply_save(item, mine, later(1)).workflow) == "FNNNN"


# statuses ------------------------------------------------------------------------------------------------------


@given(st.sampled_from(REGULAR), st.dictionaries(st.sampled_from(STEPS), st.sampled_from(list(Status))))
def test_a_save_reaches_all_its_statuses_or_changes_nothing(state, statuses):
    project = project_at(state)
    try:
        saved = apply_save(project, Save(statuses=statuses, reason="why"), ALICE)
    except SaveRefused as refused:
        assert {fault.path for fault in refused.faults} <= {f"steps.{step}.status" for step in statuses}
    else:
        assert {step: saved.workflow[step].status for step in statuses} == statuses
        assert saved.workflow.irregularity() is None


@pytest.mark.parametrize(
    ("state", "statuses", "after"),
    [
        ("NNNNN", {"exploration": "FINISHED", "qualification": "ONGOING"}, "FONNN"),
        ("ONNNN", {"exploration": "FINISHED"}, "FNNNN"),
        ("FFONN", {"exploration": "ONGOING"}, "ONNNN"),
        ("FONNN", {"progress": "SKIPPED"}, "FOSNN"),
        ("FFFFO", {"delivery": "FINISHED"}, "FFFFF"),
        ("FFONN", {"qualification": "ONGOING", "progress": "NOT_STARTED"}, "FONNN"),
        ("NNNNN", dict.fromkeys(STEPS, "FINISHED"), "FFFFF"),
    ],
)
def test_statuses_are_carried_out_in_the_order_of_the_steps(state, statuses, after):
    project = project_at(state)
    assert letters(apply_save(project, read({"statuses": statuses, "reason": "why"}), ALICE).workflow) == after


@pytest.mark.parametrize(
    ("state", "statuses", "path"),
    [
        ("NNNNN", {"progress": "ONGOING"}, "steps.progress.status"),
        ("ONNNN", {"exploration": "NOT_STARTED"}, "steps.exploration.status"),
        ("SFONN", {"exploration": "ONGOING"}, "steps.exploration.status"),
        ("FFONN", {"qualification": "SKIPPED"}, "steps.qualification.status"),
    ],
)
def test_a_status_that_no_move_reaches_is_told_at_its_step(state, statuses, path):
    project = project_at(state)
    with pytest.raises(SaveRefused) as refused:
        apply_save(project, read({"statuses": statuses, "reason": "why"}), ALICE)
    assert path in [fault.path for fault in refused.value.faults]


def test_a_step_is_skipped_only_with_a_reason():
    project = project_at("ONNNN")
    with pytest.raises(SaveRefused, match="why the step is skipped"):
        apply_save(project, read({"statuses": {"progress": "SKIPPED"}}), ALICE)


def test_rules_judge_a_move_by_the_values_that_are_saved_with_it():
    blueprint = STANDARD.with_rules((Rule("exploration", requires=(SPONSOR,)),))
    project = replace(project_at("ONNNN"), blueprint=blueprint)
    move = {"statuses": {"exploration": "FINISHED"}}
    with pytest.raises(SaveRefused, match="Sponsor") as refused:
        apply_save(project, parse_save(blueprint, move), ALICE)
    assert refused.value.faults[0].path == "steps.exploration.status"
    saved = apply_save(project, parse_save(blueprint, {**move, "changes": {SPONSOR: "Ada"}}), ALICE)
    assert letters(saved.workflow) == "FNNNN" and saved.values[SPONSOR] == "Ada"


def test_what_is_not_governed_is_not_saved():
    ungoverned = project_at(governance=Governance.UNGOVERNED)
    for document in ({"changes": {SPONSOR: "Ada"}}, {"statuses": {"exploration": "ONGOING"}}):
        with pytest.raises(WriteRefused, match="not governed"):
            apply_save(ungoverned, read(document), ALICE)
