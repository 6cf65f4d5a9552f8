"""Taking part from Python: as on the command line, under the name that DSS gives, and never with one's own key."""

import pytest
from hub.conftest import HUB, V1
from support.request_log import RequestLog

from govern_mirror import InputError, MoveRefused, WriteUnclear, connect_to, gate, take_part
from govern_mirror.actions.hub import hub_of
from govern_mirror.model.address import parse_address
from govern_mirror.model.signoff import Act
from govern_mirror.settings import Settings
from govern_mirror_devkit.sandbox.mock_instance import URL


@pytest.fixture
def session_as(bank, people):
    """The session of somebody."""
    return lambda login: connect_to(URL, people[login], settings=Settings(hub_project=HUB, settling_seconds=0))


@pytest.fixture
def entries(hub_session):
    return lambda: hub_of(hub_session).open().entries(parse_address(V1))


def test_python_records_what_the_command_line_would(hub_session, session_as, as_, entries):
    ended = as_("rita", "signoff", "request", V1, "--final", "--comment", "retrained", "--dry-run")
    planned = take_part(session_as("rita"), V1, "request_approval", comment="retrained", dry_run=True)
    assert ended.code == 3 and planned.recorded is None and entries() == []
    assert [line.split()[0] for line in ended.out.splitlines()[1:]] == [what.split()[0] for what, _ in planned.rows]
    taken = take_part(session_as("rita"), V1, Act.REQUEST_APPROVAL, comment="retrained")
    (entry,) = entries()
    assert entry.id in taken.recorded and entry.by == "rita" and entry.body["comment"] == "retrained"
    assert take_part(session_as("ana"), V1, "approve").recorded
    assert gate(hub_session, V1, signed_off=True).result.met


def test_python_lets_nobody_approve_their_own_request(session_as, entries):
    take_part(session_as("rita"), V1, "request_approval")
    with pytest.raises(MoveRefused, match="no final approver"):
        take_part(session_as("rita"), V1, "approve")
    with pytest.raises(MoveRefused, match="say why, in a comment"):
        take_part(session_as("ana"), V1, "reject")
    assert len(entries()) == 1


def test_without_the_hubs_preset_nothing_is_recorded(session_as, entries):
    with pytest.raises((MoveRefused, WriteUnclear), match="preset"):
        take_part(session_as("rita"), V1, "request_approval", preset="of my own")
    assert entries() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"act": "feedback"},
        {"act": "delegate"},
        {"act": "emergency", "infrastructure": "PROD", "comment": "outage"},
        {"act": "emergency", "infrastructure": "PROD", "comment": "outage", "ticket": "INC-1", "step": "review"},
        {"act": "approve", "to": "ben"},
        {"act": "approve", "infrastructure": "PROD"},
        {"act": "feedback", "feedback": "approved", "group": "managers"},
    ],
)
def test_what_an_act_does_not_take_is_refused_unasked(bank, session_as, wrong):
    session, log = session_as("rita"), RequestLog(bank)
    with pytest.raises(InputError):
        take_part(session, V1, **wrong)
    assert log.requests == []
