"""JSON that no reader takes: one project that holds it is named as unreadable, and all others are reported."""

import json
import re
from dataclasses import dataclass

import pytest
import responses
from click.testing import CliRunner
from standard import decode

from govern_mirror.cli.main import main
from govern_mirror.model.item import ProjectFacts

URL = "https://dss.example.com"
API = f"{URL}/dip/publicapi"

DEEP = "[" * 5000 + "]" * 5000
DEEP_OBJECT = '{"a":' * 5000 + "1" + "}" * 5000
NESTED_985 = "[" * 985 + "]" * 985
LONG_NUMBER = "9" * 5000

UNREADABLE = {
    "deep_list": f'{{"govern_sponsor": {DEEP}}}',
    "deep_object": f'{{"govern_sponsor": {DEEP_OBJECT}}}',
    "deep_foreign_field": f'{{"other_plugin": {DEEP}}}',
    "deep_record": f'{{"govern_record": {DEEP}}}',
    "long_number": f'{{"govern_sponsor": {LONG_NUMBER}}}',
    "long_negative_number": f'{{"govern_sponsor": -{LONG_NUMBER}}}',
    "all_at_once": f'{{"a": "]}}[{{", "b": {DEEP}, "c": {LONG_NUMBER}, "d": {DEEP_OBJECT}}}',
}
"""Custom fields, as JSON text, of which Python's reader takes nothing."""

ODD = {
    "nested_985": f'{{"govern_notes_exploration": {NESTED_985}}}',
    "nested_985_documents": f'{{"govern_documents_rollout": {NESTED_985}}}',
    "nested_985_status": f'{{"govern_status_rollout": {NESTED_985}}}',
    "nested_985_record": f'{{"govern_record": {NESTED_985}}}',
    "nested_985_in_record": json.dumps({"govern_record": f'{{"schema": 1, "mine": {NESTED_985}}}'}),
    "long_number_in_record": json.dumps({"govern_record": f'{{"schema": {LONG_NUMBER}}}'}),
    "number_4000_digits": f'{{"govern_notes_exploration": {LONG_NUMBER[:4000]}}}',
    "infinite_numbers": '{"govern_notes_exploration": Infinity, "govern_start_date": NaN}',
}
"""Custom fields, as JSON text, that Python reads, and that nobody means."""


@dataclass
class RawDSS:
    """An instance that answers with JSON text as it is given, so that it can be of any depth."""

    projects: dict[str, str]
    writes: int = 0

    def answer(self, request):
        path = request.url.removeprefix(API).split("?")[0]
        body = None
        if path == "/projects/":
            body = f"[{','.join(self.item(key) for key in self.projects)}]"
        elif path == "/instance-info":
            body = '{"nodeId": "design", "dssVersion": "14.1.0"}'
        elif path == "/auth/info":
            body = '{"authIdentifier": "alice"}'
        elif request.method != "GET":
            self.writes += 1
            body = "{}"
        elif match := re.fullmatch(r"/projects/(\w+)/metadata", path):
            body = self.metadata(match[1])
        elif re.fullmatch(r"/projects/(\w+)/?", path):
            body = "{}"
        if body is None:
            error = {"errorType": "com.dataiku.dip.server.controllers.NotFoundException", "message": "no"}
            return 404, {}, json.dumps(error)
        return 200, {"Content-Type": "application/json"}, body

    def item(self, key):
        return f'{{"projectKey": "{key}", "name": "{key}", "customFields": {self.projects[key]}, "tags": ["t"]}}'

    def metadata(self, key):
        return f'{{"label": "{key}", "customFields": {self.projects[key]}, "tags": ["t"], "checklists": {{}}}}'


GOOD = '{"govern_status_exploration": "ONGOING"}'


@pytest.fixture
def dss():
    dss = RawDSS({"FIRST": GOOD, "LAST": GOOD})
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        for method in ("GET", "PUT", "POST"):
            mocked.add_callback(method, re.compile(rf"^{re.escape(API)}/"), callback=dss.answer)
        yield dss


