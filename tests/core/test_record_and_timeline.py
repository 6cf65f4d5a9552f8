"""The record and the history: copies, newer versions, loss and damage, the budget, the wiki article."""

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sampling import examples
from standard import decode, encode, overflow
from support.strategies import (
    ALICE,
    FACTS,
    NOW,
    STEPS,
    Change,
    any_text,
    damaged_records,
    deeds,
    foreign_metadata,
    foreign_part,
    governed_metadata,
    initialized,
    json_values,
    later,
    noted,
    people_text,
    stored_record,
    with_field,
    with_record,
    write,
)

from govern_mirror.errors import Action, Hint, WriteRefused
from govern_mirror.fast_json import sorted_ascii
from govern_mirror.metadata import NONCE_LENGTH, timeline
from govern_mirror.metadata.layout import MAX_RECORD_SIZE
from govern_mirror.metadata.record import SCHEMA, parse_record
from govern_mirror.model import changes
from govern_mirror.model.blueprint import RECORD_FIELD, STANDARD
from govern_mirror.model.changes import Move, MoveKind
from govern_mirror.model.event import Event, compact_json, event_from_json, excerpt, merged
from govern_mirror.model.item import Governance, ProjectFacts, values, with_values
from govern_mirror.model.workflow import Workflow
from govern_mirror.text import clean
from govern_mirror.times import iso_time, parse_time

COPIES = (ProjectFacts("CHURN_COPY", node_id="design-1"), ProjectFacts("CHURN", node_id="automation-1"))
copies = st.sampled_from(COPIES)
NEW_NOTE = noted("delivery", "a note nobody wrote before")


# copies -------------------------------------------------------------------------------------------------------


@examples(40)
@given(governed_metadata(), copies, deeds)
def test_a_copied_project_is_not_counted_and_refuses_every_change(metadata, facts, deed):
    project = decode(metadata, facts)
    assert project.state is Governance.COPIED
    assert not project.is_governed
    assert project.copied_from == ("design-1", "CHURN")
    assert "project_key" in project.problem_fields
    with pytest.raises(WriteRefused, match="is a copy") as refusal:
        deed(project)
    assert refusal.value.hint == Hint(Action.ADOPT, facts.project_key)


@examples(40)
@given(governed_metadata(), copies)
def test_a_copied_project_is_never_written_even_when_code_tries(metadata, facts):
    project = decode(metadata, facts)
    changed = with_values(project, {"overview.sponsor": "somebody nobody named before"})
    with pytest.raises(WriteRefused, match="is a copy"):
        encode(changed, metadata, ALICE)


@examples(40)
@given(governed_metadata(), copies, deeds)
def test_an_adopted_copy_keeps_its_values_and_starts_anew(metadata, facts, deed):
    original = decode(metadata, FACTS)
    adopted = changes.initialize(decode(metadata, facts), {}, later(50), adopt=True)
    written = encode(adopted, metadata, later(50))
    project = decode(written, facts)
    assert project.is_governed
    assert project.problems == ()
    (event,) = project.events
    assert (event.number, event.what, event.before) == (1, "adopt", "design-1/CHURN")
    assert (event.after or "") == original.last_hash
    assert project.workflow == Workflow.not_started(STANDARD)
    gone = {
        "qualification.decision",
        "qualification.decision_comment",
        "overview.start_date",
        "overview.target_end_date",
    }
    assert project.values == {path: None if path in gone else value for path, value in original.values.items()}
    assert project.origins == dict.fromkeys(original.origins, "overview")
    assert decode(written, FACTS).state is Governance.COPIED, "now the original's key is the other one"
    assert decode(write(written, deed, later(51), facts), facts).is_governed


@examples(40)
@given(governed_metadata(), copies)
def test_adopting_twice_adopts_once(metadata, facts):
    written = write(metadata, lambda project, actor: changes.initialize(project, {}, actor, adopt=True), ALICE, facts)
    project = decode(written, facts)
    assert changes.initialize(project, {}, later(60), adopt=True) is project


