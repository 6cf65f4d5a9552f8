"""The published schema of plan files: what we write keeps it, and it notices what we would not read."""

import copy
import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given
from plan_files.made import as_json, exported, project_of, projects, read, ungoverned
from sampling import examples

from govern_mirror.model.blueprint import STANDARD, Status
from govern_mirror.plan_files.entry import fields
from govern_mirror.plan_files.plan_file import FORMAT_VERSION, PlanFileInvalid

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "plan.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
CHURN = project_of("CHURN", {"qualification.value.rating": "High", "steps.exploration.status": Status.ONGOING})


def faults(document):
    return [f"{error.json_path}: {error.message[:200]}" for error in VALIDATOR.iter_errors(document)]


def test_the_schema_is_one_and_is_of_this_version():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["format_version"] == {"const": FORMAT_VERSION}


def test_it_has_every_field_of_the_template_and_no_other():
    def paths(node, at):
        node = SCHEMA["$defs"][node["$ref"].rpartition("/")[2]] | node if "$ref" in node else node
        for name, below in node.get("properties", {}).items():
            yield from paths(below, (*at, name))
        if "properties" not in node:
            yield ".".join(at)

    found = set(paths(SCHEMA["$defs"]["project"], ())) - {"revision", "hand_edits"}
    assert found == {field.path for field in fields(STANDARD)}
    definitions = SCHEMA["$defs"]
    assert definitions["rated"]["properties"]["rating"]["enum"] == [*STANDARD.rating_names, "none", None]
    assert definitions["step"]["properties"]["status"]["enum"] == [*(status.value for status in Status), "none", None]
    qualification = definitions["project"]["properties"]["qualification"]["properties"]
    assert qualification["decision"]["enum"] == [*STANDARD.decisions, "none", None]


@examples(60)
@given(projects())
def test_every_export_keeps_it(found):
    assert faults(as_json(exported(found))) == []


def test_an_export_of_nothing_keeps_it():
    assert faults(as_json(exported([]))) == faults(as_json(exported([ungoverned("NEW")]))) == []


BROKEN = {
    "an unknown key": {"other": 1},
    "an unknown section": {"projects": {"CHURN": {"overviews": {}}}},
    "an unknown field": {"projects": {"CHURN": {"overview": {"start": "2026-01-01"}}}},
    "an unknown step": {"projects": {"CHURN": {"steps": {"testing": {"status": "ONGOING"}}}}},
    "an unknown status": {"projects": {"CHURN": {"steps": {"exploration": {"status": "DONE"}}}}},
    "an unknown rating": {"projects": {"CHURN": {"qualification": {"value": {"rating": "Very high"}}}}},
    "an unknown decision": {"projects": {"CHURN": {"qualification": {"decision": "Maybe"}}}},
    "a rating one level too high": {"projects": {"CHURN": {"qualification": {"value": "High"}}}},
    "a bad date": {"projects": {"CHURN": {"overview": {"start_date": "1.3.2026"}}}},
    "a number for a text": {"projects": {"CHURN": {"overview": {"business_initiative": 2027}}}},
    "a blank text": {"projects": {"CHURN": {"overview": {"business_initiative": ""}}}},
    "an empty list": {"projects": {"CHURN": {"overview": {"technical_dimension": []}}}},
    "a list in a list": {"projects": {"CHURN": {"overview": {"technical_dimension": [["AI/ML"]]}}}},
    "a list of an unknown category": {"projects": {"CHURN": {"overview": {"technical_dimension": ["AI"]}}}},
    "a list for one value": {"projects": {"CHURN": {"overview": {"sponsor": ["Ada"]}}}},
    "a list": {"projects": [{"CHURN": {}}]},
    "a revision that is a text": {"projects": {"CHURN": {"revision": "7"}}},
    "a negative revision": {"projects": {"CHURN": {"revision": -1}}},
    "another version": {"format_version": 2},
    "a section without fields": {"projects": {"CHURN": {"overview": None}}},
}


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN)
def test_what_is_broken_keeps_neither_the_schema_nor_the_reader(change):
    document = {**as_json(exported([CHURN])), **copy.deepcopy(change)}
    assert faults(document)
    with pytest.raises(PlanFileInvalid):
        read(yaml.safe_dump(document))


@pytest.mark.parametrize("key", ["format_version", "projects"])
def test_a_missing_key_is_noticed(key):
    document = as_json(exported([CHURN]))
    del document[key]
    assert faults(document)
    with pytest.raises(PlanFileInvalid, match=f"{key}: is missing"):
        read(yaml.safe_dump(document))
