"""docs/reporting.md says what is there."""

from __future__ import annotations

import json
import re
from pathlib import Path

from govern_mirror.history.columns import VALUE_COLUMNS, column_types, tracked_fields
from govern_mirror.history.trends import COLUMNS as TRENDS
from govern_mirror.model.blueprint import STANDARD
from govern_mirror.report.columns import columns

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "reporting.md").read_text(encoding="utf-8")


def test_every_column_that_the_history_adds_is_documented():
    reported = {column.name for column in columns(STANDARD)}
    for column in column_types(STANDARD):
        if column not in reported:
            name = re.sub(r"^(exploration|qualification|progress|rollout|delivery)_", "<step>_", column)
            assert f"`{name}`" in DOCUMENT, name


def test_every_trend_and_tracked_field_is_documented():
    for name in TRENDS:
        assert f"### `{name}`" in DOCUMENT, name
    for field in tracked_fields(STANDARD):
        if field.version == 1:
            assert f"`{field.name}`" in DOCUMENT, field


def test_every_column_of_the_long_form_is_documented():
    for name in VALUE_COLUMNS:
        assert f"| `{name}` |" in DOCUMENT, name


def test_every_output_and_parameter_of_the_recipe_is_documented():
    descriptor = json.loads((ROOT / "custom-recipes/governance-trends/recipe.json").read_text(encoding="utf-8"))
    assert [role["name"] for role in descriptor["outputRoles"]] == list(TRENDS)
    for each in (*descriptor["inputRoles"], *descriptor["outputRoles"], *descriptor["params"]):
        assert f"`{each['name']}`" in DOCUMENT