@examples(25)
@given(governed_metadata())
def test_a_project_is_no_copy_where_the_node_is_not_known(metadata):
    assert decode(metadata, ProjectFacts("CHURN", node_id=None)).is_governed
    assert decode(with_record(metadata, node_id=None), FACTS).is_governed


# newer versions -----------------------------------------------------------------------------------------------


@examples(40)
@given(governed_metadata(), st.integers(SCHEMA + 1, 10**6), json_values(), deeds)
def test_a_newer_record_is_read_as_far_as_possible_and_never_written_over(metadata, schema, unknown, deed):
    newer = with_record(metadata, schema=schema, something_new=unknown)
    project, known = decode(newer, FACTS), decode(metadata, FACTS)
    assert project.is_governed
    assert project.read_only
    assert RECORD_FIELD in project.problem_fields
    assert values(project) == values(known)
    assert (project.events, project.workflow, project.origins) == (
        known.events,
        known.workflow,
        known.origins,
    )
    with pytest.raises(WriteRefused, match=f"{schema}.*update govern-mirror"):
        deed(project)
    changed = with_values(project, {"overview.sponsor": "somebody nobody named before"})
    with pytest.raises(WriteRefused, match=f"{schema}.*update govern-mirror"):
        encode(changed, newer, ALICE)


@examples(25)
@given(governed_metadata(), copies)
def test_a_copy_with_a_newer_record_cannot_be_adopted(metadata, facts):
    newer = with_record(metadata, schema=SCHEMA + 1)
    with pytest.raises(WriteRefused, match="update govern-mirror"):
        changes.initialize(decode(newer, facts), {}, ALICE, adopt=True)


@examples(40)
@given(governed_metadata(), json_values(), deeds)
def test_what_others_keep_in_the_record_stays_through_every_write(metadata, unknown, deed):
    metadata = with_record(metadata, sync_base=unknown)
    after = write(metadata, deed, later(50))
    assert json.dumps(stored_record(after)["sync_base"]) == json.dumps(unknown)
    assert stored_record(after)["blueprint"] == {"id": "bp.system.govern_project", "version": "bv.system.default"}


# loss and damage ----------------------------------------------------------------------------------------------


@examples(50)
@given(governed_metadata(foreign_metadata()), st.sampled_from([None, ""]), deeds)
def test_a_lost_record_is_a_problem_and_is_rebuilt_at_the_next_write(metadata, nothing, deed):
    lost = with_field(metadata, RECORD_FIELD, nothing)
    project, known = decode(lost, FACTS), decode(metadata, FACTS)
    assert project.is_governed
    assert [problem.field for problem in project.problems] == [RECORD_FIELD]
    assert values(project) == values(known)
    assert (project.events, project.revision) == ((), 0)
    changed = deed.tried(project, later(50))
    written = encode(changed, lost, later(50))
    assert foreign_part(written) == foreign_part(metadata)
    if changed != project:
        again = decode(written, FACTS)
        assert again.problems == ()
        assert (again.revision, values(again)) == (1, values(changed))


@given(governed_metadata(most=2))
def test_initializing_again_rebuilds_a_lost_record(metadata):
    lost = with_field(metadata, RECORD_FIELD, None)
    written = write(lost, Change("initialize", ({},)), later(50))
    project = decode(written, FACTS)
    assert (project.problems, project.revision) == ((), 1)
    assert [event.what for event in project.events] == ["record"]


