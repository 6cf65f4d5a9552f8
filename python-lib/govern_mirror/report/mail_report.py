"""The report as the body of a mail: HTML as mail clients show it.

They drop style sheets, scripts and remote images, and know tables better than any newer layout; so every style is
inline, in light colours, and a table stands wherever something stands beside something else. The one style sheet is
for narrow screens: a client that drops it shows the whole table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from govern_mirror.model.blueprint import Blueprint, Role, Status
from govern_mirror.model.values import text_of
from govern_mirror.report import wording
from govern_mirror.report.formats import Renderer
from govern_mirror.report.html_templates import templates
from govern_mirror.report.portfolio import Portfolio, Row
from govern_mirror.report.trends_view import change_digests

MAX_ROWS = 50
"""How many projects are listed at most."""

MAX_BYTES = 100_000
"""Bytes of a mail: Gmail cuts one off at 102 kB."""

MAX_CHANGES = 5
"""How many projects are named of each kind of change."""

MAX_UNAPPROVED = 10
"""How many items without approval are named of each kind."""

STYLES = {
    "body": "margin:0;padding:0;background-color:#ffffff",
    "page": "width:100%;max-width:900px;background-color:#ffffff;color:#1d2733;"
    "font-family:-apple-system,'Segoe UI',Roboto,Arial,sans-serif;font-size:14px;line-height:1.45",
    "h1": "margin:0 0 4px;font-size:22px;line-height:1.2;font-weight:bold;color:#1d2733",
    "h2": "margin:24px 0 8px;font-size:16px;font-weight:bold;color:#1d2733",
    "small": "font-size:12px;font-weight:normal;color:#56616f",
    "tile": "padding:8px 12px;background-color:#f5f7fa;border:1px solid #d8dee6;color:#1d2733",
    "count": "font-size:22px;font-weight:bold;color:#1d2733",
    "table": "border-collapse:collapse;font-size:13px;line-height:1.45;color:#1d2733",
    "head": "border-bottom:2px solid #d8dee6;text-align:left;font-size:12px;color:#56616f",
    "cell": "border-bottom:1px solid #d8dee6",
    "first": "border-bottom:1px solid #d8dee6;text-align:left;font-weight:normal",
    "progress": "border-collapse:separate;font-size:1px;line-height:6px",
    "link": "color:#0b5cad;font-weight:bold;text-decoration:none",
    "warn": "color:#7a4a00;background-color:#fff1d6;padding:0 6px;font-size:11px;font-weight:bold",
    "bad": "color:#a8182b;background-color:#fde7ea;padding:0 6px;font-size:11px;font-weight:bold",
    "none": "color:#56616f",
    "note": "margin:12px 0;padding:12px 14px;background-color:#f5f7fa;color:#1d2733",
}
"""The page's look, in styles that stand at each element."""

_BAR = {
    Status.FINISHED: "#1f7a4d",
    Status.ONGOING: "#1668c7",
    Status.NOT_STARTED: "#c3ccd7",
    Status.SKIPPED: "#eef1f5",
}


@dataclass(frozen=True)
class Tile:
    """One count of the summary; `attention` when it asks for some."""

    name: str
    count: int
    note: str = ""
    attention: bool = False


@dataclass(frozen=True)
class Column:
    """A column of the table of projects: its heading, its text, whether narrow screens show it, and its style."""

    heading: str
    of: Callable[[Row], str | None]
    is_kept: bool
    style: str = ""


class MailReport(Renderer):
    """Renders the body: summary, what changed, counts by stage, and the first projects by priority."""

    shows_trends = True
    shows_approvals = True

    def render(self, portfolio: Portfolio) -> bytes:
        """Return a whole HTML document, which mail clients and DSS's messaging channels take as body."""
        body = b""
        # long names, and names of characters that are written as entities, leave room for fewer projects
        for limit in range(MAX_ROWS, 0, -10):
            body = _body(portfolio, limit)
            if len(body) <= MAX_BYTES:
                break
        return body


def _body(portfolio: Portfolio, limit: int) -> bytes:
    body = (
        templates()
        .get_template("mail.html")
        .render(
            portfolio=portfolio,
            summary=portfolio.summary,
            words=wording,
            generated_on=wording.time_label(portfolio.generated_on),
            tiles=_tiles(portfolio),
            columns=_columns(portfolio.blueprint),
            changes=change_digests(portfolio.trends, portfolio.blueprint, MAX_CHANGES) if portfolio.trends else [],
            approvals=wording.approval_lists(portfolio, MAX_UNAPPROVED),
            by_step=wording.stage_counts(portfolio),
            rows=portfolio.rows[:limit],
            limit=limit,
            left_out=max(0, len(portfolio.rows) - limit),
            style=STYLES,
            bar=_BAR,
        )
    )
    return body.encode("utf-8", "replace")


def _tiles(portfolio: Portfolio) -> list[Tile]:
    summary = portfolio.summary
    stale = f"{portfolio.stale_days} days or more in a step"
    return [
        Tile("Governed", summary.governed, f"of {summary.projects} visible"),
        *(Tile(name, count) for name, count in wording.decision_counts(portfolio)),
        Tile("Stale", summary.stale, stale, bool(summary.stale)),
        Tile("Overdue", portfolio.overdue, "past their target end date", bool(portfolio.overdue)),
        Tile("With problems", summary.problems, "", bool(summary.problems)),
        *(Tile(name, count, "", bool(count)) for name, count in wording.approval_counts(portfolio)),
    ]


def _columns(blueprint: Blueprint) -> list[Column]:
    """Return the columns after the project, its workflow and its current step."""
    fields = [Column(f.heading, _of_path(f.path), f.role is Role.DECISION) for f in blueprint.assessed]
    fields.append(Column("Priority", lambda row: wording.number(row.scores.priority), False, ";text-align:right"))
    end = blueprint.roles.get(Role.TARGET_END)
    if end:
        fields.append(Column(end.heading, _of_path(end.path), True, ";white-space:nowrap"))
    return [*fields, Column("Owner", lambda row: row.project.facts.owner, False)]


def _of_path(path: str) -> Callable[[Row], str | None]:
    return lambda row: text_of(row.project.values[path])
