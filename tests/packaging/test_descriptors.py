"""The plugin's forms are those of its template, whichever it is."""

from __future__ import annotations

import json
import shutil

import pytest
from click.testing import CliRunner
from template_files import built_plugin, write_template
from templates import BARE, EVERY_KIND, LONG, TEMPLATES

from govern_mirror.cli.main import main
from govern_mirror.model.blueprint import OVERVIEW, STANDARD, Kind
from govern_mirror_devkit.packaging.check import check
from govern_mirror_devkit.packaging.descriptors import TEMPLATE, outdated
from govern_mirror_devkit.source import plugin_root

INITIALIZE = "python-runnables/initialize-workflow/runnable.json"
QUALIFY = "python-runnables/record-qualification/runnable.json"
MOVE = "python-runnables/advance-workflow/runnable.json"
RECIPE = "custom-recipes/governed-projects/recipe.json"
CHECKS = "python-project-standards-check-specs"


@pytest.fixture(scope="module")
def plugins(tmp_path_factory):
    """The plugin built for a template, by the template's name in `TEMPLATES`."""
    built = {}

    def plugin(name):
        if name not in built:
            built[name] = built_plugin(TEMPLATES[name], tmp_path_factory.mktemp("plugin"))
        return built[name]

    return plugin


def params(root, path):
    return {param["name"]: param for param in json.loads((root / path).read_text(encoding="utf-8"))["params"]}


def values(param):
    return [choice["value"] for choice in param["selectChoices"]]


def test_committed_forms_are_those_of_the_standard_template():
    changed = list(outdated(plugin_root()))
    assert changed == [], "run: python -m govern_mirror_devkit.packaging.descriptors"


def test_plugin_check_names_a_form_that_is_out_of_date(copy):
    path = copy / INITIALIZE
    path.write_text(path.read_text().replace("Business initiative", "Programme"))
    findings = [str(finding) for finding in check(copy, copy / "python-lib" / "govern_mirror")]
    assert any(finding.startswith(f"{INITIALIZE}: is not that of the template") for finding in findings)


def test_plugin_check_wants_the_file_with_choices(copy):
    (copy / "resource" / "present_values.py").unlink()
    findings = [str(finding) for finding in check(copy, copy / "python-lib" / "govern_mirror")]
    assert len(findings) == 2, "both forms that show present values"
    assert all("paramsPythonSetup must name a file in resource" in finding for finding in findings)


@pytest.mark.parametrize("name", TEMPLATES)
def test_plugin_of_any_template_is_in_order(plugins, name):
    root = plugins(name)
    assert check(root, root / "python-lib" / "govern_mirror") == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_field_of_the_template_can_be_filled(plugins, name):
    root, blueprint = plugins(name), TEMPLATES[name]
    form = params(root, INITIALIZE)
    for field in blueprint.section(OVERVIEW):
        assert form[field.short]["label"] == field.label
    step = blueprint.qualification_step
    if step:
        form = params(root, QUALIFY)
        assert [f.short for f in blueprint.section(step.id) if f.short not in form] == []
        assert form["notes"]["label"] == f"Notes of the {step.name} step"
    required = params(root, "plugin.json")["required_fields"]["subParams"]
    assert values(required[0]) == list(blueprint.step_ids)
    assert values(required[1]) == [f.path for f in blueprint.all_fields if f.kind is not Kind.STATUS]
    fields = json.loads((root / "custom-fields/govern-workflow/custom-fields.json").read_text())["customFields"]
    assert blueprint.stored_names <= {field["field"]["name"] for field in fields}


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_step_and_decision_can_be_chosen(plugins, name):
    root, blueprint = plugins(name), TEMPLATES[name]
    assert values(params(root, MOVE)["step"]) == ["", *blueprint.step_ids]
    assert values(params(root, f"{CHECKS}/workflow-reached-step/project_standards_check_spec.json")["step"]) == list(
        blueprint.step_ids
    )
    filters = params(root, RECIPE)
    assert values(filters["step"])[1 : len(blueprint.steps) + 1] == list(blueprint.step_ids)
    assert ("decision" in filters) == bool(blueprint.decisions)
    if blueprint.decisions:
        accepted = params(root, f"{CHECKS}/decision-is/project_standards_check_spec.json")["decisions"]
        assert values(accepted) == list(blueprint.decisions)
        assert accepted["defaultValue"] == [blueprint.decisions[0]]


