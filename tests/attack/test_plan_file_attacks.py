"""Plan files that spreadsheets, programs and attackers make: read as they are meant, or refused before they cost."""

from __future__ import annotations

import csv
import io
import json
import re
import resource
import zipfile
from pathlib import Path

import openpyxl
import pytest
import python_calamine
import xlsxwriter
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from sampling import examples

from govern_mirror.cli.main import main
from govern_mirror_devkit.sandbox.mock_instance import mock_instance

YAML = "format_version: 1\nprojects:\n"
NAMES = ("project_key", "revision", "value", "business_initiative", "exploration_notes")


@pytest.fixture
def applied(sandbox, monkeypatch, tmp_path):
    """Apply a plan file to a governed project CHURN; the exit code, what was said, and the project afterwards."""
    monkeypatch.setenv("HOME", str(tmp_path))
    with mock_instance(sandbox):
        sandbox.create_project("CHURN", "Churn")

        def run(*arguments):
            options = ["--url", sandbox.base_url, "--api-key", sandbox.admin_key]
            return CliRunner().invoke(main, [*options, *map(str, arguments)], catch_exceptions=False)

        run("init", "CHURN")

        def apply(content, name):
            path = tmp_path / name
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            ran = run("sync", "apply", path)
            return ran.exit_code, ran.stderr, json.loads(run("show", "CHURN", "--format", "json").stdout)

        yield apply


def as_xlsx(rows):
    file = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet()
        for line, row in enumerate(rows):
            for at, cell in enumerate(row):
                sheet.write_string(line, at, cell)
    return file.getvalue()


def as_csv(rows):
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


TABLES = {"plan.csv": as_csv, "plan.xlsx": as_xlsx}

# cells in error ---------------------------------------------------------------------------------------------------

ERRORS = (
    "#NAME?", "#VALUE!", "#REF!", "#DIV/0!", "#N/A", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#ERROR!", "#FIELD!",
    "#GETTING_DATA", "#WERT!", "#BEZUG!", "#NV", "#ZAHL!", "#VALEUR!", "#NOM?", "#¡VALOR!", "#¿NOMBRE?", "#N/D",
    "Err:502", "Err:508", " #NAME? ",
)  # fmt: skip
NO_ERRORS = ("#1", "#teamwork", "# heading", "Error: none", "#Name?", "N/A", "#NAME? is what it said", "#", "Err:5")


@pytest.mark.parametrize("text", ERRORS)
@pytest.mark.parametrize("name", TABLES)
def test_p19_an_error_of_a_spreadsheet_is_no_value(applied, name, text):
    code, said, project = applied(TABLES[name]([NAMES, ["CHURN", "", "", text, ""]]), name)
    assert code == 2 and "line 2, CHURN business_initiative: the cell holds an error" in said
    assert project["overview"]["business_initiative"] is None


@pytest.mark.parametrize("text", NO_ERRORS)
@pytest.mark.parametrize("name", TABLES)
def test_p19_a_text_that_only_looks_like_an_error_is_one(applied, name, text):
    code, said, project = applied(TABLES[name]([NAMES, ["CHURN", "", "", text, ""]]), name)
    assert code == 0, said
    assert project["overview"]["business_initiative"] == text


# one reading of cells ---------------------------------------------------------------------------------------------

LONG_NOTES = "a word " * 30_000


@pytest.mark.parametrize("revision", ["1", "1.0", "1.00", "1,0", " 1.0 "])
@pytest.mark.parametrize("name", TABLES)
def test_p20_a_revision_with_decimals_is_a_whole_number(applied, name, revision):
    code, said, project = applied(TABLES[name]([NAMES, ["CHURN", revision, "High", "", ""]]), name)
    assert code == 0, said
    assert project["qualification"]["value"]["rating"] == "High"


@pytest.mark.parametrize("revision", ["1.5", "1.0.0", "1e0", "-1.0", ".0", "١"])
@pytest.mark.parametrize("name", TABLES)
def test_p20_what_is_no_whole_number_is_no_revision(applied, name, revision):
    code, said, _ = applied(TABLES[name]([NAMES, ["CHURN", revision, "High", "", ""]]), name)
    assert code == 2 and "is not a revision" in said


