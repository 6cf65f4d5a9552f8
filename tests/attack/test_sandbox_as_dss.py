"""The sandbox answers as clients that nobody here wrote, and suites for a live DSS 15, expect."""

import contextlib
import io
from urllib.parse import unquote

import dataikuapi
import pytest
import requests
from dataikuapi.utils import DataikuException

from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.mock_instance import URL, mock_instance
from govern_mirror_devkit.sandbox.server import serve

API = f"{URL}/public/api"


@pytest.fixture(params=["14.2.0", "15.1.0"])
def dss_version(request):
    return request.param


@pytest.fixture
def dss(sandbox):
    """The mounted sandbox with a project P."""
    with mock_instance(sandbox):
        sandbox.create_project("P")
        yield sandbox


@pytest.fixture
def project(dss):
    return dataikuapi.DSSClient(URL, api_key=dss.admin_key).get_project("P")


@pytest.fixture
def call(dss):
    """A bare HTTP call as the administrator."""

    def call(method, path, body=None):
        return requests.request(method, API + path, json=body, auth=(dss.admin_key, ""), timeout=5)

    return call


@pytest.mark.parametrize("tags", [["z", "a", "m"], ["m", "z", "a"], ["a", "a", "z", "m", "z"]])
def test_s3_tags_come_back_in_an_order_of_their_own(dss, project, tags):
    project.set_metadata({**project.get_metadata(), "tags": tags})
    stored = project.get_metadata()["tags"]
    assert sorted(stored) == ["a", "m", "z"]
    assert stored == dss.projects.summary(dss.admin, "P")["tags"]
    dss.edit_metadata("P", lambda metadata: metadata.update(tags=["a", "m", "z"]))
    assert stored == project.get_metadata()["tags"] != ["a", "m", "z"]


@pytest.mark.parametrize(("version", "status"), [("13.5.6", 401), ("14.2.0", 401), ("15.0.0", 403), ("16.1", 403)])
def test_s12_a_missing_project_answers_as_its_dss_does(version, status):
    with contextlib.closing(Sandbox(dss_version=version)) as dss, mock_instance(dss):
        dss.create_project("SECRET")
        for key, auth in (("NOSUCH", dss.admin_key), ("SECRET", dss.create_user("eve"))):
            answer = requests.get(f"{API}/projects/{key}/metadata", auth=(auth, ""), timeout=5)
            assert answer.status_code == status
            assert "Failed to read project permissions" in answer.json()["message"]


@pytest.mark.parametrize("path", ["/projects/P/runnables", "/projects/P/runnables/x/"])
def test_s8_macros_answer_by_their_slash_on_dss_15(call, dss_version, path):
    at_fault = "no such endpoint" in call("GET", path).text
    assert at_fault is dss_version.startswith("15")
    other = path[:-1] if path.endswith("/") else f"{path}/"
    assert "no such endpoint" not in call("GET", other).text


SCENARIO = {"type": "step_based", "params": {"steps": []}}


@pytest.mark.parametrize(
    ("body", "identifier"),
    [
        ({"id": "myScenario_1", "name": "Any name"}, "myScenario_1"),
        ({"name": "Daily report"}, "Daily_report"),
        ({"name": "Ünï-Report 2.0"}, "_n__Report_2_0"),
    ],
)
def test_s1_a_scenario_has_the_id_that_dss_gives_it(call, body, identifier):
    assert call("POST", "/projects/P/scenarios/", {**SCENARIO, **body}).json() == {"id": identifier}
    assert call("GET", f"/projects/P/scenarios/{identifier}/").json()["name"] == body["name"]
    again = call("POST", "/projects/P/scenarios/", {**SCENARIO, **body})
    assert again.status_code == 400 and "already exists" in again.text


def test_s2_a_firing_and_its_run_have_ids_of_their_own(project):
    scenario = project.get_scenario(project.create_scenario("S", "step_based", SCENARIO).id)
    firing = scenario.run({"reason": "a test"})
    run = firing.wait_for_scenario_run()
    assert run.id != firing.run_id and firing.trigger_fire["params"] == {"reason": "a test"}
    assert scenario.get_run(run.id).id == run.id
    assert scenario.get_trigger_fire("manual", firing.run_id).run_id == firing.run_id
    with pytest.raises(DataikuException, match="not found"):
        scenario.get_run(firing.run_id)


