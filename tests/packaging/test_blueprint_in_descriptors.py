"""Forms offer exactly what the blueprint knows: no step, rating, decision or status is missing or made up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from govern_mirror.model.address import ItemKind
from govern_mirror.model.blueprint import HUB_FIELD, ITEMS_FIELD, RECORD_FIELD, STANDARD, Kind, Status
from govern_mirror.model.item_templates import item_template
from govern_mirror.model.reviewers import REVIEWER_ROLES
from govern_mirror.model.signoff import Act, FeedbackStatus
from govern_mirror.model.workflow import stages
from govern_mirror.report.registry import RegistryKind
from govern_mirror.settings import Settings, parse_settings
from govern_mirror.sync.plan import Direction, Prefer
from govern_mirror_devkit.custom_fields import LOCATION, text
from govern_mirror_devkit.source import plugin_root

STEPS = {step.id: step.name for step in STANDARD.steps}
RATINGS = STANDARD.rating_names
DECISIONS = STANDARD.decisions
NOT_OF_THE_BLUEPRINT = {"", "none", "not_started", "complete", "closed", "undecided"}
"""Leave it, clear it, stages that are no step, projects without a decision."""


def selects() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every param of every component that offers choices, by file and name."""
    files = [plugin_root() / "plugin.json"]
    files += [
        *plugin_root().glob("python-runnables/*/runnable.json"),
        *plugin_root().glob("custom-recipes/*/recipe.json"),
        *plugin_root().glob("python-project-standards-check-specs/*/project_standards_check_spec.json"),
    ]
    for file in sorted(files):
        for param in json.loads(file.read_text(encoding="utf-8")).get("params", []):
            for each in (param, *param.get("subParams", [])):
                if each.get("selectChoices"):
                    yield f"{file.parent.name}/{each['name']}", each


SELECTS = dict(selects())


def choices(param: dict[str, Any]) -> dict[str, str]:
    found = {choice["value"]: choice["label"] for choice in param["selectChoices"]}
    return {value: label for value, label in found.items() if value not in NOT_OF_THE_BLUEPRINT}


def named(*suffixes: str) -> list[str]:
    return [name for name in SELECTS if name.rpartition("/")[2] in suffixes]


RATED = [name for name in SELECTS if name.endswith("_rating")]


@pytest.mark.parametrize("name", named("step"))
def test_every_step_can_be_chosen_by_its_name_in_the_blueprints_order(name):
    assert list(choices(SELECTS[name]).items()) == list(STEPS.items())


def test_the_steps_of_bundles_and_versions_can_be_chosen():
    (name,) = named("item_step")
    for kind in (ItemKind.BUNDLE, ItemKind.MODEL_VERSION, ItemKind.AGENT_VERSION):
        assert list(choices(SELECTS[name]).items()) == [(step.id, step.name) for step in item_template(kind).steps]


@pytest.mark.parametrize("component", ["governed-projects", "governed-projects-report"])
def test_every_stage_can_be_asked_for(component):
    offered = SELECTS[f"{component}/step"]["selectChoices"]
    assert [(choice["value"], choice["label"]) for choice in offered] == list(stages(STANDARD).items())


HIDDEN = {RECORD_FIELD, ITEMS_FIELD, HUB_FIELD}
"""What the plugin keeps that is not for people."""


@pytest.mark.parametrize("name", RATED)
def test_every_rating_can_be_chosen_in_order(name):
    assert tuple(choices(SELECTS[name])) == RATINGS


@pytest.mark.parametrize("name", named("decision", "decisions", "decisions_to_move_on"))
def test_every_decision_can_be_chosen(name):
    assert tuple(choices(SELECTS[name])) == DECISIONS


def test_every_field_that_people_fill_can_be_required():
    wanted = {field.path: field.label for field in STANDARD.all_fields if field.kind is not Kind.STATUS}
    offered = next(param for name, param in SELECTS.items() if name.endswith("/field"))
    assert choices(offered) == wanted


def test_every_direction_and_preference_of_a_sync_can_be_chosen():
    (direction,), (prefer,) = named("direction"), named("prefer")
    assert tuple(choices(SELECTS[direction])) == tuple(each.value for each in Direction if each.value != "status")
    assert tuple(choices(SELECTS[prefer])) == ("leave", *(each.value for each in Prefer))


def test_every_act_of_a_review_can_be_chosen():
    offered = [choice["value"] for choice in SELECTS["review/action"]["selectChoices"]]
    besides = {"look", "emergency", "finish", "attest"}
    assert set(offered) == {*besides, *(act.value for act in Act)} - {"request_feedback", "request_approval"}
    assert tuple(choices(SELECTS["review/feedback"])) == tuple(status.value for status in FeedbackStatus)
    assert choices(SELECTS["review/group"]) == {
        role.value: role.label[0].upper() + role.label[1:] for role in REVIEWER_ROLES
    }


def test_every_kind_of_registry_can_be_chosen():
    (items,) = named("items")
    assert tuple(choices(SELECTS[items])) == ("projects", *(kind.value for kind in RegistryKind))


def test_no_form_offers_something_that_this_test_does_not_know():
    known = {*named("step", "decision", "decisions", "decisions_to_move_on", "field", "scope", "action"), *RATED}
    known |= {*named("weekly_on", "with_texts")}  # days of the week; yes or no
    known |= {*named("direction", "prefer")}  # tested below
    known |= {*named("feedback", "group", "items")}  # tested below
    known |= {*named("item_step")}
    known |= {*named("sensitive_data", "technical_dimension")}  # tests/packaging/test_descriptors.py has any template
    assert set(SELECTS) == known, "compare the new param's choices with the blueprint above"
    assert len(RATED) == 2 and len(named("step")) == 5  # the ratings of the qualification come from Python


def test_the_declared_custom_fields_are_those_of_the_blueprint():
    file = plugin_root() / LOCATION
    assert file.read_text(encoding="utf-8") == text(STANDARD), "run: python -m govern_mirror_devkit.custom_fields"


def test_every_stored_field_is_declared_and_the_record_is_hidden():
    declared = {
        entry["field"]["name"]: entry["field"]
        for entry in json.loads((plugin_root() / LOCATION).read_text(encoding="utf-8"))["customFields"]
        if entry["field"]["type"] != "SEPARATOR"
    }
    assert set(declared) == {field.stored for field in STANDARD.all_fields} | HIDDEN
    assert {name for name, field in declared.items() if "visibilityCondition" in field} == HIDDEN
    assert {declared[name]["visibilityCondition"] for name in HIDDEN} == {"false"}
    statuses = [{"value": status.value, "label": status.label} for status in Status]
    for step in STEPS:
        assert declared[f"govern_status_{step}"]["selectChoices"] == statuses
    for name in ("value", "risk", "feasibility", "cost"):
        assert tuple(choices(declared[f"govern_{name}_rating"])) == RATINGS
    assert tuple(choices(declared["govern_decision"])) == DECISIONS


def test_the_plugins_page_has_the_settings_of_the_library():
    params = json.loads(Path(plugin_root() / "plugin.json").read_text(encoding="utf-8"))["params"]
    declared = {param["name"]: param for param in params if param["type"] != "SEPARATOR"}
    assert set(declared) == set(Settings.model_fields)
    defaults = {name: param["defaultValue"] for name, param in declared.items() if "defaultValue" in param}
    standard = Settings().model_dump()
    assert parse_settings(defaults) == Settings()
    assert set(standard) - set(defaults) == {
        *("required_fields", "decisions_to_move_on", "instance_url", "page_address", "template", "hub_project"),
        *("status_page", "ask"),
    }
