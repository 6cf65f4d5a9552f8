"""The Project Deployer: who sees, publishes, deploys and administrates what."""

import io

import pytest
from dataikuapi.utils import DataikuException


def test_an_infrastructure_is_seen_by_who_has_a_right_on_it(people, infra):
    seen = {
        login: [each["infraBasicInfo"]["id"] for each in client.get_projectdeployer().list_infras(as_objects=False)]
        for login, client in vars(people).items()
    }
    assert seen == {"writer": [], "operator": ["PROD"], "head": ["PROD"], "viewer": ["PROD"], "stranger": []}
    with pytest.raises(DataikuException, match="NotFoundException"):
        people.stranger.get_projectdeployer().get_infra("PROD").get_status()


def test_only_its_administrators_read_and_change_hooks(people, infra):
    settings = people.head.get_projectdeployer().get_infra("PROD").get_settings()
    settings.get_raw()["preDeploymentHooks"] = [{"name": "gate", "enabled": True, "code": "…"}]
    settings.save()
    for client in (people.operator, people.viewer):
        reading = client.get_projectdeployer().get_infra("PROD")
        with pytest.raises(DataikuException, match="not an administrator of infrastructure"):
            reading.get_settings()
        with pytest.raises(DataikuException, match="not an administrator of infrastructure"):
            client._perform_empty("PUT", "/project-deployer/infras/PROD/settings", body=settings.get_raw())
    assert "adminApiKey" not in str(people.operator.get_projectdeployer().get_infra("PROD").get_status().get_raw())


def test_only_administrators_create_infrastructures(people, client):
    with pytest.raises(DataikuException, match="Only administrators"):
        people.head.get_projectdeployer().create_infra("MINE", "Test")
    with pytest.raises(DataikuException, match="Unknown stage"):
        client.get_projectdeployer().create_infra("MINE", "Nowhere")
    with pytest.raises(DataikuException, match="governCheckPolicy must be one of"):
        client.get_projectdeployer().create_infra("MINE", "Test", "SOMETIMES")
    stages = client.get_projectdeployer().list_stages()
    assert [stage["id"] for stage in stages] == ["Development", "Test", "Production"]


def test_publishing_makes_a_project_of_its_own_with_the_bundles_origin(people, published, sandbox):
    (package,) = published.get_status().get_bundles()
    assert (package["id"], package["publishedBy"]) == ("v1", "writer")
    assert package["designNodeInfo"] == {"projectKey": "P"}
    assert published.get_settings().get_raw()["owner"] == "writer"
    (bundle,) = people.writer.get_project("P").list_exported_bundles()["bundles"]
    state = bundle["publishedBundleState"]
    assert (state["publishedBy"], state["publishedOn"]) == ("writer", package["publishedOn"])


def test_a_published_key_may_differ_and_a_fleet_tells_the_node(people, sandbox, client):
    sandbox.published_projects.in_fleet = True
    people.writer.get_project("P").export_bundle("v1")
    assert people.writer.get_project("P").publish_bundle("v1", "SALES")["publishedProjectKey"] == "SALES"
    (package,) = client.get_projectdeployer().get_project("SALES").get_status().get_bundles()
    assert package["designNodeInfo"] == {"projectKey": "P", "nodeId": "sandbox"}


def test_who_may_not_upload_publishes_nothing(people, published, sandbox):
    sandbox.create_project("Q", permissions=[{"group": "viewer", "writeProjectContent": True}])
    people.viewer.get_project("Q").export_bundle("v2")
    with pytest.raises(DataikuException, match="may not upload bundles to published project P"):
        people.viewer.get_project("Q").publish_bundle("v2", "P")
    with pytest.raises(DataikuException, match="Failed to read project permissions"):
        people.operator.get_project("P").publish_bundle("v1")
    assert [package["id"] for package in published.get_status().get_bundles()] == ["v1"]


def test_an_id_that_is_published_is_not_replaced(people, published, sandbox):
    project = people.writer.get_project("P")
    project.delete_exported_bundle("v1")
    project.export_bundle("v1")
    with pytest.raises(DataikuException, match="v1 already exists in published project P"):
        project.publish_bundle("v1")
    (bundle,) = project.list_exported_bundles()["bundles"]
    assert "publishedBundleState" not in bundle


def test_an_uploaded_archive_names_its_own_origin(people, published, client):
    deployer = client.get_projectdeployer()
    with published.get_bundle_stream("v1") as stream:
        archive = stream.content
    deployer.upload_bundle(io.BytesIO(archive), "COPY")
    (package,) = deployer.get_project("COPY").get_status().get_bundles()
    assert package["designNodeInfo"]["projectKey"] == "P" and package["publishedBy"] == "admin"
    with pytest.raises(DataikuException, match="Not the archive of a bundle"):
        deployer.upload_bundle(io.BytesIO(b"nonsense"), "COPY")


def test_deploying_needs_the_right_on_both_sides(people, infra, published, client):
    for login in ("viewer", "head", "writer"):
        deployer = getattr(people, login).get_projectdeployer()
        with pytest.raises(DataikuException, match=r"may not deploy|NotFoundException"):
            deployer.create_deployment("D", "P", "PROD", "v1")
    deployment = people.operator.get_projectdeployer().create_deployment("D", "P", "PROD", "v1")
    reading = people.viewer.get_projectdeployer().get_deployment("D")
    assert reading.get_settings().get_raw()["deployedProjectKey"] == "P"
    with pytest.raises(DataikuException, match="may not deploy on infrastructure PROD"):
        reading.start_update()
    with pytest.raises(DataikuException, match="may not deploy on infrastructure PROD"):
        reading.get_settings().save()
    with pytest.raises(DataikuException, match="may not deploy on infrastructure PROD"):
        reading.delete()
    with pytest.raises(DataikuException, match="NotFoundException"):
        people.stranger.get_projectdeployer().get_deployment("D").get_settings()
    assert [each.id for each in people.viewer.get_projectdeployer().list_deployments()] == [deployment.id]
    assert people.stranger.get_projectdeployer().list_deployments() == []


def test_what_is_used_by_a_deployment_is_not_deleted(client, deployment, infra, published):
    with pytest.raises(DataikuException, match="has deployments"):
        infra.delete()
    with pytest.raises(DataikuException, match="has deployments"):
        published.delete()
    with pytest.raises(DataikuException, match="used by a deployment"):
        published.delete_bundle("v1")
    deployment.delete()
    published.delete_bundle("v1")
    assert published.get_status().get_bundles() == []
    published.delete()
    infra.delete()
    assert client.get_projectdeployer().list_projects() == client.get_projectdeployer().list_infras() == []


def test_a_deployment_of_what_is_not_there_is_refused(people, infra, published):
    deployer = people.operator.get_projectdeployer()
    with pytest.raises(DataikuException, match="Bundle v9 not found"):
        deployer.create_deployment("D", "P", "PROD", "v9")
    with pytest.raises(DataikuException, match="Infrastructure NOWHERE not found"):
        deployer.create_deployment("D", "P", "NOWHERE", "v1")
    with pytest.raises(DataikuException, match="Published project Q not found"):
        deployer.create_deployment("D", "Q", "PROD", "v1")
