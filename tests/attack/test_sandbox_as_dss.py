"""The sandbox answers as clients that nobody here wrote, and suites for a live DSS 15, expect."""

import contextlib

import dataikuapi
import pytest
import requests

from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.mounted import URL, mounted

API = f"{URL}/public/api"


@pytest.fixture(params=["14.2.0", "15.1.0"])
def dss_version(request):
    return request.param


@pytest.fixture
def dss(sandbox):
    """The mounted sandbox with a project P."""
    with mounted(sandbox):
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
    with contextlib.closing(Sandbox(dss_version=version)) as dss, mounted(dss):
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
