"""A date or time means one thing: on every Python, and in every notation of ISO 8601."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from govern_mirror import times
from govern_mirror.cli.main import main
from govern_mirror_devkit.sandbox.mock_instance import mock_instance

DAYS = {
    "2026-03-01": "2026-03-01",
    " 2026-03-01 ": "2026-03-01",
    "20260301": None,
    "2026-03-01T00:00:00.000+0100": "2026-03-01",
    "2026-03-01T00:00:00.000+01": "2026-03-01",
    "2026-03-01T23:30:00-05:00": "2026-03-01",
    "2026-03-01T00:00:00.0Z": "2026-03-01",
    "2026-03-01T00:00:00.123456789Z": "2026-03-01",
    "2026-03-01T00:00:00.000Z": "2026-03-01",
    "20260301T000000Z": "2026-03-01",
    "20260301T000000.000+0100": "2026-03-01",
    "2026-03-01T00:00Z": "2026-03-01",
    "2026-03-01 00:00:00+01:00": "2026-03-01",
    "2026-02-28T23:00:00.000Z": "2026-02-28",
    "2026-W09-7": None,
    "2026-W09-7T00:00:00Z": None,
    "2026-060": None,
    "2026-0301": None,
    "202603-01": None,
    "2026-02-30": None,
    "2026-03-01T00:00:00": None,
    "2026-03-01Z": None,
    "2026-03-01T24:00:01Z": None,
    "2026-03-01T00:00:60Z": None,
    "2026-03-01T00:00:00+2400": None,
    "2026-03-01T00:00:00+00:60": None,
    "2026-03-01T00:00:00.Z": None,
    "٢٠٢٦-٠٣-٠١": None,
    "2026-03-01\n2026-03-02": None,
    "1.3.2026": None,
}
"""What somebody wrote, and the day that is meant; None: no date."""

TIMES = {
    "2026-03-01T07:00:00Z": "2026-03-01T07:00:00+00:00",
    "2026-03-01T07:00:00.0Z": "2026-03-01T07:00:00+00:00",
    "2026-03-01T00:00:00.000+0100": "2026-02-28T23:00:00+00:00",
    "2026-03-01T07:00:00.123456789Z": "2026-03-01T07:00:00.123456+00:00",
    "2026-03-01T07:00:00,5+05:30": "2026-03-01T01:30:00.500000+00:00",
    "20260301T070000Z": "2026-03-01T07:00:00+00:00",
    "2026-03-01T070000.5Z": "2026-03-01T07:00:00.500000+00:00",
    "2026-03-01t07:00z": "2026-03-01T07:00:00+00:00",
    "2026-W09-7T07:00:00Z": None,
    "2026-W09-7T070000.Z": None,
    "2026-03-01T07:00:00": None,
    "2026-03-01": None,
    "0001-01-01T00:00:00+0100": None,
    "2026-03-01T07:00:0\N{ARABIC-INDIC DIGIT ONE}Z": None,
    "": None,
    "\ud800": None,
}

INTERPRETERS = sorted(Path.home().glob(".pyenv/versions/3.1[0-3].*/bin/python"))
"""The other Pythons that stand on this machine; the tests run on one of its own in any case."""

READ = """
import json, sys
sys.path.insert(0, sys.argv[1])
from govern_mirror import times

def read(parse, text):
    try:
        return parse(text).isoformat()
    except ValueError:
        return None

days, moments = json.load(sys.stdin)
days = [read(times.parse_date, text) for text in days]
json.dump([days, [read(times.parse_time, text) for text in moments]], sys.stdout)
"""


@pytest.mark.parametrize("python", [sys.executable, *map(str, INTERPRETERS)], ids=lambda path: path.split("/")[-3])
def test_p9_every_python_reads_the_same_day_and_time(python):
    done = subprocess.run(
        [python, "-c", READ, str(Path(times.__file__).parents[1])], input=json.dumps([list(DAYS), list(TIMES)]),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    days, moments = json.loads(done.stdout)
    assert dict(zip(DAYS, days, strict=True)) == DAYS
    assert dict(zip(TIMES, moments, strict=True)) == TIMES


@pytest.fixture
def run(sandbox, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    with mock_instance(sandbox):
        yield lambda *arguments: CliRunner().invoke(
            main,
            ["--url", sandbox.base_url, "--api-key", sandbox.admin_key, *map(str, arguments)],
            catch_exceptions=False,
        )


@pytest.mark.parametrize(("text", "day"), [each for each in DAYS.items() if each[0].strip()])
def test_p9_a_date_in_dss_is_the_day_in_its_zone(sandbox, run, text, day):
    sandbox.create_project("P", "P")
    run("init", "P")
    sandbox.edit_metadata("P", lambda metadata: metadata["customFields"].update(govern_start_date=text), "admin")
    project = json.loads(run("show", "P", "--format", "json").stdout)
    assert project["overview"]["start_date"] == day
    assert bool(project["problems"]) is (day is None)


@pytest.mark.parametrize(("text", "day"), DAYS.items())
def test_p9_a_date_in_a_plan_file_is_the_day_in_its_zone(sandbox, run, text, day, tmp_path):
    sandbox.create_project("P", "P")
    run("init", "P")
    path = tmp_path / "plan.csv"
    path.write_text(f'project_key,start_date\nP,"{text}"\n', encoding="utf-8")
    applied = run("sync", "apply", path)
    assert applied.exit_code == (2 if day is None else 0), applied.stderr
    assert json.loads(run("show", "P", "--format", "json").stdout)["overview"]["start_date"] == day
