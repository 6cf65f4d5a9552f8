"""A review is handed over to who can act in it, and to nobody else."""

from datetime import timedelta

import pytest
from hub.conftest import V1

from govern_mirror import clock, connect_to
from govern_mirror.actions.hub import hub_of
from govern_mirror.actions.notify import remind
from govern_mirror.actions.reviews import waiting_reviews
from govern_mirror_devkit.sandbox.mock_instance import URL

MANAGER = ("--of", "ana", "--as", "final_approvers", "--comment", "ill")


@pytest.mark.parametrize("who", ["ana", "max"])
@pytest.mark.parametrize(("to", "why"), [("rita", "asked for this review"), ("emil", "exported this bundle")])
def test_handing_an_approval_to_who_is_barred_says_so(as_, bank, asked, who, to, why):
    asked()
    ended = as_(who, "signoff", "delegate", V1, "--to", to, *(MANAGER if who == "max" else ()))
    assert ended.code == 0 and f"{to} cannot approve this all the same: {to} {why}" in " ".join(ended.out.split())
    assert as_(to, "signoff", "approve", V1).code == 1


def test_who_is_barred_is_told_that_handing_over_helps_nobody(as_, bank, asked):
    bank.accounts.change_user("ana", groups=["editors"])
    asked(who="ana")
    ended = as_("ana", "signoff", "delegate", V1, "--to", "dan")
    assert "ana, for whom this is, asked for this review" in " ".join(ended.out.split())
    assert as_("dan", "signoff", "approve", V1).code == 1


def test_feedback_is_handed_over_to_who_may_not_approve(as_, bank, asked):
    asked()
    ended = as_("ben", "signoff", "delegate", V1, "--to", "emil")
    assert ended.code == 0 and "cannot" not in ended.out


def test_a_review_is_not_handed_over_until_a_time_gone_by(as_, bank, asked):
    asked()
    ended = as_("ana", "signoff", "delegate", V1, "--to", "dan", "--until", "2020-01-01T00:00:00Z")
    assert ended.code == 1 and "until 2020-01-01T00:00:00Z is over" in ended.err


def test_nobody_stands_in_for_somebody_who_left_in_any_list(as_, bank, asked, hub_session, people):
    asked()
    assert as_("ana", "signoff", "delegate", V1, "--to", "dan").code == 0
    session = connect_to(URL, bank.create_user("aud", ("administrators",)), settings=hub_session.settings)
    bank.accounts.change_user("dan", groups=["administrators"])
    mine = connect_to(URL, people["dan"], settings=hub_session.settings)
    (review,) = waiting_reviews(mine, mine=True).reviews
    assert [right.on_behalf_of for right in review.rights] == ["ana"]
    bank.accounts.change_user("ana", enabled=False)
    assert waiting_reviews(mine, mine=True).reviews == () and as_("dan", "signoff", "approve", V1).code == 1
    reminded = remind(session, hub_of(session), dry_run=True, now=clock.now() + timedelta(days=3, hours=1))
    assert "dan" not in {*reminded.delivery.told, *(login for login, _ in reminded.delivery.not_told)}
