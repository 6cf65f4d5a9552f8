"""Projects written by version 0.1.0 are read without a new problem, and go on: nothing is lost, numbers continue."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from reliability.content import TIMELINE, foreign
from reliability.world import open_world

RECORDS = Path(__file__).parents[1] / "data" / "records_0_1_0"
NAMES = sorted(path.stem for path in RECORDS.glob("*.json"))
GOVERNED = [name for name in NAMES if name not in ("removed", "copied", "damaged")]
EVENT = ("number", "at", "by", "source", "what", "from", "to", "reason")
SAME = ("governed", "state", "revision", "current_step", "progress", "steps", "overview", "qualification", "scores")


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    with open_world(tmp_path_factory.mktemp("home"), ("P",)) as world:
        yield world, world.save()


@pytest.fixture
def opened(empty):
    """Puts a project as 0.1.0 left it into the world; returns the world, and what 0.1.0 showed of it."""
    world, state = empty

    def open_record(name):
        world.restore(state)
        stored = json.loads((RECORDS / f"{name}.json").read_text(encoding="utf-8"))
        world.edit("P", lambda metadata: (metadata.clear(), metadata.update(stored["metadata"])))
        for article, text in stored["articles"].items():
            world.write_article("P", article, text)
        world.watch()
        return world, stored["shown"]

    return open_record


def overview_of_then(shown, old):
    """The Overview that is shown, of the fields that 0.1.0 had; those that came later must be blank."""
    assert not any(value for name, value in shown["overview"].items() if name not in old["overview"])
    return {name: shown["overview"][name] for name in old["overview"]}


def told(events):
    return [tuple(event[name] for name in EVENT) for event in events if not event["pending"]]


@pytest.mark.parametrize("name", NAMES)
def test_an_old_record_shows_what_it_showed(opened, name):
    world, old = opened(name)
    shown = world.show("P")
    if name == "edited":  # when an edit was made stands in DSS's version tag only, which is another one here
        for step in (*shown["steps"], *old["steps"]):
            step["started_on"] = step["finished_on"] = None
    shown["overview"] = overview_of_then(shown, old)
    assert {key: shown[key] for key in SAME} == {key: old[key] for key in SAME}
    assert told(shown["events"]) == told(old["events"])
    assert [event["what"] for event in shown["events"]] == [event["what"] for event in old["events"]]
    assert [problem["field"] for problem in shown["problems"]] == [problem["field"] for problem in old["problems"]]
    assert not [request for request in world.requests if request.writes]


@pytest.mark.parametrize("name", GOVERNED)
def test_an_old_record_goes_on_without_a_gap(opened, name):
    world, old = opened(name)
    before = foreign(world, "P")
    for text in ("It goes on.", "And on."):
        run = world.run("step", "note", "P", "rollout", text)
        assert run.code == 0, run.text
    shown = world.show("P")
    pending = [event["what"] for event in old["events"] if event["pending"]]
    count = len(told(old["events"]))
    assert told(shown["events"])[:count] == told(old["events"])
    assert [event["what"] for event in shown["events"][count:]] == [*pending, *["steps.rollout.notes"] * 2]
    assert [event["number"] for event in shown["events"]] == list(range(1, len(shown["events"]) + 1))
    assert shown["revision"] == old["revision"] + 2
    assert {problem["field"] for problem in shown["problems"]} <= {problem["field"] for problem in old["problems"]}
    assert json.loads(world.sandbox.metadata("P")["customFields"]["govern_record"])["schema"] == 2
    assert foreign(world, "P") == before


@pytest.mark.parametrize("name", ["midway", "overflowed", "overflowed_with_words"])
def test_old_events_that_move_to_the_wiki_are_no_break(opened, name):
    world, old = opened(name)
    before, length = foreign(world, "P"), len(world.articles("P").get(TIMELINE, ""))
    for number in range(200):
        assert world.run("step", "note", "P", "rollout", f"{number:03d} " + "went on and on; " * 4).code == 0
        if len(world.articles("P").get(TIMELINE, "")) > length:
            break
    shown = world.show("P")
    assert told(shown["events"])[: len(told(old["events"]))] == told(old["events"])
    assert [event["number"] for event in shown["events"]] == list(range(1, len(shown["events"]) + 1))
    assert [problem["field"] for problem in shown["problems"]] == [problem["field"] for problem in old["problems"]]
    assert foreign(world, "P") == before


def test_an_old_copy_is_adopted(opened):
    world, _ = opened("copied")
    assert world.run("advance", "P").code == 1
    run = world.run("init", "P", "--adopt")
    assert run.code == 0, run.text
    assert world.show("P")["state"] == "governed"


def test_an_old_removal_left_nothing_and_governing_begins_anew(opened):
    world, _ = opened("removed")
    assert world.run("init", "P").code == 0
    assert [event["number"] for event in world.show("P")["events"]] == [1]


def test_a_damaged_old_record_is_a_problem_and_is_written_anew(opened):
    world, old = opened("damaged")
    cut = world.sandbox.metadata("P")["customFields"]["govern_record"]
    run = world.run("step", "note", "P", "rollout", "It goes on.")
    assert run.code == 0, run.text
    shown = world.show("P")
    assert any(cut[:200] in (event["reason"] or "") for event in shown["events"])
    assert overview_of_then(shown, old) == old["overview"]
