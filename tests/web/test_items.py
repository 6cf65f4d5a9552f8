"""One item on the live page: what it shows, what a save does, and what each action does."""

import pytest
from hypothesis import find
from hypothesis import strategies as st
from support.live_page import open_page_of
from support.projects import create_project, custom_fields, edit_fields
from support.request_log import RequestLog
from support.strategies import sound_values
from templates import TEMPLATES

from govern_mirror import clock
from govern_mirror.actions.govern import Scope, initialize
from govern_mirror.actions.record import set_values
from govern_mirror.actions.session import Session, connect_to
from govern_mirror.connection import Instance
from govern_mirror.dss import ProjectStore, connect
from govern_mirror.metadata import Layout
from govern_mirror.model.blueprint import Kind
from govern_mirror.model.values import check, json_of
from govern_mirror.settings import Settings
from govern_mirror_devkit.sandbox.mock_instance import URL

SPONSOR, DESCRIPTION = "overview.sponsor", "overview.description"


def test_the_item_is_what_show_prints_and_a_form(page):
    item = page.item("CHURN")
    assert item["overview"]["sponsor"] == "Ada" and item["stage"] == "not_started"
    form = item["form"]
    assert form["can_edit"] and [section["id"] for section in form["sections"]][:2] == ["overview", "exploration"]
    assert form["fields"][SPONSOR]["value"] == "Ada" and form["fields"][SPONSOR]["trust"] == "recorded"
    assert not any(path.endswith(".status") for path in form["fields"])
    (start, finish, skip) = [move for move in form["moves"] if move["step"] == "exploration"]
    assert (start["label"], finish["label"], skip["label"]) == ("Start", "Set as finished", "Skip…")
    assert finish["says"] == "Will finish Exploration and start Qualification on Save" and skip["needs_reason"]


def test_what_a_button_says_is_what_save_does(page):
    finish = next(move for move in page.item("CHURN")["form"]["moves"] if move["label"] == "Set as finished")
    saved = page.save("CHURN", statuses=finish["statuses"])
    assert saved["saved"]["sentence"] == "CHURN is now at Qualification (2 of 5)"
    assert [step["status"] for step in saved["steps"]][:2] == ["FINISHED", "ONGOING"]
    assert saved["summary"].startswith("Qualification is on going since ")
    assert saved["summary"].endswith("missing: Value, Risk, Feasibility, Cost, Decision.")


def test_a_save_of_values_and_statuses_is_one_save_in_the_timeline(page):
    saved = page.save("CHURN", changes={SPONSOR: "Bea", DESCRIPTION: "x"}, statuses={"exploration": "ONGOING"})
    first = saved["timeline"][0]
    assert saved["revision"] == 2 and first["source"] == "page" and len(first["sentences"]) == 3
    assert [change["label"] for change in saved["saved"]["changes"]] == [
        "Sponsor",
        "Description",
        "Exploration: status",
    ]


def test_others_changes_are_kept_and_told(page):
    before = page.item("CHURN")
    page.save("CHURN", changes={DESCRIPTION: "theirs"})
    saved = page.save("CHURN", revision=before["revision"], seen={SPONSOR: "Ada"}, changes={SPONSOR: "Bea"})
    assert saved["overview"]["description"] == "theirs" and saved["overview"]["sponsor"] == "Bea"
    (other,) = saved["saved"]["also_changed"]
    assert (other["label"], other["after"], other["by"]) == ("Description", "theirs", "admin")


def test_a_conflict_names_mine_and_theirs_and_brings_the_item(page, dss):
    before = page.item("CHURN")
    page.save("CHURN", changes={SPONSOR: "Cem"})
    wanted = {"revision": before["revision"], "seen": {SPONSOR: "Ada"}, "changes": {SPONSOR: "Bea"}}
    answer = page.patch("items/CHURN", wanted)
    assert answer.status_code == 409 and answer.content_type == "application/problem+json"
    (conflict,) = answer.json["conflicts"]
    assert (conflict["yours"], conflict["theirs"], conflict["by"]) == ("Bea", "Cem", "admin") and conflict["at"]
    assert answer.json["revision"] == answer.json["item"]["revision"] == 2
    assert custom_fields(dss, "CHURN")["govern_sponsor"] == "Cem"
    answered = {**wanted, "revision": 2, "seen": {SPONSOR: "Cem"}}
    assert page.patch("items/CHURN", answered).json["overview"]["sponsor"] == "Bea"


