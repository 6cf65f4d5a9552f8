"""Projects: filters that say what they leave, views to keep; by keyboard, in any script, on any screen."""

from datetime import datetime, timezone
from itertools import pairwise

import pytest
from playwright.sync_api import expect
from standard import decode

from govern_mirror.model.changes import initialize
from govern_mirror.model.event import Actor, Source
from govern_mirror.model.item import ProjectFacts
from govern_mirror.model.workflow import COMPLETE, stages

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=timezone.utc)
SHOWN = "() => [...document.querySelectorAll('#table .gm-open')].map(link => link.dataset.key)"


@pytest.fixture
def opened(page_of, open_page):
    def at(size, fragment="", **options):
        path, portfolio = page_of(size)
        return open_page(path, fragment, **options), portfolio

    return at


def number(text):
    return int(text.replace(",", ""))


def keys(rows):
    return {row.project.facts.project_key for row in rows}


def shown(page):
    return number(page.count.split()[0])


# filters -------------------------------------------------------------------------------------------------------------


def test_in_flight_and_needs_attention_are_one_click_with_counts(opened):
    page, portfolio = opened(1000)
    rows = portfolio.governed
    flying = [row for row in rows if row.project.is_in_flight]
    needing = [row for row in portfolio.rows if row.stale or row.overdue or row.problems or row.trust == "typed"]
    assert number(page.page.inner_text("#flag-in_flight .gm-tally")) == len(flying)
    page.page.click("#flag-in_flight")
    assert shown(page) == len(flying)
    both = len(keys(flying) & keys(needing))
    assert number(page.page.inner_text("#flag-attention .gm-tally")) == both
    page.page.click("#flag-attention")
    assert shown(page) == both
    assert page.page.get_attribute("#flag-attention", "aria-pressed") == "true"
    page.page.click("#flag-in_flight")
    assert shown(page) == len(needing)


def test_complete_projects_can_be_filtered(opened):
    page, portfolio = opened(1000)
    page.choose("step", "Complete")
    assert shown(page) == portfolio.summary.by_step[COMPLETE] > 0


def test_a_chip_says_what_is_filtered_and_is_turned_around_and_removed(opened):
    page, portfolio = opened(1000)
    page.choose("decision", "Go", "No go")
    chip = page.page.locator(".gm-filter")
    wanted = [row for row in portfolio.rows if row.project.qualification.decision in ("Go", "No go")]
    expect(chip).to_contain_text("Decision is Go or No go")
    assert number(chip.locator("summary .gm-tally").inner_text()) == len(wanted)
    chip.locator("summary").click()
    chip.get_by_label("is not", exact=True).check()
    page.page.keyboard.press("Escape")
    assert shown(page) == len(portfolio.rows) - len(wanted)
    assert "-decision=Go&-decision=No+go" in page.page.url
    page.go("#" + page.page.url.partition("#")[2])
    assert shown(page) == len(portfolio.rows) - len(wanted)
    page.page.get_by_role("button", name="Remove filter: Decision is not Go or No go").click()
    assert page.page.locator(".gm-filter").count() == 0
    assert shown(page) == len(portfolio.rows)


def test_a_filters_values_say_how_many_projects_they_would_leave(opened):
    page, portfolio = opened(1000)
    page.page.click("#flag-in_flight")
    page.open_filter("value")
    tallies = page.page.locator('[data-pane="value"] .gm-options label').all_inner_texts()
    counts = dict(text.rsplit("\n", 1) if "\n" in text else text.rsplit(maxsplit=1) for text in tallies)
    flying = [row for row in portfolio.governed if row.project.is_in_flight]
    for rating in ("Low", "High"):
        assert number(counts[rating]) == sum(row.project.qualification.value.rating == rating for row in flying)


def test_back_takes_a_filter_and_a_change_of_the_view_away(opened):
    page, portfolio = opened(12)
    page.page.click("#flag-in_flight")
    page.page.fill("#search", "p0000")
    page.until("() => location.hash.includes('q=p0000')")
    page.page.select_option("#group", "step")
    page.page.wait_for_selector(".tabulator-group")
    page.page.go_back()
    page.until("() => !document.querySelector('.tabulator-group')")
    page.page.go_back()
    assert page.page.input_value("#search") == ""
    page.page.go_back()
    assert shown(page) == len(portfolio.rows)


