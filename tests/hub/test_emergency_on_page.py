"""Emergencies on the live page: who is offered them, what a dry run says, and what runs."""

from datetime import timedelta

import pytest
from hub.conftest import REVIEWERS, V1
from support.live_page import is_a

from govern_mirror import clock
from govern_mirror.actions.emergency import RunningEmergency, emergencies_json, running_emergencies
from govern_mirror.actions.hub import hub_of
from govern_mirror.actions.signoff import review_of
from govern_mirror.model.address import parse_address

FORM = {"act": "emergency", "infrastructure": "PROD", "comment": "outage", "ticket": "INC-1", "hours": 2}


@pytest.fixture
def named(bank, as_, tmp_path):
    """The hub names max for emergencies, and nobody else."""
    file = tmp_path / "emergency.yaml"
    file.write_text(f"{REVIEWERS}emergency: [user:max]\n")
    assert as_("admin", "hub", "import", file).code == 0
    return bank


def test_only_who_the_hub_names_is_offered_an_emergency(named, asked, page_of):
    asked()
    offered = {
        login: is_a("review", page_of(login).get(f"reviews/{V1}").json)["you"]["emergency"]
        for login in ("ana", "rita", "ben", "max")
    }
    assert offered["max"] == {"infrastructures": [], "max_hours": 336}
    assert [login for login, form in offered.items() if form is not None] == ["max"]
    refused = page_of("ana").post(f"reviews/{V1}", FORM)
    assert refused.status_code == 422 and "does not name you" in is_a("problem", refused.json)["detail"]
    assert page_of("max").get(f"reviews/{V1}").json["emergencies"] == []


def test_an_emergency_is_looked_at_first_and_then_recorded(named, asked, page_of):
    asked()
    max_ = page_of("max")
    looked = max_.post(f"reviews/{V1}", {**FORM, "dry_run": True})
    assert looked.status_code == 200, looked.text
    told = is_a("review", looked.json)
    assert "on PROD until" in told["passes"] and told["recorded"] == "" and told["emergencies"] == []
    assert told["mail"] == ["would go to ana"]
    done = is_a("review", max_.post(f"reviews/{V1}", FORM).json)
    assert "entry" in done["recorded"]
    seen = page_of("ben").get(f"reviews/{V1}").json
    (running,) = seen["emergencies"]
    assert (running["by"], running["infrastructure"], running["ticket"]) == ("max", "PROD", "INC-1")
    assert running["reason"] == "outage" and running["unchanged"] is True
    assert seen["status"] == "WAITING_FOR_APPROVAL", "an emergency approves nothing"


def test_an_emergency_of_an_export_before_is_told_as_such(named, asked, page_of):
    asked()
    assert page_of("max").post(f"reviews/{V1}", FORM).status_code == 200
    named.bundles.delete(named.admin, "CHURN", "v1")
    named.bundles.export(named.accounts.user("emil"), "CHURN", "v1")
    (running,) = page_of("max").get(f"reviews/{V1}").json["emergencies"]
    assert running["unchanged"] is False


def test_an_emergency_that_is_over_is_not_shown(named, asked, as_, hub_session):
    asked()
    arguments = ("--infra", "PROD", "--reason", "x", "--ticket", "y", "--hours", "2")
    assert as_("max", "signoff", "emergency", V1, *arguments).code == 0
    review = review_of(hub_session, hub_of(hub_session).open(), parse_address(V1))
    (running,) = running_emergencies(review)
    assert isinstance(running, RunningEmergency) and emergencies_json([running])[0]["by"] == "max"
    assert running_emergencies(review, clock.now() + timedelta(hours=3)) == ()


@pytest.mark.parametrize(
    "change",
    [{"hours": "2"}, {"hours": None}, {"hours": True}, {"hours": 0}, {"hours": 400}, {"ticket": ""}, {"comment": None},
     {"infrastructure": "  "}, {"dry_run": "yes"}, {"step": "review"}],
    ids=lambda change: "".join(f"{name} {value}" for name, value in change.items()),
)  # fmt: skip
def test_an_emergency_that_lacks_something_is_refused(named, page_of, change):
    max_ = page_of("max")
    assert max_.post(f"reviews/{V1}", {**FORM, **change}).status_code == 422
    assert max_.get(f"reviews/{V1}").json["emergencies"] == []


def test_infrastructures_to_choose_from_are_those_that_are_seen(named, as_, deploy, page_of, people, tmp_path):
    deploy("v1")
    (tmp_path / "admin.yaml").write_text(f"{REVIEWERS}emergency: [user:admin, user:max]\n")
    assert as_("admin", "hub", "import", tmp_path / "admin.yaml").code == 0
    people["admin"] = named.admin_key
    seen = {login: page_of(login).get(f"reviews/{V1}").json["you"]["emergency"] for login in ("admin", "max")}
    assert seen["admin"]["infrastructures"] == ["PROD"] and seen["max"]["infrastructures"] == []
