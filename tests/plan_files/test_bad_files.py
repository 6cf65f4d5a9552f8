"""Files that people, spreadsheets and accidents make: all that is wrong is named at once, by line and field."""

import contextlib
import io
import re
import resource
import time
import zipfile
from datetime import date, datetime

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from plan_files.made import COLUMNS, as_csv, as_xlsx, read, saved
from sampling import examples

from govern_mirror.errors import InputError
from govern_mirror.model.blueprint import STANDARD
from govern_mirror.plan_files import plan_file, xlsx_reader
from govern_mirror.plan_files.plan_file import PlanFileInvalid, read_plan_file
from govern_mirror.report.columns import columns

HEAD = "format_version: 1\nprojects:\n"


def refused(content, name="plan.yaml"):
    """What is wrong: the line, the field and the message of each, and how many there are."""
    with pytest.raises(PlanFileInvalid) as caught:
        read(content, name)
    assert isinstance(caught.value, InputError)
    assert name in str(caught.value)
    return [(error.line, error.field, error.message) for error in caught.value.errors]


def test_everything_wrong_is_named_at_once_with_line_field_and_what_to_do():
    content = (
        HEAD
        + """\
  CHURN:
    revision: seven
    overview:
      start_date: 1.3.2026
      target_end_date: 2026-02-30
      owner: Ada
      business_initiative: 2027
    qualification:
      value: {rating: Very high}
      risk: High
      decision: Maybe
    steps:
      testing: {status: ONGOING}
      exploration: {status: DONE, notes: [a, b]}
      delivery: finished
    other: 1
  FRAUD:
    overview: {start_date: 2026-03-02, target_end_date: 2026-03-01}
  CHURN: {}
  LIST: []
"""
    )
    with pytest.raises(PlanFileInvalid) as caught:
        read(content)
    lines = str(caught.value).splitlines()
    assert lines[0].endswith("plan.yaml has 16 errors; nothing was written:")
    expected = """\
line 4, CHURN revision: 'seven' is not a revision
line 6, CHURN overview.start_date: '1.3.2026' is not a date: write YYYY-MM-DD
line 7, CHURN overview.target_end_date: '2026-02-30' is not a date
line 8, CHURN overview: unknown field 'owner': use one of business_initiative, sponsor, start_date, target_end_date
line 9, CHURN overview.business_initiative: 2027 is not a text in YAML: put it in quotes, '2027'
line 11, CHURN qualification.value.rating: unknown rating 'Very high': use one of Low, Medium low, Medium high, High
line 12, CHURN qualification.risk: is one value where a mapping belongs: it takes rating, comment, indented below it
line 13, CHURN qualification.decision: unknown decision 'Maybe': use one of Go, No go, On hold
line 15, CHURN steps: unknown step 'testing': use one of exploration, qualification, progress, rollout, delivery
line 16, CHURN steps.exploration.status: unknown status 'DONE': use one of NOT_STARTED, ONGOING, FINISHED, SKIPPED
line 16, CHURN steps.exploration.notes: is a list where one value belongs
line 17, CHURN steps.delivery: is one value where a mapping belongs: it takes status, notes
line 18, CHURN: unknown field 'other': use one of revision, hand_edits, overview, qualification, steps
line 20, FRAUD overview.target_end_date: 2026-03-01 is before the start date 2026-03-02
line 21, projects CHURN: stands twice, first in line 3
line 22, LIST: is a list where a mapping belongs""".splitlines()
    assert len(lines) == len(expected) + 1
    for line, start in zip(lines[1:], expected, strict=True):
        assert line.strip().startswith(start)


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        ("", None, "is empty"),
        ("  \n\n", None, "is empty"),
        ("# nothing but a comment\n", None, "is empty"),
        ("- a\n", 1, "begins with"),
        ("text", 1, "begins with"),
        ("format_version: 1\n", 1, "is missing: write `projects:`"),
        ("projects: {}\n", 1, "is missing: write `format_version: 1`"),
        ("format_version: 2\nprojects: {}\n", 1, "is '2', this version reads 1"),
        ("format_version: '1'\nprojects: {}\n", 1, "this version reads 1"),
        ("format_version: [1]\nprojects: {}\n", 1, "this version reads 1"),
        (HEAD + "  CHURN:\n\t  revision: 1\n", 4, "indent with blanks"),
        (HEAD + "\tCHURN: {}\n", 3, "indent with blanks"),
        (HEAD + "  CHURN: {revision: 1\n  OTHER: }\n", 4, "is not YAML from here on"),
        (HEAD + "  CHURN: 'never closed\n", None, "is not YAML from here on"),
        (HEAD + "  CHURN:\n    overview:\n      sponsor: a\n      sponsor: b\n", 6, "stands twice, first in line 5"),
        (HEAD + "  CHURN:\n    steps:\n      progress: {}\n      In Progress: {}\n", 6, "twice, first in line 5"),
        (HEAD + "  CHURN: &a {revision: 1}\n  FRAUD: *a\n", 4, "*a is an alias: write the value itself"),
        (HEAD + "  CHURN: {overview: {sponsor: &a Ada, business_initiative: *a}}\n", 3, "*a is an alias"),
        (HEAD + "  CHURN: {<<: {revision: 1}}\n", 3, "unknown field '<<'"),
        (HEAD + "  CHURN: !!python/object:os.system {}\n", 3, "has the tag tag:yaml.org,2002:python/object:os.system"),
        (HEAD + "  CHURN: {revision: !!int 1}\n", 3, "has the tag"),
        (HEAD + "  ? [a, b]\n  : {}\n", 3, "a key is a plain word"),
        (HEAD + "  ? *a\n  : {}\n", None, "undefined alias|plain word"),
        (HEAD + "  CHURN: {}\n---\nprojects: {}\n", 4, "a second document begins here"),
        (HEAD + "  CHURN: {overview: {sponsor: ''}}\n", 3, "is blank: write none to clear it"),
        (HEAD + "  CHURN: {overview: }\n", 3, "is blank where a mapping belongs"),
        (HEAD + "  CHURN: {revision: -1}\n", 3, "'-1' is not a revision"),
        (HEAD + "  CHURN: {revision: 1.5}\n", 3, "'1.5' is not a revision"),
        (HEAD + "  CHURN: {revision: '7'}\n", 3, "is not a revision"),
        (HEAD + "  CHURN: {revision: }\n", 3, "is blank"),
        (HEAD + "  CHURN: {revision: 99999999999999999999}\n", 3, "is not a revision"),
        (HEAD + "  CHURN: {overview: {start_date: 0026-01-01}}\n", 3, "is not a date"),
        (HEAD + "  CHURN: {overview: {business_initiative: true}}\n", 3, "put it in quotes"),
        (HEAD + "  '': {}\n", 3, "a project without a key"),
        (HEAD + "  CHURN: {}\n  # \x07\n", 4, "control character U+0007"),
        ((HEAD + "  É: {}\n").encode("latin-1"), 3, "is not UTF-8 (byte 0xC9)"),
        (HEAD.encode("utf-16"), 1, "is UTF-16"),
    ],
)  # fmt: skip
def test_a_bad_yaml_file_is_refused_with_its_line(content, line, words):
    found = [(at, message) for at, _, message in refused(content) if any(part in message for part in words.split("|"))]
    assert found, refused(content)
    assert line is None or found[0][0] == line


