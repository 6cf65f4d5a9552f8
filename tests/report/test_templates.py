"""Reports follow the template: every format, on every template, says what the project holds, in people's words."""

import csv
import io
import json
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import openpyxl
import pytest
from support.pages import projects_of
from templates import BARE, LONG, TEMPLATES

from govern_mirror.actions.report import parse_filters
from govern_mirror.cli.table_report import TableReport
from govern_mirror.errors import InputError
from govern_mirror.metadata import Layout, decode, encode
from govern_mirror.model.blueprint import Kind, Role, Rule, Status
from govern_mirror.model.changes import edit, initialize, merge_remote
from govern_mirror.model.document import Document
from govern_mirror.model.event import Actor, Source
from govern_mirror.model.item import Closure, Governance, Item, ProjectFacts, SyncBase
from govern_mirror.model.trust import Trust, trust_by_path, trust_of
from govern_mirror.model.workflow import StepState, Workflow, stages
from govern_mirror.plan_files.plan_file import read_plan_file
from govern_mirror.report.formats import FORMATS, renderer
from govern_mirror.report.fragment import fragment, lanes, matrix
from govern_mirror.report.portfolio import Filters, build, without_texts
from govern_mirror.report.wording import rating_level, stage_label

NOW = datetime(2026, 6, 30, 12, tzinfo=timezone.utc)
LATE = date(2026, 6, 1)

every_template = pytest.mark.parametrize("blueprint", TEMPLATES.values(), ids=TEMPLATES)


def example(field):
    """A valid value of a field."""
    if field.kind is Kind.DATE:
        return date(2026, 12, 24)
    if field.kind in (Kind.RATING, Kind.CATEGORY):
        return field.choices[-1:] if field.several else field.choices[-1]
    fixed = {
        Kind.NUMBER: 1250.5, Kind.FLAG: True, Kind.DOCUMENTS: (Document("Contract", "https://x.example/c"),),
        Kind.PEOPLE: ("Ada", "Bob"),
    }  # fmt: skip
    return fixed.get(field.kind, f"some {field.name}")


def project(blueprint, key="KEY", done=0, ongoing=True, **given):
    """A governed project with every field filled in, so many steps done, and the next one ongoing."""
    marks = [Status.FINISHED] * done + ([Status.ONGOING] if ongoing else [])
    marks = (marks + [Status.NOT_STARTED] * len(blueprint.steps))[: len(blueprint.steps)]
    started = NOW - timedelta(days=40)
    steps = tuple(
        StepState(step.id, step.name, mark, started_on=None if mark is Status.NOT_STARTED else started)
        for step, mark in zip(blueprint.steps, marks, strict=True)
    )
    values = {**blueprint.blank_values, **{field.path: example(field) for field in blueprint.fields}}
    values |= given.pop("values", {})
    facts = ProjectFacts(key, f"Name of {key}", f"https://dss.example.com/projects/{key}/", "design", "ada")
    given.setdefault("has_own_record", True)
    return Item(facts, blueprint, Workflow(steps), values, state=Governance.GOVERNED, **given)


def closed(blueprint, key="CLOSED", **given):
    return project(blueprint, key, closed=Closure(NOW, "ada", "replaced by OTHER"), **given)


def report(blueprint, *projects, filters=Filters(), **given):
    return build(projects, filters, NOW, blueprint=blueprint, **given)


def text(portfolio, name):
    return renderer(name).render(portfolio).decode("utf-8")


def at_every_stage(blueprint):
    count = len(blueprint.steps)
    started = [project(blueprint, f"S{done}", done) for done in range(count)]
    return [project(blueprint, "NEW", ongoing=False), *started, project(blueprint, "DONE", count), closed(blueprint)]


# the template -----------------------------------------------------------------------------------------------------


@every_template
def test_every_format_is_made_of_every_template(blueprint):
    portfolio = report(blueprint, *at_every_stage(blueprint))
    for name in FORMATS:
        assert renderer(name).render(portfolio)
    assert "S0" in fragment(portfolio) and "S0" in TableReport().render(portfolio).decode()


@every_template
def test_tables_name_the_fields_of_the_template(blueprint):
    portfolio = report(blueprint, project(blueprint))
    for shown in (text(portfolio, "mail"), text(portfolio, "markdown"), fragment(portfolio)):
        for field in blueprint.assessed:
            assert field.heading in shown and str(example(field)) in shown


@every_template
def test_csv_and_json_hold_every_listed_field(blueprint):
    portfolio = report(blueprint, project(blueprint))
    (line,) = csv.DictReader(io.StringIO(text(portfolio, "csv")))
    (row,) = json.loads(text(portfolio, "json"))["projects"]
    for field in blueprint.fields:
        assert (field.name in line) == (field.name in row) == field.is_listed
        if field.is_listed:
            assert line[field.name] and row[field.name] is not None


