"""Managed folders: who may make, read and write them, and what happens to files that two people write."""

import io
from types import SimpleNamespace

import pytest
from dataikuapi.utils import DataikuException


@pytest.fixture
def people(sandbox, client_of):
    sandbox.create_project(
        "P",
        permissions=[
            {"group": "readers", "readProjectContent": True},
            {"group": "writers", "writeProjectContent": True},
        ],
    )
    keys = {name: sandbox.create_user(name, (f"{name}s",)) for name in ("reader", "writer", "stranger")}
    return SimpleNamespace(**{name: client_of(key).get_project("P") for name, key in keys.items()})


@pytest.fixture
def folder(people):
    return people.writer.create_managed_folder("govern")


def text(handle, path):
    return handle.get_file(path).content.decode()


def test_writers_make_folders_and_readers_do_not(people, folder):
    assert len(folder.id) == 8
    assert [each["name"] for each in people.reader.list_managed_folders()] == ["govern"]
    with pytest.raises(DataikuException, match="may not write"):
        people.reader.create_managed_folder("mine")
    with pytest.raises(DataikuException, match="Failed to read"):
        people.stranger.list_managed_folders()


def test_readers_read_files_and_change_none(people, folder):
    folder.put_file("ledger/1.json", io.BytesIO(b"{}"))
    reading = people.reader.get_managed_folder(folder.id)
    assert text(reading, "ledger/1.json") == "{}"
    with pytest.raises(DataikuException, match="may not write"):
        reading.put_file("ledger/2.json", io.BytesIO(b""))
    with pytest.raises(DataikuException, match="may not write"):
        reading.delete_file("ledger/1.json")
    assert [item["path"] for item in reading.list_contents()["items"]] == ["/ledger/1.json"]
    with pytest.raises(DataikuException, match="Failed to read"):
        people.stranger.get_managed_folder(folder.id).get_file("ledger/1.json")


def test_a_file_is_overwritten_in_silence(sandbox, client, folder):
    first = folder.put_file("ledger/1.json", io.BytesIO(b"theirs"))
    other = client.get_project("P").get_managed_folder(folder.id).put_file("/ledger/1.json", io.BytesIO(b"mine!"))
    assert first["path"] == other["path"] and other["size"] == 5
    assert text(folder, "ledger/1.json") == "mine!"
    assert len(folder.list_contents()["items"]) == 1


def test_a_deleted_file_is_gone_and_deleting_it_again_is_no_error(folder):
    folder.put_file("a", io.BytesIO(b"1"))
    folder.delete_file("a")
    folder.delete_file("a")
    with pytest.raises(DataikuException, match="NotFoundException"):
        folder.get_file("a")
    assert folder.list_contents() == {"items": []}


def test_two_folders_may_have_one_name(people, folder):
    other = people.writer.create_managed_folder("govern")
    assert other.id != folder.id
    assert [each["name"] for each in people.reader.list_managed_folders()] == ["govern", "govern"]


def test_a_missing_connection_is_said_by_name(sandbox, people, client):
    sandbox.connections.remove("filesystem_folders")
    with pytest.raises(DataikuException, match="Connection not found: filesystem_folders"):
        people.writer.create_managed_folder("govern")
    assert client.list_connections_names("all") == ["filesystem_managed"]
    made = people.writer.create_managed_folder("govern", connection_name="filesystem_managed")
    assert made.get_settings().get_raw()["params"]["connection"] == "filesystem_managed"


def test_a_connection_can_be_closed_to_people_or_to_folders(sandbox, people, client_of):
    sandbox.connections.add("s3", "S3", groups=("readers",))
    sandbox.connections.add("sql", "PostgreSQL", managed_folders=False)
    with pytest.raises(DataikuException, match="may not use connection s3"):
        people.writer.create_managed_folder("govern", connection_name="s3")
    with pytest.raises(DataikuException, match="does not allow managed folders"):
        people.writer.create_managed_folder("govern", connection_name="sql")
    assert "s3" not in people.writer.client.list_connections_names("all")
    assert people.reader.client.list_connections_names("S3") == ["s3"]
    with pytest.raises(DataikuException, match="not an administrator"):
        people.writer.client.list_connections()


def test_settings_are_saved_but_for_the_id(folder):
    settings = folder.get_settings()
    settings.get_raw()["tags"] = ["hub"]
    settings.get_raw()["id"] = "other"
    folder.set_definition(settings.get_raw())
    folder.rename("renamed")
    kept = folder.get_settings().get_raw()
    assert (kept["id"], kept["name"], kept["tags"], kept["type"]) == (folder.id, "renamed", ["hub"], "Filesystem")
    with pytest.raises(DataikuException, match="needs a name"):
        folder.rename("  ")


def test_a_deleted_folder_takes_its_files_along(people, folder):
    folder.put_file("a", io.BytesIO(b"1"))
    folder.delete()
    with pytest.raises(DataikuException, match="NotFoundException"):
        people.reader.get_managed_folder(folder.id).list_contents()


def test_people_and_groups_are_listed_for_everybody(sandbox, people):
    sandbox.accounts.change_user("stranger", enabled=False)
    listed = {user.login: (user.groups, user.enabled) for user in people.reader.client.list_users_info()}
    assert listed["writer"] == (["writers"], True) and listed["stranger"][1] is False
    assert "readers" in [group.name for group in people.reader.client.list_groups_info()]


def test_a_key_of_one_project_keeps_a_hub_that_no_person_may_write(sandbox, client_of):
    sandbox.create_project("HUB", permissions=[{"group": "readers", "readProjectContent": True}])
    key = sandbox.accounts.create_project_key("HUB", ("READ", "WRITE"))
    folder = client_of(key).get_project("HUB").create_managed_folder("govern")
    folder.put_file("ledger/1.json", io.BytesIO(b"{}"))
    reading = client_of(sandbox.create_user("rita", ("readers",))).get_project("HUB").get_managed_folder(folder.id)
    assert text(reading, "ledger/1.json") == "{}"
    with pytest.raises(DataikuException, match="may not write"):
        reading.put_file("ledger/1.json", io.BytesIO(b"mine"))
    sandbox.create_project("OTHER")
    with pytest.raises(DataikuException, match="Failed to read"):
        client_of(key).get_project("OTHER").create_managed_folder("govern")
