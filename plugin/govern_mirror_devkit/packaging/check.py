"""`plugin check`: what DSS would refuse, or what its users would stumble over, found before it is installed.

The rules are those of Dataiku's plugin reference; each finding names the file and what to do.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path

from govern_mirror.errors import GovernMirrorError

from ..formula import holds
from .components import COMPONENT_ID, Problems, choices_setup, components, meta, parsed, read, unreadable
from .descriptors import TEMPLATE, outdated
from .params import check_params
from .shipped import LinkRefused, library_files, plugin_files, ships
from .webapps import check_webapps

_VERSION = re.compile(r"^\d+\.\d+\.\d+([-+][0-9A-Za-z.+-]+)?$")
_REQUIREMENT = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(\[[A-Za-z0-9,._-]+\])?\s*([<>=!~].*)?$")
RESULT_TYPES = ("HTML", "NONE", "FILE", "FOLDER_FILE", "RESULT_TABLE", "URL", "JSON_OBJECT")
PERMISSIONS = ("ADMIN", "READ_CONF", "WRITE_CONF")
FIELD_TYPES = frozenset(
    {
        *("STRING", "INT", "DOUBLE", "BOOLEAN", "PASSWORD", "SELECT", "MAP", "KEY_VALUE_LIST", "TEXTAREA", "ARRAY"),
        *("COLUMN", "COLUMNS", "PROJECT", "DATASET", "DATASETS", "DATASET_COLUMN", "DATASET_COLUMNS", "CONNECTIONS"),
        *("FOLDER", "MODEL", "SCENARIO", "API_SERVICE", "API_SERVICE_VERSION", "BUNDLE", "VISUAL_ANALYSIS", "CLUSTER"),
        "SEPARATOR",
    }
)
"""The types of custom fields that the reference lists (docs, custom fields): fewer than those of params."""

OF_HTML = {"extension": "html", "mimeType": "text/html"}
"""What public HTML macros carry, so that the result can be downloaded under its own kind."""
CHECK_SPECS = "python-project-standards-check-specs"
REQUIREMENTS = "code-env/python/spec/requirements.txt"
IMPORTED_AS = {"ibis_framework": "ibis"}
"""Distributions whose package has another name."""

BROUGHT_BY_DSS = frozenset({"dataiku", "dataikuapi", "requests", "urllib3", "six"})
"""What every code environment of DSS has: its own packages, and what its client needs."""


@dataclass(frozen=True)
class Finding:
    """Something wrong: the file, and what to do."""

    file: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}: {self.message}"


def check(root: Path, library: Path) -> list[Finding]:
    """Check a plugin.

    Args:
        root: the folder that holds `plugin.json`.
        library: the folder of its package in `python-lib`.

    Returns:
        What is wrong, by file; empty when all is well.
    """
    findings = [
        *_plugin(root),
        *_macros(root),
        *_recipes(root),
        *_project_standards(root),
        *check_webapps(root),
        *_custom_fields(root),
        *_template(root),
        *_parameter_sets(root),
        *_code_environment(root, library),
        *_links(root, library),
    ]
    return [Finding(file, message) for file, message in findings]


def _links(root: Path, library: Path) -> Problems:
    """Yield the first link among what ships: the zip would hold what it leads to."""
    try:
        for _ in (*plugin_files(root), *library_files(library)):
            pass
    except LinkRefused as link:
        base = library.parent.parent if link.path.is_relative_to(library) else root
        yield link.path.relative_to(base).as_posix(), "is a link: put the file itself there"


def _plugin(root: Path) -> Problems:
    plugin, file = read(root / "plugin.json"), "plugin.json"
    if isinstance(plugin, str):
        yield file, plugin
        return
    if not COMPONENT_ID.match(str(plugin.get("id") or "")):
        yield file, "id must be letters, digits, _ and -"
    if not _VERSION.match(str(plugin.get("version") or "")):
        yield file, "version must be a semantic version such as 1.2.0"
    yield from meta(file, plugin)
    yield from ((file, message) for message in check_params(plugin.get("params") or []))
    packaged = _packaged_version(root / "pyproject.toml")
    if packaged not in (None, plugin.get("version")):
        yield file, f"version is {plugin.get('version')}, and {packaged} in pyproject.toml: they must agree"


def _packaged_version(path: Path) -> str | None:
    """Return the version of the Python package beside a plugin; None where there is none, as in an unpacked zip."""
    if not path.is_file():
        return None
    # read as lines: Python 3.10 has no reader of TOML
    section = re.split(r"^\[", path.read_text(encoding="utf-8", errors="replace"), flags=re.MULTILINE)
    project = next((part for part in section if part.startswith("project]")), "")
    version = re.search(r"""^version\s*=\s*["']([^"']*)["']""", project, re.MULTILINE)
    return version[1] if version else None


def _macros(root: Path) -> Problems:
    yield from unreadable(root, "python-runnables", "runnable.json")
    for folder, file, descriptor in components(root, "python-runnables", "runnable.json"):
        yield from meta(file, descriptor)
        if descriptor.get("resultType") not in RESULT_TYPES:
            yield file, f"resultType must be one of {', '.join(RESULT_TYPES)}"
        if descriptor.get("resultType") == "HTML":
            for key, value in OF_HTML.items():
                if descriptor.get(key) != value:
                    yield file, f"{key} of an HTML macro is {value}"
        if not isinstance(descriptor.get("impersonate"), bool):
            yield file, "impersonate must be true or false: true runs as the user who presses the button"
        permissions = descriptor.get("permissions")
        if not isinstance(permissions, list) or not set(permissions) <= set(PERMISSIONS):
            yield file, f"permissions must be a list of {', '.join(PERMISSIONS)}"
        if not all(isinstance(role, Mapping) and role.get("type") for role in descriptor.get("macroRoles") or []):
            yield file, "each of macroRoles needs a type, such as PROJECT_MACROS"
        yield from ((file, message) for message in check_params(descriptor.get("params") or []))
        yield from choices_setup(root, file, descriptor)
        methods = {"__init__", "get_progress_target", "run"}
        yield from _class_code(root, folder / "runnable.py", "Runnable", methods)


def _project_standards(root: Path) -> Problems:
    """Yield what breaks the rules of check specs (developer guide, Project Standards Check component)."""
    name = "project_standards_check_spec"
    yield from unreadable(root, CHECK_SPECS, f"{name}.json")
    for folder, file, descriptor in components(root, CHECK_SPECS, f"{name}.json"):
        yield from meta(file, descriptor)
        tags = descriptor.get("tags", [])
        if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
            yield file, "tags must be a list of texts"
        yield from ((file, message) for message in check_params(descriptor.get("params") or []))
        yield from _class_code(root, folder / f"{name}.py", "ProjectStandardsCheckSpec", {"run"}, {"__init__"})


def _class_code(root: Path, path: Path, base: str, needed: Set[str], refused: Set[str] = frozenset()) -> Problems:
    """Yield what is wrong with a component's one class: methods that it lacks, or that DSS does not want there."""
    file = path.relative_to(root).as_posix()
    tree = parsed(path)
    if isinstance(tree, str):
        yield file, tree
        return
    kinds = [
        node
        for node in tree.body
        if isinstance(node, ast.ClassDef) and any(isinstance(b, ast.Name) and b.id == base for b in node.bases)
    ]
    if len(kinds) != 1:
        yield file, f"define exactly one class derived from {base}"
        return
    methods = {node.name for node in kinds[0].body if isinstance(node, ast.FunctionDef)}
    for missing in sorted(needed - methods):
        yield file, f"{kinds[0].name} lacks the method {missing}"
    for unwanted in sorted(refused & methods):
        yield file, f"{kinds[0].name} must not have the method {unwanted}: DSS makes the object itself"


