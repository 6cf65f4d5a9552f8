"""What people do to a project: each thing is done once, told once, and refused where it must be."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sampling import examples
from standard import LAYOUT, decode, encode
from support.strategies import (
    ALICE,
    DAMAGED,
    FACTS,
    PLAIN,
    STEPS,
    Change,
    any_text,
    as_stored,
    deeds,
    documented,
    documents,
    foreign_metadata,
    governed_metadata,
    initialized,
    later,
    moves,
    noted,
    overviews,
    people_text,
    qualifications,
    storable_text,
    with_field,
    workflow_of,
    write,
)

from govern_mirror.errors import Action, Hint, MoveRefused, WriteRefused
from govern_mirror.metadata import Layout
from govern_mirror.metadata import decode as decode_metadata
from govern_mirror.model import changes
from govern_mirror.model.blueprint import RECORD_FIELD, STANDARD, Kind, Rule, Status
from govern_mirror.model.changes import Move, MoveKind
from govern_mirror.model.event import Actor, Source
from govern_mirror.model.item import differences, values
from govern_mirror.model.policy import problems, unmet
from govern_mirror.model.values import Document, text_of

BLANK = (None, ())


# initializing -------------------------------------------------------------------------------------------------


@examples(50)
@given(foreign_metadata(), overviews)
def test_initializing_governs_the_project_and_starts_nothing(metadata, overview):
    project = decode(initialized(metadata, overview), FACTS)
    assert project.is_governed
    assert [step.status for step in project.workflow.steps] == [Status.NOT_STARTED] * 5
    assert {path: value for path, value in values(project).items() if path in overview} == overview
    assert project.events[0].what == "initialize"
    assert sorted(event.what for event in project.events[1:]) == sorted(overview)


@examples(60)
@given(governed_metadata(), overviews)
def test_initializing_a_governed_project_never_overwrites(metadata, overview):
    before = values(decode(metadata, FACTS))
    after = values(decode(write(metadata, Change("initialize", (overview,)), later(50)), FACTS))
    for path, value in before.items():
        assert after[path] == (overview.get(path, value) if value in BLANK else value)


@given(governed_metadata(), deeds)
def test_the_same_change_twice_is_written_once(metadata, deed):
    """`advance` alone is the one change that goes on when it is asked for again."""
    if deed == Change("move", (Move(MoveKind.ADVANCE),)):
        return
    once = write(metadata, deed, later(50))
    assert json.dumps(write(once, deed, later(51))) == json.dumps(once)
    project = decode(once, FACTS)
    assert deed.tried(project, later(52)) is project


@given(storable_text | any_text, st.sampled_from(STEPS))
def test_the_same_note_twice_is_written_once_whatever_it_says(text, step):
    once = write(initialized(), noted(step, text), later(1))
    twice = write(once, noted(step, text), later(2))
    assert json.dumps(twice) == json.dumps(once)


# one event for each thing that changed --------------------------------------------------------------------------


@given(governed_metadata(), st.one_of(qualifications.map(lambda v: Change("edit", (v,))), deeds))
def test_every_changed_value_has_its_event_with_from_and_to(metadata, deed):
    before = decode(metadata, FACTS)
    after = deed.tried(before, later(50))
    new = [event for event in after.events if event.number > before.last_event]
    old, now = values(before), values(after)
    changed = [path for path in old if old[path] != now[path] and not path.endswith(".status")]
    told = {event.what: event for event in new}
    for path in changed:
        event = told[path]
        assert (event.by, event.source, event.at) == ("alice", "cli", later(50).now)
        for excerpt, value in ((event.before, old[path]), (event.after, now[path])):
            if value in BLANK:
                assert excerpt is None
            elif STANDARD.by_path[path].kind in (Kind.RATING, Kind.DATE):
                assert excerpt == as_stored(value)
            else:
                assert excerpt.removesuffix("…").rstrip() in " ".join(text_of(value).split())
    others = {event.what for event in new} - set(changed)
    assert others <= {"confirm"} | {kind.value for kind in MoveKind}
    moved = deed.kind == "move" and after is not before
    assert len(others & {kind.value for kind in MoveKind}) == moved


@given(governed_metadata(), deeds)
def test_a_dry_run_tells_exactly_what_differs(metadata, deed):
    before = decode(metadata, FACTS)
    after = deed.tried(before, later(50))
    told = {change.field: (change.before, change.after) for change in differences(before, after)}
    old, now = values(before), values(after)
    for path in old:
        if old[path] == now[path]:
            assert path not in told
        else:
            assert told[path] == (text_of(old[path]), text_of(now[path]))
    origins = {path for path in told if path.endswith(".origin")}
    for path in origins:
        rated = path.replace(".origin", ".rating")
        assert told[path] == tuple(project.origins.get(rated) for project in (before, after))
    assert (not told) == (after is before)


@examples(50)
@given(governed_metadata(), deeds)
def test_a_change_leaves_the_project_it_was_made_on_as_it_was(metadata, deed):
    text = json.dumps(metadata)
    before, same = decode(metadata, FACTS), decode(metadata, FACTS)
    changed = deed.tried(before, later(50))
    encode(changed, metadata, later(50))
    assert before == same
    assert json.dumps(metadata) == text


@given(any_text, any_text, any_text, st.sampled_from(STEPS))
def test_text_of_any_origin_is_stored_as_utf_8(note, reason, title, step):
    """A lone surrogate, typed or pasted, must not make the project's metadata impossible to store."""
    metadata = initialized()
    for change in (
        noted(step, note),
        Change("move", (Move(MoveKind.SET, step, reason),)),
        documented(step, Document(title, "https://example.com/" + title)),
        Change("edit", ({"qualification.value.comment": note or None, "qualification.decision_comment": reason},)),
    ):
        metadata = write(metadata, change, later(1))
    json.dumps(metadata, ensure_ascii=False).encode("utf-8")
    json.dumps(json.loads(metadata["customFields"][RECORD_FIELD]), ensure_ascii=False).encode("utf-8")


