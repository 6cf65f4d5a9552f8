"""The hub's configuration on the live page in DSS: a manager changes who reviews, and a reader only sees it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect
from support.accessibility import serious
from support.hubs import HUB, let_read, set_up_hub
from support.webapp import live_webapp

from govern_mirror import clock
from govern_mirror.actions.hub import hub_of
from govern_mirror.actions.session import connect_to
from govern_mirror.hub.configuration import parse_configuration
from govern_mirror.settings import Settings
from govern_mirror_devkit.seeds.people import ANALYSTS, MANAGERS, READERS

CONFIGURATION = {
    "reviewers": {"final_approvers": ["user:ana"], "projects": {"FRAUD": {"business": []}}},
    "managers": [f"group:{MANAGERS}"],
    "addresses": {"ana": "ana@bank.example"},
}


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    with live_webapp(tmp_path_factory.mktemp("hub")) as live:
        set_up_hub(live.sandbox, "CHURN", live.login("manager"))
        let_read(live.sandbox, ANALYSTS, MANAGERS, READERS)
        live.restart()
        yield live


@pytest.fixture
def hub(live):
    """The hub, configured."""
    settings = Settings(hub_project=HUB, settling_seconds=0)
    hub = hub_of(connect_to(live.sandbox.base_url, live.sandbox.admin_key, settings=settings))
    hub.configure(parse_configuration(CONFIGURATION), "admin", clock.now())
    return hub


def test_a_manager_changes_who_reviews_and_sees_first_what_changes(live, visit, hub):
    page = visit("manager")
    page.goto(live.direct_url + "#page=approvals")
    page.get_by_role("link", name="Hub: who reviews").click()
    expect(page.get_by_role("heading", name="Hub: who reviews")).to_be_visible()
    page.get_by_role("button", name="Review changes").click()
    expect(page.get_by_role("heading", name="Nothing changes")).to_be_visible()
    page.get_by_label("Final approvers").first.fill("user:ana\ngroup:board\nuser:api:x")
    page.get_by_role("button", name="Add deputy").click()
    page.get_by_label("For (login)").fill("ana")
    page.get_by_label("Deputy (login)").fill("ben")
    page.get_by_label("Who may let something pass").fill("user:max")
    expect(page.get_by_label("Id of the node")).not_to_be_editable()
    page.get_by_label("Reviews can be handed over").uncheck()
    page.get_by_label("Gets mail").select_option("all")
    page.get_by_role("button", name="Review changes").click()
    expect(page.get_by_text("is a key, and only people review", exact=False)).to_contain_text("final_approvers")
    expect(page.get_by_role("button", name="Save")).to_have_count(0)
    page.get_by_label("Final approvers").first.fill("user:ana\ngroup:board")
    page.get_by_role("button", name="Review changes").click()
    expect(page.get_by_role("heading", name="5 changes")).to_be_visible()
    expect(page.get_by_text("reviewers.final_approvers: user:ana → user:ana, group:board")).to_be_visible()
    assert serious(page) == []
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=str(Path(folder) / "hub.png"), full_page=True)
    before = len(hub.open().entries(None))
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".gl-good")).to_contain_text("as entry")
    assert page.errors == []
    configuration, origin = hub.open().configured
    (entry,) = [entry for entry in hub.open().entries(None) if entry.id == origin]
    assert entry.by == live.login("manager") and len(hub.open().entries(None)) == before + 1
    assert configuration.to_json() == {
        **CONFIGURATION,
        "reviewers": {**CONFIGURATION["reviewers"], "final_approvers": ["user:ana", "group:board"]},
        "emergency": ["user:max"],
        "deputies": [{"of": "ana", "to": "ben"}],
        "mail": {"people": {"ana": "all"}},
        "switches": {"delegation": False},
    }


def test_what_somebody_else_changed_meanwhile_is_told_and_kept(live, visit, hub):
    page = visit("manager")
    page.goto(live.direct_url + "#page=hub")
    page.get_by_label("Governance managers").fill(f"group:{MANAGERS}\nuser:max")
    page.get_by_role("button", name="Review changes").click()
    expect(page.get_by_role("heading", name="1 change")).to_be_visible()
    theirs = parse_configuration({**CONFIGURATION, "emergency": ["user:zoe"]})
    hub.configure(theirs, "admin", clock.now())
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("admin changed the hub's configuration", exact=False)).to_be_visible()
    expect(page.get_by_label("Governance managers")).to_have_value(f"group:{MANAGERS}\nuser:max")
    page.get_by_role("button", name="Read it again, without my changes").click()
    expect(page.get_by_label("Who may let something pass")).to_have_value("user:zoe")
    assert hub.open().configuration == theirs


def test_a_reader_sees_who_reviews_and_changes_nothing(live, visit, hub):
    page = visit("reader")
    page.goto(live.direct_url + "#page=hub")
    expect(page.get_by_text("Only governance managers and administrators change", exact=False)).to_be_visible()
    expect(page.get_by_label("Final approvers").first).to_have_value("user:ana")
    expect(page.get_by_label("Final approvers").first).not_to_be_editable()
    expect(page.get_by_role("button", name="Review changes")).to_have_count(0)
    assert serious(page) == []
    assert page.errors == []
