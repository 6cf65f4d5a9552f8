"""The big suites as lists of cases: `python tests/reliability` tries all, CI a part, a developer's run a few."""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from unittest import mock

from reliability.faults import FAULTS, KILLS, Fault, at
from reliability.foreign_writes import GOVERN, METADATA, OURS, UPHEAVALS, WIKI, ForeignWrite, NothingThere
from reliability.judging import LOSS, Expectation, Expectations, faults_of, mismatches, parts_of
from reliability.scenarios import ALL, DONE, FAILED, Scenario
from reliability.world import Request, Run, World
from sampling import REQUIRE_ALL, spread

Case = TypeVar("Case")
Kind = TypeVar("Kind")

FULL = os.environ.get("RELIABILITY") == "full"
"""Whether every case is tried."""

SEED = int(os.environ.get("RELIABILITY_SEED") or 1)
"""The seed of what is drawn at random; another one tries other cases, and a failure names it."""

FEW = 2
"""How many cases of each command a developer's run tries, or one of each kind where these are more."""


def sample(cases: Sequence[Case], fixed: int, changing: int) -> list[Case]:
    """The cases of a run: all of them, or some that are always the same and some that are not."""
    if FULL or len(cases) <= fixed + changing:
        return list(cases)
    always = random.Random(7).sample(range(len(cases)), fixed)
    now = random.Random(SEED).sample(range(len(cases)), changing)
    return [cases[position] for position in sorted({*always, *now})]


def tried(cases: Sequence[Case], fixed: int, changing: int, kind: Callable[[Case], Hashable]) -> list[Case]:
    """The cases of a command that the tests try: as `sample` in CI, otherwise a few, with one of each kind."""
    return sample(cases, fixed, changing) if FULL or REQUIRE_ALL else spread(cases, FEW, kind)


def dealt(kinds: Sequence[Kind], command: str, commands: Iterable[str]) -> list[Kind]:
    """The faults or writes that a command is tried with: all in CI, otherwise some, so that all commands share all."""
    if FULL or REQUIRE_ALL:
        return list(kinds)
    pairs = [(name, kind) for name in commands for kind in kinds]
    few = spread(pairs, 1, lambda pair: pair[0], lambda pair: str(pair[1]))
    return [kind for name, kind in few if name == command]


# single faults ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FaultCase:
    """A fault at one request of a command."""

    scenario: str
    number: int
    request: str
    fault: Fault
    persisting: bool = False

    def __str__(self) -> str:
        since = " and later ones" if self.persisting else ""
        return f"{self.scenario}, {self.fault} at {self.request}{since}"


def fault_cases(
    expectations: Expectations,
    scenario: Scenario,
    faults: Sequence[Fault] = (*FAULTS, *KILLS),
    *,
    persisting: bool = False,
) -> list[FaultCase]:
    """Every fault at every request of a command."""
    return [
        FaultCase(scenario.name, request.number, str(request), fault, persisting)
        for request in expectations.of(scenario).requests
        for fault in faults
    ]


def tried_fault(expectations: Expectations, case: FaultCase) -> list[str]:
    """Try a case; what is wrong with how it ended."""
    scenario, world = ALL[case.scenario], expectations.states.world
    expected = expectations.of(scenario)
    expectations.states.enter(scenario.state)
    at(world, case.number, case.fault, persisting=case.persisting)
    with mock.patch("secrets.token_hex", _counted()):
        run = scenario.command(world)
    world.around = None
    found = mismatches(world, scenario, expected, run)
    if _is_a_lie(case):
        return []
    return [f"{each} (seed {SEED})" for each in found]


def _counted() -> Callable[[int], str]:
    """What stands for numbers drawn at random, so that a command that ends as another one did leaves the same state."""
    numbers = itertools.count(1)
    return lambda size: f"{next(numbers):0{2 * size}x}"


def _is_a_lie(case: FaultCase) -> bool:
    """Whether the answer is a true one for somebody who sees no project, or where there is no scenario.

    Only a sync can tell that the list of projects is not. Nobody can tell that a scenario was created when every list
    that is asked for afterwards is empty: it is switched off, and installing again goes on with it.
    """
    is_list = case.fault.name in ("200-list", "200-list-applied")
    if case.persisting and case.request.endswith("POST /projects/P/scenarios"):
        return is_list
    return is_list and case.request.endswith("GET /projects") and not case.scenario.startswith("sync")


