"""Mail about reviews: who is told of what, who is not, and what becomes of an act whose mail fails."""

import json
from datetime import datetime, timedelta, timezone

import dataikuapi
import pytest
from hub.conftest import HUB, PERMISSIONS, REVIEWERS, V1
from hypothesis import given
from hypothesis import strategies as st

from govern_mirror.actions.remind import remind
from govern_mirror.actions.session import open_session
from govern_mirror.actions.signoff import Participation, hub_with_key, take_part
from govern_mirror.connection import Instance, Secret
from govern_mirror.hub.configuration import Configuration, parse_configuration
from govern_mirror.hub.notices import DueReview, People, ReviewItem, Why, is_due, notices_of_act, reminders
from govern_mirror.model.address import parse_address
from govern_mirror.model.participants import participants, waiting_since
from govern_mirror.model.reviewers import Delegation, Right, Role
from govern_mirror.model.signoff import MOVES, Act, FeedbackStatus, SignoffEntry, signoff_of
from govern_mirror.settings import parse_settings
from govern_mirror_devkit.sandbox.mock_instance import URL

NOW = datetime(2026, 3, 1, 9, tzinfo=timezone.utc)
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
    for part in ("rita asked for the final approval", "retrained on Q3\nand tested", ITEM.link, "as final approver"):
        assert part in mail.text


def test_an_address_in_a_comment_is_not_passed_on():
    story = Story().add(Act.REQUEST_APPROVAL, "rita", comment="ask Ben@Bank.example or ana@bank.example")
    assert "ask ben or ana" in story.notices().mails[0].text


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


# sent --------------------------------------------------------------------------------------------------------------

MAILING = REVIEWERS.replace(
    "  ana: ana@bank.example\n",
    "  ana: ana@bank.example\n  rita: rita@bank.example\n  olga: olga@bank.example\nmail:\n  people: {rita: all}\n",
)


@pytest.fixture
def mailing(bank, as_, tmp_path):
    """The bank, with a mail channel, and addresses of some."""
    bank.messaging.create("smtp", configuration={"sender": "dss@bank.example"})
    configure(as_, tmp_path, MAILING)
    return bank


def configure(as_, tmp_path, text):
    file = tmp_path / "mailing.yaml"
    file.write_text(text)
    ended = as_("admin", "hub", "import", file)
    assert ended.code == 0, ended.err


def sent(sandbox):
    mails, sandbox.messaging.outbox[:] = list(sandbox.messaging.outbox), []
    assert all(mail.plain_text and mail.project_key == HUB and len(mail.to) == 1 for mail in mails)
    return {mail.to[0].partition("@")[0]: mail.subject for mail in mails}


def test_who_must_approve_and_who_asked_get_mails(mailing, as_):
    ended = as_("rita", "signoff", "request", V1, "--final")
    assert ended.code == 0 and "sent to ana, olga" in ended.out
    assert sent(mailing) == dict.fromkeys(("ana", "olga"), "To approve: bundle v1 of CHURN")
    assert as_("ana", "signoff", "approve", V1).code == 0
    assert sent(mailing) == {"rita": "bundle v1 of CHURN: ana approved"}


def test_a_dry_run_sends_nothing_and_says_who_would_be_told(mailing, as_):
    ended = as_("rita", "signoff", "request", V1, "--final", "--dry-run")
    assert ended.code == 3 and "would go to ana, olga" in ended.out
    assert sent(mailing) == {}


@pytest.mark.parametrize("fault", ["no channel", "named channel", "not allowed"])
def test_a_mail_that_fails_leaves_the_act_recorded_and_is_told(mailing, as_, tmp_path, fault):
    if fault == "no channel":
        mailing.messaging.delete("smtp")
    elif fault == "named channel":
        configure(as_, tmp_path, MAILING.replace("mail:\n", "mail:\n  channel: gone\n"))
    else:
        mailing.messaging.create("slow", permissions=[{"group": "nobody", "canUse": True}])
        configure(as_, tmp_path, MAILING.replace("mail:\n", "mail:\n  channel: slow\n"))
    ended = as_("rita", "signoff", "request", V1, "--final")
    assert ended.code == 0 and "Recorded" in ended.out and "Not told" in ended.out
    assert as_("admin", "reviews", "--format", "json").json["reviews"][0]["address"] == V1
    assert sent(mailing) == {}


