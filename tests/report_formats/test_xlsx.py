"""The workbook: people sort, filter and count with it, so every cell has its type and nothing in it runs."""

import io
import re
import sys
import zipfile
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import openpyxl
import pytest
from openpyxl.utils.escape import unescape
from standard import Overview, Qualification, Rating, build
from support.hostile_projects import LONG, NAMES, NOW, hostile_projects, many, plain, workflow

from govern_mirror.model.blueprint import STANDARD
from govern_mirror.report.columns import Type, columns
from govern_mirror.report.formats import renderer
from govern_mirror.report.portfolio import Filters
from govern_mirror.report.xlsx_report import MAX_CELL_UNITS, MAX_LINKS

COLUMNS = columns(STANDARD)
NAMES_OF_COLUMNS = [column.name for column in COLUMNS]
PYTHON = {Type.TEXT: str, Type.INTEGER: int, Type.NUMBER: (int, float), Type.FLAG: bool, Type.TIME: datetime}


def rendered(portfolio):
    return renderer("xlsx").render(portfolio)


def opened(portfolio):
    return openpyxl.load_workbook(io.BytesIO(rendered(portfolio)))


def cells(sheet):
    """The cells below the header, a dict a row."""
    return [dict(zip(NAMES_OF_COLUMNS, row, strict=True)) for row in sheet.iter_rows(min_row=2)]


def test_the_sheet_data_has_the_documented_columns(demo):
    book = opened(demo)
    assert book.sheetnames == ["Projects", "Data", "Summary"]
    assert [cell.value for cell in next(book["Data"].iter_rows(max_row=1))] == NAMES_OF_COLUMNS


def test_every_value_of_the_demo_comes_back_with_its_type(demo):
    rows = cells(opened(demo)["Data"])
    assert len(rows) == len(demo.rows) > 10
    filled = set()
    for row, read in zip(demo.rows, rows, strict=True):
        for column in COLUMNS:
            meant, found = column.of(row), read[column.name].value
            if meant in (None, ""):
                assert found is None
                continue
            filled.add(column.type)
            assert isinstance(found, PYTHON[column.type]), (column.name, found)
            if column.type is Type.TIME:
                assert found.replace(tzinfo=timezone.utc) == datetime.fromisoformat(meant.replace("Z", "+00:00"))
            else:
                assert found == meant
    assert filled == set(Type)


def test_dates_look_like_dates_and_times_like_times(demo):
    rows = cells(opened(demo)["Data"])
    shown = {
        name: {row[name].number_format for row in rows if row[name].value is not None} for name in NAMES_OF_COLUMNS
    }
    assert shown["start_date"] == shown["target_end_date"] == {"yyyy-mm-dd"}
    assert shown["last_change_on"] == shown["exploration_started_on"] == {"yyyy-mm-dd hh:mm:ss"}


def test_a_time_with_another_zone_is_written_in_utc():
    far = timezone(timedelta(hours=9))
    project = plain(0, workflow=workflow(0, datetime(2026, 5, 1, 3, tzinfo=far)))
    row = cells(opened(build([project], Filters(), NOW))["Data"])[0]
    assert row["exploration_started_on"].value == datetime(2026, 4, 30, 18)


def test_the_header_stays_in_sight_and_has_filters_over_all_rows(demo):
    sheet = opened(demo)["Data"]
    assert sheet.freeze_panes == "C2"
    assert sheet.auto_filter.ref == f"A1:{sheet.cell(1, len(COLUMNS)).column_letter}{len(demo.rows) + 1}"


def test_columns_fit_their_names_and_a_screen(demo, hostile):
    for portfolio in (demo, hostile):
        groups = opened(portfolio)["Data"].column_dimensions.values()
        widths = {position: group.width for group in groups for position in range(group.min, group.max + 1)}
        for position, name in enumerate(NAMES_OF_COLUMNS, 1):
            assert len(name) + 2 <= widths[position] <= 70, name


