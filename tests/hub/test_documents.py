"""docs/hub.md and docs/sign-off.md, carried out step by step as they stand."""

import json
import re
import shlex
from datetime import timedelta
from pathlib import Path

import dataikuapi
import pytest

from govern_mirror import clock
from govern_mirror.actions.hub import hub_of
from govern_mirror.actions.session import connect_to
from govern_mirror.settings import Settings
from govern_mirror_devkit.sandbox.mock_instance import URL

ROOT = Path(__file__).parents[2]
HUB_PAGE = (ROOT / "docs/hub.md").read_text(encoding="utf-8")
SIGNOFF_PAGE = (ROOT / "docs/sign-off.md").read_text(encoding="utf-8")
GATE_PAGE = (ROOT / "docs/gate.md").read_text(encoding="utf-8")
SYNC_PAGE = (ROOT / "docs/sync.md").read_text(encoding="utf-8")
HUB = "GOVERNANCE"


def steps(page, heading):
    """The numbered steps below a heading, one text each."""
    part = page.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^\d+\. (.*?)(?=^\d+\. |\n\n)", f"{part}\n\n", re.MULTILINE | re.DOTALL)


def commands(text):
    """The commands of a text, without the program's name."""
    found = re.findall(r"`govern-mirror ([^`]+)`", text) or re.findall(r"^govern-mirror (.+)$", text, re.MULTILINE)
    return [shlex.split(command) for command in found]


@pytest.fixture
def bank(design, as_, tmp_path):
    """A bank that follows docs/hub.md: what its steps say, in their order."""
    project, key, folder, setting, preset, reviewers, look, _try = steps(HUB_PAGE, "Set it up")
    assert f"`{HUB}`" in project and "right ADMIN" in key
    design.create_project(HUB, "Governance", permissions=[{"group": "readers", "readProjectContent": True}])
    hub_key = design.accounts.create_project_key(HUB, ("ADMIN",))
    design.connections.add("NAME", groups=())
    (init,) = commands(folder)
    assert as_("admin", *init).code == 0
    assert f'{{"hub_project": "{HUB}"}}' in setting
    design.plugins.configure(hub_project=HUB, settling_seconds=0)
    assert "named `hub`" in preset
    design.plugins.add_preset("governance-hub", "hub", project=HUB, api_key=hub_key)
    file = tmp_path / "FILE"
    file.write_text(re.search(r"```yaml\n(.*?)```", HUB_PAGE, re.DOTALL).group(1))
    (import_,) = commands(reviewers)
    assert as_("admin", *[str(file) if word == "FILE" else word for word in import_]).code == 0
    (check,) = commands(look)
    ended = as_("admin", *check)
    assert ended.code == 0, ended.out
    permissions = [
        {"group": "editors", "readProjectContent": True, "writeProjectContent": True},
        {"group": "readers", "readProjectContent": True},
    ]
    design.create_project("CHURN", "Churn", permissions=permissions)
    assert as_("admin", "init", "CHURN").code == 0
    design.bundles.export(design.accounts.user("emil"), "CHURN", "v12")
    return design


def test_the_commands_of_the_page_lead_from_a_request_to_an_open_gate(bank, as_, tmp_path):
    settings = tmp_path / "settings.json"
    settings.write_text(f'{{"hub_project": "{HUB}"}}')
    block = re.search(r"```\n(govern-mirror signoff request.*?)```", SIGNOFF_PAGE, re.DOTALL).group(1)
    request, reviews, feedback, approve, gate = commands(block)
    bank.accounts.change_user("cleo", groups=["readers", "risk"])
    assert as_("rita", *request).code == 0
    waiting = as_("cleo", "--settings", settings, *reviews)
    assert waiting.code == 3 and "CHURN/bundle/v12" in waiting.out
    assert as_("cleo", *feedback).code == 0
    assert as_("admin", *gate).code == 3
    assert as_("ana", *approve).code == 0
    assert as_("admin", *gate).code == 0
    assert as_("admin", "audit", "--all").code == 0


def test_the_documented_states_are_those_of_the_model():
    from govern_mirror.model.signoff import MOVES, Act

    table = SIGNOFF_PAGE.split("## States\n", 1)[1].strip().split("\n\n")[0]
    rows = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
    named = {row[0]: row[2] for row in rows}
    acts = {"request": Act.REQUEST_FEEDBACK, "request --final": Act.REQUEST_APPROVAL}
    acts |= {act.value: act for act in Act if not act.value.startswith("request")}
    assert named.keys() == acts.keys()
    for name, target in named.items():
        status = MOVES[acts[name]][1]
        assert target == (status.label.lower() if status else "as before" if name == "cancel" else "stays"), name


