"""Snapshots of projects of any template in a history, and what is told of them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from govern_mirror.actions.history import open_trends
from govern_mirror.history.columns import column_types, run_of, snapshot_rows, value_rows
from govern_mirror.history.digest import trends_view
from govern_mirror.history.store import history_at
from govern_mirror.history.trends import trends_json
from govern_mirror.model.item import Closure, Governance, Item, ProjectFacts
from govern_mirror.model.workflow import Workflow
from govern_mirror.report.portfolio import Filters, build

START = datetime(2026, 3, 1, 7, tzinfo=timezone.utc)


def project(blueprint, key="P", *, done=0, day=0, values=None, closed=False, **facts):
    """A project with so many finished steps, the next one ongoing."""
    workflow = Workflow.not_started(blueprint)
    for step in blueprint.steps[: done + 1]:
        at = START + timedelta(days=day)
        workflow = workflow.start(step.id, at, "ada")
        if step.id in blueprint.step_ids[:done]:
            workflow = workflow.finish(step.id, at, "ada")
    return Item(
        ProjectFacts(key, **{"name": f"Project {key}", "node_id": "design", **facts}),
        blueprint,
        workflow,
        {**blueprint.blank_values, **(values or {})},
        state=Governance.GOVERNED,
        closed=Closure(START, "ada", "replaced") if closed else None,
    )


def report(*projects, day=0):
    now = START + timedelta(days=day)
    return build(projects, Filters(), now, blueprint=projects[0].blueprint, node_id="design")


def append(path, portfolio, *, long_form=True):
    run = run_of(portfolio.generated_on)
    values = value_rows(portfolio, run) if long_form else ()
    history_at(path).append(run, column_types(portfolio.blueprint), snapshot_rows(portfolio, run), values)


def trends(path, blueprint):
    with open_trends(path, blueprint=blueprint) as opened:
        return trends_json(opened)


def changes(path, blueprint):
    return [(row["field"], row["from"], row["to"]) for row in trends(path, blueprint)["changes"]]


def view(path, portfolio):
    with open_trends(path, blueprint=portfolio.blueprint, node="design") as opened:
        return trends_view(portfolio, opened)
