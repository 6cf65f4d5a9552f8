"""Reading a Govern node: everything, in few requests, and what is odd is said and stops nothing else."""

import json
import logging

import pytest
import responses
from standard import GovernNode

from govern_mirror import govern_node
from govern_mirror.connection import Instance
from govern_mirror.errors import AccessDenied, ConnectionFailed, GovernMirrorError, InputError, NotFound
from govern_mirror.govern_node import Fault, connect_govern
from govern_mirror.model.blueprint import STANDARD, Status
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.govern.templates import FieldType, Template, TemplateField, TemplateStep
from govern_mirror_devkit.sandbox.mock_instance import mock_instance

GOVERN_PROJECT, DEFAULT = "bp.system.govern_project", "bv.system.default"
ELSEWHERE = "https://elsewhere.example.com"


def initiative(sandbox, name, blueprint="bp.system.business_initiative"):
    version = {"blueprintId": blueprint, "versionId": DEFAULT}
    return sandbox.node.create({"name": name, "blueprintVersionId": version}).id


def version_of(template):
    return {"blueprintId": template.blueprint_id, "versionId": template.version_id}


def refs(survey, artifact_id):
    return [(ref.node_id, ref.project_key) for ref in survey.dss_projects[artifact_id]]


# what is found --------------------------------------------------------------------------------------------------


def test_a_governed_project_is_found_by_its_dss_project(sandbox, node, governed, version):
    sandbox.node.version = version
    growth = initiative(sandbox, "Growth")
    project_id, item_id = governed(
        fields={"business_initiative": growth, "qualification_value_rating": "High", "delivery_notes": "n"},
        status={"stepId": "qualification"},
    )
    survey = node.survey()
    project = survey.by_dss("design", "CHURN")
    assert (project.id, project.name, project.problems) == (project_id, "Churn", ())
    assert project.values["overview.business_initiative"] == "Growth"
    assert project.values["qualification.value.rating"] == "High"
    assert project.values["steps.delivery.notes"] == "n"
    assert (project.statuses["exploration"], project.statuses["qualification"]) == (Status.FINISHED, Status.ONGOING)
    assert project.has_workflow_object is (version == "14.2.0")
    assert project.raw["fields"]["qualification_value_score"] == 80
    assert refs(survey, project_id) == [("design", "CHURN")]
    assert survey.ref("design", "CHURN").artifact_id == item_id
    assert (survey.initiatives.names, survey.initiatives.ids) == ({growth: "Growth"}, {"Growth": growth})
    assert survey.problems == []


def test_what_govern_does_not_govern_is_not_found(sandbox, node, governed):
    governed()
    sandbox.node.register_dataiku_project("design", "FREE")
    survey = node.survey()
    for place in (("design", "FREE"), ("other", "CHURN"), ("design", "NONE"), (None, "CHURN")):
        assert survey.by_dss(*place) is None
    assert survey.ref("design", "FREE").governed_by == ()
    assert survey.ref("design", "NONE") is None


def test_requests_grow_with_pages_and_templates_not_with_projects(sandbox, connected, governed, requests_made):
    fork = sandbox.blueprints.fork("bv.acme")
    for number in range(12):
        governed(f"P{number}", **({"blueprintVersionId": version_of(fork)} if number % 2 else {}))
    initiative(sandbox, "Growth")
    for page_size, pages in ((1000, 1), (10, 3), (5, 5)):
        requests_made.clear()
        survey = connected(page_size=page_size).survey()
        assert len(survey.projects) == 12
        assert all(survey.by_dss("design", f"P{number}") for number in range(12))
        assert requests_made == {"search": pages, "template": 2, "all": pages + 2}


def test_an_empty_node_is_one_request(node, requests_made):
    survey = node.survey()
    assert (survey.projects, survey.problems, requests_made["all"]) == ([], [], 1)


