"""The CSV in DuckDB: analysts read it with SQL, without telling any type."""

from datetime import datetime

import duckdb
import pytest

from govern_mirror.model.blueprint import STANDARD
from govern_mirror.report.columns import Type, columns
from govern_mirror.report.formats import renderer

COLUMNS = columns(STANDARD)
KINDS = {
    Type.TEXT: {"VARCHAR"},
    Type.INTEGER: {"BIGINT"},
    Type.NUMBER: {"DOUBLE"},
    Type.FLAG: {"BOOLEAN"},
    Type.TIME: {"TIMESTAMP", "TIMESTAMP WITH TIME ZONE"},
}


@pytest.fixture
def query(tmp_path):
    """Ask a portfolio's CSV, as the table `report`."""

    def ask(portfolio, sql):
        path = tmp_path / "report.csv"
        path.write_bytes(renderer("csv").render(portfolio))
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            return connection.execute(sql.replace("FROM report", f"FROM read_csv('{path}')", 1)).fetchall()

    return ask


def test_every_column_gets_its_type_without_being_told(demo, query):
    found = {name: kind for name, kind, *_ in query(demo, "DESCRIBE FROM report")}
    assert list(found) == [column.name for column in COLUMNS]
    for column in COLUMNS:
        values = [column.of(row) for row in demo.rows]
        if any(value is not None for value in values):
            # a priority of whole numbers in all projects is a whole number to DuckDB, which adds up all the same
            kinds = KINDS[column.type] | ({"BIGINT"} if column.type is Type.NUMBER else set())
            assert found[column.name] in kinds, column.name


def test_every_value_comes_back(demo, query):
    # as seconds, since DuckDB's Python package cannot give a time with a zone without another library
    asked = ", ".join(
        f"epoch({column.name}::TIMESTAMPTZ)" if column.type is Type.TIME else column.name for column in COLUMNS
    )
    read = query(demo, f"SELECT {asked} FROM report")
    assert len(read) == len(demo.rows)
    for row, values in zip(demo.rows, read, strict=True):
        for column, value in zip(COLUMNS, values, strict=True):
            meant = column.of(row)
            if column.type is Type.TIME and meant is not None:
                meant = datetime.fromisoformat(meant.replace("Z", "+00:00")).timestamp()
            assert value == meant, column.name


def test_it_can_be_counted_with(demo, query):
    counted = dict(
        query(demo, "SELECT coalesce(decision, 'undecided'), count(*) FROM report WHERE state = 'governed' GROUP BY 1")
    )
    assert counted == {name: count for name, count in demo.summary.by_decision.items() if count}


def test_hostile_texts_stay_in_their_cells(hostile, query):
    read = query(hostile, "SELECT project_key, total FROM report")
    assert [(key, int(total)) for key, total in read] == [(row.project.facts.project_key, 5) for row in hostile.rows]


def test_no_text_begins_like_a_formula(hostile, query):
    texts = ", ".join(column.name for column in COLUMNS if column.type is Type.TEXT)
    for values in query(hostile, f"SELECT {texts} FROM report"):
        for text in values:
            assert not str(text or "").lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r")), text
