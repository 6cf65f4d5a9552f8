"""Finding artifacts: pages, filters and order."""

import pytest
from dataikuapi.govern.artifact_search import (
    GovernArtifactFilterArchivedStatus,
    GovernArtifactFilterArtifacts,
    GovernArtifactFilterBlueprints,
    GovernArtifactFilterBlueprintVersions,
    GovernArtifactFilterFieldValue,
    GovernArtifactSearchQuery,
    GovernArtifactSearchSortField,
    GovernArtifactSearchSortFieldDefinition,
    GovernArtifactSearchSortName,
    GovernArtifactSearchSortWorkflow,
)
from dataikuapi.utils import DataikuException

PROJECT, DATAIKU = "bp.system.govern_project", "bp.system.dataiku_project"


@pytest.fixture
def five(created):
    return [created(name) for name in ("E", "b", "D", "a", "C")]


def field(field_id, condition, kind="EQUALS", **options):
    return GovernArtifactFilterFieldValue(kind, condition=condition, field_id=field_id, **options)


def test_pages_of_two_join_to_all_and_none_comes_twice(five, search):
    assert search(page_size=2) == [["E", "b"], ["D", "a"], ["C"]]
    assert search(page_size=5) == [["E", "b", "D", "a", "C"]]
    assert search(sort=GovernArtifactSearchSortName(), page_size=2) == [["a", "b"], ["C", "D"], ["E"]]


def test_nothing_found_is_one_empty_page(search):
    assert search() == [[]]


def test_a_page_goes_on_behind_an_artifact_that_is_gone(client, five):
    request = client.new_artifact_search_request(GovernArtifactSearchQuery())
    request.fetch_next_batch(page_size=2)
    five[1].delete()
    rest = [hit.get_raw()["artifact"]["name"] for hit in request.fetch_next_batch(page_size=5).get_response_hits()]
    assert rest == ["D", "a", "C"]


def test_a_page_of_no_size_is_refused(client, five):
    request = client.new_artifact_search_request(GovernArtifactSearchQuery())
    for size in (0, -1, "many"):
        with pytest.raises(DataikuException, match=r"IllegalArgumentException: .*pageSize"):
            request.fetch_next_batch(page_size=size)


def test_a_hit_holds_the_artifact_its_blueprint_and_its_version(client, created):
    artifact = created(fields={"description": "d"})
    request = client.new_artifact_search_request(GovernArtifactSearchQuery())
    (hit,) = request.fetch_next_batch().get_response_hits()
    assert hit.get_raw()["artifact"] == artifact.get_definition().get_raw()
    assert hit.get_raw()["blueprint"]["name"] == "Govern Project"
    assert hit.get_raw()["blueprintVersion"]["id"] == {"blueprintId": PROJECT, "versionId": "bv.system.default"}
    assert hit.to_artifact().artifact_id == artifact.artifact_id


def test_blueprints_keep_govern_projects_and_dss_projects_apart(govern, created, search):
    created("governed")
    govern.node.register_dataiku_project("design", "CHURN")
    assert search(GovernArtifactFilterBlueprints([PROJECT])) == [["governed"]]
    assert search(GovernArtifactFilterBlueprints([DATAIKU])) == [["CHURN"]]
    assert search(GovernArtifactFilterBlueprints([PROJECT, DATAIKU])) == [["governed", "CHURN"]]
    assert search(GovernArtifactFilterBlueprints([])) == [[]]


def test_versions_and_ids_narrow_a_search(govern, created, search):
    govern.blueprints.fork("bv.acme")
    created("standard")
    fork = created("forked", version="bv.acme")
    wanted = [{"blueprintId": PROJECT, "versionId": "bv.acme"}]
    assert search(GovernArtifactFilterBlueprintVersions(wanted)) == [["forked"]]
    assert search(GovernArtifactFilterArtifacts([fork.artifact_id])) == [["forked"]]


def test_archived_projects_stay_out_unless_asked_for(five, search):
    definition = five[0].get_definition()
    definition.get_raw()["archived"] = True
    definition.save()
    assert search(GovernArtifactFilterArchivedStatus(False)) == [["b", "D", "a", "C"]]
    assert search(GovernArtifactFilterArchivedStatus(True)) == [["E", "b", "D", "a", "C"]]


def test_a_dss_project_is_found_by_node_and_key_and_not_by_a_part_of_them(govern, search):
    for node, key in (("design", "CHURN"), ("design", "CHURN_ES"), ("other", "CHURN"), ("Design", "churn")):
        govern.node.register_dataiku_project(node, key)
    exact = [field("node_id", "design", case_sensitive=True), field("project_key", "CHURN", case_sensitive=True)]
    assert search(GovernArtifactFilterArchivedStatus(False), *exact) == [["CHURN"]]
    assert search(field("node_id", "design"), field("project_key", "CHURN")) == [["CHURN", "churn"]]


def test_fields_are_searched_by_parts_lists_and_absence(created, search):
    created("one", fields={"countries": ["Spain", "Portugal"]})
    created("two", fields={"countries": ["Peru"], "sensitive_data": "Yes"})
    assert search(field("countries", "spain")) == [["one"]]
    assert search(field("countries", "P", "START_WITH", case_sensitive=True)) == [["one", "two"]]
    assert search(field("countries", "U", "END_WITH")) == [["two"]]
    assert search(field("countries", "ortu", "CONTAINS")) == [["one"]]
    assert search(field("sensitive_data", "Yes", negate_condition=True)) == [["one"]]
    assert search(field(None, "tw", "START_WITH")) == [["two"]]


def test_lists_can_be_sorted_by_name_step_and_field(created, search):
    ongoing = {"steps": {"progress": {"status": "ONGOING"}}}
    created("late", workflow=ongoing, fields={"qualification_value_rating": "Low"})
    created("new")
    created(
        "early",
        workflow={"steps": {"exploration": {"status": "ONGOING"}}},
        fields={"qualification_value_rating": "High"},
    )
    assert search(sort=GovernArtifactSearchSortName("DESC")) == [["new", "late", "early"]]
    assert search(sort=GovernArtifactSearchSortWorkflow()) == [["new", "early", "late"]]
    score = GovernArtifactSearchSortFieldDefinition(PROJECT, "qualification_value_score").build()
    assert search(sort=GovernArtifactSearchSortField([score], "DESC")) == [["early", "late", "new"]]


@pytest.mark.parametrize(
    "body",
    [
        {"artifactFilters": [{"type": "nosuch"}]},
        {"artifactFilters": ["archived"]},
        {"artifactFilters": [{"type": "field", "conditionType": "LIKE"}]},
        {"artifactSearchSort": {"column": {"type": "nosuch"}}},
        {"artifactSearchSource": {"type": "nosuch"}},
        {"artifactSearchPagination": 5},
    ],
)
def test_an_unknown_search_is_refused_and_not_answered_wrongly(client, body):
    with pytest.raises(DataikuException, match="IllegalArgumentException"):
        client._perform_json("POST", "/artifacts/search", body=body)
