"""The report as a table for the terminal."""

from __future__ import annotations

import io
import re

from govern_mirror.blueprint import Blueprint
from govern_mirror.cli.printing import PIPED_WIDTH, STATUS_MARKS
from govern_mirror.report.past import NOTHING_EARLIER, Past
from govern_mirror.report.portfolio import Portfolio, Row

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_SHORT = {"Low": "L", "Medium low": "ML", "Medium high": "MH", "High": "H"}


class TableReport:
    """Renders a summary and one line a project."""

    is_binary = False
    shows_events = False
    shows_past = True

    def __init__(self, width: int = PIPED_WIDTH) -> None:
        """Take the width of the terminal, in columns."""
        self.width = width

    def render(self, portfolio: Portfolio) -> bytes:
        """The table; control and direction characters, which could rewrite a terminal, are shown as one mark."""
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        text = io.StringIO()
        console = Console(file=text, width=self.width, highlight=False, color_system=None)
        table = Table(box=None, pad_edge=False, header_style="bold")
        for header in ("KEY", "PROJECT", "WORKFLOW", "AT", "DAYS", "V", "R", "F", "C", "DECISION", "PRIORITY", "OWNER"):
            right = header in ("DAYS", "PRIORITY")
            table.add_column(
                header,
                justify="right" if right else "left",
                overflow="fold" if header == "KEY" else "ellipsis",
                no_wrap=header in ("WORKFLOW", "DAYS", "PRIORITY"),
            )
        table.add_column("PROBLEMS", justify="right")
        for row in portfolio.rows:
            table.add_row(*(Text(_CONTROL.sub("�", cell)) for cell in _cells(row, portfolio)))
        if portfolio.rows:
            console.print(table)
            console.print()
        console.print(Text(_counts(portfolio)))
        if portfolio.past:
            console.print(Text(_since_last(portfolio.past, portfolio.blueprint)))
        return text.getvalue().encode("utf-8", "replace")


def _cells(row: Row, portfolio: Portfolio) -> list[str]:
    project = row.project
    qualification = project.qualification
    ratings = [getattr(qualification, name).rating for name in ("value", "risk", "feasibility", "cost")]
    days = "–" if row.days_in_step is None else f"{row.days_in_step}{'!' if row.stale else ''}"
    if project.is_governed:
        bar = "".join(STATUS_MARKS[step.status.value] for step in project.workflow.steps)
        current = project.workflow.current
        at = "complete" if project.workflow.is_complete else current.name if current else "not started"
    else:
        bar, at = "–", project.state.value
    priority = row.scores.priority
    return [
        project.facts.project_key,
        project.facts.name,
        bar,
        at,
        days,
        *(_SHORT.get(rating, rating) if rating else "–" for rating in ratings),
        qualification.decision or "–",
        "–" if priority is None else f"{priority:g}",
        project.facts.owner or "–",
        str(len(row.problems)) if row.problems else "–",
    ]


def _counts(portfolio: Portfolio) -> str:
    summary = portfolio.summary
    parts = [f"{summary.governed} governed of {summary.projects} visible"]
    parts += [f"{count} {step.replace('_', ' ')}" for step, count in summary.by_step.items() if count]
    parts.append(f"{summary.stale} stale ({portfolio.stale_days} days or more)")
    parts.append(f"{portfolio.overdue} overdue")
    parts.append(f"{summary.problems} with problems")
    if summary.copied:
        parts.append(f"{summary.copied} copied")
    return " · ".join(parts)


def _since_last(past: Past, blueprint: Blueprint) -> str:
    if past.since is None:
        return NOTHING_EARLIER
    counts = [f"{len(projects)} {group.value.lower()}" for group, projects in past.groups(blueprint).items()]
    return f"Since {past.since}: {' · '.join(counts) or 'nothing changed'}"
