"""A report asks for the list of projects at once, while the rest of it is still loaded."""

import pytest
from support.projects import create_project
from support.request_log import RequestLog


@pytest.fixture
def log(dss, run):
    for key in ("CHURN", "FRAUD"):
        create_project(dss, key)
    assert run("init", "CHURN", "FRAUD").code == 0
    return RequestLog(dss)


def keys(ended):
    return [row["project_key"] for row in ended.json["projects"]]


def test_a_report_asks_for_the_list_once(log, run):
    assert keys(run("report", "--format", "json")) == ["CHURN", "FRAUD"]
    assert [path for _, path in log.requests].count("/projects") == 1


def test_a_list_that_broke_off_is_told_once_and_whole(dss, log, run):
    dss.faults.set("GET /projects:cut-after-write@1")
    assert keys(run("report", "--format", "json")) == ["CHURN", "FRAUD"]
    assert [path for _, path in log.requests].count("/projects") == 2


@pytest.mark.parametrize("fault", ["500", "html", "json={}", 'json="x"', "redirect=https://elsewhere.example/"])
def test_a_list_that_cannot_be_read_is_told_as_ever(dss, log, run, fault):
    dss.faults.set(f"GET /projects:{fault}")
    at_once = run("report", "--format", "json")
    asked_after_the_settings = run("report", "--format", "json", "--step", "exploration")
    assert at_once.code == 1 and not at_once.out
    assert at_once.err == asked_after_the_settings.err


@pytest.mark.parametrize("wrong", [["--step", "nosuch"], ["--decision", "nosuch"], ["--format", "nosuch"]])
def test_wrong_filters_ask_for_no_list(log, run, wrong):
    assert run("report", *wrong).code == 2
    assert log.count("GET", "/projects") == 0


def test_settings_that_are_wrong_ask_for_nothing(log, run, tmp_path):
    path = tmp_path / "settings.json"
    path.write_text('{"stale_after_days": "many"}')
    assert run("--settings", path, "report").code == 2
    assert not log.requests


def test_a_terminal_is_not_flooded_with_a_workbook(log, run, monkeypatch):
    monkeypatch.setattr("govern_mirror.cli.commands.report.is_terminal", lambda stream: True)
    ended = run("report", "--format", "xlsx")
    assert ended.code == 2 and "not for a terminal" in ended.err
    assert not log.requests


def test_settings_that_cannot_be_asked_for_end_a_report(dss, log, run):
    dss.faults.set("GET /plugins/*:html")
    ended = run("report", "--format", "json")
    assert ended.code == 1 and "not from DSS" in " ".join(ended.err.split())
