"""Which bundles and versions are superseded: of each model one review waits, and nothing unknown is taken for older."""

import json
from datetime import datetime, timedelta, timezone

import pytest
from hub.conftest import V1
from hypothesis import given
from hypothesis import strategies as st

from govern_mirror.actions.items import GovernedItem, lineage, older_reviews, superseded_items
from govern_mirror.actions.signoff_state import ItemStanding
from govern_mirror.model.address import Address, ItemKind
from govern_mirror.model.govern_signoff import GovernEntry, GovernSignoff
from govern_mirror.model.reviewers import Role
from govern_mirror.model.signoff import Act, Signoff, SignoffEntry, SignoffStatus

START = datetime(2026, 11, 1, tzinfo=timezone.utc)


def at(seconds):
    return START + timedelta(seconds=seconds)


def request(address, seconds, subject):
    return SignoffEntry(
        f"{address}-{seconds}", (), at(seconds), "review", "rita", Act.REQUEST_APPROVAL, Role.EDITOR, subject=subject
    )


SUBJECTS = st.sampled_from([{}, *({"trained_on": trained} for trained in (5, 6, "x", None)), {"definition": "d"}])
ADDRESSES = st.builds(
    Address,
    st.sampled_from(["A", "B"]),
    st.sampled_from([ItemKind.MODEL_VERSION, ItemKind.AGENT_VERSION]),
    st.tuples(st.sampled_from(["m", "n"]), st.sampled_from("123456")),
)


@given(st.dictionaries(ADDRESSES, st.tuples(st.integers(0, 3), SUBJECTS, st.sampled_from(SignoffStatus)), max_size=12))
def test_of_each_model_exactly_one_review_waits(asked):
    signoffs = {
        address: Signoff(status=status, requested=(request(address, seconds, subject),))
        for address, (seconds, subject, status) in asked.items()
    }
    replaced = older_reviews(signoffs)
    waiting = [address for address, signoff in signoffs.items() if signoff.status.is_open]
    left = [lineage(address) for address in waiting if address not in replaced]
    assert sorted(left) == sorted({lineage(address) for address in waiting})
    for address, newer in replaced.items():
        assert newer not in replaced and signoffs[address].requested[0].at <= signoffs[newer].requested[0].at


BUNDLES = st.builds(Address, st.just("A"), st.just(ItemKind.BUNDLE), st.tuples(st.sampled_from("123")))
ITEMS = st.lists(
    st.builds(
        GovernedItem,
        ADDRESSES | BUNDLES,
        st.none(),
        st.none() | st.integers(0, 3).map(at),
        st.none(),
        st.none() | st.booleans(),
    ),
    unique_by=lambda item: item.address,
    max_size=10,
)


@given(ITEMS)
def test_neither_the_latest_nor_what_is_used_is_superseded(items):
    superseded = superseded_items(items)
    for item in items:
        if item.is_active or item.made_on is None:
            assert item.address not in superseded
        others = [o.made_on for o in items if o.made_on and lineage(o.address) == lineage(item.address)]
        if item.made_on and item.made_on == max(others):
            assert item.address not in superseded


@pytest.mark.parametrize("status", [*SignoffStatus, None])
def test_what_was_reviewed_in_govern_is_not_superseded(status):
    said = GovernEntry("e", (), at(1), "review", "sync", "govern", "ar.1", status)
    older, newer = (Address("A", ItemKind.BUNDLE, (id_,)) for id_ in ("v1", "v2"))
    items = [
        GovernedItem(older, None, at(0), None, standing=ItemStanding(Signoff(), GovernSignoff(said))),
        GovernedItem(newer, None, at(5), None, standing=ItemStanding(Signoff())),
    ]
    assert superseded_items(items) == ({older} if status is SignoffStatus.NOT_STARTED else set())


# with a hub -------------------------------------------------------------------------------------------------------


def listed(as_, who="admin"):
    items = json.loads(as_(who, "items", "CHURN", "--format", "json").out)["items"]
    return {item["address"]: item for item in items}


@pytest.fixture
def trained(bank):
    """A model with two versions; their addresses, the older first."""
    trainer = bank.accounts.user("emil")
    model = bank.saved_models.create(trainer, "CHURN", "Churn model", "DSS_MANAGED", identifier="MODEL")
    addresses = []
    bank.clock.move(-timedelta(days=3))  # whoever looks has the present
    for _ in range(2):
        bank.clock.move(timedelta(days=1))
        addresses.append(f"CHURN/model/{model}/{bank.saved_models.train(trainer, 'CHURN', model)}")
    return addresses


def ask(as_, *addresses):
    for address in addresses:
        ended = as_("rita", "signoff", "request", address, "--final")
        assert ended.code == 0, ended.err


def waiting(as_, who="admin"):
    return [review["address"] for review in json.loads(as_(who, "reviews", "--format", "json").out)["reviews"]]


def test_the_review_of_a_deleted_version_hides_no_other(bank, as_, trained):
    older, newer = trained
    ask(as_, older, newer)
    assert waiting(as_) == [newer]
    bank.saved_models.activate(bank.accounts.user("emil"), "CHURN", "MODEL", older.rpartition("/")[2])
    bank.saved_models.delete_versions(bank.accounts.user("emil"), "CHURN", "MODEL", [newer.rpartition("/")[2]])
    assert older in waiting(as_), "it can be approved, so that it waits"
    assert as_("ana", "signoff", "approve", older).code == 0


def test_a_review_asked_for_anew_is_the_one_that_waits(bank, as_, trained):
    older, newer = trained
    ask(as_, older)
    assert as_("ana", "signoff", "reject", older, "--comment", "no").code == 0
    bank.clock.move(timedelta(minutes=1))
    ask(as_, newer)
    assert waiting(as_) == [newer] and not listed(as_)[newer]["superseded"]
    bank.clock.move(timedelta(minutes=1))
    assert as_("rita", "signoff", "reset", older).code == 0
    ask(as_, older)
    assert waiting(as_) == [older]
    assert listed(as_)[newer]["superseded"] and not listed(as_)[older]["superseded"]
    assert as_("ana", "signoff", "approve", newer).code == 1
    assert as_("ana", "signoff", "approve", older).code == 0


def test_what_nobody_can_tell_is_not_superseded(bank, as_):
    ask(as_, V1)
    assert as_("ana", "signoff", "approve", V1).code == 0
    bank.clock.move(timedelta(minutes=1))
    bank.bundles.export(bank.accounts.user("emil"), "CHURN", "v2")
    assert not listed(as_)[V1]["superseded"]
    ended = as_("rita", "items", "CHURN", "--format", "json")
    assert not {item["address"]: item for item in json.loads(ended.out)["items"]}[V1]["superseded"], ended.err


def test_a_model_that_cannot_be_listed_is_not_called_gone(bank, as_, trained):
    assert as_("rita", "advance", trained[0]).code == 0
    bank.faults.set("GET /projects/CHURN/savedmodels/MODEL:500")
    ended = as_("admin", "items", "CHURN")
    assert "not in DSS any more" not in ended.err and "MODEL" in ended.err
