"""Mail about reviews: who is told of what, who is not, and what becomes of an act whose mail fails."""

from datetime import datetime, timedelta, timezone

import pytest
from hub.conftest import V1
from hypothesis import given
from hypothesis import strategies as st

from govern_mirror.hub.configuration import Configuration, parse_configuration
from govern_mirror.hub.notices import (
    DueReview,
    People,
    ReviewItem,
    Why,
    is_due,
    notices_of_act,
    notices_of_emergency,
    reminders,
)
from govern_mirror.model.address import parse_address
from govern_mirror.model.entitlement import participants, waiting_since
from govern_mirror.model.reviewers import Delegation, Right, Role
from govern_mirror.model.signoff import MOVES, Act, FeedbackStatus, SignoffEntry, signoff_of

NOW = datetime(2026, 3, 1, 9, tzinfo=timezone.utc)
DAY = timedelta(days=1)
ITEM = ReviewItem(parse_address(V1), "Review", "https://dss.example/webapps/P/x#page=review")
GROUPS = {
    login: frozenset(groups)
    for login, groups in {
        "ana": (), "olga": ("board",), "ben": (), "cleo": (), "dan": (), "rita": (), "max": ("governance",),
    }.items()
}  # fmt: skip
ADDRESSES = {login: f"{login}@bank.example" for login in GROUPS}
ASKED = {
    "final_approvers": ["user:ana", "group:board"], "risk_compliance": ["user:cleo"], "business": ["user:ben"],
}  # fmt: skip


def configured(people=None, addresses=None, **more):
    document = {"reviewers": ASKED, "addresses": ADDRESSES if addresses is None else addresses, **more}
    return parse_configuration({**document, "mail": {"people": people or {}}})


class Story:
    """What was done in a review, one act after the other."""

    def __init__(self):
        self.entries = []

    def add(self, act, by, **more):
        at = NOW + timedelta(minutes=len(self.entries))
        role = {Act.APPROVE: Role.FINAL_APPROVER, Act.REJECT: Role.FINAL_APPROVER}.get(act, Role.EDITOR)
        body = {"role": role, "digest": "d", "reviewers": ASKED, "groups": tuple(GROUPS.get(by, ())), **more}
        parents = tuple(entry.id for entry in self.entries[-1:])
        entry = SignoffEntry(f"e{len(self.entries)}", parents, at, "review", by, act, **body)
        self.entries.append(entry)
        return self

    def feedback(self, by, role, said=FeedbackStatus.APPROVED):
        return self.add(Act.FEEDBACK, by, role=role, feedback=said)

    @property
    def signoff(self):
        return signoff_of(self.entries, "review")

    def notices(self, configuration=None, groups=GROUPS, barred=None):
        before = signoff_of(self.entries[:-1], "review")
        people = People(groups, barred or {})
        entries, act = self.entries, self.entries[-1]
        return notices_of_act(ITEM, act, before, self.signoff, entries, configuration or configured(), people)

    def told(self, configuration=None, **more):
        """Who gets which mail."""
        return {mail.login: mail.why for mail in self.notices(configuration, **more).mails}


MUST, NEWS = Why.MUST_ACT, Why.TAKES_PART
EVERYTHING = configured(dict.fromkeys(GROUPS, "all"))


def asked(final=False, by="rita"):
    return Story().add(Act.REQUEST_APPROVAL if final else Act.REQUEST_FEEDBACK, by)


# who must act ------------------------------------------------------------------------------------------------------


def test_who_is_asked_for_feedback_gets_a_mail():
    assert asked().told() == {"ben": MUST, "cleo": MUST}


def test_final_approvers_and_those_of_a_group_get_a_mail():
    assert asked(final=True).told() == {"ana": MUST, "olga": MUST}


def test_who_is_barred_is_not_told_to_approve():
    assert asked(final=True).told(barred={"ana": "exported this bundle"}) == {"olga": MUST}


def test_who_asked_is_told_once_all_groups_have_spoken():
    story = asked().feedback("ben", Role.BUSINESS)
    assert story.told() == {}
    story.feedback("cleo", Role.RISK_COMPLIANCE)
    assert story.told() == {"rita": MUST}
    assert "ask for the final approval" in story.notices().mails[0].text


def test_a_deputy_is_told_beside_whom_they_stand_in_for():
    deputies = [{"of": "ben", "to": "dan"}]
    notices = asked().notices(configured(deputies=deputies))
    assert {mail.login for mail in notices.mails} == {"ben", "cleo", "dan"}
    (mail,) = (mail for mail in notices.mails if mail.login == "dan")
    assert "as Business (for ben)" in mail.text


def test_only_the_delegate_is_told_to_act():
    handed_over = Delegation(Role.BUSINESS, "ben", "dan")
    story = asked().add(Act.DELEGATE, "ben", role=Role.BUSINESS, delegation=handed_over)
    assert story.told() == {"dan": MUST}


