"""A hub in a sandbox, mounted into `responses`: the reviewers of a bank, and the people around one project."""

import contextlib
import json
import shutil
from datetime import datetime, timedelta, timezone

import dataikuapi
import pytest
from support.command_line import run_command, use_instance
from support.live_page import START, open_page_of

from govern_mirror.actions.session import connect_to, open_session
from govern_mirror.connection import Instance, Secret
from govern_mirror.dss.hook_text import hook_text
from govern_mirror.hub.ledger import folder_prefix, read_entry
from govern_mirror.model.address import parse_address
from govern_mirror.model.signoff import in_order
from govern_mirror.settings import Settings, parse_settings
from govern_mirror_devkit.host import PluginHost
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.govern.app import GovernSandbox
from govern_mirror_devkit.sandbox.mock_instance import URL, mock_instance, mount
from govern_mirror_devkit.source import plugin_root

HUB = "GOVERNANCE"
GOVERN = "https://govern.example.com"
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


@pytest.fixture(scope="session")
def prepared_hub(tmp_path_factory):
    """The file of the state of `hub`'s instance, made once."""
    folder = tmp_path_factory.mktemp("hub")
    settings, file, state = folder / "settings.json", folder / "hub.yaml", folder / "state"
    settings.write_text(json.dumps({"hub_project": HUB}))
    file.write_text(REVIEWERS)
    with (
        contextlib.closing(Sandbox(state, node_id="design")) as dss,
        mock_instance(dss),
        pytest.MonkeyPatch.context() as patch,
    ):
        create_hub_project(dss)
        patch.setattr("govern_mirror.clock.sleep", lambda seconds: None)
        use_instance(patch, folder, URL, dss.admin_key)
        for command in (("hub", "init", HUB, "--connection", "governance"), ("hub", "import", file)):
            ended = run_command("--settings", settings, *command, secrets=(dss.admin_key,))
            assert ended.code == 0, ended.err
    return state


def create_hub_project(dss):
    """Create the project that becomes the hub, and a connection for its folder."""
    dss.create_project(HUB, "Governance")
    dss.connections.add("governance", groups=())


@contextlib.contextmanager
def copied(state, folder, **options):
    """A sandbox with a copy of a prepared state; an empty one where there is none."""
    file = shutil.copy(state, folder / "dss-state") if state else None
    with contextlib.closing(Sandbox(file, **options)) as sandbox:
        yield sandbox


@pytest.fixture
def dss(request, tmp_path):
    """A DSS without the plugin, mounted into `responses`."""
    state = request.getfixturevalue("prepared_hub") if "prepared_hub" in request.fixturenames else None
    with copied(state, tmp_path, node_id="design") as sandbox, mock_instance(sandbox):
        yield sandbox


@pytest.fixture
def hub_instance(request, dss):
    """The instance, with the project that becomes the hub."""
    if "prepared_hub" not in request.fixturenames:
        create_hub_project(dss)
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
def hub(prepared_hub, hub_instance):
    """A hub that is set up and configured; its key."""
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
def govern():
    """A Govern node."""
    with contextlib.closing(GovernSandbox()) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def prepared_bank(tmp_path_factory):
    """What `bank` and `people` begin with, made once: the file of the instance's state, and the people's keys."""
    folder = tmp_path_factory.mktemp("bank")
    file, state = folder / "hub.yaml", folder / "state"
    file.write_text(REVIEWERS)
    with (
        contextlib.closing(Sandbox(state, plugin=PluginHost(plugin_root()))) as design,
        mock_instance(design),
        pytest.MonkeyPatch.context() as patch,
    ):
        keys = create_people(design)
        design.create_project(HUB, "Governance")
        service = design.accounts.create_project_key(HUB, ("ADMIN",))
        design.plugins.configure(hub_project=HUB, settling_seconds=0)
        design.plugins.add_preset("governance-hub", "hub", project=HUB, api_key=service)
        design.create_project("CHURN", "Churn", permissions=PERMISSIONS)
        use_instance(patch, folder, URL, design.admin_key)
        for command in (("hub", "init", HUB), ("hub", "import", file), ("init", "CHURN")):
            ended = run_command(*command, secrets=(design.admin_key,))
            assert ended.code == 0, ended.err
        design.bundles.export(design.accounts.user("emil"), "CHURN", "v1", "first")
    return state, keys


def create_people(design):
    """Create users, and return their keys by login."""
    groups = dict.fromkeys(("ana", "ben", "cleo", "dan", "max", "olga"), ("readers",))
    groups |= {"rita": ("editors",), "emil": ("editors",), "eve": ()}
    groups["olga"] = ("readers", "board")
    return {login: design.create_user(login, names) for login, names in groups.items()}


