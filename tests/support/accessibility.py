"""What axe-core finds on a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Page

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")


def serious(page: Page, only: list[str] | None = None) -> list[tuple[str, str, str]]:
    """Return what is serious or critical: the rule, the element, and what is wrong.

    Args:
        page: any page; its own policy may let no other script in.
        only: the rules to look at; None for all.
    """
    if not page.evaluate("typeof window.axe === 'object'"):
        page.evaluate(AXE.read_text(encoding="utf-8") + "; null")
    options: dict[str, Any] = {"resultTypes": ["violations"], **({"runOnly": only} if only else {})}
    return [
        (violation["id"], node["html"][:200], node["failureSummary"][:300])
        for violation in page.evaluate("options => axe.run(document, options)", options)["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]
