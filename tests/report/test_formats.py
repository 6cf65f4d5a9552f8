"""The report's formats: nothing that people typed can run, and every format tells the same."""

import base64
import csv
import hashlib
import io
import json
import re
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from html.parser import HTMLParser

import pytest
from hypothesis import given
from sampling import examples
from standard import Overview, Qualification, Rating, build, item
from support.pages import projects_of, unpacked
from support.portfolios import HOSTILE, NOW, RATINGS, STEPS, current, filters, keys, made, portfolios, step_name

from govern_mirror.cli.table_report import TableReport
from govern_mirror.model.blueprint import STANDARD, Status
from govern_mirror.model.item import Governance, Problem, ProjectFacts
from govern_mirror.model.values import Document, is_safe_link
from govern_mirror.model.workflow import StepState, Workflow
from govern_mirror.report.columns import columns, record, schema
from govern_mirror.report.formats import BINARY_FORMATS, FORMATS, renderer
from govern_mirror.report.fragment import MAX_ROWS, fragment, lanes, matrix
from govern_mirror.report.portfolio import Filters
from govern_mirror.text import from_spreadsheet_text

few = examples(20)
WHOLE = Filters(include_ungoverned=True)
COLUMNS = [
    "project_key", "name", "url", "node_id", "owner", "business_initiative", "sponsor", "state", "current_step",
    "current_step_status",
    "exploration_status", "exploration_started_on", "exploration_finished_on",
    "qualification_status", "qualification_started_on", "qualification_finished_on",
    "progress_status", "progress_started_on", "progress_finished_on",
    "rollout_status", "rollout_started_on", "rollout_finished_on",
    "delivery_status", "delivery_started_on", "delivery_finished_on",
    "finished", "total", "value", "risk", "feasibility", "cost", "decision", "value_score", "risk_score", "priority",
    "start_date", "target_end_date", "days_in_step", "stale", "last_change_on", "last_change_by", "revision",
    "problems", "problem_messages", "stage", "overdue", "countries", "sensitive_data", "technical_dimension",
]  # fmt: skip
PROJECT_KEYS = [
    "project_key", "name", "url", "node_id", "owner", "tags", "state", "current_step", "current_step_status", "steps",
    "finished", "total", "value_score", "risk_score", "priority", "days_in_step", "stale", "last_change_on",
    "last_change_by", "revision", "problems", "business_initiative", "sponsor", "start_date", "target_end_date",
    "countries", "sensitive_data", "technical_dimension", "value", "risk", "feasibility", "cost", "decision",
    "stage", "overdue", "trust",
]  # fmt: skip


def governed(key, text=None, url=None, statuses=(Status.NOT_STARTED,) * 5, **given):
    """A governed project in which every text that people give is the same."""
    facts = ProjectFacts(key, name=key if text is None else text, url=url, owner=text, tags=(text,) if text else ())
    steps = tuple(StepState(step.id, step.name, status) for step, status in zip(STANDARD.steps, statuses, strict=True))
    given.setdefault("overview", Overview(text, text))
    return item(facts, Workflow(steps), Governance.GOVERNED, **given)


def utf8(text):
    """Text as UTF-8 can hold it: a lone surrogate becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")


def json_of(portfolio):
    return json.loads(renderer("json").render(portfolio))


def page_of(portfolio):
    return renderer("html").render(portfolio).decode("utf-8")


# CSV --------------------------------------------------------------------------------------------------------


def rows_of(portfolio):
    return list(csv.reader(io.StringIO(renderer("csv").render(portfolio).decode("utf-8"), newline="")))


def as_cell(value):
    """A value of a row as CSV has it, but for the apostrophes in front of formulas."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return {True: "true", False: "false"}[value]
    if not isinstance(value, str):
        return str(value)
    return utf8(value.replace("\x00", "\ufffd"))


def test_a_column_never_moves_or_disappears():
    known = columns(STANDARD)
    assert [column.name for column in known] == COLUMNS
    declared = schema({column.name: column.type for column in known})
    assert [entry["name"] for entry in declared] == COLUMNS
    assert {entry["type"] for entry in declared} == {"string", "bigint", "double", "boolean", "date"}


