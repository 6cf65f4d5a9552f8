"""The moves of the workflow, against a model that knows nothing but one letter a step."""

import itertools
import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standard import item
from support.strategies import ALICE, NOW, STATUSES, STEPS, from_letters, later, letters, moves, workflow_of

from govern_mirror.cli.hints import WORDS
from govern_mirror.errors import Action, Hint, InputError, MoveRefused
from govern_mirror.model import changes
from govern_mirror.model.blueprint import STANDARD, Status
from govern_mirror.model.changes import Move, MoveKind
from govern_mirror.model.document import Document
from govern_mirror.model.event import Actor, Source
from govern_mirror.model.item import Governance, Item, ProjectFacts, with_values
from govern_mirror.model.workflow import Workflow

ALL_STATES = tuple(itertools.product(STATUSES, repeat=len(STEPS)))
BOB = Actor("bob", Source.CLI, NOW)
WAY_OUT = r"`govern-mirror (?:step (set|reopen)|(advance)) CHURN (?:--to )?(\w+)"


# the model: five letters, N(ot started), O(ngoing), F(inished), S(kipped) --------------------------------------


def regular(state: str) -> bool:
    return re.fullmatch("F*O?N*", state.replace("S", "")) is not None


def modelled(state: str, kind: MoveKind, at: int | None) -> str | None:
    """The state after a move; None when it is refused. Written from the design, with no library code."""
    if kind is MoveKind.SET:
        return "F" * at + "O" + "N" * (len(state) - at - 1)
    if not regular(state):
        return None
    if at is None:
        if set(state) <= {"F", "S"}:
            return None
        return state.replace("O", "F").replace("N", "O", 1)
    before, here, after = state[:at], state[at], state[at + 1 :]
    behind = set(before) <= {"F", "S"}
    if kind is MoveKind.FINISH:
        if here == "F":
            return state
        return f"{before}F{after}" if behind and here in "ON" else None
    if kind is MoveKind.SKIP:
        return None if here == "F" else f"{before}S{after}"
    if here == "O":
        return state
    if kind is MoveKind.START:
        return f"{before}O{after}" if behind and here == "N" else None
    if kind is MoveKind.ADVANCE:
        return before.replace("O", "F").replace("N", "S") + "O" + after if here == "N" else None
    return before + "O" + re.sub("[^S]", "N", after) if here == "F" else None


def modelled_current(state: str) -> int | None:
    if "O" in state:
        return state.index("O")
    if set(state) == {"N"}:
        return None
    return state.index("N") if "N" in state else len(state) - 1


# helpers ------------------------------------------------------------------------------------------------------


def project(workflow: Workflow) -> Item:
    return item(ProjectFacts("CHURN"), workflow, Governance.GOVERNED)


def moved(workflow: Workflow, move: Move, actor=ALICE) -> Workflow | None:
    try:
        return changes.move(project(workflow), move, actor).workflow
    except MoveRefused:
        return None


def place(move: Move) -> int | None:
    return None if move.step is None else STEPS.index(move.step)


states = st.sampled_from(ALL_STATES)
regular_states = st.sampled_from([state for state in ALL_STATES if regular(letters(workflow_of(state)))])
irregular_states = st.sampled_from([state for state in ALL_STATES if not regular(letters(workflow_of(state)))])
EVERY_MOVE = (Move(MoveKind.ADVANCE), *(Move(kind, step, "too small") for kind in MoveKind for step in STEPS))


# the order of the steps ---------------------------------------------------------------------------------------


def test_every_move_from_every_state_leads_where_the_design_says():
    """All 1024 states and all 31 moves: where it leads, or that it is refused."""
    wrong = []
    for state in ALL_STATES:
        workflow = workflow_of(state)
        before = letters(workflow)
        for move in EVERY_MOVE:
            after = moved(workflow, move)
            expected = modelled(before, move.kind, place(move))
            if (letters(after) if after else None) != expected:
                wrong.append((before, move.kind.value, move.step, after and letters(after), expected))
    assert wrong == []


