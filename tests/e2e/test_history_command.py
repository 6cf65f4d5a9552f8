"""`history`: what happened to one project or to all, one line a save."""

import pytest


@pytest.fixture
def churn(sandbox, run):
    sandbox.create_project("CHURN", "Churn")
    for command in (
        ("init", "CHURN", "--value", "High", "--risk", "Low"),
        ("advance", "CHURN", "--reason", "we begin"),
        ("qualify", "CHURN", "--decision", "go", "--cost", "low"),
    ):
        assert run(*command).code == 0
    return "CHURN"


def test_each_save_is_one_line_the_latest_first(churn, run):
    saves = run("history", "CHURN", "--format", "json").json["saves"]
    # also within a second, which is as fine as the times of events are
    assert [len(save["events"]) for save in saves] == [2, 1, 3]
    assert [save["at"] for save in saves] == sorted((save["at"] for save in saves), reverse=True)
    shown = run("history", "CHURN")
    assert shown.code == 0 and "we begin" in shown.out
    lines = " ".join(shown.out.split())
    assert "Resulting decision" in lines and "qualification.decision" not in lines and "ONGOING" not in lines


def test_saves_of_one_second_are_a_line_each(sandbox, run):
    sandbox.create_project("CHURN", "Churn")
    for command in (
        ("init", "CHURN", "--risk", "low"),
        ("set", "CHURN", "sponsor=Ada", "decision=go"),
        ("set", "CHURN", "sponsor=Ben"),
        ("advance", "CHURN"),
        ("advance", "CHURN"),
        ("set", "CHURN", "sponsor=Cy"),
        ("close", "CHURN", "--reason", "replaced"),
        ("close", "CHURN", "--undo"),
        ("set", "CHURN", "decision=none"),
    ):
        assert run(*command).code == 0
    saves = run("history", "CHURN", "--format", "json").json["saves"]
    assert [len(save["events"]) for save in saves] == [1, 1, 1, 1, 1, 1, 1, 2, 2]
    saves = run("history", "CHURN", "--field", "sponsor", "--format", "json").json["saves"]
    assert [save["events"][0]["to"] for save in saves] == ["Cy", "Ben", "Ada"]


def test_the_timeline_is_filtered_by_person_day_and_field(churn, sandbox, run, edit):
    edit("CHURN", govern_sponsor="Ada")
    assert len(run("history", "CHURN", "--field", "risk", "--format", "json").json["saves"]) == 1
    by_hand = run("history", "CHURN", "--field", "Sponsor", "--format", "json").json["saves"]
    assert [(save["source"], save["pending"]) for save in by_hand] == [("edited-in-dss", True)]
    assert run("history", "CHURN", "--since", "2199-01-01", "--format", "json").json["saves"] == []
    assert run("history", "CHURN", "--by", "nobody", "--format", "json").json["saves"] == []
    assert run("history", "CHURN", "--by", "ADMIN", "--format", "json").json["saves"] != []
    assert run("history", "CHURN", "--field", "nonsense").code == 2


def test_moves_are_found_by_the_status_of_their_step(churn, run):
    assert run("advance", "CHURN").code == 0
    for step, moves in (("exploration", 2), ("qualification", 1), ("delivery", 0)):
        saves = run("history", "CHURN", "--field", f"steps.{step}.status", "--format", "json").json["saves"]
        assert len(saves) == moves


def test_the_timeline_of_all_names_each_project(churn, sandbox, run):
    sandbox.create_project("FRAUD", "Fraud")
    sandbox.create_project("NOT_GOVERNED", "Other")
    assert run("init", "FRAUD").code == 0
    saves = run("history", "--all", "--format", "json").json["saves"]
    assert {save["project_key"] for save in saves} == {"CHURN", "FRAUD"}
    assert run("history").code == 2 and run("history", "CHURN", "--all").code == 2


def test_events_moved_to_the_wiki_are_in_the_timeline(churn, sandbox, run):
    for number in range(60):
        assert run("step", "note", "CHURN", "delivery", f"note {number} " + "long " * 12).code == 0
    assert sandbox.metadata("CHURN")["customFields"]["govern_record"].count('"what"') < 60
    for which in ("CHURN", "--all"):
        saves = run("history", which, "--format", "json").json["saves"]
        assert sum(len(save["events"]) for save in saves) == 66
