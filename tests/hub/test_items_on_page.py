"""Bundles and versions on the live page: what was not changed is not sent, and nobody's save is taken back."""

import json
from urllib.parse import quote

import pytest
from hub.conftest import PERMISSIONS, V1
from support.live_page import open_page_of

from govern_mirror.actions.session import connect_to
from govern_mirror.settings import Settings
from govern_mirror_devkit.sandbox.mock_instance import URL

ITEM = f"items/{V1}"
NOTES, DESCRIPTION = "steps.review.notes", "overview.description"


@pytest.fixture
def rita(bank, people):
    return page(people["rita"])


@pytest.fixture
def emil(bank, people):
    return page(people["emil"])


def page(key):
    return open_page_of(connect_to(URL, key, settings=Settings(settling_seconds=0)))


def test_an_item_that_did_not_change_is_not_sent_again(rita, emil):
    first = rita.get(ITEM)
    tag = first.headers["ETag"]
    assert rita.get(ITEM, **{"If-None-Match": tag}).status_code == 304
    assert emil.post(f"{ITEM}/move", {"move": "start", "step": "development"}).status_code == 200
    assert rita.get(ITEM, **{"If-None-Match": tag}).status_code == 200


def test_a_dry_run_of_an_item_writes_nothing(rita, bank):
    before = bank.metadata("CHURN")
    wanted = {"revision": 0, "changes": {NOTES: "mine"}, "statuses": {"development": "FINISHED"}}
    for answer in (
        rita.patch(f"{ITEM}?dry_run=1", wanted),
        rita.post(f"{ITEM}/close?dry_run=1", {"reason": "x"}),
        rita.post(f"{ITEM}/skip", {"step": "development", "reason": "x", "dry_run": True}),
    ):
        assert answer.status_code == 200 and not answer.json["saved"]["written"], answer.text
    assert bank.metadata("CHURN") == before


def test_a_conflict_on_an_item_names_who_and_what(rita, emil):
    seen = rita.get(ITEM).json
    assert emil.patch(ITEM, {"revision": seen["revision"], "changes": {NOTES: "theirs"}}).status_code == 200
    mine = {"revision": seen["revision"], "seen": {NOTES: None}, "changes": {NOTES: "mine"}}
    answer = rita.patch(ITEM, mine)
    assert answer.status_code == 409, answer.text
    conflict = answer.json["conflicts"][0]
    assert (conflict["path"], conflict["yours"], conflict["theirs"], conflict["by"]) == (
        NOTES,
        "mine",
        "theirs",
        "emil",
    )
    assert answer.json["item"]["address"] == V1
    other = {"revision": seen["revision"], "seen": {DESCRIPTION: None}, "changes": {DESCRIPTION: "mine"}}
    merged = rita.patch(ITEM, other)
    assert merged.status_code == 200 and merged.json["saved"]["also_changed"], merged.text
    again = rita.patch(
        ITEM, {"revision": merged.json["revision"], "seen": {NOTES: "theirs"}, "changes": {NOTES: "ours"}}
    )
    assert again.status_code == 200 and again.json["steps"][1]["notes"] == "ours"


def test_a_stale_move_of_an_item_is_refused(rita, emil):
    revision = rita.get(ITEM).json["revision"]
    assert emil.post(f"{ITEM}/move", {"revision": revision, "move": "start", "step": "development"}).status_code == 200
    stale = rita.post(f"{ITEM}/move", {"revision": revision, "move": "finish", "step": "development"})
    assert stale.status_code in (409, 422), stale.text


def test_an_item_is_filled_on_the_page(rita):
    filled = rita.post(f"{ITEM}/govern", {"values": {DESCRIPTION: "First"}})
    assert filled.status_code == 200 and filled.json["overview"]["description"] == "First", filled.text
    assert [change["path"] for change in filled.json["saved"]["changes"]][-2:] == [DESCRIPTION, "overview.made"]
    again = rita.post(f"{ITEM}/govern", {"values": {DESCRIPTION: "Second"}})
    assert again.json["saved"]["warnings"] and again.json["overview"]["description"] == "First"
    wrong = rita.post(f"{ITEM}/govern", {"values": {"overview.sponsor": "Ada"}})
    assert wrong.status_code == 422 and wrong.json["errors"][0]["path"] == "overview.sponsor"


def test_a_request_moves_an_item_on_the_page_once(rita):
    for _ in range(2):
        assert rita.post(f"{ITEM}/move", {"move": "advance", "request": "r-1"}).status_code == 200
    assert rita.get(ITEM).json["stage"] == "development"


@pytest.mark.parametrize("id_", ["v 1", "vé1", "100%", "v%31", "a+b", "a&b=c", "a;b", "v1.2-3_4", "modèle #1", "a?b"])
def test_any_id_of_a_version_stands_in_a_link(rita, bank, id_):
    trainer = bank.accounts.user("emil")
    model = bank.saved_models.create(trainer, "CHURN", "Churn model", "DSS_MANAGED", identifier="MODEL")
    bank.saved_models.train(trainer, "CHURN", model, id_)
    path = f"items/CHURN/model/{model}/{quote(id_, safe='')}"
    shown = rita.get(path)
    assert shown.status_code == 200 and shown.json["address"] == f"CHURN/model/{model}/{id_}", shown.text
    saved = rita.patch(path, {"revision": 0, "changes": {NOTES: "mine"}})
    assert saved.status_code == 200, saved.text
    assert rita.get(path).json["steps"][1]["notes"] == "mine"
    assert list(json.loads(bank.metadata("CHURN")["customFields"]["govern_items"])["items"]) == [f"model/{model}/{id_}"]
    assert rita.post(f"{path}/close", {"reason": "x"}).status_code == 200


