"""Sign-offs in Govern, brought into the hub by the sync macro: what they open, and what nobody makes them open."""

import contextlib
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import dataikuapi
import pytest
from hub.conftest import COUNTS, GOVERN, HUB, NAMES_GOVERN, REVIEWERS, V1

from govern_mirror.actions.govern_signoffs import CHANGED_MEANWHILE, bring_in_signoffs
from govern_mirror.actions.items import items_of
from govern_mirror.actions.register import RegisterFilter, read_register, register_json
from govern_mirror.actions.registry import read_registry
from govern_mirror.actions.session import open_session
from govern_mirror.actions.signoff import hub_with_key
from govern_mirror.actions.sync import compare, govern_node
from govern_mirror.connection import Instance, Secret
from govern_mirror.govern_node import GovernNode
from govern_mirror.govern_node.items import ItemArtifacts
from govern_mirror.model.address import ItemKind
from govern_mirror.settings import parse_settings
from govern_mirror.sync.plan import Direction
from govern_mirror_devkit.sandbox.govern.app import GovernSandbox
from govern_mirror_devkit.sandbox.mock_instance import URL, mount

EVIL = "https://govern.evil.example"


def administrator(side):
    """A session with every right."""
    return open_session(Instance(URL, Secret(side.bank.admin_key)), parse_settings({"hub_project": HUB}))


# what it brings ----------------------------------------------------------------------------------------------------


def test_an_approval_that_the_hub_saw_waiting_opens_the_gate(side, gate, as_):
    side.ask()
    (row,) = side.sync()
    assert row[3] == "Waiting for approval" and gate()[0] == 3
    side.say(comment="checked")
    (row,) = side.sync()
    assert row[3:] == ["Approved", "recorded: it counts as approved"]
    assert gate() == (0, "bundle v1 of CHURN is approved as it is now, in Govern")
    told = json.loads(as_("admin", "gate", V1, "--signed-off", "--format", "json").out)
    assert told["trust"] == "attested"
    assert told["signoff"]["status"] == "NOT_STARTED" and told["signoff"]["in_govern"]["approved"] is True


def registry_row(side):
    (row,) = [row for row in read_registry(administrator(side), "bundles").rows if str(row.address) == V1]
    return row


def test_the_registry_counts_what_counts_in_govern(side, deploy):
    deploy("v1")
    side.ask()
    side.sync()
    assert registry_row(side).is_deployed_unapproved
    side.say()
    side.sync()
    row = registry_row(side)
    assert row.is_approved and row.words == "Approved in Govern" and not row.is_deployed_unapproved


def test_the_registry_tells_a_refusal_in_govern(side, asked, as_):
    asked()
    assert as_("ana", "signoff", "approve", V1).code == 0
    side.ask()
    side.say("REJECTED")
    side.sync()
    row = registry_row(side)
    assert row.approval.value == "rejected" and not row.is_approved and row.words == "Refused in Govern"


def test_an_entry_holds_what_govern_answered_and_who_asked(side):
    side.signoff().update_status("WAITING_FOR_FEEDBACK")
    side.signoff("ana").add_feedback("business", "MINOR_ISSUE", "thresholds")
    side.ask()
    side.sync()
    side.say(comment="checked")
    side.sync()
    entry = side.entries()[-1]
    body = entry["body"]
    assert (entry["kind"], entry["by"], entry["step"]) == ("govern", "rita", "review")
    assert (body["node"], body["artifact"], body["status"], body["comment"]) == (
        "govern", side.bundle, "APPROVED", "checked",
    )  # fmt: skip
    assert body["said"] == [{"status": "MINOR_ISSUE", "comment": "thresholds"}]
    assert body["approvers"] == ["ana", "olga"] and body["barred"] == {"emil": "exported this bundle"}
    assert body["subject"]["bundle"] == "v1" and body["role"] == "govern"


def test_a_second_sync_writes_nothing(side):
    side.approve()
    before = side.entries()
    assert side.sync() == [] and side.entries() == before


def test_a_dry_run_records_nothing(side):
    side.ask()
    (row,) = side.sync(dry_run=True)
    assert row[3] == "Waiting for approval" and side.entries() == []


