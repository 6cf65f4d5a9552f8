"""Bundles and model versions in Govern: who governs what, and who may sign them off."""

import pytest
from dataikuapi import GovernClient
from dataikuapi.utils import DataikuException

from govern_mirror_devkit.sandbox.errors import NotFound


@pytest.fixture
def project(govern):
    """A Govern project over the DSS project CHURN."""
    return govern.node.govern("Churn", govern.node.register_dataiku_project("design", "CHURN").id).id


@pytest.fixture
def bundle(govern, project):
    """What governs the bundle v1."""
    return govern.items.govern_bundle(project, govern.items.know_bundle("design", "CHURN", "v1"))


def fields(client, artifact_id):
    return client.get_artifact(artifact_id).get_definition().get_raw()["fields"]


def test_a_governed_bundle_and_its_project_name_each_other(client, project, bundle):
    assert fields(client, project)["govern_bundles"] == [bundle.id]
    (item,) = fields(client, bundle.id)["dataiku_item"]
    assert fields(client, item)["governed_by"] == bundle.id
    assert fields(client, item)["bundle_id"] == "v1"


def test_versions_of_a_model_stand_under_it(govern, client, project):
    items = govern.items
    first = items.govern_model_version(project, items.know_model_version("design", "CHURN", "mdl", "a"))
    model = first.fields["govern_model"]
    second = items.govern_model_version(project, items.know_model_version("design", "CHURN", "mdl", "b"), model)
    assert fields(client, project)["govern_models"] == [model]
    assert fields(client, model)["govern_model_versions"] == [first.id, second.id]


def test_a_bundle_of_a_project_that_govern_does_not_know_is_refused(govern):
    with pytest.raises(NotFound, match="does not know the project OTHER"):
        govern.items.know_bundle("design", "OTHER", "v1")


def test_only_final_approvers_of_the_project_sign_a_bundle_off(govern, client, url, bundle):
    keys = {login: govern.create_user(login) for login in ("ana", "eve")}
    govern.reviews.reviewers.role_members["ro.final_approver"] = [{"type": "user", "login": "ana"}]
    signoff = client.get_artifact(bundle.id).get_signoff("review")
    assert signoff.get_details().get_raw()["approvers"] == [{"userLogin": "ana"}]
    signoff.update_status("WAITING_FOR_APPROVAL")
    for key in (govern.api_key, keys["eve"]):
        with pytest.raises(DataikuException, match="not an approver"):
            GovernClient(url, key).get_artifact(bundle.id).get_signoff("review").add_approval("APPROVED")
    GovernClient(url, keys["ana"]).get_artifact(bundle.id).get_signoff("review").add_approval("APPROVED")
    assert signoff.get_definition().get_raw()["status"] == "APPROVED"