DAMAGES = {
    "schema": ["1", None, 0, -1, 1.5],
    "node_id": [5],
    "project_key": [["CHURN"]],
    "revision": ["2", -1, True],
    "origins": [[], {"value": "guess"}],
    "steps": [[], {"exploration": {"started_on": "yesterday"}}, {"exploration": 5}],
    "events": [{}, [5], [{"number": 0}], [{"number": 1, "what": 5, "source": "cli"}]],
    "last_event": [-1, "9"],
    "moved_events": [-1, "9", False, [1]],
    "digest": [None, [], {"status_exploration": 5}],
}


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, found in DAMAGES.items() for value in found])
def test_a_damaged_part_of_the_record_is_sound_after_the_next_write(key, value):
    metadata = initialized(overview={"qualification.value.rating": "High", "overview.sponsor": "Ada"})
    metadata = write(metadata, Change("move", (Move(MoveKind.ADVANCE),)), later(1))
    damaged = with_record(metadata, **{key: value})
    project = decode(damaged, FACTS)
    assert f"{RECORD_FIELD}.{key}" in project.problem_fields
    assert values(project) == values(decode(metadata, FACTS))
    after = write(damaged, NEW_NOTE, later(2))
    again = decode(after, FACTS)
    # events that are gone stay a problem: their text is kept, their place in the history is not
    assert [problem.found for problem in again.problems] == (["missing 1-4"] if key == "events" else [])
    kept = [event for event in again.events if event.what == "record"]
    assert [event.reason for event in kept] == [damaged["customFields"][RECORD_FIELD]], "its text is lost"
    final = decode(write(after, noted("delivery", "and one more"), later(3)), FACTS)
    assert [e for e in final.events if e.what == "record"] == kept, "the damage is told again with every write"


@examples(60)
@given(damaged_records().filter(lambda record: isinstance(record, str) and record != ""), deeds)
def test_the_text_of_a_damaged_record_is_kept_as_an_event(text, deed):
    metadata = with_field(initialized(), RECORD_FIELD, text)
    project = decode(metadata, FACTS)
    assume(not project.read_only and project.is_governed)
    changed = deed.tried(project, later(5))
    if changed == project:
        return
    again = decode(encode(changed, metadata, later(5)), FACTS)
    if parse_record(text).faults:
        assert clean(text) in [event.reason for event in again.events if event.what == "record"]
    messages = ("the record exceeds", "the history is not as it was written")
    assert not [problem for problem in again.problems if not problem.message.startswith(messages)]


@pytest.mark.parametrize("record", [{"schema": 1, "events": []}, 5, True, ["lost"]])
def test_a_record_that_is_no_text_is_kept_as_an_event_too(record):
    """The problem says that the next write keeps it as an event: then it must."""
    metadata = with_field(initialized(), RECORD_FIELD, record)
    (problem,) = decode(metadata, FACTS).problems
    assert "keeps its text as an event" in problem.message
    again = decode(write(metadata, NEW_NOTE, later(1)), FACTS)
    assert again.problems == ()
    assert [json.loads(event.reason) for event in again.events if event.what == "record"] == [record]


@pytest.mark.parametrize("key", ["revision", "last_event", "moved_events"])
def test_a_number_too_long_to_count_on_does_not_stop_the_next_change(key):
    """JSON may hold a number of 4300 digits, and Python refuses to print the one that follows."""
    metadata = with_record(initialized(), **{key: 0})
    text = metadata["customFields"][RECORD_FIELD].replace(f'"{key}": 0', f'"{key}": {"9" * 4300}')
    after = write(with_field(metadata, RECORD_FIELD, text), NEW_NOTE, later(1))
    assert decode(after, FACTS).notes("delivery") == "a note nobody wrote before"


# the budget ---------------------------------------------------------------------------------------------------


def stored(metadata, article, change, actor):
    """A write as the store does it: what does not fit goes to the article first. Also what was taken out."""
    before = decode(metadata, FACTS)
    after = change(before, actor)
    if after == before:
        return metadata, article, ()
    fitting = overflow(after, metadata)
    taken = after.events[: len(after.events) - len(fitting.events)]
    assert taken + fitting.events == after.events
    assert (fitting.moved_events, bool(taken)) == (
        max((e.number for e in taken), default=before.moved_events),
        bool(taken),
    )
    if taken:
        article = timeline.with_events(article, taken)
    else:
        assert fitting is after
    return encode(fitting, metadata, actor), article, after.events[len(before.events) :]


