"""PostgreSQL and Spark give the trends that DuckDB gives, and plain Python, to the last row."""

from __future__ import annotations

import json
from datetime import timedelta

import duckdb
import pytest
from hypothesis import Phase, given, settings
from standard import Trends
from support.histories import COLUMNS, FIRST, generated, histories, oracle, stored
from support.postgres import OnPostgres, SqlDataset, executor_on

from govern_mirror.components.recipes import write_trends
from govern_mirror.history.engine import DIALECTS, Engine
from govern_mirror.history.trends import COLUMNS as TRENDS
from govern_mirror.history.trends import fetch
from govern_mirror.report.columns import Type


class OnSpark:
    dialect = "pyspark"
    table = "history"

    def __init__(self, session, folder):
        self.session, self.file = session, folder / "rows.json"

    def load(self, rows):
        self.file.write_text("".join(json.dumps(each) + "\n" for each in rows) or "\n", encoding="utf-8")
        kinds = {Type.TEXT: "STRING", Type.INTEGER: "BIGINT", Type.NUMBER: "DOUBLE", Type.FLAG: "BOOLEAN",
                 Type.TIME: "TIMESTAMP"}  # fmt: skip
        declared = ", ".join(f"`{name}` {kinds[kind]}" for name, kind in COLUMNS.items())
        self.session.read.schema(declared).json(str(self.file)).createOrReplaceTempView(self.table)

    def run(self, sql):
        return self.session.sql(sql).collect()


class OnDuckDB:
    dialect = "duckdb"
    table = "history"

    def __init__(self):
        self.database = duckdb.connect()
        declared = ", ".join(f'"{name}" {stored(kind)}' for name, kind in COLUMNS.items())
        self.database.execute(f"CREATE TABLE history ({declared})")

    def load(self, rows):
        self.database.execute("DELETE FROM history")
        if rows:
            marks = ", ".join("?" for _ in COLUMNS)
            self.database.executemany(f"INSERT INTO history VALUES ({marks})", [list(each.values()) for each in rows])

    def run(self, sql):
        return self.database.execute(sql).fetchall()


@pytest.fixture(scope="session", params=["postgres", "spark"])
def other(request, tmp_path_factory):
    if request.param == "postgres":
        return OnPostgres(request.getfixturevalue("postgres"))
    return OnSpark(request.getfixturevalue("spark"), tmp_path_factory.mktemp("rows"))


@pytest.fixture(scope="session")
def ours():
    return OnDuckDB()


def trends_on(place, since=None):
    trends = Trends(Engine(place.dialect, place.run), place.table, COLUMNS, since=since)
    return {name: fetch(trends, name) for name in TRENDS}


@pytest.mark.parametrize("since", [None, FIRST + timedelta(days=20)])
def test_a_month_with_every_odd_case_gives_the_same_rows_on_every_engine(other, ours, since):
    rows = generated()
    other.load(rows)
    ours.load(rows)
    found, expected = trends_on(other, since), trends_on(ours, since)
    plain = oracle(rows, since)
    assert all(expected.values()) and len(rows) > 1000
    for name in TRENDS:
        assert found[name] == expected[name] == plain[name], name


def test_p3_copied_rows_count_once_on_every_engine(other, ours):
    rows = generated(projects=6, days=8)
    expected = oracle(rows)
    copies = [{**one, "run_id": f"a copy of {one['run_id']}"} for one in rows[::3]]
    other.load(rows + rows + copies)
    assert trends_on(other) == expected
    # copies that somebody changed: which of them counts is the same everywhere, and whatever their order
    changed = [{**one, "flow_step": "rollout", "value": None, "days_in_step": None, "name": None} for one in rows[::2]]
    changed += [{**one, "flow_step": "exploration", "value": "High", "name": "é"} for one in rows[::5]]
    other.load(rows + changed)
    found = trends_on(other)
    for table in (rows + changed, changed[::-1] + rows[::-1]):
        ours.load(table)
        assert trends_on(ours) == found


def test_an_empty_history_gives_empty_trends_on_every_engine(other):
    other.load([])
    assert trends_on(other) == {name: [] for name in TRENDS}


@settings(max_examples=4, phases=[Phase.explicit, Phase.generate])
@given(rows=histories())
def test_any_small_history_gives_what_plain_python_finds(other, rows):
    other.load(rows)
    assert trends_on(other) == oracle(rows)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_trend_compiles_for_every_dialect_that_is_named(dialect):
    run = ("n1", 20260301, "a", 1, 0)
    for table in ("h", ("schema", "h"), ("catalog", "schema", "h")):
        engine = Engine(dialect, lambda sql: [(20260301,)] if "project_count" in sql else [run])
        trends = Trends(engine, table, COLUMNS)
        for name in TRENDS:
            assert trends.sql(name).startswith(("SELECT", "WITH"))
            assert "row_number" in trends.sql(name).lower() or name == "age"


# inside DSS: the recipe, with a database that is one ----------------------------------------------------------------


def test_the_recipe_computes_in_the_rows_own_database(postgres):
    place, rows = OnPostgres(postgres), generated(projects=10)
    # DSS may write blank texts where a value is missing
    place.load([{name: "" if value is None and COLUMNS[name] is Type.TEXT and name in ("decision", "value")
                 else value for name, value in each.items()} for each in rows])  # fmt: skip
    schema = [{"name": name, "type": kind.value} for name, kind in COLUMNS.items()]
    outputs = {name: [SqlDataset(f"P.{name}")] for name in TRENDS}
    write_trends(SqlDataset("P.history", place.table, schema), outputs, {}, {}, executor_on(postgres))
    expected = oracle(rows)
    for name, columns in TRENDS.items():
        found = postgres.execute(f'SELECT * FROM "P.{name}"').fetchall()
        names = [column for column, _ in columns]
        assert sorted(map(repr, found)) == sorted(repr(tuple(each[key] for key in names)) for each in expected[name])
