"""Scores and priority as Govern's hook computes them, and the origin of each rating."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standard import decode, encode
from support.strategies import (
    ALICE,
    DIMENSIONS,
    FACTS,
    RATINGS,
    Change,
    governed_metadata,
    initialized,
    later,
    overviews,
    qualifications,
    with_field,
    write,
)

from govern_mirror.model import changes
from govern_mirror.model.blueprint import STANDARD
from govern_mirror.model.scores import Weights, scores

M = {"Low": 20, "Medium low": 40, "Medium high": 60, "High": 80}
ratings = st.none() | st.sampled_from(RATINGS)
rated = st.fixed_dictionaries(dict.fromkeys(DIMENSIONS, ratings))
weights = st.floats(0, 1000) | st.sampled_from([0.0, 1.0, 0.5])
all_weights = st.fixed_dictionaries(dict.fromkeys(DIMENSIONS, weights))


def rated_values(given_ratings) -> dict:
    return {f"qualification.{name}.rating": rating for name, rating in given_ratings.items()}


def modelled_priority(given_ratings, given_weights) -> Fraction | None:
    """The design's sentence, in exact arithmetic."""
    if given_ratings["value"] is None or given_ratings["risk"] is None:
        return None
    total = sum(Fraction(given_weights[name]) for name in DIMENSIONS if given_ratings[name])
    if not total:
        return None
    parts = Fraction(0)
    for name in DIMENSIONS:
        if given_ratings[name]:
            m = M[given_ratings[name]]
            parts += Fraction(given_weights[name]) * (100 - m if name in ("risk", "cost") else m)
    return parts / total


@given(rated)
def test_value_and_risk_scores_are_those_of_govern(given_ratings):
    found = scores(rated_values(given_ratings), STANDARD)
    value, risk = given_ratings["value"], given_ratings["risk"]
    assert found.value == (None if value is None else M[value])
    assert found.risk == (None if risk is None else 100 - M[risk])


@given(rated)
def test_the_priority_is_the_mean_of_what_is_rated(given_ratings):
    found = scores(rated_values(given_ratings), STANDARD).priority
    expected = modelled_priority(given_ratings, dict.fromkeys(DIMENSIONS, 1))
    assert found == (None if expected is None else round(float(expected), 2))


@given(rated, all_weights)
def test_weights_weigh_the_ratings_that_are_there(given_ratings, given_weights):
    found = scores(rated_values(given_ratings), STANDARD, Weights(**given_weights)).priority
    expected = modelled_priority(given_ratings, given_weights)
    if expected is None:
        assert found is None
    else:
        assert abs(found - expected) <= Fraction(5001, 10**6)
        assert found == round(found, 2)


@pytest.mark.parametrize(
    ("given_ratings", "given_weights", "expected"),
    [
        (("High", "Low", None, None), (1, 1, 1, 1), (80, 80, 80.0)),
        (("High", "High", None, None), (1, 1, 1, 1), (80, 20, 50.0)),
        (("High", "Low", "Low", None), (1, 1, 1, 1), (80, 80, 60.0)),
        (("Medium high", "Medium low", "Low", "Low"), (1, 1, 1, 1), (60, 60, 55.0)),
        (("High", "High", None, "Low"), (1, 1, 1, 1), (80, 20, 60.0)),
        (("High", "High", "Low", "High"), (3, 1, 0, 0), (80, 20, 65.0)),
        (("High", "High", None, None), (0, 0, 1, 1), (80, 20, None)),
        ((None, "High", "High", "Low"), (1, 1, 1, 1), (None, 20, None)),
        (("High", None, "High", "Low"), (1, 1, 1, 1), (80, None, None)),
        ((None, None, None, None), (1, 1, 1, 1), (None, None, None)),
        (("Low", "Low", "Medium low", None), (1, 1, 1, 1), (20, 80, 46.67)),
    ],
)
def test_scores_worked_out_by_hand(given_ratings, given_weights, expected):
    found = scores(rated_values(dict(zip(DIMENSIONS, given_ratings, strict=True))), STANDARD, Weights(*given_weights))
    assert (found.value, found.risk, found.priority) == expected


@given(rated, st.sampled_from(DIMENSIONS))
def test_a_rating_that_is_not_valid_in_dss_counts_as_unrated(given_ratings, broken):
    metadata = initialized()
    for name, rating in given_ratings.items():
        metadata = with_field(metadata, f"govern_{name}_rating", "high!" if name == broken else rating)
    found = scores(decode(metadata, FACTS).values, STANDARD)
    assert found == scores(rated_values({**given_ratings, broken: None}), STANDARD)


# origins ------------------------------------------------------------------------------------------------------


@given(overviews)
def test_ratings_given_at_initialization_come_from_the_overview(overview):
    project = decode(initialized(overview=overview), FACTS)
    for name in DIMENSIONS:
        given_rating = overview.get(f"qualification.{name}.rating")
        assert project.values[f"qualification.{name}.rating"] == given_rating
        assert getattr(project.qualification, name).origin == ("overview" if given_rating else None)


@given(governed_metadata(), qualifications, st.booleans())
def test_recording_in_the_step_makes_the_qualification_the_origin(metadata, given_values, confirm):
    """Also when the value is equal; what was not given keeps its origin unless all is confirmed."""
    before = decode(metadata, FACTS).qualification
    project = changes.edit(decode(metadata, FACTS), given_values, later(50), confirm=confirm)
    after = decode(encode(project, metadata, later(50)), FACTS).qualification
    for name in DIMENSIONS:
        path = f"qualification.{name}.rating"
        expected = given_values.get(path, getattr(before, name).rating)
        assert getattr(after, name).rating == expected
        if expected is None:
            assert getattr(after, name).origin is None
        elif path in given_values or confirm:
            assert getattr(after, name).origin == "qualification"
        else:
            assert getattr(after, name).origin == getattr(before, name).origin


@given(overviews, st.integers(1, 3))
def test_confirming_is_one_event_that_names_the_ratings_and_only_once(overview, times):
    metadata = initialized(overview=overview)
    inherited = [name for name in DIMENSIONS if f"qualification.{name}.rating" in overview]
    known = decode(metadata, FACTS).last_event
    for minute in range(times):
        metadata = write(metadata, lambda project, actor: changes.edit(project, {}, actor, confirm=True), later(minute))
    new = [event for event in decode(metadata, FACTS).events if event.number > known]
    assert [(event.what, event.after) for event in new] == ([("confirm", ", ".join(inherited))] if inherited else [])


def test_an_equal_value_recorded_in_the_step_confirms_it():
    metadata = initialized(overview={"qualification.value.rating": "High", "qualification.risk.rating": "Low"})
    after = decode(write(metadata, Change("edit", ({"qualification.value.rating": "High"},)), later(1)), FACTS)
    assert after.qualification.value.origin == "qualification"
    assert after.qualification.risk.origin == "overview"
    assert after.events[-1].what == "confirm"


def test_a_comment_alone_confirms_nothing():
    metadata = initialized(overview={"qualification.value.rating": "High"})
    project = changes.edit(decode(metadata, FACTS), {"qualification.value.comment": "sure?"}, ALICE)
    value = project.qualification.value
    assert (value.rating, value.comment, value.origin) == ("High", "sure?", "overview")