@pytest.fixture
def design_node(request, tmp_path):
    """A DSS with the plugin, not reached yet."""
    state = request.getfixturevalue("prepared_bank")[0] if "prepared_bank" in request.fixturenames else None
    with copied(state, tmp_path, plugin=PluginHost(plugin_root())) as sandbox:
        yield sandbox


@pytest.fixture
def network(design_node):
    """Where the DSS is reached, and whatever is mounted beside it."""
    with mock_instance(design_node) as mock:
        yield mock


@pytest.fixture
def design(design_node, network, automation, govern):
    """A DSS with the plugin, which designs and deploys."""
    with automation.reached_at(AUTOMATION), govern.reached_at(GOVERN):
        mount(network, automation.wsgi, AUTOMATION)
        mount(network, govern.wsgi, GOVERN)
        yield design_node


@pytest.fixture
def people(request, design):
    """Keys by login: rita and emil edit the project, max manages, eve is an outsider, the others read."""
    if "prepared_bank" in request.fixturenames:
        return request.getfixturevalue("prepared_bank")[1]
    return create_people(design)


@pytest.fixture
def as_(design, people, monkeypatch, tmp_path):
    """Run the command line as somebody."""

    def run(login, *arguments):
        key = design.admin_key if login == "admin" else people[login]
        use_instance(monkeypatch, tmp_path, URL, key)
        return run_command(*arguments, secrets=(key,))

    return run


@pytest.fixture
def bank(prepared_bank, design, people):
    """A hub with a service key, a governed project, a bundle that emil exported."""
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


# the live page -----------------------------------------------------------------------------------------------------


@pytest.fixture
def page_of(bank, people):
    """The page as somebody has it; who reads the project may read the hub, too."""
    bank.projects.set_document(bank.admin, HUB, "permissions", {"owner": "admin", "permissions": PERMISSIONS[1:]})
    bank.accounts.change_user("rita", groups=["editors", "readers"])

    def opened(login, hub=HUB):
        settings = Settings(hub_project=hub, settling_seconds=0)
        page = open_page_of(connect_to(URL, people[login], settings=settings))
        # macros run in processes of their own, which know the present only
        page.minutes = (datetime.now(timezone.utc) - START) // timedelta(minutes=1)
        return page

    return opened


# the hook in a Deployer ------------------------------------------------------------------------------------------


class Deployer:
    """What an operator does, and what comes of it."""

    def __init__(self, sandbox, automation):
        self.sandbox, self.automation = sandbox, automation
        self.client = dataikuapi.DSSClient(URL, api_key=sandbox.admin_key)
        self.api = self.client.get_projectdeployer()

    def infrastructure(self, name, code=None):
        made = self.api.create_infra(name, "Production")
        settings = made.get_settings()
        code = hook_text() if code is None else code
        settings.get_raw()["preDeploymentHooks"] = [{"name": "approved", "enabled": True, "code": code}]
        settings.save()
        self.sandbox.connect_automation(name, self.automation)

    def publish(self, bundle="v1"):
        self.client.get_project("CHURN").publish_bundle(bundle)

    def deploy(self, infrastructure="PROD", bundle="v1"):
        """Deploy a bundle; return the messages, and whether it is on the automation node then."""
        identifier = f"CHURN-{bundle}-{infrastructure}-{len(self.api.list_deployments())}"
        key = identifier.replace("-", "_")
        deployment = self.api.create_deployment(identifier, "CHURN", infrastructure, bundle, key)
        result = deployment.start_update().wait_for_result()
        (message,) = result["messages"]
        return message["severity"], message["message"], self.automation.projects.exists(key)


@pytest.fixture
def hook_file(tmp_path):
    return tmp_path / "hook.json"


@pytest.fixture
def deployer(bank, automation, as_, tmp_path, hook_file, monkeypatch):
    """A Deployer with the infrastructures PROD and TEST; their hooks ask the hub with a key that may only read."""
    monkeypatch.setattr(dataikuapi.utils._ExponentialBackoff, "next_sleep_time", lambda self: 10)
    gates = {"group": "gates", "readProjectContent": True}
    for key, permissions in ((HUB, [gates]), ("CHURN", [*PERMISSIONS, gates])):
        document = {"owner": "admin", "permissions": permissions}
        bank.projects.set_document(bank.admin, key, "permissions", document)
    node = {"url": URL, "api_key": bank.create_user("gatekeeper", ("gates",)), "hub": HUB}
    hook_file.write_text(json.dumps({"nodes": {"design": node}, "policies": {"TEST": "WARN", "DEV": "NO_CHECK"}}))
    monkeypatch.setenv("GOVERN_MIRROR_HOOK_FILE", str(hook_file))
    configuration = tmp_path / "deployer.yaml"
    configuration.write_text(f"{REVIEWERS}published:\n  CHURN: [CHURN]\nemergency: [user:max]\n")
    ended = as_("admin", "hub", "import", configuration)
    assert ended.code == 0, ended.err
    made = Deployer(bank, automation)
    for name in ("PROD", "TEST", "DEV"):
        made.infrastructure(name)
    return made


