"""The report as JSON, a contract for tools.

`FORMAT_VERSION` history: 1, the first.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from govern_mirror import fast_json
from govern_mirror.model.item import problems_json
from govern_mirror.report.formats import Renderer
from govern_mirror.report.portfolio import Portfolio, Row
from govern_mirror.times import iso_time

FORMAT_VERSION = 1


class JsonReport(Renderer):
    """Renders JSON in UTF-8: the head, then one line per project."""

    def render(self, portfolio: Portfolio) -> bytes:
        """Return the head of `head_json` and the rows of `row_json` under `projects`."""
        head = json.dumps(head_json(portfolio), indent=1, ensure_ascii=False).removesuffix("\n}")
        rows = b",\n  ".join(fast_json.dumps(row_json(row)) for row in portfolio.rows)
        document = b'%s,\n "projects": [\n  %s\n ]\n}\n' % (head.encode("utf-8", "replace"), rows)
        # the same text for readers of JSON; a CI system finds no command in its log (see `govern_mirror.text`)
        return document.replace(b"##", b"#\\u0023")


def head_json(portfolio: Portfolio) -> dict[str, Any]:
    """Return all but the projects. Times are ISO 8601 in UTC, dates are dates."""
    summary = asdict(portfolio.summary)
    del summary["copies"]
    return {
        "format_version": FORMAT_VERSION,
        "generated_on": iso_time(portfolio.generated_on),
        "instance": {"node_id": portfolio.node_id, "url": portfolio.url},
        "summary": summary,
        "unreadable": [
            {"project_key": project.project_key, "message": project.message} for project in portfolio.unreadable
        ],
    }


def row_json(row: Row) -> dict[str, Any]:
    """Return one project of the report, as `fast_json` writes it: times, dates and enumerations as they are."""
    project = row.project
    facts, values = project.facts, project.values
    current = row.current
    changed_on, changed_by = row.last_change
    return {
        "project_key": facts.project_key,
        "name": facts.name,
        "url": facts.url,
        "node_id": facts.node_id,
        "owner": facts.owner,
        "tags": list(facts.tags),
        "state": project.state,
        "current_step": current.id if current else None,
        "current_step_status": current.status if current else None,
        "steps": {
            step.id: {
                "status": step.status,
                "started_on": step.started_on,
                "finished_on": step.finished_on,
            }
            for step in project.workflow.steps
        },
        "finished": project.workflow.finished,
        "total": len(project.workflow.steps),
        "value_score": row.scores.value,
        "risk_score": row.scores.risk,
        "priority": row.scores.priority,
        "days_in_step": row.days_in_step,
        "stale": row.stale,
        "last_change_on": changed_on,
        "last_change_by": changed_by,
        "revision": project.revision,
        "problems": problems_json(row.problems) if row.problems else [],
        **{name: values[path] for name, path in project.blueprint.listed},
        "stage": row.stage if project.is_governed else None,
        "overdue": row.overdue,
        "trust": row.trust,
    }
