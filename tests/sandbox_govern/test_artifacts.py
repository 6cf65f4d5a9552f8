"""Artifacts: made, read, saved and deleted; what Govern computes, keeps and refuses."""

from concurrent.futures import ThreadPoolExecutor

import dataikuapi
import pytest
from dataikuapi.utils import DataikuException

from govern_mirror_devkit.sandbox.govern.templates import VersionStatus

NOT_STARTED = {"status": "NOT_STARTED", "visible": True}


def raw(artifact):
    return artifact.get_definition().get_raw()


def save(artifact, change):
    """Reads an artifact, changes its definition in place, and saves it; returns what Govern kept."""
    definition = artifact.get_definition()
    change(definition.get_raw())
    definition.save()
    return definition.get_raw()


def test_a_new_project_starts_with_every_step_not_started(created):
    definition = raw(created(fields={"description": "Who leaves?"}))
    assert definition["name"] == "Churn"
    assert definition["fields"]["description"] == "Who leaves?"
    assert definition["blueprintVersionId"] == {
        "blueprintId": "bp.system.govern_project",
        "versionId": "bv.system.default",
    }
    assert definition["workflow"]["steps"] == dict.fromkeys(
        ("exploration", "qualification", "progress", "rollout", "delivery"), NOT_STARTED
    )
    assert definition["status"] == {"stepId": None}


def test_what_is_saved_is_what_is_read_again(created):
    artifact = created()
    kept = save(
        artifact,
        lambda d: d.update(
            name="Churn in Spain",
            fields={
                "countries": ["Spain", "Portugal"],
                "start_date": "2026-06-01T00:00:00.000Z",
                "qualification_resulting_decision": "Go",
                "exploration_notes": "é\u202e\U0001f600" * 1000,
            },
        ),
    )
    assert kept == raw(artifact)
    assert kept["name"] == "Churn in Spain"
    assert kept["fields"]["countries"] == ["Spain", "Portugal"]
    assert kept["fields"]["exploration_notes"] == "é\u202e\U0001f600" * 1000


def test_saving_replaces_so_what_was_left_out_is_gone(created):
    artifact = created(fields={"description": "Who leaves?", "cost_comments": "cheap"})
    save(artifact, lambda d: d["fields"].pop("description"))
    assert "description" not in raw(artifact)["fields"] and raw(artifact)["fields"]["cost_comments"] == "cheap"
    save(artifact, lambda d: d.pop("fields"))
    assert "cost_comments" not in raw(artifact)["fields"]


def test_a_deleted_artifact_is_gone_and_its_id_is_not_given_to_another(created):
    artifact = created()
    artifact.delete()
    for attempt in (artifact.get_definition, artifact.delete, artifact.list_signoffs):
        with pytest.raises(DataikuException, match=r"NotFoundException: Artifact ar\.1 not found"):
            attempt()
    assert created().artifact_id == "ar.2"


def test_artifacts_made_at_the_same_time_are_all_there_and_all_different(govern, url):
    version = {"blueprintId": "bp.system.govern_project", "versionId": "bv.system.default"}

    def create(number):
        client = dataikuapi.GovernClient(url, govern.api_key)
        return client.create_artifact({"name": str(number), "blueprintVersionId": version}).artifact_id

    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(create, range(40)))
    assert len(set(ids)) == 40
    assert {artifact.name for artifact in govern.node.artifacts()} == {str(number) for number in range(40)}


def test_ratings_are_turned_into_scores_by_the_hook(created):
    artifact = created(fields={"qualification_value_rating": "High", "qualification_risk_rating": "Medium low"})
    assert scores(artifact) == (80, 60)
    save(artifact, lambda d: d["fields"].update(qualification_risk_rating="High", qualification_risk_score=1))
    assert scores(artifact) == (80, 20)
    save(artifact, lambda d: d["fields"].update(qualification_value_rating=None))
    assert scores(artifact) == (None, 20)
    assert scores(created()) == (None, None)


