"""The formats of the report: a new one is a module of its own and a line here.

The table for the terminal is not among them: it belongs to the command line, which never ships to DSS.
"""

from __future__ import annotations

import importlib

from govern_mirror.report.renderer import Renderer

FORMATS = {
    "html": ("html_report", "HtmlReport"),
    "json": ("json_report", "JsonReport"),
    "csv": ("csv_report", "CsvReport"),
    "xlsx": ("xlsx_report", "XlsxReport"),
    "markdown": ("markdown_report", "MarkdownReport"),
    "mail": ("mail_report", "MailReport"),
    "plan": ("plan_report", "PlanReport"),
}
"""By name, the module and class of each renderer; a module is imported when its format is asked for."""


def renderer(name: str) -> Renderer:
    """The renderer of one of `FORMATS`."""
    module, kind = FORMATS[name]
    made: Renderer = getattr(importlib.import_module(f"{__package__}.{module}"), kind)()
    return made
