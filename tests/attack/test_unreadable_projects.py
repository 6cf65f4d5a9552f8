"""A report without some of the projects says so, in every format, and ends with 1."""

import csv
import io
import json

import jsonschema
import openpyxl
import pytest
import yaml
from click.testing import CliRunner

from govern_mirror.actions.session import connect_to
from govern_mirror.cli.main import main
from govern_mirror.components.report_macro import report_from_form
from govern_mirror.report.formats import FORMATS
from govern_mirror_devkit.sandbox.mock_instance import URL, mock_instance
from govern_mirror_devkit.source import plugin_root

UNREAD = ("Q", "R")


@pytest.fixture
def instance(sandbox):
    """An instance whose list holds no custom fields, and that refuses to tell of two of its three projects."""
    for key in ("P", *UNREAD):
        sandbox.create_project(key)
        sandbox.edit_metadata(
            key, lambda metadata: metadata["customFields"].update(govern_status_exploration="ONGOING")
        )
    sandbox.projects.list_without_custom_fields = True
    with mock_instance(sandbox, URL):
        yield sandbox


@pytest.fixture
def broken(instance):
    instance.faults.set("; ".join(f"GET /projects/{key}/metadata:403" for key in UNREAD))
    return instance


@pytest.fixture
def run(instance, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DKU_DSS_URL", URL)
    monkeypatch.setenv("DKU_API_KEY", instance.admin_key)
    return lambda *arguments: CliRunner().invoke(main, list(map(str, arguments)), catch_exceptions=False)


def of_json(content):
    document = json.loads(content)
    schema = json.loads((plugin_root() / "docs" / "report.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(document)
    assert all("Injected fault 403" in project["message"] for project in document["unreadable"])
    return [project["project_key"] for project in document["unreadable"]]


def of_rows(header, *rows):
    found = [dict(zip(header, row, strict=True)) for row in rows]
    unread = [row for row in found if row["state"] == "unreadable"]
    assert all("Injected fault 403" in row["problem_messages"] for row in unread)
    assert all(row["current_step"] in ("", None) and row["stale"] in ("", None) for row in unread)
    return [row["project_key"] for row in unread]


def of_workbook(content):
    book = openpyxl.load_workbook(io.BytesIO(content))
    summary = {row[0]: row[1] for row in book["Summary"].iter_rows(values_only=True)}
    assert summary["Could not be read, and not counted"] == 2 and summary["Governed"] == 1
    return of_rows(*book["Data"].iter_rows(values_only=True))


def of_text(content):
    text = content.decode("utf-8").replace("<bdi>", "").replace("</bdi>", "")
    return [key for key in UNREAD if any(f"{key}{sign}" in text for sign in (": ", " | ", " could not be read"))]


def of_plan(content):
    assert list(yaml.safe_load(content)["projects"]) == ["P"]
    return of_text(content)


READ = {
    "table": of_text,
    "json": of_json,
    "csv": lambda content: of_rows(*csv.reader(io.StringIO(content.decode("utf-8"), newline=""))),
    "xlsx": of_workbook,
    "html": of_text,
    "markdown": of_text,
    "mail": of_text,
    "plan": of_plan,
}


def test_r14_every_format_is_read_here():
    assert READ.keys() == {"table", *FORMATS}


@pytest.mark.parametrize("form", READ, ids=lambda form: f"r14_{form}")
@pytest.mark.parametrize("quiet", [(), ("-q",)], ids=["loud", "quiet"])
def test_a_partly_unreadable_list_shows_and_ends_with_1(broken, run, form, quiet):
    result = run(*quiet, "report", "--format", form)
    assert READ[form](result.stdout_bytes) == list(UNREAD)
    assert result.exit_code == 1 and "2 projects are missing in this report" in result.stderr


@pytest.mark.parametrize("form", READ, ids=lambda form: f"r14_{form}")
def test_a_whole_list_shows_nothing_of_it(instance, run, form):
    result = run("report", "--format", form)
    assert result.exit_code == 0 and "missing" not in result.stderr
    if form not in ("xlsx", "plan"):
        assert READ[form](result.stdout_bytes) == []


def test_r14_filters_do_not_hide_what_could_not_be_read(broken, run):
    result = run("report", "--format", "json", "--tag", "nobody has it")
    assert of_json(result.stdout) == list(UNREAD) and result.exit_code == 1


def test_r14_the_macro_shows_it(broken):
    html = report_from_form(connect_to(URL, broken.admin_key), {}, "P", dataset=None, executor=None)
    assert of_text(html.encode()) == list(UNREAD) and "2 projects are missing in this report" in html


def test_r14_what_is_published_shows_it_and_the_exit_code_stays_1(broken, run):
    result = run("report", "--publish-wiki", "P", "--format", "json")
    assert result.exit_code == 1 and "Published the report" in result.stderr
    assert "Not read" in broken.wiki.article(broken.admin, "P", "Governed projects")["payload"]


def test_r14_a_long_list_is_cut_on_the_terminal_only(sandbox, monkeypatch, tmp_path):
    keys = [f"P{number}" for number in range(150)]
    for key in keys:
        sandbox.create_project(key)
    sandbox.projects.list_without_custom_fields = True
    sandbox.faults.set("GET /projects/*/metadata:403")
    monkeypatch.setenv("HOME", str(tmp_path))
    with mock_instance(sandbox, URL):

        def report(form):
            monkeypatch.setenv("DKU_DSS_URL", URL)
            monkeypatch.setenv("DKU_API_KEY", sandbox.admin_key)
            return CliRunner().invoke(main, ["report", "--format", form], catch_exceptions=False)

        result = report("json")
        assert of_json(result.stdout) == keys and result.stderr.count("\n") < 30 and "and 130 more" in result.stderr
        assert "and 130 more" in report("table").stdout


def test_r14_a_report_in_csv_with_unread_projects_is_still_a_plan_file(broken, run, tmp_path):
    path = tmp_path / "report.csv"
    assert run("report", "-o", path).exit_code == 1
    broken.faults.set("")
    result = run("sync", "apply", path, "--dry-run")
    assert result.exit_code in (0, 3), result.stderr
    assert not any(key in result.stdout.split() for key in UNREAD)
