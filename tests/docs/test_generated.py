"""Generated parts of the documents are those that the code gives, and the examples of the Python API run."""

import ast
import re
from pathlib import Path

import govern_mirror
from govern_mirror_devkit.documents import documents
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.mock_instance import mock_instance

ROOT = Path(__file__).parents[2]


def test_generated_parts_are_up_to_date():
    outdated = [path for path, text in documents(ROOT).items() if (ROOT / path).read_text(encoding="utf-8") != text]
    assert not outdated, "run `make docs`"


def test_every_api_name_has_a_sentence():
    chapters = re.split(r"^### ", documents(ROOT)["docs/python-api.md"], flags=re.M)[1:]
    signature = r"`(\w+)`\n\n```python\n.*?```\n\n([^\n]*)"
    told = dict(re.findall(signature, "\n".join(chapters), re.S))
    assert set(told) == set(govern_mirror.__all__)
    assert [name for name, text in told.items() if not re.match(r"[A-Z].*", text)] == []


def test_type_checkers_see_the_names_that_python_finds():
    tree = ast.parse(Path(govern_mirror.__file__).read_text(encoding="utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    seen = {
        alias.asname: node.module.removeprefix("govern_mirror.")
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname == alias.name
    }
    assert seen == govern_mirror._HOMES


def test_examples_of_the_python_api_print_what_they_say(capsys):
    chapter = (ROOT / "docs/python-api.md").read_text(encoding="utf-8").partition("## Functions")[0]
    sandbox = Sandbox()
    sandbox.create_project("CHURN", "Churn prediction")
    names, printed = {}, []
    with mock_instance(sandbox, "https://dss.example.com"):
        for example in re.findall(r"```python\n(.*?)```", chapter, re.S):
            exec(example.replace("my-api-key", sandbox.admin_key), names)
            printed += [text] if (text := capsys.readouterr().out) else []
    assert printed == re.findall(r"```text\n(.*?)```", chapter, re.S)
