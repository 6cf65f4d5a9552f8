"""Writing to a Govern node: nobody's edit is lost, nothing is written twice, doubt is cleared by reading."""

from datetime import date

import pytest
from standard import encode_artifact, new_artifact

from govern_mirror.errors import ConflictError, ConnectionFailed, GovernMirrorError, InputError, NotFound
from govern_mirror.model.blueprint import STANDARD, Status
from govern_mirror_devkit.sandbox.govern.templates import FieldType, TemplateField, TemplateStep

GOVERN_PROJECT, DEFAULT = "bp.system.govern_project", "bv.system.default"
COMMENT = "qualification.value.comment"


@pytest.fixture
def change(node):
    """Makes a change of values and statuses, as sync makes one."""
    template = node.template(GOVERN_PROJECT, DEFAULT)

    def make(values=None, statuses=None, initiatives=None, template=template):
        return lambda raw: encode_artifact(raw, template, values or {}, statuses, initiatives or {})[0]

    return make


def statuses_of(text):
    by_letter = {status.value[0]: status for status in Status}
    return dict(zip(STANDARD.step_ids, (by_letter[letter] for letter in text), strict=True))


def by_hand(sandbox, artifact_id, **fields):
    """What a person edits in Govern meanwhile."""
    return lambda: sandbox.node.edit(artifact_id, lambda document: document["fields"].update(fields))


# a change -------------------------------------------------------------------------------------------------------


def test_a_change_arrives_and_all_else_stays(sandbox, node, governed, change, requests_made, version):
    sandbox.node.version = version
    project_id, item_id = governed(
        fields={"countries": ["France"], "description": "d"}, status={"stepId": "exploration"}
    )
    requests_made.clear()
    values = {COMMENT: "why", "overview.start_date": date(2026, 6, 1), "qualification.value.rating": "High"}
    raw = node.save(project_id, change(values, statuses_of("FONNN")))
    assert requests_made == {"read": 3, "write": 1, "all": 4}
    assert raw == node.read(project_id)
    assert raw["fields"]["start_date"] == "2026-06-01T00:00:00.000Z"
    assert raw["fields"]["qualification_value_score"] == 80  # Govern's hook, not we
    assert (raw["fields"]["countries"], raw["fields"]["description"]) == (["France"], "d")
    assert raw["fields"]["dataiku_item"] == [item_id]
    project = node.survey().by_dss("design", "CHURN")
    assert project.values[COMMENT] == "why"
    assert project.comparable(project.statuses) == project.comparable(statuses_of("FONNN"))


def test_what_already_is_writes_nothing(node, governed, change, requests_made):
    project_id, _ = governed(fields={"qualification_value_comments": "why"})
    requests_made.clear()
    node.save(project_id, change({COMMENT: "why"}, statuses_of("NNNNN")))
    assert requests_made == {"read": 1, "all": 1}


def test_a_forked_project_keeps_its_own_steps_and_fields(sandbox, node, change):
    fork = sandbox.blueprints.fork(
        "bv.acme",
        steps=[TemplateStep("intake", "Intake"), *(TemplateStep(s.id, s.name) for s in STANDARD.steps)],
        fields=[TemplateField("budget", FieldType.NUMBER)],
    )
    made = sandbox.node.govern(
        "Churn",
        blueprintVersionId={"blueprintId": GOVERN_PROJECT, "versionId": "bv.acme"},
        fields={"budget": 5},
        workflow={"steps": {"intake": {"status": "SKIPPED", "visible": False}}},
    )
    template = node.template(*fork_ids(fork))
    raw = node.save(made.id, change({COMMENT: "x"}, statuses_of("ONNNN"), template=template))
    assert raw["fields"]["budget"] == 5
    assert raw["workflow"]["steps"]["intake"] == {"status": "SKIPPED", "visible": False}
    assert raw["workflow"]["steps"]["exploration"]["status"] == "ONGOING"


def fork_ids(fork):
    return fork.blueprint_id, fork.version_id


# others write too -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edit", "named"),
    [
        ({"fields": {"qualification_value_comments": "theirs"}}, "fields.qualification_value_comments"),
        ({"fields": {"start_date": "2027-01-01T00:00:00.000Z"}}, "fields.start_date"),
        ({"workflow": {"steps": {"exploration": {"status": "ONGOING"}}}}, "steps.exploration"),
        ({"archived": True}, "archived"),
    ],
)
def test_an_edit_in_govern_since_the_comparison_is_not_overwritten(
    sandbox, node, governed, change, requests_made, edit, named
):
    project_id, _ = governed()
    expected = node.read(project_id)

    def update(document):
        for key, value in edit.items():
            document[key] = {**document[key], **value} if key == "fields" else value

    sandbox.node.edit(project_id, update)
    with pytest.raises(ConflictError, match=rf"{named} changed in Govern since.*nothing was written"):
        node.save(project_id, change({COMMENT: "ours"}), expected)
    assert requests_made["write"] == 0


