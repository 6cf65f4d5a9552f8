"""The view that a history adds: what changed, and whether projects get faster, at 12, 1,000 and 20,000 projects."""

import base64
import gzip
import json
import re
from dataclasses import replace

import pytest

from govern_mirror.model.workflow import stages
from govern_mirror.report.html_report import HtmlReport

SIZES = [12, 1000, pytest.param(20_000, marks=pytest.mark.slow)]
sizes = pytest.mark.parametrize("size", SIZES)
LAST = "document.querySelector('#trends .gm-numbers tbody tr')"


@pytest.fixture
def opened(page_of, open_page):
    def at(size, fragment="#view=trends", **options):
        path, portfolio = page_of(size)
        return open_page(path, fragment, **options), portfolio

    return at


def cells(page, row):
    return page.page.evaluate(f"[...{row}.children].map(cell => cell.textContent)")


def inked(page):
    """The share of a chart's canvas that is drawn on, for each chart."""
    return page.page.eval_on_selector_all(
        "#trends canvas",
        """found => found.map(canvas => {
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          let drawn = 0;
          for (let at = 3; at < data.length; at += 4) if (data[at]) drawn += 1;
          return 4 * drawn / data.length;
        })""",
    )


@sizes
def test_the_flow_of_every_day_is_drawn_and_told_in_numbers(opened, size):
    page, portfolio = opened(size)
    flow, throughput = inked(page)
    assert flow > 0.3, "bands of colour"
    assert throughput > 0.03
    past = portfolio.trends
    places = tuple(stages(portfolio.blueprint))
    assert past.flow[-1]["closed"] == 1
    assert cells(page, LAST) == [
        past.days[-1].isoformat(), *(f"{past.flow[-1].get(place, 0):,}" for place in places)
    ]  # fmt: skip
    assert page.errors == page.foreign_requests == []


@sizes
def test_what_changed_is_listed_by_kind_and_leads_to_the_project(opened, size):
    page, portfolio = opened(size)
    headings = page.page.locator("#trends h3").all_text_contents()
    assert [heading.rstrip("0123456789, ") for heading in headings] == [
        "Moved on", "Newly governed", "No longer governed or visible", "Rating changed", "Other changes",
    ]  # fmt: skip
    counts = [int(text.replace(",", "")) for text in page.page.locator("#trends h3 .gm-count").all_text_contents()]
    assert sum(counts) == len(portfolio.trends.changes)
    moved = portfolio.trends.changes[1]
    assert "Exploration → In Progress" in page.page.locator("#trends .gm-lane").first.inner_text()
    page.page.locator("#trends .gm-open").first.click()
    page.page.wait_for_selector("#panel:not([hidden])")
    assert page.page.inner_text("#panel-title") == moved.name
    page.page.keyboard.press("Escape")
    page.page.wait_for_selector("#panel", state="hidden")
    assert page.page.evaluate("document.activeElement.dataset.key") == moved.project_key


def test_the_rest_of_a_long_list_is_a_button_away(opened):
    page, portfolio = opened(1000)
    lane = page.page.locator("#trends .gm-lane").first
    assert lane.locator("li").count() == 12
    lane.get_by_role("button").click()
    assert lane.locator("li").count() == sum(change.field == "current_step" for change in portfolio.trends.changes)
    assert page.page.evaluate("document.activeElement.matches('.gm-open')"), "the keyboard goes on where the list does"


def test_a_shorter_time_is_chosen_sent_as_a_link_and_taken_back(opened):
    page, _portfolio = opened(12)
    rows = "document.querySelectorAll('#trends .gm-numbers')[0].querySelectorAll('tbody tr').length"
    assert page.page.evaluate(rows) == 400, "the newest of 500 days"
    page.page.select_option("#range", "90")
    page.until(f"() => {rows} === 91")
    assert "range=90" in page.page.url
    link = "#" + page.page.url.partition("#")[2]
    page.go(link)
    assert page.page.evaluate(rows) == 91
    assert page.page.input_value("#range") == "90"
    page.tab("kanban")
    page.page.go_back()
    page.page.wait_for_selector("#view-trends:not([hidden])")
    assert page.page.evaluate(rows) == 91


