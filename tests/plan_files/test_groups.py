"""Entries beside the projects they name: bases, creations, and what cannot be applied."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from plan_files.made import (
    as_json,
    as_xlsx,
    exported,
    file_of,
    held,
    planned,
    project_of,
    projects,
    read,
    some_values,
    ungoverned,
    writes,
)
from sampling import examples
from standard import build, decode
from support.portfolios import portfolios
from templates import LONG

from govern_mirror.model.blueprint import Status
from govern_mirror.model.item import Governance, ProjectFacts
from govern_mirror.plan_files.plan_file import groups, hand_edits, read_plan_file
from govern_mirror.report.formats import renderer
from govern_mirror.report.portfolio import Filters
from govern_mirror.sync.compare import WORKFLOW, Comparison
from govern_mirror.sync.plan import Direction, Prefer, Resolution
from govern_mirror.sync.planner import plan_groups

VALUES = {
    "overview.business_initiative": "Loyalty",
    "overview.sponsor": "Ada",
    "overview.start_date": date(2026, 3, 1),
    "overview.target_end_date": date(2026, 9, 1),
    "qualification.value.rating": "High",
    "steps.exploration.status": Status.FINISHED,
    "steps.qualification.status": Status.ONGOING,
}
CHURN = project_of("CHURN", VALUES)


def plan_of(body, name="plan.yaml"):
    return read(f"format_version: 1\nprojects:\n{body}", name)


@pytest.mark.parametrize(
    "written", ["[Analytics, AI/ML]", "Analytics, AI/ML", "\n        - ai/ml\n        - Analytics"]
)
def test_several_categories_are_a_list_or_have_commas_between_them(written):
    body = f"  CHURN:\n    overview:\n      technical_dimension: {written}\n"
    assert writes(f"format_version: 1\nprojects:\n{body}", [CHURN]) == {
        "CHURN": {"overview.technical_dimension": "AI/ML, Analytics"}
    }


def test_a_table_of_a_template_with_capitals_is_read(tmp_path):
    """Columns are compared in any case, and ids of steps may have capitals."""
    template = replace(LONG, steps=tuple(replace(step, id=f"{step.id.title()}_") for step in LONG.steps), sections=())
    path = tmp_path / "plan.csv"
    path.write_text("project_key,Triage__status,triage__notes,Intake__started_on\nCHURN,Finished,Seen,\n")
    (entry,) = read_plan_file(path, template).entries
    assert {at: value.text for at, value in entry.values.items()} == {
        "steps.Triage_.status": "FINISHED",
        "steps.Triage_.notes": "Seen",
    }


def differences(content, found, direction=Direction.PULL, prefer=None):
    return {
        (plan.project_key, each.field): (each.verdict, each.outcome)
        for plan in planned(content, found, direction=direction, prefer=prefer)
        for each in plan.differences
    }


def one(text):
    return f"format_version: 1\nprojects:\n  CHURN: {text}\n"


def test_an_entry_of_the_current_revision_is_an_edit():
    edits = f"{{revision: {CHURN.revision}, qualification: {{value: {{rating: low}}, risk: {{rating: medium-high}}}}}}"
    assert writes(one(edits), [CHURN]) == {
        "CHURN": {"qualification.value.rating": "Low", "qualification.risk.rating": "Medium high"}
    }


@pytest.mark.parametrize("mark", ["", "revision: 99, ", "revision: 0, "])
def test_an_entry_of_another_revision_fills_blanks_and_overwrites_nothing(mark):
    edits = f"{{{mark}qualification: {{value: {{rating: Low}}, risk: {{rating: High}}}}, overview: {{sponsor: Ada}}}}"
    assert differences(one(edits), [CHURN]) == {
        ("CHURN", "qualification.value.rating"): (Comparison.CONFLICT, Resolution.CONFLICT),
        ("CHURN", "qualification.risk.rating"): (Comparison.CHANGED_THERE, Resolution.TO_DSS),
    }
    assert writes(one(edits), [CHURN]) == {"CHURN": {"qualification.risk.rating": "High"}}
    [plan] = planned(one(edits), [CHURN], prefer=Prefer.GOVERN)
    assert plan.writes == {"qualification.value.rating": "Low", "qualification.risk.rating": "High"}


def test_clearing_needs_the_current_revision():
    for revision, expected in ((CHURN.revision, {"CHURN": {"qualification.value.rating": None}}), (99, {})):
        assert writes(one(f"{{revision: {revision}, qualification: {{value: {{rating: none}}}}}}"), [CHURN]) == expected
        assert writes(one(f"{{revision: {revision}, qualification: {{value: {{rating: null}}}}}}"), [CHURN]) == expected
        assert writes(one(f"{{revision: {revision}, qualification: {{value: {{rating: }}}}}}"), [CHURN]) == expected


@examples(60)
@given(projects(most=1), some_values)
def test_an_edit_made_in_dss_after_the_export_is_never_written_over(found, edits):
    [before] = found
    # the same revision, since only writes by this tool count
    after = replace(project_of("P_0", {}, edits), revision=before.revision)
    if hand_edits(after) == hand_edits(before):
        return
    was, now = held(before), held(after)
    for path in writes(exported(found), [after]).get("P_0", {}):
        assert path == WORKFLOW or now[path] in (None, was[path])


def test_an_edit_made_in_dss_after_the_export_is_a_conflict():
    content = exported([CHURN]).replace(b"Loyalty", b"Growth")
    assert writes(content, [CHURN]) == {"CHURN": {"overview.business_initiative": "Growth"}}
    later = project_of("CHURN", VALUES, {"overview.business_initiative": "Retention"})
    assert later.revision == CHURN.revision and later.pending
    assert differences(content, [later]) == {
        ("CHURN", "overview.business_initiative"): (Comparison.CONFLICT, Resolution.CONFLICT)
    }
    # exported after that edit, the file may change the value
    content = exported([later]).replace(b"Retention", b"Growth")
    assert writes(content, [later]) == {"CHURN": {"overview.business_initiative": "Growth"}}


def test_a_file_of_another_instance_is_no_base():
    content = exported([CHURN]).replace(b"rating: High", b"rating: Low")
    there = replace(CHURN, facts=replace(CHURN.facts, node_id="production"))
    assert differences(content, [CHURN]) == {
        ("CHURN", "qualification.value.rating"): (Comparison.CHANGED_THERE, Resolution.TO_DSS)
    }
    for file in (content, content.replace(b"node_id: design\n", b"") + b"node_id: design\n"):
        assert differences(file, [there]) == {
            ("CHURN", "qualification.value.rating"): (Comparison.CONFLICT, Resolution.CONFLICT)
        }


def test_the_counterpart_holds_only_what_the_entry_names():
    [group], problems = groups(plan_of("  CHURN: {qualification: {cost: {comment: dear}}}\n"), [CHURN])
    assert problems == []
    assert dict(group.counterpart.texts) == {"qualification.cost.comment": "dear"}
    assert (group.counterpart.id, group.counterpart.name) == ("CHURN", "plan.yaml:3")
    assert group.projects == (CHURN,)
    assert group.bases == {"CHURN": {}}


def test_steps_that_are_left_out_keep_their_status():
    steps = "{Qualification: {status: finished}, progress: {status: on going}}"
    content = one(f"{{revision: {CHURN.revision}, steps: {steps}}}")
    assert writes(content, [CHURN]) == {
        "CHURN": {
            WORKFLOW: "exploration FINISHED, qualification FINISHED, progress ONGOING, rollout NOT_STARTED, "
            "delivery NOT_STARTED"
        }
    }
    content = one(f"{{revision: {CHURN.revision}, steps: {{qualification: {{status: none}}}}}}")
    [workflow] = writes(content, [CHURN])["CHURN"].values()
    assert workflow.startswith("exploration FINISHED, qualification NOT_STARTED")
    content = one(f"{{revision: {CHURN.revision}, steps: {{rollout: {{notes: later}}}}}}")
    assert writes(content, [CHURN]) == {"CHURN": {"steps.rollout.notes": "later"}}


@pytest.mark.parametrize("kind", [".yaml", ".csv", ".xlsx"])
def test_a_project_that_is_not_governed_is_governed_anew(kind):
    body = {
        ".yaml": "format_version: 1\nprojects:\n  NEW: {qualification: {value: {rating: High}}}\n  BARE: {}\n",
        ".csv": "project_key,value\nNEW,High\nBARE,\n",
    }
    rows = [["project_key", "value"], ["NEW", "High"], ["BARE", ""]]
    content = body.get(kind) or as_xlsx(rows)
    plans = planned(content, [ungoverned("NEW"), ungoverned("BARE")], f"plan{kind}")
    assert [(plan.project_key, plan.creates, dict(plan.writes)) for plan in plans] == [
        ("NEW", True, {"qualification.value.rating": "High"}),
        ("BARE", True, {}),
    ]


def test_entries_without_a_project_to_write_are_problems():
    copy = replace(CHURN, facts=ProjectFacts("COPY"), state=Governance.COPIED, copied_from=("design", "CHURN"))
    broken = decode({"customFields": "broken"}, ProjectFacts("BROKEN"))
    plan = plan_of("  CHURN: {}\n  churn: {}\n  NOWHERE: {}\n  COPY: {}\n  BROKEN: {}\n")
    found, problems = groups(plan, iter([CHURN, copy, broken]))
    assert [group.counterpart.id for group in found] == ["CHURN"]
    assert [(problem.field, problem.message.partition(": ")[0]) for problem in problems] == [
        ("churn", "plan.yaml, line 4"),
        ("NOWHERE", "plan.yaml, line 5"),
        ("COPY", "plan.yaml, line 6"),
        ("BROKEN", "plan.yaml, line 7"),
    ]
    assert [word in problem.message for word, problem in zip(
        ("is CHURN meant?", "that you can see", "init COPY --adopt", "customFields"), problems, strict=True
    )] == [True] * 4  # fmt: skip


@pytest.mark.parametrize(("sponsor", "expected"), [("Ada", []), ("Grace", ["Grace"]), ("none", [None])])
def test_what_dss_alone_holds_is_applied_too(sponsor, expected):
    content = one(f"{{revision: {CHURN.revision}, overview: {{sponsor: {sponsor}}}}}")
    assert [dict(plan.writes) for plan in planned(content, [CHURN])] == [
        {"overview.sponsor": text} for text in expected
    ]


@pytest.mark.parametrize(
    ("dates", "left"),
    [
        ("start_date: 2026-10-01", ["overview.start_date"]),
        ("target_end_date: 2026-01-01", ["overview.target_end_date"]),
        ("start_date: 2026-10-01, target_end_date: 2026-12-01", []),
        ("start_date: 2026-08-01", []),
        ("start_date: 2026-10-01, target_end_date: none", []),
    ],
)
def test_an_end_before_a_start_that_dss_holds_is_left_alone(dates, left):
    content = f"  CHURN: {{revision: {CHURN.revision}, overview: {{{dates}}}}}\n"
    [group], problems = groups(plan_of(content), [CHURN])
    assert problems == []
    assert [problem.field for problem in group.counterpart.problems] == left
    assert all("plan.yaml, line 3: CHURN" in problem.message for problem in group.counterpart.problems)
    plans, _ = plan_groups([group], Direction.PULL)
    assert not set(left) & {path for plan in plans for path in plan.writes}
    assert bool(plans) is not bool(left)


def test_dates_that_are_in_no_order_in_dss_are_exported_without_the_end():
    wrong = project_of("CHURN", {**VALUES, "overview.target_end_date": date(2026, 1, 1)})
    content = exported([wrong])
    assert b"  # left out: the target end date 2026-01-01 is before the start date 2026-03-01\n" in content
    assert "target_end_date" not in as_json(content)["projects"]["CHURN"]["overview"]
    assert planned(content, [wrong]) == ()


@pytest.mark.parametrize("kind", [".yaml", ".csv", ".xlsx"])
def test_a_text_that_reads_none_stays_until_it_is_edited(kind):
    project = project_of("CHURN", {"overview.business_initiative": "None", "qualification.risk.comment": "none"})
    assert planned(file_of(kind, [project]), [project], f"plan{kind}") == ()
    other = file_of(kind, [project], {"CHURN": {"qualification.risk.comment": "few"}})
    assert writes(other, [project], f"plan{kind}") == {"CHURN": {"qualification.risk.comment": "few"}}


def test_an_invalid_value_in_dss_is_not_exported_nor_written_over():
    fields = {"govern_risk_rating": "Very high", "govern_status_progress": "HALFWAY", "govern_sponsor": "Ada"}
    project = decode({"customFields": fields}, ProjectFacts("CHURN", node_id="design"))
    content = exported([project])
    assert "qualification" not in as_json(content)["projects"]["CHURN"]
    assert planned(content, [project]) == ()
    edits = "{qualification: {risk: {rating: High}}, steps: {progress: {status: ONGOING}}}"
    assert writes(one(edits), [project]) == {}


def test_ungoverned_projects_and_copies_are_comments():
    copy = replace(CHURN, facts=ProjectFacts("COPY", "Copy"), state=Governance.COPIED, copied_from=("design", "CHURN"))
    content = exported([ungoverned("NEW"), copy, CHURN])
    assert list(as_json(content)["projects"]) == ["CHURN"]
    assert [line for line in content.decode().splitlines() if "NEW" in line or "COPY" in line] == [
        "# COPY is a copy of a governed project: govern-mirror init COPY --adopt",
        "# NEW is not governed: write `NEW: {}` among the projects to govern it",
    ]
    assert planned(content, [ungoverned("NEW"), copy, CHURN]) == ()
    assert read(exported([])).entries == read(exported([ungoverned("NEW")])).entries == ()


@examples(60)
@given(portfolios)
def test_whatever_people_named_their_projects_the_export_is_one_file(found):
    keys = [project.facts.project_key for project in found if project.is_governed]
    assert [entry.project_key for entry in read(exported(found)).entries] == keys


def test_the_report_as_csv_or_workbook_is_a_plan_file_too():
    other = project_of(
        "FRAUD", {"overview.business_initiative": "=1+1", "overview.sponsor": "-", "qualification.cost.rating": "Low"}
    )
    found = [CHURN, other, ungoverned("NEW")]
    portfolio = build(found, Filters(include_ungoverned=True), CHURN.events[0].at, node_id="design")
    for form in ("csv", "xlsx"):
        content = renderer(form).render(portfolio)
        assert [entry.project_key for entry in read(content, f"report.{form}").entries] == ["CHURN", "FRAUD"]
        assert planned(content, found, f"report.{form}") == ()
    edited = renderer("csv").render(portfolio).replace(b"Loyalty", b"Growth").replace(b"ungoverned", b"")
    plans = planned(edited, found, "report.csv")
    assert sorted((plan.project_key, dict(plan.writes)) for plan in plans) == [
        ("CHURN", {"overview.business_initiative": "Growth"}),
        ("NEW", {}),
    ]


def test_a_lost_record_tells_edits_by_all_values():
    fields = {"govern_risk_rating": "High", "govern_value_rating": "Low"}
    project = decode({"customFields": fields}, ProjectFacts("CHURN", node_id="design"))
    assert project.is_governed and project.revision == 0
    content = exported([project]).replace(b"rating: High", b"rating: Medium low")
    assert writes(content, [project]) == {"CHURN": {"qualification.risk.rating": "Medium low"}}
    later = decode({"customFields": {**fields, "govern_risk_rating": "Medium high"}}, project.facts)
    assert writes(content, [later]) == {}
