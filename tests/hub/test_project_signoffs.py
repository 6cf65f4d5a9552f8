"""In the list of projects: which have a review that waits or was rejected, read once for all of them."""

from datetime import datetime, timezone

import pytest
from hub.conftest import HUB, V1, V2
from support.live_page import is_a
from support.request_log import RequestLog

from govern_mirror.actions.reviews import SignoffReader, SignoffStanding, open_standings
from govern_mirror.model.address import parse_address
from govern_mirror.model.signoff import SignoffStatus


def states(page):
    answer = page.get("signoffs")
    assert answer.status_code == 200, answer.text
    found = is_a("signoffs", answer.json)
    return {key: [(one["address"], one["state"]) for one in listed] for key, listed in found["projects"].items()}


@pytest.fixture
def ben(page_of):
    return page_of("ben")


def test_a_project_tells_that_its_review_waits_or_was_refused(bank, asked, as_, ben):
    assert states(ben) == {}
    asked()
    assert states(ben) == {"CHURN": [(V1, "waiting")]}
    assert as_("ana", "signoff", "reject", V1, "--comment", "no").code == 0
    assert states(ben) == {"CHURN": [(V1, "rejected")]}
    assert as_("rita", "signoff", "reset", V1).code == 0
    assert states(ben) == {}


def test_what_was_refused_is_history_once_another_bundle_is_asked_for(bank, asked, as_, ben):
    asked()
    assert as_("ana", "signoff", "reject", V1, "--comment", "no").code == 0
    bank.bundles.export(bank.accounts.user("emil"), "CHURN", "v2")
    asked(V2)
    assert states(ben) == {"CHURN": [(V2, "waiting")]}
    assert as_("ana", "signoff", "approve", V2).code == 0
    assert states(ben) == {}


@pytest.mark.parametrize("seconds", [(1, 2, 3), (3, 2, 1)])
def test_of_a_model_that_is_trained_every_night_one_review_waits(seconds):
    def standing(version, second, status=SignoffStatus.WAITING_FOR_APPROVAL):
        asked = (datetime(2026, 11, 1, 0, 0, second, tzinfo=timezone.utc), 0, version)
        return SignoffStanding(parse_address(f"CHURN/model/m/{version}"), "review", status, asked)

    found = open_standings([standing(f"v{second}", second) for second in seconds])
    assert [str(one.address) for one in found] == ["CHURN/model/m/v3"]
    ended = [standing(f"v{second}", second, SignoffStatus.REJECTED) for second in seconds]
    assert [str(one.address) for one in open_standings(ended)] == ["CHURN/model/m/v3"]
    assert open_standings([standing("v1", 1, SignoffStatus.REJECTED), standing("v2", 2, SignoffStatus.APPROVED)]) == ()


def test_entries_that_were_read_are_not_read_again(bank, asked, hub_session):
    asked()
    reader, log = SignoffReader(), RequestLog(bank)

    def entries_read():
        log.clear()
        reader.read(hub_session)
        return log.count("GET", "ledger")

    assert [entries_read(), entries_read()] == [1, 0]
    bank.bundles.export(bank.accounts.user("emil"), "CHURN", "v2")
    asked(V2)
    assert [entries_read(), entries_read()] == [1, 0]


def test_nobody_is_told_of_a_project_that_they_do_not_see(bank, asked, people, page_of):
    people["aud"] = bank.create_user("aud", ("auditors",))
    everybody = [{"group": group, "readProjectContent": True} for group in ("auditors", "readers")]
    asked()
    bank.projects.set_document(bank.admin, HUB, "permissions", {"owner": "admin", "permissions": everybody})
    assert states(page_of("aud")) == {} and states(page_of("ben")) == {"CHURN": [(V1, "waiting")]}


def test_without_a_hub_or_the_right_to_read_it_nothing_is_told(bank, asked, page_of):
    asked()
    off = page_of("ben", hub=None)
    assert "approvals are off" in is_a("signoffs", off.get("signoffs").json)["off"]
    assert off.get("me").json["hub"] is False and page_of("ben").get("me").json["hub"] is True
    bank.projects.set_document(bank.admin, HUB, "permissions", {"owner": "admin", "permissions": []})
    assert page_of("ben").get("signoffs").status_code >= 400


def test_an_entry_that_was_changed_hides_no_other_item(bank, asked, ben):
    asked()
    bank.bundles.export(bank.accounts.user("emil"), "CHURN", "v2")
    asked(V2)
    (folder,) = bank.managed_folders.listed(bank.admin, HUB)
    for item in bank.managed_folders.contents(bank.admin, HUB, folder["id"])["items"]:
        content = bank.managed_folders.get(bank.admin, HUB, folder["id"], item["path"])
        if V1.encode() in content:
            bank.managed_folders.put(bank.admin, HUB, folder["id"], item["path"], content.replace(b"rita", b"cleo"))
    answer = is_a("signoffs", ben.get("signoffs").json)
    assert [one["address"] for one in answer["projects"]["CHURN"]] == [V2]
    assert answer["unread"].startswith("of 1 items the ledger cannot be read")
