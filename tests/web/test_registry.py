"""Bundles and models on the live page: each person sees their own, at most a minute old, some projects at a time."""

import pytest
from support.live_page import is_a
from support.request_log import RequestLog

from govern_mirror.web import registry as registry_module

READERS = [{"group": "readers", "readProjectContent": True}]


@pytest.fixture
def bundles(dss, page):
    """A bundle in the governed CHURN, and one in PLAIN, which is not governed."""
    for key in ("CHURN", "PLAIN"):
        dss.bundles.export(dss.admin, key, "v1")


def ask(page, kind="bundles", keys=("CHURN", "PLAIN"), **more):
    answer = page.post("registry", {"items": kind, "keys": list(keys), **more})
    assert answer.status_code == 200, answer.text
    return is_a("registry", answer.json)


def addresses(answer):
    return [row["address"] for row in answer["rows"]]


def test_only_governed_projects_are_listed(page, bundles):
    answer = ask(page)
    assert addresses(answer) == ["CHURN/bundle/v1"] and answer["projects"] == 1
    assert "approvals are off" in answer["off"] and answer["rows"][0]["approval"] == "off"


def test_an_answer_is_kept_for_a_minute_and_no_longer(page, dss, bundles, monkeypatch):
    ask(page)
    log = RequestLog(dss)
    dss.bundles.export(dss.admin, "CHURN", "v2")
    assert addresses(ask(page)) == ["CHURN/bundle/v1"] and log.requests == []
    assert addresses(ask(page, fresh=True)) == ["CHURN/bundle/v2", "CHURN/bundle/v1"]
    dss.bundles.export(dss.admin, "CHURN", "v3")
    now = registry_module.clock.monotonic()
    monkeypatch.setattr("govern_mirror.clock.monotonic", lambda: now + registry_module.MAX_AGE + 1)
    assert len(addresses(ask(page))) == 3


def test_nobody_is_shown_what_another_one_may_read(page, dss, open_page, bundles):
    stranger = open_page(dss.create_user("otto", ("outsiders",)))
    assert addresses(ask(page)) == ["CHURN/bundle/v1"]
    assert addresses(ask(stranger)) == [] and ask(stranger)["projects"] == 0
    dss.projects.set_document(dss.admin, "CHURN", "permissions", {"owner": "admin", "permissions": READERS})
    reader = open_page(dss.create_user("rita", ("readers",)))
    assert addresses(ask(reader)) == ["CHURN/bundle/v1"]


def test_a_right_that_was_withdrawn_shows_no_bundles(page, dss, open_page, bundles):
    dss.projects.set_document(dss.admin, "CHURN", "permissions", {"owner": "admin", "permissions": READERS})
    reader = open_page(dss.create_user("rita", ("readers",)))
    assert reader.get("portfolio").status_code == 200
    dss.projects.set_document(dss.admin, "CHURN", "permissions", {"owner": "admin", "permissions": []})
    answer = ask(reader)
    assert addresses(answer) == [] and [item["project_key"] for item in answer["unreadable"]] == ["CHURN"]


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"items": "bundles"},
        {"items": "projects", "keys": []},
        {"items": "bundles", "keys": "CHURN"},
        {"items": "bundles", "keys": [1]},
        {"items": "bundles", "keys": [], "fresh": "yes"},
        {"items": "bundles", "keys": [], "standards": 1},
        {"items": "bundles", "keys": ["P"] * 51},
    ],
    ids=["nothing", "no-keys", "kind", "text", "number", "fresh", "standards", "many"],
)
def test_what_asks_for_nothing_is_refused(page, document):
    assert page.post("registry", document).status_code == 422


def test_bundles_and_models_come_in_one_answer(page, dss, bundles):
    model = dss.saved_models.create(dss.admin, "CHURN", "Churn", "DSS_MANAGED")
    dss.saved_models.train(dss.admin, "CHURN", model, "one")
    dss.standards.note(dss.admin, "CHURN", {"docs": 2})
    log = RequestLog(dss)
    answer = ask(page, "all")
    assert addresses(answer) == ["CHURN/bundle/v1", f"CHURN/model/{model}/one"]
    assert [row["standards"]["label"] for row in answer["rows"]] == ["Low", "Low"]
    assert log.count("GET", "/project-standards/") == 1
    log.clear()
    assert ask(page, "models", standards=False)["rows"][0]["standards"] is None
    assert log.count("GET", "/project-standards/") == 0


def test_only_administrators_are_told_to_set_up_a_hub(page, dss, open_page):
    assert page.get("reviews").json["set_up_hub"] is True
    assert open_page(dss.create_user("rita", ("readers",))).get("reviews").json["set_up_hub"] is False


def test_the_page_does_not_open_with_a_question_about_the_hub(page, dss):
    log = RequestLog(dss)
    page.get("me")
    page.get("portfolio")
    assert log.requests == [("GET", "/projects"), ("GET", "/users")], "the list is read once, for both"


def test_answers_that_are_kept_stay_within_their_bytes(page, bundles, monkeypatch):
    monkeypatch.setattr(registry_module, "MAX_BYTES", 10)
    assert addresses(ask(page)) == addresses(ask(page)) == ["CHURN/bundle/v1"]
