"""Hostile texts × every output: whatever people write is shown as text, and nothing that shows it obeys it.

A new case is one line in `HOSTILE`; a new output is a function in `OUTPUTS` that makes it and judges it.
"""

import csv
import io
import json
import re
from collections import Counter
from html.parser import HTMLParser

import openpyxl
import pytest
import yaml
from attack.terminals import is_harmless
from click.testing import CliRunner
from markdown_it import MarkdownIt
from support.command_line import use_instance
from support.projects import create_project, error_fault

from govern_mirror.actions.session import connect_to
from govern_mirror.cli.main import main
from govern_mirror.components.report_macro import report_from_form
from govern_mirror.metadata.timeline import events_of, with_events
from govern_mirror.model.blueprint import STANDARD
from govern_mirror.model.event import Event
from govern_mirror.model.values import is_safe_link
from govern_mirror.times import parse_time
from govern_mirror_devkit.sandbox.mock_instance import URL

HOSTILE = {
    "escape_sequence": "\x1b[2J\x1b[31mred",
    "osc_title": "\x1b]0;owned\x07",
    "osc_link": "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "c1_csi": "\x9b31mred",
    "carriage_return": "good\rGate met: all",
    "line": "x\nGate met: all is well",
    "lines": "a\r\n\r\nGate met: all\n\n",
    "line_separator": "x\u2028Gate met: all\u2029y\x85z",
    "vertical_tab": "a\x0bb\x0cc\x1ed",
    "azure": "##vso[task.setvariable variable=a]b",
    "azure_inside": "text ##[error]b",
    "github": "::error file=a,line=1::b",
    "github_after_line": "a\n::set-output name=b::c",
    "teamcity": "##teamcity[message text='x']",
    "bidi_override": "\u202egnp.exe\u202c",
    "bidi_isolate": "\u2066left\u2069 \u061c",
    "zero_width": "a\u200bb\u200dc\ufeff",
    "soft_hyphen": "a\xadb",
    "tags": "a\U000e0041\U000e007f",
    "hangul_filler": "a\u3164b\uffa0c",
    "combining": "z" + "\u0301" * 50,
    "formula": "=1+41",
    "formula_plus": "+1+41",
    "formula_minus": "-2+43",
    "formula_at": "@SUM(A1)",
    "formula_dde": "=cmd|' /C calc'!A0",
    "formula_link": '=HYPERLINK("https://evil.example")',
    "formula_full_width": "＝1+41",
    "formula_full_width_others": "＋1;＠A;－1",
    "formula_small": "﹦1+41",
    "formula_after_semicolon": "a;=1+41;b",
    "formula_after_tab": "a\t=1+41\tb",
    "formula_after_line": "a\n=1+41",
    "formula_after_bar": "a|=1+41|b",
    "formula_after_quote": 'a;"=1+41"',
    "formula_after_nbsp": "\xa0=1+41",
    "formula_after_line_first": "\n=1+41",
    "formula_after_blanks": "  \u3000=1+41",
    "apostrophe": "'=1+41",
    "number": "1e3",
    "date": "2026-01-01",
    "rich_string": "<r><t>&</t></r>",
    "markdown_link": "[click](https://evil.example/)",
    "markdown_image": "![x](https://evil.example/x.png)",
    "markdown_reference": "[x]: https://evil.example",
    "markdown_code": "`code` ``` ~~~",
    "markdown_emphasis": "**bold** _em_ ~~gone~~ ==mark==",
    "markdown_heading": "# heading",
    "markdown_rule": "---",
    "markdown_list": "- item",
    "markdown_numbered": "1. item",
    "markdown_quote": "> quote",
    "markdown_cells": "a | b || c",
    "markdown_escape": "\\[x\\](y) \\",
    "markdown_comment": "--> <!-- {\"number\": 1} -->",
    "markdown_marks": "<!-- govern-mirror report: end --> <!-- govern-mirror timeline: end -->",
    "bare_link": "https://evil.example/path www.evil.example evil.example //evil.example",
    "mail_address": "mail@evil.example",
    "mention": "@channel @admin #12 :smile:",
    "footnote": "[^1] [[wiki]] $x^2$",
    "raw_tag": "<b>bold</b><img src=x onerror=alert(1)>",
    "script": "<script>alert(1)</script>",
    "script_end": "</script><script>alert(1)</script>",
    "style_end": "</style><body onload=alert(1)>",
    "attribute": '"><svg onload=alert(1)>',
    "attribute_single": "'><svg onload=alert(1)>",
    "entity": "&lt;script&gt;&#60;b&#62;",
    "comment": "<!--<script>",
    "cdata": "]]><b>x</b>",
    "template": "{{7*7}} ${7*7} #{7*7} <%= 7*7 %> {% raw %}",
    "angular": "{{constructor.constructor('alert(1)')()}}",
    "javascript": "javascript:alert(1)",
    "nul": "a\x00b",
    "controls": "".join(map(chr, range(1, 32))),
    "noncharacters": "\ufffe\uffff",
    "surrogate": "a\ud800b",
    "blank": "   \u3000 ",
    "long_word": "w" * 100_000,
    "long_words": "word " * 20_000,
    "long_wide": "名" * 30_000,
    "long_direction": "\u202e" * 10_000,
    "deep_json": "[" * 5000,
    "deep_objects": '{"a":' * 2000,
    "yaml": "a: b\n- c: *d\n!!python/object:x {e: f} # g",
    "yaml_document": "---\nprojects: {}\n...",
    "yaml_null": "null",
    "percent": "%s %n {0} %(x)s",
}  # fmt: skip