@pytest.mark.parametrize("content", [
    HEAD + "  CHURN: {revision: 1}\n",
    "\ufeff" + HEAD + "  CHURN: {revision: 1}\n",
    (HEAD + "  CHURN:\n    revision: 1\n").replace("\n", "\r\n"),
    '{"format_version": 1, "projects": {"CHURN": {"revision": 1}}}',
    "%YAML 1.2\n---\n" + HEAD + "  CHURN: {revision: 1}\n...\n",
    HEAD + "  CHURN: &unused {revision: 1}\n",
])  # fmt: skip
def test_a_good_yaml_file_is_read_however_it_is_written(content):
    [entry] = read(content).entries
    assert (entry.project_key, entry.revision) == ("CHURN", 1)


def test_a_project_without_values_is_an_entry():
    assert [(entry.project_key, entry.line) for entry in read(HEAD + "  CHURN:\n  FRAUD: {}\n").entries] == [
        ("CHURN", 3),
        ("FRAUD", 4),
    ]


@pytest.mark.parametrize("name", ["plan.txt", "plan", "plan.xls", "plan.json"])
def test_an_unknown_ending_names_the_known_ones(name):
    [(_, _, message)] = refused(HEAD, name)
    assert ".yaml, .yml, .csv, .xlsx" in message


