"""The sandbox answers the real client as the platform facts say DSS does."""

import io

import pytest
import requests
from dataikuapi.utils import DataikuException

from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.server import serve

HOSTILE = {"a": [1, 1.5, None, True, {"z": "é\u202e\u200b\U0001f600", "a": ""}], "b": "x" * 100_000}


def test_who_calls_and_what_runs(client):
    assert client.get_auth_info()["authIdentifier"] == "admin"
    assert client.get_instance_info().raw["nodeId"] == "sandbox"


def test_a_bad_key_is_said_as_dss_says_it(client_of):
    with pytest.raises(DataikuException, match="NotAuthenticatedException: Unknown API Key"):
        client_of("nonsense").list_projects()


def test_an_unknown_and_a_forbidden_project_get_the_same_answer(sandbox, client_of):
    sandbox.create_project("SECRET")
    eve = client_of(sandbox.create_user("eve"))
    messages = set()
    for key in ("SECRET", "NOSUCH"):
        with pytest.raises(DataikuException) as raised:
            eve.get_project(key).get_metadata()
        messages.add(str(raised.value))
    assert len(messages) == 1 and "Failed to read project permissions" in messages.pop()
    assert eve.list_projects() == []


def test_both_base_paths_and_every_form_of_authentication(sandbox, url):
    sandbox.create_project("P")
    key = sandbox.admin_key
    for base in ("/dip/publicapi", "/public/api"):
        for auth in ((key, ""), ("", key), ("x", key)):
            assert requests.get(f"{url}{base}/projects/", auth=auth, timeout=5).json()[0]["projectKey"] == "P"
        bearer = {"Authorization": f"Bearer {key}"}
        assert requests.get(f"{url}{base}/auth/info", headers=bearer, timeout=5).status_code == 200
    assert requests.get(f"{url}/dip/publicapi/projects/", timeout=5).status_code == 401


def test_projects_are_created_listed_and_deleted(sandbox, client):
    client.create_project("CHURN", "Churn", "admin", description="d", tags=["a"])
    (item,) = client.list_projects()
    assert {
        "projectKey", "name", "shortDesc", "tags", "ownerLogin", "ownerDisplayName",
        "contributors", "checklists", "customFields", "creationTag", "versionTag", "isProjectAdmin",
    } <= item.keys()  # fmt: skip
    with pytest.raises(DataikuException, match="already exists"):
        client.create_project("CHURN", "Churn", "admin")
    client.get_project("CHURN").delete()
    assert client.list_projects() == []


def test_metadata_comes_back_exact_and_is_replaced_whole(sandbox, client):
    sandbox.create_project("P")
    project = client.get_project("P")
    metadata = project.get_metadata()
    metadata |= {"customFields": HOSTILE, "unknown": HOSTILE, "tags": ["a"]}
    project.set_metadata(metadata)
    found = project.get_metadata()
    assert found == metadata and list(found) == list(metadata)
    del metadata["unknown"]
    project.set_metadata(metadata)
    assert "unknown" not in project.get_metadata()
    assert client.list_projects()[0]["customFields"] == HOSTILE


def test_writes_move_the_version_tag_and_the_timeline(sandbox, client):
    sandbox.create_project("P")
    project = client.get_project("P")
    before = project.get_summary()["versionTag"]
    project.set_metadata(project.get_metadata())
    after = project.get_summary()["versionTag"]
    assert after["versionNumber"] == before["versionNumber"] + 1
    assert after["lastModifiedBy"]["login"] == "admin"
    assert project.get_timeline()["items"][0]["action"] == "PROJECT_METADATA_EDIT"
    sandbox.projects.metadata_write_moves_version_tag = False
    project.set_metadata(project.get_metadata())
    assert project.get_summary()["versionTag"] == after


def test_rights_follow_owner_and_groups(sandbox, client, client_of):
    sandbox.create_project("P")
    readers = client_of(sandbox.create_user("rita", ("readers",)))
    writers = client_of(sandbox.create_user("wim", ("writers",)))
    permissions = client.get_project("P").get_permissions()
    permissions["permissions"] = [
        {"group": "readers", "readProjectContent": True},
        {"group": "writers", "writeProjectContent": True},
    ]
    client.get_project("P").set_permissions(permissions)
    metadata = readers.get_project("P").get_metadata()
    assert readers.list_projects()[0]["canWriteProjectContent"] is False
    with pytest.raises(DataikuException, match="UnauthorizedException"):
        readers.get_project("P").set_metadata(metadata)
    writers.get_project("P").set_metadata(metadata)
    with pytest.raises(DataikuException, match="not an administrator"):
        writers.get_project("P").get_permissions()


def test_a_project_level_key_needs_admin_for_metadata(sandbox, client_of):
    sandbox.create_project("P")
    sandbox.create_project("Q")
    reader = client_of(sandbox.accounts.create_project_key("P", ("READ", "WRITE")))
    with pytest.raises(DataikuException, match="needs ADMIN"):
        reader.get_project("P").get_metadata()
    admin = client_of(sandbox.accounts.create_project_key("P"))
    admin.get_project("P").set_metadata(admin.get_project("P").get_metadata())
    assert admin.get_project("P").get_summary()["versionTag"]["lastModifiedBy"]["login"].startswith("api:")
    with pytest.raises(DataikuException, match="Failed to read"):
        admin.get_project("Q").get_metadata()


