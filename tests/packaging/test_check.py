"""`plugin check` finds what DSS would refuse or users stumble over, names the file, and says what to do."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from govern_mirror_devkit.packaging.check import check
from govern_mirror_devkit.source import library, plugin_root

PLUGIN = "plugin.json"
MACRO, MACRO_CODE = "python-runnables/advance-workflow/runnable.json", "python-runnables/advance-workflow/runnable.py"
RECIPE, RECIPE_CODE = "custom-recipes/governed-projects/recipe.json", "custom-recipes/governed-projects/recipe.py"
FIELDS = "custom-fields/govern-workflow/custom-fields.json"
CHECK = "python-project-standards-check-specs/decision-is/project_standards_check_spec.json"
CHECK_CODE = CHECK.replace(".json", ".py")
WEBAPP = "webapps/governance/webapp.json"
BACKEND, BODY, APP_JS, STYLE = (
    f"webapps/governance/{name}" for name in ("backend.py", "body.html", "app.js", "style.css")
)
PRESET = "parameter-sets/a-preset/parameter-set.json"
ENVIRONMENT, REQUIREMENTS = "code-env/python/desc.json", "code-env/python/spec/requirements.txt"
MODULE = "python-lib/govern_mirror/clock.py"

Damage = Callable[[Path], object]


@pytest.fixture
def copy(small_copy) -> Path:
    return small_copy


def found_in(root: Path) -> list[tuple[str, str]]:
    return [(finding.file, finding.message) for finding in check(root, root / "python-lib" / "govern_mirror")]


def test_the_plugins_own_sources_are_in_order():
    assert check(plugin_root(), library()) == []


def test_the_wheel_has_the_plugins_version():
    plugin = json.loads((plugin_root() / PLUGIN).read_text(encoding="utf-8"))
    assert version("govern-mirror") == plugin["version"]


def test_an_unpacked_plugin_is_in_order(copy):
    assert found_in(copy) == []


def replaced(file: str, text: str | bytes) -> Damage:
    content = text if isinstance(text, bytes) else text.encode()
    return lambda root: (root / file).write_bytes(content)


def removed(file: str) -> Damage:
    return lambda root: (root / file).unlink()


def edited(file: str, old: str, new: str) -> Damage:
    def edit(root: Path) -> None:
        text = (root / file).read_text(encoding="utf-8")
        assert old in text, f"{file} no longer holds {old!r}"
        (root / file).write_text(text.replace(old, new, 1), encoding="utf-8")

    return edit


def appended(file: str, text: str) -> Damage:
    return lambda root: (root / file).write_text((root / file).read_text(encoding="utf-8") + text, encoding="utf-8")


def put(file: str, **values: Any) -> Damage:
    """Set keys of a descriptor; None removes one."""

    def change(root: Path) -> None:
        descriptor = {**json.loads((root / file).read_text(encoding="utf-8")), **values}
        kept = {key: value for key, value in descriptor.items() if value is not None}
        (root / file).write_text(json.dumps(kept), encoding="utf-8")

    return change


def param(*added: dict[str, Any], file: str = MACRO) -> Damage:
    """Add params to a descriptor."""

    def change(root: Path) -> None:
        put(file, params=[*json.loads((root / file).read_text(encoding="utf-8"))["params"], *added])(root)

    return change


def field(name: str = "extra", file: str = FIELDS, applies: Any = None, **described: Any) -> Damage:
    """Declare another custom field."""

    def change(root: Path) -> None:
        fields = json.loads((root / file).read_text(encoding="utf-8"))["customFields"]
        scope = {"mode": "SOME", "includedObjectTypes": ["PROJECT"]} if applies is None else applies
        new = {"applyToObjects": scope, "field": {"name": name, "type": "STRING", "label": "Extra", **described}}
        put(file, customFields=[*fields, new])(root)

    return change


def preset(**values: Any) -> Damage:
    def make(root: Path) -> None:
        (root / PRESET).parent.mkdir(parents=True)
        meta = {"label": "A preset", "description": "For tests."}
        (root / PRESET).write_text(json.dumps({"meta": meta, "params": [], "pluginParams": [], **values}))

    return make


def folder_renamed(old: str, new: str) -> Damage:
    return lambda root: (root / old).rename(root / new)


TEXT = {"name": "x", "type": "STRING", "label": "X"}
CHOICES = [{"value": "a", "label": "A"}, {"value": "b", "label": "B"}]
RUNNABLE = (
    "from dataiku.runnables import Runnable\nclass A(Runnable):\n"
    "    def __init__(self, *a): ...\n    def get_progress_target(self): ...\n"
)
ROLE = {"name": "out", "arity": "UNARY"}
CHECK_SPEC = "from dataiku.project_standards import ProjectStandardsCheckSpec\nclass A(ProjectStandardsCheckSpec):\n"

DAMAGES: dict[str, tuple[Damage, str, str]] = {
    # plugin.json
    "no plugin.json": (removed(PLUGIN), PLUGIN, "cannot be read: No such file"),
    "plugin.json is not JSON": (replaced(PLUGIN, '{"id": '), PLUGIN, "is not JSON"),
    "plugin.json is not UTF-8": (replaced(PLUGIN, '{"id": "é"}'.encode("latin-1")), PLUGIN, "is not JSON"),
    "plugin.json is a list": (replaced(PLUGIN, "[]"), PLUGIN, "must hold a JSON object"),
    "an id with a space": (put(PLUGIN, id="govern mirror"), PLUGIN, "id must be letters"),
    "no id": (put(PLUGIN, id=None), PLUGIN, "id must be letters"),
    "no semantic version": (put(PLUGIN, version="1.0"), PLUGIN, "semantic version"),
    "a version that is a number": (put(PLUGIN, version=1.5), PLUGIN, "semantic version"),
    "another version in pyproject.toml": (
        replaced("pyproject.toml", '[project]\nname = "x"\nversion = "9.9.9"\n'), PLUGIN, "9.9.9 in pyproject.toml"
    ),
    "no label": (put(PLUGIN, meta={"description": "d"}), PLUGIN, r"meta\.label is missing"),
    "no meta": (put(PLUGIN, meta=None), PLUGIN, r"meta\.description is missing"),
    "a damaged setting": (param({**TEXT, "type": "TEXT"}, file=PLUGIN), PLUGIN, "x: unknown type 'TEXT'"),
    # macros
    "no runnable.json": (removed(MACRO), MACRO, "cannot be read"),
    "no runnable.py": (removed(MACRO_CODE), MACRO_CODE, "cannot be read"),
    "a macro's id with a dot": (
        folder_renamed("python-runnables/advance-workflow", "python-runnables/advance.workflow"),
        "python-runnables/advance.workflow/runnable.json",
        "the folder's name is the component's id",
    ),
    "an unknown result type": (put(MACRO, resultType="TABLE"), MACRO, "resultType must be one of HTML"),
    "no result type": (put(MACRO, resultType=None), MACRO, "resultType must be one of"),
    "impersonate left out": (put(MACRO, impersonate=None), MACRO, "impersonate must be true or false"),
    "impersonate in quotes": (put(MACRO, impersonate="true"), MACRO, "impersonate must be true or false"),
    "an unknown permission": (put(MACRO, permissions=["WRITE"]), MACRO, "permissions must be a list of ADMIN"),
    "permissions left out": (put(MACRO, permissions=None), MACRO, "permissions must be a list"),
    "permissions as a text": (put(MACRO, permissions="ADMIN"), MACRO, "permissions must be a list"),
    "a macro role without a type": (put(MACRO, macroRoles=[{"targetParamsKey": "p"}]), MACRO, "macroRoles needs"),
    "a macro role as a text": (put(MACRO, macroRoles=["PROJECT_MACROS"]), MACRO, "must be a list of objects"),
    "a syntax error": (appended(MACRO_CODE, "\ndef broken(:\n"), MACRO_CODE, "is not valid Python"),
    "code that is not UTF-8": (replaced(MACRO_CODE, "# é\n".encode("latin-1")), MACRO_CODE, "is not valid Python"),
    "no class": (replaced(MACRO_CODE, "x = 1\n"), MACRO_CODE, "exactly one class derived from Runnable"),
    "two classes": (appended(MACRO_CODE, "\nclass Other(Runnable): ...\n"), MACRO_CODE, "exactly one class"),
    "a class without run": (replaced(MACRO_CODE, RUNNABLE), MACRO_CODE, "A lacks the method run"),
    # params
    "a param declared twice": (param(TEXT, TEXT), MACRO, "param x is declared twice"),
    "a param without a name": (param({"type": "STRING", "label": "X"}), MACRO, "a name is letters, digits and _"),
    "a param's name with a dash": (param({**TEXT, "name": "a-b"}), MACRO, "param 'a-b': a name is"),
    "an unknown param type": (param({**TEXT, "type": "NUMBER"}), MACRO, "x: unknown type 'NUMBER'"),
    "a param without a type": (param({"name": "x", "label": "X"}), MACRO, "x: unknown type None"),
    "a param without a label": (param({"name": "x", "type": "STRING"}), MACRO, "x: users need a label"),
    "a SELECT without choices": (param({**TEXT, "type": "SELECT"}), MACRO, "x: it offers no choice"),
    "a MULTISELECT without choices": (
        param({**TEXT, "type": "MULTISELECT", "selectChoices": []}), MACRO, "x: it offers no choice",
    ),
    "a choice without a label": (
        param({**TEXT, "type": "SELECT", "selectChoices": [{"value": "a"}]}), MACRO, "x: each choice needs a value",
    ),
    "a choice without a value": (
        param({**TEXT, "type": "SELECT", "selectChoices": [{"label": "A"}]}), MACRO, "x: each choice needs a value",
    ),
    "a choice offered twice": (
        param({**TEXT, "type": "SELECT", "selectChoices": [CHOICES[0], {"value": "a", "label": "C"}]}),
        MACRO,
        "x: two choices have the same value",
    ),
    "a default that is no choice": (
        param({**TEXT, "type": "SELECT", "selectChoices": CHOICES, "defaultValue": "c"}),
        MACRO,
        "x: its default 'c' is not among its choices",
    ),
    "a default of the wrong type": (
        param({**TEXT, "type": "INT", "defaultValue": "30"}), MACRO, "x: its default '30' is no INT",
    ),
    "true as the default of a number": (
        param({**TEXT, "type": "INT", "defaultValue": True}), MACRO, "x: its default True is no INT",
    ),
    "a default of a list that is a text": (
        param({**TEXT, "type": "STRINGS", "defaultValue": "a"}), MACRO, "x: its default 'a' is no STRINGS",
    ),
    "a condition on an unknown param": (
        param({**TEXT, "visibilityCondition": "model.actoin == 'start'"}), MACRO, "names actoin, which is not a param",
    ),
    "a condition that cannot be read": (
        param({**TEXT, "visibilityCondition": "model.action ==="}), MACRO, "x: visibilityCondition cannot be read",
    ),
    "a PRESET of no set": (param({**TEXT, "type": "PRESET"}), MACRO, "x: a PRESET needs its parameterSetId"),
    "a damaged sub-param": (
        param({**TEXT, "type": "OBJECT_LIST", "subParams": [{"name": "y", "type": "STRING"}]}),
        MACRO,
        "param x: param y: users need a label",
    ),
    # recipes
    "no recipe.json": (removed(RECIPE), RECIPE, "cannot be read"),
    "no recipe.py": (removed(RECIPE_CODE), RECIPE_CODE, "cannot be read"),
    "a recipe of no kind": (put(RECIPE, kind=None), RECIPE, "kind must be PYTHON"),
    "a recipe without output": (put(RECIPE, outputRoles=[]), RECIPE, "a recipe needs an output role"),
    "a role without a name": (put(RECIPE, outputRoles=[{"arity": "UNARY"}]), RECIPE, "each role needs a name"),
    "two roles of one name": (
        put(RECIPE, inputRoles=[ROLE], outputRoles=[ROLE]), RECIPE, "each role needs a name",
    ),
    "a role of no arity": (put(RECIPE, outputRoles=[{"name": "out"}]), RECIPE, "the arity of a role is UNARY or NARY"),
    "a syntax error in a recipe": (appended(RECIPE_CODE, "\nwith:\n"), RECIPE_CODE, "is not valid Python"),
    "a damaged param of a recipe": (param({**TEXT, "label": ""}, file=RECIPE), RECIPE, "x: users need a label"),
    # Project Standards
    "no project_standards_check_spec.json": (removed(CHECK), CHECK, "cannot be read"),
    "no project_standards_check_spec.py": (removed(CHECK_CODE), CHECK_CODE, "cannot be read"),
    "a check without a label": (put(CHECK, meta={"description": "d"}), CHECK, r"meta\.label is missing"),
    "a check's id with a blank": (
        folder_renamed("python-project-standards-check-specs/decision-is", "python-project-standards-check-specs/a b"),
        "python-project-standards-check-specs/a b/project_standards_check_spec.json",
        "the folder's name is the component's id",
    ),
    "a tag that is no text": (put(CHECK, tags=["a", 3]), CHECK, "tags must be a list of texts"),
    "tags as a text": (put(CHECK, tags="Govern"), CHECK, "tags must be a list of texts"),
    "a damaged param of a check": (param({**TEXT, "label": ""}, file=CHECK), CHECK, "x: users need a label"),
    "a syntax error in a check": (appended(CHECK_CODE, "\nwith:\n"), CHECK_CODE, "is not valid Python"),
    "a check without its class": (
        replaced(CHECK_CODE, "x = 1\n"), CHECK_CODE, "exactly one class derived from ProjectStandardsCheckSpec",
    ),
    "a check with two classes": (
        appended(CHECK_CODE, "\nclass Other(ProjectStandardsCheckSpec): ...\n"), CHECK_CODE, "exactly one class",
    ),
    "a check without run": (replaced(CHECK_CODE, CHECK_SPEC + "    x = 1\n"), CHECK_CODE, "A lacks the method run"),
    "a check with a constructor": (
        replaced(CHECK_CODE, CHECK_SPEC + "    def __init__(self): ...\n    def run(self): ...\n"),
        CHECK_CODE,
        "A must not have the method __init__: DSS makes the object itself",
    ),
    "a check's import that is not declared": (appended(CHECK_CODE, "\nimport yaml\n"), CHECK_CODE, "imports yaml"),
    # webapps
    "no webapp.json": (removed(WEBAPP), WEBAPP, "cannot be read"),
    "a webapp without a label": (put(WEBAPP, meta={"description": "d"}), WEBAPP, r"meta\.label is missing"),
    "a webapp's key that DSS does not know": (put(WEBAPP, hasBackned="true"), WEBAPP, "hasBackned is no key that DSS"),
    "a webapp of no type": (put(WEBAPP, baseType=None), WEBAPP, "baseType must be one of STANDARD"),
    "a backend that is not said by a text": (put(WEBAPP, noJSSecurity=True), WEBAPP, 'noJSSecurity must be the text'),
    "an unknown library of webapps": (
        put(WEBAPP, standardWebAppLibraries=["dataiku", "react"]), WEBAPP, "standardWebAppLibraries must be a list of",
    ),
    "a library that app.js needs": (put(WEBAPP, standardWebAppLibraries=None), APP_JS, "the library dataiku"),
    "no roles": (put(WEBAPP, roles=None), WEBAPP, "roles must be a list"),
    "a damaged param of a webapp": (param({**TEXT, "label": ""}, file=WEBAPP), WEBAPP, "x: users need a label"),
    "a webapp without its backend": (removed(BACKEND), BACKEND, "cannot be read"),
    "a webapp without its page": (removed(BODY), BODY, "cannot be read"),
    "a webapp without its style": (removed(STYLE), STYLE, "cannot be read"),
    "a webapp's page that is not UTF-8": (replaced(BODY, "é".encode("latin-1")), BODY, "is not UTF-8"),
    "a syntax error in a backend": (appended(BACKEND, "\nwith:\n"), BACKEND, "is not valid Python"),
    "a backend that makes its own app": (
        replaced(BACKEND, "from flask import Flask\napp = Flask(__name__)\n"), BACKEND, "use the app that DSS puts",
    ),
    "a backend's import that is not declared": (appended(BACKEND, "\nimport fastapi\n"), BACKEND, "imports fastapi"),
    "a script from another site": (
        appended(BODY, '<script src="https://cdn.example.com/x.js"></script>'), BODY, "from another site",
    ),
    "a style from another site": (appended(STYLE, "@import '//fonts.example.com/a.css';"), STYLE, "from another site"),
    "a module from another site": (
        appended(APP_JS, "import x from 'https://cdn.example.com/x.js';"), APP_JS, "from another site",
    ),
    # custom fields
    "no custom-fields.json": (removed(FIELDS), FIELDS, "cannot be read"),
    "a field with a default": (field(defaultValue="Low"), FIELDS, "extra: no defaultValue"),
    "a field with an empty default": (field(defaultValue=""), FIELDS, "extra: no defaultValue"),
    "a field declared twice": (field("govern_sponsor"), FIELDS, "govern_sponsor is declared twice"),
    "a field of a type DSS lacks": (field(type="DATE"), FIELDS, "extra: unknown type 'DATE'"),
    "a field of a type that only params have": (
        field(type="MULTISELECT", selectChoices=CHOICES), FIELDS, "extra: unknown type 'MULTISELECT'",
    ),
    "a field of a list type": (field(type="STRINGS"), FIELDS, "extra: unknown type 'STRINGS'"),
    "a field's name with a dot": (field("govern.x"), FIELDS, "field 'govern.x': a name is"),
    "a SELECT field without choices": (field(type="SELECT"), FIELDS, "extra: a SELECT needs selectChoices"),
    "a field on every object": (field(applies={"mode": "ALL"}), FIELDS, "extra: applyToObjects must name"),
    "a field on no object": (field(applies={}), FIELDS, "extra: applyToObjects must name"),
    "a field's condition that cannot be read": (field(visibilityCondition="fals"), FIELDS, "extra: visib"),
    "a field without a name": (field(""), FIELDS, "field '': a name is"),
    # parameter sets
    "a preset without a label": (preset(meta={"description": "d"}), PRESET, r"meta\.label is missing"),
    "a damaged param of a preset": (preset(params=[{**TEXT, "type": "SECRET"}]), PRESET, "x: unknown type 'SECRET'"),
    "a damaged plugin param of a preset": (preset(pluginParams=[TEXT, TEXT]), PRESET, "x is declared twice"),
    # the code environment
    "no desc.json": (removed(ENVIRONMENT), ENVIRONMENT, "cannot be read"),
    "no interpreter": (put(ENVIRONMENT, acceptedPythonInterpreters=[]), ENVIRONMENT, "must name at least one"),
    "no requirements": (removed(REQUIREMENTS), REQUIREMENTS, "cannot be read"),
    "DSS's client is required": (appended(REQUIREMENTS, "dataiku-api-client>=14\n"), REQUIREMENTS, "comes with DSS"),
    "dataiku is required": (appended(REQUIREMENTS, "dataiku\n"), REQUIREMENTS, "dataiku comes with DSS: remove it"),
    "a requirement that pip cannot read": (appended(REQUIREMENTS, "pydantic 2.7\n"), REQUIREMENTS, "cannot read"),
    "an import of the library that is not declared": (
        appended(MODULE, "\nimport pandas\n"), MODULE, "imports pandas, which",
    ),
    "an import inside a function that is not declared": (
        appended(MACRO_CODE, "\ndef later():\n    from numpy.linalg import norm\n"), MACRO_CODE, "imports numpy",
    ),
    "a recipe's import that is not declared": (appended(RECIPE_CODE, "\nimport yaml\n"), RECIPE_CODE, "imports yaml"),
    "a requirement that was forgotten": (edited(REQUIREMENTS, "pydantic", "markupsafe"), r".*\.py", "imports pydantic"),
    "a shipped module that imports the devkit": (
        appended(MODULE, "\nimport govern_mirror_devkit\n"), MODULE, "imports govern_mirror_devkit",
    ),
    "a syntax error in the library": (
        appended(MODULE, "\ndef broken(:\n"), MODULE, "is not valid Python",
    ),
}  # fmt: skip


@pytest.mark.sampled(60, None)
@pytest.mark.parametrize(("damage", "file", "message"), DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_plugin_is_found_out(copy, damage, file, message):
    damage(copy)
    found = found_in(copy)
    assert any(re.fullmatch(file, where) and re.search(message, what) for where, what in found), found
    assert all(re.fullmatch(file, where) for where, _ in found), "and nothing else is blamed"


@pytest.mark.parametrize("wrong", ["text", 3, ["text"], {"name": "x"}], ids=str)
@pytest.mark.parametrize(
    ("file", "key"),
    [
        (PLUGIN, "params"), (PLUGIN, "meta"), (MACRO, "params"), (MACRO, "macroRoles"), (MACRO, "permissions"),
        (RECIPE, "outputRoles"), (RECIPE, "params"), (CHECK, "params"), (CHECK, "meta"), (FIELDS, "customFields"),
        (WEBAPP, "params"), (WEBAPP, "meta"), (WEBAPP, "roles"),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_shape_is_a_finding_and_not_a_crash(copy, file, key, wrong):
    put(file, **{key: wrong})(copy)
    found = found_in(copy)
    assert found and {where for where, _ in found} == {file}


@pytest.mark.parametrize(
    "cases", [{"selectChoices": ["a"]}, {"selectChoices": "a"}, {"visibilityCondition": 3}], ids=str
)
def test_a_param_of_the_wrong_shape_is_a_finding_and_not_a_crash(copy, cases):
    param({**TEXT, "type": "SELECT", "selectChoices": CHOICES, **cases})(copy)
    assert {where for where, _ in found_in(copy)} == {MACRO}


@pytest.mark.parametrize(
    "fine",
    [
        param({**TEXT, "type": "DOUBLE", "defaultValue": 1}),
        param({**TEXT, "type": "SELECT", "selectChoices": CHOICES, "defaultValue": "b"}),
        param({**TEXT, "visibilityCondition": "model.action != 'advance' && !model.step"}),
        param({"name": "line", "type": "SEPARATOR", "label": "Line"}),
        put(PLUGIN, version="1.2.0-rc.1+7"),
        replaced("pyproject.toml", '[project]\nname = "x"\n\n[tool.other]\nversion = "9.9.9"\n'),
        put(MACRO, permissions=[]),
        put(MACRO, macroRoles=None),
        put(CHECK, tags=None),
        preset(params=[TEXT]),
        field(type="PASSWORD"),
        appended(REQUIREMENTS, "\n# for later\nopenpyxl[fast]>=3.1,<4  # a comment\n"),
        appended(MODULE, "\nimport json, dataikuapi\nfrom .errors import InputError\n"),
        lambda root: shutil.copytree(root / "python-runnables", root / "python-runnables" / "__pycache__"),
        lambda root: shutil.rmtree(root / "custom-recipes"),
        lambda root: shutil.rmtree(root / "python-project-standards-check-specs"),
    ],
)  # fmt: skip
def test_what_dss_takes_is_not_complained_of(copy, fine):
    fine(copy)
    assert found_in(copy) == []


def test_what_only_serves_outside_dss_may_import_what_it_likes(copy):
    (copy / "python-lib" / "govern_mirror" / "cli" / "extra.py").write_text("import rich, click, pandas\n")
    assert found_in(copy) == []


def test_every_fault_is_told_at_once(copy):
    for damage in (put(PLUGIN, version="x"), removed(MACRO_CODE), field(type="DATE"), removed(REQUIREMENTS)):
        damage(copy)
    assert {where for where, _ in found_in(copy)} == {PLUGIN, MACRO_CODE, FIELDS, REQUIREMENTS}