SEP_LINES = {
    "sep=;\n": ";", "sep=;\r\n": ";", "SEP=,\n": ",", '"sep=;"\n': ";", "sep=\t\n": "\t", "sep=|\n": "|",
    "\ufeffsep=;\r\n": ";",
}  # fmt: skip


@pytest.mark.parametrize(("first", "separator"), SEP_LINES.items())
def test_p20_a_line_that_names_the_separator_is_no_header(applied, first, separator):
    rows = [["project_key", "value", "owner"], ["CHURN", "Huge", ""], ["CHURN", "High", ""]]
    lines = [separator.join(row) for row in rows]
    code, said, _ = applied(first + "\n".join(lines[:2]), "plan.csv")
    assert code == 2 and "line 3, CHURN value: unknown rating" in said
    code, said, project = applied(first + "\n".join([lines[0], lines[2]]), "plan.csv")
    assert code == 0, said
    assert project["qualification"]["value"]["rating"] == "High"


def test_p20_a_cell_of_any_length_is_read_and_the_limit_is_put_back(applied):
    limit = csv.field_size_limit()
    code, said, project = applied(as_csv([NAMES, ["CHURN", "", "", "", LONG_NOTES]]), "plan.csv")
    assert code == 0, said
    assert project["steps"][0]["notes"] == LONG_NOTES
    assert csv.field_size_limit() == limit


@pytest.mark.parametrize("text", ["=1+1", "a;=1+41;b", "\t=1", "＝1", "-5 %", "'quoted'", "a\n@b"])
def test_p20_what_the_report_guards_in_csv_is_read_back(applied, sandbox, text, tmp_path):
    code, _, project = applied(YAML + f"  CHURN: {{overview: {{sponsor: {json.dumps(text)}}}}}\n", "plan.yaml")
    sponsor = project["overview"]["sponsor"]
    assert code == 0 and sponsor == " ".join(text.split())
    file = tmp_path / "report.csv"
    options = ["--url", sandbox.base_url, "--api-key", sandbox.admin_key]
    exported = CliRunner().invoke(main, [*options, "report", "-o", str(file)], catch_exceptions=False)
    assert exported.exit_code == 0
    code, said, project = applied(file.read_bytes(), "again.csv")
    assert code == 0 and "1 compared, 0 differ" in said
    assert project["overview"]["sponsor"] == sponsor


# workbooks that others write --------------------------------------------------------------------------------------