@given(st.lists(moves, max_size=12))
def test_no_move_makes_a_regular_workflow_irregular(sequence):
    workflow, state = Workflow.not_started(STANDARD), "NNNNN"
    for minute, move in enumerate(sequence):
        after = moved(workflow, move, later(minute))
        expected = modelled(state, move.kind, place(move))
        assert (after is None) == (expected is None)
        workflow, state = after or workflow, expected or state
        assert letters(workflow) == state
        assert regular(letters(workflow))
        assert workflow.irregularity() is None


@given(states)
def test_the_library_calls_irregular_what_the_design_calls_so(state):
    workflow = workflow_of(state)
    assert (workflow.irregularity() is None) == regular(letters(workflow))


@given(regular_states, st.sampled_from([move for move in EVERY_MOVE if move.step]))
def test_a_move_asked_for_twice_is_made_once(state, move):
    before = project(workflow_of(state))
    try:
        once = changes.move(before, move, ALICE)
    except MoveRefused:
        return
    again = changes.move(once, move, later(60, BOB))
    assert again is once, "the second time something would be written, with another event"
    assert len(once.events) <= len(before.events) + 1


def test_advancing_five_times_and_once_more_finishes_every_step_and_then_is_refused():
    workflow = Workflow.not_started(STANDARD)
    seen = []
    for minute in range(6):
        workflow = workflow.advance(later(minute).now, "alice")
        seen.append(letters(workflow))
    assert seen == ["ONNNN", "FONNN", "FFONN", "FFFON", "FFFFO", "FFFFF"]
    with pytest.raises(MoveRefused, match="complete") as refusal:
        workflow.advance(NOW, "alice")
    assert refusal.value.hint.action is Action.REOPEN_STEP


@given(regular_states, st.sampled_from(STEPS))
def test_reopening_keeps_what_is_before_and_the_skipped_steps(state, step):
    workflow = workflow_of(state)
    after = moved(workflow, Move(MoveKind.REOPEN, step))
    if after is None:
        return
    at = STEPS.index(step)
    assert after.steps[:at] == workflow.steps[:at]
    skipped = [s.id for s in workflow.steps if s.status is Status.SKIPPED]
    assert [s.id for s in after.steps if s.status is Status.SKIPPED] == skipped


# the way out --------------------------------------------------------------------------------------------------


@given(irregular_states, st.sampled_from([move for move in EVERY_MOVE if move.kind is not MoveKind.SET]))
def test_an_irregular_workflow_refuses_every_move_and_names_the_way_out(state, move):
    before = project(workflow_of(state))
    with pytest.raises(MoveRefused, match="irregular") as refusal:
        changes.move(before, move, ALICE)
    assert refusal.value.hint == Hint(Action.SET_STEP, "CHURN")
    assert "step set CHURN STEP --reason" in refusal.value.hint.worded(WORDS)


@given(irregular_states, st.sampled_from(STEPS))
def test_set_leads_out_of_every_irregular_workflow_and_keeps_the_reason(state, step):
    before = project(workflow_of(state))
    after = changes.move(before, Move(MoveKind.SET, step, "imported"), ALICE)
    assert regular(letters(after.workflow))
    assert after.workflow.current.id == step
    assert [(e.what, e.reason, e.by) for e in after.events] == [("set", "imported", "alice")]
    assert moved(after.workflow, Move(MoveKind.ADVANCE)) is not None


@given(regular_states, st.sampled_from(EVERY_MOVE))
def test_a_refusal_names_a_command_that_then_works(state, move):
    """Whoever is refused is told what to do instead, and that is not refused as well."""
    workflow = workflow_of(state)
    try:
        changes.move(project(workflow), move, ALICE)
        return
    except MoveRefused as refusal:
        assert refusal.hint, "no way out is named"
        advice = re.search(WAY_OUT, refusal.hint.worded(WORDS))
    assert advice, "no command is named"
    kind = MoveKind(advice.group(1) or advice.group(2))
    step = advice.group(3) if advice.group(3) in STEPS else STEPS[-1]
    if kind is MoveKind.REOPEN and workflow[step].status is Status.SKIPPED:
        return  # `reopen STEP` after a complete workflow: any finished step will do
    assert moved(workflow, Move(kind, step)) is not None