@pytest.mark.parametrize("view", ["table", "matrix", "kanban", "summary"])
def test_an_empty_result_says_so_in_every_view(opened, view):
    page, portfolio = opened(12, f"#view={view}&q=nothing-is-called-this")
    expect(page.page.locator(f"#view-{view}")).to_contain_text("No project matches.")
    page.page.click(f"#view-{view} >> text=Clear all filters")
    assert shown(page) == len(portfolio.rows)
    assert page.page.locator("#nothing").count() == 0


def test_a_link_to_an_unknown_project_says_so(opened):
    page, _ = opened(12, "#p=NOBODY")
    expect(page.page.locator("#panel")).to_contain_text("No project NOBODY")
    assert page.page.is_visible("#table")
    page.page.keyboard.press("Escape")
    page.page.wait_for_selector("#panel", state="hidden")


def test_other_keys_of_the_address_are_left_alone(opened):
    page, _ = opened(12, "#page=projects&section=a%20b")
    page.page.click("#flag-in_flight")
    page.tab("kanban")
    assert "page=projects&section=a+b" in page.page.url


def test_a_view_is_named_kept_and_deleted(opened):
    page, _ = opened(12, "#view=kanban&in_flight=")
    page.page.click('.gm-choice[data-field="views"] > summary')
    page.page.fill("#view-name", "Board <b>")
    page.page.get_by_role("button", name="Save", exact=True).click()
    page.go("")
    page.page.click('.gm-choice[data-field="views"] > summary')
    page.page.click("text=Board <b>")
    assert page.page.is_visible("#view-kanban") and "in_flight=" in page.page.url
    page.page.get_by_role("button", name="Delete view: Board <b>").click()
    expect(page.page.locator('.gm-choice[data-field="views"]')).to_contain_text("No view is saved yet.")


def test_a_browser_that_keeps_nothing_still_shows_the_page(page_of, open_page):
    page = open_page(page_of(12)[0])
    page.page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } })"
    )
    page.go("")
    page.page.click('.gm-choice[data-field="views"] > summary')
    expect(page.page.locator('.gm-choice[data-field="views"]')).to_contain_text("keeps nothing")
    assert page.errors == []


# the table -----------------------------------------------------------------------------------------------------------


def test_headers_sort_and_move_by_keyboard(opened):
    page, portfolio = opened(12)
    header = "document.activeElement.getAttribute('tabulator-field')"
    page.page.focus(".tabulator-col[tabulator-field=name]")
    page.page.keyboard.press("ArrowRight")
    page.page.keyboard.press("ArrowRight")
    assert page.page.evaluate(header) == "decision"
    page.page.keyboard.press("Shift+ArrowRight")
    fields = page.page.eval_on_selector_all(
        ".tabulator-col", "all => all.map(column => column.getAttribute('tabulator-field'))"
    )
    assert fields.index("decision") == fields.index("priority") + 1
    assert page.page.evaluate(header) == "decision"
    page.page.keyboard.press("ArrowRight")
    page.page.keyboard.press("Enter")
    assert page.page.get_attribute(".tabulator-col[tabulator-field=finished]", "aria-sort") == "ascending"
    finished = [row.project.workflow.finished for row in portfolio.rows if row.project.is_governed]
    first = page.page.inner_text("#table .tabulator-row [tabulator-field=finished]")
    assert f"{min(finished)}/" in first


def test_every_control_is_reached_with_tab(opened):
    page, _ = opened(12, "#group=step&step=progress&step=exploration")
    above = ["#search", "#flag-in_flight", "#flag-attention", '[data-field="add"] summary', "#group", "#clear"]
    chip = [".gm-remove", '.gm-filter [data-field="step"] summary']
    wanted = [*above, *chip, ".tabulator-col", ".gm-group", ".gm-open"]
    page.page.focus("#tab-table")
    seen = set()
    for _step in range(40):
        page.page.keyboard.press("Tab")
        seen |= set(page.page.evaluate("all => all.filter(each => document.activeElement.matches(each))", wanted))
    assert seen == set(wanted)


def test_groups_follow_the_workflow_and_close_by_keyboard(opened):
    page, portfolio = opened(1000, "#group=step")
    page.page.wait_for_selector(".gm-group")
    names = list(stages(portfolio.blueprint).values())
    page.page.focus(".gm-group")
    for name in names:
        page.page.locator(f".gm-group:has-text('{name}')").focus()
        page.page.keyboard.press("Enter")
        page.until("() => document.activeElement.getAttribute('aria-expanded') === 'false'")
        assert name in page.page.evaluate("document.activeElement.textContent")
    headings = page.page.locator(".gm-group bdi").all_inner_texts()
    assert headings[: len(names)] == names
    page.page.keyboard.press("Space")
    page.page.wait_for_selector("#table .gm-open")


