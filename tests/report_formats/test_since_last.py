"""What changed since the last report, in each format: told where there is an earlier one, and never more than text."""

import re
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt
from standard import build
from support.hostile_projects import NAMES, NOW, URLS, many

from govern_mirror.cli.table_report import TableReport
from govern_mirror.report import fragment as macro
from govern_mirror.report import mail_report, markdown_report
from govern_mirror.report.formats import FORMATS, renderer
from govern_mirror.report.html_templates import MAX_NAME_LENGTH
from govern_mirror.report.portfolio import Filters
from govern_mirror.report.trends_view import MAX_VALUE_LENGTH, Change, CycleTime, TrendsView
from govern_mirror.text import MARKDOWN_LENGTH, one_line

SINCE = date(2026, 6, 26)
TOLD = ("Completed", "Moved on", "Moved back", "Newly governed", "No longer governed or visible", "Decision changed",
        "Rating changed", "Dates changed", "Other changes")  # fmt: skip
OF_KIND = (
    ("current_step", "delivery", "complete"), ("current_step", "exploration", "rollout"),
    ("current_step", "rollout", "exploration"), ("state", None, "governed"), ("state", "governed", None),
    ("decision", "Go", "On hold"), ("value", "Medium low", "Medium high"), ("start_date", None, "2026-06-30"),
    ("sponsor", "Ada", "Grace"),
)  # fmt: skip
"""A change of each of these kinds."""

RENDERED = {
    "markdown": lambda portfolio: renderer("markdown").render(portfolio).decode(),
    "mail": lambda portfolio: renderer("mail").render(portfolio).decode(),
    "macro": macro.fragment,
    "table": lambda portfolio: TableReport(1000).render(portfolio).decode(),
}
MOST = {
    "markdown": markdown_report.MAX_CHANGES, "mail": mail_report.MAX_CHANGES, "macro": macro.MAX_CHANGES,
}  # fmt: skip


def url_of(key):
    return f"https://dss.example.com/projects/{key}/"


def change(field, before, after, key="P", name="Churn", url="https://dss.example.com/projects/P/"):
    return Change(key, name, url, field, before, after)


def past(*changes, since=SINCE):
    days = (SINCE, NOW.date())
    flow = ({"exploration": 1}, {"rollout": 1})
    return TrendsView(days, flow, (CycleTime("exploration", 1, 2.5, 2.5),), (("2026-06", 1),), since, changes)


def report(*changes, since=SINCE, of=None):
    """A report without a project, or that one, and these changes."""
    return replace(of or build([], Filters(), NOW, node_id="design"), trends=past(*changes, since=since))


