"""The formats of the report: a new one is a module of its own and a line here.

The table for the terminal is not among them: it belongs to the command line, which never ships to DSS.
"""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from govern_mirror.report.portfolio import Portfolio


class Renderer(ABC):
    """Turns a portfolio into the bytes of one format. It opens and writes nothing itself.

    Attributes:
        shows_events: whether the format shows the projects' events.
        shows_trends: whether the format shows what a history adds: `Portfolio.trends`.
        shows_approvals: whether the format tells what runs without approval: `Portfolio.approvals`.
    """

    shows_events = False
    shows_trends = False
    shows_approvals = False

    @abstractmethod
    def render(self, portfolio: Portfolio) -> bytes:
        """The whole document; text is UTF-8."""


FORMATS = {
    "html": ("govern_mirror.report.html_report", "HtmlReport"),
    "json": ("govern_mirror.report.json_report", "JsonReport"),
    "csv": ("govern_mirror.report.csv_report", "CsvReport"),
    "xlsx": ("govern_mirror.report.xlsx_report", "XlsxReport"),
    "markdown": ("govern_mirror.report.markdown_report", "MarkdownReport"),
    "mail": ("govern_mirror.report.mail_report", "MailReport"),
    "plan": ("govern_mirror.plan_files.writer", "PlanReport"),
}
"""By name, the module and class of each renderer; a module is imported when its format is asked for."""

BINARY_FORMATS = frozenset({"xlsx"})
"""Those that a terminal cannot show."""


def renderer(name: str) -> Renderer:
    """The renderer of one of `FORMATS`."""
    module, kind = FORMATS[name]
    new_renderer: Renderer = getattr(importlib.import_module(module), kind)()
    return new_renderer
