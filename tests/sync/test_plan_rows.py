"""A plan reads the same on the command line and in the macro: labels, no paths and no constants."""

import json
import re

from govern_mirror.components.sync_macro import sync_from_form
from govern_mirror.model.blueprint import STANDARD
from govern_mirror.sync.compare import Comparison
from govern_mirror.sync.plan import Difference, Direction, Plan, ProjectPlan, Resolution, plan_rows

CONSTANT = re.compile(
    r"\b[A-Z]+_[A-Z]+\b|\b(?:ONGOING|FINISHED|SKIPPED)\b|to-dss|to-govern|changed-\w+|[a-z]\.[a-z_]+\."
)


def plan_of(*differences):
    project = ProjectPlan("CHURN", "Churn", "ar.1", differences, {}, {}, {})
    return Plan(Direction.BOTH, projects=(project,))


def test_every_comparison_and_resolution_has_its_words():
    for comparison in Comparison:
        for resolution in Resolution:
            difference = Difference("qualification.value.rating", "Low", None, comparison, resolution)
            [row] = plan_rows(plan_of(difference), STANDARD)
            assert (row.field, row.dss, row.remote) == ("Value rating", "Low", None)
            assert not CONSTANT.search(f"{row.changed} {row.outcome}")
            assert (row.changed is None) == (comparison is Comparison.SAME)


def test_workflow_shows_the_steps_that_differ():
    here = (
        "exploration FINISHED, qualification ONGOING, progress NOT_STARTED, rollout NOT_STARTED, delivery NOT_STARTED"
    )
    [row] = plan_rows(plan_of(Difference("workflow", here, None, Comparison.CHANGED_HERE, Resolution.HELD)), STANDARD)
    assert row.field == "Workflow"
    assert row.dss == "Exploration: Finished, Qualification: On going"
    assert row.remote == "Exploration: Not started, Qualification: Not started"


def test_command_and_macro_say_the_same(sides):
    sides.project("CHURN")
    sides.recorded("CHURN", govern_value_rating="Low", govern_status_exploration="ONGOING")
    sides.in_govern("CHURN", qualification_risk_rating="High")
    table = sides.run("both", "--dry-run").out
    rows = sync_from_form(sides.session, {"direction": "both", "dry_run": True}).rows[:-1]
    assert len(rows) == 3 and not CONSTANT.search(table)
    for row in rows:
        line = next(line for line in table.splitlines() if row[1] in line)
        assert all(cell in line for cell in row if cell), "one wording for both"


def test_json_of_a_plan_keeps_paths_and_constants(sides):
    sides.project("CHURN")
    sides.recorded("CHURN", govern_value_rating="Low")
    document = json.loads(sides.run("both", "--dry-run", "--format", "json").out)
    [difference] = document["projects"][0]["differences"]
    assert (difference["field"], difference["verdict"], difference["outcome"]) == (
        "qualification.value.rating", "changed-here", "to-govern",
    )  # fmt: skip


def test_value_that_is_not_pushed_is_named_by_its_label(sides):
    sides.project("CHURN")
    sides.in_dss("CHURN", govern_decision="Go")
    assert "CHURN: Resulting decision is not pushed: " in sides.run("push", "--dry-run").err