def test_a_move_without_its_step_is_an_input_error_that_lists_the_steps():
    for kind in MoveKind:
        if kind is MoveKind.ADVANCE:
            continue
        with pytest.raises(InputError, match=r"exploration.*delivery"):
            changes.move(project(Workflow.not_started(STANDARD)), Move(kind, reason="too small"), ALICE)


@pytest.mark.parametrize("reason", [None, "", " \n"])
def test_a_step_is_never_skipped_without_a_reason(reason):
    with pytest.raises(InputError, match="say why the step is skipped"):
        changes.move(project(Workflow.not_started(STANDARD)), Move(MoveKind.SKIP, "exploration", reason), ALICE)


def test_a_step_that_does_not_exist_is_an_input_error_that_lists_the_steps():
    for kind in MoveKind:
        with pytest.raises(InputError, match=r"exploration.*delivery"):
            changes.move(project(Workflow.not_started(STANDARD)), Move(kind, "launch", "too small"), ALICE)


# what people see ----------------------------------------------------------------------------------------------


@given(states)
def test_current_step_and_progress_are_those_of_the_design(state):
    workflow = workflow_of(state)
    text = letters(workflow)
    current = workflow.current
    assert (None if current is None else STEPS.index(current.id)) == modelled_current(text)
    assert workflow.finished == len(re.findall("[FS]", text))
    assert workflow.is_complete == (set(text) <= {"F", "S"})
    assert workflow.has_started == (text != "NNNNN")


@given(states)
def test_the_position_in_events_names_the_current_step_and_its_status(state):
    workflow = workflow_of(state)
    at = modelled_current(letters(workflow))
    expected = "not_started" if at is None else f"{STEPS[at]} {state[at].value}"
    assert workflow.position == expected


@given(states, st.sampled_from(EVERY_MOVE))
def test_notes_and_documents_stay_through_every_move(state, move):
    notes = {f"steps.{step}.notes": f"about {step}" for step in STEPS}
    documents = {f"steps.{step}.documents": (Document(step, f"https://example.com/{step}"),) for step in STEPS}
    before = with_values(project(workflow_of(state)), {**notes, **documents})
    try:
        after = changes.move(before, move, ALICE)
    except MoveRefused:
        return
    assert after.values == before.values
    assert [(step.id, step.name) for step in after.workflow.steps] == [(s.id, s.name) for s in STANDARD.steps]


@given(states, st.sampled_from(EVERY_MOVE))
def test_a_step_that_did_not_move_keeps_its_times_and_who_moved_it(state, move):
    workflow = workflow_of(state)
    after = moved(workflow, move) or workflow
    for old, new in zip(workflow.steps, after.steps, strict=True):
        if old.status is new.status:
            assert new == old
        else:
            assert new.by == "alice"


@given(st.lists(moves, max_size=10))
def test_times_tell_when_each_step_began_and_ended(sequence):
    workflow = Workflow.not_started(STANDARD)
    for minute, move in enumerate(sequence):
        before = workflow
        now = NOW + timedelta(minutes=minute)
        workflow = moved(workflow, move, later(minute)) or workflow
        for old, step in zip(before.steps, workflow.steps, strict=True):
            if step.status is Status.NOT_STARTED:
                assert (step.started_on, step.finished_on) == (None, None)
            elif step.status is Status.ONGOING:
                assert step.finished_on is None
                assert step.started_on == (old.started_on if old.status is Status.ONGOING else now)
            elif step.status is Status.FINISHED:
                assert step.started_on <= step.finished_on <= now
                assert step.started_on == (old.started_on or now)
                assert step.finished_on == (old.finished_on if old.status is Status.FINISHED else now)
            else:
                assert step.started_on == old.started_on, "what was skipped before it began never started"
                assert step.finished_on == (old.finished_on if old.status is Status.SKIPPED else now)


