"""What a user fills in reaches component code as DSS hands it over, and what DSS's form refuses is refused."""

from __future__ import annotations

import pytest

from govern_mirror_devkit.host import ComponentError
from govern_mirror_devkit.host.params import as_passed

COLOURS = [{"value": "red", "label": "Red"}, {"value": "blue", "label": "Blue"}]


def field(name: str, kind: str = "STRING", **rest):
    return {"name": name, "type": kind, "label": f"The {name}", **rest}


def refused(params, given) -> str:
    with pytest.raises(ComponentError) as raised:
        as_passed(params, given)
    assert raised.value.error_type == "java.lang.IllegalArgumentException"
    return raised.value.message


def test_a_default_reaches_the_code_unless_the_user_chose_something_else():
    params = [field("days", "INT", defaultValue=30), field("on", "BOOLEAN", defaultValue=True)]
    assert as_passed(params, {}) == {"days": 30.0, "on": True}
    assert as_passed(params, {"days": 7, "on": False}) == {"days": 7.0, "on": False}


def test_an_emptied_field_does_not_fall_back_to_its_default():
    assert as_passed([field("days", "INT", defaultValue=30)], {"days": None}) == {"days": None}


@pytest.mark.parametrize("empty", [None, "", [], {}])
def test_a_mandatory_field_left_empty_is_asked_for_by_its_label(empty):
    message = refused([field("sponsor", mandatory=True)], {"sponsor": empty})
    assert message == "The sponsor (sponsor) is mandatory"


def test_a_mandatory_field_never_touched_is_asked_for():
    assert "The sponsor" in refused([field("sponsor", mandatory=True)], {})


@pytest.mark.parametrize("filled", [False, 0])
def test_a_mandatory_field_may_hold_no_or_zero(filled):
    kind = "BOOLEAN" if filled is False else "INT"
    assert as_passed([field("x", kind, mandatory=True)], {"x": filled}) == {"x": filled}


def test_a_mandatory_field_that_does_not_show_is_not_asked_for():
    params = [
        field("scope", "SELECT", selectChoices=COLOURS, defaultValue="red"),
        field("why", mandatory=True, visibilityCondition="model.scope == 'blue'"),
    ]
    assert as_passed(params, {}) == {"scope": "red"}
    assert "The why" in refused(params, {"scope": "blue"})
    assert as_passed(params, {"scope": "blue", "why": "so"})["why"] == "so"


def test_a_condition_on_a_field_that_was_never_touched_is_no_error():
    params = [field("on", "BOOLEAN"), field("days", "INT", mandatory=True, visibilityCondition="model.on")]
    assert as_passed(params, {}) == {}
    assert "days" in refused(params, {"on": True})


def test_a_whole_number_arrives_as_a_float_as_code_in_dss_must_expect():
    passed = as_passed([field("days", "INT")], {"days": 3})
    assert passed == {"days": 3} and isinstance(passed["days"], float)


def test_a_number_below_its_minimum_is_refused():
    params = [field("days", "INT", minI=1)]
    assert "at least 1" in refused(params, {"days": 0})
    assert as_passed(params, {"days": 1}) == {"days": 1.0}


def test_a_day_arrives_as_a_time():
    params = [field("start", "DATE")]
    assert as_passed(params, {"start": "2026-03-01"}) == {"start": "2026-03-01T00:00:00.000Z"}
    assert as_passed(params, {"start": "2026-03-01T09:00:00.000Z"}) == {"start": "2026-03-01T09:00:00.000Z"}


def test_an_empty_text_arrives_as_null():
    assert as_passed([field("a"), field("b", "TEXTAREA"), field("c", "DATE")], {"a": "", "b": "", "c": ""}) == {
        "a": None,
        "b": None,
        "c": None,
    }


def test_a_field_never_touched_is_absent():
    assert as_passed([field("a"), field("b", "BOOLEAN"), field("c", "MULTISELECT", selectChoices=COLOURS)], {}) == {}


def test_a_separator_is_no_value_even_when_it_is_mandatory():
    assert as_passed([field("line", "SEPARATOR", mandatory=True, defaultValue="x")], {}) == {}


def test_a_choice_outside_the_list_is_refused_with_the_list():
    message = refused([field("colour", "SELECT", selectChoices=COLOURS)], {"colour": "green"})
    assert "colour must be one of red, blue, not 'green'" in message


def test_choices_are_exact_so_that_a_wrong_case_is_refused():
    assert "Red" in refused([field("colour", "SELECT", selectChoices=COLOURS)], {"colour": "Red"})


def test_several_choices_are_each_checked():
    params = [field("colours", "MULTISELECT", selectChoices=COLOURS)]
    assert as_passed(params, {"colours": ["blue", "red"]}) == {"colours": ["blue", "red"]}
    assert as_passed(params, {"colours": []}) == {"colours": []}
    assert "'green'" in refused(params, {"colours": ["red", "green"]})


def test_choices_that_are_made_at_run_time_pass():
    assert as_passed([field("folder", "SELECT", getChoicesFromPython=True)], {"folder": "any"}) == {"folder": "any"}


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("INT", "3"),
        ("INT", True),
        ("INT", [3]),
        ("DOUBLE", "0.5"),
        ("BOOLEAN", "true"),
        ("BOOLEAN", 1),
        ("STRINGS", "one"),
        ("STRINGS", {"a": 1}),
        ("MULTISELECT", "red"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_by_name(kind, wrong):
    message = refused([field("x", kind, selectChoices=COLOURS if kind == "MULTISELECT" else [])], {"x": wrong})
    assert message.startswith("x must be") and repr(wrong) in message


def test_values_that_the_form_does_not_declare_pass_as_they_are():
    assert as_passed([], {"_projectFolderId": "f1", "more": ""}) == {"_projectFolderId": "f1", "more": ""}


def test_the_form_that_was_filled_in_is_left_as_it_was():
    given = {"days": 3, "note": ""}
    as_passed([field("days", "INT"), field("note"), field("on", "BOOLEAN", defaultValue=True)], given)
    assert given == {"days": 3, "note": ""}
