"""What sync believes: who recorded a value, which base is real, what a sign-off in Govern stands against."""

import json

import pytest
from click.testing import CliRunner

from govern_mirror.cli.main import main
from govern_mirror_devkit.sandbox.govern.signoffs import SignoffStatus

DONE = {
    f"govern_status_{step}": "FINISHED" for step in ("exploration", "qualification", "progress", "rollout", "delivery")
}


@pytest.fixture
def transport():
    """Who is believed does not depend on the transport."""
    return "mounted"


@pytest.fixture
def person(sides):
    """A person's other commands, with the administrator's key."""

    def run(*arguments):
        options = ["--url", sides.dss_url, "--api-key", sides.dss.admin_key]
        result = CliRunner().invoke(main, [*options, *arguments], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result

    return run


def record_of(sides, key):
    return json.loads(sides.held_by_dss(key)["govern_record"])


def forge(sides, key, change):
    """Somebody who may write the project edits its record by hand."""

    def edit(metadata):
        record = json.loads(metadata["customFields"]["govern_record"])
        change(record)
        metadata["customFields"]["govern_record"] = json.dumps(record)

    sides.dss.edit_metadata(key, edit)


def decided(sides, key="CHURN"):
    return sides.held_by_govern(key)["fields"].get("qualification_resulting_decision")


# edits by hand ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("direction", ["push", "both"])
def test_t1_hand_edits_are_never_pushed(sides, direction):
    sides.project("CHURN")
    sides.run("pull")
    sides.in_govern("CHURN", qualification_resulting_decision="No go")
    sides.in_dss("CHURN", govern_decision="Go", govern_value_rating="High", **DONE)
    before = sides.held_by_govern("CHURN")
    # not at once, and not after sync itself has written the project
    for _ in range(3):
        ran = sides.run(direction, "--prefer", "dss", "--force")
        assert ran.code == 3
        assert sides.held_by_govern("CHURN") == before
    assert "qualification.decision is not pushed: typed into the project's fields" in ran.err


def test_t1_recorded_edit_is_pushed(sides, person):
    sides.project("CHURN")
    sides.run("pull")
    sides.in_dss("CHURN", govern_decision="Go", govern_value_rating="High")
    assert sides.run("push").code == 3
    person("qualify", "CHURN", "--decision", "go")
    assert sides.run("push").code == 0
    assert decided(sides) == "Go"


@pytest.mark.parametrize(
    "command",
    [
        ("qualify", "CHURN", "--value", "high"),
        ("qualify", "CHURN", "--confirm"),
        ("step", "note", "CHURN", "exploration", "--notes", "Looked at."),
        ("advance", "CHURN"),
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_t1_each_way_to_record_is_one(sides, person, command):
    sides.project("CHURN")
    sides.in_dss("CHURN", govern_value_rating="High")
    # the base is written, and with it the edit is stored: in nobody's name
    assert sides.run("both").code == 3
    person(*command)
    assert sides.run("push").code == 0
    assert sides.held_by_govern("CHURN")["fields"]["qualification_value_rating"] == "High"


def test_t1_typed_status_is_recorded_by_setting_it(sides, person):
    sides.project("CHURN")
    sides.in_dss("CHURN", govern_status_exploration="FINISHED")
    assert sides.run("push").code == 3
    person("step", "set", "CHURN", "exploration", "--status", "finished", "--reason", "It is.")
    assert sides.run("push").code == 0
    assert sides.held_by_govern("CHURN")["workflow"]["steps"]["exploration"]["status"] == "FINISHED"


def test_t1_hand_edit_moved_to_the_wiki_is_still_none(sides, monkeypatch):
    sides.project("CHURN")
    sides.in_dss("CHURN", govern_value_rating="High")
    assert sides.run("both").code == 3
    number = 0
    while not record_of(sides, "CHURN").get("moved_events") or any(
        event["source"] != "sync" for event in record_of(sides, "CHURN")["events"]
    ):
        number += 1
        assert number < 60
        sides.in_govern("CHURN", exploration_notes=f"Note {number} " + "long " * 20)
        sides.run("pull")
    assert sides.run("push").code == 3
    assert "qualification_value_rating" not in sides.held_by_govern("CHURN")["fields"]


@pytest.mark.parametrize("damage", ["no record", "not JSON", "no digest"])
def test_t1_project_without_a_sound_record_is_left_alone(sides, damage):
    sides.project("CHURN")
    sides.run("pull")
    sides.in_dss("CHURN", govern_decision="Go")
    if damage == "no digest":
        forge(sides, "CHURN", lambda record: record.pop("digest"))
    else:
        sides.in_dss("CHURN", govern_record="" if damage == "no record" else "{")
    for create in ((), ("--create",)):
        for direction in ("push", "both"):
            ran = sides.run(direction, "--force", "--prefer", "dss", *create)
            assert "its record is lost or damaged" in ran.err
    assert decided(sides) is None


def test_t1_creating_in_govern_leaves_hand_edits_out(sides):
    sides.project("LONE", artifact=False)
    sides.in_dss("LONE", govern_decision="Go")
    ran = sides.run("push", "--create")
    assert ran.code == 3
    [made] = [each for each in sides.govern.node.artifacts() if each.name == "Lone"]
    assert not made.fields.get("qualification_resulting_decision")


def test_t1_pull_and_the_rest_go_on_beside_a_hand_edit(sides, person):
    sides.project("CHURN")
    sides.run("pull")
    person("qualify", "CHURN", "--risk", "low")
    sides.in_dss("CHURN", govern_decision="Go")
    sides.in_govern("CHURN", qualification_value_rating="High")
    assert sides.run("both").code == 3
    assert sides.held_by_dss("CHURN")["govern_value_rating"] == "High"
    assert sides.held_by_govern("CHURN")["fields"]["qualification_risk_rating"] == "Low"
    assert decided(sides) is None


# sign-offs ----------------------------------------------------------------------------------------------------


def prepared(sides, status, step="qualification"):
    """A recorded Go and a finished workflow in DSS, No go in Govern, and a sign-off there."""
    sides.project("CHURN")
    sides.run("pull")
    sides.recorded("CHURN", govern_decision="Go", govern_value_rating="High", **DONE)
    sides.in_govern("CHURN", qualification_resulting_decision="No go")
    if status is not None:
        sides.govern.node.set_signoff(sides.artifacts["CHURN"], step, status)


@pytest.mark.parametrize("status", ["WAITING_FOR_FEEDBACK", "WAITING_FOR_APPROVAL", "REJECTED", "ABANDONED"])
def test_t1_open_or_rejected_signoff_is_not_overwritten(sides, status):
    prepared(sides, SignoffStatus[status])
    ran = sides.run("push", "--prefer", "dss")
    assert ran.code == 3
    assert f"the sign-off of step qualification in Govern is {status}" in ran.err
    held = sides.held_by_govern("CHURN")
    assert decided(sides) == "No go"
    assert held["workflow"]["steps"].get("exploration", {}).get("status") != "FINISHED"
    assert held["fields"]["qualification_value_rating"] == "High"  # ratings are not what was signed
    assert sides.run("push", "--prefer", "dss", "--force").code == 0
    assert decided(sides) == "Go"


@pytest.mark.parametrize("status", [None, SignoffStatus.APPROVED])
def test_t1_approved_signoff_or_none_lets_it_pass(sides, status):
    prepared(sides, status)
    assert sides.run("push", "--prefer", "dss").code == 0
    assert decided(sides) == "Go"


def test_t1_signoff_not_asked_for_holds_the_end_of_its_step(sides, person):
    sides.project("CHURN")
    sides.run("pull")
    sides.govern.node.set_signoff(sides.artifacts["CHURN"], "qualification", SignoffStatus.NOT_STARTED)
    person("advance", "CHURN", "--to", "qualification")
    assert sides.run("push").code == 0
    person("step", "finish", "CHURN", "qualification")
    assert sides.run("push").code == 3
    assert sides.held_by_govern("CHURN")["workflow"]["steps"]["qualification"]["status"] == "ONGOING"


def answers(sides, monkeypatch, *, hit="absent", listed=None):
    """Govern's search shows this of sign-offs, and its list this; a callable decides on an error."""
    routes = sides.govern.routes if hasattr(sides.govern, "routes") else None
    assert routes is not None
    return routes


@pytest.mark.parametrize(
    "shown",
    ["absent", None, {}, "x", [None], [{}], [{"status": "APPROVED"}], [{"signoffId": {"stepId": "progress"}}]],
    ids=repr,
)
def test_t1_rejected_signoff_that_the_search_does_not_show_counts(sides, monkeypatch, shown):
    prepared(sides, SignoffStatus.REJECTED)
    in_search(monkeypatch, shown)
    assert sides.run("push", "--prefer", "dss").code == 3
    assert decided(sides) == "No go"


@pytest.mark.parametrize("listed", ["x", {}, None, [None], [{"status": "APPROVED"}], "fails"], ids=repr)
def test_t1_unknown_signoffs_are_not_pushed_over(sides, monkeypatch, listed):
    from govern_mirror_devkit.sandbox.errors import Forbidden
    from govern_mirror_devkit.sandbox.govern.routes import Routes

    prepared(sides, None)
    asked = []

    def signoffs(self, call, artifact_id):
        asked.append(artifact_id)
        if listed == "fails":
            raise Forbidden("You may not read sign-offs")
        return listed

    # the table of routes was made when the sandbox was: take its place underneath
    monkeypatch.setattr("govern_mirror.govern_node.GovernNode.signoffs", _over_http(sides, signoffs, Routes))
    ran = sides.run("push", "--prefer", "dss")
    assert asked == [sides.artifacts["CHURN"]]
    assert ran.code == 3
    assert "its sign-offs in Govern cannot be read" in ran.err
    assert decided(sides) == "No go"
    assert sides.held_by_govern("CHURN")["fields"]["qualification_value_rating"] == "High"
