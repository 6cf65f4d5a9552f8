"""The rows of the findings on reliability, each with the case that was found; the suites beside try the whole kind."""

from __future__ import annotations

import json
import random
import re

import pytest
import requests
from reliability.campaigns import FaultCase, tried_fault
from reliability.content import TIMELINE, foreign, governed
from reliability.faults import BODIES, BY_NAME, FAULTS, at
from reliability.foreign_writes import UPHEAVALS
from reliability.judging import LOSS, Expectations, parts_of
from reliability.scenarios import ALL, WRITING, by_row, is_unclear, note
from reliability.world import DSS_URL, MORNING, open_world
from sampling import sample
from werkzeug.wrappers import Response

from govern_mirror import Move, MoveKind, connect_to, move


@pytest.fixture(scope="module")
def expectations(states):
    return Expectations(states)


def failures_of(expectations, name, is_meant, faults, *, persisting=False):
    """Try some faults at those requests of a command that are meant."""
    met = [request for request in expectations.of(ALL[name]).requests if is_meant(request)]
    assert met, "no request is meant"
    cases = [FaultCase(name, request.number, str(request), fault, persisting) for request in met for fault in faults]
    some = sample(cases, 1, lambda case: case.fault.name, lambda case: case.number)
    return [f"{case}: {'; '.join(found)}" for case in some if (found := tried_fault(expectations, case))]


def reads_metadata(request):
    return request.method == "GET" and request.path.endswith("/metadata")


def is_wiki(request):
    return "/wiki" in request.path


SHAPES = [BY_NAME[f"200-{name}"] for name in BODIES]

# R1 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["init", "advance", "overflow", "ungovern", "sync-create-here", "probe-write"])
def test_r1_what_is_no_metadata_is_never_a_base(expectations, name):
    assert not failures_of(expectations, name, reads_metadata, SHAPES)


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("name", ["init", "advance", "ungovern", "qualify"])
def test_r1_a_read_that_lacks_foreign_content_is_outvoted(expectations, name, number):
    """The answer looks like metadata, but what others keep there is gone: a third read decides."""
    scenario, world = ALL[name], expectations.states.world
    expected = expectations.of(scenario)
    expectations.states.enter(scenario.state)
    reads = []

    def forget(request, handle):
        response = handle()
        if reads_metadata(request):
            reads.append(request)
            if len(reads) == number:
                document = json.loads(response.get_data())
                document |= {"description": "", "tags": [], "checklists": {"checklists": []}}
                document["customFields"] = {
                    key: value for key, value in document["customFields"].items() if key.startswith("govern_")
                }
                return Response(json.dumps(document), content_type="application/json")
        return response

    world.around = forget
    run = scenario.command(world)
    world.around = None
    assert run.crash is None and run.code in (0, 1)
    assert foreign(world, "P") == expected.foreign["P"]


# R3 ---------------------------------------------------------------------------------------------------------------


def test_r3_a_lost_move_is_not_taken_for_done_since_another_moved(states):
    states.enter("started")
    world = states.world
    puts = []

    def lost(request, handle):
        if request.is_metadata_put:
            puts.append(request)
            if len(puts) == 1:
                with world.quiet():
                    other = connect_to(DSS_URL, world.sandbox.admin_key)
                    move(other, "P", Move(MoveKind.ADVANCE, None, "the other one"))
                raise requests.exceptions.ConnectionError("reset")
        return handle()

    world.around = lost
    run = world.run("advance", "P", "--reason", "mine")
    world.around = None
    reasons = [event["reason"] for event in world.show("P")["events"] if event["what"] == "advance"]
    assert reasons.count("the other one") == 1
    assert reasons.count("mine") == (1 if run.code == 0 else 0), run.text


def test_r3_two_moves_within_one_second_are_two_events(states):
    states.enter("started")
    world = states.world
    count = len(world.show("P")["events"])
    for _ in range(2):
        session = connect_to(DSS_URL, world.sandbox.admin_key)
        move(session, "P", Move(MoveKind.ADVANCE, None, "same"), now=MORNING)
    assert len(world.show("P")["events"]) == count + 2


