"""What administrators read names all that the plugin has, with the rights that it asks for."""

import json
import re
from pathlib import Path

import pytest

from govern_mirror.cli.main import main

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/admin.md").read_text(encoding="utf-8")


def descriptors(pattern):
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(ROOT.glob(pattern))]
    assert found
    return found


def names(params):
    return [param["name"] for param in params if param["type"] != "SEPARATOR"]


def row_with(text):
    return next((line for line in PAGE.splitlines() if line.startswith("|") and text in line.split(" | ")[0]), "")


def test_macros_are_named_with_the_rights_that_they_ask_for():
    for macro in descriptors("python-runnables/*/runnable.json"):
        row = row_with(f"*{macro['meta']['label']}*")
        assert set(re.findall(r"`([A-Z_]+)`", row)) == set(macro["permissions"]), macro["meta"]["label"]
        # those that write the hub run as the plugin, so that its key stays out of people's reach
        keeps_the_key = any(param.get("parameterSetId") == "governance-hub" for param in macro["params"])
        assert macro["impersonate"] is not keeps_the_key


@pytest.mark.parametrize(
    "pattern",
    ["custom-recipes/*/recipe.json", "python-project-standards-check-specs/*/project_standards_check_spec.json"],
)
def test_recipes_and_checks_are_named(pattern):
    for component in descriptors(pattern):
        assert row_with(f"*{component['meta']['label']}*"), component["meta"]["label"]


def test_commands_are_named_with_what_their_key_must_be_allowed():
    table = PAGE.partition("| command |")[2].partition("\n\n")[0]
    named = re.findall(r"`([a-z]+)[^`]*`", " ".join(line.split(" | ")[0] for line in table.splitlines()[2:]))
    assert set(named) == set(main.list_commands(None))


def test_settings_and_presets_are_named():
    (plugin,) = descriptors("plugin.json")
    assert [name for name in names(plugin["params"]) if not row_with(f"`{name}`")] == []
    for preset in descriptors("parameter-sets/*/parameter-set.json"):
        assert f"Presets › {preset['meta']['label']}" in PAGE
        assert [name for name in names(preset["params"]) if not row_with(f"`{name}`")] == []


def test_packages_of_the_code_environment_are_named():
    lines = (ROOT / "code-env/python/spec/requirements.txt").read_text(encoding="utf-8").splitlines()
    required = {re.split(r"[<>=!~\[]", line)[0] for line in lines if line.strip()}
    table = PAGE.partition("| package |")[2].partition("\n\n")[0]
    assert set(re.findall(r"`([\w-]+)`", " ".join(line.split(" | ")[0] for line in table.splitlines()[2:]))) == required


def test_supported_pythons_are_those_of_the_code_environment():
    (environment,) = descriptors("code-env/python/desc.json")
    versions = [f"{name[6]}.{name[7:]}" for name in environment["acceptedPythonInterpreters"]]
    assert f"{versions[0]} to {versions[-1]}" in row_with("Python of the code environment")