# refusals -----------------------------------------------------------------------------------------------------


@examples(50)
@given(foreign_metadata(), deeds.filter(lambda deed: deed.kind != "initialize"))
def test_an_ungoverned_project_refuses_every_change(metadata, deed):
    with pytest.raises(WriteRefused, match="CHURN is not governed yet") as refusal:
        deed(decode(metadata, FACTS))
    assert refusal.value.hint == Hint(Action.GOVERN, "CHURN")


@given(st.sampled_from(["x", 5, [1], "ab"]), overviews)
def test_custom_fields_that_are_no_object_are_never_written(shape, overview):
    project = decode({**PLAIN, "customFields": shape}, FACTS)
    with pytest.raises(WriteRefused, match="customFields is not an object"):
        changes.initialize(project, overview, ALICE)


@given(st.sampled_from(STEPS), DAMAGED["govern_status_progress"], moves, st.sampled_from(STEPS))
def test_an_invalid_status_is_repaired_by_set_and_by_no_other_move(broken, value, move, target):
    metadata = with_field(initialized(), f"govern_status_{broken}", value)
    project = decode(metadata, FACTS)
    if move.kind is not MoveKind.SET:
        with pytest.raises(MoveRefused, match=f"{STANDARD.step(broken).name}: status holds no valid status") as refusal:
            changes.move(project, move, ALICE)
        assert refusal.value.hint == Hint(Action.SET_STEP, "CHURN")
    after = decode(write(metadata, Change("move", (Move(MoveKind.SET, target, "repair"),)), later(1)), FACTS)
    assert after.problems == ()
    assert after.workflow.current.id == target


# documents ----------------------------------------------------------------------------------------------------


@examples(50)
@given(st.lists(documents, max_size=5), st.sampled_from(STEPS))
def test_documents_are_kept_in_their_order_and_each_link_once(added, step):
    metadata = initialized()
    expected: dict[str, str] = {}
    for minute, document in enumerate(added, 1):
        metadata = write(metadata, documented(step, document), later(minute))
        expected[document.url] = document.title or expected.get(document.url, "")
    found = decode(metadata, FACTS).values[f"steps.{step}.documents"]
    assert [(doc.url, doc.title) for doc in found] == list(expected.items())
    emptied = decode(write(metadata, documented(step, None), later(60)), FACTS)
    assert emptied.values[f"steps.{step}.documents"] == ()


@examples(40)
@given(governed_metadata(), st.sampled_from(STEPS), people_text)
def test_a_note_changes_that_note_only(metadata, step, text):
    before, after = (
        values(decode(found, FACTS)) for found in (metadata, write(metadata, noted(step, text), later(50)))
    )
    assert after == {**before, f"steps.{step}.notes": text}


# edits in DSS come first -----------------------------------------------------------------------------------------


@examples(60)
@given(governed_metadata(), st.lists(st.tuples(st.sampled_from(STEPS), people_text), min_size=1, max_size=3), deeds)
def test_an_edit_in_dss_is_told_before_the_change_that_stores_it(metadata, edits, deed):
    for step, text in edits:
        metadata = with_field(metadata, f"govern_notes_{step}", text)
    project = decode(metadata, FACTS)
    changed = deed.tried(project, later(50))
    if changed is project:
        return
    new = [event for event in changed.events if event.number > project.last_event]
    pending = len(project.pending)
    assert [event.what for event in new[:pending]] == [event.what for event in project.pending]
    assert all(event.source == "edited-in-dss" for event in new[:pending])
    assert all(event.source == "cli" for event in new[pending:])
    assert changed.pending == ()


