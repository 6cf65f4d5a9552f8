"""Wrong input to the Python API is refused as such, whatever its type, and nothing is written."""

from __future__ import annotations

import contextlib
import inspect
from datetime import date, datetime, timezone

import pytest

import govern_mirror
from govern_mirror import (
    STANDARD,
    Allowed,
    Document,
    DocumentEdit,
    Filters,
    InputError,
    Move,
    MoveKind,
    Scope,
    build_report,
    connect_to,
    initialize,
    set_values,
    show,
)
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.mock_instance import mock_instance

URL = "https://dss.example.com"
NAIVE = datetime(2026, 3, 1)
AWARE = datetime(2026, 3, 1, tzinfo=timezone.utc)
CHANGE = [("session", None), ("session", "https://dss.example.com"), ("project_key", 5), ("project_key", None)]
CHANGE += [("project_key", "../CHURN"), ("expected", "1"), ("expected", True), ("expected", 1.0), ("dry_run", "no")]
CHANGE += [("dry_run", None), ("now", "2026-03-01"), ("now", date(2026, 3, 1)), ("now", NAIVE), ("now", 5)]
VALUES = [("values", None), ("values", 5), ("values", [("sponsor", "Ada")]), ("values", {5: "Ada"})]
VALUES += [("values", {None: None}), ("values", {"sponsor": 5}), ("values", {"sponsor": object()})]
VALUES += [("values", {"sponsor": DocumentEdit(None)}), ("values", {"nothing": "Ada"}), ("confirm", "yes")]
VALUES += [("values", {"": "Ada"}), ("values", {"sponsor": "Ada", "overview.sponsor": "Ben"})]
BULK = [("session", None), ("dry_run", "no"), ("progress", 5), ("now", NAIVE), ("now", "today")]
BULK += [("expected", "1"), ("expected", True)]
HIDE = [("session", None), ("dry_run", "no"), ("progress", 5), ("now", NAIVE), ("now", "today")]
HIDE += [("keys", "CHURN"), ("keys", None), ("keys", [5])]
READ = [("session", None), ("progress", "yes")]
STEP = [("step", None), ("step", 5), ("step", "nowhere")]

