"""What scripts and old DSS versions send to macros: a flag, number or text that is none is never guessed."""

import pytest

from govern_mirror import Scope, initialize
from govern_mirror.actions.report import filters_from_form
from govern_mirror.actions.session import connect_to
from govern_mirror.components.macros import initialize_from_form, move_from_form, qualify_from_form, schedule_from_form
from govern_mirror.errors import InputError

NOT_FLAGS = ["true", "false", "True", "yes", "no", "", 1, 0, 1.0, [], [True], {}]
NOT_TEXTS = [1, 1.5, True, ["High"], {"value": "High"}]
NOT_NUMBERS = ["30", "soon", True, 1.5, float("nan"), float("inf"), [30], {}]


@pytest.fixture
def transport():
    return "mounted"


@pytest.fixture
def session(sandbox, url):
    sandbox.create_project("P", "The project")
    sandbox.create_project("Q", "Governed")
    session = connect_to(url, sandbox.admin_key)
    initialize(session, Scope(("Q",)), {"qualification.value.rating": "High"})
    return session


FLAGS = [
    ("dry_run", initialize_from_form, {}, "P"),
    ("adopt", initialize_from_form, {}, "P"),
    ("confirm", qualify_from_form, {"value_rating": "Low"}, "Q"),
    ("dry_run", schedule_from_form, {"daily_at": "06:00"}, "P"),
]


@pytest.mark.parametrize("value", NOT_FLAGS, ids=repr)
@pytest.mark.parametrize(("name", "macro", "form", "key"), FLAGS, ids=lambda part: getattr(part, "__name__", None))
def test_p6_flag_that_is_none_writes_nothing(sandbox, session, name, macro, form, key, value):
    before = [sandbox.metadata(each) for each in ("P", "Q")]
    with pytest.raises(InputError, match=f"{name.replace('_', ' ')} takes true or false"):
        macro(session, {**form, name: value}, key)
    assert [sandbox.metadata(each) for each in ("P", "Q")] == before


def test_p6_null_as_dry_run_writes_nothing(sandbox, session):
    initialize_from_form(session, {"dry_run": None}, "P")
    assert "govern_record" not in sandbox.metadata("P")["customFields"]


def test_p6_null_confirms_nothing(sandbox, session):
    with pytest.raises(InputError, match="nothing to record"):
        qualify_from_form(session, {"confirm": None}, "Q")


@pytest.mark.parametrize("value", NOT_FLAGS, ids=repr)
@pytest.mark.parametrize("name", ["stale", "with_problems", "include_ungoverned"])
def test_p6_filter_that_is_none_is_refused(session, name, value):
    with pytest.raises(InputError, match="takes true or false"):
        filters_from_form(session, {name: value})


@pytest.mark.parametrize("value", NOT_NUMBERS, ids=repr)
def test_p6_number_that_is_none_is_refused(session, value):
    with pytest.raises(InputError, match="stale days takes a whole number"):
        filters_from_form(session, {"stale": True, "stale_days": value})


@pytest.mark.parametrize("value", [30, 30.0, None, ""], ids=repr)
def test_p6_number_is_taken_as_dss_passes_it(session, value):
    assert filters_from_form(session, {"stale": True, "stale_days": value})


TEXTS = [
    ("value_rating", initialize_from_form, "P"),
    ("sponsor", initialize_from_form, "P"),
    ("start_date", initialize_from_form, "P"),
    ("scope", initialize_from_form, "P"),
    ("value_rating", qualify_from_form, "Q"),
    ("notes", qualify_from_form, "Q"),
    ("project_plan", qualify_from_form, "Q"),
    ("project_key", qualify_from_form, "Q"),
    ("action", move_from_form, "Q"),
    ("step", move_from_form, "Q"),
    ("reason", move_from_form, "Q"),
    ("daily_at", schedule_from_form, "P"),
    ("mail_to", schedule_from_form, "P"),
]


@pytest.mark.parametrize("value", NOT_TEXTS, ids=repr)
@pytest.mark.parametrize(("name", "macro", "key"), TEXTS, ids=lambda part: getattr(part, "__name__", None))
def test_p6_text_that_is_none_is_refused(sandbox, session, name, macro, key, value):
    before = [sandbox.metadata(each) for each in ("P", "Q")]
    with pytest.raises(InputError, match=f"{name.replace('_', ' ')} takes a text"):
        macro(session, {"confirm": True, name: value} if macro is qualify_from_form else {name: value}, key)
    assert [sandbox.metadata(each) for each in ("P", "Q")] == before


@pytest.mark.parametrize("value", [7, True, {"KEY": "P"}, [7], [["P"]]], ids=repr)
def test_p6_list_that_is_none_is_refused(session, value):
    with pytest.raises(InputError, match="takes a list of texts"):
        initialize_from_form(session, {"scope": "keys", "project_keys": value}, None)
