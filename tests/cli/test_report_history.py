"""`report --history`: what it adds, and what is refused before anything is read, written or published."""

import base64
import gzip
import json
import re
from datetime import datetime, timedelta, timezone

import pytest
from support.projects import create_project, wiki_articles

from govern_mirror import clock

START = datetime(2026, 3, 1, 7, tzinfo=timezone.utc)
PROJECTS = "/projects"


@pytest.fixture
def on(run):
    """Run the command line on a day."""

    def on(day, *arguments):
        with clock.set_to(START + timedelta(days=day)):
            return run(*map(str, arguments))

    return on


@pytest.fixture(params=["history.duckdb", pytest.param("history", marks=pytest.mark.costly(6))])
def history(request, dss, request_log, on, tmp_path):
    """A history of three days, on each of which the project moved one step."""
    path = tmp_path / request.param
    create_project(dss, "CHURN")
    assert on(0, "init", "CHURN", "--value", "High").code == 0
    for day in range(3):
        assert on(day, "advance", "CHURN").code == 0
        assert on(day, "snapshot", "--history", path).code == 0
    assert on(3, "qualify", "CHURN", "--decision", "Go").code == 0
    request_log.clear()
    return path


@pytest.fixture
def nothing_read(request_log):
    """Whether no project was asked for."""
    return lambda: not request_log.count("GET", PROJECTS)


def past_of(page):
    """What the page's script finds of the past."""
    packed = re.search(rb'<script type="text/plain" id="data">([^<]*)</script>', page)[1]
    return json.loads(gzip.decompress(base64.b64decode(packed, validate=True)))["past"]


# what is shown ----------------------------------------------------------------------------------------------


def test_the_table_tells_what_changed_since_the_last_snapshot(on, history):
    ran = on(3, "report", "--history", history)
    assert ran.code == 0 and ran.out.splitlines()[-1] == "Since 2026-03-03: 1 decision changed"
    ran = on(2, "report", "--history", history)
    assert ran.out.splitlines()[-1] == "Since 2026-03-02: 1 moved on · 1 decision changed"


@pytest.mark.parametrize(
    ("since", "day"),
    [("2026-02-01", 1), ("2026-03-01", 1), ("2026-03-02", 2), ("2026-03-03", 3), ("2026-03-04", 3)],
)
def test_since_counts_from_the_last_snapshot_of_that_day_or_before(on, history, since, day):
    ran = on(3, "report", "--format", "markdown", "--history", history, "--since", since)
    assert ran.code == 0 and f"## Since 2026-03-0{day}\n" in ran.out
    assert ("Moved on" in ran.out) is (day < 3)


def test_a_day_that_lies_ahead_is_refused(on, history):
    ran = on(3, "report", "--history", history, "--since", "2030-01-01")
    assert ran.code == 2 and "2030-01-01 lies ahead" in ran.err


def test_the_first_snapshot_of_a_history_tells_no_change(on, dss, tmp_path):
    create_project(dss, "CHURN")
    on(0, "init", "CHURN")
    on(0, "snapshot", "--history", tmp_path / "history")
    on(0, "advance", "CHURN")
    ran = on(0, "report", "--history", tmp_path / "history")
    assert ran.code == 0 and "Since" not in ran.out


def test_the_page_holds_what_its_trends_view_shows(on, history, tmp_path):
    page = tmp_path / "page.html"
    ran = on(3, "report", "-o", page, "--history", history)
    assert ran.code == 0 and "1 governed" in ran.err
    past = past_of(page.read_bytes())
    assert past["days"] == ["2026-03-01", "2026-03-02", "2026-03-03"]
    flow = {step: counts for step, counts in past["flow"].items() if any(counts)}
    assert flow == {"exploration": [1, 0, 0], "qualification": [0, 1, 0], "progress": [0, 0, 1]}
    assert past["cycle_times"] == [["Exploration", 1, 1.0, 1.0], ["Qualification", 1, 1.0, 1.0]]
    assert past["since"] == "2026-03-03"
    assert past["news"] == [["Decision changed", 1, [["CHURN", "CHURN", "Undecided → Go"]]]]


def test_without_a_history_the_page_has_none(on, history, tmp_path):
    page = tmp_path / "page.html"
    assert on(3, "report", "-o", page).code == 0
    assert past_of(page.read_bytes()) is None


