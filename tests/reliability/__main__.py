"""Run the big suites whole and print what came of them as a Markdown table, for docs/reliability.md.

    RELIABILITY=full python tests/reliability [faults|persisting|foreign|upheavals|writers|soak]... [SCENARIO]...
    python tests/reliability replay PAIR answers|requests ORDER

Without `RELIABILITY=full` each takes a part of its cases, as CI does. With names of scenarios, faults, foreign writes
and upheavals are tried in those only. `replay` plays one order of two writers.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from reliability import campaigns
from reliability.campaigns import FULL, SEED, sample
from reliability.foreign_writes import FOREIGN_WRITES, OUR_FIELDS
from reliability.interleaving import ANSWERS, REQUESTS, explore, follow
from reliability.judging import Expectations
from reliability.scenarios import ALL, WRITING, Scenario, States
from reliability.soak import KEYS, Soak
from reliability.two_writers import LONG, PAIRS, Arena, is_protected, is_told, warnings_of
from reliability.world import World, open_world

PART = 60
"""How many cases of each command are tried when not all are."""

SOAK = 3000 if FULL else 300

ONLY = frozenset(sys.argv[1:]) & ALL.keys()
"""The scenarios that are named; none for all."""


def faults(world: World) -> Counter[str]:
    """Each single fault at each request of each command."""
    return _faults(world, persisting=False)


def persisting(world: World) -> Counter[str]:
    """Each fault at each request of each command and all later ones."""
    return _faults(world, persisting=True)


def _faults(world: World, *, persisting: bool) -> Counter[str]:
    counts: Counter[str] = Counter()
    expectations = Expectations(States(world))
    for scenario in _meant(ALL.values()):
        for case in sample(campaigns.fault_cases(expectations, scenario, persisting=persisting), PART, 0):
            wrong = campaigns.tried_fault(expectations, case)
            counts["cases"] += 1
            counts["wrong"] += bool(wrong)
            _say(wrong, case)
    return counts


def foreign(world: World) -> Counter[str]:
    """Each foreign write in each gap of each command."""
    counts: Counter[str] = Counter()
    expectations = Expectations(States(world))
    for scenario in _meant(WRITING):
        writes = [*FOREIGN_WRITES, *campaigns.edits_kept_by(scenario, OUR_FIELDS)]
        for case in sample(campaigns.foreign_cases(expectations, scenario, writes), PART, 0):
            ending = campaigns.tried_foreign(expectations, case)
            counts["cases"] += 1
            counts[ending.kind] += 1
            counts["wrong"] += bool(ending.wrong)
            _say(ending.wrong, case)
    return counts


def upheavals(world: World) -> Counter[str]:
    """Each upheaval in each gap of each command."""
    counts: Counter[str] = Counter()
    expectations = Expectations(States(world))
    for scenario in _meant(WRITING):
        for case in sample(campaigns.upheaval_cases(expectations, scenario), PART, 0):
            wrong = campaigns.tried_upheaval(expectations, case)
            counts["cases"] += 1
            counts["wrong"] += bool(wrong)
            _say(wrong, case)
    return counts


def writers(world: World) -> Counter[str]:
    """Two writers in all orders: all of short pairs, those with few changes of turn of long ones."""
    counts: Counter[str] = Counter()
    arena = Arena(States(world))
    for pair in PAIRS.values():
        switches = (3 if pair.name in LONG else None) if FULL else 1
        for stops in (ANSWERS, REQUESTS):
            for played in explore(
                lambda choose, pair=pair, stops=stops: arena.play(pair, choose, stops), switches=switches
            ):  # type: ignore[misc]
                wrong = arena.wrong(pair, played)
                counts["cases"] += 1
                counts["no stall beyond the settling time" if is_protected(played) else "a longer stall"] += 1
                if not wrong:
                    continue
                if is_protected(played):
                    counts["wrong"] += 1
                    _say(wrong, f"{pair}, {stops}, {played}")
                else:
                    counts[
                        "lost after a longer stall, told" if is_told(played, wrong) else "lost after a longer stall"
                    ] += 1
    return counts


def soak(world: World) -> Counter[str]:
    """Operations of all kinds while one request in twenty goes wrong."""
    tally = Soak(world, SEED).run(SOAK)
    for line in tally.mismatches:
        print(f"  {line}", file=sys.stderr)
    return tally.counts + Counter(wrong=len(tally.mismatches))


def _meant(scenarios: Iterable[Scenario]) -> list[Scenario]:
    return [scenario for scenario in scenarios if not ONLY or scenario.name in ONLY]


SUITES: dict[str, Callable[[World], Counter[str]]] = {
    function.__name__: function for function in (faults, persisting, foreign, upheavals, writers, soak)
}


def _say(wrong: list[str], case: object) -> None:
    if wrong:
        print(f"  {case}: {'; '.join(wrong)}", file=sys.stderr)


@contextmanager
def _opened(name: str) -> Iterator[World]:
    with tempfile.TemporaryDirectory() as home, open_world(Path(home), KEYS if name == "soak" else ("P", "Q")) as world:
        yield world


def _replay(name: str, stops: str, order: str) -> None:
    with _opened("replay") as world:
        arena = Arena(States(world))
        played = arena.play(PAIRS[name], follow(order), stops)
        for step in played.steps:
            print(f"{step.at - 1000:6.2f} {step.kind:5} {step}")
        for writer in played.writers.values():
            print(writer.name, writer.error or warnings_of(writer) or "done")
        print(f"stall {played.stall:.2f} s:", "; ".join(arena.wrong(PAIRS[name], played)) or "nothing is wrong")


def main() -> None:
    """Run the suites that are named, or all."""
    if sys.argv[1:2] == ["replay"]:
        _replay(*sys.argv[2:5])
        return
    print("| suite | what came of it | seconds |\n| --- | --- | --- |")
    for name in [name for name in sys.argv[1:] if name not in ONLY] or SUITES:
        began = time.monotonic()
        with _opened(name) as world:
            counts = SUITES[name](world)
        came = ", ".join(f"{count:,} {what}" for what, count in counts.items())
        print(f"| {name} | {came} | {time.monotonic() - began:.0f} |", flush=True)


if __name__ == "__main__":
    main()
