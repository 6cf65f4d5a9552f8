"""Many operations on a few projects while one request in twenty goes wrong: is what was reported what is there?

Each operation runs twice from the same state: once without faults, which tells what it would do, and once with faults.
What that reports (done, not done, unclear) must be what is there; the state goes on from there. Whatever was done is
also kept in a ledger, and looked for at the end.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from reliability.content import foreign, governed
from reliability.faults import FAULTS, KILLS
from reliability.judging import faults_of
from reliability.scenarios import DONE, FAILED, UNKNOWN, by_exit_code, by_row
from reliability.world import Handle, Request, Run, State, World
from werkzeug.wrappers import Response

RATE = 0.05
KEYS = ("P", "Q", "R", "S")
RATINGS = ("Low", "Medium low", "Medium high", "High", "none")
STEPS = ("exploration", "qualification", "progress", "rollout", "delivery")


@dataclass(frozen=True)
class Operation:
    """One command line, and the projects that it is about; `token` is a text that shows that it was done."""

    arguments: tuple[str, ...]
    keys: tuple[str, ...]
    token: str = ""

    @property
    def is_bulk(self) -> bool:
        """Whether it tells its end in a row a project."""
        return self.arguments[0] in ("init", "ungovern")


@dataclass
class Tally:
    """What came of a soak.

    Attributes:
        counts: how many operations ended how; and how many faults happened.
        mismatches: where the report and the state differ, one line each.
    """

    counts: Counter[str] = field(default_factory=Counter)
    mismatches: list[str] = field(default_factory=list)


@dataclass
class Soak:
    """Runs operations in a world whose projects are `KEYS`."""

    world: World
    seed: int
    tally: Tally = field(default_factory=Tally)
    _held: dict[str, Any] = field(default_factory=dict)
    _ledger: dict[str, list[str]] = field(default_factory=dict)

    def run(self, count: int) -> Tally:
        """Run so many operations."""
        chance = random.Random(self.seed)
        self._foreign = {key: foreign(self.world, key) for key in KEYS}
        self._held = {key: governed(self.world, key) for key in KEYS}
        for number in range(count):
            self._operate(number, _drawn(chance, number), chance)
        for key, tokens in self._ledger.items():
            events = str(self.world.show(key)["events"])
            missing = [token for token in tokens if token not in events]
            if missing:
                self.tally.mismatches.append(f"{key}: reported done and not in the history: {missing}")
        return self.tally

    def _operate(self, number: int, operation: Operation, chance: random.Random) -> None:
        world, before = self.world, self.world.save()
        wanted, planned = self._without_faults(operation, before)
        world.restore(before)
        met: list[str] = []

        def shaky(request: Request, handle: Handle) -> Response:
            if chance.random() >= RATE:
                return handle()
            fault = chance.choice(FAULTS if chance.random() < 0.95 else KILLS)
            met.append(f"{fault} at {request}")
            return fault.answer(world, request, handle)

        world.around = shaky
        run = world.run(*operation.arguments)
        world.around = None
        self.tally.counts["operations"] += 1
        self.tally.counts["faults"] += len(met)
        wrong = faults_of(run, may_be_killed=True)
        for key in operation.keys:
            wrong += self._compared(key, operation, run, wanted, planned)
        if [key for key in KEYS if foreign(world, key) != self._foreign[key]]:
            wrong.append("foreign content changed")
        if wrong:
            line = f"{number}. {' '.join(operation.arguments)} [{'; '.join(met)}]: {'; '.join(wrong)}"
            self.tally.mismatches.append(f"{line} (seed {self.seed}): {run.err.strip()[-300:]}")

    def _without_faults(self, operation: Operation, before: State) -> tuple[dict[str, Any], Run]:
        run = self.world.run(*operation.arguments)
        return {key: governed(self.world, key) for key in operation.keys}, run

    def _compared(self, key: str, operation: Operation, run: Run, wanted: dict[str, Any], planned: Run) -> list[str]:
        said, would_say = (by_row(key)(each) if operation.is_bulk else by_exit_code(each) for each in (run, planned))
        before, after = self._held[key], wanted[key]
        self._held[key] = held = governed(self.world, key)
        if "over its budget" in run.text:  # told: the wiki could not take the older events, which is a problem shown
            after = {**after, "problems": held["problems"]}
        self.tally.counts[said] += 1
        is_done = held == after and would_say == DONE
        if is_done and operation.token and held != before:
            self._ledger.setdefault(key, []).append(operation.token)
        if operation.arguments[0] == "ungovern" and not held["governed"]:
            self._ledger.pop(key, None)
        if said == DONE and not is_done:
            return [f"{key}: reported done, and it is not so: {_apart(after, held)}"]
        if said == FAILED and held != before:
            return [f"{key}: reported as not done, and something changed: {_apart(before, held)}"]
        if said == UNKNOWN and held not in (before, after):
            return [f"{key}: neither as before nor as wanted: {_apart(after, held)}"]
        return []


def _apart(wanted: dict[str, Any], held: dict[str, Any]) -> str:
    for name in {**wanted, **held}:
        if wanted.get(name) != held.get(name):
            return f"{name} {str(wanted.get(name))[-160:]} → {str(held.get(name))[-160:]}"
    return ""


def _drawn(chance: random.Random, number: int) -> Operation:
    """An operation at random; many are refused, as people's are."""
    key, step, token = chance.choice(KEYS), chance.choice(STEPS), f"token-{number:05d}"
    other = chance.choice([each for each in KEYS if each != key])
    draws: list[tuple[int, Operation]] = [
        (6, Operation(("init", key, "--value", chance.choice(RATINGS[:4]), "--sponsor", token), (key,), token)),
        (2, Operation(("init", key, other, "--risk", "Low"), (key, other))),
        (10, Operation(("advance", key, "--reason", token), (key,), token)),
        (4, Operation(("advance", key, "--to", step, "--reason", token), (key,), token)),
        (4, Operation(("step", "set", key, step, "--reason", token), (key,), token)),
        (2, Operation(("step", "start", key, step), (key,))),
        (2, Operation(("step", "finish", key, step), (key,))),
        (2, Operation(("step", "reopen", key, step, "--reason", token), (key,), token)),
        (10, Operation(("step", "note", key, step, f"{token} {'words ' * chance.randrange(40)}"), (key,), token)),
        (4, Operation(("step", "document", key, step, f"https://example.org/{token}"), (key,))),
        (8, Operation(("qualify", key, "--risk", chance.choice(RATINGS), "--decision", "Go"), (key,))),
        (4, Operation(("qualify", key, "--cost-comment", token), (key,), token)),
        (2, Operation(("qualify", key, "--confirm"), (key,))),
        (1, Operation(("ungovern", key, "--yes"), (key,))),
        (1, Operation(("ungovern", key, other, "--yes"), (key, other))),
        (1, Operation(("ungovern", key, "--yes", "--purge"), (key,))),
    ]
    return chance.choices([each for _, each in draws], [weight for weight, _ in draws])[0]