def test_settings_tags_and_variables(sandbox, client):
    sandbox.create_project("P")
    project = client.get_project("P")
    project.set_variables({"standard": {"a": 1}, "local": {}})
    assert project.get_variables()["standard"] == {"a": 1}
    project.set_tags({"tags": {"x": {"color": "red"}}})
    assert project.get_tags()["tags"]["x"]["color"] == "red"
    settings = project.get_settings()
    settings.settings["flag"] = True
    settings.save()
    assert project.get_settings().settings["flag"] is True


def test_the_wiki_by_name_and_id_with_attachments(sandbox, client):
    sandbox.create_project("P")
    wiki = client.get_project("P").get_wiki()
    article = wiki.create_article("Govern timeline", content="Hello")
    child = wiki.create_article("Child", parent_id=article.article_id)
    assert wiki.get_article("Govern timeline").article_id == article.article_id
    assert len(wiki.list_articles()) == 2
    article.upload_attachement(io.BytesIO(b"bytes"), "a/b é.txt")
    (attachment,) = article.get_data().get_metadata()["attachments"]
    assert article.get_uploaded_file(attachment["smartId"]).content == b"bytes"
    article.delete()
    assert wiki.get_article("Child").article_id == child.article_id
    with pytest.raises(DataikuException, match="NotFoundException"):
        wiki.get_article("Govern timeline")


def test_project_folders(sandbox, client):
    sandbox.create_project("P")
    root = client.get_root_project_folder()
    marketing = root.create_sub_folder("Marketing")
    client.get_project("P").move_to_folder(marketing)
    assert client.get_project("P").get_project_folder().name == "Marketing"
    assert client.get_root_project_folder().list_child_folders()[0].list_project_keys() == ["P"]


def test_datasets_as_far_as_a_recipe_needs_them(sandbox, client):
    sandbox.create_project("P")
    dataset = client.get_project("P").new_managed_dataset("rows").with_store_into("filesystem_managed").create()
    columns = [{"name": "n", "type": "int"}, {"name": "t", "type": "string"}]
    sandbox.datasets.write_rows(sandbox.admin, "P", "rows", columns, [{"n": 1, "t": "a\tb\nc"}, {"n": None, "t": None}])
    assert dataset.get_schema()["columns"] == columns
    assert [list(row) for row in dataset.iter_rows()] == [[1, "a\tb\nc"], [None, ""]] or list(dataset.iter_rows())


def test_managed_folders_hold_files_by_path(sandbox, client):
    sandbox.create_project("P")
    folder = client.get_project("P").create_managed_folder("out")
    put = folder.put_file("/reports/r.html", io.BytesIO(b"<p>"))
    assert put["size"] == 3
    assert folder.get_file("/reports/r.html").content == b"<p>"
    assert [item["path"] for item in folder.list_contents()["items"]] == ["/reports/r.html"]
    folder.delete_file("/reports/r.html")
    assert folder.list_contents()["items"] == []


def test_faults_happen_as_specified(sandbox, client):
    sandbox.create_project("P")
    project = client.get_project("P")
    sandbox.faults.set(
        "GET /projects/P/metadata:503@1; PUT /projects/*/metadata:timeout-after-write@1; GET /auth/*:html"
    )
    with pytest.raises(DataikuException, match="Injected fault 503"):
        project.get_metadata()
    metadata = project.get_metadata()
    with pytest.raises(requests.exceptions.RequestException):
        project.set_metadata({**metadata, "shortDesc": "written all the same"})
    assert project.get_metadata()["shortDesc"] == "written all the same"
    with pytest.raises(requests.exceptions.JSONDecodeError):
        client.get_auth_info()


def test_a_fault_that_cannot_be_read_is_refused(sandbox):
    for text in ("nonsense", "GET /x:what", "GET /x:503@often", "GET /x:slow=soon"):
        with pytest.raises(ValueError, match="not a fault"):
            sandbox.faults.set(text)


def test_a_project_can_vanish_between_list_and_read(sandbox, client):
    sandbox.create_project("P")
    client.list_projects()
    sandbox.faults.before("GET", "/projects/P/metadata", lambda: sandbox.projects.delete(sandbox.admin, "P"))
    with pytest.raises(DataikuException, match="Failed to read"):
        client.get_project("P").get_metadata()


def test_an_older_instance_lists_projects_without_custom_fields(sandbox, client):
    sandbox.create_project("P")
    sandbox.projects.list_without_custom_fields = True
    assert "customFields" not in client.list_projects()[0]


def test_state_in_a_file_survives_a_restart(tmp_path):
    first = Sandbox(tmp_path / "sandbox.db")
    first.create_project("P")
    first.edit_metadata("P", lambda metadata: metadata.update(shortDesc="kept"))
    key = first.admin_key
    first.close()
    second = Sandbox(tmp_path / "sandbox.db")
    assert second.metadata("P")["shortDesc"] == "kept"
    assert second.admin_key == key
    second.close()


def test_a_taken_port_is_an_error_that_says_so(sandbox):
    with serve(sandbox) as url, pytest.raises(OSError), serve(Sandbox(), int(url.rsplit(":")[-1])):
        pass