def test_a_change_of_what_is_not_ours_stops_nothing_and_is_kept(sandbox, node, governed, change):
    project_id, _ = governed()
    expected = node.read(project_id)
    by_hand(sandbox, project_id, progress_rollout_plan="theirs", final_approvers=["gr.1"])()
    raw = node.save(project_id, change({COMMENT: "ours"}), expected)
    assert (raw["fields"]["progress_rollout_plan"], raw["fields"]["final_approvers"]) == ("theirs", ["gr.1"])
    assert raw["fields"]["qualification_value_comments"] == "ours"


def test_an_edit_of_another_value_right_after_ours_is_no_failure(sandbox, node, governed, change):
    project_id, _ = governed()
    reads = []

    def edit_before_second_read():
        reads.append(1)
        if len(reads) == 2:
            by_hand(sandbox, project_id, delivery_notes="theirs")()

    sandbox.faults.before("GET", "/artifact/*", edit_before_second_read, once=False)
    raw = node.save(project_id, change({COMMENT: "ours"}))
    assert (raw["fields"]["delivery_notes"], raw["fields"]["qualification_value_comments"]) == ("theirs", "ours")


def test_a_value_that_govern_does_not_hold_after_all_is_said(sandbox, node, governed, change):
    project_id, _ = governed()
    reads = []

    def edit_before_second_read():
        reads.append(1)
        if len(reads) == 2:
            by_hand(sandbox, project_id, qualification_value_comments="theirs")()

    sandbox.faults.before("GET", "/artifact/*", edit_before_second_read, once=False)
    with pytest.raises(ConflictError, match=r"does not hold fields.qualification_value_comments"):
        node.save(project_id, change({COMMENT: "ours"}))


def test_a_project_deleted_before_the_write_is_not_made_anew(sandbox, node, governed, change):
    project_id, _ = governed()
    sandbox.faults.before("PUT", "/artifact/*", lambda: sandbox.node.delete(project_id))
    with pytest.raises(NotFound, match=f"write {project_id}"):
        node.save(project_id, change({COMMENT: "ours"}))
    with pytest.raises(NotFound, match=f"read {project_id}"):
        node.save(project_id, change({COMMENT: "ours"}))
    assert node.survey().projects == []


def test_a_value_that_govern_refuses_is_told_in_its_words(sandbox, node, governed):
    project_id, _ = governed()

    def wrong(raw):
        return {**raw, "fields": {**raw["fields"], "cost_rating": "Huge"}}

    with pytest.raises(GovernMirrorError, match=r"Govern refused to write .*Huge"):
        node.save(project_id, wrong)


# doubtful answers -----------------------------------------------------------------------------------------------


def test_a_write_whose_answer_was_lost_is_not_repeated(sandbox, node, governed, change, requests_made):
    project_id, _ = governed()
    sandbox.faults.set("PUT /artifact/*:timeout-after-write@1")
    raw = node.save(project_id, change({COMMENT: "ours"}))
    assert raw["fields"]["qualification_value_comments"] == "ours"
    assert requests_made["write"] == 1


@pytest.mark.parametrize("fault", ["close", "html", "html-502"])
def test_a_write_that_did_not_land_is_made_again(sandbox, node, governed, change, requests_made, fault):
    project_id, _ = governed()
    sandbox.faults.set(f"PUT /artifact/*:{fault}@1")
    raw = node.save(project_id, change({COMMENT: "ours"}))
    assert raw["fields"]["qualification_value_comments"] == "ours"
    assert requests_made["write"] == 2


def test_a_repeated_write_does_not_go_over_an_edit(sandbox, node, governed, change):
    project_id, _ = governed()
    expected = node.read(project_id)
    sandbox.faults.set("PUT /artifact/*:close@1")
    sandbox.faults.before("PUT", "/artifact/*", by_hand(sandbox, project_id, qualification_value_comments="theirs"))
    with pytest.raises(ConflictError, match="nothing was written"):
        node.save(project_id, change({COMMENT: "ours"}), expected)
    assert node.read(project_id)["fields"]["qualification_value_comments"] == "theirs"


def test_a_node_that_stays_broken_is_given_up_after_three_tries(sandbox, node, governed, change, requests_made):
    project_id, _ = governed()
    sandbox.faults.set("PUT /artifact/*:close")
    with pytest.raises(ConnectionFailed):
        node.save(project_id, change({COMMENT: "ours"}))
    assert requests_made["write"] == 3


