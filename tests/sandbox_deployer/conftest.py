"""A DSS that designs and deploys, and an automation node, reached through `responses` and over real sockets."""

from __future__ import annotations

import contextlib
import textwrap
from types import SimpleNamespace

import dataikuapi
import pytest

from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.mock_instance import mock_instance, mount
from govern_mirror_devkit.sandbox.server import serve

AUTOMATION = "https://automation.example.com"
HOOK = """
def execute(requesting_user, deployment_id, deployment_report, deployer_client, automation_client, deploying_user,
            deployed_project_key, **kwargs):
"""


@pytest.fixture(autouse=True)
def no_backoff(monkeypatch):
    """The client waits 10 ms where it waits longer and longer with a real instance."""
    monkeypatch.setattr(dataikuapi.utils._ExponentialBackoff, "next_sleep_time", lambda self: 10)


@pytest.fixture
def automation(dss_version):
    with contextlib.closing(Sandbox(node_id="automation", dss_version=dss_version)) as automation:
        yield automation


@pytest.fixture
def url(sandbox, automation, transport):
    if transport == "served":
        with serve(automation), serve(sandbox) as url:
            yield url
        return
    with mock_instance(sandbox) as mock, automation.reached_at(AUTOMATION):
        mount(mock, automation.wsgi, AUTOMATION)
        yield sandbox.base_url


@pytest.fixture
def client(sandbox, url):
    return dataikuapi.DSSClient(url, api_key=sandbox.admin_key)


@pytest.fixture
def people(sandbox, automation, url):
    """Clients of people whose rights differ; each group is named like its one member.

    The writer writes the project and may upload; the operator may deploy; the head administrates the infrastructure;
    the viewer sees; the stranger has no right at all.
    """
    sandbox.create_project("P", "The project", permissions=[{"group": "writer", "writeProjectContent": True}])
    keys = {}
    for login in ("writer", "operator", "head", "viewer", "stranger"):
        keys[login] = sandbox.create_user(login, (login,))
        automation.create_user(login, (login,))
    return SimpleNamespace(**{login: dataikuapi.DSSClient(url, api_key=key) for login, key in keys.items()})


@pytest.fixture
def infra(people, client, sandbox, automation):
    """The infrastructure PROD, with an automation node, as an administrator reaches it."""
    made = client.get_projectdeployer().create_infra("PROD", "Production")
    settings = made.get_settings()
    settings.get_raw()["permissions"] = [
        {"group": "operator", "read": True, "deploy": True, "admin": False},
        {"group": "viewer", "read": True, "deploy": False, "admin": False},
        {"group": "head", "admin": True},
    ]
    settings.save()
    sandbox.connect_automation("PROD", automation)
    return made


@pytest.fixture
def published(people, client):
    """Published project P with the bundle v1, which the operator may deploy."""
    people.writer.get_project("P").export_bundle("v1")
    people.writer.get_project("P").publish_bundle("v1")
    published = client.get_projectdeployer().get_project("P")
    settings = published.get_settings()
    settings.get_raw()["permissions"] = [
        {"group": "operator", "read": True, "deploy": True},
        {"group": "viewer", "read": True},
        {"group": "head", "read": True},
    ]
    settings.save()
    return published


@pytest.fixture
def deployment(people, infra, published):
    """The operator's deployment of bundle v1 on PROD, which is not started yet."""
    return people.operator.get_projectdeployer().create_deployment("P-on-PROD", "P", "PROD", "v1", "P_PROD")


@pytest.fixture
def hook(infra):
    """Put a hook into the infrastructure's settings; the body finds the documented arguments."""

    def put(body, name="gate", phase="preDeploymentHooks", **options):
        code = body if "def execute" in body else HOOK + textwrap.indent(textwrap.dedent(body), "    ")
        settings = infra.get_settings()
        settings.get_raw()[phase].append({"name": name, "enabled": True, "code": code, **options})
        settings.save()

    return put


@pytest.fixture
def deployed(automation):
    """Tell whether the deployment has reached the automation node."""
    return lambda key="P_PROD": automation.projects.exists(key)
