"""PostgreSQL and Spark give the trends that DuckDB gives, and plain Python, to the last row."""

from __future__ import annotations

import json
import random
from datetime import timedelta

import duckdb
import pytest
from hypothesis import Phase, given, settings
from standard import Trends
from support.histories import COLUMNS, FIRST, PLACES, STEPS, histories, oracle, row, stored

from govern_mirror.components.recipes import write_trends
from govern_mirror.history.engine import DIALECTS, Engine
from govern_mirror.history.trends import COLUMNS as TRENDS
from govern_mirror.history.trends import fetch
from govern_mirror.report.columns import Type


def generated(projects=40, days=30, seed=7):
    """A month of two nodes with every odd case: days and runs missed or repeated, projects that are renamed, deleted,
    made again, moved on and back, rows of an older version."""
    chance, rows = random.Random(seed), []
    for node in ("n1", "n2"):
        state = {}
        for offset in range(days):
            day = FIRST + timedelta(days=offset)
            noon = 1_772_000_000 + offset * 86_400
            for key in (f"{'pP'[n % 2]}{n}" for n in range(projects)):
                one = state.get(key)
                if one is None:
                    if chance.random() < 0.2:
                        state[key] = {"at": -1, "name": key, "steps": {}, "revision": 1}
                    continue
                luck = chance.random()
                if luck < 0.02:
                    del state[key]
                elif luck < 0.05:
                    one["name"] = chance.choice(("Émile", "emile", 'x"', "Straße", "z 😀", "it's"))
                elif luck < 0.07 and one["at"] > 0:
                    one["steps"].pop(STEPS[min(one["at"], 4)], None)
                    one["at"] -= 1
                    one["steps"].pop(STEPS[one["at"]], None)
                elif luck < 0.3 and one["at"] < len(STEPS):
                    if one["at"] >= 0:
                        started = noon - chance.randrange(900_000)
                        one["steps"][STEPS[one["at"]]] = (started, noon - chance.randrange(-50, 90_000))
                    one["at"] += 1
                elif luck < 0.33:
                    one["decision"] = chance.choice(("Go", "No go", None))
                    one["value"] = chance.choice(("High", "Low", None))
            if chance.random() < 0.1:
                continue
            for number in range(chance.choice((1, 1, 1, 2))):
                version = 0 if offset < 5 else 1
                for key, one in state.items():
                    if number and chance.random() < 0.2:
                        continue
                    steps = {}
                    for step, (started, finished) in one["steps"].items():
                        steps |= {f"{step}_status": "FINISHED", f"{step}_started_s": started}
                        steps |= {f"{step}_finished_s": finished}
                    rows.append(
                        row(
                            node, key, day, 7 + number, f"{day}-{node}-{number}", schema_version=version,
                            name=one["name"], flow_step=PLACES[one["at"] + 1], decision=one.get("decision"),
                            value=None if version == 0 else one.get("value"), revision=number,
                            days_in_step=chance.choice((None, 3, 40)),
                            delivered_day=int(f"{day:%Y%m%d}") if one["at"] == len(STEPS) else None, **steps,
                        )
                    )  # fmt: skip
    return rows


class OnPostgres:
    dialect = "postgres"

    def __init__(self, connection):
        self.connection = connection
        declared = ", ".join(f'"{name}" {stored(kind)}' for name, kind in COLUMNS.items())
        connection.execute('CREATE SCHEMA IF NOT EXISTS "Governance"; DROP TABLE IF EXISTS "Governance"."History"')
        connection.execute(f'CREATE TABLE "Governance"."History" ({declared})')
        self.table = ("Governance", "History")

    def load(self, rows):
        self.connection.execute('TRUNCATE "Governance"."History"')
        with self.connection.cursor().copy('COPY "Governance"."History" FROM STDIN') as copy:
            for each in rows:
                copy.write_row(tuple(each.values()))

    def run(self, sql):
        return self.connection.execute(sql).fetchall()


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


class SqlDataset:
    """A dataset in a PostgreSQL table, as `dataiku.Dataset` shows it."""

    def __init__(self, name, table=None, schema=()):
        self.name, self.table, self.schema, self.spec_item = name, table, list(schema), {}

    def read_schema(self, raise_if_empty=True):
        return self.schema

    def iter_rows(self):
        raise AssertionError("rows must not leave the database")

    def get_location_info(self):
        schema, table = self.table
        info = {"databaseType": "PostgreSQL", "schema": schema, "table": table, "connectionName": "pg"}
        return {"locationInfoType": "SQL", "info": info}


def executor_on(connection):
    """`dataiku.SQLExecutor2` of that database."""

    class Executor:
        def __init__(self, dataset):
            assert dataset.name == "P.history"

        def query_to_iter(self, sql):
            rows = connection.execute(sql).fetchall()
            return type("Reader", (), {"iter_tuples": lambda self: iter(rows)})()

        @staticmethod
        def exec_recipe_fragment(dataset, sql):
            assert sql.startswith("SELECT"), "DSS takes one SELECT"
            connection.execute(f'DROP TABLE IF EXISTS "{dataset.name}"; CREATE TABLE "{dataset.name}" AS {sql}')

    return Executor


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
