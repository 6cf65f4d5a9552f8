"""Sync with a Govern that has the template too: every kind of field that both sides hold goes both ways."""

import contextlib
import json
from dataclasses import replace

import pytest
from support.command_line import run_command
from template_files import settings_file, typed
from templates import TEMPLATES

from govern_mirror.model.blueprint import STANDARD, Field, Kind
from govern_mirror.model.values import json_of, parse
from govern_mirror_devkit.sandbox.govern.app import GovernSandbox
from govern_mirror_devkit.sandbox.govern.templates import FieldType, Template, TemplateField, TemplateStep
from govern_mirror_devkit.sandbox.server import serve

TYPES = {Kind.DATE: FieldType.DATE, Kind.NUMBER: FieldType.NUMBER, Kind.FLAG: FieldType.BOOLEAN}
CHANGED = {Kind.DATE: "2026-04-02T00:00:00.000Z", Kind.NUMBER: 99, Kind.FLAG: False, Kind.PEOPLE: ["Cleo"]}
"""What somebody gives a field in Govern."""


def in_govern(field: Field) -> TemplateField:
    """A field as the template's designer has it in Govern."""
    kind = FieldType.CATEGORY if field.choices else TYPES.get(field.kind, FieldType.TEXT)
    is_list = field.several or field.kind is Kind.PEOPLE
    return TemplateField(field.govern, kind, field.label, is_list, tuple(field.choices))


@pytest.fixture(params=[name for name, template in TEMPLATES.items() if template is not STANDARD])
def template(request):
    own = TEMPLATES[request.param]
    shared = (field if field.kind is Kind.DOCUMENTS else replace(field, govern=field.name) for field in own.fields)
    return replace(own, fields=tuple(shared))


@pytest.fixture
def shared(template):
    """The fields that both sides hold: of documents, Govern holds files and DSS links."""
    return [field for field in template.fields if field.kind is not Kind.DOCUMENTS]


@pytest.fixture
def govern(template, shared, sandbox):
    with contextlib.closing(GovernSandbox()) as govern:
        steps = tuple(TemplateStep(step.id, step.name) for step in template.steps)
        compared = [*shared, *(field for field in template.all_fields if field.kind is Kind.TEXT)]
        fields = {field.govern: in_govern(field) for field in compared}
        items = govern.blueprints.version("bp.system.govern_project", "bv.system.default").fields["dataiku_item"]
        govern.blueprints.add(
            Template(template.id, template.version, template.name, steps, {**fields, items.id: items})
        )
        sandbox.create_project("CHURN", "Churn")
        govern.node.register_dataiku_project(sandbox.node_id, "CHURN")
        yield govern


@pytest.fixture
def cli(template, tmp_path, sandbox, govern):
    settings = settings_file(template, tmp_path)
    with serve(sandbox) as url, serve(govern) as govern_url:
        node = ("--govern-url", govern_url, "--govern-api-key", govern.api_key)

        def run(*arguments):
            given = (*arguments, *node) if arguments[0] == "sync" else arguments
            options = ("--settings", settings, "--url", url, "--api-key", sandbox.admin_key)
            return run_command(*options, *given, secrets=(sandbox.admin_key, govern.api_key))

        yield run


@pytest.fixture
def pushed(cli, shared, govern, template):
    """The Govern project, created from a project with a value in every field."""
    assert cli("init", "CHURN").code == 0
    ended = cli("set", "CHURN", *(f"{field.path}={typed(field)}" for field in template.fields))
    assert ended.code == 0, ended.err
    assert cli("advance", "CHURN").code == 0
    ended = cli("sync", "push", "--create")
    assert ended.code == 0, ended.err
    (artifact,) = [artifact for artifact in govern.node.artifacts() if artifact.version[0] == template.id]
    return artifact.id


def test_every_field_and_step_reaches_govern(template, shared, cli, govern, pushed):
    document = govern.node.document(govern.node.get(pushed))
    assert {field.path for field in shared if document["fields"].get(field.govern) in (None, "", [])} == set()
    assert document["workflow"]["steps"][template.steps[0].id]["status"] == "ONGOING"
    again = cli("sync", "status", "--format", "json")
    assert again.code == 0, again.out
    assert again.json["projects"] == [] and again.json["problems"] == []


def test_every_field_and_step_comes_from_govern(template, shared, cli, govern, pushed):
    def edited(document):
        for field in shared:
            value = field.choices[0] if field.choices else CHANGED.get(field.kind, "Other words")
            document["fields"][field.govern] = [value] if field.several else value
        steps = document["workflow"]["steps"]
        steps[template.steps[0].id]["status"] = "FINISHED"
        steps[template.steps[1].id] = {"status": "ONGOING", "visible": True}

    govern.node.edit(pushed, edited)
    ended = cli("sync", "pull", "--force")
    assert ended.code == 0, ended.err
    shown = cli("show", "CHURN", "--format", "json").json
    assert shown["current_step"] == template.steps[1].id
    for field in shared:
        text = field.choices[0] if field.choices else CHANGED.get(field.kind, "Other words")
        held = shown
        for part in field.path.split("."):
            held = held[part]
        if field.kind is Kind.DATE:
            assert held == "2026-04-02", field.path
        elif field.kind in (Kind.NUMBER, Kind.FLAG):
            assert held == text and type(held) is type(text), field.path
        elif not field.several and field.kind is not Kind.PEOPLE:
            assert held == json_of(parse(field, text)), field.path
        else:
            assert held == ([text] if field.several else text), field.path
    assert json.loads(cli("sync", "status", "--format", "json").out)["projects"] == []
