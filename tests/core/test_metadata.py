"""Project metadata: damage never stops a read, nothing of others is touched, what is written reads back."""

import copy
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sampling import examples
from standard import Layout, decode, encode, governed_part, removed
from support.strategies import (
    ALICE,
    DAMAGED,
    EDITED_ON,
    FACTS,
    FIELDS,
    OUR_TAGS,
    PLAIN,
    STEPS,
    Change,
    any_metadata,
    any_text,
    as_stored,
    damaged_fields,
    damaged_records,
    deeds,
    documented,
    foreign_metadata,
    foreign_part,
    governed_metadata,
    initializations,
    initialized,
    json_values,
    later,
    nested,
    noted,
    overviews,
    stored_values,
    with_field,
    write,
)

from govern_mirror.errors import WriteRefused
from govern_mirror.metadata.projection import CHECKLIST_TITLE
from govern_mirror.model.blueprint import RECORD_FIELD, Kind, Status
from govern_mirror.model.changes import Move, MoveKind
from govern_mirror.model.document import Document, is_safe_link
from govern_mirror.model.item import Governance, ProjectFacts, values, with_values

BOTH_OFF = Layout(mirror_checklist=False, mirror_tag=False)
layouts = st.builds(Layout, mirror_checklist=st.booleans(), mirror_tag=st.booleans())
facts_of_anybody = st.sampled_from([FACTS, ProjectFacts("OTHER"), ProjectFacts("CHURN", node_id="automation-1")])


def dumped(metadata) -> str:
    return json.dumps(metadata)


# reading ------------------------------------------------------------------------------------------------------


@examples(150)
@given(any_metadata(), facts_of_anybody, layouts)
def test_reading_never_fails_and_writing_what_was_read_changes_nothing(metadata, facts, layout):
    before = dumped(metadata)
    project = decode(metadata, facts, layout)
    assert dumped(encode(project, metadata, ALICE, layout)) == before
    assert dumped(metadata) == before, "decode or encode changed what it was given"


@examples(100)
@given(st.dictionaries(st.sampled_from(["customFields", "tags", "checklists", "label"]), json_values()), layouts)
def test_metadata_of_any_shape_is_read_and_kept(metadata, layout):
    project = decode(metadata, FACTS, layout)
    assert dumped(encode(project, metadata, ALICE, layout)) == dumped(metadata)
    if not isinstance(metadata.get("customFields"), dict | None):
        assert "customFields" in project.problem_fields
        assert project.read_only


@given(damaged_records(), st.dictionaries(st.sampled_from(sorted(FIELDS)), json_values(3), max_size=2))
def test_a_record_in_any_state_is_read_and_kept_until_something_changes(record, fields):
    metadata = {**PLAIN, "customFields": {**fields, RECORD_FIELD: record}}
    project = decode(metadata, FACTS)
    assert dumped(encode(project, metadata, ALICE)) == dumped(metadata)
    if record not in (None, "", []):
        assert project.state is not Governance.UNGOVERNED


@pytest.mark.parametrize("where", ["govern_sponsor", "cost_center"])
def test_nesting_as_deep_as_json_can_be_read_is_kept(where):
    deep = json.loads(json.dumps(nested(600)))
    metadata = initialized()
    metadata["customFields"][where] = deep
    project = decode(metadata, FACTS)
    assert dumped(encode(project, metadata, ALICE)) == dumped(metadata)
    after = write(metadata, noted("exploration", "hello"))
    assert decode(after, FACTS).notes("exploration") == "hello"
    assert foreign_part(after) == foreign_part(metadata)


@examples(60)
@given(governed_metadata(most=2), damaged_fields)
def test_a_damaged_value_is_always_listed_and_counts_as_blank(metadata, damage):
    name, value = damage
    field = FIELDS[name]
    project = decode(with_field(metadata, name, value), FACTS)
    assert field.path in project.problem_fields
    found = values(project)[field.path]
    if field.kind is Kind.DOCUMENTS:
        # what is a title and a link is shown, as text when it may not be followed
        assert not any(is_safe_link(document.url) for document in found)
    else:
        assert found == field.blank


