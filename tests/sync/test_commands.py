"""`sync …` between a DSS and a Govern node, with the real clients."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner
from sampling import sample
from support.command_line import run_command

from govern_mirror import Scope, initialize
from govern_mirror.cli.commands.sync import _say_results
from govern_mirror.cli.context import GlobalOptions
from govern_mirror.cli.main import main
from govern_mirror.govern_node import GovernNode
from govern_mirror.sync.apply import SyncResult
from govern_mirror_devkit.sandbox.faults import Broken
from govern_mirror_devkit.sandbox.govern.templates import FieldType, TemplateField, TemplateStep


def test_nothing_differs_when_nothing_was_changed(sides):
    sides.project("CHURN")
    ran = sides.run("status")
    assert (ran.code, ran.out) == (0, "")
    assert "1 compared" in ran.err


def test_what_changed_in_govern_is_pulled_and_a_second_run_finds_nothing(sides):
    sides.project("CHURN")
    sides.in_govern(
        "CHURN",
        {"exploration": "FINISHED", "qualification": "ONGOING"},
        qualification_value_rating="High",
        qualification_resulting_decision="Go",
        start_date="2026-06-01T00:00:00.000Z",
        exploration_notes="Two years of data.",
    )
    status = sides.run("status", "--format", "json")
    assert status.code == 3
    found = {each["field"]: each for each in status.json["projects"][0]["differences"]}
    assert set(found) == {
        "workflow", "qualification.value.rating", "qualification.decision", "overview.start_date",
        "steps.exploration.notes",
    }  # fmt: skip
    assert all(each["verdict"] == "changed-there" for each in found.values())
    assert sides.run("pull", "--dry-run").code == 3
    assert "govern_value_rating" not in sides.held_by_dss("CHURN")
    assert sides.run("pull").code == 0
    held = sides.held_by_dss("CHURN")
    assert held["govern_value_rating"] == "High"
    assert held["govern_decision"] == "Go"
    assert held["govern_start_date"] == "2026-06-01"
    assert held["govern_notes_exploration"] == "Two years of data."
    assert (held["govern_status_exploration"], held["govern_status_qualification"]) == ("FINISHED", "ONGOING")
    assert sides.run("status").code == 0
    again = sides.run("pull")
    assert (again.code, again.err.splitlines()[-1]) == (0, "Nothing to do")


def test_what_changed_in_dss_is_pushed_and_scores_are_left_to_govern(sides):
    sides.project("CHURN")
    sides.run("pull")
    sides.recorded(
        "CHURN", govern_value_rating="High", govern_status_exploration="ONGOING", govern_target_end_date="2027-01-31"
    )
    assert sides.run("push").code == 0
    held = sides.held_by_govern("CHURN")
    assert held["fields"]["qualification_value_rating"] == "High"
    assert held["fields"]["qualification_value_score"] == 80
    assert held["fields"]["target_end_date"] == "2027-01-31T00:00:00.000Z"
    assert held["workflow"]["steps"]["exploration"]["status"] == "ONGOING"
    assert sides.run("status").code == 0
    assert sides.run("pull").err.splitlines()[-1] == "Nothing to do"


def test_both_sides_edits_meet_and_none_is_lost(sides):
    sides.project("CHURN")
    sides.run("pull")
    sides.recorded("CHURN", govern_risk_rating="Low")
    sides.in_govern("CHURN", qualification_value_rating="High")
    assert sides.run("both").code == 0
    assert sides.held_by_dss("CHURN")["govern_value_rating"] == "High"
    assert sides.held_by_govern("CHURN")["fields"]["qualification_risk_rating"] == "Low"
    assert sides.run("status").code == 0


@pytest.mark.parametrize(("prefer", "value"), [("dss", "Low"), ("govern", "High")])
def test_a_conflict_is_left_until_someone_decides(sides, prefer, value):
    sides.project("CHURN")
    sides.in_govern("CHURN", qualification_value_rating="Medium low")
    sides.run("pull")
    sides.recorded("CHURN", govern_value_rating="Low")
    sides.in_govern("CHURN", qualification_value_rating="High")
    left = sides.run("both")
    assert left.code == 3
    assert "conflicts: 1" in left.err
    assert sides.held_by_dss("CHURN")["govern_value_rating"] == "Low"
    assert sides.held_by_govern("CHURN")["fields"]["qualification_value_rating"] == "High"
    assert sides.run("both", "--prefer", prefer).code == 0
    assert sides.held_by_dss("CHURN")["govern_value_rating"] == value
    assert sides.held_by_govern("CHURN")["fields"]["qualification_value_rating"] == value
    assert sides.run("status").code == 0


def test_a_business_initiative_is_pulled_by_its_name(sides):
    initiative = sides.govern.node.create(
        {
            "name": "Customer loyalty",
            "blueprintVersionId": {"blueprintId": "bp.system.business_initiative", "versionId": "bv.system.default"},
        }
    )
    sides.project("CHURN")
    sides.in_govern("CHURN", business_initiative=initiative.id)
    assert sides.run("pull").code == 0
    assert sides.held_by_dss("CHURN")["govern_business_initiative"] == "Customer loyalty"
    sides.recorded("CHURN", govern_business_initiative="Nobody knows this")
    ran = sides.run("push")
    assert "Business initiative was not written" in ran.err
    assert sides.held_by_govern("CHURN")["fields"]["business_initiative"] == initiative.id
    # it stays a difference, not a value that was lost
    assert sides.run("status").code == 3
    assert sides.held_by_dss("CHURN")["govern_business_initiative"] == "Nobody knows this"


def test_create_governs_what_only_the_other_side_governs(sides):
    sides.project("THERE", governed=False)
    sides.in_govern("THERE", {"exploration": "ONGOING"}, qualification_value_rating="High")
    sides.project("HERE", artifact=False)
    sides.recorded("HERE", govern_risk_rating="Low", govern_status_exploration="ONGOING")
    status = sides.run("status")
    assert status.code == 3
    assert "HERE: governed in DSS only" in status.err
    assert "THERE (There): governed in Govern only" in status.err
    assert sides.run("both", "--create").code == 0
    assert sides.held_by_dss("THERE")["govern_value_rating"] == "High"
    assert sides.held_by_dss("THERE")["govern_status_exploration"] == "ONGOING"
    [made] = [each for each in sides.govern.node.artifacts() if each.name == "Here"]
    assert made.fields["qualification_risk_rating"] == "Low"
    assert sides.run("status").code == 0
    assert sides.run("both", "--create").err.splitlines()[-1] == "Nothing to do"


def test_c5_push_lets_govern_know_a_project_that_it_does_not(sides):
    sides.project("NEW", known=False)
    sides.recorded("NEW", govern_risk_rating="Low")
    dry = sides.run("push", "--create", "--dry-run")
    assert "Govern does not know NEW yet" in dry.err and "administrator of DSS" in dry.err
    assert not sides.govern.node.artifacts(), "a dry run tells Govern nothing"
    ended = sides.run("push", "--create")
    assert ended.code == 0, ended.err
    [made] = [each for each in sides.govern.node.artifacts() if each.name == "New"]
    assert made.fields["qualification_risk_rating"] == "Low"
    assert sides.run("status").code == 0


def test_c5_without_an_administrators_key_the_push_says_what_to_do(sides):
    sides.project("NEW", known=False)
    sides.project("CHURN")
    sides.recorded("CHURN", govern_risk_rating="Low")
    key = sides.dss.create_user("bruno")
    for project in ("NEW", "CHURN"):
        document = {"owner": "bruno", "permissions": []}
        sides.dss.projects.set_document(sides.dss.admin, project, "permissions", document)
    govern = ("--govern-url", sides.govern_url, "--govern-api-key", sides.govern.api_key)
    ended = run_command("--url", sides.dss_url, "--api-key", key, "sync", "push", "--create", *govern)
    assert "NEW" in ended.err and "administrator of DSS" in ended.err and "failed" not in ended.err
    assert not any(each.name == "New" for each in sides.govern.node.artifacts())
    assert sides.held_by_govern("CHURN")["fields"]["qualification_risk_rating"] == "Low"


def test_two_projects_under_one_govern_project_both_get_what_changed(sides):
    sides.project("ONE")
    sides.dss.create_project("TWO", "Two")
    sides.run("pull")
    item = sides.govern.node.register_dataiku_project("sandbox", "TWO")
    sides.govern.node.edit(sides.artifacts["ONE"], lambda d: d["fields"]["dataiku_item"].append(item.id))
    initialize(sides.session, Scope(("TWO",)))
    sides.in_govern("ONE", qualification_value_rating="High")
    assert sides.run("pull").code == 0
    assert [sides.held_by_dss(key)["govern_value_rating"] for key in ("ONE", "TWO")] == ["High", "High"]
    sides.recorded("ONE", govern_value_rating="Low")
    sides.recorded("TWO", govern_value_rating="Medium low")
    disagreeing = sides.run("push")
    assert disagreeing.code == 3
    assert sides.held_by_govern("ONE")["fields"]["qualification_value_rating"] == "High"
    sides.recorded("TWO", govern_value_rating="Low")
    assert sides.run("push").code == 0
    assert sides.held_by_govern("ONE")["fields"]["qualification_value_rating"] == "Low"
    assert sides.run("status").code == 0


def test_projects_on_automation_nodes_and_archived_ones_are_left_alone(sides):
    sides.dss.create_project("AUTO", "Auto")
    initialize(sides.session, Scope(("AUTO",)))
    item = sides.govern.node.register_dataiku_project("sandbox", "AUTO", automation_node=True)
    sides.govern.node.govern("Auto", item.id, fields={"qualification_value_rating": "High"})
    before = sides.dss.metadata("AUTO")
    assert sides.run("both").code == 0
    assert sides.dss.metadata("AUTO") == before


def many(sides, count):
    for number in range(count):
        sides.project(f"P{number}")
    sides.run("pull")


def test_a_plan_that_changes_too_much_is_refused_and_writes_nothing(sides):
    many(sides, 10)
    for number in range(4):
        sides.in_govern(f"P{number}", qualification_value_rating="High")
    refused = sides.run("pull")
    assert refused.code == 1
    assert "4 of 10 DSS projects would change" in refused.err
    assert all("govern_value_rating" not in sides.held_by_dss(f"P{number}") for number in range(10))
    assert sides.run("pull", "--force").code == 0
    assert sides.held_by_dss("P3")["govern_value_rating"] == "High"


def test_only_limits_the_work_to_what_is_named(sides):
    for key in ("ONE", "TWO"):
        sides.project(key)
        sides.in_govern(key, qualification_value_rating="High")
    assert sides.run("pull", "--only", "ONE").code == 0
    assert sides.held_by_dss("ONE")["govern_value_rating"] == "High"
    assert "govern_value_rating" not in sides.held_by_dss("TWO")


def test_a_saved_plan_is_applied_later_and_refused_when_a_side_has_moved(sides, tmp_path):
    for key in ("ONE", "TWO"):
        sides.project(key)
        sides.in_govern(key, qualification_value_rating="High")
    plan = tmp_path / "plan.json"
    assert sides.run("pull", "--out", str(plan)).code == 0
    assert "govern_value_rating" not in sides.held_by_dss("ONE")
    assert sides.run("apply", str(plan), "--dry-run").code == 3
    sides.in_dss("TWO", govern_value_rating="Low")
    assert sides.run("apply", str(plan), "--dry-run").code == 1
    refused = sides.run("apply", str(plan))
    assert refused.code == 1
    assert "TWO: qualification.value.rating changed in DSS" in refused.err
    assert "govern_value_rating" not in sides.held_by_dss("ONE")
    sides.dss.edit_metadata("TWO", lambda metadata: metadata["customFields"].pop("govern_value_rating"))
    assert sides.run("apply", str(plan)).code == 0
    assert sides.held_by_dss("TWO")["govern_value_rating"] == "High"
    sides.in_govern("ONE", qualification_value_rating="Low")
    assert sides.run("apply", str(plan)).code == 1


def test_a_damaged_plan_is_refused_before_anything_is_asked(sides, tmp_path):
    broken = tmp_path / "plan.json"
    for text in ("", "[]", "{", json.dumps({"kind": "govern-mirror sync plan", "format_version": 99})):
        broken.write_text(text, encoding="utf-8")
        ran = sides.run("apply", str(broken))
        assert ran.code == 2, text


def test_half_a_govern_node_and_none_are_refused_with_the_way_to_give_it(sides):
    assert sides.run("status", "--govern-url", "https://g.example.com").code == 2
    sides.dss.govern_node_ref = {"enabled": False}
    ran = sides.run("status")
    assert ran.code == 2
    assert "--govern-url" in ran.err


def test_a_wrong_govern_key_names_the_key(sides):
    ran = sides.run("status", "--govern-url", sides.govern_url, "--govern-api-key", "wrong")
    assert ran.code == 1
    assert "DKU_GOVERN_API_KEY" in ran.err


def test_a_key_that_only_reads_govern_can_pull_but_not_push(sides):
    sides.project("CHURN")
    sides.in_govern("CHURN", qualification_value_rating="High")
    key = sides.govern.accounts.create_global_key()
    node = ("--govern-url", sides.govern_url, "--govern-api-key", key)
    assert sides.run("pull", *node).code == 0
    assert sides.held_by_dss("CHURN")["govern_value_rating"] == "High"
    sides.recorded("CHURN", govern_value_rating="Low")
    refused = sides.run("push", *node)
    assert refused.code == 1
    assert "may not write artifacts" in refused.err
    assert sides.held_by_govern("CHURN")["fields"]["qualification_value_rating"] == "High"
    # nothing was noted as in step that is not
    assert sides.run("status", *node).code == 3


def test_an_artifact_deleted_between_compare_and_write_fails_alone(sides, monkeypatch):
    for key in ("ONE", "TWO"):
        sides.project(key)
        sides.recorded(key, govern_value_rating="High")
    survey = GovernNode.survey

    def surveyed(node):
        found = survey(node)
        if "ONE" in sides.artifacts:
            sides.govern.node.delete(sides.artifacts.pop("ONE"))
        return found

    monkeypatch.setattr(GovernNode, "survey", surveyed)
    ran = sides.run("push")
    assert ran.code == 1
    assert sides.held_by_govern("TWO")["fields"]["qualification_value_rating"] == "High"
    assert [line.split(":")[0] for line in ran.err.splitlines() if "failed:" in line] == ["ONE"]


def test_an_edit_between_compare_and_write_is_not_written_over(sides, monkeypatch):
    sides.project("CHURN")
    sides.in_govern("CHURN", qualification_value_rating="High")
    survey = GovernNode.survey

    def surveyed(node):
        found = survey(node)
        sides.in_dss("CHURN", govern_value_rating="Low")
        return found

    monkeypatch.setattr(GovernNode, "survey", surveyed)
    ran = sides.run("pull")
    assert ran.code == 1
    assert "compare again" in ran.err
    assert sides.held_by_dss("CHURN")["govern_value_rating"] == "Low"


def requests_of(sides):
    seen = []
    for node in (sides.dss, sides.govern):
        around = node.faults.around

        def counted(method, path, answer, around=around):
            seen.append((method, path))
            return around(method, path, answer)

        node.faults.around = counted
    return seen


def test_the_number_of_requests_does_not_grow_with_the_projects(sides):
    many(sides, 3)
    seen = requests_of(sides)
    sides.run("status")
    few = len(seen)
    for number in range(3, 12):
        sides.project(f"P{number}")
    seen.clear()
    sides.run("status")
    assert len(seen) == few


def test_a_run_after_a_kill_ends_where_one_clean_run_would(sides):
    """The connection breaks for good at the nth request; a clean run afterwards ends as if it had never broken."""
    sides.project("ONE")
    sides.project("TWO")
    sides.run("pull")
    first = {key: (sides.dss.metadata(key), sides.held_by_govern(key)) for key in ("ONE", "TWO")}
    seen = requests_of(sides)

    def edit():
        sides.recorded("ONE", govern_risk_rating="Low", govern_status_exploration="ONGOING")
        sides.in_govern("TWO", qualification_value_rating="High")

    edit()
    seen.clear()
    assert sides.run("both").code == 0
    total = len(seen)
    clean = values(sides)
    for broken in sample(range(1, total + 1), 6, lambda number: number if number in (1, total) else None):
        for key, (metadata, document) in first.items():
            sides.dss.projects.set_metadata(sides.dss.admin, key, metadata)
            sides.govern.node.replace(sides.artifacts[key], document)
        edit()
        kill(sides, broken)
        sides.run("both")
        revive(sides)
        assert sides.run("both").code == 0
        assert values(sides) == clean, broken
        assert sides.run("status").code == 0


def values(sides):
    held = {}
    for key in ("ONE", "TWO"):
        fields = {name: value for name, value in sides.held_by_dss(key).items() if name != "govern_record"}
        moves = [e for e in json.loads(sides.held_by_dss(key)["govern_record"])["events"] if e["what"] == "sync"]
        held[key] = fields, sides.held_by_govern(key), len(moves)
    return held


def kill(sides, at):
    """Let every request from the nth on break, before or after it was handled."""
    count = 0
    for node in (sides.dss, sides.govern):
        node.faults.alive = node.faults.around

        def around(method, path, answer, node=node):
            nonlocal count
            count += 1
            if count >= at:
                if count == at:
                    answer()
                raise Broken
            return node.faults.alive(method, path, answer)

        node.faults.around = around


def revive(sides):
    for node in (sides.dss, sides.govern):
        node.faults.around = node.faults.alive


def test_several_instances_are_synced_with_one_node(sides, tmp_path):
    sides.project("CHURN")
    sides.in_govern("CHURN", qualification_value_rating="High")
    fleet = tmp_path / "fleet.json"
    entry = {"url": sides.dss_url, "api_key": sides.dss.admin_key}
    fleet.write_text(json.dumps({"dss_instances": {"one": entry, "again": entry}}), encoding="utf-8")
    arguments = ["sync", "status", "--fleet", str(fleet), "--format", "json"]
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == 3
    assert [plan["node_id"] for plan in json.loads(result.stdout)["plans"]] == ["sandbox", "sandbox"]
    pulled = CliRunner().invoke(main, ["sync", "pull", "--fleet", str(fleet)], catch_exceptions=False)
    assert pulled.exit_code == 0
    # the second one reads Govern and DSS anew, and finds the work done
    assert "1 pulled" in pulled.stderr
    assert pulled.stderr.splitlines()[-1] == "Nothing to do"


def test_an_instance_that_cannot_be_reached_stops_no_other(sides, tmp_path):
    sides.project("CHURN")
    sides.in_govern("CHURN", qualification_value_rating="High")
    fleet = tmp_path / "fleet.json"
    dead = {"url": "http://127.0.0.1:9", "api_key": "x"}
    entries = {"dead": dead, "good": {"url": sides.dss_url, "api_key": sides.dss.admin_key}}
    fleet.write_text(json.dumps({"dss_instances": entries}), encoding="utf-8")
    result = CliRunner().invoke(main, ["sync", "pull", "--fleet", str(fleet)], catch_exceptions=False)
    assert result.exit_code == 1
    assert "http://127.0.0.1:9" in result.stderr
    assert sides.held_by_dss("CHURN")["govern_value_rating"] == "High"


def test_a_creation_is_a_row_of_the_plan(sides):
    sides.project("LONE", artifact=False)
    dry = sides.run("push", "--create", "--dry-run")
    assert dry.code == 3
    assert "LONE" in dry.out
    assert "created in Govern" in dry.out
    assert "1 to be created" in dry.err


def test_a_dry_run_says_that_the_threshold_would_refuse(sides):
    many(sides, 10)
    for number in range(4):
        sides.in_govern(f"P{number}", qualification_value_rating="High")
    assert "would be refused without --force: 4 of 10" in sides.run("pull", "--dry-run").err


def test_a_key_that_is_not_there_is_no_all_clear(sides):
    sides.project("CHURN")
    ran = sides.run("status", "--only", "CHRUN")
    assert ran.code == 2
    assert "CHRUN" in ran.err


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"dss_instances": {"a": {"url": "x"}}}'])
def test_a_fleet_file_that_cannot_be_used_is_refused(sides, tmp_path, content):
    fleet = tmp_path / "fleet.json"
    fleet.write_text(content, encoding="utf-8")
    result = CliRunner().invoke(main, ["sync", "status", "--fleet", str(fleet)], catch_exceptions=False)
    assert result.exit_code == 2
    assert "fleet.json" in result.stderr


class TestOlderNodes:
    """Govern before 13.5 has one step id instead of a workflow."""

    @pytest.fixture
    def version(self):
        return "13.4.2"

    def test_a_step_that_moved_in_govern_is_pulled(self, sides):
        sides.project("CHURN")
        sides.govern.node.edit(
            sides.artifacts["CHURN"], lambda document: document.update({"status": {"stepId": "progress"}})
        )
        assert sides.run("pull").code == 0
        held = sides.held_by_dss("CHURN")
        assert held["govern_status_qualification"] == "FINISHED"
        assert held["govern_status_progress"] == "ONGOING"
        assert sides.run("status").code == 0

    def test_a_step_that_moved_in_dss_is_pushed_as_the_one_step_id(self, sides):
        sides.project("CHURN")
        sides.run("pull")
        sides.recorded("CHURN", govern_status_exploration="FINISHED", govern_status_qualification="ONGOING")
        assert sides.run("push").code == 0
        assert sides.held_by_govern("CHURN")["status"]["stepId"] == "qualification"
        assert sides.run("status").code == 0

    def test_what_one_step_id_cannot_tell_is_no_difference(self, sides):
        sides.project("CHURN")
        sides.recorded("CHURN", govern_status_exploration="FINISHED")
        assert sides.run("both").code == 0
        assert sides.run("status").code == 0
        assert sides.held_by_dss("CHURN").get("govern_status_qualification", "NOT_STARTED") == "NOT_STARTED"


def test_what_only_a_forked_template_has_is_left_alone(sides):
    standard = sides.govern.blueprints.version("bp.system.govern_project", "bv.system.default").steps
    sides.govern.blueprints.fork(
        "bv.acme",
        steps=[*standard[:2], TemplateStep("ethics", "Ethics board"), *standard[2:]],
        fields=[TemplateField("ethics_notes", FieldType.TEXT, "Ethics")],
        without_fields=["cost_rating"],
    )
    version = {"blueprintId": "bp.system.govern_project", "versionId": "bv.acme"}
    sides.project("CHURN", blueprintVersionId=version, fields={"ethics_notes": "Fair enough."})
    sides.in_govern(
        "CHURN",
        {"exploration": "FINISHED", "qualification": "FINISHED", "ethics": "ONGOING"},
        qualification_value_rating="High",
    )
    assert sides.run("pull").code == 0
    held = sides.held_by_dss("CHURN")
    assert (held["govern_status_qualification"], held.get("govern_status_progress")) == ("FINISHED", "NOT_STARTED")
    sides.recorded("CHURN", govern_status_progress="ONGOING", govern_cost_rating="Low")
    ran = sides.run("push")
    after = sides.held_by_govern("CHURN")
    assert after["workflow"]["steps"]["progress"]["status"] == "ONGOING"
    assert after["workflow"]["steps"]["ethics"]["status"] == "ONGOING"
    assert after["fields"]["ethics_notes"] == "Fair enough."
    assert "cost_rating" not in after["fields"]
    assert ran.code == 0
    assert sides.run("status").code == 0


def test_a_category_that_this_side_does_not_know_is_listed_and_left(sides):
    rating = sides.govern.blueprints.version("bp.system.govern_project", "bv.system.default").fields
    known = rating["qualification_value_rating"]
    sides.govern.blueprints.fork("bv.stars", fields=[replace(known, categories=(*known.categories, "Stellar"))])
    version = {"blueprintId": "bp.system.govern_project", "versionId": "bv.stars"}
    sides.project("CHURN", blueprintVersionId=version, fields={"qualification_value_rating": "Stellar"})
    sides.in_govern("CHURN", qualification_risk_rating="Low")
    ran = sides.run("both", "--prefer", "dss")
    assert sides.held_by_dss("CHURN")["govern_risk_rating"] == "Low"
    assert "govern_value_rating" not in sides.held_by_dss("CHURN")
    assert sides.held_by_govern("CHURN")["fields"]["qualification_value_rating"] == "Stellar"
    assert "Stellar" in ran.err or "qualification.value.rating" in ran.err


def test_a_result_names_its_project_once(capsys):
    results = [
        SyncResult("CHURN", "pulled", warnings=("CHURN: the history stays in the record",)),
        SyncResult("FRAUD", "failed", "FRAUD: Sponsor changed in DSS since it was compared"),
    ]
    _say_results(GlobalOptions(), results)
    lines = capsys.readouterr().err.splitlines()
    assert lines[1:3] == [
        "Warning: CHURN: the history stays in the record",
        "FRAUD: failed: Sponsor changed in DSS since it was compared",
    ]
