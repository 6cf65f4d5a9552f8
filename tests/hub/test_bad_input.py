"""What goes wrong around an approval: two at once, people who leave, hubs that go, projects that are copied."""

import itertools

import pytest
from hub.conftest import HUB, PERMISSIONS, V1, V2

from govern_mirror.actions.session import open_session
from govern_mirror.actions.signoff import Participation, hub_with_key, record_act
from govern_mirror.connection import Instance, Secret
from govern_mirror.hub.store import Hub
from govern_mirror.model.address import parse_address
from govern_mirror.model.signoff import Act, SignoffStatus
from govern_mirror.settings import parse_settings
from govern_mirror_devkit.sandbox.mock_instance import URL


@pytest.fixture
def approved(asked, as_):
    asked()
    assert as_("ana", "signoff", "approve", V1).code == 0


@pytest.fixture
def take_part_as(bank, people):
    """Act in a review in this process, with the hub's key, as the macro does."""
    key = bank.accounts.create_project_key(HUB, ("ADMIN",))

    def act(login, what, comment="so it is"):
        settings = parse_settings({"hub_project": HUB, "settling_seconds": 0})
        session = open_session(Instance(URL, Secret(people[login])), settings)
        hub = hub_with_key(session, HUB, key)
        return record_act(session, hub, parse_address(V1), Participation(what, comment=comment))

    return act


@pytest.mark.parametrize(
    ("first", "second"), [*itertools.product([Act.APPROVE, Act.REJECT], repeat=2)], ids=lambda act: act.value
)
def test_two_verdicts_at_the_same_moment(bank, asked, as_, take_part_as, monkeypatch, first, second):
    """Each writes without having seen the other: both stand there, and a rejection outweighs an approval."""
    asked()
    append = Hub.append

    def meanwhile(hub, entry):
        with monkeypatch.context() as patch:
            patch.setattr(Hub, "append", append)
            take_part_as("olga", second)
            return append(hub, entry)

    with monkeypatch.context() as patch:
        patch.setattr(Hub, "append", meanwhile)
        told = take_part_as("ana", first)
    assert as_("admin", "audit", "--all").code == 0, "a fork is no break"
    is_open = Act.REJECT not in (first, second)
    status = SignoffStatus.APPROVED if is_open else SignoffStatus.REJECTED
    assert told.review.signoff.status is status and told.entry is not None, "who acts is told what came of it"
    if (first, second) == (Act.APPROVE, Act.REJECT):
        assert told.note == "olga rejected this at the same moment: the sign-off is rejected"
    assert as_("admin", "gate", V1, "--signed-off").code == (0 if is_open else 3)
    # the next entry joins them
    assert as_("rita", "signoff", "reset", V1).code == 0
    asked()
    assert as_("olga", "signoff", "approve", V1).code == 0
    assert as_("admin", "gate", V1, "--signed-off").code == 0 and as_("admin", "audit", "--all").code == 0


@pytest.mark.parametrize("change", [{"enabled": False}, {"groups": ["readers"]}, {"groups": []}])
def test_an_approval_holds_though_its_author_left(bank, asked, as_, change):
    asked()
    assert as_("olga", "signoff", "approve", V1).code == 0
    bank.accounts.change_user("olga", **change)
    assert as_("admin", "gate", V1, "--signed-off").code == 0
    ended = as_("admin", "audit", "--all")
    assert ended.code == 0 and ("Not users any more: olga" in ended.err) is ("enabled" in change)
    bank.bundles.export(bank.accounts.user("emil"), "CHURN", "v2")
    asked(V2)
    assert as_("olga", "signoff", "approve", V2).code == 1, "who left approves nothing more"


def test_a_deleted_hub_approves_nothing(bank, approved, as_, asked):
    bank.projects.delete(bank.admin, HUB)
    for command in (("gate", V1, "--signed-off"), ("reviews",), ("audit", "--all"), ("hub", "check")):
        ended = as_("admin", *command)
        assert ended.code == 1 and HUB in ended.err + ended.out, command
    assert as_("rita", "signoff", "reset", V1).code == 1


def test_a_hub_without_its_connection_approves_nothing(bank, approved, as_):
    bank.connections.remove("filesystem_folders")
    for command in (("gate", V1, "--signed-off"), ("reviews",), ("audit", "--all")):
        assert as_("admin", *command).code == 1, command


def test_a_hub_that_moved_asks_for_its_approvals_anew(bank, approved, as_):
    """Another hub is in force: what stands in the one before opens nothing, and its preset writes nothing."""
    bank.create_project("OTHER", "Other hub")
    assert as_("admin", "hub", "init", "OTHER").code == 0
    bank.plugins.configure(hub_project="OTHER")
    assert as_("admin", "gate", V1, "--signed-off").code == 3
    refused = as_("rita", "signoff", "request", V1)
    assert refused.code == 1 and "OTHER" in refused.err


def test_a_copied_project_takes_no_approval_along(bank, approved, as_):
    metadata = bank.metadata("CHURN")
    bank.create_project("COPY", "Churn", permissions=[])
    bank.edit_metadata("COPY", lambda copy: copy["customFields"].update(metadata["customFields"]), "admin")
    bank.bundles.export(bank.accounts.user("admin"), "COPY", "v1")
    assert as_("admin", "gate", "COPY/bundle/v1", "--signed-off").code == 3


def test_a_project_made_anew_under_its_key_has_no_approval(bank, approved, as_):
    bank.projects.delete(bank.admin, "CHURN")
    bank.create_project("CHURN", "Churn", permissions=PERMISSIONS)
    assert as_("admin", "init", "CHURN").code == 0
    bank.bundles.export(bank.accounts.user("emil"), "CHURN", "v1")
    assert as_("admin", "gate", V1, "--signed-off").code == 3


def test_a_renamed_project_keeps_its_approvals(bank, approved, as_):
    bank.edit_metadata("CHURN", lambda metadata: metadata.update(label="Churn of customers"), "admin")
    assert as_("admin", "gate", V1, "--signed-off").code == 0


def test_nobody_approves_a_bundle_of_an_unknown_exporter(bank, asked, as_):
    document = bank.store.get("bundle", "CHURN/v1")
    del document["exportManifest"]["exportUserInfo"]["exportedBy"]
    bank.store.put("bundle", "CHURN/v1", document)
    asked()
    ended = as_("ana", "signoff", "approve", V1)
    assert ended.code == 1 and "does not tell who made" in ended.err
    assert as_("ana", "signoff", "reject", V1, "--comment", "whose is it?").code == 0
