"""The report as Markdown, for wikis and chat: tables of GitHub's flavour, which DSS's wiki shows too.

What people wrote stays text in every flavour: characters that mark something up are escaped, those that HTML or a
table would see before the escapes are read are written as entities. In a wiki article the report is a marked block
(`with_report`), around which people may write.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice
from urllib.parse import quote

from govern_mirror.labels import found_label
from govern_mirror.model.item import Problem, ProjectFacts
from govern_mirror.model.values import is_safe_link, text_of
from govern_mirror.report import wording
from govern_mirror.report.formats import Renderer
from govern_mirror.report.portfolio import Portfolio, Row
from govern_mirror.report.trends_view import NOTHING_EARLIER, Change, ChangeDigest, change_digests
from govern_mirror.report.wording import BLANK
from govern_mirror.text import markdown_text
from govern_mirror.times import iso_time, parse_time

MAX_ROWS = 500
"""How many projects, and how many problems, are listed: a wiki article is for reading."""

MAX_CHANGES = 10
"""How many changes of each kind are told."""

MAX_UNAPPROVED = 10
"""How many items without approval are told of each kind."""

MAX_MESSAGE_LENGTH = 300
"""How many characters of a problem's message are shown: it ends with what to do."""

_LINKED = ("https://", "http://", "/")
"""How an address begins that leads to a project: on the web, or a path inside DSS."""

BLOCK_END = "<!-- govern-mirror report: end -->"
_BLOCK_BEGIN = re.compile(r"<!-- govern-mirror report: begin (\S*) -->")


class MarkdownReport(Renderer):
    """Renders a summary, a table of projects and a table of problems."""

    shows_trends = True
    shows_approvals = True

    def render(self, portfolio: Portfolio) -> bytes:
        """Return the document, with the first `MAX_ROWS` projects, by priority."""
        parts = [
            "# Governed projects",
            _origin(portfolio),
            *([f"**{portfolio.incomplete}**, see below."] if portfolio.unreadable else []),
            _summary(portfolio),
            *_unapproved(portfolio),
            *_since_last(portfolio),
            *_projects(portfolio),
            *_problems(portfolio),
            *_unreadable(portfolio),
        ]
        return ("\n\n".join(parts) + "\n").encode("utf-8", "replace")


def _origin(portfolio: Portfolio) -> str:
    parts = [wording.time_label(portfolio.generated_on)]
    if portfolio.node_id:
        parts.insert(0, f"Instance **{markdown_text(portfolio.node_id)}**")
    if portfolio.filters.in_words:
        parts.append(f"Filtered: {markdown_text('; '.join(portfolio.filters.in_words))}")
    return " · ".join(parts)


def _summary(portfolio: Portfolio) -> str:
    summary = portfolio.summary
    decisions = wording.decision_counts(portfolio)
    lines = [
        f"**{summary.governed} governed** of {summary.projects} visible projects",
        f"By step: {_counts(wording.stage_counts(portfolio))}",
        *([f"By decision: {_counts(decisions)}"] if decisions else []),
        f"Stale ({portfolio.stale_days} days or more in a step): {summary.stale}",
        f"Past their target end date: {portfolio.overdue}",
        f"With problems: {summary.problems}",
        *(f"{name}: {count}" for name, count in wording.approval_counts(portfolio)),
    ]
    if summary.copied:
        lines.append(f"Copied, not counted until adopted: {summary.copied}")
    return "\n".join(f"- {line}" for line in lines)


def _unapproved(portfolio: Portfolio) -> list[str]:
    lists = wording.approval_lists(portfolio, MAX_UNAPPROVED)
    if not lists:
        return []
    lines = []
    for heading, sentences, more in lists:
        items = [markdown_text(sentence, wording.MAX_SENTENCE_LENGTH) for sentence in sentences] + (
            [f"and {more} more"] if more else []
        )
        lines.append(f"- **{heading}**: {'; '.join(items)}")
    return ["## Without approval", "\n".join(lines)]


def _since_last(portfolio: Portfolio) -> list[str]:
    trends = portfolio.trends
    if trends is None:
        return []
    if trends.since is None:
        return [NOTHING_EARLIER]
    lines = [
        f"- **{digest.heading}** ({digest.count}): {_digest_text(digest)}"
        for digest in change_digests(trends, portfolio.blueprint, MAX_CHANGES)
    ]
    return [f"## Since {trends.since}", "\n".join(lines) or "Nothing changed."]


def _digest_text(digest: ChangeDigest) -> str:
    parts = [" ".join(filter(None, (_link(change), markdown_text(words)))) for change, words in digest.examples]
    if digest.left_out:
        parts.append(f"and {digest.left_out} more")
    return "; ".join(parts)