@examples(60)
@given(
    governed_metadata(most=2),
    st.sampled_from(sorted(FIELDS)).flatmap(lambda n: st.tuples(st.just(n), stored_values(FIELDS[n]))),
)
def test_a_sound_value_is_read_as_it_is_and_is_no_problem(metadata, given_field):
    name, value = given_field
    path = FIELDS[name].path
    project = decode(with_field(metadata, name, value), FACTS)
    assert as_stored(values(project)[path]) == value
    assert path not in project.problem_fields


@given(
    st.dictionaries(st.sampled_from(sorted(FIELDS)), st.none(), min_size=1),
    st.data(),
)
def test_every_one_of_several_damaged_values_is_listed(names, data):
    fields = {name: data.draw(DAMAGED[name]) for name in names}
    project = decode({**PLAIN, "customFields": fields}, FACTS)
    assert {FIELDS[name].path for name in names} <= project.problem_fields
    assert all(problem.message and problem.expected for problem in project.problems)


@examples(25)
@given(any_text.filter(lambda text: len(text) > 2), st.integers(1_000, 50_000))
def test_a_huge_damaged_value_does_not_flood_the_list_of_problems(text, times):
    fields = {"govern_decision": text * times, "govern_start_date": text * times, "govern_project_plan": [text * times]}
    fields["govern_sponsor"] = {"x": text * times}
    fields[RECORD_FIELD] = text * times
    project = decode({**PLAIN, "customFields": fields}, FACTS)
    assert len(project.problems) >= 5
    for problem in project.problems:
        assert len(problem.found or "") <= 80
        assert len(problem.message) < 1000


@given(governed_metadata(most=2), damaged_fields, deeds)
def test_a_damaged_value_stays_until_it_is_set_anew(metadata, damage, deed):
    name, value = damage
    metadata = with_field(metadata, name, value)
    before, after_write = decode(metadata, FACTS), write(metadata, deed, later(50))
    path = FIELDS[name].path
    project = deed.tried(before, later(50))
    if path in project.problem_fields or project == before:
        assert after_write["customFields"][name] == value
    else:
        assert after_write["customFields"].get(name) != value


@examples(50)
@given(
    st.lists(
        st.sampled_from([None, "x", {"from": 1}, {"from": "t", "to": ""}, {"to": 5}]) | json_values(2),
        min_size=1,
        max_size=3,
    ).filter(lambda items: not any(isinstance(item, dict) and item.get("to") for item in items[:1])),
    st.booleans(),
)
def test_entries_that_are_no_documents_stay_when_a_document_is_added(items, known_first):
    known = {"from": "Plan", "to": "https://example.com/plan"}
    stored = [known, *items] if known_first else [*items, known]
    metadata = with_field(initialized(), "govern_documents_progress", stored)
    after = write(metadata, documented("progress", Document("New", "https://example.com/new")))
    found = after["customFields"]["govern_documents_progress"]
    for item in stored:
        assert item in found
    assert {"from": "New", "to": "https://example.com/new"} in found


@given(st.lists(st.sampled_from(list(Status)), min_size=5, max_size=5))
def test_an_irregular_workflow_is_kept_and_listed(statuses):
    fields = {f"govern_status_{step}": status.value for step, status in zip(STEPS, statuses, strict=True)}
    metadata = {**PLAIN, "customFields": fields}
    project = decode(metadata, FACTS)
    assert tuple(step.status for step in project.workflow.steps) == tuple(statuses)
    shape = "".join(status.value[0] for status in statuses if status is not Status.SKIPPED)
    broken = shape != "".join(sorted(shape, key="FON".index)) or shape.count("O") > 1
    assert ("steps" in project.problem_fields) == broken


@given(json_values())
def test_a_project_without_our_fields_is_not_governed(foreign):
    project = decode({**PLAIN, "customFields": {"cost_center": foreign}}, FACTS)
    assert project.state is Governance.UNGOVERNED
    assert not project.problems
    assert not project.is_governed


# writing ------------------------------------------------------------------------------------------------------


