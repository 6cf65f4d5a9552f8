"""The one place that turns people's text into HTML: templates in which everything is escaped that is put into them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from govern_mirror.model.values import is_safe_link
from govern_mirror.report.wording import rating_level
from govern_mirror.text import one_line

TEMPLATES = Path(__file__).parent / "templates"

MAX_NAME_LENGTH = 80
"""How many characters of a name a mail shows."""


@cache
def templates() -> Environment:
    """Return the environment of the templates.

    `autoescape` writes `& < > " '` as entities, so that no text becomes a tag, an attribute or an entity of its own.
    The tests `safe_link` and `mail_link` say which addresses may be followed; the filter `shown` makes one short line.
    """
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["level"] = rating_level
    environment.filters["shown"] = lambda text: one_line(str(text), MAX_NAME_LENGTH)
    environment.tests["safe_link"] = lambda url: bool(url) and is_safe_link(url)
    # a path on the instance leads nowhere from a mail
    environment.tests["mail_link"] = lambda url: bool(url) and url.startswith(("https://", "http://"))
    return environment