# foreign writes in every gap --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ForeignCase:
    """A write by somebody else just before one request of a command."""

    scenario: str
    number: int
    request: str
    write: ForeignWrite

    def __str__(self) -> str:
        return f"{self.scenario}, {self.write} before {self.request}"


@dataclass
class Ending:
    """How a case ended.

    Attributes:
        kind: kept; lost-told, lost-untold: it fell between the last read and the write; or not-reached.
        wrong: what must not be.
    """

    kind: str = "kept"
    wrong: list[str] = field(default_factory=list)


_WRITES_OVER = {
    METADATA: re.compile(r"^/projects/P/metadata$"),
    OURS: re.compile(r"^/projects/P/metadata$"),
    WIKI: re.compile(r"^/projects/P/wiki/.+$"),
    GOVERN: re.compile(r"^/artifact/.+$"),
}
"""The document that a write of each area changes: a PUT or DELETE of it right after the foreign write loses that."""


def foreign_cases(expectations: Expectations, scenario: Scenario, writes: Sequence[ForeignWrite]) -> list[ForeignCase]:
    """Every foreign write in every gap of a command; what is about Govern only where Govern is asked."""
    requests = expectations.of(scenario).requests
    asks_govern = any(request.node == "govern" for request in requests)
    return [
        ForeignCase(scenario.name, request.number, str(request), write)
        for request in requests
        for write in writes
        if write.area != GOVERN or asks_govern
    ]


_EDITABLE = ("started", "two started", "nearly full", "overflowed", "paired", "reported", "with folder")
"""States in which an edit by hand is an edit, and not what makes a project count as governed."""

_SPONSORED = ("init-blanks", "plan-file")
"""Commands that write the sponsor themselves."""


def edits_kept_by(scenario: Scenario, writes: Sequence[ForeignWrite]) -> list[ForeignWrite]:
    """The edits of our fields by hand that a command must keep; none where it removes them."""
    if scenario.state not in _EDITABLE or scenario.name.startswith("ungovern"):
        return []
    return [write for write in writes if not (write.name == "field-govern_sponsor" and scenario.name in _SPONSORED)]


def tried_foreign(expectations: Expectations, case: ForeignCase) -> Ending:
    """Try a case."""
    scenario, world = ALL[case.scenario], expectations.states.world
    expected = expectations.of(scenario)
    expectations.states.enter(scenario.state)
    met: list[Request] = []

    def meanwhile(request: Request) -> None:
        if request.number == case.number:
            with contextlib.suppress(NothingThere):
                case.write.write(world)
                met.append(request)

    world.before = meanwhile
    run = scenario.command(world)
    world.before = None
    ending = Ending(wrong=faults_of(run))
    if not met:
        ending.kind = "not-reached"
        return ending
    if not case.write.is_there(world):
        ending.kind = "lost-told" if LOSS.search(run.text) else "lost-untold"
        is_bulk = len(scenario.keys) > 1 and len(scenario.parts) > 1
        if not _is_in_window(world.requests[case.number - 1 :], _WRITES_OVER[case.write.area]):
            ending.wrong.append(f"lost although it was not between the last read and the write: {run.text[-200:]}")
        elif ending.kind == "lost-untold" and case.write.area in (METADATA, OURS) and not is_bulk:
            ending.wrong.append(f"lost between the last read and the write without a word: {run.text[-200:]}")
    ending.wrong += _own_work(world, scenario, expected, run, takes_values=case.write.area == GOVERN)
    return ending


def _is_in_window(later: Sequence[Request], document: re.Pattern[str]) -> bool:
    """Whether the next thing that a writer does is to write the document: then it read it before the foreign write."""
    first_of: dict[str, Request] = {}
    for request in later:
        first_of.setdefault(request.writer, request)
    return any(
        request.method in ("PUT", "DELETE") and document.match(request.path) is not None
        for request in first_of.values()
    )


