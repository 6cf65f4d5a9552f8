"""The Markdown: it lands in wikis and chats, where a name must not become a link, a mention, HTML or a broken table."""

import re
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt
from standard import Qualification, Rating, build
from support.hostile_projects import NAMES, NOW, hostile_projects, many, plain, workflow

from govern_mirror.model.item import Governance, Problem, ProjectFacts
from govern_mirror.report.formats import renderer
from govern_mirror.report.markdown_report import MAX_ROWS
from govern_mirror.report.portfolio import Filters
from govern_mirror.text import MAX_MARKDOWN_LENGTH, one_line

HEADER = ["Project", "Current step", "Done", "Value", "Risk", "Feasibility", "Cost", "Decision", "Priority"]


def rendered(portfolio):
    return renderer("markdown").render(portfolio).decode("utf-8")


def read(portfolio):
    """The document as a wiki reads it that also makes links of bare addresses."""
    return MarkdownIt("gfm-like").parse(rendered(portfolio))


def inlines(tokens):
    return [token for token in tokens if token.type == "inline"]


def shown(inline):
    """The text of one inline token as a reader sees it."""
    return "".join(
        "\n" if child.type in ("softbreak", "hardbreak") else child.content for child in inline.children
    ).strip()


def tables(tokens):
    """The tables as lists of rows of inline tokens."""
    found, row = [], []
    for position, token in enumerate(tokens):
        if token.type == "table_open":
            found.append([])
        elif token.type == "tr_open":
            row = []
            found[-1].append(row)
        elif token.type in ("th_open", "td_open"):
            row.append(tokens[position + 1])
    return found


def links(tokens):
    return [child.attrGet("href") for token in inlines(tokens) for child in token.children if child.type == "link_open"]


def one(**given):
    return build([plain(0, **given)], Filters(), NOW)


def test_every_project_of_the_demo_stands_in_the_table_with_its_values(demo):
    projects = tables(read(demo))[0]
    assert [shown(cell) for cell in projects[0]] == HEADER
    assert len(projects) - 1 == len(demo.rows)
    for row, cells in zip(demo.rows, projects[1:], strict=True):
        texts = [shown(cell) for cell in cells]
        assert texts[0] == row.project.facts.name
        assert links(cells) == [row.project.facts.url]
        if row.project.is_governed:
            rated = row.project.qualification
            assert texts[3:8] == [
                value or "–"
                for value in (
                    rated.value.rating, rated.risk.rating, rated.feasibility.rating, rated.cost.rating, rated.decision,
                )
            ]  # fmt: skip
            assert texts[2] == f"{row.project.workflow.finished} of 5"
            assert texts[8] == ("–" if row.scores.priority is None else f"{row.scores.priority:g}")


def test_the_summary_counts_what_the_portfolio_counts(demo):
    text = rendered(demo)
    summary = demo.summary
    assert f"**{summary.governed} governed** of {summary.projects} visible projects" in text
    assert f"Stale ({demo.stale_days} days or more in a step): {summary.stale}" in text
    assert f"Past their target end date: {sum(row.overdue for row in demo.rows)}\n" in text
    assert f"With problems: {summary.problems}" in text
    assert f"Copied, not counted until adopted: {summary.copied}" in text
    assert f"Not started {summary.by_step['not_started']}, Exploration {summary.by_step['exploration']}" in text
    assert f"Go {summary.by_decision['Go']}," in text
    assert "Filtered: ungoverned included" in text


def test_the_step_is_told_in_words():
    def step(**given):
        return shown(tables(read(one(**given)))[0][1][1])

    started = NOW.replace(day=1)
    assert step(workflow=workflow(1, started)) == "Qualification, on going, 29 days"
    assert step(workflow=workflow(1, NOW.replace(month=1))) == "Qualification, on going, 151 days (stale)"
    assert step(workflow=workflow(5)) == "Complete"


def test_copies_and_ungoverned_projects_are_named_as_such():
    found = [plain(0), plain(1)]
    found = [
        replace(p, state=state) for p, state in zip(found, (Governance.COPIED, Governance.UNGOVERNED), strict=True)
    ]
    rows = tables(read(build(found, Filters(include_ungoverned=True), NOW)))[0][1:]
    assert [shown(row[1]) for row in rows] == ["A copy of a governed project", "Not governed"]