@pytest.mark.parametrize(
    ("rating", "value", "risk"), [("Low", 20, 80), ("Medium low", 40, 60), ("Medium high", 60, 40), ("High", 80, 20)]
)
def test_every_rating_has_its_score(created, rating, value, risk):
    fields = {"qualification_value_rating": rating, "qualification_risk_rating": rating}
    assert scores(created(fields=fields)) == (value, risk)


def scores(artifact):
    fields = raw(artifact)["fields"]
    return fields["qualification_value_score"], fields["qualification_risk_score"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"qualification_risk_rating": "high"},
            "'high' for field ID 'qualification_risk_rating' is not a valid category",
        ),
        ({"start_date": "2026-06-01"}, "Invalid type for field value: string"),
        ({"start_date": "2026-06-01 00:00:00+00:00"}, "takes ISO 8601 with time and zone"),
        ({"start_date": "2026-06-01T00:00:00"}, "takes ISO 8601 with time and zone"),
        ({"start_date": 1780272000000}, "Invalid type for field value: double"),
        ({"description": {"text": "x"}}, "Invalid type for field value: map"),
        ({"description": ["x"]}, "Invalid type for field value: list"),
        ({"countries": "Spain"}, "Field `countries` is a list in artifact: ar.1"),
        ({"use_case_technical_dimension": ["AI/ML", "Magic"]}, "'Magic' for field ID"),
        ({"qualification_risk_score": True}, "Invalid type for field value: boolean"),
    ],
)
def test_a_value_that_govern_does_not_take_is_refused_and_changes_nothing(created, fields, message):
    artifact = created(fields={"description": "before"})
    with pytest.raises(DataikuException) as raised:
        save(artifact, lambda d: d["fields"].update(fields))
    assert "ValidationException: " in str(raised.value) and message in str(raised.value)
    assert raw(artifact)["fields"]["description"] == "before"
    with pytest.raises(DataikuException, match="ValidationException"):
        created(fields=fields)


def test_a_misspelt_field_is_lost_without_a_word(created):
    fields = raw(created(fields={"descripton": "lost", "description": "kept"}))["fields"]
    assert "descripton" not in fields and fields["description"] == "kept"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"workflow": {"steps": {"nosuch": {"status": "ONGOING"}}}}, "Unknown workflow step 'nosuch'"),
        ({"workflow": {"steps": {"delivery": {"status": "DONE"}}}}, "Unknown status 'DONE'"),
        ({"workflow": []}, "'steps'"),
        ({"workflow": None, "status": {"stepId": "nosuch"}}, "Unknown workflow step 'nosuch'"),
        ({"name": " "}, "name"),
        ({"fields": []}, "fields"),
        ({"blueprintVersionId": {"blueprintId": "bp.other", "versionId": "bv.other"}}, "blueprint version"),
    ],
)
def test_a_definition_that_makes_no_sense_is_refused_and_changes_nothing(created, change, message):
    artifact = created()
    before = raw(artifact)
    with pytest.raises(DataikuException) as raised:
        save(artifact, lambda d: d.update(change))
    kind, _, text = str(raised.value).partition(": ")
    assert kind.endswith("Exception") and message in text
    assert raw(artifact) == before


@pytest.mark.parametrize(
    ("version", "message"),
    [
        (None, "blueprintVersionId"),
        ("bv", "blueprintVersionId"),
        ({"blueprintId": "bp.system.govern_project"}, "blueprintVersionId"),
        ({"blueprintId": "bp.system.govern_project", "versionId": "bv.nosuch"}, "not found"),
        ({"blueprintId": "bp.system.govern_project", "versionId": "bv.draft"}, "not ACTIVE"),
    ],
)
def test_no_artifact_is_made_of_a_missing_or_inactive_template(govern, client, version, message):
    govern.blueprints.fork("bv.draft", status=VersionStatus.DRAFT)
    with pytest.raises(DataikuException, match=message):
        client.create_artifact({"name": "Churn", "blueprintVersionId": version})
    assert govern.node.artifacts() == []


