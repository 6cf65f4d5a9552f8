"""A history tells of the fields and steps of any template, and goes on when the template changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import duckdb
import pytest
from support.snapshots import START, append, changes, project, report, trends, view
from templates import BARE, EVERY_KIND, LONG, TEMPLATES

from govern_mirror.history.columns import (
    RUN_COLUMNS,
    column_types,
    history_columns,
    tracked_fields,
)
from govern_mirror.history.store import TABLE, VALUES_TABLE
from govern_mirror.model.blueprint import STANDARD, Field, Kind, Role
from govern_mirror.model.values import text_of
from govern_mirror.report.portfolio import Filters, build
from govern_mirror.report.trends_view import change_digests, field_label

SAMPLES = {
    Kind.DATE: (date(2026, 1, 1), date(2026, 2, 1)), Kind.LINE: ("one", "two"), Kind.NUMBER: (1.5, 2),
    Kind.FLAG: (True, False), Kind.REFERENCE: ("ar.1", "ar.2"), Kind.PEOPLE: (("ada",), ("ada", "eve")),
}  # fmt: skip


def any_template(test):
    """Run a test on every template; on some of them unless REQUIRE_ALL=1, since e2e has a history of each."""
    every = pytest.mark.parametrize("blueprint", TEMPLATES.values(), ids=TEMPLATES)
    return pytest.mark.sampled(2, None)(every(test))


@pytest.fixture(params=["file", pytest.param("folder", marks=pytest.mark.costly(6))])
def path(request, tmp_path):
    return tmp_path / ("history.duckdb" if request.param == "file" else "history")


def samples(field):
    """Two values of a field that differ."""
    if field.choices:
        first, second = field.choices[:2]
        return ((first,), (second,)) if field.is_list else (first, second)
    return SAMPLES[field.kind]


def filled(blueprint, which):
    """A value in each listed field."""
    return {path: samples(blueprint.by_path[path])[which] for _, path in blueprint.listed}


def without(blueprint, *names):
    return replace(blueprint, sections=(), fields=tuple(f for f in blueprint.fields if f.name not in names))


def test_the_documented_fields_are_those_of_the_standard_template():
    fields = {field.name: field.column for field in tracked_fields(STANDARD)}
    assert fields["current_step"] == "flow_step"
    assert fields["start_date"] == "start_day"
    assert list(fields)[:5] == ["name", "owner", "business_initiative", "sponsor", "current_step"]


@any_template
def test_columns_have_one_name_each(blueprint):
    names = [*RUN_COLUMNS, *(column.name for column in history_columns(blueprint))]
    assert len(names) == len(set(names))


def test_a_date_takes_no_column_that_another_field_has():
    more = (
        Field("extra.begin", "govern_begin", None, Kind.DATE, "Begin"),
        Field("extra.begin_date", "govern_begin_date", None, Kind.DATE, "Begin date"),
        Field("extra.begin_day", "govern_begin_day", None, Kind.LINE, "Begin day"),
    )
    template = replace(BARE, fields=(*BARE.fields, *more))
    columns = [field.column for field in tracked_fields(template)]
    assert len(set(columns)) == len(columns)
    assert set(columns) <= set(column_types(template))


@any_template
def test_each_listed_field_that_changes_is_told(path, blueprint):
    append(path, report(project(blueprint, values=filled(blueprint, 0))))
    after = report(project(blueprint, values=filled(blueprint, 1)), day=1)
    expected = [(name, *(text_of(value) for value in samples(blueprint.by_path[at]))) for name, at in blueprint.listed]
    found = view(path, after).changes
    assert sorted((change.field, change.before, change.after) for change in found) == sorted(expected)
    append(path, after)
    assert sorted(changes(path, blueprint)) == sorted(expected)


@any_template
def test_changes_read_in_the_words_of_the_template(path, blueprint):
    append(path, report(project(blueprint, values=filled(blueprint, 0))))
    digests = change_digests(view(path, report(project(blueprint, values=filled(blueprint, 1)), day=1)), blueprint, 10)
    words = {digest.heading: digest.examples[0][1] for digest in digests}
    for field in blueprint.fields:
        before, after = (text_of(value) for value in samples(field)) if field.is_listed else (None, None)
        if field.kind is Kind.RATING and field.is_listed:
            assert f"{field.heading}: {before} → {after}" in words["Rating changed"]
        elif field.role is Role.DECISION:
            assert words["Decision changed"] == f"{before} → {after}"
        elif field.kind is Kind.DATE and field.is_listed:
            assert f"{field.heading}: {before} → {after}" in words["Dates changed"]
        elif field.is_listed:
            assert f"{field.heading}: {before} → {after}" in words["Other changes"]


@any_template
def test_the_trends_tell_of_the_steps_of_the_template(path, blueprint):
    steps = len(blueprint.steps)
    for day in range(steps + 1):
        append(path, report(project(blueprint, done=day, day=day), day=day))
    found = trends(path, blueprint)
    assert [row["step"] for row in found["flow"]] == [*blueprint.step_ids, "complete"]
    assert [row["step"] for row in found["cycle_time"]] == list(blueprint.step_ids)
    assert found["throughput"] == [{"month": "2026-03", "delivered": 1}]
    assert found["age"] == []


@any_template
def test_ratings_and_decisions_are_counted_by_the_template(path, blueprint):
    append(path, report(project(blueprint, values=filled(blueprint, 0)), project(blueprint, "Q")))
    counted = {(row["field"], row["rating"]) for row in trends(path, blueprint)["mix"]}
    for field in blueprint.fields:
        blank = "undecided" if field.role is Role.DECISION else "unrated"
        if field.kind is Kind.RATING or field.role is Role.DECISION:
            assert {(field.name, field.choices[0]), (field.name, blank)} <= counted


def test_a_template_without_ratings_has_trends_too(path):
    plain = replace(BARE, fields=(), sections=())
    append(path, report(project(plain)))
    assert trends(path, plain)["mix"] == []


# closed projects ---------------------------------------------------------------------------------------------------


@any_template
def test_a_closed_project_is_no_work_in_progress(path, blueprint):
    append(path, report(project(blueprint)))
    closed = report(project(blueprint, closed=True), day=1)
    (digest,) = change_digests(view(path, closed), blueprint, 10)
    assert (digest.heading, digest.examples[0][1]) == ("Closed", "")
    append(path, closed)
    found = trends(path, blueprint)
    assert found["flow"][-1] == {"day": "2026-03-02", "step": "closed", "projects": 1}
    assert (found["age"], found["throughput"]) == ([], [])
    assert changes(path, blueprint) == [("current_step", blueprint.steps[0].id, "closed")]
    (digest,) = change_digests(view(path, report(project(blueprint), day=2)), blueprint, 10)
    assert digest.heading == "Moved on"


def test_what_was_delivered_before_it_was_closed_stays_delivered(path):
    append(path, report(project(BARE, done=2)))
    append(path, report(project(BARE, done=2, closed=True), day=1))
    assert trends(path, BARE)["throughput"] == [{"month": "2026-03", "delivered": 1}]


# a template that changes -------------------------------------------------------------------------------------------


def test_a_field_that_the_template_gains_did_not_change(path):
    fewer = without(EVERY_KIND, "line", "number", "colours", "flag")
    values = filled(EVERY_KIND, 0)
    append(path, report(project(fewer, values={path: values[path] for _, path in fewer.listed})))
    gained = report(project(EVERY_KIND, values=values), day=1)
    assert view(path, gained).changes == ()
    append(path, gained)
    assert changes(path, EVERY_KIND) == []
    append(path, report(project(EVERY_KIND, values=filled(EVERY_KIND, 1)), day=2))
    assert {"line", "number", "colours", "flag"} <= {field for field, _, _ in changes(path, EVERY_KIND)}


def test_a_field_that_the_template_loses_did_not_change(path):
    values = filled(EVERY_KIND, 0)
    append(path, report(project(EVERY_KIND, values=values)))
    append(path, report(project(EVERY_KIND, values={**values, "extra.line": "two"}), day=1))
    fewer = without(EVERY_KIND, "line", "number")
    lost = report(project(fewer, values={path: values[path] for _, path in fewer.listed}), day=2)
    assert view(path, lost).changes == ()
    append(path, lost)
    # what it held before is still told, under its name
    assert changes(path, fewer) == [("line", "one", "two")]
    assert field_label("line", fewer) == "line"


def test_a_field_of_another_name_did_not_change(path):
    old = Field("extra.area", "govern_area", None, Kind.LINE, "Area")
    new = Field("extra.region", "govern_region", None, Kind.LINE, "Region")
    before, after = (replace(BARE, fields=(*BARE.fields, field)) for field in (old, new))
    append(path, report(project(before, values={"extra.area": "North"})))
    renamed = report(project(after, values={"extra.region": "North"}), day=1)
    assert view(path, renamed).changes == ()
    append(path, renamed)
    assert changes(path, after) == []


def test_another_template_goes_on_with_the_history(path):
    append(path, report(project(BARE, values=filled(BARE, 0))))
    append(path, report(project(LONG, values=filled(LONG, 0)), day=1))
    assert changes(path, LONG) == [("current_step", "idea", "intake")]
    assert [row["step"] for row in trends(path, LONG)["flow"]] == ["idea", "intake"]


# the long form -----------------------------------------------------------------------------------------------------


def values_in(path):
    source = f"'{path}/values/*.parquet'" if path.is_dir() else VALUES_TABLE
    with duckdb.connect() if path.is_dir() else duckdb.connect(path) as database:
        return database.execute(f"SELECT project_key, field, value FROM {source} ORDER BY ALL").fetchall()


@any_template
def test_the_long_form_holds_each_field_of_each_project(path, blueprint):
    append(path, report(project(blueprint, values=filled(blueprint, 0), owner="ada"), project(blueprint, "Q")))
    first = blueprint.steps[0].id
    expected = {("P", name): text_of(value) for (name, _), value in
                zip(blueprint.listed, filled(blueprint, 0).values(), strict=True)}  # fmt: skip
    expected |= {("P", "name"): "Project P", ("P", "owner"): "ada", ("P", "current_step"): first}
    expected |= {("Q", name): None for name, _ in blueprint.listed}
    expected |= {("Q", "name"): "Project Q", ("Q", "owner"): None, ("Q", "current_step"): first}
    assert {(key, field): value for key, field, value in values_in(path)} == expected


def test_columns_are_compared_where_the_long_form_is_missing(path):
    changed = {"qualification.value.rating": "High"}
    append(path, report(project(STANDARD)), long_form=False)
    append(path, report(project(STANDARD, values=changed), day=1))
    append(path, report(project(STANDARD, values=changed, name="Other"), day=2), long_form=False)
    append(path, report(project(STANDARD, name="Other"), day=3))
    append(path, report(project(STANDARD, name="Last"), day=4))
    assert changes(path, STANDARD) == [
        ("value", None, "High"), ("name", "Project P", "Other"), ("value", "High", None), ("name", "Other", "Last"),
    ]  # fmt: skip


def test_a_second_run_of_a_day_without_values_is_not_lost(path):
    append(path, report(project(STANDARD)))
    append(path, report(project(STANDARD), project(STANDARD, "Q"), day=1))
    later = build([project(STANDARD, name="Later")], Filters(), START + timedelta(days=1, hours=9), blueprint=STANDARD,
                  node_id="design")  # fmt: skip
    append(path, later, long_form=False)
    assert ("name", "Project P", "Later") in changes(path, STANDARD)


def test_rows_that_were_copied_count_once(tmp_path):
    path = tmp_path / "history.duckdb"
    append(path, report(project(STANDARD)))
    append(path, report(project(STANDARD, name="Other"), day=1))
    with duckdb.connect(path) as database:
        for table in (TABLE, VALUES_TABLE):
            database.execute(f"INSERT INTO {table} SELECT * FROM {table}")
        database.execute(f"INSERT INTO {TABLE} SELECT * REPLACE ('z' AS run_id) FROM {TABLE}")
    assert changes(path, STANDARD) == [("name", "Project P", "Other")]
    found = view(path, report(project(STANDARD, name="Third"), day=2))
    assert [(change.field, change.before, change.after) for change in found.changes] == [("name", "Other", "Third")]


@pytest.mark.parametrize("sql", ["DROP COLUMN value", "ALTER taken_s TYPE VARCHAR"])
def test_values_that_were_altered_are_named(tmp_path, sql):
    path = tmp_path / "history.duckdb"
    append(path, report(project(STANDARD)))
    with duckdb.connect(path) as database:
        database.execute(f"ALTER TABLE {VALUES_TABLE} {sql}")
    with pytest.raises(Exception, match="the history's values have no column"):
        trends(path, STANDARD)
    with pytest.raises(Exception, match="the history's values have no column"):
        append(path, report(project(STANDARD), day=1))