VALID = {
    "add_document": {"project_key": "CHURN", "step": "exploration", "added": None},
    "build_report": {},
    "close": {"project_key": "CHURN", "reason": "Replaced"},
    "connect_to": {"url": URL, "api_key": "key"},
    "gate": {"project_key": "CHURN", "step": "exploration"},
    "hide": {"keys": ["CHURN"], "reason": "A sandbox"},
    "initialize": {"scope": Scope(("CHURN",)), "overview": {"sponsor": "Ada"}},
    "move": {"project_key": "CHURN", "wanted": Move(MoveKind.ADVANCE)},
    "open_trends": {"history": None, "blueprint": STANDARD},
    "project_json": {"weights": None},
    "qualify": {"project_key": "CHURN", "values": {"qualification.risk.rating": "Low"}},
    "read_registry": {"kind": "bundles"},
    "session_in_dss": {"client": lambda: None, "plugin_config": {}},
    "set_values": {"project_key": "CHURN", "values": {"sponsor": "Ada"}},
    "show": {"project_key": "CHURN"},
    "take_part": {"address": "CHURN", "act": "approve"},
    "take_snapshot": {"history": None},
    "undo_close": {"project_key": "CHURN"},
    "undo_hide": {"keys": ["CHURN"]},
    "ungovern": {"keys": ["CHURN"]},
    "with_history": {"report": None, "history": None},
    "write_note": {"project_key": "CHURN", "step": "exploration", "text": "Note"},
}
WRONG = {
    "add_document": [*CHANGE, *STEP, ("added", 5), ("added", "https://example.com"), ("added", Document(5, 5))],
    "build_report": [
        *READ,
        ("filters", None),
        ("filters", {"steps": ("qualification",)}),
        ("now", NAIVE),
        ("history", "no"),
        ("with_signoffs", "no"),
    ],
    "close": [*CHANGE, ("reason", None), ("reason", 5), ("reason", " ")],
    "connect_to": [("url", 5), ("api_key", None), ("api_key", 5), ("check_certificate", "no"), ("settings", {})],
    "gate": [
        ("session", None),
        ("project_key", 5),
        *STEP,
        ("decisions", "Go"),
        ("decisions", 5),
        ("decisions", [5]),
        ("decisions", ["Perhaps"]),
        ("signed_off", "no"),
        ("signoff_step", 5),
        ("allowed", None),
        ("without_rules", "no"),
    ],
    "initialize": [
        *BULK,
        ("scope", None),
        ("scope", "CHURN"),
        ("scope", ["CHURN"]),
        ("overview", 5),
        ("overview", {5: "Ada"}),
        ("overview", {"sponsor": 5}),
        ("overview", {"nothing": "Ada"}),
        ("overview", {"Sponsor": "Ada", "sponsor": "Ben"}),
        ("overview", {"sensitive_data": "Perhaps"}),
        ("overview", {"start_date": AWARE}),
        ("overview", {"sponsor": DocumentEdit(None)}),
        ("overview", {"project_plan": DocumentEdit(Document("Plan", "javascript:alert(1)"))}),
        ("adopt", "no"),
    ],
    "hide": [*HIDE, ("reason", None), ("reason", 5)],
    "move": [
        *CHANGE,
        ("wanted", None),
        ("wanted", "advance"),
        ("hub", 5),
        ("hub", "GOVERNANCE"),
    ],
    "open_trends": [
        ("history", 5),
        ("blueprint", None),
        ("since", "2026-03-01"),
        ("since", AWARE),
        ("node", 5),
        ("projects", 5),
    ],
    "project_json": [("project", "CHURN"), ("weights", 5), ("step", 5), ("step", "nowhere"), ("now", NAIVE)],
    "qualify": [*CHANGE, *VALUES, ("project_plan", 5), ("project_plan", Document("Plan", "https://example.com"))],
    "read_registry": [
        *READ,
        ("kind", None),
        ("kind", "projects"),
        ("filters", None),
        ("filters", {"steps": ("qualification",)}),
        ("now", NAIVE),
    ],
    "session_in_dss": [("client", None), ("plugin_config", None), ("plugin_config", {5: 5})],
    "set_values": [*CHANGE, *VALUES],
    "show": [("session", None), ("project_key", 5), ("project_key", None)],
    "take_part": [
        *[("session", None), ("address", 5), ("address", None), ("address", "../CHURN"), ("dry_run", "no")],
        *[("act", 5), ("act", None), ("act", "dance"), ("act", "feedback"), ("act", "delegate"), ("act", "emergency")],
        *[("step", 5), ("comment", 5), ("feedback", 5), ("feedback", "great"), ("feedback", "approved")],
        *[("group", 5), ("group", "managers"), ("group", "business"), ("to", 5), ("to", "ben"), ("of", 5)],
        *[("of", "ben"), ("until", 5), ("until", NAIVE), ("until", AWARE), ("infrastructure", 5), ("ticket", 5)],
        *[("infrastructure", "PROD"), ("ticket", "INC-1"), ("hours", "2"), ("hours", None), ("hours", True)],
        *[("preset", 5), ("preset", None)],
    ],
    "take_snapshot": [*READ, ("history", 5), ("history", "history.duckdb"), ("as_of", "today"), ("as_of", NAIVE)],
    "undo_close": [*CHANGE, ("reason", 5)],
    "undo_hide": HIDE,
    "ungovern": [*BULK, ("keys", "CHURN"), ("keys", None), ("keys", 5), ("keys", [5]), ("purge", "no")],
    "with_history": [("report", None), ("history", "history.duckdb"), ("since", "2026-03-01"), ("since", AWARE)],
    "write_note": [*CHANGE, *STEP, ("text", 5)],
}
WRONG_FORMS = [
    lambda: Move(5),
    lambda: Move("sideways"),
    lambda: Move(MoveKind.ADVANCE, 5),
    lambda: Move(MoveKind.ADVANCE, reason=5),
    lambda: Move(MoveKind.ADVANCE, request=5),
    lambda: Move(MoveKind.ADVANCE, request=""),
    lambda: Move(MoveKind.ADVANCE, request=" "),
    lambda: Move(MoveKind.SET, "rollout", "Reason", override="no"),
    lambda: Move(MoveKind.SET, "rollout", "Reason", unchecked="no"),
    lambda: Allowed("no"),
]
FUNCTIONS = {name: value for name in govern_mirror.__all__ if inspect.isfunction(value := getattr(govern_mirror, name))}
CASES = [(name, parameter, value) for name, cases in WRONG.items() for parameter, value in cases]


@pytest.mark.parametrize("form", WRONG_FORMS)
def test_wrong_form_is_refused_where_it_is_filled(form):
    with pytest.raises(InputError):
        form()


@pytest.fixture(scope="module")
def sandbox():
    with contextlib.closing(Sandbox()) as sandbox:
        sandbox.create_project("CHURN")
        yield sandbox