def test_a_forked_template_is_read_by_its_own_version(sandbox, node, governed):
    fork = sandbox.blueprints.fork(
        "bv.acme",
        steps=[TemplateStep("intake", "Intake"), *(TemplateStep(s.id, s.name) for s in STANDARD.steps)],
        fields=[
            TemplateField("budget", FieldType.NUMBER),
            TemplateField("cost_rating", FieldType.CATEGORY, categories=("Low", "Huge")),
        ],
        without_fields=["cost_comments"],
    )
    steps = {"intake": {"status": "SKIPPED"}, "exploration": {"status": "ONGOING"}}
    governed(
        blueprintVersionId=version_of(fork), workflow={"steps": steps}, fields={"budget": 5, "cost_rating": "Huge"}
    )
    project = node.survey().by_dss("design", "CHURN")
    assert list(project.statuses) == ["intake", *STANDARD.step_ids]
    assert project.statuses["intake"] is Status.SKIPPED
    assert project.raw["fields"]["budget"] == 5
    assert {problem.field for problem in project.problems} == {
        "qualification.cost.rating",
        "qualification.cost.comment",
    }
    assert project.template.fields["cost_rating"].categories == ("Low", "Huge")
    assert project.template.fields["dataiku_item"].is_list


def test_archived_projects_and_dss_projects_are_left_out(sandbox, node, governed):
    governed("Kept")
    gone, _ = governed("Gone")
    _, away = governed("Away")
    for artifact_id in (gone, away):
        sandbox.node.edit(artifact_id, lambda document: document.update(archived=True))
    survey = node.survey()
    assert [project.name for project in survey.projects] == ["Kept", "Away"]
    assert survey.by_dss("design", "GONE") is None
    assert survey.ref("design", "GONE").governed_by == (gone,)  # so nobody creates a second one
    assert [(p.name, p.fault) for p in survey.problems] == [("Away", Fault.NO_PROJECT)]


def test_two_dss_projects_under_one_govern_project_are_both_found(sandbox, node):
    items = [sandbox.node.register_dataiku_project("design", key).id for key in ("CHURN", "CHURN_EU")]
    project = sandbox.node.govern("Churn", *items)
    survey = node.survey()
    assert refs(survey, project.id) == [("design", "CHURN"), ("design", "CHURN_EU")]
    assert survey.by_dss("design", "CHURN") is survey.by_dss("design", "CHURN_EU")
    assert survey.problems == []


def automation(sandbox, key="CHURN", original="CHURN", **fields):
    return sandbox.node.register_dataiku_project(
        "auto", key, automation_node=True, original_node_id="design", original_project_key=original, **fields
    ).id


def test_a_deployed_project_is_found_with_its_original_and_not_written(sandbox, node, governed):
    project_id, _ = governed()
    automation(sandbox, key="CHURN_PROD")
    survey = node.survey()
    assert [(r.project_key, r.automation) for r in survey.dss_projects[project_id]] == [
        ("CHURN", False),
        ("CHURN_PROD", True),
    ]
    assert survey.by_dss("auto", "CHURN_PROD").id == project_id
    assert survey.problems == []


def test_an_unknown_original_is_found_through_its_deployed_project(sandbox, node):
    project = sandbox.node.govern("Churn", automation(sandbox))
    survey = node.survey()
    assert survey.by_dss("design", "CHURN").id == project.id
    assert refs(survey, project.id) == [("auto", "CHURN")]


def test_a_deployed_project_with_a_govern_project_of_its_own_stays_there(sandbox, node, governed):
    first, _ = governed()
    second = sandbox.node.govern("Production", automation(sandbox))
    survey = node.survey()
    assert (survey.by_dss("design", "CHURN").id, survey.by_dss("auto", "CHURN").id) == (first, second.id)


# what is odd ----------------------------------------------------------------------------------------------------


def test_initiatives_of_one_name_resolve_to_no_id_and_each_to_its_name(sandbox, node):
    first, second, third = (initiative(sandbox, name) for name in ("Twin", "Twin", "Growth"))
    initiatives = node.survey().initiatives
    assert initiatives.names == {first: "Twin", second: "Twin", third: "Growth"}
    assert initiatives.ids == {"Growth": third}


def test_an_initiative_that_is_gone_is_a_problem_of_one_project_alone(sandbox, node, governed):
    growth = initiative(sandbox, "Growth")
    governed(fields={"business_initiative": growth})
    governed("Fine")
    sandbox.node.delete(growth)
    survey = node.survey()
    assert [p.field for p in survey.by_dss("design", "CHURN").problems] == ["overview.business_initiative"]
    assert survey.by_dss("design", "FINE").problems == ()


