"""The mapping of Govern artifacts, purely: nothing lost, nothing foreign touched, nothing taken for blank."""

import copy
import json
from dataclasses import replace
from datetime import date, datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standard import compared_fields, content, decode_artifact, encode_artifact, governed_content, new_artifact
from support.strategies import any_text, json_values, people_text, sound_values

from govern_mirror import artifact as stored_artifact
from govern_mirror.artifact import FieldDefinition, Template, from_legacy_step, legacy_step, template_from
from govern_mirror.model.blueprint import STANDARD, Field, Kind, Status, Step
from govern_mirror.model.values import Document
from govern_mirror_devkit.sandbox.govern.blueprints import Blueprints
from govern_mirror_devkit.sandbox.govern.steps import StepStatus, current_step
from govern_mirror_devkit.sandbox.govern.templates import FieldType, TemplateField, TemplateStep
from govern_mirror_devkit.sandbox.store import Store

GOVERN_PROJECT, DEFAULT = "bp.system.govern_project", "bv.system.default"
OURS = STANDARD.step_ids
PATHS = {each.path: each for each in compared_fields()}
FIELD_IDS = {each.govern for each in PATHS.values()}
NAMES = {"ar.90": "Customer 360", "ar.91": "Fraud", "ar.92": "Twin", "ar.93": "Twin"}
IDS = {"Customer 360": "ar.90", "Fraud": "ar.91"}


def standard():
    return Blueprints(Store(None))


def template_of(sandbox_template):
    ids = sandbox_template.blueprint_id, sandbox_template.version_id
    return template_from(sandbox_template.version_document(), *ids)


STANDARD_TEMPLATE = template_of(standard().version(GOVERN_PROJECT, DEFAULT))
FORK = template_of(
    standard().fork(
        "bv.acme",
        steps=[
            TemplateStep("intake", "Intake"),
            TemplateStep("exploration", "Exploration"),
            TemplateStep("security", "Security"),
            *(TemplateStep(step.id, step.name) for step in STANDARD.steps[1:]),
            TemplateStep("retire", "Retired"),
        ],
        fields=[TemplateField("budget", FieldType.NUMBER), TemplateField("security_notes", FieldType.TEXT)],
    )
)
TEMPLATES = st.sampled_from([STANDARD_TEMPLATE, FORK])

RAW = {
    Kind.RATING: st.sampled_from(STANDARD.rating_names),
    Kind.DATE: st.dates(date(1900, 1, 1), date(2199, 12, 31)).map(lambda day: f"{day}T00:00:00.000Z"),
    Kind.LINE: st.sampled_from(sorted(IDS.values())),
    Kind.TEXT: people_text,
}
COUNTRIES = st.lists(st.sampled_from(["France", "Côte d’Ivoire", "Viet Nam"]), min_size=1, max_size=3)


def raw_of(field):
    """What Govern may hold in a field of ours, not blank."""
    if field.several:
        return st.lists(st.sampled_from(field.choices), min_size=1, max_size=3)
    if field.path == "overview.countries":
        return COUNTRIES
    return st.sampled_from(field.choices) if field.kind is Kind.CATEGORY else RAW[field.kind]


def drawn_value(field):
    """What DSS may hold in a field that both sides have, not blank."""
    if field.path == "overview.countries":
        return COUNTRIES.map(", ".join)
    return VALUES[field.kind] if field.kind in VALUES else sound_values(field)


VALUES = {
    **RAW,
    Kind.DATE: st.dates(date(1900, 1, 1), date(2199, 12, 31)),
    Kind.LINE: st.sampled_from(sorted(IDS)),
}
changes_of_values = st.fixed_dictionaries(
    {}, optional={path: st.none() | drawn_value(each) for path, each in PATHS.items()}
)
foreign_fields = st.dictionaries(
    any_text.filter(lambda name: name not in FIELD_IDS), json_values(4), max_size=4
) | st.just(
    {
        "qualification_value_score": 40,
        "qualification_risk_score": None,
        "final_approvers": ["France"],
        "dataiku_item": ["ar.1"],
    }
)


