"""Sign-offs, as far as the sandbox has them."""

import pytest
from dataikuapi.govern.artifact_search import GovernArtifactSearchQuery
from dataikuapi.utils import DataikuException

from govern_mirror_devkit.sandbox.errors import NotFound
from govern_mirror_devkit.sandbox.govern.signoffs import SignoffStatus


def test_a_waiting_sign_off_is_in_the_list_and_on_its_step(govern, created):
    artifact = created()
    assert artifact.list_signoffs() == []
    govern.node.set_signoff(artifact.artifact_id, "rollout", SignoffStatus.WAITING_FOR_APPROVAL)
    (item,) = artifact.list_signoffs()
    assert item.get_raw()["signoffId"] == {"artifactId": artifact.artifact_id, "stepId": "rollout"}
    assert item.get_raw()["status"] == "WAITING_FOR_APPROVAL"
    assert item.to_signoff().get_definition().get_raw() == item.get_raw()
    assert item.to_signoff().list_feedbacks() == []


def test_a_search_tells_of_sign_offs_only_where_there_are_any(govern, client, created):
    without, signed = created("without"), created("signed")
    govern.node.set_signoff(signed.artifact_id, "rollout", SignoffStatus.APPROVED)
    hits = client.new_artifact_search_request(GovernArtifactSearchQuery()).fetch_next_batch().get_response_hits()
    found = {hit.get_raw()["artifact"]["id"]: hit.get_raw() for hit in hits}
    assert "signoffs" not in found[without.artifact_id]
    assert [each["status"] for each in found[signed.artifact_id]["signoffs"]] == ["APPROVED"]


def test_saving_a_project_does_not_lose_its_sign_offs(govern, created):
    artifact = created()
    govern.node.set_signoff(artifact.artifact_id, "rollout", SignoffStatus.REJECTED)
    definition = artifact.get_definition()
    definition.get_raw()["fields"]["description"] = "changed"
    definition.save()
    assert [item.get_raw()["status"] for item in artifact.list_signoffs()] == ["REJECTED"]


def test_a_step_without_sign_off_says_so(govern, created):
    artifact = created()
    with pytest.raises(DataikuException, match=r"NotFoundException: .* no sign-off at step 'delivery'"):
        artifact.get_signoff("delivery").get_definition()
    with pytest.raises(NotFound, match="no step 'nosuch'"):
        govern.node.set_signoff(artifact.artifact_id, "nosuch", SignoffStatus.APPROVED)
