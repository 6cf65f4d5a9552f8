"""Hints name the program as it was called, so that they can be typed as they are printed."""

import pytest
from support.command_line import run_command

from govern_mirror.cli.hints import program, worded
from govern_mirror.errors import Action, Hint


@pytest.fixture
def installed(tmp_path, monkeypatch):
    path = tmp_path / ".venv" / "bin" / "govern-mirror"
    path.parent.mkdir(parents=True)
    path.touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", [str(path)])
    return path


def test_program_off_the_path_is_named_by_its_own(installed, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert program() == ".venv/bin/govern-mirror"


def test_program_on_the_path_is_named_alone(installed, monkeypatch):
    monkeypatch.setenv("PATH", str(installed.parent))
    assert program() == "govern-mirror"


def test_program_that_is_gone_is_named_as_called(installed, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    installed.unlink()
    assert program() == ".venv/bin/govern-mirror"


def test_program_in_a_folder_with_blanks_can_be_typed(installed, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr("sys.argv", ["my tools/govern-mirror"])
    assert program() == "'my tools/govern-mirror'"


@pytest.mark.parametrize("called", ["python", "/usr/lib/python3/__main__.py", "pytest"])
def test_another_program_is_not_named(monkeypatch, called):
    monkeypatch.setattr("sys.argv", [called])
    assert program() == "govern-mirror"


def test_hint_names_the_program_as_called(installed, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert worded("no", Hint(Action.GOVERN, "P")) == "no: run `.venv/bin/govern-mirror init P` first"


def test_error_of_the_library_names_it_as_called(installed, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    ran = run_command("trends", "--history", "none.duckdb")
    assert ran.code == 1 and "`.venv/bin/govern-mirror snapshot --history /" in ran.err