@st.composite
def artifacts(draw, template, legacy=None):
    """An artifact as a node has it: sound values, foreign content around them."""
    artifact = {"id": "ar.5", "name": draw(people_text), "archived": False}
    artifact["blueprintVersionId"] = {"blueprintId": template.blueprint_id, "versionId": template.version_id}
    fields = draw(foreign_fields)
    fields |= draw(
        st.fixed_dictionaries({}, optional={each.govern: st.none() | raw_of(each) for each in PATHS.values()})
    )
    artifact["fields"] = fields
    artifact["futureKey"] = draw(json_values(4))
    if draw(st.booleans()) if legacy is None else legacy:
        artifact["status"] = {"stepId": draw(st.none() | st.sampled_from(template.step_ids)), "other": 1}
        return artifact
    entry = st.builds(lambda s, extra: {"status": s.value, **extra}, st.sampled_from(Status), visible)
    steps = draw(st.fixed_dictionaries({}, optional=dict.fromkeys(template.step_ids, entry)))
    artifact["status"] = {"stepId": draw(st.none() | st.sampled_from(template.step_ids))}
    artifact["workflow"] = {"steps": steps, "more": [1]}
    return artifact


visible = st.fixed_dictionaries({}, optional={"visible": st.booleans(), "since": st.integers(0, 9)})
our_statuses = st.tuples(*[st.sampled_from(Status)] * len(OURS)).map(lambda found: dict(zip(OURS, found, strict=True)))


def decoded(artifact, template=STANDARD_TEMPLATE, names=NAMES):
    return decode_artifact(artifact, template, names)


def encoded(artifact, changes, statuses=None, template=STANDARD_TEMPLATE):
    return encode_artifact(artifact, template, changes, statuses, IDS)


# properties -----------------------------------------------------------------------------------------------------


@given(st.data(), TEMPLATES)
def test_writing_nothing_changes_nothing(data, template):
    artifact = data.draw(artifacts(template))
    assert encode_artifact(artifact, template, {}, None, IDS) == (artifact, [])


@given(st.data(), TEMPLATES)
def test_writing_what_was_read_changes_nothing(data, template):
    artifact = data.draw(artifacts(template))
    project = decoded(artifact, template)
    ours = {step: project.statuses[step] for step in OURS}
    assert encode_artifact(artifact, template, project.values, ours, IDS) == (artifact, [])


@given(st.data(), TEMPLATES, changes_of_values, our_statuses)
def test_what_is_written_is_read_again_and_nothing_else_moves(data, template, changes, statuses):
    artifact = data.draw(artifacts(template, legacy=False))
    untouched = copy.deepcopy(artifact)
    before = decoded(artifact, template)
    written, problems = encode_artifact(artifact, template, changes, statuses, IDS)
    assert (artifact, problems) == (untouched, [])
    after = decoded(written, template)
    assert after.values == {**before.values, **changes}
    assert after.statuses == {**before.statuses, **statuses}
    assert after.problems == before.problems
    assert foreign(written) == foreign(untouched)


@given(st.data(), TEMPLATES, our_statuses)
def test_a_legacy_node_reads_back_the_state_that_was_written(data, template, statuses):
    artifact = data.draw(artifacts(template, legacy=True))
    written, problems = encode_artifact(artifact, template, {}, statuses, IDS)
    after = decoded(written, template)
    assert problems == []
    assert after.comparable(after.statuses) == after.comparable(statuses)
    assert "workflow" not in written
    assert foreign(written) == foreign(artifact)
    assert encode_artifact(written, template, {}, statuses, IDS) == (written, [])