def test_a_model_version_approved_in_govern_counts(side, bank, gate):
    bank.saved_models.create(bank.accounts.user("emil"), "CHURN", "Churn", "DSS_MANAGED", identifier="mdl")
    bank.saved_models.train(bank.accounts.user("emil"), "CHURN", "mdl", "a", active=True)
    item = side.govern.items.know_model_version(bank.node_id, "CHURN", "mdl", "a")
    side.bundle = side.govern.items.govern_model_version(side.project, item).id
    side.approve()
    assert gate("CHURN/model/mdl/a")[0] == 0


def test_what_govern_says_of_a_model_holds_for_its_bundle(side, bank, gate, asked, as_, configured):
    emil, model, bundle = bank.accounts.user("emil"), "CHURN/model/mdl/a", "CHURN/bundle/v2"
    bank.saved_models.create(emil, "CHURN", "Churn", "DSS_MANAGED", identifier="mdl")
    bank.saved_models.train(emil, "CHURN", "mdl", "a", active=True)
    bank.clock.move(timedelta(seconds=1))
    bank.bundles.export(emil, "CHURN", "v2")
    configured(COUNTS.replace("switches:", "switches:\n  models_block_bundles: true"))
    item = side.govern.items.know_model_version(bank.node_id, "CHURN", "mdl", "a")
    side.bundle = side.govern.items.govern_model_version(side.project, item).id
    asked(bundle)
    assert as_("ana", "signoff", "approve", bundle).code == 1, "nobody approved the model yet"
    side.approve()
    assert as_("ana", "signoff", "approve", bundle).code == 0
    assert gate(bundle)[0] == 0
    side.signoff().update_status("NOT_STARTED")
    side.ask()
    side.say("REJECTED")
    side.sync()
    asked(model)
    assert as_("ana", "signoff", "approve", model).code == 0
    code, reason = gate(bundle)
    assert code == 3 and model in reason, "rejected in Govern, whatever is said here"


def test_the_register_shows_what_was_said_in_govern(side):
    side.approve()
    session = administrator(side)
    shown = register_json(read_register(session, RegisterFilter(act="govern")), session.blueprint)["entries"][0]
    assert shown["words"] == "recorded what Govern says: approved" and shown["comment"] == "fine"


def test_the_items_show_govern_beside_the_hub(side, as_):
    side.approve()
    (item,) = json.loads(as_("admin", "items", "CHURN", "--format", "json").out)["items"]
    assert item["approved"] is True and item["status"] == "NOT_STARTED"
    assert item["govern"] == {"status": "APPROVED", "trust": "recorded", "counts": True, "why_not": None}


# what it does not open ---------------------------------------------------------------------------------------------


def test_an_approval_from_before_the_hub_looked_opens_nothing(side, gate):
    side.ask()
    side.say()
    (row,) = side.sync()
    assert "before the hub had seen" in row[4]
    code, reason = gate()
    assert code == 3 and "before the hub had seen" in reason
    # the way out that the message names
    side.signoff().update_status("NOT_STARTED")
    side.approve()
    assert gate()[0] == 0


def test_a_bundle_exported_again_after_the_approval_is_not_approved(side, gate):
    side.approve()
    side.export_again()
    assert gate()[0] == 3
    (row,) = side.sync()
    assert "before the hub had seen" in row[4]
    assert gate()[0] == 3


def test_a_bundle_exported_again_between_two_syncs_is_not_approved(side, gate):
    side.ask()
    side.sync()
    side.say()
    side.export_again()
    side.sync()
    assert gate()[0] == 3


def test_a_bundle_exported_again_before_it_was_approved_counts(side, gate):
    side.ask()
    side.sync()
    side.export_again()
    assert len(side.sync()) == 1
    side.say()
    side.sync()
    assert gate()[0] == 0


def test_a_rejection_in_govern_outweighs_an_approval_here(side, gate, asked, as_):
    asked()
    assert as_("ana", "signoff", "approve", V1).code == 0
    assert gate()[0] == 0
    side.ask()
    side.say("REJECTED")
    side.sync()
    code, reason = gate()
    assert code == 3 and "in Govern it is rejected" in reason
    side.signoff().update_status("NOT_STARTED")
    side.sync()
    assert gate()[0] == 0