def test_a_channel_that_refuses_one_address_serves_the_others(mailing, as_, tmp_path):
    mailing.messaging.create("strict", configuration={"sender": "d@b.example", "authorizedDomain": "bank.example"})
    text = MAILING.replace("mail:\n", "mail:\n  channel: strict\n").replace("olga@bank.example", "olga@other.example")
    configure(as_, tmp_path, text)
    ended = as_("rita", "signoff", "request", V1, "--final")
    assert ended.code == 0 and "sent to ana" in ended.out and "olga:" in ended.out
    assert "other.example" not in ended.out
    assert list(sent(mailing)) == ["ana"]


def test_approvers_are_told_of_an_emergency(mailing, as_, tmp_path):
    configure(as_, tmp_path, MAILING + "emergency: [user:max]\n")
    arguments = ("--infra", "PROD", "--reason", "outage, ask ana@bank.example", "--ticket", "T-1")
    ended = as_("max", "signoff", "emergency", V1, *arguments)
    assert ended.code == 0, ended.err
    mails = list(mailing.messaging.outbox)
    assert {mail.to for mail in mails} == {("ana@bank.example",), ("olga@bank.example",)}
    assert "PROD" in mails[0].body and "T-1" in mails[0].body and "outage, ask ana" in mails[0].body
    assert "ana@" not in mails[0].body


# reminders ---------------------------------------------------------------------------------------------------------

DAY = timedelta(days=1)


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


@pytest.fixture
def session_of(mailing, people):
    """A session of somebody, and the hub with its key."""
    key = mailing.accounts.create_project_key(HUB, ("ADMIN",))

    def opened(login):
        settings = parse_settings({"hub_project": HUB, "settling_seconds": 0})
        person = mailing.admin_key if login == "admin" else people[login]
        session = open_session(Instance(URL, Secret(person)), settings)
        return session, hub_with_key(session, HUB, key)

    return opened


@pytest.fixture
def remind_as(session_of):
    """Send reminders at a time, as somebody."""
    return lambda login, now, **more: remind(*session_of(login), now=now, **more)


@pytest.fixture
def waiting(mailing, session_of, as_, tmp_path):
    """A review that waits since a day and a half, of which people are reminded after one."""
    configure(as_, tmp_path, MAILING.replace("[3, 7]", "[1]"))
    asked_at = datetime.now(timezone.utc) - timedelta(hours=36)
    take_part(*session_of("rita"), parse_address(V1), Participation(Act.REQUEST_APPROVAL), now=asked_at)


def test_reminders_come_after_the_days_and_once(mailing, asked, remind_as):
    asked()
    sent(mailing)
    begin = datetime.now(timezone.utc)
    assert remind_as("max", begin + 2 * DAY).due == ()
    late = begin + 3 * DAY + timedelta(hours=1)
    assert remind_as("max", late, dry_run=True).delivery.told == ("ana", "olga")
    assert sent(mailing) == {}
    assert remind_as("max", late).delivery.told == ("ana", "olga")
    assert sent(mailing) == dict.fromkeys(("ana", "olga"), "Waiting for you: bundle v1 of CHURN")
    assert remind_as("max", late + timedelta(hours=2)).due == ()
    assert remind_as("max", begin + 9 * DAY).due == (parse_address(V1),), "the day without a run is made up for"
    assert remind_as("max", begin + 10 * DAY).due == ()


def test_what_was_decided_is_not_reminded_of(mailing, asked, as_, remind_as):
    asked()
    assert as_("ana", "signoff", "approve", V1).code == 0
    assert remind_as("max", datetime.now(timezone.utc) + 3 * DAY).due == ()


@pytest.mark.parametrize("login", ["rita", "ana", "olga", "eve"])
def test_only_managers_and_who_writes_the_hub_send_reminders(mailing, asked, remind_as, login):
    asked()
    sent(mailing)
    with pytest.raises(Exception, match="send reminders"):
        remind_as(login, datetime.now(timezone.utc) + 4 * DAY)
    assert sent(mailing) == {}