def _counts(counts: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{markdown_text(name)} {count}" for name, count in counts)


def _projects(portfolio: Portfolio) -> list[str]:
    if not portfolio.rows:
        reason = "No project matches the filters." if portfolio.filters.in_words else "No project is governed yet."
        return [reason]
    header = ("Project", "Current step", "Done", *(field.heading for field in portfolio.blueprint.assessed), "Priority")
    parts = ["## Projects", table(header, (_cells(row) for row in portfolio.rows[:MAX_ROWS]))]
    left_out = len(portfolio.rows) - MAX_ROWS
    if left_out > 0:
        parts.append(
            f"The first {MAX_ROWS} projects by priority; {left_out} more are in the whole report: "
            "`govern-mirror report --format html -o report.html`, or the macro *Governed projects report*."
        )
    return parts


def _cells(row: Row) -> list[str]:
    project = row.project
    assessed = project.blueprint.assessed
    if not project.is_governed:
        return [_link(row.project.facts), wording.stage_label(row), *[BLANK] * (len(assessed) + 2)]
    texts = [text_of(project.values[field.path]) for field in assessed]
    return [
        _link(project.facts),
        _step(row),
        wording.progress(row),
        *(markdown_text(text) if text else BLANK for text in texts),
        wording.number(row.scores.priority),
    ]


def _step(row: Row) -> str:
    detail = wording.stage_detail(row)
    text = markdown_text(wording.stage_label(row))
    if detail:
        text += f", {markdown_text(detail[0].lower() + detail[1:] if not row.project.closed else detail)}"
    return text + "".join(f" **({name})**" for name in ("stale", "overdue") if getattr(row, name))


def _link(facts: ProjectFacts | Change) -> str:
    # a name of nothing but blanks would leave a link that nobody can follow
    return link(facts.name if markdown_text(facts.name) else facts.project_key, facts.link)


def link(name: str, address: str | None) -> str:
    """Return a name as Markdown, with a link where its address may be followed."""
    text = markdown_text(name)
    if not address or not address.startswith(_LINKED) or not is_safe_link(address):
        return text
    return f"[{text}]({quote(address, safe='/:?#@=&%+,;.~-_')})"


def _problems(portfolio: Portfolio) -> list[str]:
    count = sum(len(row.problems) for row in portfolio.rows)
    if not count:
        return []
    problems = ((row, problem) for row in portfolio.rows for problem in row.problems)
    rows = (_problem(row, problem) for row, problem in islice(problems, MAX_ROWS))
    parts = ["## Problems", table(("Project", "Field", "Found", "Problem"), rows)]
    if count > MAX_ROWS:
        parts.append(f"{count - MAX_ROWS} more problems are in the whole report.")
    return parts


def _unreadable(portfolio: Portfolio) -> list[str]:
    projects = portfolio.unreadable
    if not projects:
        return []
    rows = (
        (markdown_text(project.project_key) or BLANK, markdown_text(project.message, MAX_MESSAGE_LENGTH) or BLANK)
        for project in projects[:MAX_ROWS]
    )
    parts = ["## Not read", table(("Project", "Why"), rows)]
    if len(projects) > MAX_ROWS:
        parts.append(f"{len(projects) - MAX_ROWS} more could not be read.")
    return parts


def _problem(row: Row, problem: Problem) -> list[str]:
    value = found_label(row.project.blueprint, problem.field, problem.found or "")
    return [
        _link(row.project.facts),
        markdown_text(wording.problem_label(problem.field, row.project.blueprint)) or BLANK,
        markdown_text(value) or BLANK,
        markdown_text(problem.message, MAX_MESSAGE_LENGTH) or BLANK,
    ]


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown, of cells that are Markdown already."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


# the block of a wiki article -------------------------------------------------------------------------------------


def with_report(payload: str, portfolio: Portfolio) -> str:
    """The article's text with the report in its block; at the end when there is no block yet.

    When nothing but the time of the report would change, the very same text comes back: a wiki keeps a version of
    each save and tells those who watch.
    """
    begin = _BLOCK_BEGIN.search(payload)
    if begin is None:
        before = f"{payload.rstrip()}\n\n" if payload.strip() else ""
        return f"{before}{_block(portfolio)}\n"
    before, rest = payload[: begin.start()], payload[begin.end() :]
    inside, mark, after = rest.partition(BLOCK_END)
    if not mark or _BLOCK_BEGIN.search(inside):
        # the block's end was deleted: where people's own text begins is not known, so all of it stays
        return f"{before}{_block(portfolio)}\n\n{rest.lstrip()}"
    if _is_current(f"{begin.group()}{inside}{mark}", begin.group(1), portfolio):
        return payload
    return f"{before}{_block(portfolio)}{after}"


def _block(portfolio: Portfolio) -> str:
    report = MarkdownReport().render(portfolio).decode("utf-8")
    return f"<!-- govern-mirror report: begin {iso_time(portfolio.generated_on)} -->\n\n{report}\n{BLOCK_END}"


def _is_current(block: str, generated_on: str, portfolio: Portfolio) -> bool:
    try:
        as_of_then = replace(portfolio, generated_on=parse_time(generated_on))
    except ValueError:
        return False
    return block.replace("\r\n", "\n") == _block(as_of_then)
