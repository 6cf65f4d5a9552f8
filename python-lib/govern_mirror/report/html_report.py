"""The report as a standalone page: table, matrix, Kanban, summary, trends, and a panel for each project, offline in
one file.

The page opens from disk under a Content-Security-Policy that allows nothing but its own script and styles, named
by their hashes. Everything people wrote travels as data and becomes text, never markup.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from govern_mirror.report import page_data
from govern_mirror.report.formats import Renderer
from govern_mirror.report.html_templates import TEMPLATES, templates
from govern_mirror.report.portfolio import Portfolio
from govern_mirror.report.wording import time_label

PAGE = Path(__file__).parent / "page"
SCRIPTS = (
    *("data", "dom", "state", "parts", "table", "matrix", "kanban", "summary", "chart", "trends", "panel", "filters"),
    "main",
)
"""The page's own script, in the order of its parts."""


class HtmlReport(Renderer):
    """Renders the page."""

    shows_events = True
    shows_trends = True

    def render(self, portfolio: Portfolio) -> bytes:
        """Return the page, with all of the portfolio in it."""
        libraries = ("tabulator", "uplot") if portfolio.trends else ("tabulator",)
        scripts = [*(_vendored(f"{name}.js") for name in libraries), _script()]
        styles = [*(_vendored(f"{name}.css") for name in libraries), _style()]
        policy = (
            f"default-src 'none'; script-src {_hashes(scripts)}; style-src {_hashes(styles)}; "
            "base-uri 'none'; form-action 'none'"
        )
        page = templates().get_template("page.html")
        data, details = page_data.packed(portfolio)
        return page.render(
            portfolio=portfolio,
            generated_on=time_label(portfolio.generated_on),
            policy=policy,
            styles=styles,
            scripts=scripts,
            data=data,
            details=details,
        ).encode("utf-8", "replace")


@cache
def _script() -> str:
    parts = [(PAGE / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS]
    return '"use strict";\n(() => {\n' + "\n".join(parts) + "})();\n"


@cache
def _style() -> str:
    return "\n".join((TEMPLATES / name).read_text(encoding="utf-8") for name in ("portfolio.css", "page.css"))


@cache
def _vendored(name: str) -> str:
    return (PAGE / "vendor" / name).read_text(encoding="utf-8")


def _hashes(sources: Iterable[str]) -> str:
    digests = (base64.b64encode(hashlib.sha256(source.encode("utf-8")).digest()).decode("ascii") for source in sources)
    return " ".join(f"'sha256-{digest}'" for digest in digests)
