"""Projects on the live page: cards that are moved, changes that are reviewed, rules that are overridden, exports."""

from __future__ import annotations

import csv
import io
import re

import pytest
from playwright.sync_api import expect
from support.visits import act, visitor
from support.webapp import live_webapp

from govern_mirror_devkit.seeds.people import ANALYSTS, MANAGERS

EVERYBODY = [
    {"group": MANAGERS, "readProjectContent": True, "writeProjectContent": True},
    {"group": "readers", "readProjectContent": True},
]


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    with live_webapp(tmp_path_factory.mktemp("live"), stories=False) as served:
        yield served


@pytest.fixture
def visit(browser, live):
    contexts = []
    yield visitor(browser, live, contexts)
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def project(live):
    """Make a governed project of the owner, at the step of that place, and return its key."""
    manager = live.session("manager")

    def made(key, *, started=0, permissions=EVERYBODY):
        live.sandbox.create_project(key, f"Project {key.title()}", live.login("owner"), permissions=permissions)
        act(live, manager, key, "govern", values={})
        for _ in range(started):
            act(live, manager, key, "move", move="advance")
        return key

    return made


@pytest.fixture
def rules(live):
    """Exploration is not done without a sponsor, as long as the test lasts."""
    live.sandbox.plugins.configure(required_fields=[{"step": "exploration", "field": "overview.sponsor"}])
    live.restart()
    yield
    live.sandbox.plugins.configure(required_fields=[])
    live.restart()


def kanban(somebody, word):
    page = somebody.open(f"#page=projects&view=kanban&q={word}")
    expect(page.locator("#kanban")).to_be_visible()
    return page


def lane(page, name):
    return page.locator(".gm-lane").filter(has=page.get_by_role("heading", name=re.compile(f"^{name}")))


def card(page, key):
    return page.locator(".gm-card").filter(has=page.locator(f"[data-key='{key}']"))


def stage(live, key):
    return live.session("manager").get(live.backend(f"api/items/{key}"), timeout=60).json()["stage"]


def test_a_dragged_card_is_moved_after_the_review(live, visit, project):
    key = project("DRAGGED", started=1)
    manager = visit("manager")
    page = kanban(manager, "dragged")
    card(page, key).drag_to(lane(page, "In Progress"))
    dialog = page.get_by_role("dialog", name="Review changes")
    expect(dialog).to_contain_text("Would change")
    for step in ("Exploration", "Qualification", "In Progress"):
        expect(dialog).to_contain_text(f"{step}: status")
    assert stage(live, key) == "exploration", "nothing is written before it is reviewed"
    dialog.get_by_role("button", name="Apply to 1 project").click()
    expect(dialog).to_contain_text("Saved")
    dialog.get_by_role("button", name="Close", exact=True).last.click()
    expect(lane(page, "In Progress").locator(".gm-card")).to_have_count(1)
    assert stage(live, key) == "progress" and not manager.errors


def test_a_card_is_moved_without_a_mouse_and_keeps_the_focus(live, visit, project):
    key = project("TYPED", started=1)
    manager = visit("manager")
    page = kanban(manager, "typed")
    manager.tab_to(page.get_by_role("button", name="Move Project Typed…"))
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Move Project Typed")
    dialog.get_by_label("To step").focus()
    page.keyboard.type("Qual")
    manager.tab_to(dialog.get_by_role("button", name="Review changes"))
    page.keyboard.press("Enter")
    review = page.get_by_role("dialog", name="Review changes")
    apply = review.get_by_role("button", name="Apply to 1 project")
    expect(apply).to_be_enabled()
    # the list with the moved card comes after the dialog is closed
    lists = []
    page.route("**/api/portfolio*", lambda route: lists.append(route))
    manager.tab_to(apply)
    page.keyboard.press("Enter")
    expect(review.get_by_role("button", name="Close", exact=True).last).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Move Project Typed…")).to_be_focused()
    assert lists
    for route in lists:
        route.continue_()
    expect(lane(page, "Qualification").locator(".gm-card")).to_have_count(1)
    expect(page.get_by_role("button", name="Move Project Typed…")).to_be_focused()
    assert stage(live, key) == "qualification"


def test_a_drop_that_no_move_reaches_says_so(live, visit, project):
    key = project("BACKWARD", started=2)
    page = kanban(visit("manager"), "backward")
    card(page, key).drag_to(lane(page, "Not started"))
    dialog = page.get_by_role("dialog", name="Review changes")
    expect(dialog).to_contain_text("Not possible: No allowed move makes Exploration not started")
    expect(dialog.get_by_role("button", name="Apply to 0 projects")).to_be_disabled()
    page.keyboard.press("Escape")
    card(page, key).drag_to(lane(page, "Exploration"))
    expect(dialog).to_contain_text("Would change: Exploration: status")
    dialog.get_by_role("button", name="Apply to 1 project").click()
    expect(dialog).to_contain_text("Saved")
    assert stage(live, key) == "exploration"


def test_a_card_that_may_not_be_changed_stays_and_says_why(live, visit, project):
    key = project("FIXED", started=1)
    project("OWN")
    everybody = [*EVERYBODY, {"group": ANALYSTS, "readProjectContent": True}]
    document = {"owner": live.login("manager"), "permissions": everybody}
    live.sandbox.projects.set_document(live.sandbox.admin, key, "permissions", document)
    page = kanban(visit("owner"), "fixed")
    expect(card(page, key)).to_contain_text("You may only read it")
    assert card(page, key).get_attribute("draggable") == "false"
    card(page, key).drag_to(lane(page, "In Progress"))
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.get_by_role("button", name=re.compile("^Move")).count() == 0 and stage(live, key) == "exploration"
    page = kanban(visit("reader"), "fixed")
    expect(page.locator("#kanban > p")).to_contain_text("You may write none of the projects that you see")
    assert card(page, key).get_attribute("draggable") == "false"
    expect(card(page, key)).not_to_contain_text("You may only read it"), "to a reader it is told once"