@given(regular_states, st.sampled_from(EVERY_MOVE))
def test_each_move_leaves_one_event_with_who_when_what_from_and_to(state, move):
    before = project(workflow_of(state))
    move = Move(move.kind, move.step, "board of 1 June")
    try:
        after = changes.move(before, move, ALICE)
    except MoveRefused:
        return
    if after is before:
        assert letters(before.workflow) == modelled(letters(before.workflow), move.kind, place(move))
        return
    (event,) = after.events
    assert (event.number, event.at, event.by, event.source) == (1, NOW, "alice", "cli")
    assert (event.what, event.reason) == (move.kind.value, "board of 1 June")
    assert (event.before, event.after) == (before.workflow.position, after.workflow.position)


@given(states, st.integers(0, 400), st.integers(0, 400))
def test_days_in_step_count_from_when_the_step_began_or_the_one_before_ended(state, days, hours):
    now = NOW + timedelta(days=days, hours=hours)
    workflow = workflow_of(state)
    found = project(workflow).days_in_step(now)
    at = modelled_current(letters(workflow))
    if at is None or set(letters(workflow)) <= {"F", "S"}:
        assert found is None
        return
    if state[at] is Status.ONGOING:
        since = workflow.steps[at].started_on
    else:
        since = max(step.finished_on for step in workflow.steps if step.status in (Status.FINISHED, Status.SKIPPED))
    assert found == (now - since) // timedelta(days=1)


@pytest.mark.parametrize(
    ("state", "move", "message"),
    [
        ("NNNNN", Move(MoveKind.START, "progress"), "Exploration, before it, is not started"),
        ("ONNNN", Move(MoveKind.FINISH, "qualification"), "Exploration, before it, is on going"),
        ("FFFON", Move(MoveKind.ADVANCE, "exploration"), "Exploration is already finished"),
        ("SNNNN", Move(MoveKind.START, "exploration"), "Exploration is already skipped"),
        ("SNNNN", Move(MoveKind.REOPEN, "exploration"), "Exploration is skipped, so it cannot be reopened"),
        ("FNNNN", Move(MoveKind.REOPEN, "rollout"), "Validation and Roll-out is not started, so it cannot be reopened"),
        ("FNNNN", Move(MoveKind.SKIP, "exploration", "x"), "Exploration is finished, so it cannot be skipped"),
        ("NONNN", Move(MoveKind.ADVANCE), "Qualification is on going although Exploration, before it, is not started"),
        ("OFNNN", Move(MoveKind.ADVANCE), "Qualification is finished although Exploration, before it, is on going"),
    ],
)
def test_a_refusal_says_which_step_is_in_the_way(state, move, message):
    with pytest.raises(MoveRefused) as refusal:
        changes.move(project(workflow_of(from_letters(state))), move, ALICE)
    assert message in str(refusal.value)


@pytest.mark.parametrize(
    ("state", "move", "action", "step"),
    [
        ("FFFON", Move(MoveKind.ADVANCE, "exploration"), Action.REOPEN_STEP, "exploration"),
        ("SNNNN", Move(MoveKind.START, "exploration"), Action.SET_STEP, "exploration"),
        ("SNNNN", Move(MoveKind.REOPEN, "exploration"), Action.SET_STEP, "exploration"),
        ("SNNNN", Move(MoveKind.FINISH, "exploration"), Action.SET_STEP, "exploration"),
        ("FNNNN", Move(MoveKind.REOPEN, "rollout"), Action.ADVANCE_TO, "rollout"),
        ("FNNNN", Move(MoveKind.SKIP, "exploration", "x"), Action.REOPEN_STEP, "exploration"),
        ("ONNNN", Move(MoveKind.START, "progress"), Action.ADVANCE_TO, "progress"),
    ],
)
def test_the_way_out_of_a_refusal_names_project_and_step(state, move, action, step):
    with pytest.raises(MoveRefused) as refusal:
        changes.move(project(workflow_of(from_letters(state))), move, ALICE)
    assert refusal.value.hint == Hint(action, "CHURN", step)