class Page(HTMLParser):
    """What a reader gets of HTML: its elements, its links, and the texts of what changed, by kind."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.links, self.told, self.names = [], [], {}, []
        self._open, self._kind = [], None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag in ("meta", "br", "i"):
            return
        self._open.append(tag)
        if tag in ("dt", "th"):
            self._kind = ""
        if tag in ("dd", "td") and self._kind:
            self.told[self._kind.strip()] = ""
        if tag == "a":
            self.links.append(dict(attrs)["href"])

    def handle_endtag(self, tag):
        if tag != "i":
            assert self._open.pop() == tag
        if tag in ("dd", "td"):
            self._kind = None

    def handle_data(self, text):
        if self._open and {"dd", "td"} & set(self._open) and self._kind and self._kind.strip() in self.told:
            self.told[self._kind.strip()] += text
        elif {"dt", "th"} & set(self._open) and self._kind is not None:
            self._kind += text


def told_in_page(form, portfolio):
    """What changed by kind, as the HTML of a format shows it; a tile or a row of the projects is none."""
    page = Page(RENDERED[form](portfolio))
    found = {kind: text for kind, text in page.told.items() if kind.rpartition(" ")[0] in TOLD}
    return {kind: " ".join(text.split()) for kind, text in found.items()}


def tokens_of(portfolio):
    """The document as a wiki reads it that also makes links of bare addresses."""
    return MarkdownIt("gfm-like").parse(RENDERED["markdown"](portfolio))


def lines_since(portfolio):
    """The items of the list under the heading, as a reader sees them."""
    tokens = tokens_of(portfolio)
    (start,) = [place for place, token in enumerate(tokens) if token.content == f"Since {SINCE}"]
    found = []
    for place in range(start + 2, len(tokens)):
        if tokens[place].type == "heading_open":
            break
        if tokens[place].type == "inline" and "list_item_open" in [token.type for token in tokens[place - 2 : place]]:
            found.append("".join(child.content for child in tokens[place].children))
    return found


# what is told -----------------------------------------------------------------------------------------------


CHANGES = (
    change("current_step", "exploration", "qualification"),
    change("current_step", "not_started", "exploration", "Q", "Fraud", url_of("Q")),
    change("value", None, "High"),
    change("cost", "Low", None),
    change("state", "governed", None, "R", "Prices", None),
)
EXPECTED = {
    "Moved on": (2, "Churn Exploration → Qualification; Fraud Not started → Exploration"),
    "No longer governed or visible": (1, "Prices"),
    "Rating changed": (1, "Churn Value: Not rated → High, Cost: Low → Not rated"),
}


def test_markdown_tells_each_kind_on_a_line_with_links_to_the_projects_that_are_there():
    assert lines_since(report(*CHANGES)) == [f"{kind} ({count}): {text}" for kind, (count, text) in EXPECTED.items()]
    links = [
        child.attrGet("href")
        for token in tokens_of(report(*CHANGES))
        for child in token.children or ()
        if child.type == "link_open"
    ]
    assert links == [url_of("P"), url_of("Q"), url_of("P")]


@pytest.mark.parametrize("form", ["mail", "macro"])
def test_mail_and_macro_tell_each_kind_with_links_to_the_projects_that_are_there(form):
    assert told_in_page(form, report(*CHANGES)) == {f"{kind} {count}": text for kind, (count, text) in EXPECTED.items()}
    assert Page(RENDERED[form](report(*CHANGES))).links == [url_of("P"), url_of("Q"), url_of("P")]
    assert f"Since {SINCE}" in RENDERED[form](report(*CHANGES))


def test_the_terminal_counts_the_projects_of_each_kind():
    (*_, last) = RENDERED["table"](report(*CHANGES)).splitlines()
    assert last == f"Since {SINCE}: 2 moved on · 1 no longer governed or visible · 1 rating changed"


@pytest.mark.parametrize("form", RENDERED)
def test_that_nothing_changed_is_told_too(form):
    text = RENDERED[form](report())
    assert f"Since {SINCE}" in text and "nothing changed" in text.lower()


@pytest.mark.parametrize("form", RENDERED)
def test_without_a_history_nothing_is_said_of_changes_and_with_a_new_one_from_when_on_it_will_be(form):
    bare = many(3)
    without = RENDERED[form](bare)
    assert "Since" not in without and "nothing changed" not in without.lower() and "What changed" not in without
    begun = RENDERED[form](report(since=None, of=bare))
    assert "Since" not in begun and ("What changed is told once" in begun) is (form != "mail")
    assert RENDERED[form](report(*CHANGES, of=bare)) != without


@pytest.mark.parametrize("form", MOST)
def test_of_many_projects_the_first_are_named_and_the_rest_counted(form):
    found = [change("decision", None, "Go", f"P{number}", f"Project {number}") for number in range(MOST[form] + 7)]
    text = RENDERED[form](report(*found))
    assert len(re.findall(r"Project \d", text)) == MOST[form] and "and 7 more" in text
    exact = RENDERED[form](report(*found[: MOST[form]]))
    assert len(re.findall(r"Project \d", exact)) == MOST[form] and not re.search(r"and \d+ more", exact)


# what people wrote ------------------------------------------------------------------------------------------


def renamed(name, other="Ada"):
    """A change in which a hostile text is the project's name and the value."""
    return change("name", other, name, name=name), f"Name: {other} → {one_line(name, MAX_VALUE_LENGTH) or '–'}"


NAMED = [name for name in NAMES if name.strip()]
"""Names of which something can be seen."""


def utf8(text):
    return text.encode("utf-8", "replace").decode("utf-8")


def test_hostile_texts_stay_text_in_markdown_and_on_their_line():
    for name in NAMED:
        given, words = renamed(name)
        shown = f"{one_line(name, MARKDOWN_LENGTH)} {one_line(words, MARKDOWN_LENGTH)}"
        assert lines_since(report(given, change("decision", None, "Go"))) == [
            "Decision changed (1): Churn Undecided → Go",
            f"Other changes (1): {shown}",
        ], name


def test_hostile_texts_become_no_html_link_or_heading_in_markdown():
    plain = [token.type for token in tokens_of(report(renamed("x")[0]))]
    for name in NAMED:
        tokens = tokens_of(report(renamed(name, name)[0]))
        assert [token.type for token in tokens] == plain, name
        kinds = [child.type for token in tokens for child in token.children or ()]
        assert set(kinds) <= {"text", "text_special", "link_open", "link_close", "strong_open", "strong_close",
                              "softbreak"}, name  # fmt: skip
        assert kinds.count("link_open") == 1, name
        text = RENDERED["markdown"](report(renamed(name, name)[0]))
        assert "<" not in text and "@" not in text, name
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]", text)


def test_hostile_texts_stay_text_in_the_mail():
    for name in NAMED:
        given, words = renamed(name)
        shown = f"{one_line(name, MAX_NAME_LENGTH)} {one_line(words, MAX_NAME_LENGTH)}"
        assert told_in_page("mail", report(given)) == {"Other changes 1": shown}, name
        assert not re.search("[\u200b-\u200f\u202a-\u202e\u2060-\u206f]", RENDERED["mail"](report(given)))