@few
@given(portfolios)
def test_csv_reads_back_as_the_rows_it_was_made_from(found):
    portfolio = made(found, WHOLE)
    header, *lines = rows_of(portfolio)
    assert header == COLUMNS and len(lines) == len(portfolio.rows)
    known = columns(STANDARD)
    for line, row in zip(lines, portfolio.rows, strict=True):
        assert [from_spreadsheet_text(cell) for cell in line] == [as_cell(column.of(row)) for column in known]


@few
@given(portfolios)
def test_no_cell_of_the_csv_runs_as_a_formula(found):
    for line in rows_of(made(found, WHOLE)):
        for cell in line:
            assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\x00")), cell


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", " =", "   @"])
def test_a_formula_in_any_text_column_is_kept_as_text(start):
    evil = start + "cmd|' /C calc'!A0"
    header, line = rows_of(made([governed("KEY", evil)]))
    cells = dict(zip(header, line, strict=True))
    for name in ("name", "owner", "business_initiative", "sponsor"):
        assert cells[name].startswith("'") and from_spreadsheet_text(cells[name]) == evil


def test_numbers_stay_numbers_and_dates_are_times_in_csv():
    project = governed("KEY", overview=Overview(start_date=date(2026, 1, 5)), revision=7)
    header, line = rows_of(made([project]))
    cells = dict(zip(header, line, strict=True))
    assert (cells["revision"], cells["total"], cells["priority"]) == ("7", "5", "")
    assert (cells["start_date"], cells["stale"]) == ("2026-01-05T00:00:00Z", "false")


def test_csv_lines_end_as_rfc_4180_says():
    content = renderer("csv").render(made([governed("A", "two\nlines"), governed("B", 'a "quote", and comma')]))
    assert content.endswith(b"\r\n") and content.count(b"\r\n") == 3
    assert b'"a ""quote"", and comma"' in content


@few
@given(portfolios)
def test_a_dataset_row_has_exactly_the_columns_of_its_schema(found):
    types = {
        "string": str, "bigint": int, "double": (int, float), "boolean": bool, "date": str,
    }  # fmt: skip
    known = columns(STANDARD)
    for row in made(found, WHOLE).rows:
        values = record(row, known)
        assert list(values) == COLUMNS
        for entry in schema({column.name: column.type for column in known}):
            value = values[entry["name"]]
            assert value is None or isinstance(value, types[entry["type"]])
            if entry["type"] == "date" and value is not None:
                datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ")


# JSON -------------------------------------------------------------------------------------------------------


@few
@given(portfolios, filters)
def test_the_keys_and_kinds_of_the_json_are_a_contract(found, chosen):
    document = json.loads(renderer("json").render(made(found, chosen, node_id="design", url="https://dss.example.com")))
    assert list(document) == ["format_version", "generated_on", "instance", "summary", "unreadable", "projects"]
    assert (document["format_version"], document["generated_on"]) == (1, "2026-06-30T12:00:00Z")
    assert document["instance"] == {"node_id": "design", "url": "https://dss.example.com"}
    assert list(document["summary"]) == [
        "projects", "governed", "by_step", "by_decision", "stale", "problems", "copied",
    ]  # fmt: skip
    for project in document["projects"]:
        assert list(project) == PROJECT_KEYS
        assert list(project["steps"]) == list(STEPS)
        for step in project["steps"].values():
            assert list(step) == ["status", "started_on", "finished_on"]
            for time in (step["started_on"], step["finished_on"]):
                assert time is None or re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", time)
        for day in (project["start_date"], project["target_end_date"]):
            assert day is None or date.fromisoformat(day)
        for problem in project["problems"]:
            assert list(problem) == ["field", "found", "expected", "message"]


@few
@given(portfolios)
def test_json_tells_of_each_project_what_the_project_holds(found):
    by_key = {project.facts.project_key: project for project in found}
    for told in json_of(made(found, WHOLE))["projects"]:
        project = by_key[told["project_key"]]
        step, stage = current(project), step_name(project) if project.is_governed else None
        assert (told["stage"], told["current_step"]) == (stage, step and step.id)
        done = [step.status in (Status.FINISHED, Status.SKIPPED) for step in project.workflow.steps]
        assert (told["finished"], told["total"]) == (sum(done), 5)
        q = project.qualification
        assert [told[name] for name in ("value", "risk", "feasibility", "cost", "decision")] == [
            q.value.rating, q.risk.rating, q.feasibility.rating, q.cost.rating, q.decision,
        ]  # fmt: skip
        events = project.pending or project.events
        by = events[-1].by if events else None
        assert told["last_change_by"] == (by and utf8(by))
        assert len(told["problems"]) == len(project.problems)


