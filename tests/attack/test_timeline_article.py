"""The wiki article that holds a project's older history: hostile texts, hostile articles, lines that people edit."""

import json
import re
import sys

import pytest
from click.testing import CliRunner

from govern_mirror.actions.govern import Scope, initialize, ungovern
from govern_mirror.actions.record import move, write_note
from govern_mirror.actions.session import connect_to
from govern_mirror.actions.show import show
from govern_mirror.cli.main import main
from govern_mirror.errors import Action, GovernMirrorError, Hint
from govern_mirror.metadata import timeline
from govern_mirror.model.changes import Move, MoveKind
from govern_mirror.model.event import Event

ARTICLE = timeline.ARTICLE
LONG = "why " * 3000
STEPS = ("progress", "rollout", "delivery")
HOSTILE_REASONS = [
    "see https://evil.example/x now",
    "ask @everyone and #general",
    "<script>alert(1)</script>",
    "<!-- event:eyJudW1iZXIiOjF9 -->",
    "--> <b>bold</b> <!--",
    "[click](javascript:alert(1))",
    "{{7*7}} {: onclick=x}",
    "| a | b |",
    "\u202egnp.exe",
]


@pytest.fixture
def session(sandbox, url):
    sandbox.create_project("CHURN")
    session = connect_to(url, sandbox.admin_key)
    initialize(session, Scope(keys=("CHURN",)))
    return session


@pytest.fixture
def article(sandbox):
    """Reads the timeline article's text, or replaces it as a person does."""

    def article(text=None):
        document = sandbox.wiki.article(sandbox.admin, "CHURN", ARTICLE)
        if text is not None:
            sandbox.wiki.save(sandbox.admin, "CHURN", document["article"]["id"], {**document, "payload": text})
        return document["payload"]

    return article


def filled(session):
    """A project whose first events have moved to the wiki."""
    for number in range(3):
        move(session, "CHURN", Move(MoveKind.SET, STEPS[number], f"{number} {LONG}"))
    write_note(session, "CHURN", "exploration", "kept in the record")


def breaks(session):
    return [problem.found for problem in show(session, "CHURN").problems if problem.field == "govern_record"]


@pytest.mark.parametrize("reason", HOSTILE_REASONS)
def test_t14_reasons_stay_plain_text_in_the_wiki(reason):
    line = timeline._line(Event(1, None, "ada", "cli", "advance", reason, reason, reason))
    shown = line[: line.rindex("<!--")]
    assert not re.search(r"(?<!\\)https?:|(?<!\\)[\[\]{}|<>@#`*_](?!\d+;)", re.sub(r"&#?\w+;", "", shown))
    assert timeline.events_of(timeline.with_events("", [Event(1, None, None, "cli", "x", reason=reason)]))


def test_t14_events_stand_in_the_article_as_base64(session, article):
    filled(session)
    assert '{"number"' not in article()
    assert article().count("<!-- event:") >= 2


@pytest.mark.parametrize("line", ["1." + " <!-- {" * 5, "1. " + "<!-- " * 9 + "-->", "1.<!-- {} -->"])
def test_t8_odd_lines_are_no_events(line):
    assert timeline.events_of(f"{timeline.TIMELINE.begin}\n{line}\n{timeline.TIMELINE.end}") == ()


def test_t8_a_hostile_line_costs_work_that_grows_with_its_length():
    """Counted in calls: what a backtracking pattern did inside one call took 107 s for 480 KB."""

    def cost(length):
        payload = f"{timeline.TIMELINE.begin}\n1.{'<!-- {' * length}\n{timeline.TIMELINE.end}"
        calls = 0

        def count(frame, kind, argument):
            nonlocal calls
            calls += 1

        sys.setprofile(count)
        try:
            timeline.events_of(payload)
        finally:
            sys.setprofile(None)
        return calls

    assert cost(80_000) < 2 * cost(800) + 100
    assert not any(isinstance(value, re.Pattern) for value in vars(timeline).values())


def test_t8_an_article_without_end_is_told_and_not_read(session, article, monkeypatch):
    filled(session)
    monkeypatch.setattr(timeline, "MAX_ARTICLE_LENGTH", 1000)
    shown = show(session, "CHURN")
    assert "no history is that long" in shown.problems[-1].message


def cut(text):
    lines = text.split("\n")
    return "\n".join(line for line in lines if not line.startswith("1."))


def edited(text):
    """A careful edit of one event's stored form."""
    lines = text.split("\n")
    position = next(i for i, line in enumerate(lines) if line.startswith("2."))
    (event,) = timeline.events_of(f"{timeline.TIMELINE.begin}\n{lines[position]}\n{timeline.TIMELINE.end}")
    lines[position] = timeline._line(event._replace(by="mallory"))
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("change", "told"),
    [(cut, "missing 1"), (edited, "changed 2"), (lambda text: "", "missing 1-"), (lambda text: "mine", "missing 1-")],
)
def test_r11_an_edited_history_in_the_wiki_is_told(session, article, change, told):
    filled(session)
    assert breaks(session) == []
    article(change(article()))
    assert breaks(session)[0].startswith(told)