def test_when_nobody_knows_whether_it_was_written_that_is_what_is_said(sandbox, node, governed, change):
    project_id, _ = governed()
    sandbox.faults.before("PUT", "/artifact/*", lambda: sandbox.faults.set("* *:timeout-after-write"))
    with pytest.raises(ConnectionFailed, match="may have been written"):
        node.save(project_id, change({COMMENT: "ours"}))
    sandbox.faults.set("")
    writes = []
    sandbox.faults.before("PUT", "/artifact/*", lambda: writes.append(1), once=False)
    raw = node.save(project_id, change({COMMENT: "ours"}))  # run again, as the message says
    assert (raw["fields"]["qualification_value_comments"], writes) == ("ours", [])


# creating -------------------------------------------------------------------------------------------------------


@pytest.fixture
def ungoverned(sandbox):
    return [sandbox.node.register_dataiku_project("design", key).id for key in ("CHURN", "CHURN_EU")]


def definition(node, items, name="Churn"):
    template = node.template(GOVERN_PROJECT, DEFAULT)
    values = {"overview.business_initiative": "Growth", "qualification.risk.rating": "Low"}
    made, problems = new_artifact(name, template, items, values, statuses_of("FONNN"), {"Growth": "ar.1"})
    assert problems == []
    return made


@pytest.fixture
def growth(sandbox):
    ids = {"blueprintId": "bp.system.business_initiative", "versionId": DEFAULT}
    return sandbox.node.create({"name": "Growth", "blueprintVersionId": ids}).id


def test_a_created_project_has_the_values_of_its_dss_projects(sandbox, growth, node, ungoverned, version):
    sandbox.node.version = version
    made = node.create(definition(node, ungoverned))
    survey = node.survey()
    for key in ("CHURN", "CHURN_EU"):
        project = survey.by_dss("design", key)
        assert project.id == made
    assert project.values["overview.business_initiative"] == "Growth"
    assert project.comparable(project.statuses) == project.comparable(statuses_of("FONNN"))
    assert project.raw["fields"]["qualification_risk_score"] == 80
    assert survey.problems == []


@pytest.mark.parametrize(("fault", "posts"), [("timeout-after-write", 1), ("close", 2)])
def test_a_project_is_created_once_when_the_answer_was_lost(
    sandbox, growth, node, ungoverned, requests_made, fault, posts
):
    sandbox.faults.set(f"POST /artifacts:{fault}@1")
    made = node.create(definition(node, ungoverned))
    assert [project.id for project in node.survey().projects] == [made]
    assert requests_made["create"] == posts


def test_a_project_of_the_same_name_is_not_taken_for_the_created_one(sandbox, growth, node, governed, ungoverned):
    other, _ = governed("Churn", key="OTHER")
    sandbox.faults.set("POST /artifacts:timeout-after-write@1")
    assert node.create(definition(node, ungoverned)) != other


def test_a_node_that_creates_nothing_is_given_up(sandbox, growth, node, ungoverned, requests_made):
    sandbox.faults.set("POST /artifacts:close")
    with pytest.raises(ConnectionFailed):
        node.create(definition(node, ungoverned))
    assert requests_made["create"] == 3


def test_a_project_that_someone_governed_meanwhile_is_not_governed_twice(sandbox, growth, node, ungoverned):
    theirs = sandbox.node.govern("Theirs", ungoverned[1])
    with pytest.raises(ConflictError, match=f"governed by {theirs.id} already"):
        node.create(definition(node, ungoverned))
    assert len(node.survey().projects) == 1


def test_a_project_over_nothing_or_over_what_is_gone_is_not_created(sandbox, growth, node, ungoverned, requests_made):
    with pytest.raises(InputError, match="at least one DSS project"):
        node.create(definition(node, []))
    sandbox.node.delete(ungoverned[0])
    with pytest.raises(NotFound):
        node.create(definition(node, ungoverned))
    assert requests_made["create"] == 0


def test_a_version_that_takes_no_new_projects_is_told_by_govern(sandbox, growth, node, ungoverned):
    from govern_mirror_devkit.sandbox.govern.templates import VersionStatus

    sandbox.blueprints.fork("bv.draft", status=VersionStatus.DRAFT)
    ids = {"blueprintId": GOVERN_PROJECT, "versionId": "bv.draft"}
    with pytest.raises(GovernMirrorError, match="DRAFT"):
        node.create({**definition(node, ungoverned), "blueprintVersionId": ids})