# R4, R5 -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["overflow", "overflow-again"])
def test_r4_no_event_is_lost_where_the_article_is_not_taken(expectations, name):
    kinds = [*SHAPES, *(BY_NAME[f"{status}-json"] for status in (403, 500, 503)), BY_NAME["reset"], BY_NAME["doubled"]]
    assert not failures_of(expectations, name, is_wiki, kinds)


def test_r4_an_article_that_answers_with_an_error_body_keeps_the_history(states):
    states.enter("nearly full")
    world = states.world
    count = len(world.show("P")["events"])

    def refuse(request, handle):
        return Response(BODIES["error-body"]) if is_wiki(request) and request.method == "PUT" else handle()

    world.around = refuse
    run = world.run("step", "note", "P", "exploration", "x" * 400)
    world.around = None
    shown = world.show("P")
    assert len(shown["events"]) == count + (run.code == 0)
    assert [event["number"] for event in shown["events"]] == list(range(1, len(shown["events"]) + 1))


@pytest.mark.parametrize(
    "kind", ["403-json", "killed-before", "killed-after", "reset", "503-json-applied", "200-object"]
)
def test_r5_a_project_that_stays_governed_keeps_its_history(expectations, kind):
    scenario, world = ALL["ungovern-history"], expectations.states.world
    expected = expectations.of(scenario)
    for request in expected.requests:
        expectations.states.enter(scenario.state)
        at(world, request.number, BY_NAME[kind])
        scenario.command(world)
        world.around = None
        held = governed(world, "P")
        if held["governed"]:
            assert held == expected.before["P"], str(request)


# R6 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [scenario.name for scenario in WRITING])
def test_r6_nothing_stands_between_the_last_read_and_the_write(expectations, name):
    asked = expectations.of(ALL[name]).requests
    for position, request in enumerate(asked):
        mine = [each for each in asked[:position] if each.writer == request.writer]
        if request.is_metadata_put:
            assert (mine[-1].method, mine[-1].path) == ("GET", request.path)
        elif request.method == "PUT" and is_wiki(request):
            assert mine[-1].method == "GET" and is_wiki(mine[-1])
        elif request.method == "PUT" and request.path.startswith("/artifact/"):
            assert (mine[-1].method, mine[-1].path) == ("GET", request.path)


@pytest.mark.parametrize("does_move", [True, False], ids=["version-moves", "version-stays"])
@pytest.mark.parametrize(
    "name", ["init-blanks", "qualify", "advance", "step-note", "ungovern", "overflow", "probe-write"]
)
def test_r6_a_write_that_came_between_is_told_where_the_version_shows_it(states, name, does_move):
    scenario = ALL[name]
    states.enter(scenario.state)
    world = states.world
    done = []

    def meanwhile(request):
        if request.is_metadata_put and not done:
            done.append(request)
            world.edit("P", lambda metadata: metadata.update(description="Written meanwhile"))

    world.sandbox.projects.metadata_write_moves_version_tag = does_move
    world.before = meanwhile
    run = scenario.command(world)
    world.before = None
    world.sandbox.projects.metadata_write_moves_version_tag = True
    assert done and run.code == 0
    assert bool(LOSS.search(run.text)) is does_move, run.text


@pytest.mark.parametrize("name", ["init", "qualify", "advance", "step-note", "ungovern", "overflow", "sync-pull"])
def test_r6_nobody_is_told_of_others_where_there_are_none(expectations, name):
    text = expectations.of(ALL[name]).run.text
    assert not LOSS.search(text) and "someone else" not in text


# R7, R8 -----------------------------------------------------------------------------------------------------------

BUSY = (429, 502, 503, 504)


