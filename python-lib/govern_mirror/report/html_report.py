"""The report as a standalone page: table, matrix, Kanban, summary, and a panel a project, offline in one file.

The page opens from disk under a Content-Security-Policy that allows nothing but its own script and styles, named
by their hashes. Everything people wrote travels as data and becomes text, never markup.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path

from govern_mirror.report import page_data
from govern_mirror.report.fragment import TEMPLATES, templates
from govern_mirror.report.portfolio import Portfolio

PAGE = Path(__file__).parent / "page"
SCRIPTS = ("data", "dom", "state", "parts", "table", "matrix", "kanban", "summary", "panel", "filters", "main")
"""The page's own script, in the order of its parts."""


class HtmlReport:
    """Renders the page."""

    is_binary = False
    shows_events = True
    shows_past = True

    def render(self, portfolio: Portfolio) -> bytes:
        """The page, with all of the portfolio in it."""
        policy = (
            f"default-src 'none'; script-src {_hashes(_library(), _script())}; style-src {_hashes(_style())}; "
            "base-uri 'none'; form-action 'none'"
        )
        page = templates().get_template("page.html")
        data, details = page_data.packed(portfolio)
        return page.render(
            portfolio=portfolio,
            generated_on=f"{portfolio.generated_on:%Y-%m-%d %H:%M} UTC",
            policy=policy,
            style=_style(),
            library=_library(),
            script=_script(),
            data=data,
            details=details,
        ).encode("utf-8", "replace")


@cache
def _script() -> str:
    parts = [(PAGE / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS]
    return '"use strict";\n(() => {\n' + "\n".join(parts) + "})();\n"


@cache
def _library() -> str:
    return (PAGE / "vendor" / "tabulator.js").read_text(encoding="utf-8")


@cache
def _style() -> str:
    files = (PAGE / "vendor" / "tabulator.css", TEMPLATES / "portfolio.css", TEMPLATES / "page.css")
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def _hashes(*sources: str) -> str:
    found = (base64.b64encode(hashlib.sha256(source.encode("utf-8")).digest()).decode("ascii") for source in sources)
    return " ".join(f"'sha256-{digest}'" for digest in found)