long_texts = st.builds(lambda text, times: text * times, people_text, st.integers(1, 60))
busy_deeds = st.one_of(
    st.builds(lambda step, why: Change("move", (Move(MoveKind.SET, step, why),)), st.sampled_from(STEPS), long_texts),
    st.builds(lambda step, text: noted(step, text), st.sampled_from(STEPS), long_texts),
    deeds,
)


@examples(40)
@given(foreign_metadata(), st.lists(busy_deeds, min_size=10, max_size=25), people_text)
def test_the_record_stays_within_its_budget_and_no_event_is_lost(metadata, sequence, by_people):
    metadata = initialized(metadata)
    article, history = by_people.replace("<!--", ""), decode(metadata, FACTS).events
    for minute, deed in enumerate(sequence, 1):
        metadata, article, new = stored(metadata, article, deed.tried, later(minute))
        history += new
        project = decode(metadata, FACTS)
        assert len(metadata["customFields"][RECORD_FIELD].encode()) <= MAX_RECORD_SIZE
        assert project.problems == ()
        assert timeline.events_of(article) + project.events == history
        assert [event.number for event in history] == list(range(1, project.last_event + 1))


def record_size(project, metadata) -> int:
    return len(encode(project, metadata, ALICE, nonce="0" * NONCE_LENGTH)["customFields"][RECORD_FIELD])


def reason(length: int) -> Change:
    return Change("move", (Move(MoveKind.SET, "progress", "x" * length),))


@pytest.mark.parametrize("moved", [0, 5, 9, 99])
@pytest.mark.parametrize(("held", "without"), [(0, 0), (1, 0), (1, 1), (2, 1), (2, 2)])
def test_the_budget_holds_to_the_byte(moved, held, without):
    """Reasons that just fit, or just do not, when the first `without` of the events held have gone to the wiki."""
    metadata = initialized()
    first = stored_record(metadata)["events"][0]
    events = [{**first, "number": moved + n, "reason": "y" * 700} for n in range(1, held + 1)]
    keys = {"events": events, "last_event": moved + held}
    metadata = with_record(metadata, **keys, **({"moved_events": moved} if moved else {}))
    one = reason(1)(decode(metadata, FACTS))
    rest = replace(one, events=one.events[without:], moved_events=moved + without)
    if without:
        rest = replace(rest, moved_hash=one.events[without - 1].hash)
    room = MAX_RECORD_SIZE - record_size(rest, metadata)
    taken = set()
    for length in range(room - 30, room + 31):
        after = reason(length)(decode(metadata, FACTS))
        fitting = overflow(after, metadata)
        size = record_size(fitting, metadata)
        assert size <= MAX_RECORD_SIZE, f"{size - MAX_RECORD_SIZE} bytes over, with a reason of {length}"
        assert (fitting is after) == (record_size(after, metadata) <= MAX_RECORD_SIZE)
        taken.add(len(after.events) - len(fitting.events))
    assert taken == {without, without + 1}


def test_an_event_longer_than_the_budget_goes_to_the_wiki_whole():
    metadata, article, _ = stored(initialized(), "", reason(20_000).tried, later(1))
    assert [event.number for event in timeline.events_of(article)] == [1, 2]
    assert timeline.events_of(article)[1].reason == "x" * 20_000
    assert decode(metadata, FACTS).events == ()
    assert decode(metadata, FACTS).last_event == 2
    metadata, article, _ = stored(metadata, article, NEW_NOTE.tried, later(2))
    assert [event.number for event in decode(metadata, FACTS).events] == [3]


def test_a_record_over_its_budget_says_that_the_wiki_was_refused():
    after = reason(20_000)(decode(initialized(), FACTS))
    project = decode(encode(after, initialized(), ALICE), FACTS)
    (problem,) = project.problems
    assert (problem.field, "wiki" in problem.message) == (RECORD_FIELD, True)
    assert len(project.events) == 2