def test_a_path_that_cannot_be_read_says_why(tmp_path):
    with pytest.raises(PlanFileInvalid, match="cannot be read: No such file"):
        read_plan_file(tmp_path / "none.yaml", STANDARD)
    (tmp_path / "folder.yaml").mkdir()
    with pytest.raises(PlanFileInvalid, match="cannot be read: Is a directory"):
        read_plan_file(tmp_path / "folder.yaml", STANDARD)


@pytest.mark.parametrize("name", ["plan.yaml", "plan.csv", "plan.xlsx"])
def test_of_many_errors_a_hundred_are_shown_and_the_rest_counted(name):
    ratings = [["project_key", "value"], *([f"P_{number}", "Huge"] for number in range(10_000))]
    body = "".join(f"  {key}: {{qualification: {{value: {{rating: {rating}}}}}}}\n" for key, rating in ratings[1:])
    content = {"plan.yaml": HEAD + body, "plan.csv": as_csv(ratings), "plan.xlsx": as_xlsx(ratings)}[name]
    with pytest.raises(PlanFileInvalid) as caught:
        read(content, name)
    assert caught.value.count == 10_000
    assert len(caught.value.errors) == 100
    assert str(caught.value).endswith("  and 9,900 more")
    assert len(str(caught.value).splitlines()) == 102


# tables -----------------------------------------------------------------------------------------------------------


def test_everything_wrong_in_a_table_is_named_at_once():
    rows = [
        ["Project key", "revision", "Start date", "target_end_date", "value", "exploration_status"],
        ["CHURN", "x", "1.3.2026", "", "Huge", "DONE"],
        ["FRAUD", "", "2026-03-02", "2026-03-01", "", ""],
        ["", "", "", "", "High", ""],
        ["", "", "", "", "", ""],
        ["CHURN", "", "", "", "", ""],
    ]
    expected = [
        (2, "CHURN revision"),
        (2, "CHURN start_date"),
        (2, "CHURN value"),
        (2, "CHURN exploration_status"),
        (3, "FRAUD overview.target_end_date"),
        (4, "project_key"),
        (6, "CHURN project_key"),
    ]
    assert [(line, field) for line, field, _ in refused(as_csv(rows), "plan.csv")] == expected
    assert [(line, field) for line, field, _ in refused(as_xlsx(rows), "plan.xlsx")] == expected


@pytest.mark.parametrize("options", [
    {}, {"separator": ";"}, {"separator": "\t"}, {"end": "\n"}, {"encoding": "utf-8-sig"},
    {"separator": ";", "encoding": "utf-8-sig"}, {"end": "\r"},
])  # fmt: skip
def test_csv_is_read_as_spreadsheets_write_it(options):
    rows = [["project_key", "value", "value_comment"], ["CHURN", "high", "a, b; c\nsecond line"], ["FRAUD", "NONE", ""]]
    churn, fraud = read(as_csv(rows, **options), "plan.csv").entries
    assert {path: value.text for path, value in churn.values.items()} == {
        "qualification.value.rating": "High",
        "qualification.value.comment": "a, b; c\nsecond line",
    }
    assert {path: value.text for path, value in fraud.values.items()} == {"qualification.value.rating": None}
    assert (churn.line, fraud.line) == (2, 4)


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        ("name,value\nCHURN,High\n", 1, "this column is missing"),
        ("project_key,valu\nCHURN,High\n", 1, "unknown column 'valu': use one of project_key, revision, business_init"),
        ("project_key,value,value_rating\n", 1, "stands twice, in columns 2 and 3"),
        ("project_key,value\nCHURN,Low,more\n", 2, "is a separator not in quotes?"),
        ('project_key,value\nCHURN,"Low\nFRAUD,High\n', 2, "is a quote missing?"),
        ('project_key,value_comment\nCHURN,"a"b\n', 2, "is a quote missing?"),
        (b"project_key,value_comment\nCHURN,caf\xe9\n", 2, "is not UTF-8 (byte 0xE9)"),
        ("project_key,value\n".encode("utf-16"), 1, "is UTF-16"),
        ("\n \n", None, "is empty"),
    ],
)  # fmt: skip
def test_a_bad_csv_file_is_refused_with_its_line(content, line, words):
    [(at, _, message), *_] = refused(content, "plan.csv")
    assert words in message
    assert at == line


