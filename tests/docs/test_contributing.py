"""What contributors are told is so: the rooms, the files, the targets of make, the versions."""

import re
from pathlib import Path

from govern_mirror_devkit.source import library

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MAKE = (ROOT / "Makefile").read_text(encoding="utf-8")


def test_every_room_of_the_library_is_named():
    rooms = {path.parent.name for path in library().glob("*/__init__.py")} | {"blueprints"}
    table = PAGE.partition("| folder |")[2].partition("\n\n")[0]
    named = re.findall(r"`(?:…|python-lib/govern_mirror)/(\w+)/`", table)
    assert set(named) == rooms and len(named) == len(rooms)


def test_files_that_are_named_exist():
    named = re.findall(r"`([\w.-]+(?:/[\w.-]+)*/|[\w.-]+(?:/[\w.-]+)*\.(?:py|md|json|toml))`", PAGE)
    made = {"dist/", "release_info.json", "runnable.json", "runnable.py"}
    inside = (ROOT, library(), ROOT / "plugin/govern_mirror_devkit", ROOT / "plugin")
    missing = [name for name in named if name not in made and not any((base / name).exists() for base in inside)]
    assert named and missing == []


def test_targets_of_make_are_named_and_exist():
    phony = re.search(r"^\.PHONY: (.*)$", MAKE, re.M)[1].split()
    targets = set(re.findall(r"^([a-z-]+):", MAKE, re.M))
    assert set(phony) == targets
    assert set(re.findall(r"\bmake ([a-z-]+)\b`?", " ".join(re.findall(r"`[^`]+`|^make.*$", PAGE, re.M)))) <= targets


def test_supported_versions_are_those_of_the_package():
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    oldest = re.search(r'requires-python = ">=([\d.]+)"', project)[1]
    client = re.search(r'"dataiku-api-client>=([\d.]+)"', project)[1]
    assert f"Python {oldest} to " in PAGE and f"`dataiku-api-client` {client} and newer" in PAGE


def test_no_test_has_a_name_of_70_characters():
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py")]
    names = {name for text in texts for name in re.findall(r"def (test_\w+)\(", text)}
    assert len(names) > 1000
    assert sorted(name for name in names if len(name) >= 70) == []


def test_no_test_module_is_imported_by_another():
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py")]
    pattern = re.compile(r"^ *(?:from|import) [\w.]*\btest_\w+.*", re.MULTILINE)
    assert [line for text in texts for line in pattern.findall(text)] == []