@pytest.mark.sampled(8)
@pytest.mark.parametrize("kind", [f"{status}-{form}" for status in BUSY for form in ("json", "html")])
@pytest.mark.parametrize("name", ["init", "advance", "ungovern"])
def test_r7_a_write_that_was_refused_for_now_is_tried_again(expectations, name, kind):
    scenario, world = ALL[name], expectations.states.world
    (put,) = [request for request in expectations.of(scenario).requests if request.is_metadata_put]
    expectations.states.enter(scenario.state)
    at(world, put.number, BY_NAME[kind])
    run = scenario.command(world)
    world.around = None
    assert run.code == 0, run.text
    assert governed(world, "P") == expectations.of(scenario).after["P"]


@pytest.mark.sampled(10)
@pytest.mark.parametrize(
    "kind",
    [
        "408-json",
        "429-json",
        "500-json",
        "502-json",
        "503-json",
        "504-json",
        "500-html",
        "503-html",
        "reset",
        "timeout",
    ],
)
@pytest.mark.parametrize("name", ["init", "advance", "ungovern"])
def test_r7_a_write_that_was_done_is_not_told_as_failed(expectations, name, kind):
    scenario, world = ALL[name], expectations.states.world
    (put,) = [request for request in expectations.of(scenario).requests if request.is_metadata_put]
    expectations.states.enter(scenario.state)
    at(world, put.number, BY_NAME[f"{kind}-applied"])
    run = scenario.command(world)
    world.around = None
    assert run.code == 0, run.text
    assert governed(world, "P") == expectations.of(scenario).after["P"]


@pytest.mark.parametrize("kind", ["403-json", "400-json", "reset", "timeout", "503-json", "200-object", "html"])
def test_r7_a_write_that_cannot_be_looked_up_is_said_to_be_unclear(expectations, kind):
    scenario, world = ALL["advance"], expectations.states.world
    (put,) = [request for request in expectations.of(scenario).requests if request.is_metadata_put]
    expectations.states.enter(scenario.state)
    at(world, put.number + 1, BY_NAME["200-html" if kind == "html" else kind], persisting=True)
    run = scenario.command(world)
    world.around = None
    assert run.code == 1 and run.crash is None
    assert is_unclear(run.text), run.text


def test_r7_a_bulk_write_on_a_shaky_network_is_done_or_named(tmp_path):
    keys = [f"K{number}" for number in range(30)]
    chance = random.Random(11)
    with open_world(tmp_path, keys) as world:

        def shaky(request, handle):
            faults = ("503-json", "503-html", "429-json", "502-json-applied", "reset", "reset-applied")
            is_about_one = request.path.endswith("/metadata")
            if is_about_one and chance.random() < 0.08:
                return BY_NAME[chance.choice(faults)].answer(world, request, handle)
            return handle()

        world.around = shaky
        run = world.run("init", *keys)
        world.around = None
        assert run.crash is None
        said = {key: by_row(key)(run) for key in keys}
        held = {key: world.show(key)["governed"] for key in keys}
    assert {key for key in keys if said[key] == "done"} == {key for key in keys if held[key]}
    assert list(said.values()).count("done") >= 29, run.text


@pytest.mark.parametrize("kind", ["403-json", "404-json", "503-json", "reset", "200-object"])
def test_r7_a_bulk_write_that_cannot_be_confirmed_is_unclear(states, kind):
    states.enter("fresh")
    world = states.world

    def unconfirmed(request, handle):
        if request.path == "/projects/Q/metadata" and 1.0 in world.time.slept:
            return BY_NAME[kind].answer(world, request, handle)
        return handle()

    world.around = unconfirmed
    run = world.run("init", "P", "Q")
    world.around = None
    assert run.crash is None and run.code == 1
    assert by_row("P")(run) == "done"
    assert by_row("Q")(run) == "unclear", run.text


@pytest.mark.sampled(12, "kind", "where")
@pytest.mark.parametrize("seconds", [10, 120])
@pytest.mark.parametrize(
    "kind", ["timeout", "retry-after-3600", "retry-after-date", "503-json", "429-html", "late-answer"]
)
@pytest.mark.parametrize("where", ["read", "write"])
def test_r8_a_command_ends_within_its_time(states, where, kind, seconds):
    states.enter("started")
    world = states.world
    began = world.time.seconds

    def slow(request, handle):
        if where == "write" and not request.is_metadata_put:
            return handle()
        return BY_NAME[kind].answer(world, request, handle)

    world.around = slow
    run = world.run("--timeout", str(seconds), "advance", "P")
    world.around = None
    assert run.crash is None and run.code in (0, 1), run.text
    one_request = 30 if kind == "timeout" else 5 if kind == "late-answer" else 0
    assert world.time.seconds - began <= 2.2 * seconds + 2 * one_request + 5