@pytest.mark.parametrize("transport", ["mounted", "served"])
@pytest.mark.parametrize("written", ["a/b c.txt", "a%2Fb%20c.txt", "%2Fa%2fb%20c.txt", "a%252Fb.txt"])
def test_s4_an_encoded_slash_is_a_slash_in_a_folder(sandbox, transport, written):
    sandbox.create_project("P")
    folder = sandbox.managed_folders.create(sandbox.admin, "P", {"name": "out"})["id"]
    auth = (sandbox.admin_key, "")
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(serve(sandbox)) if transport == "served" else URL
        if transport == "mounted":
            stack.enter_context(mock_instance(sandbox))
        contents = f"{url}/public/api/projects/P/managedfolders/{folder}/contents"
        requests.post(f"{contents}/{written}", files={"file": b"bytes"}, auth=auth, timeout=5)
        (item,) = requests.get(f"{contents}/", auth=auth, timeout=5).json()["items"]
        plain = "a%252Fb.txt" if "%25" in written else "a/b%20c.txt"
        assert item["path"] == f"/{unquote(plain)}"
        assert requests.get(f"{contents}/{plain}", auth=auth, timeout=5).content == b"bytes"
        requests.delete(f"{contents}/{plain}", auth=auth, timeout=5)
        assert requests.get(f"{contents}/", auth=auth, timeout=5).json()["items"] == []


def test_s5_the_flow_names_datasets_recipes_and_folders(dss, call, project):
    project.new_managed_dataset("rows").with_store_into("filesystem_managed").create()
    folder = project.create_managed_folder("out").id
    flow = call("GET", "/projects/P/flow/graph/").json()
    assert (flow["datasets"], flow["recipes"], flow["folders"]) == (["rows"], [], [folder])
    assert set(flow["nodes"]) == {"rows", folder}


def nulls(document, path=""):
    """The paths of all nulls in a JSON document."""
    if isinstance(document, dict):
        return [found for key, value in document.items() for found in nulls(value, f"{path}.{key}")]
    if isinstance(document, list):
        return [found for value in document for found in nulls(value, f"{path}[]")]
    return [path] if document is None else []


def test_s6_nothing_that_dss_leaves_out_is_null(dss, call):
    bare = {"label": "P"}
    assert call("PUT", "/projects/P/metadata", bare).status_code == 200
    call("POST", "/projects/P/scenarios/", {**SCENARIO, "name": "S", "runAsUser": None, "tags": None})
    paths = ["/", "/P", "/P/scenarios/", "/P/scenarios/S", "/P/scenarios/S/light", "/P/settings", "/P/wiki/"]
    assert [path for path in paths if nulls(call("GET", f"/projects{path}").json())] == []
    (item,) = call("GET", "/projects/").json()
    assert (item["customFields"], item["checklists"], item["tags"]) == ({}, {"checklists": []}, [])
    assert "projectStatus" not in item and "shortDesc" not in item
    (scenario,) = call("GET", "/projects/P/scenarios/").json()
    assert scenario["tags"] == [] and "runAsUser" not in scenario


def test_s6_the_project_status_is_a_setting(project):
    settings = project.get_settings()
    settings.settings["projectStatus"] = "In production"
    settings.save()
    assert project.get_summary()["projectStatus"] == "In production"
    assert "projectStatus" not in project.get_metadata()


def test_s7_a_scenario_made_of_code_can_be_read(project, call):
    made = project.create_scenario("Code", "custom_python", {"params": {}})
    settings = project.get_scenario(made.id).get_settings()
    assert settings.code == ""
    settings.code = "print(1)"
    settings.save()
    assert project.get_scenario(made.id).get_settings().code == "print(1)"
    assert call("GET", "/projects/P/scenarios/NOSUCH/payload").status_code == 404


