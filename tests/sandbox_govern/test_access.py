"""Who gets in, and what goes wrong on the way."""

import contextlib

import dataikuapi
import pytest
import requests
from dataikuapi.utils import DataikuException

from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.govern.app import GovernSandbox
from govern_mirror_devkit.sandbox.server import serve


def test_a_node_tells_that_it_is_govern_so_nobody_takes_it_for_a_dss(govern, client):
    info = client.get_instance_info()
    assert (info.node_id, info.node_name, info.node_type) == ("govern", "govern", "GOVERN")
    assert client.get_auth_info()["authIdentifier"].startswith("api:")


def test_a_wrong_key_reads_and_writes_nothing(govern, url, created):
    artifact = created()
    stranger = dataikuapi.GovernClient(url, "nonsense")
    for attempt in (
        stranger.list_blueprints,
        stranger.get_artifact(artifact.artifact_id).get_definition,
        stranger.get_artifact(artifact.artifact_id).delete,
    ):
        with pytest.raises(DataikuException, match="NotAuthenticatedException: Unknown API Key"):
            attempt()
    assert artifact.get_definition().get_raw()["name"] == "Churn"


def test_a_key_that_was_revoked_opens_nothing_more(govern, client):
    client.list_blueprints()
    govern.accounts.revoke(govern.api_key)
    with pytest.raises(DataikuException, match="Unknown API Key"):
        client.list_blueprints()


def test_both_base_paths_and_every_form_of_authentication_get_in(govern, url):
    key = govern.api_key
    for base in ("/dip/publicapi", "/public/api"):
        for auth in ((key, ""), ("", key), ("x", key)):
            assert len(requests.get(f"{url}{base}/blueprints", auth=auth, timeout=5).json()) == 8
        bearer = {"Authorization": f"Bearer {key}"}
        assert requests.get(f"{url}{base}/blueprints", headers=bearer, timeout=5).status_code == 200
    refused = requests.get(f"{url}/dip/publicapi/blueprints", timeout=5)
    assert refused.status_code == 401
    assert refused.json().keys() == {"errorType", "message", "detailedMessage"}


def test_an_endpoint_that_is_not_there_is_said_in_dss_error_shape(client):
    with pytest.raises(DataikuException, match=r"NotFoundException: .*no such endpoint"):
        client.list_custom_pages()


def test_a_body_that_is_not_an_object_is_refused_not_crashed_on(govern, url):
    for body in ("[]", "nonsense", '{"blueprintVersionId": "bp"}'):
        answer = requests.post(f"{url}/dip/publicapi/artifacts", data=body, auth=(govern.api_key, ""), timeout=5)
        assert answer.status_code == 400
        assert "IllegalArgumentException" in answer.json()["errorType"]


def test_faults_hit_govern_as_they_hit_dss(govern, client, created):
    artifact = created()
    govern.faults.set("GET /blueprints:503@1; PUT /artifact/*:timeout-after-write@1")
    with pytest.raises(DataikuException, match="Injected fault 503"):
        client.list_blueprints()
    definition = artifact.get_definition()
    definition.get_raw()["name"] = "written all the same"
    with pytest.raises(requests.exceptions.RequestException):
        definition.save()
    assert artifact.get_definition().get_raw()["name"] == "written all the same"


def test_a_dss_that_is_integrated_hands_out_a_client_of_the_node(govern):
    with contextlib.closing(Sandbox()) as dss, serve(dss) as dss_url, serve(govern):
        client = dataikuapi.DSSClient(dss_url, dss.admin_key)
        assert client.get_govern_client() is None
        dss.govern_node_ref = govern.node_ref
        assert client.get_govern_client().get_instance_info().node_type == "GOVERN"


def test_a_node_that_is_not_reached_is_not_offered_to_dss(govern):
    assert govern.node_ref == {"enabled": False}


def test_key_templates_and_artifacts_survive_a_restart(tmp_path):
    first = GovernSandbox(tmp_path / "govern.db")
    first.blueprints.fork("bv.acme", without_fields=["cost_rating"])
    made = first.node.govern("Churn", workflow={"steps": {"exploration": {"status": "FINISHED"}}})
    gone = first.node.govern("Gone")
    first.node.delete(gone.id)
    key, document = first.api_key, first.node.document(made)
    first.close()
    second = GovernSandbox(tmp_path / "govern.db")
    assert second.api_key == key
    assert second.node.document(second.node.get(made.id)) == document
    assert "cost_rating" not in second.blueprints.version("bp.system.govern_project", "bv.acme").fields
    assert second.node.govern("New").id not in (made.id, gone.id)
    second.close()