def test_a_failure_stops_none_of_the_others(live, visit, project):
    for key in ("MANYONE", "MANYTWO"):
        project(key, started=1)
    owner = live.session("owner")
    page = visit("manager").open("#page=projects&view=table&q=many")
    page.get_by_label("Select all that are shown").check()
    page.get_by_role("button", name="Move…", exact=True).click()
    page.get_by_label("To step").select_option(label="In Progress")
    page.get_by_role("button", name="Review changes").click()
    dialog = page.get_by_role("dialog", name="Review changes")
    expect(dialog.get_by_role("button", name="Apply to 2 projects")).to_be_enabled()
    act(live, owner, "MANYONE", "move", move="advance")
    dialog.get_by_role("button", name="Apply to 2 projects").click()
    expect(dialog).to_contain_text("1 failed")
    expect(dialog.get_by_role("listitem").filter(has_text="Project Manyone")).to_contain_text("somebody else changed")
    assert (stage(live, "MANYONE"), stage(live, "MANYTWO")) == ("qualification", "progress")


@pytest.mark.usefixtures("rules")
def test_what_a_rule_refuses_goes_on_with_a_reason(live, visit, project):
    key = project("RULED", started=1)
    page = kanban(visit("manager"), "ruled")
    card(page, key).drag_to(lane(page, "Qualification"))
    dialog = page.get_by_role("dialog", name="Review changes")
    expect(dialog).to_contain_text("Not possible: ")
    expect(dialog).to_contain_text("Sponsor")
    against = dialog.get_by_role("button", name="Review against the rules")
    expect(against).to_be_disabled()
    dialog.get_by_label("Reason").fill("the board said so")
    against.press("Enter")
    expect(dialog).to_contain_text("Would change")
    assert stage(live, key) == "exploration"
    dialog.get_by_role("button", name="Apply to 1 project").click()
    expect(dialog).to_contain_text("Saved")
    item = live.session("manager").get(live.backend(f"api/items/{key}"), timeout=60).json()
    assert item["stage"] == "qualification"
    assert "the board said so (rules overridden)" in [event["reason"] for event in item["events"]]


@pytest.mark.usefixtures("rules")
def test_an_item_is_saved_against_a_rule_with_a_reason(live, visit, project):
    key = project("RULEDTOO", started=1)
    manager = visit("manager")
    page = manager.edit(key, "exploration")
    page.get_by_role("button", name="Set as finished").click()
    manager.save_button.click()
    against = page.get_by_role("button", name="Save against the rules")
    expect(against).to_be_disabled()
    page.get_by_role("region", name="Save").get_by_label("Reason").fill("it is late")
    against.click()
    expect(page.locator("#edit")).to_be_visible()
    assert stage(live, key) == "qualification"


def test_a_card_on_closed_asks_for_the_reason(live, visit, project):
    closed, key = project("ENDED", started=1), project("ENDING", started=1)
    act(live, live.session("manager"), closed, "close", reason="replaced")
    page = kanban(visit("manager"), "end")
    card(page, key).drag_to(lane(page, "Closed"))
    dialog = page.get_by_role("dialog", name="Review changes")
    dialog.get_by_label("Reason").fill("cancelled by the board")
    dialog.get_by_role("button", name="Review with this reason").click()
    dialog.get_by_role("button", name="Apply to 1 project").click()
    expect(dialog).to_contain_text("Saved")
    assert stage(live, key) == "closed"


def exported(page, title):
    """The keys of the rows of the CSV that the dialog of that title exports."""
    dialog = page.get_by_role("dialog", name=title)
    dialog.get_by_label("CSV").check()
    with page.expect_download() as download:
        dialog.get_by_role("button", name="Export", exact=True).click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    return [row["project_key"] for row in csv.DictReader(io.StringIO(text))]


def test_all_that_is_filtered_is_exported_or_what_is_selected(visit, project):
    for key in ("FILE10", "FILE2", "FILE1"):
        project(key)
    page = visit("manager").open("#page=projects&view=table&q=file&sort=name:desc")
    page.get_by_role("button", name="Export", exact=True).click()
    assert exported(page, "Export 3 projects") == ["FILE10", "FILE2", "FILE1"]
    page.get_by_label("Select Project File1", exact=True).check()
    page.get_by_label("Select Project File10", exact=True).check()
    page.get_by_role("button", name="Export", exact=True).click()
    assert exported(page, "Export 2 projects") == ["FILE10", "FILE1"]


def test_a_button_keeps_the_focus_while_it_works(live, visit, project):
    keys = [project("FOCUSA"), project("FOCUSB")]
    manager = visit("manager")
    page = manager.open("#page=agenda")
    page.locator("#agenda-keys").fill(" ".join(keys))
    page.get_by_role("button", name="Begin").press("Enter")
    page.get_by_role("radiogroup", name="Resulting decision").get_by_role("radio", name="Go", exact=True).check()
    held = []

    def hold(route):
        if route.request.method != "PATCH":
            return route.continue_()
        held.append(page.evaluate("document.activeElement.textContent"))
        return route.abort()

    page.route("**/api/items/*", hold)
    page.get_by_role("button", name="Save and next").press("Enter")
    expect(page.get_by_role("alert").filter(has_text="The connection is lost").first).to_be_visible()
    expect(page.get_by_role("button", name="Save and next")).to_be_focused()
    refresh = page.get_by_role("button", name="Refresh")
    refresh.press("Enter")
    expect(refresh).to_be_focused()
