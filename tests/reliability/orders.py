"""All orders of two writers, each counted, by way of the states that they pass through.

Playing every order is out of reach: two writers with 13 steps each have ten million of them. But after a prefix of an
order, nothing of what follows depends on anything but four things: what is stored in DSS, the time, and the state of
either writer. So each such state is followed once, and the orders that lead through it are counted by adding up.

Nothing is left out by that:

- A writer is a function of what it has seen: its answers, and the time whenever it went on. It shares no memory with
  the other one, and its nonces, the only thing it draws, are drawn anew for each change that it decides on, so that
  fixed ones that differ by writer and count are as good as any. `Past` is exactly what it has seen; two pasts count as
  one only where all of it is equal, byte by byte. What a writer does next is learnt by letting it go on alone: from
  where it stopped after its past or, where it has gone on from there with something else already, from its start
  against all of its past (`alone.py`). If it does anything else then than at the same point before, that is an error.
- DSS is a function of what is stored and of the request. States are compared by all rows of its store, version numbers
  included, and an answer by status, headers and body.
- Time passes only where somebody sleeps: a request takes none. What matters of time is whether a writer's read is
  older than a third of the settling time, and whether it is put before another writer looks again. Both change only
  where a sleep ends, so a stall is, here, that a sleep ends between a read and the PUT of what was read. One that ends
  earlier changes no order, and the writer notices it or it does not matter.
- How an order ends is judged by what is stored, what either writer said, and its longest stall, which its past tells.

Where the steps of two writers commute (two reads, or what concerns different documents), both orders lead to the same
state, and are counted without being followed twice; no rule says which do, so none can be wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from reliability.alone import Asks, Ends, Past, Runs, Seen, Sleeps, digest_of_parts
from reliability.interleaving import MAX_STEPS, REQUESTS, NeverEnds, Played, document_of, is_about
from reliability.two_writers import Arena, Pair, Shown, is_protected, is_told
from reliability.world import World, digest_of
from support.saved_rows import SavedRows, put_rows, rows_of

KEPT = "nothing lost"
WRONG = "wrong"
TOLD_AFTER_STALL, LOST_AFTER_STALL = "told as lost after a longer stall", "lost untold after a longer stall"
ENDINGS = KEPT, WRONG, TOLD_AFTER_STALL, LOST_AFTER_STALL


class Local(NamedTuple):
    """Where a writer stands: after its past; with `seen`, that has arrived and was not looked at yet."""

    past: Past | None
    seen: Seen | None


class State(NamedTuple):
    """Everything that what follows depends on; `stored` is a number of what DSS holds."""

    a: Local
    b: Local
    stored: int
    time: float


@dataclass
class Orders:
    """All orders of a pair.

    Args:
        arena: where the writers live.
        pair: the two.
        stops: `ANSWERS` or `REQUESTS`.

    Attributes:
        endings: how many orders end in each of `ENDINGS`, from each state.
        examples: for each ending that there is, an order that ends so, and what is wrong with it.
    """

    arena: Arena
    pair: Pair
    stops: str
    endings: dict[State, tuple[int, ...]] = field(default_factory=dict)
    examples: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._world: World = self.arena.states.world
        self._runs = Runs(self._world, self.arena.works(self.pair))
        self._pasts: dict[tuple[int, Seen, float], Past] = {}
        self._locals: dict[Local, Local] = {}
        self._stored: list[SavedRows] = []
        self._numbers: dict[bytes, int] = {}
        self._current = -1
        self._handled: dict[tuple[int, str, bytes], tuple[Seen, int]] = {}
        self._judged: dict[tuple[int, int, int], tuple[str, str]] = {}
        self._shown: dict[int, Shown] = {}

    @property
    def ends(self) -> int:
        """How many different ends there are."""
        return len(self._judged)

    def count(self) -> Counter[str]:
        """Count all orders by how they end."""
        state = self.start()
        with self._runs.opened():
            self._from(state, 0)
            self.examples = {ending: self._example(state, ending) for ending in self.counted(state)}
        return self.counted(state)

    def counted(self, state: State) -> Counter[str]:
        """How many orders from a state end how."""
        return Counter({ending: count for ending, count in zip(ENDINGS, self.endings[state], strict=True) if count})

    def start(self) -> State:
        """The state that all orders begin with."""
        self.arena.states.enter(self.pair.state)
        self._current = -1
        local = Local(None, Seen())
        return State(local, local, self._number_of(rows_of(self._world.sandbox.store)), self._world.time.seconds)

    def _from(self, state: State, depth: int) -> tuple[int, ...]:
        if state not in self.endings:
            if depth >= MAX_STEPS:
                raise NeverEnds(f"{self.pair}, {self.stops}: more than {MAX_STEPS} steps")
            counts = [self._from(after, depth + 1) for _, after in list(self._following(state))]
            if not counts:
                ending = self._ending(state)[0]
                counts = [tuple(int(ending == each) for each in ENDINGS)]
            self.endings[state] = tuple(map(sum, zip(*counts, strict=True)))
        return self.endings[state]

    def along(self, order: str) -> list[State]:
        """The states that an order passes through, the first one included."""
        states = [self.start()]
        with self._runs.opened():
            for letter in order:
                states.append(dict(self._following(states[-1]))[letter])
        return states

    def follow(self, order: str) -> tuple[str, str, State]:
        """How one order ends, what is wrong then, and the state."""
        state = self.along(order)[-1]
        return (*self._ending(state), state)

    def _example(self, state: State, ending: str) -> str:
        """An order that ends so, to be played, and what is wrong with it."""
        order = ""
        while following := list(self._following(state)):
            letter, state = next(each for each in following if self.counted(each[1])[ending])
            order += letter
        return f"{order}: {self._ending(state)[1]}" if ending != KEPT else order

    def _following(self, state: State) -> Iterator[tuple[str, State]]:
        for name in ("a", "b"):
            local: Local = getattr(state, name)
            if local.past is not None and isinstance(local.past.next, Ends):
                continue
            moved, stored, time = self._step(name, local, state.stored, state.time)
            moved = self._locals.setdefault(moved, moved)
            yield name, State(moved, state.b, stored, time) if name == "a" else State(state.a, moved, stored, time)

    def _step(self, name: str, local: Local, stored: int, time: float) -> tuple[Local, int, float]:
        """Let a writer go on to where it stops again, as `Schedule` does."""
        past, seen = local
        if seen is None and past is not None:
            if isinstance(past.next, Sleeps):
                seen = Seen(wakes_at=past.next.until)
            else:
                seen, stored = self._handle(past, stored)
        while seen is not None:
            time = max(time, seen.wakes_at or 0)
            past = self._after(name, past, seen, time)
            stops_at = isinstance(past.next, Sleeps) or (
                isinstance(past.next, Asks) and is_about(past.next.request, "P")
            )
            if isinstance(past.next, Ends) or (stops_at and self.stops == REQUESTS):
                return Local(past, None), stored, time
            if isinstance(past.next, Sleeps):
                return Local(past, Seen(wakes_at=past.next.until)), stored, time
            seen, stored = self._handle(past, stored)
            if stops_at:
                return Local(past, seen), stored, time
        raise AssertionError("a writer has nothing to do")

    # a writer -----------------------------------------------------------------------------------------------

    def _after(self, name: str, before: Past | None, seen: Seen, at: float) -> Past:
        """The past with one thing more."""
        key = (before.number if before else -1 if name == "a" else -2), seen, at
        if key not in self._pasts:
            read_at, stall = self._times(before, at)
            past = Past(len(self._pasts), name, before, seen, at, read_at, stall)
            self._runs.go_on(past)
            self._pasts[key] = past
        return self._pasts[key]

    def _times(self, before: Past | None, at: float) -> tuple[dict[str, float], float]:
        """When each document was read last, and the longest stall, once the request of a past was handled."""
        if before is None or not isinstance(before.next, Asks):
            return ({}, 0.0) if before is None else (before.read_at, before.stall)
        request, document = before.next.request, document_of(before.next.request)
        handled_at = at if self.stops == REQUESTS else before.at
        if not document:
            return before.read_at, before.stall
        if not request.writes:
            return {**before.read_at, document: handled_at}, before.stall
        if request.method == "POST":
            return before.read_at, before.stall
        return before.read_at, max(before.stall, handled_at - before.read_at.get(document, handled_at))

    # DSS ----------------------------------------------------------------------------------------------------

    def _handle(self, past: Past, stored: int) -> tuple[Seen, int]:
        """Let DSS handle a writer's next request: the answer, and what is stored then."""
        assert isinstance(past.next, Asks)
        key = stored, past.name, past.next.digest
        if key not in self._handled:
            self._enter(stored)
            self._runs.drawing_for(f"{self.pair}{past.name}{stored}")
            response = past.next.handle()
            content, headers = response.get_data(), response.headers.to_wsgi_list()
            digest = digest_of_parts(response.status, content, headers)
            self._runs.answers[digest] = response.status_code, content, headers
            self._current = self._number_of(rows_of(self._world.sandbox.store))
            self._handled[key] = Seen(digest), self._current
        return self._handled[key]

    def _enter(self, stored: int) -> None:
        if stored != self._current:
            put_rows(self._world.sandbox.store, self._stored[stored])
            self._current = stored

    def _number_of(self, rows: SavedRows) -> int:
        digest = digest_of(rows)
        if digest not in self._numbers:
            self._numbers[digest] = len(self._stored)
            self._stored.append(rows)
        return self._numbers[digest]

    # the end ------------------------------------------------------------------------------------------------

    def _ending(self, state: State) -> tuple[str, str]:
        """How an order ends, and what is wrong."""
        a, b = state.a.past, state.b.past
        assert a and b and isinstance(a.next, Ends) and isinstance(b.next, Ends)
        key = state.stored, a.number, b.number
        if key not in self._judged:
            shown = self.shown(state)
            played = Played("", [], {"a": a.next.writer, "b": b.next.writer}, max(a.stall, b.stall))
            self._judged[key] = judged(self.arena, self.pair, played, shown)
        return self._judged[key]

    def shown(self, state: State) -> Shown:
        """What `show` tells of the project and its items in a state, in which DSS is then."""
        self._enter(state.stored)
        if state.stored not in self._shown:
            self._world.watch()
            self._shown[state.stored] = self.arena.look(self.pair)
        return self._shown[state.stored]


def judged(arena: Arena, pair: Pair, played: Played, shown: Shown) -> tuple[str, str]:
    """How an order ended: its kind, and what is wrong."""
    wrong = arena.wrong(pair, played, shown)
    text = "; ".join(wrong)
    if not wrong:
        return KEPT, text
    if is_protected(played):
        return WRONG, text
    return TOLD_AFTER_STALL if is_told(played, wrong) else LOST_AFTER_STALL, text
