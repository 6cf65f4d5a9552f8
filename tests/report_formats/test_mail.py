"""The mail: clients drop style sheets, scripts and remote parts, and cut long mails off."""

import re
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from standard import Overview, Qualification, build
from support.hostile_projects import NOW, many, plain, workflow

from govern_mirror.model.item import Problem
from govern_mirror.report.formats import renderer
from govern_mirror.report.html_templates import MAX_NAME_LENGTH
from govern_mirror.report.mail_report import MAX_ROWS
from govern_mirror.report.portfolio import Filters
from govern_mirror.text import one_line
from govern_mirror_devkit.sandbox.mock_instance import mock_instance

ELEMENTS = {
    "html", "head", "meta", "title", "style", "body", "table", "tr", "td", "th", "h1", "h2", "p", "span", "b", "a",
    "br",
}  # fmt: skip
ATTRIBUTES = {
    "style", "role", "cellpadding", "cellspacing", "border", "valign", "width", "aria-hidden", "scope", "dir",
    "colspan", "href", "class", "bgcolor", "lang", "charset", "name", "content",
}  # fmt: skip
VOID = {"meta", "br"}


class Page(HTMLParser):
    """What a mail client builds from a body."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.links, self.styles, self.rows, self.texts = [], [], [], [], []
        self._rows = []
        self.contrasts, self._open = set(), [("", "#000000", "#ffffff")]
        self.feed(text)
        self.close()
        assert len(self._open) == 1, f"not closed: {self._open}"

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        style = dict(part.split(":", 1) for part in (attributes.get("style") or "").split(";") if part)
        assert not any("!important" in value or "url(" in value for value in style.values())
        self.styles.append(style)
        if "href" in attributes:
            self.links.append(attributes["href"])
        if tag == "tr":
            self.rows.append([])
            self._rows.append(self.rows[-1])
        if tag in ("td", "th"):
            self._rows[-1].append("")
        if tag not in VOID:
            _, ink, ground = self._open[-1]
            self._open.append((tag, style.get("color", ink), style.get("background-color", ground)))

    def handle_endtag(self, tag):
        assert self._open.pop()[0] == tag
        if tag == "tr":
            self._rows.pop()

    def handle_data(self, text):
        if text.strip() and self._open[-1][0] != "style":
            self.texts.append(text.strip())
            self.contrasts.add(self._open[-1][1:])
            if self._rows:
                self._rows[-1][-1] += f"{text.strip()} "

    @property
    def projects(self):
        """The names of the projects in the table."""
        return [attributes for tag, attributes in self.elements if tag == "th" and attributes.get("scope") == "row"]


def rendered(portfolio):
    return renderer("mail").render(portfolio).decode("utf-8")


def read(portfolio):
    return Page(rendered(portfolio))


def contrast(one, other):
    """The contrast ratio of two colours (WCAG 2.2)."""

    def luminance(colour):
        parts = [int(colour[position : position + 2], 16) / 255 for position in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.fixture(params=["demo", "hostile"])
def portfolio(request):
    return request.getfixturevalue(request.param)


def test_a_mail_has_tables_and_inline_styles_only_and_loads_nothing(portfolio):
    page = read(portfolio)
    assert {tag for tag, _ in page.elements} <= ELEMENTS
    assert {name for _, attributes in page.elements for name in attributes} <= ATTRIBUTES


def test_every_text_is_readable_on_its_ground(portfolio):
    page = read(portfolio)
    assert len(page.contrasts) > 3
    for ink, ground in page.contrasts:
        assert contrast(ink, ground) >= 4.5, (ink, ground)


def test_every_project_of_the_demo_is_there_with_its_values(demo):
    page = read(demo)
    text = " ".join(page.texts)
    assert len(page.projects) == len(demo.rows)
    assert page.links == [row.project.facts.url for row in demo.rows]
    for row in demo.rows:
        assert row.project.facts.name in text
    assert f"of {demo.summary.projects} visible" in text
    cells = {row[0].split()[-1]: row for row in page.rows if len(row) == 11}
    for row in demo.rows:
        if row.project.is_governed and not row.problems:
            rated = row.project.qualification
            assert [cell.strip() for cell in cells[row.project.facts.project_key][3:9]] == [
                *(rating.rating or "–" for rating in (rated.value, rated.risk, rated.feasibility, rated.cost)),
                rated.decision or "–",
                "–" if row.scores.priority is None else f"{row.scores.priority:g}",
            ]


def test_progress_step_and_stale_are_told_in_words():
    page = read(build([plain(0, workflow=workflow(1, NOW.replace(month=1)))], Filters(), NOW))
    text = " ".join(page.texts)
    assert "1 of 5" in text
    assert "Qualification On going, 151 days stale" in text


def test_the_summary_counts_what_the_portfolio_counts(demo):
    late = plain(0, overview=Overview(target_end_date=NOW.date() - timedelta(days=1)))
    portfolio = build([late, plain(1)], Filters(), NOW)
    for counted in (demo, portfolio):
        page, summary = read(counted), counted.summary
        tiles = {name: int(page.texts[page.texts.index(name) + 1]) for name in (
            "Governed", "Go", "No go", "On hold", "Undecided", "Stale", "Overdue", "With problems",
        )}  # fmt: skip
        assert tiles == {
            "Governed": summary.governed, "Go": summary.by_decision["Go"], "No go": summary.by_decision["No go"],
            "On hold": summary.by_decision["On hold"], "Undecided": summary.by_decision["undecided"],
            "Stale": summary.stale, "Overdue": sum(row.overdue for row in counted.rows),
            "With problems": summary.problems,
        }  # fmt: skip
    assert tiles["Overdue"] == 1


def test_problems_are_flagged_with_their_number():
    project = plain(0, problems=(Problem("steps", None, "x", "wrong"),) * 2)
    assert "2 problems" in read(build([project], Filters(), NOW)).texts


def test_hostile_names_are_shown_as_text(hostile):
    texts = read(hostile).texts
    for row in hostile.rows[:MAX_ROWS]:
        facts = row.project.facts
        assert (one_line(facts.name, MAX_NAME_LENGTH) or facts.project_key) in texts


def test_only_web_addresses_are_links(hostile):
    links = read(hostile).links
    assert links
    assert all(link.startswith("https://dss.example.com/") for link in links)


def test_fifty_projects_are_shown_and_the_way_to_the_rest_is_told():
    page = read(many(MAX_ROWS + 4))
    assert len(page.projects) == MAX_ROWS
    assert any("4 more are in the whole report" in text for text in page.texts)
    assert not any("more are in" in text for text in read(many(MAX_ROWS)).texts)


def test_gmail_does_not_cut_the_mail_off(hostile):
    limit = 102 * 1024
    assert len(rendered(hostile).encode()) < limit
    assert len(rendered(many(2_000)).encode()) < limit


def test_a_reader_of_a_screen_hears_words_not_boxes(demo):
    page = read(demo)
    layout = [attributes for tag, attributes in page.elements if tag == "table" and "role" not in attributes]
    assert len(layout) == 1  # only the table of projects is told as a table
    assert all(a.get("aria-hidden") == "true" for tag, a in page.elements if tag == "td" and a.get("width") == "14")
    assert ("html", {"lang": "en"}) in page.elements


def test_missing_ratings_leave_a_dash():
    page = read(build([plain(0, qualification=Qualification())], Filters(), NOW))
    assert page.texts.count("–") == 8  # four ratings, decision, priority, target end date, owner


@pytest.mark.parametrize(
    ("filters", "visible", "sentence"),
    [
        (Filters(), 0, "You can see no project on this instance."),
        (Filters(tags=("x",)), 1, "No project matches the filters."),
    ],
)
def test_an_empty_report_says_why(filters, visible, sentence):
    assert sentence in read(build([plain(n) for n in range(visible)], filters, NOW)).texts


def test_what_was_filtered_is_told():
    portfolio = build([plain(0)], Filters(owners=("x",), include_ungoverned=True), NOW)
    assert any("owner: x; ungoverned included" in text for text in read(portfolio).texts)


def test_the_example_in_the_docs_sends_it(sandbox):
    text = (Path(__file__).parents[2] / "docs" / "report.md").read_text(encoding="utf-8")
    example = next(code for code in re.findall(r"```python\n(.*?)```", text, re.S) if 'renderer("mail")' in code)
    sandbox.create_project("HUB", "The hub")
    sandbox.messaging.create("mail", "smtp", configuration={"sender": "dss@example.com"})
    with mock_instance(sandbox, "https://dss.example.com"):
        exec(example.replace("my-api-key", sandbox.admin_key), {})
    (sent,) = sandbox.messaging.outbox
    assert not sent.plain_text
    assert "No project is governed yet." in Page(sent.body).texts