def test_hostile_names_are_shown_as_text_and_break_no_row(hostile):
    projects = tables(read(hostile))[0]
    assert {len(row) for row in projects} == {len(HEADER)}
    assert len(projects) - 1 == len(hostile.rows)
    for row, cells in zip(hostile.rows, projects[1:], strict=True):
        facts = row.project.facts
        meant = one_line(facts.name, MAX_MARKDOWN_LENGTH) or facts.project_key
        assert shown(cells[0]) == meant, facts.name


def test_nothing_that_people_wrote_becomes_html_an_image_code_or_emphasis(hostile):
    tokens = read(hostile)
    kinds = {child.type for token in inlines(tokens) for child in token.children}
    assert kinds <= {
        "text", "text_special", "link_open", "link_close", "strong_open", "strong_close", "em_open", "em_close",
        "code_inline",
    }  # fmt: skip
    bold = [
        token.children[position + 1].content
        for token in inlines(tokens)
        for position, child in enumerate(token.children)
        if child.type == "strong_open"
    ]
    assert all("governed" in text or "stale" in text or "<script>" in text for text in bold), bold
    assert not [token for token in tokens if token.type.startswith(("html", "code", "fence", "blockquote"))]
    assert len([token for token in tokens if token.type == "heading_open"]) == 3
    assert "<" not in rendered(hostile)


def test_only_safe_addresses_of_projects_become_links(hostile):
    found = set(links(read(hostile)))
    assert found
    for link in found:
        assert link.startswith(("https://dss.example.com/", "/projects/KEY/")), link
        assert re.fullmatch(r"[!-~]+", link)


@pytest.mark.parametrize(
    "name", [name for name in NAMES if "evil" in name or "mail@" in name], ids=lambda name: repr(name)[:30]
)
def test_a_bare_address_in_a_name_is_not_made_a_link(name):
    assert links(read(build([plain(0, name)], Filters(), NOW))) == ["https://dss.example.com/projects/P0/"]


def test_a_name_mentions_nobody_in_a_chat(hostile):
    assert "@" not in rendered(hostile)
    # an issue number, an emoji
    assert not re.search(r"(?<![\\&])#12|(?<!\\):smile(?<!\\):", rendered(hostile))


def test_characters_that_turn_or_hide_text_are_made_visible(hostile):
    assert not re.search(
        "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]", rendered(hostile)
    )
    assert "�gnirts�" in rendered(hostile)
    assert "שלום" in rendered(hostile)


def test_a_hundred_kilobytes_of_notes_do_not_make_the_document_unreadable(hostile):
    assert max(len(line) for line in rendered(hostile).splitlines()) < 12_000


def test_the_whole_is_capped_and_the_way_to_the_rest_is_told():
    text = rendered(many(MAX_ROWS + 3))
    assert text.count("\n| [Project") == MAX_ROWS
    assert f"The first {MAX_ROWS} projects by priority; 3 more are in the whole report" in text
    assert "govern-mirror report --format html -o report.html" in text
    assert "more are in" not in rendered(many(MAX_ROWS))


def test_problems_are_listed_with_what_was_found():
    problems = (Problem("govern_status_progress", "DONE", "a status", "In Progress has no such status"),)
    rows = tables(read(one(problems=problems)))[1]
    assert [shown(cell) for cell in rows[1]] == [
        "Project 0", "In Progress: status", "DONE", "In Progress has no such status",
    ]  # fmt: skip


def test_problems_are_capped_too():
    text = rendered(one(problems=(Problem("steps", None, "x", "wrong"),) * (MAX_ROWS + 7)))
    assert text.count("| wrong |") == MAX_ROWS
    assert "7 more problems are in the whole report." in text


def test_missing_ratings_leave_a_dash_not_a_gap():
    cells = tables(read(one(qualification=Qualification())))[0][1]
    assert [shown(cell) for cell in cells[3:]] == ["–"] * 6


def test_a_project_without_an_address_is_shown_without_a_link():
    project = plain(0, qualification=Qualification(Rating("Low")))
    bare = replace(project, facts=ProjectFacts("K", "Name"))
    assert links(read(build([bare], Filters(), NOW))) == []


@pytest.mark.parametrize(
    ("filters", "sentence"),
    [(Filters(), "No project is governed yet."), (Filters(tags=("x",)), "No project matches the filters.")],
)
def test_an_empty_report_says_why(filters, sentence):
    assert sentence in rendered(build([], filters, NOW))


def test_every_hostile_project_is_in_the_table(hostile):
    assert len(tables(read(hostile))[0]) - 1 == len(hostile_projects())