def repacked(content, change=lambda name, part: part, rename=lambda name: name, add=()):
    """The workbook with its parts changed, renamed, or with others beside them."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            new.writestr(rename(member.filename), change(member.filename, old.read(member)))
        for name, part in add:
            new.writestr(name, part)
    return file.getvalue()


def in_sheet(pattern, replacement):
    return lambda name, part: re.sub(pattern, replacement, part) if name.endswith("sheet1.xml") else part


SOUND = as_xlsx([NAMES, ["CHURN", "", "High", "Loyalty", "Notes"]])

WRITERS = {
    "cells_without_r": in_sheet(rb' r="[A-Z]+[0-9]+"', b""),
    "rows_and_cells_without_r": in_sheet(rb' r="[A-Z]*[0-9]+"', b""),
    "references_in_small_letters": in_sheet(rb'r="([A-Z])(\d)"', lambda m: b'r="' + m[1].lower() + m[2] + b'"'),
    "first_cell_with_r_only": in_sheet(rb' r="[B-Z][0-9]+"', b""),
}


@pytest.mark.parametrize("change", WRITERS.values(), ids=WRITERS)
def test_p15_cells_without_a_reference_are_read(applied, change):
    code, said, project = applied(repacked(SOUND, change), "plan.xlsx")
    assert code == 0, said
    assert project["overview"]["business_initiative"] == "Loyalty"
    assert project["qualification"]["value"]["rating"] == "High"


def test_p15_a_formula_without_a_reference_is_still_one(applied):
    change = in_sheet(rb'<c r="D2"[^>]*>.*?</c>', b"<c><f>A1</f><v>1</v></c>")
    code, said, _ = applied(repacked(SOUND, change), "plan.xlsx")
    assert code == 2 and "line 2, CHURN business_initiative: the cell holds a formula" in said


NAMES_IN_ZIP = {
    "backslashes": lambda name: name.replace("/", "\\"),
    "capitals": lambda name: name.upper(),
    "both": lambda name: name.replace("/", "\\").title(),
}


@pytest.mark.parametrize("rename", NAMES_IN_ZIP.values(), ids=NAMES_IN_ZIP)
def test_p15_parts_named_as_other_programs_do_are_read(applied, rename):
    code, said, project = applied(repacked(SOUND, rename=rename), "plan.xlsx")
    assert code == 0, said
    assert project["overview"]["business_initiative"] == "Loyalty"


def cells_of(content):
    """Where calamine reads a value; it leaves out the blank columns at the left."""
    sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    rows = enumerate(sheet.iter_rows()) if sheet.start is not None else ()
    return {(number, at + sheet.start[1]) for number, row in rows for at, cell in enumerate(row) if cell != ""}


@examples(60)
@given(
    st.lists(
        st.tuples(
            st.none() | st.integers(1, 6),
            st.lists(st.tuples(st.none() | st.integers(1, 6), st.none() | st.integers(0, 5)), max_size=4),
        ),
        max_size=4,
    )
)
def test_p15_the_scan_finds_a_cell_where_calamine_reads_it(rows):
    from govern_mirror.plan_files.entry import FileErrors
    from govern_mirror.plan_files.xlsx_reader import Workbook

    count, xml = 0, ""
    for row, cells in rows:
        body = ""
        for cell_row, column in cells:
            count += 1
            at = "" if cell_row is None or column is None else f' r="{"ABCDEF"[column]}{cell_row}"'
            body += f"<c{at}><f>A9</f><v>{count}</v></c>"
        xml += f"<row{'' if row is None else f' r={chr(34)}{row}{chr(34)}'}>{body}</row>"
    content = repacked(SOUND, in_sheet(rb"<sheetData>.*</sheetData>", f"<sheetData>{xml}</sheetData>".encode()))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        scan = Workbook(archive, FileErrors(Path("plan.xlsx"))).sheet("Sheet1")
    assert cells_of(content) <= set(scan.unreadable)


def test_p15_a_formula_in_a_table_that_begins_in_column_b_is_one(applied):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_row(2, 1, NAMES)
        sheet.write_row(3, 1, ("CHURN", "", "High"))
        sheet.write_formula(3, 4, '="Loy"&"alty"', None, "Loyalty")
    code, said, _ = applied(file.getvalue(), "plan.xlsx")
    assert code == 2 and "line 4, CHURN business_initiative: the cell holds a formula" in said


# workbooks that cost ----------------------------------------------------------------------------------------------


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def shared_strings(texts, counted=None):
    body = "".join(f"<si><t>{text}</t></si>" for text in texts)
    count = len(texts) if counted is None else counted
    return f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" uniqueCount="{count}">{body}</sst>'


def with_strings(strings, cells):
    """A workbook with these shared texts, whose second row holds these cells."""

    def change(name, part):
        if name.endswith("sharedStrings.xml"):
            return strings.encode()
        return in_sheet(rb'<row r="2".*?</row>', b'<row r="2">' + cells.encode() + b"</row>")(name, part)

    return repacked(as_xlsx([NAMES, ["CHURN"]]), change)


MEGABYTE = "x" * 1_000_000
REFERENCE, OTHERS = '<c t="s"><v>5</v></c>', [*NAMES]
ROW_OF = '<c r="A2" t="s"><v>0</v></c>'

COSTLY = {
    "one_text_in_each_cell": (shared_strings([*OTHERS, MEGABYTE]), REFERENCE * 60, "characters in its cells"),
    "a_number_with_an_entity": (
        shared_strings([*OTHERS, MEGABYTE]), '<c t="s"><v>5&#48;</v></c>' * 60, "characters in its cells",
    ),
    "a_number_that_is_none": (
        shared_strings([MEGABYTE, *OTHERS]), '<c t="s"><v>x</v></c>' * 60, "characters in its cells",
    ),
    "texts_counted_wrongly": (shared_strings(OTHERS, 10**15), ROW_OF, "more than 4,000,000 texts"),
    "texts_counted_without_end": (shared_strings(OTHERS, 2**63), ROW_OF, "more than 4,000,000 texts"),
    "a_text_within_a_text": (
        shared_strings(OTHERS).replace("<si>", "<si><si><t>x</t></si>", 1), ROW_OF, "text stands within",
    ),
    "a_cell_within_a_cell": (shared_strings(OTHERS), f"<c>{REFERENCE}</c>", "cell stands within"),
    "many_merged_cells": (
        shared_strings(OTHERS), ROW_OF + "</row>" + '<mergeCell ref="A1:B2"/>' * 20_000 + "<row>", "merged areas",
    ),
    "a_cell_far_away": (shared_strings(OTHERS), '<c r="XFD1048576"><v>1</v></c>', "reaches over more than"),
    "a_row_far_away": (
        shared_strings(OTHERS), ROW_OF + '</row><row r="1048575"><c r="XFD1"/><c><v>1</v></c>', "reaches over",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("strings", "cells", "words"), COSTLY.values(), ids=COSTLY)
def test_t10_a_workbook_that_would_take_gigabytes_is_refused(applied, strings, cells, words):
    content = with_strings(strings, cells)
    assert len(content) < 500_000
    before = peak()
    code, said, _ = applied(content, "plan.xlsx")
    assert code == 2 and words in said
    assert peak() - before < 150


PART_TRICKS = {
    "two_parts_of_one_name": {"add": [("XL\\WORKSHEETS\\Sheet1.xml", b"<worksheet><sheetData/></worksheet>")]},
    "a_name_with_an_entity": {"add": [("xl/worksheets/sheet&#49;.xml", b"<worksheet><sheetData/></worksheet>")]},
    "two_documents": {
        "change": lambda name, part: (
            part.replace(
                b"</Relationships>",
                b'<Relationship Id="x" Type="http://x/relationships/officeDocument" Target="y/b.xml"/></Relationships>',
            )
            if name == "_rels/.rels"
            else part
        )
    },
    "one_id_twice": {
        "change": lambda name, part: (
            part.replace(
                b"</Relationships>",
                b'<Relationship Id="&#114;Id1" Type="x/worksheet" Target="other.xml"/></Relationships>',
            )
            if name.endswith("workbook.xml.rels")
            else part
        )
    },
}


@pytest.mark.parametrize("trick", PART_TRICKS.values(), ids=PART_TRICKS)
def test_t10_a_workbook_that_two_readers_take_differently_is_refused(applied, trick):
    code, said, _ = applied(repacked(SOUND, **trick), "plan.xlsx")
    assert code == 2 and "is not a workbook that can be read" in said


def test_t10_a_text_that_many_projects_share_is_read(applied):
    rows = [NAMES, *(["CHURN" if n == 0 else f"P{n}", "", "", "One initiative for all", ""] for n in range(2_000))]
    code, said, project = applied(as_xlsx(rows), "plan.xlsx")
    assert code == 1 and "1999 could not be applied" in said, said[-500:]
    assert project["overview"]["business_initiative"] == "One initiative for all"


def test_t10_a_workbook_of_another_writer_is_read(applied):
    book, file = openpyxl.Workbook(), io.BytesIO()
    book.active.append(NAMES)
    book.active.append(["CHURN", 1.0, "High", "Loyalty"])
    book.save(file)
    code, said, project = applied(file.getvalue(), "plan.xlsx")
    assert code == 0, said
    assert project["overview"]["business_initiative"] == "Loyalty"


# texts that cost --------------------------------------------------------------------------------------------------

MILLION = "x" * 1_000_001
TOO_MUCH = {
    "a_long_scalar.yaml": (YAML + f"  CHURN: {{overview: {{sponsor: {MILLION}}}}}\n", "longer than 1,000,000"),
    "a_long_quoted_scalar.yaml": (
        YAML + f'  CHURN: {{steps: {{exploration: {{notes: "{MILLION}"}}}}}}\n', "longer than 1,000,000",
    ),
    "a_long_rating.yaml": (YAML + f"  CHURN: {{qualification: {{value: {{rating: {MILLION}}}}}}}\n", "longer than"),
    "many_directives.yaml": ("".join(f"%TAG !a{n}! a\n" for n in range(50)) + "---\n" + YAML, "many directives"),
    "a_long_cell.csv": (f"project_key,sponsor\nCHURN,{MILLION}\n", "longer than 1,000,000"),
    "commas.csv": ("," * 1_100_000, "more than 1,000,000 separators"),
    "commas_over_many_lines.csv": ('"\n"'.join(["," * 100_000] * 12), "more than 1,000,000 separators"),
    "a_row_without_end.csv": ('project_key,sponsor\nCHURN,"' + (MILLION + "\n") * 10, "more than 10,000,000 char"),
    "many_columns.csv": ("project_key," + "a," * 20_000, "more than 16,384 columns"),
    "blank_lines.csv": ("project_key,value\n" + "\n" * 1_100_000, "more than"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "content", "words"), [(name, *rest) for name, rest in TOO_MUCH.items()], ids=TOO_MUCH)
def test_r19_a_file_that_only_costs_is_refused_early(applied, name, content, words):
    code, said, _ = applied(content, name)
    assert code == 2 and words in said and len(said) < 2_000


@pytest.mark.parametrize(("bound", "content"), [
    ("MAX_EVENTS", YAML + "  CHURN: [" + "a, " * 2_000 + "a]\n"),
    ("MAX_EVENTS", YAML + "  CHURN: {" + "a, " * 2_000 + "a}\n"),
    ("MAX_EVENTS", "{" + "a, " * 2_000 + "a}\n"),
    ("MAX_PROJECTS", YAML + "".join(f"  K{n}:\n" for n in range(1_001))),
])  # fmt: skip
def test_r19_a_file_of_too_many_keys_is_refused(applied, monkeypatch, bound, content):
    from govern_mirror.plan_files import yaml_reader

    monkeypatch.setattr(yaml_reader, bound, 1_000)
    code, said, _ = applied(content, "plan.yaml")
    assert code == 2
    # of many errors the first hundred are shown, so that the last, which says why, may only be counted
    assert "holds more than 1,000" in said or int(re.search(r"has (\d+) errors", said)[1]) <= 501


def test_r19_a_file_of_errors_is_not_read_to_its_end(applied):
    content = "project_key\n" + "CHURN\n" * 150_000
    code, said, _ = applied(content, "plan.csv")
    assert code == 2 and "has 100,000 errors" in said


def test_r19_notes_of_three_hundred_pages_are_read(applied):
    notes = ("word " * 200 + "\n") * 900
    code, said, project = applied(
        YAML + f"  CHURN: {{steps: {{exploration: {{notes: {json.dumps(notes)}}}}}}}", "p.yaml"
    )
    assert code == 0, said
    assert project["steps"][0]["notes"] == notes


def test_r19_an_export_leaves_out_what_a_plan_file_cannot_hold(applied, sandbox, tmp_path):
    sandbox.edit_metadata("CHURN", lambda metadata: metadata["customFields"].update(govern_sponsor=MILLION), "admin")
    file = tmp_path / "portfolio.yaml"
    options = ["--url", sandbox.base_url, "--api-key", sandbox.admin_key]
    CliRunner().invoke(main, [*options, "report", "-o", str(file)], catch_exceptions=False)
    assert "# left out: overview.sponsor is longer than 1,000,000 characters" in file.read_text()
    code, said, project = applied(file.read_bytes(), "again.yaml")
    assert code == 0 and "0 differ" in said and project["overview"]["sponsor"] == MILLION


def test_r19_a_pipe_without_a_writer_is_not_waited_for(applied, tmp_path, sandbox, monkeypatch):
    import os

    monkeypatch.setattr("govern_mirror.files.PIPE_TIMEOUT", 0.1)
    os.mkfifo(tmp_path / "pipe.yaml")
    for path in (tmp_path / "pipe.yaml", tmp_path / "device.yaml"):
        if path.name == "device.yaml":
            path.symlink_to("/dev/zero")
        options = ["--url", sandbox.base_url, "--api-key", sandbox.admin_key]
        ran = CliRunner().invoke(main, [*options, "sync", "apply", str(path)], catch_exceptions=False)
        assert ran.exit_code == 2 and path.name in ran.stderr