@pytest.mark.parametrize("content", [b"{}", b"x", b'{"until": "yesterday"}', b'{"until": "2999-01-01T00:00:00Z"}'])
def test_a_damaged_memory_of_reminders_sends_no_flood(mailing, asked, remind_as, content):
    asked()
    sent(mailing)
    (folder,) = mailing.managed_folders.listed(mailing.admin, HUB)
    mailing.managed_folders.put(mailing.admin, HUB, folder["id"], "reminders.json", content)
    begin = datetime.now(timezone.utc)
    assert remind_as("max", begin + 6 * DAY).due == ()
    assert remind_as("max", begin + 7 * DAY + timedelta(hours=1)).due != ()
    assert remind_as("max", begin + 7 * DAY + timedelta(hours=2)).due == ()


def test_without_days_nobody_is_reminded_and_that_is_said(mailing, as_, tmp_path):
    configure(as_, tmp_path, MAILING.replace("  reminder_days: [3, 7]\n", "  delegation: true\n"))
    ended = as_("admin", "signoff", "remind")
    assert ended.code == 0 and "names no days" in ended.out


@pytest.fixture
def remind_command(mailing, as_, tmp_path):
    """The command of somebody who reads the hub, with settings that name it."""
    document = {"owner": "admin", "permissions": PERMISSIONS}
    mailing.projects.set_document(mailing.admin, HUB, "permissions", document)
    settings = tmp_path / "settings.json"
    settings.write_text(json.dumps({"hub_project": HUB}))
    return lambda login, *arguments: as_(login, "--settings", settings, "signoff", "remind", *arguments)


def test_reminders_are_sent_by_the_command(mailing, waiting, as_, remind_command):
    ended = remind_command("max", "--dry-run")
    assert ended.code == 3 and V1 in ended.out and "would go to ana, olga" in ended.out
    ended = remind_command("max")
    assert ended.code == 0 and "sent to ana, olga" in ended.out
    assert set(sent(mailing)) == {"ana", "olga"}
    ended = remind_command("max")
    assert ended.code == 0 and "Nothing due" in ended.out
    assert as_("admin", "audit", "--all").code == 0


@pytest.mark.parametrize("login", ["ana", "eve"])
def test_who_may_not_remind_is_told(mailing, waiting, remind_command, login):
    ended = remind_command(login)
    assert ended.code == 1 and sent(mailing) == {}
    assert login == "eve" or "only governance managers" in ended.err


def daily(sandbox):
    """Run the scenario of docs/hub.md, as the administrator; return how it ended."""
    config = {"hub": {"mode": "PRESET", "name": "hub"}, "dry_run": False}
    params = {"runnableType": "pyrunnable_govern-mirror_remind-reviewers", "config": config, "adminConfig": {}}
    step = {"id": "remind", "type": "runnable", "name": "Remind", "params": params}
    project = dataikuapi.DSSClient(URL, api_key=sandbox.admin_key).get_project(HUB)
    scenario = project.create_scenario("Reminders", "step_based", {"params": {"steps": [step]}})
    return scenario.run_and_wait(no_fail=True).outcome


def test_a_scenario_of_the_hub_sends_reminders(mailing, waiting):
    assert daily(mailing) == "SUCCESS"
    assert set(sent(mailing)) == {"ana", "olga"}


def test_reminders_that_cannot_be_sent_fail_the_scenario(mailing, waiting, as_):
    mailing.messaging.delete("smtp")
    assert daily(mailing) == "FAILED"
    assert as_("admin", "reviews").code == 3


def test_a_key_that_writes_the_hub_may_remind(mailing, waiting):
    key = mailing.accounts.create_project_key(HUB, ("ADMIN",))
    session = open_session(Instance(URL, Secret(key)), parse_settings({"hub_project": HUB, "settling_seconds": 0}))
    reminded = remind(session, hub_with_key(session, HUB, key))
    assert reminded.delivery.told, "the people of groups are not told where the key may not list them"
