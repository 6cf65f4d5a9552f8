"""The hook that `gate hook` prints lets only what is approved be deployed, and agrees with the library."""

import itertools
import json
from datetime import timedelta
from types import SimpleNamespace

import pytest
from dataikuapi.dss.projectdeployer import DSSProjectDeployerDeployment
from hub.conftest import COUNTS, HUB, REVIEWERS, V1
from hypothesis import given
from hypothesis import strategies as st
from support.ledger_entries import BUNDLE, NOW, word

from govern_mirror import clock
from govern_mirror.actions.deployments import deployed_bundles
from govern_mirror.actions.session import open_session
from govern_mirror.connection import Instance, Secret
from govern_mirror.dss import deployer_hook
from govern_mirror.dss.hook_text import InstalledHook, hook_text, installed_hook
from govern_mirror.hub.ledger import EntryKind, LedgerEntry, signoff_body, to_entry, to_signoff
from govern_mirror.model.govern_signoff import GovernSignoff, approved_digests, govern_signoff_of
from govern_mirror.model.reviewers import Delegation, Role
from govern_mirror.model.signoff import Act, FeedbackStatus, Signoff, SignoffEntry, SignoffStatus, signoff_of
from govern_mirror.settings import parse_settings
from govern_mirror_devkit.sandbox.mock_instance import URL

LOGINS = st.sampled_from(["ana", "ben", "dan", "rita"])
NAMES = st.lists(st.sampled_from(["user:ana", "user:ben", "group:board"]))
REVIEWER_LISTS = st.fixed_dictionaries({}, optional={"final_approvers": NAMES, "business": NAMES})
DELEGATIONS = st.builds(
    Delegation, st.sampled_from([Role.FINAL_APPROVER, Role.BUSINESS]), LOGINS, LOGINS, st.none() | st.just(NOW)
)


@st.composite
def histories(draw):
    """Entries of an item, whether or not anybody may write them: each sees some of those before."""
    entries = []
    for minute in range(draw(st.integers(0, 9))):
        parents = tuple(sorted(draw(st.sets(st.sampled_from([e.id for e in entries]))))) if entries else ()
        delegation = draw(st.none() | DELEGATIONS)
        body = SignoffEntry(
            id="", parents=(), at=NOW, step="review", by="", act=draw(st.sampled_from(Act)),
            role=draw(st.sampled_from([Role.FINAL_APPROVER, Role.BUSINESS, Role.EDITOR, Role.MANAGER])),
            on_behalf_of=draw(st.none() | LOGINS), feedback=FeedbackStatus.APPROVED, delegation=delegation,
            digest=draw(st.sampled_from(["d1", "d1", "d2"])), reviewers=draw(REVIEWER_LISTS),
            groups=draw(st.sampled_from([(), ("board",)])), barred=draw(st.sampled_from([{}, {"ana": "exported it"}])),
        )  # fmt: skip
        at = NOW + timedelta(minutes=draw(st.integers(-minute, minute)))
        kind = draw(st.sampled_from([EntryKind.SIGNOFF, EntryKind.SIGNOFF, EntryKind.SIGNOFF, EntryKind.EMERGENCY]))
        step = draw(st.sampled_from(["review", "review", "review", "other"]))
        entries.append(LedgerEntry(kind, BUNDLE, step, at, draw(LOGINS), parents, signoff_body(body)))
    return list({entry.id: entry for entry in entries}.values())


@given(histories())
def test_the_hook_agrees_with_the_library(entries):
    library = signoff_of([to_signoff(e) if e.kind is EntryKind.SIGNOFF else e for e in entries], "review")
    hook = deployer_hook.state_of([{**json.loads(e.content), "id": e.id} for e in entries], "review")
    assert hook["status"] == library.status.value
    assert (hook["verdict"] or {}).get("id") == (library.verdict.id if library.verdict else None)
    assert sorted(hook["requesters"]) == sorted(entry.by for entry in library.requested)