def test_a_table_takes_every_column_of_the_report():
    names = [column.name for column in columns(STANDARD)]
    for content, name in ((as_csv([names]), "plan.csv"), (as_xlsx([names]), "plan.xlsx")):
        assert read(content, name).entries == ()
    assert set(COLUMNS.values()) - set(names) == {
        "description",
        *(name for name in COLUMNS.values() if name.endswith(("_comment", "_notes"))),
    }


def test_the_apostrophe_in_front_of_a_formula_is_the_report_s_own():
    rows = [["project_key", "business_initiative"], ["A", "'=1+1"], ["B", "'  -5"], ["C", "'quoted'"], ["D", "=1"]]
    texts = [entry.values["overview.business_initiative"].raw for entry in read(as_csv(rows), "p.csv").entries]
    assert texts == ["=1+1", "  -5", "'quoted'", "=1"]


# workbooks --------------------------------------------------------------------------------------------------------


def workbook(write, sheets=("Projects",), hidden=()):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        made = [book.add_worksheet(name) for name in sheets]
        for sheet in made:
            if sheet.name in hidden:
                sheet.hide()
        made[-1].activate()
        made[-1].set_first_sheet()
        write(book, made[-1])
    return file.getvalue()


NAMES = ("project_key", "revision", "start_date", "business_initiative", "value", "url")


def with_cells(**cells):
    """A workbook with one project, some of its cells written by a function of sheet, row and column."""

    def write(book, sheet):
        sheet.write_row(0, 0, NAMES)
        sheet.write_string(1, 0, "CHURN")
        for name, put in cells.items():
            put(book, sheet, NAMES.index(name))

    return workbook(write)


def number(value, form=None):
    return lambda book, sheet, at: sheet.write_number(1, at, value, book.add_format({"num_format": form or "General"}))


def day(value, form="yyyy-mm-dd"):
    return lambda book, sheet, at: sheet.write_datetime(1, at, value, book.add_format({"num_format": form}))


def test_numbers_and_dates_of_a_spreadsheet_are_read_where_they_are_sure():
    [entry] = read(
        with_cells(revision=number(7), start_date=day(date(2026, 3, 1)), business_initiative=number(2027)), "p.xlsx"
    ).entries
    assert entry.revision == 7
    assert {path: value.text for path, value in entry.values.items()} == {
        "overview.start_date": "2026-03-01",
        "overview.business_initiative": "2027",
    }
    [entry] = read(with_cells(start_date=day(datetime(2026, 3, 1, 5), "yyyy-mm-dd hh:mm")), "p.xlsx").entries
    assert entry.values["overview.start_date"].text == "2026-03-01"


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"business_initiative": lambda b, s, at: s.write_formula(1, at, '="Loy"&"alty"', None, "Loyalty")}, "formula"),
        ({"business_initiative": lambda b, s, at: s.write_formula(1, at, "=A1", None, "")}, "formula"),
        ({"project_key": lambda b, s, at: s.write_formula(1, at, "=A1", None, "X")}, "formula"),
        ({"value": lambda b, s, at: s.write_formula(1, at, "=NA()", None, "#N/A")}, "formula"),
        ({"value": lambda b, s, at: s.write_boolean(1, at, True)}, "holds true or false"),
        ({"value": number(5)}, "unknown rating '5'"),
        ({"value": day(date(2026, 3, 1))}, "holds the date 2026-03-01 where none belongs"),
        ({"business_initiative": day(date(2026, 3, 1))}, "holds the date 2026-03-01 where none belongs"),
        ({"business_initiative": number(0.5, "[h]:mm")}, "holds a time"),
        ({"start_date": number(46082)}, "holds the number 46082: format it as a date"),
        ({"revision": number(1.5)}, "'1.5' is not a revision"),
        ({"revision": number(-1)}, "'-1' is not a revision"),
        ({"value": lambda b, s, at: s.merge_range(1, at, 2, at, "High")}, "unmerge them"),
        ({"value": lambda b, s, at: s.merge_range(2, 0, 5, 4, "")}, "unmerge them"),
    ],
)  # fmt: skip
def test_a_cell_that_holds_no_plain_value_is_refused(cells, words):
    [(line, _, message), *_] = refused(with_cells(**cells), "plan.xlsx")
    assert words in message
    assert line in (2, 3)