# Govern ----------------------------------------------------------------------------------------------------------

NAMES_GOVERN = f"govern_node: {{id: govern, url: {GOVERN}}}\n"
COUNTS = f"{REVIEWERS}  govern_approvals: true\n{NAMES_GOVERN}published:\n  CHURN: [CHURN]\n"


class GovernSide:
    """What people do in Govern, and what a sync of somebody brings into the hub."""

    def __init__(self, bank, govern, people):
        self.bank, self.govern, self.people = bank, govern, people
        self.keys = {login: govern.create_user(login) for login in ("ana", "emil", "olga", "rita")}
        govern.node.writer_groups.add("editors")
        govern.accounts.change_user("rita", groups=["editors"])
        roles = {"ro.final_approver": ("ana", "olga"), "ro.business_reviewer": ("ana",)}
        for role in ("ro.it_operations_reviewer", "ro.risk_compliance_reviewer", *roles):
            self.role(role, *roles.get(role, ()))
        item = govern.node.register_dataiku_project(bank.node_id, "CHURN")
        self.project = govern.node.govern("Churn", item.id).id
        self.bundle = self.governed("v1")
        bank.plugins.add_preset("govern-node", "central", url=GOVERN, api_key=govern.api_key)

    def role(self, role, *logins):
        self.govern.reviews.reviewers.role_members[role] = [{"type": "user", "login": login} for login in logins]

    def governed(self, bundle):
        """Let Govern govern a bundle; returns the id of what governs it."""
        items = self.govern.items
        return items.govern_bundle(self.project, items.know_bundle(self.bank.node_id, "CHURN", bundle)).id

    def client(self, login=None):
        return dataikuapi.GovernClient(GOVERN, self.keys[login] if login else self.govern.api_key)

    def signoff(self, login=None, artifact=None):
        return self.client(login).get_artifact(artifact or self.bundle).get_signoff("review")

    def ask(self, artifact=None):
        self.signoff(artifact=artifact).update_status("WAITING_FOR_APPROVAL")

    def say(self, status="APPROVED", login="ana", artifact=None, comment="fine"):
        self.signoff(login, artifact).add_approval(status, comment)

    def sync(self, login="rita", hub="hub", **params):
        """Press *Sync with Govern*; returns the rows about sign-offs."""
        key = self.bank.admin_key if login == "admin" else self.people[login]
        project = dataikuapi.DSSClient(URL, api_key=key).get_project("CHURN")
        macro = project.get_macro("pyrunnable_govern-mirror_sync-with-govern")
        form = {"govern_node": {"mode": "PRESET", "name": "central"}, "direction": "pull", **params}
        if hub:
            form["hub"] = {"mode": "PRESET", "name": hub}
        table = macro.get_result(macro.run(params=form), as_type="json")
        return [row for row in table["records"] if str(row[1]).startswith("Sign-off")]

    def approve(self):
        """The honest way: the hub sees it wait, it is approved, the hub sees that."""
        self.ask()
        self.sync()
        self.say()
        return self.sync()

    def entries(self, address=V1):
        """The entries of an item in the ledger."""
        (folder,) = self.bank.managed_folders.listed(self.bank.admin, HUB)
        listed = self.bank.managed_folders.contents(self.bank.admin, HUB, folder["id"])["items"]
        prefix = folder_prefix(parse_address(address))
        paths = [item["path"].strip("/") for item in listed if item["path"].strip("/").startswith(prefix)]
        contents = {path: self.bank.managed_folders.get(self.bank.admin, HUB, folder["id"], path) for path in paths}
        read = [read_entry(path, content) for path, content in contents.items()]
        return [entry.document for entry in in_order({entry.id: entry for entry in read})]

    def export_again(self, bundle="v1"):
        self.bank.bundles.delete(self.bank.admin, "CHURN", bundle)
        self.bank.clock.move(timedelta(minutes=1))
        self.bank.bundles.export(self.bank.accounts.user("emil"), "CHURN", bundle)
        self.bank.clock.set(None)


@pytest.fixture
def configured(as_, tmp_path):
    """Bring a configuration into force."""

    def configure(text=COUNTS):
        file = tmp_path / "govern.yaml"
        file.write_text(text)
        ended = as_("admin", "hub", "import", file)
        assert ended.code == 0, ended.err

    return configure


@pytest.fixture
def side(bank, govern, people, configured):
    configured()
    return GovernSide(bank, govern, people)


@pytest.fixture
def gate(as_):
    """The exit code of the gate of an item, and its reason; the ledger is whole each time."""

    def ask(address=V1):
        assert as_("admin", "audit", "--all").code == 0
        ended = as_("admin", "gate", address, "--signed-off", "--format", "json")
        return ended.code, json.loads(ended.out)["reason"] if ended.out else ended.err

    return ask
