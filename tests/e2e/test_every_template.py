"""The whole product on four templates: Govern's own, one with every kind of field, a bare one, a long one."""

import contextlib
import csv
import functools
import io
import json
import sys
from datetime import date, datetime, timezone
from pathlib import Path

import pytest
from openpyxl import load_workbook
from support.pages import projects_of
from template_files import built_plugin, settings_file, typed
from templates import TEMPLATES

from govern_mirror.model.blueprint import Blueprint, Kind
from govern_mirror.model.values import json_of, parse
from govern_mirror_devkit.host import Connection, DatasetWrite, PluginHost
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.server import serve


@pytest.fixture(params=TEMPLATES)
def template(request) -> Blueprint:
    return TEMPLATES[request.param]


@pytest.fixture
def settings(template, tmp_path):
    """Settings that choose the template, as a file beside it."""
    return settings_file(template, tmp_path)


@pytest.fixture
def cli(run, settings):
    """The command line on the template."""
    return lambda *arguments: run("--settings", settings, *arguments)


def nested(document, path):
    for part in path.split("."):
        document = document[part]
    return document


@pytest.fixture
def governed(template, cli, sandbox):
    """A project with a value in every field, in the template's first step."""
    sandbox.create_project("CHURN", "Churn prediction", owner="admin")
    assert cli("init", "CHURN").code == 0
    ended = cli("set", "CHURN", *(f"{field.path}={typed(field)}" for field in template.fields))
    assert ended.code == 0, ended.err
    assert cli("advance", "CHURN").code == 0
    return "CHURN"


def test_every_field_is_set_shown_and_cleared(template, cli, governed):
    shown = cli("show", "CHURN", "--format", "json").json
    for field in template.fields:
        assert nested(shown, field.path) == json_of(parse(field, typed(field))), field.path
    assert shown["problems"] == [] and shown["trust"] == "recorded"
    assert shown["blueprint"] == {"id": template.id, "version": template.version}
    assert cli("show", "CHURN").code == 0
    assert cli("set", "CHURN", *(f"{field.path}=none" for field in template.fields)).code == 0
    shown = cli("show", "CHURN", "--format", "json").json
    assert all(nested(shown, field.path) == json_of(field.blank) for field in template.fields)


def test_every_step_is_walked_and_opens_its_gate(template, cli, governed):
    for step in template.steps:
        assert cli("gate", "CHURN", "--step", step.id).code == 0
        assert cli("step", "note", "CHURN", step.name, "done").code == 0
        assert cli("advance", "CHURN").code == 0
    shown = cli("show", "CHURN", "--format", "json").json
    assert shown["stage"] == "complete" and {step["status"] for step in shown["steps"]} == {"FINISHED"}
    assert cli("advance", "CHURN").code == 1


def test_a_rule_on_any_field_binds(template, settings, run, sandbox):
    field, step = template.fields[-1], template.steps[0]
    chosen = json.loads(settings.read_text())
    settings.write_text(json.dumps({**chosen, "required_fields": [{"step": step.id, "field": field.path}]}))
    sandbox.create_project("CHURN", "Churn")

    def cli(*arguments):
        return run("--settings", settings, *arguments)

    assert cli("init", "CHURN").code == 0 and cli("advance", "CHURN").code == 0
    refused = cli("advance", "CHURN")
    assert refused.code == 1 and field.label in refused.err
    assert cli("set", "CHURN", f"{field.label}={typed(field)}").code == 0
    assert cli("advance", "CHURN").code == 0


def test_the_decision_opens_the_gate(template, cli, governed):
    if not template.decisions:
        assert cli("gate", "CHURN", "--step", template.steps[0].id, "--decision", "Go").code == 2
        return
    taken, other = template.decisions[-1], template.decisions[0]
    assert cli("gate", "CHURN", "--step", template.steps[0].id, "--decision", taken).code == 0
    assert cli("gate", "CHURN", "--step", template.steps[0].id, "--decision", other).code == 3


# reports ------------------------------------------------------------------------------------------------------


