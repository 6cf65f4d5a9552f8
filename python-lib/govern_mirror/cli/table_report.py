"""The report as a table for the terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from govern_mirror.cli.printing import PIPED_WIDTH, STATUS_MARKS
from govern_mirror.cli.tables import BLANK, Column, Overflow, table_lines
from govern_mirror.model.blueprint import STATUS_LABELS, Blueprint, Role, Status
from govern_mirror.model.values import text_of
from govern_mirror.report import wording
from govern_mirror.report.portfolio import Portfolio, Row
from govern_mirror.report.trends_view import NOTHING_EARLIER, TrendsView
from govern_mirror.text import terminal_line

MAX_UNREADABLE = 20
"""How many of the projects that could not be read are named."""

MIN_TEXT_WIDTH = 12
"""A text that may be cut keeps this width before a less important column goes."""

GAP = 2
"""Blanks between two columns."""

LEGEND = "   ".join(f"{STATUS_MARKS[status.value]} {STATUS_LABELS[status].lower()}" for status in Status)


class TableReport:
    """Renders a summary and one line per project."""

    is_binary = False
    shows_events = False
    shows_past = True

    def __init__(self, width: int = PIPED_WIDTH) -> None:
        """Take the width of the terminal, in columns."""
        self.width = width

    def render(self, portfolio: Portfolio) -> bytes:
        """Return the table; nothing in it can steer a terminal."""
        lines: list[str] = []
        if portfolio.rows:
            lines = [*_table(portfolio, self.width), ""]
        lines.append(_counts(portfolio))
        if portfolio.past:
            lines.append(_since_last(portfolio.past, portfolio.blueprint))
        lines += _unreadable(portfolio)
        return ("\n".join(lines) + "\n").encode("utf-8", "replace")


@dataclass(frozen=True)
class ReportColumn:
    """A column: its heading, what a row has there, how soon it goes where there is no room (0: never), and its look."""

    header: str
    of: Callable[[Row], str | None]
    rank: int
    is_cut: bool = False
    right: bool = False


def _table(portfolio: Portfolio, width: int) -> list[str]:
    chosen = _columns(portfolio.blueprint)
    cells = [[terminal_line(column.of(row) or "") for row in portfolio.rows] for column in chosen]
    chosen, cells = _fitting(chosen, cells, width)
    columns = [
        Column(
            column.header,
            overflow=Overflow.CUT if column.is_cut else Overflow.FOLD,
            right=column.right,
            fixed=not column.is_cut,
        )
        for column in chosen
    ]
    lines = table_lines(columns, list(zip(*cells, strict=True)), width)
    return [*lines, LEGEND] if any(column.header == "WORKFLOW" for column in chosen) else lines


def _columns(blueprint: Blueprint) -> list[ReportColumn]:
    """Return the columns from left to right; those of fields as far as the template has them."""
    ranks = {Role.DECISION: 2, Role.VALUE: 6, Role.RISK: 5, Role.FEASIBILITY: 9, Role.COST: 10}
    fields = [
        ReportColumn(field.heading.upper(), _of_path(field.path), ranks.get(field.role, 9) if field.role else 9)
        for field in blueprint.assessed
    ]
    end = blueprint.roles.get(Role.TARGET_END)
    return [
        ReportColumn("KEY", lambda row: row.project.facts.project_key, 0),
        ReportColumn("PROJECT", lambda row: row.project.facts.name, 4, is_cut=True),
        ReportColumn("WORKFLOW", _bar, 11),
        ReportColumn("CURRENT STEP", wording.stage_label, 1, is_cut=True),
        ReportColumn("DAYS", lambda row: None if row.days_in_step is None else str(row.days_in_step), 7, right=True),
        ReportColumn("FLAGS", lambda row: ", ".join(wording.flags(row)), 3),
        *fields,
        ReportColumn("PRIORITY", _priority, 2, right=True),
        *([ReportColumn(end.heading.upper(), _of_path(end.path), 8)] if end else []),
        ReportColumn("OWNER", lambda row: row.project.facts.owner, 10, is_cut=True),
    ]


def _fitting(
    chosen: list[ReportColumn], cells: list[list[str]], width: int
) -> tuple[list[ReportColumn], list[list[str]]]:
    """Return the columns that fit and their cells: the least important ones go first, and the key never."""
    least = [_least_width(column, texts) for column, texts in zip(chosen, cells, strict=True)]
    kept = list(range(len(chosen)))
    while sum(least[at] + GAP for at in kept) - GAP > width and any(chosen[at].rank for at in kept):
        kept.remove(max(kept, key=lambda at: chosen[at].rank))
    return [chosen[at] for at in kept], [cells[at] for at in kept]


def _least_width(column: ReportColumn, texts: Sequence[str]) -> int:
    natural = max(len(column.header), max((len(t) if t.isascii() else cell_len(t) for t in texts), default=0))
    return min(natural, max(MIN_TEXT_WIDTH, len(column.header))) if column.is_cut else natural


def _bar(row: Row) -> str:
    if not row.project.is_governed:
        return BLANK
    return "".join([STATUS_MARKS[step.status.value] for step in row.project.workflow.steps])


def _priority(row: Row) -> str | None:
    return None if row.scores.priority is None else wording.number(row.scores.priority)


def _of_path(path: str) -> Callable[[Row], str | None]:
    return lambda row: text_of(row.project.values[path])


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


def _since_last(past: TrendsView, blueprint: Blueprint) -> str:
    if past.since is None:
        return NOTHING_EARLIER
    counts = [f"{len(projects)} {group.value.lower()}" for group, projects in past.groups(blueprint).items()]
    return f"Since {past.since}: {' · '.join(counts) or 'nothing changed'}"


def _unreadable(portfolio: Portfolio) -> list[str]:
    projects = portfolio.unreadable
    if not projects:
        return []
    lines = ["", f"{portfolio.incomplete}:"]
    lines += [terminal_line(f"{project.project_key}: {project.message}") for project in projects[:MAX_UNREADABLE]]
    return lines if len(projects) <= MAX_UNREADABLE else [*lines, f"and {len(projects) - MAX_UNREADABLE} more"]