def test_the_summary_tells_what_the_other_formats_tell(demo):
    sheet = opened(demo)["Summary"]
    told = {row[0]: row[1] for row in sheet.iter_rows(values_only=True) if row[0]}
    summary = demo.summary
    assert told["Visible"] == summary.projects
    assert told["Governed"] == summary.governed
    assert told[f"Stale ({demo.stale_days} days or more in a step)"] == summary.stale
    assert told["Past their target end date"] == sum(row.overdue for row in demo.rows)
    assert told["With problems"] == summary.problems
    assert told["Copied, not counted until adopted"] == summary.copied
    assert [told[step.name] for step in STANDARD.steps] == [summary.by_step[step.id] for step in STANDARD.steps]
    assert [told[name] for name in ("Go", "No go", "On hold")] == [
        summary.by_decision[name] for name in ("Go", "No go", "On hold")
    ]
    assert told["Undecided"] == summary.by_decision["undecided"]
    assert told["Instance"] == demo.node_id
    assert told["Filters"] == "ungoverned included"
    assert told["Generated on (UTC)"] == demo.generated_on.replace(tzinfo=None, microsecond=0)


def test_the_first_sheet_has_labels_and_colours_for_people(demo):
    sheet = opened(demo)["Projects"]
    headings = [cell.value for cell in sheet[1]]
    assert headings[:5] == ["Project", "Key", "Current step", "Detail", "Flags"]
    looks = {}
    for cells_of_row in sheet.iter_rows(min_row=2):
        for heading, cell in zip(headings, cells_of_row, strict=True):
            if cell.value is not None and cell.fill.fill_type:
                looks[heading, cell.value] = cell.fill.fgColor.rgb[-6:]
    # more value is better, more risk is not
    assert looks["Value", "High"] == looks["Decision", "Go"] != looks["Value", "Low"]
    assert looks["Risk", "High"] == looks["Value", "Low"]
    days = [row[headings.index("Target end date")] for row in sheet.iter_rows(min_row=2)]
    assert {cell.number_format for cell in days if cell.value is not None} == {"yyyy-mm-dd"}


def test_no_sheet_has_a_conditional_format_that_libreoffice_ends_on(demo):
    assert all(not sheet.conditional_formatting for sheet in opened(demo))


def test_no_text_becomes_a_formula_or_a_number(hostile):
    for sheet in opened(hostile):
        assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "d", "b", "inlineStr"}
    rows = cells(opened(hostile)["Data"])
    for row in rows:
        assert row["name"].value is None or row["name"].data_type in ("s", "inlineStr")
    with zipfile.ZipFile(io.BytesIO(rendered(hostile))) as archive:
        for name in archive.namelist():
            assert b"<f>" not in archive.read(name).replace(b"&lt;f&gt;", b"")


def test_hostile_names_come_back_from_a_workbook_as_they_are(hostile):
    found = {row["project_key"].value: row["name"].value for row in cells(opened(hostile)["Data"])}
    for row in hostile.rows:
        name, read = row.project.facts.name, found[row.project.facts.project_key] or ""
        if name.isprintable() and len(name) < 9_000 and not name.startswith("<r>"):
            assert unescape(read) == name
    by_name = {name: found[f"KEY_{number}"] for number, name in enumerate(NAMES)}
    # XlsxWriter takes a text that looks like its own rich text for markup
    assert by_name["<r>rich</r>"].strip() == "<r>rich</r>"
    assert by_name["<r><t>&</t></r>"].strip() == "<r><t>&</t></r>"
    assert by_name["bell\x07 esc\x1b[2J nul\x00"] == "bell� esc�[2J nul�"
    assert by_name["a\r\nb"] == "a\nb"
    assert by_name["\ud800"] == "�"


def test_a_text_that_is_too_long_for_a_cell_is_cut_and_says_so(hostile):
    found = {row["project_key"].value: row["name"].value for row in cells(opened(hostile)["Data"])}
    for name in (LONG, "é" * 40_000, "😀" * 20_000):
        read = found[f"KEY_{NAMES.index(name)}"]
        assert read.endswith("…")
        assert name.startswith(read[:-1])
        assert MAX_CELL_UNITS - 2 <= len(read.encode("utf-16-le")) // 2 <= MAX_CELL_UNITS


