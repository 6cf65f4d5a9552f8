"""Run the big suites whole, print what came of them as a Markdown table, and put it into docs/reliability.md.

    RELIABILITY=full python tests/reliability [faults|persisting|foreign|upheavals|writers|soak]... [SCENARIO]...
    python tests/reliability replay PAIR answers|requests ORDER

`make reliability` runs all of them. Without `RELIABILITY=full` each takes a part of its cases, as CI does, and
docs/reliability.md stays as it is. With names of scenarios or pairs, only those are tried. `replay` plays one order of
two writers. `RELIABILITY_JOBS` says how many processes share the work.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import repeat
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from reliability import campaigns
from reliability.campaigns import FULL, SEED, sample
from reliability.foreign_writes import FOREIGN_WRITES, OUR_FIELDS
from reliability.interleaving import ANSWERS, REQUESTS, follow
from reliability.judging import Expectations
from reliability.orders import KEPT, WRONG, Orders
from reliability.scenarios import ALL, WRITING, Scenario, States
from reliability.soak import KEYS, Soak
from reliability.two_writers import LONG, PAIRS, Arena, warnings_of
from reliability.world import World, open_world

PART = 60
"""How many cases of each command are tried when not all are."""

SOAK = 3000 if FULL else 300

DOCS = Path(__file__).parents[2] / "docs" / "reliability.md"
COUNTS = "| suite | what came of it | minutes of one core |\n| --- | --- | --- |"
"""The head of the table of counts, which `docs/reliability.md` has too."""

ONLY = frozenset(sys.argv[1:]) & (ALL.keys() | PAIRS.keys())
"""The scenarios and pairs that are named; none for all."""

JOBS = int(os.environ.get("RELIABILITY_JOBS") or 1)
"""How many processes share the work, each with a world of its own."""


def faults(world: World, scenario: str) -> Counter[str]:
    """Each single fault at each request of a command."""
    return _faults(world, ALL[scenario], persisting=False)


def persisting(world: World, scenario: str) -> Counter[str]:
    """Each fault at each request of a command and all later ones."""
    return _faults(world, ALL[scenario], persisting=True)


def _faults(world: World, scenario: Scenario, *, persisting: bool) -> Counter[str]:
    counts: Counter[str] = Counter()
    expectations = Expectations(States(world))
    for case in sample(campaigns.fault_cases(expectations, scenario, persisting=persisting), PART, 0):
        wrong = campaigns.tried_fault(expectations, case)
        counts["cases"] += 1
        counts["wrong"] += bool(wrong)
        _say(wrong, case)
    return counts


def foreign(world: World, scenario: str) -> Counter[str]:
    """Each foreign write in each gap of a command."""
    counts: Counter[str] = Counter()
    expectations = Expectations(States(world))
    writes = [*FOREIGN_WRITES, *campaigns.edits_kept_by(ALL[scenario], OUR_FIELDS)]
    for case in sample(campaigns.foreign_cases(expectations, ALL[scenario], writes), PART, 0):
        ending = campaigns.tried_foreign(expectations, case)
        counts["cases"] += 1
        counts["wrong"] += bool(ending.wrong)
        counts[ending.kind] += 1
        _say(ending.wrong, case)
    return counts


def upheavals(world: World, scenario: str) -> Counter[str]:
    """Each upheaval in each gap of a command."""
    counts: Counter[str] = Counter()
    expectations = Expectations(States(world))
    for case in sample(campaigns.upheaval_cases(expectations, ALL[scenario]), PART, 0):
        wrong = campaigns.tried_upheaval(expectations, case)
        counts["cases"] += 1
        counts["wrong"] += bool(wrong)
        _say(wrong, case)
    return counts


def writers(world: World, pair: str) -> Counter[str]:
    """The two writers of a pair in all orders."""
    counts: Counter[str] = Counter()
    arena = Arena(States(world))
    for stops in (ANSWERS, REQUESTS):
        orders = Orders(arena, PAIRS[pair], stops)
        endings = orders.count()
        counts["orders"] += endings.total()
        counts["states"] += len(orders.endings)
        counts["wrong"] += endings[WRONG]
        for ending in endings.keys() - {WRONG}:
            counts[ending] += endings[ending]
        print(f"  {pair}, {stops}: {endings.total():,} orders, {len(orders.endings):,} states", file=sys.stderr)
        for ending in endings.keys() - {KEPT}:
            print(f"    {endings[ending]:,} {ending}, such as {orders.examples.get(ending)}", file=sys.stderr)
    return counts


def soak(world: World, part: str) -> Counter[str]:
    """Operations of all kinds while one request in twenty goes wrong."""
    tally = Soak(world, SEED).run(SOAK)
    for line in tally.mismatches:
        print(f"  {line}", file=sys.stderr)
    tally.counts["wrong"] = len(tally.mismatches)
    return tally.counts


Suite = Callable[[World, str], Counter[str]]
COMMANDS, CHANGES = list(ALL), [scenario.name for scenario in WRITING]
SUITES: dict[str, tuple[Suite, list[str]]] = {
    "faults": (faults, COMMANDS),
    "persisting": (persisting, COMMANDS),
    "foreign": (foreign, CHANGES),
    "upheavals": (upheavals, CHANGES),
    "writers": (writers, [name for name in PAIRS if FULL or name not in LONG]),
    "soak": (soak, [""]),
}
"""Each suite, and the parts that it is tried in."""


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
    print(COUNTS)
    with ProcessPoolExecutor(JOBS) as pool:
        for name in [name for name in sys.argv[1:] if name not in ONLY] or SUITES:
            counts: Counter[str] = Counter()
            seconds = 0.0
            parts = [part for part in SUITES[name][1] if not ONLY or part in ONLY]
            for counted, took in pool.map(_part, repeat(name), parts):
                counts.update(counted)
                seconds += took
            row = (
                f"| {name} | {', '.join(f'{count:,} {what}' for what, count in counts.items())} | {seconds / 60:.1f} |"
            )
            print(row, flush=True)
            if FULL and not ONLY:
                DOCS.write_text(with_row(DOCS.read_text(encoding="utf-8"), row), encoding="utf-8")


def _part(suite: str, part: str) -> tuple[Counter[str], float]:
    """What came of a part of a suite, and how long it took."""
    began = time.process_time()
    with _opened(suite) as world:
        counts = SUITES[suite][0](world, part)
    return counts, time.process_time() - began


def with_row(page: str, row: str) -> str:
    """The page with a row in its table of counts, in place of the one of the same suite."""
    before, head, after = page.partition(COUNTS)
    if not head:
        raise ValueError("the page has no table of counts")
    rest = after.splitlines()[1:]
    rows = {}
    while rest and rest[0].startswith("|"):
        kept = rest.pop(0)
        rows[_suite_of(kept)] = kept
    rows[_suite_of(row)] = row
    ordered = [rows[name] for name in SUITES if name in rows]
    return "\n".join([f"{before}{head}", *ordered, *rest, ""])


def _suite_of(row: str) -> str:
    return row.split(" | ")[0].removeprefix("| ")


if __name__ == "__main__":
    main()
