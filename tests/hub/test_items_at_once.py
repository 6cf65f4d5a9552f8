"""Bundles and versions that two write at once, and answers that get lost: nothing is lost, nothing happens twice."""

import json
import random
from functools import partial

import pytest
from hub.conftest import V1, V2
from support.projects import error_fault

from govern_mirror.actions.govern import Scope, hide, initialize, undo_hide, ungovern
from govern_mirror.actions.record import close, move, set_values, write_note
from govern_mirror.actions.session import connect_to
from govern_mirror.actions.show import show
from govern_mirror.errors import GovernMirrorError, InputError, WriteRefused
from govern_mirror.model.changes import Move, MoveKind
from govern_mirror.settings import Settings
from govern_mirror_devkit.sandbox.errors import NotFound
from govern_mirror_devkit.sandbox.mock_instance import URL

METADATA, WIKI = "/projects/CHURN/metadata", "/projects/CHURN/wiki/*"
V3 = "CHURN/bundle/v3"
LONG = "x" * 9_000
"""Two items with it do not fit into the field: the older one moves to the wiki."""


@pytest.fixture
def session(bank, people):
    for name in ("v2", "v3"):
        bank.bundles.export(bank.accounts.user("emil"), "CHURN", name)
    return connect_to(URL, people["rita"], settings=Settings(settling_seconds=0))


@pytest.fixture
def other(bank, people):
    return connect_to(URL, people["emil"], settings=Settings(settling_seconds=0))


def stored(bank):
    return json.loads(bank.metadata("CHURN")["customFields"]["govern_items"])


def note(session, address):
    return (show(session, address).notes("review") or "").partition(" ")[0]


def write(session, address, word):
    return write_note(session, address, "review", f"{word} {LONG}")


# moved to the wiki at the same moment -----------------------------------------------------------------------------


def test_an_item_written_and_moved_by_others_is_not_taken_back(bank, session, other):
    write(session, V1, "one")

    def meanwhile():
        write(other, V1, "two")
        write(other, V3, "theirs")

    bank.faults.before("GET", WIKI, meanwhile, once=True)
    write(session, V2, "mine")
    assert [note(session, address) for address in (V1, V2, V3)] == ["two", "mine", "theirs"]


@pytest.mark.parametrize("method", ["PUT", "GET"])
def test_an_item_moved_right_after_its_write_is_written(bank, session, other, method):
    bank.faults.after("PUT", METADATA, lambda: write(other, V2, "theirs"), once=True)
    changed = write(session, V1, "mine")
    assert changed.written and note(session, V1) == "mine" and note(session, V2) == "theirs"
    assert [event.what for event in show(session, V1).events] == ["initialize", "overview.made", "steps.review.notes"]


def test_a_move_of_an_item_that_moves_to_the_wiki_happens_once(bank, session, other):
    write(session, V1, "long")
    bank.faults.after("PUT", METADATA, lambda: write(other, V2, "theirs"), once=True)
    changed = move(session, V1, Move(MoveKind.ADVANCE))
    assert changed.written and show(session, V1).stage == "development"
    assert [event.what for event in show(session, V1).events].count("advance") == 1


def test_an_item_in_the_wiki_written_by_another_is_not_overwritten(bank, session, other):
    write(session, V1, "one")
    write(session, V2, "two")
    assert "bundle/v1" not in stored(bank)["items"]

    def meanwhile():
        write(other, V1, "theirs")
        write(other, V2, "again")

    # between the read on which it is decided, and the last one
    bank.faults.after("GET", WIKI, meanwhile, once=True)
    set_values(session, V1, {"description": "mine"})
    item = show(session, V1)
    assert note(session, V1) == "theirs" and item.values["overview.description"] == "mine"


def test_two_items_moved_by_two_writers_both_stay(bank, session, other):
    write(session, V1, "one")
    bank.faults.before("PUT", WIKI, lambda: write(other, V3, "three"), once=True)
    bank.faults.after("POST", "/projects/CHURN/wiki/", lambda: None, once=True)
    write(session, V2, "two")
    assert [note(session, address) for address in (V1, V2, V3)] == ["one", "two", "three"]