def _own_work(
    world: World, scenario: Scenario, expected: Expectation, run: Run, *, takes_values: bool = False
) -> list[str]:
    """Whether what a command reported is there, whatever somebody else wrote.

    Where a sync `takes_values` that somebody else wrote, an event tells of the same field, but of another value.
    """
    found = []
    told = slice(3, 4) if takes_values else slice(3, None)
    now = parts_of(world, scenario)
    for part in scenario.parts:
        held, before, after = now[part.name], expected.before[part.name], expected.after[part.name]
        if not isinstance(held, dict) or "events" not in held:
            continue
        own = [event[told] for event in after["events"] if event not in before["events"]]
        kept = [event[told] for event in held["events"] if not takes_values or event not in before["events"]]
        reported = part.reported(run)
        if reported == DONE and after["governed"] and (lost := [event for event in own if event not in kept]):
            found.append(f"{part.name}: reported done, but its events are not there: {lost}")
        if reported == DONE and not after["governed"] and held["governed"] and not _typed_only(held):
            found.append(f"{part.name}: reported as removed, but it is governed")
        if reported == FAILED and after["governed"] and any(event in kept for event in own):
            found.append(f"{part.name}: reported as not done, but its events are there")
        numbers = [event[0] for event in held["events"] if event[0] is not None]
        if numbers != list(range(1, len(numbers) + 1)):
            found.append(f"{part.name}: event numbers {numbers}")
    return found


def _typed_only(held: dict[str, object]) -> bool:
    """Whether nothing but a field typed by hand is left."""
    events = held["events"]
    return isinstance(events, list) and all(event[0] is None for event in events)


# upheavals in every gap -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class UpheavalCase:
    """Something that turns everything over just before one request of a command."""

    scenario: str
    number: int
    request: str
    upheaval: str

    def __str__(self) -> str:
        return f"{self.scenario}, {self.upheaval} before {self.request}"


def upheaval_cases(expectations: Expectations, scenario: Scenario) -> list[UpheavalCase]:
    """Every upheaval in every gap of a command."""
    return [
        UpheavalCase(scenario.name, request.number, str(request), name)
        for request in expectations.of(scenario).requests
        for name in UPHEAVALS
    ]


def tried_upheaval(expectations: Expectations, case: UpheavalCase) -> list[str]:
    """Try a case; what is wrong with how it ended."""
    scenario, world = ALL[case.scenario], expectations.states.world
    expected = expectations.of(scenario)
    expectations.states.enter(scenario.state)

    def meanwhile(request: Request) -> None:
        if request.number == case.number:
            UPHEAVALS[case.upheaval](world)

    world.before = meanwhile
    run = scenario.command(world)
    world.before = None
    found = faults_of(run)
    if not world.sandbox.projects.exists("P"):
        later = world.requests[case.number - 1 :]
        asked = [request for request in later if request.path in ("/projects/P", "/projects/P/metadata")]
        return found + (["a deleted project was reported as done"] if run.code == 0 and asked else [])
    now = parts_of(world, scenario)
    for part in scenario.parts:
        held, before, after = now[part.name], expected.before[part.name], expected.after[part.name]
        if not isinstance(held, dict) or "steps" not in held:
            continue
        if case.upheaval in ("record-cleared", "record-damaged", "tags-null", "checklists-null", "key-revoked"):
            reported = part.reported(run)
            if held["steps"] not in (before["steps"], after["steps"]):
                found.append(f"{part.name}: steps that nobody asked for: {_statuses(held)}")
            elif reported == DONE and held["steps"] != after["steps"] and not _governed_as_its_own(case, world):
                found.append(f"{part.name}: reported done, but the steps are as before")
            elif reported == FAILED and held["steps"] != before["steps"]:
                found.append(f"{part.name}: reported as not done, but the steps moved")
    return found


def _governed_as_its_own(case: UpheavalCase, world: World) -> bool:
    """Whether a copy lost its record before it was adopted: nothing tells a copy then, and its statuses stay."""
    lost = case.scenario == "init-adopt" and case.upheaval in ("record-cleared", "record-damaged")
    return lost and '"adopt"' not in world.sandbox.metadata("P")["customFields"]["govern_record"]


def _statuses(held: dict[str, list[tuple[str, str]]]) -> list[str]:
    return [step[1] for step in held["steps"]]
