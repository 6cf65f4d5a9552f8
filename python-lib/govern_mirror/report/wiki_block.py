"""The Markdown report as a marked block of a wiki article: replaced in place, and around it people may write."""

from __future__ import annotations

import re
from dataclasses import replace

from govern_mirror.report.markdown_report import MarkdownReport
from govern_mirror.report.portfolio import Portfolio
from govern_mirror.times import iso_time, parse_time

END = "<!-- govern-mirror report: end -->"
_BEGIN = re.compile(r"<!-- govern-mirror report: begin (\S*) -->")


def with_report(payload: str, portfolio: Portfolio) -> str:
    """The article's text with the report in its block; at the end when there is no block yet.

    When nothing but the time of the report would change, the very same text comes back: a wiki keeps a version of
    each save and tells those who watch.
    """
    begin = _BEGIN.search(payload)
    if begin is None:
        before = f"{payload.rstrip()}\n\n" if payload.strip() else ""
        return f"{before}{_block(portfolio)}\n"
    before, rest = payload[: begin.start()], payload[begin.end() :]
    inside, mark, after = rest.partition(END)
    if not mark or _BEGIN.search(inside):
        # the block's end was deleted: where people's own text begins is not known, so all of it stays
        return f"{before}{_block(portfolio)}\n\n{rest.lstrip()}"
    if _is_current(f"{begin.group()}{inside}{mark}", begin.group(1), portfolio):
        return payload
    return f"{before}{_block(portfolio)}{after}"


def _block(portfolio: Portfolio) -> str:
    report = MarkdownReport().render(portfolio).decode("utf-8")
    return f"<!-- govern-mirror report: begin {iso_time(portfolio.generated_on)} -->\n\n{report}\n{END}"


def _is_current(block: str, generated_on: str, portfolio: Portfolio) -> bool:
    try:
        as_of_then = replace(portfolio, generated_on=parse_time(generated_on))
    except ValueError:
        return False
    return block.replace("\r\n", "\n") == _block(as_of_then)