@given(our_statuses)
def test_the_one_step_id_is_the_one_that_govern_itself_shows(statuses):
    theirs = {step: StepStatus(status.value) for step, status in statuses.items()}
    assert legacy_step(statuses) == current_step(theirs, OURS)


def foreign(artifact):
    """All of an artifact that is none of our business."""
    rest = {key: value for key, value in artifact.items() if key not in ("fields", "workflow", "status")}
    rest["fields"] = {name: value for name, value in artifact["fields"].items() if name not in FIELD_IDS}
    rest["status"] = {key: value for key, value in artifact["status"].items() if key != "stepId"}
    if "workflow" in artifact:
        steps = artifact["workflow"]["steps"]
        rest["status"] = artifact["status"]
        rest["more"] = {key: value for key, value in artifact["workflow"].items() if key != "steps"}
        rest["steps"] = {step: entry for step, entry in steps.items() if step not in OURS}
        rest["entries"] = {
            step: {key: value for key, value in entry.items() if key != "status"}
            for step, entry in steps.items()
            if step in OURS and entry.keys() != {"status"}
        }
    return rest


_parts = {
    "id": json_values(2),
    "name": json_values(2),
    "archived": json_values(2),
    "fields": json_values() | st.dictionaries(st.sampled_from(sorted(FIELD_IDS)), json_values(4), max_size=5),
    "status": json_values(2) | st.fixed_dictionaries({"stepId": json_values(2)}),
    "workflow": json_values(4)
    | st.fixed_dictionaries(
        {
            "steps": st.dictionaries(
                st.sampled_from(OURS) | any_text, json_values(3) | st.just({"status": "DONE"}), max_size=4
            )
        }
    ),
    "blueprintVersionId": json_values(2),
}
_versions = st.fixed_dictionaries(
    {},
    optional={
        "fieldDefinitions": json_values()
        | st.dictionaries(
            st.sampled_from(sorted(FIELD_IDS)),
            json_values(3)
            | st.fixed_dictionaries(
                {"fieldType": st.sampled_from([t.value for t in FieldType]) | json_values(2)},
                optional={
                    "categories": json_values(3),
                    "listConfig": json_values(2),
                    "allowedBlueprints": json_values(3),
                },
            ),
            max_size=8,
        ),
        "workflowDefinition": json_values()
        | st.fixed_dictionaries(
            {
                "stepDefinitions": st.lists(
                    json_values(2) | st.fixed_dictionaries({"id": json_values(2) | st.sampled_from(OURS)})
                )
            }
        ),
    },
)


@given(st.fixed_dictionaries({}, optional=_parts), _versions, st.booleans(), changes_of_values, our_statuses)
def test_any_answer_of_a_node_is_read_and_written_without_harm(artifact, version, sound, changes, statuses):
    template = STANDARD_TEMPLATE if sound else template_from(version, GOVERN_PROJECT, DEFAULT)
    project = decoded(artifact, template)
    assert project.values.keys() <= PATHS.keys()
    for path in project.values:
        assert path not in {problem.field for problem in project.problems}
    project.comparable(project.statuses)
    before = copy.deepcopy(artifact)
    written, problems = encode_artifact(artifact, template, changes, statuses, IDS)
    assert artifact == before
    assert json.dumps(content(artifact), default=str)
    assert governed_content(artifact).keys() <= content(artifact).keys()
    left_out = {problem.field for problem in problems}
    again = decoded(written, template)
    for path, value in changes.items():
        assert path in left_out or "fields" in left_out or again.values.get(path) == value


@pytest.mark.parametrize("depth", [200, 900])
def test_a_deeply_nested_value_is_a_problem_and_no_crash(depth):
    deep = "x"
    for _ in range(depth):
        deep = [deep]
    artifact = {"id": "ar.1", "fields": {"start_date": deep}, "workflow": {"steps": {"exploration": {"status": deep}}}}
    found = {problem.field for problem in decoded(artifact).problems}
    assert found == {"overview.start_date", "steps.exploration.status"}


