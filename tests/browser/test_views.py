"""Each view does what a governance manager comes for, at 12, 1,000 and 20,000 projects."""

import re

import pytest
from browser.conftest import write_page

from govern_mirror.model.workflow import CLOSED, stages
from govern_mirror.page_links import item_link

SIZES = [12, 1000, pytest.param(20_000, marks=pytest.mark.slow)]
sizes = pytest.mark.parametrize("size", SIZES)


@pytest.fixture
def opened(page_of, open_page):
    def at(size, fragment=""):
        path, portfolio = page_of(size)
        return open_page(path, fragment), portfolio

    return at


def number(text):
    return int(text.replace(",", ""))


def governed(portfolio):
    return [row for row in portfolio.rows if row.project.is_governed]


def stage_counts(portfolio):
    """The name of each stage, and its projects; one of them is closed."""
    counts = portfolio.summary.by_step
    assert counts[CLOSED] == 1
    return [(name, counts[stage]) for stage, name in stages(portfolio.blueprint).items()]


@sizes
def test_numbers_and_dates_are_filtered_from_and_to(opened, size):
    page, portfolio = opened(size)
    page.open_filter("priority")
    page.page.fill("#priority-from", "50")
    page.page.keyboard.press("Escape")
    page.open_filter("end")
    page.page.fill("#end-from", "2026-06-01")
    page.page.fill("#end-to", "2027-03-31")
    page.page.keyboard.press("Escape")
    expected = [
        row.project.facts.project_key
        for row in governed(portfolio)
        if (row.scores.priority or 0) >= 50
        and row.project.overview.target_end_date
        and "2026-06-01" <= row.project.overview.target_end_date.isoformat() <= "2027-03-31"
    ]
    page.until(
        "count => parseInt(document.getElementById('count').textContent.replace(',', '')) === count", len(expected)
    )
    assert page.keys[:5] == expected[:5]
    link = "#" + page.page.url.partition("#")[2]
    assert "priority=50..&end=2026-06-01..2027-03-31" in link
    page.go(link)
    assert number(page.count.split()[0]) == len(expected)
    page.tab("kanban")
    lanes = page.page.locator(".gm-lane .gm-count").all_inner_texts()
    assert sum(number(text) for text in lanes) == len(expected)
    page.page.click("#clear")
    assert number(page.count.split()[0]) == size
    assert page.page.evaluate("document.activeElement.id") == "search", "the keyboard goes on in the filters"


@sizes
def test_every_project_is_in_the_table_by_priority(opened, size):
    page, portfolio = opened(size)
    assert number(page.count.split()[0]) == len(portfolio.rows) == size
    expected = [row.project.facts.project_key for row in portfolio.rows]
    assert page.keys[:5] == expected[:5]