def test_rows_are_as_high_as_before_when_groups_are_taken_away(opened):
    page, _ = opened(1000, "#group=step")
    page.page.wait_for_selector(".tabulator-group")
    page.page.select_option("#group", "")
    page.until("() => !document.querySelector('.tabulator-group')")
    heights = page.page.eval_on_selector_all(
        "#table .tabulator-tableholder .tabulator-row", "all => [...new Set(all.map(row => row.offsetHeight))]"
    )
    assert len(heights) == 1


NAMES = ["Model 10", "Zebra", "Model 2", "model 1", "Árbol"]
ORDERED = ["Árbol", "model 1", "Model 2", "Model 10", "Zebra"]


@pytest.fixture
def named_page(page_with):
    """A page of governed projects that differ by their names alone."""
    actor = Actor("ada", Source.CLI, NOW)
    plain = [decode({}, ProjectFacts(f"K{at}", name, "", "design")) for at, name in enumerate(NAMES)]
    return page_with([initialize(item, {"overview.business_initiative": item.facts.name}, actor) for item in plain])[0]


@pytest.mark.parametrize("fragment", ["#sort=name:asc", "#sort=priority:desc", "#sort=owner:asc"])
def test_p28_names_sort_with_accents_and_numbers_in_mind(named_page, open_page, fragment):
    page = open_page(named_page, fragment)
    assert page.page.locator("#table .gm-open").all_inner_texts() == ORDERED


@pytest.mark.parametrize("view", ["matrix", "kanban"])
def test_p28_cells_and_lanes_are_in_the_order_of_names(named_page, open_page, view):
    page = open_page(named_page, f"#view={view}")
    assert page.page.locator(f"#{view} .gm-open").all_inner_texts() == ORDERED


def test_p28_values_of_filters_and_bars_are_in_the_order_of_names(named_page, open_page):
    page = open_page(named_page, "#view=summary")
    box = page.page.locator(".gm-box").filter(has_text="By business initiative")
    assert box.locator("tbody th").all_inner_texts() == ORDERED
    page.open_filter("initiative")
    assert page.page.locator(".gm-options bdi").all_inner_texts() == ORDERED


def test_the_whole_row_opens_the_project_and_the_next_is_a_button_away(opened):
    page, _ = opened(1000, "#sort=name:asc")
    order = page.keys
    page.page.locator("#table .tabulator-row [tabulator-field=owner]").nth(2).click()
    page.page.wait_for_selector("#panel:not([hidden])")
    assert f"p={order[2]}" in page.page.url
    page.page.click("#panel-next")
    page.until("key => document.querySelector('#panel').textContent.includes(key)", order[3])
    page.page.focus("#panel-previous")
    page.page.keyboard.press("Enter")
    page.page.keyboard.press("Enter")
    page.until("key => document.querySelector('#panel').textContent.includes(key)", order[1])
    assert page.page.evaluate("document.activeElement.id") == "panel-previous"
    page.page.go_back()
    page.page.wait_for_selector("#panel", state="hidden")


def test_all_usual_columns_fit_1280_pixels(opened):
    page, _ = opened(1000)
    page.page.set_viewport_size({"width": 1280, "height": 800})
    right = page.page.eval_on_selector_all(
        ".tabulator-col:not([style*='display: none'])",
        "all => Math.max(...all.map(column => column.getBoundingClientRect().right))",
    )
    assert right <= 1280


def test_an_open_panel_covers_nothing_at_1280_pixels(opened):
    page, _ = opened(1000, "#p=P00003")
    page.page.set_viewport_size({"width": 1280, "height": 800})
    left = page.page.locator("#panel").bounding_box()["x"]
    for part in ("#tabs", "#toolbar", "#views"):
        box = page.page.locator(part).bounding_box()
        assert box["x"] + box["width"] <= left, part


def test_the_keyboard_stays_in_a_panel_that_covers_the_page(opened):
    page, _ = opened(12)
    page.page.set_viewport_size({"width": 390, "height": 844})
    page.page.locator("#table .gm-open").first.click()
    page.page.wait_for_selector("#panel:not([hidden])")
    for _step in range(12):
        page.page.keyboard.press("Tab")
        assert page.page.evaluate("document.activeElement === document.body || panel.contains(document.activeElement)")
    page.page.keyboard.press("Escape")
    page.page.wait_for_selector("#panel", state="hidden")
    page.until("() => document.activeElement.matches('.gm-open')")