def test_tables_have_every_listed_field(template, cli, governed):
    document = cli("report", "--format", "json").json
    (row,) = document["projects"]
    (line,) = csv.DictReader(io.StringIO(cli("report", "--format", "csv").out))
    for field in template.fields:
        if field.is_listed:
            assert row[field.name] == json_of(parse(field, typed(field)))
            assert line[field.name] != ""
        else:
            assert field.name not in row and field.name not in line
    assert list(document["summary"]["by_step"])[1:-2] == list(template.step_ids)
    assert row["stage"] == template.steps[0].id


@pytest.mark.parametrize("form", ["table", "markdown", "mail", "html", "xlsx", "plan"])
def test_every_format_renders(template, cli, governed, tmp_path, form):
    path = tmp_path / f"report.{form}"
    ended = cli("report", "--format", form, "-o", path)
    assert ended.code == 0, ended.err
    content = path.read_bytes()
    if form == "xlsx":
        assert "CHURN" in [cell.value for row in load_workbook(io.BytesIO(content)).worksheets[0] for cell in row]
    elif form == "html":
        assert [row["key"] for row in projects_of(content.decode())] == ["CHURN"]
    else:
        assert "CHURN" in content.decode()
        if form in ("markdown", "mail"):
            assert all(field.heading in content.decode() for field in template.assessed)


def test_filters_take_the_templates_own_words(template, cli, governed):
    def keys(*filters):
        return [row["project_key"] for row in cli("report", "--format", "json", *filters).json["projects"]]

    assert keys("--step", template.steps[0].name) == ["CHURN"]
    assert keys("--step", template.steps[-1].id) == []
    assert keys("--step", "complete") == []
    if template.decisions:
        assert keys("--decision", template.decisions[-1]) == ["CHURN"]
        assert keys("--decision", template.decisions[0]) == []


# history and plan files ---------------------------------------------------------------------------------------


def test_a_history_tells_what_changed(template, cli, governed, tmp_path):
    history, field = tmp_path / "history.duckdb", template.rated[0]
    assert cli("snapshot", "--history", history, "--as-of", "2026-03-01").code == 0
    assert cli("set", "CHURN", f"{field.path}={field.choices[0]}").code == 0
    assert cli("snapshot", "--history", history, "--as-of", "2026-03-02").code == 0
    trends = cli("trends", "--history", history, "--format", "json").json
    changed = [(each["field"], each["from"], each["to"]) for each in trends["changes"]]
    assert changed == [(field.name, field.choices[-1], field.choices[0])]
    assert {each["step"] for each in trends["flow"]} == {template.steps[0].id}
    assert cli("report", "--history", history, "-o", tmp_path / "report.html").code == 0


@pytest.mark.parametrize("ending", [".yaml", ".csv", ".xlsx"])
def test_a_plan_file_round_trips(template, cli, governed, tmp_path, ending):
    path = tmp_path / f"plan{ending}"
    form = {".yaml": "plan", ".csv": "csv", ".xlsx": "xlsx"}[ending]
    assert cli("report", "--format", form, "-o", path).code == 0
    before = cli("show", "CHURN", "--format", "json").json
    field = template.rated[0]
    assert cli("set", "CHURN", f"{field.path}={field.choices[0]}").code == 0
    ended = cli("sync", "apply", path, "--prefer", "file")
    assert ended.code == 0, ended.err
    after = cli("show", "CHURN", "--format", "json").json
    assert nested(after, field.path) == nested(before, field.path)
    assert {key: after[key] for key in ("steps",)} == {key: before[key] for key in ("steps",)}


# inside DSS ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The unpacked plugin of a template, built once."""
    return functools.cache(lambda name: built_plugin(TEMPLATES[name], tmp_path_factory.mktemp("built")))


@pytest.fixture
def unpacked(template, built):
    return built(next(name for name, each in TEMPLATES.items() if each is template))


@pytest.fixture
def inside(unpacked):
    """The plugin built for the template, installed in a sandbox, and a way to press its buttons."""
    # in an interpreter of its own, so that the library is the one in the zip
    plugin = PluginHost(unpacked, Path(sys.executable))
    with contextlib.closing(Sandbox(plugin=plugin)) as sandbox, serve(sandbox) as url:
        sandbox.create_project("P", "The project")
        connection = Connection(url, sandbox.admin_key)

        def press(macro, **params):
            return plugin.run_macro(macro, params=params, project_key="P", connection=connection)

        yield sandbox, plugin, connection, press