def test_a_fork_that_refers_to_initiatives_of_its_own_has_them_resolved(sandbox, node, governed, requests_made):
    own = Template("bp.acme.goal", DEFAULT, "Goal")
    sandbox.blueprints.add(own)
    goal = initiative(sandbox, "Save costs", own.blueprint_id)
    field = TemplateField("business_initiative", FieldType.REFERENCE, blueprints=(own.blueprint_id,))
    fork = sandbox.blueprints.fork("bv.acme", fields=[field])
    governed(blueprintVersionId=version_of(fork), fields={"business_initiative": goal})
    survey = node.survey()
    assert survey.by_dss("design", "CHURN").values["overview.business_initiative"] == "Save costs"
    assert survey.initiatives.ids == {"Save costs": goal}
    assert requests_made == {"search": 2, "template": 1, "all": 3}


def test_a_govern_project_without_dss_project_stops_no_survey(sandbox, node, governed):
    governed()
    lonely = sandbox.node.govern("Idea")
    survey = node.survey()
    assert [(p.artifact_id, p.name, p.fault) for p in survey.problems] == [(lonely.id, "Idea", Fault.NO_PROJECT)]
    assert survey.dss_projects[lonely.id] == []
    assert survey.by_dss("design", "CHURN")


def test_a_dss_project_under_two_govern_projects_is_left_alone(sandbox, node, governed):
    governed()
    sandbox.node.register_dataiku_project("design", "OTHER")
    first, second = sandbox.node.govern("First").id, sandbox.node.govern("Second").id
    item = sandbox.node.register_dataiku_project("design", "BOTH")
    for artifact_id in (first, second):  # the sandbox keeps both ends in step, a damaged node does not
        sandbox.node._artifacts[artifact_id].fields["dataiku_item"] = [item.id]
    survey = node.survey()
    assert survey.by_dss("design", "BOTH") is None
    assert [(p.name, p.fault) for p in survey.problems] == [("BOTH", Fault.TWICE)]
    assert "First" in survey.problems[0].message and "Second" in survey.problems[0].message
    assert survey.ref("design", "BOTH").governed_by == (first, second)
    assert survey.by_dss("design", "CHURN")


def test_one_end_that_tells_who_governs_is_enough(sandbox, node, governed):
    for name, end in (("Listed", "governed_by"), ("Pointed", "dataiku_item")):
        project_id, item_id = governed(name)
        sandbox.node._artifacts[item_id if end == "governed_by" else project_id].fields[end] = None
        assert node.survey().by_dss("design", name.upper()).id == project_id


def test_a_dss_project_of_two_artifacts_is_written_once(sandbox, node, governed):
    project_id, item_id = governed()
    twin = sandbox.node.register_dataiku_project("design", "CHURN")
    survey = node.survey()
    assert [ref.artifact_id for ref in survey.dss_projects[project_id]] == [item_id]
    assert [(p.artifact_id, p.fault) for p in survey.problems] == [(twin.id, Fault.TWICE)]
    assert survey.ref("design", "CHURN") is None


def test_artifacts_and_references_to_nothing_are_listed(sandbox, node, governed):
    project_id, item_id = governed()
    nameless = sandbox.node.register_dataiku_project("design", "LOST")
    sandbox.node._artifacts[nameless.id].fields["project_key"] = None
    sandbox.node._artifacts[project_id].fields["dataiku_item"] = [item_id, "ar.404", 5]
    survey = node.survey()
    assert {(p.artifact_id, p.fault) for p in survey.problems} == {
        (nameless.id, Fault.NO_PROJECT),
        (project_id, Fault.NO_PROJECT),
    }
    assert survey.by_dss("design", "CHURN").id == project_id


def test_a_template_that_cannot_be_read_costs_its_own_projects_only(sandbox, node, governed):
    fork = sandbox.blueprints.fork("bv.acme")
    hidden, _ = governed("Hidden", blueprintVersionId=version_of(fork))
    governed()
    sandbox.faults.set("GET /blueprint/*/version/bv.acme:500")
    survey = node.survey()
    assert [project.name for project in survey.projects] == ["Churn"]
    assert [(p.artifact_id, p.fault) for p in survey.problems] == [(hidden, Fault.UNREADABLE)]
    assert survey.ref("design", "HIDDEN").governed_by == (hidden,)
    assert list(survey.templates) == [(GOVERN_PROJECT, DEFAULT)]


