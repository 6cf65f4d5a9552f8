"""How much of a long list of cases a run tries: all that CI tries under REQUIRE_ALL=1, otherwise a part of each kind.

Three shapes of one notion: `sample` for a list within a test, the mark `sampled` for a test with long parametrized
lists, and `examples` for a test that Hypothesis draws the cases of.
"""

from __future__ import annotations

import heapq
import os
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar

from hypothesis import settings

Case = TypeVar("Case")
Kind = Callable[[Case], Hashable]

REQUIRE_ALL = os.environ.get("REQUIRE_ALL") == "1"
"""Whether nothing may be left out, as `.ci/run` asks."""

SEED = 7

EXAMPLES = 100
"""How many examples Hypothesis tries where a test says nothing else."""


def sample(cases: Sequence[Case], most: int, *kinds: Kind[Case]) -> list[Case]:
    """Return the cases that a run tries: all of them under REQUIRE_ALL=1, otherwise a part."""
    return list(cases) if REQUIRE_ALL else spread(cases, most, *kinds)


def spread(cases: Sequence[Case], most: int, *kinds: Kind[Case], seed: int | str = SEED) -> list[Case]:
    """Return a part of some cases in their order, the same each time, spread evenly over their kinds.

    Args:
        cases: all of them.
        most: how many are taken, or more where the kinds need them: each kind is in the part.
        kinds: what a case is one of: its row, its column.
        seed: another one takes another part.
    """
    if len(cases) <= most:
        return list(cases)
    kinds_of = [[(number, kind(case)) for number, kind in enumerate(kinds)] for case in cases]
    missing = {kind for own in kinds_of for kind in own}
    taken: list[int] = []
    times: Counter[Hashable] = Counter()

    def rank(position: int) -> tuple[int, int]:
        own = kinds_of[position]
        return -sum(kind in missing for kind in own), sum(times[kind] for kind in own)

    shuffled = random.Random(seed).sample(range(len(cases)), len(cases))
    queue = [(*rank(position), place, position) for place, position in enumerate(shuffled)]
    heapq.heapify(queue)
    while queue and (missing or len(taken) < most):
        *before, place, position = heapq.heappop(queue)
        now = rank(position)
        if now != tuple(before):
            # a rank only ever gets worse, so that it is enough to look at the first again
            heapq.heappush(queue, (*now, place, position))
            continue
        taken.append(position)
        missing.difference_update(kinds_of[position])
        times.update(kinds_of[position])
    return [cases[position] for position in sorted(taken)]


def sampled(items: Sequence[Any]) -> list[Any]:
    """Return the tests of a run.

    Of each test with the mark `sampled(most)`, `most` of its parametrized cases stay, and among them every value of
    every parameter; with `sampled(most, "name")` every value of those that are named, and with `sampled(most, None)`,
    where all are of one kind, any. Of the cases with the mark `costly(most)`, which other cases show more cheaply,
    `most` of each file stay, spread over it.
    """
    if REQUIRE_ALL:
        return list(items)
    groups: dict[Any, list[Any]] = defaultdict(list)
    costly: dict[Any, list[Any]] = defaultdict(list)
    for item in items:
        if item.get_closest_marker("costly"):
            costly[item.path].append(item)
        elif item.get_closest_marker("sampled"):
            groups[item.function].append(item)
    left_out: set[Any] = set()
    for cases in costly.values():
        most = cases[0].get_closest_marker("costly").args[0]
        left_out |= {*cases} - {cases[number * len(cases) // most] for number in range(most)}
    for group in groups.values():
        most, *names = group[0].get_closest_marker("sampled").args
        names = names or list(group[0].callspec.params)
        kinds = (_value_of(name) for name in names if name)
        # each test takes a part of its own, so that tests of one list share all of it
        left_out |= {*group} - {*spread(group, most, *kinds, seed=group[0].function.__name__)}
    return [item for item in items if item not in left_out]


def _value_of(name: str) -> Kind[Any]:
    # the values themselves need not be hashable; the cases of a product share them
    return lambda item: id(item.callspec.params[name])


def examples(count: int) -> settings:
    """Return Hypothesis's settings for `count` examples in CI, and a fifth of them, 5 at least, otherwise."""
    return settings(max_examples=count if REQUIRE_ALL else max(5, count // 5))
