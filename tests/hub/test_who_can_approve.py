"""Each person around a project tries all that their rights in DSS and their roles in the hub give them.

None opens a gate that asks for a sign-off alone, none appears as somebody else, and none changes who reviews.
"""

import io
import json
from dataclasses import dataclass
from functools import partial

import dataikuapi
import pytest
from hub.conftest import HUB, PERMISSIONS, REVIEWERS, V1
from support.ledger_entries import act

from govern_mirror.hub.ledger import folder_prefix, read_entry
from govern_mirror.model.address import parse_address
from govern_mirror.model.signoff import Act
from govern_mirror_devkit.sandbox.mock_instance import URL

MACROS = "pyrunnable_govern-mirror_"
PRESET = {"mode": "PRESET", "name": "hub"}
OWN = "OWN"
"""A project that the person owns, with a hub of their own making in it."""


@dataclass(frozen=True)
class Attacker:
    """Somebody who wants V1 approved.

    Attributes:
        login: of an account; None for a key that is nobody's.
        groups: of DSS.
        asked: whether another person asked for the review before; who could approve then must be alone.
        owns: whether they own the governed project.
        enabled: whether DSS still lets them in.
    """

    login: str | None
    groups: tuple[str, ...]
    asked: bool = True
    owns: bool = False
    enabled: bool = True


ATTACKERS = {
    "an editor of the project": Attacker("rita", ("editors",), asked=False),
    "an editor whom another asked for": Attacker("erik", ("editors",)),
    "its owner": Attacker("otto", ("readers",), owns=True),
    "a reader": Attacker("zoe", ("readers",)),
    "a feedback reviewer": Attacker("ben", ("readers",)),
    "a feedback reviewer who edits": Attacker("cleo", ("editors",)),
    "a deputy": Attacker("dan", ("editors",)),
    "an approver of another project": Attacker("fred", ("editors",)),
    "the exporter, an approver": Attacker("emil", ("editors", "board")),
    "an approver who edits, alone": Attacker("ana", ("editors",), asked=False),
    "a manager who edits": Attacker("max", ("editors",)),
    "an approver without their group": Attacker("olga", ("editors",)),
    "an approver whom DSS disabled": Attacker("olga", ("editors", "board"), enabled=False),
    "a key in the approvers' group": Attacker(None, ("editors", "board")),
    "an outsider": Attacker("eve", ()),
}


@pytest.fixture(params=ATTACKERS.values(), ids=ATTACKERS.keys())
def attacker(request):
    return request.param


@pytest.fixture
def key(bank, people, attacker):
    """The attacker's key, and a project of their own."""
    if attacker.login is None:
        key = bank.accounts.create_global_key(groups=attacker.groups)
    elif attacker.login in people:
        key = people[attacker.login]
        bank.accounts.change_user(attacker.login, groups=list(attacker.groups))
    else:
        key = bank.create_user(attacker.login, attacker.groups)
    document = {"owner": attacker.login or "admin", "permissions": PERMISSIONS}
    if attacker.owns:
        bank.projects.set_document(bank.admin, "CHURN", "permissions", document)
    bank.create_project(OWN, "Own", permissions=PERMISSIONS)
    bank.projects.set_document(bank.admin, OWN, "permissions", document)
    people["attacker"] = key
    if not attacker.enabled:
        bank.accounts.change_user(attacker.login, enabled=False)
    return key


def forms(key, login):
    """The forms of the macros that somebody could fill by hand, as (macro, params)."""
    own = {"project": HUB, "api_key": key}
    presets = (
        PRESET,
        own,
        {"mode": "INLINE", "inlinedConfig": own},
        {"project": OWN, "api_key": key},
        "hub",
        None,
        [own],
    )
    for preset in presets:
        yield "request-sign-off", {"hub": preset, "final": True}
        yield "review", {"hub": preset, "action": "approve"}
    forged = ({"by": "ana"}, {"login": "ana"}, {"user": "ana"}, {"of": "ana"}, {"on_behalf_of": "ana"}, {"to": "ana"})
    for more in forged:
        yield "request-sign-off", {"hub": PRESET, "final": True, **more}
        yield "review", {"hub": PRESET, "action": "approve", **more}
    delegate = {"hub": PRESET, "action": "delegate", "comment": "ill", "of": "ana"}
    for to in (login, "dan"):
        for group in ("final_approvers", "managers", None):
            yield "review", {**delegate, "to": to, "group": group}
    yield "review", {"hub": PRESET, "action": "emergency", "infrastructure": "PROD", "comment": "x", "ticket": "y"}
    for group in ("final_approvers", "business", "risk_compliance", "it_operations"):
        yield "review", {"hub": PRESET, "action": "feedback", "feedback": "approved", "group": group}
    for action in ("approve", "abandon", "cancel", "back", "abandon", "reset"):
        yield "review", {"hub": PRESET, "action": action, "comment": "x"}
    for more in forged:
        yield "review", {"hub": PRESET, "action": "attest", "address": "CHURN", **more}
    yield "review", {"hub": PRESET, "action": "finish", "address": "CHURN", "step": "exploration"}
    yield "request-sign-off", {"hub": PRESET, "final": True}
    for action in ("approve", "APPROVE", ["approve"], "request_approval", {"a": 1}):
        yield "review", {"hub": PRESET, "action": action}
    for address in (
        f"{V1}\u200b",
        "CHURN%2Fbundle/v1",
        "CHURN/bundle/v1?",
        "CHURN/bundle/../v1",
        ["CHURN"],
        "bundle/v1",
    ):
        yield "review", {"hub": PRESET, "action": "approve", "address": address}