def test_who_handed_over_is_not_asked_again():
    handed_over = Delegation(Role.BUSINESS, "ben", "dan")
    story = asked().add(Act.DELEGATE, "ben", role=Role.BUSINESS, delegation=handed_over)
    story.add(Act.REQUEST_APPROVAL, "rita").add(Act.BACK, "ana", role=Role.FINAL_APPROVER)
    assert story.told() == {"cleo": MUST, "dan": MUST}


def test_sent_back_all_groups_are_asked_anew():
    story = asked().feedback("ben", Role.BUSINESS).feedback("cleo", Role.RISK_COMPLIANCE)
    story.add(Act.REQUEST_APPROVAL, "rita").add(Act.BACK, "ana", role=Role.FINAL_APPROVER)
    assert story.told() == {"ben": MUST, "cleo": MUST}


# news --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", [Act.APPROVE, Act.REJECT, Act.ABANDON])
def test_who_takes_part_gets_news_only_where_they_chose_so(act):
    story = asked().feedback("ben", Role.BUSINESS).add(Act.REQUEST_APPROVAL, "rita").add(act, "ana")
    assert story.told() == {}
    assert story.told(configured({"rita": "all"})) == {"rita": NEWS}
    assert story.told(EVERYTHING) == {"ben": NEWS, "rita": NEWS}


def test_who_took_part_in_what_was_reset_gets_news():
    story = asked(final=True).add(Act.REJECT, "ana").add(Act.RESET, "max")
    assert story.told(EVERYTHING) == {"ana": NEWS, "rita": NEWS}


def test_feedback_that_says_the_same_again_is_no_news():
    story = asked().feedback("ben", Role.BUSINESS)
    assert story.told(EVERYTHING) == {"rita": NEWS}
    assert story.feedback("ben", Role.BUSINESS).told(EVERYTHING) == {}
    assert story.feedback("ben", Role.BUSINESS, FeedbackStatus.MAJOR_ISSUE).told(EVERYTHING) == {"rita": NEWS}


def test_who_chose_never_gets_nothing():
    assert asked().told(configured({"ben": "never"})) == {"cleo": MUST}


# who cannot be told ------------------------------------------------------------------------------------------------


def test_who_has_no_address_is_named_as_not_told():
    notices = asked().notices(configured(addresses={"ben": "ben@bank.example"}))
    assert [mail.login for mail in notices.mails] == ["ben"]
    assert [login for login, _ in notices.not_told] == ["cleo"]


def test_who_left_is_named_as_not_told():
    groups = {login: held for login, held in GROUPS.items() if login != "cleo"}
    notices = asked().notices(groups=groups)
    assert notices.not_told == (("cleo", "cannot log in any more"),)


def test_a_group_whose_people_nobody_knows_is_named_as_not_told():
    notices = asked(final=True).notices(groups=None)
    assert [mail.login for mail in notices.mails] == ["ana"]
    assert [name for name, _ in notices.not_told] == ["group:board"]


def test_a_hub_without_addresses_sends_nothing_and_complains_of_nobody():
    notices = asked().notices(configured(addresses={}))
    assert (notices.mails, notices.not_told) == ((), ())


# what a mail says --------------------------------------------------------------------------------------------------


def test_a_mail_says_who_asks_for_what_and_where():
    story = Story().add(Act.REQUEST_APPROVAL, "rita", comment="retrained on Q3\nand tested")
    mail = story.notices().mails[0]
    assert mail.subject == "To approve: bundle v1 of CHURN"
    for part in (
        "rita asked for the final approval",
        "> retrained on Q3\n> and tested",
        ITEM.link,
        "as final approver",
    ):
        assert part in mail.text


def test_an_address_in_a_comment_is_not_passed_on():
    story = Story().add(Act.REQUEST_APPROVAL, "rita", comment="ask Ben@Bank.example or ana@bank.example")
    assert "ask ben or ana" in story.notices().mails[0].text


HOSTILE = st.text(st.sampled_from("aZ:/.\n\r\t\x0b\x85\u2028\u202e\u200b\x00${}<>&%@"), max_size=80)


@given(HOSTILE, HOSTILE)
def test_nobodys_words_look_like_the_mails_own_or_become_a_value(comment, name):
    forged = f"fine\r\n\r\nThe review: https://evil.example\nBcc: eve@evil.example\n${{secret}}{comment}"
    story = Story().add(Act.REQUEST_APPROVAL, "rita", comment=forged)
    item = ReviewItem(parse_address(V1), "Review", ITEM.link)
    mail = story.notices().mails[0]
    own = [line for line in mail.text.splitlines() if line and not line.startswith("> ") and line != ">"]
    assert own == [
        f"rita asked for the final approval: {item.label}.",
        "You are asked to approve or reject it, as final approver.",
        "Comment of rita:",
        f"The review: {ITEM.link}",
        "You get this mail since you must act. The hub's configuration says who gets which mail.",
    ]
    assert "${" not in mail.text and "\u202e" not in mail.text and "\x00" not in mail.text
    body = {
        "infrastructure": f"PROD\nThe review: https://evil.example{name}",
        "until": "x",
        "reason": forged,
        "ticket": f"INC{name}",
    }
    for told in notices_of_emergency(item, "max", body, configured(), People(GROUPS, {})).mails:
        assert "${" not in told.text + told.subject and "\n" not in told.subject
        links = [line for line in told.text.splitlines() if line.startswith("The review:")]
        assert links == [f"The review: {ITEM.link}"]