def test_hostile_texts_stay_text_in_the_macros_result_and_turn_nothing_around_them():
    for name in NAMED:
        given, words = renamed(name)
        (told,) = told_in_page("macro", report(given)).values()
        assert told == " ".join(utf8(f"{name} {words}").split()), name
    html = RENDERED["macro"](report(renamed("\u202egnirts")[0]))
    assert html.count("\u202egnirts</bdi>") == html.count("\u202egnirts") == 1, "the name, in a box of its own"


@pytest.mark.parametrize("form", ["mail", "macro"])
def test_hostile_texts_make_no_element_of_their_own_in_html(form):
    plain = Page(RENDERED[form](report(renamed("x")[0]))).elements
    for name in NAMED:
        assert Page(RENDERED[form](report(renamed(name, name)[0]))).elements == plain, name


@pytest.mark.parametrize("form", ["markdown", "mail", "macro"])
@pytest.mark.parametrize("template", ["{{ 7*7 }}", "${7*7}", "#{7*7}", "{% raw %}", "<#if x>", "${x!'y'}"])
def test_template_syntax_in_a_name_is_not_carried_out(form, template):
    text = RENDERED[form](report(renamed(template)[0]))
    assert "49" not in text.replace(f"{NOW:%H:%M}", "")
    shown = lines_since(report(renamed(template)[0]))[0] if form == "markdown" else None
    shown = shown or told_in_page(form, report(renamed(template)[0]))["Other changes 1"]
    assert shown.count(template) == 2


@pytest.mark.parametrize(
    ("form", "followed"),
    [
        ("markdown", ("https://dss.example.com/", "/projects/KEY/")),
        ("mail", ("https://dss.example.com/",)),
        # a browser opens no file from a web page
        ("macro", ("https://dss.example.com/", "/projects/KEY/", "file:")),
    ],
)
def test_only_addresses_that_run_nothing_become_links(form, followed):
    for url in URLS:
        given = report(change("decision", None, "Go", url=url))
        if form == "markdown":
            found = re.findall(r"\]\((.*?)\)", RENDERED[form](given))
        else:
            found = Page(RENDERED[form](given)).links
        assert len(found) == bool(url and url.startswith(followed)), url
        assert all(link.startswith(followed) for link in found), url


@pytest.mark.parametrize("form", ["markdown", "mail", "macro"])
@pytest.mark.parametrize("name", ["", " ", "   \u3000"])
def test_a_project_whose_name_is_blank_goes_by_its_key(form, name):
    given = report(change("decision", None, "Go", "CHURN_2", name, None))
    shown = lines_since(given)[0] if form == "markdown" else told_in_page(form, given)["Decision changed 1"]
    assert "CHURN_2" in shown


def test_the_terminal_is_told_no_text_of_people():
    for name in NAMES:
        text = RENDERED["table"](report(renamed(name)[0]))
        assert text.splitlines()[-1] == f"Since {SINCE}: 1 other changes"


# size -------------------------------------------------------------------------------------------------------


def crowd(count, name_of):
    """So many changes, of every kind."""
    return [
        change(*OF_KIND[number % len(OF_KIND)], f"P{number}", name_of(number), url_of(f"P{number}"))
        for number in range(count)
    ]


def test_gmail_does_not_cut_off_a_mail_that_tells_20_000_changes():
    text = RENDERED["mail"](report(*crowd(20_000, lambda number: f"Project {number}"), of=many(2_000)))
    assert [kind for kind in TOLD if kind in text] == list(TOLD)
    size = len(text.encode())
    assert size < 102 * 1024


def test_gmail_does_not_cut_off_a_mail_whose_changes_are_hostile(hostile):
    changes = crowd(20_000, lambda number: NAMES[number % len(NAMES)])
    size = len(RENDERED["mail"](report(*changes, of=hostile)).encode())
    assert size < 102 * 1024


def test_20_000_changes_of_long_names_do_not_make_the_markdown_unreadable():
    changes = crowd(20_000, lambda number: f"{number} " + "long " * 5_000)
    assert max(map(len, lines_since(report(*changes)))) < 4_000


# the other formats ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["csv", "json", "xlsx", "plan"])
def test_data_formats_are_the_same_with_and_without_a_history(form):
    bare = many(5)
    assert renderer(form).render(report(*crowd(9, str), of=bare)) == renderer(form).render(bare)


@pytest.mark.parametrize("form", FORMATS)
def test_a_format_shows_a_history_if_and_only_if_it_says_so(form):
    bare = many(5)
    with_past = report(*crowd(9, str), since=SINCE - timedelta(days=1), of=bare)
    assert (renderer(form).render(with_past) != renderer(form).render(bare)) is renderer(form).shows_trends