@pytest.fixture
def run(dss, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DKU_DSS_URL", URL)
    monkeypatch.setenv("DKU_API_KEY", "secret-key")
    return lambda *arguments: CliRunner().invoke(main, list(map(str, arguments)), catch_exceptions=False)


def with_bad(dss, fields):
    dss.projects = {"FIRST": GOOD, "BAD": fields, "LAST": GOOD}


@pytest.mark.parametrize("fields", UNREADABLE.values(), ids=[f"t5_r10_{name}" for name in UNREADABLE])
def test_one_unreadable_project_does_not_hide_the_others(dss, run, fields):
    with_bad(dss, fields)
    result = run("report", "--format", "json")
    document = json.loads(result.stdout)
    assert [project["project_key"] for project in document["projects"]] == ["FIRST", "LAST"]
    assert result.exit_code == 1 and "BAD could not be read" in result.stderr
    assert "proxy" not in result.stderr


@pytest.mark.parametrize("fields", ODD.values(), ids=[f"t5_{name}" for name in ODD])
def test_odd_values_are_problems_of_their_project_alone(dss, run, fields):
    with_bad(dss, fields)
    result = run("report", "--format", "json", "--include-ungoverned")
    projects = {project["project_key"]: project for project in json.loads(result.stdout)["projects"]}
    assert result.exit_code == 0 and {"FIRST", "LAST"} <= projects.keys()
    assert projects["BAD"]["problems"] and all(len(p["found"] or "") <= 80 for p in projects["BAD"]["problems"])


@pytest.mark.parametrize("name", [*UNREADABLE, *ODD], ids=lambda name: f"t5_{name}")
def test_show_says_in_one_sentence_what_it_cannot_read(dss, run, name):
    with_bad(dss, {**UNREADABLE, **ODD}[name])
    result = run("show", "BAD")
    # a thousand levels are within or beyond what Python takes, depending on how deep the caller already is
    codes = (1,) if name in UNREADABLE else (0, 1) if "985" in name else (0,)
    assert result.exit_code in codes and "proxy" not in result.stderr
    if result.exit_code:
        assert re.fullmatch(r"Error: .*(nested more than|number of more than).*\n", result.stderr)


@pytest.mark.parametrize("name", [*UNREADABLE, "nested_985", "nested_985_documents"], ids=lambda name: f"t5_{name}")
def test_what_cannot_be_kept_is_not_written_over(dss, run, name):
    with_bad(dss, {**UNREADABLE, **ODD}[name])
    result = run("init", "--all")
    assert result.exit_code == 1 or "skipped" in result.stdout
    outcomes = {line.split()[0]: line.split()[1] for line in result.stdout.splitlines() if line.split()}
    assert outcomes["BAD"] in ("failed", "skipped")
    assert {outcomes["FIRST"], outcomes["LAST"]} & {"failed", "initialized", "filled"}  # this DSS keeps no write
    assert not [line for line in result.stderr.splitlines() if "Traceback" in line]


def test_t5_snapshot_goes_on_without_the_unreadable_project(dss, run, tmp_path):
    with_bad(dss, UNREADABLE["deep_list"])
    result = run("snapshot", "--history", tmp_path / "h.duckdb")
    assert "BAD could not be read" in result.stderr and "Appended 2 governed projects" in result.stderr


def test_t5_r10_a_page_of_a_proxy_is_still_told_as_such(dss, run):
    with responses.RequestsMock() as mocked:
        mocked.add("GET", re.compile(f"^{URL}"), body="<html>" + "[" * 5000, content_type="text/html")
        result = run("report")
    assert result.exit_code == 1 and "proxy" in result.stderr


def nested(depth, kind=list):
    value = kind()
    for _ in range(depth):
        value = [value] if kind is list else {"a": value}
    return value


@pytest.mark.parametrize(
    "value",
    [nested(100_000), nested(100_000, dict), 10**6000, [nested(50_000), {"a": 10**6000}], {"b": float("nan")}],
    ids=["t5_deep_list", "t5_deep_object", "t5_long_number", "t5_mixed", "t5_not_a_number"],
)
@pytest.mark.parametrize("field", ["govern_notes_rollout", "govern_documents_rollout", "govern_status_rollout",
                                   "govern_start_date", "govern_record"])  # fmt: skip
def test_decode_survives_any_value(value, field):
    metadata = {"customFields": {field: value}, "tags": value, "checklists": {"checklists": value}}
    project = decode(metadata, ProjectFacts("KEY"))
    assert project.problems and all(len(problem.found or "") <= 80 for problem in project.problems)
