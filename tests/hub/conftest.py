"""A hub in a sandbox, mounted into `responses`: the reviewers of a bank, and the people around one project."""

import contextlib
import json

import dataikuapi
import pytest
from support.command_line import run_command, use_instance

from govern_mirror.actions.session import connect_to, open_session
from govern_mirror.connection import Instance, Secret
from govern_mirror.settings import Settings, parse_settings
from govern_mirror_devkit.host import PluginHost
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.mock_instance import URL, mock_instance, mount
from govern_mirror_devkit.source import plugin_root

HUB = "GOVERNANCE"
AUTOMATION = "https://automation.example.com"
REVIEWERS = """\
reviewers:
  final_approvers: [user:ana, group:board]
  risk_compliance: [user:cleo]
  business: [user:ben]
  projects:
    FRAUD:
      final_approvers: [user:fred]
      business: []
managers: [user:max]
deputies:
  - {of: ben, to: dan, until: 2030-01-01T00:00:00Z}
addresses:
  ana: ana@bank.example
switches:
  reminder_days: [3, 7]
"""


@pytest.fixture
def hub_instance(dss):
    """The instance, with the project that becomes the hub."""
    dss.create_project(HUB, "Governance")
    dss.connections.add("governance", groups=())
    return dss


@pytest.fixture
def open_as(hub_instance):
    """A session with the rights of a key; None for the administrator's."""

    def open_(key=None):
        settings = parse_settings({"hub_project": HUB})
        return open_session(Instance(URL, Secret(key or hub_instance.admin_key)), settings)

    return open_


@pytest.fixture
def run(hub_instance, monkeypatch, tmp_path):
    """Run the command line with settings that name the hub; `key` acts as somebody else than the administrator."""
    settings = tmp_path / "settings.json"
    settings.write_text(json.dumps({"hub_project": HUB}))

    def run_(*arguments, key=None):
        use_instance(monkeypatch, tmp_path, URL, key or hub_instance.admin_key)
        return run_command("--settings", settings, *arguments, secrets=(hub_instance.admin_key,))

    return run_


@pytest.fixture
def reviewers(tmp_path):
    """A file that configures the hub."""
    file = tmp_path / "hub.yaml"
    file.write_text(REVIEWERS)
    return file


@pytest.fixture
def hub(run, reviewers):
    """A hub that is set up and configured; its key."""
    assert run("hub", "init", HUB, "--connection", "governance").code == 0
    assert run("hub", "import", reviewers).code == 0
    return HUB


# people around a bundle, with the plugin -----------------------------------------------------------------------

V1, V2 = "CHURN/bundle/v1", "CHURN/bundle/v2"
PERMISSIONS = [
    {"group": "editors", "readProjectContent": True, "writeProjectContent": True},
    {"group": "readers", "readProjectContent": True},
]


@pytest.fixture
def automation():
    """An automation node, as the Deployer reaches it."""
    with contextlib.closing(Sandbox(node_id="automation")) as sandbox:
        yield sandbox


@pytest.fixture
def design(automation):
    """A DSS with the plugin, which designs and deploys."""
    with (
        contextlib.closing(Sandbox(plugin=PluginHost(plugin_root()))) as sandbox,
        mock_instance(sandbox) as mock,
        automation.reached_at(AUTOMATION),
    ):
        mount(mock, automation.wsgi, AUTOMATION)
        yield sandbox


@pytest.fixture
def people(design):
    """Keys by login: rita and emil edit the project, max manages, eve is an outsider, the others read."""
    groups = dict.fromkeys(("ana", "ben", "cleo", "dan", "max", "olga"), ("readers",))
    groups |= {"rita": ("editors",), "emil": ("editors",), "eve": ()}
    groups["olga"] = ("readers", "board")
    return {login: design.create_user(login, names) for login, names in groups.items()}


@pytest.fixture
def as_(design, people, monkeypatch, tmp_path):
    """Run the command line as somebody."""

    def run(login, *arguments):
        key = design.admin_key if login == "admin" else people[login]
        use_instance(monkeypatch, tmp_path, URL, key)
        return run_command(*arguments, secrets=(key,))

    return run


@pytest.fixture
def bank(design, as_, tmp_path):
    """A hub with a service key, a governed project, a bundle that emil exported."""
    design.create_project(HUB, "Governance")
    service = design.accounts.create_project_key(HUB, ("ADMIN",))
    design.plugins.configure(hub_project=HUB, settling_seconds=0)
    design.plugins.add_preset("governance-hub", "hub", project=HUB, api_key=service)
    design.create_project("CHURN", "Churn", permissions=PERMISSIONS)
    file = tmp_path / "hub.yaml"
    file.write_text(REVIEWERS)
    for command in (("hub", "init", HUB), ("hub", "import", file), ("init", "CHURN")):
        ended = as_("admin", *command)
        assert ended.code == 0, ended.err
    design.bundles.export(design.accounts.user("emil"), "CHURN", "v1", "first")
    return design


@pytest.fixture
def asked(as_):
    """Ask for the final approval of an item."""

    def ask(address=V1, who="rita"):
        ended = as_(who, "signoff", "request", address, "--final")
        assert ended.code == 0, ended.err

    return ask


@pytest.fixture
def hub_session(bank):
    """The administrator's session, with the hub named."""
    return connect_to(URL, bank.admin_key, settings=Settings(hub_project=HUB, settling_seconds=0))


@pytest.fixture
def churn_model(bank):
    """A model of CHURN with two versions, the newer one active; its id."""
    emil = bank.accounts.user("emil")
    model = bank.saved_models.create(emil, "CHURN", "Churn model", "DSS_MANAGED")
    for version in ("old", "new"):
        bank.saved_models.train(emil, "CHURN", model, version)
    return model


@pytest.fixture
def deploy(bank, automation):
    """Bring a bundle of CHURN to the infrastructure PROD, whatever was approved."""
    client = dataikuapi.DSSClient(URL, api_key=bank.admin_key)
    deployer = client.get_projectdeployer()

    def deploy_(bundle):
        client.get_project("CHURN").publish_bundle(bundle)
        if "PROD" not in [infra.id for infra in deployer.list_infras()]:
            deployer.create_infra("PROD", "Production")
            bank.connect_automation("PROD", automation)
        deployment = deployer.create_deployment(f"{bundle}-on-PROD", "CHURN", "PROD", bundle, f"CHURN_{bundle}")
        deployment.start_update().wait_for_result()

    return deploy_
