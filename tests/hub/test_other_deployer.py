"""A Deployer on a node of its own, which may deploy bundles of several design nodes."""

import contextlib
import io

import dataikuapi
import pytest
from hub.conftest import PERMISSIONS, V1

from govern_mirror.actions.item_facts import facts_of_item
from govern_mirror.actions.registry import read_registry
from govern_mirror.actions.session import open_session
from govern_mirror.connection import Instance, Secret, deployer_of
from govern_mirror.errors import InputError
from govern_mirror.model.address import parse_address
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.mock_instance import URL, mount

DEPLOYER = "https://deployer.example.com"
PASSES = "def execute(**kwargs): return HookResult.success('')"


class OtherDeployer:
    """A Deployer that bundles of design nodes are brought to."""

    def __init__(self, sandbox, automation):
        self.sandbox = sandbox
        self.api = dataikuapi.DSSClient(DEPLOYER, api_key=sandbox.admin_key).get_projectdeployer()
        settings = self.api.create_infra("PROD", "Production").get_settings()
        settings.get_raw()["preDeploymentHooks"] = [{"name": "open", "enabled": True, "code": PASSES}]
        settings.save()
        sandbox.connect_automation("PROD", automation)

    def deploy(self, design, bundle="v1", published="CHURN"):
        """Bring a bundle of a design node here, and deploy it."""
        archive = design.bundles.archive(design.admin, "CHURN", bundle)
        self.api.upload_bundle(io.BytesIO(archive), published)
        deployment = self.api.create_deployment(f"{published}-{bundle}", published, "PROD", bundle, published)
        assert deployment.start_update().wait_for_result()["error"] is False


@pytest.fixture
def other(bank, network, automation, monkeypatch):
    with contextlib.closing(Sandbox(node_id="deployer")) as sandbox, sandbox.reached_at(DEPLOYER):
        mount(network, sandbox.wsgi, DEPLOYER)
        monkeypatch.setenv("DKU_DEPLOYER_URL", DEPLOYER)
        monkeypatch.setenv("DKU_DEPLOYER_API_KEY", sandbox.admin_key)
        yield OtherDeployer(sandbox, automation)


@pytest.fixture
def session(bank, other):
    """The administrator's of the design node, who names the Deployer."""
    deployer = Instance(DEPLOYER, Secret(other.sandbox.admin_key))
    return open_session(Instance(URL, Secret(bank.admin_key)), deployer=deployer)


def checked(as_, name="deployed without approval"):
    """What `hub check` says of one thing."""
    checks = as_("admin", "hub", "check", "--format", "json").json["checks"]
    return [(check["verdict"], check["detail"]) for check in checks if check["check"] == name]


def test_what_another_nodes_deployer_runs_is_compared(bank, other, as_, session):
    other.deploy(bank)
    ((status, detail),) = checked(as_)
    assert status == "warning" and detail.startswith("v1 on PROD is not approved")
    (row,) = read_registry(session, "bundles").rows
    assert row.is_deployed_unapproved
    (deployment,) = facts_of_item(session, parse_address(V1)).deployments
    assert deployment.infrastructure == "PROD"


def test_an_infrastructure_without_the_hook_there_is_named(other, as_):
    ((status, detail),) = checked(as_, "hooks of the Deployer")
    assert status == "warning" and "PROD (is not there)" in detail


def test_bundles_of_another_design_node_are_not_held_against_ours(bank, other, as_, session):
    other.sandbox.published_projects.in_fleet = True
    with contextlib.closing(Sandbox(node_id="elsewhere")) as elsewhere:
        elsewhere.create_project("CHURN", "Another churn", permissions=PERMISSIONS)
        elsewhere.bundles.export(elsewhere.admin, "CHURN", "v1")
        other.deploy(elsewhere, published="OTHER_CHURN")
    ((status, detail),) = checked(as_)
    assert status == "cannot be checked" and "none was looked at" in detail
    assert facts_of_item(session, parse_address(V1)).deployments == ()
    other.deploy(bank)
    ((status, detail),) = checked(as_)
    assert status == "warning" and detail.startswith("v1 on PROD is not approved") and ";" not in detail


def test_that_no_deployment_can_be_seen_is_said(bank, as_):
    ((status, detail),) = checked(as_)
    assert status == "cannot be checked" and "none was looked at" in detail and "DKU_DEPLOYER_URL" in detail


def test_a_deployer_that_is_half_named_is_refused(bank, as_, monkeypatch):
    monkeypatch.setenv("DKU_DEPLOYER_URL", DEPLOYER)
    ended = as_("admin", "hub", "check")
    assert ended.code == 2 and "set DKU_DEPLOYER_API_KEY, too" in ended.err
    with pytest.raises(InputError, match="set DKU_DEPLOYER_URL, too"):
        deployer_of({"DKU_DEPLOYER_API_KEY": "key"})
    assert deployer_of({}) is None


def test_a_deployer_that_refuses_its_key_leaves_nobody_approved(other, as_, monkeypatch):
    monkeypatch.setenv("DKU_DEPLOYER_API_KEY", "wrong")
    ((status, _),) = checked(as_)
    assert status == "cannot be checked"