WAITING, APPROVED = SignoffStatus.WAITING_FOR_APPROVAL, SignoffStatus.APPROVED
WORDS = (
    {"status": WAITING},
    {"status": WAITING, "approvers": None},
    {"status": WAITING, "export": 2},
    {"status": WAITING, "artifact": "ar.2"},
    {"status": WAITING, "node": "x"},
    {"status": WAITING, "step": "other"},
    {"status": APPROVED},
    {"status": APPROVED, "approvers": ("ana", "emil")},
    {"status": APPROVED, "approved_by": "emil"},
    {"status": APPROVED, "approved_by": "ana", "approvers": None},
    {"status": APPROVED, "export": 2},
    {"status": APPROVED, "export": None},
    {"status": None},
    {"status": SignoffStatus.REJECTED},
)
"""What Govern may say, one of each kind that is judged otherwise."""


def told_in_a_row():
    for first, second, third in itertools.product(WORDS, repeat=3):
        one = word(0, [], **first)
        two = word(1, [one], **second)
        yield one, two, word(2, [two], **third)


def told_at_once():
    for first, second, third in itertools.product(WORDS, repeat=3):
        one = word(0, [], **first)
        yield one, word(1, [one], **second), word(2, [one], **third)


def told_at_once_and_joined():
    for first, second, third, last in itertools.product(WORDS[:3], WORDS, WORDS, (WORDS[6], WORDS[12])):
        one = word(0, [], **first)
        two, three = word(1, [one], **second), word(2, [one], **third)
        yield one, two, three, word(3, [two, three], **last)


def told_around_a_request():
    for first, second in itertools.product(WORDS, repeat=2):
        one = word(0, [], **first)
        body = SignoffEntry("", (), NOW, "review", "rita", Act.REQUEST_APPROVAL, Role.EDITOR, digest="d1")
        at = NOW + timedelta(minutes=1)
        request = LedgerEntry(EntryKind.SIGNOFF, BUNDLE, "review", at, "rita", (one.id,), signoff_body(body))
        yield one, request, word(2, [request], **second)


@pytest.mark.parametrize("histories_of", [told_in_a_row, told_at_once, told_at_once_and_joined, told_around_a_request])
def test_the_hook_takes_from_govern_what_the_library_takes(histories_of):
    outcomes = set()
    for entries in histories_of():
        parsed = [to_entry(entry) for entry in entries]
        stored = [{**entry.document, "id": entry.id} for entry in entries]
        govern, hook = (
            govern_signoff_of(parsed, "review", "govern"),
            deployer_hook.govern_of(stored, "review", "govern"),
        )
        assert (hook["refused"], hook["digest"]) == (govern.is_refused, govern.digest), entries
        assert (hook["said"] or {}).get("id") in {None, *(said.id for said in govern.last)}
        assert all(deployer_hook.is_of_govern(entry) for entry in stored if entry["kind"] == "govern")
        assert bool(govern.fault) != bool(govern.digest)
        outcomes.add((govern.is_refused, bool(govern.digest)))
    assert outcomes == {(False, False), (False, True), (True, False)}, "each is tried"


@given(st.sampled_from(SignoffStatus), st.booleans(), st.sampled_from(["", "d1"]), st.booleans())
def test_the_hook_weighs_both_sides_as_the_library_does(own, refused, digest, counts):
    verdict, said = {"body": {"digest": "d0"}}, {"body": {"digest": digest}}
    digest = "" if refused else digest
    taken = deployer_hook.approvals_of(
        {"status": own.value, "verdict": verdict}, {"refused": refused, "digest": digest, "said": said}, counts
    )
    govern = GovernSignoff(None, refused, digest)
    assert {approval["body"]["digest"] for _, approval in taken} == approved_digests(
        Signoff(own, digest="d0"), govern, counts=counts
    )


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none() | st.lists(st.text())))
def test_the_hook_hashes_as_the_library_does(body):
    entry = LedgerEntry(EntryKind.EMERGENCY, BUNDLE, None, NOW, "ana", (), body)
    assert deployer_hook.digest(deployer_hook.canonical(json.loads(entry.content))) == entry.id


def test_the_printed_hook_is_known_again():
    for policy in ("PREVENT", "WARN", "NO_CHECK"):
        text = hook_text(policy)
        assert f'DEFAULT_POLICY = "{policy}"' in text
        assert installed_hook(text) is InstalledHook.CURRENT
        assert installed_hook("\n" + text.replace("\n", "\r\n") + "\n\n") is InstalledHook.CURRENT
    altered = text.replace("else result.error(message)", "else result.success(message)")
    assert installed_hook(altered) is InstalledHook.ALTERED
    assert installed_hook("import os\n" + text) is InstalledHook.ALTERED
    assert installed_hook("def execute(**kwargs): pass") is InstalledHook.ABSENT