def test_each_kind_has_its_own_input(plugins):
    form = params(plugins("every kind"), INITIALIZE)
    types = {field.kind: form[field.short]["type"] for field in EVERY_KIND.fields if field.path.startswith("extra.")}
    assert types[Kind.DATE] == "DATE" and types[Kind.NUMBER] == "DOUBLE" and types[Kind.TEXT] == "TEXTAREA"
    assert types[Kind.LINE] == types[Kind.REFERENCE] == types[Kind.PEOPLE] == types[Kind.DOCUMENTS] == "STRING"
    assert values(form["extra_flag"]) == ["", "yes", "no"]
    assert values(form["extra_colour"]) == ["", "Red", "Light blue", "Dark-green"]
    assert form["extra_colours"]["type"] == "MULTISELECT"


def test_values_of_the_qualification_are_asked_when_its_form_opens():
    """What they are: tests/host/test_any_template.py."""
    rating = params(plugin_root(), QUALIFY)["value_rating"]
    assert rating["getChoicesFromPython"] and rating["triggerParameters"] == ["project_key"]
    assert "selectChoices" not in rating


def test_what_a_template_has_not_is_not_offered(plugins):
    root = plugins("bare")
    assert BARE.qualification_step is None and not BARE.decisions
    assert not (root / QUALIFY).exists() and not (root / f"{CHECKS}/decision-is").exists()
    assert not {"decision", "initiative"} & set(params(root, RECIPE))
    settings = params(root, "plugin.json")
    assert "weight_value" in settings and not {"weight_cost", "decisions_to_move_on"} & set(settings)
    complete = params(root, f"{CHECKS}/qualification-complete/project_standards_check_spec.json")
    assert [name for name in complete if name.startswith("require_")] == ["require_benefit", "require_danger"]


def test_statuses_come_before_the_other_custom_fields():
    fields = json.loads((plugin_root() / "custom-fields/govern-workflow/custom-fields.json").read_text())
    names = [field["field"]["name"] for field in fields["customFields"]]
    assert names[:6] == ["govern_section_workflow", *(f"govern_status_{step}" for step in STANDARD.step_ids)]


def test_every_dry_run_has_the_same_label():
    labels = {}
    for path in plugin_root().glob("python-runnables/*/runnable.json"):
        form = json.loads(path.read_text())
        if "WRITE_CONF" in form["permissions"]:
            labels[path.parent.name] = [p["label"] for p in form["params"] if p["name"] == "dry_run"]
    assert len(labels) == 7
    assert set(map(tuple, labels.values())) == {("Dry run: only say what would change",)}


def test_the_zip_holds_the_template_and_chooses_it(plugins):
    root = plugins("long")
    assert params(root, "plugin.json")["template"]["defaultValue"] == TEMPLATE
    assert json.loads((root / TEMPLATE).read_text())["id"] == LONG.id
    assert "defaultValue" not in params(plugin_root(), "plugin.json")["template"]


def test_build_refuses_a_template_with_faults(tmp_path):
    template = write_template(LONG, tmp_path / "template.json")
    content = json.loads(template.read_text())
    content["fields"][0]["kind"] = "status"
    template.write_text(json.dumps(content))
    ran = CliRunner().invoke(main, ["plugin", "build", "--output", str(tmp_path / "out"), "--template", str(template)])
    assert ran.exit_code == 2 and "a status belongs to a step" in ran.stderr
    assert not (tmp_path / "out").exists()


def test_build_takes_a_template(tmp_path):
    template = write_template(LONG, tmp_path / "template.json")
    ran = CliRunner().invoke(main, ["plugin", "build", "--output", str(tmp_path / "out"), "--template", str(template)])
    assert ran.exit_code == 0 and ran.stdout.strip().endswith(".zip")
    shutil.rmtree(tmp_path / "out")