@every_template
def test_page_data_is_blank_where_the_template_has_no_field(blueprint):
    portfolio = report(blueprint, project(blueprint))
    (row,) = projects_of(text(portfolio, "html"))
    for name in ("value", "risk", "feasibility", "cost", "decision", "initiative", "sponsor", "start"):
        assert (row[name] is None) == (Role(name) not in blueprint.roles)
    others = [f for f in blueprint.fields if f.is_listed and (f.role is None)]
    assert all(row[f"field_{field.name}"] is not None for field in others)


def test_a_template_without_decision_counts_none():
    portfolio = report(BARE, project(BARE))
    assert portfolio.summary.by_decision == {}
    assert "By decision" not in text(portfolio, "markdown") and "Undecided" not in text(portfolio, "mail")
    with pytest.raises(InputError, match="this template has none"):
        parse_filters(BARE, Filters(decisions=("Go",)))


def test_without_value_and_risk_a_sentence_stands_for_the_matrix():
    fields = tuple(field for field in BARE.fields if field.role is not Role.RISK)
    flat = replace(BARE, fields=fields)
    portfolio = report(flat, project(flat))
    assert matrix(portfolio) == ()
    assert "There is no matrix" in fragment(portfolio)
    assert renderer("html").render(portfolio)


@every_template
def test_the_best_rating_fills_every_bar(blueprint):
    names = blueprint.rating_names
    assert rating_level(names[-1], names) == 4
    assert 0 == rating_level(None, names) < rating_level(names[0], names)


# stages -----------------------------------------------------------------------------------------------------------


@every_template
def test_every_project_is_counted_once_at_its_stage(blueprint):
    portfolio = report(blueprint, *at_every_stage(blueprint))
    names = stages(blueprint)
    assert (
        list(portfolio.summary.by_step)
        == list(names)
        == list(json.loads(text(portfolio, "json"))["summary"]["by_step"])
    )
    assert set(portfolio.summary.by_step.values()) == {1}
    assert [lane.name for lane in lanes(portfolio)] == list(names.values())
    assert {stage_label(row) for row in portfolio.rows} == set(names.values())
    assert sorted(row["step"] for row in projects_of(text(portfolio, "html"))) == sorted(names)


@every_template
def test_complete_and_closed_can_be_filtered_by_id_and_name(blueprint):
    found = at_every_stage(blueprint)
    for stage, name in stages(blueprint).items():
        for asked in (stage, name.upper()):
            filters = parse_filters(blueprint, Filters(steps=(asked,)))
            assert [row.stage for row in report(blueprint, *found, filters=filters).rows] == [stage]


def test_in_flight_is_what_started_and_is_neither_complete_nor_closed():
    filters = parse_filters(LONG, Filters(in_flight=True))
    rows = report(LONG, *at_every_stage(LONG), filters=filters).rows
    assert {row.stage for row in rows} == set(LONG.step_ids)
    assert "in flight" in filters.in_words


def test_an_unknown_step_is_told_with_the_other_stages():
    with pytest.raises(InputError, match="or not_started, complete, closed"):
        parse_filters(LONG, Filters(steps=("nowhere",)))


@every_template
def test_rows_for_tools_end_with_stage_and_trust(blueprint):
    portfolio = report(blueprint, closed(blueprint))
    (line,) = csv.DictReader(io.StringIO(text(portfolio, "csv")))
    (row,) = json.loads(text(portfolio, "json"))["projects"]
    assert (line["stage"], line["overdue"], row["stage"], row["trust"]) == ("closed", "false", "closed", "recorded")


# marks ------------------------------------------------------------------------------------------------------------


def overdue_projects():
    end = LONG.roles[Role.TARGET_END].path
    count = len(LONG.steps)
    late = {"values": {end: LATE}}
    return [
        project(LONG, "NEW", ongoing=False, **late), project(LONG, "LATE", 2, **late),
        project(LONG, "DONE", count, **late), closed(LONG, **late), project(LONG, "TIMELY", 2),
    ]  # fmt: skip