# answers that are none ------------------------------------------------------------------------------------------


def canned(*pages, **versions):
    """A node that answers searches with these pages, one after the other, and the last one for ever."""
    rsps = responses.RequestsMock(assert_all_requests_are_fired=False)
    bodies = iter(pages)
    last = []

    def answer(request):
        last[:] = [next(bodies, last[0] if last else None)]
        page = last[0](request) if callable(last[0]) else last[0]
        return 200, {}, json.dumps(page)

    rsps.add_callback("POST", f"{ELSEWHERE}/dip/publicapi/artifacts/search", callback=answer)
    version = f"{ELSEWHERE}/dip/publicapi/blueprint/{GOVERN_PROJECT}/version/{DEFAULT}"
    rsps.add("GET", version, json={"blueprintVersion": {"workflowDefinition": {"stepDefinitions": []}}})
    return rsps


def page(*ids, more=False, blueprint=GOVERN_PROJECT):
    ids_ = {"blueprintId": blueprint, "versionId": DEFAULT}
    hits = [{"artifact": {"id": i, "name": i, "blueprintVersionId": ids_}} for i in ids]
    return {"uiArtifacts": hits, "hasNextPage": more}


def elsewhere(**options):
    return GovernNode(connect_govern(Instance(ELSEWHERE, "secret-key")), **options)


@pytest.mark.parametrize(
    "pages",
    [
        [page("ar.1", "ar.2", more=True), page("ar.1", "ar.2", more=True)],
        [page("ar.1", more=True), page("ar.2", more=True), page("ar.1")],
        [page("ar.1", more=True), page(more=True)],
        [page(more=True)],
    ],
)
def test_a_page_that_repeats_is_an_error_that_says_so_and_no_short_list(pages):
    with canned(*pages), pytest.raises(ConnectionFailed, match=r"repeats itself.*nothing was compared"):
        elsewhere().survey()


def test_a_search_that_never_ends_is_given_up(monkeypatch):
    monkeypatch.setattr(govern_node.node, "MOST_PAGES", 7)
    numbers = iter(range(1, 1000))
    with (
        canned(lambda request: page(f"ar.{next(numbers)}", more=True)),
        pytest.raises(ConnectionFailed, match="does not end: 7 pages"),
    ):
        elsewhere().survey()
    assert next(numbers) == 8


def test_pages_that_overlap_since_someone_added_a_project_show_each_once():
    with canned(page("ar.1", "ar.2", more=True), page("ar.2", "ar.3")):
        assert [project.id for project in elsewhere().survey().projects] == ["ar.1", "ar.2", "ar.3"]


def test_items_that_are_no_artifacts_are_listed_and_the_rest_is_read():
    found = page("ar.1")
    found["uiArtifacts"] += [None, "x", {"artifact": {"name": "No id"}}, {"artifact": {"id": "../x"}}]
    found["uiArtifacts"] += [{"artifact": {"id": "ar.9", "name": "No version"}}]
    with canned(found):
        survey = elsewhere().survey()
    assert [project.id for project in survey.projects] == ["ar.1"]
    unreadable = [problem for problem in survey.problems if problem.fault is Fault.UNREADABLE]
    assert [problem.name for problem in unreadable] == ["", "", "No id", "", "No version"]


@pytest.mark.parametrize(
    "answer", [[], {}, "x", {"uiArtifacts": []}, {"uiArtifacts": {}, "hasNextPage": False}, {"hasNextPage": False}]
)
def test_an_answer_of_another_shape_is_no_empty_node(answer):
    with canned(answer), pytest.raises(ConnectionFailed, match="not from Govern's API"):
        elsewhere().survey()


def test_a_key_without_the_right_is_told_who_can_help():
    kind = "com.dataiku.dip.exceptions.UnauthorizedException"
    with responses.RequestsMock() as rsps:
        url = f"{ELSEWHERE}/dip/publicapi/artifacts/search"
        rsps.post(url, status=403, json={"errorType": kind, "message": "Not allowed"})
        with pytest.raises(AccessDenied, match="Govern does not allow you to search its projects") as raised:
            elsewhere().survey()
    assert "secret-key" not in str(raised.value)


# errors on the way ----------------------------------------------------------------------------------------------