def test_an_older_hook_is_told():
    from govern_mirror.model.event import digest

    old = hook_text().split("\n", 1)[1].replace("TIMEOUT = 30", "TIMEOUT = 20").strip()
    assert installed_hook(f"# govern-mirror hook 1 {digest(old)}\n{old}") is InstalledHook.OLDER


def test_the_hook_runs_with_nothing_but_python_and_the_client():
    import ast

    tree = ast.parse(hook_text())
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported == {"functools", "hashlib", "heapq", "json", "os", "datetime", "dataikuapi"}
    assert "api_key" in hook_text() and "dkuaps" not in hook_text()


# in the Deployer -------------------------------------------------------------------------------------------------


def test_only_an_approved_bundle_is_deployed(deployer, as_, asked):
    deployer.publish()
    severity, message, deployed = deployer.deploy()
    assert (severity, deployed) == ("ERROR", False) and "its sign-off is not started" in message
    asked()
    assert deployer.deploy()[2] is False
    assert as_("ana", "signoff", "reject", V1, "--comment", "no").code == 0
    assert "rejected" in deployer.deploy()[1]
    assert as_("rita", "signoff", "reset", V1).code == 0
    asked()
    assert as_("ana", "signoff", "approve", V1).code == 0
    severity, message, deployed = deployer.deploy()
    assert (severity, deployed) == ("SUCCESS", True) and "approved by ana" in message


def test_a_bundle_whose_model_lost_its_approval_is_refused(deployer, as_, asked, tmp_path):
    bank = deployer.sandbox
    emil = bank.accounts.user("emil")
    model = bank.saved_models.create(emil, "CHURN", "Churn model", "DSS_MANAGED")
    version = f"CHURN/model/{model}/{bank.saved_models.train(emil, 'CHURN', model, 'first')}"
    bank.clock.move(timedelta(seconds=1))
    bank.bundles.export(emil, "CHURN", "v2")
    file = tmp_path / "block.yaml"
    file.write_text(f"{REVIEWERS}  models_block_bundles: true\npublished:\n  CHURN: [CHURN]\n")
    assert as_("admin", "hub", "import", file).code == 0
    for address in (version, V1.replace("v1", "v2")):
        asked(address)
        assert as_("ana", "signoff", "approve", address).code == 0
    deployer.publish("v2")
    assert deployer.deploy(bundle="v2")[0] == "SUCCESS"
    assert as_("rita", "signoff", "reset", version).code == 0
    severity, message, deployed = deployer.deploy(bundle="v2")
    assert (severity, deployed) == ("ERROR", False) and f"{version} (not started)" in message


def test_an_unapproved_bundle_is_warned_of_where_the_policy_says_so(deployer):
    deployer.publish()
    severity, message, deployed = deployer.deploy("TEST")
    assert (severity, deployed) == ("WARNING", True) and "not approved" in message
    assert deployer.deploy("DEV")[0] == "SUCCESS"


def test_what_was_published_before_it_was_exported_again_is_refused(deployer, as_, asked):
    deployer.publish()
    asked()
    assert as_("ana", "signoff", "approve", V1).code == 0
    bank = deployer.sandbox
    bank.bundles.delete(bank.admin, "CHURN", "v1")
    bank.bundles.export(bank.accounts.user("emil"), "CHURN", "v1")
    severity, message, deployed = deployer.deploy()
    assert (severity, deployed) == ("ERROR", False) and "exported again" in message


def test_what_was_published_before_the_approved_export_is_refused(deployer, as_, asked):
    deployer.publish()
    bank = deployer.sandbox
    bank.bundles.delete(bank.admin, "CHURN", "v1")
    bank.clock.move(timedelta(hours=1))
    bank.bundles.export(bank.accounts.user("emil"), "CHURN", "v1")
    bank.clock.set(None)
    asked()
    assert as_("ana", "signoff", "approve", V1).code == 0
    severity, message, deployed = deployer.deploy()
    assert (severity, deployed) == ("ERROR", False) and "published before the approved export" in message


