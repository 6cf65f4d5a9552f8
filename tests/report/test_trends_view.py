"""What changed since an earlier report, told by kind and in words."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govern_mirror.history.columns import tracked_fields
from govern_mirror.model.blueprint import STANDARD
from govern_mirror.report.trends_view import (
    Change,
    ChangeKind,
    TrendsView,
    change_digests,
    describe_change,
    field_label,
)

DAY = date(2026, 3, 1)
KINDS = [
    "Completed", "Moved on", "Moved back", "Closed", "Newly governed", "No longer governed or visible",
    "Decision changed", "Rating changed", "Dates changed", "Other changes",
]  # fmt: skip
PLACES = ("not_started", *STANDARD.step_ids, "complete")
ONE_OF_EACH = (
    ("sponsor", None, "Ada"),
    ("target_end_date", None, "2026-12-31"),
    ("cost", None, "Low"),
    ("decision", None, "Go"),
    ("state", "governed", None),
    ("state", None, "governed"),
    ("current_step", "delivery", "closed"),
    ("current_step", "delivery", "rollout"),
    ("current_step", "rollout", "delivery"),
    ("current_step", "delivery", "complete"),
)
"""A change of each kind, in the opposite of the order in which they are told."""


def change(field, before, after, key="P"):
    return Change(key, f"Project {key}", f"https://dss.example.com/projects/{key}/", field, before, after)


def past(*changes):
    return TrendsView(days=(DAY,), flow=({},), cycle_times=(), throughput=(), since=DAY, changes=changes)


def told_of(*changes, most=10):
    """By heading, the key and words of each project."""
    return {
        each.heading: [(one.project_key, words) for one, words in each.examples]
        for each in change_digests(past(*changes), STANDARD, most)
    }


@pytest.mark.parametrize(
    ("field", "before", "after", "kind", "words"),
    [
        ("current_step", "not_started", "exploration", "Moved on", "Not started → Exploration"),
        ("current_step", "exploration", "rollout", "Moved on", "Exploration → Validation and Roll-out"),
        ("current_step", "progress", "exploration", "Moved back", "In Progress → Exploration"),
        ("current_step", "exploration", "not_started", "Moved back", "Exploration → Not started"),
        ("current_step", "complete", "delivery", "Moved back", "Complete → Delivered"),
        ("current_step", "complete", "not_started", "Moved back", "Complete → Not started"),
        ("current_step", "delivery", "complete", "Completed", ""),
        ("current_step", "not_started", "complete", "Completed", ""),
        ("current_step", "pilot", "complete", "Completed", ""),
        ("current_step", "pilot", "exploration", "Moved on", "pilot → Exploration"),
        ("current_step", "delivery", "pilot", "Moved on", "Delivered → pilot"),
        ("state", None, "governed", "Newly governed", ""),
        ("state", "governed", None, "No longer governed or visible", ""),
        ("decision", None, "Go", "Decision changed", "Undecided → Go"),
        ("decision", "Go", "No go", "Decision changed", "Go → No go"),
        ("decision", "Go", None, "Decision changed", "Go → Undecided"),
        ("value", "Low", "High", "Rating changed", "Value: Low → High"),
        ("risk", None, "Medium low", "Rating changed", "Risk: Not rated → Medium low"),
        ("feasibility", "High", None, "Rating changed", "Feasibility: High → Not rated"),
        ("cost", "High", "Low", "Rating changed", "Cost: High → Low"),
        ("start_date", None, "2026-03-01", "Dates changed", "Start date: – → 2026-03-01"),
        ("target_end_date", "2026-03-01", None, "Dates changed", "Target end date: 2026-03-01 → –"),
        ("name", "Old", "New", "Other changes", "Name: Old → New"),
        ("owner", "ada", "bob", "Other changes", "Owner: ada → bob"),
        ("business_initiative", None, "Fraud", "Other changes", "Business initiative: – → Fraud"),
        ("sponsor", "Ada", None, "Other changes", "Sponsor: Ada → –"),
    ],
)
def test_a_change_is_told_under_its_kind_and_in_words(field, before, after, kind, words):
    assert told_of(change(field, before, after)) == {kind: [("P", words)]}


@pytest.mark.parametrize("text", ["complete", "not_started", "governed"])
def test_a_text_that_reads_like_a_place_in_the_workflow_is_told_as_text(text):
    assert told_of(change("sponsor", "Ada", text)) == {"Other changes": [("P", f"Sponsor: Ada → {text}")]}


def test_several_changes_of_a_project_in_one_kind_are_one_entry():
    (each,) = change_digests(
        past(change("risk", "High", "Low"), change("cost", None, "Low", "Q"), change("value", None, "High")),
        STANDARD,
        10,
    )
    assert each.count == 2
    assert [(one.project_key, words) for one, words in each.examples] == [
        ("P", "Risk: High → Low, Value: Not rated → High"),
        ("Q", "Cost: Not rated → Low"),
    ]


def test_a_project_that_changed_in_several_ways_stands_under_each_kind():
    changes = (change("current_step", "exploration", "progress"), change("decision", None, "Go"))
    assert told_of(*changes) == {
        "Moved on": [("P", "Exploration → In Progress")],
        "Decision changed": [("P", "Undecided → Go")],
    }


def test_projects_of_one_name_are_not_taken_for_one():
    same = [Change(key, "Churn", None, "decision", None, "Go") for key in ("P", "Q")]
    assert [each.count for each in change_digests(past(*same), STANDARD, 10)] == [2]


def test_what_matters_most_comes_first_whatever_the_order_of_the_changes():
    changes = [change(*each, key=f"P{number}") for number, each in enumerate(ONE_OF_EACH)]
    assert list(told_of(*changes)) == KINDS == [group.value for group in ChangeKind]
    assert list(told_of(*reversed(changes))) == KINDS


def test_projects_keep_the_order_of_the_report_within_a_kind():
    changes = [change("decision", None, "Go", key) for key in ("C", "A", "B")]
    assert told_of(*changes) == {
        "Decision changed": [("C", "Undecided → Go"), ("A", "Undecided → Go"), ("B", "Undecided → Go")]
    }


@pytest.mark.parametrize(("most", "shown", "left_out"), [(1, 1, 4), (4, 4, 1), (5, 5, 0), (6, 5, 0)])
def test_of_many_the_first_are_told_and_the_rest_counted(most, shown, left_out):
    changes = [change(field, None, "High", f"P{number}") for number in range(5) for field in ("value", "risk")]
    (each,) = change_digests(past(*changes), STANDARD, most)
    assert (each.count, each.left_out) == (5, left_out)
    assert [one.project_key for one, _ in each.examples] == [f"P{number}" for number in range(shown)]


def test_a_crowd_of_one_kind_leaves_the_others_their_place():
    crowd = [change("state", None, "governed", f"P{number}") for number in range(50)]
    found = told_of(*crowd, change("cost", None, "Low", "Q"), most=3)
    assert {heading: len(entries) for heading, entries in found.items()} == {"Newly governed": 3, "Rating changed": 1}


def test_nothing_is_told_when_nothing_changed():
    assert change_digests(past(), STANDARD, 10) == [] and past().groups(STANDARD) == {}


def test_fields_are_told_by_the_labels_of_the_template():
    labels = [field_label(field.name, STANDARD) for field in tracked_fields(STANDARD)]
    assert labels == [
        "Name", "Owner", "Business initiative", "Sponsor", "Step", "Value", "Risk", "Feasibility", "Cost", "Decision",
        "Start date", "Target end date", "Countries", "Sensitive data", "Technical dimension",
    ]  # fmt: skip


@pytest.mark.parametrize("field", ["state", "decision"])
def test_only_a_step_is_completed(field):
    assert "Completed" not in told_of(change(field, "Go", "complete"))


_changes = st.builds(
    change,
    st.sampled_from([field.name for field in tracked_fields(STANDARD)]),
    st.none() | st.sampled_from((*PLACES, "pilot", "Low")),
    st.none() | st.sampled_from((*PLACES, "pilot", "Low")),
    st.sampled_from("PQR"),
)


@given(st.lists(_changes, max_size=12))
def test_no_change_is_lost_or_told_twice(changes):
    found = change_digests(past(*changes), STANDARD, len(changes))
    words = [part for each in found for _, joined in each.examples for part in joined.split(", ") if part]
    assert sorted(words) == sorted(filter(None, (describe_change(each, STANDARD) for each in changes)))
    silent = [each for each in changes if not describe_change(each, STANDARD)]
    completed = {each.project_key for each in silent}
    assert sum(each.count for each in found if each.heading == "Completed") == len(completed)
