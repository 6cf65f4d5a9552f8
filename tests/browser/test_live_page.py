"""The live page outside DSS, in a real browser, on the demo's projects: places, dialogs, a save, a sitting."""

from __future__ import annotations

import contextlib
import re
from functools import partial

import pytest
import requests
from playwright.sync_api import expect
from support.accessibility import serious

from govern_mirror import clock
from govern_mirror.actions.history import take_snapshot
from govern_mirror.actions.session import connect_to
from govern_mirror.settings import Settings
from govern_mirror.web.loopback import serving
from govern_mirror_devkit.host import PluginHost
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.server import serve
from govern_mirror_devkit.seeds import demo
from govern_mirror_devkit.source import plugin_root

HOSTILE = "<img src=x onerror=alert(1)> [run](javascript:alert(1)) **bold**"


class LivePage:
    """The page of the demo's administrator, and its API."""

    def __init__(self, base, token):
        self.base, self.token = base, token

    def save(self, key, **changes):
        """Save as a program of the same person does, whatever it says now."""
        address, headers = f"{self.base}api/items/{key}", {"Authorization": f"Bearer {self.token}"}
        item = requests.get(address, headers=headers, timeout=60).json()
        values = {path.replace("__", "."): value for path, value in changes.items()}
        document = {"revision": item["revision"], "seen": {}, "changes": values}
        answer = requests.patch(address, json=document, headers=headers, timeout=60)
        assert answer.status_code == 200, answer.text

    def value(self, key, path):
        answer = requests.get(
            f"{self.base}api/items/{key}", headers={"Authorization": f"Bearer {self.token}"}, timeout=60
        )
        return answer.json()["form"]["fields"][path]["value"]


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    history = tmp_path_factory.mktemp("live") / "history.duckdb"
    sandbox = Sandbox(plugin=PluginHost(plugin_root()))
    with contextlib.closing(sandbox), serve(sandbox) as url:
        sandbox.plugins.configure(settling_seconds=0)
        weekly = partial(take_snapshot, history=history)
        demo.run(sandbox, url, demo.prepare(sandbox), lambda _: None, clock.now(), weekly)
        session = connect_to(url, sandbox.admin_key, settings=Settings(uploads=True, settling_seconds=0))
        with serving(session, history=history) as address:
            page = LivePage(address.base, address.token)
            page.code = address.url
            yield page


@pytest.fixture(scope="module")
def signed_in(live, browser):
    """The cookies of the browser that the printed address was pasted into: it works once."""
    context = browser.new_context()
    context.new_page().goto(live.code)
    cookies = context.cookies()
    context.close()
    return cookies


@pytest.fixture
def visit(live, signed_in, browser):
    """Open a place of the page; whatever a script lets pop up fails the test."""
    contexts, dialogs = [], []

    def opened(fragment="", script=None, **options):
        context = browser.new_context(
            **{"viewport": {"width": 1280, "height": 900}, **options}, reduced_motion="reduce"
        )
        contexts.append(context)
        if script:
            context.add_init_script(script)
        context.add_cookies(signed_in)
        page = context.new_page()
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.accept()))
        page.goto(live.base + fragment)
        expect(page.get_by_role("heading", level=1).first).to_be_attached()
        expect(page.get_by_text("Reading the project")).to_have_count(0)
        expect(page.get_by_text("Reading the history")).to_have_count(0, timeout=30_000)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert dialogs == []


def test_the_page_of_serve_shuts_nobody_out_and_fits_a_phone(visit):
    page = visit("", viewport={"width": 320, "height": 800})
    expect(page.get_by_text(re.compile("You see"))).to_be_visible()
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


NO_ADDRESS = """
for (const name of ["pushState", "replaceState"]) {
    History.prototype[name] = () => { throw new DOMException("no", "SecurityError"); };
}
for (const name of ["localStorage", "sessionStorage"]) {
    Object.defineProperty(window, name, { get() { throw new DOMException("no", "SecurityError"); } });
}
"""


def test_p16_the_live_page_works_without_address_and_storage(visit):
    page = visit("#page=home", script=NO_ADDRESS)
    page.get_by_role("link", name="Projects", exact=True).click()
    page.locator("#flag-in_flight").click()
    expect(page.locator("#count")).to_contain_text(" of ")
    page.locator("#tab-kanban").click()
    page.locator("#kanban .gm-open").first.click()
    expect(page.locator("#section-name")).to_be_visible()
    page.get_by_role("link", name="Timeline").click()
    expect(page.locator("#section-name")).to_have_text("Timeline")
    page.get_by_role("link", name="Overview", exact=True).click()
    page.locator("#edit").click()
    page.locator("[id='input-overview.sponsor']").fill("typed")
    expect(page.get_by_text("keeps no drafts")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("searchbox", name="Search projects").fill("fraud")
    page.keyboard.press("Enter")
    expect(page.locator("#count")).to_contain_text(" of ")
    assert page.url.endswith("#page=home"), "an address that may not change stays"


BROKEN_VIEWS = """
const asked = window.matchMedia;
window.matchMedia = query => {
    if (query.includes("max-width")) throw new Error("nothing matches");
    return asked(query);
};
"""


def test_p17_a_place_that_breaks_says_so_and_the_others_work(visit):
    page = visit("#page=projects", script=BROKEN_VIEWS)
    expect(page.get_by_role("alert").filter(has_text="Nothing matches.")).to_be_visible()
    page.get_by_role("link", name="Not governed").click()
    expect(page.get_by_role("heading", name="Not governed", level=1)).to_be_visible()


def test_a_refused_value_is_told_at_its_field(visit):
    page = visit("#item=CHURN&section=overview")
    page.locator("#edit").click()
    field = page.locator("[id='input-overview.start_date']")
    field.fill("1066-01-01")
    page.get_by_role("link", name="Timeline").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".gl-savebar")).to_contain_text("1 thing to correct")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#edit")).to_be_focused()