def test_a_source_that_the_hub_does_not_list_is_refused(deployer, as_, asked, tmp_path):
    configuration = tmp_path / "others.yaml"
    configuration.write_text(f"{REVIEWERS}published:\n  CHURN: [OTHER]\n")
    assert as_("admin", "hub", "import", configuration).code == 0
    deployer.publish()
    asked()
    assert as_("ana", "signoff", "approve", V1).code == 0
    severity, message, deployed = deployer.deploy()
    assert (severity, deployed) == ("ERROR", False) and "does not list CHURN" in message


def test_an_address_with_a_slash_at_its_end_is_the_same_node(deployer, as_, asked, hook_file):
    deployer.publish()
    asked()
    assert as_("ana", "signoff", "approve", V1).code == 0
    document = json.loads(hook_file.read_text())
    document["nodes"]["design"]["url"] += "/"
    hook_file.write_text(json.dumps(document))
    assert deployer.deploy()[0] == "SUCCESS"


@pytest.mark.parametrize(
    ("configuration", "why"),
    [
        (None, "GOVERN_MIRROR_HOOK_FILE"),
        ({"nodes": {}}, "does not name the design node"),
        ({"nodes": []}, "has no nodes"),
        ({"nodes": {"design": {"url": URL, "api_key": "wrong", "hub": HUB}}}, "Nobody can say"),
        ({"nodes": {"design": {"url": URL, "api_key": "wrong"}}}, "lacks its url"),
    ],
    ids=["no file", "no nodes", "a list", "wrong key", "no hub"],
)
def test_what_the_hook_cannot_find_out_is_no_approval(deployer, hook_file, monkeypatch, configuration, why):
    deployer.publish()
    if configuration is None:
        monkeypatch.delenv("GOVERN_MIRROR_HOOK_FILE")
    else:
        hook_file.write_text(json.dumps(configuration))
    severity, message, deployed = deployer.deploy()
    assert (severity, deployed) == ("ERROR", False) and why in message


def test_without_the_hub_the_manual_route_is_found_afterwards(deployer, hook_file, hub_session):
    """As docs/gate.md says: the policy is WARN while the hub cannot be reached, and what passed is named later."""
    deployer.publish()
    bank, document = deployer.sandbox, json.loads(hook_file.read_text())
    bank.faults.set(f"GET /projects/{HUB}*:503")
    severity, message, deployed = deployer.deploy()
    assert (severity, deployed) == ("ERROR", False) and "Nobody can say" in message
    hook_file.write_text(json.dumps({**document, "policies": {"PROD": "WARN"}}))
    severity, message, deployed = deployer.deploy()
    assert (severity, deployed) == ("WARNING", True) and "Nobody can say" in message
    bank.faults.set("")
    hook_file.write_text(json.dumps(document))
    (found,) = deployed_bundles(hub_session).unapproved
    assert (found.deployment.infrastructure, str(found.address)) == ("PROD", V1)


def test_a_hub_that_was_tampered_with_lets_nothing_pass(deployer, as_, asked):
    deployer.publish()
    asked()
    assert as_("ana", "signoff", "approve", V1).code == 0
    bank = deployer.sandbox
    (folder,) = bank.managed_folders.listed(bank.admin, HUB)
    for item in bank.managed_folders.contents(bank.admin, HUB, folder["id"])["items"]:
        if b'"request_approval"' in bank.managed_folders.get(bank.admin, HUB, folder["id"], item["path"]):
            bank.managed_folders.remove(bank.admin, HUB, folder["id"], item["path"])
    severity, message, deployed = deployer.deploy()
    assert (severity, deployed) == ("ERROR", False) and "not whole" in message


@pytest.mark.parametrize(
    ("code", "said"),
    [("", "PROD2 (is not there)"), (hook_text("WARN") + "x = 1\n", "PROD2 (was altered)")],
    ids=["absent", "altered"],
)
def test_an_infrastructure_without_the_hook_is_named(deployer, as_, code, said):
    assert "all 3 infrastructures have it" in " ".join(as_("admin", "doctor").out.split())
    deployer.infrastructure("PROD2", code)
    assert said in " ".join(as_("admin", "hub", "check").out.split())


def test_a_hook_that_is_switched_off_is_named(deployer, as_):
    settings = deployer.api.get_infra("PROD").get_settings()
    settings.get_raw()["preDeploymentHooks"][0]["enabled"] = False
    settings.save()
    assert "PROD (is not there)" in " ".join(as_("admin", "hub", "check").out.split())