@pytest.mark.parametrize("missing", ["triggerDigest", "name", "versionTag"])
def test_s7_the_short_form_is_written_back_whole_or_not_at_all(call, missing):
    call("POST", "/projects/P/scenarios/", {**SCENARIO, "name": "S"})
    light = call("GET", "/projects/P/scenarios/S/light").json()
    part = {key: value for key, value in light.items() if key != missing}
    assert call("PUT", "/projects/P/scenarios/S/light", {**part, "active": True}).status_code == 500
    assert call("PUT", "/projects/P/scenarios/S/light", {**light, "active": True, "name": "X"}).status_code == 200
    after = call("GET", "/projects/P/scenarios/S").json()
    assert (after["active"], after["name"]) == (True, "S")


@pytest.mark.parametrize("owner", [{}, {"owner": None}, {"owner": ""}])
def test_s9_a_project_without_owner_is_refused(call, owner):
    answer = call("POST", "/projects/", {"projectKey": "Q", "name": "Q", **owner})
    assert answer.status_code == 400 and "owner" in answer.text
    assert [item["projectKey"] for item in call("GET", "/projects/").json()] == ["P"]


def test_s10_the_client_sets_code_environment_and_container(project):
    settings = project.get_settings()
    settings.set_python_code_env("py311")
    settings.set_container_exec_config("small")
    settings.set_k8s_cluster(None)
    settings.add_exposed_object("DATASET", "rows", "Q")
    settings.save()
    stored = project.get_settings().settings
    assert stored["settings"]["codeEnvs"]["python"]["envName"] == "py311"
    assert stored["exposedObjects"]["objects"][0]["localName"] == "rows"


@pytest.mark.parametrize("part", [{}, {"settings": {}}, {"projectStatus": "Done"}, {"settings": {"codeEnvs": {}}}])
def test_s10_settings_that_are_not_whole_wipe_nothing(call, part):
    before = call("GET", "/projects/P/settings").json()
    assert call("PUT", "/projects/P/settings", part).status_code == 500
    assert call("GET", "/projects/P/settings").json() == before


def test_s11_attachments_versions_and_tags_have_what_clients_read(dss, project, call):
    article = project.get_wiki().create_article("Notes", content="x")
    assert "attachments" not in article.get_data().get_metadata()
    article.upload_attachement(io.BytesIO(b"four"), "f.txt")
    (attachment,) = article.get_data().get_metadata()["attachments"]
    assert attachment["details"]["size"] == 4
    dss.edit_metadata("P", lambda metadata: metadata.update(tags=["pii"]))
    assert set(project.get_tags()["tags"]) == {"pii"}
    call("POST", "/projects/P/scenarios/", {**SCENARIO, "name": "S"})
    for path in ("/projects/P", "/projects/P/scenarios/S"):
        assert call("GET", path).json()["versionTag"]["extendedProperties"] == {}


def test_triggers_steps_and_reporters_come_back_with_more(call):
    sent = {
        "params": {"steps": [{"type": "runnable", "name": "s", "params": {}}]},
        "triggers": [{"type": "temporal", "params": {"frequency": "Daily"}}],
        "reporters": [{"messaging": {"type": "mail-scenario", "configuration": {"recipient": "a@example.com"}}}],
    }
    call("POST", "/projects/P/scenarios/", {**SCENARIO, **sent, "name": "S"})
    stored = call("GET", "/projects/P/scenarios/S").json()
    (step,), (trigger,), (reporter,) = stored["params"]["steps"], stored["triggers"], stored["reporters"]
    assert step["maxRetriesOnFail"] == 0 and trigger["params"]["timezone"] == "SERVER" and reporter["phase"] == "END"
    assert reporter["messaging"]["configuration"].items() >= {"recipient": "a@example.com", "attachments": []}.items()
    for part in (step, trigger, reporter):
        assert part["id"] and part["lastModifiedOn"]
    call("PUT", "/projects/P/scenarios/S", stored)
    again = call("GET", "/projects/P/scenarios/S").json()
    assert again["params"]["steps"][0]["id"] == step["id"]