NOT_WRITTEN = [fault for fault in FAULTS if not fault.name.endswith("-applied")]
CREATING = {
    "scenario-install": lambda request: request.path.startswith("/projects/P/scenarios") and request.writes,
    "publish-wiki-new": lambda request: request.path.startswith("/projects/P/wiki"),
}
"""Commands that create something and then fill it, and the requests that do."""


@pytest.mark.parametrize("name", CREATING)
def test_r7_what_was_created_and_left_empty_is_told(expectations, name):
    assert not failures_of(expectations, name, CREATING[name], NOT_WRITTEN)


@pytest.mark.sampled(30, None)
@pytest.mark.parametrize("fault", NOT_WRITTEN, ids=str)
@pytest.mark.parametrize("name", CREATING)
def test_r7_what_was_left_empty_is_filled_by_a_second_run(expectations, name, fault):
    scenario, world = ALL[name], expectations.states.world
    expected = expectations.of(scenario)
    expectations.states.enter(scenario.state)
    (put,) = [request.number for request in expected.requests if request.method == "PUT"]
    at(world, put, fault)
    scenario.command(world)
    world.around = None
    second = scenario.command(world)
    assert second.code == 0, second.text
    assert parts_of(world, scenario) == expected.after
    assert "switched off" not in second.err


def test_r7_an_empty_timeline_article_is_told(states):
    states.enter("nearly full")
    world = states.world
    refuse = BY_NAME["403-json"]

    def no_text(request, handle):
        is_text = request.method == "PUT" and is_wiki(request)
        return refuse.answer(world, request, handle) if is_text else handle()

    world.around = no_text
    run = world.run("step", "note", "P", "exploration", note(9999))
    world.around = None
    assert world.articles("P")[TIMELINE] == ""
    assert "was created, and is empty" in run.err


# R11 --------------------------------------------------------------------------------------------------------------


def record(change):
    def edit(world):
        def write(metadata):
            fields = metadata["customFields"]
            document = json.loads(fields["govern_record"])
            change(document)
            fields["govern_record"] = json.dumps(document, separators=(",", ":"))

        world.edit("P", write)

    return edit


def article(change):
    return lambda world: world.write_article("P", TIMELINE, change(world.articles("P")[TIMELINE]))


def without_line(number):
    return lambda text: re.sub(rf"^{number}\..*\n", "", text, flags=re.MULTILINE)


FORGERIES = {
    "record-event-dropped": record(lambda document: document["events"].pop(1)),
    "record-last-event-dropped": record(lambda document: document["events"].pop()),
    "record-first-event-dropped": record(lambda document: document["events"].pop(0)),
    "record-emptied": record(lambda document: document.update(events=[])),
    "record-reason-changed": record(lambda document: document["events"][0].update(reason="forged")),
    "record-author-changed": record(lambda document: document["events"][1].update(by="mallory")),
    "record-time-changed": record(lambda document: document["events"][1].update(at="2020-01-01T00:00:00Z")),
    "record-value-changed": record(lambda document: document["events"][-1].update(to="forged")),
    "record-number-changed": record(lambda document: document["events"][-1].update(number=999)),
    "record-last-number-lowered": record(lambda document: document.update(last_event=3)),
    "record-events-swapped": record(
        lambda document: document["events"][0].update(
            document["events"][1] | {"number": document["events"][0]["number"]}
        )
    ),
    "article-line-cut": article(without_line(2)),
    "article-first-line-cut": article(without_line(1)),
    "article-emptied": article(lambda text: re.sub(r"^\d+\..*\n", "", text, flags=re.MULTILINE)),
    "article-deleted": article(lambda text: ""),
    "article-line-doubled": article(lambda text: re.sub(r"^(2\..*\n)", r"\1\1", text, flags=re.MULTILINE)),
}
"""What somebody does to the history by hand; `record-` in a project whose events are all in the record."""

