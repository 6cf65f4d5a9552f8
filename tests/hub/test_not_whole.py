"""An item whose ledger somebody cut or added to: nothing of it counts as approved, wherever people look."""

import json
from datetime import timedelta

import pytest
from hub.conftest import HUB, V1, V2
from support.live_page import is_a

from govern_mirror import clock
from govern_mirror.actions.deployments import deployed_bundles
from govern_mirror.actions.hub import hub_of
from govern_mirror.actions.notify import remind
from govern_mirror.actions.registry import read_registry
from govern_mirror.actions.session import connect_to
from govern_mirror.hub.ledger import CLOCK_SKEW, LedgerEntry, folder_prefix, read_entry
from govern_mirror.model.address import parse_address
from govern_mirror.settings import Settings
from govern_mirror_devkit.sandbox.mock_instance import URL


@pytest.fixture
def folder(bank):
    """The files of the hub, as who may write it reaches them."""

    class Folder:
        def __init__(self):
            (listed,) = bank.managed_folders.listed(bank.admin, HUB)
            self.id = listed["id"]

        def entries(self, address):
            paths = [item["path"].strip("/") for item in self.files()]
            prefix = folder_prefix(parse_address(address))
            read = [read_entry(path, self.get(path)) for path in paths if path.startswith(prefix)]
            return {entry.body["act"]: entry for entry in read}

        def files(self):
            return bank.managed_folders.contents(bank.admin, HUB, self.id)["items"]

        def get(self, path):
            return bank.managed_folders.get(bank.admin, HUB, self.id, path)

        def put(self, entry):
            bank.managed_folders.put(bank.admin, HUB, self.id, entry.path, entry.content)

        def remove(self, path):
            bank.managed_folders.remove(bank.admin, HUB, self.id, path)

    return Folder()


def cut(folder):
    folder.remove(folder.entries(V1)["request_approval"].path)


def add(folder):
    approval = folder.entries(V1)["approve"]
    to_come = clock.now().replace(microsecond=0) + 2 * CLOCK_SKEW
    folder.put(LedgerEntry(approval.kind, approval.item, approval.step, to_come, "ana", (approval.id,), approval.body))


def garble(folder):
    """An entry in its place in the chain, whose id is right, and which says nothing that is an act of a review."""
    last = list(folder.entries(V1).values())
    seen = {parent for entry in last for parent in entry.parents}
    heads = tuple(sorted(entry.id for entry in last if entry.id not in seen))
    body = {**last[0].body, "act": "wave through"}
    now = clock.now().replace(microsecond=0)
    folder.put(LedgerEntry(last[0].kind, last[0].item, last[0].step, now, "ana", heads, body))


@pytest.mark.parametrize("deed", [cut, add, garble])
def test_a_ledger_that_is_not_whole_approves_nothing_anywhere(bank, as_, asked, deploy, folder, hub_session, deed):
    asked()
    assert as_("ana", "signoff", "approve", V1).code == 0
    deploy("v1")
    bank.bundles.export(bank.accounts.user("emil"), "CHURN", "v2")
    deploy("v2")
    deed(folder)

    assert as_("admin", "gate", V1, "--signed-off").code == 1
    assert as_("admin", "audit", V1).code == 3
    ended = as_("admin", "items", "CHURN", "--format", "json")
    listed = {item["address"]: item for item in json.loads(ended.out)["items"]}
    assert listed[V1]["status"] is None and not listed[V1]["approved"] and "not whole" in ended.err
    assert listed[V2]["status"] == "NOT_STARTED", "what nobody touched is told all the same"
    rows = {str(row.address): row for row in read_registry(hub_session, "bundles").rows}
    assert rows[V1].words == "Cannot be read" and rows[V2].is_deployed_unapproved
    found = {str(one.address): one.why for one in deployed_bundles(hub_session).unapproved}
    assert "does not count as approved" in found[V1] and "not whole" in found[V1]
    assert "is not approved" in found[V2], "what nobody touched is told all the same"