def test_who_asks_again_and_again_makes_no_storm_of_mails():
    story, told = Story(), 0
    for _ in range(20):
        for act in (Act.REQUEST_APPROVAL, Act.ABANDON, Act.RESET):
            story.add(act, "rita")
            told += len(story.notices().mails)
    assert 0 < told <= 15
    assert story.notices().not_told[0][0] == "everybody"
    assert story.add(Act.REQUEST_APPROVAL, "emil").told(), "somebody else is not held back"


def test_a_long_comment_is_shortened():
    story = Story().add(Act.REQUEST_APPROVAL, "rita", comment="x" * 9_000)
    assert len(story.notices().mails[0].text) < 3_000


LOGINS = sorted(GROUPS)
MOVES_OF = st.tuples(
    st.sampled_from(sorted(MOVES, key=lambda act: act.value)),
    st.sampled_from(LOGINS),
    st.sampled_from([Role.BUSINESS, Role.RISK_COMPLIANCE]),
    st.sampled_from(LOGINS),
)


@given(
    st.lists(MOVES_OF, min_size=1, max_size=8),
    st.dictionaries(st.sampled_from(LOGINS), st.sampled_from(["must_act", "all", "never"])),
    st.sets(st.sampled_from(LOGINS)),
)
def test_nobody_is_told_twice_or_of_their_own_act_or_against_their_choice(acts, choices, with_address):
    configuration = configured(choices, {"zoe": "zoe@bank.example"} | {who: ADDRESSES[who] for who in with_address})
    story = Story()
    for act, by, role, other in acts:
        more = {}
        if act is Act.FEEDBACK:
            more = {"role": role, "feedback": FeedbackStatus.MINOR_ISSUE}
        elif act is Act.DELEGATE:
            more = {"role": role, "delegation": Delegation(role, by, other)}
        story.add(act, by, **more, comment=f"to {other}@bank.example")
        notices = story.notices(configuration)
        logins = [mail.login for mail in notices.mails]
        author = story.entries[-1].by
        assert len(set(logins)) == len(logins) and author not in logins
        assert not {login for login, _ in notices.not_told} & set(logins)
        assert author not in {login for login, _ in notices.not_told}
        for mail in notices.mails:
            choice = choices.get(mail.login, "must_act")
            assert choice == "all" or (choice == "must_act" and mail.why is MUST)
            assert mail.address == ADDRESSES[mail.login]
            told = mail.text + mail.subject
            assert not any(address in told for address in configuration.addresses.values())
            assert "\n" not in mail.subject
        if story.signoff.status.is_open:
            assert waiting_since(story.signoff, story.entries) is not None
        assert participants(story.signoff) <= {entry.by for entry in story.entries} | set(LOGINS)


def test_an_older_configuration_is_read_and_mail_of_it_is_checked():
    assert Configuration().mail_choice_of("ana").value == "must_act"
    with pytest.raises(Exception, match=r"mail\.people\.ana"):
        parse_configuration({"mail": {"people": {"ana": "sometimes"}}})
    with pytest.raises(Exception, match=r"mail\.to"):
        parse_configuration({"mail": {"to": "ana"}})


# reminders ---------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(1, 30), max_size=4), st.lists(st.floats(0, 40), min_size=1, max_size=12))
def test_however_often_it_runs_each_day_of_the_hub_reminds_once(days, runs):
    after, reminded = NOW, 0
    for elapsed in sorted(runs):
        now = NOW + timedelta(days=elapsed)
        reminded += is_due(NOW, days, after, now)
        after = now
    passed = {day for day in days if NOW + day * DAY <= after}
    assert reminded <= len(passed) and bool(reminded) == bool(passed)


def test_a_reminder_is_one_mail_for_all_that_waits():
    duties = {"ana": Right(Role.FINAL_APPROVER)}
    items = [ReviewItem(parse_address(f"CHURN/bundle/v{number}"), "Review", None) for number in range(60)]
    due = [DueReview(item, NOW, duties, ("user:ana",)) for item in items]
    (mail,) = reminders(due, configured(), GROUPS, NOW + 3 * DAY).mails
    assert mail.subject == "Waiting for you: 60 reviews" and "since 3 days" in mail.text and "and 10 more" in mail.text
