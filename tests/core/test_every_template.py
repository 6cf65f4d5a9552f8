"""What fields may hold, on templates of every kind: nothing that the library stores is a problem when read again."""

import json
from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sampling import examples
from standard import Layout
from support.strategies import ALICE, FACTS, PLAIN, STATUSES, any_text, damaged_values, later, people_text, sound_values
from templates import EVERY_KIND, LONG, TEMPLATES

from govern_mirror import metadata as stored_metadata
from govern_mirror.actions.inputs import parse_values
from govern_mirror.errors import InputError, MoveRefused, WriteRefused
from govern_mirror.model import changes
from govern_mirror.model.blueprint import Blueprint, Field, Kind, Status
from govern_mirror.model.changes import Move, MoveKind
from govern_mirror.model.item import Governance, values
from govern_mirror.model.values import (
    MAX_NUMBER,
    Document,
    check,
    check_all,
    from_text,
    is_blank,
    parse,
    read,
    stored,
    text_of,
)

blueprints = st.sampled_from(list(TEMPLATES.values()))
anything = st.one_of(
    st.none(),
    any_text,
    st.booleans(),
    st.integers(),
    st.floats(),
    st.dates(),
    st.datetimes(),
    st.sampled_from([*STATUSES, (), [], {}, object(), b"x", 1e15, 10**400, float("nan"), float("inf")]),
    st.sampled_from(["Low", "Go", "Red", "", " ", "\u2028", "none"]),
    st.lists(any_text, max_size=3).map(tuple),
    st.lists(st.builds(Document, any_text, any_text), max_size=2).map(tuple),
    st.builds(Document, any_text, st.sampled_from(["javascript:alert(1)", "//evil.example", "", "/projects/X"])),
)
"""What a script may pass for a value, most of it wrong."""


def settable(blueprint: Blueprint) -> list[Field]:
    return [field for field in blueprint.all_fields if field.kind is not Kind.STATUS]


def layout_of(blueprint: Blueprint) -> Layout:
    return stored_metadata.Layout(blueprint)


@st.composite
def fields_and_values(draw) -> tuple[Blueprint, Field, object]:
    blueprint = draw(blueprints)
    field = draw(st.sampled_from(settable(blueprint)))
    return blueprint, field, draw(sound_values(field))


# what the Python API stores ---------------------------------------------------------------------------------------


@st.composite
def api_calls(draw, blueprint: Blueprint):
    """A call of the library with any values at all, right and wrong ones."""
    given_values = {
        field.path: draw(sound_values(field) | anything)
        for field in draw(st.lists(st.sampled_from(blueprint.all_fields), max_size=3))
    }
    step = draw(st.sampled_from(blueprint.step_ids))
    move = Move(draw(st.sampled_from(list(MoveKind))), step, draw(st.none() | any_text))
    return draw(
        st.sampled_from(
            [
                lambda project, actor: changes.initialize(project, given_values, actor),
                lambda project, actor: changes.edit(project, given_values, actor),
                lambda project, actor: changes.edit(project, given_values, actor, confirm=True),
                lambda project, actor: changes.merge_remote(project, given_values, {}, None, actor),
                lambda project, actor: changes.move(project, move, actor),
            ]
        )
    )


@examples(150)
@given(st.data(), blueprints)
def test_nothing_that_the_api_stores_is_a_problem_when_read(data, blueprint):
    """Else a script could make a project that nobody can report on."""
    layout = layout_of(blueprint)
    document = json.loads(json.dumps(PLAIN))
    for minute, call in enumerate(data.draw(st.lists(api_calls(blueprint), min_size=1, max_size=5))):
        before = stored_metadata.decode(document, FACTS, layout)
        if before.state is Governance.UNGOVERNED:
            before = changes.initialize(before, {}, ALICE)
        try:
            after = call(before, later(minute))
        except (InputError, MoveRefused):
            continue
        document = json.loads(json.dumps(stored_metadata.encode(after, document, later(minute), layout)))
        json.dumps(document, ensure_ascii=False).encode("utf-8")
        again = stored_metadata.decode(document, FACTS, layout)
        assert again.problems == ()
        assert values(again) == values(after)
        assert again.origins == after.origins