def test_what_was_deployed_while_the_hook_was_away_is_found(deployer, as_, asked):
    def checked():
        return " ".join(as_("admin", "hub", "check").out.split())

    deployer.publish()
    asked()
    assert as_("ana", "signoff", "approve", V1).code == 0
    assert deployer.deploy()[2] is True
    assert "all 1 deployments" in checked()
    deployer.sandbox.bundles.export(deployer.sandbox.accounts.user("emil"), "CHURN", "v2")
    deployer.publish("v2")
    deployer.infrastructure("OPEN")
    settings = deployer.api.get_infra("OPEN").get_settings()
    settings.get_raw()["preDeploymentHooks"] = []
    settings.save()
    made = deployer.api.create_deployment("slipped", "CHURN", "OPEN", "v2", "CHURN_OPEN")
    assert made.start_update().wait_for_result()["error"] is False
    assert "v2 on OPEN is not approved: its sign-off is not started" in checked()


# emergencies -----------------------------------------------------------------------------------------------------


class FakeDeployer:
    """Answers what the hook asks a Deployer for its updates, at a moment that no deployment can be held at."""

    def __init__(self, told):
        self._told = told

    def get_projectdeployer(self):
        return self

    def get_deployment(self, identifier):
        updates = [SimpleNamespace(get_raw=lambda update=update: update) for update in self._told[identifier]]
        return SimpleNamespace(list_updates=lambda: updates)


EMERGENCY = ("signoff", "emergency", V1, "--infra", "PROD", "--reason", "outage", "--ticket", "INC-1", "--hours", "2")


def test_an_emergency_lets_one_bundle_pass_on_one_infrastructure(deployer, as_):
    deployer.publish()
    deployer.infrastructure("OTHER")
    assert as_("rita", *EMERGENCY).code == 1
    assert as_("max", *EMERGENCY, "--dry-run").code == 3
    assert deployer.deploy()[0] == "ERROR"
    ended = as_("max", *EMERGENCY)
    assert ended.code == 0 and "its review is due" in ended.out
    severity, message, deployed = deployer.deploy()
    assert (severity, deployed) == ("WARNING", True) and "INC-1" in message
    assert deployer.deploy("OTHER")[0] == "ERROR"
    assert as_("admin", "audit", "--all").code == 0
    assert as_("admin", "gate", V1, "--signed-off").code == 3


def test_an_emergency_is_for_the_very_export(deployer, as_):
    assert as_("max", *EMERGENCY).code == 0
    bank = deployer.sandbox
    bank.bundles.delete(bank.admin, "CHURN", "v1")
    bank.bundles.export(bank.accounts.user("emil"), "CHURN", "v1")
    deployer.publish()
    assert deployer.deploy()[0] == "ERROR"


def test_an_emergency_of_an_older_export_keeps_no_newer_one_back(deployer, as_):
    bank = deployer.sandbox
    for _ in range(4):  # in whatever order the hook meets them
        bank.bundles.delete(bank.admin, "CHURN", "v1")
        bank.bundles.export(bank.accounts.user("emil"), "CHURN", "v1")
        assert as_("max", *EMERGENCY).code == 0
    deployer.publish()
    assert deployer.deploy()[0] == "WARNING"


def test_an_emergency_passes_once(deployer, as_):
    deployer.publish()
    assert as_("max", *EMERGENCY).code == 0
    severity, message, _ = deployer.deploy()
    assert severity == "WARNING" and "lets it pass once" in message and "not tell" not in message
    severity, message, deployed = deployer.deploy()
    assert (severity, deployed) == ("ERROR", False) and "INC-1 was used by the deployment of" in message
    again = deployer.api.list_deployments()[0]
    assert again.start_update().wait_for_result()["error"] is True, "nor by the deployment that used it"
    deployer.sandbox.clock.set(clock.now() + timedelta(minutes=1))
    assert as_("max", *EMERGENCY).code == 0
    assert deployer.deploy()[0] == "WARNING"


def test_a_deployment_that_failed_uses_no_emergency_up(deployer, as_):
    deployer.publish()
    assert as_("max", *EMERGENCY).code == 0
    node = deployer.sandbox.deployment_updates.nodes.pop("PROD")
    failed = deployer.api.create_deployment("failed", "CHURN", "PROD", "v1", "CHURN_FAILED")
    assert failed.start_update().wait_for_result()["error"] is True
    assert [update.status for update in failed.list_updates()] == ["ERROR"]
    deployer.sandbox.connect_automation("PROD", node)
    assert deployer.deploy()[0] == "WARNING"
    assert deployer.deploy()[0] == "ERROR"


