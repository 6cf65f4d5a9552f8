"""What people read in place of paths and constants."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone

import pytest
from templates import LONG, STANDARD

from govern_mirror.errors import Action, Hint, WriteRefused, with_hint
from govern_mirror.labels import (
    event_label,
    event_words,
    field_label,
    found_label,
    held,
    labelled,
    success,
    value_label,
)
from govern_mirror.metadata import Layout, decode
from govern_mirror.model import changes
from govern_mirror.model.blueprint import Blueprint
from govern_mirror.model.changes import Move, MoveKind
from govern_mirror.model.event import Actor, Event, Source
from govern_mirror.model.item import FieldChange, ProjectFacts, differences

ACTOR = Actor("ada", Source.CLI, datetime(2026, 3, 1, tzinfo=timezone.utc))


def governed(blueprint: Blueprint = STANDARD):
    project = decode({}, ProjectFacts("P"), Layout(blueprint))
    return changes.initialize(project, {}, ACTOR)


def told(before, after, **more):
    return success(after, differences(before, after), **more)


def moved(project, kind, step=None):
    return changes.move(project, Move(MoveKind(kind), step), ACTOR)


def test_moves_say_where_the_project_is():
    project = governed()
    first = moved(project, "advance")
    assert told(project, first) == "P is now at Exploration (1 of 5)"
    assert told(project, first, would=True) == "P would be at Exploration (1 of 5)"
    finished = moved(first, "finish", "exploration")
    assert told(first, finished) == "P: Exploration is now finished"


def test_the_end_of_a_workflow_of_one_step_is_said():
    blueprint = replace(STANDARD, steps=STANDARD.steps[:1], sections=())
    begun = moved(governed(blueprint), "advance")
    assert told(begun, moved(begun, "advance")) == (
        "P is at the end of its workflow: its only step is finished or skipped"
    )


def test_the_end_of_the_workflow_is_said():
    before = moved(governed(LONG), "advance", "retire")
    after = moved(before, "finish", "retire")
    assert told(before, after) == "P is at the end of its workflow: all 8 steps are finished or skipped"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"overview.sponsor": "Ada"}, "P: Sponsor is now Ada"),
        ({"overview.description": "long\ntext"}, "P: Description changed"),
        (
            {"overview.sponsor": "Ada", "overview.countries": "FR", "overview.business_initiative": "X"},
            "P: 3 fields changed: Business initiative, Sponsor, Countries",
        ),
        (
            {
                "overview.sponsor": "Ada",
                "overview.countries": "FR",
                "overview.business_initiative": "X",
                "qualification.decision": "Go",
            },
            "P: 4 fields changed: Business initiative, Sponsor, Countries and 1 more",
        ),
    ],
)
def test_values_say_what_they_are_now(values, sentence):
    project = governed()
    assert told(project, changes.edit(project, values, ACTOR)) == sentence


def test_a_cleared_value_is_blank():
    project = changes.edit(governed(), {"overview.sponsor": "Ada"}, ACTOR)
    assert told(project, changes.edit(project, {"overview.sponsor": None}, ACTOR)) == "P: Sponsor is now blank"
    assert held(project, "overview.sponsor") == "Sponsor is Ada"
    assert held(project, "overview.countries") == "Countries is blank"


def test_paths_and_constants_have_labels():
    (change,) = labelled(STANDARD, [FieldChange("steps.progress.status", "NOT_STARTED", "ONGOING")])
    assert change == FieldChange("In Progress: status", "Not started", "On going")
    assert field_label(STANDARD, "qualification.value.origin") == "Value rating: recorded in"
    assert value_label(STANDARD, "qualification.value.origin", "overview") == "Overview"
    assert value_label(STANDARD, "steps.progress.status", "BROKEN") == "BROKEN"
    assert field_label(STANDARD, "no.such.path") == "no.such.path"


def test_events_have_labels():
    assert event_label(STANDARD, "advance", "progress ONGOING") == "In Progress: On going"
    assert event_label(STANDARD, "advance", "not_started") == "Not started"
    assert event_label(STANDARD, "overview.sponsor", "progress ONGOING") == "progress ONGOING"
    assert event_label(STANDARD, "close", "progress") == "In Progress"
    assert event_label(STANDARD, "undo close", "closed") == "Closed"
    assert event_label(STANDARD, "confirm", "value, overview.sponsor, gone") == "Value rating, Sponsor, gone"


def test_what_a_problem_found_is_told_without_constants():
    assert found_label(STANDARD, "steps", "exploration SKIPPED, rollout FINISHED") == (
        "Exploration: Skipped, Validation and Roll-out: Finished"
    )
    assert found_label(STANDARD, "steps.rollout.status", "NOT_STARTED, ONGOING") == "Not started, On going"
    assert found_label(STANDARD, "overview.sponsor", "ONGOING") == "ONGOING"


def test_a_value_that_the_template_has_no_more_is_no_move():
    event = Event(1, ACTOR.now, "ada", "cli", "overview.budget", None, "3")
    assert event_words(STANDARD, event) == "overview.budget: blank → 3"


def test_a_hint_is_worded_by_the_entry_point():
    with pytest.raises(WriteRefused) as raised:
        changes.edit(decode({}, ProjectFacts("P"), Layout(STANDARD)), {}, ACTOR)
    assert str(raised.value) == "P is not governed yet"
    assert raised.value.hint == Hint(Action.GOVERN, "P")
    assert with_hint("No", raised.value.hint, {Action.GOVERN: "govern {key}"}) == "No: govern P"
    assert with_hint("No", raised.value.hint, {}) == with_hint("No", None, {}) == "No"


def test_both_entry_points_word_every_hint():
    from govern_mirror.cli import hints
    from govern_mirror.components import results

    # which other keys there are is looked up where the error is told
    wanted = set(Action) - {Action.OTHER_KEY}
    assert set(hints.WORDS) == set(results.WORDS) == wanted