@given(foreign_metadata(), initializations, st.lists(deeds, max_size=3), layouts)
def test_what_belongs_to_others_survives_every_change_byte_for_byte(metadata, first, later_deeds, layout):
    before = foreign_part(metadata)
    for minute, deed in enumerate([first, *later_deeds]):
        metadata = write(metadata, deed, later(minute), layout=layout)
        assert foreign_part(metadata) == before
    assert decode(metadata, FACTS, layout).is_governed


@examples(50)
@given(foreign_metadata(), st.sampled_from(sorted(OUR_TAGS)), st.lists(deeds, max_size=3))
def test_the_order_of_other_peoples_tags_stays_around_ours(metadata, tag, later_deeds):
    at = len(metadata["tags"]) // 2
    metadata["tags"].insert(at, tag)
    metadata = write(metadata, Change("initialize", ({},)))
    metadata = write(metadata, Change("move", (Move(MoveKind.SET, "progress"),)))
    for minute, deed in enumerate(later_deeds, 1):
        before = [t for t in metadata["tags"] if t not in OUR_TAGS]
        metadata = write(metadata, deed, later(minute))
        assert [t for t in metadata["tags"] if t not in OUR_TAGS] == before


@given(foreign_metadata(), initializations, st.lists(deeds, max_size=4), layouts)
def test_ungoverning_takes_away_exactly_what_was_added(original, first, later_deeds, layout):
    metadata = original
    for minute, deed in enumerate([first, *later_deeds]):
        metadata = write(metadata, deed, later(minute), layout=layout)
    assert decode(metadata, FACTS).is_governed
    assert dumped(removed(metadata, layout)) == dumped(original)


@examples(60)
@given(any_metadata(), layouts)
def test_ungoverning_never_fails_and_leaves_nothing_to_remove(metadata, layout):
    before = dumped(metadata)
    once = removed(metadata, layout)
    assert dumped(metadata) == before
    assert dumped(removed(once, layout)) == dumped(once) or len(_our_checklists(once)) > 0
    assert governed_part(once) == {}
    assert decode(once, FACTS, layout).state is Governance.UNGOVERNED


def _our_checklists(metadata) -> list:
    holder = metadata.get("checklists")
    items = holder.get("checklists") if isinstance(holder, dict) else None
    return (
        [i for i in items if isinstance(i, dict) and i.get("title") == CHECKLIST_TITLE]
        if isinstance(items, list)
        else []
    )


@given(foreign_metadata(), initializations, st.lists(deeds, max_size=4))
def test_what_was_written_reads_back(metadata, first, later_deeds):
    """Values, origins, times, events: all that the change left is there when it is read again."""
    for minute, deed in enumerate([first, *later_deeds]):
        actor = later(minute)
        project = decode(metadata, FACTS)
        changed = deed.tried(project, actor)
        metadata = json.loads(json.dumps(encode(changed, metadata, actor)))
        again = decode(metadata, FACTS)
        assert values(again) == values(changed)
        assert again.workflow == changed.workflow
        assert (again.values, again.origins) == (changed.values, changed.origins)
        assert again.events == changed.events
        assert again.last_event == changed.last_event
        assert again.revision == project.revision + (changed is not project)
        assert again.pending == ()
        assert again.problems == ()
        for stored, field in FIELDS.items():
            value = values(changed)[field.path]
            assert metadata["customFields"].get(stored) == (as_stored(value) if value not in (None, ()) else None)


@examples(50)
@given(foreign_metadata(), overviews, st.lists(deeds, max_size=3))
def test_every_write_counts_the_revision_and_numbers_its_events_without_a_gap(metadata, overview, later_deeds):
    metadata, last, revision = initialized(metadata, overview), 0, 1
    last = decode(metadata, FACTS).last_event
    for minute, deed in enumerate(later_deeds, 1):
        written = write(metadata, deed, later(minute))
        project = decode(written, FACTS)
        assert [event.number for event in project.events] == list(range(1, project.last_event + 1))
        if dumped(written) != dumped(metadata):
            revision += 1
            assert project.last_event > last, "a write without an event"
        assert project.revision == revision
        metadata, last = written, project.last_event