def test_a_filter_leaves_the_changes_of_other_projects_out(on, history):
    ran = on(3, "report", "--history", history, "--decision", "No go")
    assert ran.code == 0 and ran.out.splitlines()[-1] == "Since 2026-03-03: nothing changed"


# what is published ------------------------------------------------------------------------------------------


def test_the_wiki_tells_the_history_also_where_what_is_printed_cannot(on, dss, history):
    create_project(dss, "HUB")
    ran = on(3, "report", "--format", "json", "--history", history, "--publish-wiki", "HUB")
    assert ran.code == 0, ran.err
    assert [project["project_key"] for project in ran.json["projects"]] == ["CHURN"]
    (article,) = wiki_articles(dss, "HUB").values()
    assert "## Since 2026-03-03" in article and "Undecided → Go" in article


# what is refused --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["json", "csv", "xlsx", "plan"])
def test_a_format_that_shows_no_history_is_refused_with_those_that_do(on, history, nothing_read, tmp_path, form):
    output = tmp_path / "report"
    ran = on(3, "report", "--format", form, "-o", output, "--history", history)
    said = " ".join(ran.err.split())
    assert ran.code == 2 and f"{form} does not show a history" in said
    assert all(name in said for name in ("html", "markdown", "mail", "table", "trends --history"))
    assert nothing_read() and not output.exists()


def test_a_file_whose_name_asks_for_such_a_format_is_refused_too(on, history, tmp_path):
    ran = on(3, "report", "-o", tmp_path / "report.csv", "--history", history)
    assert ran.code == 2 and "csv does not show a history" in ran.err


def test_since_without_a_history_is_wrong_usage(on, dss, nothing_read):
    create_project(dss, "CHURN")
    ran = on(0, "report", "--since", "2026-03-01")
    assert ran.code == 2 and "add --history" in ran.err and nothing_read()


@pytest.mark.parametrize("since", ["soon", "2026-13-01", "", "01/03/2026"])
def test_a_since_that_is_no_date_is_wrong_usage(on, history, nothing_read, since):
    ran = on(3, "report", "--history", history, "--since", since)
    assert ran.code == 2 and "since takes a date" in ran.err and nothing_read()


@pytest.mark.parametrize("name", ["history.duckdb", "history", "no/folder/history.duckdb"])
def test_a_history_that_is_not_there_ends_before_any_project_is_read(on, dss, nothing_read, tmp_path, name):
    create_project(dss, "HUB")
    ran = on(
        0, "report", "-o", tmp_path / "page.html", "--history", tmp_path / name, "--publish-wiki", "HUB",
    )  # fmt: skip
    said = " ".join(ran.err.split())
    assert ran.code == 1 and f"no history at {tmp_path / name}" in said and "snapshot --history" in said
    assert nothing_read() and not wiki_articles(dss, "HUB") and not list(tmp_path.iterdir())


def test_a_path_that_can_be_no_history_is_wrong_usage(on, nothing_read, tmp_path):
    ran = on(0, "report", "--history", tmp_path / "history.csv")
    assert ran.code == 2 and ".duckdb" in ran.err and nothing_read()


def test_a_file_that_is_no_history_ends_before_any_project_is_read(on, nothing_read, tmp_path):
    path = tmp_path / "notes.db"
    path.write_text("dear diary " * 1000)
    ran = on(0, "report", "--history", path)
    assert ran.code == 1 and "notes.db" in ran.err and nothing_read()


def test_a_history_of_another_instance_is_refused_and_names_both(on, dss, history, tmp_path):
    create_project(dss, "HUB")
    dss.node_id = "automation"
    page = tmp_path / "page.html"
    ran = on(3, "report", "-o", page, "--history", history, "--publish-wiki", "HUB")
    said = " ".join(ran.err.split())
    assert ran.code == 1 and f"history at {history} holds no snapshot of the instance automation" in said
    assert "snapshot --history" in said
    assert not page.exists() and not wiki_articles(dss, "HUB")


def test_a_report_that_ends_so_leaves_the_page_of_before(on, dss, history, tmp_path):
    page = tmp_path / "page.html"
    page.write_text("yesterday's")
    dss.node_id = "automation"
    assert on(3, "report", "-o", page, "--history", history).code == 1
    assert page.read_text() == "yesterday's"
