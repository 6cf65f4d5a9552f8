"""The values in long form give the same changes on every engine as the columns do."""

from __future__ import annotations

import duckdb
import pytest
from standard import Trends
from support.histories import COLUMNS, FIELDS, generated, oracle, stored
from support.postgres import OnPostgres, SqlDataset, executor_on

from govern_mirror.components.recipes import write_trends
from govern_mirror.history.columns import VALUE_COLUMNS
from govern_mirror.history.engine import DIALECTS, Engine
from govern_mirror.history.trends import fetch

ROWS = [
    {**each, "values_digest": each["schema_version"] and repr([each[column] for column in FIELDS.values() if column])}
    for each in generated(projects=12, days=12)
]
"""Rows of two versions: what the older one wrote has no values in long form."""

VALUES = [
    {**{name: each[name] for name in list(VALUE_COLUMNS)[:5]}, "field": field, "value": each[column]}
    for each in ROWS
    if each["schema_version"]
    for field, column in FIELDS.items()
    if column
]


def load(run, many, place):
    """The values as a table of an engine."""
    declared = ", ".join(f'"{name}" {stored(kind)}' for name, kind in VALUE_COLUMNS.items())
    run(f"CREATE TABLE {place} ({declared})")
    many(place, [tuple(each.values()) for each in VALUES])


@pytest.fixture
def database():
    with duckdb.connect() as connection:
        declared = ", ".join(f'"{name}" {stored(kind)}' for name, kind in COLUMNS.items())
        connection.execute(f"CREATE TABLE history ({declared})")
        marks = ", ".join("?" for _ in COLUMNS)
        connection.executemany(f"INSERT INTO history VALUES ({marks})", [list(each.values()) for each in ROWS])
        load(
            connection.execute,
            lambda place, rows: connection.executemany(f"INSERT INTO {place} VALUES (?, ?, ?, ?, ?, ?, ?)", rows),
            "history_values",
        )
        yield connection


@pytest.fixture
def on_postgres(postgres):
    OnPostgres(postgres).load(ROWS)
    postgres.execute('DROP TABLE IF EXISTS "Governance"."Values"')

    def many(place, rows):
        with postgres.cursor().copy(f"COPY {place} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    load(postgres.execute, many, '"Governance"."Values"')
    return postgres


def test_duckdb_tells_the_changes_that_plain_python_tells(database):
    engine = Engine("duckdb", lambda sql: database.execute(sql).fetchall())
    trends = Trends(engine, "history", COLUMNS, values="history_values")
    assert any(trends.snapshot_days.in_long_form.values()), "nothing was compared in long form"
    assert fetch(trends, "changes") == oracle(ROWS)["changes"]
    digests = dict(COLUMNS)
    del digests["values_digest"]
    trends = Trends(engine, "history", digests, values="history_values")
    assert fetch(trends, "changes") == oracle(ROWS)["changes"]


def test_postgres_tells_the_changes_that_plain_python_tells(on_postgres):
    engine = Engine("postgres", lambda sql: on_postgres.execute(sql).fetchall())
    trends = Trends(engine, ("Governance", "History"), COLUMNS, values=("Governance", "Values"))
    assert fetch(trends, "changes") == oracle(ROWS)["changes"]
    day = max(each["snapshot_day"] for each in VALUES if each["node_id"] == "n1")
    trends = Trends(engine, ("Governance", "History"), COLUMNS, values=("Governance", "Values"), node="n1")
    last = {each["project_key"]: each for each in sorted(ROWS, key=lambda each: (each["taken_s"], each["revision"]))
            if each["node_id"] == "n1" and each["snapshot_day"] == day}  # fmt: skip
    found = trends.projects_on(day)
    assert {key: held["name"] for key, held in found.items()} == {key: each["name"] for key, each in last.items()}


def test_the_recipe_reads_the_values_where_they_are(on_postgres):
    datasets = [
        SqlDataset(name, ("Governance", table), [{"name": column, "type": kind.value} for column, kind in held.items()])
        for name, table, held in (("P.history", "History", COLUMNS), ("P.values", "Values", VALUE_COLUMNS))
    ]
    outputs = {"changes": [SqlDataset("P.changes")]}
    write_trends(datasets[0], outputs, {}, {}, executor_on(on_postgres), values=datasets[1])
    found = on_postgres.execute('SELECT * FROM "P.changes"').fetchall()
    assert sorted(map(repr, found)) == sorted(
        repr(tuple(each[key] for key in ("node_id", "project_key", "field", "from", "to", "day")))
        for each in oracle(ROWS)["changes"]
    )


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_has_the_words_for_the_long_form(dialect):
    answers = {"project_count": [], "DISTINCT": [("n1", 1), ("n1", 2)]}
    runs = [("n1", 20260301, "a", 1, 0), ("n1", 20260302, "b", 2, 0)]
    engine = Engine(dialect, lambda sql: next((rows for word, rows in answers.items() if word in sql), runs))
    trends = Trends(engine, "history", COLUMNS, values="history_values")
    assert "history_values" in trends.sql("changes")
