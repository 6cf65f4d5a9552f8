"""What people see of a history: `snapshot` and `trends`, over days on which projects move."""

from __future__ import annotations

import subprocess
import sys

import duckdb
import pytest


@pytest.mark.parametrize("name", ["history.duckdb", "history"])
def test_trends_tell_what_was_done_day_by_day(instance, tmp_path, name):
    instance.history = tmp_path / name
    instance.done("init", "P", "Q", "--value", "High", "--risk", "Low")
    instance.snapshot()
    instance.after(1).done("advance", "P")
    instance.snapshot()
    instance.after(1, hours=12).done("advance", "P")
    instance.done("qualify", "P", "--decision", "Go")
    instance.snapshot()
    found = instance.trends()
    assert list(found) == ["format_version", "flow", "cycle_time", "throughput", "age", "changes", "mix"]
    assert found["flow"] == [
        {"day": "2026-03-01", "step": "not_started", "projects": 2},
        {"day": "2026-03-02", "step": "not_started", "projects": 1},
        {"day": "2026-03-02", "step": "exploration", "projects": 1},
        {"day": "2026-03-03", "step": "not_started", "projects": 1},
        {"day": "2026-03-03", "step": "qualification", "projects": 1},
    ]
    assert found["cycle_time"] == [{"step": "exploration", "finished": 1, "median_days": 1.5, "p85_days": 1.5}]
    assert {row["day"] for row in found["mix"]} == {row["day"] for row in found["flow"]}
    assert {row["rating"] for row in found["mix"] if row["field"] == "decision"} == {"Go", "undecided"}
    assert found["throughput"] == []
    assert found["age"] == [{"project_key": "P", "step": "qualification", "days": 0}]
    assert found["changes"] == [
        {"project_key": "P", "field": "current_step", "from": "not_started", "to": "exploration", "day": "2026-03-02"},
        {"project_key": "P", "field": "current_step", "from": "exploration", "to": "qualification",
         "day": "2026-03-03"},
        {"project_key": "P", "field": "decision", "from": None, "to": "Go", "day": "2026-03-03"},
    ]  # fmt: skip


def test_a_delivered_project_counts_in_its_month(instance):
    instance.done("init", "P")
    for _ in range(6):
        instance.after(7).done("advance", "P")
    instance.snapshot()
    found = instance.trends()
    assert found["flow"] == [{"day": "2026-04-12", "step": "complete", "projects": 1}]
    assert found["throughput"] == [{"month": "2026-04", "delivered": 1}]
    assert [(step["step"], step["median_days"]) for step in found["cycle_time"]][-1] == ("delivery", 7.0)
    assert found["age"] == []


def test_since_compares_its_first_day_with_the_one_before(instance):
    instance.done("init", "P")
    instance.snapshot()
    instance.after(1).done("advance", "P")
    instance.snapshot()
    instance.after(5).done("advance", "P")
    instance.snapshot()
    found = instance.trends("--since", "2026-03-05")
    assert {row["day"] for row in found["flow"]} == {"2026-03-07"}
    assert [(row["from"], row["to"], row["day"]) for row in found["changes"]] == [
        ("exploration", "qualification", "2026-03-07")
    ]
    assert instance.trends("--since", "2026-03-08")["cycle_time"] == []


def test_a_repeated_run_does_no_harm_the_last_of_the_day_counts(instance):
    instance.done("init", "P")
    instance.snapshot()
    once = instance.trends()
    instance.snapshot()
    assert instance.trends() == once
    instance.after(hours=3).done("advance", "P")
    instance.snapshot()
    assert instance.trends()["flow"] == [{"day": "2026-03-01", "step": "exploration", "projects": 1}]


def test_a_project_that_is_renamed_keeps_its_line(instance):
    instance.done("init", "P")
    instance.snapshot()
    instance.after(1).rename("P", "New name")
    instance.snapshot()
    (change,) = instance.trends()["changes"]
    assert (change["project_key"], change["field"], change["to"]) == ("P", "name", "New name")


def test_a_project_that_leaves_and_comes_back_is_told_as_gone_and_new(instance):
    instance.done("init", "P", "Q")
    instance.snapshot()
    instance.after(1).done("ungovern", "P", "--yes")
    instance.snapshot()
    instance.after(1).done("init", "P")
    instance.done("advance", "P")
    instance.snapshot()
    assert [(c["field"], c["from"], c["to"], c["day"]) for c in instance.trends()["changes"]] == [
        ("state", "governed", None, "2026-03-02"),
        ("state", None, "governed", "2026-03-03"),
    ]


def test_a_step_gone_back_to_counts_with_its_last_pass(instance):
    instance.done("init", "P")
    instance.done("advance", "P")
    instance.after(10).done("advance", "P")
    instance.snapshot()
    instance.done("step", "reopen", "P", "exploration", "--reason", "not finished")
    instance.after(2).snapshot()
    assert instance.trends()["cycle_time"] == []
    instance.after(1).done("advance", "P")
    instance.snapshot()
    assert instance.trends()["cycle_time"] == [
        {"step": "exploration", "finished": 1, "median_days": 3.0, "p85_days": 3.0}
    ]


def test_a_snapshot_may_stand_for_another_time(instance):
    instance.done("init", "P")
    for text in ("2026-02-01", "2026-02-02T23:30:00-05:00"):
        instance.snapshot("--as-of", text)
    assert [row["day"] for row in instance.trends()["flow"]] == ["2026-02-01", "2026-02-03"]


@pytest.mark.parametrize(
    "arguments",
    [("snapshot", "--as-of", "soon"), ("snapshot", "--as-of", "0206-03-01"), ("trends", "--since", "2026-13-01")],
)
def test_a_time_that_is_none_is_wrong_usage(instance, arguments):
    ran = instance.run(arguments[0], "--history", instance.history, *arguments[1:])
    assert ran.code == 2 and arguments[2] in ran.err


def test_a_missing_history_says_how_to_start_one(instance):
    ran = instance.run("trends", "--history", instance.history)
    assert ran.code == 1 and "snapshot --history" in ran.err


def test_without_governed_projects_nothing_is_appended_and_it_says_so(instance):
    assert "nothing was appended" in instance.snapshot().err


def test_the_table_shows_every_trend(instance):
    instance.done("init", "P")
    instance.done("advance", "P")
    instance.after(3).done("advance", "P")
    instance.snapshot()
    out = instance.done("trends", "--history", instance.history).out
    for part in ("Projects by day and step", "2026-03-04", "Exploration", "3.0", "Delivered a month", "Changes"):
        assert part in out
    for constant in ("NOT_STARTED", "exploration", "unrated", "undecided"):
        assert constant not in out, "people read labels"


def test_texts_that_people_write_survive_in_the_history(instance):
    text = 'Ada "1st" λ 😀\\ it\'s'
    instance.done("init", "P", "--sponsor", text)
    instance.snapshot()
    with duckdb.connect(instance.history) as database:
        (found,) = {row[0] for row in database.execute("SELECT sponsor FROM govern_history").fetchall()}
    assert found == text


def test_a_report_loads_no_engine():
    code = (
        "import sys, govern_mirror.actions.report, govern_mirror.components.macros, govern_mirror.actions.history\n"
        "print([name for name in ('duckdb', 'ibis', 'pandas', 'pyarrow') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
