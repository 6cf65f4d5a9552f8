"""The gate's rule, over every state that a workflow of five steps can be in, sound or not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standard import Qualification, Rating, decode, item
from templates import LONG

from govern_mirror.errors import InputError, MoveRefused
from govern_mirror.model import gate as gates
from govern_mirror.model.blueprint import STANDARD, Rule, Status
from govern_mirror.model.gate import Allowed, reached
from govern_mirror.model.item import Closure, Governance, Item, Problem, ProjectFacts
from govern_mirror.model.workflow import Workflow

STEPS = STANDARD.step_ids
NOW = datetime(2026, 6, 1, 8, tzinfo=timezone.utc)
FACTS = ProjectFacts("CHURN", node_id="design")


def workflow(*statuses: Status) -> Workflow:
    steps = Workflow.not_started(STANDARD).steps
    return Workflow(tuple(replace(step, status=status) for step, status in zip(steps, statuses, strict=True)))


EVERY = [workflow(*statuses) for statuses in product(Status, repeat=len(STEPS))]
REGULAR = [each for each in EVERY if each.irregularity() is None]

workflows = st.sampled_from(EVERY)
steps = st.sampled_from(STEPS)
decisions = st.sampled_from(STANDARD.decisions)


def project(found: Workflow, decision: str | None = None, **given) -> Item:
    values = {"state": Governance.GOVERNED, "qualification": Qualification(decision=decision), **given}
    return item(FACTS, found, **values)


def skipped_on_the_way(found: Workflow, step: str) -> bool:
    """Whether people skipped the step or one before it."""
    return any(each.status is Status.SKIPPED for each in found.steps[: STEPS.index(step) + 1])


def stored(**fields) -> Item:
    return decode({"customFields": {f"govern_{name}": value for name, value in fields.items()}}, FACTS)


# reached --------------------------------------------------------------------------------------------------------


def test_there_are_all_the_states():
    assert len(EVERY) == 4**5 and 0 < len(REGULAR) < len(EVERY)


def test_steps_that_were_reached_are_ongoing_finished_or_skipped():
    for each in REGULAR:
        current = each.current
        for at, step in enumerate(each.steps):
            passed_by = step.status is Status.SKIPPED and (
                each.is_complete or (current is not None and each.steps.index(current) > at)
            )
            assert reached(each, step.id) == (step.status in (Status.ONGOING, Status.FINISHED) or passed_by), each


def test_the_reached_steps_are_always_the_first_ones_with_none_left_out():
    for each in EVERY:
        found = [reached(each, step) for step in STEPS]
        assert found == sorted(found, reverse=True), each


def test_nothing_before_a_reached_step_is_open_and_it_has_begun_itself():
    for each in EVERY:
        for at, step in enumerate(each.steps):
            before = [earlier.status for earlier in each.steps[:at]]
            closed = any(status in (Status.NOT_STARTED, Status.ONGOING) for status in before)
            assert reached(each, step.id) != (closed or step.status is Status.NOT_STARTED), each


def test_what_comes_after_a_step_does_not_matter_to_it():
    for each in EVERY:
        for at, step in enumerate(STEPS):
            cut = workflow(*(s.status if n <= at else Status.NOT_STARTED for n, s in enumerate(each.steps)))
            assert reached(each, step) == reached(cut, step)


def test_no_step_is_reached_at_the_start_and_each_at_the_end():
    assert not any(reached(workflow(*[Status.NOT_STARTED] * 5), step) for step in STEPS)
    for statuses in product((Status.FINISHED, Status.SKIPPED), repeat=5):
        assert all(reached(workflow(*statuses), step) for step in STEPS)


@given(workflows, steps, st.sampled_from(["advance", "advance_to", "start", "finish"]))
def test_moving_on_never_closes_a_gate_that_was_met(found, step, move):
    try:
        moved = getattr(found, move)(*([] if move == "advance" else [step]), NOW, "ada")
    except MoveRefused:
        return
    assert all(reached(moved, each) for each in STEPS if reached(found, each))
    if move != "advance":
        assert reached(moved, step)


@given(workflows, steps)
def test_reopening_closes_later_gates_and_setting_opens_earlier_ones(found, step):
    at = STEPS.index(step)
    for move in (found.reopen, found.set_step):
        try:
            moved = move(step, NOW, "ada")
        except MoveRefused:
            continue
        if moved is not found:
            assert [reached(moved, each) for each in STEPS] == [n <= at for n in range(len(STEPS))]


def test_an_unknown_step_is_an_input_error():
    with pytest.raises(InputError, match="unknown step 'testing'"):
        reached(EVERY[0], "testing")
    with pytest.raises(InputError, match="unknown step 'testing'"):
        gates.gate(project(EVERY[0]), "testing")


# the gate -------------------------------------------------------------------------------------------------------


@given(workflows, steps, st.none() | decisions, st.sets(decisions))
def test_the_gate_asks_for_the_step_and_one_of_the_decisions(found, step, decision, accepted):
    verdict = gates.gate(project(found, decision), step, sorted(accepted))
    assert verdict.governed
    is_open = reached(found, step) and (not accepted or decision in accepted)
    assert verdict.met == (is_open and not skipped_on_the_way(found, step))
    assert gates.gate(project(found, decision), step, sorted(accepted), Allowed(skipped=True)).met == is_open
    hidden = Workflow(tuple(replace(each, is_hidden=each.status is Status.SKIPPED) for each in found.steps))
    assert gates.gate(project(hidden, decision), step, sorted(accepted)).met == is_open, "Govern hides it"


@given(workflows, steps)
def test_what_nobody_recorded_meets_a_gate_only_where_allowed(found, step):
    typed = project(found, "Go", has_own_record=False)
    assert not gates.gate(typed, step, ["Go"], Allowed(skipped=True)).met
    allowed = Allowed(hand_edits=True, skipped=True)
    assert gates.gate(typed, step, ["Go"], allowed).met == reached(found, step)
    assert not gates.decision(typed, ["Go"]).met and not gates.qualification(typed, ["decision"]).met
    assert gates.decision(typed, ["Go"], allowed).met and gates.qualification(typed, ["decision"], allowed).met


@given(workflows, steps)
def test_a_closed_project_meets_no_gate_whatever_is_allowed(found, step):
    allowed = Allowed(hand_edits=True, skipped=True)
    closed = project(found, "Go", closed=Closure(NOW, "ada", "replaced by the new one"))
    verdicts = [
        gates.gate(closed, step, ["Go"], allowed),
        gates.decision(closed, ["Go"], allowed),
        gates.qualification(closed, ["decision"], allowed),
        gates.problems(closed),
    ]
    assert not any(verdict.met for verdict in verdicts)
    assert all("closed (replaced by the new one)" in verdict.reason for verdict in verdicts)


@given(
    workflows,
    steps,
    decisions,
    st.sampled_from([{"state": Governance.UNGOVERNED}, {"state": Governance.COPIED, "copied_from": ("n", "X")}]),
)
def test_what_is_not_governed_meets_nothing(found, step, decision, state):
    other = project(found, decision, **state)
    verdicts = [
        gates.gate(other, step),
        gates.decision(other, [decision]),
        gates.qualification(other, ["decision"]),
        gates.problems(other),
    ]
    assert not any(verdict.met or verdict.governed for verdict in verdicts)


@given(workflows, steps, st.none() | decisions, st.sets(decisions))
def test_every_reason_is_one_line_that_names_the_project(found, step, decision, accepted):
    verdict = gates.gate(project(found, decision), step, sorted(accepted))
    assert verdict.reason.startswith("CHURN ") and "\n" not in verdict.reason and "None" not in verdict.reason
    named = STANDARD.step(step).name in verdict.reason
    if not reached(found, step) or verdict.met:
        assert named
    elif named:
        assert next(each for each in found.steps if each.id == step).status is Status.SKIPPED
    if accepted and decision not in accepted:
        assert all(each in verdict.reason for each in accepted) and "must be recorded" in verdict.reason


S, O, F, N = Status.SKIPPED, Status.ONGOING, Status.FINISHED, Status.NOT_STARTED  # noqa: E741


@pytest.mark.parametrize(
    ("statuses", "step", "reason"),
    [
        (
            (F, O, N, N, N),
            "rollout",
            "CHURN has not reached Validation and Roll-out: Qualification, before it, is on going (finish what comes "
            "before, then advance the workflow to Validation and Roll-out)",
        ),
        (
            (F, N, N, N, N),
            "qualification",
            "CHURN has not reached Qualification although all before it is done: advance the workflow to it",
        ),
        (
            (N, O, N, N, N),
            "qualification",
            "CHURN cannot be said to have reached Qualification: Qualification is on going although Exploration, "
            "before it, is not started; set the workflow to the step where the project really stands, with a reason",
        ),
        ((F, N, O, N, N), "qualification", "CHURN cannot be said to have reached Qualification: In Progress is"),
        ((F, O, N, N, S), "delivery", "CHURN has not reached Delivered: Qualification, before it, is on going"),
        (
            (F, S, O, N, N),
            "qualification",
            "CHURN skipped Qualification on the way, which nobody did then (set the workflow back to what must be "
            "done, with a reason, or allow it)",
        ),
        ((F, O, O, F, N), "qualification", "CHURN has reached Qualification"),
    ],
)
def test_the_reason_says_what_is_in_the_way_and_what_to_do(statuses, step, reason):
    assert gates.gate(project(workflow(*statuses)), step).reason.startswith(reason)


def test_several_things_in_the_way_are_one_sentence_that_can_be_read():
    bound = replace(STANDARD, rules=(Rule("exploration", ("overview.sponsor", "overview.countries")),))
    blocked = replace(project(workflow(S, N, N, N, N)), blueprint=bound)
    assert gates.gate(blocked, "qualification").reason == (
        "CHURN has not reached Qualification although all before it is done: advance the workflow to it; it skipped "
        "Exploration on the way, which nobody did then (set the workflow back to what must be done, with a reason, or "
        "allow it) and lacks what its rules ask for: Exploration cannot finish without Sponsor; Exploration cannot "
        "finish without Countries"
    )


def test_what_a_qualification_lacks_is_named_as_people_know_it():
    asked = Item(FACTS, LONG, Workflow.not_started(LONG), LONG.blank_values, state=Governance.GOVERNED)
    assert "lacks in its qualification: Assessment worth (record it with the Assess step)" in (
        gates.qualification(asked, ["worth"]).reason
    )


def test_both_things_that_are_in_the_way_are_said():
    verdict = gates.gate(project(workflow(F, O, N, N, N), "No go"), "delivery", ["Go", "On hold"])
    assert "has not reached Delivered" in verdict.reason
    assert verdict.reason.endswith("and has the decision No go: Go or On hold must be recorded in its qualification")


def test_a_status_that_is_not_valid_closes_the_gate_and_is_named():
    found = stored(status_exploration="DONE", status_qualification="ONGOING")
    for step in ("exploration", "qualification"):
        verdict = gates.gate(found, step)
        assert not verdict.met and "Exploration: status is not valid" in verdict.reason
    later = stored(status_exploration="FINISHED", status_qualification="ONGOING", status_delivery="DONE")
    assert gates.gate(later, "qualification", (), Allowed(hand_edits=True)).met, "what comes after does not matter"


def test_a_decision_that_is_not_valid_is_no_decision_and_named():
    verdict = gates.decision(stored(status_exploration="ONGOING", decision="go"), ["Go"])
    assert not verdict.met and "Decision is not valid" in verdict.reason.replace("Resulting decision", "Decision")


def test_a_copy_names_its_original_and_the_way_out():
    fields = {"record": '{"schema": 1, "node_id": "prod", "project_key": "CHURN"}', "status_exploration": "FINISHED"}
    verdict = gates.gate(stored(**fields), "exploration")
    assert (verdict.met, verdict.governed) == (False, False)
    assert "copy of the governed project CHURN of node prod" in verdict.reason and "(adopt it)" in verdict.reason
    fields["record"] = '{"schema": 1, "node_id": "design", "project_key": "ORIGINAL"}'
    assert "the governed project ORIGINAL:" in gates.gate(stored(**fields), "exploration").reason


def test_metadata_of_an_unknown_shape_opens_no_gate():
    verdict = gates.gate(decode({"customFields": "x"}, FACTS), "exploration")
    assert not verdict.governed and "customFields is not an object" in verdict.reason


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=5)), steps)
def test_foreign_fields_alone_never_meet_a_gate(fields, step):
    assert not gates.gate(decode({"customFields": fields}, FACTS), step).met


# the other standards --------------------------------------------------------------------------------------------


@given(
    st.sets(st.sampled_from([field.name for field in STANDARD.rated])),
    st.none() | decisions,
    st.sets(st.sampled_from([field.name for field in STANDARD.assessed]), min_size=1),
)
def test_a_qualification_is_complete_when_all_that_is_required_is_there(rated, decision, required):
    found = Qualification(decision=decision, **{name: Rating("Low") for name in rated})
    verdict = gates.qualification(project(EVERY[0], qualification=found), sorted(required))
    missing = required - rated - ({"decision"} if decision else set())
    assert verdict.met == (not missing)
    assert all(name in verdict.reason for name in missing)


@pytest.mark.parametrize("required", [[], ["benefit"], ["value", "Value"]])
def test_a_gate_on_no_or_unknown_ratings_is_refused(required):
    with pytest.raises(InputError, match="require at least one of value, risk"):
        gates.qualification(project(EVERY[0]), required)


@given(st.none() | decisions, st.sets(decisions, min_size=1))
def test_the_decision_must_be_one_of_those(decision, accepted):
    assert gates.decision(project(EVERY[0], decision), sorted(accepted)).met == (decision in accepted)


@pytest.mark.parametrize("count", [0, 1, 3, 4, 40])
def test_problems_are_counted_and_the_first_ones_told(count):
    found = tuple(Problem(f"f{n}", None, "a text", f"message {n}.") for n in range(count))
    verdict = gates.problems(project(EVERY[0], problems=found))
    assert verdict.met == (count == 0)
    assert [f"message {n}." in verdict.reason for n in range(5)] == [n < min(count, 3) for n in range(5)]
    assert ("and 37 more" in verdict.reason) == (count == 40) and ("1 problem " in verdict.reason) == (count == 1)
