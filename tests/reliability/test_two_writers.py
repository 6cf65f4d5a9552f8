"""Two govern-mirror writers in one project: what either reported as done is there when both have ended.

Holds for every order in which no writer stalls between its last read and its PUT for longer than the settling time. CI
tries the orders with few changes of turn, and some drawn at random; `RELIABILITY=full` tries all orders of the short
pairs, a developer's run those with one change of turn, and with the long pairs none but those drawn at random.
"""

from __future__ import annotations

import random

import pytest
from reliability.campaigns import FULL, SEED
from reliability.interleaving import ANSWERS, REQUESTS, explore, follow_metadata
from reliability.two_writers import LONG, PAIRS, Arena, is_protected, is_told
from sampling import REQUIRE_ALL


@pytest.fixture(scope="module")
def arena(states):
    return Arena(states)


SWITCHES: tuple[int | None, int] = (None, 4) if FULL else (2, 1) if REQUIRE_ALL else (1, 0)
"""How often a turn changes at most in the orders that are tried: with short pairs, with long ones."""

DRAWN = 300 if FULL else 6 if REQUIRE_ALL else 2
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
@pytest.mark.parametrize("name", PAIRS)
def test_r2_what_either_writer_reported_as_done_is_there(arena, name, stops):
    switches = SWITCHES[name in LONG]
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


@pytest.mark.parametrize("first", ["a", "b"])
@pytest.mark.parametrize("name", [name for name in PAIRS if name not in LONG])
def test_r2_both_read_before_either_writes(arena, name, first):
    played = arena.play(PAIRS[name], follow_metadata("aabbaabb", first))
    assert not arena.wrong(PAIRS[name], played), str(played)
