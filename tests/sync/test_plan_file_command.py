"""`report --format plan`, an edit in an editor, `sync apply`: governing by Git, without Govern."""

import json

import pytest
from click.testing import CliRunner

from govern_mirror.cli.main import main


@pytest.fixture
def run(sides):
    def run(*arguments):
        options = ["--url", sides.dss_url, "--api-key", sides.dss.admin_key]
        return CliRunner().invoke(main, [*options, *arguments], catch_exceptions=False)

    return run


@pytest.fixture
def exported(sides, run, tmp_path):
    for key in ("ONE", "TWO"):
        sides.project(key, known=False)
    run("qualify", "ONE", "--value", "low", "--decision", "go")
    path = tmp_path / "portfolio.yaml"
    assert run("report", "--format", "plan", "-o", str(path)).exit_code == 0
    return path


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_what_was_exported_and_not_edited_changes_nothing(sides, run, exported):
    before = sides.dss.metadata("ONE")
    result = run("sync", "apply", str(exported))
    assert (result.exit_code, result.stdout) == (0, "")
    assert sides.dss.metadata("ONE") == before


def test_an_edit_in_the_file_is_applied_once(sides, run, exported):
    edit(exported, "rating: Low", "rating: High")
    assert run("sync", "apply", str(exported), "--dry-run").exit_code == 3
    assert sides.held_by_dss("ONE")["govern_value_rating"] == "Low"
    assert run("sync", "apply", str(exported)).exit_code == 0
    assert sides.held_by_dss("ONE")["govern_value_rating"] == "High"
    record = json.loads(sides.held_by_dss("ONE")["govern_record"])
    assert (record["events"][-1]["source"], record["events"][-1]["what"]) == ("sync", "qualification.value.rating")
    assert "sync" not in record
    again = run("sync", "apply", str(exported))
    assert again.exit_code == 0
    assert again.stdout == ""


@pytest.mark.parametrize("entry", ["NOWHERE: {overview: {sponsor: Ada}}", "TWO: {overview: {start_date: 2027-01-01}}"])
def test_what_a_file_asks_for_in_vain_ends_with_1(sides, run, tmp_path, entry):
    for key in ("ONE", "TWO"):
        sides.project(key, known=False)
    run("set", "TWO", "target_end_date=2026-01-01")
    path = tmp_path / "plan.yaml"
    path.write_text(f"format_version: 1\nprojects:\n  ONE: {{overview: {{sponsor: Ada}}}}\n  {entry}\n")
    for options in (("--dry-run",), (), ()):
        ended = run("sync", "apply", str(path), *options)
        assert ended.exit_code == 1 and "1 could not be applied" in ended.stderr, options
    assert sides.held_by_dss("ONE")["govern_sponsor"] == "Ada" and "govern_start_date" not in sides.held_by_dss("TWO")


def test_a_write_that_nobody_can_look_up_is_told_as_unclear(sides, run, exported):
    edit(exported, "rating: Low", "rating: High")
    sides.dss.faults.set("PUT /projects/ONE/metadata:close-after-write; GET /projects/ONE/metadata:503@3+")
    ended = run("sync", "apply", str(exported))
    assert ended.exit_code == 1 and "may have been written" in ended.stderr, ended.stderr
    assert "1 unclear" in ended.stderr and "failed" not in ended.stderr


@pytest.mark.parametrize(("prefer", "value"), [("dss", "Medium low"), ("file", "High")])
def test_an_edit_on_both_sides_is_a_conflict_until_someone_decides(sides, run, exported, prefer, value):
    edit(exported, "rating: Low", "rating: High")
    run("qualify", "ONE", "--value", "medium low")
    left = run("sync", "apply", str(exported))
    assert left.exit_code == 3
    assert "conflict" in left.stdout
    assert sides.held_by_dss("ONE")["govern_value_rating"] == "Medium low"
    run("sync", "apply", str(exported), "--prefer", prefer)
    assert sides.held_by_dss("ONE")["govern_value_rating"] == value


def test_the_sponsor_that_only_dss_holds_can_be_planned_too(sides, run, exported, tmp_path):
    path = tmp_path / "sponsors.csv"
    path.write_text("project_key,sponsor\nONE,Ada\n", encoding="utf-8")
    assert run("sync", "apply", str(path)).exit_code == 0
    assert sides.held_by_dss("ONE")["govern_sponsor"] == "Ada"


def test_a_project_that_is_not_governed_is_governed_only_when_asked(sides, run, tmp_path):
    sides.dss.create_project("NEW", "New")
    path = tmp_path / "portfolio.csv"
    path.write_text("project_key,value_rating\nNEW,High\n", encoding="utf-8")
    refused = run("sync", "apply", str(path))
    assert "NEW" in refused.stderr
    assert sides.held_by_dss("NEW") == {}
    assert "NEW: in the file, and not governed (--create governs it)" in refused.stderr
    created = run("sync", "apply", str(path), "--create")
    assert created.exit_code == 0 and "NEW: created Value rating" in created.stderr
    assert sides.held_by_dss("NEW")["govern_value_rating"] == "High"


def test_a_dry_run_names_what_would_be_refused(sides, run, exported, tmp_path):
    settings, plan = tmp_path / "settings.json", tmp_path / "plan.csv"
    settings.write_text(json.dumps({"required_fields": [{"step": "exploration", "field": "sponsor"}]}))
    plan.write_text("project_key,exploration_status\nONE,Finished\nTWO,Ongoing\n", encoding="utf-8")
    run("close", "TWO", "--reason", "replaced")
    before = [sides.dss.metadata(key) for key in ("ONE", "TWO")]
    for dry, code in ((["--dry-run"], 3), ([], 1)):
        ended = run("--settings", str(settings), "sync", "apply", str(plan), "--prefer", "file", *dry)
        assert ended.exit_code == code
        assert "Exploration cannot finish without Sponsor" in ended.stderr
        assert "TWO is closed (replaced): undo that first" in ended.stderr
        assert [sides.dss.metadata(key) for key in ("ONE", "TWO")] == before


def test_a_broken_file_names_every_fault_and_writes_nothing(sides, run, exported):
    edit(exported, "rating: Low", "rating: Enormous")
    edit(exported, "decision: Go", "decision: Perhaps")
    result = run("sync", "apply", str(exported))
    assert result.exit_code == 2
    first, *faults = result.stderr.splitlines()[-3:]
    assert first.endswith(f"{exported.name} has 2 errors; nothing was written:")
    for fault, word in zip(faults, ("Enormous", "Perhaps"), strict=True):
        assert word in fault and fault.startswith("  line ")
    assert sides.held_by_dss("ONE")["govern_value_rating"] == "Low"


def test_the_threshold_holds_for_plan_files_too(sides, run, tmp_path):
    for number in range(10):
        sides.project(f"P{number}", known=False)
    path = tmp_path / "portfolio.csv"
    lines = [f"P{number},High" for number in range(10)]
    path.write_text("\n".join(["project_key,value_rating", *lines]), encoding="utf-8")
    refused = run("sync", "apply", str(path))
    assert refused.exit_code == 1
    assert "10 of 10 DSS projects would change" in refused.stderr
    assert run("sync", "apply", str(path), "--force").exit_code == 0
