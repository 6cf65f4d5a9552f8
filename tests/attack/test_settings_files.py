"""Settings, as files and as DSS passes them: read strictly, within a bound, and never waited for."""

import json
import os

import pytest
from click.testing import CliRunner

from govern_mirror.cli.main import main
from govern_mirror.errors import InputError
from govern_mirror.settings import parse_settings

NOT_DAYS = [True, False, "30", "true", [30], {}]


@pytest.fixture
def transport():
    return "mounted"


@pytest.fixture
def report(sandbox, url, tmp_path):
    """A command with --settings, as somebody whose key may not read the instance's own."""
    key = sandbox.create_user("ada")

    def run(path):
        arguments = ["--url", url, "--api-key", key, "--settings", str(path), "report", "--format", "json"]
        return CliRunner().invoke(main, arguments, catch_exceptions=False)

    return run


@pytest.mark.parametrize("value", NOT_DAYS, ids=repr)
def test_p27_days_that_are_no_number_are_refused(value):
    with pytest.raises(InputError, match="stale_after_days"):
        parse_settings({"stale_after_days": value})


@pytest.mark.parametrize("value", [True, "1", [1], -1, 31, float("nan")], ids=repr)
def test_p27_settling_time_that_is_none_is_refused(value):
    with pytest.raises(InputError, match="settling_seconds"):
        parse_settings({"settling_seconds": value})


@pytest.mark.parametrize("value", [0, 0.5, 1, 30.0], ids=repr)
def test_p27_settling_time_is_taken(value):
    assert parse_settings({"settling_seconds": value}).settling_seconds == value


@pytest.mark.parametrize("value", ["true", "false", "yes", 1, 0, []], ids=repr)
@pytest.mark.parametrize("name", ["mirror_checklist", "mirror_tag"])
def test_p27_switch_that_is_none_is_refused(name, value):
    with pytest.raises(InputError, match=name):
        parse_settings({name: value})


@pytest.mark.parametrize("value", [True, "1"], ids=repr)
def test_p27_weight_that_is_no_number_is_refused(value):
    with pytest.raises(InputError, match="weight_risk"):
        parse_settings({"weight_risk": value})


def test_p27_mistyped_setting_is_named(report, tmp_path):
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"stale_after_day": 3, "weight_vlaue": 2, "nonsense": 1}), encoding="utf-8")
    result = report(path)
    assert result.exit_code == 0
    said = " ".join(result.stderr.split())
    assert "stale_after_day (is stale_after_days meant?)" in said
    assert "weight_vlaue (is weight_value meant?)" in said
    assert "nonsense" in said


def test_p27_many_unknown_settings_are_counted():
    warnings = parse_settings({f"x{number}" * 100: 1 for number in range(5000)}).warnings
    assert len(warnings) == 1
    assert "4990 more" in warnings[0]
    assert len(warnings[0]) < 2000


def test_p10_settings_with_a_byte_order_mark_are_read(report, tmp_path):
    path = tmp_path / "settings.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps({"stale_after_days": 3}).encode())
    assert report(path).exit_code == 0


def pipe(folder):
    path = folder / "pipe"
    os.mkfifo(path)
    return path


def large(folder):
    path = folder / "large.json"
    with path.open("wb") as file:
        file.truncate(1 << 30)
    return path


UNREADABLE = {
    "device without end": lambda folder: "/dev/zero",
    "empty device": lambda folder: "/dev/null",
    "pipe without a writer": pipe,
    "folder": lambda folder: folder,
    "nothing": lambda folder: folder / "nothing.json",
    "a gigabyte": large,
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_r10_settings_file_that_is_none_is_refused(report, tmp_path, monkeypatch, kind):
    monkeypatch.setattr("govern_mirror.files.PIPE_TIMEOUT", 0.1)
    path = UNREADABLE[kind](tmp_path)
    result = report(path)
    assert result.exit_code == 2
    assert "cannot read the settings file" in " ".join(result.stderr.split())
    assert len(result.stderr) < 1000


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"[" * 100_000, b"\xff\xfe{}", b"1" * 5000], ids=len)
def test_r10_settings_that_are_no_object_are_refused(report, tmp_path, content):
    path = tmp_path / "settings.json"
    path.write_bytes(content)
    result = report(path)
    assert result.exit_code == 2
    assert "settings.json" in " ".join(result.stderr.split())