@given(st.sampled_from([{}, {"customFields": None}, {"tags": None}, {"checklists": None}, {"checklists": {}}]), deeds)
def test_metadata_that_lacks_its_parts_can_be_governed(metadata, deed):
    governed = write(write(metadata, Change("initialize", ({},))), Change("move", (Move(MoveKind.ADVANCE),)))
    project = decode(write(governed, deed, later(1)), FACTS)
    assert project.is_governed
    assert project.problems == ()
    assert governed["tags"] == ["govern:exploration"]
    assert [item["title"] for item in governed["checklists"]["checklists"]] == [CHECKLIST_TITLE]


@pytest.mark.parametrize("key", ["checklists", "tags"])
@given(shape=json_values(), deed=deeds)
def test_checklists_or_tags_of_an_unknown_shape_are_left_alone_and_listed(key, shape, deed):
    if shape in (None, {}) or (key == "tags" and isinstance(shape, list)):
        return
    metadata = {**PLAIN, key: shape}
    governed = write(write(metadata, Change("initialize", ({},))), deed, later(1))
    assert dumped(governed[key]) == dumped(shape)
    assert key in decode(governed, FACTS).problem_fields
    assert dumped(removed(governed)) == dumped(metadata)


# projections --------------------------------------------------------------------------------------------------


def checklist(metadata) -> dict:
    (found,) = _our_checklists(metadata)
    return found


@examples(60)
@given(foreign_metadata(), st.lists(deeds, min_size=1, max_size=5))
def test_the_tag_and_the_checklist_show_the_workflow_after_every_write(metadata, later_deeds):
    metadata = initialized(metadata)
    for minute, deed in enumerate(later_deeds, 1):
        metadata = write(metadata, deed, later(minute))
        workflow = decode(metadata, FACTS).workflow
        ours = [tag for tag in metadata["tags"] if tag in OUR_TAGS]
        assert ours == ([f"govern:{workflow.current.id}"] if workflow.current else [])
        items = checklist(metadata)["items"]
        assert [item["done"] for item in items] == [step.status.is_done for step in workflow.steps]
        assert [item["text"].removesuffix(" (skipped)") for item in items] == [step.name for step in workflow.steps]


@given(st.lists(st.sampled_from(sorted(OUR_TAGS)) | st.sampled_from(["a", "b", "govern:mine"]), max_size=6))
def test_several_of_our_tags_become_one_in_the_place_of_the_first(tags):
    metadata = {**initialized(), "tags": list(tags)}
    after = write(metadata, Change("move", (Move(MoveKind.SET, "progress"),)))
    first = next((i for i, tag in enumerate(tags) if tag in OUR_TAGS), len(tags))
    expected = [tag for tag in tags[:first] if tag not in OUR_TAGS] + ["govern:progress"]
    assert after["tags"] == expected + [tag for tag in tags[first:] if tag not in OUR_TAGS]


@given(st.sampled_from(STEPS), st.lists(st.integers(0, 4), min_size=1, unique=True), deeds)
def test_a_tick_changed_by_hand_is_listed_and_reset_at_the_next_write(step, positions, deed):
    metadata = write(initialized(), Change("move", (Move(MoveKind.SET, step),)))
    ticked = copy.deepcopy(metadata)
    for position in positions:
        item = checklist(ticked)["items"][position]
        item["done"] = not item["done"]
    project = decode(ticked, FACTS)
    assert [p.field for p in project.problems] == ["checklists"] * len(positions)
    names = [s.name for i, s in enumerate(project.workflow.steps) if i in positions]
    assert [p.found for p in project.problems] == names
    assert project.workflow == decode(metadata, FACTS).workflow, "a tick is not the truth"
    assert project.pending == ()
    written = write(ticked, deed, later(9))
    if dumped(written) == dumped(ticked):
        return  # nothing was changed, so nothing was written
    again = decode(written, FACTS)
    assert again.problems == ()
    assert [i["done"] for i in checklist(written)["items"]] == [s.status.is_done for s in again.workflow.steps]