# governed no more meanwhile ---------------------------------------------------------------------------------------


ENDS = {"ungovern": lambda admin: ungovern(admin, ["CHURN"]), "close": lambda admin: close(admin, "CHURN", "cancelled")}


@pytest.mark.parametrize("end", ENDS)
def test_nothing_is_written_once_the_project_is_not_governed(bank, session, people, end):
    admin = connect_to(URL, bank.admin_key, settings=Settings(settling_seconds=0))
    bank.faults.after("GET", METADATA, lambda: ENDS[end](admin), once=True)
    with pytest.raises(WriteRefused):
        move(session, V1, Move(MoveKind.ADVANCE))
    assert "govern_items" not in bank.metadata("CHURN")["customFields"]


# answers that get lost --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["timeout-after-write@1", "503-after-write@1", "doubled@1", "503@1", "close@1"])
@pytest.mark.parametrize("path", [METADATA, "/projects/CHURN/wiki/*"])
def test_a_lost_answer_moves_an_item_once(bank, session, fault, path):
    write(session, V1, "one")
    bank.faults.set(f"PUT {path}:{fault}")
    write(session, V2, "two")
    assert move(session, V2, Move(MoveKind.ADVANCE)).written
    bank.faults.set("")
    assert note(session, V1) == "one" and note(session, V2) == "two"
    assert [event.what for event in show(session, V2).events].count("advance") == 1


def test_a_request_moves_an_item_once_wherever_it_is(bank, session):
    wanted = Move(MoveKind.ADVANCE, request="r-1")
    assert move(session, V1, wanted).written
    assert not move(session, V1, wanted).written
    write(session, V1, "long")
    write(session, V2, "long")
    assert "bundle/v1" not in stored(bank)["items"]
    assert not move(session, V1, wanted).written
    for number in range(20):
        set_values(session, V1, {"description": f"text {number} " + "y" * 100})
    assert show(session, V1).moved_events >= 3, "the event has moved to the wiki"
    assert not move(session, V1, wanted).written
    assert show(session, V1).stage == "development"


def test_a_stale_revision_of_an_item_is_refused(bank, session, other):
    assert move(session, V1, Move(MoveKind.ADVANCE), expected=0).written
    with pytest.raises(WriteRefused):
        write_note(session, V1, "review", "stale", expected=0)
    write(session, V1, "long")
    write(session, V2, "long")
    with pytest.raises(WriteRefused):
        write_note(session, V1, "review", "stale", expected=1)
    assert write_note(session, V1, "review", "fresh", expected=2).written


# warnings ---------------------------------------------------------------------------------------------------------


def typed(bank, name, old, new):
    def change(metadata):
        items = json.loads(metadata["customFields"]["govern_items"])
        items["items"][name] = json.loads(json.dumps(items["items"][name]).replace(old, new))
        metadata["customFields"]["govern_items"] = json.dumps(items)

    bank.edit_metadata("CHURN", change)


@pytest.mark.parametrize("old", ["ONGOING", "digest"])
@pytest.mark.parametrize("name", ["bundle/v1", "bundle/v2"])
def test_who_types_into_items_meanwhile_is_told(bank, session, name, old):
    for address in (V1, V2):
        move(session, address, Move(MoveKind.ADVANCE))
    bank.faults.after("PUT", METADATA, lambda: typed(bank, name, old, "SKIPPED"), once=True)
    warnings = write_note(session, V1, "review", "mine").warnings
    assert any(f"someone else changed govern_items {name}" in warning for warning in warnings), warnings


@pytest.fixture
def settling(session, people):
    """A session that looks for its write once more, and at the project's version number."""
    return connect_to(URL, people["rita"], settings=Settings(settling_seconds=5))


def test_other_writers_of_items_raise_no_alarm(bank, settling, other):
    move(settling, V2, Move(MoveKind.ADVANCE))

    def meanwhile():
        for address in (V2, V3, "CHURN"):
            move(other, address, Move(MoveKind.ADVANCE))

    bank.faults.after("PUT", METADATA, meanwhile, once=True)
    assert not write_note(settling, V1, "review", "mine").warnings


