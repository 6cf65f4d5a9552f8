"""The report as static HTML for the result of a DSS macro: no script, and styles that reach nothing outside it.

DSS shows it inside its own page, and people download the same HTML.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from govern_mirror.model.blueprint import Role
from govern_mirror.model.workflow import CLOSED, stages
from govern_mirror.report import wording
from govern_mirror.report.html_templates import TEMPLATES, templates
from govern_mirror.report.portfolio import Portfolio, Row
from govern_mirror.report.trends_view import NOTHING_EARLIER, change_digests
from govern_mirror.report.wording import UNRATED

MAX_ROWS = 200
"""How many projects the macro's result lists: DSS shows it in a dialog."""

MAX_CHANGES = 10
"""How many changes of each kind since the last report it tells."""


def fragment(portfolio: Portfolio, notes: tuple[str, ...] = ()) -> str:
    """Return the report inside one element, for a DSS page: at most `MAX_ROWS` projects, by priority.

    Args:
        portfolio: what to show.
        notes: sentences for the reader, e.g. where the whole report was put.
    """
    style = (TEMPLATES / "portfolio.css").read_text(encoding="utf-8")
    view = _view(portfolio, MAX_ROWS)
    html = templates().get_template("fragment.html").render(style=style, notes=notes, **view)
    return html.encode("utf-8", "replace").decode("utf-8")


@dataclass(frozen=True)
class MatrixCell:
    """One cell of the matrix: a value and a risk rating, and the projects that have both."""

    value: str
    risk: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Lane:
    """One column of the Kanban: a stage, and the projects that are there."""

    id: str
    name: str
    rows: tuple[Row, ...]


def matrix(portfolio: Portfolio) -> tuple[tuple[MatrixCell, ...], ...]:
    """Return the governed projects by value (highest first, a line each) and risk (lowest first); unrated ones last.

    Empty when the template does not rate both.
    """
    names = portfolio.blueprint.rating_names
    if wording.no_matrix_reason(portfolio.blueprint):
        return ()
    cells: dict[tuple[str, str], list[Row]] = {}
    for row in portfolio.governed:
        value, risk = (row.project.text_of_role(role) or UNRATED for role in (Role.VALUE, Role.RISK))
        cells.setdefault((value, risk), []).append(row)
    return tuple(
        tuple(MatrixCell(value, risk, tuple(cells.get((value, risk), ()))) for risk in (*names, UNRATED))
        for value in (*reversed(names), UNRATED)
    )


def lanes(portfolio: Portfolio) -> tuple[Lane, ...]:
    """Return the governed projects by stage; a lane of closed ones only where there are any."""
    by_stage: dict[str, list[Row]] = {}
    for row in portfolio.governed:
        by_stage.setdefault(row.stage, []).append(row)
    return tuple(
        Lane(stage, name, tuple(by_stage.get(stage, ())))
        for stage, name in stages(portfolio.blueprint).items()
        if stage != CLOSED or stage in by_stage
    )


def _view(portfolio: Portfolio, limit: int) -> dict[str, Any]:
    blueprint, rows = portfolio.blueprint, portfolio.rows[:limit]
    roles = blueprint.roles
    return {
        "portfolio": portfolio,
        "words": wording,
        "assessed": blueprint.assessed,
        "initiative": roles.get(Role.INITIATIVE),
        "target_end": roles.get(Role.TARGET_END),
        "axes": [roles[role].heading for role in (Role.VALUE, Role.RISK) if role in roles],
        "no_matrix": wording.no_matrix_reason(blueprint),
        "summary": portfolio.summary,
        "rows": rows,
        "left_out": len(portfolio.rows) - len(rows),
        "limit": limit,
        "nothing_earlier": NOTHING_EARLIER,
        "changes": change_digests(portfolio.trends, portfolio.blueprint, MAX_CHANGES) if portfolio.trends else [],
        "matrix": matrix(portfolio),
        "lanes": lanes(portfolio),
        "decisions": wording.decision_counts(portfolio),
        "with_problems": [row for row in portfolio.rows if row.problems][:limit],
        "generated_on": wording.time_label(portfolio.generated_on),
        "ratings": (*portfolio.blueprint.rating_names, UNRATED),
    }
