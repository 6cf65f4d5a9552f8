"""The demo's hints can be typed as they are printed."""

import pytest

from govern_mirror_devkit.commands import demo


@pytest.fixture
def program(tmp_path, monkeypatch):
    path = tmp_path / ".venv" / "bin" / "govern-mirror"
    path.parent.mkdir(parents=True)
    path.touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", [str(path)])
    return path


def test_program_off_the_path_is_named_by_its_own(program, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert demo._command() == ".venv/bin/govern-mirror"


def test_program_on_the_path_is_named_alone(program, monkeypatch):
    monkeypatch.setenv("PATH", str(program.parent))
    assert demo._command() == "govern-mirror"
