"""Saved models, agents and augmented LLMs: their versions, what is stamped on them, and who may change them."""

import io
from types import SimpleNamespace

import pytest
from dataikuapi.utils import DataikuException


@pytest.fixture
def people(sandbox, client_of):
    permissions = [{"group": "readers", "readProjectContent": True}, {"group": "writers", "writeProjectContent": True}]
    sandbox.create_project("P", permissions=permissions)
    keys = {name: sandbox.create_user(name, (f"{name}s",)) for name in ("reader", "writer", "stranger")}
    return SimpleNamespace(**{name: client_of(key).get_project("P") for name, key in keys.items()})


@pytest.fixture
def model(sandbox, people):
    return people.writer.get_saved_model(sandbox.saved_models.create(sandbox.admin, "P", "Churn", "DSS_MANAGED"))


@pytest.fixture
def train(sandbox, model):
    return lambda version_id=None, **options: sandbox.saved_models.train(
        sandbox.admin, "P", model.id, version_id, **options
    )


def versions(model):
    return {version["id"]: version for version in model.list_versions()}


def test_a_training_adds_a_version_with_its_time(sandbox, model, train):
    assert model.get_active_version() is None
    first, second = train("one"), train(active=False)
    assert model.get_active_version()["id"] == first and set(versions(model)) == {first, second}
    at = versions(model)[first]["snippet"]["trainDate"]
    assert abs(at - sandbox.clock.milliseconds()) < 60_000


def test_a_version_trained_again_under_its_id_has_another_time(sandbox, model, train):
    train("one")
    before = versions(model)["one"]["snippet"]["trainDate"]
    with pytest.raises(Exception, match="already exists"):
        train("one")
    sandbox.clock.set(sandbox.clock.now().replace(year=2030))
    train("one", again=True)
    assert versions(model)["one"]["snippet"]["trainDate"] > before and len(versions(model)) == 1


def test_writers_activate_and_delete_versions_and_readers_do_not(people, model, train):
    train("one")
    train("two")
    reading = people.reader.get_saved_model(model.id)
    for refused in (lambda: reading.set_active_version("one"), lambda: reading.delete_versions(["one"])):
        with pytest.raises(DataikuException, match="may not write"):
            refused()
    with pytest.raises(DataikuException, match="Failed to read"):
        people.stranger.get_saved_model(model.id).list_versions()
    with pytest.raises(DataikuException, match="Version two is active"):
        model.delete_versions(["one", "two"])
    model.set_active_version("one")
    model.delete_versions(["two"])
    assert list(versions(model)) == ["one"]
    with pytest.raises(DataikuException, match="NotFoundException: Version two"):
        model.set_active_version("two")


def test_the_list_tells_names_and_only_the_model_its_type(people, model):
    (listed,) = people.reader.list_saved_models()
    assert (listed["id"], listed["name"]) == (model.id, "Churn") and "savedModelType" not in listed
    assert people.reader.get_saved_model(model.id).get_settings().get_raw()["savedModelType"] == "DSS_MANAGED"


def test_settings_cannot_change_type_or_versions(model, train):
    train("one")
    settings = model.get_settings()
    settings.get_raw().update(name="Renamed", savedModelType="PYTHON_AGENT", activeVersion="none", versions=[])
    settings.save()
    kept = model.get_settings().get_raw()
    assert (kept["name"], kept["savedModelType"], kept["activeVersion"]) == ("Renamed", "DSS_MANAGED", "one")
    assert list(versions(model)) == ["one"]


def test_an_imported_version_keeps_the_id_it_was_given(people):
    folder = people.writer.create_managed_folder("models")
    folder.put_file("m/MLmodel", io.BytesIO(b""))
    model = people.writer.create_mlflow_pyfunc_model("Imported", "REGRESSION")
    # as the client's import does, which then looks for a code environment
    path = f"/projects/P/savedmodels/{model.id}/versions/2026-01"
    params = {"folderRef": f"P.{folder.id}", "setActive": True}
    model.client._perform_empty("POST", path, params=params, files={"file": (None, None)})
    assert model.get_active_version()["id"] == "2026-01" and model.get_active_version()["snippet"]["trainDate"]


def test_an_agent_is_a_saved_model_whose_versions_nobody_stamps(people):
    agent = people.writer.create_agent("Helper", "TOOLS_USING_AGENT")
    (listed,) = people.reader.list_agents()
    assert (listed.id, listed.name) == (agent.id, "Helper")
    as_model = people.reader.get_saved_model(agent.id)
    assert as_model.get_settings().get_raw()["savedModelType"] == "TOOLS_USING_AGENT"
    assert as_model.list_versions() == [{"id": "v1", "active": True}]
    with pytest.raises(DataikuException, match="not a machine learning model"):
        as_model.get_version_details("v1")


def test_an_agent_is_edited_in_place_by_writers_only(people):
    agent = people.writer.create_agent("Helper", "TOOLS_USING_AGENT")
    settings = agent.get_settings()
    settings.get_version_settings("v1").get_raw()["toolsUsingAgentSettings"]["llmId"] = "openai:x"
    settings.get_raw()["versions"].append({"versionId": "v2", "toolsUsingAgentSettings": {}})
    settings.save()
    reading = people.reader.get_agent(agent.id)
    assert reading.get_settings().get_version_ids() == ["v1", "v2"]
    assert reading.get_settings().get_version_settings("v1").llm_id == "openai:x"
    with pytest.raises(DataikuException, match="may not write"):
        reading.get_settings().save()
    agent.disable()
    assert reading.get_settings().disabled and reading.get_settings().active_version == "v1"
    agent.delete()
    assert people.reader.list_agents() == [] and people.reader.list_saved_models() == []


def test_an_augmented_llm_has_its_own_list(people):
    made = people.writer.create_retrieval_augmented_llm("Answers", "bank", "openai:x")
    assert [listed.id for listed in people.reader.list_retrieval_augmented_llms()] == [made.id]
    assert made.get_settings().get_version_settings("v1").llm_id == "openai:x"
    assert people.reader.list_agents() == []
    with pytest.raises(DataikuException, match="NotFoundException"):
        people.reader.get_agent(made.id).get_settings()


def test_what_cannot_be_created_is_refused(people):
    with pytest.raises(DataikuException, match="Unknown type of agent"):
        people.writer.create_agent("Helper", "ROBOT")
    with pytest.raises(DataikuException, match="may not write"):
        people.reader.create_agent("Helper", "PYTHON_AGENT")
    with pytest.raises(DataikuException, match="Cannot create a saved model"):
        people.writer.client._perform_json("POST", "/projects/P/savedmodels/", body={"savedModelType": "DSS_MANAGED"})