def test_faults_stand_at_their_fields_and_nothing_is_saved(page, dss):
    changes = {SPONSOR: "Bea", "overview.start_date": "soon"}
    answer = page.patch("items/CHURN", {"changes": changes, "statuses": {"progress": "ONGOING"}})
    assert answer.status_code == 422 and [error["path"] for error in answer.json["errors"]] == ["overview.start_date"]
    dates = {"overview.start_date": "2026-05-02", "overview.target_end_date": "2026-05-01"}
    answer = page.patch("items/CHURN", {"changes": dates})
    assert [error["path"] for error in answer.json["errors"]] == ["overview.target_end_date"]
    answer = page.patch("items/CHURN", {"changes": {SPONSOR: "Bea"}, "statuses": {"progress": "ONGOING"}})
    assert [error["path"] for error in answer.json["errors"]] == ["steps.progress.status"]
    assert custom_fields(dss, "CHURN")["govern_sponsor"] == "Ada"


def test_rules_of_the_settings_hold_on_the_page(page, dss, open_page):
    rules = Settings(required_fields=[{"step": "exploration", "field": DESCRIPTION}], settling_seconds=0)
    strict = open_page(dss.admin_key, rules)
    item = strict.item("CHURN")
    finish = next(move for move in item["form"]["moves"] if move["status"] == "FINISHED")
    assert finish["allowed"] and [missing["path"] for missing in finish["missing"]] == [DESCRIPTION]
    assert item["form"]["fields"][DESCRIPTION]["required_for"] == ["exploration"]
    answer = strict.patch("items/CHURN", {"statuses": finish["statuses"]})
    assert answer.status_code == 422 and "Description" in answer.json["errors"][0]["message"]
    assert strict.save("CHURN", changes={DESCRIPTION: "x"}, statuses=finish["statuses"])["stage"] == "qualification"


def test_a_status_typed_into_dss_locks_no_step(page, dss):
    edit_fields(dss, "CHURN", govern_status_exploration="FINISHED", govern_status_qualification="ONGOING")
    item = page.item("CHURN")
    moves = {(move["step"], move["status"]): (move["allowed"], move["why_not"]) for move in item["form"]["moves"]}
    assert moves["qualification", "FINISHED"] == moves["exploration", "ONGOING"] == (True, None)
    assert not moves["rollout", "ONGOING"][0] and "cannot start" in moves["rollout", "ONGOING"][1]
    seen = {"steps.qualification.status": "ONGOING"}
    saved = page.save("CHURN", revision=item["revision"], seen=seen, statuses={"qualification": "FINISHED"})
    assert saved["steps"][1]["status"] == "FINISHED"


def test_the_form_of_a_closed_project_says_so_once(page):
    assert page.post("items/CHURN/close", {"reason": "cancelled"}).status_code == 200
    moves = page.item("CHURN")["form"]["moves"]
    assert {move["why_not"] for move in moves} == {"CHURN is closed (cancelled)"}


def test_the_reason_of_a_save_of_values_is_kept(page):
    saved = page.save("CHURN", changes={SPONSOR: "Bea", DESCRIPTION: "x"}, reason=" Ada left ")
    assert [event["reason"] for event in saved["events"][-2:]] == ["Ada left", None]
    assert saved["timeline"][0]["reason"] == "Ada left"
    both = page.save("CHURN", changes={SPONSOR: "Cem"}, statuses={"exploration": "ONGOING"}, reason="so it began")
    assert [event["reason"] for event in both["events"][-2:]] == [None, "so it began"]
    same = page.save("CHURN", changes={SPONSOR: "Dee"}, statuses={"exploration": "ONGOING"}, reason="Cem left")
    assert same["events"][-1]["reason"] == "Cem left"


@pytest.mark.parametrize(
    ("path", "body"),
    [("export", {"keys": ["CHURN"], "format": "pdf"}), ("export", {"keys": "CHURN", "format": "csv"}),
     ("registry", {"items": "bundles", "keys": "CHURN"}), ("items/CHURN/move", {}), ("trends", {"keys": 5})],
)  # fmt: skip
def test_each_422_lists_its_errors(page, path, body):
    answer = page.post(path, body)
    assert answer.status_code == 422, answer.text
    assert [error["message"] for error in answer.json["errors"]] == [answer.json["detail"]]


def test_two_rules_of_one_field_ask_for_it_once(page, dss, open_page):
    rules = Settings(
        required_fields=[{"step": "qualification", "field": "qualification.decision"}],
        decisions_to_move_on=["Go"],
        settling_seconds=0,
    )
    form = open_page(dss.admin_key, rules).item("CHURN")["form"]
    assert form["fields"]["qualification.decision"]["required_for"] == ["qualification"]


