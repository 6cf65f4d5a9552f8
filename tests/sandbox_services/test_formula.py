"""Run conditions and `${...}` in scenarios."""

from __future__ import annotations

import pytest

from govern_mirror_devkit.formula import expand, expand_all, holds


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("outcome != 'SUCCESS'", True),
        ("outcome == 'FAILED'", True),
        ('outcome == "SUCCESS"', False),
        ("true", True),
        ("false", False),
        ("!(outcome == 'FAILED')", False),
        ("stepOutcome_build == 'SUCCESS' && outcome == 'FAILED'", True),
        ("outcome == 'SUCCESS' || stepOutcome_build == 'SUCCESS'", True),
        ("outcome == 'a && b || !true'", False),
    ],
)
def test_a_condition_decides_as_its_author_meant(condition: str, expected: bool):
    assert holds(condition, {"outcome": "FAILED", "stepOutcome_build": "SUCCESS"}) is expected


@pytest.mark.parametrize("condition", ["outcom == 'SUCCESS'", "outcome ==", "__import__('os')", "", "a.b"])
def test_a_condition_that_cannot_be_decided_is_an_error_and_runs_nothing(condition: str):
    with pytest.raises(ValueError, match=r"condition|variable"):
        holds(condition, {"outcome": "FAILED"})


def test_variables_are_filled_in_and_unknown_ones_stay_readable():
    assert (
        expand("${scenarioName}: ${outcome} ${nothing}", {"scenarioName": "Daily", "outcome": 3})
        == "Daily: 3 ${nothing}"
    )


def test_variables_are_filled_in_wherever_a_text_stands():
    assert expand_all({"a": ["${x}", 1, None], "b": {"c": "-${x}-"}}, {"x": "y"}) == {
        "a": ["y", 1, None],
        "b": {"c": "-y-"},
    }