def test_notes_of_people_are_text_wherever_they_stand(live, visit):
    live.save("CHURN", **{"steps__exploration__notes": HOSTILE, "overview__sponsor": "\u202eevil"})
    page = visit("#item=CHURN&section=exploration")
    notes = page.locator(".gl-markdown").first
    expect(notes).to_contain_text("<img src=x onerror=alert(1)>")
    expect(notes.locator("strong")).to_have_text("bold")
    expect(notes.locator("a, img")).to_have_count(0)


def test_what_is_typed_survives_a_reload_and_cancel_forgets_it(visit):
    page = visit("#item=AML&section=overview")
    page.locator("#edit").click()
    page.locator("[id='input-overview.sponsor']").fill("typed")
    page.reload()
    expect(page.locator("[id='input-overview.sponsor']")).to_have_value("typed")
    expect(page.get_by_text("are back")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    page.reload()
    expect(page.locator("#edit")).to_be_visible()


def test_many_projects_change_after_a_review(live, visit):
    page = visit("#page=projects&q=fraud")
    page.locator(".tabulator-row input[type=checkbox]").first.click()
    page.get_by_role("button", name="Change…").click()
    page.get_by_label("Field").select_option(label="Countries")
    page.get_by_role("textbox", name="Countries").fill("CH")
    page.get_by_role("button", name="Review changes").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Would change: Countries: blank → CH")
    assert live.value("FRAUD", "overview.countries") is None, "a review must not write"
    dialog.get_by_role("button", name="Apply to 1 project").click()
    expect(dialog).to_contain_text("Saved")
    assert live.value("FRAUD", "overview.countries") == "CH"


def test_a_committee_decides_by_keyboard_over_what_others_changed(live, visit):
    keys = ["SCORECARD", "CREDITDOCS", "NEXTOFFER"]
    page = visit("#page=agenda")
    page.get_by_label("Project keys").fill(" ".join(keys))
    page.get_by_role("button", name="Begin").press("Enter")
    page.get_by_label("Body").fill("Board")
    for key in keys:
        expect(page.get_by_role("heading", level=2)).to_contain_text(key)
        page.get_by_label("On hold").press("Space")
        page.get_by_role("textbox", name="Comments on the decision").fill(f"about {key}")
        if key == "CREDITDOCS":
            live.save(key, qualification__decision="No go")
        page.keyboard.press("Control+Enter")
        if key == "CREDITDOCS":
            expect(page.locator(".gl-failure")).to_contain_text("Resulting decision is now No go (admin)")
            page.reload()
            expect(page.get_by_role("textbox", name="Comments on the decision")).to_have_value(f"about {key}")
            page.get_by_role("textbox", name="Comments on the decision").press("Control+Enter")
    minutes = page.get_by_role("textbox", name="Minutes")
    for at, key in enumerate(keys, 1):
        expect(minutes).to_have_value(in_order(f"{at}. ", f"({key}): On hold"))
        assert live.value(key, "qualification.decision") == "On hold"
        assert live.value(key, "qualification.decision_comment").startswith("Board, ")


def in_order(*parts):
    """A pattern of texts that follow each other, whatever stands between."""
    return re.compile(".*".join(re.escape(part) for part in parts), re.DOTALL)


def test_a_hidden_project_leaves_the_list_and_comes_back(visit):
    page = visit("#page=ungoverned")
    names = page.locator("tbody th a")
    name = names.first.inner_text()
    page.get_by_label(f"Select {name}").check()
    page.get_by_role("button", name="Hide…").click()
    dialog = page.get_by_role("dialog")
    assert dialog.get_by_role("button", name="Hide").is_disabled()
    dialog.get_by_label(re.compile("Reason")).fill("a sandbox of ours")
    dialog.get_by_role("button", name="Hide").click()
    expect(dialog).to_have_count(0)
    expect(names.filter(has_text=name)).to_have_count(0)
    page.get_by_role("button", name="Hidden (1)").click()
    row = page.get_by_role("row").filter(has_text=name)
    expect(row).to_contain_text("a sandbox of ours")
    expect(row).to_contain_text("admin")
    row.get_by_role("checkbox").check()
    page.get_by_role("button", name="Show again…").click()
    page.get_by_role("dialog").get_by_role("button", name="Show again").click()
    expect(page.get_by_text("No project is hidden")).to_be_visible()
    page.get_by_role("button", name="Hidden (0)").click()
    expect(names.filter(has_text=name)).to_have_count(1)