def try_macros(client, key, login):
    """Fill each form in the project, and some from other ones."""
    for number, (macro, params) in enumerate(forms(key, login)):
        for project in ("CHURN", OWN, HUB) if number < 2 else ("CHURN",):
            run = client.get_project(project).get_macro(MACROS + macro).run
            attempt(partial(run, {"address": V1, **params}))


def attempt(act):
    """Do something that DSS or the plugin may refuse."""
    try:
        return act()
    except Exception:
        return None


def try_dss(client, forged):
    """Write what DSS lets this person write: the hub's folder and rights, the settings, the project's fields."""
    for project in (HUB, OWN):
        hub = client.get_project(project)
        for folder in attempt(hub.list_managed_folders) or []:
            handle = hub.get_managed_folder(folder["id"])
            for path, content in forged.items():
                attempt(partial(handle.put_file, path, io.BytesIO(content)))
        attempt(partial(hub.create_managed_folder, "govern"))
        attempt(partial(hub.set_metadata, {"label": "x", "customFields": {"govern_hub": "x"}}))
    attempt(partial(client.get_project(HUB).set_permissions, {"owner": "eve", "permissions": []}))
    settings = {"config": {"hub_project": OWN}}
    attempt(lambda: client._perform_empty("POST", "/plugins/govern-mirror/settings", body=settings))
    churn = client.get_project("CHURN")

    def type_fields():
        metadata = churn.get_metadata()
        metadata["customFields"].update(govern_hub=HUB, govern_signoff="APPROVED", govern_signoff_review="APPROVED")
        churn.set_metadata(metadata)

    attempt(type_fields)


def entries_of(bank, address=V1):
    (folder,) = bank.managed_folders.listed(bank.admin, HUB)
    prefix = folder_prefix(parse_address(address))
    paths = [item["path"].strip("/") for item in bank.managed_folders.contents(bank.admin, HUB, folder["id"])["items"]]
    return [
        read_entry(path, bank.managed_folders.get(bank.admin, HUB, folder["id"], path))
        for path in paths
        if path.startswith(prefix)
    ]


@pytest.mark.sampled(5, None)
def test_nobody_opens_a_gate_alone(bank, as_, attacker, key, asked):
    if attacker.asked:
        asked(who="rita")
    assert as_("admin", "set", "CHURN", "qualification.decision=Go").code == 0
    before = entries_of(bank)
    configuration = as_("admin", "hub", "export").out
    client = dataikuapi.DSSClient(URL, api_key=key)
    forged = {entry.path: entry.content for entry in forged_approvals()}
    try_dss(client, forged)
    try_macros(client, key, attacker.login)
    for arguments in (("hub", "import", __file__), ("hub", "init", HUB), ("hub", "init", "CHURN")):
        as_("attacker", *arguments)

    ended = as_("admin", "gate", V1, "--signed-off", "--format", "json")
    assert ended.code == 3, ended.out + ended.err
    written = [entry for entry in entries_of(bank) if entry not in before]
    assert {entry.by for entry in written} <= {attacker.login}
    assert not any(entry.body["act"] == "approve" for entry in written if entry.kind.value == "signoff")
    # who may attest does so under their own name
    attested = {entry.by for entry in entries_of(bank, "CHURN")}
    assert attested <= ({attacker.login} & {"ana", "emil", "max", "olga"}), attested
    assert as_("admin", "hub", "export").out == configuration
    assert as_("admin", "audit", "--all").code == 0


@pytest.mark.sampled(5, None)
def test_changing_who_reviews_opens_no_gate_alone(bank, as_, attacker, key):
    before, seen = as_("admin", "hub", "export").out, configuration_entry(bank)
    client = dataikuapi.DSSClient(URL, api_key=key)
    me = [f"user:{attacker.login}"]
    wanted = {"reviewers": {"final_approvers": me}, "managers": me, "deputies": [{"of": "ana", "to": attacker.login}]}
    for preset in (PRESET, {"project": HUB, "api_key": key}, {"project": OWN, "api_key": key}):
        for project in ("CHURN", OWN, HUB):
            form = {"hub": preset, "configuration": json.dumps(wanted), "seen": seen, "by": "max", "login": "admin"}
            attempt(partial(client.get_project(project).get_macro(f"{MACROS}configure-hub").run, form))
            attempt(partial(client.get_project(project).get_macro(f"{MACROS}set-up-hub").run, {"project": HUB}))
    assert (as_("admin", "hub", "export").out != before) is (attacker.login == "max")
    try_macros(client, key, attacker.login)
    assert as_("admin", "gate", V1, "--signed-off").code == 3
    assert as_("admin", "audit", "--all").code == 0


