"""The last Project Standards report of a project: what DSS has of it, and what DSS does not have."""

import contextlib
import json

import dataikuapi
import pytest

from govern_mirror.connection import Instance
from govern_mirror.dss import connect
from govern_mirror.dss.standards import last_standards_report
from govern_mirror.errors import ConnectionFailed, NotFound
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.mock_instance import URL, mock_instance

PATH = "/projects/P/project-standards/last-report"


@pytest.fixture
def client(dss):
    dss.create_project("P")
    return connect(Instance(URL, dss.admin_key))()


def test_the_worst_severity_counts(dss, client):
    assert last_standards_report(client, "P") is None
    dss.standards.note(dss.admin, "P", {"docs": 0, "tests": 3, "names": 1})
    report = last_standards_report(client, "P")
    assert (report.severity, report.failed, report.label) == (3, 0, "Medium")
    assert abs(report.ran_on.timestamp() * 1000 - dss.clock.milliseconds()) < 60_000
    dss.standards.note(dss.admin, "P", {"docs": 0})
    assert last_standards_report(client, "P").label == "None"


def test_the_client_reads_the_report_of_the_sandbox(dss, client):
    project = dataikuapi.DSSClient(URL, api_key=dss.admin_key).get_project("P")
    assert project.get_project_standards_last_report() is None
    dss.standards.note(dss.admin, "P", {"docs": 5, "tests": None})
    report = project.get_project_standards_last_report()
    runs = report.checks_run_info
    assert (report.project_key, report.requester) == ("P", "admin")
    assert runs["docs"].result.severity_category == "CRITICAL" and runs["tests"].result.status == "RUN_ERROR"


def test_a_check_that_failed_to_run_is_no_success(dss, client):
    dss.standards.note(dss.admin, "P", {"docs": None})
    report = last_standards_report(client, "P")
    assert (report.severity, report.failed) == (None, 1) and "failed to run" in report.label


def test_an_older_dss_has_none():
    with contextlib.closing(Sandbox(dss_version="13.5.0")) as sandbox, mock_instance(sandbox):
        sandbox.create_project("P")
        assert last_standards_report(connect(Instance(URL, sandbox.admin_key))(), "P") is None


def test_who_may_not_read_the_project_reads_no_report(dss, client):
    dss.standards.note(dss.admin, "P", {"docs": 5})
    stranger = connect(Instance(URL, dss.create_user("stranger")))()
    with pytest.raises(NotFound, match="may not read it"):
        last_standards_report(stranger, "P")


@pytest.mark.parametrize("answer", ["html", "json=[1]", 'json={"bundleChecksRunInfo": 1}', "json={}", "json=7"])
def test_another_answer_is_no_report(dss, client, answer):
    dss.faults.set(f"GET {PATH}:{answer}")
    with pytest.raises(ConnectionFailed):
        last_standards_report(client, "P")


@pytest.mark.parametrize(
    ("result", "severity", "failed"),
    [
        ({"status": "NOT_APPLICABLE"}, None, 0),
        ({"status": "RUN_SUCCESS", "severity": 9}, None, 1),
        ({"status": "RUN_SUCCESS", "severity": True}, None, 1),
        ({"status": "RUN_SUCCESS", "severity": "5"}, None, 1),
        (None, None, 1),
    ],
)
def test_what_no_check_says_is_not_taken_for_a_severity(dss, client, result, severity, failed):
    document = json.dumps({"bundleChecksRunInfo": {"docs": {"result": result}}, "startTime": "yesterday"})
    dss.faults.set(f"GET {PATH}:json={document}")
    report = last_standards_report(client, "P")
    assert (report.severity, report.failed, report.ran_on) == (severity, failed, None)