@examples(25)
@given(governed_metadata())
def test_a_project_that_did_not_change_moves_no_events(metadata):
    project = decode(metadata, FACTS)
    assert overflow(project, metadata) is project


# events and the article ---------------------------------------------------------------------------------------

times = st.none() | st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)).map(
    lambda at: at.replace(microsecond=0, tzinfo=timezone.utc)
)
optional_texts = st.none() | any_text | people_text
wild_events = st.builds(
    Event,
    number=st.integers(1, 10**6),
    at=times,
    by=optional_texts,
    source=any_text,
    what=any_text | people_text,
    before=optional_texts,
    after=optional_texts,
    reason=optional_texts | people_text.map(lambda text: text * 50),
    hint=optional_texts,
)
histories = st.lists(wild_events, max_size=6, unique_by=lambda event: event.number).map(
    lambda events: tuple(sorted(events, key=lambda event: event.number))
)
around = (
    any_text | people_text | st.sampled_from(["# Title\n\ntext\n", "1. a list", "\r\n", "<!-- a comment -->"])
).filter(lambda text: timeline.TIMELINE.begin not in text and timeline.TIMELINE.end not in text)


@given(wild_events)
def test_an_event_reads_back_from_the_record_as_it_was(event):
    assert event_from_json(json.loads(json.dumps(compact_json(event)))) == event


@given(histories)
def test_the_article_gives_back_every_event_as_it_was(events):
    assert timeline.events_of(timeline.with_events("", events)) == events


@given(histories, around, around)
def test_what_people_write_around_the_block_stays_as_it_is(events, before, after):
    block = timeline.with_events("", events).removeprefix(timeline.TIMELINE.introduction).removesuffix("\n")
    more = Event(10**6 + 1, NOW, "alice", "cli", "start", "a", "b", "--> <!-- {} -->")
    written = timeline.with_events(before + block + after, [more])
    assert written.startswith(before + timeline.TIMELINE.begin)
    assert written.endswith(timeline.TIMELINE.end + after)
    assert timeline.events_of(written) == (*events, more)


@given(histories, around.filter(bool))
def test_an_article_that_people_began_is_kept_and_the_block_added_below(events, text):
    written = timeline.with_events(text, events)
    assert written.startswith(text)
    assert timeline.events_of(written) == events


@given(histories, histories, around)
def test_adding_events_again_or_in_another_order_changes_nothing(first, second, text):
    once = timeline.with_events(text, first)
    assert timeline.with_events(once, first) == once
    expected = {event.number: event for event in (*first, *second)}
    both = timeline.with_events(once, second)
    assert {event.number: event for event in timeline.events_of(both)} == expected
    numbers = [event.number for event in timeline.events_of(both)]
    assert numbers == sorted(set(numbers)), "a number twice, or out of order"
    assert timeline.with_events(both, reversed(second)) == both


@given(histories)
def test_every_event_is_one_line_that_no_text_can_break_out_of(events):
    article = timeline.with_events("", events)
    lines = article[article.index(timeline.TIMELINE.begin) :].splitlines()
    assert lines[0] == timeline.TIMELINE.begin
    assert lines[-1] == timeline.TIMELINE.end
    assert len(lines) == len(events) + 2
    for line, event in zip(lines[1:-1], events, strict=True):
        assert line.startswith(f"{event.number}. ")
        assert line.count("<!--") == line.count("-->") == 1
        shown = re.sub(r"\\.|&#?\w+;", "", line[: line.index("<!--")])
        assert not set("<>[]`*_|#") & set(shown), "text of people would be marked up"


