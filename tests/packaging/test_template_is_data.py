"""The library names no field of the standard template and takes no template for granted: another one works as well."""

import ast
import re

from govern_mirror.model.blueprint import STANDARD
from govern_mirror_devkit.source import library

CODE = (".py", ".html", ".js", ".css", ".md", ".json")


def sources():
    """Yield each file of the library outside `blueprints/` with its place in the library."""
    for path in sorted(library().rglob("*")):
        place = path.relative_to(library())
        if path.suffix in CODE and place.parts[0] != "blueprints":
            yield place.as_posix(), path


def test_no_field_of_the_standard_template_is_named():
    fields = re.compile(rf"(?<!\w)(?:{'|'.join(re.escape(field.path) for field in STANDARD.all_fields)})(?!\w)")
    named = [
        f"{place}:{number}: {match[0]}"
        for place, path in sources()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        for match in fields.finditer(line)
    ]
    assert named == []


def test_no_signature_takes_the_standard_template():
    taken = [
        f"{place}:{default.lineno}"
        for place, path in sources()
        if path.suffix == ".py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for default in defaults(node)
        if any(name_of(part) == "STANDARD" for part in ast.walk(default))
    ]
    assert taken == []


def defaults(node):
    """Return the defaults of a function's arguments, or of the fields of a class."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        return [*node.args.defaults, *filter(None, node.args.kw_defaults)]
    if isinstance(node, ast.ClassDef):
        return [line.value for line in node.body if isinstance(line, ast.AnnAssign) and line.value]
    return []


def name_of(node):
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None