@given(st.sampled_from(["removed", "added", "none", "damaged", "no items"]))
def test_a_checklist_whose_items_were_changed_by_hand_is_listed_and_made_anew(kind):
    metadata = write(initialized(), Change("move", (Move(MoveKind.ADVANCE, "progress"),)))
    ours = checklist(metadata)
    if kind == "removed":
        del ours["items"][2]
    elif kind == "added":
        ours["items"].append({"text": "Coffee", "done": True})
    elif kind == "none":
        ours["items"] = []
    elif kind == "damaged":
        ours["items"][1] = "Qualification"
    else:
        del ours["items"]
    assert "checklists" in decode(metadata, FACTS).problem_fields
    after = write(metadata, noted("progress", "x"))
    assert decode(after, FACTS).problems == ()
    assert [item["done"] for item in checklist(after)["items"]] == [True, True, False, False, False]


def test_an_item_that_shows_what_it_showed_keeps_who_ticked_it_and_when():
    first = write(initialized(), Change("move", (Move(MoveKind.ADVANCE, "qualification"),)), later(1))
    second = write(first, Change("move", (Move(MoveKind.ADVANCE),)), later(2))
    before, after = checklist(first)["items"], checklist(second)["items"]
    assert after[0] == before[0]
    assert after[1]["stateChangedOn"] == int(later(2).now.timestamp() * 1000)
    assert after[2:] == before[2:]


@examples(50)
@given(governed_metadata(foreign_metadata()), st.booleans(), st.booleans())
def test_a_projection_that_is_switched_off_goes_away_at_the_next_write(metadata, with_list, with_tag):
    layout = Layout(mirror_checklist=with_list, mirror_tag=with_tag)
    after = write(metadata, noted("delivery", "a note nobody wrote before"), later(99), layout=layout)
    started = decode(after, FACTS).workflow.has_started
    assert len(_our_checklists(after)) == with_list
    assert len([tag for tag in after["tags"] if tag in OUR_TAGS]) == (with_tag and started)
    assert foreign_part(after) == foreign_part(metadata)


def test_ticks_are_no_problem_where_the_checklist_is_switched_off():
    metadata = initialized()
    checklist(metadata)["items"][0]["done"] = True
    assert decode(metadata, FACTS, BOTH_OFF).problems == ()
    assert len(decode(metadata, FACTS).problems) == 1


# edits by hand ------------------------------------------------------------------------------------------------


@st.composite
def hand_edits(draw) -> tuple[str, object]:
    name = draw(st.sampled_from(sorted(FIELDS)))
    return name, draw(st.none() | stored_values(FIELDS[name]) | DAMAGED[name])


@examples(120)
@given(governed_metadata(), hand_edits(), deeds)
def test_an_edit_in_dss_shows_at_once_and_is_stored_with_the_next_write(metadata, edit, deed):
    name, value = edit
    field = FIELDS[name]
    was = metadata["customFields"].get(name)
    edited = with_field(metadata, name, value)
    project = decode(edited, FACTS)
    if json.dumps(was) == json.dumps(value):
        assert project.pending == ()
        return
    (pending,) = project.pending
    assert (pending.what, pending.source, pending.by, pending.hint) == (field.path, "edited-in-dss", None, "bob")
    assert (pending.at, pending.number, pending.pending) == (EDITED_ON, None, True)
    if field.kind in (Kind.STATUS, Kind.RATING, Kind.DATE) or field.path == "qualification.decision":
        assert pending.before == was
    actor = later(30)
    changed = deed.tried(project, actor)
    if changed == project:
        return
    again = decode(encode(changed, edited, actor), FACTS)
    assert again.pending == ()
    new = [event for event in again.events if event.number > project.last_event]
    assert [event.number for event in new] == list(range(project.last_event + 1, again.last_event + 1))
    assert (new[0].what, new[0].source, new[0].by, new[0].hint) == (field.path, "edited-in-dss", None, "bob")
    assert (new[0].before, new[0].after) == (pending.before, pending.after)
    assert len(new) >= 2, "the change's own event is missing"
    assert all(event.by == "alice" for event in new[1:])