@given(histories.filter(bool), st.data())
def test_a_line_that_people_damaged_costs_that_event_only(events, data):
    position = data.draw(st.integers(0, len(events) - 1))
    lines = timeline.with_events("", events).split("\n")
    at = lines.index(timeline.TIMELINE.begin) + 1 + position
    lines[at] = data.draw(
        st.sampled_from([lines[at][:-5], "x" + lines[at], "my own line", lines[at].replace("event:", "even:")])
    )
    damaged = "\n".join(lines)
    rest = events[:position] + events[position + 1 :]
    assert timeline.events_of(damaged) == rest
    assert lines[at] in timeline.with_events(damaged, rest).split("\n"), "what people wrote is gone"


@given(histories, around)
def test_the_history_survives_windows_line_ends_and_a_lost_end_mark(events, text):
    article = timeline.with_events("", events)
    assert timeline.events_of(article.replace("\n", "\r\n")) == events
    cut = article.replace(timeline.TIMELINE.end, text)
    assert timeline.events_of(cut) == events
    assert timeline.events_of(timeline.with_events(cut, events)) == events


@given(histories, around, around)
def test_ungoverning_leaves_what_people_wrote_in_the_article(events, before, after):
    block = timeline.with_events("", events).removeprefix(timeline.TIMELINE.introduction).removesuffix("\n")
    rest = timeline.TIMELINE.removed(before + block + after)
    assert rest.strip() == (before + after).strip()
    assert timeline.TIMELINE.removed(timeline.with_events("", events)) == ""


@given(histories, histories)
def test_merged_histories_hold_every_number_once_and_the_later_one_wins(first, second):
    found = merged(first, second)
    assert [event.number for event in found] == sorted({event.number for event in (*first, *second)})
    for event in found:
        assert event in second or (event in first and event.number not in {other.number for other in second})


@examples(25)
@given(governed_metadata(), st.integers(1, 3))
def test_an_event_that_stands_twice_in_the_record_is_shown_once(metadata, times_more):
    events = stored_record(metadata)["events"]
    twice = with_record(metadata, events=events * (1 + times_more))
    assert decode(twice, FACTS).events == decode(metadata, FACTS).events
    assert decode(with_record(metadata, events=events[::-1]), FACTS).events == decode(metadata, FACTS).events


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)), st.integers(-14 * 60, 14 * 60))
def test_times_are_kept_in_utc_to_the_second(at, minutes):
    zoned = at.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    text = iso_time(zoned)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text)
    assert parse_time(text) == zoned
    assert parse_time(zoned.isoformat()) == zoned


@given(st.datetimes(timezones=st.just(timezone.utc)))
def test_a_time_of_any_year_is_written_to_the_second(at):
    assert iso_time(at) == at.isoformat()[:19] + "Z"


@given(any_text | people_text | people_text.map(lambda text: text * 20))
def test_an_excerpt_is_one_short_line_that_says_when_it_was_cut(text):
    found = excerpt(text)
    assert len(found) <= 60
    assert len(found.splitlines()) <= 1
    whole = " ".join(clean(text).split())
    assert found == whole or (found.endswith("…") and whole.startswith(found[:-1].rstrip()))


@pytest.mark.parametrize("time", ["0999-01-01T00:00:00Z", "9999-12-31T00:00:00Z", "1899-12-31T23:59:59Z"])
def test_a_step_s_time_in_a_year_nobody_means_is_a_fault_that_is_told(time):
    found = parse_record(json.dumps({"schema": 1, "steps": {"exploration": {"started_on": time}}, "digest": {}}))
    assert "exploration" in found.faults["steps"] and "1900" in found.faults["steps"]
    assert not found.times


ANY_JSON_TEXT = st.text(st.characters(exclude_categories=())) | st.sampled_from(["\x7f", "\x1f", "é", "\ud800"])


@given(st.dictionaries(ANY_JSON_TEXT, ANY_JSON_TEXT | st.integers(1, 10**9)))
@examples(200)
def test_fingerprints_of_events_stay_as_they_were_written(document):
    assert sorted_ascii(document) == json.dumps(document, sort_keys=True, separators=(",", ":"))
