"""The page's script and style, built from `frontend/` (`make page`): the standalone report has them in its file, the
live page is served with them.

`page.js`, `page.css` and the licences of what is in them are committed, so that neither users nor DSS need npm.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@cache
def script() -> str:
    """Return the page's script, libraries included."""
    return (FOLDER / "page.js").read_text(encoding="utf-8")


@cache
def style() -> str:
    """Return the page's style sheet, libraries included."""
    return (FOLDER / "page.css").read_text(encoding="utf-8")
