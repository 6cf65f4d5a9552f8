"""The trends are those that an independent, slow computation finds, whatever a history holds."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given
from sampling import examples
from standard import Trends
from support.histories import COLUMNS, histories, oracle, sinces, stored

from govern_mirror.history.engine import Engine
from govern_mirror.history.trends import COLUMNS as TRENDS
from govern_mirror.history.trends import fetch


@pytest.fixture(scope="module")
def database():
    declared = ", ".join(f'"{name}" {stored(kind)}' for name, kind in COLUMNS.items())
    with duckdb.connect() as database:
        database.execute(f"CREATE TABLE h ({declared})")
        yield database


@examples(20)
@given(rows=histories(), since=sinces)
def test_every_trend_of_any_history_is_what_plain_python_finds(database, rows, since):
    database.execute("DELETE FROM h")
    if rows:
        marks = ", ".join("?" for _ in COLUMNS)
        database.executemany(f"INSERT INTO h VALUES ({marks})", [list(row.values()) for row in rows])
    trends = Trends(Engine("duckdb", lambda sql: database.execute(sql).fetchall()), "h", COLUMNS, since=since)
    expected = oracle(rows, since)
    for name in TRENDS:
        assert fetch(trends, name) == expected[name], name