# what is read ---------------------------------------------------------------------------------------------------


def project_with(fields=None, steps=None, template=STANDARD_TEMPLATE, **rest):
    return decoded(
        {"id": "ar.5", "name": "Churn", "fields": fields or {}, "workflow": {"steps": steps or {}}, **rest}, template
    )


def problem_of(project, path):
    return next(problem for problem in project.problems if problem.field == path)


def test_values_that_both_sides_hold_alike_are_read():
    values = project_with().values
    assert set(values) == set(STANDARD.by_path) - {
        "overview.sponsor",
        "qualification.project_plan",
        *(f"steps.{step}.{part}" for step in OURS for part in ("status", "documents")),
    }
    assert set(values.values()) == {None}


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        ("2026-06-01T00:00:00.000Z", date(2026, 6, 1)),
        ("2026-06-01T23:30:00-02:00", date(2026, 6, 1)),
        ("2026-06-01T00:30:00.000+02:00", date(2026, 6, 1)),
        ("2026-06-01", date(2026, 6, 1)),
    ],
)
def test_a_date_is_the_day_in_its_own_zone(raw, day):
    assert project_with({"start_date": raw}).values["overview.start_date"] == day


@pytest.mark.parametrize(
    ("field", "raw", "path"),
    [
        ("qualification_value_rating", "Very high", "qualification.value.rating"),
        ("qualification_value_rating", "high", "qualification.value.rating"),
        ("qualification_resulting_decision", "Rejected", "qualification.decision"),
        ("start_date", "soon", "overview.start_date"),
        ("start_date", 1780272000000, "overview.start_date"),
        ("cost_comments", 5, "qualification.cost.comment"),
        ("exploration_notes", ["a", "b"], "steps.exploration.notes"),
        ("business_initiative", "ar.404", "overview.business_initiative"),
        ("business_initiative", "Customer 360", "overview.business_initiative"),
    ],
)
def test_a_value_that_cannot_be_held_is_listed_and_never_taken_for_blank(field, raw, path):
    project = project_with({field: raw})
    assert path not in project.values
    assert problem_of(project, path).found == (raw if isinstance(raw, str) else repr(raw))


def test_an_initiative_is_known_by_its_name():
    assert project_with({"business_initiative": "ar.90"}).values["overview.business_initiative"] == "Customer 360"
    assert project_with({"business_initiative": "ar.93"}).values["overview.business_initiative"] == "Twin"


def test_a_fork_without_a_field_or_step_says_so_and_clears_nothing():
    template = template_of(
        standard().fork(
            "bv.small", steps=[TemplateStep(s.id, s.name) for s in STANDARD.steps[:3]], without_fields=["cost_rating"]
        )
    )
    project = project_with(template=template)
    assert "qualification.cost.rating" not in project.values
    assert "bv.small has no field cost_rating" in problem_of(project, "qualification.cost.rating").message
    assert {p.field for p in project.problems} == {"qualification.cost.rating", "steps.rollout", "steps.delivery"}
    assert list(project.comparable(project.statuses)) == ["exploration", "qualification", "progress"]
    statuses = dict.fromkeys(OURS, Status.FINISHED)
    written, problems = encode_artifact(project.raw, template, {"qualification.cost.rating": "High"}, statuses, IDS)
    assert written["fields"] == {}
    assert set(written["workflow"]["steps"]) == {"exploration", "qualification", "progress"}
    assert {p.field for p in problems} == {"qualification.cost.rating", "steps.rollout", "steps.delivery"}


def test_steps_come_in_the_template_order_whatever_the_artifact_says():
    steps = {"delivery": {"status": "ONGOING"}, "security": {"status": "FINISHED"}, "intake": {"status": "SKIPPED"}}
    project = project_with(steps=steps, template=FORK)
    assert list(project.statuses) == list(FORK.step_ids)
    assert (project.statuses["intake"], project.statuses["security"]) == (Status.SKIPPED, Status.FINISHED)
    assert list(project.comparable(project.statuses)) == list(OURS)