# names ---------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def named(page_with):
    names = {"ARABIC": "مشروع " * 40, "BLANK": " \u200b ", "TURNED": "invoice \u202egnp.exe", "PLAIN": "Plain"}
    return page_with([decode({}, ProjectFacts(key, name, "", "design")) for key, name in names.items()])


def test_a_long_right_to_left_name_keeps_its_beginning(named, open_page):
    page = open_page(named[0])
    first, cell = page.page.evaluate(
        """() => {
          const link = document.querySelector('[data-key=ARABIC]');
          const range = document.createRange();
          range.setStart(link.firstChild, 0);
          range.setEnd(link.firstChild, 1);
          const box = element => { const { left, right } = element.getBoundingClientRect(); return [left, right]; };
          return [box(range), box(link)];
        }"""
    )
    assert cell[0] <= first[0] and first[1] <= cell[1]


def test_a_blank_name_is_its_key_and_no_character_turns_others(named, open_page):
    page = open_page(named[0])
    assert page.page.inner_text("[data-key=BLANK]") == "BLANK"
    assert page.page.inner_text("[data-key=TURNED]") == "invoice \ufffdgnp.exe"
    page.page.click("[data-key=BLANK]")
    page.page.wait_for_selector("#panel:not([hidden])")
    assert page.page.inner_text("#panel-title") == "BLANK"


# screens -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", ["table", "matrix", "kanban", "summary", "trends"])
def test_headings_have_no_gaps(opened, view):
    page, _ = opened(12, f"#view={view}&p=P00003")
    page.page.wait_for_selector("#panel:not([hidden])")
    levels = page.page.evaluate(
        "() => [...document.querySelectorAll('h1, h2, h3, h4')].filter(each => each.checkVisibility())"
        ".map(each => Number(each.tagName[1]))"
    )
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_a_tile_is_named_by_what_it_counts(opened):
    page, portfolio = opened(1000, "#view=summary")
    count = f"{portfolio.summary.stale:,}"
    page.page.get_by_role("button", name=f"Stale: {count} projects").click()
    assert page.count.startswith(count)


def test_a_phone_shows_the_first_project_early(opened):
    page, _ = opened(1000)
    page.page.set_viewport_size({"width": 390, "height": 844})
    page.page.wait_for_timeout(200)
    assert page.page.locator("#table .tabulator-row").first.bounding_box()["y"] <= 300


def test_marks_and_ratings_are_there_in_forced_colours(opened):
    page, _ = opened(1000, "#view=table", forced_colors="active")
    styles = page.page.evaluate(
        """() => {
          const of = (selector) => getComputedStyle(document.querySelector(selector)).backgroundColor;
          return [of('#table .gm-finished'), of('#table .gm-not_started'), of('#table .gm-level-4 i'), of('body')];
        }"""
    )
    finished, waiting, rating, ground = styles
    assert finished not in (waiting, ground) and rating != ground


def test_a_kanban_count_of_four_digits_stays_in_its_lane(opened):
    page, _ = opened(12, "#view=kanban")
    page.page.set_viewport_size({"width": 1280, "height": 800})
    page.page.evaluate("document.querySelector('.gm-lane .gm-count').textContent = '12,345'")
    lane = page.page.locator(".gm-lane").first
    box, count = lane.bounding_box(), lane.locator(".gm-count").bounding_box()
    assert count["x"] + count["width"] <= box["x"] + box["width"] and count["height"] < 30


def test_a_kanban_card_says_owner_decision_and_ratings(opened):
    page, portfolio = opened(1000, "#view=kanban")
    row = next(
        row for row in portfolio.governed
        if row.stage == "progress" and row.project.qualification.decision and row.project.qualification.risk.rating
    )  # fmt: skip
    page.page.fill("#search", row.project.facts.project_key.lower())
    page.until("() => document.querySelectorAll('.gm-card').length === 1")
    text = page.page.inner_text(".gm-card")
    assert row.project.facts.owner in text and row.project.qualification.decision in text
    assert f"Risk {row.project.qualification.risk.rating}" in " ".join(text.split())


def test_a_card_of_the_report_cannot_be_dragged(opened):
    page, _ = opened(12, "#view=kanban")
    assert page.page.locator(".gm-card").count() > 0
    assert page.page.locator("[draggable=true]").count() == 0
    assert page.page.get_by_role("button", name="Move").count() == 0
