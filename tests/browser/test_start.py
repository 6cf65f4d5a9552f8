"""The page begins where browsers forbid or lack something (address, storage, decompression), or says what failed."""

import html

import pytest
from playwright.sync_api import expect

BROKEN = """
const asked = window.matchMedia;
window.matchMedia = query => {
    if (query.includes("max-width")) throw new Error("nothing matches");
    return asked(query);
};
"""


@pytest.fixture
def framed(page_of, open_page, tmp_path):
    """The report in a sandboxed `srcdoc` frame, which has neither an address nor storage of its own."""
    source = page_of(12)[0].read_text(encoding="utf-8")
    outer = tmp_path / "outer.html"
    frame = f'<iframe sandbox="allow-scripts" srcdoc="{html.escape(source)}" width="1300" height="800"></iframe>'
    outer.write_text(f"<!doctype html><body data-ready>{frame}</body>", encoding="utf-8")
    watched = open_page(outer)
    watched.frame = watched.page.frame_locator("iframe")
    expect(watched.frame.locator("body[data-ready] #count")).to_have_text("12 projects")
    return watched


def test_p16_the_page_works_in_a_sandboxed_frame(framed):
    frame = framed.frame
    expect(frame.get_by_text("Opening the projects")).to_have_count(0)
    frame.locator("#flag-in_flight").click()
    expect(frame.locator("#count")).to_contain_text("of 12 projects")
    for view in ("matrix", "summary", "kanban"):
        frame.locator(f"#tab-{view}").click()
        expect(frame.locator(f"#view-{view}")).to_be_visible()
    frame.locator("#kanban .gm-open").first.click()
    expect(frame.locator("#panel")).to_be_visible()
    frame.get_by_role("button", name="Close").click()
    expect(frame.locator("#panel")).to_be_hidden()
    frame.locator("#tab-table").click()
    frame.locator('.tabulator-col[tabulator-field="name"] .tabulator-col-title').click()
    expect(frame.locator('.tabulator-col[tabulator-field="name"]')).to_have_attribute("aria-sort", "ascending")
    frame.locator("#search").fill("nothing is called this")
    expect(frame.locator("#nothing")).to_be_visible()
    frame.locator("#clear").click()
    expect(frame.locator("#count")).to_have_text("12 projects")
    frame.locator('.gm-choice[data-field="views"] > summary').click()
    expect(frame.locator('.gm-choice[data-field="views"]')).to_contain_text("keeps nothing")
    assert framed.errors == []


def reopened(page_of, open_page, script):
    """The report in a browser that a script has made poorer; it need not become ready."""
    path, _ = page_of(12)
    watched = open_page(path)
    watched.page.add_init_script(script)
    watched.page.goto("about:blank")
    watched.page.goto(path.as_uri())
    return watched


def test_p17_a_browser_that_cannot_unpack_is_told_what_to_do(page_of, open_page):
    page = reopened(page_of, open_page, "delete window.DecompressionStream")
    said = page.page.locator("#portfolio [role=alert]")
    expect(said).to_contain_text("too old to unpack the projects")
    expect(said).to_contain_text("Open the file in a current")


def test_p17_a_damaged_file_says_so(page_of, open_page, tmp_path):
    path = tmp_path / "cut.html"
    text = page_of(12)[0].read_text(encoding="utf-8")
    start = text.index('id="data">') + 200
    path.write_text(text[:start] + text[start + 301 :], encoding="utf-8")
    watched = open_page(page_of(12)[0])
    watched.page.goto(path.as_uri())
    expect(watched.page.locator("#portfolio [role=alert]")).to_contain_text("damaged")


def test_p17_a_script_that_does_not_begin_leaves_a_sentence(page_of, open_page, tmp_path):
    path = tmp_path / "blocked.html"
    text = page_of(12)[0].read_text(encoding="utf-8")
    path.write_text(text.replace("<script>", "<script>;", 1), encoding="utf-8")
    watched = open_page(page_of(12)[0])
    watched.page.goto(path.as_uri())
    expect(watched.page.locator("#portfolio")).to_contain_text("Open the file in a current")


def test_p17_whatever_fails_at_the_start_is_said(page_of, open_page):
    page = reopened(page_of, open_page, BROKEN)
    said = page.page.locator("#portfolio [role=alert]")
    expect(said).to_contain_text("Nothing matches.")
