"""Two govern-mirror writers in one project: what either reported as done is there when both have ended.

Holds for every order in which no writer stalls between its last read and its PUT for the settling time. A developer's
run counts all orders of one pair, and plays of the other pairs those with one change of turn, or with the long pairs
none but those drawn at random. CI counts all orders of the short pairs, and `make reliability` of all.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter
from dataclasses import replace
from unittest import mock

import pytest
from reliability.alone import NotRepeated
from reliability.campaigns import FULL, SEED
from reliability.interleaving import ANSWERS, REQUESTS, every_order, explore, follow, follow_metadata
from reliability.orders import KEPT, LOST_AFTER_STALL, WRONG, Orders, judged
from reliability.two_writers import COST, LONG, PAIRS, Arena, Intent, is_protected, is_told, reported
from sampling import REQUIRE_ALL

from govern_mirror import qualify
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

PLAYED = 40
"""How many orders are played one by one at most, to be compared with as many that are counted."""


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


@pytest.mark.sampled(8, "name")
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
        shown = arena.look(PAIRS[name])
        ending = judged(arena, PAIRS[name], played, shown)
        kind, wrong, state = orders.follow(played.order)
        assert (kind, wrong) == ending, played.order
        for past, name_of_writer in ((state.a.past, "a"), (state.b.past, "b")):
            one, other = past.next.writer, played.writers[name_of_writer]
            assert (reported(one), str(one.error)) == (reported(other), str(other.error)), played.order
        assert max(state.a.past.stall, state.b.past.stall) == played.stall, played.order
        assert told(orders.shown(state)) == told(shown), played.order


@pytest.mark.parametrize("stops", [ANSWERS, REQUESTS])
@pytest.mark.parametrize("name", SHORT if REQUIRE_ALL else ["ungovern-qualify"])
def test_orders_are_counted_as_if_played_one_by_one(arena, name, stops):
    """All orders that begin as those do which end in each way, as far as no more than `PLAYED` of them begin so."""
    pair = PAIRS[name]
    orders = Orders(arena, pair, stops)
    orders.count()
    compared = 0
    for order in [example.partition(":")[0] for example in orders.examples.values()]:
        counts = [orders.counted(state) for state in orders.along(order)]
        common = next(length for length, count in enumerate(counts) if count.total() <= PLAYED)
        playing = every_order(lambda choose: arena.play(pair, choose, stops), order[:common])
        played = Counter(judged(arena, pair, each, arena.look(pair))[0] for each in playing)
        assert played == counts[common], order[:common]
        compared += played.total()
    assert compared > 2, "nothing was merged"


def test_orders_are_the_same_whether_writers_go_on_or_are_led_anew(arena):
    going_on, led_anew = (Orders(arena, PAIRS["ungovern-qualify"], REQUESTS) for _ in range(2))
    endings = going_on.count()
    with mock.patch("reliability.alone.MAX_RUNS", 0):
        assert led_anew.count() == endings
    assert len(led_anew.endings) == len(going_on.endings)


def test_a_writer_that_depends_on_more_than_it_saw_is_told(arena):
    other_each_time = itertools.cycle(["Low", "Medium", "High"])
    forgetful = Intent(lambda session: qualify(session, "P", {COST: next(other_each_time)}), lambda event: True)
    orders = Orders(arena, replace(PAIRS["qualify-other-field"], b=forgetful), ANSWERS)
    with pytest.raises(NotRepeated):
        orders.count()


def told(every):
    """What two plays of one order have in common: all but what is drawn at random, and hashed with it."""
    names = ("number", "at", "by", "what", "from", "to")
    return {
        address: (
            [shown.get(part) for part in ("governed", "revision", "steps", "overview", "qualification")],
            [[event[name] for name in names] for event in shown["events"]],
        )
        for address, shown in every.items()
    }


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