def form_of(fields):
    """What a form sends for fields: a list for several choices, a number as a float."""
    sent = {field.short: typed(field) for field in fields if field.kind is not Kind.DATE}
    sent |= {field.short: list(field.choices[:2]) for field in fields if field.several}
    return sent | {field.short: 12.5 for field in fields if field.kind is Kind.NUMBER}


@pytest.mark.costly(4)
def test_macros_and_checks_speak_the_template(template, inside):
    sandbox, plugin, connection, press = inside
    press("initialize-workflow", **form_of(template.section("overview")))
    press("advance-workflow")
    step = template.qualification_step
    if step:
        press("record-qualification", **form_of(template.section(step.id)))
    stored = sandbox.metadata("P")["customFields"]
    assert stored[f"govern_status_{template.steps[0].id}"] == "ONGOING"
    assert stored[template.rated[0].stored] == template.rating_names[-1]
    assert json.loads(stored["govern_record"])["blueprint"]["id"] == template.id
    met = plugin.run_check(
        "workflow-reached-step", params={"step": template.steps[0].id}, project_key="P", connection=connection
    )
    assert met.status == "RUN_SUCCESS", met
    page = press("governed-projects-report")
    assert "The project" in str(page.value if hasattr(page, "value") else page)


@pytest.mark.costly(4)
def test_recipes_keep_the_templates_columns_and_steps(template, inside):
    _, plugin, connection, press = inside
    kept = {}

    def build(recipe, outputs, day, **inputs):
        names = {role: [f"P.{role}"] for role in outputs}
        written = plugin.run_recipe(
            recipe, params={}, project_key="P", inputs=inputs, outputs=names, connection=connection,
            read_dataset=kept.get, now=datetime(2026, 3, day, 7, tzinfo=timezone.utc),
        ).datasets  # fmt: skip
        for name, dataset in written.items():
            before = kept[name].rows if dataset.append and name in kept else []
            kept[name] = DatasetWrite(dataset.schema, [*before, *dataset.rows])

    rated = template.rated[0]
    press("initialize-workflow", **form_of(template.section("overview")))
    press("advance-workflow")
    outputs = ("governed_projects", "history", "history_values")
    build("governed-projects", outputs, 1)
    press("edit-governed-project", field_1=rated.path, value_1=rated.choices[0])
    build("governed-projects", outputs, 2)
    build(
        "governance-trends", ("flow", "changes", "mix"), 2, history=["P.history"], history_values=["P.history_values"]
    )

    (row,) = kept["P.governed_projects"].rows
    assert {field.name for field in template.fields if field.is_listed} <= set(row)
    assert (row["project_key"], row["current_step"], row[rated.name]) == ("P", template.steps[0].id, rated.choices[0])
    columns = {column["name"] for column in kept["P.history"].schema}
    assert {f"{step}_status" for step in template.step_ids} <= columns
    assert {row["field"] for row in kept["P.history_values"].rows} >= {rated.name}
    assert [(row["day"], row["step"], row["projects"]) for row in kept["P.flow"].rows] == [
        (f"2026-03-0{day}", template.steps[0].id, 1) for day in (1, 2)
    ]
    (change,) = kept["P.changes"].rows
    assert (change["field"], change["to"], change["day"]) == (rated.name, rated.choices[0], "2026-03-02")
    last = [row for row in kept["P.mix"].rows if row["day"] == "2026-03-02" and row["field"] == rated.name]
    assert [(row["rating"], row["projects"]) for row in last] == [(rated.choices[0], 1)]


def test_the_custom_fields_of_the_plugin_are_the_templates(template, unpacked):
    path = unpacked / "custom-fields" / "govern-workflow" / "custom-fields.json"
    declared = {each["field"]["name"] for each in json.loads(path.read_text())["customFields"]}
    assert template.stored_names <= declared
    assert not {name for name in declared if name.startswith("govern_status_")} - template.stored_names
    assert {"govern_record", "govern_items"} <= declared


def test_dates_are_days(template):
    assert all(isinstance(parse(field, typed(field)), date) for field in template.fields if field.kind is Kind.DATE)