@sizes
def test_search_finds_a_project_by_any_word_of_it(opened, size):
    page, portfolio = opened(size)
    row = portfolio.rows[len(portfolio.rows) // 2]
    page.page.fill("#search", f"{row.project.facts.project_key.lower()} {row.project.facts.name.split()[0].upper()}")
    page.until("() => document.getElementById('count').textContent.startsWith('1 of')")
    assert page.keys == [row.project.facts.project_key]
    page.page.click("#clear")
    assert number(page.count.split()[0]) == size


@sizes
def test_filters_combine_as_they_do_everywhere(opened, size):
    page, portfolio = opened(size)
    page.choose("decision", "Go", "No go")
    page.choose("value", "High")
    page.flag("stale")
    expected = [
        row
        for row in portfolio.rows
        if row.project.qualification.decision in ("Go", "No go")
        and row.project.qualification.value.rating == "High"
        and row.stale
    ]
    assert number(page.count.split()[0]) == len(expected)
    for view, selector in (("kanban", ".gm-lane .gm-count"), ("matrix", "#matrix td .gm-count")):
        page.tab(view)
        assert sum(number(text) for text in page.page.locator(selector).all_inner_texts()) == len(expected)


@sizes
def test_a_click_on_a_column_sorts_with_blanks_last_both_ways(opened, size):
    page, portfolio = opened(size)
    header = page.page.locator('.tabulator-col[tabulator-field="end"] .tabulator-col-title')
    ends = sorted(str(row.project.overview.target_end_date) for row in governed(portfolio))
    for wanted in (ends, ends[::-1]):
        header.click()
        page.until(
            "want => document.querySelector('#table .tabulator-row [tabulator-field=end]').textContent === want",
            wanted[0],
        )
    assert "sort=end%3Adesc" in page.page.url


def test_grouping_puts_the_projects_of_an_initiative_together(opened):
    page, portfolio = opened(12)
    page.page.select_option("#group", "initiative")
    page.page.wait_for_selector(".tabulator-group")
    headers = page.page.locator(".tabulator-group").all_inner_texts()
    named = {row.project.overview.business_initiative for row in portfolio.rows} - {None}
    assert {re.sub(r"\s*\(.*", "", text).strip() for text in headers} >= named
    assert sum(int(re.search(r"\((\d+)\)", text)[1]) for text in headers) == 12


def test_columns_can_be_chosen_and_the_choice_is_in_the_link(opened):
    page, _ = opened(12)
    assert page.page.locator('.tabulator-col[tabulator-field="sponsor"]').is_hidden()
    page.page.click("text=Columns")
    page.page.get_by_label("Sponsor", exact=True).check()
    page.page.wait_for_selector('.tabulator-col[tabulator-field="sponsor"]', state="visible")
    page.go("#" + page.page.url.partition("#")[2])
    page.page.wait_for_selector('.tabulator-col[tabulator-field="sponsor"]', state="visible")


@sizes
@pytest.mark.parametrize(("x", "y"), [("risk", "value"), ("cost", "feasibility")])
def test_the_matrix_places_every_governed_project_on_the_chosen_axes(opened, size, x, y):
    page, portfolio = opened(size, "#view=matrix")
    page.page.select_option("#axis-x", x)
    page.page.select_option("#axis-y", y)
    names = ["Low", "Medium low", "Medium high", "High", None]
    lines = page.page.locator("#matrix tbody tr")
    for at, down in enumerate([*names[3::-1], None]):
        cells = lines.nth(at).locator("td")
        for column, across in enumerate(names):
            expected = [
                row
                for row in governed(portfolio)
                if (getattr(row.project.qualification, y).rating, getattr(row.project.qualification, x).rating)
                == (down, across)
            ]
            found = cells.nth(column).locator(".gm-count")
            assert (number(found.inner_text()) if found.count() else 0) == len(expected)
            assert cells.nth(column).locator(".gm-open").count() == min(len(expected), 8)


def test_a_crowded_cell_leads_to_all_of_its_projects(opened):
    page, _ = opened(1000, "#view=matrix")
    more = page.page.locator("#matrix .gm-link").first
    wanted = number(re.search(r"[\d,]+", more.inner_text())[0])
    more.click()
    assert number(page.count.split()[0]) == wanted
    assert page.page.is_visible("#table")


@sizes
def test_the_kanban_has_a_column_a_step_with_all_its_projects(opened, size):
    page, portfolio = opened(size, "#view=kanban")
    lanes = [text.rsplit(maxsplit=1) for text in page.page.locator(".gm-lane h2").all_inner_texts()]
    counts = [number(count) for _, count in lanes]
    assert [(name, number(count)) for name, count in lanes] == stage_counts(portfolio)
    shown = page.page.locator(".gm-lane").nth(1).locator(".gm-card")
    assert shown.count() == min(40, counts[1])
    if counts[1] > 40:
        page.page.locator(".gm-lane").nth(1).locator(".gm-link").click()
        assert page.page.locator(".gm-lane").nth(1).locator(".gm-card").count() == min(120, counts[1])


@sizes
def test_the_summary_counts_what_the_report_counts(opened, size):
    page, portfolio = opened(size, "#view=summary")
    tiles = {}
    for tile in page.page.locator(".gm-tiles > div").all():
        tiles[tile.locator("dt").inner_text()] = number(tile.locator("dd").first.inner_text())
    rows = governed(portfolio)
    assert tiles["Governed"] == portfolio.summary.governed
    assert tiles["Stale"] == portfolio.summary.stale
    assert tiles["With problems"] == portfolio.summary.problems
    assert tiles["Overdue"] == sum(
        row.project.overview.target_end_date is not None
        and str(row.project.overview.target_end_date) < "2026-11-23"
        and not row.project.workflow.is_complete
        and not row.project.closed
        for row in rows
    )
    assert tiles["Unqualified"] == sum(
        None in (row.project.qualification.value.rating, row.project.qualification.risk.rating)
        or row.project.qualification.decision is None
        for row in rows
    )
    box = page.page.locator(".gm-box").first
    names = box.locator("tbody th").all_inner_texts()
    counts = box.locator("td.gm-number").all_inner_texts()
    assert list(zip(names, map(number, counts), strict=True)) == stage_counts(portfolio)


@sizes
def test_the_panel_tells_all_about_a_project(opened, size):
    page, portfolio = opened(size)
    row = next(row for row in reversed(portfolio.rows) if len(row.project.events) > 8)
    project = row.project
    page.go(f"#p={project.facts.project_key}")
    panel = page.page.locator("#panel")
    panel.wait_for(state="visible")
    text = panel.inner_text()
    assert panel.locator("h2").inner_text() == project.facts.name
    assert panel.get_by_text("Open in DSS").get_attribute("href") == project.facts.url
    for step in project.workflow.steps:
        assert step.name in text
        assert " ".join((project.notes(step.id) or "").split()) in " ".join(text.split())
        if step.started_on:
            assert f"started {step.started_on:%Y-%m-%d}" in text
    shown = panel.locator(".gm-events > li").evaluate_all("all => all.map(each => Number(each.dataset.events))")
    assert sum(shown) == len(project.events) + len(project.pending)
    assert (project.qualification.risk.comment or "") in text
    assert "null" not in panel.evaluate("panel => [...panel.childNodes].map(node => node.textContent)")
    assert page.page.evaluate("document.activeElement.id") == "panel-title"


def test_the_panel_leads_to_where_people_edit(page_of, open_page, tmp_path):
    _, portfolio = page_of(12)
    address = "https://dss.example.com/webapps/GOVERNANCE/gOvern1"
    path, portfolio = write_page(tmp_path, [row.project for row in portfolio.rows], page_address=address)
    key = governed(portfolio)[0].project.facts.project_key
    page = open_page(path, f"#p={key}")
    link = page.page.locator("#panel").get_by_text("Edit on the live page")
    assert link.get_attribute("href") == item_link(address, key)


def test_the_panel_offers_no_edit_where_no_page_is_known(opened):
    page, portfolio = opened(12)
    page.go(f"#p={governed(portfolio)[0].project.facts.project_key}")
    page.page.locator("#panel").wait_for(state="visible")
    assert page.page.get_by_text("Edit on the live page").count() == 0


def test_the_panel_says_where_each_rating_comes_from(opened):
    page, portfolio = opened(1000)
    by_origin = {}
    for row in governed(portfolio):
        value = row.project.qualification.value
        if value.rating:
            by_origin.setdefault(value.origin, row.project.facts.project_key)
    sentences = {"overview": "from the Overview", "qualification": "recorded in Qualification"}
    assert set(by_origin) == set(sentences)
    for origin, key in by_origin.items():
        page.go(f"#p={key}")
        page.page.wait_for_selector("#panel:not([hidden])")
        value = page.page.locator("#panel dl.gm-pairs dd").first.inner_text()
        assert sentences[origin] in value


def test_back_returns_from_project_to_view_to_view(opened):
    page, _portfolio = opened(12)
    page.tab("kanban")
    page.page.locator(".gm-card .gm-open").first.click()
    page.page.wait_for_selector("#panel:not([hidden])")
    page.page.go_back()
    page.page.wait_for_selector("#panel", state="hidden")
    assert page.page.is_visible("#view-kanban")
    page.page.go_back()
    page.page.wait_for_selector("#view-table:not([hidden])")
    page.page.go_forward()
    page.page.wait_for_selector("#view-kanban:not([hidden])")


def test_a_link_shows_the_same_to_whoever_opens_it(opened):
    page, _portfolio = opened(1000)
    page.choose("step", "Qualification")
    page.page.fill("#search", "churn")
    page.tab("matrix")
    page.page.select_option("#axis-y", "cost")
    page.page.locator("#matrix .gm-open").first.click()
    page.page.wait_for_selector("#panel:not([hidden])")
    link = "#" + page.page.url.partition("#")[2]
    before = page.count, page.page.inner_text("#matrix"), page.page.inner_text("#panel")
    page.go(link)
    page.page.wait_for_selector("#panel:not([hidden])")
    assert (page.count, page.page.inner_text("#matrix"), page.page.inner_text("#panel")) == before


@pytest.mark.parametrize(
    "fragment",
    [
        "#view=nothing&x=colour&sort=secret:up&group=planet&p=NOBODY",
        "#%E0%A4%A",
        "#hide=name,nothing&mark=x&priority=a..b&end=..&days=7",
    ],
)
def test_a_link_that_says_nonsense_still_opens_the_table(opened, fragment):
    page, _ = opened(12, fragment)
    assert page.page.is_visible("#table")
    assert len(page.keys) == 12
    assert page.errors == []


def test_everything_can_be_reached_with_the_keyboard(opened):
    page, portfolio = opened(12)
    keyboard = page.page.keyboard
    keyboard.press("/")
    assert page.page.evaluate("document.activeElement.id") == "search"
    keyboard.type(portfolio.rows[0].project.facts.project_key)
    page.until("() => document.getElementById('count').textContent.startsWith('1 of')")
    for _ in range(40):
        keyboard.press("Tab")
        if page.page.evaluate("document.activeElement.matches('#table .gm-open')"):
            break
    keyboard.press("Enter")
    page.page.wait_for_selector("#panel:not([hidden])")
    keyboard.press("Escape")
    page.page.wait_for_selector("#panel", state="hidden")
    assert page.page.evaluate("document.activeElement.dataset.key") == portfolio.rows[0].project.facts.project_key
    page.page.focus("#tab-table")
    keyboard.press("ArrowRight")
    assert page.page.is_visible("#view-matrix")
    keyboard.press("ArrowLeft")
    keyboard.press("ArrowLeft")
    assert page.page.is_visible("#view-trends")
    keyboard.press("ArrowLeft")
    assert page.page.is_visible("#view-summary")


def test_arrows_walk_down_the_table_beyond_what_is_drawn(opened):
    page, portfolio = opened(1000)
    page.page.locator("#table .gm-open").first.focus()
    for _ in range(60):
        page.page.keyboard.press("ArrowDown")
    page.page.wait_for_timeout(200)
    focused = page.page.evaluate("document.activeElement.dataset.key")
    assert focused == portfolio.rows[60].project.facts.project_key


def test_print_shows_more_than_the_screen_and_says_where_it_ends(opened):
    page, _portfolio = opened(1000)
    page.page.emulate_media(media="print")
    page.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.page.locator(".tabulator-print-table tbody tr").count() == 500
    assert "The first 500 of 1,000 projects" in page.page.inner_text("#view-table")
    height = page.page.locator(".tabulator-print-table tbody tr").first.bounding_box()["height"]
    assert height < 32, "at most two lines a project"