def test_cycle_times_and_months_without_a_delivery_are_told(opened):
    page, _ = opened(12)
    text = page.page.inner_text("section[aria-label='Cycle times']")
    assert "In Progress\t\t37.5 d\t90.75 d\t42" in text
    page.page.click("section[aria-label='Throughput'] summary")
    months = page.page.locator("section[aria-label='Throughput'] tbody tr").all_inner_texts()
    assert [month.split("\t") for month in months] == [
        ["Nov 2026", "0"], ["Oct 2026", "0"], ["Sep 2026", "12"], ["Aug 2026", "0"], ["Jul 2026", "0"],
        ["Jun 2026", "3"],
    ]  # fmt: skip


def test_filters_hold_for_what_changed_and_not_for_the_flow(opened):
    page, portfolio = opened(1000)
    before = page.page.locator("#trends h3 .gm-count").all_text_contents()
    flow = cells(page, LAST)
    page.choose("step", "Delivered")
    delivered = {row.project.facts.project_key for row in portfolio.governed if row.stage == "delivery"}
    listed = page.page.eval_on_selector_all("#trends .gm-open", "found => found.map(each => each.dataset.key)")
    assert listed and set(listed) <= delivered
    assert page.page.locator("#trends h3 .gm-count").all_text_contents() != before
    assert cells(page, LAST) == flow
    assert "whatever is filtered" in page.page.inner_text("#trends")


def test_charts_follow_the_windows_width_and_the_systems_colours(opened):
    page, _ = opened(12)
    width = "document.querySelector('#trends canvas').getBoundingClientRect().width"
    wide = page.page.evaluate(width)
    page.page.set_viewport_size({"width": 700, "height": 900})
    page.until(f"() => {width} < {wide} - 300")
    corner = """() => {
      const canvas = document.querySelector("#trends canvas");
      return [...canvas.getContext("2d").getImageData(canvas.width / 2, canvas.height * 0.8, 1, 1).data].join();
    }"""
    light = page.page.evaluate(corner)
    page.page.emulate_media(color_scheme="dark")
    page.until(f"light => ({corner})() !== light", light)


def test_a_first_snapshot_is_told_without_a_chart(page_of, open_page, tmp_path):
    _, portfolio = page_of(12)
    past = portfolio.trends
    first = replace(
        past, days=past.days[-1:], flow=past.flow[-1:], cycle_times=(), throughput=(), since=None, changes=()
    )
    path = tmp_path / "first.html"
    path.write_bytes(HtmlReport().render(replace(portfolio, trends=first)))
    page = open_page(path, "#view=trends")
    text = page.page.inner_text("#trends")
    assert "one snapshot, of 2026-11-23" in text and "A chart needs two days" in text
    assert "Since" not in text and "No project has finished a step yet." in text
    assert page.errors == []


def test_a_page_without_history_has_no_trends(page_of, open_page, tmp_path):
    _, portfolio = page_of(12)
    path = tmp_path / "without.html"
    path.write_bytes(HtmlReport().render(replace(portfolio, trends=None)))
    page = open_page(path, "#view=trends")
    assert page.page.is_visible("#table")
    assert page.page.locator("[role=tab]").all_text_contents() == ["Table", "Matrix", "Kanban", "Summary"]
    assert page.errors == []


@pytest.mark.parametrize("month", ["1900-01", "1020-1", "9999-12"])
def test_a_delivery_in_a_year_nobody_means_does_not_fill_the_chart(page_of, month):
    _, portfolio = page_of(12)
    past = replace(portfolio.trends, throughput=[(month, 1), ("2026-10", 2)])
    page = HtmlReport().render(replace(portfolio, trends=past)).decode()
    packed = re.search(r'id="data">(.*?)<', page)[1]
    months = json.loads(gzip.decompress(base64.b64decode(packed)))["past"]["throughput"]
    assert len(months) <= 24 and months[-2:] == [["2026-10", 2], ["2026-11", 0]]