def test_a_foreign_write_beside_ours_is_told(bank, settling, other):
    def meanwhile():
        bank.edit_metadata("CHURN", lambda metadata: metadata.update(shortDesc="a person's"))

    bank.faults.before("PUT", METADATA, meanwhile, once=True)
    bank.faults.after("PUT", METADATA, lambda: write_note(other, V2, "review", "theirs"), once=True)
    (warning,) = write_note(settling, V1, "review", "mine").warnings
    assert warning.startswith("CHURN was also written by someone else")


# the wiki ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["500", "403", "close", "html", "json={}"])
def test_an_item_in_a_wiki_nobody_can_read_is_not_begun_anew(bank, session, as_, fault):
    move(session, V1, Move(MoveKind.ADVANCE))
    write(session, V1, "one")
    write(session, V2, "two")
    before = bank.metadata("CHURN")["customFields"]["govern_items"]
    bank.faults.set(f"GET {WIKI}:{fault}")
    with pytest.raises(GovernMirrorError):
        show(session, V1)
    with pytest.raises(GovernMirrorError):
        move(session, V1, Move(MoveKind.ADVANCE))
    assert as_("rita", "gate", V1, "--step", "development").code == 1
    listed = as_("rita", "items", "CHURN")
    assert "cannot be read" in listed.err
    assert bank.metadata("CHURN")["customFields"]["govern_items"] == before
    assert show(session, V2).notes("review"), "what is in the field needs no wiki"


@pytest.mark.parametrize("fault", ["500", "403", "close"])
def test_items_stay_in_the_field_while_the_wiki_cannot_be_written(bank, session, fault):
    write(session, V1, "one")
    bank.faults.set(f"PUT {WIKI}:{fault}; POST /projects/CHURN/wiki/:{fault}")
    changed = write(session, V2, "two")
    assert any("over its budget" in warning for warning in changed.warnings)
    assert stored(bank)["items"].keys() == {"bundle/v1", "bundle/v2"}
    bank.faults.set("")
    write(session, V3, "three")
    assert [note(session, address) for address in (V1, V2, V3)] == ["one", "two", "three"]


@pytest.mark.parametrize("lost", ["mark", "field", "item"])
def test_an_item_in_the_wiki_is_there_though_the_field_was_edited(bank, session, lost):
    write(session, V1, "one")
    write(session, V2, "two")

    def edit(metadata):
        fields = metadata["customFields"]
        items = json.loads(fields["govern_items"])
        assert items.pop("archived")
        fields["govern_items"] = {"mark": json.dumps(items), "field": "", "item": json.dumps({**items, "items": {}})}[
            lost
        ]

    bank.edit_metadata("CHURN", edit)
    assert note(session, V1) == "one" and show(session, V1).revision == 1
    move(session, V1, Move(MoveKind.ADVANCE))
    assert show(session, V1).revision == 2 and note(session, V1) == "one"


def test_what_nobody_wrote_needs_no_wiki(bank, session):
    bank.faults.set(error_fault(f"GET {WIKI}", 403, "no right to read the wiki"))
    assert show(session, V1).revision == 0
    assert move(session, V1, Move(MoveKind.ADVANCE)).written


@pytest.mark.parametrize("address", [V1, "CHURN/bundle/v9", "CHURN/model/M/1"])
def test_what_is_done_to_projects_is_not_done_to_an_item(bank, session, address):
    before = bank.metadata("CHURN")
    for results in (
        hide(session, [address], "a sandbox"),
        undo_hide(session, [address]),
        ungovern(session, [address], purge=True),
    ):
        (result,) = results
        assert result.outcome == "failed" and "goes with its project: give CHURN" in result.message
    assert bank.metadata("CHURN") == before


