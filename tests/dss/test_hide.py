"""Hiding projects on an instance: many at once, two writers at the same moment, and the rights of DSS."""

import dataikuapi
import pytest
from support.projects import create_project, custom_fields, edit_fields

from govern_mirror import Filters, Scope, build_report, connect_to, gate, hide, initialize, show, undo_hide, ungovern
from govern_mirror.settings import Settings
from govern_mirror_devkit.sandbox.mock_instance import URL

METADATA = "/projects/CHURN/metadata"


@pytest.fixture
def session_of(dss):
    return lambda key: connect_to(URL, key, settings=Settings(settling_seconds=0))


@pytest.fixture
def session(dss, session_of):
    create_project(dss, "CHURN")
    return session_of(dss.admin_key)


@pytest.fixture
def eve(dss, session_of):
    return session_of(dss.create_user("eve", ("administrators",)))


def outcomes(results):
    return {result.project_key: result.outcome for result in results}


def test_many_are_hidden_and_a_failure_stops_no_other(dss, session):
    for key in ("PLAIN", "DONE"):
        create_project(dss, key)
    initialize(session, Scope(keys=("DONE",)))
    results = hide(session, ["CHURN", "NOPE", "DONE", "PLAIN"], "sandboxes")
    assert outcomes(results) == {"CHURN": "hidden", "NOPE": "failed", "DONE": "failed", "PLAIN": "hidden"}
    assert show(session, "PLAIN").hidden.reason == "sandboxes"
    assert outcomes(undo_hide(session, ["CHURN", "PLAIN"])) == {"CHURN": "shown", "PLAIN": "shown"}
    assert show(session, "CHURN").hidden is None


def test_a_dry_run_hides_nothing(dss, session, request_log):
    (result,) = hide(session, ["CHURN"], "a sandbox", dry_run=True)
    assert (result.outcome, result.message, request_log.count("PUT")) == ("hidden", "would be hidden", 0)


def test_what_others_keep_in_the_project_stays(dss, session):
    create_project(dss, "CHURN", customFields={"budget": 7, "list": [1]}, tags=["eu"])
    hide(session, ["CHURN"], "a sandbox")
    fields = custom_fields(dss, "CHURN")
    assert fields.pop("govern_record") and fields == {"budget": 7, "list": [1]}
    assert dss.metadata("CHURN")["tags"] == ["eu"] and dss.metadata("CHURN")["checklists"] == {"checklists": []}


def test_a_foreign_edit_while_a_project_is_hidden_survives(dss, session):
    dss.faults.before("PUT", METADATA, lambda: None)
    dss.faults.after("GET", METADATA, lambda: edit_fields(dss, "CHURN", budget=7))
    hide(session, ["CHURN"], "a sandbox")
    assert custom_fields(dss, "CHURN")["budget"] == 7 and show(session, "CHURN").hidden


def test_a_project_that_is_governed_meanwhile_stays_governed(dss, session, eve):
    dss.faults.after("GET", METADATA, lambda: initialize(eve, Scope(keys=("CHURN",))))
    (result,) = hide(session, ["CHURN"], "a sandbox")
    assert result.failed and "governed" in result.message
    assert show(session, "CHURN").is_governed and show(session, "CHURN").hidden is None


def test_governing_a_project_that_is_hidden_meanwhile_governs_it(dss, session, eve):
    dss.faults.after("GET", METADATA, lambda: hide(eve, ["CHURN"], "a sandbox"))
    assert outcomes(initialize(session, Scope(keys=("CHURN",)))) == {"CHURN": "initialized"}
    project = show(session, "CHURN")
    assert project.is_governed and project.hidden is None and not project.problems


@pytest.mark.parametrize("was_governed", [False, True])
def test_hiding_that_was_written_over_is_made_anew(dss, session, was_governed):
    if was_governed:
        initialize(session, Scope(keys=("CHURN",)))
        ungovern(session, ["CHURN"])
    before = dss.metadata("CHURN")
    dss.faults.after("PUT", METADATA, lambda: create_project(dss, "CHURN", **before))
    assert outcomes(hide(session, ["CHURN"], "a sandbox")) == {"CHURN": "hidden"}
    assert show(session, "CHURN").hidden.reason == "a sandbox"


def test_hiding_that_another_mark_took_the_place_of_is_not_told_as_done(dss, session, eve):
    """Both marks go on behind the same history, so only the name of the write tells them apart."""
    initialize(session, Scope(keys=("CHURN",)))
    ungovern(session, ["CHURN"])
    hide(eve, ["CHURN"], "hers")
    theirs = custom_fields(dss, "CHURN")
    undo_hide(session, ["CHURN"])
    dss.faults.after("PUT", METADATA, lambda: create_project(dss, "CHURN", customFields=theirs))
    (result,) = hide(session, ["CHURN"], "mine")
    assert (result.outcome, show(session, "CHURN").hidden.reason) == ("unchanged", "hers"), result


def test_a_project_that_is_shown_again_right_after_stays_so(dss, session, eve):
    dss.faults.after("PUT", METADATA, lambda: undo_hide(eve, ["CHURN"]))
    hide(session, ["CHURN"], "a sandbox")
    assert show(session, "CHURN").hidden is None


def test_only_who_may_write_the_project_hides_it(dss, session, session_of):
    key = dss.create_user("rita", ("readers",))
    project = dataikuapi.DSSClient(URL, dss.admin_key).get_project("CHURN")
    readers = {"group": "readers", "readProjectContent": True}
    project.set_permissions({**project.get_permissions(), "permissions": [readers]})
    (result,) = hide(session_of(key), ["CHURN"], "a sandbox")
    assert result.failed and show(session, "CHURN").hidden is None


def test_reports_gates_and_ungovern_take_a_hidden_project_as_not_governed(dss, session):
    hide(session, ["CHURN"], "a sandbox")
    portfolio = build_report(session, Filters(include_ungoverned=True)).portfolio
    assert [row.project.state.value for row in portfolio.rows] == ["ungoverned"] and not portfolio.summary.problems
    assert not gate(session, "CHURN", "exploration").result.met
    assert outcomes(ungovern(session, ["CHURN"])) == {"CHURN": "unchanged"} and show(session, "CHURN").hidden
    assert outcomes(ungovern(session, ["CHURN"], purge=True)) == {"CHURN": "removed"}
    assert custom_fields(dss, "CHURN") == {}