def _recipes(root: Path) -> Problems:
    yield from unreadable(root, "custom-recipes", "recipe.json")
    for folder, file, descriptor in components(root, "custom-recipes", "recipe.json"):
        yield from meta(file, descriptor)
        if descriptor.get("kind") != "PYTHON":
            yield file, "kind must be PYTHON"
        roles = [*(descriptor.get("inputRoles") or []), *(descriptor.get("outputRoles") or [])]
        names = [role.get("name") for role in roles]
        if not descriptor.get("outputRoles"):
            yield file, "a recipe needs an output role"
        if len(set(names)) != len(names) or not all(names):
            yield file, "each role needs a name of its own"
        if not all(role.get("arity") in ("UNARY", "NARY") for role in roles):
            yield file, "the arity of a role is UNARY or NARY"
        yield from ((file, message) for message in check_params(descriptor.get("params") or []))
        tree = parsed(folder / "recipe.py")
        if isinstance(tree, str):
            yield (folder / "recipe.py").relative_to(root).as_posix(), tree


def _template(root: Path) -> Problems:
    """Yield descriptors of this plugin that are not those of its template; those of other plugins have none."""
    plugin = read(root / "plugin.json")
    params = [] if isinstance(plugin, str) else plugin.get("params") or []
    if not any(param.get("name") == "template" for param in params):
        return
    try:
        for path in outdated(root):
            yield path, "is not that of the template: run python -m govern_mirror_devkit.packaging.descriptors"
    except GovernMirrorError as error:
        yield TEMPLATE, str(error)
    except (OSError, ValueError, KeyError, TypeError):
        # the other rules have named what cannot be read
        return


