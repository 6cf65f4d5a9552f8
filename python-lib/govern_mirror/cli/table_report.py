"""The report as a table for the terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from govern_mirror.cli.printing import MAX_UNREADABLE, PIPED_WIDTH, STATUS_MARKS, first, of_project
from govern_mirror.cli.tables import BLANK, Column, Overflow, table_lines
from govern_mirror.model.blueprint import STATUS_LABELS, Blueprint, Field, Role, Status
from govern_mirror.model.values import text_of
from govern_mirror.report import wording
from govern_mirror.report.formats import Renderer
from govern_mirror.report.portfolio import Portfolio, Row
from govern_mirror.report.trends_view import NOTHING_EARLIER, TrendsView
from govern_mirror.text import terminal_line

MIN_TEXT_WIDTH = 12
"""A text that may be cut keeps this width before a less important column goes."""

GAP = 2
"""Blanks between two columns."""

LEGEND = "   ".join(f"{STATUS_MARKS[status.value]} {STATUS_LABELS[status].lower()}" for status in Status)


class TableReport(Renderer):
    """Renders a summary and one line per project."""

    shows_trends = True

    def __init__(self, width: int = PIPED_WIDTH) -> None:
        """Take the width of the terminal, in columns."""
        self.width = width

    def render(self, portfolio: Portfolio) -> bytes:
        """Return the table; nothing in it can steer a terminal."""
        lines: list[str] = []
        if portfolio.rows:
            lines = [*_table(portfolio, self.width), ""]
        lines.append(_counts(portfolio))
        if portfolio.trends:
            lines.append(_since_last(portfolio.trends, portfolio.blueprint))
        lines += _unreadable(portfolio)
        return ("\n".join(lines) + "\n").encode("utf-8", "replace")


@dataclass(frozen=True, kw_only=True)
class ReportColumn(Column):
    """A column of the report.

    Attributes:
        of: what a row has there.
        rank: how soon it goes where there is no room; 0 for never.
    """

    of: Callable[[Row], str | None]
    rank: int


def _table(portfolio: Portfolio, width: int) -> list[str]:
    columns = _columns(portfolio.blueprint)
    cells = [[terminal_line(column.of(row) or "") for row in portfolio.rows] for column in columns]
    columns, cells = _fitting(columns, cells, width)
    lines = table_lines(columns, list(zip(*cells, strict=True)), width)
    return [*lines, LEGEND] if any(column.header == "WORKFLOW" for column in columns) else lines


def _columns(blueprint: Blueprint) -> list[ReportColumn]:
    ranks = {Role.DECISION: 2, Role.VALUE: 6, Role.RISK: 5, Role.FEASIBILITY: 9, Role.COST: 10}
    keep, cut = Overflow.KEEP, Overflow.CUT

    def of_field(field: Field, rank: int) -> ReportColumn:
        path = field.path
        return ReportColumn(field.heading.upper(), keep, of=lambda row: text_of(row.project.values[path]), rank=rank)

    end = blueprint.roles.get(Role.TARGET_END)
    return [
        ReportColumn("KEY", keep, of=lambda row: row.project.facts.project_key, rank=0),
        ReportColumn("PROJECT", cut, of=lambda row: row.project.facts.name, rank=4),
        ReportColumn("WORKFLOW", keep, of=_bar, rank=11),
        ReportColumn("CURRENT STEP", cut, of=wording.stage_label, rank=1),
        ReportColumn("DAYS", keep, True, of=_days, rank=7),
        ReportColumn("FLAGS", keep, of=lambda row: ", ".join(wording.flags(row)), rank=3),
        *(of_field(field, ranks.get(field.role, 9) if field.role else 9) for field in blueprint.assessed),
        ReportColumn("PRIORITY", keep, True, of=_priority, rank=2),
        *([of_field(end, 8)] if end else []),
        ReportColumn("OWNER", cut, of=lambda row: row.project.facts.owner, rank=10),
    ]


def _fitting(
    columns: list[ReportColumn], cells: list[list[str]], width: int
) -> tuple[list[ReportColumn], list[list[str]]]:
    """Return the columns that fit and their cells: the least important ones go first, and the key never."""
    least = [_least_width(column, texts) for column, texts in zip(columns, cells, strict=True)]
    places = list(range(len(columns)))
    while sum(least[at] + GAP for at in places) - GAP > width and any(columns[at].rank for at in places):
        places.remove(max(places, key=lambda at: columns[at].rank))
    return [columns[at] for at in places], [cells[at] for at in places]


def _least_width(column: ReportColumn, texts: Sequence[str]) -> int:
    natural = max(len(column.header), max((len(t) if t.isascii() else cell_len(t) for t in texts), default=0))
    return min(natural, max(MIN_TEXT_WIDTH, len(column.header))) if column.overflow is Overflow.CUT else natural


def _bar(row: Row) -> str:
    if not row.project.is_governed:
        return BLANK
    return "".join([STATUS_MARKS[step.status.value] for step in row.project.workflow.steps])


def _priority(row: Row) -> str | None:
    return None if row.scores.priority is None else wording.number(row.scores.priority)


def _days(row: Row) -> str | None:
    return None if row.days_in_step is None else str(row.days_in_step)


def _counts(portfolio: Portfolio) -> str:
    summary = portfolio.summary
    parts = [f"{summary.governed} governed of {summary.projects} visible"]
    parts += [f"{count} {name}" for name, count in wording.stage_counts(portfolio) if count]
    parts.append(f"{summary.stale} stale ({portfolio.stale_days} days or more)")
    parts.append(f"{portfolio.overdue} overdue")
    parts.append(f"{summary.problems} with problems")
    if summary.copied:
        parts.append(f"{summary.copied} copied")
    return terminal_line(" · ".join(parts))


def _since_last(trends: TrendsView, blueprint: Blueprint) -> str:
    if trends.since is None:
        return NOTHING_EARLIER
    counts = [f"{len(projects)} {group.value.lower()}" for group, projects in trends.groups(blueprint).items()]
    return f"Since {trends.since}: {' · '.join(counts) or 'nothing changed'}"


def _unreadable(portfolio: Portfolio) -> list[str]:
    if not portfolio.unreadable:
        return []
    reasons = [terminal_line(of_project(project.project_key, project.message)) for project in portfolio.unreadable]
    return ["", f"{portfolio.incomplete}:", *first(reasons, MAX_UNREADABLE)]