def test_moving_a_step_on_is_kept_and_shown_in_the_old_form_too(created):
    artifact = created()

    def move(**statuses):
        def change(definition):
            for step, status in statuses.items():
                definition["workflow"]["steps"][step]["status"] = status

        return save(artifact, change)

    assert move(exploration="ONGOING")["status"]["stepId"] == "exploration"
    assert move(exploration="FINISHED")["status"]["stepId"] == "qualification"
    kept = move(qualification="SKIPPED", progress="ONGOING")
    assert kept["status"]["stepId"] == "progress"
    assert kept["workflow"]["steps"]["qualification"] == {"status": "SKIPPED", "visible": False}
    assert move(progress="FINISHED", rollout="FINISHED", delivery="FINISHED")["status"]["stepId"] == "delivery"


def test_the_steps_of_an_artifact_are_in_no_order_to_rely_on(created):
    assert next(iter(raw(created())["workflow"]["steps"])) != "exploration"


def test_the_old_step_id_still_moves_a_newer_node(created):
    artifact = created()

    def change(definition):
        del definition["workflow"]
        definition["status"]["stepId"] = "progress"

    steps = save(artifact, change)["workflow"]["steps"]
    assert [steps[step]["status"] for step in ("exploration", "qualification", "progress", "rollout", "delivery")] == [
        "FINISHED", "FINISHED", "ONGOING", "NOT_STARTED", "NOT_STARTED"
    ]  # fmt: skip
    kept = save(artifact, lambda d: [d.pop("workflow"), d.pop("status")])
    assert kept["status"]["stepId"] == "progress"


def test_a_node_before_13_5_knows_the_step_but_no_workflow(govern, created):
    govern.node.version = "13.4.2"
    artifact = created()
    assert "workflow" not in raw(artifact) and raw(artifact)["status"] == {"stepId": None}
    kept = save(artifact, lambda d: d["status"].update(stepId="qualification"))
    assert "workflow" not in kept and kept["status"] == {"stepId": "qualification"}
    ignored = save(artifact, lambda d: d.update(workflow={"steps": {"delivery": {"status": "ONGOING"}}}))
    assert ignored["status"] == {"stepId": "qualification"}
    with pytest.raises(DataikuException, match="Unknown workflow step 'nosuch'"):
        save(artifact, lambda d: d["status"].update(stepId="nosuch"))
    govern.node.version = "13.5.0"
    assert raw(artifact)["workflow"]["steps"]["exploration"]["status"] == "FINISHED"


def test_an_edit_in_govern_itself_is_seen_by_the_next_reader(govern, created):
    artifact = created()
    govern.node.edit(artifact.artifact_id, lambda d: d["fields"].update(progress_notes="met"))
    assert raw(artifact)["fields"]["progress_notes"] == "met"


def test_governing_a_dss_project_shows_at_both_ends(govern, client, created):
    churn = client.get_artifact(govern.node.register_dataiku_project("design", "CHURN").id)
    spain = client.get_artifact(govern.node.register_dataiku_project("design", "CHURN_ES").id)
    first = created("First", fields={"dataiku_item": [churn.artifact_id, spain.artifact_id]})
    assert governor(churn) == governor(spain) == first.artifact_id
    second = created("Second", fields={"dataiku_item": [spain.artifact_id]})
    assert (governor(spain), items(first), items(second)) == (
        second.artifact_id,
        [churn.artifact_id],
        [spain.artifact_id],
    )
    save(churn, lambda d: d["fields"].update(governed_by=second.artifact_id))
    assert (items(first), items(second)) == ([], [spain.artifact_id, churn.artifact_id])
    save(second, lambda d: d["fields"].update(dataiku_item=[churn.artifact_id]))
    assert governor(spain) is None
    second.delete()
    assert governor(churn) is None


def test_a_dss_project_that_is_deleted_leaves_its_govern_project(govern, client, created):
    churn = client.get_artifact(govern.node.register_dataiku_project("design", "CHURN").id)
    project = created(fields={"dataiku_item": [churn.artifact_id]})
    churn.delete()
    assert items(project) == []


def governor(artifact):
    return raw(artifact)["fields"]["governed_by"]


def items(artifact):
    return raw(artifact)["fields"]["dataiku_item"]