@given(st.sampled_from(list(Source)), st.none() | people_text)
def test_an_event_names_who_and_through_which_door(source, login):
    actor = Actor(login, source, ALICE.now)
    (*_, event) = decode(write(initialized(), Change("move", (Move(MoveKind.ADVANCE),)), actor), FACTS).events
    assert (event.by, event.source, event.at) == (login, source.value, ALICE.now)


def test_an_edit_whose_time_dss_does_not_tell_takes_the_time_of_the_write():
    metadata = with_field(initialized(), "govern_sponsor", "Ada")
    facts = replace(FACTS, last_modified_by=None, last_modified_on=None)
    project = decode(metadata, facts)
    assert (project.pending[0].at, project.pending[0].hint) == (None, None)
    after = write(metadata, noted("progress", "x"), later(7), facts)
    assert decode(after, facts).events[-2].at == later(7).now


# the blueprint's rules --------------------------------------------------------------------------------------------

rules = st.lists(
    st.builds(
        Rule,
        st.sampled_from(STEPS),
        st.lists(st.sampled_from(sorted(STANDARD.by_path)), max_size=2).map(tuple),
        st.lists(st.sampled_from(STANDARD.decisions), max_size=2).map(tuple),
    ),
    min_size=1,
    max_size=3,
).map(tuple)
states = st.lists(st.sampled_from(list(Status)), min_size=5, max_size=5)


def blocked(rule: Rule, known) -> bool:
    missing = any(known[path] in BLANK for path in rule.requires)
    return missing or bool(rule.decisions and known["qualification.decision"] not in rule.decisions)


@examples(150)
@given(rules, states, qualifications, moves)
def test_a_step_finishes_only_when_its_rules_are_met(given_rules, state, filled, move):
    layout = replace(LAYOUT, blueprint=STANDARD.with_rules(given_rules))
    project = decode(write(initialized(layout=layout), Change("edit", (filled,)), layout=layout), FACTS, layout)
    project = replace(project, workflow=workflow_of(state))
    free = replace(project, blueprint=STANDARD)
    try:
        expected = changes.move(free, move, ALICE)
    except MoveRefused as refusal:
        with pytest.raises(MoveRefused) as found:
            changes.move(project, move, ALICE)
        assert str(found.value) == str(refusal)
        return
    newly = [
        old.id
        for old, new in zip(project.workflow.steps, expected.workflow.steps, strict=True)
        if new.status.is_done and not old.status.is_done
    ]
    hindering = [rule for rule in given_rules if rule.step in newly and blocked(rule, values(project))]
    if hindering:
        with pytest.raises(MoveRefused) as found:
            changes.move(project, move, ALICE)
        for rule in hindering:
            assert STANDARD.step(rule.step).name in str(found.value)
            assert unmet(project, [rule.step])
            for path in rule.requires:
                assert STANDARD.by_path[path].label in str(found.value) or values(project)[path] not in BLANK
    else:
        assert changes.move(project, move, ALICE).workflow == expected.workflow


def test_the_standard_template_holds_nothing_up():
    assert unmet(decode(initialized(), FACTS), STEPS) == ()


def test_rules_unchecked_stay_a_finding_until_checked():
    unknown = Layout(replace(STANDARD, rules_known=False))
    metadata = initialized({}, {})
    moves_made = (Move("advance"), Move("advance", unchecked=True, reason="go on"), Move("advance"))
    for number, wanted in enumerate(moves_made):
        metadata = write(metadata, Change("move", (wanted,)), later(number), FACTS, unknown)

    def unchecked(layout, history=True):
        item = decode_metadata(metadata, FACTS, layout, history=history)
        return [problem for problem in problems(item) if problem.found == "rules unchecked"]

    (problem,) = unchecked(unknown)
    assert problem.field == "steps" and "could not be read" in problem.message
    assert unchecked(unknown, history=False) == [problem], "a report tells it, too"
    assert unchecked(LAYOUT) == [], "there is no rule"
    rule = Layout(STANDARD.with_rules((Rule("exploration", ("overview.sponsor",)),)))
    judged = decode_metadata(metadata, FACTS, rule)
    assert unchecked(rule) == [] and [problem.field for problem in problems(judged)] == ["overview.sponsor"]
    back = changes.move(decode_metadata(metadata, FACTS, unknown), Move("set", "exploration", "again"), ALICE)
    assert problems(back) == (), "nothing is done, so that nothing must be there"