@pytest.fixture(scope="module")
def session(sandbox):
    with mock_instance(sandbox, URL):
        session = connect_to(URL, sandbox.admin_key)
        initialize(session, Scope(("CHURN",)))
        yield session


def complete(name, session, tmp_path):
    """The arguments of a call that does what it should."""
    arguments = dict(VALID[name])
    if "session" in inspect.signature(FUNCTIONS[name]).parameters:
        arguments["session"] = session
    if name == "project_json":
        arguments |= {"project": show(session, "CHURN"), "weights": session.settings.weights}
    if name == "with_history":
        arguments["report"] = build_report(session)
    if "history" in arguments:
        arguments["history"] = tmp_path / "history.duckdb"
    return arguments


def test_every_parameter_has_its_cases():
    assert set(WRONG) == set(VALID) == set(FUNCTIONS)
    for name, function in FUNCTIONS.items():
        assert {parameter for parameter, _ in WRONG[name]} == set(inspect.signature(function).parameters)


@pytest.mark.parametrize(("name", "parameter", "value"), CASES, ids=[f"{n}-{p}-{v!r:.30}" for n, p, v in CASES])
def test_a_wrong_argument_is_refused(sandbox, session, tmp_path, name, parameter, value):
    before = sandbox.metadata("CHURN")
    arguments = {**complete(name, session, tmp_path), parameter: value}
    with pytest.raises(InputError):
        FUNCTIONS[name](**arguments)
    assert sandbox.metadata("CHURN") == before
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    "given",
    [
        {"keys": "SANDPIT"},
        {"keys": 5},
        {"keys": (5,)},
        {"tag": 5},
        {"folder": 5},
        {"keys": (), "everything": "no"},
        {"tag": " "},
        {"folder": ""},
        {"keys": (" ",)},
    ],
    ids=str,
)
def test_a_wrong_scope_is_refused(given):
    with pytest.raises(InputError):
        Scope(**given)


def test_refusal_names_the_type_in_proper_words(session):
    with pytest.raises(InputError, match="allowed takes an Allowed, not 5"):
        FUNCTIONS["gate"](session, "CHURN", "exploration", allowed=5)


def test_move_takes_a_step_by_its_name(session):
    moved = FUNCTIONS["move"](session, "CHURN", Move("advance", "In progress"), dry_run=True)
    assert moved.project.stage == "progress"


def test_a_document_edit_of_no_document_is_refused(session):
    with pytest.raises(InputError):
        DocumentEdit("https://example.com")


@pytest.mark.parametrize(
    ("filters", "named"),
    [
        ({"decisions": ("Bogus",)}, "Go, No go, On hold, or undecided"),
        ({"steps": ("bogus",)}, "exploration, qualification, .*, or not_started, complete, closed"),
        ({"decisions": "Go"}, "decisions"),
        ({"steps": (5,)}, "steps"),
        ({"tags": "pii"}, "tags"),
        ({"owners": 5}, "owners"),
        ({"initiatives": (5,)}, "initiatives"),
        ({"stale": "no"}, "stale"),
        ({"stale_days": "7"}, "stale_days"),
        ({"stale_days": True}, "stale_days"),
        ({"with_problems": None}, "with_problems"),
        ({"include_ungoverned": "no"}, "include_ungoverned"),
        ({"in_flight": "no"}, "in_flight"),
    ],
    ids=str,
)
def test_a_filter_that_nothing_can_match_is_refused(session, filters, named):
    with pytest.raises(InputError, match=named):
        build_report(session, Filters(**filters))


def test_filters_may_be_lists_in_any_spelling(session):
    portfolio = build_report(session, Filters(steps=["Not started"], decisions=["UNDECIDED"], tags=[])).portfolio
    assert [row.project.facts.project_key for row in portfolio.rows] == ["CHURN"]
    assert portfolio.filters == Filters(steps=("not_started",), decisions=("undecided",))
    assert not build_report(session, Filters(tags=[], owners=set())).portfolio.filters.narrow


def test_a_secret_of_a_wrong_type_is_not_told():
    with pytest.raises(InputError) as raised:
        connect_to(URL, b"dkuaps-secret")
    assert "secret" not in str(raised.value)


def test_a_refusal_names_parameter_and_type(session):
    with pytest.raises(InputError, match=r"^reason takes a text, not 5$"):
        govern_mirror.close(session, "CHURN", 5)
    with pytest.raises(InputError, match=r"^values takes values by name, not \{5: 'Ada'\}$"):
        set_values(session, "CHURN", {5: "Ada"})
