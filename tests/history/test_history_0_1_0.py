"""A history that version 0.1.0 wrote reads as that version told it, and goes on."""

from __future__ import annotations

import gzip
import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from support.snapshots import START, append, changes, project, report, trends, view

from govern_mirror.model.blueprint import STANDARD

DATA = Path(__file__).parents[1] / "data" / "history_0_1_0"
TOLD = json.loads((DATA / "trends.json").read_text(encoding="utf-8"))


@pytest.fixture(params=["file", "folder"])
def path(request, tmp_path):
    if request.param == "folder":
        return Path(shutil.copytree(DATA / "parquet", tmp_path / "history"))
    file = tmp_path / "history.duckdb"
    file.write_bytes(gzip.decompress((DATA / "history.duckdb.gz").read_bytes()))
    return file


def as_it_was(**more):
    """The project P as the last snapshot has it."""
    values = {
        "qualification.value.rating": "High", "qualification.risk.rating": "Low",
        "qualification.cost.rating": "Medium high", "qualification.decision": "Go",
        "overview.sponsor": "Ada", "overview.start_date": START.date().replace(month=1),
    }  # fmt: skip
    return project(STANDARD, done=5, name="The project", owner="admin", values={**values, **more})


def test_its_trends_are_those_that_0_1_0_told(path):
    assert trends(path, STANDARD) == TOLD


def test_a_report_tells_what_changed_since_it(path):
    now = as_it_was(
        **{"overview.sponsor": "Eve", "qualification.feasibility.rating": "Low", "overview.countries": "CH"}
    )
    # what 0.1.0 did not know, such as countries, did not change
    found = [(change.project_key, change.field, change.before, change.after)
             for change in view(path, report(now, day=9)).changes if change.field != "owner"]  # fmt: skip
    assert found == [
        ("P", "sponsor", "Ada", "Eve"), ("P", "feasibility", None, "Low"), ("Q", "state", "governed", None),
    ]  # fmt: skip


def test_it_goes_on_with_the_long_form(path):
    append(path, report(as_it_was(**{"overview.sponsor": "Eve", "overview.countries": "CH"}), day=9))
    append(path, report(as_it_was(**{"overview.countries": "CH, FR"}), day=10))
    told = [(each["field"], each["from"], each["to"]) for each in TOLD["changes"]]
    new = [each for each in changes(path, STANDARD)[len(told) :] if each[0] != "owner"]
    assert changes(path, STANDARD)[: len(told)] == told
    # on the first day both are compared by their columns, then in long form
    assert new == [
        ("sponsor", "Ada", "Eve"), ("state", "governed", None), ("sponsor", "Eve", "Ada"),
        ("countries", "CH", "CH, FR"),
    ]  # fmt: skip
    assert trends(path, STANDARD)["throughput"][0]["month"] == f"{START + timedelta(days=2):%Y-%m}"