def test_what_another_infrastructure_got_uses_no_emergency_up(deployer, as_):
    deployer.publish()
    assert as_("max", *EMERGENCY).code == 0
    assert deployer.deploy("TEST")[2] is True
    assert deployer.deploy()[0] == "WARNING"


def test_an_older_deployer_says_that_it_cannot_tell_what_was_used(deployer, as_, monkeypatch):
    # clients before 14.1 have no list of updates
    monkeypatch.delattr(DSSProjectDeployerDeployment, "list_updates")
    deployer.publish()
    assert as_("max", *EMERGENCY).code == 0
    for _ in range(2):
        severity, message, _ = deployer.deploy()
        assert severity == "WARNING" and "does not tell whether this was used before" in message


def test_what_still_goes_on_elsewhere_may_use_the_emergency_up():
    granted = {"at": "2026-03-01T09:00:00Z", "body": {"ticket": "INC-1"}}
    begun = int(NOW.timestamp() * 1000) + 1
    places = [{"id": "here", "infraId": "PROD"}, {"id": "there", "infraId": "PROD"}]
    settings = {"id": "here", "infraId": "PROD"}
    going_on = [{"startTimestamp": begun, "type": "UPDATE", "status": "RUNNING"}]
    told = {"here": going_on, "there": []}
    deployer = FakeDeployer(told)
    assert deployer_hook.require_unused(deployer, settings, places, granted) is True
    told["there"] = going_on
    with pytest.raises(deployer_hook.Refused):
        deployer_hook.require_unused(deployer, settings, places, granted)


@given(st.integers(-3, 30))
def test_an_emergency_ends(hours):
    body = {"infrastructure": "PROD", "until": "2026-03-01T11:00:00Z"}
    entry = {"kind": "emergency", "at": "2026-03-01T09:00:00Z", "body": body}
    passes = deployer_hook.emergencies_of([entry], "PROD", NOW + timedelta(hours=hours))
    assert passes == ([entry] if 0 <= hours < 2 else [])
    assert deployer_hook.emergencies_of([entry], "TEST", NOW) == []


@pytest.mark.parametrize("change", [("--hours", "0"), ("--hours", "9999"), ("--ticket", " "), ("--reason", "")])
def test_an_emergency_without_its_reasons_is_refused(deployer, as_, change):
    assert as_("max", *EMERGENCY, *change).code in (1, 2)
    assert as_("admin", "audit", V1).out == "Whole: 0 entries\n"


# approved in Govern ----------------------------------------------------------------------------------------------


def test_what_govern_approved_is_deployed_until_it_is_refused(deployer, side, configured):
    configured()
    deployer.publish()
    side.ask()
    side.sync()
    assert deployer.deploy()[2] is False
    side.say()
    assert deployer.deploy()[2] is False, "the hub does not know it yet"
    side.sync()
    severity, message, deployed = deployer.deploy()
    assert (severity, deployed) == ("SUCCESS", True) and "approved in Govern" in message
    settings = parse_settings({"hub_project": HUB})
    session = open_session(Instance(URL, Secret(deployer.sandbox.admin_key)), settings)
    assert deployed_bundles(session).unapproved == ()
    side.client("ana")._perform_json(
        "PUT", f"/artifact/{side.bundle}/workflow/step/review/signoff/approval", body={"status": "REJECTED"}
    )
    side.sync()
    severity, message, deployed = deployer.deploy()
    assert (severity, deployed) == ("ERROR", False) and "refused in Govern" in message
    assert {found.why for found in deployed_bundles(session).unapproved} == {
        "is not approved: its sign-off is rejected"
    }


def test_the_deployer_takes_nothing_from_govern_that_the_hub_does_not(deployer, side, configured):
    deployer.publish()
    side.approve()
    configured(COUNTS.replace("govern_approvals: true", "govern_approvals: false"))
    assert deployer.deploy()[2] is False
    configured(COUNTS.replace("id: govern,", "id: other,"))
    assert deployer.deploy()[2] is False
    configured()
    assert deployer.deploy()[2] is True
    side.export_again()
    severity, message, deployed = deployer.deploy()
    assert (severity, deployed) == ("ERROR", False) and "exported again" in message
