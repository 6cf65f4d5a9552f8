"""The report as static HTML for the result of a DSS macro: no script, and styles that reach nothing outside it.

DSS shows it inside its own page, and people download the same HTML.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timezone
from typing import Any

from govern_mirror.model.blueprint import Role
from govern_mirror.model.workflow import NOT_STARTED
from govern_mirror.report.html_templates import TEMPLATES, templates
from govern_mirror.report.portfolio import UNDECIDED, Portfolio, Row
from govern_mirror.report.trends_view import NOTHING_EARLIER, change_digests

FRAGMENT_ROWS = 200
"""How many projects the macro's result lists: DSS shows it in a dialog."""

MOST_TOLD = 10
"""How many changes of each kind since the last report it tells."""

UNRATED = "Not rated"


def fragment(portfolio: Portfolio, notes: tuple[str, ...] = ()) -> str:
    """The report inside one element, for a DSS page: at most `FRAGMENT_ROWS` projects, by priority.

    Args:
        portfolio: what to show.
        notes: sentences for the reader, e.g. where the whole report was put.
    """
    style = (TEMPLATES / "portfolio.css").read_text(encoding="utf-8")
    view = _view(portfolio, FRAGMENT_ROWS)
    html = templates().get_template("fragment.html").render(style=style, notes=notes, **view)
    return html.encode("utf-8", "replace").decode("utf-8")


@dataclass(frozen=True)
class Cell:
    """One cell of the matrix: a value and a risk rating, and the projects that have both."""

    value: str
    risk: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Lane:
    """One column of the Kanban: a step (or what comes before the first), and the projects that are there."""

    id: str
    name: str
    rows: tuple[Row, ...]


def matrix(portfolio: Portfolio) -> tuple[tuple[Cell, ...], ...]:
    """The governed projects by value (highest first, a line each) and risk (lowest first); unrated ones last."""
    names = portfolio.blueprint.rating_names
    placed: dict[tuple[str, str], list[Row]] = {}
    for row in portfolio.governed:
        value, risk = (row.project.text_of_role(role) or UNRATED for role in (Role.VALUE, Role.RISK))
        placed.setdefault((value, risk), []).append(row)
    return tuple(
        tuple(Cell(value, risk, tuple(placed.get((value, risk), ()))) for risk in (*names, UNRATED))
        for value in (*reversed(names), UNRATED)
    )


def lanes(portfolio: Portfolio) -> tuple[Lane, ...]:
    """The governed projects by current step."""
    named = [(NOT_STARTED, "Not started"), *((step.id, step.name) for step in portfolio.blueprint.steps)]
    by_step: dict[str, list[Row]] = {}
    for row in portfolio.governed:
        by_step.setdefault(row.step, []).append(row)
    return tuple(Lane(step, name, tuple(by_step.get(step, ()))) for step, name in named)


def _view(portfolio: Portfolio, limit: int) -> dict[str, Any]:
    decisions = {UNDECIDED: "Undecided"}
    shown = portfolio.rows[:limit]
    return {
        "portfolio": portfolio,
        "assessed": portfolio.blueprint.assessed,
        "rated": [field for field in portfolio.blueprint.assessed if field.role is not Role.DECISION],
        "decision": portfolio.blueprint.roles.get(Role.DECISION),
        "summary": portfolio.summary,
        "rows": shown,
        "left_out": len(portfolio.rows) - len(shown),
        "limit": limit,
        "nothing_earlier": NOTHING_EARLIER,
        "news": change_digests(portfolio.past, portfolio.blueprint, MOST_TOLD) if portfolio.past else [],
        "matrix": matrix(portfolio),
        "lanes": lanes(portfolio),
        "decisions": [(decisions.get(name, name), count) for name, count in portfolio.summary.by_decision.items()],
        "with_problems": [row for row in portfolio.rows if row.problems][:limit],
        "generated_on": f"{portfolio.generated_on.astimezone(timezone.utc):%Y-%m-%d %H:%M} UTC",
        "ratings": (*portfolio.blueprint.rating_names, UNRATED),
    }
