"""`plugin build` makes the zip that DSS installs: complete, no more than that, and the same bytes each time."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from govern_mirror_devkit.packaging import build as building
from govern_mirror_devkit.packaging.build import RELEASE, build, release_of
from govern_mirror_devkit.packaging.check import check
from govern_mirror_devkit.source import library, plugin_root

NAME = f"dss-plugin-govern-mirror-{json.loads((plugin_root() / 'plugin.json').read_text())['version']}.zip"


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    return build(plugin_root(), library(), tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def names(made) -> list[str]:
    with zipfile.ZipFile(made) as archive:
        return archive.namelist()


def rebuilt(root: Path, output: Path) -> Path:
    return build(root, root / "python-lib" / "govern_mirror", output)


def test_the_zip_is_named_after_plugin_and_version(made):
    assert made.name == NAME


def test_the_same_sources_give_the_same_bytes(made, copy, tmp_path):
    again = build(plugin_root(), library(), tmp_path / "again")
    assert again.read_bytes() == made.read_bytes()
    # elsewhere, with other times and rights, and the traces of running it
    for file in copy.rglob("*"):
        os.utime(file, (1_000_000_000, 1_000_000_000))
        if file.is_file():
            file.chmod(0o600)
    cache = copy / "python-lib" / "govern_mirror" / "__pycache__"
    cache.mkdir()
    (cache / "clock.cpython-311.pyc").write_bytes(b"x")
    assert rebuilt(copy, tmp_path / "copy").read_bytes() == made.read_bytes()


def test_a_changed_source_gives_another_zip(made, copy, tmp_path):
    (copy / "plugin.json").write_text((copy / "plugin.json").read_text() + " ")
    assert rebuilt(copy, tmp_path / "out").read_bytes() != made.read_bytes()


def test_everything_that_dss_loads_is_in_it(names):
    assert {"plugin.json", "code-env/python/desc.json", "code-env/python/spec/requirements.txt"} <= set(names)
    for folder in ("python-runnables", "custom-recipes", "custom-fields", "python-project-standards-check-specs"):
        wanted = {
            path.relative_to(plugin_root()).as_posix()
            for path in (plugin_root() / folder).rglob("*")
            if path.is_file() and path.suffix != ".pyc"
        }
        assert wanted and wanted <= set(names)
    assert any(name.endswith("standard_project.json") for name in names), "the library's own files too"
    assert any("/templates/" in name for name in names)


def test_nothing_else_is_in_it(names):
    tops = {"plugin.json", "code-env", "custom-fields", "custom-recipes", "python-lib", "python-runnables"}
    tops |= {"parameter-sets", "resource", "webapps", "python-project-standards-check-specs"}
    assert {name.partition("/")[0] for name in names} <= tops
    assert {name.split("/")[1] for name in names if name.startswith("python-lib/")} == {"govern_mirror"}
    assert not [name for name in names if name.startswith("python-lib/govern_mirror/cli/")]
    assert not [name for name in names if "devkit" in name or "tests/" in name or "sandbox" in name]
    assert not [name for name in names if "__pycache__" in name or name.endswith((".pyc", ".pyo")) or "/." in name]
    assert names == sorted(set(names)), "each once, in an order that no file system decides"


def test_what_lies_about_in_the_folders_stays_out(copy, tmp_path):
    for stray in (".DS_Store", "__pycache__/x.pyc", ".git/config", "old.pyc", ".hidden/secret.txt"):
        for folder in ("python-runnables/advance-workflow", "python-lib/govern_mirror", "custom-fields"):
            file = copy / folder / stray
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("stray")
    (copy / "tests").mkdir()
    (copy / "tests" / "test_x.py").write_text("")
    (copy / "notes.txt").write_text("")
    (copy / "python-lib" / "other").mkdir()
    (copy / "python-lib" / "other" / "x.py").write_text("")
    with zipfile.ZipFile(rebuilt(copy, tmp_path / "out")) as archive:
        assert not [name for name in archive.namelist() if archive.read(name) == b"stray"]
        assert not [name for name in archive.namelist() if "test_x" in name or "notes" in name or "other" in name]


def test_every_file_can_be_read_once_dss_unpacked_it(made):
    with zipfile.ZipFile(made) as archive:
        assert archive.testzip() is None
        assert {entry.external_attr >> 16 for entry in archive.infolist()} == {0o644}
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_DEFLATED}
    assert stat.S_IMODE(made.stat().st_mode) == 0o644


def test_unpacked_it_is_in_order(made, tmp_path):
    with zipfile.ZipFile(made) as archive:
        archive.extractall(tmp_path)
    assert check(tmp_path, tmp_path / "python-lib" / "govern_mirror") == []


def test_the_output_folder_is_made_and_an_older_zip_replaced(made, tmp_path):
    output = tmp_path / "not" / "yet" / "there"
    assert build(plugin_root(), library(), output) == output / NAME
    (output / NAME).write_bytes(b"an older one")
    assert build(plugin_root(), library(), output).read_bytes() == made.read_bytes()
    assert [path.name for path in output.iterdir()] == [NAME]


def test_a_build_that_fails_half_way_leaves_the_older_zip_as_it_was(tmp_path, monkeypatch):
    (tmp_path / NAME).write_bytes(b"an older one")
    files = sorted(building._files(plugin_root(), library()))

    def broken(root, folder):
        yield from files[:5]
        yield "plugin.json.zzz", tmp_path / "gone"

    monkeypatch.setattr(building, "_files", broken)
    with pytest.raises(FileNotFoundError):
        build(plugin_root(), library(), tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {NAME: b"an older one"}


def test_a_build_that_is_interrupted_leaves_nothing(tmp_path, monkeypatch):
    def interrupted(self, *args):
        raise KeyboardInterrupt

    monkeypatch.setattr(zipfile.ZipFile, "writestr", interrupted)
    with pytest.raises(KeyboardInterrupt):
        build(plugin_root(), library(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_two_builds_at_once_do_not_spoil_each_other(made, tmp_path):
    with ThreadPoolExecutor(4) as pool:
        for path in pool.map(lambda _: build(plugin_root(), library(), tmp_path), range(4)):
            assert path == tmp_path / NAME
    assert [path.name for path in tmp_path.iterdir()] == [NAME]
    assert (tmp_path / NAME).read_bytes() == made.read_bytes()


def test_an_optional_folder_is_shipped_once_it_is_there(copy, tmp_path):
    (copy / "resource").mkdir(exist_ok=True)
    (copy / "resource" / "choices.py").write_text("def do(): ...\n")
    with zipfile.ZipFile(rebuilt(copy, tmp_path / "out")) as archive:
        assert "resource/choices.py" in archive.namelist()
    shutil.rmtree(copy / "custom-recipes")
    with zipfile.ZipFile(rebuilt(copy, tmp_path / "out")) as archive:
        assert not [name for name in archive.namelist() if name.startswith("custom-recipes")]


def test_the_time_of_the_build_does_not_show(made, tmp_path, monkeypatch):
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    try:
        assert build(plugin_root(), library(), tmp_path).read_bytes() == made.read_bytes()
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.fixture
def checkout(copy) -> Path:
    """A copy of the plugin, committed."""
    (copy / ".gitignore").write_text("__pycache__/\n")
    git(copy, "init", "--quiet")
    commit(copy)
    return copy


def git(root: Path, *arguments: str) -> str:
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", "-C", root, *who, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def commit(root: Path) -> None:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "A version")


def built(root: Path, output: Path) -> tuple[bytes, dict]:
    """The bytes of a zip that names its release, and what it says of it."""
    made = build(root, root / "python-lib" / "govern_mirror", output, release_of(root))
    with zipfile.ZipFile(made) as archive:
        return made.read_bytes(), json.loads(archive.read(RELEASE))


def test_the_zip_names_version_and_commit(checkout, tmp_path):
    _, release = built(checkout, tmp_path / "out")
    version = json.loads((checkout / "plugin.json").read_text())["version"]
    assert release == {"version": version, "commit": git(checkout, "rev-parse", "HEAD"), "changed_since": False}


def test_the_same_commit_gives_the_same_bytes(checkout, tmp_path):
    first, _ = built(checkout, tmp_path / "first")
    git(tmp_path, "clone", "--quiet", str(checkout), "clone")
    (tmp_path / "clone" / "notes.txt").write_text("ships nowhere")
    assert built(tmp_path / "clone", tmp_path / "second")[0] == first


def test_an_uncommitted_change_is_named(checkout, tmp_path):
    stray = checkout / "python-runnables" / "advance-workflow" / "notes.txt"
    stray.write_text("new")
    assert built(checkout, tmp_path)[1]["changed_since"] is True
    commit(checkout)
    (checkout / "plugin.json").write_text((checkout / "plugin.json").read_text() + " ")
    assert built(checkout, tmp_path)[1]["changed_since"] is True
