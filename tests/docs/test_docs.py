"""What the documents say is so."""

import json
import re
from datetime import datetime, timezone
from pathlib import Path

import click
import pytest

from govern_mirror import connect_to
from govern_mirror.actions.doctor import KeyOrigin, KeySource, examine
from govern_mirror.cli.main import COMMANDS, main
from govern_mirror.dss import HubScenarios
from govern_mirror.model.blueprint import STANDARD
from govern_mirror.report.columns import columns
from govern_mirror.scenario.definition import installed, new
from govern_mirror.scenario.parts import Reporting
from govern_mirror_devkit.commands import COMMANDS as DEVKIT_COMMANDS
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.mock_instance import mock_instance

ROOT = Path(__file__).parents[2]


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def commands(group=main, path=()):
    """Every command with its path, sub-commands included."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


def test_the_readme_example_runs_as_it_is_printed(capsys):
    example = re.search(r"## From Python\s+```python\n(.*?)```", text("README.md"), re.S)[1]
    sandbox = Sandbox()
    sandbox.create_project("CHURN", "Churn prediction")
    with mock_instance(sandbox, "https://dss.example.com"):
        exec(example.replace("my-api-key", sandbox.admin_key), {})
    assert capsys.readouterr().out.splitlines() == ["Qualification Go", "1"]


def test_every_name_of_the_python_api_can_be_imported():
    import govern_mirror

    assert {name for name in govern_mirror.__all__ if not hasattr(govern_mirror, name)} == set()
    assert govern_mirror.connect_to is connect_to


@pytest.mark.parametrize(("path", "command"), [pytest.param(p, c, id=" ".join(p)) for p, c in commands()])
def test_every_command_and_option_has_help_and_is_documented(path, command):
    reference = text("docs/command-line.md")
    assert command.help
    assert path[0] in {**COMMANDS, **DEVKIT_COMMANDS}
    assert re.search(rf"`{path[0]}\b", reference)
    assert all(part in reference for part in path)
    for option in command.params:
        if isinstance(option, click.Option):
            names = [name for name in option.opts if name.startswith("--")]
            assert option.help or names == ["--format"] or names == ["--output"], f"{path} {names}"
            assert any(f"{name}" in reference for name in names), f"{' '.join(path)} {names}"


def test_every_stored_field_is_documented():
    document = text("docs/stored-fields.md")
    for field in STANDARD.all_fields:
        name = re.sub(r"_(exploration|qualification|progress|rollout|delivery)$", "_<step>", field.stored)
        assert f"`{name}`" in document, name


def test_every_column_of_csv_and_dataset_is_documented_in_its_order():
    document = text("docs/report.md")
    documented = re.findall(r"^\| `([a-z_<>]+)`", document.partition("## Columns")[2], re.M)
    expected = []
    for column in columns(STANDARD):
        name = re.sub(r"^(exploration|qualification|progress|rollout|delivery)_", "<step>_", column.name)
        if name not in expected:
            expected.append(name)
    assert documented == expected


def test_every_macro_and_its_form_are_documented():
    document = text("docs/plugin.md")
    for path in sorted(ROOT.glob("python-runnables/*/runnable.json")):
        descriptor = json.loads(path.read_text(encoding="utf-8"))
        assert document.count(f"### {descriptor['meta']['label']}\n") == 1
        for param in descriptor["params"]:
            if param["type"] != "SEPARATOR":
                assert f"`{param['name']}`" in document, f"{path.parent.name}: {param['name']}"


def test_every_project_standards_check_and_its_form_are_documented():
    document = text("docs/gate.md")
    specs = sorted(ROOT.glob("python-project-standards-check-specs/*/project_standards_check_spec.json"))
    for path in specs:
        descriptor = json.loads(path.read_text(encoding="utf-8"))
        assert f"*{descriptor['meta']['label']}* (`{path.parent.name}`)" in document
        assert f"*{descriptor['meta']['label']}*" in text("docs/plugin.md")
        for param in descriptor["params"]:
            if param["type"] != "SEPARATOR":
                assert f"`{param['name']}`" in document, f"{path.parent.name}: {param['name']}"
    assert specs


def test_every_setting_is_documented():
    document = text("docs/plugin.md")
    for param in json.loads(text("plugin.json"))["params"]:
        if param["type"] != "SEPARATOR":
            assert f"`{param['name']}`" in document, param["name"]


def test_every_check_of_doctor_is_documented():
    sandbox = Sandbox()
    sandbox.create_project("KEY")
    folder = sandbox.managed_folders.create(sandbox.admin, "KEY", {"name": "reports"})["id"]
    with mock_instance(sandbox, "https://dss.example.com"):
        session = connect_to("https://dss.example.com", sandbox.admin_key)
        hub = HubScenarios(session.store.client, "KEY")
        hub.create("Report", installed(new(), Reporting(folder=folder), datetime.now(timezone.utc)))
        source = KeySource(KeyOrigin.ENVIRONMENT)
        names = [check.name for check in examine(session, "KEY", probe_write=True, key_source=source)]
    section = text("docs/command-line.md").partition("## doctor")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `([^`]+)`", section, re.M) == names


def test_every_document_is_linked_from_another():
    documents = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    for path in documents[1:]:
        others = "".join(other.read_text(encoding="utf-8") for other in documents if other != path)
        assert f"{path.name})" in others or f"{path.name}#" in others, path.name


def test_no_link_between_the_documents_is_broken():
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"