def test_a_rejection_here_outweighs_an_approval_in_govern(side, gate, asked, as_):
    side.approve()
    asked()
    assert as_("ana", "signoff", "reject", V1, "--comment", "no").code == 0
    code, reason = gate()
    assert code == 3 and "rejected" in reason


def test_an_approval_taken_back_in_govern_closes_the_gate(side, gate):
    side.approve()
    side.signoff().update_status("NOT_STARTED")
    side.sync()
    assert gate()[0] == 3


def test_what_is_archived_in_govern_approves_nothing_any_more(side, gate):
    side.approve()
    side.govern.node.edit(side.bundle, lambda document: document.update(archived=True))
    (row,) = side.sync()
    assert row[3] == "not readable" and gate()[0] == 3
    assert side.sync() == []
    side.govern.node.edit(side.bundle, lambda document: document.update(archived=False))
    side.sync()
    assert gate()[0] == 0, "the same export all the time"


def test_approvals_in_govern_do_not_count_unless_the_hub_says_so(side, gate, configured):
    configured(f"{REVIEWERS}{NAMES_GOVERN}")
    rows = side.approve()
    assert "do not count" in rows[0][4]
    code, reason = gate()
    assert code == 3 and "which does not count in this hub" in reason
    configured()
    assert gate()[0] == 0


def test_who_exported_the_bundle_does_not_approve_it_in_govern(side, gate):
    side.role("ro.final_approver", "emil")
    side.ask()
    side.sync()
    side.say(login="emil")
    (row,) = side.sync()
    assert "could have been emil" in row[4] and gate()[0] == 3


def test_who_is_no_approver_in_the_hub_approves_nothing_in_govern(side, gate):
    """Who may write a Govern project chooses its final approvers there, themselves among them."""
    side.role("ro.final_approver", "ana", "rita")
    side.ask()
    side.sync()
    side.say(login="rita")
    side.role("ro.final_approver", "ana")
    (row,) = side.sync()
    assert "could have been rita, who is no final approver in the hub" in row[4] and gate()[0] == 3


def test_an_approver_who_came_while_it_waited_is_seen(side, gate):
    side.ask()
    assert len(side.sync()) == 1 and side.sync() == []
    side.role("ro.final_approver", "ana", "rita")
    assert len(side.sync()) == 1 and side.sync() == []
    side.say(login="rita")
    side.role("ro.final_approver", "ana")
    side.sync()
    assert gate()[0] == 3
    side.signoff().update_status("NOT_STARTED")
    side.approve()
    assert gate()[0] == 0


def test_an_agent_is_not_approved_by_govern(side, bank, gate):
    bank.saved_models.create(bank.accounts.user("emil"), "CHURN", "Bot", "PYTHON_AGENT", identifier="bot")
    items = items_of(administrator(side), "CHURN").items
    address = next(str(item.address) for item in items if item.address.kind is ItemKind.AGENT_VERSION)
    model, version = address.split("/")[2:]
    item = side.govern.items.know_model_version(bank.node_id, "CHURN", model, version)
    side.bundle = side.govern.items.govern_model_version(side.project, item).id
    rows = side.approve()
    assert "edited in place" in rows[0][4] and gate(address)[0] == 3


# attacks -----------------------------------------------------------------------------------------------------------


def test_a_sync_without_the_hubs_preset_records_nothing(side, gate):
    side.ask()
    assert side.sync(hub=None) == []
    side.say()
    assert side.sync(hub=None) == [] and side.entries() == []
    assert gate()[0] == 3


def test_who_may_not_use_the_hubs_preset_records_nothing(side, bank):
    (preset,) = [p for p in bank.plugins._stored()["presets"] if p["name"] == "hub"]
    bank.plugins.add_preset("governance-hub", "closed", groups=("board",), **preset["config"])
    side.ask()
    with pytest.raises(Exception, match="may not use the preset"):
        side.sync(hub="closed")
    assert side.entries() == []