def test_overdue_is_marked_alike_in_every_format():
    portfolio = report(LONG, *overdue_projects(), stale_after_days=1000)
    assert {row.project.facts.project_key for row in portfolio.rows if row.overdue} == {"NEW", "LATE"}
    terminal = TableReport(300).render(portfolio).decode()
    sheet = openpyxl.load_workbook(io.BytesIO(renderer("xlsx").render(portfolio)))["Projects"]
    cells = [cell.value for row in sheet.iter_rows(min_row=2) for cell in row]
    assert cells.count("overdue") == 2
    assert sum("overdue" in line for line in terminal.splitlines()[:6]) == 2
    assert text(portfolio, "markdown").count("**(overdue)**") == 2
    assert text(portfolio, "mail").count(">overdue<") == 2
    assert fragment(portfolio).count(">overdue<") == 4  # in the table and in the Kanban
    assert sum(row["overdue"] for row in projects_of(text(portfolio, "html"))) == 2


def test_a_closed_project_is_never_stale_and_says_why_it_is_closed():
    portfolio = report(LONG, closed(LONG), stale_after_days=1)
    assert portfolio.summary.stale == 0
    for shown in (text(portfolio, "mail"), text(portfolio, "markdown"), fragment(portfolio)):
        assert "replaced by OTHER" in shown


def test_a_published_report_leaves_out_why_a_project_is_closed():
    portfolio = without_texts(report(LONG, closed(LONG)))
    assert portfolio.rows[0].stage == "closed"
    assert not any("replaced by OTHER" in text(portfolio, name) for name in ("mail", "markdown", "json", "csv"))


def test_a_requirement_that_is_not_met_is_a_problem_of_the_row():
    path = LONG.roles[Role.VALUE].path
    ruled = LONG.with_rules((Rule(LONG.step_ids[0], requires=(path,)),))
    portfolio = report(ruled, project(ruled, done=1, values={path: None}))
    assert portfolio.summary.problems == 1
    assert "cannot finish without" in text(portfolio, "markdown")


# trust ------------------------------------------------------------------------------------------------------------


def test_a_report_read_without_history_knows_who_vouches():
    """What a person typed stays typed after a sync stored it, in a report too, which reads the last event only."""
    layout, facts = Layout(LONG), ProjectFacts("KEY")
    person, sync = Actor("ada", Source.CLI, NOW), Actor(None, Source.SYNC, NOW)

    def read(document, history=True):
        return decode(document, facts, layout, history=history)

    def trust(document):
        (row,) = report(LONG, read(document, history=False)).rows
        whole = read(document)
        assert row.trust == trust_of(whole, trust_by_path(whole))
        return row.trust

    initialized = initialize(read({}), {"overview.programme": "recorded"}, person)
    document = encode(initialized, {}, person, layout)
    assert trust(document) is Trust.RECORDED
    document["customFields"] = {**document["customFields"], "govern_overview_programme": "typed"}
    assert trust(document) is Trust.TYPED
    base = SyncBase(None, "ar.1", {})
    synced = merge_remote(read(document), {"assessment.verdict": "Approved"}, {}, base, sync)
    document = encode(synced, document, sync, layout)
    assert not read(document, history=False).pending and trust(document) is Trust.TYPED
    document = encode(edit(read(document), {"overview.programme": "typed"}, person), document, person, layout)
    assert trust(document) is Trust.RECORDED


@every_template
def test_nobody_vouches_for_a_project_without_a_record(blueprint):
    (row,) = report(blueprint, project(blueprint, has_own_record=False)).rows
    assert row.trust == "typed"


# widths and sheets ------------------------------------------------------------------------------------------------


@every_template
def test_narrow_terminals_lose_columns_and_never_the_key(blueprint):
    keys = [f"A_RATHER_LONG_PROJECT_KEY_{number}" for number in range(3)]
    portfolio = report(blueprint, *(project(blueprint, key, at % 2) for at, key in enumerate(keys)))
    for width in (40, 80, 120, 200):
        lines = TableReport(width).render(portfolio).decode().splitlines()
        assert all(any(line.startswith(key) for line in lines) for key in keys)
        assert all(len(line) <= width for line in lines[:4])
    wide, narrow = (TableReport(width).render(portfolio).decode().splitlines()[0] for width in (300, 80))
    assert len(narrow.split("  ")) < len(wide.split("  "))


def test_terminals_show_words_and_a_legend():
    shown = TableReport(300).render(report(LONG, project(LONG, done=2))).decode()
    assert "○ not started   ◐ on going   ● finished   – skipped" in shown
    assert "stale" in shown and "1 Data check" in shown


@every_template
def test_a_plan_reads_the_sheet_data_of_a_workbook(blueprint, tmp_path):
    path = tmp_path / "report.xlsx"
    path.write_bytes(renderer("xlsx").render(report(blueprint, project(blueprint, "ONE"), project(blueprint, "TWO"))))
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Projects", "Data", "Summary"]
    plan = read_plan_file(path, blueprint)
    assert [entry.project_key for entry in plan.entries] == ["ONE", "TWO"]
