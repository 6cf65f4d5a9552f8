"""Sign-offs of a project's steps on the live page: what they hold back, what locks, and a decision that is attested."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from support.accessibility import serious
from support.hubs import let_read, set_up_hub
from support.webapp import live_webapp

from govern_mirror_devkit.seeds.people import ANALYSTS, MANAGERS, READERS

PROJECT = "BRANCHMIX"
ITEM = f"#page=item&item={PROJECT}&section=qualification"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with live_webapp(tmp_path_factory.mktemp("steps")) as live:
        set_up_hub(live.sandbox, PROJECT, live.login("manager"), project_steps=["qualification"])
        let_read(live.sandbox, ANALYSTS, MANAGERS, READERS)
        live.restart()
        yield live


@pytest.fixture
def live(served):
    with served.restored():
        yield served


def test_a_rejected_sign_off_locks_the_item_and_a_decision_is_attested(live, visit):
    page = visit("manager")
    page.goto(live.direct_url + ITEM)
    expect(page.get_by_text("nobody asked for its review yet, and alice can approve it")).to_be_visible()
    page.get_by_role("button", name="Edit", exact=True).click()
    expect(page.get_by_text("Still missing: Sign-off of Qualification")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("link", name="Sign-off of Qualification").click()
    page.get_by_role("button", name="Ask for the final approval").click()
    expect(page.get_by_role("heading", name=f"Approve {PROJECT}?")).to_be_visible()
    expect(page.get_by_text("You cannot approve this")).to_be_visible()
    page.get_by_label("Comment").fill("the data is not ours")
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_text("rejected this")).to_be_visible()

    page.goto(live.direct_url + ITEM)
    banner = page.locator(".gl-banner", has_text="Locked by a rejected sign-off: Qualification")
    expect(banner).to_contain_text("the data is not ours")
    assert serious(page) == []
    banner.get_by_role("link", name="Sign-off").click()
    page.get_by_role("button", name="Reset").click()
    expect(page.get_by_text("No review is under way.")).to_be_visible()

    page.goto(live.direct_url + ITEM)
    expect(banner).to_have_count(0)
    page.get_by_role("button", name="Edit", exact=True).click()
    attest = page.get_by_label("Record the decision in the hub")
    expect(attest).to_have_count(0)
    page.get_by_role("radiogroup", name="Resulting decision").get_by_text("Go", exact=True).click()
    attest.check()
    assert serious(page) == []
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".gl-good")).to_contain_text("Decision recorded in the hub at")
    expect(page.get_by_text("· hub")).to_be_visible()
    expect(page.get_by_role("button", name="Record the decision in the hub")).to_have_count(0)
    assert page.errors == []


def test_an_approver_who_saves_nothing_records_the_decision_too(live, visit):
    page = visit("manager")
    page.goto(live.direct_url + "#page=item&item=CHURN&section=qualification")
    page.get_by_role("button", name="Record the decision in the hub").click()
    expect(page.locator(".gl-good")).to_contain_text("Decision recorded in the hub at")
    expect(page.get_by_text("· hub")).to_be_visible()
    assert serious(page) == []
    assert page.errors == []


def test_who_may_not_read_the_hub_lets_the_plugin_finish_the_step(live, visit):
    let_read(live.sandbox)
    page = visit("manager")
    page.goto(live.direct_url + ITEM)
    expect(page.get_by_text("is not looked at on Save")).to_be_visible()
    page.get_by_role("button", name="Finish the step").click()
    expect(page.get_by_text("nobody asked for its review yet")).to_be_visible()
    assert serious(page) == []
    assert page.errors == []