@examples(50)
@given(governed_metadata(most=2), st.lists(hand_edits(), min_size=2, max_size=6, unique_by=lambda edit: edit[0]))
def test_several_edits_in_dss_are_one_event_each_in_the_order_of_the_form(metadata, edits):
    edited = metadata
    for name, value in edits:
        edited = with_field(edited, name, value)
    fields = metadata["customFields"]
    changed = [name for name, value in edits if json.dumps(fields.get(name)) != json.dumps(value)]
    expected = [field.path for stored, field in FIELDS.items() if stored in changed]
    assert [event.what for event in decode(edited, FACTS).pending] == expected


@examples(50)
@given(governed_metadata(), st.sampled_from(["value", "risk", "feasibility", "cost"]), st.sampled_from(["Low", "High"]))
def test_a_rating_edited_in_dss_counts_as_recorded_in_the_qualification(metadata, dimension, rating):
    edited = with_field(metadata, f"govern_{dimension}_rating", rating)
    found = getattr(decode(edited, FACTS).qualification, dimension)
    if metadata["customFields"].get(f"govern_{dimension}_rating") == rating:
        known = getattr(decode(metadata, FACTS).qualification, dimension)
        assert (found, found.origin) == (known, known.origin)
        return
    assert (found.rating, found.origin) == (rating, "qualification")
    after = write(edited, noted("delivery", "a note nobody wrote before"), later(50))
    again = getattr(decode(after, FACTS).qualification, dimension)
    assert (again, again.origin) == (found, found.origin)
    emptied = decode(with_field(edited, f"govern_{dimension}_rating", None), FACTS)
    assert getattr(emptied.qualification, dimension).origin is None


@given(governed_metadata(), st.sampled_from(STEPS), st.sampled_from(list(Status)))
def test_a_status_edited_in_dss_takes_the_time_of_the_edit(metadata, step, status):
    before = decode(metadata, FACTS).workflow[step]
    edited = decode(with_field(metadata, f"govern_status_{step}", status.value), FACTS).workflow[step]
    assert edited.status is status
    if status is before.status:
        assert edited == before
        return
    assert edited.by is None
    expected = {
        Status.NOT_STARTED: (None, None),
        Status.ONGOING: (EDITED_ON, None),
        Status.FINISHED: (before.started_on or EDITED_ON, EDITED_ON),
        Status.SKIPPED: (before.started_on, EDITED_ON),
    }[status]
    assert (edited.started_on, edited.finished_on) == expected


@given(governed_metadata(most=2), st.sampled_from(sorted(FIELDS)), st.sampled_from(["", [], None]))
def test_a_field_that_the_form_leaves_empty_is_no_edit(metadata, name, empty):
    """DSS's form may store an empty text or list, or nothing, for a field that was blank."""
    if name in metadata["customFields"]:
        return
    metadata["customFields"][name] = empty
    project = decode(metadata, FACTS)
    assert (project.pending, project.problems) == ((), ())


LINK = {"from": "Plan", "to": "https://example.com"}


@pytest.mark.parametrize(
    ("name", "was", "now"),
    [
        ("govern_sponsor", "5", 5),
        ("govern_notes_progress", "true", True),
        ("govern_documents_progress", [LINK], json.dumps([LINK])),
    ],
)
def test_an_edit_that_only_changes_the_type_is_an_edit(name, was, now):
    """A script may turn a text into a number or a list: the value is damaged then, and the history says when."""
    metadata = write(with_field(initialized(), name, was), noted("delivery", "x"))
    project = decode(with_field(metadata, name, now), FACTS)
    assert FIELDS[name].path in project.problem_fields
    assert [event.what for event in project.pending] == [FIELDS[name].path]


@given(governed_metadata())
def test_a_project_read_without_its_history_lacks_older_events_only_and_is_never_written(metadata):
    whole, quick = decode(metadata, FACTS), decode(metadata, FACTS, history=False)
    assert quick.events == whole.events[-1:]
    assert replace(quick, events=whole.events, read_only=None) == whole
    with pytest.raises(WriteRefused, match="without its history"):
        encode(with_values(quick, {"overview.sponsor": "Somebody else"}), metadata, ALICE)