def test_only_safe_web_addresses_are_links(hostile):
    links = {cell.hyperlink.target for row in opened(hostile)["Data"].iter_rows() for cell in row if cell.hyperlink}
    assert links == set()
    demo_like = opened(build([plain(1)], Filters(), NOW))["Data"]
    cell = cells(demo_like)[0]["url"]
    assert cell.value == cell.hyperlink.target == "https://dss.example.com/projects/P1/"


@pytest.mark.filterwarnings("error")
def test_an_address_that_is_no_link_is_still_there_as_text(hostile):
    found = {row["project_key"].value: row["url"].value for row in cells(opened(hostile)["Data"])}
    for row in hostile.rows:
        facts = row.project.facts
        if facts.url and facts.url.isprintable():
            assert found[facts.project_key] == facts.url


@pytest.mark.filterwarnings("error")
def test_addresses_are_kept_beyond_the_links_that_excel_allows(monkeypatch):
    monkeypatch.setattr("govern_mirror.report.xlsx_report.MAX_LINKS", 3)
    read = cells(opened(many(5))["Data"])
    assert [bool(row["url"].hyperlink) for row in read] == [True] * 3 + [False] * 2
    assert all(row["url"].value.startswith("https://") for row in read)
    assert MAX_LINKS == 65_530


def test_a_date_that_excel_has_no_day_for_stays_text():
    dates = Overview(None, None, datetime(1900, 2, 28).date(), datetime(1900, 3, 1).date())
    early = plain(0, overview=dates, workflow=workflow(0, datetime(1, 1, 1, tzinfo=timezone.utc)))
    row = cells(opened(build([early], Filters(), NOW))["Data"])[0]
    assert row["start_date"].value == "1900-02-28T00:00:00Z"
    assert row["target_end_date"].value == datetime(1900, 3, 1)
    assert row["exploration_started_on"].value == "0001-01-01T00:00:00Z"


def test_missing_ratings_are_empty_cells():
    bare = plain(0, qualification=Qualification())
    row = cells(opened(build([bare], Filters(), NOW))["Data"])[0]
    names = ("value", "risk", "feasibility", "cost", "decision", "priority", "value_score")
    assert [row[name].value for name in names] == [None] * len(names)


def test_a_template_with_other_ratings_and_decisions_still_renders():
    ratings = tuple(replace(rating, name=f'{rating.name} "x"') for rating in STANDARD.ratings)
    other = replace(STANDARD, ratings=ratings, lists={**STANDARD.lists, "decisions": ('Yes, "sure"',)})
    project = plain(0, qualification=Qualification(Rating('Low "x"')), blueprint=other)
    assert cells(opened(build([project], Filters(), NOW, blueprint=other))["Data"])[0]["value"].value == 'Low "x"'


def test_an_empty_report_is_a_workbook_too():
    sheet = opened(build([], Filters(), NOW))["Data"]
    assert sheet.max_row == 1


def test_the_same_projects_give_the_same_bytes(hostile):
    assert rendered(hostile) == rendered(hostile)
    # a workbook names the time it was made at, which is the report's, not the present
    assert opened(hostile).properties.created == NOW.replace(tzinfo=None)


def test_the_archive_holds_no_address_but_those_of_the_format(hostile):
    with zipfile.ZipFile(io.BytesIO(rendered(hostile))) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            if name.endswith(".rels"):
                assert b'TargetMode="External"' not in archive.read(name)
            else:
                assert not re.search(rb"<hyperlink ", archive.read(name))


def test_the_cells_of_a_large_report_are_not_all_kept_in_memory():
    import tracemalloc

    portfolio = many(4_000)
    tracemalloc.start()
    try:
        size = len(rendered(portfolio))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # all cells at once would be over 100,000 objects
    assert peak < 12_000_000 + size


def test_the_library_of_workbooks_is_loaded_for_workbooks_only():
    import subprocess

    code = (
        "import sys; import govern_mirror.cli.commands.report, govern_mirror.components.macros;"
        "from govern_mirror.report.formats import renderer; renderer('csv');"
        "assert 'xlsxwriter' not in sys.modules; renderer('xlsx'); assert 'xlsxwriter' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_hostile_project_is_in_the_workbook(hostile):
    keys = {row["project_key"].value for row in cells(opened(hostile)["Data"])}
    assert keys == {project.facts.project_key for project in hostile_projects()}
