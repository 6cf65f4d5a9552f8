"""The published schema of the JSON report: what it promises is so, and it notices when it is not."""

import copy
import json
from pathlib import Path

import jsonschema
import pytest
from standard import build
from support.hostile_projects import NOW, many

from govern_mirror.model.blueprint import STANDARD
from govern_mirror.model.item import Governance
from govern_mirror.report.formats import renderer
from govern_mirror.report.json_report import FORMAT_VERSION
from govern_mirror.report.portfolio import Filters

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "report.schema.json").read_text(encoding="utf-8"))


def closed(schema):
    """The schema without room for keys it does not name: readers get that room, our own output does not."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: closed(value) for key, value in schema.items()}
    if found.get("type") == "object" and "properties" in found and "additionalProperties" not in found:
        found["additionalProperties"] = False
    return found


STRICT = jsonschema.Draft202012Validator(closed(SCHEMA))


def rendered(portfolio):
    return json.loads(renderer("json").render(portfolio))


def faults(document, validator=STRICT):
    return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(document)]


def test_the_schema_is_one_and_is_of_this_version():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMA["properties"]["format_version"] == {"const": FORMAT_VERSION}


@pytest.mark.parametrize("name", ["demo", "hostile"])
def test_every_report_has_the_keys_of_the_schema_and_no_other(request, name):
    document = rendered(request.getfixturevalue(name))
    assert document["projects"]
    assert faults(document) == []


def test_an_empty_report_keeps_the_schema():
    assert faults(rendered(build([], Filters(), NOW))) == []


def test_categories_are_those_of_the_template():
    definitions = SCHEMA["$defs"]
    assert definitions["rating"]["enum"] == [*STANDARD.rating_names, None]
    assert definitions["project"]["properties"]["decision"]["enum"] == [*STANDARD.decisions, None]
    assert set(definitions["project"]["properties"]["state"]["enum"]) == {state.value for state in Governance}


def test_every_key_is_required():
    for part in (SCHEMA, *SCHEMA["properties"].values(), *SCHEMA["$defs"].values()):
        assert part.get("required", []) == [*part.get("properties", {})] or "additionalProperties" in part


def test_a_reader_of_today_accepts_a_key_of_tomorrow():
    document = rendered(many(1)) | {"new": 1}
    document["projects"][0]["new"] = []
    assert faults(document, jsonschema.Draft202012Validator(SCHEMA)) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("project_key", 1), ("name", None), ("tags", "x"), ("state", "other"), ("finished", "1"), ("finished", -1),
        ("value", "high"), ("decision", "Maybe"), ("value_score", 101), ("priority", "70"), ("start_date", "1.1.2026"),
        ("start_date", "2026-01-01T00:00:00Z"), ("days_in_step", 1.5), ("stale", "true"),
        ("last_change_on", "2026-01-01"), ("last_change_on", "2026-01-01T00:00:00+00:00"), ("revision", None),
        ("problems", 0), ("problems", [{"field": "x"}]), ("steps", {}), ("current_step_status", "DONE"),
        ("steps", {"exploration": {"status": "ONGOING"}}),
    ],
)  # fmt: skip
def test_a_wrong_value_or_type_is_noticed(key, value):
    document = rendered(many(1))
    assert faults(document) == []
    wrong = copy.deepcopy(document)
    wrong["projects"][0][key] = value
    assert faults(wrong)


def test_a_missing_key_is_noticed():
    document = rendered(many(1))
    for part in (document, document["summary"], document["instance"], document["projects"][0]):
        for key in list(part):
            value = part.pop(key)
            assert faults(document), key
            part[key] = value