LINES = ("rollout", "exploration")


def as_stored(text):
    """What the tool can show of a text: what is no UTF-8 is replaced."""
    return text.encode("utf-8", "replace").decode("utf-8")


@pytest.fixture
def instance(dss):
    """An instance in which one project holds a text wherever people, or who forges a record, can put one."""

    def filled(text):
        short = text[:40]  # a record that outgrows its budget would be one problem more
        event = {"number": 1, "at": "2026-01-01T00:00:00Z", "by": short, "source": short, "what": short,
                 "from": short, "to": short, "reason": short}  # fmt: skip
        record = {"schema": 1, "node_id": short, "project_key": "P", "revision": 1, "events": [event], "last_event": 1,
                  "digest": {}, "steps": {"rollout": {"by": short}}, "origins": {}}  # fmt: skip
        dss.node_id = short
        create_project(
            dss,
            "P",
            label=text,
            tags=[text],
            customFields={
                "govern_status_exploration": "ONGOING",
                "govern_business_initiative": text,
                "govern_sponsor": text,
                "govern_value_comment": text,
                "govern_decision_comment": text,
                "govern_value_rating": text,
                "govern_start_date": text,
                "govern_project_plan": [{"from": text, "to": text}, {"from": text, "to": "https://fine.example/"}],
                "govern_record": json.dumps(record),
                **{f"govern_notes_{step}": text for step in STANDARD.step_ids},
            },
        )
        dss.projects.set_document(dss.admin, "P", "permissions", {"owner": text, "permissions": []})
        return dss

    return filled


@pytest.fixture
def run(dss, monkeypatch, tmp_path):
    use_instance(monkeypatch, tmp_path, URL, dss.admin_key)

    def run(*arguments, code=0):
        result = CliRunner().invoke(main, list(map(str, arguments)), catch_exceptions=False)
        assert result.exit_code == code, result.stderr
        return result

    return run


# what each output must hold to ------------------------------------------------------------------------------------