def test_an_unreadable_status_leaves_the_workflow_uncompared():
    project = project_with(steps={"progress": {"status": "DONE"}})
    assert project.comparable(project.statuses) is None
    assert "progress" not in project.statuses
    assert problem_of(project, "steps.progress.status")


def test_a_list_field_of_one_value_is_that_value_and_of_two_is_a_problem():
    template = Template(
        "bp",
        "bv",
        STANDARD_TEMPLATE.steps,
        {**STANDARD_TEMPLATE.fields, "business_initiative": FieldDefinition("REFERENCE", is_list=True)},
    )
    path = "overview.business_initiative"
    assert project_with({"business_initiative": ["ar.90"]}, template=template).values[path] == "Customer 360"
    assert project_with({"business_initiative": []}, template=template).values[path] is None
    assert path not in project_with({"business_initiative": ["ar.90", "ar.91"]}, template=template).values
    for value, raw in (("Fraud", ["ar.91"]), (None, [])):
        written, _ = encoded({"fields": {"business_initiative": ["ar.90"]}}, {path: value}, template=template)
        assert written["fields"]["business_initiative"] == raw


# older nodes ----------------------------------------------------------------------------------------------------


def legacy(step, template=STANDARD_TEMPLATE):
    return {"id": "ar.5", "name": "Churn", "fields": {}, "status": {"stepId": step}}


def letters(statuses):
    return "".join(status.value[0] for status in statuses.values())


@pytest.mark.parametrize(
    ("step", "expected"),
    [(None, "NNNNN"), ("exploration", "ONNNN"), ("progress", "FFONN"), ("delivery", "FFFFO")],
)
def test_an_old_node_tells_the_workflow_by_one_step_id(step, expected):
    project = decoded(legacy(step))
    assert (letters(project.statuses), project.has_workflow_object) == (expected, False)


@pytest.mark.parametrize(
    ("step", "in_dss"), [("progress", "FFNNN"), ("delivery", "FFFFF"), ("delivery", "FFFFN"), (None, "SNNNN")]
)
def test_what_an_old_node_cannot_tell_apart_is_no_difference(step, in_dss):
    project = decoded(legacy(step))
    statuses = statuses_of(in_dss)
    assert project.comparable(statuses) == project.comparable(project.statuses)
    assert encoded(legacy(step), {}, statuses) == (legacy(step), [])


@pytest.mark.parametrize(
    ("in_dss", "step"), [("FFONN", "progress"), ("FFNNN", "progress"), ("FFFFF", "delivery"), ("NNNNN", None)]
)
def test_an_old_node_is_moved_by_its_step_id(in_dss, step):
    before = legacy("exploration") if step else legacy("rollout")
    written, problems = encoded(before, {}, statuses_of(in_dss))
    assert (written["status"], problems) == ({"stepId": step}, [])


def test_a_foreign_step_does_not_hold_an_old_node_back():
    before = legacy("security")
    project = decoded(before, FORK)
    assert project.comparable(statuses_of("FNNNN")) == project.comparable(project.statuses)
    written, _ = encoded(before, {}, statuses_of("FFONN"), FORK)
    assert written["status"]["stepId"] == "progress"


@pytest.mark.parametrize("status", [{"stepId": "unknown"}, {"stepId": 5}, None, "progress"])
def test_a_step_id_that_is_none_stops_the_comparison(status):
    project = decoded({**legacy(None), "status": status})
    assert project.comparable(project.statuses) is None
    assert problem_of(project, "steps")


def statuses_of(text):
    by_letter = {status.value[0]: status for status in Status}
    return dict(zip(OURS, (by_letter[letter] for letter in text), strict=True))


