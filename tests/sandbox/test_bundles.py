"""Bundles: who makes them, what the list tells of them, and when an id can stand for another one."""

import io
import json
import zipfile
from types import SimpleNamespace

import pytest
from dataikuapi.utils import DataikuException

from govern_mirror_devkit.sandbox.app import Sandbox


@pytest.fixture
def people(sandbox, client_of):
    permissions = [{"group": "readers", "readProjectContent": True}, {"group": "writers", "writeProjectContent": True}]
    sandbox.create_project("P", "The project", permissions=permissions)
    keys = {name: sandbox.create_user(name, (f"{name}s",)) for name in ("reader", "writer", "stranger")}
    return SimpleNamespace(**{name: client_of(key).get_project("P") for name, key in keys.items()})


def by_id(project):
    return {bundle["bundleId"]: bundle for bundle in project.list_exported_bundles()["bundles"]}


def test_a_bundle_tells_who_exported_it_when_and_where(people, sandbox):
    people.writer.export_bundle("v1", "first", evaluate_project_standards_checks=False)
    manifest = by_id(people.reader)["v1"]["exportManifest"]
    assert manifest["exportUserInfo"]["exportedBy"] == "writer"
    assert abs(manifest["exportUserInfo"]["exportedOn"] - sandbox.clock.milliseconds()) < 60_000
    assert manifest["designNodeId"] == "sandbox" and manifest["projectStandardsSkipped"] is True
    assert {**manifest["exportUserInfo"], **manifest}["releaseNotes"] == "first"
    assert "publishedBundleState" not in by_id(people.reader)["v1"]


def test_only_writers_export_download_and_delete_bundles(people):
    people.writer.export_bundle("v1")
    for refused in (
        lambda: people.reader.export_bundle("v2"),
        lambda: people.reader.get_exported_bundle_archive_stream("v1"),
        lambda: people.reader.delete_exported_bundle("v1"),
    ):
        with pytest.raises(DataikuException, match="may not write"):
            refused()
    with pytest.raises(DataikuException, match="Failed to read"):
        people.stranger.list_exported_bundles()
    assert list(by_id(people.reader)) == ["v1"]


def test_a_key_signs_what_it_exports_by_its_own_name(people, sandbox, client_of):
    client_of(sandbox.accounts.create_global_key(admin=True)).get_project("P").export_bundle("v1")
    assert by_id(people.reader)["v1"]["exportManifest"]["exportUserInfo"]["exportedBy"].startswith("api:")


def test_an_administrator_exports_in_anybodys_name(people, client):
    client.get_user("writer").get_client_as().get_project("P").export_bundle("v1")
    assert by_id(people.reader)["v1"]["exportManifest"]["exportUserInfo"]["exportedBy"] == "writer"
    with pytest.raises(DataikuException, match="Only administrators may act in the name"):
        people.reader.client.get_user("writer").get_client_as().get_project("P").export_bundle("v2")


def test_an_id_that_is_there_is_exported_again_on_14_and_refused_on_15(people, client, sandbox):
    people.writer.export_bundle("v1")
    if sandbox.release.major >= 15:
        with pytest.raises(DataikuException, match="Bundle v1 already exists"):
            client.get_project("P").export_bundle("v1")
    else:
        client.get_project("P").export_bundle("v1")
    exporter = "writer" if sandbox.release.major >= 15 else "admin"
    assert by_id(people.reader)["v1"]["exportManifest"]["exportUserInfo"]["exportedBy"] == exporter
    assert len(by_id(people.reader)) == 1


def test_a_deleted_id_can_be_exported_by_somebody_else(people, client):
    people.writer.export_bundle("v1")
    people.writer.delete_exported_bundle("v1")
    assert by_id(people.reader) == {}
    client.get_project("P").export_bundle("v1")
    assert by_id(people.reader)["v1"]["exportManifest"]["exportUserInfo"]["exportedBy"] == "admin"


def test_the_archive_holds_the_project_as_it_was(people, sandbox):
    sandbox.edit_metadata("P", lambda metadata: metadata.update(customFields={"a": "then"}))
    people.writer.export_bundle("v1")
    sandbox.edit_metadata("P", lambda metadata: metadata.update(customFields={"a": "now"}))
    with people.writer.get_exported_bundle_archive_stream("v1") as stream:
        archive = zipfile.ZipFile(io.BytesIO(stream.content))
    assert json.loads(archive.read("project_config/params.json"))["customFields"] == {"a": "then"}


def test_times_may_be_texts(people, sandbox):
    people.writer.export_bundle("v1")
    sandbox.bundles.times_are_texts = True
    assert by_id(people.reader)["v1"]["exportManifest"]["exportUserInfo"]["exportedOn"].endswith("Z")


def test_a_bundle_that_is_not_there_or_cannot_be_is_said_so(people):
    with pytest.raises(DataikuException, match="NotFoundException: Bundle v9 not found"):
        people.writer.delete_exported_bundle("v9")
    with pytest.raises(DataikuException, match="NotFoundException: Bundle v9 not found"):
        people.writer.get_exported_bundle_archive_stream("v9")
    with pytest.raises(DataikuException, match="Invalid bundle id"):
        people.writer.export_bundle("a%0Ab")


def test_bundles_survive_a_restart_and_go_with_their_project(tmp_path):
    first = Sandbox(tmp_path / "db")
    first.create_project("P")
    first.bundles.export(first.admin, "P", "v1")
    first.close()
    second = Sandbox(tmp_path / "db")
    assert [bundle["bundleId"] for bundle in json.loads(second.bundles.listed(second.admin, "P"))["bundles"]] == ["v1"]
    second.projects.delete(second.admin, "P")
    second.create_project("P")
    assert json.loads(second.bundles.listed(second.admin, "P")) == {"bundles": []}
    second.close()


def test_thousands_of_bundles_are_listed_at_once(sandbox, client):
    sandbox.create_project("P")
    for number in range(2000):
        sandbox.bundles.export(sandbox.admin, "P", f"v{number}")
    assert len(by_id(client.get_project("P"))) == 2000
