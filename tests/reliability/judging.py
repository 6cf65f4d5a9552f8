"""Whether what a command reported is what is there: the rules that every suite holds commands to."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from reliability.scenarios import DONE, FAILED, HALF_DONE, UNKNOWN, Scenario, States, nothing_between, untouched
from reliability.world import Run, World

_TIMES = re.compile(r'\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z| UTC|\+00:00)?|"days_in_step": \d+')

LOSS = re.compile(
    r"(may|might|could) (be|have been) lost|came between|at the same moment|wrote meanwhile", re.IGNORECASE
)
"""How a message says that another write came between."""


@dataclass
class Expectation:
    """How a scenario ends when nothing goes wrong.

    Attributes:
        requests: what it asks, in order.
        run: how it ended.
        before, after: what its parts held before and afterwards.
        foreign: the foreign content, which stays.
    """

    requests: list[Any]
    run: Run
    before: dict[str, Any]
    after: dict[str, Any]
    foreign: dict[str, Any]


@dataclass
class Expectations:
    """The expectation of each scenario in one world, learnt once."""

    states: States
    _learnt: dict[str, Expectation] = field(default_factory=dict)

    def of(self, scenario: Scenario) -> Expectation:
        """How the scenario ends when nothing goes wrong."""
        if scenario.name not in self._learnt:
            world = self.states.world
            self.states.enter(scenario.state)
            foreign = untouched(world, scenario)
            before = parts_of(world, scenario)
            world.watch()
            run = scenario.command(world)
            requests = list(world.requests)
            if run.code != scenario.code:
                raise AssertionError(f"{scenario} ended with {run.code}, not {scenario.code}: {run.text}")
            after = parts_of(world, scenario)
            self._learnt[scenario.name] = Expectation(requests, run, before, after, foreign)
        return self._learnt[scenario.name]


def parts_of(world: World, scenario: Scenario) -> dict[str, Any]:
    """What each part of a scenario holds."""
    with world.quiet():
        return {part.name: part.read(world) for part in scenario.parts}


def faults_of(run: Run, *, may_be_killed: bool = False) -> list[str]:
    """What is wrong with how a command ended, whatever it did."""
    if run.crash is not None:
        return [f"it crashed with {run.crash!r}"]
    if run.code is None:
        return [] if may_be_killed else ["it ended without an exit code"]
    found = [] if run.code in (0, 1, 3) else [f"exit code {run.code}"]
    if "Traceback" in run.text:
        found.append("it printed a traceback")
    if run.code == 1 and not run.err.strip() and not run.out.strip():
        found.append("it failed without a word")
    return found


def mismatches(world: World, scenario: Scenario, expected: Expectation, run: Run) -> list[str]:
    """Where the report of a command and the state of the world differ."""
    found = faults_of(run, may_be_killed=True)
    with world.quiet():
        if untouched(world, scenario) != expected.foreign:
            found.append(f"foreign content changed: {_difference(expected.foreign, untouched(world, scenario))}")
    found += [f"a request went elsewhere: {request}" for request in world.requests if request.node == "elsewhere"]
    found += [f"the key went elsewhere with {request}" for request in world.leaks]
    if scenario.reads_only:
        return found + _unlike(scenario, expected.run, run)
    now = parts_of(world, scenario)
    for part in scenario.parts:
        reported, held = part.reported(run), now[part.name]
        before, after = expected.before[part.name], expected.after[part.name]
        is_before, is_after = held == before, held == after
        if reported == HALF_DONE and part.is_half_done is nothing_between:
            reported = FAILED  # it was said of something else, such as an article in which events are kept
        if not is_after and "over its budget" in run.text:
            # the wiki could not take the older events: they stay in the record, which is told and shown as a problem
            is_after = _without_problems(held) == _without_problems(after)
        if reported == DONE and not is_after:
            found.append(f"{part.name}: reported done, but it is not so: {_difference(after, held)}")
        elif reported == FAILED and not is_before:
            found.append(f"{part.name}: reported not done, but something changed: {_difference(before, held)}")
        elif reported == HALF_DONE and not part.is_half_done(held):
            found.append(f"{part.name}: reported as created and empty, but it is not so: {_difference(after, held)}")
        elif reported == UNKNOWN and not (is_before or is_after or part.is_half_done(held)):
            found.append(f"{part.name}: neither as before nor as wanted: {_difference(after, held)}")
    return found


def _without_problems(part: Any) -> Any:
    return {key: value for key, value in part.items() if key != "problems"} if isinstance(part, dict) else part


def _unlike(scenario: Scenario, expected: Run, run: Run) -> list[str]:
    """What is wrong with what a reading command printed: it may only fail, or say what is missing."""
    if run.code == 1 or run.code is None:
        return []
    if run.code != scenario.code:
        return [f"exit code {run.code} instead of {scenario.code} or 1"]
    if _TIMES.sub("", run.out) == _TIMES.sub("", expected.out):
        return []
    is_said = len(run.err) > len(expected.err) or _problems(run.out) > _problems(expected.out)
    return [] if is_said else ["it printed something else without a word"]


def _problems(out: str) -> int:
    try:
        document = json.loads(out)
    except ValueError:
        return 0
    if not isinstance(document, dict):
        return 0
    unread = bool(document.get("signoffs_unreadable")) + len(document.get("unread") or document.get("warnings") or ())
    return len(document.get("problems") or ()) + unread


def _difference(wanted: Any, held: Any, path: str = "") -> str:
    """The first difference of two documents, short."""
    if isinstance(wanted, dict) and isinstance(held, dict):
        for key in {**wanted, **held}:
            if wanted.get(key) != held.get(key):
                return _difference(wanted.get(key), held.get(key), f"{path}.{key}")
    if isinstance(wanted, list) and isinstance(held, list):
        for position in range(max(len(wanted), len(held))):
            one, other = wanted[position : position + 1], held[position : position + 1]
            if one != other:
                return f"{path}[{position}] {str(one)[:160]} → {str(other)[:160]}"
    return f"{path} {str(wanted)[:160]} → {str(held)[:160]}"