@examples(100)
@given(st.data(), blueprints)
def test_a_call_with_one_wrong_value_stores_none_of_its_values(data, blueprint):
    """Else half of what a script meant would be in the project."""
    project = changes.initialize(stored_metadata.decode(PLAIN, FACTS, layout_of(blueprint)), {}, ALICE)
    field = data.draw(st.sampled_from(settable(blueprint)))
    sound = {field.path: data.draw(sound_values(field))}
    for wrong in ({"no.such_path": "x"}, {blueprint.steps[0].paths[0]: "FINISHED"}):
        for act in (changes.initialize, changes.edit):
            with pytest.raises(InputError):
                act(project, {**sound, **wrong}, ALICE)
        with pytest.raises(InputError):
            changes.merge_remote(project, {**sound, **wrong}, {}, None, ALICE)


# what is refused --------------------------------------------------------------------------------------------------

EXTRA = {field.path.partition(".")[2]: field for field in EVERY_KIND.fields if field.path.startswith("extra.")}
WRONG = {
    "rating_of_more": ["high", "Go", 5, True, ("Low",), date(2026, 6, 1)],
    "colour": ["red", "Blue", 0.5, False, ["Red"]],
    "colours": ["Red", ("red",), ("Red", 5), [None], {"Red"}, 1],
    "day": ["2026-06-01", datetime(2026, 6, 1), 20260601, date(1, 1, 1), date(9999, 12, 31), True],
    "line": [5, True, date(2026, 6, 1), ("a",), b"a", Status.ONGOING],
    "text": [5, False, {"a": 1}, ["a"], Status.FINISHED],
    "number": ["5", True, float("nan"), float("inf"), MAX_NUMBER, -MAX_NUMBER, 10**400, (1,)],
    "flag": ["yes", 1, 0, "true", (True,)],
    "links": [
        "https://example.com",
        ("https://example.com",),
        Document("a", "https://example.com"),
        (Document("a", "javascript:alert(1)"),),
        (Document("a", "java\tscript:alert(1)"),),
        (Document("a", "//evil.example"),),
        (Document("a", ""),),
        (Document("a", "example.com"),),
    ],
    "reference": [5, True, ("a",)],
    "people": ["Ada", (5,), ("Ada, Countess",), 7],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, found in WRONG.items() for value in found])
def test_a_value_of_the_wrong_kind_is_refused_by_its_field(name, value):
    """Else it would be stored, and count as blank from then on."""
    with pytest.raises(InputError) as refusal:
        check_all(EVERY_KIND, {f"extra.{name}": value})
    assert f"extra.{name}" in str(refusal.value)
    assert len(str(refusal.value)) < 1000


def test_each_kind_but_the_status_has_wrong_values_in_these_tests():
    assert set(WRONG) == set(EXTRA)
    assert {field.kind for field in EXTRA.values()} == set(Kind) - {Kind.STATUS}


@pytest.mark.parametrize("typed", ["-0", "-0.0", "5.0"])
def test_a_number_is_shown_as_people_write_it(typed):
    field = next(field for field in EVERY_KIND.all_fields if field.kind is Kind.NUMBER)
    shown = typed.strip("-").removesuffix(".0")
    for value in (check(field, float(typed)), parse(field, typed), read(field, float(typed)), read(field, typed)):
        assert text_of(value) == shown and json.dumps(stored(field, value)) == shown


@given(blueprints, st.sampled_from([*STATUSES, "FINISHED", None, ""]))
def test_a_status_is_never_a_value_to_be_set(blueprint, status):
    """Else a step would finish without its order, its time and its rules."""
    for step in blueprint.steps:
        with pytest.raises(InputError, match="moves of the workflow"):
            check_all(blueprint, {step.paths[0]: status})


@given(blueprints, any_text | st.sampled_from(["extra", "steps.exploration", "overview.", "qualification.value.x"]))
def test_an_unknown_path_is_refused(blueprint, path):
    known = {name for field in blueprint.all_fields for name in (field.path, field.name, field.short, field.label)}
    if path in known or path.lower() in {name.lower() for name in known}:
        return
    try:
        found = blueprint.find(path)
    except InputError:
        with pytest.raises(InputError, match=r"unknown field|several fields"):
            check_all(blueprint, {path: None})
        return
    spellings = (found.path, found.name, found.short, found.label, found.role.value if found.role else "")
    assert "".join(path.lower().split()).strip("-_") and any(
        " ".join(path.replace("-", " ").replace("_", " ").casefold().split())
        == " ".join(name.replace("-", " ").replace("_", " ").casefold().split())
        for name in spellings
    )


