"""Whatever people wrote: nothing runs, nothing is asked for, nothing breaks the layout, everything is text."""

import json

import pytest
from standard import decode

from govern_mirror.model.item import ProjectFacts

EVIL = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "'><svg onload=alert(3)>",
    "{{7*7}} ${7*7} <%= 7*7 %> #{7*7}",
    "</script><script>alert(4)</script>",
    "<!--<script>",
    "]]>&lt;b&gt;&amp;",
    "\u202egnp.exe\u202c \u200b\u200d\ufeff zero width",
    "مرحبا بالعالم",
    "javascript:alert(5)",
    "a\x00b\x07c\x1b[31m\ud800",
    "W" * 3000,
    "\u0301" * 300,
]
LINKS = [
    "javascript:alert(6)",
    "JaVaScRiPt:alert(7)",
    " \tjavascript:alert(8)",
    "java\nscript:alert(9)",
    "data:text/html,<script>alert(10)</script>",
    "vbscript:msgbox(11)",
    "//evil.example.com/x",
    "https://fine.example.com/?a=<b>&c='\"",
]
STEPS = ("exploration", "qualification", "progress", "rollout", "delivery")


def hostile():
    record = {"schema": 1, "node_id": "design", "revision": 1, "origins": {}, "steps": {}, "digest": {}}
    for number, evil in enumerate(EVIL):
        key = f"EVIL{number}"
        events = [
            {"number": at, "at": "2026-01-01T00:00:00Z", "by": text, "source": text, "what": text, "from": text,
             "to": text, "reason": text}
            for at, text in enumerate(EVIL, 1)
        ]  # fmt: skip
        fields = {
            "govern_business_initiative": evil,
            "govern_sponsor": evil,
            "govern_value_comment": evil,
            "govern_risk_rating": evil,
            "govern_decision_comment": evil,
            "govern_start_date": evil,
            "govern_target_end_date": "9999-99-99",
            "govern_status_qualification": evil,
            "govern_project_plan": [{"from": evil, "to": link} for link in LINKS],
            **{f"govern_notes_{step}": evil for step in STEPS},
            "govern_documents_rollout": [{"from": "", "to": link} for link in LINKS],
            "govern_notes_delivery": "n" * 100_000,
            "govern_record": json.dumps({**record, "project_key": key, "events": events, "last_event": len(EVIL)}),
        }
        url = LINKS[number % len(LINKS)]
        facts = ProjectFacts(key, evil, url, "design", owner=evil, tags=(evil, "plain"), last_modified_by=evil)
        yield decode({"customFields": fields, "tags": "no list", "checklists": 7}, facts)
    yield decode({"customFields": []}, ProjectFacts("UNREAD", "Not an object", "", "design"))


@pytest.fixture(scope="module")
def page(page_with):
    return page_with(list(hostile()))


@pytest.mark.parametrize("view", ["table", "matrix", "kanban", "summary", "trends"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_runs_and_nothing_is_asked_for(page, open_page, view, scheme):
    path, portfolio = page
    watched = open_page(path, f"#view={view}", scheme)
    for row in portfolio.rows:
        watched.page.evaluate("key => { location.hash = `#view=${key[0]}&p=${key[1]}` }",
                              [view, row.project.facts.project_key])  # fmt: skip
        if row.project.is_governed:
            name = row.project.facts.project_key
            watched.until("key => document.querySelector('#panel').textContent.includes(key)", name)
    watched.page.wait_for_timeout(100)
    assert (watched.dialogs, watched.errors, watched.foreign_requests) == ([], [], [])


def test_what_people_wrote_is_shown_as_they_wrote_it(page, open_page):
    path, _portfolio = page
    watched = open_page(path)
    for number in (0, 1, 3, 4, 5, 6):
        watched.go(f"#p=EVIL{number}")
        watched.page.wait_for_selector("#panel:not([hidden])")
        assert watched.page.locator("#panel h2").text_content() == EVIL[number]
        notes = watched.page.locator("#panel .gm-notes").all_text_contents()
        assert EVIL[number] in notes
    assert watched.page.locator("#panel img, #panel svg, #panel script").count() == 0


def test_only_harmless_links_can_be_followed(page, open_page):
    path, portfolio = page
    watched = open_page(path)
    for row in portfolio.rows:
        watched.go(f"#p={row.project.facts.project_key}")
        watched.page.wait_for_selector("#panel:not([hidden])")
        for address in watched.page.eval_on_selector_all("a", "found => found.map(each => each.getAttribute('href'))"):
            assert address.startswith(("#", "https://fine.example.com/")), address


def test_long_texts_do_not_push_the_page_apart(page, open_page):
    path, _ = page
    for view in ("table", "matrix", "kanban", "summary", "trends"):
        watched = open_page(path, f"#view={view}&p=EVIL11")
        watched.page.wait_for_selector("#panel:not([hidden])")
        width = watched.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert width[0] <= width[1], view


def test_every_broken_value_is_listed_as_a_problem(page, open_page):
    path, _portfolio = page
    watched = open_page(path, "#p=EVIL0")
    watched.page.wait_for_selector("#panel:not([hidden])")
    listed = watched.page.locator("#panel .gm-problems b").all_inner_texts()
    assert {"Risk rating", "Start date", "Target end date", "Qualification: status"} <= set(listed)
    assert len([field for field in listed if field == "Project plan"]) == len(LINKS) - 1
