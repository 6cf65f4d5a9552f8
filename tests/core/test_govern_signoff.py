"""What Govern says approves nothing but what the hub saw wait for it, and a refusal anywhere wins."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govern_mirror.model.govern_signoff import (
    REFUSALS,
    GovernEntry,
    GovernSignoff,
    approved_digests,
    govern_signoff_of,
)
from govern_mirror.model.signoff import Signoff, SignoffStatus

NOW = datetime(2026, 3, 1, 9, tzinfo=timezone.utc)
APPROVED, WAITING, REJECTED = SignoffStatus.APPROVED, SignoffStatus.WAITING_FOR_APPROVAL, SignoffStatus.REJECTED
OPEN = [status for status in SignoffStatus if status is not APPROVED and status not in REFUSALS]


def said(id_, status, digest="d1", parents=(), **more):
    values = {"node": "govern", "artifact": "ar.1", "approvers": ("ana",), "barred": {"emil": "exported it"}, **more}
    at = NOW + timedelta(minutes=int(id_[1:].rstrip("b")))
    return GovernEntry(id_, tuple(parents), at, "review", "rita", status=status, digest=digest, **values)


def chain(*steps, **more):
    """What Govern said one after the other: a status, or a status and a digest."""
    entries = []
    for number, step in enumerate(steps):
        status, digest = step if isinstance(step, tuple) else (step, "d1")
        parents = [f"e{number - 1}"] if number else []
        entries.append(said(f"e{number}", status, digest, parents, **more))
    return entries


def state(entries, node="govern"):
    return govern_signoff_of(entries, "review", node)


@pytest.mark.parametrize(
    ("steps", "digest"),
    [
        ([], ""),
        ([APPROVED], ""),
        ([WAITING], ""),
        ([WAITING, APPROVED], "d1"),
        ([SignoffStatus.NOT_STARTED, APPROVED], "d1"),
        ([REJECTED, APPROVED], "d1"),
        ([(WAITING, "d0"), APPROVED], ""),
        ([(WAITING, "d0"), WAITING, APPROVED], "d1"),
        ([WAITING, APPROVED, (APPROVED, "d2")], ""),
        ([WAITING, (APPROVED, "d2"), APPROVED], ""),
        ([WAITING, None, APPROVED], "d1"),
        ([None, APPROVED], ""),
        ([WAITING, APPROVED, None], ""),
        ([WAITING, APPROVED, None, APPROVED], "d1"),
        ([WAITING, (None, "d2"), APPROVED], ""),
        ([WAITING, APPROVED, WAITING], ""),
        ([(WAITING, ""), (APPROVED, "")], ""),
        ([WAITING, APPROVED, APPROVED], "d1"),
    ],
)
def test_an_approval_binds_to_what_was_seen_waiting(steps, digest):
    assert state(chain(*steps)).digest == digest


HISTORIES = st.lists(st.tuples(st.sampled_from([None, *SignoffStatus]), st.sampled_from(["", "d1", "d2"])), max_size=7)


@given(HISTORIES)
def test_whatever_is_approved_was_seen_unapproved_as_the_same(history):
    result = state(chain(*history))
    assert bool(result.digest) != bool(result.fault)
    if result.digest:
        status, digest = history[-1]
        assert (status, digest) == (APPROVED, result.digest) and not result.is_refused
        before = history[:-1]
        while before[-1][0] in (None, APPROVED):
            assert before.pop()[1] == digest, "another in between"
        assert before[-1][1] == digest


@given(HISTORIES, st.sampled_from(sorted(REFUSALS)))
def test_a_refusal_stays_until_it_is_reset_where_it_was_given(history, refusal):
    refused = chain(*history, refusal)
    for more in ([], [None], [None, None]):
        result = state(chain(*history, refusal, *more))
        assert result.is_refused and not result.digest
    assert state(refused).status is refusal
    for reset in OPEN:
        assert not state(chain(*history, refusal, reset)).is_refused


@given(HISTORIES, st.randoms(use_true_random=False))
def test_the_order_in_which_files_are_read_does_not_matter(history, random):
    entries = chain(*history)
    shuffled = random.sample(entries, len(entries))
    assert state(shuffled) == state(entries)


@given(HISTORIES)
def test_another_node_says_nothing(history):
    entries = chain(*history)
    assert state(entries, "other") == GovernSignoff() == state(entries, None)


def test_another_artifact_of_the_item_inherits_nothing():
    waiting, approved = chain(WAITING, APPROVED)
    assert state([waiting, replace(approved, artifact="ar.2")]).digest == ""


def test_two_syncs_at_once_that_saw_the_same_count_as_one():
    waiting, approved = chain(WAITING, APPROVED)
    twin = replace(approved, id="e1b", by="ben")
    assert state([waiting, approved, twin]).digest == "d1"
    joined = said("e2", APPROVED, parents=["e1", "e1b"])
    assert state([waiting, approved, twin, joined]).digest == "d1"


def test_of_two_syncs_at_once_both_must_have_seen_it_approved():
    waiting, approved = chain(WAITING, APPROVED)
    for other in (*OPEN, None, *REFUSALS):
        assert state([waiting, approved, said("e2", other, parents=["e0"])]).digest == ""
    assert state([waiting, approved, said("e2", REJECTED, parents=["e0"])]).is_refused


@pytest.mark.parametrize(
    ("who", "counts"),
    [
        ({"approvers": ("ana",)}, True),
        ({"approvers": ()}, False),
        ({"approvers": None}, False),
        ({"approvers": ("ana", "emil")}, False),
        ({"approvers": ("ana", "emil"), "approved_by": "ana"}, True),
        ({"approvers": ("ana",), "approved_by": "emil"}, False),
        ({"approvers": None, "approved_by": "ana"}, True),
    ],
    ids=repr,
)
def test_who_made_it_does_not_approve_it_in_govern(who, counts):
    assert (state(chain(WAITING, APPROVED, **who)).digest == "d1") is counts


@pytest.mark.parametrize("while_waiting", [None, (), ("ana", "emil")], ids=repr)
def test_who_could_approve_while_it_waited_matters_too(while_waiting):
    waiting, approved = chain(WAITING, APPROVED)
    before = replace(waiting, approvers=while_waiting)
    assert state([before, approved]).digest == ""
    assert state([before, replace(approved, approved_by="ana")]).digest == "d1"
    unread = said("e1", None, parents=["e0"])
    assert state([before, unread, said("e2", APPROVED, parents=["e1"])]).digest == ""
    again = said("e1", WAITING, parents=["e0"])
    assert state([before, again, said("e2", APPROVED, parents=["e1"])]).digest == "d1"


@given(HISTORIES, st.sampled_from(SignoffStatus), st.booleans())
def test_a_refusal_on_either_side_outweighs_both(history, own_status, counts):
    govern, own = state(chain(*history)), Signoff(own_status, digest="d3")
    approved = approved_digests(own, govern, counts=counts)
    assert approved <= {"d3", govern.digest} - {""}
    if own_status in REFUSALS or govern.is_refused:
        assert not approved
    elif own_status is APPROVED:
        assert "d3" in approved
    assert (govern.digest in approved) <= counts
    if not approved_digests(own, GovernSignoff(), counts=True) and not counts:
        assert not approved


def test_3000_answers_of_govern_are_judged_in_seconds():
    import time

    began = time.process_time()
    state(chain(*[(WAITING, APPROVED)[number % 2] for number in range(3000)]))
    forks = [said("e0", WAITING), *(replace(said("e1", APPROVED, parents=["e0"]), id=f"f{n}") for n in range(3000))]
    assert state(forks).digest == "d1"
    assert time.process_time() - began < 5