@examples(300)
@given(blueprints.flatmap(lambda b: st.sampled_from(b.all_fields)), anything)
def test_any_value_at_all_is_kept_or_refused_in_words(field, value):
    """Else a script would end in an error that names no field."""
    try:
        kept = check(field, value)
    except InputError as refusal:
        assert field.path in str(refusal)
        return
    assert check(field, kept) == kept
    assert is_blank(kept) == (kept == field.blank)


# there and back ---------------------------------------------------------------------------------------------------


@examples(300)
@given(fields_and_values())
def test_what_is_stored_is_read_as_it_was_given(given_value):
    """Else a value would change, or get lost, by being written."""
    blueprint, field, value = given_value
    kept = check(field, value)
    assert kept == value
    raw = json.loads(json.dumps(stored(field, kept)))
    document = {"customFields": {field.stored: raw}}
    found = stored_metadata.decode(document, FACTS, layout_of(blueprint))
    assert found.values[field.path] == kept
    assert field.path not in found.problem_fields
    if field.kind is not Kind.DOCUMENTS:  # `decode` reads these entry by entry
        assert read(field, raw) == kept


@examples(300)
@given(fields_and_values())
def test_the_text_of_a_value_typed_again_is_that_value(given_value):
    """Else copying what `show` says, or a plan file, into another project would change it."""
    blueprint, field, value = given_value
    if field.kind is Kind.DOCUMENTS:
        return  # typed one by one, as title and link
    text = text_of(value)
    assert from_text(field, text) == value
    if text.strip() and text.strip().casefold() != "none":
        assert parse(field, text) == value
        assert parse_values(blueprint, {field.path: text}) == {field.path: value}


@given(st.data(), blueprints)
def test_a_damaged_value_is_a_problem_on_every_template(data, blueprint):
    """Else damage would be taken for a value, and reported on."""
    field = data.draw(st.sampled_from(blueprint.all_fields))
    raw = data.draw(damaged_values(field))
    found = stored_metadata.decode({"customFields": {field.stored: raw}}, FACTS, layout_of(blueprint))
    assert field.path in found.problem_fields
    if field.kind is not Kind.DOCUMENTS:
        assert values(found)[field.path] == field.blank


@given(people_text, st.sampled_from([b for b in TEMPLATES.values() if b is not EVERY_KIND]))
def test_a_record_of_another_template_is_read_and_never_written(text, other):
    """Else choosing the wrong template would cost every project its values."""
    blueprint = EVERY_KIND
    governed = changes.initialize(stored_metadata.decode(PLAIN, FACTS, layout_of(blueprint)), {}, ALICE)
    noted = changes.edit(governed, {"extra.text": text}, ALICE)
    document = stored_metadata.encode(noted, PLAIN, ALICE, layout_of(blueprint))
    found = stored_metadata.decode(document, FACTS, layout_of(other))
    assert found.is_governed and found.read_only and "govern_record" in found.problem_fields
    assert "checklists" not in found.problem_fields, "the checklist shows the steps of its own template"
    for act in (changes.initialize, changes.edit):
        with pytest.raises(WriteRefused, match=r"follows the template bp\.every_kind"):
            act(found, {}, ALICE)


@given(people_text)
def test_a_project_goes_on_with_the_next_version_of_its_template(text):
    """It changed a step, a field and a category: nothing of that is an edit by hand."""
    first = replace(LONG, version="bv.1")
    noted = changes.edit(
        changes.initialize(stored_metadata.decode(PLAIN, FACTS, layout_of(first)), {"overview.budget": 5}, ALICE),
        {"overview.programme": text, "assessment.verdict": "Parked"},
        ALICE,
    )
    moved = changes.move(noted, Move(MoveKind.ADVANCE, "data_check"), ALICE)
    document = stored_metadata.encode(moved, PLAIN, ALICE, layout_of(first))
    following = replace(
        LONG,
        version="bv.2",
        continues=("bv.1",),
        steps=tuple(step for step in LONG.steps if step.id != "triage"),
        fields=tuple(field for field in LONG.fields if field.path != "overview.budget"),
    )
    found = stored_metadata.decode(document, FACTS, layout_of(following))
    assert (found.problems, found.pending, found.read_only) == ((), (), None) and found.has_own_record
    assert found.stage == "data_check" and found.values["assessment.verdict"] == "Parked"
    gone_on = changes.move(found, Move(MoveKind.ADVANCE), ALICE)
    written = stored_metadata.encode(gone_on, document, ALICE, layout_of(following))
    again = stored_metadata.decode(written, FACTS, layout_of(following))
    assert (again.problems, again.pending, again.stage) == ((), (), "assess")