def test_a_wrong_key_is_said_with_the_option_that_gives_it(connected):
    with pytest.raises(AccessDenied, match="Govern does not accept the API key") as raised:
        connected("nonsense-key").survey()
    assert "--govern-api-key" in raised.value.hint.setting
    assert "nonsense-key" not in str(raised.value)


def test_a_key_is_never_shown(sandbox):
    assert "secret" not in repr(Instance("https://x", "secret"))


def test_passing_faults_cost_a_try_and_no_data(sandbox, node, governed):
    governed()
    sandbox.faults.set("POST /artifacts/search:503@1; GET /blueprint/*:502@1")
    assert node.survey().by_dss("design", "CHURN")


@pytest.mark.parametrize("fault", ["html", "html-502", "close"])
def test_a_node_that_fails_on_the_way_is_no_short_list(sandbox, connected, governed, fault):
    for number in range(3):
        governed(f"P{number}")
    sandbox.faults.set(f"POST /artifacts/search:{fault}")
    with pytest.raises(ConnectionFailed, match="Govern") as raised:
        connected(page_size=2).survey()
    assert not isinstance(raised.value, NotFound)


def test_an_error_of_govern_is_told_in_its_own_words(sandbox, node):
    sandbox.faults.set("POST /artifacts/search:500")
    with pytest.raises(GovernMirrorError, match=r"Govern answered with status 500 .*Injected fault 500"):
        node.survey()


def test_an_unreachable_node_is_said_to_be_that():
    node = GovernNode(connect_govern(Instance("http://127.0.0.1:9", "key")))
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    with pytest.raises(ConnectionFailed, match="Govern cannot be reached"):
        node.survey()


# the node and single artifacts ----------------------------------------------------------------------------------


def test_the_node_tells_its_id_once(node, requests_made):
    assert (node.node_id, node.node_id, requests_made["all"]) == ("govern", "govern", 1)


@pytest.mark.parametrize("answer", [{"nodeId": ""}, {"nodeId": None, "nodeType": "GOVERN"}, {"dssVersion": "14.2.0"}])
def test_a_node_that_tells_no_id_has_none(answer):
    with responses.RequestsMock() as rsps:
        rsps.get(f"{ELSEWHERE}/dip/publicapi/instance-info", json=answer)
        assert elsewhere().node_id is None


@pytest.mark.parametrize(
    "answer", [{}, {"errorType": "x", "message": "y"}, {"ok": True}, {"nodeId": 7}, {"nodeId": ["a"]}]
)
def test_what_is_no_node_information_is_no_node_without_id(answer):
    with responses.RequestsMock() as rsps:
        rsps.get(f"{ELSEWHERE}/dip/publicapi/instance-info", json=answer)
        with pytest.raises(ConnectionFailed, match="it tells nothing of one"):
            _ = elsewhere().node_id


def test_an_old_node_that_knows_no_such_question_has_no_id():
    kind = "com.dataiku.dip.server.controllers.NotFoundException"
    with responses.RequestsMock() as rsps:
        rsps.get(f"{ELSEWHERE}/dip/publicapi/instance-info", status=404, json={"errorType": kind, "message": "?"})
        assert elsewhere().node_id is None


def test_a_dss_is_not_taken_for_a_govern_node():
    dss = Sandbox()
    with mock_instance(dss, ELSEWHERE):
        node = GovernNode(connect_govern(Instance(ELSEWHERE, dss.admin_key)))
        with pytest.raises(ConnectionFailed, match="not a Govern node"):
            _ = node.node_id


def test_an_artifact_that_is_not_there_and_an_id_that_is_none(node, governed):
    governed()
    with pytest.raises(NotFound, match=r"read ar\.404"):
        node.read("ar.404")
    with pytest.raises(NotFound, match=r"template bv\.none"):
        node.template(GOVERN_PROJECT, "bv.none")
    for hostile in ("../blueprints", "ar.1/signoffs", "", "ar.1?x=1", "ar.1\n"):
        with pytest.raises(InputError, match="not an id"):
            node.read(hostile)


def test_a_template_can_be_read_before_any_project_has_it(node):
    template = node.template(GOVERN_PROJECT, DEFAULT)
    assert template.step_ids == STANDARD.step_ids
    assert template.fields["cost_rating"].categories == STANDARD.rating_names
