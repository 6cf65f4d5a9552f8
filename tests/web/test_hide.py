"""Projects that nobody wants to govern are hidden on the live page, with a reason, and brought back."""

from support.live_page import Page


def row(page: Page, key: str):
    columns = page.get("portfolio").json["columns"]
    hidden = columns["hidden"]
    return hidden["values"][hidden["codes"][columns["key"].index(key)]]


def test_a_hidden_project_says_who_when_and_why(page):
    token = page.get("portfolio").json["token"]
    answer = page.post("items/PLAIN/hide", {"reason": "a sandbox"})
    assert answer.status_code == 200, answer.text
    assert answer.json["saved"]["sentence"] == "PLAIN is hidden" and answer.json["saved"]["written"]
    assert answer.json["hidden"] == {"at": "2026-06-01T08:00:00Z", "by": "admin", "reason": "a sandbox"}
    assert answer.json["summary"] == "Not governed; hidden: a sandbox."
    assert page.get(f"portfolio?since={token}").json["columns"]["key"] == ["PLAIN"]
    assert row(page, "PLAIN") == ["2026-06-01T08:00:00Z", "admin", "a sandbox"] and row(page, "CHURN") is None
    assert page.get("portfolio?fresh=1").json["columns"]["hidden"] == page.get("portfolio").json["columns"]["hidden"]


def test_a_hidden_project_is_shown_again(page):
    page.post("items/PLAIN/hide", {"reason": "a sandbox"})
    actions = page.item("PLAIN")["form"]["actions"]
    assert not actions["hide"]["allowed"] and actions["undo_hide"]["allowed"] and actions["govern"]["allowed"]
    assert page.post("items/PLAIN/undo-hide", {}).json["saved"]["sentence"] == "PLAIN is shown again"
    assert row(page, "PLAIN") is None
    assert page.post("items/PLAIN/undo-hide", {}).json["saved"]["sentence"] == "PLAIN is not hidden"


def test_governing_a_hidden_project_ends_that(page):
    page.post("items/PLAIN/hide", {"reason": "a sandbox"})
    governed = page.post("items/PLAIN/govern", {}).json
    assert governed["governed"] and governed["hidden"] is None and row(page, "PLAIN") is None


def test_what_cannot_be_hidden_is_told(page, request_log):
    before = request_log.count("PUT")
    for key, body in (("CHURN", {"reason": "x"}), ("PLAIN", {"reason": " "}), ("PLAIN", {}), ("PLAIN", {"why": "x"})):
        answer = page.post(f"items/{key}/hide", body)
        assert answer.status_code == 422 and answer.json["detail"], answer.text
    assert not page.item("CHURN")["form"]["actions"]["hide"]["allowed"]
    assert page.post("items/PLAIN/hide", {"reason": "x", "dry_run": True}).json["saved"]["written"] is False
    assert request_log.count("PUT") == before


def test_a_reader_hides_nothing(people, open_page):
    reader = open_page(people["rita"])
    assert reader.post("items/CHURN/hide", {"reason": "x"}).status_code == 403
    assert not reader.item("CHURN")["form"]["actions"]["hide"]["allowed"]