# HTML -------------------------------------------------------------------------------------------------------

KNOWN_TAGS = {
    "html", "head", "meta", "title", "style", "body", "main", "header", "footer", "section", "h1", "h2", "h3", "p",
    "dl", "dt", "dd", "div", "span", "b", "i", "bdi", "a", "code", "table", "thead", "tbody", "tr", "th", "td", "ul",
    "li",
}  # fmt: skip
KNOWN_ATTRIBUTES = {
    "lang", "charset", "http-equiv", "content", "name", "class", "id", "aria-label", "aria-labelledby", "role",
    "tabindex", "scope", "colspan", "href", "title", "ng-non-bindable",
}  # fmt: skip
VOID = {"meta"}


class Parsed(HTMLParser):
    """A page as a browser sees it: elements with their attributes, and all text."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.elements, self.text, self.isolated, self.open = [], "", [], []
        self.cards = self.chips = 0
        self.code = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "bdi":
            self.isolated.append("")
        if tag in ("script", "style"):
            self.code.append((tag, attributes, ""))
        self.cards += "gm-card" in attributes.get("class", "")
        self.chips += "gm-chip" in attributes.get("class", "")

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data):
        if self.open and self.open[-1] in ("script", "style"):
            tag, attributes, known = self.code[-1]
            self.code[-1] = (tag, attributes, known + data)
        else:
            self.text += data
        if "bdi" in self.open:
            self.isolated[-1] += data

    def handle_comment(self, data):
        raise AssertionError("a comment that the template does not have")

    @property
    def links(self):
        return [attributes["href"] for tag, attributes in self.elements if tag == "a"]


def assert_harmless(html, tags=frozenset(), attributes_too=frozenset()):
    """Only elements and attributes that the templates have, every one closed, and links that lead somewhere safe."""
    parsed = Parsed(html)
    assert not parsed.open, "an element is not closed"
    for tag, attributes in parsed.elements:
        assert tag in KNOWN_TAGS | tags and set(attributes) <= KNOWN_ATTRIBUTES | attributes_too, (tag, attributes)
    assert all(is_safe_link(link) for link in parsed.links)
    return parsed


def assert_harmless_page(html):
    return assert_harmless(html, {"script", "noscript", "aside"}, {"type", "hidden"})


@few
@given(portfolios, filters)
def test_no_text_of_anybody_becomes_markup_in_page_or_fragment(found, chosen):
    portfolio = made(found, chosen, node_id='<img src="x">{{7*7}}', url="https://dss.example.com")
    parsed = assert_harmless(fragment(portfolio, notes=('<a href="javascript:x">note</a>',)))
    shown = [text.strip() for text in parsed.isolated]
    for row in portfolio.rows:
        assert (utf8(row.project.facts.name).strip() or row.project.facts.project_key) in shown
        assert row.project.facts.project_key in shown
    page = page_of(portfolio)
    empty = Parsed(page_of(made([], chosen, node_id="x")))
    # more projects are more packed data, and no other element
    known = [element for element in assert_harmless_page(page).elements if "id" not in element[1]]
    assert [tag for tag, _ in known] == [tag for tag, attributes in empty.elements if "id" not in attributes]
    assert [row["name"] for row in projects_of(page)] == [utf8(row.project.facts.name) for row in portfolio.rows]


@pytest.mark.parametrize("text", [*HOSTILE, "49 {{7*7}} {{ config }} {#x#}"], ids=range(len(HOSTILE) + 1))
def test_hostile_text_in_every_place_is_shown_as_it_is(text):
    problem = Problem(text, text, text, text)
    project = governed("KEY", text, "https://dss.example.com/projects/KEY/", problems=(problem,))
    chosen = Filters(tags=(text,), initiatives=(text,), owners=(text,)) if text else Filters()
    portfolio = made([project], chosen, node_id=text)
    parsed = assert_harmless(fragment(portfolio, (text,)))
    assert set(parsed.links) == {"https://dss.example.com/projects/KEY/"}
    # name, initiative and owner stand isolated, so that right-to-left text turns nothing else around
    assert parsed.isolated.count(utf8(text)) >= (3 if text else 1)
    page = page_of(portfolio)
    in_page = assert_harmless_page(page)
    assert in_page.links == []
    (row,) = projects_of(page)
    assert (row["name"], row["owner"], row["sponsor"]) == (utf8(text),) * 3
    if "7*7" in text:
        assert text in parsed.text and text in in_page.text


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "\x01javascript:alert(1)",
        "data:text/html,x", "vbscript:x", "//evil.example/x", "\u200bjavascript:x", "blob:x", "", None,
    ],
)  # fmt: skip
def test_a_link_that_could_run_something_is_never_clickable(url):
    document = Document("Title", url or "x")
    project = governed("KEY", "Name", url, problems=(Problem("steps", "x", "y", "z"),))
    documents = {step.paths[2]: (document,) for step in STANDARD.steps}
    portfolio = made([replace(project, values={**project.values, **documents})])
    assert assert_harmless(fragment(portfolio)).links == []
    page = page_of(portfolio)
    assert assert_harmless_page(page).links == [] and projects_of(page)[0]["url"] is None
    (details,) = unpacked(page, "details-0")
    # a document: title, address as text, address to follow
    assert all(step[5] == [["Title", url or "x", None]] for step in details["steps"])


def test_a_project_is_linked_where_its_address_is_sound_inside_dss_too():
    for url in ("https://dss.example.com/projects/KEY/", "/projects/KEY/"):
        assert set(assert_harmless(fragment(made([governed("KEY", "Name", url)]))).links) == {url}


@few
@given(portfolios)
def test_the_page_runs_its_own_script_only_and_loads_nothing(found):
    html = page_of(made(found, WHOLE))
    parsed = assert_harmless_page(html)
    (policy,) = [a["content"] for tag, a in parsed.elements if a.get("http-equiv") == "Content-Security-Policy"]
    rules = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    hashes = {"script": set(), "style": set()}
    for tag, attributes, code in parsed.code:
        assert "src" not in attributes
        if attributes.get("type") == "text/plain":
            assert re.fullmatch(r"\s*[A-Za-z0-9+/=]*\s*", code), "data is never anything but base64"
        else:
            assert "type" not in attributes
            digest = base64.b64encode(hashlib.sha256(code.encode("utf-8")).digest()).decode()
            hashes[tag].add(f"'sha256-{digest}'")
    assert set(rules.pop("script-src").split()) == hashes["script"]
    assert set(rules.pop("style-src").split()) == hashes["style"]
    assert rules == {"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'"}
    assert len(hashes["style"]) == len(hashes["script"]) == 1, "the page's own, its libraries in it"


def test_the_pages_styles_load_nothing_and_its_code_never_differs():
    first, second = (Parsed(page_of(made(found))) for found in ([], [governed("KEY", "</script><script>x")]))
    own = [[code for _, attributes, code in page.code if "type" not in attributes] for page in (first, second)]
    assert own[0] == own[1]
    for style in [code for tag, _, code in first.code if tag == "style"]:
        assert not re.search(r"url\s*\(\s*[\"']?(?!data:)|@import|expression\s*\(", style, re.IGNORECASE)


def css_rules(style):
    """The selectors of a style sheet, those in @media too; `@media` blocks by themselves are left out."""
    style = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    for prelude in re.findall(r"([^{};]+)\{", style):
        if not prelude.strip().startswith("@"):
            yield from (selector.strip() for selector in prelude.split(","))


def test_the_fragment_styles_nothing_of_the_page_it_is_shown_in():
    html = fragment(made([governed("KEY")]))
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL).group(1)
    selectors = list(css_rules(style))
    assert len(selectors) > 40
    for selector in selectors:
        assert re.match(r"\.govern-mirror(?![\w-])", selector), selector
        # and no sibling combinator on the root, which would reach the element after it
        assert not re.match(r"\.govern-mirror\s*[+~]", selector), selector
    assert "@import" not in style and "@font-face" not in style and "@keyframes" not in style
    assert not re.search(r"url\s*\(|position:\s*fixed", style)


def test_the_fragment_is_one_element_without_a_head_or_a_policy():
    html = fragment(made([governed("KEY")]), notes=("Saved in the folder",)).strip()
    parsed = assert_harmless(html)
    assert parsed.elements[0] == ("div", {"class": "govern-mirror", "ng-non-bindable": None}) and html.endswith(
        "</div>"
    )
    assert not {"html", "head", "body", "meta", "title"} & {tag for tag, _ in parsed.elements}
    assert "Saved in the folder" in parsed.text
    assert all(attributes["id"].startswith("gm-") for _, attributes in parsed.elements if "id" in attributes)


def test_every_id_of_the_fragment_is_there_once_and_found():
    project = governed("KEY", problems=(Problem("steps", "x", "y", "z"),))
    elements = Parsed(fragment(made([project]))).elements
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(ids) == len(set(ids)) == 4
    assert {attributes["aria-labelledby"] for _, attributes in elements if "aria-labelledby" in attributes} == set(ids)


@few
@given(portfolios, filters)
def test_matrix_and_lanes_place_every_governed_project_exactly_once(found, chosen):
    portfolio = made(found, chosen)
    wanted = sorted(row.project.facts.project_key for row in portfolio.rows if row.project.is_governed)
    grid = matrix(portfolio)
    assert [line[0].value for line in grid] == ["High", "Medium high", "Medium low", "Low", "Not rated"]
    assert all([cell.risk for cell in line] == [*RATINGS, "Not rated"] for line in grid)
    placed = [(cell, row.project) for line in grid for cell in line for row in cell.rows]
    assert sorted(project.facts.project_key for _, project in placed) == wanted
    for cell, project in placed:
        q = project.qualification
        assert (q.value.rating or "Not rated", q.risk.rating or "Not rated") == (cell.value, cell.risk)
    columns_ = lanes(portfolio)
    assert [lane.id for lane in columns_] == ["not_started", *STEPS, "complete"]
    in_lanes = [(lane.id, row.project) for lane in columns_ for row in lane.rows]
    assert sorted(project.facts.project_key for _, project in in_lanes) == wanted
    assert all(step_name(project) == lane for lane, project in in_lanes)
    assert {lane.id: len(lane.rows) for lane in columns_} | {"closed": 0} == portfolio.summary.by_step
    parsed = Parsed(fragment(portfolio))
    assert (parsed.cards, parsed.chips) == (len(wanted), len(wanted))


def test_ungoverned_projects_and_copies_are_named_as_what_they_are():
    plain = item(ProjectFacts("PLAIN", "Plain"), Workflow.not_started(STANDARD))
    copied = item(ProjectFacts("COPY", "Copy"), Workflow.not_started(STANDARD), Governance.COPIED)
    found = [plain, copied, governed("KEY")]
    shown = fragment(made(found, WHOLE))
    assert "Not governed" in shown and "A copy of a governed project" in shown and "Copied" in shown
    hidden = fragment(made(found))
    assert "PLAIN" not in hidden and "COPY" not in hidden and "Copied" in hidden
    states = {row["key"]: (row["state"], row["governed"]) for row in projects_of(page_of(made(found, WHOLE)))}
    assert states == {"PLAIN": ("ungoverned", False), "COPY": ("copied", False), "KEY": ("governed", True)}
    assert [row["key"] for row in projects_of(page_of(made(found)))] == ["KEY"]


def test_the_fragment_lists_the_first_200_and_says_how_many_are_left_out():
    found = [
        governed(f"K{n:03}", qualification=Qualification(Rating("High"), Rating("Low" if n == 249 else "High")))
        for n in range(250)
    ]
    portfolio = made(found)
    parsed = assert_harmless(fragment(portfolio))
    rows = [a for tag, a in parsed.elements if tag == "th" and a.get("scope") == "row"]
    assert len(rows) - 5 == MAX_ROWS == 200
    assert "50 more are in the whole report" in parsed.text and "K249" in parsed.text and "K248" not in parsed.text
    # what is counted is counted over all
    assert "250" in parsed.text
    assert [row["key"] for row in projects_of(page_of(portfolio))] == keys(portfolio)


def test_a_full_cell_of_the_matrix_says_how_many_more_it_holds():
    parsed = Parsed(fragment(made([governed(f"K{n}") for n in range(15)])))
    assert parsed.chips == 12 and "and 3 more" in parsed.text


@pytest.mark.parametrize(
    ("found", "chosen", "says"),
    [
        ([], Filters(), "You can see no project"),
        ([item(ProjectFacts("PLAIN"), Workflow.not_started(STANDARD))], Filters(), "govern-mirror init"),
        ([governed("KEY")], Filters(tags=("pii",)), "No project matches the filters"),
    ],
)
def test_an_empty_report_says_why_it_is_empty(found, chosen, says):
    portfolio = made(found, chosen)
    assert says in assert_harmless(fragment(portfolio)).text
    assert projects_of(page_of(portfolio)) == []


def test_a_reader_sees_what_a_project_is_about():
    statuses = (Status.FINISHED, Status.SKIPPED, Status.ONGOING, Status.NOT_STARTED, Status.NOT_STARTED)
    project = governed(
        "KEY",
        "Churn",
        statuses=statuses,
        qualification=Qualification(*(Rating(name) for name in ("High", "Low", "Medium high", "Medium low")), "Go"),
        overview=Overview("Loyalty", None, None, date(2026, 12, 31)),
        problems=(Problem("steps", "x", "y", "put it right"),),
    )
    steps = list(project.workflow.steps)
    steps[2] = StepState("progress", "In Progress", Status.ONGOING, started_on=NOW - timedelta(days=45))
    portfolio = made([replace(project, workflow=Workflow(tuple(steps)))], node_id="design")
    parsed = Parsed(fragment(portfolio))
    for text in ("Churn", "Loyalty", "In Progress", "45 d", "stale", "Medium high", "Go", "70", "2026-12-31", "2/5"):
        assert text in parsed.text, text
    assert "put it right" in parsed.text and "1 problem" in parsed.text and "design" in parsed.text
    labels = [a["aria-label"] for _, a in parsed.elements if a.get("role") == "img"]
    assert labels == [
        "2 of 5 steps done: Exploration finished, Qualification skipped, In Progress on going, "
        "Validation and Roll-out not started, Delivered not started"
    ]


# all formats ------------------------------------------------------------------------------------------------


@few
@given(portfolios, filters)
def test_all_formats_list_the_same_projects_in_the_same_order(found, chosen):
    portfolio = made(found, chosen)
    wanted = keys(portfolio)
    assert [project["project_key"] for project in json_of(portfolio)["projects"]] == wanted
    assert [line[0] for line in rows_of(portfolio)[1:]] == wanted
    table = TableReport(400).render(portfolio).decode("utf-8")
    assert [line.split()[0] for line in table.splitlines() if line.startswith("KEY_")] == wanted
    assert re.findall(r'<div class="gm-small"><bdi>(KEY_\d)</bdi>', fragment(portfolio)) == wanted
    assert [row["key"] for row in projects_of(page_of(portfolio))] == wanted


@few
@given(portfolios)
def test_the_table_cannot_rewrite_the_terminal_or_turn_its_lines_around(found):
    for width in (40, 160):
        table = TableReport(width).render(made(found, WHOLE)).decode("utf-8")
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]", table)
        assert f"of {len(found)} visible" in " ".join(table.split())


@few
@given(portfolios)
def test_every_format_can_be_made_of_every_project_and_text_is_utf_8(found):
    for name in FORMATS:
        made_by = renderer(name)
        content = made_by.render(made(found, WHOLE))
        assert content and (name in BINARY_FORMATS or content.decode("utf-8"))


def test_a_report_made_in_another_time_zone_is_in_utc():
    tokyo = NOW.astimezone(timezone(timedelta(hours=9)))
    portfolio = made([governed("KEY")])
    there = build([governed("KEY")], Filters(), tokyo)
    assert json_of(there) == json_of(portfolio)
    assert "2026-06-30 12:00 UTC" in page_of(there)
    assert "2026-06-30 12:00 UTC" in fragment(there)