@pytest.fixture
def impostor(bank, network):
    """Somebody's own Govern node, which says that it is the right one, and that v1 waits for them."""
    with contextlib.closing(GovernSandbox()) as sandbox, sandbox.reached_at(EVIL):
        mount(network, sandbox.wsgi, EVIL)
        item = sandbox.node.register_dataiku_project(bank.node_id, "CHURN")
        project = sandbox.node.govern("Churn", item.id).id
        sandbox.reviews.reviewers.role_members["ro.final_approver"] = [{"type": "user", "login": "ana"}]
        bundle = sandbox.items.govern_bundle(project, sandbox.items.know_bundle(bank.node_id, "CHURN", "v1"))
        yield sandbox, bundle.id


@pytest.mark.parametrize("form", ["preset", "values", "inline"])
def test_a_node_of_ones_own_opens_nothing(side, bank, gate, impostor, form):
    sandbox, bundle = impostor
    values = {"url": EVIL, "api_key": sandbox.api_key}
    bank.plugins.add_preset("govern-node", "evil", **values)
    choice = {
        "preset": {"mode": "PRESET", "name": "evil"},
        "values": values,
        "inline": {"mode": "INLINE", "inlinedConfig": values},
    }[form]
    key = sandbox.create_user("ana")
    for step in ("wait", "approve"):
        signoff = dataikuapi.GovernClient(EVIL, sandbox.api_key if step == "wait" else key)
        signoff = signoff.get_artifact(bundle).get_signoff("review")
        if step == "wait":
            signoff.update_status("WAITING_FOR_APPROVAL")
        else:
            signoff.add_approval("APPROVED")
        if form == "inline":
            with pytest.raises(Exception, match="cannot be given in a form"):
                side.sync(govern_node=choice)
        else:
            (row,) = side.sync(govern_node=choice)
            assert "another address" in row[4]
    assert side.entries() == [] and gate()[0] == 3


def test_the_right_node_at_another_address_is_not_believed(side, configured, gate):
    configured(COUNTS.replace(GOVERN, "https://govern.bank.example"))
    side.ask()
    (row,) = side.sync()
    assert "another address" in row[4] and side.entries() == []


def test_another_node_than_the_hub_names_is_told_and_not_counted(side, configured, gate):
    side.approve()
    assert gate()[0] == 0
    side.govern.node_id = "govern-new"
    before = side.entries()
    (row,) = side.sync()
    assert "says that it is govern-new" in row[4] and side.entries() == before
    configured(COUNTS.replace("id: govern,", "id: govern-new,"))
    assert gate()[0] == 3, "what the node before said counts no more"
    assert "before the hub had seen" in side.sync()[0][4]
    assert gate()[0] == 3


def test_a_hub_that_names_no_govern_node_takes_nothing(side, configured, gate):
    configured(REVIEWERS)
    side.ask()
    (row,) = side.sync()
    assert "names no Govern node" in row[4] and side.entries() == []


def test_metadata_of_the_project_opens_nothing(side, bank, gate):
    def forge(metadata):
        approved = json.dumps({V1: {"status": "APPROVED", "node": "govern"}})
        metadata["customFields"].update(govern_items=approved, govern_signoff="APPROVED", govern_hub="x")

    bank.edit_metadata("CHURN", forge)
    side.sync()
    assert gate()[0] == 3


def forged_in_govern(side, artifact, **fields):
    """An editor changes fields of an artifact that they may write, through the client."""
    definition = side.client("rita").get_artifact(artifact).get_definition()
    definition.get_raw()["fields"].update(fields)
    definition.save()


def test_an_editor_in_govern_points_no_approval_at_another_bundle(side, bank, gate):
    bank.bundles.export(bank.accounts.user("emil"), "CHURN", "v2")
    other = side.govern.items.know_bundle(bank.node_id, "CHURN", "v2")
    side.approve()
    forged_in_govern(side, side.bundle, dataiku_item=[other.id])
    forged_in_govern(side, other.id, governed_by=side.bundle)
    side.sync()
    assert gate("CHURN/bundle/v2")[0] == 3
    assert gate()[0] == 3, "and Govern governs the first one no more"


