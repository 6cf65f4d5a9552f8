"""The definitions of docs/reporting.md, one by one, where chance seldom looks."""

from __future__ import annotations

from datetime import date, timedelta

import duckdb
import pytest
from standard import Trends
from support.histories import COLUMNS, FIRST, oracle, row, stored

from govern_mirror.history.engine import Engine
from govern_mirror.history.trends import fetch

MIDNIGHT = 20_514 * 86_400
"""2026-03-02T00:00:00Z."""


@pytest.fixture(scope="module")
def database():
    declared = ", ".join(f'"{name}" {stored(kind)}' for name, kind in COLUMNS.items())
    with duckdb.connect() as database:
        database.execute(f"CREATE TABLE h ({declared})")
        yield database


@pytest.fixture
def trend(database):
    def trend(name, rows, since=None):
        """A trend, held against plain Python as well."""
        database.execute("DELETE FROM h")
        marks = ", ".join("?" for _ in COLUMNS)
        database.executemany(f"INSERT INTO h VALUES ({marks})", [list(each.values()) for each in rows])
        trends = Trends(Engine("duckdb", lambda sql: database.execute(sql).fetchall()), "h", COLUMNS, since=since)
        found = fetch(trends, name)
        assert found == oracle(rows, since)[name]
        return found

    return trend


def finished(key, seconds, ended=MIDNIGHT):
    """A row of a project whose exploration took so many seconds."""
    return row("n", key, FIRST, exploration_status="FINISHED", exploration_started_s=ended - seconds,
               exploration_finished_s=ended)  # fmt: skip


@pytest.mark.parametrize(
    ("count", "median", "p85"), [(1, 1, 1), (2, 1, 2), (3, 2, 3), (19, 10, 17), (20, 10, 17), (100, 50, 85)]
)
def test_percentiles_are_durations_that_occurred_by_nearest_rank(trend, count, median, p85):
    (found,) = trend("cycle_time", [finished(f"P{n}", n * 86_400) for n in range(count, 0, -1)])
    assert (found["finished"], found["median_days"], found["p85_days"]) == (count, median, p85)


@pytest.mark.parametrize(("seconds", "days"), [(431, 0.0), (432, 0.01), (43_200, 0.5), (86_399, 1.0), (-90_000, 0.0)])
def test_days_have_two_decimals_half_up_and_are_never_negative(trend, seconds, days):
    (found,) = trend("cycle_time", [finished("P", seconds)])
    assert found["median_days"] == days


def test_a_step_that_was_skipped_or_has_no_start_has_no_cycle_time(trend):
    skipped = {**finished("P", 60), "exploration_status": "SKIPPED"}
    unknown = {**finished("Q", 60), "exploration_started_s": None}
    assert trend("cycle_time", [skipped, unknown]) == []


def test_since_counts_from_the_first_second_of_its_day(trend):
    since = date(2026, 3, 2)
    rows = [finished("P", 60), finished("Q", 60, MIDNIGHT - 1)]
    assert trend("cycle_time", rows, since)[0]["finished"] == 1
    delivered = [row("n", key, FIRST, delivered_day=day) for key, day in (("P", 20260302), ("Q", 20260301))]
    assert trend("throughput", delivered, since) == [{"month": "2026-03", "delivered": 1}]


def days(*offsets):
    return [FIRST + timedelta(days=offset) for offset in offsets]


def test_changes_of_the_day_since_itself_are_compared_with_the_day_before(trend):
    rows = [row("n", "P", day, name=str(day)) for day in days(0, 1, 2)]
    found = trend("changes", rows, since=FIRST + timedelta(days=1))
    assert [change["day"] for change in found] == ["2026-02-27", "2026-02-28"]


def test_each_node_is_compared_with_its_own_last_day_however_long_ago(trend):
    rows = [row("n1", "P", day, name=str(day)) for day in days(0, 6)]
    rows += [row("n2", "P", day, name=str(day)) for day in days(4, 5, 6)]
    found = trend("changes", rows, since=FIRST + timedelta(days=6))
    assert [(change["node_id"], change["from"]) for change in found] == [("n1", "2026-02-26"), ("n2", "2026-03-03")]


def test_a_project_is_new_after_a_day_without_it(trend):
    rows = [row("n", "Q", day) for day in days(0, 1, 2)]
    rows += [row("n", "P", day, name=str(day)) for day in days(0, 2)]
    assert [(c["field"], c["from"], c["to"]) for c in trend("changes", rows)] == [
        ("state", "governed", None),
        ("state", None, "governed"),
    ]


def test_the_same_key_on_two_nodes_is_two_projects(trend):
    rows = [row(node, "P", FIRST, flow_step="progress", days_in_step=n) for n, node in enumerate(("n1", "n2"))]
    assert trend("flow", rows) == [{"day": "2026-02-26", "step": "progress", "projects": 2}]
    assert [(each["node_id"], each["days"]) for each in trend("age", rows)] == [("n2", 1), ("n1", 0)]


def test_a_project_that_is_gone_still_counts_as_delivered(trend):
    gone, other = days(0, 1)
    rows = [row("n", "P", gone, delivered_day=20260226, flow_step="complete"), row("n", "R", gone, flow_step="rollout")]
    rows.append(row("n", "Q", other))
    assert trend("throughput", rows) == [{"month": "2026-02", "delivered": 1}]
    assert trend("age", rows) == []


def test_of_two_runs_at_the_same_second_the_later_write_counts(trend):
    rows = [row("n", "P", FIRST, run="b", revision=1, flow_step="progress"),
            row("n", "P", FIRST, run="a", revision=2, flow_step="rollout")]  # fmt: skip
    assert [each["step"] for each in trend("flow", rows)] == ["rollout"]