def test_reading_a_step_id_and_telling_it_again_is_the_same():
    for step in (None, *OURS):
        assert legacy_step(from_legacy_step(step, OURS)) == step


# what is written ------------------------------------------------------------------------------------------------


def test_dates_are_written_as_govern_takes_them():
    for value in (date(2026, 6, 1), datetime(2026, 6, 1, 23, tzinfo=timezone.utc)):
        written, _ = encoded({"fields": {}}, {"overview.start_date": value})
        assert written["fields"] == {"start_date": "2026-06-01T00:00:00.000Z"}


def test_clearing_a_value_sets_null_and_adds_nothing_where_nothing_was():
    path = "qualification.value.comment"
    assert encoded({"fields": {"qualification_value_comments": "x"}}, {path: None})[0]["fields"] == {
        "qualification_value_comments": None
    }
    assert encoded({"fields": {}}, {path: None})[0] == {"fields": {}}
    assert encoded({}, {path: ""})[0] == {}


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("overview.business_initiative", "Unknown", "no artifact of this name"),
        ("overview.business_initiative", "Twin", "or several"),
        ("overview.sponsor", "Ada", "Govern has no overview.sponsor"),
        ("qualification.project_plan", (Document("Plan", "https://example.com"),), "Govern has no"),
        ("qualification.value.rating", "Huge", "no such category"),
        ("overview.start_date", "2026-06-01", "not a date"),
        ("qualification.value.comment", Status.ONGOING, "not a text"),
        ("steps.exploration.status", Status.ONGOING, "Govern has no"),
        ("no.such.path", "x", "Govern has no"),
    ],
)
def test_what_govern_cannot_hold_is_listed_and_the_rest_is_written(path, value, says):
    written, problems = encoded({"fields": {}}, {path: value, "qualification.cost.comment": "kept"})
    assert written == {"fields": {"cost_comments": "kept"}}
    assert [problem.field for problem in problems] == [path]
    assert says in problems[0].message


@pytest.mark.parametrize(
    ("definition", "says"),
    [
        (FieldDefinition("TEXT", is_computed=True), "Govern computes this field"),
        (FieldDefinition("NUMBER"), "the field's type is NUMBER"),
        (FieldDefinition("CATEGORY", categories=("Small", "Large")), "no such category"),
    ],
)
def test_a_fork_that_holds_something_else_in_a_field_is_not_overwritten(definition, says):
    template = Template("bp", "bv", (Step("exploration", "E"),), {"qualification_value_rating": definition})
    written, problems = encoded({"fields": {}}, {"qualification.value.rating": "High"}, template=template)
    assert written == {"fields": {}}
    assert says in problems[0].message


def test_skipping_a_step_keeps_what_govern_says_of_its_visibility():
    steps = {"progress": {"status": "ONGOING", "visible": True, "x": 1}}
    written, _ = encoded({"workflow": {"steps": steps}}, {}, {"progress": Status.SKIPPED})
    assert written["workflow"]["steps"]["progress"] == {"status": "SKIPPED", "visible": True, "x": 1}


@pytest.mark.parametrize(
    "artifact", [{"fields": "broken"}, {"fields": []}, {"workflow": "broken"}, {"workflow": {"steps": 5}}]
)
def test_damage_is_listed_and_not_written_over(artifact):
    written, problems = encoded(
        artifact,
        {"qualification.cost.comment": "x"} if "fields" in artifact else {},
        statuses_of("FNNNN") if "workflow" in artifact else None,
    )
    assert written == artifact
    assert len(problems) == 1


def test_computed_scores_are_in_no_definition_of_ours():
    assert not any("score" in each.govern for each in compared_fields())
    written, _ = encoded({"fields": {"qualification_value_score": 20}}, {"qualification.value.rating": "High"})
    assert written["fields"]["qualification_value_score"] == 20