@pytest.mark.parametrize("taken", ["configuration.json", "ledger", ""])
def test_an_auditor_is_told_of_a_configuration_that_is_gone(bank, as_, folder, taken):
    for file in folder.files():
        if taken in file["path"]:
            folder.remove(file["path"])
    for command in (("audit", "--all"), ("reviews", "--all")):
        ended = as_("admin", *command)
        assert ended.code == 3 and "configuration.json" in ended.out + ended.err, ended
    assert "as it was written" not in as_("admin", "reviews", "--all").err.replace("is not as it was written", "")


def test_a_stray_file_hides_no_review(bank, as_, asked, folder):
    asked()
    bank.managed_folders.put(bank.admin, HUB, folder.id, "ledger/.DS_Store", b"x")
    ended = as_("admin", "reviews")
    assert ended.code == 3 and V1 in ended.out
    assert ".DS_Store" in as_("admin", "audit", "--all").out


def test_a_review_cut_in_its_middle_is_not_told_as_none(bank, as_, asked, folder):
    asked()
    assert as_("rita", "signoff", "back", V1).code == 0
    cut(folder)
    ended = as_("admin", "reviews")
    assert ended.code == 1 and "not whole" in ended.err


@pytest.fixture(params=[cut, garble])
def one_of_two(bank, as_, asked, folder, request):
    """Two reviews that wait, of which the ledger of the first is not whole."""
    asked()
    assert as_("rita", "signoff", "back", V1).code == 0
    bank.bundles.export(bank.accounts.user("emil"), "CHURN", "v2")
    asked(V2)
    request.param(folder)


def test_a_broken_item_hides_no_review_of_another(as_, one_of_two):
    ended = as_("admin", "reviews")
    assert ended.code == 1 and V2 in ended.out and V1 not in ended.out
    assert f"{V1}: " in ended.err and "not whole" in ended.err and "Nothing waits" not in ended.err
    document = json.loads(as_("admin", "reviews", "--format", "json").out)
    assert [review["address"] for review in document["reviews"]] == [V2]
    ((address, message),) = [(item["address"], item["message"]) for item in document["unread"]]
    assert address == V1 and "not whole" in message


def test_home_tells_of_a_broken_item_beside_what_waits(one_of_two, page_of):
    answer = page_of("ana").get("reviews")
    assert answer.status_code == 200, answer.text
    found = is_a("reviews", answer.json)
    assert [review["address"] for review in found["reviews"]] == [V2]
    assert [item["address"] for item in found["unread"]] == [V1]


def test_a_changed_entry_is_told_though_its_item_cannot_be(bank, as_, asked, folder):
    asked()
    for file in folder.files():
        if file["path"].strip("/").startswith(folder_prefix(parse_address(V1))):
            bank.managed_folders.put(bank.admin, HUB, folder.id, file["path"], b"{}")
    ended = as_("admin", "reviews")
    assert ended.code == 1 and "not as it was written" in ended.err
    assert [item["address"] for item in json.loads(as_("admin", "reviews", "--format", "json").out)["unread"]] == [None]


def test_a_broken_item_keeps_no_reminder_back(bank, people, one_of_two, hub_session):
    key = bank.create_user("olaf", ("administrators",))
    session = connect_to(URL, key, settings=Settings(hub_project=HUB, settling_seconds=0))
    reminded = remind(session, hub_of(session), now=clock.now() + timedelta(days=3, hours=1))
    assert [str(address) for address in reminded.due] == [V2] and reminded.delivery.not_told
    ((address, message),) = [(item.address, item.message) for item in reminded.unread]
    assert str(address) == V1 and "not whole" in message


def test_a_scenario_of_reminders_fails_for_a_broken_item(as_, one_of_two):
    ended = as_("admin", "signoff", "remind")
    assert ended.code == 1 and V1 in ended.err and "not whole" in ended.err