@pytest.fixture
def strict(page, dss, open_page):
    """The page where Exploration needs a description, which CHURN has not."""
    rules = Settings(required_fields=[{"step": "exploration", "field": DESCRIPTION}], settling_seconds=0)
    return open_page(dss.admin_key, rules)


DONE = {"exploration": "FINISHED", "qualification": "ONGOING"}


def test_a_save_against_a_rule_needs_a_reason_which_the_history_keeps(strict):
    refused = strict.patch("items/CHURN", {"statuses": DONE})
    assert (refused.status_code, refused.json["overridable"]) == (422, True)
    without = strict.patch("items/CHURN", {"statuses": DONE, "override": True})
    assert without.status_code == 422 and "say why" in without.json["detail"]
    tried = strict.patch("items/CHURN?dry_run=1", {"statuses": DONE, "override": True, "reason": "the board said so"})
    assert tried.status_code == 200 and strict.item("CHURN")["stage"] == "not_started"
    saved = strict.save("CHURN", statuses=DONE, override=True, reason="the board said so")
    assert saved["stage"] == "qualification"
    assert "the board said so (rules overridden)" in [event["reason"] for event in saved["events"]]
    assert DESCRIPTION in [problem["field"] for problem in saved["problems"]]


def test_a_move_against_a_rule_goes_on_with_a_reason(strict):
    move = {"move": "finish", "step": "exploration"}
    refused = strict.post("items/CHURN/move", move)
    assert (refused.status_code, refused.json["overridable"]) == (422, True)
    assert strict.post("items/CHURN/move", {**move, "override": True, "reason": "so be it"}).status_code == 200


@pytest.mark.parametrize(
    "document",
    [
        {"statuses": {"progress": "ONGOING"}},
        {"statuses": {**DONE, "rollout": "ONGOING"}},
        {"statuses": {"exploration": "SKIPPED"}, "changes": {DESCRIPTION: "x"}},
        {"changes": {SPONSOR: 1}},
    ],
)
def test_what_no_reason_can_mend_is_not_offered_to_be_overridden(strict, document):
    refused = strict.patch("items/CHURN", document)
    assert refused.status_code == 422 and "overridable" not in refused.json


@pytest.mark.parametrize("path", ["items/CHURN?dry_run=1", "items/CHURN/close", "items/PLAIN/govern"])
def test_a_dry_run_tells_and_writes_nothing(page, request_log, path):
    by_body = {"dry_run": True, "reason": "over"} if "close" in path else {"dry_run": True}
    before = request_log.count("PUT")
    ask = page.post if "?" not in path else page.patch
    answer = ask(path, by_body if "?" not in path else {"changes": {SPONSOR: "Bea"}})
    assert answer.status_code == 200 and answer.json["saved"]["written"] is False
    assert "would" in answer.json["saved"]["sentence"]
    assert request_log.count("PUT") == before


@pytest.mark.parametrize(
    ("action", "document", "stage"),
    [
        ("move", {"move": "advance"}, "exploration"),
        ("move", {"move": "set", "step": "progress", "reason": "was there"}, "progress"),
        ("skip", {"step": "exploration", "reason": "done elsewhere"}, "qualification"),
        ("close", {"reason": "cancelled"}, "closed"),
        ("confirm", {}, "not_started"),
        ("ungovern", {}, None),
    ],
)
def test_each_action_does_what_it_is_called(page, action, document, stage):
    answer = page.post(f"items/CHURN/{action}", document)
    assert answer.status_code == 200, answer.text
    assert answer.json["stage"] == page.item("CHURN")["stage"] == stage
    assert answer.json["saved"]["sentence"].startswith("CHURN")


def test_a_closed_project_is_opened_again(page):
    page.post("items/CHURN/close", {"reason": "cancelled"})
    assert page.item("CHURN")["form"]["actions"]["undo_close"]["allowed"]
    assert page.post("items/CHURN/undo-close", {}).json["stage"] == "not_started"


def test_values_typed_in_dss_are_shown_and_confirmed(page, dss):
    edit_fields(dss, "CHURN", govern_sponsor="Cem")
    item = page.item("CHURN")
    assert item["form"]["fields"][SPONSOR]["trust"] == "typed" and item["form"]["fields"][SPONSOR]["pending"]
    assert item["form"]["actions"]["confirm"]["allowed"] and item["timeline"][0]["pending"]
    assert page.post("items/CHURN/confirm", {}).json["form"]["fields"][SPONSOR]["trust"] == "recorded"


