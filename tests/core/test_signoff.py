"""Sign-offs: no sequence of entries leaves Govern's states, and no approval comes from whom it must not."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.signoffs import NOW, REVIEWERS, chain, entry

from govern_mirror.errors import AccessDenied, InputError, MoveRefused
from govern_mirror.model.address import Address, ItemKind, parse_address
from govern_mirror.model.entitlement import Standing, acting_right, barred
from govern_mirror.model.reviewers import Delegation, Person, Right, Role, rights_of
from govern_mirror.model.signoff import (
    MOVES,
    Act,
    Signoff,
    SignoffStatus,
    require_possible,
    signoff_of,
)
from govern_mirror.text import has_unseen

BY_ROLE = {Role(role): names for role, names in REVIEWERS.items()}
EDITOR = Standing(Person("rita"), is_editor=True)
ANA = Standing(Person("ana"), (Right(Role.FINAL_APPROVER),))


def state(entries):
    return signoff_of(entries, "review")


# the states ------------------------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from(Act), max_size=12))
def test_no_sequence_leaves_governs_states(acts):
    status, before = SignoffStatus.NOT_STARTED, None
    for n in range(len(acts)):
        origins, target = MOVES[acts[n]]
        if status in origins:
            if acts[n] in (Act.APPROVE, Act.REJECT, Act.ABANDON):
                before = status
            status = before if acts[n] is Act.CANCEL else target or status
        assert state(chain(*acts[: n + 1])).status is status


@given(st.lists(st.sampled_from(Act), max_size=8), st.sampled_from(Act))
def test_what_is_refused_beforehand_changes_nothing_after(acts, act):
    before = state(chain(*acts))
    after = state(chain(*acts, act))
    try:
        require_possible(before, act)
    except MoveRefused as refused:
        assert "sign-off is" in str(refused) and ":" in str(refused)
        assert after.status is before.status
    else:
        assert after.effective[-1] == f"e{len(acts)}"


@given(st.data())
def test_the_order_in_which_entries_are_read_does_not_matter(data):
    acts = data.draw(st.lists(st.sampled_from(Act), min_size=1, max_size=7))
    entries = []
    for n, act in enumerate(acts):
        seen = data.draw(st.lists(st.sampled_from([e.id for e in entries]), unique=True)) if entries else []
        entries.append(entry(f"e{n}", act, seen, data.draw(st.integers(0, 3))))
    assert state(data.draw(st.permutations(entries))) == state(entries)


@given(st.integers(0, 5), st.integers(0, 5), st.sampled_from([Act.REJECT, Act.ABANDON]))
def test_a_rejection_outweighs_an_approval_of_the_same_moment(first, second, act):
    request = entry("r", Act.REQUEST_APPROVAL, minute=0)
    approval = entry("a", Act.APPROVE, ["r"], 10 + first)
    against = entry("x", act, ["r"], 10 + second)
    assert state([request, approval, against]).status is not SignoffStatus.APPROVED
    # and who acts next joins both
    assert state([request, approval, against]).heads == ("a", "x")


def test_who_saw_the_approval_cannot_reject_it():
    assert state(chain(Act.REQUEST_APPROVAL, Act.APPROVE, Act.REJECT)).status is SignoffStatus.APPROVED


def test_an_entry_that_is_there_twice_is_told():
    request = entry("r", Act.REQUEST_APPROVAL)
    with pytest.raises(InputError, match="twice"):
        state([request, request])


def test_entries_in_a_circle_are_told():
    with pytest.raises(InputError, match="circle"):
        state([entry("a", Act.REQUEST_APPROVAL, ["b"]), entry("b", Act.APPROVE, ["a"])])


def test_entries_of_another_step_do_not_count():
    request = replace(entry("r", Act.REQUEST_APPROVAL), step="development")
    assert state([request, entry("a", Act.APPROVE, ["r"], 1)]).status is SignoffStatus.NOT_STARTED


def test_a_reset_begins_anew_without_feedback():
    reset = state(chain(Act.REQUEST_FEEDBACK, Act.FEEDBACK, Act.DELEGATE, Act.REJECT, Act.RESET))
    assert (reset.status, reset.feedback, reset.delegations, reset.requested) == (SignoffStatus.NOT_STARTED, {}, (), ())


# approvals that must not count -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("forged", "why"),
    [
        ({"by": "mallory"}, "not among the reviewers"),
        ({"by": "rita", "reviewers": {"final_approvers": ("user:rita",)}}, "asked for this review"),
        ({"role": Role.EDITOR}, "no final approver"),
        ({"digest": "d2"}, "another state of the item"),
        ({"barred": {"ana": "exported this bundle"}}, "exported this bundle"),
        ({"by": "dan", "on_behalf_of": "ana"}, "not among the reviewers"),
        ({"by": "mallory", "groups": ("strangers",)}, "not among the reviewers"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_an_approval_that_somebody_else_wrote_does_not_count(forged, why):
    judged = state([entry("r", Act.REQUEST_APPROVAL), entry("a", Act.APPROVE, ["r"], 1, **forged)])
    assert judged.status is SignoffStatus.WAITING_FOR_APPROVAL
    assert why in judged.refused["a"]


def test_an_approval_that_missed_a_new_request_is_late_not_forged():
    entries = [
        entry("r", Act.REQUEST_FEEDBACK),
        entry("n", Act.REQUEST_APPROVAL, ["r"], 1, digest="d2"),
        entry("a", Act.APPROVE, ["r"], 2),
    ]
    judged = state(entries)
    assert (judged.status, judged.late, judged.refused) == (SignoffStatus.WAITING_FOR_APPROVAL, ("a",), {})


def test_who_asked_at_the_same_moment_cannot_approve_either():
    entries = [
        entry("r", Act.REQUEST_APPROVAL),
        entry("s", Act.REQUEST_APPROVAL, minute=1, by="ana"),
        entry("a", Act.APPROVE, ["r", "s"], 2),
    ]
    assert "asked for this review" in state(entries).refused["a"]


def test_a_member_of_an_approving_group_approves():
    approved = entry("a", Act.APPROVE, ["r"], 1, by="olga", groups=("board",))
    assert state([entry("r", Act.REQUEST_APPROVAL), approved]).status is SignoffStatus.APPROVED


def test_a_delegate_approves_until_the_delegation_ends():
    until = NOW + timedelta(hours=1)
    handed_over = Delegation(Role.FINAL_APPROVER, "ana", "dan", until)
    entries = [entry("r", Act.REQUEST_APPROVAL), entry("d", Act.DELEGATE, ["r"], 1, delegation=handed_over)]
    for minute, status in ((59, SignoffStatus.APPROVED), (61, SignoffStatus.WAITING_FOR_APPROVAL)):
        approval = entry("a", Act.APPROVE, ["d"], minute, by="dan", on_behalf_of="ana")
        assert state([*entries, approval]).status is status


def test_who_chose_an_approver_and_then_asks_chose_nobody():
    handed_over = Delegation(Role.FINAL_APPROVER, "ana", "dan")
    chosen = entry("d", Act.DELEGATE, ["r"], 1, by="max", role=Role.MANAGER, delegation=handed_over)
    feedback_first = entry("r", Act.REQUEST_FEEDBACK)
    final = entry("f", Act.REQUEST_APPROVAL, ["d"], 2, by="max")
    approval = entry("a", Act.APPROVE, ["f"], 3, by="dan", on_behalf_of="ana")
    judged = state([feedback_first, chosen, final, approval])
    assert "not among the reviewers" in judged.refused["a"]
    # somebody else's request leaves the choice as it is
    other = state([feedback_first, chosen, replace(final, by="rita"), approval])
    assert other.status is SignoffStatus.APPROVED


# who may do what ---------------------------------------------------------------------------------------------------


def open_review(by="rita"):
    return state([entry("r", Act.REQUEST_APPROVAL, by=by)])


def test_an_approver_approves_and_an_editor_does_not():
    assert acting_right(open_review(), Act.APPROVE, ANA) == Right(Role.FINAL_APPROVER)
    with pytest.raises(AccessDenied, match="no final approver"):
        acting_right(open_review(), Act.APPROVE, EDITOR)


@pytest.mark.parametrize("act", Act)
def test_a_key_takes_no_part_in_a_review(act):
    key = Standing(Person("api:1"), (Right(Role.FINAL_APPROVER),), is_editor=True, is_manager=True)
    with pytest.raises(AccessDenied, match="a key is no person"):
        acting_right(open_review(), act, key)


@pytest.mark.parametrize("bar", ["exported_by", "trained_by", "step_written_by"])
def test_who_made_an_item_cannot_approve_it(bar):
    people = barred(open_review(), **{bar: "ana"})
    with pytest.raises(AccessDenied, match=people["ana"]):
        acting_right(open_review(), Act.APPROVE, replace(ANA, barred=people))
    # nor can anybody in their place
    deputy = Standing(Person("dan"), (Right(Role.FINAL_APPROVER, "ana"),), barred=people)
    with pytest.raises(AccessDenied, match="for whom this is"):
        acting_right(open_review(), Act.APPROVE, deputy)
    # they may still say no
    assert acting_right(open_review(), Act.REJECT, replace(ANA, barred=people)) == Right(Role.FINAL_APPROVER)


def test_who_asked_for_a_review_cannot_approve_it():
    review = open_review("ana")
    with pytest.raises(AccessDenied, match="asked for this review"):
        acting_right(review, Act.APPROVE, replace(ANA, barred=barred(review)))


def test_a_second_right_serves_where_the_first_is_barred():
    rights = (Right(Role.FINAL_APPROVER, "eve"), Right(Role.FINAL_APPROVER, "ana"))
    standing = Standing(Person("dan"), rights, barred={"eve": "exported this bundle"})
    assert acting_right(open_review(), Act.APPROVE, standing).on_behalf_of == "ana"


def test_nobody_approves_what_nobody_asked_for():
    unknown = Signoff(status=SignoffStatus.WAITING_FOR_APPROVAL)
    with pytest.raises(MoveRefused, match="nobody knows who asked"):
        acting_right(unknown, Act.APPROVE, ANA)


def test_a_reviewer_in_two_groups_says_in_which():
    both = Standing(Person("ben"), (Right(Role.BUSINESS), Right(Role.RISK_COMPLIANCE)))
    with pytest.raises(InputError, match="say in which group"):
        acting_right(open_review(), Act.FEEDBACK, both)
    assert acting_right(open_review(), Act.FEEDBACK, both, Role.BUSINESS) == Right(Role.BUSINESS)
    with pytest.raises(AccessDenied, match="not in IT & Operations"):
        acting_right(open_review(), Act.FEEDBACK, both, Role.IT_OPERATIONS)


def test_only_a_manager_hands_over_the_review_of_another():
    with pytest.raises(AccessDenied, match="only a governance manager"):
        acting_right(open_review(), Act.DELEGATE, ANA, Role.BUSINESS, of="ben")
    manager = Standing(Person("max"), is_manager=True)
    assert acting_right(open_review(), Act.DELEGATE, manager, Role.BUSINESS, of="ben") == Right(Role.MANAGER)
    with pytest.raises(InputError, match="in which role"):
        acting_right(open_review(), Act.DELEGATE, manager, of="ben")
    with pytest.raises(AccessDenied, match="no review of your own"):
        acting_right(open_review(), Act.DELEGATE, manager)


@pytest.mark.parametrize("act", [Act.BACK, Act.ABANDON])
def test_a_reader_ends_no_review(act):
    with pytest.raises(AccessDenied, match="ask one of them"):
        acting_right(open_review(), act, Standing(Person("zoe")))
    assert acting_right(open_review(), act, EDITOR) == Right(Role.EDITOR)


def test_rights_come_from_lists_groups_and_those_who_handed_over():
    handed_over = [Delegation(Role.BUSINESS, "ben", "ana"), Delegation(Role.BUSINESS, "ben", "ana", NOW)]
    rights = rights_of(Person("ana", frozenset({"board"})), BY_ROLE, handed_over, NOW)
    assert rights == (Right(Role.FINAL_APPROVER), Right(Role.BUSINESS, "ben"))
    assert rights_of(Person("olga", frozenset({"board"})), BY_ROLE, (), NOW) == (Right(Role.FINAL_APPROVER),)
    assert rights_of(Person("api:9", frozenset({"board"})), BY_ROLE, (), NOW) == ()


# addresses -------------------------------------------------------------------------------------------------------

IDS = st.text(st.characters(exclude_characters="/", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1).filter(
    lambda text: text not in (".", "..") and text == text.strip() and not has_unseen(text)
)


@given(st.from_regex(r"[A-Za-z0-9_]+", fullmatch=True), st.sampled_from(ItemKind), IDS, IDS)
def test_an_address_is_read_as_it_is_printed(key, kind, first, second):
    ids = {ItemKind.PROJECT: (), ItemKind.BUNDLE: (first,)}.get(kind, (first, second))
    address = Address(key, kind, ids)
    assert parse_address(str(address)) == address
    assert key in address.label


@pytest.mark.parametrize(
    "text",
    ["", "A/../B", "CHURN/", "CHURN/bundle", "CHURN/bundle/", "CHURN/bundle/..", "CHURN/bundle/a/b", "CHURN/model/m",
     "CHURN/model//v", "CHURN/model/m/\x1b", "CHURN/project", "CHURN/Bundle/x", "CHURN?/bundle/x", "C/agent/a/v/w",
     "C/bundle/v1 ", "C/model/ m/v"],
)  # fmt: skip
def test_what_is_no_address_is_refused(text):
    with pytest.raises(InputError, match="use KEY"):
        parse_address(text)
