"""The state of one workflow and its legal moves.

A regular state is: finished or skipped steps, then at most one ongoing step, then not-started steps. A skipped
step is one that Govern does not show: it may stand anywhere and is left out when the order is judged, so that
reopening an earlier step, which leaves later skipped steps as they are, keeps the state regular.

Every move returns a new `Workflow`, or the same object when what was asked for already is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from govern_mirror.errors import Action, Hint, InputError, MoveRefused
from govern_mirror.model.blueprint import Blueprint, Status
from govern_mirror.text import clipped, one_of

NOT_STARTED = "not_started"
"""The stage of a project whose workflow has not started: in events, in counts, in filters."""

COMPLETE = "complete"
"""The stage of a project all of whose steps are finished or skipped."""

CLOSED = "closed"
"""The stage of a project that people closed: cancelled, replaced, or finished elsewhere."""


def stages(blueprint: Blueprint) -> dict[str, str]:
    """Each stage and its name for people, in order: not started, the steps, complete, closed."""
    steps = {step.id: step.name for step in blueprint.steps}
    return {NOT_STARTED: "Not started", **steps, COMPLETE: "Complete", CLOSED: "Closed"}


def stage_name(stage: str | None, blueprint: Blueprint) -> str:
    """A stage for people; the id of a step that the template does not have."""
    return stages(blueprint).get(stage or NOT_STARTED, stage or "")


@dataclass(frozen=True, slots=True)
class StepState:
    """One step of a project's workflow.

    Attributes:
        id: Govern's step id.
        name: the step's name for people.
        status: where the step stands.
        started_on: when it became ongoing (UTC), None when unknown or not yet.
        finished_on: when it became finished or skipped (UTC), None when unknown or not yet.
        by: login of who last changed its status; None when unknown, as for an edit in DSS.
        is_hidden: whether it is skipped because Govern hides it, and not because people skipped it.
    """

    id: str
    name: str
    status: Status = Status.NOT_STARTED
    started_on: datetime | None = None
    finished_on: datetime | None = None
    by: str | None = None
    is_hidden: bool = False

    @property
    def is_skipped_by_people(self) -> bool:
        """Whether people skipped it: a step that Govern hides is skipped, too, and nobody has left it out."""
        return self.status is Status.SKIPPED and not self.is_hidden

    def moved(self, status: Status, now: datetime | None, by: str | None, *, is_hidden: bool = False) -> StepState:
        """This step with another status, and the times that go with it; itself when the status is the same."""
        if status is self.status:
            return self
        if self.is_hidden or is_hidden:
            return replace(replace(self, is_hidden=False).moved(status, now, by), is_hidden=is_hidden)
        if status is Status.NOT_STARTED:
            return replace(self, status=status, started_on=None, finished_on=None, by=by)
        if status is Status.ONGOING:
            return replace(self, status=status, started_on=now, finished_on=None, by=by)
        # A step that was never seen ongoing took no time we know of: it starts and ends at once.
        started = self.started_on or (now if status is Status.FINISHED else None)
        return replace(self, status=status, started_on=started, finished_on=now, by=by)


@dataclass(frozen=True, slots=True)
class Workflow:
    """The steps of a project in the blueprint's order."""

    steps: tuple[StepState, ...]

    @classmethod
    def not_started(cls, blueprint: Blueprint) -> Workflow:
        """The workflow of a project that was just governed: every step is not started."""
        return cls(tuple(StepState(step.id, step.name) for step in blueprint.steps))

    def __getitem__(self, step_id: str) -> StepState:
        """Return the step with that id.

        Raises:
            InputError: the workflow has no such step.
        """
        return self.steps[self._position(step_id)]

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the steps, in their order."""
        return tuple(step.id for step in self.steps)

    @property
    def current(self) -> StepState | None:
        """The ongoing step; else the first not-started one if any is done; else the last one when all are done.

        None when nothing has started. With several ongoing steps (irregular) the first counts.
        """
        statuses = [step.status for step in self.steps]
        if Status.ONGOING in statuses:
            return self.steps[statuses.index(Status.ONGOING)]
        if not self.has_started:
            return None
        return self.steps[statuses.index(Status.NOT_STARTED) if Status.NOT_STARTED in statuses else -1]

    @property
    def has_started(self) -> bool:
        """Whether any step is anything but not started."""
        return any(step.status is not Status.NOT_STARTED for step in self.steps)

    @property
    def is_complete(self) -> bool:
        """Whether every step is finished or skipped."""
        return self.finished == len(self.steps)

    @property
    def stage(self) -> str:
        """Where it stands: `not_started`, the id of the current step, or `complete`."""
        if self.is_complete:
            return COMPLETE
        return self.current.id if self.current else NOT_STARTED

    @property
    def position(self) -> str:
        """Where the workflow stands, for events: `not_started`, or the current step and its status."""
        current = self.current
        return f"{current.id} {current.status.value}" if current else NOT_STARTED

    @property
    def finished(self) -> int:
        """How many steps are finished or skipped: the numerator of the progress bar."""
        return sum([step.status.is_done for step in self.steps])

    def irregularity(self) -> str | None:
        """Say what breaks the order of the steps, or None when the state is regular."""
        previous: StepState | None = None
        for step in self.steps:
            if step.status is Status.SKIPPED:
                continue
            if previous and not previous.status.is_done and (step.status is not Status.NOT_STARTED):
                return (
                    f"{step.name} is {step.status.label.lower()} although {previous.name}, before it, "
                    f"is {previous.status.label.lower()}"
                )
            previous = step
        return None

    def start(self, step_id: str, now: datetime, by: str | None) -> Workflow:
        """Make a step ongoing; every earlier step must be finished or skipped.

        Raises:
            MoveRefused: the state is irregular, an earlier step is not done, or the step itself is.
        """
        at, step = self._regular_step(step_id)
        if step.status is Status.ONGOING:
            return self
        self._require_not_done(step)
        self._require_earlier_done(at, "start")
        return self._with(at, step.moved(Status.ONGOING, now, by))

    def finish(self, step_id: str, now: datetime, by: str | None) -> Workflow:
        """Finish the ongoing step, or the one next in line when none is ongoing.

        Raises:
            MoveRefused: the state is irregular, or the step is skipped or not next in line.
        """
        at, step = self._regular_step(step_id)
        if step.status is Status.FINISHED:
            return self
        if step.status is Status.SKIPPED:
            raise MoveRefused(
                f"{step.name} is skipped, so it cannot be finished", hint=Hint(Action.SET_STEP, step=step.id)
            )
        self._require_earlier_done(at, "finish")
        return self._with(at, step.moved(Status.FINISHED, now, by))

    def advance(self, now: datetime, by: str | None) -> Workflow:
        """Finish the ongoing step and start the next; start the next (or the first) when none is ongoing.

        Raises:
            MoveRefused: the state is irregular, or the workflow is complete.
        """
        self._require_regular()
        if self.is_complete:
            # a step that was skipped is not reopened
            is_finished = any(step.status is Status.FINISHED for step in self.steps)
            hint = Hint(Action.REOPEN_STEP if is_finished else Action.SET_STEP)
            raise MoveRefused("the workflow is complete: there is no step to advance to", hint=hint)
        moved = self
        ongoing = self._first(lambda step: step.status is Status.ONGOING)
        if ongoing:
            moved = moved.finish(ongoing.id, now, by)
        following = moved._first(lambda step: step.status is Status.NOT_STARTED)
        return moved.start(following.id, now, by) if following else moved

    def advance_to(self, step_id: str, now: datetime, by: str | None) -> Workflow:
        """Go exactly to a step, which becomes ongoing: an ongoing step before it is finished, others are skipped.

        Nothing changes when it is ongoing.

        Raises:
            MoveRefused: the state is irregular, or the step is already behind.
        """
        at, step = self._regular_step(step_id)
        if step.status is Status.ONGOING:
            return self
        self._require_not_done(step)
        passed = {Status.ONGOING: Status.FINISHED, Status.NOT_STARTED: Status.SKIPPED}
        earlier = tuple(before.moved(passed.get(before.status, before.status), now, by) for before in self.steps[:at])
        return Workflow((*earlier, *self.steps[at:])).start(step_id, now, by)

    def skip(self, step_id: str, now: datetime, by: str | None) -> Workflow:
        """Skip a step that is not finished, wherever it stands.

        Raises:
            MoveRefused: the state is irregular, or the step is finished.
        """
        at, step = self._regular_step(step_id)
        if step.is_skipped_by_people:
            return self
        if step.status is Status.FINISHED:
            raise MoveRefused(
                f"{step.name} is finished, so it cannot be skipped", hint=Hint(Action.REOPEN_STEP, step=step.id)
            )
        return self._with(at, replace(step.moved(Status.SKIPPED, now, by), is_hidden=False))

    def reopen(self, step_id: str, now: datetime, by: str | None) -> Workflow:
        """Go back to a finished step: it is ongoing again, later ones not started, skipped ones stay.

        Raises:
            MoveRefused: the state is irregular, or the step was not finished.
        """
        at, step = self._regular_step(step_id)
        if step.status is Status.ONGOING:
            return self
        if step.status is not Status.FINISHED:
            action = Action.SET_STEP if step.status is Status.SKIPPED else Action.ADVANCE_TO
            message = f"{step.name} is {step.status.label.lower()}, so it cannot be reopened"
            raise MoveRefused(message, hint=Hint(action, step=step.id))
        return self._placed(at, now, by, from_anywhere=False)

    def set_step(self, step_id: str, now: datetime, by: str | None) -> Workflow:
        """Put the workflow at a step from any state, also an irregular one.

        Earlier steps become finished, this one ongoing, later ones not started.
        """
        return self._placed(self._position(step_id), now, by, from_anywhere=True)

    def _placed(self, at: int, now: datetime, by: str | None, *, from_anywhere: bool) -> Workflow:
        """The workflow at a step; from anywhere, earlier ones become finished, and skipped ones are not kept."""
        statuses = [
            *(Status.FINISHED if from_anywhere else step.status for step in self.steps[:at]),
            Status.ONGOING,
            *(
                Status.SKIPPED if step.status is Status.SKIPPED and not from_anywhere else Status.NOT_STARTED
                for step in self.steps[at + 1 :]
            ),
        ]
        steps = tuple(step.moved(status, now, by) for step, status in zip(self.steps, statuses, strict=True))
        return self if steps == self.steps else Workflow(steps)

    def _with(self, at: int, step: StepState) -> Workflow:
        return Workflow((*self.steps[:at], step, *self.steps[at + 1 :]))

    def _regular_step(self, step_id: str) -> tuple[int, StepState]:
        """The position of a step and the step itself, once the state is known to be regular."""
        self._require_regular()
        at = self._position(step_id)
        return at, self.steps[at]

    def _first(self, test: Callable[[StepState], bool]) -> StepState | None:
        return next((step for step in self.steps if test(step)), None)

    def _position(self, step_id: str) -> int:
        for position, step in enumerate(self.steps):
            if step.id == step_id:
                return position
        raise InputError(f"unknown step {clipped(step_id)!r}: use {one_of(step.id for step in self.steps)}")

    def _require_regular(self) -> None:
        irregularity = self.irregularity()
        if irregularity:
            message = f"the workflow is irregular ({irregularity}), and only one move is allowed from anywhere"
            raise MoveRefused(message, hint=Hint(Action.SET_STEP))

    def _require_earlier_done(self, at: int, verb: str) -> None:
        waiting = next((step for step in self.steps[:at] if not step.status.is_done), None)
        if waiting:
            step = self.steps[at]
            before = f"{waiting.name}, before it, is {waiting.status.label.lower()}"
            message = f"cannot {verb} {step.name} yet: {before}, so finish that first, or leave it behind"
            raise MoveRefused(message, hint=Hint(Action.ADVANCE_TO, step=step.id))

    @staticmethod
    def _require_not_done(step: StepState) -> None:
        if step.status.is_done:
            action = Action.REOPEN_STEP if step.status is Status.FINISHED else Action.SET_STEP
            message = f"{step.name} is already {step.status.label.lower()}"
            raise MoveRefused(message, hint=Hint(action, step=step.id))