def test_going_back_leaves_a_gate_that_is_not_met(bank, as_):
    assert "clear the setting `hub_project`" in HUB_PAGE
    bank.plugins.configure(hub_project=None)
    assert as_("admin", "gate", "CHURN/bundle/v12", "--signed-off").code == 3


def test_a_restored_backup_is_audited_with_the_heads_that_were_kept(bank, as_, tmp_path):
    heads = tmp_path / "heads.json"
    assert as_("rita", "signoff", "request", "CHURN/bundle/v12").code == 0
    (folder,) = bank.managed_folders.listed(bank.admin, HUB)
    backup = {
        item["path"]: bank.managed_folders.get(bank.admin, HUB, folder["id"], item["path"])
        for item in bank.managed_folders.contents(bank.admin, HUB, folder["id"])["items"]
    }
    assert as_("ana", "signoff", "reject", "CHURN/bundle/v12", "--comment", "no").code == 0
    heads.write_text(as_("admin", "audit", "--all", "--format", "json").out)
    for item in bank.managed_folders.contents(bank.admin, HUB, folder["id"])["items"]:
        if item["path"] not in backup:
            bank.managed_folders.remove(bank.admin, HUB, folder["id"], item["path"])
    assert as_("admin", "audit", "--all").code == 0
    ended = as_("admin", "audit", "--all", "--heads", heads)
    assert ended.code == 3 and "is gone" in ended.out


def test_the_documented_govern_node_is_one_that_the_hub_takes():
    import yaml

    from govern_mirror.hub.configuration import parse_configuration

    block = re.search(r"```yaml\n(govern_node.*?)```", SYNC_PAGE, re.DOTALL).group(1)
    configuration = parse_configuration(yaml.safe_load(block))
    assert (configuration.govern_node.id, configuration.govern_node.url) == ("govern", "https://govern.example.com")
    assert configuration.switches.govern_approvals and not parse_configuration({}).switches.govern_approvals


def test_the_file_of_the_hook_is_one_that_it_reads(monkeypatch, tmp_path):
    from govern_mirror.dss import deployer_hook

    block = re.search(r"```json\n(\s*\{\"nodes\".*?)```", GATE_PAGE, re.DOTALL).group(1)
    configuration = deployer_hook.read_configuration({"GOVERN_MIRROR_HOOK": block})
    assert configuration["policies"] == {"PROD": "PREVENT", "TEST": "WARN"}
    assert deployer_hook.the_node(configuration, None)["hub"] == HUB


# the other commands and macros of the pages -----------------------------------------------------------------------


def section(page, heading):
    """The text below a heading."""
    return page.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]


def the_command(text, *begins):
    """The one command of a text that begins so."""
    (command,) = [words for words in commands(text) if tuple(words[: len(begins)]) == begins]
    return command


def run_labelled(key, place, label, **form):
    """Press the button of a macro that a page calls by its label, as the owner of a key."""
    descriptors = {path.parent.name: json.loads(path.read_text()) for path in ROOT.glob("python-runnables/*/*.json")}
    (folder,) = [name for name, descriptor in descriptors.items() if descriptor["meta"]["label"] == label]
    macro = dataikuapi.DSSClient(URL, api_key=key).get_project(place).get_macro(f"pyrunnable_govern-mirror_{folder}")
    run = macro.run(params=form, wait=True)
    return {row[0]: row[1] for row in macro.get_result(run, as_type="json")["records"]}


PRESET = {"mode": "PRESET", "name": "hub"}


def test_the_macro_of_the_page_sets_up_the_hub(design, as_):
    label = re.search(r"or the macro \*([^*]+)\*", HUB_PAGE).group(1)
    design.create_project(HUB, "Governance")
    design.connections.add("NAME", groups=())
    run_labelled(design.admin_key, HUB, label, project=HUB, connection="NAME", dry_run=False)
    design.plugins.configure(hub_project=HUB)
    assert as_("admin", "hub", "check").code == 0
    assert as_("admin", "audit", "--all").out == "Whole: 1 entry\n"