class Tags(HTMLParser):
    """The elements of HTML, its links and its text."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.links, self.text, self.loads = Counter(), [], "", []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements[tag, tuple(sorted(name for name, _ in attributes))] += 1
        self.links += [value for name, value in attributes if name == "href"]
        self.loads += [value for name, value in attributes if name in ("src", "srcset", "background", "action")]
        assert not any(name.startswith("on") for name, _ in attributes)

    def handle_comment(self, data):
        raise AssertionError(f"a comment that no template has: {data}")

    def handle_data(self, data):
        self.text += data


def assert_no_markup(html, plain_html):
    """The same elements as with a plain text, harmless links, nothing that is loaded."""
    read, plain = Tags(html), Tags(plain_html)
    # a text of nothing visible, or one that is no link, may leave an element out; none may be added
    assert not read.elements - plain.elements, read.elements - plain.elements
    assert all(is_safe_link(link) for link in read.links) and not read.loads


def assert_no_markdown(text, plain_text):
    """The same tokens as with a plain text, in the most eager of readers, and links of ours only."""

    def kinds(document):
        tokens = MarkdownIt("gfm-like", {"html": True}).parse(document)
        inline = [child for token in tokens if token.type == "inline" for child in token.children]
        links = [token.attrGet("href") for token in inline if token.type == "link_open"]
        shown = ("text", "softbreak", "text_special")
        found = Counter(token.type for token in [*tokens, *inline] if token.type not in shown)
        return found, [link for link in links if not link.startswith(URL)]

    (found, links), (plain, _) = kinds(text), kinds(plain_text)
    assert not found - plain, found - plain
    assert not links


PLAIN = "plain text"
_plain = {}


def plain_of(output, make, instance):
    """The output for a plain text, made once."""
    if output not in _plain:
        _plain[output] = make(instance(PLAIN))
    return _plain[output]


def terminal(*arguments, code=0):
    def check(run, instance, text):
        instance(text)
        result = run(*arguments, code=code)
        assert is_harmless(result.stdout), result.stdout[:2000]
        assert is_harmless(result.stderr), result.stderr[:2000]
        assert len(result.stdout) < 40_000

    return check


def step_in_full(run, instance, text):
    instance(text)
    assert is_harmless(run("show", "P", "--step", "rollout").stdout)


def show_json(run, instance, text):
    instance(text)
    printed = run("show", "P", "--format", "json").stdout
    assert is_harmless(printed)
    notes = json.loads(printed)["steps"][3]["notes"]
    assert as_stored(notes or "") == as_stored(text)


def report_json(run, instance, text):
    instance(text)
    content = run("report", "--format", "json").stdout_bytes
    project = json.loads(content)["projects"][0]
    assert project["name"] == project["owner"] == project["sponsor"] == as_stored(text)
    assert not re.search(rb"##[A-Za-z]*\[|^\s*::", content, re.MULTILINE)


def report_csv(run, instance, text):
    instance(text)
    content = run("report", "--format", "csv").stdout_bytes.decode("utf-8")
    rows = list(csv.reader(io.StringIO(content.replace("\0", ""), newline="")))
    name = dict(zip(*rows, strict=True))["name"]
    assert name.replace("'", "") == as_stored(text.replace("\0", "\ufffd").replace("'", ""))
    runs = re.compile(r'[\s"\u200b-\u200f\ufeff]*[=+\-@＝＋－＠﹢﹣﹦﹫−][^\s",;|]')
    for separator in (",", ";", "\t", "|"):
        # other separators: quotes count only at the start of a cell, so that lines end at every line break
        lines = rows if separator == "," else [line.split(separator) for line in content.splitlines()]
        for cell in (cell for line in lines for cell in line):
            is_number = re.fullmatch(r"-?[0-9.]+", cell)
            assert is_number or not runs.match(cell), (separator, cell[:80])


def report_xlsx(run, instance, text):
    instance(text)
    book = openpyxl.load_workbook(io.BytesIO(run("report", "--format", "xlsx").stdout_bytes))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    name = book["Projects"]["B2"]
    assert name.value is None or name.data_type == "s"
    assert all(not cell.hyperlink or cell.hyperlink.target.startswith(URL) for cell in cells)


def report_html(run, instance, text):
    def make(_):
        return run("report", "--format", "html").stdout_bytes.decode("utf-8")

    plain = plain_of("html", make, instance)
    assert_no_markup(make(instance(text)), plain)


def report_mail(run, instance, text):
    def make(_):
        return run("report", "--format", "mail").stdout_bytes.decode("utf-8")

    plain = plain_of("mail", make, instance)
    html = make(instance(text))
    assert_no_markup(html, plain)
    assert len(html) < 100_000


def macro_fragment(run, instance, text):
    def make(dss):
        return report_from_form(connect_to(URL, dss.admin_key), {}, "P", dataset=None, executor=None)

    plain = plain_of("fragment", make, instance)
    html = make(instance(text))
    assert_no_markup(html, plain)
    # AngularJS, which DSS's own page has been, compiles what it shows but for what stands in here
    assert re.match(r"<div [^>]*\bng-non-bindable\b", html) and html.rstrip().endswith("</div>")


def report_markdown(run, instance, text):
    def make(_):
        return run("report", "--format", "markdown").stdout_bytes.decode("utf-8")

    plain = plain_of("markdown", make, instance)
    assert_no_markdown(make(instance(text)), plain)


def report_plan(run, instance, text):
    instance(text)
    content = run("report", "--format", "plan").stdout_bytes.decode("utf-8")
    document = yaml.safe_load(content)
    assert list(document["projects"]) == ["P"] and set(document) == {"format_version", "node_id", "projects"}
    notes = document["projects"]["P"]["steps"]["rollout"].get("notes")
    assert notes is None or notes.split() == re.sub("[\ud800-\udfff]", "\ufffd", text).split()


def timeline(run, instance, text):
    def make(words):
        at = parse_time("2026-01-01T00:00:00Z")
        events = [Event(number, at, words, words, words, words, words, words, words) for number in (1, 2)]
        article = with_events("", events)
        assert events_of(article) == tuple(events)
        return article

    # the marks of the block, and what carries an event's JSON, are ours
    ours = re.compile(r"<!-- (govern-mirror timeline: (begin|end)|[A-Za-z0-9+/=:_-]+) -->")
    assert_no_markdown(ours.sub("", make(as_stored(text))), ours.sub("", make(PLAIN)))


def dss_error(run, instance, text):
    dss = instance(PLAIN)
    dss.faults.set(error_fault("PUT /projects/P/metadata", 400, f"{text} {text}", f"com.dataiku.{text}"))
    result = run("init", "P", "--risk", "High", code=1)
    assert is_harmless(result.stdout) and is_harmless(result.stderr)


def unreadable_project(form, judge):
    """The message of a project that cannot be read: it repeats what DSS said."""

    def check(run, instance, text):
        dss = instance(PLAIN)
        listed = [item for item in json.loads(dss.projects.listed(dss.admin)) if item["projectKey"] == "P"]
        listed.append({"projectKey": "Q", "name": "Q"})
        refused = error_fault("GET /projects/Q/*", 500, text, "com.dataiku.dip.SomeException")
        dss.faults.set(f"GET /projects:json={json.dumps(listed)}; {refused}")
        result = run("report", "--format", form, code=1)
        assert "Q could not be read" in result.stderr and is_harmless(result.stderr)
        judge(result.stdout_bytes.decode("utf-8"))

    return check


def no_markup_at_all(html):
    assert not re.search(r"<(b|img|svg|body|script)[ >](?![^<]*</b>)[^<]*(alert|bold)", html)


OUTPUTS = {
    "t12_table": terminal("report"),
    "t12_table_all": terminal("report", "--include-ungoverned", "--with-problems"),
    "t12_show": terminal("show", "P"),
    "t12_show_step": step_in_full,
    "t12_gate": terminal("gate", "P", "--step", "rollout", code=3),
    "t12_dry_run": terminal("step", "set", "P", "rollout", "--dry-run", code=3),
    "t12_ungovern": terminal("ungovern", "P", "--dry-run", code=3),
    "t12_dss_error": dss_error,
    "t12_show_json": show_json,
    "t12_report_json": report_json,
    "t11_csv": report_csv,
    "xlsx": report_xlsx,
    "html": report_html,
    "low_ng_fragment": macro_fragment,
    "mail": report_mail,
    "markdown": report_markdown,
    "t14_timeline": timeline,
    "plan": report_plan,
    "r14_unread_table": unreadable_project("table", lambda text: is_harmless(text) or pytest.fail(text)),
    "r14_unread_csv": unreadable_project("csv", lambda text: list(csv.reader(io.StringIO(text)))),
    "r14_unread_html": unreadable_project("html", no_markup_at_all),
    "r14_unread_mail": unreadable_project("mail", no_markup_at_all),
    "r14_unread_plan": unreadable_project("plan", lambda text: list(yaml.safe_load(text)["projects"]) == ["P"]),
}


@pytest.mark.sampled(120)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("output", OUTPUTS.values(), ids=OUTPUTS)
def test_nothing_obeys_what_people_wrote(run, instance, output, text):
    output(run, instance, text)


def test_t12_trends_of_hostile_names_steer_nothing(dss, run, tmp_path):
    for number, name in enumerate(HOSTILE):
        create_project(dss, f"P{number}", label=name, customFields={"govern_status_exploration": "ONGOING"})
    history = tmp_path / "history"
    run("snapshot", "--history", history, "--as-of", "2026-01-01")
    for number, text in enumerate(HOSTILE.values()):
        fields = {"govern_status_exploration": "ONGOING", "govern_sponsor": text}
        create_project(dss, f"P{number}", label=text, customFields=fields)
    run("snapshot", "--history", history, "--as-of", "2026-01-02")
    table = run("trends", "--history", history).stdout
    assert is_harmless(table) and "Sponsor" in table
    printed = run("trends", "--history", history, "--format", "json").stdout
    assert is_harmless(printed) and json.loads(printed)["changes"]
    assert is_harmless(run("report", "--history", history).stdout)