def test_an_editor_in_govern_adds_no_bundle_to_an_approval(side, bank, gate):
    bank.bundles.export(bank.accounts.user("emil"), "CHURN", "v2")
    other = side.govern.items.know_bundle(bank.node_id, "CHURN", "v2")
    item = side.govern.node.get(side.bundle).fields["dataiku_item"][0]
    side.ask()
    side.sync()
    forged_in_govern(side, side.bundle, dataiku_item=[item, other.id])
    side.say()
    side.sync()
    assert gate()[0] == 3 and gate("CHURN/bundle/v2")[0] == 3


def test_an_editor_in_govern_renames_no_bundle_into_another(side, bank, gate):
    bank.bundles.export(bank.accounts.user("emil"), "CHURN", "v2")
    side.ask()
    side.sync()
    forged_in_govern(side, side.bundle, description="v2", bundle_id="v2", project_key="OTHER")
    side.say()
    side.sync()
    assert gate()[0] == 0 and gate("CHURN/bundle/v2")[0] == 3


def test_two_artifacts_of_one_bundle_approve_nothing(side, bank, gate):
    side.ask()
    side.sync()
    side.govern.items.know_bundle(bank.node_id, "CHURN", "v1")
    side.say()
    rows = side.sync()
    assert any("knows it twice" in row[4] for row in rows) and gate()[0] == 3


def test_an_item_outside_the_projects_own_govern_project_approves_nothing(side, gate):
    side.ask()
    side.sync()
    forged_in_govern(side, side.project, govern_bundles=[])
    side.say()
    assert any("not under the Govern project" in row[4] for row in side.sync()) and gate()[0] == 3


def test_an_administrators_key_of_govern_approves_nothing(side, gate):
    side.ask()
    side.sync()
    with pytest.raises(Exception, match="not an approver"):
        side.signoff().add_approval("APPROVED")
    with pytest.raises(Exception, match="Unable to set the status"):
        side.signoff().update_status("APPROVED")
    assert side.sync() == [] and gate()[0] == 3


RUBBISH = [
    [],
    {},
    None,
    "APPROVED",
    [7],
    [{"status": "APPROVED"}],
    [{"signoffId": {"stepId": "review"}, "status": "APPROVED"}],
    [{"signoffId": {"stepId": "review"}, "status": "APPROVED", "approverResponse": {"status": "REJECTED"}}],
    [{"signoffId": {"stepId": "review"}, "status": "approved", "approverResponse": {"status": "APPROVED"}}],
    [{"signoffId": {"stepId": "review"}, "status": ["APPROVED"]}],
    [{"signoffId": {"stepId": "other"}, "status": "APPROVED", "approverResponse": {"status": "APPROVED"}}],
    2 * [{"signoffId": {"stepId": "review"}, "status": "APPROVED", "approverResponse": {"status": "APPROVED"}}],
]


@pytest.mark.sampled(4, None)
@pytest.mark.parametrize("answer", RUBBISH, ids=lambda answer: repr(answer)[:60])
def test_a_damaged_sign_off_is_no_approval_and_not_unstarted(side, gate, monkeypatch, answer):
    side.ask()
    side.sync()
    items = GovernNode.items
    monkeypatch.setattr(GovernNode, "items", lambda node: ItemArtifacts(items(node).by_blueprint))
    monkeypatch.setattr(GovernNode, "signoffs", lambda node, artifact_id: answer)
    rows = side.sync()
    assert "not readable" in [row[3] for row in rows] and gate()[0] == 3
    last = [entry for entry in side.entries() if entry["step"] == "review"][-1]
    assert "status" not in last["body"] and last["body"]["fault"]
    assert side.sync() == [], "and nothing more of it the next time"


def test_govern_that_does_not_answer_changes_nothing(side, gate, govern):
    side.ask()
    side.sync()
    side.say()
    before = side.entries()
    govern.faults.set("GET /artifact/*:403")
    assert any("403" in row[4] or "may not" in row[4] for row in side.sync()) and side.entries() == before
    assert gate()[0] == 3
    govern.faults.set("POST /artifacts/search:503@2+")
    side.sync()
    assert side.entries() == before


