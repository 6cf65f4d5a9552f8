"""Two govern-mirror writers in one project: what either reported as done is there when both have ended.

Holds for every order in which no writer stalls between its last read and its PUT for the settling time. A developer's
run counts all orders of one pair, and plays of the other pairs those with one change of turn, or with the long pairs
none but those drawn at random. CI counts all orders of the short pairs, and `make reliability` of all.
"""

from __future__ import annotations

import random
from unittest import mock

import pytest
from reliability.campaigns import FULL, SEED
from reliability.interleaving import ANSWERS, REQUESTS, explore, follow, follow_metadata
from reliability.orders import KEPT, LOST_AFTER_STALL, WRONG, Orders, judged
from reliability.two_writers import LONG, PAIRS, Arena, is_protected, is_told, reported
from sampling import REQUIRE_ALL

from govern_mirror.dss.safe_write import SafeWrite


@pytest.fixture(scope="module")
def arena(states):
    return Arena(states)


SHORT = [name for name in PAIRS if name not in LONG]
COUNTED = list(PAIRS) if FULL else SHORT if REQUIRE_ALL else ["ungovern-qualify"]
"""The pairs whose orders are all counted."""

SWITCHES = 1 if REQUIRE_ALL else 0
"""How often a turn changes at most in the orders of long pairs that are played."""

DRAWN = 6 if REQUIRE_ALL else 2
"""How many orders are drawn at random."""


def failures_of(arena, pair, schedules):
    failures = []
    for played in schedules:
        wrong = arena.wrong(pair, played)
        if wrong and is_protected(played):
            failures.append(f"{played}: {'; '.join(wrong)}")
        elif wrong and not is_told(played, wrong):
            failures.append(f"{played}: not told, after a stall of {played.stall:.2f} s: {'; '.join(wrong)}")
    return failures


@pytest.mark.parametrize("stops", [ANSWERS, REQUESTS])
@pytest.mark.parametrize("name", COUNTED)
def test_no_order_loses_a_change(arena, name, stops):
    orders = Orders(arena, PAIRS[name], stops)
    endings = orders.count()
    assert endings[KEPT] > 1000
    assert not endings[WRONG], f"{endings[WRONG]} orders, such as {orders.examples[WRONG]}"
    assert not endings[LOST_AFTER_STALL], f"not told, such as {orders.examples[LOST_AFTER_STALL]}"


@pytest.mark.parametrize("stops", [ANSWERS, REQUESTS])
@pytest.mark.parametrize("name", [name for name in PAIRS if name not in COUNTED])
def test_few_changes_of_turn_lose_nothing(arena, name, stops):
    switches = SWITCHES if name in LONG else 1
    schedules = explore(lambda choose: arena.play(PAIRS[name], choose, stops), switches=switches)
    failures = failures_of(arena, PAIRS[name], schedules)
    assert not failures, f"{len(failures)} orders, the first: {failures[0]}"


@pytest.mark.parametrize("stops", [ANSWERS, REQUESTS])
@pytest.mark.parametrize("name", PAIRS)
def test_r2_orders_drawn_at_random_lose_nothing(arena, name, stops):
    chance = random.Random(f"{SEED} {name} {stops}")
    drawn = (arena.play(PAIRS[name], lambda able, _: chance.choice(able), stops) for _ in range(DRAWN))
    failures = failures_of(arena, PAIRS[name], drawn)
    assert not failures, f"seed {SEED}: {failures[0]}"


@pytest.mark.parametrize("stops", [ANSWERS, REQUESTS])
@pytest.mark.parametrize("name", PAIRS if REQUIRE_ALL else ["init-init", "overflow-overflow"])
def test_counted_orders_end_as_played_ones(arena, name, stops):
    chance = random.Random(f"{SEED} {name} {stops}")
    orders = Orders(arena, PAIRS[name], stops)
    for _ in range(DRAWN // 2):
        played = arena.play(PAIRS[name], lambda able, _: chance.choice(able), stops)
        shown = arena.states.world.show("P")
        ending = judged(arena, PAIRS[name], played, shown)
        kind, wrong, state = orders.follow(played.order)
        assert (kind, wrong) == ending, played.order
        for past, name_of_writer in ((state.a.past, "a"), (state.b.past, "b")):
            one, other = past.next.writer, played.writers[name_of_writer]
            assert (reported(one), str(one.error)) == (reported(other), str(other.error)), played.order
        assert max(state.a.past.stall, state.b.past.stall) == played.stall, played.order
        assert told(orders.shown(state)) == told(shown), played.order


def told(shown):
    """What two plays of one order have in common: all but what is drawn at random, and hashed with it."""
    events = [[event[name] for name in ("number", "at", "by", "what", "from", "to")] for event in shown["events"]]
    return shown["governed"], shown["revision"], shown["steps"], shown["qualification"], events


def test_counting_finds_what_no_second_look_would_lose(arena):
    orders = Orders(arena, PAIRS["qualify-same-field"], REQUESTS)
    with mock.patch.object(SafeWrite, "_settled", lambda write, document: document):
        endings = orders.count()
    assert endings[WRONG], endings
    order, _, wrong = orders.examples[WRONG].partition(": ")
    assert "reported done, and its event is missing" in wrong
    assert orders.follow(order)[0] == WRONG


@pytest.mark.parametrize("first", ["a", "b"])
@pytest.mark.parametrize("name", SHORT)
def test_r2_both_read_before_either_writes(arena, name, first):
    played = arena.play(PAIRS[name], follow_metadata("aabbaabb", first))
    assert not arena.wrong(PAIRS[name], played), str(played)


def test_events_added_anew_are_looked_for_again(arena):
    """The other writer had read the article before they were added anew, and put it after."""
    pair = PAIRS["overflow-overflow"]
    played = arena.play(pair, follow("aabbaaaaaaabaabbbbbaaabbbbbbbbbb"), ANSWERS)
    assert is_protected(played)
    assert not arena.wrong(pair, played), str(played)