HARMLESS = ("article-line-doubled",)


@pytest.mark.parametrize("name", [name for name in FORGERIES if name not in HARMLESS])
def test_r11_a_history_that_was_edited_by_hand_is_a_problem(states, name):
    states.enter("overflowed")
    world = states.world
    before = world.show("P")
    assert not before["problems"]
    FORGERIES[name](world)
    shown = world.show("P")
    assert shown["problems"], [event["number"] for event in shown["events"]]
    last = max(event["number"] for event in before["events"])
    run = world.run("step", "note", "P", "delivery", "It goes on.")
    assert run.crash is None
    after = world.show("P")
    if run.code == 0 and name != "record-number-changed":
        numbers = [event["number"] for event in after["events"] if event["what"] == "steps.delivery.notes"]
        assert numbers and numbers[-1] > last - ("last" in name), "a number was given twice"
        if name != "record-last-number-lowered":  # no event was touched, and the next write counts them again
            assert after["problems"], "the break was forgotten"


def test_r11_numbers_do_not_begin_anew_while_the_wiki_cannot_be_read(states):
    states.enter("overflowed")
    world = states.world
    text = world.articles("P")[TIMELINE]
    world.edit("P", lambda metadata: metadata["customFields"].pop("govern_record"))
    for kind in ("500-json", "403-json", "200-object", "200-html", "reset"):
        world.around = lambda request, handle, kind=kind: (
            BY_NAME[kind].answer(world, request, handle) if is_wiki(request) else handle()
        )
        run = world.run("step", "note", "P", "delivery", "x")
        world.around = None
        assert run.code == 1 and "wiki" in run.text, (kind, run.text)
        assert "govern_record" not in world.sandbox.metadata("P")["customFields"]
        assert world.articles("P")[TIMELINE] == text
    assert world.run("step", "note", "P", "delivery", "x").code == 0
    assert max(event["number"] for event in world.show("P")["events"]) > len(re.findall(r"^\d+\.", text, re.MULTILINE))


def test_r11_a_project_that_is_governed_again_goes_on_behind_its_mark(states):
    states.enter("overflowed")
    world = states.world
    last = max(event["number"] for event in world.show("P")["events"])
    assert world.run("ungovern", "P", "--yes").code == 0
    mark = json.loads(world.sandbox.metadata("P")["customFields"]["govern_record"])
    assert set(mark) == {"schema", "removed"}
    assert {"at", "by", "last_event", "last_hash", "nonce"} <= set(mark["removed"])
    assert mark["removed"]["last_event"] >= last
    assert world.run("init", "P").code == 0
    shown = world.show("P")
    assert min(event["number"] for event in shown["events"]) > last
    assert not shown["problems"]


@pytest.mark.parametrize("upheaval", ["record-damaged", "record-cleared"])
def test_r11_a_project_without_a_sound_record_can_be_ungoverned(states, upheaval):
    states.enter("started")
    world = states.world
    before = foreign(world, "P")
    UPHEAVALS[upheaval](world)
    run = world.run("ungovern", "P", "--yes")
    assert run.code == 0, run.text
    assert not world.show("P")["governed"]
    assert foreign(world, "P") == before


def test_r11_purging_leaves_nothing(states):
    states.enter("overflowed")
    world = states.world
    before = foreign(world, "P")
    assert world.run("ungovern", "P", "--yes", "--purge").code == 0
    assert not [name for name in world.sandbox.metadata("P")["customFields"] if name.startswith("govern_")]
    assert foreign(world, "P") == before


# R12, R13 ---------------------------------------------------------------------------------------------------------


def asks_who(request):
    return request.path in ("/auth/info", "/instance-info")


def asks_for_all(request):
    return request.path in ("/projects", "/artifacts/search") or request.path.startswith("/blueprint/")