def test_a_cell_in_error_is_not_taken_for_blank():
    content = repacked(as_xlsx([list(NAMES), ["CHURN", "1", "", "x", "High", ""]]), "sheet1.xml", errors)
    [(line, field, message)] = refused(content, "plan.xlsx")
    assert (line, field) == (2, "CHURN value")
    assert "#N/A" in message


def errors(xml):
    return re.sub(rb'<c r="E2" t="s"><v>\d+</v>', b'<c r="E2" t="e"><v>#N/A</v>', xml)


def repacked(content, ending, change):
    """The workbook with one of its parts changed."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            part = old.read(member)
            new.writestr(member.filename, change(part) if member.filename.endswith(ending) else part)
    return file.getvalue()


def test_formulas_links_and_merged_cells_elsewhere_harm_nothing():
    def write(book, sheet):
        sheet.write_row(0, 0, NAMES)
        sheet.write_row(1, 0, ["CHURN", "", "", "Loyalty"])
        sheet.write_formula(1, 5, "=1+1", None, 2)
        sheet.merge_range(0, 6, 4, 7, "")
        sheet.set_column(0, 5, None, book.add_format({"bold": True}))
        sheet.write_blank(1_000_000, 5, None, book.add_format({"bold": True}))

    [entry] = read(workbook(write), "plan.xlsx").entries
    assert entry.values["overview.business_initiative"].text == "Loyalty"


def test_the_first_sheet_that_can_be_seen_counts():
    def write(book, sheet):
        sheet.write_row(0, 0, ("project_key",))
        sheet.write_row(1, 0, ("CHURN",))

    [entry] = read(workbook(write, sheets=("Lists", "Projects"), hidden=("Lists",)), "plan.xlsx").entries
    assert entry.project_key == "CHURN"


@pytest.mark.parametrize("content", [
    b"no workbook", b"PK\x03\x04 damaged", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
    as_csv([["project_key"], ["CHURN"]]),
])  # fmt: skip
def test_what_is_no_workbook_says_so(content):
    [(_, _, message)] = refused(content, "plan.xlsx")
    assert "is not a workbook that can be read" in message


def test_an_empty_sheet_and_an_archive_of_something_else_are_refused():
    [(_, _, message)] = refused(workbook(lambda book, sheet: None), "plan.xlsx")
    assert "is empty" in message
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("readme.txt", "hello")
    [(_, _, message)] = refused(file.getvalue(), "plan.xlsx")
    assert "is not a workbook that can be read" in message


def test_a_workbook_that_declares_a_document_type_is_refused():
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    content = repacked(as_xlsx([["project_key"]]), "sheet1.xml", lambda xml: bomb + xml.partition(b"?>")[2])
    [(_, _, message)] = refused(content, "plan.xlsx")
    assert "declares a document type" in message


# what is too large ------------------------------------------------------------------------------------------------


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


@pytest.mark.parametrize("ending", [".yaml", ".csv", ".xlsx"])
def test_a_file_of_a_hundred_megabytes_is_refused_before_it_is_read(ending):
    with saved(b"", f"plan{ending}") as path:
        with path.open("r+b") as stream:
            stream.truncate(100_000_000)
        with pytest.raises(PlanFileInvalid, match="is larger than 50,000,000 bytes: split it"):
            read_plan_file(path, STANDARD)


@pytest.mark.parametrize("content", [
    HEAD + "  A: " + "[" * 200_000,
    HEAD + "  A: " + "{a: " * 200_000,
    HEAD + "  A:\n" + "".join(" " * depth + "a:\n" for depth in range(4, 300)),
    "[" * 200_000,
])  # fmt: skip
def test_a_file_that_nests_without_end_is_refused(content):
    started = time.monotonic()
    [*_, (_, _, message)] = refused(content)
    assert "deeper" in message or "begins with" in message
    assert time.monotonic() - started < 10


def test_aliases_never_multiply():
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60)) + HEAD
    before, started = peak(), time.monotonic()
    assert "unknown field 'a0'" in refused(bomb)[0][2]
    assert time.monotonic() - started < 5
    assert peak() - before < 100


def test_a_sheet_with_a_cell_far_away_does_not_fill_the_memory():
    def write(book, sheet):
        sheet.write_row(0, 0, ("project_key",))
        sheet.write_row(1, 0, ("CHURN",))
        sheet.write_string(1_048_575, 16_383, "x")

    content = workbook(write)
    before = peak()
    [(line, _, message)] = refused(content, "plan.xlsx")
    assert "reaches over more than 4,000,000 cells" in message
    assert line == 1_048_576
    assert peak() - before < 100


@pytest.mark.parametrize("honest", [True, False])
def test_a_workbook_that_unpacks_to_too_much_is_refused(monkeypatch, honest):
    monkeypatch.setattr(xlsx_reader, "MAX_UNPACKED", 1_000_000)
    content = repacked(as_xlsx([["project_key"]]), "styles.xml", lambda xml: xml + b" " * 2_000_000)
    if not honest:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = archive.getinfo("xl/styles.xml").file_size
        content = content.replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    [(_, _, message)] = refused(content, "plan.xlsx")
    assert ("once unpacked" if honest else "is not a workbook that can be read") in message


def test_nothing_is_held_of_values_that_are_not_taken():
    values = ", ".join(["x"] * 500_000)
    [(line, field, message)] = refused(HEAD + f"  A: {{overview: {{sponsor: [{values}]}}}}\n")
    assert (line, field, message) == (3, "A overview.sponsor", "is a list where one value belongs")
    assert plan_file.MAX_BYTES >= 50_000_000


# whatever else a file may hold ------------------------------------------------------------------------------------

SOUND = {
    "plan.yaml": (
        HEAD + "  CHURN:\n    revision: 3\n    overview: {start_date: 2026-03-01}\n    steps:\n      progress:\n"
        "        notes: |\n          a\n          b\n  FRAUD: {}\n"
    ).encode(),
    "plan.csv": as_csv([["project_key", "revision", "value", "value_comment"], ["CHURN", "3", "High", 'a "b"\nc']]),
    "plan.xlsx": as_xlsx([["project_key", "revision", "value", "value_comment"], ["CHURN", "3", "High", "a\nb"]]),
}
PARTS = ("sheet1.xml", "workbook.xml", "sharedStrings.xml", "workbook.xml.rels", "_rels/.rels", "[Content_Types].xml")


@st.composite
def damaged(draw, content):
    """A file some bytes of which were lost, doubled or replaced."""
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(content)))
        upto = draw(st.integers(at, min(len(content), at + 30)))
        put = draw(
            st.binary(max_size=4) | st.sampled_from([b"\t", b"*a", b"&a ", b"[", b"{", b'"', b"\n", b"<", b"A9"])
        )
        content = content[:at] + put + content[upto:]
    return content


@pytest.mark.parametrize("name", SOUND)
@examples(200)
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused_and_nothing_else(name, data):
    content = SOUND[name]
    if name == "plan.xlsx" and data.draw(st.booleans()):
        part = data.draw(st.sampled_from(PARTS))
        content = repacked(content, part, lambda xml: data.draw(damaged(xml)))
    else:
        content = data.draw(damaged(content))
    with contextlib.suppress(PlanFileInvalid):
        read(content, name)


@examples(100)
@given(st.text(max_size=200) | st.text("-:?*&!|>'\"%@`#{}[], \n\tab1~", max_size=200))
def test_any_text_is_read_or_refused_and_nothing_else(text):
    for name in ("plan.yaml", "plan.csv"):
        with contextlib.suppress(PlanFileInvalid):
            read(HEAD + "  " + text, name)
        with contextlib.suppress(PlanFileInvalid):
            read(text.encode("utf-8"), name)


def test_no_message_is_flooded_by_what_the_file_holds():
    long = "x" * 900
    content = HEAD + f"  {long}: {{{long}: 1, overview: {{start_date: {long}, {long}: 1}}}}\n"
    with pytest.raises(PlanFileInvalid) as caught:
        read(content)
    assert caught.value.count == 3
    assert len(str(caught.value)) < 1500
