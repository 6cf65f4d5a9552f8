"""`govern-mirror plugin check` and `plugin build`, as they are typed."""

from __future__ import annotations

import json
import zipfile

import pytest
from click.testing import CliRunner

from govern_mirror.cli.main import main


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object):
        return CliRunner().invoke(main, ["plugin", *map(str, arguments)])

    return run


def test_check_says_that_all_is_well(run):
    result = run("check")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "The plugin's descriptors are in order.\n"


def test_check_names_each_fault_of_an_unpacked_plugin_and_fails(run, copy):
    assert run("check", copy).exit_code == 0
    plugin = json.loads((copy / "plugin.json").read_text())
    (copy / "plugin.json").write_text(json.dumps({**plugin, "version": "1", "id": "a b"}))
    result = run("check", copy)
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "plugin.json: id must be letters, digits, _ and -",
        "plugin.json: version must be a semantic version such as 1.2.0",
    ]
    assert "2 findings" in result.stderr


def test_check_of_a_folder_that_is_no_plugin_fails(run, tmp_path):
    result = run("check", tmp_path)
    assert result.exit_code == 1 and "plugin.json: cannot be read" in result.stdout
    assert run("check", tmp_path / "missing").exit_code == 2


def test_build_prints_the_path_of_the_zip_last(run, tmp_path):
    result = run("build", "--output", tmp_path / "out")
    assert result.exit_code == 0
    path = result.stdout.splitlines()[-1]
    assert path.startswith(str(tmp_path / "out")) and "plugin.json" in zipfile.ZipFile(path).namelist()


def test_build_writes_to_dist_when_nothing_is_said(run, tmp_path):
    assert run("build").exit_code == 0
    assert [path.suffix for path in (tmp_path / "dist").iterdir()] == [".zip"]


def test_build_into_something_that_is_no_folder_says_what_to_do(run, tmp_path):
    (tmp_path / "file").touch()
    for output in ("file", "file/below"):
        result = run("build", "--output", output)
        assert result.exit_code == 2 and "Traceback" not in result.output
    assert "cannot write to file/below" in result.stderr and "--output" in result.stderr


def test_build_refuses_a_plugin_that_is_not_in_order(run, copy, tmp_path, monkeypatch):
    (copy / "python-runnables" / "advance-workflow" / "runnable.py").unlink()
    monkeypatch.setattr("govern_mirror_devkit.source.plugin_root", lambda: copy)
    result = run("build", "--output", tmp_path / "out")
    assert result.exit_code == 1 and "advance-workflow/runnable.py: cannot be read" in result.stderr
    assert not (tmp_path / "out").exists()
