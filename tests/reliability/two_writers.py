"""Pairs of writers, and what must be there when both have ended: a new pair is one entry of `PAIRS`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from reliability.interleaving import ANSWERS, Choose, Played, Schedule, Writer
from reliability.judging import LOSS
from reliability.scenarios import LAST, V1, V2, States, is_unclear, note
from reliability.world import DSS_URL, SETTLING_SECONDS, World

from govern_mirror import (
    Document,
    Move,
    MoveKind,
    Scope,
    Session,
    add_document,
    connect_to,
    initialize,
    move,
    qualify,
    ungovern,
    write_note,
)
from govern_mirror.errors import GovernMirrorError

RISK, COST, VALUE = (f"qualification.{name}.rating" for name in ("risk", "cost", "value"))
DONE, FAILED, UNKNOWN = "done", "failed", "unclear"

Work = Callable[[Session], Any]
Shown = dict[str, dict[str, Any]]
"""What `show --format json` prints, by address."""
Event = dict[str, Any]


@dataclass(frozen=True)
class Intent:
    """What one writer wants, and what shows that it was done.

    Attributes:
        work: does it.
        is_its_event: tells the event that it makes.
        value: the path of `show --format json` that it sets, and to what; empty where it sets none of its own.
        address: the project, or the one of its items, that it changes.
    """

    work: Work
    is_its_event: Callable[[Event], bool]
    value: tuple[str, Any] | None = None
    address: str = "P"


@dataclass(frozen=True)
class Pair:
    """Two writers, and the state that they begin with."""

    name: str
    state: str
    a: Intent
    b: Intent
    same_login: bool = False

    @property
    def addresses(self) -> list[str]:
        """What the two change: the project, its items."""
        return list(dict.fromkeys(("P", self.a.address, self.b.address)))

    def __str__(self) -> str:
        return self.name


def _event(what: str, to: str | None = None, reason: str | None = None) -> Callable[[Event], bool]:
    def is_it(event: Event) -> bool:
        return event["what"] == what and (to is None or event["to"] == to) and reason in (None, event["reason"])

    return is_it


def advancing(reason: str) -> Intent:
    """One step on."""
    return Intent(
        lambda session: move(session, "P", Move(MoveKind.ADVANCE, None, reason)), _event("advance", reason=reason)
    )


def rating(path: str, value: str) -> Intent:
    """A rating."""
    return Intent(lambda session: qualify(session, "P", {path: value}), _event(path, value), (path, value))


def noting(step: str, text: str, address: str = "P") -> Intent:
    """Notes of a step."""
    return Intent(
        lambda session: write_note(session, address, step, text), _event(f"steps.{step}.notes"), address=address
    )


def moving(address: str, reason: str) -> Intent:
    """One step on, of an item."""
    return Intent(
        lambda session: move(session, address, Move(MoveKind.ADVANCE, None, reason)),
        _event("advance", reason=reason),
        address=address,
    )


def linking(step: str, url: str, by: str) -> Intent:
    """A document of a step; its event is known by who added it."""
    path = f"steps.{step}.documents"
    return Intent(
        lambda session: add_document(session, "P", step, Document("", url)),
        lambda event: event["what"] == path and event["by"] == by,
    )


def governing(path: str, value: str) -> Intent:
    """The workflow initialized, with a value of the Overview."""
    return Intent(
        lambda session: initialize(session, Scope(keys=("P",)), {path: value}), _event(path, value), (path, value)
    )


REMOVING = Intent(lambda session: ungovern(session, ["P"]), lambda event: False)

PAIRS = {
    pair.name: pair
    for pair in (
        Pair("advance-advance", "started", advancing("a is ready"), advancing("b is ready"), same_login=True),
        Pair("qualify-other-field", "started", rating(RISK, "Low"), rating(COST, "High")),
        Pair("qualify-same-field", "started", rating(RISK, "Low"), rating(RISK, "High")),
        Pair("qualify-advance", "started", rating(RISK, "Low"), advancing("b is ready")),
        Pair("init-init", "fresh", governing(VALUE, "High"), governing("overview.sponsor", "Ada")),
        Pair("note-overflow", "nearly full", noting("exploration", note(9999)), noting("delivery", "Short.")),
        Pair("overflow-overflow", "overflowed", noting("exploration", note(9998)), noting("delivery", note(9999))),
        Pair(
            "document-document",
            "started",
            linking("exploration", "https://example.org/a", "admin"),
            linking("exploration", "https://example.org/b", "eve"),
        ),
        Pair("ungovern-qualify", "started", REMOVING, rating(RISK, "Low")),
        Pair("ungovern-overflow", "overflowed", REMOVING, noting("delivery", note(9999))),
        Pair("item-project", "with items", moving(V1, "a is ready"), rating(RISK, "Low")),
        Pair("item-item", "with items", moving(V1, "a is ready"), noting("review", "Seen.", V1)),
        Pair("item-other-item", "with items", moving(V1, "a is ready"), moving(V2, "b is ready")),
        Pair("ungovern-item", "with items", REMOVING, moving(V1, "b is ready")),
        Pair("item-history", "full of items", noting("review", note(9999), V2), noting("review", note(9998), V1)),
        Pair("item-pushed-away", "many items", noting("review", note(9998) * 10, LAST), moving(V1, "b is ready")),
        Pair("items-come-back", "items away", moving(V2, "a is ready"), moving(V1, "b is ready")),
    )
}
"""Two writers of govern-mirror that meet in one project."""


LONG = ("note-overflow", "overflow-overflow", "ungovern-overflow", "item-history", "item-pushed-away")
"""Pairs with so many steps that all of their orders are counted by `make reliability` only."""


@dataclass
class Arena:
    """Where pairs are played; each schedule begins with the same state."""

    states: States
    _sessions: dict[str, Session] = field(default_factory=dict)
    _shown: dict[str, Shown] = field(default_factory=dict)

    def play(self, pair: Pair, choose: Choose, stops: str = ANSWERS) -> Played:
        """Play one schedule of a pair."""
        world = self.states.world
        self.states.enter(pair.state)
        return Schedule(world, self.works(pair), stops).play(choose)

    def works(self, pair: Pair) -> dict[str, Callable[[], Any]]:
        """What each writer of a pair does, by its name."""
        sessions = {"a": self._session("a"), "b": self._session("a" if pair.same_login else "b")}
        return {name: _bound(intent.work, sessions[name]) for name, intent in (("a", pair.a), ("b", pair.b))}

    def look(self, pair: Pair) -> Shown:
        """What the project, and the items that a pair is about, show now."""
        return {address: self.states.world.show(address) for address in pair.addresses}

    def wrong(self, pair: Pair, played: Played, shown: Shown | None = None) -> list[str]:
        """What must not be after a schedule: an operation that was reported as done and is missing, for one.

        Args:
            pair, played: the schedule.
            shown: what the project and its items show then, where that is known.
        """
        world = self.states.world
        before = self._before(pair)
        crashed = [f"{name} crashed: {w.error!r}" for name, w in played.writers.items() if _crashed(w)]
        if crashed:
            return crashed
        shown = shown or self.look(pair)
        if REMOVING in (pair.a, pair.b):
            return _wrong_after_removal(world, pair, played, shown, before)
        return _wrong_after_changes(pair, played, shown, before)

    def _session(self, writer: str) -> Session:
        if writer not in self._sessions:
            world = self.states.world
            key = world.sandbox.admin_key if writer == "a" else world.eves_key
            self._sessions[writer] = session = connect_to(DSS_URL, key)
            # what a session asks once is asked before the writers meet
            assert session.login and session.store.node_id
        return self._sessions[writer]

    def _before(self, pair: Pair) -> Shown:
        if pair.name not in self._shown:
            world = self.states.world
            after = world.save()
            self.states.enter(pair.state)
            self._shown[pair.name] = self.look(pair)
            world.restore(after)
        return self._shown[pair.name]


def _bound(work: Work, session: Session) -> Callable[[], Any]:
    return lambda: work(session)


def reported(writer: Writer) -> str:
    """What a writer said: done, failed or unclear."""
    if writer.error is not None:
        return UNKNOWN if is_unclear(str(writer.error)) else FAILED
    results = writer.result if isinstance(writer.result, list) else []
    if any(result.failed for result in results):
        return UNKNOWN if is_unclear(results[0].message) else FAILED
    return DONE


def warnings_of(writer: Writer) -> str:
    """What a writer warned of."""
    results = writer.result if isinstance(writer.result, list) else [writer.result]
    return "; ".join(warning for result in results if result is not None for warning in result.warnings)


def is_protected(played: Played) -> bool:
    """Whether no writer stalled between its last read and its PUT for the settling time or longer."""
    return played.stall < SETTLING_SECONDS


def _crashed(writer: Writer) -> bool:
    return writer.error is not None and not isinstance(writer.error, GovernMirrorError)


def is_told(played: Played, wrong: list[str]) -> bool:
    """Whether a writer warned that it may have written over somebody else, or the project shows a broken history."""
    if any(fault.endswith("problem with govern_record") for fault in wrong):
        return True
    return any(LOSS.search(warnings_of(writer)) for writer in played.writers.values() if writer.error is None)


def _wrong_after_changes(pair: Pair, played: Played, every: Shown, earlier: Shown) -> list[str]:
    found = [f"{address}: {fault}" for address in every for fault in _unsound(every[address], earlier[address])]
    applied: Counter[str] = Counter()
    for name, intent in (("a", pair.a), ("b", pair.b)):
        said, shown = reported(played.writers[name]), every[intent.address]
        count = sum(map(intent.is_its_event, shown["events"][len(earlier[intent.address]["events"]) :]))
        applied[intent.address] += bool(count)
        if count > 1:
            found.append(f"{name}: its event is there {count} times")
        if said == DONE and not count:
            found.append(f"{name}: reported done, and its event is missing")
        if said == FAILED and count:
            found.append(f"{name}: reported as not done ({played.writers[name].error}), and its event is there")
        if said == DONE and intent.value and not _holds(shown, intent, pair):
            found.append(f"{name}: reported done, and its value is missing")
    for address, count in applied.items():
        revision, least = every[address]["revision"], earlier[address]["revision"] + count
        if revision < least:
            found.append(f"{address}: the revision is {revision}, not {least} or more")
    shown, before, count = every["P"], earlier["P"], applied["P"]
    if pair.name == "advance-advance" and shown["progress"]["finished"] != before["progress"]["finished"] + count:
        found.append(f"{shown['progress']['finished']} steps are finished after {count} moves")
    if pair.name == "document-document" and len(shown["steps"][0]["documents"]) != count:
        found.append(f"{len(shown['steps'][0]['documents'])} documents after {count} were added")
    if pair.name == "init-init" and sum(event["what"] == "initialize" for event in shown["events"]) != 1:
        found.append("the project was not initialized once")
    return found


def _holds(shown: dict[str, Any], intent: Intent, pair: Pair) -> bool:
    """Whether a value is there, or was replaced by a later event of the other writer."""
    assert intent.value
    path, value = intent.value
    others = pair.b if intent is pair.a else pair.a
    own = max((event["number"] for event in shown["events"] if intent.is_its_event(event)), default=0)
    later = [event for event in shown["events"] if event["number"] > own and others.is_its_event(event)]
    if later and others.value and others.value[0] == path:
        return True
    section, name, *_ = path.split(".")
    held = shown[section][name]
    return (held["rating"] if isinstance(held, dict) else held) == value


def _unsound(shown: dict[str, Any], before: dict[str, Any]) -> list[str]:
    numbers = [event["number"] for event in shown["events"]]
    found = []
    if numbers != list(range(1, len(numbers) + 1)):
        found.append(f"event numbers {numbers[-8:]}")
    kept = shown["events"][: len(before["events"])]
    if [_told(event) for event in kept] != [_told(event) for event in before["events"]]:
        found.append("earlier events changed")
    new = {problem["field"] for problem in shown["problems"]} - {problem["field"] for problem in before["problems"]}
    return found + [f"problem with {field}" for field in sorted(new)]


def _told(event: Event) -> tuple[Any, ...]:
    return tuple(event[name] for name in ("number", "at", "by", "what", "from", "to", "reason"))


def _wrong_after_removal(world: World, pair: Pair, played: Played, every: Shown, earlier: Shown) -> list[str]:
    shown, before = every["P"], earlier["P"]
    removal, change = ("a", "b") if pair.a is REMOVING else ("b", "a")
    removed, changed = reported(played.writers[removal]), reported(played.writers[change])
    intent = pair.a if change == "a" else pair.b
    is_there = any(intent.is_its_event(event) for event in every[intent.address]["events"])
    found = []
    if shown["governed"]:
        found += [fault for address in every for fault in _unsound(every[address], earlier[address])]
        if removed == DONE:
            found.append("reported as removed, and it is governed")
        if changed == DONE and not is_there:
            found.append("the change was reported done, and its event is missing")
        return found
    if removed == FAILED and changed != UNKNOWN:
        found.append("reported as not removed, and it is not governed")
    record = world.sandbox.metadata("P")["customFields"].get("govern_record")
    mark = json.loads(record).get("removed") if isinstance(record, str) else None
    if not isinstance(mark, dict):
        return [*found, "there is no mark of the removal"]
    if any(every[address]["governed"] for address in every):
        found.append("an item outlives its project's governance")
    is_of_item = intent.address != "P"
    if changed == DONE and not is_of_item and mark["last_event"] <= before["events"][-1]["number"]:
        found.append(f"the change was reported done, and the mark knows only {mark['last_event']} events")
    return found
