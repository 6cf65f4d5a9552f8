"""The report as a table for the terminal."""

from __future__ import annotations

from govern_mirror.cli.printing import PIPED_WIDTH, STATUS_MARKS
from govern_mirror.cli.tables import BLANK, Column, Overflow, table_lines
from govern_mirror.model.blueprint import RATED_ROLES, Blueprint, Role
from govern_mirror.model.item import Item
from govern_mirror.report.portfolio import Portfolio, Row
from govern_mirror.report.trends_view import NOTHING_EARLIER, TrendsView
from govern_mirror.text import terminal_line

MAX_UNREADABLE = 20
"""How many of the projects that could not be read are named."""

_SHORT = {"Low": "L", "Medium low": "ML", "Medium high": "MH", "High": "H"}
_FIXED = ("WORKFLOW", "DAYS", "PRIORITY")
_RIGHT = ("DAYS", "PRIORITY", "PROBLEMS")
_COLUMNS = tuple(
    Column(
        header,
        overflow=Overflow.FOLD if header == "KEY" else Overflow.CUT,
        right=header in _RIGHT,
        fixed=header in _FIXED,
    )
    for header in (
        "KEY", "PROJECT", "WORKFLOW", "AT", "DAYS", "V", "R", "F", "C", "DECISION", "PRIORITY", "OWNER", "PROBLEMS",
    )
)  # fmt: skip


class TableReport:
    """Renders a summary and one line a project."""

    is_binary = False
    shows_events = False
    shows_past = True

    def __init__(self, width: int = PIPED_WIDTH) -> None:
        """Take the width of the terminal, in columns."""
        self.width = width

    def render(self, portfolio: Portfolio) -> bytes:
        """The table; nothing in it can steer a terminal."""
        lines: list[str] = []
        if portfolio.rows:
            lines = [*table_lines(_COLUMNS, (_cells(row) for row in portfolio.rows), self.width), ""]
        lines.append(_counts(portfolio))
        if portfolio.past:
            lines.append(_since_last(portfolio.past, portfolio.blueprint))
        lines += _unreadable(portfolio)
        return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _cells(row: Row) -> list[str | None]:
    project = row.project
    if project.is_governed:
        flow = project.workflow
        bar = "".join([STATUS_MARKS[step.status.value] for step in flow.steps])
        current = flow.current
        at = "complete" if flow.is_complete else current.name if current else "not started"
    else:
        bar, at = BLANK, project.state.value
    priority = row.scores.priority
    days = row.days_in_step
    return [
        project.facts.project_key,
        project.facts.name,
        bar,
        at,
        None if days is None else f"{days}!" if row.stale else str(days),
        *(_rating(project, role) for role in RATED_ROLES),
        project.text_of_role(Role.DECISION),
        None if priority is None else f"{priority:g}",
        project.facts.owner,
        str(len(row.problems)) if row.problems else None,
    ]


def _rating(project: Item, role: Role) -> str | None:
    rating = project.text_of_role(role)
    return rating and _SHORT.get(rating, rating)


def _counts(portfolio: Portfolio) -> str:
    summary = portfolio.summary
    parts = [f"{summary.governed} governed of {summary.projects} visible"]
    parts += [f"{count} {step.replace('_', ' ')}" for step, count in summary.by_step.items() if count]
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