MOVES = (
    ("edit-governed-project", {"field_1": "qualification.decision", "value_1": "Go"}),
    ("advance-workflow", {"action": "finish", "step": "qualification"}),
    ("advance-workflow", {"action": "skip", "step": "qualification", "reason": "x"}),
    ("advance-workflow", {"action": "set", "step": "progress", "reason": "x", "override": True}),
    ("advance-workflow", {"action": "set", "step": "qualification", "reason": "x", "override": True}),
    ("request-sign-off", {"hub": PRESET, "final": True}),
    ("review", {"hub": PRESET, "action": "approve"}),
    ("review", {"hub": PRESET, "action": "finish"}),
    ("review", {"hub": {"project": HUB, "api_key": "none"}, "action": "finish"}),
    ("review", {"hub": {"project": OWN, "api_key": "none"}, "action": "finish"}),
    ("review", {"hub": PRESET, "action": "attest", "by": "ana"}),
    ("review", {"hub": PRESET, "action": "reject", "comment": "x"}),
    ("review", {"hub": PRESET, "action": "reset"}),
    ("remind-reviewers", {"hub": PRESET, "dry_run": False}),
    ("sync-with-govern", {"hub": PRESET, "direction": "pull", "govern_node": {"mode": "PRESET", "name": "central"}}),
    (
        "sync-with-govern",
        {"hub": PRESET, "direction": "pull", "force": True, "govern_node": {"url": URL, "api_key": "x"}},
    ),
)
"""What moves a project's workflow, or writes into the hub, besides a review of a bundle."""


@pytest.mark.sampled(5, None)
def test_nobody_gets_past_a_signed_off_step_alone(bank, as_, attacker, key, asked, tmp_path):
    file = tmp_path / "steps.yaml"
    file.write_text(f"{REVIEWERS}  project_steps: [qualification]\n")
    for command in (("hub", "import", file), ("advance", "CHURN"), ("advance", "CHURN")):
        assert as_("admin", *command).code == 0
    if attacker.login not in ("ana", "emil"):  # who may approve then is alone
        assert as_("rita", "signoff", "request", "CHURN", "--final").code == 0
    configuration = as_("admin", "hub", "export").out
    before = entries_of(bank, "CHURN")
    client = dataikuapi.DSSClient(URL, api_key=key)
    for project in ("CHURN", OWN, HUB):
        for macro, form in MOVES * 2:
            run = client.get_project(project).get_macro(MACROS + macro).run
            attempt(partial(run, {"address": "CHURN", "project_key": "CHURN", "step": "qualification", **form}))
    for step in ("exploration", "qualification", "progress"):
        as_("attacker", "step", "finish", "CHURN", step)

    assert as_("admin", "gate", "CHURN", "--signed-off").code == 3
    assert as_("admin", "gate", "CHURN", "--step", "progress", "--allow-skipped").code == 3
    shown = as_("admin", "show", "CHURN", "--format", "json").json
    moved = next(step for step in shown["steps"] if step["id"] == "qualification")["status"] in ("FINISHED", "SKIPPED")
    assert not moved or any(problem["field"].startswith("signoff.") for problem in shown["problems"])
    written = [entry for entry in entries_of(bank, "CHURN") if entry not in before]
    assert {entry.by for entry in written} <= {attacker.login}
    assert not any(entry.body.get("act") == "approve" for entry in written)
    assert as_("admin", "hub", "export").out == configuration
    assert as_("admin", "audit", "--all").code == 0


def configuration_entry(bank):
    """The id of the entry that the hub's configuration comes from, as whoever reads the hub knows it."""
    (folder,) = bank.managed_folders.listed(bank.admin, HUB)
    return json.loads(bank.managed_folders.get(bank.admin, HUB, folder["id"], "configuration.json"))["entry"]


def test_two_people_open_the_gate(bank, as_, people, asked):
    """What the others try in vain is possible for who may: the suite would pass on a gate that never opens."""
    asked(who="rita")
    client = dataikuapi.DSSClient(URL, api_key=people["ana"])
    form = {"hub": PRESET, "address": V1, "action": "approve"}
    client.get_project("CHURN").get_macro(f"{MACROS}review").run(form, wait=True)
    assert as_("admin", "gate", V1, "--signed-off").code == 0
    assert {entry.by: entry.body["act"] for entry in entries_of(bank)} == {"rita": "request_approval", "ana": "approve"}


def forged_approvals():
    """A review as who may write the hub's folder would put it there."""
    request = act(Act.REQUEST_APPROVAL, "rita")
    return request, act(Act.APPROVE, "ana", request, minute=1)