@pytest.mark.parametrize(
    ("action", "document", "status"),
    [
        ("move", {}, 422),
        ("move", {"move": "jump"}, 422),
        ("move", {"move": "reopen", "step": "delivery"}, 422),
        ("skip", {"step": "exploration"}, 422),
        ("close", {"reason": " "}, 422),
        ("close", {"reason": "x", "dryrun": True}, 422),
        ("close", {"reason": "x", "revision": 99}, 409),
        ("close", {"reason": "x", "revision": "1"}, 422),
        ("govern", {"values": {"nope": 1}}, 422),
        ("govern", {"revision": 99}, 409),
        ("ungovern", {"revision": 99}, 409),
        ("adopt", {"values": {"overview.start_date": "soon"}}, 422),
        ("party", {}, 404),
    ],
)
def test_an_action_that_is_not_understood_changes_nothing(page, request_log, action, document, status):
    before = request_log.count("PUT")
    answer = page.post(f"items/CHURN/{action}", document)
    assert answer.status_code == status and answer.json["detail"], answer.text
    assert request_log.count("PUT") == before


@pytest.mark.parametrize(
    ("action", "document", "path"),
    [
        ("move", {"move": "reopen", "step": "delivery"}, "steps.delivery.status"),
        ("move", {"move": "start", "step": "Qualification"}, "steps.qualification.status"),
        ("move", {"move": "start", "step": "nowhere"}, "steps.nowhere.status"),
        ("move", {"move": "skip", "step": "Exploration"}, "steps.exploration.status"),
        ("skip", {"step": "exploration", "reason": " "}, "steps.exploration.status"),
        ("move", {"move": "start"}, None),
    ],
)
def test_a_refused_move_names_the_path_of_its_status(page, action, document, path):
    answer = page.post(f"items/CHURN/{action}", document)
    assert answer.status_code == 422, answer.text
    assert [error["path"] for error in answer.json["errors"]] == [path]


def test_a_rule_names_the_status_that_it_keeps(strict):
    assert strict.post("items/CHURN/move", {"move": "advance"}).status_code == 200
    answer = strict.post("items/CHURN/move", {"move": "advance"})
    assert answer.status_code == 422 and answer.json["errors"][0]["path"] == "steps.exploration.status", answer.text