def test_an_agent_has_a_page_of_its_own(rita, bank):
    editor = bank.accounts.user("emil")
    agent = bank.saved_models.create(editor, "CHURN", "Helper", "PYTHON_AGENT", identifier="AGENT")
    (version,) = [version["id"] for version in bank.saved_models.versions(editor, "CHURN", agent)]
    path = f"items/CHURN/agent/{agent}/{version}"
    assert rita.patch(path, {"revision": 0, "changes": {NOTES: "mine"}}).status_code == 200
    assert rita.get(path).json["address"] == f"CHURN/agent/{agent}/{version}"
    wrong = rita.get(f"items/CHURN/model/{agent}/{version}")
    assert wrong.status_code in (404, 422) and "agent" in wrong.json["detail"]


def test_a_copied_item_is_edited_on_the_page(rita, bank, as_):
    assert rita.patch(ITEM, {"revision": 0, "changes": {NOTES: "original"}}).status_code == 200
    stored = bank.metadata("CHURN")["customFields"]["govern_items"]
    bank.create_project("TWIN", permissions=PERMISSIONS)
    bank.edit_metadata("TWIN", lambda metadata: metadata["customFields"].update(govern_items=stored))
    assert as_("admin", "init", "TWIN").code == 0
    bank.bundles.export(bank.accounts.user("emil"), "TWIN", "v1")
    document = rita.get("items/TWIN/bundle/v1").json
    assert document["form"]["can_edit"] and document["problems"]
    saved = rita.patch("items/TWIN/bundle/v1", {"revision": document["revision"], "changes": {DESCRIPTION: "mine"}})
    assert saved.status_code == 200 and not saved.json["problems"], saved.text


# what no change can be made of --------------------------------------------------------------------------------------


def test_the_form_of_a_deleted_bundle_offers_nothing(rita, bank):
    assert rita.patch(ITEM, {"revision": 0, "changes": {NOTES: "kept"}}).status_code == 200
    bank.bundles.delete(bank.accounts.user("emil"), "CHURN", "v1")
    form = rita.get(ITEM).json["form"]
    assert not form["can_edit"] and "not in DSS any more" in form["why_not"]
    assert not form["moves"] and not any(action["allowed"] for action in form["actions"].values())
    assert rita.patch(ITEM, {"changes": {NOTES: "new"}}).status_code == 404


def test_the_form_of_a_bundle_of_unknown_time_offers_nothing(rita, bank):
    assert rita.patch(ITEM, {"revision": 0, "changes": {NOTES: "kept"}}).status_code == 200
    bank.faults.set('GET /projects/CHURN/bundles/exported:json={"bundles": [{"bundleId": "v1"}]}')
    form = rita.get(ITEM).json["form"]
    assert not form["can_edit"] and "DSS does not tell" in form["why_not"]
    refused = rita.patch(ITEM, {"changes": {NOTES: "new"}})
    assert refused.status_code == 422 and "DSS does not tell" in refused.json["detail"]


def test_an_empty_save_of_a_bundle_writes_nothing(rita, bank):
    before = bank.metadata("CHURN")
    for wanted in ({}, {"changes": {DESCRIPTION: None}}, {"statuses": {"review": "NOT_STARTED"}}):
        saved = rita.patch(ITEM, wanted).json["saved"]
        assert not saved["written"] and not saved["changes"], wanted
    assert not rita.post(f"{ITEM}/confirm", {}).json["saved"]["written"]
    assert bank.metadata("CHURN") == before


def test_an_empty_save_begins_no_bundle_anew(rita, bank):
    assert rita.patch(ITEM, {"statuses": {"development": "FINISHED"}}).status_code == 200
    bank.bundles.delete(bank.accounts.user("emil"), "CHURN", "v1")
    bank.bundles.export(bank.accounts.user("emil"), "CHURN", "v1", "again")
    before = bank.metadata("CHURN")
    assert not rita.patch(ITEM, {}).json["saved"]["written"]
    assert bank.metadata("CHURN") == before


def test_a_move_of_a_bundle_made_anew_is_told_from_its_start(rita, bank):
    assert rita.patch(ITEM, {"statuses": {"development": "ONGOING"}}).status_code == 200
    bank.bundles.delete(bank.accounts.user("emil"), "CHURN", "v1")
    bank.bundles.export(bank.accounts.user("emil"), "CHURN", "v1", "again")
    for dry_run in (True, False):
        saved = rita.post(f"{ITEM}/move", {"move": "advance", "dry_run": dry_run}).json["saved"]
        assert "at Development" in saved["sentence"], saved
        moved = {change["path"]: (change["before"], change["after"]) for change in saved["changes"]}
        assert moved["steps.development.status"] == ("Not started", "On going")


def test_a_refused_field_of_a_bundle_is_named(rita):
    answer = rita.patch(ITEM, {"revision": 0, "changes": {"overview.made": "yesterday"}})
    assert answer.status_code == 422 and [error["path"] for error in answer.json["errors"]] == ["overview.made"]