def _custom_fields(root: Path) -> Problems:
    yield from unreadable(root, "custom-fields", "custom-fields.json")
    files: dict[str, str] = {}
    for _, file, descriptor in components(root, "custom-fields", "custom-fields.json"):
        for entry in descriptor.get("customFields") or []:
            field, applies = entry.get("field") or {}, entry.get("applyToObjects") or {}
            name = str(field.get("name") or "")
            if name in files:
                yield file, f"field {name} is declared twice: a field is stored under its bare name"
            files[name] = file
            if not re.match(r"^[A-Za-z_][A-Za-z0-9_]*$", name):
                yield file, f"field {name!r}: a name is letters, digits and _"
            if field.get("type") not in FIELD_TYPES:
                yield file, f"field {name}: unknown type {field.get('type')!r}"
            if "defaultValue" in field:
                yield file, f"field {name}: no defaultValue, or projects acquire values that nobody chose"
            if field.get("type") == "SELECT" and not field.get("selectChoices"):
                yield file, f"field {name}: a SELECT needs selectChoices"
            if applies.get("mode") != "SOME" or not applies.get("includedObjectTypes"):
                yield file, f"field {name}: applyToObjects must name the object types"
            if field.get("visibilityCondition"):
                yield from ((file, f"field {name}: {problem}") for problem in _condition(field["visibilityCondition"]))


def _condition(condition: str) -> Iterator[str]:
    try:
        holds(condition, {"model": {}})
    except ValueError as error:
        yield f"visibilityCondition cannot be read: {error}"


def _parameter_sets(root: Path) -> Problems:
    yield from unreadable(root, "parameter-sets", "parameter-set.json")
    for _, file, descriptor in components(root, "parameter-sets", "parameter-set.json"):
        yield from meta(file, descriptor)
        for key in ("params", "pluginParams"):
            yield from ((file, message) for message in check_params(descriptor.get(key) or []))


def _code_environment(root: Path, library: Path) -> Problems:
    folder, required = root / "code-env" / "python", set()
    file = "code-env/python/desc.json"
    described = read(folder / "desc.json")
    if isinstance(described, str):
        yield file, described
    elif not described.get("acceptedPythonInterpreters"):
        yield file, "acceptedPythonInterpreters must name at least one, such as PYTHON311"
    file = REQUIREMENTS
    try:
        lines = (root / file).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        yield file, f"cannot be read: {error.strerror}"
        return
    for line in (line.partition("#")[0].strip() for line in lines):
        match = _REQUIREMENT.match(line) if line else None
        if line and not match:
            yield file, f"cannot read the line {line!r}"
        if match:
            name = match.group(1).lower().replace("_", "-")
            package = name.replace("-", "_")
            required.add(IMPORTED_AS.get(package, package))
            if name in ("dataiku", "dataiku-api-client"):
                yield file, f"{name} comes with DSS: remove it"
    yield from _shipped_code(root, library, required | BROUGHT_BY_DSS | {library.name} | sys.stdlib_module_names)


def _shipped_code(root: Path, library: Path, allowed: Set[str]) -> Problems:
    """Yield library files that cannot be read, and packages that shipped code imports besides the allowed ones."""
    files = {
        path: f"python-lib/{path.relative_to(library.parent).as_posix()}"
        for path in library.rglob("*.py")
        if ships(path.relative_to(library))
    }
    kinds = ("python-runnables", "custom-recipes", "webapps", CHECK_SPECS)
    code = [path for kind in kinds for path in root.glob(f"{kind}/*/*.py")] + [*root.glob("resource/*.py")]
    for path, file in sorted((files | {path: path.relative_to(root).as_posix() for path in code}).items()):
        tree = parsed(path)
        if isinstance(tree, str):
            # the rules for components have named theirs
            if path in files:
                yield file, tree
            continue
        for name in sorted(_imported(tree) - allowed):
            yield file, f"imports {name}, which is not in {REQUIREMENTS}"


def _imported(tree: ast.Module) -> set[str]:
    """Return the top packages that a module imports, at its top or inside functions."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names
