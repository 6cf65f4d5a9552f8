"""The report as a standalone page: table, matrix, Kanban, summary, trends, and a panel for each project, offline in
one file.

The page opens from disk under a Content-Security-Policy that allows nothing but its own script and styles, named
by their hashes. Everything people wrote travels as data and becomes text, never markup.
"""

from __future__ import annotations

import base64
import hashlib

from govern_mirror import page
from govern_mirror.report import page_data
from govern_mirror.report.formats import Renderer
from govern_mirror.report.html_templates import templates
from govern_mirror.report.portfolio import Portfolio
from govern_mirror.report.wording import time_label


class HtmlReport(Renderer):
    """Renders the page."""

    shows_events = True
    shows_trends = True

    def render(self, portfolio: Portfolio) -> bytes:
        """Return the page, with all of the portfolio in it."""
        script, style = page.script(), page.style()
        policy = (
            f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; "
            "base-uri 'none'; form-action 'none'"
        )
        data, details = page_data.packed(portfolio)
        return (
            templates()
            .get_template("page.html")
            .render(
                portfolio=portfolio,
                generated_on=time_label(portfolio.generated_on),
                policy=policy,
                style=style,
                script=script,
                data=data,
                details=details,
            )
            .encode("utf-8", "replace")
        )


def _hash(source: str) -> str:
    digest = base64.b64encode(hashlib.sha256(source.encode("utf-8")).digest()).decode("ascii")
    return f"'sha256-{digest}'"