def test_a_huge_answer_of_govern_does_not_lock_the_hub(side, gate, as_):
    side.ask()
    side.sync()
    side.say(comment="x" * 3_000_000)
    side.sync()
    assert len(side.entries()[-1]["body"]["comment"]) == 2000 and gate()[0] == 0


# at the same moment --------------------------------------------------------------------------------------------------


def test_two_syncs_at_once_leave_a_whole_ledger_and_an_open_gate(side, gate):
    side.ask()
    side.sync()
    side.say()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(side.sync, ("rita", "admin")))
    assert gate()[0] == 0
    side.sync()
    assert gate()[0] == 0 and side.sync() == []


def test_a_bundle_exported_again_while_govern_is_asked_is_not_bound(side, gate, monkeypatch):
    side.ask()
    side.sync()
    side.say()
    signoffs = GovernNode.signoffs

    def meanwhile(node, artifact_id):
        side.export_again()
        return signoffs(node, artifact_id)

    with monkeypatch.context() as patch:
        patch.setattr(GovernNode, "signoffs", meanwhile)
        # in this process, so that the other export comes in between
        (reading,) = brought_in(side)
    assert reading.said.fault == CHANGED_MEANWHILE and reading.said.digest == ""
    assert gate()[0] == 3
    side.sync()
    assert gate()[0] == 3


def test_a_sync_that_asked_earlier_takes_back_nothing(side, gate):
    side.approve()
    before = side.entries()
    side.signoff().update_status("NOT_STARTED")
    assert brought_in(side, now=datetime.now(timezone.utc) - timedelta(hours=1)) == ()
    assert side.entries() == before
    (reading,) = brought_in(side)
    assert reading.said.status.value == "NOT_STARTED" and gate()[0] == 3


def test_a_sync_brings_in_nothing_of_projects_that_one_does_not_see(side, bank, as_):
    bank.create_project("SECRET", "Secret")
    assert as_("admin", "init", "SECRET").code == 0
    bank.bundles.export(bank.admin, "SECRET", "v1")
    item = side.govern.node.register_dataiku_project(bank.node_id, "SECRET")
    project = side.govern.node.govern("Secret", item.id).id
    side.govern.items.govern_bundle(project, side.govern.items.know_bundle(bank.node_id, "SECRET", "v1"))
    assert "SECRET" not in str(side.sync()) and side.entries("SECRET/bundle/v1") == []
    assert "SECRET" in str(side.sync("admin")) and len(side.entries("SECRET/bundle/v1")) == 1


def brought_in(side, now=None):
    """What a sync of rita brings in, in this process."""
    settings = parse_settings({"hub_project": HUB, "settling_seconds": 0})
    session = open_session(Instance(URL, Secret(side.people["rita"])), settings)
    hub = hub_with_key(session, HUB, side.bank.accounts.create_project_key(HUB, ("ADMIN",)))
    node = govern_node(session, GOVERN, side.govern.api_key)
    return bring_in_signoffs(session, hub, node, compare(session, node, Direction.PULL), now=now).readings


# reviewers ----------------------------------------------------------------------------------------------------


def all_rows(side, **params):
    project = dataikuapi.DSSClient(URL, api_key=side.people["rita"]).get_project("CHURN")
    macro = project.get_macro("pyrunnable_govern-mirror_sync-with-govern")
    presets = {"govern_node": {"mode": "PRESET", "name": "central"}, "hub": {"mode": "PRESET", "name": "hub"}}
    return macro.get_result(macro.run(params={**presets, **params}), as_type="json")["records"]


def test_whom_govern_asks_is_a_proposal_only(side, as_):
    before = as_("admin", "hub", "export").out
    (row,) = [row for row in all_rows(side) if row[1] == "Reviewers"]
    assert "Business: ana (the hub has user:ben)" in row[4] and "Risk & Compliance: nobody" in row[4]
    assert "final approver" not in row[4], "ana and olga of the board, as in the hub"
    assert as_("admin", "hub", "export").out == before