@pytest.mark.parametrize("name", ["init", "advance", "ungovern", "sync-both", "macro-advance"])
def test_r12_nobody_writes_without_a_name_or_a_node(expectations, name):
    assert not failures_of(expectations, name, asks_who, SHAPES)


@pytest.mark.parametrize("name", ["sync-status", "sync-in-step", "sync-pull", "sync-push"])
def test_r12_what_could_not_be_compared_is_not_in_step(expectations, name):
    assert not failures_of(expectations, name, asks_for_all, SHAPES)


@pytest.mark.parametrize("kind", ["403-json", "500-json", "200-object", "503-json"])
def test_r12_rules_that_cannot_be_read_leave_a_trace(states, kind):
    run, events = advanced_with_rules_answered(states, kind)
    assert run.code == 0 and "rule" in run.err
    assert "unchecked" in events[-1]["reason"]


def test_r12_no_move_where_something_else_answers_for_the_rules(states):
    run, events = advanced_with_rules_answered(states, "200-html")
    assert run.code == 1 and "not from DSS's API" in run.err
    assert events[-1]["to"].startswith("exploration")


def advanced_with_rules_answered(states, kind):
    """Advance a project while the plugin's settings, which hold the rules, are answered with a fault."""
    states.enter("started")
    world, answered = states.world, []

    def around(request, handle):
        if not request.path.startswith("/plugins/"):
            return handle()
        answered.append(request)
        return BY_NAME[kind].answer(world, request, handle)

    world.around = around
    run = world.run("advance", "P")
    world.around = None
    assert answered, "nobody asked for the rules"
    assert run.crash is None
    return run, world.show("P")["events"]


@pytest.mark.parametrize("name", ["sync-status", "sync-in-step", "sync-pull", "sync-push", "sync-both"])
def test_r12_what_was_in_step_is_not_forgotten_for_no_node_id(expectations, name):
    kinds = [*SHAPES, *(BY_NAME[kind] for kind in ("404-json", "200-object-applied", "200-error-body-applied"))]
    assert not failures_of(expectations, name, lambda request: asks_who(request) and request.node == "govern", kinds)


REDIRECTS = [fault for fault in FAULTS if re.match(r"30\d-", fault.name)]


@pytest.mark.parametrize("name", ["advance", "ungovern-history", "sync-both", "publish-wiki", "publish-folder", "show"])
def test_r13_no_request_follows_to_another_host(expectations, name):
    assert not failures_of(expectations, name, lambda request: True, REDIRECTS)


# R15 --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["killed-before", "killed-after"])
def test_r15_a_move_that_is_repeated_after_a_kill_moves_once(states, kind):
    for number in range(1, 40):
        states.enter("started")
        world = states.world
        before = world.show("P")["progress"]["finished"]
        at(world, number, BY_NAME[kind])
        first = world.run("advance", "P", "--request", "r-1")
        is_over = len(world.requests) < number
        world.around = None
        second = world.run("advance", "P", "--request", "r-1")
        assert second.code == 0, second.text
        assert world.show("P")["progress"]["finished"] == before + 1, f"killed at request {number}"
        if is_over:
            assert first.code == 0
            return
    raise AssertionError("the command never ends")


def test_r15_another_request_moves_again(states):
    states.enter("started")
    world = states.world
    for request in ("r-1", "r-2", "r-1"):
        assert world.run("advance", "P", "--request", request).code == 0
    assert world.show("P")["progress"]["finished"] == 2


def test_r15_a_request_is_known_after_its_event_moved_to_the_wiki(states):
    states.enter("nearly full")
    world = states.world
    assert world.run("advance", "P", "--request", "r-1").code == 0
    for number in range(60):
        assert world.run("step", "note", "P", "delivery", f"{number:03d} " + "again and again; " * 6).code == 0
    assert "r-1" not in world.sandbox.metadata("P")["customFields"]["govern_record"]
    finished = world.show("P")["progress"]["finished"]
    assert world.run("advance", "P", "--request", "r-1").code == 0
    assert world.show("P")["progress"]["finished"] == finished