def record_of(sandbox):
    return json.loads(sandbox.metadata("CHURN")["customFields"]["govern_record"])


def put_record(sandbox, record):
    def change(metadata):
        metadata["customFields"]["govern_record"] = record if isinstance(record, str) else json.dumps(record)

    sandbox.edit_metadata("CHURN", change, "admin")


@pytest.mark.parametrize(
    "change",
    [
        lambda record: record.update(events=[]),
        lambda record: record["events"].pop(0),
        lambda record: record["events"].pop(),
        lambda record: record["events"][0].update(by="mallory"),
        lambda record: record.update(last_event=1, events=record["events"][:1]),
        lambda record: record["steps"].clear(),
        lambda record: record.update(revision=90),
    ],
)
def test_r11_an_edited_record_is_told_and_stays_noted(sandbox, session, change):
    move(session, "CHURN", Move(MoveKind.ADVANCE))
    write_note(session, "CHURN", "exploration", "one")
    record = record_of(sandbox)
    change(record)
    put_record(sandbox, record)
    assert "govern_record" in show(session, "CHURN").problem_fields
    write_note(session, "CHURN", "exploration", "two")
    shown = show(session, "CHURN")
    assert "record" in [event.what for event in shown.events if event.source == "edited-in-dss"]


def test_r11_a_closed_wiki_blocks_new_numbers_of_a_lost_record(sandbox, session):
    filled(session)
    put_record(sandbox, "")
    before = sandbox.metadata("CHURN")
    sandbox.faults.set("GET /projects/CHURN/wiki*:500")
    with pytest.raises(GovernMirrorError, match="numbered anew"):
        write_note(session, "CHURN", "exploration", "new")
    assert sandbox.metadata("CHURN") == before
    sandbox.faults.set("")
    write_note(session, "CHURN", "exploration", "new")
    numbers = [event.number for event in show(session, "CHURN").events]
    assert numbers == sorted(set(numbers))


def test_r11_a_project_governed_again_goes_on_in_its_numbers(sandbox, session):
    move(session, "CHURN", Move(MoveKind.ADVANCE))
    ungovern(session, ["CHURN"])
    assert set(record_of(sandbox)) == {"schema", "removed"}
    initialize(session, Scope(keys=("CHURN",)))
    shown = show(session, "CHURN")
    assert ([event.number for event in shown.events], shown.problems) == ([3], ())


def test_r5_a_removal_that_is_refused_costs_no_history(sandbox, session, article):
    filled(session)
    before = article()
    sandbox.faults.set("PUT /projects/CHURN/metadata:403")
    (result,) = ungovern(session, ["CHURN"])
    assert result.failed
    sandbox.faults.set("")
    assert article() == before
    assert not show(session, "CHURN").problems


def test_r4_an_article_that_was_not_stored_costs_no_event(sandbox, session):
    sandbox.faults.set('PUT /projects/CHURN/wiki*:json={"errorType": "x"}')
    for number in range(3):
        move(session, "CHURN", Move(MoveKind.SET, STEPS[number], f"{number} {LONG}"))
    sandbox.faults.set("")
    shown = show(session, "CHURN")
    assert [event.number for event in shown.events] == [1, 2, 3, 4]


def test_r12_a_node_without_a_name_writes_no_record_of_a_node(sandbox, session, url):
    before = sandbox.metadata("CHURN")
    sandbox.node_id = None
    with pytest.raises(GovernMirrorError, match="does not say which node"):
        write_note(connect_to(url, sandbox.admin_key), "CHURN", "exploration", "x")
    assert sandbox.metadata("CHURN") == before


@pytest.mark.parametrize("key", ["last_event", "revision", "moved_events"])
def test_low_numbers_near_2_to_the_53_lock_nobody_out(sandbox, session, key):
    record = record_of(sandbox)
    put_record(sandbox, {**record, key: 2**53 - 1})
    for text in ("one", "two"):
        write_note(session, "CHURN", "exploration", text)
    shown = show(session, "CHURN")
    assert shown.values["steps.exploration.notes"] == "two"
    assert all((event.number or 0) < 1000 for event in shown.events)


def test_low_a_record_of_a_newer_version_can_be_purged(sandbox, session, url, monkeypatch):
    put_record(sandbox, {**record_of(sandbox), "schema": 99})
    (refused,) = ungovern(session, ["CHURN"])
    assert refused.hint == Hint(Action.PURGE, "CHURN")
    monkeypatch.setenv("DKU_DSS_URL", url)
    monkeypatch.setenv("DKU_API_KEY", sandbox.admin_key)
    assert CliRunner().invoke(main, ["ungovern", "CHURN", "--yes", "--purge"]).exit_code == 0
    assert sandbox.metadata("CHURN")["customFields"] == {}


def test_low_digests_have_128_bits(sandbox, session):
    record = record_of(sandbox)
    assert len(record["digest"]) == len(record["events"][0]["hash"]) == 32
