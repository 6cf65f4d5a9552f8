"""What Govern tells of sign-offs is read as it stands there, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govern_mirror.artifact import read_reviewers, read_reviews
from govern_mirror.model.signoff import SignoffStatus

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)
PART = st.fixed_dictionaries(
    {},
    optional={
        "signoffId": st.just({"stepId": "review"}) | JSON,
        "status": st.sampled_from([status.value for status in SignoffStatus]) | JSON,
        "approverResponse": st.fixed_dictionaries({"status": st.sampled_from(["APPROVED", "REJECTED"]) | JSON}) | JSON,
        "feedbackResponses": JSON,
    },
)


def told(status, final=None, step="review"):
    item = {"signoffId": {"artifactId": "ar.1", "stepId": step}, "status": status}
    return item if final is None else {**item, "approverResponse": final}


@given(st.lists(PART, max_size=3) | JSON)
def test_whatever_govern_answers_only_a_final_approval_is_one(answer):
    for signoff in (read_reviews(answer) or {}).values():
        assert (signoff.status is None) == (signoff.fault is not None)
        if signoff.status is SignoffStatus.APPROVED:
            assert any(item.get("approverResponse", {}).get("status") == "APPROVED" for item in answer)


@given(JSON)
def test_whatever_govern_tells_of_reviewers_is_logins_or_nothing(answer):
    reviewers = read_reviewers(answer)
    assert reviewers is None or all(isinstance(login, str) and login for login in reviewers.approvers)


def test_what_is_told_is_kept():
    said = {"id": "f1", "status": "MINOR_ISSUE", "comment": "why", "groupId": "business", "userLogin": "ben"}
    item = {
        **told("APPROVED", {"status": "APPROVED", "comment": "go", "userLogin": "ana"}),
        "feedbackResponses": [said],
    }
    signoff = read_reviews([item])["review"]
    assert (signoff.status, signoff.comment, signoff.approved_by) == (SignoffStatus.APPROVED, "go", "ana")
    assert signoff.feedback == ({"status": "MINOR_ISSUE", "comment": "why", "group": "business", "by": "ben"},)


@pytest.mark.parametrize(
    "item",
    [told("APPROVED"), told("APPROVED", {}), told("APPROVED", {"status": "REJECTED"}), told("approved"), told(None),
     told("REJECTED", {"status": "APPROVED"}), told(["APPROVED"], {"status": "APPROVED"})],
)  # fmt: skip
def test_a_status_that_says_two_things_is_not_readable(item):
    signoff = read_reviews([item])["review"]
    assert signoff.status is None and signoff.fault


@pytest.mark.parametrize("listed", [None, {}, "x", [None], [{"status": "APPROVED"}], [told("APPROVED")] * 2])
def test_a_list_of_which_one_is_unclear_tells_nothing(listed):
    assert read_reviews(listed) is None


def test_a_rejection_without_its_words_is_one():
    assert read_reviews([told("REJECTED")])["review"].status is SignoffStatus.REJECTED