def test_filling_an_item_keeps_what_it_holds(bank, session):
    def fill(*keys, **values):
        return [result.outcome for result in initialize(session, Scope(keys=keys), values)]

    before = bank.metadata("CHURN")
    assert fill(V1) == ["unchanged"] and bank.metadata("CHURN") == before
    assert fill(V1, V2, "CHURN", description="Two") == ["initialized", "initialized", "filled"]
    assert fill(V1, description="Three") == ["unchanged"]
    assert show(session, V1).values["overview.description"] == "Two"
    (moved,) = initialize(session, Scope(keys=(V1,)), {"description": "x"}, expected=7)
    assert moved.failed and "is at revision 1, not 7" in moved.message
    with pytest.raises(InputError, match="unknown field"):
        initialize(session, Scope(keys=("CHURN", V2)), {"overview.sponsor": "Ada"})
    (gone,) = initialize(session, Scope(keys=("CHURN/bundle/v9",)))
    assert gone.failed and "has no bundle v9" in gone.message


def test_ungoverning_takes_items_out_of_the_wiki(bank, session, as_):
    write(session, V1, "one")
    write(session, V2, "two")
    admin = connect_to(URL, bank.admin_key, settings=Settings(settling_seconds=0))
    bank.edit_metadata("CHURN", lambda metadata: metadata["customFields"].pop("govern_items"))
    ungovern(admin, ["CHURN"])
    assert as_("admin", "init", "CHURN").code == 0
    assert not show(session, V1).revision, "not there to come back"


# any order --------------------------------------------------------------------------------------------------------

# between a last read and its PUT the settling time protects, which is none here
POINTS = [
    *(("before", "GET", path) for path in (METADATA, WIKI, "/projects/CHURN")),
    *(("after", "PUT", path) for path in (METADATA, WIKI)),
]


@pytest.mark.sampled(2, None)
@pytest.mark.parametrize("seed", range(6))
def test_in_whatever_order_two_write_items_nothing_is_lost(bank, session, other, seed):
    chance = random.Random(seed)
    words, counts = {}, dict.fromkeys((V1, V2, V3), 0)

    def record(writer, address, word):
        text = f"{word} {'x' * chance.choice((10, 5_000, 9_000))}"
        if write_note(writer, address, "review", text).written:
            words[address] = word
            counts[address] += 1

    for number in range(25):
        mine, theirs = chance.sample((V1, V2, V3), 2)
        when, method, path = chance.choice(POINTS)
        meanwhile = [partial(record, other, theirs, f"t{number}")]
        # what was not reached has nothing to do later
        getattr(bank.faults, when)(method, path, lambda left=meanwhile: left and left.pop()(), once=True)
        record(session, mine, f"m{number}")
        meanwhile.clear()
        assert {address: note(session, address) for address in words} == words
    for address, count in counts.items():
        events = show(session, address).events
        assert [event.what for event in events].count("steps.review.notes") == count
        assert [event.number for event in events] == list(range(1, len(events) + 1))
        assert not show(session, address).problems


def test_a_lost_item_goes_on_behind_its_history_in_the_wiki(bank, session):
    for number in range(20):
        set_values(session, V1, {"description": f"text {number} " + "y" * 100})
    moved = show(session, V1).moved_events
    assert moved
    bank.edit_metadata("CHURN", lambda metadata: metadata["customFields"].update(govern_items=""))
    move(session, V1, Move(MoveKind.ADVANCE))
    events = show(session, V1).events
    assert [event.number for event in events] == list(range(1, moved + 4)), "no number is given twice"
    assert [event.what for event in events[moved:]] == ["initialize", "overview.made", "advance"]


def test_ungoverning_says_that_items_stay_in_a_wiki_it_cannot_write(bank, session):
    write(session, V1, "one")
    write(session, V2, "two")
    admin = connect_to(URL, bank.admin_key, settings=Settings(settling_seconds=0))
    bank.faults.set(f"PUT {WIKI}:500; DELETE {WIKI}:500")
    (result,) = ungovern(admin, ["CHURN"])
    assert any("Govern items" in warning for warning in result.warnings), result
    bank.faults.set("")
    ungovern(admin, ["CHURN"], purge=True)
    with pytest.raises(NotFound):
        bank.wiki.article(bank.admin, "CHURN", "Govern items")