def test_a_new_project_tells_its_workflow_to_new_nodes_and_to_old_ones():
    definition, problems = new_artifact(
        "Churn", FORK, ["ar.1", "ar.2"], {"overview.business_initiative": "Fraud"}, statuses_of("FONNN"), IDS
    )
    assert problems == []
    assert definition == {
        "name": "Churn",
        "blueprintVersionId": {"blueprintId": GOVERN_PROJECT, "versionId": "bv.acme"},
        "fields": {"dataiku_item": ["ar.1", "ar.2"], "business_initiative": "ar.91"},
        "workflow": {"steps": {"exploration": {"status": "FINISHED"}, "qualification": {"status": "ONGOING"}}},
        "status": {"stepId": "qualification"},
    }


# what tells whether something changed ---------------------------------------------------------------------------


def test_only_our_values_are_changes_and_no_score_or_spelling():
    base = {"fields": {"start_date": "2026-06-01T00:00:00.000Z", "qualification_value_score": 20, "cost_rating": None}}
    same = {"fields": {"start_date": "2026-06-01T08:00:00Z", "qualification_value_score": 80, "cost_comments": ""}}
    assert governed_content(base) == governed_content(same)
    for field, value in (("start_date", "2026-06-02T00:00:00.000Z"), ("cost_rating", "High"), ("delivery_notes", "x")):
        assert governed_content(base) != governed_content({"fields": {**base["fields"], field: value}})
    assert governed_content(base) != governed_content({**base, "archived": True})


def test_a_step_that_moved_is_a_change_on_new_and_old_nodes():
    def moved(status):
        return governed_content({"workflow": {"steps": {"exploration": {"status": status}}}, "status": {"stepId": "x"}})

    assert moved("NOT_STARTED") == governed_content({"workflow": {"steps": {}}})
    assert moved("ONGOING") != moved("FINISHED")
    assert governed_content(legacy("progress")) != governed_content(legacy("rollout"))


@pytest.mark.parametrize("plan", ["Two sites in June, the rest in July.", ["uploaded-file-1"], [], "", None], ids=repr)
@pytest.mark.parametrize("name", ["progress_rollout_plan", "progress_docs", "qualification_project_plan"])
def test_p29_rollout_plan_as_a_text_or_a_list_is_carried(name, plan):
    artifact = {
        "id": "ar.5",
        "name": "Churn",
        "blueprintVersionId": {"blueprintId": GOVERN_PROJECT, "versionId": DEFAULT},
        "fields": {name: plan, "qualification_value_rating": "Low"},
        "workflow": {"steps": {}},
    }
    project = decode_artifact(artifact, STANDARD_TEMPLATE, NAMES)
    assert project.problems == ()
    changes = {"qualification.value.rating": "High"}
    written, problems = encode_artifact(artifact, STANDARD_TEMPLATE, changes, {"progress": Status.ONGOING}, IDS)
    assert problems == []
    assert written["fields"] == {name: plan, "qualification_value_rating": "High"}


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        (Kind.NUMBER, 12.5, 12.5),
        (Kind.NUMBER, "12.5", None),
        (Kind.NUMBER, True, None),
        (Kind.NUMBER, 1e300, None),
        (Kind.FLAG, False, False),
        (Kind.FLAG, "no", None),
        (Kind.FLAG, 0, None),
    ],
)
def test_number_or_flag_of_another_type_is_listed(kind, raw, value):
    own = replace(STANDARD, fields=(Field("extra.one", "govern_extra_one", "one", kind, "One"),), sections=())
    govern_type = {Kind.NUMBER: "NUMBER", Kind.FLAG: "BOOLEAN"}[kind]
    template = Template("bp.x", "bv.x", (), {"one": FieldDefinition(govern_type)})
    project = stored_artifact.decode_artifact({"id": "ar.1", "fields": {"one": raw}}, template, {}, blueprint=own)
    listed = [problem for problem in project.problems if problem.field == "extra.one"]
    assert project.values.get("extra.one") == value and bool(listed) is (value is None)
