"""The report in CSV: no spreadsheet runs a text, and applied as a plan file it gives every text back."""

import pytest
from click.testing import CliRunner
from support.command_line import use_instance
from support.projects import create_project

from govern_mirror.cli.main import main
from govern_mirror_devkit.sandbox.mock_instance import URL

TEXTS = (
    "=1+41", "'=1+41", "''=1+41", "+1", "-5%", "@SUM(A1)", "a;=1+41;b", "a;'=1+41", "a; -5%", "a|=1", "＝1+41", "a;＝1",
    "'", "''", "';'", "a;'b", "'-", 'a;"=1"', "\"=1+1\"", "−5", "x;;'';=1", "a,=1+1",
)  # fmt: skip
"""Texts that spreadsheets run, and texts that look like ours; a new case is one line."""


@pytest.fixture
def run(dss, monkeypatch, tmp_path):
    use_instance(monkeypatch, tmp_path, URL, dss.admin_key)
    create_project(dss, "P")
    return lambda *arguments: CliRunner().invoke(main, list(map(str, arguments)), catch_exceptions=False)


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: f"t11_{text!r}")
def test_a_report_in_csv_applied_again_changes_nothing(run, tmp_path, text):
    assert run("init", "P", f"--sponsor={text}", f"--initiative={text}").exit_code == 0
    path = tmp_path / "report.csv"
    assert run("report", "-o", path).exit_code == 0
    result = run("sync", "apply", path, "--dry-run")
    assert (result.exit_code, result.stdout) == (0, ""), result.stderr


@pytest.mark.parametrize("separator", [";", "\t", "|", "\n"], ids=["t11_semicolon", "t11_tab", "t11_bar", "t11_line"])
@pytest.mark.parametrize("text", ["=1+41", "＝1+41", "\xa0=1+41", '"=1+41"', "@SUM(A1)", "+1", "-1"])
def test_no_cell_is_a_formula_for_a_spreadsheet_told_another_separator(run, dss, tmp_path, separator, text):
    create_project(dss, "P", label=f"a{separator}{text}{separator}b", customFields={"govern_status_rollout": "ONGOING"})
    content = run("report", "--format", "csv").stdout
    cells = [cell.lstrip('" \xa0') for line in content.splitlines() for cell in line.split(separator)]
    assert not [cell for cell in cells if cell.startswith(("=1", "＝1", "@SUM", "+1", "-1"))]
