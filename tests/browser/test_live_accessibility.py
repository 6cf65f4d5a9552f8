"""Everyone can use the live page: axe-core, narrow screens, the keyboard, dark mode, forced colours and print."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from support.accessibility import serious
from support.visits import act, visitor
from support.webapp import live_webapp

PLACES = {
    "home": "#page=home",
    "table": "#page=projects&view=table",
    "matrix": "#page=projects&view=matrix",
    "kanban": "#page=projects&view=kanban",
    "summary": "#page=projects&view=summary",
    "trends": "#page=projects&view=trends",
    "nothing found": "#page=projects&q=nothing-is-called-this",
    "models and bundles": "#page=registry",
    "not governed": "#page=ungoverned",
    "agenda": "#page=agenda",
    "unknown project": "#page=item&item=NOBODY",
    **{
        section: f"#page=item&item=AML&section={section}"
        for section in ("overview", "source", "exploration", "qualification", "attachments", "timeline")
    },
    "problems": "#page=item&item=ESGTEXT&section=overview",
    "copy": "#page=item&item=CHURN_BELGIUM",
}


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    with live_webapp(tmp_path_factory.mktemp("live")) as served:
        yield served


@pytest.fixture(scope="module")
def manager(browser, live):
    """One browser for the whole file: what a test opens, the next one leaves."""
    contexts = []
    yield visitor(browser, live, contexts)("manager")
    for context in contexts:
        context.close()


@pytest.fixture
def page(manager):
    manager.page.emulate_media(media="screen", color_scheme="light", forced_colors="none")
    manager.page.set_viewport_size({"width": 1280, "height": 900})
    yield manager.page
    if manager.page.url.startswith("http"):
        manager.page.evaluate("localStorage.clear()")


def settle(page):
    """Wait until nothing is asked for any more."""
    page.wait_for_load_state("networkidle")
    expect(page.get_by_text(re.compile("Reading the project|^Opening"))).to_have_count(0)


def wide(page):
    """At which of the widths the page itself has to be scrolled sideways, and what sticks out."""
    found = []
    for width in (1280, 390, 320):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_timeout(60)
        out = page.evaluate(
            """() => document.documentElement.scrollWidth <= innerWidth ? null :
                [document.documentElement.scrollWidth, ...[...document.querySelectorAll("body *")]
                    .filter(e => e.getBoundingClientRect().right > innerWidth + 1).slice(0, 6)
                    .map(e => `${e.tagName}.${e.className} ${Math.round(e.getBoundingClientRect().right)}`)]"""
        )
        if out:
            found.append((width, out))
    page.set_viewport_size({"width": 1280, "height": 900})
    return found


def check(page):
    """Light and dark, wide and narrow: nobody is shut out."""
    violations = [("light", *violation) for violation in serious(page)]
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(30)
    violations += [("dark", *violation) for violation in serious(page, ["color-contrast"])]
    page.emulate_media(color_scheme="light")
    assert (violations, wide(page)) == ([], [])


@pytest.mark.sampled(9, None)
@pytest.mark.parametrize("place", PLACES)
def test_no_place_of_the_live_page_shuts_anyone_out(manager, page, place):
    manager.open(PLACES[place])
    settle(page)
    check(page)


@pytest.mark.parametrize(
    ("key", "section"), [("AML", "overview"), ("AML", "qualification"), ("CREDITDOCS", "qualification")]
)
def test_a_form_being_edited_shuts_nobody_out(manager, page, key, section):
    manager.edit(key, section)
    if key == "CREDITDOCS":
        page.get_by_role("button", name="Set as finished").click()
    page.get_by_role("radiogroup").first.get_by_role("radio").last.check()
    if section == "qualification":
        page.get_by_role("group", name="Project plan").get_by_role("button", name="Add link").click()
        page.get_by_role("button", name="Preview of Value comments").click()
    check(page)


def more(name):
    def opened(manager, page):
        manager.open_item("AML")
        page.get_by_role("button", name="More", exact=True).click()
        page.get_by_role("button", name=name).focus()
        return page.get_by_role("button", name=name), page.get_by_role("button", name="More", exact=True)

    return opened


def on_item(key, name):
    def opened(manager, page):
        manager.open_item(key)
        button = page.get_by_role("main").get_by_role("button", name=name).first
        return button, button

    return opened


def on_ungoverned(name, choose=None):
    def opened(manager, page):
        manager.open("#page=ungoverned")
        if choose:
            page.get_by_label(choose).check()
        button = page.get_by_role("button", name=name).first
        return button, button

    return opened


def on_projects(name):
    def opened(manager, page):
        manager.open("#page=projects&view=table")
        settle(page)
        page.get_by_role("row").filter(has_text="Loan file reading").get_by_role("checkbox").check()
        button = page.get_by_role("button", name=name, exact=True).first
        return button, button

    return opened


DIALOGS = {
    "skip": more("Skip…"),
    "reopen": more("Reopen…"),
    "close": more("Close project…"),
    "stop": more("Stop governing…"),
    "confirm": on_item("SCORECARD", "Confirm…"),
    "adopt": on_item("CHURN_BELGIUM", "Adopt…"),
    "govern": on_item("SANDPIT", "Govern…"),
    "govern many": on_ungoverned("Govern…", "Select Bruno's sandpit"),
    "adopt from the list": on_ungoverned("Adopt"),
    "change": on_projects("Change…"),
    "advance": on_projects("Advance…"),
    "move": on_projects("Move…"),
    "export": on_projects("Export"),
}


@pytest.mark.sampled(6, None)
@pytest.mark.parametrize("name", DIALOGS)
def test_a_dialog_shuts_nobody_out_and_escape_gives_focus_back(manager, page, name):
    opener, back = DIALOGS[name](manager, page)
    opener.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    settle(page)
    assert dialog.evaluate("dialog => dialog.contains(document.activeElement)"), "focus is in the dialog"
    check(page)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(back).to_be_focused()


def test_a_conflict_shuts_nobody_out_and_escape_keeps_the_form(live, manager, page):
    manager.edit("AML", "overview")
    sponsor = manager.field("overview.sponsor")
    sponsor.fill("mine")
    theirs = "theirs " + "W" * 300
    live.sandbox.edit_metadata("AML", lambda m: m["customFields"].update(govern_sponsor=theirs), "dalia")
    manager.save_button.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    check(page)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(sponsor).to_have_value("mine")
    assert manager.active() == "Save"


def test_a_sitting_and_its_minutes_shut_nobody_out(manager, page):
    manager.open("#page=agenda")
    page.locator("#agenda-keys").fill("CREDITDOCS NEXTOFFER")
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("heading", level=2)).to_contain_text("1 of 2")
    expect(page.get_by_role("radiogroup").first).to_be_visible()
    check(page)
    for _ in range(2):
        page.get_by_role("button", name=re.compile("Leave for later|^Next")).click()
    expect(page.get_by_role("heading", name=re.compile("Minutes"))).to_be_visible()
    check(page)


CONTROLS = """() => {
    const shown = e => e.checkVisibility({ visibilityProperty: true }) && !e.disabled && e.tabIndex >= 0;
    const named = e => e.getAttribute("aria-label") ?? (e.id || e.textContent.trim() || e.getAttribute("href"));
    const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary")].filter(shown);
    const groups = new Set();
    return all.filter(e => {
        if (e.type !== "radio") return true;
        if (groups.has(e.name)) return false;
        groups.add(e.name);
        return true;
    }).map(e => { e.dataset.wanted = e.type === "radio" ? e.name : "1"; return named(e); });
}"""
REACHED = """() => {
    const active = document.activeElement;
    const seen = e => e && delete e.dataset.wanted;
    const radios = active.type === "radio" ? [...document.querySelectorAll("input[type=radio]")] : [];
    radios.filter(e => e.name === active.name).forEach(seen);
    seen(active);
    const left = [...document.querySelectorAll("[data-wanted]")].map(e => e.outerHTML.slice(0, 120));
    const ring = active === document.body || getComputedStyle(active).outlineStyle !== "none" ||
        getComputedStyle(active).boxShadow !== "none" || active.matches("[type=search], h1, h2");
    return [left, ring ? null : active.outerHTML.slice(0, 120)];
}"""


def unreached(page):
    """What the Tab key does not reach, and what does not show that it has focus."""
    page.locator(".gl-skip").focus()
    count = len(page.evaluate(CONTROLS))
    hidden, left = set(), []
    for _ in range(count + 25):
        left, blind = page.evaluate(REACHED)
        if blind:
            hidden.add(blind)
        if not left:
            break
        page.keyboard.press("Tab")
    return left, sorted(hidden)


@pytest.mark.parametrize("place", ["home", "not governed", "agenda", "qualification", "timeline", "table", "kanban"])
def test_everything_is_reached_with_the_tab_key_and_shows_it(manager, page, place):
    manager.open(PLACES[place])
    settle(page)
    assert unreached(page) == ([], [])


def test_a_form_is_filled_and_saved_without_a_mouse(manager, page):
    manager.open_item("CREDITDOCS", "qualification")
    manager.tab_to(page.locator("#edit"))
    page.keyboard.press("Enter")
    expect(manager.save_button).to_be_visible()
    assert unreached(page) == ([], [])
    page.locator("h1").focus()
    manager.tab_to(page.get_by_role("radiogroup", name="Cost").get_by_role("radio", checked=True))
    page.keyboard.press("ArrowRight")
    manager.tab_to(manager.save_button)
    page.keyboard.press("Enter")
    expect(page.locator("#edit")).to_be_focused()


def test_the_skip_link_leads_past_the_bar(manager, page):
    manager.open("#page=home")
    settle(page)
    page.locator("body").press("Tab")
    expect(page.locator(".gl-skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def shots(page, selector, most=12):
    found = page.locator(selector)
    return [found.nth(at).screenshot() for at in range(min(most, found.count()))]


@pytest.mark.parametrize("medium", ["forced", "print", "dark"])
def test_marks_of_steps_differ_without_the_pages_colours(manager, page, medium):
    if medium == "forced":
        page.emulate_media(forced_colors="active")
    elif medium == "print":
        page.emulate_media(media="print")
    else:
        page.emulate_media(color_scheme="dark")
    manager.open_item("AML", "qualification")
    marks = page.locator(".gl-step").all_inner_texts()
    assert all(re.search("Finished|On going|Not started|Skipped", mark) for mark in marks)
    assert page.locator(".gl-step").evaluate_all("all => all.every(e => e.checkVisibility())")
    owner_dots = {}
    manager.open("#page=item&item=CHURN&section=qualification")
    settle(page)
    for on in ("i.gl-on", "i:not(.gl-on)"):
        bars = page.locator(f".gl-bars {on}")
        owner_dots[on] = bars.first.screenshot() if bars.count() else None
    assert owner_dots["i.gl-on"] != owner_dots["i:not(.gl-on)"]
    if medium == "print":
        assert page.locator(".gl-bars i.gl-on").first.evaluate("e => getComputedStyle(e).printColorAdjust") == "exact"
        assert page.locator("#edit").is_hidden() and page.get_by_text("Value rating").first.is_visible()


@pytest.fixture(scope="module")
def begun(live):
    """A project of the owner whose steps are not all finished."""
    live.sandbox.create_project("BEGUN", "Begun", live.login("owner"))
    session = live.session("owner")
    act(live, session, "BEGUN", "govern", values={})
    act(live, session, "BEGUN", "move", move="start", step="exploration", request="begun-1")


@pytest.mark.usefixtures("begun")
@pytest.mark.parametrize("medium", ["forced", "print"])
def test_the_dots_of_my_projects_tell_finished_from_not_begun(browser, live, medium):
    contexts = []
    try:
        owner = visitor(browser, live, contexts)("owner")
        page = owner.open("#page=home")
        settle(page)
        page.emulate_media(**({"forced_colors": "active"} if medium == "forced" else {"media": "print"}))
        dots = page.locator(".gl-dots li")
        expect(dots.first).to_be_visible()
        looks = dots.evaluate_all(
            """all => all.map(e => { const s = getComputedStyle(e); return [e.className, s.backgroundColor +
                s.backgroundImage + s.borderStyle, s.printColorAdjust, s.forcedColorAdjust]; })"""
        )
        if medium == "print":
            assert {adjust for _, _, adjust, _ in looks} == {"exact"}
        seen = {}
        for at, (kind, *_) in enumerate(looks):
            seen.setdefault(kind, dots.nth(at).screenshot())
        assert len(seen) > 1 and len(set(seen.values())) == len(seen), list(seen)
    finally:
        for context in contexts:
            context.close()