def test_only_a_copy_is_adopted(page, dss, request_log):
    create_project(dss, "COPY")
    edit_fields(dss, "COPY", **custom_fields(dss, "CHURN"))
    before = request_log.count("PUT")
    for key in ("PLAIN", "CHURN"):
        answer = page.post(f"items/{key}/adopt", {"values": {SPONSOR: "Ada"}})
        assert answer.status_code == 422 and f"{key} is no copy" in answer.json["detail"], answer.text
    assert request_log.count("PUT") == before and not page.item("PLAIN")["governed"]
    assert page.post("items/COPY/adopt", {}).status_code == 200 and page.item("COPY")["governed"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"x"', b"\xff", b'{"a":' * 5000])
def test_a_body_that_is_no_json_object_is_refused(page, body):
    answer = page.client.open(
        "/api/items/CHURN",
        method="PATCH",
        base_url="http://127.0.0.1:8000",
        headers={"Authorization": f"Bearer {page.keys.token}"},
        data=body,
        content_type="application/json",
    )
    assert answer.status_code == 400 and answer.content_type == "application/problem+json"


def test_what_is_not_governed_is_told_as_that_and_not_as_a_conflict(page, request_log):
    answer = page.patch("items/PLAIN", {"changes": {SPONSOR: "Bea"}})
    assert answer.status_code == 422 and "not governed" in answer.json["errors"][0]["message"]
    assert "Not governed" in answer.json["hint"]


def test_a_document_that_is_too_large_is_refused_before_it_is_read(page):
    answer = page.patch("items/CHURN", {"changes": {DESCRIPTION: "x" * 5_000_000}})
    assert answer.status_code == 413 and answer.content_type == "application/problem+json"


def test_a_form_of_another_page_cannot_pass_for_json(page):
    answer = page.ask("PATCH", "/api/items/CHURN", headers={"Content-Type": "text/plain"}, data="{}")
    assert answer.status_code == 415


def test_a_wrong_method_names_those_that_are_answered(page):
    answer = page.ask("PUT", "/api/items/CHURN", json={})
    assert answer.status_code == 405 and answer.content_type == "application/problem+json"
    assert {"GET", "PATCH"} <= {method.strip() for method in answer.headers["Allow"].split(",")}


def test_a_project_that_is_not_there_is_told_as_that(page):
    for answer in (page.get("items/NOPE"), page.patch("items/NOPE", {"changes": {SPONSOR: "x"}})):
        assert answer.status_code == 404 and "NOPE" in answer.json["detail"]


def test_a_reader_sees_why_nothing_can_be_changed(people, open_page):
    open_page(people["olga"]).post("items/CHURN/govern", {})
    reader = open_page(people["rita"])
    form = reader.item("CHURN")["form"]
    assert not form["can_edit"] and "not change it" in form["why_not"] and form["moves"] == []
    assert not any(action["allowed"] for action in form["actions"].values())
    for action, document in (("close", {"reason": "x"}), ("ungovern", {}), ("move", {"move": "advance"})):
        assert reader.post(f"items/CHURN/{action}", document).status_code == 403, action
    outsider = open_page(people["otto"])
    assert outsider.get("items/CHURN").status_code in (403, 404)
    assert outsider.get("portfolio").json["count"] == 0


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_field_of_every_template_is_saved_as_it_is_shown(dss, name):
    blueprint = TEMPLATES[name]
    create_project(dss, "CHURN")
    store = ProjectStore(connect(Instance(URL, dss.admin_key)), Layout(blueprint), URL, settling_seconds=0)
    page = open_page_of(Session(store, Settings(settling_seconds=0)))
    assert page.post("items/CHURN/govern", {}).status_code == 200
    sound = find(
        st.fixed_dictionaries({field.path: sound_values(field) for field in fields_of(blueprint)}),
        lambda values: True,
    )
    item = page.save("CHURN", changes={path: json_of(value) for path, value in sound.items()})
    shown = {path: item["form"]["fields"][path]["value"] for path in sound}
    assert shown == {path: json_of(check(blueprint.by_path[path], value)) for path, value in sound.items()}
    again = page.save("CHURN", revision=item["revision"], seen=shown, changes=shown)
    assert again["saved"]["changes"] == [] and again["problems"] == []
    cleared = page.save("CHURN", changes=dict.fromkeys(sound))
    assert not any(cleared["form"]["fields"][path]["value"] for path in sound)


def fields_of(blueprint):
    return [field for field in blueprint.all_fields if field.kind is not Kind.STATUS]


@pytest.mark.parametrize("settling", [1.0, 0.0])
def test_a_save_asks_dss_no_more_than_the_library_does(dss, open_page, monkeypatch, settling):
    monkeypatch.setattr(clock, "sleep", lambda seconds: None)
    settings = Settings(settling_seconds=settling)
    create_project(dss, "CHURN")
    session = connect_to(URL, dss.admin_key, settings=settings)
    initialize(session, Scope(("CHURN",)), {})
    page = open_page(dss.admin_key, settings)
    page.get("portfolio")
    page.save("CHURN", changes={SPONSOR: "first"})
    log = RequestLog(dss)
    set_values(session, "CHURN", {SPONSOR: "library"})
    of_the_library = list(log.requests)
    log.clear()
    page.save("CHURN", changes={SPONSOR: "page"})
    # without a settling time nothing else looks at the project after the write: its owner and times are asked for
    more = [] if settling else [("GET", "/projects/CHURN")]
    assert log.requests == of_the_library + more


def test_a_long_history_is_not_read_twice_for_a_save(dss, page):
    for number in range(40):
        page.save("CHURN", changes={DESCRIPTION: f"{number} " + "long " * 60})
    assert len(page.item("CHURN")["timeline"]) == 41
    log = RequestLog(dss)
    saved = page.save("CHURN", changes={SPONSOR: "Bea"})
    assert len(saved["timeline"]) == 42
    written = log.requests.index(("PUT", "/projects/CHURN/metadata"))
    assert log.requests[written + 1 :].count(("GET", "/projects/CHURN/metadata")) == 1


def test_a_save_shows_what_dss_says_after_it(dss, open_page, monkeypatch):
    monkeypatch.setattr(clock, "sleep", lambda seconds: None)
    create_project(dss, "CHURN")
    page = open_page(dss.admin_key, Settings(settling_seconds=1.0))
    page.post("items/CHURN/govern", {})
    saved = page.save("CHURN", statuses={"exploration": "ONGOING"})
    shown = page.item("CHURN")
    assert saved["source"] == shown["source"] and "govern:exploration" in saved["source"]["tags"]