def test_a_manager_changes_who_reviews_as_the_page_says(bank, as_, people):
    label = re.search(r"the macro \*(Change [^*]+)\*", HUB_PAGE).group(1)
    bank.accounts.change_user("max", groups=["readers", "governance"])
    session = connect_to(URL, people["max"], settings=Settings(hub_project=HUB))
    configuration, entry = hub_of(session).open().configured
    document = configuration.to_json()
    document["reviewers"]["final_approvers"].append("user:fred")
    form = {"hub": PRESET, "configuration": json.dumps(document), "seen": entry, "dry_run": False}
    run_labelled(people["max"], HUB, label, **form)
    assert "user:fred" in as_("admin", "hub", "export").out
    with pytest.raises(Exception, match="only governance managers"):
        run_labelled(people["rita"], "CHURN", label, **form)


def test_reminders_go_out_as_the_page_says(bank, as_, people, tmp_path):
    remind = the_command(HUB_PAGE, "signoff", "remind")
    assert run_labelled(bank.admin_key, HUB, "Remind reviewers", hub=PRESET, dry_run=True)
    bank.messaging.create("bank-mail", configuration={"sender": "dss@bank.example"})
    bank.accounts.change_user("max", groups=["readers", "governance"])
    bank.clock.set(clock.now() - timedelta(days=3, hours=1))
    assert as_("rita", "signoff", "request", "CHURN/bundle/v12", "--final").code == 0
    bank.clock.set(None)
    bank.messaging.outbox.clear()
    settings = tmp_path / "settings.json"
    settings.write_text(json.dumps({"hub_project": HUB}))
    ended = as_("max", "--settings", settings, *remind)
    assert ended.code == 0 and [mail.to for mail in bank.messaging.outbox] == [("ana@bank.example",)]


def test_a_step_is_finished_and_its_decision_attested_as_the_page_says(bank, as_, people):
    finish = the_command(section(SIGNOFF_PAGE, "What a step's sign-off holds back"), "signoff", "finish")
    attest = the_command(section(SIGNOFF_PAGE, "A decision in the hub"), "signoff", "attest")
    for command in (*[("advance", "CHURN")] * 2, ("set", "CHURN", "qualification.decision=Go")):
        assert as_("rita", *command).code == 0
    assert as_("rita", *finish).code == 1
    look = {"hub": PRESET, "address": "CHURN", "step": "qualification", "action": "look"}
    assert "not started" in " ".join(run_labelled(people["rita"], "CHURN", "Review", **look).values()).lower()
    ask = {"hub": PRESET, "address": "CHURN", "step": "qualification", "final": True}
    assert "Recorded" in run_labelled(people["rita"], "CHURN", "Request a sign-off", **ask)
    assert as_("ana", "signoff", "approve", "CHURN", "qualification").code == 0
    assert as_("rita", *finish).code == 0
    assert as_("ana", *attest).code == 0
    gate = ("gate", "CHURN", "--step", "qualification", "--decision", "go", "--signed-off", "--format", "json")
    ended = as_("admin", *gate)
    assert ended.code == 0 and json.loads(ended.out)["trust_by_path"]["qualification.decision"] == "attested"


def test_the_steps_of_items_move_as_the_page_says(bank, as_):
    block = section(SIGNOFF_PAGE, "Bundles and versions have steps of their own")
    lines = [shlex.split(line) for line in re.findall(r"^    govern-mirror (.+)$", block, re.MULTILINE)]
    assert [line[0] for line in lines] == ["advance", "step", "show"]
    emil = bank.accounts.user("emil")
    _, _, model, version = lines[2][1].split("/")
    bank.saved_models.create(emil, "CHURN", "Churn model", "DSS_MANAGED", identifier=model)
    bank.saved_models.train(emil, "CHURN", model, version)
    for line in lines:
        ended = as_("rita", *line)
        assert ended.code == 0, (line, ended.err)


def test_an_emergency_and_the_register_work_as_the_pages_say(bank, as_):
    emergency = the_command(section(GATE_PAGE, "In the Deployer"), "signoff", "emergency")
    assert as_("rita", *emergency).code == 1
    assert as_("max", *emergency).code == 0
    register = the_command(SIGNOFF_PAGE, "reviews", "--all")
    ended = as_("admin", *register)
    assert ended.code == 0 and "let it pass" in ended.out
