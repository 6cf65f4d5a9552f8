"""Blueprints and their versions, as a client reads them."""

import pytest
from dataikuapi.utils import DataikuException

from govern_mirror_devkit.sandbox.govern.templates import FieldType, TemplateField, TemplateStep, VersionStatus

PROJECT = "bp.system.govern_project"


@pytest.fixture
def definition(client):
    return client.get_blueprint(PROJECT).get_version("bv.system.default").get_definition().get_raw()


def test_every_blueprint_is_listed_once_with_its_name(govern, client):
    govern.blueprints.fork("bv.acme")
    listed = {
        item.get_raw()["blueprint"]["id"]: item.get_raw()["blueprint"]["name"] for item in client.list_blueprints()
    }
    assert listed == {
        PROJECT: "Govern Project",
        "bp.system.dataiku_project": "Dataiku Project",
        "bp.system.business_initiative": "Business Initiative",
        "bp.system.govern_bundle": "Govern Bundle",
        "bp.system.govern_model": "Govern Model",
        "bp.system.govern_model_version": "Govern Model Version",
        "bp.system.dataiku_bundle": "Dataiku Bundle",
        "bp.system.dataiku_saved_model_version": "Dataiku Saved Model Version",
    }
    assert len(client.list_blueprints()) == 8
    for item in client.list_blueprints():
        assert item.to_blueprint().get_definition().get_raw() == item.get_raw()["blueprint"]


def test_a_fork_shows_where_it_came_from_and_whether_it_can_be_used(govern, client):
    govern.blueprints.fork("bv.acme", status=VersionStatus.DRAFT)
    versions = [item.to_blueprint_version() for item in client.get_blueprint(PROJECT).list_versions()]
    traces = {version.version_id: version.get_trace() for version in versions}
    assert traces["bv.system.default"].status == "ACTIVE"
    assert traces["bv.system.default"].origin_version_id is None
    assert traces["bv.acme"].status == "DRAFT"
    assert traces["bv.acme"].origin_version_id == "bv.system.default"
    listed = [
        item.get_raw()["blueprintVersionTrace"]["status"] for item in client.get_blueprint(PROJECT).list_versions()
    ]
    assert listed == ["ACTIVE", "DRAFT"]


def test_the_five_steps_come_in_the_order_of_the_workflow(definition):
    steps = definition["workflowDefinition"]["stepDefinitions"]
    assert [(step["id"], step["name"]) for step in steps] == [
        ("exploration", "Exploration"),
        ("qualification", "Qualification"),
        ("progress", "In Progress"),
        ("rollout", "Validation and Roll-out"),
        ("delivery", "Delivered"),
    ]


def test_a_step_leads_to_its_fields_by_its_view(definition):
    view_id = definition["uiDefinition"]["uiStepDefinitions"]["qualification"]["viewId"]
    view = definition["uiDefinition"]["views"][view_id]["viewComponent"]
    fields = [component["fieldId"] for component in view["layout"]["viewComponents"]]
    assert fields == [
        "qualification_notes", "qualification_docs", "qualification_risk_rating", "qualification_risk_comments",
        "qualification_value_rating", "qualification_value_comments", "cost_rating", "cost_comments",
        "qualification_feasibility_rating", "qualification_feasibility_comments", "qualification_resulting_decision",
        "qualification_comment_on_decision", "qualification_project_plan",
    ]  # fmt: skip
    assert set(fields) <= definition["fieldDefinitions"].keys()


def test_the_exact_words_of_a_rating_can_be_read(definition):
    fields = definition["fieldDefinitions"]
    for rating in ("qualification_value_rating", "qualification_risk_rating", "cost_rating"):
        assert fields[rating]["categories"] == ["Low", "Medium low", "Medium high", "High"]
    assert "listConfig" in fields["dataiku_item"] and "listConfig" not in fields["description"]
    assert definition["hierarchicalParentFieldId"] == "business_initiative"


def test_a_company_s_own_steps_and_fields_are_described(govern, client, created):
    govern.blueprints.fork(
        "bv.acme",
        steps=[TemplateStep("idea", "Idea", ("hypothesis",)), TemplateStep("live", "Live")],
        fields=[TemplateField("hypothesis", FieldType.TEXT, "Hypothesis")],
        without_fields=["cost_rating"],
    )
    version = client.get_blueprint(PROJECT).get_version("bv.acme")
    definition = version.get_definition().get_raw()
    assert [step["id"] for step in definition["workflowDefinition"]["stepDefinitions"]] == ["idea", "live"]
    assert definition["fieldDefinitions"]["hypothesis"]["fieldType"] == "TEXT"
    assert "cost_rating" not in definition["fieldDefinitions"]
    raw = created(version="bv.acme", fields={"hypothesis": "It sells"}).get_definition()
    assert raw.get_blueprint_version().version_id == "bv.acme"
    assert raw.get_raw()["fields"]["hypothesis"] == "It sells"


def test_an_unknown_blueprint_or_version_is_said_to_be_not_found(client):
    for attempt in (
        client.get_blueprint("bp.nosuch").get_definition,
        client.get_blueprint("bp.nosuch").list_versions,
        client.get_blueprint(PROJECT).get_version("bv.nosuch").get_definition,
    ):
        with pytest.raises(DataikuException, match=r"NotFoundException: .*nosuch.* not found"):
            attempt()
