"""The pure core refuses wrong input as an InputError, whatever it is, and never with a bare error of Python."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from standard import decode
from support.strategies import ALICE, FACTS, initialized

from govern_mirror.connection import Instance, checked_address, checked_key, path_part
from govern_mirror.errors import InputError
from govern_mirror.model import changes
from govern_mirror.model.blueprint import STANDARD, Status
from govern_mirror.model.changes import Move, MoveKind
from govern_mirror.model.document import Document, parse_document
from govern_mirror.model.event import Actor, Source
from govern_mirror.model.gate import Allowed, decision, gate, qualification
from govern_mirror.model.values import check, check_all, parse
from govern_mirror.settings import Settings, parse_settings

NO_TEXTS = (None, 5, b"x", ["x"], {"a": 1}, object())
NOTES = STANDARD.by_path["steps.exploration.notes"]
ONE_OF_EACH_KIND = tuple({(field.kind, field.several): field for field in STANDARD.all_fields}.values())
DOCUMENTS = STANDARD.by_path["steps.exploration.documents"]


@pytest.fixture
def project():
    """A governed project that nobody has moved."""
    return decode(initialized({"customFields": {}}, {}), FACTS)


@pytest.fixture
def ongoing(project):
    """A governed project at its first step."""
    return changes.move(project, Move(MoveKind.ADVANCE), ALICE)


# moves --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["bogus", "", "ADVANCE", *NO_TEXTS])
def test_unknown_move_is_refused_with_the_moves(kind):
    with pytest.raises(InputError, match="advance, start, finish, reopen, set, skip"):
        Move(kind)


def test_move_named_by_its_text_is_that_move(project):
    assert Move("skip").kind is MoveKind.SKIP
    moved = changes.move(project, Move("advance"), ALICE)
    assert moved.workflow["exploration"].status is Status.ONGOING
    assert moved.events[-1].what == "advance"


@pytest.mark.parametrize("kind", [kind for kind in MoveKind if kind is not MoveKind.ADVANCE])
def test_move_without_its_step_is_refused(project, kind):
    for wanted in (kind, kind.value):
        with pytest.raises(InputError, match=f"name the step to {kind.value}"):
            changes.move(project, Move(wanted, reason="why not"), ALICE)


@pytest.mark.parametrize("name", ["step", "reason", "request"])
@pytest.mark.parametrize("value", NO_TEXTS[1:])
def test_text_of_a_move_must_be_a_text(name, value):
    with pytest.raises(InputError, match=f"{name} of a move is a text"):
        Move(MoveKind.ADVANCE, **{name: value})


@pytest.mark.parametrize("name", ["override", "unchecked"])
@pytest.mark.parametrize("value", ["no", 1, None])
def test_switch_of_a_move_must_be_true_or_false(name, value):
    with pytest.raises(InputError, match=f"{name} of a move is True or False"):
        Move(MoveKind.SET, "exploration", **{name: value})


@pytest.mark.parametrize("reason", [None, "", "  "])
def test_skip_without_a_reason_is_refused(ongoing, reason):
    with pytest.raises(InputError, match="say why the step is skipped"):
        changes.move(ongoing, Move("skip", "exploration", reason), ALICE)


# closing ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", [*NO_TEXTS, "", "  "])
def test_close_needs_a_reason(project, reason):
    with pytest.raises(InputError, match="reason"):
        changes.close(project, reason, ALICE)


@pytest.mark.parametrize("reason", NO_TEXTS[1:])
def test_reason_of_an_undone_close_must_be_a_text(project, reason):
    closed = changes.close(project, "by mistake", ALICE)
    with pytest.raises(InputError, match="reason is a text"):
        changes.undo_close(closed, ALICE, reason)


# values -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("values", [None, 5, "x", [("overview.sponsor", "Ada")]])
def test_values_must_be_given_by_path(project, values):
    for change in (changes.initialize, changes.edit):
        with pytest.raises(InputError, match="values by their path"):
            change(project, values, ALICE)


@pytest.mark.parametrize("path", [None, 5, b"x", ("a",), frozenset()])
def test_path_of_a_value_must_be_a_text(project, path):
    with pytest.raises(InputError, match="field is a text"):
        changes.edit(project, {path: "Ada"}, ALICE)


def test_value_given_under_two_names_is_refused():
    with pytest.raises(InputError, match=r"overview\.sponsor is given twice"):
        check_all(STANDARD, {"overview.sponsor": "Ada", "Sponsor": "Bob"})


@pytest.mark.parametrize("name", ["adopt", "confirm"])
def test_switch_of_a_change_must_be_true_or_false(project, name):
    change = changes.initialize if name == "adopt" else changes.edit
    with pytest.raises(InputError, match=f"{name} is True or False"):
        change(project, {}, ALICE, **{name: "no"})


@pytest.mark.parametrize("field", ONE_OF_EACH_KIND, ids=lambda field: field.path)
@pytest.mark.parametrize("value", NO_TEXTS)
def test_typed_value_must_be_a_text(field, value):
    with pytest.raises(InputError, match="is a text"):
        parse(field, value)


@pytest.mark.parametrize("field", ONE_OF_EACH_KIND, ids=lambda field: field.path)
@pytest.mark.parametrize("value", [b"x", {"a": 1}, object(), {"x"}, [None], [[]], float("nan"), datetime(2026, 1, 1)])
def test_value_of_another_type_is_refused(field, value):
    with pytest.raises(InputError):
        check(field, value)


@pytest.mark.parametrize("document", [Document(None, "https://a.example"), Document("a", None), Document(5, 5), None])
def test_document_of_no_texts_is_refused(project, document):
    with pytest.raises(InputError, match="takes a list of titles and links"):
        changes.edit(project, {DOCUMENTS.path: [document]}, ALICE)


@pytest.mark.parametrize("text", NO_TEXTS)
def test_typed_document_must_be_a_text(text):
    with pytest.raises(InputError, match="is a text"):
        parse_document(text)


# names of fields, steps, decisions ----------------------------------------------------------------------------


@pytest.mark.parametrize("find", [STANDARD.find, STANDARD.step, STANDARD.decision], ids=["field", "step", "decision"])
@pytest.mark.parametrize("name", NO_TEXTS)
def test_name_must_be_a_text(find, name):
    with pytest.raises(InputError, match="is a text"):
        find(name)


@pytest.mark.parametrize("section", ["bogus", 5, None])
def test_unknown_section_is_refused(section):
    with pytest.raises(InputError, match="overview, exploration"):
        STANDARD.section(section)


@pytest.mark.parametrize("step", ["bogus", *NO_TEXTS])
def test_unknown_step_of_an_item_is_refused(project, step):
    for ask in (project.notes, project.workflow.__getitem__, lambda id_: gate(project, id_)):
        with pytest.raises(InputError, match="step"):
            ask(step)


@pytest.mark.parametrize("role", ["bogus", *NO_TEXTS])
def test_unknown_role_is_refused(project, role):
    for ask in (project.of_role, project.text_of_role, project.date_of_role):
        with pytest.raises(InputError, match="value, risk, feasibility"):
            ask(role)


# who and when -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"source": "bogus"}, "macro, cli, api"),
        ({"source": None}, "macro, cli, api"),
        ({"by": 5}, "login is a text"),
        ({"now": None}, "time with a zone"),
        ({"now": "2026-01-01T00:00:00Z"}, "time with a zone"),
        ({"now": date(2026, 1, 1)}, "time with a zone"),
        ({"now": datetime(2026, 1, 1)}, "time with a zone"),
    ],
)
def test_actor_of_wrong_parts_is_refused(changed, message):
    with pytest.raises(InputError, match=message):
        replace(ALICE, **changed)


def test_source_named_by_its_text_is_that_source():
    assert Actor("ada", "cli", ALICE.now).source is Source.CLI


@pytest.mark.parametrize("now", [None, "today", datetime(2026, 1, 1)])
def test_days_in_step_need_a_time_with_a_zone(ongoing, now):
    with pytest.raises(InputError, match="time with a zone"):
        ongoing.days_in_step(now)


# gates --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["hand_edits", "skipped"])
@pytest.mark.parametrize("value", ["no", 0, None])
def test_what_a_gate_lets_pass_must_be_true_or_false(name, value):
    with pytest.raises(InputError, match=f"{name} is True or False"):
        Allowed(**{name: value})


@pytest.mark.parametrize("decisions", ["Go", 5, [5], [None]])
def test_decisions_of_a_gate_must_be_texts(project, decisions):
    for judge in (decision, lambda item, wanted: gate(item, "exploration", wanted)):
        with pytest.raises(InputError, match="decisions"):
            judge(project, decisions)


@pytest.mark.parametrize("required", [None, 5, "", [5], [[]], ["bogus"]])
def test_required_parts_of_a_qualification_must_be_its_own(project, required):
    with pytest.raises(InputError, match="require at least one of"):
        qualification(project, required)


# instances and settings ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", NO_TEXTS)
def test_address_key_and_id_must_be_texts(text):
    for ask in (checked_address, checked_key, path_part):
        with pytest.raises(InputError, match="is a text"):
            ask(text)


@pytest.mark.parametrize("key", [None, 5, b"secret"])
def test_api_key_that_is_no_text_is_refused_and_not_shown(key):
    with pytest.raises(InputError, match="API key is not a text") as refused:
        Instance("https://dss.example", key)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("config", [None, 5, "x", []])
def test_settings_must_be_given_by_name(config):
    with pytest.raises(InputError, match="settings by their names"):
        parse_settings(config)


def test_wrong_setting_is_refused_from_python_too():
    with pytest.raises(InputError, match="stale_after_days"):
        Settings(stale_after_days="soon")


def test_none_clears_notes(project):
    noted = changes.edit(project, {NOTES.path: "text"}, ALICE)
    assert changes.edit(noted, {NOTES.path: None}, ALICE).notes("exploration") is None
