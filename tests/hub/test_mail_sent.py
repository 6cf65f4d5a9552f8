"""Mail about reviews as it is sent: through the hub's key, reminders among it, and what becomes of what fails."""

import json
from datetime import datetime, timedelta, timezone

import dataikuapi
import pytest
from hub.conftest import HUB, PERMISSIONS, REVIEWERS, V1

from govern_mirror.actions.notify import remind
from govern_mirror.actions.session import open_session
from govern_mirror.actions.signoff import Participation, hub_with_key, record_act
from govern_mirror.connection import Instance, Secret
from govern_mirror.model.address import parse_address
from govern_mirror.model.signoff import Act
from govern_mirror.settings import parse_settings
from govern_mirror_devkit.sandbox.mock_instance import URL

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
    record_act(*session_of("rita"), parse_address(V1), Participation(Act.REQUEST_APPROVAL), now=asked_at)


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
